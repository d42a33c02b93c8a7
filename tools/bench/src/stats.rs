//! Means and percentiles, and what they are taken from.

use smartchain_tests::{ensure, watch::Seen, Result};
use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};

/// Measured values.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
	/// Adds one.
	pub fn push(&mut self, value: f64) {
		self.0.push(value);
	}

	/// How many there are.
	pub fn len(&self) -> usize {
		self.0.len()
	}

	/// The smallest value that at least this share of all values does not exceed.
	pub fn percentile(&self, share: f64) -> Option<f64> {
		let mut sorted = self.0.clone();
		sorted.sort_by(f64::total_cmp);
		let rank = (share * sorted.len() as f64).ceil() as usize;
		sorted.get(rank.max(1) - 1).copied()
	}

	/// `p50 / p95 / p99` in milliseconds.
	pub fn summary(&self) -> String {
		let at = |share| {
			self.percentile(share)
				.map_or("-".to_string(), |value| format!("{value:.0}"))
		};
		format!("{} / {} / {} ms (n = {})", at(0.5), at(0.95), at(0.99), self.len())
	}
}

impl Extend<f64> for Samples {
	fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
		self.0.extend(values);
	}
}

/// How a node came from blocks to final blocks over a range of heights.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
	/// From when the node had imported a block until it was final there, in ms.
	pub seen_to_final: Samples,
	/// From the start of the block's slot until it was final there, in ms.
	pub slot_to_final: Samples,
	/// From the start of the block's slot until the node had imported it, in ms.
	pub slot_to_seen: Samples,
}

/// Milliseconds of a slot.
pub const SLOT_MS: f64 = 500.0;

impl Latencies {
	/// Adds what one node saw of the heights above `from` and up to `to`. Blocks that never became final are left out.
	pub fn add(&mut self, blocks: &[Seen], finalized: &[Seen], from: u32, to: u32) {
		let seen: BTreeMap<_, _> = blocks.iter().rev().map(|block| (block.hash, block)).collect();
		let by_number = canonical(blocks, finalized);
		for (number, hash) in by_number.range(from + 1..=to) {
			let Some(seen) = seen.get(hash) else { continue };
			// A final block's ancestors are final with it.
			let Some(last) = finalized.iter().find(|last| last.number >= *number) else {
				continue;
			};
			let start = seen.slot as f64 * SLOT_MS;
			self.seen_to_final.push((last.unix_ms - seen.unix_ms).max(0.0));
			self.slot_to_final.push(last.unix_ms - start);
			self.slot_to_seen.push(seen.unix_ms - start);
		}
	}
}

/// The final chain by height: what was told to be final, and for heights in between the only block that was seen there.
fn canonical(blocks: &[Seen], finalized: &[Seen]) -> BTreeMap<u32, sp_core::H256> {
	let mut chain: BTreeMap<u32, sp_core::H256> = BTreeMap::new();
	let mut seen_at: BTreeMap<u32, Vec<sp_core::H256>> = BTreeMap::new();
	for block in blocks {
		seen_at.entry(block.number).or_default().push(block.hash);
	}
	let highest = finalized.iter().map(|block| block.number).max().unwrap_or(0);
	for (number, hashes) in seen_at.range(..=highest) {
		if let [hash] = hashes[..] {
			chain.insert(*number, hash);
		}
	}
	chain.extend(finalized.iter().map(|block| (block.number, block.hash)));
	chain
}

/// What the slots of a range of heights tell of production.
#[derive(Clone, Copy, Debug)]
pub struct Production {
	/// The mean time between blocks, in ms.
	pub interval_ms: f64,
	/// The share of slots that have a block.
	pub filled: f64,
	/// The most slots between two blocks.
	pub longest_slots: u64,
}

