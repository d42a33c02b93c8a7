//! Runs the runtime, and compiles the next one without standing in the way.
//!
//! The SDK's executor keeps what it has compiled behind one lock, and holds that while it compiles: every call of every
//! runtime waits for it, for seconds, on all nodes at once. To have it compile ahead would move that pause, and not
//! save it. So here the code that waits is compiled by an executor of its own, on one thread of low priority, and only
//! then shown to calls: they find it by the hash of the code that they are for.

use crate::HostFunctions;
use parking_lot::RwLock;
use sc_executor::{
	error::Error as ExecutorError, HeapAllocStrategy, RuntimeVersion, RuntimeVersionOf, WasmExecutor,
	DEFAULT_HEAP_ALLOC_STRATEGY,
};
use sc_service::config::ExecutorConfiguration;
use sp_core::traits::{CallContext, CodeExecutor, Externalities, ReadRuntimeVersion, RuntimeCode, WrappedRuntimeCode};
use sp_state_machine::BasicExternalities;
use std::{
	borrow::Cow,
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
};

/// How many runtimes that were compiled ahead are kept: the one in force, the one that waits, and one besides.
pub const MOST_AHEAD: usize = 3;
/// How much the thread that compiles stands back behind the others, as `nice` counts. What it does has a minute, and
/// must have come to an end then even on a machine that is busy.
const NICE: i32 = 5;

/// Why code could not be compiled ahead.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
	/// There is no thread for it.
	#[error("no thread can be started for it: {0}; look at the limits of the process")]
	Thread(#[from] rayon::ThreadPoolBuildError),
	/// It is no runtime that this program can run.
	#[error("it cannot be compiled: {0}; if it asks for functions that are missing, it needs a newer smartchain")]
	Code(#[from] ExecutorError),
}

/// What was put there or used last, by its hash: [`MOST_AHEAD`] entries.
#[derive(Debug)]
pub struct Shelf<E> {
	entries: RwLock<Vec<Entry<E>>>,
	/// How often something was put there or used.
	uses: AtomicU64,
}

#[derive(Debug)]
struct Entry<E> {
	hash: Vec<u8>,
	what: E,
	/// The number of its last use.
	used: AtomicU64,
}

impl<E> Default for Shelf<E> {
	fn default() -> Self {
		Self {
			entries: RwLock::default(),
			uses: AtomicU64::default(),
		}
	}
}

impl<E: Clone> Shelf<E> {
	fn use_now(&self) -> u64 {
		self.uses.fetch_add(1, Ordering::Relaxed)
	}

	/// What is there under this hash.
	pub fn get(&self, hash: &[u8]) -> Option<E> {
		let entries = self.entries.read();
		let entry = entries.iter().find(|entry| entry.hash == hash)?;
		entry.used.store(self.use_now(), Ordering::Relaxed);
		Some(entry.what.clone())
	}

	/// Puts something there. If there are too many, the one goes that was not used for longest: however many runtimes
	/// are set and taken back, the one in force stays.
	pub fn put(&self, hash: Vec<u8>, what: E) {
		let mut entries = self.entries.write();
		entries.retain(|entry| entry.hash != hash);
		if entries.len() >= MOST_AHEAD {
			let used = |index: &usize| entries.get(*index).map(|entry| entry.used.load(Ordering::Relaxed));
			let least = (0..entries.len()).min_by_key(used);
			if let Some(least) = least {
				entries.remove(least);
			}
		}
		let used = AtomicU64::new(self.use_now());
		entries.push(Entry { hash, what, used });
	}
}

/// The node's executor. Clones share what is compiled.
#[derive(Clone)]
pub struct RuntimeExecutor {
	config: ExecutorConfiguration,
	/// Where compiled code is kept for the next start, if anywhere.
	kept: Option<PathBuf>,
	/// Compiles what a call asks for, if it must: genesis, old blocks, and code that nobody saw waiting.
	main: WasmExecutor<HostFunctions>,
	ahead: Arc<Shelf<WasmExecutor<HostFunctions>>>,
}

impl RuntimeExecutor {
	/// An executor with nothing compiled yet. Code that an earlier one has compiled and kept in this folder, which has
	/// an absolute path, is read from there; nothing tells it from what somebody else put there.
	pub fn new(config: &ExecutorConfiguration, kept: Option<&Path>) -> Self {
		Self {
			config: config.clone(),
			kept: kept.map(Path::to_path_buf),
			main: compiler(config, kept),
			ahead: Arc::default(),
		}
	}

	/// Compiles code before any call asks for it. Takes seconds, during which calls go on. The version of the runtime.
	///
	/// # Errors
	/// Where it cannot be compiled, or is without a version.
	pub fn compile_ahead(&self, code: &[u8]) -> Result<RuntimeVersion, CompileError> {
		let executor = self.for_hash(&hash_of(code));
		let is_new = executor.is_none();
		let executor = executor.unwrap_or_else(|| compiler(&self.config, self.kept.as_deref()));
		// The compiler takes as many threads as the pool that it is called from has.
		let pool = rayon::ThreadPoolBuilder::new()
			.num_threads(1)
			.thread_name(|_| "runtime-compiler".into())
			.start_handler(|_| stand_back())
			.build()?;
		let version = pool.install(|| {
			let fetcher = WrappedRuntimeCode(Cow::Borrowed(code));
			let code = RuntimeCode {
				code_fetcher: &fetcher,
				heap_pages: None,
				hash: hash_of(code),
			};
			executor.runtime_version(&mut BasicExternalities::default(), &code)
		})?;
		if is_new {
			self.ahead.put(hash_of(code), executor);
		}
		Ok(version)
	}

	fn for_hash(&self, hash: &[u8]) -> Option<WasmExecutor<HostFunctions>> {
		self.ahead.get(hash)
	}

	fn of(&self, code: &RuntimeCode<'_>) -> WasmExecutor<HostFunctions> {
		self.for_hash(&code.hash).unwrap_or_else(|| self.main.clone())
	}
}

/// What the SDK makes of the same configuration, and besides the folder, which it has no setting for.
fn compiler(config: &ExecutorConfiguration, kept: Option<&Path>) -> WasmExecutor<HostFunctions> {
	let pages = config.default_heap_pages.and_then(|pages| u32::try_from(pages).ok());
	let strategy = pages.map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |extra_pages| HeapAllocStrategy::Static {
		extra_pages,
	});
	let builder = WasmExecutor::<HostFunctions>::builder()
		.with_execution_method(config.wasm_method)
		.with_onchain_heap_alloc_strategy(strategy)
		.with_offchain_heap_alloc_strategy(strategy)
		.with_max_runtime_instances(config.max_runtime_instances)
		.with_runtime_cache_size(config.runtime_cache_size);
	match kept {
		Some(folder) => builder.with_cache_path(folder).build(),
		None => builder.build(),
	}
}

