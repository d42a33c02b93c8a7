//! The order of turns.
//!
//! # Pairs, and one between them
//! The randomness puts the directors into a row. The first that is left in it has a turn, and the nearest to it that is
//! left the turn after it: a block has the shorter way to the one that builds on it. The third turn is that of the
//! first in the row again, and so on ([`ROUND`]); what is near follows from latencies that directors report of one
//! another.
//!
//! A tour from each to the nearest that is left would have shorter ways, but it would be for directors that agree to
//! say so to have their turns one after the other, all of them, in every era: that they are near to each other, nobody
//! else can contradict. So reports decide of one turn in three alone, and what they bring together is never more than
//! two; longer rows come about by chance.
//!
//! The row does not depend on reports, nor on who else is in it. So one whose report, or whose seat, is gone when much
//! of the randomness is known moves itself, and whoever is its neighbour or would be; without reports, nobody else.
//!
//! # Latency of a pair
//! The larger of the two that its ends report; unmeasured while one of them says nothing. So nobody can move next to
//! someone by claiming to be near, unless that one agrees; a liar can only push itself away. Of equally near ones the
//! first in the row is taken. Nobody is near to a director of which nothing is measured: the first in the row has the
//! turn after it.
//!
//! # Without enough reports
//! A director is measured if at least half of its pairs are. While fewer than two thirds (rounded up) of the directors
//! are, the order is the row.

use alloc::{collections::BTreeMap, vec, vec::Vec};
use codec::Encode;
use poca_primitives::Randomness;
use sp_io::hashing::blake2_256;

/// Keeps what is hashed here apart from everything else that is hashed.
const DOMAIN: &[u8; 28] = b"SmartChain order of turns v1";

/// Of so many turns in a row reports decide one, the second.
pub const ROUND: usize = 3;

/// Round trips in milliseconds that each of some accounts reported of others.
pub type Reports<AccountId> = BTreeMap<AccountId, Vec<(AccountId, u16)>>;

/// Puts directors into the order of their turns. The same accounts, reports and randomness give the same order, in
/// whatever order the accounts come.
pub fn order<AccountId: Ord + Clone + Encode>(
	mut directors: Vec<AccountId>,
	reports: &Reports<AccountId>,
	randomness: &Randomness,
) -> Vec<AccountId> {
	directors.sort();
	directors.dedup();
	let latencies = Latencies::of(&directors, reports);
	let row = drawn(&directors, randomness);
	let places = if latencies.suffice() {
		paired(row, &latencies)
	} else {
		row
	};
	places
		.into_iter()
		.filter_map(|place| directors.get(place).cloned())
		.collect()
}

/// The places of directors in a list of them, in an order that the randomness draws: each has a hash of its own, so
/// that none moves because another comes or goes.
fn drawn<AccountId: Encode>(directors: &[AccountId], randomness: &Randomness) -> Vec<usize> {
	let mut places: Vec<usize> = (0..directors.len()).collect();
	let hash = |director: &AccountId| (DOMAIN, randomness, director).using_encoded(blake2_256);
	places.sort_by_cached_key(|place| directors.get(*place).map(hash));
	places
}

/// The first that is left, the nearest to it, and the next that is left, again and again.
fn paired(mut left: Vec<usize>, latencies: &Latencies) -> Vec<usize> {
	let mut places: Vec<usize> = Vec::with_capacity(left.len());
	while !left.is_empty() {
		let here = places.last().filter(|_| places.len() % ROUND == 1);
		let nearest = here.and_then(|here| latencies.nearest(*here, &left));
		places.push(left.remove(nearest.unwrap_or(0)));
	}
	places
}

/// What each of some directors says of each other one, by places in a list of them.
struct Latencies {
	count: usize,
	/// Row by row: what the director of the row reports.
	told: Vec<Option<u16>>,
}

impl Latencies {
	fn of<AccountId: Ord>(directors: &[AccountId], reports: &Reports<AccountId>) -> Self {
		let count = directors.len();
		let mut told = vec![None; count.saturating_mul(count)];
		for (row, director) in directors.iter().enumerate() {
			for (other, latency) in reports.get(director).into_iter().flatten() {
				if let Ok(column) = directors.binary_search(other) {
					if let Some(entry) = told.get_mut(row.saturating_mul(count).saturating_add(column)) {
						*entry = Some(*latency);
					}
				}
			}
		}
		Self { count, told }
	}

	fn told(&self, row: usize, column: usize) -> Option<u16> {
		*self.told.get(row.saturating_mul(self.count).saturating_add(column))?
	}

	/// The latency of a pair; `None` while unmeasured.
	fn between(&self, one: usize, other: usize) -> Option<u16> {
		Some(self.told(one, other)?.max(self.told(other, one)?))
	}

	/// Which of these, by its index among them, is the nearest, the first of equals; none if nothing is measured.
	fn nearest(&self, here: usize, others: &[usize]) -> Option<usize> {
		let measured = others
			.iter()
			.enumerate()
			.filter_map(|(at, other)| Some((self.between(here, *other)?, at)));
		measured.min().map(|(_, at)| at)
	}

	/// Whether there are enough of them to go by.
	fn suffice(&self) -> bool {
		let others = self.count.saturating_sub(1);
		let measured = (0..self.count)
			.filter(|one| {
				let pairs = (0..self.count)
					.filter(|other| other != one && self.between(*one, *other).is_some())
					.count();
				pairs.saturating_mul(2) >= others
			})
			.count();
		others > 0 && measured >= crate::two_thirds(self.count)
	}
}
