//! A world with a seed: parties with stores, a wire that loses, doubles and reorders, a chain; and kills at any point.

pub mod chain;
mod memory;

use chain::{by_own_key, sign, Chain, State};
use channel_primitives::{
	Balance, ChannelId, ChannelKey, ChannelSignature, Condition, Half, Hash, LeafWitness, Lock, LockId, Locks, Node,
	Payload, PerSide, Receipt, Side, Signed, Tick, WatchV1, Witness,
};
pub use memory::Memory;
use smartchain_channel::{
	Action, Block, Config, Event, Fact, Guard, Message, Packet, Party, Place, Reason, Refused, Step, TakenStage, Tower,
};
use smartchain_rng::Rng;
use sp_crypto_hashing::sha2_256;
use std::collections::{BTreeMap, BTreeSet};

/// A channel of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Link {
	pub channel: ChannelId,
	pub side: Side,
	pub partner: usize,
}

/// A party with its program.
pub struct Machine {
	pub config: Config,
	pub party: Party,
	pub store: Memory,
	pub links: Vec<Link>,
	/// Whether what it wants to say goes nowhere: a partner that is silent, with its ears open.
	pub mute: bool,
	/// Whether it does nothing at all.
	pub down: bool,
	/// Whether it is no honest party: it owes nobody a word, and nothing is asserted of it.
	pub evil: bool,
	pub kills: u64,
	/// How many blocks it was told with the next event: it stores that in the same commit.
	tells: Option<usize>,
	/// What came of events since the last commit: nothing of it is stored, and nothing done.
	waiting: Option<Step>,
}

/// How hard the world is, in percent a message or in a thousand points.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
	pub seed: u64,
	pub lose: u64,
	pub double: u64,
	/// Kills in a thousand points: before and after each commit, and after each action.
	pub kills: u64,
	/// Final blocks come so many later at most.
	pub lag: u64,
	/// How many locks in a hundred their payee does not want.
	pub unwanted: u64,
	/// How many steps in a hundred wait for the next one, to be stored with it.
	pub joins: u64,
}

/// A message on its way.
#[derive(Clone, Debug)]
struct Letter {
	to: usize,
	channel: ChannelId,
	message: Message,
}

pub struct World {
	pub plan: Plan,
	pub rng: Rng,
	pub chain: Chain,
	pub machines: Vec<Machine>,
	wire: Vec<Letter>,
	/// Preimages by the hash of their condition.
	pub secrets: BTreeMap<Hash, Hash>,
	/// Conditions whose payee has decided to take the money: what is locked on them may be gone.
	pub released: BTreeSet<Hash>,
	/// What was given out in steps of a lock that is not released, by its condition.
	pub streamed: BTreeMap<Hash, Balance>,
	/// All halves that were ever sent, by channel and side.
	pub history: BTreeMap<(ChannelId, Side), Vec<(Half, Locks)>>,
	pub bundles: BTreeMap<(ChannelId, Side), WatchV1>,
	/// What towers show if nobody else does.
	pub guards: BTreeMap<(ChannelId, LockId), Guard>,
	/// Own locks of a party: condition and amount.
	pub locked: BTreeMap<usize, Vec<(Hash, Balance)>>,
	/// Whether halves are remembered.
	pub remembers: bool,
	pub events: u64,
	/// After so many more points, whoever is at one is killed.
	pub countdown: Option<u64>,
	/// What is never sent, by anybody.
	pub drops: Option<fn(&Message) -> bool>,
}

/// Times that fit a small world.
pub fn config() -> Config {
	Config {
		fee_base: 1,
		fee_ppm: 0,
		margin: 60,
		last_hop: 20,
		resolve_before: 12,
		patience: 30,
		resubmit: 4,
		together: 20,
		pay_up_before: 16,
		tower: None,
	}
}

/// The key of the tower here.
pub const TOWER: usize = 99;

pub fn tower(strict: bool) -> Tower {
	Tower {
		account: [9; 32],
		key: chain::key(TOWER, 0),
		reward: 0,
		strict,
	}
}

