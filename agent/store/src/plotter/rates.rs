//! How long plots take on this machine, as measured, so that there is a bar and an end to foresee: the plotter itself
//! says nothing while it runs.
//!
//! What counts is the processor's time and not the clock's: it is the same however busy the machine is.

use crate::error::{At, StoreError};
use std::{
	collections::BTreeMap,
	fs::{self, File},
	io::Write,
	path::Path,
	time::Duration,
};

/// The first line of the file.
const BEGIN: &str = "smart-agent-store rates 1";
/// What a plot of size 28 and strength 2 takes, until the machine has made one of any size.
const FIRST_GUESS: Duration = Duration::from_secs(221);
/// A new measurement counts for one part in so many.
const WEIGHT: u32 = 4;
/// Bytes of the file, at most.
const MOST_BYTES: usize = 16 << 10;
/// The part of a plot of strength 2 that doubles with each strength more, in hundredths.
const FIRST_TABLE: u64 = 40;

/// Processor time of plots by size and strength.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
	measured: BTreeMap<(u8, u8), Duration>,
}

impl Rates {
	/// Reads them. What is missing or unreadable is measured anew: it is only a bar.
	pub fn load(path: &Path) -> Self {
		let text = fs::read_to_string(path).ok().filter(|text| text.len() <= MOST_BYTES);
		let measured = text.as_deref().and_then(|text| {
			let mut lines = text.lines();
			(lines.next()? == BEGIN).then_some(())?;
			let measured = lines.filter_map(|line| {
				let mut numbers = line.split(' ');
				let (k, strength) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
				Some(((k, strength), Duration::from_millis(numbers.next()?.parse().ok()?)))
			});
			Some(measured.collect())
		});
		Self {
			measured: measured.unwrap_or_default(),
		}
	}

	/// Writes them beside, and then in place of the old ones. A machine that loses power may lose them, and measures
	/// anew: to wait for the disk would cost more of each small plot than they are worth.
	pub fn save(&self, path: &Path, temporary: &Path) -> Result<(), StoreError> {
		let lines = self
			.measured
			.iter()
			.map(|((k, strength), took)| format!("{k} {strength} {}\n", took.as_millis()));
		let text: String = std::iter::once(format!("{BEGIN}\n")).chain(lines).collect();
		let mut file = File::create(temporary).at("make", temporary)?;
		file.write_all(text.as_bytes()).at("write", temporary)?;
		fs::rename(temporary, path).at("write", path)
	}

	/// A plot took so much.
	pub fn measure(&mut self, k: u8, strength: u8, took: Duration) {
		let rate = self.measured.entry((k, strength)).or_insert(took);
		*rate = (*rate * (WEIGHT - 1) + took) / WEIGHT;
	}

	/// What a plot will take: as the last of its kind, or else as the nearest one, by the work of both.
	pub fn expect(&self, k: u8, strength: u8) -> Duration {
		let far = |other: &(u8, u8)| (k.abs_diff(other.0), strength.abs_diff(other.1));
		let nearest = self.measured.iter().min_by_key(|(other, _)| far(other));
		let (other, took) = nearest.map_or(((28, 2), FIRST_GUESS), |(other, took)| (*other, *took));
		let scaled = took.as_millis() * u128::from(work(k, strength)) / u128::from(work(other.0, other.1).max(1));
		Duration::from_millis(scaled.try_into().unwrap_or(u64::MAX))
	}
}

/// The work of a plot, in a unit of its own.
fn work(k: u8, strength: u8) -> u64 {
	let first = FIRST_TABLE << strength.saturating_sub(2).min(16);
	(100 - FIRST_TABLE + first) << k.min(32)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn rates_are_kept() {
		let folder = tempfile::tempdir().unwrap();
		let (path, temporary) = (folder.path().join("rates"), folder.path().join("new"));
		assert_eq!(Rates::load(&path), Rates::default());
		let mut rates = Rates::default();
		rates.measure(20, 2, Duration::from_millis(800));
		rates.measure(20, 2, Duration::from_millis(400));
		rates.measure(18, 3, Duration::from_millis(150));
		rates.save(&path, &temporary).unwrap();
		assert_eq!(
			fs::read_to_string(&path).unwrap(),
			format!("{BEGIN}\n18 3 150\n20 2 700\n")
		);
		assert_eq!(Rates::load(&path), rates);
		fs::write(&path, "something else").unwrap();
		assert_eq!(Rates::load(&path), Rates::default());
	}

	#[test]
	fn others_are_expected_by_their_work() {
		let mut rates = Rates::default();
		assert_eq!(rates.expect(28, 2), FIRST_GUESS);
		assert_eq!(rates.expect(26, 2), FIRST_GUESS / 4);
		rates.measure(20, 2, Duration::from_secs(1));
		assert_eq!(rates.expect(20, 2), Duration::from_secs(1));
		assert_eq!(rates.expect(24, 2), Duration::from_secs(16));
		assert_eq!(rates.expect(20, 3), Duration::from_millis(1_400));
		assert!(rates.expect(255, 255) > Duration::from_secs(1));
	}
}
