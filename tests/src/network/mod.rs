//! Several nodes on one chain.

pub mod front;
pub mod netns;
pub mod outage;
pub mod relay;

use crate::{
	chain::{spec, tx::Account},
	node::{clock::FakeClock, Node, NodeConfig},
	seen::{rpc::Rpc, watch::Watcher},
	wait, Error, Result,
};
use netns::Namespaces;
use relay::Relay;
use serde_json::Value;
use smartchain_runtime::{
	genesis::{standby_seed, testnet_seed},
	AccountId,
};
use std::{
	collections::HashSet,
	net::{IpAddr, Ipv4Addr},
	path::Path,
	time::Duration,
};
use tempfile::TempDir;

/// The accounts that are the directors and voters of the chain `local`, in their order.
pub const ACCOUNTS: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// Starts the name of every network's folder; the id of the process that it belongs to follows.
const DIR_PREFIX: &str = "smartchain-test-";

/// The seeds of a network with so many directors and standby signers, directors first.
pub fn seeds(directors: u32, standbys: u32) -> Vec<String> {
	(1..=directors)
		.map(testnet_seed)
		.chain((1..=standbys).map(standby_seed))
		.collect()
}

/// Removes the folders of runs that were killed before they could.
fn remove_left_overs() {
	let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else {
		return;
	};
	for entry in entries.flatten() {
		let name = entry.file_name();
		let pid = name
			.to_str()
			.and_then(|name| name.strip_prefix(DIR_PREFIX)?.split_once('-'))
			.map(|(pid, _)| pid);
		if pid.is_some_and(|pid| pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists()) {
			let _ = std::fs::remove_dir_all(entry.path());
		}
	}
}

/// How the nodes of a network reach each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiring {
	/// Over loopback. Validators are each other's reserved nodes, as operators would set them up; others find them as
	/// bootnodes.
	Direct,
	/// Over loopback, and only through relays that delay everything by this much each way.
	Relayed(Duration),
	/// Each in a network namespace of its own, two and two on bridges that can be parted.
	Namespaces,
}

/// What a network is made of.
#[derive(Clone, Debug)]
pub struct Plan {
	/// How many validators: the first of [`ACCOUNTS`]. None if there are seeds.
	pub validators: usize,
	/// The seeds of the keys of those that sign, if they are others.
	pub seeds: Vec<String>,
	/// How many places are kept for nodes that come later, if places are namespaces.
	pub spare: usize,
	/// Whether each validator has a clock of its own, which the test sets.
	pub clocks: bool,
	/// The processors that they share, as `taskset` names them; all otherwise.
	pub cores: Option<String>,
	/// How they reach each other.
	pub wiring: Wiring,
	/// The chain.
	pub chain: String,
	/// Whether each validator compiles each runtime that it runs: where it counts how long that takes.
	pub compiles: bool,
	/// Further arguments of every validator.
	pub args: Vec<String>,
}

impl Default for Plan {
	fn default() -> Self {
		Self {
			validators: 4,
			seeds: Vec::new(),
			spare: 0,
			clocks: false,
			cores: None,
			wiring: Wiring::Direct,
			chain: "local".to_string(),
			compiles: false,
			args: Vec::new(),
		}
	}
}

/// A running network. Dropping it ends all of its processes.
pub struct Network {
	// Nodes end before what connects them and before the folder that holds their data: fields are dropped in this
	// order.
	nodes: Vec<Node>,
	relays: Vec<(usize, Relay)>,
	namespaces: Option<Namespaces>,
	wiring: Wiring,
	dir: TempDir,
}

impl Network {
	/// Starts the validators and waits until each of them answers and is connected to all others.
	///
	/// # Errors
	/// When they do not.
	pub async fn start(plan: Plan) -> Result<Self> {
		let mut network = Self::empty(plan.wiring, plan.validators.max(plan.seeds.len()) + plan.spare)?;
		let accounts = ACCOUNTS
			.get(..plan.validators)
			.ok_or_else(|| Error::new("`local` has four validators"))?;
		let mut configs = Vec::new();
		for account in accounts.iter().filter(|_| plan.seeds.is_empty()) {
			configs.push(NodeConfig::new(account)?.validator(account));
		}
		for seed in &plan.seeds {
			// `//Director//1` is director-1.
			let name = seed.trim_matches('/').replace("//", "-").to_lowercase();
			configs.push(NodeConfig::new(&name)?.validator_of(seed));
		}
		let mut placed = Vec::new();
		for (index, config) in configs.into_iter().enumerate() {
			let mut config = config.with_args(plan.args.clone());
			config.chain.clone_from(&plan.chain);
			config.cores.clone_from(&plan.cores);
			config.compiles = plan.compiles;
			if plan.clocks {
				let file = network.dir.path().join(format!("{}.clock", config.name));
				config.clock = Some(FakeClock::new(&file)?);
			}
			placed.push(network.place(config, index)?);
		}
		let mut configs = placed;
		network.connect(&mut configs).await?;
		for config in configs {
			network.start_node(config)?;
		}
		network.ready().await?;
		Ok(network)
	}

