#![doc = include_str!("../README.md")]

mod folder;
mod keys;

pub use folder::Folder;

use keys::{nearest, Key, Kind, KEYS, PREFIX};
use serde::Deserialize;
use smart_agent_keys::DeviceName;
use std::{
	collections::BTreeMap,
	net::SocketAddr,
	path::{Path, PathBuf},
};
use toml::{Table, Value};

/// The documented example, which has every key with its default.
pub const EXAMPLE: &str = include_str!("example.toml");
/// Bytes of a configuration, at most.
const MOST_BYTES: u64 = 1 << 20;
/// Variables with the prefix that are options of the command line, and no keys.
const OPTIONS: [&str; 3] = ["SMART_AGENT_DATA", "SMART_AGENT_CONFIG", "SMART_AGENT_PASSWORD_FILE"];
/// How many nodes may be named.
const MOST_NODES: usize = 8;
/// Hexadecimal digits of a genesis hash.
const GENESIS_DIGITS: usize = 64;

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("cannot read {path}: {why}; see who may read there, or name another file with --config")]
	Read {
		/// The file.
		path: PathBuf,
		/// What the system said.
		why: String,
	},
	/// It is no TOML, or a value has another type.
	#[error("{path} is wrong: {why}; `smart-agent init --print-config` shows a right one")]
	Syntax {
		/// The file.
		path: PathBuf,
		/// What and where.
		why: String,
	},
	/// A key or section that is not known.
	#[error("{place} has `{unknown}`, which smart-agent does not know; is `{nearest}` meant?")]
	Unknown {
		/// The file, or the environment.
		place: String,
		/// What is there.
		unknown: String,
		/// What is most like it.
		nearest: String,
	},
	/// A value that cannot be.
	#[error("{key} is `{value}`: {why}")]
	Value {
		/// The key.
		key: String,
		/// Its value.
		value: String,
		/// What is wrong with it, and what it may be.
		why: String,
	},
}

/// The chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Chain {
	/// The nodes that are asked.
	pub nodes: Vec<String>,
	#[serde(rename = "genesis")]
	genesis_text: String,
}

/// The device.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Device {
	/// Its name; empty for the machine's.
	pub name: String,
	/// Where the password of its key is; empty for none.
	pub password_file: PathBuf,
	/// How others reach it, as URIs.
	pub endpoints: Vec<String>,
}

/// Plots.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Plots {
	/// Where they lie.
	pub folder: PathBuf,
	/// Cores that plotting takes.
	pub cores: u16,
	/// How much it stands back for others, 0 to 19.
	pub nice: u8,
	/// Threads that look into them.
	pub threads: u8,
}

/// Compute.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Compute {
	/// Segments a window; 0 for none.
	pub segments: u32,
	/// Cores that run them.
	pub cores: u16,
}

/// Uptime.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Uptime {
	/// Whether the device shows that it is there.
	pub enabled: bool,
}

/// When the agent claims by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimWhen {
	/// Never: `smart-agent claim` does.
	Never,
	/// Once a day, and if something is lost soon.
	Daily,
}

impl ClaimWhen {
	/// As it is written in the configuration.
	pub fn name(self) -> &'static str {
		match self {
			Self::Never => "never",
			Self::Daily => "daily",
		}
	}
}

/// What the owner earns.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Earnings {
	/// When the agent claims by itself.
	pub claim: ClaimWhen,
	/// Where the owner's password is, for that; empty for none.
	pub password_file: PathBuf,
}

/// Slots of storage deals.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Storage {
	/// Whether this machine takes some.
	pub enabled: bool,
	/// Where they lie.
	pub folder: PathBuf,
	/// Where they are served.
	pub listen: SocketAddr,
	/// The hour, UTC, from which on they are scrubbed: 0 to 23.
	pub scrub_hour: u8,
}

/// When units of jobs are begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkWhen {
	/// Always.
	Always,
	/// While other programs leave half of the processors alone.
	Idle,
}

/// Units of jobs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Work {
	/// Whether this machine computes some.
	pub enabled: bool,
	/// Where programs, inputs and outputs lie.
	pub folder: PathBuf,
	/// Where outputs are served.
	pub listen: SocketAddr,
	/// Units that are run at a time.
	pub slots: u16,
	/// When they are begun.
	pub when: WorkWhen,
	/// Whether they are while a battery is used up.
	pub battery: bool,
	/// How much they stand back for other programs, 0 to 19.
	pub nice: u8,
	/// The program that runs them; empty for the one beside this one.
	pub program: PathBuf,
}

/// The status page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Status {
	/// Where it is served.
	pub listen: SocketAddr,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Log {
	/// What is logged, as `tracing`'s filters are written.
	pub level: String,
}

