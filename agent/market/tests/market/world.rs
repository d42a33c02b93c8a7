//! A world with a seed: a chain that draws, asks and forgets, owners who upload, a disk that rots and fails, a node
//! that is lost, a program that is killed. What the machine must not do is looked for at each of its actions, with the
//! knowledge of the world.

use smart_agent_market::{
	Action, Asked, Body, Config, Deed, DeedKey, Done, Event, Failure, Machine, Memory, Now, OnDisk, Outcome, Record,
	Refusal, Role, Rules, Shown, SlotKey, Told, Work, GONE_AFTER,
};
use smartchain_rng::Rng;
use std::collections::{BTreeMap, BTreeSet};

pub const BYTES: u64 = 1 << 20;
pub const SLOT_MS: u64 = 500;
/// Ticks in which a challenge can be answered.
pub const WINDOW: u32 = 240;
/// Of these so many in which all is well suffice for every answer, whatever pools lose.
const ENOUGH: u32 = 200;
/// Groups of a slot.
const GROUPS: u32 = 64;

/// How hard the world is, in percent a tick or case.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
	pub seed: u64,
	pub ticks: u32,
	/// Slots that the device is offered at a time, and the room that it offers.
	pub deals: u64,
	pub space: u64,
	pub kills: u64,
	pub losses: u64,
	/// How many deeds the pool loses without a word,
	pub drops: u64,
	/// and blocks.
	pub branches: u64,
	/// How much work fails.
	pub disk: u64,
	/// How often a group rots, in a thousand ticks.
	pub rot: u64,
	/// How many owners commit another root, or stop in the middle.
	pub liars: u64,
	pub rules: Rules,
}

impl Plan {
	pub fn calm(seed: u64) -> Self {
		Self {
			seed,
			ticks: 4_000,
			deals: 4,
			space: 8 * BYTES,
			kills: 0,
			losses: 0,
			drops: 0,
			branches: 0,
			disk: 0,
			rot: 0,
			liars: 0,
			rules: Rules::default(),
		}
	}

	pub fn rough(seed: u64) -> Self {
		Self {
			kills: 1,
			losses: 1,
			drops: 4,
			branches: 3,
			disk: 5,
			rot: 8,
			liars: 10,
			..Self::calm(seed)
		}
	}
}

/// A slot on the chain.
#[derive(Clone, Debug)]
struct OnChain {
	role: Role,
	root: Option<[u8; 32]>,
	/// Whether the owner sends something else, or stops in the middle.
	liar: bool,
	/// What was uploaded.
	sent: u64,
	ends: u32,
	asked_at: u32,
}

/// A slot on the disk: what counts there survives kills.
#[derive(Clone, Debug)]
struct Disk {
	durable: u64,
	sealed: Option<[u8; 32]>,
	wrong: bool,
	rotten: BTreeSet<u32>,
	scrubbed: Option<u64>,
	made: u32,
}

/// A challenge, and how many ticks of it all was well.
#[derive(Clone, Debug)]
struct Open {
	asked: Asked,
	answered: bool,
	well: u32,
}

/// What happens later.
#[derive(Clone, Debug)]
enum Later {
	/// An event for the program that runs now, and for no later one.
	Event(Event),
	/// Work of it is over.
	Work(u64, SlotKey, Work),
	/// A deed is durable.
	Kept(Box<Deed>),
}

pub struct World {
	plan: Plan,
	pub rng: Rng,
	now: u64,
	tick: u32,
	machine: Machine,
	life: u64,
	journal: Vec<Record>,
	/// Deeds of which it was told that they could not be kept.
	unkept: BTreeSet<DeedKey>,
	later: BTreeMap<(u64, u64), (u64, Later)>,
	number: u64,
	chain: BTreeMap<SlotKey, OnChain>,
	/// When the chain said last that a slot is the device's.
	last: BTreeMap<SlotKey, u32>,
	disk: BTreeMap<SlotKey, Disk>,
	open: Vec<Open>,
	pool: Vec<Deed>,
	node_lost_until: u32,
	next_deal: u64,
	/// Since which tick the machine knows of rot.
	known_rotten: BTreeMap<SlotKey, u32>,
	pub answered: u64,
	pub missed: u64,
	pub confirmed: u64,
	pub removed: u64,
	pub kills: u64,
}

pub fn root_of(deal: u64) -> [u8; 32] {
	[deal as u8; 32]
}

