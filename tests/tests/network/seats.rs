//! Seats change hands: by elections, for those that are away, and back.

use crate::seconds;
use codec::{Decode, Encode};
use pallet_bft_finality::CurrentSetId;
use serde_json::{json, Value};
use smartchain_runtime::{
	genesis::{standby_seed, testnet_seed},
	AccountId, Runtime,
};
use smartchain_tests::{
	chain_spec::with_change,
	ensure,
	netns::Namespaces,
	network::Plan,
	rng::Rng,
	state,
	tx::{self, Account},
	wait,
	watch::Watcher,
	Error, Network, Result, Wiring,
};
use sp_core::H256;
use std::{
	collections::{BTreeMap, BTreeSet},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Changes of the voter set under kills, restarts and partitions.
const CHANGES: u64 = 20;
/// After so long without finality the 51% rule would be in force.
const RELAX_AFTER: Duration = Duration::from_secs(30);
/// A partition every so many changes.
const PART_EVERY: u64 = 5;

/// Nodes of a local network, directors first.
fn seeds(directors: u32, standbys: u32) -> Vec<String> {
	(1..=directors)
		.map(testnet_seed)
		.chain((1..=standbys).map(standby_seed))
		.collect()
}

/// So many directors and standby signers on a chain with other parameters, and the folder of its specification.
async fn network(directors: u32, standbys: u32, change: Value, wiring: Wiring) -> Result<(Network, TempDir)> {
	let folder = tempfile::tempdir()?;
	let plan = Plan {
		validators: 0,
		seeds: seeds(directors, standbys),
		chain: with_change(&format!("local-{directors}-{standbys}"), &change, folder.path())?,
		wiring,
		..Plan::default()
	};
	Ok((Network::start(plan).await?, folder))
}

/// The accounts that hold seats, as a node's best block has it.
async fn seated(network: &Network, node: usize) -> Result<Vec<AccountId>> {
	let key = pallet_poca::Directors::<Runtime>::hashed_key();
	let value = network.rpc(node)?.storage(&key, None).await?;
	let bytes = value.ok_or_else(|| Error::new("there are no directors"))?;
	let directors = Vec::<pallet_poca::Director<AccountId>>::decode(&mut &bytes[..])?;
	Ok(directors.into_iter().map(|director| director.account).collect())
}

/// Votes enough for a candidate that it has more than all others.
async fn vote(network: &Network, through: usize, candidate: &AccountId, stci: u128) -> Result<()> {
	let alice = Account::dev("//Alice");
	let rpc = network.rpc(through)?;
	let amount = stci * smartchain_runtime::constants::currency::UNITS;
	rpc.offer(&tx::signed(rpc, &alice, tx::vote(candidate, amount)).await?)
		.await
}

/// What nodes ever called final, by height.
#[derive(Default)]
struct Finalized(BTreeMap<u32, BTreeSet<H256>>);

impl Finalized {
	fn add(&mut self, watcher: &Watcher) {
		for block in watcher.finalized() {
			self.0.entry(block.number).or_default().insert(block.hash);
		}
	}

	fn assert_one_chain(&self) -> Result<()> {
		let twice: Vec<_> = self.0.iter().filter(|(_, hashes)| hashes.len() > 1).collect();
		ensure!(twice.is_empty(), "two chains were finalized: {twice:?}");
		Ok(())
	}
}

/// Seven directors and five standby signers; with every era an election seats another, while one node after the other is killed
/// and comes back, and now and then half of them cannot hear the other half.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn elections_change_seats_under_kills_restarts_and_partitions() {
	let name = "elections_change_seats_under_kills_restarts_and_partitions";
	let wiring = if Namespaces::available_to(name) {
		Wiring::Namespaces
	} else {
		Wiring::Direct
	};
	wait::bounded(name, seconds(540), async {
		let seed = Rng::seed_from_env();
		eprintln!("replay with SMARTCHAIN_TEST_SEED={seed}");
		let mut rng = Rng::new(seed);
		// An era is one turn: six seconds.
		let (mut network, _folder) = network(7, 5, json!({ "poca": { "eraLength": 12 } }), wiring).await?;
		let nodes = network.nodes().len();
		let candidates: Vec<_> = seeds(7, 5).iter().map(|seed| Account::dev(seed).id().clone()).collect();
		let mut finalized = Finalized::default();
		let mut watchers = Vec::new();
		for node in 0..nodes {
			watchers.push(network.watch(node).await?);
		}
		for watcher in &watchers {
			watcher.until_more_final(2, seconds(60)).await?;
		}
		let started = Instant::now();
		let mut round = 0;
		while network.set_of(0).await? < CHANGES {
			round += 1;
			ensure!(
				round <= 2 * CHANGES,
				"in {round} eras the voters changed {} times",
				network.set_of(0).await?
			);
			let directors = seated(&network, 0).await?;
			let outside: Vec<_> = candidates
				.iter()
				.filter(|account| !directors.contains(account))
				.collect();
			let elected = outside[rng.below(outside.len() as u64) as usize];
			vote(&network, 0, elected, 1_000 * u128::from(round)).await?;
			let before = network.set_of(0).await?;
			// Node 0 is who is asked, and stays.
			let victim = 1 + rng.below(nodes as u64 - 1) as usize;
			tokio::time::sleep(Duration::from_millis(rng.below(5_000))).await;
			if wiring == Wiring::Namespaces && round % PART_EVERY == 0 {
				network.namespaces()?.part()?;
				tokio::time::sleep(Duration::from_millis(1_000 + rng.below(3_000))).await;
				network.namespaces()?.join()?;
			} else {
				finalized.add(&watchers[victim]);
				network.node_mut(victim).kill();
				tokio::time::sleep(Duration::from_millis(rng.below(3_000))).await;
				watchers[victim] = Watcher::start(&network.restart(victim).await?).await?;
			}
			network.until_set(0, before + 1, seconds(60)).await?;
		}
		let changes = network.set_of(0).await?;
		eprintln!(
			"{changes} changes of voters in {:.0?}, {round} elections",
			started.elapsed()
		);
		let mut last = 0;
		for node in 0..nodes {
			network.until_set(node, changes, seconds(60)).await?;
			last = last.max(network.rpc(node)?.finalized().await?.number);
		}
		network.until_all_final(last + 4, seconds(60)).await?;
		for watcher in &watchers {
			finalized.add(watcher);
		}
		finalized.assert_one_chain()?;
		state::assert_invariants(network.rpc(0)?).await?;
		network.finish().await
	})
	.await;
}

