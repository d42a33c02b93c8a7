//! What all commands share: folder, configuration, terminal, and how keys, chain and devices are got at.

use crate::{
	access::Access,
	cli::Common,
	config::Config,
	failure::{Code, Failure},
	holders::Wire,
	progress::Show,
	store::Folder,
};
use serde::Serialize;
use smart_agent_chain::{Chain, NodeUrl, PairSigner, Quote, Signer, DECIMALS, SYMBOL};
use smart_agent_keys::Keystore;
use smart_agent_terminal::{money::Currency, Terminal};
use smart_market::{Act, Market, Net};
use smartchain_slots::meter::Meter;
use std::{path::PathBuf, sync::Arc};

/// Bytes of a MiB.
const MIB: usize = 1 << 20;

/// Folder, configuration and terminal of a command.
#[derive(Clone, Debug)]
pub struct Context {
	/// The data folder.
	pub folder: Folder,
	/// Where the configuration is.
	pub config_file: PathBuf,
	/// The configuration.
	pub config: Config,
	/// What holds for all commands.
	pub common: Common,
	/// Where is written, and who is asked.
	pub terminal: Terminal,
}

/// All that a command needs that reads or changes deals of this account.
pub(super) struct Open {
	/// The account's keys.
	pub access: Access,
	/// The chain, with a key.
	pub net: Net,
}

impl Context {
	/// That of a command line.
	///
	/// # Errors
	/// If the configuration is wrong.
	pub fn new(common: &Common) -> Result<Self, Failure> {
		let config_file = common.config_file();
		let mut config = Config::load(&config_file)?;
		if !common.nodes.is_empty() {
			config.chain.nodes.clone_from(&common.nodes);
		}
		Ok(Self {
			folder: Folder::new(common.folder()),
			config,
			config_file,
			common: common.clone(),
			terminal: common.terminal(),
		})
	}

	/// How amounts are written.
	pub fn currency(&self) -> Currency {
		Currency::new(SYMBOL, DECIMALS)
	}

	/// Where progress is shown.
	pub(super) fn show(&self) -> Show {
		Show::at(self.terminal)
	}

	/// The keystore, locked.
	pub(super) fn keystore(&self) -> Result<Keystore, Failure> {
		Ok(Keystore::open(&self.folder.keystore())?)
	}

	/// The genesis that `init` has written.
	pub(super) fn genesis(&self) -> Result<[u8; 32], Failure> {
		self.config.genesis().ok_or_else(|| {
			Failure::new(
				Code::NotReady,
				format!(
					"{} does not say which chain it is (chain.genesis): run `smart init` with a node that runs",
					self.config_file.display()
				),
			)
		})
	}

	/// A connection with the configured chain.
	pub(super) async fn connect(&self) -> Result<Chain, Failure> {
		let nodes = &self.config.chain.nodes;
		let mut urls = Vec::new();
		for node in nodes {
			urls.push(node.parse::<NodeUrl>()?);
		}
		let genesis = self.config.genesis().map(Into::into);
		let what = format!("Connecting with {}", nodes.join(", "));
		Ok(smart_agent_setup::waiting(&self.terminal, &what, Chain::connect(&urls, genesis)).await?)
	}

	/// The market, to be asked alone.
	pub(super) async fn asking(&self) -> Result<Net, Failure> {
		self.genesis()?;
		Ok(Net::new(self.connect().await?, None)?)
	}

	/// The account's keys: the password is taken from a file, or asked for.
	pub(super) fn access(&self) -> Result<Access, Failure> {
		let (genesis, keystore) = (self.genesis()?, self.keystore()?);
		let password_file = self.common.password_path();
		let phrase = smart_agent_setup::unlock(&self.terminal, &keystore, password_file.as_deref())?;
		Access::new(&phrase, genesis)
	}

	/// Keys and chain.
	pub(super) async fn open(&self) -> Result<Open, Failure> {
		let access = self.access()?;
		let net = self.signing(&access).await?;
		Ok(Open { access, net })
	}

	/// The market, and the account's key to sign.
	pub(super) async fn signing(&self, access: &Access) -> Result<Net, Failure> {
		let signer: Arc<dyn Signer> = Arc::new(PairSigner(access.owner.pair().clone()));
		Ok(Net::new(self.connect().await?, Some(signer))?)
	}

	/// The devices, as this account reaches them.
	pub(super) fn wire(&self, access: &Access, meter: &Meter) -> Result<Wire, Failure> {
		let patience = self.config.transfer.patience;
		Ok(Wire::new(&access.owner, self.genesis()?, meter, patience, &self.folder))
	}

	/// Counts memory of what is sealed, coded and carried.
	pub(super) fn meter(&self) -> Meter {
		let memory = usize::try_from(self.config.transfer.memory).unwrap_or(0);
		Meter::new(memory.saturating_mul(MIB))
	}

	/// Asks whether it is meant, unless told otherwise.
	///
	/// # Errors
	/// If it is not, or nobody can be asked.
	pub(super) fn agree(&self, question: &str) -> Result<(), Failure> {
		if self.common.yes {
			return Ok(());
		}
		let agreed = self
			.terminal
			.confirm(question)
			.map_err(|why| Failure::other(why).with("give --yes"))?;
		if agreed {
			return Ok(());
		}
		Err(Failure::other("nothing was done, as you said"))
	}

	/// Has the chain do something: what it costs is said and agreed to first.
	pub(super) async fn carry_out(&self, open: &Open, act: &Act, what: &str) -> Result<Told, Failure> {
		let costs = open.net.costs(act, &open.access.account()).await?;
		self.afford(&costs, &open.access.owner.address())?;
		self.terminal.say(&format!("{what}: {}.", self.words(&costs)));
		self.agree("Is that right?")?;
		let sent = self.show().waiting(&act.words(), open.net.send(act)).await?;
		self.terminal.done(&format!("{}: block {}", act.words(), sent.block));
		Ok(Told {
			block: sent.block,
			fee: sent.fee.map(|fee| fee.to_string()),
		})
	}

	/// What a transaction costs, in words.
	pub(super) fn words(&self, costs: &Quote) -> String {
		let currency = self.currency();
		let mut parts = Vec::new();
		if costs.paid > 0 {
			parts.push(format!("{} are put in", currency.show(costs.paid)));
		}
		if costs.held > 0 {
			parts.push(format!("{} are held and come back", currency.show(costs.held)));
		}
		parts.push(format!("a fee of {}", currency.show(costs.fee)));
		parts.join(", ")
	}

	/// Whether an account has enough.
	///
	/// # Errors
	/// If not: how much is missing where.
	pub(super) fn afford(&self, costs: &Quote, address: &str) -> Result<(), Failure> {
		if costs.missing == 0 {
			return Ok(());
		}
		let currency = self.currency();
		Err(Failure::other(format!(
			"{address} lacks {}: it may spend {}, and this takes {} ({}); send the difference there and run the same \
			 again",
			currency.exact(costs.missing),
			currency.show(costs.spendable),
			currency.show(costs.total()),
			self.words(costs),
		)))
	}
}

/// What became of a transaction, for `--json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Told {
	/// The height of its block.
	pub block: u32,
	/// What was paid for it, in planck.
	pub fee: Option<String>,
}

/// Seconds since 1970, by this machine's clock.
pub(super) fn unix_time() -> u64 {
	let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
	now.map(|time| time.as_secs()).unwrap_or(0)
}
