//! All orders of a few events between two machines in the smallest channels: whoever closes in whatever state of the
//! walk never forfeits, its close is covered, and it gets its due.

mod mediator;

use crate::{
	chain::{key, sign, signed, Chain, WINDOW},
	world::{config, hash_lock, shown},
};
use channel_primitives::{Balance, Closing, Dispute, Half, Hash, Locks, PerSide, Resyncs, Reveal, Side, Tick};
use codec::Encode;
use smartchain_channel::{Action, Block, Call, Event, Fact, Message, Packet, Party, Place, Reason, Step};
use std::collections::{BTreeSet, VecDeque};

/// How many events are walked from the first state.
const DEPTH: usize = 6;
const BEGINS: Tick = 1_000;

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
	Pay(usize),
	/// The first party locks something for the second one.
	Lock,
	Show,
	GiveUp,
	/// The first message to a party arrives.
	Deliver(usize),
	/// It is lost.
	Lose(usize),
	/// It arrives, and is still on its way.
	Double(usize),
	/// A party is killed before anything else happens.
	Kill(usize),
	Wake(usize),
	/// A final block, after which the lock has expired.
	Late,
	/// A party pays twice, and stores both at once.
	Twice(usize),
	/// All that is on its way to a party arrives, it pays, and stores all of that at once.
	All(usize),
}

const MOVES: [Move; 16] = [
	Move::Pay(0),
	Move::Pay(1),
	Move::Lock,
	Move::Show,
	Move::GiveUp,
	Move::Deliver(0),
	Move::Deliver(1),
	Move::Lose(0),
	Move::Lose(1),
	Move::Double(0),
	Move::Double(1),
	Move::Kill(0),
	Move::Kill(1),
	Move::Wake(0),
	Move::Wake(1),
	Move::Late,
];

/// The same for parties that store many steps at once, so that halves are left out.
fn joined(played: Move) -> Move {
	match played {
		Move::Pay(who) => Move::Twice(who),
		Move::Double(to) => Move::All(to),
		other => other,
	}
}

/// A sheet of each party, what is on its way to each, and whether it may sign.
type Known = ([Option<Vec<u8>>; 2], [Vec<Vec<u8>>; 2], [bool; 2]);

/// Two machines and a wire.
#[derive(Clone)]
struct Duo {
	parties: [Party; 2],
	wire: [VecDeque<Message>; 2],
	/// All that each has signed: what is left out is not.
	signed: [Vec<(Half, Locks)>; 2],
	tick: Tick,
}

fn side(who: usize) -> Side {
	Side::ALL[who]
}

fn pay() -> Event {
	Event::Pay {
		channel: 1,
		amount: 1,
		memo: [0; 32],
	}
}

impl Duo {
	fn new(chain: &Chain) -> Self {
		let mut duo = Self {
			parties: [Party::new(config()), Party::new(config())],
			wire: [VecDeque::new(), VecDeque::new()],
			signed: [Vec::new(), Vec::new()],
			tick: BEGINS,
		};
		for who in 0..2 {
			let facts = vec![Fact::Opened(chain.channels[&1].opened(side(who)))];
			duo.tell(chain, who, Event::Final(Block { tick: BEGINS, facts }));
			duo.tell(chain, who, Event::Connected { channel: 1, number: 1 });
		}
		while duo.deliver(chain, 0, false) || duo.deliver(chain, 1, false) {}
		duo
	}

	/// Says whether anything came of it.
	fn tell(&mut self, chain: &Chain, who: usize, event: Event) -> bool {
		self.tell_all(chain, who, vec![event])
	}

	/// The same of events of which all that is not refused is stored at once.
	fn tell_all(&mut self, chain: &Chain, who: usize, events: Vec<Event>) -> bool {
		let before = self.parties[who].stored(1);
		let mut all = Step::default();
		for event in events {
			if let Ok(step) = self.parties[who].step(event, chain) {
				all = all.and(step);
			}
		}
		let mut store = crate::world::Memory::default();
		let actions = all.commit(&mut store).expect("it stores");
		let mut any = before != self.parties[who].stored(1);
		for action in actions {
			if let Action::Send(_, unsigned) = action {
				let message = unsigned.signed(|payload| sign(&key(who, 1), payload));
				if let Message::Update(update) = &message {
					let half = update.half.body;
					if self.signed[who].iter().all(|(old, _)| old.nonce != half.nonce) {
						self.signed[who].push((half, update.locks.clone()));
					}
				}
				self.wire[1 - who].push_back(message);
				any = true;
			}
		}
		any
	}