fn config(plan: &Plan) -> Config {
	Config {
		space: plan.space,
		..Config::default()
	}
}

impl World {
	pub fn new(plan: Plan) -> Self {
		let mut world = Self {
			plan,
			rng: Rng::new(plan.seed),
			now: 0,
			tick: 1_000,
			machine: Machine::with_rules(config(&plan), Memory::default(), plan.rules),
			life: 0,
			journal: Vec::new(),
			unkept: BTreeSet::new(),
			later: BTreeMap::new(),
			number: 0,
			chain: BTreeMap::new(),
			last: BTreeMap::new(),
			disk: BTreeMap::new(),
			open: Vec::new(),
			pool: Vec::new(),
			node_lost_until: 0,
			next_deal: 1,
			known_rotten: BTreeMap::new(),
			answered: 0,
			missed: 0,
			confirmed: 0,
			removed: 0,
			kills: 0,
		};
		world.step(Event::Disk(Vec::new())).expect("nothing is done at first");
		world
	}

	fn push(&mut self, after: u64, later: Later) {
		self.number += 1;
		self.later.insert((self.now + after, self.number), (self.life, later));
	}

	fn is_node_up(&self) -> bool {
		self.tick >= self.node_lost_until
	}

	fn step(&mut self, event: Event) -> Result<(), String> {
		let now = Now {
			ms: self.now,
			unix: 1_000_000 + self.now / 1_000,
		};
		let actions = self.machine.step(now, event);
		self.machine.check_bounds().map_err(str::to_owned)?;
		actions.into_iter().try_for_each(|action| self.act(action))
	}

	fn act(&mut self, action: Action) -> Result<(), String> {
		match action {
			Action::Begin { job, key, work } => self.begin(job, key, work)?,
			Action::Keep(deed) => {
				let after = self.rng.range(5, 60);
				self.push(after, Later::Kept(Box::new(deed)));
			}
			Action::Submit(deed) => self.submit(deed)?,
			Action::Forget(key) => self.journal.push(Record::Forgotten(key)),
			Action::KeepVoucher(voucher) => self.journal.push(Record::Voucher(voucher)),
			Action::Redeemed { key, total } => self.journal.push(Record::Redeemed(key, total)),
			Action::Settled(key) => self.journal.push(Record::Settled(key)),
			Action::KeepOwed(debts) => self.journal.push(Record::Owes(debts)),
			Action::KeepReport(report) => self.journal.push(Record::Report(report)),
			Action::Cancel(_) | Action::Explain(_) => (),
		}
		Ok(())
	}

	fn begin(&mut self, job: u64, key: SlotKey, work: Work) -> Result<(), String> {
		match &work {
			Work::Make { bytes, .. } => {
				let taken = self.disk.len() as u64 * BYTES;
				if taken + bytes > self.plan.space {
					return Err(format!("slot {key} is more than was offered"));
				}
			}
			Work::Remove => {
				let last = self.last.get(&key).copied().unwrap_or(0);
				if self.chain.contains_key(&key) || self.tick < last + GONE_AFTER {
					return Err(format!("slot {key} is deleted too early"));
				}
			}
			_ => (),
		}
		let after = match work {
			Work::Repair { .. } => self.rng.range(2_000, 20_000),
			Work::Scrub { .. } => self.rng.range(1_000, 8_000),
			_ => self.rng.range(20, 900),
		};
		self.push(after, Later::Work(job, key, work));
		Ok(())
	}

	/// What is sent has to be durable, and true.
	fn submit(&mut self, deed: Deed) -> Result<(), String> {
		let kept = self.journal.iter().any(|record| *record == Record::Kept(deed.clone()));
		// What speaks for itself goes out all the same, if the disk fails.
		let fails = !deed.key.is_signed() && self.unkept.contains(&deed.key);
		if !kept && !fails {
			return Err(format!("a deed that nobody kept: {:?}", deed.key));
		}
		let Body::Shown(root, _) = &deed.body else {
			return Ok(());
		};
		let key = deed.key.slot().expect("it is about a slot");
		let known = self.chain.get(&key).and_then(|slot| slot.root);
		if known.is_some_and(|known| known != *root) {
			return Err(format!("slot {key} is shown with another root"));
		}
		if let DeedKey::Confirm { .. } = deed.key {
			let there = self.disk.get(&key);
			if there.is_none_or(|there| there.sealed != known || there.wrong) {
				return Err(format!("slot {key} is confirmed and was not hashed"));
			}
		}
		let outcome = match self.is_node_up() {
			true if self.rng.percent(self.plan.drops) => return Ok(()),
			true => Outcome::Pooled,
			false => Outcome::Refused(Refusal::Unreachable),
		};
		if outcome == Outcome::Pooled && !self.pool.contains(&deed) {
			self.pool.push(deed.clone());
		}
		let event = Event::Submission { key: deed.key, outcome };
		self.push(30, Later::Event(event));
		Ok(())
	}

