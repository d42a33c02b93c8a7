//! Transactions that peers bring.
//!
//! Each is validated in the runtime, which costs its sender nothing if it is invalid. So what invalid ones have cost is
//! noted for each peer, and whoever has used up its share is not listened to for a while; the others are. They are
//! validated one at a time, so that consensus keeps the other processors.
//!
//! The SDK's handler does not tell the pool who brought a transaction. But right before it hands one over, it reports
//! the peer for "any transaction", in the same step: [`Witness`] notes whom.

use super::budget::Invalid;
use crate::{pool::Pool, Client};
use futures::{future::BoxFuture, stream::BoxStream, FutureExt};
use parking_lot::Mutex;
use sc_network::{
	config::MultiaddrWithPeerId, service::traits::NetworkService, Event, Multiaddr, NetworkEventStream, NetworkPeers,
	ObservedRole, ProtocolName, ReputationChange,
};
use sc_network_transactions::config::{TransactionImport, TransactionImportFuture, TransactionPool as OfHandler};
use sc_network_types::PeerId;
use sc_service::TransactionPoolAdapter;
use sc_transaction_pool_api::{
	error::{Error as PoolError, IntoPoolError},
	TransactionPool, TransactionSource,
};
use smartchain_chain::{Block, Metrics};
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use sp_runtime::{transaction_validity::InvalidTransaction, OpaqueExtrinsic};
use std::{
	collections::{HashMap, HashSet},
	sync::Arc,
	time::Instant,
};
use tokio::sync::Semaphore;

/// Transactions of peers that are validated at once.
const VALIDATED_AT_ONCE: usize = 1;
/// As what they are counted.
const PROTOCOL: &str = "transactions";
/// A transaction with a false signature: peers validate before they pass on, but may be at another runtime for a
/// moment. Banned after a thousand and a half in a row.
const FALSE_SIGNATURE: ReputationChange = ReputationChange::new(-(1 << 20), "SmartChain: false signature");

/// The peer that is about to bring a transaction.
type Bringer = Arc<Mutex<Option<PeerId>>>;

/// The network and the pool, as the handler of transactions is to see them.
pub(crate) fn around(
	network: Arc<dyn NetworkService>,
	pool: Arc<Pool>,
	client: Arc<Client>,
	reserved: HashSet<PeerId>,
	metrics: Metrics,
) -> (Witness, Gossip) {
	let bringer = Bringer::default();
	let gossip = Gossip {
		stock: TransactionPoolAdapter::new(pool.clone(), client.clone()),
		bringer: bringer.clone(),
		door: Arc::new(Door {
			pool,
			client,
			network: network.clone(),
			reserved,
			invalid: Mutex::default(),
			turn: Semaphore::new(VALIDATED_AT_ONCE),
			metrics,
		}),
	};
	(Witness { network, bringer }, gossip)
}

/// What became of a transaction that is not in the pool now.
#[derive(Clone, Copy, Debug)]
struct Verdict {
	/// What the handler is told.
	told: TransactionImport,
	/// Whether what it took counts.
	is_paid: bool,
	/// Whether its signature is false.
	is_false: bool,
}

impl Verdict {
	fn of(error: &PoolError) -> Self {
		let (told, is_paid) = match error {
			// There was no room for it, which is not the peer's doing.
			PoolError::ImmediatelyDropped | PoolError::TooLowPriority { .. } | PoolError::AlreadyImported(_) => {
				(TransactionImport::KnownGood, false)
			}
			// It was not even looked at.
			PoolError::TemporarilyBanned => (TransactionImport::Bad, false),
			_ => (TransactionImport::Bad, true),
		};
		let is_false = matches!(
			error,
			PoolError::InvalidTransaction(InvalidTransaction::BadProof | InvalidTransaction::BadSigner)
		);
		Self {
			told,
			is_paid,
			is_false,
		}
	}

	/// The runtime could not be asked, or gave up: it does so at bytes that are no transaction.
	const UNKNOWN: Self = Self {
		told: TransactionImport::None,
		is_paid: true,
		is_false: false,
	};
}

/// What stands between peers and the pool.
struct Door {
	pool: Arc<Pool>,
	client: Arc<Client>,
	network: Arc<dyn NetworkService>,
	/// Those that the operator trusts.
	reserved: HashSet<PeerId>,
	invalid: Mutex<Invalid>,
	turn: Semaphore,
	metrics: Metrics,
}