	fn deliver(&mut self, chain: &Chain, to: usize, twice: bool) -> bool {
		let Some(message) = self.wire[to].pop_front() else {
			return false;
		};
		if twice {
			self.wire[to].push_front(message.clone());
		}
		self.tell(chain, to, Event::Received(1, message));
		true
	}

	fn play(&mut self, chain: &Chain, played: Move) -> bool {
		let place = Place { channel: 1, id: 0 };
		match played {
			Move::Pay(who) => self.tell(chain, who, pay()),
			Move::Twice(who) => self.tell_all(chain, who, vec![pay(), pay()]),
			Move::All(to) => {
				let come = std::mem::take(&mut self.wire[to]).into_iter();
				let all = come.map(|message| Event::Received(1, message)).chain([pay()]);
				self.tell_all(chain, to, all.collect())
			}
			Move::Lock => {
				let lock = Event::Lock {
					channel: 1,
					amount: 1,
					expiry: BEGINS + 30,
					condition: hash_lock(&[1; 32]),
					packet: Packet::default(),
				};
				self.signed[0].iter().all(|(half, _)| half.locked == 0) && self.tell(chain, 0, lock)
			}
			Move::Show => {
				let witness = shown([1; 32]);
				self.tell(chain, 1, Event::Show { at: place, witness })
			}
			Move::GiveUp => {
				let reason = Reason::Unwanted;
				self.tell(chain, 1, Event::GiveUp { at: place, reason })
			}
			Move::Deliver(to) => self.deliver(chain, to, false),
			Move::Lose(to) => self.wire[to].pop_front().is_some(),
			Move::Double(to) => self.deliver(chain, to, true),
			Move::Kill(who) => {
				let stored = self.parties[who].stored(1).expect("it has one");
				self.parties[who] = Party::restore(config(), [(1, stored.as_slice())]).expect("its own");
				let tick = self.tick;
				self.tell(
					chain,
					who,
					Event::Final(Block {
						tick,
						facts: Vec::new(),
					}),
				);
				self.tell(chain, who, Event::Connected { channel: 1, number: 1 });
				true
			}
			Move::Wake(who) => self.tell(chain, who, Event::Wake),
			Move::Late => {
				if self.tick > BEGINS {
					return false;
				}
				self.tick = BEGINS + 31;
				for who in 0..2 {
					let tick = self.tick;
					self.tell(
						chain,
						who,
						Event::Final(Block {
							tick,
							facts: Vec::new(),
						}),
					);
				}
				true
			}
		}
	}

	/// How many halves were left out.
	fn left_out(&self) -> u64 {
		let of = |who: usize| {
			let newest = self.parties[who].sheet(1).and_then(|sheet| sheet.signed);
			newest.map_or(0, |half| half.nonce) - self.signed[who].len() as u64
		};
		of(0) + of(1)
	}

	fn known(&self) -> Known {
		let sheets = [self.parties[0].stored(1), self.parties[1].stored(1)];
		let wire = [0, 1].map(|to: usize| self.wire[to].iter().map(Encode::encode).collect());
		let sure = [0, 1].map(|who: usize| self.parties[who].may_sign(1).is_ok());
		(sheets, wire, sure)
	}

	/// What is due to a side in the end: what it put in, what the newest half that it holds is worth, less what its own
	/// claim is worth.
	fn due(&self, who: usize, claim: (Balance, &Locks), known: &impl Fn(&Hash) -> Option<Reveal>) -> i128 {
		let sheet = self.parties[who].sheet(1).expect("open");
		let theirs = sheet.theirs.as_ref().map_or(0, |theirs| {
			theirs.half.body.transferred as i128 + theirs.locks.claimed(self.tick, known) as i128
		});
		let (transferred, locks) = claim;
		let owes = transferred as i128 + locks.claimed(self.tick, known) as i128;
		*sheet.opened.stake.deposited.get(side(who)) as i128 + theirs - owes
	}

