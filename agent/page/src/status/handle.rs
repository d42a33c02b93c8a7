//! The one place that holds the status: who works changes it, who shows it reads it.

use super::{
	history::Kept, unix_now, HistoryError, Outcome, Problem, Round, Sample, Severity, Status, MAX_PROBLEMS, MAX_ROUNDS,
};
use std::{
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex, PoisonError,
	},
	time::Duration,
};
use tokio::sync::watch;

/// How often the history is written to the disk, if it has changed. A crash costs at most so much of it.
pub const SAVE_EVERY: Duration = Duration::from_secs(60);

/// Wins stay in the list of rounds longer than others, up to so many.
const MAX_WINS: usize = 20;

/// The status that all share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct StatusHandle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
	status: watch::Sender<Arc<Status>>,
	/// The data folder; none if the history stays in memory.
	folder: Option<PathBuf>,
	/// Whether the history has changed since it was written.
	changed: AtomicBool,
	/// One writer at a time.
	writing: Mutex<()>,
	/// Wins of space since the start, and how many were to be expected in thousandths.
	luck: Mutex<(u64, u64)>,
}

/// A status with the history that the data folder has.
#[derive(Debug)]
pub struct Opened {
	/// The status; what is wrong with the history is among its problems.
	pub handle: StatusHandle,
	/// Why the history begins anew or is not kept, if so.
	pub fault: Option<HistoryError>,
}

impl StatusHandle {
	/// One without a folder: its history stays in memory.
	pub fn in_memory(status: Status) -> Self {
		Self::with(status, None)
	}

	/// A new one, with the history that the data folder has. A damaged file is put aside, and the history begins anew;
	/// one that cannot be read, or that a newer program wrote, is left as it is, and the history stays in memory. So
	/// the history never keeps an agent from its work.
	pub fn open(folder: &Path) -> Opened {
		let mut status = Status::new(unix_now());
		let read = Kept::read(folder);
		let (keeps, fault) = match read {
			Ok(None) => (true, None),
			Ok(Some(kept)) => {
				status.history = kept.history;
				status.rounds = kept.rounds;
				// What was open then will not be heard of any more.
				status.rounds.retain(|round| round.outcome.is_end());
				(true, None)
			}
			Err(fault @ HistoryError::Damaged { .. }) => match Kept::put_aside(folder) {
				Ok(_) => (true, Some(fault)),
				Err(worse) => (false, Some(worse)),
			},
			Err(fault) => (false, Some(fault)),
		};
		let handle = Self::with(status, keeps.then(|| folder.to_owned()));
		if let Some(fault) = &fault {
			handle.problem(told(fault));
		}
		Opened { handle, fault }
	}

	fn with(mut status: Status, folder: Option<PathBuf>) -> Self {
		status.bound();
		Self(Arc::new(Inner {
			status: watch::Sender::new(Arc::new(status)),
			folder,
			changed: AtomicBool::new(false),
			writing: Mutex::new(()),
			luck: Mutex::new((0, 0)),
		}))
	}

