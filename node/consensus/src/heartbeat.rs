//! A node that was isolated shows that it is back: a task that looks now and then whether the chain has it down as absent.

use crate::{
	chain::{Chain, ChainError},
	clock,
	metrics::Metrics,
	reports::{submit, Outcome},
	Block, Header, LOG_TARGET,
};
use poca_primitives::{AuthorityId, AuthoritySignature, SlotDuration, KEY_TYPE};
use sc_transaction_pool_api::TransactionPool;
use smartchain_runtime_apis::HeartbeatApi;
use sp_api::ProvideRuntimeApi;
use sp_core::H256;
use sp_keystore::KeystorePtr;
use sp_runtime::{traits::Header as _, AccountId32};
use std::{sync::Arc, time::Duration};

/// How often the task looks.
const INTERVAL: Duration = Duration::from_secs(5);
/// How many slots old the best block may be of a node that calls itself in sync.
const IN_SYNC_SLOTS: u64 = 8;

/// What a node signs to show that it is back.
pub type Heartbeat = poca_primitives::Heartbeat<AccountId32, u32, H256>;

/// Whom the chain has down as absent.
#[async_trait::async_trait]
pub trait Absences: Send + Sync {
	/// The account of this key, where it is isolated in the state of a block and has not shown itself.
	///
	/// # Errors
	/// Why that cannot be told.
	fn isolated(&self, at: H256, key: &AuthorityId) -> Result<Option<AccountId32>, String>;

	/// Sends a heartbeat.
	///
	/// # Errors
	/// Why it is not on its way.
	async fn send(&self, at: H256, heartbeat: Heartbeat, signature: AuthoritySignature) -> Result<(), String>;
}

/// [`Absences`] over a client and a transaction pool.
pub struct PoolHeartbeats<C, P> {
	client: Arc<C>,
	pool: Arc<P>,
}

impl<C, P> PoolHeartbeats<C, P> {
	/// Asks this client's runtime, and puts heartbeats into this pool.
	pub fn new(client: Arc<C>, pool: Arc<P>) -> Self {
		Self { client, pool }
	}
}

#[async_trait::async_trait]
impl<C, P> Absences for PoolHeartbeats<C, P>
where
	P: TransactionPool<Block = Block, Hash = H256>,
	C: ProvideRuntimeApi<Block> + Send + Sync,
	C::Api: HeartbeatApi<Block, AccountId32>,
{
	fn isolated(&self, at: H256, key: &AuthorityId) -> Result<Option<AccountId32>, String> {
		let answer = self.client.runtime_api().isolated(at, key.clone());
		answer.map_err(|error| error.to_string())
	}

	async fn send(&self, at: H256, heartbeat: Heartbeat, signature: AuthoritySignature) -> Result<(), String> {
		let made = self
			.client
			.runtime_api()
			.heartbeat_transaction(at, heartbeat, signature);
		let transaction = made.map_err(|error| error.to_string())?;
		match submit(&*self.pool, at, transaction).await {
			// Known: the last one is still on its way.
			Outcome::Submitted(_) | Outcome::Known => Ok(()),
			Outcome::Failed(why) => Err(why),
		}
	}
}

/// The task.
pub(crate) struct Heartbeats {
	pub chain: Arc<dyn Chain>,
	pub keystore: KeystorePtr,
	pub absences: Box<dyn Absences>,
	pub slot_duration: SlotDuration,
	pub metrics: Metrics,
}

impl Heartbeats {
	/// Runs for as long as the node does.
	pub async fn run(self) {
		loop {
			futures_timer::Delay::new(INTERVAL).await;
			if let Err(error) = self.look().await {
				log::debug!(target: LOG_TARGET, "no heartbeat: {error}");
			}
		}
	}

	async fn look(&self) -> Result<(), ChainError> {
		let best = self.chain.info().best_hash;
		let header = self.chain.header(best)?.ok_or(ChainError::Missing(best))?;
		let slot = self.chain.slot_of(&header)?;
		let in_sync = slot.saturating_add(IN_SYNC_SLOTS) >= clock::slot_now(self.slot_duration);
		if in_sync && *header.number() > 0 {
			self.beat(best, &header).await;
		}
		Ok(())
	}

