//! Payments over several relays: in a line, around what fails, past who is mute or wants more.

use super::world::{relay, Person, World, STCI};
use smart_pay_api::{Answer, Ask, Planck, RouteView};
use smart_pay_config::Config;

/// A relay that takes so much, whom everybody can find.
async fn announced(world: &World, name: &'static str, fee: u64) -> Person {
	let mut config = relay();
	config.relay.fee_base = fee;
	let person = world.person(name, config);
	world
		.until("a first block", async || person.status_block().await > 0)
		.await;
	announce(&person).await;
	person
}

async fn announce(person: &Person) {
	let ask = Ask::Announce {
		url: "memory".into(),
		dry_run: false,
	};
	let answer = person.ask(ask).await;
	assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
}

/// The ways to an invoice, once relays have said what they take.
async fn ways(world: &World, payer: &Person, invoice: &str) -> Vec<RouteView> {
	let mut found = Vec::new();
	world
		.until("a way", async || {
			let ask = Ask::Routes {
				invoice: invoice.into(),
			};
			if let Answer::Routes(ways) = payer.ask(ask).await {
				found = ways;
			}
			!found.is_empty()
		})
		.await;
	found
}

async fn received(world: &World, payee: &Person, amount: u128) {
	world
		.until("it came", async || {
			let channels = payee.channels().await;
			let all: u128 = channels.iter().map(|view| view.received.0).sum();
			all == amount && channels.iter().all(|view| view.locks == 0)
		})
		.await;
}

