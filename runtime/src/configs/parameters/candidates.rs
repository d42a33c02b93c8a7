//! What no referendum takes from candidates: enough directors that one of them may fail, and a bond that can be raised.
//!
//! Their pallet checks that values go together, also for chains of one node. This is what a chain that lasts needs
//! besides.

use crate::{constants::currency::BOND, Balance, Runtime};
use pallet_candidates::{ParameterValues, Parameters};

/// The fewest directors of whom one may be dishonest or dead.
const LEAST_DIRECTORS: u32 = 4;
/// The most that the least bond may be, in planck: a hundred times what it is at first.
const MOST_BOND: Balance = BOND * 100;

/// Whether these may be set. A chain that has fewer directors, to try things on, may go on so.
pub(super) fn is_within_bounds(new: &ParameterValues) -> bool {
	let now = Parameters::<Runtime>::get();
	new.seats >= LEAST_DIRECTORS.min(now.seats)
		&& new.min_directors >= LEAST_DIRECTORS.min(now.min_directors)
		&& new.min_bond <= MOST_BOND
}
