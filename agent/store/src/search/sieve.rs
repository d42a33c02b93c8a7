//! What the ways to hash have in common: which numbers are hashed, and which of the hashes stay.

/// Rounds of a hash: two, one with each key, so many times.
pub const ROUND_PAIRS: usize = 16;
/// Fragments that lie together.
pub const QUAD: usize = 4;

/// The two keys, half of a plot's id each.
pub type Keys = [[u8; 16]; 2];

/// What is to be hashed: each of some fragments mixed with each of some numbers.
pub struct Sieve<'a> {
	/// What the fragments are mixed with.
	pub mixes: &'a [u64],
	/// The fragments, zeros after the last.
	pub quads: &'a [[u64; QUAD]],
	/// How many they are.
	pub fragments: usize,
	/// A hash stays if it has zeros where this has ones.
	pub low: u64,
}

/// A hash that stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
	/// Which of the mixes.
	pub mix: usize,
	/// Which of the fragments.
	pub fragment: usize,
	/// The hash.
	pub hash: u64,
}

impl<'a> Sieve<'a> {
	/// How many times a quad meets a mix.
	#[inline(always)]
	pub fn pairs(&self) -> usize {
		self.mixes.len() * self.quads.len()
	}

	/// All these meetings: each mix in turn, with all quads. Zeros for ever after the last.
	#[inline(always)]
	pub fn walk(&self) -> Walk<'a> {
		Walk {
			mixes: self.mixes,
			quads: self.quads,
			mix: 0,
			quad: 0,
		}
	}

	/// Keeps one hash of a meeting, if it stays.
	#[inline]
	pub fn keep(&self, pair: usize, lane: usize, hash: u64, hits: &mut Vec<Hit>) {
		if pair >= self.pairs() || hash & self.low != 0 {
			return;
		}
		let (mix, fragment) = (pair / self.quads.len(), pair % self.quads.len() * QUAD + lane);
		if fragment < self.fragments {
			hits.push(Hit { mix, fragment, hash });
		}
	}
}

/// The meetings of a [`Sieve`], one by one.
pub struct Walk<'a> {
	mixes: &'a [u64],
	quads: &'a [[u64; QUAD]],
	mix: usize,
	quad: usize,
}

impl<'a> Walk<'a> {
	/// The next mix and quad.
	#[inline(always)]
	pub fn step(&mut self) -> (u64, &'a [u64; QUAD]) {
		const NONE: &[u64; QUAD] = &[0; QUAD];
		let Some(mix) = self.mixes.get(self.mix) else {
			return (0, NONE);
		};
		let quad = self.quads.get(self.quad).unwrap_or(NONE);
		self.quad += 1;
		if self.quad >= self.quads.len() {
			self.quad = 0;
			self.mix += 1;
		}
		(*mix, quad)
	}
}
