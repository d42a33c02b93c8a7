//! One deal with all the money around it: what was put in, what went out, what is held of devices. Each step is checked
//! against the books.

use market_primitives::{Purse, Split};
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;
use storage_market_primitives::{
	Balance, Confirmed, Deal, DealError, Geometry, Kind, Moment, Order, Price, SlotAt, Stage, Terms, Tick, Times, Turn,
	Why,
};

pub type Device = u8;
pub type TestDeal = Deal<u8, Device>;

pub const OWNER: u8 = 77;

/// Terms whose times are a few ticks, so that all of them pass.
pub fn small_terms() -> Terms {
	Terms {
		era: 4,
		times: Times {
			placing: 2,
			upload: 2,
			upload_per_mib: 0,
			grace: 3,
			patience: [1, 2, 3, 4],
		},
		egress: Price(7 << 16),
		..Terms::real()
	}
}

/// An order over slots of 16 KiB, whose pay is one and a half planck a tick and slot.
pub fn small_order(enough: u8, slots: u8, eras: u32) -> Order {
	Order {
		geometry: Geometry {
			enough,
			slots,
			volume_len: 1,
		},
		max_ask: Price(3 << 17),
		eras,
		factor: 2,
	}
}

/// What can happen to a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
	Wait(Tick),
	Due,
	Place(SlotAt, Device),
	Fail(SlotAt),
	Roots,
	Redraw(SlotAt),
	Confirm(SlotAt, Device),
	ExpireDraw(SlotAt),
	Prove(SlotAt, Device),
	Miss(SlotAt, Device),
	Lose(SlotAt),
	Leave(SlotAt, Device),
	Claim(SlotAt, Device),
	Extend(u32),
	GiveUp,
	Terminate,
	Close,
}

impl Step {
	/// All of them, with so many slots and devices.
	pub fn all(slots: SlotAt, devices: Device) -> Vec<Self> {
		let mut all = vec![
			Self::Wait(1),
			Self::Wait(4),
			Self::Due,
			Self::Roots,
			Self::Extend(1),
			Self::GiveUp,
			Self::Terminate,
			Self::Close,
		];
		for at in 0..slots {
			all.extend([Self::Fail(at), Self::Redraw(at), Self::ExpireDraw(at), Self::Lose(at)]);
			for device in 0..devices {
				all.extend([
					Self::Place(at, device),
					Self::Confirm(at, device),
					Self::Prove(at, device),
					Self::Miss(at, device),
					Self::Leave(at, device),
					Self::Claim(at, device),
				]);
			}
		}
		all
	}

	/// Any of them, such as move a deal on more often.
	pub fn any(rng: &mut Rng, slots: SlotAt, devices: Device) -> Self {
		let at = rng.below(u64::from(slots)) as SlotAt;
		let device = rng.below(u64::from(devices)) as Device;
		match rng.below(40) {
			0..8 => Self::Place(at, device),
			8..16 => Self::Confirm(at, device),
			16..21 => Self::Prove(at, device),
			21..24 => Self::Miss(at, device),
			24..26 => Self::Lose(at),
			26 => Self::Leave(at, device),
			27 => Self::Claim(at, device),
			28 => Self::ExpireDraw(at),
			29 => Self::Fail(at),
			30 => Self::Redraw(at),
			31 => Self::Roots,
			32 if rng.percent(20) => Self::Extend(rng.range(1, 3) as u32),
			33 if rng.percent(2) => Self::GiveUp,
			34 if rng.percent(2) => Self::Terminate,
			35 => Self::Close,
			36 | 37 => Self::Due,
			_ => Self::Wait(rng.range(1, 2) as Tick),
		}
	}
}

