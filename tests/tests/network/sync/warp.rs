//! Nodes that join without executing the past, and proofs of finality that are checked without a node.

use crate::{seconds, slots};
use jsonrpsee::rpc_params;
use serde_json::Value;
use smartchain_runtime::constants::time::TURN_LENGTH;
use smartchain_tests::{
	chain_spec::local_with_eras,
	ensure,
	network::{Plan, Wiring, ACCOUNTS},
	node::{run_to_end, NodeConfig},
	tx::{self, account_key, Account},
	wait,
	watch::Watcher,
	Error, Network, Result,
};
use sp_core::H256;
use std::{
	path::Path,
	time::{Duration, Instant},
};

/// Slots of an era here, the fewest and the shortest that the runtime takes: voters change every turn.
const ERA: u32 = TURN_LENGTH;
const ERA_TIME: Duration = slots(ERA);
const ACCOUNT_NAMES: [&str; 4] = ["//Alice", "//Bob", "//Charlie", "//Dave"];

/// Has one validator after the other change its keys, one in each era, until the voters have changed that often.
async fn change_voters(network: &Network, changes: u64) -> Result<()> {
	let watcher = network.watch(0).await?;
	let limit = Instant::now() + seconds(60) + ERA_TIME * 2 * changes as u32;
	for turn in 0.. {
		if network.set_of(0).await? >= changes {
			return Ok(());
		}
		ensure!(
			Instant::now() < limit,
			"only {} changes of voters",
			network.set_of(0).await?
		);
		let node = turn % ACCOUNT_NAMES.len();
		let account = Account::dev(ACCOUNT_NAMES[node]);
		tx::rotate_keys(network.rpc(node)?, network.rpc(0)?, &account).await?;
		watcher.until_more_final(ERA, seconds(30)).await?;
	}
	Ok(())
}

/// Waits until a node that was started with `--sync warp` has arrived, and returns the height that it warped to.
async fn until_warped(network: &Network, node: usize) -> Result<u32> {
	let what = format!("{} to have warped", network.node(node).name());
	wait::until(&what, seconds(60), || async {
		let log = network.node(node).log().all()?;
		let line = log.lines().find(|line| line.contains("Warped to block"));
		let number = line.and_then(|line| line.split("Warped to block ").nth(1)?.split(' ').next()?.parse().ok());
		Ok(number)
	})
	.await
}

/// Waits until a node that has warped has fetched the blocks behind, too.
async fn until_gap_is_filled(network: &Network, node: usize, warped_to: u32) -> Result<()> {
	let what = format!("{} to have the blocks below {warped_to}", network.node(node).name());
	wait::until(&what, seconds(60), || async {
		Ok(network.rpc(node)?.hash_at(warped_to - 1).await?)
	})
	.await?;
	for number in [1, 2, warped_to / 2, warped_to - 1] {
		let (own, other) = (
			network.rpc(node)?.hash_at(number).await?,
			network.rpc(0)?.hash_at(number).await?,
		);
		ensure!(
			own.is_some() && own == other,
			"block {number}: {own:?} there, {other:?} here"
		);
		let hash = own.unwrap_or_default();
		let (own, other) = (network.rpc(node)?.body(hash).await?, network.rpc(0)?.body(hash).await?);
		ensure!(own == other, "another body of block {number}");
	}
	Ok(())
}

/// What must hold of a node that has warped: it has the state of what is final, and none of what lies before.
async fn has_state_from_there_on(network: &Network, node: usize, warped_to: u32) -> Result<()> {
	let key = account_key(Account::dev(ACCOUNT_NAMES[0]).id());
	let finalized = network.rpc(node)?.finalized().await?;
	let full = network.rpc(0)?;
	ensure!(
		full.header(Some(finalized.hash())).await? == finalized,
		"the same block, and the same state root"
	);
	let value = network.rpc(node)?.storage(&key, Some(finalized.hash())).await?;
	ensure!(
		value.is_some() && value == full.storage(&key, Some(finalized.hash())).await?,
		"the same state"
	);
	let early: H256 = full
		.hash_at(warped_to / 2)
		.await?
		.ok_or_else(|| Error::new("the chain is shorter than what was warped to"))?;
	ensure!(
		full.storage(&key, Some(early)).await?.is_some(),
		"who keeps all states has that one"
	);
	let executed = network.rpc(node)?.storage(&key, Some(early)).await;
	ensure!(executed.is_err(), "block {} was executed: {executed:?}", warped_to / 2);
	Ok(())
}

/// Runs `verify-finality` on a proof; whether it held, and what it said.
fn verify(proof: &[u8], chain: &str, folder: &Path) -> Result<(Option<i32>, String)> {
	let file = folder.join("proof.json");
	std::fs::write(&file, proof)?;
	let output = run_to_end(&["verify-finality", &file.display().to_string(), "--chain", chain])?;
	let said = [output.stdout, output.stderr].concat();
	Ok((output.status.code(), String::from_utf8_lossy(&said).into_owned()))
}

