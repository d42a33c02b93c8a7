//! What single commands take.

use crate::config::Loss;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// A deal.
#[derive(Clone, Copy, Debug, Args)]
pub struct OfDeal {
	/// The number of the deal
	pub deal: u64,
}

/// Of `init`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Examples:
  smart init                                   asks what it has to know
  smart init --node ws://HOST:9944             asks this node, and writes it into the configuration
  smart init --phrase-file FILE                another machine of the same account, or keys from a wallet
  smart init --yes --faucet --password-file P  on a test chain, without a question
  smart init --print-config > config.toml      a documented configuration

The account derives from the phrase as in other wallets. Interrupted anywhere, run it again.")]
pub struct InitArguments {
	/// Print a documented configuration, and do nothing else
	#[arg(long)]
	pub print_config: bool,
	/// Take the phrase from this file instead of making one
	#[arg(long, value_name = "FILE", conflicts_with = "words")]
	pub phrase_file: Option<PathBuf>,
	/// How many words a new phrase has: 12, 15, 18, 21 or 24
	#[arg(long, value_name = "COUNT", value_parser = words)]
	pub words: Option<usize>,
	/// On a test chain: have the account //Faucet send some STCI
	#[arg(long)]
	pub faucet: bool,
	/// Do not wait for STCI to come
	#[arg(long)]
	pub no_wait: bool,
}

fn words(text: &str) -> Result<usize, String> {
	let count = text
		.parse()
		.ok()
		.filter(|count| smart_agent_keys::WORDS.contains(count));
	count.ok_or_else(|| "a phrase has 12, 15, 18, 21 or 24 words".into())
}

/// Of `wallet`.
#[derive(Clone, Debug, Subcommand)]
pub enum WalletCommand {
	/// What the account has, and what of it is held for what
	Balance,
	/// The account's address, and the code by which others share deals with it
	Address,
	/// The address, as text and as a QR code
	Receive,
	/// Send STCI, after a quote and a question
	Send(WalletSend),
}

/// Of `wallet send`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  smart wallet send 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY 1.5")]
pub struct WalletSend {
	/// To which address
	pub to: String,
	/// How much, such as 1.5
	pub amount: String,
}

/// Of `put`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart put ./photos --for 90d                     says the price, asks, stores
  smart put ./photos --for 1y --profile archive    4 of 12 slots bring all back
  smart put ./photos --for 90d --dry-run           the price, and nothing else
  smart put ./photos --for 90d --max-ask 1.2       pays 1.2 STCI a TiB and month at most
  smart put ./photos --for 90d --egress 0.2        and 0.2 STCI to pay devices for what they give out
  smart put ./photos                               goes on with what was interrupted

What is stored is encrypted on this machine. While it is on its way nobody may write to the folder.")]
pub struct PutArguments {
	/// The folder or file
	pub folder: PathBuf,
	/// For how long: 90d, 2w, 3m, 1y; not needed to go on with what was interrupted
	#[arg(long = "for", value_name = "TIME", value_parser = crate::units::eras)]
	pub eras: Option<u32>,
	/// How much loss it bears [default: as configured]
	#[arg(long, value_name = "PROFILE")]
	pub profile: Option<Loss>,
	/// The most that a device may ask, in STCI a TiB and month [default: what 95 of 100 tickets with room ask at
	/// most, up to twice what half of them do]
	#[arg(long, value_name = "STCI")]
	pub max_ask: Option<String>,
	/// Put in so many STCI to pay devices for what they give out, over all slots; what is left comes back [default:
	/// nothing, and each slot can be read twice a day]
	#[arg(long, value_name = "STCI")]
	pub egress: Option<String>,
	/// Say what it would cost, and do nothing
	#[arg(long)]
	pub dry_run: bool,
}

/// Of whatever reads deals whose devices are paid for what they give out.
#[derive(Clone, Debug, Default, Args)]
pub struct PayArguments {
	/// The most that devices are promised for what they give out, in STCI; nobody is asked then [default: asked, twice
	/// what is likely]
	#[arg(long, value_name = "STCI")]
	pub egress_most: Option<String>,
	/// The most that is promised of it for debts which this machine did not make, an equal share to each device of a
	/// deal: another machine of this account did, or somebody with whom the deal is shared [default: 0]
	#[arg(long, value_name = "STCI")]
	pub debts_most: Option<String>,
}

