//! The data folder: what lies where.

use std::{
	env,
	path::{Path, PathBuf},
};

/// A data folder. README.md of the agent has the table of what lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
	/// The one of this path.
	pub fn new(path: impl Into<PathBuf>) -> Self {
		Self(path.into())
	}

	/// Where it is if nobody says: `smart-agent` below `$XDG_DATA_HOME`, or below `~/.local/share`.
	pub fn standard() -> Self {
		let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
		let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
		Self(data.unwrap_or_default().join("smart-agent"))
	}

	/// Its path.
	pub fn path(&self) -> &Path {
		&self.0
	}

	/// The configuration.
	pub fn config(&self) -> PathBuf {
		self.0.join("config.toml")
	}

	/// The owner's phrase, encrypted.
	pub fn keystore(&self) -> PathBuf {
		self.0.join("keystore.json")
	}

	/// The device's key.
	pub fn device_key(&self) -> PathBuf {
		self.0.join("device.key")
	}

	/// What tells this folder from all others: a random text, which the agent that serves the folder shows.
	pub fn identity(&self) -> PathBuf {
		self.0.join("agent.id")
	}

	/// What is kept of what an account has earned.
	pub fn earnings(&self, account: &[u8; 32]) -> PathBuf {
		let first: String = account.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
		self.0.join(format!("earnings-{first}"))
	}

	/// What it must not forget of storage deals: deeds on their way, vouchers; and what commands want of it.
	pub fn market(&self) -> PathBuf {
		self.0.join("market")
	}

	/// What it must not forget of units of jobs: what it said of them.
	pub fn tasks(&self) -> PathBuf {
		self.0.join("tasks")
	}

	/// What the daemon must not forget: what it answered.
	pub fn state(&self) -> PathBuf {
		self.0.join("state")
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn everything_lies_below_it() {
		let folder = Folder::new("/data");
		for path in [
			folder.config(),
			folder.keystore(),
			folder.device_key(),
			folder.identity(),
			folder.state(),
			folder.market(),
			folder.tasks(),
		] {
			assert!(path.starts_with("/data") && path != folder.path());
		}
		assert!(Folder::standard().path().ends_with("smart-agent"));
	}
}
