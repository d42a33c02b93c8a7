//! Blocks of a chain with very many devices.

use super::{
	begins_turn,
	devices::{candidate, id, kind, let_segments_win, plot, proof_that_wins, round, write, CANDIDATES},
	draw::poisson,
};
use crate::proofs::chain::{genesis, lottery, set_time};
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo, PostDispatchInfo},
	traits::{Authorize, Hooks},
	weights::Weight,
};
use frame_system::RawOrigin;
use pallet_resource_proofs::{
	CandidateSums, Candidates, Counts, DeviceCounts, KindTotal, ParameterValues, Parameters, Sums, WaitingFor,
	WeightInfo,
};
use proof_lottery_primitives::{LotterySignature, Pulse, Resource, SegmentWin, Terms, Threshold};
use proof_of_space_primitives::{is_up, Hash};
use smartchain_rng::Rng;
use smartchain_runtime::{
	constants::time::TURN_LENGTH, limits::RuntimeBlockWeights, AccountId, ResourceProofs, Runtime, RuntimeOrigin,
	System, UncheckedExtrinsic,
};
use smartchain_runtime_apis::runtime_decl_for_resource_proofs_api::ResourceProofsApiV1;
use smartchain_tests::{ensure, Error, Result};
use sp_core::sr25519;
use sp_io::TestExternalities;
use sp_runtime::{
	generic::Preamble,
	traits::{Dispatchable, ExtensionVariant, TransactionExtension},
	DispatchError,
};
use std::{
	collections::{BTreeSet, VecDeque},
	time::{Duration, Instant},
};

/// The first slot: far from the beginning, and the first of a round of each length.
const START: u64 = 24_000_000;
/// Wins of a block by which a million devices expect 16 in tau, of space and of uptime.
const RAISED: [u32; 2] = [34, 17];

/// With fewer devices a round may draw more winners than there are whose group is up.
const LEAST: u32 = 1_000;

/// Which wins a block takes.
#[derive(Clone, Copy, Default)]
pub struct Takes {
	pub space: bool,
	pub uptime: bool,
	pub compute: bool,
}

/// What a block has.
#[derive(Default)]
pub struct Block {
	pub takes: Takes,
	pub space: u32,
	pub pulses: u32,
	pub announced: u32,
	pub segments: u32,
	/// Announcements that wait at its end.
	pub waiting: u64,
	/// Bytes of the wins' transactions.
	pub bytes: usize,
	/// The share of a block's weight that hooks and wins are charged.
	pub weight: f64,
}

/// A transaction that waits for its place.
struct Waits {
	transaction: UncheckedExtrinsic,
	resource: Resource,
	until: u64,
	/// Whether it has met a full queue.
	met_full_queue: bool,
}

/// What a block has no room for.
enum Full {
	/// More wins of a lottery.
	Block,
	/// Announcements that wait.
	Queue,
}

/// What a block had no room for, if it refused a win for nothing else: that win may go into a later one.
fn full(refused: DispatchError) -> Option<Full> {
	type Refused = pallet_resource_proofs::Error<Runtime>;
	if refused == DispatchError::from(Refused::BlockIsFull) {
		Some(Full::Block)
	} else if refused == DispatchError::from(Refused::QueueIsFull) {
		Some(Full::Queue)
	} else {
		None
	}
}

/// Announcements, and what became of them where as many waited as may.
#[derive(Clone, Copy, Debug, Default)]
pub struct Queue {
	/// Announcements that were drawn,
	pub announced: u64,
	/// those that a full queue refused at least once,
	pub refused: u64,
	/// and those of these that no block had room for as long as their window was open.
	pub lost: u64,
	/// Blocks in which the queue was full.
	pub blocks: u64,
}

impl Queue {
	/// A full queue refuses a win; it counts once, however often it is tried.
	fn meets(&mut self, waits: &mut Waits) {
		if !waits.met_full_queue {
			waits.met_full_queue = true;
			self.refused += 1;
		}
	}
}

/// What a win is charged besides the base of every transaction, once all is given back that a block gives back: what
/// its call has not taken, nonce and fee, which it has not, and the highest strength, for plots here have the lowest.
fn charged(win: &UncheckedExtrinsic, resource: Resource, done: &PostDispatchInfo) -> Weight {
	type Proofs = <Runtime as pallet_resource_proofs::Config>::WeightInfo;
	let (call, info) = (&win.function, win.get_dispatch_info());
	let authorized = call.weight_of_authorize();
	let verified = match resource {
		Resource::Space => Proofs::verify_space(1).saturating_sub(Proofs::verify_space(0)),
		Resource::Uptime | Resource::Compute => authorized,
	};
	let not_signed = match &win.preamble {
		Preamble::General(ExtensionVariant::V0(extension)) => {
			extension.6.weight(call).saturating_add(extension.8.weight(call))
		}
		_ => Weight::zero(),
	};
	done.actual_weight
		.unwrap_or(info.call_weight)
		.saturating_add(info.extension_weight)
		.saturating_sub(authorized.saturating_sub(verified))
		.saturating_sub(not_signed)
}

