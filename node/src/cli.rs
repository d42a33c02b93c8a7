//! The command line.

use crate::verify_finality::VerifyFinalityCmd;
use sc_cli::RunCmd;
use std::path::PathBuf;

/// What the node is asked to do. Without a subcommand it runs.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// Something else than running the node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run the node.
	#[command(flatten)]
	pub run: RunCmd,

	/// Does nothing: there are no such benchmarks here. Other Substrate nodes have the flag, and tools give it.
	#[arg(long, hide = true)]
	pub no_hardware_benchmarks: bool,

	/// How many peers --sync warp waits for before it starts. A proof is as good from one as from many; several let the node ask
	/// one that is as far as most of them.
	#[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
	pub warp_min_peers: u16,

	/// How to vote.
	#[command(flatten)]
	pub voter: VoterOptions,
}

/// Options of the voter.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Voting")]
pub struct VoterOptions {
	/// Vote although the safety file is missing or damaged. DANGEROUS: read on with --help.
	///
	/// A voter writes what it signs into its safety file before it sends it. Where that file is missing or damaged, and the key
	/// has signed before, the node abstains: it cannot know what it would contradict. With this flag it starts a new file and
	/// votes from the present slot on; a damaged file is kept beside it under another name.
	///
	/// The danger: signing against one's own earlier votes can break the chain's finality, is provable by anyone, and is
	/// punished. So use it only when you are sure that (1) no other node uses this key, on whatever machine, and none will, (2)
	/// the old file is lost for good, and (3) this node has not signed anything for a minute. Give it once, and leave
	/// it out at the next start. A new session key (author_rotateKeysWithOwner) needs no reset and risks nothing.
	#[arg(long)]
	pub reset_voter_state: bool,

	/// The folder of the voter's safety file [default: `voter` beside the chain's database].
	///
	/// It must be on a disk that keeps what it has confirmed (no RAM disk, no network share), is never shared by two
	/// nodes, and belongs into no backup: an older copy put back is worse than none.
	#[arg(long, value_name = "FOLDER")]
	pub voter_state_path: Option<PathBuf>,
}

/// What else the program does.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Make, inspect and insert keys. A validator needs `poca` (sr25519) and `pbft` (ed25519).
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Write a chain's specification as JSON, the form that nodes start from with --chain.
	#[command(alias = "build-spec")]
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Execute a stored block again and check it.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state at a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Import blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Take back blocks that are not final.
	Revert(sc_cli::RevertCmd),

	/// Remove a chain's database. Keys and the voter's safety file stay.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Show the best, the final and the genesis block of a stored chain.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Check a proof that a block is final, offline: the file that poca_exportFinality answered, against the genesis of the chain.
	///
	/// Prints the block, its hash, the voter set and the number of changes of voters, or the first link that does not hold, and
	/// ends with 1 then. Nothing of the file is believed: every signature is checked, from the voters of genesis on.
	#[command(after_long_help = crate::verify_finality::EXAMPLE)]
	VerifyFinality(VerifyFinalityCmd),
}

/// Shown below the help.
pub const EXAMPLES: &str = "\
Examples:
  A chain of one's own, forgotten at the end:
    smartchain --dev

  One of four directors on this machine (then --bob, --charlie, --dave with other ports and folders):
    smartchain --chain local --alice --base-path /tmp/alice --unsafe-force-node-key-generation

  A node that follows a chain:
    smartchain --chain testnet.json --base-path /var/lib/smartchain --name my-node

  A validator (its network key and its two session keys come first):
    TO='--chain testnet.json --base-path /var/lib/smartchain'
    smartchain key generate-node-key $TO
    smartchain key insert $TO --key-type poca --scheme sr25519 --suri FILE
    smartchain key insert $TO --key-type pbft --scheme ed25519 --suri FILE
    smartchain $TO --validator --name my-validator

  A node that joins without executing all blocks since genesis:
    smartchain --chain testnet.json --base-path /var/lib/smartchain --sync warp

  The JSON that others start from:
    smartchain export-chain-spec --chain local --raw --output local.json";

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;
	use sc_cli::SubstrateCli;

	fn parse(args: &[&str]) -> Cli {
		Cli::try_from_iter([&["smartchain"], args].concat()).expect("parses")
	}

	fn help() -> String {
		Cli::setup_command(Cli::command()).render_long_help().to_string()
	}

	#[test]
	fn the_command_line_is_sound() {
		Cli::setup_command(Cli::command()).debug_assert();
	}

	#[test]
	fn help_has_examples_dangers_and_no_foreign_protocol() {
		let help = help();
		for words in [
			"smartchain --dev",
			"--reset-voter-state",
			"The danger",
			"dev, local, testnet",
			"Support:",
		] {
			assert!(help.contains(words), "{words:?} is not in\n{help}");
		}
		assert!(!help.contains("--no-grandpa"), "{help}");
	}

	#[test]
	fn flags_mean_what_they_say() {
		let cli = parse(&[
			"--chain",
			"local",
			"--alice",
			"--no-hardware-benchmarks",
			"--reset-voter-state",
			"--voter-state-path",
			"/x",
		]);
		assert!(cli.voter.reset_voter_state && cli.run.alice && cli.subcommand.is_none());
		assert_eq!(cli.voter.voter_state_path, Some("/x".into()));
		let plain = parse(&["--dev"]);
		assert!(!plain.voter.reset_voter_state && plain.voter.voter_state_path.is_none());
		assert_eq!(plain.warp_min_peers, 3);
		assert_eq!(parse(&["--sync", "warp", "--warp-min-peers", "1"]).warp_min_peers, 1);
		assert!(Cli::try_from_iter(["smartchain", "--warp-min-peers", "0"]).is_err());
	}

	#[test]
	fn every_subcommand_parses() {
		assert!(matches!(
			parse(&["key", "generate"]).subcommand,
			Some(Subcommand::Key(_))
		));
		for name in ["export-chain-spec", "build-spec"] {
			let parsed = parse(&[name, "--chain", "local", "--raw"]).subcommand;
			assert!(matches!(parsed, Some(Subcommand::ExportChainSpec(_))));
		}
		for args in [
			&["check-block", "1"][..],
			&["export-blocks"],
			&["export-state"],
			&["import-blocks"],
			&["revert", "1"],
			&["purge-chain", "-y"],
			&["chain-info"],
			&["verify-finality", "proof.json", "rest.json", "--chain", "dev"],
		] {
			assert!(parse(args).subcommand.is_some(), "{args:?}");
		}
	}
}
