//! Honest parties in a rough world: whatever is lost, doubled, late or killed, nobody loses more than it gave.

use crate::{
	chain::other_key,
	world::{config, hash_lock, Plan, World},
};
use channel_primitives::{Balance, ChannelId, Hash, Tick};
use smartchain_channel::{Event, Packet, Refused};
use smartchain_rng::{runs, seeds, Rng};

/// What has happened in a campaign: it is worth nothing if what it is about never did.
#[derive(Default)]
struct Found {
	kills: u64,
	paid: usize,
	failed: usize,
	relayed: u128,
	closes: usize,
	taken_out: u128,
	rekeyed: u64,
}

fn plan(rng: &mut Rng, seed: u64, joins: u64) -> Plan {
	Plan {
		seed,
		lose: [0, 5, 20][rng.below(3) as usize],
		double: [0, 5, 20][rng.below(3) as usize],
		kills: [0, 2, 10][rng.below(3) as usize],
		lag: rng.below(4),
		unwanted: [0, 30][rng.below(2) as usize],
		joins,
	}
}

/// Somebody wants something, as it comes; `number` counts the keys.
fn wish(world: &mut World, rng: &mut Rng, parties: usize, number: &mut u8) {
	match rng.below(100) {
		0..=14 => {
			let _ = world.pay_through(u128::from(rng.range(1, 60)));
		}
		15..=19 => {
			let who = rng.below(parties as u64) as usize;
			let link = world.machines[who].links[0];
			let pay = Event::Pay {
				channel: link.channel,
				amount: u128::from(rng.range(1, 20)),
				memo: [1; 32],
			};
			let _ = world.tell(who, pay);
		}
		21 => {
			let who = rng.below(parties as u64) as usize;
			let link = world.machines[who].links[0];
			let take = Event::Withdraw {
				channel: link.channel,
				amount: u128::from(rng.range(1, 80)),
			};
			let _ = world.tell(who, take);
		}
		22 => {
			let who = rng.below(parties as u64) as usize;
			let link = world.machines[who].links[0];
			*number += 1;
			let rekey = Event::Rekey {
				channel: link.channel,
				key: other_key(who, link.channel, *number),
			};
			let _ = world.tell(who, rekey);
		}
		20 if rng.percent(5) => {
			let who = rng.below(parties as u64) as usize;
			let link = world.machines[who].links[0];
			let close = Event::Close {
				channel: link.channel,
				sure: false,
			};
			let _ = world.tell(who, close);
		}
		_ => (),
	}
}

/// `joins`: how many steps in a hundred are stored with the next one.
fn campaign(parties: usize, games: u64, joins: u64) -> Found {
	let mut found = Found::default();
	for seed in seeds(games) {
		let mut rng = Rng::new(seed ^ 0x51de);
		let mut world = World::new(plan(&mut rng, seed, joins), &vec![config(); parties], 1_000);
		world.settle_down();
		let mut number = 0;
		for _ in 0..300 {
			world.happen();
			wish(&mut world, &mut rng, parties, &mut number);
			for who in 0..parties {
				world.check_restart(who);
			}
		}
		found.closes += world
			.chain
			.channels
			.values()
			.filter(|channel| !matches!(channel.state, crate::chain::State::Open))
			.count();
		world.end();
		world.check();
		for channel in world.chain.channels.values() {
			found.taken_out += channel.stake.withdrawn.low + channel.stake.withdrawn.high;
		}
		for machine in &world.machines {
			found.kills += machine.kills;
			found.rekeyed += machine.store.rekeyed;
			found.paid += machine.store.paid_locks.len();
			found.failed += machine.store.failed_locks.len();
			found.relayed += machine.store.relayed;
		}
	}
	found
}

#[test]
fn two_parties_lose_nothing_in_a_rough_world() {
	let found = campaign(2, 150 * runs(), 0);
	if seeds(2).count() > 1 {
		assert!(found.kills > 0 && found.paid > 0 && found.failed > 0 && found.closes > 0);
		assert!(found.taken_out > 0 && found.rekeyed > 0);
	}
}

#[test]
fn a_mediator_loses_nothing_in_a_rough_world() {
	let found = campaign(3, 150 * runs(), 0);
	if seeds(2).count() > 1 {
		assert!(found.kills > 0 && found.paid > 0 && found.failed > 0 && found.relayed > 0);
	}
}

/// Halves that are replaced before they are stored are never seen: nobody gains or loses by that.
#[test]
fn whoever_stores_many_steps_at_once_loses_nothing_in_a_rough_world() {
	for parties in [2, 3] {
		let found = campaign(parties, 100 * runs(), 70);
		if seeds(2).count() > 1 {
			assert!(found.kills > 0 && found.paid > 0 && found.failed > 0);
			assert!(parties == 2 || found.relayed > 0);
		}
	}
}

/// In a world without faults each payment ends, and what is paid is what comes.
#[test]
fn in_a_calm_world_all_is_paid_and_nobody_goes_to_the_chain() {
	let mut world = World::new(Plan::default(), &[config(); 3], 100_000);
	world.settle_down();
	let mut sent = 0;
	for round in 0..50_u128 {
		world.pay_through(round + 1).expect("there is room");
		sent += round + 1;
		world.settle_down();
		if round % 10 == 0 {
			world.tick(1);
		}
	}
	assert_eq!(world.machines[2].store.received, sent);
	assert_eq!(world.machines[0].store.paid_locks.len(), 50);
	assert!(world.chain.reveals.is_empty());
	world.end();
	world.check();
	assert_eq!(world.gain(0), -(sent as i128) - 50);
	assert_eq!(world.gain(1), 50);
	assert_eq!(world.gain(2), sent as i128);
	assert!(world.chain.forfeited.is_empty());
}

