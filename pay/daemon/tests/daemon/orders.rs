//! A gate and a car: energy by the unit against a deposit, with nobody there.

use super::world::{Person, World, STCI};
use channel_primitives::ChannelKey;
use smart_pay_api::{Answer, Ask, OrderAsk, OrderView, Planck};
use smart_pay_config::Config;
use smart_pay_frames::wire::{Frame, OrderTerms, OrderWord, Wire};

/// What a unit costs, the base of the bill, and the deposit.
const UNIT: u128 = STCI / 20;
const BASE: u128 = STCI / 10;
const DEPOSIT: u128 = 2 * STCI;

async fn ask(who: &Person, ask: OrderAsk) -> Answer {
	who.ask(Ask::Orders(ask)).await
}

async fn orders(of: &Person) -> Vec<OrderView> {
	match ask(of, OrderAsk::List).await {
		Answer::Orders(all) => all,
		other => panic!("{other:?}"),
	}
}

async fn state(of: &Person) -> String {
	orders(of)
		.await
		.first()
		.map(|view| view.state.clone())
		.unwrap_or_default()
}

/// A car and a gate with a channel, an arbiter, and an order that the car has accepted.
async fn charging() -> (World, Person, Person, Person, OrderView) {
	let world = World::new();
	let (car, gate) = (
		world.person("car", Config::default()),
		world.person("gate", Config::default()),
	);
	let arbiter = world.person("arbiter", Config::default());
	let channel = world.open(&car, &gate, 10 * STCI).await;
	let key = smart_pay_daemon::receipt_key(&arbiter.keys(), &arbiter.account);
	let offer = OrderAsk::Offer {
		channel,
		unit: Planck(UNIT),
		most: 60,
		base: Planck(BASE),
		deposit: Planck(DEPOSIT),
		lasts: 6_000,
		arbiter: key.0.iter().map(|byte| format!("{byte:02x}")).collect(),
		what: "charging".into(),
		dry_run: false,
	};
	let Answer::Orders(offered) = ask(&gate, offer).await else {
		panic!("it is offered");
	};
	world.until("the offer", async || orders(&car).await.len() == 1).await;
	let accept = OrderAsk::Accept {
		order: offered[0].order.clone(),
		dry_run: false,
	};
	let answer = ask(&car, accept).await;
	assert!(matches!(answer, Answer::Orders(_)), "{answer:?}");
	world
		.until("the deposit", async || state(&gate).await == "running")
		.await;
	let accepted = orders(&gate).await.remove(0);
	assert_eq!(
		accepted.hash,
		orders(&car).await[0].hash,
		"both tell an arbiter the same"
	);
	(world, car, gate, arbiter, accepted)
}

