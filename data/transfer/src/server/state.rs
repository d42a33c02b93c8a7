//! What all connections share, and what one has.

use super::{pool::Pool, pulse::Pulse, Limits};
use crate::{
	desk::{Balance, Device, Grant, Rights, Shelf, Till},
	wire::{Caller, Cause, Deed, Fault, Session, SlotId},
};
use device_primitives::DeviceKey;
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{
		atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
		Arc, Mutex, OnceLock, PoisonError,
	},
	time::Duration,
};
use storage_proof_primitives::Hash;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a server does, counted since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
	/// Connections that were accepted.
	pub connections: u64,
	/// Connections that were refused, or ended to make room.
	pub crowded_out: u64,
	/// Requests with a good claim.
	pub requests: u64,
	/// Requests that were refused, for whatever cause.
	pub refused: u64,
	/// Of these, claims that came twice or on another connection.
	pub replayed: u64,
	/// Of these, reads that were to be paid first.
	pub unpaid: u64,
	/// Bytes of slots that were sent.
	pub sent: u64,
	/// Bytes of slots that came and counted.
	pub received: u64,
}

/// The same, while it counts.
#[derive(Default)]
pub(super) struct Counting {
	pub(super) connections: AtomicU64,
	pub(super) crowded_out: AtomicU64,
	pub(super) requests: AtomicU64,
	pub(super) refused: AtomicU64,
	pub(super) replayed: AtomicU64,
	pub(super) unpaid: AtomicU64,
	pub(super) sent: AtomicU64,
	pub(super) received: AtomicU64,
}

/// Counts some more.
pub(super) fn count(counter: &AtomicU64, more: u64) {
	counter.fetch_add(more, Ordering::Relaxed);
}

impl Counting {
	pub(super) fn now(&self) -> Counts {
		let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
		Counts {
			connections: get(&self.connections),
			crowded_out: get(&self.crowded_out),
			requests: get(&self.requests),
			refused: get(&self.refused),
			replayed: get(&self.replayed),
			unpaid: get(&self.unpaid),
			sent: get(&self.sent),
			received: get(&self.received),
		}
	}

	pub(super) fn refused(&self, fault: &Fault) {
		count(&self.refused, 1);
		match fault.cause {
			Cause::Replayed => count(&self.replayed, 1),
			Cause::Unpaid => count(&self.unpaid, 1),
			_ => {}
		}
	}
}

/// What all connections share.
pub(super) struct Shared<D, R, S, T> {
	pub(super) genesis: Hash,
	pub(super) device: D,
	pub(super) rights: R,
	pub(super) shelf: Arc<S>,
	pub(super) till: Arc<T>,
	pub(super) limits: Limits,
	pub(super) counts: Arc<Counting>,
	pub(super) pool: Arc<Pool>,
	transfers: Arc<Semaphore>,
	/// Transfers for keys that have no other request: no few of them keep out all others.
	firsts: Arc<Semaphore>,
	/// What reads that are under way will cost, in planck: no more slots than there are connections.
	pledged: Arc<Mutex<BTreeMap<SlotId, Balance>>>,
	/// Slots that are written just now: no more than there are transfers.
	pub(super) writing: Arc<Mutex<BTreeSet<SlotId>>>,
	/// How many requests each key has: no more keys than connections.
	pub(super) callers: Arc<Mutex<BTreeMap<DeviceKey, usize>>>,
}

impl<D: Device, R: Rights, S: Shelf, T: Till> Shared<D, R, S, T> {
	pub(super) fn new(limits: Limits, genesis: Hash, device: D, rights: R, shelf: S, till: T) -> Self {
		Self {
			genesis,
			device,
			rights,
			shelf: Arc::new(shelf),
			till: Arc::new(till),
			limits,
			counts: Arc::default(),
			pool: Arc::default(),
			transfers: Arc::new(Semaphore::new(limits.transfers - limits.transfers / 4)),
			firsts: Arc::new(Semaphore::new(limits.transfers / 4)),
			pledged: Arc::default(),
			writing: Arc::default(),
			callers: Arc::default(),
		}
	}

	/// A place among a caller's requests.
	pub(super) fn admit(&self, caller: &Caller) -> Result<Admitted, Fault> {
		let mut all = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
		let asked = all.entry(caller.key).or_default();
		if *asked >= self.limits.of_caller {
			let why = format!("{asked} requests of this key are under way; wait for one of them");
			return Err(Fault::new(Cause::TooMany, why));
		}
		*asked += 1;
		Ok(Admitted {
			callers: self.callers.clone(),
			key: caller.key,
		})
	}

