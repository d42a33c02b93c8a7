//! Peers without any key that mean harm: they speak the node's own protocols, and send what no honest node does.
//!
//! A [`siege`] is a number of them at once. Each visits a node under a new identity, as long as it is let in, with one
//! kind of [`Attack`] after the other. What they send they make from what they hear: a node sends its peers true votes
//! and blocks.

mod line;
mod words;

pub use words::Attack;

use crate::{
	identity::{hex, Identity},
	rng::Rng,
	rpc::Rpc,
	Network, Result,
};
use codec::Encode;
use line::Line;
use sp_core::H256;
use std::{
	collections::BTreeMap,
	net::SocketAddr,
	time::{Duration, Instant},
};
use tokio::task::JoinSet;
use words::Heard;

/// How long one visit lasts at the most.
const VISIT: Duration = Duration::from_secs(20);
/// How long a node may take to let a visitor in.
const ENTRY: Duration = Duration::from_secs(10);
/// Between two bursts.
const PAUSE: Duration = Duration::from_millis(20);
/// Messages of a burst: 10,000 a second.
const BURST: usize = 200;

/// A node, as a stranger finds it.
#[derive(Clone, Debug)]
struct Target {
	address: SocketAddr,
	peer_id: String,
	genesis: H256,
	voters: usize,
}

/// What came of the visits of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visits {
	/// How many there were.
	pub count: u32,
	/// How many of them the node ended.
	pub thrown_out: u32,
	/// How many messages were sent.
	pub sent: u64,
}

/// What a siege did, by kind of attack.
pub type Siege = BTreeMap<Attack, Visits>;

/// Has so many peers at once attack the nodes of a network for a while.
///
/// # Errors
/// If a node does not say which chain it is on, or never lets anybody in.
pub async fn siege(network: &Network, peers: usize, lasts: Duration, seed: u64) -> Result<Siege> {
	let mut targets = Vec::new();
	for (index, node) in network.nodes().iter().enumerate() {
		let rpc = network.rpc(index)?;
		targets.push(Target {
			address: node.config().p2p,
			peer_id: node.config().identity().peer_id().to_string(),
			genesis: genesis(rpc).await?,
			voters: network.nodes().len(),
		});
	}
	let end = Instant::now() + lasts;
	let mut attackers = JoinSet::new();
	for peer in 0..peers {
		attackers.spawn(attack(
			peer,
			targets.clone(),
			end,
			Rng::new(seed.wrapping_add(peer as u64)),
		));
	}
	let mut siege = Siege::new();
	while let Some(done) = attackers.join_next().await {
		for (attack, visits) in done?? {
			let sum = siege.entry(attack).or_default();
			sum.count += visits.count;
			sum.thrown_out += visits.thrown_out;
			sum.sent += visits.sent;
		}
	}
	crate::ensure!(siege.values().any(|visits| visits.sent > 0), "no node let anybody in");
	Ok(siege)
}

async fn genesis(rpc: &Rpc) -> Result<H256> {
	let genesis = rpc.hash_at(0).await?;
	genesis.ok_or_else(|| crate::Error::new("the node has no genesis"))
}

/// One peer after the other, in the same place.
async fn attack(place: usize, targets: Vec<Target>, end: Instant, mut random: Rng) -> Result<Siege> {
	let mut siege = Siege::new();
	for visit in 0.. {
		let left = end.saturating_duration_since(Instant::now());
		if left.is_zero() {
			break;
		}
		let attack = Attack::ALL[(place + visit) % Attack::ALL.len()];
		let target = &targets[(place + visit / Attack::ALL.len()) % targets.len()];
		let visits = siege.entry(attack).or_default();
		visits.count += 1;
		let name = format!("hostile {place} {visit} {}", random.below(u64::MAX));
		let Some(line) = Line::open(target, &Identity::of(&name), ENTRY.min(left)).await? else {
			visits.thrown_out += 1;
			continue;
		};
		let (sent, thrown_out) = one_visit(line, attack, target, VISIT.min(left), &mut random).await;
		visits.sent += sent;
		visits.thrown_out += u32::from(thrown_out);
	}
	Ok(siege)
}

/// Sends as much as the line takes; how much that was, and whether the node ended it.
async fn one_visit(mut line: Line, attack: Attack, target: &Target, lasts: Duration, random: &mut Rng) -> (u64, bool) {
	let end = Instant::now() + lasts;
	let mut heard = Heard::new(target.voters);
	let mut sent = 0;
	while Instant::now() < end {
		if attack == Attack::ReadNothing {
			// The node sends votes and blocks, and nobody takes them.
			tokio::time::sleep(PAUSE).await;
			continue;
		}
		if !line.listen(PAUSE, &mut heard).await {
			return (sent, true);
		}
		for _ in 0..BURST {
			let Some(word) = heard.word(attack, random) else { break };
			if !line.say(word).await {
				break;
			}
			sent += 1;
		}
	}
	(sent, false)
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
