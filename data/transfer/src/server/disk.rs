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
		io::ErrorKind::AlreadyExists => {
			let why = "the slot is whole, or was begun with another length: it is not written";
			Fault::new(Cause::Sealed, why)
		}
		// The kind alone: what else the system says names the holder's files.
		kind => Fault::new(
			Cause::Disk,
			format!("the holder's disk failed ({kind}); use another device"),
		),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Prober of paths: learns nothing of the holder's files from what goes wrong with them.
	#[test]
	fn the_prober_of_paths_learns_nothing_of_the_disk() {
		for kind in [
			io::ErrorKind::Other,
			io::ErrorKind::PermissionDenied,
			io::ErrorKind::AlreadyExists,
		] {
			let fault = disk_fault(&io::Error::new(kind, "/data/alice/slots"));
			assert!(!fault.message.contains("alice"), "{fault}");
		}
	}
}
