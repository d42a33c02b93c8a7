//! Units of kernels.

use smartchain_unit::Unit;

/// The memory of a unit: 64 MiB.
const PAGES: u32 = 1_024;

/// A unit of a program that reads this.
pub fn unit(program: &[u8], input: &[u8], number: u32, count: u32) -> Unit {
	Unit {
		number,
		count,
		time: 0,
		seed: [0; 32],
		fuel_limit: compute_market_primitives::MAX_FUEL,
		memory_pages: PAGES,
		program: program.into(),
		input: input.to_vec(),
	}
}
