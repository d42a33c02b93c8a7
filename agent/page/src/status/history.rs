//! Score and wins over time: a bounded list whose intervals grow, and the file that keeps it.

use super::{Competence, Decimal, Round, MAX_ROUNDS};
use serde::{Deserialize, Serialize};
use std::{
	fs::{self, File},
	io::{self, Read, Write},
	path::{Path, PathBuf},
};

/// The most points that are kept.
pub const MAX_POINTS: usize = 360;

/// How long the interval of a point is at first, in seconds.
pub const FIRST_INTERVAL: u64 = 10;

/// How long it is at most: some three hours, so that all points are 42 days, three tau. Beyond that the oldest go.
pub const LAST_INTERVAL: u64 = FIRST_INTERVAL << 10;

/// The file's name within the data folder.
pub const FILE: &str = "history.json";

/// The largest file that is read, in bytes; the largest that is written has a third of it.
const MAX_FILE: u64 = 256 * 1024;

/// The version of the file.
const FILE_VERSION: u32 = 1;

/// Score and wins over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
	/// How long a point's interval is, in seconds. If there are [`MAX_POINTS`] points, it doubles, and each two become
	/// one, until it is [`LAST_INTERVAL`].
	pub interval: u64,
	/// The oldest first. Intervals in which the agent did not run are left out.
	pub points: Vec<Point>,
}

/// An interval of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
	/// When it began.
	pub at: u64,
	/// The device's competence at its end, of 2^48.
	pub score: u64,
	/// A standard deviation less.
	pub low: u64,
	/// A standard deviation more.
	pub high: u64,
	/// Wins within it, of all lotteries.
	pub wins: u32,
	/// How many were to be expected within it.
	pub expected: Decimal,
}

/// What was seen since the sample before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
	/// When.
	pub at: u64,
	/// What the device counts for now.
	pub competence: Competence,
	/// Wins since the sample before, of all lotteries.
	pub wins: u32,
	/// How many were to be expected since then.
	pub expected: Decimal,
}

/// Why the file of the history was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
	/// The operating system refused.
	#[error("cannot {what} {path}: {source}; see to the disk, and to who may write there")]
	Io {
		/// What was tried.
		what: &'static str,
		/// With which file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// A newer program wrote it.
	#[error("{path} has version {version}, which this program does not know; use a newer one, or move the file away")]
	Newer {
		/// Which file.
		path: PathBuf,
		/// Its version.
		version: u32,
	},
	/// It is not what this program writes.
	#[error("{path} is damaged: {why}; delete it, and the history begins anew")]
	Damaged {
		/// Which file.
		path: PathBuf,
		/// What was seen.
		why: String,
	},
}

impl Default for History {
	fn default() -> Self {
		Self {
			interval: FIRST_INTERVAL,
			points: Vec::new(),
		}
	}
}

impl History {
	/// Takes a sample up. If the clock was set back, points of a time that has not come yet are dropped.
	pub fn record(&mut self, sample: Sample) {
		let begin = self.begin(sample.at);
		while self
			.points
			.last()
			.is_some_and(|last| last.at > begin.saturating_add(self.interval))
		{
			self.points.pop();
		}
		let point = Point {
			at: begin,
			score: sample.competence.value,
			low: sample.competence.low,
			high: sample.competence.high,
			wins: sample.wins,
			expected: sample.expected,
		};
		match self.points.last_mut() {
			Some(last) if last.at >= begin => last.join(&point),
			_ => self.points.push(point),
		}
		self.bound();
	}

	/// The same with its last point alone, for those who have the others.
	pub fn latest(&self) -> Self {
		Self {
			interval: self.interval,
			points: self.points.last().copied().into_iter().collect(),
		}
	}

	/// Makes of any list one as it should be: in order, bounded, with an interval that there is.
	pub(super) fn bound(&mut self) {
		let known = |interval| (0..=10).any(|doubled| FIRST_INTERVAL << doubled == interval);
		if !known(self.interval) {
			self.interval = FIRST_INTERVAL;
		}
		if self.points.windows(2).any(|pair| pair[0].at >= pair[1].at) {
			self.points.sort_by_key(|point| point.at);
			self.points.dedup_by_key(|point| point.at);
		}
		while self.points.len() > MAX_POINTS && self.interval < LAST_INTERVAL {
			self.interval = self.interval.saturating_mul(2);
			self.halve();
		}
		let too_many = self.points.len().saturating_sub(MAX_POINTS);
		self.points.drain(..too_many);
	}

	fn begin(&self, at: u64) -> u64 {
		at.checked_rem(self.interval)
			.map_or(at, |within| at.saturating_sub(within))
	}

	/// Joins the points of each interval, which has become longer.
	fn halve(&mut self) {
		let mut joined: Vec<Point> = Vec::with_capacity(MAX_POINTS);
		for point in &self.points {
			let begin = self.begin(point.at);
			match joined.last_mut() {
				Some(last) if last.at == begin => last.join(point),
				_ => joined.push(Point { at: begin, ..*point }),
			}
		}
		self.points = joined;
	}
}

