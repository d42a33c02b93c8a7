//! Units read their ranges, and nothing else, from whoever has the bundle and whatever they send.

use crate::kit::{bytes, count, indices, streams, Made};
use proptest::prelude::*;
use smartchain_bundle::{
	Among, Index, IndexError, Range, ReadError, Reader, Source, SourceError, Tree, ENTRY_BYTES, HEAD_BYTES,
};
use smartchain_transfer::wire::{GROUP, MOST};
use storage_proof_primitives::Contents;

/// A source of what was never compared: what a reader refuses of it, it refuses by itself.
struct Plain(Vec<u8>);

impl Source for Plain {
	fn contents(&self) -> Contents {
		Contents {
			root: [0; 32],
			bytes: self.0.len() as u64,
		}
	}

	fn read(&mut self, from: u64, into: &mut [u8]) -> Result<(), SourceError> {
		into.copy_from_slice(&self.0[from as usize..][..into.len()]);
		Ok(())
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn every_unit_reads_its_range(index in indices(), unit in any::<prop::sample::Index>()) {
		let made = Made::new(index.clone());
		let units = index.head().units;
		let unit = unit.index(units as usize) as u32;
		let (source, asked) = streams(&made.all, made.contents, |_| {});
		let mut reader = Reader::open(source, units).unwrap();
		prop_assert!(reader.input(unit).unwrap() == made.input(unit));
		// The first group, two of the index, and what the range lies in.
		let length = u64::from(index.ranges()[unit as usize].length);
		prop_assert!(count(&asked) <= 3 * GROUP + length + 2 * GROUP);
		prop_assert_eq!(reader.index().unwrap(), index);
	}

	#[test]
	fn no_changed_byte_comes_through(
		index in indices(), unit in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8,
	) {
		let made = Made::new(index.clone());
		let units = index.head().units;
		let unit = unit.index(units as usize) as u32;
		let flip = |stream: &mut Vec<u8>| {
			let at = at.index(stream.len());
			stream[at] ^= 1_u8 << bit;
		};
		let (source, _) = streams(&made.all, made.contents, flip);
		let opened = Reader::open(source, units);
		// Every stream is changed somewhere, so that not even the head comes through.
		prop_assert!(matches!(opened, Err(ReadError::Source(error)) if error.is_lie()));
		let (source, _) = streams(&made.all, made.contents, |_| {});
		let (liar, _) = streams(&made.all, made.contents, flip);
		let sources = vec![Any(Box::new(liar)), Any(Box::new(source))];
		let mut reader = Reader::open(Among::new(sources).unwrap(), units).unwrap();
		prop_assert!(reader.input(unit).unwrap() == made.input(unit));
	}

	/// Whoever submits a job makes its bundle, and may make any: no range leads out of it, and nothing panics.
	#[test]
	fn the_maker_of_any_bundle_hurts_nobody(
		mut all in proptest::collection::vec(any::<u8>(), 0..200), units in 0..9_u32, fits in any::<bool>(),
	) {
		if all.len() >= HEAD_BYTES as usize {
			all[..8].copy_from_slice(b"SCBUNDL\x01");
			all[8..12].copy_from_slice(&units.to_le_bytes());
			let data = (all.len() as u64).saturating_sub(HEAD_BYTES + ENTRY_BYTES * u64::from(units));
			if fits {
				all[12..20].copy_from_slice(&data.to_le_bytes());
			}
		}
		if let Ok(mut reader) = Reader::open(Plain(all.clone()), units) {
			for unit in 0..units + 1 {
				if let Ok(input) = reader.input(unit) {
					prop_assert!(input.len() <= all.len());
				}
			}
		}
	}
}

/// Sources of several kinds as one.
struct Any<'a>(Box<dyn Source + 'a>);

impl Source for Any<'_> {
	fn contents(&self) -> Contents {
		self.0.contents()
	}

	fn read(&mut self, from: u64, into: &mut [u8]) -> Result<(), SourceError> {
		self.0.read(from, into)
	}
}

#[test]
fn a_range_of_many_pieces_comes_whole() {
	let made = Made::new(Index::parts(&[100, 3 * MOST as u32 + 77, 5]).unwrap());
	let (source, asked) = streams(&made.all, made.contents, |_| {});
	let mut reader = Reader::open(source, 3).unwrap();
	assert!(reader.input(1).unwrap() == made.input(1));
	assert!(asked
		.borrow()
		.iter()
		.all(|(from, length)| from % GROUP == 0 && *length <= MOST));
	assert!(asked.borrow().len() >= 4);
}

/// Entries that lie across two groups, and in the second.
#[test]
fn units_far_behind_in_the_index_are_found() {
	let made = Made::new(Index::parts(&vec![3; 4_096]).unwrap());
	for unit in [0, 1_363, 1_364, 1_365, 2_730, 4_095] {
		let (source, asked) = streams(&made.all, made.contents, |_| {});
		let mut reader = Reader::open(source, 4_096).unwrap();
		assert_eq!(reader.input(unit).unwrap(), made.input(unit), "{unit}");
		assert!(count(&asked) <= 5 * GROUP, "{unit}");
	}
}

