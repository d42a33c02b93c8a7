//! Blocks without load: their pace, and how soon they are final.

use crate::{
	progress::Progress,
	report::Row,
	stats::{production, Latencies, Production, SLOT_MS},
};
use smartchain_tests::{
	metrics::Metrics,
	network::{outage, Plan},
	turns,
	watch::Watcher,
	Error, Network, Result, Wiring,
};
use std::time::{Duration, Instant};

const SEEN_TO_FINAL: &str = "smartchain_seen_to_final_seconds";
const SLOT_TO_FINAL: &str = "smartchain_slot_to_final_seconds";
/// How often a network with slow links is started until all its connections are slow.
const RELAYED_ATTEMPTS: u32 = 8;

/// Four validators over loopback, or with this one-way delay between any two of them.
pub async fn idle(delay: Option<Duration>, lasts: Duration) -> Result<Vec<Row>> {
	let place = delay.map_or("loopback".to_string(), |delay| {
		format!("{} ms links", delay.as_millis())
	});
	let mut progress = Progress::new(
		format!("four validators, {place}, idle"),
		lasts + Duration::from_secs(10),
	);
	progress.show("starting");
	let wiring = delay.map_or(Wiring::Direct, Wiring::Relayed);
	let (network, watchers) = settle(wiring).await?;

	let (first, before) = (watchers[0].heights().finalized, metrics(&network).await);
	let start = Instant::now();
	while start.elapsed() < lasts {
		tokio::time::sleep(Duration::from_millis(500)).await;
		let now = watchers[0].heights();
		progress.show(&format!("block {} seen, block {} final", now.best, now.finalized));
	}
	let heights = watchers.iter().map(|watcher| watcher.heights().finalized);
	let last = heights.min().unwrap_or(0);
	let after = metrics(&network).await;
	network.finish().await?;

	let mut latencies = Latencies::default();
	for watcher in &watchers {
		latencies.add(&watcher.blocks(), &watcher.finalized(), first, last);
	}
	let pace = production(&watchers[0].blocks(), &watchers[0].finalized(), first, last)
		.ok_or_else(|| Error::new("too few blocks to measure anything"))?;
	progress.done(&format!("seen to final {}", latencies.seen_to_final.summary()));
	let mut rows = pace_rows(&place, delay.is_some(), lasts, &pace);
	rows.extend(latency_rows(&place, delay.is_some(), &latencies, &before, &after));
	Ok(rows)
}

fn pace_rows(place: &str, delayed: bool, lasts: Duration, pace: &Production) -> Vec<Row> {
	let asked = if delayed {
		["", ""]
	} else {
		["500 ms, 2 % off at most", ">= 99 %"]
	};
	vec![
		Row::new(
			format!("block interval, mean over {} s ({place})", lasts.as_secs()),
			asked[0],
			format!("{:.2} ms", pace.interval_ms),
		),
		Row::new(
			format!("slots filled ({place})"),
			asked[1],
			format!(
				"{:.2} % (longest gap {:.0} ms)",
				pace.filled * 100.0,
				pace.longest_slots as f64 * SLOT_MS
			),
		),
	]
}

/// A histogram of the slowest node: buckets cannot be pooled without their counts.
fn of_slowest(before: &[Option<Metrics>], after: &[Option<Metrics>], histogram: &str) -> String {
	let worst = |q: f64| {
		let nodes = before.iter().zip(after);
		nodes
			.filter_map(|(before, after)| after.as_ref()?.quantile_since(before.as_ref()?, histogram, q))
			.max_by(f64::total_cmp)
	};
	match (worst(0.5), worst(0.95), worst(0.99)) {
		(Some(a), Some(b), Some(c)) => format!("{:.0} / {:.0} / {:.0} ms", a * 1e3, b * 1e3, c * 1e3),
		_ => "not shown by the node".to_string(),
	}
}

fn latency_rows(
	place: &str,
	delayed: bool,
	latencies: &Latencies,
	before: &[Option<Metrics>],
	after: &[Option<Metrics>],
) -> Vec<Row> {
	let asked = if delayed {
		"p50 <= 400 ms"
	} else {
		"p50 <= 150, p95 <= 300 ms"
	};
	let by_nodes = format!("the same by the nodes' own histogram, slowest node ({place})");
	vec![
		Row::new(
			format!("seen to final, p50 / p95 / p99 ({place})"),
			asked,
			latencies.seen_to_final.summary(),
		),
		Row::new(by_nodes.clone(), "", of_slowest(before, after, SEEN_TO_FINAL)),
		Row::new(
			format!("slot to final, p50 / p95 / p99 ({place})"),
			"",
			latencies.slot_to_final.summary(),
		),
		Row::new(by_nodes, "", of_slowest(before, after, SLOT_TO_FINAL)),
		Row::new(
			format!("slot to imported, p50 / p95 / p99 ({place})"),
			"",
			latencies.slot_to_seen.summary(),
		),
	]
}

