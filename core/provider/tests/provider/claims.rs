//! What is claimed, and when plots may go.

use crate::bench::{config, device, head, open, plots, state, Bench};
use proof_lottery_primitives::Resource;
use smartchain_provider::{may_delete, Action, Claimed, Config, Device, Event, Memory, Plots, Provider, SpaceScheme};
use std::slice::from_ref;

const SPACE: Resource = Resource::Space;

fn groups(groups: u32) -> Action {
	Action::Declare(Claimed::Space {
		scheme: SpaceScheme::Pos2,
		k: 18,
		strength: 2,
		groups,
	})
}

fn told(at: u64, units: u32, claimed: u32, from: u64) -> Event {
	let mut device = device(at);
	device.lotteries[0] = proof_lottery_primitives::LotteryState {
		claimed,
		..state(SPACE, units, from)
	};
	Event::Device(device)
}

#[test]
fn a_new_device_declares_what_it_has() {
	let mut machine = Provider::new(config(), Memory::default());
	machine.step(0, plots(0..5));
	let rounds = Vec::new();
	assert!(machine.step(0, Event::Head { head: head(9), rounds }).is_empty());
	let declared = machine.step(
		0,
		Event::Device(Device {
			at: 9,
			..Device::default()
		}),
	);
	assert_eq!(
		declared,
		vec![
			groups(5),
			Action::Declare(Claimed::Compute { segments: 40 }),
			Action::Declare(Claimed::Uptime)
		]
	);
	// Not again while that is under way.
	assert!(machine.step(1_000, Event::Tick).is_empty());
	// What failed is tried again after a while, and then after twice as long.
	let failed = |resource| Event::Declared { resource, taken: false };
	machine.step(1_000, failed(SPACE));
	assert!(machine.step(59_000, Event::Tick).is_empty());
	assert!(machine.step(62_000, Event::Tick).contains(&groups(5)));
	machine.step(62_000, failed(SPACE));
	assert!(!machine.step(130_000, Event::Tick).contains(&groups(5)));
	assert!(machine.step(190_000, Event::Tick).contains(&groups(5)));
}

#[test]
fn nobody_who_was_not_asked_declares() {
	let quiet = Config {
		declares: false,
		..config()
	};
	let mut machine = Provider::new(quiet, Memory::default());
	machine.step(0, plots(0..5));
	let rounds = Vec::new();
	machine.step(0, Event::Head { head: head(9), rounds });
	assert!(machine
		.step(
			0,
			Event::Device(Device {
				at: 9,
				..Device::default()
			})
		)
		.is_empty());
}

#[test]
fn only_plots_without_a_gap_are_claimed() {
	let mut bench = Bench::new();
	assert_eq!(bench.step(plots((0..5).chain(6..9))), vec![groups(5)]);
	assert_eq!(bench.machine.status().claimable, 5);
}

#[test]
fn a_claim_grows_when_plotting_has_made_enough() {
	let mut bench = Bench::new();
	let growing = |count| {
		Event::Plots(Plots {
			k: 18,
			strength: 2,
			numbers: (0..count).collect(),
			growing: true,
		})
	};
	assert!(bench.step(growing(9)).is_empty());
	assert_eq!(bench.step(growing(10)), vec![groups(10)]);
	let mut bench = Bench::new();
	assert_eq!(bench.step(plots(0..9)), vec![groups(9)]);
}

#[test]
fn a_claim_that_waits_is_waited_for() {
	let mut bench = Bench::new();
	assert_eq!(bench.step(plots(0..9)), vec![groups(9)]);
	assert!(bench.step(told(100, 8, 9, 240)).is_empty());
	assert!(bench.step(plots(0..20)).is_empty());
	assert!(bench.head(239, Vec::new()).is_empty());
	assert_eq!(bench.head(240, Vec::new()), vec![groups(20)]);
	// A smaller one that waits is not replaced by another.
	let mut bench = Bench::new();
	bench.step(told(100, 8, 6, 240));
	assert!(bench.step(plots(0..4)).is_empty());
}

#[test]
fn plots_go_after_their_claim_and_its_rounds() {
	// Eight are claimed; six are to stay, from slot 240 on.
	let lowered = proof_lottery_primitives::LotteryState {
		claimed: 6,
		..state(SPACE, 8, 240)
	};
	let before = open(SPACE, 8, 1, 228, 252);
	let after = open(SPACE, 9, 2, 240, 264);
	let may = |open: &[_], slot| may_delete(Some(&lowered), open, slot, 6);
	// The claim does not count yet.
	assert!(!may(&[], 239));
	assert!(may(&[], 240));
	// It does, but a round is open that asks for all eight.
	assert!(!may(from_ref(&before), 241));
	assert!(!may(&[after.clone(), before.clone()], 252));
	assert!(may(from_ref(&before), 253));
	assert!(may(from_ref(&after), 241));
	// Rounds of other lotteries ask for no plots.
	assert!(may(&[open(Resource::Uptime, 8, 1, 228, 252)], 241));
	// More is claimed than would stay; fewer is as good.
	assert!(!may_delete(Some(&lowered), &[], 300, 5));
	assert!(may_delete(Some(&lowered), &[], 300, 7));
	// Whoever is in no such lottery is asked for none.
	assert!(may_delete(None, from_ref(&before), 200, 0));
}

#[test]
fn plots_that_are_gone_do_not_end_the_entry() {
	let mut bench = Bench::new();
	assert!(bench.step(plots(0..0)).is_empty());
	assert!(bench.pass(200).is_empty());
	// Number 0 is missing: none can be claimed.
	assert!(bench.step(plots(1..8)).is_empty());
	assert_eq!(bench.machine.status().claimable, 0);
	assert_eq!(bench.step(plots(0..3)), vec![groups(3)]);
}

#[test]
fn a_cut_is_raised_again_only_after_a_while() {
	let mut bench = Bench::new();
	bench.step(told(101, 8, 3, 240));
	bench.head(240, Vec::new());
	assert!(bench.step(told(240, 3, 3, 240)).is_empty());
	assert!(bench.head(1_299, Vec::new()).is_empty());
	assert_eq!(bench.head(1_301, Vec::new()), vec![groups(8)]);
}
