//! Slots and groups that are built from others of their deal. It blocks: other devices are waited for.

use crate::{
	jobs::{slot_id, Fault},
	node::DealView,
};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature};
use smart_agent_market::{Done, Failure, SlotKey, GROUP};
use smart_agent_slots::{Cancel, SlotStore};
use smartchain_slots::{edge::SlotSource, meter::Meter, repair, Error, Geometry, Rebuilder, Repair, SlotFault, Stored};
use smartchain_transfer::{
	client::{address, EachSlot, Free, Holder, Identity, Patience, Remote, Signer, StopAll},
	wire::SlotId,
};
use sp_core::{sr25519, Pair};
use std::sync::Arc;
use storage_market_primitives::Deal;

/// The device's key signs what it asks others for.
struct DeviceSigner(sr25519::Pair);

impl Signer for DeviceSigner {
	fn key(&self) -> DeviceKey {
		DeviceKey::Sr25519(self.0.public())
	}

	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature> {
		Some(DeviceSignature::Sr25519(self.0.sign(payload)))
	}
}

/// Whoever asks others by the device's key, and pays nothing: it repairs, or probes.
pub(crate) fn identity(genesis: [u8; 32], key: sr25519::Pair, patience: Patience) -> Identity {
	Identity {
		genesis,
		signer: Arc::new(DeviceSigner(key)),
		payer: Arc::new(Free),
		patience,
	}
}

/// What builds slots: who asks, and how much memory that takes.
#[derive(Clone)]
pub(crate) struct Builder {
	identity: Arc<Identity>,
	meter: Meter,
	device: DeviceId,
	store: SlotStore,
}

impl Builder {
	/// For a device of the chain with this genesis.
	pub fn new(genesis: [u8; 32], device: DeviceId, key: sr25519::Pair, store: SlotStore) -> Self {
		Self {
			identity: Arc::new(identity(genesis, key, Patience::default())),
			meter: Meter::default(),
			device,
			store,
		}
	}

	/// Builds all of a slot, and seals it.
	pub fn repair(&self, view: &DealView, key: SlotKey, root: &[u8; 32], cancel: &Cancel) -> Result<Done, Fault> {
		let stored = stored(&view.deal)?;
		let mut own = self.store.own(slot_id(key))?;
		let mut others = Stoppable {
			inner: EachSlot::new(self.identity.clone(), self.holders(view, key), self.meter.clone()),
			cancel,
		};
		let stop = others.inner.stopper();
		cancel.then(move || stop.stop());
		let built = repair(Repair {
			stored: &stored,
			slot: key.slot,
			others: &mut others,
			own: &mut own,
			meter: &self.meter,
		});
		if cancel.is_cancelled() {
			return Ok(Done::Failed(Failure::Cancelled));
		}
		let built = built?;
		if !built.faults.0.is_empty() {
			tracing::info!(target: crate::LOG_TARGET, "Slot {key} was built; of the others: {:?}", built.faults);
		}
		match self.store.seal(slot_id(key), root)? {
			true => Ok(Done::Repaired),
			false => Err(Fault {
				failure: Failure::Disk,
				words: "what was built does not lie there as it was written; look at the disk".into(),
			}),
		}
	}