	/// What comes of work, and what of it is on the disk.
	fn done(&mut self, key: SlotKey, work: &Work) -> Done {
		if self.rng.percent(self.plan.disk) {
			return Done::Failed(Failure::Disk);
		}
		match (work, self.disk.contains_key(&key)) {
			(Work::Make { at, .. }, false) => {
				let disk = Disk {
					durable: 0,
					sealed: None,
					wrong: false,
					rotten: BTreeSet::new(),
					scrubbed: None,
					made: *at,
				};
				self.disk.insert(key, disk);
				Done::Made
			}
			(Work::Make { .. }, true) => Done::Made,
			(Work::Remove, _) => {
				self.disk.remove(&key);
				self.removed += 1;
				Done::Removed
			}
			(_, false) => Done::Failed(Failure::Missing),
			(work, true) => self.done_there(key, work),
		}
	}

	/// The same, of a slot that is on the disk.
	fn done_there(&mut self, key: SlotKey, work: &Work) -> Done {
		let shown = Shown {
			chunk: vec![1; 4],
			path: Vec::new(),
		};
		let true_root = root_of(key.deal);
		let Some(disk) = self.disk.get_mut(&key) else {
			return Done::Failed(Failure::Missing);
		};
		match work {
			Work::Make { .. } => Done::Made,
			Work::Remove => Done::Removed,
			Work::Seal { root } => {
				let right = !disk.wrong && *root == true_root;
				disk.sealed = Some(if disk.wrong { [0; 32] } else { true_root });
				Done::Sealed(right)
			}
			Work::Open { chunks, .. } => {
				let rotten = chunks
					.iter()
					.map(|chunk| chunk / 16)
					.find(|group| disk.rotten.contains(group));
				match rotten {
					Some(group) => {
						self.known_rotten.entry(key).or_insert(self.tick);
						Done::Rotten(vec![group])
					}
					None => Done::Opened([shown.clone(), shown]),
				}
			}
			Work::Repair { .. } => {
				(disk.durable, disk.wrong, disk.sealed) = (BYTES, false, Some(true_root));
				disk.rotten.clear();
				Done::Repaired
			}
			Work::Scrub { .. } => {
				disk.scrubbed = Some(1_000_000 + self.now / 1_000);
				if !disk.rotten.is_empty() {
					self.known_rotten.entry(key).or_insert(self.tick);
				}
				Done::Rotten(disk.rotten.iter().copied().collect())
			}
			Work::Mend { groups, .. } => {
				for group in groups {
					disk.rotten.remove(group);
				}
				self.known_rotten.remove(&key);
				Done::Mended
			}
			Work::Reset => {
				(disk.durable, disk.wrong, disk.sealed) = (0, false, None);
				if let Some(slot) = self.chain.get_mut(&key) {
					slot.sent = 0;
				}
				Done::Reset
			}
		}
	}

	fn happen(&mut self, later: Later) -> Result<(), String> {
		match later {
			Later::Event(event) => self.step(event),
			Later::Work(job, key, work) => {
				let done = self.done(key, &work);
				self.step(Event::Done { job, done })
			}
			Later::Kept(deed) => {
				let key = deed.key;
				if self.rng.percent(self.plan.disk) {
					self.unkept.insert(key);
					return self.step(Event::NotKept(key));
				}
				self.journal.push(Record::Kept(*deed));
				self.step(Event::Kept(key))
			}
		}
	}

	/// The program ends between two lines, and begins anew a moment later.
	fn kill(&mut self) -> Result<(), String> {
		self.life += 1;
		self.kills += 1;
		let memory = Memory::replay(self.journal.clone());
		self.journal = memory.records();
		self.machine = Machine::with_rules(config(&self.plan), memory, self.plan.rules);
		self.known_rotten.clear();
		self.unkept.clear();
		let found = self.disk.iter().map(|(key, disk)| OnDisk {
			key: *key,
			bytes: BYTES,
			durable: disk.durable,
			root: disk.sealed,
			scrubbed: disk.scrubbed,
			made: disk.made,
		});
		let found = found.collect();
		self.step(Event::Disk(found))
	}

