//! A runtime in a file: what it is, and what it answers.

use crate::HostFunctions;
use codec::Encode;
use sc_executor::{error::Error as ExecutorError, HeapAllocStrategy, RuntimeVersion, RuntimeVersionOf, WasmExecutor};
use sp_core::{
	traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
	H256,
};
use sp_crypto_hashing::{blake2_256, blake2_64};
use sp_state_machine::BasicExternalities;
use std::{borrow::Cow, fs, io, path::Path};

/// The most bytes that are read as code: more than a block can carry, compressed or not.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file is no runtime, or does not answer.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
	/// It cannot be read.
	#[error("{0} cannot be read: {1}")]
	File(String, io::Error),
	/// It is too long for code.
	#[error("{0} has {1} bytes, and no runtime has more than {MAX_FILE_BYTES}: is it the right file?")]
	TooLong(String, u64),
	/// It does not compile, or fails.
	#[error("the runtime fails: {0}")]
	Runtime(#[from] ExecutorError),
	/// It answers what nobody understands.
	#[error("the runtime's answer to {0} cannot be decoded: is it one of another SDK?")]
	Answer(&'static str),
}

/// A runtime's code, compiled.
pub struct Code {
	bytes: Vec<u8>,
	hash: H256,
	version: RuntimeVersion,
	executor: WasmExecutor<HostFunctions>,
}

impl Code {
	/// Reads and compiles a file, compressed or not.
	///
	/// # Errors
	/// Where it cannot be read or is no runtime.
	pub fn read(file: &Path) -> Result<Self, CodeError> {
		let name = || file.display().to_string();
		let length = fs::metadata(file)
			.map_err(|error| CodeError::File(name(), error))?
			.len();
		if length > MAX_FILE_BYTES {
			return Err(CodeError::TooLong(name(), length));
		}
		let bytes = fs::read(file).map_err(|error| CodeError::File(name(), error))?;
		Self::compile(bytes)
	}

	/// Compiles code.
	///
	/// # Errors
	/// Where it is no runtime.
	pub fn compile(bytes: Vec<u8>) -> Result<Self, CodeError> {
		let executor = WasmExecutor::<HostFunctions>::builder()
			// A build for trying out may name functions that it never calls.
			.with_allow_missing_host_functions(true)
			// Checks walk the whole state, and hold much of it.
			.with_onchain_heap_alloc_strategy(HeapAllocStrategy::Dynamic { maximum_pages: None })
			.with_offchain_heap_alloc_strategy(HeapAllocStrategy::Dynamic { maximum_pages: None })
			.build();
		let hash = H256(blake2_256(&bytes));
		let version = executor.runtime_version(&mut BasicExternalities::default(), &of(&fetcher(&bytes), hash))?;
		Ok(Self {
			bytes,
			hash,
			version,
			executor,
		})
	}

	/// The hash that directors and holders authorize: BLAKE2b-256 of the bytes.
	pub fn hash(&self) -> H256 {
		self.hash
	}

	/// The bytes.
	pub fn bytes(&self) -> &[u8] {
		&self.bytes
	}

	/// What it says of itself.
	pub fn version(&self) -> &RuntimeVersion {
		&self.version
	}

	/// Whether it has a runtime API of this name.
	pub fn has_api(&self, name: &str) -> bool {
		self.version.has_api_with(&blake2_64(name.as_bytes()), |_| true)
	}

	/// Calls it on a state, which keeps what the call changes.
	///
	/// # Errors
	/// Where it panics, with its words.
	pub fn call(&self, state: &mut BasicExternalities, method: &str, data: &[u8]) -> Result<Vec<u8>, CodeError> {
		let fetcher = fetcher(&self.bytes);
		let code = of(&fetcher, self.hash);
		Ok(self
			.executor
			.call(state, &code, method, data, CallContext::Offchain)
			.0?)
	}
}

fn fetcher(bytes: &[u8]) -> WrappedRuntimeCode<'_> {
	WrappedRuntimeCode(Cow::Borrowed(bytes))
}

fn of<'a>(fetcher: &'a WrappedRuntimeCode<'a>, hash: H256) -> RuntimeCode<'a> {
	RuntimeCode {
		code_fetcher: fetcher,
		heap_pages: None,
		hash: hash.encode(),
	}
}