/// The chain.
pub struct World {
	state: TestExternalities,
	rng: Rng,
	pub devices: u32,
	/// Whether directors have raised the wins of a block.
	pub raised: bool,
	height: u32,
	slot: u64,
	pool: VecDeque<Waits>,
	/// The rounds whose winners were drawn last.
	drawn: [Option<u64>; 3],
	/// Wins that were drawn,
	pub won: u64,
	/// those of space among them,
	pub won_by_space: u64,
	/// and those that no block had room for.
	pub left_out: u64,
	/// What became of announcements.
	pub queue: Queue,
	/// Wins that were applied,
	pub applied: u64,
	/// and how long that took.
	pub took: Duration,
}

const RESOURCES: [Resource; 3] = [Resource::Space, Resource::Uptime, Resource::Compute];

impl World {
	/// So many devices are in all lotteries, each with a plot and a segment.
	pub fn new(devices: u32, raised: bool) -> Result<Self> {
		ensure!(
			devices >= LEAST,
			"{devices} devices are too few to draw winners from: simulate at least {LEAST}"
		);
		let mut state = genesis()?;
		state.execute_with(|| {
			let mut parameters = ParameterValues::real();
			if raised {
				[parameters.space.wins_per_block, parameters.uptime.wins_per_block] = RAISED;
			}
			ensure!(
				parameters.check::<Runtime>().is_ok(),
				"the runtime does not take {RAISED:?} wins in a block: see its MaxSpaceWins and MaxPulses"
			);
			Parameters::<Runtime>::put(parameters);
			DeviceCounts::<Runtime>::put(Counts {
				space: devices,
				compute: devices,
				uptime: devices,
			});
			Sums::<Runtime>::mutate(|sums| {
				let plots = Default::default();
				sums.space.try_push(KindTotal { kind: kind(), plots })
			})
			.map_err(|_| Error::new("genesis has devices already"))?;
			for number in 0..CANDIDATES {
				let sums = CandidateSums {
					devices: devices / CANDIDATES,
					..Default::default()
				};
				Candidates::<Runtime>::insert(candidate(number), sums);
			}
			Ok(())
		})?;
		Ok(Self {
			state,
			rng: Rng::new(11),
			devices,
			raised,
			height: 1_000,
			slot: START - 1,
			pool: VecDeque::new(),
			drawn: [None; 3],
			won: 0,
			won_by_space: 0,
			left_out: 0,
			queue: Queue::default(),
			applied: 0,
			took: Duration::ZERO,
		})
	}

	/// The next block: hooks at its start, wins as they have room, segments at its end.
	pub fn block(&mut self) -> Result<Block> {
		self.slot += 1;
		self.height += 1;
		let (height, slot) = (self.height, self.slot);
		let fresh = begins_turn(slot).then(|| core::array::from_fn(|_| self.rng.next_u64() as u8));
		let mut weight = self.state.execute_with(|| {
			System::reset_events();
			set_time(height, slot - 1, slot);
			if let Some(accumulator) = fresh {
				pallet_poca::AccumulatedRandomness::<Runtime>::put::<[u8; 32]>(accumulator);
			}
			ResourceProofs::on_initialize(height)
		});
		let (before, queue) = (self.pool.len(), &mut self.queue);
		self.pool.retain(|waits| {
			let stays = waits.until >= slot;
			if !stays && waits.met_full_queue {
				queue.lost += 1;
			}
			stays
		});
		self.left_out += (before - self.pool.len()) as u64;
		let mut block = Block {
			takes: self.takes(),
			..Default::default()
		};
		weight = weight.saturating_add(self.apply(&mut block)?);
		let limits = RuntimeBlockWeights::get();
		let left = limits.max_block.saturating_sub(weight);
		let (idle, before, waiting) = self.state.execute_with(|| {
			let before = WaitingFor::<Runtime>::get().len();
			let idle = ResourceProofs::on_idle(height, left);
			(idle, before, WaitingFor::<Runtime>::get().len())
		});
		block.segments = before.saturating_sub(waiting) as u32;
		block.waiting = waiting;
		let all = weight.saturating_add(idle);
		block.weight = all.ref_time() as f64 / limits.max_block.ref_time() as f64;
		// Rounds that this block has opened are answered from the next one on.
		self.draw()?;
		Ok(block)
	}

