//! Networks of real processes: what must hold of them, whatever happens.
//!
//! Each test makes its own network on free ports in a temporary folder, waits for events within a limit, and leaves
//! nothing behind. At its end every node must still run unless the test killed it, none may have panicked, and all must
//! agree on what is final ([`smartchain_tests::Network::finish`]).

mod channels;
mod compute;
mod faults;
mod input;
mod long;
mod operators;
mod seats;
mod storage;
mod sync;
mod upgrade;
mod voters;

use smartchain_runtime::constants::time::{SLOT_DURATION, TURN_LENGTH};
use std::time::Duration;

/// The slots of one turn of each of four directors.
const CYCLE: u32 = 4 * TURN_LENGTH;
/// How long production may pause when one voter of four is gone: three slots, which take 1.7 s, and one more on a busy
/// machine,
const PRODUCTION_GAP: Duration = Duration::from_millis(2_500);
/// and finality.
const FINALITY_GAP: Duration = Duration::from_secs(3);

/// How long so many slots take.
const fn slots(slots: u32) -> Duration {
	Duration::from_millis(slots as u64 * SLOT_DURATION)
}

/// A limit in seconds.
const fn seconds(seconds: u64) -> Duration {
	Duration::from_secs(seconds)
}