#[test]
fn what_is_not_the_jobs_bundle_is_refused() {
	let made = Made::new(Index::parts(&[1, 2]).unwrap());
	let open = |units| {
		let (source, _) = streams(&made.all, made.contents, |_| {});
		Reader::open(source, units)
	};
	let another = open(3).err().unwrap();
	assert!(
		matches!(another, ReadError::AnotherJob { found: 2, expected: 3 }),
		"{another}"
	);
	let none = open(2).unwrap().input(2).unwrap_err();
	assert!(matches!(none, ReadError::NoSuchUnit { unit: 2, units: 2 }), "{none}");
	for length in [0, 7, 19] {
		let short = Reader::open(Plain(made.all[..length].to_vec()), 2).err().unwrap();
		assert!(matches!(short, ReadError::Index(IndexError::Length)), "{short}");
	}
	let cut = Reader::open(Plain(made.all[..46].to_vec()), 2).err().unwrap();
	assert!(matches!(cut, ReadError::Index(IndexError::Length)), "{cut}");
}

/// Truncator: its streams end early.
#[test]
fn the_truncator_gives_nothing() {
	let made = Made::new(Index::parts(&[50_000]).unwrap());
	for left in [0, 1, 64, 16_000] {
		let (source, _) = streams(&made.all, made.contents, |stream| stream.truncate(left));
		let broken = Reader::open(source, 1).err().unwrap();
		assert!(matches!(broken, ReadError::Source(SourceError::Broken(_))), "{broken}");
	}
}

/// False input server: it has another bundle of the same length.
#[test]
fn the_false_input_server_is_seen_at_the_first_group() {
	let made = Made::new(Index::parts(&[50_000]).unwrap());
	let mut other = made.all.clone();
	*other.last_mut().unwrap() ^= 1;
	let (source, asked) = streams(&other, made.contents, |_| {});
	let lie = Reader::open(source, 1).err().unwrap();
	assert!(matches!(&lie, ReadError::Source(error) if error.is_lie()), "{lie}");
	assert_eq!(count(&asked), GROUP);
}

#[test]
fn of_several_sources_the_next_is_asked() {
	let made = Made::new(Index::parts(&[100_000]).unwrap());
	let lies = |stream: &mut Vec<u8>| stream[0] ^= 1;
	let breaks = |stream: &mut Vec<u8>| stream.truncate(3);
	let (liar, told_lies) = streams(&made.all, made.contents, lies);
	let (breaker, told_breaks) = streams(&made.all, made.contents, breaks);
	let (good, told_good) = streams(&made.all, made.contents, |_| {});
	let boxed: Vec<Any<'_>> = vec![Any(Box::new(liar)), Any(Box::new(breaker)), Any(Box::new(good))];
	let mut among = Among::new(boxed).unwrap();
	let mut found = vec![0; 1_000];
	for from in [0, 40_000, 90_000] {
		among.read(from, &mut found).unwrap();
		assert_eq!(found, made.all[from as usize..][..1_000]);
	}
	assert_eq!(among.left(), 2);
	// The liar was asked once, and so was the one that failed, behind which the good one stays first.
	let counts = [told_lies, told_breaks, told_good].map(|asked| asked.borrow().len());
	assert_eq!(counts, [1, 1, 3]);
	let beyond = among.read(made.contents.bytes, &mut found).unwrap_err();
	assert!(matches!(beyond, SourceError::Range { .. }), "{beyond}");
	let (liar, _) = streams(&made.all, made.contents, lies);
	let mut alone = Among::new(vec![liar]).unwrap();
	assert!(alone.read(0, &mut found).unwrap_err().is_lie());
	assert!(matches!(alone.read(0, &mut found), Err(SourceError::Nobody)));
	let other = Contents {
		bytes: 5,
		..made.contents
	};
	let two = vec![streams(&made.all, made.contents, |_| {}).0];
	assert!(Among::new(two).is_some());
	let mixed = [made.contents, other].map(|contents| Any(Box::new(streams(&made.all, contents, |_| {}).0)));
	assert!(Among::new(mixed.into_iter().collect()).is_none());
	assert!(Among::<Plain>::new(Vec::new()).is_none());
}

#[test]
fn beyond_the_end_is_nothing() {
	let data = bytes(1, 1_000);
	let mut tree = Tree::new(1_000, Vec::new());
	tree.update(&data).unwrap();
	let (contents, _) = tree.finish().unwrap();
	let (mut source, asked) = streams(&data, contents, |_| {});
	for (from, length) in [(0, 1_001), (1_000, 1), (1_001, 0), (u64::MAX, 2)] {
		let wrong = source.read(from, &mut vec![0; length]).unwrap_err();
		assert!(matches!(wrong, SourceError::Range { .. }), "{wrong}");
	}
	source.read(1_000, &mut []).unwrap();
	assert_eq!(asked.borrow().len(), 0);
	let mut last = [0];
	source.read(999, &mut last).unwrap();
	assert_eq!(last[0], data[999]);
	assert_eq!(Range::default(), Range { offset: 0, length: 0 });
}
