//! A mediator with two channels as a model, explored whole within small bounds: Alice pays Bob through Carol, once. The
//! network loses and reorders, Carol is killed after each action that she does, final blocks come late to her, and Bob
//! shows, gives up, says nothing, or shows to the chain what he gave up. All three run the machine.
//!
//! What is lost is what never comes. Greetings come at once: what old ones do is looked at elsewhere.
//!
//! Once more with a strict tower of Carol's, which takes in late what it is given, or never, and has nobody killed: she
//! may be gone for good in any state.

use crate::{
	chain::{key, sign, Chain},
	world::{config, hash_lock, shown, tower, Memory, TOWER},
};
use channel_primitives::{
	Balance, ChannelId, ChannelKey, ChannelSignature, Closing, Dispute, Half, Hash, LockId, Locks, Payload, PerSide,
	PredicateId, Receipt, Resyncs, Reveal, Side, Signed, Tick,
};
use codec::{Decode, Encode};
use smartchain_channel::{
	Action, Block, Call, Checks, Config, Event, Fact, Message, Packet, Party, Place, Reason, TakenStage,
};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::{
	collections::{hash_map::DefaultHasher, BTreeMap, BTreeSet},
	fmt::{self, Write},
	hash::Hasher,
};

const ALICE: usize = 0;
const CAROL: usize = 1;
const BOB: usize = 2;

/// The ticks of final blocks: the first; one before the onward lock expires; one after it; and one at which a mediator
/// shows the chain what it can claim.
const TICKS: [Tick; 4] = [1_000, 1_030, 1_041, 1_071];
const FROM_ALICE: Place = Place { channel: 1, id: 0 };
const TO_BOB: Place = Place { channel: 2, id: 0 };
const AMOUNT: Balance = 2;
const FEE: Balance = 1;
const ONWARD_EXPIRY: Tick = 1_040;
const EXPIRY: Tick = 1_100;
const SECRET: Hash = [5; 32];
/// Actions of one step at most: after each of them Carol may be killed.
const MOST_ACTIONS: u8 = 6;

const HONEST: &str = "I5 honest";
const MEDIATOR: &str = "I6 mediator";
const TOWERS: &str = "I6 tower";

/// A program: what runs, and what it has stored.
#[derive(Clone, Debug)]
struct Node {
	party: Party,
	stored: BTreeMap<ChannelId, Vec<u8>>,
	/// The number of the last block that it was told.
	told: u8,
	/// How often it was started.
	starts: u64,
	/// What tells this machine from others, whatever differs.
	mark: u64,
}

#[derive(Clone, Debug)]
struct Trio {
	nodes: [Node; 3],
	/// What is on its way: to whom, in which channel, and the message.
	wire: BTreeSet<Vec<u8>>,
	/// The number of the last block.
	block: u8,
	/// After which block the secret was shown to the chain: the next one tells of it.
	revealed: Option<u8>,
	/// All halves that Carol sent to Bob.
	sent: Vec<(Half, Locks)>,
	/// The newest half of Bob's that Carol gave her tower, and the one that the tower has.
	watched: [Option<Half>; 2],
}

/// All that tells one state from another.
type Key<'a> = (Vec<(u64, u8, u64)>, &'a BTreeSet<Vec<u8>>, u8, Option<u8>, Vec<u8>);

impl PartialEq for Trio {
	fn eq(&self, other: &Self) -> bool {
		self.key() == other.key()
	}
}

impl std::hash::Hash for Trio {
	fn hash<H: Hasher>(&self, hasher: &mut H) {
		std::hash::Hash::hash(&self.key(), hasher);
	}
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Move {
	/// Alice locks.
	Lock,
	/// Carol carries on. She is killed after so many actions, if it is said.
	Forward(Option<u8>),
	/// Bob claims what came.
	Show,
	/// Bob gives it up.
	GiveUp,
	/// Bob shows the secret to the chain, whatever he has said.
	Reveal,
	/// A message comes; to Carol, who may be killed then.
	Deliver { at: usize, cut: Option<u8> },
	/// The next block, which Alice and Bob are told of.
	Block,
	/// Carol is told of the next one.
	Tell(Option<u8>),
	/// Her tower takes in what it was given last, and she has its receipt.
	Watch,
}

/// Takes in what is written, to tell one text from another.
struct Ink(DefaultHasher);

impl Write for Ink {
	fn write_str(&mut self, text: &str) -> fmt::Result {
		self.0.write(text.as_bytes());
		Ok(())
	}
}

fn mark(party: &Party) -> u64 {
	let mut ink = Ink(DefaultHasher::new());
	write!(ink, "{party:?}").expect("it takes everything in");
	ink.0.finish()
}

/// The partner of a party in a channel.
fn partner(who: usize, channel: ChannelId) -> usize {
	match (who, channel) {
		(CAROL, 1) => ALICE,
		(CAROL, _) => BOB,
		_ => CAROL,
	}
}

/// The chain, as one party knows it.
struct Sight<'a> {
	chain: &'a Chain,
	revealed: Option<Reveal>,
}

