//! What all commands share: folder, configuration, terminal, keys, and how they fail.

use crate::cli::Common;
use serde_json::json;
use smart_agent_chain::{Chain, ChainError, NodeUrl, DECIMALS, SYMBOL};
use smart_agent_keys::{DeviceName, DeviceSecret, KeyError, Keystore, Owner};
use smart_agent_terminal::{money::Currency, Terminal};
use smart_pay_api::{ask, Answer, Ask, ClientError};
use smart_pay_config::{Config, ConfigError};
use smart_pay_frames::invoice::InvoiceSecret;
use smart_pay_store::{HotKeys, StoreError};
use std::{path::PathBuf, process::ExitCode};

/// The name of the device that a program's keys derive from.
pub(super) const DEVICE: &str = "pay";
/// How often a password may be typed wrong.
const TRIES: usize = 3;

/// The kinds of failures. Help names their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
	/// It failed.
	Failed = 1,
	/// The command line or the configuration is wrong.
	Usage = 2,
	/// No daemon or node is reached.
	Unreachable = 3,
	/// `init` has not been run.
	NotReady = 4,
	/// `doctor` found something wrong.
	Unhealthy = 5,
}

impl From<Code> for ExitCode {
	fn from(code: Code) -> Self {
		Self::from(code as u8)
	}
}

/// A failure, with its cause and its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
	/// What kind it is.
	pub code: Code,
	/// What went wrong, and what to do.
	pub message: String,
}

impl Failure {
	/// One of this kind.
	pub fn new(code: Code, message: impl Into<String>) -> Self {
		Self {
			code,
			message: message.into(),
		}
	}

	/// One of no special kind.
	pub fn other(message: impl Into<String>) -> Self {
		Self::new(Code::Failed, message)
	}

	/// For `--json`.
	pub fn as_json(&self) -> serde_json::Value {
		json!({ "error": { "code": self.code as u8, "message": self.message } })
	}
}

impl From<ConfigError> for Failure {
	fn from(error: ConfigError) -> Self {
		Self::new(Code::Usage, error.to_string())
	}
}

impl From<KeyError> for Failure {
	fn from(error: KeyError) -> Self {
		match error {
			KeyError::Missing { path } => Self::new(
				Code::NotReady,
				format!(
					"{} is not there; run `smart-pay init` first, or name the folder with --data",
					path.display()
				),
			),
			other => Self::other(other.to_string()),
		}
	}
}

impl From<StoreError> for Failure {
	fn from(error: StoreError) -> Self {
		Self::other(error.to_string())
	}
}

impl From<ClientError> for Failure {
	fn from(error: ClientError) -> Self {
		let code = match error {
			ClientError::NotRunning(_) | ClientError::Silent(_) => Code::Unreachable,
			_ => Code::Failed,
		};
		Self::new(code, error.to_string())
	}
}

impl From<ChainError> for Failure {
	fn from(error: ChainError) -> Self {
		let code = match error {
			ChainError::NoUrl | ChainError::TooManyUrls { .. } | ChainError::BadUrl(_) => Code::Usage,
			ChainError::NoNode { .. } | ChainError::Lost { .. } | ChainError::Timeout { .. } => Code::Unreachable,
			_ => Code::Failed,
		};
		Self::new(code, error.to_string())
	}
}

/// How amounts are written.
pub(super) fn currency() -> Currency {
	Currency::new(SYMBOL, DECIMALS)
}

/// All keys of a program.
pub(super) struct Keys {
	/// Of channels and of the node.
	pub hot: HotKeys,
	/// Of invoices.
	pub invoices: InvoiceSecret,
}

/// Folder, configuration and terminal of a command.
#[derive(Clone, Debug)]
pub struct Context {
	/// The data folder.
	pub folder: PathBuf,
	/// Where the configuration is.
	pub config_file: PathBuf,
	/// The configuration.
	pub config: Config,
	/// What holds for all commands.
	pub common: Common,
	/// Where is written, and who is asked.
	pub terminal: Terminal,
}

