//! Buffers that are used again: what is read from disk lies in one until the socket has it.

use hyper::body::Bytes;
use std::{
	mem,
	sync::{Arc, Mutex, PoisonError},
};

/// Bytes of a buffer: what is read, sent or written at once.
pub(super) const FRAME: usize = 256 << 10;
/// How many buffers are kept for the next ones.
const KEPT: usize = 64;

/// Buffers of [`FRAME`] bytes.
#[derive(Default)]
pub(super) struct Pool {
	free: Mutex<Vec<Vec<u8>>>,
}

impl Pool {
	/// A buffer with whatever was in it.
	pub(super) fn take(self: &Arc<Self>) -> Room {
		let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
		Room {
			bytes: free.unwrap_or_else(|| vec![0; FRAME]),
			pool: self.clone(),
		}
	}

	fn give(&self, bytes: Vec<u8>) {
		let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
		if free.len() < KEPT {
			free.push(bytes);
		}
	}
}

/// A buffer that goes back to its pool.
pub(super) struct Room {
	/// All of it.
	pub(super) bytes: Vec<u8>,
	pool: Arc<Pool>,
}

impl Room {
	/// The first bytes of it, to be sent.
	pub(super) fn sent(self, length: usize) -> Bytes {
		Bytes::from_owner(Sent { room: self, length })
	}
}

impl Drop for Room {
	fn drop(&mut self) {
		self.pool.give(mem::take(&mut self.bytes));
	}
}

struct Sent {
	room: Room,
	length: usize,
}

impl AsRef<[u8]> for Sent {
	fn as_ref(&self) -> &[u8] {
		self.room.bytes.get(..self.length).unwrap_or_default()
	}
}
