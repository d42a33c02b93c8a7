//! What an operator reads: why a node does not vote, and what input was refused.

use crate::types::Slot;
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
	/// An invariant of the core does not hold: it falls silent rather than sign.
	Inconsistent,
	/// Its safety file is new, so that it does not know what its key signed up to a slot. It votes once a block of a
	/// slot above that one is final here and the node is in sync: what is forgotten then lies below what is final.
	Forgotten {
		/// The highest slot in which the key may have signed what is forgotten.
		horizon: Slot,
	},
	/// It has just started, and listens first for what its key may have signed before.
	Listening,
	/// Its clock was set, and nobody has borne out the new time.
	ClockDoubted,
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
	pub const ALL: [Self; 16] = [
		Self::NotAVoter,
		Self::SafetyFileMissing,
		Self::SafetyFileDamaged,
		Self::SafetyFileUnwritable,
		Self::CannotSign,
		Self::SignedElsewhere,
		Self::Told,
		Self::Inconsistent,
		Self::Forgotten { horizon: 0 },
		Self::Listening,
		Self::ClockDoubted,
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
			Self::Inconsistent => "inconsistent",
			Self::Forgotten { .. } => "forgotten",
			Self::Listening => "listening",
			Self::ClockDoubted => "clock_doubted",
			Self::VotedHigher => "voted_higher",
			Self::FutureSlot => "future_slot",
			Self::Locked => "locked",
			Self::NotAboveFinal => "not_above_final",
			Self::SetEnded => "set_ended",
		}
	}

	/// Whether it lasts until the node is started anew. The others pass by themselves.
	pub const fn is_lasting(self) -> bool {
		match self {
			Self::NotAVoter
			| Self::SafetyFileMissing
			| Self::SafetyFileDamaged
			| Self::SafetyFileUnwritable
			| Self::CannotSign
			| Self::SignedElsewhere
			| Self::Told
			| Self::Inconsistent => true,
			Self::Forgotten { .. }
			| Self::Listening
			| Self::ClockDoubted
			| Self::VotedHigher
			| Self::FutureSlot
			| Self::Locked
			| Self::NotAboveFinal
			| Self::SetEnded => false,
		}
	}
}

impl fmt::Display for Reason {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if let Self::Forgotten { horizon } = self {
			return write!(
				f,
				"its safety file is new, and what its key signed up to slot {horizon} is not known; it votes once a \
				 block above that slot is final here and the node is in sync"
			);
		}
		f.write_str(match self {
			Self::NotAVoter => "this node's key is not in the voter set",
			Self::SafetyFileMissing => {
				"the safety file is missing, and the key may have voted before; start with the reset flag only if it \
				 has not"
			}
			Self::SafetyFileDamaged => "the safety file is damaged; start with the reset flag only after a look at it",
			Self::SafetyFileUnwritable => "the safety file could not be written",
			Self::CannotSign => "the vote could not be signed",
			Self::SignedElsewhere => "another machine signs with this node's key; stop one of them",
			Self::Told => "it was told not to vote",
			Self::Inconsistent => {
				"the voter contradicts itself, which is a fault of the program: report it with the log, and start the \
				 node anew"
			}
			// Said above, with the slot.
			Self::Forgotten { .. } => "its safety file is new",
			Self::Listening => "it has just started, and listens a second for what its key may have signed before",
			Self::ClockDoubted => "its clock was set, and no others have borne out the new time; check the clock",
			Self::VotedHigher => "the head is of no higher slot than the last vote, which was on another branch",
			Self::FutureSlot => "the head is of a slot that the clock has not reached; check the clocks",
			Self::Locked => "it is locked on another branch, and no later certificate is known on the head's",
			Self::NotAboveFinal => "the head does not extend the finalized block",
			Self::SetEnded => "its voter set has ended, and the next one takes over",
		})
	}
}

/// Why one piece of input was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refused {
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
	/// A voter's third block in one slot and phase; or a block that was let go to make room for another.
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

/// How much input was refused since the start, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals([u64; Self::ALL.len()]);

impl Refusals {
	const ALL: [(Refused, &'static str); 11] = [
		(Refused::Stale, "stale"),
		(Refused::Future, "future"),
		(Refused::UnknownVoter, "unknown_voter"),
		(Refused::OtherSet, "other_set"),
		(Refused::Relaxed, "relaxed"),
		(Refused::Duplicate, "duplicate"),
		(Refused::TooMany, "too_many"),
		(Refused::UnknownParent, "unknown_parent"),
		(Refused::Malformed, "malformed"),
		(Refused::NoQuorum, "no_quorum"),
		(Refused::Conflicting, "conflicting"),
	];

	/// How often for this reason.
	pub fn count(&self, why: Refused) -> u64 {
		self.0.get(why as usize).copied().unwrap_or(0)
	}

	/// All counts, each with a short name for metrics.
	pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
		Self::ALL.iter().map(|(why, label)| (*label, self.count(*why)))
	}

	pub(crate) fn add(&mut self, why: Refused) {
		if let Some(count) = self.0.get_mut(why as usize) {
			*count = count.saturating_add(1);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_refusal_has_its_own_place_and_label() {
		for (place, (why, _)) in Refusals::ALL.iter().enumerate() {
			assert_eq!(*why as usize, place);
		}
		let mut refusals = Refusals::default();
		refusals.add(Refused::Conflicting);
		assert_eq!(refusals.count(Refused::Conflicting), 1);
		assert_eq!(refusals.iter().map(|(_, n)| n).sum::<u64>(), 1);
	}

	#[test]
	fn reasons_read_differently() {
		let texts: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.to_string()).collect();
		let labels: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.label()).collect();
		assert_eq!((texts.len(), labels.len()), (Reason::ALL.len(), Reason::ALL.len()));
		assert!(Reason::Forgotten { horizon: 77 }.to_string().contains("slot 77"));
	}
}
