//! Warp proofs between nodes: what is answered, and what is believed.

use super::{changes, set_after, Fragment, WarpProof, MAX_CHANGES_BYTES, MAX_PROOF_BYTES};
use bft_finality_primitives::{Certificate, LightClient, LightError, BFT_ENGINE_ID};
use codec::{DecodeAll, Encode};
use parking_lot::Mutex;
use sc_network_sync::strategy::warp::{EncodedProof, VerificationResult, Verifier, WarpSyncProvider};
use smartchain_chain::{Block, Chain, ChainError, Header, LOG_TARGET};
use sp_core::H256;
use sp_runtime::{traits::Header as _, Justifications};
use std::{collections::HashMap, error::Error as StdError, sync::Arc};

type BoxedError = Box<dyn StdError + Send + Sync>;

/// Why there is no warp proof, or none that is believed.
#[derive(Debug, thiserror::Error)]
pub enum WarpError {
	/// The database cannot be read.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// This node has no state yet, and knows of nothing final.
	#[error("this node has not joined the chain yet")]
	NotJoined,
	/// Only genesis and changes that are final here are where a proof starts.
	#[error("block {0:?} is neither genesis nor a change of voters that is final here")]
	UnknownStart(H256),
	/// Nothing above the start.
	#[error("nothing above block {0:?} can be proven yet")]
	NothingYet(H256),
	/// Larger than an honest one.
	#[error("it has {0} bytes, at most {MAX_PROOF_BYTES} are allowed")]
	TooLarge(usize),
	/// Not a proof.
	#[error("it does not decode: {0}")]
	Undecodable(codec::Error),
	/// No fragment in it.
	#[error("it is empty")]
	Empty,
	/// A change that is not proven.
	#[error("change {index} of it: {error}")]
	Change {
		/// Its place, from 0.
		index: usize,
		/// Why it is not proven.
		error: LightError,
	},
	/// The last final block is not proven.
	#[error("its last block: {0}")]
	Last(LightError),
	/// The last final block lies directly above a change: a database that knows its parent takes no state for it.
	#[error("its last block {0:?} lies directly above a change")]
	AboveChange(H256),
	/// The voters of genesis are not known.
	#[error("the voters of genesis cannot be read: {0}")]
	NoGenesisVoters(String),
}

/// What has been proven and waits for its import: only what is in here is taken without being executed.
#[derive(Clone, Default)]
pub struct ProvenBlocks(Arc<Mutex<Proven>>);

#[derive(Default)]
struct Proven {
	changes: HashMap<H256, Certificate>,
	target: Option<(H256, Certificate)>,
}

impl ProvenBlocks {
	/// Takes a change's certificate out.
	pub fn take_change(&self, hash: &H256) -> Option<Certificate> {
		self.0.lock().changes.remove(hash)
	}

	/// The certificate of the block to warp to, where it is this one.
	pub fn target(&self, hash: &H256) -> Option<Certificate> {
		let proven = self.0.lock();
		let (target, certificate) = proven.target.as_ref()?;
		(target == hash).then(|| certificate.clone())
	}

	/// The node has its state: nothing that was proven before is waited for any more.
	pub fn clear(&self) {
		*self.0.lock() = Proven::default();
	}

	fn add(&self, changes: &[Fragment], target: Option<&Fragment>) {
		let mut proven = self.0.lock();
		for fragment in changes {
			proven
				.changes
				.insert(fragment.header.hash(), fragment.certificate.clone());
		}
		proven.target = target.map(|fragment| (fragment.header.hash(), fragment.certificate.clone()));
	}
}

/// Serves warp proofs, and checks those of others.
pub struct WarpProvider {
	chain: Arc<dyn Chain>,
	proven: ProvenBlocks,
}

impl WarpProvider {
	/// Serves them from this chain; what a proof of others has shown goes to `proven`.
	pub fn new(chain: Arc<dyn Chain>, proven: ProvenBlocks) -> Self {
		Self { chain, proven }
	}