	/// A network of so many directors and standby signers on a chain with other parameters, and the folder of its
	/// specification. The nodes are in the order of [`seeds`].
	///
	/// # Errors
	/// If it does not start.
	pub async fn of_seats(directors: u32, standbys: u32, change: Value, wiring: Wiring) -> Result<(Self, TempDir)> {
		let folder = tempfile::tempdir()?;
		let plan = Plan {
			validators: 0,
			seeds: seeds(directors, standbys),
			chain: spec::with_change(&format!("local-{directors}-{standbys}"), &change, folder.path())?,
			wiring,
			..Plan::default()
		};
		Ok((Self::start(plan).await?, folder))
	}

	/// A network without nodes; `places` is how many namespaces it takes, if it is made of namespaces.
	///
	/// # Errors
	/// When they cannot be made.
	pub fn empty(wiring: Wiring, places: usize) -> Result<Self> {
		let namespaces = (wiring == Wiring::Namespaces)
			.then(|| Namespaces::create(places))
			.transpose()?;
		remove_left_overs();
		let dir = tempfile::Builder::new()
			.prefix(&format!("{DIR_PREFIX}{}-", std::process::id()))
			.tempdir()?;
		Ok(Self {
			nodes: Vec::new(),
			relays: Vec::new(),
			namespaces,
			wiring,
			dir,
		})
	}

	/// Puts a node that is still to be started in its place of this network.
	///
	/// # Errors
	/// Never for now; addresses are well-formed.
	pub fn place(&self, config: NodeConfig, index: usize) -> Result<NodeConfig> {
		match &self.namespaces {
			Some(namespaces) => {
				let (p2p, rpc) = (
					namespaces.p2p_address(index).parse()?,
					namespaces.rpc_address(index).parse()?,
				);
				Ok(config.in_namespace(namespaces.name(index), p2p, rpc))
			}
			None => Ok(config),
		}
	}

