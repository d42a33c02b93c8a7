//! What is verified, by the runtime's Wasm in the executor that a node has: what the pool asks, what a block applies,
//! and segments at the end of a block. State is in memory, so that what is charged for the database stands beside it
//! and is not measured.
//!
//! To verify a win is charged as computation alone; what a block reads and writes for it is charged with the call. So
//! the row of the pool compares what is verified; the row of the block all that verification and call are charged, with
//! the database and without it.

use super::{
	chain::{all_win, genesis, old_claim, register, set_time},
	executor::Executor,
	micros, native, Times,
};
use crate::report::{Row, FAILED};
use codec::{Decode, Encode};
use device_primitives::DeviceId;
use frame_support::{dispatch::GetDispatchInfo, storage::storage_prefix, traits::Authorize, weights::Weight};
use pallet_resource_proofs::{
	testing::let_win, Announcements, ComputeEntry, Entries, NextWindow, Round, Rounds, UptimeEntry, Waiting,
	WaitingFor, WeightInfo, Window, Windows,
};
use proof_lottery_primitives::{LotteryPair, Pulse, Resource, SegmentDraw, SegmentWin};
use proof_of_compute_primitives::Kernel;
use proof_of_space_primitives::vectors::{self, GENESIS};
use smartchain_runtime::{limits::DbWeight, AccountId, Runtime, System, UncheckedExtrinsic};
use smartchain_runtime_apis::runtime_decl_for_resource_proofs_api::ResourceProofsApiV1;
use smartchain_tests::{ensure, Error, Result};
use sp_core::{crypto::VrfSecret, sr25519, Pair, H256};
use sp_io::TestExternalities;
use sp_runtime::{
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult,
};
use std::time::Duration;

/// When everything happens: far from the first slot, and the first slot of a turn.
const SLOT: u64 = 12_000_000;
/// Its height.
const HEIGHT: u32 = 1_000;
/// Segments that the device claims.
const SEGMENTS: u32 = 4;
/// Segments that a block runs here.
const WAITING: u64 = 2;
/// The window's number.
const WINDOW: u64 = 1;

/// What the chain charges for proofs.
type Proofs = <Runtime as pallet_resource_proofs::Config>::WeightInfo;

/// What one more win of a block reads and writes of its own, as its weight has it: of space and of uptime its device's
/// entry, the registry's word of it, and its candidate's sums, of space its owner's merits and the market's offer and
/// order besides; of compute entry, word and announcement.
const OF_SPACE: [u64; 2] = [6, 4];
const OF_COMPUTE: [u64; 2] = [2, 2];
const OF_UPTIME: [u64; 2] = [3, 2];
/// What a segment reads and writes that is run and wins.
const OF_SEGMENT: [u64; 2] = [12, 6];

/// What is charged and measured, in Wasm.
pub fn rows(times: u32) -> Result<Vec<Row>> {
	let mut machine = Machine::new()?;
	let sent = machine.prepare()?;
	// The first call compiles.
	machine.validate(&sent.space, true)?;
	let mut rows = Vec::new();
	for (what, asked, right, early) in [
		(
			"a win of space",
			"<= 60 us; charged <= 1.5 x",
			&sent.space,
			&sent.space_early,
		),
		(
			"an announcement: one sr25519 check, by the host",
			"",
			&sent.compute,
			&sent.compute_early,
		),
		("a pulse: one VRF output, in Wasm", "", &sent.pulse, &sent.pulse_early),
	] {
		let mut taken = Vec::new();
		for (transaction, valid) in [(right, true), (early, false)] {
			let runs = (0..times).map(|_| machine.validate(transaction, valid));
			taken.push(Times::of(runs.collect::<Result<_>>()?));
		}
		let [right_took, early_took] = [taken[0], taken[1]];
		let checked = micros(right_took.least) - micros(early_took.least);
		let charged = machine.charged(right)?.ref_time() as f64 / 1e6;
		rows.push(Row::new(
			format!("{what}, asked of the Wasm runtime by a pool"),
			asked,
			format!(
				"{checked:.1} us of {:.1}, the rest for a call that is refused at once; charged {charged:.0} us for \
				 what is verified, no database in it, {:.1} x",
				micros(right_took.least),
				charged / checked.max(f64::MIN_POSITIVE)
			),
		));
	}
	rows.push(machine.segments(times.min(100))?);
	rows.extend(machine.applied_rows(&sent, times));
	rows.push(Row::new(
		"a check of an sr25519 signature in the same run, natively",
		"",
		native::signature(times)?.to_string(),
	));
	Ok(rows)
}

