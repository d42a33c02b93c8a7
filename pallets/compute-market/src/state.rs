//! What is kept, what is told, and why calls are refused: a part of the pallet, which `lib.rs` brings in.

use frame_support::pallet_macros::pallet_section;

/// Storage, events and errors of the pallet.
#[pallet_section]
mod items {
	/// Devices that compute.
	#[pallet::storage]
	pub type Workers<T: Config> = StorageMap<_, Identity, DeviceId, Worker<T::AccountId>>;

	/// The tickets, from 0 on without a gap: whose each is, and its number there.
	#[pallet::storage]
	pub type WorkTickets<T: Config> = StorageMap<_, Twox64Concat, u32, (DeviceId, u32)>;

	/// Where each ticket is.
	#[pallet::storage]
	pub type TicketsAt<T: Config> = StorageMap<_, Blake2_128Concat, (DeviceId, u32), u32>;

	/// How many tickets there are.
	#[pallet::storage]
	pub type TicketCount<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// How many tickets there were when the turn began, and when the one before did: those of then can be drawn in this
	/// one.
	#[pallet::storage]
	pub type Drawable<T: Config> = StorageValue<_, (u32, u32), ValueQuery>;

	/// The beacon, turn by turn.
	#[pallet::storage]
	pub type Beacons<T: Config> = StorageValue<_, Turns, ValueQuery>;

	/// The jobs, by their numbers from 1 on.
	#[pallet::storage]
	pub type Jobs<T: Config> = StorageMap<_, Twox64Concat, JobId, Job<T::AccountId>>;

	/// The number of the newest job.
	#[pallet::storage]
	pub type LastJob<T: Config> = StorageValue<_, JobId, ValueQuery>;

	/// How many jobs are pooled or run.
	#[pallet::storage]
	pub type Live<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// Who works on a job, or has.
	#[pallet::storage]
	pub type Pools<T: Config> = StorageMap<_, Twox64Concat, JobId, PoolOf<T::AccountId>, ValueQuery>;

	/// In the pools of which jobs a device is, and its place there.
	#[pallet::storage]
	pub type Memberships<T: Config> = StorageDoubleMap<_, Identity, DeviceId, Twox64Concat, JobId, u8>;

	/// Which units of a job are out.
	#[pallet::storage]
	pub type Boards<T: Config> = StorageMap<_, Twox64Concat, JobId, Board, ValueQuery>;

	/// Units that are out.
	#[pallet::storage]
	pub type Units<T: Config> = StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, UnitAt, Unit>;

	/// Results.
	#[pallet::storage]
	pub type Results<T: Config> = StorageDoubleMap<_, Twox64Concat, JobId, Twox64Concat, UnitAt, Agreed>;

	/// Units of a job that too many machines could not run.
	#[pallet::storage]
	pub type Faults<T: Config> = StorageMap<_, Twox64Concat, JobId, UnitBits, ValueQuery>;

	/// Jobs that wait for workers, by their numbers in a queue.
	#[pallet::storage]
	pub type Pooling<T: Config> = StorageMap<_, Twox64Concat, u64, Waiting>;

	/// The first number of that queue, and the one after the last.
	#[pallet::storage]
	pub type PoolingEnds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Jobs that have units to give out, or out, in turn.
	#[pallet::storage]
	pub type Runnable<T: Config> = StorageMap<_, Twox64Concat, u64, JobId>;

	/// The first number of that queue, and the one after the last.
	#[pallet::storage]
	pub type RunnableEnds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Units that somebody may be late with, by the tick after which it is.
	#[pallet::storage]
	pub type Due<T: Config> = StorageMap<_, Twox64Concat, Tick, DueUnits, ValueQuery>;

	/// Up to which tick, that one excluded, they were looked at.
	#[pallet::storage]
	pub type DueNext<T: Config> = StorageValue<_, Tick, ValueQuery>;

	/// Units whose commitments are revealed, in the order in which that ends.
	#[pallet::storage]
	pub type Revealing<T: Config> = StorageMap<_, Twox64Concat, u64, Deadline>;

	/// The first number of that queue, and the one after the last.
	#[pallet::storage]
	pub type RevealingEnds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Units that go on by themselves, if they do.
	#[pallet::storage]
	pub type Settling<T: Config> = StorageMap<_, Twox64Concat, u64, (JobId, UnitAt)>;

	/// The first number of that queue, and the one after the last.
	#[pallet::storage]
	pub type SettlingEnds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Jobs whose money does not suffice, in the order in which they are given up.
	#[pallet::storage]
	pub type Shorts<T: Config> = StorageMap<_, Twox64Concat, u64, Deadline>;

	/// The first number of that queue, and the one after the last.
	#[pallet::storage]
	pub type ShortsEnds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Jobs whose submitters are called back, in that order.
	#[pallet::storage]
	pub type Callbacks<T: Config> = StorageMap<_, Twox64Concat, u64, Deadline>;

	/// The first number of that queue, and the one after the last.
	#[pallet::storage]
	pub type CallbacksEnds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// Accepted units, in that order: first those of which it is known whether they are run again.
	#[pallet::storage]
	pub type Recent<T: Config> = StorageMap<_, Twox64Concat, u64, RecentUnit>;

	/// The first number of that queue, and the one after the last.
	#[pallet::storage]
	pub type RecentEnds<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;

	/// The first number of those of which it is not known.
	#[pallet::storage]
	pub type DrawnNext<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The last block with calls that are free, and how many units these name.
	#[pallet::storage]
	pub type Free<T: Config> = StorageValue<_, (BlockNumberFor<T>, u32), ValueQuery>;