/// The hash that the client names code by: that of its value in state.
fn hash_of(code: &[u8]) -> Vec<u8> {
	sp_crypto_hashing::blake2_256(code).to_vec()
}

/// Lowers the priority of this thread.
fn stand_back() {
	// Of the calling thread alone on Linux. Where it fails, it compiles as fast as the others run.
	if let Err(error) = rustix::process::setpriority_process(None, NICE) {
		log::debug!("The thread that compiles the next runtime keeps its priority: {error}");
	}
}

impl ReadRuntimeVersion for RuntimeExecutor {
	fn read_runtime_version(&self, code: &[u8], ext: &mut dyn Externalities) -> Result<Vec<u8>, String> {
		self.main.read_runtime_version(code, ext)
	}
}

impl CodeExecutor for RuntimeExecutor {
	type Error = ExecutorError;

	fn call(
		&self,
		ext: &mut dyn Externalities,
		runtime_code: &RuntimeCode<'_>,
		method: &str,
		data: &[u8],
		context: CallContext,
	) -> (Result<Vec<u8>, ExecutorError>, bool) {
		self.of(runtime_code).call(ext, runtime_code, method, data, context)
	}
}

impl RuntimeVersionOf for RuntimeExecutor {
	fn runtime_version(
		&self,
		ext: &mut dyn Externalities,
		runtime_code: &RuntimeCode<'_>,
	) -> Result<RuntimeVersion, ExecutorError> {
		self.of(runtime_code).runtime_version(ext, runtime_code)
	}
}
