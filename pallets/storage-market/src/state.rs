//! What is kept, what is told, and why calls are refused: a part of the pallet, which `lib.rs` brings in.

use frame_support::pallet_macros::pallet_section;

/// Storage, events and errors of the pallet.
#[pallet_section]
mod items {
	/// What devices offer.
	#[pallet::storage]
	pub type Offers<T: Config> = StorageMap<_, Identity, DeviceId, Offering<T::AccountId>>;

	/// The devices that offer something, from 0 on without a gap: those that can be probed.
	#[pallet::storage]
	pub type Listed<T: Config> = StorageMap<_, Twox64Concat, u32, DeviceId>;

	/// How many they are.
	#[pallet::storage]
	pub type ListedCount<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The tickets, from 0 on without a gap: whose each is, and its number there.
	#[pallet::storage]
	pub type Tickets<T: Config> = StorageMap<_, Twox64Concat, u32, (DeviceId, u32)>;

	/// Where each ticket is.
	#[pallet::storage]
	pub type TicketsAt<T: Config> = StorageMap<_, Blake2_128Concat, (DeviceId, u32), u32>;

	/// How many tickets there are.
	#[pallet::storage]
	pub type TicketCount<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// How many tickets and how many listed devices there were when the turn began, and when the one before did: those
	/// of then can be drawn in this one.
	#[pallet::storage]
	pub type Drawable<T: Config> = StorageValue<_, ((u32, u32), (u32, u32)), ValueQuery>;

	/// The deals, by their numbers from 1 on.
	#[pallet::storage]
	pub type Deals<T: Config> = StorageMap<_, Twox64Concat, DealId, DealOf<T>>;

	/// What lies in the pot for each deal besides: deposits, and what its owner pays for what is given out.
	#[pallet::storage]
	pub type Tills<T: Config> = StorageMap<_, Twox64Concat, DealId, Till>;

	/// Tabs of the devices that were the last to leave their slots, and may still redeem for a while.
	#[pallet::storage]
	pub type FormerTabs<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DealId, Twox64Concat, SlotAt, FormerTab<T::AccountId>>;

	/// The keys of deals, wrapped for accounts.
	#[pallet::storage]
	pub type KeyBoxes<T: Config> = StorageDoubleMap<_, Twox64Concat, DealId, Blake2_128Concat, T::AccountId, Kept>;

	/// The number of the newest deal.
	#[pallet::storage]
	pub type LastDeal<T: Config> = StorageValue<_, DealId, ValueQuery>;

	/// The slots that are audited, from 0 on without a gap: first those that were asked in this period.
	#[pallet::storage]
	pub type Active<T: Config> = StorageMap<_, Twox64Concat, u32, Audited>;

	/// Where each of them is.
	#[pallet::storage]
	pub type ActiveAt<T: Config> = StorageMap<_, Twox64Concat, (DealId, SlotAt), u32>;

	/// How many slots are audited.
	#[pallet::storage]
	pub type ActiveCount<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The period in which each of them is asked once.
	#[pallet::storage]
	pub type AuditPeriod<T: Config> = StorageValue<_, Period, ValueQuery>;

	/// How many slots were to be asked by now and had no room: they wait for the next tick.
	#[pallet::storage]
	pub type AuditsWaiting<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// Slots whose holders want to be asked, by the tick at which they are.
	#[pallet::storage]
	pub type Wanted<T: Config> = StorageMap<_, Twox64Concat, Tick, Wishes, ValueQuery>;

	/// The deals that are looked at each era, from 0 on without a gap.
	#[pallet::storage]
	pub type Strained<T: Config> = StorageMap<_, Twox64Concat, u32, DealId>;

	/// Where each of them is.
	#[pallet::storage]
	pub type StrainedAt<T: Config> = StorageMap<_, Twox64Concat, DealId, u32>;

	/// How many deals are strained.
	#[pallet::storage]
	pub type StrainedCount<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// Which of them has its turn next.
	#[pallet::storage]
	pub type VisitedAt<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// Visits of them that are owed and are no whole one.
	#[pallet::storage]
	pub type VisitsOwed<T: Config> = StorageValue<_, Quota, ValueQuery>;

	/// The last deal that was looked at.
	#[pallet::storage]
	pub type LookedAt<T: Config> = StorageValue<_, DealId, ValueQuery>;

	/// Challenges, by the last tick at which they can be answered.
	#[pallet::storage]
	pub type Challenges<T: Config> = StorageMap<_, Twox64Concat, Tick, Batch>;

