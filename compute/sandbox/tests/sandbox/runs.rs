//! Children that do as they should, and what their parents do with them.

use crate::kit::{limits, request, run, standin, text};
use smartchain_sandbox::{Cause, Ended, Ending, Limits, Output, Request, Stop, Want, Worker, MAX_OUTPUT, MAX_PROGRAM};
use std::{
	path::Path,
	thread,
	time::{Duration, Instant},
};

#[test]
fn a_unit_is_run_with_all_that_it_was_given() {
	let answer = run(&standin("echo"), &limits()).unwrap();
	let seed: [u8; 32] = std::array::from_fn(|i| i as u8);
	assert_eq!(
		text(&answer),
		format!("3 64 1700000000000 1000 16 {seed:?} programinput")
	);
	assert_eq!((answer.ending, answer.fuel), (Ending::Ok, 7));
	assert_eq!(answer.remarks, b"echoed");
}

#[test]
fn a_root_is_that_of_the_bytes() {
	let whole = run(&standin("echo"), &limits()).unwrap();
	let wanted = Request {
		want: Want::Root,
		..request()
	};
	let short = standin("echo").run(&limits(), &wanted, &Stop::default()).unwrap();
	let bytes = u32::try_from(whole.output.length()).unwrap();
	let root = blake3::hash(text(&whole).as_bytes()).into();
	assert_eq!(short.output, Output::Root { root, bytes });
	assert_eq!(whole.output.root(), root);
}

#[test]
fn large_programs_and_inputs_come_whole() {
	let request = Request {
		program: (0..MAX_PROGRAM).map(|i| i as u8).collect(),
		input: vec![9; 8 << 20],
		want: Want::Root,
		..request()
	};
	let limits = Limits {
		output: MAX_OUTPUT,
		..limits()
	};
	let answer = standin("echo").run(&limits, &request, &Stop::default()).unwrap();
	assert!(answer.output.length() > 16 << 20);
}

#[test]
fn a_fault_comes_with_its_cause() {
	match run(&standin("fault"), &limits()) {
		Err(Ended::Fault(fault)) => {
			assert_eq!((fault.cause, fault.words.as_str()), (Cause::Stack, "no stack is left"));
		}
		other => panic!("{other:?}"),
	}
}

#[test]
fn the_surroundings_are_empty() {
	// No variable, and of arguments the program's name and the action.
	assert_eq!(text(&run(&standin("surroundings"), &limits()).unwrap()), "0 2");
}

#[test]
fn threads_are_for_those_that_may() {
	let threads = Limits {
		threads: true,
		..limits()
	};
	assert_eq!(text(&run(&standin("thread"), &threads).unwrap()), "done");
	let without = run(&standin("thread"), &limits());
	assert!(matches!(without, Err(Ended::Forbidden)), "{without:?}");
}

#[test]
fn who_stops_a_unit_does_not_wait_for_it() {
	let (stop, began) = (Stop::default(), Instant::now());
	let stopper = stop.clone();
	let ended = thread::scope(|scope| {
		scope.spawn(move || {
			thread::sleep(Duration::from_millis(300));
			stopper.stop();
		});
		standin("sleeps").run(&limits(), &request(), &stop)
	});
	assert!(matches!(ended, Err(Ended::Stopped)), "{ended:?}");
	assert!(began.elapsed() < limits().wall / 2);
}

#[test]
fn what_cannot_be_is_not_started() {
	let none = Worker::new(Path::new("/nowhere/at/all"));
	assert!(matches!(run(&none, &limits()), Err(Ended::Start(_))));
	for wrong in [
		Limits { memory: 1, ..limits() },
		Limits {
			wall: Duration::ZERO,
			..limits()
		},
		Limits {
			wall: Duration::from_nanos(1_500_000),
			..limits()
		},
		Limits {
			output: MAX_OUTPUT + 1,
			..limits()
		},
		Limits { stack: 0, ..limits() },
	] {
		let ended = run(&none, &wrong);
		assert!(matches!(ended, Err(Ended::Limits(_))), "{ended:?}");
	}
	let wrong = Request { unit: 64, ..request() };
	let ended = none.run(&limits(), &wrong, &Stop::default());
	assert!(matches!(ended, Err(Ended::Request(_))), "{ended:?}");
}

#[test]
fn several_run_at_once() {
	thread::scope(|scope| {
		for _ in 0..8 {
			scope.spawn(|| assert!(run(&standin("echo"), &limits()).is_ok()));
		}
	});
}

#[test]
fn limits_of_a_request_are_limits() {
	for pages in [0, 1, 1_024, 65_536] {
		let request = Request { pages, ..request() };
		let found = Limits::of(&request, Duration::from_secs(60));
		assert_eq!(found.check(), Ok(()));
		assert!(found.memory > u64::from(pages) << 16);
	}
}
