#![doc = include_str!("../README.md")]

mod chain;
mod network;
mod plan;
mod regions;
mod report;
mod simulation;
#[cfg(test)]
mod tests;
mod wire;
#[cfg(test)]
mod wire_lengths;

use plan::Plan;
use report::Outcome;
use simulation::Simulation;
use smartchain_rng as rng;
use std::{
	io::{IsTerminal, Write},
	process::ExitCode,
	time::{Duration, Instant},
};

const HELP: &str = "\
Simulates finality with voters all over the world and prints Markdown tables.

Usage: scripts/bench world [OPTION...]

Without --voters: 21 voters, all connected, and 99 with 25 peers each; both with nobody down and with a third less one
down, and the 99 also with blocks passed on. With it: that many voters, the same way.

  --voters N       only networks of so many voters, 4 to 999
  --offline N      so many of them down [0 and a third less one]
  --peers N        peers of each node [25; all others where there are at most 26 voters]
  --relay N        to how many peers a node passes a pushed block on before it executes it [0 and all]
  --slots N        measured slots of half a second [600]
  --transfers N    transfers of each block [100]
  --uplink N       each node's uplink in Mbit/s [100]
  --slow-start     TCP's window begins with ten segments for every message
  --seed N         what everything random comes from [1]
  --quick          60 slots: less precise, and not every director has a turn
  -h, --help       this text

Examples:
  scripts/bench world
  scripts/bench world --quick --voters 99
  scripts/bench world --voters 99 --offline 0 --relay 8 --peers 50
";

/// What is asked for; none is the default.
#[derive(Default)]
struct Options {
	voters: Option<usize>,
	offline: Option<usize>,
	peers: Option<usize>,
	relay: Option<usize>,
	slots: Option<u64>,
	transfers: Option<u64>,
	uplink: Option<u64>,
	seed: Option<u64>,
	slow_start: bool,
	quick: bool,
}

impl Options {
	/// None where help is asked for.
	fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
		let mut options = Self::default();
		while let Some(argument) = arguments.next() {
			let mut number = |most: u64| {
				let value = arguments.next().and_then(|value| value.parse().ok());
				value
					.filter(|value| *value <= most)
					.ok_or(format!("{argument} takes a number up to {most}"))
			};
			match argument.as_str() {
				"-h" | "--help" => return Ok(None),
				"--voters" => options.voters = Some(number(999)? as usize),
				"--offline" => options.offline = Some(number(999)? as usize),
				"--peers" => options.peers = Some(number(999)? as usize),
				"--relay" => options.relay = Some(number(999)? as usize),
				"--slots" => options.slots = Some(number(1_000_000)?),
				"--transfers" => options.transfers = Some(number(10_000)?),
				"--uplink" => options.uplink = Some(number(8_000)?),
				"--seed" => options.seed = Some(number(u64::MAX)?),
				"--slow-start" => options.slow_start = true,
				"--quick" => options.quick = true,
				_ => return Err(format!("no such option: {argument}; see --help")),
			}
		}
		if options.voters.is_some_and(|voters| voters < 4) {
			return Err("fewer than 4 voters bear no fault: there is nothing to measure".into());
		}
		Ok(Some(options))
	}

	fn plans(&self) -> Result<Vec<Plan>, String> {
		let mut plans = Vec::new();
		for voters in self.voters.map_or(vec![21, 99], |voters| vec![voters]) {
			let mut plan = Plan::new(voters);
			plan.slots = self.slots.unwrap_or(if self.quick { 60 } else { plan.slots });
			plan.seed = self.seed.unwrap_or(plan.seed);
			plan.peers = self.peers.unwrap_or(plan.peers);
			plan.transfers = self.transfers.unwrap_or(plan.transfers);
			plan.uplink_mbit = self.uplink.unwrap_or(plan.uplink_mbit).max(1);
			plan.slow_start = self.slow_start;
			// Where all are connected there is nobody to pass a block on to.
			let relays = match self.relay {
				Some(relay) => vec![relay],
				None if plan.degree() + 1 < voters => vec![0, usize::MAX],
				None => vec![0],
			};
			for relay in relays {
				let offline = self
					.offline
					.map_or(vec![0, plan.third_less_one()], |offline| vec![offline]);
				for offline in offline {
					if offline + 1 >= voters {
						return Err(format!(
							"of {voters} voters {offline} cannot be down: two have to be up"
						));
					}
					plans.push(Plan { offline, relay, ..plan });
				}
			}
		}
		Ok(plans)
	}
}

fn main() -> ExitCode {
	match Options::parse(std::env::args().skip(1)).and_then(|options| options.map_or(Ok(Vec::new()), |o| o.plans())) {
		Ok(plans) if plans.is_empty() => {
			print!("{HELP}");
			ExitCode::SUCCESS
		}
		Ok(plans) => measure(plans),
		Err(error) => fail(&error),
	}
}

fn fail(error: &str) -> ExitCode {
	eprintln!("error: {error}");
	ExitCode::FAILURE
}

fn measure(plans: Vec<Plan>) -> ExitCode {
	let mut outcomes = Vec::new();
	let count = plans.len();
	for (i, plan) in plans.into_iter().enumerate() {
		let mut simulation = Simulation::new(plan);
		let mut progress = Progress::new(format!("{}/{count} {}", i + 1, Outcome::name(&plan)), &plan);
		if let Err(error) = simulation.run(|slot| progress.slot(slot)) {
			return fail(&error);
		}
		progress.end();
		outcomes.push(Outcome::of(&simulation));
	}
	println!("{}", report::tables(&outcomes));
	ExitCode::SUCCESS
}

/// A line on the terminal that says how far it is, or a line every half minute elsewhere.
struct Progress {
	name: String,
	slots: u64,
	is_live: bool,
	began: Instant,
	said: Instant,
}

impl Progress {
	fn new(name: String, plan: &Plan) -> Self {
		Self {
			name,
			slots: plan.slots + plan::DRAIN_SLOTS,
			is_live: std::io::stderr().is_terminal(),
			began: Instant::now(),
			said: Instant::now(),
		}
	}

	fn slot(&mut self, slot: u64) {
		let every = if self.is_live {
			Duration::from_millis(200)
		} else {
			Duration::from_secs(30)
		};
		if self.said.elapsed() >= every {
			self.said = Instant::now();
			self.say(slot);
		}
	}

	fn say(&self, slot: u64) {
		let (seconds, percent) = (self.began.elapsed().as_secs(), 100 * slot / self.slots.max(1));
		let (start, end) = if self.is_live { ("\r\x1b[K", "") } else { ("", "\n") };
		let mut out = std::io::stderr().lock();
		// Whoever does not listen need not hear it.
		let _ = write!(
			out,
			"{start}    {seconds:4} s  {:>3} %  {}{end}",
			percent.min(100),
			self.name
		);
		let _ = out.flush();
	}

	fn end(&self) {
		self.say(self.slots);
		if self.is_live {
			eprintln!();
		}
	}
}
