//! What peers that mean harm can do to a network: four validators, and a process on one of the processors that sends
//! what nobody honest does.
//!
//! Before each siege the same network is measured without one: whoever competes with the nodes for the processors takes
//! time from them, whatever it sends.

use crate::{
	progress::Progress,
	report::{Row, FAILED},
	stats::{production, Latencies, SLOT_MS},
};
use poca_primitives::AuthorityPair;
use smartchain_tests::{
	hostile::{self, siege, Attack, Protocol, Siege, Visits},
	metrics::Metrics,
	network::Plan,
	node::process,
	rng::Rng,
	watch::Watcher,
	Error, Network, Result,
};
use sp_core::Pair;
use std::time::{Duration, Instant};

const MEGABYTE: f64 = 1e6;
/// The voter whose keys the hostile process has.
const TRAITOR: &str = "//Dave";
/// How long a network is measured in peace, as a share of the siege.
const PEACE: u32 = 3;
const DROPPED: &str = "smartchain_messages_dropped_total";
const MISSED: &str = "smartchain_missed_slots_total";
/// What is dropped of what honest nodes say, too.
const USUAL: [&str; 2] = ["known", "stale"];

/// The pace, the latency and the memory of a network in peace and under siege by a peer without keys.
pub async fn by_strangers(lasts: Duration, only: &[Attack]) -> Result<Vec<Row>> {
	besieged("a hostile peer without keys", None, lasts, only).await
}

/// The same, besieged by one of its four voters. Its own node runs, too, until it hears of what its key signs.
pub async fn by_a_voter(lasts: Duration, only: &[Attack]) -> Result<Vec<Row>> {
	besieged("one of four voters hostile", Some(TRAITOR), lasts, only).await
}

async fn besieged(who: &str, voter: Option<&str>, lasts: Duration, only: &[Attack]) -> Result<Vec<Row>> {
	let peace = lasts / PEACE;
	let mut progress = Progress::new(
		format!("four validators, {who}"),
		lasts + peace + Duration::from_secs(40),
	);
	progress.show("starting");
	let seed = Rng::seed_from_env();
	eprintln!("replay with SMARTCHAIN_TEST_SEED={seed}");
	let core = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
	let network = Network::start(Plan::default()).await?;
	let mut watchers = Vec::new();
	for node in 0..network.nodes().len() {
		watchers.push(network.watch(node).await?);
	}
	watchers[0].until_more_final(48, Duration::from_secs(60)).await?;
	let before = State::of(&network, &watchers).await?;
	progress.show("in peace");
	tokio::time::sleep(peace).await;
	let between = State::of(&network, &watchers).await?;
	progress.show("besieged");
	let siege = siege(
		&network,
		hostile::Plan {
			core,
			lasts,
			seed,
			voter,
			only,
		},
	)
	.await?;
	let after = State::of(&network, &watchers).await?;
	end(network, voter).await?;
	let (peace, war) = (Phase::new(&before, &between), Phase::new(&between, &after));
	progress.done(&format!(
		"blocks {} to {} in peace, to {} besieged, memory grew by {:.0} MB",
		before.height,
		between.height,
		after.height,
		war.grown()
	));
	let mut rows = peace.rows(&format!("{who}, before it comes"), ["", "", ""], &watchers)?;
	rows.extend(war.rows(who, ["100 %", "p95 < 100 ms", "< 100 MB"], &watchers)?);
	if let Some(voter) = voter {
		rows.push(missed(who, voter, &war)?);
		let seen = |kind: &str| war.sum("smartchain_equivocations_total", &[&format!("kind=\"{kind}\"")]);
		rows.push(Row::new(
			format!("contradictions that the nodes saw ({who})"),
			"",
			format!("{:.0} of votes, {:.0} of blocks", seen("vote"), seen("block")),
		));
	}
	rows.push(Row::new(
		format!("dropped by the nodes ({who})"),
		"",
		war.drops().join(", "),
	));
	rows.extend(siege.iter().map(what_it_did));
	let unheard = unheard(&siege, &peace, &war);
	if !unheard.is_empty() {
		let what = unheard.join("; ");
		rows.push(Row::new(
			format!("whether all of it reached the nodes ({who})"),
			"all",
			format!("{FAILED}: {what}"),
		));
	}
	Ok(rows)
}

