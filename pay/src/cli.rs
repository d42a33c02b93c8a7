//! The command line as it is written.

use clap::{Args, Parser, Subcommand};
use smart_agent_terminal::{Colors, Terminal};
use std::{
	env,
	path::{Path, PathBuf},
};

const EXAMPLES: &str = "\
Examples:
  smart-pay init                                make keys; once
  smart-pay run                                 the daemon: what a service runs
  smart-pay open KEY@ws://HOST:PORT --deposit 100    a channel with whose node has this key
  smart-pay invoice 0.001                       at the payee's: a text that asks for 0.001 STCI
  smart-pay pay INVOICE --times 1000            at the payer's
  smart-pay withdraw 7 20                       take 20 STCI out of channel 7, which stays open
  smart-pay close 7                             together with the partner; --alone if it is gone

Exit codes: 0 done; 1 failed; 2 command line or configuration wrong; 3 daemon or node not reached; 4 not set \
	 up yet; 5 doctor found something wrong.
The environment: SMART_PAY_DATA, SMART_PAY_CONFIG, SMART_PAY_PASSWORD_FILE stand for --data, --config and \
	 --password-file; SMART_PAY_LOG is the level of the daemon's log.";

const RELAYER_EXAMPLES: &str = "\
Examples:
  smart-pay relayer serve                                              on this machine, for what [relayer] says
  smart-pay relayer call --at http://HOST:9958 transfer ADDRESS 5 --dry-run
  smart-pay relayer call --at http://HOST:9958 transfer ADDRESS 5 --most-fee 0.01 --yes
  smart-pay relayer call --at http://HOST:9958 claim 4711 4712
  smart-pay relayer call --at http://HOST:9958 --spend 0 hex 0x0a03...

(What carries payments of others on is `smart-pay relay`.)";

const ORDER_EXAMPLES: &str = "\
Examples:
  smart-pay order offer order.toml --channel 7          at the payee's
  smart-pay order accept ORDER                          at the payer's; then `order pay ORDER --units N` as it counts
  smart-pay order bill ORDER --units 40                 at the payee's: the rest is paid, the deposit goes back
  smart-pay order arbitrate HASH                        at the arbiter's, if the payer is gone
  smart-pay order claim ORDER WORD                      at the payee's";

const HANDED_EXAMPLES: &str = "\
Examples:
  smart-pay export 7 --pay 1.5 -o pay.scpay     pays, as a file; at the partner's:
  smart-pay import pay.scpay -o receipt.scpay
  smart-pay export 7 --pay 1.5 --qr             the same as a QR on this terminal; at the partner's:
  zbarcam --raw --oneshot | smart-pay import - --qr
  smart-pay export 7 --pay 1.5 --nfc            as channel-7.ndef, which any program writes to an NFC tag";

const STREAM_EXAMPLES: &str = "\
Examples:
  smart-pay stream KEY --unit 0.0001 --steps 1000 --every 1s     for a quarter of an hour at most
  smart-pay stream 7 --unit 0.000001 --steps 100000 --every 10ms --ahead 16
  smart-pay stream KEY --unit 0.0001 --steps 1000 --dry-run       what it would cost, and can cost at worst
  smart-pay streams                                               those that run, at either end
  smart-pay streams --stop STREAM                                 ends one, at either end

Ctrl-C ends the stream: what was given is paid. If the command is killed the daemon goes on: end it by --stop.";

