//! One voter set after the other, over blocks that end the first: each voter may vote for any block that the rules
//! permit, as in [`crate::models::leaves`]. The first set may go on voting after its end is final: it need not know.
//!
//! The sets have no key in common here. Where they do in fact, the votes of one key are apart by their set id all the
//! same.

use crate::{
	models::agreement::counterexample,
	models::leaf_runs::tree,
	models::leaves::{has, Blocks, Place, Set, Voter},
	mutants::{FinalBeyondEnd, NoVotesBeyondEnd, OtherSetsCount},
};
use smartchain_bft::{Protocol, Rules};
use smartchain_rng::{seeds, Rng};
use stateright::{Checker, Model, Property};
use std::fmt::Debug;

const VOTERS: usize = 4;
const HONEST: usize = 3;

/// The blocks, and which of them change the voters.
#[derive(Clone, Debug)]
struct Sets<R> {
	set: Set<R>,
	ends: u32,
}

/// The honest voters of the first set and of the second; of the second only those that know of a final end have begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
	tree: usize,
	first: [Voter; HONEST],
	second: [Option<Voter>; HONEST],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
	/// A voter of the first set.
	First(usize, Vote),
	/// A voter of the second set, which has begun.
	Second(usize, Vote),
	/// A voter of the second set learns that this block ended the first.
	Begin(usize, Place),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vote {
	Prevote(Place),
	Commit(Place),
}

impl<R: Rules> Sets<R> {
	fn new(blocks: Blocks, ends: u32) -> Self {
		Self {
			set: Set::new(VOTERS, blocks),
			ends,
		}
	}

	fn blocks(&self) -> &Blocks {
		&self.set.blocks
	}

	/// The lowest block on the chain of this one that changes the voters.
	fn end_of(&self, place: Place) -> Option<Place> {
		(1..=place).find(|p| has(self.ends, *p) && self.blocks().extends(place, *p))
	}

	/// What the first set makes final by Commits on this block.
	fn final_block(&self, place: Place) -> Place {
		let get = |p| self.blocks().get(p);
		R::final_block::<Place>(get(place), self.end_of(place).map(get)).hash
	}

	fn finals_of_first(&self, state: &State) -> Vec<Place> {
		let places = self.blocks().places();
		let committed = places.filter(|p| self.set.finalized(&state.first, *p));
		committed.map(|p| self.final_block(p)).collect()
	}

	fn begun(state: &State) -> Vec<Voter> {
		state.second.iter().flatten().copied().collect()
	}

	fn vote(&self, voters: &[Voter], voter: &Voter, vote: Vote, others: u32) -> Option<Voter> {
		match vote {
			Vote::Prevote(place) => self.set.prevote_beside(voters, voter, place, others),
			Vote::Commit(place) => self.set.commit(voters, voter, place),
		}
	}

	fn first_vote(&self, state: &State, voter: usize, vote: Vote) -> Option<Voter> {
		let (Vote::Prevote(place) | Vote::Commit(place)) = vote;
		if !R::votes_beyond_end() && self.end_of(place).is_some_and(|end| end != place) {
			return None;
		}
		self.vote(&state.first, state.first.get(voter)?, vote, 0)
	}

	fn second_vote(&self, state: &State, voter: usize, vote: Vote) -> Option<Voter> {
		let voter = (*state.second.get(voter)?)?;
		let certified = self.blocks().places().filter(|p| self.set.certified(&state.first, *p));
		let of_first = certified.fold(0, |set, place| set | 1 << place);
		self.vote(&Self::begun(state), &voter, vote, of_first)
	}

	fn after(&self, state: &State, action: Action) -> Option<State> {
		let mut next = state.clone();
		match action {
			Action::First(voter, vote) => next.first[voter] = self.first_vote(state, voter, vote)?,
			Action::Second(voter, vote) => next.second[voter] = Some(self.second_vote(state, voter, vote)?),
			Action::Begin(voter, end) => {
				let final_end = has(self.ends, end) && self.finals_of_first(state).contains(&end);
				if state.second[voter].is_some() || !final_end {
					return None;
				}
				next.second[voter] = Some(Voter::starting(end));
			}
		}
		next.first.sort_unstable();
		next.second.sort_unstable();
		Some(next)
	}

	/// All that is final, by either set, is on one chain.
	fn agree(&self, state: &State) -> bool {
		let mut finals = self.finals_of_first(state);
		let begun = Self::begun(state);
		finals.extend(self.blocks().places().filter(|p| self.set.finalized(&begun, *p)));
		let extends = |a: Place, b: Place| self.blocks().extends(a, b);
		finals
			.iter()
			.all(|a| finals.iter().all(|b| extends(*a, *b) || extends(*b, *a)))
	}

