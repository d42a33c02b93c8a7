//! What must hold between blocks.

use crate::{
	Active, ActiveAt, ActiveCount, Again, AgainHead, AgainTail, AllUplinks, Answered, AuditPeriod, Config, Deals,
	EvacuationHead, EvacuationTail, Evacuations, FormerTabs, HoldReason, InUse, KeyBoxes, LastDeal, Listed,
	ListedCount, MeanPrice, Offers, Pallet, Places, Pool, Queue, QueueHead, QueueTail, Scored, Strained, StrainedAt,
	StrainedCount, TicketCount, Tickets, TicketsAt, Tills, Unpaid, Uplinks, MAX_AGAIN, MAX_BOXES,
};
use alloc::collections::BTreeMap;
use device_primitives::DeviceId;
use frame_support::{ensure, traits::fungible::hold::Inspect, traits::Get};
use pallet_traits::Bandwidth;
use sp_runtime::TryRuntimeError;
use storage_market_primitives::{Balance, Stage, MAX_CHALLENGES};

/// Bytes by device.
type Bytes = BTreeMap<DeviceId, u64>;

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_money()?;
		let (used, kept) = Self::check_deals()?;
		Self::check_offers(&used, &kept)?;
		Self::check_scores()?;
		for number in QueueHead::<T>::get()..QueueTail::<T>::get() {
			ensure!(Queue::<T>::contains_key(number), "the queue has no gap");
		}
		let again = AgainHead::<T>::get()..AgainTail::<T>::get();
		ensure!(
			Again::<T>::iter_keys().all(|number| again.contains(&number)),
			"whoever waits again is in the queue"
		);
		let waits = Again::<T>::iter_keys().count();
		let length = again.end.saturating_sub(again.start);
		ensure!(u64::try_from(waits) == Ok(length), "that queue has no gap");
		ensure!(length <= MAX_AGAIN, "so many wait again at most");
		let mut moving = 0_usize;
		for number in EvacuationHead::<T>::get()..EvacuationTail::<T>::get() {
			ensure!(
				Evacuations::<T>::contains_key(number),
				"the queue of evacuations has no gap"
			);
			moving = moving.saturating_add(1);
		}
		let told = Offers::<T>::iter_values().filter(|offer| offer.evacuated).count();
		ensure!(told <= moving, "whoever is said to be moved is in the queue");
		ensure!(T::Audits::get().check().is_ok(), "audits can be as they are governed");
		let (times, audits) = (T::Terms::get().times, T::Audits::get());
		ensure!(times.check().is_ok(), "times can be as they are governed");
		ensure!(
			times.grace >= audits.period.saturating_add(audits.window),
			"the last stretch is asked for in the time of grace"
		);
		let mean = MeanPrice::<T>::get();
		ensure!(
			mean.is_none_or(|paid| paid.is_sound()),
			"the mean of what is paid is within its bounds"
		);
		let answered = Answered::<T>::get().1;
		ensure!(
			answered <= MAX_CHALLENGES,
			"a block has no more answers than a tick asks for"
		);
		Ok(())
	}

	/// To the planck.
	fn check_money() -> Result<(), TryRuntimeError> {
		let mut money: Balance = Pool::<T>::get();
		for (id, deal) in Deals::<T>::iter() {
			let till = Tills::<T>::get(id).ok_or("each deal has a till")?;
			let collateral = deal.collateral.saturating_mul(deal.holders().into());
			let sums = [deal.holds(), collateral, till.holds()];
			money = sums.into_iter().fold(money, Balance::saturating_add);
			ensure!(till.tabs.len() == deal.slots.len(), "each slot has a tab");
			let boxes = KeyBoxes::<T>::iter_prefix_values(id);
			let (count, of_boxes) = boxes.fold((0_u32, 0), |(count, sum): (u32, Balance), kept| {
				(count.saturating_add(1), sum.saturating_add(kept.deposit))
			});
			ensure!(
				(count, of_boxes) == (till.boxes, till.of_boxes),
				"a till knows its boxes"
			);
			ensure!(count <= MAX_BOXES, "a deal has so many boxes at most");
		}
		for id in Tills::<T>::iter_keys().chain(KeyBoxes::<T>::iter_keys().map(|(id, _)| id)) {
			ensure!(
				Deals::<T>::contains_key(id),
				"nothing is kept of a deal that is no more"
			);
		}
		for (id, slot, former) in FormerTabs::<T>::iter() {
			let deal = Deals::<T>::get(id).ok_or("whoever has left has left a slot of a deal")?;
			ensure!(deal.slot(slot).is_ok(), "and of one that there is");
			money = money.saturating_add(former.tab.left());
		}
		for amount in Unpaid::<T>::iter_values() {
			money = money.saturating_add(amount);
		}
		let held = T::Currency::balance_on_hold(&HoldReason::Deal.into(), &Self::pot());
		ensure!(held == money, "what the pot holds is the money of deals");
		Ok(())
	}

	/// Returns the bytes that each device has in slots, and those of them that count.
	fn check_deals() -> Result<(Bytes, Bytes), TryRuntimeError> {
		let (mut used, mut kept, mut places) = (Bytes::new(), Bytes::new(), 0_usize);
		let (mut audited, mut strained) = (0_u32, 0_u32);
		let add = |to: &mut Bytes, device: DeviceId, bytes: u64| {
			let sum = to.entry(device).or_default();
			*sum = sum.saturating_add(bytes);
		};
		for (id, deal) in Deals::<T>::iter() {
			ensure!(id > 0 && id <= LastDeal::<T>::get(), "numbers count from 1");
			let bytes = deal.geometry().slot_len();
			for device in deal.devices() {
				add(&mut used, *device, bytes);
				let at = Places::<T>::get(device, id).ok_or("who has a slot is found by it")?;
				let slot = deal.slot(at).map_err(|_| "a place is a slot")?;
				let holds = slot.holding.as_ref().is_some_and(|holding| holding.device == *device);
				let drawn = slot.drawn.as_ref().is_some_and(|drawn| drawn.device == *device);
				ensure!(holds || drawn, "a place is where the device has its slot");
				places = places.saturating_add(1);
			}
			if deal.is_strained() {
				let at = StrainedAt::<T>::get(id).ok_or("what is strained is looked at")?;
				ensure!(
					Strained::<T>::get(at) == Some(id),
					"a strained deal is where it is said to be"
				);
				strained = strained.saturating_add(1);
			}
			for (slot, at) in deal.slots.iter().zip(0_u32..) {
				let Some(device) = deal.audited(at) else { continue };
				let index = ActiveAt::<T>::get((id, at)).ok_or("what is held is audited")?;
				let place = Active::<T>::get(index)
					.ok_or("what is audited is where it is said to be")?
					.place;
				let same = (place.deal, place.slot, place.device) == (id, at, *device);
				ensure!(same, "who holds a slot is audited for it");
				audited = audited.saturating_add(1);
				let holding = slot.holding.as_ref().filter(|_| matches!(deal.stage, Stage::Active));
				if holding.is_some_and(|holding| holding.counts && holding.usable()) {
					add(&mut kept, *device, bytes);
				}
			}
		}
		ensure!(audited == ActiveCount::<T>::get(), "nothing else is audited");
		ensure!(
			AuditPeriod::<T>::get().asked <= audited,
			"only what is audited was asked"
		);
		ensure!(strained == StrainedCount::<T>::get(), "nothing else is strained");
		ensure!(Places::<T>::iter_keys().count() == places, "nobody else has a place");
		Ok((used, kept))
	}

	fn check_scores() -> Result<(), TryRuntimeError> {
		let (mut devices, mut sum) = (0_u32, 0_u128);
		for device in Scored::<T>::iter_keys() {
			ensure!(Offers::<T>::contains_key(device), "who has a score has an offer");
			devices = devices.saturating_add(1);
			sum = sum.saturating_add(<Self as Bandwidth>::of(&device).into());
		}
		let uplinks = Uplinks::<T>::iter_values();
		let (behind, credit) = uplinks.fold((0_u32, 0_u128), |(devices, sum), uplink| {
			(
				devices.saturating_add(uplink.devices),
				sum.saturating_add(uplink.credit().into()),
			)
		});
		ensure!(behind == devices, "each score counts for an uplink");
		ensure!(credit == AllUplinks::<T>::get(), "all uplinks are their sum");
		ensure!(sum <= credit, "nobody has more of an uplink than there is");
		Ok(())
	}

	fn check_offers(used: &Bytes, kept: &Bytes) -> Result<(), TryRuntimeError> {
		let all = kept
			.values()
			.fold(0_u128, |sum, bytes| sum.saturating_add((*bytes).into()));
		ensure!(InUse::<T>::get() == all, "what is in use is what is kept and counts");
		let (mut tickets, mut listed) = (0_u32, 0_u32);
		for (device, offer) in Offers::<T>::iter() {
			ensure!(
				Listed::<T>::get(offer.listed) == Some(device),
				"who offers something is where it is said to be"
			);
			listed = listed.saturating_add(1);
			let held = T::Currency::balance_on_hold(&HoldReason::Deposit.into(), &offer.owner);
			ensure!(held >= offer.deposit, "the deposit of an offer is held");
			let bytes = used.get(&device).copied().unwrap_or(0);
			ensure!(offer.used == bytes, "what is used is what deals have there");
			let bytes = kept.get(&device).copied().unwrap_or(0);
			ensure!(offer.kept == bytes, "what counts is what is held, proven and drawn");
			for number in 0..offer.tickets {
				let at = TicketsAt::<T>::get((device, number)).ok_or("an offer has its tickets")?;
				ensure!(
					Tickets::<T>::get(at) == Some((device, number)),
					"a ticket is where it is said to be"
				);
			}
			tickets = tickets.saturating_add(offer.tickets);
		}
		for device in used.keys() {
			ensure!(Offers::<T>::contains_key(device), "who has a slot has an offer");
		}
		ensure!(tickets == TicketCount::<T>::get(), "nobody else has tickets");
		ensure!(listed == ListedCount::<T>::get(), "nobody else is listed");
		Ok(())
	}
}
