//! What `init` makes on this machine: keystore, device key, configuration.

use super::{set_in, stuck};
use crate::{
	cli::InitArguments,
	commands::{Context, Failure},
	config::{Config, EXAMPLE},
	keys::{self, Cost, DeviceName, DeviceSecret, KeyError, Keystore, Owner, Phrase},
	ledger,
};
use smart_agent_setup::Choices;
use std::path::Path;
use toml::Value;

/// Keystore and phrase.
pub(super) struct Secrets {
	pub keystore: Keystore,
	/// The phrase, if it had to be had already.
	pub phrase: Option<Phrase>,
	/// A new phrase for which nobody was asked to confirm that it was written down: it is told in the end once more.
	pub untold: Option<String>,
	/// Whether the device's key was made now.
	pub made_key: bool,
}

impl Secrets {
	/// The owner's key; a password is asked for if need be.
	pub fn owner(&mut self, context: &Context, arguments: &InitArguments) -> Result<Owner, Failure> {
		let phrase = match self.phrase.take() {
			Some(phrase) => phrase,
			None => context.phrase(&self.keystore, &arguments.signing)?,
		};
		let owner = Owner::new(&phrase)?;
		self.phrase = Some(phrase);
		Ok(owner)
	}
}

/// Keystore and device key: those that are there, or new ones.
pub(super) fn keys(context: &Context, arguments: &InitArguments) -> Result<Secrets, Failure> {
	let choices = Choices {
		phrase_file: arguments.phrase_file.clone(),
		words: arguments.words,
		yes: arguments.signing.yes,
		password_file: arguments.signing.password_path(),
	};
	let made = smart_agent_setup::keystore(&context.terminal, &context.folder.keystore(), &choices)?;
	let mut secrets = Secrets {
		keystore: made.keystore,
		phrase: made.phrase,
		untold: made.untold,
		made_key: false,
	};
	device_key(context, arguments, &mut secrets)?;
	Ok(secrets)
}

fn device_key(context: &Context, arguments: &InitArguments, secrets: &mut Secrets) -> Result<(), Failure> {
	let path = context.folder.device_key();
	let wanted = arguments
		.device_name
		.as_deref()
		.map(str::parse::<DeviceName>)
		.transpose();
	let wanted = wanted.map_err(|error| Failure::new(crate::commands::Code::Usage, error.to_string()))?;
	match DeviceSecret::peek(&path) {
		Ok((name, key)) => {
			if let Some(wanted) = wanted.filter(|wanted| *wanted != name) {
				return Err(stuck(format!(
					"{} is the key of the device `{name}`; leave out --device-name; or, for another device in its \
					 place, `smart-agent device retire`, then `smart-agent device renew {wanted}`, then `smart-agent \
					 init`",
					path.display()
				)));
			}
			// It can only be compared if the phrase is there anyway.
			if let Some(phrase) = &secrets.phrase {
				if DeviceSecret::derive(phrase, &name)?.key() != key {
					return Err(stuck(format!(
						"{} is of another phrase than the keystore; move one of them away",
						path.display()
					)));
				}
			}
			if let Some(file) = &arguments.device_password_file {
				is_locked(&path, &name, file)?;
			}
			context
				.terminal
				.done(&format!("The key of the device `{name}` is there."));
			Ok(())
		}
		Err(KeyError::Missing { .. }) => {
			let name = wanted.unwrap_or_else(|| context.config.device.name());
			let phrase = match secrets.phrase.take() {
				Some(phrase) => phrase,
				None => context.phrase(&secrets.keystore, &arguments.signing)?,
			};
			let password = arguments
				.device_password_file
				.as_deref()
				.map(keys::from_file)
				.transpose()?;
			let password = match password {
				Some(password) => Some(password),
				None => context.device_password()?,
			};
			let secret = DeviceSecret::derive(&phrase, &name)?;
			secret.create(&path, password.as_deref().map(String::as_str), Cost::default())?;
			secrets.phrase = Some(phrase);
			secrets.made_key = true;
			let lock = if password.is_some() { ", under its password" } else { "" };
			context
				.terminal
				.done(&format!("The key of the device `{name}` is made{lock}."));
			Ok(())
		}
		Err(error) => Err(error.into()),
	}
}

