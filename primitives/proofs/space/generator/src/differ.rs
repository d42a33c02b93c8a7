//! Where crate and validator might differ: valid proofs damaged in all ways, and chains that only the last filter
//! refuses. And what is left of the chains of a plot of which a part was dropped.

use crate::{
	bytes,
	plotter::Plotted,
	vectors::{by_the_crate, by_us, plot_file, plot_of, Found},
};
use chia_pos2::Prover;
use proof_of_space_primitives::{Hash, Plot};
use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};

/// Challenges of which all chains are compared.
const CHALLENGES: u64 = 200;

/// Numbers that look random, the same in each run.
struct Random(u64);

impl Random {
	/// A number below `end`.
	fn below(&mut self, end: usize) -> usize {
		// Knuth's multiplier; the high bits are the good ones.
		self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
		((self.0 >> 33) as usize) % end
	}
}

pub fn differ(seconds: u64) {
	let mut found = Vec::new();
	for (k, strength) in [(18, 2), (18, 4), (20, 2)] {
		let plotted = Plotted::new(plot_of(k, strength, 0, 0));
		compare_chains(&plotted);
		compare_last_links(&plotted, &mut found);
	}
	damage(&found, Duration::from_secs(seconds));
}

/// The crate's plot and prover against those here.
fn compare_chains(plotted: &Plotted) {
	let prover = Prover::new(&plot_file(&plotted.plot)).expect("opens");
	let (mut both, mut of_the_crate, mut ours) = (0, 0, 0);
	for number in 0..CHALLENGES {
		let challenge = bytes("chains", number);
		let found = prover.get_qualities_for_challenge(&challenge).expect("looks");
		let theirs: BTreeSet<_> = found.iter().map(|found| found.chain.chain_links).collect();
		assert_eq!(found.len(), theirs.len(), "no chain twice");
		let mine: BTreeSet<_> = plotted.chains(&challenge, |_| true).into_iter().collect();
		both += theirs.intersection(&mine).count();
		of_the_crate += theirs.difference(&mine).count();
		ours += mine.difference(&theirs).count();
	}
	let (Plot { k, strength, .. }, fragments) = (plotted.plot, plotted.len());
	println!(
		"k {k}, strength {strength}, {CHALLENGES} challenges: {both} chains of both, {of_the_crate} of the crate \
		 alone, {ours} of the plotter here alone, which has {fragments} fragments"
	);
}

/// All chains but for their last link, with all last links: the last filter alone decides.
fn compare_last_links(plotted: &Plotted, valid: &mut Vec<Found>) {
	let (mut accepted, mut refused) = (0, 0);
	for number in 0..CHALLENGES / 10 {
		let challenge = bytes("last links", number);
		for fragments in plotted.nearly(&challenge) {
			let proof = plotted.proof(&fragments);
			let verdict = by_the_crate(&plotted.plot, &challenge, &proof);
			assert_eq!(verdict, by_us(&plotted.plot, &challenge, &proof));
			if verdict.is_some() {
				accepted += 1;
				valid.push(Found {
					plot: plotted.plot,
					challenge,
					proof,
					fragments,
				});
			} else {
				refused += 1;
			}
		}
	}
	let Plot { k, strength, .. } = plotted.plot;
	println!("k {k}, strength {strength}: all last links judged alike, {accepted} valid and {refused} not");
}

fn damage(found: &[Found], time: Duration) {
	let (mut random, start) = (Random(1), Instant::now());
	let (mut accepted, mut refused) = (0u64, 0u64);
	while start.elapsed() < time {
		let Found {
			plot, challenge, proof, ..
		} = &found[random.below(found.len())];
		let (plot, challenge, proof) = damaged(&mut random, *plot, *challenge, proof.clone());
		let verdict = by_the_crate(&plot, &challenge, &proof);
		assert_eq!(
			verdict,
			by_us(&plot, &challenge, &proof),
			"{plot:?} {challenge:?} {proof:?}"
		);
		match verdict {
			Some(_) => accepted += 1,
			None => refused += 1,
		}
	}
	println!(
		"{} damaged proofs judged alike, {accepted} valid and {refused} not",
		accepted + refused
	);
}

fn damaged(random: &mut Random, mut plot: Plot, mut challenge: Hash, mut proof: Vec<u8>) -> (Plot, Hash, Vec<u8>) {
	let sub_proof = usize::from(plot.k);
	match random.below(8) {
		// Sub-proofs of one set change places, or one comes twice.
		0 => {
			let (from, to) = (random.below(16), random.below(16));
			proof.copy_within(from * sub_proof..(from + 1) * sub_proof, to * sub_proof);
		}
		1 => {
			let (set, apart) = (random.below(4), 4 * (1 + random.below(3)));
			for at in set * sub_proof..(set + 1) * sub_proof {
				proof.swap(at, at + apart * sub_proof);
			}
		}
		2 => proof.rotate_left(sub_proof * random.below(16)),
		3 => plot.strength = random.below(8) as u8,
		4 => plot.index = random.below(3) as u16,
		5 => challenge[random.below(32)] ^= random.below(2) as u8,
		_ => {
			for _ in 0..1 + random.below(3) {
				let bit = random.below(proof.len() * 8);
				proof[bit / 8] ^= 1 << (bit % 8);
			}
		}
	}
	(plot, challenge, proof)
}

/// What is left of a plot's chains without a share of its fragments, or of its sets.
pub fn drop_parts() {
	/// Challenges for each share.
	const LOOKS: u64 = 4_000;
	let plotted = Plotted::new(plot_of(18, 2, 0, 0));
	let set_bits = u32::from(plotted.plot.k) + 6;
	let chains = |keeps: &dyn Fn(u64) -> bool| -> usize {
		let looks = (0..LOOKS).map(|number| plotted.chains(&bytes("drop", number), keeps).len());
		looks.sum()
	};
	let whole = chains(&|_| true);
	println!("{whole} chains by {LOOKS} challenges of the whole plot");
	for percent in [1u64, 5, 10, 25] {
		let kept = |number: u64| u64::from_le_bytes(first_eight(bytes("kept", number))) % 100 >= percent;
		let fragments = chains(&|fragment| kept(fragment));
		let sets = chains(&|fragment| kept(fragment >> set_bits));
		let share = |left: usize| left as f64 / whole as f64 * 100.0;
		println!(
			"without {percent:2} %: of fragments {:5.1} % of the chains are left, of whole sets {:5.1} %",
			share(fragments),
			share(sets)
		);
	}
}

fn first_eight(bytes: [u8; 32]) -> [u8; 8] {
	core::array::from_fn(|i| bytes[i])
}