/// A condition that is met by these 32 bytes.
pub fn hash_lock(preimage: &Hash) -> Condition {
	let node = Node::Preimage {
		hash: sha2_256(preimage),
	};
	Condition::new(vec![node]).expect("a condition")
}

/// What meets a hash lock.
pub fn shown(preimage: Hash) -> Witness {
	Witness(vec![LeafWitness::Preimage(preimage)].try_into().expect("one leaf"))
}

/// Where a lock goes on: how much, and until when.
fn way(amount: Balance, expiry: Tick) -> Packet {
	let mut bytes = amount.to_le_bytes().to_vec();
	bytes.extend(expiry.to_le_bytes());
	bytes.try_into().expect("20 bytes")
}

/// The same, and the rest of the way.
fn read(packet: &Packet) -> Option<(Balance, Tick, Packet)> {
	let (amount, rest) = packet.split_at_checked(16)?;
	let (expiry, rest) = rest.split_at_checked(4)?;
	Some((
		Balance::from_le_bytes(amount.try_into().ok()?),
		Tick::from_le_bytes(expiry.try_into().ok()?),
		rest.to_vec().try_into().ok()?,
	))
}

impl World {
	/// Parties in a row, each with a channel to the next, numbered from 1 on, with so much on each side.
	pub fn new(plan: Plan, configs: &[Config], deposit: Balance) -> Self {
		let mut world = Self {
			plan,
			rng: Rng::new(plan.seed),
			chain: Chain::default(),
			machines: Vec::new(),
			wire: Vec::new(),
			secrets: BTreeMap::new(),
			released: BTreeSet::new(),
			streamed: BTreeMap::new(),
			history: BTreeMap::new(),
			bundles: BTreeMap::new(),
			guards: BTreeMap::new(),
			locked: BTreeMap::new(),
			remembers: true,
			events: 0,
			countdown: None,
			drops: None,
		};
		for config in configs {
			world.machines.push(Machine {
				config: *config,
				party: Party::new(*config),
				store: Memory::default(),
				links: Vec::new(),
				mute: false,
				down: false,
				evil: false,
				kills: 0,
				tells: None,
				waiting: None,
			});
		}
		for low in 0..configs.len() - 1 {
			let (id, high) = (low as ChannelId + 1, low + 1);
			let both = PerSide {
				low: deposit,
				high: deposit,
			};
			world.chain.open(id, PerSide { low, high }, both);
			world.machines[low].links.push(Link {
				channel: id,
				side: Side::Low,
				partner: high,
			});
			world.machines[high].links.push(Link {
				channel: id,
				side: Side::High,
				partner: low,
			});
		}
		world.chain.tick = 1_000;
		world.chain.next(1);
		for who in 0..configs.len() {
			let facts = world.machines[who]
				.links
				.iter()
				.map(|link| Fact::Opened(world.chain.channels[&link.channel].opened(link.side)))
				.collect();
			let block = Block {
				tick: world.chain.tick,
				facts,
			};
			world.machines[who].store.blocks = world.chain.blocks.len();
			world.calmly(|world| world.tell(who, Event::Final(block)).expect("channels open"));
		}
		world.calmly(|world| (0..world.machines.len()).for_each(|who| world.connect(who)));
		world
	}

	/// Does something while nobody is killed.
	pub fn calmly<T>(&mut self, what: impl FnOnce(&mut Self) -> T) -> T {
		let plan = self.plan;
		self.plan = Plan {
			lose: 0,
			double: 0,
			kills: 0,
			joins: 0,
			..plan
		};
		let done = what(self);
		self.plan = plan;
		done
	}

	fn connect(&mut self, who: usize) {
		for link in self.machines[who].links.clone() {
			self.meet(who, link.channel);
		}
	}

	/// A party sees a new connection.
	pub fn meet(&mut self, who: usize, channel: ChannelId) {
		let number = self.rng.next_u64() | 1;
		let _ = self.tell(who, Event::Connected { channel, number });
	}

