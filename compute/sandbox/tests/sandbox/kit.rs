//! What the tests share.

use proptest::{collection::vec, prelude::*};
use smartchain_sandbox::{
	Answer, Ended, Ending, Limits, Output, Request, Stop, Want, Worker, EMPTY_ROOT, MAX_FUEL, MAX_PAGES, MAX_UNITS,
};
use std::{path::Path, time::Duration};

/// The stand-in, doing this.
pub fn standin(action: &str) -> Worker {
	Worker::new(Path::new(env!("CARGO_BIN_EXE_smartchain-sandbox-standin"))).argument(action)
}

/// Enough for what is well-behaved, on a busy machine too.
pub fn limits() -> Limits {
	Limits {
		memory: 128 << 20,
		wall: Duration::from_secs(60),
		output: 64 << 10,
		stack: 1 << 20,
		threads: false,
	}
}

pub fn request() -> Request {
	Request {
		unit: 3,
		count: 64,
		time: 1_700_000_000_000,
		seed: std::array::from_fn(|i| i as u8),
		fuel: 1_000,
		pages: 16,
		want: Want::Bytes,
		program: b"program".to_vec(),
		input: b"input".to_vec(),
	}
}

/// What comes of an action.
pub fn run(worker: &Worker, limits: &Limits) -> Result<Answer, Ended> {
	worker.run(limits, &request(), &Stop::default())
}

/// The text that the stand-in's answer is.
pub fn text(answer: &Answer) -> String {
	match &answer.output {
		Output::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
		Output::Root { .. } => panic!("a root, and bytes were wanted"),
	}
}

pub fn requests() -> impl Strategy<Value = Request> {
	let terms = (
		1..=MAX_UNITS,
		any::<u64>(),
		any::<[u8; 32]>(),
		0..=MAX_FUEL,
		0..=MAX_PAGES,
	);
	let bytes = (vec(any::<u8>(), 0..3_000), vec(any::<u8>(), 0..3_000));
	let want = prop_oneof![Just(Want::Root), Just(Want::Bytes)];
	(terms, bytes, want, any::<prop::sample::Index>()).prop_map(|(terms, (program, input), want, unit)| {
		let (count, time, seed, fuel, pages) = terms;
		Request {
			unit: unit.index(count as usize) as u32,
			count,
			time,
			seed,
			fuel,
			pages,
			want,
			program,
			input,
		}
	})
}

pub fn answers() -> impl Strategy<Value = Answer> {
	let ending = prop_oneof![
		Just(Ending::Ok),
		(1..=u16::MAX).prop_map(Ending::Trap),
		Just(Ending::OutOfFuel)
	];
	let root = (any::<[u8; 32]>(), 1..=64_u32 << 10).prop_map(|(root, bytes)| Output::Root { root, bytes });
	let output = prop_oneof![vec(any::<u8>(), 0..3_000).prop_map(Output::Bytes), root];
	(ending, 0..=MAX_FUEL, output, vec(any::<u8>(), 0..300)).prop_map(|(ending, fuel, output, remarks)| {
		let output = match (ending, output) {
			(Ending::Ok, output) => output,
			(_, Output::Bytes(_)) => Output::Bytes(Vec::new()),
			(_, Output::Root { .. }) => Output::Root {
				root: EMPTY_ROOT,
				bytes: 0,
			},
		};
		Answer {
			ending,
			fuel,
			output,
			remarks,
		}
	})
}