	/// A block: what time does on the chain, what it takes of the pool, what it tells.
	fn block(&mut self) -> Result<(), String> {
		self.tick += 1;
		self.draw();
		self.upload()?;
		self.include();
		self.judge()?;
		self.ask();
		self.end();
		for key in self.chain.keys() {
			self.last.insert(*key, self.tick);
		}
		if self.tick == self.node_lost_until {
			self.step(Event::NodeBack)?;
		}
		if !self.is_node_up() {
			return Ok(());
		}
		if self.rng.percent(self.plan.losses) {
			self.node_lost_until = self.tick + self.rng.range(2, 60) as u32;
			self.pool.clear();
			return self.step(Event::NodeLost);
		}
		self.tell()
	}

	fn tell(&mut self) -> Result<(), String> {
		let told = self.chain.iter().map(|(key, slot)| Told {
			key: *key,
			bytes: BYTES,
			root: slot.root,
			role: slot.role,
		});
		let slots = Some(told.collect()).filter(|_| self.tick % 4 == 0);
		let open = self.open.iter().filter(|open| !open.answered).map(|open| open.asked);
		let asked = open.collect();
		let tick = self.tick;
		self.step(Event::Head { tick, slots, asked })
	}

	fn draw(&mut self) {
		if self.chain.len() as u64 >= self.plan.deals || !self.rng.percent(5) {
			return;
		}
		let key = SlotKey {
			deal: self.next_deal,
			slot: self.rng.below(8) as u8,
		};
		self.next_deal += 1;
		let (repair, liar) = (self.rng.percent(30), self.rng.percent(self.plan.liars));
		let role = Role::Drawn {
			until: self.tick + 400,
			attempt: 0,
			repair,
			chunks: repair.then(|| [1_023, self.rng.below(1_024) as u32]),
		};
		let slot = OnChain {
			role,
			root: repair.then(|| root_of(key.deal)),
			liar: liar && !repair,
			sent: 0,
			ends: self.tick + 800 + self.rng.below(2_000) as u32,
			asked_at: self.tick,
		};
		self.chain.insert(key, slot);
	}

	/// Owners send, and commit once all was taken.
	fn upload(&mut self) -> Result<(), String> {
		let mut told = Vec::new();
		for (key, slot) in &mut self.chain {
			let Role::Drawn {
				repair: false,
				until,
				attempt,
				..
			} = slot.role
			else {
				continue;
			};
			let Some(disk) = self.disk.get_mut(key).filter(|disk| disk.sealed.is_none()) else {
				continue;
			};
			let stops = slot.liar && key.deal % 2 == 0;
			if slot.sent < BYTES && !(stops && slot.sent > BYTES / 2) {
				slot.sent = (slot.sent + BYTES / 8).min(BYTES);
				disk.durable = disk.durable.max(slot.sent);
				disk.wrong = slot.liar;
				told.push((*key, disk.durable));
			} else if slot.sent == BYTES && slot.root.is_none() {
				slot.root = Some(root_of(key.deal));
				slot.role = Role::Drawn {
					until,
					attempt,
					repair: false,
					chunks: Some([1_023, self.rng.below(1_024) as u32]),
				};
			}
		}
		for (key, durable) in told {
			self.step(Event::Received { key, durable })?;
		}
		Ok(())
	}

	/// Takes deeds into the block.
	fn include(&mut self) {
		let pool = std::mem::take(&mut self.pool);
		for deed in pool {
			if self.rng.percent(self.plan.drops) {
				continue;
			}
			match deed.key {
				DeedKey::Answer {
					until,
					index,
					key,
					chunks,
				} => {
					let asked = Asked {
						until,
						index,
						key,
						chunks,
					};
					let open = self
						.open
						.iter_mut()
						.find(|open| open.asked == asked && until >= self.tick);
					if let Some(open) = open {
						open.answered = true;
					}
				}
				DeedKey::Confirm { key, until, chunks, .. } => {
					let Some(slot) = self.chain.get_mut(&key) else {
						continue;
					};
					let shown = match slot.role {
						Role::Drawn { chunks: shown, .. } => shown,
						Role::Held { .. } => None,
					};
					if shown == Some(chunks) && until >= self.tick {
						slot.role = Role::Held {
							accrued: 0,
							proven_to: self.tick,
							suspect: false,
							leaving: false,
							ends: Some(slot.ends),
						};
						slot.asked_at = self.tick;
						self.confirmed += 1;
					}
				}
				_ => (),
			}
		}
		// A branch had it, and is none any more.
		for open in &mut self.open {
			if open.answered && open.asked.until > self.tick + 160 && self.rng.percent(self.plan.branches) {
				open.answered = false;
			}
		}
		if self.tick % 40 == 0 {
			// Another turn, another chunk.
			for slot in self.chain.values_mut() {
				if let Role::Drawn {
					chunks: Some(chunks), ..
				} = &mut slot.role
				{
					chunks[1] = self.rng.below(1_024) as u32;
				}
			}
		}
	}