/// Pays and is paid in channels of a SmartChain: at once, for almost nothing, and without a network if need be.
#[derive(Debug, Parser)]
#[command(name = "smart-pay", version, after_help = EXAMPLES, max_term_width = 100, propagate_version = true)]
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
	/// The data folder: keys, configuration, channels [default: ~/.local/share/smart-pay]
	#[arg(long, global = true, value_name = "FOLDER")]
	pub data: Option<PathBuf>,
	/// The configuration [default: config.toml in the data folder]
	#[arg(long, global = true, value_name = "FILE")]
	pub config: Option<PathBuf>,
	/// Print facts as JSON
	#[arg(long, global = true)]
	pub json: bool,
	/// When to use colours
	#[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
	pub color: Colors,
	/// Say what would be done, what it costs and what can go wrong, and do nothing
	#[arg(long, global = true)]
	pub dry_run: bool,
	/// Do not ask whether it is right
	#[arg(long, short = 'y', global = true)]
	pub yes: bool,
	/// A file with the password of the account's key in its first line
	#[arg(long, global = true, value_name = "FILE")]
	pub password_file: Option<PathBuf>,
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
			data.unwrap_or_default().join("smart-pay")
		};
		self.data
			.clone()
			.or_else(|| variable("SMART_PAY_DATA"))
			.unwrap_or_else(standard)
	}

	/// The configuration.
	pub fn config_file(&self) -> PathBuf {
		let named = self.config.clone().or_else(|| variable("SMART_PAY_CONFIG"));
		named.unwrap_or_else(|| self.folder().join("config.toml"))
	}

	/// Where the password is, if it is in a file.
	pub fn password_path(&self) -> Option<PathBuf> {
		let named = self.password_file.as_deref().map(Path::to_owned);
		named
			.or_else(|| variable("SMART_PAY_PASSWORD_FILE"))
			.or_else(|| smart_agent_keys::credential(smart_agent_keys::OWNER_CREDENTIAL))
	}

	/// Where is written, and who is asked.
	pub fn terminal(&self) -> Terminal {
		Terminal::new(self.json, self.color)
	}
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Make keys and configuration; run again, it changes nothing that is there
	Init(InitArguments),
	/// The daemon: channels work as long as it runs
	Run,
	/// How the daemon does
	Status,
	/// The channels: what they hold, what can be paid, how far they are
	Channels,
	/// Open a channel: the money in it is for payments with this partner and through it
	Open(OpenArguments),
	/// Ask for a payment
	Invoice(InvoiceArguments),
	/// Pay an invoice, once or often
	Pay(PayArguments),
	/// Which ways an invoice could be paid over, and what relays take
	Routes {
		/// The invoice
		invoice: String,
	},
	/// Pay a partner step by step, as long as it gives something for it
	#[command(after_help = STREAM_EXAMPLES)]
	Stream(StreamArguments),
	/// The streams that are paid and taken here
	Streams {
		/// End this one, as its payer or its payee: what was given is paid
		#[arg(long, value_name = "STREAM")]
		stop: Option<String>,
	},
	/// Have something by the unit against a deposit, or offer it
	#[command(subcommand, after_help = ORDER_EXAMPLES)]
	Order(OrderCommand),
	/// Put more into a channel
	Deposit {
		/// The channel
		channel: u64,
		/// How much, in STCI
		amount: String,
	},
	/// Take money out of a channel that stays open, if the partner agrees: `smart-pay withdraw 7 20`
	Withdraw {
		/// The channel
		channel: u64,
		/// How much, in STCI
		amount: String,
	},
	/// Take another key for this side of a channel, if the partner agrees: `smart-pay rekey 7`. If the key file itself
	/// was copied, close instead: all keys derive from it
	Rekey {
		/// The channel
		channel: u64,
	},
	/// Say where the partner of a channel is reached, if that has changed or was lost
	Reach {
		/// The channel
		channel: u64,
		/// Key and address of the partner's node, as KEY@ws://HOST:PORT
		at: String,
	},
	/// Close a channel
	Close(CloseArguments),
	/// Hand something over to the partner of a channel without a network: as a file, a QR, or what an NFC tag has
	#[command(after_help = HANDED_EXAMPLES)]
	Export(ExportArguments),
	/// Take what was handed over
	#[command(after_help = HANDED_EXAMPLES)]
	Import(ImportArguments),
	/// Watch channels of others
	#[command(subcommand)]
	Tower(TowerCommand),
	/// Carry payments of others on
	#[command(subcommand)]
	Relay(RelayCommand),
	/// Send calls of others to the chain for a fee, or have own ones sent
	#[command(subcommand, after_help = RELAYER_EXAMPLES)]
	Relayer(RelayerCommand),
	/// Look for what is wrong, and say what to do
	Doctor,
	/// Write a file that with the phrase brings all channels back
	Backup {
		/// Where to
		file: PathBuf,
	},
	/// Bring channels back after the data was lost: from a backup, or from the chain and the phrase alone
	Recover {
		/// The backup
		backup: Option<PathBuf>,
	},
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
	/// A file with the phrase; a new one is made otherwise
	#[arg(long, value_name = "FILE")]
	pub phrase_file: Option<PathBuf>,
	/// A node of the chain [default: ws://127.0.0.1:9944]
	#[arg(long = "node", value_name = "URL")]
	pub nodes: Vec<String>,
	/// Where partners connect, such as 0.0.0.0:9956; without it, partners are called and never call
	#[arg(long, value_name = "ADDRESS")]
	pub listen: Option<String>,
	/// What partners are told, such as ws://203.0.113.7:9956
	#[arg(long, value_name = "URL")]
	pub url: Option<String>,
	/// On a test chain: have 1000 STCI sent to the account
	#[arg(long)]
	pub faucet: bool,
	/// Print the documented configuration, and do nothing
	#[arg(long)]
	pub print_config: bool,
}

