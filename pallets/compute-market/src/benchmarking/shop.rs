//! Machines, and jobs of as many units and members as there can be, without anything that is computed.

use crate::{calls::JobOf, queues::Queue, *};
use alloc::{vec, vec::Vec};
use compute_market_primitives::{
	Accepted, Assignment, Assurance, Balance, Commit, Commitment, EngineId, Input, JobId, Kind, Outcome, PoolMember,
	Price, Program, Reveal, Said, Source, Spec, Tick, UnitAt, UnitCommitment, UnitReveal, WorkOffer, MAX_BATCH,
	MAX_FUEL, MAX_MEMORY_PAGES, MAX_POOL, MAX_UNITS, NO_OUTPUT,
};
use device_primitives::{DeviceId, Endpoint, Host, Transport};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		Get,
	},
	BoundedVec,
};
use market_primitives::Purse;
use sp_core::{crypto::KeyTypeId, sr25519};

/// What a runtime does for these benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// Turns the markets' clock to this tick. The beacon says something that no turn before has said.
	fn set_tick(tick: Tick);

	/// A device with this number and lottery key, which has proven so much that it has all tickets, and its owner.
	fn machine(number: u32, lottery: sr25519::Public) -> (DeviceId, AccountId);

	/// An engine that there is.
	fn engine() -> EngineId;

	/// The chain has money for units that it has run again, and wants that.
	fn automine();
}

/// Where keys are kept that sign here.
const KEYSTORE: KeyTypeId = KeyTypeId(*b"cmpb");

/// The tick of all benchmarks.
pub(super) const NOW: Tick = 10_000_000;

/// What a worker asks for a Gfuel.
pub(super) const ASK: Price = Price(1_000);

/// What a unit may burn.
pub(super) const FUEL: u64 = MAX_FUEL;

pub(super) fn key() -> sr25519::Public {
	sp_io::crypto::sr25519_generate(KEYSTORE, None)
}

pub(super) fn sign(key: &sr25519::Public, payload: &[u8]) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEYSTORE, key, payload).expect("the keystore has the key")
}

pub(super) fn unit<T: Config>() -> Balance {
	T::Currency::minimum_balance().max(1)
}

/// So much that it suffices for everything.
pub(super) fn much<T: Config>() -> Balance {
	unit::<T>().saturating_mul(1_000_000_000_000_000)
}

/// An account that has it.
pub(super) fn rich<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who = account(name, index, 0);
	fund::<T>(&who);
	who
}

pub(super) fn fund<T: Config>(who: &T::AccountId) {
	assert_ok!(T::Currency::increase_balance(who, much::<T>(), Precision::Exact));
}

pub(super) fn offer<T: Config>() -> WorkOffer {
	WorkOffer {
		ask: ASK,
		engines: BoundedVec::truncate_from(vec![T::BenchmarkHelper::engine(); 1]),
		slots: 1_024,
		memory_pages: MAX_MEMORY_PAGES,
	}
}

pub(super) fn spec<T: Config>(units: u32) -> Spec {
	Spec {
		engine: T::BenchmarkHelper::engine(),
		program: Program {
			root: [1; 32],
			length: 1_000,
		},
		input: Input::Number,
		source: Source::Client(BoundedVec::truncate_from(vec![Endpoint {
			transport: Transport::Tcp,
			host: Host::V4([10, 0, 0, 1]),
			port: 9_000,
		}])),
		units,
		fuel_limit: FUEL,
		memory_pages: 1,
	}
}

/// What comes of every unit here.
pub(super) fn outcome() -> Outcome {
	Outcome {
		kind: Kind::OutOfFuel,
		root: NO_OUTPUT,
		fuel: FUEL,
	}
}

/// What is said instead of it.
pub(super) fn other() -> Outcome {
	Outcome {
		kind: Kind::Trap(1),
		..outcome()
	}
}

/// A device that offers all that one can, its owner, and its lottery key.
pub(super) fn machine<T: Config>(number: u32) -> (DeviceId, T::AccountId, sr25519::Public) {
	let lottery = key();
	let (device, owner) = T::BenchmarkHelper::machine(number, lottery);
	fund::<T>(&owner);
	assert_ok!(Pallet::<T>::do_set_worker(owner.clone(), device, Some(offer::<T>())));
	assert_ok!(Pallet::<T>::do_add_stake(&owner, device, much::<T>().div_euclid(2)));
	(device, owner, lottery)
}

