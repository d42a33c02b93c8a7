//! Waiting. Files are always ready, and time goes by at once: the clocks jump to where the first wait ends. So a
//! program that sleeps goes on, and no two machines disagree about when.

use super::reach::{entry, Errno, Failed, Reach};
use crate::limits::{MAX_VECTORS, VECTOR_FUEL};

/// The bytes of a subscription, and of an event.
const SUBSCRIPTION: u32 = 48;
const EVENT: u32 = 32;

/// What is waited for.
const CLOCK: u8 = 0;
const READ: u8 = 1;
const WRITE: u8 = 2;

/// The last of the files that there are.
const LAST_FILE: u32 = 2;

/// The time is one of the clock, rather than from now.
const ABSOLUTE: u16 = 1;

/// One thing that is waited for.
struct Subscription {
	/// What the program knows it by.
	name: u64,
	kind: u8,
	/// When it is due, if it is a time.
	due: Option<u64>,
	/// Whether there is no such thing.
	errno: u16,
}

impl Subscription {
	fn read(bytes: &[u8; SUBSCRIPTION as usize], now: u64) -> Result<Self, Failed> {
		let number = |at: usize| {
			let mut word = [0; 8];
			word.copy_from_slice(&bytes[at..at + 8]);
			u64::from_le_bytes(word)
		};
		// The lower half of what stands there: a clock, or a file.
		let which = number(16) as u32;
		let kind = bytes[8];
		let (due, errno) = match kind {
			CLOCK => {
				let timeout = number(24);
				let due = match number(40) as u16 & ABSOLUTE {
					0 => now.saturating_add(timeout),
					_ => timeout,
				};
				(Some(due), 0)
			}
			READ | WRITE if which <= LAST_FILE => (None, 0),
			READ | WRITE => (None, Errno::Badf as u16),
			_ => return Err(Errno::Inval.into()),
		};
		Ok(Self {
			name: number(0),
			kind,
			due,
			errno,
		})
	}

	fn event(&self) -> [u8; EVENT as usize] {
		let mut bytes = [0; EVENT as usize];
		bytes[..8].copy_from_slice(&self.name.to_le_bytes());
		bytes[8..10].copy_from_slice(&self.errno.to_le_bytes());
		bytes[10] = self.kind;
		bytes
	}
}

/// Waits for one of several things at least, and tells which there are by then.
pub(super) fn wait(reach: &mut Reach<'_, '_>, list: u32, into: u32, count: u32, told: u32) -> Result<(), Failed> {
	if count == 0 || count > MAX_VECTORS {
		return Err(Errno::Inval.into());
	}
	reach.burn(u64::from(count) * VECTOR_FUEL)?;
	let now = reach.host().now;
	let mut subscriptions = Vec::with_capacity(count as usize);
	for index in 0..count {
		let bytes = reach.get(entry(list, index, SUBSCRIPTION)?)?;
		subscriptions.push(Subscription::read(&bytes, now)?);
	}
	let ready = subscriptions.iter().any(|one| one.due.is_none());
	let first = subscriptions.iter().filter_map(|one| one.due).min();
	let then = match first {
		Some(due) if !ready => now.max(due),
		_ => now,
	};
	let mut events = 0;
	for one in subscriptions.iter().filter(|one| one.due.is_none_or(|due| due <= then)) {
		reach.put(entry(into, events, EVENT)?, &one.event())?;
		events += 1;
	}
	reach.put_u32(told, events)?;
	reach.host().now = then;
	Ok(())
}
