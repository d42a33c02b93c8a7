//! The command line as it is written.

mod parts;

pub use parts::{
	CatArguments, ExtendArguments, GetArguments, InitArguments, OfDeal, PayArguments, PutArguments, RestoreArguments,
	RmArguments, ShareArguments, TopUpArguments, UnshareArguments, VerifyArguments, WalletCommand, WalletSend,
};

use clap::{Args, Parser, Subcommand};
use smart_agent_terminal::{Colors, Terminal};
use smart_jobs::cli::JobCommand;
use std::{env, path::PathBuf};

const EXAMPLES: &str = "\
Examples:
  smart init                          make keys, or take a phrase; once
  smart put ./photos --for 90d        price first, then a question, then a bar a slot
  smart ls                            the deals of this account
  smart status 17                     its slots: who holds each, last proof, repairs
  smart get 17 ./back                 everything; --path 2026/ brings a part
  smart share 17 5Grw... --code ...   somebody else may read it from now on
  smart restore ./all                 on another machine, from the seed phrase: every deal's data
  smart job run ray.wasm --units 64   others compute; price first, then a question, then a bar a unit

Whatever is interrupted goes on where it was: run the same again.
Exit codes: 0 done; 1 failed; 2 command line or configuration wrong; 3 no node or too few devices reached; 4 not set \
	 up yet; 5 verify or job found something wrong; 130 interrupted.
The environment: SMART_DATA, SMART_CONFIG, SMART_PASSWORD_FILE stand for --data, --config and --password-file.";

/// Stores folders with devices of people whom one does not know, and brings them back: encrypted here, spread over
/// several devices, watched and repaired by a SmartChain.
#[derive(Debug, Parser)]
#[command(name = "smart", version, after_help = EXAMPLES, max_term_width = 100, propagate_version = true)]
pub struct Cli {
	/// What holds for all commands.
	#[command(flatten)]
	pub common: Common,
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// Options of all commands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Common {
	/// The data folder: keys, configuration, what is on its way [default: ~/.local/share/smart]
	#[arg(long, global = true, value_name = "FOLDER")]
	pub data: Option<PathBuf>,
	/// The configuration [default: config.toml in the data folder]
	#[arg(long, global = true, value_name = "FILE")]
	pub config: Option<PathBuf>,
	/// A node to ask instead of those that are configured, as ws://HOST:PORT; may be given several times. `init` keeps
	/// it
	#[arg(long = "node", global = true, value_name = "URL")]
	pub nodes: Vec<String>,
	/// A file with the password of the account's key in its first line; otherwise it is asked for
	#[arg(long, global = true, value_name = "FILE")]
	pub password_file: Option<PathBuf>,
	/// Print facts as JSON
	#[arg(long, global = true)]
	pub json: bool,
	/// When to use colours
	#[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
	pub color: Colors,
	/// Do not ask whether it is meant
	#[arg(long, short, global = true)]
	pub yes: bool,
}