impl Checks for Sight<'_> {
	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		Checks::signed(self.chain, key, payload, signature)
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}

	fn revealed(&self, _: &Hash) -> Option<Reveal> {
		self.revealed
	}
}

fn reveal(block: u8) -> Reveal {
	Reveal {
		tick: TICKS[usize::from(block)],
		value: 1,
		total: 1,
	}
}

/// What stays as it is: two channels, how often Carol is killed at most, whether she stores before she sends, and
/// whether she has a strict tower.
#[derive(Clone, Debug)]
struct Mediation {
	chain: Chain,
	kills: u64,
	stores_first: bool,
	strict: bool,
}

impl Trio {
	fn key(&self) -> Key<'_> {
		let nodes = self.nodes.iter().map(|node| (node.mark, node.told, node.starts));
		(
			nodes.collect(),
			&self.wire,
			self.block,
			self.revealed,
			(&self.sent, &self.watched).encode(),
		)
	}

	fn tick(&self) -> Tick {
		TICKS[usize::from(self.block)]
	}
}

/// How it goes on.
impl Mediation {
	fn new(kills: u64, stores_first: bool) -> Self {
		let mut chain = Chain::default();
		let deposited = PerSide { low: 10, high: 10 };
		chain.open(
			1,
			PerSide {
				low: ALICE,
				high: CAROL,
			},
			deposited,
		);
		chain.open(2, PerSide { low: CAROL, high: BOB }, deposited);
		Self {
			chain,
			kills,
			stores_first,
			strict: false,
		}
	}

	/// Carol is never killed, and has a strict tower for her channel with Bob.
	fn watched() -> Self {
		Self {
			strict: true,
			..Self::new(0, true)
		}
	}

	fn config(&self, who: usize) -> Config {
		let strict = self.strict && who == CAROL;
		Config {
			tower: strict.then(|| tower(true)),
			..config()
		}
	}

	fn start(&self) -> Trio {
		let node = |who| Node {
			party: Party::new(self.config(who)),
			stored: BTreeMap::new(),
			told: 0,
			starts: 1,
			mark: 0,
		};
		let mut trio = Trio {
			nodes: [ALICE, CAROL, BOB].map(node),
			wire: BTreeSet::new(),
			block: 0,
			revealed: None,
			sent: Vec::new(),
			watched: [None; 2],
		};
		let of = [
			(ALICE, 1, Side::Low),
			(CAROL, 1, Side::High),
			(CAROL, 2, Side::Low),
			(BOB, 2, Side::High),
		];
		for (who, channel, side) in of {
			let facts = vec![Fact::Opened(self.chain.channels[&channel].opened(side))];
			let tick = TICKS[0];
			let done = self.tell(&mut trio, who, Event::Final(Block { tick, facts }), None);
			done.expect("it opens");
		}
		for (who, channel, _) in of {
			let done = self.tell(&mut trio, who, Event::Connected { channel, number: 1 }, None);
			done.expect("it connects");
		}
		assert!(trio.wire.is_empty(), "all that was said are greetings");
		trio
	}

	/// Tells a party something. It is killed after so many actions, if it is said; none if there are not so many.
	fn tell(&self, trio: &mut Trio, who: usize, event: Event, cut: Option<u8>) -> Option<()> {
		let node = &mut trio.nodes[who];
		let told = node.told;
		let sight = Sight {
			chain: &self.chain,
			revealed: trio.revealed.filter(|block| told > *block).map(reveal),
		};
		let step = node.party.step(event, &sight).ok()?;
		let mut store = Memory::default();
		let actions = step.commit(&mut store).expect("it stores");
		let cut = cut.map(usize::from);
		if cut.is_some_and(|cut| cut > actions.len()) {
			return None;
		}
		if cut.is_none() || self.stores_first {
			node.stored.extend(store.sheets);
		}
		node.mark = mark(&node.party);
		for action in actions.into_iter().take(cut.unwrap_or(usize::MAX)) {
			self.act(trio, who, action)?;
		}
		if cut.is_some() {
			self.restart(trio, who)?;
		}
		Some(())
	}

