//! Files that `smart-pay` and browsers hand to each other.

use smartchain_channel_wasm::{Desk, Fault, Reply, Request};

fn bytes(hex: &str) -> Vec<u8> {
	(0..hex.len() / 2)
		.map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hexadecimal"))
		.collect()
}

/// `clients/vectors/envelope-v1.json`: channel, messages, and the file.
fn vectors() -> Vec<(u64, Vec<Vec<u8>>, Vec<u8>)> {
	let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/envelope-v1.json");
	let text = std::fs::read_to_string(path).expect("the vectors are there");
	let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
	let one = |vector: &serde_json::Value| {
		let text = |value: &serde_json::Value| bytes(value.as_str().expect("a text"));
		let messages = vector["messages"]
			.as_array()
			.expect("a list")
			.iter()
			.map(text)
			.collect();
		(
			vector["channel"].as_u64().expect("a number"),
			messages,
			text(&vector["file"]),
		)
	};
	all.as_array().expect("a list").iter().map(one).collect()
}

#[test]
fn the_bytes_are_those_of_smart_pay() {
	let mut desk = Desk::new();
	let vectors = vectors();
	assert!(!vectors.is_empty());
	for (channel, messages, file) in vectors {
		let written = desk.answer(Request::WriteEnvelope {
			channel,
			messages: messages.clone(),
		});
		assert_eq!(written, Reply::Bytes(file.clone()));
		assert_eq!(
			desk.answer(Request::ReadEnvelope(file)),
			Reply::Envelope { channel, messages }
		);
	}
}

#[test]
fn damage_is_found_wherever_it_is() {
	let mut desk = Desk::new();
	for (_, _, file) in vectors() {
		for at in 0..file.len() {
			let mut other = file.clone();
			other[at] ^= 1;
			for damaged in [other, file[..at].to_vec()] {
				let reply = desk.answer(Request::ReadEnvelope(damaged));
				assert!(matches!(reply, Reply::Fault(Fault::Envelope, _)), "{at}: {reply:?}");
			}
		}
	}
}

#[test]
fn what_is_no_message_is_not_written() {
	let reply = Desk::new().answer(Request::WriteEnvelope {
		channel: 7,
		messages: vec![vec![255]],
	});
	assert!(matches!(reply, Reply::Fault(Fault::Envelope, _)));
}
