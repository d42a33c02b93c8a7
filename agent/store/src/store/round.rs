//! The threads of a look. A disk may be slow, and one that hangs keeps whoever reads from it in the kernel, where
//! nothing ends it. So these threads own what they work on, nobody waits for them longer than he wants to, and how many
//! of them there are has a bound.

use crate::{
	container::{Buffers, Cache, Container},
	error::StoreError,
	search::Search,
};
use proof_of_space_primitives::{
	pos2::{self, LINKS},
	Hash, Plot,
};
use std::{
	io, mem,
	sync::{
		atomic::{AtomicBool, AtomicUsize, Ordering},
		Arc, Condvar, Mutex, PoisonError,
	},
	thread,
	time::{Duration, Instant},
};

/// Threads that look at the same time at most, over all looks, those that a disk holds up included.
pub const MOST_THREADS: usize = 64;
/// A container that a thread has been in for so long is left out of other looks: its disk does not answer. Four reads
/// take tenths of a second at worst, the search of a group of a thousand plots as long.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A chain that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
	/// In which plot.
	pub plot: Plot,
	/// The number of its group, as it is claimed.
	pub number: u32,
	/// The chain.
	pub fragments: [u64; LINKS],
	/// What the draw compares with the threshold.
	pub quality: Hash,
}

/// Who looks at the moment, and where.
#[derive(Debug, Default)]
pub struct Lookers(Mutex<Vec<Looker>>);

#[derive(Debug)]
struct Looker {
	/// The number of the container that it is in, if it is in one, and since when.
	at: Option<(u64, Instant)>,
	id: u64,
}

impl Lookers {
	/// Containers whose disk does not answer, by number.
	pub fn held_up(&self, patience: Duration) -> Vec<u64> {
		let long = |looker: &Looker| looker.at.filter(|(_, since)| since.elapsed() >= patience);
		self.with(|all| all.iter().filter_map(long).map(|(number, _)| number).collect())
	}

	/// How many look.
	pub fn count(&self) -> usize {
		self.with(|all| all.len())
	}

	/// A place for one more, unless there are too many.
	fn seat(self: &Arc<Self>) -> Option<Seat> {
		let id = self.with(|all| {
			let id = all.iter().map(|looker| looker.id).max().map_or(0, |last| last + 1);
			(all.len() < MOST_THREADS).then(|| all.push(Looker { at: None, id }))?;
			Some(id)
		})?;
		Some(Seat {
			lookers: self.clone(),
			id,
		})
	}

	fn with<T>(&self, act: impl FnOnce(&mut Vec<Looker>) -> T) -> T {
		act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
	}
}

/// One of the lookers; gone with it, whatever it dies of.
struct Seat {
	lookers: Arc<Lookers>,
	id: u64,
}

impl Seat {
	fn is_at(&self, container: Option<u64>) {
		let at = container.map(|number| (number, Instant::now()));
		self.lookers.with(|all| {
			all.iter_mut()
				.filter(|looker| looker.id == self.id)
				.for_each(|looker| looker.at = at)
		});
	}
}

impl Drop for Seat {
	fn drop(&mut self) {
		self.lookers.with(|all| all.retain(|looker| looker.id != self.id));
	}
}

/// What one container came to, by its place in the round.
type Answer = (usize, Result<Vec<Find>, StoreError>);

/// What the threads of one look share.
pub struct Round {
	challenge: Hash,
	/// The containers that are up.
	up: Vec<Arc<Container>>,
	cache: Arc<Cache>,
	/// The first that nobody has begun.
	next: AtomicUsize,
	/// Nobody wants it any more.
	over: AtomicBool,
	desk: Mutex<Desk>,
	/// Told when the last thread ends, and not before: to wake who waits at each answer would cost more than a search.
	ended: Condvar,
}

#[derive(Default)]
struct Desk {
	/// Those that nobody has taken yet.
	answers: Vec<Answer>,
	/// Threads that work.
	working: usize,
}

/// A thread that works on a round; it ends with this, whatever it dies of.
struct Shift(Arc<Round>);

/// The look while it goes on. Dropped, it ends as soon as its threads see that.
pub struct Running(Arc<Round>);

