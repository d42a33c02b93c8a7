//! Writes a container, from front to back and in little memory. It has the name that it was given; to rename it, and to
//! make that durable, is the store's.

use super::{
	header::{Header, HEADER, UNIT},
	page::Builder,
};
use crate::{
	error::{At, Damage, StoreError},
	source::Sets,
};
use sp_crypto_hashing::twox_64;
use std::{
	fs::File,
	io::{BufWriter, Write},
	ops::Range,
	os::unix::fs::FileExt,
	panic::resume_unwind,
	path::{Path, PathBuf},
	thread,
};

/// Bytes that are collected before they are written.
const BUFFER: usize = 1 << 18;
/// Pages that a thread makes before they are written: some milliseconds of work, and two megabytes.
const AT_ONCE: u64 = 32;

/// All plots of a container, for one thread.
pub type Sources<'a> = Vec<Box<dyn Sets + Send + 'a>>;

/// What was written, and may not be on the disk yet.
#[derive(Debug)]
#[must_use = "it is not durable"]
pub struct Written {
	header: Header,
	file: File,
	path: PathBuf,
}

impl Written {
	/// Waits until the disk has all of it.
	///
	/// # Errors
	/// Those of the operating system: then nobody knows what the disk has.
	pub fn durable(self) -> Result<Header, StoreError> {
		self.file.sync_all().at("write", &self.path)?;
		Ok(self.header)
	}
}

/// Interleaves the sources, which have the plots of `header` in its order; one thread for each of them, which all have
/// the same. `each` is told how many pages are made, and may end it.
pub fn write(
	path: &Path,
	mut header: Header,
	sources: Vec<Sources<'_>>,
	mut each: impl FnMut(u64) -> Result<(), StoreError>,
) -> Result<Written, StoreError> {
	let plots = |sources: &Sources<'_>| sources.iter().map(|source| u32::from(source.plots())).sum::<u32>();
	if sources.is_empty() || sources.iter().any(|sources| plots(sources) != u32::from(header.plots)) {
		return Err(Damage::Content.of(path));
	}
	let mut workers: Vec<Worker<'_>> = sources.into_iter().map(|sources| Worker { sources, set: 0 }).collect();
	let file = File::create(path).at("make", path)?;
	let mut out = BufWriter::with_capacity(BUFFER, file);
	out.write_all(&[0; HEADER]).at("write", path)?;
	let mut index = Vec::with_capacity(2 * header.pages() as usize);
	let (mut at, mut next) = (HEADER as u64, 0);
	while next < header.pages() {
		for made in in_parallel(&mut workers, path, &header, next) {
			let made = made?;
			out.write_all(&made.pages).at("write", path)?;
			at += made.pages.len() as u64;
			index.extend(made.lengths);
			header.fragments += made.fragments;
		}
		next = header.pages().min(next + AT_ONCE * workers.len() as u64);
		each(next)?;
	}
	out.write_all(&index).at("write", path)?;
	header.index_at = at;
	header.index_sum = twox_64(&index);
	let file = out.into_inner().map_err(|error| error.into_error()).at("write", path)?;
	file.write_all_at(&header.encode(), 0).at("write", path)?;
	Ok(Written {
		header,
		file,
		path: path.to_owned(),
	})
}

/// Some pages, one after the other.
#[derive(Default)]
struct Made {
	pages: Vec<u8>,
	lengths: Vec<u8>,
	fragments: u64,
}

struct Worker<'a> {
	sources: Sources<'a>,
	/// The set that the sources are at.
	set: u64,
}

/// What the workers make of the next pages, in order.
fn in_parallel(workers: &mut [Worker<'_>], path: &Path, header: &Header, next: u64) -> Vec<Result<Made, StoreError>> {
	let range = |worker: u64| {
		let first = header.pages().min(next + AT_ONCE * worker);
		first..header.pages().min(first + AT_ONCE)
	};
	thread::scope(|scope| {
		let running = workers.iter_mut().zip(0..).map(|(worker, number)| {
			let pages = range(number);
			scope.spawn(move || worker.pages(path, header, pages))
		});
		// All begin before one is waited for.
		let running: Vec<_> = running.collect();
		let ended = running
			.into_iter()
			.map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)));
		ended.collect()
	})
}

impl Worker<'_> {
	fn pages(&mut self, path: &Path, header: &Header, pages: Range<u64>) -> Result<Made, StoreError> {
		let mut made = Made::default();
		let (mut builder, mut page, mut fragments) = (Builder::default(), Vec::new(), Vec::new());
		let first = pages.start * header.page_sets() as u64;
		for source in self.sources.iter_mut().filter(|_| !pages.is_empty()) {
			source.skip(first.saturating_sub(self.set))?;
		}
		for number in pages {
			for _ in 0..header.page_sets() {
				for source in &mut self.sources {
					for _ in 0..source.plots() {
						source.next_block(&mut fragments)?;
						made.fragments += fragments.len() as u64;
						if !builder.block(header.k, &fragments) {
							return Err(Damage::Page(number).of(path));
						}
					}
				}
			}
			self.set = (number + 1) * header.page_sets() as u64;
			builder.end(&mut page);
			let length = u16::try_from(page.len() / UNIT).map_err(|_| Damage::Page(number).of(path))?;
			made.lengths.extend(length.to_le_bytes());
			made.pages.append(&mut page);
		}
		Ok(made)
	}
}
