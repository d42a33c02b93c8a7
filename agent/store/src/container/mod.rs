//! A file of plots, as a store keeps them: sets interleaved, so that a look reads the same four places for all plots of
//! a group, one read each.
//!
//! ```text
//! file   header (128 bytes) | pages | index: each page's length in units of 8 bytes (u16 each)
//! ```

mod header;
mod index;
mod page;
mod write;

pub use header::{Header, HEADER, MAX_PLOTS, PAGE};
pub use index::{Cache, Index, CACHE};
pub use write::{write, Sources, Written};

use crate::{
	error::{At, Damage, StoreError},
	source::{Sets, SET_BITS},
};
use page::Blocks;
use proof_of_space_primitives::pos2::SETS;
use sp_crypto_hashing::twox_64;
use std::{
	fs::File,
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	sync::atomic::{AtomicU64, Ordering},
};

/// Numbers containers, for the cache.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// A container whose header is known. No file stays open: a store may have thousands.
#[derive(Debug)]
pub struct Container {
	/// Where it lies.
	pub path: PathBuf,
	/// What it says of itself.
	pub header: Header,
	number: u64,
}

/// Fragments of the four sets of a challenge for one plot, from each set's start.
pub type Four = [Vec<u64>; SETS];

/// What reading a look needs, kept between looks of a thread.
#[derive(Default)]
pub struct Buffers {
	pages: [Vec<u8>; SETS],
	/// The fragments of the present plot.
	pub four: Four,
}

impl Container {
	/// Reads the header, and checks it and the length against each other.
	pub fn open(path: &Path) -> Result<Self, StoreError> {
		let file = File::open(path).at("open", path)?;
		let found = file.metadata().at("measure", path)?.len();
		let mut bytes = [0; HEADER];
		if found < HEADER as u64 {
			let expected = HEADER as u64;
			return Err(Damage::Length { found, expected }.of(path));
		}
		file.read_exact_at(&mut bytes, 0).at("read", path)?;
		let header = Header::decode(&bytes).map_err(|damage| damage.of(path))?;
		let expected = header.length();
		if found != expected {
			return Err(Damage::Length { found, expected }.of(path));
		}
		Ok(Self {
			path: path.to_owned(),
			header,
			number: OPENED.fetch_add(1, Ordering::Relaxed),
		})
	}

	/// What it is known by as long as this program runs.
	pub fn number(&self) -> u64 {
		self.number
	}

	/// Forgets what the cache has of it.
	pub fn forget(&self, cache: &Cache) {
		cache.forget(self.number);
	}

	/// The index, read and checked.
	fn index(&self, file: &File) -> Result<Index, StoreError> {
		let mut bytes = vec![0; 2 * self.header.pages() as usize];
		file.read_exact_at(&mut bytes, self.header.index_at)
			.at("read", &self.path)?;
		let index = (twox_64(&bytes) == self.header.index_sum).then(|| Index::new(&self.header, &bytes));
		index.flatten().ok_or_else(|| Damage::Index.of(&self.path))
	}

	/// Reads four sets, with one read each, and gives them plot by plot. Checksums are left to [`Self::verify`]: a
	/// chain that is found is checked by itself, and a proof before it is sent.
	pub fn four_sets(
		&self,
		sets: &[u64; SETS],
		cache: &Cache,
		buffers: &mut Buffers,
		mut each: impl FnMut(u16, &Four) -> Result<(), StoreError>,
	) -> Result<(), StoreError> {
		let file = File::open(&self.path).at("open", &self.path)?;
		let index = cache.get(self.number, || self.index(&file))?;
		let header = &self.header;
		let wrong = |set: u64| Damage::Page(set >> header.page_bits).of(&self.path);
		let Buffers { pages, four } = buffers;
		for (set, page) in sets.iter().zip(pages.iter_mut()) {
			self.read(&file, &index, set >> header.page_bits, page)?;
		}
		let mut blocks = Vec::with_capacity(SETS);
		for (set, page) in sets.iter().zip(pages.iter()) {
			let within = *set as usize & (header.page_sets() - 1);
			blocks.push(Blocks::from(header, page, within).ok_or_else(|| wrong(*set))?);
		}
		for plot in 0..header.plots {
			for ((set, blocks), fragments) in sets.iter().zip(&mut blocks).zip(four.iter_mut()) {
				let block = blocks.next_block().ok_or_else(|| wrong(*set))?;
				page::fragments(header.k, block, fragments).ok_or_else(|| wrong(*set))?;
				// Whole fragments from here on.
				let start = set << (header.k + SET_BITS);
				fragments.iter_mut().for_each(|fragment| *fragment |= start);
			}
			each(plot, four)?;
		}
		Ok(())
	}

