#![doc = include_str!("../README.md")]

mod chain;
mod claims;
mod edge;
mod idle;
mod input;
pub mod shown;
mod tell;
#[cfg(test)]
mod tests;
mod units;
pub mod words;

pub use chain::calls::{
	add_stake_call, check_runtime, claim_call, offer_call, offered, stop_call, withdraw_call, CLAIMS, PALLET,
};
pub use chain::node::{earned, job, tasks, terms, worker, worker_deposit, JobView, WorkNode, WorkerView};
pub use idle::{Load, When};
pub use smartchain_unit::{Runner, ENGINES, PROGRAM};
pub use units::run::runner;

use device_primitives::DeviceId;
use edge::Edge;
use smart_agent_chain::Hand;
use smart_agent_journal::{JournalError, Log, LogKind};
use smart_agent_page::status::{Problem, Severity, StatusHandle};
use smart_agent_tasks::{Config, Memory, Record};
use smartchain_share::Server;
use sp_core::sr25519;
use std::{
	fs,
	future::Future,
	io,
	net::SocketAddr,
	path::{Path, PathBuf},
	sync::Arc,
};
use tokio::sync::mpsc;
use units::stock::Stock;

/// The target of this crate's logs.
pub(crate) const LOG_TARGET: &str = "work";

/// The journal of answers.
const ANSWERS: LogKind = LogKind {
	file: "tasks",
	magic: b"SCTASKS\x01",
	record: 512,
	bytes: 32 << 20,
	remedy: "the agent puts it aside when it starts, and goes on with what is before the damage",
};

/// What waits for the machine at most.
const MAX_INPUTS: usize = 4_096;

/// What it takes to compute.
pub struct Setup {
	/// The chain.
	pub node: Arc<dyn WorkNode>,
	/// Where programs, inputs and outputs lie.
	pub folder: PathBuf,
	/// Where the journal lies.
	pub state: PathBuf,
	/// The device.
	pub device: DeviceId,
	/// Its lottery key.
	pub key: sr25519::Pair,
	/// Where outputs are served.
	pub listen: SocketAddr,
	/// What starts units.
	pub runner: Runner,
	/// Units that are run at a time.
	pub slots: u16,
	/// When units are begun.
	pub when: When,
	/// Signs what the owner's account has to sign; without one a person does it.
	pub hand: Option<Arc<dyn Hand>>,
	/// What is shown.
	pub status: StatusHandle,
}

/// Why it could not go on.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
	/// The journal.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// The folder.
	#[error("{path}: {source}; see to the disk, and to who may read and write there")]
	Folder {
		/// Where.
		path: PathBuf,
		/// What the system said.
		source: io::Error,
	},
	/// Nobody can reach the outputs.
	#[error("outputs cannot be served at {address}: {source}; set work.listen to another address or port")]
	Listen {
		/// Where.
		address: SocketAddr,
		/// What the system said.
		source: io::Error,
	},
	/// No threads.
	#[error("a thread did not start, or ended by itself: {0}; see to memory and to the limits of this process")]
	Thread(String),
	/// The chain's client ended.
	#[error("the connection to the chain has ended by itself; start the agent again, and look at its log")]
	ChainEnded,
}

/// The journal with its records. One that is damaged is put aside, and where, is told.
fn journal(
	state: &Path,
	genesis: [u8; 32],
	device: [u8; 32],
) -> Result<(Log<Record>, Vec<Record>, Option<PathBuf>), JournalError> {
	let path = match Log::<Record>::open(ANSWERS, state, genesis, device) {
		Err(JournalError::Damaged { path, .. }) => path,
		opened => return opened.map(|(log, records)| (log, records, None)),
	};
	// All before the damage.
	let records = Log::<Record>::peek(ANSWERS, state, genesis, device).unwrap_or_default();
	let aside = path.with_extension("damaged");
	let io = |source| JournalError::Io {
		what: "put aside",
		path: path.clone(),
		source,
	};
	fs::rename(&path, &aside).map_err(io)?;
	let (mut log, _) = Log::open(ANSWERS, state, genesis, device)?;
	log.rewrite(&records).map_err(io)?;
	Ok((log, records, Some(aside)))
}

fn tell_damaged(status: &StatusHandle, aside: &Path) {
	let what = format!("the journal of units was damaged, and lies in {}", aside.display());
	tracing::error!(target: LOG_TARGET, "{what}: what was committed later than the damage cannot be revealed");
	let remedy = "look at the disk of the data folder; units that were under way cost a part of the stake";
	status.problem(Problem::new(Severity::Warning, "work-journal-damaged", what, remedy));
}

/// What is computed of a job, hashed whole.
#[cfg(test)]
fn edge_hash(job: &JobView) -> [u8; 32] {
	edge::hash_of(job)
}

/// What tells those who ask who serves here: beside the storage market's word for it, of another version.
fn hello(device: &DeviceId) -> String {
	let digits: String = device.0.iter().map(|byte| format!("{byte:02x}")).collect();
	format!("{{\"version\":0,\"device\":\"{digits}\",\"serves\":\"outputs\"}}")
}

/// Computes until `stop` is there. What is being written then is written.
///
/// # Errors
/// If there is no journal that can be trusted, another agent uses it, or nothing can be served.
pub async fn run_until(setup: Setup, stop: impl Future<Output = ()>) -> Result<(), WorkError> {
	let genesis = setup.node.genesis();
	let device = setup.device.0;
	let (folder, state) = (setup.folder.clone(), setup.state.clone());
	let (told, inputs) = mpsc::channel(MAX_INPUTS);
	let opened = tokio::task::spawn_blocking(move || -> Result<_, WorkError> {
		let (journal, records, aside) = journal(&state, genesis, device)?;
		let memory = Memory::replay(records);
		let stock = Stock::open(&folder).map_err(|source| WorkError::Folder {
			path: folder.clone(),
			source,
		})?;
		let outputs = stock.outputs().map_err(|source| WorkError::Folder {
			path: folder.clone(),
			source,
		})?;
		Ok((journal, memory, stock, outputs, aside))
	});
	let opened = opened.await.map_err(|error| WorkError::Thread(error.to_string()))?;
	let (journal, memory, stock, outputs, aside) = opened?;
	if let Some(aside) = aside {
		tell_damaged(&setup.status, &aside);
	}
	let listen = |source| WorkError::Listen {
		address: setup.listen,
		source,
	};
	let server = Server::bind(setup.listen, hello(&setup.device), stock.clone()).map_err(listen)?;
	let serving = server.serve().map_err(listen)?;
	tracing::info!(target: LOG_TARGET, "Outputs are served at {}", serving.address());
	let parts = edge::Parts {
		stock,
		outputs,
		journal,
		memory,
		config: Config {
			slots: setup.slots.max(1),
			..Config::default()
		},
		inputs,
		told,
		serving,
	};
	let mut edge = Edge::new(setup, parts)?;
	tokio::pin!(stop);
	edge.work(stop).await
}
