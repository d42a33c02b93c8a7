//! Ways: the cheapest of all, within all limits, to the planck.

use channel_primitives::{Account, Side, HOUR};
use smart_pay_routes::{
	find, Found, Graph, Odds, Own, Policy, Way, Wish, LEAST_MARGIN, MAX_HOPS, MAX_LOOKS, MAX_TICKS,
};
use smartchain_rng::{runs, seeds, Rng};

const PAYER: u64 = 0;
const LAST: u32 = 480;

fn account(number: u64) -> Account {
	let mut account = [0; 32];
	account[..8].copy_from_slice(&number.to_be_bytes());
	account
}

struct World {
	graph: Graph,
	odds: Odds,
	own: Vec<Own>,
	/// All channels of others: number, ends, total.
	lines: Vec<(u64, u64, u64, u128)>,
	policies: Vec<Option<Policy>>,
}

fn wish(world: &World, payee: u64, amount: u128) -> Wish<'_> {
	Wish {
		payer: account(PAYER),
		own: &world.own,
		payee: account(payee),
		node: [u8::try_from(payee % 256).unwrap(); 32],
		amount,
		last_ticks: LAST,
		most_fee: u128::MAX,
		without: &[],
		now: 100,
	}
}

fn small(seed: u64) -> World {
	let mut rng = Rng::new(seed);
	let people = rng.range(2, 6);
	let mut world = World {
		graph: Graph::default(),
		odds: Odds::default(),
		own: Vec::new(),
		lines: Vec::new(),
		policies: vec![None; 7],
	};
	for who in 1..people {
		if rng.percent(85) {
			let policy = Policy {
				fee_base: u128::from(rng.below(3_000_000)),
				fee_ppm: u32::try_from(rng.below(2_000)).unwrap(),
				margin: u32::try_from(rng.below(400_000)).unwrap(),
			};
			world.policies[usize::try_from(who).unwrap()] = Some(policy);
			world
				.graph
				.relay(account(who), [u8::try_from(who).unwrap(); 32], policy);
		}
	}
	let count = rng.range(1, 9);
	for channel in 1..=count {
		let (one, other) = (rng.below(people), rng.below(people));
		let total = u128::from(rng.range(1, 4)) * 1_000_000_000_000;
		if one == other {
			continue;
		}
		assert!(world.graph.put(channel, account(one), account(other), total));
		if one == PAYER || other == PAYER {
			let partner = account(if one == PAYER { other } else { one });
			let room = u128::from(rng.below(3_000_000_000_000_u64));
			world.own.push(Own { channel, partner, room });
		} else {
			world.lines.push((channel, one, other, total));
		}
		if rng.percent(30) {
			let amount = u128::from(rng.below(3_000_000_000_000_u64));
			world.odds.failed(channel, Side::Low, amount, 50);
		}
	}
	world
}

/// All ways, by trying every one of them.
fn all(world: &World, wish: &Wish<'_>) -> Vec<Way> {
	let mut found = Vec::new();
	let mut path = vec![(wish.payee, None)];
	extend(world, wish, &mut path, &mut found);
	found
}

/// Of a path from the payee back, with the channel after each: goes on to all who are not on it.
fn extend(world: &World, wish: &Wish<'_>, path: &mut Vec<(Account, Option<u64>)>, found: &mut Vec<Way>) {
	let at = path.last().unwrap().0;
	for own in world.own.iter().filter(|own| own.partner == at) {
		path.push((wish.payer, Some(own.channel)));
		found.extend(priced(world, wish, path));
		path.pop();
	}
	if path.len() >= MAX_HOPS {
		return;
	}
	for (channel, one, other, _) in &world.lines {
		for (from, to) in [(*one, *other), (*other, *one)] {
			let new = account(from);
			if account(to) != at || path.iter().any(|(known, _)| *known == new) {
				continue;
			}
			path.push((new, Some(*channel)));
			extend(world, wish, path, found);
			path.pop();
		}
	}
}

/// What such a way costs, by a search that has no other: a graph of its channels alone.
fn priced(world: &World, wish: &Wish<'_>, path: &[(Account, Option<u64>)]) -> Option<Way> {
	let mut graph = Graph::default();
	for (who, policy) in world.policies.iter().enumerate() {
		if let Some(policy) = policy {
			let who = u64::try_from(who).unwrap();
			graph.relay(account(who), [u8::try_from(who).unwrap(); 32], *policy);
		}
	}
	let used: Vec<u64> = path.iter().filter_map(|(_, channel)| *channel).collect();
	for (channel, one, other, total) in &world.lines {
		if used.contains(channel) {
			graph.put(*channel, account(*one), account(*other), *total);
		}
	}
	let own: Vec<Own> = world
		.own
		.iter()
		.filter(|own| used.contains(&own.channel))
		.copied()
		.collect();
	let alone = Wish { own: &own, ..*wish };
	find(&graph, &world.odds, &alone).way
}

