//! What outlives the program, byte for byte.

use crate::bench::{key, shown};
use codec::{DecodeAll, Encode};
use smart_agent_market::{Body, Deed, DeedKey, Memory, Record, Report, Shown, Voucher, MAX_DEED, MAX_REPORT};

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

fn report(era: u32, errand: u8) -> Report {
	Report {
		era,
		errand,
		bytes: vec![4, 5],
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
		Record::Owes(vec![(key(17), 50)]),
		Record::Report(report(5, 1)),
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
	assert_eq!(memory.debts().collect::<Vec<_>>(), [(key(17), 50)]);
	assert_eq!(memory.reports().cloned().collect::<Vec<_>>(), [report(5, 1)]);
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

#[test]
fn of_what_is_owed_the_most_counts_and_of_reports_those_of_the_last_era() {
	let owes = |total| Record::Owes(vec![(key(17), total), (key(18), 1)]);
	let memory = Memory::replay([owes(10), owes(30), owes(20)]);
	assert_eq!(memory.debts().collect::<Vec<_>>(), [(key(17), 30), (key(18), 1)]);
	let records = [report(5, 0), report(6, 1), report(5, 2)].map(Record::Report);
	let memory = Memory::replay(records);
	assert_eq!(memory.reports().cloned().collect::<Vec<_>>(), [report(6, 1)]);
	let long = Report {
		bytes: vec![0; MAX_REPORT + 1],
		..report(7, 0)
	};
	let many = (0..=u8::MAX).map(|errand| Record::Report(report(6, errand)));
	let memory = Memory::replay(many.chain([Record::Report(long)]));
	assert_eq!(memory.reports().count(), 16, "and no more");
}

#[test]
fn all_debts_are_written_in_records_that_are_not_too_long() {
	let debts = (0..1_000).map(|deal| Record::Owes(vec![(key(deal), 7)]));
	let memory = Memory::replay(debts);
	let records = memory.records();
	assert!(records.iter().all(|record| record.encode().len() <= MAX_DEED));
	assert_eq!(Memory::replay(records), memory);
}
