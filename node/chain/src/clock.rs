//! The wall clock, in slots.

use poca_primitives::{Slot, SlotDuration};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch; 0 where the clock stands before it.
pub fn unix_ms() -> u64 {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.ok()
		.and_then(|since| u64::try_from(since.as_millis()).ok())
		.unwrap_or(0)
}

/// The slot that the clock is in.
pub fn slot_now(duration: SlotDuration) -> Slot {
	Slot::from(unix_ms() / duration.as_millis().max(1))
}

/// When a slot starts, in milliseconds since the Unix epoch.
pub fn slot_start(slot: Slot, duration: SlotDuration) -> u64 {
	slot.saturating_mul(duration.as_millis())
}

/// How long until a moment in milliseconds since the Unix epoch; nothing once it has passed.
pub fn until(unix: u64) -> Duration {
	Duration::from_millis(unix.saturating_sub(unix_ms()))
}

/// How long ago a slot started; nothing where it lies ahead.
pub fn since_slot(slot: u64, duration: SlotDuration) -> Duration {
	Duration::from_millis(unix_ms().saturating_sub(slot_start(Slot::from(slot), duration)))
}
