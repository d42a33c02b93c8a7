//! The program as a person runs it, as far as no daemon is needed.

mod handed;

use std::{
	io::Write,
	path::Path,
	process::{Command, Output, Stdio},
};

/// Runs a command with a data folder of its own, and this on its standard input.
fn smart_pay(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
	let mut command = Command::new(env!("CARGO_BIN_EXE_smart-pay"));
	command.arg("--data").arg(folder).args(arguments);
	for name in ["SMART_PAY_DATA", "SMART_PAY_CONFIG", "SMART_PAY_PASSWORD_FILE"] {
		command.env_remove(name);
	}
	let pipes = command
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped());
	let mut child = pipes.spawn().expect("it starts");
	let mut stdin = child.stdin.take().expect("a pipe");
	// Who refuses what is given may not have read it.
	let _ = stdin.write_all(input);
	drop(stdin);
	child.wait_with_output().expect("it ends")
}

/// What it says of a failure, whose number has to be this.
fn refused(output: &Output, code: i32) -> String {
	let said = String::from_utf8_lossy(&output.stderr).into_owned();
	assert_eq!(output.status.code(), Some(code), "{said}");
	said
}
