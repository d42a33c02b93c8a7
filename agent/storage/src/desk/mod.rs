//! What serves slots: the chain's word on who may do what, the till, and the device that signs.

mod rights;
mod till;

pub(crate) use rights::Rights;
pub(crate) use till::Till;

use crate::{
	calls::ProbesView,
	input::Input,
	node::{DealView, MarketNode},
	Setup,
};
use codec::DecodeAll;
use device_primitives::{DeviceId, DeviceSignature};
use smart_agent_market::{Memory, SlotKey};
use smartchain_transfer::{
	server::Device,
	wire::{Receipt, SlotId},
};
use sp_core::{sr25519, Pair};
use std::{
	collections::BTreeMap,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
	time::{Duration, Instant},
};
use storage_market_primitives::{DealId, Tick};
use till::Tabs;
use tokio::{
	sync::{mpsc, Semaphore, SemaphorePermit},
	time::timeout,
};

/// Deals that are remembered at most.
const MOST_DEALS: usize = 1_024;
/// For so long what the chain said of a deal is believed: a right that was taken away lasts so long.
const FRESH: Duration = Duration::from_secs(3);
/// And who probes, which changes once an era.
const PROBERS_FRESH: Duration = Duration::from_secs(10);
/// Questions about deals that are here, and about those of whoever comes, that the node is asked at a time: strangers
/// are not to keep it from telling of challenges.
const MOST_ASKED: usize = 8;
const MOST_STRANGE: usize = 4;
/// Ticks of a day.
const DAY: Tick = 172_800;
/// Readers that are given something for nothing, of whom it is known how much.
const MOST_FREE: usize = 16_384;
/// How long the chain is asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the machine says of a slot that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
	/// Bytes of it.
	pub bytes: u64,
	/// Whether its owner may upload it now.
	pub takes: bool,
	/// Whether all of it is here,
	pub whole: bool,
	/// or something of it, or room for it.
	pub here: bool,
}

/// What the chain says of a deal.
pub(crate) struct Known {
	/// The deal.
	pub view: DealView,
	/// What each slot may cost for what is given out, and what of it was paid.
	pub tabs: Vec<(u128, u128)>,
}

impl Known {
	/// What a slot may cost for what is given out, in planck.
	pub fn limit(&self, slot: SlotId) -> u128 {
		self.tabs.get(usize::from(slot.slot)).map_or(0, |(limit, _)| *limit)
	}

	/// What of that was not paid yet, in planck. A limit never falls: a slot whose tab was used up is read as one that
	/// never had any.
	pub fn left(&self, slot: SlotId) -> u128 {
		let tab = self.tabs.get(usize::from(slot.slot));
		tab.map_or(0, |(limit, paid)| limit.saturating_sub(*paid))
	}
}

/// What the parts share.
pub(crate) struct Shared {
	node: Arc<dyn MarketNode>,
	device: DeviceId,
	key: sr25519::Pair,
	/// Planck for a MiB that readers pay where somebody has put something in for that; none before the offer is known.
	price: Mutex<Option<u128>>,
	tick: AtomicU32,
	places: Mutex<BTreeMap<SlotKey, Place>>,
	deals: Mutex<BTreeMap<DealId, (Instant, Option<Arc<Known>>)>>,
	probes: Mutex<Option<(Instant, ProbesView)>>,
	asks: Semaphore,
	strange: Semaphore,
	/// What readers were given for nothing, each of a slot: on which day, and how many bytes.
	free: Mutex<BTreeMap<(SlotKey, DeviceId), (Tick, u64)>>,
	tabs: Tabs,
}

/// The desk. Clones are the same.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Shared>);

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn key_of(slot: SlotId) -> SlotKey {
	SlotKey {
		deal: slot.deal,
		slot: slot.slot,
	}
}

impl Desk {
	/// One that knows what was promised before it began.
	pub fn new(setup: &Setup, told: mpsc::Sender<Input>, memory: &Memory) -> Self {
		Self(Arc::new(Shared {
			node: setup.node.clone(),
			device: setup.device,
			key: setup.key.clone(),
			price: Mutex::new(None),
			tick: AtomicU32::new(0),
			places: Mutex::new(BTreeMap::new()),
			deals: Mutex::new(BTreeMap::new()),
			probes: Mutex::new(None),
			asks: Semaphore::new(MOST_ASKED),
			strange: Semaphore::new(MOST_STRANGE),
			free: Mutex::new(BTreeMap::new()),
			tabs: Tabs::new(told, memory),
		}))
	}

