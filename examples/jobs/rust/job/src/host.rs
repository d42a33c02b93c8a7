//! The host's functions, with slices for pointers. Each is given what lies in a slice that lives for as long as the
//! call takes, and its length.

#![allow(unsafe_code)]

use crate::{Fault, Unit};

// The host's functions as WASI preview 1 has them. A wild pointer harms this program alone, and none is given here.
#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
	safe fn args_get(places: *mut u32, text: *mut u8) -> u16;
	safe fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u16;
	safe fn fd_read(file: u32, vectors: *const Vector, count: u32, done: *mut u32) -> u16;
	safe fn fd_write(file: u32, vectors: *const Vector, count: u32, done: *mut u32) -> u16;
	safe fn proc_exit(code: u32) -> !;
	safe fn random_get(bytes: *mut u8, length: u32) -> u16;
}

/// A buffer as the host is told of it.
#[repr(C)]
struct Vector {
	at: *const u8,
	length: u32,
}

/// More than the three arguments need: a name, and two numbers.
const TEXT: usize = 64;

/// What the program could not have been given. (That of WASI: "invalid".)
const STRANGE: Fault = Fault(28);

fn told(errno: u16) -> Result<(), Fault> {
	match errno {
		0 => Ok(()),
		errno => Err(Fault(errno)),
	}
}

/// A number in decimal digits, up to the zero byte behind it.
fn number(text: &[u8]) -> Result<u32, Fault> {
	let mut value = 0u32;
	for byte in text.iter().take_while(|byte| **byte != 0) {
		let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10).ok_or(STRANGE)?;
		value = value
			.checked_mul(10)
			.and_then(|value| value.checked_add(u32::from(digit)))
			.ok_or(STRANGE)?;
	}
	Ok(value)
}

/// Which unit this is.
pub fn unit() -> Result<Unit, Fault> {
	let (mut places, mut text) = ([0u32; 3], [0u8; TEXT]);
	told(args_get(places.as_mut_ptr(), text.as_mut_ptr()))?;
	let argument = |index: usize| {
		let offset = places[index].checked_sub(places[0]).ok_or(STRANGE)?;
		number(text.get(offset as usize..).ok_or(STRANGE)?)
	};
	Ok(Unit {
		number: argument(1)?,
		count: argument(2)?,
	})
}

/// Reads the next bytes of the unit's input. How many; none at its end.
pub fn read(into: &mut [u8]) -> Result<usize, Fault> {
	let vector = Vector {
		at: into.as_mut_ptr(),
		length: into.len() as u32,
	};
	let mut done = 0;
	told(fd_read(0, &vector, 1, &mut done))?;
	Ok(done as usize)
}

fn put(file: u32, bytes: &[u8]) -> Result<(), Fault> {
	let vector = Vector {
		at: bytes.as_ptr(),
		length: bytes.len() as u32,
	};
	let mut done = 0;
	told(fd_write(file, &vector, 1, &mut done))
}

/// Appends to the unit's output. The host takes all or ends the program.
pub fn write(bytes: &[u8]) -> Result<(), Fault> {
	put(1, bytes)
}

/// Says a line to whoever runs the program: no part of the output.
pub fn say(line: &str) -> Result<(), Fault> {
	put(2, line.as_bytes())?;
	put(2, b"\n")
}

/// Fills a buffer with chance.
pub fn chance(into: &mut [u8]) -> Result<(), Fault> {
	told(random_get(into.as_mut_ptr(), into.len() as u32))
}

/// The job's block time, in nanoseconds since 1970.
pub fn time() -> Result<u64, Fault> {
	let mut now = 0;
	told(clock_time_get(0, 1, &mut now))?;
	Ok(now)
}

/// Ends the program. A code other than 0 discards its output.
pub fn exit(code: u32) -> ! {
	proc_exit(code)
}

/// Ends the program as a panic does.
pub fn trap() -> ! {
	core::arch::wasm32::unreachable()
}
