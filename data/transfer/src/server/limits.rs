//! How much of what a holder takes on.

use std::time::Duration;

/// The bounds of a server. What is above one is refused with a [`Fault`](crate::wire::Fault), or the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Connections at a time. If there are more, the oldest that showed no good claim makes room, else of the key that
	/// has most of them the one that is idle for the longest time.
	pub connections: usize,
	/// Connections at a time of one address (of IPv6, one /64), likewise.
	pub of_peer: usize,
	/// Requests at a time of one key: a part of [`Limits::transfers`].
	pub of_caller: usize,
	/// Transfers at a time, of all: each holds a MiB at most. One more waits for [`Limits::wait`]. A quarter of them is
	/// for keys that have no other request under way.
	pub transfers: usize,
	/// How long a request waits for its turn, and for the chain's word.
	pub wait: Duration,
	/// How long a connection may be idle, or send a head.
	pub idle: Duration,
	/// How long a request may take, with what it carries: 4 MiB at most.
	pub request: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			connections: 512,
			of_peer: 64,
			of_caller: 16,
			transfers: 64,
			wait: Duration::from_secs(10),
			idle: Duration::from_secs(60),
			request: Duration::from_secs(120),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn no_key_has_more_than_a_part_of_all_transfers() {
		let limits = Limits::default();
		assert!(limits.of_caller * 4 <= limits.transfers);
	}
}
