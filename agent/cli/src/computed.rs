//! What `work` takes.

use super::Signing;
use clap::{Args, Subcommand, ValueEnum};

/// Of `work`.
#[derive(Clone, Debug, Subcommand)]
pub enum WorkCommand {
	/// Offer computing, or change what is asked for it; jobs that there are keep their price
	Set(WorkSet),
	/// What this machine offers and has shown, by the chain's word, and the units that it has
	Show,
	/// Take no units any more. Those that it has it brings to their end: let the agent run until they are
	Stop(Signing),
	/// Put in more stake
	#[command(after_help = "Examples:\n  smart-agent work stake 50")]
	Stake {
		/// How much, such as 50
		amount: String,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// Have stake leave, which takes 28 eras; once they are over, run it again and it is paid. What answers for jobs
	/// stays
	#[command(
		after_help = "Examples:\n  smart-agent work unstake 50\n  smart-agent work unstake 0    pays what has left"
	)]
	Unstake {
		/// How much, such as 50
		amount: String,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// Have the chain pay what was earned, 32 jobs in each transaction
	Claim(Signing),
}

/// When units are begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
	/// Always
	Always,
	/// While other programs leave half of the processors alone
	Idle,
}

impl When {
	/// As it is written in the configuration.
	pub fn name(self) -> &'static str {
		match self {
			Self::Always => "always",
			Self::Idle => "idle",
		}
	}
}

/// Of `work set`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart-agent work set --ask 0.02/Gfuel --slots 2 --stake 50
  smart-agent work set --ask 0.015/Gfuel --slots 4 --memory 512MiB --when idle

What is asked is in STCI for a Gfuel, some half a second of one core. The device is drawn by what it has proven of its
speed: it has to be in the lottery of compute (`smart-agent init --segments`). A first offer has a deposit held beside
the stake, which `smart-agent wallet quote` tells. A job wants a stake of 200 times what it pays for a unit; whoever
says something else than others about a unit pays two such pays, and the second time all of its stake in that job.")]
pub struct WorkSet {
	/// What is asked, such as 0.02/Gfuel
	#[arg(long, value_name = "PRICE")]
	pub ask: String,
	/// Units that are run at a time
	#[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
	pub slots: u16,
	/// The memory that each of them may have, 4GiB at most
	#[arg(long, value_name = "BYTES", default_value = "1GiB")]
	pub memory: String,
	/// Stake that is put in besides, such as 50
	#[arg(long, value_name = "AMOUNT")]
	pub stake: Option<String>,
	/// When units are begun
	#[arg(long, value_name = "WHEN", default_value = "always")]
	pub when: When,
	/// How it is unlocked.
	#[command(flatten)]
	pub signing: Signing,
}
