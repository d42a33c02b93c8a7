//! The 51% rule by the rules alone: every voter may vote under it at any time and for any block that the rules permit,
//! as in [`crate::models::leaves`]; all runs over small trees, and random ones over larger ones.

use crate::{
	models::agreement::counterexample,
	models::leaf_runs::tree,
	models::leaves::{Blocks, Place, Set, Voter},
	mutants::{FinalBeyondEnd, NoLastPrevote, NoLock, NoOtherBranch, RelaxedAnywhere},
};
use smartchain_bft::{quorum, Protocol, Rules};
use smartchain_rng::{seeds, Rng};
use stateright::{Checker, Model, Property};
use std::fmt::Debug;

/// Five voters. Of those that are honest any may be gone for good, at any time: it then does nothing more.
const VOTERS: usize = 5;

/// The trees, and how many voters are honest.
#[derive(Clone, Debug)]
struct Relaxed<R> {
	sets: Vec<Set<R>>,
	honest: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
	tree: usize,
	/// In order: voters differ by what they did only.
	voters: Vec<Voter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
	Prevote(usize, Place),
	Commit(usize, Place),
}

impl<R: Rules> Relaxed<R> {
	/// All trees with so many blocks a slot, of which these end the set.
	fn new(relaxed: usize, byzantine: usize, slots: &[usize], ends: u32) -> Self {
		let trees = Blocks::all(slots).into_iter();
		Self {
			sets: trees
				.map(|blocks| Set::relaxed(VOTERS, relaxed, byzantine, ends, blocks))
				.collect(),
			honest: VOTERS - byzantine,
		}
	}

	fn after(&self, state: &State, action: Action) -> Option<State> {
		let set = &self.sets[state.tree];
		let mut next = state.clone();
		match action {
			Action::Prevote(voter, place) => {
				next.voters[voter] = set.prevote(&state.voters, &state.voters[voter], place)?;
			}
			Action::Commit(voter, place) => {
				next.voters[voter] = set.commit(&state.voters, &state.voters[voter], place)?;
			}
		}
		next.voters.sort_unstable();
		(next != *state).then_some(next)
	}
}

impl<R> Model for Relaxed<R>
where
	R: Rules + Clone + Debug + Send + Sync + 'static,
{
	type State = State;
	type Action = Action;

	fn init_states(&self) -> Vec<State> {
		let voters = vec![Voter::FRESH; self.honest];
		(0..self.sets.len())
			.map(|tree| State {
				tree,
				voters: voters.clone(),
			})
			.collect()
	}

	fn actions(&self, state: &State, actions: &mut Vec<Action>) {
		let places = || self.sets[state.tree].blocks.places();
		for voter in 0..state.voters.len() {
			// Who did the same as the one before may do the same as well.
			if voter > 0 && state.voters[voter] == state.voters[voter - 1] {
				continue;
			}
			let votes = places().flat_map(|place| [Action::Prevote(voter, place), Action::Commit(voter, place)]);
			actions.extend(votes.filter(|action| self.after(state, *action).is_some()));
		}
	}

	fn next_state(&self, state: &State, action: Action) -> Option<State> {
		self.after(state, action)
	}

	fn properties(&self) -> Vec<Property<Self>> {
		vec![
			Property::always(AGREE, |model: &Self, state: &State| {
				model.sets[state.tree].agree_up_to_the_end(&state.voters)
			}),
			Property::sometimes(ENDS, |model: &Self, state: &State| {
				let set = &model.sets[state.tree];
				let gone = state.voters.iter().filter(|voter| **voter == Voter::FRESH).count();
				let mut finals = set.finals(&state.voters).into_iter();
				gone >= 2 && finals.any(|place| set.end_of(place) == Some(place))
			}),
		]
	}
}

const AGREE: &str = "final blocks agree, and an end is the last of them";
const ENDS: &str = "the set ends with two voters gone";

/// The first block ends the set; in slot 2 or 3 there is what it shares its parent with, or what lies beyond it.
const ONE_END: u32 = 0b10;
/// The first two blocks do.
const TWO_ENDS: u32 = 0b110;

fn unsafe_run<R>(model: Relaxed<R>)
where
	R: Rules + Clone + Debug + Send + Sync + 'static,
{
	println!("{:?}", counterexample(&model, AGREE).into_actions());
}

fn safe(model: Relaxed<Protocol>) {
	let checker = model.checker().threads(2).spawn_bfs().join();
	println!("{} states", checker.unique_state_count());
	checker.assert_no_discovery(AGREE);
}

#[test]
fn three_of_five_end_the_set_while_two_are_gone() {
	for (slots, ends) in [
		(&[1, 1, 1][..], ONE_END),
		(&[1, 2], ONE_END),
		(&[2], TWO_ENDS),
		(&[1, 1], TWO_ENDS),
	] {
		let model = Relaxed::<Protocol>::new(3, 0, slots, ends);
		let checker = model.checker().threads(2).spawn_bfs().join();
		println!("{} states", checker.unique_state_count());
		checker.assert_properties();
	}
}

#[test]
fn without_the_rule_they_do_not() {
	let model = Relaxed::<Protocol>::new(quorum(VOTERS), 0, &[1, 1], ONE_END);
	let checker = model.checker().threads(2).spawn_bfs().join();
	checker.assert_no_discovery(AGREE);
	checker.assert_no_discovery(ENDS);
}

