//! Two and two, cut off from each other.

use crate::seconds;
use smartchain_tests::{
	ensure,
	netns::Namespaces,
	network::Plan,
	wait,
	watch::{Heights, Seen, Watcher},
	Network, Result, Wiring,
};
use sp_core::H256;
use std::{
	collections::{BTreeMap, BTreeSet},
	time::Instant,
};

/// Waits until each half has built some blocks of its own, of which none became final.
async fn each_goes_its_own_way(watchers: &[Watcher], parted: &[Heights]) -> Result<()> {
	for (watcher, before) in watchers.iter().zip(parted) {
		let now = watcher.until_more_blocks(12, seconds(60)).await?;
		ensure!(
			now.finalized <= before.best,
			"block {} became final on half of the voters, above {}",
			now.finalized,
			before.best
		);
	}
	// Each half went its own way, or the test would show nothing.
	let tip = |watcher: &Watcher| watcher.blocks().last().map(|block| (block.number, block.hash));
	let (ours, theirs) = (tip(&watchers[0]), tip(&watchers[2]));
	let known_there = watchers[2]
		.blocks()
		.iter()
		.any(|block| Some((block.number, block.hash)) == ours);
	ensure!(
		ours != theirs && !known_there,
		"the halves still hear each other: {ours:?} and {theirs:?}"
	);
	Ok(())
}

/// That whatever any node ever called final is one chain, and the one that all have in the end.
async fn is_one_chain(network: &Network, watchers: &[Watcher]) -> Result<()> {
	let mut finalized: BTreeMap<u32, BTreeSet<H256>> = BTreeMap::new();
	for Seen { number, hash, .. } in watchers.iter().flat_map(Watcher::finalized) {
		finalized.entry(number).or_default().insert(hash);
	}
	let twice: Vec<_> = finalized.iter().filter(|(_, hashes)| hashes.len() > 1).collect();
	ensure!(twice.is_empty(), "two chains were finalized: {twice:?}");
	let heights = watchers.iter().map(|watcher| watcher.heights().finalized);
	let last = heights.min().unwrap_or(0);
	network.until_all_final(last, seconds(30)).await?;
	for (number, hashes) in finalized.range(..=last) {
		let canonical = network.rpc(0)?.hash_at(*number).await?;
		ensure!(
			canonical.is_some_and(|hash| hashes.contains(&hash)),
			"block {number} was final as {hashes:?}, not {canonical:?}"
		);
	}
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_partition_two_and_two_heals_without_two_finalized_chains() {
	let name = "a_partition_two_and_two_heals_without_two_finalized_chains";
	if !Namespaces::available_to(name) {
		return;
	}
	wait::bounded(name, seconds(300), async {
		let mut network = Network::start(Plan {
			wiring: Wiring::Namespaces,
			..Plan::default()
		})
		.await?;
		let mut watchers = Vec::new();
		for node in 0..4 {
			watchers.push(network.watch(node).await?);
		}
		for watcher in &watchers {
			watcher.until_more_final(8, seconds(30)).await?;
		}

		let parted_at = Instant::now();
		network.namespaces()?.part()?;
		// What was on its way may still count, on blocks of before.
		let mut parted = Vec::new();
		for watcher in &watchers {
			parted.push(watcher.until_more_blocks(2, seconds(30)).await?);
		}
		each_goes_its_own_way(&watchers, &parted).await?;
		let elapsed = parted_at.elapsed();
		eprintln!("parted for {elapsed:.0?}, and each half has its own chain");

		let joined_at = Instant::now();
		network.namespaces()?.join()?;
		let bests = watchers.iter().map(|watcher| watcher.heights().best);
		let goal = bests.min().unwrap_or(0);
		for watcher in &watchers {
			watcher
				.until("finality after the partition", seconds(120), |now| now.finalized > goal)
				.await?;
			watcher.until_more_final(12, seconds(60)).await?;
		}
		eprintln!("final again everywhere after {:.0?}", joined_at.elapsed());
		is_one_chain(&network, &watchers).await?;
		for node in 0..4 {
			ensure!(network.node_mut(node).exit_status()?.is_none(), "node {node} died");
		}
		network.finish().await
	})
	.await;
}