	/// Builds groups of a slot, one after the other.
	pub fn mend(
		&self,
		view: &DealView,
		key: SlotKey,
		root: &[u8; 32],
		groups: &[u32],
		cancel: &Cancel,
	) -> Result<Done, Fault> {
		let stored = stored(&view.deal)?;
		let geometry = stored.geometry();
		let step = usize::try_from(GROUP).unwrap_or(0);
		let mut rebuilder = Rebuilder::new(geometry, step, key.slot >= geometry.k(), &self.meter)?;
		let mut remotes: Vec<(u8, Remote)> = self
			.holders(view, key)
			.into_iter()
			.map(|holder| (holder.slot.slot, Remote::new(self.identity.clone(), holder)))
			.collect();
		let stop = StopAll::default();
		remotes.iter().for_each(|(_, remote)| stop.with(remote.stopper()));
		cancel.then(move || stop.stop());
		for group in groups {
			if cancel.is_cancelled() {
				return Ok(Done::Failed(Failure::Cancelled));
			}
			let length = self.store.group_bytes(slot_id(key), *group)?;
			let from = u64::from(*group).saturating_mul(GROUP);
			rebuilder.begin(length)?;
			let mut part = vec![0; length];
			// Whoever does not answer, or answers wrongly, is asked no more.
			let mut at = 0;
			while !rebuilder.is_enough() && at < remotes.len() {
				let (slot, remote) = &mut remotes[at];
				match remote.read(from, &mut part) {
					Ok(()) => {
						rebuilder.give(*slot, &part)?;
						at += 1;
					}
					Err(error) => {
						tracing::debug!(target: crate::LOG_TARGET, "Slot {slot} gives nothing for {key}: {error}");
						remotes.remove(at);
					}
				}
			}
			if cancel.is_cancelled() {
				return Ok(Done::Failed(Failure::Cancelled));
			}
			if !rebuilder.is_enough() {
				return Err(Fault {
					failure: Failure::TooFew,
					words: format!(
						"{} other slots of deal {} are reached, too few",
						remotes.len(),
						key.deal
					),
				});
			}
			rebuilder.rebuild()?;
			rebuilder.range(key.slot, &mut part)?;
			self.store.mend(slot_id(key), root, *group, &part)?;
		}
		Ok(Done::Mended)
	}

	/// Who holds the other slots. One that is leaving still does.
	fn holders(&self, view: &DealView, key: SlotKey) -> Vec<Holder> {
		let deal = &view.deal;
		let mut found = Vec::new();
		for (slot, at) in deal.slots.iter().zip(0_u8..) {
			let Some(holding) = slot.holding.as_ref().filter(|_| at != key.slot) else {
				continue;
			};
			if holding.device == self.device {
				continue;
			}
			let reach = view.devices.iter().find(|reach| reach.device == holding.device);
			let endpoints = reach.map(|reach| reach.endpoints.as_slice()).unwrap_or_default();
			found.push(Holder {
				device: holding.device,
				addresses: endpoints.iter().filter_map(address).collect(),
				slot: SlotId {
					deal: key.deal,
					slot: at,
				},
				length: deal.order.geometry.slot_len(),
				root: Some(slot.root),
				// Whoever repairs reads for nothing.
				price: 0,
			});
		}
		found
	}
}

/// What repair needs of a deal.
fn stored<Account, Device>(deal: &Deal<Account, Device>) -> Result<Stored, Fault> {
	let shape = &deal.order.geometry;
	let unit = u32::try_from(shape.unit()).unwrap_or(u32::MAX);
	let geometry = Geometry::new(shape.enough, shape.slots, unit)?;
	let roots = deal.slots.iter().map(|slot| slot.root).collect();
	Ok(Stored::new(geometry, shape.volume_len, roots)?)
}

impl From<Error> for Fault {
	fn from(error: Error) -> Self {
		let failure = match &error {
			Error::TooFew { .. } => Failure::TooFew,
			Error::NotACodeword { .. } => Failure::NotACodeword,
			_ => Failure::Disk,
		};
		Self {
			failure,
			words: error.to_string(),
		}
	}
}

/// A source that gives nothing more once nobody waits for it.
struct Stoppable<'a, S> {
	inner: S,
	cancel: &'a Cancel,
}

impl<S> Stoppable<'_, S> {
	fn check(&self) -> Result<(), SlotFault> {
		match self.cancel.is_cancelled() {
			true => Err(SlotFault::Unreadable("it was cancelled".into())),
			false => Ok(()),
		}
	}
}

impl<S: SlotSource> SlotSource for Stoppable<'_, S> {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		self.check()?;
		self.inner.length(slot)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		self.check()?;
		self.inner.read(slot, offset, buffer)
	}
}
