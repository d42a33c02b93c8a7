//! A chain with so many slots and offers, written as the pallet would have written them: what must hold of its state is
//! checked by the pallet itself.

use crate::{issuance::machine::Machine, progress::Progress, proofs::chain::register};
use codec::Encode;
use device_primitives::DeviceId;
use frame_support::{
	traits::{
		fungible::{hold::Mutate as _, Mutate},
		Get,
	},
	BoundedVec,
};
use market_primitives::{Purse, Tab};
use pallet_storage_market::{
	Active, ActiveAt, ActiveCount, AuditPeriod, Audited, Batch, Challenge, Challenges, Config, Deals, HoldReason,
	InUse, Kept, KeyBox, KeyBoxes, LastDeal, LastTick, Listed, ListedCount, Offering, Offers, Pallet, Place, Places,
	TicketCount, Tickets, TicketsAt, Till, Tills,
};
use smartchain_runtime::{
	constants::currency::{EXISTENTIAL_DEPOSIT, UNITS},
	AccountId, Balances, Runtime,
};
use smartchain_slots::BOX;
use smartchain_tests::{ensure, Error, Result};
use sp_core::sr25519;
use sp_io::hashing::blake2_256;
use sp_runtime::{DispatchError, Perbill};
use std::time::Duration;
use storage_market_primitives::{
	Balance, Deal, DealError, DealId, Geometry, Kind, Moment, Order, Period, Price, Profile, SlotAt, Terms, Tick,
};

/// A deal as the pallet has it.
pub type DealOf = Deal<AccountId, DeviceId>;

/// The tick at which blocks begin.
pub const NOW: Tick = 1_000_000;
/// The first slot of blocks.
const SLOT: u64 = 2_400_000_000;
/// Slots of a deal.
pub const SLOTS: u32 = 8;
/// Bytes of a deal's volume.
const VOLUME: u64 = 1 << 30;
/// What a GiB and era costs, in planck.
const ASK: Price = Price(100_000);
/// For how many eras deals are.
const ERAS: u32 = 90 * 144;
/// What a slot has earned, in planck.
const EARNED: Balance = UNITS / 10_000;
/// Challenges of a tick, of which the hooks see what became.
const ASKED_AT_ONCE: u32 = 12;
/// Deals that are written before the state is kept.
const AT_ONCE: u64 = 5_000;
/// How long one takes by estimate, for the bar.
const EACH: Duration = Duration::from_micros(700);

/// How many of everything there are.
#[derive(Clone, Copy)]
pub struct Size {
	/// Slots that are held, eight of each deal.
	pub slots: u32,
	/// Devices that offer space, each of another owner.
	pub offers: u32,
}

impl Size {
	/// How many deals there are.
	pub fn deals(&self) -> u64 {
		u64::from(self.slots / SLOTS)
	}

	fn device(&self, deal: DealId, at: SlotAt) -> DeviceId {
		let number = deal.saturating_mul(SLOTS.into()).saturating_add(at.into());
		device(number % u64::from(self.offers.max(1)))
	}
}

fn seed(what: &str, number: u64) -> [u8; 32] {
	(what, number).using_encoded(blake2_256)
}

fn device(number: u64) -> DeviceId {
	DeviceId(seed("device", number))
}

fn wrong(error: DealError) -> Error {
	Error::new(format!("there is no such deal: {error:?}"))
}

/// A deal that is active, whose slots have earned something.
///
/// # Errors
/// If there can be none.
pub fn deal(id: DealId, size: &Size, terms: &Terms) -> Result<DealOf> {
	let order = Order {
		geometry: Geometry::of(Profile::Standard, VOLUME),
		max_ask: ASK,
		eras: ERAS,
		factor: 1,
	};
	// Long before what is missed was asked.
	let began = NOW - 5_000;
	let owner = AccountId::new(seed("customer", id));
	let (mut deal, _) = Deal::open(owner, Kind::Beacon, order, began, terms).map_err(wrong)?;
	for at in 0..SLOTS {
		deal.place(at, size.device(id, at), ASK, true, began, terms)
			.map_err(wrong)?;
	}
	let roots: Vec<[u8; 32]> = (0..SLOTS)
		.map(|at| seed("root", id * u64::from(SLOTS) + u64::from(at)))
		.collect();
	deal.commit_roots(&roots).map_err(wrong)?;
	for at in 0..SLOTS {
		deal.confirm(at, &size.device(id, at), began, terms).map_err(wrong)?;
	}
	for at in 0..SLOTS as usize {
		let earned = deal.escrow.take_up_to(EARNED);
		if let Some(holding) = deal.slots.get_mut(at).and_then(|slot| slot.holding.as_mut()) {
			holding.accrued = Purse::holding(earned);
		}
	}
	Ok(deal)
}

/// What is kept of a deal's money and key besides.
pub fn beside() -> (Till, Kept) {
	let deposits = <Runtime as Config>::Deposits::get();
	let till = Till {
		deposit: deposits.of_deal(SLOTS as u8),
		boxes: 1,
		of_boxes: deposits.key_box,
		tabs: BoundedVec::truncate_from((0..SLOTS).map(|_| Tab::new(0)).collect()),
	};
	let kept = Kept {
		key_box: KeyBox::truncate_from(vec![7; BOX]),
		deposit: deposits.key_box,
	};
	(till, kept)
}

