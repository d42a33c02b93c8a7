//! The order of turns.
//!
//! # Pairs
//! The randomness draws a director, and the nearest one that is left has the turn after it: a block has the shorter way
//! to the one that builds on it. Then the randomness draws again, and so on, by latencies that directors report of one
//! another.
//!
//! A tour from each to the nearest that is left would have shorter ways, but it would be for directors that agree to
//! say so to have their turns one after the other, all of them, in every era: that they are near to each other, nobody
//! else can contradict. So reports decide of every other turn alone, and what they bring together is never more than
//! two ([`TOGETHER`]).
//!
//! # Latency of a pair
//! The larger of the two that its ends report; unmeasured while one of them says nothing. So nobody can move next to
//! someone by claiming to be near, unless that one agrees; a liar can only push itself away. Nobody is near to a
//! director of which nothing is measured: the randomness draws instead.
//!
//! # Without enough reports
//! A director is measured if at least half of its pairs are. While fewer than two thirds (rounded up) of the directors
//! are, the order is a Fisher-Yates shuffle by the randomness.

use alloc::{collections::BTreeMap, vec, vec::Vec};
use codec::Encode;
use poca_primitives::Randomness;
use sp_io::hashing::blake2_256;

/// Keeps what is hashed here apart from everything else that is hashed.
const DOMAIN: &[u8; 28] = b"SmartChain order of turns v1";

/// How many turns in a row follow from reports, the one among them that is drawn.
pub const TOGETHER: usize = 2;

/// Numbers out of randomness: hashes of it with a counter, so that they are the same on every node.
///
/// A number below `n` is 128 bits modulo `n`: for every `n` that fits 32 bits, none is likelier than another by more
/// than one part in 2^96.
pub struct Draw<'a> {
	randomness: &'a Randomness,
	count: u32,
}

impl<'a> Draw<'a> {
	/// Numbers out of this randomness, from the first one.
	pub fn new(randomness: &'a Randomness) -> Self {
		Self { randomness, count: 0 }
	}

	/// The next number, below `bound`; 0 if that is 0.
	pub fn below(&mut self, bound: usize) -> usize {
		let hash = (DOMAIN, self.randomness, self.count).using_encoded(blake2_256);
		// One for each director and order: far from 2^32.
		self.count = self.count.wrapping_add(1);
		let mut low = [0; 16];
		low.copy_from_slice(&hash[..16]);
		u128::from_le_bytes(low)
			.checked_rem(bound as u128)
			.and_then(|number| usize::try_from(number).ok())
			.unwrap_or(0)
	}
}

/// Round trips in milliseconds that each of some accounts reported of others.
pub type Reports<AccountId> = BTreeMap<AccountId, Vec<(AccountId, u16)>>;

/// Puts directors into the order of their turns. The same accounts, reports and randomness give the same order, in
/// whatever order the accounts come.
pub fn order<AccountId: Ord + Clone>(
	mut directors: Vec<AccountId>,
	reports: &Reports<AccountId>,
	randomness: &Randomness,
) -> Vec<AccountId> {
	directors.sort();
	directors.dedup();
	let mut draw = Draw::new(randomness);
	let latencies = Latencies::of(&directors, reports);
	if latencies.suffice() {
		let places = pairs(&latencies, &mut draw);
		places
			.into_iter()
			.filter_map(|place| directors.get(place).cloned())
			.collect()
	} else {
		shuffle(&mut directors, &mut draw);
		directors
	}
}

/// Fisher-Yates: each order is as likely as any other, as far as the numbers are.
fn shuffle<T>(items: &mut [T], draw: &mut Draw) {
	for last in (1..items.len()).rev() {
		items.swap(last, draw.below(last.saturating_add(1)));
	}
}

/// One that is drawn and the nearest to it, again and again; of equally near ones the first.
fn pairs(latencies: &Latencies, draw: &mut Draw) -> Vec<usize> {
	let mut left: Vec<usize> = (0..latencies.count).collect();
	let mut places: Vec<usize> = Vec::with_capacity(left.len());
	while !left.is_empty() {
		let here = places.last().filter(|_| places.len() % TOGETHER != 0);
		let nearest = here.and_then(|here| latencies.nearest(*here, &left));
		let at = nearest.unwrap_or_else(|| draw.below(left.len()));
		places.push(left.remove(at));
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

	/// Which of these, by its index among them, is the nearest; none if nothing is measured.
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
