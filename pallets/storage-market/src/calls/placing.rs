//! Slots that wait for a device, and those who confirm that they have one.

use crate::{
	pallet::DealOf, Again, AgainHead, AgainTail, Beacons, Config, Deals, Error, Event, Offers, Pallet, QueueHead,
	QueueTail, Tickets, Waiting, WeightInfo, TICKET_BYTES,
};
use alloc::vec::Vec;
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get, weights::Weight};
use pallet_traits::{Beacon, Devices, MarketClock, ProvenSpace};
use sp_core::sr25519;
use sp_runtime::traits::{Verify, Zero};
use storage_market_primitives::{
	draw, place, Acceptance, Confirmed, DealId, Moment, Offer, Outcome, SlotAt, SlotId, Stage, Tick, Wants,
};
use storage_proof_primitives::{Confirmation, Contents};

/// Tickets that are looked at for a slot in a block at most.
pub const TRIES: u32 = 16;

/// Slots that wait for a draw at most, when a deal is opened. Repairs come on top. All of them are drawn for within 128
/// blocks: in the time that a deal has for it.
pub const MAX_QUEUE: u64 = 4_096;

/// Slots that are drawn for in a block at most.
pub const MAX_DRAWS: u32 = 32;

/// Slots for which nobody was found, that wait for one more draw at most.
pub const MAX_AGAIN: u64 = 2_048;

/// Those of them that are drawn for in a block at most.
pub const MAX_RETRIES: u32 = 16;

/// Deals that are looked at in a block at most.
pub const MAX_LOOKS: u32 = 8;

impl<T: Config> Pallet<T> {
	pub(crate) fn queue(waiting: Waiting) {
		let tail = QueueTail::<T>::get();
		crate::Queue::<T>::insert(tail, waiting);
		QueueTail::<T>::put(tail.saturating_add(1));
	}

	pub(crate) fn queue_has_room(slots: u64) -> bool {
		let length = QueueTail::<T>::get().saturating_sub(QueueHead::<T>::get());
		length.saturating_add(slots) <= MAX_QUEUE
	}

	/// A slot for which nobody was found waits once more, if there is room.
	pub(crate) fn queue_again(waiting: Waiting) {
		let tail = AgainTail::<T>::get();
		if tail.saturating_sub(AgainHead::<T>::get()) < MAX_AGAIN {
			Again::<T>::insert(tail, waiting);
			AgainTail::<T>::put(tail.saturating_add(1));
		}
	}

	/// What it takes to draw for a slot. What its time has brought to a deal is told in place of that, and is more.
	fn cost_of(waiting: &Waiting, now: Tick) -> Weight {
		let over = Deals::<T>::get(waiting.deal).is_some_and(|deal| Self::is_due(&deal, now));
		if over {
			T::WeightInfo::tend()
		} else {
			T::WeightInfo::place()
		}
	}

	/// Draws once more for slots for which nobody was found, the first ones first, as long as there is weight.
	pub(crate) fn retry_within(left: Weight) -> Weight {
		let now = T::Clock::tick();
		let mut used = Weight::zero();
		for _ in 0..MAX_RETRIES {
			let head = AgainHead::<T>::get();
			let Some(waiting) = Again::<T>::get(head) else { break };
			let cost = Self::cost_of(&waiting, now);
			if !used.saturating_add(cost).all_lte(left) {
				break;
			}
			used = used.saturating_add(cost);
			Again::<T>::remove(head);
			AgainHead::<T>::put(head.saturating_add(1));
			// What can not be placed any more is out of the queue.
			let _ = Self::place(waiting, now);
		}
		used
	}

	/// Draws for slots that wait, the first ones first, as long as there is weight.
	pub(crate) fn place_within(left: Weight) -> Weight {
		let each = T::WeightInfo::place();
		let mut used = Weight::zero();
		let (now, tail) = (T::Clock::tick(), QueueTail::<T>::get());
		for _ in 0..MAX_DRAWS {
			let head = QueueHead::<T>::get();
			let room = used.saturating_add(each).all_lte(left);
			if !room || head >= tail {
				break;
			}
			let Some(waiting) = crate::Queue::<T>::get(head) else {
				used = used.saturating_add(each);
				QueueHead::<T>::put(head.saturating_add(1));
				continue;
			};
			if waiting.from > now {
				used = used.saturating_add(each);
				break;
			}
			let cost = Self::cost_of(&waiting, now);
			used = used.saturating_add(cost);
			if !used.all_lte(left) {
				used = used.saturating_sub(cost).saturating_add(each);
				break;
			}
			crate::Queue::<T>::remove(head);
			QueueHead::<T>::put(head.saturating_add(1));
			// What can not be placed any more is out of the queue.
			let _ = Self::place(waiting, now);
		}
		used
	}