	/// Which wins the block takes: those of rounds that were opened before it.
	fn takes(&mut self) -> Takes {
		let slot = self.slot;
		let takes = |round: Option<(u64, u64)>| round.is_some_and(|(opened, until)| opened < slot && slot <= until);
		let [space, uptime, compute] = self
			.state
			.execute_with(|| RESOURCES.map(|resource| takes(round(resource).map(|round| (round.opened, round.until)))));
		Takes { space, uptime, compute }
	}

	/// Applies what waits, until each kind has no more room. What a full queue refuses is tried again by each block, as
	/// its sender does, for as long as its window is open.
	fn apply(&mut self, block: &mut Block) -> Result<Weight> {
		let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
		let mut without_room = BTreeSet::new();
		let mut queue_is_full = false;
		let mut weight = Weight::zero();
		let mut kept = VecDeque::new();
		while let Some(mut waits) = self.pool.pop_front() {
			if without_room.contains(&waits.resource) {
				// The queue grows shorter at the end of a block alone: this one would be refused as well.
				if queue_is_full && waits.resource == Resource::Compute {
					self.queue.meets(&mut waits);
				}
				kept.push_back(waits);
				continue;
			}
			let call = waits.transaction.function.clone();
			let begun = Instant::now();
			let outcome = self
				.state
				.execute_with(|| call.dispatch(RuntimeOrigin::from(RawOrigin::<AccountId>::Authorized)));
			let took = begun.elapsed();
			match outcome {
				Ok(done) => {
					self.took += took;
					self.applied += 1;
					block.bytes += waits.transaction.encode().len();
					let charged = charged(&waits.transaction, waits.resource, &done);
					weight = weight.saturating_add(charged).saturating_add(base);
					match waits.resource {
						Resource::Space => block.space += 1,
						Resource::Uptime => block.pulses += 1,
						Resource::Compute => block.announced += 1,
					}
				}
				Err(refused) => {
					let full = full(refused.error)
						.ok_or_else(|| Error::new(format!("a win is refused: {:?}", refused.error)))?;
					if matches!(full, Full::Queue) {
						queue_is_full = true;
						self.queue.meets(&mut waits);
					}
					without_room.insert(waits.resource);
					kept.push_back(waits);
				}
			}
		}
		self.queue.blocks += u64::from(queue_is_full);
		self.pool = kept;
		Ok(weight)
	}

	/// Draws the winners of rounds that were opened just now, and makes what they send.
	fn draw(&mut self) -> Result<()> {
		for (place, resource) in RESOURCES.into_iter().enumerate() {
			let Some(round) = self.state.execute_with(|| round(resource)) else {
				continue;
			};
			if round.opened != self.slot || self.drawn[place] == Some(round.number) {
				continue;
			}
			self.drawn[place] = Some(round.number);
			let terms = round.terms;
			let each = f64::from(terms.expected(1).0) / 65_536.0 / f64::from(terms.lottery.rounds);
			let winners = poisson(&mut self.rng, each * f64::from(self.devices)).min(self.devices);
			let threshold = terms
				.threshold(1)
				.ok_or_else(|| Error::new("no device can win: there are too many"))?;
			let mut there = BTreeSet::new();
			for _ in 0..winners {
				let device = self.winner(resource, &round.challenge, terms.lottery.filter, &mut there);
				let transaction = self.transaction(resource, device, round.number, &round.challenge, &threshold)?;
				self.pool.push_back(Waits {
					transaction,
					resource,
					until: round.until,
					met_full_queue: false,
				});
			}
			self.won += u64::from(winners);
			match resource {
				Resource::Space => self.won_by_space += u64::from(winners),
				Resource::Uptime => (),
				Resource::Compute => {
					self.queue.announced += u64::from(winners);
					self.state.execute_with(|| let_segments_win(round.number));
				}
			}
		}
		Ok(())
	}

	/// A device that has not won this round, and whose group is up; its entry is written if it has none.
	fn winner(&mut self, resource: Resource, challenge: &Hash, filter: u32, there: &mut BTreeSet<u32>) -> u32 {
		let bits = u8::try_from(filter.trailing_zeros()).unwrap_or(0);
		loop {
			let number = self.rng.below(self.devices.into()) as u32;
			let up =
				resource != Resource::Space || self.state.execute_with(|| is_up(challenge, &plot(number).group, bits));
			if up && there.insert(number) {
				self.state.execute_with(|| write(number));
				return number;
			}
		}
	}