	fn act(&self, trio: &mut Trio, who: usize, action: Action) -> Option<()> {
		match action {
			Action::Send(channel, unsigned) => {
				let message = unsigned.signed(|payload| sign(&key(who, channel), payload));
				if let (Message::Update(update), CAROL, 2) = (&message, who, channel) {
					let half = (update.half.body, update.locks.clone());
					if !trio.sent.contains(&half) {
						trio.sent.push(half);
					}
				}
				let to = partner(who, channel);
				if matches!(message, Message::Hello(_)) {
					// What it refuses changes nothing.
					let _ = self.tell(trio, to, Event::Received(channel, message), None);
				} else {
					trio.wire.insert((to as u8, channel, message).encode());
				}
			}
			Action::Submit(channel, unsigned) => {
				let call = unsigned.signed(|payload| sign(&key(who, channel), payload));
				if matches!(call, Call::Resolve { .. }) {
					trio.revealed.get_or_insert(trio.block);
				}
			}
			Action::Watch(2, unsigned) => {
				let bundle = unsigned.signed(|payload| sign(&key(who, 2), payload));
				trio.watched[0] = Some(bundle.half.body);
			}
			_ => (),
		}
		Some(())
	}

	/// The tower takes in what it was given.
	fn watch(&self, trio: &mut Trio) -> Option<()> {
		let half = trio.watched[0]?;
		trio.watched[1] = Some(half);
		let side = Side::Low;
		let body = Receipt {
			side,
			nonce: half.nonce,
			until: Tick::MAX,
			cover: 0,
		};
		let context = self.chain.channels[&2].of(side);
		let signature = sign(&key(TOWER, 0), &body.payload(&context));
		self.tell(trio, CAROL, Event::Receipt(2, Signed { body, signature }), None)
	}

	/// It was killed, and starts with what it has stored.
	fn restart(&self, trio: &mut Trio, who: usize) -> Option<()> {
		let node = &mut trio.nodes[who];
		node.starts += 1;
		let number = node.starts;
		let stored = node.stored.iter().map(|(id, bytes)| (*id, bytes.as_slice()));
		node.party = Party::restore(self.config(who), stored).ok()?;
		let block = Block {
			tick: TICKS[usize::from(node.told)],
			facts: Vec::new(),
		};
		let channels: Vec<ChannelId> = node.stored.keys().copied().collect();
		self.tell(trio, who, Event::Final(block), None)?;
		for channel in channels {
			self.tell(trio, who, Event::Connected { channel, number }, None)?;
		}
		Some(())
	}

	/// A party is told of the block after the last one that it knows.
	fn inform(&self, trio: &mut Trio, who: usize, cut: Option<u8>) -> Option<()> {
		let next = trio.nodes[who].told + 1;
		if next > trio.block {
			return None;
		}
		let known = trio.revealed.filter(|block| block + 1 == next);
		let fact = |block| Fact::Revealed {
			condition: hash_lock(&SECRET).hash(),
			reveal: reveal(block),
		};
		let block = Block {
			tick: TICKS[usize::from(next)],
			facts: known.map(fact).into_iter().collect(),
		};
		// The number of the block is stored in the same commit.
		if cut.is_none() || self.stores_first {
			trio.nodes[who].told = next;
		}
		self.tell(trio, who, Event::Final(block), cut)
	}

	fn play(&self, trio: &mut Trio, played: Move) -> Option<()> {
		match played {
			Move::Lock => {
				let lock = Event::Lock {
					channel: FROM_ALICE.channel,
					amount: AMOUNT,
					expiry: EXPIRY,
					condition: hash_lock(&SECRET),
					packet: Packet::default(),
				};
				self.tell(trio, ALICE, lock, None)
			}
			Move::Forward(cut) => {
				let forward = Event::Forward {
					from: FROM_ALICE,
					channel: TO_BOB.channel,
					amount: AMOUNT - FEE,
					expiry: ONWARD_EXPIRY,
					packet: Packet::default(),
				};
				self.tell(trio, CAROL, forward, cut)
			}
			Move::Show => {
				let witness = shown(SECRET);
				self.tell(trio, BOB, Event::Show { at: TO_BOB, witness }, None)
			}
			Move::GiveUp => {
				let reason = Reason::Unwanted;
				self.tell(trio, BOB, Event::GiveUp { at: TO_BOB, reason }, None)
			}
			Move::Reveal => {
				trio.revealed.get_or_insert(trio.block);
				Some(())
			}
			Move::Deliver { at, cut } => {
				let letter = trio.wire.iter().nth(at)?.clone();
				trio.wire.remove(&letter);
				let (to, channel, message) = <(u8, ChannelId, Message)>::decode(&mut letter.as_slice()).ok()?;
				if cut.is_some() && usize::from(to) != CAROL {
					return None;
				}
				self.tell(trio, usize::from(to), Event::Received(channel, message), cut)
			}
			Move::Block => {
				// Carol is one behind at most: half her margin.
				if usize::from(trio.block) + 1 >= TICKS.len() || trio.nodes[CAROL].told < trio.block {
					return None;
				}
				trio.block += 1;
				self.inform(trio, ALICE, None)?;
				self.inform(trio, BOB, None)
			}
			Move::Tell(cut) => self.inform(trio, CAROL, cut),
			Move::Watch => self.watch(trio),
		}
	}
}

