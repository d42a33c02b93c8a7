//! What the tests share.

use proptest::{collection::vec, prelude::*};
use smartchain_bundle::{send, Index, Memory, Range, Streams, Writer};
use smartchain_transfer::wire::GROUP;
use std::{
	cell::RefCell,
	io::{self, Cursor},
	rc::Rc,
};
use storage_proof_primitives::Contents;

pub fn bytes(seed: u64, count: usize) -> Vec<u8> {
	let mut out = vec![0; count];
	blake3::Hasher::new()
		.update(&seed.to_le_bytes())
		.finalize_xof()
		.fill(&mut out);
	out
}

/// A bundle in memory, with its outboard.
pub struct Made {
	pub index: Index,
	pub all: Vec<u8>,
	pub outboard: Vec<u8>,
	pub contents: Contents,
}

impl Made {
	pub fn new(index: Index) -> Self {
		let data = bytes(7, index.head().data as usize);
		let mut writer = Writer::new(&index, Vec::new(), Vec::new()).unwrap();
		for part in data.chunks(10_000) {
			writer.write(part).unwrap();
		}
		let (contents, all, outboard) = writer.finish().unwrap();
		Self {
			index,
			all,
			outboard,
			contents,
		}
	}

	/// What a unit is to get.
	pub fn input(&self, unit: u32) -> &[u8] {
		let range = self.index.ranges()[unit as usize];
		let from = (self.index.head().begin() + range.offset) as usize;
		&self.all[from..from + range.length as usize]
	}
}

/// Which ranges were asked for.
pub type Asked = Rc<RefCell<Vec<(u64, u64)>>>;

/// Bytes of streams that `change` may have changed.
pub fn streams(
	all: &[u8],
	contents: Contents,
	change: impl Fn(&mut Vec<u8>),
) -> (Streams<impl FnMut(u64, u64) -> io::Result<Cursor<Vec<u8>>>>, Asked) {
	let (memory, asked) = (Memory::new(all.to_vec()).unwrap(), Asked::default());
	let told = asked.clone();
	let fetch = move |from: u64, length: u64| {
		told.borrow_mut().push((from, length));
		let mut stream = Vec::new();
		send(&memory, from, length, &mut stream)?;
		change(&mut stream);
		Ok(Cursor::new(stream))
	};
	(Streams::new(contents, fetch), asked)
}

/// Bytes that were asked for, in whole groups.
pub fn count(asked: &Asked) -> u64 {
	asked.borrow().iter().map(|(_, length)| length).sum()
}

/// Indices of parts, and of any ranges.
pub fn indices() -> impl Strategy<Value = Index> {
	let parts = vec(prop_oneof![Just(0), 1..200_u32, 1..3 * GROUP as u32], 1..60)
		.prop_map(|lengths| Index::parts(&lengths).unwrap());
	let any = (1..5 * GROUP, vec(any::<[prop::sample::Index; 2]>(), 1..2_000)).prop_map(|(data, ranges)| {
		let ranges = ranges.iter().map(|[from, length]| {
			let offset = from.index(data as usize) as u64;
			match length.index((data - offset) as usize + 1) as u32 {
				0 => Range::default(),
				length => Range { offset, length },
			}
		});
		Index::new(ranges.collect(), data).unwrap()
	});
	prop_oneof![parts, any]
}