	fn place(waiting: Waiting, now: Tick) -> DispatchResult {
		let deal = Deals::<T>::get(waiting.deal).ok_or(Error::<T>::UnknownDeal)?;
		ensure!(
			deal.wants_draw(waiting.slot) && !deal.is_chosen_for(),
			Error::<T>::NotWanted
		);
		if Self::is_due(&deal, now) {
			return Self::do_tend(waiting.deal);
		}
		let attempt = deal.slot(waiting.slot).map_err(Error::<T>::from)?.attempt;
		let present: Vec<(T::AccountId, Option<NetworkGroup>)> = deal
			.devices()
			.filter_map(|device| Offers::<T>::get(device))
			.map(|offer| (offer.owner, offer.group))
			.collect();
		let wants = Wants {
			max_ask: deal.order.max_ask,
			bytes: deal.geometry().slot_len(),
			score: T::LeastScore::get(),
		};
		let at = SlotId::new(waiting.deal, waiting.slot);
		let numbers = place(&T::Beacon::accumulator(), at, attempt.into());
		let (count, _) = Self::drawable();
		let outcome = draw(&numbers, count, TRIES, &wants, &present, |ticket| {
			let (device, number) = Tickets::<T>::get(ticket)?;
			let offer = Offers::<T>::get(device)?;
			// What it says it has and has not proven is nobody's room. A ticket for what is taken, or proven no more,
			// is none: else devices that are full spoil others' draws.
			let free = offer.capacity.saturating_sub(offer.used).min(T::Space::bytes(&device));
			if u64::from(number).saturating_mul(TICKET_BYTES) >= free {
				return None;
			}
			let room = free.min(offer.max_slot);
			let terms = Offer {
				owner: offer.owner,
				group: offer.group,
				ask: offer.ask,
				room,
				score: offer.score,
			};
			Some(((device, offer.ask), terms))
		});
		let fair = outcome.fair(T::TermsMet::get());
		let Outcome {
			device: Some((device, ask)),
			..
		} = outcome
		else {
			return Self::draw_again(waiting, now);
		};
		// Whoever is gone or suspended has no tickets; so nobody is drawn who was not told of either.
		if !Self::is_active(&device) {
			return Self::draw_again(waiting, now);
		}
		let terms = T::Terms::get();
		Self::change(waiting.deal, |deal| {
			deal.place(waiting.slot, device, ask, fair, now, &terms)
		})?;
		Self::deposit_event(Event::SlotOffered(waiting.deal, waiting.slot, device));
		Ok(())
	}

	/// Nobody fitted: again in the next tick, with another seed. After some failures in an active deal it waits until
	/// the deal has its turn.
	fn draw_again(waiting: Waiting, now: Tick) -> DispatchResult {
		let had_stalled = Self::has_stalled(&waiting);
		Self::change(waiting.deal, |deal| deal.draw_failed(waiting.slot))?;
		if Self::has_stalled(&waiting) {
			Self::deposit_event(Event::RepairStalled(waiting.deal, waiting.slot));
		} else if !had_stalled {
			// One that had is queued by the change itself.
			Self::queue(Waiting {
				from: now.saturating_add(1),
				..waiting
			});
		}
		Ok(())
	}

	fn has_stalled(waiting: &Waiting) -> bool {
		let deal = Deals::<T>::get(waiting.deal).filter(|deal| matches!(deal.stage, Stage::Active));
		deal.is_some_and(|deal| deal.slot(waiting.slot).is_ok_and(|slot| slot.stalled()))
	}

	/// How many tickets can be drawn, and how many devices be probed: those that there were when the turn before this
	/// one began. Nobody knew this one's beacon then; its author has since. What has come later lies behind them, and
	/// what goes changes only whose its own place is: else whoever knows the beacon moves tickets until its own are
	/// where it draws.
	pub(crate) fn drawable() -> (u32, u32) {
		let (_, before) = crate::Drawable::<T>::get();
		before
	}

