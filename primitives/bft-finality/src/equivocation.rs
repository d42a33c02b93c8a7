//! Two votes of one voter that contradict each other.

use crate::{Phase, SetId, Vote, VoterId, VoterSignature};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;

/// A vote and the signature under it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Cast {
	/// The vote.
	pub vote: Vote,
	/// The signature over [`Vote::payload`].
	pub signature: VoterSignature,
}

/// The proof that a voter cast two votes of one phase in one slot of one set, for two different blocks.
///
/// What makes the difference is the hash alone. The same vote under the relaxed flag is how the 51% rule works; and two
/// votes for one block that differ in its height or in the end of the set prove a lie about that block, not a vote for
/// another one. For two blocks the flags do not matter: no rule lets an honest voter cast both.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct VoteEquivocation {
	/// The key that cast them.
	pub voter: VoterId,
	/// One vote.
	pub first: Cast,
	/// The other.
	pub second: Cast,
}

/// Why two votes prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteEquivocationError {
	/// They are of two voter sets, phases or slots.
	OtherRound,
	/// They are for the same block.
	SameBlock,
	/// A signature is false.
	BadSignature,
}

impl core::fmt::Display for VoteEquivocationError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::OtherRound => "the votes are not of one voter set, phase and slot",
			Self::SameBlock => "the votes are for the same block",
			Self::BadSignature => "a signature is false",
		})
	}
}

impl core::error::Error for VoteEquivocationError {}

impl VoteEquivocation {
	/// The set in which they were cast.
	pub fn set_id(&self) -> SetId {
		self.first.vote.set_id
	}

	/// The phase of both.
	pub fn phase(&self) -> Phase {
		self.first.vote.phase
	}

	/// The slot of both.
	pub fn slot(&self) -> u64 {
		self.first.vote.target.slot
	}

	/// Checks that [`VoteEquivocation::voter`] cast both on the chain of `genesis`, and that they contradict each
	/// other. Whether it was a voter of that set, the caller knows.
	///
	/// # Errors
	/// Why they prove nothing. What costs nothing is checked before any signature.
	pub fn verify(&self, genesis: &H256) -> Result<(), VoteEquivocationError> {
		let (first, second) = (&self.first.vote, &self.second.vote);
		let round = |vote: &Vote| (vote.set_id, vote.phase, vote.target.slot);
		if round(first) != round(second) {
			return Err(VoteEquivocationError::OtherRound);
		}
		if first.target.hash == second.target.hash {
			return Err(VoteEquivocationError::SameBlock);
		}
		let signed = |cast: &Cast| self.voter.verify(&cast.vote.payload(genesis), &cast.signature);
		if signed(&self.first) && signed(&self.second) {
			Ok(())
		} else {
			Err(VoteEquivocationError::BadSignature)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{BlockRef, VoterPair};
	use codec::DecodeAll;
	use proptest::prelude::*;
	use sp_core::Pair as _;

	const GENESIS: H256 = H256::repeat_byte(1);

	fn vote(hash: u8) -> Vote {
		Vote {
			set_id: 7,
			phase: Phase::Prevote,
			relaxed: false,
			target: BlockRef {
				slot: 10,
				number: 3,
				hash: H256::repeat_byte(hash),
			},
			end: None,
		}
	}

	fn pair(seed: u8) -> VoterPair {
		VoterPair::from_seed(&[seed; 32])
	}

	fn cast(seed: u8, vote: Vote) -> Cast {
		Cast {
			vote,
			signature: pair(seed).sign(&vote.payload(&GENESIS)),
		}
	}

	fn proof(first: Vote, second: Vote) -> VoteEquivocation {
		VoteEquivocation {
			voter: pair(1).public(),
			first: cast(1, first),
			second: cast(1, second),
		}
	}

	fn end() -> Option<BlockRef> {
		Some(BlockRef {
			slot: 8,
			number: 2,
			hash: H256::repeat_byte(8),
		})
	}

	#[test]
	fn two_blocks_in_one_slot_and_phase_are_an_equivocation_under_whatever_flag_and_end() {
		let plain = vote(1);
		for second in [
			vote(2),
			Vote {
				relaxed: true,
				..vote(2)
			},
			Vote { end: end(), ..vote(2) },
		] {
			assert_eq!(proof(plain, second).verify(&GENESIS), Ok(()));
			assert_eq!(proof(second, plain).verify(&GENESIS), Ok(()));
		}
	}

	#[test]
	fn one_block_is_none_under_whatever_flag_height_and_end() {
		let plain = vote(1);
		let number = BlockRef {
			number: 4,
			..plain.target
		};
		for second in [
			plain,
			Vote { relaxed: true, ..plain },
			Vote { end: end(), ..plain },
			Vote {
				target: number,
				..plain
			},
		] {
			assert_eq!(
				proof(plain, second).verify(&GENESIS),
				Err(VoteEquivocationError::SameBlock)
			);
		}
	}

	#[test]
	fn votes_of_two_sets_phases_or_slots_do_not_contradict_each_other() {
		let plain = vote(1);
		let slot = BlockRef {
			slot: 11,
			..vote(2).target
		};
		for second in [
			Vote { set_id: 8, ..vote(2) },
			Vote {
				phase: Phase::Commit,
				..vote(2)
			},
			Vote {
				target: slot,
				..vote(2)
			},
		] {
			assert_eq!(
				proof(plain, second).verify(&GENESIS),
				Err(VoteEquivocationError::OtherRound)
			);
		}
	}

	#[test]
	fn nobody_is_accused_of_what_another_signed_nor_of_votes_on_another_chain() {
		let mut framed = proof(vote(1), vote(2));
		framed.second = cast(2, vote(2));
		assert_eq!(framed.verify(&GENESIS), Err(VoteEquivocationError::BadSignature));
		let mut framed = proof(vote(1), vote(2));
		framed.first = cast(2, vote(1));
		assert_eq!(framed.verify(&GENESIS), Err(VoteEquivocationError::BadSignature));
		assert_eq!(
			proof(vote(1), vote(2)).verify(&H256::zero()),
			Err(VoteEquivocationError::BadSignature)
		);
	}

	proptest! {
		/// A proof in which one byte is another proves nothing.
		#[test]
		fn a_damaged_proof_is_refused(at in any::<prop::sample::Index>(), flip in 1u8..) {
			let mut bytes = proof(vote(1), vote(2)).encode();
			let at = at.index(bytes.len());
			bytes[at] ^= flip;
			if let Ok(damaged) = VoteEquivocation::decode_all(&mut &bytes[..]) {
				prop_assert!(damaged.verify(&GENESIS).is_err());
			}
		}

		#[test]
		fn random_bytes_prove_nothing_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
			if let Ok(proof) = VoteEquivocation::decode(&mut &bytes[..]) {
				prop_assert!(proof.verify(&GENESIS).is_err());
			}
		}
	}
}