	/// Whether the machine is killed here.
	fn dies(&mut self, who: usize) -> bool {
		let dies = match self.countdown {
			Some(0) => true,
			Some(left) => {
				self.countdown = Some(left - 1);
				false
			}
			None => self.rng.below(1_000) < self.plan.kills,
		};
		if dies {
			self.countdown = None;
			self.kill(who);
		}
		dies
	}

	/// Kills a machine, and starts it again with what it has stored.
	pub fn kill(&mut self, who: usize) {
		self.machines[who].kills += 1;
		let machine = &mut self.machines[who];
		machine.waiting = None;
		let stored = machine.store.sheets.iter().map(|(id, bytes)| (*id, bytes.as_slice()));
		machine.party = Party::restore(machine.config, stored).expect("its own sheets");
		let tick = self.chain.blocks[self.machines[who].store.blocks - 1].0;
		self.calmly(|world| {
			let block = Block {
				tick,
				facts: Vec::new(),
			};
			let _ = world.tell(who, Event::Final(block));
			world.connect(who);
			for link in world.machines[who].links.clone() {
				world.meet(link.partner, link.channel);
			}
		});
	}

	/// Tells a machine something, and does what it wants done: at once, or with what comes of the next event. It may be
	/// killed at any point of that.
	pub fn tell(&mut self, who: usize, event: Event) -> Result<(), Refused> {
		if self.machines[who].down {
			return Ok(());
		}
		self.events += 1;
		let tells = self.machines[who].tells.take();
		let mut step = self.machines[who].party.step(event, &self.chain)?;
		if let Some(before) = self.machines[who].waiting.take() {
			step = before.and(step);
		}
		// A block is stored with what waits, for its number is.
		if self.plan.joins > 0 && tells.is_none() && self.rng.percent(self.plan.joins) {
			self.machines[who].waiting = Some(step);
			return Ok(());
		}
		if self.dies(who) {
			return Ok(());
		}
		let actions = match step.commit(&mut self.machines[who].store) {
			Ok(actions) => actions,
			Err(never) => match never.error {},
		};
		if let Some(blocks) = tells {
			self.machines[who].store.blocks = blocks;
		}
		if self.dies(who) {
			return Ok(());
		}
		for action in actions {
			self.act(who, action);
			if self.dies(who) {
				return Ok(());
			}
		}
		Ok(())
	}

	fn link(&self, who: usize, channel: ChannelId) -> Link {
		let mut links = self.machines[who].links.iter();
		*links
			.find(|link| link.channel == channel)
			.expect("a channel of its own")
	}

	fn act(&mut self, who: usize, action: Action) {
		match action {
			Action::Send(channel, unsigned) => {
				let message = by_own_key(who, unsigned);
				let link = self.link(who, channel);
				if let (Message::Update(update), true) = (&message, self.remembers) {
					let halves = self.history.entry((channel, link.side)).or_default();
					if halves
						.last()
						.is_none_or(|(half, _)| half.nonce < update.half.body.nonce)
					{
						halves.push((update.half.body, update.locks.clone()));
					}
				}
				if !self.machines[who].mute && !self.drops.is_some_and(|drops| drops(&message)) {
					self.wire.push(Letter {
						to: link.partner,
						channel,
						message,
					});
				}
			}
			Action::Submit(channel, unsigned) => {
				let call = by_own_key(who, unsigned);
				let side = self.link(who, channel).side;
				self.chain.submit(channel, side, call);
			}
			Action::Watch(channel, unsigned) => {
				let bundle = by_own_key(who, unsigned);
				let link = self.link(who, channel);
				let keys = self.chain.channels[&channel].terms.keys;
				let verify =
					|key: &ChannelKey, payload: &Hash, signature: &ChannelSignature| *signature == sign(key, payload);
				let sheet = self.machines[who].party.sheet(channel);
				let changes = sheet.is_none_or(|sheet| sheet.agreed.is_some() || sheet.renewal.is_some());
				match bundle.check(&keys, &verify) {
					Ok(()) => drop(self.bundles.insert((channel, link.side), bundle)),
					// It counts under a key that may be in force soon.
					Err(error) => assert!(changes, "{error}"),
				}
			}
			Action::Guard(channel, guard) => {
				self.guards.insert((channel, guard.lock.id), guard);
			}
			Action::Unguard(channel, id) => {
				self.guards.remove(&(channel, id));
			}
			Action::Notify(_) | Action::Progress { .. } | Action::Watched(..) => (),
		}
	}

