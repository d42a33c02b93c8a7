//! What was seen of devices, and which are best to read from. Pure: time comes in.

use crate::wire::{from_hex, to_hex, MIB};
use device_primitives::DeviceId;
use serde::{Deserialize, Serialize};
use std::{
	collections::{BTreeMap, VecDeque},
	time::Duration,
};

/// Devices that are remembered, at most: of more, those that were seen longest ago are forgotten.
pub const MOST_PATHS: usize = 4_096;
/// How much of what was seen before counts at the next time: some 20 outcomes.
const MEMORY: f64 = 0.95;
/// How much the last transfer counts in the mean of times.
const NEWEST: f64 = 0.2;
/// Milliseconds that a MiB takes of a device of which nothing is known, if nothing is known of any.
const UNKNOWN: f64 = 20.0;
/// The times of so many transfers say when one is late.
const RECENT: usize = 128;
/// With fewer of these, one is late after [`LATE`].
const FEW: usize = 8;
/// When a transfer is late, if little is known.
const LATE: Duration = Duration::from_secs(1);
/// No transfer is late before this.
const LEAST: Duration = Duration::from_millis(50);
/// Transfers of fewer bytes say nothing of times.
const TIMED: u64 = 64 << 10;
/// Milliseconds for a MiB, at most: what is slower is as slow.
const SLOWEST: f64 = 1e7;

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// All bytes came and were right.
	Fine,
	/// It took too long.
	Slow,
	/// The device refused.
	Refused,
	/// The device was not to be reached, or the connection broke.
	Gone,
	/// Bytes were not those of the root.
	Lied,
}

/// A transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
	/// How it ended.
	pub outcome: Outcome,
	/// Bytes that it was about.
	pub bytes: u64,
	/// How long it took.
	pub took: Duration,
}

/// What is known of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Path {
	/// Outcomes, in the order of [`Outcome`]; the older ones count less.
	outcomes: [f64; 5],
	/// Milliseconds for a MiB, if one came.
	ms: Option<f64>,
	/// When it was last seen: a number that counts up.
	seen: u64,
}

impl Path {
	/// The part of transfers that ended well, from 0 to 1; a device of which nothing is known has 1.
	pub fn success(&self) -> f64 {
		let [fine, ..] = self.outcomes;
		(fine + 1.0) / (self.outcomes.iter().sum::<f64>() + 1.0)
	}

	/// The entropy of outcomes, in bits: 0 if all were alike, up to log2 5.
	pub fn entropy(&self) -> f64 {
		let all: f64 = self.outcomes.iter().sum();
		if all <= 0.0 {
			return 0.0;
		}
		let parts = self.outcomes.iter().map(|count| count / all).filter(|part| *part > 0.0);
		-parts.map(|part| part * part.log2()).sum::<f64>()
	}

	/// Milliseconds for a MiB.
	pub fn ms(&self) -> Option<f64> {
		self.ms
	}

	fn is_sound(&self) -> bool {
		let counts = self.outcomes.iter().all(|count| (0.0..=1e6).contains(count));
		counts && self.ms.is_none_or(|ms| (0.0..=SLOWEST).contains(&ms))
	}
}

/// What was seen of devices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paths {
	paths: BTreeMap<DeviceId, Path>,
	/// Milliseconds for a MiB of the last transfers, of whatever device.
	recent: VecDeque<f64>,
	clock: u64,
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
	version: u8,
	paths: BTreeMap<String, Path>,
	recent: Vec<f64>,
}

impl Paths {
	/// What [`Paths::save`] made. What cannot be read is forgotten: it is seen again.
	pub fn load(bytes: &[u8]) -> Self {
		let Some(kept) = serde_json::from_slice::<Kept>(bytes)
			.ok()
			.filter(|kept| kept.version == 1)
		else {
			return Self::default();
		};
		let paths = kept.paths.into_iter().filter(|(_, path)| path.is_sound());
		let device = |digits: &str| from_hex(digits)?.try_into().ok().map(DeviceId);
		let paths: BTreeMap<_, _> = paths
			.filter_map(|(digits, path)| Some((device(&digits)?, path)))
			.collect();
		let recent = kept.recent.into_iter().filter(|ms| (0.0..=SLOWEST).contains(ms));
		let mut found = Self {
			clock: paths.values().map(|path| path.seen).max().unwrap_or(0),
			paths,
			recent: recent.take(RECENT).collect(),
		};
		found.forget();
		found
	}

