//! What a node is not meant to understand: it says so, or drops it, and goes on.

use crate::seconds;
use smartchain_tests::{ensure, node, rng::Rng, wait, Error, Network, NodeConfig, Result, Wiring};
use std::{net::SocketAddr, path::Path, time::Duration};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

/// How long a node may take to answer a call.
const ANSWERED: Duration = seconds(20);

/// Sends bytes and takes whatever comes back, for at most a second.
async fn send(address: SocketAddr, bytes: &[u8]) -> Result<()> {
	let mut stream = TcpStream::connect(address).await?;
	let mut answer = Vec::new();
	// The node may close the connection at any point, and that is fine.
	let _ = stream.write_all(bytes).await;
	let _ = tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut answer)).await;
	Ok(())
}

/// Calls a node over HTTP, and waits until it says something of an error.
async fn error_of(address: SocketAddr, body: &str) -> Result<()> {
	let mut stream = TcpStream::connect(address).await?;
	stream.write_all(&request(address, body.as_bytes())).await?;
	let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
	let said = async {
		// The connection stays open after the answer.
		while !String::from_utf8_lossy(&answer).contains("error") {
			match stream.read(&mut piece).await? {
				0 => return Ok(false),
				count => answer.extend_from_slice(&piece[..count]),
			}
		}
		Ok::<_, Error>(true)
	};
	let said = tokio::time::timeout(ANSWERED, said).await;
	ensure!(
		matches!(said, Ok(Ok(true))),
		"no error for {body}: {}",
		String::from_utf8_lossy(&answer)
	);
	Ok(())
}

/// Calls of which each has to be answered by an error.
const BAD_CALLS: [&str; 9] = [
	"{",
	"[]",
	"null",
	r#"{"jsonrpc":"2.0","id":1,"method":"no_such"}"#,
	r#"{"jsonrpc":"2.0","id":1,"method":"author_submitExtrinsic","params":["0x00"]}"#,
	r#"{"jsonrpc":"2.0","id":1,"method":"author_submitExtrinsic","params":["0xzz"]}"#,
	r#"{"jsonrpc":"2.0","id":1,"method":"poca_proveFinality","params":["x"]}"#,
	r#"{"jsonrpc":"2.0","id":1,"method":"poca_proveFinality","params":[4294967295]}"#,
	r#"{"jsonrpc":"2.0","id":1,"method":"state_call","params":["Core_execute_block","0xffffffff"]}"#,
];

/// A call over HTTP.
fn request(address: SocketAddr, body: &[u8]) -> Vec<u8> {
	let length = body.len();
	let kind = "Content-Type: application/json";
	let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n");
	[head.as_bytes(), body].concat()
}

