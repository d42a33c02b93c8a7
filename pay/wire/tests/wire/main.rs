//! The wire as a whole: honest partners, hostile ones, and a mailbox between sleepers.

mod hostile;
mod hub;
mod mail;

use smart_pay_wire::{Identity, Limits, Me};
use std::time::Duration;

/// Somebody with a key, and the number of its program.
pub fn me(secret: u8, writer: u64) -> Me {
	Me {
		identity: Identity::new([secret; 32].into()).unwrap(),
		genesis: [9; 32],
		writer,
	}
}

/// Short times, so that tests are.
pub fn limits() -> Limits {
	Limits {
		handshake: Duration::from_millis(500),
		silence: Duration::from_secs(5),
		ping: Duration::from_millis(50),
		write: Duration::from_millis(500),
		ask: Duration::from_millis(300),
		retry_first: Duration::from_millis(10),
		retry_most: Duration::from_millis(100),
		..Limits::default()
	}
}