/// `open`.
#[derive(Debug, Args)]
pub struct OpenArguments {
	/// Key and address of the partner's node, as KEY@ws://HOST:PORT: `smart-pay status` shows it there
	pub with: String,
	/// What is put in, in STCI
	#[arg(long, value_name = "STCI")]
	pub deposit: String,
	/// For how many ticks (half seconds) answers to a close count: the longer, the longer both may be away
	#[arg(long, value_name = "TICKS", default_value_t = 172_800)]
	pub window: u32,
}

/// `invoice`.
#[derive(Debug, Args)]
pub struct InvoiceArguments {
	/// For each payment, in STCI
	pub amount: String,
	/// For how long it can be paid, in seconds
	#[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
	pub lasts: u64,
	/// What it is for
	#[arg(long, default_value = "")]
	pub text: String,
}

/// `pay`.
#[derive(Debug, Args)]
pub struct PayArguments {
	/// The invoice
	pub invoice: String,
	/// How often it is paid
	#[arg(long, default_value_t = 1)]
	pub times: u32,
}

/// `stream`.
#[derive(Debug, Args)]
pub struct StreamArguments {
	/// The partner: the key of its node, as it is or as KEY@ws://HOST:PORT, its account, or the number of a channel
	pub node: String,
	/// What a step is worth, in STCI
	#[arg(long, value_name = "STCI")]
	pub unit: String,
	/// How many steps are given at most
	#[arg(long)]
	pub steps: u32,
	/// The time from one step to the next, such as 100ms, 1s or 5m
	#[arg(long, value_name = "TIME", default_value = "1s", value_parser = every)]
	pub every: u32,
	/// How many steps are given before the partner has said to have them: what is at risk
	#[arg(long, value_name = "STEPS", default_value_t = 1)]
	pub ahead: u16,
	/// What it is for
	#[arg(long, default_value = "")]
	pub text: String,
}

/// A time, in milliseconds.
fn every(text: &str) -> Result<u32, String> {
	let wrong = || format!("`{text}` is no time: write 100ms, 1s, 5m or 1h");
	let end = text.find(|character: char| !character.is_ascii_digit());
	let (number, unit) = text.split_at(end.ok_or_else(wrong)?);
	let factor = match unit {
		"ms" => 1,
		"s" => 1_000,
		"m" => 60_000,
		"h" => 3_600_000,
		_ => return Err(wrong()),
	};
	let number: u32 = number.parse().map_err(|_| wrong())?;
	number.checked_mul(factor).ok_or_else(wrong)
}

/// `close`.
#[derive(Debug, Args)]
pub struct CloseArguments {
	/// The channel
	pub channel: u64,
	/// Alone, if the partner is gone: the money comes after the window
	#[arg(long)]
	pub alone: bool,
	/// Also if the partner has not said since the start what it holds. If this store is an old copy, ALL that is in the
	/// channel is lost
	#[arg(long, requires = "alone")]
	pub i_know_this_store_is_the_newest: bool,
	/// Alone, though the data is lost and the partner is silent: `smart-pay close 7 --recovery`. It takes eight
	/// windows, and 14 days at least; if more is owed than the store says, it costs 1 % of all that is in the channel
	#[arg(long, conflicts_with = "alone")]
	pub recovery: bool,
}