/// What a node exports is accepted; with one bit flipped, or for another chain, it is not.
async fn proofs_hold(network: &Network, node: usize, chain: &str, folder: &Path) -> Result<()> {
	let finalized = network.rpc(node)?.finalized().await?;
	let set = network.set_of(node).await?;
	let export: Value = network
		.rpc(node)?
		.call("poca_exportFinality", rpc_params![finalized.number])
		.await?;
	let proof = export.to_string().into_bytes();
	let (code, said) = verify(&proof, chain, folder)?;
	ensure!(code == Some(0), "{said}");
	ensure!(
		said.contains(&format!("Block {} ({:?}) is final", finalized.number, finalized.hash())),
		"{said}"
	);
	eprintln!(
		"a proof of {} bytes over {} changes; the set is {set} now",
		proof.len(),
		export["changes"].as_array().map_or(0, Vec::len)
	);
	for part in 1..6 {
		let mut damaged = proof.clone();
		damaged[proof.len() * part / 6] ^= 1 << part;
		let (code, said) = verify(&damaged, chain, folder)?;
		ensure!(
			code == Some(1) && said.contains("proof.json"),
			"one bit is flipped, and: {said}"
		);
	}
	let (code, said) = verify(&proof, "local", folder)?;
	ensure!(
		code == Some(1) && said.contains("genesis"),
		"another chain, and: {said}"
	);
	Ok(())
}

/// The voters change so many times; a node warps over all of that, follows, and serves the next one.
pub async fn warps(name: &str, changes: u64) {
	let limit = seconds(300) + ERA_TIME * 2 * changes as u32;
	wait::bounded_beside_another(name, limit, async {
		let folder = tempfile::tempdir()?;
		let chain = local_with_eras(ERA, folder.path())?;
		let plan = Plan {
			validators: ACCOUNTS.len(),
			wiring: Wiring::Direct,
			chain: chain.clone(),
			args: ["--state-pruning", "archive"].map(Into::into).into(),
			..Plan::default()
		};
		let mut network = Network::start(plan).await?;
		change_voters(&network, changes).await?;

		let since = Instant::now();
		let warped = network.add_full_node("warped", &["--sync", "warp"]).await?;
		let warped_to = until_warped(&network, warped).await?;
		eprintln!(
			"warped to block {warped_to} over {changes} changes in {:?}",
			since.elapsed()
		);
		let watcher = network.watch(warped).await?;
		watcher.until_more_final(2 * ERA, seconds(60)).await?;
		has_state_from_there_on(&network, warped, warped_to).await?;
		until_gap_is_filled(&network, warped, warped_to).await?;
		// Whoever fills its gap keeps the certificates: those of the first voters prove the first block.
		let early = prover_of_the_first(&network, warped).await?;
		let known = prover_of_the_first(&network, 0).await?;
		ensure!(early == known && early <= 1, "proven by set {early}, not {known}");
		proofs_hold(&network, warped, &chain, folder.path()).await?;

		// It goes on after it was killed.
		network.node_mut(warped).kill();
		network.restart(warped).await?;
		network.watch(warped).await?.until_more_final(ERA, seconds(60)).await?;

		// One that knows nobody else learns all from it.
		let mut config =
			NodeConfig::new("late")?.with_args(["--sync", "warp", "--warp-min-peers", "1", "--reserved-only"]);
		config.chain.clone_from(&chain);
		config
			.args
			.extend(["--reserved-nodes".into(), network.node(warped).config().multiaddress()]);
		let late = network.start_node(config)?;
		network.node_mut(late).ready().await?;
		let late_to = until_warped(&network, late).await?;
		ensure!(late_to > warped_to, "warped to {late_to}, after {warped_to}");
		Watcher::start(network.rpc(late)?)
			.await?
			.until_more_final(ERA, seconds(30))
			.await?;
		until_gap_is_filled(&network, late, late_to).await?;
		has_state_from_there_on(&network, late, late_to).await?;
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_node_warps_over_many_changes_of_voters_follows_and_serves_the_next() {
	let name = "a_node_warps_over_many_changes_of_voters_follows_and_serves_the_next";
	warps(name, 5).await;
}

/// The voter set whose certificate a node shows for block 1. It is that of the genesis, or the one after: how many
/// blocks its era has depends on the slot in which the network began.
async fn prover_of_the_first(network: &Network, node: usize) -> Result<u64> {
	let proof: Value = network.rpc(node)?.call("poca_proveFinality", rpc_params![1]).await?;
	proof["setId"]
		.as_u64()
		.ok_or_else(|| Error::new(format!("no proof of block 1: {proof}")))
}

/// A validator's chain is lost, its keys and its safety file are not.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_validator_that_has_lost_its_chain_warps_and_votes_again() {
	const LOST: usize = 3;
	let name = "a_validator_that_has_lost_its_chain_warps_and_votes_again";
	wait::bounded_beside_another(name, seconds(300), async {
		let folder = tempfile::tempdir()?;
		let chain = local_with_eras(ERA, folder.path())?;
		let plan = Plan {
			chain: chain.clone(),
			..Plan::default()
		};
		let mut network = Network::start(plan).await?;
		change_voters(&network, 2).await?;
		network.node_mut(LOST).kill();
		let base_path = network.node(LOST).base_path().display().to_string();
		let purged = run_to_end(&["purge-chain", "-y", "--chain", &chain, "--base-path", &base_path])?;
		ensure!(
			purged.status.success(),
			"purge-chain: {}",
			String::from_utf8_lossy(&purged.stderr)
		);
		let watcher = network.watch(0).await?;
		watcher.until_more_final(ERA, seconds(30)).await?;

		let config = network.node_mut(LOST).config_mut();
		config.args.extend(["--sync", "warp"].map(Into::into));
		network.restart(LOST).await?;
		let warped_to = until_warped(&network, LOST).await?;
		network.until_voting(LOST, seconds(60)).await?;
		until_gap_is_filled(&network, LOST, warped_to).await?;
		// Without another, its vote is what makes the quorum.
		network.node_mut(2).kill();
		watcher.until_more_final(2 * ERA, seconds(60)).await?;
		network.finish().await
	})
	.await;
}
