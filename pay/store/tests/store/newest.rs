//! Of what is stored at once the newest comes out, with all that is read beside it.

use crate::{disk::Disk, options};
use channel_primitives::{
	ChannelId, ChannelKey, ChannelSignature, Condition, Context, Hash, LockId, Node, Nonce, Payload, PerSide,
	PredicateId, Receipt, Reveal, Side, Signed, Stake, Steps, Terms, DAY,
};
use smart_pay_store::ChannelStore;
use smartchain_channel::{
	Action, Block, Checks, Config, Event, Fact, Message, Notice, Opened, Packet, Party, Place, Step, Tower,
};

const CHANNEL: ChannelId = 1;
const TOWER: ChannelKey = ChannelKey([9; 32]);

/// A signature is its key and what it signs.
fn sign(key: &ChannelKey, payload: &Hash) -> ChannelSignature {
	let mut bytes = [0; 64];
	bytes[..32].copy_from_slice(&key.0);
	bytes[32..].copy_from_slice(payload);
	ChannelSignature(bytes)
}

struct Edge;

impl Checks for Edge {
	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		*signature == sign(key, payload)
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}

	fn revealed(&self, _: &Hash) -> Option<Reveal> {
		None
	}
}

/// What came out of a commit, in order.
#[derive(Default)]
struct Out {
	messages: Vec<Message>,
	/// The nonces of halves that the tower is given.
	watched: Vec<Nonce>,
	/// How many locks came.
	arrived: usize,
}

impl Out {
	/// What is said, as a letter for each message: a half with its nonce, a step, another key, or what is held.
	fn said(&self) -> Vec<(char, Nonce)> {
		let letter = |message: &Message| match message {
			Message::Update(update) => Some(('u', update.half.body.nonce)),
			Message::Step(shown) => Some(('s', u64::from(shown.step))),
			Message::Renewed(renewed) => Some(('r', renewed.half.body.nonce)),
			Message::Got(got) => Some(('g', got.held)),
			_ => None,
		};
		self.messages.iter().filter_map(letter).collect()
	}
}

/// One side.
struct End {
	party: Party,
	store: ChannelStore,
	waiting: Step,
}

fn context(side: Side) -> Context {
	Context {
		genesis: options().genesis,
		channel: CHANNEL,
		asset: 0,
		side,
	}
}

impl End {
	fn new(side: Side, tower: Option<Tower>) -> Self {
		let config = Config {
			tower,
			..Config::default()
		};
		let mut end = Self {
			party: Party::new(config),
			store: ChannelStore::over(Disk::default(), &options()).unwrap(),
			waiting: Step::default(),
		};
		let opened = Opened {
			context: context(side),
			terms: Terms {
				keys: PerSide {
					low: ChannelKey([1; 32]),
					high: ChannelKey([2; 32]),
				},
				window: DAY,
			},
			stake: Stake {
				deposited: PerSide {
					low: 1_000,
					high: 1_000,
				},
				withdrawn: PerSide::default(),
			},
		};
		end.tell(Event::Final(Block {
			tick: 1_000,
			facts: vec![Fact::Opened(opened)],
		}));
		end.commit();
		end
	}

	/// Tells it something: what comes of it waits.
	fn tell(&mut self, event: Event) {
		let step = self.party.step(event, &Edge).unwrap();
		self.waiting = std::mem::take(&mut self.waiting).and(step);
	}

	/// Stores what waits.
	fn commit(&mut self) -> Out {
		let mut out = Out::default();
		for action in std::mem::take(&mut self.waiting).commit(&mut self.store).unwrap() {
			match action {
				Action::Send(_, unsigned) => {
					let key = unsigned.key().copied();
					let message = unsigned.signed(|payload| sign(&key.unwrap(), payload));
					out.messages.push(message);
				}
				Action::Watch(_, unsigned) => {
					let key = unsigned.key().copied();
					let bundle = unsigned.signed(|payload| sign(&key.unwrap(), payload));
					out.watched.push(bundle.half.body.nonce);
				}
				Action::Notify(Notice::Arrived { .. }) => out.arrived += 1,
				_ => (),
			}
		}
		out
	}

	/// Takes all of it in, and stores that at once.
	fn hears(&mut self, messages: &[Message]) -> Out {
		for message in messages {
			self.tell(Event::Received(CHANNEL, message.clone()));
		}
		self.commit()
	}

	fn pay(&mut self, memo: Hash) {
		self.tell(Event::Pay {
			channel: CHANNEL,
			amount: 1,
			memo,
		});
	}

	fn lock(&mut self, node: Node) {
		self.tell(Event::Lock {
			channel: CHANNEL,
			amount: 10,
			expiry: 9_000,
			condition: Condition::new(vec![node]).unwrap(),
			packet: Packet::default(),
		});
	}
}

/// Two that have greeted each other; the second one may have a tower.
fn pair(tower: Option<Tower>) -> (End, End) {
	let (mut one, mut two) = (End::new(Side::Low, None), End::new(Side::High, tower));
	for (end, number) in [(&mut one, 11), (&mut two, 12)] {
		let channel = CHANNEL;
		end.tell(Event::Connected { channel, number });
	}
	let (mut to_two, mut to_one) = (one.commit().messages, two.commit().messages);
	while !to_one.is_empty() || !to_two.is_empty() {
		let (of_two, of_one) = (two.hears(&to_two), one.hears(&to_one));
		(to_one, to_two) = (of_two.messages, of_one.messages);
	}
	one.party.may_sign(CHANNEL).unwrap();
	two.party.may_sign(CHANNEL).unwrap();
	(one, two)
}

