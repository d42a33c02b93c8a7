//! The code of Reed and Solomon over units: parity of a stripe, and slots rebuilt from any k others.
//!
//! Each column of [`COLUMN`](crate::COLUMN) bytes is a codeword, so that a range of a slot is rebuilt from that range
//! of others, across stripes too. A wrong unit decodes without an error: only hashes and tags tell.

use crate::{
	meter::{Buffer, Charge, Meter},
	Error, Geometry,
};
use reed_solomon_simd::{ReedSolomonDecoder, ReedSolomonEncoder};

fn refused(error: reed_solomon_simd::Error) -> Error {
	Error::Code(error.to_string())
}

/// Bytes that an encoder holds for units of so many.
fn encoder_bytes(geometry: Geometry, length: usize) -> usize {
	let (k, parity) = (usize::from(geometry.k()), usize::from(geometry.parity()));
	// Whichever rate it takes: the larger count, in whole chunks of the smaller one.
	let chunk = k.next_power_of_two().max(parity.next_power_of_two());
	k.max(parity).next_multiple_of(chunk) * length
}

/// Bytes that a decoder holds for units of so many.
fn decoder_bytes(geometry: Geometry, length: usize) -> usize {
	let (k, parity) = (usize::from(geometry.k()), usize::from(geometry.parity()));
	let high = (parity.next_power_of_two() + k).next_power_of_two();
	let low = (k.next_power_of_two() + parity).next_power_of_two();
	high.max(low) * length
}

fn encoder(geometry: Geometry, length: usize) -> Result<Option<ReedSolomonEncoder>, Error> {
	let (k, parity) = (usize::from(geometry.k()), usize::from(geometry.parity()));
	if parity == 0 {
		return Ok(None);
	}
	ReedSolomonEncoder::new(k, parity, length).map(Some).map_err(refused)
}

/// Makes the parity of one stripe after the other.
pub struct Encoder {
	geometry: Geometry,
	code: Option<ReedSolomonEncoder>,
	units: u8,
	_work: Charge,
}

impl Encoder {
	/// For stripes of a geometry.
	pub fn new(geometry: Geometry, meter: &Meter) -> Result<Self, Error> {
		Ok(Self {
			geometry,
			_work: meter.charge(encoder_bytes(geometry, geometry.unit()))?,
			code: encoder(geometry, geometry.unit())?,
			units: 0,
		})
	}

	/// The slot that the next unit of the volume goes into.
	pub fn slot(&self) -> u8 {
		self.units
	}

	/// Takes the next unit of the stripe. True if the stripe has all of them, and its parity can be had.
	pub fn add(&mut self, unit: &[u8]) -> Result<bool, Error> {
		if let Some(code) = &mut self.code {
			code.add_original_shard(unit).map_err(refused)?;
		}
		self.units += 1;
		Ok(self.units == self.geometry.k())
	}

	/// Ends the stripe: `each` gets slot after slot with its unit of parity.
	pub fn parity(&mut self, mut each: impl FnMut(u8, &[u8]) -> Result<(), Error>) -> Result<(), Error> {
		self.units = 0;
		let Some(code) = &mut self.code else {
			return Ok(());
		};
		let result = code.encode().map_err(refused)?;
		for (slot, unit) in (self.geometry.k()..).zip(result.recovery_iter()) {
			each(slot, unit)?;
		}
		Ok(())
	}
}

/// Rebuilds units, or ranges of as many bytes of each slot, from any k.
pub struct Rebuilder {
	geometry: Geometry,
	decoder: Option<ReedSolomonDecoder>,
	encoder: Option<ReedSolomonEncoder>,
	/// k ranges of `most` bytes: those of the volume.
	data: Buffer,
	most: usize,
	length: usize,
	/// Which of the first k slots `data` has, a bit each.
	have: u32,
	given: u8,
	_work: Charge,
}