/// Of `top-up`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart top-up 17 0.01             over all slots of the deal
  smart top-up 17 0.01 --slot 3    for one of them

It pays devices for what they give out, by vouchers; what is left when the deal is closed goes to its owner. A deal \
	 for which nothing was put in is read for nothing, each slot twice a day; one for which something was, for money.")]
pub struct TopUpArguments {
	/// The number of the deal
	pub deal: u64,
	/// How much, such as 0.01
	pub amount: String,
	/// Only for this slot, from 0 on
	#[arg(long, value_name = "SLOT")]
	pub slot: Option<u8>,
}

/// Of `get`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart get 17 ./back
  smart get 17 ./back --path 2026/summer

The folder is made; one with something in it is taken only to go on where `get` was interrupted.")]
pub struct GetArguments {
	/// The number of the deal
	pub deal: u64,
	/// Where to
	pub folder: PathBuf,
	/// Only this file or folder of it
	#[arg(long, value_name = "PATH")]
	pub path: Option<String>,
	/// What is paid.
	#[command(flatten)]
	pub pay: PayArguments,
}

/// Of `cat`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart cat 17 2026/list.txt
  smart cat 17 film.mkv --range 0-1048575    the first MiB
  smart cat 17 log --range -1000             the last 1000 bytes")]
pub struct CatArguments {
	/// The number of the deal
	pub deal: u64,
	/// The file in it
	pub path: String,
	/// Which of its bytes: 0-99 (its ends count both), 100- or -50
	#[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
	pub range: Option<String>,
	/// What is paid.
	#[command(flatten)]
	pub pay: PayArguments,
}

/// Of `share`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart share 17 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY --code CODE

The code is what `smart wallet address` shows on the other's machine: keys are wrapped for it. Have it from whom it is \
	 of.")]
pub struct ShareArguments {
	/// The number of the deal
	pub deal: u64,
	/// The address of who may read
	pub address: String,
	/// The code that goes with it
	#[arg(long, value_name = "CODE")]
	pub code: String,
}

/// Of `unshare`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart unshare 17 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY

Devices do not serve the account any more. What it has read or whose key it has kept it keeps: for what is never to be \
	 read again, store it anew under another deal.")]
pub struct UnshareArguments {
	/// The number of the deal
	pub deal: u64,
	/// The address of who may no longer read
	pub address: String,
}

/// Of `extend`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  smart extend 17 --for 90d")]
pub struct ExtendArguments {
	/// The number of the deal
	pub deal: u64,
	/// For how much longer: 90d, 2w, 3m, 1y
	#[arg(long = "for", value_name = "TIME", value_parser = crate::units::eras)]
	pub eras: u32,
}

/// Of `rm`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  smart rm 17

A deal that has not begun gives back all but a quarter of its pay. Of one that has, a quarter of what is left for the \
	 time that was ordered first is gone, a part of it to its devices. What was stored is gone then.")]
pub struct RmArguments {
	/// The number of the deal
	pub deal: u64,
}

/// Of `verify`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart verify 17             reads all slots, which is k of n times the volume
  smart verify 17 --slot 3    one of them")]
pub struct VerifyArguments {
	/// The number of the deal
	pub deal: u64,
	/// Only this slot, from 0 on
	#[arg(long, value_name = "SLOT")]
	pub slot: Option<u8>,
	/// What is paid.
	#[command(flatten)]
	pub pay: PayArguments,
}

/// Of `restore`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart init --phrase-file FILE && smart restore ./all
  smart restore ./all --list          what there is, without a byte of it")]
pub struct RestoreArguments {
	/// Where to: each deal becomes a folder of its number in there
	pub folder: PathBuf,
	/// Say which deals there are and whether their keys open, and fetch nothing
	#[arg(long)]
	pub list: bool,
	/// What is paid.
	#[command(flatten)]
	pub pay: PayArguments,
}
