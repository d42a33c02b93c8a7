//! Random runs over trees larger than the model checker can exhaust: more voters, more slots, by rules alone.

use crate::{
	models::leaves::{has, Blocks, Place, Set, Voter},
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

/// How voters' safety files fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
	/// As they should.
	Kept,
	/// Now and then a voter starts again with an older one.
	Restored,
	/// Now and then a voter starts again without one, and votes only on what extends a final block above its horizon;
	/// or, if that is the mutation, above no more than this many slots below it.
	Lost { too_low: Slot },
}

/// One run; whether all final blocks agree at its end. Votes are never taken back, so that the end shows what went
/// wrong before.
fn agrees<R: Rules>(voters: usize, slots: u64, files: Files, seed: u64) -> bool {
	let mut rng = Rng::new(seed);
	let set = Set::<R>::new(voters, tree(&mut rng, slots));
	let places: Vec<_> = set.blocks.places().collect();
	let slot = |place| set.blocks.get(place).slot;
	let honest = voters - (voters - 1) / 3;
	let mut all = vec![Voter::FRESH; honest];
	let mut older = all.clone();
	let mut horizons: Vec<Option<Slot>> = vec![None; honest];
	for _ in 0..voters * places.len() * 6 {
		let who = rng.below(honest as u64) as usize;
		match files {
			Files::Restored if rng.percent(3) => {
				all[who] = all[who].restored(&older[who]);
				continue;
			}
			Files::Lost { .. } if rng.percent(3) => {
				let signed = places.iter().filter(|p| has(all[who].prevotes | all[who].commits, **p));
				horizons[who] = Some(signed.map(|p| slot(*p)).max().unwrap_or(0));
				all[who] = all[who].restored(&Voter::FRESH);
				continue;
			}
			_ => {}
		}
		let too_low = match files {
			Files::Lost { too_low } => too_low,
			_ => 0,
		};
		let finals = set.finals(&all);
		let speaks_of = |place| {
			horizons[who].is_none_or(|horizon| {
				let above = |f: &Place| slot(*f) + too_low > horizon && set.blocks.extends(place, *f);
				finals.iter().any(above)
			})
		};
		let place = rng.pick(&places).copied().unwrap_or(1);
		// Often the lowest block that may be voted on, so that most of what there is gets a chance.
		let commits = rng.percent(50);
		let mut from = places.iter().copied().filter(|p| *p >= place || rng.percent(50));
		let after = from.find_map(|place| match commits {
			_ if !speaks_of(place) => None,
			true => set.commit(&all, &all[who], place),
			false => set.prevote(&all, &all[who], place),
		});
		if let Some(after) = after {
			older[who] = all[who];
			all[who] = after;
		}
	}
	set.agree(&all) && (files == Files::Restored || set.certificates_extend_finals(&all))
}

fn unsafe_runs<R: Rules>(voters: usize, slots: u64, files: Files, count: u64) -> Vec<u64> {
	seeds(count)
		.filter(|seed| !agrees::<R>(voters, slots, files, *seed))
		.collect()
}

const SIZES: [(usize, u64, u64); 4] = [(4, 6, 60_000), (4, 9, 40_000), (7, 7, 20_000), (10, 8, 10_000)];

fn safe(files: Files, one_in: u64) {
	for (voters, slots, count) in SIZES {
		let bad = unsafe_runs::<Protocol>(voters, slots, files, count / one_in);
		assert!(
			bad.is_empty(),
			"{voters} voters, {slots} slots: replay with SMARTCHAIN_SEED={:?}",
			bad.first()
		);
	}
}

#[test]
fn the_rules_are_safe() {
	safe(Files::Kept, 1);
}

/// Voters that forget all, and wait for a final block above what they may have signed.
#[test]
fn voters_that_forget_are_safe() {
	safe(Files::Lost { too_low: 0 }, 2);
}

#[test]
fn each_mutation_shows() {
	fn shows<R: Rules>(what: &str, files: Files) {
		let bad = unsafe_runs::<R>(4, 6, files, 10_000).len();
		println!("{what}: {bad} of 10000 runs are unsafe");
		assert!(bad > 0, "{what} does not show");
	}
	shows::<NoLock>("no lock", Files::Kept);
	shows::<NoLastPrevote>("no place of the last prevote", Files::Kept);
	shows::<NoOtherBranch>("no other branch", Files::Kept);
	shows::<AnySlot>("no slots that grow", Files::Kept);
	shows::<CommitsBelowLock>("commits below the lock", Files::Kept);
	shows::<AnyCertificateUnlocks>("any certificate unlocks", Files::Kept);
	shows::<Protocol>("states that are not written first", Files::Restored);
	shows::<Protocol>("a final block below the horizon", Files::Lost { too_low: 2 });
	shows::<Protocol>("a final block anywhere", Files::Lost { too_low: Slot::MAX / 2 });
}
