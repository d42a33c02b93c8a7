#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod calls;
mod money;
mod queries;
mod queues;
mod state;
mod traits;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::{engage, BenchmarkHelper};
pub use calls::{
	Begin, AHEAD, COVERED, KEPT_RECENT, LOOKS, MAX_BEFORE_CHAIN, MAX_CALLBACKS, MAX_CLEARED, MAX_DRAWS, MAX_FREE,
	MAX_LATE, MAX_LIVE, MAX_LOOKS, MAX_SETTLED, MAX_VISITS, MESSAGE, RECHECK_PAYS, SMALL_POOL,
};
pub use compute_market_primitives::state::{
	Agreed, Board, Copied, GroupOf, Job, Member, Phase, PoolOf, Purpose, Replica, Stage, State, Step, Turns, Unit,
	UnitBits, UnitError, UnitsOf, Worker, MAX_BEACONS, MAX_COPIES, MAX_OPEN, MAX_REPLICAS,
};
pub use pallet::*;
pub use pallet_traits::Computed;
pub use traits::{AutoMine, OnJobDone, ProvenCompute, SubmitsJobs};
pub use types::{Claims, Credited, Deadline, Deposits, DueUnits, JobDone, RecentUnit, Rules, Waiting};
pub use weights::WeightInfo;

// What it expands to names it without a path.
use frame_support::pallet_macros::import_section;

