//! The functions of the interface.
//!
//! A call that fails half-way may have written to the program's memory already. It does so everywhere alike. Places in
//! files, files and the clocks stay as they were: where a call may point is looked at before it does anything.

use super::{
	poll,
	reach::{entry, Errno, Failed, Reach},
	Host, Stop,
};
use crate::{
	abi::Call,
	limits::{CALL_FUEL, MAX_VECTORS, READ_BYTES_PER_FUEL, VECTOR_FUEL, WRITE_BYTES_PER_FUEL},
};
use wasmtime::{Caller, Val};

/// The files that there are. Nothing can be opened.
const INPUT: u32 = 0;
const OUTPUT: u32 = 1;
const REMARKS: u32 = 2;

/// What kind of file these are said to be: neither a terminal nor a socket.
const REGULAR_FILE: u8 = 4;

/// What may be done with them: read, seek, write, tell, wait.
const MAY_READ: u64 = 1 << 1 | 1 << 2 | 1 << 5 | 1 << 27;
const MAY_WRITE: u64 = 1 << 6 | 1 << 27;

/// The highest code of a clock: the real one, the steady one, and those of process and thread.
const LAST_CLOCK: u32 = 3;

/// The arguments of a call, as a program gave them.
struct Given<'a>(&'a [Val]);

impl Given<'_> {
	fn narrow(&self, index: usize) -> u32 {
		match self.0.get(index) {
			Some(Val::I32(number)) => *number as u32,
			_ => 0,
		}
	}

	fn wide(&self, index: usize) -> i64 {
		match self.0.get(index) {
			Some(Val::I64(number)) => *number,
			_ => 0,
		}
	}
}

/// Does what a program calls for. What it is told; an error ends it.
pub(crate) fn call(call: Call, caller: &mut Caller<'_, Host>, arguments: &[Val]) -> wasmtime::Result<i32> {
	let done = Reach::new(caller).and_then(|mut reach| {
		reach.burn(CALL_FUEL)?;
		act(call, &mut reach, &Given(arguments))
	});
	match done {
		Ok(()) => Ok(0),
		Err(Failed::Told(errno)) => Ok(errno as i32),
		Err(Failed::Ended(error)) => Err(error),
	}
}

fn act(call: Call, reach: &mut Reach<'_, '_>, given: &Given<'_>) -> Result<(), Failed> {
	let (first, second) = (given.narrow(0), given.narrow(1));
	match call {
		Call::ArgsSizesGet => arguments_sizes(reach, first, second),
		Call::ArgsGet => arguments(reach, first, second),
		Call::EnvironSizesGet => {
			reach.put_u32(first, 0)?;
			reach.put_u32(second, 0)
		}
		Call::EnvironGet | Call::SchedYield => Ok(()),
		Call::ClockResGet => {
			known_clock(first)?;
			reach.put_u64(second, 1)
		}
		Call::ClockTimeGet => {
			known_clock(first)?;
			let now = reach.host().now;
			reach.put_u64(given.narrow(2), now)
		}
		Call::FdClose | Call::FdFdstatSetFlags => known_file(first),
		Call::FdFdstatGet => file_state(reach, first, second),
		// Programs count up files that lie open until they are told that one is none.
		Call::FdPrestat => Err(Errno::Badf.into()),
		Call::FdRead => read(reach, first, second, given.narrow(2), given.narrow(3)),
		Call::FdSeek => seek(reach, first, given.wide(1), given.narrow(2), given.narrow(3)),
		Call::FdTell => seek(reach, first, 0, 1, second),
		Call::FdWrite => write(reach, first, second, given.narrow(2), given.narrow(3)),
		Call::PollOneoff => poll::wait(reach, first, second, given.narrow(2), given.narrow(3)),
		Call::ProcExit => Err(Stop::Exit(first).into()),
		Call::RandomGet => {
			reach.burn(u64::from(second))?;
			let (part, host) = reach.part(first, second)?;
			host.chance.fill(part);
			Ok(())
		}
		Call::Missing => Err(Errno::Nosys.into()),
	}
}

fn known_file(file: u32) -> Result<(), Failed> {
	match file {
		INPUT | OUTPUT | REMARKS => Ok(()),
		_ => Err(Errno::Badf.into()),
	}
}

fn known_clock(clock: u32) -> Result<(), Failed> {
	match clock <= LAST_CLOCK {
		true => Ok(()),
		false => Err(Errno::Inval.into()),
	}
}