/// A deal, its books, and the clock.
#[derive(Clone)]
pub struct World {
	pub terms: Terms,
	pub now: Tick,
	pub deal: TestDeal,
	/// The market's pool.
	pub pool: Purse,
	/// Collateral that is held of devices.
	pub held: Balance,
	/// What the owner and devices have put in.
	pub put_in: Balance,
	/// What went to the owner.
	pub to_owner: Balance,
	/// What went to devices, collateral too.
	pub to_devices: Balance,
	pub burned: Balance,
}

impl World {
	pub fn new(order: Order, terms: Terms) -> Self {
		let (deal, quote) = Deal::open(OWNER, Kind::Beacon, order, 0, &terms).expect("sound");
		assert_eq!(deal.holds(), quote.total());
		Self {
			terms,
			now: 0,
			pool: Purse::empty(),
			held: 0,
			put_in: deal.holds(),
			to_owner: 0,
			to_devices: 0,
			burned: 0,
			deal,
		}
	}

	/// One whose slots are all held by the devices with their numbers, and which begins at tick 0.
	pub fn active(order: Order, terms: Terms) -> Self {
		let mut world = Self::new(order, terms);
		let slots = SlotAt::from(order.geometry.slots);
		for at in 0..slots {
			world.done(Step::Place(at, at as Device));
		}
		world.done(Step::Roots);
		for at in 0..slots {
			world.done(Step::Confirm(at, at as Device));
		}
		assert_eq!((world.deal.stage, world.now), (Stage::Active, 0));
		world
	}

	/// What a device asks: those with an odd number half of the most.
	pub fn ask(&self, device: Device) -> Price {
		let most = self.deal.order.max_ask;
		if device % 2 == 1 {
			Price(most.0 / 2)
		} else {
			most
		}
	}

	/// A step that has to be possible.
	#[track_caller]
	pub fn done(&mut self, step: Step) {
		assert_eq!(self.play(step), Ok(()), "{step:?} at {}", self.now);
	}

	/// A step; refused, it changes nothing.
	pub fn play(&mut self, step: Step) -> Result<(), DealError> {
		let before = self.deal.clone();
		let played = self.step(step);
		if played.is_err() {
			assert_eq!(self.deal, before, "{step:?} was refused and changed the deal");
		}
		self.check();
		played
	}

	fn step(&mut self, step: Step) -> Result<(), DealError> {
		let (now, terms) = (self.now, self.terms);
		match step {
			Step::Wait(ticks) => self.now += ticks,
			Step::Due => {
				self.deal.due(now, &terms);
			}
			Step::Place(at, device) => {
				let ask = self.ask(device);
				self.deal.place(at, device, ask, true, now, &terms)?;
			}
			Step::Fail(at) => {
				self.deal.draw_failed(at)?;
			}
			Step::Roots => {
				let roots: Vec<_> = (0..self.deal.slots.len()).map(|at| [at as u8 + 1; 32]).collect();
				self.deal.commit_roots(&roots)?;
			}
			Step::Redraw(at) => self.deal.redraw(at)?,
			Step::Confirm(at, device) => {
				let confirmed = self.deal.confirm(at, &device, now, &terms)?;
				self.confirmed(&confirmed);
			}
			Step::ExpireDraw(at) => {
				self.deal.expire_draw(at, now)?;
			}
			Step::Prove(at, device) => {
				self.deal.prove(at, &device, now, now, &terms)?;
			}
			Step::Miss(at, device) => {
				self.deal.miss(at, &device, now, now)?;
			}
			Step::Lose(at) => {
				let lost = self.deal.lose(at, now, &terms.times)?;
				self.held -= lost.collateral;
				self.pay(terms.shares.split(lost.pay, Perbill::zero()));
			}
			Step::Leave(at, device) => self.deal.leave(at, &device)?,
			Step::Claim(at, device) => {
				let split = self.deal.claim(at, &device, Perbill::one(), &terms)?;
				self.pay(split);
			}
			Step::Extend(eras) => self.put_in += self.deal.extend(eras, now, &terms)?,
			Step::GiveUp => self.burned += self.deal.give_up(now, &terms)?,
			Step::Terminate => self.burned += self.deal.terminate(now, &terms)?,
			Step::Close => {
				let closed = self.deal.close(now, &terms)?;
				self.to_owner += closed.owner;
				self.burned += closed.burned;
				for device in closed.devices {
					self.depart(device.pay, device.collateral);
				}
			}
		}
		Ok(())
	}

