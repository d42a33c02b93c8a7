//! How a sealed envelope is handed over where there is no network: as a file, as the text of a QR, or as what an NFC
//! tag has.
//!
//! ```text
//! file  the sealed bytes
//! QR    "SCPAY1:" and the sealed bytes in base45 (RFC 9285), whose characters QR codes hold best
//! NFC   an NDEF message of one record: of MIME type "application/vnd.smartchain.scpay", with the sealed bytes
//! ```
//! Sealed bytes begin with a key that is as good as random: they are not taken for either of the others.

/// What the text of a QR begins with.
pub const QR_PREFIX: &str = "SCPAY1:";
/// Bytes that one QR holds, at its lowest level of correction: more go as a file.
pub const MAX_QR: usize = 2_800;
/// The type of an NFC record.
pub const NFC_TYPE: &str = "application/vnd.smartchain.scpay";
/// Records of an NFC message that are looked through, at most.
const MOST_RECORDS: usize = 16;

/// The digits of base45.
const DIGITS: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const BASE: u16 = 45;

/// Bits of a record's first byte: it begins the message, ends it, goes on in the next one, has a short length, has a
/// name; and its kind.
const FIRST: u8 = 0x80;
const LAST: u8 = 0x40;
const CHUNK: u8 = 0x20;
const SHORT: u8 = 0x10;
const NAMED: u8 = 0x08;
const KIND: u8 = 0x07;
/// The kind of a record with a MIME type.
const MIME: u8 = 0x02;

/// The sealed bytes of what was handed over, as a file, the text of a QR or an NFC message.
///
/// # Errors
/// If it is the text of a QR, and damaged; with what to do.
pub fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
	// A blank is a digit, but never the last one.
	if let Some(text) = bytes.trim_ascii().strip_prefix(QR_PREFIX.as_bytes()) {
		let sealed = from_base45(text);
		return sealed.ok_or_else(|| "the text of the QR is damaged: read it again, all of it".into());
	}
	Ok(from_nfc(bytes).unwrap_or(bytes).to_vec())
}

/// Sealed bytes as the text of a QR.
///
/// # Errors
/// If they are too long for one.
pub fn to_qr(sealed: &[u8]) -> Result<String, String> {
	if sealed.len() > MAX_QR {
		return Err(format!(
			"it has {} bytes, and a QR holds {MAX_QR}: hand it over as a file",
			sealed.len()
		));
	}
	Ok(format!("{QR_PREFIX}{}", to_base45(sealed)))
}

/// Sealed bytes as an NFC message.
pub fn to_nfc(sealed: &[u8]) -> Vec<u8> {
	// Both lengths are far below their bounds.
	let kind = u8::try_from(NFC_TYPE.len()).unwrap_or(u8::MAX);
	let mut message = vec![FIRST | LAST | MIME, kind];
	match u8::try_from(sealed.len()) {
		Ok(short) => {
			message[0] |= SHORT;
			message.push(short);
		}
		Err(_) => message.extend(u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes()),
	}
	message.extend(NFC_TYPE.as_bytes());
	message.extend(sealed);
	message
}

/// The sealed bytes of an NFC message, if it is one that has some.
fn from_nfc(message: &[u8]) -> Option<&[u8]> {
	let mut rest = message;
	for number in 0..MOST_RECORDS {
		let (head, more) = rest.split_first()?;
		if (number == 0) != (head & FIRST != 0) || head & CHUNK != 0 {
			return None;
		}
		let (kind_length, more) = more.split_first()?;
		let (length, more) = if head & SHORT != 0 {
			let (length, more) = more.split_first()?;
			(usize::from(*length), more)
		} else {
			let (length, more) = more.split_first_chunk()?;
			(usize::try_from(u32::from_be_bytes(*length)).ok()?, more)
		};
		let (name_length, more) = if head & NAMED != 0 {
			let (length, more) = more.split_first()?;
			(usize::from(*length), more)
		} else {
			(0, more)
		};
		let (kind, more) = more.split_at_checked(usize::from(*kind_length))?;
		let (_, more) = more.split_at_checked(name_length)?;
		let (sealed, more) = more.split_at_checked(length)?;
		// MIME types do not tell large letters from small ones.
		if head & KIND == MIME && kind.eq_ignore_ascii_case(NFC_TYPE.as_bytes()) {
			return Some(sealed);
		}
		if head & LAST != 0 {
			return None;
		}
		rest = more;
	}
	None
}

fn to_base45(bytes: &[u8]) -> String {
	let mut text = String::new();
	for pair in bytes.chunks(2) {
		let (mut value, digits) = match *pair {
			[high, low] => (u16::from_be_bytes([high, low]), 3),
			[last] => (u16::from(last), 2),
			_ => (0, 0),
		};
		for _ in 0..digits {
			let digit = DIGITS.get(usize::from(value % BASE));
			text.push(digit.map_or('0', |digit| char::from(*digit)));
			value /= BASE;
		}
	}
	text
}

fn from_base45(text: &[u8]) -> Option<Vec<u8>> {
	let mut bytes = Vec::new();
	for digits in text.chunks(3) {
		let mut value = 0_u32;
		for digit in digits.iter().rev() {
			let digit = DIGITS.iter().position(|other| other == digit)?;
			value = value * u32::from(BASE) + u32::try_from(digit).ok()?;
		}
		match digits.len() {
			3 => bytes.extend(u16::try_from(value).ok()?.to_be_bytes()),
			2 => bytes.push(u8::try_from(value).ok()?),
			_ => return None,
		}
	}
	Some(bytes)
}