	/// The last block with answers, and how many it has.
	#[pallet::storage]
	pub type Answered<T: Config> = StorageValue<_, (BlockNumberFor<T>, u32), ValueQuery>;

	/// The last tick that was seen.
	#[pallet::storage]
	pub type LastTick<T: Config> = StorageValue<_, Tick, ValueQuery>;

	/// The beacon's accumulator, and the one before.
	#[pallet::storage]
	pub type Beacons<T: Config> = StorageValue<_, (Hash, Hash), ValueQuery>;

	/// Slots that wait for a draw, by their numbers in the queue.
	#[pallet::storage]
	pub type Queue<T: Config> = StorageMap<_, Twox64Concat, u64, Waiting>;

	/// The first number of the queue.
	#[pallet::storage]
	pub type QueueHead<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The number after the last one.
	#[pallet::storage]
	pub type QueueTail<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// Slots for which nobody was found, that wait for one more draw, by their numbers in a queue of their own.
	#[pallet::storage]
	pub type Again<T: Config> = StorageMap<_, Twox64Concat, u64, Waiting>;

	/// The first number of that queue.
	#[pallet::storage]
	pub type AgainHead<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The number after the last one.
	#[pallet::storage]
	pub type AgainTail<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// Devices whose slots are moved, by their numbers in a queue of their own.
	#[pallet::storage]
	pub type Evacuations<T: Config> = StorageMap<_, Twox64Concat, u64, Evacuation>;

	/// The first number of that queue.
	#[pallet::storage]
	pub type EvacuationHead<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The number after the last one.
	#[pallet::storage]
	pub type EvacuationTail<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// In which deals a device has a slot or was drawn for one, and which slot.
	#[pallet::storage]
	pub type Places<T: Config> = StorageDoubleMap<_, Identity, DeviceId, Twox64Concat, DealId, SlotAt>;

	/// Bytes of slots that are held by no suspect and were placed by the beacon: what customers have in use.
	#[pallet::storage]
	pub type InUse<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// Who probes whom.
	#[pallet::storage]
	pub type Probes<T: Config> = StorageValue<_, Probing<T::AccountId>, ValueQuery>;

	/// What was reported of a device.
	#[pallet::storage]
	pub type Reports<T: Config> = StorageMap<_, Identity, DeviceId, Scores<DeviceId>, ValueQuery>;

	/// The score of a device, and the network whose uplink it counts for.
	#[pallet::storage]
	pub type Scored<T: Config> = StorageMap<_, Identity, DeviceId, (Perbill, Option<NetworkGroup>)>;

	/// What devices behind each uplink have shown.
	#[pallet::storage]
	pub type Uplinks<T: Config> = StorageMap<_, Blake2_128Concat, Option<NetworkGroup>, Uplink, ValueQuery>;

	/// What all uplinks count for, in parts of 2^32.
	#[pallet::storage]
	pub type AllUplinks<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// What the chain has ordered of each device's plots.
	#[pallet::storage]
	pub type Plots<T: Config> = StorageMap<_, Identity, DeviceId, PlotOrder>;

	/// What slots whose work counts are paid with, on average; none as long as none was.
	#[pallet::storage]
	pub type MeanPrice<T: Config> = StorageValue<_, PaidAsks>;

