//! Frames, byte for byte as another hand made them: `tests/golden/frames.py`.

use crate::kit::request;
use smartchain_sandbox::{
	wire::{from_child, from_parent, Hello, Message},
	Answer, Cause, Confined, Ending, Fault, Layer, Limits, Output, Unconfined, EMPTY_ROOT, MAX_OUTPUT,
};
use std::time::Duration;

const GOLDEN: &str = include_str!("../golden/frames-v1.txt");

fn answer(ending: Ending, fuel: u64, output: Output, remarks: &[u8]) -> Message {
	Message::Answer(Answer {
		ending,
		fuel,
		output,
		remarks: remarks.to_vec(),
	})
}

fn hello() -> Message {
	Message::Hello(Hello {
		parent: 77,
		limits: Limits {
			memory: 1 << 30,
			wall: Duration::from_secs(90),
			output: 1 << 20,
			stack: 8 << 20,
			threads: true,
		},
	})
}

#[test]
fn frames_of_version_1_stay() {
	let root = |root, bytes| Output::Root { root, bytes };
	let of_parent = [("hello", hello()), ("request", Message::Request(request()))];
	let of_child = [
		("confined", Message::Confined(Confined { whole: true })),
		(
			"unconfined",
			Message::Unconfined(Unconfined {
				layer: Layer::Landlock,
				words: "none here".into(),
			}),
		),
		(
			"bytes",
			answer(Ending::Ok, 999, Output::Bytes(b"output".to_vec()), b"said"),
		),
		("root", answer(Ending::Ok, 999, root([7; 32], 6), b"")),
		("trap", answer(Ending::Trap(263), 12, root(EMPTY_ROOT, 0), b"")),
		("fuel", answer(Ending::OutOfFuel, 1_000, Output::Bytes(Vec::new()), b"")),
		("fault", Message::Fault(Fault::new(Cause::Stack, "no stack"))),
	];
	let mut lines = GOLDEN.lines().count();
	for (parents, (name, message)) in of_parent
		.map(|one| (true, one))
		.into_iter()
		.chain(of_child.map(|one| (false, one)))
	{
		let mut found = Vec::new();
		message.write(&mut found).unwrap();
		let mut named = GOLDEN.lines().filter_map(|line| line.split_once(' '));
		let expected = named.find(|(known, _)| *known == name).expect("a line of this name").1;
		let hex: String = found.iter().map(|byte| format!("{byte:02x}")).collect();
		assert_eq!(hex, expected, "{name}");
		let back = match parents {
			true => from_parent(&mut found.as_slice()),
			false => from_child(&mut found.as_slice(), MAX_OUTPUT),
		};
		assert_eq!(back.unwrap(), message, "{name}");
		lines -= 1;
	}
	assert_eq!(lines, 0, "frames that nothing makes");
}

#[test]
fn the_empty_root_is_that_of_nothing() {
	assert_eq!(<[u8; 32]>::from(blake3::hash(b"")), EMPTY_ROOT);
}
