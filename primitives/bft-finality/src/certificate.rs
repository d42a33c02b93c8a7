//! Certificates: at least a quorum of signatures under one vote.

use crate::{BlockRef, SetId, Vote, VoterId, VoterIndex, VoterSet, VoterSignature};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_core::H256;

/// No set is larger; what claims to be is refused before it costs anything.
pub const MAX_VOTERS: usize = 1024;

/// A vote, and who signed it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Certificate {
	/// What all of them signed.
	pub vote: Vote,
	/// Bit `i % 8` of byte `i / 8` is set if voter `i` signed. As many bytes as the set needs, no bit beyond it.
	pub signers: Vec<u8>,
	/// The signatures, in the order of the bits.
	pub signatures: Vec<VoterSignature>,
}

/// Why a certificate proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateError {
	/// It is of another voter set than the one it was checked against.
	OtherSet {
		/// The set that it names.
		named: SetId,
		/// The set that was expected.
		expected: SetId,
	},
	/// The bitmap is not as long as the set, or has a bit beyond it.
	BadBitmap,
	/// There are more or fewer signatures than bits.
	SignatureCount,
	/// Fewer signers than required.
	TooFewSigners {
		/// How many signed.
		signers: usize,
		/// How many it takes.
		required: usize,
	},
	/// At least one signature is false.
	BadSignature,
	/// The relaxed flag is set where it does not count: what it decides does not end the set, or the set does without
	/// the 51% rule.
	Relaxed,
	/// The end that it names is not below its block.
	BadEnd,
}

impl core::fmt::Display for CertificateError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::OtherSet { named, expected } => write!(f, "it is of voter set {named}, not {expected}"),
			Self::BadBitmap => f.write_str("its bitmap does not fit the voter set"),
			Self::SignatureCount => f.write_str("it has not one signature for each bit of its bitmap"),
			Self::TooFewSigners { signers, required } => write!(f, "{signers} signed, {required} are required"),
			Self::BadSignature => f.write_str("a signature is false"),
			Self::BadEnd => f.write_str("the end of the voter set that it names is not below its block"),
			Self::Relaxed => f.write_str("its votes are relaxed and prove nothing here"),
		}
	}
}

impl core::error::Error for CertificateError {}

impl Certificate {
	/// A certificate of these signatures for a set of `voters`. Signatures of voters beyond the set are left out.
	pub fn new(vote: Vote, voters: usize, signatures: BTreeMap<VoterIndex, VoterSignature>) -> Self {
		let mut signers = vec![0u8; voters.div_ceil(8)];
		let mut ordered = Vec::with_capacity(signatures.len());
		for (index, signature) in signatures {
			let index = usize::from(index);
			if index >= voters {
				continue;
			}
			if let Some(byte) = signers.get_mut(index / 8) {
				*byte |= 1 << (index % 8);
				ordered.push(signature);
			}
		}
		Self {
			vote,
			signers,
			signatures: ordered,
		}
	}

