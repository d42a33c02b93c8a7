//! Memory, counted: whatever grows with k, n or the size of a unit is taken here, and refused above a limit.

use crate::Error;
use std::{
	ops::{Deref, DerefMut},
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
};

/// Bytes that one flow takes at most, however much it carries.
pub const MEMORY: usize = 128 << 20;
/// Bytes of the tables that the code of Reed and Solomon makes once a process.
pub const TABLES: usize = 9 << 20;

/// Counts the bytes that are held. Clones count together.
#[derive(Clone, Debug)]
pub struct Meter(Arc<Counts>);

#[derive(Debug)]
struct Counts {
	held: AtomicUsize,
	peak: AtomicUsize,
	limit: usize,
}

impl Default for Meter {
	fn default() -> Self {
		Self::new(MEMORY)
	}
}

impl Meter {
	/// One that refuses what would be more than so many bytes at once. The tables are counted from the start.
	pub fn new(limit: usize) -> Self {
		let counts = Counts {
			held: AtomicUsize::new(TABLES),
			peak: AtomicUsize::new(TABLES),
			limit,
		};
		Self(Arc::new(counts))
	}

	/// Bytes that are held now.
	pub fn held(&self) -> usize {
		self.0.held.load(Ordering::Relaxed)
	}

	/// The most bytes that were held at once.
	pub fn peak(&self) -> usize {
		self.0.peak.load(Ordering::Relaxed)
	}

	/// Counts bytes that somebody else allocates, for as long as the charge lives.
	pub fn charge(&self, length: usize) -> Result<Charge, Error> {
		let before = self.0.held.fetch_add(length, Ordering::Relaxed);
		let charge = Charge {
			meter: self.clone(),
			length,
		};
		let held = before.saturating_add(length);
		if held > self.0.limit {
			return Err(Error::Memory {
				wanted: held,
				limit: self.0.limit,
			});
		}
		self.0.peak.fetch_max(held, Ordering::Relaxed);
		Ok(charge)
	}

	/// Zeros, counted for as long as they live.
	pub fn buffer(&self, length: usize) -> Result<Buffer, Error> {
		let charge = self.charge(length)?;
		Ok(Buffer {
			bytes: vec![0; length],
			_charge: charge,
		})
	}
}

/// Bytes that a [`Meter`] counts until this is dropped.
#[derive(Debug)]
pub struct Charge {
	meter: Meter,
	length: usize,
}

impl Drop for Charge {
	fn drop(&mut self) {
		self.meter.0.held.fetch_sub(self.length, Ordering::Relaxed);
	}
}

/// Bytes of a fixed length that a [`Meter`] counts.
#[derive(Debug)]
pub struct Buffer {
	bytes: Vec<u8>,
	_charge: Charge,
}

impl Deref for Buffer {
	type Target = [u8];

	fn deref(&self) -> &[u8] {
		&self.bytes
	}
}

impl DerefMut for Buffer {
	fn deref_mut(&mut self) -> &mut [u8] {
		&mut self.bytes
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_dropped_is_held_no_more() {
		let meter = Meter::new(TABLES + 100);
		let first = meter.buffer(60).unwrap();
		assert!(meter.buffer(41).is_err(), "above the limit");
		assert_eq!(meter.held(), TABLES + 60, "what was refused is not held");
		drop(first);
		let second = meter.buffer(41).unwrap();
		assert_eq!((meter.held(), meter.peak()), (TABLES + 41, TABLES + 60));
		assert_eq!(second.len(), 41);
	}
}
