//! What a side signs of all that it has paid, and what it claims when it closes alone.

use crate::{Balance, Hash, Locks, Nonce};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What one side signs of all that **it** has paid its partner. Totals: the newest half says all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Half {
	/// Counts the halves of this side.
	pub nonce: Nonce,
	/// The highest nonce of the partner that this side has accepted and stored; 0 if none. It revokes: locks of the
	/// partner's halves below it are void, their totals stand.
	pub ack: Nonce,
	/// What this side has paid for good since the channel was opened, in planck.
	pub transferred: Balance,
	/// What it has locked now, in planck.
	pub locked: Balance,
	/// [`Locks::root`] of the locks.
	pub locks: Hash,
	/// What the payment is for: a hash that both know the meaning of; zeros if nothing.
	pub memo: Hash,
}

impl Half {
	/// Whether this is the list of its locks.
	pub fn has(&self, locks: &Locks) -> bool {
		self.locks == locks.root() && self.locked == locks.total()
	}

	/// Whether its locks are void, if the partner has signed this ack.
	pub fn is_void(&self, ack: Nonce) -> bool {
		self.nonce < ack
	}
}

/// What a side claims of its **own** payments when it closes a channel alone: its newest half, and the locks that were
/// given up and whose removal the partner has not acknowledged. It has no nonce: it is measured by what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Claim {
	/// What it has paid for good, in planck.
	pub transferred: Balance,
	/// What it has locked, in planck.
	pub locked: Balance,
	/// [`Locks::root`] of the locks.
	pub locks: Hash,
}

impl Claim {
	/// The claim with these locks.
	pub fn new(transferred: Balance, locks: &Locks) -> Self {
		Self {
			transferred,
			locked: locks.total(),
			locks: locks.root(),
		}
	}

	/// Whether this is the list of its locks.
	pub fn has(&self, locks: &Locks) -> bool {
		self.locks == locks.root() && self.locked == locks.total()
	}
}
