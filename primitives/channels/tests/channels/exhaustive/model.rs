//! The closing game as a model, explored whole within small bounds: two sides use a channel over a network that loses,
//! doubles and reorders, one of them closes on whatever it likes, and the other one answers, or its tower does.
//!
//! A side stores before it sends, so that a crash is a half that was signed and never comes, or one that came and that
//! the tower was never given: both are runs of this model, for no half has to be delivered. The victim is strict: it
//! acknowledges what its tower holds, and no more, and holds itself free of what the tower can show to be void, and no
//! more. The liar keeps to the rules until it closes, but that it acknowledges as late as it likes: what breaks them is
//! not accepted.

use super::{by_the_formula, subsets};
use crate::workbench::{closing, condition, lock, locks, met, stake, worth, CLOSED, DECIDED};
use channel_primitives::{
	accept, settle, Change, Claim, Context, Dispute, DisputeError, Half, Hash, Lock, LockId, Locks, Nonce, Obligations,
	Outcome, Payload, PerSide, Recovery, Resyncs, Side, Sight, Stake, Tick,
};
use codec::Encode;
use stateright::{Checker, Model, Property};
use std::{collections::BTreeSet, hash::Hasher};

const LIAR: Side = Side::Low;
const VICTIM: Side = Side::High;
/// The number of a lock that nobody gave.
const FAKE: LockId = 1 << 40;
/// Locks that a side gives at most.
const MOST_LOCKS: LockId = 2;

/// What a side has stored.
#[derive(Clone, Debug, Default, PartialEq, Encode)]
struct Program {
	obligations: Obligations,
	/// All that it signed, oldest first.
	signed: Vec<(Half, Locks)>,
	/// The newest half of its partner that it accepted.
	theirs: Option<(Half, Locks)>,
	/// Locks of its partner that it gave up.
	gave_up: Vec<LockId>,
}

/// A close by the liar.
#[derive(Clone, Debug, PartialEq, Encode)]
struct Case {
	dispute: Dispute,
	claimed: Locks,
	/// Whether it was answered, and whether by the tower.
	answered: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Encode)]
struct State {
	/// Which of the games it is.
	game: u8,
	sides: PerSide<Program>,
	/// What the victim's tower was given last.
	tower: Option<(Half, Locks)>,
	case: Option<Case>,
}

impl std::hash::Hash for State {
	fn hash<H: Hasher>(&self, hasher: &mut H) {
		hasher.write(&self.encode());
	}
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
	/// A side signs and stores. `late`: it acknowledges nothing new.
	Sign { side: Side, change: Change, late: bool },
	/// The payee of a lock gives it up.
	TurnDown(Side),
	/// A half comes, for the first time or again.
	Deliver { to: Side, at: usize },
	/// The tower is given what the victim holds.
	Watch,
	/// The liar closes with one of its claims, and one of the victim's halves.
	Close { claim: usize, brought: Option<usize> },
	/// The liar lets in one of the victim's halves.
	LetIn(usize),
	/// The victim answers, or its tower.
	Answer { tower: bool },
}

/// What a channel holds, and how many halves each side signs at most.
#[derive(Clone, Debug)]
struct Game {
	stake: Stake,
	most: PerSide<Nonce>,
}

/// How the channel is used.
impl Game {
	fn sight(&self, state: &State, side: Side) -> Sight {
		Sight {
			side,
			now: CLOSED,
			stake: self.stake,
			theirs: state.sides.get(side).theirs.as_ref().map(|(half, _)| *half),
			resynced: 0,
			resumed: 0,
		}
	}

