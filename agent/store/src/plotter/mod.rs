//! Runs Chia's plotter and solver in a child process, and gives them what they lack: limits, a bar, and an end on
//! demand.

mod job;
mod rates;

pub use job::{Job, Limits, Task, MOST_BYTES};
pub use rates::Rates;

use crate::error::{At, StoreError};
use std::{
	ffi::OsString,
	fs::{self, File},
	io::{Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	sync::atomic::{AtomicBool, Ordering},
	thread,
	time::{Duration, Instant},
};

/// How often a child is looked after, at least and at most: so often that a short one does not wait for it.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(10));
/// How often whoever waits is told.
const TELL: Duration = Duration::from_millis(200);
/// Bytes of what a child said last that are passed on.
const SAID: u64 = 2048;
/// The kernel counts a process's time in these, on all machines that it shows to programs.
const TICK: Duration = Duration::from_millis(10);
/// Bytes of the stack of a thread of theirs.
const STACK: u64 = 8 << 20;
/// How far a bar goes by itself, in thousandths: the rest is for the end.
const NEARLY: u64 = 990;

/// Has the allocator of glibc ask the kernel for large pages, where it gives them to who asks. A process that plots
/// once touches all of its memory for the first time: by small pages that takes a twentieth of its time. Other
/// allocators do not know it.
const LARGE_PAGES: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");

/// The program that plots and solves, as it lies beside the agent's.
pub const PROGRAM: &str = "smart-agent-plotter";

/// How to start the program that plots and solves.
#[derive(Clone, Debug)]
pub struct Launcher {
	/// The program.
	pub program: PathBuf,
	/// What it is started with.
	pub arguments: Vec<OsString>,
}

impl Launcher {
	/// [`PROGRAM`], where this program lies; where that is a folder of cargo's, one above as well.
	///
	/// # Errors
	/// If it is in neither.
	pub fn beside_this_program() -> Result<Self, StoreError> {
		let this = std::env::current_exe().at("find", Path::new("this program"))?;
		let here = this.with_file_name(PROGRAM);
		let above = this.parent().filter(|folder| folder.ends_with("deps"));
		let above = above.map(|folder| folder.with_file_name(PROGRAM));
		let program = [Some(here.clone()), above]
			.into_iter()
			.flatten()
			.find(|path| path.is_file());
		let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
		let program = program.ok_or(missing).at("find", &here)?;
		Ok(Self {
			program,
			arguments: Vec::new(),
		})
	}
}

/// Ends what somebody else waits for.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
	/// From now on.
	pub fn cancel(&self) {
		self.0.store(true, Ordering::Relaxed);
	}

	/// Whether it was cancelled.
	pub fn check(&self) -> Result<(), StoreError> {
		match self.0.load(Ordering::Relaxed) {
			true => Err(StoreError::Cancelled),
			false => Ok(()),
		}
	}
}

/// Bytes of memory for the stacks of a child's threads. It has as many as the machine has cores, whatever it may run
/// on.
pub fn stacks() -> u64 {
	let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
	2 * STACK * cores
}

/// This process, as a child sees it.
pub fn parent() -> i32 {
	i32::try_from(std::process::id()).unwrap_or(0)
}

/// How far one child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
	/// Thousandths, by the measured rates.
	pub done: u16,
	/// What is left, if it goes on as it did.
	pub left: Option<Duration>,
}

/// Runs a job to its end. Returns the processor's time that it took. Whatever happens, no child is left.
pub fn run(
	launcher: &Launcher,
	job: &Job,
	said: &Path,
	expected: Duration,
	cancel: &Cancel,
	tell: &mut dyn FnMut(Bar),
) -> Result<Duration, StoreError> {
	cancel.check()?;
	let words = File::create(said).at("make", said)?;
	let mut command = Command::new(&launcher.program);
	let (name, value) = LARGE_PAGES;
	// Whoever runs this may have a word on it.
	if std::env::var_os(name).is_none() {
		command.env(name, value);
	}
	let mut child = command
		.args(&launcher.arguments)
		.stdin(Stdio::piped())
		.stdout(Stdio::null())
		.stderr(words)
		.spawn()
		.at("start", &launcher.program)?;
	let ended = watch(&mut child, job, expected, cancel, tell);
	if ended.is_err() {
		// Both fail only if it is gone already.
		let _ = child.kill();
		let _ = child.wait();
	}
	let ended = ended.and_then(|(status, used)| match status.success() {
		true => Ok(used),
		false => Err(StoreError::Child {
			task: match job.task {
				Task::Plot { .. } => "plotting",
				Task::Solve { .. } => "solving",
			},
			status: status.to_string(),
			said: last_words(said),
		}),
	});
	let _ = fs::remove_file(said);
	ended
}

