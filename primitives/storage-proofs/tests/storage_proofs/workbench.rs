//! Slots in memory, and their trees made in another way than the crate's: wholly, from the whole slot.

use blake3::{
	hazmat::{left_subtree_len, HasherExt},
	Hasher,
};
use smartchain_rng::Rng;
use storage_proof_primitives::{
	open, Contents, Hash, Opening, ReadAt, Streamed, TooShort, ASKED, CHUNK_BYTES, GROUP_BYTES,
};

pub const CHUNK: usize = CHUNK_BYTES as usize;
pub const GROUP: usize = GROUP_BYTES as usize;

/// The lengths at which something changes.
pub const LENGTHS: [usize; 19] = [
	0,
	1,
	63,
	64,
	CHUNK - 1,
	CHUNK,
	CHUNK + 1,
	2 * CHUNK,
	3 * CHUNK + 1,
	7 * CHUNK,
	GROUP - 1,
	GROUP,
	GROUP + 1,
	GROUP + CHUNK,
	2 * GROUP,
	2 * GROUP + 1,
	3 * GROUP + 5 * CHUNK + 17,
	4 * GROUP,
	5 * GROUP + 1,
];

/// A slot, as a holder has it.
pub struct Held {
	pub data: Vec<u8>,
	pub outboard: Vec<u8>,
	pub contents: Contents,
}

/// The source of a seed, which a test that fails shows.
pub fn source(seed: u64) -> Rng {
	println!("seed {seed}");
	Rng::new(seed)
}

/// The bytes of BLAKE3's own test vectors.
pub fn paint(length: usize) -> Vec<u8> {
	(0..length).map(|i| (i % 251) as u8).collect()
}

impl Held {
	pub fn of(data: Vec<u8>) -> Self {
		let mut outboard = Vec::new();
		let mut streamed = Streamed::new(data.len() as u64, &[]).unwrap();
		streamed.push(&data, &mut outboard).unwrap();
		let (contents, _) = streamed.finish(&mut outboard).unwrap();
		Self {
			data,
			outboard,
			contents,
		}
	}

	pub fn random(rng: &mut Rng, most: u64) -> Self {
		let length = rng.below(most.saturating_add(1)) as usize;
		Self::of(rng.bytes(length))
	}

	pub fn chunks(&self) -> u32 {
		self.contents.shape().unwrap().chunks()
	}

	pub fn open(&self, index: u32) -> Opening {
		open(&self.contents, index, &mut &self.data[..], &mut &self.outboard[..]).unwrap()
	}
}

/// Counts what is read.
pub struct Counting<'a> {
	pub bytes: &'a [u8],
	pub read: usize,
}

impl<'a> Counting<'a> {
	pub fn of(bytes: &'a [u8]) -> Self {
		Self { bytes, read: 0 }
	}
}

impl ReadAt for Counting<'_> {
	type Error = TooShort;

	fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TooShort> {
		self.read += into.len();
		self.bytes.read_at(offset, into)
	}
}

/// The value of a subtree.
pub fn value(first: usize, bytes: &[u8]) -> Hash {
	let mut hasher = Hasher::new();
	hasher.set_input_offset((first * CHUNK) as u64);
	hasher.update(bytes);
	hasher.finalize_non_root()
}

/// A chunk and its path, from the whole slot.
pub fn chunk_and_path(data: &[u8], index: usize) -> (Vec<u8>, Vec<Hash>) {
	let (mut first, mut rest, mut path) = (0, data, Vec::new());
	while rest.len() > CHUNK {
		let (left, right) = rest.split_at(left_subtree_len(rest.len() as u64) as usize);
		let middle = first + left.len() / CHUNK;
		if index < middle {
			path.push(value(middle, right));
			rest = left;
		} else {
			path.push(value(first, left));
			(first, rest) = (middle, right);
		}
	}
	path.reverse();
	(rest.to_vec(), path)
}

/// Chunks as a beacon may draw them.
pub fn drawn(rng: &mut Rng, chunks: u32) -> [u32; ASKED] {
	[(); ASKED].map(|()| rng.below(chunks.into()) as u32)
}
