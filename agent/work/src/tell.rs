//! What status, page and metrics show of jobs.

use crate::{chain::node::WorkerView, LOG_TARGET};
use compute_market_primitives::JobClaim;
use smart_agent_page::status::{Count, Problem, Severity, StatusHandle, Work, WorkUnit, MAX_UNITS};
use smart_agent_tasks::{Missed, Status, TaskState, REASONS};
use smartchain_share::Counts;
use std::{collections::BTreeMap, net::SocketAddr};

/// For so many looks a miss stays a problem: an hour.
const MISSED_FOR: u32 = 1_800;

/// Tells the status.
pub(crate) struct Teller {
	handle: StatusHandle,
	slot_ms: u64,
	address: SocketAddr,
	/// What the chain says of the worker, as the status has it.
	offer: Work,
	/// Looks since the last miss.
	missed: Option<u32>,
	/// Children that were ended or failed, by what.
	ended: BTreeMap<&'static str, u64>,
}

impl Teller {
	pub fn new(handle: StatusHandle, slot_ms: u64, address: SocketAddr) -> Self {
		Self {
			handle,
			slot_ms,
			address,
			offer: Work::default(),
			missed: None,
			ended: BTreeMap::new(),
		}
	}

	fn problem(&self, code: &str, severity: Severity, told: Option<(String, &str)>) {
		match told {
			Some((what, remedy)) => self.handle.problem(Problem::new(severity, code, what, remedy)),
			None => self.handle.solved(code),
		}
	}

	/// The node did not answer, or did.
	pub fn silent(&self, why: Option<String>) {
		let told = why.map(|why| {
			let what = format!("units are not seen, for the node does not answer: {why}");
			(what, "look at the node's log, and whether it is in sync")
		});
		self.problem("work-node", Severity::Error, told);
	}

	/// The journal could not be written anew, or was.
	pub fn journal(&self, failed: Option<String>) {
		let told = failed.map(|why| {
			let what = format!("the journal of units cannot be written: {why}");
			(what, "see to the disk that the data folder is on")
		});
		self.problem("work-journal", Severity::Error, told);
	}

	/// What the chain says is offered.
	pub fn worker(&mut self, worker: Option<&WorkerView>) {
		let Some(worker) = worker else {
			self.offer = Work::default();
			return;
		};
		(self.offer.ask, self.offer.stake) = (worker.offer.ask.0, worker.stake);
		(self.offer.slots, self.offer.tickets) = (worker.offer.slots.into(), worker.tickets);
		(self.offer.rate, self.offer.right) = (worker.rate, worker.reliability.right);
		(self.offer.wrong, self.offer.late) = (worker.reliability.wrong, worker.reliability.late);
		// In thousandths.
		self.offer.error = worker.reliability.error.deconstruct() / 1_000_000;
	}

	/// What was earned and not claimed.
	pub fn earned(&mut self, earned: &[JobClaim]) {
		let sum = |of: fn(&JobClaim) -> u128| earned.iter().map(of).fold(0_u128, u128::saturating_add);
		(self.offer.claimable, self.offer.later) = (sum(|claim| claim.now), sum(|claim| claim.later));
	}

	/// A child was ended, or failed.
	pub fn ended(&mut self, by: Option<&'static str>) {
		if let Some(by) = by {
			let count = self.ended.entry(by).or_default();
			*count = count.saturating_add(1);
		}
	}

	/// A unit was missed.
	pub fn missed(&mut self, missed: &Missed) {
		self.missed = Some(0);
		let what = match missed.reveal {
			true => format!(
				"unit {} was not revealed in time, which costs a part of the stake",
				missed.key
			),
			false => format!("unit {} was not done in time", missed.key),
		};
		let why = missed.why.to_string();
		// Causes are told as `cause; what to do`.
		let (cause, remedy) = why
			.split_once("; ")
			.unwrap_or((why.as_str(), "look at this program's log"));
		self.problem(
			"work-missed",
			Severity::Warning,
			Some((format!("{what}: {cause}"), remedy)),
		);
	}

	/// How all stands.
	pub fn tell(&mut self, status: &Status, counts: &Counts) {
		self.missed = self
			.missed
			.map(|looks| looks.saturating_add(1))
			.filter(|looks| *looks < MISSED_FOR);
		if self.missed.is_none() {
			self.handle.solved("work-missed");
		}
		let told = status.unable.then(|| {
			let what = "this machine cannot confine units, and hands all of them back".to_owned();
			(
				what,
				"`smart-agent doctor` says what is missing; Linux 5.13 or newer is needed",
			)
		});
		if status.unable {
			tracing::debug!(target: LOG_TARGET, "This machine cannot confine units");
		}
		self.problem("work-unable", Severity::Error, told);
		let mut part = part(status, &self.offer, self.slot_ms);
		part.listen = self.address.to_string();
		part.ended = self
			.ended
			.iter()
			.map(|(name, count)| Count {
				name: (*name).into(),
				count: *count,
			})
			.collect();
		(part.sent_bytes, part.requests, part.refused) = (counts.sent, counts.requests, counts.refused);
		self.handle.beside(|shown| shown.work = Some(part));
	}
}

/// What the machine says, as the status has it, beside what is offered.
fn part(status: &Status, offer: &Work, slot_ms: u64) -> Work {
	let stats = &status.stats;
	let states = TaskState::ALL.map(|state| Count {
		name: state.name().into(),
		count: count(status.tasks.iter().filter(|task| task.state == state).count()),
	});
	let missed = REASONS.iter().zip(stats.missed).map(|(name, count)| Count {
		name: (*name).into(),
		count,
	});
	let units = status.tasks.iter().filter(|task| task.state != TaskState::Ended);
	let units = units.take(MAX_UNITS).map(|task| WorkUnit {
		job: task.key.job,
		unit: task.key.unit,
		state: task.state.name().into(),
		until: task.until,
		why: task.why.map(|why| why.to_string()).unwrap_or_default(),
	});
	Work {
		tick: status.tick,
		idle: status.idle,
		running: count(status.running),
		states: states.to_vec(),
		missed: missed.collect(),
		ran: stats.ran,
		fuel: stats.fuel,
		run_millis: stats.run_ms,
		faults: stats.faults,
		committed: stats.committed,
		commit_millis_total: stats.commit_ticks.saturating_mul(slot_ms),
		revealed: stats.revealed,
		declined: stats.declined,
		reported: stats.reported,
		outputs: count(status.outputs),
		units: units.collect(),
		..offer.clone()
	}
}

fn count(number: usize) -> u64 {
	u64::try_from(number).unwrap_or(u64::MAX)
}
