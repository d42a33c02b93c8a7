//! What all commands share: folder, configuration, terminal, and how keys and chain are got at.

pub use smart_agent_setup::waiting;
pub use smart_agent_store::mounts::existing;

use super::{Code, Failure};
use crate::{
	cli::{Common, Signing},
	config::{Config, Folder},
	keys::{self, DeviceName, DeviceSecret, Keystore, Owner, Password, Phrase},
	ledger,
	page::{self, AskError},
	status::Status,
	terminal::Terminal,
};
use device_primitives::{DeviceKey, Did};
use rand_core::{OsRng, RngCore};
use smart_agent_chain::Chain;
use smart_agent_store::{plotter::Launcher, Owner as PlotOwner, Store, StoreError};
use sp_core::{Blake2Hasher, Hasher};
use std::{
	env,
	path::{Path, PathBuf},
};

/// Bytes of a data folder's id,
const ID_BYTES: usize = 16;
/// and of the file that has it, at most.
const MOST_ID_BYTES: u64 = 256;
/// Where the system has what tells this machine from others: 32 hexadecimal digits.
const MACHINE: &str = "/etc/machine-id";

/// Folder, configuration and terminal of a command.
#[derive(Clone, Debug)]
pub struct Context {
	/// The data folder.
	pub folder: Folder,
	/// Where the configuration is.
	pub config_file: PathBuf,
	/// The configuration.
	pub config: Config,
	/// The environment's variables when this began: they go before lines of the file.
	pub variables: Vec<(String, String)>,
	/// Where is written, and who is asked.
	pub terminal: Terminal,
}

/// The device of a data folder.
#[derive(Clone, Debug)]
pub struct KnownDevice {
	/// Its name.
	pub name: DeviceName,
	/// Its key.
	pub key: DeviceKey,
	/// Its id.
	pub id: [u8; 32],
}

impl KnownDevice {
	/// Its id as text.
	pub fn id_text(&self) -> String {
		sp_core::bytes::to_hex(&self.id, false)
	}

	/// Its DID on the chain of a genesis.
	pub fn did(&self, genesis: &[u8; 32]) -> String {
		Did::new(genesis, device_primitives::DeviceId(self.id)).to_string()
	}
}

impl Context {
	/// That of a command line.
	///
	/// # Errors
	/// If the configuration is wrong.
	pub fn new(common: &Common) -> Result<Self, Failure> {
		let folder = common.folder();
		let config_file = common.config_file(&folder);
		let nodes = (!common.nodes.is_empty()).then(|| ("chain.nodes", common.nodes.join(",")));
		let options: Vec<(&str, String)> = nodes.into_iter().collect();
		// Texts that are none cannot be configuration.
		let variables: Vec<(String, String)> = env::vars_os()
			.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
			.filter(|(name, _)| name.starts_with("SMART_AGENT_"))
			.collect();
		let config = Config::load(&config_file, folder.path(), variables.iter().cloned(), &options)?;
		Ok(Self {
			folder,
			config_file,
			config,
			variables,
			terminal: common.terminal(),
		})
	}

	/// A connection with the configured chain.
	///
	/// # Errors
	/// `Unreachable` if no node answers; if it is another chain, or has another currency.
	pub async fn connect(&self) -> Result<Chain, Failure> {
		let Config { chain, .. } = &self.config;
		let connecting = ledger::connect(&chain.nodes, chain.genesis());
		let what = format!("Connecting with {}", chain.nodes.join(", "));
		Ok(waiting(&self.terminal, &what, connecting).await?)
	}

	/// The keystore, locked.
	///
	/// # Errors
	/// `NotReady` if there is none.
	pub fn keystore(&self) -> Result<Keystore, Failure> {
		Ok(Keystore::open(&self.folder.keystore())?)
	}

	/// The owner's phrase: the password is taken from a file, or asked for.
	///
	/// # Errors
	/// If there is none, or it is wrong.
	pub fn phrase(&self, keystore: &Keystore, signing: &Signing) -> Result<Phrase, Failure> {
		let password_file = signing.password_path();
		Ok(smart_agent_setup::unlock(
			&self.terminal,
			keystore,
			password_file.as_deref(),
		)?)
	}

	/// The owner's key.
	///
	/// # Errors
	/// As [`Self::phrase`].
	pub fn owner(&self, keystore: &Keystore, signing: &Signing) -> Result<Owner, Failure> {
		Ok(Owner::new(&self.phrase(keystore, signing)?)?)
	}

