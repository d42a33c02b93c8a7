//! One `smart-pay`, run as its users run it: by its command line, and looked at by its figures.

use crate::{
	chain::tx::Account,
	node::{ports, process, program::Program},
	seen::metrics::Metrics,
	wait, Error, Result,
};
use serde_json::Value;
use sp_core::H256;
use std::{
	fs::{File, OpenOptions},
	io::Write,
	net::{Ipv4Addr, SocketAddr},
	os::unix::fs::OpenOptionsExt,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::Duration,
};

/// How long a command may take that ends by itself, on a machine that is busy: `open` waits for final blocks.
const COMMAND_LIMIT: Duration = Duration::from_secs(90);
/// How long a daemon may take from its start until it has reached its node.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a daemon may take to end when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// How the variables begin that the program reads.
const VARIABLES: &str = "SMART_PAY_";
/// The shortest window of channels that these daemons agree to, in ticks.
pub const LEAST_WINDOW: u32 = 20;

/// The program.
///
/// # Errors
/// When it has not been built.
pub fn binary() -> Result<PathBuf> {
	match std::env::var_os("SMARTCHAIN_PAY") {
		Some(path) => Ok(path.into()),
		None => process::built("smart-pay"),
	}
}

/// A channel, as `channels` shows it. Amounts are planck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
	/// Its number.
	pub channel: u64,
	/// The partner's address.
	pub partner: String,
	/// How far it is, in words.
	pub state: String,
	/// Whether the partner is there.
	pub connected: bool,
	/// What was paid in it, in all.
	pub sent: u128,
	/// What was received in it, in all.
	pub received: u128,
	/// Locks in it, of both sides.
	pub locks: u64,
}

impl View {
	fn read(value: &Value) -> Result<Self> {
		let text = |name: &str| value[name].as_str().map(str::to_string);
		let read = || {
			Some(Self {
				channel: value["channel"].as_u64()?,
				partner: text("partner")?,
				state: text("state")?,
				connected: value["connected"].as_bool()?,
				sent: planck(&value["sent"])?,
				received: planck(&value["received"])?,
				locks: value["locks"].as_u64()?,
			})
		};
		read().ok_or_else(|| Error::new(format!("no channel is shown by {value}")))
	}

	/// Whether it can be used, and nothing is on its way in it.
	pub fn is_at_rest(&self) -> bool {
		self.connected && self.state == "open" && self.locks == 0
	}
}

/// An amount of JSON, which is a text; none if it is none.
pub fn planck(value: &Value) -> Option<u128> {
	value.as_str()?.parse().ok()
}

/// A command that runs beside what a test does.
pub struct Begun {
	what: String,
	child: tokio::process::Child,
}

impl Begun {
	/// Sends it a signal, by its name without `SIG`.
	///
	/// # Errors
	/// When it has ended.
	pub fn signal(&self, name: &str) -> Result<()> {
		let pid = self.child.id();
		let pid = pid.ok_or_else(|| Error::new(format!("{}: it has ended", self.what)))?;
		process::signal(pid, name)
	}

	/// Waits for its end: whether it succeeded, and what it said as JSON first.
	///
	/// # Errors
	/// When it takes longer than this.
	pub async fn ended(self, limit: Duration) -> Result<(bool, Value)> {
		let Self { what, child } = self;
		let output = tokio::time::timeout(limit, child.wait_with_output()).await;
		let output = output.map_err(|_| Error::new(format!("{what}: not done after {limit:?}")))??;
		Ok((output.status.success(), first(&output.stdout, &what)?))
	}
}

/// The first of what was said in JSON; null if that is nothing. Who fails says so after what it has done.
fn first(said: &[u8], what: &str) -> Result<Value> {
	let mut all = serde_json::Deserializer::from_slice(said).into_iter::<Value>();
	let value = all.next().transpose();
	let value = value.map_err(|error| Error::from(error).while_doing(what))?;
	Ok(value.unwrap_or(Value::Null))
}

fn secret(path: PathBuf, text: &str) -> Result<PathBuf> {
	let mut file = OpenOptions::new()
		.write(true)
		.create_new(true)
		.mode(0o600)
		.open(&path)?;
	writeln!(file, "{text}")?;
	Ok(path)
}

