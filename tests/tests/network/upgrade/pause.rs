//! What nodes did around the longest pause between two blocks: which of them was late with which block, how large that
//! was, and what their pools and authors had to do meanwhile.
//!
//! - *Slots left out*: no director authored. A node that was late with its own block shows it in its own column.
//! - *One node or all but the author late*: the block was there, and executing it took long. Its extrinsics tell
//!   whether it was the block, and what pools validated whether these took the processors.
//! - *From the logs*, which have to be kept at `poca=debug`: how long each node built or executed each of these blocks.

use smartchain_runtime::constants::time::SLOT_DURATION;
use smartchain_tests::{
	metrics::Metrics,
	watch::{Seen, Watcher},
	Network, Node, Result,
};
use std::{
	fmt::Write,
	net::SocketAddr,
	ops::RangeInclusive,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::MissedTickBehavior};

/// How often what nodes count is read.
const LOOK: Duration = Duration::from_millis(500);
/// What is read, and what it is called here.
const COUNTED: [(&str, &str); 5] = [
	("substrate_sub_txpool_submitted_transactions", "came"),
	("substrate_sub_txpool_validations_finished", "validated"),
	("substrate_sub_txpool_validations_invalid", "removed"),
	("substrate_sub_txpool_block_transactions_pruned", "in blocks"),
	("smartchain_block_build_seconds_sum", "s of building"),
];
/// How many blocks before and after the pause are shown,
const BLOCKS: u32 = 8;
/// and for how long before and after it what was counted.
const AROUND: Duration = Duration::from_secs(3);

/// One reading of one node.
struct Reading {
	node: usize,
	at: Instant,
	counted: [f64; COUNTED.len()],
}

/// Watches all nodes of a network until it is dropped.
pub(super) struct Trace {
	watchers: Vec<Watcher>,
	readings: Arc<Mutex<Vec<Reading>>>,
	_tasks: JoinSet<()>,
}

impl Trace {
	pub(super) async fn start(network: &Network) -> Result<Self> {
		let (mut watchers, mut tasks) = (Vec::new(), JoinSet::new());
		let readings: Arc<Mutex<Vec<Reading>>> = Arc::default();
		for (index, node) in network.nodes().iter().enumerate() {
			watchers.push(network.watch(index).await?);
			tasks.spawn(read(index, node.config().metrics, Arc::clone(&readings)));
		}
		Ok(Self {
			watchers,
			readings,
			_tasks: tasks,
		})
	}

	/// The longest pause of the first node since a moment, block by block, and what was counted around it.
	pub(super) async fn tell(&self, network: &Network, since: Instant) -> Result<String> {
		let (rpc, mut told) = (network.rpc(0)?, String::new());
		let seen: Vec<Vec<Seen>> = self.watchers.iter().map(Watcher::blocks).collect();
		let Some((before, after)) = seen.first().and_then(|blocks| longest(blocks, since)) else {
			return Ok("no two blocks were seen".into());
		};
		let numbers = before.number.saturating_sub(BLOCKS)..=after.number.saturating_add(BLOCKS);
		let mut parent_slot = None;
		for number in numbers.clone() {
			let of_nodes: Vec<Option<&Seen>> = seen.iter().map(|blocks| first(blocks, number)).collect();
			let Some(block) = of_nodes.iter().flatten().next() else {
				continue;
			};
			let left_out = parent_slot.map_or(0, |parent: u64| block.slot.saturating_sub(parent.saturating_add(1)));
			parent_slot = Some(block.slot);
			let start = block.slot.saturating_mul(SLOT_DURATION) as f64;
			let late = of_nodes.iter().map(|seen| match seen {
				Some(seen) if seen.hash == block.hash => format!("{:.0}", seen.unix_ms - start),
				Some(_) => "another".into(),
				None => "never".into(),
			});
			let late: Vec<String> = late.collect();
			let extrinsics = rpc.body(block.hash).await?.len();
			let author = block
				.author
				.map_or_else(|| "nobody".into(), |author| author.to_string());
			let _ = writeln!(
				told,
				"#{number} by director {author}, {left_out} slots left out before it, {extrinsics} extrinsics; told of \
				 so many ms after the slot's start by each node: {}",
				late.join(", ")
			);
		}
		self.tell_counted(&mut told, before.at, after.at);
		for node in network.nodes() {
			tell_log(&mut told, node, numbers.clone())?;
		}
		Ok(told)
	}

	/// What each node counted from reading to reading, by the time since the pause began.
	fn tell_counted(&self, told: &mut String, began: Instant, ended: Instant) {
		let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
		for node in 0..self.watchers.len() {
			let of_node = readings
				.iter()
				.filter(|reading| reading.node == node && reading.at + AROUND > began && reading.at < ended + AROUND);
			let of_node: Vec<&Reading> = of_node.collect();
			for pair in of_node.windows(2) {
				let [earlier, later] = pair else { continue };
				let at = later.at.saturating_duration_since(began).as_secs_f64()
					- began.saturating_duration_since(later.at).as_secs_f64();
				let counted = COUNTED.iter().zip(earlier.counted.iter().zip(later.counted));
				let counted = counted.map(|((_, name), (earlier, later))| format!("{:.1} {name}", later - earlier));
				let counted: Vec<String> = counted.collect();
				let _ = writeln!(told, "node {node}, {at:+.1} s: {}", counted.join(", "));
			}
		}
	}
}

/// What a node's log says of these blocks, and of a version that came into force.
fn tell_log(told: &mut String, node: &Node, numbers: RangeInclusive<u32>) -> Result<()> {
	const WORDS: [&str; 2] = ["built block ", "executed block "];
	let number_of = |line: &str| {
		let rest = WORDS.iter().find_map(|words| line.split_once(words))?.1;
		rest.split(' ').next()?.parse::<u32>().ok()
	};
	for line in node.log().all()?.lines() {
		let is_of_these = number_of(line).is_some_and(|number| numbers.contains(&number));
		if is_of_these || line.contains("of the runtime is in force") {
			let _ = writeln!(told, "{}: {line}", node.name());
		}
	}
	Ok(())
}

async fn read(node: usize, address: SocketAddr, readings: Arc<Mutex<Vec<Reading>>>) {
	let mut ticks = tokio::time::interval(LOOK);
	ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
	loop {
		ticks.tick().await;
		let Ok(metrics) = Metrics::read(address).await else {
			continue;
		};
		let reading = Reading {
			node,
			at: Instant::now(),
			counted: COUNTED.map(|(name, _)| metrics.sum(name).unwrap_or(0.0)),
		};
		readings.lock().unwrap_or_else(PoisonError::into_inner).push(reading);
	}
}

/// The first block of this height.
fn first(blocks: &[Seen], number: u32) -> Option<&Seen> {
	blocks.iter().find(|block| block.number == number)
}

/// The two blocks, each higher than all before it, between which the longest time has passed.
fn longest(blocks: &[Seen], since: Instant) -> Option<(Seen, Seen)> {
	let mut highest: Vec<&Seen> = Vec::new();
	for block in blocks.iter().filter(|block| block.at >= since) {
		if highest.last().is_none_or(|last| block.number > last.number) {
			highest.push(block);
		}
	}
	let pairs = highest.iter().zip(highest.iter().skip(1));
	let longest = pairs.max_by_key(|(before, after)| after.at.saturating_duration_since(before.at));
	longest.map(|(before, after)| (Seen::clone(before), Seen::clone(after)))
}
