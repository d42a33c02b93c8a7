//! A node that was isolated shows that it is back: a task that looks now and then whether the chain has it down as
//! absent.

use crate::own::pool::{Outcome, OwnTransactions};
use poca_primitives::{AuthorityId, SlotDuration, KEY_TYPE};
use smartchain_chain::{clock, Chain, ChainError, Header, Heartbeat, Metrics, LOG_TARGET};
use sp_core::H256;
use sp_keystore::KeystorePtr;
use sp_runtime::traits::Header as _;
use std::{sync::Arc, time::Duration};

/// How often the task looks.
const INTERVAL: Duration = Duration::from_secs(5);
/// How many slots old the best block may be of a node that calls itself in sync.
const IN_SYNC_SLOTS: u64 = 8;

/// The task.
pub(crate) struct Heartbeats {
	pub chain: Arc<dyn Chain>,
	pub keystore: KeystorePtr,
	pub transactions: Arc<dyn OwnTransactions>,
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
			let node = match self.transactions.isolated(best, &key) {
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
			match self.transactions.heartbeat(best, heartbeat, signature.into()).await {
				// Known: the last one is still on its way.
				Outcome::Submitted(_) | Outcome::Known | Outcome::NotNeeded => log::info!(
					target: LOG_TARGET,
					"This node missed its turns and was isolated: it tells the chain that it is back ({node})",
				),
				Outcome::Failed(error) => {
					log::warn!(target: LOG_TARGET, "The heartbeat of {node} was refused: {error}")
				}
			}
		}
		self.metrics.isolated(isolated);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::own::{offence::Offence, pool::OwnTransactionError};
	use bft_finality_primitives::SignedVote;
	use futures::executor::block_on;
	use parking_lot::Mutex;
	use poca_primitives::AuthoritySignature;
	use smartchain_node_testkit::Line;
	use sp_keyring::Sr25519Keyring::{Alice, Bob};
	use sp_keystore::{testing::MemoryKeystore, Keystore};
	use sp_runtime::AccountId32;

	/// Alice alone is absent; what was sent.
	#[derive(Clone, Default)]
	struct AliceIsAbsent(Arc<Mutex<Vec<(Heartbeat, AuthoritySignature)>>>);

	#[async_trait::async_trait]
	impl OwnTransactions for AliceIsAbsent {
		fn isolated(&self, _: H256, key: &AuthorityId) -> Result<Option<AccountId32>, OwnTransactionError> {
			let alice = AuthorityId::from(Alice.public());
			Ok((*key == alice).then(|| Alice.to_account_id()))
		}

		async fn heartbeat(&self, _: H256, heartbeat: Heartbeat, signature: AuthoritySignature) -> Outcome {
			self.0.lock().push((heartbeat, signature));
			Outcome::Submitted(H256::zero())
		}

		async fn report(&self, _: &Offence) -> Outcome {
			Outcome::NotNeeded
		}

		async fn record_vote(&self, _: H256, _: SignedVote) -> Outcome {
			Outcome::NotNeeded
		}
	}

	/// The task of a node with the keys of these seeds.
	fn heartbeats(seeds: &[&str], chain: Line, transactions: AliceIsAbsent) -> Heartbeats {
		let keystore = MemoryKeystore::new();
		for seed in seeds {
			keystore.sr25519_generate_new(KEY_TYPE, Some(seed)).expect("takes it");
		}
		Heartbeats {
			chain: Arc::new(chain),
			keystore: Arc::new(keystore),
			transactions: Arc::new(transactions),
			slot_duration: SlotDuration::from_millis(500),
			metrics: Metrics::default(),
		}
	}

	/// What a node with the keys of these seeds sends on a chain of three blocks, and the hash of the second.
	fn sent(seeds: &[&str]) -> (Vec<(Heartbeat, AuthoritySignature)>, H256) {
		let (line, hashes) = Line::new(3);
		let absences = AliceIsAbsent::default();
		let header = line.header(hashes[2]).expect("reads").expect("is there");
		let heartbeats = heartbeats(seeds, line, absences.clone());
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
		let heartbeats = heartbeats(&["//Alice"], line, absences.clone());
		let _ = block_on(heartbeats.look());
		assert!(absences.0.lock().is_empty());
	}
}
