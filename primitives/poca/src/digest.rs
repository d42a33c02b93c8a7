//! What a POCA header carries.

use crate::{AuthorIndex, AuthoritySignature, Randomness, Slot, POCA_ENGINE_ID};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::sr25519::vrf::{VrfSignData, VrfSignature, VrfTranscript};
use sp_runtime::{
	generic::{Digest, DigestItem},
	traits::{BlakeTwo256, Hash as HashT, Header as HeaderT},
};

/// Bytes of a seal.
pub const SEAL_LENGTH: usize = 64;

/// The highest ancestor that the author holds final.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FinalizedRef<Hash> {
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: Hash,
}

/// The first digest item of every header but genesis.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PreDigest<Hash> {
	/// The slot that the block was authored in.
	pub slot: Slot,
	/// Who authored it.
	pub author: AuthorIndex,
	/// The author's VRF output over [`PreDigest::vrf_input`]; on the first block of a turn, and only there.
	pub vrf: Option<VrfSignature>,
	/// What the author holds final.
	pub finalized: FinalizedRef<Hash>,
}

impl<Hash> PreDigest<Hash> {
	/// What the VRF of a turn is evaluated over. The slot is that of the block which carries it.
	pub fn vrf_input(randomness: &Randomness, slot: Slot) -> VrfSignData {
		VrfTranscript::new(
			b"SmartChain POCA turn v1",
			&[(b"slot", &slot.to_le_bytes()), (b"randomness", randomness)],
		)
		.into_sign_data()
	}

	/// The 32 bytes that this block adds to its era's randomness. A VRF pre-output is unique to key and input, so its author
	/// could not choose among several.
	pub fn vrf_output(&self) -> Option<Randomness> {
		self.vrf
			.as_ref()
			.map(|vrf| BlakeTwo256::hash(&vrf.pre_output.encode()).0)
	}
}

/// Why a header's digest is not POCA's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestError {
	/// No pre-digest.
	Missing,
	/// More than one pre-digest.
	Repeated,
	/// A pre-digest that does not decode.
	Undecodable,
	/// The last item is not a seal of 64 bytes.
	Unsealed,
}

impl core::fmt::Display for DigestError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			DigestError::Missing => "the header has no POCA pre-digest",
			DigestError::Repeated => "the header has more than one POCA pre-digest",
			DigestError::Undecodable => "the header's POCA pre-digest does not decode",
			DigestError::Unsealed => "the header does not end with a POCA seal",
		})
	}
}

/// The digest item of a pre-digest.
pub fn pre_digest_item<Hash: Encode>(pre_digest: &PreDigest<Hash>) -> DigestItem {
	DigestItem::PreRuntime(POCA_ENGINE_ID, pre_digest.encode())
}

/// The pre-digest of a header.
///
/// # Errors
/// Where there is none, more than one, or one that does not decode.
pub fn find_pre_digest<H: HeaderT>(header: &H) -> Result<PreDigest<H::Hash>, DigestError>
where
	H::Hash: Decode,
{
	find_pre_digest_in(header.digest())
}

/// The pre-digest among the items of a header's digest: all that the runtime sees of a header while it executes the block.
///
/// # Errors
/// As [`find_pre_digest`].
pub fn find_pre_digest_in<Hash: Decode>(digest: &Digest) -> Result<PreDigest<Hash>, DigestError> {
	let mut found = None;
	for item in digest.logs() {
		if let DigestItem::PreRuntime(POCA_ENGINE_ID, bytes) = item {
			if found.is_some() {
				return Err(DigestError::Repeated);
			}
			found = Some(PreDigest::decode_all(&mut &bytes[..]).map_err(|_| DigestError::Undecodable)?);
		}
	}
	found.ok_or(DigestError::Missing)
}

/// Keeps seals apart from anything else that the same key might sign.
const SEAL_DOMAIN: &[u8; 24] = b"SmartChain block seal v1";

/// What a seal is over: the hash of the header without it, and of the chain's genesis, so that nobody who authors on two chains with
/// one key can be accused on one of what it sealed on the other.
pub fn seal_payload<Hash: Encode>(genesis: &Hash, header: &Hash) -> Vec<u8> {
	(SEAL_DOMAIN, genesis, header).encode()
}

/// The seal of a header: its last digest item. It is over [`seal_payload`].
///
/// # Errors
/// Where the last item is not a seal of [`SEAL_LENGTH`] bytes.
pub fn seal_of<H: HeaderT>(header: &H) -> Result<AuthoritySignature, DigestError> {
	match header.digest().logs().last() {
		Some(DigestItem::Seal(POCA_ENGINE_ID, bytes)) => {
			AuthoritySignature::try_from(&bytes[..]).map_err(|_| DigestError::Unsealed)
		}
		_ => Err(DigestError::Unsealed),
	}
}
