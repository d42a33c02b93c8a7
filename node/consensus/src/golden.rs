//! What goes over the wire and onto disks, byte for byte, as it was written down once by another program than this one.
//! A change that is meant gets a new version, and a file beside the old one.

use crate::{
	blocks::push::Pushed,
	net::gossip::{ClockReading, Message, MessageV1, Request, Response},
	signing::{
		safety::{read_records, Record},
		signer::clock_payload,
	},
};
use bft_finality_primitives::{BlockRef, Certificate, SignedVote, VoterId, VoterPair};
use codec::{Decode, DecodeAll, Encode};
use smartchain_chain::SealedBlock;
use smartchain_proofs::warp::{Fragment, WarpProof};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::{
	bytes::{from_hex, to_hex},
	ByteArray, Pair, H256,
};
use sp_runtime::OpaqueExtrinsic;
use std::fmt::Debug;

const VOTE: &str = include_str!("../tests/golden/message-vote-v1.hex");
const CERTIFICATE: &str = include_str!("../tests/golden/message-certificate-v1.hex");
const CLOCK_READING: &str = include_str!("../tests/golden/message-clock-reading-v1.hex");
const REQUEST: &str = include_str!("../tests/golden/request-v1.hex");
const RESPONSE: &str = include_str!("../tests/golden/response-v1.hex");
const PUSHED_BLOCK: &str = include_str!("../tests/golden/pushed-block-v1.hex");
const WARP_PROOF: &str = include_str!("../tests/golden/warp-proof-v1.hex");
const SAFETY_RECORD: &str = include_str!("../tests/golden/safety-record-v1.hex");

fn bytes(golden: &str) -> Vec<u8> {
	from_hex(golden.trim()).expect("hexadecimal digits")
}

/// The value has this encoding, and the encoding this value.
#[track_caller]
fn same<Value: Encode + Decode + PartialEq + Debug>(value: &Value, golden: &str) {
	assert_eq!(to_hex(&value.encode(), false), golden.trim());
	assert_eq!(&Value::decode_all(&mut &bytes(golden)[..]).expect("decodes"), value);
}

/// What follows the two bytes of version and kind.
fn inner<Value: Decode>(golden: &str) -> Value {
	Value::decode_all(&mut &bytes(golden)[2..]).expect("decodes")
}

fn certificate() -> Certificate {
	inner(CERTIFICATE)
}

fn block() -> SealedBlock {
	let Pushed::V1(block) = Pushed::decode_all(&mut &bytes(PUSHED_BLOCK)[..]).expect("decodes");
	block
}

#[test]
fn messages() {
	same(&Message::V1(MessageV1::Vote(inner::<SignedVote>(VOTE))), VOTE);
	same(&Message::V1(MessageV1::Certificate(certificate())), CERTIFICATE);
	let reading = inner::<ClockReading>(CLOCK_READING);
	assert_eq!((reading.set_id, reading.voter, reading.slot), (7, 3, 0x0102_0304));
	let payload = clock_payload(&H256::repeat_byte(1), reading.set_id, reading.slot);
	let key = VoterPair::from_seed(&[1; 32]).public();
	assert!(key.verify(&payload, &reading.signature));
	same(&Message::V1(MessageV1::Clock(reading)), CLOCK_READING);
}

#[test]
fn requests_and_responses() {
	let request = Request::V1 {
		set_id: 0x1112_1314_1516_1718,
		from: 0x090a_0b0c,
	};
	same(&request, REQUEST);
	same(&Response::V1(vec![certificate()]), RESPONSE);
}

#[test]
fn pushed_blocks() {
	let block = block();
	let body = [vec![1, 2, 3], vec![0xff]].map(|bytes| OpaqueExtrinsic::from_blob(bytes));
	assert_eq!(block.body, body);
	same(&Pushed::V1(block), PUSHED_BLOCK);
}

#[test]
fn warp_proofs() {
	let fragment = Fragment {
		header: block().header,
		certificate: certificate(),
	};
	let proof = WarpProof::V1 {
		changes: vec![fragment.clone()],
		last: Some(fragment),
	};
	same(&proof, WARP_PROOF);
}

#[test]
fn the_safety_file() {
	let target = |slot, number, hash| BlockRef {
		slot,
		number,
		hash: H256::repeat_byte(hash),
	};
	let record = Record {
		set_id: 3,
		last_prevote: target(40, 9, 4),
		other_branch_slot: 30,
		lock: target(20, 8, 5),
		last_authored_slot: 41,
	};
	// Zeros between the record and its checksum are left out of the golden bytes. Record 5 lies in the second half of
	// the file.
	let golden = bytes(SAFETY_RECORD);
	let (body, checksum) = golden.split_at(golden.len() - 32);
	let mut file = vec![0; 4096];
	file.extend_from_slice(body);
	file.resize(8192 - 32, 0);
	file.extend_from_slice(checksum);
	let key = VoterId::from_slice(&[7; 32]).expect("32 bytes");
	let newest = read_records(&file, &H256::repeat_byte(1), &key).expect("is sound");
	assert_eq!((newest.seq, newest.record), (5, record));
}