/// Ends the network, and looks for faults. A sibling that names a false state makes the runtime panic when a node
/// executes it, as any false block does: with a hostile voter the logs are not looked at. That all nodes answer was
/// seen before.
async fn end(network: Network, voter: Option<&str>) -> Result<()> {
	if voter.is_some() {
		return Ok(());
	}
	network.finish().await
}

/// How one kind of attack went.
fn what_it_did((attack, visits): (&Attack, &Visits)) -> Row {
	Row::new(
		format!("what it did: {attack:?}"),
		"",
		format!(
			"{} visits ({} not let in, {} ended by the node), {} messages, {} answers, {} refusals",
			visits.count, visits.shut_out, visits.thrown_out, visits.sent, visits.answered, visits.refused
		),
	)
}

/// The slots that directors missed, those of the hostile one apart: its own node stops once another signs with its key.
fn missed(who: &str, voter: &str, war: &Phase) -> Result<Row> {
	let keys = AuthorityPair::from_string(voter, None).map_err(|error| Error::new(format!("{voter}: {error:?}")))?;
	let own = format!("director=\"{}\"", keys.public());
	let first = |phase: &Phase, labels: &[&str]| phase.grown_by(0, MISSED, labels);
	let (all, own) = (first(war, &[]), first(war, &[&own]));
	Ok(Row::new(
		format!("slots without a block of their director ({who})"),
		"none but its own",
		format!("{own:.0} of the hostile one, {:.0} of others", all - own),
	))
}

/// What did not reach any node, in words.
fn unheard(siege: &Siege, peace: &Phase, war: &Phase) -> Vec<String> {
	let mut unheard = Vec::new();
	for (attack, visits) in siege {
		if *attack == Attack::ReadNothing {
			continue;
		}
		if visits.sent == 0 {
			unheard.push(format!("{attack:?} never was sent"));
			continue;
		}
		if let Some((protocol, reasons)) = attack.dropped_as() {
			let dropped = |reason: &&str| {
				war.sum(
					DROPPED,
					&[&format!("protocol=\"{protocol}\""), &format!("reason=\"{reason}\"")],
				)
			};
			if reasons.iter().map(dropped).sum::<f64>() == 0.0 {
				unheard.push(format!("no node dropped anything of {attack:?}"));
			}
		}
	}
	let sent = |protocol| {
		siege
			.iter()
			.any(|(attack, visits)| attack.protocol() == Some(protocol) && visits.sent > 0)
	};
	for protocol in Protocol::SAID
		.into_iter()
		.chain(Protocol::ASKED)
		// No node serves light clients, so that none hears them.
		.filter(|protocol| *protocol != Protocol::Light && sent(*protocol))
	{
		if war.received(protocol) / war.seconds <= peace.received(protocol) / peace.seconds {
			unheard.push(format!("no node heard more than in peace on {}", protocol.suffix()));
		}
	}
	unheard
}

/// What nodes show at one time.
struct State {
	at: Instant,
	height: u32,
	metrics: Vec<Metrics>,
	memory: Vec<u64>,
	cpu: Vec<f64>,
}

impl State {
	async fn of(network: &Network, watchers: &[Watcher]) -> Result<Self> {
		let (mut metrics, mut memory, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
		for node in network.nodes() {
			metrics.push(node.metrics().await?);
			memory.push(node.memory()?);
			cpu.push(node.pid().map_or(Ok(0.0), process::cpu_seconds)?);
		}
		let heights = watchers.iter().map(|watcher| watcher.heights().finalized);
		Ok(Self {
			at: Instant::now(),
			height: heights.min().unwrap_or(0),
			metrics,
			memory,
			cpu,
		})
	}
}

/// What happened between two times.
struct Phase<'a> {
	from: &'a State,
	to: &'a State,
	seconds: f64,
}

