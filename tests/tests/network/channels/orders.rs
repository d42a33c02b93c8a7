//! A gate and a car: something is had by the unit against a deposit, by commands alone; and a car that drives away.

use super::{at_rest, books, chain, finish, gone, open, people, SOON, WINDOW};
use crate::seconds;
use futures::future::try_join_all;
use serde_json::Value;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{ensure, wait, Error, Network, Payer, Result};

/// What a unit costs, what the bill has besides, and the deposit, in planck.
const UNIT: u128 = UNITS / 20;
const BASE: u128 = UNITS / 10;
const DEPOSIT: u128 = 2 * UNITS;

/// What so many units come to, with the base.
pub(super) fn amount_of(units: u32) -> u128 {
	BASE + u128::from(units) * UNIT
}

pub(super) fn text(value: &Value) -> Result<String> {
	let text = value.as_str().map(str::to_string);
	text.ok_or_else(|| Error::new(format!("{value} is no text")))
}

/// An order, as one of the two sees it; null if it does not know it.
pub(super) async fn seen(by: &Payer, order: &str) -> Result<Value> {
	let all = by.carry_out(&["order", "status"]).await?;
	let mut found = all.as_array().into_iter().flatten();
	Ok(found.find(|view| view["order"] == order).cloned().unwrap_or_default())
}

/// Waits until one of the two sees an order so.
async fn until(by: &Payer, order: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Result<Value> {
	let what = format!("{what} (the order at the {})", by.name());
	wait::until(&what, SOON, || async {
		let view = seen(by, order).await?;
		Ok(holds(&view).then_some(view))
	})
	.await
}

/// The gate offers, and the car accepts: the order.
async fn agree(gate: &Payer, car: &Payer, file: &str, channel: &str) -> Result<Value> {
	let offered = gate.carry_out(&["order", "offer", file, "--channel", channel]).await?;
	let order = text(&offered[0]["order"])?;
	until(car, &order, "an offer", Value::is_object).await?;
	car.carry_out(&["order", "accept", &order]).await?;
	let accepted = until(gate, &order, "the deposit", |view| view["state"] == "running").await?;
	let other = seen(car, &order).await?;
	ensure!(
		accepted["hash"] == other["hash"] && !text(&other["hash"])?.is_empty(),
		"both tell an arbiter the same: {accepted} {other}"
	);
	Ok(accepted)
}

/// The car's meter counts up to so many units, each of which it pays.
async fn charge(gate: &Payer, car: &Payer, order: &str, units: u64) -> Result<()> {
	for counted in (0..=units).step_by(5) {
		car.carry_out(&["order", "pay", order, "--units", &counted.to_string()])
			.await?;
	}
	wait::until("the units to be paid", SOON, || async {
		let all = gate.carry_out(&["streams"]).await?;
		let mut streams = all.as_array().into_iter().flatten();
		Ok(streams
			.any(|view| view["stream"] == order && view["came"] == units)
			.then_some(()))
	})
	.await
}

/// All goes as it should.
async fn billed(gate: &Payer, car: &Payer, order: &str) -> Result<()> {
	charge(gate, car, order, 40).await?;
	// The gate's meter is wrong by one: the car does not agree, and nothing more is paid.
	gate.carry_out(&["order", "bill", order, "--units", "41"]).await?;
	until(gate, order, "the car's word", |view| {
		view["why"].as_str().is_some_and(|why| why.contains("40 units"))
	})
	.await?;
	ensure!(seen(car, order).await?["state"] == "running", "the car has not agreed");
	gate.carry_out(&["order", "bill", order, "--units", "40"]).await?;
	for one in [gate, car] {
		until(one, order, "the end", |view| {
			view["state"] == "done; the deposit is back"
		})
		.await?;
	}
	at_rest(&[gate, car]).await
}

/// The car drives away with what it had, and its daemon never returns.
async fn forfeit(gate: &Payer, car: &mut Payer, arbiter: &Payer, order: &Value) -> Result<()> {
	let (number, hash) = (text(&order["order"])?, text(&order["hash"])?);
	charge(gate, car, &number, 10).await?;
	car.kill();
	// Nobody else's word counts: here the gate's own.
	let own = gate.carry_out(&["order", "arbitrate", &hash]).await?;
	let why = gate.refused(&["order", "claim", &number, &text(&own["said"])?]).await?;
	ensure!(why.contains("the arbiter's word"), "{why}");
	let word = arbiter.carry_out(&["order", "arbitrate", &hash]).await?;
	gate.carry_out(&["order", "claim", &number, &text(&word["said"])?])
		.await?;
	until(gate, &number, "the deposit to be the gate's", |view| {
		view["state"] == "forfeit: the deposit is the payee's"
	})
	.await?;
	Ok(())
}

/// What an arbiter needs, and where the gate has its order.
pub(super) async fn offer(network: &Network, arbiter: &Payer) -> Result<String> {
	let key = text(&arbiter.carry_out(&["order", "key"]).await?)?;
	let file = network.dir().join("order.toml");
	let order = format!(
		"what = \"charging\"\nunit = \"0.05\"\nmost = 60\nbase = \"0.1\"\ndeposit = \"2\"\nlasts = 6000\narbiter = \
		 \"{key}\"\n"
	);
	std::fs::write(&file, order)?;
	Ok(file.display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_gate_is_paid_by_the_unit_and_has_the_deposit_of_a_car_that_drives_away() {
	let name = "a_gate_is_paid_by_the_unit_and_has_the_deposit_of_a_car_that_drives_away";
	wait::bounded_beside_another(name, seconds(180), async {
		let network = chain().await?;
		let [mut car, mut gate, mut arbiter] = people(&network, ["car", "gate", "arbiter"]).await?;
		try_join_all([&mut car, &mut gate, &mut arbiter].map(Payer::run)).await?;
		let books = books(&network, &[&car, &gate, &arbiter]).await?;
		let channel = open(&car, &gate, "10", WINDOW).await?.to_string();
		let file = offer(&network, &arbiter).await?;
		let order = agree(&gate, &car, &file, &channel).await?;
		billed(&gate, &car, &text(&order["order"])?).await?;
		let order = agree(&gate, &car, &file, &channel).await?;
		forfeit(&gate, &mut car, &arbiter, &order).await?;

		// The gate closes alone. Units and deposit it claims by what it can show.
		gate.carry_out(&["close", &channel, "--alone"]).await?;
		gone(&[&gate], seconds(90)).await?;
		let entries = books.close(network.rpc(0)?).await?;
		let gained: Vec<i128> = entries.iter().map(|of| of.gained()).collect();
		let due = (amount_of(40) + 10 * UNIT + DEPOSIT) as i128;
		ensure!(
			gained == [-due, due, 0],
			"the chain has paid out {gained:?} to the car, the gate and the arbiter, and {due} are due"
		);
		finish(network, [car, gate, arbiter]).await
	})
	.await;
}
