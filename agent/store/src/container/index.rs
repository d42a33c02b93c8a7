//! Where each page stands, compactly: two bytes a page, and a cache with a bound.

use super::header::{Header, HEADER, UNIT};
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
};

/// After so many pages the place is written down, and not added up.
const ANCHOR: usize = 32;
/// Bytes that indices in memory take at most, together, beside those in use.
pub const CACHE: usize = 32 << 20;

/// Where the pages of one container stand.
#[derive(Debug)]
pub struct Index {
	lengths: Box<[u16]>,
	anchors: Box<[u64]>,
}

impl Index {
	/// From the bytes in the file; none if the pages do not end where the index begins.
	pub fn new(header: &Header, bytes: &[u8]) -> Option<Self> {
		let lengths = bytes
			.chunks_exact(2)
			.map(|length| u16::from_le_bytes([length[0], length[1]]));
		let lengths: Box<[u16]> = lengths.collect();
		if lengths.len() as u64 != header.pages() {
			return None;
		}
		let (mut at, mut anchors) = (HEADER as u64, Vec::with_capacity(lengths.len().div_ceil(ANCHOR)));
		for part in lengths.chunks(ANCHOR) {
			anchors.push(at);
			at += part.iter().map(bytes_of).sum::<u64>();
		}
		(at == header.index_at).then_some(Self {
			lengths,
			anchors: anchors.into(),
		})
	}

	/// Where a page begins, and how many bytes it has.
	pub fn place(&self, page: usize) -> Option<(u64, usize)> {
		let length = bytes_of(self.lengths.get(page)?) as usize;
		let anchor = page / ANCHOR;
		let before = self.lengths.get(anchor * ANCHOR..page)?;
		let at = self.anchors.get(anchor)? + before.iter().map(bytes_of).sum::<u64>();
		Some((at, length))
	}

	/// How many pages there are.
	pub fn pages(&self) -> usize {
		self.lengths.len()
	}

	/// Bytes that it takes.
	fn weight(&self) -> usize {
		2 * self.lengths.len() + 8 * self.anchors.len()
	}
}

fn bytes_of(length: &u16) -> u64 {
	u64::from(*length) * UNIT as u64
}

/// Indices in memory. Those used longest ago go first.
#[derive(Debug)]
pub struct Cache {
	held: Mutex<Held>,
	most: usize,
}

#[derive(Debug, Default)]
struct Held {
	indices: HashMap<u64, (Arc<Index>, u64)>,
	weight: usize,
	uses: u64,
}

impl Cache {
	/// One that takes so many bytes at most.
	pub fn new(most: usize) -> Self {
		Self {
			held: Mutex::default(),
			most,
		}
	}

	/// The index of this number, or the one that `load` makes.
	pub fn get<E>(&self, number: u64, load: impl FnOnce() -> Result<Index, E>) -> Result<Arc<Index>, E> {
		if let Some(found) = self.lock().used(number) {
			return Ok(found);
		}
		// Not under the lock, for a disk may be slow. If two load the same, one is dropped.
		let loaded = Arc::new(load()?);
		let mut held = self.lock();
		held.remove(number);
		held.uses += 1;
		held.weight += loaded.weight();
		let uses = held.uses;
		held.indices.insert(number, (loaded.clone(), uses));
		while held.weight > self.most {
			let Some(oldest) = held
				.indices
				.iter()
				.min_by_key(|(_, (_, used))| *used)
				.map(|(key, _)| *key)
			else {
				break;
			};
			held.remove(oldest);
		}
		Ok(loaded)
	}

	/// Forgets an index.
	pub fn forget(&self, number: u64) {
		self.lock().remove(number);
	}

	/// Bytes that the indices take.
	pub fn weight(&self) -> usize {
		self.lock().weight
	}

	fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
		self.held.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl Held {
	fn used(&mut self, number: u64) -> Option<Arc<Index>> {
		self.uses += 1;
		let (index, used) = self.indices.get_mut(&number)?;
		*used = self.uses;
		Some(index.clone())
	}

	fn remove(&mut self, number: u64) {
		if let Some((index, _)) = self.indices.remove(&number) {
			self.weight -= index.weight();
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_of_space_primitives::Plot;

	fn index(pages: usize) -> Index {
		let lengths: Box<[u16]> = (0..pages as u16).map(|page| page % 7 + 1).collect();
		let bytes: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
		let plot = Plot {
			group: [0; 32],
			index: 0,
			meta: 0,
			k: 18,
			strength: 2,
		};
		let header = Header {
			page_bits: 12 - pages.ilog2() as u8,
			index_at: HEADER as u64 + lengths.iter().map(bytes_of).sum::<u64>(),
			..Header::new(&plot, 0, 1)
		};
		assert!(Index::new(&Header { index_at: 1, ..header }, &bytes).is_none());
		assert!(Index::new(&header, &bytes[2..]).is_none());
		Index::new(&header, &bytes).unwrap()
	}

	#[test]
	fn places_add_up() {
		let index = index(128);
		let mut at = HEADER as u64;
		for page in 0..128 {
			let length = (page % 7 + 1) * UNIT;
			assert_eq!(index.place(page), Some((at, length)));
			at += length as u64;
		}
		assert_eq!(index.place(128), None);
	}

	#[test]
	fn the_cache_has_a_bound() {
		let one = index(64).weight();
		let cache = Cache::new(3 * one);
		let get = |number| cache.get(number, || Ok::<_, ()>(index(64))).unwrap();
		(0..3).for_each(|number| drop(get(number)));
		get(0);
		get(3);
		assert_eq!(cache.weight(), 3 * one);
		// The second was used longest ago.
		assert!(cache.get(1, || Err(())).is_err());
		assert!(cache.get(0, || Err(())).is_ok());
		cache.forget(0);
		assert_eq!(cache.weight(), 2 * one);
	}
}
