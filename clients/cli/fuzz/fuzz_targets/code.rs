//! Codes by which others share, of any text: nothing panics, no code has a key that its account has not signed, and
//! what is said of a wrong one can be shown. A true one stands beside each, damaged.
#![no_main]

use smart::access::read_code;
use sp_core::{sr25519, Pair};
use std::sync::OnceLock;

const GENESIS: [u8; 32] = [9; 32];
/// What keys are wrapped for its account with.
const PUBLIC: [u8; 32] = [5; 32];

/// An account and its code, as `smart wallet address` says it: written here by its description alone.
fn truth() -> &'static ([u8; 32], String) {
	static TRUTH: OnceLock<([u8; 32], String)> = OnceLock::new();
	TRUTH.get_or_init(|| {
		let pair = sr25519::Pair::from_seed(&[1; 32]);
		let account = pair.public().0;
		let said = [&b"smart share code v1"[..], &GENESIS, &account, &PUBLIC].concat();
		let bytes = [&[1][..], &PUBLIC, &pair.sign(&said).0].concat();
		let code: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
		assert_eq!(read_code(&code, &account, &GENESIS), Ok(PUBLIC));
		(account, code)
	})
}

fn check(text: &str) {
	let (account, _) = truth();
	match read_code(text, account, &GENESIS) {
		Ok(public) => assert_eq!(public, PUBLIC, "a key that nobody signed"),
		Err(why) => assert!(!why.contains(char::is_control) && why.len() < 1_000, "{why}"),
	}
	assert!(read_code(text, &[3; 32], &GENESIS).is_err(), "of another account");
	assert!(read_code(text, account, &[8; 32]).is_err(), "of another chain");
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	check(&String::from_utf8_lossy(bytes));
	// The true one with some bytes exchanged (position and value), and cut.
	let mut damaged = truth().1.clone().into_bytes();
	for change in bytes.chunks_exact(2) {
		let at = usize::from(change[0]) % damaged.len();
		damaged[at] = change[1];
	}
	check(&String::from_utf8_lossy(&damaged));
	damaged.truncate(bytes.len() * 7 % (damaged.len() + 1));
	check(&String::from_utf8_lossy(&damaged));
});