/// A person with a daemon and a data folder of its own. Dropping it kills the process; unless [`Payer::finish`] came
/// first, that means a failed test, and the end of its log is printed.
pub struct Payer {
	program: Program,
	account: Account,
	/// Where keys and channels are.
	data: PathBuf,
	config: PathBuf,
	phrase: PathBuf,
	password: PathBuf,
	node: SocketAddr,
	genesis: H256,
	listen: SocketAddr,
	/// Whether partners reach it.
	listens: bool,
	api: SocketAddr,
	/// Further sections of the configuration.
	more: String,
	/// The key of its node on the wire, once there is one.
	key: String,
}

impl Payer {
	/// Somebody with an account that nobody knows yet, at the RPC address of a node of the chain with this genesis. Its
	/// log, its data and its secrets, which are worth nothing, go into `dir`.
	///
	/// # Errors
	/// When there is no free port, or the secrets cannot be written.
	pub fn new(name: &str, node: SocketAddr, genesis: H256, dir: &Path) -> Result<Self> {
		let (account, phrase) = Account::generate();
		let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
		Ok(Self {
			program: Program::new(name, dir.to_path_buf(), STOP_LIMIT),
			account,
			data: dir.join(name),
			config: dir.join(format!("{name}.toml")),
			phrase: secret(dir.join(format!("{name}.phrase")), &phrase)?,
			password: secret(dir.join(format!("{name}.password")), "worth nothing")?,
			node,
			genesis,
			listen: local(ports::free()?),
			listens: true,
			api: local(ports::free()?),
			more: String::new(),
			key: String::new(),
		})
	}

	/// Its name.
	pub fn name(&self) -> &str {
		&self.program.name
	}

	/// Its account.
	pub fn account(&self) -> &Account {
		&self.account
	}

	/// Its data folder.
	pub fn data(&self) -> &Path {
		&self.data
	}

	/// The daemon's process id while it runs.
	pub fn pid(&self) -> Option<u32> {
		self.program.child.as_ref().map(Child::id)
	}

	/// Whether the daemon has ended, whoever ended it.
	///
	/// # Errors
	/// When the kernel does not say so.
	pub fn has_died(&mut self) -> Result<bool> {
		match &mut self.program.child {
			Some(child) => Ok(child.try_wait()?.is_some()),
			None => Ok(true),
		}
	}

	/// How others name its node.
	pub fn reach(&self) -> String {
		format!("{}@ws://{}", self.key, self.listen)
	}

	/// What the log has.
	///
	/// # Errors
	/// When it cannot be read.
	pub fn log(&self) -> Result<String> {
		self.program.log.all()
	}

	/// Chooses further sections of the configuration, from the next start on.
	pub fn choose(&mut self, sections: &str) {
		self.more = sections.to_string();
	}

	/// Whether partners reach it, from the next start on.
	pub fn listen(&mut self, listens: bool) {
		self.listens = listens;
	}

	/// Writes down what was chosen, for commands beside the daemon. A start and `init` do so by themselves.
	///
	/// # Errors
	/// When it cannot be written.
	pub fn configure(&self) -> Result<()> {
		let (listen, url) = if self.listens {
			(self.listen.to_string(), format!("ws://{}", self.listen))
		} else {
			(String::new(), String::new())
		};
		let text = format!(
			"[chain]\nnodes = [\"ws://{}\"]\ngenesis = \"{:?}\"\n[node]\nlisten = \"{listen}\"\nurl = \"{url}\"\n\
			 [api]\nlisten = \"{}\"\n[channels]\nleast_window = {LEAST_WINDOW}\n{}\n",
			self.node, self.genesis, self.api, self.more
		);
		Ok(std::fs::write(&self.config, text)?)
	}

	fn command(&self, arguments: &[&str]) -> Result<Command> {
		// The kernel kills it when whoever started it dies: a killed test leaves nothing running.
		let mut command = Command::new("setpriv");
		command.args(["--pdeathsig", "KILL", "--"]).arg(binary()?);
		command.arg("--data").arg(&self.data).arg("--config").arg(&self.config);
		command.arg("--password-file").arg(&self.password).args(arguments);
		// What is set for this machine's user is not for this one.
		let of_program = |name: &std::ffi::OsString| name.to_string_lossy().starts_with(VARIABLES);
		for (name, _) in std::env::vars_os().filter(|(name, _)| of_program(name)) {
			command.env_remove(name);
		}
		command.stdin(Stdio::null());
		Ok(command)
	}

