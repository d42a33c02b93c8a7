#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod candidacy;
pub mod election;
mod genesis;
mod office;
mod parameters;
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
pub use election::{rank, tour};
pub use office::MAX_REMOVALS;
pub use pallet::*;
pub use parameters::{ParameterError, ParameterValues, MAX_ERAS};
pub use types::{
	Absence, Backer, Balance, Candidate, Cluster, ElectedNodes, LatencyReport, Presence, Replacement, Sanction,
};
pub use weights::WeightInfo;

/// The target of this pallet's logs.
pub const LOG_TARGET: &str = "runtime::candidates";

/// How many of `count` make two thirds, rounded up (21: 14, 4: 3, 1: 1).
pub const fn two_thirds(count: usize) -> usize {
	count.saturating_mul(2).div_ceil(3)
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_election_provider_support::SortedListProvider;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Credit, Inspect},
			OnUnbalanced,
		},
	};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{Competence, EraClock, KeyOf, OffenceKind, Seats, VotersInForce};
	use poca_primitives::{AuthorityId, AuthoritySignature, Heartbeat};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	pub(crate) type BackerOf<T> =
		Backer<<T as frame_system::Config>::AccountId, <T as Config>::MaxBacked, <T as Config>::MaxUnlocking>;

	pub(crate) type ElectedOf<T> = ElectedNodes<
		<T as frame_system::Config>::AccountId,
		<T as Config>::MaxDirectors,
		<T as Config>::MaxStandbyComputeNodes,
	>;

	pub(crate) type AbsenceOf<T> = Absence<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	pub(crate) type HeartbeatOf<T> =
		Heartbeat<<T as frame_system::Config>::AccountId, BlockNumberFor<T>, <T as frame_system::Config>::Hash>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why this pallet holds STCI.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is the bond of a candidate.
		Bond,
		/// It is locked on candidates, or was and is being unlocked.
		Backing,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// What keeps the candidates that stand sorted by [`rank::list_score`]; this pallet is its score provider.
		type List: SortedListProvider<Self::AccountId, Score = u64>;

		/// Who holds the seats and who stands by them.
		type Seats: Seats<Self::AccountId>;

		/// Session keys, of which an account has all or none.
		type Keys: KeyOf<Self::AccountId, AuthorityId>;

		/// What nodes have proven. Its implementer calls [`Pallet::refresh`] when that of a node changes.
		type Competence: Competence<Self::AccountId>;

		/// The eras.
		type EraClock: EraClock;

		/// Whose votes on blocks still count, so that their bonds are not released.
		type VotersInForce: VotersInForce<Self::AccountId>;

		/// Who may set the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who may admit and eliminate: two thirds of the directors, by a motion.
		type DirectorsOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The parameters while nobody has set others. They have to be in their ranges.
		type DefaultParameters: Get<ParameterValues>;

		/// What becomes of slashed bonds.
		type OnSlash: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

		/// The most directors there can be; at least 1.
		#[pallet::constant]
		type MaxDirectors: Get<u32>;

		/// The most standby compute nodes there can be.
		#[pallet::constant]
		type MaxStandbyComputeNodes: Get<u32>;

		/// How many entries of the sorted list an election reads; at least three times [`Config::MaxDirectors`].
		#[pallet::constant]
		type MaxRead: Get<u32>;

		/// Eras for which a bond stays held after its node left, and after it was in office last; at least 1. With more
		/// than those for which an offence can be reported, nobody gets a bond back that has something to answer for.
		#[pallet::constant]
		type UnbondingEras: Get<u32>;

		/// Eras for which backing stays held after it was taken back; at least 1. Backers answer for nothing: it only
		/// keeps them from backing others with the same STCI at every election.
		#[pallet::constant]
		type BackingEras: Get<u32>;

		/// How many candidates one account may back; at least 1.
		#[pallet::constant]
		type MaxBacked: Get<u32>;

		/// How many chunks of one account may be unlocking; with more than [`Config::BackingEras`] one an era is always
		/// possible.
		#[pallet::constant]
		type MaxUnlocking: Get<u32>;

		/// How many absent directors are kept in mind; at least [`Config::MaxDirectors`].
		#[pallet::constant]
		type MaxAbsences: Get<u32>;

		/// How many blocks old the block may be that a heartbeat names; at least 1, less than `BlockHashCount`.
		#[pallet::constant]
		type HeartbeatWindow: Get<BlockNumberFor<Self>>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// The governed parameters.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParameterValues, ValueQuery, T::DefaultParameters>;

	/// The candidates, and those whose bond is still held.
	#[pallet::storage]
	pub type Candidates<T: Config> = CountedStorageMap<_, Blake2_128Concat, T::AccountId, Candidate>;

	/// What accounts were punished for.
	#[pallet::storage]
	pub type Sanctions<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Sanction>;

	/// What holders have locked.
	#[pallet::storage]
	pub type Backers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, BackerOf<T>>;

	/// How much is locked on each account, in planck, whether or not it stands. Backing names an account: if that
	/// registers anew, what is still locked on it counts again.
	#[pallet::storage]
	pub type BackingOn<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// How much is locked on all candidates that stand, in planck.
	#[pallet::storage]
	pub type TotalBacking<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// Those elected for the next era. None before the first election, and after one without an eligible director: then
	/// those that are in office take the seats.
	#[pallet::storage]
	pub type Elected<T: Config> = StorageValue<_, ElectedOf<T>>;

	/// The standby compute nodes, the best first.
	#[pallet::storage]
	pub type StandbyComputeNodes<T: Config> =
		StorageValue<_, BoundedVec<T::AccountId, T::MaxStandbyComputeNodes>, ValueQuery>;

	/// The directors that missed their turns and have authored nothing since, the earliest first.
	#[pallet::storage]
	pub type Absences<T: Config> = StorageValue<_, BoundedVec<AbsenceOf<T>, T::MaxAbsences>, ValueQuery>;

	/// The seats that changed hands since the era began.
	#[pallet::storage]
	pub type Replacements<T: Config> =
		StorageValue<_, BoundedVec<Replacement<T::AccountId>, T::MaxDirectors>, ValueQuery>;

	/// What each in office reports: the round trip to others in office, in milliseconds.
	#[pallet::storage]
	pub type Latencies<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, T::AccountId, LatencyReport<T::AccountId, T::MaxDirectors>>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A node became a candidate.
		Registered {
			/// Its account.
			candidate: T::AccountId,
			/// Its bond, in planck.
			bond: Balance,
		},
		/// A candidate added to its bond.
		BondIncreased {
			/// Its account.
			candidate: T::AccountId,
			/// What it added, in planck.
			amount: Balance,
			/// Its bond now, in planck.
			bond: Balance,
		},
		/// A candidate stands for election no more, by its own will.
		Left {
			/// Its account.
			candidate: T::AccountId,
			/// The era from which it may withdraw its bond, unless it is in office beyond this era.
			withdrawable: u32,
		},
		/// The bond of a node that had left was released.
		BondWithdrawn {
			/// Its account.
			candidate: T::AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A holder locked STCI on a candidate.
		Backed {
			/// The holder.
			backer: T::AccountId,
			/// The candidate.
			candidate: T::AccountId,
			/// How much was added, in planck.
			amount: Balance,
		},
		/// A holder took backing back.
		Unbacked {
			/// The holder.
			backer: T::AccountId,
			/// The candidate, or former one.
			candidate: T::AccountId,
			/// How much, in planck.
			amount: Balance,
			/// The era from which it may be unlocked.
			due: u32,
		},
		/// What a holder had taken back was released.
		Unlocked {
			/// The holder.
			backer: T::AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// Directors admitted a candidate.
		Admitted {
			/// Its account.
			candidate: T::AccountId,
		},
		/// Directors removed a candidate.
		Eliminated {
			/// Its account.
			candidate: T::AccountId,
			/// The era from which it may register again.
			barred_until: u32,
		},
		/// The election for an era has named who will be in office.
		Elected {
			/// The era, the one after the current one.
			era: u32,
			/// The directors, in ascending order of their accounts.
			directors: Vec<T::AccountId>,
			/// How many standby signers there will be.
			standby_signers: u32,
		},
		/// The election for an era found no eligible director: those in office stay.
		ElectionVoid {
			/// The era, the one after the current one.
			era: u32,
		},
		/// Directors took their seats.
		Seated {
			/// The era.
			era: u32,
			/// The directors in the order of their turns.
			directors: Vec<T::AccountId>,
			/// How many of them were none before.
			newcomers: u32,
			/// How many standby signers there are.
			standby_signers: u32,
		},
		/// Nobody of those elected may be in office now, or their seating was refused: those before them keep their
		/// seats.
		SeatsKept {
			/// The era.
			era: u32,
		},
		/// A director missed its turns and is out of its seat, or will be as soon as somebody can take it.
		Isolated {
			/// Its account.
			director: T::AccountId,
			/// The standby that has its seat now; none if nobody could take it.
			replaced_by: Option<T::AccountId>,
		},
		/// An isolated node showed itself in sync.
		CameBack {
			/// Its account.
			node: T::AccountId,
		},
		/// A director that missed its turns authored nothing for too long, and is a candidate no more.
		Removed {
			/// Its account.
			candidate: T::AccountId,
		},
		/// A candidate equivocated, and is a candidate no more.
		Punished {
			/// Its account.
			candidate: T::AccountId,
			/// What it signed twice.
			kind: OffenceKind,
			/// The era in which it did.
			era: u32,
			/// How much of its bond was slashed, in planck.
			slashed: Balance,
			/// The era from which it may register again.
			barred_until: u32,
		},
		/// Somebody in office reported latencies.
		LatenciesReported {
			/// Its account.
			reporter: T::AccountId,
			/// How many others it is about.
			count: u32,
		},
		/// The parameters were set.
		ParametersSet {
			/// To these.
			parameters: ParameterValues,
		},
		/// A node that had left or was removed stands for election again. It is not admitted.
		Resumed {
			/// Its account.
			candidate: T::AccountId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is a candidate already, or its bond from before is still held.
		AlreadyRegistered,
		/// The account is no candidate.
		NotCandidate,
		/// The candidate has left, or was removed.
		NotStanding,
		/// The candidate still stands for election.
		StillStanding,
		/// The account is barred: it may not register, stand again or add to a bond yet.
		Barred,
		/// The account has no session keys.
		NoKeys,
		/// The bond is less than the least there must be.
		BondTooLow,
		/// The bond is held for some eras more.
		StillBonded,
		/// The account belongs to a set of voters that is in force, or is not known to have ended.
		StillVoting,
		/// The sorted list refused the change.
		ListRefused,
		/// The amount is zero.
		ZeroAmount,
		/// The holder's backing of the candidate would be less than the least there must be, and not nothing.
		BackingTooLow,
		/// The holder backs as many candidates as it may.
		TooManyBacked,
		/// The holder has less locked on the account.
		NotEnoughBacking,
		/// The holder has as many chunks unlocking as it may; it may unlock those that are due.
		TooManyChunks,
		/// Nothing is due yet.
		NothingDue,
		/// A sum exceeds what can be counted.
		Overflow,
		/// The candidate is admitted already.
		AlreadyAdmitted,
		/// The account is neither a director nor a standby signer.
		NotInOffice,
		/// The report names its own reporter, an account twice, or one that is not in office.
		BadReport,
		/// The node is not isolated.
		NotIsolated,
		/// The node has shown itself already.
		AlreadyBack,
		/// The heartbeat names a block that is older than it may be, or than the node's isolation.
		OldHeartbeat,
		/// The heartbeat names a block that is not in this chain.
		UnknownBlock,
		/// The heartbeat is not signed by the node's authoring key.
		BadHeartbeat,
		/// The number of seats is not from 1 to `MaxDirectors`.
		BadSeats,
		/// The least number of directors is not from 1 to the number of seats.
		BadMinDirectors,
		/// There would be more standby signers than seats.
		BadStandbySigners,
		/// There would be more standby compute nodes than `MaxStandbyComputeNodes`.
		BadStandbyComputeNodes,
		/// The least bond is zero.
		BadMinBond,
		/// The least backing is zero.
		BadMinBacking,
		/// The number of terms is zero.
		BadMaxTerms,
		/// The part from which on a standby is equally able is zero.
		BadAbleFrom,
		/// The turns after which a director is isolated are not from 1 to 255.
		BadIsolateAfter,
		/// The eras after which an absent director is removed are not from 1 to a year.
		BadRemovalEras,
		/// The eras of a bar are not from 1 to a year.
		BadBarEras,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The governed parameters.
		pub parameters: ParameterValues,
		/// Admitted candidates and their bonds in planck, which are held of their accounts. Either nobody, or at least
		/// all directors that the chain starts with; the best of the others become standby signers.
		pub candidates: Vec<(T::AccountId, Balance)>,
		/// Who locks on which candidate how much, in planck.
		pub backing: Vec<(T::AccountId, T::AccountId, Balance)>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				parameters: T::DefaultParameters::get(),
				candidates: Vec::new(),
				backing: Vec::new(),
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			self.build_or_panic();
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let directors = T::MaxDirectors::get();
			assert!(directors > 0, "MaxDirectors must be at least 1");
			assert!(
				T::MaxRead::get() >= directors.saturating_mul(3),
				"MaxRead must be at least three times MaxDirectors"
			);
			assert!(
				T::UnbondingEras::get() > 0 && T::BackingEras::get() > 0,
				"UnbondingEras and BackingEras must be at least 1"
			);
			assert!(
				T::MaxBacked::get() > 0 && T::MaxUnlocking::get() > 0,
				"there must be room for backing"
			);
			assert!(
				T::MaxAbsences::get() >= directors,
				"all directors can be absent at once"
			);
			let window = T::HeartbeatWindow::get();
			assert!(
				window > 0u32.into() && window < T::BlockHashCount::get(),
				"the chain must know the blocks of heartbeats"
			);
			assert_eq!(
				T::DefaultParameters::get().check::<T>().err(),
				None,
				"the default parameters must fit the bounds"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Makes the caller a candidate. It is an ordinary node until directors admit it.
		///
		/// - `bond`: what is held of its account from now on, in planck.
		///
		/// # Errors
		/// `AlreadyRegistered`, `Barred`, `BondTooLow`, `NoKeys`; those of the currency if there is not enough.
		///
		/// # Events
		/// `Registered`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(origin: OriginFor<T>, bond: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(&who, bond)
		}

		/// Adds to the bond of the caller, which is a candidate, or was and has its bond held still: what it adds is
		/// held for as long as the rest. One that is barred waits for the end of that: an offence that nobody has told
		/// yet would cost what it adds as well.
		///
		/// - `amount`: what is held in addition, in planck.
		///
		/// # Errors
		/// `NotCandidate`, `Barred`, `ZeroAmount`; those of the currency if there is not enough.
		///
		/// # Events
		/// `BondIncreased`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::bond_more())]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_more(&who, amount)
		}

		/// Ends the candidacy of the caller. What backs it counts for nobody from now on. A director stays in office
		/// until the next era. The bond stays held for [`Config::UnbondingEras`] eras, counted from the era in which it
		/// is in office last if that is later.
		///
		/// # Errors
		/// `NotCandidate`, `NotStanding`.
		///
		/// # Events
		/// `Left`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::leave())]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_leave(&who)
		}

		/// Releases the bond of the caller, which has left or was removed, and ends its registration.
		///
		/// # Errors
		/// `NotCandidate`, `StillStanding`, `StillBonded`, `StillVoting`.
		///
		/// # Events
		/// `BondWithdrawn`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw_bond())]
		pub fn withdraw_bond(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_bond(&who)
		}

		/// Locks STCI of the caller on a candidate, in addition to what it has locked on it.
		///
		/// - `candidate`: the candidate; it stands.
		/// - `amount`: how much, in planck.
		///
		/// # Errors
		/// `NotCandidate`, `NotStanding`, `ZeroAmount`, `BackingTooLow`, `TooManyBacked`; those of the currency if
		/// there is not enough.
		///
		/// # Events
		/// `Backed`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::back())]
		pub fn back(origin: OriginFor<T>, candidate: T::AccountId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_back(&who, &candidate, amount)
		}

		/// Takes backing of the caller back. It counts no more from now on, and stays locked for
		/// [`Config::BackingEras`] eras, also if the candidate is gone.
		///
		/// - `candidate`: whom it backed, whether or not that still is a candidate.
		/// - `amount`: how much, in planck. What remains is at least the least backing, or nothing.
		///
		/// # Errors
		/// `ZeroAmount`, `NotEnoughBacking`, `BackingTooLow`, `TooManyChunks`.
		///
		/// # Events
		/// `Unbacked`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::unback())]
		pub fn unback(origin: OriginFor<T>, candidate: T::AccountId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unback(&who, &candidate, amount)
		}

		/// Releases what the caller has taken back, as far as it is due.
		///
		/// # Errors
		/// `NothingDue`.
		///
		/// # Events
		/// `Unlocked`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::unlock())]
		pub fn unlock(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unlock(&who)
		}

		/// Admits a candidate; the origin is [`Config::DirectorsOrigin`].
		///
		/// - `candidate`: the candidate.
		///
		/// # Errors
		/// `NotCandidate`, `NotStanding`, `AlreadyAdmitted`.
		///
		/// # Events
		/// `Admitted`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::admit())]
		pub fn admit(origin: OriginFor<T>, candidate: T::AccountId) -> DispatchResult {
			T::DirectorsOrigin::ensure_origin(origin)?;
			Self::do_admit(&candidate)
		}

		/// Removes and bars a candidate, whether it stands or has left; the origin is [`Config::DirectorsOrigin`]. A
		/// director loses its seat at once if a standby can take it, else at the next era. Its bond can be withdrawn as
		/// if it had left.
		///
		/// - `candidate`: the candidate.
		///
		/// # Errors
		/// `NotCandidate`.
		///
		/// # Events
		/// `Eliminated`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::eliminate())]
		pub fn eliminate(origin: OriginFor<T>, candidate: T::AccountId) -> DispatchResult {
			T::DirectorsOrigin::ensure_origin(origin)?;
			Self::do_eliminate(&candidate)
		}

		/// Reports latencies that the caller, a director or a standby signer, measured. It replaces what it reported
		/// before. The order of turns follows from them, see [`tour`], from the era after the next one on.
		///
		/// - `latencies`: of others in office, the round trip in milliseconds; at most [`Config::MaxDirectors`].
		///
		/// # Errors
		/// `NotInOffice`, `BadReport`.
		///
		/// # Events
		/// `LatenciesReported`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::report_latencies(latencies.len() as u32))]
		pub fn report_latencies(
			origin: OriginFor<T>,
			latencies: BoundedVec<(T::AccountId, u16), T::MaxDirectors>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_report_latencies(&who, latencies)
		}

		/// Shows that a node, which is isolated, is there and in sync. It gets its seat back at the next era if it is
		/// still eligible. No account signs and nobody pays: the node's authoring key authorizes it. Nodes send it by
		/// themselves.
		///
		/// - `heartbeat`: which node; and a block at most [`Config::HeartbeatWindow`] below the current one, and not
		///   below that in which the node was isolated.
		/// - `signature`: that of the node's authoring key.
		///
		/// # Errors
		/// `NotIsolated`, `AlreadyBack`, `OldHeartbeat`, `UnknownBlock`, `BadHeartbeat`; in the pool they show as
		/// invalid transactions, `UnknownBlock` as one of which that is not known yet.
		///
		/// # Events
		/// `CameBack`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::heartbeat())]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_heartbeat())]
		#[pallet::authorize(|_source, heartbeat, signature| Self::authorize_heartbeat(heartbeat, signature))]
		pub fn heartbeat(
			origin: OriginFor<T>,
			heartbeat: HeartbeatOf<T>,
			_signature: AuthoritySignature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_heartbeat(&heartbeat)
		}

		/// Sets the governed parameters; the origin is [`Config::AdminOrigin`]. The least bond and the number of seats
		/// count from the next election on: if the least bond is raised, those that have less keep their offices until
		/// then, and directors make way after it only as far as so many seats may change. For calls, terms and absences
		/// all are in force at once; so is how many directors there must be, which the next era looks at if nobody can
		/// take a seat. Scores in the sorted list follow a new weight of competence only as entries are refreshed.
		///
		/// - `parameters`: all of them.
		///
		/// # Errors
		/// `Bad...`, named after the first that is out of its range.
		///
		/// # Events
		/// `ParametersSet`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParameterValues) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			parameters.check::<T>().map_err(Error::<T>::from)?;
			Parameters::<T>::put(&parameters);
			Self::deposit_event(Event::ParametersSet { parameters });
			Ok(())
		}

		/// Lets the caller, which has left or was removed, stand again with the bond that is still held of it. It takes
		/// part in no election until directors admit it anew; if it is still in office as a director, because there are
		/// too few others, it proposes and votes on motions from now on.
		///
		/// # Errors
		/// `NotCandidate`, `StillStanding`, `Barred`, `BondTooLow`, `NoKeys`.
		///
		/// # Events
		/// `Resumed`.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::resume())]
		pub fn resume(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_resume(&who)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// In which cluster a node is.
		pub fn cluster(who: T::AccountId) -> Cluster {
			Self::cluster_of(&who)
		}
	}
}
