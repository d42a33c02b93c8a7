//! Transactions that peers bring.
//!
//! Each is validated in the runtime, which costs its sender nothing unless it gets into a block. So what was
//! [in vain](super::budget) is noted for each peer, and whoever has used up its share is not listened to for a while;
//! the others are. They are validated one at a time, of the two that the pool validates at once: the other place is for
//! those that come over RPC.
//!
//! The SDK's handler does not tell the pool who brought a transaction. But right before it hands one over, it asks for
//! its hash and reports the peer for "any transaction", in the same step: [`Gossip`] and [`Witness`] note
//! [both](Bringers).

use super::budget::{
	charge, is_general, Bringers, Budget, Cost, Verdict, FALSE_SIGNATURE, OVER_BUDGET, REPEATED, SHORTEST, TOO_SHORT,
};
use crate::{pool::Pool, Client};
use codec::Encode;
use futures::{
	future::{self, BoxFuture},
	stream::BoxStream,
	FutureExt,
};
use parking_lot::Mutex;
use sc_network::{
	config::MultiaddrWithPeerId, service::traits::NetworkService, Event, Multiaddr, NetworkEventStream, NetworkPeers,
	ObservedRole, ProtocolName, ReputationChange,
};
use sc_network_transactions::config::{TransactionImport, TransactionImportFuture, TransactionPool as OfHandler};
use sc_network_types::PeerId;
use sc_service::TransactionPoolAdapter;
use sc_transaction_pool_api::{error::IntoPoolError, TransactionPool, TransactionSource};
use smartchain_chain::{Block, Metrics};
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use sp_runtime::OpaqueExtrinsic;
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

/// Who brings what.
type Noted = Arc<Mutex<Bringers>>;

/// The network and the pool, as the handler of transactions is to see them.
pub(crate) fn around(
	network: Arc<dyn NetworkService>,
	pool: Arc<Pool>,
	client: Arc<Client>,
	reserved: HashSet<PeerId>,
	metrics: Metrics,
) -> (Witness, Gossip) {
	let bringers = Noted::default();
	let gossip = Gossip {
		stock: TransactionPoolAdapter::new(pool.clone(), client.clone()),
		bringers: bringers.clone(),
		door: Arc::new(Door {
			pool,
			client,
			network: network.clone(),
			reserved,
			budget: Mutex::default(),
			turn: Semaphore::new(VALIDATED_AT_ONCE),
			metrics,
		}),
	};
	(Witness { network, bringers }, gossip)
}

/// A transaction that waits for its turn, and is forgotten with this.
struct Waiting {
	/// None if nobody knows who has brought it.
	hash: Option<H256>,
	bringers: Noted,
}

impl Waiting {
	fn new(brought: Option<(H256, PeerId)>, bringers: &Noted) -> Self {
		if let Some((hash, peer)) = brought {
			bringers.lock().wait(hash, peer);
		}
		Self {
			hash: brought.map(|(hash, _)| hash),
			bringers: bringers.clone(),
		}
	}

	/// Those that have brought it so far.
	fn peers(&self) -> Vec<PeerId> {
		self.hash
			.map_or_else(Vec::new, |hash| self.bringers.lock().of(&hash).to_vec())
	}
}

impl Drop for Waiting {
	fn drop(&mut self) {
		if let Some(hash) = &self.hash {
			self.bringers.lock().done(hash);
		}
	}
}

/// Whose budget a transaction is validated on.
#[derive(Clone, Copy)]
enum Payer {
	/// Nobody's: a peer that the operator trusts has brought it.
	Trusted,
	/// That of a peer, or of all if nobody knows which.
	Stranger(Option<PeerId>),
}

/// What stands between peers and the pool.
struct Door {
	pool: Arc<Pool>,
	client: Arc<Client>,
	network: Arc<dyn NetworkService>,
	/// Those that the operator trusts.
	reserved: HashSet<PeerId>,
	budget: Mutex<Budget>,
	turn: Semaphore,
	metrics: Metrics,
}

