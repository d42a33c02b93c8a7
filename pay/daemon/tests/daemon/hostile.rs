//! What others try: strangers with frames, relays with hashes of their own, and partners that go away.

use super::world::{relay, MemoryWire, Person, World, STCI};
use channel_primitives::{ChannelKey, Context, Half, Lock, Locks, Payload, Side, Signed, Submit, WatchV1};
use smart_pay_api::{Answer, Ask};
use smart_pay_chain::testing::GENESIS;
use smart_pay_config::Config;
use smart_pay_frames::{
	invoice::{hash_lock, shown, Invoice},
	wire::{Frame, Wire, WireEvent},
};
use smartchain_channel::Guard;
use sp_crypto_hashing::sha2_256;
use tokio::sync::mpsc;

/// What a stranger's node is known by.
const MALLORY: [u8; 32] = [0x66; 32];

/// A node without a daemon that says to somebody what it likes.
fn mallory(world: &World, to: &Person) -> (MemoryWire, mpsc::Receiver<WireEvent>) {
	let (wire, events) = world.hub.join(MALLORY);
	wire.want(to.node, "memory");
	(wire, events)
}

/// Whether a daemon is through with all that was said to it before.
async fn settled(person: &Person) {
	for _ in 0..3 {
		person.status_block().await;
	}
}

/// How many locks somebody has with a partner.
async fn locks_with(person: &Person, partner: &Person) -> u32 {
	let partner = smart_agent_keys::address(&partner.account);
	let all = person.channels().await;
	all.iter()
		.filter(|view| view.partner == partner)
		.map(|view| view.locks)
		.sum()
}

/// Mallory knows the terms of an invoice, and names hashes of its own before the payee is asked.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_payee_says_what_payments_are_locked_by() {
	let world = World::new();
	let alice = world.person("alice", Config::default());
	let carol = world.person("carol", relay());
	let mut bob = world.person("bob", Config::default());
	world.open(&alice, &carol, 100 * STCI).await;
	world.open(&carol, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	world.kill(&mut bob).await;
	let (wire, _events) = mallory(&world, &alice);
	let payment = alice.begin(&invoice, 3).await.payment;
	let terms = Invoice::read(&invoice).expect("an invoice").terms;
	let hashes = vec![sha2_256(&[1; 32]), sha2_256(&[2; 32])];
	wire.send(alice.node, Frame::Hashes { terms, from: 1, hashes });
	settled(&alice).await;
	assert!(alice.payment(payment).await.in_flight <= 1);
	world.start(&mut bob);
	let view = world.paid(&alice, payment).await;
	assert_eq!((view.paid, view.failed), (3, 0), "{view:?}");
	world
		.until("all came", async || bob.channels().await[0].received.0 == 3 * STCI)
		.await;
}

/// Carol has seen what the first payment was locked by, and could keep a second one.
#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_paid_over_a_relay_once() {
	let world = World::new();
	let mut alice = world.person("alice", Config::default());
	let carol = world.person("carol", relay());
	let bob = world.person("bob", Config::default());
	world.open(&alice, &carol, 100 * STCI).await;
	// What is in it is Bob's: Carol has nothing there to carry on.
	world.open(&bob, &carol, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	// What came to nothing may be tried again.
	assert_eq!(world.pay(&alice, &invoice, 1).await.failed, 1);
	world.open(&carol, &bob, 100 * STCI).await;
	let first = world.pay(&alice, &invoice, 1).await;
	assert_eq!((first.paid, first.failed), (1, 0), "{first:?}");
	let again = Ask::Pay {
		invoice: invoice.clone(),
		times: 1,
		dry_run: false,
	};
	let answer = alice.ask(again.clone()).await;
	assert!(
		matches!(&answer, Answer::Failed(why) if why.contains("paid before")),
		"{answer:?}"
	);
	// Nor for good, to the payee itself.
	world.open(&alice, &bob, 100 * STCI).await;
	let answer = alice.ask(again.clone()).await;
	assert!(
		matches!(&answer, Answer::Failed(why) if why.contains("paid before")),
		"{answer:?}"
	);
	world.kill(&mut alice).await;
	world.start(&mut alice);
	world
		.until("they are connected again", async || {
			alice
				.channels()
				.await
				.iter()
				.any(|view| view.connected && view.state == "open")
		})
		.await;
	// The relay says what it takes a moment after it is there.
	world
		.until("it is refused for that alone", async || {
			let answer = alice.ask(again.clone()).await;
			assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
			matches!(&answer, Answer::Failed(why) if why.contains("paid before"))
		})
		.await;
	// A number that was given out before the kill is none of a payment since.
	let invoice = bob.invoice(STCI).await;
	assert!(alice.begin(&invoice, 1).await.payment > first.payment);
}

