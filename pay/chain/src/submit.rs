//! Brings calls to the chain.

use crate::{
	calls::{Order, Submission},
	error::LedgerError,
	ledger::Ledger,
	LOG_TARGET,
};
use channel_primitives::{ChannelId, Hash};
use codec::Encode;
use sp_crypto_hashing::blake2_256;
use std::{
	collections::HashSet,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;

/// How many calls are on their way at most. What is beyond is made again by the machine, later.
pub const MOST_IN_FLIGHT: usize = 256;

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
	/// The channel.
	pub channel: ChannelId,
	/// The call, by its name.
	pub call: &'static str,
	/// Whether it was taken (free ones) or is final (signed ones), or why not.
	pub result: Result<(), LedgerError>,
}

/// Brings calls to the chain, each at once and none twice at a time. Cheap to clone; clones are one.
pub struct Submitter<L> {
	ledger: Arc<L>,
	in_flight: Arc<Mutex<HashSet<Hash>>>,
	reports: mpsc::Sender<Report>,
}

impl<L> Clone for Submitter<L> {
	fn clone(&self) -> Self {
		Self {
			ledger: self.ledger.clone(),
			in_flight: self.in_flight.clone(),
			reports: self.reports.clone(),
		}
	}
}

impl<L: Ledger> Submitter<L> {
	/// To this chain; what becomes of calls is told to `reports`, or to nobody if that is full.
	pub fn new(ledger: Arc<L>, reports: mpsc::Sender<Report>) -> Self {
		Self {
			ledger,
			in_flight: Arc::default(),
			reports,
		}
	}

	fn set(&self) -> MutexGuard<'_, HashSet<Hash>> {
		self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// How many are on their way.
	pub fn in_flight(&self) -> usize {
		self.set().len()
	}

	/// Brings it. Whether it was begun: not if the same is on its way, or too many are.
	pub fn submit(&self, submission: Submission) -> bool {
		let name = submission.name();
		// Signatures are no part of what it does: ours is another one each time if the signer draws numbers.
		let key = blake2_256(&(submission.channel, name, body(&submission)).encode());
		{
			let mut set = self.set();
			if set.len() >= MOST_IN_FLIGHT || !set.insert(key) {
				return false;
			}
		}
		let this = self.clone();
		tokio::spawn(async move {
			let channel = submission.channel;
			let result = this.ledger.carry(&Order::Core(Box::new(submission))).await.map(drop);
			this.set().remove(&key);
			if let Err(error) = &result {
				log::debug!(target: LOG_TARGET, "{name} of channel {channel}: {error}");
			}
			let _ = this.reports.try_send(Report {
				channel,
				call: name,
				result,
			});
		});
		true
	}
}

/// What tells two calls of one name and channel apart.
fn body(submission: &Submission) -> Vec<u8> {
	use smartchain_channel::Call;
	match &submission.call {
		Call::Close { claim, .. } => claim.body.encode(),
		Call::Update { half, .. } => half.body.encode(),
		Call::Prove { half, .. } => half.body.encode(),
		Call::CloseRecovery { claim, .. } => claim.encode(),
		Call::Resync { word, .. } => word.body.encode(),
		Call::Resolve { condition, .. } => condition.hash().to_vec(),
		Call::CloseTogether { close, .. } => close.encode(),
		Call::Withdraw { withdraw, .. } => withdraw.encode(),
		Call::Rekey { rekey, .. } => rekey.encode(),
		Call::Settle => Vec::new(),
		Call::Unlock { side, .. } => side.encode(),
	}
}
