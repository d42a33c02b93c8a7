//! The invariants of the core, as numbered at [`Core`]: all of them for tests, and those of a vote for every vote.

use super::Core;
use crate::{rules::Rules, types::*, Reason};

impl<H: BlockHash, S: Clone, R: Rules> Core<H, S, R> {
	/// Whether all invariants hold, those of the tree included. It looks at everything, and is for tests.
	///
	/// # Errors
	/// The one that does not, by its number.
	pub fn check(&self) -> Result<(), &'static str> {
		let hold = |holds: bool, invariant| if holds { Ok(()) } else { Err(invariant) };
		self.tree.check()?;
		let root = self.tree.root();
		let state = &self.state;
		hold(state.other_branch_slot <= state.last_prevote.slot, "C1")?;
		hold(self.casts.is_empty() && *state == self.told_state, "C2")?;
		if self.why_not_voting() != Some(Reason::Inconsistent) {
			let last = [Phase::Prevote, Phase::Commit].map(|phase| self.own.last_cast(phase));
			hold(last == [Some(state.last_prevote), Some(state.lock)], "C3")?;
		}
		hold(self.ended || self.tally.check(root.slot), "C4")?;
		hold(self.certificates.check(root.slot), "C5")?;
		for Certificate { vote, .. } in self.certificates.iter() {
			let is_here = self.tree.get(&vote.block.hash) == Some(vote.block);
			hold(!is_here || self.tree.is_certified(&vote.block), "C5")?;
		}
		let pending = self.pending.as_ref().map(Self::final_by);
		let unproven = self.relaxed.unproven.as_ref().map(|c| c.vote.decides());
		for block in pending.into_iter().chain(unproven) {
			hold(
				block.slot > root.slot && self.tree.get(&block.hash) != Some(block),
				"C6",
			)?;
		}
		hold(
			self.finality.as_ref().is_none_or(|proof| Self::final_by(proof) == root),
			"C7",
		)?;
		hold(self.told_head == self.tree.head() || self.ended, "C8")
	}

	/// Whether this vote keeps *C1*, *C2* and *C3*, and is of a block that this voter may speak of. It costs a few
	/// comparisons, and is looked at before anything is signed.
	pub(super) fn is_sound(&self, vote: &Vote<H>) -> bool {
		let (state, told) = (&self.state, &self.told_state);
		let covers = match vote.phase {
			Phase::Prevote => state.last_prevote,
			Phase::Commit => state.lock,
		};
		let c1 = state.other_branch_slot <= state.last_prevote.slot;
		let c2 = state.last_prevote.slot >= told.last_prevote.slot
			&& state.other_branch_slot >= told.other_branch_slot
			&& state.lock.slot >= told.lock.slot;
		let c3 = covers == vote.block && self.own.may_cast(vote.phase, &vote.block);
		let speaks = self.can_cast(&vote.block) && (!vote.relaxed || self.relaxed.quorum.is_some());
		c1 && c2 && c3 && speaks
	}
}
