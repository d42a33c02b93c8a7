//! What the machine asks for.

use super::{name_of, Edge};
use crate::{
	calls,
	input::{Input, Written},
	jobs::{self, Fault},
	LOG_TARGET,
};
use smart_agent_chain::{ChainError, Refusal as Said};
use smart_agent_market::{Action, Deed, DeedKey, Failure, JobId, Outcome, Record, Refusal, SlotKey, Work};
use smart_agent_slots::Cancel;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::timeout;

/// Deeds that are on their way at a time.
const MAX_SENDING: usize = 64;
/// Of these, those that an account signs: each may take two minutes, and answers are not to wait for that.
const MAX_SIGNING: usize = 8;
/// How long the node may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what is signed may take to be in a block.
const SIGNED_PATIENCE: Duration = Duration::from_secs(120);

impl Edge {
	pub(super) fn act(&mut self, action: Action) {
		match action {
			Action::Begin { job, key, work } => self.begin(job, key, work),
			Action::Cancel(job) => {
				if let Some(cancel) = self.jobs.get(&job) {
					cancel.cancel();
				}
			}
			Action::Keep(deed) => {
				let key = deed.key;
				if !self.keeper.write(Record::Kept(deed)) {
					self.later(Input::Written(Written::Deed(key, false)));
				}
			}
			Action::KeepVoucher(voucher) => {
				if !self.keeper.write(Record::Voucher(voucher.clone())) {
					self.later(Input::Written(Written::Voucher(voucher, false)));
				}
			}
			Action::Submit(deed) => self.submit(deed),
			Action::Forget(key) => self.keeper.note(Record::Forgotten(key)),
			Action::Redeemed { key, total } => self.keeper.note(Record::Redeemed(key, total)),
			Action::Settled(key) => {
				self.desk.settled(key);
				self.keeper.note(Record::Settled(key));
			}
			Action::KeepOwed(debts) => self.keeper.note(Record::Owes(debts)),
			Action::KeepReport(report) => self.keeper.note(Record::Report(report)),
			Action::Explain(missed) => {
				let what = if missed.challenge {
					"A challenge of slot"
				} else {
					"Slot"
				};
				let how = if missed.challenge {
					"missed"
				} else {
					"not confirmed in time"
				};
				tracing::warn!(target: LOG_TARGET, "{what} {} was {how}: {}", missed.key, missed.why);
				self.teller.missed(&missed);
			}
		}
	}

	/// Tells oneself, after what is being done now.
	fn later(&mut self, input: Input) {
		let told = self.told.clone();
		self.tasks.spawn(async move {
			let _ = told.send(input).await;
		});
	}

	/// Begins work. That of this disk alone goes to a thread at once; what is built from others needs their addresses.
	fn begin(&mut self, job: JobId, key: SlotKey, work: Work) {
		let cancel = Cancel::default();
		self.jobs.insert(job, cancel.clone());
		let (told, store) = (self.told.clone(), self.store.clone());
		let (builder, desk) = (self.builder.clone(), self.desk.clone());
		let builds = matches!(work, Work::Repair { .. } | Work::Mend { .. });
		if builds {
			tracing::info!(target: LOG_TARGET, "Slot {key} is built from others, wholly or in parts");
		}
		// Not among the tasks that are aborted: that it has ended is told always, and threads cannot be aborted.
		tokio::spawn(async move {
			let view = match builds {
				true => desk.deal(key.deal).await,
				false => None,
			};
			let done = tokio::task::spawn_blocking(move || {
				let unix = SystemTime::now()
					.duration_since(UNIX_EPOCH)
					.unwrap_or_default()
					.as_secs();
				match (&work, view) {
					(Work::Repair { root }, Some(view)) => builder.repair(&view.view, key, root, &cancel),
					(Work::Mend { root, groups }, Some(view)) => builder.mend(&view.view, key, root, groups, &cancel),
					(Work::Repair { .. } | Work::Mend { .. }, None) => Err(Fault {
						failure: Failure::TooFew,
						words: format!("the chain does not say who holds deal {}", key.deal),
					}),
					_ => jobs::work(&store, key, &work, unix, &cancel),
				}
			});
			let done = done.await.unwrap_or_else(|error| {
				Err(Fault {
					failure: Failure::Disk,
					words: error.to_string(),
				})
			});
			let _ = told.send(Input::Done { job, done }).await;
		});
	}

