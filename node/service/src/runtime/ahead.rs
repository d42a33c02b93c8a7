//! Sees a new runtime wait on chain, and compiles it before it is in force.

use super::executor::{CompileError, RuntimeExecutor};
use crate::Client;
use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use smartchain_chain::{Block, Metrics, PendingRuntime};
use smartchain_runtime_apis::UpgradesApi;
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use std::{sync::Arc, time::Instant};

/// In how many blocks a thread for the same code is asked for before that is given up: most of the minute it waits.
const MOST_STARTS: u8 = 100;

/// Looks at the state after each new best block, until the client ends. Blocks its thread while it compiles.
pub(crate) async fn run(client: Arc<Client>, executor: RuntimeExecutor, metrics: Metrics) {
	let mut imported = client.import_notification_stream();
	let mut watch = Watch {
		client: client.clone(),
		executor,
		metrics,
		seen: None,
		starts: Starts::default(),
	};
	// What waited when the node was stopped.
	watch.look(client.info().best_hash);
	while let Some(block) = imported.next().await {
		if block.is_new_best {
			watch.look(block.hash);
		}
	}
}

struct Watch {
	client: Arc<Client>,
	executor: RuntimeExecutor,
	metrics: Metrics,
	/// The code that was looked at last, whatever came of it, and that.
	seen: Option<(H256, PendingRuntime)>,
	starts: Starts,
}

/// How often no thread could be started to compile a code: that passes as a rule, and says nothing of the code.
#[derive(Default)]
struct Starts {
	hash: H256,
	failed: u8,
}

impl Starts {
	/// Whether this code was tried before, and told of.
	fn has_failed(&self, hash: H256) -> bool {
		self.hash == hash && self.failed > 0
	}

	/// What it means for a runtime that compiling it has come to this; none if the next block is to try again.
	fn judge<V>(&mut self, hash: H256, outcome: &Result<V, CompileError>) -> Option<PendingRuntime> {
		match outcome {
			Ok(_) => Some(PendingRuntime::Compiled),
			Err(CompileError::Code(_)) => Some(PendingRuntime::Failed),
			Err(CompileError::Thread(_)) => {
				let before = if self.hash == hash { self.failed } else { 0 };
				*self = Self {
					hash,
					failed: before.saturating_add(1),
				};
				(self.failed >= MOST_STARTS).then_some(PendingRuntime::Failed)
			}
		}
	}
}

impl Watch {
	fn look(&mut self, at: H256) {
		let pending = match self.pending(at) {
			Ok(pending) => pending,
			Err(error) => {
				// Another block came in between, or its state is gone: the next one tells.
				log::debug!("Whether a runtime waits after block {at:?} is not known: {error}");
				return;
			}
		};
		let Some((hash, due)) = pending else {
			self.metrics.pending_runtime(PendingRuntime::None);
			return;
		};
		let state = match self.seen {
			Some((seen, state)) if seen == hash => state,
			_ => {
				self.metrics.pending_runtime(PendingRuntime::Waits);
				let Some(state) = self.compile(at, hash, due) else {
					return;
				};
				self.seen = Some((hash, state));
				state
			}
		};
		self.metrics.pending_runtime(state);
	}

	/// The code that waits, and when it comes into force. A runtime that knows nothing of it has none.
	fn pending(&self, at: H256) -> Result<Option<(H256, u32)>, ApiError> {
		let api = self.client.runtime_api();
		if !api.has_api::<dyn UpgradesApi<Block>>(at)? {
			return Ok(None);
		}
		api.pending_code(at)
	}

	/// Compiles the code that waits; none if it cannot be had from this block's state, or no thread for it now.
	fn compile(&mut self, at: H256, hash: H256, due: u32) -> Option<PendingRuntime> {
		let code = self.client.runtime_api().code_of(at, hash);
		let code = code
			.inspect_err(|error| log::debug!("The runtime that waits cannot be read: {error}"))
			.ok()
			.flatten()?;
		if !self.starts.has_failed(hash) {
			log::info!("A new runtime waits, and is in force from block {due} on: {hash:?}. This node compiles it now");
		}
		let started = Instant::now();
		let outcome = self.executor.compile_ahead(&code);
		let state = self.starts.judge(hash, &outcome);
		match outcome {
			Ok(version) => log::info!(
				"The runtime that waits is compiled, in {:.1?}: version {version}",
				started.elapsed()
			),
			Err(error @ CompileError::Code(_)) => log::warn!(
				"The runtime that waits is of no use to this node, which will stop at block {due}: {error}. Put a \
				 smartchain in its place that can run {hash:?}"
			),
			Err(error) if state.is_none() => {
				log::debug!("The runtime that waits is not compiled yet: {error}. The next block tries again")
			}
			Err(error) => log::warn!(
				"The runtime that waits is not compiled: {error}. This node compiles it when it is in force, from \
				 block {due} on, and misses slots meanwhile; more threads and a restart before spare it that"
			),
		}
		state
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn no_thread() -> Result<(), CompileError> {
		let pool = rayon::ThreadPoolBuilder::new()
			.num_threads(1)
			.spawn_handler(|_| Err(std::io::Error::other("there are too many")))
			.build();
		Err(pool.expect_err("no thread was started").into())
	}

	/// Crowd takes all threads that the process may have, for a moment: the runtime that waits is as good as before.
	#[test]
	fn crowd_that_takes_all_threads_for_a_moment_condemns_no_runtime() {
		let (one, other) = (H256::repeat_byte(1), H256::repeat_byte(2));
		let mut starts = Starts::default();
		for _ in 1..MOST_STARTS {
			assert_eq!(starts.judge(one, &no_thread()), None);
		}
		assert_eq!(starts.judge(one, &Ok(())), Some(PendingRuntime::Compiled));
		assert_eq!(
			starts.judge(one, &no_thread()),
			Some(PendingRuntime::Failed),
			"it has an end"
		);
		assert_eq!(starts.judge(other, &no_thread()), None, "another has not failed");
	}
}
