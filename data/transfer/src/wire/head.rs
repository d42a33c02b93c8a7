//! Names of headers, and digits.

/// Who asks for what: [`Signed`](super::Signed).
pub const AUTHORIZATION: &str = "authorization";
/// The scheme of [`AUTHORIZATION`].
pub const SCHEME: &str = "SmartChain-Slot-1";
/// A [`Voucher`](super::Voucher), with a request.
pub const VOUCHER: &str = "smartchain-voucher";
/// With a request, `1` if a receipt is wanted; with an answer, hexadecimal digits of a [`Receipt`](super::Receipt) with
/// its signature.
pub const RECEIPT: &str = "smartchain-receipt";
/// The tick that it is at the holder's.
pub const TICK: &str = "smartchain-tick";
/// Bytes from the slot's start that came.
pub const WRITTEN: &str = "smartchain-written";
/// Bytes from the slot's start that are durable.
pub const DURABLE: &str = "smartchain-durable";
/// Bytes of the slot.
pub const LENGTH: &str = "smartchain-length";
/// The slot's root, in hexadecimal digits, if it can be read.
pub const ROOT: &str = "smartchain-root";
/// The [`Fault`](super::Fault) as JSON, if it has no characters that headers cannot have: answers to HEAD have no body.
pub const FAULT: &str = "smartchain-fault";
/// Planck for each MiB read, in decimal digits.
pub const PRICE: &str = "smartchain-price";
/// Planck that the caller owes for the slot, for all so far.
pub const OWED: &str = "smartchain-owed";
/// Planck that its vouchers promise.
pub const PROMISED: &str = "smartchain-promised";

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Hexadecimal digits, small ones.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
	let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
	digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// What hexadecimal digits say; small ones alone, so that each value has one form.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
	if text.len() % 2 != 0 {
		return None;
	}
	let digit = |byte: u8| DIGITS.iter().position(|digit| *digit == byte);
	text.as_bytes()
		.chunks_exact(2)
		.map(|two| u8::try_from(digit(two[0])? << 4 | digit(two[1])?).ok())
		.collect()
}