/// Transactions that are valid, and such as are refused at their first check.
struct Sent {
	space: UncheckedExtrinsic,
	space_early: UncheckedExtrinsic,
	compute: UncheckedExtrinsic,
	compute_early: UncheckedExtrinsic,
	pulse: UncheckedExtrinsic,
	pulse_early: UncheckedExtrinsic,
}

/// What is charged for something that took so many microseconds, and how much of that is for these reads and writes.
fn said_of_charges(charged: Weight, took: f64, [reads, writes]: [u64; 2]) -> String {
	let charged = charged.ref_time() as f64 / 1e6;
	let database = DbWeight::get().reads_writes(reads, writes).ref_time() as f64 / 1e6;
	let by = |charged: f64| charged / took.max(f64::MIN_POSITIVE);
	format!(
		"charged {charged:.0} us, {:.1} x: {:.0} us of computation, {:.1} x, and {database:.0} us for {reads} reads \
		 and {writes} writes of the database",
		by(charged),
		charged - database,
		by(charged - database),
	)
}

/// Calls into the Wasm runtime, over a state in memory.
struct Machine {
	executor: Executor,
	state: TestExternalities,
	device: DeviceId,
}

impl Machine {
	fn new() -> Result<Self> {
		Ok(Self {
			executor: Executor::new()?,
			state: genesis()?,
			device: DeviceId([0; 32]),
		})
	}

	/// A device whose plot is known wins every round of each lottery.
	fn prepare(&mut self) -> Result<Sent> {
		let vector = vectors::of_devices()
			.into_iter()
			.find(|vector| vector.vector.plot.strength == 2)
			.ok_or_else(|| Error::new("there is no vector of strength 2: see primitives/proofs/space/vectors"))?;
		let device = DeviceId(vector.device);
		self.device = device;
		let owner: AccountId = sr25519::Pair::from_string("//Alice", None)
			.map_err(|error| Error::new(format!("no account of tests: {error:?}")))?
			.public()
			.into();
		let pair = sr25519::Pair::from_seed(&[9; 32]);
		let sent: Result<Sent> = self.state.execute_with(|| {
			set_time(HEIGHT, SLOT - 1, SLOT);
			register(device, &owner, pair.public());
			let round = let_win::<Runtime>(&owner, &vector);
			Entries::<Runtime>::mutate(device, |entry| {
				if let Some(entry) = entry {
					entry.compute = Some(compute_entry(0));
					entry.uptime = Some(UptimeEntry {
						deposit: 0,
						kept: old_claim(1).into(),
						won: None,
					});
				}
			});
			Rounds::<Runtime>::insert(Resource::Uptime, open(Resource::Uptime));
			Windows::<Runtime>::insert(WINDOW, window(0));
			NextWindow::<Runtime>::put(WINDOW + 1);
			let proof = |round| Runtime::win_space(device, round, vector.number, vector.vector.proof.clone());
			let [space, space_early] = [round, round + 1].map(proof);
			let [compute, compute_early] = [WINDOW, WINDOW + 1].map(|window| announcement(device, window, &pair));
			let [pulse, pulse_early] = [WINDOW, WINDOW + 1].map(|round| pulse(device, round, &pair));
			let too_long = || Error::new("the vector's proof is longer than a transaction can carry");
			Ok(Sent {
				space: space.ok_or_else(too_long)?,
				space_early: space_early.ok_or_else(too_long)?,
				compute,
				compute_early,
				pulse,
				pulse_early,
			})
		});
		// What is changed from here on is little, so that the root at the end of a block is that of little.
		self.state
			.commit_all()
			.map_err(|error| Error::new(format!("the state cannot be kept: {error}")))?;
		sent
	}

	fn call(&mut self, method: &str, data: &[u8]) -> Result<(Duration, Vec<u8>)> {
		self.executor.call(&mut self.state, method, data)
	}

