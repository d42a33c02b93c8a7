//! What goes over the wire, byte for byte, as it was written down once by another program than this one.
//! A change that is meant gets a new version, and a file beside the old one.

use crate::{
	blocks::push::Pushed,
	net::{
		gossip::{ClockReading, Message, MessageV1, Request, Response},
		unread::Frame,
	},
};
use bft_finality_primitives::{Certificate, SignedVote, VoterPair};
use codec::{Decode, DecodeAll, Encode};
use smartchain_chain::SealedBlock;
use smartchain_proofs::warp::{Fragment, WarpProof};
use smartchain_signing::clock_payload;
use sp_application_crypto::RuntimeAppPublic;
use sp_core::{
	bytes::{from_hex, to_hex},
	Pair, H256,
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
fn frames() {
	same(&Frame::Ask(0x0102_0304_0506_0708), "0xfe0807060504030201");
	same(&Frame::Receipt(0x0102_0304_0506_0708), "0xff0807060504030201");
	assert_eq!(Frame::Ask(0).encoded_size(), Frame::BYTES);
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
