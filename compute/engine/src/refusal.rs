//! Why a program is not run at all.

use crate::limits::{MAX_PROGRAM_BYTES, MAX_REWRITTEN_BYTES};

/// Why a program is refused, before anything of it has run.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
	/// It is larger than a program may be.
	#[error(
		"the program has {0} bytes, and {MAX_PROGRAM_BYTES} are the most; link less, or strip what is for debuggers"
	)]
	TooLarge(usize),
	/// It is no module of Wasm, or uses what engine 1 does not have.
	#[error(
		"the program is no module that engine 1 takes: {0}; build for WASI preview 1, without threads, memory64, \
		 relaxed SIMD, tail calls, exceptions and garbage collection"
	)]
	Invalid(String),
	/// It imports what the host does not have.
	#[error("the program imports `{module}` `{name}`, which no worker has; only `wasi_snapshot_preview1` is there")]
	Import {
		/// The module that it imports from.
		module: String,
		/// What it imports.
		name: String,
	},
	/// It imports a function of the host with other parameters or results.
	#[error("the program imports `{0}` with a type that is not that of WASI preview 1; build against its headers")]
	ImportType(String),
	/// It has too many of something.
	#[error("the program has {found} {what}, and {most} are the most; make it smaller")]
	TooMany {
		/// Of what.
		what: &'static str,
		/// How many.
		found: u32,
		/// How many there may be.
		most: u32,
	},
	/// One of its functions is too long, as it is submitted or once it is rewritten.
	#[error(
		"function {function} has {bytes} bytes, and {most} are the most (4 MiB count what the pass adds); split it, or \
		 have the compiler inline less"
	)]
	FunctionTooLarge {
		/// Its number, imported ones included.
		function: u32,
		/// The length of its body, in bytes.
		bytes: usize,
		/// The most that it may have: fewer before it is rewritten than after it.
		most: usize,
	},
	/// It grows too much by what makes its NaNs the same everywhere.
	#[error("the program has more than {MAX_REWRITTEN_BYTES} bytes once its NaNs are made canonical; make it smaller")]
	GrowsTooMuch,
	/// There is no function to call.
	#[error("the program exports no function `_start` without parameters and results; link it as a command")]
	NoStart,
	/// The host could not reach its memory.
	#[error("the program exports no memory of the name `memory`; export it")]
	NoMemory,
}

impl Refusal {
	/// Refuses what there are too many of.
	pub(crate) fn at_most(what: &'static str, found: impl Into<u64>, most: u32) -> Result<(), Self> {
		let found = found.into();
		match found <= u64::from(most) {
			true => Ok(()),
			false => Err(Self::TooMany {
				what,
				found: u32::try_from(found).unwrap_or(u32::MAX),
				most,
			}),
		}
	}
}

impl From<wasmparser::BinaryReaderError> for Refusal {
	fn from(error: wasmparser::BinaryReaderError) -> Self {
		Self::Invalid(error.to_string())
	}
}
