//! What operators and clients of single nodes rely on: RPC, the pool, commands on stored blocks, and joins of nodes
//! whose peers keep little.

use crate::seconds;
use codec::Decode;
use jsonrpsee::{
	core::client::ClientT,
	rpc_params,
	ws_client::{HeaderMap, HeaderValue, WsClient, WsClientBuilder},
};
use serde_json::Value;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{
	ensure,
	network::{Plan, Wiring},
	node::{run_to_end, Node, NodeConfig},
	rpc::Rpc,
	state,
	tx::{self, carry_out, remark, transfer, Account, Chain, Terms},
	wait, Error, Network, Result,
};
use sp_core::{Bytes, H256};
use sp_runtime::ApplyExtrinsicResult;
use std::{net::SocketAddr, path::Path, time::Duration};

/// The code of the error of a method that is not for everybody.
const UNSAFE: i32 = -32601;

/// A node that makes blocks by itself.
async fn alone(args: &[&str]) -> Result<Network> {
	let mut network = Network::empty(Wiring::Direct, 1)?;
	let mut config = NodeConfig::new("alone")?.with_args(args.iter().copied());
	config.chain = "dev".into();
	config.account = Some("alice".into());
	config.validator = true;
	config.args.push("--force-authoring".into());
	let node = network.start_node(config)?;
	network.node_mut(node).ready().await?;
	Ok(network)
}

/// A browser that shows a page of this origin, or another program if there is none.
async fn page(address: SocketAddr, origin: Option<&str>) -> Result<WsClient> {
	let mut headers = HeaderMap::new();
	if let Some(origin) = origin {
		headers.insert("origin", HeaderValue::from_str(origin)?);
	}
	Ok(WsClientBuilder::default()
		.set_headers(headers)
		.build(format!("ws://{address}"))
		.await?)
}