	fn appended(&self) -> Result<File> {
		Ok(OpenOptions::new()
			.create(true)
			.append(true)
			.open(self.program.log.path())?)
	}

	/// Runs a command to its end, without a question: what it says, as JSON; null if that is nothing.
	///
	/// # Errors
	/// When it fails, with what it says of the reason, or takes too long.
	pub async fn carry_out(&self, arguments: &[&str]) -> Result<Value> {
		let what = format!("{}: smart-pay {}", self.program.name, arguments.join(" "));
		let command = self.command(&[&["--json", "--yes"], arguments].concat())?;
		let mut command = tokio::process::Command::from(command);
		let output = tokio::time::timeout(COMMAND_LIMIT, command.kill_on_drop(true).output()).await;
		let output = output.map_err(|_| Error::new(format!("{what}: not done after {COMMAND_LIMIT:?}")))??;
		let said = String::from_utf8_lossy(&output.stderr);
		crate::ensure!(output.status.success(), "{what}: {}: {said}", output.status);
		first(&output.stdout, &what)
	}

	/// The same of one that must not succeed: what it says of the reason.
	///
	/// # Errors
	/// When it succeeds.
	pub async fn refused(&self, arguments: &[&str]) -> Result<String> {
		match self.carry_out(arguments).await {
			Ok(said) => Err(Error::new(format!(
				"{} may {}: {said}",
				self.program.name,
				arguments.join(" ")
			))),
			Err(error) => Ok(error.to_string()),
		}
	}

	/// Begins a command that takes long. What it tells people goes into the log.
	///
	/// # Errors
	/// When it cannot be started.
	pub fn begin(&self, arguments: &[&str]) -> Result<Begun> {
		let what = format!("{}: smart-pay {}", self.program.name, arguments.join(" "));
		let mut command = self.command(&[&["--json", "--yes"], arguments].concat())?;
		command.stdout(Stdio::piped()).stderr(self.appended()?);
		let child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
		Ok(Begun { what, child })
	}

	/// Makes keys.
	///
	/// # Errors
	/// When it fails, or makes the keys of another account.
	pub async fn init(&mut self) -> Result<()> {
		self.configure()?;
		let phrase = self.phrase.to_string_lossy().into_owned();
		let made = self.carry_out(&["init", "--phrase-file", &phrase]).await?;
		let own = self.account.id().to_string();
		crate::ensure!(
			made["address"] == own.as_str(),
			"{}: these are no keys of {own}: {made}",
			self.program.name
		);
		let key = made["node"].as_str();
		self.key = key
			.ok_or_else(|| Error::new(format!("no key of a node in {made}")))?
			.to_string();
		Ok(())
	}

	fn spawn(&mut self) -> Result<()> {
		self.configure()?;
		let log = self.appended()?;
		let mut command = self.command(&["run"])?;
		command.stdout(log.try_clone()?).stderr(log);
		self.program.child = Some(command.spawn()?);
		Ok(())
	}

	/// Starts the daemon, and waits until it answers and has heard of a final block.
	///
	/// # Errors
	/// When it ends, or has not after a minute.
	pub async fn run(&mut self) -> Result<()> {
		self.start(|figures| {
			figures.sum("smart_pay_chain_connected") == Some(1.0) && figures.sum("smart_pay_block") > Some(0.0)
		})
		.await
	}

	/// Starts the daemon where no node is, and waits until it answers.
	///
	/// # Errors
	/// When it ends, or has not after a minute.
	pub async fn run_without_chain(&mut self) -> Result<()> {
		self.start(|figures| figures.sum("smart_pay_chain_connected") == Some(0.0))
			.await
	}

