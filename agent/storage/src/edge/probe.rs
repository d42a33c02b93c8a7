//! Looks at other devices, in eras for which this one was drawn: how fast they give out what they hold. What it reports
//! makes their score.

use crate::{calls::ProbesView, input::Input, node::MarketNode, rebuild::identity, LOG_TARGET};
use codec::{Decode, Encode};
use device_primitives::{DeviceId, DeviceSignature};
use smart_agent_chain::{AccountId, ChainError, Hash, Refusal};
use smart_agent_market::Report;
use smartchain_transfer::{
	client::{address, Holder, Identity, Patience, Remote},
	wire::{SlotId, GROUP},
};
use sp_core::{crypto::VrfSecret, sr25519};
use std::{
	collections::BTreeMap,
	fmt::Display,
	sync::Arc,
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use storage_market_primitives::{ProbeReport, Served, SlotId as At, SlotOfDevice, Standing, ERRANDS, PROBE_BYTES};
use tokio::{
	sync::mpsc,
	task::spawn_blocking,
	time::{sleep, timeout},
};

/// How long all of a look may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a device is asked that gives nothing, before that is reported.
const TRIES: u8 = 3;

/// Looks at others for as long as it is polled. What was found before this program began is handed in as well, and what
/// is found is told, to be kept.
pub(super) async fn probe(
	node: Arc<dyn MarketNode>,
	device: DeviceId,
	key: sr25519::Pair,
	every: Duration,
	(kept, told): (Vec<Report>, mpsc::Sender<Input>),
) {
	// How fast a device is shows the first time: who is asked again is another one's word.
	let patience = Patience {
		tries: 1,
		..Patience::default()
	};
	let mut prober = Prober {
		identity: Arc::new(identity(node.genesis(), key.clone(), patience)),
		node,
		device,
		key,
		era: kept.first().map_or(0, |report| report.era),
		tried: BTreeMap::new(),
		reports: kept.iter().filter_map(read).collect(),
		told,
	};
	loop {
		sleep(every).await;
		match timeout(PATIENCE, prober.look()).await {
			Ok(Ok(())) => (),
			Ok(Err(why)) => tracing::debug!(target: LOG_TARGET, "Nothing is probed now: {why}"),
			Err(_) => tracing::debug!(target: LOG_TARGET, "A probe took too long"),
		}
	}
}

struct Prober {
	node: Arc<dyn MarketNode>,
	device: DeviceId,
	key: sr25519::Pair,
	identity: Arc<Identity>,
	era: u32,
	/// How often each errand of the era was run,
	tried: BTreeMap<u8, u8>,
	/// and what came of it: handed in until the chain has it.
	reports: BTreeMap<u8, ProbeReport<DeviceId>>,
	told: mpsc::Sender<Input>,
}

/// A report as it was kept; none if it cannot be read, which does not happen.
fn read(kept: &Report) -> Option<(u8, ProbeReport<DeviceId>)> {
	let report = ProbeReport::decode(&mut &kept.bytes[..]).ok()?;
	Some((kept.errand, report))
}

fn said(error: impl Display) -> String {
	error.to_string()
}

impl Prober {
	async fn look(&mut self) -> Result<(), String> {
		let best = self.node.best().await.map_err(said)?;
		let probes = self.node.probes(best).await.map_err(said)?;
		let mine = probes.probers.iter().find(|(prober, ..)| *prober == self.device);
		let Some((_, owner, reported)) = mine else {
			return Ok(());
		};
		if probes.era != self.era {
			self.era = probes.era;
			self.tried.clear();
			self.reports.clear();
		}
		let vrf = self.key.vrf_sign(&ProbeReport::<DeviceId>::input(&probes.challenge));
		let drawn = vrf.pre_output.0.to_bytes();
		for errand in 0..ERRANDS {
			if (reported >> errand) & 1 == 1 {
				continue;
			}
			if !self.reports.contains_key(&errand) {
				let number = ProbeReport::<DeviceId>::target(&drawn, errand, probes.devices);
				// What cannot be done for one errand holds up no other.
				if let Err(why) = self.run(errand, number, owner, &probes, best).await {
					tracing::debug!(target: LOG_TARGET, "An errand came to nothing: {why}");
				}
			}
			if let Some(report) = self.reports.get(&errand).cloned() {
				// What was reported meanwhile is refused.
				if let Err(why) = self.hand_in(report, &probes).await {
					tracing::debug!(target: LOG_TARGET, "A report was not taken: {why}");
				}
			}
		}
		Ok(())
	}

	/// Hands in a report. One whose receipt is none of the device is one that got nothing, if it is so again and again:
	/// it may have signed for the era before.
	async fn hand_in(&mut self, report: ProbeReport<DeviceId>, probes: &ProbesView) -> Result<(), String> {
		let handed = self.node.report(&report).await;
		match handed {
			Err(ChainError::Rejected(Refusal::BadProof)) if report.served.is_some() => {
				if self.tried.get(&report.errand).is_none_or(|tried| *tried < TRIES) {
					self.reports.remove(&report.errand);
					return Ok(());
				}
				let nothing = self.sign(ProbeReport { served: None, ..report }, probes);
				self.keep(nothing).await;
				Ok(())
			}
			handed => handed.map_err(said),
		}
	}

	/// Keeps a report, also beyond this program.
	async fn keep(&mut self, report: ProbeReport<DeviceId>) {
		let kept = Report {
			era: report.era,
			errand: report.errand,
			bytes: report.encode(),
		};
		self.reports.insert(report.errand, report);
		// Whoever writes it is gone if telling fails: so is this in a moment.
		let _ = self.told.send(Input::Reported(kept)).await;
	}

	fn sign(&self, report: ProbeReport<DeviceId>, probes: &ProbesView) -> ProbeReport<DeviceId> {
		let vrf = self
			.key
			.vrf_sign(&report.bound(&self.node.genesis(), &probes.challenge));
		report.signed(&vrf)
	}

	/// Fetches something of a device, and keeps what is to be reported of it: nothing as long as it may be asked again.
	async fn run(
		&mut self,
		errand: u8,
		number: u32,
		owner: &AccountId,
		probes: &ProbesView,
		at: Hash,
	) -> Result<(), String> {
		let listed = self.node.listed(number, at).await.map_err(said)?;
		let Some(target) = listed.filter(|target| *target != self.device) else {
			return Ok(());
		};
		let tried = self.tried.entry(errand).or_default();
		*tried = tried.saturating_add(1);
		let is_last = *tried >= TRIES;
		let offered = self.node.offer(&target, at).await.map_err(said)?;
		// Nobody judges its own.
		if offered.is_none_or(|offered| offered.owner == *owner) {
			return Ok(());
		}
		let chance = chance();
		let slots = self.node.slots(&target, at).await.map_err(said)?;
		let Some(slot) = pick(&slots, chance) else {
			return Ok(());
		};
		let Some(holder) = self.holder(target, slot, at).await? else {
			return Ok(());
		};
		let (from, length) = range(slot.bytes, chance);
		let (identity, era) = (self.identity.clone(), probes.era);
		let probed = spawn_blocking(move || Remote::new(identity, holder).probe(from, length, era)).await;
		let served = match probed.map_err(said)? {
			Ok(probed) => match probed.receipt {
				Some((_, DeviceSignature::Sr25519(receipt))) => Some(Served {
					millis: u32::try_from(probed.took.as_millis()).unwrap_or(u32::MAX),
					receipt,
				}),
				_ => None,
			},
			Err(error) => {
				tracing::debug!(target: LOG_TARGET, "A device that is probed gave nothing: {error}");
				None
			}
		};
		if served.is_none() && !is_last {
			return Ok(());
		}
		let report = ProbeReport {
			era: probes.era,
			errand,
			prober: self.device,
			device: target,
			at: At::new(slot.deal, slot.slot),
			served,
			pre_output: [0; 32],
			proof: [0; 64],
		};
		let report = self.sign(report, probes);
		self.keep(report).await;
		Ok(())
	}

	/// Where a slot lies; none if nobody can say.
	async fn holder(&self, device: DeviceId, slot: &SlotOfDevice, at: Hash) -> Result<Option<Holder>, String> {
		let view = self.node.deal(slot.deal, at).await.map_err(said)?;
		let reach = view.and_then(|view| view.devices.into_iter().find(|reach| reach.device == device));
		let (Some(reach), Ok(number)) = (reach, u8::try_from(slot.slot)) else {
			return Ok(None);
		};
		Ok(Some(Holder {
			device,
			addresses: reach.endpoints.iter().filter_map(address).collect(),
			slot: SlotId {
				deal: slot.deal,
				slot: number,
			},
			length: slot.bytes,
			root: slot.root,
			// Probers read for nothing.
			price: 0,
		}))
	}
}

/// A number that nobody who is probed knows.
fn chance() -> u64 {
	let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	u64::from(now.subsec_nanos())
}

/// One of the slots that a device holds.
fn pick(slots: &[SlotOfDevice], chance: u64) -> Option<&SlotOfDevice> {
	let held = || {
		slots
			.iter()
			.filter(|slot| matches!(slot.standing, Standing::Held { .. }))
	};
	let count = u64::try_from(held().count()).ok()?;
	let at = chance.checked_rem(count)?;
	held().nth(usize::try_from(at).ok()?)
}

/// Which bytes of a slot are fetched: as many as count, from a group on.
fn range(bytes: u64, chance: u64) -> (u64, u32) {
	let length = u32::try_from(bytes).unwrap_or(u32::MAX).min(PROBE_BYTES);
	let places = bytes.saturating_sub(length.into()) / GROUP + 1;
	(chance % places * GROUP, length)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_fetched_lies_within_the_slot() {
		for bytes in [1, 1_000, GROUP, 262_144, 262_145, 1 << 20, (1 << 20) + 5, 64 << 30] {
			for chance in [0, 1, 77, 999_999_999] {
				let (from, length) = range(bytes, chance);
				assert!(
					from + u64::from(length) <= bytes && from % GROUP == 0,
					"{bytes} {chance}"
				);
				assert_eq!(u64::from(length), bytes.min(262_144));
			}
		}
	}

	#[test]
	fn only_what_is_held_is_fetched() {
		let slot = |deal, standing| SlotOfDevice {
			deal,
			slot: 0,
			bytes: 1,
			root: None,
			ends: 0,
			standing,
		};
		let drawn = Standing::Drawn {
			until: 1,
			attempt: 0,
			chunk: 0,
		};
		let held = Standing::Held {
			proven_to: 0,
			suspect: None,
			leaving: false,
			accrued: 0,
		};
		let slots = [slot(1, drawn), slot(2, held), slot(3, drawn), slot(4, held)];
		assert_eq!(pick(&slots, 0).map(|slot| slot.deal), Some(2));
		assert_eq!(pick(&slots, 7).map(|slot| slot.deal), Some(4));
		assert!(pick(&slots[..1], 0).is_none());
	}
}