	/// A party closes here: by its machine.
	fn close(&self, chain: &Chain, who: usize) {
		let mut closing = self.clone();
		let event = Event::Close { channel: 1, sure: true };
		let step = closing.parties[who].step(event, chain).expect("it can be closed");
		let mut store = crate::world::Memory::default();
		let actions = step.commit(&mut store).expect("it stores");
		let mut calls = actions.into_iter().filter_map(|action| match action {
			Action::Submit(_, unsigned) => Some(unsigned.signed(|payload| sign(&key(who, 1), payload))),
			_ => None,
		});
		let Some(Call::Close {
			claim, locks, brought, ..
		}) = calls.find(|call| matches!(call, Call::Close { .. }))
		else {
			panic!("it closes");
		};
		assert_eq!(claim, signed(who, &chain.channels[&1].of(side(who)), claim.body));
		let stake = chain.channels[&1].stake;
		let terms = Closing {
			closer: side(who),
			now: self.tick,
			window: WINDOW,
			recovery: false,
		};
		let half = brought.map(|half| half.body);
		let dispute = Dispute::begin(terms, &stake, claim.body, &locks, half, Resyncs::default());
		let dispute = dispute.expect("an honest close is covered");
		for met in [false, true] {
			// Nobody reveals what no payee has shown, or what has expired for both.
			let tick = self.tick;
			let known = move |_: &Hash| {
				met.then_some(Reveal {
					tick,
					value: 1,
					total: 1,
				})
			};
			for (half, list) in &self.signed[who] {
				for lists in [(None, None), (Some(list), Some(&locks)), (Some(list), None)] {
					let proof = dispute.clone().prove(half, lists.0, lists.1, &known);
					assert!(proof.is_err(), "{half:?} against {claim:?}");
				}
				self.split(who, &dispute, (claim.body.transferred, &locks), Some(*half), &known);
			}
			self.split(who, &dispute, (claim.body.transferred, &locks), None, &known);
		}
	}

	/// What the closer gets if its partner lets in this half of it.
	fn split(
		&self,
		who: usize,
		dispute: &Dispute,
		claim: (Balance, &Locks),
		half: Option<Half>,
		known: &impl Fn(&Hash) -> Option<Reveal>,
	) {
		let mut dispute = dispute.clone();
		if let Some(half) = half {
			dispute.update(side(who), half, dispute.deadline).expect("in time");
		}
		let stake = &self.parties[who].sheet(1).expect("open").opened.stake;
		let after = dispute.deadline + 1;
		let settlement = dispute.settle(stake, 0, after).expect("it is over");
		let mut paid: PerSide<Balance> = settlement.paid;
		let mut lists: Vec<&Locks> = self.signed.iter().flatten().map(|(_, list)| list).collect();
		lists.push(claim.1);
		for side in Side::ALL {
			let Some(pending) = dispute.pending(side, &settlement, after) else {
				continue;
			};
			let list = lists
				.iter()
				.find(|list| list.root() == pending.locks)
				.expect("some list");
			let end = self.tick + 8 * channel_primitives::DAY;
			let unlocked = pending.unlock(list, end, known).expect("all is decided");
			*paid.get_mut(side) += unlocked.payer;
			*paid.get_mut(side.partner()) += unlocked.payee;
		}
		assert_eq!(paid.low + paid.high, stake.total());
		let (gets, due) = (*paid.get(side(who)) as i128, self.due(who, claim, known));
		assert!(gets >= due, "{who} gets {gets} and not {due}: {dispute:?}");
	}
}

/// All states that are so many events away; says how many there are, and in how many of them halves were left out.
fn walk(depth: usize, moves: &[Move], deposit: Balance) -> (u64, u64) {
	let mut chain = Chain::default();
	let members = PerSide { low: 0, high: 1 };
	let deposited = PerSide {
		low: deposit,
		high: deposit,
	};
	chain.open(1, members, deposited);
	let first = Duo::new(&chain);
	let mut seen: BTreeSet<Known> = BTreeSet::from([first.known()]);
	let mut states = vec![first];
	let (mut walked, mut left_out) = (0, 0);
	for _ in 0..depth {
		let mut next = Vec::new();
		for duo in &states {
			for played in moves {
				let mut after = duo.clone();
				if !after.play(&chain, *played) || !seen.insert(after.known()) {
					continue;
				}
				walked += 1;
				left_out += u64::from(after.left_out() > 0);
				for who in 0..2 {
					after.close(&chain, who);
				}
				next.push(after);
			}
		}
		states = next;
	}
	(walked, left_out)
}

#[test]
fn every_order_of_a_few_events_leaves_an_honest_close() {
	let (walked, _) = walk(DEPTH, &MOVES, 2);
	assert!(walked > 1_000, "{walked} states");
}

/// Neither what a half said that never went out, nor the jump that its partner sees, costs anybody anything.
#[test]
fn every_order_of_a_few_events_that_are_stored_at_once_leaves_an_honest_close() {
	let (walked, left_out) = walk(DEPTH - 1, &MOVES.map(joined), 3);
	assert!(
		walked > 1_000 && left_out > 100,
		"{walked} states, {left_out} with halves left out"
	);
}

mod long {
	use super::{joined, walk, DEPTH, MOVES};

	#[test]
	#[ignore = "minutes; `scripts/test long` runs it"]
	fn every_order_of_a_few_more_events_leaves_an_honest_close() {
		println!("{} states", walk(DEPTH + 2, &MOVES, 2).0);
		println!("{} states stored at once", walk(DEPTH + 1, &MOVES.map(joined), 3).0);
	}
}