fn check(world: &World, wish: &Wish<'_>, way: &Way) {
	let hops = &way.hops;
	assert!((1..=MAX_HOPS).contains(&hops.len()));
	assert_eq!((hops[0].from, hops[hops.len() - 1].to), (wish.payer, wish.payee));
	let last = &hops[hops.len() - 1];
	assert_eq!(
		(last.amount, last.ticks, last.node),
		(wish.amount, wish.last_ticks, wish.node)
	);
	assert!(hops[0].ticks <= MAX_TICKS);
	let own = world.own.iter().find(|own| own.channel == hops[0].channel).unwrap();
	assert!(own.room >= hops[0].amount && own.partner == hops[0].to);
	for pair in hops.windows(2) {
		let [before, after] = pair else { unreachable!() };
		assert_eq!(before.to, after.from);
		let policy = world.graph.policy(&after.from).unwrap();
		assert_eq!(before.amount, after.amount + policy.fee(after.amount));
		assert_eq!(before.ticks, after.ticks + policy.margin.max(LEAST_MARGIN));
		let line = world
			.graph
			.lines(&after.from)
			.iter()
			.find(|line| line.channel == after.channel);
		let line = line.unwrap();
		assert!(line.to == after.to && line.total >= after.amount);
	}
	let fees: u128 = hops.windows(2).map(|pair| pair[0].amount - pair[1].amount).sum();
	assert_eq!((way.fee(), way.paid()), (fees, wish.amount + fees));
	assert!(fees <= wish.most_fee && way.cost >= fees);
}

#[test]
fn no_way_of_all_is_cheaper() {
	let mut found_some = 0;
	for seed in seeds(400 * runs()) {
		let world = small(seed);
		let mut rng = Rng::new(seed ^ 0xff);
		for payee in 1..6 {
			let amount = u128::from(rng.range(1, 2_500_000_000_000));
			let mut wish = wish(&world, payee, amount);
			if rng.percent(20) {
				wish.most_fee = u128::from(rng.below(3_000_000));
			}
			let found = find(&world.graph, &world.odds, &wish);
			let cheapest = all(&world, &wish).into_iter().map(|way| way.cost).min();
			assert_eq!(
				found.way.as_ref().map(|way| way.cost),
				cheapest,
				"seed {seed}, payee {payee}"
			);
			if let Some(way) = &found.way {
				check(&world, &wish, way);
				found_some += 1;
			}
		}
	}
	assert!(found_some > 100, "{found_some} ways are too few to say anything");
}

/// A line of so many people behind the payer, each with the same policy.
fn line(people: u64, policy: Policy, total: u128) -> World {
	let mut world = World {
		graph: Graph::default(),
		odds: Odds::default(),
		own: vec![Own {
			channel: 1,
			partner: account(1),
			room: total,
		}],
		lines: Vec::new(),
		policies: Vec::new(),
	};
	for who in 1..people {
		world.graph.relay(account(who), [1; 32], policy);
		world.graph.put(who + 1, account(who), account(who + 1), total);
	}
	world
}

#[test]
fn a_way_has_eight_hops_and_seven_days_at_most() {
	let cheap = |margin| Policy {
		fee_base: 1,
		fee_ppm: 0,
		margin,
	};
	let ways = |people, margin| {
		let world = line(people, cheap(margin), 1_000_000);
		let wish = wish(&world, people, 10);
		find(&world.graph, &world.odds, &wish).way
	};
	let longest = ways(8, HOUR).unwrap();
	assert_eq!((longest.hops.len(), longest.fee()), (8, 7));
	assert_eq!(longest.hops[0].ticks, LAST + 7 * HOUR);
	assert_eq!(ways(9, HOUR), None);
	assert_eq!(
		ways(3, 0).unwrap().hops[0].ticks,
		LAST + 2 * LEAST_MARGIN,
		"the least margin counts"
	);
	let half = (MAX_TICKS - LAST) / 2;
	assert!(ways(3, half).is_some());
	assert_eq!(ways(3, half + 1), None);
	assert_eq!(ways(3, u32::MAX), None);
}

