//! Threads for the disk, and what its failures are to others.

use crate::wire::{Cause, Fault};
use std::io;
use tokio::task::spawn_blocking;

/// What a thread for the disk says, as a fault if it failed.
pub(super) async fn on_disk<V: Send + 'static>(
	what: impl FnOnce() -> io::Result<V> + Send + 'static,
) -> Result<V, Fault> {
	match spawn_blocking(what).await {
		Ok(done) => done.map_err(|error| disk_fault(&error)),
		Err(_) => Err(Fault::new(Cause::Busy, "this device ends; ask another one")),
	}
}

/// What a failure of the disk is to others.
pub(super) fn disk_fault(error: &io::Error) -> Fault {
	match error.kind() {
		io::ErrorKind::StorageFull => Fault::new(Cause::Full, "the holder's disk is full; the owner can draw another"),
		io::ErrorKind::QuotaExceeded => Fault::new(Cause::Busy, "too many slots are on their way; try again later"),
		io::ErrorKind::NotFound => Fault::no_such_slot(),
		io::ErrorKind::AlreadyExists => Fault::new(Cause::Sealed, format!("the slot is not written: {error}")),
		_ => Fault::new(
			Cause::Disk,
			format!("the holder's disk failed: {error}; use another device"),
		),
	}
}