/// All that is free again with whom nothing is left on its way.
async fn nothing_is_bound(world: &World, people: &[&Person]) {
	world
		.until("no lock is left", async || {
			for person in people {
				if person.channels().await.iter().any(|view| view.locks > 0) {
					return false;
				}
			}
			true
		})
		.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_in_a_line_pay_over_two_relays() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let carol = announced(&world, "carol", 1_000).await;
	let dave = announced(&world, "dave", 500).await;
	let first = world.open(&alice, &carol, 100 * STCI).await;
	let second = world.open(&carol, &dave, 100 * STCI).await;
	let third = world.open(&dave, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	let shown = ways(&world, &alice, &invoice).await;
	assert_eq!(shown.len(), 1);
	let hops: Vec<_> = shown[0].hops.iter().map(|hop| (hop.channel, hop.amount.0)).collect();
	assert_eq!(hops, [(first, STCI + 1_500), (second, STCI + 500), (third, STCI)]);
	assert_eq!(shown[0].fee, Planck(1_500));
	let view = world.pay(&alice, &invoice, 3).await;
	assert_eq!((view.paid, view.failed, view.fees), (3, 0, Planck(4_500)), "{view:?}");
	received(&world, &bob, 3 * STCI).await;
	nothing_is_bound(&world, &[&alice, &carol, &dave, &bob]).await;
	// Each relay has its fee, and no more.
	let of = async |person: &Person| {
		let all = person.channels().await;
		all.iter().map(|view| view.received.0).sum::<u128>() - all.iter().map(|view| view.sent.0).sum::<u128>()
	};
	assert_eq!((of(&carol).await, of(&dave).await), (3_000, 1_500));
}

/// Carol's channel with Dave holds money, but on Dave's side: that shows when a payment comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_in_the_middle_is_gone_around() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let carol = announced(&world, "carol", 1_000).await;
	let dave = announced(&world, "dave", 1_000).await;
	let erin = announced(&world, "erin", 100_000_000).await;
	world.open(&alice, &carol, 100 * STCI).await;
	world.open(&dave, &carol, 100 * STCI).await;
	world.open(&dave, &bob, 100 * STCI).await;
	world.open(&alice, &erin, 100 * STCI).await;
	world.open(&erin, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	world
		.until("both ways", async || ways(&world, &alice, &invoice).await.len() == 2)
		.await;
	assert_eq!(ways(&world, &alice, &invoice).await[0].fee, Planck(2_000));
	let view = world.pay(&alice, &invoice, 1).await;
	assert_eq!((view.paid, view.failed), (1, 0), "{view:?}");
	assert_eq!(view.fees, Planck(100_000_000), "it went through Erin");
	received(&world, &bob, STCI).await;
	nothing_is_bound(&world, &[&alice, &carol, &dave, &erin, &bob]).await;
	// It is learned: the next one goes there at once.
	assert_eq!(ways(&world, &alice, &invoice).await[0].fee, Planck(100_000_000));
}

/// Mute: a relay that takes a lock and is never heard of again.
#[tokio::test(flavor = "multi_thread")]
async fn a_mute_mediator_costs_nothing_but_time() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let carol = announced(&world, "carol", 1_000).await;
	let mut dave = announced(&world, "dave", 1_000).await;
	world.open(&alice, &carol, 100 * STCI).await;
	world.open(&carol, &dave, 100 * STCI).await;
	world.open(&dave, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	ways(&world, &alice, &invoice).await;
	// Dave goes at the same moment: Carol has given him the lock, or gives it up after a while.
	world.kill(&mut dave).await;
	let payment = alice.begin(&invoice, 1).await.payment;
	world
		.until("it is on its way", async || alice.payment(payment).await.in_flight == 1)
		.await;
	world.chain.next(3 * 7_200);
	let view = world.paid(&alice, payment).await;
	assert_eq!((view.paid, view.failed, view.fees), (0, 1, Planck(0)), "{view:?}");
	world
		.until("all is free again", async || {
			alice.channels().await[0].spendable == Planck(100 * STCI)
		})
		.await;
	assert_eq!(bob.channels().await[0].received, Planck(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_that_is_too_low_is_refused_and_the_new_one_paid() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let carol = announced(&world, "carol", 1_000).await;
	let mut dave = announced(&world, "dave", 1_000).await;
	world.open(&alice, &carol, 100 * STCI).await;
	world.open(&carol, &dave, 100 * STCI).await;
	world.open(&dave, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	assert_eq!(ways(&world, &alice, &invoice).await[0].fee, Planck(2_000));
	// Dave takes more from now on. Alice is not connected with him, and does not know.
	world.kill(&mut dave).await;
	dave.config.relay.fee_base = 9_000;
	world.start(&mut dave);
	world
		.until("Dave is back", async || {
			let all = dave.channels().await;
			all.len() == 2 && all.iter().all(|view| view.connected && view.state == "open")
		})
		.await;
	let view = world.pay(&alice, &invoice, 1).await;
	assert_eq!((view.paid, view.failed), (1, 0), "{view:?}");
	assert_eq!(
		view.fees,
		Planck(10_000),
		"it was refused once, and learned what Dave takes"
	);
	received(&world, &bob, STCI).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_carries_nothing_on_is_no_way() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let carol = world.person("carol", Config::default());
	world.open(&alice, &carol, 10 * STCI).await;
	world.open(&carol, &bob, 10 * STCI).await;
	let ask = Ask::Pay {
		invoice: bob.invoice(STCI).await,
		times: 1,
		dry_run: false,
	};
	let answer = alice.ask(ask).await;
	assert!(
		matches!(&answer, Answer::Failed(why) if why.contains("no way on over relays")),
		"{answer:?}"
	);
	assert_eq!(alice.channels().await[0].spendable, Planck(10 * STCI));
}

/// How many locks Carol has in a channel.
async fn locks_in(person: &Person, channel: u64) -> u32 {
	let all = person.channels().await;
	all.iter()
		.find(|view| view.channel == channel)
		.map_or(0, |view| view.locks)
}

/// Hoarder: pays what nobody takes, so that the relay's channel fills up. Nothing goes to who is away, so it waits one
/// relay before, at Dave.
#[tokio::test(flavor = "multi_thread")]
async fn a_hoarder_leaves_room_for_others() {
	let world = World::new();
	let (mallory, alice) = (
		world.person("mallory", Config::default()),
		world.person("alice", Config::default()),
	);
	let carol = announced(&world, "carol", 1_000).await;
	let dave = announced(&world, "dave", 1_000).await;
	let mut bob = world.person("bob", Config::default());
	world.open(&mallory, &carol, 100 * STCI).await;
	world.open(&alice, &carol, 100 * STCI).await;
	let on = world.open(&carol, &dave, 100 * STCI).await;
	world.open(&dave, &bob, 100 * STCI).await;
	let mut invoices = Vec::new();
	for _ in 0..50 {
		invoices.push(bob.invoice(STCI / 1_000).await);
	}
	let honest = bob.invoice(STCI).await;
	for payer in [&mallory, &alice] {
		ways(&world, payer, &honest).await;
	}
	world.kill(&mut bob).await;
	world
		.until("Dave sees that he is gone", async || {
			dave.channels().await.iter().any(|view| !view.connected)
		})
		.await;
	let mut payments = Vec::new();
	for invoice in &invoices {
		payments.push(mallory.begin(invoice, 1).await.payment);
	}
	world
		.until("what does not fit is back", async || {
			let mut failed = 0;
			for payment in &payments {
				failed += mallory.payment(*payment).await.failed;
			}
			failed == 2
		})
		.await;
	assert_eq!(locks_in(&carol, on).await, 48);
	let payment = alice.begin(&honest, 1).await.payment;
	world
		.until("it is carried on", async || locks_in(&carol, on).await == 49)
		.await;
	assert_eq!(alice.payment(payment).await.failed, 0);
}
