//! How much state a device takes, as README.md says, and its bytes.

use super::wins::plots::FIRST;
use crate::{mock::*, CandidateSums, Claimed, Entries, Entry, Link, UptimeEntry, MAX_WINS};
use codec::{Encode, MaxEncodedLen};
use frame_support::assert_ok;
use proof_lottery_primitives::{Claim, Kept};
use sp_core::bytes::to_hex;

/// Bytes of the storage's key: two hashes of 16, and the id of 32.
const KEY: usize = 64;

#[test]
fn a_device_takes_so_many_bytes() {
	run(|| {
		simulate_plots();
		device(1, space(1_000));
		declare(1, Claimed::Uptime);
		declare(1, Claimed::Compute { segments: 1_000 });
		assert_ok!(Proofs::offer_link(origin(1), id(1), 5));
		assert_ok!(Proofs::accept_link(origin(5), id(1)));
		for round in FIRST..FIRST + 50 {
			turns_to(round * TURN + 1);
			for group in 0..1_000 {
				let _ = apply(simulated_win(1, group));
			}
			let _ = apply(pulse(1));
		}
		let bytes = Entries::<Test>::get(id(1)).expect("is in all lotteries").encode().len() + KEY;
		assert!((250..500).contains(&bytes), "{bytes}");
		println!("{bytes} bytes of a device in three lotteries, linked");
		let most = Entry::<[u8; 32]>::max_encoded_len() + KEY;
		println!("{most} bytes at most");
		assert!(most < 1_024, "{most}");
		assert_eq!(MAX_WINS, 16);
	});
}

/// What lies in storage for years. A change that is meant is a migration.
#[test]
fn entries_and_sums_are_encoded_as_ever() {
	let kept = Kept::from(Claim { units: 1, from: 2 });
	let entry = Entry {
		uptime: Some(UptimeEntry {
			deposit: 10,
			kept,
			won: None,
		}),
		link: Some(Link {
			candidate: 6,
			deposit: 1,
			from: Some(3),
			counted: Default::default(),
			counted_at: 4,
		}),
		..Entry::new(5u64)
	};
	let zeros = |bytes| "00".repeat(bytes);
	let golden = [
		"0x0500000000000000000000",
		"01",
		"0a",
		&zeros(15),
		"010400080800000000",
		"00",
		"01",
		"0600000000000000",
		"01",
		&zeros(15),
		"0103000000",
		&zeros(24),
		"0400000000000000",
	]
	.concat();
	assert_eq!(to_hex(&entry.encode(), false), golden);
	let sums = CandidateSums {
		devices: 1,
		coming_from: 3,
		told: 2,
		..Default::default()
	};
	let golden = ["0x01000000", &zeros(144), "0300000002000000"].concat();
	assert_eq!(to_hex(&sums.encode(), false), golden);
}