impl Rebuilder {
	/// For ranges of at most `most` bytes, a multiple of [`COLUMN`](crate::COLUMN). `parity` says whether that is
	/// wanted too.
	pub fn new(geometry: Geometry, most: usize, parity: bool, meter: &Meter) -> Result<Self, Error> {
		let (k, others) = (usize::from(geometry.k()), usize::from(geometry.parity()));
		let mut bytes = 0;
		let (mut code, mut again) = (None, None);
		if others > 0 {
			bytes = decoder_bytes(geometry, most) + if parity { encoder_bytes(geometry, most) } else { 0 };
		}
		let work = meter.charge(bytes)?;
		if others > 0 {
			code = Some(ReedSolomonDecoder::new(k, others, most).map_err(refused)?);
			again = if parity { encoder(geometry, most)? } else { None };
		}
		Ok(Self {
			geometry,
			decoder: code,
			encoder: again,
			data: meter.buffer(k * most)?,
			most,
			length: most,
			have: 0,
			given: 0,
			_work: work,
		})
	}

	/// Begins with ranges of `length` bytes: a multiple of [`COLUMN`](crate::COLUMN), at most what it was made for.
	pub fn begin(&mut self, length: usize) -> Result<(), Error> {
		if length > self.most || length == 0 {
			return Err(Error::Code(format!(
				"a range of {length} bytes, made for {}",
				self.most
			)));
		}
		(self.length, self.have, self.given) = (length, 0, 0);
		if let Some(code) = &mut self.decoder {
			let (k, others) = (usize::from(self.geometry.k()), usize::from(self.geometry.parity()));
			code.reset(k, others, length).map_err(refused)?;
		}
		Ok(())
	}

	/// Whether k slots have given their range.
	pub fn is_enough(&self) -> bool {
		self.given >= self.geometry.k()
	}

	/// Takes the range of one slot. More than k are not taken.
	pub fn give(&mut self, slot: u8, bytes: &[u8]) -> Result<(), Error> {
		self.geometry.check_slot(slot)?;
		if self.is_enough() {
			return Ok(());
		}
		let (k, index) = (usize::from(self.geometry.k()), usize::from(slot));
		if index < k {
			let at = index * self.most;
			let place = self
				.data
				.get_mut(at..at + self.length)
				.filter(|place| place.len() == bytes.len());
			let Some(place) = place else {
				return Err(Error::Code(format!(
					"{} bytes where {} belong",
					bytes.len(),
					self.length
				)));
			};
			place.copy_from_slice(bytes);
			self.have |= 1 << index;
		}
		if let Some(code) = &mut self.decoder {
			let added = if index < k {
				code.add_original_shard(index, bytes)
			} else {
				code.add_recovery_shard(index - k, bytes)
			};
			added.map_err(refused)?;
		}
		self.given += 1;
		Ok(())
	}

	/// Rebuilds all ranges of the volume that were not given.
	///
	/// Errors: [`Error::Code`] if fewer than k were given.
	pub fn rebuild(&mut self) -> Result<(), Error> {
		let k = usize::from(self.geometry.k());
		if self.have.count_ones() as usize == k {
			return Ok(());
		}
		let Some(code) = &mut self.decoder else {
			return Err(Error::Code(format!("{} of {k} ranges", self.given)));
		};
		let result = code.decode().map_err(refused)?;
		for (index, bytes) in result.restored_original_iter() {
			let at = index * self.most;
			self.data[at..at + self.length].copy_from_slice(bytes);
			self.have |= 1 << index;
		}
		Ok(())
	}

