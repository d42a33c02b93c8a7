//! Probers: who they are in an era, what they report, and what that makes of a device's score.

use crate::{
	AllUplinks, Config, Deals, Error, Event, Listed, Offers, Pallet, Prober, Probes, Probing, Reports, Scored, Tickets,
	Uplinks,
};
use device_primitives::{DeviceId, NetworkGroup};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use pallet_traits::{Bandwidth, Beacon, Devices, Earnings};
use sp_core::sr25519;
use sp_runtime::{traits::Verify, Perbill};
use storage_market_primitives::{place, ProbeReport, Receipt, SlotId, Tick, ERRANDS, PROBE_BYTES};

/// A score in parts of 2^32, as others count bandwidth.
fn parts(score: Perbill) -> u64 {
	let wide = u64::from(score.deconstruct()).saturating_mul(1 << 32);
	wide.checked_div(1_000_000_000).unwrap_or(0)
}

impl<T: Config> Pallet<T> {
	/// A device probes no more: whoever has it next may have given it another key, one that looks at whom it likes.
	pub(crate) fn forget_prober(device: &DeviceId) {
		let mut probing = Probes::<T>::get();
		let before = probing.probers.len().saturating_add(probing.next.len());
		probing.probers.retain(|prober| prober.device != *device);
		probing.next.retain(|prober| prober.device != *device);
		if probing.probers.len().saturating_add(probing.next.len()) < before {
			Probes::<T>::put(probing);
		}
	}

	/// Draws, tick by tick, who probes in the next era; and begins that. What the VRFs of an era are evaluated over is
	/// known once all of its probers are drawn, and not before.
	pub(crate) fn turn_probes(now: Tick) {
		let mut probing = Probes::<T>::get();
		if now >= probing.ends {
			probing = Probing {
				era: probing.era.saturating_add(1),
				ends: now.saturating_add(T::Terms::get().era.max(1)),
				challenge: T::Beacon::accumulator(),
				devices: Self::drawable().1,
				probers: probing.next,
				next: Default::default(),
			};
			let count = u32::try_from(probing.probers.len()).unwrap_or(u32::MAX);
			Self::deposit_event(Event::ProbersDrawn(probing.era, count));
			Probes::<T>::put(probing);
			return;
		}
		if let Some(prober) = Self::draw_prober(&probing, now) {
			// It is full, or there is room.
			if probing.next.try_push(prober).is_ok() {
				Probes::<T>::put(probing);
			}
		}
	}

	/// Looks at one ticket: a prober if its device wants to be one, and neither its owner nor its network has one.
	fn draw_prober(probing: &Probing<T::AccountId>, now: Tick) -> Option<Prober<T::AccountId>> {
		let (count, _) = Self::drawable();
		if count == 0 || probing.next.is_full() {
			return None;
		}
		// No deal has the number 0.
		let draw = place(&T::Beacon::accumulator(), SlotId::new(0, 0), now);
		let (device, _) = Tickets::<T>::get(draw.below_u32(0, count))?;
		let offer = Offers::<T>::get(device).filter(|offer| offer.probes)?;
		let near = |other: &Prober<T::AccountId>| {
			let network = offer.group.is_some() && other.group == offer.group;
			other.owner == offer.owner || network
		};
		if probing.next.iter().any(near) {
			return None;
		}
		Some(Prober {
			device,
			owner: offer.owner,
			group: offer.group,
			reported: 0,
		})
	}

	/// The probes of the era, if a report counts: of one of its probers, on an errand not reported yet, of the device
	/// that it had to look at, with a receipt if that has given something.
	///
	/// # Errors
	/// Those of the call.
	pub(crate) fn check_report(report: &ProbeReport<DeviceId>) -> Result<Probing<T::AccountId>, Error<T>> {
		let probing = Probes::<T>::get();
		ensure!(
			report.era == probing.era && report.errand < ERRANDS,
			Error::<T>::NotAProber
		);
		let prober = probing.probers.iter().find(|prober| prober.device == report.prober);
		let prober = prober.ok_or(Error::<T>::NotAProber)?;
		ensure!(prober.reported & bit(report.errand) == 0, Error::<T>::NotAProber);
		let target = ProbeReport::<DeviceId>::target(&report.pre_output, report.errand, probing.devices);
		ensure!(Listed::<T>::get(target) == Some(report.device), Error::<T>::WrongTarget);
		let offer = Offers::<T>::get(report.device).ok_or(Error::<T>::WrongTarget)?;
		// Nobody judges its own.
		ensure!(offer.owner != prober.owner, Error::<T>::NotYours);
		let deal = Deals::<T>::get(report.at.deal).ok_or(Error::<T>::NotHeld)?;
		let holding = deal.slot(report.at.slot)?.holding.as_ref();
		ensure!(
			holding.is_some_and(|holding| holding.device == report.device),
			Error::<T>::NotHeld
		);
		let key = Self::key_of(&report.prober)?;
		let verified = report.verify(&key, &Self::genesis(), &probing.challenge);
		verified.map_err(|_| Error::<T>::BadSignature)?;
		if let Some(served) = &report.served {
			let whole = u32::try_from(deal.geometry().slot_len()).unwrap_or(u32::MAX);
			let receipt = Receipt {
				prober: report.prober,
				device: report.device,
				at: report.at,
				era: report.era,
				bytes: PROBE_BYTES.min(whole),
			};
			let (payload, key) = (receipt.payload(&Self::genesis()), Self::key_of(&report.device)?);
			ensure!(served.receipt.verify(&payload[..], &key), Error::<T>::BadSignature);
		}
		Ok(probing)
	}

