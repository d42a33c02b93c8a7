//! What is verified, by the runtime's Wasm in the executor that a node has: what the pool asks, and segments at the end
//! of a block. State is in memory, so that what is charged for the database stands beside it and is not measured.

use super::{
	chain::{all_win, genesis, old_claim, register, set_time},
	micros, native, Times,
};
use crate::report::Row;
use codec::{Decode, Encode};
use device_primitives::DeviceId;
use frame_support::{storage::storage_prefix, traits::Authorize, weights::Weight};
use pallet_resource_proofs::{
	testing::let_win, Announcements, ComputeEntry, Entries, NextWindow, Round, Rounds, UptimeEntry, Waiting,
	WaitingFor, Window, Windows,
};
use proof_lottery_primitives::{LotteryPair, Pulse, Resource, SegmentDraw, SegmentWin};
use proof_of_compute_primitives::Kernel;
use proof_of_space_primitives::vectors::{self, GENESIS};
use sc_executor::WasmExecutor;
use smartchain_runtime::{AccountId, Runtime, System, UncheckedExtrinsic, WASM_BINARY};
use smartchain_runtime_apis::runtime_decl_for_resource_proofs_api::ResourceProofsApiV1;
use smartchain_tests::{ensure, Error, Result};
use sp_core::{
	crypto::VrfSecret,
	sr25519,
	traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
	Pair, H256,
};
use sp_io::{SubstrateHostFunctions, TestExternalities};
use sp_runtime::transaction_validity::{TransactionSource, TransactionValidity};
use std::time::{Duration, Instant};

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
				 what is verified, {:.1} x",
				micros(right_took.least),
				charged / checked.max(f64::MIN_POSITIVE)
			),
		));
	}
	rows.push(machine.segments(times.min(100))?);
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

/// Calls into the Wasm runtime, over a state in memory.
struct Machine {
	executor: WasmExecutor<SubstrateHostFunctions>,
	code: &'static [u8],
	state: TestExternalities,
	device: DeviceId,
}

impl Machine {
	fn new() -> Result<Self> {
		let code = WASM_BINARY
			.ok_or_else(|| Error::new("this was built without the Wasm runtime: build without SKIP_WASM_BUILD"))?;
		Ok(Self {
			executor: WasmExecutor::builder().build(),
			code,
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
		let fetcher = WrappedRuntimeCode(self.code.into());
		let code = RuntimeCode {
			code_fetcher: &fetcher,
			heap_pages: None,
			hash: vec![1],
		};
		let start = Instant::now();
		let context = CallContext::Onchain { import: false };
		let answer = self
			.executor
			.call(&mut self.state.ext(), &code, method, data, context)
			.0;
		let took = start.elapsed();
		let answer = answer.map_err(|error| Error::new(format!("the runtime fails in {method}: {error}")))?;
		Ok((took, answer))
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
		let charged = self.state.execute_with(|| {
			use pallet_resource_proofs::WeightInfo;
			<Runtime as pallet_resource_proofs::Config>::WeightInfo::verify_segment().ref_time() as f64 / 1e6
		});
		Ok(Row::new(
			"a segment that was announced, run by the Wasm runtime at the end of a block",
			"<= 2 ms; charged <= 1.5 x",
			format!(
				"{each:.0} us; charged {charged:.0} us, database included, {:.1} x",
				charged / each.max(f64::MIN_POSITIVE)
			),
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
