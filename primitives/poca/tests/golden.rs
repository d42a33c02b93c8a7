//! Encodings as they were written down once. A change that is meant gets a new version, and a file beside the old one.

use codec::{DecodeAll, Encode};
use poca_primitives::{
	find_pre_digest, find_pre_digest_in, pre_digest_item, seal_item, seal_of, seal_payload, AuthoritySignature,
	DigestError, FinalizedRef, Heartbeat, PreDigest, Schedule, SlotDuration, POCA_ENGINE_ID, VRF_VERSION,
};
use sp_core::{
	bytes::from_hex,
	sr25519::{self, vrf::VrfSignature},
	H256,
};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, Header as _},
	AccountId32, Digest, DigestItem,
};

type Header = generic::Header<u32, BlakeTwo256>;

/// A VRF output over turn 3 and randomness of 9s, by the key of seed 1; signatures of it differ, so it is kept.
const VRF: &str = include_str!("golden/vrf-v2.hex");
const PRE_DIGEST: &str = include_str!("golden/pre-digest-v1.hex");
const PRE_DIGEST_VRF: &str = include_str!("golden/pre-digest-vrf-v1.hex");
const SEAL_PAYLOAD: &str = include_str!("golden/seal-payload-v1.hex");
const HEARTBEAT: &str = include_str!("golden/heartbeat-v1.hex");
const HEADER: &str = include_str!("golden/header-v1.hex");
const SCHEDULE: &str = include_str!("golden/schedule-v1.hex");

fn bytes(golden: &str) -> Vec<u8> {
	from_hex(golden.trim()).expect("hexadecimal digits")
}

#[track_caller]
fn same(encoded: Vec<u8>, golden: &str) {
	assert_eq!(sp_core::bytes::to_hex(&encoded, false), golden.trim());
}

fn vrf() -> VrfSignature {
	VrfSignature::decode_all(&mut &bytes(VRF)[..]).expect("decodes")
}

fn pre_digest() -> PreDigest<H256> {
	PreDigest {
		slot: 0x0102_0304_0506_0708.into(),
		author: 0x0910,
		full: false,
		vrf: None,
		finalized: FinalizedRef {
			number: 0x1112_1314,
			hash: H256::repeat_byte(0x15),
		},
	}
}

fn pre_digest_with_vrf() -> PreDigest<H256> {
	PreDigest {
		full: true,
		vrf: Some(vrf()),
		..pre_digest()
	}
}

fn seal() -> AuthoritySignature {
	sr25519::Signature::from_raw([4; 64]).into()
}

fn header() -> Header {
	let mut header = Header::new(
		7,
		H256::repeat_byte(1),
		H256::repeat_byte(2),
		H256::repeat_byte(3),
		Digest {
			logs: vec![pre_digest_item(&pre_digest())],
		},
	);
	header.digest_mut().push(seal_item(&seal()));
	header
}

#[test]
fn pre_digests() {
	for (digest, golden) in [(pre_digest(), PRE_DIGEST), (pre_digest_with_vrf(), PRE_DIGEST_VRF)] {
		same(digest.encode(), golden);
		assert_eq!(PreDigest::from_bytes(&bytes(golden)), Ok(digest.clone()));
		assert_eq!(PreDigest::decode_all(&mut &bytes(golden)[..]), Ok(digest));
	}
}

#[test]
fn the_vrf_of_a_turn() {
	use sp_core::{crypto::VrfPublic, Pair};
	let key = sr25519::Pair::from_seed(&[1; 32]).public();
	assert!(key.vrf_verify(&PreDigest::<H256>::vrf_input(&[9; 32], 3), &vrf()));
	assert!(!key.vrf_verify(&PreDigest::<H256>::vrf_input(&[9; 32], 4), &vrf()));
	assert!(!key.vrf_verify(&PreDigest::<H256>::vrf_input(&[8; 32], 3), &vrf()));
}

#[test]
fn seal_payloads() {
	same(seal_payload(&H256::repeat_byte(1), &H256::repeat_byte(2)), SEAL_PAYLOAD);
}

#[test]
fn heartbeats() {
	let heartbeat = Heartbeat {
		node: AccountId32::new([1; 32]),
		number: 0x0203_0405u32,
		hash: H256::repeat_byte(6),
	};
	same(heartbeat.payload(), HEARTBEAT);
}

#[test]
fn headers() {
	same(header().encode(), HEADER);
	let decoded = Header::decode_all(&mut &bytes(HEADER)[..]).expect("decodes");
	assert_eq!(find_pre_digest(&decoded), Ok(pre_digest()));
	assert_eq!(seal_of(&decoded), Ok(seal()));
}

#[test]
fn schedules() {
	let key = |number| sr25519::Public::from_raw([number; 32]).into();
	let schedule = Schedule {
		slot_duration: SlotDuration::from_millis(500),
		turn_length: 12,
		missed_slots: 2,
		standby_line: 3,
		vrf_version: VRF_VERSION,
		era_length: 1_200,
		era: 5,
		directors: vec![key(1), key(2)],
		standby_signers: vec![None, Some(key(3))],
		randomness: [9; 32],
		turn_holder: Some((77, 3)),
	};
	same(schedule.encode(), SCHEDULE);
	assert_eq!(Schedule::decode_all(&mut &bytes(SCHEDULE)[..]), Ok(schedule));
}

#[test]
fn an_unknown_version_is_named() {
	let find = |bytes: Vec<u8>| {
		find_pre_digest_in::<H256>(&Digest {
			logs: vec![DigestItem::PreRuntime(POCA_ENGINE_ID, bytes)],
		})
	};
	let mut unknown = bytes(PRE_DIGEST);
	unknown[0] = 7;
	let error = find(unknown.clone()).expect_err("unknown");
	assert_eq!(error, DigestError::UnknownVersion(7));
	let text = error.to_string();
	assert!(
		text.contains("version 7") && text.contains("1 is known") && text.contains("up to date"),
		"{text}"
	);
	assert!(PreDigest::<H256>::decode_all(&mut &unknown[..]).is_err());
	// Whatever follows an unknown version, it is the version that is the matter; without one, nothing decodes.
	assert_eq!(find(vec![2]), Err(DigestError::UnknownVersion(2)));
	assert_eq!(find(vec![]), Err(DigestError::Undecodable));
	let mut long = bytes(PRE_DIGEST);
	long.push(0);
	assert_eq!(find(long), Err(DigestError::Undecodable));
}