fn arguments_sizes(reach: &mut Reach<'_, '_>, count: u32, bytes: u32) -> Result<(), Failed> {
	let arguments = &reach.host().arguments;
	// Each ends with a zero.
	let length: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
	let number = arguments.len() as u32;
	reach.put_u32(count, number)?;
	reach.put_u32(bytes, length as u32)
}

fn arguments(reach: &mut Reach<'_, '_>, places: u32, text: u32) -> Result<(), Failed> {
	let arguments = reach.host().arguments.clone();
	let mut at = text;
	for (index, argument) in (0..).zip(&arguments) {
		reach.put_u32(entry(places, index, 4)?, at)?;
		reach.put(at, argument.as_bytes())?;
		let end = at.checked_add(argument.len() as u32).ok_or(Errno::Fault)?;
		reach.put(end, &[0])?;
		at = end.checked_add(1).ok_or(Errno::Fault)?;
	}
	Ok(())
}

fn file_state(reach: &mut Reach<'_, '_>, file: u32, into: u32) -> Result<(), Failed> {
	known_file(file)?;
	let rights = match file {
		INPUT => MAY_READ,
		_ => MAY_WRITE,
	};
	let mut state = [0; 24];
	state[0] = REGULAR_FILE;
	state[8..16].copy_from_slice(&rights.to_le_bytes());
	reach.put(into, &state)
}

/// The buffers of a call, each a place and a length in memory. They cost what is in them, and something each.
fn vectors(reach: &mut Reach<'_, '_>, list: u32, count: u32, bytes_per_fuel: u64) -> Result<Vec<(u32, u32)>, Failed> {
	if count > MAX_VECTORS {
		return Err(Errno::Inval.into());
	}
	// Each is looked at, whatever is in it.
	reach.burn(u64::from(count) * VECTOR_FUEL)?;
	let mut found = Vec::with_capacity(count as usize);
	let mut bytes = 0u64;
	for index in 0..count {
		let at = entry(list, index, 8)?;
		let (place, length) = (
			reach.get_u32(at)?,
			reach.get_u32(at.checked_add(4).ok_or(Errno::Fault)?)?,
		);
		bytes = bytes.saturating_add(u64::from(length));
		reach.part(place, length)?;
		found.push((place, length));
	}
	reach.burn(bytes / bytes_per_fuel)?;
	Ok(found)
}

fn read(reach: &mut Reach<'_, '_>, file: u32, list: u32, count: u32, told: u32) -> Result<(), Failed> {
	if file != INPUT {
		return Err(Errno::Badf.into());
	}
	reach.part(told, 4)?;
	let mut done = 0u32;
	for (place, length) in vectors(reach, list, count, READ_BYTES_PER_FUEL)? {
		let (part, host) = reach.part(place, length)?;
		let left = usize::try_from(host.at)
			.ok()
			.and_then(|at| host.input.get(at..))
			.unwrap_or_default();
		let take = left.len().min(part.len());
		part[..take].copy_from_slice(&left[..take]);
		host.at = host.at.saturating_add(take as u64);
		// An input is shorter than 4 GiB.
		done = done.saturating_add(take as u32);
		if take < length as usize {
			break;
		}
	}
	reach.put_u32(told, done)
}

fn write(reach: &mut Reach<'_, '_>, file: u32, list: u32, count: u32, told: u32) -> Result<(), Failed> {
	if file != OUTPUT && file != REMARKS {
		return Err(Errno::Badf.into());
	}
	reach.part(told, 4)?;
	let mut done = 0u32;
	for (place, length) in vectors(reach, list, count, WRITE_BYTES_PER_FUEL)? {
		let (part, host) = reach.part(place, length)?;
		match file {
			OUTPUT => host.write(part)?,
			_ => host.remark(part),
		}
		done = done.checked_add(length).ok_or(Errno::Inval)?;
	}
	reach.put_u32(told, done)
}

fn seek(reach: &mut Reach<'_, '_>, file: u32, offset: i64, whence: u32, told: u32) -> Result<(), Failed> {
	known_file(file)?;
	if file != INPUT {
		return Err(Errno::Spipe.into());
	}
	reach.part(told, 8)?;
	let host = reach.host();
	let from = match whence {
		0 => 0,
		1 => host.at,
		2 => host.input.len() as u64,
		_ => return Err(Errno::Inval.into()),
	};
	let at = from.checked_add_signed(offset).ok_or(Errno::Inval)?;
	host.at = at;
	reach.put_u64(told, at)
}
