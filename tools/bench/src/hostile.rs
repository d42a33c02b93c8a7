//! What peers without a key can do to a network: four validators on one core, while strangers send what nobody honest
//! does.

use crate::{
	progress::Progress,
	report::Row,
	stats::{production, Latencies, SLOT_MS},
};
use smartchain_tests::{
	hostile::{siege, Siege},
	network::Plan,
	rng::Rng,
	watch::Watcher,
	Error, Network, Result,
};
use std::time::Duration;

/// The processor that the validators share; the strangers have the others.
const CORE: &str = "0";
/// How many strangers there are at once: each validator has two.
const STRANGERS: usize = 8;
const MEGABYTE: f64 = 1e6;

/// The pace, the latency and the memory of a network under siege.
pub async fn under_siege(lasts: Duration) -> Result<Vec<Row>> {
	let mut progress = Progress::new("four validators on one core, besieged", lasts + Duration::from_secs(20));
	progress.show("starting");
	let seed = Rng::seed_from_env();
	eprintln!("replay with SMARTCHAIN_TEST_SEED={seed}");
	let network = Network::start(Plan {
		cores: Some(CORE.to_string()),
		..Plan::default()
	})
	.await?;
	let mut watchers = Vec::new();
	for node in 0..network.nodes().len() {
		watchers.push(network.watch(node).await?);
	}
	watchers[0].until_more_final(48, Duration::from_secs(60)).await?;
	let before = memory(&network)?;
	let first = watchers[0].heights().finalized;
	progress.show("besieged");
	let siege = siege(&network, STRANGERS, lasts, seed).await?;
	let heights = watchers.iter().map(|watcher| watcher.heights().finalized);
	let last = heights.min().unwrap_or(0);
	let after = memory(&network)?;
	network.finish().await?;
	let grown = before
		.iter()
		.zip(&after)
		.map(|(before, after)| after.saturating_sub(*before));
	let grown = grown.max().unwrap_or(0) as f64 / MEGABYTE;
	progress.done(&format!("blocks {first} to {last}, memory grew by {grown:.0} MB"));
	rows(&watchers, first, last, grown, &siege)
}

fn memory(network: &Network) -> Result<Vec<u64>> {
	network.nodes().iter().map(|node| node.memory()).collect()
}

fn rows(watchers: &[Watcher], first: u32, last: u32, grown: f64, siege: &Siege) -> Result<Vec<Row>> {
	let mut latencies = Latencies::default();
	for watcher in watchers {
		latencies.add(&watcher.blocks(), &watcher.finalized(), first, last);
	}
	let pace = production(&watchers[0].blocks(), &watchers[0].finalized(), first, last);
	let pace = pace.ok_or_else(|| Error::new("too few blocks to measure anything"))?;
	let place = "four validators on one core, hostile peers";
	let mut rows = vec![
		Row::new(
			format!("slots filled ({place})"),
			"100 %",
			format!(
				"{:.2} % (longest gap {:.0} ms)",
				pace.filled * 100.0,
				pace.longest_slots as f64 * SLOT_MS
			),
		),
		Row::new(
			format!("seen to final, p50 / p95 / p99 ({place})"),
			"p95 < 100 ms",
			latencies.seen_to_final.summary(),
		),
		Row::new(
			format!("memory grown, the node that grew most ({place})"),
			"< 100 MB",
			format!("{grown:.0} MB"),
		),
	];
	for (attack, visits) in siege {
		rows.push(Row::new(
			format!("what they did: {attack:?}"),
			"",
			format!(
				"{} visits, {} ended by the node, {} messages",
				visits.count, visits.thrown_out, visits.sent
			),
		));
	}
	Ok(rows)
}
