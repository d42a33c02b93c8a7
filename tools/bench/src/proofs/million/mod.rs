//! A million devices over the runtime's own pallet: how many wins blocks have, what these weigh, and how many bytes
//! they take.
//!
//! *Exact*: rounds, windows, terms, caps, the queue, credits, cuts, sums, candidates, hooks, weights and transactions
//! are those of the runtime, executed natively. *Drawn*: how many devices win a round, by Poisson's law with the mean
//! of all of them, and which they are; none is asked that does not win. A device's entry is written when it wins first.
//! Its proof, signature or output is such as has a quality that wins, and is not checked further; of a window all
//! segments that are announced are taken as winning, so that what is credited for compute tells nothing. What the
//! checks take is measured apart, on true ones.
//!
//! Windows open by chance, and one that opens soon after another finds its queue half full: what is announced while as
//! many wait as may is refused, and sent again as long as the window is open. That is counted.

mod devices;
mod draw;
mod world;

use crate::report::Row;
use proof_lottery_primitives::{Resource, CREDIT_BITS, WINS_BITS};
use smartchain_runtime::constants::time::TURN_LENGTH;
use smartchain_tests::{ensure, Result};
use world::{Block, Queue, World};

/// Slots of a window and of the time to the next one, on average.
const WINDOW: u64 = 7_284;

/// The mean and the most of what blocks have.
#[derive(Default)]
struct Spread {
	sum: f64,
	blocks: u32,
	most: f64,
}

impl Spread {
	fn add(&mut self, value: f64) {
		self.sum += value;
		self.blocks += 1;
		self.most = self.most.max(value);
	}

	/// With so many digits behind the point, in this unit.
	fn said(&self, digits: usize, unit: &str) -> String {
		let mean = self.sum / f64::from(self.blocks.max(1));
		format!("{mean:.digits$} on average, {:.digits$} at most{unit}", self.most)
	}
}

/// All that was seen.
#[derive(Default)]
struct Seen {
	space: Spread,
	pulses: Spread,
	announced: Spread,
	segments: Spread,
	waiting: Spread,
	bytes: Spread,
	bytes_of_windows: Spread,
	bytes_of_all: Spread,
	weight: Spread,
	weight_of_windows: Spread,
	weight_of_all: Spread,
}

impl Seen {
	fn add(&mut self, block: &Block) {
		let kinds = [
			(block.takes.space, &mut self.space, block.space),
			(block.takes.uptime, &mut self.pulses, block.pulses),
			(block.takes.compute, &mut self.announced, block.announced),
		];
		let mut any = false;
		for (takes, spread, wins) in kinds {
			if takes {
				spread.add(f64::from(wins));
				any = true;
			}
		}
		self.segments.add(f64::from(block.segments));
		self.waiting.add(block.waiting as f64);
		let kilobytes = block.bytes as f64 / 1e3;
		if any {
			// There is one open in a block of ninety, and then most of the wins are announcements.
			let (bytes, weight) = if block.takes.compute {
				(&mut self.bytes_of_windows, &mut self.weight_of_windows)
			} else {
				(&mut self.bytes, &mut self.weight)
			};
			bytes.add(kilobytes);
			weight.add(block.weight * 100.0);
		}
		self.bytes_of_all.add(kilobytes);
		self.weight_of_all.add(block.weight * 100.0);
	}
}

/// `devices` of one size each, over so many compute windows.
pub fn rows(devices: u32, windows: u32) -> Result<Vec<Row>> {
	let mut rows = Vec::new();
	for raised in [false, true] {
		let mut world = World::new(devices, raised)?;
		let mut seen = Seen::default();
		let slots = WINDOW * u64::from(windows);
		for _ in 0..slots {
			seen.add(&world.block()?);
		}
		let most = [
			(Resource::Space, &seen.space),
			(Resource::Uptime, &seen.pulses),
			(Resource::Compute, &seen.announced),
		];
		for (resource, spread) in most {
			let takes = world.most(resource);
			ensure!(
				spread.most <= f64::from(takes),
				"a block has {} wins of {resource:?} where it takes {takes}",
				spread.most
			);
		}
		rows.extend(report(&mut world, &seen, slots));
	}
	Ok(rows)
}

fn report(world: &mut World, seen: &Seen, slots: u64) -> Vec<Row> {
	let raised = world.raised;
	let name = format!("{} devices{}", world.devices, if raised { ", 16 in tau" } else { "" });
	let [space, uptime, compute] =
		[Resource::Space, Resource::Uptime, Resource::Compute].map(|resource| world.expected(resource));
	let expected = (
		"wins expected of a block that takes them, of space / uptime / compute",
		"",
		format!("{space} / {uptime} / {compute}, over {slots} blocks"),
	);
	let rows = std::iter::once(expected)
		.chain(in_blocks(seen))
		.chain(of_all(world, slots));
	// What is asked is asked of the parameters as they are.
	rows.map(|(what, asked, measured)| Row::new(format!("{name}: {what}"), if raised { "" } else { asked }, measured))
		.collect()
}