	/// Who signs receipts.
	pub fn device(&self) -> Signing {
		Signing(self.0.clone())
	}

	/// Who may do what.
	pub fn rights(&self) -> Rights {
		Rights(self.0.clone())
	}

	/// What was paid.
	pub fn till(&self) -> Till {
		Till(self.0.clone())
	}

	/// The best block is another one.
	pub fn set_tick(&self, tick: Tick) {
		self.0.tick.store(tick, Ordering::Relaxed);
	}

	/// What is here now.
	pub fn set_places(&self, places: BTreeMap<SlotKey, Place>) {
		*held(&self.0.places) = places;
	}

	/// What readers pay for a MiB, in planck.
	pub fn set_price(&self, price: u128) {
		*held(&self.0.price) = Some(price);
	}

	/// A voucher is durable, or could not be made so.
	pub fn kept(&self, key: SlotKey, total: u128, durable: bool) {
		self.0.tabs.kept(key, total, durable);
	}

	/// What is owed in all for slots of which something was given out since this was asked last.
	pub fn debts(&self) -> Vec<(SlotKey, u128)> {
		self.0.tabs.debts()
	}

	/// Nothing is owed for a slot any more.
	pub fn settled(&self, key: SlotKey) {
		self.0.tabs.settled(key);
	}

	/// A deal as the chain has it; none if it is not known, or there is none.
	pub async fn deal(&self, deal: DealId) -> Option<Arc<Known>> {
		self.0.deal(deal).await.ok().flatten()
	}
}

impl Shared {
	fn tick(&self) -> Tick {
		self.tick.load(Ordering::Relaxed)
	}

	fn place(&self, slot: SlotId) -> Option<Place> {
		held(&self.places).get(&key_of(slot)).copied()
	}

	/// A deal, as the chain had it a moment ago; the error is that it cannot be asked.
	async fn deal(&self, id: DealId) -> Result<Option<Arc<Known>>, ()> {
		if let Some(known) = self.fresh(id) {
			return Ok(known);
		}
		let is_here = self.is_here(id);
		let _turn = match is_here {
			true => turn(&self.asks).await?,
			false => turn(&self.strange).await?,
		};
		// Whoever had the turn before may have asked the same.
		if let Some(known) = self.fresh(id) {
			return Ok(known);
		}
		let asked = async {
			let best = self.node.best().await.map_err(drop)?;
			let Some(view) = self.node.deal(id, best).await.map_err(drop)? else {
				return Ok(None);
			};
			let tabs = self.node.tabs(id, best).await.map_err(drop)?;
			Ok(Some(Known { view, tabs }))
		};
		let found: Result<Option<Known>, ()> = timeout(PATIENCE, asked).await.map_err(drop)?;
		let found = found?.map(Arc::new);
		if !is_here {
			// Whoever asks for ever so many others is not to drive these out.
			return Ok(found);
		}
		if let Some(known) = &found {
			self.go_on(id, known);
		}
		let mut deals = held(&self.deals);
		if deals.len() >= MOST_DEALS {
			deals.retain(|_, (at, _)| at.elapsed() < FRESH);
		}
		if deals.len() < MOST_DEALS {
			deals.insert(id, (Instant::now(), found.clone()));
		}
		Ok(found)
	}
}

/// A turn to ask the node.
async fn turn(turns: &Semaphore) -> Result<SemaphorePermit<'_>, ()> {
	let turn = timeout(PATIENCE, turns.acquire()).await;
	turn.map_err(drop)?.map_err(drop)
}

impl Shared {
	/// What the chain said of a deal a moment ago, if it was asked.
	fn fresh(&self, id: DealId) -> Option<Option<Arc<Known>>> {
		let deals = held(&self.deals);
		let (at, known) = deals.get(&id)?;
		(at.elapsed() < FRESH).then(|| known.clone())
	}