	/// How long it takes to ask about a transaction. It has to be as valid as is said.
	fn validate(&mut self, transaction: &UncheckedExtrinsic, valid: bool) -> Result<Duration> {
		let data = (TransactionSource::External, transaction, H256::repeat_byte(1)).encode();
		let (took, answer) = self.call("TaggedTransactionQueue_validate_transaction", &data)?;
		let verdict = TransactionValidity::decode(&mut &answer[..])?;
		ensure!(
			verdict.is_ok() == valid,
			"a transaction is judged otherwise: {verdict:?}"
		);
		// The pool asks about the block after the current one, which this state must not become.
		self.state.execute_with(|| System::set_block_number(HEIGHT));
		Ok(took)
	}

	/// What a block charges to verify a transaction that is valid, what it gives back given back.
	fn charged(&mut self, transaction: &UncheckedExtrinsic) -> Result<Weight> {
		let call = &transaction.function;
		let answer = self.state.execute_with(|| {
			System::set_block_number(HEIGHT + 1);
			let answer = call.authorize(TransactionSource::External);
			System::set_block_number(HEIGHT);
			answer
		});
		let Some(Ok((_, unspent))) = answer else {
			return Err(Error::new(format!(
				"a transaction is judged otherwise natively: {answer:?}"
			)));
		};
		Ok(call.weight_of_authorize().saturating_sub(unspent))
	}

	/// How long a block takes to apply a transaction, with a call of its own. It has to be as valid as is said.
	fn apply(&mut self, transaction: &UncheckedExtrinsic, valid: bool) -> Result<Duration> {
		// What was applied before is forgotten: each finds the state as it was prepared.
		self.state.reset_overlay();
		self.state.execute_with(|| System::set_block_number(HEIGHT + 1));
		let (took, answer) = self.call("BlockBuilder_apply_extrinsic", &transaction.encode())?;
		let outcome = ApplyExtrinsicResult::decode(&mut &answer[..])?;
		ensure!(
			matches!(outcome, Ok(Ok(()))) == valid,
			"a transaction is applied otherwise: {outcome:?}"
		);
		Ok(took)
	}

	/// Wins as a block applies them. What fails is a row that says so: the others are figures all the same.
	fn applied_rows(&mut self, sent: &Sent, times: u32) -> Vec<Row> {
		let wins = [
			("a win of space", &sent.space, &sent.space_early, OF_SPACE, true),
			("an announcement", &sent.compute, &sent.compute_early, OF_COMPUTE, false),
			("a pulse", &sent.pulse, &sent.pulse_early, OF_UPTIME, true),
		];
		let rows = wins.into_iter().map(|(what, right, early, database, tells)| {
			let said = self
				.applied(right, early, database, tells, times)
				.unwrap_or_else(|error| format!("{FAILED}: {error}"));
			Row::new(
				format!("{what}, applied by the Wasm runtime in a block"),
				"charged <= 1.5 x",
				said,
			)
		});
		rows.collect()
	}

	/// What a block takes and charges for a win: its verification and its call, without what every transaction is
	/// charged and without telling a candidate, which happens once an era.
	fn applied(
		&mut self,
		right: &UncheckedExtrinsic,
		early: &UncheckedExtrinsic,
		database: [u64; 2],
		tells: bool,
		times: u32,
	) -> Result<String> {
		let mut least = [Duration::MAX; 2];
		for _ in 0..times {
			for (least, (transaction, valid)) in least.iter_mut().zip([(right, true), (early, false)]) {
				*least = self.apply(transaction, valid)?.min(*least);
			}
		}
		self.state.reset_overlay();
		let [right_took, early_took] = least.map(micros);
		let told = if tells { Proofs::tell() } else { Weight::zero() };
		let call = right.get_dispatch_info().call_weight.saturating_sub(told);
		let charged = self.charged(right)?.saturating_add(call);
		let took = right_took - early_took;
		Ok(format!(
			"{took:.1} us of {right_took:.1}, the rest for one that is refused at once; {}",
			said_of_charges(charged, took, database)
		))
	}