	/// The voters that signed, in order.
	pub fn signer_indices(&self) -> impl Iterator<Item = VoterIndex> + '_ {
		self.signers
			.iter()
			.take(MAX_VOTERS.div_ceil(8))
			.enumerate()
			.flat_map(|(byte, bits)| {
				(0..8usize)
					.filter(move |bit| bits & (1 << bit) != 0)
					.filter_map(move |bit| VoterIndex::try_from(byte * 8 + bit).ok())
			})
	}

	/// Signatures by voter.
	pub fn signatures_by_voter(&self) -> BTreeMap<VoterIndex, VoterSignature> {
		self.signer_indices().zip(self.signatures.iter().cloned()).collect()
	}

	/// Checks that a quorum of `set` signed this vote on the chain of `genesis`, without the relaxed flag. A caller
	/// that knows which blocks end the set asks [`Certificate::verify_deciding`].
	///
	/// # Errors
	/// Whatever keeps it from proving that; see [`CertificateError`]. Shape is checked before any signature.
	pub fn verify(&self, genesis: &H256, set: &VoterSet) -> Result<(), CertificateError> {
		if self.vote.relaxed {
			return Err(CertificateError::Relaxed);
		}
		self.verify_with(genesis, set, set.quorum())
	}

	/// As [`Certificate::verify`], and of relaxed votes, that a relaxed quorum signed them. `ends_set` is asked of
	/// those alone, with the block that the certificate decides: whether it is known to end `set`, by its header or by
	/// what imported it. Relaxed votes prove nothing of any other block; the certificate itself says nothing about
	/// that.
	///
	/// # Errors
	/// As [`Certificate::verify`].
	pub fn verify_deciding(
		&self,
		genesis: &H256,
		set: &VoterSet,
		ends_set: impl FnOnce(&BlockRef) -> bool,
	) -> Result<(), CertificateError> {
		if !self.vote.relaxed {
			return self.verify(genesis, set);
		}
		let required = set.relaxed_quorum().ok_or(CertificateError::Relaxed)?;
		if !ends_set(&self.vote.decides()) {
			return Err(CertificateError::Relaxed);
		}
		self.verify_with(genesis, set, required)
	}

	fn verify_with(&self, genesis: &H256, set: &VoterSet, required: usize) -> Result<(), CertificateError> {
		if self.vote.set_id != set.set_id {
			return Err(CertificateError::OtherSet {
				named: self.vote.set_id,
				expected: set.set_id,
			});
		}
		if !self.vote.is_sound() {
			return Err(CertificateError::BadEnd);
		}
		let voters = set.voters.len();
		if voters > MAX_VOTERS || self.signers.len() != voters.div_ceil(8) {
			return Err(CertificateError::BadBitmap);
		}
		let indices: Vec<_> = self.signer_indices().map(usize::from).collect();
		if indices.last().is_some_and(|last| *last >= voters) {
			return Err(CertificateError::BadBitmap);
		}
		if indices.len() != self.signatures.len() {
			return Err(CertificateError::SignatureCount);
		}
		// An empty set has a quorum of none: nothing is ever proven by nobody.
		if indices.len() < required || indices.is_empty() {
			return Err(CertificateError::TooFewSigners {
				signers: indices.len(),
				required,
			});
		}
		let payload = self.vote.payload(genesis);
		let signed = indices.iter().filter_map(|i| set.voters.get(*i)).zip(&self.signatures);
		if verify_all(&payload, signed) {
			Ok(())
		} else {
			Err(CertificateError::BadSignature)
		}
	}
}

/// Batch verification (ZIP-215, as single verification: both accept the same signatures).
#[cfg(feature = "std")]
fn verify_all<'a>(payload: &[u8], signed: impl Iterator<Item = (&'a VoterId, &'a VoterSignature)>) -> bool {
	use sp_core::crypto::ByteArray;
	let mut batch = ed25519_zebra::batch::Verifier::new();
	for (voter, signature) in signed {
		let Ok(key) = ed25519_zebra::VerificationKeyBytes::try_from(voter.as_slice()) else {
			return false;
		};
		let signature: &[u8] = signature.as_ref();
		let Ok(signature) = ed25519_zebra::Signature::try_from(signature) else {
			return false;
		};
		batch.queue((key, signature, &payload));
	}
	batch.verify(rand_core::OsRng).is_ok()
}

