//! What this voter cast itself, so that what it did not cast shows.

use crate::types::{BlockHash, BlockRef, Phase, SignedVote, Slot, VoterState};
use std::collections::BTreeMap;

/// How many own votes of each phase are remembered, the latest.
const KEPT: usize = 1024;

/// What a vote under one's own index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
	/// Cast here.
	Cast,
	/// Of before this process, or longer ago than it remembers: it may well be one's own.
	Unknown,
	/// Not cast by this voter: it would be remembered.
	Foreign,
}

#[derive(Clone, Debug)]
struct Casts<H, S> {
	/// All casts above `since`, and the one at it.
	by_slot: BTreeMap<Slot, BlockRef<H>>,
	/// Below this slot nothing is remembered. Whatever was cast above it, a state that covers it would have been
	/// loaded.
	since: Slot,
	/// Up to this slot the key may have signed anything: the file that would say so was lost.
	forgotten_to: Slot,
	/// The latest, signed, to be sent again: without the relaxed flag and with it.
	signed: [Option<SignedVote<H, S>>; 2],
}

/// The place of a flag among the signed.
const fn place(relaxed: bool) -> usize {
	relaxed as usize
}

impl<H: BlockHash, S: Clone> Casts<H, S> {
	fn new(last: BlockRef<H>, forgotten_to: Slot) -> Self {
		Self {
			by_slot: BTreeMap::from([(last.slot, last)]),
			since: last.slot,
			forgotten_to,
			signed: [None, None],
		}
	}

	fn last(&self) -> Option<BlockRef<H>> {
		self.by_slot.last_key_value().map(|(_, block)| *block)
	}

	fn cast(&mut self, block: BlockRef<H>) {
		self.by_slot.insert(block.slot, block);
		if self.by_slot.len() > KEPT {
			self.by_slot.pop_first();
			self.since = self.by_slot.first_key_value().map_or(block.slot, |(slot, _)| *slot);
		}
	}

	fn origin(&self, block: &BlockRef<H>) -> Origin {
		match self.by_slot.get(&block.slot) {
			Some(cast) if cast == block => Origin::Cast,
			_ if block.slot <= self.forgotten_to || block.slot < self.since => Origin::Unknown,
			_ => Origin::Foreign,
		}
	}
}

/// The own votes.
#[derive(Clone, Debug)]
pub(crate) struct OwnVotes<H, S> {
	prevotes: Casts<H, S>,
	commits: Casts<H, S>,
}

impl<H: BlockHash, S: Clone> OwnVotes<H, S> {
	/// Those of a voter that starts with this state. What it says of other branches is also how far it forgets: a file
	/// that was lost is replaced by one whose `ob` is the horizon, and a Commit above an old lock and below that may be
	/// its own.
	pub(crate) fn new(state: &VoterState<H>) -> Self {
		let forgotten_to = state.other_branch_slot;
		Self {
			prevotes: Casts::new(state.last_prevote, forgotten_to),
			commits: Casts::new(state.lock, forgotten_to),
		}
	}

	fn of(&mut self, phase: Phase) -> &mut Casts<H, S> {
		match phase {
			Phase::Prevote => &mut self.prevotes,
			Phase::Commit => &mut self.commits,
		}
	}

	pub(crate) fn cast(&mut self, phase: Phase, block: BlockRef<H>) {
		self.of(phase).cast(block);
	}

	/// The last cast of a phase.
	pub(crate) fn last_cast(&self, phase: Phase) -> Option<BlockRef<H>> {
		self.casts(phase).last()
	}

	/// Whether another block may be cast in this slot and phase, or this one again: casts are remembered, and only go
	/// up.
	pub(crate) fn may_cast(&self, phase: Phase, block: &BlockRef<H>) -> bool {
		self.last_cast(phase)
			.is_none_or(|last| last == *block || last.slot < block.slot)
	}

	/// Where a vote of this phase on this block, under the own index, comes from.
	pub(crate) fn origin(&self, phase: Phase, block: &BlockRef<H>) -> Origin {
		self.casts(phase).origin(block)
	}

	fn casts(&self, phase: Phase) -> &Casts<H, S> {
		match phase {
			Phase::Prevote => &self.prevotes,
			Phase::Commit => &self.commits,
		}
	}

	/// Whether the last cast's signature under this flag has not come back.
	pub(crate) fn is_unsigned(&self, phase: Phase, relaxed: bool) -> bool {
		let casts = self.casts(phase);
		let signed = casts.signed.get(place(relaxed)).and_then(Option::as_ref);
		signed.map(|signed| signed.vote.block) != casts.last()
	}

	/// Where a vote under the own index comes from; the last cast's signature is kept. The relaxed flag says nothing
	/// here: the same vote under both is nobody's offence.
	pub(crate) fn came_back(&mut self, signed: &SignedVote<H, S>) -> Origin {
		let casts = self.of(signed.vote.phase);
		let origin = casts.origin(&signed.vote.block);
		if origin == Origin::Cast && casts.last() == Some(signed.vote.block) {
			if let Some(kept) = casts.signed.get_mut(place(signed.vote.relaxed)) {
				*kept = Some(signed.clone());
			}
		}
		origin
	}

	/// The last prevote and the Commit on the lock, as far as their signatures came back; the relaxed ones if they are
	/// asked for.
	pub(crate) fn last(&self, relaxed: bool) -> Vec<SignedVote<H, S>> {
		[&self.prevotes, &self.commits]
			.into_iter()
			.flat_map(|casts| {
				let current = move |signed: &&SignedVote<H, S>| casts.last() == Some(signed.vote.block);
				casts.signed.iter().flatten().filter(current)
			})
			.filter(|signed| relaxed || !signed.vote.relaxed)
			.cloned()
			.collect()
	}
}
