//! What Chia's own crate made and judged, judged here. `generator/README.md` says how the vectors are made.

use proof_of_space_primitives::{
	group_id,
	pos2::{plot_id, proof_length, Pos2Proof, VALUES},
	vectors::{first, of_devices, refused, valid, Vector, ALL_WIN, GENESIS},
	Hash, Plot, SpaceProof, SpaceProofError, META_GROUP,
};
use std::collections::BTreeSet;

fn judge(plot: &Plot, challenge: &Hash, proof: &[u8]) -> Result<Hash, SpaceProofError> {
	Pos2Proof::judge(plot, challenge, proof, &ALL_WIN)
}

/// Valid ones with other sizes, strengths and indices: one for each size.
fn one_of_each_size() -> Vec<Vector> {
	let mut sizes = BTreeSet::new();
	let mut vectors = first();
	vectors.extend(valid());
	vectors.retain(|vector| sizes.insert(vector.plot.k));
	vectors
}

#[test]
fn all_vectors_are_valid() {
	for vector in first() {
		assert!(vector.judge().is_ok(), "{vector:?}");
	}
	for vector in valid() {
		let read = Pos2Proof::read(&vector.plot, &vector.challenge, &vector.proof).expect("a valid proof");
		assert_eq!(read.fragments()[..], vector.fragments, "{vector:?}");
		assert_eq!(read.verify(), Ok(()), "{vector:?}");
	}
}

#[test]
fn proofs_of_devices_are_valid() {
	let (mut kinds, mut qualities) = (BTreeSet::new(), BTreeSet::new());
	for win in of_devices() {
		let Plot {
			group,
			index,
			meta,
			k,
			strength,
		} = win.vector.plot;
		assert_eq!(group, group_id(&GENESIS, &win.device, strength, k, win.number));
		assert_eq!((index, meta), (0, META_GROUP));
		kinds.insert((k, strength));
		qualities.insert(win.vector.judge().expect("valid"));
	}
	// Each find is there once.
	assert_eq!(qualities.len(), of_devices().len());
	assert!(qualities.len() >= 200 && kinds.len() >= 6, "{kinds:?}");
}

#[test]
fn the_vectors_are_worth_something() {
	let vectors = valid();
	assert!(vectors.len() >= 200);
	for distinct in [
		vectors
			.iter()
			.map(|vector| u32::from(vector.plot.k))
			.collect::<BTreeSet<_>>(),
		vectors.iter().map(|vector| u32::from(vector.plot.strength)).collect(),
		vectors.iter().map(|vector| u32::from(vector.plot.index)).collect(),
		vectors.iter().map(|vector| u32::from(vector.plot.meta)).collect(),
	] {
		assert!(distinct.len() >= 3, "{distinct:?}");
	}
	assert!(first().iter().any(|vector| vector.plot.k == 28), "the size that counts");
}

#[test]
fn what_the_crate_refuses_is_refused() {
	let refused = refused();
	assert!(refused.len() >= 100);
	let mut too_high = 0;
	for vector in refused {
		let error = vector.judge().expect_err(&vector.what);
		// One encoding for one proof: the crate lets up to k - 1 zero bits follow.
		assert_eq!(vector.accepted_by_the_crate, vector.what == "zeros-after", "{vector:?}");
		if vector.what == "last-hash-too-high" {
			assert_eq!(error, SpaceProofError::Chain(15), "all else is valid");
			too_high += 1;
		}
	}
	assert!(too_high >= 5);
}

#[test]
fn no_bit_of_a_proof_may_differ() {
	for vector in one_of_each_size() {
		let mut proof = vector.proof.clone();
		for bit in 0..proof.len() * 8 {
			proof[bit / 8] ^= 0x80 >> (bit % 8);
			assert!(
				judge(&vector.plot, &vector.challenge, &proof).is_err(),
				"bit {bit} of {vector:?}"
			);
			proof[bit / 8] ^= 0x80 >> (bit % 8);
		}
		assert_eq!(proof, vector.proof);
	}
}

#[test]
fn no_bit_of_what_is_proven_may_differ() {
	for Vector {
		plot, challenge, proof, ..
	} in one_of_each_size()
	{
		for bit in 0..256 {
			let turned = |hash: &Hash| {
				let mut hash = *hash;
				hash[bit / 8] ^= 1 << (bit % 8);
				hash
			};
			let other = Plot {
				group: turned(&plot.group),
				..plot
			};
			assert!(judge(&other, &challenge, &proof).is_err(), "bit {bit} of the group");
			assert!(
				judge(&plot, &turned(&challenge), &proof).is_err(),
				"bit {bit} of the challenge"
			);
		}
		for bit in 0..16 {
			let other = Plot {
				index: plot.index ^ 1 << bit,
				..plot
			};
			assert!(judge(&other, &challenge, &proof).is_err(), "bit {bit} of the index");
		}
		for bit in 0..8 {
			let meta = Plot {
				meta: plot.meta ^ 1 << bit,
				..plot
			};
			assert!(judge(&meta, &challenge, &proof).is_err(), "bit {bit} of the meta group");
			let size = Plot {
				k: plot.k ^ 1 << bit,
				..plot
			};
			assert!(judge(&size, &challenge, &proof).is_err(), "bit {bit} of the size");
		}
		for strength in (0..=255).filter(|strength| *strength != plot.strength) {
			let other = Plot { strength, ..plot };
			assert!(judge(&other, &challenge, &proof).is_err(), "strength {strength}");
		}
	}
}

