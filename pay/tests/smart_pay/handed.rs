//! What is handed over: files, texts of QRs, NFC messages.

use super::{refused, smart_pay};
use smart_pay_frames::handed::{to_nfc, to_qr};

/// What goes wrong with the command line; what no daemon answers.
const USAGE: i32 = 2;
const UNREACHABLE: i32 = 3;

#[test]
fn what_was_handed_over_is_taken_whichever_way_it_comes() {
	let folder = tempfile::tempdir().expect("a folder");
	let sealed: Vec<u8> = (0..=255).collect();
	let text = to_qr(&sealed).expect("it fits");
	let (plain, tag) = (folder.path().join("a.scpay"), folder.path().join("a.ndef"));
	std::fs::write(&plain, &sealed).expect("a file");
	std::fs::write(&tag, to_nfc(&sealed)).expect("a file");
	let files = [plain, tag].map(|file| file.display().to_string());
	for what in [files[0].as_str(), &files[1], &text] {
		let output = smart_pay(folder.path(), &["import", what, "--dry-run"], b"");
		assert!(output.status.success(), "{output:?}");
		// It is read, and there is nobody who could take it.
		let said = refused(&smart_pay(folder.path(), &["import", what], b""), UNREACHABLE);
		assert!(said.contains("smart-pay run"), "{said}");
	}
	let output = smart_pay(
		folder.path(),
		&["import", "-", "--dry-run"],
		format!("{text}\n").as_bytes(),
	);
	assert!(output.status.success(), "{output:?}");
}

#[test]
fn what_is_damaged_missing_or_too_long_is_said_to_be_so() {
	let folder = tempfile::tempdir().expect("a folder");
	for (what, input, word) in [
		("SCPAY1:0", &b""[..], "read it again"),
		("-", b"SCPAY1:a", "read it again"),
		("nothing.scpay", b"", "cannot read nothing.scpay"),
		("-", &vec![1; 130_000], "too long"),
	] {
		let said = refused(&smart_pay(folder.path(), &["import", what], input), USAGE);
		assert!(said.contains(word), "{what}: {said}");
	}
}

#[test]
fn it_is_handed_over_one_way_at_a_time() {
	let folder = tempfile::tempdir().expect("a folder");
	let said = refused(&smart_pay(folder.path(), &["export", "7", "--qr", "--nfc"], b""), USAGE);
	assert!(said.contains("--qr") && said.contains("--nfc"), "{said}");
}