	fn sign(&self, state: &mut State, side: Side, change: Change, late: bool) -> Option<()> {
		let program = state.sides.get(side);
		if program.obligations.next_nonce() > *self.most.get(side) {
			return None;
		}
		let before = program.signed.last().map_or(0, |(half, _)| half.ack);
		// The most that it acknowledges, and the highest ack that counts for it.
		let (most, covered) = if side == VICTIM {
			state.tower.as_ref().map_or((0, 0), |(half, _)| (half.nonce, half.ack))
		} else if late {
			(before, Nonce::MAX)
		} else {
			(Nonce::MAX, Nonce::MAX)
		};
		let mut sight = self.sight(state, side);
		if let Some(theirs) = &mut sight.theirs {
			theirs.nonce = theirs.nonce.min(most);
			theirs.ack = theirs.ack.min(covered);
		}
		let (obligations, half) = program.obligations.sign(&[change], &sight, [0; 32]).ok()?;
		if change == Change::Pay(0) && half.ack == before {
			return None;
		}
		let list = obligations.locks().clone();
		let program = state.sides.get_mut(side);
		program.obligations = obligations;
		program.signed.push((half, list));
		Some(())
	}

	fn deliver(&self, state: &mut State, to: Side, at: usize) -> Option<()> {
		let (half, list) = state.sides.get(to.partner()).signed.get(at)?.clone();
		let sight = self.sight(state, to);
		let program = state.sides.get_mut(to);
		let known = program
			.theirs
			.as_ref()
			.map(|(_, known)| known.clone())
			.unwrap_or_default();
		let due = |lock: &Lock| {
			if program.gave_up.contains(&lock.id) {
				0
			} else {
				lock.amount
			}
		};
		accept(&program.obligations, &sight, &known, &half, &list, &due).ok()?;
		program.theirs = Some((half, list));
		Some(())
	}

	/// What a side may do while the channel is open.
	fn moves(&self, state: &State, side: Side) -> Vec<Action> {
		let program = state.sides.get(side);
		let mut changes = vec![Change::Pay(1), Change::Pay(0)];
		let next = program.obligations.next_lock();
		if next < MOST_LOCKS {
			changes.push(Change::Lock(lock(side, next, 1)));
		}
		let other = state.sides.get(side.partner());
		if let Some(Lock { id, amount, .. }) = program.obligations.locks().as_slice().first().copied() {
			changes.push(Change::Met { id, amount });
			if other.gave_up.contains(&id) {
				changes.push(Change::GivenUp(id));
			}
		}
		let sign = |change| [false, true].map(|late| Action::Sign { side, change, late });
		let mut moves: Vec<Action> = changes.into_iter().flat_map(sign).collect();
		moves.retain(|action| side == LIAR || !matches!(action, Action::Sign { late: true, .. }));
		moves.push(Action::TurnDown(side));
		moves.extend((0..other.signed.len()).map(|at| Action::Deliver { to: side, at }));
		moves
	}

	/// What the liar may claim: what it has signed, that without locks, nothing, and what it never locked.
	fn claims(&self, state: &State) -> Vec<(Claim, Locks)> {
		let program = state.sides.get(LIAR);
		let transferred = program.obligations.transferred();
		let fake = |amount| {
			let endless = Lock {
				expiry: Tick::MAX,
				..lock(LIAR, FAKE, amount)
			};
			locks(&[endless])
		};
		let mut all = vec![(0, Locks::default()), (transferred, Locks::default())];
		all.extend(
			program
				.signed
				.iter()
				.map(|(half, list)| (half.transferred, list.clone())),
		);
		all.extend([(transferred, fake(1)), (0, fake(self.stake.total()))]);
		all.dedup();
		all.into_iter()
			.map(|(transferred, list)| (Claim::new(transferred, &list), list))
			.collect()
	}

	fn close_on(&self, state: &mut State, claim: usize, brought: Option<usize>) -> Option<()> {
		let (claim, claimed) = self.claims(state).get(claim)?.clone();
		let brought = match brought {
			Some(at) => Some(state.sides.get(VICTIM).signed.get(at)?.0),
			None => None,
		};
		let dispute = Dispute::begin(closing(LIAR), &self.stake, claim, &claimed, brought, Resyncs::default()).ok()?;
		state.case = Some(Case {
			dispute,
			claimed,
			answered: None,
		});
		Some(())
	}