#[cfg(not(feature = "std"))]
fn verify_all<'a>(payload: &[u8], mut signed: impl Iterator<Item = (&'a VoterId, &'a VoterSignature)>) -> bool {
	use sp_application_crypto::RuntimeAppPublic;
	signed.all(|(voter, signature)| voter.verify(&payload, signature))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{Phase, SignedVote, VoterPair};
	use proptest::prelude::*;
	use sp_core::Pair as _;

	fn pairs(n: u8) -> Vec<VoterPair> {
		(0..n).map(|i| VoterPair::from_seed(&[i + 1; 32])).collect()
	}

	fn set(pairs: &[VoterPair]) -> VoterSet {
		VoterSet {
			set_id: 7,
			voters: pairs.iter().map(|p| p.public()).collect(),
			relaxed_quorum: crate::relaxed_quorum(pairs.len(), Some(1)) as u16,
		}
	}

	fn vote() -> Vote {
		Vote {
			set_id: 7,
			phase: Phase::Commit,
			relaxed: false,
			target: BlockRef {
				slot: 10,
				number: 3,
				hash: H256::repeat_byte(9),
			},
			end: None,
		}
	}

	const GENESIS: H256 = H256::repeat_byte(1);

	fn certificate(pairs: &[VoterPair], signers: impl IntoIterator<Item = u16>) -> Certificate {
		let payload = vote().payload(&GENESIS);
		let signatures = signers
			.into_iter()
			.map(|i| (i, pairs[usize::from(i)].sign(&payload)))
			.collect::<BTreeMap<_, _>>();
		Certificate::new(vote(), pairs.len(), signatures)
	}

	#[test]
	fn quorums_are_those_of_the_protocol() {
		for (n, q) in [
			(1, 1),
			(2, 2),
			(3, 2),
			(4, 3),
			(5, 4),
			(6, 4),
			(7, 5),
			(21, 14),
			(99, 66),
		] {
			assert_eq!(crate::quorum(n), q);
		}
	}

	#[test]
	fn a_quorum_proves_and_less_does_not() {
		let p = pairs(7);
		assert_eq!(certificate(&p, [0, 2, 3, 5, 6]).verify(&GENESIS, &set(&p)), Ok(()));
		assert_eq!(
			certificate(&p, [0, 2, 3, 6]).verify(&GENESIS, &set(&p)),
			Err(CertificateError::TooFewSigners {
				signers: 4,
				required: 5
			})
		);
	}

	#[test]
	fn nobody_proves_nothing() {
		let empty = VoterSet {
			set_id: 7,
			voters: Vec::new(),
			relaxed_quorum: 0,
		};
		let c = Certificate::new(vote(), 0, BTreeMap::new());
		assert!(matches!(
			c.verify(&GENESIS, &empty),
			Err(CertificateError::TooFewSigners { .. })
		));
	}

	#[test]
	fn another_chain_set_phase_or_flag_is_refused() {
		let p = pairs(4);
		let good = certificate(&p, [0, 1, 2]);
		assert_eq!(
			good.verify(&H256::zero(), &set(&p)),
			Err(CertificateError::BadSignature)
		);
		let mut other_set = set(&p);
		other_set.set_id = 8;
		assert_eq!(
			good.verify(&GENESIS, &other_set),
			Err(CertificateError::OtherSet { named: 7, expected: 8 })
		);
		let mut phase = good.clone();
		phase.vote.phase = Phase::Prevote;
		assert_eq!(phase.verify(&GENESIS, &set(&p)), Err(CertificateError::BadSignature));
		let mut relaxed = good;
		relaxed.vote.relaxed = true;
		assert_eq!(relaxed.verify(&GENESIS, &set(&p)), Err(CertificateError::Relaxed));
	}

	/// A certificate of relaxed votes, of what lies beyond an end or of the end itself.
	fn relaxed(pairs: &[VoterPair], signers: core::ops::Range<u16>, end: Option<BlockRef>) -> Certificate {
		let vote = Vote {
			relaxed: true,
			end,
			..vote()
		};
		let payload = vote.payload(&GENESIS);
		let signatures = signers.map(|i| (i, pairs[usize::from(i)].sign(&payload))).collect();
		Certificate::new(vote, pairs.len(), signatures)
	}

	#[test]
	fn relaxed_quorums_are_more_than_half_and_less_than_a_quorum() {
		for (n, margin, r) in [
			(1, 1, 1),
			(4, 1, 3),
			(5, 1, 3),
			(5, 2, 4),
			(7, 0, 4),
			(7, 1, 4),
			(7, 2, 5),
			(21, 1, 11),
			(21, 2, 12),
			(99, 2, 51),
			(99, u32::MAX, 66),
		] {
			assert_eq!(crate::relaxed_quorum(n, Some(margin)), r, "{n} with {margin}");
			assert_eq!(crate::relaxed_quorum(n, None), crate::quorum(n));
		}
		let p = pairs(7);
		for named in 0..=8 {
			let set = VoterSet {
				relaxed_quorum: named,
				..set(&p)
			};
			assert_eq!(set.relaxed_quorum(), (named == 4).then_some(4), "{named} of 7");
		}
	}

	#[test]
	fn relaxed_votes_prove_the_end_of_a_set_and_nothing_else() {
		let (p, set) = (pairs(7), set(&pairs(7)));
		let below = BlockRef {
			slot: 8,
			number: 2,
			hash: H256::repeat_byte(8),
		};
		for end in [None, Some(below)] {
			let c = relaxed(&p, 2..6, end);
			let decides = end.unwrap_or(vote().target);
			assert_eq!(c.verify_deciding(&GENESIS, &set, |block| *block == decides), Ok(()));
			assert_eq!(
				c.verify_deciding(&GENESIS, &set, |block| *block != decides),
				Err(CertificateError::Relaxed)
			);
			assert_eq!(c.verify(&GENESIS, &set), Err(CertificateError::Relaxed));
			assert_eq!(
				relaxed(&p, 0..3, end).verify_deciding(&GENESIS, &set, |_| true),
				Err(CertificateError::TooFewSigners {
					signers: 3,
					required: 4
				})
			);
			// The flag is signed.
			let mut unflagged = relaxed(&p, 0..6, end);
			unflagged.vote.relaxed = false;
			assert_eq!(unflagged.verify(&GENESIS, &set), Err(CertificateError::BadSignature));
		}
		// Votes without the flag are as many as ever, whatever they decide.
		let few = certificate(&p, 0..4);
		assert!(matches!(
			few.verify_deciding(&GENESIS, &set, |_| true),
			Err(CertificateError::TooFewSigners { required: 5, .. })
		));
		assert_eq!(certificate(&p, 0..5).verify_deciding(&GENESIS, &set, |_| false), Ok(()));
	}

	#[test]
	fn a_set_without_the_rule_takes_no_relaxed_votes_at_all() {
		let p = pairs(7);
		for named in [0, 1, 3, 5, 6, 7, u16::MAX] {
			let set = VoterSet {
				relaxed_quorum: named,
				..set(&p)
			};
			assert_eq!(
				relaxed(&p, 0..7, None).verify_deciding(&GENESIS, &set, |_| true),
				Err(CertificateError::Relaxed),
				"{named} of 7"
			);
		}
	}

	#[test]
	fn what_lies_beyond_the_end_of_a_set_proves_the_end_alone() {
		let p = pairs(4);
		let signed = |end| {
			let vote = Vote { end, ..vote() };
			let payload = vote.payload(&GENESIS);
			let signatures = (0..3).map(|i| (i, p[usize::from(i)].sign(&payload))).collect();
			Certificate::new(vote, 4, signatures)
		};
		let below = BlockRef {
			slot: 8,
			number: 2,
			hash: H256::repeat_byte(8),
		};
		let beyond = signed(Some(below));
		assert_eq!(beyond.verify(&GENESIS, &set(&p)), Ok(()));
		assert_eq!(beyond.vote.decides(), below);
		assert_eq!(vote().decides(), vote().target);
		// The end is signed: it can be neither taken away nor exchanged.
		for end in [None, Some(BlockRef { number: 1, ..below })] {
			let mut other = beyond.clone();
			other.vote.end = end;
			assert_eq!(other.verify(&GENESIS, &set(&p)), Err(CertificateError::BadSignature));
		}
		for end in [
			vote().target,
			BlockRef { slot: 10, ..below },
			BlockRef { number: 3, ..below },
		] {
			assert_eq!(
				signed(Some(end)).verify(&GENESIS, &set(&p)),
				Err(CertificateError::BadEnd)
			);
		}
	}

	#[test]
	fn forged_and_duplicated_signers_are_refused() {
		let p = pairs(4);
		let mut twice = certificate(&p, [0, 1]);
		twice.signatures.push(twice.signatures[1].clone());
		assert_eq!(twice.verify(&GENESIS, &set(&p)), Err(CertificateError::SignatureCount));
		twice.signers[0] |= 0b100;
		assert_eq!(twice.verify(&GENESIS, &set(&p)), Err(CertificateError::BadSignature));
		let mut beyond = certificate(&p, [0, 1, 2]);
		beyond.signers[0] |= 0b1_0000;
		assert_eq!(beyond.verify(&GENESIS, &set(&p)), Err(CertificateError::BadBitmap));
		let mut long = certificate(&p, [0, 1, 2]);
		long.signers.push(0);
		assert_eq!(long.verify(&GENESIS, &set(&p)), Err(CertificateError::BadBitmap));
	}

	proptest! {
		#[test]
		fn any_damage_is_noticed(bits in 0u16..16, byte in any::<prop::sample::Index>(), flip in 1u8..) {
			let p = pairs(4);
			let signers: Vec<u16> = (0..4).filter(|i| bits & (1 << i) != 0).collect();
			let c = certificate(&p, signers.clone());
			prop_assert_eq!(c.verify(&GENESIS, &set(&p)).is_ok(), signers.len() >= 3);
			let mut bytes = c.encode();
			let at = byte.index(bytes.len());
			bytes[at] ^= flip;
			if let Ok(damaged) = Certificate::decode(&mut &bytes[..]) {
				prop_assert!(damaged == c || damaged.verify(&GENESIS, &set(&p)).is_err());
			}
		}

		#[test]
		fn decoding_random_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
			let p = pairs(4);
			if let Ok(c) = Certificate::decode(&mut &bytes[..]) {
				prop_assert!(c.verify(&GENESIS, &set(&p)).is_err());
			}
			if let Ok(v) = SignedVote::decode(&mut &bytes[..]) {
				prop_assert!(!v.verify(&GENESIS, &set(&p).voters[0]));
			}
		}
	}
}
