//! What the tests share: a device, its rounds, and a machine that is told of them.

use proof_lottery_primitives::{Credit, LotteryState, OpenRound, Resource, Wins};
use proof_of_compute_primitives::Kernel;
use smartchain_provider::{
	Action, Answer, Config, Device, Event, Explanation, Found, Head, JobId, Memory, Plots, Provider, Rates,
};

pub const SLOT_MS: u64 = 500;
pub const GENESIS: [u8; 32] = [1; 32];
pub const DEVICE: [u8; 32] = [2; 32];

pub fn config() -> Config {
	Config {
		genesis: GENESIS,
		device: DEVICE,
		slot_ms: SLOT_MS,
		threads: 2,
		margin: 2,
		kernel: Kernel::V1,
		space: true,
		segments: 40,
		uptime: true,
		declares: true,
	}
}

pub fn rates() -> Rates {
	Rates {
		look_us: 2_000,
		solve_ms: 600,
		segment_us: 10_000,
	}
}

/// A round of which each unit wins surely, whatever is claimed: as many wins are expected as there are tries.
pub fn open(resource: Resource, round: u64, challenge: u8, opened: u64, until: u64) -> OpenRound {
	OpenRound {
		resource,
		round,
		challenge: [challenge; 32],
		opened,
		until,
		wins: Wins::of(32_000),
		rounds: 100,
		filter: 1,
		devices: 1,
	}
}

pub fn state(resource: Resource, units: u32, from: u64) -> LotteryState {
	LotteryState {
		resource,
		units,
		claimed: units,
		claimed_from: from,
		estimate: Credit::ZERO,
		corrected: Credit::ZERO,
		assured: Credit::ZERO,
		wins: Wins::ZERO,
		expected: Wins::ZERO,
		last_win: 0,
		pending: 0,
	}
}

pub fn device(at: u64) -> Device {
	Device {
		at,
		lotteries: vec![
			state(Resource::Space, 8, 0),
			state(Resource::Compute, 40, 0),
			state(Resource::Uptime, 1, 0),
		],
		why_not: Vec::new(),
	}
}

pub fn plots(numbers: impl IntoIterator<Item = u32>) -> Event {
	Event::Plots(Plots {
		k: 18,
		strength: 2,
		numbers: numbers.into_iter().collect(),
		growing: false,
	})
}

pub fn head(slot: u64) -> Head {
	Head {
		slot,
		number: slot as u32,
		hash: [slot as u8; 32],
	}
}

pub fn find(group: u32, quality: u8) -> Found {
	Found {
		group,
		quality: [quality; 32],
	}
}

/// A machine, its time, and what it asked for since the test looked last.
pub struct Bench {
	pub machine: Provider,
	pub now: u64,
}

impl Bench {
	pub fn new() -> Self {
		Self::with(Memory::default())
	}

	/// One that knows its device and plots, and the head of slot 100.
	pub fn with(memory: Memory) -> Self {
		let mut bench = Self {
			machine: Provider::new(config(), memory),
			now: 0,
		};
		bench.step(Event::Rates(rates()));
		bench.step(plots(0..8));
		assert!(bench.head(100, Vec::new()).is_empty());
		assert!(bench.step(Event::Device(device(100))).is_empty());
		bench
	}

	pub fn step(&mut self, event: Event) -> Vec<Action> {
		let actions = self.machine.step(self.now, event);
		self.machine.check_bounds().unwrap();
		actions
	}

	pub fn head(&mut self, slot: u64, rounds: Vec<OpenRound>) -> Vec<Action> {
		self.step(Event::Head {
			head: head(slot),
			rounds,
		})
	}

	/// Time passes, in slots.
	pub fn pass(&mut self, slots: u64) -> Vec<Action> {
		self.now += slots * SLOT_MS;
		self.step(Event::Tick)
	}

	/// An answer is made durable: what is asked for then is its submission.
	pub fn keep(&mut self, actions: &[Action]) -> Answer {
		let [Action::Keep(answer)] = actions else {
			panic!("one answer was to be kept: {actions:?}")
		};
		let submitted = self.step(Event::Kept(answer.key));
		assert!(submitted.contains(&Action::Submit(answer.clone())), "{submitted:?}");
		answer.clone()
	}
}

/// The job that was asked for, if one was.
pub fn job(actions: &[Action]) -> Option<JobId> {
	actions.iter().find_map(|action| match action {
		Action::Look { job, .. } | Action::Solve { job, .. } | Action::Run { job, .. } => Some(*job),
		_ => None,
	})
}

pub fn explained(actions: &[Action]) -> Vec<Explanation> {
	let explained = actions.iter().filter_map(|action| match action {
		Action::Explain(explanation) => Some(*explanation),
		_ => None,
	});
	explained.collect()
}
