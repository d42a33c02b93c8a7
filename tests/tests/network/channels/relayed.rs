//! Payments through Carol, who is killed while they run; and who never returns.

use super::{at_rest, between, books, chain, finish, gone, open, people, AMOUNT, AMOUNT_TEXT, SOON, WINDOW};
use crate::seconds;
use futures::future::{try_join, try_join_all};
use smartchain_tests::{
	channels::{self, Books},
	ensure,
	pay::planck,
	wait, Network, Payer, Result,
};
use std::time::Duration;

/// What Carol takes for each, in planck: a millionth of it.
const FEE: u128 = AMOUNT / 1_000_000;
/// Payments of one command on their way at most: what a relay that is gone for good may have paid and not been paid.
const MOST_IN_FLIGHT: u128 = 40;
/// Ticks after which every lock is over.
const LONG: u32 = 20_000;

/// Alice and Bob, who each have a channel with Carol, an invoice of Bob's, and the books of all three.
struct Relayed {
	alice: Payer,
	bob: Payer,
	carol: Payer,
	/// Alice's channel with Carol, and Carol's with Bob.
	channels: [u64; 2],
	invoice: String,
	books: Books,
}

impl Relayed {
	async fn start(network: &Network) -> Result<Self> {
		let [mut alice, mut bob, mut carol] = people(network, ["alice", "bob", "carol"]).await?;
		carol.choose("[relay]\nenabled = true");
		try_join_all([&mut alice, &mut bob, &mut carol].map(Payer::run)).await?;
		let books = books(network, &[&alice, &bob, &carol]).await?;
		// Whoever opens a channel calls: Carol calls Bob as soon as she is back.
		let opened = try_join(open(&alice, &carol, "200", WINDOW), open(&carol, &bob, "200", WINDOW));
		let (first, second) = opened.await?;
		let invoice = bob.invoice(AMOUNT_TEXT).await?;
		Ok(Self {
			alice,
			bob,
			carol,
			channels: [first, second],
			invoice,
			books,
		})
	}
}

/// F1: Alice pays Bob `times` through Carol, who is killed so often; if that is long, she is away for half a minute
/// once.
pub(crate) async fn payments_outlive_kills(name: &str, times: u32, kills: u32, is_long: bool, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let network = chain().await?;
		let watcher = network.watch(0).await?;
		let Relayed {
			alice,
			bob,
			mut carol,
			channels: [first, second],
			invoice,
			books,
		} = Relayed::start(&network).await?;
		let paying = alice.begin(&["pay", &invoice, "--times", &times.to_string()])?;
		for kill in 1..=kills {
			alice.until_paid(times / (kills + 1) * kill, limit).await?;
			carol.kill();
			if is_long && kill == kills / 2 {
				// Blocks of half a second.
				watcher.until_more_final(60, seconds(120)).await?;
			}
			carol.run().await?;
		}
		let (done, paid) = paying.ended(limit).await?;
		eprintln!("{times} payments through Carol, who was killed {kills} times: {paid}");
		ensure!(
			done && paid["paid"] == times && paid["failed"] == 0,
			"not all is paid: {paid}"
		);
		let count = u128::from(times);
		ensure!(
			planck(&paid["amount"]) == Some(count * (AMOUNT + FEE)) && planck(&paid["fees"]) == Some(count * FEE),
			"what is paid is not what was asked for, and the fee: {paid}"
		);
		at_rest(&[&alice, &bob, &carol]).await?;
		let of_bob = bob.channels().await?;
		let received = between(&of_bob, &carol).map(|view| view.received);
		ensure!(received == Some(count * AMOUNT), "Bob has received {received:?}");

		alice.carry_out(&["close", &first.to_string()]).await?;
		bob.carry_out(&["close", &second.to_string()]).await?;
		gone(&[&alice, &bob, &carol], SOON).await?;
		let gained: Vec<i128> = books
			.close(network.rpc(0)?)
			.await?
			.iter()
			.map(|of| of.gained())
			.collect();
		let (amount, fees) = (i128::from(times) * AMOUNT as i128, i128::from(times) * FEE as i128);
		ensure!(
			gained == [-amount - fees, amount, fees],
			"the chain has paid out {gained:?} to Alice, Bob and Carol"
		);
		finish(network, [alice, bob, carol]).await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn payments_outlive_a_relay_that_is_killed() {
	let name = "payments_outlive_a_relay_that_is_killed";
	payments_outlive_kills(name, 2_000, 3, false, seconds(240)).await;
}

/// F1b: Carol never returns. Each closes alone, and what was on its way is decided by what Bob can show.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn nobody_loses_by_a_relay_that_never_returns() {
	let name = "nobody_loses_by_a_relay_that_never_returns";
	wait::bounded_beside_another(name, seconds(240), async {
		let network = chain().await?;
		let rpc = network.rpc(0)?;
		let Relayed {
			alice,
			bob,
			mut carol,
			channels: [first, second],
			invoice,
			books,
		} = Relayed::start(&network).await?;
		let paying = alice.begin(&["pay", &invoice, "--times", "100000"])?;
		alice.until_paid(200, SOON).await?;
		carol.kill();
		let (of_alice, of_bob) = (first.to_string(), second.to_string());
		try_join(
			alice.carry_out(&["close", &of_alice, "--alone"]),
			bob.carry_out(&["close", &of_bob, "--alone"]),
		)
		.await?;
		wait::until("both channels to be settled", seconds(90), || async {
			let are_over = channels::is_over(rpc, first).await? && channels::is_over(rpc, second).await?;
			Ok(are_over.then_some(()))
		})
		.await?;
		// What Bob was given he shows to the chain before it is over: so nothing of his is left.
		gone(&[&bob], seconds(120)).await?;
		// What Alice has locked and Bob was never given comes back to her in an hour.
		channels::put_clock_on(rpc, LONG).await?;
		gone(&[&alice], SOON).await?;
		let (done, paid) = paying.ended(SOON).await?;
		eprintln!("payments through Carol, who was gone after 200 of them: {paid}");
		ensure!(
			!done && paid["done"] == true && paid["in_flight"] == 0,
			"it has not ended: {paid}"
		);

		let entries = books.close(rpc).await?;
		let [of_alice, of_bob, of_carol] = [0, 1, 2].map(|place: usize| entries[place].gained());
		let count = paid["paid"].as_u64().map_or(0, u128::from);
		ensure!(
			Some((-of_alice) as u128) == planck(&paid["amount"]) && (-of_alice) as u128 == count * (AMOUNT + FEE),
			"Alice has paid {of_alice} for {count} payments"
		);
		let received = of_bob as u128 / AMOUNT;
		ensure!(
			of_bob as u128 == received * AMOUNT && (count..=count + MOST_IN_FLIGHT).contains(&received),
			"Bob has {of_bob} for {count} payments of Alice's"
		);
		// Away for longer than her margin, she may have paid Bob what she could not claim any more; no more than that.
		let at_worst = (count * FEE) as i128 - ((received - count) * AMOUNT) as i128;
		ensure!(of_carol == at_worst, "Carol has gained {of_carol}, and not {at_worst}");
		finish(network, [alice, bob, carol]).await
	})
	.await;
}
