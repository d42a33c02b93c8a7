//! Alice closes on a store that she has put back, while Carol is away: Carol's tower proves it.

use super::{at_rest, books, chain, finish, gone, open, pay, people, AMOUNT, AMOUNT_TEXT, SOON};
use crate::seconds;
use futures::future::try_join_all;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{ensure, wait, Error, Payer, Result};
use std::path::Path;

/// What Alice puts in, in STCI.
const STAKE: u128 = 100;
/// Ticks in which answers count: twenty seconds.
const WINDOW: u32 = 40;

/// Copies a folder of files.
fn copy(from: &Path, to: &Path) -> Result<()> {
	std::fs::create_dir(to)?;
	for entry in std::fs::read_dir(from)? {
		let entry = entry?;
		std::fs::copy(entry.path(), to.join(entry.file_name()))?;
	}
	Ok(())
}

/// She starts again with the store that she has kept.
async fn put_back(alice: &mut Payer, old: &Path, store: &Path) -> Result<()> {
	alice.stop().await?;
	std::fs::remove_dir_all(store)?;
	std::fs::rename(old, store)?;
	alice.run().await
}

/// F2: nobody but the tower is there, and all that is in the channel is Carol's.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_stale_close_is_punished_while_its_victim_is_away() {
	wait::bounded_beside_another(
		"a_stale_close_is_punished_while_its_victim_is_away",
		seconds(180),
		async {
			let network = chain().await?;
			let [mut alice, mut carol, mut tower] = people(&network, ["alice", "carol", "tower"]).await?;
			tower.choose("[tower]\nserve = true");
			tower.run().await?;
			let shown = tower.carry_out(&["tower", "show"]).await?;
			let shown = shown.as_str().ok_or_else(|| Error::new("the tower shows nothing"))?;
			carol.choose(shown);
			try_join_all([&mut alice, &mut carol].map(Payer::run)).await?;
			let books = books(&network, &[&alice, &carol, &tower]).await?;
			let channel = open(&alice, &carol, &STAKE.to_string(), WINDOW).await?.to_string();
			let invoice = carol.invoice(AMOUNT_TEXT).await?;
			pay(&alice, &invoice, 100).await?;

			// A copy from before the rest.
			let (store, old) = (alice.data().join("channels"), alice.data().join("old"));
			alice.stop().await?;
			copy(&store, &old)?;
			alice.run().await?;
			at_rest(&[&alice, &carol]).await?;
			pay(&alice, &invoice, 200).await?;
			carol
				.until_channels("all to have come", SOON, |all| {
					all.iter().all(|view| view.received == 300 * AMOUNT)
				})
				.await?;
			carol
				.until("the tower to have the newest half", SOON, |figures| {
					figures.sum("smart_pay_tower_lag") == Some(0.0)
				})
				.await?;
			carol.kill();
			put_back(&mut alice, &old, &store).await?;

			// Whoever does not cheat stops here.
			let why = alice.refused(&["close", &channel, "--alone"]).await?;
			ensure!(why.contains("the partner has not said yet what it holds"), "{why}");
			alice
				.carry_out(&["close", &channel, "--alone", "--i-know-this-store-is-the-newest"])
				.await?;
			gone(&[&alice], SOON).await?;
			let entries = books.close(network.rpc(0)?).await?;
			let gained: Vec<i128> = entries.iter().map(|of| of.gained()).collect();
			let stake = (STAKE * UNITS) as i128;
			ensure!(
				gained == [-stake, stake, 0],
				"the chain has paid out {gained:?} to Alice, Carol and the tower"
			);
			ensure!(
				entries[1].fees == 0 && entries[2].fees == 0,
				"whoever answers pays nothing: {entries:?}"
			);
			ensure!(
				tower.log()?.contains("the tower brings Prove to the chain"),
				"it was the tower that proved it"
			);
			// Carol is back, and sees that it is over.
			carol.run().await?;
			gone(&[&carol], SOON).await?;
			finish(network, [alice, carol, tower]).await
		},
	)
	.await;
}
