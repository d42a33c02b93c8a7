//! The entropy code within files of Chia's format: FSE by Yann Collet, with one fixed table.

use super::super::bits::word;

const TABLE_LOG: u32 = 11;
const TABLE_SIZE: usize = 1 << TABLE_LOG;
/// Symbols are 0 to 177: what is above is in the unary part.
const SYMBOLS: usize = 178;

#[derive(Clone, Copy, Default)]
struct Cell {
	symbol: u8,
	bits: u8,
	next: u16,
}

/// Decodes with the format's one table.
pub struct Decoder {
	cells: Vec<Cell>,
}

impl Decoder {
	pub fn new() -> Self {
		let counts = counts();
		let mut cells = vec![Cell::default(); TABLE_SIZE];
		let step = (TABLE_SIZE >> 1) + (TABLE_SIZE >> 3) + 3;
		let spread = counts
			.iter()
			.zip(0..)
			.flat_map(|(count, symbol)| (0..*count).map(move |_| symbol));
		for (n, symbol) in spread.take(TABLE_SIZE).enumerate() {
			cells[n * step % TABLE_SIZE].symbol = symbol;
		}
		let mut states = counts;
		for cell in &mut cells {
			let state = &mut states[usize::from(cell.symbol)];
			let bits = TABLE_LOG - state.ilog2();
			cell.bits = bits as u8;
			cell.next = ((u32::from(*state) << bits) - TABLE_SIZE as u32) as u16;
			*state += 1;
		}
		Self { cells }
	}

	/// All symbols of a stream; none if it is none, or has more than so many.
	pub fn decode(&self, stream: &[u8], most: usize, symbols: &mut Vec<u8>) -> Option<()> {
		symbols.clear();
		let mut bits = Backwards::new(stream)?;
		let mut states = [bits.take(TABLE_LOG)?, bits.take(TABLE_LOG)?];
		for turn in 0..most {
			let cell = self.cells.get(states[turn % 2])?;
			symbols.push(cell.symbol);
			let Some(low) = bits.take(cell.bits.into()) else {
				symbols.push(self.cells.get(states[(turn + 1) % 2])?.symbol);
				return (symbols.len() <= most).then_some(());
			};
			states[turn % 2] = usize::from(cell.next) + low;
		}
		None
	}
}

/// Counts of the table: symbols are less likely the higher they are, by `e^(-s/256)`.
fn counts() -> [u16; SYMBOLS] {
	let weights: [f64; SYMBOLS] = std::array::from_fn(|symbol| (-(symbol as f64) / 256.0).exp());
	let total: f64 = weights.iter().sum();
	let mut counts = weights
		.map(|weight| (weight / total * TABLE_SIZE as f64 + 0.5) as u16)
		.map(|n| n.max(1));
	let others: u16 = counts.iter().skip(1).sum();
	counts[0] = (TABLE_SIZE as u16).saturating_sub(others).max(1);
	counts
}

/// A stream that is read from its end, where a one marks how much of the last byte counts.
struct Backwards<'a> {
	bytes: &'a [u8],
	left: usize,
}

impl<'a> Backwards<'a> {
	fn new(bytes: &'a [u8]) -> Option<Self> {
		let last = bytes.last()?.checked_ilog2()?;
		let left = 8 * (bytes.len() - 1) + last as usize;
		Some(Self { bytes, left })
	}

	#[inline]
	fn take(&mut self, bits: u32) -> Option<usize> {
		self.left = self.left.checked_sub(bits as usize)?;
		Some((word(self.bytes, self.left / 8) >> (self.left % 8)) as usize & ((1 << bits) - 1))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The table is a part of the format: these are the counts that Chia's program computes.
	#[test]
	fn the_table_is_the_formats() {
		let counts = counts();
		assert_eq!(counts.iter().map(|count| u32::from(*count)).sum::<u32>(), 2048);
		assert_eq!((counts[1], counts[100], counts[177]), (16, 11, 8));
		let decoder = Decoder::new();
		assert!(decoder.cells.iter().all(|cell| (1..=11).contains(&cell.bits)));
	}

	#[test]
	fn garbage_ends() {
		let decoder = Decoder::new();
		let mut symbols = Vec::new();
		for length in 0..60u8 {
			let stream: Vec<u8> = (0..length).map(|i| i.wrapping_mul(151) ^ length).collect();
			let _ = decoder.decode(&stream, 64, &mut symbols);
			assert!(symbols.len() <= 65);
		}
		assert_eq!(decoder.decode(&[0], 9, &mut symbols), None);
		assert_eq!(decoder.decode(&[], 9, &mut symbols), None);
	}
}
