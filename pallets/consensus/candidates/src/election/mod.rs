//! Who gets the seats of an era: a pure function of who holds them, who else could, and the limits.
//!
//! # Changes
//! Of `n` seats, at most `max(1, floor((n - 1) / 3))` change in an era, so that two thirds of the directors have shown
//! that they can do it. The one is there because three directors or fewer could never change otherwise, nor become
//! more.
//!
//! What cannot hold its seat any more leaves it, however many these are: those that left, were removed or barred, or
//! have no keys. Vacated seats count within the limit: what they leave of it is for other changes. If more are vacated
//! than the limit, all of them may be filled at once, and nothing else changes: fewer seats would be the greater
//! change.
//!
//! # Order of what is done with the changes there are
//! 1. Vacated seats are filled, by the best outsiders.
//! 2. Absent directors are replaced, the longest absent first. They leave without a successor if there are more seats
//!    than there should be, or if two thirds of the seats stay filled without them ([`Limits::least_filled`]). They are
//!    changes within the limit: absence is a guess while leaving is a fact, and a network that slept must not lose all
//!    its directors for it.
//! 3. Seats are added or taken away towards the number there should be. An added one is a change.
//! 4. Directors whose bond has become too little make way for the best outsiders, the worst first; without a successor
//!    they stay. They are changes within the limit, and nothing that vacates a seat: otherwise whoever has its bond
//!    ready when the least bond is raised would have the chain.
//! 5. Directors that served their terms make way for the best outsider, if that is equally able: its score is at least
//!    the governed part of theirs. They sit out one era at least.
//! 6. The worst director makes way for a better outsider, again and again; not for an equal one.
//!
//! # Too few
//! If nobody in office can work, the best outsider gets a seat before anything else; if there is no outsider either,
//! nothing changes. If fewer than the minimum would result, those whose seat was to be vacated stay to fill up: first
//! those that left, then the barred; never those without keys.

pub mod rank;
pub mod seating;
pub mod tour;

use crate::two_thirds;
use alloc::{collections::VecDeque, vec::Vec};
use core::cmp::{Ordering, Reverse};
use rank::{better, Score};
use sp_arithmetic::Perbill;

/// Whether a director may keep its seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fitness {
	/// It may.
	Fit,
	/// It may, but its bond is less than the least there must be: that was raised since it was elected.
	Underbonded,
	/// It missed its turns, so many eras ago, and has not been seen since.
	Absent {
		/// Eras since it was first missed.
		eras: u32,
	},
	/// It left, was removed, or is not admitted.
	Lapsed,
	/// It is barred.
	Barred,
	/// It has no keys, so it could not sign.
	Keyless,
}

impl Fitness {
	/// Whether it can author and vote from now on.
	pub fn works(self) -> bool {
		matches!(self, Self::Fit | Self::Underbonded)
	}
}

/// A director in office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incumbent<AccountId> {
	/// Its account.
	pub account: AccountId,
	/// Its score.
	pub score: Score,
	/// Whether it may keep its seat.
	pub fitness: Fitness,
	/// Eras in a row that it has served, this one included.
	pub terms: u32,
}

/// An admitted, eligible candidate without a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outsider<AccountId> {
	/// Its account.
	pub account: AccountId,
	/// Its score.
	pub score: Score,
}

/// The limits of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// How many seats there should be; at least 1.
	pub seats: usize,
	/// How many directors there must be if there is any way; at most `seats`.
	pub min_directors: usize,
	/// Eras in a row after which a director makes way for one equally able; at least 1.
	pub max_terms: u32,
	/// The part of a director's score from which on an outsider is equally able.
	pub able_from: Perbill,
}

impl Limits {
	/// How many seats stay filled at the least when absent directors leave theirs empty. With fewer, silencing some
	/// honest directors for a few minutes would make a third of those that are left of a few dishonest ones.
	pub fn least_filled(&self) -> usize {
		self.min_directors.max(two_thirds(self.seats)).max(1)
	}
}

/// How many of `seats` may change in an era.
pub fn change_limit(seats: usize) -> usize {
	(seats.saturating_sub(1) / 3).max(1)
}

fn rank<AccountId: Ord>(a: &Incumbent<AccountId>, b: &Incumbent<AccountId>) -> Ordering {
	better(a.score, &a.account, b.score, &b.account)
}

/// Elects the directors of an era, in no particular order. `None` if there is not one that can work: then nothing is to
/// change.
///
/// No account may be given twice.
pub fn elect<AccountId: Ord + Clone>(
	incumbents: &[Incumbent<AccountId>],
	outsiders: &[Outsider<AccountId>],
	limits: &Limits,
) -> Option<Vec<AccountId>> {
	let mut election = Election::new(incumbents, outsiders);
	let seats = limits.seats.max(1);
	if !election.has_working() {
		// Whatever the number of seats: one is not full while nobody in office could fill it.
		election.seat_best();
	}
	election.fill(incumbents.len().min(seats));
	election.replace_absent(seats, limits.least_filled());
	election.fill(seats);
	election.shrink(seats);
	election.replace_underbonded();
	election.end_terms(limits.max_terms, limits.able_from);
	election.prefer_better();
	election.finish(incumbents, limits.min_directors)
}

/// An election under way.
struct Election<AccountId> {
	/// Incumbents that keep their seats so far.
	kept: Vec<Incumbent<AccountId>>,
	/// Outsiders that got a seat.
	seated: Vec<Outsider<AccountId>>,
	/// Outsiders that did not, the best first.
	waiting: VecDeque<Outsider<AccountId>>,
	/// How many more incumbents that could stay may be made to leave.
	departures: usize,
	/// How many more outsiders may be seated.
	arrivals: usize,
}

