//! One `smartchain` process.

pub mod clock;
pub mod identity;
pub mod log;
pub mod ports;
pub mod process;
pub(crate) mod program;
pub mod trap;

use crate::{
	seen::{metrics::Metrics, rpc::Rpc},
	wait, Error, Result,
};
use clock::FakeClock;
use identity::Identity;
use jsonrpsee::rpc_params;
use log::Log;
use std::{
	env,
	fs::OpenOptions,
	net::{IpAddr, Ipv4Addr, SocketAddr},
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	time::Duration,
};

/// How long a node may take from its start to its first answer, on a machine that is busy: twelve that start at once
/// compile the runtime for a minute on two cores.
pub const START_LIMIT: Duration = Duration::from_secs(180);
/// The environment's variable with the folder in which the nodes of all tests keep compiled runtimes.
const COMPILED: &str = "SMARTCHAIN_TEST_COMPILED";
/// How long a node may take to end when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// The node's binary.
///
/// # Errors
/// When it has not been built.
pub fn binary() -> Result<PathBuf> {
	if let Some(path) = env::var_os("SMARTCHAIN_BIN") {
		return Ok(path.into());
	}
	process::built("smartchain")
}

/// Runs a subcommand of the node to its end, as `smartchain key insert`.
///
/// # Errors
/// When it cannot be run. How it ended is for the caller to judge.
pub fn run_to_end(arguments: &[&str]) -> Result<std::process::Output> {
	Ok(Command::new(binary()?).args(arguments).stdin(Stdio::null()).output()?)
}

/// How to start a node.
#[derive(Clone, Debug)]
pub struct NodeConfig {
	/// Its name, from which its identity follows.
	pub name: String,
	/// `--chain`: a name or a file.
	pub chain: String,
	/// The development account whose keys it holds (`--alice`), if any.
	pub account: Option<String>,
	/// The seed of the session keys that are put into its keystore before it starts, if any.
	pub seed: Option<String>,
	/// Whether it runs with `--validator`.
	pub validator: bool,
	/// Where it listens for other nodes.
	pub p2p: SocketAddr,
	/// Where it answers RPC.
	pub rpc: SocketAddr,
	/// Where it shows its metrics.
	pub metrics: SocketAddr,
	/// The network namespace that it runs in.
	pub namespace: Option<String>,
	/// Its data; a folder beside its log otherwise.
	pub base_path: Option<PathBuf>,
	/// The processors that it may use, as `taskset` names them; all otherwise.
	pub cores: Option<String>,
	/// The clock that it has instead of the machine's, if any.
	pub clock: Option<FakeClock>,
	/// Whether it compiles each runtime that it runs, however often other nodes of these tests have done so.
	pub compiles: bool,
	/// Further arguments.
	pub args: Vec<String>,
}

impl NodeConfig {
	/// A full node of the `local` chain on free ports.
	///
	/// # Errors
	/// When there are no free ports.
	pub fn new(name: &str) -> Result<Self> {
		let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
		Ok(Self {
			name: name.to_string(),
			chain: "local".to_string(),
			account: None,
			seed: None,
			validator: false,
			p2p: local(ports::free()?),
			rpc: local(ports::free()?),
			metrics: local(ports::free()?),
			namespace: None,
			base_path: None,
			cores: None,
			clock: None,
			compiles: false,
			args: Vec::new(),
		})
	}

	/// The same as a validator with the keys of a development account.
	#[must_use]
	pub fn validator(mut self, account: &str) -> Self {
		self.account = Some(account.to_string());
		self.validator = true;
		self
	}

	/// The same as a validator with session keys of its own, which derive from `seed`.
	#[must_use]
	pub fn validator_of(mut self, seed: &str) -> Self {
		self.seed = Some(seed.to_string());
		self.validator = true;
		self
	}

	/// The same with further arguments.
	#[must_use]
	pub fn with_args<I: IntoIterator<Item = S>, S: Into<String>>(mut self, args: I) -> Self {
		self.args.extend(args.into_iter().map(Into::into));
		self
	}

	/// The same with a clock of its own.
	#[must_use]
	pub fn with_clock(mut self, clock: FakeClock) -> Self {
		self.clock = Some(clock);
		self
	}

	/// The same in a namespace, where it listens for others at one address and answers the caller at another.
	#[must_use]
	pub fn in_namespace(mut self, name: &str, p2p: IpAddr, rpc: IpAddr) -> Self {
		self.namespace = Some(name.to_string());
		self.p2p.set_ip(p2p);
		self.rpc.set_ip(rpc);
		self.metrics.set_ip(rpc);
		self
	}

	/// Who it is.
	pub fn identity(&self) -> Identity {
		Identity::of(&self.name)
	}

	/// How others dial it, through `port` of `ip`.
	pub fn multiaddress_at(&self, ip: IpAddr, port: u16) -> String {
		format!("/ip4/{ip}/tcp/{port}/p2p/{}", self.identity().peer_id())
	}

