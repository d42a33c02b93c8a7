#![doc = include_str!("../README.md")]

mod body;
pub mod clock;
pub mod clock_guard;
pub mod kinds;
mod metrics;
pub mod slot_share;
pub mod slot_timer;
mod types;

pub use body::is_body_of;
pub use metrics::{Metrics, PendingRuntime};
pub use types::{Block, Header, Heartbeat, SealedBlock, LOG_TARGET};

use bft_finality_primitives::{
	scheduled_change, BlockRef, Certificate, ChangeError, Phase, SetId, VoterSet, BFT_ENGINE_ID,
};
use codec::{DecodeAll, Encode};
use parking_lot::Mutex;
use poca_primitives::{find_pre_digest, DirectorStatus, PreDigest, Schedule, Slot};
use sc_client_api::{
	backend::{AuxStore, ImportNotificationAction},
	Backend, BlockBackend, Finalizer, ImportSummary, LockImportRun,
};
use schnellru::{ByLength, LruMap};
use smartchain_runtime_apis::{BftFinalityApi, PocaApi};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::{Backend as _, HeaderBackend, HeaderMetadata, Info};
use sp_consensus::BlockOrigin;
use sp_core::H256;
use sp_runtime::{traits::Header as _, Justifications, OpaqueExtrinsic};
use std::sync::Arc;