	/// The device, without its secret.
	///
	/// # Errors
	/// `NotReady` if there is none.
	pub fn device(&self) -> Result<KnownDevice, Failure> {
		let (name, key) = DeviceSecret::peek(&self.folder.device_key())?;
		Ok(KnownDevice {
			name,
			id: key.device_id().0,
			key,
		})
	}

	/// What tells this data folder from all others; none if no agent ever ran here.
	pub fn folder_id(&self) -> Option<String> {
		self.identity(0)
	}

	/// A line of the file that tells this data folder from others: the folder's own id, and the machine's that used it.
	fn identity(&self, line: usize) -> Option<String> {
		let text = keys::read_bounded(&self.folder.identity(), MOST_ID_BYTES).ok()?;
		let line = text.lines().nth(line)?.trim();
		(!line.is_empty()).then(|| line.to_owned())
	}

	/// Whether another machine than this one used this data folder last: then it was moved or copied. From now on it is
	/// this one's.
	///
	/// - `machine`: which this one is, by [`machine`]; if that is not known nothing is.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn was_elsewhere(&self, machine: Option<&str>) -> Result<bool, Failure> {
		let (id, before) = (self.make_folder_id()?, self.identity(1));
		let Some(machine) = machine.filter(|machine| before.as_deref() != Some(*machine)) else {
			return Ok(false);
		};
		keys::replace(&self.folder.identity(), format!("{id}\n{machine}\n").as_bytes())?;
		Ok(before.is_some())
	}

	/// The same, made if it is not there.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn make_folder_id(&self) -> Result<String, Failure> {
		if let Some(id) = self.folder_id() {
			return Ok(id);
		}
		let mut bytes = [0; ID_BYTES];
		OsRng.fill_bytes(&mut bytes);
		let id = sp_core::bytes::to_hex(&bytes, false);
		keys::replace(&self.folder.identity(), id.as_bytes())?;
		Ok(id)
	}

	/// The status of the agent that serves this data folder, if it runs. It blocks for seconds at most.
	///
	/// # Errors
	/// `NotRunning`, or that who answers is none, or serves another device or another folder.
	pub fn ask_agent(&self) -> Result<Status, AskError> {
		let address = self.config.status.listen;
		let status = page::ask(address)?;
		let shown = status.device.as_ref().map(|device| device.id.as_str());
		let other = |why: String| Err(AskError::NotOurs { address, why });
		match (self.device(), shown) {
			(Ok(known), Some(id)) if known.id_text() != id => {
				return other(format!("it serves the device {id}, and not {}", known.id_text()));
			}
			_ => (),
		}
		// The same device may be in two folders, and in a folder without a key none can be compared.
		let theirs = status.agent.folder.clone();
		match self.folder_id() {
			_ if theirs.is_empty() => {
				other("it does not say which data folder it serves; an older program has to be restarted".into())
			}
			Some(ours) if ours == theirs => Ok(status),
			_ => other(format!(
				"it serves another data folder than {}",
				self.folder.path().display()
			)),
		}
	}

	/// The password of the device's key, if there is one: what systemd gives is meant for this very process and goes
	/// before the configured file, which this user may not even read.
	///
	/// # Errors
	/// If the file cannot be read.
	pub fn device_password(&self) -> Result<Option<Password>, Failure> {
		let configured = &self.config.device.password_file;
		let path = keys::credential(keys::DEVICE_CREDENTIAL);
		let path = path.or_else(|| (!configured.as_os_str().is_empty()).then(|| configured.clone()));
		Ok(path.map(|path| keys::from_file(&path)).transpose()?)
	}

	/// The device's key.
	///
	/// # Errors
	/// `NotReady` if there is none; if its password is missing or wrong.
	pub fn device_secret(&self) -> Result<DeviceSecret, Failure> {
		let password = self.device_password()?;
		let password = password.as_deref().map(String::as_str);
		Ok(DeviceSecret::open(&self.folder.device_key(), password)?)
	}

	/// The chain's genesis, as `init` wrote it.
	///
	/// # Errors
	/// `NotReady` if it is not known yet.
	pub fn genesis(&self) -> Result<[u8; 32], Failure> {
		let file = self.config_file.display();
		self.config.chain.genesis().ok_or_else(|| {
			let why = match self.config_file.exists() {
				true => "does not say which chain it is (chain.genesis); run `smart-agent init` to its end",
				false => "is not there; run `smart-agent init`, or name the folder where that was run with --data",
			};
			Failure::new(Code::NotReady, format!("{file} {why}"))
		})
	}

	/// Whether plots were ever made in the folder that is configured.
	pub fn has_store(&self) -> bool {
		Store::is_there(&self.config.plots.folder)
	}

	/// The store of plots, taken by [`Store::open`], [`Store::make`] or [`Store::read`].
	///
	/// # Errors
	/// `NotReady` if chain or device are not known yet; what that function fails with.
	pub fn store(&self, take: fn(&Path, PlotOwner) -> Result<Store, StoreError>) -> Result<Store, Failure> {
		let owner = PlotOwner {
			genesis: self.genesis()?,
			device: self.device()?.id,
		};
		Ok(take(&self.config.plots.folder, owner)?)
	}
}

