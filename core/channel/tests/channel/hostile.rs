//! Whatever comes: messages that are damaged, doubled, cut short or from long ago, wishes that make no sense, and
//! stores that are damaged. Nothing panics, what is accepted was signed, and an honest close stays possible.

use crate::{
	chain::{key, sign, Chain, WINDOW},
	world::{config, hash_lock, shown, Memory},
};
use channel_primitives::{Closing, Dispute, Half, PerSide, Resyncs, Side, Tick};
use codec::{Decode, DecodeAll, Encode};
use smartchain_channel::{
	Action, Block, Call, Event, Fact, Guard, Message, Notice, Packet, Party, Place, Reason, Stored, Update,
};
use smartchain_rng::{runs, seeds, Rng};
use std::{fmt::Debug, sync::OnceLock};

const BEGINS: Tick = 1_000;

/// Two parties that talked, each moment of that, and all that was said.
struct Talk {
	chain: Chain,
	parties: [Party; 2],
	moments: Vec<[Party; 2]>,
	/// Who was told what.
	said: Vec<(usize, Vec<u8>)>,
	/// All halves that each has signed.
	signed: [Vec<Half>; 2],
}

impl Talk {
	fn new() -> Self {
		let mut chain = Chain::default();
		let deposited = PerSide { low: 100, high: 100 };
		chain.open(1, PerSide { low: 0, high: 1 }, deposited);
		let mut talk = Self {
			chain,
			parties: [Party::new(config()), Party::new(config())],
			moments: Vec::new(),
			said: Vec::new(),
			signed: [Vec::new(), Vec::new()],
		};
		for (who, side) in Side::ALL.into_iter().enumerate() {
			let facts = vec![Fact::Opened(talk.chain.channels[&1].opened(side))];
			talk.tell(who, Event::Final(Block { tick: BEGINS, facts }));
		}
		for who in 0..2 {
			talk.tell(who, Event::Connected { channel: 1, number: 7 });
		}
		talk
	}

	/// A talk with payments, locks that are met and given up, and a withdrawal.
	fn long() -> Self {
		let mut talk = Self::new();
		let lock = |secret: u8, expiry| Event::Lock {
			channel: 1,
			amount: 5,
			expiry,
			condition: hash_lock(&[secret; 32]),
			packet: Packet::default(),
		};
		let pay = |amount| Event::Pay {
			channel: 1,
			amount,
			memo: [3; 32],
		};
		talk.tell(0, pay(10));
		talk.tell(1, pay(4));
		for (id, secret) in [(0, 1), (1, 2), (2, 3)] {
			talk.tell(0, lock(secret, BEGINS + 90));
			let at = Place { channel: 1, id };
			match id {
				0 => talk.tell(
					1,
					Event::Show {
						at,
						witness: shown([secret; 32]),
					},
				),
				1 => talk.tell(
					1,
					Event::GiveUp {
						at,
						reason: Reason::Unwanted,
					},
				),
				_ => (),
			}
		}
		talk.tell(1, lock(9, BEGINS + 80));
		talk.tell(1, Event::Withdraw { channel: 1, amount: 3 });
		talk.tell(0, Event::Wake);
		talk.tell(1, Event::Wake);
		assert!(talk.said.len() > 15, "{}", talk.said.len());
		talk
	}

	/// Tells a party something, and its partner what it answers.
	fn tell(&mut self, who: usize, event: Event) {
		let step = self.parties[who].step(event, &self.chain).expect("it makes sense");
		let actions = step.commit(&mut Memory::default()).expect("it stores");
		self.moments.push(self.parties.clone());
		for action in actions {
			let Action::Send(_, unsigned) = action else {
				continue;
			};
			let message = unsigned.signed(|payload| sign(&key(who, 1), payload));
			if let Message::Update(Update { half, .. }) = &message {
				self.signed[who].push(half.body);
			}
			self.said.push((1 - who, message.encode()));
			let received = self.parties[1 - who]
				.clone()
				.step(Event::Received(1, message.clone()), &self.chain);
			if received.is_ok() {
				self.tell(1 - who, Event::Received(1, message));
			}
		}
	}