/// Of seven directors three die at once, one more than finality bears. Blocks go on; the chain replaces one of them; the others make
/// that final by the 51% rule; and the dead have their seats back once they return.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn more_than_a_third_that_die_at_once_are_replaced_and_come_back() {
	let name = "more_than_a_third_that_die_at_once_are_replaced_and_come_back";
	wait::bounded(name, seconds(420), async {
		// One cycle of turns is an era, 42 seconds. A single missed turn isolates: two would take up to two cycles to be noticed.
		let change = json!({
			"poca": { "eraLength": 84 },
			"candidates": { "parameters": { "isolateAfter": 1 } },
		});
		let (mut network, _folder) = network(7, 5, change, Wiring::Direct).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(60)).await?;
		let status = network.rpc(0)?.finality_status().await?;
		ensure!(
			status["quorum"] == 5 && status["relaxedQuorum"] == 4,
			"seven voters have a quorum of 5 and a relaxed one of 4: {status}"
		);
		let directors = seated(&network, 0).await?;
		let accounts: Vec<_> = seeds(7, 5).iter().map(|seed| Account::dev(seed).id().clone()).collect();
		// Node 0 is who is asked.
		let dead: Vec<usize> = (1..accounts.len())
			.filter(|node| directors.contains(&accounts[*node]))
			.take(3)
			.collect();
		ensure!(dead.len() == 3, "there are three to kill: {dead:?}");
		for node in &dead {
			network.node_mut(*node).kill();
		}
		let killed = Instant::now();
		// Votes that had been sent may still count, on blocks that are there by now.
		let before = watcher.until_more_blocks(1, seconds(20)).await?;
		let stopped = watcher.until_more_blocks(6, seconds(20)).await?;
		ensure!(
			stopped.finalized <= before.best,
			"block {} became final with four voters of seven",
			stopped.finalized
		);
		let returned = watcher
			.until("finality to return", seconds(75), |now| now.finalized > stopped.best)
			.await?;
		let (production, finality) = (watcher.production_gap(killed), watcher.finality_gap(killed));
		eprintln!(
			"three of seven killed: final again after {:.0?}, at block {}; no block for {production:.2?}, nothing final for {finality:.2?}",
			killed.elapsed(),
			returned.finalized
		);
		ensure!(production <= Duration::from_secs(3), "no block for {production:.2?}");
		ensure!(finality <= seconds(60), "nothing final for {finality:.2?}");
		watcher.until_more_final(12, seconds(30)).await?;

		for node in &dead {
			network.restart(*node).await?;
		}
		let back = Instant::now();
		wait::until("the three to have their seats back", seconds(180), || async {
			let directors = seated(&network, 0).await?;
			Ok(dead.iter().all(|node| directors.contains(&accounts[*node])).then_some(()))
		})
		.await?;
		for node in &dead {
			let what = format!("{} to vote", network.node(*node).name());
			wait::until(&what, seconds(60), || async {
				let status = network.rpc(*node)?.finality_status().await?;
				Ok((status["voting"] == true).then_some(()))
			})
			.await?;
		}
		eprintln!("the three have their seats back after {:.0?}", back.elapsed());
		let last = network.rpc(0)?.finalized().await?.number;
		network.until_all_final(last + 8, seconds(60)).await?;
		state::assert_invariants(network.rpc(0)?).await?;
		network.finish().await
	})
	.await;
}

