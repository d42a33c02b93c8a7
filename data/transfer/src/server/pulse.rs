//! Until when a connection has to have done something: a peer that sends or takes a byte a second is cut off as one
//! that is silent.

use std::{
	sync::{Mutex, PoisonError},
	time::Duration,
};
use tokio::time::{sleep_until, Instant};

/// The moment at which a connection ends, which each request puts off.
pub(super) struct Pulse {
	until: Mutex<Instant>,
}

impl Pulse {
	/// Ends after so long, if nothing puts it off.
	pub(super) fn new(after: Duration) -> Self {
		Self {
			until: Mutex::new(Instant::now() + after),
		}
	}

	/// Ends so long from now.
	pub(super) fn put_off(&self, after: Duration) {
		*self.until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + after;
	}

	/// The moment.
	pub(super) fn until(&self) -> Instant {
		*self.until.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Waits until the moment has come and nobody has put it off.
	pub(super) async fn ended(&self) {
		loop {
			let until = self.until();
			if until <= Instant::now() {
				return;
			}
			sleep_until(until).await;
		}
	}
}
