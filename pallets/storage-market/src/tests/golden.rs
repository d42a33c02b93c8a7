//! What is kept, encoded as it was written down once, by another program.

use crate::{mock::Test, Audited, Batch, Challenge, Evacuation, FormerTab, Kept, Offering, Place, Till, Waiting};
use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::BoundedVec;
use market_primitives::Tab;
use sp_core::bytes::to_hex;
use sp_runtime::Perbill;
use storage_market_primitives::{Moment, Price};

const KEPT: &str = include_str!("../../tests/golden/kept.hex");
const BATCH: &str = include_str!("../../tests/golden/batch.hex");
const FORMER: &str = include_str!("../../tests/golden/former.hex");

#[track_caller]
fn same<T: Encode + Decode + PartialEq + core::fmt::Debug>(value: &T, golden: &str) {
	let encoded = value.encode();
	assert_eq!(to_hex(&encoded, false), golden.trim());
	assert_eq!(T::decode_all(&mut &encoded[..]).as_ref().ok(), Some(value));
}

#[test]
fn what_is_kept_is_encoded_as_ever() {
	let device = DeviceId([2; 32]);
	let place = Place {
		deal: 7,
		slot: 3,
		device,
	};
	let offer = Offering::<u64> {
		owner: 5,
		group: Some(NetworkGroup::V4([10, 0, 1])),
		ask: Price(203_450),
		egress: Price(976_562_500),
		capacity: 1 << 40,
		used: 1 << 28,
		kept: 1 << 27,
		max_slot: 1 << 36,
		score: Perbill::from_percent(50),
		tickets: 16,
		probes: true,
		evacuated: false,
		listed: 9,
		deposit: 1_000,
	};
	let till = Till {
		deposit: 10_200,
		boxes: 1,
		of_boxes: 500,
		tabs: BoundedVec::truncate_from(vec![Tab::new(100), Tab::new(0)]),
	};
	let kept = Kept {
		key_box: BoundedVec::truncate_from(vec![1, 2, 3]),
		deposit: 500,
	};
	let waiting = Waiting {
		deal: 7,
		slot: 3,
		from: 99,
	};
	let asked = Some(88);
	let evacuation = Evacuation {
		device,
		looked_at: Some(7),
	};
	same(
		&(offer, till, kept, waiting, Audited { place, asked }, evacuation),
		KEPT,
	);
	let batch = Batch {
		moment: Moment {
			tick: 88,
			randomness: [4; 32],
		},
		challenges: BoundedVec::truncate_from(vec![Challenge { place, answered: true }]),
	};
	same(&batch, BATCH);
	let former = FormerTab::<u64> {
		device,
		owner: 5,
		tab: Tab::new(100),
		until: 99,
	};
	same(&former, FORMER);
}

/// What is on chain of a deal of eight slots, with what is kept beside it, is within two KiB, boxes apart.
#[test]
fn what_is_kept_is_bounded() {
	assert!(Till::max_encoded_len() < 1_200, "{}", Till::max_encoded_len());
	assert!(Kept::max_encoded_len() < 160);
	assert!(Offering::<u64>::max_encoded_len() < 200);
	assert!(crate::Probing::<<Test as frame_system::Config>::AccountId>::max_encoded_len() < 5_000);
}
