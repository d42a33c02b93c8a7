//! A director that is away, and comes back.

use super::{accounts, until_seated};
use crate::{seconds, CYCLE};
use serde_json::json;
use smartchain_tests::{ensure, state, wait, Network, Wiring};
use std::time::Instant;

/// A director dies. Its standby signer authors for it at once, has its seat after two missed turns, and gives it back
/// to the one that comes back, which tells the chain so by itself.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_dead_director_loses_its_seat_and_has_it_back_when_it_returns() {
	let name = "a_dead_director_loses_its_seat_and_has_it_back_when_it_returns";
	wait::bounded(name, seconds(300), async {
		const VICTIM: usize = 2;
		let change = json!({ "poca": { "eraLength": CYCLE } });
		let (mut network, _folder) = Network::of_seats(4, 2, change, Wiring::Direct).await?;
		let victim = accounts(4, 2)[VICTIM].clone();
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(60)).await?;
		network.node_mut(VICTIM).kill();
		let killed = Instant::now();
		wait::until("a standby to have its seat", seconds(120), || async {
			let directors = state::directors(network.rpc(0)?).await?;
			Ok((!directors.contains(&victim)).then_some(()))
		})
		.await?;
		network.until_set(0, 1, seconds(10)).await?;
		watcher.until_more_final(4, seconds(10)).await?;
		let (production, finality) = (watcher.production_gap(killed), watcher.finality_gap(killed));
		eprintln!(
			"replaced after {:.0?}; the longest gaps: production {production:.2?}, finality {finality:.2?}",
			killed.elapsed()
		);
		ensure!(
			production <= crate::PRODUCTION_GAP && finality <= crate::FINALITY_GAP,
			"no block for {production:.2?}, nothing final for {finality:.2?}"
		);
		network.restart(VICTIM).await?;
		let back = Instant::now();
		// As an era begins.
		until_seated(&network, &[&victim], seconds(120)).await?;
		network.until_voting(VICTIM, seconds(30)).await?;
		eprintln!("it has its seat back after {:.0?}", back.elapsed());
		watcher.until_more_final(8, seconds(30)).await?;
		state::assert_invariants(network.rpc(0)?).await?;
		network.finish().await
	})
	.await;
}
