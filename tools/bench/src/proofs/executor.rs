//! The runtime's Wasm in the executor that a node has.

use sc_executor::WasmExecutor;
use smartchain_runtime::WASM_BINARY;
use smartchain_tests::{Error, Result};
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_io::{SubstrateHostFunctions, TestExternalities};
use std::{
	sync::OnceLock,
	time::{Duration, Instant},
};

type Wasm = WasmExecutor<SubstrateHostFunctions>;

/// One for all: it compiles the runtime once.
static WASM: OnceLock<Wasm> = OnceLock::new();

/// Calls the runtime. The first call compiles it.
pub struct Executor {
	executor: Wasm,
	code: &'static [u8],
}

impl Executor {
	/// Of the runtime that this program was built with.
	///
	/// # Errors
	/// If it was built without one.
	pub fn new() -> Result<Self> {
		let code = WASM_BINARY
			.ok_or_else(|| Error::new("this was built without the Wasm runtime: build without SKIP_WASM_BUILD"))?;
		Ok(Self {
			executor: WASM.get_or_init(|| Wasm::builder().build()).clone(),
			code,
		})
	}

	/// How long a call takes over this state, which it changes, and what it answers.
	///
	/// # Errors
	/// If the runtime panics.
	pub fn call(&self, state: &mut TestExternalities, method: &str, data: &[u8]) -> Result<(Duration, Vec<u8>)> {
		let fetcher = WrappedRuntimeCode(self.code.into());
		let code = RuntimeCode {
			code_fetcher: &fetcher,
			heap_pages: None,
			hash: vec![1],
		};
		let start = Instant::now();
		let context = CallContext::Onchain { import: false };
		let answer = self.executor.call(&mut state.ext(), &code, method, data, context).0;
		let took = start.elapsed();
		let answer = answer.map_err(|error| Error::new(format!("the runtime fails in {method}: {error}")))?;
		Ok((took, answer))
	}
}
