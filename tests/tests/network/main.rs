//! Networks of real processes: what must hold of them, whatever happens.
//!
//! Each test makes its own network on free ports in a temporary folder, waits for events within a limit, and leaves nothing
//! behind. At its end every node must still run unless the test killed it, none may have panicked, and all must agree on what
//! is final ([`smartchain_tests::Network::finish`]).

mod bad_input;
mod big_block;
mod disk;
mod finality;
mod kills;
mod own_keys;
mod partition;
mod seats;
mod twins;
mod voters;
mod votes;
mod warp;

use std::time::Duration;

/// The slots of one turn of each of four directors.
const CYCLE: u32 = 48;
/// The bounds, with one voter of four gone.
const PRODUCTION_GAP: Duration = Duration::from_secs(2);
const FINALITY_GAP: Duration = Duration::from_secs(3);

/// A limit in seconds.
const fn seconds(seconds: u64) -> Duration {
	Duration::from_secs(seconds)
}
