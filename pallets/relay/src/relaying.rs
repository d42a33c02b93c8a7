//! What is looked at before anything is charged, what is charged, and how the call is carried out.

use crate::{
	pallet::{AuthOf, CallOf},
	Config, Error, Event, Nonces, Pallet, WeightInfo,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	dispatch::{
		extract_actual_weight, DispatchClass, DispatchErrorWithPostInfo, DispatchResultWithPostInfo, GetDispatchInfo,
	},
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Balanced, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		Contains, Get, IsType, OnUnbalanced, OriginTrait,
	},
	weights::Weight,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use relay_primitives::{call_hash, wrapped, Balance, Chain, Hash, RelayNonce, STCI};
use sp_runtime::{
	traits::{Dispatchable, Verify, Zero},
	DispatchError, DispatchResult,
};

/// How many layers of storage a relayed call finds at least: its own, one for each call that lies in it, and what those
/// take themselves.
const LAYERS: u32 = 16;

/// What somebody has, in planck.
struct Money {
	/// What of it is free.
	free: Balance,
	/// With what is on hold.
	total: Balance,
}

impl Money {
	/// By how much it is less than before: what is free, or all of it, whichever is more. What is put on hold is free
	/// no more; and what came free from a hold and went away is missing in all.
	fn lost_since(&self, before: &Self) -> Balance {
		let free = before.free.saturating_sub(self.free);
		let total = before.total.saturating_sub(self.total);
		free.max(total)
	}
}

impl<T: Config> Pallet<T> {
	/// The chain that authorizations have to be for.
	pub fn chain() -> Chain {
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		Chain {
			genesis: Hash::try_from(genesis.as_ref()).unwrap_or_default(),
			transaction_version: <T as frame_system::Config>::Version::get().transaction_version,
		}
	}

	/// What relaying a call is charged beforehand: with all that the call says of itself.
	///
	/// This is asked of every transaction before anybody pays for it. Relayed calls may lie in each other there as deep
	/// as calls are decoded, and if each counted the bytes of all below it, that would take as often as long as one. So
	/// the bytes are counted of what may be relayed alone, in which no other relayed call lies; nobody encodes the
	/// others.
	pub(crate) fn weight_of(call: &CallOf<T>) -> Weight {
		let bytes = if T::Relayable::contains(call) {
			call.encoded_size()
		} else {
			0
		};
		let own = T::WeightInfo::relay(Self::count(bytes));
		own.saturating_add(call.get_dispatch_info().call_weight)
	}

	fn count(bytes: usize) -> u32 {
		u32::try_from(bytes).unwrap_or(u32::MAX)
	}

	fn money_of(who: &T::AccountId) -> Money {
		Money {
			free: T::Currency::balance(who),
			total: T::Currency::total_balance(who),
		}
	}

	pub(crate) fn do_relay(
		relayer: T::AccountId,
		auth: AuthOf<T>,
		signature: &T::Signature,
		call: CallOf<T>,
	) -> DispatchResultWithPostInfo {
		// As it was charged: what may not be relayed is not encoded.
		let bytes = T::Relayable::contains(&call).then(|| call.encode());
		let own = T::WeightInfo::relay(Self::count(bytes.as_ref().map_or(0, Vec::len)));
		// What is refused has not run: only looking at it took time.
		let admitted = Self::admit(&relayer, &auth, signature, &call, bytes.as_deref())
			.and_then(|()| Self::charge(&relayer, &auth))
			.map_err(DispatchError::from)
			.and_then(|()| Self::ensure_layers(LAYERS));
		if let Err(error) = admitted {
			return Err(DispatchErrorWithPostInfo {
				post_info: Some(own).into(),
				error,
			});
		}
		let info = call.get_dispatch_info();
		let result = Self::carry_out(&auth, call);
		let used = extract_actual_weight(&result, &info);
		Self::deposit_event(Event::Relayed {
			signer: auth.signer,
			relayer,
			nonce: auth.nonce,
			fee: auth.fee,
			result: result.map(|_| ()).map_err(|failure| failure.error),
		});
		Ok(Some(own.saturating_add(used)).into())
	}