	/// The proof that follows a block, which is genesis or a change of voters. Changes take about as many bytes at
	/// most.
	///
	/// # Errors
	/// Where there is none; see [`WarpError`].
	pub fn prove(&self, start: H256, max_bytes: usize) -> Result<WarpProof, WarpError> {
		let chain = &*self.chain;
		// What is final is read first: changes beyond it are another proof's.
		let info = chain.info();
		if !chain.has_state() {
			return Err(WarpError::NotJoined);
		}
		let from = set_after(chain, start)?.ok_or(WarpError::UnknownStart(start))?;
		let (mut changes, all) = changes(chain, from, info.finalized_number, max_bytes)?;
		if !all {
			return Ok(WarpProof::V1 { changes, last: None });
		}
		let mut last = match chain.certificate(info.finalized_hash)? {
			Some(certificate) if changes.last().map(|change| change.header.hash()) != Some(info.finalized_hash) => {
				let header = chain.header(info.finalized_hash)?;
				let header = header.ok_or(ChainError::Missing(info.finalized_hash))?;
				Some(Fragment { header, certificate })
			}
			_ => changes.pop(),
		};
		while let Some(fragment) = &last {
			let below = changes.last().map_or(start, |change| change.header.hash());
			if *fragment.header.parent_hash() != below || below == info.genesis_hash {
				break;
			}
			last = changes.pop();
		}
		match last {
			Some(fragment) if fragment.header.hash() != start && *fragment.header.number() > 0 => Ok(WarpProof::V1 {
				changes,
				last: Some(fragment),
			}),
			_ => Err(WarpError::NothingYet(start)),
		}
	}
}

impl WarpSyncProvider<Block> for WarpProvider {
	fn generate(&self, start: H256) -> Result<EncodedProof, BoxedError> {
		Ok(EncodedProof(self.prove(start, MAX_CHANGES_BYTES)?.encode()))
	}

	fn create_verifier(&self) -> Box<dyn Verifier<Block>> {
		let genesis = self.chain.info().genesis_hash;
		let client = self
			.chain
			.genesis_voters()
			.map(|set| LightClient::new(genesis, set, 0))
			.map_err(|error| error.to_string());
		if let Err(error) = &client {
			log::error!(target: LOG_TARGET, "cannot warp: the voters of genesis cannot be read: {error}");
		}
		Box::new(WarpVerifier {
			client,
			genesis,
			reached: genesis,
			proven: self.proven.clone(),
		})
	}
}

/// Follows the changes of voters over one proof after the other.
struct WarpVerifier {
	client: Result<LightClient, String>,
	genesis: H256,
	/// The last change that is proven.
	reached: H256,
	proven: ProvenBlocks,
}

impl WarpVerifier {
	/// Believes all of a proof, or nothing.
	fn check(&mut self, bytes: &[u8]) -> Result<VerificationResult<Block>, WarpError> {
		if bytes.len() > MAX_PROOF_BYTES {
			return Err(WarpError::TooLarge(bytes.len()));
		}
		let WarpProof::V1 { changes, last } = WarpProof::decode_all(&mut &bytes[..]).map_err(WarpError::Undecodable)?;
		if changes.is_empty() && last.is_none() {
			return Err(WarpError::Empty);
		}
		let mut client = self.client.clone().map_err(WarpError::NoGenesisVoters)?;
		let mut reached = self.reached;
		for (index, Fragment { header, certificate }) in changes.iter().enumerate() {
			client
				.change(header, certificate)
				.map_err(|error| WarpError::Change { index, error })?;
			reached = header.hash();
		}
		if let Some(Fragment { header, certificate }) = &last {
			let hash = header.hash();
			if *header.parent_hash() == reached && reached != self.genesis {
				return Err(WarpError::AboveChange(hash));
			}
			client.check_final(header, certificate).map_err(WarpError::Last)?;
			match client.change(header, certificate) {
				Ok(()) => reached = hash,
				Err(LightError::NoChange) => (),
				Err(error) => return Err(WarpError::Last(error)),
			}
		}
		self.proven.add(&changes, last.as_ref());
		self.client = Ok(client);
		self.reached = reached;
		let pairs = changes.into_iter().map(pair).collect();
		Ok(match last {
			None => VerificationResult::Partial(pairs),
			Some(last) => VerificationResult::Complete(last.header, pairs),
		})
	}
}

fn pair(fragment: Fragment) -> (Header, Justifications) {
	let justification = (BFT_ENGINE_ID, fragment.certificate.encode());
	(fragment.header, justification.into())
}

impl Verifier<Block> for WarpVerifier {
	fn verify(&mut self, proof: &EncodedProof) -> Result<VerificationResult<Block>, BoxedError> {
		Ok(self.check(&proof.0)?)
	}

	fn next_proof_context(&self) -> H256 {
		self.reached
	}

	fn status(&self) -> Option<String> {
		let client = self.client.as_ref().ok()?;
		Some(format!("voter set {}", client.set().set_id))
	}
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