/// Half of the directors die at once where a relaxed quorum is a quorum: blocks go on and the dead are replaced on chain, but nothing
/// makes that final, however long they wait, until one of the dead is back.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn without_the_51_percent_rule_finality_waits_for_the_dead() {
	let name = "without_the_51_percent_rule_finality_waits_for_the_dead";
	wait::bounded(name, seconds(240), async {
		let change = json!({ "candidates": { "parameters": { "isolateAfter": 1 } } });
		let (mut network, _folder) = network(4, 2, change, Wiring::Direct).await?;
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
			let set = network
				.rpc(0)?
				.storage(&CurrentSetId::<Runtime>::hashed_key(), None)
				.await?;
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

/// A director dies. Its standby signer authors for it at once, has its seat after two missed turns, and gives it back to the one that
/// comes back, which tells the chain so by itself.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_dead_director_loses_its_seat_and_has_it_back_when_it_returns() {
	let name = "a_dead_director_loses_its_seat_and_has_it_back_when_it_returns";
	wait::bounded(name, seconds(300), async {
		const VICTIM: usize = 2;
		let (mut network, _folder) = network(4, 2, json!({ "poca": { "eraLength": 48 } }), Wiring::Direct).await?;
		let victim = Account::dev(&testnet_seed(VICTIM as u32 + 1)).id().clone();
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(60)).await?;
		network.node_mut(VICTIM).kill();
		let killed = Instant::now();
		wait::until("a standby to have its seat", seconds(120), || async {
			Ok((!seated(&network, 0).await?.contains(&victim)).then_some(()))
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
		wait::until("it to have its seat back", seconds(90), || async {
			Ok(seated(&network, 0).await?.contains(&victim).then_some(()))
		})
		.await?;
		wait::until("it to vote", seconds(30), || async {
			let status = network.rpc(VICTIM)?.finality_status().await?;
			Ok((status["voting"] == true).then_some(()))
		})
		.await?;
		eprintln!("it has its seat back after {:.0?}", back.elapsed());
		watcher.until_more_final(8, seconds(30)).await?;
		state::assert_invariants(network.rpc(0)?).await?;
		network.finish().await
	})
	.await;
}