impl Point {
	/// Takes up what came later within the interval.
	fn join(&mut self, later: &Point) {
		(self.score, self.low, self.high) = (later.score, later.low, later.high);
		self.wins = self.wins.saturating_add(later.wins);
		let expected = self.expected.thousandths().saturating_add(later.expected.thousandths());
		self.expected = Decimal::from_thousandths(expected);
	}
}

/// What the file holds. JSON; what is lost with a power cut is what came since it was written last.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
	version: u32,
	pub history: History,
	pub rounds: Vec<Round>,
}

impl Kept {
	pub fn new(history: History, rounds: Vec<Round>) -> Self {
		Self {
			version: FILE_VERSION,
			history,
			rounds,
		}
	}

	/// What the folder's file holds; none if there is no file.
	pub fn read(folder: &Path) -> Result<Option<Self>, HistoryError> {
		let path = folder.join(FILE);
		let io = |source| HistoryError::Io {
			what: "read",
			path: path.clone(),
			source,
		};
		let file = match File::open(&path) {
			Ok(file) => file,
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
			Err(error) => return Err(io(error)),
		};
		let mut text = Vec::new();
		file.take(MAX_FILE + 1).read_to_end(&mut text).map_err(io)?;
		let damaged = |why: String| HistoryError::Damaged {
			path: path.clone(),
			why,
		};
		if text.len() as u64 > MAX_FILE {
			return Err(damaged(format!("it has more than {MAX_FILE} bytes")));
		}
		#[derive(Deserialize)]
		struct Version {
			version: u32,
		}
		let Version { version } = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
		if version > FILE_VERSION {
			return Err(HistoryError::Newer { path, version });
		}
		let mut kept: Self = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
		kept.history.bound();
		kept.rounds.truncate(MAX_ROUNDS);
		Ok(Some(kept))
	}

