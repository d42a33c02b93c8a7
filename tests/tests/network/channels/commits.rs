//! Somebody is killed as it is about to make its first commit durable, its second, and so on, since a payment or an
//! order began; and is started again. In `long` the same before every single write and every message that is sent.
//!
//! What is tried within one process, one moment after the other, stands in `kills.rs`; here the processes are real, and
//! what they keep is what the kernel has of it.

use super::{
	at_rest, books, chain, finish, gone,
	kills::made_of,
	open,
	orders::{amount_of, offer, seen, text},
	people, AMOUNT_TEXT, SOON, WINDOW,
};
use crate::seconds;
use futures::future::{try_join, try_join_all};
use smartchain_tests::{
	ensure,
	node::trap::{Trap, SYNCS, WRITES_AND_SENDS},
	wait, Error, Payer, Result,
};
use std::time::{Duration, Instant};

/// For so long the death of somebody is waited for after a payment began: each commits once a second, if nothing else
/// happens.
const DIES_WITHIN: Duration = seconds(3);
/// How often is looked.
const LOOK: Duration = Duration::from_millis(20);
/// Units of each order here.
const UNITS_TAKEN: u32 = 3;
/// What both say of an order that is over.
const BACK: &str = "done; the deposit is back";

/// One process id of those that run.
fn pid(of: &Payer) -> Result<u32> {
	of.pid()
		.ok_or_else(|| Error::new(format!("{} does not run", of.name())))
}

/// Starts somebody again that has died. Whether it had.
async fn start_again(person: &mut Payer) -> Result<bool> {
	let died = person.has_died()?;
	if died {
		person.run().await?;
	}
	Ok(died)
}

/// One payment, in which somebody dies at its nth call of these. Whether it did.
async fn pay_and_die(people: &mut [Payer; 3], victim: usize, calls: &str, nth: u32) -> Result<bool> {
	let invoice = people[1].invoice(AMOUNT_TEXT).await?;
	let trap = Trap::set(pid(&people[victim])?, calls, nth).await?;
	let begun = people[0].begin(&["pay", &invoice])?;
	let since = Instant::now();
	while !people[victim].has_died()? && since.elapsed() < DIES_WITHIN {
		tokio::time::sleep(LOOK).await;
	}
	drop(trap);
	let died = start_again(&mut people[victim]).await?;
	// Who ends with it ends alone: its daemon goes on with what it was told.
	drop(begun);
	at_rest(&people.each_ref()).await?;
	Ok(died)
}

/// Payments over a relay, with a death of each of the three at its first call of these, its second, and so on.
pub(crate) async fn payments_outlive_a_kill_at_each(name: &str, calls: &str, most: u32, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let network = chain().await?;
		let mut people = people(&network, ["alice", "bob", "carol"]).await?;
		people[2].choose("[relay]\nenabled = true");
		try_join_all(people.iter_mut().map(Payer::run)).await?;
		let [alice, bob, carol] = &people;
		let books = books(&network, &[alice, bob, carol]).await?;
		let opened = try_join(open(alice, carol, "200", WINDOW), open(carol, bob, "200", WINDOW));
		let (first, second) = opened.await?;
		let mut deaths = 0;
		for nth in 1..=most {
			for victim in 0..people.len() {
				deaths += u32::from(pay_and_die(&mut people, victim, calls, nth).await?);
			}
		}
		let [alice, bob, carol] = &people;
		alice.carry_out(&["close", &first.to_string()]).await?;
		bob.carry_out(&["close", &second.to_string()]).await?;
		gone(&[alice, bob, carol], SOON).await?;
		let entries = books.close(network.rpc(0)?).await?;
		let gained: Vec<i128> = entries.iter().map(|of| of.gained()).collect();
		let made = made_of(&gained);
		ensure!(
			made.is_some_and(|(payments, steps)| payments > 0 && steps == 0),
			"the chain has paid out {gained:?} to Alice, Bob and Carol, which payments do not come to"
		);
		ensure!(
			deaths > most,
			"{deaths} deaths in {} payments: the traps hold nobody",
			3 * most
		);
		eprintln!(
			"{deaths} deaths in {} payments: {made:?} came, and nobody lost a planck",
			3 * most
		);
		finish(network, people).await
	})
	.await;
}

