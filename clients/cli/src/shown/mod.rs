//! What people read and write: failures, progress, prices, times.

pub mod failure;
pub mod progress;
pub mod units;

/// What may be somebody else's words, a node's, a device's or a sharer's, as one line that moves no cursor, and neither
/// turns around nor hides what stands beside it.
pub fn plain(text: &str) -> String {
	smartchain_slots::manifest::shown(text.as_bytes())
}
