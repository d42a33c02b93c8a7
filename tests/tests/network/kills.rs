//! Validators that die and come back.

use crate::{seconds, CYCLE, FINALITY_GAP, PRODUCTION_GAP};
use smartchain_tests::{ensure, network::Plan, wait, watch::Watcher, Error, Network, Result};
use std::time::Instant;

/// Waits until the newest block is the first of a turn of this director.
async fn turn_begins(watcher: &Watcher, director: u32) -> Result<()> {
	wait::until(&format!("a turn of director {director}"), seconds(60), || async {
		let blocks = watcher.blocks();
		let [.., before, last] = &blocks[..] else {
			return Ok(None);
		};
		Ok((last.author == Some(director) && before.author != Some(director)).then_some(()))
	})
	.await
}

/// A node's place among the voters, which is also its place among the directors of `local`.
async fn place(network: &Network, node: usize) -> Result<u32> {
	let state = network.rpc(node)?.voter_state().await?;
	let index = state["voter"]["index"]
		.as_u64()
		.and_then(|index| u32::try_from(index).ok());
	index.ok_or_else(|| Error::new(format!("node {node} is no voter: {state}")))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn one_killed_and_back_costs_little() {
	wait::bounded("one_killed_and_back_costs_little", seconds(240), async {
		const VICTIM: usize = 2;
		let mut network = Network::start(Plan::default()).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		let director = place(&network, VICTIM).await?;

		// The worst moment: eleven of its slots are still to come.
		turn_begins(&watcher, director).await?;
		let killed = Instant::now();
		network.node_mut(VICTIM).kill();
		watcher.until_more_final(CYCLE / 2, seconds(60)).await?;
		let back = network.restart(VICTIM).await?;
		// It authors again in its next turn, and votes.
		let restarted = watcher.heights().best;
		let what = "the one that was killed to author again";
		wait::until(what, seconds(60), || async {
			Ok(watcher
				.blocks()
				.iter()
				.rev()
				.any(|b| b.number > restarted && b.author == Some(director))
				.then_some(()))
		})
		.await?;
		wait::until("it to vote again", seconds(30), || async {
			Ok((back.voter_state().await?["voting"] == true).then_some(()))
		})
		.await?;
		watcher.until_more_final(8, seconds(30)).await?;

		let (production, finality) = (watcher.production_gap(killed), watcher.finality_gap(killed));
		eprintln!("the longest gaps: production {production:.2?}, finality {finality:.2?}");
		ensure!(
			production <= PRODUCTION_GAP,
			"no block for {production:.2?}, more than {PRODUCTION_GAP:?}"
		);
		ensure!(
			finality <= FINALITY_GAP,
			"nothing final for {finality:.2?}, more than {FINALITY_GAP:?}"
		);
		network.finish().await
	})
	.await;
}
