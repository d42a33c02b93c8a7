//! Encodings as they were written down once. A change that is meant gets a migration, and a file beside the old one.

use codec::{DecodeAll, Encode, MaxEncodedLen};
use issuance_primitives::{close, Demand, EraLedger, Merits, Schedule, Terms, Work, STCI, UNIT};
use sp_arithmetic::Perbill;
use sp_core::bytes::{from_hex, to_hex};

const SCHEDULE: &str = include_str!("../golden/schedule.hex");
const TERMS: &str = include_str!("../golden/terms.hex");
const LEDGER: &str = include_str!("../golden/era-ledger.hex");

fn bytes(golden: &str) -> Vec<u8> {
	from_hex(golden.trim()).expect("hexadecimal digits")
}

#[track_caller]
fn same(encoded: &[u8], golden: &str) {
	assert_eq!(to_hex(encoded, false), golden.trim());
}

/// An era of ten percent usage, with two accounts paid.
fn ledger() -> EraLedger {
	let demand = Demand {
		storage: Work {
			units: 1_000 * UNIT,
			paid: 500 * STCI,
		},
		compute: Work {
			units: 500 * UNIT,
			paid: 500 * STCI,
		},
		plots: 100_000 * UNIT,
	};
	let totals = Merits {
		signing: 2_460,
		plots: 100_000 * UNIT,
		storage: 1_000 * UNIT,
		compute: 500 * UNIT,
		bandwidth: 77 * UNIT,
		discovery: 9,
		treasury: 0,
	};
	EraLedger {
		closing: close(
			1_000 * STCI,
			Perbill::from_percent(10),
			&demand,
			&Terms::real(),
			&totals,
		),
		totals,
		created: 65 * STCI,
		expired: 3,
		burned: 2 * STCI,
		issuance: 21_000_000 * STCI,
	}
}

#[test]
fn a_schedule_is_encoded_as_ever() {
	same(&Schedule::real().encode(), SCHEDULE);
	assert_eq!(Schedule::decode_all(&mut &bytes(SCHEDULE)[..]), Ok(Schedule::real()));
}

#[test]
fn terms_are_encoded_as_ever() {
	same(&Terms::real().encode(), TERMS);
	assert_eq!(Terms::decode_all(&mut &bytes(TERMS)[..]), Ok(Terms::real()));
}

#[test]
fn an_era_s_ledger_is_encoded_as_ever() {
	same(&ledger().encode(), LEDGER);
	assert_eq!(EraLedger::decode_all(&mut &bytes(LEDGER)[..]), Ok(ledger()));
	assert_eq!(EraLedger::max_encoded_len(), bytes(LEDGER).len());
}
