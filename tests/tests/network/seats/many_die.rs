//! More directors die at once than finality bears.

use super::{accounts, until_seated};
use crate::seconds;
use codec::Encode;
use pallet_bft_finality::CurrentSetId;
use serde_json::json;
use smartchain_runtime::{constants::time::TURN_LENGTH, AccountId, Runtime};
use smartchain_tests::{ensure, network::outage, state, wait, Network, Wiring};
use std::time::{Duration, Instant};

/// After so long without finality the 51% rule would be in force.
const RELAX_AFTER: Duration = Duration::from_secs(30);
/// How long finality may be gone until the chain has replaced some of the dead and the 51% rule has made that final.
const OUTAGE: Duration = Duration::from_secs(60);
/// Seven slots: two neighbours that are dead are two slots each, and the turn of the third is never far.
const NEIGHBOURS_GAP: Duration = Duration::from_millis(3_500);

/// Of seven directors three die at once, two of them neighbours in the order of turns. The directors of the next turns
/// stand by for the first of the two, so that blocks go on; finality returns with the standby signers.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn two_dead_neighbours_cost_three_and_a_half_seconds() {
	let name = "two_dead_neighbours_cost_three_and_a_half_seconds";
	wait::bounded(name, seconds(240), async {
		let (mut network, _folder) = outage::network().await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(60)).await?;
		let outage::Outage { production, finality } = outage::kill_three(&mut network, &watcher).await?;
		eprintln!("no block for {production:.2?}, nothing final for {finality:.2?}");
		ensure!(production <= NEIGHBOURS_GAP, "no block for {production:.2?}");
		ensure!(finality <= OUTAGE, "nothing final for {finality:.2?}");
		watcher.until_more_final(8, seconds(30)).await?;
		state::assert_invariants(network.rpc(0)?).await?;
		network.finish().await
	})
	.await;
}

/// Of seven directors three die at once, one more than finality bears. Blocks go on; the chain replaces one of them;
/// the others make that final by the 51% rule; and the dead have their seats back once they return.
pub async fn more_than_a_third(name: &str, limit: Duration) {
	wait::bounded(name, limit, async {
		// One cycle of turns is an era, 42 seconds. A single missed turn isolates: two would take up to two cycles to
		// be noticed.
		let change = json!({
			"poca": { "eraLength": 7 * TURN_LENGTH },
			"candidates": { "parameters": { "isolateAfter": 1 } },
		});
		let (mut network, _folder) = Network::of_seats(7, 5, change, Wiring::Direct).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(60)).await?;
		let status = network.rpc(0)?.finality_status().await?;
		ensure!(
			status["quorum"] == 5 && status["relaxedQuorum"] == 4,
			"seven voters have a quorum of 5 and a relaxed one of 4: {status}"
		);
		let directors = state::directors(network.rpc(0)?).await?;
		let accounts = accounts(7, 5);
		// Node 0 is who is asked.
		let dead: Vec<usize> = (1..accounts.len())
			.filter(|node| directors.contains(&accounts[*node]))
			.take(3)
			.collect();
		ensure!(dead.len() == 3, "there are three to kill: {dead:?}");
		for node in &dead {
			network.node_mut(*node).kill();
		}
		let outage::Outage { production, finality } = outage::until_final_again(&watcher, Instant::now()).await?;
		eprintln!("three of seven killed: no block for {production:.2?}, nothing final for {finality:.2?}");
		// Standby signers are behind most of them.
		ensure!(production <= seconds(3), "no block for {production:.2?}");
		ensure!(finality <= OUTAGE, "nothing final for {finality:.2?}");
		// Who was late for its first turn, as one of twelve nodes that begin at once may be, has lost its seat too:
		// then the new set has four of seven again, and the rule is waited for once more.
		watcher.until_more_final(12, OUTAGE).await?;

		for node in &dead {
			network.restart(*node).await?;
		}
		let back = Instant::now();
		let of_the_dead: Vec<&AccountId> = dead.iter().map(|node| &accounts[*node]).collect();
		until_seated(&network, &of_the_dead, seconds(180)).await?;
		for node in &dead {
			network.until_voting(*node, seconds(60)).await?;
		}
		eprintln!("the three have their seats back after {:.0?}", back.elapsed());
		let last = network.rpc(0)?.finalized().await?.number;
		network.until_all_final(last + 8, seconds(60)).await?;
		state::assert_invariants(network.rpc(0)?).await?;
		network.finish().await
	})
	.await;
}

/// Half of the directors die at once where a relaxed quorum is a quorum: blocks go on and the dead are replaced on
/// chain, but nothing makes that final, however long they wait, until one of the dead is back.
pub async fn half_of_four(name: &str) {
	wait::bounded(name, seconds(240), async {
		let change = json!({ "candidates": { "parameters": { "isolateAfter": 1 } } });
		let (mut network, _folder) = Network::of_seats(4, 2, change, Wiring::Direct).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(60)).await?;
		let status = network.rpc(0)?.finality_status().await?;
		ensure!(
			status["quorum"] == 3 && status["relaxedQuorum"].is_null(),
			"four voters have no relaxed quorum: {status}"
		);
		network.node_mut(1).kill();
		network.node_mut(3).kill();
		let killed = Instant::now();
		// Votes that had been sent may still count, on blocks that are there by now.
		let before = watcher.until_more_blocks(1, seconds(30)).await?;
		wait::until("a change of voters to wait", seconds(90), || async {
			let key = CurrentSetId::<Runtime>::hashed_key();
			let set = network.rpc(0)?.storage(&key, None).await?;
			Ok(set.filter(|set| set.0 != 0u64.encode()).map(|_| ()))
		})
		.await?;
		eprintln!("a change waits {:.0?} after two of four were killed", killed.elapsed());
		// For longer than the rule would wait, were it in force.
		let patience = RELAX_AFTER + seconds(10);
		let slots = patience.saturating_sub(killed.elapsed()).as_millis() / 500;
		let blocks = u32::try_from(slots).unwrap_or(u32::MAX).max(20);
		let later = watcher.until_more_blocks(blocks, seconds(120)).await?;
		ensure!(
			later.finalized <= before.best,
			"block {} became final with two voters of four, above {}",
			later.finalized,
			before.best
		);
		network.restart(1).await?;
		let what = "finality to return and reach what was built without it";
		watcher
			.until(what, seconds(60), |now| now.finalized >= later.best)
			.await?;
		network.until_set(0, 1, seconds(10)).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		state::assert_invariants(network.rpc(0)?).await?;
		network.finish().await
	})
	.await;
}
