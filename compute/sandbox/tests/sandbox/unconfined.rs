//! Where a child cannot be confined, nothing runs, and the parent says why.

use crate::kit::{limits, run, standin};
use smartchain_sandbox::{
	wire::{from_child, Hello, Message},
	Ended, Layer, Unconfined,
};
use std::{
	fs,
	process::{Command, Stdio},
};

fn refused(action: &str) -> Unconfined {
	match run(&standin(action), &limits()) {
		Err(Ended::Unconfined(why)) => why,
		other => panic!("{action}: {other:?}"),
	}
}

#[test]
fn without_landlock_nothing_runs() {
	let why = refused("no-landlock");
	assert_eq!(why.layer, Layer::Landlock);
	let text = why.to_string();
	assert!(
		text.contains("landlock (Linux 5.13 or later") && text.contains("no unit is run"),
		"{text}"
	);
}

#[test]
fn without_seccomp_nothing_runs() {
	let why = refused("no-seccomp");
	assert_eq!(why.layer, Layer::Calls);
	let text = why.to_string();
	assert!(
		text.contains("CONFIG_SECCOMP_FILTER") && text.contains("no unit is run"),
		"{text}"
	);
}

#[test]
fn with_another_thread_nothing_runs() {
	let why = refused("threads-first");
	assert_eq!(
		(why.layer, why.words.as_str()),
		(Layer::OneThread, "there are 2 threads already")
	);
}

#[test]
fn an_orphan_runs_nothing() {
	let mut child = Command::new(env!("CARGO_BIN_EXE_smartchain-sandbox-standin"))
		.arg("echo")
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::null())
		.spawn()
		.unwrap();
	let hello = Hello {
		parent: u32::MAX,
		limits: limits(),
	};
	Message::Hello(hello).write(child.stdin.as_mut().unwrap()).unwrap();
	let said = from_child(child.stdout.as_mut().unwrap(), 0).unwrap();
	assert!(
		matches!(
			said,
			Message::Unconfined(Unconfined {
				layer: Layer::Parent,
				..
			})
		),
		"{said:?}"
	);
	assert!(!child.wait().unwrap().success());
}

/// Each layer does its part without the others: a hole in one of them is none in all.
#[test]
fn each_layer_keeps_files_by_itself() {
	let path = std::env::temp_dir().join(format!("smartchain-sandbox-layers-{}", std::process::id()));
	fs::write(&path, b"x").unwrap();
	for (layer, refused) in [("landlock", libc::EACCES), ("resources", libc::EMFILE)] {
		let told = Command::new(env!("CARGO_BIN_EXE_smartchain-sandbox-standin"))
			.arg("layers")
			.arg(&path)
			.arg(layer)
			.output()
			.unwrap();
		let text = String::from_utf8_lossy(&told.stdout);
		assert_eq!(text.trim(), format!("done true Some({refused})"), "{layer}");
	}
	fs::remove_file(&path).unwrap();
}
