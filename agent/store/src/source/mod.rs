//! Where fragments come from: files as Chia's plotter writes them, read from front to back.

mod fse;

use crate::{
	bits::Reader,
	error::{At, Damage, StoreError},
};
use fse::Decoder;
use proof_of_space_primitives::{pos2, Plot};
use std::{
	fs::File,
	io::{BufReader, Read, Seek, SeekFrom},
	path::{Path, PathBuf},
	sync::Arc,
};

/// A set has `2^SET_BITS` fragments on average.
pub const SET_BITS: u8 = 6;
/// Fragments that a set has at most. Their number is Poisson's with mean 64: no plot comes near.
pub const MAX_SET: usize = 192;

/// Plots whose sets are read one after the other; of each set, one plot after the other.
pub trait Sets {
	/// How many plots.
	fn plots(&self) -> u16;

	/// The next plot's fragments in the present set, counted from the set's start, in order, none twice.
	fn next_block(&mut self, fragments: &mut Vec<u64>) -> Result<(), StoreError>;

	/// Goes on so many sets later; the present one has not been begun.
	fn skip(&mut self, sets: u64) -> Result<(), StoreError> {
		let mut fragments = Vec::new();
		for _ in 0..sets.saturating_mul(self.plots().into()) {
			self.next_block(&mut fragments)?;
		}
		Ok(())
	}
}

const MAGIC: &[u8; 4] = b"PoS2";
const VERSION: u8 = 2;
const HEADER: usize = 51;
/// The index has each set's bytes as a difference to this many, by Rice's code with so many bits.
const EXPECTED_BYTES: i64 = 235;
const INDEX_BITS: u32 = 4;
/// Bytes of a set, by far.
const MAX_BYTES: i64 = 1 << 12;

/// Bytes that are read at once.
const BUFFER: usize = 1 << 18;

/// A file of Chia's plotter with one plot.
pub struct ChiaFile {
	path: PathBuf,
	file: BufReader<File>,
	decoder: Decoder,
	k: u8,
	/// Bytes of each set.
	sizes: Arc<[u16]>,
	set: usize,
	bytes: Vec<u8>,
	symbols: Vec<u8>,
}

impl ChiaFile {
	/// Opens the file of this plot.
	pub fn open(path: &Path, plot: &Plot) -> Result<Self, StoreError> {
		pos2::check(plot)?;
		let wrong = || Damage::Source(0).of(path);
		let mut file = BufReader::with_capacity(BUFFER, File::open(path).at("open", path)?);
		let length = file.get_ref().metadata().at("measure", path)?.len();
		let mut header = [0; HEADER];
		file.read_exact(&mut header).at("read", path)?;
		let begins: [&[u8]; 5] = [
			MAGIC,
			&[VERSION],
			&plot.group,
			&[plot.k, plot.strength],
			&[1, 0, plot.meta],
		];
		let begins = begins.concat();
		if !header.starts_with(&begins) {
			return Err(wrong());
		}
		let at = begins.len();
		let index_at = u64::from_le_bytes(header[at..at + 8].try_into().unwrap_or_default());
		let chunks_at = HEADER as u64 + u64::from(header[HEADER - 1]);
		let sets = 1usize << (plot.k - SET_BITS);
		// Nothing of a file is taken into memory before its length is plausible.
		let index_length = length.checked_sub(index_at).ok_or_else(wrong)?;
		if index_length > 4 * sets as u64 {
			return Err(wrong());
		}
		file.seek(SeekFrom::Start(index_at)).at("read", path)?;
		let mut index = vec![0; index_length as usize];
		file.read_exact(&mut index).at("read", path)?;
		let sizes = sizes(&index, sets).ok_or_else(wrong)?;
		if chunks_at + sizes.iter().map(|size| u64::from(*size)).sum::<u64>() != index_at {
			return Err(wrong());
		}
		file.seek(SeekFrom::Start(chunks_at)).at("read", path)?;
		Ok(Self {
			path: path.to_owned(),
			file,
			decoder: Decoder::new(),
			k: plot.k,
			sizes: sizes.into(),
			set: 0,
			bytes: Vec::new(),
			symbols: Vec::new(),
		})
	}

