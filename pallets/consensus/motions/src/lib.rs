#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod motions;
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

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::{Motion, MotionId, Open, Reason};
pub use weights::WeightInfo;

/// How many of `count` make two thirds, rounded up (21: 14, 4: 3, 1: 1).
pub const fn two_thirds(count: usize) -> usize {
	count.saturating_mul(2).div_ceil(3)
}

/// How many ayes carry a motion: two thirds of the `members`, but never less than more than half of all `seats`. Those
/// that stand may be one of four directors after an outage, and one of four is nobody's decision but its own.
pub const fn least(members: usize, seats: usize) -> usize {
	let (of_members, of_seats) = (two_thirds(members), (seats / 2).saturating_add(1));
	if of_members < of_seats {
		of_seats
	} else {
		of_members
	}
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use frame_support::{
		dispatch::{DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo},
		pallet_prelude::*,
		traits::{Contains, EnsureOrigin},
	};
	use frame_system::pallet_prelude::*;
	use pallet_traits::MotionVoters;
	use sp_runtime::traits::Dispatchable;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// A motion of a runtime.
	pub type MotionOf<T> = Motion<<T as frame_system::Config>::AccountId, BlockNumberFor<T>, <T as Config>::MaxMembers>;

	/// A call of a runtime.
	pub type CallOf<T> = <T as Config>::RuntimeCall;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// In whose name a carried call is dispatched.
	#[pallet::origin]
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
	pub enum Origin {
		/// As many directors as [`least`] says. Nothing but a motion that was carried has this origin, and nothing
		/// keeps it.
		#[codec(index = 0)]
		Directors,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>, RuntimeOrigin: From<Origin>> {
		/// The runtime's calls.
		type RuntimeCall: Parameter
			+ Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
			+ From<frame_system::Call<Self>>
			+ GetDispatchInfo;

		/// Who may propose and vote.
		type Members: MotionVoters<Self::AccountId>;

		/// The calls that are dispatched as root when they are carried: calls that know no other origin. What two
		/// thirds of the directors may not do must not be reachable from any of them.
		type RootCalls: Contains<CallOf<Self>>;

		/// The calls that count as eliminations.
		type IsElimination: Contains<CallOf<Self>>;

		/// The most members there can be; at least 1.
		#[pallet::constant]
		type MaxMembers: Get<u32>;

		/// How many motions may be open; at least 1. With [`Config::MaxMembers`] times the sum of [`Config::MaxOpen`]
		/// and [`Config::MaxOpenEliminations`], no member takes another's room.
		#[pallet::constant]
		type MaxMotions: Get<u32>;

		/// How many motions one account may have open that are no eliminations; at least 1.
		#[pallet::constant]
		type MaxOpen: Get<u32>;

		/// How many eliminations one account may have open; at least 1.
		#[pallet::constant]
		type MaxOpenEliminations: Get<u32>;

		/// How many bytes a call may have when it is encoded.
		#[pallet::constant]
		type MaxCallBytes: Get<u32>;

		/// What a call may weigh. Every vote is charged for it beforehand: together with a vote it has to fit into a
		/// block, in time and in proof size.
		#[pallet::constant]
		type MaxCallWeight: Get<Weight>;

		/// For how many blocks a motion is open; at least 1.
		#[pallet::constant]
		type Term: Get<BlockNumberFor<Self>>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// The open motions.
	#[pallet::storage]
	pub type Motions<T: Config> = CountedStorageMap<_, Twox64Concat, MotionId, MotionOf<T>>;

	/// The calls of the open motions, encoded.
	#[pallet::storage]
	pub type Calls<T: Config> = StorageMap<_, Twox64Concat, MotionId, BoundedVec<u8, T::MaxCallBytes>>;

	/// How many motions each account has open.
	#[pallet::storage]
	pub type OpenBy<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Open, ValueQuery>;

	/// The number of the next motion.
	#[pallet::storage]
	pub type NextMotion<T: Config> = StorageValue<_, MotionId, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A member opened a motion.
		Proposed {
			/// Its number.
			motion: MotionId,
			/// The member.
			proposer: T::AccountId,
			/// The hash of its call.
			call_hash: T::Hash,
		},
		/// A member voted, or proposed.
		Voted {
			/// The motion.
			motion: MotionId,
			/// The member.
			member: T::AccountId,
			/// Whether it said aye.
			aye: bool,
			/// How many members say aye.
			ayes: u32,
			/// How many members say nay.
			nays: u32,
			/// How many ayes it takes.
			needed: u32,
		},
		/// A motion was carried, and its call dispatched.
		Carried {
			/// The motion.
			motion: MotionId,
			/// What became of its call.
			result: DispatchResult,
		},
		/// A motion ended without being carried.
		Closed {
			/// The motion.
			motion: MotionId,
			/// Why.
			reason: Reason,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is no member: only directors in office that stand propose and vote.
		NotMember,
		/// There is no such motion: it was carried or closed, or never proposed.
		NoMotion,
		/// The call has more than `MaxCallBytes` bytes: propose parts of it.
		CallTooLong,
		/// The call weighs more than `MaxCallWeight`: propose parts of it.
		CallTooHeavy,
		/// The account has as many motions of this kind open as it may: wait until one is carried or can be closed.
		TooManyOpen,
		/// There is no room for another motion: close some that expired, cannot carry, or whose proposers are no
		/// members any more.
		NoRoom,
		/// The member voted so already, and that is not enough.
		AlreadyVoted,
		/// The time of the motion is over: close it and propose it anew.
		Expired,
		/// The encoding of calls has changed since the motion was proposed: close it and propose it anew.
		Outdated,
		/// The motion is open and may still be carried.
		StillOpen,
		/// The call does not decode any more. It is not dispatched.
		BadCall,
		/// There are more members than `MaxMembers`, or no numbers are left.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			for (what, value) in [
				("MaxMembers", T::MaxMembers::get()),
				("MaxMotions", T::MaxMotions::get()),
				("MaxOpen", T::MaxOpen::get()),
				("MaxOpenEliminations", T::MaxOpenEliminations::get()),
				("MaxCallBytes", T::MaxCallBytes::get()),
			] {
				assert!(value >= 1, "{what} of pallet-motions is 0: it must be at least 1");
			}
			assert!(
				T::Term::get() >= 1u32.into(),
				"Term of pallet-motions is 0: it must be at least 1"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Opens a motion, which counts as an aye. If that is enough ([`least`]) already, it is carried.
		///
		/// - `call`: what is to be done.
		///
		/// # Errors
		/// `NotMember`, `CallTooLong`, `CallTooHeavy`, `TooManyOpen`, `NoRoom`, `Overflow`.
		///
		/// # Events
		/// `Proposed`, `Voted`, and `Carried` with those of the call.
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::most_of_propose(call))]
		pub fn propose(origin: OriginFor<T>, call: Box<CallOf<T>>) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_propose(who, *call)
		}

		/// Votes on a motion. The last vote of a member counts. If the ayes are enough ([`least`]) then, it is carried.
		///
		/// - `motion`: its number.
		/// - `aye`: whether it is to be carried.
		///
		/// # Errors
		/// `NotMember`, `NoMotion`, `Expired`, `Outdated`, `AlreadyVoted`, `Overflow`.
		///
		/// # Events
		/// `Voted`, and `Carried` with those of the call.
		#[pallet::call_index(1)]
		#[pallet::weight(Pallet::<T>::most_of_vote())]
		pub fn vote(origin: OriginFor<T>, motion: MotionId, aye: bool) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_vote(who, motion, aye)
		}

		/// Ends a motion that expired, cannot carry any more, or was given up: its proposer said nay and no member says
		/// aye. If there is no room for another motion, also one whose proposer is no member any more. Anyone may, and
		/// pays nothing if it is so.
		///
		/// - `motion`: its number.
		///
		/// # Errors
		/// `NoMotion`, `StillOpen`.
		///
		/// # Events
		/// `Closed`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::close(T::MaxMembers::get()))]
		pub fn close(origin: OriginFor<T>, motion: MotionId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let members = Self::do_close(motion)?;
			Ok(PostDispatchInfo {
				actual_weight: Some(T::WeightInfo::close(members)),
				pays_fee: Pays::No,
			})
		}
	}

	/// The origin of what two thirds of the directors that stand decided, which are more than half of all in office.
	pub struct EnsureTwoThirds;

	impl<O: OriginTrait + From<Origin>> EnsureOrigin<O> for EnsureTwoThirds
	where
		for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
	{
		type Success = ();

		fn try_origin(origin: O) -> Result<(), O> {
			let two_thirds = matches!(origin.caller().try_into(), Ok(Origin::Directors));
			if two_thirds {
				Ok(())
			} else {
				Err(origin)
			}
		}

		#[cfg(feature = "runtime-benchmarks")]
		fn try_successful_origin() -> Result<O, ()> {
			Ok(Origin::Directors.into())
		}
	}
}
