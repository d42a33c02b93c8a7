//! What a child may use at most: numbers alone. What is done with them is `confine`'s.

use crate::request::{Request, MAX_PROGRAM, PAGE_BYTES};
use std::time::Duration;

/// The least and the most bytes of memory that a child may be given.
pub const MIN_MEMORY: u64 = 64 << 20;
/// See [`MIN_MEMORY`].
pub const MAX_MEMORY: u64 = 64 << 30;
/// The most bytes of a unit's output.
pub const MAX_OUTPUT: u32 = compute_market_primitives::MAX_OUTPUT_BYTES;
/// The least and the most bytes of stack.
pub const MIN_STACK: u32 = 256 << 10;
/// See [`MIN_STACK`].
pub const MAX_STACK: u32 = 64 << 20;
/// The longest time that a unit may take, all in all.
pub const MAX_WALL: Duration = Duration::from_secs(3_600);
/// Addresses beside the memory that a child may reserve without using them: engines put a memory of Wasm into 4 GiB of
/// them, with guards around, so that no check is needed.
pub const RESERVED_BYTES: u64 = 16 << 30;
/// What an engine and its compiler use beside what a unit does, as [`Limits::of`] reckons.
pub const ENGINE_BYTES: u64 = 1 << 30;
/// How many programs, one inside the other, [`Limits::of`] makes room for: as it came, rewritten, and as machine code.
const PROGRAMS: u64 = 16;

/// What a child may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Bytes of memory that it can write to, its stack left out: [`MIN_MEMORY`]..=[`MAX_MEMORY`].
	pub memory: u64,
	/// From its start to its answer's last byte: a millisecond to [`MAX_WALL`], in whole milliseconds.
	pub wall: Duration,
	/// Bytes of output: up to [`MAX_OUTPUT`].
	pub output: u32,
	/// Bytes of its first thread's stack: [`MIN_STACK`]..=[`MAX_STACK`].
	pub stack: u32,
	/// Whether it may start threads. Processes it starts none.
	pub threads: bool,
}

/// A limit that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit `{0}` is out of its range; see `Limits`")]
pub struct OutOfRange(pub &'static str);

/// A resource that the kernel counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
	/// Bytes of addresses.
	Addresses,
	/// Bytes that can be written to.
	Data,
	/// Bytes of the first thread's stack.
	Stack,
	/// Seconds of a processor.
	Processor,
	/// Bytes of a file.
	FileSize,
	/// Descriptors that can be opened, counted with those that are open.
	Descriptors,
	/// Processes of the user.
	Processes,
	/// Bytes of a core dump.
	Core,
	/// Bytes that cannot be paged out.
	Locked,
	/// Bytes of message queues.
	Queues,
}

/// All that the kernel is to count, and to what.
pub type Resources = Vec<(Bound, u64)>;

impl Limits {
	/// For a request whose unit ends within `wall`: what its memory, program, input and output may come to, and
	/// [`ENGINE_BYTES`]. Threads are allowed.
	pub fn of(request: &Request, wall: Duration) -> Self {
		let pages = u64::from(request.pages) * PAGE_BYTES;
		let input = request.input.len() as u64 * 2;
		let output = u64::from(MAX_OUTPUT) * 2;
		let memory = pages + input + output + PROGRAMS * MAX_PROGRAM as u64 + ENGINE_BYTES;
		Self {
			memory: memory.clamp(MIN_MEMORY, MAX_MEMORY),
			wall,
			output: MAX_OUTPUT,
			stack: 8 << 20,
			threads: true,
		}
	}

	/// Whether all are in their ranges.
	///
	/// # Errors
	/// [`OutOfRange`] with the name of the first one that is not.
	pub fn check(&self) -> Result<(), OutOfRange> {
		let whole = self.wall.subsec_nanos() % 1_000_000 == 0;
		for (holds, name) in [
			((MIN_MEMORY..=MAX_MEMORY).contains(&self.memory), "memory"),
			(whole && !self.wall.is_zero() && self.wall <= MAX_WALL, "wall"),
			(self.output <= MAX_OUTPUT, "output"),
			((MIN_STACK..=MAX_STACK).contains(&self.stack), "stack"),
		] {
			if !holds {
				return Err(OutOfRange(name));
			}
		}
		Ok(())
	}

	/// What the kernel is to count, in the order in which it is told.
	pub fn resources(&self) -> Resources {
		// More than the wall's: the parent's clock is to end it, and this if the parent hangs.
		let processor = self.wall.as_secs() + 3;
		let mut all = vec![
			(Bound::Addresses, self.memory + RESERVED_BYTES),
			(Bound::Data, self.memory),
			(Bound::Stack, self.stack.into()),
			(Bound::Processor, processor),
			(Bound::FileSize, 0),
			(Bound::Descriptors, 0),
			(Bound::Core, 0),
			(Bound::Locked, 0),
			(Bound::Queues, 0),
		];
		if !self.threads {
			// The kernel counts threads as processes, and those of all that the user runs.
			all.push((Bound::Processes, 0));
		}
		all
	}
}
