//! The program itself, as people and agents start it. That these tests are here also has cargo build it before any test
//! of the workspace runs: those of `smart-agent` start it, too.

use std::{
	io::{Read, Write},
	process::{Command, Stdio},
	thread,
	time::{Duration, Instant},
};

/// Longer than an answer takes on a machine that has much to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// What it says to these arguments and this input, which stays open: its code, its output, its errors.
fn said(arguments: &[&str], input: Option<&str>) -> (Option<i32>, String, String) {
	let mut child = Command::new(env!("CARGO_BIN_EXE_smart-agent-plotter"))
		.args(arguments)
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	let mut open = child.stdin.take();
	if let Some(input) = input {
		open.take().unwrap().write_all(input.as_bytes()).unwrap();
	}
	let begin = Instant::now();
	let status = loop {
		if let Some(status) = child.try_wait().unwrap() {
			break status;
		}
		if begin.elapsed() > PATIENCE {
			child.kill().unwrap();
			child.wait().unwrap();
			panic!("it does not end: {arguments:?}");
		}
		thread::sleep(Duration::from_millis(10));
	};
	let (mut out, mut error) = (String::new(), String::new());
	child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
	child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
	(status.code(), out, error)
}

#[test]
fn by_hand_it_says_what_it_is_and_ends() {
	let version = concat!("smart-agent-plotter ", env!("CARGO_PKG_VERSION"));
	for option in ["-V", "--version"] {
		assert_eq!(said(&[option], None), (Some(0), format!("{version}\n"), String::new()));
	}
	for option in ["-h", "--help"] {
		let (code, out, error) = said(&[option], None);
		assert_eq!((code, error.as_str()), (Some(0), ""), "{option}");
		assert!(
			out.starts_with(version) && out.contains("smart-agent plot create"),
			"{out}"
		);
	}
	for other in [&["plot"][..], &["--help", "--version"], &["--x"]] {
		let (code, out, error) = said(other, None);
		assert_eq!((code, out.as_str()), (Some(2), ""), "{other:?}");
		assert!(error.contains("smart-agent starts this program by itself"), "{error}");
	}
}

#[test]
fn jobs_of_another_version_are_refused() {
	let (code, _, error) = said(&[], Some("smart-agent-store job 1 of 99.0.0\nparent 1\n"));
	assert_eq!(code, Some(1), "{error}");
	assert!(
		error.contains("this job is of another version: install smart-agent and smart-agent-plotter"),
		"{error}"
	);
	let (code, _, error) = said(&[], Some(""));
	assert_eq!(code, Some(1), "{error}");
	assert!(error.contains("this is no job of this version"), "{error}");
}
