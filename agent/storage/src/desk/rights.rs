//! Who may do what with a slot, by the chain's word.

use super::{held, turn, Place, Shared, PATIENCE};
use crate::node::DealView;
use device_primitives::DeviceId;
use smart_agent_chain::AccountId;
use smartchain_transfer::{
	server::{Grant, Rights as Chain},
	wire::{Caller, Cause, Deed, Fault, SlotId, UNPAID},
};
use std::{future::Future, sync::Arc};
use storage_market_primitives::{Tick, PROBE_BYTES};
use tokio::time::timeout;

/// The chain's word.
pub(crate) struct Rights(pub(super) Arc<Shared>);

impl Chain for Rights {
	fn tick(&self) -> Tick {
		self.0.tick()
	}

	fn may(&self, caller: &Caller, slot: SlotId, deed: Deed) -> impl Future<Output = Result<Grant, Fault>> + Send {
		let (shared, caller) = (self.0.clone(), *caller);
		async move { may(&shared, caller, slot, deed).await }
	}
}

async fn may(shared: &Shared, caller: Caller, slot: SlotId, deed: Deed) -> Result<Grant, Fault> {
	let is_write = matches!(deed, Deed::Write { .. });
	let place = shared.place(slot);
	// Whoever wants to read what is not here costs no question. An owner may be sooner than what the machine hears.
	if place.is_none() && matches!(deed, Deed::Read { .. }) {
		return Err(Fault::no_such_slot());
	}
	let known = shared.deal(slot.deal).await.map_err(|()| Fault::unsure())?;
	let known = known.ok_or_else(Fault::no_such_slot)?;
	let view = &known.view;
	let account = caller.account().map(AccountId::new);
	let is_owner = account.as_ref() == Some(&view.deal.owner);
	let Some(place) = place.filter(|place| place.here) else {
		return Err(match is_owner && is_drawn(shared, view, slot) {
			true => not_yet(),
			false => Fault::no_such_slot(),
		});
	};
	if is_write {
		return match (is_owner, place.takes) {
			(true, true) => Ok(grant(place, 0, None)),
			(true, false) if place.whole => Err(Fault::new(Cause::Sealed, "the slot is whole, and is written no more")),
			(true, false) => Err(not_yet()),
			(false, _) => Err(Fault::not_yours()),
		};
	}
	let reading = Reading {
		shared,
		place,
		slot,
		reader: caller.device(),
		bytes: match deed {
			Deed::Read { length, .. } => length,
			_ => 0,
		},
	};
	// Whoever repairs reads for nothing; whoever reads what it owns, or was granted, pays as long as something is left
	// of what was put in for that.
	if view.devices.iter().any(|reach| reach.device == caller.device()) {
		// One that probes as well has to have its receipt: it reports that it got nothing otherwise.
		return reading.free(place.all_twice(), shared.probes_now(&caller.device()).await);
	}
	let has_tab = known.left(slot) > 0;
	if is_owner {
		return reading.paid(has_tab);
	}
	if let Some(era) = shared.known_to_probe_in(&caller.device()) {
		return reading.free(PROBES, Some(era));
	}
	let _turn = turn(&shared.strange).await.map_err(|()| Fault::unsure())?;
	if let Some(era) = shared.probes_in(&caller.device()).await {
		return reading.free(PROBES, Some(era));
	}
	if let Some(account) = account {
		let best = timeout(PATIENCE, shared.node.best()).await;
		let at = best.ok().and_then(Result::ok).ok_or_else(Fault::unsure)?;
		let granted = timeout(PATIENCE, shared.node.is_granted(slot.deal, &account, at)).await;
		if granted.ok().and_then(Result::ok).ok_or_else(Fault::unsure)? {
			return reading.paid(has_tab);
		}
	}
	Err(Fault::not_yours())
}

/// Bytes of a slot that a prober may have in a day: several looks, each of which may be tried again.
const PROBES: u64 = 64 * PROBE_BYTES as u64;

impl Place {
	/// Bytes that whoever restores or repairs may have in a day: all of it twice, and some that did not come.
	fn all_twice(&self) -> u64 {
		self.bytes.saturating_mul(2).saturating_add(UNPAID)
	}
}

/// Whoever has a right to read, and how much it wants.
struct Reading<'a> {
	shared: &'a Shared,
	place: Place,
	slot: SlotId,
	reader: DeviceId,
	bytes: u32,
}

impl Reading<'_> {
	/// For what the device asks, if something is left that was put in for that; if not, as much as whoever restores
	/// needs.
	fn paid(&self, has_tab: bool) -> Result<Grant, Fault> {
		// As long as that is not known, nothing is given away.
		let asked = held(&self.shared.price).ok_or_else(Fault::unsure)?;
		match has_tab || asked == 0 {
			true => Ok(grant(self.place, asked, None)),
			false => self.free(self.place.all_twice(), None),
		}
	}

	/// For nothing, so many bytes in a day; with a receipt of this era, if it probes in one.
	fn free(&self, most: u64, probes: Option<u32>) -> Result<Grant, Fault> {
		if !self.shared.is_free(self.slot, self.reader, self.bytes, most) {
			let why =
				format!("{most} bytes of the slot are given out for nothing in a day; pay for more, or come tomorrow");
			return Err(Fault::new(Cause::Unpaid, why));
		}
		Ok(grant(self.place, 0, probes))
	}
}

/// Whether this device was drawn for the slot: the machine hears of that a moment later.
fn is_drawn(shared: &Shared, view: &DealView, slot: SlotId) -> bool {
	let found = view.deal.slots.get(usize::from(slot.slot));
	let drawn = found.and_then(|found| found.drawn.as_ref());
	drawn.is_some_and(|drawn| drawn.device == shared.device)
}

fn not_yet() -> Fault {
	Fault::new(
		Cause::Busy,
		"the slot takes nothing now: room is made, or it is hashed; try again in a moment",
	)
}

fn grant(place: Place, price: u128, probes: Option<u32>) -> Grant {
	Grant {
		length: place.bytes,
		price,
		probes,
	}
}
