//! What this machine does in a second.

use proof_of_compute_primitives::{scratchpad, Kernel};
use smart_agent_chain::Facts;
use std::{
	thread,
	time::{Duration, Instant},
};

/// The chain's parameters are not told before a window opens; these are those of lasting chains and of test chains.
const WINDOW_SLOTS: u32 = 60;
const TEST_WINDOW_SLOTS: u32 = 12;
/// Slots of an era of chains with test values: their windows are the short ones. What a chain is called says nothing of
/// that: a network on one machine may have the values of lasting chains.
const TEST_ERA_SLOTS: u32 = 120;
/// One part in so many of what a machine can do is claimed: what is not run in time is lost, and looks like a lie of
/// the estimate.
const CLAIMED: u64 = 2;

/// Whether a chain has test values.
fn is_test(facts: &Facts) -> bool {
	facts.era_slots <= TEST_ERA_SLOTS
}

/// How plots are made of a size that this chain is meant for.
pub fn plots_command(facts: &Facts) -> &'static str {
	match is_test(facts) {
		true => "smart-agent plot create --size 18 --count 20",
		false => "smart-agent plot create --fill",
	}
}

/// How space is offered that plots of such a chain prove.
pub fn offer_command(facts: &Facts) -> &'static str {
	match is_test(facts) {
		true => "smart-agent offer set --space 1GiB --ask 0.9/TiB-month",
		false => "smart-agent offer set --space 500GiB --ask 0.9/TiB-month",
	}
}

/// How long a window of compute is on this chain.
pub fn window(facts: &Facts) -> Duration {
	let slots = if is_test(facts) {
		TEST_WINDOW_SLOTS
	} else {
		WINDOW_SLOTS
	};
	Duration::from_millis(facts.slot_ms.saturating_mul(slots.into()))
}

/// Segments that so many cores run in a second, measured for that long.
pub fn segments_a_second(cores: u16, time: Duration) -> u64 {
	let work = |core: u16| {
		let (mut pad, mut runs, begin) = (scratchpad(), 0u64, Instant::now());
		while begin.elapsed() < time {
			let segment = u32::try_from(runs).unwrap_or(u32::MAX);
			std::hint::black_box(Kernel::V1.run(&[1; 32], &[core as u8; 32], segment, &mut pad));
			runs += 1;
		}
		(runs, begin.elapsed())
	};
	let all: Vec<(u64, Duration)> = thread::scope(|scope| {
		let threads: Vec<_> = (0..cores).map(|core| scope.spawn(move || work(core))).collect();
		threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
	});
	let rate = |(runs, took): (u64, Duration)| runs * 1_000 / u64::try_from(took.as_millis()).unwrap_or(1).max(1);
	all.into_iter().map(rate).sum()
}

/// How many segments to claim, of a machine that runs so many a second.
pub fn claim(a_second: u64, window: Duration) -> u32 {
	let can = u128::from(a_second) * window.as_millis() / 1_000 / u128::from(CLAIMED);
	u32::try_from(can).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn half_of_what_a_window_holds_is_claimed() {
		assert_eq!(claim(800, Duration::from_secs(30)), 12_000);
		assert_eq!(claim(0, Duration::from_secs(30)), 0);
		assert_eq!(claim(u64::MAX, Duration::from_secs(u64::MAX / 4_000)), u32::MAX);
	}

	/// By its values, whatever a chain is called.
	#[test]
	fn a_window_is_as_long_as_the_chains_values_say() {
		for test_chain in [false, true] {
			let mut facts = Facts {
				url: "ws://127.0.0.1:1".parse().unwrap(),
				genesis: [7; 32].into(),
				chain: "Fake".into(),
				test_chain,
				ss58_prefix: 42,
				node_name: "fake".into(),
				node_version: "0".into(),
				spec_name: "smartchain".into(),
				spec_version: 1,
				transaction_version: 1,
				slot_ms: 500,
				era_slots: 7_200,
			};
			assert_eq!(window(&facts), Duration::from_secs(30));
			assert!(plots_command(&facts).ends_with("--fill") && offer_command(&facts).contains("500GiB"));
			facts.era_slots = TEST_ERA_SLOTS;
			assert_eq!(window(&facts), Duration::from_secs(6));
			assert!(plots_command(&facts).contains("--size 18") && offer_command(&facts).contains(" 1GiB"));
		}
	}

	#[test]
	fn segments_are_run() {
		assert!(segments_a_second(1, Duration::from_millis(50)) > 0);
	}
}