	/// How others dial it.
	pub fn multiaddress(&self) -> String {
		self.multiaddress_at(self.p2p.ip(), self.p2p.port())
	}

	/// Puts the session keys into the keystore, as an operator would.
	fn insert_keys(&self, base_path: &Path) -> Result<()> {
		let Some(seed) = &self.seed else { return Ok(()) };
		let base_path = base_path.display().to_string();
		for (key_type, scheme) in [("poca", "sr25519"), ("pbft", "ed25519")] {
			let place = ["key", "insert", "--chain", &self.chain, "--base-path", &base_path];
			let key = ["--key-type", key_type, "--scheme", scheme, "--suri", seed];
			let output = run_to_end(&[&place[..], &key[..]].concat())?;
			crate::ensure!(
				output.status.success(),
				"key insert: {}",
				String::from_utf8_lossy(&output.stderr)
			);
		}
		Ok(())
	}

	fn command(&self, base_path: &Path) -> Result<Command> {
		// The kernel kills the node when whoever started it dies: a killed test leaves nothing running.
		let mut command = Command::new("setpriv");
		command.args(["--pdeathsig", "KILL", "--"]);
		if let Some(namespace) = &self.namespace {
			command.args(["ip", "netns", "exec", namespace]);
		}
		if let Some(cores) = &self.cores {
			command.args(["taskset", "--cpu-list", cores]);
		}
		if let Some(clock) = &self.clock {
			command.arg("env").args(clock.environment());
		}
		command.arg(binary()?);
		command
			.args(["--chain", &self.chain, "--name", &self.name, "--base-path"])
			.arg(base_path);
		command.args(["--node-key", &self.identity().node_key()]);
		command.args([
			"--listen-addr",
			&format!("/ip4/{}/tcp/{}", self.p2p.ip(), self.p2p.port()),
		]);
		command.args(["--rpc-port", &self.rpc.port().to_string()]);
		command.args(["--prometheus-port", &self.metrics.port().to_string()]);
		command.args([
			"--no-mdns",
			"--no-telemetry",
			"--no-hardware-benchmarks",
			"--disable-log-color",
		]);
		command.args(["--allow-private-ip", "--rpc-methods", "unsafe"]);
		if self.namespace.is_some() {
			// Without a list of origins the node does not insist on being called by a name of its own machine.
			command.args(["--unsafe-rpc-external", "--prometheus-external", "--rpc-cors", "all"]);
		}
		if self.validator {
			command.arg("--validator");
		}
		if let Some(account) = &self.account {
			command.arg(format!("--{account}"));
		}
		if let Some(folder) = env::var_os(COMPILED).filter(|_| !self.compiles) {
			command.arg("--compiled-runtimes").arg(folder);
		}
		command.args(&self.args);
		Ok(command)
	}
}

/// A node that was started, over all of its restarts. Dropping it kills the process; unless [`Node::finish`] came
/// first, that means a failed test, and the end of its log is printed.
pub struct Node {
	config: NodeConfig,
	base_path: PathBuf,
	log: Log,
	/// Where in the log the running process begins.
	mark: u64,
	child: Option<Child>,
	rpc: Option<Rpc>,
	finished: bool,
}

impl Node {
	/// Starts a node that keeps its log, and its data where nothing else is configured, in `dir`. It is not waited for.
	///
	/// # Errors
	/// When the process cannot be started.
	pub fn start(config: NodeConfig, dir: &Path) -> Result<Self> {
		let base_path = config.base_path.clone().unwrap_or_else(|| dir.join(&config.name));
		let log = Log::new(dir.join(format!("{}.log", config.name)));
		let mut node = Self {
			config,
			base_path,
			log,
			mark: 0,
			child: None,
			rpc: None,
			finished: false,
		};
		node.config.insert_keys(&node.base_path)?;
		node.spawn()?;
		Ok(node)
	}

	fn spawn(&mut self) -> Result<()> {
		let file = OpenOptions::new().create(true).append(true).open(self.log.path())?;
		self.mark = self.log.mark();
		self.rpc = None;
		let mut command = self.config.command(&self.base_path)?;
		command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
		let child = command
			.spawn()
			.map_err(|error| Error::new(format!("cannot start {command:?}: {error}")))?;
		self.child = Some(child);
		Ok(())
	}

	/// How it was started.
	pub fn config(&self) -> &NodeConfig {
		&self.config
	}

	/// Changes how it is started the next time.
	pub fn config_mut(&mut self) -> &mut NodeConfig {
		&mut self.config
	}

	/// Its name.
	pub fn name(&self) -> &str {
		&self.config.name
	}

	/// Its data.
	pub fn base_path(&self) -> &Path {
		&self.base_path
	}

	/// The folder of its safety file. It is there once the node has started.
	///
	/// # Errors
	/// If there is none.
	pub fn safety_folder(&self) -> Result<PathBuf> {
		let chains = std::fs::read_dir(self.base_path.join("chains"))?;
		let folders = chains.filter_map(|chain| Some(chain.ok()?.path().join("voter")));
		let mut folders = folders.filter(|folder| folder.is_dir());
		folders
			.next()
			.ok_or_else(|| Error::new(format!("{} has no folder of a safety file", self.config.name)))
	}

