//! One `smart`, run as its users run it: by its command line.

use crate::{chain::tx::Account, node::process, Error, Result};
use serde_json::Value;
use std::{
	net::SocketAddr,
	path::{Path, PathBuf},
	process::{Command, Stdio},
	time::Duration,
};

/// How the variables begin that the program reads.
const VARIABLES: &str = "SMART_";

/// The program.
///
/// # Errors
/// When it has not been built.
pub fn binary() -> Result<PathBuf> {
	match std::env::var_os("SMARTCHAIN_SMART") {
		Some(path) => Ok(path.into()),
		None => process::built("smart"),
	}
}

/// A person with an account and a data folder of its own.
pub struct Smart {
	name: String,
	account: Account,
	data: PathBuf,
	phrase: PathBuf,
	password: PathBuf,
	node: SocketAddr,
}

impl Smart {
	/// Somebody with an account that nobody knows yet, at the RPC address of a node. Its data and its secrets, which
	/// are worth nothing, go into `dir`.
	///
	/// # Errors
	/// When the secrets cannot be written.
	pub fn new(name: &str, node: SocketAddr, dir: &Path) -> Result<Self> {
		let (account, phrase) = Account::generate();
		let secret = |what: &str, text: &str| {
			let path = dir.join(format!("{name}.{what}"));
			std::fs::write(&path, format!("{text}\n")).map(|()| path)
		};
		Ok(Self {
			name: name.into(),
			account,
			data: dir.join(name),
			phrase: secret("phrase", &phrase)?,
			password: secret("password", "worth nothing")?,
			node,
		})
	}

	/// The same person on another machine: nothing but the phrase is there.
	pub fn elsewhere(&self, name: &str, dir: &Path) -> Self {
		Self {
			name: name.into(),
			account: self.account.clone(),
			data: dir.join(name),
			phrase: self.phrase.clone(),
			password: self.password.clone(),
			node: self.node,
		}
	}

	/// Its account.
	pub fn account(&self) -> &Account {
		&self.account
	}

	/// A command that asks nothing and says what it has done as JSON, for whoever runs it in another way than here.
	///
	/// # Errors
	/// When the program has not been built.
	pub fn command(&self, arguments: &[&str]) -> Result<Command> {
		// The kernel kills it when whoever started it dies: a killed test leaves nothing running.
		let mut command = Command::new("setpriv");
		command.args(["--pdeathsig", "KILL", "--"]).arg(binary()?);
		command
			.arg("--data")
			.arg(&self.data)
			.arg("--password-file")
			.arg(&self.password);
		command.args(["--json", "--yes"]).args(arguments);
		// What is set for this machine's user is not for this one.
		let of_program = |name: &std::ffi::OsString| name.to_string_lossy().starts_with(VARIABLES);
		for (name, _) in std::env::vars_os().filter(|(name, _)| of_program(name)) {
			command.env_remove(name);
		}
		command.stdin(Stdio::null());
		Ok(command)
	}

	/// Runs a command to its end, without a question: what it says, as JSON.
	///
	/// # Errors
	/// When it fails, with what it says of the reason, or takes longer than this.
	pub async fn carry_out(&self, arguments: &[&str], limit: Duration) -> Result<Value> {
		let what = format!("{}: smart {}", self.name, arguments.join(" "));
		let mut command = tokio::process::Command::from(self.command(arguments)?);
		let output = tokio::time::timeout(limit, command.kill_on_drop(true).output()).await;
		let output = output.map_err(|_| Error::new(format!("{what}: not done after {limit:?}")))??;
		let said = String::from_utf8_lossy(&output.stderr);
		crate::ensure!(output.status.success(), "{what}: {}: {said}", output.status);
		serde_json::from_slice(&output.stdout).map_err(|error| Error::from(error).while_doing(what))
	}

	/// Begins a command, and kills it after a while, with SIGKILL. Whether it was still at work.
	///
	/// # Errors
	/// When it cannot be started.
	pub async fn killed_after(&self, arguments: &[&str], time: Duration) -> Result<bool> {
		let mut command = self.command(arguments)?;
		command.stdout(Stdio::null()).stderr(Stdio::null());
		let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
		if let Ok(ended) = tokio::time::timeout(time, child.wait()).await {
			ended?;
			return Ok(false);
		}
		child.kill().await?;
		Ok(true)
	}

	/// Makes keys and configuration.
	///
	/// # Errors
	/// When it fails, or makes the keys of another account.
	pub async fn init(&self, limit: Duration) -> Result<()> {
		let (phrase, node) = (self.phrase.to_string_lossy(), format!("ws://{}", self.node));
		let arguments = ["init", "--no-wait", "--node", &node, "--phrase-file", &*phrase];
		let made = self.carry_out(&arguments, limit).await?;
		let own = self.account.id().to_string();
		crate::ensure!(
			made["address"] == own.as_str(),
			"{}: these are no keys of {own}: {made}",
			self.name
		);
		Ok(())
	}
}
