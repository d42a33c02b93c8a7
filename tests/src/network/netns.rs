//! A small network of network namespaces whose halves can be parted.
//!
//! ```text
//!   node 0 ── bridge A ══ bridge B ── node 2        the hub's link (═) goes down to part the two halves
//!   node 1 ─┘                     └─ node 3
//! ```
//! The bridges live in a namespace of their own. A second, direct link leads from each node's namespace to the
//! caller's, for RPC only: nodes listen for each other on the bridged addresses alone.

use crate::{Error, Result};
use std::process::{Command, Stdio};

const PREFIX: &str = "sc-test-";

/// The namespaces of one network. Dropping them takes everything down, whatever their state.
pub struct Namespaces {
	names: Vec<String>,
	hub: String,
	/// The third byte of all addresses: two runs at once shall not meet.
	subnet: u8,
}

fn run(program: &str, arguments: &str) -> Result<()> {
	let output = Command::new(program)
		.args(arguments.split_whitespace())
		.stdin(Stdio::null())
		.output()
		.map_err(|error| Error::new(format!("cannot run `{program}`: {error}")))?;
	if output.status.success() {
		return Ok(());
	}
	Err(Error::new(format!(
		"`{program} {arguments}`: {}",
		String::from_utf8_lossy(&output.stderr).trim()
	)))
}

fn ip(arguments: impl AsRef<str>) -> Result<()> {
	run("ip", arguments.as_ref())
}

/// Whether a process of this id lives.
fn alive(pid: &str) -> bool {
	std::path::Path::new("/proc").join(pid).exists()
}

/// Removes what a run left behind that was killed before it could.
fn remove_left_overs() {
	let Ok(list) = Command::new("ip").args(["netns", "list"]).output() else {
		return;
	};
	for name in String::from_utf8_lossy(&list.stdout)
		.lines()
		.filter_map(|line| line.split_whitespace().next())
	{
		let pid = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
		if pid.is_some_and(|pid| !alive(pid)) {
			let _ = ip(format!("netns del {name}"));
		}
	}
}

impl Namespaces {
	/// Whether this machine lets us make them; otherwise why not.
	///
	/// # Errors
	/// Says what is missing.
	pub fn available() -> Result<()> {
		let probe = format!("{PREFIX}{}-probe", std::process::id());
		ip(format!("netns add {probe}"))?;
		let linked = ip(format!("-n {probe} link add br0 type bridge"))
			.and_then(|()| ip(format!("-n {probe} link add v0 type veth peer name v1")));
		let _ = ip(format!("netns del {probe}"));
		linked
	}

	/// As [`Namespaces::available`], for a test that is left out where there are none: says so, loudly.
	///
	/// # Panics
	/// Where `SMARTCHAIN_REQUIRE_NETNS` is set and there are none.
	pub fn available_to(test: &str) -> bool {
		let Err(error) = Self::available() else {
			return true;
		};
		eprintln!("\n!!! SKIPPED, OR WITHOUT PARTITIONS: {test}");
		eprintln!("!!! network namespaces cannot be had on this machine: {error}\n");
		assert!(
			std::env::var_os("SMARTCHAIN_REQUIRE_NETNS").is_none(),
			"network namespaces are required here: {error}"
		);
		false
	}

