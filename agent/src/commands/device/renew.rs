//! `device renew`: the key of a new device in the place of one that is no more.
//!
//! A key that was used never registers again, whatever became of its device. So the new one has another name. What is
//! of the old one is moved together into a folder of its own, and nothing is written over.

use crate::{
	cli::Signing,
	commands::{context::KnownDevice, Code, Context, Failure},
	config::Folder,
	keys::{self, Cost, DeviceName, DeviceSecret},
	ledger::{used_up, Ledger},
	terminal::Tone,
};
use proof_lottery_primitives::WhyNot;
use serde::Serialize;
use smart_agent_chain::AccountId;
use smart_agent_journal::{Journal, JournalError};
use std::{
	fs, io,
	os::unix::fs::DirBuilderExt,
	path::{Path, PathBuf},
};

/// Where in the data folder old devices are kept.
const OLD: &str = "old-devices";
/// How many old devices of one name are kept at most.
const MOST_OLD: u32 = 1_000;
/// Only the owner may look into what is kept.
const PRIVATE: u32 = 0o700;

/// For `--json`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Renewed {
	/// The new device's name.
	pub name: String,
	/// Its id.
	pub device: String,
	/// Where the old one's files are.
	pub kept: PathBuf,
}

/// Makes the key of a new device.
///
/// # Errors
/// If the old device still stands, the new name is of one that the chain knows, or an agent runs.
pub(super) async fn renew(
	context: &Context,
	ledger: &dyn Ledger,
	known: &KnownDevice,
	name: &str,
	signing: &Signing,
) -> Result<Renewed, Failure> {
	let name: DeviceName = name
		.parse()
		.map_err(|error: keys::NameError| Failure::new(Code::Usage, error.to_string()))?;
	let keystore = context.keystore()?;
	is_over(ledger, known, &keystore.account()).await?;
	let phrase = context.phrase(&keystore, signing)?;
	let secret = DeviceSecret::derive(&phrase, &name)?;
	is_free(ledger, &name, &secret.id()).await?;
	let password = context.device_password()?;
	nobody_runs(context, ledger, known)?;
	let folder = &context.folder;
	let fresh = folder.path().join("device.key.new");
	// One that is left of a run that was ended derives from the phrase anew.
	match fs::remove_file(&fresh) {
		Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot("remove", &fresh, &error)),
		_ => (),
	}
	secret.create(&fresh, password.as_deref().map(String::as_str), Cost::default())?;
	let kept = set_aside(folder, &known.name)?;
	fs::rename(&fresh, folder.device_key()).map_err(|error| cannot("rename", &fresh, &error))?;
	Ok(Renewed {
		name: name.to_string(),
		device: sp_core::bytes::to_hex(&secret.id(), false),
		kept,
	})
}

/// Says what was made, and what comes next.
pub(super) fn tell(context: &Context, renewed: &Renewed) {
	let plots = if context.has_store() {
		"\nThe plots that are here are of the old device, and of no use to the new one: `smart-agent plot delete \
		 --all` frees their disk."
	} else {
		""
	};
	context.terminal.facts(renewed, |terminal| {
		format!(
			"The key of the device {} is made; it is not registered yet. What is of the old one is kept in \
			 {}.{plots}\n\nNext:\n  {}   registers it, for a deposit and the price of its key",
			terminal.toned(Tone::Strong, &renewed.name),
			renewed.kept.display(),
			terminal.toned(Tone::Strong, "smart-agent init"),
		)
	});
}

/// Whether the old device is of no more use to this owner.
async fn is_over(ledger: &dyn Ledger, known: &KnownDevice, owner: &[u8; 32]) -> Result<(), Failure> {
	let Some(device) = ledger.device(&known.id).await? else {
		return Ok(());
	};
	let proofs = ledger.proofs(&known.id).await?;
	let struck = proofs.is_some_and(|proofs| proofs.why_not.contains(&WhyNot::Struck));
	if struck || device.owner != AccountId::new(*owner) {
		return Ok(());
	}
	Err(Failure::other(format!(
		"the device `{}` is registered still, and its deposits would stay held; `smart-agent device retire` ends it \
		 first. A second device of this machine has a folder of its own: --data FOLDER",
		known.name
	)))
}

/// Whether the chain knows nothing of the new key.
async fn is_free(ledger: &dyn Ledger, name: &DeviceName, id: &[u8; 32]) -> Result<(), Failure> {
	let registered = ledger.device(id).await?.is_some();
	if !registered && used_up(ledger.key_use(id).await?).is_none() {
		return Ok(());
	}
	let what = if registered {
		"is registered"
	} else {
		"was registered before"
	};
	Err(Failure::new(
		Code::Usage,
		format!("a device `{name}` of this phrase {what}; give the new one another name"),
	))
}

/// Whether no agent works with what is moved.
fn nobody_runs(context: &Context, ledger: &dyn Ledger, known: &KnownDevice) -> Result<(), Failure> {
	let state = context.folder.state();
	if !state.exists() {
		return Ok(());
	}
	match Journal::open(&state, ledger.facts().genesis.into(), known.id) {
		Err(error @ JournalError::InUse(_)) => Err(Failure::other(error.to_string())),
		// Whatever is wrong with it, it is kept as it is.
		_ => Ok(()),
	}
}

