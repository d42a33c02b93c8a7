//! Who works for a job: what workers offer, who is drawn, and what is kept of each member.

use crate::{Assurance, Balance, Draw, EngineId, JobError, Price, Reliability, Spec, MAX_MEMORY_PAGES};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use rounds_primitives::Member;
use scale_info::TypeInfo;

/// The most members of a pool.
pub const MAX_POOL: u32 = 64;

/// The most engines of an offer.
pub const MAX_ENGINES: u32 = 4;

/// The most units that a worker runs at once.
pub const MAX_SLOTS: u16 = 1_024;

/// Fuel of a Mfuel: weights and rates are Mfuel a tick.
pub const MFUEL: u64 = 1_000_000;

/// Of so many units that a member was given it may hand back one unharmed.
pub const FREE_DECLINES: u32 = 20;

/// Whoever is late so often in a job leaves its pool.
pub const MAX_LATE: u8 = 3;

/// What a worker offers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct WorkOffer {
	/// Planck for a Gfuel.
	pub ask: Price,
	/// The engines that it has, each once.
	pub engines: BoundedVec<EngineId, ConstU32<MAX_ENGINES>>,
	/// How many units it runs at once, of all jobs together: 1 to [`MAX_SLOTS`].
	pub slots: u16,
	/// To how many pages of 64 KiB the memory of each may grow: 1 to [`MAX_MEMORY_PAGES`].
	pub memory_pages: u32,
}

impl WorkOffer {
	/// Whether it can be one.
	///
	/// # Errors
	/// [`JobError::BadOffer`].
	pub fn check(&self) -> Result<(), JobError> {
		let once = |(at, engine): (usize, &EngineId)| !self.engines.iter().take(at).any(|other| other == engine);
		let engines = !self.engines.is_empty() && self.engines.iter().enumerate().all(once);
		let slots = (1..=MAX_SLOTS).contains(&self.slots);
		if engines && slots && (1..=MAX_MEMORY_PAGES).contains(&self.memory_pages) {
			return Ok(());
		}
		Err(JobError::BadOffer)
	}
}

/// A worker, as far as it matters for a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a, Owner, Group> {
	/// Who has the device.
	pub owner: Owner,
	/// Its network group; none where groups do not matter.
	pub group: Option<Group>,
	/// What it offers.
	pub offer: &'a WorkOffer,
	/// What it may lose, in planck.
	pub stake: Balance,
	/// How it has done so far.
	pub reliability: &'a Reliability,
}

/// What a job asks of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wants {
	/// The engine.
	pub engine: EngineId,
	/// Pages of memory of a unit.
	pub memory_pages: u32,
	/// The most that is paid for a Gfuel.
	pub max_price: Price,
	/// What it may lose at least, in planck: [`Quote::stake`](crate::Quote::stake).
	pub stake: Balance,
	/// Whether it has to be one that may work alone.
	pub alone: bool,
}

/// Why a worker was passed over, if it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
	/// It was not.
	Fits,
	/// It has another engine.
	NoEngine,
	/// It has no such memory.
	NoMemory,
	/// It asks for too much.
	TooDear,
	/// It has too little to lose.
	LowStake,
	/// It may not work alone.
	NotReliable,
	/// Its owner is in the pool.
	SameOwner,
	/// A device of its network is.
	SameNetwork,
}

impl Fit {
	/// Whether it met the terms, whoever else is there.
	#[must_use]
	pub const fn met(self) -> bool {
		matches!(self, Self::Fits | Self::SameOwner | Self::SameNetwork)
	}
}

impl Wants {
	/// Those of a job, where each worker may lose so much.
	#[must_use]
	pub const fn of(spec: &Spec, max_price: Price, assurance: Assurance, stake: Balance) -> Self {
		Self {
			engine: spec.engine,
			memory_pages: spec.memory_pages,
			max_price,
			stake,
			alone: matches!(assurance, Assurance::Audit),
		}
	}

	/// What is to be said of a worker where these are in the pool.
	pub fn judge<Owner: PartialEq, Group: PartialEq>(
		&self,
		worker: &Candidate<'_, Owner, Group>,
		present: &[(Owner, Option<Group>)],
	) -> Fit {
		if !worker.offer.engines.contains(&self.engine) {
			return Fit::NoEngine;
		}
		if worker.offer.memory_pages < self.memory_pages {
			return Fit::NoMemory;
		}
		if worker.offer.ask > self.max_price {
			return Fit::TooDear;
		}
		if worker.stake < self.stake {
			return Fit::LowStake;
		}
		if self.alone && !worker.reliability.may_work_alone() {
			return Fit::NotReliable;
		}
		if present.iter().any(|(owner, _)| *owner == worker.owner) {
			return Fit::SameOwner;
		}
		let near = |group: &Option<Group>| group.is_some() && *group == worker.group;
		if present.iter().any(|(_, group)| near(group)) {
			return Fit::SameNetwork;
		}
		Fit::Fits
	}
}

