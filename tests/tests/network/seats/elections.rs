//! Elections, while nodes die and come back.

use super::accounts;
use crate::seconds;
use serde_json::json;
use smartchain_runtime::{
	constants::{currency::UNITS, time::TURN_LENGTH},
	AccountId,
};
use smartchain_tests::{
	ensure,
	netns::Namespaces,
	rng::Rng,
	state,
	tx::{self, Account},
	wait,
	watch::Watcher,
	Network, Result, Wiring,
};
use sp_core::H256;
use std::{
	collections::{BTreeMap, BTreeSet},
	time::{Duration, Instant},
};

/// A partition every so many elections: one at least in the fewest that are held here.
const PART_EVERY: u64 = 4;

/// Backs a candidate with so much that it has more than all others.
async fn back(network: &Network, candidate: &AccountId, stci: u128) -> Result<()> {
	let alice = Account::dev("//Alice");
	let rpc = network.rpc(0)?;
	let before = tx::nonce(rpc, &alice, None).await?;
	rpc.offer(&tx::signed(rpc, &alice, tx::back(candidate, stci * UNITS)).await?)
		.await?;
	wait::until("the backing to be in a block", seconds(30), || async {
		Ok((tx::nonce(rpc, &alice, None).await? > before).then_some(()))
	})
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

/// A network that is watched while it is disturbed. Node 0 is who is asked, and stays.
struct Disturbed {
	network: Network,
	watchers: Vec<Watcher>,
	finalized: Finalized,
	rng: Rng,
	/// Whoever was backed last: elected, perhaps, and not yet seated.
	last_backed: Option<AccountId>,
}

impl Disturbed {
	async fn new(network: Network, rng: Rng) -> Result<Self> {
		let mut watchers = Vec::new();
		for node in 0..network.nodes().len() {
			watchers.push(network.watch(node).await?);
		}
		for watcher in &watchers {
			watcher.until_more_final(2, seconds(60)).await?;
		}
		Ok(Self {
			network,
			watchers,
			finalized: Finalized::default(),
			rng,
			last_backed: None,
		})
	}

	/// Backs one that holds no seat. It is elected as the next era begins, and has its seat an era later.
	async fn back_another(&mut self, candidates: &[AccountId], stci: u128) -> Result<()> {
		let directors = state::directors(self.network.rpc(0)?).await?;
		let outside: Vec<_> = candidates
			.iter()
			.filter(|account| !directors.contains(account) && self.last_backed.as_ref() != Some(account))
			.collect();
		let backed = outside[self.rng.below(outside.len() as u64) as usize];
		back(&self.network, backed, stci).await?;
		self.last_backed = Some(backed.clone());
		Ok(())
	}

	/// Kills a node and starts it again; or parts the network for a while, where it can be parted.
	async fn disturb(&mut self, parts: bool) -> Result<()> {
		let nodes = self.network.nodes().len() as u64;
		let victim = 1 + self.rng.below(nodes - 1) as usize;
		tokio::time::sleep(Duration::from_millis(self.rng.below(5_000))).await;
		if parts {
			self.network.namespaces()?.part()?;
			tokio::time::sleep(Duration::from_millis(1_000 + self.rng.below(3_000))).await;
			return self.network.namespaces()?.join();
		}
		self.finalized.add(&self.watchers[victim]);
		self.network.node_mut(victim).kill();
		tokio::time::sleep(Duration::from_millis(self.rng.below(3_000))).await;
		self.watchers[victim] = Watcher::start(&self.network.restart(victim).await?).await?;
		Ok(())
	}

	/// What must hold in the end.
	async fn finish(mut self) -> Result<()> {
		let set = self.network.set_of(0).await?;
		let mut last = 0;
		for node in 0..self.network.nodes().len() {
			self.network.until_set(node, set, seconds(60)).await?;
			last = last.max(self.network.rpc(node)?.finalized().await?.number);
		}
		self.network.until_all_final(last + 4, seconds(60)).await?;
		for watcher in &self.watchers {
			self.finalized.add(watcher);
		}
		self.finalized.assert_one_chain()?;
		state::assert_invariants(self.network.rpc(0)?).await?;
		self.network.finish().await
	}
}

/// Seven directors and five standby signers; with every era an election seats another, while one node after the other
/// is killed and comes back, and now and then half of them cannot hear the other half. Ends with the voters' set of the
/// number `changes`.
pub async fn elections(name: &str, changes: u64, limit: Duration) {
	let wiring = if Namespaces::available_to(name) {
		Wiring::Namespaces
	} else {
		Wiring::Direct
	};
	wait::bounded(name, limit, async {
		let seed = Rng::seed_from_env();
		eprintln!("replay with SMARTCHAIN_TEST_SEED={seed}");
		// An era is one turn.
		let change = json!({ "poca": { "eraLength": TURN_LENGTH } });
		let (network, _folder) = Network::of_seats(7, 5, change, wiring).await?;
		let candidates = accounts(7, 5);
		let mut disturbed = Disturbed::new(network, Rng::new(seed)).await?;
		let started = Instant::now();
		// One is always on its way to its seat.
		disturbed.back_another(&candidates, 1_000).await?;
		let (mut round, mut set) = (1, disturbed.network.set_of(0).await?);
		while set < changes {
			round += 1;
			ensure!(round <= 2 * changes, "in {round} eras the voters changed {set} times");
			disturbed.back_another(&candidates, 1_000 * u128::from(round)).await?;
			disturbed
				.disturb(wiring == Wiring::Namespaces && round % PART_EVERY == 0)
				.await?;
			disturbed.network.until_set(0, set + 1, seconds(60)).await?;
			set = disturbed.network.set_of(0).await?;
		}
		let took = started.elapsed();
		eprintln!("{set} changes of voters in {took:.0?}, {round} elections");
		disturbed.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn elections_change_seats_under_kills_restarts_and_partitions() {
	let name = "elections_change_seats_under_kills_restarts_and_partitions";
	elections(name, 4, seconds(240)).await;
}