impl Context {
	/// That of a command line.
	///
	/// # Errors
	/// If the configuration is wrong.
	pub fn new(common: &Common) -> Result<Self, Failure> {
		let config_file = common.config_file();
		Ok(Self {
			folder: common.folder(),
			config: Config::load(&config_file)?,
			config_file,
			common: common.clone(),
			terminal: common.terminal(),
		})
	}

	/// How amounts are written.
	pub fn currency(&self) -> Currency {
		currency()
	}

	/// An amount of a command line, in planck.
	///
	/// # Errors
	/// What is wrong with it.
	pub fn amount(&self, text: &str) -> Result<u128, Failure> {
		self.currency().read(text).map_err(|why| Failure::new(Code::Usage, why))
	}

	pub(super) fn keystore_file(&self) -> PathBuf {
		self.folder.join("keystore.json")
	}

	pub(super) fn key_file(&self) -> PathBuf {
		self.folder.join("pay.key")
	}

	/// The keystore, locked.
	pub(super) fn keystore(&self) -> Result<Keystore, Failure> {
		Ok(Keystore::open(&self.keystore_file())?)
	}

	/// The hot keys.
	pub(super) fn keys(&self) -> Result<Keys, Failure> {
		let device = DeviceSecret::open(&self.key_file(), None)?;
		let invoices = InvoiceSecret::new(*device.derived(b"pay invoices"));
		Ok(Keys {
			hot: HotKeys::new(device),
			invoices,
		})
	}

	/// The account's key: the password is taken from a file, or asked for.
	pub(super) fn owner(&self, keystore: &Keystore) -> Result<Owner, Failure> {
		if let Some(path) = self.common.password_path() {
			let phrase = keystore.unlock(&smart_agent_keys::from_file(&path)?)?;
			return Ok(Owner::new(&phrase)?);
		}
		let mut tries = 0;
		loop {
			let question = format!("Password of {}", keystore.address());
			let password = self.terminal.password(&question).map_err(Failure::other)?;
			tries += 1;
			match keystore.unlock(&password) {
				Err(KeyError::WrongPassword { .. }) if tries < TRIES => self.terminal.warn("That is not it."),
				unlocked => return Ok(Owner::new(&unlocked?)?),
			}
		}
	}

	/// The genesis that `init` has written.
	pub(super) fn genesis(&self) -> Result<[u8; 32], Failure> {
		self.config.genesis().ok_or_else(|| {
			Failure::new(
				Code::NotReady,
				"the configuration does not say which chain it is (chain.genesis): run `smart-pay init` with a node \
				that runs",
			)
		})
	}

	/// The configured nodes.
	pub(super) fn nodes(&self) -> Result<Vec<NodeUrl>, Failure> {
		let urls: Result<Vec<NodeUrl>, ChainError> = self.config.chain.nodes.iter().map(|url| url.parse()).collect();
		Ok(urls?)
	}

	/// A connection with the chain.
	pub(super) async fn connect(&self) -> Result<Chain, Failure> {
		let genesis = self.config.genesis().map(Into::into);
		Ok(Chain::connect(&self.nodes()?, genesis).await?)
	}

	pub(super) fn device_name() -> Result<DeviceName, Failure> {
		DEVICE
			.parse()
			.map_err(|error: smart_agent_keys::NameError| Failure::other(error.to_string()))
	}
}

/// Asks the daemon.
pub(super) fn asked(context: &Context, question: &Ask) -> Result<Answer, Failure> {
	match ask(&context.folder, question)? {
		Answer::Failed(why) => Err(Failure::other(why)),
		answer => Ok(answer),
	}
}

/// What a daemon of another version may answer.
pub(super) fn unexpected(answer: &Answer) -> Failure {
	Failure::other(format!(
		"the daemon answers something else ({answer:?}): restart it, so that both are of one version"
	))
}
