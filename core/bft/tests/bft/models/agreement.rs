//! Model checking: all runs of four voters, one of them Byzantine, over all trees of a few slots.

use crate::{
	models::leaves::{Blocks, Place, Set, Voter},
	mutants::{AnyCertificateUnlocks, AnySlot, CommitsBelowLock, NoLastPrevote, NoLock, NoOtherBranch},
};
use smartchain_bft::{Protocol, Rules};
use stateright::{Checker, HasDiscoveries, Model, Path, Property};
use std::{fmt::Debug, hash::Hash};

const VOTERS: usize = 4;
const HONEST: usize = 3;

/// How the safety file fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
	/// Written before each vote is sent, as it must be: a crash changes nothing.
	Before,
	/// Written after: a crash may take a voter back to before its last vote.
	After,
	/// An old copy is put in its place.
	Restored,
}

/// The model: the trees that there may be, and how safety files fare.
#[derive(Clone, Debug)]
struct Finality<R> {
	sets: Vec<Set<R>>,
	file: File,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
	tree: usize,
	/// In order: voters differ by what they did only, so that each run stands for all that name them otherwise. With
	/// each, what its file says where that is not the same.
	voters: [(Voter, Voter); HONEST],
}

impl State {
	fn now(&self) -> [Voter; HONEST] {
		self.voters.map(|(now, _)| now)
	}
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
	Prevote(usize, Place),
	Commit(usize, Place),
	/// The voter starts again with what its file says.
	Crash(usize),
}

impl<R: Rules> Finality<R> {
	fn new(trees: Vec<Blocks>, file: File) -> Self {
		Self {
			sets: trees.into_iter().map(|blocks| Set::new(VOTERS, blocks)).collect(),
			file,
		}
	}

	fn after(&self, state: &State, action: &Action) -> Option<(Voter, Voter)> {
		let set = self.sets.get(state.tree)?;
		let voters = state.now();
		let (Action::Prevote(voter, _) | Action::Commit(voter, _) | Action::Crash(voter)) = *action;
		let (now, file) = *state.voters.get(voter)?;
		let after = match *action {
			Action::Prevote(_, place) => set.prevote(&voters, &now, place)?,
			Action::Commit(_, place) => set.commit(&voters, &now, place)?,
			Action::Crash(_) => return (self.file != File::Before).then(|| (now.restored(&file), file)),
		};
		Some((after, if self.file == File::After { now } else { file }))
	}
}

impl<R> Model for Finality<R>
where
	R: Rules + Clone + Debug + Send + Sync + 'static,
{
	type State = State;
	type Action = Action;

	fn init_states(&self) -> Vec<State> {
		(0..self.sets.len())
			.map(|tree| State {
				tree,
				voters: [(Voter::FRESH, Voter::FRESH); HONEST],
			})
			.collect()
	}

	fn actions(&self, state: &State, actions: &mut Vec<Action>) {
		let places = || self.sets[state.tree].blocks.places();
		for voter in 0..HONEST {
			let votes = places().flat_map(|place| [Action::Prevote(voter, place), Action::Commit(voter, place)]);
			let possible = votes
				.chain([Action::Crash(voter)])
				.filter(|action| self.after(state, action).is_some());
			actions.extend(possible);
		}
	}

	fn next_state(&self, state: &State, action: Action) -> Option<State> {
		let (Action::Prevote(voter, _) | Action::Commit(voter, _) | Action::Crash(voter)) = action;
		let mut next = state.clone();
		next.voters[voter] = self.after(state, &action)?;
		next.voters.sort_unstable();
		(next != *state).then_some(next)
	}

	fn properties(&self) -> Vec<Property<Self>> {
		vec![
			Property::always(AGREE, |model: &Self, state: &State| {
				model.sets[state.tree].agree(&state.now())
			}),
			Property::always("certificates extend final blocks", |model: &Self, state: &State| {
				model.sets[state.tree].certificates_extend_finals(&state.now())
			}),
			Property::sometimes(
				"a block of the last slot becomes final",
				|model: &Self, state: &State| {
					let set = &model.sets[state.tree];
					let last = set.blocks.places().last();
					last.is_some_and(|last| set.finalized(&state.now(), last))
				},
			),
		]
	}
}

const AGREE: &str = "final blocks agree";

/// All runs over all trees with so many blocks a slot are safe.
fn safe(slots: &[usize]) {
	Finality::<Protocol>::new(Blocks::all(slots), File::Before)
		.checker()
		.threads(2)
		.spawn_bfs()
		.join()
		.assert_properties();
}

/// A shortest run without this property.
pub fn counterexample<M>(model: &M, property: &'static str) -> Path<M::State, M::Action>
where
	M: Model + Clone + Send + Sync + 'static,
	M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
	M::Action: Clone + Debug + PartialEq + Send + Sync,
{
	let stop = HasDiscoveries::AllOf([property].into());
	let checker = model.clone().checker().threads(2).finish_when(stop).spawn_bfs().join();
	checker.discovery(property).expect("the mutation shows")
}

/// Some run is not, and this is a shortest one.
fn unsafe_run<R>(slots: &[usize], file: File) -> Vec<Action>
where
	R: Rules + Clone + Debug + Send + Sync + 'static,
{
	let model = Finality::<R>::new(Blocks::all(slots), file);
	let path = counterexample(&model, AGREE);
	let blocks = &model.sets[path.last_state().tree].blocks;
	let actions = path.into_actions();
	println!("over {blocks:?}: {actions:?}");
	actions
}

#[test]
fn a_block_a_slot_is_safe() {
	safe(&[1, 1, 1, 1]);
}

#[test]
fn three_slots_of_equivocating_directors_are_safe() {
	safe(&[2, 2, 2]);
}

#[test]
fn four_slots_with_an_equivocation_are_safe() {
	safe(&[1, 2, 1, 1]);
}

#[test]
fn without_the_lock() {
	unsafe_run::<NoLock>(&[1, 1], File::Before);
}

#[test]
fn without_the_last_prevotes_place() {
	unsafe_run::<NoLastPrevote>(&[1, 1], File::Before);
}

#[test]
fn without_slots_that_grow() {
	unsafe_run::<AnySlot>(&[1, 1], File::Before);
}

/// It takes a branch left and come back to: three slots, no fewer.
#[test]
fn without_the_other_branch() {
	unsafe_run::<NoOtherBranch>(&[1, 1, 1], File::Before);
	let fewer = Finality::<NoOtherBranch>::new(Blocks::all(&[2, 2]), File::Before);
	fewer.checker().threads(2).spawn_bfs().join().assert_no_discovery(AGREE);
}

#[test]
fn with_commits_below_the_lock() {
	unsafe_run::<CommitsBelowLock>(&[1, 1, 1, 1], File::Before);
}

#[test]
fn with_locks_that_any_certificate_opens() {
	unsafe_run::<AnyCertificateUnlocks>(&[1, 1, 1], File::Before);
}

/// A vote sent before its state is written, and a crash between.
#[test]
fn without_writing_first() {
	unsafe_run::<Protocol>(&[1, 1], File::After);
}

/// Why a voter abstains when its file is not the one that it wrote last.
#[test]
fn with_an_old_file() {
	unsafe_run::<Protocol>(&[1, 1], File::Restored);
}
