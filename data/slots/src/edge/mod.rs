//! Where bytes come from and go to: traits, and files behind them. All calls may wait.

mod folder;
mod log;
mod restore;
mod slots;

pub use folder::{Folder, Stream, MAX_NAMES};
pub use log::{FileLog, MemoryLog};
pub use restore::RestoreFolder;
pub use slots::SlotFolder;

use crate::{
	manifest::{Entry, Meta},
	Error, SlotFault,
};
use std::io;

/// What is to be stored: entries in path order (see [`Order`](crate::manifest::Order)), each with its bytes.
pub trait Source {
	/// The next entry; what is left of the one before is passed over. None behind the last one.
	fn entry(&mut self) -> Result<Option<Meta>, Error>;

	/// The next bytes of the entry that came last. 0 at its end alone.
	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Where what was stored comes back to: entry after entry, in path order.
pub trait Sink {
	/// Begins an entry. `have` bytes of it were durable before the program ended; says how many of these are there.
	fn begin(&mut self, entry: &Entry, have: u64) -> io::Result<u64>;

	/// Reads what is there of the entry, which was said to be.
	fn read_back(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

	/// The next bytes of the entry.
	fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

	/// The entry has all of its bytes, and their hash is its own.
	fn finish(&mut self, entry: &Entry) -> io::Result<()>;

	/// All that was written and finished is durable afterwards.
	fn sync(&mut self) -> io::Result<()>;

	/// No entry comes any more.
	fn end(&mut self) -> io::Result<()>;
}

/// Where slots are written to: files, or devices behind a network.
pub trait SlotSink {
	/// How many bytes of a slot, from its start, are durable.
	fn durable(&mut self, slot: u8) -> io::Result<u64>;

	/// Bytes of a slot at an offset. They come in order, but for what is written again after a fault.
	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> io::Result<()>;

	/// All that was written is durable afterwards.
	fn sync(&mut self) -> io::Result<()>;
}

/// Where slots are read from. Who fetches them over a network checks ranges against the root at once, tries again
/// himself, and names a slot as faulty once that is of no use: it is not asked again then.
pub trait SlotSource {
	/// Bytes of a slot.
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault>;

	/// Fills the buffer with the bytes of a slot from an offset on.
	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault>;

	/// Whether every byte that it gives was compared with the slot's root. Then a frame that does not open is nobody's
	/// fault but that of who made the volume or the key, and no slot is read once more to find who lies.
	fn is_proven(&self) -> bool {
		false
	}
}

/// Where a slot is rebuilt: written, and read again if the program ended in between.
pub trait SlotStore: SlotSink + SlotSource {}

impl<S: SlotSink + SlotSource> SlotStore for S {}

/// Where a journal lies.
pub trait Log {
	/// All its bytes, which are durable afterwards: what was appended by a program that did not live to sync it counts
	/// from here on. An error if there are more than `most`.
	fn load(&mut self, most: u64) -> io::Result<Vec<u8>>;

	/// Adds bytes at the end. They are durable afterwards.
	fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

	/// Cuts off what is behind so many bytes.
	fn cut(&mut self, length: u64) -> io::Result<()>;
}