/// What two machines do by themselves: the next step of an order, whatever was done of it before one of them died.
/// Whether there is none left. Who is asked may be away.
async fn next_step(gate: &Payer, car: &Payer, order: &str) -> bool {
	let (Ok(ours), Ok(theirs)) = (seen(car, order).await, seen(gate, order).await) else {
		return false;
	};
	let state = |view: &serde_json::Value| view["state"].as_str().unwrap_or_default().to_string();
	let counted = ours["units"].as_u64().unwrap_or_default();
	match (state(&ours).as_str(), state(&theirs).as_str()) {
		("offered", _) => drop(car.carry_out(&["order", "accept", order]).await),
		("running", _) if counted < u64::from(UNITS_TAKEN) => {
			let units = (counted + 1).to_string();
			drop(car.carry_out(&["order", "pay", order, "--units", &units]).await);
		}
		("running", "running") => {
			let units = UNITS_TAKEN.to_string();
			drop(gate.carry_out(&["order", "bill", order, "--units", &units]).await);
		}
		(BACK, BACK) => return true,
		_ => (),
	}
	false
}

/// One order between the gate, who comes first, and the car, in which one dies at its nth call of these. Whether it
/// did.
async fn order_and_die(
	people: &mut [Payer; 2],
	victim: usize,
	(file, channel): (&str, &str),
	calls: &str,
	nth: u32,
) -> Result<bool> {
	let offered = people[0]
		.carry_out(&["order", "offer", file, "--channel", channel])
		.await?;
	let order = text(&offered[0]["order"])?;
	let trap = Trap::set(pid(&people[victim])?, calls, nth).await?;
	let (since, mut died) = (Instant::now(), false);
	loop {
		died |= start_again(&mut people[victim]).await?;
		let [gate, car] = &*people;
		if next_step(gate, car, &order).await {
			break;
		}
		ensure!(
			since.elapsed() < SOON,
			"after a death at call {nth} of {} the order is {} at the gate, and {} at the car",
			people[victim].name(),
			seen(gate, &order).await?,
			seen(car, &order).await?
		);
		tokio::time::sleep(LOOK).await;
	}
	drop(trap);
	died |= start_again(&mut people[victim]).await?;
	at_rest(&people.each_ref()).await?;
	Ok(died)
}

/// Orders, with a death of each of the two at some calls of these.
pub(crate) async fn orders_outlive_a_kill_at_each(
	name: &str,
	calls: &str,
	(most, each): (u32, usize),
	limit: Duration,
) {
	wait::bounded_beside_another(name, limit, async {
		let network = chain().await?;
		let mut people = people(&network, ["gate", "car"]).await?;
		try_join_all(people.iter_mut().map(Payer::run)).await?;
		let [gate, car] = &people;
		let books = books(&network, &[gate, car]).await?;
		let channel = open(car, gate, "200", WINDOW).await?.to_string();
		let file = offer(&network, gate).await?;
		let (mut orders, mut deaths) = (0, 0);
		for nth in (1..=most).step_by(each) {
			for victim in 0..people.len() {
				let what = (file.as_str(), channel.as_str());
				deaths += u32::from(order_and_die(&mut people, victim, what, calls, nth).await?);
				orders += 1;
			}
		}
		let [gate, car] = &people;
		car.carry_out(&["close", &channel]).await?;
		gone(&[gate, car], SOON).await?;
		let entries = books.close(network.rpc(0)?).await?;
		let gained: Vec<i128> = entries.iter().map(|of| of.gained()).collect();
		let due = i128::from(orders) * amount_of(UNITS_TAKEN) as i128;
		ensure!(
			gained == [due, -due],
			"the chain has paid out {gained:?} to the gate and the car, and {due} are due"
		);
		ensure!(
			deaths > orders / 2,
			"{deaths} deaths in {orders} orders: the traps hold nobody"
		);
		eprintln!("{deaths} deaths in {orders} orders: each was paid once, and its deposit came back");
		finish(network, people).await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn payments_outlive_a_kill_at_each_commit() {
	let name = "payments_outlive_a_kill_at_each_commit";
	payments_outlive_a_kill_at_each(name, SYNCS, 4, seconds(240)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn orders_outlive_a_kill_at_each_commit() {
	let name = "orders_outlive_a_kill_at_each_commit";
	orders_outlive_a_kill_at_each(name, SYNCS, (9, 2), seconds(240)).await;
}

/// What `long` does of both.
pub(crate) async fn all_outlives_a_kill_at_each_write() {
	let name = "payments_outlive_a_kill_at_each_write_and_message";
	payments_outlive_a_kill_at_each(name, WRITES_AND_SENDS, 30, seconds(900)).await;
	let name = "orders_outlive_a_kill_at_each_write_and_message";
	orders_outlive_a_kill_at_each(name, WRITES_AND_SENDS, (60, 1), seconds(1_800)).await;
}
