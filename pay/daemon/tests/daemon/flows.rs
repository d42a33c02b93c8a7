//! The flows of docs/channels.md, in one process: through a relay that is killed, a stale close, a payment by file.

use super::world::{relay, Person, World, STCI, WINDOW};
use channel_primitives::{Claim, Context, Locks, Payload, Side, Signed};
use smart_pay_api::{Answer, Ask, Flow, Planck};
use smart_pay_chain::{testing::GENESIS, Ledger, Order, Submission};
use smart_pay_config::Config;
use smart_pay_store::KeyOf;
use smartchain_channel::Call;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a tower is told by who it watches for: see `Config::tower`.
pub fn watched_by(tower: &Person) -> Config {
	let digits = |bytes: &[u8; 32]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
	let mut config = Config::default();
	config.tower.account = smart_agent_keys::address(&tower.account);
	config.tower.key = digits(&smart_pay_daemon::receipt_key(&tower.keys(), &tower.account).0);
	config.tower.node = digits(&tower.node);
	config.tower.url = "memory".into();
	config
}

async fn close(world: &World, person: &Person, channel: u64, alone: bool) {
	let ask = Ask::Close {
		channel,
		alone,
		sure: false,
		dry_run: false,
	};
	let answer = person.ask(ask).await;
	assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
	world
		.until("a close", async || world.chain.state(channel).is_none())
		.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_paid_and_the_chain_agrees_to_the_planck() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI / 1_000).await;
	let view = world.pay(&alice, &invoice, 1_000).await;
	assert_eq!((view.paid, view.failed, view.fees), (1_000, 0, Planck(0)), "{view:?}");
	world
		.until("all of it", async || bob.channels().await[0].received == Planck(STCI))
		.await;
	close(&world, &alice, channel, false).await;
	assert_eq!(
		(world.chain.paid(&alice.account), world.chain.paid(&bob.account)),
		(99 * STCI, STCI)
	);
	// It is gone at both.
	world
		.until("it is forgotten", async || {
			alice.channels().await.is_empty() && bob.channels().await.is_empty()
		})
		.await;
}