/// What holds.
impl Mediation {
	/// When the secret may come to be known to the chain, as it stands.
	fn reveals(trio: &Trio) -> Vec<Option<Reveal>> {
		match trio.revealed {
			Some(block) => vec![Some(reveal(block))],
			None => (trio.block..TICKS.len() as u8)
				.map(|block| Some(reveal(block)))
				.chain([None])
				.collect(),
		}
	}

	/// Whatever becomes known when: what Carol can claim of Alice is what she can be held to by Bob, at least.
	fn pays_the_mediator(trio: &Trio) -> bool {
		let party = &trio.nodes[CAROL].party;
		let (Some(from), Some(on)) = (party.sheet(FROM_ALICE.channel), party.sheet(TO_BOB.channel)) else {
			return false;
		};
		let Ok((claim, locks)) = on.obligations.claim(on.acked(false)) else {
			return false;
		};
		Self::reveals(trio).into_iter().all(|known| {
			let reveal = |_: &Hash| known;
			let gives = claim.transferred + locks.claimed(trio.tick(), &reveal);
			let gets = from.theirs.as_ref().map_or(0, |theirs| {
				let of_lock = |id: LockId, amount, claimed| match from.taken.get(&id).map(|taken| &taken.stage) {
					// She can show it herself.
					Some(TakenStage::Met(_)) => amount,
					_ => claimed,
				};
				let locks = theirs.locks.as_slice().iter();
				let of_locks: Balance = locks
					.map(|lock| of_lock(lock.id, lock.amount, lock.claimed(trio.tick(), known)))
					.sum();
				theirs.half.body.transferred + of_locks
			});
			gets >= gives
		})
	}

	/// Whatever she gave up to Alice she can not be held to by Bob, if she is gone for good and her tower answers.
	fn spares_who_is_gone(trio: &Trio) -> bool {
		let Some(on) = trio.nodes[CAROL].party.sheet(TO_BOB.channel) else {
			return false;
		};
		let acked = trio.watched[1].map_or(0, |half| half.ack);
		let Ok((claim, locks)) = on.obligations.claim(acked) else {
			return false;
		};
		let gives = |known: Option<Reveal>| claim.transferred + locks.claimed(trio.tick(), &|_: &Hash| known);
		!Self::gave_up(trio) || Self::reveals(trio).into_iter().all(|known| gives(known) == 0)
	}

	/// If Carol closed with Bob here, no half of hers would be worth more than her claim.
	fn spares_the_honest(&self, trio: &Trio) -> bool {
		let Some(sheet) = trio.nodes[CAROL].party.sheet(TO_BOB.channel) else {
			return false;
		};
		let Ok((claim, locks)) = sheet.obligations.claim(sheet.acked(false)) else {
			return false;
		};
		let closing = Closing {
			closer: Side::Low,
			now: trio.tick(),
			window: crate::chain::WINDOW,
			recovery: false,
		};
		let brought = sheet.theirs.as_ref().map(|theirs| theirs.half.body);
		let stake = self.chain.channels[&TO_BOB.channel].stake;
		let Ok(dispute) = Dispute::begin(closing, &stake, claim, &locks, brought, Resyncs::default()) else {
			return false;
		};
		Self::reveals(trio).into_iter().all(|known| {
			let reveal = |_: &Hash| known;
			trio.sent.iter().all(|(half, list)| {
				[None, Some(list)].into_iter().all(|shown| {
					let proof = dispute.clone().prove(half, shown, Some(&locks), &reveal);
					proof.is_err()
				})
			})
		})
	}

	/// What a party was paid by its partner in a channel for good.
	fn received(trio: &Trio, who: usize, channel: ChannelId) -> Balance {
		let theirs = trio.nodes[who]
			.party
			.sheet(channel)
			.and_then(|sheet| sheet.theirs.as_ref());
		theirs.map_or(0, |theirs| theirs.half.body.transferred)
	}

