//! One key on two machines.

use crate::seconds;
use smartchain_tests::{ensure, network::Plan, rpc::Rpc, wait, Network, NodeConfig, Result};

/// Why a node does not vote, as soon as it says so.
async fn reason(rpc: &Rpc) -> Result<String> {
	wait::until("a node to stop voting and to say why", seconds(60), || async {
		let state = rpc.voter_state().await?;
		Ok((state["voting"] == false)
			.then(|| state["notVoting"].as_str().map(str::to_string))
			.flatten())
	})
	.await
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
	wait::bounded(
		"a_second_node_with_the_same_key_does_not_vote_and_says_why",
		seconds(150),
		async {
			let mut network = Network::start(Plan::default()).await?;
			let watcher = network.watch(0).await?;
			// Every director has authored, so that the chain knows all keys.
			watcher.until_more_final(crate::CYCLE, seconds(60)).await?;
			// It has no safety file, and must not guess what its key has signed.
			let twin = twin(&mut network, "dave", &[]).await?;
			let why = reason(network.rpc(twin)?).await?;
			eprintln!("the twin: {why}");
			// Which of the two it finds out first is not ours to say.
			let known = ["there is no safety file", "another machine signs with this node's key"];
			ensure!(
				known.iter().any(|reason| why.contains(reason)),
				"not a reason that was expected: {why}"
			);
			wait::until("its log to say so", seconds(10), || async {
				Ok(network.node(twin).log_since_start()?.contains(&why).then_some(()))
			})
			.await?;
			ensure!(
				network.rpc(3)?.voter_state().await?["voting"] == true,
				"the first one goes on"
			);
			watcher.until_more_final(12, seconds(30)).await?;
			network.finish().await
		},
	)
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn two_nodes_that_sign_with_one_key_notice_it_and_stop() {
	wait::bounded(
		"two_nodes_that_sign_with_one_key_notice_it_and_stop",
		seconds(180),
		async {
			let mut network = Network::start(Plan::default()).await?;
			let watcher = network.watch(0).await?;
			watcher.until_more_final(8, seconds(30)).await?;
			// An operator's mistake: the flag says that nobody else uses this key.
			let twin = twin(&mut network, "dave", &["--reset-voter-state"]).await?;
			let (first, second) = (network.rpc(3)?.clone(), network.rpc(twin)?.clone());
			let why = tokio::select! { why = reason(&first) => why?, why = reason(&second) => why? };
			eprintln!("one of the two: {why}");
			ensure!(
				why.contains("another machine signs with this node's key"),
				"not the reason that was expected: {why}"
			);
			// The others do not need either of them.
			watcher.until_more_final(12, seconds(60)).await?;
			network.finish().await
		},
	)
	.await;
}