	/// Tells nodes that are still to be started of each other, each by the address at which that one reaches the other.
	///
	/// # Errors
	/// When a relay cannot be started.
	pub async fn connect(&mut self, configs: &mut [NodeConfig]) -> Result<()> {
		let targets: Vec<NodeConfig> = configs.to_vec();
		for (to, target) in targets.iter().enumerate() {
			// Over slow links one of each two dials: where both do, either may open its streams on the connection that
			// the other is about to give up, and they find each other only after ten seconds, by the direct way.
			let relayed = matches!(self.wiring, Wiring::Relayed(_));
			let dials = |from: usize| if relayed { from < to } else { from != to };
			for (_, config) in configs.iter_mut().enumerate().filter(|(from, _)| dials(*from)) {
				let address = match self.wiring {
					Wiring::Direct | Wiring::Namespaces => target.multiaddress(),
					Wiring::Relayed(delay) => {
						let relay = Relay::start(target.p2p, delay).await?;
						let port = relay.port();
						self.relays.push((to, relay));
						target.multiaddress_at(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
					}
				};
				config.args.extend(["--reserved-nodes".to_string(), address]);
			}
		}
		if matches!(self.wiring, Wiring::Relayed(_)) {
			for (index, config) in configs.iter_mut().enumerate() {
				let port = self
					.relays
					.iter()
					.find(|(to, _)| *to == index)
					.map(|(_, relay)| relay.port());
				let public = port.map(|port| format!("/ip4/{}/tcp/{port}", Ipv4Addr::LOCALHOST));
				// What a node tells of itself must not lead others past the relays.
				config.args.extend(
					public
						.into_iter()
						.flat_map(|address| ["--public-addr".to_string(), address]),
				);
			}
		}
		Ok(())
	}

	/// Starts one more node of this configuration. It is not waited for.
	///
	/// # Errors
	/// When the process cannot be started.
	pub fn start_node(&mut self, config: NodeConfig) -> Result<usize> {
		self.nodes.push(Node::start(config, self.dir.path())?);
		Ok(self.nodes.len() - 1)
	}

	/// Starts a full node that knows all nodes so far as bootnodes, and waits until it answers.
	///
	/// # Errors
	/// When it does not, or where the network is not wired directly: there every node must be placed by hand.
	pub async fn add_full_node(&mut self, name: &str, args: &[&str]) -> Result<usize> {
		crate::ensure!(
			self.wiring == Wiring::Direct,
			"only directly wired networks take further nodes"
		);
		let mut config = NodeConfig::new(name)?.with_args(args.iter().copied());
		config.chain = self
			.nodes
			.first()
			.map_or("local".to_string(), |node| node.config().chain.clone());
		for node in &self.nodes {
			config
				.args
				.extend(["--bootnodes".to_string(), node.config().multiaddress()]);
		}
		let index = self.start_node(config)?;
		self.nodes[index].ready().await?;
		Ok(index)
	}

	/// Waits until every node answers and has as many peers as there are others.
	///
	/// # Errors
	/// When one does not, or ends.
	pub async fn ready(&mut self) -> Result<()> {
		let others = self.nodes.len() as u64 - 1;
		for node in &mut self.nodes {
			node.ready().await?;
		}
		for node in &self.nodes {
			let what = format!("{} to have {others} peers", node.name());
			wait::until(&what, Duration::from_secs(60), || async {
				Ok((node.rpc()?.peers().await? >= others).then_some(()))
			})
			.await?;
		}
		self.assert_relayed()
	}

	/// A node.
	pub fn node(&self, index: usize) -> &Node {
		&self.nodes[index]
	}

	/// A node, to kill it or to start it again.
	pub fn node_mut(&mut self, index: usize) -> &mut Node {
		&mut self.nodes[index]
	}

	/// The node whose keys derive from the seed of an account.
	///
	/// # Errors
	/// If there is none.
	pub fn node_of(&self, account: &AccountId) -> Result<usize> {
		let is_its = |node: &Node| {
			let seed = node.config().seed.as_deref();
			seed.is_some_and(|seed| Account::dev(seed).id() == account)
		};
		let node = self.nodes.iter().position(is_its);
		node.ok_or_else(|| Error::new(format!("no node has the keys of {account:?}")))
	}

	/// All nodes.
	pub fn nodes(&self) -> &[Node] {
		&self.nodes
	}

	/// A node's own clock.
	///
	/// # Errors
	/// If it has none.
	pub fn clock(&self, index: usize) -> Result<&FakeClock> {
		let config = self.nodes[index].config();
		config
			.clock
			.as_ref()
			.ok_or_else(|| Error::new(format!("{} has the machine's clock", config.name)))
	}

	/// A node's RPC.
	///
	/// # Errors
	/// When the node is not ready.
	pub fn rpc(&self, index: usize) -> Result<&Rpc> {
		self.nodes[index].rpc()
	}

	/// The voter set that a node is in.
	///
	/// # Errors
	/// When the node does not answer.
	pub async fn set_of(&self, index: usize) -> Result<u64> {
		let status = self.rpc(index)?.finality_status().await?;
		status["setId"]
			.as_u64()
			.ok_or_else(|| Error::new(format!("no voter set in {status}")))
	}

	/// Waits until a node is in this voter set or a later one.
	///
	/// # Errors
	/// When it is not after `limit`.
	pub async fn until_set(&self, index: usize, set: u64, limit: Duration) -> Result<()> {
		let what = format!("{} to be in voter set {set}", self.node(index).name());
		wait::until(&what, limit, || async {
			Ok((self.set_of(index).await? >= set).then_some(()))
		})
		.await
	}

	/// Waits until a node votes.
	///
	/// # Errors
	/// If it does not after `limit`.
	pub async fn until_voting(&self, index: usize, limit: Duration) -> Result<()> {
		let what = format!("{} to vote", self.node(index).name());
		wait::until(&what, limit, || async {
			Ok(self.rpc(index)?.not_voting().await?.is_none().then_some(()))
		})
		.await
	}

	/// Watches a node.
	///
	/// # Errors
	/// When the node is not ready.
	pub async fn watch(&self, index: usize) -> Result<Watcher> {
		Watcher::start(self.rpc(index)?).await
	}

	/// The namespaces that the network is made of.
	///
	/// # Errors
	/// When it is made of none.
	pub fn namespaces(&self) -> Result<&Namespaces> {
		self.namespaces
			.as_ref()
			.ok_or_else(|| Error::new("this network is not made of namespaces"))
	}

	/// A folder that is removed with the network.
	pub fn dir(&self) -> &Path {
		self.dir.path()
	}

	/// Starts a killed node again and waits until it answers.
	///
	/// # Errors
	/// When it does not.
	pub async fn restart(&mut self, index: usize) -> Result<Rpc> {
		self.nodes[index].restart()?;
		self.nodes[index].ready().await
	}

	/// Waits until every node that runs has finalized this height.
	///
	/// # Errors
	/// When one has not after `limit`.
	pub async fn until_all_final(&self, number: u32, limit: Duration) -> Result<()> {
		let all = async {
			for node in self.nodes.iter().filter(|node| node.pid().is_some()) {
				let watcher = Watcher::start(node.rpc()?).await?;
				let what = format!("{} to finalize block {number}", node.name());
				watcher
					.until(&what, limit, |heights| heights.finalized >= number)
					.await?;
			}
			Ok(())
		};
		let limited = tokio::time::timeout(limit, all).await;
		limited.unwrap_or_else(|_| {
			Err(Error::new(format!(
				"waited {limit:?} in vain for block {number} to be final everywhere"
			)))
		})
	}

	/// That all nodes that run agree on what is final, as far as the slowest of them has finalized.
	///
	/// # Errors
	/// When two of them do not.
	pub async fn assert_agreed(&self) -> Result<()> {
		let mut finalized = Vec::new();
		for node in self.nodes.iter().filter(|node| node.pid().is_some()) {
			finalized.push((node, node.rpc()?.finalized().await?.number));
		}
		let Some(lowest) = finalized.iter().map(|(_, number)| *number).min() else {
			return Ok(());
		};
		let mut hashes = Vec::new();
		for (node, _) in &finalized {
			hashes.push((node.name(), node.rpc()?.hash_at(lowest).await?));
		}
		let distinct: HashSet<_> = hashes.iter().map(|(_, hash)| hash).collect();
		crate::ensure!(
			distinct.len() == 1,
			"two chains are final at height {lowest}: {hashes:?}"
		);
		Ok(())
	}

	/// That no connection bypasses the relays, where there are any.
	///
	/// # Errors
	/// When one does.
	pub fn assert_relayed(&self) -> Result<()> {
		if !matches!(self.wiring, Wiring::Relayed(_)) {
			return Ok(());
		}
		// Both ends of every relayed connection are a relay's: the port that it listens on, or that it dials from.
		let mut relayed: HashSet<u16> = HashSet::new();
		for (_, relay) in &self.relays {
			relayed.insert(relay.port());
			relayed.extend(relay.links());
		}
		let listening: HashSet<u16> = self.nodes.iter().map(|node| node.config().p2p.port()).collect();
		for (local, remote) in established()? {
			let bypasses = listening.contains(&local) && !relayed.contains(&remote);
			crate::ensure!(
				!bypasses,
				"a connection from port {local} to port {remote} bypasses the relays"
			);
		}
		Ok(())
	}

	/// What must hold at the end of every test: nodes that should run do, none has panicked, and what is final is so
	/// for all. Then everything is taken down.
	///
	/// # Errors
	/// When that does not hold.
	pub async fn finish(mut self) -> Result<()> {
		self.assert_relayed()?;
		self.assert_agreed().await?;
		for node in &mut self.nodes {
			node.finish()?;
		}
		Ok(())
	}
}

/// The local and remote ports of all established TCP connections of this namespace.
fn established() -> Result<Vec<(u16, u16)>> {
	const ESTABLISHED: &str = "01";
	let table = std::fs::read_to_string("/proc/net/tcp")?;
	let port = |address: &str| u16::from_str_radix(address.split_once(':')?.1, 16).ok();
	let ports = |line: &str| {
		let mut fields = line.split_whitespace().skip(1);
		let (local, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
		(state == ESTABLISHED).then_some(())?;
		Some((port(local)?, port(remote)?))
	};
	Ok(table.lines().skip(1).filter_map(ports).collect())
}
