//! What a header must say for its block to be valid.

use poca_primitives::{DigestError, PreDigest, Role, Schedule, Slot};

/// How many bytes the digest may have that an author gives its block before it is executed: many times what a
/// pre-digest has. The rest of a header is what execution makes of it, so that no valid block has a header that is too
/// long to be reported.
pub const MAX_DIGEST_BYTES: usize = 4 * 1024;

/// Why a block is invalid by its header alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
	/// The digest is not POCA's.
	Digest(DigestError),
	/// The author gave it a digest of more than [`MAX_DIGEST_BYTES`].
	DigestTooLong,
	/// The slot is not later than the parent's.
	SlotNotIncreasing,
	/// The author is neither the slot's director nor a standby that has waited long enough.
	NotItsTurn,
	/// The block starts a turn and carries no VRF output.
	VrfMissing,
	/// The block starts no turn and carries a VRF output.
	VrfUnexpected,
	/// What it holds final is no ancestor: it is not below this block.
	FinalizedAhead,
}

impl core::fmt::Display for HeaderError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::Digest(error) => error.fmt(f),
			Self::DigestTooLong => write!(f, "the author's digest has more than {MAX_DIGEST_BYTES} bytes"),
			Self::SlotNotIncreasing => f.write_str("the slot is not later than the parent's"),
			Self::NotItsTurn => f.write_str("the author may not author this slot"),
			Self::VrfMissing => f.write_str("the block starts a turn without a VRF output"),
			Self::VrfUnexpected => f.write_str("the block carries a VRF output and starts no turn"),
			Self::FinalizedAhead => f.write_str("the block holds final what is not below it"),
		}
	}
}

impl From<DigestError> for HeaderError {
	fn from(error: DigestError) -> Self {
		Self::Digest(error)
	}
}

/// Where a block stands: all that the rules of a header depend on besides the header.
pub struct Position<'a> {
	/// The schedule of the parent's state.
	pub schedule: &'a Schedule,
	/// The parent's slot; `None` for the child of genesis, which has no slot.
	pub parent_slot: Option<Slot>,
	/// The height of the parent.
	pub parent_number: u32,
}

impl Position<'_> {
	/// Checks a pre-digest and tells in which role its author authored.
	///
	/// The VRF output itself is not verified here: header verification has done that, with the author's key.
	///
	/// # Errors
	/// The first rule that the header breaks.
	pub fn check<Hash>(&self, header: &PreDigest<Hash>) -> Result<Role, HeaderError> {
		// The child of genesis may have any slot but 0, as a child of slot 0.
		let parent_slot = self.parent_slot.unwrap_or_default();
		if header.slot <= parent_slot {
			return Err(HeaderError::SlotNotIncreasing);
		}
		let role = self
			.schedule
			.role(parent_slot, header.slot, header.author)
			.ok_or(HeaderError::NotItsTurn)?;
		// Genesis has no slot that a node could look up, also if its state goes on from another chain's: its child
		// starts a turn in any case.
		let starts_turn = self.parent_number == 0 || self.schedule.starts_turn(parent_slot, header.slot);
		match (starts_turn, header.vrf.is_some()) {
			(true, false) => return Err(HeaderError::VrfMissing),
			(false, true) => return Err(HeaderError::VrfUnexpected),
			_ => (),
		}
		if header.finalized.number > self.parent_number {
			return Err(HeaderError::FinalizedAhead);
		}
		Ok(role)
	}
}
