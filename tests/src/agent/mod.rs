//! One `smart-agent`, run as its users run it: by its command line, and looked at by its page.

use crate::{
	chain::tx::Account,
	node::{ports, process, program::Program},
	seen::http,
	wait, Error, Result,
};
use device_primitives::DeviceId;
use serde_json::Value;
use smartchain_runtime::AccountId;
use std::{
	fs::OpenOptions,
	io::Write,
	net::{Ipv4Addr, SocketAddr},
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::Duration,
};

/// How long a command may take that ends by itself, on a machine that is busy: `init` waits for several blocks, and
/// plots of the smallest size take a fifth of a second each.
const COMMAND_LIMIT: Duration = Duration::from_secs(90);
/// How long an agent may take from its start until it has reached its node.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long an agent may take to end when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// How the variables begin that an agent reads.
const VARIABLES: &str = "SMART_AGENT_";
/// The size of the plots: the smallest that test chains take.
pub const K: u8 = 18;
/// Their strength: the least that chains take.
pub const STRENGTH: u8 = 2;

/// The agent's binary. The plotter lies beside it, where the agent looks for it.
///
/// # Errors
/// When they have not been built.
pub fn binary() -> Result<PathBuf> {
	let agent = match std::env::var_os("SMARTCHAIN_AGENT") {
		Some(path) => PathBuf::from(path),
		None => process::built("smart-agent")?,
	};
	let plotter = agent.with_file_name("smart-agent-plotter");
	crate::ensure!(
		plotter.is_file(),
		"no `smart-agent-plotter` beside {}: run `cargo build --release --workspace` first",
		agent.display()
	);
	Ok(agent)
}

/// Whose devices they are: an account with a phrase of its own.
#[derive(Clone)]
pub struct Owner {
	account: Account,
	phrase: String,
}

impl Owner {
	/// One that nobody knows yet.
	pub fn generate() -> Self {
		let (account, phrase) = Account::generate();
		Self { account, phrase }
	}

	/// Its account, which can sign.
	pub fn account(&self) -> &Account {
		&self.account
	}
}

/// An agent with a data folder of its own. Dropping it kills the process; unless [`Agent::finish`] came first, that
/// means a failed test, and the end of its log is printed.
pub struct Agent {
	program: Program,
	owner: Owner,
	/// Where keys, plots and answers are.
	data: PathBuf,
	/// Where phrase and password are.
	secrets: [PathBuf; 2],
	node: SocketAddr,
	page: SocketAddr,
	/// Where it takes slots of storage deals, if it does,
	store: Option<u16>,
	/// and the port that it tells others, if that is another one.
	shown: Option<u16>,
	/// Where it gives out outputs of units, and how many it runs at a time, if it computes,
	work: Option<(u16, u16)>,
	/// and the program that runs them, if it is another one than its own.
	units: Option<PathBuf>,
}

impl Agent {
	/// An agent that has nothing yet, of this owner, at the RPC address of a node. Its log, its data and its secrets,
	/// which are worth nothing, go into `dir`.
	///
	/// # Errors
	/// When there is no free port, or the secrets cannot be written.
	pub fn new(name: &str, owner: Owner, node: SocketAddr, dir: &Path) -> Result<Self> {
		let secrets = [("phrase", owner.phrase.as_str()), ("password", "worth nothing")];
		let secrets = secrets.map(|(what, text)| {
			let path = dir.join(format!("{name}.{what}"));
			std::fs::write(&path, format!("{text}\n")).map(|()| path)
		});
		let [phrase, password] = secrets;
		Ok(Self {
			program: Program::new(name, dir.to_path_buf(), STOP_LIMIT),
			data: dir.join(name),
			secrets: [phrase?, password?],
			node,
			page: SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
			store: None,
			shown: None,
			work: None,
			units: None,
			owner,
		})
	}

	/// Its name, which is its device's, too.
	pub fn name(&self) -> &str {
		&self.program.name
	}

	/// Whose device it is.
	pub fn owner(&self) -> &Account {
		self.owner.account()
	}

	/// Its process id while it runs.
	pub fn pid(&self) -> Option<u32> {
		self.program.child.as_ref().map(Child::id)
	}

