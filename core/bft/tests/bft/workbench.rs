//! One core on a workbench: blocks and votes by hand.

use smartchain_bft::{
	core::RELAX_AFTER_MS, quorum, Action, Block, BlockRef, Certificate, Config, Core, Event, Now, Phase, SignedVote,
	Vote, VoterIndex, VoterState,
};

pub type Act = Action<u64, u8>;
pub const ROOT: BlockRef<u64> = BlockRef {
	slot: 10,
	number: 0,
	hash: 0,
};
pub const SET: u64 = 3;

/// A block of this slot; its hash is `slot * 100 + name`.
pub fn block(slot: u64, number: u64, name: u64) -> BlockRef<u64> {
	BlockRef {
		slot,
		number,
		hash: slot * 100 + name,
	}
}

pub fn vote(phase: Phase, block: BlockRef<u64>) -> Vote<u64> {
	Vote {
		set_id: SET,
		phase,
		relaxed: false,
		block,
		end: None,
	}
}

pub fn signed(voter: VoterIndex, phase: Phase, block: BlockRef<u64>) -> SignedVote<u64, u8> {
	SignedVote {
		vote: vote(phase, block),
		voter,
		signature: voter as u8,
	}
}

/// A certificate by the last voters of a set.
pub fn certificate(voters: u16, phase: Phase, block: BlockRef<u64>) -> Certificate<u64, u8> {
	let first = voters - quorum(usize::from(voters)) as u16;
	Certificate {
		vote: vote(phase, block),
		signatures: (first..voters).map(|v| (v, v as u8)).collect(),
	}
}

/// The same of votes that know the block to lie beyond the end of the set.
pub fn beyond(end: BlockRef<u64>, certificate: Certificate<u64, u8>) -> Certificate<u64, u8> {
	Certificate {
		vote: Vote {
			end: Some(end),
			..certificate.vote
		},
		..certificate
	}
}

/// The bench. Votes that the core casts are fed back at once, unless told otherwise.
pub struct Bench {
	pub core: Core<u64, u8>,
	pub now: Now,
	pub feeds_back: bool,
}

impl Bench {
	pub fn of(config: Config<u64>) -> Self {
		Self {
			core: Core::new(config),
			now: Now { ms: 0, slot: 1000 },
			feeds_back: true,
		}
	}

	/// Voter 0 of so many, from a fresh state.
	pub fn new(voters: u16) -> Self {
		Self::of(config(voters, VoterState::fresh(ROOT)))
	}

	pub fn step(&mut self, event: Event<u64, u8>) -> Vec<Act> {
		let mut all = Vec::new();
		let mut events = vec![event];
		while let Some(event) = events.pop() {
			let actions = self.core.step(self.now, event);
			for action in &actions {
				if let (Action::Cast { votes, .. }, true, Some(me)) = (action, self.feeds_back, self.core.me()) {
					let signed = votes.iter().map(|vote| SignedVote {
						vote: *vote,
						voter: me,
						signature: me as u8,
					});
					// The last is taken first.
					events.extend(signed.rev().map(Event::Vote));
				}
			}
			all.extend(actions);
		}
		all
	}

	/// A block that ends the voter set.
	pub fn import_end(&mut self, block: BlockRef<u64>, parent: BlockRef<u64>) -> Vec<Act> {
		self.import_as(block, parent, true)
	}

	pub fn import(&mut self, block: BlockRef<u64>, parent: BlockRef<u64>) -> Vec<Act> {
		self.import_as(block, parent, false)
	}

	fn import_as(&mut self, block: BlockRef<u64>, parent: BlockRef<u64>, ends_set: bool) -> Vec<Act> {
		self.step(Event::Imported(Block {
			block,
			parent: parent.hash,
			primary: true,
			ends_set,
		}))
	}

	pub fn vote(&mut self, voter: VoterIndex, phase: Phase, block: BlockRef<u64>) -> Vec<Act> {
		self.step(Event::Vote(signed(voter, phase, block)))
	}

	pub fn certificate(&mut self, voters: u16, phase: Phase, block: BlockRef<u64>) -> Vec<Act> {
		self.step(Event::Certificate(certificate(voters, phase, block)))
	}

	pub fn tick(&mut self, ms: u64) -> Vec<Act> {
		self.now.ms += ms;
		self.step(Event::Tick)
	}
}

pub fn config(voters: u16, state: VoterState<u64>) -> Config<u64> {
	Config {
		set_id: SET,
		voters,
		me: Some(0),
		root: ROOT,
		relaxed_quorum: None,
		relax_after_ms: RELAX_AFTER_MS,
		state,
		silent_until: None,
		listen_ms: 0,
	}
}

/// The votes of an action.
pub fn votes(action: &Act) -> &[Vote<u64>] {
	match action {
		Action::Cast { votes, .. } => votes,
		_ => &[],
	}
}

/// The votes cast, in order.
pub fn cast(actions: &[Act]) -> Vec<(Phase, BlockRef<u64>)> {
	actions
		.iter()
		.flat_map(votes)
		.map(|vote| (vote.phase, vote.block))
		.collect()
}
