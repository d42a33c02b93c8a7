//! Blocks become final, for those who were there and for those who come later.

use crate::{seconds, CYCLE};
use codec::DecodeAll;
use pallet_bft_finality::{RecordOfPeriod, RecordedVotes};
use serde_json::Value;
use smartchain_runtime::Runtime;
use smartchain_tests::{
	ensure, network::Plan, node::run_to_end, rpc::Rpc, wait, watch::Watcher, Error, Network, Result,
};
use std::collections::BTreeSet;

type MaxVoters = <Runtime as pallet_bft_finality::Config>::MaxVoters;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn four_validators_finalize_and_fill_their_slots() {
	wait::bounded("four_validators_finalize_and_fill_their_slots", seconds(150), async {
		let mut network = Network::start(Plan::default()).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(4, seconds(30)).await?;
		let first = watcher.heights().finalized;
		let heights = watcher.until_more_final(CYCLE, seconds(60)).await?;
		network.until_all_final(heights.finalized, seconds(10)).await?;

		// Blocks of one whole cycle, as the chain tells of them.
		let blocks: Vec<_> = watcher
			.blocks()
			.into_iter()
			.filter(|b| b.number > first && b.number <= first + CYCLE)
			.collect();
		let slots: BTreeSet<_> = blocks.iter().map(|block| block.slot).collect();
		let span = slots
			.last()
			.zip(slots.first())
			.map_or(0, |(last, first)| last - first + 1);
		ensure!(
			slots.len() as u64 * 10 >= span * 9,
			"of {span} slots only {} have a block: production does not keep its pace",
			slots.len()
		);
		let authors: BTreeSet<_> = blocks.iter().filter_map(|block| block.author).collect();
		ensure!(
			authors.len() == 4,
			"only these directors authored in a whole cycle: {authors:?}"
		);

		let status = network.rpc(1)?.finality_status().await?;
		ensure!(
			status["voters"] == 4 && status["quorum"] == 3 && status["voting"] == true,
			"{status}"
		);
		// A node that is asked to end does so in order.
		network.node_mut(3).stop().await?;
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_late_full_node_syncs_from_genesis_and_follows_finality() {
	wait::bounded_beside_another(
		"a_late_full_node_syncs_from_genesis_and_follows_finality",
		seconds(150),
		async {
			let mut network = Network::start(Plan::default()).await?;
			let heights = network.watch(0).await?.until_more_final(40, seconds(60)).await?;
			let late = network.add_full_node("late", &[]).await?;
			let watcher = network.watch(late).await?;
			watcher
				.until("what was final when it came", seconds(60), |now| {
					now.finalized >= heights.finalized
				})
				.await?;
			// It follows from now on.
			watcher.until_more_final(20, seconds(30)).await?;
			let last = watcher.heights().finalized;
			network.until_all_final(last, seconds(10)).await?;
			for number in [0, 1, last / 2, last] {
				let (ours, theirs) = (
					network.rpc(late)?.hash_at(number).await?,
					network.rpc(0)?.hash_at(number).await?,
				);
				ensure!(
					ours.is_some() && ours == theirs,
					"block {number} differs: {ours:?} here, {theirs:?} there"
				);
			}
			let state = network.rpc(late)?.voter_state().await?;
			ensure!(
				state["voting"] == false && state["notVoting"].is_string(),
				"a full node does not vote and says so: {state}"
			);
			network.finish().await
		},
	)
	.await;
}

/// Waits until so many voters are on record in one period.
async fn until_on_record(rpc: &Rpc, voters: usize) -> Result<()> {
	let key = RecordedVotes::<Runtime>::hashed_key();
	let what = format!("a period with {voters} voters on record");
	wait::until(&what, seconds(60), || async {
		let Some(bytes) = rpc.storage(&key, None).await? else {
			return Ok(None);
		};
		let record = RecordOfPeriod::<MaxVoters>::decode_all(&mut &bytes.0[..])
			.map_err(|error| Error::new(format!("the record of votes: {error}")))?;
		let on_record = record.voted.iter().filter(|voted| **voted).count();
		Ok((on_record == voters).then_some(()))
	})
	.await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_node_that_was_off_catches_up_and_votes_again() {
	wait::bounded_beside_another("a_node_that_was_off_catches_up_and_votes_again", seconds(300), async {
		let mut network = Network::start(Plan::default()).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		network.node_mut(3).kill();
		let away = watcher.until_more_final(60, seconds(120)).await?;
		until_on_record(network.rpc(0)?, 3).await?;
		let rpc = network.restart(3).await?;
		let caught_up = Watcher::start(&rpc).await?;
		caught_up
			.until("what it missed", seconds(60), |now| now.finalized >= away.finalized)
			.await?;
		until_on_record(network.rpc(0)?, 4).await?;
		// Without another one, its vote is what makes the quorum.
		network.node_mut(2).kill();
		watcher.until_more_final(20, seconds(60)).await?;
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn blocks_that_are_not_final_can_be_taken_back() {
	wait::bounded_beside_another("blocks_that_are_not_final_can_be_taken_back", seconds(180), async {
		let mut network = Network::start(Plan::default()).await?;
		let full = network.add_full_node("full", &[]).await?;
		let watcher = network.watch(full).await?;
		watcher.until_more_final(4, seconds(60)).await?;
		network.node_mut(2).kill();
		network.node_mut(3).kill();
		let before = watcher
			.until("blocks that are not final", seconds(60), |now| {
				now.best >= now.finalized + 20
			})
			.await?;
		network.node_mut(full).stop().await?;

		let base_path = network.node(full).base_path().display().to_string();
		let run = |arguments: &[&str]| -> Result<String> {
			let output = run_to_end(&[arguments, &["--chain", "local", "--base-path", &base_path]].concat())?;
			let text = String::from_utf8_lossy(&output.stdout).into_owned();
			let errors = String::from_utf8_lossy(&output.stderr);
			ensure!(output.status.success(), "{arguments:?}: {text}{errors}");
			Ok(text)
		};
		let heights = |text: String| -> Result<(u32, u32)> {
			let info: Value = serde_json::from_str(&text)?;
			let height = |name: &str| info[name].as_u64().and_then(|number| u32::try_from(number).ok());
			height("best_number")
				.zip(height("finalized_number"))
				.ok_or_else(|| Error::new(format!("no heights in {text}")))
		};
		let (best, finalized) = heights(run(&["chain-info"])?)?;
		ensure!(
			best >= before.best && finalized >= before.finalized,
			"the database has #{best} and #{finalized}, the node told {before:?}"
		);
		run(&["revert", "10"])?;
		let reverted = heights(run(&["chain-info"])?)?;
		ensure!(
			reverted == (best - 10, finalized),
			"ten blocks back from #{best} are {reverted:?}"
		);
		// What is final stays, however much is asked for.
		run(&["revert", "1000"])?;
		let reverted = heights(run(&["chain-info"])?)?;
		ensure!(
			reverted == (finalized, finalized),
			"final is #{finalized}, and left is {reverted:?}"
		);

		for index in [full, 2, 3] {
			network.restart(index).await?;
		}
		network.until_all_final(best + 1, seconds(60)).await?;
		network.finish().await
	})
	.await;
}
