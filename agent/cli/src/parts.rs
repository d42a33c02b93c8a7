//! What single commands take.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// How what the owner signs is unlocked and confirmed.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Signing")]
pub struct Signing {
	/// The owner's password is the first line of this file; otherwise it is asked for
	#[arg(long, value_name = "FILE")]
	pub password_file: Option<PathBuf>,
	/// Do not ask whether it is meant
	#[arg(long, short)]
	pub yes: bool,
}

/// Of `init`.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Examples:
  smart-agent init                                   asks what it has to know
  smart-agent init --phrase-file FILE                another machine of the same owner, or keys from a wallet
  smart-agent init --yes --faucet --password-file P  on a test chain, without a question
  smart-agent init --print-config > config.toml      a documented configuration

The account derives from the phrase as in other wallets; the device's key by //smart//device//NAME.
Interrupted anywhere, run it again: it goes on where it was.")]
pub struct InitArguments {
	/// Print a documented configuration, and do nothing else
	#[arg(long)]
	pub print_config: bool,
	/// Take the phrase from the first lines of this file instead of making one
	#[arg(long, value_name = "FILE", conflicts_with = "words")]
	pub phrase_file: Option<PathBuf>,
	/// How many words a new phrase has: 12, 15, 18, 21 or 24
	#[arg(long, value_name = "COUNT", value_parser = words)]
	pub words: Option<usize>,
	/// What this machine is called among those of the phrase [default: its host name]
	#[arg(long, value_name = "NAME")]
	pub device_name: Option<String>,
	/// Lock the device's key by the password in the first line of this file; `run` has to be given it, too
	#[arg(long, value_name = "FILE")]
	pub device_password_file: Option<PathBuf>,
	/// Segments of compute to claim, also later; 0 to stay out [default: half of what this machine was measured to do]
	#[arg(long, value_name = "COUNT")]
	pub segments: Option<u32>,
	/// Go on though an agent has won for this device lately: it runs nowhere else any more. --yes does not say that
	#[arg(long)]
	pub take_over: bool,
	/// On a test chain: have the account //Faucet send what is needed
	#[arg(long)]
	pub faucet: bool,
	/// Make keys and configuration, and ask no node
	#[arg(long, conflicts_with = "faucet")]
	pub offline: bool,
	/// How it is unlocked.
	#[command(flatten)]
	pub signing: Signing,
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
	/// The account's address
	Address,
	/// The address, as text and as a QR code
	Receive,
	/// Send STCI, after a quote and a question
	Send(WalletSend),
	/// What things cost: a device, its key, lotteries, a link, offers of storage and of computing
	Quote,
}

/// Of `wallet send`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart-agent wallet send 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY 1.5
  smart-agent wallet send 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY --all")]
pub struct WalletSend {
	/// To which address
	pub to: String,
	/// How much, such as 1.5
	#[arg(required_unless_present = "all", conflicts_with = "all")]
	pub amount: Option<String>,
	/// All but what keeps the account alive
	#[arg(long)]
	pub all: bool,
	/// How it is unlocked.
	#[command(flatten)]
	pub signing: Signing,
}