	fn play(&self, state: &mut State, action: Action) -> Option<()> {
		match action {
			Action::Sign { side, change, late } => self.sign(state, side, change, late),
			Action::TurnDown(payee) => {
				let program = state.sides.get_mut(payee);
				let (_, known) = program.theirs.as_ref()?;
				let mut locks = known.as_slice().iter();
				let id = locks.find(|lock| !program.gave_up.contains(&lock.id))?.id;
				program.gave_up.push(id);
				Some(())
			}
			Action::Deliver { to, at } => self.deliver(state, to, at),
			Action::Watch => {
				state.tower = state.sides.get(VICTIM).theirs.clone();
				Some(())
			}
			Action::Close { claim, brought } => self.close_on(state, claim, brought),
			Action::LetIn(at) => {
				let half = state.sides.get(VICTIM).signed.get(at)?.0;
				let dispute = &mut state.case.as_mut()?.dispute;
				dispute.update(VICTIM, half, dispute.deadline).ok()
			}
			Action::Answer { tower } => {
				let half = self.held(state, tower).map(|(half, _)| *half);
				let case = state.case.as_mut()?;
				case.answered = Some(tower);
				match half {
					Some(half) => case.dispute.update(LIAR, half, case.dispute.deadline).ok(),
					None => Some(()),
				}
			}
		}
	}

	fn held<'a>(&self, state: &'a State, tower: bool) -> Option<&'a (Half, Locks)> {
		if tower {
			state.tower.as_ref()
		} else {
			state.sides.get(VICTIM).theirs.as_ref()
		}
	}
}

/// What holds.
impl Game {
	/// All sets of conditions that may have been met in time.
	fn knowns(&self, state: &State) -> Vec<BTreeSet<Hash>> {
		let mut conditions = BTreeSet::new();
		for side in Side::ALL {
			let given = 0..state.sides.get(side).obligations.next_lock();
			conditions.extend(given.map(|id| condition(side, id)));
		}
		let claimed = state.case.as_ref().map(|case| &case.claimed);
		if claimed.is_some_and(|list| list.get(FAKE).is_some()) {
			conditions.insert(condition(LIAR, FAKE));
		}
		subsets(&conditions)
	}

	/// What each side has in the end, if nothing more is brought; none if it does not end.
	fn split(
		&self,
		state: &State,
		dispute: &Dispute,
		claimed: &Locks,
		known: &BTreeSet<Hash>,
	) -> Option<PerSide<i128>> {
		let after = dispute.deadline + 1;
		let settlement = dispute.settle(&self.stake, 0, after).ok()?;
		let mut gets = PerSide::from_fn(|side| *settlement.paid.get(side) as i128);
		for side in Side::ALL {
			let Some(pending) = dispute.pending(side, &settlement, after) else {
				continue;
			};
			let signed = Side::ALL.into_iter().flat_map(|side| &state.sides.get(side).signed);
			let mut lists = signed.map(|(_, list)| list).chain([claimed]);
			let list = lists.find(|list| list.root() == pending.locks)?;
			let unlocked = pending.unlock(list, DECIDED, &met(known)).ok()?;
			*gets.get_mut(side) += unlocked.payer as i128;
			*gets.get_mut(side.partner()) += unlocked.payee as i128;
		}
		Some(gets)
	}

	/// What is due to a side that knows this half of its partner: that frees it of what its ack makes void.
	fn due(&self, state: &State, side: Side, theirs: Option<&(Half, Locks)>, known: &BTreeSet<Hash>) -> Option<i128> {
		let acked = theirs.map_or(0, |(half, _)| half.ack);
		let (claim, list) = state.sides.get(side).obligations.claim(acked).ok()?;
		let own = claim.transferred as i128 + list.claimed(CLOSED, &met(known)) as i128;
		let theirs = theirs.map_or(0, |(half, list)| worth(half, list, known));
		Some(*self.stake.deposited.get(side) as i128 + theirs - own)
	}