	/// What a device sends that wins.
	fn transaction(
		&mut self,
		resource: Resource,
		number: u32,
		round: u64,
		challenge: &Hash,
		threshold: &Threshold,
	) -> Result<UncheckedExtrinsic> {
		let rng = &mut self.rng;
		self.state.execute_with(|| match resource {
			Resource::Space => {
				let proof = proof_that_wins(rng, &plot(number), challenge, threshold);
				Runtime::win_space(id(number), round, 0, proof)
					.ok_or_else(|| Error::new("proofs are longer than a transaction can carry"))
			}
			Resource::Uptime => {
				let mut pulse = Pulse {
					device: id(number).0,
					round,
					pre_output: [0; 32],
					proof: [0; 64],
				};
				while !threshold.wins(&pulse.hash()) {
					pulse.pre_output = core::array::from_fn(|_| rng.next_u64() as u8);
				}
				Ok(Runtime::pulse(pulse))
			}
			Resource::Compute => {
				let win = SegmentWin {
					device: id(number).0,
					window: round,
					segment: 0,
				};
				let signature = LotterySignature::from(sr25519::Signature::from_raw([0; 64]));
				Ok(Runtime::win_compute(win, signature))
			}
		})
	}

	/// How many wins of a lottery blocks that take them are to have at the most.
	pub fn expected(&self, resource: Resource) -> u32 {
		let parameters = ParameterValues::real();
		match resource {
			Resource::Space if self.raised => RAISED[0],
			Resource::Uptime if self.raised => RAISED[1],
			Resource::Space => parameters.space.wins_per_block,
			Resource::Uptime => parameters.uptime.wins_per_block,
			Resource::Compute => parameters.compute.wins_per_block,
		}
	}

	/// How many wins a block takes, by the pallet's word.
	pub fn most(&mut self, resource: Resource) -> u32 {
		self.state.execute_with(|| ResourceProofs::most_in_a_block(resource))
	}

	/// A lottery with so many devices.
	pub fn terms(&self, resource: Resource) -> Terms {
		let mut lottery = ParameterValues::real().lottery(resource, TURN_LENGTH);
		lottery.wins_per_block = self.expected(resource);
		lottery.with(self.devices)
	}

	/// Slots in which a credit falls to 1/e.
	pub fn tau(&self) -> u32 {
		ParameterValues::real().tau
	}

	/// What all devices have of plots, as the chain sums it up, in 32 fractional bits.
	pub fn sum_of_plots(&mut self) -> u128 {
		let slot = self.slot;
		self.state.execute_with(|| {
			let space = lottery(Resource::Space);
			let sums = Sums::<Runtime>::get();
			sums.space.iter().map(|total| total.plots.at(&space, slot)).sum()
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::traits::Get;
	use pallet_resource_proofs::Waiting;

	/// What a full queue refuses is no error, counts once, and goes into later blocks if these have room in time.
	#[test]
	fn a_full_queue_refuses_and_is_counted() {
		/// How many announcements the queue still takes.
		const ROOM: u64 = 10;
		/// Blocks that take wins of a window.
		const OPEN: u64 = 84;
		let mut world = World::new(200_000, false).unwrap();
		let most: u32 = <Runtime as pallet_resource_proofs::Config>::MaxWaiting::get();
		world.state.execute_with(|| {
			// The first turn opens a window, and no other does before it is over.
			Parameters::<Runtime>::mutate(|parameters| parameters.compute.odds = 1);
			let end = u64::from(most) - ROOM;
			WaitingFor::<Runtime>::put(Waiting { next: 0, end });
		});
		assert_eq!(world.block().unwrap().announced, 0);
		let first = world.block().unwrap().announced;
		let mut taken = u64::from(first);
		for _ in 1..OPEN + 6 {
			taken += u64::from(world.block().unwrap().announced);
		}
		let queue = world.queue;
		// Some 440 are drawn, of which a block that is not full takes 64.
		assert!(queue.announced > 300, "{queue:?}");
		assert!(u64::from(first) >= ROOM && first < 64, "{first}");
		assert_eq!(queue.refused, queue.announced - u64::from(first), "{queue:?}");
		assert_eq!(queue.blocks, OPEN, "{queue:?}");
		// Two are run at the end of each block, and make room for two.
		assert!(taken > u64::from(first), "{taken}");
		assert_eq!(queue.lost, queue.announced - taken, "{queue:?}");
		assert!(world.left_out >= queue.lost, "{queue:?}");
	}
}
