//! What holds of the desk, whoever drives it.

use crate::program::{key, state, talk, terms, Program, CHANNEL, GENESIS};
use channel_primitives::{Accept, ChannelKey, ChannelSignature, Context, Half, Payload, Side, NO_CHANNEL, STCI};
use codec::{Decode, Encode};
use smartchain_channel::{Message, Update};
use smartchain_channel_wasm::{Deed, Desk, Fault, Reply, Request, Told, Want};
use smartchain_rng::Rng;

fn both() -> (Program, Program) {
	let (mut low, mut high) = (Program::new(Side::Low), Program::new(Side::High));
	low.greet(3);
	high.greet(4);
	talk(&mut low, &mut high);
	(low, high)
}

fn pay(amount: u128) -> Want {
	Want::Pay {
		channel: CHANNEL,
		amount,
		memo: [0; 32],
	}
}

#[test]
fn two_programs_pay_each_other_by_bytes() {
	let (mut low, mut high) = both();
	for _ in 0..10 {
		low.step(pay(5)).expect("there is room");
		high.step(pay(2)).expect("there is room");
		talk(&mut low, &mut high);
	}
	let (low, high) = (low.view(), high.view());
	assert_eq!((low.ours.paid, low.theirs.paid), (50, 20));
	assert_eq!((high.ours.paid, high.theirs.paid), (20, 50));
	assert_eq!((low.room, high.room), (970, 1_030));
	assert_eq!((low.phase, low.stopped, low.now), (0, None, 100));
	assert!(low.acked > 0);
	assert_eq!((low.confirmed, high.confirmed), (low.ours.nonce, high.ours.nonce));
}

#[test]
fn nothing_is_told_before_it_is_stored() {
	let (mut low, _) = both();
	assert!(matches!(low.desk.answer(Request::Step(pay(5))), Reply::Writes(writes) if !writes.is_empty()));
	assert!(matches!(
		low.desk.answer(Request::Step(pay(5))),
		Reply::Fault(Fault::Turn, _)
	));
	// No ticket is out: there is nothing to sign.
	let ticket = 0;
	let signature = None;
	for ticket in ticket..64 {
		let reply = low.desk.answer(Request::Sign { ticket, signature });
		assert!(
			!matches!(reply, Reply::Bytes(bytes) if bytes.first() == Some(&1)),
			"an update"
		);
	}
	// Whoever is killed here has paid nothing.
	low.restart();
	assert_eq!(low.view().ours.paid, 0);
}

#[test]
fn what_another_key_signs_does_not_go_out() {
	let (mut low, _) = both();
	assert!(matches!(low.desk.answer(Request::Step(pay(5))), Reply::Writes(_)));
	let Reply::Deeds(deeds) = low.desk.answer(Request::Stored) else {
		panic!("it is stored");
	};
	let update = deeds.iter().find_map(|deed| match deed {
		Deed::Send { ticket, payload, .. } => payload.map(|payload| (*ticket, payload)),
		_ => None,
	});
	let (ticket, payload) = update.expect("a half");
	let good = low.signature(payload);
	for bad in [None, Some(ChannelSignature([0; 64])), Some(low.signature([1; 32]))] {
		let reply = low.desk.answer(Request::Sign { ticket, signature: bad });
		assert!(matches!(reply, Reply::Fault(Fault::Signature, _)), "{reply:?}");
	}
	let signature = Some(good);
	let Reply::Bytes(bytes) = low.desk.answer(Request::Sign { ticket, signature }) else {
		panic!("it is signed");
	};
	let Ok(Message::Update(Update { half, .. })) = Message::decode(&mut bytes.as_slice()) else {
		panic!("a half");
	};
	assert_eq!((half.body.transferred, half.signature), (5, good));
	let again = low.desk.answer(Request::Sign { ticket, signature });
	assert!(matches!(again, Reply::Fault(Fault::Turn, _)), "a ticket counts once");
}

#[test]
fn a_program_goes_on_from_what_is_stored() {
	let (mut low, mut high) = both();
	low.step(pay(5)).expect("there is room");
	// Killed before a word of it was sent.
	low.out.clear();
	low.restart();
	assert!(low.view().stopped.is_some(), "it may be an old store");
	low.block(101);
	low.greet(5);
	high.greet(6);
	talk(&mut low, &mut high);
	assert_eq!(high.view().theirs.paid, 5);
	assert_eq!(low.view().stopped, None);
}

#[test]
fn both_close_together_by_a_call_of_the_chain() {
	let (mut low, mut high) = both();
	low.step(pay(5)).expect("there is room");
	talk(&mut low, &mut high);
	low.step(Want::Together(CHANNEL)).expect("no lock is left");
	talk(&mut low, &mut high);
	low.block(101);
	let (free, call) = low.calls.first().expect("it is signed by both");
	assert!(!free);
	// Pallet, call, channel, what each gets.
	let expected = [&[50, 3][..], &(CHANNEL, 995_u128, 1_005_u128).encode()].concat();
	assert!(call.starts_with(&expected), "{call:?}");
	assert_eq!(call.len(), 2 + 8 + 32 + 4 + 128);
}

