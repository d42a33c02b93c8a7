//! What final blocks say.

use super::Pass;
use crate::{channel::Channel, Block, Checks, Fact, Notice, Phase, Reason, Refused, Seen};
use alloc::vec::Vec;
use channel_primitives::{ChannelId, Dispute, Hash, Locks, Reveal};

impl<C: Checks> Pass<'_, C> {
	pub(super) fn on_final(&mut self, block: Block) -> Result<(), Refused> {
		self.now = self.now.max(block.tick);
		for fact in block.facts {
			// What is no longer here is nobody's concern: a channel that is gone.
			let _ = self.fact(fact);
		}
		let waiting: Vec<ChannelId> = self
			.channels
			.iter()
			.filter(|(_, channel)| waits(channel))
			.map(|(id, _)| *id)
			.collect();
		for id in waiting {
			let mut channel = self.take(id)?;
			channel.keep_steps();
			self.put(channel);
		}
		Ok(())
	}

	fn fact(&mut self, fact: Fact) -> Result<(), Refused> {
		match fact {
			Fact::Opened(opened) => self.open(opened, Phase::Open),
			Fact::Stake { channel, stake } => {
				let mut channel = self.take(channel)?;
				channel.sheet.opened.stake = stake;
				self.put(channel);
				Ok(())
			}
			Fact::Keys { channel, keys } => self.on_keys(channel, keys),
			Fact::Revealed { condition, reveal } => {
				self.revealed(condition, reveal);
				Ok(())
			}
			Fact::Closing {
				channel,
				dispute,
				claim_locks,
			} => self.on_closing(channel, dispute, claim_locks, true),
			Fact::Open { channel } => {
				let mut channel = self.take(channel)?;
				channel.sheet.seen = None;
				channel.closed = false;
				self.put(channel);
				Ok(())
			}
			Fact::Settled { channel, pending } => {
				let mut channel = self.take(channel)?;
				channel.sheet.phase = Phase::Settled { pending };
				self.put(channel);
				Ok(())
			}
			Fact::Gone { channel } => self.on_gone(channel),
		}
	}

	/// Every channel with a lock over the condition learns of it. First wins, as on the chain.
	fn revealed(&mut self, condition: Hash, reveal: Reveal) {
		let known = |channel: &&Channel| channel.sheet.knows(&condition);
		let mut ids: Vec<ChannelId> = self.channels.values().filter(known).map(Channel::id).collect();
		ids.extend(self.touched.values().filter(known).map(Channel::id));
		for id in ids {
			if let Ok(mut channel) = self.take(id) {
				channel.sheet.reveals.entry(condition).or_insert(reveal);
				self.put(channel);
			}
		}
	}

	/// A side closes alone: nothing is signed from now on, and it is answered. `is_final`: a final block says so.
	pub(super) fn on_closing(
		&mut self,
		id: ChannelId,
		dispute: Dispute,
		claim_locks: Option<Locks>,
		is_final: bool,
	) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		channel.closed |= is_final;
		let sheet = &mut channel.sheet;
		let before = sheet.seen.take();
		let is_new = before.as_ref().is_none_or(|seen| seen.dispute.closer != dispute.closer);
		let of_ours = match &sheet.phase {
			Phase::Closing { locks, .. } | Phase::Recovering { locks, .. } if dispute.claim.has(locks) => {
				Some(locks.clone())
			}
			_ => None,
		};
		let claim_locks = claim_locks
			.or(before.and_then(|seen| seen.claim_locks))
			.or(of_ours)
			.filter(|locks| dispute.claim.has(locks));
		if is_new && dispute.closer != sheet.side() {
			self.notices.push(Notice::Disputed {
				channel: id,
				deadline: dispute.deadline,
			});
		}
		for lock in claim_locks.iter().flat_map(Locks::as_slice) {
			if let Some(reveal) = self.checks.revealed(&lock.condition) {
				sheet.reveals.entry(lock.condition).or_insert(reveal);
			}
		}
		sheet.seen = Some(Seen { dispute, claim_locks });
		self.put(channel);
		Ok(())
	}

	/// Nothing in it can be claimed any more.
	fn on_gone(&mut self, id: ChannelId) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		for (lock, given) in core::mem::take(&mut channel.sheet.given) {
			match given.from {
				Some(place) => self.fail(place, Reason::Gone),
				None => self.notices.push(Notice::Failed {
					channel: id,
					lock,
					reason: Reason::Gone,
				}),
			}
		}
		self.notices.push(Notice::Gone(id));
		self.put(channel);
		self.gone.insert(id);
		Ok(())
	}
}

/// Whether the passing of time can change anything in a channel.
fn waits(channel: &Channel) -> bool {
	let sheet = &channel.sheet;
	sheet.phase != Phase::Open
		|| sheet.seen.is_some()
		|| sheet.is_withdrawing()
		|| sheet.renewal.is_some()
		|| !sheet.given.is_empty()
		|| !sheet.taken.is_empty()
}