	/// A side closes by the rules.
	fn close(&self, state: &State, side: Side) -> Option<(Dispute, Locks)> {
		let sight = self.sight(state, side);
		let (claim, list) = state.sides.get(side).obligations.claim(sight.acked()).ok()?;
		let words = Resyncs::default();
		let dispute = Dispute::begin(closing(side), &self.stake, claim, &list, sight.theirs, words).ok()?;
		Some((dispute, list))
	}

	/// What counts of both, in a close by the liar.
	fn owed(&self, state: &State) -> Option<PerSide<channel_primitives::Owed>> {
		let case = state.case.as_ref()?;
		Some(PerSide::from_fn(|side| case.dispute.owed(side)))
	}

	fn conserved(&self, state: &State) -> bool {
		self.owed(state).is_none_or(|owed| {
			let settlement = settle(&self.stake, &owed);
			let parts = settlement.paid.low + settlement.paid.high;
			parts + settlement.reserved.low + settlement.reserved.high == self.stake.total()
		})
	}

	fn total(&self, state: &State) -> bool {
		let by_formula = self.owed(state).is_none_or(|owed| {
			let settled = settle(&self.stake, &owed);
			let (paid, kept) = (settled.paid, settled.reserved);
			let split = [paid.low, paid.high, kept.low, kept.high].map(|part| part as i128);
			split == by_the_formula(&self.stake, &owed)
		});
		let settles = |case: &Case| case.dispute.settle(&self.stake, 0, case.dispute.deadline + 1).is_ok();
		by_formula && state.case.as_ref().is_none_or(settles)
	}

	fn even(&self, state: &State) -> bool {
		self.owed(state).is_none_or(|owed| {
			let swapped = Stake {
				deposited: self.stake.deposited.swapped(),
				withdrawn: self.stake.withdrawn.swapped(),
			};
			let (one, other) = (settle(&self.stake, &owed), settle(&swapped, &owed.swapped()));
			(one.paid, one.reserved) == (other.paid.swapped(), other.reserved.swapped())
		})
	}

	/// Whoever closes by the rules gets its due, whichever of its halves its partner lets in.
	fn pays_closers(&self, state: &State) -> bool {
		if state.case.is_some() {
			return true;
		}
		let knowns = self.knowns(state);
		Side::ALL.into_iter().all(|side| {
			let Some((closed, claimed)) = self.close(state, side) else {
				return false;
			};
			let program = state.sides.get(side);
			knowns.iter().all(|known| {
				let due = self.due(state, side, program.theirs.as_ref(), known);
				let mut halves = program.signed.iter().map(|(half, _)| Some(*half)).chain([None]);
				halves.all(|half| {
					let mut dispute = closed.clone();
					let in_time = half.is_none_or(|half| dispute.update(side, half, closed.deadline).is_ok());
					let gets = self.split(state, &dispute, &claimed, known);
					in_time && gets.is_some_and(|gets| due.is_some_and(|due| *gets.get(side) >= due))
				})
			})
		})
	}

	fn spares_the_honest(&self, state: &State) -> bool {
		if state.case.is_some() {
			return true;
		}
		let knowns = self.knowns(state);
		Side::ALL.into_iter().all(|side| {
			let Some((dispute, claimed)) = self.close(state, side) else {
				return false;
			};
			let mut signed = state.sides.get(side).signed.iter();
			signed.all(|(half, list)| {
				knowns.iter().all(|known| {
					[None, Some(list)].into_iter().all(|shown| {
						let proof = dispute.clone().prove(half, shown, Some(&claimed), &met(known));
						proof == Err(DisputeError::NotAFraud)
					})
				})
			})
		})
	}

