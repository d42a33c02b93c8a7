//! Harmless stand-ins for what broke out of its engine: each is refused or ended, and the parent says why.

use crate::kit::{limits, request, run, standin, text};
use smartchain_sandbox::{Ended, Limits, Request, Stop};
use std::{
	fs::{self, File},
	net::TcpListener,
	path::Path,
	time::{Duration, Instant},
};

const EPERM: &str = "Some(1)";

fn ends(action: &str, limits: &Limits) -> Ended {
	match run(&standin(action), limits) {
		Err(ended) => ended,
		Ok(answer) => panic!("{action}: {}", text(&answer)),
	}
}

/// Soon enough that nobody waits for what runs on.
fn short() -> Limits {
	Limits {
		wall: Duration::from_millis(1_500),
		..limits()
	}
}

/// Thief: reads, writes, removes and lists files.
#[test]
fn the_thief_opens_no_file() {
	let folder = std::env::temp_dir().join(format!("smartchain-sandbox-{}", std::process::id()));
	fs::create_dir_all(&folder).unwrap();
	let (there, not_there) = (folder.join("there"), folder.join("not-there"));
	File::create(&there).unwrap();
	let of = |action: &str, path: &Path| {
		let answer = run(&standin(action).argument(path), &limits());
		text(&answer.unwrap())
	};
	for action in ["open", "create"] {
		assert_eq!(of(action, &there), EPERM, "{action}");
	}
	assert_eq!(of("open", Path::new("/proc/self/environ")), EPERM);
	assert_eq!(of("list", &folder), EPERM);
	assert_eq!(of("create", &not_there), EPERM);
	let removed = run(&standin("remove").argument(&there), &limits());
	assert!(matches!(removed, Err(Ended::Forbidden)), "{removed:?}");
	assert!(there.exists() && !not_there.exists());
	fs::remove_dir_all(&folder).unwrap();
}

/// Caller: makes sockets of every kind.
#[test]
fn the_caller_makes_no_socket() {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	listener.set_nonblocking(true).unwrap();
	let address = listener.local_addr().unwrap().to_string();
	let connected = run(&standin("connect").argument(address), &limits());
	assert!(matches!(connected, Err(Ended::Forbidden)), "{connected:?}");
	assert!(listener.accept().is_err());
	for action in ["listen", "datagram", "pair"] {
		let ended = ends(action, &limits());
		assert!(matches!(ended, Ended::Forbidden), "{action}: {ended:?}");
	}
}

/// Forker: starts processes, or becomes another one.
#[test]
fn the_forker_starts_nothing() {
	let threads = Limits {
		threads: true,
		..limits()
	};
	for limits in [limits(), threads] {
		for action in ["fork", "become"] {
			let ended = ends(action, &limits);
			assert!(matches!(ended, Ended::Forbidden), "{action}: {ended:?}");
		}
	}
}

/// Meddler: signals others, makes pipes, uses descriptors in the wrong direction.
#[test]
fn the_meddler_reaches_nobody() {
	let signalled = run(&standin("signal").argument(std::process::id().to_string()), &limits());
	assert!(matches!(signalled, Err(Ended::Forbidden)), "{signalled:?}");
	for action in ["pipe", "read-output", "write-input"] {
		let ended = ends(action, &limits());
		assert!(matches!(ended, Ended::Forbidden), "{action}: {ended:?}");
	}
}

/// Hoarder: takes eight times the memory that it may have.
#[test]
fn the_hoarder_gets_its_memory_and_no_more() {
	let ended = ends("memory", &limits());
	assert!(matches!(ended, Ended::Memory), "{ended:?}");
	let threads = Limits {
		threads: true,
		..limits()
	};
	let ended = ends("memory-in-thread", &threads);
	assert!(matches!(ended, Ended::Memory), "{ended:?}");
}

/// Flooder: writes without an end, to its answer or to its complaints.
#[test]
fn the_flooder_is_cut_off() {
	let began = Instant::now();
	let ended = ends("output", &limits());
	assert!(matches!(ended, Ended::Lied(_)), "{ended:?}");
	let ended = ends("complaints", &limits());
	assert!(matches!(ended, Ended::Noisy), "{ended:?}");
	assert!(began.elapsed() < limits().wall);
}

/// Its answer is longer than it may be: the engine's own fault is seen in the child.
#[test]
fn an_output_above_the_limit_is_none() {
	let ended = ends("large", &limits());
	assert!(
		matches!(&ended, Ended::Died { said, .. } if said.contains("`output`")),
		"{ended:?}"
	);
	let room = Limits {
		output: 1 << 20,
		..limits()
	};
	assert!(run(&standin("large"), &room).is_ok());
}

/// Staller: computes, sleeps, or does not even listen, until its time is over.
#[test]
fn the_staller_is_ended() {
	for action in ["late", "sleeps", "deaf"] {
		let began = Instant::now();
		let ended = ends(action, &short());
		assert!(matches!(ended, Ended::Late), "{action}: {ended:?}");
		assert!(
			began.elapsed() >= short().wall && began.elapsed() < limits().wall,
			"{action}"
		);
	}
}

/// A request that fills the pipe, and a child that does not read it: nobody waits for the other.
#[test]
fn the_staller_that_reads_nothing_is_ended() {
	let request = Request {
		input: vec![1; 4 << 20],
		..request()
	};
	let ended = standin("deaf").run(&short(), &request, &Stop::default());
	assert!(matches!(ended, Err(Ended::Late)), "{ended:?}");
}

/// Digger: calls itself until its stack is full.
#[test]
fn the_digger_crashes() {
	let ended = ends("stack", &limits());
	assert!(matches!(ended, Ended::Crashed(_)), "{ended:?}");
}

/// Inflator: says that it burned more than it may.
#[test]
fn the_inflator_of_fuel_has_no_answer() {
	let ended = ends("dear", &limits());
	assert!(
		matches!(&ended, Ended::Died { said, .. } if said.contains("`fuel`")),
		"{ended:?}"
	);
}

/// Babbler: something else writes to the standard output.
#[test]
fn the_babbler_is_not_understood() {
	let ended = ends("talks", &limits());
	assert!(matches!(ended, Ended::Lied(_)), "{ended:?}");
}

/// Those that just end: the parent says how, and shows what they complained of.
#[test]
fn who_ends_without_a_word_is_told_of() {
	for (action, how, said) in [
		("silent", "code 0", ""),
		("exit", "code 3", ""),
		("panic", "code 101", "a fault of the engine"),
		("abort", "signal 6", ""),
	] {
		match ends(action, &limits()) {
			Ended::Died { how: found, said: text } => {
				assert_eq!(found, how, "{action}");
				assert!(text.contains(said), "{action}: {text}");
			}
			other => panic!("{action}: {other:?}"),
		}
	}
}

/// What follows the request on the input is nothing, and its end comes.
#[test]
fn nothing_comes_behind_the_request() {
	assert_eq!(text(&run(&standin("input"), &limits()).unwrap()), "done 0");
}
