//! What status, page and metrics show of the market.

use crate::{node::OfferView, LOG_TARGET};
use smart_agent_market::{Missed, SlotState, Status, REASONS};
use smart_agent_page::status::{Count, Problem, Severity, StatusHandle, Storage, StoredSlot, MAX_STORED};
use smart_agent_slots::{StoreError, Usage};
use smart_agent_terminal::counted;
use smartchain_transfer::server::Counts;
use std::net::SocketAddr;

/// For so many looks a miss stays a problem: an hour.
const MISSED_FOR: u32 = 1_800;

/// Tells the status.
pub(crate) struct Teller {
	handle: StatusHandle,
	slot_ms: u64,
	address: SocketAddr,
	counts: Box<dyn Fn() -> Counts + Send + Sync>,
	offer: Option<(u128, u64, u32)>,
	/// Looks since the last miss.
	missed: Option<u32>,
	usage: Option<Usage>,
}

impl Teller {
	pub fn new(
		handle: StatusHandle,
		slot_ms: u64,
		address: SocketAddr,
		counts: Box<dyn Fn() -> Counts + Send + Sync>,
	) -> Self {
		Self {
			handle,
			slot_ms,
			address,
			counts,
			offer: None,
			missed: None,
			usage: None,
		}
	}

	fn problem(&self, code: &str, severity: Severity, told: Option<(String, &str)>) {
		match told {
			Some((what, remedy)) => self.handle.problem(Problem::new(severity, code, what, remedy)),
			None => self.handle.solved(code),
		}
	}

	/// Slots whose meta cannot be read.
	pub fn damaged(&self, damaged: &[String]) {
		let told = damaged.first().map(|first| {
			let slots = counted(damaged.len() as u64, "slot");
			let what = format!("{slots} on the disk cannot be read, such as {first}");
			(
				what,
				"look at the disk; move what is damaged away, and it is built anew from others",
			)
		});
		self.problem("storage-damaged", Severity::Error, told);
	}

	/// The node did not answer, or did.
	pub fn silent(&self, why: Option<String>) {
		let told = why.map(|why| {
			let what = format!("challenges are not seen, for the node does not answer: {why}");
			(what, "look at the node's log, and whether it is in sync")
		});
		self.problem("storage-node", Severity::Error, told);
	}

	/// This machine's clock is ahead, or is right again.
	pub fn clock(&self, ahead: bool) {
		let told = ahead.then(|| {
			let what = "blocks come as time passes, and are older than ten minutes by this machine's clock".to_owned();
			(what, "set the clock, and have it kept by a time service")
		});
		self.problem("storage-clock", Severity::Warning, told);
	}

	/// The journal could not be written anew, or was.
	pub fn journal(&self, failed: Option<String>) {
		let told = failed.map(|why| {
			let what = format!("the journal of deeds cannot be written: {why}");
			(what, "see to the disk that the data folder is on")
		});
		self.problem("storage-journal", Severity::Error, told);
	}

	/// What the chain says is offered.
	pub fn offer(&mut self, offer: Option<&OfferView>) {
		self.offer = offer.map(|offer| (offer.ask.0, offer.capacity, offer.tickets));
	}

	/// A challenge was missed, or a slot not confirmed.
	pub fn missed(&mut self, missed: &Missed) {
		self.missed = Some(0);
		let what = match missed.challenge {
			true => format!("a challenge of slot {} was missed", missed.key),
			false => format!("slot {} was not confirmed in time", missed.key),
		};
		let why = missed.why.to_string();
		// Causes are told as `cause; what to do`.
		let (cause, remedy) = why
			.split_once("; ")
			.unwrap_or((why.as_str(), "look at this program's log"));
		self.problem(
			"storage-missed",
			Severity::Warning,
			Some((format!("{what}: {cause}"), remedy)),
		);
	}

	/// What slots take of the disk.
	pub fn disk(&mut self, usage: Result<Usage, StoreError>) {
		if let Err(error) = &usage {
			tracing::warn!(target: LOG_TARGET, "{error}");
		}
		self.usage = usage.ok();
	}

	/// How all stands.
	pub fn tell(&mut self, status: &Status) {
		self.missed = self
			.missed
			.map(|looks| looks.saturating_add(1))
			.filter(|looks| *looks < MISSED_FOR);
		if self.missed.is_none() {
			self.handle.solved("storage-missed");
		}
		let lost = status
			.slots
			.iter()
			.filter(|slot| slot.state == SlotState::Missing)
			.count();
		let told = (lost > 0).then(|| {
			let what = format!(
				"missing on the disk: {} that the device holds",
				counted(lost as u64, "slot")
			);
			(
				what,
				"see whether the disk is mounted and sound; they are built anew from others meanwhile",
			)
		});
		self.problem("storage-lost", Severity::Error, told);
		let mut part = part(status, self.slot_ms);
		part.listen = self.address.to_string();
		if let Some((ask, offered, tickets)) = self.offer {
			(part.ask, part.offered_bytes, part.tickets) = (ask, offered, tickets);
		}
		if let Some(usage) = self.usage {
			(part.used_bytes, part.free_bytes) = (usage.slots, Some(usage.free));
		}
		let counts = (self.counts)();
		(part.sent_bytes, part.received_bytes) = (counts.sent, counts.received);
		(part.requests, part.refused) = (counts.requests, counts.refused);
		self.handle.beside(|shown| shown.storage = Some(part));
	}
}

/// What the machine says, as the status has it.
///
/// - `slot_ms`: how long a tick takes, in milliseconds.
fn part(status: &Status, slot_ms: u64) -> Storage {
	let stats = &status.stats;
	let states = SlotState::ALL.map(|state| Count {
		name: state.name().into(),
		count: count(status.slots.iter().filter(|slot| slot.state == state).count()),
	});
	let missed = REASONS.iter().zip(stats.missed).map(|(name, count)| Count {
		name: (*name).into(),
		count,
	});
	let held = status
		.slots
		.iter()
		.filter(|slot| matches!(slot.state, SlotState::Held | SlotState::Suspect | SlotState::Leaving));
	let oldest = held.map(|slot| slot.scrubbed.unwrap_or(0)).min();
	let slots = status.slots.iter().take(MAX_STORED).map(|slot| StoredSlot {
		deal: slot.key.deal,
		slot: slot.key.slot,
		state: slot.state.name().into(),
		bytes: slot.bytes,
		durable: slot.durable,
		rotten: count(slot.rotten),
		accrued: slot.accrued,
		scrubbed: slot.scrubbed.filter(|at| *at > 0),
		why: slot.why.map(|why| why.to_string()).unwrap_or_default(),
	});
	Storage {
		tick: status.tick,
		states: states.to_vec(),
		slots: slots.collect(),
		open: count(status.open),
		answered: stats.answered,
		missed: missed.collect(),
		answer_millis: stats.last_answer.map(|ticks| u64::from(ticks).saturating_mul(slot_ms)),
		answer_millis_total: stats.answer_ticks.saturating_mul(slot_ms),
		confirmed: stats.confirmed,
		unconfirmed: stats.unconfirmed,
		repaired: stats.repaired,
		repair_millis: stats.repair_ms,
		rotten: stats.rotten,
		mended: stats.mended,
		scrubbed: stats.scrubbed,
		scrubbed_oldest: oldest,
		claimable: status
			.slots
			.iter()
			.fold(0, |sum, slot| sum.saturating_add(slot.accrued)),
		vouchers: status.unpaid,
		..Storage::default()
	}
}

fn count(number: usize) -> u64 {
	u64::try_from(number).unwrap_or(u64::MAX)
}
