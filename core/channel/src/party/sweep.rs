//! What follows from what is known: what has to be paid, taken out, claimed on chain, answered or forgotten.

use super::Pass;
use crate::{
	channel::Channel,
	sheet::{part, steps_of, Fate},
	Action, Checks, Given, GivenStage, Notice, Phase, Refused, Taken, TakenStage,
};
use alloc::vec::Vec;
use channel_primitives::{Balance, Change, ChannelId, LockId, Witness};

impl<C: Checks> Pass<'_, C> {
	pub(super) fn sweep(&mut self, id: ChannelId) {
		if self.gone.contains(&id) {
			return;
		}
		let Ok(mut channel) = self.take(id) else {
			return;
		};
		self.sweep_given(&mut channel);
		self.sweep_taken(&mut channel);
		self.acknowledge(&mut channel);
		self.sweep_phase(&mut channel);
		self.put(channel);
	}

	fn sweep_given(&mut self, channel: &mut Channel) {
		let strict = self.config.is_strict();
		let fates: Vec<(LockId, Fate)> = channel
			.sheet
			.given
			.iter()
			.map(|(id, given)| (*id, channel.sheet.fate(given, self.now, strict)))
			.collect();
		for (id, fate) in fates {
			let Some(given) = channel.sheet.given.get(&id) else {
				continue;
			};
			match fate {
				Fate::Open if self.is_to_be_paid_up(channel, given) => {
					let steps = channel.given_steps(given);
					let amount = part(given.lock.amount, steps, steps_of(&given.condition).unwrap_or(1));
					let _ = self.paid(channel, id, amount, None);
				}
				Fate::Open => (),
				// If it cannot be signed now, it is when the partner is there; and if never, the chain pays it.
				Fate::Owed(amount) => {
					let _ = self.paid(channel, id, amount, None);
				}
				Fate::Dead(reason) => {
					let (from, stage) = (given.from, given.stage);
					if let Some(place) = from {
						self.fail(place, reason);
					}
					let out = stage != GivenStage::Open
						|| channel.is_closed()
						|| channel
							.sign(&[Change::Expired(id)], [0; 32], self.now, &self.config)
							.is_ok();
					if out {
						channel.sheet.given.remove(&id);
						channel.out.remove(&id);
						if from.is_none() {
							self.notices.push(Notice::Failed {
								channel: channel.id(),
								lock: id,
								reason,
							});
						}
					}
				}
			}
		}
		self.forget_reveals(channel);
	}

	/// Whether a chain of hashes has to be paid up, so that its payee need not go to the chain.
	fn is_to_be_paid_up(&self, channel: &Channel, given: &Given) -> bool {
		given.stage == GivenStage::Open
			&& steps_of(&given.condition).is_some()
			&& channel.given_steps(given) > 0
			&& self.now.saturating_add(self.config.pay_up_before) >= given.lock.expiry
			&& channel.may_sign().is_ok()
	}

	/// Pays for a lock that is met, and takes it out. In a channel that is being closed the chain does. Until the close
	/// is final neither is done: the half keeps the lock, and so does the sheet.
	pub(super) fn paid(
		&mut self,
		channel: &mut Channel,
		id: LockId,
		amount: Balance,
		witness: Option<Witness>,
	) -> Result<(), Refused> {
		if !channel.is_closed() {
			channel.sign(&[Change::Met { id, amount }], [0; 32], self.now, &self.config)?;
		}
		channel.out.remove(&id);
		let from = channel.sheet.given.remove(&id).and_then(|given| given.from);
		if from.is_none() {
			self.notices.push(Notice::Paid {
				channel: channel.id(),
				lock: Some(id),
				amount,
				witness,
			});
		}
		Ok(())
	}

	/// Claims on chain what its payer does not pay in time, and closes if that does not help.
	fn sweep_taken(&mut self, channel: &mut Channel) {
		let closing = channel.sheet.is_closing();
		let mut unpaid = false;
		let all: Vec<LockId> = channel.sheet.taken.keys().copied().collect();
		for id in all {
			let Some(taken) = channel.sheet.taken.get(&id) else {
				continue;
			};
			let last = channel.sheet.last_tick(&taken.lock);
			match channel.sheet.counted(&taken.lock) {
				Some(reveal) => {
					let gave_up = matches!(taken.stage, TakenStage::GaveUp(_));
					unpaid |= !gave_up && self.now > reveal.tick.saturating_add(self.config.patience);
				}
				None if self.now <= last && (closing || self.now.saturating_add(self.before(taken)) >= last) => {
					let taken = taken.clone();
					self.actions.extend(channel.resolve(&taken, self.now, &self.config));
				}
				None => (),
			}
			if channel.sheet.is_settled() {
				self.decided(channel, id);
			}
		}
		// Whoever does not pay what the chain knows it owes is not waited for.
		if unpaid && channel.may_sign().is_ok() {
			let _ = self.close_now(channel);
		}
	}

	/// How long before its last tick a lock is claimed on chain.
	fn before(&self, taken: &Taken) -> u32 {
		if taken.relayed {
			self.config.margin / 2
		} else {
			self.config.resolve_before
		}
	}

	/// In a channel that was settled: a lock of which nothing can change any more.
	fn decided(&mut self, channel: &mut Channel, id: LockId) {
		let Some(taken) = channel.sheet.taken.get(&id) else {
			return;
		};
		let counted = channel.sheet.counted(&taken.lock);
		if counted.is_none() && self.now <= channel.sheet.last_tick(&taken.lock) {
			return;
		}
		if let (Some(reveal), TakenStage::Held | TakenStage::Onward(_) | TakenStage::Met(_)) = (counted, &taken.stage) {
			self.notices.push(Notice::Received {
				channel: channel.id(),
				amount: reveal.share_of(taken.lock.amount),
				memo: [0; 32],
				lock: Some(id),
				relayed: taken.relayed,
			});
		}
		channel.sheet.taken.remove(&id);
	}

	/// Our ack sets the partner's money free that was in a lock which we gave up, and makes its old halves void.
	fn acknowledge(&mut self, channel: &mut Channel) {
		let acked = channel.sheet.signed.map_or(0, |half| half.ack);
		let wanted = channel.sheet.ack_wanted;
		let strict = self.config.is_strict() && channel.sheet.receipt < wanted;
		if acked < wanted && !strict && channel.may_sign().is_ok() {
			let _ = channel.sign(&[], [0; 32], self.now, &self.config);
		}
	}

	fn sweep_phase(&mut self, channel: &mut Channel) {
		if let Phase::Parting { close, .. } = &channel.sheet.phase {
			// A final block beyond its expiry: it can come no more.
			if self.now > close.expiry {
				channel.sheet.phase = Phase::Open;
			}
		}
		let (now, config) = (self.now, self.config);
		channel.sheet.forget_withdrawals(now);
		if let Phase::Settled { pending } = channel.sheet.phase {
			self.actions.extend(channel.unlocks(now, &config));
			let kept_back = pending.low.is_some() || pending.high.is_some();
			if !kept_back && channel.sheet.given.is_empty() && channel.sheet.taken.is_empty() {
				self.notices.push(Notice::Gone(channel.id()));
				self.gone.insert(channel.id());
			}
			return;
		}
		let mut out: Vec<Action> = Vec::new();
		if channel.sheet.seen.is_some() {
			out.extend(channel.answers(now, &config));
		} else {
			out.extend(channel.close(now, &config));
			out.extend(channel.part(now, &config));
			if channel.sheet.phase == Phase::Open {
				out.extend(channel.take_out(now, &config));
				out.extend(channel.rekey(now, &config));
			}
		}
		self.actions.extend(out);
	}

	/// Reveals are kept while a lock here needs them.
	fn forget_reveals(&self, channel: &mut Channel) {
		let mut reveals = core::mem::take(&mut channel.sheet.reveals);
		let kept_back = channel.sheet.is_closing();
		reveals.retain(|condition, _| kept_back || channel.sheet.knows(condition));
		channel.sheet.reveals = reveals;
	}
}
