#![doc = include_str!("../README.md")]

mod chain;
mod clock;
mod edge;
mod error;
mod input;
mod jobs;
mod keeper;
mod plots;
mod registered;
mod tell;
#[cfg(test)]
mod tests;

pub use edge::part::{Part, Stop, Words};
pub use error::{Outcome, RunError};
pub use jobs::measure;
pub use plots::{amiss, kind, kinds, Kind, PlotStore, StorePlots};
pub use registered::{reasons, unregistered, used_up, why_not};

use device_primitives::DeviceId;
use edge::Edge;
use smart_agent_chain::Node;
use smart_agent_journal::Journal;
use smart_agent_keys as keys;
use smart_agent_page::status::{self, StatusHandle};
use sp_core::sr25519;
use std::{future::Future, path::PathBuf, sync::Arc};

/// The target of this crate's logs.
pub(crate) const LOG_TARGET: &str = "run";

/// What it takes to run.
pub struct Setup {
	/// The chain.
	pub node: Arc<dyn Node>,
	/// The plots; none if this machine has none.
	pub plots: Option<Arc<dyn PlotStore>>,
	/// The device.
	pub device: DeviceId,
	/// Its lottery key.
	pub key: sr25519::Pair,
	/// Where the journal lies; it is made if it is not there.
	pub state: PathBuf,
	/// What is shown.
	pub status: StatusHandle,
	/// Threads that look into plots; at least one.
	pub look_threads: u32,
	/// Cores that run segments; at least one.
	pub compute_threads: u32,
	/// Segments to claim; 0 for none.
	pub segments: u32,
	/// Whether the device shows that it is there.
	pub uptime: bool,
}

/// Runs until `stop` is there. What is being written then is written, and the history of the status saved.
///
/// # Errors
/// If there is no journal that can be trusted, or another agent uses it; if threads are not to be had.
pub async fn run_until(setup: Setup, stop: impl Future<Output = ()>) -> Result<Outcome, RunError> {
	let genesis = setup.node.genesis().0;
	let (state, device) = (setup.state.clone(), setup.device.0);
	let opened = tokio::task::spawn_blocking(move || Journal::open(&state, genesis, device));
	let (journal, memory) = opened.await.map_err(|error| RunError::Thread(error.to_string()))??;
	let mut edge = Edge::new(setup, journal, memory)?;
	tokio::pin!(stop);
	edge.work(stop).await
}
