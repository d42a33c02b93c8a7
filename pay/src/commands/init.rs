//! `init`: keys, and a configuration that says which chain it is.

use super::{Code, Context, Failure};
use crate::cli::InitArguments;
use serde::Serialize;
use smart_agent_chain::{AccountId, Call, Chain, NodeUrl, PairSigner};
use smart_agent_keys::{self as keys, Cost, DeviceSecret, Keystore, Phrase};
use smart_pay_config::EXAMPLE;
use std::fs;

/// Words of a new phrase.
const WORDS: usize = 12;
/// Bytes of a phrase's file, at most.
const MOST_PHRASE: u64 = 1 << 10;
/// What the faucet sends, in STCI.
const FAUCET: u128 = 1_000;

/// What `init` has made, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Made {
	address: String,
	node: String,
	genesis: String,
	folder: String,
}

/// Makes what is not there yet.
///
/// # Errors
/// If a file cannot be written, or no node says which chain it is.
pub(super) async fn run(context: &Context, arguments: &InitArguments) -> Result<(), Failure> {
	let terminal = &context.terminal;
	if context.common.dry_run {
		terminal.say("It would make keystore.json, pay.key and config.toml in the data folder, and send nothing.");
		return Ok(());
	}
	keys::create_folder(&context.folder)?;
	let keystore = if context.keystore_file().exists() {
		context.keystore()?
	} else {
		make_keys(context, arguments)?
	};
	if !context.key_file().exists() {
		let phrase = unlocked(context, &keystore)?;
		DeviceSecret::derive(&phrase, &Context::device_name()?)?.create(&context.key_file(), None, Cost::default())?;
	}
	let chain = connect(context, arguments).await?;
	let genesis = format!("{:?}", chain.genesis());
	if !context.config_file.exists() {
		let text = configuration(context, arguments, &genesis);
		fs::write(&context.config_file, text)
			.map_err(|error| Failure::other(format!("cannot write {}: {error}", context.config_file.display())))?;
	}
	if arguments.faucet {
		ask_faucet(context, &chain, &keystore).await?;
	}
	let node = context.keys()?.hot.node_secret();
	let node = smart_pay_wire::Identity::new(node)
		.map_err(|error| Failure::other(error.to_string()))?
		.key();
	let made = Made {
		address: keystore.address().into(),
		node: node.iter().map(|byte| format!("{byte:02x}")).collect(),
		genesis,
		folder: context.folder.display().to_string(),
	};
	terminal.facts(&made, |_| {
		smart_agent_terminal::columns(&[
			("Account", made.address.clone()),
			("Node's key", made.node.clone()),
			("Chain", made.genesis.clone()),
			("Folder", made.folder.clone()),
		])
	});
	terminal.say("Now start the daemon: `smart-pay run`.");
	Ok(())
}

fn make_keys(context: &Context, arguments: &InitArguments) -> Result<Keystore, Failure> {
	let terminal = &context.terminal;
	let phrase = match &arguments.phrase_file {
		Some(path) => {
			let text = keys::read_private(path, MOST_PHRASE)?;
			Phrase::parse(&text).map_err(|error| Failure::new(Code::Usage, error.to_string()))?
		}
		None => {
			let phrase = Phrase::generate(WORDS)?;
			terminal.say("Write these words down. Whoever has them has the account and all channels;");
			terminal.say("without them a lost disk is lost money:");
			terminal.say(&format!("\n    {}\n", phrase.words()));
			phrase
		}
	};
	let password = match context.common.password_path() {
		Some(path) => keys::from_file(&path)?,
		None => terminal
			.new_password("Password of the account's key")
			.map_err(Failure::other)?,
	};
	Ok(Keystore::create(
		&context.keystore_file(),
		&phrase,
		&password,
		Cost::default(),
	)?)
}

