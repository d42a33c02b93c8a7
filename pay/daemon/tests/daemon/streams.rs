//! Streams between daemons in one process: step by step, over legs, ended by either side, and after a kill.

use super::world::{Person, World, STCI};
use smart_pay_api::{Answer, Ask, Planck, StreamAsk, StreamView};
use smart_pay_config::Config;
use smart_pay_frames::wire::StreamTerms;

/// What a step is worth.
const UNIT: u128 = STCI / 10_000;

fn asking(to: &Person, steps: u32, every: u32, dry_run: bool) -> Ask {
	Ask::Streams(StreamAsk::Begin {
		to: smart_agent_keys::address(&to.account),
		unit: Planck(UNIT),
		steps,
		every,
		ahead: 1,
		text: "light".into(),
		dry_run,
	})
}

async fn streams(of: &Person) -> Vec<StreamView> {
	match of.ask(Ask::Streams(StreamAsk::List)).await {
		Answer::Streams(all) => all,
		other => panic!("{other:?}"),
	}
}

/// The one stream that there is.
async fn only(of: &Person) -> StreamView {
	let mut all = streams(of).await;
	assert_eq!(all.len(), 1, "{all:?}");
	all.remove(0)
}

async fn begin(payer: &Person, payee: &Person, steps: u32, every: u32) -> String {
	match payer.ask(asking(payee, steps, every, false)).await {
		Answer::Streams(all) => all[0].stream.clone(),
		other => panic!("{other:?}"),
	}
}

async fn stop(who: &Person, stream: &str) {
	let ask = Ask::Streams(StreamAsk::Stop { stream: stream.into() });
	let answer = who.ask(ask).await;
	assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
}

async fn two(payee: Config) -> (World, Person, Person) {
	let world = World::new();
	let (alice, bob) = (world.person("alice", Config::default()), world.person("bob", payee));
	world.open(&alice, &bob, 10 * STCI).await;
	(world, alice, bob)
}

