//! A round as the machine sees it: how far its work is, and what became of its answers.

use crate::{
	odds::{expected, terms},
	types::{Found, Key, Winner},
	why::{Ending, Explanation, Refusal, Why},
};
use proof_lottery_primitives::{Challenge, OpenRound, Resource, Threshold};
use std::collections::VecDeque;

/// So many slots after a round its ending is told: news of the last block may come late.
pub const LINGER: u64 = 4;

/// Which round, whatever branch it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundKey {
	/// Of which lottery.
	pub resource: Resource,
	/// Its number.
	pub round: u64,
	/// What it is about.
	pub challenge: Challenge,
}

impl RoundKey {
	/// That of an open round.
	pub fn of(open: &OpenRound) -> Self {
		Self {
			resource: open.resource,
			round: open.round,
			challenge: open.challenge,
		}
	}
}

/// How far the work of a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
	/// Nothing has begun.
	Waiting,
	/// It is being worked on.
	Working,
	/// All work is done.
	Done,
}

/// The same, with what it takes to go on.
#[derive(Clone, Debug)]
pub(crate) enum Work {
	Waiting,
	/// A look, or an output of the key, is under way.
	Asked,
	/// Finds that win and have no proof yet.
	Solving(Vec<Found>),
	Running(Segments),
	Done,
}

/// How far a window is.
#[derive(Clone, Debug)]
pub(crate) struct Segments {
	/// The first that was not run yet.
	pub next: u32,
	/// How many are claimed.
	pub of: u32,
	/// Those that win, and have to be run again.
	pub again: VecDeque<Winner>,
	/// Those that were run twice, and are being signed.
	pub signing: Vec<u32>,
	/// How many more may be announced.
	pub room: u32,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
	/// It is being made durable.
	Keeping,
	/// It was not made durable, and is to be kept again.
	Unkept,
	/// It has to be submitted.
	Ready,
	/// It was, and nothing was heard.
	Sent,
	/// The pool has it.
	Pooled,
	/// The node was lost while the pool had it.
	Unsure,
	/// It has to be submitted again.
	Again(Refusal),
	/// A block has it.
	Included,
	/// It was refused for good.
	Refused(Refusal),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
	pub key: Key,
	pub state: State,
	/// How often it was submitted by this program.
	pub submits: u32,
	/// Whether the program that ran before may have submitted it.
	pub inherited: bool,
	/// It is not kept or submitted again before.
	pub not_before: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Round {
	pub open: OpenRound,
	/// Whether the best chain has it.
	pub present: bool,
	/// How many units count in it, if that is known.
	pub units: Option<u32>,
	pub work: Work,
	pub answers: Vec<Pending>,
	/// What hindered it last.
	pub why: Why,
	/// Whether the node was lost while it was open.
	pub node_lost: bool,
	/// Why it was not seen from its beginning on, if it was not.
	pub unseen: Option<Why>,
}

impl Round {
	pub fn new(open: OpenRound, unseen: Option<Why>) -> Self {
		Self {
			open,
			present: true,
			units: None,
			work: Work::Waiting,
			answers: Vec::new(),
			why: Why::Unasked,
			node_lost: false,
			unseen,
		}
	}

	pub fn key(&self) -> RoundKey {
		RoundKey::of(&self.open)
	}

	pub fn is(&self, key: &RoundKey) -> bool {
		self.key() == *key
	}

	pub fn stage(&self) -> Stage {
		match self.work {
			Work::Waiting => Stage::Waiting,
			Work::Asked | Work::Solving(_) | Work::Running(_) => Stage::Working,
			Work::Done => Stage::Done,
		}
	}

	/// What a unit of the device has to stay below.
	pub fn threshold(&self) -> Option<Threshold> {
		terms(&self.open).threshold(self.units?)
	}

	/// How many wins are to be expected in it, times 2^32.
	pub fn expected(&self) -> u64 {
		self.units.map_or(0, |units| expected(&self.open, units))
	}

	/// The first bytes of the threshold, for people.
	pub fn limit(&self) -> u64 {
		self.threshold().map_or(0, |threshold| leading(threshold.limit()))
	}

	pub fn pending(&mut self, key: &Key) -> Option<&mut Pending> {
		self.answers.iter_mut().find(|pending| pending.key == *key)
	}

	/// How it ended, if it ends now.
	pub fn explain(&self) -> Explanation {
		let count = |is: fn(&State) -> bool| self.answers.iter().filter(|pending| is(&pending.state)).count();
		let won = u32::try_from(count(|state| *state == State::Included)).unwrap_or(u32::MAX);
		let submitted = self.answers.iter().filter(|pending| pending.submits > 0).count();
		let hindrance = self.hindrance();
		let all = won as usize == self.answers.len();
		Explanation {
			resource: self.open.resource,
			round: self.open.round,
			challenge: self.open.challenge,
			answers: u32::try_from(submitted).unwrap_or(u32::MAX),
			ending: match won {
				0 => Ending::NotWon(hindrance),
				_ => Ending::Won(won),
			},
			besides: (won > 0 && (!all || !hindrance.is_chance())).then_some(hindrance),
		}
	}

	/// What hindered it most: what became of its answers says more than why there were no others.
	fn hindrance(&self) -> Why {
		if !self.present {
			return Why::Reorganised;
		}
		let worst = self.answers.iter().find(|pending| pending.state != State::Included);
		match worst.map(|pending| pending.state) {
			None | Some(State::Included) => self.hindrance_of_work(),
			Some(State::Refused(refusal)) => Why::Refused(refusal),
			Some(State::Keeping | State::Unkept) => Why::NotKept,
			Some(State::Ready) if !self.node_lost => self.unseen.unwrap_or(Why::Unfinished),
			Some(State::Ready | State::Unsure | State::Again(Refusal::Unreachable)) => Why::NodeLost,
			Some(State::Again(refusal)) => Why::Refused(refusal),
			Some(State::Sent | State::Pooled) if self.node_lost => Why::NodeLost,
			Some(State::Sent | State::Pooled) => Why::NotIncluded,
		}
	}

	/// The same of its work alone.
	fn hindrance_of_work(&self) -> Why {
		match (self.why, self.unseen) {
			// Who came late need not be slow.
			(Why::Unasked | Why::Unclear | Why::Late { .. } | Why::Partly { .. } | Why::Slow { .. }, Some(unseen)) => {
				unseen
			}
			(Why::Late { .. } | Why::Unasked, None) if self.node_lost => Why::NodeLost,
			// So it was when the work was begun, or when it waited for other work.
			(Why::Late { needed, left }, None) if needed <= left => Why::Unfinished,
			(why, _) => why,
		}
	}
}

/// The first eight bytes, as a number.
pub(crate) fn leading(hash: &[u8; 32]) -> u64 {
	hash.iter()
		.take(8)
		.fold(0, |number, byte| (number << 8) | u64::from(*byte))
}
