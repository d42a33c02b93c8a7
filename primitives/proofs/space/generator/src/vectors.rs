//! Makes the files of vectors: proofs that the crate found and solved, proofs of the plotter here that the crate
//! accepts, and what the crate refuses.

use crate::{bytes, packed, plotter::Plotted};
use chia_pos2::{create_v2_single_plot_group, plot_id_for_index, solve_proof, validate_proof_v2, Prover};
use proof_of_space_primitives::{
	pos2::{self, Pos2Proof, LINKS},
	Hash, Plot, SpaceProof,
};
use std::{
	collections::BTreeSet,
	fmt::Write as _,
	fs,
	path::{Path, PathBuf},
	time::Instant,
};

/// Plots by the crate: size, strength, proofs of each.
const BY_THE_CRATE: [(u8, u8, usize); 7] = [
	(18, 2, 30),
	(18, 3, 15),
	(18, 5, 10),
	(20, 2, 25),
	(20, 4, 15),
	(22, 2, 20),
	(22, 3, 10),
];
/// Plots by the plotter here, whose indices and meta groups the crate cannot prove: size, strength, index, meta group,
/// proofs of each.
const BY_US: [(u8, u8, u16, u8, usize); 8] = [
	(18, 2, 0, 0, 10),
	(18, 2, 1, 0, 15),
	(18, 2, 0, 1, 10),
	(18, 3, 256, 0, 10),
	(18, 2, 65_535, 255, 10),
	(18, 4, 7, 3, 10),
	(20, 2, 3, 0, 10),
	(20, 3, 12, 200, 10),
];
/// Challenges that are tried on a plot; a plot has one chain each on average.
const MOST_CHALLENGES: u64 = 400;

/// Challenges of which all chains are kept that fail by their last hash alone.
const CHALLENGES_FOR_TOO_HIGH: u64 = 4;

/// A proof, and what was found by it.
#[derive(Clone)]
pub struct Found {
	pub plot: Plot,
	pub challenge: Hash,
	pub proof: Vec<u8>,
	pub fragments: [u64; LINKS],
}

/// What the crate says.
pub fn by_the_crate(plot: &Plot, challenge: &Hash, proof: &[u8]) -> Option<[u64; LINKS]> {
	let Plot {
		group,
		index,
		meta,
		k,
		strength,
	} = plot;
	validate_proof_v2(group, *index, *k, *strength, *meta, challenge, proof).map(|quality| quality.chain_links)
}

/// What the validator says.
pub fn by_us(plot: &Plot, challenge: &Hash, proof: &[u8]) -> Option<[u64; LINKS]> {
	let read = Pos2Proof::read(plot, challenge, proof).ok()?;
	read.verify().ok().map(|()| *read.fragments())
}

/// A plot file of the crate, made if it is not there yet.
pub fn plot_file(plot: &Plot) -> PathBuf {
	let folder = Path::new("plots");
	fs::create_dir_all(folder).expect("a folder for plots; start it where one can be made");
	let path = folder.join(format!("k{}-s{}.gplot", plot.k, plot.strength));
	if !path.exists() {
		let start = Instant::now();
		create_v2_single_plot_group(&path, plot.k, plot.strength, &plot.group, 0, 0, &[0; 112]).expect("plots");
		println!("plotted {} in {:.1} s", path.display(), start.elapsed().as_secs_f64());
	}
	path
}

/// The plot of this size and strength that the vectors are of.
pub fn plot_of(k: u8, strength: u8, index: u16, meta: u8) -> Plot {
	let group = bytes(
		"vectors",
		u64::from(k) << 16 | u64::from(strength) << 8 | u64::from(meta),
	);
	Plot {
		group,
		index,
		meta,
		k,
		strength,
	}
}

fn found_by_the_crate(k: u8, strength: u8, wanted: usize) -> Vec<Found> {
	let plot = plot_of(k, strength, 0, 0);
	let prover = Prover::new(&plot_file(&plot)).expect("opens");
	let id = plot_id_for_index(&plot.group, 0, 0).expect("has an id");
	assert_eq!(id, pos2::plot_id(&plot));
	let (mut found, mut unsolved, mut looked) = (Vec::new(), 0, 0);
	for number in 0..MOST_CHALLENGES {
		let challenge = bytes("challenge", number);
		looked += 1;
		for chain in prover.get_qualities_for_challenge(&challenge).expect("looks") {
			let proof = solve_proof(&chain.chain, &id, k, strength);
			if proof.is_empty() {
				unsolved += 1;
				continue;
			}
			found.push(Found {
				plot,
				challenge,
				proof,
				fragments: chain.chain.chain_links,
			});
		}
		if found.len() >= wanted {
			break;
		}
	}
	println!(
		"k {k}, strength {strength}: {} proofs by {looked} challenges, {unsolved} not solved",
		found.len()
	);
	found.truncate(wanted);
	found
}