fn unlocked(context: &Context, keystore: &Keystore) -> Result<Phrase, Failure> {
	let password = match context.common.password_path() {
		Some(path) => keys::from_file(&path)?,
		None => {
			let question = format!("Password of {}", keystore.address());
			context.terminal.password(&question).map_err(Failure::other)?
		}
	};
	Ok(keystore.unlock(&password)?)
}

async fn connect(context: &Context, arguments: &InitArguments) -> Result<Chain, Failure> {
	if arguments.nodes.is_empty() {
		return context.connect().await;
	}
	let mut urls = Vec::new();
	for url in &arguments.nodes {
		urls.push(url.parse::<NodeUrl>()?);
	}
	Ok(Chain::connect(&urls, context.config.genesis().map(Into::into)).await?)
}

/// The example with what is known.
fn configuration(context: &Context, arguments: &InitArguments, genesis: &str) -> String {
	let nodes = if arguments.nodes.is_empty() {
		&context.config.chain.nodes
	} else {
		&arguments.nodes
	};
	let nodes: Vec<String> = nodes.iter().map(|node| format!("\"{node}\"")).collect();
	let listen = arguments.listen.clone().unwrap_or_default();
	let url = arguments.url.clone().unwrap_or_default();
	let section = |text: &str, name: &str, lines: &[(&str, String)]| -> String {
		let mut of_it = false;
		let changed = text.lines().map(|line| {
			if line.starts_with('[') {
				of_it = line == format!("[{name}]");
			}
			let wanted = lines
				.iter()
				.find(|(key, _)| of_it && line.starts_with(&format!("{key} = ")));
			match wanted {
				Some((key, value)) => format!("{key} = {value}\n"),
				None => format!("{line}\n"),
			}
		});
		changed.collect()
	};
	let chain = [
		("nodes", format!("[{}]", nodes.join(", "))),
		("genesis", format!("\"{genesis}\"")),
	];
	let text = section(EXAMPLE, "chain", &chain);
	section(
		&text,
		"node",
		&[("listen", format!("\"{listen}\"")), ("url", format!("\"{url}\""))],
	)
}

async fn ask_faucet(context: &Context, chain: &Chain, keystore: &Keystore) -> Result<(), Failure> {
	if !chain.facts().test_chain {
		let why = format!(
			"{} is no test chain: nobody gives STCI away there; send some to {} instead",
			chain.facts().chain,
			keystore.address()
		);
		return Err(Failure::new(Code::NotReady, why));
	}
	let unit = 10u128.pow(u32::from(context.currency().decimals));
	let call = Call::Transfer {
		to: AccountId::new(keystore.account()),
		amount: unit.saturating_mul(FAUCET),
	};
	let mut progress = chain.send(&call, &PairSigner(keys::faucet()?)).await?;
	progress.finalized().await?;
	context.terminal.done(&format!("//Faucet has sent {FAUCET} STCI"));
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::Cli;
	use clap::Parser;
	use smart_pay_config::Config;

	#[test]
	fn the_configuration_that_is_written_is_read() {
		let cli = Cli::parse_from(["smart-pay", "--data", "/nowhere", "init"]);
		let context = Context::new(&cli.common).expect("defaults");
		let arguments = InitArguments {
			phrase_file: None,
			nodes: vec!["ws://10.0.0.7:9944".into()],
			listen: Some("0.0.0.0:9956".into()),
			url: Some("ws://203.0.113.7:9956".into()),
			faucet: false,
			print_config: false,
		};
		let genesis = format!("0x{}", "ab".repeat(32));
		let text = configuration(&context, &arguments, &genesis);
		let config = Config::parse(&text, &context.config_file).expect("it is right");
		assert_eq!(config.chain.nodes, ["ws://10.0.0.7:9944"]);
		assert_eq!(config.genesis(), Some([0xab; 32]));
		assert_eq!(config.node.listen, "0.0.0.0:9956");
		assert_eq!(config.node.url, "ws://203.0.113.7:9956");
	}
}