/// Whether it may call a method that is not for everybody.
async fn may_do_all(client: &WsClient) -> Result<bool> {
	let name: String = client.request("system_chain", rpc_params![]).await?;
	ensure!(!name.is_empty(), "what is for everybody is for pages, too");
	let called: std::result::Result<Value, _> = client.request("author_hasKey", rpc_params!["0x00", "poca"]).await;
	match called {
		Ok(_) => Ok(true),
		Err(jsonrpsee::core::client::Error::Call(error)) if error.code() == UNSAFE => Ok(false),
		Err(error) => Err(error.into()),
	}
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_foreign_page_is_not_let_in() {
	let name = "a_foreign_page_is_not_let_in";
	wait::bounded_beside_another(name, seconds(60), async {
		let mut network = Network::empty(Wiring::Direct, 1)?;
		let node = network.start_node(NodeConfig::new("followed")?)?;
		network.node_mut(node).ready().await?;
		let address = network.node(node).config().rpc;
		for (origin, allowed) in [
			(None, true),
			(Some("http://localhost:3000"), true),
			(Some("http://localhost"), true),
			(Some("https://polkadot.js.org"), true),
			(Some("https://evil.example"), false),
			(Some("http://localhost.evil.example"), false),
			(Some("http://localhost:3000.evil.example"), false),
			(Some("null"), false),
		] {
			let opened = page(address, origin).await;
			if allowed {
				ensure!(may_do_all(&opened?).await?, "{origin:?} may not call everything");
				continue;
			}
			let refused = opened.err().map(|error| format!("{error:?}"));
			ensure!(
				refused.as_ref().is_some_and(|error| error.contains("403")),
				"{origin:?} is not let in: {refused:?}"
			);
		}
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_dry_run_takes_a_transaction_that_was_signed_on_the_best_block() {
	let name = "a_dry_run_takes_a_transaction_that_was_signed_on_the_best_block";
	wait::bounded_beside_another(name, seconds(60), async {
		let network = alone(&[]).await?;
		let rpc = network.rpc(0)?.clone();
		network.watch(0).await?.until_more_final(3, seconds(20)).await?;
		let (chain, alice, bob) = (Chain::of(&rpc).await?, Account::dev("//Alice"), Account::dev("//Bob"));
		let run = |nonce, at: Option<H256>, birth| {
			let transaction = chain.sign_on(&alice, nonce, transfer(bob.id(), 1), Terms { tip: 0, birth });
			let rpc = rpc.clone();
			async move {
				let answer: Bytes = rpc.call("system_dryRun", rpc_params![Bytes(transaction), at]).await?;
				Ok::<_, Error>(ApplyExtrinsicResult::decode(&mut &answer[..])?)
			}
		};
		for _ in 0..3 {
			let best = rpc.header(None).await?;
			let birth = Some((best.number, best.hash()));
			let result = run(0, Some(best.hash()), birth).await?;
			ensure!(matches!(result, Ok(Ok(()))), "signed on the best block: {result:?}");
		}
		let result = run(0, None, None).await?;
		ensure!(matches!(result, Ok(Ok(()))), "immortal: {result:?}");
		let result = run(5, None, None).await?;
		ensure!(result.is_err(), "of a later nonce: {result:?}");
		network.finish().await
	})
	.await;
}

/// Signs and submits what fits into a pool, one after the other: what it took, and the first that it refused.
async fn fill(rpc: &Rpc, chain: &Chain, account: &Account) -> Result<(Vec<Bytes>, Vec<u8>)> {
	const BYTES: usize = 100_000;
	let mut taken = Vec::new();
	for nonce in 0..100 {
		let transaction = chain.sign(account, nonce, remark(vec![nonce as u8; BYTES]));
		if rpc.submit(&transaction).await.is_err() {
			return Ok((taken, transaction));
		}
		taken.push(Bytes(transaction));
	}
	Err(Error::new("the pool is never full"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_full_pool_refuses_the_newcomer_and_keeps_the_others() {
	let name = "a_full_pool_refuses_the_newcomer_and_keeps_the_others";
	wait::bounded_beside_another(name, seconds(120), async {
		// Nobody makes blocks, so that what is in the pool stays there.
		let mut network = Network::empty(Wiring::Direct, 1)?;
		let config = NodeConfig::new("followed")?.with_args(["--pool-kbytes", "2048"]);
		let node = network.start_node(config)?;
		let rpc = network.node_mut(node).ready().await?;
		let waiting = || async { rpc.call::<Vec<Bytes>>("author_pendingExtrinsics", rpc_params![]).await };
		let (chain, alice, bob) = (Chain::of(&rpc).await?, Account::dev("//Alice"), Account::dev("//Bob"));
		let (taken, refused) = fill(&rpc, &chain, &alice).await?;
		ensure!(taken.len() >= 15, "only {} fit", taken.len());
		ensure!(waiting().await? == taken, "what was taken stays");

		// The same again is refused again, and not banned.
		let again = rpc.submit(&refused).await.expect_err("there is no room");
		ensure!(again.to_string().contains("Immediately Dropped"), "{again}");
		ensure!(waiting().await? == taken, "what was taken stays");

		// What pays more takes the place of the last ones alone.
		let terms = Terms {
			tip: 1_000_000_000_000,
			birth: None,
		};
		let better = chain.sign_on(&bob, 0, remark(vec![1; 100_000]), terms);
		rpc.submit(&better).await?;
		let left = waiting().await?;
		ensure!(left.contains(&Bytes(better)), "it pays more");
		let gone = taken.iter().filter(|transaction| !left.contains(transaction));
		ensure!(gone.eq(taken.last()), "more than the last one had to go");
		network.finish().await
	})
	.await;
}

/// Runs a command on a node's stored blocks: whether it succeeded, and what it said.
fn command(args: &[&str], node: &Node) -> Result<(Option<i32>, String)> {
	command_at(args, &node.config().chain, node.base_path())
}

/// The same on the blocks of this chain below this path.
fn command_at(args: &[&str], chain: &str, base_path: &Path) -> Result<(Option<i32>, String)> {
	let base_path = base_path.display().to_string();
	let place = ["--chain", chain, "--base-path", &base_path];
	let output = run_to_end(&[args, &place[..]].concat())?;
	let said = [output.stdout, output.stderr].concat();
	Ok((output.status.code(), String::from_utf8_lossy(&said).into_owned()))
}

/// The height of the last final block that a node has stored, which has ended.
fn last_final(node: &Node) -> Result<u64> {
	let base_path = node.base_path().display().to_string();
	let place = ["--chain", &node.config().chain, "--base-path", &base_path];
	let info: Value = serde_json::from_slice(&run_to_end(&[&["chain-info"], &place[..]].concat())?.stdout)?;
	let last = info["finalized_number"].as_u64();
	last.ok_or_else(|| Error::new(format!("no final block in {info}")))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn blocks_from_a_file_are_as_final_as_they_were_and_checks_execute() {
	let name = "blocks_from_a_file_are_as_final_as_they_were_and_checks_execute";
	wait::bounded_beside_another(name, seconds(240), async {
		let mut network = alone(&["--state-pruning", "16"]).await?;
		network.watch(0).await?.until_more_final(60, seconds(120)).await?;
		network.node_mut(0).stop().await?;
		let (file, copy) = (network.dir().join("blocks"), network.dir().join("copy"));
		let file = file.display().to_string();

		let (code, said) = command(&["export-blocks", "--binary", &file], network.node(0))?;
		ensure!(code == Some(0), "{said}");
		let (code, said) = command_at(&["import-blocks", "--binary", &file], "dev", &copy)?;
		ensure!(code == Some(0), "{said}");
		ensure!(!said.contains("Essential task"), "{said}");
		let (_, source) = command(&["chain-info"], network.node(0))?;
		let (_, copied) = command_at(&["chain-info"], "dev", &copy)?;
		let finalized = |said: &str| {
			let line = said.lines().find(|line| line.to_lowercase().contains("finalized"));
			line.map(str::to_string)
		};
		ensure!(
			finalized(&source).is_some() && finalized(&source) == finalized(&copied),
			"the source: {source}, the copy: {copied}"
		);

		// The last blocks can be executed again, and those whose states are gone cannot.
		let last = last_final(network.node(0))?;
		ensure!(last >= 60, "60 blocks were final, and the last one is {last}");
		let (code, said) = command(&["check-block", &last.to_string()], network.node(0))?;
		ensure!(code == Some(0) && said.contains("executed again"), "{said}");
		let (code, said) = command(&["check-block", "5"], network.node(0))?;
		ensure!(code == Some(1) && said.contains("--state-pruning"), "{said}");
		let (code, said) = command(&["check-block", "4000000"], network.node(0))?;
		ensure!(code == Some(1) && said.contains("4000000"), "{said}");
		let (code, said) = command(
			&["export-blocks", "--to", "4000000", "--binary", &file],
			network.node(0),
		)?;
		ensure!(code == Some(1) && said.contains("4000000"), "{said}");
		network.finish().await
	})
	.await;
}

/// The keys of an account on a chain of one's own, which is on no other.
const HOLDER: &str = "//Holder";

/// A network of one node that has made a chain, on which [`HOLDER`] has money, and has ended.
async fn ended_with_a_holder() -> Result<Network> {
	let mut network = alone(&[]).await?;
	let rpc = network.rpc(0)?.clone();
	let (alice, holder) = (Account::dev("//Alice"), Account::dev(HOLDER));
	carry_out(&rpc, &alice, transfer(holder.id(), 10 * UNITS), seconds(30)).await?;
	network.watch(0).await?.until_more_final(5, seconds(30)).await?;
	network.node_mut(0).stop().await?;
	Ok(network)
}

/// Forks what a node has left behind, by way of a file with its state: the specification of the fork, as a file.
fn fork_by_file(network: &Network) -> Result<String> {
	let place = |name: &str| network.dir().join(name).display().to_string();
	let (state, fork) = (place("state.json"), place("fork.json"));
	let base_path = network.node(0).base_path().display().to_string();
	let exported = run_to_end(&["export-state", "--chain", "dev", "--base-path", &base_path])?;
	ensure!(
		exported.status.success(),
		"{}",
		String::from_utf8_lossy(&exported.stderr)
	);
	std::fs::write(&state, exported.stdout)?;
	let forked = run_to_end(&["fork-state", &state, "--output", &fork])?;
	let said = String::from_utf8_lossy(&forked.stderr);
	ensure!(forked.status.success() && said.contains("1 (alice)"), "{said}");
	Ok(fork)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_fork_goes_on_with_accounts_and_eras_of_its_chain() {
	let name = "a_fork_goes_on_with_accounts_and_eras_of_its_chain";
	wait::bounded_beside_another(name, seconds(240), async {
		let mut network = ended_with_a_holder().await?;
		let chain = fork_by_file(&network)?;

		let mut config = NodeConfig::new("fork")?.validator("alice");
		config.chain.clone_from(&chain);
		let node = network.start_node(config)?;
		let rpc = network.node_mut(node).ready().await?;
		let named: String = rpc.call("system_chain", rpc_params![]).await?;
		ensure!(named.contains("forked after block"), "{named}");
		network.watch(node).await?.until_more_final(5, seconds(60)).await?;

		// What it had on the chain it has here.
		let (holder, heir) = (Account::dev(HOLDER), Account::dev("//Heir"));
		carry_out(&rpc, &holder, transfer(heir.id(), 4 * UNITS), seconds(30)).await?;
		let states = tx::states(&rpc, &[holder, heir], None).await?;
		ensure!(
			states[0].nonce == 1 && states[0].free > 5 * UNITS,
			"the holder: {states:?}"
		);
		ensure!(states[1].free == 4 * UNITS, "the heir: {states:?}");
		network.watch(node).await?.until_more_final(3, seconds(30)).await?;
		// Holds, sums and what each pallet knows of the others fit.
		state::assert_invariants(&rpc).await?;
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn what_a_node_has_is_forked_or_told_why_not() {
	let name = "what_a_node_has_is_forked_or_told_why_not";
	wait::bounded_beside_another(name, seconds(120), async {
		let network = ended_with_a_holder().await?;
		let fork = network.dir().join("fork.json").display().to_string();
		let args = ["fork-state", "--directors", "3", "--sudo", "--output", &fork];
		let (code, said) = command(&args, network.node(0))?;
		ensure!(code == Some(0) && said.contains("3 (alice, bob, charlie)"), "{said}");
		let spec: Value = serde_json::from_slice(&std::fs::read(&fork)?)?;
		let id = spec["id"].as_str().unwrap_or_default();
		ensure!(id.starts_with("smartchain_dev_fork_"), "{id}");
		ensure!(
			spec["bootNodes"] == Value::Array(Vec::new()) && spec["telemetryEndpoints"].is_null(),
			"it knows nobody"
		);

		let missing = run_to_end(&["fork-state", "no-such-file.json"])?;
		let said = String::from_utf8_lossy(&missing.stderr);
		ensure!(
			missing.status.code() == Some(1) && said.contains("export-state"),
			"{said}"
		);
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn an_export_names_the_first_block_that_is_missing() {
	wait::bounded_beside_another("an_export_names_the_first_block_that_is_missing", seconds(120), async {
		let mut network = alone(&["--blocks-pruning", "16", "--state-pruning", "16"]).await?;
		network.watch(0).await?.until_more_final(50, seconds(120)).await?;
		network.node_mut(0).stop().await?;
		let file = network.dir().join("blocks").display().to_string();
		for format in [&["--binary"][..], &[]] {
			let args = [&["export-blocks", "--from", "1", "--to", "40", &file][..], format].concat();
			let (code, said) = command(&args, network.node(0))?;
			ensure!(code == Some(1) && said.contains("block 1 is not here"), "{said}");
		}
		network.finish().await
	})
	.await;
}

/// Validators that keep little, and go on for a while.
async fn forgetful() -> Result<Network> {
	let plan = Plan {
		validators: 3,
		args: ["--blocks-pruning", "16", "--state-pruning", "64"]
			.map(Into::into)
			.into(),
		..Plan::default()
	};
	let network = Network::start(plan).await?;
	network.watch(0).await?.until_more_final(60, seconds(90)).await?;
	Ok(network)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_node_joins_peers_that_have_forgotten_the_past() {
	wait::bounded_beside_another("a_node_joins_peers_that_have_forgotten_the_past", seconds(240), async {
		let mut network = forgetful().await?;
		let args = ["--sync", "warp", "--warp-min-peers", "2", "-l", "sync=debug"];
		let joined = network.add_full_node("joined", &args).await?;
		let started = network.node(joined).log();
		wait::until("it to have warped", seconds(60), || async {
			Ok(started.all()?.contains("Warped to block").then_some(()))
		})
		.await?;
		// At first it has to catch up with what came meanwhile. The others are asked first: they go on in between.
		let heights = || async {
			let other = network.rpc(0)?.header(None).await?.number;
			Ok::<_, Error>((network.rpc(joined)?.header(None).await?.number, other))
		};
		wait::until("it to catch up", seconds(60), || async {
			let (own, other) = heights().await?;
			Ok((own + 6 >= other).then_some(()))
		})
		.await?;
		for second in 0..30 {
			tokio::time::sleep(Duration::from_secs(1)).await;
			let peers = network.rpc(joined)?.peers().await?;
			ensure!(peers >= 2, "{peers} peers after {second} s");
			let (own, other) = heights().await?;
			ensure!(own + 6 >= other, "at {own} after {second} s, others at {other}");
		}
		let log = network.node(joined).log().all()?;
		let empty = log.matches("sent an empty response for gap block request").count();
		ensure!(empty == 0, "{empty} empty answers");
		let told = log.matches("come without transactions").count();
		ensure!(told == 1, "told {told} times");
		// The headers are all here.
		let (own, other) = (
			network.rpc(joined)?.hash_at(5).await?,
			network.rpc(0)?.hash_at(5).await?,
		);
		ensure!(own.is_some() && own == other, "block 5: {own:?} there, {other:?} here");
		network.finish().await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_node_that_cannot_sync_in_full_says_why() {
	wait::bounded_beside_another("a_node_that_cannot_sync_in_full_says_why", seconds(240), async {
		let mut network = forgetful().await?;
		let joined = network.add_full_node("joined", &["-l", "sync=debug"]).await?;
		// The sync lets go of each of its peers, and of none of them for good: the next answer may take a minute.
		wait::until("it to say why", seconds(90), || async {
			let log = network.node(joined).log().all()?;
			Ok((log.contains("cannot go on from block 0") && log.contains("--sync warp")).then_some(()))
		})
		.await?;
		// It has no final block but genesis, on which nobody disagrees.
		network.node_mut(joined).kill();
		network.node_mut(joined).finish_dead();
		network.finish().await
	})
	.await;
}
