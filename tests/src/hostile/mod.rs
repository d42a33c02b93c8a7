//! Peers that mean harm: they speak the protocols of a node, and send what no honest node does.
//!
//! A [`siege`] is a process of its own, held to one processor. In it each kind of [`Attack`] has a peer, which visits
//! one node after the other under new identities, and sends as much as it can. What it sends it makes from what it
//! hears: a node sends its peers true votes and blocks. Some kinds take the keys of a voter.

mod attack;
mod keys;
mod line;
mod shapes;
mod stock;
mod words;

pub use attack::{Attack, Protocol};

use crate::{
	identity::{hex, Identity},
	rng::Rng,
	tx::{self, Account, Chain},
	Error, Network, Result,
};
use codec::Encode;
use line::{Line, Sent};
use serde::{Deserialize, Serialize};
use sp_core::H256;
use std::{
	collections::BTreeMap,
	net::SocketAddr,
	process::Stdio,
	sync::{atomic::Ordering, Arc},
	time::{Duration, Instant},
};
use tokio::{process::Command, sync::Mutex, task::JoinSet};
use words::Heard;

/// How long one visit lasts at the most.
const VISIT: Duration = Duration::from_secs(10);
/// How long a node may take to let a visitor in.
const ENTRY: Duration = Duration::from_secs(10);
/// Between two bursts, if there is no room for more.
const PAUSE: Duration = Duration::from_millis(2);
/// Messages of a burst, after which others have their turn.
const BURST: usize = 64;
/// How long a voter's blocks get siblings before anything else is done with its keys, at the most: a turn of each of
/// four directors. Its own node stops at the first thing that another signs.
const CYCLE: Duration = Duration::from_secs(26);
/// How much longer than ordered the process may run.
const GRACE: Duration = Duration::from_secs(30);

/// A node, as a stranger finds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Target {
	address: SocketAddr,
	peer_id: String,
}

/// What the hostile process is to do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Orders {
	targets: Vec<Target>,
	genesis: H256,
	voters: usize,
	transaction: Vec<u8>,
	seconds: u64,
	seed: u64,
	/// The seed of the session keys that it has.
	voter: Option<String>,
	/// What it does.
	attacks: Vec<Attack>,
}

/// What came of the visits of one kind.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Visits {
	/// How many there were.
	pub count: u32,
	/// How many of them the node did not let in.
	pub shut_out: u32,
	/// How many of them the node ended.
	pub thrown_out: u32,
	/// How many messages were sent.
	pub sent: u64,
	/// How many requests were answered.
	pub answered: u64,
	/// How many requests were refused.
	pub refused: u64,
}

impl Visits {
	fn add(&mut self, other: Self) {
		self.count += other.count;
		self.shut_out += other.shut_out;
		self.thrown_out += other.thrown_out;
		self.sent += other.sent;
		self.answered += other.answered;
		self.refused += other.refused;
	}
}

/// What a siege did, by kind of attack.
pub type Siege = BTreeMap<Attack, Visits>;

/// How to besiege a network.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
	/// The processor that the hostile process has alone.
	pub core: usize,
	/// For how long.
	pub lasts: Duration,
	/// What everything random comes from.
	pub seed: u64,
	/// The seed of the session keys of a voter, if it is to do what takes keys, and not what does not.
	pub voter: Option<&'a str>,
	/// No other kinds than these, if there are any.
	pub only: &'a [Attack],
}

/// Attacks the nodes of a network for a while, from a process of its own.
///
/// The process is this one's program, which has to call [`obey`] if its first argument is `hostile`.
///
/// # Errors
/// If a node does not say which chain it is on, or the process fails.
pub async fn siege(network: &Network, plan: Plan<'_>) -> Result<Siege> {
	let Plan {
		core,
		lasts,
		seed,
		voter,
		only,
	} = plan;
	let rpc = network.rpc(0)?;
	let genesis = rpc.hash_at(0).await?;
	let stranger = Account::dev("//stranger");
	let call = tx::transfer(Account::dev("//Alice").id(), 1);
	let targets = network.nodes().iter().map(|node| Target {
		address: node.config().p2p,
		peer_id: node.config().identity().peer_id().to_string(),
	});
	let mut attacks = if voter.is_some() {
		Attack::WITH_KEYS.to_vec()
	} else {
		Attack::WITHOUT_KEYS.to_vec()
	};
	attacks.retain(|attack| only.is_empty() || only.contains(attack));
	let orders = Orders {
		targets: targets.collect(),
		genesis: genesis.ok_or_else(|| Error::new("the node has no genesis"))?,
		voters: network.nodes().len(),
		transaction: Chain::of(rpc).await?.sign(&stranger, 0, call),
		seconds: lasts.as_secs(),
		seed,
		voter: voter.map(Into::into),
		attacks,
	};
	let own = std::env::current_exe()?.display().to_string();
	let child = Command::new("setpriv")
		.args(["--pdeathsig", "KILL", "--", "taskset", "--cpu-list", &core.to_string()])
		.args([&own, "hostile", &serde_json::to_string(&orders)?])
		.stdin(Stdio::null())
		.stdout(Stdio::piped())
		.kill_on_drop(true)
		.spawn()?;
	let output = tokio::time::timeout(lasts + GRACE, child.wait_with_output()).await;
	let output = output.map_err(|_| Error::new("the hostile process does not end"))??;
	crate::ensure!(output.status.success(), "the hostile process failed: {}", output.status);
	Ok(serde_json::from_slice(&output.stdout)?)
}