async fn until_paid(world: &World, payee: &Person, amount: u128) {
	world
		.until("it is paid", async || {
			payee.channels().await[0].received == Planck(amount)
		})
		.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_paid_step_by_step_to_its_end() {
	let (world, alice, bob) = two(Config::default()).await;
	let stream = begin(&alice, &bob, 100, 2).await;
	world.until("it ends", async || only(&alice).await.done).await;
	let view = only(&alice).await;
	assert_eq!(
		(view.given, view.paid, &view.why),
		(100, Planck(100 * UNIT), &None),
		"{view:?}"
	);
	until_paid(&world, &bob, 100 * UNIT).await;
	world.until("its payee knows", async || only(&bob).await.done).await;
	let taken = only(&bob).await;
	assert_eq!((taken.stream, taken.pays, taken.came), (stream, false, 100));
	assert_eq!((taken.paid, taken.text.as_str()), (Planck(100 * UNIT), "light"));
	// The lock is gone, and what it held beyond that is free.
	assert_eq!(alice.channels().await[0].spendable, Planck(10 * STCI - 100 * UNIT));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_longer_than_a_chain_goes_on_over_another() {
	let (world, alice, bob) = two(Config::default()).await;
	let ask = Ask::Streams(StreamAsk::Begin {
		to: smart_agent_keys::address(&bob.account),
		unit: Planck(1_000),
		steps: 5_000,
		every: 1,
		ahead: 1_024,
		text: String::new(),
		dry_run: false,
	});
	let answer = alice.ask(ask).await;
	assert!(matches!(answer, Answer::Streams(_)), "{answer:?}");
	world.until("it ends", async || only(&alice).await.done).await;
	let view = only(&alice).await;
	assert_eq!(
		(view.given, view.paid, &view.why),
		(5_000, Planck(5_000_000), &None),
		"{view:?}"
	);
	until_paid(&world, &bob, 5_000_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_is_paid_whoever_ends_it() {
	let (world, alice, bob) = two(Config::default()).await;
	let stream = begin(&alice, &bob, 100_000, 5).await;
	world
		.until("some have come", async || {
			streams(&bob).await.iter().any(|view| view.came >= 10)
		})
		.await;
	stop(&bob, &stream).await;
	world.until("it ends", async || only(&alice).await.done).await;
	let view = only(&alice).await;
	assert!(
		view.why.is_some_and(|why| why.contains("payee")),
		"it says who ended it"
	);
	assert!(view.given >= 10 && view.paid == Planck(UNIT * u128::from(view.given)));
	until_paid(&world, &bob, view.paid.0).await;
	// The other way round.
	let second = begin(&alice, &bob, 100_000, 5).await;
	let is_second = |view: &StreamView| view.stream == second;
	world
		.until("some have come", async || {
			streams(&bob)
				.await
				.iter()
				.any(|view| is_second(view) && view.came >= 10)
		})
		.await;
	stop(&alice, &second).await;
	world
		.until("it ends", async || streams(&alice).await.iter().all(|view| view.done))
		.await;
	let all: u128 = streams(&alice).await.iter().map(|view| view.paid.0).sum();
	until_paid(&world, &bob, all).await;
}

/// A payee that goes away has one step at most that it gave nothing for.
#[tokio::test(flavor = "multi_thread")]
async fn a_payer_gives_one_step_to_a_payee_that_is_gone() {
	let (world, alice, mut bob) = two(Config::default()).await;
	begin(&alice, &bob, 100_000, 5).await;
	world
		.until("some have come", async || {
			streams(&bob).await.iter().any(|view| view.came >= 10)
		})
		.await;
	world.kill(&mut bob).await;
	let before = only(&alice).await;
	let block = alice.status_block().await;
	// Many steps' time.
	world
		.until("time passes", async || alice.status_block().await > block + 20)
		.await;
	let view = only(&alice).await;
	assert!(view.given <= view.came + 1, "{view:?}");
	assert!(view.given <= before.given + 1, "{before:?} {view:?}");
	// It goes on when its payee is back.
	world.start(&mut bob);
	world
		.until("it goes on", async || only(&alice).await.came > view.given + 10)
		.await;
}

/// A payer that is killed pays what it may have given, after its start.
#[tokio::test(flavor = "multi_thread")]
async fn a_payer_that_was_killed_pays_what_it_gave() {
	let (world, mut alice, bob) = two(Config::default()).await;
	begin(&alice, &bob, 100_000, 5).await;
	world
		.until("some have come", async || {
			streams(&bob).await.iter().any(|view| view.came >= 10)
		})
		.await;
	world.kill(&mut alice).await;
	let came = only(&bob).await.came;
	world.start(&mut alice);
	world
		.until("no lock is left", async || {
			let views = alice.channels().await;
			views[0].locks == 0 && views[0].connected && bob.channels().await[0].locks == 0
		})
		.await;
	let received = bob.channels().await[0].received.0;
	assert!(received >= UNIT * u128::from(came), "{received}");
	assert!(received <= UNIT * u128::from(came + 65), "{received}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_takes_what_it_is_configured_to() {
	let mut config = Config::default();
	config.streams.most = u64::try_from(50 * UNIT).expect("it fits");
	let (world, alice, bob) = two(config).await;
	// The payee says no long before the first step is due.
	begin(&alice, &bob, 51, 60_000).await;
	world.until("it ends", async || only(&alice).await.done).await;
	let view = only(&alice).await;
	assert!(view.why.is_some_and(|why| why.contains("does not want")), "it says why");
	assert!(view.given == 0 && streams(&bob).await.is_empty());
	begin(&alice, &bob, 50, 1).await;
	world
		.until("the second ends", async || {
			streams(&alice).await.iter().all(|view| view.done)
		})
		.await;
	until_paid(&world, &bob, 50 * UNIT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_makes_no_sense_is_refused_before_anything_is_locked() {
	let (_world, alice, bob) = two(Config::default()).await;
	for (steps, every) in [(0, 1), (1, 0), (1, 3_600_001)] {
		let answer = alice.ask(asking(&bob, steps, every, false)).await;
		assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
	}
	let plan = alice.ask(asking(&bob, 1_000, 1_000, true)).await;
	let Answer::Plan(plan) = plan else {
		panic!("{plan:?}");
	};
	assert!(plan.paid == Planck(1_000 * UNIT) && plan.worst.len() >= 3, "{plan:?}");
	assert!(streams(&alice).await.is_empty());
	assert_eq!(alice.channels().await[0].locks, 0);
}

#[test]
fn what_travels_with_a_stream_is_read_as_it_was_written() {
	let terms = StreamTerms {
		id: [3; 16],
		unit: UNIT,
		steps: u32::MAX,
		from: 7,
		every: 1_000,
		text: "x".repeat(64),
	};
	let packet = terms.packet().expect("it fits");
	assert_eq!(StreamTerms::read(&packet), Some(terms.clone()));
	assert_eq!(StreamTerms::read(&packet[1..]), None);
	let longer = StreamTerms {
		text: "x".repeat(65),
		..terms
	};
	assert_eq!(StreamTerms::read(&longer.packet().expect("it fits")), None);
}
