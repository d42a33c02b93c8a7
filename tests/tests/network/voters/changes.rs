//! The voters change: their keys, under the feet of a running network.

use crate::{seconds, FINALITY_GAP, PRODUCTION_GAP};
use smartchain_runtime::constants::time::TURN_LENGTH;
use smartchain_tests::{
	chain_spec::local_with_eras,
	ensure,
	network::Plan,
	rng::Rng,
	tx::{self, Account},
	wait,
	watch::Watcher,
	Network, Result,
};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Slots of an era here: one turn.
const ERA: u32 = TURN_LENGTH;
/// After so many blocks a new key is known to have signed nothing that matters.
const KNOWN_BLOCKS: u32 = 8;
const ACCOUNTS: [&str; 4] = ["//Alice", "//Bob", "//Charlie", "//Dave"];

/// Four validators, and the folder of their chain's specification, which they need when they start again.
async fn network() -> Result<(Network, TempDir)> {
	let folder = tempfile::tempdir()?;
	let plan = Plan {
		chain: local_with_eras(ERA, folder.path())?,
		..Plan::default()
	};
	Ok((Network::start(plan).await?, folder))
}

/// The voter set that a node is in, and the key that it votes with there.
async fn set_and_key(network: &Network, node: usize) -> Result<(u64, Option<String>)> {
	let set = network.set_of(node).await?;
	let state = network.rpc(node)?.voter_state().await?;
	Ok((set, state["voter"]["key"].as_str().map(Into::into)))
}

/// Has a node make new keys, and its account set them on chain.
async fn rotate(network: &Network, node: usize, through: usize) -> Result<()> {
	tx::rotate_keys(network.rpc(node)?, network.rpc(through)?, &Account::dev(ACCOUNTS[node])).await
}

/// The highest final block that any node has: one that has just started counts what it catches up with as well.
async fn highest_final(network: &Network) -> u32 {
	let mut highest = 0;
	for node in 0..ACCOUNTS.len() {
		// One that was killed says nothing.
		let Ok(rpc) = network.rpc(node) else { continue };
		if let Ok(block) = rpc.finalized().await {
			highest = highest.max(block.number);
		}
	}
	highest
}

/// As [`rotate`], where the node's vote will be needed at once, since another is away: it votes with a new key once all
/// that this key may have signed elsewhere lies below what is final, so that the key has to be there before.
async fn rotate_in_time(network: &Network, node: usize, through: usize) -> Result<()> {
	let account = Account::dev(ACCOUNTS[node]);
	let (keys, proof) = network.rpc(node)?.rotate_keys(account.id().as_ref()).await?;
	let known = highest_final(network).await + KNOWN_BLOCKS;
	let watcher = network.watch(through).await?;
	watcher
		.until("that a new key is known", seconds(30), |now| now.finalized >= known)
		.await?;
	let through = network.rpc(through)?;
	let transaction = tx::signed(through, &account, tx::set_keys(&keys, proof)?).await?;
	through.submit(&transaction).await?;
	Ok(())
}

