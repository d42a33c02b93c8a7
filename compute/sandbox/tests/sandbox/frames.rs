//! Frames there and back, and what is none.

use crate::{
	any::drive,
	kit::{answers, request, requests},
};
use proptest::{collection::vec, prelude::*};
use smartchain_sandbox::{
	serve_on,
	wire::{from_child, from_parent, Hello, Malformed, Message, WireError, HEAD, MAGIC, VERSION},
	Answer, Broken, Cause, Confined, Ending, Fault, Layer, Limits, Output, Unconfined, Want, MAX_OUTPUT, MAX_WORDS,
};
use std::time::Duration;

fn written(message: &Message) -> Vec<u8> {
	let mut out = Vec::new();
	message.write(&mut out).unwrap();
	out
}

/// A frame with this body, and its length as it says.
fn frame(kind: u8, length: u32, body: &[u8]) -> Vec<u8> {
	let mut out = MAGIC.to_vec();
	out.extend([VERSION, kind]);
	out.extend(length.to_le_bytes());
	out.extend(body);
	out
}

fn malformed(error: WireError) -> Malformed {
	match error {
		WireError::Malformed(malformed) => malformed,
		other => panic!("{other:?}"),
	}
}

fn hellos() -> impl Strategy<Value = Hello> {
	let limits = (64_u64 << 20..=64 << 30, 1..=3_600_000_u64, 0..=64_u32 << 20);
	let others = (256_u32 << 10..=64 << 20, any::<bool>(), any::<u32>());
	(limits, others).prop_map(|((memory, wall, output), (stack, threads, parent))| Hello {
		parent,
		limits: Limits {
			memory,
			wall: Duration::from_millis(wall),
			output,
			stack,
			threads,
		},
	})
}

