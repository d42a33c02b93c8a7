//! What people are shown of a worker. Pure.

use crate::{
	chain::node::WorkerView,
	words::{ask_words, fuel_words},
};
use compute_market_primitives::{EngineId, JobClaim, Task, What, MFUEL};
use serde::Serialize;
use smart_agent_terminal::{columns, money::Currency};
use smartchain_transfer::client::address;

/// A unit that the device has, for `--json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownUnit {
	/// The job.
	pub job: u64,
	/// Its unit.
	pub unit: u32,
	/// What the chain wants: `run`, `wait`, `reveal`, `probe`.
	pub wanted: &'static str,
	/// The last tick at which that counts.
	pub until: Option<u32>,
}

/// What a device offers and has shown, for `--json`. Amounts are in planck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
	/// Whether it offers anything.
	pub offered: bool,
	/// For a Gfuel.
	pub ask: String,
	/// Units at a time.
	pub slots: u16,
	/// Its engines.
	pub engines: Vec<EngineId>,
	/// Pages of 64 KiB of a unit's memory.
	pub memory_pages: u32,
	/// What it may lose.
	pub stake: String,
	/// What of it leaves, and the tick at which it has left.
	pub leaving: Option<(String, u32)>,
	/// Mfuel a tick that it has proven.
	pub rate: u32,
	/// Tickets, by which it is drawn.
	pub tickets: u32,
	/// Right, wrong and late units.
	pub right: u32,
	/// See above.
	pub wrong: u32,
	/// See above.
	pub late: u32,
	/// In thousandths.
	pub error: u32,
	/// What was earned and not claimed,
	pub claimable: String,
	/// and what waits until outputs were handed over.
	pub later: String,
	/// Where it is reached.
	pub addresses: Vec<String>,
	/// Units that it has.
	pub units: Vec<ShownUnit>,
}

impl Shown {
	/// Of what the chain says.
	pub fn of(worker: Option<&WorkerView>, tasks: &[Task], earned: &[JobClaim]) -> Self {
		let sum = |of: fn(&JobClaim) -> u128| earned.iter().map(of).fold(0_u128, u128::saturating_add);
		let beside = Self {
			ask: "0".into(),
			stake: "0".into(),
			claimable: sum(|claim| claim.now).to_string(),
			later: sum(|claim| claim.later).to_string(),
			units: tasks.iter().map(unit).collect(),
			..Self::default()
		};
		let Some(worker) = worker else {
			return beside;
		};
		Self {
			offered: worker.tickets > 0,
			ask: worker.offer.ask.0.to_string(),
			slots: worker.offer.slots,
			engines: worker.offer.engines.to_vec(),
			memory_pages: worker.offer.memory_pages,
			stake: worker.stake.to_string(),
			leaving: worker.leaving.map(|(amount, tick)| (amount.to_string(), tick)),
			rate: worker.rate,
			tickets: worker.tickets,
			right: worker.reliability.right,
			wrong: worker.reliability.wrong,
			late: worker.reliability.late,
			error: worker.reliability.error.deconstruct() / 1_000_000,
			addresses: worker.reach.endpoints.iter().filter_map(address).collect(),
			..beside
		}
	}

