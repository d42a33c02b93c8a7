#![doc = include_str!("../README.md")]

mod error;
#[cfg(test)]
mod tests;
mod types;

pub use error::{Error, BASE_ERROR};
pub use types::{CertificateInfo, Director, FinalityStatus, PhaseName, ScheduleInfo, VoterInfo, VoterStateInfo};

use bft_finality_primitives::SetId;
use jsonrpsee::{
	core::{async_trait, SubscriptionResult},
	proc_macros::rpc,
	PendingSubscriptionSink, SubscriptionMessage,
};
use smartchain_chain::{clock, Chain};
use smartchain_consensus::ConsensusHandle;
use smartchain_proofs::{
	export::{export, FinalityExport},
	prove,
	warp::GENESIS_SET,
	FinalityProof, NumberOrHash,
};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

/// The `poca_*` methods.
#[rpc(server)]
pub trait PocaRpcApi {
	/// Best, certified and final block, the voter set in force, and whether this node votes.
	#[method(name = "poca_finalityStatus")]
	fn finality_status(&self) -> Result<FinalityStatus, Error>;

	/// Who may author which slot after the best block, and how each director does.
	#[method(name = "poca_schedule", blocking)]
	fn schedule(&self) -> Result<ScheduleInfo, Error>;

	/// Proof that a block is final: the certificate of the first block at or above it that has one, and the headers in
	/// between. `block` is a number, or the hash of a block on the final chain.
	#[method(name = "poca_proveFinality", blocking)]
	fn prove_finality(&self, block: NumberOrHash) -> Result<FinalityProof, Error>;

	/// Proof that a block is final for whoever knows nothing but genesis: all changes of voters up to it, and its own
	/// proof. `block` is as above, the last final one if it is left out. With `fromSet`, only the changes from that
	/// voter set on.
	#[method(name = "poca_exportFinality", blocking)]
	fn export_finality(&self, block: Option<NumberOrHash>, from_set: Option<SetId>) -> Result<FinalityExport, Error>;

	/// This node as a voter.
	#[method(name = "poca_voterState")]
	fn voter_state(&self) -> Result<VoterStateInfo, Error>;

	/// Every certificate, of both phases, that this node makes or receives from now on. A subscriber that lags 64
	/// behind misses some.
	#[subscription(
		name = "poca_subscribeCertificates" => "poca_certificate",
		unsubscribe = "poca_unsubscribeCertificates",
		item = CertificateInfo
	)]
	async fn subscribe_certificates(&self) -> SubscriptionResult;
}

/// Serves the `poca_*` methods.
pub struct PocaRpc {
	chain: Arc<dyn Chain>,
	handle: ConsensusHandle,
}

impl PocaRpc {
	/// Serves them from this chain and what consensus shows of itself.
	pub fn new(chain: Arc<dyn Chain>, handle: ConsensusHandle) -> Self {
		Self { chain, handle }
	}
}

#[async_trait]
impl PocaRpcApiServer for PocaRpc {
	fn finality_status(&self) -> Result<FinalityStatus, Error> {
		Ok(self.handle.status().into())
	}

	fn schedule(&self) -> Result<ScheduleInfo, Error> {
		let at = self.chain.target(self.chain.info().best_hash)?;
		let schedule = self.chain.schedule(at.hash)?;
		let directors = self.chain.director_status(at.hash)?;
		Ok(ScheduleInfo::new(
			at,
			&schedule,
			&directors,
			clock::slot_now(schedule.slot_duration),
		))
	}

	fn prove_finality(&self, block: NumberOrHash) -> Result<FinalityProof, Error> {
		Ok(prove(&*self.chain, block)?)
	}

	fn export_finality(&self, block: Option<NumberOrHash>, from_set: Option<SetId>) -> Result<FinalityExport, Error> {
		let last = || NumberOrHash::Number(self.chain.info().finalized_number);
		let (block, from_set) = (block.unwrap_or_else(last), from_set.unwrap_or(GENESIS_SET));
		Ok(export(&*self.chain, block, from_set)?)
	}

	fn voter_state(&self) -> Result<VoterStateInfo, Error> {
		Ok(self.handle.status().into())
	}

	async fn subscribe_certificates(&self, pending: PendingSubscriptionSink) -> SubscriptionResult {
		let mut certificates = self.handle.certificates();
		let sink = pending.accept().await?;
		loop {
			let certificate = tokio::select! {
				_ = sink.closed() => return Ok(()),
				received = certificates.recv() => match received {
					Ok(certificate) => certificate,
					// Too slow: what it missed is gone, and the next ones matter more.
					Err(RecvError::Lagged(_)) => continue,
					Err(RecvError::Closed) => return Ok(()),
				},
			};
			let message = SubscriptionMessage::from_json(&CertificateInfo::from(&certificate))?;
			if sink.send(message).await.is_err() {
				return Ok(());
			}
		}
	}
}
