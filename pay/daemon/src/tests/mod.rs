//! Daemons with stores of their own over a chain and a wire in memory.

mod changes;
mod flows;
mod hostile;
mod orders;
mod routes;
mod streams;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

/// Whether the commit was the last one; 0 is none.
pub(super) fn is_dead(left: &AtomicU64) -> bool {
	left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) == Ok(1)
}
