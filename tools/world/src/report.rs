//! What came out of a run, and the tables.

use crate::{
	chain::{Made, Progress, NEVER},
	network::Traffic,
	plan::{Plan, Us, SLOT_US},
	simulation::Simulation,
};

/// Times of many, sorted.
pub struct Spread(Vec<Us>);

impl Spread {
	/// Of these.
	pub fn of(mut times: Vec<Us>) -> Self {
		times.sort_unstable();
		Self(times)
	}

	/// The time that so many in a hundred do not exceed; zero where there are none.
	pub fn percentile(&self, percent: usize) -> Us {
		let rank = (self.0.len() * percent).div_ceil(100);
		self.0.get(rank.saturating_sub(1)).copied().unwrap_or(0)
	}

	/// The longest.
	pub fn max(&self) -> Us {
		self.percentile(100)
	}
}

/// What came out. Times are of all nodes that are up, over all measured blocks that became final.
pub struct Outcome {
	/// What was simulated.
	pub plan: Plan,
	/// From the slot's start to a node holding the block final.
	pub slot_to_final: Spread,
	/// From the slot's start to when the block was built, seen, imported and certified.
	pub stages: [Spread; 4],
	/// From when a node sees a block until it holds it final.
	pub seen_to_final: Spread,
	/// The median of each node from the slot's start, over the nodes.
	pub by_node: Spread,
	/// By node that is up.
	pub traffic: Vec<Traffic>,
	/// Measured slots.
	pub slots: u64,
	/// Blocks of theirs on the final chain.
	pub final_blocks: usize,
	/// Blocks of theirs that are not.
	pub orphans: usize,
	/// Blocks on the final chain that some node never held final.
	pub unfinished: usize,
}

impl Outcome {
	/// Of a simulation that has run.
	pub fn of(simulation: &Simulation) -> Self {
		let up = simulation.up();
		let measured = |made: &&Made| {
			let slot = made.block.block.slot;
			slot >= simulation.first_slot && slot < simulation.first_slot + simulation.plan.slots
		};
		let (done, orphans): (Vec<&Made>, Vec<&Made>) = simulation
			.chain
			.blocks
			.iter()
			.filter(measured)
			.partition(|made| simulation.chain.is_final(made));
		let at_nodes = |time: fn(&Made, &Progress) -> Us| -> Vec<Us> {
			done.iter()
				.flat_map(|made| up.iter().map(|node| (*made, &made.progress[*node])))
				.filter(|(_, progress)| progress.finalized != NEVER)
				.map(|(made, progress)| time(made, progress))
				.filter(|time| *time != NEVER)
				.collect()
		};
		let median_of = |node: &usize| {
			let times = done.iter().map(|made| (made, made.progress[*node].finalized));
			let times = times
				.filter(|(_, at)| *at != NEVER)
				.map(|(made, at)| at - made.slot_began);
			Spread::of(times.collect()).percentile(50)
		};
		Self {
			plan: simulation.plan,
			slot_to_final: Spread::of(at_nodes(|made, p| p.finalized - made.slot_began)),
			stages: [
				Spread::of(done.iter().map(|made| made.built - made.slot_began).collect()),
				Spread::of(at_nodes(|made, p| later(p.seen, made.slot_began))),
				Spread::of(at_nodes(|made, p| later(p.imported, made.slot_began))),
				Spread::of(at_nodes(|made, p| later(p.certified, made.slot_began))),
			],
			seen_to_final: Spread::of(at_nodes(|_, p| later(p.finalized, p.seen.min(p.finalized)))),
			by_node: Spread::of(up.iter().map(median_of).collect()),
			traffic: up.iter().map(|node| simulation.network.traffic[*node]).collect(),
			slots: simulation.plan.slots,
			final_blocks: done.len(),
			orphans: orphans.len(),
			unfinished: done
				.iter()
				.filter(|made| up.iter().any(|node| made.progress[*node].finalized == NEVER))
				.count(),
		}
	}