	fn actions(&self, state: &State) -> Vec<Action> {
		let votes = || {
			let places = self.blocks().places();
			places.flat_map(|p| [Vote::Prevote(p), Vote::Commit(p)])
		};
		(0..HONEST)
			.flat_map(|voter| {
				let first = votes().map(move |vote| Action::First(voter, vote));
				let second = votes().map(move |vote| Action::Second(voter, vote));
				let begin = self.blocks().places().map(move |end| Action::Begin(voter, end));
				first.chain(second).chain(begin).collect::<Vec<_>>()
			})
			.filter(|action| self.after(state, *action).is_some())
			.collect()
	}
}

fn start(tree: usize) -> State {
	State {
		tree,
		first: [Voter::FRESH; HONEST],
		second: [None; HONEST],
	}
}

/// All runs over all these trees.
#[derive(Clone, Debug)]
struct Handover<R>(Vec<Sets<R>>);

impl<R: Rules> Handover<R> {
	/// All trees with so many blocks a slot; the first block changes the voters, and the second may besides.
	fn new(slots: &[usize]) -> Self {
		let trees = Blocks::all(slots).into_iter();
		let with_ends = |blocks: Blocks| [0b10, 0b110].map(|ends| Sets::new(blocks.clone(), ends));
		Self(trees.flat_map(with_ends).collect())
	}
}

impl<R> Model for Handover<R>
where
	R: Rules + Clone + Debug + Send + Sync + 'static,
{
	type State = State;
	type Action = Action;

	fn init_states(&self) -> Vec<State> {
		(0..self.0.len()).map(start).collect()
	}

	fn actions(&self, state: &State, actions: &mut Vec<Action>) {
		actions.extend(self.0[state.tree].actions(state));
	}

	fn next_state(&self, state: &State, action: Action) -> Option<State> {
		self.0[state.tree].after(state, action).filter(|next| next != state)
	}

	fn properties(&self) -> Vec<Property<Self>> {
		vec![
			Property::always(AGREE, |model: &Self, state: &State| model.0[state.tree].agree(state)),
			Property::sometimes("the second set makes a block final", |model: &Self, state: &State| {
				let sets = &model.0[state.tree];
				let begun = Sets::<R>::begun(state);
				sets.blocks().places().any(|p| sets.set.finalized(&begun, p))
			}),
		]
	}
}

const AGREE: &str = "final blocks agree over both sets";

fn unsafe_run<R>(slots: &[usize])
where
	R: Rules + Clone + Debug + Send + Sync + 'static,
{
	let path = counterexample(&Handover::<R>::new(slots), AGREE);
	println!("{:?}", path.into_actions());
}

#[test]
fn handovers_over_three_blocks_are_safe() {
	let checker = Handover::<Protocol>::new(&[1, 2])
		.checker()
		.threads(2)
		.spawn_bfs()
		.join();
	println!("{} states", checker.unique_state_count());
	checker.assert_properties();
}

/// The old set's votes beyond its end would make final there what the new set decides.
#[test]
fn with_blocks_beyond_the_end_made_final() {
	unsafe_run::<FinalBeyondEnd>(&[1, 2]);
}

/// The old set's certificates beyond its end would open the new set's locks.
#[test]
fn with_certificates_of_the_other_set() {
	let bad = unsafe_runs::<OtherSetsCount>(8, 20_000);
	println!("{} of 20000 runs are unsafe", bad.len());
	assert!(!bad.is_empty(), "the mutation shows");
}

/// A random run over a random tree, in which some low block changes the voters.
fn run<R: Rules>(slots: u64, seed: u64) -> (Sets<R>, State) {
	let mut rng = Rng::new(seed);
	let blocks = tree(&mut rng, slots);
	let places: Vec<_> = blocks.places().collect();
	let mut ends = 0u32;
	for place in places.iter().filter(|p| blocks.get(**p).slot <= 3) {
		if rng.percent(40) {
			ends |= 1 << place;
		}
	}
	let sets = Sets::<R>::new(blocks, ends);
	let mut state = start(0);
	for _ in 0..places.len() * HONEST * 8 {
		let voter = rng.below(HONEST as u64) as usize;
		let place = rng.pick(&places).copied().unwrap_or(1);
		let vote = |place| {
			if rng.percent(50) {
				Vote::Prevote(place)
			} else {
				Vote::Commit(place)
			}
		};
		let kind = place % 3;
		let actions: Vec<_> = places.iter().copied().filter(|p| *p >= place).map(vote).collect();
		let next = match kind {
			0 => actions
				.into_iter()
				.find_map(|v| sets.after(&state, Action::First(voter, v))),
			1 => actions
				.into_iter()
				.find_map(|v| sets.after(&state, Action::Second(voter, v))),
			_ => places.iter().find_map(|p| sets.after(&state, Action::Begin(voter, *p))),
		};
		state = next.unwrap_or(state);
	}
	(sets, state)
}

