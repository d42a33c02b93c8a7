//! The machine: its state, and which part of it listens to which event.

mod answers;
mod claims;
mod heads;
mod results;
mod work;

use crate::{
	events::{Action, Event, JobId},
	memory::Memory,
	round::{Pending, Round, RoundKey, Stage, State},
	rules::Rules,
	stats::Stats,
	types::{Answer, Config, Device, Each, Found, Head, Key, Plots, Rates},
};
use claims::Claims;
use proof_lottery_primitives::Resource;
use std::collections::BTreeMap;

/// Rounds that are followed at a time: three are open on a branch, so that four branches have room.
pub const MAX_ROUNDS: usize = 12;

/// Open rounds of a head that are looked at: a chain has three.
pub const MAX_LISTED: usize = 8;

/// Plots that are followed: as many as 60 TiB are at size 28.
pub const MAX_PLOTS: usize = 65_536;

/// An answer is submitted so many times at most by one program.
pub const MAX_SUBMITS: u32 = 16;

/// What is being worked on.
#[derive(Clone, Copy, Debug)]
struct Running {
	job: JobId,
	round: RoundKey,
	task: Task,
	/// Whether nobody waits for it any more.
	cancelled: bool,
}

#[derive(Clone, Copy, Debug)]
enum Task {
	/// So many plots of those that are up.
	Look {
		plots: u32,
		up: u32,
	},
	Solve(Found),
	Run {
		first: u32,
		end: u32,
	},
	Again(crate::types::Winner),
}

/// The plots, with the ids of their groups.
#[derive(Clone, Debug, Default)]
struct Held {
	k: u8,
	strength: u8,
	groups: BTreeMap<u32, [u8; 32]>,
	growing: bool,
	/// Whether the store was listed at all: before, nothing is known of what is held.
	listed: bool,
}

/// A provider. See the crate's head for what it is told and what it asks for.
#[derive(Clone, Debug)]
pub struct Provider {
	config: Config,
	rules: Rules,
	now: u64,
	/// The latest slot that is known to have begun, and since when.
	clock: Option<(u64, u64)>,
	head: Option<Head>,
	node_lost: bool,
	/// Whether a node came back, and has told of no head yet.
	node_new: bool,
	stopping: bool,
	device: Option<Device>,
	/// By what a round is judged that was opened before the present claim counted: from when on that counts, and how
	/// many units counted before.
	before: Each<Option<(u64, u32)>>,
	rates: Rates,
	held: Held,
	rounds: Vec<Round>,
	running: Option<Running>,
	next_job: JobId,
	memory: Memory,
	claims: Claims,
	stats: Each<Stats>,
	/// The highest round that was seen, and whether the node was lost since.
	last_seen: Each<Option<u64>>,
	lost_since: Each<bool>,
}

impl Provider {
	/// A machine that knows what was answered before it began.
	pub fn new(config: Config, memory: Memory) -> Self {
		Self::with_rules(config, memory, Rules::default())
	}

	/// The same without some rules, for tests that show that they would notice.
	#[doc(hidden)]
	pub fn with_rules(config: Config, memory: Memory, rules: Rules) -> Self {
		Self {
			config,
			rules,
			now: 0,
			clock: None,
			head: None,
			node_lost: false,
			node_new: false,
			stopping: false,
			device: None,
			before: Each::default(),
			rates: Rates::default(),
			held: Held::default(),
			rounds: Vec::new(),
			running: None,
			next_job: 0,
			memory,
			claims: Claims::default(),
			stats: Each::default(),
			last_seen: Each::default(),
			lost_since: Each::default(),
		}
	}

	/// What happened, at a time in milliseconds of a clock that does not go back; and what is to be done.
	pub fn step(&mut self, now_ms: u64, event: Event) -> Vec<Action> {
		self.now = self.now.max(now_ms);
		let mut out = Vec::new();
		match event {
			Event::Head { head, rounds } => self.on_head(head, rounds, &mut out),
			Event::Device(device) => self.on_device(device),
			Event::Plots(plots) => self.on_plots(plots),
			Event::Rates(rates) => self.rates = rates,
			Event::NodeLost => self.on_node_lost(),
			Event::NodeBack => self.on_node_back(),
			Event::Looked { job, finds } => self.on_looked(job, finds),
			Event::Solved { job, proof } => self.on_solved(job, proof, &mut out),
			Event::Ran { job, winners } => self.on_ran(job, winners, &mut out),
			Event::Failed { job, failure } => self.on_failed(job, failure),
			Event::Pulsed { challenge, pulse } => self.on_pulsed(challenge, &pulse, &mut out),
			Event::Signed { key, signature } => self.on_signed(key, signature, &mut out),
			Event::Kept(key) => self.on_kept(key, true),
			Event::NotKept(key) => self.on_kept(key, false),
			Event::Submission { key, outcome } => self.on_submission(key, outcome),
			Event::Declared { resource, taken } => self.on_declared(resource, taken),
			Event::Tick => (),
			Event::Stop => self.stopping = true,
		}
		self.know_units();
		self.submit(&mut out);
		self.begin(&mut out);
		self.propose(&mut out);
		self.end_rounds(&mut out);
		self.forget(&mut out);
		out
	}

