//! Validators that die and come back.

use crate::{seconds, CYCLE, FINALITY_GAP, PRODUCTION_GAP};
use smartchain_tests::{ensure, network::Plan, turns, wait, Network};
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn one_killed_and_back_costs_little() {
	wait::bounded("one_killed_and_back_costs_little", seconds(240), async {
		const VICTIM: usize = 2;
		let mut network = Network::start(Plan::default()).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		let director = turns::place(network.rpc(VICTIM)?).await?;

		// The worst moment: eleven of its slots are still to come.
		turns::begins(&watcher, |turn| turn == director).await?;
		let killed = Instant::now();
		network.node_mut(VICTIM).kill();
		watcher.until_more_final(CYCLE / 2, seconds(60)).await?;
		network.restart(VICTIM).await?;
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
		network.until_voting(VICTIM, seconds(30)).await?;
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
