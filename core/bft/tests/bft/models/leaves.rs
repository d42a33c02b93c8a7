//! Voters without a network: each may prevote any block that the rules permit, in any order, not only the best; the
//! adversary decides who learns what and signs everything. Whatever is safe here is safe by the rules alone.
//!
//! There are no messages. A vote, once cast, may be shown to anybody or hidden for ever, and all predicates only permit
//! more to who knows more: so that "knows of it, and acts on it" and "acts as if it did not know" are both covered by
//! letting each voter act, or not, on all there is. Byzantine votes are there for every block: a block is certified as
//! soon as enough honest voters prevoted it. Neither the clock nor what a voter holds final limits it, which permits
//! more than the core does.

use smartchain_bft::{quorum, BlockRef, PrevoteFacts, Rules, Slot, VoterState};
use std::marker::PhantomData;

/// A block by its place in the tree; the genesis is 0.
pub type Place = u8;

/// All blocks that are ever made; who made them does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Blocks {
	blocks: Vec<BlockRef<Place>>,
	parents: Vec<Place>,
}

impl Blocks {
	/// Of the slot and the parent's place of each, in order.
	pub fn new(made: &[(Slot, Place)]) -> Self {
		let genesis = BlockRef {
			slot: 0,
			number: 0,
			hash: 0,
		};
		let mut blocks = Self {
			blocks: vec![genesis],
			parents: vec![0],
		};
		for (slot, parent) in made {
			blocks.push(*slot, *parent);
		}
		blocks
	}

	/// All trees with so many blocks in each of these slots, by the parents of one block after the other.
	pub fn all(slots: &[usize]) -> Vec<Self> {
		let mut trees: Vec<Vec<(Slot, Place)>> = vec![Vec::new()];
		for (slot, blocks) in (1..).zip(slots) {
			let below = trees.first().map_or(0, Vec::len) as Place;
			for of_slot in 0..*blocks {
				trees = trees
					.into_iter()
					.flat_map(|tree| {
						// Blocks of one slot differ by name only: in order of their parents they are counted once.
						let from = if of_slot == 0 {
							0
						} else {
							tree.last().map_or(0, |(_, parent)| *parent)
						};
						(from..=below).map(move |parent| [tree.clone(), vec![(slot, parent)]].concat())
					})
					.collect();
			}
		}
		trees.iter().map(|tree| Self::new(tree)).collect()
	}

	pub fn get(&self, place: Place) -> BlockRef<Place> {
		self.blocks[usize::from(place)]
	}

	pub fn places(&self) -> impl Iterator<Item = Place> {
		1..self.blocks.len() as Place
	}

	/// Makes another block.
	pub fn push(&mut self, slot: Slot, parent: Place) -> Place {
		let below = self.get(parent);
		assert!(below.slot < slot);
		let hash = self.blocks.len() as Place;
		self.blocks.push(BlockRef {
			slot,
			number: below.number + 1,
			hash,
		});
		self.parents.push(parent);
		hash
	}

	pub fn extends(&self, mut block: Place, ancestor: Place) -> bool {
		while block > ancestor {
			block = self.parents[usize::from(block)];
		}
		block == ancestor
	}
}

/// An honest voter: its state, and all that it ever signed, as sets of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Voter {
	/// Where its set starts.
	pub start: Place,
	last_prevote: Place,
	other_branch_slot: Slot,
	lock: Place,
	pub prevotes: u32,
	pub commits: u32,
}

impl Voter {
	pub const FRESH: Self = Self::starting(0);

	/// A voter of a set that starts at this block.
	pub const fn starting(start: Place) -> Self {
		Self {
			start,
			last_prevote: start,
			other_branch_slot: 0,
			lock: start,
			prevotes: 0,
			commits: 0,
		}
	}

	fn state(&self, blocks: &Blocks) -> VoterState<Place> {
		VoterState {
			last_prevote: blocks.get(self.last_prevote),
			other_branch_slot: self.other_branch_slot,
			lock: blocks.get(self.lock),
		}
	}

	fn with(mut self, state: VoterState<Place>) -> Self {
		self.last_prevote = state.last_prevote.hash;
		self.other_branch_slot = state.other_branch_slot;
		self.lock = state.lock.hash;
		self
	}

	/// What an older safety file says, of one who signed all this.
	pub fn restored(self, older: &Self) -> Self {
		Self {
			prevotes: self.prevotes,
			commits: self.commits,
			..*older
		}
	}
}

pub const fn has(set: u32, place: Place) -> bool {
	set & (1 << place) != 0
}

/// The voters of one set over one tree, by the rules `R`.
#[derive(Clone, Debug)]
pub struct Set<R> {
	pub blocks: Blocks,
	/// How many honest votes make a certificate together with the Byzantine ones.
	honest_quorum: usize,
	/// How many make one of relaxed votes, where the 51% rule is on. It may be in force at any time here, and any vote
	/// may be cast under either flag, or under both.
	relaxed: Option<usize>,
	/// The blocks that end the set.
	ends: u32,
	rules: PhantomData<R>,
}

impl<R: Rules> Set<R> {
	/// A set of `voters`, of which as many as the protocol bears are Byzantine.
	pub fn new(voters: usize, blocks: Blocks) -> Self {
		Self {
			blocks,
			honest_quorum: quorum(voters) - (voters - 1) / 3,
			relaxed: None,
			ends: 0,
			rules: PhantomData,
		}
	}