	async fn start(&mut self, is_up: impl Fn(&Metrics) -> bool) -> Result<()> {
		self.spawn()?;
		let what = format!("the daemon of {} to be up", self.program.name);
		let (name, api) = (self.program.name.clone(), self.api);
		let child = std::sync::Mutex::new(self.program.child.as_mut());
		wait::until(&what, START_LIMIT, || async {
			let ended = match child.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).as_mut() {
				Some(child) => child.try_wait()?,
				None => None,
			};
			if let Some(status) = ended {
				return Err(Error::new(format!("the daemon of {name} ended by itself: {status}")));
			}
			// Until it listens nobody answers.
			let figures = Metrics::read(api).await.unwrap_or_default();
			Ok(is_up(&figures).then_some(()))
		})
		.await
	}

	/// The daemon's figures.
	///
	/// # Errors
	/// When it does not answer.
	pub async fn figures(&self) -> Result<Metrics> {
		Metrics::read(self.api).await
	}

	/// Waits until the figures say this.
	///
	/// # Errors
	/// When they do not after `limit`.
	pub async fn until(&self, what: &str, limit: Duration, holds: impl Fn(&Metrics) -> bool) -> Result<()> {
		let what = format!("{what} (the figures of {})", self.program.name);
		wait::until(&what, limit, || async {
			// One that is busy answers the next time.
			Ok(holds(&self.figures().await.unwrap_or_default()).then_some(()))
		})
		.await
	}

	/// Waits until so many payments of its own are paid since its start.
	///
	/// # Errors
	/// When they are not after `limit`.
	pub async fn until_paid(&self, count: u32, limit: Duration) -> Result<()> {
		let what = format!("{count} payments to be paid");
		self.until(&what, limit, |figures| {
			figures.sum_with("smart_pay_payments_total", &["result=\"paid\""]) >= f64::from(count)
		})
		.await
	}

	/// Its channels.
	///
	/// # Errors
	/// When the daemon does not answer.
	pub async fn channels(&self) -> Result<Vec<View>> {
		let said = self.carry_out(&["channels"]).await?;
		let all = said.as_array().into_iter().flatten();
		all.map(View::read).collect()
	}

	/// Waits until its channels are so.
	///
	/// # Errors
	/// When they are not after `limit`, with how they are.
	pub async fn until_channels(&self, what: &str, limit: Duration, holds: impl Fn(&[View]) -> bool) -> Result<()> {
		let what = format!("{what} (the channels of {})", self.program.name);
		let waited = wait::until(&what, limit, || async {
			Ok(holds(&self.channels().await?).then_some(()))
		});
		match waited.await {
			Ok(()) => Ok(()),
			Err(error) => {
				let last = self.channels().await;
				Err(Error::new(format!("{error}; they are {last:?}")))
			}
		}
	}

	/// Asks for a payment of so many STCI.
	///
	/// # Errors
	/// When the daemon does not answer.
	pub async fn invoice(&self, stci: &str) -> Result<String> {
		let said = self.carry_out(&["invoice", stci]).await?;
		let invoice = said.as_str().map(str::to_string);
		invoice.ok_or_else(|| Error::new(format!("{said} is no invoice")))
	}

	/// SIGKILL: no chance to tidy up.
	pub fn kill(&mut self) {
		self.program.kill();
	}

	/// SIGTERM, and waits for the daemon to end in order.
	///
	/// # Errors
	/// When it does not, or not with success.
	pub async fn stop(&mut self) -> Result<()> {
		self.program.stop().await
	}

	/// What must hold of every daemon at the end of a test: it still runs unless the test killed it, it ends in order,
	/// and it never panicked.
	///
	/// # Errors
	/// When that does not hold.
	pub async fn finish(&mut self) -> Result<()> {
		self.program.finish().await
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn who_fails_says_first_what_was_done() {
		let said = b"{\n\"paid\": 3\n}\n{\"error\": {\"code\": 1}}\n";
		assert_eq!(first(said, "pay").unwrap()["paid"], 3);
		assert_eq!(first(b"\n", "close").unwrap(), Value::Null);
		assert!(first(b"{", "pay").is_err());
	}

	#[test]
	fn amounts_are_texts() {
		assert_eq!(
			planck(&Value::from("170141183460469231731687303715884105728")),
			Some(1 << 127)
		);
		assert_eq!(planck(&Value::from(1)), None);
	}
}
