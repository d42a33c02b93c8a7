//! What changes a channel while it is used, and how it ends if its data is lost.

use super::{
	flows::{hand_over, stale_close, watched_by},
	world::{Person, World, STCI, WINDOW},
};
use channel_primitives::{ChannelKey, Dispute, Side, Stage};
use smart_pay_api::{Answer, Ask, Plan, Planck};
use smart_pay_chain::Ledger;
use smart_pay_config::{AgreeKeys, Config};
use std::path::Path;

fn take(channel: u64, amount: u128) -> Ask {
	Ask::Withdraw {
		channel,
		amount: Planck(amount),
		dry_run: false,
	}
}

fn rekey(channel: u64) -> Ask {
	Ask::Rekey {
		channel,
		dry_run: false,
	}
}

fn recovery(channel: u64, dry_run: bool) -> Ask {
	Ask::CloseRecovery { channel, dry_run }
}

fn is_done(answer: &Answer) -> bool {
	matches!(answer, Answer::Done(_))
}

fn why(answer: Answer) -> String {
	match answer {
		Answer::Failed(why) => why,
		other => panic!("{other:?}"),
	}
}

async fn state(person: &Person) -> String {
	person.channels().await[0].state.clone()
}

/// Whether its partner has said what it holds since the start.
async fn is_ready(person: &Person) -> bool {
	let state = state(person).await;
	state.starts_with("open") && !state.contains("wait")
}

/// Closes together, and waits until it is gone.
async fn close(world: &World, person: &Person, channel: u64) {
	let ask = Ask::Close {
		channel,
		alone: false,
		sure: false,
		dry_run: false,
	};
	let answer = person.ask(ask).await;
	assert!(is_done(&answer), "{answer:?}");
	world
		.until("a close", async || world.chain.state(channel).is_none())
		.await;
}

fn dispute(world: &World, channel: u64) -> Option<Dispute> {
	match world.chain.state(channel)?.stage {
		Stage::Closing(dispute) => Some(dispute),
		_ => None,
	}
}

/// The key of a person in a channel, as the chain has it.
fn key_of(world: &World, person: &Person, partner: &Person, channel: u64) -> ChannelKey {
	let side = Side::of(&person.account, &partner.account).expect("two accounts");
	*world.chain.state(channel).expect("it is there").keys.get(side)
}