	/// The tower says that it has what it was given.
	pub fn receipt(&mut self, who: usize, channel: ChannelId) {
		self.receipt_until(who, channel, Tick::MAX);
	}

	/// The same, and until when it answers for it.
	pub fn receipt_until(&mut self, who: usize, channel: ChannelId, until: Tick) {
		let side = self.link(who, channel).side;
		let Some(bundle) = self.bundles.get(&(channel, side)) else {
			return;
		};
		let body = Receipt {
			side,
			nonce: bundle.half.body.nonce,
			until,
			cover: 0,
		};
		let signature = sign(&chain::key(TOWER, 0), &body.payload(&bundle.context));
		let receipt = Signed { body, signature };
		let _ = self.tell(who, Event::Receipt(channel, receipt));
	}

	/// The next block, which each machine learns of some blocks later.
	pub fn tick(&mut self, ticks: Tick) {
		self.chain.next(ticks);
		for who in 0..self.machines.len() {
			let lag = self.rng.below(self.plan.lag + 1) as usize;
			let known = self.chain.blocks.len().saturating_sub(lag);
			self.learn(who, known);
		}
	}

	/// Tells a machine of blocks that are final.
	fn learn(&mut self, who: usize, known: usize) {
		while self.machines[who].store.blocks < known && !self.machines[who].down {
			let next = self.machines[who].store.blocks;
			let (tick, all) = &self.chain.blocks[next];
			let links = &self.machines[who].links;
			let concerns = |fact: &&Fact| match fact {
				Fact::Revealed { .. } => true,
				Fact::Opened(_) => false,
				Fact::Stake { channel, .. }
				| Fact::Keys { channel, .. }
				| Fact::Closing { channel, .. }
				| Fact::Open { channel }
				| Fact::Settled { channel, .. }
				| Fact::Gone { channel } => links.iter().any(|link| link.channel == *channel),
			};
			let block = Block {
				tick: *tick,
				facts: all.iter().filter(concerns).cloned().collect(),
			};
			// Whoever is killed before it has stored what came of a block is told again.
			self.machines[who].tells = Some(next + 1);
			let _ = self.tell(who, Event::Final(block));
		}
	}

	/// One message arrives, or is lost.
	pub fn deliver(&mut self) -> bool {
		if self.wire.is_empty() {
			return false;
		}
		let at = self.rng.below(self.wire.len() as u64) as usize;
		let letter = if self.rng.percent(self.plan.double) {
			self.wire[at].clone()
		} else if self.plan.lose == 0 && self.plan.double == 0 && self.plan.kills == 0 {
			self.wire.remove(0)
		} else {
			self.wire.swap_remove(at)
		};
		if !self.rng.percent(self.plan.lose) {
			let _ = self.tell(letter.to, Event::Received(letter.channel, letter.message));
		}
		true
	}

	/// Somebody says something that no machine made.
	pub fn forge(&mut self, to: usize, channel: ChannelId, message: Message) {
		self.wire.push(Letter { to, channel, message });
	}

