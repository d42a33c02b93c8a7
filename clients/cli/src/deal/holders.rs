//! The devices of a deal, as what is stored goes to them and comes from them.

use crate::store;
use device_primitives::{DeviceKey, DeviceSignature};
use smart_agent_keys::{self as keys, Owner};
use smart_vouchers::Purse;
use smartchain_slots::{
	edge::{SlotSink, SlotSource},
	meter::Meter,
	Stored,
};
use smartchain_transfer::client::{BestSlots, EachSlot, Holder, Identity, Paths, Patience, Signer};
use sp_core::{sr25519, Pair};
use std::{
	path::PathBuf,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

/// A slot at a device that takes it.
pub trait Carries: SlotSink + Send {
	/// How long the device has taken for what it was brought and had to make durable.
	fn took(&self) -> Duration;
}

/// Any of them.
pub type Writer = Box<dyn Carries>;
/// Slots that are read.
pub type Reading = Box<dyn SlotSource>;

/// Devices over a network, or in memory. All calls may wait.
pub trait Holders: Send + Sync {
	/// Where what is stored of one slot goes, where so many slots are written at the same time.
	fn writer(&self, holder: &Holder, all: usize) -> Writer;

	/// One slot from its own device alone, where so many are read at the same time.
	fn reader(&self, holder: &Holder, all: usize) -> Reading;

	/// The bytes of any slot, from whichever devices bring them soonest.
	fn best(&self, stored: &Stored, holders: Vec<Holder>) -> Reading;

	/// Keeps what was seen of devices, for the next time. It is a hint, and no failure if it is lost.
	fn keep(&self);
}

/// The account's key, with which requests to devices are signed.
struct AccountKey(sr25519::Pair);

impl Signer for AccountKey {
	fn key(&self) -> DeviceKey {
		DeviceKey::Sr25519(self.0.public())
	}

	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature> {
		Some(DeviceSignature::Sr25519(self.0.sign(payload)))
	}
}

/// Devices over HTTP.
pub struct Wire {
	identity: Arc<Identity>,
	purse: Arc<Purse>,
	meter: Meter,
	paths: Arc<Mutex<Paths>>,
	file: PathBuf,
}

/// Bytes of what was seen of devices, at most.
const MOST_PATHS: u64 = 4 << 20;

impl Wire {
	/// For an account on the chain of a genesis.
	///
	/// - `meter`: counts what is held of slots.
	/// - `patience`: after how many seconds without an answer a device is taken for gone.
	pub fn new(owner: &Owner, genesis: [u8; 32], meter: &Meter, patience: u64, folder: &store::Folder) -> Self {
		let file = folder.paths();
		let purse = Arc::new(Purse::new(owner.pair().clone(), genesis));
		let identity = Identity {
			genesis,
			signer: Arc::new(AccountKey(owner.pair().clone())),
			payer: purse.clone(),
			patience: Patience {
				answer: Duration::from_secs(patience),
				..Patience::default()
			},
		};
		let bytes = std::fs::metadata(&file)
			.ok()
			.filter(|found| found.len() <= MOST_PATHS)
			.and_then(|_| std::fs::read(&file).ok());
		Self {
			identity: Arc::new(identity),
			purse,
			meter: meter.clone(),
			// What cannot be read is seen anew.
			paths: Arc::new(Mutex::new(bytes.map(|bytes| Paths::load(&bytes)).unwrap_or_default())),
			file,
		}
	}

	/// Who pays devices: nothing, before that is agreed to.
	pub fn purse(&self) -> &Purse {
		&self.purse
	}

	fn one(&self, holder: &Holder, all: usize) -> EachSlot {
		let holders = vec![holder.clone()];
		EachSlot::among(self.identity.clone(), holders, all, self.meter.clone())
	}
}

impl Carries for EachSlot {
	fn took(&self) -> Duration {
		Self::took(self)
	}
}

impl Holders for Wire {
	fn writer(&self, holder: &Holder, all: usize) -> Writer {
		Box::new(self.one(holder, all))
	}

	fn reader(&self, holder: &Holder, all: usize) -> Reading {
		Box::new(self.one(holder, all))
	}

	fn best(&self, stored: &Stored, holders: Vec<Holder>) -> Reading {
		let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner).clone();
		let mut best = BestSlots::new(
			self.identity.clone(),
			stored.clone(),
			holders,
			paths,
			self.meter.clone(),
		);
		best.tell(self.paths.clone());
		Box::new(best)
	}

	fn keep(&self) {
		let saved = self.paths.lock().unwrap_or_else(PoisonError::into_inner).save();
		// It is a hint for the next time.
		let _ = keys::replace(&self.file, &saved);
	}
}