	/// What is known, as JSON.
	pub fn save(&self) -> Vec<u8> {
		let paths = self.paths.iter().map(|(device, path)| (to_hex(&device.0), *path));
		let kept = Kept {
			version: 1,
			paths: paths.collect(),
			recent: self.recent.iter().copied().collect(),
		};
		serde_json::to_vec(&kept).unwrap_or_default()
	}

	/// What is known of a device.
	pub fn path(&self, device: &DeviceId) -> Option<&Path> {
		self.paths.get(device)
	}

	/// A transfer ended.
	pub fn see(&mut self, device: DeviceId, sight: Sight) {
		self.clock = self.clock.saturating_add(1);
		let path = self.paths.entry(device).or_default();
		path.seen = self.clock;
		for (at, count) in path.outcomes.iter_mut().enumerate() {
			*count = *count * MEMORY + f64::from(u8::from(at == sight.outcome as usize));
		}
		if sight.outcome == Outcome::Fine && sight.bytes >= TIMED {
			let ms = sight.took.as_secs_f64() * 1e3 * MIB as f64 / sight.bytes as f64;
			let ms = ms.min(SLOWEST);
			path.ms = Some(path.ms.map_or(ms, |before| before + (ms - before) * NEWEST));
			if self.recent.len() == RECENT {
				self.recent.pop_front();
			}
			self.recent.push_back(ms);
		}
		self.forget();
	}

	fn forget(&mut self) {
		while self.paths.len() > MOST_PATHS {
			let oldest = self
				.paths
				.iter()
				.min_by_key(|(_, path)| path.seen)
				.map(|(device, _)| *device);
			oldest.and_then(|device| self.paths.remove(&device));
		}
	}

	/// How a device is judged, the less the better: milliseconds for a MiB, times one and the entropy of its outcomes,
	/// over the part that ended well. A device of which nothing is known is as the middle one of the others.
	pub fn judge(&self, device: &DeviceId) -> f64 {
		let path = self.paths.get(device).copied().unwrap_or_default();
		let ms = path.ms.unwrap_or_else(|| self.usual());
		ms.max(1e-3) * (1.0 + path.entropy()) / path.success()
	}

	/// The `k` best of some devices, the best one first: their places in the list. Each comes with a factor on its
	/// judgement: what its bytes cost beside the transfer.
	pub fn best(&self, among: &[(DeviceId, f64)], k: usize) -> Vec<usize> {
		let judged = among.iter().map(|(device, factor)| self.judge(device) * factor);
		let mut order: Vec<(f64, usize)> = judged.zip(0..).collect();
		order.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
		order.into_iter().take(k).map(|(_, at)| at).collect()
	}

	/// The middle one of all times.
	fn usual(&self) -> f64 {
		let mut known: Vec<f64> = self.paths.values().filter_map(|path| path.ms).collect();
		known.sort_by(f64::total_cmp);
		known.get(known.len() / 2).copied().unwrap_or(UNKNOWN)
	}