	/// The slot that is going on, as far as heads and time tell; none before the first head.
	pub fn slot(&self) -> Option<u64> {
		let (slot, since) = self.clock?;
		let passed = self.now.saturating_sub(since).checked_div(self.config.slot_ms.max(1))?;
		Some(slot.saturating_add(passed))
	}

	/// Milliseconds until an answer of a round that counts until this slot has to be ready.
	fn left_ms(&self, until: u64) -> u64 {
		let Some((slot, since)) = self.clock else {
			return 0;
		};
		let slots = until
			.saturating_sub(self.config.margin)
			.saturating_add(1)
			.saturating_sub(slot);
		let deadline = since.saturating_add(slots.saturating_mul(self.config.slot_ms.max(1)));
		deadline.saturating_sub(self.now)
	}

	fn round(&mut self, key: &RoundKey) -> Option<&mut Round> {
		self.rounds.iter_mut().find(|round| round.is(key))
	}

	/// The ids of their groups are kept, for every round asks for all of them.
	fn on_plots(&mut self, plots: Plots) {
		let mut numbers = plots.numbers;
		numbers.sort_unstable();
		numbers.dedup();
		numbers.truncate(MAX_PLOTS);
		let same = (self.held.k, self.held.strength) == (plots.k, plots.strength);
		let mut groups = std::mem::take(&mut self.held.groups);
		let mut known = |number: &u32| groups.remove(number).filter(|_| same);
		let id = |number: u32| {
			proof_of_space_primitives::group_id(
				&self.config.genesis,
				&self.config.device,
				plots.strength,
				plots.k,
				number,
			)
		};
		let groups = numbers
			.into_iter()
			.map(|number| (number, known(&number).unwrap_or_else(|| id(number))))
			.collect();
		self.held.groups = groups;
		(self.held.k, self.held.strength) = (plots.k, plots.strength);
		self.held.growing = plots.growing;
		self.held.listed = true;
	}
}

/// A round, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundStatus {
	/// Of which lottery.
	pub resource: Resource,
	/// Its number.
	pub round: u64,
	/// The last slot in which wins count.
	pub until: u64,
	/// How many units count in it.
	pub units: Option<u32>,
	/// How far its work is.
	pub stage: Stage,
	/// Answers that are on their way,
	pub answers: u32,
	/// and in a block.
	pub won: u32,
}

/// What a person may want to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
	/// The slot that is going on.
	pub slot: Option<u64>,
	/// The last best block.
	pub head: Option<Head>,
	/// Whether the node is lost.
	pub node_lost: bool,
	/// The rounds that are followed.
	pub rounds: Vec<RoundStatus>,
	/// Plots that can be looked into.
	pub plots: u32,
	/// How many of them are numbered from 0 on without a gap: what may be claimed.
	pub claimable: u32,
	/// Answers that are remembered.
	pub kept: u32,
	/// What became of rounds.
	pub stats: Each<Stats>,
}

impl Provider {
	/// What a person may want to see.
	pub fn status(&self) -> Status {
		let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
		let rounds = self.rounds.iter().map(|round| {
			let won = |pending: &&Pending| pending.state == State::Included;
			RoundStatus {
				resource: round.open.resource,
				round: round.open.round,
				until: round.open.until,
				units: round.units,
				stage: round.stage(),
				answers: count(round.answers.len()),
				won: count(round.answers.iter().filter(won).count()),
			}
		});
		Status {
			slot: self.slot(),
			head: self.head,
			node_lost: self.node_lost,
			rounds: rounds.collect(),
			plots: count(self.held.groups.len()),
			claimable: self.claimable(),
			kept: count(self.memory.len()),
			stats: self.stats,
		}
	}

	/// The answer for a unit, if one was made.
	pub fn answer(&self, key: &Key) -> Option<&Answer> {
		self.memory.get(key).map(|(answer, _)| answer)
	}

	/// How many answers are being made durable or sent: whoever ends the program may wait for them a moment.
	pub fn sending(&self) -> usize {
		let answers = self.rounds.iter().flat_map(|round| &round.answers);
		let moves = |pending: &&Pending| matches!(pending.state, State::Keeping | State::Ready | State::Sent);
		answers.filter(moves).count()
	}

	/// What was answered, to be kept beyond this machine.
	pub fn memory(&self) -> &Memory {
		&self.memory
	}

	/// For tests: that everything stays within its bounds.
	///
	/// # Errors
	/// Names the first that does not.
	pub fn check_bounds(&self) -> Result<(), &'static str> {
		let answers = self
			.rounds
			.iter()
			.all(|round| round.answers.len() <= 2 * crate::MAX_WINS as usize);
		let checks = [
			(self.rounds.len() <= MAX_ROUNDS, "rounds"),
			(answers, "answers of a round"),
			(self.held.groups.len() <= MAX_PLOTS, "plots"),
			(self.memory.len() <= crate::MAX_KEPT, "memory"),
		];
		match checks.into_iter().find(|(holds, _)| !holds) {
			Some((_, what)) => Err(what),
			None => Ok(()),
		}
	}
}