#[test]
fn a_lock_waits_until_the_chain_was_asked() {
	let (mut low, _) = both();
	let condition = channel_primitives::Condition::new(vec![channel_primitives::Node::Preimage { hash: [3; 32] }]);
	let condition = condition.expect("a condition");
	let lock = Want::Lock {
		channel: CHANNEL,
		amount: 5,
		expiry: 600,
		condition: condition.clone(),
		packet: Default::default(),
	};
	let asked = low.desk.answer(Request::Step(lock.clone()));
	assert_eq!(asked, Reply::Ask(vec![condition.hash()]));
	let known = vec![(condition.hash(), None)];
	assert_eq!(low.desk.answer(Request::Learn(known)), Reply::Done);
	assert!(matches!(low.desk.answer(Request::Step(lock)), Reply::Writes(_)));
}

#[test]
fn while_another_key_is_taken_each_signs_what_is_its_own() {
	let (mut low, mut high) = both();
	low.step(pay(5)).expect("there is room");
	talk(&mut low, &mut high);
	let (secret, mut now) = ([13; 32], state());
	(low.next, now.keys.low) = (Some(secret), key(secret));
	let key = now.keys.low;
	low.step(Want::Rekey { channel: CHANNEL, key })
		.expect("it was never used");
	talk(&mut low, &mut high);
	low.block(101);
	high.block(101);
	let (free, call) = low.calls.last().expect("both have signed it");
	assert!(!free);
	assert!(
		call.starts_with(&[&[50, 12][..], &CHANNEL.encode()].concat()),
		"{call:?}"
	);
	// A final block has it: both go by it.
	for program in [&mut low, &mut high] {
		let told = vec![Told::Standing {
			channel: CHANNEL,
			state: Some(now.clone()),
			claim_locks: None,
		}];
		program.step(Want::Final { tick: 102, told }).expect("a block");
		assert_eq!(program.view().keys, now.keys);
	}
	low.secret = secret;
	low.step(pay(2)).expect("there is room");
	talk(&mut low, &mut high);
	assert_eq!(high.view().theirs.paid, 7);
}

#[test]
fn an_account_agrees_to_what_the_chain_looks_for() {
	let (opener, expiry) = (state().accounts.low, 500);
	let reply = Desk::new().answer(Request::Agreement {
		genesis: GENESIS,
		side: Side::High,
		terms: terms(),
		opener,
		expiry,
	});
	let context = Context {
		genesis: GENESIS,
		channel: NO_CHANNEL,
		asset: STCI,
		side: Side::High,
	};
	let accept = Accept {
		terms: terms(),
		opener,
		expiry,
	};
	assert_eq!(reply, Reply::Bytes(accept.payload(&context).to_vec()));
}

#[test]
fn nonsense_is_a_fault_and_no_panic() {
	let mut rng = Rng::new(1);
	let mut desk = Desk::new();
	for _ in 0..20_000 {
		let length = usize::try_from(rng.below(200)).expect("few");
		let mut bytes = rng.bytes(length);
		if let Some(first) = bytes.first_mut() {
			*first %= 14;
		}
		let reply = desk.call(&bytes);
		assert!(Reply::decode(&mut reply.as_slice()).is_ok());
	}
	assert!(matches!(desk.answer(Request::Stored), Reply::Fault(Fault::Turn, _)));
}

/// The bytes that the package in `clients/ts` is written to.
#[test]
fn the_bytes_stay() {
	let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
	let start = Request::Start {
		options: None,
		sheets: vec![(7, vec![1, 2])],
	};
	assert_eq!(hex(start.encode()), "000004070000000000000008".to_owned() + "0102");
	let paying = "01070700000000000000".to_owned() + "05000000000000000000000000000000" + &"00".repeat(32);
	assert_eq!(hex(Request::Step(pay(5)).encode()), paying);
	assert_eq!(hex(Request::Stored.encode()), "02");
	let sign = Request::Sign {
		ticket: 258,
		signature: None,
	};
	assert_eq!(hex(sign.encode()), "030201000000");
	let close = Request::Step(Want::Close { channel: 7, sure: true });
	assert_eq!(hex(close.encode()), "010d070000000000000001");
	assert_eq!(hex(Request::Signer(258).encode()), "0d02010000");
	let rekey = Request::Step(Want::Rekey {
		channel: 7,
		key: ChannelKey([3; 32]),
	});
	assert_eq!(
		hex(rekey.encode()),
		"01100700000000000000".to_owned() + &"03".repeat(32)
	);
	let deed = Deed::Send {
		channel: 7,
		ticket: 3,
		payload: None,
	};
	assert_eq!(
		hex(Reply::Deeds(vec![deed]).encode()),
		"0204000700000000000000030000".to_owned() + "0000"
	);
	assert_eq!(hex(Reply::Fault(Fault::Turn, "no".into()).encode()), "0901086e6f");
	let half = Half {
		nonce: 1,
		ack: 0,
		transferred: 5,
		locked: 0,
		locks: [0; 32],
		memo: [0; 32],
	};
	assert_eq!(half.encode().len(), 112);
}
