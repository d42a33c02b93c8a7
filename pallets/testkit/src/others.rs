//! What a pallet asks of others, as a test wants it.

use codec::Encode;
use core::marker::PhantomData;
use frame_support::storage::unhashed;
use pallet_traits::{EraClock, KeyOf};
use poca_primitives::Randomness;
use sp_runtime::{traits::OpaqueKeys, RuntimeAppPublic};

/// The keys that accounts have set in the session pallet.
pub struct KeysOfSession<T>(PhantomData<T>);

impl<T: pallet_session::Config, Key: RuntimeAppPublic + codec::Decode> KeyOf<T::ValidatorId, Key> for KeysOfSession<T> {
	fn key_of(account: &T::ValidatorId) -> Option<Key> {
		pallet_session::Pallet::<T>::load_keys(account)?.get(Key::ID)
	}
}

/// Where the number of the era stands in storage.
const ERA: &[u8] = b":testkit:era";

/// Eras that begin when the test says so, each with a randomness of its own. It is era 0 first.
pub struct Eras;

impl Eras {
	/// It is this era now.
	pub fn set(era: u32) {
		unhashed::put(ERA, &era);
	}

	/// The randomness of an era.
	pub fn randomness(era: u32) -> Randomness {
		sp_io::hashing::blake2_256(&era.encode())
	}
}

impl EraClock for Eras {
	fn current_era() -> u32 {
		unhashed::get_or_default(ERA)
	}

	fn era_randomness() -> Randomness {
		Self::randomness(Self::current_era())
	}
}