	/// The same file, to be read by another thread, from the same set on.
	pub fn again(&mut self) -> Result<Self, StoreError> {
		let mut file = BufReader::with_capacity(BUFFER, File::open(&self.path).at("open", &self.path)?);
		let at = self.file.stream_position().at("read", &self.path)?;
		file.seek(SeekFrom::Start(at)).at("read", &self.path)?;
		Ok(Self {
			path: self.path.clone(),
			file,
			decoder: Decoder::new(),
			k: self.k,
			sizes: self.sizes.clone(),
			set: self.set,
			bytes: Vec::new(),
			symbols: Vec::new(),
		})
	}

	/// The set in `self.bytes`.
	fn decode(&mut self, fragments: &mut Vec<u64>) -> Option<()> {
		let (coded, after) = prefixed(&self.bytes)?;
		self.decoder.decode(coded, MAX_SET + 1, &mut self.symbols)?;
		let low_bits = u32::from(self.k) - 8;
		let unary = 178u64 << low_bits;
		let mut bits = Reader::new(after);
		let mut last = 0u64;
		fragments.clear();
		for high in &self.symbols {
			let low = bits.take(low_bits)?;
			let quotient = bits.ones()?;
			let step = quotient.checked_mul(unary)? + (u64::from(*high) << low_bits | low);
			last = last.checked_add(step)?;
			// The first may be the set's first number; two alike are none.
			let rises = fragments.is_empty() || step > 0;
			if !rises || last >> (self.k + SET_BITS) != 0 {
				return None;
			}
			fragments.push(last);
		}
		(fragments.len() <= MAX_SET).then_some(())
	}
}

impl Sets for ChiaFile {
	fn plots(&self) -> u16 {
		1
	}

	fn next_block(&mut self, fragments: &mut Vec<u64>) -> Result<(), StoreError> {
		let wrong = Damage::Source(self.set as u64);
		let size = *self.sizes.get(self.set).ok_or_else(|| wrong.of(&self.path))?;
		self.bytes.resize(size.into(), 0);
		self.file.read_exact(&mut self.bytes).at("read", &self.path)?;
		self.decode(fragments).ok_or_else(|| wrong.of(&self.path))?;
		self.set += 1;
		Ok(())
	}

	fn skip(&mut self, sets: u64) -> Result<(), StoreError> {
		let end = usize::try_from(sets).ok().and_then(|sets| self.set.checked_add(sets));
		let passed = end.and_then(|end| self.sizes.get(self.set..end));
		let bytes: i64 = passed
			.ok_or_else(|| Damage::Source(self.set as u64).of(&self.path))?
			.iter()
			.map(|size| i64::from(*size))
			.sum();
		self.file.seek_relative(bytes).at("read", &self.path)?;
		self.set += sets as usize;
		Ok(())
	}
}

/// How many bytes each set takes.
fn sizes(index: &[u8], sets: usize) -> Option<Vec<u16>> {
	let mut bits = Reader::new(index);
	let mut sizes = Vec::with_capacity(sets);
	for _ in 0..sets {
		let below = bits.take(1)? == 1;
		let low = bits.take(INDEX_BITS)?;
		let high = bits.ones().filter(|high| *high < 1 << 8)?;
		let by = (high << INDEX_BITS | low) as i64;
		let size = EXPECTED_BYTES + if below { -by } else { by };
		if !(1..=MAX_BYTES).contains(&size) {
			return None;
		}
		sizes.push(size as u16);
	}
	Some(sizes)
}

/// The part whose length stands before it, seven bits a byte; and what is after.
fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
	let mut length = 0usize;
	for (byte, at) in bytes.iter().zip(0..2) {
		length |= usize::from(byte & 0x7f) << (7 * at);
		if byte & 0x80 == 0 {
			return bytes.get(at + 1..)?.split_at_checked(length);
		}
	}
	None
}
