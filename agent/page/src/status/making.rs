//! What `plot create` tells the agent that runs beside it: a small file in the data folder, written over while plots
//! are made, and removed at the end.
//!
//! It is a hint for people, and nothing trusts it. Whoever reads it takes what cannot be so, what is old, and what a
//! process left that is gone, for none.

use super::{unix_now, Making, StatusHandle};
use rustix::{
	io::Errno,
	process::{test_kill_process, Pid},
};
use serde::{Deserialize, Serialize};
use std::{
	fs::{self, File},
	io::{self, Read, Write},
	path::{Path, PathBuf},
	process,
	time::{Duration, Instant},
};

/// The file's name within the data folder.
pub const MAKING_FILE: &str = "making.json";

/// The version of the file.
const FILE_VERSION: u32 = 1;
/// The largest file that is read, in bytes; one that is written has a tenth of it.
const MAX_FILE: u64 = 4 * 1024;
/// How often it is written while plots are made.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// How often the agent looks at it.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// For so many seconds it says what is so, after it was written: much more than a busy machine or disk holds it up.
const GOOD_FOR: u64 = 60;
/// By so many seconds it may be of the future: a clock may be set back while plots are made.
const AHEAD: u64 = 5;
/// The largest size of a plot that is believed, and the most plots.
const MOST_K: u8 = 32;
const MOST_PLOTS: u32 = 1_000_000;
/// No number is larger: all languages read it.
const MOST: u64 = (1 << 53) - 1;

/// What the file holds, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
	version: u32,
	/// When it was written.
	at: u64,
	/// The process that makes them,
	pid: u32,
	/// and where its number is the number of this process: containers have numbers of their own.
	pid_namespace: Option<String>,
	making: Making,
}

impl Told {
	/// Whether it may be so, and is so now.
	fn is_good(&self, now: u64) -> bool {
		let is_new = self.at <= now.saturating_add(AHEAD) && now.saturating_sub(self.at) <= GOOD_FOR;
		self.version == FILE_VERSION && is_new && self.making.is_possible(self.at) && !self.is_left()
	}

	/// Whether its process is gone, as far as can be known here.
	fn is_left(&self) -> bool {
		let same = self.pid_namespace.is_some() && self.pid_namespace == pid_namespace();
		same && !is_alive(self.pid)
	}
}

/// Whether there is a process of this number. Its folder in /proc would not tell: the service is shown no process that
/// it may not look into, and this program lets nobody look into its own.
fn is_alive(pid: u32) -> bool {
	let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
	// Of one that may not be signalled it is known that it is there.
	pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

impl Making {
	/// What is made now, as the file in the data folder says; none if it says nothing that is so. It blocks.
	pub fn read(folder: &Path, now: u64) -> Option<Self> {
		let path = folder.join(MAKING_FILE);
		// To open a pipe would wait for who writes into it.
		if !fs::symlink_metadata(&path).ok()?.is_file() {
			return None;
		}
		let mut text = Vec::new();
		let read = File::open(&path).ok()?.take(MAX_FILE + 1).read_to_end(&mut text);
		read.ok().filter(|read| *read as u64 <= MAX_FILE)?;
		let told: Told = serde_json::from_slice(&text).ok()?;
		told.is_good(now).then_some(told.making)
	}

	fn is_possible(&self, at: u64) -> bool {
		let numbers = [self.seconds_left, Some(self.bytes), self.bytes_per_second];
		self.k <= MOST_K
			&& (1..=MOST_PLOTS).contains(&self.of)
			&& self.done <= self.of
			&& self.permille <= 1_000
			&& self.started <= at
			&& numbers.into_iter().flatten().all(|number| number <= MOST)
	}
}

/// Which processes are numbered together with this one.
fn pid_namespace() -> Option<String> {
	fs::read_link("/proc/self/ns/pid").ok()?.to_str().map(str::to_owned)
}

/// The file, as whoever makes plots writes it. It is removed when this goes.
#[derive(Debug)]
pub struct MakingFile {
	path: PathBuf,
	beside: PathBuf,
	started: u64,
	began: Instant,
	/// When it was written last, or could not be.
	tried: Option<Instant>,
}

impl MakingFile {
	/// That of a data folder; nothing is written yet.
	pub fn new(folder: &Path) -> Self {
		Self {
			path: folder.join(MAKING_FILE),
			beside: folder.join(format!("{MAKING_FILE}.new")),
			started: unix_now(),
			began: Instant::now(),
			tried: None,
		}
	}

	/// Tells how far it is, if that was not done a moment ago. `making` gets when it began, in Unix time, and how long
	/// it has taken.
	///
	/// # Errors
	/// If the file cannot be written: then nobody sees how far it is, and plots are made all the same.
	pub fn tell(&mut self, making: impl FnOnce(u64, Duration) -> Making) -> io::Result<()> {
		if self.tried.is_some_and(|tried| tried.elapsed() < WRITE_EVERY) {
			return Ok(());
		}
		self.tried = Some(Instant::now());
		let at = unix_now();
		let told = Told {
			version: FILE_VERSION,
			at,
			pid: process::id(),
			pid_namespace: pid_namespace(),
			// If the clock was set back, it would have begun in the future.
			making: making(self.started.min(at), self.began.elapsed()),
		};
		self.write(&serde_json::to_vec(&told)?)
	}

	/// Whoever reads finds the old one or the new one. It is not made durable: after a power cut it says nothing.
	fn write(&self, text: &[u8]) -> io::Result<()> {
		// Never into what lies there, which may be a link to elsewhere or a pipe that nobody reads.
		match fs::remove_file(&self.beside) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
			_ => File::create_new(&self.beside)?.write_all(text)?,
		}
		fs::rename(&self.beside, &self.path)
	}
}