	/// What holds of a party, whatever it was told.
	fn check(&self, who: usize, party: &Party) {
		let sheet = party.sheet(1).expect("it is not forgotten");
		if let Some(theirs) = &sheet.theirs {
			let half = &theirs.half.body;
			assert!(self.signed[1 - who].contains(half), "nobody signed {half:?}");
			assert!(half.has(&theirs.locks));
		}
		let stored = party.stored(1).expect("it is there");
		let again = Party::restore(config(), [(1, stored.as_slice())]).expect("its own sheet");
		assert_eq!(again.sheet(1), Some(sheet));
		let (claim, locks) = sheet.obligations.claim(sheet.acked(false)).expect("a list");
		let closing = Closing {
			closer: sheet.side(),
			now: party.now(),
			window: WINDOW,
			recovery: false,
		};
		let brought = sheet.theirs.as_ref().map(|theirs| theirs.half.body);
		let words = Resyncs::default();
		let dispute = Dispute::begin(closing, &sheet.opened.stake, claim, &locks, brought, words);
		assert!(dispute.is_ok(), "an honest close is covered: {dispute:?}");
	}
}

/// Bytes with a few of them exchanged, cut, or longer.
fn damaged(rng: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
	for _ in 0..rng.below(4) {
		let at = rng.below(bytes.len() as u64) as usize;
		if let Some(byte) = bytes.get_mut(at) {
			*byte = match rng.below(3) {
				0 => byte.wrapping_add(1),
				1 => 0xff,
				_ => rng.next_u64() as u8,
			};
		}
	}
	match rng.below(8) {
		0 => bytes.truncate(rng.below(bytes.len() as u64 + 1) as usize),
		1 => {
			let length = rng.below(9) as usize;
			bytes.extend(rng.bytes(length));
		}
		_ => (),
	}
	bytes
}

/// A wish of any numbers.
fn wish(rng: &mut Rng) -> Event {
	let amount = [0, 1, 50, u128::MAX][rng.below(4) as usize];
	let expiry = [0, BEGINS, BEGINS + 50, Tick::MAX][rng.below(4) as usize];
	let at = Place {
		channel: rng.below(3),
		id: rng.below(4),
	};
	let channel = at.channel;
	match rng.below(11) {
		0 => Event::Pay {
			channel,
			amount,
			memo: [0; 32],
		},
		1 => Event::Lock {
			channel,
			amount,
			expiry,
			condition: hash_lock(&[4; 32]),
			packet: Packet::default(),
		},
		2 => Event::Forward {
			from: at,
			channel: rng.below(3),
			amount,
			expiry,
			packet: Packet::default(),
		},
		3 => Event::Show {
			at,
			witness: shown([rng.below(5) as u8; 32]),
		},
		4 => Event::GiveUp {
			at,
			reason: Reason::Other(9),
		},
		5 => Event::Give {
			at,
			step: rng.next_u64() as u16,
			value: [1; 32],
			ahead: rng.next_u64() as u16,
		},
		6 => Event::PayUp(at),
		7 => Event::Withdraw { channel, amount },
		8 => Event::Disconnected(channel),
		9 => Event::Connected {
			channel,
			number: rng.next_u64(),
		},
		_ => Event::Wake,
	}
}