	/// What each side has in the end, if the victim proves what it can; and whether the liar forfeits.
	fn end(&self, state: &State, case: &Case, known: &BTreeSet<Hash>) -> Option<(PerSide<i128>, bool)> {
		let mut dispute = case.dispute.clone();
		let held = case.answered.and_then(|tower| self.held(state, tower));
		if let Some((half, list)) = held {
			let proof = dispute.prove(half, Some(list), Some(&case.claimed), &met(known));
			if proof == Ok(Outcome::Forfeits) {
				let mut gets = PerSide { low: 0, high: 0 };
				*gets.get_mut(VICTIM) = self.stake.total() as i128;
				return Some((gets, true));
			}
		}
		Some((self.split(state, &dispute, &case.claimed, known)?, false))
	}

	fn pays_victims(&self, state: &State) -> bool {
		let Some((case, tower)) = state.case.as_ref().and_then(|case| Some((case, case.answered?))) else {
			return true;
		};
		self.knowns(state).iter().all(|known| {
			let due = self.due(state, VICTIM, self.held(state, tower), known);
			let end = self.end(state, case, known);
			end.is_some_and(|(gets, _)| due.is_some_and(|due| *gets.get(VICTIM) >= due))
		})
	}

	/// What was signed last counts for no other chain, channel, asset, side or kind.
	fn binds(&self, state: &State) -> bool {
		let mut contexts = Vec::new();
		for side in Side::ALL {
			for (genesis, channel, asset) in [([1; 32], 1, 0), ([2; 32], 1, 0), ([1; 32], 2, 0), ([1; 32], 1, 1)] {
				contexts.push(Context {
					genesis,
					channel,
					asset,
					side,
				});
			}
		}
		let mut bodies = 0;
		let mut payloads = BTreeSet::new();
		let newest = state.sides.get(VICTIM).signed.last().map(|(half, _)| *half);
		let claim = self.close(state, VICTIM).map(|(dispute, _)| dispute.claim);
		for context in &contexts {
			if let Some(half) = newest {
				payloads.insert(half.payload(context));
				bodies += 1;
			}
			if let Some(claim) = claim {
				payloads.extend([claim.payload(context), Recovery(claim).payload(context)]);
				bodies += 2;
			}
		}
		payloads.len() == bodies
	}

	/// Time alone ends it, with lists and without.
	fn ends(&self, state: &State) -> bool {
		let Some(case) = &state.case else {
			return true;
		};
		let (dispute, after) = (&case.dispute, case.dispute.deadline + 1);
		let Ok(settlement) = dispute.settle(&self.stake, 0, after) else {
			return false;
		};
		let mut left = Side::ALL
			.into_iter()
			.filter_map(|side| dispute.pending(side, &settlement, after));
		let back = left.all(|pending| pending.give_back(pending.due + 1).is_ok());
		back && self.split(state, dispute, &case.claimed, &BTreeSet::new()).is_some()
	}

	/// All that is paid in the end is all that was put in.
	fn balances(&self, state: &State) -> bool {
		let Some(case) = &state.case else {
			return true;
		};
		self.knowns(state).iter().all(|known| {
			let gets = self.split(state, &case.dispute, &case.claimed, known);
			gets.is_none_or(|gets| gets.low + gets.high == self.stake.total() as i128)
		})
	}

	/// Whether a liar forfeits here.
	fn forfeits(&self, state: &State) -> bool {
		let Some(case) = &state.case else {
			return false;
		};
		let mut knowns = self.knowns(state).into_iter();
		knowns.any(|known| self.end(state, case, &known).is_some_and(|(_, forfeits)| forfeits))
	}

	/// Whether more is claimed by the rules than the newest half says.
	fn puts_back(&self, state: &State) -> bool {
		let newest = |side| state.sides.get(side).obligations.locks();
		let closes = |side| self.close(state, side).map(|(_, list)| list);
		let mut sides = Side::ALL.into_iter();
		sides.any(|side| closes(side).is_some_and(|list| list.as_slice().len() > newest(side).as_slice().len()))
	}
}

/// Some games.
#[derive(Clone, Debug)]
struct Games(Vec<Game>);