impl Drop for MakingFile {
	fn drop(&mut self) {
		if self.tried.is_some() {
			// Neither need be there; and what stays says nothing in a minute.
			let _ = (fs::remove_file(&self.path), fs::remove_file(&self.beside));
		}
	}
}

/// Keeps in the status what is made, for ever.
pub async fn follow_making(handle: StatusHandle, folder: PathBuf) {
	loop {
		let (to, from) = (handle.clone(), folder.clone());
		// A disk may hang for good: then one thread waits for it. One that ended badly is followed by another.
		let _ = tokio::task::spawn_blocking(move || look(&to, &from)).await;
		tokio::time::sleep(LOOK_EVERY).await;
	}
}

/// Takes what is made into the status. Nobody is told if it is as before.
fn look(handle: &StatusHandle, folder: &Path) {
	let making = Making::read(folder, unix_now());
	if handle.get().plots.making != making {
		handle.beside(|status| status.plots.making = making);
	}
}

#[cfg(test)]
mod tests {
	use super::{super::Status, *};
	use proptest::prelude::*;
	use std::process::Command;

	/// As it was first written; the process is the one of these tests.
	const GOLDEN: &str = include_str!("golden/making-v1.json");
	const AT: u64 = 1_795_879_981;

	fn golden() -> Told {
		serde_json::from_str(GOLDEN).expect("the golden file is read")
	}