/// Of `device`.
#[derive(Clone, Debug, Subcommand)]
pub enum DeviceCommand {
	/// What the chain knows of this device
	Show,
	/// Its decentralized identifier
	Did,
	/// Whom it counts for
	#[command(subcommand)]
	Link(LinkCommand),
	/// It does not count for now, and wins nothing, until it is resumed
	Suspend(Signing),
	/// Lift that
	Resume(Signing),
	/// End its registration for good; its deposits come back
	Retire(Signing),
	/// Make the key of a new device in the place of one that was retired, revoked or struck; the old files are kept
	#[command(after_help = "\
Examples:
  smart-agent device renew laptop-2    then `smart-agent init`, which registers it

A key that was used never registers again, so the new device has another name. The old key, its journal and its history
are moved to the folder old-devices of the data folder; nothing is written over. Plots are of the device that they were
made for: delete them by `smart-agent plot delete --all`.")]
	Renew {
		/// The new device's name, which no device of this phrase had: small letters, digits, hyphens
		name: String,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// How others reach it
	#[command(subcommand)]
	Endpoints(EndpointsCommand),
}

/// Of `device link`.
#[derive(Clone, Debug, Subcommand)]
pub enum LinkCommand {
	/// Offer this device to a candidate, for a deposit; it counts from the era after the candidate accepts
	#[command(
		after_help = "Examples:\n  smart-agent device link offer 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
	)]
	Offer {
		/// The candidate's address
		candidate: String,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// Accept a device that is offered to this account
	#[command(after_help = "\
The candidate signs. If its account is not the one of this data folder, it accepts by any wallet: call
resourceProofs.acceptLink with the device's id, as `smart-agent device show` prints it.")]
	Accept {
		/// The device's id, 0x and 64 digits
		device: String,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// End a link, or an offer, at once; owner and candidate may
	End {
		/// The device's id, if it is another one that counts for this account
		device: Option<String>,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
}

/// Of `device endpoints`.
#[derive(Clone, Debug, Subcommand)]
pub enum EndpointsCommand {
	/// Tell the chain how this device is reached: what is given, or what is configured
	#[command(after_help = "\
Examples:
  smart-agent device endpoints set tcp://192.0.2.7:9977                         for storage
  smart-agent device endpoints set tcp://192.0.2.7:9977 tcp://192.0.2.7:9978    for storage and computing

What is given takes the place of all that was told before. Customers reach storage and computing over tcp.")]
	Set {
		/// At most four, each as tcp, quic, wss or https, with host and port
		endpoints: Vec<String>,
		/// How it is unlocked.
		#[command(flatten)]
		signing: Signing,
	},
	/// Tell the chain that it is not reached from outside
	Clear(Signing),
}

/// Of `plot`.
#[derive(Clone, Debug, Subcommand)]
pub enum PlotCommand {
	/// Make plots, and claim them
	Create(PlotCreate),
	/// All plots of this machine
	List,
	/// Read plots as a whole, and set aside what is damaged
	Verify(PlotVerify),
	/// Remove plots for good, and claim less before
	Delete(PlotDelete),
	/// Tell the chain how many plots are there: what `create` and `delete` do by themselves
	Claim(Signing),
}

/// Of `plot create`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart-agent plot create --fill                 as many of the largest size as fit
  smart-agent plot create --size 28 --count 100  100 plots of 0.93 GiB, those counted that are there already
  smart-agent plot create --size 18 --count 20   on a test chain

Ended early, by Ctrl-C or a power cut: the same command makes what is missing.")]
pub struct PlotCreate {
	/// Their size, from 18 to 28 and even [default: that of the plots that are there, else the largest that memory and
	/// disk allow, of 26 and 28]
	#[arg(long, value_name = "K")]
	pub size: Option<u8>,
	/// How many there are to be in the end
	#[arg(long, value_name = "COUNT", required_unless_present = "fill")]
	#[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
	pub count: Option<u32>,
	/// As many as disk and memory allow
	#[arg(long, conflicts_with = "count")]
	pub fill: bool,
	/// How much work an entry is; what a chain asks for rises with time
	#[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=16))]
	pub strength: u8,
	/// Cores that plotting takes [default: the configuration's]
	#[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
	pub cores: Option<u16>,
	/// Make the folder of plots with all above it, and even if it has held plots that are not there now
	#[arg(long)]
	pub make_folder: bool,
	/// Do not tell the chain; `smart-agent plot claim` does it later
	#[arg(long)]
	pub no_claim: bool,
	/// How it is unlocked.
	#[command(flatten)]
	pub signing: Signing,
}

/// Of `plot verify`.
#[derive(Clone, Debug, Args)]
pub struct PlotVerify {
	/// Files, as `plot list` names them; all of them if none is named
	pub names: Vec<String>,
}

/// Of `plot delete`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart-agent plot delete --last 10    the ten with the highest numbers, so that the others still count
  smart-agent plot delete --all
Claims count plots from number 0 on without a gap: after one that is missing none counts.")]
pub struct PlotDelete {
	/// Files, as `plot list` names them
	#[arg(required_unless_present_any = ["all", "last"])]
	pub names: Vec<String>,
	/// So many, from the highest number down
	#[arg(long, value_name = "COUNT", conflicts_with_all = ["names", "all"])]
	pub last: Option<usize>,
	/// All of them
	#[arg(long, conflicts_with = "names")]
	pub all: bool,
	/// Do not tell the chain
	#[arg(long)]
	pub no_claim: bool,
	/// How it is unlocked.
	#[command(flatten)]
	pub signing: Signing,
}

/// Of `benchmark`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  smart-agent benchmark\n  smart-agent benchmark --size 22 --folder /mnt/disk")]
pub struct BenchmarkArguments {
	/// The size of the plot that is made for it
	#[arg(long, value_name = "K", default_value_t = 18)]
	pub size: u8,
	/// On which disk: a folder in which a temporary one is made [default: where plots lie]
	#[arg(long, value_name = "FOLDER")]
	pub folder: Option<PathBuf>,
	/// Cores [default: the configuration's]
	#[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
	pub cores: Option<u16>,
}
