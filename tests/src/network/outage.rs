//! An outage that finality alone cannot bear: three of seven directors die at once, two of them neighbours in the order
//! of turns.
//!
//! Blocks go on, for behind each director a line stands by. Finality returns once the chain has replaced some of the
//! dead, by the 51% rule.

use super::{Network, Wiring};
use crate::{
	chain::state,
	seen::{turns, watch::Watcher},
	Error, Result,
};
use serde_json::json;
use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// How many directors there are,
const DIRECTORS: u32 = 7;
/// and standby signers.
const STANDBYS: u32 = 2;
/// How long finality may take to return at the most.
const LIMIT: Duration = Duration::from_secs(90);

/// What it cost.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
	/// The longest time without a block.
	pub production: Duration,
	/// The longest time in which nothing became final.
	pub finality: Duration,
}

/// The network that it befalls, and the folder of its chain's specification. A single missed turn isolates.
///
/// # Errors
/// If it does not start.
pub async fn network() -> Result<(Network, TempDir)> {
	let change = json!({ "candidates": { "parameters": { "isolateAfter": 1 } } });
	Network::of_seats(DIRECTORS, STANDBYS, change, Wiring::Direct).await
}

/// Kills three of the nodes as the turn of one of them begins, and waits until blocks become final without them.
///
/// # Errors
/// If the chain stands still, or something became final by the votes of those that are left alone.
pub async fn kill_three(network: &mut Network, watcher: &Watcher) -> Result<Outage> {
	let groups = groups(network).await?;
	let first = turns::begins(watcher, |place| groups.contains_key(&place)).await?;
	let dead = groups.get(&first).copied();
	let dead = dead.ok_or_else(|| Error::new("no such director"))?;
	eprintln!("directors {dead:?} are killed as the turn of place {first} begins");
	for node in dead {
		network.node_mut(node).kill();
	}
	until_final_again(watcher, Instant::now()).await
}

/// Waits until blocks become final again after more directors were killed than finality bears; what it cost.
///
/// # Errors
/// As [`kill_three`].
pub async fn until_final_again(watcher: &Watcher, killed: Instant) -> Result<Outage> {
	// Votes that had been sent may still count, on blocks that are there by now.
	let before = watcher.until_more_blocks(1, Duration::from_secs(20)).await?;
	let stopped = watcher.until_more_blocks(6, Duration::from_secs(20)).await?;
	crate::ensure!(
		stopped.finalized <= before.best,
		"block {} became final with less than a quorum of voters",
		stopped.finalized
	);
	let what = "finality to return";
	watcher.until(what, LIMIT, |now| now.finalized > stopped.best).await?;
	Ok(Outage {
		production: watcher.production_gap(killed),
		finality: watcher.finality_gap(killed),
	})
}

/// The nodes to kill, by the place of the first of two neighbours. Neither of the two has a standby signer, so that the
/// directors of the next turns stand by for the first; the third is not their neighbour. Node 0 is who is asked, and
/// stays.
async fn groups(network: &Network) -> Result<BTreeMap<u32, [usize; 3]>> {
	let directors = state::directors(network.rpc(0)?).await?;
	let signers = state::standby_signers(network.rpc(0)?).await?;
	let mut nodes = Vec::new();
	for account in &directors {
		nodes.push(network.node_of(account)?);
	}
	let at = |place: usize| place % nodes.len();
	let is_alone = |place: usize| signers.get(at(place)).is_none_or(Option::is_none);
	let groups: BTreeMap<_, _> = (0..nodes.len())
		.filter(|first| is_alone(*first) && is_alone(first + 1))
		.map(|first| (first, [first, first + 1, first + 3].map(|place| nodes[at(place)])))
		.filter(|(_, dead)| !dead.contains(&0))
		.filter_map(|(first, dead)| Some((u32::try_from(first).ok()?, dead)))
		.collect();
	if groups.is_empty() {
		return Err(Error::new(format!(
			"no two neighbours without standby signers: {signers:?}"
		)));
	}
	Ok(groups)
}
