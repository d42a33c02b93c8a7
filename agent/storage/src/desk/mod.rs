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
use tokio::{sync::mpsc, time::timeout};

/// Deals that are remembered at most.
const MOST_DEALS: usize = 1_024;
/// For so long what the chain said of a deal is believed: a right that was taken away lasts so long.
const FRESH: Duration = Duration::from_secs(3);
/// And who probes, which changes once an era.
const PROBERS_FRESH: Duration = Duration::from_secs(10);
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
}

/// What the parts share.
pub(crate) struct Shared {
	node: Arc<dyn MarketNode>,
	device: DeviceId,
	key: sr25519::Pair,
	/// Planck for a MiB that readers pay where somebody has put something in for that.
	price: Mutex<u128>,
	tick: AtomicU32,
	places: Mutex<BTreeMap<SlotKey, Place>>,
	deals: Mutex<BTreeMap<DealId, (Instant, Option<Arc<Known>>)>>,
	probes: Mutex<Option<(Instant, ProbesView)>>,
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
			price: Mutex::new(0),
			tick: AtomicU32::new(0),
			places: Mutex::new(BTreeMap::new()),
			deals: Mutex::new(BTreeMap::new()),
			probes: Mutex::new(None),
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
		*held(&self.0.price) = price;
	}

	/// A voucher is durable, or could not be made so.
	pub fn kept(&self, key: SlotKey, total: u128, durable: bool) {
		self.0.tabs.kept(key, total, durable);
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
		if let Some((at, known)) = held(&self.deals).get(&id) {
			if at.elapsed() < FRESH {
				return Ok(known.clone());
			}
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

impl Shared {
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
