//! How long the Wasm runtime takes to execute blocks, with state in memory: what limits.rs is to be judged by.
//!
//! `cargo test --release -p smartchain-runtime-tests --test runtime -- --ignored --nocapture measure`, on a machine
//! that does nothing else.

use crate::chain::{signed_by, state_of, Chain};
use codec::{Decode, Encode};
use pallet_balances::Call as BalancesCall;
use sc_executor::WasmExecutor;
use smartchain_runtime::{
	constants::currency::UNITS, genesis, AccountId, Block, RuntimeCall, UncheckedExtrinsic, WASM_BINARY,
};
use sp_core::{
	sr25519,
	traits::{CallContext, CodeExecutor, Externalities, RuntimeCode, WrappedRuntimeCode},
	Pair, H256,
};
use sp_io::{SubstrateHostFunctions, TestExternalities};
use sp_runtime::transaction_validity::{TransactionSource, TransactionValidity};
use std::{
	sync::OnceLock,
	time::{Duration, Instant},
};

/// Transactions in a block, each of another account to another that exists.
const TRANSACTIONS: u32 = 1_100;
/// How often each kind of block is executed; the shortest time counts.
const ROUNDS: u32 = 5;

type Executor = WasmExecutor<SubstrateHostFunctions>;

/// One for all tests: it compiles the runtime once.
static EXECUTOR: OnceLock<Executor> = OnceLock::new();

/// Executes blocks in Wasm.
pub struct Machine {
	executor: Executor,
	code: &'static [u8],
	state: TestExternalities,
}

impl Machine {
	/// One with this state.
	///
	/// # Panics
	/// Where the tests were built without the Wasm runtime.
	pub fn new(mut state: TestExternalities) -> Self {
		let Some(code) = WASM_BINARY else {
			panic!("needs the Wasm runtime: build without SKIP_WASM_BUILD")
		};
		state.commit_all().expect("commits");
		Self {
			executor: EXECUTOR.get_or_init(|| Executor::builder().build()).clone(),
			code,
			state,
		}
	}

	/// Changes the state.
	pub fn prepare<R>(&mut self, change: impl FnOnce() -> R) -> R {
		let answer = self.state.execute_with(change);
		self.state.commit_all().expect("commits");
		answer
	}

	/// Executes a block, and says how long that took.
	pub fn execute(&mut self, block: Block) -> Duration {
		let data = block.encode();
		let start = Instant::now();
		self.call("Core_execute_block", &data);
		let took = start.elapsed();
		self.state.commit_all().expect("commits");
		took
	}

	/// What the pool is told of a transaction that came from elsewhere. The state stays as it is.
	pub fn validate(&mut self, transaction: &UncheckedExtrinsic) -> TransactionValidity {
		let data = (TransactionSource::External, transaction, H256::zero()).encode();
		self.state.ext().storage_start_transaction();
		let answer = self.call("TaggedTransactionQueue_validate_transaction", &data);
		self.state.ext().storage_rollback_transaction().expect("was started");
		TransactionValidity::decode(&mut &answer[..]).expect("decodes")
	}

	fn call(&mut self, method: &str, data: &[u8]) -> Vec<u8> {
		let fetcher = WrappedRuntimeCode(self.code.into());
		let code = RuntimeCode {
			code_fetcher: &fetcher,
			heap_pages: None,
			hash: vec![1],
		};
		let context = CallContext::Onchain { import: true };
		let (answer, _) = self.executor.call(&mut self.state.ext(), &code, method, data, context);
		answer.expect("executes")
	}
}

#[test]
#[ignore = "a measurement"]
fn measure_blocks_of_transfers() {
	let change = || serde_json::json!({ "balances": { "devAccounts": [TRANSACTIONS, 1_000 * UNITS, null] } });
	let mut chain = Chain::with_change(genesis::DEV, change());
	let mut machine = Machine::new(state_of(genesis::DEV, change()));
	let senders: Vec<sr25519::Pair> = (0..TRANSACTIONS)
		.map(|index| sr25519::Pair::from_string(&format!("//Sender//{index}"), None).expect("a derivation path"))
		.collect();
	let account = |index: usize| AccountId::from(senders[index % senders.len()].public().0);

	let mut nonce = 0;
	let mut measure = |what: &str, count: usize, call: &dyn Fn(usize) -> RuntimeCall| {
		let mut best = Duration::MAX;
		for _ in 0..ROUNDS {
			let (block, results) = chain.author(|| {
				senders
					.iter()
					.enumerate()
					.take(count)
					.map(|(i, s)| signed_by(s, nonce, 0, call(i)))
					.collect()
			});
			assert!(
				results.iter().all(|result| matches!(result, Ok(Ok(())))),
				"all included"
			);
			nonce += u32::from(count > 0);
			best = best.min(machine.execute(block));
		}
		println!("{what}: {:.3} ms", best.as_secs_f64() * 1e3);
		best
	};

	// The first call compiles the runtime.
	measure("warming up", 0, &|_| unreachable!("no transactions"));
	let empty = measure("an empty block", 0, &|_| unreachable!("no transactions"));
	let count = TRANSACTIONS as usize;
	let remarks = measure("a block of remarks", count, &|_| {
		frame_system::Call::remark { remark: Vec::new() }.into()
	});
	let transfers = measure("a block of transfers", count, &|index| {
		BalancesCall::transfer_keep_alive {
			dest: account(index + 1).into(),
			value: UNITS,
		}
		.into()
	});
	let each = |total: Duration| (total.saturating_sub(empty) / TRANSACTIONS).as_nanos() as f64 / 1e3;
	println!(
		"a remark: {:.1} us, a transfer: {:.1} us",
		each(remarks),
		each(transfers)
	);
}