proptest! {
	#[test]
	fn any_bytes_are_refused_or_understood(bytes in vec(any::<u8>(), 0..400)) {
		drive(&bytes);
	}

	#[test]
	fn any_bodies_are_refused_or_understood(
		kind in 0..8_u8, body in vec(prop_oneof![Just(0_u8), any::<u8>()], 0..200), more in -2..3_i64,
	) {
		let length = (body.len() as i64 + more).max(0) as u32;
		drive(&frame(kind, length, &body));
	}

	#[test]
	fn requests_come_back(request in requests(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
		let message = Message::Request(request);
		let mut bytes = written(&message);
		prop_assert_eq!(&from_parent(&mut bytes.as_slice()).unwrap(), &message);
		prop_assert!(from_child(&mut bytes.as_slice(), MAX_OUTPUT).is_err());
		prop_assert!(from_parent(&mut &bytes[..at.index(bytes.len())]).is_err(), "cut off");
		let at = at.index(bytes.len());
		bytes[at] = byte;
		drive(&bytes);
	}

	#[test]
	fn answers_come_back(answer in answers(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
		let message = Message::Answer(answer);
		let mut bytes = written(&message);
		prop_assert_eq!(&from_child(&mut bytes.as_slice(), MAX_OUTPUT).unwrap(), &message);
		prop_assert!(from_parent(&mut bytes.as_slice()).is_err());
		let at = at.index(bytes.len());
		prop_assert!(from_child(&mut &bytes[..at], MAX_OUTPUT).is_err(), "cut off");
		bytes[at] = byte;
		drive(&bytes);
	}

	#[test]
	fn hellos_come_back(hello in hellos()) {
		let message = Message::Hello(hello);
		prop_assert_eq!(from_parent(&mut written(&message).as_slice()).unwrap(), message);
	}

	#[test]
	fn words_are_plain_and_cut(words in "\\PC{0,700}|[\\x00-\\x7f\\u{200b}-\\u{2070}]{0,700}") {
		let message = Message::Fault(Fault::new(Cause::Host, &words));
		let Message::Fault(back) = from_child(&mut written(&message).as_slice(), 0).unwrap() else {
			return Err(TestCaseError::fail("another message"));
		};
		prop_assert!(back.words.len() <= MAX_WORDS);
		let hidden = |char: char| char.is_control() || char == '\u{202e}';
		prop_assert!(!back.words.chars().any(hidden));
		prop_assert_eq!(Message::Fault(back), message);
	}

	#[test]
	fn whoever_serves_answers_what_was_asked(request in requests(), answer in answers(), hello in hellos()) {
		let mut input = written(&Message::Hello(hello.clone()));
		input.extend(written(&Message::Request(request.clone())));
		let (mut output, asked) = (Vec::new(), request.clone());
		let given = answer.clone();
		let served = serve_on(
			&mut input.as_slice(),
			&mut output,
			|found| {
				assert_eq!(found, &hello);
				Ok(Confined { whole: false })
			},
			|found| {
				assert_eq!(found, asked);
				Ok(given)
			},
		);
		let expected = answer.wanted(request.want);
		let fits = expected.check(&request, hello.limits.output).is_ok();
		prop_assert_eq!(served.is_ok(), fits);
		let mut rest = output.as_slice();
		prop_assert_eq!(from_child(&mut rest, 0).unwrap(), Message::Confined(Confined { whole: false }));
		if fits {
			prop_assert_eq!(from_child(&mut rest, MAX_OUTPUT).unwrap(), Message::Answer(expected));
		}
		prop_assert!(rest.is_empty());
	}
}

#[test]
fn who_cannot_be_confined_reads_no_unit() {
	let hello = Message::Hello(Hello {
		parent: 1,
		limits: crate::kit::limits(),
	});
	let mut input = written(&hello);
	let unit = written(&Message::Request(request()));
	input.extend(&unit);
	let (mut rest, mut output) = (input.as_slice(), Vec::new());
	let why = Unconfined {
		layer: Layer::Calls,
		words: "not here".into(),
	};
	let served = serve_on(&mut rest, &mut output, |_| Err(why.clone()), |_| panic!("it ran"));
	assert!(matches!(served, Err(Broken::Unconfined(_))), "{served:?}");
	assert_eq!(rest, unit, "nothing of it was read");
	assert_eq!(from_child(&mut output.as_slice(), 0).unwrap(), Message::Unconfined(why));
}

#[test]
fn frames_out_of_turn_are_refused() {
	let unit = written(&Message::Request(request()));
	let served = serve_on(
		&mut unit.as_slice(),
		&mut Vec::new(),
		|_| panic!("confined"),
		|_| panic!("ran"),
	);
	assert!(matches!(served, Err(Broken::Parent(_))), "{served:?}");
}

#[test]
fn heads_say_what_they_are() {
	let good = frame(2, 1, &[1]);
	assert!(from_child(&mut good.as_slice(), 0).is_ok());
	for (at, byte, expected) in [
		(0, b'X', Malformed::Magic),
		(6, 2, Malformed::Version(2)),
		(7, 9, Malformed::Kind(9)),
		(7, 4, Malformed::Kind(4)),
		(8, 2, Malformed::Length(2)),
		(8, 0, Malformed::Length(0)),
		(HEAD, 2, Malformed::Field("whole")),
	] {
		let mut bytes = good.clone();
		bytes[at] = byte;
		let found = malformed(from_child(&mut bytes.as_slice(), 0).unwrap_err());
		assert_eq!(found, expected, "byte {at}");
	}
	assert!(matches!(from_child(&mut [].as_slice(), 0), Err(WireError::Closed)));
}

/// What claims more than its bound is refused before a byte of it is read, and before room is made.
#[test]
fn the_boaster_is_refused_by_its_head() {
	let boast = |bytes: u32| {
		let mut body = vec![0; 20];
		body[11] = 1;
		body[12..16].copy_from_slice(&bytes.to_le_bytes());
		frame(5, 20 + bytes, &body)
	};
	let found = from_child(&mut boast(101).as_slice(), 100).unwrap_err();
	assert_eq!(malformed(found), Malformed::Field("output"));
	assert!(matches!(
		from_child(&mut boast(100).as_slice(), 100),
		Err(WireError::Closed)
	));
	let words = frame(6, MAX_WORDS as u32 + 2, &[b'a'; MAX_WORDS + 2]);
	let found = from_child(&mut words.as_slice(), 0).unwrap_err();
	assert_eq!(malformed(found), Malformed::Length(MAX_WORDS as u32 + 2));
}

#[test]
fn answers_fit_themselves_and_their_request() {
	let good = Answer {
		ending: Ending::Ok,
		fuel: 1_000,
		output: Output::Bytes(vec![1; 100]),
		remarks: Vec::new(),
	};
	assert_eq!(good.check(&request(), 100), Ok(()));
	let with = |change: &dyn Fn(&mut Answer)| {
		let mut answer = good.clone();
		change(&mut answer);
		answer.check(&request(), 100)
	};
	let wrong = |name| Err(Malformed::Field(name));
	assert_eq!(with(&|answer| answer.fuel = 1_001), wrong("fuel"));
	assert_eq!(
		with(&|answer| answer.output = Output::Bytes(vec![1; 101])),
		wrong("output")
	);
	assert_eq!(with(&|answer| answer.ending = Ending::Trap(5)), wrong("output"));
	assert_eq!(with(&|answer| answer.ending = Ending::OutOfFuel), wrong("output"));
	let nothing = |answer: &mut Answer| answer.output = Output::Bytes(Vec::new());
	let trap = |code| {
		with(&|answer| {
			nothing(answer);
			answer.ending = Ending::Trap(code);
		})
	};
	assert_eq!((trap(0), trap(1)), (wrong("trap"), Ok(())));
	assert_eq!(
		with(&|answer| answer.remarks = vec![0; (64 << 10) + 1]),
		wrong("remarks")
	);
	assert_eq!(good.clone().wanted(Want::Root).check(&request(), 100), wrong("form"));
	for (root, bytes) in [(smartchain_sandbox::EMPTY_ROOT, 5), ([1; 32], 0)] {
		assert_eq!(
			with(&|answer| answer.output = Output::Root { root, bytes }),
			wrong("root")
		);
	}
}