/// Moves what is of a device into a folder that was not there; the key last, so that nothing else is left without it.
fn set_aside(folder: &Folder, name: &DeviceName) -> Result<PathBuf, Failure> {
	let all = folder.path().join(OLD);
	keys::create_folder(&all)?;
	let kept = new_folder(&all, name)?;
	let files = [folder.state(), folder.path().join("history.json"), folder.device_key()];
	for file in files.iter().filter(|file| file.exists()) {
		let Some(name) = file.file_name() else { continue };
		fs::rename(file, kept.join(name)).map_err(|error| cannot("move", file, &error))?;
	}
	Ok(kept)
}

fn new_folder(all: &Path, name: &DeviceName) -> Result<PathBuf, Failure> {
	for number in 1..=MOST_OLD {
		let path = all.join(match number {
			1 => name.to_string(),
			number => format!("{name}.{number}"),
		});
		match fs::DirBuilder::new().mode(PRIVATE).create(&path) {
			Ok(()) => return Ok(path),
			Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
			Err(error) => return Err(cannot("make", &path, &error)),
		}
	}
	Err(Failure::other(format!(
		"{} has {MOST_OLD} old devices of the name `{name}`; move some away",
		all.display()
	)))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
	Failure::other(format!(
		"cannot {what} {}: {error}; see to the disk and to who may write there",
		path.display()
	))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		config::Config,
		keys::{Keystore, Phrase},
		ledger::fake::FakeLedger,
		terminal::{Colors, Terminal},
	};
	use smart_agent_chain::KeyUse;

	const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

	fn prepared(folder: &Path) -> (Context, Signing) {
		let (data, phrase) = (Folder::new(folder), Phrase::parse(WORDS).unwrap());
		let cheap = Cost {
			memory_kib: 8,
			passes: 1,
			lanes: 1,
		};
		Keystore::create(&data.keystore(), &phrase, "pass", cheap).unwrap();
		let device = DeviceSecret::derive(&phrase, &"laptop".parse().unwrap()).unwrap();
		device.create(&data.device_key(), None, cheap).unwrap();
		fs::write(folder.join("pass"), "pass\n").unwrap();
		let context = Context {
			config: Config::load(&data.config(), data.path(), std::iter::empty(), &[]).unwrap(),
			config_file: data.config(),
			folder: data,
			variables: Vec::new(),
			terminal: Terminal::new(false, Colors::Never),
		};
		let signing = Signing {
			password_file: Some(folder.join("pass")),
			yes: true,
		};
		(context, signing)
	}

	#[tokio::test]
	async fn a_new_key_takes_the_place_of_a_used_one_and_nothing_is_lost() {
		let folder = tempfile::tempdir().unwrap();
		let (context, signing) = prepared(folder.path());
		let ledger = FakeLedger::new(false);
		let mut seen = Vec::new();
		for (name, kept) in [("desktop", "laptop"), ("laptop-2", "desktop"), ("third", "laptop-2")] {
			let known = context.device().unwrap();
			ledger.state().uses.insert(known.id, KeyUse::Retired);
			let journal = Journal::open(&context.folder.state(), [7; 32], known.id).unwrap();
			let said = renew(&context, &ledger, &known, name, &signing).await.unwrap_err();
			assert!(said.message.contains("another smart-agent uses"), "{}", said.message);
			drop(journal);
			let key = fs::read(context.folder.device_key()).unwrap();
			let renewed = renew(&context, &ledger, &known, name, &signing).await.unwrap();
			assert!(renewed.kept.ends_with(Path::new(OLD).join(kept)), "{renewed:?}");
			assert_eq!(fs::read(renewed.kept.join("device.key")).unwrap(), key);
			assert!(renewed.kept.join("state").exists() && !context.folder.state().exists());
			assert_eq!(context.device().unwrap().name.as_str(), name);
			seen.push((renewed.kept, key));
		}
		for (kept, key) in seen {
			assert_eq!(
				fs::read(kept.join("device.key")).unwrap(),
				key,
				"nothing is written over"
			);
		}
	}

	#[test]
	fn one_of_the_same_name_is_kept_beside() {
		let folder = tempfile::tempdir().unwrap();
		let (context, _) = prepared(folder.path());
		let name: DeviceName = "laptop".parse().unwrap();
		let first = set_aside(&context.folder, &name).unwrap();
		fs::write(context.folder.device_key(), "another").unwrap();
		let second = set_aside(&context.folder, &name).unwrap();
		assert!(first != second && first.join("device.key").exists());
		assert_eq!(fs::read(second.join("device.key")).unwrap(), b"another");
	}

	#[tokio::test]
	async fn a_device_that_stands_and_a_name_that_was_used_are_refused() {
		let folder = tempfile::tempdir().unwrap();
		let (context, signing) = prepared(folder.path());
		let (ledger, known) = (FakeLedger::new(false), context.device().unwrap());
		let before = fs::read(context.folder.device_key()).unwrap();
		ledger.state().uses.insert(known.id, KeyUse::Revoked);
		let said = renew(&context, &ledger, &known, "laptop", &signing).await.unwrap_err();
		assert!(said.message.contains("another name"), "{}", said.message);
		let owner = context.keystore().unwrap().account();
		ledger.register(known.id, known.key, owner);
		let said = renew(&context, &ledger, &known, "desktop", &signing).await.unwrap_err();
		assert!(said.message.contains("smart-agent device retire"), "{}", said.message);
		assert_eq!(fs::read(context.folder.device_key()).unwrap(), before);
		assert!(!context.folder.path().join(OLD).exists());
	}
}
