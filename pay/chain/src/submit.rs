//! Brings calls to the chain.

use crate::{
	calls::{Order, Submission, Way},
	error::LedgerError,
	ledger::Ledger,
	tips::{self, Carried, Tips},
	LOG_TARGET,
};
use channel_primitives::{Balance, ChannelId, Hash};
use codec::Encode;
use sp_crypto_hashing::blake2_256;
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;

/// How many calls are on their way at most. What is beyond is made again by the machine, later.
pub const MOST_IN_FLIGHT: usize = 256;
/// How many of these show conditions at most. A partner can have us show as many as it has locks that it does not pay:
/// closes, answers and what ends channels find the other places free.
pub const MOST_SHOWN: usize = 192;

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

/// What is known of calls that are on their way, or were.
#[derive(Debug, Default)]
struct Calls {
	/// Those on their way, and whether each shows a condition.
	in_flight: HashMap<Hash, bool>,
	/// Tips that were not enough, of those that are not on their way now.
	tips: HashMap<Hash, Balance>,
}

impl Calls {
	/// Whether one more may be on its way.
	fn has_place(&self, shows: bool) -> bool {
		let shown = self.in_flight.values().filter(|shows| **shows).count();
		self.in_flight.len() < MOST_IN_FLIGHT && !(shows && shown >= MOST_SHOWN)
	}
}

/// Brings calls to the chain, each at once and none twice at a time. Cheap to clone; clones are one.
pub struct Submitter<L> {
	ledger: Arc<L>,
	calls: Arc<Mutex<Calls>>,
	reports: mpsc::Sender<Report>,
	tips: Tips,
}

impl<L> Clone for Submitter<L> {
	fn clone(&self) -> Self {
		Self {
			ledger: self.ledger.clone(),
			calls: self.calls.clone(),
			reports: self.reports.clone(),
			tips: self.tips,
		}
	}
}

impl<L: Ledger> Submitter<L> {
	/// To this chain; what becomes of calls is told to `reports`, or to nobody if that is full. There are no tips.
	pub fn new(ledger: Arc<L>, reports: mpsc::Sender<Report>) -> Self {
		Self {
			ledger,
			calls: Arc::default(),
			reports,
			tips: Tips::default(),
		}
	}

	/// The same with tips for what an account signs, where something is at stake.
	#[must_use]
	pub fn with_tips(self, tips: Tips) -> Self {
		Self { tips, ..self }
	}

	fn calls(&self) -> MutexGuard<'_, Calls> {
		self.calls.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// How many are on their way.
	pub fn in_flight(&self) -> usize {
		self.calls().in_flight.len()
	}

	/// Brings it, without a tip. Whether it was begun: not if the same is on its way, or too many are.
	pub fn submit(&self, submission: Submission) -> bool {
		self.submit_for(submission, 0)
	}

	/// The same where so much is at stake, in planck: its tip rises while it is in no block, up to a hundredth of that.
	pub fn submit_for(&self, submission: Submission, stake: Balance) -> bool {
		let name = submission.name();
		let shows = matches!(submission.call, smartchain_channel::Call::Resolve { .. });
		// Signatures are no part of what it does: ours is another one each time if the signer draws numbers.
		let key = blake2_256(&(submission.channel, name, body(&submission)).encode());
		let from = {
			let mut calls = self.calls();
			if !calls.has_place(shows) || calls.in_flight.contains_key(&key) {
				return false;
			}
			calls.in_flight.insert(key, shows);
			calls.tips.remove(&key).unwrap_or(0)
		};
		let this = self.clone();
		tokio::spawn(async move {
			let channel = submission.channel;
			let (way, tips) = (submission.call().0, this.tips.for_stake(stake));
			let order = Order::Core(Box::new(submission));
			let carried = match way {
				Way::Signed => tips::carry(&*this.ledger, &order, tips, from).await,
				Way::Free => Carried {
					result: this.ledger.carry(&order).await,
					tip: 0,
				},
			};
			this.ended(key, carried.tip);
			let result = carried.result.map(drop);
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

	/// A call is not on its way any more. If it is made again, it begins with this tip.
	fn ended(&self, key: Hash, tip: Balance) {
		let mut calls = self.calls();
		calls.in_flight.remove(&key);
		if tip > 0 {
			if calls.tips.len() >= MOST_IN_FLIGHT {
				calls.tips.clear();
			}
			calls.tips.insert(key, tip);
		}
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