#[test]
fn nothing_overflows_at_the_ends() {
	let all = [0, 1, 1_000_000, u128::MAX / 2, u128::MAX - 1, u128::MAX];
	for fee_base in all {
		for fee_ppm in [0, 1, 1_000_000, u32::MAX] {
			let policy = Policy {
				fee_base,
				fee_ppm,
				margin: u32::MAX / 4,
			};
			for amount in all {
				if let Some(incoming) = policy.incoming(amount) {
					assert_eq!(incoming, amount + policy.fee(amount));
				}
				for margin in [0, policy.margin] {
					let world = line(3, Policy { margin, ..policy }, u128::MAX);
					let wish = wish(&world, 3, amount);
					if let Some(way) = find(&world.graph, &world.odds, &wish).way {
						check(&world, &wish, &way);
					}
				}
			}
		}
	}
}

#[test]
fn a_fee_that_is_too_high_is_no_way() {
	let policy = Policy {
		fee_base: 100,
		fee_ppm: 0,
		margin: HOUR,
	};
	let world = line(3, policy, 1_000_000);
	let mut wish = wish(&world, 3, 10);
	wish.most_fee = 199;
	assert_eq!(find(&world.graph, &world.odds, &wish).way, None);
	wish.most_fee = 200;
	assert!(find(&world.graph, &world.odds, &wish).way.is_some());
}

#[test]
fn another_way_is_taken_after_a_failure() {
	let mut world = line(
		2,
		Policy {
			fee_base: 1,
			fee_ppm: 0,
			margin: HOUR,
		},
		1_000_000,
	);
	world.graph.relay(
		account(9),
		[9; 32],
		Policy {
			fee_base: 10,
			fee_ppm: 0,
			margin: HOUR,
		},
	);
	world.graph.put(77, account(9), account(2), 1_000_000);
	world.own.push(Own {
		channel: 76,
		partner: account(9),
		room: 1_000_000,
	});
	let first = |world: &World| {
		find(&world.graph, &world.odds, &wish(world, 2, 1_000))
			.way
			.unwrap()
			.hops[0]
			.channel
	};
	assert_eq!(first(&world), 1);
	let side = Side::of(&account(1), &account(2)).unwrap();
	world.odds.failed(2, side, 1_000, 100);
	assert_eq!(first(&world), 76);
	world.odds.passed(2, side, 1_000, 101);
	assert_eq!(first(&world), 1);
	let others = Wish {
		without: &[1],
		..wish(&world, 2, 1_000)
	};
	let other = find(&world.graph, &world.odds, &others).way.unwrap();
	assert_eq!(other.hops[0].channel, 76);
	let none = Wish {
		without: &[1, 77],
		..others
	};
	assert_eq!(find(&world.graph, &world.odds, &none).way, None);
	world.graph.remove(2);
	assert_eq!(first(&world), 76);
	world.graph.no_relay(&account(9));
	assert_eq!(find(&world.graph, &world.odds, &wish(&world, 2, 1_000)).way, None);
}

/// Ten thousand channels: what is looked at is counted, so that the test says the same on each machine.
#[test]
fn a_large_graph_takes_bounded_work() {
	let (people, channels) = (2_000, 10_000);
	let mut rng = Rng::new(11);
	let mut world = line(
		1,
		Policy {
			fee_base: 0,
			fee_ppm: 0,
			margin: 0,
		},
		1 << 50,
	);
	for who in 1..people {
		let policy = Policy {
			fee_base: u128::from(rng.below(5_000)),
			fee_ppm: u32::try_from(rng.below(500)).unwrap(),
			margin: u32::try_from(rng.range(1_200, 9_000)).unwrap(),
		};
		world.graph.relay(account(who), [1; 32], policy);
	}
	for channel in 2..channels + 2 {
		let (one, other) = (rng.range(1, people - 1), rng.range(1, people - 1));
		world
			.graph
			.put(channel, account(one), account(other), 1 << rng.range(30, 50));
	}
	assert!(world.graph.len() > 9_900);
	let (mut most, mut ways) = (0, 0);
	for payee in (2..people).step_by(397) {
		let wish = wish(&world, payee, 1 << 32);
		let Found { way, looked } = find(&world.graph, &world.odds, &wish);
		if let Some(way) = way {
			check(&world, &wish, &way);
			ways += 1;
		}
		most = most.max(looked);
	}
	assert!(ways >= 5, "{ways}");
	// At last each channel is looked at from both ends once more.
	assert!(most <= MAX_LOOKS + 2 * usize::try_from(channels).unwrap(), "{most}");
	// Who could carry something on is found nearest first, and no more of them than is asked.
	assert_eq!(world.graph.near(&account(5), 64).len(), 64);
}