#[import_section(state::items)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use compute_market_primitives::{
		Assurance, Balance, Commit, Decline, EngineId, JobId, Outcome, OutputReport, Price, Reveal, Spec, Terms, Tick,
		UnitAt, WorkOffer,
	};
	use device_primitives::DeviceId;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Inspect},
			Contains,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{Beacon, Devices, Earnings, MarketClock};
	use sp_core::sr25519;
	use sp_runtime::Perbill;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why this pallet holds STCI.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is money of the market: stakes, escrows, pay, deposits for jobs.
		Work,
		/// It is a deposit for a worker.
		Worker,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;
		/// What the account derives from at which money of the market is on hold.
		#[pallet::constant]
		type PalletId: Get<PalletId>;
		/// Whose the stakes are that are lost and pay for nothing.
		type Treasury: Get<Self::AccountId>;

		/// The markets' clock.
		type Clock: MarketClock;
		/// What draws come from.
		type Beacon: Beacon;
		/// Milliseconds of a slot, of which programs have the time.
		#[pallet::constant]
		type SlotMillis: Get<u64>;
		/// The devices that there are.
		type Devices: Devices<Self::AccountId>;
		/// What they have proven of their speed.
		type Compute: ProvenCompute;
		/// Is told of what is earned.
		type Earnings: Earnings<Self::AccountId>;
		/// The chain itself as a customer.
		type AutoMine: AutoMine<Self::AccountId>;
		/// Whose jobs are those that other pallets submit.
		type OnJobDone: OnJobDone<Self::AccountId>;

		/// The engines that there are (governed).
		type Engines: Contains<EngineId>;
		/// Times, shares and stakes (governed).
		type Terms: Get<Terms>;
		/// What governs the market besides.
		type Rules: Get<Rules>;
		/// In how many ticks what a worker has computed counts for an e-th: as what proves competence does.
		type Tau: Get<u32>;
		/// What is put in for state.
		#[pallet::constant]
		type Deposits: Get<Deposits>;
		/// The part of what goes back to a job's owner that whoever closes it gets.
		type Tip: Get<Perbill>;
		/// Whether two devices of one network may not be in one pool: a chain on one machine says no.
		type Groups: Get<bool>;
		/// The most that hooks take of what a block leaves over.
		type IdleWeight: Get<Weight>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::follow_beacon();
			T::WeightInfo::follow_beacon()
		}

		fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
			let left = left.min(T::IdleWeight::get());
			let late = Self::deadlines_within(left);
			let settled = late.saturating_add(Self::settle_within(left.saturating_sub(late)));
			let pooled = settled.saturating_add(Self::pools_within(left.saturating_sub(settled)));
			let given = pooled.saturating_add(Self::dispatch_within(left.saturating_sub(pooled)));
			given.saturating_add(Self::recent_within(left.saturating_sub(given)))
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			frame_support::ensure!(T::Terms::get().check().is_ok(), "terms can be as they are governed");
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Offers what a device of the caller computes, in place of an earlier offer; with the first one a deposit is
		/// held. Without an offer it takes no units any more: what it has it is late with, unless it brings it.
		///
		/// # Errors
		/// `UnknownDevice`, `NotYours`, `StillWorks`, `BadOffer`, `NoSuchEngine`, `NoWorker`; the currency's.
		///
		/// # Events
		/// `WorkerSet`, `WorkerLeft`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_worker())]
		pub fn set_worker(origin: OriginFor<T>, device: DeviceId, offer: Option<WorkOffer>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_worker(who, device, offer)
		}

		/// Puts in more stake for a device of the caller, in planck.
		///
		/// # Errors
		/// `NoWorker`, `NotYours`, `Nothing`, `TooMuch`; the currency's.
		///
		/// # Events
		/// `StakeAdded`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_stake())]
		pub fn add_stake(origin: OriginFor<T>, device: DeviceId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_add_stake(&who, device, amount)
		}

		/// Has so much stake of a device of the caller leave, in planck, and pays what has left by now. What answers
		/// for jobs stays. What leaves already leaves later if more is named.
		///
		/// # Errors
		/// `NoWorker`, `NotYours`, `StakeTooSmall`, `TooEarly` if nothing has left yet and nothing is named.
		///
		/// # Events
		/// `StakeLeaves`, `StakeLeft`; `NotPaid`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::withdraw_stake())]
		pub fn withdraw_stake(origin: OriginFor<T>, device: DeviceId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_stake(&who, device, amount)
		}

		/// Submits a job. What it costs at most without a dissent is put in at once, half as much besides or what one
		/// unit may need, and a deposit for its state.
		///
		/// - `spec`: what is computed.
		/// - `max_price`: the most that is paid for a Gfuel, in planck.
		/// - `assurance`: how sure results have to be.
		///
		/// # Errors
		/// `ProgramTooLarge`, `TooManyUnits`, `BadLimits`, `BadInput`, `BadSource`, `NoSuchEngine`, `QueueFull`,
		/// `EscrowTooSmall`, `TooMuch`; the currency's.
		///
		/// # Events
		/// `JobSubmitted`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::submit_job())]
		pub fn submit_job(origin: OriginFor<T>, spec: Spec, max_price: Price, assurance: Assurance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_submit(&who, spec, max_price, assurance, false)?;
			Ok(())
		}

		/// Puts in more for a job, in planck. Anybody may; what is left goes to the job's owner.
		///
		/// # Errors
		/// `UnknownJob`, `NotActive`, `Nothing`, `TooMuch`; the currency's.
		///
		/// # Events
		/// `ToppedUp`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::top_up())]
		pub fn top_up(origin: OriginFor<T>, job: JobId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up(&who, job, amount)
		}

		/// Gives a job of the caller up: nobody is given units that nobody has had. What is out ends and is paid; of
		/// what is promised to nobody a part burns, and the rest comes back when the job is closed.
		///
		/// # Errors
		/// `UnknownJob`, `NotActive`.
		///
		/// # Events
		/// `JobCancelled`; `JobDone`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::cancel_job().saturating_add(T::OnJobDone::weight()))]
		pub fn cancel_job(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel(&who, job)
		}

		/// A device says what it has of units, before it sees what others have: under seals. No account signs and
		/// nobody pays.
		///
		/// - `commit`: what it says.
		/// - `signature`: that of the device's lottery key under it.
		///
		/// # Errors
		/// `OutOfOrder`, `Nothing`, `NotAssigned`, `TooLate`, `UnknownDevice`, `BadSignature`. In the pool they show as
		/// invalid transactions, or as unknown if it may be valid later.
		///
		/// # Events
		/// `UnitCommitted`.
		#[pallet::call_index(6)]
		#[pallet::weight((T::WeightInfo::commit(commit.units.len() as u32), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::check_commit(commit.units.len() as u32))]
		#[pallet::authorize(|_, commit, signature| Self::authorize_commit(commit, signature))]
		pub fn commit(origin: OriginFor<T>, commit: Commit<DeviceId>, signature: sr25519::Signature) -> DispatchResult {
			ensure_authorized(origin)?;
			// It was looked at, and names what it is for.
			let _ = signature;
			Self::do_commit(&commit)
		}

		/// A device reveals what it has committed itself to, once all have. Nobody signs and nobody pays: what opens
		/// the commitment is known to the device alone until it says so, and is worth the same whoever brings it. What
		/// was revealed already is passed over.
		///
		/// - `reveal`: outcomes, and what has sealed them.
		///
		/// # Errors
		/// `OutOfOrder`, `Nothing`, `UnknownJob`, `NotAssigned`, `TooEarly`, `TooLate`, `AlreadyRevealed` if all is,
		/// `BadOutcome`, `CommitmentMismatch`; in the pool they show as those of `commit` do.
		#[pallet::call_index(7)]
		#[pallet::weight((T::WeightInfo::reveal(reveal.units.len() as u32), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::check_reveal(reveal.units.len() as u32))]
		#[pallet::authorize(|_, reveal| Self::authorize_reveal(reveal))]
		pub fn reveal(origin: OriginFor<T>, reveal: Reveal) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_reveal(&reveal)
		}

		/// A device hands units back that it has not committed itself to. Others get them; whoever does so with more
		/// than one unit of twenty is given fewer. No account signs and nobody pays.
		///
		/// # Errors
		/// `OutOfOrder`, `Nothing`, `NotAssigned`, `UnknownDevice`, `BadSignature`; in the pool they show as those of
		/// `commit` do.
		///
		/// # Events
		/// `UnitDeclined`.
		#[pallet::call_index(8)]
		#[pallet::weight((T::WeightInfo::decline(decline.units.len() as u32), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::check_commit(decline.units.len() as u32))]
		#[pallet::authorize(|_, decline, signature| Self::authorize_decline(decline, signature))]
		pub fn decline(
			origin: OriginFor<T>,
			decline: Decline<DeviceId>,
			signature: sr25519::Signature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			// It was looked at, and names what it is for.
			let _ = signature;
			Self::do_decline(&decline)
		}

		/// Pays what devices of the caller have earned in these jobs.
		///
		/// # Errors
		/// `Nothing`, `NotAssigned`, `TooEarly` while a result that a device answers for is being run again.
		///
		/// # Events
		/// `Claimed`; `NotPaid`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::claim(claims.len() as u32))]
		pub fn claim(origin: OriginFor<T>, claims: Claims) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(&who, &claims)
		}

		/// Says that nobody serves the output of a unit of a job of the caller, as long as outputs have to be kept.
		/// Three look whether that is so, for a fee that the caller puts in: `dispute` of what the runtime quotes for
		/// a job. If it is, the unit is computed again, at the cost of those who had it. Whoever has received its
		/// outputs can say so only of results that others have found out.
		///
		/// # Errors
		/// `UnknownJob`, `NotActive`, `NotDisputable`, `QueueFull`; the currency's.
		///
		/// # Events
		/// `UnitChecked`; later `OutputMissing` or `OutputServed`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::dispute_output())]
		pub fn dispute_output(origin: OriginFor<T>, job: JobId, unit: UnitAt) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_dispute(&who, job, unit)
		}

		/// One of the three says who gave it an output that is said to be missing, if somebody did. No account signs
		/// and nobody pays.
		///
		/// # Errors
		/// `NotAssigned`, `TooLate`, `UnknownDevice`, `BadSignature`; in the pool they show as those of `commit` do.
		///
		/// # Events
		/// `UnitCommitted`.
		#[pallet::call_index(11)]
		#[pallet::weight((T::WeightInfo::report_output(), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::check_commit(1))]
		#[pallet::authorize(|_, report, signature| Self::authorize_report(report, signature))]
		pub fn report_output(
			origin: OriginFor<T>,
			report: OutputReport<DeviceId>,
			signature: sr25519::Signature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			// It was looked at, and names what it is for.
			let _ = signature;
			Self::do_report(&report)
		}

		/// Has a unit run again by thirteen others, of whom nine have to agree, for what that costs at most. If they
		/// come to something else, those who were wrong lose their stakes, and the caller has its money back.
		///
		/// # Errors
		/// `UnknownJob`, `NotDisputable`, `QueueFull`, `TooMuch`; the currency's.
		///
		/// # Events
		/// `UnitChecked`; later `UnitRefuted` or `UnitUpheld`.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::appeal())]
		pub fn appeal(origin: OriginFor<T>, job: JobId, unit: UnitAt) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_appeal(&who, job, unit)
		}

		/// Says that the caller has the outputs of its job: what waits of the pay waits no more.
		///
		/// # Errors
		/// `UnknownJob`, `NotActive`.
		///
		/// # Events
		/// `JobReceived`.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::accept_job())]
		pub fn accept_job(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_accept(&who, job)
		}

		/// Closes a job whose outputs nobody has to keep any more, and pays everybody what is theirs. Anybody may send
		/// it, and gets a part of what goes back to the owner. Of a job of many units one call clears 256.
		///
		/// # Errors
		/// `UnknownJob`, `NotActive` if it is not done, `TooEarly`.
		///
		/// # Events
		/// `JobClosed`; `NotPaid`.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::close_job())]
		pub fn close_job(origin: OriginFor<T>, job: JobId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(&who, job)
		}

		/// Pays an account what it could not be paid. Anybody may send it.
		///
		/// # Errors
		/// `Nothing`; the currency's if it still can not be paid.
		///
		/// # Events
		/// `PaidLater`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::pay())]
		pub fn pay(origin: OriginFor<T>, payee: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_pay(&payee)
		}
	}
}