fn variable(name: &str) -> Option<PathBuf> {
	env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

impl Common {
	/// The data folder.
	pub fn folder(&self) -> PathBuf {
		let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
		let standard = || {
			let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
			data.unwrap_or_default().join("smart")
		};
		let named = self.data.clone().or_else(|| variable("SMART_DATA"));
		named.unwrap_or_else(standard)
	}

	/// The configuration.
	pub fn config_file(&self) -> PathBuf {
		let named = self.config.clone().or_else(|| variable("SMART_CONFIG"));
		named.unwrap_or_else(|| self.folder().join("config.toml"))
	}

	/// Where the password is, if it is in a file.
	pub fn password_path(&self) -> Option<PathBuf> {
		let named = self.password_file.clone().or_else(|| variable("SMART_PASSWORD_FILE"));
		named.or_else(|| smart_agent_keys::credential(smart_agent_keys::OWNER_CREDENTIAL))
	}

	/// Where is written, and who is asked.
	pub fn terminal(&self) -> Terminal {
		Terminal::new(self.json, self.color)
	}
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Make keys or take a phrase, and say which chain it is; run again, it changes nothing that is there
	Init(InitArguments),
	/// The account: what it has, its address, sending
	#[command(subcommand)]
	Wallet(WalletCommand),
	/// Store a folder or file
	Put(PutArguments),
	/// Bring back what a deal stores, or a part of it
	Get(GetArguments),
	/// Write one file of a deal, or a range of its bytes, to the standard output
	Cat(CatArguments),
	/// The deals of this account, or with a number what is in a deal
	#[command(after_help = "Examples:\n  smart ls\n  smart ls 17\n  smart ls --json")]
	Ls {
		/// List what is in this deal instead
		deal: Option<u64>,
		/// Deals that others share with this account, too: all deals of the chain are looked through
		#[arg(long, conflicts_with = "deal")]
		shared: bool,
		/// What is paid.
		#[command(flatten)]
		pay: PayArguments,
	},
	/// How a deal does: its slots, who holds each, last proof, repairs, money
	#[command(after_help = "Examples:\n  smart status 17\n  smart status 17 --json")]
	Status(OfDeal),
	/// Let another account read a deal
	Share(ShareArguments),
	/// Take that back, for the future
	Unshare(UnshareArguments),
	/// Pay for more time of a deal
	Extend(ExtendArguments),
	/// Put in more to pay devices of a deal for what they give out
	TopUp(TopUpArguments),
	/// End a deal: what is stored is given up
	Rm(RmArguments),
	/// Read every slot of a deal, and compare it with what the chain says
	Verify(VerifyArguments),
	/// Bring back the data of all deals of this account, into a folder a deal
	Restore(RestoreArguments),
	/// Have others compute: a program in many units, each run by several workers who have to agree
	#[command(subcommand)]
	Job(JobCommand),
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::{error::ErrorKind, CommandFactory};
	use std::path::Path;

	#[test]
	fn the_command_line_is_sound() {
		Cli::command().debug_assert();
	}

	#[test]
	fn every_command_and_option_says_what_it_does() {
		fn look(command: &clap::Command, path: &str) {
			for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
				let path = format!("{path} {}", sub.get_name());
				assert!(sub.get_about().is_some(), "{path}");
				look(sub, &path);
				for argument in sub.get_arguments() {
					assert!(argument.get_help().is_some(), "{path} {argument}");
				}
			}
		}
		look(&Cli::command(), "smart");
	}

	#[test]
	fn options_of_all_commands_may_stand_anywhere() {
		for line in ["smart --json status 17", "smart status 17 --json"] {
			assert!(Cli::try_parse_from(line.split(' ')).unwrap().common.json, "{line}");
		}
		let cli = Cli::try_parse_from(["smart", "ls", "--data", "/data"]).unwrap();
		assert_eq!(cli.common.folder(), Path::new("/data"));
		assert_eq!(cli.common.config_file(), Path::new("/data/config.toml"));
	}

	/// Lines of a page's blocks, and spans within its text, that begin with the program's name.
	fn typed(page: &str) -> Vec<String> {
		let (mut text, mut lines, mut is_block) = (String::new(), Vec::new(), false);
		for line in page.lines() {
			if line.starts_with("```") {
				is_block = !is_block;
			} else if is_block {
				lines.extend(line.split('#').next().map(str::to_owned));
			} else {
				text.push_str(line);
				text.push(' ');
			}
		}
		lines.extend(text.split('`').skip(1).step_by(2).map(str::to_owned));
		lines.retain(|line| line.starts_with("smart "));
		lines
	}

	/// Whether a line has words of commands only.
	fn is_bare_name(line: &str) -> bool {
		let mut command = Cli::command();
		line.split_whitespace().skip(1).all(|word| {
			let found = command.find_subcommand(word).cloned();
			let is_one = found.is_some();
			command = found.unwrap_or_default();
			is_one
		})
	}

	#[test]
	fn what_the_pages_for_users_have_people_type_are_command_lines() {
		let mut typed = Vec::new();
		for page in ["storage", "compute"] {
			let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/{page}.md"));
			let found = self::typed(&std::fs::read_to_string(path).unwrap());
			assert!(found.len() > 10, "{page}: {found:?}");
			typed.extend(found);
		}
		for line in typed {
			match Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.kind()) {
				Ok(_) | Err(ErrorKind::DisplayHelp) => (),
				// The bare name stands for the command as it was given before.
				Err(ErrorKind::MissingRequiredArgument | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand)
					if is_bare_name(&line) => {}
				Err(other) => panic!("`{line}`: {other:?}"),
			}
		}
	}
}
