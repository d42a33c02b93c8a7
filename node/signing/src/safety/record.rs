//! What is recorded, and in which order it may change.

use bft_finality_primitives::{BlockRef, SetId};
use codec::{Decode, Encode};

/// What a voter must not forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Record {
	/// The voter set in which it votes.
	pub set_id: SetId,
	/// The last block that it prevoted ("lp").
	pub last_prevote: BlockRef,
	/// The highest slot of a prevote of its own that is not on that block's chain ("ob"); 0 where there is none.
	pub other_branch_slot: u64,
	/// The block of its last Commit.
	pub lock: BlockRef,
	/// The slot of the last block that it authored; 0 where there is none.
	pub last_authored_slot: u64,
}

/// A record that would take back an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Regression {
	/// Something that only grows would shrink.
	#[error("{what} would go back from {from} to {to}")]
	Lower {
		/// What.
		what: &'static str,
		/// Its value on disk.
		from: u64,
		/// The value asked for.
		to: u64,
	},
	/// Two blocks in one slot.
	#[error("{what} would name a second block in slot {slot}")]
	OtherBlock {
		/// What.
		what: &'static str,
		/// The slot.
		slot: u64,
	},
	/// A prevote off the last one's chain that is later than the last one.
	#[error("the other branch's slot {other_branch} is above that of the last prevote, {last_prevote}")]
	Incoherent {
		/// [`Record::other_branch_slot`].
		other_branch: u64,
		/// The slot of [`Record::last_prevote`].
		last_prevote: u64,
	},
}

impl Record {
	/// Whether this record can be followed by `next`: within a set neither prevote, lock nor other branch go back, nor
	/// do they name two blocks in a slot; the set and the last authored slot never go back. A new set starts from its
	/// own block, which may lie below what was voted on in the old one.
	///
	/// # Errors
	/// The first thing that would.
	pub fn may_become(&self, next: &Self) -> Result<(), Regression> {
		not_lower("the voter set", self.set_id, next.set_id)?;
		not_lower(
			"the last authored slot",
			self.last_authored_slot,
			next.last_authored_slot,
		)?;
		if next.set_id == self.set_id {
			not_behind("the last prevote", &self.last_prevote, &next.last_prevote)?;
			not_behind("the lock", &self.lock, &next.lock)?;
			not_lower(
				"the other branch's slot",
				self.other_branch_slot,
				next.other_branch_slot,
			)?;
		}
		next.is_coherent()
	}

	/// Whether its parts fit together.
	pub(super) fn is_coherent(&self) -> Result<(), Regression> {
		if self.other_branch_slot > self.last_prevote.slot {
			return Err(Regression::Incoherent {
				other_branch: self.other_branch_slot,
				last_prevote: self.last_prevote.slot,
			});
		}
		Ok(())
	}
}

fn not_lower(what: &'static str, from: u64, to: u64) -> Result<(), Regression> {
	if to < from {
		return Err(Regression::Lower { what, from, to });
	}
	Ok(())
}

fn not_behind(what: &'static str, from: &BlockRef, to: &BlockRef) -> Result<(), Regression> {
	not_lower(what, from.slot, to.slot)?;
	if from.slot == to.slot && from != to {
		return Err(Regression::OtherBlock { what, slot: to.slot });
	}
	Ok(())
}