impl<'a> Phase<'a> {
	fn new(from: &'a State, to: &'a State) -> Self {
		Self {
			from,
			to,
			seconds: to.at.duration_since(from.at).as_secs_f64(),
		}
	}

	/// The memory that the node gained that gained most, in MB.
	fn grown(&self) -> f64 {
		let nodes = self.from.memory.iter().zip(&self.to.memory);
		let grown = nodes.map(|(from, to)| to.saturating_sub(*from)).max();
		grown.unwrap_or(0) as f64 / MEGABYTE
	}

	/// How much a counter of one node gained, over all series with these labels.
	fn grown_by(&self, node: usize, name: &str, labels: &[&str]) -> f64 {
		let at = |state: &State| {
			state
				.metrics
				.get(node)
				.map_or(0.0, |metrics| metrics.sum_with(name, labels))
		};
		at(self.to) - at(self.from)
	}

	/// The same over all nodes.
	fn sum(&self, name: &str, labels: &[&str]) -> f64 {
		(0..self.to.metrics.len())
			.map(|node| self.grown_by(node, name, labels))
			.sum()
	}

	/// How much the nodes heard on a protocol.
	fn received(&self, protocol: Protocol) -> f64 {
		let protocol = format!("{}\"", protocol.suffix());
		let requests = ["requests_in_success_total_count", "requests_in_failure_total"];
		let asked = requests
			.iter()
			.map(|name| self.sum(&format!("substrate_sub_libp2p_{name}"), &[&protocol]));
		let said = self.sum(
			"substrate_sub_libp2p_notifications_sizes_count",
			&["direction=\"in\"", &protocol],
		);
		asked.sum::<f64>() + said
	}

	/// What the nodes dropped that honest nodes do not say, by protocol and reason.
	fn drops(&self) -> Vec<String> {
		let mut kinds: Vec<&str> = Vec::new();
		for metrics in &self.to.metrics {
			kinds.extend(metrics.labels(DROPPED));
		}
		kinds.sort_unstable();
		kinds.dedup();
		let word = |labels: &str, name: &str| {
			let rest = labels.split_once(&format!("{name}=\"")).map_or("", |(_, rest)| rest);
			rest.split('"').next().unwrap_or_default().to_string()
		};
		kinds
			.into_iter()
			.filter_map(|labels| {
				let (protocol, reason) = (word(labels, "protocol"), word(labels, "reason"));
				let count = self.sum(
					DROPPED,
					&[&format!("protocol=\"{protocol}\""), &format!("reason=\"{reason}\"")],
				);
				(count > 0.0 && !USUAL.contains(&&*reason)).then(|| format!("{protocol} {reason} {count:.0}"))
			})
			.collect()
	}

	/// The rows of every phase, with what is asked of it.
	fn rows(&self, place: &str, asked: [&'static str; 3], watchers: &[Watcher]) -> Result<Vec<Row>> {
		let (first, last) = (self.from.height, self.to.height);
		let mut latencies = Latencies::default();
		for watcher in watchers {
			latencies.add(&watcher.blocks(), &watcher.finalized(), first, last);
		}
		let pace = production(&watchers[0].blocks(), &watchers[0].finalized(), first, last);
		let pace = pace.ok_or_else(|| Error::new("too few blocks to measure anything"))?;
		let gap = pace.longest_slots as f64 * SLOT_MS;
		let cpu = self.from.cpu.iter().zip(&self.to.cpu).map(|(from, to)| to - from);
		Ok(vec![
			Row::new(
				format!("slots filled ({place})"),
				asked[0],
				format!("{:.2} % (longest gap {gap:.0} ms)", pace.filled * 100.0),
			),
			Row::new(
				format!("seen to final, p50 / p95 / p99 ({place})"),
				asked[1],
				latencies.seen_to_final.summary(),
			),
			Row::new(
				format!("memory grown, the node that grew most ({place})"),
				asked[2],
				format!("{:.0} MB", self.grown()),
			),
			Row::new(
				format!("processors that the four nodes have ({place})"),
				"",
				format!("{:.2}", cpu.sum::<f64>() / self.seconds),
			),
		])
	}
}
