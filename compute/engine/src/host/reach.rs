//! A program's memory as the host reads and writes it, and its meter.

use super::Host;
use crate::program::MEMORY;
use wasmtime::{Caller, Error, Extern, Memory, Trap};

/// The answers of the interface that we give: 0, or why not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Errno {
	/// There is no such file.
	Badf = 8,
	/// That is not in memory.
	Fault = 21,
	/// That is no argument.
	Inval = 28,
	/// There is no such function.
	Nosys = 52,
	/// There is no place in that file.
	Spipe = 70,
}

/// Why a call does not do what it was asked for.
#[derive(Debug)]
pub(super) enum Failed {
	/// The program is told.
	Told(Errno),
	/// The program ends.
	Ended(Error),
}

impl From<Errno> for Failed {
	fn from(errno: Errno) -> Self {
		Self::Told(errno)
	}
}

impl From<super::Stop> for Failed {
	fn from(stop: super::Stop) -> Self {
		Self::Ended(stop.into())
	}
}

/// What a call reaches.
pub(super) struct Reach<'a, 'b> {
	caller: &'a mut Caller<'b, Host>,
	memory: Memory,
}

impl<'a, 'b> Reach<'a, 'b> {
	/// Of whoever calls. A checked program exports its memory.
	pub fn new(caller: &'a mut Caller<'b, Host>) -> Result<Self, Failed> {
		match caller.get_export(MEMORY) {
			Some(Extern::Memory(memory)) => Ok(Self { caller, memory }),
			_ => Err(Errno::Fault.into()),
		}
	}

	/// Burns fuel before something is done. If there is not enough, it is not done.
	pub fn burn(&mut self, fuel: u64) -> Result<(), Failed> {
		let left = self.caller.get_fuel().map_err(Failed::Ended)?;
		let rest = left.checked_sub(fuel);
		self.caller.set_fuel(rest.unwrap_or(0)).map_err(Failed::Ended)?;
		match rest {
			Some(_) => Ok(()),
			None => Err(Failed::Ended(Trap::OutOfFuel.into())),
		}
	}

	/// The state of the run.
	pub fn host(&mut self) -> &mut Host {
		self.caller.data_mut()
	}

	/// A part of memory, and the state.
	pub fn part(&mut self, at: u32, length: u32) -> Result<(&mut [u8], &mut Host), Failed> {
		let (bytes, host) = self.memory.data_and_store_mut(&mut *self.caller);
		let from = at as usize;
		let part = from
			.checked_add(length as usize)
			.and_then(|to| bytes.get_mut(from..to))
			.ok_or(Errno::Fault)?;
		Ok((part, host))
	}

	/// Writes bytes.
	pub fn put(&mut self, at: u32, bytes: &[u8]) -> Result<(), Failed> {
		let length = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
		self.part(at, length)?.0.copy_from_slice(bytes);
		Ok(())
	}

	/// Writes a number of 32 bits.
	pub fn put_u32(&mut self, at: u32, number: u32) -> Result<(), Failed> {
		self.put(at, &number.to_le_bytes())
	}

	/// Writes a number of 64 bits.
	pub fn put_u64(&mut self, at: u32, number: u64) -> Result<(), Failed> {
		self.put(at, &number.to_le_bytes())
	}

	/// Reads so many bytes.
	pub fn get<const N: usize>(&mut self, at: u32) -> Result<[u8; N], Failed> {
		let length = u32::try_from(N).map_err(|_| Errno::Fault)?;
		let (part, _) = self.part(at, length)?;
		<[u8; N]>::try_from(&*part).map_err(|_| Errno::Fault.into())
	}

	/// Reads a number of 32 bits.
	pub fn get_u32(&mut self, at: u32) -> Result<u32, Failed> {
		Ok(u32::from_le_bytes(self.get(at)?))
	}
}

/// A place some entries of a list further on.
pub(super) fn entry(list: u32, index: u32, bytes: u32) -> Result<u32, Failed> {
	let offset = index.checked_mul(bytes).and_then(|offset| list.checked_add(offset));
	offset.ok_or_else(|| Errno::Fault.into())
}
