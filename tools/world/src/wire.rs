//! How many bytes messages have. `wire_lengths` compares the constants with the real encodings.

/// A signed vote in its two enums of versions and kinds.
pub const VOTE: usize = 2 + SIGNED_VOTE;
/// `SignedVote`: set, phase, flag, slot, number and hash, no end; the voter; the signature.
pub const SIGNED_VOTE: usize = 8 + 1 + 1 + 8 + 4 + 32 + 1 + 2 + 64;

/// A certificate as a message.
pub const fn certificate(voters: usize, signatures: usize) -> usize {
	2 + certificate_alone(voters, signatures)
}
/// `Certificate`: the vote's 55 bytes, the bitmap, the signatures, and how long both are.
pub const fn certificate_alone(voters: usize, signatures: usize) -> usize {
	55 + 1 + voters.div_ceil(8) + compact(signatures) + 64 * signatures
}
const fn compact(value: usize) -> usize {
	if value < 64 {
		1
	} else {
		2
	}
}

/// A sealed header: three hashes, the height (four bytes from block 16,384 on), and the digest of two items: what its
/// author says of it; the seal.
pub const HEADER: usize = 3 * 32 + 4 + 1 + PRE_RUNTIME + SEAL;
/// `PreRuntime(POCA)` without a VRF output: version, slot, author, whether the block is full, no output, what is final.
pub const PRE_RUNTIME: usize = 1 + 4 + 1 + 1 + 8 + 2 + 1 + 1 + 4 + 32;
/// `Seal`, sr25519.
pub const SEAL: usize = 1 + 4 + 2 + 64;
/// What the first block of a turn has more: the VRF output and its proof. Its digest item is longer than 63 bytes then.
pub const VRF: usize = 96 + 1;

/// A signed transfer, about: signature, signer, receiver, amount, nonce, era, tip. (Not compared: it depends on the
/// runtime.)
const TRANSFER: usize = 150;
/// The timestamp that every block begins with.
const INHERENT: usize = 12;

/// A sealed block.
pub fn block(transfers: u64, starts_turn: bool) -> usize {
	let vrf = if starts_turn { VRF } else { 0 };
	HEADER + vrf + 4 + INHERENT + transfers as usize * TRANSFER
}

/// The announcement of a block: its header, whether it is the best, no data.
pub const ANNOUNCEMENT: usize = HEADER + 2 + 2;
/// A request for a block: fields, hash, direction, a maximum, a flag, with their tags.
pub const REQUEST: usize = 48;
/// What the answer has beside the block: the hash again, tags and lengths.
pub const ANSWER: usize = 48;
/// A request for certificates: version, set, height.
pub const ASK: usize = 1 + 8 + 4;

/// The bytes of a full TCP segment.
pub const SEGMENT: usize = 1448;

/// What a message takes on the wire: its length, Yamux's header, Noise's length and tag, and for each segment the
/// headers of TCP (with timestamps) and IPv4. Messages do not share segments here; acknowledgements are not counted.
pub const fn framed(bytes: usize) -> usize {
	let bytes = bytes + 2 + 12 + 18;
	bytes + 52 * bytes.div_ceil(SEGMENT)
}