/// Whether a key that is there is locked by the password of a file. Keys are locked when they are made: of an open one
/// nobody is to believe that it is locked now.
fn is_locked(path: &Path, name: &DeviceName, file: &Path) -> Result<(), Failure> {
	let password = keys::from_file(file)?;
	match DeviceSecret::open(path, None) {
		Ok(_) => Err(stuck(format!(
			"{} has no password and is not given one; move it away, and run `smart-agent init --device-name {name}` \
			 with --device-password-file again, which makes the same key anew, under it",
			path.display()
		))),
		Err(KeyError::Locked { .. }) => {
			DeviceSecret::open(path, Some(password.as_str()))?;
			Ok(())
		}
		Err(error) => Err(error.into()),
	}
}

/// The configuration: the one that is there, or the example with what was given.
pub(super) fn configuration(context: &mut Context, arguments: &InitArguments) -> Result<(), Failure> {
	let is_new = !context.config_file.exists();
	if is_new {
		keys::create_private(&context.config_file, EXAMPLE.as_bytes())?;
	}
	let (name, _) = DeviceSecret::peek(&context.folder.device_key())?;
	if context.config.device.name != name.as_str() {
		set(context, "device.name", Value::String(name.to_string()))?;
	}
	if is_new {
		let path = context.config_file.display();
		context.terminal.done(&format!("The configuration is in {path}."));
	}
	if let Some(file) = &arguments.device_password_file {
		let absolute = std::path::absolute(file).unwrap_or_else(|_| file.clone());
		set(
			context,
			"device.password_file",
			Value::String(absolute.display().to_string()),
		)?;
	}
	Ok(())
}

/// The nodes that the command line names instead of those that are configured; none if it names none, or the same.
///
/// # Errors
/// If the configuration cannot be read.
pub(super) fn other_nodes(context: &Context) -> Result<Vec<String>, Failure> {
	let variables = context.variables.iter().cloned();
	let configured = Config::load(&context.config_file, context.folder.path(), variables, &[])?;
	let used = &context.config.chain.nodes;
	Ok(if *used == configured.chain.nodes {
		Vec::new()
	} else {
		used.clone()
	})
}

/// Writes the nodes that the command line names into the configuration: those that answer, and are of this chain. A
/// wrong one that was kept would be asked by all commands to come, and by the service.
pub(super) async fn keep_nodes(context: &mut Context, genesis: [u8; 32]) -> Result<(), Failure> {
	let mut good = Vec::new();
	for node in other_nodes(context)? {
		let asked = ledger::connect(std::slice::from_ref(&node), Some(genesis)).await;
		match asked {
			Ok(_) => good.push(node),
			Err(error) => context
				.terminal
				.warn(&format!("{node} is not written into the configuration: {error}")),
		}
	}
	write_nodes(context, good)
}

/// Writes these nodes into the configuration; none leave it as it is.
pub(super) fn write_nodes(context: &mut Context, nodes: Vec<String>) -> Result<(), Failure> {
	if nodes.is_empty() {
		return Ok(());
	}
	let told = nodes.join(", ");
	let list = nodes.into_iter().map(Value::String).collect();
	set(context, "chain.nodes", Value::Array(list))?;
	context.terminal.done(&format!(
		"From now on {told} is asked (chain.nodes in {}); `smart-agent init --node URL` changes it.",
		context.config_file.display()
	));
	Ok(())
}

/// Writes another value into the configuration, and takes it into use.
pub(super) fn set(context: &mut Context, key: &str, value: Value) -> Result<(), Failure> {
	let text = keys::read_bounded(&context.config_file, 1 << 20)?;
	let text = set_in(&text, key, value)?;
	keys::replace(&context.config_file, text.as_bytes())?;
	// What environment and command line say stays: they took the place of other lines only.
	let variables = context.variables.iter().cloned();
	let written = Config::load(&context.config_file, context.folder.path(), variables, &[])?;
	let nodes = std::mem::take(&mut context.config.chain.nodes);
	context.config = written;
	context.config.chain.nodes = nodes;
	Ok(())
}