impl<AccountId: Ord + Clone> Election<AccountId> {
	fn new(incumbents: &[Incumbent<AccountId>], outsiders: &[Outsider<AccountId>]) -> Self {
		let mut waiting = outsiders.to_vec();
		waiting.sort_by(|a, b| better(a.score, &a.account, b.score, &b.account));
		let kept: Vec<_> = incumbents
			.iter()
			.filter(|incumbent| incumbent.fitness.works() || matches!(incumbent.fitness, Fitness::Absent { .. }))
			.cloned()
			.collect();
		let vacated = incumbents.len().saturating_sub(kept.len());
		let limit = change_limit(incumbents.len());
		Self {
			kept,
			seated: Vec::new(),
			waiting: waiting.into(),
			departures: limit.saturating_sub(vacated),
			arrivals: limit.max(vacated),
		}
	}

	fn count(&self) -> usize {
		self.kept.len().saturating_add(self.seated.len())
	}

	fn has_working(&self) -> bool {
		!self.seated.is_empty() || self.kept.iter().any(|kept| kept.fitness.works())
	}

	/// Seats the best outsider; whether there was one, and one more may be seated.
	fn seat_best(&mut self) -> bool {
		if self.arrivals == 0 {
			return false;
		}
		let Some(best) = self.waiting.pop_front() else {
			return false;
		};
		self.arrivals = self.arrivals.saturating_sub(1);
		self.seated.push(best);
		true
	}

	/// Makes an incumbent leave its seat. Asked for only while departures are left.
	fn dismiss(&mut self, account: &AccountId) {
		self.kept.retain(|kept| kept.account != *account);
		self.departures = self.departures.saturating_sub(1);
	}

	fn fill(&mut self, seats: usize) {
		while self.count() < seats && self.seat_best() {}
	}

	fn replace_absent(&mut self, seats: usize, least_filled: usize) {
		let mut absent: Vec<_> = self
			.kept
			.iter()
			.filter_map(|kept| match kept.fitness {
				Fitness::Absent { eras } => Some((Reverse(eras), kept.account.clone())),
				_ => None,
			})
			.collect();
		absent.sort();
		for (_, account) in absent {
			if self.departures == 0 {
				break;
			}
			let surplus = self.count() > seats;
			if surplus || self.seat_best() || self.count() > least_filled {
				self.dismiss(&account);
			}
		}
	}

	fn shrink(&mut self, seats: usize) {
		while self.count() > seats && self.departures > 0 {
			// The absent first, then those with too little bond, then the worst.
			let worst = self
				.kept
				.iter()
				.max_by(|a, b| a.fitness.cmp(&b.fitness).then_with(|| rank(a, b)));
			let Some(worst) = worst.map(|worst| worst.account.clone()) else {
				break;
			};
			self.dismiss(&worst);
		}
	}

	fn replace_underbonded(&mut self) {
		while self.departures > 0 {
			let worst = self
				.kept
				.iter()
				.filter(|kept| kept.fitness == Fitness::Underbonded)
				.max_by(|a, b| rank(a, b));
			let Some(worst) = worst.map(|worst| worst.account.clone()) else {
				break;
			};
			if !self.seat_best() {
				break;
			}
			self.dismiss(&worst);
		}
	}

	fn end_terms(&mut self, max_terms: u32, able_from: Perbill) {
		let mut overdue: Vec<_> = self
			.kept
			.iter()
			.filter(|kept| kept.fitness == Fitness::Fit && kept.terms >= max_terms)
			.cloned()
			.collect();
		// The longest serving first; of these the worst.
		overdue.sort_by(|a, b| b.terms.cmp(&a.terms).then_with(|| rank(b, a)));
		for director in overdue {
			let able = able_from.mul_ceil(director.score);
			let waits = self.waiting.front().is_some_and(|best| best.score >= able);
			if waits && self.departures > 0 && self.seat_best() {
				self.dismiss(&director.account);
			}
		}
	}

	fn prefer_better(&mut self) {
		while self.departures > 0 {
			let worst = self
				.kept
				.iter()
				.filter(|kept| kept.fitness == Fitness::Fit)
				.max_by(|a, b| rank(a, b));
			let (Some(worst), Some(best)) = (worst, self.waiting.front()) else {
				break;
			};
			// Equals stay: a change of seats for nothing would be a change of voters for nothing.
			if best.score <= worst.score {
				break;
			}
			let worst = worst.account.clone();
			if !self.seat_best() {
				break;
			}
			self.dismiss(&worst);
		}
	}

	fn finish(self, incumbents: &[Incumbent<AccountId>], min_directors: usize) -> Option<Vec<AccountId>> {
		if !self.has_working() {
			return None;
		}
		let missing = min_directors.saturating_sub(self.count());
		let mut leaving: Vec<_> = incumbents
			.iter()
			.filter(|incumbent| matches!(incumbent.fitness, Fitness::Lapsed | Fitness::Barred))
			.collect();
		leaving.sort_by(|a, b| a.fitness.cmp(&b.fitness).then_with(|| rank(a, b)));
		let directors = self
			.kept
			.iter()
			.chain(leaving.into_iter().take(missing))
			.map(|kept| kept.account.clone())
			.chain(self.seated.iter().map(|seated| seated.account.clone()));
		Some(directors.collect())
	}
}