/// A device does all here that one can do: when it goes all of its tickets go, and another one's move.
pub fn engage<T: Config>(device: &DeviceId, owner: &T::AccountId) {
	fund::<T>(owner);
	// Of one that is suspended nothing is offered.
	let _ = Pallet::<T>::do_set_worker(owner.clone(), *device, Some(offer::<T>()));
	machine::<T>(0);
}

/// Machines, and a user.
pub(super) struct Shop<T: Config> {
	pub(super) user: T::AccountId,
	pub(super) machines: Vec<(DeviceId, T::AccountId, sr25519::Public)>,
}

impl<T: Config> Shop<T> {
	pub(super) fn open(machines: u32) -> Self {
		T::BenchmarkHelper::set_tick(NOW);
		let turns = Turns {
			turn: 10,
			last: BoundedVec::truncate_from((0..MAX_BEACONS as u8).map(|byte| [byte; 32]).collect()),
		};
		Beacons::<T>::put(turns);
		DueNext::<T>::put(NOW);
		let machines = (1..=machines).map(machine::<T>).collect();
		let there = TicketCount::<T>::get();
		Drawable::<T>::put((there, there));
		fund::<T>(&T::Treasury::get());
		Self {
			user: rich::<T>("user", 0),
			machines,
		}
	}

	/// A job that has its money, and no pool.
	pub(super) fn ordered(&self, units: u32) -> JobId {
		let assurance = Assurance::Quorum;
		assert_ok!(Pallet::<T>::do_submit(
			&self.user,
			spec::<T>(units),
			ASK,
			assurance,
			true
		));
		LastJob::<T>::get()
	}

	/// All machines are in its pool.
	pub(super) fn running(&self, units: u32) -> JobId {
		let id = self.ordered(units);
		PoolingEnds::<T>::put((0, 0));
		Pooling::<T>::remove(0);
		self.staff(id);
		id
	}

	/// All machines are in the pool of a job.
	pub(super) fn staff(&self, id: JobId) {
		let mut pool = PoolOf::<T::AccountId>::default();
		let stake = Jobs::<T>::get(id).map_or(0, |job| job.stake);
		for (place, (device, owner, _)) in self.machines.iter().take(MAX_POOL as usize).enumerate() {
			let member = Member {
				work: PoolMember::new(*device, ASK, 1_000, 1_024),
				owner: owner.clone(),
				group: None,
				locked: stake,
				accepted: 1,
				has: 0,
				open: 0,
				checked: 0,
				earned: unit::<T>(),
				withheld: unit::<T>(),
				rests: false,
			};
			assert!(pool.try_push(member).is_ok());
			Memberships::<T>::insert(device, id, place as u8);
			Workers::<T>::mutate(device, |worker| {
				let worker = worker.as_mut().expect("set");
				worker.pools += 1;
				worker.locked += stake;
			});
		}
		// What members have earned lies there.
		let earned = unit::<T>().saturating_mul(2).saturating_mul(pool.len() as Balance);
		assert_ok!(Pallet::<T>::put_in(&self.user, earned));
		Pools::<T>::insert(id, pool);
		self.change(id, |job| {
			job.stage = Stage::Running;
			job.counts = true;
		});
	}

	pub(super) fn change(&self, id: JobId, change: impl FnOnce(&mut JobOf<T>)) {
		Jobs::<T>::mutate(id, |job| change(job.as_mut().expect("there is one")));
	}

	/// Units that the first so many members have in this state, out of as many as there can be.
	pub(super) fn out(&self, id: JobId, units: core::ops::Range<UnitAt>, members: u8, state: State) {
		for at in units {
			let mut unit = Unit::new(members.into(), 0, None);
			for member in 0..members {
				assert!(unit.give(member, NOW - 1, NOW, false).is_ok());
			}
			for replica in &mut unit.replicas {
				replica.state = state;
			}
			Units::<T>::insert(id, at, unit);
			Boards::<T>::mutate(id, |board| assert!(board.open.try_push(at).is_ok()));
			self.change(id, |job| {
				job.open += 1;
				job.next += 1;
			});
		}
		let hold = ASK.hold_for_fuel(FUEL).expect("fits");
		let busy = u32::from(state == State::Working);
		let units = Jobs::<T>::get(id).map_or(0, |job| job.open);
		self.change(id, |job| {
			job.promised = hold.saturating_mul(units.into()).saturating_mul(members.into());
			let missing = job.promised.saturating_sub(job.escrow.amount());
			job.escrow = Purse::holding(job.escrow.amount().saturating_add(missing));
			assert_ok!(Pallet::<T>::put_in(&self.user, missing));
		});
		for (device, ..) in self.machines.iter().take(members.into()) {
			Workers::<T>::mutate(device, |worker| {
				worker.as_mut().expect("set").busy = units.saturating_mul(busy);
			});
		}
	}

