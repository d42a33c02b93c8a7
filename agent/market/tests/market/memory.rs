//! What outlives the program, byte for byte.

use crate::bench::{key, shown};
use codec::{DecodeAll, Encode};
use smart_agent_market::{Body, Deed, DeedKey, Memory, Record, Shown, Voucher, MAX_DEED};

/// Written down once, from the types' description, by another program: one record a line.
const GOLDEN: &str = include_str!("golden/records-v1.hex");

fn answer() -> Deed {
	Deed {
		key: DeedKey::Answer {
			until: 700,
			index: 2,
			key: key(17),
			chunks: [5, 9],
		},
		until: 700,
		body: Body::Shown([7; 32], [shown(), shown()]),
	}
}

fn voucher(total: u128) -> Voucher {
	Voucher {
		key: key(17),
		total,
		bytes: vec![1, 2, 3],
	}
}

fn records() -> Vec<Record> {
	let confirm = Deed {
		key: DeedKey::Confirm {
			key: key(17),
			attempt: 1,
			until: 500,
			chunks: [1_023, 4],
		},
		until: 500,
		body: Body::Nothing,
	};
	let claim = Deed {
		key: DeedKey::Claim { at: 100 },
		until: 1_300,
		body: Body::Slots(vec![key(17)]),
	};
	vec![
		Record::Kept(answer()),
		Record::Kept(confirm.clone()),
		Record::Kept(claim),
		Record::Forgotten(confirm.key),
		Record::Voucher(voucher(60)),
		Record::Redeemed(key(17), 20),
		Record::Settled(key(18)),
	]
}

#[test]
fn the_bytes_stay() {
	let hex = |record: &Record| {
		record
			.encode()
			.iter()
			.map(|byte| format!("{byte:02x}"))
			.collect::<String>()
	};
	let found: Vec<String> = records().iter().map(hex).collect();
	let golden: Vec<&str> = GOLDEN.lines().filter(|line| !line.starts_with('#')).collect();
	assert_eq!(found, golden);
	for record in records() {
		assert_eq!(Record::decode_all(&mut &record.encode()[..]), Ok(record));
	}
}

#[test]
fn what_is_replayed_is_what_was_kept() {
	let memory = Memory::replay(records());
	assert_eq!(memory.deeds().count(), 2, "one was forgotten");
	assert_eq!(memory.vouchers(&key(17)), (60, 20));
	assert_eq!((memory.unpaid(), memory.unpaid_vouchers().len()), (40, 1));
	assert_eq!(Memory::replay(memory.records()), memory, "written anew it is the same");
	let settled = Memory::replay(records().into_iter().chain([Record::Settled(key(17))]));
	assert_eq!((settled.vouchers(&key(17)), settled.unpaid()), ((0, 0), 0));
}

#[test]
fn of_vouchers_the_highest_counts_in_any_order() {
	for totals in [[10, 30, 20], [30, 10, 20], [20, 30, 10]] {
		let memory = Memory::replay(totals.map(|total| Record::Voucher(voucher(total))));
		assert_eq!(memory.vouchers(&key(17)).0, 30);
	}
}

#[test]
fn the_longest_deed_is_within_its_bound() {
	let longest = Shown {
		chunk: vec![0; 1_024],
		path: vec![[0; 32]; 26],
	};
	let deed = Deed {
		body: Body::Shown([0; 32], [longest.clone(), longest]),
		..answer()
	};
	assert!(Record::Kept(deed).encode().len() <= MAX_DEED);
}
