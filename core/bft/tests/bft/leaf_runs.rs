//! Random runs over trees larger than the model checker can exhaust: more voters, more slots, by rules alone.

use crate::{
	leaves::{Blocks, Place, Set, Voter},
	mutants::{AnyCertificateUnlocks, AnySlot, CommitsBelowLock, NoLastPrevote, NoLock, NoOtherBranch},
};
use smartchain_bft::{Protocol, Rules, Slot};
use smartchain_rng::{seeds, Rng};

/// A random tree: up to three blocks a slot, on recent blocks rather than old ones, so that branches grow.
pub fn tree(rng: &mut Rng, slots: u64) -> Blocks {
	let mut made: Vec<(Slot, Place)> = Vec::new();
	for slot in 1..=slots {
		let below = made.len() as u64;
		for _ in 0..*rng.pick(&[1, 1, 1, 2, 2, 3]).unwrap_or(&1) {
			let back = if rng.percent(70) {
				rng.below(3)
			} else {
				rng.below(below + 1)
			};
			made.push((slot, below.saturating_sub(back) as Place));
		}
	}
	Blocks::new(&made)
}

/// One run; whether all final blocks agree at its end. Votes are never taken back, so that the end shows what went wrong before.
/// `restores`: now and then a voter starts again with an older state.
fn agrees<R: Rules>(voters: usize, slots: u64, restores: bool, seed: u64) -> bool {
	let mut rng = Rng::new(seed);
	let set = Set::<R>::new(voters, tree(&mut rng, slots));
	let places: Vec<_> = set.blocks.places().collect();
	let honest = voters - (voters - 1) / 3;
	let mut all = vec![Voter::FRESH; honest];
	let mut older = all.clone();
	for _ in 0..voters * places.len() * 6 {
		let who = rng.below(honest as u64) as usize;
		if restores && rng.percent(3) {
			all[who] = all[who].restored(&older[who]);
			continue;
		}
		let place = rng.pick(&places).copied().unwrap_or(1);
		// Often the lowest block that may be voted on, so that most of what there is gets a chance.
		let commits = rng.percent(50);
		let mut from = places.iter().copied().filter(|p| *p >= place || rng.percent(50));
		let after = from.find_map(|place| match commits {
			true => set.commit(&all, &all[who], place),
			false => set.prevote(&all, &all[who], place),
		});
		if let Some(after) = after {
			older[who] = all[who];
			all[who] = after;
		}
	}
	set.agree(&all) && (restores || set.certificates_extend_finals(&all))
}

fn unsafe_runs<R: Rules>(voters: usize, slots: u64, restores: bool, count: u64) -> Vec<u64> {
	seeds(count)
		.filter(|seed| !agrees::<R>(voters, slots, restores, *seed))
		.collect()
}

#[test]
fn the_rules_are_safe() {
	for (voters, slots, count) in [(4, 6, 60_000), (4, 9, 40_000), (7, 7, 20_000), (10, 8, 10_000)] {
		let bad = unsafe_runs::<Protocol>(voters, slots, false, count);
		assert!(
			bad.is_empty(),
			"{voters} voters, {slots} slots: replay with SMARTCHAIN_SEED={:?}",
			bad.first()
		);
	}
}

#[test]
fn each_mutation_shows() {
	fn shows<R: Rules>(what: &str, restores: bool) {
		let bad = unsafe_runs::<R>(4, 6, restores, 10_000).len();
		println!("{what}: {bad} of 10000 runs are unsafe");
		assert!(bad > 0, "{what} does not show");
	}
	shows::<NoLock>("no lock", false);
	shows::<NoLastPrevote>("no place of the last prevote", false);
	shows::<NoOtherBranch>("no other branch", false);
	shows::<AnySlot>("no slots that grow", false);
	shows::<CommitsBelowLock>("commits below the lock", false);
	shows::<AnyCertificateUnlocks>("any certificate unlocks", false);
	shows::<Protocol>("states that are not written first", true);
}
