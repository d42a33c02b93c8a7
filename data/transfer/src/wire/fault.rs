//! Why a request was refused: a cause that programs read, and a sentence for people.

use smartchain_slots::manifest::shown;
use storage_proof_primitives::Tick;

/// The cause of a fault. Its status of HTTP follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
	/// It is no request of this protocol: 400.
	Request,
	/// The claim cannot be read, is for another device, or not signed: 401.
	Claim,
	/// The claim is good no more, or not yet: 401.
	Expired,
	/// The claim came before, or on another connection: 401.
	Replayed,
	/// More has to be paid first: 402.
	Unpaid,
	/// The voucher pays nothing: 402.
	Voucher,
	/// The chain gives the caller no right to this: 403.
	NotYours,
	/// The holder has no such slot: 404.
	NoSuchSlot,
	/// The slot is not whole yet: 409.
	Incomplete,
	/// What is written would leave a gap: 409.
	Gap,
	/// What came has another digest: 409.
	Digest,
	/// Somebody writes this slot already: 409.
	InUse,
	/// The slot is whole and is not written any more: 409.
	Sealed,
	/// More bytes than one request may have: 413.
	TooLarge,
	/// There is no such range: 416.
	Range,
	/// The caller asks too much at a time: 429.
	TooMany,
	/// The disk failed: 500.
	Disk,
	/// The holder has too much to do, or ends: 503.
	Busy,
	/// The holder cannot ask the chain: 503.
	Unsure,
	/// There is no room on disk: 507.
	Full,
}

impl Cause {
	/// The status of HTTP.
	pub const fn status(self) -> u16 {
		match self {
			Self::Request => 400,
			Self::Claim | Self::Expired | Self::Replayed => 401,
			Self::Unpaid | Self::Voucher => 402,
			Self::NotYours => 403,
			Self::NoSuchSlot => 404,
			Self::Incomplete | Self::Gap | Self::Digest | Self::InUse | Self::Sealed => 409,
			Self::TooLarge => 413,
			Self::Range => 416,
			Self::TooMany => 429,
			Self::Disk => 500,
			Self::Busy | Self::Unsure => 503,
			Self::Full => 507,
		}
	}

	/// Whether the connection ends with it: whoever cannot sign, or has no right here, is to begin anew.
	pub const fn ends(self) -> bool {
		matches!(self, Self::Request | Self::Claim | Self::Replayed | Self::NotYours)
	}

	/// Whether the same request may be answered a little later.
	pub const fn passes(self) -> bool {
		matches!(
			self,
			Self::Expired | Self::Replayed | Self::InUse | Self::TooMany | Self::Busy | Self::Unsure
		)
	}
}

/// Characters of a message that are shown.
const MOST_MESSAGE: usize = 300;

/// Why a request was refused, as JSON: `{"cause":"range","message":"..."}`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
	/// For programs.
	pub cause: Cause,
	/// For people: what is the matter, and what to do.
	pub message: String,
	/// Bytes that are written, if this says where to go on.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub written: Option<u64>,
	/// Planck for all that was read of the slot so far, in decimal digits, if this is about money.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub owed: Option<String>,
	/// Planck that vouchers promise so far, likewise.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub promised: Option<String>,
}

impl Fault {
	/// With a cause and a sentence.
	pub fn new(cause: Cause, message: impl Into<String>) -> Self {
		Self {
			cause,
			message: message.into(),
			written: None,
			owed: None,
			promised: None,
		}
	}

	/// The same with a message that can be shown to people: a device says what it likes.
	#[must_use]
	pub fn plain(mut self) -> Self {
		let words = shown(self.message.as_bytes());
		self.message = words.chars().take(MOST_MESSAGE).collect();
		self
	}

	/// No request of this protocol.
	pub fn request(why: &str) -> Self {
		Self::new(Cause::Request, why)
	}

	/// No claim that counts.
	pub fn claim(why: &str) -> Self {
		Self::new(Cause::Claim, why)
	}

	/// Good no more, or not yet.
	pub fn expired(now: Tick) -> Self {
		let why =
			format!("the claim is not good at tick {now}, which it is here; sign one that ends a few ticks later");
		Self::new(Cause::Expired, why)
	}

	/// A claim came twice, or on another connection.
	pub fn replayed() -> Self {
		let why = "the claim is of another connection or was used; ask /v1/session, and count each claim up";
		Self::new(Cause::Replayed, why)
	}

	/// The chain gives no right to this.
	pub fn not_yours() -> Self {
		let why = "the chain does not let this key do that with the slot; its owner can grant it access";
		Self::new(Cause::NotYours, why)
	}

	/// No such slot here.
	pub fn no_such_slot() -> Self {
		let why = "this device does not hold the slot; ask the chain who does";
		Self::new(Cause::NoSuchSlot, why)
	}

	/// The chain cannot be asked.
	pub fn unsure() -> Self {
		let why = "this device cannot ask the chain now; try again, or another device";
		Self::new(Cause::Unsure, why)
	}

	/// A voucher that pays nothing.
	pub fn bad_voucher(why: &str) -> Self {
		Self::new(Cause::Voucher, why)
	}

	/// More has to be paid first.
	pub fn unpaid(owed: u128, promised: u128) -> Self {
		let why = "too much is unpaid; show a voucher over what is owed, then read on";
		Self {
			owed: Some(owed.to_string()),
			promised: Some(promised.to_string()),
			..Self::new(Cause::Unpaid, why)
		}
	}

	/// More than one request may have.
	pub fn too_large(length: u64) -> Self {
		let why = format!(
			"{length} bytes are more than the {} of a request; ask in parts",
			super::MOST
		);
		Self::new(Cause::TooLarge, why)
	}

	/// No such range.
	pub fn range(from: u64, length: u64, slot_len: u64) -> Self {
		let why = format!(
			"{length} bytes from {from} on are no range of whole groups of {} bytes in a slot of {slot_len}",
			super::GROUP
		);
		Self::new(Cause::Range, why)
	}

	/// Written would leave a gap.
	pub fn gap(written: u64) -> Self {
		Self {
			written: Some(written),
			..Self::new(
				Cause::Gap,
				format!("{written} bytes are written; go on there or before"),
			)
		}
	}
}
