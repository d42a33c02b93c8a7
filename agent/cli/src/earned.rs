//! What `earnings` and `claim` take.

use super::Signing;
use clap::Args;

/// Of `earnings`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart-agent earnings
  smart-agent earnings --eras 144            a day, of eras of ten minutes
  smart-agent --json earnings | jq .claimable")]
pub struct EarningsArguments {
	/// How many eras are shown, the latest first
	#[arg(long, value_name = "COUNT", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_008))]
	pub eras: u32,
}

/// Of `claim`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart-agent claim                          the 16 oldest eras, in one transaction
  smart-agent claim --all                    all that is worth its fee; of more than a week, the oldest eras first
  smart-agent claim --all --yes --password-file FILE

An era that brings less than its part of the fee stays, and nothing is sent that brings less than twenty times its fee.
What is lost with the era that runs goes out if it brings more than its fee.
What is in a claim that may be on its way is in no other one. An era that was seen to be claimed is claimed no more: if
it was not, for the node that said so was wrong, --again has it claimed.")]
pub struct ClaimArguments {
	/// All eras that the chain names at once, about a week of them, 16 in each transaction
	#[arg(long)]
	pub all: bool,
	/// Also eras that were claimed as far as is known here, and that the node says can be claimed
	#[arg(long)]
	pub again: bool,
	/// How it is unlocked.
	#[command(flatten)]
	pub signing: Signing,
}
