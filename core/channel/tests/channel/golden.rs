//! What is stored and sent, byte for byte: written once by another program, so that nothing changes unnoticed.

use channel_primitives::{
	ChannelKey, ChannelSignature, CloseTogether, Condition, Context, Half, LeafWitness, Lock, Locks, Node, PerSide,
	Rekey, Resync, Side, Signed, Stake, Terms, Withdraw, Witness,
};
use codec::{Decode, Encode};
use smartchain_channel::{
	Got, Hello, Lost, Message, Notice, Opened, Parcel, Parcels, Reason, Renewed, Sheet, Show, StepShown, Stored,
	Turned, Update, Word,
};

fn bytes(hex: &str) -> Vec<u8> {
	let hex = hex.trim();
	(0..hex.len())
		.step_by(2)
		.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
		.collect()
}

fn is<T: Encode + Decode + PartialEq + std::fmt::Debug>(value: T, hex: &str) {
	assert_eq!(value.encode(), bytes(hex), "{value:?}");
	assert_eq!(T::decode(&mut bytes(hex).as_slice()), Ok(value));
}

const SIGNATURE: ChannelSignature = ChannelSignature([9; 64]);

fn half() -> Signed<Half> {
	let body = Half {
		nonce: 3,
		ack: 2,
		transferred: 10,
		locked: 4,
		locks: [5; 32],
		memo: [6; 32],
	};
	Signed {
		body,
		signature: SIGNATURE,
	}
}

#[test]
fn a_sheet() {
	let opened = Opened {
		context: Context {
			genesis: [7; 32],
			channel: 5,
			asset: 0,
			side: Side::High,
		},
		terms: Terms {
			keys: PerSide {
				low: ChannelKey([1; 32]),
				high: ChannelKey([2; 32]),
			},
			window: 20,
		},
		stake: Stake {
			deposited: PerSide {
				low: 1_000,
				high: 2_000,
			},
			withdrawn: PerSide::default(),
		},
	};
	is(Stored::V1(Sheet::new(opened)), include_str!("../golden/sheet-v1.hex"));
}

#[test]
fn messages() {
	let lock = Lock {
		id: 1,
		amount: 4,
		expiry: 99,
		condition: [8; 32],
	};
	let parcel = Parcel {
		id: 1,
		condition: Condition::new(vec![Node::Preimage { hash: [3; 32] }]).expect("a condition"),
		packet: vec![1, 2].try_into().expect("two bytes"),
	};
	let update = Update {
		half: half(),
		locks: Locks::new(vec![lock]).expect("a list"),
		parcels: Parcels::truncate_from(vec![parcel]),
	};
	is(Message::Update(update), include_str!("../golden/update-v1.hex"));
	let hello = Hello {
		held: Some(half()),
		number: 258,
		answers: 7,
	};
	is(Message::Hello(hello), include_str!("../golden/hello-v1.hex"));
	is(Message::Got(Got { held: 7 }), include_str!("../golden/got-v1.hex"));
	let witness = Witness(vec![LeafWitness::Preimage([4; 32])].try_into().expect("one leaf"));
	is(
		Message::Show(Show { id: 1, witness }),
		include_str!("../golden/show-v1.hex"),
	);
	let step = StepShown {
		id: 1,
		step: 300,
		value: [4; 32],
	};
	is(Message::Step(step), include_str!("../golden/step-v1.hex"));
	let turned = Turned {
		id: 1,
		reason: Reason::Other(42),
	};
	is(Message::GiveUp(turned), include_str!("../golden/give-up-v1.hex"));
	is(
		Message::Lost(Lost { since: 1_234 }),
		include_str!("../golden/lost-v1.hex"),
	);
	let word = Word {
		word: Signed {
			body: Resync {
				held: 3,
				resume: 9 << 32,
			},
			signature: SIGNATURE,
		},
		held: None,
		parcels: Parcels::default(),
	};
	is(Message::Word(word), include_str!("../golden/word-v1.hex"));
}

#[test]
fn what_both_sign() {
	let close = Signed {
		body: CloseTogether {
			pay: PerSide { low: 11, high: 12 },
			expiry: 1_300,
		},
		signature: SIGNATURE,
	};
	is(Message::Together(close), include_str!("../golden/together-v1.hex"));
	let withdraw = Signed {
		body: Withdraw {
			side: Side::High,
			total: 14,
			expiry: 1_300,
		},
		signature: SIGNATURE,
	};
	is(Message::Withdraw(withdraw), include_str!("../golden/withdraw-v1.hex"));
	let rekey = Signed {
		body: Rekey {
			side: Side::High,
			key: ChannelKey([3; 32]),
		},
		signature: SIGNATURE,
	};
	is(Message::Rekey(rekey), include_str!("../golden/rekey-v1.hex"));
	let renewed = Renewed {
		key: ChannelKey([3; 32]),
		half: half(),
	};
	is(Message::Renewed(renewed), include_str!("../golden/renewed-v1.hex"));
}

#[test]
fn a_notice() {
	let notice = Notice::Received {
		channel: 5,
		amount: 70,
		memo: [6; 32],
		lock: Some(1),
		relayed: true,
	};
	is(notice, include_str!("../golden/notice-v1.hex"));
}
