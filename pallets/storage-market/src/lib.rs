#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod calls;
pub mod migration;
mod money;
mod queries;
mod state;
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
pub use benchmarking::{engage, wallet, BenchmarkHelper};
pub use calls::{AHEAD, MAX_AGAIN, MAX_DRAWS, MAX_LOOKS, MAX_QUEUE, MAX_RETRIES, TRIES};
pub use pallet::*;
pub use types::{
	Audited, Batch, Challenge, Challenged, Claims, Deposits, Evacuation, FormerTab, Kept, KeyBox, Offering, Place,
	Prober, ProbersOf, Probing, Roots, Till, Uplink, Waiting, Wishes, MAX_BOX, MAX_BOXES, MAX_CLAIMS, MAX_MOVES,
	MAX_PROBERS, MAX_TICKETS, MAX_VISITS, MAX_WISHES, TICKET_BYTES,
};
pub use weights::WeightInfo;

// What it expands to names it without a path.
use frame_support::pallet_macros::import_section;

#[import_section(state::items)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use device_primitives::{DeviceId, NetworkGroup};
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{hold, Inspect},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use market_primitives::Shares;
	use pallet_traits::{Beacon, Devices, Earnings, MarketClock, ProvenSpace};
	use sp_core::sr25519;
	use sp_runtime::{
		traits::{IdentifyAccount, Verify},
		Perbill,
	};
	use storage_market_primitives::{
		Audits, Balance, Deal, DealId, Hash, Order, PaidAsks, Period, PlotOrder, Price, ProbeReport, Quota, Scores,
		SlotAt, Terms, Tick, Voucher, MAX_SLOTS,
	};
	use storage_proof_primitives::{Answer, Confirmation};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	pub(crate) type DealOf<T> = Deal<<T as frame_system::Config>::AccountId, DeviceId>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why this pallet holds STCI.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is money of deals: pay, reserves, collateral, what is paid for what is given out, deposits for their
		/// state.
		Deal,
		/// It is a deposit for an offer.
		Deposit,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;
		/// How an account signs vouchers.
		type Signature: Verify<Signer = Self::Signer> + Parameter;
		/// Whose signature that is.
		type Signer: IdentifyAccount<AccountId = Self::AccountId>;
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

		/// Prices, times and shares (governed).
		type Terms: Get<Terms>;
		/// How often slots are asked, for how long they may answer, and how much of a block answers may take
		/// (governed).
		type Audits: Get<Audits>;
		/// How what is paid for what is given out is split (governed).
		type EgressShares: Get<Shares>;
		/// What is put in for state.
		#[pallet::constant]
		type Deposits: Get<Deposits>;
		/// The part of what goes back to a deal's owner that whoever closes it gets.
		type Tip: Get<Perbill>;
		/// The least score of a device that is drawn (governed).
		type LeastScore: Get<Perbill>;
		/// Of the tickets that a draw looks at, those that have to meet the terms, or the work counts for nothing
		/// (governed).
		type TermsMet: Get<Perbill>;
		/// How far beyond the mean of what is paid a device may ask and have its plots ordered (governed).
		type DearBeyond: Get<Perbill>;
		/// Whether two devices of one network may not have slots of one deal: a chain on one machine says no.
		type Groups: Get<bool>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId, Self::Signature>;
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::turn_clock()
		}

		fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
			let again = Self::retry_within(left.div(2));
			let placed = again.saturating_add(Self::place_within(left.saturating_sub(again)));
			let looked = placed.saturating_add(Self::look_within(left.saturating_sub(placed)));
			looked.saturating_add(Self::evacuate_within(left.saturating_sub(looked)))
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Offers space of a device of the caller: `ask` planck for a GiB and era, `egress` planck for a GiB that is
		/// given out, `capacity` bytes, slots of at most `max_slot` bytes. It takes the place of an earlier offer; with
		/// the first one a deposit is held.
		///
		/// # Errors
		/// `UnknownDevice`, `NotYours`, `StillHolds`; the currency's.
		///
		/// # Events
		/// `OfferSet`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_offer())]
		pub fn set_offer(
			origin: OriginFor<T>,
			device: DeviceId,
			ask: Price,
			egress: Price,
			capacity: u64,
			max_slot: u64,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_offer(who, device, [ask, egress], capacity, max_slot)
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

		/// Opens a deal. What it costs at most is put in at once, with a deposit for its state.
		///
		/// - `order`: what is wanted.
		/// - `chosen`: whether the caller chooses the devices; such a deal counts for nothing.
		/// - `egress`: what each slot's device may be paid at most for giving it out, in planck.
		/// - `key_box`: the volume's key, wrapped for the caller: its seed phrase opens it.
		///
		/// # Errors
		/// `BadGeometry`, `BadOrder`, `TooMuch`, `QueueFull`; the currency's.
		///
		/// # Events
		/// `DealOpened`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::open_deal(u32::from(order.geometry.slots).min(MAX_SLOTS)))]
		pub fn open_deal(
			origin: OriginFor<T>,
			order: Order,
			chosen: bool,
			egress: Balance,
			key_box: Option<KeyBox>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_open_deal(who, order, chosen, egress, key_box)
		}

		/// Undoes a draw of a deal of the caller while it is uploaded: the next beacon draws another device, or the
		/// caller chooses one.
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
		/// `UnknownDeal`, `NotActive`, `HasRoots`, `WrongLength`, `RootTwice`.
		///
		/// # Events
		/// `RootsCommitted`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::commit_roots())]
		pub fn commit_roots(origin: OriginFor<T>, deal: DealId, roots: Roots) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit_roots(&who, deal, &roots)
		}

		/// A device has the slot that it was drawn for, which openings of the last chunk and of one that is drawn show.
		/// Its owner's collateral is put in. No account signs and nobody pays.
		///
		/// - `confirmation`: the openings.
		/// - `signature`: that of the device's lottery key under its `Acceptance`.
		///
		/// # Errors
		/// `UnknownDeal`, `NotOffered`, `UnknownDevice`, `NotYours`, `RootMismatch`, `BadSignature`, `BadPath`,
		/// `TooLate`, `NotActive`, `NoSuchSlot`; the currency's. In the pool they show as invalid transactions, or as
		/// unknown if it may be valid later.
		///
		/// # Events
		/// `SlotConfirmed`; `SlotRepaired`, `DealActivated`, `NotPaid`.
		#[pallet::call_index(5)]
		#[pallet::weight((T::WeightInfo::confirm(), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::check_confirmation())]
		#[pallet::authorize(|_, deal, slot, shown, signature| {
			Self::authorize_confirmation(*deal, *slot, shown, signature)
		})]
		pub fn confirm(
			origin: OriginFor<T>,
			deal: DealId,
			slot: SlotAt,
			confirmation: Confirmation,
			signature: sr25519::Signature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_confirm(deal, slot, &confirmation, &signature)
		}

		/// Answers the challenge with this number of those that can be answered up to a tick, by openings of both
		/// chunks. No account signs and nobody pays: what is shown speaks for itself.
		///
		/// # Errors
		/// `TooLate`, `NotChallenged`, `BadPath`, `NotHeld`, `NotActive`; in the pool they show as those of `confirm`
		/// do.
		///
		/// # Events
		/// `ChallengeAnswered`.
		#[pallet::call_index(6)]
		#[pallet::weight((T::WeightInfo::answer(), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::check_answer())]
		#[pallet::authorize(|_, until, index, answer| Self::authorize_answer(*until, *index, answer))]
		pub fn answer(origin: OriginFor<T>, until: Tick, index: u32, answer: Answer) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_answer(until, index, &answer)
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

		/// Closes a deal that has ended, and pays everybody what is theirs. Anybody may send it, and gets a part of
		/// what goes back to the owner.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive` if it has not ended, `TooEarly`.
		///
		/// # Events
		/// `DealClosed`; `NotPaid`.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, deal: DealId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(&who, deal)
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

		/// A device of the caller wants to be asked for a slot: it is two turns later, by what nobody knows yet, and
		/// misses like any other.
		///
		/// # Errors
		/// `UnknownDeal`, `NoSuchSlot`, `NotHeld`, `NotYours`, `NotActive`, `AlreadyAsked`, `QueueFull`.
		///
		/// # Events
		/// `ProofWanted`.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::prove_now())]
		pub fn prove_now(origin: OriginFor<T>, deal: DealId, slot: SlotAt) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_prove_now(&who, deal, slot)
		}

		/// Lets an account read a deal of the caller: leaves the volume's key for it, wrapped, or exchanges what was
		/// left. A deposit is put in for a new box.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `TooManyBoxes`; the currency's.
		///
		/// # Events
		/// `Granted`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::grant())]
		pub fn grant(origin: OriginFor<T>, deal: DealId, who: T::AccountId, key_box: KeyBox) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_grant(&owner, deal, who, key_box)
		}

		/// Takes back the box of an account, and gives the deposit back to the deal's owner, who alone sends it. From
		/// now on devices give that account nothing more. **What it has read it has**: blocks of the past keep the box,
		/// and whoever has the key reads all that it gets of this volume.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `NoBox`, `OwnBox`.
		///
		/// # Events
		/// `Revoked`; `NotPaid`.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, deal: DealId, who: T::AccountId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_revoke(&owner, deal, &who)
		}

		/// Puts in more for what is given out of a slot of a deal of the caller. Nobody else may: as long as something
		/// is in there, devices give out nothing for nothing.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `NoSuchSlot`, `TooMuch`, `Nothing`; the currency's.
		///
		/// # Events
		/// `EgressToppedUp`.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::top_up_egress())]
		pub fn top_up_egress(origin: OriginFor<T>, deal: DealId, slot: SlotAt, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up(&who, deal, slot, amount)
		}

		/// Pays the owner of a device what a voucher says beyond the last one of the slot that was redeemed. Anybody
		/// may send it.
		///
		/// - `voucher`: the sum of all that the device has given out of the slot, which it has, or has left of late.
		/// - `signature`: that of the deal's owner under it.
		///
		/// # Errors
		/// `UnknownDeal`, `NoSuchSlot`, `NotHeld`, `BadSignature`, `NothingNew`, `AboveLimit`, `NoOffer`.
		///
		/// # Events
		/// `Redeemed`; `NotPaid`.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::redeem())]
		pub fn redeem(origin: OriginFor<T>, voucher: Voucher<DeviceId>, signature: T::Signature) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_redeem(&voucher, &signature)
		}

		/// Whether a device of the caller probes others if it is drawn for that.
		///
		/// # Errors
		/// `NoOffer`, `NotYours`.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::offer_probes())]
		pub fn offer_probes(origin: OriginFor<T>, device: DeviceId, on: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_offer_probes(&who, device, on)
		}

		/// A prober reports how well the device that it had to look at serves. No account signs and nobody pays: the
		/// VRF of its lottery key authorizes it.
		///
		/// # Errors
		/// `NotAProber`, `UnknownDevice`, `WrongTarget`, `NotHeld`, `NotYours`, `BadSignature`; in the pool they show
		/// as those of `confirm` do.
		///
		/// # Events
		/// `Probed`.
		#[pallet::call_index(20)]
		#[pallet::weight((
			T::WeightInfo::check_report().saturating_add(T::WeightInfo::report_probe()),
			DispatchClass::Operational
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::check_report())]
		#[pallet::authorize(|_, report| Self::authorize_probe(report))]
		pub fn report_probe(origin: OriginFor<T>, report: ProbeReport<DeviceId>) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_report_probe(&report)
		}

		/// Chooses a device for a slot of a deal of the caller whose devices it chooses. That confirms or does not.
		///
		/// # Errors
		/// `UnknownDeal`, `NotActive`, `NoOffer`, `NoCapacity`, `NotWanted`, `PriceAboveMax`, `AlreadyHere`, `TooLate`,
		/// `NoSuchSlot`.
		///
		/// # Events
		/// `SlotOffered`.
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::choose())]
		pub fn choose(origin: OriginFor<T>, deal: DealId, slot: SlotAt, device: DeviceId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_choose(&who, deal, slot, device)
		}
	}
}
