//! Letters that came: none is taken twice.

use channel_primitives::{Hash, Tick};
use std::collections::{BTreeMap, BTreeSet};

/// How many are remembered; of more, those are forgotten whose locks expire first.
pub const MAX_SEEN: usize = 65_536;

/// Letters that came, by their marks. It is in memory alone: after a start it knows none. A letter opens with a lock
/// under its condition only, so that one that comes again then costs whoever sends it again a lock of its own.
#[derive(Clone, Debug, Default)]
pub struct Seen {
	by: BTreeMap<Hash, (Tick, (u64, u64))>,
	order: BTreeSet<(Tick, Hash)>,
}

impl Seen {
	/// Whether a letter may be taken with the lock of this place: it came with no other one.
	///
	/// - `until`: when that lock expires; until then it is remembered.
	pub fn may(&mut self, mark: Hash, place: (u64, u64), until: Tick, now: Tick) -> bool {
		while let Some((first, old)) = self.order.first().copied() {
			if first >= now && self.order.len() <= MAX_SEEN {
				break;
			}
			self.order.remove(&(first, old));
			self.by.remove(&old);
		}
		match self.by.get(&mark) {
			Some((_, with)) => *with == place,
			None => {
				self.by.insert(mark, (until, place));
				self.order.insert((until, mark));
				true
			}
		}
	}

	/// How many are remembered.
	pub fn len(&self) -> usize {
		self.by.len()
	}

	/// Whether none is.
	pub fn is_empty(&self) -> bool {
		self.by.is_empty()
	}
}
