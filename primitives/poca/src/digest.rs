//! What a POCA header carries.

use crate::{AuthoritySignature, Randomness, Slot, POCA_ENGINE_ID};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, Input, MaxEncodedLen, Output};
use scale_info::TypeInfo;
use sp_core::sr25519::vrf::{VrfSignData, VrfSignature, VrfTranscript};
use sp_runtime::{
	generic::{Digest, DigestItem},
	traits::{BlakeTwo256, Hash as HashT, Header as HeaderT},
};

/// Who authored, as headers name it: a director by its place in the order of turns, the standby signer of that seat by
/// the same place after all directors (`directors.len() + place`).
pub type AuthorIndex = u16;

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

/// The version of a pre-digest's encoding: its first byte.
pub const PRE_DIGEST_VERSION: u8 = 1;

/// The version of what VRFs are evaluated over; a schedule says which one is in force.
pub const VRF_VERSION: u8 = 2;

/// The first digest item of every header but genesis. Its encoding begins with [`PRE_DIGEST_VERSION`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreDigest<Hash> {
	/// The slot that the block was authored in.
	pub slot: Slot,
	/// Who authored it.
	pub author: AuthorIndex,
	/// Whether the author filled the block up to its own limit of time, weight or bytes, so that transactions had to
	/// wait. Nobody can check it.
	pub full: bool,
	/// The author's VRF output over [`PreDigest::vrf_input`]; on the first block of a turn, and only there.
	pub vrf: Option<VrfSignature>,
	/// What the author holds final.
	pub finalized: FinalizedRef<Hash>,
}

impl<Hash> PreDigest<Hash> {
	/// What the VRF of a turn is evaluated over, in version [`VRF_VERSION`]. Not over the slot: by keeping silent for
	/// some slots an author could then choose among as many outputs as the turn has slots.
	pub fn vrf_input(randomness: &Randomness, turn: u64) -> VrfSignData {
		VrfTranscript::new(
			b"SmartChain POCA turn v2",
			&[(b"turn", &turn.to_le_bytes()), (b"randomness", randomness)],
		)
		.into_sign_data()
	}

	/// The 32 bytes that this block adds to its era's randomness. A VRF pre-output is unique to key and input, so its
	/// author could not choose among several.
	pub fn vrf_output(&self) -> Option<Randomness> {
		self.vrf
			.as_ref()
			.map(|vrf| BlakeTwo256::hash(&vrf.pre_output.encode()).0)
	}
}

impl<Hash: Decode> PreDigest<Hash> {
	/// Decodes what a digest item carries.
	///
	/// # Errors
	/// If the version is another, or if the bytes are not exactly a pre-digest.
	pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, DigestError> {
		match bytes.first() {
			Some(&PRE_DIGEST_VERSION) => Self::decode_all(&mut bytes).map_err(|_| DigestError::Undecodable),
			Some(&version) => Err(DigestError::UnknownVersion(version)),
			None => Err(DigestError::Undecodable),
		}
	}
}

impl<Hash: Encode> Encode for PreDigest<Hash> {
	fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
		let Self {
			slot,
			author,
			full,
			vrf,
			finalized,
		} = self;
		(PRE_DIGEST_VERSION, slot, author, full, vrf, finalized).encode_to(dest);
	}
}

impl<Hash: Decode> Decode for PreDigest<Hash> {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		if input.read_byte()? != PRE_DIGEST_VERSION {
			return Err("a pre-digest of another version".into());
		}
		let (slot, author, full, vrf, finalized) = Decode::decode(input)?;
		Ok(Self {
			slot,
			author,
			full,
			vrf,
			finalized,
		})
	}
}

/// Why a header's digest is not POCA's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestError {
	/// No pre-digest.
	Missing,
	/// More than one pre-digest.
	Repeated,
	/// A pre-digest of a version that this code does not know.
	UnknownVersion(u8),
	/// A pre-digest that does not decode.
	Undecodable,
	/// The last item is not a seal of 64 bytes.
	Unsealed,
}

impl core::fmt::Display for DigestError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::Missing => "the header has no POCA pre-digest",
			Self::Repeated => "the header has more than one POCA pre-digest",
			Self::UnknownVersion(version) => {
				return write!(
					f,
					"the header's POCA pre-digest has version {version}, and {PRE_DIGEST_VERSION} is known here: \
					 bring whichever of node and runtime is older up to date",
				)
			}
			Self::Undecodable => "the header's POCA pre-digest does not decode",
			Self::Unsealed => "the header does not end with a POCA seal",
		})
	}
}

impl core::error::Error for DigestError {}

/// The digest item of a pre-digest.
pub fn pre_digest_item<Hash: Encode>(pre_digest: &PreDigest<Hash>) -> DigestItem {
	DigestItem::PreRuntime(POCA_ENGINE_ID, pre_digest.encode())
}

/// The pre-digest of a header.
///
/// # Errors
/// If there is none, more than one, or one that does not decode.
pub fn find_pre_digest<H: HeaderT>(header: &H) -> Result<PreDigest<H::Hash>, DigestError>
where
	H::Hash: Decode,
{
	find_pre_digest_in(header.digest())
}

/// The pre-digest among the items of a header's digest: all that the runtime sees of a header while it executes the
/// block.
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
			found = Some(PreDigest::from_bytes(bytes)?);
		}
	}
	found.ok_or(DigestError::Missing)
}

/// Keeps seals apart from anything else that the same key might sign.
const SEAL_DOMAIN: &[u8; 24] = b"SmartChain block seal v1";

/// What a seal is over: the hash of the header without it, and of the chain's genesis, so that nobody who authors on
/// two chains with one key can be accused on one of what it sealed on the other.
pub fn seal_payload<Hash: Encode>(genesis: &Hash, header: &Hash) -> Vec<u8> {
	(SEAL_DOMAIN, genesis, header).encode()
}

/// The digest item of a seal, which is the last one of a header.
pub fn seal_item(seal: &AuthoritySignature) -> DigestItem {
	DigestItem::Seal(POCA_ENGINE_ID, AsRef::<[u8]>::as_ref(seal).to_vec())
}

/// The seal of a header: its last digest item. It is over [`seal_payload`].
///
/// # Errors
/// If the last item is not a seal of [`SEAL_LENGTH`] bytes.
pub fn seal_of<H: HeaderT>(header: &H) -> Result<AuthoritySignature, DigestError> {
	match header.digest().logs().last() {
		Some(DigestItem::Seal(POCA_ENGINE_ID, bytes)) => {
			AuthoritySignature::try_from(&bytes[..]).map_err(|_| DigestError::Unsealed)
		}
		_ => Err(DigestError::Unsealed),
	}
}
