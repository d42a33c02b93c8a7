//! What an operator reads: why a node does not vote, and what input was dropped.

use std::fmt;

/// Why this node casts no vote now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
	/// Its key is not in the voter set.
	NotAVoter,
	/// The safety file is missing although the key may have voted before.
	SafetyFileMissing,
	/// The safety file does not read back.
	SafetyFileDamaged,
	/// The safety file could not be written.
	SafetyFileUnwritable,
	/// The vote could not be signed.
	CannotSign,
	/// Its key signed, elsewhere, what this node did not cast.
	SignedElsewhere,
	/// Its operator, or the edge around the core, told it not to.
	Told,
	/// The head is not of a higher slot than the last vote, which was on another branch.
	VotedHigher,
	/// The head is of a slot that the clock has not reached.
	FutureSlot,
	/// It is locked on another branch, and no certificate above the lock is known on the head's.
	Locked,
	/// The head does not extend what is final; the tree is catching up.
	NotAboveFinal,
	/// The voter set has ended; the next one takes over.
	SetEnded,
}

impl Reason {
	/// All of them, for metrics that show each from the start.
	pub const ALL: [Self; 12] = [
		Self::NotAVoter,
		Self::SafetyFileMissing,
		Self::SafetyFileDamaged,
		Self::SafetyFileUnwritable,
		Self::CannotSign,
		Self::SignedElsewhere,
		Self::Told,
		Self::VotedHigher,
		Self::FutureSlot,
		Self::Locked,
		Self::NotAboveFinal,
		Self::SetEnded,
	];

	/// A short name, for metrics.
	pub const fn label(self) -> &'static str {
		match self {
			Self::NotAVoter => "not_a_voter",
			Self::SafetyFileMissing => "safety_file_missing",
			Self::SafetyFileDamaged => "safety_file_damaged",
			Self::SafetyFileUnwritable => "safety_file_unwritable",
			Self::CannotSign => "cannot_sign",
			Self::SignedElsewhere => "signed_elsewhere",
			Self::Told => "told",
			Self::VotedHigher => "voted_higher",
			Self::FutureSlot => "future_slot",
			Self::Locked => "locked",
			Self::NotAboveFinal => "not_above_final",
			Self::SetEnded => "set_ended",
		}
	}

	/// Whether it lasts until the node is started anew. The others pass by themselves.
	pub const fn is_lasting(self) -> bool {
		!matches!(
			self,
			Self::VotedHigher | Self::FutureSlot | Self::Locked | Self::NotAboveFinal | Self::SetEnded
		)
	}
}

impl fmt::Display for Reason {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NotAVoter => "this node's key is not in the voter set",
			Self::SafetyFileMissing => {
				"the safety file is missing, and the key may have voted before; start with the reset flag only if it has not"
			}
			Self::SafetyFileDamaged => "the safety file is damaged; start with the reset flag only after a look at it",
			Self::SafetyFileUnwritable => "the safety file could not be written",
			Self::CannotSign => "the vote could not be signed",
			Self::SignedElsewhere => "another machine signs with this node's key; stop one of them",
			Self::Told => "it was told not to vote",
			Self::VotedHigher => "the head is of no higher slot than the last vote, which was on another branch",
			Self::FutureSlot => "the head is of a slot that the clock has not reached; check the clocks",
			Self::Locked => "it is locked on another branch, and no later certificate is known on the head's",
			Self::NotAboveFinal => "the head does not extend the finalized block",
			Self::SetEnded => "its voter set has ended, and the next one takes over",
		})
	}
}

/// Why one piece of input was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Drop {
	/// At or below what is final, or older than what is kept.
	Stale,
	/// Of a slot that the clock has not nearly reached.
	Future,
	/// Of a voter that the set has not.
	UnknownVoter,
	/// Of another voter set.
	OtherSet,
	/// Cast under the 51% rule for what does not end the set, or in a set without that rule.
	Relaxed,
	/// Known already.
	Duplicate,
	/// A voter's third block in one slot and phase, or a block beyond what is kept of one slot.
	TooMany,
	/// A block whose parent is unknown.
	UnknownParent,
	/// It contradicts itself, or the block that it names.
	Malformed,
	/// A certificate of less than a quorum.
	NoQuorum,
	/// A certificate that contradicts another: more than a third of the voters are Byzantine, or their keys are stolen.
	Conflicting,
}

/// How much input was dropped since the start, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped([u64; Self::ALL.len()]);

impl Dropped {
	const ALL: [(Drop, &'static str); 11] = [
		(Drop::Stale, "stale"),
		(Drop::Future, "future"),
		(Drop::UnknownVoter, "unknown_voter"),
		(Drop::OtherSet, "other_set"),
		(Drop::Relaxed, "relaxed"),
		(Drop::Duplicate, "duplicate"),
		(Drop::TooMany, "too_many"),
		(Drop::UnknownParent, "unknown_parent"),
		(Drop::Malformed, "malformed"),
		(Drop::NoQuorum, "no_quorum"),
		(Drop::Conflicting, "conflicting"),
	];

	/// How often for this reason.
	pub fn count(&self, why: Drop) -> u64 {
		self.0.get(why as usize).copied().unwrap_or(0)
	}

	/// All counts, each with a short name for metrics.
	pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
		Self::ALL.iter().map(|(why, label)| (*label, self.count(*why)))
	}

	pub(crate) fn add(&mut self, why: Drop) {
		if let Some(count) = self.0.get_mut(why as usize) {
			*count = count.saturating_add(1);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_drop_has_its_own_place_and_label() {
		for (place, (why, _)) in Dropped::ALL.iter().enumerate() {
			assert_eq!(*why as usize, place);
		}
		let mut dropped = Dropped::default();
		dropped.add(Drop::Conflicting);
		assert_eq!(dropped.count(Drop::Conflicting), 1);
		assert_eq!(dropped.iter().map(|(_, n)| n).sum::<u64>(), 1);
	}

	#[test]
	fn reasons_read_differently() {
		let texts: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.to_string()).collect();
		let labels: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.label()).collect();
		assert_eq!((texts.len(), labels.len()), (Reason::ALL.len(), Reason::ALL.len()));
	}
}