fn copy(from: &Path, to: &Path) {
	std::fs::create_dir_all(to).expect("a folder");
	for entry in std::fs::read_dir(from).expect("a folder").flatten() {
		let (path, name) = (entry.path(), entry.file_name());
		if path.is_dir() {
			copy(&path, &to.join(name));
		} else {
			std::fs::copy(&path, to.join(name)).expect("a copy");
		}
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_taken_out_and_the_channel_goes_on() {
	let world = World::new();
	let (mut alice, bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	assert_eq!(world.pay(&alice, &invoice, 2).await.paid, 2);
	let said = why(alice.ask(take(channel, 9 * STCI)).await);
	assert!(said.contains("8 STCI can be taken out"), "{said}");
	let answer = alice.ask(take(channel, 5 * STCI)).await;
	assert!(is_done(&answer), "{answer:?}");
	// Whoever was killed goes on where it was, or asks again if that was not stored.
	world.kill(&mut alice).await;
	world.start(&mut alice);
	world
		.until("it comes", async || {
			let open = state(&alice).await == "open";
			let came = world.chain.paid(&alice.account) == 5 * STCI;
			if open && !came {
				alice.ask(take(channel, 5 * STCI)).await;
			}
			came
		})
		.await;
	world
		.until("it is known", async || {
			let view = &alice.channels().await[0];
			view.state == "open" && view.total == Planck(5 * STCI) && view.spendable == Planck(3 * STCI)
		})
		.await;
	assert_eq!(world.pay(&alice, &invoice, 1).await.paid, 1);
	// The partner takes out what it was paid.
	world
		.until("it is there", async || {
			bob.channels().await[0].received == Planck(3 * STCI)
		})
		.await;
	let answer = bob.ask(take(channel, 3 * STCI)).await;
	assert!(is_done(&answer), "{answer:?}");
	world
		.until("it comes", async || world.chain.paid(&bob.account) == 3 * STCI)
		.await;
	world
		.until("both are done with it", async || {
			state(&alice).await == "open" && state(&bob).await == "open"
		})
		.await;
	close(&world, &alice, channel).await;
	assert_eq!(
		(world.chain.paid(&alice.account), world.chain.paid(&bob.account)),
		(7 * STCI, 3 * STCI)
	);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_agree_keeps_nothing() {
	let world = World::new();
	let mut strict = Config::default();
	strict.channels.agree_withdrawals = false;
	strict.channels.agree_keys = AgreeKeys::Never;
	let (alice, bob) = (world.person("alice", Config::default()), world.person("bob", strict));
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	let before = key_of(&world, &alice, &bob, channel);
	assert!(is_done(&alice.ask(take(channel, 5 * STCI)).await));
	world
		.until("it is asked for", async || {
			state(&alice).await.contains("not agreed yet")
		})
		.await;
	assert_eq!(alice.channels().await[0].spendable, Planck(5 * STCI));
	world.chain.next(Config::default().core().together + 1);
	world
		.until("it is over", async || {
			state(&alice).await == "open" && alice.channels().await[0].spendable == Planck(10 * STCI)
		})
		.await;
	assert_eq!(world.chain.paid(&alice.account), 0);
	// Nor is another key in force, and payments go on.
	assert!(is_done(&alice.ask(rekey(channel)).await));
	let invoice = bob.invoice(STCI).await;
	assert_eq!(world.pay(&alice, &invoice, 1).await.paid, 1);
	assert_eq!(state(&alice).await, "open; the partner is asked for another key");
	assert_eq!(key_of(&world, &alice, &bob, channel), before);
	close(&world, &bob, channel).await;
	assert_eq!(world.chain.paid(&bob.account), STCI);
}

/// Courier hands over by file what the configuration refuses over the network.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_agree_does_not_by_file_either() {
	let world = World::new();
	let mut strict = Config::default();
	strict.channels.agree_withdrawals = false;
	let (mut alice, mut bob) = (world.person("alice", Config::default()), world.person("bob", strict));
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	world.kill(&mut alice).await;
	world.kill(&mut bob).await;
	world.hub.cut();
	world.start(&mut alice);
	world.start(&mut bob);
	world
		.until("both have greeted", async || {
			hand_over(&world, &alice, &bob, channel).await;
			hand_over(&world, &bob, &alice, channel).await;
			is_ready(&alice).await && is_ready(&bob).await
		})
		.await;
	assert!(is_done(&alice.ask(take(channel, 5 * STCI)).await));
	for _ in 0..3 {
		hand_over(&world, &alice, &bob, channel).await;
		hand_over(&world, &bob, &alice, channel).await;
	}
	let state = state(&alice).await;
	assert!(state.contains("not agreed yet"), "{state}");
	assert_eq!(world.chain.paid(&alice.account), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_takes_another_key_and_all_goes_on() {
	let world = World::new();
	let (mut alice, mut bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	assert_eq!(world.pay(&alice, &invoice, 2).await.paid, 2);
	let before = key_of(&world, &alice, &bob, channel);
	let answer = alice.ask(rekey(channel)).await;
	assert!(is_done(&answer), "{answer:?}");
	world
		.until("another key", async || key_of(&world, &alice, &bob, channel) != before)
		.await;
	world
		.until("both know", async || {
			state(&alice).await == "open" && state(&bob).await == "open"
		})
		.await;
	assert_eq!(world.pay(&alice, &invoice, 1).await.paid, 1);
	for person in [&mut alice, &mut bob] {
		world.kill(person).await;
		world.start(person);
	}
	world
		.until("they go on", async || {
			state(&alice).await == "open" && state(&bob).await == "open"
		})
		.await;
	assert_eq!(world.pay(&alice, &invoice, 1).await.paid, 1);
	world
		.until("all of it", async || {
			bob.channels().await[0].received == Planck(4 * STCI)
		})
		.await;
	// Bob closes alone with what Alice has signed by her new key: this chain looks at each signature.
	world.kill(&mut alice).await;
	let ask = Ask::Close {
		channel,
		alone: true,
		sure: true,
		dry_run: false,
	};
	assert!(is_done(&bob.ask(ask).await));
	world
		.until("the close", async || dispute(&world, channel).is_some())
		.await;
	world.chain.next(WINDOW + 1);
	world
		.until("it is settled", async || world.chain.paid(&bob.account) > 0)
		.await;
	assert_eq!(
		(world.chain.paid(&bob.account), world.chain.paid(&alice.account)),
		(4 * STCI, 6 * STCI)
	);
}

/// One of the two is killed some steps after the wish: it is carried out all the same, or asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_while_a_key_is_changed_goes_on() {
	let world = World::new();
	let (mut alice, mut bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	let mut paid = 0;
	for steps in 0..8 {
		let before = key_of(&world, &alice, &bob, channel);
		assert!(is_done(&alice.ask(rekey(channel)).await));
		// Each question is answered between two steps of the daemon.
		for _ in 0..steps {
			alice.channels().await;
			bob.channels().await;
			world.chain.next(1);
		}
		let killed = if steps % 2 == 0 { &mut alice } else { &mut bob };
		world.kill(killed).await;
		world.start(killed);
		world
			.until("they go on", async || is_ready(&alice).await && is_ready(&bob).await)
			.await;
		// Stored or not: it is asked for once more, which is refused if it was.
		if state(&alice).await == "open" && key_of(&world, &alice, &bob, channel) == before {
			alice.ask(rekey(channel)).await;
		}
		world
			.until("another key", async || key_of(&world, &alice, &bob, channel) != before)
			.await;
		world
			.until("both know", async || {
				state(&alice).await == "open" && state(&bob).await == "open"
			})
			.await;
		assert_eq!(world.pay(&alice, &invoice, 1).await.paid, 1, "after {steps} steps");
		paid += STCI;
		world
			.until("it came", async || bob.channels().await[0].received == Planck(paid))
			.await;
	}
	close(&world, &bob, channel).await;
	assert_eq!(
		(world.chain.paid(&bob.account), world.chain.paid(&alice.account)),
		(paid, 100 * STCI - paid)
	);
}

/// Somebody is killed between a commit and what is done of it, at each of the next ones; and started again.
async fn kill_after(world: &World, people: &mut [Person; 2], who: usize, commit: u64, wish: Ask) {
	people[who].die_after(commit);
	// The one who wishes may be the one who dies.
	people[0].try_ask(wish).await;
	world.until("an end", async || people[who].has_ended()).await;
	world.kill(&mut people[who]).await;
	world.start(&mut people[who]);
	world
		.until("they go on", async || {
			is_ready(&people[0]).await && is_ready(&people[1]).await
		})
		.await;
}

async fn are_open(people: &[Person; 2]) -> bool {
	state(&people[0]).await == "open" && state(&people[1]).await == "open"
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_after_any_commit_gets_another_key() {
	let world = World::new();
	let mut people = ["alice", "bob"].map(|name| world.person(name, Config::default()));
	let channel = world.open(&people[0], &people[1], 100 * STCI).await;
	let invoice = people[1].invoice(STCI).await;
	let mut paid = 0;
	for (who, commit) in [0, 1]
		.into_iter()
		.flat_map(|who| (1..=4).map(move |commit| (who, commit)))
	{
		let before = key_of(&world, &people[0], &people[1], channel);
		kill_after(&world, &mut people, who, commit, rekey(channel)).await;
		if state(&people[0]).await == "open" && key_of(&world, &people[0], &people[1], channel) == before {
			people[0].ask(rekey(channel)).await;
		}
		world
			.until("another key", async || {
				key_of(&world, &people[0], &people[1], channel) != before && are_open(&people).await
			})
			.await;
		assert_eq!(world.pay(&people[0], &invoice, 1).await.paid, 1, "{who} after {commit}");
		paid += STCI;
		world
			.until("it came", async || {
				people[1].channels().await[0].received == Planck(paid)
			})
			.await;
	}
	close(&world, &people[1], channel).await;
	assert_eq!(world.chain.paid(&people[1].account), paid);
	assert_eq!(world.chain.paid(&people[0].account), 100 * STCI - paid);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_after_any_commit_takes_out_once() {
	let world = World::new();
	let mut people = ["alice", "bob"].map(|name| world.person(name, Config::default()));
	let channel = world.open(&people[0], &people[1], 100 * STCI).await;
	let mut taken = 0;
	for (who, commit) in [0, 1]
		.into_iter()
		.flat_map(|who| (1..=4).map(move |commit| (who, commit)))
	{
		kill_after(&world, &mut people, who, commit, take(channel, STCI)).await;
		taken += STCI;
		world
			.until("it comes", async || {
				let open = are_open(&people).await;
				let came = world.chain.paid(&people[0].account) >= taken;
				// What was not stored was not asked for; what came too late has expired.
				if open && !came {
					people[0].ask(take(channel, STCI)).await;
				}
				open && came
			})
			.await;
		assert_eq!(world.chain.paid(&people[0].account), taken, "{who} after {commit}");
	}
	close(&world, &people[0], channel).await;
	assert_eq!(world.chain.paid(&people[0].account), 100 * STCI);
}

/// Alice holds her new key back until Bob, who has agreed, is away; and closes on a state without her payments.
#[tokio::test(flavor = "multi_thread")]
async fn a_tower_answers_under_a_key_that_came_while_its_customer_was_away() {
	let world = World::new();
	let mut serving = Config::default();
	serving.tower.serve = true;
	let tower = world.person("tower", serving);
	let mut watched = watched_by(&tower);
	watched.channels.agree_keys = AgreeKeys::Always;
	let (alice, mut bob) = (world.person("alice", Config::default()), world.person("bob", watched));
	let channel = world.open(&alice, &bob, 100 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	assert_eq!(world.pay(&alice, &invoice, 5).await.paid, 5);
	let before = key_of(&world, &alice, &bob, channel);
	let files = ["low", "high"].map(|side| tower.folder().join("watched").join(format!("{channel}-{side}")));
	let kept = || -> u64 {
		let lengths = files.iter().filter_map(|file| std::fs::metadata(file).ok());
		lengths.map(|file| file.len()).sum()
	};
	world
		.until("the tower watches", async || {
			kept() > 0 && bob.channels().await[0].received == Planck(5 * STCI)
		})
		.await;
	let length = kept();
	// Nothing that is signed comes into a block.
	world.chain.full_below(u128::MAX);
	assert!(is_done(&alice.ask(rekey(channel)).await));
	world
		.until("both agree, and the tower knows", async || {
			state(&bob).await.contains("takes another key") && kept() > length
		})
		.await;
	world.kill(&mut bob).await;
	assert_eq!(key_of(&world, &alice, &bob, channel), before);
	world.chain.full_below(0);
	world
		.until("another key", async || key_of(&world, &alice, &bob, channel) != before)
		.await;
	let stale = stale_close(&alice, &bob, channel, 1);
	let as_alice = world.chain.seen_by(alice.account);
	as_alice.carry(&stale).await.expect("it is taken");
	world
		.until("it is punished", async || world.chain.paid(&bob.account) > 0)
		.await;
	assert_eq!(world.chain.paid(&bob.account), 100 * STCI);
}

/// An old copy, and a partner that is gone: Alice closes with what she knows. Bob comes back, and shows more.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_its_data_closes_by_a_recovery_if_its_partner_is_silent() {
	let world = World::new();
	let (mut alice, mut bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	let invoice = bob.invoice(STCI).await;
	assert_eq!(world.pay(&alice, &invoice, 3).await.paid, 3);
	let said = why(alice.ask(recovery(channel, false)).await);
	assert!(said.contains("--alone"), "whoever knows all closes otherwise: {said}");
	let (store, old) = (alice.folder().join("channels"), alice.folder().join("old"));
	world.kill(&mut alice).await;
	copy(&store, &old);
	world.start(&mut alice);
	world
		.until("they go on", async || {
			state(&alice).await == "open" && state(&bob).await == "open"
		})
		.await;
	assert_eq!(world.pay(&alice, &invoice, 2).await.paid, 2);
	world
		.until("all of it", async || {
			bob.channels().await[0].received == Planck(5 * STCI)
		})
		.await;
	world.kill(&mut bob).await;
	world.kill(&mut alice).await;
	std::fs::remove_dir_all(&store).expect("it was there");
	copy(&old, &store);
	world.start(&mut alice);
	world
		.until("a first block", async || alice.status_block().await > 0)
		.await;
	let close = Ask::Close {
		channel,
		alone: true,
		sure: false,
		dry_run: false,
	};
	why(alice.ask(close).await);
	let Answer::Plan(Plan { worst, .. }) = alice.ask(recovery(channel, true)).await else {
		panic!("a plan");
	};
	assert!(worst.iter().any(|line| line.contains("0.1 STCI")), "{worst:?}");
	assert!(dispute(&world, channel).is_none());
	assert!(is_done(&alice.ask(recovery(channel, false)).await));
	world
		.until("the close", async || dispute(&world, channel).is_some())
		.await;
	assert!(dispute(&world, channel).expect("it is there").recovery);
	world.start(&mut bob);
	world
		.until("it is corrected", async || {
			dispute(&world, channel).is_some_and(|dispute| dispute.corrected)
		})
		.await;
	world.chain.next(WINDOW + 1);
	assert!(dispute(&world, channel).is_some(), "answers count for longer");
	world.chain.next(8 * WINDOW);
	world
		.until("it is settled", async || world.chain.paid(&bob.account) > 0)
		.await;
	let fine = 10 * STCI / smart_pay_chain::testing::FINE;
	assert_eq!(
		(world.chain.paid(&bob.account), world.chain.paid(&alice.account)),
		(5 * STCI + fine, 5 * STCI - fine)
	);
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_runs_say_what_can_go_wrong_and_do_nothing() {
	let world = World::new();
	let (alice, bob) = world.alice_and_bob();
	let channel = world.open(&alice, &bob, 10 * STCI).await;
	let before = world.chain.state(channel);
	let asks = [
		Ask::Withdraw {
			channel,
			amount: Planck(STCI),
			dry_run: true,
		},
		Ask::Rekey { channel, dry_run: true },
	];
	for ask in asks {
		let Answer::Plan(plan) = alice.ask(ask).await else {
			panic!("a plan");
		};
		assert!(
			!plan.what.is_empty() && !plan.worst.is_empty() && plan.fee.0 > 0,
			"{plan:?}"
		);
	}
	world.chain.next(1);
	assert_eq!(state(&alice).await, "open");
	assert_eq!(world.chain.state(channel), before);
	assert_eq!(alice.channels().await[0].spendable, Planck(10 * STCI));
}