	/// A set under the 51% rule, with this relaxed quorum, so many Byzantine voters, and these blocks that end it.
	pub fn relaxed(voters: usize, relaxed: usize, byzantine: usize, ends: u32, blocks: Blocks) -> Self {
		Self {
			honest_quorum: quorum(voters) - byzantine,
			relaxed: Some(relaxed - byzantine),
			ends,
			..Self::new(voters, blocks)
		}
	}

	/// The lowest block on the chain of this one that ends the set.
	pub fn end_of(&self, place: Place) -> Option<Place> {
		(1..=place).find(|p| has(self.ends, *p) && self.blocks.extends(place, *p))
	}

	/// Whether so many honest votes on this block make a certificate.
	fn is_enough(&self, votes: usize, place: Place) -> bool {
		let relaxed = |relaxed| votes >= relaxed && R::relaxed_votes_count(self.end_of(place).is_some());
		votes >= self.honest_quorum || self.relaxed.is_some_and(relaxed)
	}

	pub fn certified(&self, voters: &[Voter], place: Place) -> bool {
		let votes = voters.iter().filter(|v| has(v.prevotes, place)).count();
		voters.first().is_some_and(|v| v.start == place) || self.is_enough(votes, place)
	}

	pub fn finalized(&self, voters: &[Voter], place: Place) -> bool {
		self.is_enough(voters.iter().filter(|v| has(v.commits, place)).count(), place)
	}

	/// What the set has made final: the blocks that were committed, or the ends below them.
	pub fn finals(&self, voters: &[Voter]) -> Vec<Place> {
		let committed = self.blocks.places().filter(|p| self.finalized(voters, *p));
		let end = |p| self.end_of(p).map(|end| self.blocks.get(end));
		committed
			.map(|p| R::final_block(self.blocks.get(p), end(p)).hash)
			.collect()
	}

	/// What the set has made final is on one chain, and an end is the last of it: what the next set does from there on
	/// is above it.
	pub fn agree_up_to_the_end(&self, voters: &[Voter]) -> bool {
		let finals = self.finals(voters);
		let on_chain = |a: Place, b: Place| match has(self.ends, a) {
			true => self.blocks.extends(a, b),
			false => self.blocks.extends(a, b) || self.blocks.extends(b, a),
		};
		finals.iter().all(|a| finals.iter().all(|b| on_chain(*a, *b)))
	}

	/// The voter after a prevote, where the rules permit it.
	pub fn prevote(&self, voters: &[Voter], voter: &Voter, place: Place) -> Option<Voter> {
		self.prevote_beside(voters, voter, place, 0)
	}

	/// The same where another set has certified the blocks `others`.
	pub fn prevote_beside(&self, voters: &[Voter], voter: &Voter, place: Place, others: u32) -> Option<Voter> {
		let blocks = &self.blocks;
		// What a set starts from is final in it.
		if has(voter.prevotes, place) || place == voter.start || !blocks.extends(place, voter.start) {
			return None;
		}
		let state = voter.state(blocks);
		let block = blocks.get(place);
		let certified = |p| self.certified(voters, p) || (R::counts_other_sets() && has(others, p));
		let below = (0..place).filter(|p| blocks.extends(place, *p) && certified(*p));
		let facts = PrevoteFacts {
			block,
			now: block.slot,
			extends_final: true,
			extends_lock: blocks.extends(place, state.lock.hash),
			certified_below: below.map(|p| blocks.get(p).slot).max().unwrap_or(0),
		};
		R::prevote(&state, &facts).ok()?;
		let extends_last = blocks.extends(place, state.last_prevote.hash);
		let mut after = voter.with(R::after_prevote(&state, block, extends_last));
		after.prevotes |= 1 << place;
		Some(after)
	}

	/// The voter after a Commit, where the rules permit it.
	pub fn commit(&self, voters: &[Voter], voter: &Voter, place: Place) -> Option<Voter> {
		if has(voter.commits, place) || !self.certified(voters, place) {
			return None;
		}
		let state = voter.state(&self.blocks);
		let last_extends = self.blocks.extends(state.last_prevote.hash, place);
		if !R::commit(&state, self.blocks.get(place), last_extends) {
			return None;
		}
		let mut after = voter.with(R::after_commit(&state, self.blocks.get(place)));
		after.commits |= 1 << place;
		Some(after)
	}

	/// No two final blocks are on different branches.
	pub fn agree(&self, voters: &[Voter]) -> bool {
		let finals: Vec<_> = self.blocks.places().filter(|p| self.finalized(voters, *p)).collect();
		finals.iter().all(|a| {
			finals
				.iter()
				.all(|b| self.blocks.extends(*a, *b) || self.blocks.extends(*b, *a))
		})
	}

	/// The certified blocks at or above the slot of a final one extend it: the theorem behind agreement, and stronger.
	pub fn certificates_extend_finals(&self, voters: &[Voter]) -> bool {
		let at = |p| self.blocks.get(p).slot;
		let finals: Vec<_> = self.blocks.places().filter(|p| self.finalized(voters, *p)).collect();
		let mut certified = self.blocks.places().filter(|p| self.certified(voters, *p));
		certified.all(|c| finals.iter().all(|f| at(c) < at(*f) || self.blocks.extends(c, *f)))
	}
}