	/// Durable when it returns: written beside, synced, renamed, the folder synced. Whoever kills the process or cuts
	/// the power meanwhile finds the old file or the new one.
	pub fn write(&self, folder: &Path) -> Result<(), HistoryError> {
		let (path, beside) = (folder.join(FILE), folder.join(format!("{FILE}.new")));
		let at = |what: &'static str, path: &Path| {
			let path = path.to_owned();
			move |source| HistoryError::Io { what, path, source }
		};
		let text = serde_json::to_vec(self).map_err(|error| at("write", &path)(io::Error::other(error)))?;
		let mut file = File::create(&beside).map_err(at("create", &beside))?;
		file.write_all(&text).map_err(at("write", &beside))?;
		file.sync_all().map_err(at("sync", &beside))?;
		drop(file);
		fs::rename(&beside, &path).map_err(at("rename", &beside))?;
		File::open(folder)
			.and_then(|folder| folder.sync_all())
			.map_err(at("sync", folder))
	}

	/// Puts a file that cannot be read aside, so that another can be begun.
	pub fn put_aside(folder: &Path) -> Result<PathBuf, HistoryError> {
		let (path, aside) = (folder.join(FILE), folder.join(format!("{FILE}.damaged")));
		match fs::rename(&path, &aside) {
			Ok(()) => Ok(aside),
			Err(source) => Err(HistoryError::Io {
				what: "rename",
				path,
				source,
			}),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn sample(at: u64, wins: u32) -> Sample {
		Sample {
			at,
			competence: Competence::new(at, Decimal::whole(50)),
			wins,
			expected: Decimal::from_thousandths(500),
		}
	}

	fn sums(history: &History) -> (u32, u64) {
		let wins = history.points.iter().map(|point| point.wins).sum();
		(
			wins,
			history.points.iter().map(|point| point.expected.thousandths()).sum(),
		)
	}

	#[test]
	fn samples_of_an_interval_are_one_point() {
		let mut history = History::default();
		for at in [100, 103, 109] {
			history.record(sample(at, 1));
		}
		history.record(sample(110, 0));
		let [first, second] = history.points[..] else {
			panic!("{:?}", history.points)
		};
		assert_eq!(
			(first.at, first.score, first.wins, first.expected.thousandths()),
			(100, 109, 3, 1_500)
		);
		assert_eq!((second.at, second.wins), (110, 0));
		assert_eq!(history.latest().points, [second]);
	}

	#[test]
	fn intervals_double_and_no_win_is_lost_until_they_are_longest() {
		let mut history = History::default();
		let (mut at, mut wins) = (0, 0);
		while history.interval < LAST_INTERVAL {
			history.record(sample(at, 1));
			(at, wins) = (at + FIRST_INTERVAL, wins + 1);
			assert!(history.points.len() <= MAX_POINTS);
			assert_eq!(sums(&history), (wins, u64::from(wins) * 500));
		}
		for _ in 0..2 * MAX_POINTS {
			at += LAST_INTERVAL;
			history.record(sample(at, 0));
			assert!(history.points.len() <= MAX_POINTS);
		}
		assert_eq!(history.interval, LAST_INTERVAL);
		assert_eq!(sums(&history).0, 0, "the oldest have gone");
		let days = LAST_INTERVAL * MAX_POINTS as u64 / 86_400;
		assert_eq!(days, 42, "three tau");
	}

	#[test]
	fn a_clock_that_was_ahead_does_not_stop_the_line() {
		let mut history = History::default();
		history.record(sample(1_000, 0));
		history.record(sample(1_000_000, 0));
		history.record(sample(1_020, 0));
		let times: Vec<_> = history.points.iter().map(|point| point.at).collect();
		assert_eq!(times, [1_000, 1_020]);
		// One that is set back by a little joins the last point.
		history.record(sample(1_011, 1));
		assert_eq!((history.points.len(), history.points[1].wins), (2, 1));
	}

	#[test]
	fn a_file_is_read_as_it_was_written() {
		let folder = tempfile::tempdir().expect("a folder");
		assert!(Kept::read(folder.path()).expect("no file is no fault").is_none());
		let mut history = History::default();
		(0..1_000).for_each(|n| history.record(sample(n * 7, 1)));
		let rounds = vec![Round::new(
			super::super::Resource::Space,
			7,
			1,
			super::super::Outcome::Won,
			"it won",
		)];
		Kept::new(history.clone(), rounds.clone())
			.write(folder.path())
			.expect("it is written");
		let kept = Kept::read(folder.path()).expect("it is read").expect("it is there");
		assert_eq!((kept.history, kept.rounds), (history, rounds));
	}

	#[test]
	fn the_file_stays_as_it_is() {
		let golden = concat!(
			r#"{"version":1,"history":{"interval":20,"points":[{"at":1795880000,"score":281474976710,"low":27,"#,
			r#""high":281474976711,"wins":1,"expected":"0.25"}]},"rounds":[{"resource":"compute","round":3,"#,
			r#""at":1795880001,"outcome":"notUp","why":"","block":null,"tookMillis":12}]}"#,
		);
		let folder = tempfile::tempdir().expect("a folder");
		fs::write(folder.path().join(FILE), golden).expect("it is written");
		let kept = Kept::read(folder.path()).expect("it is read").expect("it is there");
		let again = serde_json::to_value(&kept).expect("it is written");
		assert_eq!(
			again,
			serde_json::from_str::<serde_json::Value>(golden).expect("it is JSON")
		);
	}

	#[test]
	fn what_is_damaged_newer_or_too_long_is_told() {
		let folder = tempfile::tempdir().expect("a folder");
		let path = folder.path().join(FILE);
		for text in [
			"",
			"{",
			"[]",
			"null",
			"{\"version\":1}",
			"{\"version\":\"1\"}",
			"\0\0\0\0",
		] {
			fs::write(&path, text).expect("it is written");
			let error = Kept::read(folder.path()).expect_err(text);
			assert!(matches!(error, HistoryError::Damaged { .. }), "{text}: {error}");
		}
		fs::write(&path, vec![b' '; MAX_FILE as usize + 1]).expect("it is written");
		assert!(matches!(Kept::read(folder.path()), Err(HistoryError::Damaged { .. })));
		fs::write(&path, r#"{"version":2,"all":"else"}"#).expect("it is written");
		assert!(matches!(
			Kept::read(folder.path()),
			Err(HistoryError::Newer { version: 2, .. })
		));
	}

	#[test]
	fn the_longest_file_is_far_below_what_is_read() {
		let point = |n: u64| Point {
			at: n,
			score: 1 << 48,
			low: 1 << 48,
			high: 1 << 48,
			wins: u32::MAX,
			expected: Decimal::from_thousandths(u64::MAX),
		};
		let history = History {
			interval: LAST_INTERVAL,
			points: (u64::MAX - MAX_POINTS as u64..u64::MAX).map(point).collect(),
		};
		let why = "ü".repeat(super::super::MAX_TEXT);
		let round = Round::new(
			super::super::Resource::Compute,
			u64::MAX,
			u64::MAX,
			super::super::Outcome::Nothing,
			why,
		);
		let kept = Kept::new(history, vec![round; MAX_ROUNDS]);
		let bytes = serde_json::to_vec(&kept).expect("it is written").len() as u64;
		assert!(bytes < MAX_FILE / 2, "{bytes} bytes");
	}

	proptest! {
		#[test]
		fn any_list_becomes_one_as_it_should_be(
			interval: u64,
			times in proptest::collection::vec(any::<u64>(), 0..800),
			at: u64,
		) {
			let point = |at| Point { at, score: 1, low: 0, high: 2, wins: u32::MAX, expected: Decimal::whole(1) };
			let mut history = History { interval, points: times.into_iter().map(point).collect() };
			history.bound();
			history.record(sample(at, 1));
			prop_assert!(history.points.len() <= MAX_POINTS);
			prop_assert!((FIRST_INTERVAL..=LAST_INTERVAL).contains(&history.interval));
			prop_assert!(history.points.windows(2).all(|pair| pair[0].at < pair[1].at));
		}
	}
}
