//! What the market costs each block with a million slots and a hundred thousand offers, and how many bytes a deal
//! takes.
//!
//! Blocks without transactions are executed by the runtime's Wasm over a state in memory, the root of the state
//! included; the same blocks of a chain without deals and offers are taken off, one by one. Slots and offers are
//! written directly, and the pallet's own `try_state` finds that all of it is as it must be. Times are those of a real
//! chain: each slot is asked once in half a day.

mod world;

use crate::report::Row;
use codec::Encode;
use frame_support::traits::Get;
use pallet_storage_market::{Active, ActiveAt, Audited, Config, Deals, KeyBoxes, Places, Tills};
use smartchain_runtime::Runtime;
use smartchain_tests::Result;
use world::{beside, deal, place, World, SLOTS};

pub use world::Size;

/// Of the twelve challenges whose time is over in a block, those that were missed where some are.
const MISSED: u32 = 2;
/// Deals that are opened before each block where some are: as many slots as a block draws for.
const OPENED: u32 = 2;
/// Blocks until the first of these are drawn for: a draw waits for two turns.
const WARM: u32 = 30;

/// What a block costs.
struct Costs {
	/// Microseconds by the clock: on average and at most.
	mean: f64,
	most: f64,
	/// What is charged on average, with the database.
	charged: f64,
}

impl Costs {
	/// Of blocks beyond those of another chain.
	fn beyond(blocks: &[(f64, f64)], empty: &[(f64, f64)]) -> Self {
		let more: Vec<(f64, f64)> = blocks
			.iter()
			.zip(empty)
			.map(|(block, empty)| (block.0 - empty.0, block.1 - empty.1))
			.collect();
		let count = more.len().max(1) as f64;
		Self {
			mean: more.iter().map(|more| more.0).sum::<f64>() / count,
			most: more.iter().map(|more| more.0).fold(f64::MIN, f64::max),
			charged: more.iter().map(|more| more.1).sum::<f64>() / count,
		}
	}

	fn said(&self) -> String {
		format!(
			"{:.2} ms on average, {:.2} at most; charged {:.2} ms, database included",
			self.mean / 1e3,
			self.most / 1e3,
			self.charged / 1e3
		)
	}
}

/// Bytes of a deal's state: of the deal itself, and of what is kept beside it so that nothing has to be searched, keys
/// of storage included.
fn bytes() -> Result<[usize; 2]> {
	let size = Size {
		slots: SLOTS,
		offers: SLOTS,
	};
	let id = 1;
	let deal = deal(id, &size, &<Runtime as Config>::Terms::get())?;
	let (till, kept) = beside();
	let own = Deals::<Runtime>::hashed_key_for(id).len() + deal.encoded_size();
	let till = Tills::<Runtime>::hashed_key_for(id).len() + till.encoded_size();
	let key_box = KeyBoxes::<Runtime>::hashed_key_for(id, &deal.owner).len() + kept.encoded_size();
	let slots = (0..SLOTS).filter_map(|at| place(&deal, id, at)).map(|place| {
		let audited = Audited {
			place,
			asked: Some(world::NOW),
		};
		let (slot, index) = (place.slot, place.slot);
		let active = Active::<Runtime>::hashed_key_for(index).len() + audited.encoded_size();
		let found = ActiveAt::<Runtime>::hashed_key_for((id, slot)).len() + index.encoded_size();
		active + found + Places::<Runtime>::hashed_key_for(place.device, id).len() + slot.encoded_size()
	});
	Ok([own, till + key_box + slots.sum::<usize>()])
}

/// So many blocks of each kind.
pub fn rows(size: Size, blocks: u32, times: u32) -> Result<Vec<Row>> {
	let mut world = World::new(size)?;
	let at_rest = world.blocks(blocks, 0, 0, times)?;
	let missed = world.blocks(blocks, MISSED, 0, times)?;
	world.blocks(WARM, MISSED, OPENED, 1)?;
	let drawn = world.blocks(blocks, MISSED, OPENED, times)?;
	let [asked, waiting, strained] = world.waits();
	drop(world);
	eprintln!("  the same without deals and offers ...");
	let mut empty = World::empty()?;
	let first = empty.blocks(blocks, 0, 0, times)?;
	let second = empty.blocks(blocks, 0, 0, times)?;
	empty.blocks(WARM, 0, 0, 1)?;
	let third = empty.blocks(blocks, 0, 0, times)?;
	let name = format!(
		"{} slots, {} offers: the market's part of a block",
		size.slots, size.offers
	);
	let kinds = [
		("all have answered", at_rest, first),
		("two of twelve challenges missed", missed, second),
		("the same, and the sixteen slots of two deals drawn for", drawn, third),
	];
	let mut rows: Vec<Row> = kinds
		.into_iter()
		.map(|(kind, taken, empty)| {
			Row::new(
				format!("{name}, {kind}"),
				"<= 3 ms",
				Costs::beyond(&taken, &empty).said(),
			)
		})
		.collect();
	rows.push(Row::new(
		format!("{} slots, {} offers: after these blocks", size.slots, size.offers),
		"",
		format!("{asked} slots asked in this period, {waiting} wait for a draw, {strained} deals strained"),
	));
	let more = world_bytes()?;
	rows.extend(more);
	Ok(rows)
}

fn world_bytes() -> Result<Vec<Row>> {
	// Terms are governed, and so in a state.
	let [own, beside] = sp_io::TestExternalities::new_empty().execute_with(bytes)?;
	Ok(vec![
		Row::new(
			"a deal of eight slots in the state: key and value",
			"<= 1 KiB",
			format!("{own} bytes"),
		),
		Row::new(
			"the same with all that is kept beside it: till, key box, lists of who is audited and who has what",
			"<= 1 KiB",
			format!("{} bytes", own + beside),
		),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What is written directly is as the pallet wants it, and blocks with misses and draws leave it so.
	#[test]
	fn a_small_market_is_sound_and_its_blocks_cost_something() {
		let size = Size { slots: 803, offers: 90 };
		let mut world = World::new(size).unwrap();
		let blocks = world.blocks(WARM, MISSED, OPENED, 1).unwrap();
		assert!(blocks.iter().all(|block| block.0 > 0.0 && block.1 > 0.0));
		let [_, _, strained] = world.waits();
		assert!(strained > 0, "what was missed strains deals");
	}

	#[test]
	fn a_deal_has_the_bytes_that_it_has() {
		let [own, beside] = sp_io::TestExternalities::new_empty().execute_with(bytes).unwrap();
		// Eight roots and eight devices alone are 512.
		assert!((600..1_400).contains(&own), "{own}");
		assert!(beside > 1_000, "{beside}");
	}

	#[test]
	fn what_a_block_costs_is_what_it_takes_beyond_another() {
		let costs = Costs::beyond(&[(5.0, 50.0), (9.0, 70.0)], &[(1.0, 10.0), (3.0, 10.0)]);
		assert_eq!((costs.mean, costs.most, costs.charged), (5.0, 6.0, 50.0));
	}
}