/// What the plotter here finds, and chains that fail by their last hash alone.
fn found_by_us((k, strength, index, meta, wanted): (u8, u8, u16, u8, usize)) -> (Vec<Found>, Vec<Found>) {
	let plotted = Plotted::new(plot_of(k, strength, index, meta));
	let plot = plotted.plot;
	let found_as = |challenge, fragments| Found {
		plot,
		challenge,
		proof: plotted.proof(&fragments),
		fragments,
	};
	let (mut found, mut too_high) = (Vec::new(), Vec::new());
	for number in 0..CHALLENGES_FOR_TOO_HIGH {
		let challenge = bytes("too high", number);
		let chains = plotted.too_high(&challenge).into_iter();
		too_high.extend(chains.map(|chain| found_as(challenge, chain)));
	}
	for number in 0..MOST_CHALLENGES {
		let challenge = bytes("challenge", number);
		let chains = plotted.chains(&challenge, |_| true).into_iter();
		found.extend(chains.map(|chain| found_as(challenge, chain)));
		if found.len() >= wanted {
			break;
		}
	}
	let fragments = plotted.len();
	println!("k {k}, strength {strength}, index {index}, meta {meta}: {fragments} fragments");
	found.truncate(wanted);
	(found, too_high)
}

pub fn write(folder: &Path) {
	let by_the_crate_itself = BY_THE_CRATE.map(|(k, strength, wanted)| found_by_the_crate(k, strength, wanted));
	let (ours, too_high): (Vec<_>, Vec<_>) = BY_US.map(found_by_us).into_iter().unzip();
	let by_them = by_the_crate_itself.iter().flatten().count();
	let mut valid = format!(
		"# k strength index meta group challenge proof fragments\n\
		 # The first {by_them} are found and solved by chia-pos2 1.0.0, the others by the plotter of ../generator.\n\
		 # The crate accepts all of them, with these fragments.\n",
	);
	let mut bases = Vec::new();
	for found in by_the_crate_itself.iter().chain(&ours) {
		bases.extend(found.first().cloned());
		for found in found {
			let judged = by_the_crate(&found.plot, &found.challenge, &found.proof);
			assert_eq!(
				judged,
				Some(found.fragments),
				"the crate accepts what it or the plotter found"
			);
			assert_eq!(
				judged,
				by_us(&found.plot, &found.challenge, &found.proof),
				"so does the validator"
			);
			let fragments = found.fragments.iter().map(|fragment| format!("{fragment:016x}"));
			let line = line(&found.plot, &found.challenge, &found.proof);
			writeln!(valid, "{line} {}", fragments.collect::<String>()).expect("writes to memory");
		}
	}
	fs::write(folder.join("valid.txt"), valid).expect("writes");
	fs::write(folder.join("refused.txt"), refused(&bases, &too_high.concat())).expect("writes");
}

fn line(plot: &Plot, challenge: &Hash, proof: &[u8]) -> String {
	let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
	let Plot {
		group,
		index,
		meta,
		k,
		strength,
	} = plot;
	// An empty proof is a dash, so that the line has as many words.
	let proof = if proof.is_empty() { "-".into() } else { hex(proof) };
	format!(
		"{k} {strength} {index} {meta} {} {} {proof}",
		hex(group),
		hex(challenge)
	)
}

/// All that is done to every third of valid proofs, and what the crate says to it.
fn refused(bases: &[Found], too_high: &[Found]) -> String {
	let mut text = String::from(
		"# k strength index meta group challenge proof, what chia-pos2 1.0.0 says, and what was done to a valid one.\n",
	);
	let end = |found: &Found| ("last-hash-too-high", found.plot, found.challenge, found.proof.clone());
	let of_bases = bases.iter().step_by(3).flat_map(|found| {
		let mut others = bases.iter().filter(|other| other.plot != found.plot);
		let other = others.find(|other| other.plot.k == found.plot.k);
		damaged(found, other.expect("two of each size"))
	});
	let mut seen = BTreeSet::new();
	for (what, plot, challenge, proof) in of_bases.chain(too_high.iter().map(end)) {
		let verdict = by_the_crate(&plot, &challenge, &proof).map_or("refused", |_| "accepted");
		let line = line(&plot, &challenge, &proof);
		if seen.insert(line.clone()) {
			writeln!(text, "{line} {verdict} {what}").expect("writes to memory");
		}
	}
	text
}

