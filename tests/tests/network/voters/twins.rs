//! One key on two machines.

use crate::seconds;
use bft_finality_primitives::{Phase, VoteEquivocation, VoterPair};
use codec::{DecodeAll, Encode};
use jsonrpsee::rpc_params;
use pallet_equivocation::{Kind, Offences};
use pallet_poca::Era;
use poca_primitives::find_pre_digest;
use smartchain_runtime::{constants::currency::BOND, Balance, Runtime};
use smartchain_tests::{
	ensure, netns::Namespaces, network::Plan, rpc::Rpc, tx::Account, wait, watch::Watcher, Error, Network, NodeConfig,
	Result, Wiring,
};
use sp_core::{Bytes, Pair, H256};
use std::collections::BTreeMap;

/// What a node says that has heard of its key elsewhere.
const ELSEWHERE: &str = "another machine signs with this node's key";

/// Waits until a node says that another signs with its key; in which words.
async fn stops(rpc: &Rpc) -> Result<String> {
	wait::until("a node to stop voting and to say why", seconds(60), || async {
		Ok(rpc.not_voting().await?.filter(|why| why.contains(ELSEWHERE)))
	})
	.await
}

/// The first era for which an offence of an account is on chain, if there is one.
async fn offence(rpc: &Rpc, account: &Account, kind: Kind) -> Result<Option<u32>> {
	let era = rpc.storage(&Era::<Runtime>::hashed_key(), None).await?;
	let era = era.map_or(Ok(0), |era| u32::decode_all(&mut &era[..]))?;
	for era in 0..=era {
		let key = Offences::<Runtime>::hashed_key_for(era, (account.id().clone(), kind.offence()));
		if rpc.storage(&key, None).await?.is_some() {
			return Ok(Some(era));
		}
	}
	Ok(None)
}

/// That nobody has done anything for which these would be punished.
async fn are_innocent(rpc: &Rpc, honest: &[&str]) -> Result<()> {
	for honest in honest {
		for kind in [Kind::Block, Kind::Commit] {
			let offence = offence(rpc, &Account::dev(honest), kind).await?;
			ensure!(offence.is_none(), "{honest} is punished for what it did not do");
		}
	}
	Ok(())
}

/// What is left of the candidacy of a director of genesis that was punished: its bond.
async fn bond_left(rpc: &Rpc, account: &Account) -> Result<Balance> {
	let key = pallet_candidates::Candidates::<Runtime>::hashed_key_for(account.id());
	let value = rpc.storage(&key, None).await?;
	let value = value.ok_or_else(|| Error::new("it was never a candidate"))?;
	let candidate = pallet_candidates::Candidate::decode_all(&mut &value[..])?;
	ensure!(!candidate.stands(), "it still stands for election: {candidate:?}");
	Ok(candidate.bond)
}