	/// A slot's range, of the volume or parity, after [`Rebuilder::rebuild`].
	pub fn range(&mut self, slot: u8, out: &mut [u8]) -> Result<(), Error> {
		self.geometry.check_slot(slot)?;
		let (k, index) = (usize::from(self.geometry.k()), usize::from(slot));
		if index < k {
			out.copy_from_slice(&self.data[index * self.most..][..self.length]);
			return Ok(());
		}
		let others = usize::from(self.geometry.parity());
		let Some(code) = &mut self.encoder else {
			return Err(Error::Code("parity was not asked for".into()));
		};
		code.reset(k, others, self.length).map_err(refused)?;
		for data in self.data.chunks_exact(self.most) {
			code.add_original_shard(&data[..self.length]).map_err(refused)?;
		}
		let result = code.encode().map_err(refused)?;
		match result.recovery(index - k) {
			Some(unit) => out.copy_from_slice(unit),
			None => return Err(Error::Code(format!("no parity {}", index - k))),
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_rng::{seeds, Rng};

	/// All slots of one stripe with these units.
	fn slots(geometry: Geometry, data: &[Vec<u8>]) -> Vec<Vec<u8>> {
		let mut encoder = Encoder::new(geometry, &Meter::default()).unwrap();
		let mut all = data.to_vec();
		for unit in data {
			encoder.add(unit).unwrap();
		}
		encoder
			.parity(|slot, unit| {
				assert_eq!(usize::from(slot), all.len());
				all.push(unit.to_vec());
				Ok(())
			})
			.unwrap();
		all
	}

	fn random(rng: &mut Rng, geometry: Geometry) -> Vec<Vec<u8>> {
		(0..geometry.k()).map(|_| rng.bytes(geometry.unit())).collect()
	}

	/// Every slot, rebuilt from those that the mask names.
	fn rebuilt(geometry: Geometry, all: &[Vec<u8>], mask: u32, range: std::ops::Range<usize>) {
		let mut rebuilder = Rebuilder::new(geometry, geometry.unit(), true, &Meter::default()).unwrap();
		rebuilder.begin(range.len()).unwrap();
		for (slot, bytes) in (0..).zip(all) {
			if (mask >> slot) & 1 == 1 {
				rebuilder.give(slot, &bytes[range.clone()]).unwrap();
			}
		}
		rebuilder.rebuild().unwrap();
		for (slot, bytes) in (0..).zip(all) {
			let mut out = vec![0; range.len()];
			rebuilder.range(slot, &mut out).unwrap();
			assert_eq!(out, bytes[range.clone()], "slot {slot} of {geometry:?} from {mask:b}");
		}
	}

	#[test]
	fn any_k_of_n_bring_back_every_slot() {
		let mut rng = Rng::new(1);
		for (k, n) in [(1, 1), (1, 3), (2, 3), (3, 5), (4, 8), (4, 6), (5, 8), (8, 8)] {
			let geometry = Geometry::new(k, n, 128).unwrap();
			let all = slots(geometry, &random(&mut rng, geometry));
			for mask in (0..1_u32 << n).filter(|mask| mask.count_ones() == u32::from(k)) {
				rebuilt(geometry, &all, mask, 0..128);
			}
		}
	}

	#[test]
	fn large_codes_too_and_any_columns_of_them() {
		for seed in seeds(40) {
			let mut rng = Rng::new(seed);
			let n = rng.range(9, 32) as u8;
			let k = rng.range(1, u64::from(n)) as u8;
			let geometry = Geometry::new(k, n, 256).unwrap();
			let all = slots(geometry, &random(&mut rng, geometry));
			let mut mask = 0_u32;
			while mask.count_ones() < u32::from(k) {
				mask |= 1 << rng.below(u64::from(n));
			}
			let from = rng.below(4) as usize;
			let to = rng.range(from as u64 + 1, 4) as usize;
			rebuilt(geometry, &all, mask, from * 64..to * 64);
		}
	}

	#[test]
	fn fewer_than_k_bring_back_nothing() {
		let geometry = Geometry::new(3, 5, 64).unwrap();
		let all = slots(geometry, &random(&mut Rng::new(1), geometry));
		let mut rebuilder = Rebuilder::new(geometry, 64, false, &Meter::default()).unwrap();
		rebuilder.begin(64).unwrap();
		rebuilder.give(0, &all[0]).unwrap();
		rebuilder.give(4, &all[4]).unwrap();
		assert!(!rebuilder.is_enough());
		assert!(matches!(rebuilder.rebuild(), Err(Error::Code(_))));
	}

	#[test]
	fn the_code_stays_as_it_is() {
		// Slots that lie with others for years: another code could not repair them.
		let geometry = Geometry::new(4, 8, 64).unwrap();
		let data: Vec<Vec<u8>> = (0..4_u8).map(|i| (0..64_u8).map(|j| i * 64 + j).collect()).collect();
		let all = slots(geometry, &data);
		let again = slots(geometry, &data);
		assert_eq!(all, again);
		assert_eq!(all.len(), 8);
	}

	#[test]
	fn what_it_holds_is_counted() {
		let geometry = Geometry::new(16, 32, 1 << 18).unwrap();
		let meter = Meter::default();
		let _encoder = Encoder::new(geometry, &meter).unwrap();
		let _rebuilder = Rebuilder::new(geometry, 1 << 18, true, &meter).unwrap();
		assert_eq!(meter.held() - crate::meter::TABLES, (16 + 32 + 16 + 16) << 18);
	}
}
