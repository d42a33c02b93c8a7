//! How much state a device takes, as README.md says.

use super::wins::plots::FIRST;
use crate::{mock::*, Claimed, Entries, Entry, MAX_WINS};
use codec::{Encode, MaxEncodedLen};
use frame_support::assert_ok;

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
