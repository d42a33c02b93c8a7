//! The 51% rule: when it is in force, what is cast under it, and which relaxed votes count.

use super::Core;
use crate::{
	events::{Action, Now},
	rules::Rules,
	types::*,
	Refused,
};

/// Where the rule stands.
#[derive(Clone, Debug)]
pub(super) struct Relaxed<H, S> {
	/// How many relaxed votes make a certificate; `None` if the rule is off.
	pub(super) quorum: Option<usize>,
	/// Without finality for this long while an end is pending, it comes into force.
	pub(super) after_ms: u64,
	/// Since when it is in force.
	pub(super) since_ms: Option<u64>,
	/// A certificate of relaxed prevotes, the highest, of which it is not known yet whether what it decides ends the
	/// set.
	pub(super) unproven: Option<Certificate<H, S>>,
}

impl<H, S> Relaxed<H, S> {
	pub(super) fn new(quorum: Option<usize>, after_ms: u64) -> Self {
		Self {
			quorum,
			after_ms,
			since_ms: None,
			unproven: None,
		}
	}
}

impl<H: BlockHash, S: Clone, R: Rules> Core<H, S, R> {
	/// How many relaxed votes make a certificate; `None` if the 51% rule is off.
	pub fn relaxed_quorum(&self) -> Option<usize> {
		self.relaxed.quorum
	}

	/// Since when the 51% rule is in force here, in milliseconds of [`Now::ms`]; `None` while it is not. An observer
	/// has it in force as a voter has.
	pub fn relaxed_since(&self) -> Option<u64> {
		self.relaxed.since_ms.filter(|_| !self.ended)
	}

	/// The block on the head's chain that ends the set, as long as it is not final.
	pub fn pending_end(&self) -> Option<BlockRef<H>> {
		self.tree.end_of(&self.tree.head().hash).filter(|_| !self.ended)
	}

	/// Whether the rule is in force: for some time nothing became final, and the head's chain changes the voters. It
	/// may come into force by this; then the last prevote and the Commit on the lock are cast anew. Locks and rules
	/// stay as they are.
	pub(super) fn relax(&mut self, now: Now) {
		let waited = now.ms.saturating_sub(self.progress_ms.unwrap_or(now.ms)) >= self.relaxed.after_ms;
		if self.relaxed.quorum.is_none() || !waited || self.pending_end().is_none() {
			self.relaxed.since_ms = None;
			return;
		}
		if self.relaxed.since_ms.is_none() {
			self.relaxed.since_ms = Some(now.ms);
			self.cast_relaxed(Phase::Prevote, self.state.last_prevote);
			self.cast_relaxed(Phase::Commit, self.state.lock);
		}
	}

	/// Casts the last vote of a phase under the relaxed flag, if the rule is in force and the block decides the end of
	/// the set.
	pub(super) fn cast_relaxed(&mut self, phase: Phase, block: BlockRef<H>) {
		let counts = R::relaxed_votes_count(self.tree.end_of(&block.hash).is_some());
		let is_due = self.relaxed.since_ms.is_some() && counts && self.own.is_unsigned(phase, true);
		if is_due && self.can_cast(&block) {
			self.put(self.vote_on(phase, block, true));
		}
	}

	/// Whether relaxed votes may decide this block. Of one that is not known that remains to be seen.
	pub(super) fn may_relax(&self, block: &BlockRef<H>) -> bool {
		let unknown = block.slot > self.tree.root().slot && self.tree.get(&block.hash).is_none();
		self.relaxed.quorum.is_some() && (unknown || R::relaxed_votes_count(self.tree.is_end(block)))
	}

	/// Relaxed prevotes prove nothing before what they decide is here and is seen to end the set.
	pub(super) fn wait(
		&mut self,
		certificate: Certificate<H, S>,
		decides: BlockRef<H>,
		out: &mut Vec<Action<H, S>>,
	) -> Result<(), Refused> {
		self.is_news_to_wait(&certificate.vote.block)?;
		self.relaxed.unproven = Some(certificate);
		out.push(Action::Fetch(decides));
		Ok(())
	}

	/// Whether a certificate of relaxed prevotes of this block is to wait rather than the one that does.
	pub(super) fn is_news_to_wait(&self, block: &BlockRef<H>) -> Result<(), Refused> {
		match &self.relaxed.unproven {
			Some(known) if known.vote.block == *block => Err(Refused::Duplicate),
			Some(known) if known.vote.block.slot >= block.slot => Err(Refused::Stale),
			_ => Ok(()),
		}
	}
}
