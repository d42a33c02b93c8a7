//! The child: it serves one unit, and ends. Whoever starts it speaks the sandbox's protocol over its pipes.

mod engine;

use smartchain_engine::Backend;
use smartchain_unit::INTERPRETED;
use std::{env, ffi::OsStr, process::ExitCode};

fn main() -> ExitCode {
	let Some(backend) = backend(env::args_os().nth(1).as_deref()) else {
		eprintln!("its only argument is `{INTERPRETED}`; a program that runs units starts this one by itself");
		return ExitCode::FAILURE;
	};
	// Before anything else: it confines this process before it reads a byte of the unit; that takes a single thread.
	smartchain_sandbox::serve(|request| engine::run(backend, request))
}

/// What runs the unit, as the command line says: whoever starts this decides, and never the unit.
fn backend(argument: Option<&OsStr>) -> Option<Backend> {
	match argument {
		None => Some(Backend::Cranelift),
		Some(word) if word == INTERPRETED => Some(Backend::Pulley),
		Some(_) => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_word_alone_has_it_interpreted() {
		assert_eq!(backend(None), Some(Backend::Cranelift));
		assert_eq!(backend(Some(OsStr::new(INTERPRETED))), Some(Backend::Pulley));
		assert_eq!(backend(Some(OsStr::new("other"))), None);
	}
}
