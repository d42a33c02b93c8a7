//! What tests have in common.

use smart_agent_market::{
	Action, Asked, Config, DeedKey, Done, Event, Machine, Memory, Now, OnDisk, Role, SlotKey, Told, Work,
};

pub const BYTES: u64 = 1 << 20;
pub const ROOT: [u8; 32] = [7; 32];

pub fn key(deal: u64) -> SlotKey {
	SlotKey { deal, slot: 3 }
}

pub fn config() -> Config {
	Config {
		space: 8 * BYTES,
		..Config::default()
	}
}

pub fn held(deal: u64) -> Told {
	let role = Role::Held {
		accrued: 0,
		proven_to: 0,
		suspect: false,
		leaving: false,
		ends: Some(1_000_000),
	};
	Told {
		key: key(deal),
		bytes: BYTES,
		root: Some(ROOT),
		role,
	}
}

pub fn drawn(deal: u64, until: u32, repair: bool) -> Told {
	let role = Role::Drawn {
		until,
		attempt: 0,
		repair,
		chunks: repair.then_some([1_023, 4]),
	};
	Told {
		root: repair.then_some(ROOT),
		role,
		..held(deal)
	}
}

/// The same, once the owner has committed the roots.
pub fn rooted(told: Told, chunk: u32) -> Told {
	let Role::Drawn {
		until, attempt, repair, ..
	} = told.role
	else {
		return told;
	};
	let role = Role::Drawn {
		until,
		attempt,
		repair,
		chunks: Some([1_023, chunk]),
	};
	Told {
		root: Some(ROOT),
		role,
		..told
	}
}

pub fn sound(deal: u64) -> OnDisk {
	OnDisk {
		key: key(deal),
		bytes: BYTES,
		durable: BYTES,
		root: Some(ROOT),
		scrubbed: Some(0),
		made: 1,
	}
}

pub fn asked(deal: u64, until: u32) -> Asked {
	Asked {
		until,
		index: 0,
		key: key(deal),
		chunks: [5, 9],
	}
}

pub fn shown() -> smart_agent_market::Shown {
	smart_agent_market::Shown {
		chunk: vec![1; 4],
		path: vec![[2; 32]],
	}
}

/// A machine with its clock.
pub struct Bench {
	pub machine: Machine,
	pub ms: u64,
	pub unix: u64,
}

impl Bench {
	pub fn new(disk: Vec<OnDisk>) -> Self {
		Self::with(config(), Memory::default(), disk)
	}

	pub fn with(config: Config, memory: Memory, disk: Vec<OnDisk>) -> Self {
		let mut bench = Self {
			machine: Machine::new(config, memory),
			ms: 0,
			unix: 43_200,
		};
		assert!(bench.step(Event::Disk(disk)).is_empty());
		bench
	}

	pub fn step(&mut self, event: Event) -> Vec<Action> {
		self.ms += 10;
		let now = Now {
			ms: self.ms,
			unix: self.unix,
		};
		let actions = self.machine.step(now, event);
		self.machine.check_bounds().expect("bounded");
		actions
	}

	/// A second passes.
	pub fn wait(&mut self, seconds: u64) -> Vec<Action> {
		self.ms += seconds * 1_000;
		self.unix += seconds;
		self.step(Event::Tick)
	}

	pub fn head(&mut self, tick: u32, slots: Vec<Told>, asked: Vec<Asked>) -> Vec<Action> {
		self.step(Event::Head {
			tick,
			slots: Some(slots),
			asked,
		})
	}

	/// Says that the work that was begun last came to this.
	pub fn done(&mut self, actions: &[Action], done: Done) -> Vec<Action> {
		let (job, _) = begun(actions).expect("work was begun");
		self.step(Event::Done { job, done })
	}
}

/// The work that is begun, the last one.
pub fn begun(actions: &[Action]) -> Option<(u64, Work)> {
	let mut all = actions.iter().rev();
	all.find_map(|action| match action {
		Action::Begin { job, work, .. } => Some((*job, work.clone())),
		_ => None,
	})
}

/// What is to be kept, the last one.
pub fn kept(actions: &[Action]) -> Option<DeedKey> {
	let mut all = actions.iter().rev();
	all.find_map(|action| match action {
		Action::Keep(deed) => Some(deed.key),
		_ => None,
	})
}

/// What is submitted, the last one.
pub fn submitted(actions: &[Action]) -> Option<DeedKey> {
	let mut all = actions.iter().rev();
	all.find_map(|action| match action {
		Action::Submit(deed) => Some(deed.key),
		_ => None,
	})
}