	/// Fuel of accepted units that customers have paid for, since somebody asked for it last.
	#[pallet::storage]
	pub type PaidFuel<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// What devices have computed.
	#[pallet::storage]
	pub type Credits<T: Config> = StorageMap<_, Identity, DeviceId, Credited, ValueQuery>;

	/// What all have, as of a tick.
	#[pallet::storage]
	pub type AllCredits<T: Config> = StorageValue<_, (u128, Tick), ValueQuery>;

	/// What is there for whatever no job pays, in planck.
	#[pallet::storage]
	pub type Pool<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// What belongs to an account and could not be paid, in planck.
	#[pallet::storage]
	pub type Unpaid<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A device computes at this ask, so many units at a time.
		WorkerSet(DeviceId, Price, u16),
		/// A device takes no units any more.
		WorkerLeft(DeviceId),
		/// So much was put in as stake of a device.
		StakeAdded(DeviceId, Balance),
		/// So much of the stake of a device leaves at this tick.
		StakeLeaves(DeviceId, Balance, Tick),
		/// So much of the stake of a device has left.
		StakeLeft(DeviceId, Balance),
		/// A job was submitted: its number, whose it is, what was put in.
		JobSubmitted(JobId, T::AccountId, Balance),
		/// So much was put in besides.
		ToppedUp(JobId, Balance),
		/// So many workers were drawn for a job.
		PoolDrawn(JobId, u32),
		/// There are not enough workers for a job, or none are left: what nobody has got is refunded.
		JobStarved(JobId),
		/// A job has not enough money for those who are to compute it: it waits until this tick for more.
		JobShort(JobId, Tick),
		/// A device was given a unit, up to this tick.
		UnitDispatched(JobId, UnitAt, DeviceId, Tick),
		/// A device has said something of a unit, in time.
		UnitCommitted(JobId, UnitAt, DeviceId),
		/// All have: what they have committed themselves to they can reveal up to this tick.
		UnitRevealing(JobId, UnitAt, Tick),
		/// A device has handed a unit back.
		UnitDeclined(JobId, UnitAt, DeviceId),
		/// A unit has a result.
		UnitAccepted(JobId, UnitAt, Outcome),
		/// Not enough agree on a unit: so many more compute it.
		UnitEscalated(JobId, UnitAt, u32),
		/// Too many could not run a unit: it is refunded.
		UnitFaulted(JobId, UnitAt),
		/// Not enough agree on a unit, and nobody is left: it is refunded.
		UnitUndecided(JobId, UnitAt),
		/// Others have run a unit again, and came to something else, which stands now.
		UnitRefuted(JobId, UnitAt, Outcome),
		/// Others have run a unit again, and came to nothing else.
		UnitUpheld(JobId, UnitAt),
		/// A unit is run again, or it is looked whether its output is served.
		UnitChecked(JobId, UnitAt),
		/// A device was late with a unit.
		WorkerLate(DeviceId, JobId, UnitAt),
		/// A device has lost so much of its stake for what it said of a unit.
		WorkerPenalized(DeviceId, JobId, UnitAt, Balance),
		/// All units of a job are decided: so many have a result, and so many none.
		JobDone(JobId, u32, u32),
		/// The owner has given a job up. So much burned.
		JobCancelled(JobId, Balance),
		/// The owner has the outputs of a job.
		JobReceived(JobId),
		/// Nothing is kept of a job any more. Who closed it has got so much.
		JobClosed(JobId, Balance),
		/// Nobody served the output of a unit: others compute it again.
		OutputMissing(JobId, UnitAt),
		/// The output of a unit is served.
		OutputServed(JobId, UnitAt),
		/// So much was paid for a job to an account.
		Claimed(JobId, T::AccountId, Balance),
		/// So much belongs to an account and could not be paid.
		NotPaid(T::AccountId, Balance),
		/// What could not be paid to an account was.
		PaidLater(T::AccountId, Balance),
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such device: register it first.
		UnknownDevice,
		/// The device is another's, or is suspended.
		NotYours,
		/// The device is in pools by another's offer: wait until their jobs are closed.
		StillWorks,
		/// The device computes nothing: set it as a worker first.
		NoWorker,
		/// The chain has not admitted this engine.
		NoSuchEngine,
		/// An offer has 1 to 4 engines, each once, 1 to 1,024 slots and 1 to 65,536 pages of memory.
		BadOffer,
		/// A program has 8 bytes to 8 MiB.
		ProgramTooLarge,
		/// A job has 1 to 4,096 units.
		TooManyUnits,
		/// A unit burns 1 to 2^50 of fuel in 1 to 65,536 pages of memory.
		BadLimits,
		/// A bundle has 1 byte to 64 GiB.
		BadInput,
		/// A client serves its job at 1 or 2 endpoints that others can reach; workers fetch from no storage deal yet.
		BadSource,
		/// No worker can have such an outcome.
		BadOutcome,
		/// A job that pays nothing: name a price.
		EscrowTooSmall,
		/// So much of the stake is not free: wait until jobs are closed.
		StakeTooSmall,
		/// More than a number or balance holds.
		TooMuch,
		/// There is no such job.
		UnknownJob,
		/// The job is in another stage, or another's.
		NotActive,
		/// The device was not given this unit at this tick, or has said something of it already.
		NotAssigned,
		/// Units come in ascending order.
		OutOfOrder,
		/// The time for it is over.
		TooLate,
		/// It is not yet time for it.
		TooEarly,
		/// This is not what the device has committed itself to.
		CommitmentMismatch,
		/// This was revealed already.
		AlreadyRevealed,
		/// The key did not sign this.
		BadSignature,
		/// The unit has no result, is being run again already, or its time for that is over.
		NotDisputable,
		/// Too many jobs wait: try again later.
		QueueFull,
		/// An amount of nothing, or a list of nothing.
		Nothing,
	}
}