	fn read(&self, file: &File, index: &Index, page: u64, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
		let (at, length) = index.place(page as usize).ok_or_else(|| Damage::Index.of(&self.path))?;
		bytes.resize(length, 0);
		file.read_exact_at(bytes, at).at("read", &self.path)
	}

	/// Reads all of it, and says how many fragments it has. `each` page is told, and may end it.
	pub fn verify(&self, mut each: impl FnMut(u64) -> Result<(), StoreError>) -> Result<u64, StoreError> {
		let mut pages = Pages::open(self)?;
		let (mut count, mut fragments) = (0, Vec::new());
		for page in 0..self.header.pages() {
			for _ in 0..self.header.blocks() {
				pages.next_block(&mut fragments)?;
				count += fragments.len() as u64;
			}
			pages.end_of_page()?;
			each(page)?;
		}
		if count != self.header.fragments {
			return Err(Damage::Content.of(&self.path));
		}
		Ok(count)
	}
}

/// A container that is read from front to back, checksums and all.
pub struct Pages<'a> {
	container: &'a Container,
	file: File,
	index: Index,
	page: Vec<u8>,
	next_page: u64,
	/// Of the page: where its next block's length stands, and where that block begins.
	next: (usize, usize),
}

impl<'a> Pages<'a> {
	/// At the first set.
	pub fn open(container: &'a Container) -> Result<Self, StoreError> {
		let file = File::open(&container.path).at("open", &container.path)?;
		let index = container.index(&file)?;
		Ok(Self {
			container,
			file,
			index,
			page: Vec::new(),
			next_page: 0,
			next: (0, 0),
		})
	}

	fn turn(&mut self) -> Result<(), StoreError> {
		self.container
			.read(&self.file, &self.index, self.next_page, &mut self.page)?;
		self.next_page += 1;
		self.next = (0, 2 * self.container.header.blocks());
		if !page::is_sound(&self.page) {
			return Err(self.wrong());
		}
		Ok(())
	}

	/// That a page's blocks end where it does.
	fn end_of_page(&self) -> Result<(), StoreError> {
		let end = (self.next.1 + header::SUM).next_multiple_of(header::UNIT);
		(end == self.page.len()).then_some(()).ok_or_else(|| self.wrong())
	}

	fn wrong(&self) -> StoreError {
		Damage::Page(self.next_page.saturating_sub(1)).of(&self.container.path)
	}
}

impl Sets for Pages<'_> {
	fn plots(&self) -> u16 {
		self.container.header.plots
	}

	fn next_block(&mut self, fragments: &mut Vec<u64>) -> Result<(), StoreError> {
		let header = &self.container.header;
		if self.next.0 == 2 * header.blocks() || self.next_page == 0 {
			self.turn()?;
		}
		let (length_at, block_at) = self.next;
		let read = self.page.get(length_at..length_at + 2).and_then(|length| {
			let end = block_at + usize::from(u16::from_le_bytes([length[0], length[1]]));
			page::fragments(header.k, self.page.get(block_at..end)?, fragments)?;
			Some(end)
		});
		self.next = (length_at + 2, read.ok_or_else(|| self.wrong())?);
		Ok(())
	}
}