	/// A place among the transfers.
	pub(super) async fn transfer(&self, caller: &Caller) -> Result<OwnedSemaphorePermit, Fault> {
		let is_first = {
			let all = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
			all.get(&caller.key).is_none_or(|asked| *asked <= 1)
		};
		let (transfers, firsts) = (self.transfers.clone(), self.firsts.clone());
		let place = async move {
			if !is_first {
				return transfers.acquire_owned().await;
			}
			tokio::select! {
				biased;
				permit = transfers.acquire_owned() => permit,
				permit = firsts.acquire_owned() => permit,
			}
		};
		match tokio::time::timeout(self.limits.wait, place).await {
			Ok(Ok(permit)) => Ok(permit),
			_ => Err(Fault::new(
				Cause::Busy,
				"this device serves many others now; try again, or another device",
			)),
		}
	}

	/// Has a read of a slot cost so much. What others that are under way will cost counts, too: they may be many.
	pub(super) fn pledge(
		&self,
		caller: &Caller,
		slot: SlotId,
		planck: Balance,
		unpaid: Balance,
	) -> Result<Pledged, Fault> {
		let mut all = self.pledged.lock().unwrap_or_else(PoisonError::into_inner);
		let owed = self.till.owed(caller, slot);
		let under_way = all.get(&slot).copied().unwrap_or(0);
		let after = owed.total.saturating_add(planck);
		if after.saturating_sub(owed.promised) > unpaid {
			return Err(Fault::unpaid(owed.total, owed.promised));
		}
		// Nothing is to be paid for these yet: whoever pays waits for no more than their end.
		if after.saturating_add(under_way).saturating_sub(owed.promised) > unpaid {
			let why = "other reads of this slot are under way and not paid; wait for them";
			return Err(Fault::new(Cause::TooMany, why));
		}
		all.insert(slot, under_way.saturating_add(planck));
		Ok(Pledged {
			all: self.pledged.clone(),
			slot,
			left: planck,
		})
	}

	/// Nobody else writes the slot meanwhile.
	pub(super) fn write(&self, slot: SlotId) -> Result<Writing, Fault> {
		let mut all = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
		if !all.insert(slot) {
			let why = "another request writes this slot; send one after the other";
			return Err(Fault::new(Cause::InUse, why));
		}
		Ok(Writing {
			writing: self.writing.clone(),
			slot,
		})
	}
}

/// A request that is signed, and that the chain allows.
pub(super) struct Allowed {
	pub(super) caller: Caller,
	pub(super) slot: SlotId,
	pub(super) deed: Deed,
	pub(super) grant: Grant,
}

/// A request of a key, counted until this is dropped.
pub(super) struct Admitted {
	callers: Arc<Mutex<BTreeMap<DeviceKey, usize>>>,
	key: DeviceKey,
}

impl Drop for Admitted {
	fn drop(&mut self) {
		let mut all = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(asked) = all.get_mut(&self.key) {
			*asked -= 1;
			if *asked == 0 {
				all.remove(&self.key);
			}
		}
	}
}

/// What a read will cost, less what it has cost: until this is dropped.
pub(super) struct Pledged {
	all: Arc<Mutex<BTreeMap<SlotId, Balance>>>,
	slot: SlotId,
	left: Balance,
}

impl Pledged {
	/// So much of it was charged.
	pub(super) fn less(&mut self, planck: Balance) {
		let planck = planck.min(self.left);
		self.left -= planck;
		let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(sum) = all.get_mut(&self.slot) {
			*sum = sum.saturating_sub(planck);
			if *sum == 0 {
				all.remove(&self.slot);
			}
		}
	}
}

impl Drop for Pledged {
	fn drop(&mut self) {
		self.less(self.left);
	}
}

/// A slot that is written, until this is dropped.
pub(super) struct Writing {
	writing: Arc<Mutex<BTreeSet<SlotId>>>,
	slot: SlotId,
}

impl Drop for Writing {
	fn drop(&mut self) {
		let mut all = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
		all.remove(&self.slot);
	}
}

/// A connection.
pub(super) struct Line {
	pub(super) session: Session,
	/// The count of its last good claim.
	pub(super) last: AtomicU32,
	/// Whose it is, once there was a good one that the chain gives rights.
	pub(super) key: OnceLock<DeviceKey>,
	/// Whether a request is answered.
	pub(super) busy: AtomicBool,
	pub(super) pulse: Pulse,
	pub(super) idle: Duration,
}

impl Line {
	pub(super) fn new(session: Session, limits: &Limits) -> Self {
		Self {
			session,
			last: AtomicU32::new(0),
			key: OnceLock::new(),
			busy: AtomicBool::new(false),
			pulse: Pulse::new(limits.idle),
			idle: limits.idle,
		}
	}
}

/// A request that is answered; when this is dropped, its connection may be idle again.
pub(super) struct Answering(Arc<Line>);

impl Answering {
	/// One on this connection, which may take so long.
	pub(super) fn on(line: &Arc<Line>, most: Duration) -> Self {
		line.pulse.put_off(most);
		line.busy.store(true, Ordering::Relaxed);
		Self(line.clone())
	}
}

impl Drop for Answering {
	fn drop(&mut self) {
		self.0.pulse.put_off(self.0.idle);
		self.0.busy.store(false, Ordering::Relaxed);
	}
}