	/// The mean and the highest of what nodes send or receive, in kilobytes a second.
	fn rate(&self, of: impl Fn(&Traffic) -> u64) -> (f64, f64) {
		let seconds = self.slots as f64 * SLOT_US as f64 / 1e6;
		let rates: Vec<f64> = self.traffic.iter().map(|t| of(t) as f64 / 1e3 / seconds).collect();
		let mean = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
		(mean, rates.iter().copied().fold(0.0, f64::max))
	}

	/// How a run is called.
	pub fn name(plan: &Plan) -> String {
		let mut name = format!("{} voters", plan.voters);
		if plan.offline > 0 {
			name += &format!(", {} down", plan.offline);
		}
		name += &match plan.degree() + 1 == plan.voters - plan.offline {
			true => ", all connected".into(),
			false => format!(", {} peers", plan.degree()),
		};
		match plan.relay {
			0 => (),
			relay if relay >= plan.degree() => name += ", blocks passed on",
			relay => name += &format!(", blocks passed on to {relay}"),
		}
		if plan.transfers != Plan::new(plan.voters).transfers {
			name += &format!(", {} transfers", plan.transfers);
		}
		if plan.uplink_mbit != Plan::new(plan.voters).uplink_mbit {
			name += &format!(", {} Mbit/s", plan.uplink_mbit);
		}
		if plan.slow_start {
			name += ", slow start";
		}
		name
	}
}

fn later(at: Us, since: Us) -> Us {
	match at {
		NEVER => NEVER,
		at => at - since,
	}
}

const fn ms(us: Us) -> u64 {
	(us + 500) / 1_000
}

/// Two Markdown tables: what was asked for, and where the time goes.
pub fn tables(outcomes: &[Outcome]) -> String {
	let mut out = String::from(
		"| network | slots | slot to final, p50 / p99 / max | seen to final, p50 | sent by a voter, mean / max | \
		 received, mean / max | orphaned |\n\
		 |---|---|---|---|---|---|---|\n",
	);
	for o in outcomes {
		let ((sent, most_sent), (received, most_received)) = (o.rate(|t| t.sent), o.rate(|t| t.received));
		out += &format!(
			"| {} | {} | {} / {} / {} ms | {} ms | {sent:.0} / {most_sent:.0} kB/s | \
			 {received:.0} / {most_received:.0} kB/s | {} |\n",
			Outcome::name(&o.plan),
			o.slots,
			ms(o.slot_to_final.percentile(50)),
			ms(o.slot_to_final.percentile(99)),
			ms(o.slot_to_final.max()),
			ms(o.seen_to_final.percentile(50)),
			o.orphans,
		);
	}
	out += "\n| network | built | seen, p50 / p99 | imported, p50 / p99 | certified, p50 / p99 | final, p50 / p99 | \
	        median of the quickest / slowest voter | blocks' share of the bytes | messages a second | empty slots | \
	        not final everywhere |\n\
	        |---|---|---|---|---|---|---|---|---|---|---|\n";
	for o in outcomes {
		let both = |spread: &Spread| format!("{} / {}", ms(spread.percentile(50)), ms(spread.percentile(99)));
		let [built, seen, imported, certified] = &o.stages;
		let (sent, blocks) = (o.rate(|t| t.sent).0, o.rate(|t| t.blocks).0);
		out += &format!(
			"| {} | {} | {} | {} | {} | {} | {} / {} | {:.0} % | {:.0} | {} | {} |\n",
			Outcome::name(&o.plan),
			ms(built.percentile(50)),
			both(seen),
			both(imported),
			both(certified),
			both(&o.slot_to_final),
			ms(o.by_node.percentile(0)),
			ms(o.by_node.max()),
			100.0 * blocks / sent,
			o.rate(|t| t.messages).0 * 1e3,
			o.slots as usize - o.final_blocks,
			o.unfinished,
		);
	}
	out
}