/// What is sent to which of a node's ports.
fn attacks(random: &mut Rng, [p2p, rpc, metrics]: [SocketAddr; 3]) -> Vec<(SocketAddr, Vec<u8>)> {
	// The first words of the p2p protocol, so that what follows reaches deeper layers.
	let multistream = b"\x13/multistream/1.0.0\n";
	let noise = b"\x13/multistream/1.0.0\n\x07/noise\n";
	let upgrade = format!(
		"GET / HTTP/1.1\r\nHost: {rpc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
		 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	);
	let mut attacks = Vec::new();
	for _ in 0..8 {
		let length = 1 + random.below(60_000) as usize;
		let garbage = random.bytes(length);
		for head in [&b""[..], multistream, noise] {
			attacks.push((p2p, [head, &garbage].concat()));
		}
		for head in [&b""[..], upgrade.as_bytes()] {
			attacks.push((rpc, [head, &garbage].concat()));
		}
		attacks.push((rpc, request(rpc, &garbage)));
		attacks.push((metrics, garbage));
	}
	// A length that is a lie, and headers without an end.
	let lie = format!("POST / HTTP/1.1\r\nHost: {rpc}\r\nContent-Length: 99999999999999\r\n\r\n{{");
	attacks.push((rpc, lie.into_bytes()));
	let endless = [&b"GET / HTTP/1.1\r\n"[..], &b"X: y\r\n".repeat(10_000)].concat();
	attacks.push((rpc, endless));
	attacks
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn garbage_on_its_ports_does_not_disturb_a_node() {
	wait::bounded("garbage_on_its_ports_does_not_disturb_a_node", seconds(120), async {
		let seed = Rng::seed_from_env();
		eprintln!("replay this run's choices with SMARTCHAIN_TEST_SEED={seed}");
		let mut random = Rng::new(seed);
		let mut network = Network::empty(Wiring::Direct, 0)?;
		let mut config = NodeConfig::new("target")?.validator("alice");
		config.chain = "dev".to_string();
		let (p2p, rpc_address, metrics) = (config.p2p, config.rpc, config.metrics);
		network.start_node(config)?;
		network.ready().await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(4, seconds(30)).await?;

		for body in BAD_CALLS {
			error_of(rpc_address, body).await?;
		}
		let attacks = attacks(&mut random, [p2p, rpc_address, metrics]);
		let count = attacks.len();
		futures::future::try_join_all(attacks.iter().map(|(address, bytes)| send(*address, bytes))).await?;
		eprintln!("{count} pieces of garbage sent");

		ensure!(network.node_mut(0).exit_status()?.is_none(), "the node died of it");
		watcher.until_more_final(8, seconds(30)).await?;
		network.finish().await
	})
	.await;
}

/// Starts a node that is not meant to start, and returns what it says.
async fn refuses(dir: &Path, spec: &Path) -> Result<String> {
	let config = NodeConfig::new("refuses")?;
	let (rpc_port, port) = (config.rpc.port().to_string(), config.p2p.port().to_string());
	let (dir, spec) = (dir.join("data").display().to_string(), spec.display().to_string());
	let mut command = tokio::process::Command::new(node::binary()?);
	command.args([
		"--chain",
		&spec,
		"--base-path",
		&dir,
		"--rpc-port",
		&rpc_port,
		"--port",
		&port,
		"--no-prometheus",
	]);
	command.args(["--no-mdns", "--no-telemetry"]).kill_on_drop(true);
	let output = tokio::time::timeout(Duration::from_secs(30), command.output())
		.await
		.map_err(|_| Error::new(format!("the node runs with the chain spec {spec}")))??;
	let said = format!(
		"{}{}",
		String::from_utf8_lossy(&output.stdout),
		String::from_utf8_lossy(&output.stderr)
	);
	ensure!(
		!output.status.success(),
		"the node ended with success on {spec}: {said}"
	);
	ensure!(!said.contains("panicked"), "the node panicked over {spec}: {said}");
	Ok(said)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn damaged_chain_specs_get_a_clear_error() {
	wait::bounded("damaged_chain_specs_get_a_clear_error", seconds(120), async {
		let dir = tempfile::tempdir()?;
		let good = node::run_to_end(&["export-chain-spec", "--chain", "local", "--raw"])?;
		ensure!(
			good.status.success(),
			"export-chain-spec: {}",
			String::from_utf8_lossy(&good.stderr)
		);
		let good = String::from_utf8(good.stdout)?;
		let damaged = [
			("empty", String::new()),
			("truncated", good[..good.len() / 2].to_string()),
			("not-json", "this is no chain spec".to_string()),
			("other-json", "[1, 2, 3]".to_string()),
			("no-genesis", good.replacen("\"genesis\"", "\"exodus\"", 1)),
			("no-code", good.replacen("\"0x3a636f6465\"", "\"0x3a636f6466\"", 1)),
			(
				"damaged-code",
				good.replacen("\"0x3a636f6465\": \"0x", "\"0x3a636f6465\": \"0xdead", 1),
			),
			(
				"bad-hex",
				good.replacen("\"0x3a636f6465\": \"0x", "\"0x3a636f6465\": \"0xzz", 1),
			),
		];
		for (name, text) in damaged {
			ensure!(text != good, "{name}: nothing was damaged");
			let spec = dir.path().join(format!("{name}.json"));
			std::fs::write(&spec, text)?;
			let said = refuses(dir.path(), &spec).await?;
			let last = said
				.lines()
				.rev()
				.find(|line| !line.trim().is_empty())
				.unwrap_or_default()
				.to_string();
			eprintln!("{name}: {last}");
			ensure!(
				said.contains("rror"),
				"{name}: the node says nothing of an error: {said}"
			);
		}
		let said = refuses(dir.path(), &dir.path().join("no-such-file.json")).await?;
		ensure!(
			said.contains("no-such-file.json") || said.contains("No such file"),
			"{said}"
		);
		Ok(())
	})
	.await;
}