	/// The lottery key of a device.
	///
	/// # Errors
	/// `UnknownDevice`.
	pub(crate) fn key_of(device: &DeviceId) -> Result<sr25519::Public, Error<T>> {
		let known = T::Devices::device(device).ok_or(Error::<T>::UnknownDevice)?;
		Ok(known.lottery)
	}

	pub(crate) fn do_report_probe(report: &ProbeReport<DeviceId>) -> DispatchResult {
		let probing = Self::check_report(report)?;
		Self::count_report(report, probing);
		Ok(())
	}

	/// Counts a report that was looked at.
	pub(crate) fn count_report(report: &ProbeReport<DeviceId>, mut probing: Probing<T::AccountId>) {
		let by = report.prober;
		for prober in probing.probers.iter_mut().filter(|prober| prober.device == by) {
			prober.reported |= bit(report.errand);
		}
		Probes::<T>::put(probing);
		let score = Reports::<T>::mutate(report.device, |reports| {
			reports.report(by, report.score());
			reports.score()
		});
		if let Some(score) = score {
			Self::set_score(&report.device, score);
		}
		if report.served.is_some() {
			T::Earnings::probe_answered(&report.device);
		}
		Self::deposit_event(Event::Probed(by, report.device, report.score(), score));
	}

	/// A device has this score from now on, for draws, for pay, and for its uplink.
	fn set_score(device: &DeviceId, score: Perbill) {
		let group = Offers::<T>::mutate(device, |offer| {
			offer.as_mut().and_then(|offer| {
				offer.score = score;
				offer.group
			})
		});
		Self::take_score(device);
		// Whoever gives nothing shares no uplink: it may be in another's network by its own word alone.
		if score.is_zero() {
			return;
		}
		Scored::<T>::insert(device, (score, group));
		Self::change_uplink(group, 1, 0, parts(score), 0);
	}

	/// Nothing is known of a device any more.
	pub(crate) fn forget_score(device: &DeviceId) {
		Reports::<T>::remove(device);
		Self::take_score(device);
	}

	fn take_score(device: &DeviceId) {
		if let Some((score, group)) = Scored::<T>::take(device) {
			Self::change_uplink(group, 0, 1, 0, parts(score));
		}
	}

	fn change_uplink(group: Option<NetworkGroup>, come: u32, gone: u32, more: u64, less: u64) {
		let mut uplink = Uplinks::<T>::get(group);
		let before = uplink.credit();
		uplink.devices = uplink.devices.saturating_add(come).saturating_sub(gone);
		uplink.sum = uplink.sum.saturating_add(more).saturating_sub(less);
		let after = uplink.credit();
		if uplink.devices == 0 {
			Uplinks::<T>::remove(group);
		} else {
			Uplinks::<T>::insert(group, uplink);
		}
		AllUplinks::<T>::mutate(|all| *all = all.saturating_sub(before.into()).saturating_add(after.into()));
	}
}

/// That of an errand. There are no more of them than bits.
fn bit(errand: u8) -> u8 {
	1_u8.checked_shl(errand.into()).unwrap_or(0)
}

/// Devices behind one uplink share what they have shown: each has its score, divided by how many they are. It does not
/// decay: who is not probed any more keeps its last score until its offer is gone.
impl<T: Config> Bandwidth for Pallet<T> {
	fn of(device: &DeviceId) -> u64 {
		let Some((score, group)) = Scored::<T>::get(device) else {
			return 0;
		};
		let devices = Uplinks::<T>::get(group).devices;
		parts(score).checked_div(devices.into()).unwrap_or(0)
	}

	fn total() -> u128 {
		AllUplinks::<T>::get()
	}
}