async fn metrics(network: &Network) -> Vec<Option<Metrics>> {
	let mut all = Vec::new();
	for node in network.nodes() {
		all.push(node.metrics().await.ok());
	}
	all
}

/// A network past its first turn, which belongs to the start, and a look at each of its nodes.
///
/// While nodes connect they also tell each other where they listen. On one machine a node may then dial another past
/// its slow relay before the relay has connected them, and stay with that: such a network measures nothing and is
/// started anew.
async fn settle(wiring: Wiring) -> Result<(Network, Vec<Watcher>)> {
	let mut attempt = 1;
	loop {
		let network = Network::start(Plan {
			wiring,
			..Plan::default()
		})
		.await?;
		let mut watchers = Vec::new();
		for node in 0..network.nodes().len() {
			watchers.push(network.watch(node).await?);
		}
		watchers[0].until_more_final(12, Duration::from_secs(60)).await?;
		match network.assert_relayed() {
			Ok(()) => return Ok((network, watchers)),
			Err(error) if attempt < RELAYED_ATTEMPTS => {
				eprintln!("\nstarting anew: {error}");
				attempt += 1;
			}
			Err(error) => return Err(error),
		}
	}
}

/// The longest gaps when a director is killed in each way that matters: as its turn begins.
pub async fn one_killed(kills: u32) -> Result<Vec<Row>> {
	const CYCLE: u32 = 48;
	let each = Duration::from_secs(70);
	let mut progress = Progress::new("four validators, one killed", each * kills);
	progress.show("starting");
	let mut network = Network::start(Plan::default()).await?;
	let watcher = network.watch(0).await?;
	watcher.until_more_final(12, Duration::from_secs(60)).await?;
	let (mut production, mut finality) = (Duration::ZERO, Duration::ZERO);
	for kill in 0..kills {
		let victim = 1 + (kill as usize % 3);
		progress.show_share(f64::from(kill) / f64::from(kills), "waiting for a turn to begin");
		let director = turns::place(network.rpc(victim)?).await?;
		turns::begins(&watcher, |turn| turn == director).await?;
		let killed = Instant::now();
		network.node_mut(victim).kill();
		let from = watcher.heights().best;
		while watcher.heights().best < from + CYCLE - 12 {
			tokio::time::sleep(Duration::from_millis(250)).await;
			let share = killed.elapsed().as_secs_f64() / each.as_secs_f64();
			progress.show_share((f64::from(kill) + share) / f64::from(kills), "without it");
			smartchain_tests::ensure!(killed.elapsed() < Duration::from_secs(120), "the chain stands still");
		}
		production = production.max(watcher.production_gap(killed));
		finality = finality.max(watcher.finality_gap(killed));
		network.restart(victim).await?;
		watcher.until_more_final(12, Duration::from_secs(60)).await?;
	}
	network.finish().await?;
	progress.done(&format!(
		"no block for {production:.2?}, nothing final for {finality:.2?}"
	));
	Ok(vec![
		Row::new(
			format!("longest production gap, one director killed ({kills} times)"),
			"<= 2 s",
			shown(production),
		),
		Row::new(
			format!("longest finality gap, one director killed ({kills} times)"),
			"<= 3 s",
			shown(finality),
		),
	])
}

fn shown(gap: Duration) -> String {
	format!("{:.0} ms", gap.as_secs_f64() * 1e3)
}

/// The gaps when three of seven directors are killed at once, two of them neighbours in the order of turns.
pub async fn three_killed() -> Result<Vec<Row>> {
	let mut progress = Progress::new("seven validators, three killed", Duration::from_secs(90));
	progress.show("starting");
	let (mut network, _folder) = outage::network().await?;
	let watcher = network.watch(0).await?;
	watcher.until_more_final(12, Duration::from_secs(60)).await?;
	progress.show("killing three");
	let outage::Outage { production, finality } = outage::kill_three(&mut network, &watcher).await?;
	network.finish().await?;
	progress.done(&format!(
		"no block for {production:.2?}, nothing final for {finality:.2?}"
	));
	let what = "three of seven directors killed, two of them neighbours";
	Ok(vec![
		Row::new(format!("longest production gap, {what}"), "<= 3.5 s", shown(production)),
		Row::new(format!("longest finality gap, {what}"), "<= 59 s", shown(finality)),
	])
}