impl Door {
	async fn import(&self, peer: Option<PeerId>, transaction: OpaqueExtrinsic) -> TransactionImport {
		// Nobody closes it.
		let _turn = self.turn.acquire().await;
		let is_trusted = peer.is_some_and(|peer| self.reserved.contains(&peer));
		let start = Instant::now();
		if !is_trusted && !self.invalid.lock().admits(peer.as_ref(), start) {
			self.metrics.dropped(PROTOCOL, "over_budget");
			return TransactionImport::None;
		}
		let best = self.client.info().best_hash;
		let submitted = self
			.pool
			.submit_one(best, TransactionSource::External, transaction)
			.await;
		let Err(error) = submitted else {
			return TransactionImport::NewGood;
		};
		let verdict = match error.into_pool_error() {
			Ok(error) => Verdict::of(&error),
			Err(_) => Verdict::UNKNOWN,
		};
		if verdict.is_paid && !is_trusted {
			let took = start.elapsed();
			self.invalid.lock().spend(peer.as_ref(), took, Instant::now());
			self.metrics.served(PROTOCOL, took);
		}
		if let Some(peer) = peer.filter(|_| verdict.is_false) {
			self.network.report_peer(peer, FALSE_SIGNATURE);
		}
		verdict.told
	}
}

/// The pool, as the handler sees it.
pub(crate) struct Gossip {
	stock: TransactionPoolAdapter<Client, Pool>,
	bringer: Bringer,
	door: Arc<Door>,
}

impl OfHandler<H256, Block> for Gossip {
	fn transactions(&self) -> Vec<(H256, Arc<OpaqueExtrinsic>)> {
		self.stock.transactions()
	}

	fn hash_of(&self, transaction: &OpaqueExtrinsic) -> H256 {
		self.stock.hash_of(transaction)
	}

	fn import(&self, transaction: OpaqueExtrinsic) -> TransactionImportFuture {
		let peer = self.bringer.lock().take();
		let door = self.door.clone();
		async move { door.import(peer, transaction).await }.boxed()
	}

	fn on_broadcasted(&self, propagations: HashMap<H256, Vec<String>>) {
		self.stock.on_broadcasted(propagations);
	}

	fn transaction(&self, hash: &H256) -> Option<Arc<OpaqueExtrinsic>> {
		self.stock.transaction(hash)
	}
}

/// The network, as the handler sees it.
pub(crate) struct Witness {
	network: Arc<dyn NetworkService>,
	bringer: Bringer,
}

impl NetworkEventStream for Witness {
	fn event_stream(&self, name: &'static str) -> BoxStream<'static, Event> {
		self.network.event_stream(name)
	}
}

impl NetworkPeers for Witness {
	fn report_peer(&self, peer: PeerId, change: ReputationChange) {
		*self.bringer.lock() = Some(peer);
		self.network.report_peer(peer, change);
	}

	fn set_authorized_peers(&self, peers: HashSet<PeerId>) {
		self.network.set_authorized_peers(peers);
	}

	fn set_authorized_only(&self, reserved_only: bool) {
		self.network.set_authorized_only(reserved_only);
	}

	fn add_known_address(&self, peer: PeerId, address: Multiaddr) {
		self.network.add_known_address(peer, address);
	}

	fn peer_reputation(&self, peer: &PeerId) -> i32 {
		self.network.peer_reputation(peer)
	}

	fn disconnect_peer(&self, peer: PeerId, protocol: ProtocolName) {
		self.network.disconnect_peer(peer, protocol);
	}

	fn accept_unreserved_peers(&self) {
		self.network.accept_unreserved_peers();
	}

	fn deny_unreserved_peers(&self) {
		self.network.deny_unreserved_peers();
	}

	fn add_reserved_peer(&self, peer: MultiaddrWithPeerId) -> Result<(), String> {
		self.network.add_reserved_peer(peer)
	}

	fn remove_reserved_peer(&self, peer: PeerId) {
		self.network.remove_reserved_peer(peer);
	}

	fn set_reserved_peers(&self, protocol: ProtocolName, peers: HashSet<Multiaddr>) -> Result<(), String> {
		self.network.set_reserved_peers(protocol, peers)
	}

	fn add_peers_to_reserved_set(&self, protocol: ProtocolName, peers: HashSet<Multiaddr>) -> Result<(), String> {
		self.network.add_peers_to_reserved_set(protocol, peers)
	}

	fn remove_peers_from_reserved_set(&self, protocol: ProtocolName, peers: Vec<PeerId>) -> Result<(), String> {
		self.network.remove_peers_from_reserved_set(protocol, peers)
	}

	fn sync_num_connected(&self) -> usize {
		self.network.sync_num_connected()
	}

	fn peer_role(&self, peer: PeerId, handshake: Vec<u8>) -> Option<ObservedRole> {
		self.network.peer_role(peer, handshake)
	}

	fn reserved_peers<'life0, 'async_trait>(&'life0 self) -> BoxFuture<'async_trait, Result<Vec<PeerId>, ()>>
	where
		'life0: 'async_trait,
		Self: 'async_trait,
	{
		self.network.reserved_peers()
	}
}
