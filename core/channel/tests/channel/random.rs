//! Honest parties in a rough world: whatever is lost, doubled, late or killed, nobody loses more than it gave.

use crate::{
	chain::other_key,
	world::{config, Plan, World},
};
use smartchain_channel::Event;
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

fn plan(rng: &mut Rng, seed: u64) -> Plan {
	Plan {
		seed,
		lose: [0, 5, 20][rng.below(3) as usize],
		double: [0, 5, 20][rng.below(3) as usize],
		kills: [0, 2, 10][rng.below(3) as usize],
		lag: rng.below(4),
		unwanted: [0, 30][rng.below(2) as usize],
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

fn campaign(parties: usize, games: u64) -> Found {
	let mut found = Found::default();
	for seed in seeds(games) {
		let mut rng = Rng::new(seed ^ 0x51de);
		let mut world = World::new(plan(&mut rng, seed), &vec![config(); parties], 1_000);
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
	let found = campaign(2, 150 * runs());
	if seeds(2).count() > 1 {
		assert!(found.kills > 0 && found.paid > 0 && found.failed > 0 && found.closes > 0);
		assert!(found.taken_out > 0 && found.rekeyed > 0);
	}
}

#[test]
fn a_mediator_loses_nothing_in_a_rough_world() {
	let found = campaign(3, 150 * runs());
	if seeds(2).count() > 1 {
		assert!(found.kills > 0 && found.paid > 0 && found.failed > 0 && found.relayed > 0);
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

mod long {
	use super::campaign;

	#[test]
	#[ignore = "minutes; `scripts/test long` runs it"]
	fn thousands_of_rough_worlds_cost_nobody_anything() {
		campaign(2, 5_000);
		campaign(3, 5_000);
	}
}
