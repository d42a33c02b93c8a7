//! Alice pays Bob over three relays. The one in the middle of the cheapest way stands still.

use super::{at_rest, between, chain, finish, open, people, AMOUNT, AMOUNT_TEXT, SOON, WINDOW};
use crate::seconds;
use futures::future::{try_join, try_join4, try_join_all};
use serde_json::Value;
use smartchain_tests::{ensure, node::process, pay::planck, wait, Error, Payer, Result};

/// What a relay takes for each, in planck: Frank, who is on the other way, takes more.
const FEE: u128 = 1_000;
const FEE_OF_FRANK: u128 = 1_000_000;

/// Becomes a relay that others find.
fn relay(person: &mut Payer, fee: u128) {
	person.choose(&format!("[relay]\nenabled = true\nfee_base = {fee}\nfee_ppm = 0"));
}

/// The ways to an invoice, once there are some: the channels of each.
async fn ways(payer: &Payer, invoice: &str) -> Result<Vec<Vec<u64>>> {
	let hops = |way: &Value| -> Vec<u64> {
		let hops = way["hops"].as_array().into_iter().flatten();
		hops.filter_map(|hop| hop["channel"].as_u64()).collect()
	};
	wait::until("a way to the payee", SOON, || async {
		// As long as relays are asked what they take there is none.
		let said = payer.carry_out(&["routes", invoice]).await.unwrap_or_default();
		let ways: Vec<Vec<u64>> = said.as_array().into_iter().flatten().map(hops).collect();
		Ok((!ways.is_empty()).then_some(ways))
	})
	.await
}

/// What a relay has earned.
async fn earned(relay: &Payer) -> Result<u128> {
	let all = relay.channels().await?;
	let (came, went): (u128, u128) = (
		all.iter().map(|view| view.received).sum(),
		all.iter().map(|view| view.sent).sum(),
	);
	came.checked_sub(went)
		.ok_or_else(|| Error::new(format!("{} has lost by it: {all:?}", relay.name())))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_relay_that_stands_still_in_the_middle_is_gone_around() {
	let name = "a_relay_that_stands_still_in_the_middle_is_gone_around";
	wait::bounded_beside_another(name, seconds(180), async {
		let network = chain().await?;
		let names = ["alice", "bob", "carol", "dave", "erin", "frank"];
		let [mut alice, mut bob, mut carol, mut dave, mut erin, mut frank] = people(&network, names).await?;
		for person in [&mut carol, &mut dave, &mut erin] {
			relay(person, FEE);
		}
		relay(&mut frank, FEE_OF_FRANK);
		let all = [&mut alice, &mut bob, &mut carol, &mut dave, &mut erin, &mut frank];
		try_join_all(all.map(Payer::run)).await?;
		// A line, and Frank beside Dave. An account opens one channel at a time.
		let (first, _, _, last) = try_join4(
			open(&alice, &carol, "10", WINDOW),
			open(&carol, &dave, "10", WINDOW),
			open(&dave, &erin, "10", WINDOW),
			open(&erin, &bob, "10", WINDOW),
		)
		.await?;
		let beside = try_join(open(&carol, &frank, "10", WINDOW), open(&frank, &erin, "10", WINDOW));
		let (up, down) = beside.await?;
		let relays = [&carol, &dave, &erin, &frank];
		try_join_all(relays.map(|relay| relay.carry_out(&["relay", "announce"]))).await?;

		let still = dave.pid().ok_or_else(|| Error::new("he runs"))?;
		process::signal(still, "STOP")?;
		let invoice = bob.invoice(AMOUNT_TEXT).await?;
		let found = ways(&alice, &invoice).await?;
		ensure!(
			found[0] == [first, up, down, last],
			"the way is not the one around Dave: {found:?}"
		);
		let paid = alice.carry_out(&["pay", &invoice]).await?;
		let fees = 2 * FEE + FEE_OF_FRANK;
		ensure!(
			paid["paid"] == 1 && paid["failed"] == 0 && planck(&paid["fees"]) == Some(fees),
			"it went another way: {paid}"
		);
		let of_bob = bob.channels().await?;
		let received = between(&of_bob, &erin).map(|view| view.received);
		ensure!(received == Some(AMOUNT), "Bob has received {received:?}");
		process::signal(still, "CONT")?;
		at_rest(&[&alice, &bob, &carol, &dave, &erin, &frank]).await?;
		let earned = try_join4(earned(&carol), earned(&dave), earned(&erin), earned(&frank)).await?;
		ensure!(
			earned == (FEE, 0, FEE, FEE_OF_FRANK),
			"the relays have earned {earned:?}"
		);
		finish(network, [alice, bob, carol, dave, erin, frank]).await
	})
	.await;
}
