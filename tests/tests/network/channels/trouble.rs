//! Two daemons with one store, and a chain that stands still.

use super::{at_rest, books, chain, finish, gone, open, pay, people, AMOUNT, AMOUNT_TEXT, SOON};
use crate::seconds;
use futures::future::try_join_all;
use smartchain_tests::{ensure, node::process, wait, Error, Payer};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_second_daemon_with_a_store_is_refused() {
	wait::bounded_beside_another("a_second_daemon_with_a_store_is_refused", seconds(120), async {
		let network = chain().await?;
		let [mut alice] = people(&network, ["alice"]).await?;
		alice.run().await?;
		let pid = alice.pid().ok_or_else(|| Error::new("she runs"))?;
		let why = alice.refused(&["run"]).await?;
		for said in [
			format!("in use by process {pid} on "),
			"end that one first, or name another folder".to_string(),
		] {
			ensure!(why.contains(&said), "`{said}` is not said: {why}");
		}
		ensure!(alice.channels().await?.is_empty(), "the first one answers as before");
		// A killed one keeps nobody out, though it could not say that it ends.
		alice.kill();
		alice.run().await?;
		finish(network, [alice]).await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn payments_go_on_while_the_chain_stands_still() {
	wait::bounded_beside_another("payments_go_on_while_the_chain_stands_still", seconds(180), async {
		let network = chain().await?;
		let [mut alice, mut bob] = people(&network, ["alice", "bob"]).await?;
		try_join_all([&mut alice, &mut bob].map(Payer::run)).await?;
		let books = books(&network, &[&alice, &bob]).await?;
		let channel = open(&alice, &bob, "10", 1_200).await?.to_string();
		let invoice = bob.invoice(AMOUNT_TEXT).await?;
		let node = network.node(0).pid().ok_or_else(|| Error::new("the node runs"))?;
		process::signal(node, "STOP")?;
		pay(&alice, &invoice, 1_000).await?;
		bob.until_channels("all to have come", SOON, |all| {
			all.iter().all(|view| view.received == 1_000 * AMOUNT)
		})
		.await?;
		at_rest(&[&alice, &bob]).await?;
		let stood = bob.figures().await?.sum("smart_pay_block").unwrap_or_default();
		process::signal(node, "CONT")?;
		bob.until("blocks to go on", SOON, |figures| {
			figures.sum("smart_pay_block") > Some(stood)
		})
		.await?;
		alice.carry_out(&["close", &channel]).await?;
		gone(&[&alice, &bob], SOON).await?;
		let gained: Vec<i128> = books
			.close(network.rpc(0)?)
			.await?
			.iter()
			.map(|of| of.gained())
			.collect();
		let paid = 1_000 * AMOUNT as i128;
		ensure!(
			gained == [-paid, paid],
			"the chain has paid out {gained:?} to Alice and Bob"
		);
		finish(network, [alice, bob]).await
	})
	.await;
}
