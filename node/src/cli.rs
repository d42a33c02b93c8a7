//! The command line.

use crate::{
	fork::ForkStateCmd,
	next_runtime::{RuntimeInfoCmd, TryUpgradeCmd},
	verify_finality::VerifyFinalityCmd,
};
use sc_cli::RunCmd;
use smartchain_signing::Past;
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

	/// How many peers --sync warp waits for before it starts. A proof is as good from one as from many; several let the
	/// node ask one that is as far as most of them.
	#[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
	pub warp_min_peers: u16,

	/// The most kilobytes of transactions that a block of this node has.
	///
	/// The chain itself admits some 3,800. Each block has to reach its voters within its slot of half a second: 512 KiB
	/// suit an uplink of 100 Mbit/s. A single transaction that is larger, such as a new runtime, goes into a block of
	/// its own, once a turn.
	#[arg(long, value_name = "KILOBYTES", default_value_t = 512)]
	#[arg(value_parser = clap::value_parser!(u32).range(64..=5_120))]
	pub block_kbytes: u32,

	/// Keep compiled runtimes in this folder: a node that has run before starts some seconds sooner.
	///
	/// Without it each start compiles the runtime in force anew, for five seconds on two idle cores. What lies in the
	/// folder is run as it is, and nothing checks it: only the node may write there, on a disk that keeps what is
	/// written. Several nodes of one operator may share it. It may be removed at any time, and some 512 MB are kept at
	/// most.
	#[arg(long, value_name = "FOLDER")]
	pub compiled_runtimes: Option<PathBuf>,

	/// How to vote.
	#[command(flatten)]
	pub voter: VoterOptions,
}

/// Options of the voter.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Voting")]
pub struct VoterOptions {
	/// Start a new safety file if the old one is missing, damaged or wrong. With `=now` DANGEROUS: read on with --help.
	///
	/// A voter writes what it signs into its safety file before it sends it. A node whose file is damaged abstains: it
	/// cannot know what it would contradict. With this flag it starts a new file; the old one is kept beside it under
	/// another name. It votes again as soon as a block of a later slot than this start is final here, for then all that
	/// was forgotten lies below what is final. A node that finds no file at all waits in the same way, without this
	/// flag.
	///
	/// If so many voters have lost their files that nothing becomes final without them, nobody may wait.
	/// `--reset-voter-state=now` votes at once. The danger: signing against one's own earlier votes can break the
	/// chain's finality, is provable by anyone, and is punished. With a third of such voters and one that is dishonest
	/// two blocks may become final. Use it only if you are sure that (1) no other node uses this key, on whatever
	/// machine, and none will, (2) the old file is lost for good, and (3) this node has not signed anything for a
	/// minute. Give it once, and leave it out at the next start.
	#[arg(long, value_name = "now", value_enum)]
	#[arg(num_args = 0..=1, require_equals = true, default_missing_value = "final")]
	pub reset_voter_state: Option<Reset>,

	/// This node's voting key has signed nothing on this chain: vote at once although there is no safety file.
	///
	/// For a chain that starts: validators that come more than ten minutes after its first block, while nothing is
	/// final yet, would wait for finality that needs them. If the key has signed anything here, on whatever machine,
	/// this is as dangerous as `--reset-voter-state=now`. A safety file that is there counts, and this flag then
	/// changes nothing.
	#[arg(long, conflicts_with = "reset_voter_state")]
	pub never_signed: bool,

	/// The folder of the voter's safety file [default: `voter` beside the chain's database].
	///
	/// It must be on a disk that keeps what it has confirmed (no RAM disk, no network share), is never shared by two
	/// nodes, and belongs in no backup: an older copy put back is worse than none.
	#[arg(long, value_name = "FOLDER")]
	pub voter_state_path: Option<PathBuf>,
}

/// When a voter with a new safety file votes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Reset {
	/// As soon as all that was forgotten lies below what is final.
	#[value(hide = true)]
	Final,
	/// At once.
	Now,
}