/// Who holds a slot.
pub fn place(deal: &DealOf, id: DealId, at: SlotAt) -> Option<Place> {
	let holding = deal.slots.get(at as usize)?.holding.as_ref()?;
	Some(Place {
		deal: id,
		slot: at,
		device: holding.device,
	})
}

/// A chain whose blocks are executed by the runtime's Wasm. Its clock has to be turned: without finality it stands.
pub struct World {
	machine: Machine,
	size: Size,
}

impl World {
	/// A chain without a deal or offer, with the times of a real one.
	///
	/// # Errors
	/// If genesis does not build.
	pub fn empty() -> Result<Self> {
		let mut machine = Machine::new(SLOT)?;
		machine.grow(1)?;
		machine.prepare(|| {
			pallet_mandates::Scale::<Runtime>::put(1);
			pallet_poca::Clock::<Runtime>::mutate(|clock| clock.tick = NOW);
			LastTick::<Runtime>::put(NOW);
			Ok(())
		})?;
		let size = Size { slots: 0, offers: 0 };
		Ok(Self { machine, size })
	}

	/// One with so many.
	///
	/// # Errors
	/// If the pallet finds that its state is not as it must be.
	pub fn new(size: Size) -> Result<Self> {
		ensure!(
			size.offers >= SLOTS && size.slots >= SLOTS,
			"eight devices and one deal at least"
		);
		let mut world = Self::empty()?;
		world.size = size;
		let mut progress = Progress::new("the market", EACH.saturating_mul(size.slots));
		let mut money = 0;
		let mut next = 1;
		world.write_offers()?;
		while next <= size.deals() {
			let end = size.deals().min(next + AT_ONCE - 1);
			money += world.machine.prepare(|| write_deals(next..=end, &size))?;
			next = end + 1;
			progress.show_share(next as f64 / size.deals() as f64, "writing deals");
		}
		world.machine.prepare(|| {
			write_counts(&size);
			put_in(money)
		})?;
		progress.show_share(1.0, "try_state");
		let state = world.machine.query(Pallet::<Runtime>::do_try_state);
		state.map_err(|error| Error::new(format!("the market's state is not as it must be: {error:?}")))?;
		progress.done(&format!(
			"{} slots, {} offers; try_state holds",
			size.slots, size.offers
		));
		Ok(world)
	}

	fn write_offers(&mut self) -> Result<()> {
		let size = self.size;
		let mut from = 0;
		while from < size.offers {
			let to = size.offers.min(from.saturating_add(AT_ONCE as u32));
			self.machine.prepare(|| {
				(from..to).for_each(|number| write_offer(number, &size));
				Ok(())
			})?;
			from = to;
		}
		Ok(())
	}

	/// So many blocks, each of which finds challenges whose time is over; `missed` of each were not answered, and
	/// `opened` deals are opened before it. Microseconds of each block, and what all of it is charged.
	///
	/// # Errors
	/// If a block cannot be executed.
	pub fn blocks(&mut self, count: u32, missed: u32, opened: u32, times: u32) -> Result<Vec<(f64, f64)>> {
		let mut progress = Progress::new("blocks", Duration::from_secs(60));
		let mut taken = Vec::new();
		for number in 0..count {
			let size = self.size;
			self.machine.prepare(|| {
				let tick = turn();
				if size.slots > 0 {
					challenge(tick, missed, &size);
				}
				(0..opened).try_for_each(|index| open(tick, index))
			})?;
			let ran = self.machine.run(Vec::new(), times)?;
			self.machine.keep(&ran)?;
			taken.push((ran.took.as_secs_f64() * 1e6, ran.all.ref_time() as f64 / 1e6));
			progress.show_share(f64::from(number) / f64::from(count.max(1)), "executing");
		}
		progress.done(&format!("{count} executed"));
		Ok(taken)
	}

	/// What is waited for: slots that were asked, that are drawn for, and deals that are strained.
	pub fn waits(&mut self) -> [u64; 3] {
		self.machine.query(|| {
			let drawn_for = pallet_storage_market::QueueTail::<Runtime>::get()
				.saturating_sub(pallet_storage_market::QueueHead::<Runtime>::get());
			let strained = pallet_storage_market::StrainedCount::<Runtime>::get();
			[AuditPeriod::<Runtime>::get().asked.into(), drawn_for, strained.into()]
		})
	}
}

/// Turns the clock, and returns the tick of the next block: without finality it stands, and nothing would be due.
fn turn() -> Tick {
	pallet_poca::Clock::<Runtime>::mutate(|clock| {
		clock.tick = clock.tick.saturating_add(1);
		clock.tick
	})
}

