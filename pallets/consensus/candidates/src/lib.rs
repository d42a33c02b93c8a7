//! # Candidates: who may sign, and who does
//!
//! Nodes register with a bond, holders lock STCI on them, directors admit them. At every era an election gives the seats to the
//! best of the admitted, keeps standbys ready, and puts the directors into the order of their turns. Between elections, standbys
//! take the seats of those that are absent or equivocated.
//!
//! # Terms
//! - **Candidate**: an account with a bond, behind which stands a node. It **stands** until it leaves or is removed; until
//!   then it is in the sorted list, and votes on it count.
//! - **Clusters**: directors, standby signers, standby compute nodes, ordinary nodes: [`Cluster`].
//! - **In office**: a director or a standby signer.
//! - **Score**: 70 % (governed) the share of all competence, the rest the share of all votes on candidates that stand: [`rank`].
//! - **Eligible**: it stands, is bonded enough, has session keys and is not absent.
//! - **Era**: [`pallet_traits::EraClock`]. Terms of this pallet are counted in eras.
//! - **Isolated**: out of its seat because it missed its turns. **Removed**: no candidate any more. **Barred**: may not register
//!   for some eras.
//!
//! # Bounds
//! The era change reads [`Config::MaxRead`] entries of the sorted list, those in office and those absent, and nothing else, however
//! many are registered. Votes of nodes that are gone, lapsed ballots, bars and old latencies are cleaned up by those who meet
//! them. Admitted candidates come before all others in the list, so that votes on others cannot push them out of what is read;
//! the admitted are as many as directors let them be, and more than [`Config::MaxRead`] of them rank only approximately.
//!
//! # Money
//! A bond is a hold, and so are votes. A hold excludes every other: the same STCI is never bond and vote at once, and cannot be
//! taken by a slash of something else while it counts as a vote, as under a freeze it could. What is held still counts in
//! referenda. Slashing takes from the bond alone, never from voters, and goes to [`Config::OnSlash`].
//!
//! # Assumptions
//! - [`Config::Seats`] changes by this pallet alone once a chain runs, and what it accepts shows there at once.
//! - [`pallet_traits::EraHook`] and [`pallet_traits::AttendanceHook`] are called as their docs say.
//!
//! # Not covered
//! Pay-out of points. A proof of qualification.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod admission;
pub mod election;
mod era;
mod failover;
mod genesis;
mod parameters;
mod points;
pub mod rank;
mod standing;
pub mod tour;
mod types;
mod votes;
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
pub use parameters::{ParameterError, ParameterValues, MAX_ERAS};
pub use types::{Absence, Balance, Ballot, Candidate, Cluster, Motion, Presence, Sanction, Voter};
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
	use pallet_traits::{Competence, EraClock, KeyOf, Seats};
	use poca_primitives::{AuthorityId, AuthoritySignature, Heartbeat};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	pub(crate) type VoterOf<T> =
		Voter<<T as frame_system::Config>::AccountId, <T as Config>::MaxVotes, <T as Config>::MaxUnlocking>;

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
		Votes,
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

		/// Who holds the seats.
		type Seats: Seats<Self::AccountId>;

		/// Where session keys are had, of which an account has all or none.
		type Keys: KeyOf<Self::AccountId, AuthorityId>;

		/// What nodes have proven. Its implementer calls [`Pallet::refresh`] where that of a node changes.
		type Competence: Competence<Self::AccountId>;

		/// The eras.
		type EraClock: EraClock;

		/// Who may set the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

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

		/// Eras for which a bond stays held after its node left, and votes after they were taken back; at least 1.
		#[pallet::constant]
		type UnbondingEras: Get<u32>;

		/// On how many candidates one account may vote; at least 1.
		#[pallet::constant]
		type MaxVotes: Get<u32>;

		/// How many chunks of one account may be unlocking; with more than [`Config::UnbondingEras`] one an era is always possible.
		#[pallet::constant]
		type MaxUnlocking: Get<u32>;

		/// How many votes of the directors may be open; at least 1. With [`Config::MaxDirectors`] times
		/// [`Config::MaxBallotsPerDirector`], no director takes another's room.
		#[pallet::constant]
		type MaxBallots: Get<u32>;

		/// How many of them one director may have opened; at least 1.
		#[pallet::constant]
		type MaxBallotsPerDirector: Get<u32>;

		/// How many absent directors are kept in mind; at least [`Config::MaxDirectors`].
		#[pallet::constant]
		type MaxAbsences: Get<u32>;

		/// How many blocks old the block may be that a heartbeat names; at least 1, less than `BlockHashCount`.
		#[pallet::constant]
		type HeartbeatWindow: Get<BlockNumberFor<Self>>;

		/// For how many eras points are kept; at least 1.
		#[pallet::constant]
		type PointEras: Get<u32>;

		/// What a block is worth in points, whoever authors it in office.
		#[pallet::constant]
		type BlockPoints: Get<u32>;

		/// What a vote on record is worth in points.
		#[pallet::constant]
		type VotePoints: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// The governed parameters.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParameterValues, ValueQuery>;

	/// The candidates, and those whose bond is still held.
	#[pallet::storage]
	pub type Candidates<T: Config> = CountedStorageMap<_, Blake2_128Concat, T::AccountId, Candidate>;

	/// What accounts were punished for.
	#[pallet::storage]
	pub type Sanctions<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Sanction>;

	/// What holders have locked.
	#[pallet::storage]
	pub type Voters<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, VoterOf<T>>;

	/// How much is locked on each account, in planck, whether or not it stands. A vote names an account: where that registers
	/// anew, what is still locked on it counts again.
	#[pallet::storage]
	pub type VotesOn<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// How much is locked on all candidates that stand, in planck.
	#[pallet::storage]
	pub type TotalVotes<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// The votes of the directors that are open.
	#[pallet::storage]
	pub type Ballots<T: Config> = StorageValue<_, BoundedVec<Ballot<T::AccountId>, T::MaxBallots>, ValueQuery>;

	/// Who voted for each open motion. Only those count that are directors when it is counted.
	#[pallet::storage]
	pub type BallotVotes<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		Motion,
		Blake2_128Concat,
		T::AccountId,
		BoundedVec<T::AccountId, T::MaxDirectors>,
		ValueQuery,
	>;

	/// The standby signer of each seat, in the order of turns; none where it took a seat.
	#[pallet::storage]
	pub type StandbySigners<T: Config> = StorageValue<_, BoundedVec<Option<T::AccountId>, T::MaxDirectors>, ValueQuery>;

	/// The standby compute nodes, the best first.
	#[pallet::storage]
	pub type StandbyComputeNodes<T: Config> =
		StorageValue<_, BoundedVec<T::AccountId, T::MaxStandbyComputeNodes>, ValueQuery>;

	/// The directors that missed their turns and have authored nothing since, the earliest first.
	#[pallet::storage]
	pub type Absences<T: Config> = StorageValue<_, BoundedVec<Absence<T::AccountId>, T::MaxAbsences>, ValueQuery>;

	/// How many absent directors were replaced since the last election.
	#[pallet::storage]
	pub type Replacements<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// What each in office reports: the round trip to others in office, in milliseconds.
	#[pallet::storage]
	pub type Latencies<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<(T::AccountId, u16), T::MaxDirectors>>;

	/// What each earned by blocks and votes, in points by era.
	#[pallet::storage]
	pub type Points<T: Config> =
		StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// What all earned, in points by era.
	#[pallet::storage]
	pub type TotalPoints<T: Config> = StorageMap<_, Twox64Concat, u32, u32, ValueQuery>;

	/// The eras of which points are kept, ascending.
	#[pallet::storage]
	pub type ErasWithPoints<T: Config> = StorageValue<_, BoundedVec<u32, T::PointEras>, ValueQuery>;

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
			/// The era from which it may withdraw its bond.
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
		Voted {
			/// The holder.
			voter: T::AccountId,
			/// The candidate.
			candidate: T::AccountId,
			/// How much was added, in planck.
			amount: Balance,
		},
		/// A holder took votes back.
		Unvoted {
			/// The holder.
			voter: T::AccountId,
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
			voter: T::AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A director voted on a motion.
		MotionVoted {
			/// The motion.
			motion: Motion,
			/// The candidate that it is about.
			candidate: T::AccountId,
			/// The director.
			director: T::AccountId,
			/// How many of the directors in office have voted for it.
			ayes: u32,
			/// How many it takes.
			needed: u32,
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
		/// An era has its directors.
		Elected {
			/// The era.
			era: u32,
			/// The directors in the order of their turns.
			directors: Vec<T::AccountId>,
			/// How many of them were none before.
			newcomers: u32,
			/// How many standby signers there are.
			standby_signers: u32,
		},
		/// There was no eligible director: those in office stay.
		ElectionVoid {
			/// The era.
			era: u32,
		},
		/// The directors elected could not be put into office: those in office stay.
		ElectionRefused {
			/// The era.
			era: u32,
		},
		/// A director missed its turns and is out of its seat, or will be as soon as somebody can take it.
		Isolated {
			/// Its account.
			director: T::AccountId,
			/// The standby that has its seat now; none where it keeps it until the next election.
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
			/// How much of its bond was slashed, in planck.
			slashed: Balance,
			/// The era from which it may register again.
			barred_until: u32,
		},
		/// Somebody in office reported latencies.
		LatenciesReported {
			/// Its account.
			reporter: T::AccountId,
			/// Of how many others.
			count: u32,
		},
		/// The parameters were set.
		ParametersSet {
			/// To these.
			parameters: ParameterValues,
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
		/// The account may not register yet.
		Barred,
		/// The account has no session keys.
		NoKeys,
		/// The bond is less than the least there must be.
		BondTooLow,
		/// The bond is held for some eras more.
		StillBonded,
		/// The node is a director or a standby signer.
		InOffice,
		/// The sorted list refused the change.
		ListRefused,
		/// The amount is zero.
		ZeroAmount,
		/// The holder's votes on the candidate would be less than the least there must be, and not nothing.
		VoteTooLow,
		/// The holder votes on as many candidates as it may.
		TooManyVotes,
		/// The holder has less locked on the account.
		NotEnoughVotes,
		/// The holder has as many chunks unlocking as it may; it may unlock those that are due.
		TooManyChunks,
		/// Nothing is due yet.
		NothingDue,
		/// A sum exceeds what can be counted.
		Overflow,
		/// The account is no director in office.
		NotDirector,
		/// The candidate is admitted already.
		AlreadyAdmitted,
		/// The director has voted for this already.
		AlreadyVoted,
		/// As many votes of the directors are open as there may be, or as this director may have opened.
		TooManyBallots,
		/// The account is neither a director nor a standby signer.
		NotInOffice,
		/// The report names its own reporter, an account twice, or one that is not in office.
		BadReport,
		/// The node is not isolated.
		NotIsolated,
		/// The node has shown itself already.
		AlreadyBack,
		/// The heartbeat names a block that is not recent, or not in this chain.
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
		/// The least vote is zero.
		BadMinVote,
		/// The number of terms is zero.
		BadMaxTerms,
		/// The part from which on a standby is equally able is zero.
		BadAbleFrom,
		/// The turns after which a director is isolated are not from 1 to 255.
		BadIsolateAfter,
		/// The eras after which an absent director is removed are not from 1 to a year.
		BadRemovalEras,
		/// The eras for which a vote stays open are not from 1 to a year.
		BadBallotEras,
		/// The eras of a bar are not from 1 to a year.
		BadBarEras,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The governed parameters.
		pub parameters: ParameterValues,
		/// Admitted candidates and their bonds in planck, which are held of their accounts. Either nobody, or at least all directors that
		/// the chain starts with; the best of the others become standby signers.
		pub candidates: Vec<(T::AccountId, Balance)>,
		/// Votes: who locks on which candidate how much, in planck.
		pub votes: Vec<(T::AccountId, T::AccountId, Balance)>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				parameters: ParameterValues::default(),
				candidates: Vec::new(),
				votes: Vec::new(),
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
			assert!(T::UnbondingEras::get() > 0, "UnbondingEras must be at least 1");
			assert!(
				T::MaxVotes::get() > 0 && T::MaxUnlocking::get() > 0,
				"there must be room for votes"
			);
			assert!(
				T::MaxBallots::get() > 0 && T::MaxBallotsPerDirector::get() > 0,
				"there must be room for votes of the directors"
			);
			assert!(
				T::MaxAbsences::get() >= directors,
				"all directors can be absent at once"
			);
			assert!(T::PointEras::get() > 0, "PointEras must be at least 1");
			let window = T::HeartbeatWindow::get();
			assert!(
				window > 0u32.into() && window < T::BlockHashCount::get(),
				"the chain must know the blocks of heartbeats"
			);
			assert_eq!(
				ParameterValues::default().check::<T>().err(),
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
		/// `AlreadyRegistered`, `Barred`, `BondTooLow`, `NoKeys`; those of the currency where there is not enough.
		///
		/// # Events
		/// `Registered`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(origin: OriginFor<T>, bond: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(&who, bond)
		}

		/// Adds to the bond of the caller, which is a candidate.
		///
		/// - `amount`: what is held in addition, in planck.
		///
		/// # Errors
		/// `NotCandidate`, `NotStanding`, `ZeroAmount`; those of the currency where there is not enough.
		///
		/// # Events
		/// `BondIncreased`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::bond_more())]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_more(&who, amount)
		}

		/// Ends the candidacy of the caller. Votes on it count for nobody from now on. A director stays in office until the
		/// next election. The bond stays held for [`Config::UnbondingEras`] eras.
		///
		/// # Errors
		/// `NotCandidate`, `NotStanding`.
		///
		/// # Events
		/// `Left`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::leave(T::MaxBallots::get()))]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_leave(&who)
		}

		/// Releases the bond of the caller, which has left or was removed, and ends its registration.
		///
		/// # Errors
		/// `NotCandidate`, `StillStanding`, `StillBonded`, `InOffice` where it was kept to fill up the directors.
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
		/// `NotCandidate`, `NotStanding`, `ZeroAmount`, `VoteTooLow`, `TooManyVotes`; those of the currency where there is not enough.
		///
		/// # Events
		/// `Voted`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::vote())]
		pub fn vote(origin: OriginFor<T>, candidate: T::AccountId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_vote(&who, &candidate, amount)
		}

		/// Takes votes of the caller back. They count no more from now on, and stay locked for [`Config::UnbondingEras`] eras,
		/// also where the candidate is gone.
		///
		/// - `candidate`: on whom they were, whether or not it still is a candidate.
		/// - `amount`: how much, in planck. What remains is at least the least vote, or nothing.
		///
		/// # Errors
		/// `ZeroAmount`, `NotEnoughVotes`, `VoteTooLow`, `TooManyChunks`.
		///
		/// # Events
		/// `Unvoted`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::unvote())]
		pub fn unvote(origin: OriginFor<T>, candidate: T::AccountId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unvote(&who, &candidate, amount)
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

		/// Votes to admit a candidate; the caller is a director. It is admitted once two thirds (rounded up) of the directors
		/// then in office have voted so.
		///
		/// - `candidate`: the candidate.
		///
		/// # Errors
		/// `NotDirector`, `NotCandidate`, `NotStanding`, `AlreadyAdmitted`, `AlreadyVoted`, `TooManyBallots`.
		///
		/// # Events
		/// `MotionVoted`; then `Admitted` where it is.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::admit(T::MaxBallots::get()))]
		pub fn admit(origin: OriginFor<T>, candidate: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_motion(&who, Motion::Admission, &candidate)
		}

		/// Votes to remove a candidate; the caller is a director. It is removed and barred once two thirds (rounded up) of the
		/// directors then in office have voted so. A director loses its seat at once where a standby can take it, else at the
		/// next election. Its bond can be withdrawn as if it had left.
		///
		/// - `candidate`: the candidate.
		///
		/// # Errors
		/// `NotDirector`, `NotCandidate`, `NotStanding`, `AlreadyVoted`, `TooManyBallots`.
		///
		/// # Events
		/// `MotionVoted`; then `Eliminated` where it is.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::eliminate(T::MaxBallots::get()))]
		pub fn eliminate(origin: OriginFor<T>, candidate: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_motion(&who, Motion::Elimination, &candidate)
		}

		/// Reports latencies that the caller, a director or a standby signer, measured. It replaces what it reported before. The
		/// order of turns follows from them, see [`tour`].
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

		/// Shows that a node, which is isolated, is there and in sync. It gets its seat back at the next era if it is still eligible.
		/// No account signs and nobody pays: the node's authoring key authorizes it. Nodes send it by themselves.
		///
		/// - `heartbeat`: which node; and a block at most [`Config::HeartbeatWindow`] below the current one.
		/// - `signature`: that of the node's authoring key.
		///
		/// # Errors
		/// `NotIsolated`, `AlreadyBack`, `UnknownBlock`, `BadHeartbeat`; in the pool they show as invalid transactions.
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

		/// Sets the governed parameters; the origin is [`Config::AdminOrigin`]. They are in force from the next election. Scores in
		/// the sorted list follow a new weight of competence only as entries are refreshed.
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
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// In which cluster a node is.
		pub fn cluster(who: T::AccountId) -> Cluster {
			Self::cluster_of(&who)
		}
	}

	impl<T> From<ParameterError> for Error<T> {
		fn from(error: ParameterError) -> Self {
			match error {
				ParameterError::Seats => Self::BadSeats,
				ParameterError::MinDirectors => Self::BadMinDirectors,
				ParameterError::StandbySigners => Self::BadStandbySigners,
				ParameterError::StandbyComputeNodes => Self::BadStandbyComputeNodes,
				ParameterError::MinBond => Self::BadMinBond,
				ParameterError::MinVote => Self::BadMinVote,
				ParameterError::MaxTerms => Self::BadMaxTerms,
				ParameterError::AbleFrom => Self::BadAbleFrom,
				ParameterError::IsolateAfter => Self::BadIsolateAfter,
				ParameterError::RemovalEras => Self::BadRemovalEras,
				ParameterError::BallotEras => Self::BadBallotEras,
				ParameterError::BarEras => Self::BadBarEras,
			}
		}
	}
}