	/// What a program does about locks that came: it takes what is for it, and carries on what is not.
	pub fn react(&mut self, who: usize) {
		let places: Vec<(Place, Lock, Packet)> = self.machines[who]
			.store
			.arrived
			.iter()
			.map(|(place, (lock, packet))| (*place, *lock, packet.clone()))
			.collect();
		for (at, lock, packet) in places {
			let sheet = self.machines[who].party.sheet(at.channel);
			let taken = sheet.and_then(|sheet| sheet.taken.get(&at.id));
			if taken.is_none_or(|taken| taken.stage != TakenStage::Held) {
				// What is not stored may be undone by a kill.
				if self.machines[who].waiting.is_none() {
					self.machines[who].store.arrived.remove(&at);
				}
				continue;
			}
			let done = match read(&packet) {
				Some((amount, expiry, packet)) => {
					// Parties stand in a row: it goes on in the direction in which it came.
					let channel = match self.link(who, at.channel).side {
						Side::High => at.channel + 1,
						Side::Low => at.channel - 1,
					};
					self.tell(
						who,
						Event::Forward {
							from: at,
							channel,
							amount,
							expiry,
							packet,
						},
					)
				}
				None => self.take(who, at, &lock),
			};
			// What cannot be done now may be later, but for what is refused for good.
			if matches!(
				done,
				Err(Refused::Rule(_) | Refused::TooLate | Refused::Fee | Refused::Closing)
			) {
				let reason = Reason::NoWay;
				let _ = self.tell(who, Event::GiveUp { at, reason });
			}
		}
	}

	fn take(&mut self, who: usize, at: Place, lock: &Lock) -> Result<(), Refused> {
		let secret = self.secrets.get(&lock.condition).copied();
		let wanted = u64::from(lock.condition[0]) % 100 >= self.plan.unwanted;
		match secret.filter(|_| wanted) {
			Some(secret) => {
				let witness = shown(secret);
				let kills = self.machines[who].kills;
				let done = self.tell(who, Event::Show { at, witness });
				if done.is_ok() || self.machines[who].kills > kills {
					self.released.insert(lock.condition);
				}
				done
			}
			None => self.tell(
				who,
				Event::GiveUp {
					at,
					reason: Reason::Unwanted,
				},
			),
		}
	}

	/// The first party locks an amount for the last one, by all who are between.
	pub fn pay_through(&mut self, amount: Balance) -> Result<Hash, Refused> {
		let preimage: Hash = std::array::from_fn(|_| self.rng.next_u64() as u8);
		let condition = hash_lock(&preimage);
		let hash = condition.hash();
		self.secrets.insert(hash, preimage);
		let last = self.machines[0].party.now() + 40;
		let (amount, expiry, packet) = if self.machines.len() > 2 {
			let fee = self.machines[1].config.fee(amount);
			let margin = self.machines[1].config.margin;
			(amount + fee, last + margin, way(amount, last))
		} else {
			(amount, last, Packet::default())
		};
		self.lock(0, 1, amount, expiry, condition, packet)?;
		Ok(hash)
	}

	/// A party locks an amount.
	pub fn lock(
		&mut self,
		who: usize,
		channel: ChannelId,
		amount: Balance,
		expiry: Tick,
		condition: Condition,
		packet: Packet,
	) -> Result<(), Refused> {
		let hash = condition.hash();
		let kills = self.machines[who].kills;
		let done = self.tell(
			who,
			Event::Lock {
				channel,
				amount,
				expiry,
				condition,
				packet,
			},
		);
		if done.is_ok() || self.machines[who].kills > kills {
			self.locked.entry(who).or_default().push((hash, amount));
		}
		done
	}

	/// A party has given out so much, in all, in steps of the last lock that it gave.
	pub fn streams(&mut self, who: usize, amount: Balance) {
		if let Some((hash, _)) = self.locked.get(&who).and_then(|locks| locks.last()) {
			self.streamed.insert(*hash, amount);
		}
	}

	/// Something happens: mostly a message arrives.
	pub fn happen(&mut self) {
		match self.rng.below(100) {
			0..=69 => {
				self.deliver();
			}
			70..=79 => {
				let who = self.rng.below(self.machines.len() as u64) as usize;
				let _ = self.tell(who, Event::Wake);
			}
			80..=94 => {
				let who = self.rng.below(self.machines.len() as u64) as usize;
				self.react(who);
			}
			_ => self.tick(1),
		}
	}