	fn command(&self, arguments: &[&str]) -> Result<Command> {
		// The kernel kills it when whoever started it dies: a killed test leaves nothing running.
		let mut command = Command::new("setpriv");
		command.args(["--pdeathsig", "KILL", "--"]).arg(binary()?);
		command.arg("--data").arg(&self.data).args(arguments);
		// What is set for an agent of this machine's user is not for this one.
		let of_agents = |name: &std::ffi::OsString| name.to_string_lossy().starts_with(VARIABLES);
		for (name, _) in std::env::vars_os().filter(|(name, _)| of_agents(name)) {
			command.env_remove(name);
		}
		command.env(format!("{VARIABLES}CHAIN_NODES"), format!("ws://{}", self.node));
		command.env(format!("{VARIABLES}STATUS_LISTEN"), self.page.to_string());
		let mut endpoints = Vec::new();
		if let Some(port) = self.store {
			command.env(format!("{VARIABLES}STORAGE_ENABLED"), "true");
			command.env(format!("{VARIABLES}STORAGE_LISTEN"), format!("127.0.0.1:{port}"));
			endpoints.push(format!("tcp://localhost:{}", self.shown.unwrap_or(port)));
		}
		if let Some((port, slots)) = self.work {
			command.env(format!("{VARIABLES}WORK_ENABLED"), "true");
			command.env(format!("{VARIABLES}WORK_LISTEN"), format!("127.0.0.1:{port}"));
			// What `work set` writes into its configuration it would read at its next start.
			command.env(format!("{VARIABLES}WORK_SLOTS"), slots.to_string());
			endpoints.push(format!("tcp://localhost:{port}"));
		}
		if let Some(units) = &self.units {
			command.env(format!("{VARIABLES}WORK_PROGRAM"), units);
		}
		if !endpoints.is_empty() {
			command.env(format!("{VARIABLES}DEVICE_ENDPOINTS"), endpoints.join(","));
		}
		command.stdin(Stdio::null());
		Ok(command)
	}

	/// Has it take slots of storage deals, on a free port: before `init`, which tells the chain where.
	///
	/// # Errors
	/// When there is no free port.
	pub fn sell_storage(&mut self) -> Result<()> {
		self.store = Some(ports::free()?);
		Ok(())
	}

	/// Has it compute so many units of jobs at a time, and give out their outputs on a free port: before `init`, too.
	/// It offers as many by [`Agent::offer_work`], unless some are to wait at it.
	///
	/// # Errors
	/// When there is no free port, or the program that runs units has not been built.
	pub fn sell_work(&mut self, slots: u16) -> Result<()> {
		let program = binary()?.with_file_name("smart-unit");
		crate::ensure!(
			program.is_file(),
			"no `smart-unit` beside the agent: run `cargo build --release --workspace` first"
		);
		self.work = Some((ports::free()?, slots));
		Ok(())
	}

	/// Has it run units by another program, such as one that lies.
	pub fn run_units_by(&mut self, program: PathBuf) {
		self.units = Some(program);
	}

	/// Offers to compute so many units at a time at a price, with this much more at stake. Whether it can be drawn: the
	/// chain counts what it has shown of its speed by then.
	///
	/// # Errors
	/// When it fails.
	pub async fn offer_work(&self, ask: &str, slots: u16, stake: Option<&str>) -> Result<bool> {
		let slots = slots.to_string();
		let wants = ["work", "set", "--ask", ask, "--slots", &slots];
		let more = stake.map_or(Vec::new(), |stake| vec!["--stake", stake]);
		self.signed(&[&wants[..], &more].concat()).await?;
		let shown = self.carry_out(&["work", "show"]).await?;
		Ok(shown["tickets"].as_u64().is_some_and(|tickets| tickets > 0))
	}

	/// How far its units of a job are, by its page; none if it does not answer.
	pub async fn work_states(&self, job: u64) -> Vec<String> {
		let status = self.status().await.unwrap_or_default();
		let units = status["work"]["units"].as_array().cloned().unwrap_or_default();
		let of_job = units.iter().filter(|unit| unit["job"] == job);
		of_job
			.filter_map(|unit| unit["state"].as_str().map(str::to_owned))
			.collect()
	}

	/// Where it takes slots, if it does.
	pub fn store(&self) -> Option<SocketAddr> {
		self.store.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
	}

	/// Has it tell others another port than its own: that of something which stands before it. Before `init`, too.
	pub fn show_port(&mut self, port: u16) {
		self.shown = Some(port);
	}

