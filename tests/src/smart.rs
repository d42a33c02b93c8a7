//! One `smart`, run as its users run it: by its command line.

use crate::{chain::tx::Account, node::process, Error, Result};
use serde_json::Value;
use std::{
	fs::OpenOptions,
	future::Future,
	net::SocketAddr,
	path::{Path, PathBuf},
	process::{Command, Output, Stdio},
	time::{Duration, Instant},
};

/// How the variables begin that the program reads.
const VARIABLES: &str = "SMART_";
/// How often it is looked whether a command is where it is to be killed: a step may be over soon.
const LOOK: Duration = Duration::from_millis(20);
/// What a command says that goes on where it was.
const AGAIN: &str = "run the same again";

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

	/// Its data folder.
	pub fn data(&self) -> &Path {
		&self.data
	}

	/// Where it lies what commands have said that were to be killed.
	pub fn log(&self) -> PathBuf {
		self.data.with_extension("log")
	}

	/// How many puts are on their way on this machine.
	///
	/// # Errors
	/// When the data folder cannot be read.
	pub fn puts(&self) -> Result<usize> {
		let folder = self.data.join("puts");
		if !folder.is_dir() {
			return Ok(0);
		}
		let mut count = 0;
		for put in std::fs::read_dir(folder)? {
			count += usize::from(put?.path().join("put.json").is_file());
		}
		Ok(count)
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

	async fn output(&self, arguments: &[&str], limit: Duration) -> Result<Output> {
		let what = self.words(arguments);
		let mut command = tokio::process::Command::from(self.command(arguments)?);
		let output = tokio::time::timeout(limit, command.kill_on_drop(true).output()).await;
		Ok(output.map_err(|_| Error::new(format!("{what}: not done after {limit:?}")))??)
	}

	fn words(&self, arguments: &[&str]) -> String {
		format!("{}: smart {}", self.name, arguments.join(" "))
	}

	/// Runs a command to its end, without a question: what it says, as JSON.
	///
	/// # Errors
	/// When it fails, with what it says of the reason, or takes longer than this.
	pub async fn carry_out(&self, arguments: &[&str], limit: Duration) -> Result<Value> {
		let (what, output) = (self.words(arguments), self.output(arguments, limit).await?);
		// What a command found, and why it ends as it does, stands in either.
		let said = [&output.stderr, &output.stdout].map(|said| String::from_utf8_lossy(said));
		crate::ensure!(output.status.success(), "{what}: {}: {}", output.status, said.concat());
		serde_json::from_slice(&output.stdout).map_err(|error| Error::from(error).while_doing(what))
	}

	/// The same beside a node that is killed: a command that ends because of that says that it is to be run again, and
	/// is, once. What fails and does not say so has failed.
	///
	/// # Errors
	/// As above.
	pub async fn carry_out_beside_kills(&self, arguments: &[&str], limit: Duration) -> Result<Value> {
		match self.carry_out(arguments, limit).await {
			Err(why) if why.to_string().contains(AGAIN) => {
				eprintln!("it is run once more: {why}");
				self.carry_out(arguments, limit).await
			}
			done => done,
		}
	}

	/// Runs a command that may end with another code than 0: with which, and what it says first, as JSON.
	///
	/// # Errors
	/// When it says no JSON, takes longer than this, or was killed.
	pub async fn said(&self, arguments: &[&str], limit: Duration) -> Result<(i32, Value)> {
		let (what, output) = (self.words(arguments), self.output(arguments, limit).await?);
		let code = output.status.code();
		let code = code.ok_or_else(|| Error::new(format!("{what}: {}", output.status)))?;
		let mut all = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
		match all.next() {
			Some(said) => Ok((code, said.map_err(|error| Error::from(error).while_doing(what))?)),
			None => Err(Error::new(format!(
				"{what}: {}: {}",
				output.status,
				String::from_utf8_lossy(&output.stderr)
			))),
		}
	}

	/// Begins a command, and kills it with SIGKILL as soon as this holds. Whether it was still at work.
	///
	/// # Errors
	/// When it cannot be started, this does not hold in time, or looking fails.
	pub async fn killed_when<Fut>(
		&self,
		arguments: &[&str],
		limit: Duration,
		mut holds: impl FnMut() -> Fut,
	) -> Result<bool>
	where
		Fut: Future<Output = Result<bool>>,
	{
		let mut command = self.command(arguments)?;
		let log = OpenOptions::new().create(true).append(true).open(self.log())?;
		command.stdout(Stdio::null()).stderr(log);
		let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
		let start = Instant::now();
		loop {
			if child.try_wait()?.is_some() {
				return Ok(false);
			}
			if holds().await? {
				child.kill().await?;
				return Ok(true);
			}
			crate::ensure!(
				start.elapsed() < limit,
				"{}: not where it was to be killed after {limit:?}",
				self.words(arguments)
			);
			tokio::time::sleep(LOOK).await;
		}
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