#[test]
fn damaged_messages_and_senseless_wishes_change_nothing_that_counts() {
	let talk = Talk::long();
	let (mut read, mut taken) = (0, 0);
	for seed in seeds(4_000 * runs()) {
		let mut rng = Rng::new(seed);
		let moment = rng.pick(&talk.moments).expect("there are some").clone();
		let who = rng.below(2) as usize;
		let mut party = moment[who].clone();
		if party.sheet(1).is_none() {
			continue;
		}
		for _ in 0..8 {
			let event = if rng.percent(25) {
				wish(&mut rng)
			} else {
				let (_, said) = rng.pick(&talk.said).expect("something was said").clone();
				let bytes = damaged(&mut rng, said);
				let Ok(message) = Message::decode_all(&mut bytes.as_slice()) else {
					continue;
				};
				read += 1;
				assert_eq!(message.encode(), bytes, "one encoding of a message");
				Event::Received(1, message)
			};
			if let Ok(step) = party.step(event, &talk.chain) {
				taken += 1;
				let _ = step.commit(&mut Memory::default()).expect("it stores");
				talk.check(who, &party);
			}
		}
	}
	if seeds(2).count() > 1 {
		assert!(read > 1_000 && taken > 1_000, "{read} were read, {taken} taken");
	}
}

/// A value of any bytes, or none.
fn try_read<T: Decode + Encode + Debug>(bytes: &[u8]) {
	if let Ok(value) = T::decode(&mut &bytes[..]) {
		assert!(T::decode_all(&mut value.encode().as_slice()).is_ok(), "{value:?}");
	}
}

/// One input: the first bytes choose a moment of the talk and a party, which is told the rest. A fuzzer calls it, too.
pub fn drive(bytes: &[u8]) {
	static TALK: OnceLock<Talk> = OnceLock::new();
	let talk = TALK.get_or_init(Talk::long);
	let [moment, who, rest @ ..] = bytes else {
		return;
	};
	try_read::<Stored>(rest);
	try_read::<Call>(rest);
	try_read::<Notice>(rest);
	try_read::<Guard>(rest);
	let _ = Party::restore(config(), [(1, rest)]);
	let who = usize::from(*who) % 2;
	let mut party = talk.moments[usize::from(*moment) % talk.moments.len()][who].clone();
	let Ok(message) = Message::decode_all(&mut &rest[..]) else {
		return;
	};
	assert_eq!(message.encode(), rest, "one encoding of a message");
	if let Ok(step) = party.step(Event::Received(1, message), &talk.chain) {
		let _ = step.commit(&mut Memory::default()).expect("it stores");
		talk.check(who, &party);
	}
}

#[test]
fn what_a_fuzzer_drives_holds_for_damaged_messages() {
	let talk = Talk::long();
	for seed in seeds(10_000 * runs()) {
		let mut rng = Rng::new(seed);
		let (_, said) = rng.pick(&talk.said).expect("something was said").clone();
		let mut bytes = rng.bytes(2);
		bytes.extend(damaged(&mut rng, said));
		drive(&bytes);
	}
}

#[test]
fn damaged_stores_and_calls_are_refused_or_read() {
	let talk = Talk::long();
	let mut restored = 0;
	for seed in seeds(20_000 * runs()) {
		let mut rng = Rng::new(seed);
		let moment = rng.pick(&talk.moments).expect("there are some");
		let Some(stored) = moment[rng.below(2) as usize].stored(1) else {
			continue;
		};
		let bytes = damaged(&mut rng, stored);
		try_read::<Stored>(&bytes);
		if let Ok(mut party) = Party::restore(config(), [(1, bytes.as_slice())]) {
			restored += 1;
			let tick = BEGINS + 1;
			for event in [
				Event::Final(Block {
					tick,
					facts: Vec::new(),
				}),
				Event::Connected { channel: 1, number: 1 },
				Event::Wake,
			] {
				let _ = party.step(event, &talk.chain);
			}
		}
		let length = rng.below(200) as usize;
		let noise = rng.bytes(length);
		try_read::<Message>(&noise);
		try_read::<Call>(&noise);
		try_read::<Notice>(&noise);
		try_read::<Guard>(&noise);
	}
	if seeds(2).count() > 1 {
		assert!(restored > 100, "{restored}");
	}
}