	/// Sends a heartbeat for each key of this node that is isolated after this block, the best one.
	async fn beat(&self, best: H256, header: &Header) {
		let mut isolated = false;
		for key in self.keystore.sr25519_public_keys(KEY_TYPE) {
			let key = AuthorityId::from(key);
			let node = match self.absences.isolated(best, &key) {
				Ok(Some(node)) => node,
				Ok(None) => continue,
				Err(error) => {
					log::debug!(target: LOG_TARGET, "cannot tell whether this node is isolated: {error}");
					continue;
				}
			};
			isolated = true;
			// Not the best block: that may still change.
			let heartbeat = Heartbeat {
				node,
				number: header.number().saturating_sub(1),
				hash: *header.parent_hash(),
			};
			let signed = self.keystore.sr25519_sign(KEY_TYPE, key.as_ref(), &heartbeat.payload());
			let Ok(Some(signature)) = signed else {
				log::warn!(target: LOG_TARGET, "the keystore does not sign with the key {key}");
				continue;
			};
			let node = heartbeat.node.clone();
			match self.absences.send(best, heartbeat, signature.into()).await {
				Ok(()) => log::info!(
					target: LOG_TARGET,
					"This node missed its turns and was isolated: it tells the chain that it is back ({node})",
				),
				Err(error) => log::warn!(target: LOG_TARGET, "The heartbeat of {node} was refused: {error}"),
			}
		}
		self.metrics.isolated(isolated);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::Line;
	use futures::executor::block_on;
	use parking_lot::Mutex;
	use sp_keyring::Sr25519Keyring::{Alice, Bob};
	use sp_keystore::{testing::MemoryKeystore, Keystore};

	/// Alice alone is absent; what was sent.
	#[derive(Clone, Default)]
	struct AliceIsAbsent(Arc<Mutex<Vec<(Heartbeat, AuthoritySignature)>>>);

	#[async_trait::async_trait]
	impl Absences for AliceIsAbsent {
		fn isolated(&self, _: H256, key: &AuthorityId) -> Result<Option<AccountId32>, String> {
			let alice = AuthorityId::from(Alice.public());
			Ok((*key == alice).then(|| Alice.to_account_id()))
		}

		async fn send(&self, _: H256, heartbeat: Heartbeat, signature: AuthoritySignature) -> Result<(), String> {
			self.0.lock().push((heartbeat, signature));
			Ok(())
		}
	}

	/// What a node with the keys of these seeds sends on a chain of three blocks, and the hash of the second.
	fn sent(seeds: &[&str]) -> (Vec<(Heartbeat, AuthoritySignature)>, H256) {
		let keystore = MemoryKeystore::new();
		for seed in seeds {
			keystore.sr25519_generate_new(KEY_TYPE, Some(seed)).expect("takes it");
		}
		let (line, hashes) = Line::new(3);
		let absences = AliceIsAbsent::default();
		let header = line.header(hashes[2]).expect("reads").expect("is there");
		let heartbeats = Heartbeats {
			chain: Arc::new(line),
			keystore: Arc::new(keystore),
			absences: Box::new(absences.clone()),
			slot_duration: SlotDuration::from_millis(500),
			metrics: Metrics::default(),
		};
		block_on(heartbeats.beat(hashes[2], &header));
		let sent = absences.0.lock().clone();
		(sent, hashes[1])
	}

	#[test]
	fn an_isolated_node_signs_a_heartbeat_that_names_a_block_below_the_best() {
		let (sent, below) = sent(&["//Bob", "//Alice"]);
		let [(heartbeat, signature)] = &sent[..] else {
			panic!("one heartbeat, not {sent:?}")
		};
		assert_eq!((&heartbeat.node, heartbeat.number), (&Alice.to_account_id(), 1));
		assert_eq!(heartbeat.hash, below);
		assert!(heartbeat.verify(&Alice.public().into(), signature));
		assert!(!heartbeat.verify(&Bob.public().into(), signature));
	}

	#[test]
	fn who_is_not_isolated_sends_none() {
		assert!(sent(&["//Bob"]).0.is_empty());
		assert!(sent(&[]).0.is_empty());
	}

	#[test]
	fn a_node_that_is_behind_sends_none() {
		// The blocks of the line are of no slot of today.
		let (line, _) = Line::new(1);
		let absences = AliceIsAbsent::default();
		let keystore = MemoryKeystore::new();
		keystore
			.sr25519_generate_new(KEY_TYPE, Some("//Alice"))
			.expect("takes it");
		let heartbeats = Heartbeats {
			chain: Arc::new(line),
			keystore: Arc::new(keystore),
			absences: Box::new(absences.clone()),
			slot_duration: SlotDuration::from_millis(500),
			metrics: Metrics::default(),
		};
		let _ = block_on(heartbeats.look());
		assert!(absences.0.lock().is_empty());
	}
}
