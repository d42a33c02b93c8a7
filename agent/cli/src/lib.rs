#![doc = include_str!("../README.md")]

mod computed;
mod earned;
mod parts;
mod stored;

pub use computed::{When, WorkCommand, WorkSet};
pub use earned::{ClaimArguments, EarningsArguments};
pub use parts::{
	BenchmarkArguments, DeviceCommand, EndpointsCommand, InitArguments, LinkCommand, PlotCommand, PlotCreate,
	PlotDelete, PlotVerify, Signing, WalletCommand, WalletSend,
};
pub use stored::{OfferCommand, OfferSet, SlotName, SlotsCommand, SlotsWhich, Switch};

use clap::{Args, Parser, Subcommand};
use smart_agent_config::Folder;
use smart_agent_terminal::{Colors, Terminal};
use std::{
	env,
	path::{Path, PathBuf},
};

const EXAMPLES: &str = "\
Examples:
  smart-agent init                      make keys, register this machine, enter the lotteries
  smart-agent plot create --fill        make as many plots as this machine holds
  smart-agent offer set --space 500GiB --ask 0.9/TiB-month
                                        sell storage
  smart-agent work set --ask 0.02/Gfuel --slots 2 --stake 50
                                        sell computing
  smart-agent run                       win, store, compute: what a service runs
  smart-agent status                    how it does
  smart-agent doctor                    what is wrong, and what to do

Exit codes: 0 done; 1 failed; 2 command line or configuration wrong; 3 no node reached; 4 not set up yet; 5 doctor \
	 found something wrong; 130 interrupted.
The environment: SMART_AGENT_DATA, SMART_AGENT_CONFIG, SMART_AGENT_PASSWORD_FILE stand for --data, --config and \
	 --password-file; `smart-agent init --print-config` names the variables of the configuration.";

/// Proves what this machine has - space, compute, uptime - to a SmartChain, stores and computes for others, and earns
/// with it.
#[derive(Debug, Parser)]
#[command(name = "smart-agent", version, after_help = EXAMPLES, max_term_width = 100, propagate_version = true)]
pub struct Cli {
	/// What holds for all commands.
	#[command(flatten)]
	pub common: Common,
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// Options of all commands.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Common {
	/// The data folder: keys, configuration, state [default: ~/.local/share/smart-agent]
	#[arg(long, global = true, value_name = "FOLDER")]
	pub data: Option<PathBuf>,
	/// The configuration [default: config.toml in the data folder]
	#[arg(long, global = true, value_name = "FILE")]
	pub config: Option<PathBuf>,
	/// A node to ask instead of those that are configured, as ws://HOST:PORT; may be given several times. `init` keeps
	/// those that answer
	#[arg(long = "node", global = true, value_name = "URL")]
	pub nodes: Vec<String>,
	/// Print facts as JSON
	#[arg(long, global = true)]
	pub json: bool,
	/// When to use colours
	#[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
	pub color: Colors,
}

impl Common {
	/// The data folder.
	pub fn folder(&self) -> Folder {
		let named = self.data.clone().or_else(|| variable("SMART_AGENT_DATA"));
		named.map_or_else(Folder::standard, Folder::new)
	}

	/// The configuration.
	pub fn config_file(&self, folder: &Folder) -> PathBuf {
		let named = self.config.clone().or_else(|| variable("SMART_AGENT_CONFIG"));
		named.unwrap_or_else(|| folder.config())
	}

	/// Where is written, and who is asked.
	pub fn terminal(&self) -> Terminal {
		Terminal::new(self.json, self.color)
	}
}