/// `export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
	/// The channel
	pub channel: u64,
	/// Pay so much first, in STCI
	#[arg(long, value_name = "STCI")]
	pub pay: Option<String>,
	/// How it is handed over.
	#[command(flatten)]
	pub handed: HandedOver,
}

/// `import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
	/// The file, of whichever kind; or what a QR says, which begins with SCPAY1:; or - for the standard input
	pub what: PathBuf,
	/// Take a payment though less than a fifth of the window is left to reach the chain: the partner may have closed on
	/// an older state
	#[arg(long)]
	pub late: bool,
	/// How the answer is handed over.
	#[command(flatten)]
	pub handed: HandedOver,
}

/// How something is handed over.
#[derive(Debug, Args)]
pub struct HandedOver {
	/// Where it is written [default of export: channel-N.scpay]
	#[arg(long, short, value_name = "FILE")]
	pub output: Option<PathBuf>,
	/// Show it as a QR instead
	#[arg(long, conflicts_with_all = ["output", "nfc"])]
	pub qr: bool,
	/// Write what an NFC tag is given: an NDEF message [default: channel-N.ndef]
	#[arg(long)]
	pub nfc: bool,
}

/// `tower`.
#[derive(Debug, Subcommand)]
pub enum TowerCommand {
	/// What others write into their configuration to be watched by this program
	Show,
	/// Make the account a tower with a bond, which covers what it signs
	Register {
		/// The bond, in STCI
		bond: String,
	},
}

/// `relay`.
#[derive(Debug, Subcommand)]
pub enum RelayCommand {
	/// Whether payments are carried on, and for what
	Show,
	/// Say on chain where this node is reached, so that others find it
	Announce,
	/// Take that back
	Withdraw,
}

/// `order`.
#[derive(Debug, Subcommand)]
pub enum OrderCommand {
	/// As the payee: offer what a file says to the partner of a channel
	Offer {
		/// The file, such as order.toml; `order example` prints one
		file: PathBuf,
		/// The channel
		#[arg(long)]
		channel: u64,
	},
	/// Print an order.toml
	Example,
	/// As the payer: accept what was offered; the deposit is locked
	Accept {
		/// The order
		order: String,
	},
	/// As the payer: the meter has counted so many units in all
	Pay {
		/// The order
		order: String,
		/// How many
		#[arg(long)]
		units: u32,
	},
	/// As the payee: the meter has counted so many units in all, which is the bill
	Bill {
		/// The order
		order: String,
		/// How many
		#[arg(long)]
		units: u32,
	},
	/// All orders, and how far they are
	Status,
	/// As the payee: take the deposit by the arbiter's word
	Claim {
		/// The order
		order: String,
		/// What the arbiter's `order arbitrate` printed
		word: String,
	},
	/// As an arbiter: sign that the deposit of an order is its payee's
	Arbitrate {
		/// The order's hash
		hash: String,
	},
	/// As an arbiter: the key that orders name
	Key,
}

/// `relayer`.
#[derive(Debug, Subcommand)]
pub enum RelayerCommand {
	/// Answer at relayer.listen: say what a call costs, and send what is signed and paid for
	Serve,
	/// Have a call of this account's sent: the relayer pays for the transaction, and is paid a fee
	Call(RelayedArguments),
}

/// `relayer call`.
#[derive(Debug, Args)]
pub struct RelayedArguments {
	/// The relayer, as http://HOST:PORT
	#[arg(long, value_name = "URL")]
	pub at: String,
	/// By how much the account may become less by the call, the fee not counted, in STCI [default: what the call sends]
	#[arg(long, value_name = "STCI")]
	pub spend: Option<String>,
	/// What the relayer may take at most, in STCI; needed with --yes
	#[arg(long, value_name = "STCI")]
	pub most_fee: Option<String>,
	/// The call
	#[command(subcommand)]
	pub call: RelayedCall,
}