	/// `count` namespaces, the first half of them on bridge A and the others on bridge B.
	///
	/// # Errors
	/// When a command fails, with its own words.
	pub fn create(count: usize) -> Result<Self> {
		remove_left_overs();
		let pid = std::process::id();
		// Built first, so that dropping it also removes a half-made network.
		let this = Self {
			names: (0..count).map(|i| format!("{PREFIX}{pid}-{i}")).collect(),
			hub: format!("{PREFIX}{pid}-hub"),
			subnet: (pid % 200) as u8,
		};
		let hub = &this.hub;
		ip(format!("netns add {hub}"))?;
		ip(format!("-n {hub} link add ab type veth peer name ba"))?;
		for (bridge, link) in [("bra", "ab"), ("brb", "ba")] {
			ip(format!("-n {hub} link add {bridge} type bridge"))?;
			ip(format!("-n {hub} link set {link} master {bridge} up"))?;
			ip(format!("-n {hub} link set {bridge} up"))?;
		}
		for (i, name) in this.names.iter().enumerate() {
			let bridge = if i < count / 2 { "bra" } else { "brb" };
			ip(format!("netns add {name}"))?;
			ip(format!("-n {name} link set lo up"))?;
			ip(format!("-n {name} link add p2p type veth peer name n{i} netns {hub}"))?;
			ip(format!("-n {hub} link set n{i} master {bridge} up"))?;
			ip(format!("-n {name} addr add {}/24 dev p2p", this.p2p_address(i)))?;
			ip(format!("-n {name} link set p2p up"))?;
			let outside = format!("scrpc{}-{i}", pid % 100_000);
			ip(format!(
				"-n {name} link add rpc type veth peer name {outside} netns {pid}"
			))?;
			ip(format!("-n {name} addr add {}/30 dev rpc", this.rpc_address(i)))?;
			ip(format!("-n {name} link set rpc up"))?;
			ip(format!(
				"addr add 198.19.{}.{}/30 dev {outside}",
				this.subnet,
				4 * i + 1
			))?;
			ip(format!("link set {outside} up"))?;
		}
		Ok(this)
	}

	/// The name of a node's namespace.
	pub fn name(&self, node: usize) -> &str {
		&self.names[node]
	}

	/// Where other nodes reach a node.
	pub fn p2p_address(&self, node: usize) -> String {
		format!("198.18.{}.{}", self.subnet, node + 1)
	}

	/// Where the caller reaches a node's RPC.
	pub fn rpc_address(&self, node: usize) -> String {
		format!("198.19.{}.{}", self.subnet, 4 * node + 2)
	}

	/// Parts the halves: no packet passes between them any more, and nobody is told.
	///
	/// # Errors
	/// When the command fails.
	pub fn part(&self) -> Result<()> {
		ip(format!("-n {} link set ab down", self.hub))
	}

	/// Joins the halves again.
	///
	/// # Errors
	/// When the command fails.
	pub fn join(&self) -> Result<()> {
		ip(format!("-n {} link set ab up", self.hub))
	}
}

impl Drop for Namespaces {
	fn drop(&mut self) {
		// The links vanish with the namespaces.
		for name in self.names.iter().chain([&self.hub]) {
			let _ = ip(format!("netns del {name}"));
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Whether a namespace's first ping to another arrives within a second.
	fn reaches(namespaces: &Namespaces, from: usize, to: usize) -> bool {
		// `ping` may not be installed; bash can open a TCP connection, and a refusal is an answer as well.
		let script = format!("exec 3<>/dev/tcp/{}/9", namespaces.p2p_address(to));
		let output = Command::new("ip")
			.args([
				"netns",
				"exec",
				namespaces.name(from),
				"timeout",
				"1",
				"bash",
				"-c",
				&script,
			])
			.output()
			.unwrap();
		String::from_utf8_lossy(&output.stderr).contains("Connection refused")
	}

	#[test]
	fn halves_part_and_join_and_nothing_is_left() {
		if let Err(error) = Namespaces::available() {
			eprintln!("SKIPPED, no network namespaces on this machine: {error}");
			return;
		}
		let namespaces = Namespaces::create(4).unwrap();
		let names = namespaces.names.clone();
		assert!(reaches(&namespaces, 0, 1) && reaches(&namespaces, 0, 2) && reaches(&namespaces, 3, 1));
		namespaces.part().unwrap();
		assert!(
			reaches(&namespaces, 0, 1) && reaches(&namespaces, 2, 3),
			"each half stays whole"
		);
		assert!(
			!reaches(&namespaces, 0, 2) && !reaches(&namespaces, 3, 1),
			"and the other half is gone"
		);
		namespaces.join().unwrap();
		assert!(reaches(&namespaces, 0, 2));
		drop(namespaces);
		let list = Command::new("ip").args(["netns", "list"]).output().unwrap();
		let list = String::from_utf8_lossy(&list.stdout).into_owned();
		assert!(names.iter().all(|name| !list.contains(name)));
	}
}
