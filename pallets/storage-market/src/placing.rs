//! Slots that wait for a device, and those who confirm that they have one.

use crate::{
	Beacons, Config, Deals, Error, Event, Offers, Opening, Pallet, QueueHead, QueueTail, Tickets, Waiting, WeightInfo,
};
use alloc::vec::Vec;
use device_primitives::NetworkGroup;
use frame_support::{dispatch::DispatchResult, ensure, traits::Get, weights::Weight};
use pallet_traits::{Beacon, MarketClock};
use sp_runtime::{traits::Zero, DispatchError};
use storage_market_primitives::{
	draw, first_chunks, seed, DealError, DealId, Draws, Offer, Openings, Outcome, SlotAt, Stage, Tick, Wants,
};

/// Tickets that are looked at for a slot in a block at most.
pub const TRIES: u32 = 16;

/// Slots that wait for a draw at most, when a deal is opened. Repairs come on top.
pub const MAX_QUEUE: u64 = 4_096;

/// Slots that are drawn for in a block at most.
pub const MAX_DRAWS: u32 = 16;

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
			used = used.saturating_add(each);
			let Some(waiting) = crate::Queue::<T>::get(head) else {
				QueueHead::<T>::put(head.saturating_add(1));
				continue;
			};
			if waiting.from > now {
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
		ensure!(deal.wants_draw(waiting.slot), Error::<T>::NotWanted);
		let waits_for_nothing = match deal.stage {
			Stage::Placing { until } | Stage::Uploading { until } => now > until,
			_ => now >= deal.ends,
		};
		if waits_for_nothing {
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
		let mut draws = Draws::new(seed(&T::Beacon::accumulator(), waiting.deal, waiting.slot, attempt));
		let count = crate::TicketCount::<T>::get();
		let outcome = draw(&mut draws, count, TRIES, &wants, &present, |ticket| {
			let (device, _) = Tickets::<T>::get(ticket)?;
			let offer = Offers::<T>::get(device)?;
			let room = offer.room();
			let terms = Offer {
				owner: offer.owner,
				group: offer.group,
				ask: offer.ask,
				room,
				score: offer.score,
			};
			Some(((device, offer.ask), terms))
		});
		let fair = outcome.fair();
		let Outcome {
			device: Some((device, ask)),
			..
		} = outcome
		else {
			return Self::draw_again(waiting, now);
		};
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

	pub(crate) fn do_confirm(
		who: &T::AccountId,
		id: DealId,
		slot: SlotAt,
		root: [u8; 32],
		openings: &[Opening; 2],
	) -> DispatchResult {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		let known = deal.slot(slot).map_err(Error::<T>::from)?;
		let device = known.drawn.as_ref().ok_or(Error::<T>::NotOffered)?.device;
		let offer = Offers::<T>::get(device).ok_or(Error::<T>::NoOffer)?;
		ensure!(offer.owner == *who, Error::<T>::NotYours);
		ensure!(deal.rooted && known.root == root, Error::<T>::RootMismatch);
		// What was prepared in the turn before counts too: else whoever sends it late would begin anew.
		let (beacon, before) = Beacons::<T>::get();
		let shown = |randomness| {
			let asked = first_chunks(randomness, 0, id, slot, deal.geometry());
			Self::check_openings(&root, deal.geometry().slot_len(), asked, openings)
		};
		shown(&beacon).or_else(|_| shown(&before))?;
		let confirmed = Self::change(id, |deal| deal.confirm(slot, &device, now, &terms))?;
		Self::put_in(who, confirmed.collateral)?;
		if let Some(left) = &confirmed.left {
			Self::pay_device(&left.device, left.pay, left.collateral);
		}
		Self::pay_out(who, confirmed.repaired);
		Self::pay_of_pool(who, confirmed.short);
		Self::deposit_event(Event::SlotConfirmed(id, slot, device));
		if !confirmed.repaired.is_zero() || !confirmed.short.is_zero() {
			Self::deposit_event(Event::SlotRepaired(id, slot, device));
		}
		if confirmed.activated {
			Self::deposit_event(Event::DealActivated(id));
		}
		Ok(())
	}

	/// Whether these are the chunks that are asked for.
	pub(crate) fn check_openings(
		root: &[u8; 32],
		slot_len: u64,
		asked: [u64; 2],
		openings: &[Opening; 2],
	) -> Result<(), DispatchError> {
		for (index, opening) in asked.into_iter().zip(openings) {
			let sound = T::Openings::check(root, slot_len, index, &opening.chunk, &opening.path);
			ensure!(sound, Error::<T>::BadPath);
		}
		Ok(())
	}
}

impl<T> From<DealError> for Error<T> {
	fn from(error: DealError) -> Self {
		match error {
			DealError::BadGeometry => Self::BadGeometry,
			DealError::BadOrder => Self::BadOrder,
			DealError::PriceAboveMax => Self::PriceAboveMax,
			DealError::AlreadyHere => Self::AlreadyHere,
			DealError::NotWanted => Self::NotWanted,
			DealError::NotOffered => Self::NotOffered,
			DealError::NoRoots => Self::RootMismatch,
			DealError::HasRoots => Self::HasRoots,
			DealError::WrongLength => Self::WrongLength,
			DealError::TooLate => Self::TooLate,
			DealError::TooEarly => Self::TooEarly,
			DealError::TooManyRedraws => Self::TooManyRedraws,
			DealError::NotActive => Self::NotActive,
			DealError::NoSuchSlot => Self::NoSuchSlot,
			DealError::NotHeld => Self::NotHeld,
			DealError::NotOverdue => Self::TooEarly,
			DealError::Money(_) => Self::TooMuch,
		}
	}
}
