//! What the device computes for others, in Prometheus' text format.

use super::text::Text;
use crate::status::{Decimal, Work};

/// The metrics of the compute market. Labels are states of units, reasons of misses and ends of children: words of this
/// program.
pub(super) fn work(text: &mut Text, work: &Work) {
	gauges(text, work);
	counters(text, work);
	let families = [
		(
			"smart_agent_work_units",
			"gauge",
			"Units, by how far they are.",
			"state",
			&work.states,
		),
		(
			"smart_agent_work_missed_total",
			"counter",
			"Units that were missed since the start, by reason.",
			"reason",
			&work.missed,
		),
		(
			"smart_agent_work_ended_total",
			"counter",
			"Children that were ended or failed since the start, by what.",
			"by",
			&work.ended,
		),
	];
	for (name, kind, help, label, counts) in families {
		text.one(name, kind, help, |row| {
			for count in counts {
				row(&[(label, &count.name)], &count.count);
			}
		});
	}
	let figures = [
		(
			"smart_agent_work_run_seconds_total",
			"How long units were run since the start.",
			work.run_millis,
		),
		(
			"smart_agent_work_commit_seconds_total",
			"How long it took from being given units to commitments in a block, all together, since the start.",
			work.commit_millis_total,
		),
	];
	for (name, help, millis) in figures {
		text.value(name, "counter", help, &Decimal::from_thousandths(millis));
	}
}

fn gauges(text: &mut Text, work: &Work) {
	let figures: [(&str, &str, u128); 14] = [
		("smart_agent_work_ask_planck", "What is asked for a Gfuel.", work.ask),
		("smart_agent_work_stake_planck", "What the device may lose.", work.stake),
		(
			"smart_agent_work_slots",
			"Units that it offers to run at a time.",
			work.slots.into(),
		),
		(
			"smart_agent_work_running",
			"Units that are run now.",
			work.running.into(),
		),
		(
			"smart_agent_work_rate_mfuel",
			"Mfuel a tick that the device has proven.",
			work.rate.into(),
		),
		(
			"smart_agent_work_tickets",
			"Tickets: without one the device is drawn for no job.",
			work.tickets.into(),
		),
		(
			"smart_agent_work_right_units",
			"Units of which the device returned what was accepted, as the chain counts them.",
			work.right.into(),
		),
		(
			"smart_agent_work_wrong_units",
			"Units of which it returned something else: the first costs two pays, the second the stake.",
			work.wrong.into(),
		),
		(
			"smart_agent_work_late_units",
			"Units of which it returned nothing in time.",
			work.late.into(),
		),
		(
			"smart_agent_work_error_thousandths",
			"The device's error, in thousandths: below 50 it may work alone.",
			work.error.into(),
		),
		(
			"smart_agent_work_idle",
			"1 if units may be begun, 0 if somebody else needs the machine.",
			u128::from(work.idle),
		),
		(
			"smart_agent_work_outputs",
			"Outputs that are there for others.",
			work.outputs.into(),
		),
		(
			"smart_agent_work_claimable_planck",
			"What was earned and nobody has claimed.",
			work.claimable,
		),
		(
			"smart_agent_work_later_planck",
			"What was earned and waits until outputs were handed over.",
			work.later,
		),
	];
	for (name, help, value) in figures {
		text.value(name, "gauge", help, &value);
	}
}

fn counters(text: &mut Text, work: &Work) {
	let figures: [(&str, &str, u64); 10] = [
		(
			"smart_agent_work_ran_total",
			"Units that were run to an outcome since the start.",
			work.ran,
		),
		(
			"smart_agent_work_fuel_total",
			"Fuel that these burned since the start.",
			work.fuel,
		),
		(
			"smart_agent_work_faults_total",
			"Units that this machine could not run since the start.",
			work.faults,
		),
		(
			"smart_agent_work_committed_total",
			"Units whose commitment the chain has, since the start.",
			work.committed,
		),
		(
			"smart_agent_work_revealed_total",
			"Units that were revealed since the start.",
			work.revealed,
		),
		(
			"smart_agent_work_declined_total",
			"Units that were handed back since the start.",
			work.declined,
		),
		(
			"smart_agent_work_reported_total",
			"Disputed outputs that were reported since the start.",
			work.reported,
		),
		(
			"smart_agent_work_sent_bytes_total",
			"Bytes of outputs and programs that were sent since the start.",
			work.sent_bytes,
		),
		(
			"smart_agent_work_requests_total",
			"Requests that were answered since the start.",
			work.requests,
		),
		(
			"smart_agent_work_refused_total",
			"Requests that were refused since the start.",
			work.refused,
		),
	];
	for (name, help, value) in figures {
		text.value(name, "counter", help, &value);
	}
}