	/// Where the bytes of a slot of a deal lie, if it has them.
	pub fn slot_file(&self, deal: u64, slot: u32) -> PathBuf {
		self.slot_folder(deal, slot).join("data")
	}

	/// Whether it has made room for a slot of a deal.
	pub fn has_room(&self, deal: u64, slot: u32) -> bool {
		self.slot_folder(deal, slot).is_dir()
	}

	/// How many bytes of a slot of a deal are durable at it, as its disk has it: the two places of a mark, or all once
	/// it is sealed.
	pub fn durable(&self, deal: u64, slot: u32) -> u64 {
		let folder = self.slot_folder(deal, slot);
		if folder.join("outboard").is_file() {
			return std::fs::metadata(folder.join("data")).map_or(0, |data| data.len());
		}
		let mark = std::fs::read(folder.join("mark")).unwrap_or_default();
		let said = |at: usize| mark.get(at + 8..at + 16)?.try_into().ok().map(u64::from_le_bytes);
		[0, 4_096].into_iter().filter_map(said).max().unwrap_or(0)
	}

	fn slot_folder(&self, deal: u64, slot: u32) -> PathBuf {
		self.data.join("storage/slots").join(format!("{deal}-{slot:02}"))
	}

	/// Offers space at a price, and what it gives out at another one; `0` asks readers for nothing, who read as often
	/// as they like then. Whether it can be drawn: the chain counts what plots have proven by then.
	///
	/// # Errors
	/// When it fails.
	pub async fn offer_storage(&self, space: &str, ask: &str, egress: &str) -> Result<bool> {
		let wants = ["--space", space, "--ask", ask, "--egress", egress];
		self.signed(&[&["offer", "set"], &wants[..]].concat()).await?;
		let shown = self.carry_out(&["offer", "show"]).await?;
		Ok(shown["tickets"].as_u64().is_some_and(|tickets| tickets > 0))
	}

	/// Takes no new slots from now on: it is drawn no more, also when it is gone. The agent need not run.
	///
	/// # Errors
	/// When it fails.
	pub async fn withdraw_storage(&self) -> Result<()> {
		self.signed(&["offer", "withdraw"]).await.map(|_| ())
	}

	/// Has another device take a slot of a deal: it is held until then, and costs a part of its collateral.
	///
	/// # Errors
	/// When it fails.
	pub async fn leave_slot(&self, deal: u64, slot: u32) -> Result<()> {
		let name = format!("{deal}/{slot}");
		self.signed(&["slots", "leave", &name]).await.map(|_| ())
	}

	/// Has the chain pay what readers have promised for slots: in how many transactions, of which each is one slot's.
	///
	/// # Errors
	/// When it fails.
	pub async fn redeem_vouchers(&self) -> Result<usize> {
		let done = self.signed(&["slots", "redeem"]).await?;
		let sent = done["sent"].as_array().map(Vec::len);
		sent.ok_or_else(|| Error::new(format!("{}: nothing is said to be sent: {done}", self.program.name)))
	}

	/// Runs a command to its end: what it says, as JSON; null if that is nothing.
	///
	/// # Errors
	/// When it fails, with what it says of the reason, or takes too long.
	pub async fn carry_out(&self, arguments: &[&str]) -> Result<Value> {
		let what = format!("{}: smart-agent {}", self.program.name, arguments.join(" "));
		let command = self.command(&[&["--json"], arguments].concat())?;
		let mut command = tokio::process::Command::from(command);
		let output = tokio::time::timeout(COMMAND_LIMIT, command.kill_on_drop(true).output()).await;
		let output = output.map_err(|_| Error::new(format!("{what}: not done after {COMMAND_LIMIT:?}")))??;
		let said = String::from_utf8_lossy(&output.stderr);
		let mut log = OpenOptions::new()
			.create(true)
			.append(true)
			.open(self.program.log.path())?;
		writeln!(log, "{what}\n{said}")?;
		crate::ensure!(output.status.success(), "{what}: {}: {said}", output.status);
		if output.stdout.trim_ascii().is_empty() {
			return Ok(Value::Null);
		}
		serde_json::from_slice(&output.stdout).map_err(|error| Error::from(error).while_doing(what))
	}