/// With one of the five Byzantine, which is one more than a relaxed quorum of three bears: as long as all that may end
/// the set is on one branch, nothing happens. That is what the rule's limit to ends is good for.
#[test]
fn one_byzantine_voter_more_does_no_harm_to_what_ends_no_set() {
	safe(Relaxed::new(3, 1, &[1, 1, 1], ONE_END));
	safe(Relaxed::new(3, 1, &[1, 2], ONE_END));
}

#[test]
fn with_relaxed_votes_that_count_for_any_block() {
	unsafe_run(Relaxed::<RelaxedAnywhere>::new(3, 1, &[1, 1], ONE_END));
}

/// Two ends on two branches: that is what one Byzantine voter more can do.
#[test]
fn with_one_byzantine_voter_more_two_sides_change_the_voters() {
	unsafe_run(Relaxed::<Protocol>::new(3, 1, &[1, 1], TWO_ENDS));
}

#[test]
fn with_a_relaxed_quorum_of_less_than_half() {
	unsafe_run(Relaxed::<Protocol>::new(2, 0, &[1, 1], TWO_ENDS));
}

/// A relaxed quorum of an honest voter less than it takes to meet every quorum: what was final is left behind.
#[test]
fn with_a_relaxed_quorum_that_misses_a_quorum() {
	unsafe_run(Relaxed::<Protocol>::new(1, 0, &[1, 1], ONE_END));
	unsafe_run(Relaxed::<Protocol>::new(2, 1, &[1, 1], ONE_END));
}

#[test]
fn with_relaxed_commits_that_finalize_beyond_the_end() {
	unsafe_run(Relaxed::<FinalBeyondEnd>::new(3, 0, &[1, 1], ONE_END));
}

/// The rules are needed among relaxed votes as among others.
#[test]
fn without_a_rule_relaxed_votes_break_it() {
	unsafe_run(Relaxed::<NoLock>::new(3, 0, &[1, 1], ONE_END));
	unsafe_run(Relaxed::<NoLastPrevote>::new(3, 0, &[1, 1], ONE_END));
	unsafe_run(Relaxed::<NoOtherBranch>::new(3, 0, &[1, 1, 1], TWO_ENDS));
}

/// How a random run ended.
struct End {
	agrees: bool,
	/// An end became final by fewer Commits than a quorum.
	relaxed: bool,
}

/// One random run of `voters`, `byzantine` of them so, over a random tree with ends on any branch.
fn run<R: Rules>(voters: usize, relaxed: usize, byzantine: usize, seed: u64) -> End {
	let mut rng = Rng::new(seed);
	let blocks = tree(&mut rng, 7);
	let places: Vec<_> = blocks.places().collect();
	let chosen = places.iter().filter(|_| rng.percent(25));
	let ends = chosen.fold(0u32, |ends, place| ends | 1 << place);
	let set = Set::<R>::relaxed(voters, relaxed, byzantine, ends, blocks.clone());
	let strict = Set::<R>::relaxed(voters, quorum(voters), byzantine, ends, blocks);
	let mut all = vec![Voter::FRESH; voters - byzantine];
	// From some time on some are gone; they may have voted before.
	let (gone, from) = (rng.below((voters - relaxed) as u64 + 1) as usize, rng.below(100));
	let steps = voters * places.len() * 6;
	for step in 0..steps {
		let who = rng.below(all.len() as u64) as usize;
		if who < gone && step * 100 > steps * from as usize {
			continue;
		}
		let place = rng.pick(&places).copied().unwrap_or(1);
		let commits = rng.percent(50);
		let mut from = places.iter().copied().filter(|p| *p >= place || rng.percent(50));
		let after = from.find_map(|place| match commits {
			true => set.commit(&all, &all[who], place),
			false => set.prevote(&all, &all[who], place),
		});
		all[who] = after.unwrap_or(all[who]);
	}
	let mut finals = set.finals(&all).into_iter();
	let strictly = strict.finals(&all);
	End {
		agrees: set.agree_up_to_the_end(&all),
		relaxed: finals.any(|place| !strictly.contains(&place)),
	}
}

#[test]
fn relaxed_handovers_at_random_are_safe() {
	for (voters, relaxed, byzantine, count) in
		[(5, 3, 0, 5_000), (7, 4, 0, 4_000), (10, 6, 1, 2_000), (11, 7, 2, 1_500)]
	{
		let ends: Vec<_> = seeds(count)
			.map(|seed| (seed, run::<Protocol>(voters, relaxed, byzantine, seed)))
			.collect();
		let bad = ends.iter().find(|(_, end)| !end.agrees).map(|(seed, _)| seed);
		assert_eq!(
			bad, None,
			"{voters} voters, r = {relaxed}: replay with SMARTCHAIN_SEED of this"
		);
		let relaxed = ends.iter().filter(|(_, end)| end.relaxed).count();
		println!("{voters} voters: {relaxed} of {count} runs end by relaxed votes");
		assert!(
			relaxed * 20 > ends.len() || ends.len() == 1,
			"only {relaxed} runs tell anything"
		);
	}
}

#[test]
fn one_byzantine_voter_more_shows_at_random() {
	for (voters, relaxed, byzantine) in [(7, 4, 1), (10, 6, 2)] {
		let bad = seeds(1_500)
			.filter(|seed| !run::<Protocol>(voters, relaxed, byzantine, *seed).agrees)
			.count();
		println!("{voters} voters: {bad} of 1500 runs are unsafe");
		assert!(bad > 0);
	}
}