/// Production on the final chain, above `from` and up to `to`.
pub fn production(blocks: &[Seen], finalized: &[Seen], from: u32, to: u32) -> Option<Production> {
	let chain = canonical(blocks, finalized);
	let slots: BTreeMap<_, _> = blocks
		.iter()
		.chain(finalized)
		.map(|block| (block.hash, block.slot))
		.collect();
	let slots: Vec<u64> = chain
		.range(from..=to)
		.filter_map(|(_, hash)| slots.get(hash).copied())
		.collect();
	let (first, last) = (*slots.first()?, *slots.last()?);
	let span = last.checked_sub(first).filter(|span| *span > 0)?;
	let longest = slots.windows(2).map(|pair| pair[1] - pair[0]).max()?;
	// Heights count, not what was seen: a block that the subscription left out is a block.
	let heights = f64::from(to - from);
	Some(Production {
		interval_ms: span as f64 * SLOT_MS / heights,
		filled: heights / span as f64,
		longest_slots: longest,
	})
}

/// The least and the middle of so many runs.
#[derive(Clone, Copy)]
pub struct Times {
	/// The shortest.
	pub least: Duration,
	/// That which as many exceed as not.
	pub middle: Duration,
}

impl Times {
	/// Of a list that is not empty.
	pub fn of(mut taken: Vec<Duration>) -> Self {
		taken.sort_unstable();
		let at = |place: usize| taken.get(place).copied().unwrap_or_default();
		Self {
			least: at(0),
			middle: at(taken.len() / 2),
		}
	}

	/// Runs something so many times. What it returns has to be true.
	///
	/// # Errors
	/// If it is not.
	pub fn measure(times: u32, what: &str, mut run: impl FnMut() -> bool) -> Result<Self> {
		let mut taken = Vec::new();
		for _ in 0..times {
			let start = Instant::now();
			let right = std::hint::black_box(run());
			taken.push(start.elapsed());
			ensure!(right, "{what}: it did not come out as it should");
		}
		Ok(Self::of(taken))
	}
}

/// Microseconds.
pub fn micros(time: Duration) -> f64 {
	time.as_secs_f64() * 1e6
}

impl std::fmt::Display for Times {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "{:.1} us, the middle {:.1}", micros(self.least), micros(self.middle))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::H256;

	fn seen(number: u32, fork: u8, slot: u64, unix_ms: f64) -> Seen {
		let mut hash = H256::repeat_byte(fork);
		hash.0[0] = number as u8;
		Seen {
			at: Instant::now(),
			unix_ms,
			number,
			hash,
			slot,
			author: None,
		}
	}

	#[test]
	fn percentiles_are_values_that_were_measured() {
		let mut samples = Samples::default();
		assert_eq!(samples.percentile(0.5), None);
		samples.extend((1..=100).rev().map(f64::from));
		assert_eq!(samples.percentile(0.5), Some(50.0));
		assert_eq!(samples.percentile(0.99), Some(99.0));
		assert_eq!(samples.percentile(1.0), Some(100.0));
	}

	#[test]
	fn latencies_follow_the_final_chain() {
		let blocks = [
			seen(1, 0, 10, 5_010.0),
			seen(2, 0, 11, 5_510.0),
			seen(2, 9, 12, 6_001.0),
			seen(3, 0, 13, 6_530.0),
		];
		// Block 2 becomes final with block 3; the fork at height 2 never does, and nothing tells which of the two it
		// was.
		let finalized = [seen(1, 0, 10, 5_100.0), seen(3, 0, 13, 6_600.0)];
		let mut latencies = Latencies::default();
		latencies.add(&blocks, &finalized, 0, 3);
		assert_eq!(latencies.seen_to_final.0, [90.0, 70.0]);
		assert_eq!(latencies.slot_to_final.0, [100.0, 100.0]);
		let production = production(&blocks, &finalized, 1, 3).unwrap();
		assert_eq!(production.interval_ms, 750.0);
		assert_eq!(production.longest_slots, 3);
		assert!((production.filled - 2.0 / 3.0).abs() < 1e-9);
	}
}
