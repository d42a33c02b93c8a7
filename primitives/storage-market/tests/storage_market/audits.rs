//! Audits: how many, for which chunks, and whom they catch.

use storage_market_primitives::{chunks, first_chunks, Geometry, Profile, Quota};

const DAY: u32 = 172_800;

fn geometry() -> Geometry {
	Geometry::of(Profile::Standard, 1 << 20)
}

/// In how many of a thousand slots a missing part is seen after so many challenges.
fn caught(missing_percent: u64, challenges: u32) -> u32 {
	let count = geometry().slot_chunks();
	let missing = count * missing_percent / 100;
	let sees = |slot: u32, tick| {
		chunks(&[5; 32], tick, 1, slot, &geometry())
			.into_iter()
			.any(|chunk| chunk < missing)
	};
	let seen = |slot: &u32| (0..challenges).any(|tick| sees(*slot, tick));
	(0..1_000).filter(seen).count() as u32
}

/// 256 chunks: 25 of them are 9.8 %, and 2 are 0.8 %.
#[test]
fn a_deleter_is_caught() {
	assert_eq!(geometry().slot_chunks(), 256);
	let in_a_day = caught(10, 2);
	// 1 - (231 / 256)^4 = 33.7 %, and five standard deviations.
	assert!(in_a_day.abs_diff(337) < 75, "{in_a_day}");
	assert_eq!(caught(10, 60), 1_000, "in 30 days");
	let in_a_month = caught(1, 60);
	// 1 - (254 / 256)^120 = 61.0 %.
	assert!(in_a_month.abs_diff(610) < 78, "{in_a_month}");
}

#[test]
fn a_device_confirms_by_the_last_chunk_and_one_more() {
	let mut drawn = std::collections::HashSet::new();
	for tick in 0..100 {
		let [last, one] = first_chunks(&[6; 32], tick, 1, 2, &geometry());
		assert_eq!(last, 255);
		assert!(one < 256);
		drawn.insert(one);
	}
	assert!(drawn.len() > 50, "{}", drawn.len());
}

#[test]
fn every_tick_deal_and_slot_is_asked_for_others() {
	let ask = |tick, deal, slot| chunks(&[1; 32], tick, deal, slot, &Geometry::of(Profile::Standard, 1 << 38));
	let all = [ask(1, 1, 1), ask(2, 1, 1), ask(1, 2, 1), ask(1, 1, 2)];
	for (at, one) in all.iter().enumerate() {
		assert!(!all[..at].contains(one), "{all:?}");
	}
}

#[test]
fn a_day_has_exactly_its_challenges() {
	for slots in [1, 2, 7, 1_000, 1_000_000] {
		let mut quota = Quota::default();
		let due: u64 = (0..DAY).map(|_| u64::from(quota.due(slots, 2, DAY, 1_000).0)).sum();
		assert_eq!((due, quota.owed), (2 * u64::from(slots), 0), "{slots} slots");
	}
}

#[test]
fn above_the_cap_the_rate_falls_and_says_so() {
	let mut quota = Quota::default();
	assert_eq!(quota.due(u32::MAX, 2, DAY, 31), (31, true));
	assert!(quota.owed < u64::from(DAY), "nothing piles up");
	assert_eq!(quota.due(0, 2, DAY, 31), (0, false));
	assert_eq!(Quota { owed: u64::MAX }.due(u32::MAX, u32::MAX, 1, 31), (31, true));
	assert_eq!(
		Quota::default().due(5, 1, 0, 31),
		(5, false),
		"a day without a tick has one"
	);
}