#[test]
fn the_newest_half_alone_goes_out_and_has_all_that_is_new() {
	let (mut one, mut two) = pair(None);
	for number in 0..40 {
		one.lock(Node::Preimage { hash: [number; 32] });
	}
	let out = one.commit();
	assert_eq!(out.said(), [('u', 40)]);
	let [Message::Update(update)] = out.messages.as_slice() else {
		panic!("nothing else is said");
	};
	assert_eq!((update.locks.as_slice().len(), update.parcels.len()), (40, 40));
	// The partner sees its first half, with a nonce of 40.
	let answer = two.hears(&out.messages);
	assert_eq!((answer.arrived, answer.said()), (40, vec![('g', 40)]));
	one.hears(&answer.messages);
	assert_eq!(one.party.confirmed(CHANNEL), 40);
}

/// A crash between the commit and the wire: what is said after the start is the half that was stored.
#[test]
fn what_was_stored_and_not_sent_goes_out_after_a_start() {
	let (mut one, mut two) = pair(None);
	one.pay([0; 32]);
	one.pay([0; 32]);
	drop(one.commit());
	one.party = one.store.restore(Config::default()).unwrap();
	one.tell(Event::Final(Block {
		tick: 1_000,
		facts: Vec::new(),
	}));
	one.tell(Event::Connected {
		channel: CHANNEL,
		number: 13,
	});
	let hello = one.commit().messages;
	let answer = two.hears(&hello).messages;
	let out = one.hears(&answer);
	assert_eq!(out.said(), [('u', 2)]);
	two.hears(&out.messages);
	let sheet = two.party.sheet(CHANNEL).unwrap();
	assert_eq!(sheet.theirs.as_ref().unwrap().half.body.transferred, 2);
}

/// What pays by name goes out by itself, and so does the half before it: else its payee would be told that what that
/// one paid was for this.
#[test]
fn a_half_that_names_what_it_pays_is_not_left_out() {
	let (mut one, mut two) = pair(None);
	for memo in [0, 0, 7, 8, 0, 0] {
		one.pay([memo; 32]);
	}
	let out = one.commit();
	assert_eq!(out.said(), [('u', 2), ('u', 3), ('u', 4), ('u', 6)]);
	assert_eq!(two.hears(&out.messages).said(), [('g', 6)]);
}

/// A step of a chain is worth nothing to a payee that does not know its lock.
#[test]
fn a_step_comes_after_the_half_with_its_lock() {
	let (mut one, mut two) = pair(None);
	let mut steps = Steps::new([8; 32], 100).unwrap();
	one.pay([0; 32]);
	one.lock(Node::Chain {
		root: steps.root(),
		steps: 100,
		payee: ChannelKey([2; 32]),
	});
	let (step, value) = steps.give().unwrap();
	let (channel, id): (ChannelId, LockId) = (CHANNEL, 0);
	one.tell(Event::Give {
		at: Place { channel, id },
		step,
		value,
		ahead: 64,
	});
	one.pay([0; 32]);
	one.pay([0; 32]);
	let out = one.commit();
	assert_eq!(out.said(), [('u', 2), ('s', 1), ('u', 4)]);
	two.hears(&out.messages);
}

/// The partner agrees to another key if the half under it is the very one that it holds.
#[test]
fn a_half_under_another_key_comes_after_the_same_half() {
	let (mut one, mut two) = pair(None);
	one.pay([0; 32]);
	one.tell(Event::Rekey {
		channel: CHANNEL,
		key: ChannelKey([3; 32]),
	});
	one.pay([0; 32]);
	let out = one.commit();
	assert_eq!(out.said(), [('u', 2), ('r', 2), ('u', 3)]);
	two.hears(&out.messages);
	assert!(two.party.sheet(CHANNEL).unwrap().agreed.is_some());
}

/// A strict tower is given the newest half of a commit, nothing is acknowledged before its receipt, and that stands for
/// all halves before it.
#[test]
fn a_tower_is_given_the_newest_half_of_a_commit() {
	let tower = Tower {
		account: [9; 32],
		key: TOWER,
		reward: 0,
		strict: true,
	};
	let (mut one, mut two) = pair(Some(tower));
	for memo in [1, 2, 3] {
		one.pay([memo; 32]);
	}
	let halves = one.commit();
	assert_eq!(halves.said().len(), 3);
	let out = two.hears(&halves.messages);
	assert_eq!((out.watched.as_slice(), out.said()), (&[3][..], vec![('g', 0)]));
	let body = Receipt {
		side: Side::High,
		nonce: 3,
		until: DAY,
		cover: 0,
	};
	let signature = sign(&TOWER, &body.payload(&context(Side::High)));
	two.tell(Event::Receipt(CHANNEL, Signed { body, signature }));
	assert_eq!(two.commit().said(), [('g', 3)]);
	assert_eq!(two.party.sheet(CHANNEL).unwrap().receipt, 3);
}