#[test]
fn errors_say_what_is_wrong() {
	let Vector {
		plot, challenge, proof, ..
	} = &first()[0];
	let judged = |plot: &Plot, proof: &[u8]| judge(plot, challenge, proof).unwrap_err();
	for k in (0..=255).filter(|k| !(18..=28).contains(k) || k % 2 == 1) {
		assert_eq!(judged(&Plot { k, ..*plot }, proof), SpaceProofError::Size(k));
	}
	for strength in [0, 1, 16, 17, 18, 255] {
		assert_eq!(
			judged(
				&Plot {
					strength,
					k: 18,
					..*plot
				},
				proof
			),
			SpaceProofError::Strength(strength)
		);
	}
	let strongest = Plot {
		strength: 17,
		k: 20,
		..*plot
	};
	assert_eq!(judged(&strongest, &vec![0; proof_length(20)]), SpaceProofError::Set(0));
	let expected = proof_length(plot.k);
	let mut longer = proof.clone();
	longer.resize(2 * expected, 0);
	for found in (0..2 * expected).filter(|length| *length != expected) {
		assert_eq!(
			judged(plot, &longer[..found]),
			SpaceProofError::Length { found, expected }
		);
	}
	let none = Pos2Proof::judge(plot, challenge, proof, &[0; 32]);
	assert_eq!(none, Err(SpaceProofError::Loses));
	let text = SpaceProofError::Length { found: 1, expected }.to_string();
	assert!(text.contains("1 bytes and not 288"), "{text}");
}

/// The numbers of a proof, and the proof of numbers.
fn numbers(k: u8, proof: &[u8]) -> Vec<u32> {
	let bits: Vec<u8> = proof
		.iter()
		.flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
		.collect();
	let number = |bits: &[u8]| bits.iter().fold(0, |number, bit| number << 1 | u32::from(*bit));
	bits.chunks(k.into()).map(number).collect()
}

fn packed(k: u8, numbers: &[u32]) -> Vec<u8> {
	let bits: Vec<u8> = numbers
		.iter()
		.flat_map(|number| (0..k).rev().map(move |bit| (number >> bit & 1) as u8))
		.collect();
	bits.chunks(8)
		.map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit))
		.collect()
}

#[test]
fn every_stage_refuses_what_only_it_can_see() {
	let Vector {
		plot, challenge, proof, ..
	} = &first()[0];
	let values = numbers(plot.k, proof);
	assert_eq!(values.len(), VALUES);
	assert_eq!(&packed(plot.k, &values), proof);
	let verdict = |change: &dyn Fn(&mut Vec<u32>)| {
		let mut values = values.clone();
		change(&mut values);
		judge(plot, challenge, &packed(plot.k, &values)).unwrap_err()
	};
	// The second of each pair is in no fragment, so that the chain stands.
	assert_eq!(verdict(&|v| v[1] ^= 1), SpaceProofError::Match { table: 1, at: 0 });
	assert_eq!(verdict(&|v| v[127] ^= 1), SpaceProofError::Match { table: 1, at: 15 });
	// Sub-proofs four apart are of one set. All of theirs is valid but the chain.
	let swapped = verdict(&|v| (0..8).for_each(|i| v.swap(i, 32 + i)));
	assert!(matches!(swapped, SpaceProofError::Chain(0..=4)), "{swapped:?}");
	assert_eq!(verdict(&|v| v.rotate_left(1)), SpaceProofError::Set(0));
	let repeated = verdict(&|v| (0..8).for_each(|i| v[8 + i] = v[i]));
	assert_eq!(repeated, SpaceProofError::Set(1));
}

#[test]
fn two_plots_of_a_group_differ() {
	let plot = first()[0].plot;
	let ids: BTreeSet<Hash> = [
		plot,
		Plot { index: 1, ..plot },
		Plot { index: 256, ..plot },
		Plot { meta: 1, ..plot },
		Plot { group: [1; 32], ..plot },
	]
	.iter()
	.map(plot_id)
	.collect();
	assert_eq!(ids.len(), 5);
}

/// A measurement, by hand on an idle machine: `cargo test --release -p proof-of-space-primitives --test vectors -- \
/// --ignored --nocapture`.
#[test]
#[ignore = "measures, and finds no fault"]
fn how_long_a_validation_takes() {
	const TIMES: u32 = 2_000;
	for Vector {
		plot, challenge, proof, ..
	} in first()
	{
		let start = std::time::Instant::now();
		for _ in 0..TIMES {
			assert!(judge(std::hint::black_box(&plot), &challenge, &proof).is_ok());
		}
		println!(
			"k {}, strength {}: {:?}",
			plot.k,
			plot.strength,
			start.elapsed() / TIMES
		);
	}
}