/// All that is configured; names of files as they are to be used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Config {
	/// The chain.
	pub chain: Chain,
	/// The device.
	pub device: Device,
	/// Plots.
	pub plots: Plots,
	/// Compute.
	pub compute: Compute,
	/// Uptime.
	pub uptime: Uptime,
	/// What the owner earns.
	pub earnings: Earnings,
	/// Slots of storage deals.
	pub storage: Storage,
	/// Units of jobs.
	pub work: Work,
	/// The status page.
	pub status: Status,
	/// Logs.
	pub log: Log,
}

impl Chain {
	/// The hash of the chain's first block, if it is configured.
	pub fn genesis(&self) -> Option<[u8; 32]> {
		// That it can be read was checked.
		sp_core::bytes::from_hex(&self.genesis_text).ok()?.try_into().ok()
	}
}

impl Device {
	/// Its name, that of this machine if none is configured.
	pub fn name(&self) -> DeviceName {
		let host = || rustix::system::uname().nodename().to_string_lossy().into_owned();
		self.name.parse().unwrap_or_else(|_| DeviceName::from_host(&host()))
	}
}

impl Config {
	/// Reads the file, if it is there, and what takes the place of its lines: `variables` are those of the environment,
	/// `options` those of the command line as keys (`chain.nodes`) and values.
	///
	/// # Errors
	/// What is wrong, where, and what it may be instead.
	pub fn load(
		file: &Path,
		folder: &Path,
		variables: impl Iterator<Item = (String, String)>,
		options: &[(&str, String)],
	) -> Result<Self, ConfigError> {
		let mut table = defaults();
		if file.exists() {
			let text = smart_agent_keys::read_bounded(file, MOST_BYTES).map_err(|error| ConfigError::Read {
				path: file.into(),
				why: error.to_string(),
			})?;
			merge(&mut table, parse(&text, file)?);
		}
		let named: BTreeMap<String, &Key> = KEYS.iter().map(|key| (key.variable(), key)).collect();
		for (name, value) in variables.filter(|(name, _)| name.starts_with(PREFIX)) {
			match named.get(&name) {
				Some(key) => put(&mut table, key, &value)?,
				None if OPTIONS.contains(&name.as_str()) => (),
				None => {
					return Err(ConfigError::Unknown {
						place: "the environment".into(),
						nearest: nearest(&name, named.keys().cloned()).unwrap_or_default(),
						unknown: name,
					})
				}
			}
		}
		for (name, value) in options {
			if let Some(key) = KEYS.iter().find(|key| key.full() == *name) {
				put(&mut table, key, value)?;
			}
		}
		finish(table, file, folder)
	}
}

/// Those of the example. It is part of the program, and a test reads it.
fn defaults() -> Table {
	EXAMPLE.parse().unwrap_or_default()
}

fn parse(text: &str, file: &Path) -> Result<Table, ConfigError> {
	let syntax = |why: String| ConfigError::Syntax { path: file.into(), why };
	let table: Table = text
		.parse()
		.map_err(|error: toml::de::Error| syntax(error.to_string().trim().into()))?;
	let unknown = |unknown: &str, nearest: Option<String>| ConfigError::Unknown {
		place: file.display().to_string(),
		unknown: unknown.into(),
		nearest: nearest.unwrap_or_default(),
	};
	for (section, value) in &table {
		let of_section = || KEYS.iter().filter(|key| key.section == section);
		if of_section().next().is_none() {
			let all = KEYS.iter().flat_map(|key| [key.section.to_owned(), key.full()]);
			return Err(unknown(section, nearest(section, all)));
		}
		let Value::Table(keys) = value else {
			return Err(syntax(format!("`{section}` is a section: write [{section}]")));
		};
		for (name, value) in keys {
			let full = format!("{section}.{name}");
			let key = of_section()
				.find(|key| key.name == name)
				.ok_or_else(|| unknown(&full, nearest(&full, KEYS.iter().map(Key::full))))?;
			check(key, value)?;
		}
	}
	Ok(table)
}

fn merge(table: &mut Table, other: Table) {
	for (section, value) in other {
		match (table.get_mut(&section), value) {
			(Some(Value::Table(old)), Value::Table(new)) => old.extend(new),
			(_, value) => drop(table.insert(section, value)),
		}
	}
}

/// Puts a value in, as a text of the environment or the command line has it.
fn put(table: &mut Table, key: &Key, text: &str) -> Result<(), ConfigError> {
	let wrong = |why: &str| ConfigError::Value {
		key: key.full(),
		value: text.into(),
		why: why.into(),
	};
	let value = match key.kind {
		Kind::Text => Value::String(text.into()),
		Kind::Number(..) => Value::Integer(text.trim().parse().map_err(|_| wrong("write a whole number"))?),
		Kind::Flag => Value::Boolean(text.trim().parse().map_err(|_| wrong("write true or false"))?),
		Kind::List => {
			let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
			Value::Array(items.map(|item| Value::String(item.into())).collect())
		}
	};
	check(key, &value)?;
	if let Some(Value::Table(section)) = table.get_mut(key.section) {
		section.insert(key.name.into(), value);
	}
	Ok(())
}

