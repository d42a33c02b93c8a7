//! What the device stores for others, in Prometheus' text format.

use super::metrics::Text;
use crate::status::{Decimal, Storage};

/// The metrics of the storage market. Labels are states of slots and reasons of misses: words of this program.
pub(super) fn storage(text: &mut Text, storage: &Storage) {
	gauges(text, storage);
	counters(text, storage);
	text.one(
		"smart_agent_storage_slots",
		"gauge",
		"Slots, by how far they are.",
		|row| {
			for state in &storage.states {
				row(&[("state", &state.name)], &state.count);
			}
		},
	);
	text.one(
		"smart_agent_storage_missed_total",
		"counter",
		"Challenges that were missed since the start, by reason.",
		|row| {
			for missed in &storage.missed {
				row(&[("reason", &missed.name)], &missed.count);
			}
		},
	);
	seconds(text, storage);
}

fn gauges(text: &mut Text, storage: &Storage) {
	let rotten = storage
		.slots
		.iter()
		.fold(0_u64, |sum, slot| sum.saturating_add(slot.rotten));
	let figures: [(&str, &str, u128); 8] = [
		(
			"smart_agent_storage_offered_bytes",
			"Bytes that are offered.",
			storage.offered_bytes.into(),
		),
		(
			"smart_agent_storage_used_bytes",
			"Bytes that slots take.",
			storage.used_bytes.into(),
		),
		(
			"smart_agent_storage_tickets",
			"Tickets: without one the device gets no new slot.",
			storage.tickets.into(),
		),
		(
			"smart_agent_storage_challenges_open",
			"Challenges that are open and not answered.",
			storage.open.into(),
		),
		(
			"smart_agent_storage_rotten_groups",
			"Groups of 16 KiB that are to be mended, of the slots that the status lists.",
			rotten.into(),
		),
		(
			"smart_agent_storage_claimable_planck",
			"What slots have earned and nobody has claimed.",
			storage.claimable,
		),
		(
			"smart_agent_storage_vouchers_planck",
			"What vouchers still bring.",
			storage.vouchers,
		),
		(
			"smart_agent_storage_ask_planck",
			"What is asked for a GiB and era.",
			storage.ask,
		),
	];
	for (name, help, value) in figures {
		text.value(name, "gauge", help, &value);
	}
	if let Some(free) = storage.free_bytes {
		let help = "Bytes that the disk of the slots has free.";
		text.value("smart_agent_storage_free_bytes", "gauge", help, &free);
	}
	if let Some(oldest) = storage.scrubbed_oldest {
		let help = "When the slot that was read as a whole longest ago was, in Unix time; 0 if one never was.";
		text.value("smart_agent_storage_scrubbed_time_seconds", "gauge", help, &oldest);
	}
}

fn counters(text: &mut Text, storage: &Storage) {
	let figures: [(&str, &str, u64); 11] = [
		(
			"smart_agent_storage_answered_total",
			"Challenges that were answered in a block since the start.",
			storage.answered,
		),
		(
			"smart_agent_storage_confirmed_total",
			"Slots that were confirmed since the start.",
			storage.confirmed,
		),
		(
			"smart_agent_storage_unconfirmed_total",
			"Slots that were not confirmed in time since the start.",
			storage.unconfirmed,
		),
		(
			"smart_agent_storage_repaired_total",
			"Slots that were built from others since the start.",
			storage.repaired,
		),
		(
			"smart_agent_storage_rotten_total",
			"Groups of 16 KiB that were found rotten since the start.",
			storage.rotten,
		),
		(
			"smart_agent_storage_mended_total",
			"Groups that were mended since the start.",
			storage.mended,
		),
		(
			"smart_agent_storage_scrubbed_total",
			"Slots that were read as a whole since the start.",
			storage.scrubbed,
		),
		(
			"smart_agent_storage_sent_bytes_total",
			"Bytes of slots that were sent since the start.",
			storage.sent_bytes,
		),
		(
			"smart_agent_storage_received_bytes_total",
			"Bytes of slots that came and counted since the start.",
			storage.received_bytes,
		),
		(
			"smart_agent_storage_requests_total",
			"Requests with a good claim since the start.",
			storage.requests,
		),
		(
			"smart_agent_storage_refused_total",
			"Requests that were refused since the start.",
			storage.refused,
		),
	];
	for (name, help, value) in figures {
		text.value(name, "counter", help, &value);
	}
}

fn seconds(text: &mut Text, storage: &Storage) {
	if let Some(millis) = storage.answer_millis {
		let help = "How long the last answer took from being seen to being in a block.";
		text.value(
			"smart_agent_storage_answer_seconds",
			"gauge",
			help,
			&Decimal::from_thousandths(millis),
		);
	}
	let figures = [
		(
			"smart_agent_storage_answer_seconds_total",
			"How long all answers took together since the start.",
			storage.answer_millis_total,
		),
		(
			"smart_agent_storage_repair_seconds_total",
			"How long slots were built from others since the start.",
			storage.repair_millis,
		),
	];
	for (name, help, millis) in figures {
		text.value(name, "counter", help, &Decimal::from_thousandths(millis));
	}
}
