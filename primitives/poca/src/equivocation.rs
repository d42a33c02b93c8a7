//! Two seals of one author in one slot.
//!
//! What counts is the seal, not what is under it: sr25519 signatures are randomized, so an author could seal one header
//! as often as it likes, and each seal makes another block with another hash, which everybody would have to execute. An
//! honest author seals once in a slot. Nobody else can make a second seal from the first: schnorrkel signatures are
//! strongly unforgeable, for a signature decodes from one string of bytes only, and its nonce goes into the challenge.

use crate::{find_pre_digest, seal_of, seal_payload, AuthorityId, AuthoritySignature, DigestError, Slot};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::traits::Header as HeaderT;

/// The proof that an author sealed twice in one slot: two headers, or one header under two seals.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct BlockEquivocation<Header> {
	/// Who sealed them.
	pub author: AuthorityId,
	/// One header, with its seal.
	pub first: Header,
	/// The other, with its seal.
	pub second: Header,
}

/// Why two headers prove nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockEquivocationError {
	/// The digest of a header is not POCA's.
	Digest(DigestError),
	/// They are of two slots.
	OtherSlot,
	/// They are the same, with their seals.
	SameBlock,
	/// A seal is false.
	BadSeal,
}

impl core::fmt::Display for BlockEquivocationError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::Digest(error) => error.fmt(f),
			Self::OtherSlot => f.write_str("the headers are not of one slot"),
			Self::SameBlock => f.write_str("the headers are the same, with their seals"),
			Self::BadSeal => f.write_str("a seal is false"),
		}
	}
}

impl core::error::Error for BlockEquivocationError {}

impl From<DigestError> for BlockEquivocationError {
	fn from(error: DigestError) -> Self {
		Self::Digest(error)
	}
}

/// A header that was taken apart.
struct Unsealed<Hash> {
	slot: Slot,
	/// The hash of the header without its seal.
	hash: Hash,
	seal: AuthoritySignature,
}

/// As header verification does it: the seal comes off, what is left says the slot, and its hash is part of what was
/// sealed.
fn unseal<H: HeaderT>(sealed: &H) -> Result<Unsealed<H::Hash>, DigestError>
where
	H::Hash: Decode,
{
	let seal = seal_of(sealed)?;
	let mut header = sealed.clone();
	header.digest_mut().pop();
	Ok(Unsealed {
		slot: find_pre_digest(&header)?.slot,
		hash: header.hash(),
		seal,
	})
}