	fn confirmed(&mut self, confirmed: &Confirmed<Device>) {
		self.held += confirmed.collateral;
		self.put_in += confirmed.collateral;
		if let Some(left) = &confirmed.left {
			// What is not given back of its collateral is what its successor gets.
			self.held -= confirmed.repaired;
			self.depart(left.pay, left.collateral);
		}
		self.to_devices += confirmed.repaired + self.pool.take_up_to(confirmed.short);
	}

	fn depart(&mut self, pay: Balance, collateral: Balance) {
		self.held -= collateral;
		self.to_devices += collateral;
		self.pay(self.terms.shares.split(pay, Perbill::one()));
	}

	fn pay(&mut self, split: Split) {
		self.to_devices += split.provider;
		self.burned += split.burned;
		self.pool.put_in(split.pool).expect("small");
	}

	/// What holds after each step.
	pub fn check(&self) {
		let deal = &self.deal;
		let inside = deal.holds() + self.pool.amount() + self.held;
		let outside = self.to_owner + self.to_devices + self.burned;
		assert_eq!(self.put_in, inside + outside, "a planck is gone, or was made: {deal:?}");
		assert_eq!(self.held, deal.collateral * Balance::from(deal.holders()), "{deal:?}");
		let devices: Vec<Device> = deal.devices().copied().collect();
		for (at, device) in devices.iter().enumerate() {
			assert!(!devices[..at].contains(device), "{device} has two slots: {deal:?}");
		}
		let enough = u32::from(deal.geometry().enough);
		match deal.stage {
			Stage::Placing { .. } => assert_eq!((deal.holders(), deal.rooted), (0, false)),
			Stage::Uploading { .. } => assert!(deal.rooted || deal.holders() == 0),
			Stage::Active => assert!(deal.rooted && deal.holders() >= enough && deal.ends > 0),
			Stage::Ended { why, .. } => {
				assert!(deal.slots.iter().all(|slot| slot.drawn.is_none()));
				assert!(why != Why::Lost || deal.holders() < enough);
			}
		}
		for holding in deal.slots.iter().filter_map(|slot| slot.holding.as_ref()) {
			assert!(holding.since <= holding.proven_to && holding.ask <= deal.order.max_ask);
			assert!(deal.ends == 0 || holding.proven_to <= deal.ends.max(holding.since));
			assert!(holding.suspect.is_none() || holding.misses > 0);
		}
	}

	/// Time alone: nobody proves, draws or confirms any more. Returns after how many ticks the deal was closed.
	pub fn run_out(&mut self, most: Tick) -> Option<Tick> {
		for ticks in 0..=most {
			self.done(Step::Due);
			for at in 0..self.deal.slots.len() as SlotAt {
				let _ = self.play(Step::Lose(at));
				let _ = self.play(Step::ExpireDraw(at));
			}
			if self.play(Step::Close).is_ok() {
				assert_eq!((self.deal.holds(), self.held), (0, 0), "something was left behind");
				return Some(ticks);
			}
			self.now += 1;
		}
		None
	}
}

/// What time does at a tick.
pub fn due(world: &mut World) -> Option<Turn> {
	world.deal.due(world.now, &world.terms)
}

/// A moment that nobody has chosen.
pub fn moment(rng: &mut Rng, tick: Tick) -> Moment {
	Moment {
		tick,
		randomness: core::array::from_fn(|_| rng.next_u64() as u8),
	}
}

/// The source of a seed, which a test that fails shows.
pub fn source(seed: u64) -> Rng {
	println!("seed {seed}");
	Rng::new(seed)
}
