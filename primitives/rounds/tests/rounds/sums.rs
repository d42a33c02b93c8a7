//! What is owed to all and what was given to all are the same at any time.

use crate::workbench::{pool, Seeded};
use proptest::{collection::vec, prelude::*};
use rounds_primitives::{pick, pick_several, Member, MAX_WEIGHT};

fn sum(pool: &[Member]) -> i128 {
	pool.iter().map(|member| i128::from(member.standing())).sum()
}

proptest! {
	#[test]
	fn standings_sum_up_to_nothing(
		weights in vec(any::<u32>(), 1..64),
		steps in vec((any::<u64>(), 0_usize..5, any::<bool>()), 1..60),
		seed: u64,
	) {
		let (mut pool, mut jitter) = (pool(&weights), Seeded::new(seed));
		for (busy, count, fails) in steps {
			let may = |at: usize| busy >> at & 1 == 0;
			let free = (0..pool.len()).filter(|at| may(*at)).count();
			let picked = pick_several(&mut pool, count, may, &mut jitter);
			prop_assert_eq!(picked.len(), count.min(free));
			let mut different = picked.clone();
			different.sort_unstable();
			different.dedup();
			prop_assert_eq!(different.len(), picked.len());
			prop_assert!(picked.iter().all(|at| may(*at)));
			for at in picked {
				if fails { pool[at].failed() } else { pool[at].succeeded() }
				prop_assert!((1..=pool[at].weight()).contains(&pool[at].effective()));
			}
			prop_assert_eq!(sum(&pool), 0);
		}
	}

	/// Alone among many: a standing never runs away, for whoever is owed most is next.
	#[test]
	fn standings_stay_near(weights in vec(1..=MAX_WEIGHT, 1..64), seed: u64) {
		let (mut pool, mut jitter) = (pool(&weights), Seeded::new(seed));
		let total: i64 = weights.iter().copied().map(i64::from).sum();
		for _ in 0..500 {
			prop_assert!(pick(&mut pool, |_| true, &mut jitter).is_some());
			let far = pool.iter().map(|member| member.standing().abs()).max();
			prop_assert!(far <= Some(total * 3), "{far:?} of {total}");
		}
	}
}

#[test]
fn nobody_is_picked_of_none() {
	let mut jitter = Seeded::new(1);
	assert_eq!(pick(&mut [], |_| true, &mut jitter), None);
	let mut pool = pool(&[1, 2]);
	let before = pool.clone();
	assert_eq!(pick(&mut pool, |_| false, &mut jitter), None);
	assert_eq!(pool, before);
}