	/// For people.
	pub fn text(&self, currency: &Currency) -> String {
		let money = |planck: &str| {
			planck
				.parse()
				.map_or_else(|_| planck.to_owned(), |planck| currency.show(planck))
		};
		if self.slots == 0 {
			let how = "smart-agent work set --ask 0.02/Gfuel --slots 2 --stake 50";
			return format!("This device computes nothing; `{how}` offers it.");
		}
		let leaving = match &self.leaving {
			Some((amount, tick)) => format!(", of which {} leave at tick {tick}", money(amount)),
			None => String::new(),
		};
		let rate = u64::from(self.rate).saturating_mul(MFUEL);
		let ask = self.ask.parse().map_or_else(
			|_| self.ask.clone(),
			|planck| ask_words(compute_market_primitives::Price(planck), currency),
		);
		let units: Vec<String> = self
			.units
			.iter()
			.map(|unit| format!("{}/{} {}", unit.job, unit.unit, unit.wanted))
			.collect();
		columns(&[
			("asks", ask),
			("units at a time", self.slots.to_string()),
			(
				"memory of each",
				smart_agent_terminal::bytes(u64::from(self.memory_pages) << 16),
			),
			("stake", format!("{}{leaving}", money(&self.stake))),
			("speed", format!("{} a tick, as it is proven", fuel_words(rate))),
			("tickets", self.tickets.to_string()),
			(
				"units so far",
				format!(
					"{} right, {} wrong, {} late; error {}.{} %",
					self.right,
					self.wrong,
					self.late,
					self.error / 10,
					self.error % 10
				),
			),
			("to be claimed", money(&self.claimable)),
			("later", money(&self.later)),
			(
				"reached at",
				match self.addresses.is_empty() {
					true => "nowhere: see `smart-agent device endpoints set`".into(),
					false => self.addresses.join(", "),
				},
			),
			(
				"has",
				match units.is_empty() {
					true => "no units".into(),
					false => units.join(", "),
				},
			),
		])
	}
}

fn unit(task: &Task) -> ShownUnit {
	let (wanted, until) = match task.what {
		What::Run { due } => ("run", Some(due)),
		What::Wait => ("wait", None),
		What::Reveal { until } => ("reveal", Some(until)),
		What::Fetch { due, .. } => ("probe", Some(due)),
	};
	ShownUnit {
		job: task.job,
		unit: task.at.unit,
		wanted,
		until,
	}
}

/// Mfuel a tick of a ticket, and the most tickets of a device.
const RATE_A_TICKET: u32 = 1_000;
const MOST_TICKETS: u32 = 32;

/// What is missing for an offer to bring something.
pub fn hints(worker: Option<&WorkerView>, port: u16) -> Vec<String> {
	let Some(worker) = worker else {
		return Vec::new();
	};
	let mut hints = Vec::new();
	if worker.tickets == 0 {
		hints.push(
			"The device has no ticket, and is drawn for no job: speed counts as far as the lottery of compute proves \
			 it. `smart-agent init --segments COUNT` enters it"
				.into(),
		);
	}
	if worker.tickets > 0 && worker.tickets < worker.rate.div_ceil(RATE_A_TICKET).min(MOST_TICKETS) {
		hints.push(
			"The chain has seen more of its speed since it offered: `smart-agent work set` again brings tickets".into(),
		);
	}
	if worker.stake == 0 {
		hints.push(
			"Nothing is at stake, and each job wants 200 times its pay for a unit: `smart-agent work stake 50`".into(),
		);
	}
	if !worker
		.reach
		.endpoints
		.iter()
		.any(|endpoint| address(endpoint).is_some())
	{
		hints.push(format!(
			"Nobody knows where to fetch outputs: tell the chain by `smart-agent device endpoints set tcp://HOST:{port}`"
		));
	}
	hints
}

#[cfg(test)]
mod tests {
	use super::*;
	use compute_market_primitives::Assignment;

	#[test]
	fn who_offers_nothing_is_told_how() {
		let currency = Currency::new("STCI", 12);
		let task = Task {
			job: 17,
			at: Assignment { unit: 3, since: 5 },
			place: 0,
			what: What::Reveal { until: 9 },
		};
		let claim = JobClaim {
			job: 17,
			now: 5,
			later: 2,
		};
		let nothing = Shown::of(None, &[task], &[claim]);
		assert!(nothing.text(&currency).contains("work set"));
		assert_eq!((nothing.claimable.as_str(), nothing.later.as_str()), ("5", "2"));
		assert_eq!((nothing.units[0].wanted, nothing.units[0].until), ("reveal", Some(9)));
		let some = Shown {
			slots: 2,
			ask: "20000000000".into(),
			memory_pages: 16_384,
			..nothing
		};
		let text = some.text(&currency);
		for part in ["0.02 STCI for a Gfuel", "1.0 GiB", "17/3 reveal", "nowhere"] {
			assert!(text.contains(part), "{part}: {text}");
		}
	}
}