	/// Wins of space since the start that are in blocks, and how many were to be expected, in thousandths.
	pub fn luck(&self) -> (u64, u64) {
		*self.0.luck.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Says the same.
	pub fn set_luck(&self, won: u64, expected: u64) {
		*self.0.luck.lock().unwrap_or_else(PoisonError::into_inner) = (won, expected);
	}

	/// The status as it is now.
	pub fn get(&self) -> Arc<Status> {
		self.0.status.borrow().clone()
	}

	/// Tells of each change from now on; of many in a row perhaps only the last.
	pub fn subscribe(&self) -> watch::Receiver<Arc<Status>> {
		self.0.status.subscribe()
	}

	/// Changes it, and tells all who look. Not for rounds, samples and problems: these have calls of their own.
	///
	/// Who runs the agent calls one of these every half minute at least, also while no node is reached: otherwise it is
	/// said to stand still.
	pub fn update(&self, change: impl FnOnce(&mut Status)) {
		self.0.status.send_modify(|status| {
			let status = Arc::make_mut(status);
			change(status);
			status.at = unix_now();
			status.bound();
		});
	}

	/// Changes it from beside the agent's own work: that the disk or an account was looked at does not show that the
	/// agent still works, so `at` stays.
	pub fn beside(&self, change: impl FnOnce(&mut Status)) {
		self.0.status.send_modify(|status| {
			let status = Arc::make_mut(status);
			change(status);
			status.bound();
		});
	}

	/// A round opened, or is known to have ended: it takes the place of what was told of it before.
	pub fn round(&self, round: Round) {
		if round.outcome.is_end() {
			self.0.changed.store(true, Ordering::Release);
		}
		self.update(|status| status.take_round(round));
	}

	/// Takes a sample for the history.
	pub fn sample(&self, sample: Sample) {
		self.0.changed.store(true, Ordering::Release);
		self.update(|status| status.history.record(sample));
	}

	/// Something is wrong. It takes the place of an earlier problem with the same code.
	pub fn problem(&self, problem: Problem) {
		self.update(|status| {
			status.problems.retain(|other| other.code != problem.code);
			// The gravest first, and of the rest what is new.
			status.problems.truncate(MAX_PROBLEMS.saturating_sub(1));
			status.problems.push(problem);
		});
	}

	/// What has this code is not wrong any more.
	pub fn solved(&self, code: &str) {
		if self.get().problems.iter().any(|problem| problem.code == code) {
			self.update(|status| status.problems.retain(|problem| problem.code != code));
		}
	}

	/// Writes the history to the disk, if it has changed; durable when it returns. It blocks.
	pub fn save(&self) -> Result<(), HistoryError> {
		let Some(folder) = &self.0.folder else { return Ok(()) };
		let _one = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
		if !self.0.changed.swap(false, Ordering::AcqRel) {
			return Ok(());
		}
		let status = self.get();
		let written = Kept::new(status.history.clone(), status.rounds.clone()).write(folder);
		if written.is_err() {
			self.0.changed.store(true, Ordering::Release);
		}
		written
	}
}

impl Status {
	fn take_round(&mut self, round: Round) {
		let same = |other: &&mut Round| other.resource == round.resource && other.round == round.round;
		let known = self.rounds.iter_mut().find(same);
		let was_over = known.as_ref().is_some_and(|known| known.outcome.is_end());
		if round.outcome.is_end() {
			if !was_over {
				self.tallies.count(round.resource, round.outcome);
			}
			let of = self
				.lotteries
				.iter_mut()
				.find(|lottery| lottery.resource == round.resource);
			if let Some(lottery) = of.filter(|of| of.last.as_ref().is_none_or(|last| last.round <= round.round)) {
				lottery.last = Some(round.clone());
			}
		}
		match known {
			Some(known) => *known = round,
			None => self.rounds.insert(0, round),
		}
		while self.rounds.len() > MAX_ROUNDS {
			let wins = self.rounds.iter().filter(|round| round.outcome == Outcome::Won).count();
			let goes = |round: &Round| (round.outcome == Outcome::Won) == (wins > MAX_WINS);
			let Some(oldest) = self.rounds.iter().rposition(goes) else {
				return;
			};
			self.rounds.remove(oldest);
		}
	}
}

fn told(fault: &HistoryError) -> Problem {
	let text = fault.to_string();
	let (what, remedy) = text.rsplit_once("; ").unwrap_or((&text, "look at the agent's log"));
	Problem::new(Severity::Warning, "history", what, remedy)
}

/// Writes the history every [`SAVE_EVERY`], for ever; a failure is among the status' problems until it is mended.
/// Whoever ends the agent calls [`StatusHandle::save`] once more.
pub async fn keep(handle: StatusHandle) {
	loop {
		tokio::time::sleep(SAVE_EVERY).await;
		let writer = handle.clone();
		match tokio::task::spawn_blocking(move || writer.save()).await {
			Ok(Err(fault)) => handle.problem(told(&fault)),
			Ok(Ok(())) if handle.0.folder.is_some() => handle.solved("history"),
			_ => {}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::{
		super::{Competence, Decimal, Lottery, Resource, FILE},
		*,
	};
	use std::{
		fs,
		process::{Command, Stdio},
		time::Instant,
	};

	fn sample(at: u64) -> Sample {
		Sample {
			at,
			competence: Competence::new(at, Decimal::whole(50)),
			wins: 1,
			expected: Decimal::whole(1),
		}
	}

	fn round(number: u64, outcome: Outcome) -> Round {
		Round::new(Resource::Space, number, number, outcome, "why")
	}

	#[test]
	fn a_round_is_listed_once_and_counted_once() {
		let handle = StatusHandle::in_memory(Status::new(0));
		handle.update(|status| status.lotteries.push(Lottery::new(Resource::Space, 1)));
		for outcome in [Outcome::Open, Outcome::Sent, Outcome::Won, Outcome::Won] {
			handle.round(round(7, outcome));
		}
		handle.round(round(8, Outcome::Open));
		let status = handle.get();
		let seen: Vec<_> = status.rounds.iter().map(|round| (round.round, round.outcome)).collect();
		assert_eq!(seen, [(8, Outcome::Open), (7, Outcome::Won)], "the newest first");
		assert_eq!((status.tallies.space.won, status.tallies.uptime.won), (1, 0));
		let last = status.lotteries[0].last.as_ref().expect("a round is over");
		assert_eq!((last.round, last.outcome), (7, Outcome::Won));
	}

	#[test]
	fn wins_stay_in_the_list_when_others_go() {
		let handle = StatusHandle::in_memory(Status::new(0));
		for number in 0..1_000 {
			handle.round(round(
				number,
				if number % 100 == 0 {
					Outcome::Won
				} else {
					Outcome::Nothing
				},
			));
		}
		let wins = |status: &Status| {
			status
				.rounds
				.iter()
				.filter(|round| round.outcome == Outcome::Won)
				.count()
		};
		assert_eq!((handle.get().rounds.len(), wins(&handle.get())), (MAX_ROUNDS, 10));
		(1_000..2_000).for_each(|number| handle.round(round(number, Outcome::Won)));
		assert_eq!(handle.get().rounds.len(), MAX_ROUNDS);
		(2_000..3_000).for_each(|number| handle.round(round(number, Outcome::Nothing)));
		assert_eq!((handle.get().rounds.len(), wins(&handle.get())), (MAX_ROUNDS, MAX_WINS));
	}

	#[test]
	fn a_problem_is_told_once_and_until_it_is_solved() {
		let handle = StatusHandle::in_memory(Status::new(0));
		for what in ["a", "b"] {
			handle.problem(Problem::new(Severity::Warning, "clock", what, "set it"));
		}
		assert_eq!(handle.get().problems.len(), 1);
		assert_eq!(handle.get().problems[0].what, "b");
		for number in 0..50 {
			handle.problem(Problem::new(Severity::Info, &number.to_string(), "x", "x"));
		}
		assert_eq!(
			handle.get().problems[0].code,
			"clock",
			"the gravest is never crowded out"
		);
		handle.solved("clock");
		assert!(handle.get().problems.iter().all(|problem| problem.code != "clock"));
	}

	#[tokio::test]
	async fn who_looks_is_told() {
		let handle = StatusHandle::in_memory(Status::new(0));
		let mut seen = handle.subscribe();
		seen.mark_unchanged();
		handle.update(|status| status.chain.best = Some(7));
		tokio::time::timeout(Duration::from_secs(5), seen.changed())
			.await
			.expect("in time")
			.expect("it is there");
		assert_eq!(seen.borrow().chain.best, Some(7));
	}

	#[test]
	fn the_history_is_there_again() {
		let folder = tempfile::tempdir().expect("a folder");
		let opened = StatusHandle::open(folder.path());
		assert!(opened.fault.is_none());
		let begin = 1_795_880_000;
		(0..100).for_each(|n| opened.handle.sample(sample(begin + n * 10)));
		opened.handle.round(round(3, Outcome::Won));
		opened.handle.round(round(4, Outcome::Open));
		opened.handle.save().expect("it is written");
		let again = StatusHandle::open(folder.path()).handle.get();
		assert_eq!(again.history, opened.handle.get().history);
		assert_eq!(again.rounds.len(), 1, "rounds that were open are forgotten");
		assert_eq!(again.tallies.space.won, 0, "tallies begin with the program");
	}

	#[test]
	fn a_damaged_file_is_put_aside_and_a_newer_one_is_left() {
		let folder = tempfile::tempdir().expect("a folder");
		let path = folder.path().join(FILE);
		fs::write(&path, "{").expect("it is written");
		let opened = StatusHandle::open(folder.path());
		assert!(matches!(opened.fault, Some(HistoryError::Damaged { .. })));
		assert_eq!(opened.handle.get().problems[0].code, "history");
		opened.handle.sample(sample(1_000));
		opened.handle.save().expect("it is written");
		assert!(StatusHandle::open(folder.path()).fault.is_none());
		assert_eq!(
			fs::read(folder.path().join(format!("{FILE}.damaged"))).expect("it is there"),
			b"{"
		);

		let newer = r#"{"version":9}"#;
		fs::write(&path, newer).expect("it is written");
		let opened = StatusHandle::open(folder.path());
		assert!(matches!(opened.fault, Some(HistoryError::Newer { version: 9, .. })));
		opened.handle.sample(sample(1_000));
		opened.handle.save().expect("nothing is written");
		assert_eq!(
			fs::read_to_string(&path).expect("it is there"),
			newer,
			"it is the newer program's"
		);
	}

	#[test]
	fn a_failure_to_write_is_told_and_tried_again() {
		let folder = tempfile::tempdir().expect("a folder");
		let inner = folder.path().join("data");
		fs::create_dir(&inner).expect("it is made");
		let handle = StatusHandle::open(&inner).handle;
		handle.sample(sample(1_000));
		fs::remove_dir(&inner).expect("it goes");
		let error = handle.save().expect_err("there is no folder").to_string();
		assert!(error.contains("data") && error.contains("see to the disk"), "{error}");
		fs::create_dir(&inner).expect("it is made");
		handle.save().expect("it is written");
		assert!(inner.join(FILE).exists());
	}

	/// Names the folder to the child of the test below.
	const CHILD: &str = "SMART_AGENT_TEST_HISTORY";

	/// Not a test by itself: what the next one kills.
	#[test]
	fn child_that_saves_until_it_is_killed() {
		let Ok(folder) = std::env::var(CHILD) else { return };
		let handle = StatusHandle::open(Path::new(&folder)).handle;
		let begin = handle.get().history.points.last().map_or(1_795_880_000, |last| last.at);
		let until = Instant::now() + Duration::from_secs(30);
		for at in (begin..).step_by(10).take_while(|_| Instant::now() < until) {
			handle.sample(sample(at));
			handle.save().expect("it is written");
		}
	}

	/// Else a loop that hangs would look well as long as somebody looks at the disk.
	#[test]
	fn what_is_seen_from_beside_is_no_sign_of_life() {
		let handle = StatusHandle::in_memory(Status::new(5));
		handle.beside(|status| status.plots.free_bytes = Some(7));
		assert_eq!((handle.get().at, handle.get().plots.free_bytes), (5, Some(7)));
		handle.update(|_| ());
		assert!(handle.get().at > 5);
	}

	#[test]
	fn kill_9_at_any_moment_leaves_a_whole_history() {
		let folder = tempfile::tempdir().expect("a folder");
		let mut before = 0;
		for kill in 0..10 {
			let mut child = Command::new(std::env::current_exe().expect("its own path"))
				.args(["--exact", "status::handle::tests::child_that_saves_until_it_is_killed"])
				.env(CHILD, folder.path())
				.stdout(Stdio::null())
				.spawn()
				.expect("it starts");
			let newest = || {
				StatusHandle::open(folder.path())
					.handle
					.get()
					.history
					.points
					.last()
					.map_or(0, |last| last.at)
			};
			let until = Instant::now() + Duration::from_secs(20);
			while newest() <= before && Instant::now() < until {
				std::thread::sleep(Duration::from_millis(1));
			}
			std::thread::sleep(Duration::from_millis(kill));
			child.kill().expect("it is killed");
			child.wait().expect("it has ended");
			let opened = StatusHandle::open(folder.path());
			assert!(opened.fault.is_none(), "{:?}", opened.fault);
			assert!(newest() > before, "kill {kill}: nothing of {before} or later");
			before = newest();
		}
	}
}