/// Both meters count; the car pays each unit that its own counts.
async fn charge(world: &World, car: &Person, gate: &Person, order: &str, mut meter: impl FnMut() -> u32, units: u32) {
	loop {
		let counted = meter();
		let pay = OrderAsk::Pay {
			order: order.into(),
			units: counted,
		};
		let answer = ask(car, pay).await;
		assert!(matches!(answer, Answer::Orders(_)), "{answer:?}");
		if counted >= units {
			break;
		}
	}
	world
		.until("the units are paid", async || {
			let streams = gate.ask(Ask::Streams(smart_pay_api::StreamAsk::List)).await;
			matches!(streams, Answer::Streams(all) if all.iter().any(|view| view.came == units))
		})
		.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_and_a_car_run_an_order_unattended() {
	let (world, car, gate, _arbiter, order) = charging().await;
	let mut counter = 0;
	let meter = || {
		counter += 1;
		counter
	};
	charge(&world, &car, &gate, &order.order, meter, 40).await;
	// The gate's meter is wrong by one: the car does not agree, and nothing more is paid.
	let bill = |units| OrderAsk::Bill {
		order: order.order.clone(),
		units,
	};
	ask(&gate, bill(41)).await;
	world
		.until("the car's word", async || {
			orders(&gate).await[0]
				.why
				.as_ref()
				.is_some_and(|why| why.contains("40 units"))
		})
		.await;
	assert_eq!(state(&car).await, "running");
	ask(&gate, bill(40)).await;
	world
		.until("both are done", async || {
			let back = "done; the deposit is back";
			state(&gate).await == back && state(&car).await == back
		})
		.await;
	let all = BASE + 40 * UNIT;
	assert_eq!(orders(&car).await[0].amount, Planck(all));
	world
		.until("the money is where it belongs", async || {
			let (ours, theirs) = (car.channels().await, gate.channels().await);
			theirs[0].received == Planck(all) && ours[0].spendable == Planck(10 * STCI - all) && ours[0].locks == 0
		})
		.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deposit_of_a_car_that_drove_away_is_the_gates_by_the_arbiter() {
	let (world, mut car, gate, arbiter, order) = charging().await;
	let mut counter = 0;
	let meter = || {
		counter += 1;
		counter
	};
	charge(&world, &car, &gate, &order.order, meter, 10).await;
	world.kill(&mut car).await;
	let claim = |word: &str| OrderAsk::Claim {
		order: order.order.clone(),
		word: word.into(),
	};
	// Nobody else's word counts: here the gate's own.
	let arbitrate = OrderAsk::Arbitrate {
		hash: order.hash.clone(),
		dry_run: false,
	};
	let word = |answer: Answer| match answer {
		Answer::Done(flow) => flow.said,
		other => panic!("{other:?}"),
	};
	let own = word(ask(&gate, arbitrate.clone()).await);
	let refused = ask(&gate, claim(&own)).await;
	assert!(
		matches!(&refused, Answer::Failed(why) if why.contains("arbiter")),
		"{refused:?}"
	);
	let right = word(ask(&arbiter, arbitrate).await);
	let taken = ask(&gate, claim(&right)).await;
	assert!(matches!(taken, Answer::Orders(_)), "{taken:?}");
	// The car comes back, and its daemon pays what it owes: no need of the chain.
	world.start(&mut car);
	world
		.until("it is paid", async || {
			gate.channels().await[0].received.0 >= DEPOSIT + 10 * UNIT
		})
		.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_makes_no_sense_is_not_offered() {
	let world = World::new();
	let (car, gate) = (
		world.person("car", Config::default()),
		world.person("gate", Config::default()),
	);
	let channel = world.open(&car, &gate, STCI).await;
	let offer = |base, lasts, arbiter: &str| OrderAsk::Offer {
		channel,
		unit: Planck(UNIT),
		most: 60,
		base: Planck(base),
		deposit: Planck(DEPOSIT),
		lasts,
		arbiter: arbiter.into(),
		what: "charging".into(),
		dry_run: false,
	};
	let key = "11".repeat(32);
	for wrong in [offer(0, 6_000, &key), offer(1, 10, &key), offer(1, 6_000, "11")] {
		let answer = ask(&gate, wrong).await;
		assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
	}
	// Nobody accepts what was not offered to it, nor without the money for it.
	let answer = ask(&gate, offer(1, 6_000, &key)).await;
	let Answer::Orders(offered) = answer else {
		panic!("{answer:?}");
	};
	world.until("the offer", async || orders(&car).await.len() == 1).await;
	let accept = |dry_run| OrderAsk::Accept {
		order: offered[0].order.clone(),
		dry_run,
	};
	assert!(matches!(ask(&gate, accept(false)).await, Answer::Failed(_)));
	assert!(matches!(ask(&car, accept(true)).await, Answer::Plan(_)));
	let poor = ask(&car, accept(false)).await;
	assert!(
		matches!(&poor, Answer::Failed(why) if why.contains("too little money")),
		"{poor:?}"
	);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_offers_without_end_keeps_no_order_out() {
	let world = World::new();
	let (car, gate) = (
		world.person("car", Config::default()),
		world.person("gate", Config::default()),
	);
	let channel = world.open(&car, &gate, 10 * STCI).await;
	let flood = world.hub.speak_as(gate.node);
	for number in 0..300_u16 {
		let mut id = [0; 16];
		id[..2].copy_from_slice(&number.to_le_bytes());
		let terms = OrderTerms {
			id,
			payee: gate.account,
			unit: UNIT,
			most: 60,
			base: BASE,
			deposit: DEPOSIT,
			lasts: 6_000,
			arbiter: ChannelKey([1; 32]),
			what: "charging".into(),
		};
		assert!(flood.send(car.node, Frame::Order(channel, Box::new(OrderWord::Offer(terms)))));
	}
	world
		.until("some are kept", async || orders(&car).await.len() == 16)
		.await;
	let own = OrderAsk::Offer {
		channel,
		unit: Planck(UNIT),
		most: 1,
		base: Planck(BASE),
		deposit: Planck(DEPOSIT),
		lasts: 6_000,
		arbiter: "11".repeat(32),
		what: "a lift".into(),
		dry_run: false,
	};
	let answer = ask(&car, own).await;
	assert!(matches!(answer, Answer::Orders(_)), "{answer:?}");
	assert_eq!(orders(&car).await.len(), 17);
}

/// Idlers are offered something and accept nothing; and a driver drives away, and pays neither units nor bill.
#[tokio::test(flavor = "multi_thread")]
async fn a_gate_offers_on_whoever_accepts_nothing_or_drives_away() {
	let (world, mut car, gate, _arbiter, order) = charging().await;
	let channel = car.channels().await[0].channel;
	world.kill(&mut car).await;
	world.chain.next(6_000 + 240);
	world
		.until("its deposit is back", async || {
			state_of(&gate, &order.order).await == "failed"
		})
		.await;
	world.start(&mut car);
	world
		.until("the car is back", async || {
			let views = gate.channels().await;
			views[0].connected && views[0].state == "open"
		})
		.await;
	for number in 0..300 {
		let offer = OrderAsk::Offer {
			channel,
			unit: Planck(UNIT),
			most: 60,
			base: Planck(BASE),
			deposit: Planck(DEPOSIT),
			lasts: 6_000,
			arbiter: "11".repeat(32),
			what: "charging".into(),
			dry_run: false,
		};
		let answer = ask(&gate, offer).await;
		assert!(matches!(answer, Answer::Orders(_)), "{number}: {answer:?}");
	}
	assert_eq!(orders(&gate).await.len(), 256);
}

async fn state_of(who: &Person, order: &str) -> String {
	let all = orders(who).await;
	let found = all.into_iter().find(|view| view.order == order);
	found.map(|view| view.state).unwrap_or_default()
}

/// The view of an order at either end, as far as a daemon is there.
async fn seen(who: &Person, order: &str) -> Option<OrderView> {
	match who.try_ask(Ask::Orders(OrderAsk::List)).await? {
		Answer::Orders(all) => all.into_iter().find(|view| view.order == order),
		other => panic!("{other:?}"),
	}
}

/// How many units an order of the next tests has, and what it comes to.
const UNITS: u32 = 5;
const ALL: u128 = BASE + UNITS as u128 * UNIT;

/// Whoever has ended is started again.
async fn start_ended(world: &World, people: [&mut Person; 2]) {
	for person in people {
		if person.has_ended() {
			world.kill(person).await;
			world.start(person);
		}
	}
}

/// What two machines do by themselves, whatever was done of it before one of them was started again: the next step of
/// an order.
async fn next_step(car: &Person, gate: &Person, order: &str) {
	let (ours, theirs) = (seen(car, order).await, seen(gate, order).await);
	let (Some(ours), Some(theirs)) = (ours, theirs) else {
		return;
	};
	let name = || order.to_owned();
	match (ours.state.as_str(), theirs.state.as_str()) {
		("offered", _) => {
			let accept = OrderAsk::Accept {
				order: name(),
				dry_run: false,
			};
			car.try_ask(Ask::Orders(accept)).await;
		}
		("running", _) if ours.units < UNITS => {
			let pay = OrderAsk::Pay {
				order: name(),
				units: ours.units + 1,
			};
			car.try_ask(Ask::Orders(pay)).await;
		}
		("running", "running") => {
			let bill = OrderAsk::Bill {
				order: name(),
				units: UNITS,
			};
			gate.try_ask(Ask::Orders(bill)).await;
		}
		_ => (),
	}
}

/// Offers an order to the car, whose number it is.
async fn offered(world: &World, car: &Person, gate: &Person, channel: u64) -> String {
	let offer = OrderAsk::Offer {
		channel,
		unit: Planck(UNIT),
		most: 60,
		base: Planck(BASE),
		deposit: Planck(DEPOSIT),
		lasts: 60_000,
		arbiter: "11".repeat(32),
		what: "charging".into(),
		dry_run: false,
	};
	let Answer::Orders(offered) = ask(gate, offer).await else {
		panic!("it is offered");
	};
	let order = offered[0].order.clone();
	world
		.until("the offer", async || seen(car, &order).await.is_some())
		.await;
	order
}

const BACK: &str = "done; the deposit is back";

/// Both are killed between a commit and what is done of it, at each of the next ones: the order goes on, and is paid
/// once.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_outlives_kills_of_both_after_any_commit() {
	let world = World::new();
	let (mut car, mut gate) = (
		world.person("car", Config::default()),
		world.person("gate", Config::default()),
	);
	let channel = world.open(&car, &gate, 100 * STCI).await;
	let (mut done, mut died) = (0, 0);
	for commits in 1..=12 {
		for dies in 0..2 {
			let order = offered(&world, &car, &gate, channel).await;
			let victim = [&car, &gate][dies];
			victim.die_after(commits);
			let what = format!("order {done}, with a death after {commits} commits");
			let began = std::time::Instant::now();
			loop {
				died += usize::from(car.has_ended()) + usize::from(gate.has_ended());
				start_ended(&world, [&mut car, &mut gate]).await;
				world.chain.next(1);
				next_step(&car, &gate, &order).await;
				let states = [seen(&car, &order).await, seen(&gate, &order).await];
				if states.iter().flatten().filter(|view| view.state == BACK).count() == 2 {
					break;
				}
				assert!(began.elapsed().as_secs() < 60, "{what}: {states:?}");
				tokio::time::sleep(std::time::Duration::from_millis(10)).await;
			}
			[&car, &gate][dies].die_after(0);
			start_ended(&world, [&mut car, &mut gate]).await;
			done += 1;
			world
				.until(&what, async || {
					let (ours, theirs) = (car.channels().await, gate.channels().await);
					theirs[0].received == Planck(done * ALL)
						&& ours[0].spendable == Planck(100 * STCI - done * ALL)
						&& ours[0].locks == 0
				})
				.await;
		}
	}
	assert!(died > 12, "{died} of 24 have died");
}

/// Rewinder puts a copy of its store back that is from before it had paid: nothing of the order is paid again.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_store_pays_no_order_twice() {
	let world = World::new();
	let (mut car, gate) = (
		world.person("car", Config::default()),
		world.person("gate", Config::default()),
	);
	let channel = world.open(&car, &gate, 100 * STCI).await;
	let order = offered(&world, &car, &gate, channel).await;
	world
		.until("all units", async || {
			next_step(&car, &gate, &order).await;
			seen(&car, &order).await.is_some_and(|view| view.units == UNITS)
		})
		.await;
	world.kill(&mut car).await;
	let (store, copy) = (car.folder().join("channels"), car.folder().join("copy"));
	let files = |from: &std::path::Path, to: &std::path::Path| {
		std::fs::create_dir_all(to).expect("a folder");
		for entry in std::fs::read_dir(from).expect("a folder") {
			let entry = entry.expect("a file");
			std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
		}
	};
	files(&store, &copy);
	world.start(&mut car);
	world
		.until("the end", async || {
			next_step(&car, &gate, &order).await;
			let states = [seen(&car, &order).await, seen(&gate, &order).await];
			states.iter().flatten().filter(|view| view.state == BACK).count() == 2
		})
		.await;
	world
		.until("all is paid", async || gate.channels().await[0].received == Planck(ALL))
		.await;
	world.kill(&mut car).await;
	std::fs::remove_dir_all(&store).expect("it goes");
	files(&copy, &store);
	world.start(&mut car);
	world
		.until("what was lost", async || {
			state_of(&car, &order).await == "failed" && gate.channels().await[0].state == "open"
		})
		.await;
	let why = seen(&car, &order).await.and_then(|view| view.why).unwrap_or_default();
	assert!(why.contains("data was lost"), "{why}");
	world
		.until("it goes on", async || car.channels().await[0].state == "open")
		.await;
	assert_eq!(gate.channels().await[0].received, Planck(ALL));
}