/// A further node with the keys of a validator that is already there.
async fn twin(network: &mut Network, account: &str, args: &[&str]) -> Result<usize> {
	let mut config = NodeConfig::new(&format!("{account}-twin"))?
		.validator(account)
		.with_args(args.iter().copied());
	for node in network.nodes() {
		config
			.args
			.extend(["--reserved-nodes".to_string(), node.config().multiaddress()]);
	}
	let index = network.start_node(config)?;
	network.node_mut(index).ready().await?;
	Ok(index)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_second_node_with_the_same_key_does_not_vote_and_says_why() {
	let name = "a_second_node_with_the_same_key_does_not_vote_and_says_why";
	wait::bounded_beside_another(name, seconds(150), async {
		let mut network = Network::start(Plan::default()).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		// It has no safety file: it neither votes nor authors until all that its key may have signed is below what is
		// final. Meanwhile Dave signs what is above. Whose turn it is when it comes makes no difference.
		let twin = twin(&mut network, "dave", &[]).await?;
		let why = stops(network.rpc(twin)?).await?;
		eprintln!("the twin: {why}");
		wait::until("its log to say so", seconds(10), || async {
			Ok(network.node(twin).log_since_start()?.contains(ELSEWHERE).then_some(()))
		})
		.await?;
		network.until_voting(3, seconds(10)).await?;
		watcher.until_more_final(12, seconds(30)).await?;
		let authored = &network.rpc(twin)?.finality_status().await?["authoredBlocks"];
		ensure!(*authored == 0, "the twin has authored {authored} blocks");
		are_innocent(network.rpc(0)?, &["//Alice", "//Bob", "//Charlie", "//Dave"]).await?;
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn two_nodes_that_sign_with_one_key_notice_it_and_stop() {
	let name = "two_nodes_that_sign_with_one_key_notice_it_and_stop";
	wait::bounded_beside_another(name, seconds(180), async {
		let mut network = Network::start(Plan::default()).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		// An operator's mistake: the flag says that nobody else uses this key.
		let twin = twin(&mut network, "dave", &["--reset-voter-state=now"]).await?;
		let (first, second) = (network.rpc(3)?.clone(), network.rpc(twin)?.clone());
		let why = tokio::select! { why = stops(&first) => why?, why = stops(&second) => why? };
		eprintln!("one of the two: {why}");
		// The others do not need either of them.
		watcher.until_more_final(12, seconds(60)).await?;
		// Whether the two came as far as to contradict each other is a matter of milliseconds. If they did, it is on
		// chain.
		let seen = network.node(0).metrics().await?.sum("smartchain_equivocations_total");
		if seen.is_some_and(|seen| seen > 0.0) {
			let dave = Account::dev("//Dave");
			let era = wait::until("the offence to be on chain", seconds(60), || async {
				let votes = offence(network.rpc(0)?, &dave, Kind::Commit).await?;
				Ok(votes.or(offence(network.rpc(0)?, &dave, Kind::Block).await?))
			})
			.await?;
			eprintln!("the two contradicted each other in era {era}");
		}
		are_innocent(network.rpc(0)?, &["//Alice", "//Bob", "//Charlie"]).await?;
		network.finish().await
	})
	.await;
}

/// Two Commits of a voter of genesis, in a slot.
fn two_votes(seed: &str, genesis: H256, slot: u64) -> Result<VoteEquivocation> {
	let pair = VoterPair::from_string(seed, None).map_err(|error| Error::new(format!("{seed}: {error:?}")))?;
	Ok(smartchain_testkit::two_votes(&pair, Phase::Commit, slot, &genesis))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_report_to_one_node_reaches_the_chain_once() {
	wait::bounded_beside_another("a_report_to_one_node_reaches_the_chain_once", seconds(150), async {
		let network = Network::start(Plan::default()).await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(8, seconds(30)).await?;
		let first = network.rpc(1)?.clone();
		let genesis = first
			.hash_at(0)
			.await?
			.ok_or_else(|| Error::new("there is no genesis"))?;
		let slot = *find_pre_digest(&first.header(None).await?)
			.map_err(|error| Error::new(error.to_string()))?
			.slot;
		// The runtime makes the transaction.
		let made = |slot| {
			let first = first.clone();
			async move {
				let proof = Bytes(two_votes("//Dave", genesis, slot)?.encode());
				let method = "VoteEquivocationApi_report_vote_equivocation";
				let transaction: Bytes = first.call("state_call", rpc_params![method, proof]).await?;
				Ok::<_, Error>(transaction.0)
			}
		};
		first.submit(&made(slot).await?).await?;
		let dave = Account::dev("//Dave");
		wait::until("the offence to be on chain", seconds(30), || async {
			offence(network.rpc(0)?, &dave, Kind::Commit).await
		})
		.await?;
		let left = bond_left(network.rpc(0)?, &dave).await?;
		ensure!(
			left == 0,
			"two votes cost the whole bond, and {left} planck of {BOND} are left"
		);
		// The same voter set once more.
		let refused = first.submit(&made(slot.saturating_sub(1)).await?).await;
		ensure!(refused.is_err(), "it was punished twice");
		watcher.until_more_final(8, seconds(30)).await?;
		network.finish().await
	})
	.await;
}

/// The slots in which an author sealed blocks that a node has seen, and their hashes.
fn sealed(watcher: &Watcher, author: u32) -> BTreeMap<u64, H256> {
	let blocks = watcher.blocks();
	let own = blocks.iter().filter(|block| block.author == Some(author));
	own.map(|block| (block.slot, block.hash)).collect()
}

/// One key on both sides of a partition: each side believes the one that it sees. Once the sides hear each other again,
/// a node that has seen two blocks of a slot reports them by itself, and the director is punished: a tenth of its bond,
/// and its candidacy.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_director_with_a_twin_behind_a_partition_is_slashed() {
	let name = "a_director_with_a_twin_behind_a_partition_is_slashed";
	if !Namespaces::available_to(name) {
		return;
	}
	wait::bounded(name, seconds(300), async {
		// Alice and Bob on one side; Charlie, Dave and a place for Alice's twin on the other.
		// An era of days: offences in two eras are punished twice, and none shall end meanwhile.
		let folder = tempfile::tempdir()?;
		let chain = smartchain_tests::chain_spec::local_with_eras(1_200_000, folder.path())?;
		let mut network = Network::start(Plan {
			chain: chain.clone(),
			wiring: Wiring::Namespaces,
			spare: 1,
			..Plan::default()
		})
		.await?;
		let (here, there) = (network.watch(1).await?, network.watch(2).await?);
		for watcher in [&here, &there] {
			watcher.until_more_final(4, seconds(30)).await?;
		}
		network.namespaces()?.part()?;
		let mut config = NodeConfig::new("alice-twin")?
			.validator("alice")
			.with_args(["--reset-voter-state=now"]);
		config.chain = chain;
		for node in [2, 3] {
			config.args.extend([
				"--reserved-nodes".to_string(),
				network.node(node).config().multiaddress(),
			]);
		}
		let twin = network.start_node(network.place(config, 4)?)?;
		network.node_mut(twin).ready().await?;
		wait::until("both to author in one slot", seconds(90), || async {
			// Alice is the first director of genesis.
			let (ours, theirs) = (sealed(&here, 0), sealed(&there, 0));
			Ok(ours
				.iter()
				.any(|(slot, hash)| theirs.get(slot).is_some_and(|other| other != hash))
				.then_some(()))
		})
		.await?;
		network.namespaces()?.join()?;
		let alice = Account::dev("//Alice");
		let era = wait::until("the offence to be on chain", seconds(90), || async {
			let blocks = offence(network.rpc(2)?, &alice, Kind::Block).await?;
			Ok(blocks.or(offence(network.rpc(2)?, &alice, Kind::Commit).await?))
		})
		.await?;
		// Whoever votes twice besides loses all of it. If that is known first, no report of blocks is taken any more.
		let left = bond_left(network.rpc(2)?, &alice).await?;
		let votes = offence(network.rpc(2)?, &alice, Kind::Commit).await?;
		ensure!(
			left == BOND / 10 * 9 || (left == 0 && votes.is_some()),
			"a first block sealed twice costs a tenth of the bond: {left} planck of {BOND} are left"
		);
		eprintln!("punished for era {era}: {left} planck of {BOND} are left");
		are_innocent(network.rpc(2)?, &["//Bob", "//Charlie", "//Dave"]).await?;
		there.until_more_final(8, seconds(60)).await?;
		smartchain_tests::state::assert_invariants(network.rpc(2)?).await?;
		network.finish().await
	})
	.await;
}
