//! What a hostile peer says on the protocols that every Substrate node has.

use super::shapes::hash;
use crate::{rng::Rng, rpc::Header};
use codec::{Compact, Encode};
use sp_core::H256;
use std::iter;

/// The most blocks that an answer holds.
const BLOCKS: u64 = 128;
/// Header, body and justification, as the protocol has them: in the first byte of four.
const WHOLE_BLOCKS: u64 = 0x13 << 24;
/// Transactions of one message.
const TRANSACTIONS: usize = 32;
/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// What comes before the signature in a signed transaction, after its length: version, address, and the kind of
/// signature.
const BEFORE_SIGNATURE: usize = 1 + 33 + 1;
/// Calls that take long, and whose proofs are large.
const CALLS: [&str; 3] = ["Metadata_metadata", "GenesisBuilder_preset_names", "Core_version"];

/// An announcement of a block that nobody made, as the newest.
pub fn announcement(header: &Header, random: &mut Rng) -> Vec<u8> {
	const BEST: u8 = 1;
	let mut header = header.clone();
	header.state_root = hash(random);
	header.number = header.number.saturating_add(random.below(8) as u32);
	(header, BEST, Compact(0u32)).encode()
}

/// Transactions like this one, with signatures that nobody made; none if it is not signed.
pub fn transactions(like: &[u8], random: &mut Rng) -> Option<Vec<u8>> {
	let length = match like.first()? & 3 {
		0 => 1,
		1 => 2,
		_ => 4,
	};
	let signature = length + BEFORE_SIGNATURE;
	let end = signature + SIGNATURE;
	like.get(signature..end)?;
	let mut bytes = Compact(TRANSACTIONS as u32).encode();
	for _ in 0..TRANSACTIONS {
		bytes.extend(&like[..signature]);
		bytes.extend(random.bytes(SIGNATURE));
		bytes.extend(&like[end..]);
	}
	Some(bytes)
}

/// A request for whole blocks from some height up to this one on.
pub fn block_request(highest: u32, random: &mut Rng) -> Vec<u8> {
	let from = 1 + random.below(u64::from(highest)) as u32;
	let descending = random.below(2);
	// No two requests are alike, or they are refused as repeated.
	let most = 1 + BLOCKS / 2 + random.below(BLOCKS / 2);
	[
		number(1, WHOLE_BLOCKS),
		bytes(3, &from.encode()),
		number(5, descending),
		number(6, most),
	]
	.concat()
}

/// A request for all state of a block from some key on, with a proof or without.
pub fn state_request(block: H256, random: &mut Rng) -> Vec<u8> {
	let start = random.bytes(4);
	[bytes(1, &block.encode()), bytes(2, &start), number(3, random.below(2))].concat()
}

/// A call into the runtime, or a read of its code, with a proof.
pub fn light_request(block: H256, random: &mut Rng) -> Vec<u8> {
	let kind = random.below(CALLS.len() as u64 + 1) as usize;
	let at = bytes(2, &block.encode());
	match CALLS.get(kind) {
		Some(call) => bytes(1, &[at, bytes(3, call.as_bytes()), bytes(4, &[])].concat()),
		None => bytes(2, &[at, bytes(3, b":code")].concat()),
	}
}

/// A field of protocol buffers that is a number.
fn number(field: u8, value: u64) -> Vec<u8> {
	iter::once(field << 3).chain(varint(value)).collect()
}

/// A field of protocol buffers that is bytes.
fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
	const BYTES: u8 = 2;
	iter::once(field << 3 | BYTES)
		.chain(varint(value.len() as u64))
		.chain(value.iter().copied())
		.collect()
}

fn varint(mut value: u64) -> Vec<u8> {
	let mut bytes = Vec::new();
	while value >= 0x80 {
		bytes.push(value as u8 | 0x80);
		value >>= 7;
	}
	bytes.push(value as u8);
	bytes
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn fields_are_those_of_protocol_buffers() {
		assert_eq!(number(1, 150), [0x08, 0x96, 0x01]);
		assert_eq!(bytes(2, b"testing"), *b"\x12\x07testing");
	}

	#[test]
	fn transactions_differ_in_their_signatures_alone() {
		let like = [&[0x19, 0x02][..], &[7; 134]].concat();
		let mut random = Rng::new(1);
		let bytes = transactions(&like, &mut random).expect("it is long enough");
		assert_eq!(bytes.len(), 1 + TRANSACTIONS * like.len());
		let (first, second) = (&bytes[1..][..like.len()], &bytes[1 + like.len()..][..like.len()]);
		assert_eq!((&first[..37], &first[101..]), (&like[..37], &like[101..]));
		assert_ne!(first, second);
		assert!(transactions(&[0x19, 0x02, 4], &mut random).is_none());
	}
}