async fn until_set(network: &Network, node: usize, set: u64) -> Result<()> {
	network.until_set(node, set, seconds(60)).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn voters_change_their_keys_and_finality_goes_on() {
	wait::bounded("voters_change_their_keys_and_finality_goes_on", seconds(240), async {
		let (mut network, _folder) = network().await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(4, seconds(30)).await?;
		let since = Instant::now();
		for (set, node) in [(1, 0), (2, 1)] {
			let before = set_and_key(&network, node).await?;
			rotate(&network, node, 3).await?;
			for other in 0..4 {
				until_set(&network, other, set).await?;
			}
			let after = set_and_key(&network, node).await?;
			ensure!(
				after.0 == set && after.1.is_some() && after.1 != before.1,
				"the node votes with its new key: {before:?}, then {after:?}"
			);
			for other in 0..4 {
				network.until_voting(other, seconds(10)).await?;
			}
		}
		watcher.until_more_final(12, seconds(30)).await?;
		let (production, finality) = (watcher.production_gap(since), watcher.finality_gap(since));
		eprintln!("two changes of voters: no block for {production:?}, nothing final for {finality:?} at most");
		ensure!(
			production <= Duration::from_secs(1) && finality <= Duration::from_millis(1500),
			"no block for {production:?}, nothing final for {finality:?}"
		);

		// One with a new key is killed and starts again: its new key's file is its own.
		network.node_mut(1).kill();
		watcher.until_more_final(4, seconds(30)).await?;
		network.restart(1).await?;
		// Without another, the restarted one is what makes the quorum.
		network.node_mut(2).kill();
		watcher.until_more_final(20, seconds(60)).await?;
		ensure!(
			watcher.production_gap(since) <= PRODUCTION_GAP * 3,
			"blocks go on whoever votes"
		);
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn who_was_away_while_voters_changed_comes_after() {
	wait::bounded("who_was_away_while_voters_changed_comes_after", seconds(240), async {
		let (mut network, _folder) = network().await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(4, seconds(30)).await?;
		network.node_mut(3).kill();
		let since = Instant::now();
		for (set, node) in [(1, 0), (2, 1), (3, 2)] {
			rotate_in_time(&network, node, 0).await?;
			until_set(&network, 0, set).await?;
		}
		ensure!(
			watcher.finality_gap(since) <= FINALITY_GAP,
			"nothing final for {:?} with one voter away",
			watcher.finality_gap(since)
		);
		let then = watcher.heights();
		// One that was away, and one that never was there.
		let back = Watcher::start(&network.restart(3).await?).await?;
		let late = network.add_full_node("late", &[]).await?;
		let late_watcher = network.watch(late).await?;
		for watcher in [&back, &late_watcher] {
			watcher
				.until("what was final before it came", seconds(60), |now| {
					now.finalized >= then.finalized
				})
				.await?;
		}
		until_set(&network, 3, 3).await?;
		until_set(&network, late, 3).await?;
		network.node_mut(2).kill();
		watcher.until_more_final(20, seconds(60)).await?;
		let last = watcher.heights().finalized;
		network.until_all_final(last, seconds(10)).await?;
		network.finish().await
	})
	.await;
}

/// The voters change so many times. One of them at a time is killed at random moments, also in the midst of a change,
/// and comes back.
pub async fn changes_under_kills(name: &str, changes: u64, limit: Duration) {
	wait::bounded(name, limit, async {
		let seed = Rng::seed_from_env();
		eprintln!("replay with SMARTCHAIN_TEST_SEED={seed}");
		let mut rng = Rng::new(seed);
		let (mut network, _folder) = network().await?;
		for node in 0..4 {
			network.watch(node).await?.until_more_final(2, seconds(30)).await?;
		}
		for set in 1..=changes {
			let victim = rng.below(4) as usize;
			let rotating = (victim + 1 + rng.below(3) as usize) % 4;
			rotate_in_time(&network, rotating, rotating).await?;
			// Somewhere before, in or after the change.
			tokio::time::sleep(Duration::from_millis(rng.below(8_000))).await;
			network.node_mut(victim).kill();
			let watcher = network.watch(rotating).await?;
			watcher.until_more_final(2, seconds(60)).await?;
			tokio::time::sleep(Duration::from_millis(rng.below(2_000))).await;
			network.restart(victim).await?;
			until_set(&network, rotating, set).await?;
			until_set(&network, victim, set).await?;
		}
		let mut last = 0;
		for node in 0..4 {
			until_set(&network, node, changes).await?;
			last = last.max(network.rpc(node)?.finalized().await?.number);
		}
		network.until_all_final(last + 8, seconds(60)).await?;
		for node in 0..4 {
			network.until_voting(node, seconds(30)).await?;
		}
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn voters_change_while_they_are_killed_at_random() {
	changes_under_kills("voters_change_while_they_are_killed_at_random", 3, seconds(240)).await;
}