/// A path from the environment.
fn variable(name: &str) -> Option<PathBuf> {
	env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

impl Signing {
	/// Where the owner's password is, if it is in a file.
	pub fn password_path(&self) -> Option<PathBuf> {
		let named = self.password_file.as_deref().map(Path::to_owned);
		named
			.or_else(|| variable("SMART_AGENT_PASSWORD_FILE"))
			.or_else(|| smart_agent_keys::credential(smart_agent_keys::OWNER_CREDENTIAL))
	}
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Make keys, register this machine, enter the lotteries; run again, it goes on where it was
	Init(InitArguments),
	/// The owner's account: what it has, what is held and why, sending and receiving
	#[command(subcommand)]
	Wallet(WalletCommand),
	/// This machine as the chain knows it
	#[command(subcommand)]
	Device(DeviceCommand),
	/// Plots: making, listing, verifying, deleting
	#[command(subcommand)]
	Plot(PlotCommand),
	/// Win, store, compute: follow the chain, answer its lotteries and challenges until told to end
	#[command(after_help = "Examples:\n  smart-agent run\n  SMART_AGENT_LOG_LEVEL=debug smart-agent run")]
	Run,
	/// How this machine does: registered, scored, won, expected, and why not
	#[command(after_help = "Examples:\n  smart-agent status\n  smart-agent --json status | jq .problems")]
	Status,
	/// What the owner has earned, era by era: from what, why, what was missed, and what is to be claimed
	Earnings(EarningsArguments),
	/// Have the chain pay what was earned, after a quote and a question
	Claim(ClaimArguments),
	/// Sell storage: what is offered, and at what price
	#[command(subcommand)]
	Offer(OfferCommand),
	/// Slots of storage deals that this machine holds: how far they are, what they have earned
	#[command(args_conflicts_with_subcommands = true)]
	Slots {
		/// What to do with them; without it they are listed
		#[command(subcommand)]
		command: Option<SlotsCommand>,
	},
	/// Compute units of jobs for others: what is offered, at what price, and what came of it
	#[command(subcommand)]
	Work(WorkCommand),
	/// Have the agent that runs read slots as a whole now, and mend what has rotten
	#[command(after_help = "\
Examples:
  smart-agent scrub           all of them
  smart-agent scrub 17/3      slot 3 of deal 17")]
	Scrub(SlotsWhich),
	/// Look for what is wrong: disk, clock, ports, chain, funds, memory, plots, keys
	#[command(after_help = "Each line is ok, warn or fail, and says what to do. The exit code is 5 if one fails.")]
	Doctor,
	/// Measure looks, proofs, segments and plotting, and say what this machine can sell
	Benchmark(BenchmarkArguments),
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::{error::ErrorKind, CommandFactory};

	#[test]
	fn the_command_line_is_sound() {
		Cli::command().debug_assert();
	}

	#[test]
	fn every_command_says_what_it_does_and_gives_examples() {
		fn look(command: &clap::Command, path: &str) {
			for sub in command
				.get_subcommands()
				.filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
			{
				let path = format!("{path} {}", sub.get_name());
				assert!(sub.get_about().is_some(), "{path}");
				look(sub, &path);
				for argument in sub.get_arguments() {
					assert!(argument.get_help().is_some(), "{path} {argument}");
				}
			}
		}
		look(&Cli::command(), "smart-agent");
	}

	/// What docs/provider.md has people type: lines of its blocks, and spans within its text.
	fn typed(page: &str) -> Vec<String> {
		let (mut text, mut lines, mut is_block) = (String::new(), Vec::new(), false);
		for line in page.lines() {
			if line.starts_with("```") {
				is_block = !is_block;
			} else if is_block {
				let line = line.strip_prefix("runuser -u smart-agent -- ").unwrap_or(line);
				lines.extend(line.split('#').next().map(str::to_owned));
			} else {
				text.push_str(line);
				text.push(' ');
			}
		}
		lines.extend(text.split('`').skip(1).step_by(2).map(str::to_owned));
		lines.retain(|line| line.starts_with("smart-agent "));
		lines
	}

	#[test]
	fn what_the_page_for_providers_has_people_type_is_a_command_line() {
		let read = |page: &str| {
			let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
			typed(&std::fs::read_to_string(path).unwrap())
		};
		let (mut typed, computing) = (read("provider.md"), read("compute.md"));
		assert!(typed.len() > 40 && computing.len() > 5, "{typed:?} {computing:?}");
		typed.extend(computing);
		for line in typed {
			let words = line.split_whitespace().map(|word| match word {
				"COUNT" => "3",
				other => other,
			});
			// The bare name stands for the command as it was given before, or for all that begin so.
			let is_name = ["smart-agent plot create", "smart-agent work set"].contains(&line.trim());
			let is_group = line.trim() == "smart-agent work";
			match Cli::try_parse_from(words).map_err(|error| error.kind()) {
				Ok(_) | Err(ErrorKind::DisplayHelp) => (),
				Err(ErrorKind::MissingRequiredArgument) if is_name => (),
				Err(ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) if is_group => (),
				Err(other) => panic!("`{line}`: {other:?}"),
			}
		}
	}

	#[test]
	fn options_of_all_commands_may_stand_anywhere() {
		for line in ["smart-agent --json status", "smart-agent status --json"] {
			let cli = Cli::try_parse_from(line.split(' ')).unwrap();
			assert!(cli.common.json);
		}
		let cli = Cli::try_parse_from(["smart-agent", "status", "--data", "/data"]).unwrap();
		assert_eq!(cli.common.folder(), Folder::new("/data"));
		assert_eq!(
			cli.common.config_file(&cli.common.folder()),
			Path::new("/data/config.toml")
		);
	}
}