impl Games {
	fn of(&self, state: &State) -> &Game {
		&self.0[usize::from(state.game)]
	}
}

impl Model for Games {
	type State = State;
	type Action = Action;

	fn init_states(&self) -> Vec<State> {
		let start = |game: usize| State {
			game: game as u8,
			sides: PerSide::default(),
			tower: None,
			case: None,
		};
		(0..self.0.len()).map(start).collect()
	}

	fn actions(&self, state: &State, actions: &mut Vec<Action>) {
		let game = self.of(state);
		let halves = 0..state.sides.get(VICTIM).signed.len();
		let Some(case) = &state.case else {
			for side in Side::ALL {
				actions.extend(game.moves(state, side));
			}
			actions.push(Action::Watch);
			for claim in 0..game.claims(state).len() {
				let brought = halves.clone().map(Some).chain([None]);
				actions.extend(brought.map(|brought| Action::Close { claim, brought }));
			}
			return;
		};
		actions.extend(halves.map(Action::LetIn));
		if case.answered.is_none() {
			actions.extend([false, true].map(|tower| Action::Answer { tower }));
		}
	}

	fn next_state(&self, state: &State, action: Action) -> Option<State> {
		let mut next = state.clone();
		self.of(state).play(&mut next, action)?;
		(next != *state).then_some(next)
	}

	fn properties(&self) -> Vec<Property<Self>> {
		vec![
			Property::always("I1 conserved", |games: &Self, state| games.of(state).conserved(state)),
			Property::always("I2 total", |games: &Self, state| games.of(state).total(state)),
			Property::always("I3 even", |games: &Self, state| games.of(state).even(state)),
			Property::always("I4 due", |games: &Self, state| games.of(state).pays_closers(state)),
			Property::always("I5 honest", |games: &Self, state| {
				games.of(state).spares_the_honest(state)
			}),
			Property::always("I6 lies", |games: &Self, state| games.of(state).pays_victims(state)),
			Property::always("I7 bound", |games: &Self, state| games.of(state).binds(state)),
			Property::always("I8 ends", |games: &Self, state| games.of(state).ends(state)),
			Property::always("I9 books", |games: &Self, state| games.of(state).balances(state)),
			Property::sometimes("a liar forfeits", |games: &Self, state| games.of(state).forfeits(state)),
			Property::sometimes("a lock is put back", |games: &Self, state| {
				games.of(state).puts_back(state)
			}),
			Property::sometimes("the tower answers with a half", |_: &Self, state: &State| {
				state.tower.is_some() && state.case.as_ref().is_some_and(|case| case.answered == Some(true))
			}),
			Property::sometimes("a half of the victim's is void", |games: &Self, state| {
				let owed = games.of(state).owed(state);
				owed.is_some_and(|owed| owed.get(VICTIM).void && owed.get(VICTIM).locked > 0)
			}),
		]
	}
}

fn explore(games: &[(u128, u128, Nonce, Nonce)]) {
	let game = |(low, high, of_low, of_high): &(u128, u128, Nonce, Nonce)| Game {
		stake: stake(*low, *high),
		most: PerSide {
			low: *of_low,
			high: *of_high,
		},
	};
	let games = Games(games.iter().map(game).collect());
	let checker = games.checker().threads(2).spawn_bfs().join();
	println!("{} states", checker.unique_state_count());
	checker.assert_properties();
}

/// What each side has, and how many halves it signs at most. In the last one the liar spends what it was paid, and
/// brings the half from before.
#[test]
fn the_closing_game_explored_whole() {
	explore(&[(1, 1, 2, 2), (2, 0, 2, 1), (0, 2, 1, 3)]);
}

mod long {
	use super::explore;

	#[test]
	#[ignore = "minutes; `scripts/test long` runs it"]
	fn a_longer_closing_game_explored_whole() {
		explore(&[(2, 0, 3, 1), (2, 2, 2, 2)]);
	}
}