	/// After how long a transfer of so many bytes is late, so that somebody else is asked too: when 95 of the last 100
	/// would have ended.
	pub fn late(&self, bytes: u64) -> Duration {
		if self.recent.len() < FEW {
			return LATE;
		}
		let mut recent: Vec<f64> = self.recent.iter().copied().collect();
		recent.sort_by(f64::total_cmp);
		let at = (recent.len() * 95).div_ceil(100).saturating_sub(1);
		let ms = recent.get(at).copied().unwrap_or(SLOWEST) * bytes.max(TIMED) as f64 / MIB as f64;
		Duration::from_secs_f64(ms.min(SLOWEST) / 1e3).max(LEAST)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const OUTCOMES: [Outcome; 5] = [
		Outcome::Fine,
		Outcome::Slow,
		Outcome::Refused,
		Outcome::Gone,
		Outcome::Lied,
	];

	fn device(number: u8) -> DeviceId {
		DeviceId([number; 32])
	}

	fn fine(ms: u64) -> Sight {
		Sight {
			outcome: Outcome::Fine,
			bytes: MIB,
			took: Duration::from_millis(ms),
		}
	}

	fn bad(outcome: Outcome) -> Sight {
		Sight { outcome, ..fine(1) }
	}

	fn all() -> Vec<(DeviceId, f64)> {
		(0..4).map(|number| (device(number), 1.0)).collect()
	}

	#[test]
	fn the_fastest_are_read_and_the_unsteady_are_not() {
		let mut paths = Paths::default();
		for _ in 0..40 {
			paths.see(device(0), fine(30));
			paths.see(device(1), fine(10));
			paths.see(device(2), fine(20));
			paths.see(device(3), fine(10));
			// As fast as the best when it answers, which is half of the time.
			paths.see(device(3), bad(Outcome::Gone));
		}
		assert_eq!(paths.best(&all(), 2), [1, 2]);
		assert!(paths.judge(&device(3)) > 3.0 * paths.judge(&device(1)));
	}

	#[test]
	fn the_dead_come_last_and_the_unknown_in_the_middle() {
		let mut paths = Paths::default();
		for _ in 0..20 {
			paths.see(device(0), bad(Outcome::Gone));
			paths.see(device(1), fine(10));
			paths.see(device(2), fine(40));
		}
		assert_eq!(paths.best(&all(), 4).last(), Some(&0));
		assert_eq!(paths.best(&all(), 1), [1]);
	}

	#[test]
	fn who_comes_back_is_read_again() {
		let mut paths = Paths::default();
		for _ in 0..20 {
			paths.see(device(0), bad(Outcome::Gone));
			paths.see(device(1), fine(20));
		}
		assert_eq!(paths.best(&all()[..2], 1), [1]);
		for _ in 0..120 {
			paths.see(device(0), fine(10));
		}
		assert_eq!(paths.best(&all()[..2], 1), [0]);
	}

	#[test]
	fn late_is_what_95_of_100_are_not() {
		let mut paths = Paths::default();
		assert_eq!(paths.late(MIB), LATE);
		for ms in 1..=100 {
			paths.see(device(0), fine(1_000 + ms));
		}
		let late = paths.late(MIB).as_secs_f64();
		assert!((1.0945..1.0955).contains(&late), "{late}");
		let half = paths.late(MIB / 2).as_secs_f64();
		assert!((half * 2.0 - late).abs() < 1e-6, "{half}");
	}

	#[test]
	fn what_is_kept_comes_back_and_what_is_damaged_is_forgotten() {
		let mut paths = Paths::default();
		for number in 0..20 {
			paths.see(device(number), fine(u64::from(number) + 3));
			paths.see(device(number / 2), bad(OUTCOMES[usize::from(number % 5)]));
		}
		let kept = paths.save();
		let again = Paths::load(&kept);
		assert_eq!(again.best(&all(), 4), paths.best(&all(), 4));
		// JSON keeps times to the last digit but one.
		assert!((again.late(MIB).as_secs_f64() - paths.late(MIB).as_secs_f64()).abs() < 1e-6);
		assert_eq!(Paths::load(&kept[1..]), Paths::default());
		let other = String::from_utf8(kept)
			.unwrap()
			.replace("\"version\":1", "\"version\":2");
		assert_eq!(Paths::load(other.as_bytes()), Paths::default());
	}

	#[test]
	fn no_more_are_remembered_than_the_bound() {
		let mut paths = Paths::default();
		for number in 0..MOST_PATHS as u32 + 10 {
			let mut id = [0; 32];
			id[..4].copy_from_slice(&number.to_le_bytes());
			paths.see(DeviceId(id), fine(1));
		}
		assert_eq!(paths.paths.len(), MOST_PATHS);
		assert!(paths.path(&DeviceId([0; 32])).is_none(), "the oldest is forgotten");
	}

	proptest! {
		#[test]
		fn judgements_are_numbers_and_all_are_ordered(
			seen in prop::collection::vec((0_u8..6, 0_usize..5, any::<u32>(), any::<u32>()), 0..200),
			k in 0_usize..8,
		) {
			let mut paths = Paths::default();
			for (number, outcome, bytes, micros) in seen {
				paths.see(device(number), Sight {
					outcome: OUTCOMES[outcome],
					bytes: bytes.into(),
					took: Duration::from_micros(micros.into()),
				});
			}
			let among: Vec<_> = (0..6).map(|number| (device(number), 1.0)).collect();
			for (one, _) in &among {
				let judged = paths.judge(one);
				prop_assert!(judged.is_finite() && judged > 0.0);
				let path = paths.path(one).copied().unwrap_or_default();
				prop_assert!((0.0..=5_f64.log2() + 1e-9).contains(&path.entropy()));
				prop_assert!((0.0..=1.0).contains(&path.success()));
			}
			let best = paths.best(&among, k);
			prop_assert_eq!(best.len(), k.min(6));
			prop_assert!(best.windows(2).all(|two| paths.judge(&among[two[0]].0) <= paths.judge(&among[two[1]].0)));
			let late = paths.late(MIB);
			prop_assert!(late >= LEAST && late <= Duration::from_secs(10_001));
			let again = Paths::load(&paths.save());
			for (one, _) in &among {
				prop_assert!((again.judge(one) / paths.judge(one) - 1.0).abs() < 1e-9);
			}
		}

		#[test]
		fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
			Paths::load(&bytes);
		}
	}
}