	fn submit(&mut self, deed: Deed) {
		let key = deed.key;
		let most = if key.is_signed() { MAX_SIGNING } else { MAX_SENDING };
		if self.tasks.len() >= most {
			return self.later(Input::Sent {
				key,
				outcome: Outcome::Refused(Refusal::Full),
				words: String::new(),
			});
		}
		tracing::debug!(target: LOG_TARGET, "{} is sent", name_of(&key));
		let (node, told) = (self.setup.node.clone(), self.told.clone());
		let (device, pair) = (self.setup.device, self.setup.key.clone());
		let hand = self.setup.hand.clone();
		self.tasks.spawn(async move {
			let sent = match (calls::signed_call(&deed), hand) {
				(Some(call), Some(hand)) => timeout(SIGNED_PATIENCE, hand.send(&call)).await,
				(Some(_), None) => Ok(Err(ChainError::Signer("no account signs here".into()))),
				(None, _) => timeout(PATIENCE, node.submit(&device, &pair, &deed)).await,
			};
			let (outcome, words) = match sent {
				// What is signed was waited for.
				Ok(Ok(())) if key.is_signed() => (Outcome::Included, String::new()),
				Ok(Ok(())) => (Outcome::Pooled, String::new()),
				Ok(Err(error)) => outcome_of(&key, &error),
				// It may be in a block: sent again it would be paid twice.
				Err(_) if key.is_signed() => (Outcome::Refused(Refusal::Other), "it was in no block in time".into()),
				Err(_) => {
					let words = "the node did not answer in 10 s".into();
					(Outcome::Refused(Refusal::Unreachable), words)
				}
			};
			let _ = told.send(Input::Sent { key, outcome, words }).await;
		});
	}
}

/// What a node's answer means for a deed, with words if somebody should read them.
fn outcome_of(key: &DeedKey, error: &ChainError) -> (Outcome, String) {
	let refusal = match error {
		ChainError::Rejected(said) => refusal(said),
		ChainError::Dispatch { pallet, error, .. } if pallet == calls::PALLET => match error.as_str() {
			"NothingNew" => Refusal::Stale,
			"BadSignature" | "AboveLimit" | "UnknownDeal" | "NotHeld" => Refusal::Wrong,
			_ => Refusal::Other,
		},
		ChainError::Poor { .. } => Refusal::Payment,
		ChainError::Lost { .. } | ChainError::Timeout { .. } | ChainError::NoState(_) => Refusal::Unreachable,
		_ => Refusal::Other,
	};
	// What was there before, or has no room for a moment, is no news.
	let quiet =
		matches!(refusal, Refusal::Stale | Refusal::Ahead | Refusal::Full) && !matches!(key, DeedKey::Redeem { .. });
	let words = if quiet { String::new() } else { error.to_string() };
	(Outcome::Refused(refusal), words)
}

fn refusal(said: &Said) -> Refusal {
	match said {
		Said::Stale | Said::Banned => Refusal::Stale,
		Said::Ahead | Said::Future => Refusal::Ahead,
		Said::Exhausted | Said::PoolFull | Said::LowPriority => Refusal::Full,
		Said::BadProof | Said::NotMade => Refusal::Wrong,
		Said::BadSigner => Refusal::NotEntitled,
		Said::Payment => Refusal::Payment,
		Said::Call | Said::Ancient | Said::Custom(_) | Said::Other(_) => Refusal::Other,
	}
}