/// What is measured, what is asked, what came out.
type Figure = (&'static str, &'static str, String);

fn in_blocks(seen: &Seen) -> Vec<Figure> {
	vec![
		("wins of space in such a block", "<= 8", seen.space.said(2, "")),
		("pulses in such a block", "<= 8", seen.pulses.said(2, "")),
		("announcements in such a block", "", seen.announced.said(2, "")),
		(
			"segments run in a block",
			"<= 1 win of compute",
			seen.segments.said(2, ""),
		),
		("announcements that wait after a block", "", seen.waiting.said(0, "")),
		(
			"bytes of wins, over all blocks",
			"<= 5 kB",
			seen.bytes_of_all.said(2, " kB"),
		),
		(
			"the same, wins and no open window",
			"<= 5 kB",
			seen.bytes.said(2, " kB"),
		),
		(
			"the same, with an open window",
			"<= 5 kB",
			seen.bytes_of_windows.said(2, " kB"),
		),
		(
			"weight of hooks and wins, over all blocks",
			"< 2 % on average",
			seen.weight_of_all.said(2, " %"),
		),
		("the same, wins and no open window", "", seen.weight.said(2, " %")),
		(
			"the same, with an open window",
			"",
			seen.weight_of_windows.said(2, " %"),
		),
	]
}

fn of_all(world: &mut World, slots: u64) -> Vec<Figure> {
	let wins = |resource| f64::from(world.terms(resource).wins.0) / f64::from(1u32 << WINS_BITS);
	let expected = format!(
		"{:.2} / {:.2} / {:.2}",
		wins(Resource::Space),
		wins(Resource::Uptime),
		wins(Resource::Compute)
	);
	let left_out = 100.0 * world.left_out as f64 / world.won.max(1) as f64;
	let sum = world.sum_of_plots() as f64 / (1u64 << CREDIT_BITS) as f64;
	let come = 1.0 - (-(slots as f64) / f64::from(world.tau())).exp();
	vec![
		("wins of a device in tau, of space / uptime / compute", "", expected),
		("wins that found no place", "", format!("{left_out:.2} %")),
		("announcements that a full queue refused", "", said_of(&world.queue)),
		(
			"plots summed up, by what can have been shown",
			"1, within the error",
			format!(
				"{:.3}, within {:.3}",
				sum / f64::from(world.devices) / come,
				1.0 / (world.won_by_space.max(1) as f64).sqrt()
			),
		),
		(
			"a win applied, natively, with nothing verified",
			"",
			format!("{:.1} us", world.took.as_secs_f64() * 1e6 / world.applied.max(1) as f64),
		),
	]
}

/// How many announcements met a full queue, and what became of them.
fn said_of(queue: &Queue) -> String {
	let Queue {
		announced,
		refused,
		lost,
		blocks,
	} = *queue;
	format!(
		"{refused} of {announced} ({:.2} %), in {blocks} blocks; {lost} of them found no place while their window was \
		 open",
		100.0 * refused as f64 / announced.max(1) as f64
	)
}

/// Whether this slot begins a turn.
fn begins_turn(slot: u64) -> bool {
	slot.checked_rem(TURN_LENGTH.into()) == Some(0)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// More devices than the lottery carries at its best win no more often than blocks have room for, and what they
	/// have is summed up rightly.
	#[test]
	fn a_few_rounds_keep_the_caps() {
		let mut world = World::new(200_000, false).unwrap();
		let (mut seen, slots) = (Seen::default(), 600);
		for _ in 0..slots {
			seen.add(&world.block().unwrap());
		}
		assert!(seen.space.most <= 8.0 && seen.pulses.most <= 8.0, "{}", seen.space.most);
		// Five rounds of 168 each, of space; ten of uptime.
		assert_eq!((seen.space.blocks, seen.pulses.blocks), (120, 240));
		assert!(
			(seen.space.sum - 840.0).abs() < 6.0 * 840f64.sqrt(),
			"{}",
			seen.space.sum
		);
		let sum = world.sum_of_plots() as f64 / (1u64 << CREDIT_BITS) as f64;
		let come = 1.0 - (-(f64::from(slots)) / f64::from(world.tau())).exp();
		let share = sum / f64::from(world.devices) / come;
		assert!((share - 1.0).abs() < 6.0 / 840f64.sqrt(), "{share}");
		assert!(seen.bytes_of_all.most > 4.0 && seen.weight_of_all.most > 0.0);
	}
}