	/// What the chain has paid this device for its slots counts, also if it had left one and has it again: vouchers are
	/// good for what is above that alone.
	fn go_on(&self, deal: DealId, known: &Known) {
		let slots = known.view.deal.slots.iter().zip(&known.tabs);
		for ((found, (_, paid)), slot) in slots.zip(0_u8..) {
			let holding = found.holding.as_ref();
			if holding.is_some_and(|holding| holding.device == self.device) {
				self.tabs.paid(SlotKey { deal, slot }, *paid);
			}
		}
	}

	/// Whether a slot of a deal is here.
	fn is_here(&self, deal: DealId) -> bool {
		let (first, last) = (SlotKey { deal, slot: 0 }, SlotKey { deal, slot: u8::MAX });
		held(&self.places).range(first..=last).next().is_some()
	}

	/// Whether so many more bytes of a slot may be given to a reader for nothing today, if it gets so many at most.
	fn is_free(&self, slot: SlotId, reader: DeviceId, bytes: u32, most: u64) -> bool {
		let (today, key) = (self.tick() / DAY, (key_of(slot), reader));
		let mut free = held(&self.free);
		if free.len() >= MOST_FREE && !free.contains_key(&key) {
			free.retain(|_, (day, _)| *day == today);
			if free.len() >= MOST_FREE {
				return false;
			}
		}
		let (day, given) = free.entry(key).or_insert((today, 0));
		if *day != today {
			(*day, *given) = (today, 0);
		}
		let after = given.saturating_add(bytes.into());
		let may = after <= most;
		if may {
			*given = after;
		}
		may
	}

	/// The era of the probes, if a device probes in it, as far as that is known without asking.
	fn known_to_probe_in(&self, device: &DeviceId) -> Option<u32> {
		let known = held(&self.probes);
		let (_, known) = known.as_ref().filter(|(at, _)| at.elapsed() < PROBERS_FRESH)?;
		probes(known, device)
	}

	/// The same of a device of a deal that is here; none if that cannot be asked.
	async fn probes_now(&self, device: &DeviceId) -> Option<u32> {
		if let Some(era) = self.known_to_probe_in(device) {
			return Some(era);
		}
		let _turn = turn(&self.asks).await.ok()?;
		self.probes_in(device).await
	}

	/// The era of the probes, if a device probes in it, as far as the chain tells.
	async fn probes_in(&self, device: &DeviceId) -> Option<u32> {
		if let Some((at, known)) = &*held(&self.probes) {
			if at.elapsed() < PROBERS_FRESH {
				return probes(known, device);
			}
		}
		let asked = async {
			let best = self.node.best().await?;
			self.node.probes(best).await
		};
		match timeout(PATIENCE, asked).await {
			Ok(Ok(now)) => {
				let found = probes(&now, device);
				*held(&self.probes) = Some((Instant::now(), now));
				found
			}
			Ok(Err(error)) => {
				tracing::debug!(target: crate::LOG_TARGET, "Who probes is not known: {error}");
				None
			}
			Err(_) => None,
		}
	}
}

/// The era, if a device is among those that probe in it.
fn probes(known: &ProbesView, device: &DeviceId) -> Option<u32> {
	let is_one = known.probers.iter().any(|(prober, ..)| prober == device);
	is_one.then_some(known.era)
}

/// Whether this is what a receipt of this device for a prober says on this chain. Nothing else is signed here.
fn is_receipt(payload: &[u8], genesis: &[u8; 32], device: &DeviceId) -> bool {
	let Some(mut said) = payload.strip_prefix(Receipt::DOMAIN) else {
		return false;
	};
	let read = <([u8; 32], Receipt)>::decode_all(&mut said);
	read.is_ok_and(|(chain, receipt)| chain == *genesis && receipt.device == *device)
}

/// The device that serves.
pub(crate) struct Signing(Arc<Shared>);

impl Device for Signing {
	fn id(&self) -> DeviceId {
		self.0.device
	}

	/// With the lottery key, by which the chain knows a receipt.
	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature> {
		let is_receipt = is_receipt(payload, &self.0.node.genesis(), &self.0.device);
		is_receipt.then(|| DeviceSignature::Sr25519(self.0.key.sign(payload)))
	}
}
