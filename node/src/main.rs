#![doc = include_str!("../README.md")]

mod chain_spec;
mod cli;
mod command;
mod fork;
mod next_runtime;
mod verify_finality;

use std::{error::Error, process::ExitCode};

/// It gives memory back that peers made the node take: under a siege glibc's keeps twice as much (docs/benchmarks.md).
/// Only Rust's memory comes from it: in the place of C's `malloc` it would wait for libfaketime, and that for it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {}", with_causes(&error));
			ExitCode::FAILURE
		}
	}
}

/// An error and what caused it, each once.
fn with_causes(error: &dyn Error) -> String {
	let mut text = error.to_string();
	let mut cause = error.source();
	while let Some(error) = cause {
		let said = error.to_string();
		if !text.contains(&said) {
			text = format!("{text}: {said}");
		}
		cause = error.source();
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::io;

	#[test]
	fn causes_are_told_once() {
		let inner = io::Error::other("the disk is full");
		assert_eq!(with_causes(&io::Error::other(inner)), "the disk is full");
	}
}