	/// A segment at the end of a block: what a block with two that wait takes more than one with none.
	fn segments(&mut self, times: u32) -> Result<Row> {
		let mut least = [Duration::MAX; 2];
		for _ in 0..times {
			for (least, waiting) in least.iter_mut().zip([0, WAITING]) {
				self.wait(waiting);
				let (took, _) = self.call("BlockBuilder_finalize_block", &[])?;
				*least = took.min(*least);
				let left = self.state.execute_with(|| WaitingFor::<Runtime>::get().len());
				ensure!(left == 0, "{left} of {waiting} segments were not run");
			}
		}
		let each = micros(least[1].saturating_sub(least[0])) / WAITING as f64;
		let charged = self.state.execute_with(Proofs::verify_segment);
		Ok(Row::new(
			"a segment that was announced, run by the Wasm runtime at the end of a block",
			"<= 2 ms; charged <= 1.5 x",
			format!("{each:.0} us; {}", said_of_charges(charged, each, OF_SEGMENT)),
		))
	}

	/// A block is about to end, and so many announcements wait.
	fn wait(&mut self, waiting: u64) {
		let device = self.device;
		self.state.execute_with(|| {
			set_time(HEIGHT, SLOT, SLOT + 1);
			for segment in 0..waiting {
				let announced = SegmentWin {
					device: device.0,
					window: WINDOW,
					segment: segment as u32,
				};
				Announcements::<Runtime>::insert(segment, announced);
			}
			WaitingFor::<Runtime>::put(Waiting { next: 0, end: waiting });
			Windows::<Runtime>::insert(WINDOW, window(waiting as u32));
			Entries::<Runtime>::mutate(device, |entry| {
				if let Some(entry) = entry {
					entry.compute = Some(compute_entry(waiting as u32));
				}
			});
			// A block that ends has had its time, and its room.
			sp_io::storage::set(&storage_prefix(b"Timestamp", b"DidUpdate"), &true.encode());
			sp_io::storage::clear(&storage_prefix(b"System", b"BlockWeight"));
			System::reset_events();
		});
	}
}

fn compute_entry(pending: u32) -> ComputeEntry {
	ComputeEntry {
		deposit: 0,
		kept: old_claim(SEGMENTS).into(),
		window: 0,
		announced: Default::default(),
		pending,
	}
}

/// A round in which everything wins.
fn open(resource: Resource) -> Round<u32> {
	Round {
		number: WINDOW,
		opened: SLOT,
		block: HEIGHT,
		until: SLOT + 24,
		challenge: [7; 32],
		terms: all_win(resource),
		devices: 1,
	}
}

fn window(pending: u32) -> Window<u32> {
	Window {
		round: open(Resource::Compute),
		kernel: Kernel::V1,
		pending,
	}
}

fn announcement(device: DeviceId, number: u64, pair: &sr25519::Pair) -> UncheckedExtrinsic {
	let win = SegmentWin {
		device: device.0,
		window: number,
		segment: 0,
	};
	let round = window(0).round;
	let draw = SegmentDraw {
		kernel: Kernel::V1,
		challenge: round.challenge,
		threshold: round
			.terms
			.threshold(SEGMENTS)
			.unwrap_or(proof_lottery_primitives::Threshold::ALWAYS),
	};
	let pair = LotteryPair::from(pair.clone());
	let signature = pair.sign(&win.payload(&H256(GENESIS), &draw));
	Runtime::win_compute(win, signature)
}

fn pulse(device: DeviceId, number: u64, pair: &sr25519::Pair) -> UncheckedExtrinsic {
	let challenge = open(Resource::Uptime).challenge;
	Runtime::pulse(Pulse::new(device.0, number, &pair.vrf_sign(&Pulse::input(&challenge))))
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What the chain charges, as it is written.
	const WEIGHTS: &str = include_str!("../../../../runtime/src/weights/pallet_resource_proofs.rs");

	/// What is said of the database is what the weights have of it.
	#[test]
	fn reads_and_writes_are_those_of_the_weights() {
		let of = |name: &str| {
			let (_, begun) = WEIGHTS.split_once(&format!("fn {name}(")).unwrap();
			begun.split_once("\n\t}").unwrap().0
		};
		let of_each = [
			("win_space", OF_SPACE),
			("win_compute", OF_COMPUTE),
			("pulse", OF_UPTIME),
		];
		for (name, [reads, writes]) in of_each {
			for part in [format!("reads(({reads}_u64)"), format!("writes(({writes}_u64)")] {
				assert!(of(name).contains(&part), "{name}: {part}");
			}
		}
		let [reads, writes] = OF_SEGMENT;
		for part in [format!("reads({reads})"), format!("writes({writes})")] {
			assert!(of("verify_segment").contains(&part), "verify_segment: {part}");
		}
	}
}