	/// All that is on its way arrives, in order, and is answered.
	pub fn settle_down(&mut self) {
		self.calmly(|world| {
			for _ in 0..4 {
				let mut left = 20_000;
				while world.deliver() && left > 0 {
					left -= 1;
				}
				for who in 0..world.machines.len() {
					let _ = world.tell(who, Event::Wake);
					world.react(who);
				}
			}
			for _ in 0..20_000 {
				if !world.deliver() {
					break;
				}
			}
		});
	}

	/// So many blocks pass, with all else that happens.
	pub fn pass(&mut self, blocks: u32) {
		for _ in 0..blocks {
			self.tick(1);
			self.settle_down();
		}
	}

	/// Every channel is closed, and all that is left is paid.
	pub fn end(&mut self) {
		self.calmly(|world| {
			world.plan.lag = 0;
			world.settle_down();
			world.pass(3);
			for id in world.chain.channels.keys().copied().collect::<Vec<_>>() {
				for who in 0..world.machines.len() {
					if world.machines[who].links.iter().any(|link| link.channel == id) {
						let _ = world.tell(who, Event::Together(id));
						world.settle_down();
					}
				}
			}
			world.pass(2);
			world.tick(25);
			world.pass(2);
			for who in 0..world.machines.len() {
				for link in world.machines[who].links.clone() {
					let open = matches!(world.chain.channels[&link.channel].state, State::Open);
					if open && !world.machines[who].evil {
						let close = Event::Close {
							channel: link.channel,
							sure: true,
						};
						let _ = world.tell(who, close);
					}
				}
			}
			world.pass(8);
			world.tick(150);
			world.pass(30);
			world.tick(8 * channel_primitives::DAY);
			world.pass(8);
			world.tick(31 * channel_primitives::DAY);
			world.chain.give_back();
		});
		for id in self.chain.channels.keys() {
			assert!(
				self.chain.is_over(*id),
				"channel {id} is not over: {:?}",
				self.chain.channels[id]
			);
		}
	}

	/// What a party has in the end less what it had.
	pub fn gain(&self, who: usize) -> i128 {
		let mut gain = 0_i128;
		for link in &self.machines[who].links {
			let deposited = *self.chain.channels[&link.channel].stake.deposited.get(link.side);
			let paid = self.chain.paid.get(&(link.channel, link.side)).copied().unwrap_or(0);
			gain += paid as i128 - deposited as i128;
		}
		gain
	}

	/// The invariants: every planck is somebody's, and no honest party has lost more than it gave.
	pub fn check(&self) {
		let mut sum = 0;
		for who in 0..self.machines.len() {
			sum += self.gain(who);
			let machine = &self.machines[who];
			if machine.evil {
				continue;
			}
			let given = self.locked.get(&who).map_or(0, |locks| {
				let gone = locks.iter().map(|(hash, amount)| match self.released.contains(hash) {
					true => *amount,
					false => self.streamed.get(hash).copied().unwrap_or(0),
				});
				gone.sum::<Balance>()
			});
			let least = machine.store.received as i128 - machine.store.paid as i128 - given as i128;
			assert!(
				self.gain(who) >= least,
				"party {who} has {} and at least {least} is its due (seed {})",
				self.gain(who),
				self.plan.seed,
			);
		}
		for (id, closer) in &self.chain.forfeited {
			let who = *self.chain.channels[id].members.get(*closer);
			assert!(
				self.machines[who].evil,
				"honest party {who} forfeits (seed {})",
				self.plan.seed
			);
		}
		assert_eq!(sum, 0, "every planck is somebody's (seed {})", self.plan.seed);
	}

	/// What is stored makes the same machine, if all of it is stored.
	pub fn check_restart(&self, who: usize) {
		let machine = &self.machines[who];
		if machine.waiting.is_some() {
			return;
		}
		let stored = machine.store.sheets.iter().map(|(id, bytes)| (*id, bytes.as_slice()));
		let again = Party::restore(machine.config, stored).expect("its own sheets");
		for link in &machine.links {
			assert_eq!(again.sheet(link.channel), machine.party.sheet(link.channel));
			assert_eq!(
				again.stored(link.channel),
				machine.store.sheets.get(&link.channel).cloned()
			);
		}
	}
}
