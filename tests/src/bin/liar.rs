//! A worker's machine that lies: in place of `smart-unit` it says of each unit what it likes, alike each time, and what
//! costs it nothing.

use smartchain_sandbox::{Answer, Ending, Output};
use std::process::ExitCode;

fn main() -> ExitCode {
	smartchain_sandbox::serve(|request| {
		// No more than was asked for, so that nothing but others tells that it is a lie.
		let output = format!("unit {} of {}, or so", request.unit, request.count);
		Ok(Answer {
			ending: Ending::Ok,
			fuel: request.fuel / 8,
			output: Output::Bytes(output.into_bytes()),
			remarks: Vec::new(),
		})
	})
}