impl Round {
	pub fn new(challenge: Hash, up: Vec<Arc<Container>>, cache: Arc<Cache>) -> Self {
		Self {
			challenge,
			up,
			cache,
			next: AtomicUsize::new(0),
			over: AtomicBool::new(false),
			desk: Mutex::default(),
			ended: Condvar::new(),
		}
	}

	/// With so many threads, or fewer if others look already; the operating system's word if it gives none.
	pub fn start(self, threads: usize, lookers: &Arc<Lookers>) -> io::Result<Running> {
		let round = Arc::new(self);
		for number in 0..threads.clamp(1, MOST_THREADS).min(round.up.len()) {
			let Some(seat) = lookers.seat() else {
				break;
			};
			let shift = Shift::begin(&round);
			let work = move || shift.0.work(&seat);
			match thread::Builder::new().name("look".into()).spawn(work) {
				Ok(_) => (),
				Err(error) if number == 0 => return Err(error),
				// Those that run do the work.
				Err(_) => break,
			}
		}
		Ok(Running(round))
	}

	fn work(&self, seat: &Seat) {
		let mut buffers = Buffers::default();
		while !self.over.load(Ordering::Relaxed) {
			let at = self.next.fetch_add(1, Ordering::Relaxed);
			let Some(container) = self.up.get(at) else {
				return;
			};
			seat.is_at(Some(container.number()));
			let answer = self.look_into(container, &mut buffers);
			seat.is_at(None);
			self.desk().answers.push((at, answer));
		}
	}

	fn desk(&self) -> std::sync::MutexGuard<'_, Desk> {
		self.desk.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn look_into(&self, container: &Container, buffers: &mut Buffers) -> Result<Vec<Find>, StoreError> {
		let (header, challenge) = (&container.header, &self.challenge);
		let mut finds = Vec::new();
		let sets = *pos2::chains(&header.plot(0), challenge)?.sets();
		let too_large = || StoreError::TooLarge(container.path.clone());
		container.four_sets(&sets, &self.cache, buffers, |at, four| {
			if self.over.load(Ordering::Relaxed) {
				return Err(StoreError::Cancelled);
			}
			let plot = header.plot(at);
			let chains = pos2::chains(&plot, challenge)?;
			let found = Search::new(&plot).and_then(|search| search.chains(&chains, four));
			finds.extend(found.ok_or_else(too_large)?.into_iter().map(|fragments| Find {
				plot,
				number: header.number,
				fragments,
				quality: pos2::quality(&plot, challenge, &fragments),
			}));
			Ok(())
		})?;
		Ok(finds)
	}
}

impl Shift {
	fn begin(round: &Arc<Round>) -> Self {
		round.desk().working += 1;
		Self(round.clone())
	}
}

impl Drop for Shift {
	fn drop(&mut self) {
		let mut desk = self.0.desk();
		desk.working -= 1;
		if desk.working == 0 {
			self.0.ended.notify_all();
		}
	}
}

impl Running {
	/// What was answered in the meantime, after so long or as soon as all threads have ended; and whether they have.
	pub fn wait(&self, wait: Duration) -> (Vec<Answer>, bool) {
		let desk = self.0.desk();
		let waited = self.0.ended.wait_timeout_while(desk, wait, |desk| desk.working > 0);
		let (mut desk, _) = waited.unwrap_or_else(PoisonError::into_inner);
		(mem::take(&mut desk.answers), desk.working == 0)
	}

	/// What is looked into.
	pub fn up(&self) -> &[Arc<Container>] {
		&self.0.up
	}

	/// How many of them were begun, from the first on.
	pub fn begun(&self) -> usize {
		self.0.next.load(Ordering::Relaxed).min(self.0.up.len())
	}
}

impl Drop for Running {
	fn drop(&mut self) {
		self.0.over.store(true, Ordering::Relaxed);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn seats_are_few_and_come_back() {
		let lookers = Arc::new(Lookers::default());
		let seats: Vec<_> = (0..MOST_THREADS).map(|_| lookers.seat().unwrap()).collect();
		assert!(lookers.seat().is_none());
		seats[3].is_at(Some(77));
		assert_eq!(lookers.held_up(Duration::ZERO), [77]);
		assert!(lookers.held_up(PATIENCE).is_empty());
		seats[3].is_at(None);
		assert!(lookers.held_up(Duration::ZERO).is_empty());
		drop(seats);
		assert_eq!(lookers.count(), 0);
		assert!(lookers.seat().is_some());
	}
}
