#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod devices;
mod parameters;
mod queries;
mod rounds;
mod types;
pub mod weights;
mod wins;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{engage, BenchmarkHelper};
pub use pallet::*;
pub use parameters::{ComputeParameters, ParameterError, ParameterValues, SpaceParameters, UptimeParameters, Weights};
pub use types::{
	Balance, CandidateSums, ComputeEntry, Counts, Entry, KindTotal, Link, Parts, PlotKind, ProofBytes, Round,
	SpaceEntry, Totals, UptimeEntry, Waiting, Window, WinsOfBlock, MAX_KINDS, MAX_PROOF,
};
pub use weights::WeightInfo;
#[cfg(any(test, feature = "vectors"))]
pub use wins::testing;

pub use proof_lottery_primitives::{Claimed, SpaceScheme, MAX_WINS};
pub use proof_of_space_primitives::FindKey;

/// The target of this pallet's logs.
pub const LOG_TARGET: &str = "runtime::resource-proofs";

/// What the pool is told of a win that this state cannot judge, but a later one may: `UnknownTransaction::Custom` of
/// this. What is unknown is not banned, so that a node that is a block behind takes the win when it has caught up.
pub const AHEAD: u8 = 1;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use device_primitives::DeviceId;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Credit, Inspect},
			OnUnbalanced,
		},
	};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{
		Bandwidth, Beacon, CompetenceHook, Computed, Devices, EraClock, PlotHook, Qualification, Stored,
	};
	use proof_lottery_primitives::{Challenge, LotterySignature, Pulse, Resource, SegmentWin};
	use proof_of_space_primitives::{pos2::MAX_STRENGTH, SpaceProof};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	pub(crate) type EntryOf<T> = Entry<<T as frame_system::Config>::AccountId>;
	pub(crate) type RoundOf<T> = Round<BlockNumberFor<T>>;
	pub(crate) type WindowOf<T> = Window<BlockNumberFor<T>>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why this pallet holds STCI.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is what devices of the account leave for lotteries and links.
		Lottery,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The devices; this pallet is told of what becomes of them.
		type Devices: Devices<Self::AccountId>;

		/// What lotteries are drawn from. Its hooks run before this pallet's.
		type Beacon: Beacon;

		/// The eras.
		type EraClock: EraClock;

		/// How proofs of [`SpaceScheme::Pos2`] are verified.
		type Pos2: SpaceProof;

		/// How much bandwidth devices have shown.
		type Bandwidth: Bandwidth;

		/// What devices keep for customers: it counts as space, beside plots.
		type Stored: Stored;

		/// What devices compute for customers, in segments that a window has room for: it counts as compute, beside
		/// what windows have shown.
		type Computed: Computed;

		/// Tiers that are proven without telling by which devices.
		type Qualification: Qualification<Self::AccountId>;

		/// Who is told of competences that changed.
		type CompetenceHook: CompetenceHook<Self::AccountId>;

		/// Who is told of wins by plots, which are tickets: who buys plots by them.
		type PlotHook: PlotHook<Self::AccountId>;

		/// Slots of an era; at least 1.
		type EraLength: Get<u32>;

		/// Who may set the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The parameters while neither genesis nor anybody has set others. They have to be in their ranges.
		type DefaultParameters: Get<ParameterValues>;

		/// What becomes of slashed deposits.
		type OnSlash: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

		/// What is held for a device in the lottery of space, in planck. A device that claims and has nothing makes all
		/// others win less often.
		#[pallet::constant]
		type SpaceDeposit: Get<Balance>;

		/// What is held for a device in the lottery of compute, in planck: with the others of the device it is what an
		/// announcement of a win that is none costs.
		#[pallet::constant]
		type ComputeDeposit: Get<Balance>;

		/// What is held for a device in the lottery of uptime, in planck.
		#[pallet::constant]
		type UptimeDeposit: Get<Balance>;

		/// What is held for a link of a device with a candidate, in planck.
		#[pallet::constant]
		type LinkDeposit: Get<Balance>;

		/// How many wins of space a block takes at the most: parameters may say less.
		#[pallet::constant]
		type MaxSpaceWins: Get<u32>;

		/// How many wins of uptime a block takes at the most: parameters may say less.
		#[pallet::constant]
		type MaxPulses: Get<u32>;

		/// How many announcements of wins of compute a block takes at the most: parameters may say less.
		#[pallet::constant]
		type MaxAnnouncements: Get<u32>;

		/// How many segments a block runs at most.
		#[pallet::constant]
		type MaxVerified: Get<u32>;

		/// How many announcements may wait to be verified.
		#[pallet::constant]
		type MaxWaiting: Get<u32>;

		/// How many devices may be linked with a candidate; at most 65,536.
		#[pallet::constant]
		type MaxLinked: Get<u32>;

		/// The highest strength of plots whose proofs a block can pay for; with each one more the rounds of AES for a
		/// proof's first table double.
		#[pallet::constant]
		type MaxStrength: Get<u8>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// The governed parameters.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParameterValues, ValueQuery, T::DefaultParameters>;

	/// The devices that are in a lottery. Their ids are hashes, so that they need no other.
	#[pallet::storage]
	pub type Entries<T: Config> = StorageMap<_, Identity, DeviceId, EntryOf<T>>;

	/// Devices that told of a win that was none, and in which era that showed. They are out for good.
	#[pallet::storage]
	pub type Struck<T: Config> = StorageMap<_, Identity, DeviceId, u32>;

	/// How many devices are in each lottery.
	#[pallet::storage]
	pub type DeviceCounts<T: Config> = StorageValue<_, Counts, ValueQuery>;

	/// What all devices have.
	#[pallet::storage]
	pub type Sums<T: Config> = StorageValue<_, Totals, ValueQuery>;

	/// The latest round of space and of uptime.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, Resource, RoundOf<T>>;

	/// The latest compute window, and those before of which announcements wait.
	#[pallet::storage]
	pub type Windows<T: Config> = StorageMap<_, Twox64Concat, u64, WindowOf<T>>;

	/// The number of the next compute window.
	#[pallet::storage]
	pub type NextWindow<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The announcements that wait to be verified, by the order in which they came.
	#[pallet::storage]
	pub type Announcements<T: Config> = StorageMap<_, Twox64Concat, u64, SegmentWin>;

	/// Which announcements wait.
	#[pallet::storage]
	pub type WaitingFor<T: Config> = StorageValue<_, Waiting, ValueQuery>;

	/// How many wins the current block has; of an earlier one if it has none.
	#[pallet::storage]
	pub type BlockWins<T: Config> = StorageValue<_, WinsOfBlock<BlockNumberFor<T>>, ValueQuery>;

	/// What counts for each candidate that a device is linked with.
	#[pallet::storage]
	pub type Candidates<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, CandidateSums>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A device is in a lottery, or claims otherwise in it.
		Declared {
			/// The device.
			device: DeviceId,
			/// What it claims.
			claim: Claimed,
			/// The slot from which on that counts.
			from: u64,
		},
		/// A device is in a lottery no more, and its deposit released.
		Left {
			/// The device.
			device: DeviceId,
			/// The lottery.
			resource: Resource,
		},
		/// A round was opened.
		RoundOpened {
			/// Of which lottery.
			resource: Resource,
			/// Its number.
			round: u64,
			/// What it is about.
			challenge: Challenge,
			/// The last slot in whose block a win counts.
			until: u64,
		},
		/// A device won.
		Won {
			/// The device.
			device: DeviceId,
			/// In which lottery.
			resource: Resource,
			/// In which round or window.
			round: u64,
			/// Its unit: the number of the group or segment; 0 for uptime.
			unit: u32,
		},
		/// A device announced that a segment of it wins, which is still to be verified.
		WinAnnounced {
			/// The device.
			device: DeviceId,
			/// In which window.
			window: u64,
			/// The segment.
			segment: u32,
		},
		/// A device won less than half of what it should have: it claims less from now on.
		ClaimCut {
			/// The device.
			device: DeviceId,
			/// In which lottery.
			resource: Resource,
			/// What it claims.
			units: u32,
			/// The slot from which on that counts.
			from: u64,
		},
		/// A segment that was announced does not win: its device is out for good.
		DeviceStruck {
			/// The device.
			device: DeviceId,
			/// In which window.
			window: u64,
			/// The segment.
			segment: u32,
			/// What was slashed of its owner, in planck.
			slashed: Balance,
		},
		/// A device is offered to a candidate.
		LinkOffered {
			/// The device.
			device: DeviceId,
			/// The candidate.
			candidate: T::AccountId,
		},
		/// A device counts for a candidate.
		Linked {
			/// The device.
			device: DeviceId,
			/// The candidate.
			candidate: T::AccountId,
			/// The era from which on it counts.
			from: u32,
		},
		/// A device counts for a candidate no more, or is offered to it no more.
		Unlinked {
			/// The device.
			device: DeviceId,
			/// The candidate.
			candidate: T::AccountId,
		},
		/// The parameters were set.
		ParametersSet {
			/// All of them.
			parameters: ParameterValues,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The device is not registered.
		UnknownDevice,
		/// The account does not own the device.
		NotOwner,
		/// The device is suspended: whoever suspended it has to resume it.
		NotActive,
		/// The device told of a win that was none, and is out for good.
		DeviceIsStruck,
		/// No units are claimed.
		NothingClaimed,
		/// More units are claimed than there can be.
		TooMuchClaimed,
		/// No new plots of this size are taken.
		BadSize,
		/// The strength is lower than what is asked of new plots, or higher than what a block can pay for.
		BadStrength,
		/// The device claims plots of another kind: withdraw that claim first.
		OtherPlots,
		/// The device's last claim counts by now, but a round can still be won, or wins of the device wait to be
		/// verified, that was opened before it did: by a third claim the one would be forgotten that it is judged by.
		/// Claim again when the round is over and nothing waits.
		RoundOpen,
		/// The device claims less from a later slot on, by its owner's word or because it won too little: claim again
		/// when that counts.
		SmallerClaimWaits,
		/// The device is not in this lottery.
		NotDeclared,
		/// Wins that the device announced are still to be verified: wait for that.
		WinsPending,
		/// The device has won within two tau, or has not been in the lottery for as long.
		NotSilent,
		/// The proof has not the length that one of its size has.
		BadLength,
		/// The round is over, or there was none of that number.
		RoundOver,
		/// The round is ahead of what this block knows.
		RoundAhead,
		/// The device claims fewer units, or its claim does not count in this round yet.
		NotClaimed,
		/// The group is not up in this round.
		NotUp,
		/// The proof, output or segment does not win.
		NoWin,
		/// The proof is not valid for the device's plot and this round.
		BadProof,
		/// The output is not that of the device's lottery key in this round.
		BadPulse,
		/// The device's lottery key did not sign this: chain, kernel, challenge and threshold of the window, device and
		/// segment.
		BadSignature,
		/// The device's lottery key is too young for this round: it counts like a claim that was made when it was
		/// enrolled. Win in a later one.
		KeyTooYoung,
		/// The win was there before.
		AlreadyWon,
		/// The device has won more often in this round than it can by chance.
		TooManyWins,
		/// The block has as many wins as it takes: it goes into the next one.
		BlockIsFull,
		/// As many wins wait to be verified as may.
		QueueIsFull,
		/// The device is offered to, or linked with, a candidate already.
		AlreadyLinked,
		/// The device is not offered to the account.
		NotOffered,
		/// The device is neither linked nor offered, or not with the account.
		NotLinked,
		/// As many devices are linked with the candidate as may be.
		TooManyLinked,
		/// The lottery of space would be none: see the ranges of its parameters.
		BadSpaceParameters,
		/// The sizes of plots are out of their range.
		BadSizes,
		/// The least strength is out of its range, or lower than it was.
		BadStrengthParameter,
		/// The lottery of compute would be none: see the ranges of its parameters.
		BadComputeParameters,
		/// The lottery of uptime would be none: see the ranges of its parameters.
		BadUptimeParameters,
		/// A resource weighs more than a half, or all more than one.
		BadWeights,
		/// Tau, and when devices begin to count, never change.
		ChangesHistory,
		/// There are too many kinds of plots, or devices.
		Overflow,
		/// The device is in another lottery, and uptime is the factor of what it has there: leave that one first.
		UptimeIsLast,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The parameters; those of the runtime if none are given.
		pub parameters: Option<ParameterValues>,
		#[doc(hidden)]
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			self.build_or_panic();
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let opened = Self::open_rounds(now);
			T::WeightInfo::on_initialize()
				.saturating_add(T::WeightInfo::open_round().saturating_mul(opened))
				.saturating_add(Self::weight_shared_by_wins())
		}

		fn on_runtime_upgrade() -> Weight {
			// They cannot be refused any more: a block that panics here would be the end of the chain.
			if let Err(error) = Parameters::<T>::get().check::<T>() {
				log::error!(
					target: LOG_TARGET,
					"The lotteries of this chain do not fit turns of {} slots ({error:?}): set other parameters",
					T::Beacon::turn_length(),
				);
			}
			T::DbWeight::get().reads(1)
		}

		fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
			Self::verify_announced(left)
		}

		fn integrity_test() {
			assert!(
				T::DefaultParameters::get().check::<T>().is_ok(),
				"the default parameters are out of their ranges"
			);
			assert!(T::MaxStrength::get() <= MAX_STRENGTH, "the scheme has no such strength");
			assert!(
				T::MaxLinked::get() <= 65_536,
				"the competences of linked devices must fit into 64 bits"
			);
			assert!(
				T::MaxWaiting::get() >= T::MaxAnnouncements::get(),
				"there must be room for a block's announcements"
			);
			let deposits = [
				T::SpaceDeposit::get(),
				T::ComputeDeposit::get(),
				T::UptimeDeposit::get(),
			];
			assert!(!deposits.contains(&0), "devices that have nothing must cost something");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Puts a device of the caller into a lottery, for which a deposit is held, or changes what it claims there.
		/// It counts from the second round after this block; of compute from the third turn after a window is over that
		/// is opened now.
		///
		/// - `device`: the device.
		/// - `claim`: what it has. Groups and segments are numbered from 0 on. Size and strength of its plots stay; for
		///   others it has to leave the lottery first.
		///
		/// # Errors
		/// `UnknownDevice`, `NotOwner`, `NotActive`, `DeviceIsStruck`, `WinsPending`, `NothingClaimed`,
		/// `TooMuchClaimed`, `BadSize`, `BadStrength`, `OtherPlots`, `RoundOpen`, `SmallerClaimWaits`; those of the
		/// currency if there is not enough for the deposit.
		///
		/// # Events
		/// `Declared`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::declare())]
		pub fn declare(origin: OriginFor<T>, device: DeviceId, claim: Claimed) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_declare(&who, &device, claim)
		}

		/// Takes a device of the caller out of a lottery. What it has won there is lost, and its deposit released. If
		/// it is in no lottery any more, its link ends. It leaves that of uptime last.
		///
		/// - `device`: the device.
		/// - `resource`: which lottery.
		///
		/// # Errors
		/// `NotDeclared`, `NotOwner`, `WinsPending`, `UptimeIsLast`.
		///
		/// # Events
		/// `Left`, `Unlinked`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, device: DeviceId, resource: Resource) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(&who, &device, resource)
		}

		/// Takes a device out of a lottery that has not won in it for two tau, or ever since its claim counts: it only
		/// makes others win less often. Anyone may; the deposit is released to its owner. That of uptime is last.
		///
		/// - `device`: the device.
		/// - `resource`: which lottery.
		///
		/// # Errors
		/// `NotDeclared`, `NotSilent`, `WinsPending`, `UptimeIsLast`.
		///
		/// # Events
		/// `Left`, `Unlinked`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn remove_silent(origin: OriginFor<T>, device: DeviceId, resource: Resource) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove_silent(&device, resource)
		}

		/// A device wins by a plot. No account signs and nobody pays: the proof authorizes it.
		///
		/// - `device`: the device.
		/// - `round`: the round.
		/// - `group`: which of its groups.
		/// - `proof`: the proof, `16 k` bytes, of the group's plot 0.
		///
		/// # Errors
		/// `RoundAhead`, `RoundOver`, `BlockIsFull`, `NotDeclared`, `BadLength`, `NotClaimed`, `NotUp`, `NotActive`,
		/// `UnknownDevice`, `NoWin`, `AlreadyWon`, `TooManyWins`, `BadProof`; in the pool they show as invalid
		/// transactions, but for `RoundAhead`, which shows as unknown.
		///
		/// # Events
		/// `Won`, `ClaimCut`.
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::weight_of_win(Resource::Space, true))]
		#[pallet::weight_of_authorize(Pallet::<T>::weight_of_validation(T::MaxStrength::get()))]
		#[pallet::authorize(|_, device, round, group, proof| Self::authorize_space(device, *round, *group, proof))]
		pub fn win_space(
			origin: OriginFor<T>,
			device: DeviceId,
			round: u64,
			group: u32,
			proof: ProofBytes,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let told = Self::do_win_space(&device, round, group, &proof)?;
			Ok(Some(Self::weight_of_win(Resource::Space, told)).into())
		}

		/// A device announces that a segment of it wins; the segment is run in a later block. If it does not win, the
		/// device's deposits are slashed, and it is out for good. No account signs and nobody pays.
		///
		/// - `win`: what is announced.
		/// - `signature`: that of the device's lottery key under it.
		///
		/// # Errors
		/// `RoundAhead`, `RoundOver`, `BlockIsFull`, `QueueIsFull`, `NotDeclared`, `NotClaimed`, `AlreadyWon`,
		/// `TooManyWins`, `UnknownDevice`, `NotActive`, `KeyTooYoung`, `BadSignature`; in the pool they show as invalid
		/// transactions, but for `RoundAhead` and `QueueIsFull`, which show as unknown: send it again as it is.
		///
		/// # Events
		/// `WinAnnounced`; `Won` or `DeviceStruck` once it is verified.
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::weight_of_win(Resource::Compute, false))]
		#[pallet::weight_of_authorize(T::WeightInfo::verify_announcement())]
		#[pallet::authorize(|source, win, signature| Pallet::<T>::authorize_compute(source, win, signature))]
		pub fn win_compute(origin: OriginFor<T>, win: SegmentWin, signature: LotterySignature) -> DispatchResult {
			ensure_authorized(origin)?;
			let _ = signature;
			Self::do_announce(&win)
		}

		/// A device shows that it is there. No account signs and nobody pays: the VRF output authorizes it.
		///
		/// - `pulse`: device, round, and the output of its lottery key.
		///
		/// # Errors
		/// `RoundAhead`, `RoundOver`, `BlockIsFull`, `NotDeclared`, `NotClaimed`, `AlreadyWon`, `NoWin`,
		/// `UnknownDevice`, `NotActive`, `KeyTooYoung`, `BadPulse`; in the pool they show as invalid transactions, but
		/// for `RoundAhead`, which shows as unknown.
		///
		/// # Events
		/// `Won`.
		#[pallet::call_index(5)]
		#[pallet::weight(Pallet::<T>::weight_of_win(Resource::Uptime, true))]
		#[pallet::weight_of_authorize(T::WeightInfo::verify_pulse())]
		#[pallet::authorize(|_source, pulse| Pallet::<T>::authorize_pulse(pulse))]
		pub fn pulse(origin: OriginFor<T>, pulse: Pulse) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let told = Self::do_pulse(&pulse)?;
			Ok(Some(Self::weight_of_win(Resource::Uptime, told)).into())
		}

		/// Offers a device of the caller to a candidate, so that it counts for that. A deposit is held until the link
		/// or the offer ends.
		///
		/// - `device`: the device; it is in a lottery.
		/// - `candidate`: the candidate.
		///
		/// # Errors
		/// `NotDeclared`, `NotOwner`, `WinsPending`, `AlreadyLinked`; those of the currency if there is not enough for
		/// the deposit.
		///
		/// # Events
		/// `LinkOffered`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::offer_link())]
		pub fn offer_link(origin: OriginFor<T>, device: DeviceId, candidate: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_offer_link(&who, &device, candidate)
		}

		/// Accepts a device that is offered to the caller: it counts for it from the next era on.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `NotDeclared`, `NotOffered`, `AlreadyLinked`, `TooManyLinked`.
		///
		/// # Events
		/// `Linked`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::accept_link())]
		pub fn accept_link(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_accept_link(&who, &device)
		}

		/// Ends a link, or an offer, at once; the caller owns the device or is the candidate.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `NotDeclared`, `NotLinked`.
		///
		/// # Events
		/// `Unlinked`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::unlink())]
		pub fn unlink(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unlink(&who, &device)
		}

		/// Counts a device anew for its candidate, as each of its wins does. Anyone may: one that has stopped winning
		/// counts for more than it should otherwise.
		///
		/// - `device`: the device.
		///
		/// # Errors
		/// `NotDeclared`, `NotLinked`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::refresh())]
		pub fn refresh(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_refresh(&device)
		}

		/// Sets the parameters; the origin is [`Config::AdminOrigin`]. Rounds that are open go on as they were opened,
		/// and what was won stays. Claims of plots that would not be taken any more stay as they are, and may become
		/// smaller.
		///
		/// - `parameters`: all of them.
		///
		/// # Errors
		/// `BadSpaceParameters`, `BadSizes`, `BadStrengthParameter`, `BadComputeParameters`, `BadUptimeParameters`,
		/// `BadWeights`, `ChangesHistory`.
		///
		/// # Events
		/// `ParametersSet`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParameterValues) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			parameters.check::<T>().map_err(Error::<T>::from)?;
			parameters
				.check_after(&Parameters::<T>::get())
				.map_err(Error::<T>::from)?;
			Parameters::<T>::put(parameters);
			Self::deposit_event(Event::ParametersSet { parameters });
			Ok(())
		}
	}
}
