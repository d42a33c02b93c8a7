//! Envelopes as files, texts of QRs and NFC messages.

use smart_pay_frames::handed::{read, to_nfc, to_qr, MAX_QR, NFC_TYPE, QR_PREFIX};
use smartchain_rng::Rng;

fn bytes(hex: &str) -> Vec<u8> {
	(0..hex.len() / 2)
		.map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("digits"))
		.collect()
}

/// Made by another program, which programs in other languages compare with, too.
fn vectors() -> Vec<serde_json::Value> {
	let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/vectors/handed-v1.json");
	let text = std::fs::read_to_string(path).expect("the vectors");
	let all: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
	assert!(all.len() > 3);
	all
}

/// An NDEF record with a short length.
fn record(head: u8, kind: &[u8], name: Option<&[u8]>, payload: &[u8]) -> Vec<u8> {
	let length = |of: &[u8]| u8::try_from(of.len()).expect("it is short");
	let named = if name.is_some() { 0x08 } else { 0 };
	let mut record = vec![head | named | 0x10, length(kind), length(payload)];
	record.extend(name.map(length));
	record.extend(kind);
	record.extend(name.unwrap_or_default());
	record.extend(payload);
	record
}

#[test]
fn the_bytes_are_those_of_other_programs() {
	for vector in vectors() {
		let text = |key: &str| vector[key].as_str().expect("a text");
		let sealed = bytes(text("sealed"));
		assert_eq!(to_qr(&sealed).as_deref(), Ok(text("qr")));
		assert_eq!(to_nfc(&sealed), bytes(text("nfc")));
		assert_eq!(read(text("qr").as_bytes()), Ok(sealed.clone()));
		assert_eq!(read(&bytes(text("nfc"))), Ok(sealed.clone()));
	}
}

#[test]
fn a_file_is_what_it_is() {
	let mut rng = Rng::new(1);
	for length in [0, 1, 32, 480, 60_000] {
		let sealed = rng.bytes(length);
		assert_eq!(read(&sealed), Ok(sealed));
	}
}

/// Programs that read QRs add the end of a line, and people blanks. No text ends with one: the last digit of three is
/// less than 33, and of two less than 6.
#[test]
fn blanks_around_the_text_of_a_qr_are_none_of_it() {
	let text = to_qr(&[7; 40]).expect("it fits");
	assert_eq!(read(format!(" {text} \r\n").as_bytes()), Ok(vec![7; 40]));
}

#[test]
fn what_a_qr_does_not_hold_goes_as_a_file() {
	assert!(to_qr(&vec![1; MAX_QR]).is_ok());
	let why = to_qr(&vec![1; MAX_QR + 1]).expect_err("it is too long");
	assert!(why.contains("as a file"), "{why}");
}

#[test]
fn a_damaged_text_is_refused() {
	let text = to_qr(&[7; 40]).expect("it fits");
	// Cut off within a digit, a letter that is none of them, and more than two bytes.
	let letter = format!("{QR_PREFIX}a{}", &text[QR_PREFIX.len() + 1..]);
	for wrong in [&text[..text.len() - 2], &letter, "SCPAY1::::", "SCPAY1:::", "SCPAY1:0"] {
		assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
	}
	assert_eq!(read(b"SCPAY1:"), Ok(Vec::new()));
}

/// Phones write tags with other records beside, such as the address of an app.
#[test]
fn a_record_is_found_beside_others() {
	let ours = b"sealed";
	let kind = NFC_TYPE.to_uppercase();
	let message = [
		record(0x81, b"U", None, b"\x04example.org"),
		record(0x42, kind.as_bytes(), Some(b"1"), ours),
	]
	.concat();
	assert_eq!(read(&message), Ok(ours.to_vec()));
	let others = [
		record(0x81, b"U", None, b"\x04example.org"),
		record(0x42, b"text/plain", None, ours),
	]
	.concat();
	assert_eq!(read(&others), Ok(others), "it is none of ours: a file, if anything");
	// In pieces, without a first one, with one first too many, and one behind the last.
	for wrong in [
		record(0xa2, NFC_TYPE.as_bytes(), None, ours),
		record(0x42, NFC_TYPE.as_bytes(), None, ours),
		[
			record(0x81, b"U", None, b""),
			record(0xc2, NFC_TYPE.as_bytes(), None, ours),
		]
		.concat(),
		[
			record(0xc1, b"U", None, b""),
			record(0x42, NFC_TYPE.as_bytes(), None, ours),
		]
		.concat(),
	] {
		assert_eq!(read(&wrong), Ok(wrong));
	}
}

#[test]
fn any_bytes_are_read_without_a_panic() {
	let mut rng = Rng::new(2);
	let true_ones: Vec<Vec<u8>> = vec![
		to_nfc(&rng.bytes(40)),
		to_nfc(&rng.bytes(300)),
		to_qr(&rng.bytes(41)).expect("it fits").into_bytes(),
	];
	let mut other = 0;
	for round in 0..30_000 {
		let mut bytes = true_ones[round % true_ones.len()].clone();
		for _ in 0..rng.below(4) {
			let at = rng.below(bytes.len() as u64) as usize;
			bytes[at] = rng.next_u64() as u8;
		}
		let left = rng.below(bytes.len() as u64 + 1) as usize;
		if rng.percent(30) {
			bytes.truncate(left);
		}
		other += usize::from(read(&bytes).is_ok_and(|sealed| sealed.len() <= bytes.len()));
	}
	assert!(other > 1_000, "{other}");
}
