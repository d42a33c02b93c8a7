#![doc = include_str!("../README.md")]

mod calls;
mod desk;
mod edge;
mod input;
mod jobs;
mod node;
mod orders;
mod rebuild;
mod tell;
#[cfg(test)]
mod tests;
pub mod words;

pub use calls::{
	check_runtime, claim_call, leave_call, offer_call, probes_call, prove_call, redeem_call, withdraw_call, ProbesView,
	MAX_CLAIMS, PALLET,
};
pub use node::{
	challenges, claimable, held_for_offer, may_withdraw, offer, offer_deposit, slots, tick, unsold, DealView,
	MarketNode, OfferView,
};
pub use orders::{place, Wish, ORDERS};
pub use smart_agent_chain::Hand;
pub use smartchain_transfer::client::address;

use device_primitives::DeviceId;
use edge::Edge;
use input::Input;
use smart_agent_journal::{JournalError, Log, LogKind};
use smart_agent_market::{Config, Memory, Record, SlotKey, Voucher as Kept};
use smart_agent_page::status::{Problem, Severity, StatusHandle};
use smart_agent_slots::{Owner, SlotStore, StoreError};
use smartchain_transfer::{
	server::{Limits, Server},
	wire::{SlotId, LEAST_EGRESS},
};
use sp_core::sr25519;
use std::{
	fs,
	future::Future,
	io,
	net::SocketAddr,
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};
use tokio::{sync::mpsc, task::JoinSet};

/// The target of this crate's logs.
pub(crate) const LOG_TARGET: &str = "storage";

/// The journal of deeds and vouchers. The longest record is an answer for a slot of 64 GiB.
const DEEDS: LogKind = LogKind {
	file: "deeds",
	magic: b"SCDEEDS\x01",
	record: 8 << 10,
	bytes: 64 << 20,
	remedy: "the agent puts it aside when it starts, and goes on with what is before the damage",
};

/// Vouchers that were kept, each with the bytes that redeem it, and what of it was paid: also while an agent runs.
///
/// # Errors
/// If the journal cannot be read.
pub fn vouchers(state: &Path, genesis: [u8; 32], device: [u8; 32]) -> Result<Vec<Kept>, StorageError> {
	let records = Log::<Record>::peek(DEEDS, state, genesis, device)?;
	Ok(Memory::replay(records).unpaid_vouchers())
}

/// How often it is looked whether another device is to be probed. That knows after ten seconds who probes.
pub const PROBE_EVERY: Duration = Duration::from_secs(20);

/// What a transaction of the owner's account costs about, in planck: twenty times the least fee.
const FEE: u128 = 2_000_000_000;

/// What waits for the machine at most.
const MAX_INPUTS: usize = 4_096;

/// What it takes to sell storage.
pub struct Setup {
	/// The chain.
	pub node: Arc<dyn MarketNode>,
	/// Where slots lie; a store is made there if it is empty.
	pub folder: PathBuf,
	/// Where the journal lies, and where orders are put.
	pub state: PathBuf,
	/// The device.
	pub device: DeviceId,
	/// Its key.
	pub key: sr25519::Pair,
	/// Where slots are served.
	pub listen: SocketAddr,
	/// Signs what the owner's account has to sign; without one a person does it.
	pub hand: Option<Arc<dyn Hand>>,
	/// The hour, UTC, from which on slots are scrubbed.
	pub scrub_hour: u8,
	/// How often it is looked whether another device is to be probed: [`PROBE_EVERY`].
	pub probe_every: Duration,
	/// What is shown.
	pub status: StatusHandle,
}

/// Why it could not go on.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
	/// The journal.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// The store of slots.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// Nobody can reach the slots.
	#[error("slots cannot be served at {address}: {source}; set storage.listen to another address or port")]
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

