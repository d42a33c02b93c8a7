#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod relaying;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{wallet, BenchmarkHelper};
pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use frame_support::{
		dispatch::{DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo},
		pallet_prelude::*,
		traits::{
			fungible::{Balanced, Credit, Mutate},
			Contains, OnUnbalanced,
		},
	};
	use frame_system::pallet_prelude::*;
	use relay_primitives::{Balance, RelayAuth, RelayNonce};
	use sp_runtime::traits::{Dispatchable, IdentifyAccount, Verify};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// A call of a runtime.
	pub type CallOf<T> = <T as Config>::RuntimeCall;

	/// An authorization of a runtime's accounts.
	pub type AuthOf<T> = RelayAuth<<T as frame_system::Config>::AccountId>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The runtime's calls.
		type RuntimeCall: Parameter
			+ Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
			+ From<frame_system::Call<Self>>
			+ GetDispatchInfo
			+ IsType<<Self as frame_system::Config>::RuntimeCall>;

		/// STCI.
		type Currency: Mutate<Self::AccountId, Balance = Balance> + Balanced<Self::AccountId>;

		/// How an account signs.
		type Signature: Verify<Signer = Self::Signer> + Parameter;
		/// Whose signature that is.
		type Signer: IdentifyAccount<AccountId = Self::AccountId>;

		/// Which calls may be relayed. Asked of the call that is sent, and of each that it dispatches in the name of
		/// the signer. None may dispatch another one in another name, for that one is not asked of; and none may be of
		/// this pallet.
		type Relayable: Contains<CallOf<Self>>;

		/// What becomes of what is paid for the entries of signers.
		type OnEntryPrice: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

		/// What the first call that is relayed for an account costs its relayer, in planck: the entry of its nonce is
		/// kept for good.
		#[pallet::constant]
		type EntryPrice: Get<Balance>;

		/// How many bytes a call may have when it is encoded.
		#[pallet::constant]
		type MaxLength: Get<u32>;

		/// What a call may weigh.
		#[pallet::constant]
		type MaxWeight: Get<Weight>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId, Self::Signature>;
	}

	/// How many calls have been relayed for an account, those that it revoked counted: what its next authorization
	/// names. None is 0, and kept for no account. An entry outlives its account: were it to go with it, all that was
	/// signed before could be sent once more when the account is back.
	#[pallet::storage]
	pub type Nonces<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, RelayNonce, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A call was sent for its signer, and its relayer paid.
		Relayed {
			/// In whose name it was carried out.
			signer: T::AccountId,
			/// Who sent it.
			relayer: T::AccountId,
			/// The number of the authorization, which counts no more.
			nonce: RelayNonce,
			/// What the relayer was paid, in planck.
			fee: Balance,
			/// What became of the call. Nothing is left of one that failed.
			result: DispatchResult,
		},
		/// What an account has signed with a lower nonce counts no more.
		Revoked {
			/// The account.
			signer: T::AccountId,
			/// The nonce of its next authorization.
			next: RelayNonce,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The authorization names another relayer: only that one can send it.
		NotRelayer,
		/// The authorization is over: have another one signed.
		Expired,
		/// The nonce is not the signer's next one: what it signed was sent or revoked, or something comes before it.
		WrongNonce,
		/// There is no such asset here: fees and spends are of STCI, asset 0.
		AssetUnsupported,
		/// Assets are not listed by their number, each once.
		BadSpend,
		/// The call has more than `MaxLength` bytes, or weighs more than `MaxWeight`: relay parts of it.
		TooLarge,
		/// No such call may be relayed: its signer has to send it itself.
		Filtered,
		/// The signer did not sign this: for this chain, this encoding of calls, and this call.
		BadSignature,
		/// The signer has not as much as the fee, free and above what an account has to hold.
		CannotPayFee,
		/// Whoever pays for the signer's entry has not as much as `EntryPrice`, free and above what an account has to
		/// hold.
		CannotPayEntry,
		/// The call took more of the signer's money than the authorization allows. Nothing is left of the call. Only
		/// the result in `Relayed` says so.
		SpendExceeded,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::EntryPrice::get() > 0, "state must not be free: EntryPrice is 0");
			assert!(
				T::MaxLength::get() > 0,
				"MaxLength of pallet-relay is 0: it must be at least 1"
			);
			let own = T::WeightInfo::relay(T::MaxLength::get());
			let most = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
			assert!(
				most.is_none_or(|most| own.saturating_add(T::MaxWeight::get()).all_lte(most)),
				"the longest and heaviest call that may be relayed finds room in a block"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Carries out a call in the name of whoever signed it. The caller is paid the fee and pays for the
		/// transaction; if it is the first call for this signer, also for the entry of its nonce. Fee and nonce stay
		/// whatever becomes of the call. If the call fails, or takes more of the signer's money than allowed, nothing
		/// else is left of it.
		///
		/// - `auth`: what the signer signed. It names the caller.
		/// - `signature`: the signer's, under `RelayAuth::payload` as it is or within `<Bytes>` and `</Bytes>`.
		/// - `call`: what is to be done.
		///
		/// # Errors
		/// `NotRelayer`, `Expired`, `WrongNonce`, `AssetUnsupported`, `BadSpend`, `TooLarge`, `Filtered`,
		/// `BadSignature`, `CannotPayFee`, `CannotPayEntry`: nothing has happened then.
		///
		/// # Events
		/// `Relayed`, after those of the call.
		#[pallet::call_index(0)]
		#[pallet::weight((Pallet::<T>::weight_of(call), DispatchClass::Normal))]
		pub fn relay(
			origin: OriginFor<T>,
			auth: AuthOf<T>,
			signature: T::Signature,
			call: Box<CallOf<T>>,
		) -> DispatchResultWithPostInfo {
			let relayer = ensure_signed(origin)?;
			Self::do_relay(relayer, auth, &signature, *call)
		}

		/// Makes void what the caller has signed and nobody has sent yet. Its next authorization has the nonce `next`,
		/// which is higher than now. If nothing was relayed for it before, it pays for the entry.
		///
		/// # Errors
		/// `WrongNonce`, `CannotPayEntry`.
		///
		/// # Events
		/// `Revoked`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, next: RelayNonce) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Ok(Self::do_revoke(who, next)?)
		}
	}
}
