//! A validator needs the chain's JSON and its own keys, nothing else.

use crate::seconds;
use smartchain_tests::{ensure, wait, Network, NodeConfig, Wiring};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn validators_start_from_the_json_with_inserted_keys() {
	wait::bounded_beside_another(
		"validators_start_from_the_json_with_inserted_keys",
		seconds(120),
		async {
			let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../chain-specs/local.json");
			let spec = spec.canonicalize()?.display().to_string();
			let mut network = Network::empty(Wiring::Direct, 0)?;
			// Three of the four are a quorum, so all three must vote.
			let mut configs = Vec::new();
			for account in ["Alice", "Bob", "Dave"] {
				let mut config = NodeConfig::new(&format!("own-keys-{}", account.to_lowercase()))?
					.validator_of(&format!("//{account}"));
				config.chain.clone_from(&spec);
				configs.push(config);
			}
			network.connect(&mut configs).await?;
			for config in configs {
				network.start_node(config)?;
			}
			network.ready().await?;
			let watcher = network.watch(0).await?;
			watcher.until_more_final(20, seconds(60)).await?;
			for node in 0..3 {
				let why = network.rpc(node)?.not_voting().await?;
				ensure!(why.is_none(), "{}: {why:?}", network.node(node).name());
			}
			network.finish().await
		},
	)
	.await;
}