	/// Its log.
	pub fn log(&self) -> &Log {
		&self.log
	}

	/// What it has logged since it was last started.
	///
	/// # Errors
	/// When the log cannot be read.
	pub fn log_since_start(&self) -> Result<String> {
		self.log.since(self.mark)
	}

	/// Its process id while it has not been killed.
	pub fn pid(&self) -> Option<u32> {
		self.child.as_ref().map(Child::id)
	}

	/// The bytes of memory that it uses.
	///
	/// # Errors
	/// If it does not run.
	pub fn memory(&self) -> Result<u64> {
		let pid = self
			.pid()
			.ok_or_else(|| Error::new(format!("{} does not run", self.config.name)))?;
		process::memory(pid)
	}

	/// How it ended by itself; `None` while it runs or after it was killed.
	///
	/// # Errors
	/// When the system does not say.
	pub fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
		Ok(match &mut self.child {
			Some(child) => child.try_wait()?,
			None => None,
		})
	}

	/// Waits until it answers, as itself.
	///
	/// # Errors
	/// When it ends, or has not answered after [`START_LIMIT`].
	pub async fn ready(&mut self) -> Result<Rpc> {
		if let Some(rpc) = &self.rpc {
			return Ok(rpc.clone());
		}
		let name = self.config.name.clone();
		let (address, expected) = (self.config.rpc, self.config.identity().peer_id().to_string());
		let child = std::sync::Mutex::new(self.child.as_mut());
		let refused = std::sync::Mutex::new(String::new());
		let what = format!("{name} to answer");
		let rpc = wait::until(&what, START_LIMIT, || async {
			let ended = match child.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).as_mut() {
				Some(child) => child.try_wait()?,
				None => return Err(Error::new(format!("{name} is not running"))),
			};
			if let Some(status) = ended {
				return Err(Error::new(format!("{name} ended by itself: {status}")));
			}
			let answered = match Rpc::connect(address).await {
				Ok(rpc) => rpc
					.call::<String>("system_localPeerId", rpc_params![])
					.await
					.map(|peer_id| (rpc, peer_id)),
				Err(error) => Err(error),
			};
			match answered {
				Ok((rpc, peer_id)) => {
					crate::ensure!(peer_id == expected, "another node than {name} answers at {address}");
					Ok(Some(rpc))
				}
				Err(error) => {
					*refused.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = error.to_string();
					Ok(None)
				}
			}
		});
		let rpc = rpc.await;
		let refused = refused.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
		let rpc = rpc.map_err(|error| Error::new(format!("{error} (its last answer: {refused})")))?;
		self.rpc = Some(rpc.clone());
		Ok(rpc)
	}

	/// The connection that [`Node::ready`] made.
	///
	/// # Errors
	/// When the node is not ready.
	pub fn rpc(&self) -> Result<&Rpc> {
		self.rpc
			.as_ref()
			.ok_or_else(|| Error::new(format!("{} is not ready", self.config.name)))
	}

	/// Its metrics.
	///
	/// # Errors
	/// When it does not show them.
	pub async fn metrics(&self) -> Result<Metrics> {
		Metrics::read(self.config.metrics).await
	}

	/// SIGKILL: no chance to tidy up.
	pub fn kill(&mut self) {
		self.rpc = None;
		if let Some(mut child) = self.child.take() {
			let _ = child.kill();
			let _ = child.wait();
		}
	}

	/// SIGTERM, and waits for it to end in order.
	///
	/// # Errors
	/// When it does not, or not with success.
	pub async fn stop(&mut self) -> Result<()> {
		self.rpc = None;
		match self.child.take() {
			Some(child) => process::end_in_order(child, &self.config.name, STOP_LIMIT).await,
			None => Ok(()),
		}
	}

	/// Starts it again with the same data. It is not waited for.
	///
	/// # Errors
	/// When the process cannot be started.
	pub fn restart(&mut self) -> Result<()> {
		self.kill();
		self.spawn()
	}

	/// What must hold of every node at the end of a test: it still runs unless the test ended it, and it never
	/// panicked. Then it is killed.
	///
	/// # Errors
	/// When that does not hold.
	pub fn finish(&mut self) -> Result<()> {
		let ended = self.exit_status()?;
		self.kill();
		if let Some(status) = ended {
			return Err(Error::new(format!("{} ended by itself: {status}", self.config.name)));
		}
		if let Some(panic) = self.log.panic()? {
			return Err(Error::new(format!("{} panicked: {panic}", self.config.name)));
		}
		self.finished = true;
		Ok(())
	}

	/// As [`Node::finish`], for a node that the test drove to its death on purpose: how it died does not matter.
	pub fn finish_dead(&mut self) {
		self.kill();
		self.finished = true;
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		let ended = self.exit_status().ok().flatten();
		self.kill();
		if !self.finished {
			self.log.show(&self.config.name, ended);
		}
	}
}