type Damaged = (&'static str, Plot, Hash, Vec<u8>);

fn damaged(found: &Found, other: &Found) -> Vec<Damaged> {
	[
		with_other_numbers(found),
		of_other_plots(found),
		with_other_bytes(found, other),
	]
	.concat()
}

fn with_other_numbers(found: &Found) -> Vec<Damaged> {
	let (plot, k) = (found.plot, found.plot.k);
	let as_said = |what, change: &dyn Fn(&mut Vec<u32>)| {
		let mut numbers = unpacked(k, &found.proof);
		change(&mut numbers);
		(what, plot, found.challenge, packed(k, &numbers))
	};
	vec![
		as_said("second-of-a-pair", &|v| v[1] ^= 1),
		as_said("last-number", &|v| v[127] ^= 1 << (k - 1)),
		as_said("halves-of-table-1-swapped", &|v| v.swap(2, 3)),
		as_said("halves-of-table-2-swapped", &|v| v[..4].rotate_left(2)),
		as_said("halves-of-table-3-swapped", &|v| v[..8].rotate_left(4)),
		as_said("sub-proofs-of-one-set-swapped", &|v| {
			(0..8).for_each(|i| v.swap(8 + i, 40 + i))
		}),
		as_said("last-sub-proof-as-the-fourth-last", &|v| v.copy_within(88..96, 120)),
		as_said("begins-with-another-set", &|v| v.rotate_left(8)),
		as_said("begins-with-its-second-link-of-the-set", &|v| v.rotate_left(32)),
	]
}

fn of_other_plots(found: &Found) -> Vec<Damaged> {
	let Found {
		plot, challenge, proof, ..
	} = found;
	let with = |what, plot| (what, plot, *challenge, proof.clone());
	let (group, index, k) = (bytes("another group", 0), plot.index, plot.k);
	let mut damaged = vec![
		("another-challenge", *plot, bytes("another challenge", 0), proof.clone()),
		with("another-group", Plot { group, ..*plot }),
		with(
			"another-index",
			Plot {
				index: index ^ 1,
				..*plot
			},
		),
		with(
			"bytes-of-the-index-swapped",
			Plot {
				index: index ^ 256,
				..*plot
			},
		),
		with(
			"another-meta",
			Plot {
				meta: plot.meta ^ 1,
				..*plot
			},
		),
	];
	for strength in [0, 1, plot.strength - 1, plot.strength + 1, 16, 18, 255] {
		damaged.push(with("another-strength", Plot { strength, ..*plot }));
	}
	for k in [0, 16, k - 2, k + 1, k + 2, 30, 32] {
		let mut proof = proof.clone();
		proof.resize(16 * usize::from(k), 0);
		damaged.push(("another-size", Plot { k, ..*plot }, *challenge, proof));
	}
	damaged
}

fn with_other_bytes(found: &Found, other: &Found) -> Vec<Damaged> {
	let with = |what, proof: &[u8]| (what, found.plot, found.challenge, proof.to_vec());
	let proof = &found.proof;
	let then = |after: &[u8]| [proof, after].concat();
	vec![
		with("another-proof-of-the-size", &other.proof),
		with("nothing", &[]),
		with("a-byte-less", &proof[..proof.len() - 1]),
		with("a-byte-more", &then(&[1])),
		with("zeros-after", &then(&[0])),
		with("zeros-after", &then(&[0, 0])),
		with("many-zeros-after", &then(&[0; 4])),
		with("garbage", &garbage(proof.len())),
	]
}

fn garbage(length: usize) -> Vec<u8> {
	(0..).flat_map(|number| bytes("garbage", number)).take(length).collect()
}

pub fn unpacked(k: u8, proof: &[u8]) -> Vec<u32> {
	let bits: Vec<u8> = proof
		.iter()
		.flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
		.collect();
	let number = |bits: &[u8]| bits.iter().fold(0, |number, bit| number << 1 | u32::from(*bit));
	bits.chunks(k.into()).map(number).collect()
}