impl<H: HeaderT> BlockEquivocation<H>
where
	H::Hash: Decode,
{
	/// Checks that [`BlockEquivocation::author`] sealed both on the chain of `genesis`, and that they are two blocks of
	/// one slot, which it returns. Whether it was an author then, the caller knows.
	///
	/// # Errors
	/// Why they prove nothing. What costs little is checked before any signature.
	pub fn verify(&self, genesis: &H::Hash) -> Result<Slot, BlockEquivocationError> {
		let (first, second) = (unseal(&self.first)?, unseal(&self.second)?);
		if self.first == self.second {
			return Err(BlockEquivocationError::SameBlock);
		}
		if first.slot != second.slot {
			return Err(BlockEquivocationError::OtherSlot);
		}
		let sealed = |header: &Unsealed<H::Hash>| {
			let payload = seal_payload(genesis, &header.hash);
			self.author.verify(&payload, &header.seal)
		};
		if sealed(&first) && sealed(&second) {
			Ok(first.slot)
		} else {
			Err(BlockEquivocationError::BadSeal)
		}
	}

	/// The slot that the first header names, without any check.
	///
	/// # Errors
	/// If its digest is not POCA's.
	pub fn slot(&self) -> Result<Slot, DigestError> {
		Ok(find_pre_digest(&self.first)?.slot)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{pre_digest_item, seal_item, AuthorityPair, FinalizedRef, PreDigest};
	use alloc::vec;
	use codec::DecodeAll;
	use proptest::prelude::*;
	use sp_core::{Pair as _, H256};
	use sp_runtime::{generic, traits::BlakeTwo256, Digest, DigestItem};

	type TestHeader = generic::Header<u32, BlakeTwo256>;

	const GENESIS: H256 = H256::repeat_byte(7);

	fn pair(seed: u8) -> AuthorityPair {
		AuthorityPair::from_seed(&[seed; 32])
	}

	fn unsealed(slot: u64, state_root: u8) -> TestHeader {
		let pre_digest = PreDigest {
			slot: slot.into(),
			author: 0,
			full: false,
			vrf: None,
			finalized: FinalizedRef {
				number: 0,
				hash: H256::zero(),
			},
		};
		TestHeader::new(
			3,
			Default::default(),
			H256::repeat_byte(state_root),
			Default::default(),
			Digest {
				logs: vec![pre_digest_item(&pre_digest)],
			},
		)
	}

	fn seal(seed: u8, mut header: TestHeader) -> TestHeader {
		let seal = pair(seed).sign(&seal_payload(&GENESIS, &header.hash()));
		header.digest_mut().push(seal_item(&seal));
		header
	}

	fn proof(first: TestHeader, second: TestHeader) -> BlockEquivocation<TestHeader> {
		BlockEquivocation {
			author: pair(1).public(),
			first,
			second,
		}
	}

	#[test]
	fn two_blocks_in_one_slot_are_an_equivocation() {
		let proof = proof(seal(1, unsealed(9, 1)), seal(1, unsealed(9, 2)));
		assert_eq!(proof.verify(&GENESIS), Ok(9.into()));
		assert_eq!(proof.slot(), Ok(9.into()));
	}

	#[test]
	fn what_was_sealed_on_another_chain_proves_nothing_here() {
		let proof = proof(seal(1, unsealed(9, 1)), seal(1, unsealed(9, 2)));
		let elsewhere = H256::repeat_byte(8);
		assert_eq!(proof.verify(&elsewhere), Err(BlockEquivocationError::BadSeal));
	}

	/// Each seal makes a block of its own: without this, an author could fill a height with as many as it likes and
	/// risk nothing.
	#[test]
	fn one_header_under_two_seals_is_an_equivocation() {
		// sr25519 signatures are randomized.
		let (first, second) = (seal(1, unsealed(9, 1)), seal(1, unsealed(9, 1)));
		assert_ne!(first.hash(), second.hash());
		assert_eq!(proof(first, second).verify(&GENESIS), Ok(9.into()));
	}

	#[test]
	fn one_sealed_block_is_none_however_often_it_is_shown() {
		let block = seal(1, unsealed(9, 1));
		assert_eq!(
			proof(block.clone(), block).verify(&GENESIS),
			Err(BlockEquivocationError::SameBlock)
		);
	}

	/// What somebody who saw one seal can try without the key: no change of its bytes is another seal of the same
	/// header.
	#[test]
	fn nobody_else_makes_a_second_seal_of_the_first() {
		let block = seal(1, unsealed(9, 1));
		for bit in 0..crate::SEAL_LENGTH * 8 {
			let mut forged = block.clone();
			let Some(DigestItem::Seal(_, bytes)) = forged.digest_mut().logs.last_mut() else {
				unreachable!("the seal comes last");
			};
			bytes[bit / 8] ^= 1 << (bit % 8);
			assert_eq!(
				proof(block.clone(), forged).verify(&GENESIS),
				Err(BlockEquivocationError::BadSeal),
				"bit {bit}"
			);
		}
	}

	#[test]
	fn blocks_of_two_slots_do_not_contradict_each_other() {
		let proof = proof(seal(1, unsealed(9, 1)), seal(1, unsealed(10, 2)));
		assert_eq!(proof.verify(&GENESIS), Err(BlockEquivocationError::OtherSlot));
	}

	#[test]
	fn nobody_is_accused_of_what_another_sealed_or_of_what_is_not_sealed() {
		let (own, framed) = (seal(1, unsealed(9, 1)), seal(2, unsealed(9, 2)));
		for proof in [proof(own.clone(), framed.clone()), proof(framed, own.clone())] {
			assert_eq!(proof.verify(&GENESIS), Err(BlockEquivocationError::BadSeal));
		}
		let unsealed = unsealed(9, 2);
		assert_eq!(
			proof(own, unsealed).verify(&GENESIS),
			Err(BlockEquivocationError::Digest(DigestError::Unsealed))
		);
	}

	#[test]
	fn headers_without_a_slot_prove_nothing() {
		let bare = |state_root| {
			let mut header = unsealed(9, state_root);
			header.digest_mut().logs.clear();
			seal(1, header)
		};
		assert_eq!(
			proof(bare(1), bare(2)).verify(&GENESIS),
			Err(BlockEquivocationError::Digest(DigestError::Missing))
		);
	}

	/// A proof as it was written down once, with seals that were made then: seals of the same headers differ today.
	const GOLDEN: &str = include_str!("../tests/golden/block-equivocation-v1.hex");

	#[test]
	fn a_proof_of_long_ago_proves_what_it_did() {
		let bytes = sp_core::bytes::from_hex(GOLDEN.trim()).expect("hexadecimal digits");
		let golden = BlockEquivocation::<TestHeader>::decode_all(&mut &bytes[..]).expect("decodes");
		assert_eq!(golden.verify(&GENESIS), Ok(9.into()));
		let without_seal = |mut header: TestHeader| {
			header.digest_mut().pop();
			header
		};
		assert_eq!(golden.author, pair(1).public());
		assert_eq!(without_seal(golden.first.clone()), unsealed(9, 1));
		assert_eq!(without_seal(golden.second.clone()), unsealed(9, 2));
		assert_eq!(golden.encode(), bytes);
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(64))]

		/// A proof in which one byte is another proves nothing.
		#[test]
		fn a_damaged_proof_is_refused(at in any::<prop::sample::Index>(), flip in 1u8..) {
			let mut bytes = proof(seal(1, unsealed(9, 1)), seal(1, unsealed(9, 2))).encode();
			let at = at.index(bytes.len());
			bytes[at] ^= flip;
			if let Ok(damaged) = BlockEquivocation::<TestHeader>::decode_all(&mut &bytes[..]) {
				prop_assert!(damaged.verify(&GENESIS).is_err());
			}
		}

		#[test]
		fn random_bytes_prove_nothing_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
			if let Ok(proof) = BlockEquivocation::<TestHeader>::decode(&mut &bytes[..]) {
				prop_assert!(proof.verify(&GENESIS).is_err());
			}
		}
	}
}