/// Duster's locks are worth less than what it costs Carol to show them to the chain, should nobody pay them.
#[tokio::test(flavor = "multi_thread")]
async fn duster_has_nothing_carried_on() {
	const LEAST: u64 = 1_000_000_000;
	let world = World::new();
	let alice = world.person("alice", Config::default());
	let mut config = relay();
	config.relay.least = LEAST;
	let carol = world.person("carol", config);
	let bob = world.person("bob", Config::default());
	world.open(&alice, &carol, 100 * STCI).await;
	world.open(&carol, &bob, 100 * STCI).await;
	let enough = bob.invoice(LEAST.into()).await;
	let view = world.pay(&alice, &enough, 1).await;
	assert_eq!((view.paid, view.failed), (1, 0), "{view:?}");
	let dust = bob.invoice(u128::from(LEAST) - 1).await;
	let view = world.pay(&alice, &dust, 1).await;
	assert_eq!((view.paid, view.failed), (0, 1), "{view:?}");
}

/// Bob is away: what is paid to him waits at Carol, and is locked nowhere on the way to him.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_locked_for_a_partner_that_is_away() {
	let world = World::new();
	let alice = world.person("alice", Config::default());
	let carol = world.person("carol", relay());
	let mut bob = world.person("bob", Config::default());
	world.open(&alice, &carol, 100 * STCI).await;
	world.open(&carol, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	world.kill(&mut bob).await;
	world
		.until("Carol sees that he is gone", async || {
			carol.channels().await.iter().any(|view| !view.connected)
		})
		.await;
	let payment = alice.begin(&invoice, 1).await.payment;
	let mut looks = 0;
	world
		.until("it waits at Carol", async || {
			looks += u32::from(locks_with(&carol, &alice).await == 1);
			looks > 20
		})
		.await;
	assert_eq!(locks_with(&carol, &bob).await, 0);
	world.start(&mut bob);
	assert_eq!(world.paid(&alice, payment).await.paid, 1);
}

/// Mallory asks for channels in the name of somebody else, without end.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_use_up_no_keys() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	world
		.until("a first block", async || bob.status_block().await > 0)
		.await;
	let (wire, mut events) = mallory(&world, &bob);
	for id in 0..200 {
		let ask = Frame::AskOpen {
			id,
			opener: [9; 32],
			key: ChannelKey([1; 32]),
			window: 7_200,
		};
		wire.send(bob.node, ask);
	}
	settled(&bob).await;
	let mut agreed = 0;
	while let Ok(event) = events.try_recv() {
		if let WireEvent::Said(_, frame) = event {
			agreed += u32::from(matches!(*frame, Frame::AgreeOpen { .. }));
		}
	}
	assert!((1..=16).contains(&agreed), "{agreed}");
	// Who means it is not kept out.
	world.open(&alice, &bob, STCI).await;
}