	/// It is the turn of a job of which as many units are out as can be. So many of them want four more than the three
	/// that have them, of all but those that were asked.
	pub(super) fn wanting(&self, id: JobId, units: u32, asked: u64) {
		self.out(id, 0..MAX_OPEN, 3, State::Revealed(outcome()));
		for at in 0..units {
			Units::<T>::mutate(id, at, |unit| {
				let unit = unit.as_mut().expect("out");
				(unit.want, unit.asked) = (7, asked);
			});
		}
		let wanting = BoundedVec::truncate_from((0..units).collect());
		Boards::<T>::mutate(id, |board| board.wanting = wanting);
		self.change(id, |job| job.queued = true);
		Queue::<Runnable<T>, RunnableEnds<T>, _>::push(id);
	}

	/// A result that the first three members answer for.
	pub(super) fn result(&self, id: JobId, at: UnitAt, undrawn: bool) {
		let agreed = Agreed {
			accepted: Accepted {
				outcome: outcome(),
				at: NOW,
			},
			by: 0b111,
			asked: 0b111,
			undrawn,
			check: None,
		};
		Results::<T>::insert(id, at, agreed);
		self.change(id, |job| {
			job.accepted += 1;
			job.checks += u32::from(undrawn);
		});
	}

	/// A job that is done, with so many results.
	pub(super) fn done(&self, units: u32) -> JobId {
		let id = self.running(units);
		for at in 0..units {
			self.result(id, at, false);
		}
		self.change(id, |job| {
			job.next = units;
			job.stage = Stage::Done(NOW);
			job.calls_back = false;
			job.queued = false;
		});
		Live::<T>::put(0);
		id
	}

	fn assignment(at: UnitAt) -> Assignment {
		Assignment {
			unit: at,
			since: NOW - 1,
		}
	}

	/// What the last of the first three members says of so many units, and its signature.
	pub(super) fn commits(&self, job: JobId, units: u32) -> (Commit<DeviceId>, sr25519::Signature) {
		let (device, _, lottery) = self.machines[2].clone();
		let said = |at| UnitCommitment {
			at: Self::assignment(at),
			said: Said::Committed(Commitment::of(&outcome().digest(), &[0; 16], &device)),
		};
		let commit = Commit {
			device,
			job,
			units: BoundedVec::truncate_from((0..units.min(MAX_BATCH)).map(said).collect()),
		};
		let signature = sign(&lottery, &commit.payload(&Pallet::<T>::genesis()));
		(commit, signature)
	}

	/// What it reveals.
	pub(super) fn reveals(&self, job: JobId, units: u32) -> Reveal {
		let shown = |at| UnitReveal {
			at: Self::assignment(at),
			outcome: outcome(),
			salt: [0; 16],
		};
		Reveal {
			job,
			place: 2,
			units: BoundedVec::truncate_from((0..units.min(MAX_BATCH)).map(shown).collect()),
		}
	}

	/// So many units of which all have revealed what they have but the last of three, who has only sealed it.
	pub(super) fn to_reveal(&self, id: JobId, units: u32) {
		self.out(id, 0..units, 3, State::Revealed(outcome()));
		let device = self.machines[2].0;
		for at in 0..units {
			Units::<T>::mutate(id, at, |unit| {
				let unit = unit.as_mut().expect("out");
				unit.phase = Phase::Revealing {
					until: NOW,
					begun: true,
				};
				let commitment = Commitment::of(&outcome().digest(), &[0; 16], &device);
				unit.replicas[2].state = State::Sealed(commitment);
			});
		}
	}
}

/// As many units as a job has.
pub(super) const UNITS: u32 = MAX_UNITS;
