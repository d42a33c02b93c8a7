//! Who signed what.

use crate::{pallet::ChannelOf, Config, Error, Pallet, Signatures};
use alloc::vec::Vec;
use channel_primitives::{ChannelId, ChannelKey, ChannelSignature, Hash, Payload, Side, Signed};
use device_primitives::DeviceKey;
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::ed25519;
use sp_runtime::traits::{Verify, Zero};

impl<T: Config> Pallet<T> {
	/// The genesis that everything signed names.
	pub(crate) fn genesis() -> Hash {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		Hash::try_from(hash.as_ref()).unwrap_or_default()
	}

	/// Whether it is a key under which not everybody can sign.
	pub(crate) fn is_sound(key: &ChannelKey) -> bool {
		DeviceKey::Ed25519(ed25519::Public::from_raw(key.0)).is_sound()
	}

	/// Whether a key signed these 32 bytes.
	pub(crate) fn verify(key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		let (signature, key) = (
			ed25519::Signature::from_raw(signature.0),
			ed25519::Public::from_raw(key.0),
		);
		sp_io::crypto::ed25519_verify(&signature, &payload[..], &key)
	}

	/// Whether an account signed these 32 bytes, as they are or as wallets sign what a page asks of them.
	pub(crate) fn is_by_account(who: &T::AccountId, payload: &Hash, signature: &T::Signature) -> bool {
		let wrapped: Vec<u8> = [&b"<Bytes>"[..], &payload[..], &b"</Bytes>"[..]].concat();
		signature.verify(&payload[..], who) || signature.verify(&wrapped[..], who)
	}

	/// Refuses what the key of a side did not sign in a channel.
	///
	/// # Errors
	/// `BadSignature`.
	pub(crate) fn ensure_by<B: Payload>(
		id: ChannelId,
		channel: &ChannelOf<T>,
		side: Side,
		signed: &Signed<B>,
	) -> Result<(), Error<T>> {
		let context = channel.context(Self::genesis(), id, side);
		ensure!(
			signed.is_by(channel.keys.get(side), &context, Self::verify),
			Error::BadSignature
		);
		Ok(())
	}

	/// Refuses what the keys of both sides did not sign in a channel.
	///
	/// # Errors
	/// `BadSignature`.
	pub(crate) fn ensure_by_both<B: Payload + Copy>(
		id: ChannelId,
		channel: &ChannelOf<T>,
		body: B,
		signatures: &Signatures,
	) -> Result<(), Error<T>> {
		for side in Side::ALL {
			let signature = *signatures.get(side);
			Self::ensure_by(id, channel, side, &Signed { body, signature })?;
		}
		Ok(())
	}
}