	/// Refuses what may not be relayed. What costs the most is looked at last. `bytes` is the encoded call, none if the
	/// runtime does not let it be relayed.
	fn admit(
		relayer: &T::AccountId,
		auth: &AuthOf<T>,
		signature: &T::Signature,
		call: &CallOf<T>,
		bytes: Option<&[u8]>,
	) -> Result<(), Error<T>> {
		ensure!(auth.relayer == *relayer, Error::<T>::NotRelayer);
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now <= auth.valid_until.into(), Error::<T>::Expired);
		ensure!(auth.nonce == Nonces::<T>::get(&auth.signer), Error::<T>::WrongNonce);
		let known = auth.fee_asset == STCI && auth.spend.iter().all(|spend| spend.asset == STCI);
		ensure!(known, Error::<T>::AssetUnsupported);
		ensure!(auth.is_ordered(), Error::<T>::BadSpend);
		let info = call.get_dispatch_info();
		let bytes = bytes.ok_or(Error::<T>::Filtered)?;
		ensure!(info.class == DispatchClass::Normal, Error::<T>::Filtered);
		let is_small = Self::count(bytes.len()) <= T::MaxLength::get() && info.call_weight.all_lte(T::MaxWeight::get());
		ensure!(is_small, Error::<T>::TooLarge);
		let payload = auth.payload(&Self::chain(), &call_hash(bytes));
		ensure!(
			Self::is_signed(&auth.signer, &payload, signature),
			Error::<T>::BadSignature
		);
		Ok(())
	}

	/// Refuses what its relayer has laid so deep in other calls that there may be too few layers of storage for it: it
	/// would fail for that alone, and the fee would be paid.
	fn ensure_layers(needed: u32) -> DispatchResult {
		match needed.checked_sub(1) {
			None => Ok(()),
			Some(fewer) => with_storage_layer(|| Self::ensure_layers(fewer)),
		}
	}

	/// Whether an account signed these 32 bytes, as they are or as wallets sign what a page asks of them. For the
	/// account of zeros anybody can sign, since it is the neutral element of the curve: it sends no transactions either
	/// (`CheckNonZeroSender`).
	fn is_signed(who: &T::AccountId, payload: &Hash, signature: &T::Signature) -> bool {
		let is_zero = who.using_encoded(|bytes| bytes.iter().all(|byte| *byte == 0));
		!is_zero && (signature.verify(&payload[..], who) || signature.verify(&wrapped(payload)[..], who))
	}

	/// What stays whatever becomes of the call: the fee is paid, and the nonce is used. The relayer may pay for the
	/// entry out of the fee.
	fn charge(relayer: &T::AccountId, auth: &AuthOf<T>) -> Result<(), Error<T>> {
		let signer = &auth.signer;
		if auth.fee > 0 {
			// An account that the fee ended would begin anew, and what it sent itself could be sent once more.
			let has = T::Currency::reducible_balance(signer, Preservation::Preserve, Fortitude::Polite);
			ensure!(auth.fee <= has, Error::<T>::CannotPayFee);
			T::Currency::transfer(signer, relayer, auth.fee, Preservation::Preserve)
				.map_err(|_| Error::<T>::CannotPayFee)?;
		}
		let next = auth.nonce.checked_add(1).ok_or(Error::<T>::WrongNonce)?;
		Self::set_nonce(relayer, signer, next)
	}

	/// Sets the nonce of a signer. If it has had none, `payer` pays for the entry.
	fn set_nonce(payer: &T::AccountId, signer: &T::AccountId, next: RelayNonce) -> Result<(), Error<T>> {
		if !Nonces::<T>::contains_key(signer) {
			let price = T::EntryPrice::get();
			let (keep, force) = (Preservation::Preserve, Fortitude::Polite);
			let paid = T::Currency::withdraw(payer, price, Precision::Exact, keep, force)
				.map_err(|_| Error::<T>::CannotPayEntry)?;
			T::OnEntryPrice::on_unbalanced(paid);
		}
		Nonces::<T>::insert(signer, next);
		Ok(())
	}

	/// Carries out a call in the name of its signer, in a layer of its own. What the call dispatches in that name is
	/// asked for as well: the filter goes with the origin.
	fn carry_out(auth: &AuthOf<T>, call: CallOf<T>) -> DispatchResultWithPostInfo {
		let mut origin: T::RuntimeOrigin = RawOrigin::Signed(auth.signer.clone()).into();
		origin.add_filter(|call: &<T as frame_system::Config>::RuntimeCall| {
			T::Relayable::contains(<T as Config>::RuntimeCall::from_ref(call))
		});
		let before = Self::money_of(&auth.signer);
		with_storage_layer::<_, DispatchErrorWithPostInfo, _>(|| {
			let post_info = call.dispatch(origin)?;
			let spent = Self::money_of(&auth.signer).lost_since(&before);
			if spent > auth.spend_of(STCI) {
				// It took its time all the same.
				let error = Error::<T>::SpendExceeded.into();
				return Err(DispatchErrorWithPostInfo { post_info, error });
			}
			Ok(post_info)
		})
	}

	pub(crate) fn do_revoke(who: T::AccountId, next: RelayNonce) -> Result<(), Error<T>> {
		ensure!(next > Nonces::<T>::get(&who), Error::<T>::WrongNonce);
		Self::set_nonce(&who, &who, next)?;
		Self::deposit_event(Event::Revoked { signer: who, next });
		Ok(())
	}
}