fn unsafe_runs<R: Rules>(slots: u64, count: u64) -> Vec<u64> {
	seeds(count)
		.filter(|seed| {
			let (sets, state) = run::<R>(slots, *seed);
			!sets.agree(&state)
		})
		.collect()
}

#[test]
fn handovers_at_random_are_safe() {
	for (slots, count) in [(5, 20_000), (8, 20_000)] {
		let bad = unsafe_runs::<Protocol>(slots, count);
		assert!(
			bad.is_empty(),
			"{slots} slots: replay with SMARTCHAIN_SEED={:?}",
			bad.first()
		);
	}
}

/// Whether, once all see everything and honest directors build on the best block, the first set finalizes an end.
fn recovers<R: Rules>(slots: u64, seed: u64) -> Option<bool> {
	let (mut sets, mut state) = run::<R>(slots, seed);
	let rank = |sets: &Sets<R>, state: &State, place: Place| {
		let chain = (0..=place).filter(|p| sets.blocks().extends(place, *p));
		let certified = chain
			.filter(|p| sets.set.certified(&state.first, *p))
			.max()
			.unwrap_or(0);
		let block = sets.blocks().get(place);
		(sets.blocks().get(certified).slot, block.number, block.slot, place)
	};
	let leaf = |sets: &Sets<R>, state: &State| sets.blocks().places().max_by_key(|p| rank(sets, state, *p));
	let ended = |sets: &Sets<R>, state: &State| {
		let finals = sets.finals_of_first(state);
		finals.iter().any(|f| has(sets.ends, *f))
	};
	// Only runs whose best chain changes the voters are of interest, and in which the end is not final yet.
	sets.end_of(leaf(&sets, &state)?)?;
	if ended(&sets, &state) {
		return None;
	}
	for slot in slots + 1..slots + 6 {
		let head = leaf(&sets, &state)?;
		let new = sets.set.blocks.push(slot, head);
		// As the core does it: the blocks on the way to the head in order, and a Commit where there is a certificate.
		// Voters are told apart by what they did only, so each vote is offered as often as there are voters.
		let path: Vec<Place> = (1..=new).filter(|p| sets.blocks().extends(new, *p)).collect();
		for votes in [Vote::Prevote as fn(Place) -> Vote, Vote::Commit] {
			for action in path
				.iter()
				.flat_map(|p| (0..HONEST).map(|voter| Action::First(voter, votes(*p))))
			{
				while let Some(after) = sets.after(&state, action) {
					state = after;
				}
			}
		}
	}
	Some(ended(&sets, &state))
}

#[test]
fn an_end_becomes_final_however_votes_were_split_before() {
	let runs: Vec<_> = seeds(20_000)
		.filter_map(|seed| Some((seed, recovers::<Protocol>(5, seed)?)))
		.collect();
	assert!(runs.len() > 300, "only {} runs tell anything", runs.len());
	let stuck: Vec<_> = runs.iter().filter(|(_, recovered)| !recovered).collect();
	assert!(stuck.is_empty(), "replay with SMARTCHAIN_SEED={:?}", stuck.first());
}

#[test]
fn without_votes_beyond_the_end() {
	let runs: Vec<_> = seeds(20_000)
		.filter_map(|seed| recovers::<NoVotesBeyondEnd>(5, seed))
		.collect();
	let stuck = runs.iter().filter(|recovered| !**recovered).count();
	println!("{stuck} of {} runs never end", runs.len());
	assert!(stuck > 0, "the mutation shows");
}

#[test]
fn the_end_of_a_chain_is_its_lowest() {
	let sets = Sets::<Protocol>::new(Blocks::new(&[(1, 0), (2, 1), (3, 2), (4, 0)]), 0b1100);
	assert_eq!([1, 2, 3, 4].map(|p| sets.end_of(p)), [None, Some(2), Some(2), None]);
	assert_eq!([1, 2, 3, 4].map(|p| sets.final_block(p)), [1, 2, 2, 4]);
}