/// How children that plot and solve are started.
///
/// # Errors
/// If the plotter is not beside this program.
pub fn launcher() -> Result<Launcher, Failure> {
	Launcher::beside_this_program().map_err(|_| {
		Failure::other("there is no smart-agent-plotter beside this program; install both, of one build, in a folder")
	})
}

/// What tells this machine from others, and tells nobody which it is; none if its system does not say.
pub fn machine() -> Option<String> {
	let text = keys::read_bounded(Path::new(MACHINE), MOST_ID_BYTES).ok()?;
	let id = text.trim();
	let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
	let hash = Blake2Hasher::hash(format!("smart-agent on {id}").as_bytes());
	is_id.then(|| sp_core::bytes::to_hex(&hash.as_bytes()[..ID_BYTES], false))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		page::PageServer,
		status::{Device, DeviceState, StatusHandle},
		terminal::Colors,
	};

	#[tokio::test(flavor = "multi_thread")]
	async fn the_agent_of_another_device_or_folder_is_not_taken_for_this_ones() {
		let folder = tempfile::tempdir().unwrap();
		let data = Folder::new(folder.path());
		let secret = DeviceSecret::derive(&Phrase::generate(12).unwrap(), &"laptop".parse().unwrap()).unwrap();
		let cheap = keys::Cost {
			memory_kib: 8,
			passes: 1,
			lanes: 1,
		};
		secret.create(&data.device_key(), None, cheap).unwrap();
		let handle = StatusHandle::in_memory(Status::new(1));
		let page = PageServer::bind("127.0.0.1:0".parse().unwrap(), handle.clone())
			.await
			.unwrap();
		let variables = vec![("SMART_AGENT_STATUS_LISTEN".to_owned(), page.address().to_string())];
		tokio::spawn(page.serve(std::future::pending()));
		let context = Context {
			config: Config::load(&data.config(), data.path(), variables.iter().cloned(), &[]).unwrap(),
			config_file: data.config(),
			folder: data,
			variables,
			terminal: Terminal::new(false, Colors::Never),
		};
		let show = |id: String| {
			handle.update(|status| {
				status.device = Some(Device {
					id,
					did: String::new(),
					owner: String::new(),
					state: DeviceState::Unknown,
				});
			});
		};
		let ask = || {
			let asking = context.clone();
			async move { tokio::task::spawn_blocking(move || asking.ask_agent()).await.unwrap() }
		};
		let serve = |folder: String| handle.update(|status| status.agent.folder = folder);
		show(context.device().unwrap().id_text());
		// No agent ever ran here: whoever answers is another folder's, though of the same device.
		serve("0x02".into());
		let said = ask().await.unwrap_err().to_string();
		assert!(said.contains("another data folder"), "{said}");
		let ours = context.make_folder_id().unwrap();
		assert_eq!(context.make_folder_id().unwrap(), ours, "it is made once");
		// Whose machine it is on is beside that.
		let on = |machine| context.was_elsewhere(machine).unwrap();
		assert!(!on(None) && !on(Some("0xaa")) && !on(Some("0xaa")) && !on(None));
		assert!(
			on(Some("0xbb")) && !on(Some("0xbb")),
			"it was copied, and is this one's now"
		);
		assert_eq!(context.make_folder_id().unwrap(), ours);
		let said = ask().await.unwrap_err().to_string();
		assert!(said.contains("another data folder"), "{said}");
		serve(String::new());
		let said = ask().await.unwrap_err().to_string();
		assert!(said.contains("does not say which data folder"), "{said}");
		serve(ours);
		assert!(ask().await.is_ok());
		// An answer without a device, and a folder without a key, are told apart by the folder alone.
		let secret_file = context.folder.device_key();
		let moved = secret_file.with_extension("away");
		std::fs::rename(&secret_file, &moved).unwrap();
		assert!(ask().await.is_ok());
		std::fs::rename(&moved, &secret_file).unwrap();
		show("0x01".into());
		let said = ask().await.unwrap_err().to_string();
		assert!(said.contains("the device 0x01") && said.contains("--data"), "{said}");
	}
}