/// What the hostile process does: it follows orders, and tells on its standard output what came of it.
///
/// # Errors
/// If the orders make no sense.
pub async fn obey(orders: &str) -> Result<()> {
	let orders: Orders = serde_json::from_str(orders)?;
	let lasts = Duration::from_secs(orders.seconds);
	let end = Instant::now() + lasts;
	// What one hears all can use: a node pushes only the blocks that it made itself.
	let heard = Arc::new(Mutex::new(Heard::new(&orders)));
	let mut attackers = JoinSet::new();
	for (place, kind) in orders.attacks.iter().enumerate() {
		let random = Rng::new(orders.seed.wrapping_add(place as u64));
		// Those that wait listen meanwhile, so that a block of the voter's own is heard whichever node it is pushed by.
		let waits = Attack::WITH_KEYS.contains(kind) && *kind != Attack::Siblings;
		let pause = if waits { CYCLE.min(lasts / 2) } else { Duration::ZERO };
		let times = Times {
			begin: end - lasts + pause,
			end,
		};
		attackers.spawn(attack(place, *kind, orders.clone(), heard.clone(), times, random));
	}
	let mut siege = Siege::new();
	while let Some(done) = attackers.join_next().await {
		let (kind, visits) = done??;
		siege.entry(kind).or_default().add(visits);
	}
	println!("{}", serde_json::to_string(&siege)?);
	Ok(())
}

/// From when until when something is said.
#[derive(Clone, Copy)]
struct Times {
	begin: Instant,
	end: Instant,
}

/// One visit after the other, to one node after the other.
async fn attack(
	place: usize,
	attack: Attack,
	orders: Orders,
	heard: Arc<Mutex<Heard>>,
	times: Times,
	mut random: Rng,
) -> Result<(Attack, Visits)> {
	let mut visits = Visits::default();
	let (mut node, mut came) = (place, Instant::now());
	loop {
		let left = times.end.saturating_duration_since(Instant::now());
		if left.is_zero() {
			return Ok((attack, visits));
		}
		// Thrown out, it comes back as somebody else; after a while it goes to the next.
		if came.elapsed() >= VISIT {
			(node, came) = (node + 1, Instant::now());
		}
		let target = &orders.targets[node % orders.targets.len()];
		visits.count += 1;
		let name = format!("hostile {place} {}", random.below(u64::MAX));
		let Some(line) = Line::open(&orders, target, &Identity::of(&name), ENTRY.min(left)).await? else {
			visits.shut_out += 1;
			tokio::time::sleep(PAUSE).await;
			continue;
		};
		let lasts = VISIT.saturating_sub(came.elapsed()).min(left);
		let times = Times {
			end: Instant::now() + lasts,
			..times
		};
		visits.add(one_visit(line, attack, &heard, times, &mut random).await);
	}
}

/// Sends as much as the line takes; what came of it.
async fn one_visit(mut line: Line, attack: Attack, heard: &Mutex<Heard>, times: Times, random: &mut Rng) -> Visits {
	let mut visits = Visits::default();
	let mut pause = PAUSE;
	while Instant::now() < times.end {
		if attack == Attack::ReadNothing {
			// The node sends votes and blocks, and nobody takes them.
			tokio::time::sleep(PAUSE).await;
			continue;
		}
		if !line.listen(pause, heard).await {
			visits.thrown_out = 1;
			break;
		}
		if Instant::now() < times.begin {
			continue;
		}
		let mut said = 0;
		while said < BURST {
			let Some(word) = heard.lock().await.word(attack, random) else {
				break;
			};
			match line.say(word) {
				Sent::Yes => said += 1,
				Sent::NoRoom => break,
				Sent::Gone => {
					visits.thrown_out = 1;
					break;
				}
			}
		}
		visits.sent += said as u64;
		pause = if said == BURST { Duration::ZERO } else { PAUSE };
		if visits.thrown_out > 0 {
			break;
		}
		tokio::task::yield_now().await;
	}
	let answers = line.answers();
	visits.answered = answers.answered.load(Ordering::Relaxed);
	visits.refused = answers.refused.load(Ordering::Relaxed);
	visits
}

/// The prefix of the protocols of a chain.
fn prefix(genesis: H256) -> String {
	format!("/{}", hex(genesis.as_bytes()))
}

/// What a full node at genesis says when it greets another.
fn greeting(genesis: H256) -> Vec<u8> {
	const FULL: u8 = 1;
	(FULL, 0u32, genesis, genesis).encode()
}