	/// What is there for whatever no deal pays, in planck.
	#[pallet::storage]
	pub type Pool<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// What belongs to an account and could not be paid, in planck.
	#[pallet::storage]
	pub type Unpaid<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A device offers so many bytes at this ask.
		OfferSet(DeviceId, Price, u64),
		/// A device takes no new slots.
		OfferWithdrawn(DeviceId),
		/// A deal was opened: its number, whose it is, what was ordered, what was put in.
		DealOpened(DealId, T::AccountId, Order, Balance),
		/// A device was drawn or chosen for a slot.
		SlotOffered(DealId, SlotAt, DeviceId),
		/// The owner has committed the roots.
		RootsCommitted(DealId),
		/// A device holds a slot.
		SlotConfirmed(DealId, SlotAt, DeviceId),
		/// A deal has begun.
		DealActivated(DealId),
		/// So many challenges can be answered up to this tick.
		ChallengesIssued(Tick, u32),
		/// A device has answered, and has earned so much.
		ChallengeAnswered(DealId, SlotAt, DeviceId, Balance),
		/// A device has not answered in time.
		ChallengeMissed(DealId, SlotAt, DeviceId),
		/// In a period so many slots were not asked, for want of room.
		AuditsBehind(u32),
		/// A device was silent for too long.
		SlotLost(DealId, SlotAt, DeviceId),
		/// A device has built a slot anew.
		SlotRepaired(DealId, SlotAt, DeviceId),
		/// No device was found for a slot, time and again. It is looked for again in the next era.
		RepairStalled(DealId, SlotAt),
		/// Fewer slots are left than suffice.
		DealLost(DealId),
		/// A deal lasts for so many eras more, which have cost so much.
		DealExtended(DealId, u32, Balance),
		/// A deal has ended.
		DealEnded(DealId),
		/// Nothing is kept of a deal any more. Who closed it has got so much.
		DealClosed(DealId, Balance),
		/// So much was paid for a slot.
		Claimed(DealId, SlotAt, Balance),
		/// So much belongs to an account and could not be paid.
		NotPaid(T::AccountId, Balance),
		/// What could not be paid to an account was.
		PaidLater(T::AccountId, Balance),
		/// An account has a box with the key of a deal.
		Granted(DealId, T::AccountId),
		/// The box of an account is gone from this chain. Whoever has read it has the key.
		Revoked(DealId, T::AccountId),
		/// So much more may be paid for what is given out of a slot.
		EgressToppedUp(DealId, SlotAt, Balance),
		/// So much was paid for what a device gave out of a slot.
		Redeemed(DealId, SlotAt, DeviceId, Balance),
		/// A device wants to be asked for a slot, and is at this tick.
		ProofWanted(DealId, SlotAt, Tick),
		/// The slots of a device are moved to others.
		Evacuated(DeviceId),
		/// So many devices probe others in this era.
		ProbersDrawn(u32, u32),
		/// A prober has reported how well a device serves; that has this score now, if three have reported.
		Probed(DeviceId, DeviceId, Perbill, Option<Perbill>),
		/// A device has kept what the chain has ordered, so many units.
		PlotsKept(DeviceId, u128),
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such device.
		UnknownDevice,
		/// The device is another's, or is suspended.
		NotYours,
		/// The device has slots by another's offer: wait until these are over.
		StillHolds,
		/// The device offers nothing.
		NoOffer,
		/// There is no such deal.
		UnknownDeal,
		/// A deal has 1 to 32 slots, of which 1 to all suffice, of at most 64 GiB each.
		BadGeometry,
		/// A deal lasts at least an era and at most five years, its collateral is 1 to 10 repairs.
		BadOrder,
		/// The device asks for more than the deal's owner pays.
		PriceAboveMax,
		/// The device has no room for a slot of this length.
		NoCapacity,
		/// The device has a slot of this deal.
		AlreadyHere,
		/// The slot waits for no device.
		NotWanted,
		/// The slot was not offered to this device.
		NotOffered,
		/// The roots are not committed, or this is another one.
		RootMismatch,
		/// The roots are committed, and stay.
		HasRoots,
		/// Commit one root for each slot.
		WrongLength,
		/// Two slots have the same root: one copy would do for both.
		RootTwice,
		/// The chunk is not what the root stands for, or not the one that is asked for.
		BadPath,
		/// The key did not sign this.
		BadSignature,
		/// There is no such challenge, or it was answered.
		NotChallenged,
		/// The slot is asked already: answer that first.
		AlreadyAsked,
		/// The time for it is over.
		TooLate,
		/// It is not yet time for it.
		TooEarly,
		/// All redraws of the deal were used.
		TooManyRedraws,
		/// The deal is in another stage, or another's.
		NotActive,
		/// The deal has no such slot.
		NoSuchSlot,
		/// The device does not hold this slot.
		NotHeld,
		/// More than a number or balance holds.
		TooMuch,
		/// Too many slots wait for a draw or a challenge: try again later.
		QueueFull,
		/// An amount of nothing.
		Nothing,
		/// The account has no box of this deal.
		NoBox,
		/// A deal has 64 key boxes at most.
		TooManyBoxes,
		/// The owner's box is there as long as the deal.
		OwnBox,
		/// The voucher says no more than what was paid already.
		NothingNew,
		/// The voucher is above what was put in for this slot.
		AboveLimit,
		/// The device is no prober of this era, or has reported this errand.
		NotAProber,
		/// Another device is to be looked at on this errand.
		WrongTarget,
	}
}
