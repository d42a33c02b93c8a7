#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod devices;
mod genesis;
mod queries;
mod types;
mod vendors;
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
pub use benchmarking::BenchmarkHelper;
pub use genesis::GenesisVendor;
pub use pallet::*;
pub use types::{Balance, KeyStatus, KeyUse, Model, Vendor, VendorKey};
pub use weights::WeightInfo;

pub use device_primitives::{AttestationProof, Attested, Device, EnrolmentProof, KeyIndex, Suspension};

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use device_primitives::{
		status_list::Chunk, DeviceId, DeviceKey, DeviceSignature, Endpoints, KeyHash, ModelId, Name,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Balanced, Credit, Inspect},
			OnUnbalanced,
		},
	};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{DeviceHook, EraClock, SlotOfBlock};
	use sp_core::sr25519;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	pub(crate) type DeviceOf<T> = Device<<T as frame_system::Config>::AccountId>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why this pallet holds STCI.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is the deposit for devices of the account.
		Device,
		/// It is the deposit for a vendor with its keys and models.
		Vendor,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ Balanced<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The eras.
		type EraClock: EraClock;

		/// The slot of the current block, from when on a lottery key is a device's.
		type Slots: SlotOfBlock;

		/// Who may revoke devices and vendors, and lift what a vendor has suspended.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who is told of what becomes of devices.
		type DeviceHook: DeviceHook<Self::AccountId>;

		/// What becomes of what is paid for keys.
		type OnKeyPrice: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

		/// What is held for a device while it is registered, in planck: it pays for at most [`MAX_DEVICE_BYTES`] of
		/// state.
		#[pallet::constant]
		type DeviceDeposit: Get<Balance>;

		/// What is paid for each key of a device, in planck, and never given back: what is kept of a key is kept for
		/// good.
		#[pallet::constant]
		type KeyPrice: Get<Balance>;

		/// What is held for a vendor, in planck, for good.
		#[pallet::constant]
		type VendorDeposit: Get<Balance>;

		/// What is held for each key of a vendor, in planck, for good.
		#[pallet::constant]
		type VendorKeyDeposit: Get<Balance>;

		/// What is held for a model, in planck, for good.
		#[pallet::constant]
		type ModelDeposit: Get<Balance>;

		/// How many keys a vendor may have, one after the other; from 1 to 255.
		#[pallet::constant]
		type MaxVendorKeys: Get<u8>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// The vendors. None is ever removed, for attestations name them.
	#[pallet::storage]
	pub type Vendors<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Vendor>;

	/// The keys of each vendor, from 0 on.
	#[pallet::storage]
	pub type VendorKeys<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, KeyIndex, VendorKey>;

	/// The models, from 0 on.
	#[pallet::storage]
	pub type Models<T: Config> = StorageMap<_, Twox64Concat, ModelId, Model<T::AccountId>>;

	/// How many models there are.
	#[pallet::storage]
	pub type NextModel<T: Config> = StorageValue<_, ModelId, ValueQuery>;

	/// The devices that are registered. Their ids are hashes, so that they need no other.
	#[pallet::storage]
	pub type Devices<T: Config> = CountedStorageMap<_, Identity, DeviceId, DeviceOf<T>>;

	/// How many devices were ever registered.
	#[pallet::storage]
	pub type NextNumber<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// All keys that were ever used here, for good.
	#[pallet::storage]
	pub type UsedKeys<T: Config> = StorageMap<_, Identity, KeyHash, KeyUse>;

	/// The pieces of the status lists in which a bit is set.
	#[pallet::storage]
	pub type Revocations<T: Config> = StorageMap<_, Twox64Concat, u64, Chunk>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account became a vendor.
		VendorRegistered {
			/// The account.
			vendor: T::AccountId,
			/// How it calls itself.
			name: Name,
		},
		/// A vendor has a key more.
		VendorKeyAdded {
			/// The vendor.
			vendor: T::AccountId,
			/// The key's place.
			index: KeyIndex,
			/// The key.
			key: DeviceKey,
		},
		/// A key of a vendor attests nothing new any more.
		VendorKeyRotated {
			/// The vendor.
			vendor: T::AccountId,
			/// The key's place.
			index: KeyIndex,
		},
		/// A key of a vendor is in other hands.
		VendorKeyRevoked {
			/// The vendor.
			vendor: T::AccountId,
			/// The key's place.
			index: KeyIndex,
			/// The era from which what it attested is void.
			void_from: u32,
		},
		/// A vendor was revoked.
		VendorRevoked {
			/// The vendor.
			vendor: T::AccountId,
			/// The era from which what it attested is void.
			void_from: u32,
		},
		/// A vendor has a model more.
		ModelRegistered {
			/// The model.
			model: ModelId,
			/// The vendor.
			vendor: T::AccountId,
			/// How the vendor calls it.
			name: Name,
		},
		/// A device was registered.
		Registered {
			/// The device.
			device: DeviceId,
			/// Who owns it.
			owner: T::AccountId,
			/// Its key.
			key: DeviceKey,
			/// Its lottery key.
			lottery: sr25519::Public,
			/// Its place in the status lists.
			number: u64,
			/// What is held for it, in planck.
			deposit: Balance,
		},
		/// A vendor's attestation of a device was verified.
		Attested {
			/// The device.
			device: DeviceId,
			/// The vendor.
			vendor: T::AccountId,
			/// The model.
			model: ModelId,
			/// Which of the vendor's keys signed.
			key: KeyIndex,
		},
		/// A device is reached in another way.
		EndpointsSet {
			/// The device.
			device: DeviceId,
			/// All of its endpoints.
			endpoints: Endpoints,
		},
		/// A device was suspended.
		Suspended {
			/// The device.
			device: DeviceId,
			/// Whether its vendor did it; otherwise its owner.
			by_vendor: bool,
		},
		/// A suspension was lifted, or both were.
		Resumed {
			/// The device.
			device: DeviceId,
			/// Whether its owner suspends it no more, and did.
			by_owner: bool,
			/// Whether its vendor suspends it no more, and did; the admin may have lifted that.
			by_vendor: bool,
			/// Whether it is active; otherwise the other still suspends it.
			active: bool,
		},
		/// A device is gone by its owner's will, and its deposit released.
		Retired {
			/// The device.
			device: DeviceId,
			/// Who owned it.
			owner: T::AccountId,
		},
		/// A device is gone against its owner's will, and its deposit released.
		Revoked {
			/// The device.
			device: DeviceId,
			/// Who owned it.
			owner: T::AccountId,
			/// Its place in the status lists, where its bit is set now.
			number: u64,
			/// Whether its vendor did it; otherwise the admin.
			by_vendor: bool,
		},
		/// A device is offered to somebody.
		TransferOffered {
			/// The device.
			device: DeviceId,
			/// Who owns it.
			from: T::AccountId,
			/// Who may accept it.
			to: T::AccountId,
		},
		/// A device is offered to nobody any more.
		OfferWithdrawn {
			/// The device.
			device: DeviceId,
		},
		/// A device has another owner, of whom the deposit is held now.
		Transferred {
			/// The device.
			device: DeviceId,
			/// Who owned it.
			from: T::AccountId,
			/// Who owns it.
			to: T::AccountId,
			/// Its lottery key: another one, if its own key is not sr25519.
			lottery: sr25519::Public,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is a vendor already.
		AlreadyVendor,
		/// The account is no vendor.
		NotVendor,
		/// The vendor was revoked.
		VendorIsRevoked,
		/// The name is empty, is no text in UTF-8, has blanks around it, or has characters that are not seen or change
		/// how others are read.
		BadName,
		/// The vendor has had as many keys as it may; another account may be registered.
		TooManyKeys,
		/// The vendor has no key at this place.
		UnknownKey,
		/// The vendor's key attests nothing new: it was rotated or revoked.
		KeyNotValid,
		/// The era lies in the future, or is later than the one from which the attestations are void already.
		BadVoidFrom,
		/// There is no such model.
		UnknownModel,
		/// The key was used before: as a device's, for lotteries, or as a vendor's. Each key is used once.
		KeyUsed,
		/// It is no key: no point in its one form, or one under which anyone can sign.
		BadKey,
		/// The key is that of an account: its owner's, or one that has sent transactions. A device has its own.
		AccountKey,
		/// The key did not sign for this owner, on this chain.
		BadPossession,
		/// The device's key is not sr25519: it has to enrol a lottery key.
		NoLotteryKey,
		/// The device's key is sr25519: it is its lottery key.
		LotteryKeyOfItsOwn,
		/// The lottery key did not sign for this device and owner, on this chain.
		BadEnrolment,
		/// The vendor's key did not sign for this device, model and owner, on this chain.
		BadAttestation,
		/// An attestation of the device stands already.
		AlreadyAttested,
		/// An endpoint has no port, a name that is none, or an address that is not of one machine that others reach.
		BadEndpoint,
		/// The device is not registered.
		UnknownDevice,
		/// The account does not own the device.
		NotOwner,
		/// The account neither owns the device nor is the vendor that attested it.
		NotInCharge,
		/// The account has suspended the device already.
		AlreadySuspended,
		/// The account has not suspended the device.
		NotSuspended,
		/// The device's vendor has suspended it; until that is lifted it stays with its owner and its attestation.
		SuspendedByVendor,
		/// The account owns the device already.
		OwnDevice,
		/// The device is not offered to the account.
		NotOffered,
		/// The device's own key did not sign for this transfer and lottery key, on this chain.
		BadConsent,
		/// A number exceeds what can be counted.
		Overflow,
		/// Something that the device did is still to be judged, and its owner answers for it: accept the device when
		/// that is done.
		JudgementWaits,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The first vendors. Deposits are held of their accounts. Devices come later: what their keys sign names the
		/// genesis, which is not known before.
		pub vendors: Vec<GenesisVendor<T::AccountId>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			self.build_or_panic();
		}
	}

	/// The most bytes of state that a device takes, keys of the storage included: what its deposit pays for.
	pub const MAX_DEVICE_BYTES: u32 = 1_024;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxVendorKeys::get() > 0, "a vendor must be able to have a key");
			let prices = [
				("DeviceDeposit", T::DeviceDeposit::get()),
				("KeyPrice", T::KeyPrice::get()),
				("VendorDeposit", T::VendorDeposit::get()),
				("VendorKeyDeposit", T::VendorKeyDeposit::get()),
				("ModelDeposit", T::ModelDeposit::get()),
			];
			for (name, price) in prices {
				assert!(price > 0, "state must not be free: {name} is 0");
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Makes the caller a vendor, for good. Its name is a claim: who trusts a vendor trusts an account.
		///
		/// - `name`: how it calls itself.
		/// - `key`: its first key.
		/// - `possession`: that key's signature under `device_primitives::VendorKeyClaim`.
		///
		/// # Errors
		/// `AlreadyVendor`, `BadName`, `BadKey`, `AccountKey`, `KeyUsed`, `BadPossession`; those of the currency if
		/// there is not enough for the deposits.
		///
		/// # Events
		/// `VendorRegistered`, `VendorKeyAdded`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_vendor())]
		pub fn register_vendor(
			origin: OriginFor<T>,
			name: Name,
			key: DeviceKey,
			possession: DeviceSignature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_vendor(&who, name, key, &possession)
		}

		/// Adds a key to those of the caller, a vendor. It attests at once.
		///
		/// - `key`: the key.
		/// - `possession`: its signature under `device_primitives::VendorKeyClaim`.
		///
		/// # Errors
		/// `NotVendor`, `VendorIsRevoked`, `TooManyKeys`, `BadKey`, `AccountKey`, `KeyUsed`, `BadPossession`; those of
		/// the currency if there is not enough for the deposit.
		///
		/// # Events
		/// `VendorKeyAdded`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_vendor_key())]
		pub fn add_vendor_key(origin: OriginFor<T>, key: DeviceKey, possession: DeviceSignature) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_add_vendor_key(&who, key, &possession)
		}

		/// Lets a key of the caller, a vendor, attest nothing new. What it attested stays.
		///
		/// - `index`: the key's place.
		///
		/// # Errors
		/// `NotVendor`, `UnknownKey`, `KeyNotValid`.
		///
		/// # Events
		/// `VendorKeyRotated`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::rotate_vendor_key())]
		pub fn rotate_vendor_key(origin: OriginFor<T>, index: KeyIndex) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_rotate_vendor_key(&who, index)
		}

		/// Says that a key of the caller, a vendor, is in other hands: it attests nothing new, and what was shown to
		/// the chain from a given era on is void. That era may be made earlier by another call, and never later.
		///
		/// - `index`: the key's place.
		/// - `void_from`: the era; at most the current one.
		///
		/// # Errors
		/// `NotVendor`, `UnknownKey`, `BadVoidFrom`.
		///
		/// # Events
		/// `VendorKeyRevoked`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::revoke_vendor_key())]
		pub fn revoke_vendor_key(origin: OriginFor<T>, index: KeyIndex, void_from: u32) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_revoke_vendor_key(&who, index, void_from)
		}

		/// Revokes a vendor; the origin is [`Config::AdminOrigin`]. It attests nothing new, has no say over devices any
		/// more, and what was shown to the chain from a given era on is void. That era may be made earlier by another
		/// call, and never later.
		///
		/// - `vendor`: the vendor.
		/// - `void_from`: the era; at most the current one.
		///
		/// # Errors
		/// `NotVendor`, `BadVoidFrom`.
		///
		/// # Events
		/// `VendorRevoked`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::revoke_vendor())]
		pub fn revoke_vendor(origin: OriginFor<T>, vendor: T::AccountId, void_from: u32) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_revoke_vendor(&vendor, void_from)
		}

		/// Adds a model to those of the caller, a vendor, for good.
		///
		/// - `name`: how the vendor calls it.
		///
		/// # Errors
		/// `NotVendor`, `VendorIsRevoked`, `BadName`; those of the currency if there is not enough for the deposit.
		///
		/// # Events
		/// `ModelRegistered`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::register_model())]
		pub fn register_model(origin: OriginFor<T>, name: Name) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_model(&who, name)
		}

		/// Registers a device of the caller. A deposit is held until it is gone; what its keys cost is paid.
		///
		/// - `key`: the device's key, which is used for the first time.
		/// - `possession`: that key's signature under `device_primitives::Registration`.
		/// - `enrolment`: its lottery key; none if its own key is sr25519.
		/// - `attestation`: what its vendor says of it, if anything.
		/// - `endpoints`: how its agent is reached.
		///
		/// # Errors
		/// `BadEndpoint`, `NoLotteryKey`, `LotteryKeyOfItsOwn`, `BadKey`, `AccountKey`, `KeyUsed`, `BadPossession`,
		/// `BadEnrolment`, `UnknownModel`, `VendorIsRevoked`, `UnknownKey`, `KeyNotValid`, `BadAttestation`; those of
		/// the currency if there is not enough for deposit and keys.
		///
		/// # Events
		/// `Registered`, `Attested`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::register(Pallet::<T>::p256_signatures(Some(possession), attestation.as_ref())))]
		pub fn register(
			origin: OriginFor<T>,
			key: DeviceKey,
			possession: DeviceSignature,
			enrolment: Option<EnrolmentProof>,
			attestation: Option<AttestationProof>,
			endpoints: Endpoints,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(&who, key, &possession, enrolment, attestation, endpoints)
		}

		/// Shows what a vendor says of a device of the caller, of which no attestation stands. While the vendor of a
		/// void one suspends it, no other takes its place. A device that is offered is offered no more: whoever accepts
		/// it has to know its vendor.
		///
		/// - `device`: the device.
		/// - `attestation`: what the vendor says.
		///
		/// # Errors
		/// `UnknownDevice`, `NotOwner`, `AlreadyAttested`, `SuspendedByVendor`, `UnknownModel`, `VendorIsRevoked`,
		/// `UnknownKey`, `KeyNotValid`, `BadAttestation`.
		///
		/// # Events
		/// `Attested`, `OfferWithdrawn`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::attest(Pallet::<T>::p256_signatures(None, Some(attestation))))]
		pub fn attest(origin: OriginFor<T>, device: DeviceId, attestation: AttestationProof) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_attest(&who, &device, attestation)
		}

		/// Sets how the agent of a device of the caller is reached.
		///
		/// - `device`: the device.
		/// - `endpoints`: all of them.
		///
		/// # Errors
		/// `UnknownDevice`, `NotOwner`, `BadEndpoint`.
		///
		/// # Events
		/// `EndpointsSet`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_endpoints())]
		pub fn set_endpoints(origin: OriginFor<T>, device: DeviceId, endpoints: Endpoints) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_endpoints(&who, &device, endpoints)
		}

		/// Suspends a device; the caller owns it, or is the vendor that attested it. It is active again when whoever
		/// suspended it has lifted that.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `UnknownDevice`, `NotInCharge`, `AlreadySuspended`.
		///
		/// # Events
		/// `Suspended`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::suspend())]
		pub fn suspend(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_suspend(&who, &device)
		}

		/// Lifts what the caller has suspended; if the origin is [`Config::AdminOrigin`], what the vendor has.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `UnknownDevice`, `NotInCharge`, `NotSuspended`.
		///
		/// # Events
		/// `Resumed`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::resume())]
		pub fn resume(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = Self::admin_or_signed(origin)?;
			Self::do_resume(who.as_ref(), &device)
		}

		/// Ends the registration of a device of the caller, suspended or not, and releases its deposit. Its keys are
		/// never registered again.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `UnknownDevice`, `NotOwner`.
		///
		/// # Events
		/// `Retired`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::retire())]
		pub fn retire(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_retire(&who, &device)
		}

		/// Ends the registration of a device against its owner's will; the caller is the vendor that attested it, or
		/// the origin is [`Config::AdminOrigin`]. Its deposit is released to its owner, its bit in the status list is
		/// set, and its keys are never registered again.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `UnknownDevice`, `NotInCharge`.
		///
		/// # Events
		/// `Revoked`.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = Self::admin_or_signed(origin)?;
			Self::do_revoke(who.as_ref(), &device)
		}

		/// Offers a device of the caller to another account, and to nobody else any more.
		///
		/// - `device`: the device.
		/// - `to`: who may accept it.
		///
		/// # Errors
		/// `UnknownDevice`, `NotOwner`, `OwnDevice`, `SuspendedByVendor`.
		///
		/// # Events
		/// `TransferOffered`.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::offer_transfer())]
		pub fn offer_transfer(origin: OriginFor<T>, device: DeviceId, to: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_offer_transfer(&who, &device, to)
		}

		/// Offers a device of the caller to nobody any more.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `UnknownDevice`, `NotOwner`, `NotOffered`.
		///
		/// # Events
		/// `OfferWithdrawn`.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::withdraw_offer())]
		pub fn withdraw_offer(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_offer(&who, &device)
		}

		/// Makes the caller, to whom a device is offered, its owner. As much is held of it for the device as was of the
		/// owner before, to whom that is released; another lottery key is paid. How the device's agent is reached is
		/// for the new owner to set.
		///
		/// - `device`: the device.
		/// - `consent`: the signature of the device's own key under `device_primitives::Transfer`.
		/// - `enrolment`: its lottery key from now on, used for the first time; none if its own key is sr25519.
		///
		/// # Errors
		/// `UnknownDevice`, `NotOffered`, `SuspendedByVendor`, `JudgementWaits`, `AccountKey`, `NoLotteryKey`,
		/// `LotteryKeyOfItsOwn`, `BadKey`, `KeyUsed`, `BadConsent`, `BadEnrolment`; those of the currency if there is
		/// not enough for deposit and key.
		///
		/// # Events
		/// `Transferred`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::accept_transfer(Pallet::<T>::p256_signatures(Some(consent), None)))]
		pub fn accept_transfer(
			origin: OriginFor<T>,
			device: DeviceId,
			consent: DeviceSignature,
			enrolment: Option<EnrolmentProof>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_accept_transfer(&who, &device, &consent, enrolment)
		}
	}
}