/// Mallory asks what payments of an invoice are locked by, without end.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_have_no_hashes_made_without_end() {
	let world = World::new();
	let bob = world.person("bob", Config::default());
	let terms = Invoice::read(&bob.invoice(STCI).await).expect("an invoice").terms;
	let (wire, mut events) = mallory(&world, &bob);
	settled(&bob).await;
	for from in 0..5_000 {
		let count = 256;
		wire.send(bob.node, Frame::AskHashes { terms, from, count });
	}
	settled(&bob).await;
	let mut told = 0;
	while let Ok(event) = events.try_recv() {
		if let WireEvent::Said(_, frame) = event {
			told += u32::from(matches!(*frame, Frame::Hashes { .. }));
		}
	}
	assert!((1..2_500).contains(&told), "{told}");
}

/// Bob gives his tower what shows nothing; it would be brought to the chain, at the tower's cost.
#[tokio::test(flavor = "multi_thread")]
async fn a_tower_keeps_nothing_that_is_false() {
	let world = World::new();
	let mut config = Config::default();
	config.tower.serve = true;
	let tower = world.person("tower", config);
	let bob = world.person("bob", super::flows::watched_by(&tower));
	let alice = world.person("alice", Config::default());
	let channel = world.open(&alice, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	assert_eq!(world.pay(&alice, &invoice, 1).await.paid, 1);
	let files = ["low", "high"].map(|side| tower.folder().join("watched").join(format!("{channel}-{side}")));
	let kept = || files.iter().find_map(|file| std::fs::read(file).ok());
	world.until("the tower watches", async || kept().is_some()).await;
	let as_bob = world.hub.speak_as(bob.node);
	let right = hash_lock(sha2_256(&[1; 32])).hash();
	let lock = |id, condition| Lock {
		id,
		amount: STCI,
		expiry: world.chain.now() + 10_000,
		condition,
	};
	let in_half = lock(7, right);
	as_bob.send(
		tower.node,
		Frame::Watch(Box::new(bundle(&world, &alice, &bob, channel, in_half))),
	);
	settled(&tower).await;
	let guard = |preimage: [u8; 32], lock: Lock| Guard {
		lock,
		condition: hash_lock(sha2_256(&[1; 32])),
		witness: shown(preimage),
	};
	let before = kept();
	for wrong in [
		guard([2; 32], in_half),
		guard([1; 32], lock(7, [5; 32])),
		// It is true, and of no lock that anybody could be paid for.
		guard([1; 32], lock(8, right)),
	] {
		as_bob.send(tower.node, Frame::Guard(channel, Box::new(wrong)));
		settled(&tower).await;
		assert_eq!(kept(), before);
	}
	as_bob.send(tower.node, Frame::Guard(channel, Box::new(guard([1; 32], in_half))));
	settled(&tower).await;
	assert_ne!(kept(), before);
}

/// What Bob's tower would be given if Alice had locked this for him.
fn bundle(world: &World, alice: &Person, bob: &Person, channel: u64, lock: Lock) -> WatchV1 {
	let state = world.chain.state(channel).expect("it is there");
	let side = Side::of(&bob.account, &alice.account).expect("two accounts");
	let context = Context {
		genesis: GENESIS,
		channel,
		asset: state.asset,
		side,
	};
	let sign = |who: &Person, other: &Person, side: Side, payload: &[u8; 32]| {
		let key = who.keys().find(state.keys.get(side), &other.account, 64);
		who.keys().channel(&key.expect("a key of its own")).sign(payload)
	};
	let locks = Locks::new(vec![lock]).expect("one lock");
	let half = Half {
		nonce: 1_000,
		ack: 0,
		transferred: STCI,
		locked: locks.total(),
		locks: locks.root(),
		memo: [0; 32],
	};
	let of_half = half.payload(&context.of_partner());
	let submit = Submit {
		half: of_half,
		tower: None,
		reward: 0,
	};
	let of_submit = submit.payload(&context);
	WatchV1 {
		context,
		half: Signed {
			body: half,
			signature: sign(alice, bob, side.partner(), &of_half),
		},
		submit: Signed {
			body: submit,
			signature: sign(bob, alice, side, &of_submit),
		},
		locks,
	}
}
