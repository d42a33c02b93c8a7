//! What is held does not grow with what is stored, and stays below its bound in the widest geometry.

use crate::kit::key;
use smartchain_slots::{
	edge::{MemoryLog, SlotFolder, SlotSink, SlotSource, Stream},
	get,
	meter::{Meter, TABLES},
	put, repair, verify, Error, Geometry, Get, Put, Repair, Selection, SlotFault, Stored, UNIT,
};
use std::{fs, io, path::Path};

/// Bytes that are made as they are read.
struct Endless(u64);

impl io::Read for Endless {
	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		let count = buffer.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
		for (byte, i) in buffer[..count].iter_mut().zip(self.0..) {
			*byte = (i >> 7) as u8;
		}
		self.0 -= count as u64;
		Ok(count)
	}
}

/// Peaks of storing, restoring, checking and repairing so many bytes.
fn peaks(bytes: u64, geometry: Geometry, folder: &Path) -> [usize; 4] {
	let meters: [Meter; 4] = std::array::from_fn(|_| Meter::default());
	let mut slots = SlotFolder::open(&folder.join("slots")).unwrap();
	let stored = put(Put {
		source: &mut Stream::new(Endless(bytes), "f", 0),
		key: &key(),
		geometry,
		sink: &mut slots,
		log: &mut MemoryLog::default(),
		meter: &meters[0],
	})
	.unwrap();
	assert!(verify(&stored, &mut slots, &meters[2]).unwrap().0.is_empty());
	// As many are lost as may be.
	for slot in 0..geometry.parity() {
		fs::remove_file(slots.path(slot)).unwrap();
	}
	restore(&stored, &mut slots, &meters[1], &folder.join("back"), bytes);
	let mut own = SlotFolder::open(&folder.join("own")).unwrap();
	let last = geometry.n() - 1;
	fs::rename(slots.path(last), folder.join("last")).unwrap();
	let rebuilt = repair(Repair {
		stored: &stored,
		slot: 0,
		others: &mut slots,
		own: &mut own,
		meter: &meters[3],
	});
	// One too few: k - 1 others are left, and nothing is written.
	assert!(matches!(rebuilt, Err(Error::TooFew { .. })));
	fs::rename(folder.join("last"), slots.path(last)).unwrap();
	repair(Repair {
		stored: &stored,
		slot: 0,
		others: &mut slots,
		own: &mut own,
		meter: &meters[3],
	})
	.unwrap();
	meters.map(|meter| {
		assert_eq!(meter.held(), TABLES, "all is given back");
		meter.peak()
	})
}

fn restore(stored: &Stored, slots: &mut SlotFolder, meter: &Meter, target: &Path, bytes: u64) {
	let restored = get(Get {
		stored,
		key: &key(),
		slots,
		selection: Selection::All,
		sink: &mut smartchain_slots::edge::RestoreFolder::create(target, false).unwrap(),
		log: &mut MemoryLog::default(),
		meter,
	});
	assert_eq!(restored.unwrap().bytes, bytes);
}

#[test]
fn the_widest_geometries_stay_below_the_bound() {
	// Those in which the code holds the most.
	for (k, n) in [(16, 32), (17, 32), (31, 32), (1, 32)] {
		let folder = tempfile::tempdir().unwrap();
		let geometry = Geometry::new(k, n, UNIT).unwrap();
		let [put, get, verify, repair] = peaks(3 << 20, geometry, folder.path());
		assert!(put <= 34 << 20, "{put} bytes for {k} of {n}");
		assert!(
			get.max(verify).max(repair) <= 42 << 20,
			"{get}, {verify}, {repair} bytes for {k} of {n}"
		);
	}
}

#[test]
fn what_is_held_does_not_grow_with_the_size() {
	let geometry = Geometry::new(4, 8, UNIT).unwrap();
	let of = |bytes| {
		let folder = tempfile::tempdir().unwrap();
		peaks(bytes, geometry, folder.path())
	};
	assert_eq!(of(4 << 20), of(40 << 20));
}

#[test]
fn a_limit_that_is_too_low_is_an_error() {
	let mut nowhere = Nowhere;
	let stored = put(Put {
		source: &mut Stream::new(Endless(1), "f", 0),
		key: &key(),
		geometry: Geometry::new(4, 8, UNIT).unwrap(),
		sink: &mut nowhere,
		log: &mut MemoryLog::default(),
		meter: &Meter::new(TABLES + (1 << 20)),
	});
	assert!(matches!(stored, Err(Error::Memory { .. })));
	assert_eq!(nowhere.length(0), Err(SlotFault::Missing));
}

/// Takes nothing and has nothing.
struct Nowhere;

impl SlotSink for Nowhere {
	fn durable(&mut self, _: u8) -> io::Result<u64> {
		Ok(0)
	}

	fn write(&mut self, _: u8, _: u64, _: &[u8]) -> io::Result<()> {
		Err(io::Error::other("nothing is to be written"))
	}

	fn sync(&mut self) -> io::Result<()> {
		Ok(())
	}
}

impl SlotSource for Nowhere {
	fn length(&mut self, _: u8) -> Result<u64, SlotFault> {
		Err(SlotFault::Missing)
	}

	fn read(&mut self, _: u8, _: u64, _: &mut [u8]) -> Result<(), SlotFault> {
		Err(SlotFault::Missing)
	}
}