fn check(key: &Key, value: &Value) -> Result<(), ConfigError> {
	let why = match (key.kind, value) {
		(Kind::Text, Value::String(_)) | (Kind::Flag, Value::Boolean(_)) => return Ok(()),
		(Kind::List, Value::Array(items)) if items.iter().all(Value::is_str) => return Ok(()),
		(Kind::Number(least, most), Value::Integer(number)) if (least..=most).contains(number) => return Ok(()),
		(Kind::Text, _) => "write a text in quotes".into(),
		(Kind::Flag, _) => "write true or false".into(),
		(Kind::List, _) => "write a list of texts, as [\"one\", \"two\"]".into(),
		(Kind::Number(least, most), _) => format!("write a whole number from {least} to {most}"),
	};
	Err(ConfigError::Value {
		key: key.full(),
		value: value.to_string(),
		why,
	})
}

fn finish(table: Table, file: &Path, folder: &Path) -> Result<Config, ConfigError> {
	let mut config: Config = table.try_into().map_err(|error: toml::de::Error| ConfigError::Syntax {
		path: file.into(),
		why: error.to_string().trim().into(),
	})?;
	let wrong = |key: &str, value: &str, why: &str| {
		Err(ConfigError::Value {
			key: key.into(),
			value: value.into(),
			why: why.into(),
		})
	};
	let genesis = &config.chain.genesis_text;
	if !genesis.is_empty() && (config.chain.genesis().is_none() || genesis.len() != GENESIS_DIGITS + 2) {
		return wrong(
			"chain.genesis",
			genesis,
			"write 0x and the 64 digits of the hash of block 0, or nothing",
		);
	}
	if !(1..=MOST_NODES).contains(&config.chain.nodes.len()) {
		let count = config.chain.nodes.len().to_string();
		return wrong(
			"chain.nodes",
			&count,
			"name from 1 to 8 nodes, such as ws://127.0.0.1:9944",
		);
	}
	let name = &config.device.name;
	if !name.is_empty() {
		if let Err(error) = name.parse::<DeviceName>() {
			return wrong("device.name", name, &error.to_string());
		}
	}
	let listen = config.status.listen;
	if !listen.ip().is_loopback() {
		let why = "write an address of this machine, such as 127.0.0.1:9955; from others, look through ssh -L";
		return wrong("status.listen", &listen.to_string(), why);
	}
	for path in [
		&mut config.plots.folder,
		&mut config.storage.folder,
		&mut config.work.folder,
		&mut config.work.program,
		&mut config.device.password_file,
		&mut config.earnings.password_file,
	] {
		if !path.as_os_str().is_empty() {
			// An absolute one takes the place of the folder.
			*path = folder.join(&*path);
		}
	}
	Ok(config)
}

/// The text of a configuration with another value for a key: the line is replaced, or added to its section, and all
/// else stays as it was written.
///
/// # Errors
/// If the key is not known, the value cannot be, or the text is written so that the line cannot be put in.
pub fn with(text: &str, key: &str, value: Value) -> Result<String, ConfigError> {
	let known = KEYS.iter().find(|known| known.full() == key);
	let known = known.ok_or_else(|| ConfigError::Unknown {
		place: "the program".into(),
		unknown: key.into(),
		nearest: nearest(key, KEYS.iter().map(Key::full)).unwrap_or_default(),
	})?;
	check(known, &value)?;
	let line = format!("{} = {value}", known.name);
	let header = format!("[{}]", known.section);
	let (mut lines, mut inside, mut done) = (Vec::new(), false, false);
	for old in text.lines() {
		let bare = old.split('#').next().unwrap_or_default().trim();
		if bare.starts_with('[') && !bare.contains('=') {
			if inside && !done {
				lines.push(line.clone());
				done = true;
			}
			inside = bare == header;
		}
		let name = bare.split('=').next().unwrap_or_default().trim();
		if inside && !done && name == known.name {
			lines.push(line.clone());
			done = true;
		} else {
			lines.push(old.into());
		}
	}
	if !done {
		if !inside {
			lines.push(header.clone());
		}
		lines.push(line.clone());
	}
	let text = lines.join("\n") + "\n";
	// A value over several lines, for one. What no command reads any more must not take the place of what all read.
	match text.parse::<Table>() {
		Ok(table) if table.get(known.section).and_then(|section| section.get(known.name)) == Some(&value) => Ok(text),
		_ => Err(ConfigError::Syntax {
			path: "the configuration".into(),
			why: format!(
				"`{key}` cannot be put in as it is written; write `{line}` into {header} by hand, on one line"
			),
		}),
	}
}

#[cfg(test)]
mod tests;
