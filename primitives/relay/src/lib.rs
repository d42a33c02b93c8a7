#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// An amount, in planck of its asset.
pub type Balance = u128;

/// Which asset. 0 is STCI.
pub type AssetId = u32;

/// A hash: BLAKE2b of 256 bits.
pub type Hash = [u8; 32];

/// Counts what has been relayed for an account, from 0 on.
pub type RelayNonce = u64;

/// [`AssetId`] of STCI.
pub const STCI: AssetId = 0;

/// How many assets an authorization lists at most.
pub const MAX_SPEND: u32 = 8;

/// What every payload begins with, before it is hashed.
pub const DOMAIN: &[u8; 20] = b"SmartChain/relay/v1\0";

/// By how much an asset of the signer's may become less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Spend {
	/// The asset.
	pub asset: AssetId,
	/// By how much at most, in planck of it.
	pub most: Balance,
}

/// The chain that an authorization is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Chain {
	/// The hash of its genesis.
	pub genesis: Hash,
	/// How it encodes calls: `transaction_version` of its runtime.
	pub transaction_version: u32,
}

/// "This relayer may have this call carried out in my name, once." The call is signed with it, and not in it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct RelayAuth<AccountId> {
	/// In whose name the call is carried out. Signs this.
	pub signer: AccountId,
	/// Who sends it. Nobody else can.
	pub relayer: AccountId,
	/// The asset in which the relayer is paid.
	pub fee_asset: AssetId,
	/// What the relayer is paid, in planck of that, whatever becomes of the call.
	pub fee: Balance,
	/// By how much each asset may become less while the call is carried out, the fee not counted: by the number of the
	/// asset, each once. What is not listed may not become less at all.
	pub spend: BoundedVec<Spend, ConstU32<MAX_SPEND>>,
	/// How many calls have been relayed for the signer before, those that it revoked counted.
	pub nonce: RelayNonce,
	/// The last block in which this counts.
	pub valid_until: u32,
}

impl<AccountId> RelayAuth<AccountId> {
	/// Whether assets are listed by their number, each once.
	pub fn is_ordered(&self) -> bool {
		self.spend
			.iter()
			.zip(self.spend.iter().skip(1))
			.all(|(one, next)| one.asset < next.asset)
	}

	/// By how much an asset may become less, in planck of it: 0 if it is not listed.
	pub fn spend_of(&self, asset: AssetId) -> Balance {
		let listed = self.spend.iter().find(|spend| spend.asset == asset);
		listed.map_or(0, |spend| spend.most)
	}
}

impl<AccountId: Encode> RelayAuth<AccountId> {
	/// The bytes that are hashed. `call` is its [`call_hash`].
	pub fn preimage(&self, chain: &Chain, call: &Hash) -> Vec<u8> {
		let mut bytes = DOMAIN.to_vec();
		(chain, self, call).encode_to(&mut bytes);
		bytes
	}

	/// The 32 bytes that are signed. `call` is its [`call_hash`].
	pub fn payload(&self, chain: &Chain, call: &Hash) -> Hash {
		blake2_256(&self.preimage(chain, call))
	}
}

/// The hash of an encoded call.
pub fn call_hash(call: &[u8]) -> Hash {
	blake2_256(call)
}

/// What a wallet signs if a page asks it to sign these 32 bytes.
pub fn wrapped(payload: &Hash) -> Vec<u8> {
	[&b"<Bytes>"[..], &payload[..], &b"</Bytes>"[..]].concat()
}
