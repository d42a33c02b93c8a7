//! A transfer from its submission until it is final.

use crate::{progress::Progress, report::Row, stats::Samples};
use jsonrpsee::{core::client::SubscriptionClientT, rpc_params};
use serde_json::Value;
use smartchain_tests::{
	network::Plan,
	rng::Rng,
	tx::{self, Account, Chain},
	Error, Network, Result,
};
use sp_core::Bytes;
use std::time::{Duration, Instant};

/// One transfer after another, each submitted to another node at a random moment of a slot.
pub async fn submit_to_final(transfers: u32) -> Result<Vec<Row>> {
	let mut progress = Progress::new("submit to final", Duration::from_secs(u64::from(transfers) + 15));
	progress.show("starting");
	let network = Network::start(Plan::default()).await?;
	network
		.watch(0)
		.await?
		.until_more_final(12, Duration::from_secs(60))
		.await?;
	let rpc = network.rpc(0)?;
	let (chain, alice, bob) = (Chain::of(rpc).await?, Account::dev("//Alice"), Account::dev("//Bob"));
	let first = tx::nonce(rpc, &alice, None).await?;
	let mut random = Rng::new(1);
	let mut samples = Samples::default();
	for i in 0..transfers {
		progress.show_share(
			f64::from(i) / f64::from(transfers),
			&format!("{i} of {transfers} transfers"),
		);
		// Whoever submits does not know where in a slot it is: this spreads over all of it.
		tokio::time::sleep(Duration::from_millis(random.below(500))).await;
		let transaction = Bytes(chain.sign(&alice, first + i, tx::transfer(bob.id(), 1_000_000_000)));
		let start = Instant::now();
		let mut events = network
			.rpc(i as usize % 4)?
			.client()
			.subscribe::<Value, _>(
				"author_submitAndWatchExtrinsic",
				rpc_params![transaction],
				"author_unwatchExtrinsic",
			)
			.await?;
		let watched = tokio::time::timeout(Duration::from_secs(30), async {
			while let Some(event) = events.next().await {
				let event = event?;
				if event.get("finalized").is_some() {
					return Ok(());
				}
				let ends = ["usurped", "dropped", "invalid", "finalityTimeout"];
				let bad = ends.iter().any(|end| event.get(end).is_some() || event == *end);
				smartchain_tests::ensure!(!bad, "the transfer ended otherwise: {event}");
			}
			Err(Error::new("the node stopped telling of the transfer"))
		});
		watched
			.await
			.map_err(|_| Error::new("a transfer was not final after 30 s"))??;
		samples.push(start.elapsed().as_secs_f64() * 1e3);
	}
	network.finish().await?;
	progress.done(&samples.summary());
	Ok(vec![Row::new(
		"submit to final of a transfer, p50 / p95 / p99 (loopback)",
		"",
		samples.summary(),
	)])
}
