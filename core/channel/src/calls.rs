//! What is to be signed: calls to the chain and messages, which can only be had from what is stored.

use crate::Message;
use alloc::vec::Vec;
use channel_primitives::{
	ChannelKey, ChannelSignature, Claim, CloseTogether, Condition, Half, Hash, LeafWitness, Locks, PerSide, Rekey,
	Resync, Side, Signed, Submit, WatchV1, Withdraw, Witness,
};
use codec::{Decode, Encode};

/// The place of a signature that is still to be made.
pub(crate) const BLANK: ChannelSignature = ChannelSignature([0; 64]);

/// What one side tells the chain of one channel. Anybody may bring it there, for its signatures are inside, but for a
/// close and a recovery, which the account of the side sends. `README.md` has the calls of the chain that they are.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Call {
	/// Closes alone.
	Close {
		/// What this side owes.
		claim: Signed<Claim>,
		/// The claim's locks.
		locks: Locks,
		/// The newest half of the partner.
		brought: Option<Signed<Half>>,
		/// What the partner has signed when this side had lost its data.
		words: Vec<Signed<Resync>>,
	},
	/// Closes alone, after a loss of data: a claim that is too low costs a fine.
	CloseRecovery {
		/// What this side knows that it owes.
		claim: Claim,
		/// The claim's locks.
		locks: Locks,
		/// The newest half of the partner that is known.
		brought: Option<Signed<Half>>,
		/// What the partner has signed when this side had lost its data before.
		words: Vec<Signed<Resync>>,
	},
	/// Lets in the newest half of the partner.
	Update {
		/// The half.
		half: Signed<Half>,
		/// This side's word that it may.
		submit: Signed<Submit>,
	},
	/// Brings what the partner has signed when this side had lost its data.
	Resync {
		/// What it has signed.
		word: Signed<Resync>,
		/// This side's word that it may be shown.
		submit: Signed<Submit>,
	},
	/// Shows that the partner's claim is too low.
	Prove {
		/// A half of the partner that is worth more.
		half: Signed<Half>,
		/// Its locks.
		half_locks: Locks,
		/// Those of the claim, if they are known.
		claim_locks: Option<Locks>,
		/// This side's word that the half may be shown: it is needed after a recovery.
		submit: Signed<Submit>,
	},
	/// Shows that a condition is met.
	Resolve {
		/// The condition.
		condition: Condition,
		/// What shows it.
		witness: Witness,
	},
	/// Closes together.
	CloseTogether {
		/// Who gets what.
		close: CloseTogether,
		/// Both signatures.
		signatures: PerSide<ChannelSignature>,
		/// Whose signature is made last: this side's.
		own: Side,
	},
	/// Takes out.
	Withdraw {
		/// Who takes out, and how much in all.
		withdraw: Withdraw,
		/// Both signatures.
		signatures: PerSide<ChannelSignature>,
		/// Whose signature is made last: this side's.
		own: Side,
	},
	/// Settles after the deadline.
	Settle,
	/// Splits what was kept back for the locks of a side.
	Unlock {
		/// The side that gave them.
		side: Side,
		/// The locks; none if nobody has brought them in time.
		locks: Option<Locks>,
	},
	/// Gives this side another key.
	Rekey {
		/// Which side, and the key.
		rekey: Rekey,
		/// Both signatures, by the keys from before.
		signatures: PerSide<ChannelSignature>,
		/// Whose signature is made last: this side's.
		own: Side,
	},
}

/// Something with room for one signature of this side's key of the channel.
pub trait Signable {
	/// Puts the signature in its place.
	fn put(&mut self, signature: ChannelSignature);
}

impl Signable for Call {
	fn put(&mut self, signature: ChannelSignature) {
		match self {
			Self::Close { claim, .. } => claim.signature = signature,
			Self::Update { submit, .. } | Self::Resync { submit, .. } | Self::Prove { submit, .. } => {
				submit.signature = signature;
			}
			Self::CloseTogether { signatures, own, .. }
			| Self::Withdraw { signatures, own, .. }
			| Self::Rekey { signatures, own, .. } => {
				*signatures.get_mut(*own) = signature;
			}
			Self::Resolve { witness, .. } => {
				for leaf in witness.0.iter_mut() {
					if let LeafWitness::Chain { signature: blank, .. } = leaf {
						*blank = signature;
					}
				}
			}
			Self::CloseRecovery { .. } | Self::Settle | Self::Unlock { .. } => (),
		}
	}
}

impl Signable for Message {
	fn put(&mut self, signature: ChannelSignature) {
		match self {
			Self::Update(update) => update.half.signature = signature,
			Self::Word(word) => word.word.signature = signature,
			Self::Together(close) => close.signature = signature,
			Self::Withdraw(withdraw) => withdraw.signature = signature,
			Self::Renewed(renewed) => renewed.half.signature = signature,
			Self::Rekey(rekey) => rekey.signature = signature,
			Self::Hello(_) | Self::Got(_) | Self::Show(_) | Self::Step(_) | Self::GiveUp(_) | Self::Lost(_) => (),
		}
	}
}

impl Signable for WatchV1 {
	fn put(&mut self, signature: ChannelSignature) {
		self.submit.signature = signature;
	}
}

/// Something that goes out once it is signed. It comes out of [`Step::commit`](crate::Step::commit) alone, so that
/// nothing is signed that is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned<What> {
	what: What,
	by: Option<(ChannelKey, Hash)>,
}

impl<What: Signable> Unsigned<What> {
	/// Something that this key signs, which is of this side.
	pub(crate) fn new(what: What, payload: Hash, key: ChannelKey) -> Self {
		Self {
			what,
			by: Some((key, payload)),
		}
	}

	/// Something that needs no signature of its own.
	pub(crate) fn plain(what: What) -> Self {
		Self { what, by: None }
	}

	/// What goes out, without the signature.
	pub(crate) fn what(&self) -> &What {
		&self.what
	}

	/// The 32 bytes that are signed; none if it needs no signature.
	pub fn payload(&self) -> Option<&Hash> {
		self.by.as_ref().map(|(_, payload)| payload)
	}

	/// Whose signature it is: the key of this side of the channel, as a rule. While it takes another one, that one
	/// signs, too. None if it needs no signature.
	pub fn key(&self) -> Option<&ChannelKey> {
		self.by.as_ref().map(|(key, _)| key)
	}

	/// What goes out. `sign` is asked for the signature if there is to be one.
	pub fn signed(mut self, sign: impl FnOnce(&Hash) -> ChannelSignature) -> What {
		if let Some((_, payload)) = self.by.take() {
			self.what.put(sign(&payload));
		}
		self.what
	}
}