impl Door {
	async fn import(&self, waiting: &Waiting, transaction: OpaqueExtrinsic) -> TransactionImport {
		// Not at its turn alone: what is refused must not wait among the others.
		if self.payer(&waiting.peers()).is_none() {
			return self.refuse(waiting);
		}
		// Nobody closes it.
		let _turn = self.turn.acquire().await;
		self.look_after_early();
		let Some(payer) = self.payer(&waiting.peers()) else {
			return self.refuse(waiting);
		};
		let (bytes, ready) = (transaction.encoded_size(), self.pool.status().ready);
		let is_general = is_general(&transaction);
		let best = self.client.info().best_hash;
		let start = Instant::now();
		let submitted = self
			.pool
			.submit_one(best, TransactionSource::External, transaction)
			.await;
		let time = charge(start.elapsed(), bytes);
		let verdict = match submitted {
			Ok(hash) => {
				let is_ready = self.pool.ready_transaction(&hash).is_some();
				Verdict::of_valid(hash, is_ready, self.pool.status().ready > ready)
			}
			Err(error) => error
				.into_pool_error()
				.map_or(Verdict::UNKNOWN, |error| Verdict::of_refused(&error, is_general)),
		};
		if let (Payer::Stranger(peer), false) = (payer, verdict.cost == Cost::None) {
			self.budget
				.lock()
				.spend(peer.as_ref(), verdict.cost, time, Instant::now());
			self.metrics.served(PROTOCOL, time);
		}
		if verdict.is_false {
			self.report(waiting, FALSE_SIGNATURE);
		}
		verdict.told
	}

	/// On whose budget it is validated: the first that has some left. None if nobody has.
	fn payer(&self, peers: &[PeerId]) -> Option<Payer> {
		if peers.iter().any(|peer| self.reserved.contains(peer)) {
			return Some(Payer::Trusted);
		}
		let (mut budget, now) = (self.budget.lock(), Instant::now());
		if peers.is_empty() {
			return budget.admits(None, now).then_some(Payer::Stranger(None));
		}
		let first = peers.iter().find(|peer| budget.admits(Some(peer), now))?;
		Some(Payer::Stranger(Some(*first)))
	}

	/// All that have brought it are over their budgets.
	fn refuse(&self, waiting: &Waiting) -> TransactionImport {
		self.metrics.dropped(PROTOCOL, "over_budget");
		self.report(waiting, OVER_BUDGET);
		TransactionImport::None
	}

	fn report(&self, waiting: &Waiting, change: ReputationChange) {
		for peer in waiting.peers() {
			self.network.report_peer(peer, change);
		}
	}

	/// Gives back what early transactions have cost that are ready now.
	fn look_after_early(&self) {
		let early = self.budget.lock().look_after(Instant::now());
		for hash in early {
			if self.pool.ready_transaction(&hash).is_some() {
				self.budget.lock().is_ready(&hash, Instant::now());
			}
		}
	}
}

/// The pool, as the handler sees it.
pub(crate) struct Gossip {
	stock: TransactionPoolAdapter<Client, Pool>,
	bringers: Noted,
	door: Arc<Door>,
}

impl OfHandler<H256, Block> for Gossip {
	fn transactions(&self) -> Vec<(H256, Arc<OpaqueExtrinsic>)> {
		self.stock.transactions()
	}

	fn hash_of(&self, transaction: &OpaqueExtrinsic) -> H256 {
		let bytes = transaction.encoded_size();
		self.bringers.lock().hash(bytes, || self.stock.hash_of(transaction))
	}

	fn import(&self, transaction: OpaqueExtrinsic) -> TransactionImportFuture {
		let brought = self.bringers.lock().handed_over();
		if transaction.encoded_size() < SHORTEST {
			self.door.metrics.dropped(PROTOCOL, "too_short");
			if let Some((_, peer)) = brought {
				self.door.network.report_peer(peer, TOO_SHORT);
			}
			return future::ready(TransactionImport::Bad).boxed();
		}
		let (waiting, door) = (Waiting::new(brought, &self.bringers), self.door.clone());
		async move { door.import(&waiting, transaction).await }.boxed()
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
	bringers: Noted,
}

impl NetworkEventStream for Witness {
	fn event_stream(&self, name: &'static str) -> BoxStream<'static, Event> {
		self.network.event_stream(name)
	}
}

impl NetworkPeers for Witness {
	fn report_peer(&self, peer: PeerId, change: ReputationChange) {
		let is_repeated = self.bringers.lock().reported(peer);
		self.network.report_peer(peer, change);
		if is_repeated {
			self.network.report_peer(peer, REPEATED);
		}
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