/// The journal with its records. One that is damaged is put aside, and where, is told: what was being sent is made
/// anew, and to answer for slots matters more than what is lost of vouchers.
fn journal(
	state: &Path,
	genesis: [u8; 32],
	device: [u8; 32],
) -> Result<(Log<Record>, Vec<Record>, Option<PathBuf>), JournalError> {
	let path = match Log::<Record>::open(DEEDS, state, genesis, device) {
		Err(JournalError::Damaged { path, .. }) => path,
		opened => return opened.map(|(log, records)| (log, records, None)),
	};
	// All before the damage.
	let records = Log::<Record>::peek(DEEDS, state, genesis, device).unwrap_or_default();
	let aside = path.with_extension("damaged");
	let io = |source| JournalError::Io {
		what: "put aside",
		path: path.clone(),
		source,
	};
	fs::rename(&path, &aside).map_err(io)?;
	let (mut log, _) = Log::open(DEEDS, state, genesis, device)?;
	log.rewrite(&records).map_err(io)?;
	Ok((log, records, Some(aside)))
}

fn config(setup: &Setup) -> Config {
	Config {
		scrub_hour: setup.scrub_hour,
		signs: setup.hand.is_some(),
		fee: FEE,
		redeem_least: LEAST_EGRESS,
		// What slots have earned is claimed by the same measure.
		claim_least: LEAST_EGRESS,
		..Config::default()
	}
}

fn tell_damaged(status: &StatusHandle, aside: &Path) {
	let what = format!("the journal of deeds was damaged, and lies in {}", aside.display());
	tracing::error!(target: LOG_TARGET, "{what}: vouchers of later than the damage are lost");
	let remedy = "look at the disk of the data folder; `smart-agent slots redeem` has what was saved";
	status.problem(Problem::new(Severity::Warning, "storage-deeds", what, remedy));
}

/// Sells storage until `stop` is there. What is being written then is written.
///
/// # Errors
/// If there is no journal or store that can be trusted, another agent uses them, or nothing can be served.
pub async fn run_until(setup: Setup, stop: impl Future<Output = ()>) -> Result<(), StorageError> {
	let genesis = setup.node.genesis();
	let owner = Owner {
		genesis,
		device: setup.device.0,
	};
	let (folder, state) = (setup.folder.clone(), setup.state.clone());
	let (told, inputs) = mpsc::channel(MAX_INPUTS);
	let progress = told.clone();
	// More of a slot is durable: of many in a row the last one counts, and the next look at the disk tells as well.
	let on_durable = move |slot: SlotId, durable: u64| {
		let key = SlotKey {
			deal: slot.deal,
			slot: slot.slot,
		};
		let _ = progress.try_send(Input::Received { key, durable });
	};
	let opened = tokio::task::spawn_blocking(move || -> Result<_, StorageError> {
		let (journal, records, aside) = journal(&state, genesis, owner.device)?;
		let store = SlotStore::open(&folder, &owner, 0, on_durable)?;
		Ok((journal, Memory::replay(records), store, aside))
	});
	let opened = opened.await.map_err(|error| StorageError::Thread(error.to_string()))?;
	let (journal, memory, (store, found, damaged), aside) = opened?;
	if let Some(aside) = aside {
		tell_damaged(&setup.status, &aside);
	}
	let desk = desk::Desk::new(&setup, told.clone(), &memory);
	let server = Server::bind(
		setup.listen,
		Limits::default(),
		genesis,
		desk.device(),
		desk.rights(),
		store.clone(),
		desk.till(),
	);
	let server = server.await.map_err(|source| StorageError::Listen {
		address: setup.listen,
		source,
	})?;
	tracing::info!(target: LOG_TARGET, "Slots are served at {}", server.address());
	let (counter, address) = (server.counter(), server.address());
	// It ends with this function, however that ends; if it ends by itself, so does this.
	let mut serving = JoinSet::new();
	serving.spawn(server.serve());
	let parts = edge::Parts {
		store,
		found,
		damaged,
		journal,
		memory,
		desk,
		config: config(&setup),
		inputs,
		told,
		counts: Box::new(move || counter.now()),
		address,
		serving,
	};
	let mut edge = Edge::new(setup, parts)?;
	tokio::pin!(stop);
	edge.work(stop).await
}
