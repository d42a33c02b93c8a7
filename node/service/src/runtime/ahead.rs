//! Sees a new runtime wait on chain, and compiles it before it is in force.

use super::executor::RuntimeExecutor;
use crate::Client;
use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use smartchain_chain::{Block, Metrics, PendingRuntime};
use smartchain_runtime_apis::UpgradesApi;
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use std::{sync::Arc, time::Instant};

/// Looks at the state after each new best block, until the client ends. Blocks its thread while it compiles.
pub(crate) async fn run(client: Arc<Client>, executor: RuntimeExecutor, metrics: Metrics) {
	let mut imported = client.import_notification_stream();
	let mut watch = Watch {
		client: client.clone(),
		executor,
		metrics,
		seen: None,
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

	/// Compiles the code that waits; none where it cannot be had from this block's state.
	fn compile(&self, at: H256, hash: H256, due: u32) -> Option<PendingRuntime> {
		let code = self.client.runtime_api().code_of(at, hash);
		let code = code
			.inspect_err(|error| log::debug!("The runtime that waits cannot be read: {error}"))
			.ok()
			.flatten()?;
		log::info!("A new runtime waits, and is in force from block {due} on: {hash:?}. This node compiles it now");
		let started = Instant::now();
		match self.executor.compile_ahead(&code) {
			Ok(version) => {
				log::info!(
					"The runtime that waits is compiled, in {:.1?}: version {version}",
					started.elapsed()
				);
				Some(PendingRuntime::Compiled)
			}
			Err(error) => {
				log::warn!(
					"The runtime that waits is of no use to this node, which will stop at block {due}: {error}. Put a \
					 smartchain in its place that can run {hash:?}"
				);
				Some(PendingRuntime::Failed)
			}
		}
	}
}
