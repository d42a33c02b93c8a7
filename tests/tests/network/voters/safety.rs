//! Safety files that are lost, or older than what was signed.

use crate::seconds;
use smartchain_tests::{ensure, network::Plan, wait, watch::Seen, Network, Result};
use std::{fs, path::Path};

/// The voter whose file is lost.
const LOST: usize = 3;
/// The voter whose file is put back as it was some blocks before.
const RESTORED: usize = 2;

/// Copies the files of a folder, of which there are few.
fn copy(from: &Path, to: &Path) -> Result<()> {
	fs::create_dir_all(to)?;
	for entry in fs::read_dir(from)? {
		let entry = entry?;
		if entry.file_type()?.is_file() {
			fs::copy(entry.path(), to.join(entry.file_name()))?;
		}
	}
	Ok(())
}

/// The slot up to which a node that says so does not know what its key has signed.
fn horizon(told: &str) -> Option<u64> {
	let (_, rest) = told.split_once("its safety file is new, and what its key signed up to slot ")?;
	rest.split(' ').next()?.parse().ok()
}

/// Without its safety folder a node does not know what its key has signed. It waits until a block above all that it can
/// have signed is final, and votes then, without an operator.
async fn lost(network: &mut Network) -> Result<()> {
	let signed = network.rpc(LOST)?.last_prevote().await?;
	network.node_mut(LOST).kill();
	fs::remove_dir_all(network.node(LOST).safety_folder()?)?;
	let rpc = network.restart(LOST).await?;
	let horizon = wait::until("it to say why it does not vote", seconds(10), || async {
		// It may be over before the node answers for the first time.
		let told = [
			rpc.not_voting().await?.unwrap_or_default(),
			network.node(LOST).log_since_start()?,
		];
		Ok(told.iter().find_map(|told| horizon(told)))
	})
	.await?;
	ensure!(
		horizon > signed,
		"it takes all above slot {horizon} for unsigned, and has signed in slot {signed}"
	);
	network.until_voting(LOST, seconds(30)).await?;
	// By what it knows itself: another node may have heard of less.
	let finalized = Seen::now(&rpc.finalized().await?).slot;
	ensure!(
		finalized + 2 >= horizon,
		"it votes while slot {finalized} is final, and may have signed up to slot {horizon}"
	);
	wait::until("it to prevote above that slot", seconds(30), || async {
		Ok((rpc.last_prevote().await? > horizon).then_some(()))
	})
	.await
}

/// A snapshot of a machine brings back an older file, which looks sound. Others have the node's own signature on what
/// is newer: it stops, and says so.
async fn restored(network: &mut Network) -> Result<()> {
	let watcher = network.watch(0).await?;
	// Of three voters each signs every certificate.
	network.node_mut(LOST).kill();
	watcher.until_more_final(4, seconds(30)).await?;
	let folder = network.node(RESTORED).safety_folder()?;
	let snapshot = network.dir().join("snapshot");
	copy(&folder, &snapshot)?;
	watcher.until_more_final(8, seconds(30)).await?;
	network.node_mut(RESTORED).kill();
	copy(&snapshot, &folder)?;
	let rpc = network.restart(RESTORED).await?;
	let why = wait::until("it to notice", seconds(15), || async {
		let why = rpc.not_voting().await?;
		Ok(why.filter(|why| why.contains("another machine signs")))
	})
	.await?;
	eprintln!("{}: {why}", network.node(RESTORED).name());
	ensure!(
		network
			.node(RESTORED)
			.log_since_start()?
			.contains("another machine signs"),
		"its log says nothing of it"
	);
	let metrics = network.node(RESTORED).metrics().await?;
	ensure!(
		metrics.sum("smartchain_equivocations_total").unwrap_or(0.0) == 0.0,
		"it has contradicted itself before it noticed"
	);
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_lost_safety_file_is_waited_for_and_an_old_one_is_noticed() {
	let name = "a_lost_safety_file_is_waited_for_and_an_old_one_is_noticed";
	wait::bounded_beside_another(name, seconds(180), async {
		let mut network = Network::start(Plan::default()).await?;
		network.watch(0).await?.until_more_final(8, seconds(30)).await?;
		lost(&mut network).await?;
		restored(&mut network).await?;
		// The one that was killed makes three again.
		network.restart(LOST).await?;
		network.watch(0).await?.until_more_final(8, seconds(60)).await?;
		let finalized = network.rpc(0)?.finalized().await?.number;
		network.until_all_final(finalized, seconds(30)).await?;
		network.finish().await
	})
	.await;
}
