//! The first bytes of a container, and how its pages are cut.

use crate::{error::Damage, source::SET_BITS};
use proof_of_space_primitives::{pos2, Hash, Plot};
use sp_crypto_hashing::twox_64;

/// The last byte is the format's version.
const MAGIC: &[u8; 8] = b"SCPLOTS\x01";
/// Bytes of a header.
pub const HEADER: usize = 128;
/// Bytes of a checksum. It finds what rots; nobody is kept from writing a right one.
pub const SUM: usize = 8;
/// Plots that one container holds at most, so that a page's length fits the index.
pub const MAX_PLOTS: u16 = 1024;
/// Bytes that a page has on average, unless a single set has more: one read of a disk, and not much of one.
pub const PAGE: u64 = 64 << 10;
/// The same below size [`LARGE`]: small plots lie in memory, where a page costs more to copy than to have in an index.
const SMALL_PAGE: u64 = 8 << 10;
const LARGE: u8 = 24;
/// A page's length is a multiple of so many bytes; the index has it in these.
pub const UNIT: usize = 8;

/// What a container says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
	/// The group's id.
	pub group: Hash,
	/// The group's number, from which its id is made.
	pub number: u32,
	/// The size of its plots.
	pub k: u8,
	/// Their strength.
	pub strength: u8,
	/// The scheme's second number of the group.
	pub meta: u8,
	/// A page holds `2^page_bits` sets of all plots.
	pub page_bits: u8,
	/// The index of the first plot within the group.
	pub first: u16,
	/// How many plots there are.
	pub plots: u16,
	/// All their fragments.
	pub fragments: u64,
	/// Where the index begins; the file ends with it.
	pub index_at: u64,
	/// The index's checksum.
	pub index_sum: [u8; SUM],
}

impl Header {
	/// Of plots of a group that have these indices; nothing is known of what they hold.
	pub fn new(first: &Plot, number: u32, plots: u16) -> Self {
		let all = set_bytes(first.k) * u64::from(plots.max(1));
		let page = if first.k < LARGE { SMALL_PAGE } else { PAGE };
		let sets = (page / all).max(1).min(1 << (first.k - SET_BITS));
		Self {
			group: first.group,
			number,
			k: first.k,
			strength: first.strength,
			meta: first.meta,
			page_bits: sets.ilog2() as u8,
			first: first.index,
			plots,
			fragments: 0,
			index_at: 0,
			index_sum: [0; SUM],
		}
	}

	/// One of its plots, from 0.
	pub fn plot(&self, at: u16) -> Plot {
		Plot {
			group: self.group,
			index: self.first.saturating_add(at),
			meta: self.meta,
			k: self.k,
			strength: self.strength,
		}
	}

	/// Sets of a plot.
	pub fn sets(&self) -> u64 {
		1 << (self.k - SET_BITS)
	}

	/// Pages of the file.
	pub fn pages(&self) -> u64 {
		self.sets() >> self.page_bits
	}

	/// Sets of a page.
	pub fn page_sets(&self) -> usize {
		1 << self.page_bits
	}

	/// Blocks of a page: one for each plot and set.
	pub fn blocks(&self) -> usize {
		self.page_sets() * usize::from(self.plots)
	}

	/// Bytes that the file has.
	pub fn length(&self) -> u64 {
		self.index_at.saturating_add(2 * self.pages())
	}

	/// As bytes.
	pub fn encode(&self) -> [u8; HEADER] {
		let parts: [&[u8]; 10] = [
			MAGIC,
			&self.group,
			&self.number.to_le_bytes(),
			&[self.k, self.strength, self.meta, self.page_bits],
			&self.first.to_le_bytes(),
			&self.plots.to_le_bytes(),
			&[0; 4],
			&self.fragments.to_le_bytes(),
			&self.index_at.to_le_bytes(),
			&self.index_sum,
		];
		let mut bytes = [0; HEADER];
		for (place, byte) in bytes.iter_mut().zip(parts.concat()) {
			*place = byte;
		}
		let sum = twox_64(&bytes[..HEADER - SUM]);
		bytes[HEADER - SUM..].copy_from_slice(&sum);
		bytes
	}

