//! An answer to a challenge, two openings in it, asked of the runtime's Wasm by a pool, in the executor that a node
//! has; beside the check of an sr25519 signature, which a runtime has from its host.

use crate::{
	proofs::{chain::genesis, executor::Executor, native},
	report::Row,
	stats::{micros, Times},
};
use codec::{Decode, Encode};
use device_primitives::DeviceId;
use frame_support::BoundedVec;
use pallet_storage_market::{Batch, Challenge, Challenges, Config, Deals, Place, WeightInfo};
use smartchain_runtime::{AccountId, Block, Runtime, UncheckedExtrinsic};
use smartchain_runtime_apis::runtime_decl_for_storage_market_api::StorageMarketApiV1;
use smartchain_tests::{ensure, Error, Result};
use sp_core::H256;
use sp_io::TestExternalities;
use sp_runtime::transaction_validity::{TransactionSource, TransactionValidity};
use std::time::Duration;
use storage_market_primitives::{
	Deal, DealError, Geometry, Kind, Moment, Order, Price, Profile, SlotAt, SlotId, Terms, Tick, MIB,
};
use storage_proof_primitives::{sample::samples, Answer, OpeningError, MAX_BYTES};

/// The tick of everything here, and the last one at which the answer counts.
const NOW: Tick = 1_000_000;
const UNTIL: Tick = NOW + 100;
/// Lengths of slots: those of a GiB in 4 of 8, and the longest.
const LENGTHS: [u64; 2] = [256 * MIB, MAX_BYTES];
/// Openings of an answer.
const OPENINGS: f64 = 2.0;

/// A chain that has asked for one slot, an answer that is right, and one whose openings are refused for their length,
/// before a hash is made.
struct Asked {
	executor: Executor,
	state: TestExternalities,
	right: UncheckedExtrinsic,
	early: UncheckedExtrinsic,
}

fn deal(slot_len: u64) -> Result<Deal<AccountId, DeviceId>> {
	let terms = Terms::real();
	let order = Order {
		geometry: Geometry::of(Profile::Standard, slot_len.saturating_mul(4)),
		max_ask: Price(1_000_000),
		eras: 10_000,
		factor: 1,
	};
	let wrong = |error: DealError| Error::new(format!("there is no such deal: {error:?}"));
	let (mut deal, _) = Deal::open(AccountId::new([1; 32]), Kind::Beacon, order, NOW - 1, &terms).map_err(wrong)?;
	let slots = SlotAt::from(order.geometry.slots);
	let device = |at: SlotAt| DeviceId([at as u8 + 1; 32]);
	for at in 0..slots {
		deal.place(at, device(at), order.max_ask, true, NOW - 1, &terms)
			.map_err(wrong)?;
	}
	let roots: Vec<[u8; 32]> = (1..=order.geometry.slots).map(|root| [root; 32]).collect();
	deal.commit_roots(&roots).map_err(wrong)?;
	for at in 0..slots {
		deal.confirm(at, &device(at), NOW - 1, &terms).map_err(wrong)?;
	}
	Ok(deal)
}

fn answering(answer: Answer) -> UncheckedExtrinsic {
	<Runtime as StorageMarketApiV1<Block, AccountId>>::answer(UNTIL, 0, answer)
}

impl Asked {
	fn new(slot_len: u64) -> Result<Self> {
		let (mut deal, at) = (deal(slot_len)?, SlotId::new(1, 0));
		let moment = Moment {
			tick: NOW,
			randomness: [3; 32],
		};
		let shape = deal.geometry().shape();
		ensure!(
			shape.bytes() == slot_len,
			"a slot has {} bytes and not {slot_len}",
			shape.bytes()
		);
		let wrong = |error: OpeningError| Error::new(format!("there is no such opening: {error:?}"));
		let chunks = moment.asked(at, shape);
		let (contents, answer) = samples(slot_len, chunks, 1).map_err(wrong)?;
		// Of a slot half as long: its paths are too short.
		let (_, short) = samples(slot_len / 2, [0, 1], 1).map_err(wrong)?;
		let device = deal.devices().next().copied();
		let device = device.ok_or_else(|| Error::new("nobody holds a slot"))?;
		if let Some(slot) = deal.slots.get_mut(0) {
			slot.root = contents.root;
		}
		let place = Place {
			deal: at.deal,
			slot: at.slot,
			device,
		};
		let asked = Challenge { place, answered: false };
		let mut state = genesis()?;
		state.execute_with(|| {
			pallet_poca::Clock::<Runtime>::mutate(|clock| clock.tick = NOW);
			Deals::<Runtime>::insert(at.deal, deal);
			let challenges = BoundedVec::truncate_from(vec![asked]);
			Challenges::<Runtime>::insert(UNTIL, Batch { moment, challenges });
		});
		state
			.commit_all()
			.map_err(|error| Error::new(format!("the state cannot be kept: {error}")))?;
		Ok(Self {
			executor: Executor::new()?,
			state,
			right: answering(answer),
			early: answering(short),
		})
	}

	/// How long it takes to ask about a transaction, which has to be as valid as is said.
	fn validate(&mut self, valid: bool) -> Result<Duration> {
		let transaction = if valid { &self.right } else { &self.early };
		let data = (TransactionSource::External, transaction, H256::repeat_byte(1)).encode();
		self.state.reset_overlay();
		let asked = self
			.executor
			.call(&mut self.state, "TaggedTransactionQueue_validate_transaction", &data);
		let (took, answer) = asked?;
		let verdict = TransactionValidity::decode(&mut &answer[..])?;
		ensure!(verdict.is_ok() == valid, "an answer is judged otherwise: {verdict:?}");
		Ok(took)
	}

	/// Microseconds of an answer that is right, and of one that is refused early.
	fn measure(&mut self, times: u32) -> Result<[f64; 2]> {
		// The first call compiles.
		self.validate(true)?;
		let mut least = [f64::MAX; 2];
		for _ in 0..times {
			for (least, valid) in least.iter_mut().zip([true, false]) {
				*least = least.min(micros(self.validate(valid)?));
			}
		}
		Ok(least)
	}
}

/// What was measured.
pub fn rows(times: u32) -> Result<Vec<Row>> {
	let signature: Times = native::signature(times)?;
	let check = micros(signature.least);
	let charged = <Runtime as Config>::WeightInfo::check_answer().ref_time() as f64 / 1e6;
	let mut rows = Vec::new();
	for length in LENGTHS {
		let [right, early] = Asked::new(length)?.measure(times)?;
		let each = (right - early) / OPENINGS;
		rows.push(Row::new(
			format!("an opening of a slot of {} MiB, checked in Wasm", length / MIB),
			"<= 1/5 of an sr25519 check",
			format!(
				"{each:.1} us: 1/{:.1} of a check; an answer takes {right:.0} us in a pool, {early:.0} if it is \
				 refused before the first hash; charged {charged:.0} us",
				check / each.max(f64::MIN_POSITIVE)
			),
		));
	}
	rows.push(Row::new(
		"a check of an sr25519 signature in the same run, natively",
		"",
		signature.to_string(),
	));
	Ok(rows)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The right answer is taken by the Wasm runtime, and the short one is refused.
	#[test]
	fn answers_are_judged_as_they_should() {
		for length in LENGTHS {
			let mut asked = Asked::new(length).unwrap();
			asked.validate(true).unwrap();
			asked.validate(false).unwrap();
		}
	}
}
