//! Encodings as they were written down once. A change that is meant gets a new version, and a file beside the old one.

use codec::{Compact, DecodeAll, Encode, MaxEncodedLen};
use proof_lottery_primitives::{
	challenge, testing::SPACE, Claim, Claimed, Estimator, Kept, Pulse, SegmentDraw, SegmentWin, SpaceScheme, Terms,
	Threshold, Total, UPTIME_TAG,
};
use sp_core::bytes::{from_hex, to_hex};

const KEPT: &str = include_str!("golden/kept-v1.hex");
const KEPT_TERMS: &str = include_str!("golden/terms.hex");
const TOTAL: &str = include_str!("golden/total.hex");
const SEGMENT_WIN_PAYLOAD: &str = include_str!("golden/segment-win-payload-v1.hex");
/// A pulse over the challenge below, by the key of seed 1; proofs of it differ, so it is kept.
const PULSE: &str = include_str!("golden/pulse-v1.hex");
const CHALLENGE: &str = include_str!("golden/challenge-v1.hex");
const THRESHOLD: &str = include_str!("golden/threshold.hex");

fn bytes(golden: &str) -> Vec<u8> {
	from_hex(golden.trim()).expect("hexadecimal digits")
}

#[track_caller]
fn same(encoded: Vec<u8>, golden: &str) {
	assert_eq!(to_hex(&encoded, false), golden.trim());
}

fn terms() -> Terms {
	SPACE.with(1_000)
}

/// A device of a thousand plots in 2026, after two wins, with another claim to come.
fn device() -> (Estimator, Total) {
	let (mut device, mut total) = (
		Estimator::new(Claim {
			units: 1_000,
			from: 3_591_000_000,
		}),
		Total::default(),
	);
	device.win(&terms(), 3_591_043_200, &mut total);
	device.win(&terms(), 3_591_200_000, &mut total);
	let claimed = device.claim(
		Claim {
			units: 1_100,
			from: 3_591_200_280,
		},
		3_591_200_010,
		None,
	);
	assert_eq!(claimed, Ok(()));
	(device, total)
}

/// A signed win, and what it was run over: the first kernel encodes as 1.
fn segment_win() -> (SegmentWin, SegmentDraw<u8>) {
	let win = SegmentWin {
		device: [2; 32],
		window: 0x0304_0506_0708_090a,
		segment: 0x0b0c_0d0e,
	};
	let draw = SegmentDraw {
		kernel: 1,
		challenge: [3; 32],
		threshold: Threshold::decode_all(&mut &[4u8; 32][..]).expect("32 bytes"),
	};
	(win, draw)
}

#[test]
fn what_is_kept_of_a_device() {
	let kept = Kept::V1(device().0);
	same(kept.encode(), KEPT);
	assert_eq!(Kept::decode_all(&mut &bytes(KEPT)[..]), Ok(kept.clone()));
	let mut unknown = bytes(KEPT);
	unknown[0] = 2;
	assert!(Kept::decode_all(&mut &unknown[..]).is_err());
	// Every byte is kept for each of a million devices.
	assert!(kept.encoded_size() <= 40, "{}", kept.encoded_size());
	assert!(Kept::max_encoded_len() <= 64, "{}", Kept::max_encoded_len());
}

/// Of the largest numbers, each as long as it can be.
#[test]
fn what_is_kept_takes_no_more_room_than_it_says() {
	let (units, slot) = (Compact(u32::MAX), Compact(u64::MAX));
	let claim = (units, slot);
	assert_eq!(Claim::max_encoded_len(), claim.encoded_size());
	let estimator = (units, Some(claim), slot, slot, slot, units, (units, units)).encode();
	assert_eq!(Estimator::max_encoded_len(), estimator.len());
	assert!(Estimator::decode_all(&mut &estimator[..]).is_ok());
}

#[test]
fn claims() {
	let space = Claimed::Space {
		scheme: SpaceScheme::Pos2,
		k: 28,
		strength: 2,
		groups: 1_000,
	};
	let all = [
		(space, "0x01011c02e8030000"),
		(Claimed::Compute { segments: 4 }, "0x0204000000"),
		(Claimed::Uptime, "0x03"),
	];
	for (claim, golden) in all {
		same(claim.encode(), golden);
		assert_eq!(Claimed::decode_all(&mut &bytes(golden)[..]), Ok(claim));
	}
}

#[test]
fn lotteries_and_sums() {
	same(terms().encode(), KEPT_TERMS);
	assert_eq!(Terms::decode_all(&mut &bytes(KEPT_TERMS)[..]), Ok(terms()));
	let total = device().1;
	same(total.encode(), TOTAL);
	assert_eq!(Total::decode_all(&mut &bytes(TOTAL)[..]), Ok(total));
}

#[test]
fn what_is_signed() {
	let (win, draw) = segment_win();
	same(win.payload(&[1u8; 32], &draw), SEGMENT_WIN_PAYLOAD);
	let bytes = draw.encode();
	assert_eq!(SegmentDraw::<u8>::decode_all(&mut &bytes[..]), Ok(draw));
}

#[test]
fn pulses() {
	use sp_core::{sr25519, Pair};
	let challenge = challenge(UPTIME_TAG, &[9; 32], 0x0102_0304);
	same(challenge.to_vec(), CHALLENGE);
	let pulse = Pulse::decode_all(&mut &bytes(PULSE)[..]).expect("decodes");
	same(pulse.encode(), PULSE);
	let key = sr25519::Pair::from_seed(&[1; 32]).public().into();
	assert_eq!(pulse.verify(&key, &challenge, &Threshold::ALWAYS), Ok(()));
	assert!(pulse.verify(&key, &[9; 32], &Threshold::ALWAYS).is_err());
}

#[test]
fn thresholds() {
	let limit = terms().threshold(1_000).expect("claimed");
	same(limit.limit().to_vec(), THRESHOLD);
}

#[test]
#[ignore = "writes what the others compare, once for each version"]
fn write() {
	use sp_core::{crypto::VrfSecret, sr25519, Pair};
	let challenge = challenge(UPTIME_TAG, &[9; 32], 0x0102_0304);
	let vrf = sr25519::Pair::from_seed(&[1; 32]).vrf_sign(&Pulse::input(&challenge));
	let (win, draw) = segment_win();
	for (name, bytes) in [
		("kept-v1", Kept::V1(device().0).encode()),
		("terms", terms().encode()),
		("total", device().1.encode()),
		("segment-win-payload-v1", win.payload(&[1u8; 32], &draw)),
		("pulse-v1", Pulse::new([2; 32], 0x0102_0304, &vrf).encode()),
		("challenge-v1", challenge.to_vec()),
		("threshold", terms().threshold(1_000).expect("claimed").limit().to_vec()),
	] {
		let path = format!("{}/tests/golden/{name}.hex", env!("CARGO_MANIFEST_DIR"));
		std::fs::write(path, format!("{}\n", to_hex(&bytes, false))).expect("written");
	}
}
