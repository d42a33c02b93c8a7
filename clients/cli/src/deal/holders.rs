//! The devices of a deal, as what is stored goes to them and comes from them.

use crate::{failure::Failure, store};
use device_primitives::{DeviceKey, DeviceSignature};
use smart_agent_keys::{self as keys, Owner};
use smartchain_slots::{
	edge::{SlotSink, SlotSource},
	meter::Meter,
	Stored,
};
use smartchain_transfer::client::{BestSlots, EachSlot, Free, Holder, Identity, Paths, Patience, Signer};
use sp_core::{sr25519, Pair};
use std::{
	path::PathBuf,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

/// A slot at a device that takes it.
pub type Writer = Box<dyn SlotSink + Send>;
/// Slots that are read.
pub type Reading = Box<dyn SlotSource + Send>;

/// Devices over a network, or in memory. All calls may wait.
pub trait Holders: Send + Sync {
	/// Where what is stored of one slot goes.
	fn writer(&self, holder: &Holder) -> Writer;

	/// Slots, each from its own device alone.
	fn each(&self, holders: Vec<Holder>) -> Reading;

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
	meter: Meter,
	paths: Mutex<Paths>,
	file: PathBuf,
}

/// Bytes of what was seen of devices, at most.
const MOST_PATHS: u64 = 4 << 20;
/// Bytes of a MiB.
const MIB: usize = 1 << 20;

impl Wire {
	/// For an account on the chain of a genesis.
	///
	/// - `memory`: MiB of slots that are held at once.
	/// - `patience`: after how many seconds without an answer a device is taken for gone.
	pub fn new(owner: &Owner, genesis: [u8; 32], memory: u32, patience: u64, folder: &store::Folder) -> Self {
		let file = folder.paths();
		let identity = Identity {
			genesis,
			signer: Arc::new(AccountKey(owner.pair().clone())),
			payer: Arc::new(Free),
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
			meter: Meter::new(usize::try_from(memory).unwrap_or(0).saturating_mul(MIB)),
			// What cannot be read is seen anew.
			paths: Mutex::new(bytes.map(|bytes| Paths::load(&bytes)).unwrap_or_default()),
			file,
		}
	}
}

impl Holders for Wire {
	fn writer(&self, holder: &Holder) -> Writer {
		Box::new(EachSlot::new(
			self.identity.clone(),
			vec![holder.clone()],
			self.meter.clone(),
		))
	}

	fn each(&self, holders: Vec<Holder>) -> Reading {
		Box::new(EachSlot::new(self.identity.clone(), holders, self.meter.clone()))
	}

	fn best(&self, stored: &Stored, holders: Vec<Holder>) -> Reading {
		let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner).clone();
		Box::new(BestSlots::new(
			self.identity.clone(),
			stored.clone(),
			holders,
			paths,
			self.meter.clone(),
		))
	}

	fn keep(&self) {
		let saved = self.paths.lock().unwrap_or_else(PoisonError::into_inner).save();
		let kept: Result<(), Failure> = keys::replace(&self.file, &saved).map_err(Failure::from);
		if let Err(failure) = kept {
			tracing::debug!("What was seen of devices is not kept: {}", failure.message);
		}
	}
}