fn watch(
	child: &mut Child,
	job: &Job,
	expected: Duration,
	cancel: &Cancel,
	tell: &mut dyn FnMut(Bar),
) -> Result<(std::process::ExitStatus, Duration), StoreError> {
	let here = Path::new("the child process");
	if let Some(mut input) = child.stdin.take() {
		// If it is gone already, its status says more than this would.
		let _ = input.write_all(job.encode().as_bytes());
	}
	let (start, mut told, mut used) = (Instant::now(), None::<Instant>, Duration::ZERO);
	let look = (expected / 250).clamp(LOOK.0, LOOK.1);
	loop {
		// Before it is waited for: then its figures are gone.
		used = processor_time(child.id()).map_or(used, |now| now.max(used));
		if let Some(status) = child.try_wait().at("wait for", here)? {
			return Ok((status, used));
		}
		cancel.check()?;
		if told.is_none_or(|told| told.elapsed() >= TELL) {
			told = Some(Instant::now());
			tell(bar(used, expected, start.elapsed()));
		}
		thread::sleep(look);
	}
}

/// As far as processor time tells.
fn bar(used: Duration, expected: Duration, elapsed: Duration) -> Bar {
	let thousandths = used.as_millis() * 1000 / expected.as_millis().max(1);
	let done = u64::try_from(thousandths).unwrap_or(u64::MAX).min(NEARLY);
	let left = (done > 0).then(|| {
		let left = elapsed.as_millis() * u128::from(1000 - done) / u128::from(done);
		Duration::from_millis(left.try_into().unwrap_or(u64::MAX))
	});
	Bar {
		done: done as u16,
		left,
	}
}

/// What a process has used, threads and all.
fn processor_time(process: u32) -> Option<Duration> {
	let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
	ticks(&text).map(|ticks| TICK * ticks)
}

/// The fields 14 and 15; the second is a name in brackets, which may hold anything.
fn ticks(stat: &str) -> Option<u32> {
	let (_, after) = stat.rsplit_once(')')?;
	let mut fields = after.split_whitespace().skip(11);
	let mut next = || fields.next()?.parse::<u32>().ok();
	next()?.checked_add(next()?)
}

/// The end of what it said.
fn last_words(path: &Path) -> String {
	let read = || {
		let mut file = File::open(path)?;
		let length = file.metadata()?.len();
		file.seek(SeekFrom::Start(length.saturating_sub(SAID)))?;
		let mut bytes = Vec::new();
		file.take(SAID).read_to_end(&mut bytes)?;
		Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).trim().replace('\n', "; "))
	};
	match read() {
		Ok(said) if !said.is_empty() => said,
		_ => "nothing said".into(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_bar_follows_the_processor() {
		let seconds = Duration::from_secs;
		let at = |used, elapsed| bar(seconds(used), seconds(100), seconds(elapsed));
		assert_eq!(at(0, 3), Bar { done: 0, left: None });
		assert_eq!(
			at(25, 50),
			Bar {
				done: 250,
				left: Some(seconds(150))
			}
		);
		assert_eq!(at(1_000, 50).done, 990);
		assert_eq!(bar(seconds(1), Duration::ZERO, seconds(1)).done, 990);
	}

	/// A child asks for large pages, unless whoever runs this says something else of its allocator.
	#[test]
	fn a_child_asks_for_large_pages() {
		let folder = tempfile::tempdir().unwrap();
		let launcher = Launcher {
			program: "/bin/sh".into(),
			arguments: vec!["-c".into(), "echo \"[$GLIBC_TUNABLES]\" >&2; exit 1".into()],
		};
		let job = Job {
			parent: parent(),
			plot: proof_of_space_primitives::Plot {
				group: [1; 32],
				index: 0,
				meta: 0,
				k: 18,
				strength: 2,
			},
			limits: Limits {
				memory: 1,
				cores: 1,
				nice: 0,
			},
			task: Task::Solve {
				fragments: Default::default(),
				proof: "p".into(),
			},
		};
		let said = folder.path().join("said");
		let ran = run(&launcher, &job, &said, Duration::ZERO, &Cancel::default(), &mut |_| ());
		let expected = std::env::var(LARGE_PAGES.0).unwrap_or(LARGE_PAGES.1.into());
		let error = ran.unwrap_err().to_string();
		assert!(error.contains(&format!("[{expected}]")), "{error}");
	}

	#[test]
	fn processor_time_is_read() {
		assert_eq!(ticks("1 (a) b) S 1 2 3 4 5 6 7 8 9 10 70 7 0"), Some(77));
		assert_eq!(ticks("1 (a"), None);
		assert!(processor_time(std::process::id()).is_some());
	}
}
