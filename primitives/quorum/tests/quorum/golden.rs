//! How returns lie in storage.

use codec::{Decode, Encode, MaxEncodedLen};
use quorum_primitives::Return;

#[test]
fn returns_have_their_bytes() {
	for (one, bytes) in [
		(Return::Digest([7_u8, 9]), &[0, 7, 9][..]),
		(Return::Fault, &[1]),
		(Return::Nothing, &[2]),
	] {
		assert_eq!(one.encode(), bytes);
		assert_eq!(Return::decode(&mut &bytes[..]), Ok(one));
	}
	assert_eq!(Return::<[u8; 32]>::max_encoded_len(), 33);
}