/// A party locks an amount for another one, by all who stand between.
fn pay_along(world: &mut World, from: usize, to: usize, amount: Balance) -> Result<(), Refused> {
	let preimage: Hash = std::array::from_fn(|_| world.rng.next_u64() as u8);
	let condition = hash_lock(&preimage);
	world.secrets.insert(condition.hash(), preimage);
	let last = world.machines[from].party.now() + 40;
	let (margin, fee) = (config().margin, config().fee(amount));
	let between = from.abs_diff(to) - 1;
	let leg = |left: usize| (amount + fee * left as Balance, last + margin * left as Tick);
	let mut way = Vec::new();
	for left in (0..between).rev() {
		let (amount, expiry) = leg(left);
		way.extend(amount.to_le_bytes());
		way.extend(expiry.to_le_bytes());
	}
	let packet = Packet::try_from(way).expect("20 bytes for each who carries it on");
	let (amount, expiry) = leg(between);
	// Channel 1 is the first two's.
	let channel = (if to > from { from + 1 } else { from }) as ChannelId;
	world.lock(from, channel, amount, expiry, condition, packet)
}

/// One event among many parties in a row: somebody pays somebody, takes out or closes, or a message arrives; and
/// anybody may be killed at any point of it.
fn among(world: &mut World, rng: &mut Rng) {
	let parties = world.machines.len() as u64;
	let (from, to) = (rng.below(parties) as usize, rng.below(parties) as usize);
	let links = world.machines[from].links.clone();
	let channel = rng.pick(&links).expect("each has a partner").channel;
	world.happen();
	match rng.below(1_000) {
		0..=79 if from != to => {
			let _ = pay_along(world, from, to, u128::from(rng.range(1, 60)));
		}
		80..=119 => {
			let amount = u128::from(rng.range(1, 20));
			let memo = [1; 32];
			let _ = world.tell(from, Event::Pay { channel, amount, memo });
		}
		120..=122 => {
			let amount = u128::from(rng.range(1, 80));
			let _ = world.tell(from, Event::Withdraw { channel, amount });
		}
		123 if rng.percent(2) => {
			let _ = world.tell(from, Event::Close { channel, sure: false });
		}
		_ => (),
	}
	world.check_restart(from);
}

/// Twenty parties in a row pay each other at random, and are killed at random.
fn crowd(seed: u64, events: u64) -> Found {
	let mut found = Found::default();
	let mut rng = Rng::new(seed ^ 0xc0de);
	let plan = plan(&mut rng, seed, 0);
	let mut world = World::new(plan, &[config(); 20], 1_000);
	world.remembers = false;
	world.settle_down();
	for _ in 0..events {
		among(&mut world, &mut rng);
	}
	world.end();
	world.check();
	for machine in &world.machines {
		found.kills += machine.kills;
		found.paid += machine.store.paid_locks.len();
		found.failed += machine.store.failed_locks.len();
		found.relayed += machine.store.relayed;
	}
	found
}

#[test]
fn twenty_in_a_row_lose_nothing_in_a_rough_world() {
	let (mut kills, mut paid, mut relayed) = (0, 0, 0);
	for seed in seeds(4 * runs()) {
		let found = crowd(seed, 4_000);
		kills += found.kills;
		paid += found.paid;
		relayed += found.relayed;
	}
	if seeds(2).count() > 1 {
		assert!(
			kills > 0 && paid > 0 && relayed > 0,
			"{kills} kills, {paid} paid, {relayed} carried on"
		);
	}
}

mod long {
	use super::{campaign, crowd, Found};
	use smartchain_rng::{runs, Rng};
	use std::time::{Duration, Instant};

	/// A quarter of an hour; `SMARTCHAIN_RUNS=96` makes it a day. Each game has a seed of its own, which is printed:
	/// with it in `SMARTCHAIN_TEST_SEED` that game is the first one.
	#[test]
	#[ignore = "a quarter of an hour; `scripts/test long` runs it"]
	fn twenty_pay_each_other_for_a_quarter_of_an_hour_and_are_killed() {
		let minutes = u32::try_from(runs()).unwrap_or(u32::MAX).saturating_mul(15);
		let (begun, time) = (Instant::now(), Duration::from_secs(60) * minutes);
		let mut seed = Rng::seed_from_env();
		let mut all = Found::default();
		let mut games = 0;
		while begun.elapsed() < time {
			println!("SMARTCHAIN_TEST_SEED={seed}");
			let found = crowd(seed, 20_000);
			all.kills += found.kills;
			all.paid += found.paid;
			all.failed += found.failed;
			all.relayed += found.relayed;
			games += 1;
			seed = seed.wrapping_add(1);
		}
		println!(
			"{games} games: {} kills, {} payments paid and {} not, {} planck carried on",
			all.kills, all.paid, all.failed, all.relayed
		);
		assert!(all.paid > 0);
	}

	#[test]
	#[ignore = "minutes; `scripts/test long` runs it"]
	fn thousands_of_rough_worlds_cost_nobody_anything() {
		for joins in [0, 70] {
			campaign(2, 5_000, joins);
			campaign(3, 5_000, joins);
		}
	}
}