/// Why the chain could not answer.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
	/// The database or the client.
	#[error("the client failed: {0}")]
	Client(#[from] sp_blockchain::Error),
	/// The runtime.
	#[error("the runtime could not be asked: {0}")]
	Runtime(#[from] sp_api::ApiError),
	/// A block that should be there is not.
	#[error("block {0:?} is not in the database")]
	Missing(H256),
	/// A header in the database changes the voters illegibly.
	#[error("block {0:?}: {1}")]
	Change(H256, ChangeError),
	/// A header in the database is not POCA's.
	#[error("block {0:?}: {1}")]
	Digest(H256, poca_primitives::DigestError),
}

/// What consensus reads from and does to the chain.
pub trait Chain: Send + Sync + 'static {
	/// Best, finalized and genesis block.
	fn info(&self) -> Info<Block>;
	/// A header, where it is known.
	fn header(&self, hash: H256) -> Result<Option<Header>, ChainError>;
	/// The hash at a height of the best chain.
	fn hash_at(&self, number: u32) -> Result<Option<H256>, ChainError>;
	/// A body, where it is known.
	fn body(&self, hash: H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError>;
	/// The justifications stored beside a block.
	fn justifications(&self, hash: H256) -> Result<Option<Justifications>, ChainError>;
	/// All blocks without children.
	fn leaves(&self) -> Result<Vec<H256>, ChainError>;
	/// The schedule in force for a child of this block.
	fn schedule(&self, at: H256) -> Result<Schedule, ChainError>;
	/// How the directors do at this block.
	fn director_status(&self, at: H256) -> Result<Vec<DirectorStatus>, ChainError>;
	/// The voter set that votes on what follows this block once it is final.
	fn voter_set(&self, at: H256) -> Result<VoterSet, ChainError>;
	/// The block that ended a voter set, where this node has seen that become final.
	fn set_end(&self, set_id: SetId) -> Result<Option<H256>, ChainError>;
	/// That block, and what makes it final. This is kept where blocks are pruned, too.
	fn change_proof(&self, set_id: SetId) -> Result<Option<(H256, Certificate)>, ChainError> {
		let Some(end) = self.set_end(set_id)? else {
			return Ok(None);
		};
		Ok(self.certificate(end)?.map(|certificate| (end, certificate)))
	}
	/// The voters of genesis, where this node has them still: one that has warped, and one that keeps all states.
	fn genesis_voters(&self) -> Result<VoterSet, ChainError> {
		self.voter_set(self.info().genesis_hash)
	}
	/// Makes the block that a certificate decides, and its ancestors, irreversible, and stores the certificate beside
	/// it. Where that block ends the certificate's voter set, [`Chain::set_end`] and [`Chain::change_proof`] find it
	/// from then on.
	fn finalize(&self, certificate: &Certificate) -> Result<(), ChainError>;
	/// Makes a block the best one.
	fn set_head(&self, hash: H256) -> Result<(), ChainError>;

	/// Whether the database has a final state: not until a node that warps has arrived.
	fn has_state(&self) -> bool {
		self.info().finalized_state.is_some()
	}

	/// The slot of a header; genesis is in slot 0.
	fn slot_of(&self, header: &Header) -> Result<Slot, ChainError> {
		Ok(self.pre_digest_of(header)?.map_or(Slot::from(0), |digest| digest.slot))
	}

	/// The pre-digest of a header; `None` for genesis.
	fn pre_digest_of(&self, header: &Header) -> Result<Option<PreDigest<H256>>, ChainError> {
		if *header.number() == 0 {
			return Ok(None);
		}
		find_pre_digest(header)
			.map(Some)
			.map_err(|error| ChainError::Digest(header.hash(), error))
	}

	/// The voter set that a header changes to.
	fn change_in(&self, header: &Header) -> Result<Option<VoterSet>, ChainError> {
		scheduled_change(header).map_err(|error| ChainError::Change(header.hash(), error))
	}

	/// A block as votes name it.
	fn target(&self, hash: H256) -> Result<BlockRef, ChainError> {
		let header = self.header(hash)?.ok_or(ChainError::Missing(hash))?;
		Ok(BlockRef {
			slot: *self.slot_of(&header)?,
			number: *header.number(),
			hash,
		})
	}

	/// The certificate of Commits stored beside a block, where there is one.
	fn certificate(&self, hash: H256) -> Result<Option<Certificate>, ChainError> {
		Ok(self.justifications(hash)?.as_ref().and_then(certificate_in))
	}
}

/// The certificate of Commits among a block's justifications, where there is one that decodes.
pub fn certificate_in(justifications: &Justifications) -> Option<Certificate> {
	let bytes = justifications.get(BFT_ENGINE_ID)?;
	Certificate::decode_all(&mut &bytes[..])
		.ok()
		.filter(|c| c.vote.phase == Phase::Commit)
}

/// Where the database keeps which block ended a voter set.
fn set_end_key(set_id: SetId) -> Vec<u8> {
	(b"smartchain/set-end", set_id).encode()
}

/// Where the database keeps what makes that block final: its justification is pruned with the block.
fn change_proof_key(set_id: SetId) -> Vec<u8> {
	(b"smartchain/change-proof", set_id).encode()
}

/// Where the database of a node that has warped keeps the voters of genesis, whose state it has not.
const GENESIS_VOTERS_KEY: &[u8] = b"smartchain/genesis-voters";

/// What the database keeps of a change of voters beside its header, for the certificate that makes it final.
pub fn change_record(end: H256, certificate: &Certificate) -> [(Vec<u8>, Vec<u8>); 2] {
	let set_id = certificate.vote.set_id;
	[
		(set_end_key(set_id), end.encode()),
		(change_proof_key(set_id), certificate.encode()),
	]
}

/// What the database of a node that warps keeps of genesis.
pub fn genesis_record(voters: &VoterSet) -> (Vec<u8>, Vec<u8>) {
	(GENESIS_VOTERS_KEY.to_vec(), voters.encode())
}

/// How many schedules are kept: those of the blocks that anybody may build on now.
const KEPT_SCHEDULES: u32 = 64;

/// [`Chain`] for a Substrate client.
pub struct SubstrateChain<C, BE> {
	client: Arc<C>,
	backend: Arc<BE>,
	/// The schedules of the last blocks: each is asked for by every header on it, and by every slot.
	schedules: Mutex<LruMap<H256, Schedule>>,
}

impl<C, BE> SubstrateChain<C, BE> {
	/// Consensus' view of this client.
	pub fn new(client: Arc<C>, backend: Arc<BE>) -> Self {
		Self {
			client,
			backend,
			schedules: Mutex::new(LruMap::new(ByLength::new(KEPT_SCHEDULES))),
		}
	}
}

impl<C, BE> Chain for SubstrateChain<C, BE>
where
	BE: Backend<Block> + 'static,
	C: HeaderBackend<Block>
		+ HeaderMetadata<Block, Error = sp_blockchain::Error>
		+ BlockBackend<Block>
		+ Finalizer<Block, BE>
		+ LockImportRun<Block, BE>
		+ ProvideRuntimeApi<Block>
		+ Send
		+ Sync
		+ 'static,
	C::Api: PocaApi<Block> + BftFinalityApi<Block>,
{
	fn info(&self) -> Info<Block> {
		self.client.info()
	}

	fn header(&self, hash: H256) -> Result<Option<Header>, ChainError> {
		Ok(self.client.header(hash)?)
	}

	fn hash_at(&self, number: u32) -> Result<Option<H256>, ChainError> {
		Ok(self.client.hash(number)?)
	}

	fn body(&self, hash: H256) -> Result<Option<Vec<OpaqueExtrinsic>>, ChainError> {
		Ok(self.client.block_body(hash)?)
	}

	fn justifications(&self, hash: H256) -> Result<Option<Justifications>, ChainError> {
		Ok(self.client.justifications(hash)?)
	}

	fn leaves(&self) -> Result<Vec<H256>, ChainError> {
		Ok(self.backend.blockchain().leaves()?)
	}

	fn schedule(&self, at: H256) -> Result<Schedule, ChainError> {
		if let Some(schedule) = self.schedules.lock().get(&at) {
			return Ok(schedule.clone());
		}
		// Not under the lock: the runtime may take a while.
		let schedule = self.client.runtime_api().schedule(at)?;
		self.schedules.lock().insert(at, schedule.clone());
		Ok(schedule)
	}

	fn director_status(&self, at: H256) -> Result<Vec<DirectorStatus>, ChainError> {
		Ok(self.client.runtime_api().director_status(at)?)
	}

	fn voter_set(&self, at: H256) -> Result<VoterSet, ChainError> {
		Ok(self.client.runtime_api().voter_set(at)?)
	}

	fn set_end(&self, set_id: SetId) -> Result<Option<H256>, ChainError> {
		let Some(bytes) = AuxStore::get_aux(&*self.backend, &set_end_key(set_id))? else {
			return Ok(None);
		};
		Ok(H256::decode_all(&mut &bytes[..]).ok())
	}

	fn change_proof(&self, set_id: SetId) -> Result<Option<(H256, Certificate)>, ChainError> {
		let Some(end) = self.set_end(set_id)? else {
			return Ok(None);
		};
		let kept = AuxStore::get_aux(&*self.backend, &change_proof_key(set_id))?;
		let kept = kept.and_then(|bytes| Certificate::decode_all(&mut &bytes[..]).ok());
		let certificate = match kept {
			Some(certificate) => Some(certificate),
			// A database of an earlier version has it beside the block alone.
			None => self.certificate(end)?,
		};
		Ok(certificate.map(|certificate| (end, certificate)))
	}

	fn genesis_voters(&self) -> Result<VoterSet, ChainError> {
		let kept = AuxStore::get_aux(&*self.backend, GENESIS_VOTERS_KEY)?;
		match kept.and_then(|bytes| VoterSet::decode_all(&mut &bytes[..]).ok()) {
			Some(voters) => Ok(voters),
			None => self.voter_set(self.client.info().genesis_hash),
		}
	}

	fn finalize(&self, certificate: &Certificate) -> Result<(), ChainError> {
		let hash = certificate.vote.decides().hash;
		let header = self.header(hash)?.ok_or(ChainError::Missing(hash))?;
		if self.change_in(&header)?.is_some() {
			// Before the block is final: were the process killed between the two, this would be written again.
			let record = change_record(hash, certificate);
			let record = record.each_ref().map(|(key, value)| (&key[..], &value[..]));
			AuxStore::insert_aux(&*self.backend, &record, &[])?;
		}
		let justification = (BFT_ENGINE_ID, certificate.encode());
		Ok(self.client.finalize_block(hash, Some(justification), true)?)
	}

	fn set_head(&self, hash: H256) -> Result<(), ChainError> {
		// It is asked for after every import, and seldom changes anything: that needs no lock.
		if self.client.info().best_hash == hash {
			return Ok(());
		}
		let header = self.header(hash)?.ok_or(ChainError::Missing(hash))?;
		self.client.lock_import_and_run(|operation| {
			let best = self.client.info().best_hash;
			if best == hash {
				return Ok(());
			}
			let route = sp_blockchain::tree_route(&*self.client, best, hash)?;
			sc_client_api::BlockImportOperation::mark_head(&mut operation.op, hash)?;
			// As if the block had just been imported as the best one, so that the transaction pool and subscribers
			// follow.
			operation.notify_imported = Some(ImportSummary {
				hash,
				origin: BlockOrigin::ConsensusBroadcast,
				header,
				is_new_best: true,
				storage_changes: None,
				tree_route: Some(route),
				import_notification_action: ImportNotificationAction::Both,
			});
			Ok(())
		})
	}
}
