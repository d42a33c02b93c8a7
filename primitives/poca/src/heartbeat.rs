//! How a node that is out of its seat shows that it is back.

use crate::{AuthorityId, AuthoritySignature};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;

/// Keeps heartbeats apart from anything else that the same key might sign.
const DOMAIN: &[u8; 23] = b"SmartChain heartbeat v1";

/// "I am here, and in sync": it names a recent block, whose hash only a node in sync knows, and which no other chain
/// has.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Heartbeat<AccountId, Number, Hash> {
	/// The account that stands for the node.
	pub node: AccountId,
	/// The height of a recent block.
	pub number: Number,
	/// Its hash.
	pub hash: Hash,
}

impl<AccountId: Encode, Number: Encode, Hash: Encode> Heartbeat<AccountId, Number, Hash> {
	/// The bytes that are signed.
	pub fn payload(&self) -> Vec<u8> {
		(DOMAIN, self).encode()
	}

	/// Whether this key signed it.
	pub fn verify(&self, key: &AuthorityId, signature: &AuthoritySignature) -> bool {
		key.verify(&self.payload(), signature)
	}
}
