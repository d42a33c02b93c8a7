#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod audits;
mod deals;
mod devices;
mod money;
mod offers;
mod placing;
mod queries;
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

pub use pallet::*;
pub use placing::{MAX_DRAWS, MAX_LOOKS, MAX_QUEUE, TRIES};
pub use types::{
	Batch, Challenge, Claims, Offering, Opening, Place, Roots, Waiting, MAX_CHALLENGES, MAX_CLAIMS, MAX_PATH,
	MAX_TICKETS, MAX_VISITS, TICKET_BYTES,
};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use device_primitives::DeviceId;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{hold, Inspect},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{Beacon, Devices, Earnings, MarketClock, ProvenSpace};
	use sp_runtime::Perbill;
	use storage_market_primitives::{
		Balance, Deal, DealId, Hash, Openings, Order, Price, Quota, SlotAt, Terms, Tick, MAX_SLOTS,
	};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	pub(crate) type DealOf<T> = Deal<<T as frame_system::Config>::AccountId, DeviceId>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why this pallet holds STCI.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is money of deals: pay, reserves, collateral.
		Deal,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;
		/// What the account derives from at which money of deals is on hold.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The markets' clock.
		type Clock: MarketClock;
		/// What draws and challenges come from.
		type Beacon: Beacon;
		/// The devices that there are.
		type Devices: Devices<Self::AccountId>;
		/// What they have proven of their space.
		type Space: ProvenSpace;
		/// Is told of what is earned.
		type Earnings: Earnings<Self::AccountId>;
		/// How openings are checked.
		type Openings: Openings;

		/// Prices, times and shares (governed).
		type Terms: Get<Terms>;
		/// The least score of a device that is drawn (governed).
		type LeastScore: Get<Perbill>;
		/// Challenges of a slot in a day (governed).
		type AuditsPerDay: Get<u32>;
		/// For how many ticks a challenge can be answered, at least 1.
		type AnswerTicks: Get<Tick>;
		/// Whether two devices of one network may not have slots of one deal: a chain on one machine says no.
		type Groups: Get<bool>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// What devices offer.
	#[pallet::storage]
	pub type Offers<T: Config> = StorageMap<_, Identity, DeviceId, Offering<T::AccountId>>;

	/// The tickets, from 0 on without a gap: whose each is, and its number there.
	#[pallet::storage]
	pub type Tickets<T: Config> = StorageMap<_, Twox64Concat, u32, (DeviceId, u32)>;

	/// Where each ticket is.
	#[pallet::storage]
	pub type TicketsAt<T: Config> = StorageMap<_, Blake2_128Concat, (DeviceId, u32), u32>;

	/// How many tickets there are.
	#[pallet::storage]
	pub type TicketCount<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The deals, by their numbers from 1 on.
	#[pallet::storage]
	pub type Deals<T: Config> = StorageMap<_, Twox64Concat, DealId, DealOf<T>>;

	/// The number of the newest deal.
	#[pallet::storage]
	pub type LastDeal<T: Config> = StorageValue<_, DealId, ValueQuery>;

	/// The slots that are audited, from 0 on without a gap.
	#[pallet::storage]
	pub type Active<T: Config> = StorageMap<_, Twox64Concat, u32, Place>;

	/// Where each of them is.
	#[pallet::storage]
	pub type ActiveAt<T: Config> = StorageMap<_, Twox64Concat, (DealId, SlotAt), u32>;

	/// How many slots are audited.
	#[pallet::storage]
	pub type ActiveCount<T: Config> = StorageValue<_, u32, ValueQuery>;

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

	/// Challenges that are owed and are no whole one.
	#[pallet::storage]
	pub type Owed<T: Config> = StorageValue<_, Quota, ValueQuery>;

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

	/// In which deals a device has a slot or was drawn for one, and which slot.
	#[pallet::storage]
	pub type Places<T: Config> = StorageDoubleMap<_, Identity, DeviceId, Twox64Concat, DealId, SlotAt>;

	/// Bytes of slots that are held by no suspect and were placed by the beacon: what customers have in use.
	#[pallet::storage]
	pub type InUse<T: Config> = StorageValue<_, u128, ValueQuery>;

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
		/// A device was drawn for a slot.
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
		/// There are more slots to be audited, so many, than a block has room for.
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
		/// Nothing is kept of a deal any more.
		DealClosed(DealId),
		/// So much was paid for a slot.
		Claimed(DealId, SlotAt, Balance),
		/// So much belongs to an account and could not be paid.
		NotPaid(T::AccountId, Balance),
		/// What could not be paid to an account was.
		PaidLater(T::AccountId, Balance),
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
		/// The device has a slot of this deal.
		AlreadyHere,
		/// The slot waits for no draw.
		NotWanted,
		/// The slot was not offered to this device.
		NotOffered,
		/// The roots are not committed, or this is another one.
		RootMismatch,
		/// The roots are committed, and stay.
		HasRoots,
		/// Commit one root for each slot.
		WrongLength,
		/// The chunk is not what the root stands for, or not the one that is asked for.
		BadPath,
		/// There is no such challenge, or it was answered.
		NotChallenged,
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
		/// Too many slots wait for a draw: try again later.
		QueueFull,
		/// An amount of nothing.
		Nothing,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::turn_clock()
		}

		fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
			let placed = Self::place_within(left);
			placed.saturating_add(Self::look_within(left.saturating_sub(placed)))
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Offers space of a device of the caller: `ask` planck for a GiB and era, `capacity` bytes, slots of at most
		/// `max_slot` bytes. It takes the place of an earlier offer.
		///
		/// # Errors
		/// `UnknownDevice`, `NotYours`, `StillHolds`.
		///
		/// # Events
		/// `OfferSet`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_offer())]
		pub fn set_offer(
			origin: OriginFor<T>,
			device: DeviceId,
			ask: Price,
			capacity: u64,
			max_slot: u64,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_offer(who, device, ask, capacity, max_slot)
		}

		/// A device of the caller takes no new slots. What it holds it keeps.
		///
		/// # Errors
		/// `NoOffer`, `NotYours`.
		///
		/// # Events
		/// `OfferWithdrawn`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw_offer())]
		pub fn withdraw_offer(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_offer(&who, device)
		}

		/// Opens a deal. What it costs at most is put in at once.
		///
		/// # Errors
		/// `BadGeometry`, `BadOrder`, `TooMuch`, `QueueFull`; the currency's.
		///
		/// # Events
		/// `DealOpened`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::open_deal(u32::from(order.geometry.slots).min(MAX_SLOTS)))]
		pub fn open_deal(origin: OriginFor<T>, order: Order) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_open_deal(who, order)
		}

		/// Undoes a draw of a deal of the caller while it is uploaded: the next beacon draws another device.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `NotOffered`, `TooManyRedraws`, `NoSuchSlot`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::redraw())]
		pub fn redraw(origin: OriginFor<T>, deal: DealId, slot: SlotAt) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_redraw(&who, deal, slot)
		}

		/// Commits the roots of all slots of a deal of the caller, once.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `HasRoots`, `WrongLength`.
		///
		/// # Events
		/// `RootsCommitted`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::commit_roots())]
		pub fn commit_roots(origin: OriginFor<T>, deal: DealId, roots: Roots) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit_roots(&who, deal, &roots)
		}

		/// A device of the caller has the slot that it was drawn for, which openings of the last chunk and of one that
		/// is drawn show. Its collateral is put in.
		///
		/// # Errors
		/// `UnknownDeal`, `NotOffered`, `NotYours`, `RootMismatch`, `BadPath`, `TooLate`, `NotActive`, `NoSuchSlot`;
		/// the currency's.
		///
		/// # Events
		/// `SlotConfirmed`; `SlotRepaired`, `DealActivated`, `NotPaid`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::confirm())]
		pub fn confirm(
			origin: OriginFor<T>,
			deal: DealId,
			slot: SlotAt,
			root: Hash,
			openings: [Opening; 2],
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_confirm(&who, deal, slot, root, &openings)
		}

		/// Answers the challenge with this number of those that can be answered up to a tick, by openings of both
		/// chunks.
		///
		/// # Errors
		/// `TooLate`, `NotChallenged`, `NotYours`, `BadPath`, `NotHeld`, `NotActive`.
		///
		/// # Events
		/// `ChallengeAnswered`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::answer())]
		pub fn answer(origin: OriginFor<T>, until: Tick, index: u32, openings: [Opening; 2]) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_answer(&who, until, index, &openings)
		}

		/// Pays what devices of the caller have earned for these slots.
		///
		/// # Errors
		/// `UnknownDeal`, `NoSuchSlot`, `NotHeld`, `NotYours`, `NoOffer`.
		///
		/// # Events
		/// `Claimed`; `NotPaid`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::claim(claims.len() as u32))]
		pub fn claim(origin: OriginFor<T>, claims: Claims) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(&who, &claims)
		}

		/// A device of the caller wants to leave a slot. It holds it until another one has it.
		///
		/// # Errors
		/// `UnknownDeal`, `NoSuchSlot`, `NotHeld`, `NotYours`, `NotActive`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::leave_slot())]
		pub fn leave_slot(origin: OriginFor<T>, deal: DealId, slot: SlotAt) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_leave(&who, deal, slot)
		}

		/// Extends an active deal by so many eras. Anybody may pay for it.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `BadOrder`, `TooMuch`; the currency's.
		///
		/// # Events
		/// `DealExtended`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::extend())]
		pub fn extend(origin: OriginFor<T>, deal: DealId, eras: u32) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_extend(&who, deal, eras)
		}

		/// Ends a deal of the caller: one that has not begun burns a part of its escrow, of another one a part goes to
		/// its devices.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `TooMuch`.
		///
		/// # Events
		/// `DealEnded`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::end_deal())]
		pub fn end_deal(origin: OriginFor<T>, deal: DealId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_end_deal(&who, deal)
		}

		/// Does what time has brought to a deal: begins or ends it, takes slots from who was silent for too long.
		/// Anybody may send it.
		///
		/// # Errors
		/// `UnknownDeal`.
		///
		/// # Events
		/// `DealActivated`, `DealEnded`, `SlotLost`, `DealLost`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::tend())]
		pub fn tend(origin: OriginFor<T>, deal: DealId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_tend(deal)
		}

		/// Closes a deal that has ended, and pays everybody what is theirs. Anybody may send it.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive` if it has not ended, `TooEarly`.
		///
		/// # Events
		/// `DealClosed`; `NotPaid`.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, deal: DealId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(deal)
		}

		/// Pays an account what it could not be paid. Anybody may send it.
		///
		/// # Errors
		/// `Nothing`; the currency's if it still can not be paid.
		///
		/// # Events
		/// `PaidLater`.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::pay())]
		pub fn pay(origin: OriginFor<T>, payee: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_pay(&payee)
		}
	}
}