impl VoterOptions {
	/// What the operator says of the past of this node's voting key.
	pub fn past(&self) -> Past {
		match (self.reset_voter_state, self.never_signed) {
			(Some(Reset::Final), _) => Past::Forgotten,
			(Some(Reset::Now), _) => Past::Risked,
			(None, true) => Past::NeverSigned,
			(None, false) => Past::InFile,
		}
	}
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

	/// Write a chain of one's own as a chain specification, which goes on from the state of another chain.
	///
	/// Its directors and voters are development accounts, whose keys everybody has; accounts, and all else, are the
	/// other chain's. To try upgrades on: docs/upgrade.md says what a fork has not.
	#[command(after_long_help = crate::fork::EXAMPLE)]
	ForkState(ForkStateCmd),

	/// Import blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Take back blocks that are not final.
	Revert(sc_cli::RevertCmd),

	/// Remove a chain's database. Keys and the voter's safety file stay.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Show the best, the final and the genesis block of a stored chain.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Check a proof that a block is final, offline: the file that poca_exportFinality answered, against the genesis of
	/// the chain.
	///
	/// Prints the block, its hash, the voter set and the number of changes of voters, or the first link that does not
	/// hold, and ends with 1 then. Nothing of the file is believed: every signature is checked, from the voters of
	/// genesis on.
	#[command(after_long_help = crate::verify_finality::EXAMPLE)]
	VerifyFinality(VerifyFinalityCmd),

	/// Run a new runtime's migrations and checks on the state of a running chain, in memory.
	///
	/// Prints what the migrations weigh and whether all state is sound, or why the runtime would be refused, and ends
	/// with 1 then. The chain is only read.
	TryUpgrade(TryUpgradeCmd),

	/// Print what a runtime in a file is: its hash, size and versions, and how it differs from what a chain runs.
	RuntimeInfo(RuntimeInfoCmd),
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
		assert!(cli.voter.past() == Past::Forgotten && cli.run.alice && cli.subcommand.is_none());
		assert_eq!(cli.voter.voter_state_path, Some("/x".into()));
		let plain = parse(&["--dev"]);
		assert!(plain.voter.past() == Past::InFile && plain.voter.voter_state_path.is_none());
		assert_eq!(parse(&["--reset-voter-state=now"]).voter.past(), Past::Risked);
		assert_eq!(parse(&["--never-signed"]).voter.past(), Past::NeverSigned);
		assert!(Cli::try_from_iter(["smartchain", "--never-signed", "--reset-voter-state"]).is_err());
		assert!(Cli::try_from_iter(["smartchain", "--reset-voter-state=sometimes"]).is_err());
		assert_eq!((plain.warp_min_peers, plain.block_kbytes), (3, 512));
		assert!(Cli::try_from_iter(["smartchain", "--block-kbytes", "1"]).is_err());
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
			&[
				"fork-state",
				"state.json",
				"--sudo",
				"--directors",
				"4",
				"--output",
				"fork.json",
			],
			&["fork-state", "--chain", "dev", "--base-path", "/x"],
			&["import-blocks"],
			&["revert", "1"],
			&["purge-chain", "-y"],
			&["chain-info"],
			&["verify-finality", "proof.json", "rest.json", "--chain", "dev"],
			&["try-upgrade", "--wasm", "next.wasm", "--checks", "none"],
			&["runtime-info", "next.wasm", "--against", "ws://127.0.0.1:9944"],
		] {
			assert!(parse(args).subcommand.is_some(), "{args:?}");
		}
		for args in [
			&["fork-state", "state.json", "--base-path", "/x"][..],
			&["fork-state", "state.json", "--directors", "5"],
			&["fork-state", "state.json", "--directors", "0"],
		] {
			assert!(
				Cli::try_from_iter([&["smartchain"], args].concat()).is_err(),
				"{args:?}"
			);
		}
	}
}
