//! Nothing that comes in panics, and nothing made up is valid.

use proof_of_space_primitives::{
	pos2::{chains, proof_length, tables, Pos2Proof},
	vectors::{valid, Vector},
	Plot, SpaceProof,
};
use proptest::{collection::vec, prelude::*};
use std::sync::LazyLock;

static VALID: LazyLock<Vec<Vector>> = LazyLock::new(valid);

fn any_plot() -> impl Strategy<Value = Plot> {
	(any::<[u8; 32]>(), any::<u16>(), any::<u8>(), any::<u8>(), any::<u8>()).prop_map(
		|(group, index, meta, k, strength)| Plot {
			group,
			index,
			meta,
			k,
			strength,
		},
	)
}

fn possible_plot() -> impl Strategy<Value = Plot> {
	(any_plot(), 9u8..=14, 2u8..=8).prop_map(|(plot, half, strength)| Plot {
		k: 2 * half,
		strength,
		..plot
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn anything_is_refused(plot in any_plot(), challenge in any::<[u8; 32]>(), proof in vec(any::<u8>(), 0..460)) {
		prop_assert!(Pos2Proof::judge(&plot, &challenge, &proof, &[255; 32]).is_err());
		prop_assert_eq!(tables(&plot).is_ok(), chains(&plot, &challenge).is_ok());
	}

	#[test]
	fn garbage_of_the_right_length_is_refused(
		plot in possible_plot(),
		challenge in any::<[u8; 32]>(),
		bytes in vec(any::<u8>(), 448),
	) {
		let proof = &bytes[..proof_length(plot.k)];
		let read = Pos2Proof::read(&plot, &challenge, proof).expect("length and parameters are right");
		prop_assert!(read.verify().is_err());
		prop_assert!(read.fragments().iter().all(|fragment| fragment >> (2 * plot.k) == 0));
	}

	/// A few bytes of a valid proof are other ones: deeper than random bytes get.
	#[test]
	fn damaged_proofs_are_refused(
		at in 0usize..1 << 16,
		damage in vec((0usize..1 << 16, 1u8..), 1..6),
	) {
		let mut vector = VALID[at % VALID.len()].clone();
		let whole = vector.proof.clone();
		for (at, bits) in damage {
			let at = at % whole.len();
			vector.proof[at] ^= bits;
		}
		prop_assert_eq!(vector.judge().is_ok(), vector.proof == whole);
	}
}
