//! What the safety file holds, byte for byte, as it was written down once by another program than this one. A change
//! that is meant gets a new version, and a file beside the old one.

use bft_finality_primitives::{BlockRef, VoterId};
use smartchain_signing::safety::{read_records, Record};
use sp_core::{bytes::from_hex, ByteArray, H256};

const SAFETY_RECORD: &str = include_str!("golden/safety-record-v1.hex");

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
	let golden = from_hex(SAFETY_RECORD.trim()).expect("hexadecimal digits");
	let (body, checksum) = golden.split_at(golden.len() - 32);
	let mut file = vec![0; 4096];
	file.extend_from_slice(body);
	file.resize(8192 - 32, 0);
	file.extend_from_slice(checksum);
	let key = VoterId::from_slice(&[7; 32]).expect("32 bytes");
	let newest = read_records(&file, &H256::repeat_byte(1), &key).expect("is sound");
	assert_eq!((newest.seq, newest.record), (5, record));
}
