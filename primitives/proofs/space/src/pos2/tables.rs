//! The three tables of a plot. Table 0, which nobody stores, has an entry for each number of k bits; an entry of any
//! other is a pair of the one before whose two halves match, and whose hash begins with zeros.

use super::{
	aes::{Block, Rounds},
	feistel::{low_bits, Feistel},
	plot_id, words,
};
use crate::Plot;

/// Bits of an entry's information that name its section: four sections, whatever the size.
const SECTION_BITS: u32 = 2;
/// Bits of the key in the first table; the others have as many as the plot's strength.
const FIRST_KEY_BITS: u32 = 2;
/// Pairs of rounds that a hash takes. In the first table they double with each strength above the lowest.
pub(super) const ROUND_PAIRS: u32 = 16;
/// The lowest strength.
pub const MIN_STRENGTH: u8 = 2;

/// A table whose entries are pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
	/// Pairs of numbers.
	First = 1,
	/// Pairs of those.
	Second = 2,
	/// Pairs of those again: what a plot stores, as fragments.
	Third = 3,
}

/// An entry, as the next table sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
	/// Where it stands, k bits: section, key and target.
	pub place: u32,
	/// What its own pairs are hashed from, 2k bits at most.
	pub meta: u64,
}

/// Why two entries are no pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPair {
	/// Their places do not match.
	Match,
	/// They match, and the hash of the pair does not begin with zeros.
	Hash,
}

/// What a plot's tables hold, computed as it is asked for.
#[derive(Clone, Debug)]
pub struct Tables {
	k: u32,
	strength: u32,
	id: [u32; 8],
	rounds: Rounds,
	cipher: Feistel,
}

impl Tables {
	/// Those of a plot whose size and strength are [checked](super::check).
	pub(super) fn of(plot: &Plot) -> Self {
		let id = plot_id(plot);
		let in_words = words(&id);
		Self {
			k: plot.k.into(),
			strength: plot.strength.into(),
			id: in_words,
			rounds: Rounds::new(&in_words),
			cipher: Feistel::new(&id, plot.k.into()),
		}
	}

	/// The same without the processor's AES instructions.
	#[cfg(test)]
	pub(super) fn by_tables(self) -> Self {
		Self {
			rounds: self.rounds.by_tables(),
			..self
		}
	}

	/// The plot's id.
	pub(super) fn id(&self) -> &[u32; 8] {
		&self.id
	}

	/// The entry of table 0 for this number of k bits.
	#[inline]
	pub fn entry(&self, x: u32) -> Entry {
		let [place, ..] = self.rounds.mix([x, 0, 0, 0], ROUND_PAIRS);
		Entry {
			place: place & low_bits(self.k),
			meta: x.into(),
		}
	}

	/// The pair of two entries in this table.
	#[inline]
	pub fn pair(&self, table: Table, left: &Entry, right: &Entry) -> Result<Entry, NoPair> {
		if self.partner(self.section(left)) != self.section(right)
			|| self.target(table, left, self.key(table, right)) != right.place & low_bits(self.target_bits(table))
		{
			return Err(NoPair::Match);
		}
		let block = [
			left.meta as u32,
			(left.meta >> 32) as u32,
			right.meta as u32,
			(right.meta >> 32) as u32,
		];
		let [place, low, high, test] = self.hash(table, block);
		if test & low_bits(self.key_bits(table)) != 0 {
			return Err(NoPair::Hash);
		}
		Ok(Entry {
			place: place & low_bits(self.k),
			meta: match table {
				Table::First => left.meta << self.k | right.meta,
				_ => (u64::from(high) << 32 | u64::from(low)) & ((1 << (2 * self.k)) - 1),
			},
		})
	}

	/// What the low bits of the right entry's place have to be, if the high ones hold this key.
	#[inline]
	pub fn target(&self, table: Table, left: &Entry, key: u32) -> u32 {
		let block = [table as u32, key, left.meta as u32, (left.meta >> 32) as u32];
		let [target, ..] = self.hash(table, block);
		target & low_bits(self.target_bits(table))
	}

	/// The four sections, 0 to 3: two bits swapped, one more, swapped back.
	pub fn partner(&self, section: u32) -> u32 {
		let swapped = |bits: u32| (bits & 1) << 1 | bits >> 1;
		swapped((swapped(section) + 1) & low_bits(SECTION_BITS))
	}

	/// The section of an entry.
	pub fn section(&self, entry: &Entry) -> u32 {
		entry.place >> (self.k - SECTION_BITS)
	}

	/// The key of an entry in this table.
	pub fn key(&self, table: Table, entry: &Entry) -> u32 {
		entry.place >> self.target_bits(table) & low_bits(self.key_bits(table))
	}

	/// Bits of a key.
	pub fn key_bits(&self, table: Table) -> u32 {
		match table {
			Table::First => FIRST_KEY_BITS,
			_ => self.strength,
		}
	}

	/// Bits of a target: those that section and key leave. At least one, as strengths are checked.
	pub fn target_bits(&self, table: Table) -> u32 {
		self.k - SECTION_BITS - self.key_bits(table)
	}

	/// The fragment that a plot stores of eight numbers: the high halves of every second one, encrypted.
	#[inline]
	pub fn fragment(&self, xs: &[u32; 8]) -> u64 {
		let half = self.k / 2;
		let [a, _, b, _, c, _, d, _] = xs.map(|x| u64::from(x >> half));
		self.cipher.encrypt(((a << half | b) << half | c) << half | d)
	}

	/// A link of a chain: see [`Chains`](super::Chains).
	#[inline]
	pub(super) fn link(&self, mixed: u64) -> u64 {
		let block = [mixed as u32, (mixed >> 32) as u32, 0, 0];
		let [low, high, ..] = self.rounds.mix(block, ROUND_PAIRS);
		u64::from(high) << 32 | u64::from(low)
	}

	#[inline]
	fn hash(&self, table: Table, block: Block) -> Block {
		let pairs = match table {
			Table::First => ROUND_PAIRS << (self.strength - u32::from(MIN_STRENGTH)),
			_ => ROUND_PAIRS,
		};
		self.rounds.mix(block, pairs)
	}
}