/// What a draw of a pool has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn<Device> {
	/// The workers, in the order in which they were drawn: none twice.
	pub workers: Vec<Device>,
	/// How many tickets were looked at.
	pub looked: u32,
	/// How many of them met the terms.
	pub met: u32,
}

/// Draws tickets below `tickets` until `most` workers fit, `tries` at most. `look` tells whose a ticket is; one that is
/// nobody's counts as a try alone. No owner and no network is in a pool twice.
pub fn draw<'a, Device, Owner: PartialEq, Group: PartialEq>(
	numbers: &Draw,
	tickets: u32,
	tries: u32,
	most: u32,
	wants: &Wants,
	mut look: impl FnMut(u32) -> Option<(Device, Candidate<'a, Owner, Group>)>,
) -> Drawn<Device> {
	let mut drawn = Drawn {
		workers: Vec::new(),
		looked: 0,
		met: 0,
	};
	let (mut present, most) = (Vec::new(), most.min(MAX_POOL));
	for number in 0..tries {
		if tickets == 0 || u32::try_from(drawn.workers.len()).unwrap_or(u32::MAX) >= most {
			break;
		}
		let Some((device, worker)) = look(numbers.below_u32(number, tickets)) else {
			continue;
		};
		drawn.looked = drawn.looked.saturating_add(1);
		let fit = wants.judge(&worker, &present);
		drawn.met = drawn.met.saturating_add(u32::from(fit.met()));
		if fit == Fit::Fits {
			present.push((worker.owner, worker.group));
			drawn.workers.push(device);
		}
	}
	drawn
}

/// A member of a job's pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PoolMember<Device> {
	/// The worker.
	pub device: Device,
	/// What it asks for a Gfuel, as when it was drawn.
	pub ask: Price,
	/// Its place in the rounds. The weight is its rate: Mfuel a tick, proven and capped.
	pub rounds: Member,
	/// How many units it runs at once, as when it was drawn: at least 1.
	pub slots: u16,
	/// Units of this job that it has and has said nothing of.
	pub in_flight: u16,
	/// Units of this job that it was given.
	pub given: u32,
	/// How many of them it has handed back.
	pub declined: u32,
	/// How often it was late in this job.
	pub late: u8,
	/// Whether it has left: it lost its stake, was late too often, or is gone.
	pub out: bool,
}

impl<Device> PoolMember<Device> {
	/// One that has done nothing yet.
	#[must_use]
	pub fn new(device: Device, ask: Price, rate: u32, slots: u16) -> Self {
		Self {
			device,
			ask,
			rounds: Member::new(rate),
			slots: slots.max(1),
			in_flight: 0,
			given: 0,
			declined: 0,
			late: 0,
			out: false,
		}
	}

	/// Whether it may be given a unit.
	#[must_use]
	pub const fn may_take(&self) -> bool {
		!self.out && self.in_flight < self.slots
	}

	/// Mfuel a tick that it puts into one unit: all of its slots share its rate. At least 1.
	#[must_use]
	pub fn rate_of_slot(&self) -> u32 {
		let slots = u32::from(self.slots.max(1));
		self.rounds.weight().checked_div(slots).unwrap_or(0).max(1)
	}

	/// It is given a unit.
	pub fn take(&mut self) {
		self.in_flight = self.in_flight.saturating_add(1);
		self.given = self.given.saturating_add(1);
	}

	/// It has said something of a unit in time: its hands are free for another one.
	pub fn said(&mut self) {
		self.in_flight = self.in_flight.saturating_sub(1);
	}

	/// A unit of its was right.
	pub fn was_right(&mut self) {
		self.rounds.succeeded();
	}

	/// A unit of its was wrong, or its machine could not run it. [`Self::leave`] is besides, where the stake is lost.
	pub fn failed(&mut self) {
		self.rounds.failed();
	}

	/// It said nothing of a unit in time.
	pub fn was_late(&mut self) {
		self.said();
		self.rounds.failed();
		self.late = self.late.saturating_add(1);
		self.out |= self.late >= MAX_LATE;
	}

	/// It hands back a unit: unharmed, if it does so with one in [`FREE_DECLINES`] at most. Returns whether it was.
	pub fn decline(&mut self) -> bool {
		self.said();
		let free = self.declined.saturating_mul(FREE_DECLINES) < self.given;
		self.declined = self.declined.saturating_add(1);
		if !free {
			self.rounds.failed();
		}
		free
	}

	/// It is given nothing any more.
	pub fn leave(&mut self) {
		self.out = true;
	}
}
