//! The largest blocks that the chain allows.

use crate::seconds;
use smartchain_tests::{
	ensure,
	network::Plan,
	tx::{self, Account, Chain},
	wait,
	watch::Watcher,
	Error, Network, Result,
};

/// The body of the block that has to become final in time: 2.5 MB.
const BODY: usize = 2_500_000;
const REMARKS: u32 = 11;
const REMARK: usize = 230_000;
const ROUNDS: u8 = 5;

/// Gives the nodes remarks that make up a large block, and waits until all of them are final.
async fn send_remarks(network: &Network, chain: Chain, round: u8) -> Result<()> {
	let rpc = network.rpc(0)?;
	let alice = Account::dev("//Alice");
	let nonce = tx::nonce(rpc, &alice, None).await?;
	// All but the first, everywhere: they can be in no block yet. The first one then frees them all at once.
	let remarks: Vec<_> = (0..REMARKS)
		.map(|i| chain.sign(&alice, nonce + i, tx::remark(vec![round; REMARK])))
		.collect();
	for remark in remarks.iter().skip(1).chain(&remarks[..1]) {
		for node in 0..4 {
			network.rpc(node)?.offer(remark).await?;
		}
	}
	wait::until("all remarks to be final", seconds(60), || async {
		let finalized = rpc.finalized().await?.hash();
		Ok((tx::nonce(rpc, &alice, Some(finalized)).await? == nonce + REMARKS).then_some(()))
	})
	.await
}

/// The bytes of transactions of the largest block from a height on, and its height.
async fn biggest(network: &Network, watcher: &Watcher, from: u32) -> Result<(usize, u32)> {
	let rpc = network.rpc(0)?;
	let mut biggest = (0, 0);
	for number in from..=watcher.heights().finalized {
		let hash = rpc.hash_at(number).await?;
		let hash = hash.ok_or_else(|| Error::new(format!("block {number} is gone")))?;
		let body: usize = rpc.body(hash).await?.iter().map(|extrinsic| extrinsic.len()).sum();
		biggest = biggest.max((body, number));
	}
	Ok(biggest)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_block_with_2_5_mb_of_transactions_is_final_on_four_validators() {
	let name = "a_block_with_2_5_mb_of_transactions_is_final_on_four_validators";
	wait::bounded(name, seconds(180), async {
		// Transactions wait for their nonce in a tenth of the pool's space.
		let args = ["--pool-kbytes", "102400", "--block-kbytes", "5120"]
			.map(str::to_string)
			.to_vec();
		let network = Network::start(Plan {
			args,
			..Plan::default()
		})
		.await?;
		let mut watchers = Vec::new();
		for node in 0..4 {
			watchers.push(network.watch(node).await?);
		}
		watchers[0].until_more_final(4, seconds(30)).await?;
		let chain = Chain::of(network.rpc(0)?).await?;

		let (mut body, mut number) = (0, 0);
		for round in 0..ROUNDS {
			let from = watchers[0].heights().best;
			send_remarks(&network, chain, round).await?;
			(body, number) = biggest(&network, &watchers[0], from).await?.max((body, number));
			if body >= BODY {
				break;
			}
		}
		ensure!(
			body >= BODY,
			"the biggest of all blocks has {body} bytes of transactions, {BODY} are asked for"
		);
		network.until_all_final(number, seconds(30)).await?;
		let hash = network.rpc(0)?.hash_at(number).await?;
		for (node, watcher) in watchers.iter().enumerate() {
			ensure!(
				network.rpc(node)?.hash_at(number).await? == hash,
				"node {node} has another block {number}"
			);
			let seen = watcher.blocks().into_iter().find(|block| Some(block.hash) == hash);
			if let Some(seen) = seen {
				let late = seen.unix_ms - seen.slot as f64 * 500.0;
				eprintln!("node {node} had imported the block of {body} bytes {late:.0} ms into its slot");
			}
		}
		network.finish().await
	})
	.await;
}
