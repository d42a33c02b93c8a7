#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod emergencies;
mod mandates;
mod stewards;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

pub use mandates::Ensure;
pub use pallet::*;
pub use types::{Report, ReportNumber, ReportOf, Sponsorship, SponsorshipOf, Stewardship, StewardshipOf, Uri, MAX_URI};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use frame_support::{
		dispatch::{DispatchResult, DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo},
		pallet_prelude::*,
		traits::{Contains, EnsureOrigin},
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::Dispatchable;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// A call of a runtime.
	pub type CallOf<T> = <T as Config>::RuntimeCall;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// In whose name a referendum acts. Nothing but a referendum that holders approved has one of these origins, and
	/// nothing keeps it.
	#[pallet::origin]
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
	pub enum Origin {
		/// Sets governed parameters.
		#[codec(index = 0)]
		ParametersAdmin,
		/// Spends little of the treasury, and runs its bounties.
		#[codec(index = 1)]
		SmallSpender,
		/// Spends much of the treasury, and appoints its steward.
		#[codec(index = 2)]
		BigSpender,
		/// Does at once what directors vouch for.
		#[codec(index = 3)]
		Emergency,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>, RuntimeOrigin: From<Origin>> {
		/// The runtime's calls.
		type RuntimeCall: Parameter
			+ Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
			+ From<frame_system::Call<Self>>
			+ GetDispatchInfo;

		/// Who vouches for what is to be done in an emergency: the directors.
		type SponsorOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who does it then: holders, by a referendum.
		type EmergencyOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who appoints and dismisses the treasury's steward.
		type AppointOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What may be done in an emergency, as root. What must never happen in haste must not be reachable from any of
		/// these calls.
		type EmergencyCalls: Contains<CallOf<Self>>;

		/// How many calls may be vouched for at once; at least 1.
		#[pallet::constant]
		type MaxSponsored: Get<u32>;

		/// For how many blocks directors vouch; at least 1. It has to be longer than an emergency's referendum.
		type SponsorTerm: Get<BlockNumberFor<Self>>;

		/// Within how many blocks after the last report, or after its appointment, a steward reports; at least 1.
		type ReportPeriod: Get<BlockNumberFor<Self>>;

		/// How many reports are kept; at least 1. The oldest make room.
		#[pallet::constant]
		type MaxReports: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// What the times of referenda are divided by, at least 1: chains to try things on decide in minutes.
	#[pallet::storage]
	pub type Scale<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

	/// The block in which holders approved a referendum for the first time.
	#[pallet::storage]
	pub type HoldersDecideSince<T: Config> = StorageValue<_, BlockNumberFor<T>>;

	/// Who answers for the treasury, and until when its next report is due.
	#[pallet::storage]
	pub type Steward<T: Config> = StorageValue<_, StewardshipOf<T>>;

	/// The last reports, by their numbers.
	#[pallet::storage]
	pub type Reports<T: Config> = StorageMap<_, Twox64Concat, ReportNumber, ReportOf<T>>;

	/// The number of the next report.
	#[pallet::storage]
	pub type NextReport<T: Config> = StorageValue<_, ReportNumber, ValueQuery>;

	/// What directors vouch for.
	#[pallet::storage]
	pub type Sponsored<T: Config> = StorageValue<_, BoundedVec<SponsorshipOf<T>, T::MaxSponsored>, ValueQuery>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// What the times of referenda are divided by, at least 1.
		pub scale: u32,
		/// Who answers for the treasury from the start.
		pub steward: Option<T::AccountId>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				scale: 1,
				steward: None,
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(
				self.scale >= 1,
				"genesis divides the times of referenda by 0: set mandates.scale to 1 or more"
			);
			Scale::<T>::put(self.scale);
			Pallet::<T>::put_steward(self.steward.clone());
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Holders approved a referendum for the first time. What directors did until then in place of holders, they do
		/// no more.
		HoldersDecide,
		/// Directors vouch for a call.
		Sponsored {
			/// The hash of the encoded call.
			call_hash: T::Hash,
			/// The last block in which they do.
			until: BlockNumberFor<T>,
		},
		/// What directors had vouched for was done in the name of holders.
		Acted {
			/// The hash of the encoded call.
			call_hash: T::Hash,
		},
		/// The treasury has another steward, or none any more.
		Appointed {
			/// Who answers for it.
			steward: Option<T::AccountId>,
			/// The last block in which its first report is in time; of no meaning if there is no steward.
			due: BlockNumberFor<T>,
		},
		/// The steward reported.
		Reported {
			/// The number of the report.
			number: ReportNumber,
			/// The hash of what it published.
			document: T::Hash,
			/// The last block in which its next report is in time.
			due: BlockNumberFor<T>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The call is none for emergencies: put it to a referendum on the track that it belongs to.
		NotForEmergencies,
		/// Directors do not vouch for this call, or no longer: a motion has to sponsor its hash first.
		NotSponsored,
		/// Directors vouch for as many calls as they may at once: wait until one is done or expires.
		TooManySponsored,
		/// The account is not the treasury's steward.
		NotSteward,
		/// No numbers are left.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			for (what, value) in [
				("MaxSponsored", T::MaxSponsored::get()),
				("MaxReports", T::MaxReports::get()),
			] {
				assert!(value >= 1, "{what} of pallet-mandates is 0: it must be at least 1");
			}
			for (what, value) in [
				("SponsorTerm", T::SponsorTerm::get()),
				("ReportPeriod", T::ReportPeriod::get()),
			] {
				assert!(
					value >= 1u32.into(),
					"{what} of pallet-mandates is 0: it must be at least 1"
				);
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Vouches for a call that holders may then do in an emergency: a referendum with the origin `Emergency` does
		/// it by [`Pallet::act`]. To vouch again prolongs the time. The directors' call.
		///
		/// - `call_hash`: the hash of the encoded call.
		///
		/// # Errors
		/// `TooManySponsored`.
		///
		/// # Events
		/// `Sponsored`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::sponsor())]
		pub fn sponsor(origin: OriginFor<T>, call_hash: T::Hash) -> DispatchResult {
			T::SponsorOrigin::ensure_origin(origin)?;
			Self::do_sponsor(call_hash)
		}

		/// Does as root what directors vouch for. The call of holders in an emergency. If it fails, directors go on
		/// vouching for it.
		///
		/// - `call`: what is to be done, one of `EmergencyCalls`.
		///
		/// # Errors
		/// `NotForEmergencies`, `NotSponsored`, and those of the call.
		///
		/// # Events
		/// `Acted`, and those of the call.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::act().saturating_add(call.get_dispatch_info().call_weight))]
		pub fn act(origin: OriginFor<T>, call: Box<CallOf<T>>) -> DispatchResultWithPostInfo {
			T::EmergencyOrigin::ensure_origin(origin)?;
			Self::do_act(*call)
		}

		/// Appoints who answers for the treasury, or nobody. The time for its first report begins. Without a steward
		/// the treasury spends nothing.
		///
		/// - `steward`: the account.
		///
		/// # Events
		/// `Appointed`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::appoint())]
		pub fn appoint(origin: OriginFor<T>, steward: Option<T::AccountId>) -> DispatchResult {
			T::AppointOrigin::ensure_origin(origin)?;
			let due = Self::put_steward(steward.clone());
			Self::deposit_event(Event::Appointed { steward, due });
			Ok(())
		}

		/// Reports in public what the treasury got, spent and holds, since the last report. The steward's call.
		///
		/// - `document`: the BLAKE2b-256 of what was published.
		/// - `uri`: where it lies.
		///
		/// # Errors
		/// `NotSteward`, `Overflow`.
		///
		/// # Events
		/// `Reported`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::report())]
		pub fn report(origin: OriginFor<T>, document: T::Hash, uri: Uri) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_report(&who, document, uri)
		}
	}
}