	/// From bytes, whose checksum and limits are checked.
	pub fn decode(bytes: &[u8; HEADER]) -> Result<Self, Damage> {
		let (name, version) = MAGIC.split_at(MAGIC.len() - 1);
		if !bytes.starts_with(name) {
			return Err(Damage::Magic);
		}
		let (said, sum) = bytes.split_at(HEADER - SUM);
		if said[name.len()] != version[0] {
			return Err(Damage::Version(said[name.len()]));
		}
		if twox_64(said) != sum {
			return Err(Damage::Header);
		}
		let mut rest = &said[MAGIC.len()..];
		let group = next(&mut rest)?;
		let number = u32::from_le_bytes(next(&mut rest)?);
		let [k, strength, meta, page_bits] = next(&mut rest)?;
		let first = u16::from_le_bytes(next(&mut rest)?);
		let plots = u16::from_le_bytes(next(&mut rest)?);
		let _reserved: [u8; 4] = next(&mut rest)?;
		let header = Self {
			group,
			number,
			k,
			strength,
			meta,
			page_bits,
			first,
			plots,
			fragments: u64::from_le_bytes(next(&mut rest)?),
			index_at: u64::from_le_bytes(next(&mut rest)?),
			index_sum: next(&mut rest)?,
		};
		let possible = pos2::check(&header.plot(0)).is_ok()
			&& (1..=MAX_PLOTS).contains(&plots)
			&& first.checked_add(plots - 1).is_some()
			&& page_bits <= k - SET_BITS;
		possible.then_some(header).ok_or(Damage::Header)
	}
}

/// The next bytes.
fn next<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Damage> {
	let (bytes, after) = rest.split_first_chunk::<N>().ok_or(Damage::Header)?;
	*rest = after;
	Ok(*bytes)
}

/// Bytes that a plot's set takes on average: 64 fragments of `k + 1.54` bits each, some two bytes for their length, and
/// half of one that is not full.
pub fn set_bytes(k: u8) -> u64 {
	let mean = 1 << SET_BITS;
	(mean * (100 * u64::from(k) + 154)).div_ceil(800) + 3
}

#[cfg(test)]
mod tests {
	use super::*;

	fn header() -> Header {
		let plot = Plot {
			group: std::array::from_fn(|i| i as u8),
			index: 3,
			meta: 0,
			k: 20,
			strength: 2,
		};
		Header {
			fragments: 0x1122,
			index_at: 0x33_4455,
			index_sum: [0xee; SUM],
			..Header::new(&plot, 7, 5)
		}
	}

	/// Golden bytes: files of this version are to be read for ever.
	#[test]
	fn the_bytes_stay() {
		let hex: String = header().encode().iter().map(|byte| format!("{byte:02x}")).collect();
		let expected = concat!(
			"5343504c4f545301",
			"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			"07000000",
			"14020003",
			"0300",
			"0500",
			"00000000",
			"2211000000000000",
			"5544330000000000",
			"eeeeeeeeeeeeeeee",
			"0000000000000000000000000000000000000000000000000000000000000000",
			"0000000000000000",
		);
		assert_eq!(&hex[..240], expected);
		assert_eq!(Header::decode(&header().encode()), Ok(header()));
	}

	#[test]
	fn no_byte_may_differ() {
		for at in 0..HEADER {
			let mut bytes = header().encode();
			bytes[at] ^= 0x10;
			let damage = Header::decode(&bytes).unwrap_err();
			let expected = match at {
				0..7 => Damage::Magic,
				7 => Damage::Version(0x11),
				_ => Damage::Header,
			};
			assert_eq!(damage, expected, "byte {at}");
		}
	}

	#[test]
	fn what_is_impossible_is_refused() {
		for change in [
			|header: &mut Header| header.k = 19,
			|header: &mut Header| header.strength = 1,
			|header: &mut Header| header.plots = 0,
			|header: &mut Header| header.plots = MAX_PLOTS + 1,
			|header: &mut Header| header.first = u16::MAX,
			|header: &mut Header| header.page_bits = 15,
		] {
			let mut header = header();
			change(&mut header);
			assert_eq!(Header::decode(&header.encode()), Err(Damage::Header), "{header:?}");
		}
	}
}
