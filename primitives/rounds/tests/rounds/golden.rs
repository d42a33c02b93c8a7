//! How a member lies in storage.

use codec::{Decode, Encode, MaxEncodedLen};
use rounds_primitives::Member;

#[test]
fn a_member_is_sixteen_bytes() {
	let mut member = Member::new(0x0102_0304);
	member.failed();
	let bytes = [4, 3, 2, 1, 0x82, 1, 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0];
	assert_eq!(member.encode(), bytes);
	assert_eq!(Member::decode(&mut &bytes[..]), Ok(member));
	assert_eq!(Member::max_encoded_len(), bytes.len());
}
