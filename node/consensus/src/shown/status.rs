//! What consensus shows of itself: written by the voter, read by the RPC, the log line and the metrics.

use bft_finality_primitives::{BlockRef, Certificate, SetId, VoterId, VoterIndex};
use parking_lot::RwLock;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many certificates a slow subscriber may lag behind before it loses some.
const CERTIFICATE_BUFFER: usize = 64;

/// Consensus at a glance.
#[derive(Clone, Debug, Default)]
pub struct Status {
	/// The best block.
	pub best: Option<BlockRef>,
	/// The highest block with a prevote certificate above the final one.
	pub certified: Option<BlockRef>,
	/// The highest final block.
	pub finalized: Option<BlockRef>,
	/// The voter set in force.
	pub set_id: SetId,
	/// How many voters it has.
	pub voters: usize,
	/// How many of them finalize.
	pub quorum: usize,
	/// How many relaxed votes end the set; `None` where the 51% rule is off.
	pub relaxed_quorum: Option<usize>,
	/// The 51% rule, while it is in force here.
	pub relaxed: Option<RelaxedStatus>,
	/// This node as a voter; `None` where it holds no key of the set.
	pub voter: Option<VoterStatus>,
	/// Why this node does not vote, in plain words; `None` while it does.
	pub not_voting: Option<String>,
	/// Blocks authored by this node since it started.
	pub authored: u64,
}

/// The 51% rule in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelaxedStatus {
	/// Since when, in milliseconds of Unix time.
	pub since_ms: u64,
	/// The block that changes the voters and waits to become final.
	pub end: BlockRef,
}

/// This node as a voter.
#[derive(Clone, Debug)]
pub struct VoterStatus {
	/// Its place in the set.
	pub index: VoterIndex,
	/// Its key.
	pub key: VoterId,
	/// The last block that it prevoted.
	pub last_prevote: BlockRef,
	/// The highest slot of a prevote of its own off that chain.
	pub other_branch_slot: u64,
	/// The block that it is locked on.
	pub lock: BlockRef,
}

/// Shared by everything that shows consensus to people.
#[derive(Clone)]
pub struct ConsensusHandle {
	status: Arc<RwLock<Status>>,
	certificates: broadcast::Sender<Certificate>,
}

impl Default for ConsensusHandle {
	fn default() -> Self {
		Self {
			status: Default::default(),
			certificates: broadcast::channel(CERTIFICATE_BUFFER).0,
		}
	}
}

impl ConsensusHandle {
	/// The status now.
	pub fn status(&self) -> Status {
		self.status.read().clone()
	}

	/// Changes the status.
	pub fn update(&self, change: impl FnOnce(&mut Status)) {
		change(&mut self.status.write());
	}

	/// Tells every subscriber of a certificate.
	pub fn announce(&self, certificate: Certificate) {
		// An error only says that nobody listens.
		let _ = self.certificates.send(certificate);
	}

	/// Certificates of both phases from now on.
	pub fn certificates(&self) -> broadcast::Receiver<Certificate> {
		self.certificates.subscribe()
	}
}