	fn is_active(device: &DeviceId) -> bool {
		T::Devices::device(device).is_some_and(|known| known.active)
	}

	pub(crate) fn do_choose(who: &T::AccountId, id: DealId, slot: SlotAt, device: DeviceId) -> DispatchResult {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		ensure!(deal.owner == *who && deal.is_chosen_for(), Error::<T>::NotActive);
		let offer = Offers::<T>::get(device).ok_or(Error::<T>::NoOffer)?;
		ensure!(Self::is_active(&device), Error::<T>::NoOffer);
		ensure!(offer.room() >= deal.geometry().slot_len(), Error::<T>::NoCapacity);
		Self::change(id, |deal| deal.place(slot, device, offer.ask, true, now, &terms))?;
		Self::deposit_event(Event::SlotOffered(id, slot, device));
		Ok(())
	}

	/// Who confirms a slot, whose it is, and what that brings: if the device that was drawn has signed that it answers
	/// for it, and shows the chunks.
	///
	/// # Errors
	/// Those of the call, but the currency's.
	pub(crate) fn check_confirmation(
		id: DealId,
		slot: SlotAt,
		shown: &Confirmation,
		signature: &sr25519::Signature,
	) -> Result<(DeviceId, T::AccountId, Confirmed<DeviceId>), Error<T>> {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let mut deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		let known = deal.slot(slot)?;
		let device = known.drawn.as_ref().ok_or(Error::<T>::NotOffered)?.device;
		let owner = Offers::<T>::get(device).ok_or(Error::<T>::NoOffer)?.owner;
		let info = T::Devices::device(&device).ok_or(Error::<T>::UnknownDevice)?;
		// It is its owner who puts the collateral in.
		ensure!(info.active && info.owner == owner, Error::<T>::NotYours);
		ensure!(deal.rooted, Error::<T>::RootMismatch);
		let acceptance = Acceptance {
			device,
			at: SlotId::new(id, slot),
			attempt: known.attempt,
			root: known.root,
		};
		let payload = acceptance.payload(&Self::genesis());
		ensure!(signature.verify(&payload[..], &info.lottery), Error::<T>::BadSignature);
		ensure!(Self::is_shown(&deal, &acceptance, shown), Error::<T>::BadPath);
		let confirmed = deal.confirm(slot, &device, now, &terms)?;
		Ok((device, owner, confirmed))
	}

	/// Whether the last chunk is shown, and the one that is drawn. What was prepared in the turn before counts too:
	/// else whoever sends it late would begin anew.
	fn is_shown(deal: &DealOf<T>, acceptance: &Acceptance<DeviceId>, shown: &Confirmation) -> bool {
		let contents = Contents {
			root: acceptance.root,
			bytes: deal.geometry().slot_len(),
		};
		let (beacon, before) = Beacons::<T>::get();
		[beacon, before].into_iter().any(|randomness| {
			let moment = Moment { tick: 0, randomness };
			let random = moment.first(acceptance.at, acceptance.attempt.into(), deal.geometry().shape());
			shown.check(&contents, random).is_ok()
		})
	}

	pub(crate) fn do_confirm(
		id: DealId,
		slot: SlotAt,
		shown: &Confirmation,
		signature: &sr25519::Signature,
	) -> DispatchResult {
		let (device, owner, confirmed) = Self::check_confirmation(id, slot, shown, signature)?;
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		Self::put_in(&owner, confirmed.collateral)?;
		Self::change(id, |deal| deal.confirm(slot, &device, now, &terms))?;
		let left = confirmed.left.as_ref().map(|left| left.device);
		Self::renew_tab(SlotId::new(id, slot), device, left);
		if let Some(left) = &confirmed.left {
			Self::pay_device(&left.device, left.pay, left.collateral);
		}
		Self::pay_out(&owner, confirmed.repaired);
		Self::pay_of_pool(&owner, confirmed.short);
		Self::deposit_event(Event::SlotConfirmed(id, slot, device));
		if !confirmed.repaired.is_zero() || !confirmed.short.is_zero() {
			Self::deposit_event(Event::SlotRepaired(id, slot, device));
		}
		if confirmed.activated {
			Self::deposit_event(Event::DealActivated(id));
		}
		Ok(())
	}
}