	/// What is read where the file has this text.
	fn read(text: impl AsRef<[u8]>, now: u64) -> Option<Making> {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join(MAKING_FILE), text).unwrap();
		Making::read(folder.path(), now)
	}

	fn changed(change: impl FnOnce(&mut Told)) -> Option<Making> {
		let mut told = golden();
		change(&mut told);
		read(serde_json::to_vec(&told).unwrap(), AT)
	}

	#[test]
	fn the_file_stays_as_it_is() {
		let (told, text) = (golden(), GOLDEN);
		let again: serde_json::Value = serde_json::to_value(&told).unwrap();
		assert_eq!(again, serde_json::from_str::<serde_json::Value>(text).unwrap());
		// A field more is a newer program's.
		let more = text.replacen("\"pid\"", "\"colour\": \"green\", \"pid\"", 1);
		for text in [text, more.as_str()] {
			assert_eq!(read(text, AT), Some(told.making.clone()));
		}
	}

	#[test]
	fn what_is_told_is_read_until_it_ends() {
		let folder = tempfile::tempdir().unwrap();
		let handle = StatusHandle::in_memory(Status::new(1));
		let mut seen = handle.subscribe();
		let mut file = MakingFile::new(folder.path());
		look(&handle, folder.path());
		assert!(!seen.has_changed().unwrap(), "nobody is told of nothing");
		let making = |started: u64, _: Duration| Making {
			started,
			..golden().making
		};
		file.tell(making).unwrap();
		file.tell(|_, _| unreachable!("it was told a moment ago")).unwrap();
		look(&handle, folder.path());
		let shown = handle.get().plots.making.clone().expect("it is made");
		assert_eq!((shown.k, shown.done, shown.of, shown.permille), (28, 3, 12, 314));
		assert_eq!(shown.started, file.started);
		assert_eq!(
			handle.get().at,
			1,
			"that plots are made does not show that the agent works"
		);
		seen.mark_unchanged();
		look(&handle, folder.path());
		assert!(!seen.has_changed().unwrap());
		drop(file);
		look(&handle, folder.path());
		assert_eq!(handle.get().plots.making, None);
		assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
	}

	#[test]
	fn a_clock_that_is_set_back_hides_nothing() {
		let folder = tempfile::tempdir().unwrap();
		let mut file = MakingFile::new(folder.path());
		// It was an hour ahead when they were begun.
		file.started += 3_600;
		let making = |started: u64, _: Duration| Making {
			started,
			..golden().making
		};
		file.tell(making).unwrap();
		let now = unix_now();
		let shown = Making::read(folder.path(), now).expect("they are made now");
		assert!(shown.started <= now, "{shown:?}");
	}

	#[test]
	fn nothing_is_written_into_what_lies_there() {
		let folder = tempfile::tempdir().unwrap();
		let others = folder.path().join("others");
		fs::write(&others, "as it was").unwrap();
		for name in ["making.json", "making.json.new"] {
			std::os::unix::fs::symlink(&others, folder.path().join(name)).unwrap();
		}
		let mut file = MakingFile::new(folder.path());
		file.tell(|started, _| Making {
			started,
			..golden().making
		})
		.unwrap();
		assert!(Making::read(folder.path(), unix_now()).is_some());
		drop(file);
		assert_eq!(fs::read_to_string(&others).unwrap(), "as it was");
		assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
	}

	#[test]
	fn who_may_not_write_is_told_and_leaves_others_files() {
		let folder = tempfile::tempdir().unwrap();
		let nowhere = folder.path().join("none");
		let mut file = MakingFile::new(&nowhere);
		assert!(file.tell(|_, _| golden().making).is_err());
		// Not at each step of a bar.
		assert!(file.tell(|_, _| golden().making).is_ok());
		fs::write(folder.path().join(MAKING_FILE), GOLDEN).unwrap();
		drop(MakingFile::new(folder.path()));
		assert!(
			Making::read(folder.path(), AT).is_some(),
			"whoever told nothing removes nothing"
		);
	}

	#[test]
	fn what_is_old_or_of_the_future_is_none() {
		for (now, is_good) in [
			(AT - AHEAD - 1, false),
			(AT - AHEAD, true),
			(AT + GOOD_FOR, true),
			(AT + GOOD_FOR + 1, false),
			(0, false),
			(u64::MAX, false),
		] {
			assert_eq!(read(GOLDEN, now).is_some(), is_good, "{now}");
		}
	}

	#[test]
	fn what_cannot_be_is_none() {
		assert!(changed(|_| ()).is_some());
		let wrong: [fn(&mut Told); 11] = [
			|told| told.version = 0,
			|told| told.version = 2,
			|told| told.making.k = MOST_K + 1,
			|told| told.making.of = 0,
			|told| told.making.of = MOST_PLOTS + 1,
			|told| told.making.done = told.making.of + 1,
			|told| told.making.permille = 1_001,
			|told| told.making.seconds_left = Some(MOST + 1),
			|told| told.making.bytes = MOST + 1,
			|told| told.making.bytes_per_second = Some(u64::MAX),
			|told| told.making.started = told.at + 1,
		];
		for (number, wrong) in wrong.into_iter().enumerate() {
			assert_eq!(changed(wrong), None, "{number}");
		}
		for text in ["", "{", "null", "[]", "{\"version\":1}", "\u{0}\u{0}\u{0}\u{0}"] {
			assert_eq!(read(text, AT), None, "{text:?}");
		}
		let padded = |length: usize| format!("{GOLDEN}{}", " ".repeat(length - GOLDEN.len()));
		assert!(read(padded(MAX_FILE as usize), AT).is_some());
		assert_eq!(read(padded(MAX_FILE as usize + 1), AT), None);
		let folder = tempfile::tempdir().unwrap();
		assert_eq!(Making::read(folder.path(), AT), None);
		fs::create_dir(folder.path().join(MAKING_FILE)).unwrap();
		assert_eq!(Making::read(folder.path(), AT), None);
	}

	#[test]
	fn what_a_process_left_that_is_gone_is_none() {
		let mut child = Command::new("true").spawn().unwrap();
		let gone = child.id();
		child.wait().unwrap();
		let of = |pid, pid_namespace: Option<String>| {
			changed(|told| (told.pid, told.pid_namespace) = (pid, pid_namespace)).is_some()
		};
		assert!(of(process::id(), pid_namespace()));
		// Another user's, which may not be signalled.
		assert!(of(1, pid_namespace()));
		for none in [gone, 0, u32::MAX] {
			assert!(!of(none, pid_namespace()), "{none}");
		}
		// Elsewhere the same number is another's, or nobody's.
		assert!(of(gone, Some("pid:[1]".into())) && of(gone, None));
	}

	proptest! {
		#[test]
		fn a_damaged_file_is_none_or_can_be(at in 0..GOLDEN.len(), byte in any::<u8>(), cut in any::<bool>()) {
			let mut text = GOLDEN.as_bytes().to_vec();
			match cut {
				true => text.truncate(at),
				false => text[at] = byte,
			}
			if let Some(making) = read(text, AT) {
				prop_assert!(making.is_possible(u64::MAX));
			}
		}
	}
}
