//! What the journal tells.

use codec::{DecodeAll, Encode};
use compute_market_primitives::{Kind, Outcome, NO_OUTPUT};
use smart_agent_tasks::{Answer, Memory, Record, Said, TaskKey};

fn key(unit: u32) -> TaskKey {
	TaskKey {
		job: 17,
		unit,
		since: 90,
		of: [3; 32],
	}
}

fn records() -> [Record; 5] {
	let outcome = Outcome {
		kind: Kind::Trap(257),
		root: NO_OUTPUT,
		fuel: 1_000,
	};
	let answer = |unit, said| Record::Kept(Answer { key: key(unit), said });
	[
		answer(
			0,
			Said::Outcome {
				outcome,
				salt: [5; 16],
				bytes: 7,
			},
		),
		answer(1, Said::Fault),
		answer(
			2,
			Said::Served {
				disputed: 70,
				by: Some([9; 32]),
			},
		),
		answer(3, Said::Served { disputed: 70, by: None }),
		Record::Forgotten(key(1)),
	]
}

/// Written by hand, from the format's description.
#[test]
fn the_bytes_stay() {
	let key = |unit: &str| format!("1100000000000000{unit}5a000000{}", "03".repeat(32));
	let root = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
	let salt = "05".repeat(16);
	let expected = [
		// A trap is its variant and two bytes.
		format!("01{}01010101{root}e803000000000000{salt}07000000", key("00000000")),
		format!("01{}02", key("01000000")),
		format!("01{}034600000001{}", key("02000000"), "09".repeat(32)),
		format!("01{}034600000000", key("03000000")),
		format!("02{}", key("01000000")),
	];
	for (record, wanted) in records().iter().zip(&expected) {
		let bytes = record.encode();
		let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
		assert_eq!(&text, wanted, "{record:?}");
		assert_eq!(Record::decode_all(&mut &bytes[..]).as_ref(), Ok(record));
	}
}

#[test]
fn the_first_answer_counts() {
	let [first, ..] = records();
	let second = Record::Kept(Answer {
		key: key(0),
		said: Said::Fault,
	});
	let memory = Memory::replay([first.clone(), second.clone()]);
	assert_eq!(memory.records(), [first.clone()]);
	// What was forgotten may be answered anew.
	let memory = Memory::replay([first, Record::Forgotten(key(0)), second.clone()]);
	assert_eq!(memory.records(), [second]);
}

#[test]
fn a_journal_is_as_short_as_it_can_be() {
	let memory = Memory::replay(records());
	assert_eq!(memory.len(), 3);
	assert_eq!(Memory::replay(memory.records()), memory);
}