/// Challenges that could be answered up to the tick before this one, asked when the window was: as many of them as are
/// named were not.
fn challenge(tick: Tick, missed: u32, size: &Size) {
	let window = <Runtime as Config>::Audits::get().window;
	let until = tick.saturating_sub(1);
	let challenges = (0..ASKED_AT_ONCE).filter_map(|number| {
		let drawn = u64::from(tick)
			.wrapping_mul(0x9e37_79b9)
			.wrapping_add(u64::from(number) * 7_919);
		let id = drawn.checked_rem(size.deals())?.saturating_add(1);
		let place = Deals::<Runtime>::get(id).and_then(|deal| place(&deal, id, number % SLOTS))?;
		Some(Challenge {
			place,
			answered: number >= missed,
		})
	});
	let batch = Batch {
		moment: Moment {
			tick: until.saturating_sub(window),
			randomness: [5; 32],
		},
		challenges: BoundedVec::truncate_from(challenges.collect()),
	};
	Challenges::<Runtime>::insert(until, batch);
}

/// Somebody opens a deal, whose devices the beacon is to draw.
fn open(tick: Tick, index: u32) -> Result<()> {
	let who = AccountId::new(seed("new customer", u64::from(tick) << 8 | u64::from(index)));
	let funded = Balances::mint_into(&who, 1_000 * UNITS);
	funded.map_err(|error| Error::new(format!("a customer has no account: {error:?}")))?;
	let order = Order {
		geometry: Geometry::of(Profile::Standard, VOLUME),
		max_ask: ASK,
		eras: 144,
		factor: 1,
	};
	let opened = Pallet::<Runtime>::open_deal(frame_system::RawOrigin::Signed(who).into(), order, false, 0, None);
	opened.map_err(|error| Error::new(format!("a deal is not opened: {error:?}")))
}

fn write_offer(number: u32, size: &Size) {
	let (device, owner) = (device(number.into()), AccountId::new(seed("owner", number.into())));
	register(
		device,
		&owner,
		sr25519::Public::from_raw(seed("lottery", number.into())),
	);
	let slots = u64::from(size.slots / SLOTS * SLOTS);
	let offers = u64::from(size.offers);
	// Slots go round over all devices, from that after the first deal's number on.
	let first = u64::from(SLOTS);
	let place = (u64::from(number) + offers - first % offers) % offers;
	let held = slots / offers + u64::from(place < slots % offers);
	let bytes = held * Geometry::of(Profile::Standard, VOLUME).slot_len();
	let offering = Offering {
		owner,
		group: None,
		ask: ASK,
		egress: ASK,
		capacity: 8 << 40,
		used: bytes,
		kept: bytes,
		max_slot: 64 << 30,
		score: Perbill::one(),
		tickets: 1,
		probes: true,
		evacuated: false,
		listed: number,
		// What its owner has on hold is of another pallet's state.
		deposit: 0,
	};
	Offers::<Runtime>::insert(device, offering);
	Listed::<Runtime>::insert(number, device);
	Tickets::<Runtime>::insert(number, (device, 0));
	TicketsAt::<Runtime>::insert((device, 0), number);
}

/// Returns what lies in the pot for them, in planck.
fn write_deals(numbers: std::ops::RangeInclusive<DealId>, size: &Size) -> Result<Balance> {
	let terms = <Runtime as Config>::Terms::get();
	let mut money: Balance = 0;
	for id in numbers {
		let deal = deal(id, size, &terms)?;
		let (till, kept) = beside();
		let collateral = deal.collateral.saturating_mul(deal.holders().into());
		money += deal.holds() + collateral + till.holds();
		for at in 0..SLOTS {
			let Some(place) = place(&deal, id, at) else { continue };
			let index = (id - 1) as u32 * SLOTS + at;
			Active::<Runtime>::insert(index, Audited { place, asked: None });
			ActiveAt::<Runtime>::insert((id, at), index);
			Places::<Runtime>::insert(place.device, id, at);
		}
		KeyBoxes::<Runtime>::insert(id, &deal.owner, kept);
		Tills::<Runtime>::insert(id, till);
		Deals::<Runtime>::insert(id, deal);
	}
	Ok(money)
}

fn write_counts(size: &Size) {
	let slots = size.slots / SLOTS * SLOTS;
	let period = <Runtime as Config>::Audits::get().period;
	ActiveCount::<Runtime>::put(slots);
	AuditPeriod::<Runtime>::put(Period {
		ends: NOW + period,
		asked: 0,
	});
	InUse::<Runtime>::put(u128::from(slots) * u128::from(Geometry::of(Profile::Standard, VOLUME).slot_len()));
	LastDeal::<Runtime>::put(size.deals());
	ListedCount::<Runtime>::put(size.offers);
	TicketCount::<Runtime>::put(size.offers);
}

/// The pot has this money on hold.
fn put_in(money: Balance) -> Result<()> {
	let (pot, reason) = (Pallet::<Runtime>::pot(), HoldReason::Deal.into());
	let failed = |error: DispatchError| Error::new(format!("the pot takes no money: {error:?}"));
	Balances::mint_into(&pot, money.saturating_add(EXISTENTIAL_DEPOSIT)).map_err(failed)?;
	Balances::hold(&reason, &pot, money).map_err(failed)
}
