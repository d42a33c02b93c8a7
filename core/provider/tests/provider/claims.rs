//! What is claimed, and when plots may go.

use crate::bench::{config, device, head, open, plots, state, Bench};
use proof_lottery_primitives::Resource;
use smartchain_provider::{Action, Claimed, Config, Device, Event, Memory, Plots, Provider, SpaceScheme};

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
fn a_claim_is_lowered_before_plots_are_deleted() {
	let mut bench = Bench::new();
	assert_eq!(bench.step(Event::Delete(vec![6, 7, 30])), vec![groups(6)]);
	assert!(bench.step(told(101, 8, 6, 240)).is_empty());
	assert_eq!(bench.machine.status().leaving, 2);
	bench.head(239, vec![open(SPACE, 8, 1, 238, 262)]);
	assert!(bench.step(told(239, 8, 6, 240)).is_empty());
	bench.head(241, vec![open(SPACE, 8, 1, 238, 262)]);
	// It counts, but a round is open in which all eight are asked for.
	assert!(bench.step(told(241, 6, 6, 240)).is_empty());
	let actions = bench.head(262, Vec::new());
	assert!(actions.contains(&Action::Delete(vec![6, 7])), "{actions:?}");
	assert_eq!(bench.machine.status().plots, 6);
}

#[test]
fn the_last_plots_go_with_the_entry() {
	let mut bench = Bench::new();
	assert_eq!(
		bench.step(Event::Delete((0..8).collect())),
		vec![Action::Withdraw(SPACE)]
	);
	let mut without = device(101);
	without.lotteries.remove(0);
	// A claim of the program that ran before may be on its way still.
	assert!(bench.step(Event::Device(without)).is_empty());
	assert!(bench.pass(119).is_empty());
	assert_eq!(bench.pass(1), vec![Action::Delete((0..8).collect())]);
}

#[test]
fn nothing_is_deleted_while_a_larger_claim_is_on_its_way() {
	let mut bench = Bench::new();
	bench.pass(200);
	assert_eq!(bench.step(plots(0..9)), vec![groups(9)]);
	assert!(bench.step(Event::Delete(vec![8])).is_empty());
	assert!(bench.pass(10).is_empty());
	// It came: now there is a smaller one to be declared.
	assert_eq!(bench.step(told(310, 8, 9, 480)), vec![groups(8)]);
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
