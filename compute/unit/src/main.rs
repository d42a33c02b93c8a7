//! The child: it serves one unit, and ends. Whoever starts it speaks the sandbox's protocol over its pipes.

mod engine;

use std::process::ExitCode;

fn main() -> ExitCode {
	// First of all: it confines this process before it reads a byte of the unit, and that takes a single thread.
	smartchain_sandbox::serve(engine::run)
}