/// A call that is relayed.
#[derive(Debug, Subcommand)]
pub enum RelayedCall {
	/// Send STCI to an account
	Transfer {
		/// Its address
		to: String,
		/// How much, in STCI
		amount: String,
	},
	/// Claim what this account has earned
	Claim {
		/// In which eras, at most 16
		#[arg(required = true, num_args = 1..=16)]
		eras: Vec<u32>,
	},
	/// Any call, as another program has encoded it
	Hex {
		/// Its bytes, in hexadecimal digits after 0x
		call: String,
	},
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn parse(words: &str) -> Result<Cli, clap::Error> {
		Cli::try_parse_from(std::iter::once("smart-pay").chain(words.split(' ')))
	}

	#[test]
	fn the_command_line_is_sound() {
		Cli::command().debug_assert();
	}

	#[test]
	fn commands_are_read() {
		let Command::Pay(pay) = parse("pay scinv1x --times 100000 --dry-run")
			.expect("it is right")
			.command
		else {
			panic!("another command");
		};
		assert_eq!((pay.invoice.as_str(), pay.times), ("scinv1x", 100_000));
		let Command::Open(open) = parse("open ab@ws://h:1 --deposit 100 -y").expect("it is right").command else {
			panic!("another command");
		};
		assert_eq!((open.deposit.as_str(), open.window), ("100", 172_800));
		assert!(parse("close 7 --alone --i-know-this-store-is-the-newest").is_ok());
		let Command::Withdraw { channel, amount } = parse("withdraw 7 20.5 -y").expect("it is right").command else {
			panic!("another command");
		};
		assert_eq!((channel, amount.as_str()), (7, "20.5"));
		assert!(matches!(
			parse("rekey 7 --dry-run").expect("it is right").command,
			Command::Rekey { channel: 7 }
		));
		assert!(parse("close 7 --recovery").is_ok());
	}

	#[test]
	fn a_relayed_call_is_read() {
		let words = "relayer call --at http://127.0.0.1:9958 --most-fee 0.01 transfer 5Gx 5 --yes";
		let Command::Relayer(RelayerCommand::Call(call)) = parse(words).expect("it is right").command else {
			panic!("another command");
		};
		assert_eq!(
			(call.at.as_str(), call.most_fee.as_deref()),
			("http://127.0.0.1:9958", Some("0.01"))
		);
		assert!(matches!(call.call, RelayedCall::Transfer { .. }));
		assert!(parse("relayer serve --dry-run").is_ok());
		assert!(parse("relayer call --at http://h claim").is_err());
	}

	#[test]
	fn a_stream_is_read_with_its_times() {
		let Command::Stream(stream) = parse("stream 7 --unit 0.0001 --steps 1000")
			.expect("it is right")
			.command
		else {
			panic!("another command");
		};
		assert_eq!((stream.every, stream.ahead), (1_000, 1));
		for (text, millis) in [("10ms", 10), ("2s", 2_000), ("5m", 300_000), ("1h", 3_600_000)] {
			assert_eq!(every(text), Ok(millis));
		}
		for text in ["", "1", "s", "1d", "-1s", "5000h"] {
			assert!(every(text).is_err(), "{text}");
		}
	}

	#[test]
	fn what_is_handed_over_goes_one_way() {
		let Command::Export(export) = parse("export 7 --pay 1 --qr").expect("it is right").command else {
			panic!("another command");
		};
		assert!(export.handed.qr && !export.handed.nfc);
		let Command::Import(import) = parse("import SCPAY1:AB --late --nfc -o a")
			.expect("it is right")
			.command
		else {
			panic!("another command");
		};
		assert!(import.late && import.handed.nfc && import.handed.output.is_some());
		assert!(parse("import -").is_ok());
		assert!(parse("export 7 --qr --nfc").is_err());
		assert!(parse("export 7 --qr -o a").is_err());
		assert!(parse("import").is_err());
	}

	#[test]
	fn what_may_lose_all_needs_more_than_one_word() {
		assert!(parse("close 7 --i-know-this-store-is-the-newest").is_err());
		assert!(parse("close 7 --recovery --alone").is_err());
		assert!(parse("withdraw 7").is_err());
		assert!(parse("open ab@ws://h:1").is_err());
		assert!(parse("pay").is_err());
	}
}
