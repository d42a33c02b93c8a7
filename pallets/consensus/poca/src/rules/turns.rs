//! Who missed how many slots and turns of a stretch of time, without walking through it.
//!
//! A chain that slept for a month missed five million slots. Turns go round in a fixed order, so that what each
//! director missed follows from four divisions, however long the stretch.

/// How many of the slots `[from, to)` belong to the director at `index` of `directors`, when turns have `turn_length`
/// slots.
///
/// A `turn_length` or `directors` of 0 gives 0: there are no turns then. Slots are counted from 0, so that no sum can
/// overflow.
pub fn slots_of(from: u64, to: u64, turn_length: u64, directors: u64, index: u64) -> u64 {
	// The first `turn_length` slots of a cycle are those of director 0, and so on.
	let before = |slot: u64| -> u64 {
		let Some(cycle) = turn_length.checked_mul(directors).filter(|cycle| *cycle > 0) else {
			return 0;
		};
		let whole_cycles = slot / cycle;
		let into_cycle = slot % cycle;
		let of_this_cycle = into_cycle
			.saturating_sub(turn_length.saturating_mul(index))
			.min(turn_length);
		// At most `slot`.
		whole_cycles.saturating_mul(turn_length).saturating_add(of_this_cycle)
	};
	if index >= directors {
		return 0;
	}
	before(to).saturating_sub(before(from))
}

/// How many of the turns `[from, to)` belong to the director at `index` of `directors`.
pub fn turns_of(from: u64, to: u64, directors: u64, index: u64) -> u64 {
	slots_of(from, to, 1, directors, index)
}