	fn gave_up(trio: &Trio) -> bool {
		let sheet = trio.nodes[CAROL].party.sheet(FROM_ALICE.channel);
		let taken = sheet.and_then(|sheet| sheet.taken.get(&FROM_ALICE.id));
		taken.is_some_and(|taken| taken.relayed && matches!(taken.stage, TakenStage::GaveUp(_)))
	}
}

impl Model for Mediation {
	type State = Trio;
	type Action = Move;

	fn init_states(&self) -> Vec<Trio> {
		vec![self.start()]
	}

	fn actions(&self, trio: &Trio, moves: &mut Vec<Move>) {
		let spared = trio.nodes[CAROL].starts > self.kills;
		let cuts = || (0..=MOST_ACTIONS).filter(move |_| !spared).map(Some).chain([None]);
		if trio.nodes[ALICE]
			.party
			.sheet(1)
			.is_some_and(|sheet| sheet.signed.is_none())
		{
			moves.push(Move::Lock);
		}
		moves.extend(cuts().map(Move::Forward));
		moves.extend([Move::Show, Move::GiveUp]);
		if trio.revealed.is_none() && !trio.sent.is_empty() {
			moves.push(Move::Reveal);
		}
		for at in 0..trio.wire.len() {
			moves.extend(cuts().map(|cut| Move::Deliver { at, cut }));
		}
		moves.push(Move::Block);
		moves.extend(cuts().map(Move::Tell));
		if trio.watched[0] != trio.watched[1] {
			moves.push(Move::Watch);
		}
	}

	fn next_state(&self, trio: &Trio, played: Move) -> Option<Trio> {
		let mut next = trio.clone();
		self.play(&mut next, played)?;
		(next != *trio).then_some(next)
	}

	fn properties(&self) -> Vec<Property<Self>> {
		if self.strict {
			return vec![
				Property::always(MEDIATOR, |_: &Self, trio| Self::pays_the_mediator(trio)),
				Property::always(TOWERS, |_: &Self, trio| Self::spares_who_is_gone(trio)),
				Property::sometimes("Carol is paid", |_: &Self, trio| {
					Self::received(trio, CAROL, 1) == AMOUNT
				}),
				Property::sometimes("Carol gives up what came", |_: &Self, trio| Self::gave_up(trio)),
			];
		}
		vec![
			Property::always(HONEST, |model: &Self, trio| model.spares_the_honest(trio)),
			Property::always(MEDIATOR, |_: &Self, trio| Self::pays_the_mediator(trio)),
			Property::sometimes("Bob is paid", |_: &Self, trio| {
				Self::received(trio, BOB, 2) == AMOUNT - FEE
			}),
			Property::sometimes("Carol is paid", |_: &Self, trio| {
				Self::received(trio, CAROL, 1) == AMOUNT
			}),
			Property::sometimes("Carol gives up what came", |_: &Self, trio| Self::gave_up(trio)),
			Property::sometimes("Carol is killed and paid", |_: &Self, trio: &Trio| {
				trio.nodes[CAROL].starts > 1 && Self::received(trio, CAROL, 1) == AMOUNT
			}),
			Property::sometimes("Bob shows what he gave up", |_: &Self, trio: &Trio| {
				let given_up = |(half, _): &(Half, Locks)| half.nonce > 1 && half.transferred == 0;
				trio.revealed.is_some() && trio.sent.iter().any(given_up)
			}),
		]
	}
}

#[test]
fn a_mediator_with_two_channels_explored_whole() {
	let checker = Mediation::new(1, true).checker().threads(2).spawn_bfs().join();
	println!("{} states", checker.unique_state_count());
	checker.assert_properties();
}

#[test]
fn a_mediator_with_a_strict_tower_explored_whole() {
	let checker = Mediation::watched().checker().threads(2).spawn_bfs().join();
	println!("{} states", checker.unique_state_count());
	checker.assert_properties();
}

/// Were a half sent before it is stored, a kill between the two would make an honest close forfeit.
#[test]
fn with_what_is_sent_before_it_is_stored() {
	let stop = HasDiscoveries::AllOf([HONEST].into());
	let checker = Mediation::new(1, false)
		.checker()
		.threads(2)
		.finish_when(stop)
		.spawn_bfs()
		.join();
	let path = checker.discovery(HONEST).expect("the mutation shows");
	println!("{:?}", path.into_actions());
}

mod long {
	use super::{Checker, Mediation, Model};

	#[test]
	#[ignore = "minutes; `scripts/test long` runs it"]
	fn a_mediator_that_is_killed_twice_explored_whole() {
		let checker = Mediation::new(2, true).checker().threads(2).spawn_bfs().join();
		println!("{} states", checker.unique_state_count());
		checker.assert_properties();
	}
}