	/// A command by which the owner signs, without a question.
	async fn signed(&self, arguments: &[&str]) -> Result<Value> {
		let [_, password] = &self.secrets;
		let password = password.to_string_lossy();
		self.carry_out(&[arguments, &["--yes", "--password-file", &*password]].concat())
			.await
	}

	/// Makes keys, registers the device and enters the lottery of uptime, and of compute if there are segments. The
	/// owner has to have the money.
	///
	/// # Errors
	/// When it fails, or makes the keys of another account.
	pub async fn init(&self, segments: u32) -> Result<DeviceId> {
		let [phrase, _] = &self.secrets;
		let (phrase, segments) = (phrase.to_string_lossy(), segments.to_string());
		let device = ["--device-name", &self.program.name, "--phrase-file", &*phrase];
		let made = self
			.signed(&[&["init", "--segments", &segments], &device[..]].concat())
			.await?;
		let owner = self.owner().id().to_string();
		crate::ensure!(
			made["registered"] == true && made["address"] == owner.as_str(),
			"{}: no device of {owner} is registered: {made}",
			self.program.name
		);
		let id = made["device"].as_str().unwrap_or_default();
		let bytes = sp_core::bytes::from_hex(id).ok().and_then(|id| id.try_into().ok());
		let bytes = bytes.ok_or_else(|| Error::new(format!("{}: no device's id in {made}", self.program.name)))?;
		Ok(DeviceId(bytes))
	}

	/// Makes plots until there are so many, and has them claimed if that is wanted.
	///
	/// # Errors
	/// When it fails.
	pub async fn plot(&self, count: u32, claim: bool) -> Result<()> {
		let (k, strength, count) = (K.to_string(), STRENGTH.to_string(), count.to_string());
		let order = [
			"plot",
			"create",
			"--size",
			&k,
			"--strength",
			&strength,
			"--count",
			&count,
		];
		let silent: &[&str] = if claim { &[] } else { &["--no-claim"] };
		self.signed(&[&order[..], silent].concat()).await?;
		Ok(())
	}

	/// Offers the device to a candidate.
	///
	/// # Errors
	/// When it fails.
	pub async fn offer(&self, candidate: &AccountId) -> Result<()> {
		self.signed(&["device", "link", "offer", &candidate.to_string()])
			.await?;
		Ok(())
	}

	/// Starts it, and waits until it has reached its node.
	///
	/// # Errors
	/// When it ends, or has not after [`START_LIMIT`].
	pub async fn run(&mut self) -> Result<()> {
		let log = OpenOptions::new()
			.create(true)
			.append(true)
			.open(self.program.log.path())?;
		let mut command = self.command(&["run"])?;
		command.stdout(log.try_clone()?).stderr(log);
		self.program.child = Some(command.spawn()?);
		let what = format!("{} to reach its node", self.program.name);
		let (name, page) = (self.program.name.clone(), self.page);
		let child = std::sync::Mutex::new(self.program.child.as_mut());
		wait::until(&what, START_LIMIT, || async {
			let ended = match child.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).as_mut() {
				Some(child) => child.try_wait()?,
				None => None,
			};
			if let Some(status) = ended {
				return Err(Error::new(format!("{name} ended by itself: {status}")));
			}
			// Until it listens nobody answers.
			let status = status(page).await.unwrap_or_default();
			Ok((status["chain"]["connection"]["state"] == "connected").then_some(()))
		})
		.await
	}

	/// What its page shows, as JSON.
	///
	/// # Errors
	/// When it does not answer.
	pub async fn status(&self) -> Result<Value> {
		status(self.page).await
	}

	/// SIGKILL: no chance to tidy up.
	pub fn kill(&mut self) {
		self.program.kill();
	}

	/// SIGTERM, and waits for it to end in order.
	///
	/// # Errors
	/// When it does not, or not with success.
	pub async fn stop(&mut self) -> Result<()> {
		self.program.stop().await
	}

	/// What must hold of every agent at the end of a test: it still runs unless the test killed it, it ends in order,
	/// and it never panicked.
	///
	/// # Errors
	/// When that does not hold.
	pub async fn finish(&mut self) -> Result<()> {
		self.program.finish().await
	}
}

async fn status(page: SocketAddr) -> Result<Value> {
	Ok(serde_json::from_str(&http::get(page, "/status.json").await?)?)
}
