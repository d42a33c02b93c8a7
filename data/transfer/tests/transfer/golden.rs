//! What is signed, byte for byte as another hand made it: `tests/golden/claims.py`.

use device_primitives::{DeviceId, DeviceKey, P256Key};
use smartchain_transfer::wire::{
	digest, receipt_of, values, Caller, Cause, Claim, Deed, Fault, Hello, Receipt, Signed, SlotId, Voucher, GROUP,
};

const GOLDEN: &str = include_str!("../golden/claims-v1.txt");
const GENESIS: [u8; 32] = [9; 32];
const SLOT: SlotId = SlotId { deal: 17, slot: 3 };

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn expected(name: &str) -> &'static str {
	let mut lines = GOLDEN.lines().filter_map(|line| line.split_once(' '));
	lines.find(|(known, _)| *known == name).expect("a line of this name").1
}

fn claim(deed: Deed) -> Claim {
	let mut point = [3; 33];
	point[0] = 2;
	Claim {
		device: DeviceId([1; 32]),
		key: DeviceKey::P256(P256Key(point)),
		slot: SLOT,
		deed,
		session: std::array::from_fn(|i| i as u8),
		count: 5,
		expires: 1_234,
	}
}

#[test]
fn claims_of_version_1_stay() {
	let piece: Vec<u8> = (0..2 * GROUP as u32 + 100)
		.map(|i| (u64::from(i) * u64::from(i) % 251) as u8)
		.collect();
	let mut found = Vec::new();
	values(4 * GROUP, &piece, &mut found);
	let read = Deed::Read {
		from: 4 * GROUP,
		length: 1 << 20,
	};
	let write = Deed::Write {
		from: 4 * GROUP,
		length: piece.len() as u32,
		digest: digest(&found),
		sync: true,
	};
	for (name, deed) in [("look", Deed::Look), ("read", read), ("write", write)] {
		assert_eq!(hex(&claim(deed).payload(&GENESIS)), expected(name), "{name}");
	}
}

#[test]
fn receipts_and_vouchers_of_version_1_stay() {
	let reader = Caller {
		key: claim(Deed::Look).key,
	};
	let receipt = Receipt {
		prober: DeviceId([7; 32]),
		..receipt_of(DeviceId([1; 32]), &reader, SLOT, 12, 1 << 18)
	};
	assert_eq!(hex(&receipt.payload(&GENESIS)), expected("receipt"));
	let voucher = Voucher {
		total: 1 << 32,
		proof: b"good".to_vec(),
	};
	assert_eq!(voucher.to_header(), expected("voucher"));
	assert_eq!(Voucher::of_header(expected("voucher")), Some(voucher));
}

#[test]
fn texts_of_version_1_stay() {
	assert_eq!(SLOT.path(), "/v1/slots/17/3");
	let hello = Hello::new(&[0xab; 16], &DeviceId([1; 32]), 7);
	let json = format!(
		"{{\"version\":1,\"session\":\"{}\",\"device\":\"{}\",\"tick\":7,\"most\":4194304}}",
		"ab".repeat(16),
		"01".repeat(32)
	);
	assert_eq!(serde_json::to_string(&hello).unwrap(), json);
	let fault = Fault {
		written: Some(5),
		..Fault::new(Cause::Gap, "why")
	};
	let json = "{\"cause\":\"gap\",\"message\":\"why\",\"written\":5}";
	assert_eq!(serde_json::to_string(&fault).unwrap(), json);
	assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), fault);
}

#[test]
fn a_path_has_one_form() {
	assert_eq!(SlotId::of_path("/v1/slots/17/3"), Some(SLOT));
	for wrong in [
		"/v1/slots/017/3",
		"/v1/slots/17/3/",
		"/v1/slots/17/+3",
		"/v1/slots/17/256",
		"/v1/slots/17",
		"/v1/slots/18446744073709551616/3",
		"/v2/slots/17/3",
		"",
	] {
		assert_eq!(SlotId::of_path(wrong), None, "{wrong}");
	}
}

#[test]
fn no_payload_begins_another() {
	assert!(!Claim::DOMAIN.starts_with(Receipt::DOMAIN) && !Receipt::DOMAIN.starts_with(Claim::DOMAIN));
	// No transaction of the chain begins so: see the payloads of devices.
	assert_eq!((Claim::DOMAIN[0], Receipt::DOMAIN[0]), (b'S', b'S'));
}

proptest::proptest! {
	#[test]
	fn no_header_panics(text in "\\PC{0,300}", digits in "[0-9a-f]{0,300}") {
		let _ = Signed::of_header(&text);
		let _ = Signed::of_header(&format!("SmartChain-Slot-1 {digits}"));
		let _ = Voucher::of_header(&text);
		let _ = Voucher::of_header(&digits);
		let _ = SlotId::of_path(&text);
	}
}

/// Talker: says why it refuses in more words than anybody reads.
#[test]
fn the_talker_is_cut_short() {
	let fault = Fault::new(Cause::Disk, "c".repeat(5_000)).plain();
	assert_eq!(fault.message, "c".repeat(300));
}