/// F1: through Carol, who is killed while payments are on their way.
#[tokio::test(flavor = "multi_thread")]
async fn payments_go_through_a_relay_that_is_killed() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let mut carol = world.person("carol", relay());
	let first = world.open(&alice, &carol, 100 * STCI).await;
	let second = world.open(&carol, &bob, 100 * STCI).await;
	let amount = STCI / 1_000;
	let invoice = bob.invoice(amount).await;
	let payment = alice.begin(&invoice, 200).await.payment;
	for wanted in [20, 90] {
		world
			.until("some are paid", async || alice.payment(payment).await.paid >= wanted)
			.await;
		world.kill(&mut carol).await;
		world.start(&mut carol);
	}
	let view = world.paid(&alice, payment).await;
	assert_eq!((view.paid, view.failed), (200, 0), "{view:?}");
	assert_eq!(view.fees, Planck(200 * 1_000));
	world
		.until("all came", async || {
			bob.channels().await[0].received == Planck(200 * amount)
		})
		.await;
	world
		.until("no lock is left", async || {
			let all = [alice.channels().await, bob.channels().await, carol.channels().await].concat();
			all.iter()
				.all(|view| view.locks == 0 && view.state == "open" && view.connected)
		})
		.await;
	close(&world, &alice, first, false).await;
	close(&world, &bob, second, false).await;
	assert_eq!(world.chain.paid(&bob.account), 200 * amount);
	assert_eq!(world.chain.paid(&alice.account), 100 * STCI - 200 * (amount + 1_000));
	assert_eq!(world.chain.paid(&carol.account), 100 * STCI + 200 * 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_if_there_is_no_way_on() {
	let world = World::new();
	let alice = world.person("alice", Config::default());
	let carol = world.person("carol", relay());
	let bob = world.person("bob", Config::default());
	world.open(&alice, &carol, 10 * STCI).await;
	// What is in Carol's channel with Bob is all on his side: nobody sees that on chain.
	world.open(&bob, &carol, 10 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	let view = world.pay(&alice, &invoice, 1).await;
	assert_eq!((view.paid, view.failed), (0, 1));
	assert!(view.why.is_some_and(|why| why.contains("lacks money")));
	world
		.until("it is free again", async || {
			alice.channels().await[0].spendable == Planck(10 * STCI)
		})
		.await;
}

/// A close by Alice with what she owed before she paid anything, signed by her key with this number.
pub fn stale_close(alice: &Person, bob: &Person, channel: u64, number: u32) -> Order {
	let side = Side::of(&alice.account, &bob.account).expect("two accounts");
	let context = Context {
		genesis: GENESIS,
		channel,
		asset: channel_primitives::STCI,
		side,
	};
	let body = Claim::new(0, &Locks::default());
	let key = KeyOf {
		partner: bob.account,
		number,
	};
	let signature = alice.keys().channel(&key).sign(&body.payload(&context));
	let call = Call::Close {
		claim: Signed { body, signature },
		locks: Locks::default(),
		brought: None,
		words: Vec::new(),
	};
	Order::Core(Box::new(Submission { channel, side, call }))
}

/// F2: Alice closes on a state without her payments, Bob is down: the tower proves it, and all is Bob's.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_close_is_punished_by_the_tower_alone() {
	let world = World::new();
	let mut tower_config = Config::default();
	tower_config.tower.serve = true;
	let tower = world.person("tower", tower_config);
	let mut bob = world.person("bob", watched_by(&tower));
	let alice = world.person("alice", Config::default());
	let channel = world.open(&alice, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	assert_eq!(world.pay(&alice, &invoice, 50).await.paid, 50);
	let file = ["low", "high"].map(|side| tower.folder().join("watched").join(format!("{channel}-{side}")));
	world
		.until("the tower watches", async || {
			let watched = matches!(tower.ask(Ask::Status).await, Answer::Status(status) if status.watched == 1);
			watched && file.iter().any(|file| file.exists()) && bob.channels().await[0].received == Planck(50 * STCI)
		})
		.await;
	world.kill(&mut bob).await;
	let stale = stale_close(&alice, &bob, channel, 0);
	let as_alice = world.chain.seen_by(alice.account);
	as_alice.carry(&stale).await.expect("it is taken");
	world
		.until("it is punished", async || world.chain.paid(&bob.account) > 0)
		.await;
	assert_eq!(
		(world.chain.paid(&bob.account), world.chain.paid(&alice.account)),
		(100 * STCI, 0)
	);
}

fn envelope(answer: Answer) -> String {
	match answer {
		Answer::Done(Flow {
			envelope: Some(envelope),
			..
		}) => envelope,
		other => panic!("{other:?}"),
	}
}

/// What a person hands over, and another takes.
pub async fn hand_over(world: &World, from: &Person, to: &Person, channel: u64) -> Answer {
	let envelope = sealed(world, from, channel).await;
	to.ask(Ask::Import { envelope, late: false }).await
}

/// What a person hands over.
async fn sealed(world: &World, from: &Person, channel: u64) -> String {
	let mut sealed = None;
	world
		.until("a file", async || {
			let answer = from.ask(Ask::Export { channel }).await;
			sealed = matches!(answer, Answer::Done(_)).then(|| envelope(answer));
			sealed.is_some()
		})
		.await;
	sealed.expect("a file")
}

/// F3: no network. Alice pays Bob by file; the channel settles what the file says.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_by_file_settles_later() {
	let world = World::new();
	let (mut alice, mut bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	world.kill(&mut alice).await;
	world.kill(&mut bob).await;
	world.hub.cut();
	world.start(&mut alice);
	world.start(&mut bob);
	let give = |amount| Ask::Give {
		channel,
		amount: Planck(amount),
		dry_run: false,
	};
	// Nothing is signed before the two stores were compared.
	let answer = alice.ask(give(STCI)).await;
	assert!(
		matches!(&answer, Answer::Failed(why) if why.contains("greetings first")),
		"{answer:?}"
	);
	hand_over(&world, &alice, &bob, channel).await;
	hand_over(&world, &bob, &alice, channel).await;
	let answer = alice.ask(give(3 * STCI)).await;
	assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
	world
		.until("it came", async || {
			hand_over(&world, &alice, &bob, channel).await;
			bob.channels().await[0].received == Planck(3 * STCI)
		})
		.await;
	// Handing the same over again pays nothing more.
	hand_over(&world, &alice, &bob, channel).await;
	assert_eq!(bob.channels().await[0].received, Planck(3 * STCI));
	// Bob closes alone, and settles what the file said.
	let ask = Ask::Close {
		channel,
		alone: true,
		sure: true,
		dry_run: false,
	};
	let answer = bob.ask(ask).await;
	assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
	world
		.until("the close", async || {
			world.chain.refused().len() > 1_000 || is_closing(&world, channel)
		})
		.await;
	world.chain.next(WINDOW + 1);
	world
		.until("it is settled", async || world.chain.paid(&bob.account) > 0)
		.await;
	assert_eq!(
		(world.chain.paid(&bob.account), world.chain.paid(&alice.account)),
		(3 * STCI, 7 * STCI)
	);
}

/// Pretends that somebody has seen the chain last so many seconds ago; or that this is not known.
fn saw_the_chain(who: &Person, ago: Option<u64>) {
	let file = who.folder().join("mark");
	let mut bytes = std::fs::read(&file).expect("a mark");
	bytes.truncate(bytes.len() - 8);
	if let Some(ago) = ago {
		let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
		bytes.extend((now - ago).to_le_bytes());
	}
	std::fs::write(&file, bytes).expect("a mark");
}

/// Mallory pays by file on the last day of the window, and may have closed on the first: Bob takes nothing, unless he
/// says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_by_file_is_not_taken_when_the_window_is_nearly_over() {
	let world = World::new();
	let (mut alice, mut bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	world.kill(&mut alice).await;
	world.kill(&mut bob).await;
	world.hub.cut();
	world.start(&mut alice);
	// An hour is the window: ten minutes of it are left.
	saw_the_chain(&bob, Some(3_000));
	world.start_without_chain(&mut bob);
	hand_over(&world, &alice, &bob, channel).await;
	hand_over(&world, &bob, &alice, channel).await;
	let give = Ask::Give {
		channel,
		amount: Planck(3 * STCI),
		dry_run: false,
	};
	let answer = alice.ask(give).await;
	assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
	let envelope = sealed(&world, &alice, channel).await;
	let import = |late| Ask::Import {
		envelope: envelope.clone(),
		late,
	};
	let refused = |answer: &Answer, word: &str| matches!(answer, Answer::Failed(why) if why.contains(word));
	let answer = bob.ask(import(false)).await;
	assert!(
		refused(&answer, "less than 20 % of the window of 1 h 0 min") && refused(&answer, "--late"),
		"{answer:?}"
	);
	assert_eq!(bob.channels().await[0].received, Planck(0));
	// Of a program that has not kept when that was.
	world.kill(&mut bob).await;
	saw_the_chain(&bob, None);
	world.start_without_chain(&mut bob);
	let answer = bob.ask(import(false)).await;
	assert!(refused(&answer, "was not seen yet"), "{answer:?}");
	assert_eq!(bob.channels().await[0].received, Planck(0));
	let answer = bob.ask(import(true)).await;
	assert!(
		matches!(&answer, Answer::Done(flow) if flow.said.starts_with("3 STCI received")),
		"{answer:?}"
	);
	assert_eq!(bob.channels().await[0].received, Planck(3 * STCI));
}

/// What is said tells until when the chain is to be reached, though the daemon has begun anew meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn who_takes_a_payment_by_file_is_told_until_when_to_reach_the_chain() {
	let world = World::new();
	let (mut alice, mut bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	world.kill(&mut alice).await;
	world.kill(&mut bob).await;
	world.hub.cut();
	world.start(&mut alice);
	saw_the_chain(&bob, Some(600));
	world.start_without_chain(&mut bob);
	hand_over(&world, &alice, &bob, channel).await;
	hand_over(&world, &bob, &alice, channel).await;
	let give = Ask::Give {
		channel,
		amount: Planck(STCI),
		dry_run: false,
	};
	let answer = alice.ask(give).await;
	assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
	let answer = hand_over(&world, &alice, &bob, channel).await;
	let says = |words: &str| matches!(&answer, Answer::Done(flow) if flow.said.contains(words));
	assert!(says("UTC (in 49 min") || says("UTC (in 50 min"), "{answer:?}");
	// The same once more is no news, and no alarm.
	let answer = hand_over(&world, &alice, &bob, channel).await;
	assert!(
		matches!(&answer, Answer::Done(flow) if flow.said.starts_with("taken; nothing new")),
		"{answer:?}"
	);
}

fn is_closing(world: &World, channel: u64) -> bool {
	let state = world.chain.state(channel);
	state.is_some_and(|state| matches!(state.stage, channel_primitives::Stage::Closing(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_it_costs_and_does_nothing() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	let before = world.chain.state(channel);
	let invoice = bob.invoice(STCI).await;
	let asks = [
		Ask::Deposit {
			channel,
			amount: Planck(STCI),
			dry_run: true,
		},
		Ask::Pay {
			invoice,
			times: 3,
			dry_run: true,
		},
		Ask::Close {
			channel,
			alone: true,
			sure: false,
			dry_run: true,
		},
	];
	for ask in asks {
		let answer = alice.ask(ask).await;
		let Answer::Plan(plan) = answer else {
			panic!("{answer:?}");
		};
		assert!(!plan.what.is_empty() && !plan.worst.is_empty(), "{plan:?}");
	}
	world.chain.next(1);
	assert_eq!(world.chain.state(channel), before);
	assert_eq!(alice.channels().await[0].spendable, Planck(10 * STCI));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_the_partner_moves_nothing() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let mallory = world.person("mallory", Config::default());
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	world.open(&mallory, &alice, STCI).await;
	// A file that Mallory has sealed for Alice's channel with Bob.
	let forged = smart_pay_frames::envelope::Envelope {
		channel,
		messages: Vec::new(),
	};
	let sealed = [&mallory.node[..], &alice.node[..], &forged.write()].concat();
	let answer = alice
		.ask(Ask::Import {
			envelope: sp_core::bytes::to_hex(&sealed, false),
			late: false,
		})
		.await;
	assert!(
		matches!(&answer, Answer::Failed(why) if why.contains("not made by the partner")),
		"{answer:?}"
	);
}