	/// Challenges whose time is over, and how well all was meanwhile.
	fn judge(&mut self) -> Result<(), String> {
		let up = self.is_node_up();
		for open in &mut self.open {
			let disk = self.disk.get(&open.asked.key);
			let sound = disk.is_some_and(|disk| disk.sealed.is_some() && disk.rotten.is_empty() && !disk.wrong);
			open.well += u32::from(up && sound);
		}
		let tick = self.tick;
		let over: Vec<Open> = self
			.open
			.iter()
			.filter(|open| open.asked.until < tick)
			.cloned()
			.collect();
		self.open.retain(|open| open.asked.until >= tick);
		for open in over {
			if open.answered {
				self.answered += 1;
				continue;
			}
			self.missed += 1;
			if open.well >= ENOUGH {
				return Err(format!(
					"a challenge of slot {} was missed without need",
					open.asked.key
				));
			}
		}
		for (key, since) in &self.known_rotten {
			let gone = !self.chain.contains_key(key);
			if !gone && self.tick > since + 600 {
				return Err(format!("slot {key} has rotten groups that nobody mends"));
			}
		}
		self.known_rotten.retain(|key, _| self.chain.contains_key(key));
		Ok(())
	}

	fn ask(&mut self) {
		for (key, slot) in &mut self.chain {
			let is_held = matches!(slot.role, Role::Held { .. });
			if !is_held || self.tick < slot.asked_at + 300 {
				continue;
			}
			slot.asked_at = self.tick;
			let asked = Asked {
				until: self.tick + WINDOW,
				index: key.deal as u32,
				key: *key,
				chunks: [self.rng.below(1_024) as u32, self.rng.below(1_024) as u32],
			};
			self.open.push(Open {
				asked,
				answered: false,
				well: 0,
			});
		}
	}

	fn end(&mut self) {
		let tick = self.tick;
		self.chain.retain(|_, slot| match slot.role {
			Role::Drawn { until, .. } => tick <= until,
			Role::Held { .. } => tick < slot.ends,
		});
		let chain = &self.chain;
		self.open.retain(|open| chain.contains_key(&open.asked.key));
		if self.rng.below(1_000) < self.plan.rot {
			let group = self.rng.below(GROUPS.into()) as u32;
			let sealed: Vec<SlotKey> = self
				.disk
				.iter()
				.filter(|(_, disk)| disk.sealed.is_some())
				.map(|(key, _)| *key)
				.collect();
			let rots = self.rng.pick(&sealed).copied();
			if let Some(disk) = rots.and_then(|key| self.disk.get_mut(&key)) {
				disk.rotten.insert(group);
			}
		}
	}

	/// Lives on for a tick.
	pub fn tick(&mut self) -> Result<(), String> {
		let end = self.now + SLOT_MS;
		while let Some(entry) = self.later.first_entry() {
			let (at, _) = *entry.key();
			if at > end {
				break;
			}
			let (life, later) = entry.remove();
			self.now = self.now.max(at);
			// What was under way when the program was killed never came to anything.
			if life == self.life {
				self.happen(later)?;
			}
		}
		self.now = end;
		self.step(Event::Tick)?;
		if self.rng.below(200) < self.plan.kills {
			self.kill()?;
		}
		self.block()
	}
}

/// Lives for as long as the plan says.
pub fn run(plan: Plan) -> Result<World, String> {
	let mut world = World::new(plan);
	for _ in 0..plan.ticks {
		world
			.tick()
			.map_err(|why| format!("seed {}, tick {}: {why}", plan.seed, world.tick))?;
	}
	Ok(world)
}
