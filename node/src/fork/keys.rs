//! Where things lie in a state, and why they cannot be had.

use codec::DecodeAll;
use sp_core::storage::StorageMap;
use sp_crypto_hashing::{blake2_128, twox_128};
use std::fmt;

/// Bytes of the hash that a key in a map by `Twox64Concat` has before the account.
const TWOX_64: usize = 8;
/// Bytes of an account.
const ACCOUNT: usize = 32;

/// Why a state cannot be forked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForkError {
	/// The state lacks what every state of this chain has.
	Missing(&'static str),
	/// An item is in another form than this program knows.
	Form(&'static str),
	/// The runtime is newer than the state.
	UpgradeDue,
}

impl fmt::Display for ForkError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Missing(item) => write!(
				f,
				"the state has no {item}, so that it is none of a SmartChain: give a file that `smartchain \
				 export-state` wrote"
			),
			Self::Form(item) => write!(
				f,
				"{item} of the state is in a form that this program does not know: use the `smartchain` of the release \
				 whose runtime the chain has"
			),
			Self::UpgradeDue => f.write_str(
				"a new runtime is in force after this block, and has migrated nothing yet: export the state of the \
				 block before, or of a later one, as in `smartchain export-state HEIGHT`",
			),
		}
	}
}

/// How all keys of a pallet begin.
pub fn pallet(name: &str) -> [u8; 16] {
	twox_128(name.as_bytes())
}

/// The key of a value of a pallet, and how all keys of a map of it begin.
pub fn item(name: &str, item: &str) -> Vec<u8> {
	[pallet(name), twox_128(item.as_bytes())].concat()
}

/// All that lies under a prefix: what follows that in the key, and the value.
pub fn under(state: &StorageMap, prefix: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
	state
		.range(prefix.to_vec()..)
		.map_while(|(key, value)| Some((key.strip_prefix(prefix)?.to_vec(), value.clone())))
		.collect()
}

/// Where an account lies in a map by `Blake2_128Concat`.
pub fn place_of(account: &[u8]) -> Vec<u8> {
	[&blake2_128(account)[..], account].concat()
}

/// The account at this place of a map by `Twox64Concat`.
pub fn account_in(place: &[u8]) -> Option<&[u8]> {
	place.get(TWOX_64..).filter(|account| account.len() == ACCOUNT)
}

/// Decodes all of a value.
///
/// # Errors
/// [`ForkError::Form`] with this name if that is another form.
pub fn read<T: DecodeAll>(value: &[u8], name: &'static str) -> Result<T, ForkError> {
	T::decode_all(&mut &value[..]).map_err(|_| ForkError::Form(name))
}
