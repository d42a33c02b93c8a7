//! Drives a core by arbitrary bytes and checks, after every step, what has to hold whatever comes in. The fuzz target
//! and the ordinary tests share it.

use smartchain_bft::{
	Action, Block, BlockRef, Certificate, Config, Core, Event, Now, Phase, Reason, Refused, SignedVote, Slot, Vote,
	VoterIndex, VoterState,
};
use std::collections::{BTreeMap, VecDeque};

const SET: u64 = 7;
/// Of the smaller set, in which the 51% rule is off, and of the larger one.
const VOTERS: u16 = 4;
const LARGER: u16 = 5;

/// Bytes as a source of choices; zeroes where they end.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
	fn byte(&mut self) -> u8 {
		self.0.next().copied().unwrap_or(0)
	}

	/// Mostly small numbers, sometimes the largest.
	fn number(&mut self) -> u64 {
		match self.byte() {
			byte @ 0..=239 => u64::from(byte),
			byte @ 240..=247 => u64::from(byte) << 32,
			byte => u64::MAX - u64::from(255 - byte),
		}
	}
}

/// What was seen so far.
struct Watch {
	core: Core<u64, u8>,
	me: Option<VoterIndex>,
	state: VoterState<u64>,
	finalized: BlockRef<u64>,
	cast: BTreeMap<(Phase, Slot, bool), u64>,
	stopped: bool,
	/// The slot up to which it forgets.
	horizon: Option<Slot>,
	/// Whether it still forgets, still listens, and doubts its clock.
	silent: [bool; 3],
	in_sync: bool,
	listens_until: Option<u64>,
	/// The blocks made that end the set, and those beyond them with the end that they descend from.
	ends: BTreeMap<u64, BlockRef<u64>>,
}

impl Watch {
	/// The end of the set that a block lies beyond.
	fn end_below(&self, block: &BlockRef<u64>) -> Option<BlockRef<u64>> {
		self.ends.get(&block.hash).copied().filter(|end| end != block)
	}

	/// Something that begins or ends a silence.
	fn silence(&mut self, now: Now, kind: u8) -> Event<u64, u8> {
		match kind % 4 {
			0 => {
				self.listens_until.get_or_insert(now.ms.saturating_add(1_000));
				Event::Connected
			}
			1 => {
				self.in_sync = kind >= 64;
				Event::InSync(self.in_sync)
			}
			_ => {
				self.silent[2] = kind >= 128;
				Event::ClockDoubt(self.silent[2])
			}
		}
	}

	/// What the silences should be after a step.
	fn look_at_silence(&mut self, now: Now) {
		let above = |horizon| self.core.finalized().slot > horizon;
		if self.in_sync && self.horizon.is_some_and(above) {
			self.silent[0] = false;
		}
		if self.listens_until.is_some_and(|ms| now.ms >= ms) {
			self.silent[1] = false;
		}
	}

	/// A quorum signed it; or a relaxed one, of an end of the set.
	fn is_enough(&self, certificate: &Certificate<u64, u8>) {
		let (signers, decides) = (certificate.signatures.len(), certificate.vote.decides());
		if certificate.vote.relaxed {
			assert!(self.core.relaxed_quorum().is_some_and(|relaxed| signers >= relaxed));
			assert_eq!(self.ends.get(&decides.hash), Some(&decides));
		} else {
			assert!(signers >= self.core.quorum());
		}
	}

	/// What has to hold of each vote that is cast.
	fn check_vote(&mut self, vote: &Vote<u64>, state: &VoterState<u64>) {
		assert!(
			!self.stopped && self.me.is_some(),
			"a voter that does not vote casts nothing"
		);
		assert!(self.silent.iter().all(|silent| !silent), "nor does a silent one");
		assert_eq!(vote.set_id, SET);
		let end = self.ends.get(&vote.decides().hash);
		assert!(
			!vote.relaxed || end == Some(&vote.decides()),
			"relaxed votes are for an end"
		);
		assert!(!vote.relaxed || self.core.relaxed_quorum().is_some());
		let voted = self
			.cast
			.insert((vote.phase, vote.block.slot, vote.relaxed), vote.block.hash);
		assert_eq!(voted, None, "one vote a slot, phase and flag");
		let other = self.cast.get(&(vote.phase, vote.block.slot, !vote.relaxed));
		assert!(other.is_none_or(|other| *other == vote.block.hash), "of one block");
		let covered = match vote.phase {
			Phase::Prevote => state.last_prevote.slot,
			Phase::Commit => state.lock.slot,
		};
		assert!(vote.block.slot <= covered, "the state covers the vote");
		assert!(
			self.horizon.is_none_or(|horizon| vote.block.slot > horizon),
			"above the horizon"
		);
	}

	/// What has to hold after every step.
	fn check(&mut self, actions: &[Action<u64, u8>]) {
		let (before, after) = (self.state, self.core.state());
		assert!(
			after.last_prevote.slot >= before.last_prevote.slot,
			"the last prevote's slot only grows"
		);
		assert!(after.lock.slot >= before.lock.slot, "the lock's slot only grows");
		let core = &self.core;
		assert!(core.finalized().slot >= self.finalized.slot, "finality only grows");
		assert!(core.head().number >= core.finalized().number && core.knows(&core.head().hash));
		if let Err(broken) = core.check() {
			panic!("{broken} does not hold: {core:?}");
		}
		assert_ne!(core.why_not_voting(), Some(Reason::Inconsistent));
		let mut told = None;
		for action in actions {
			match action {
				Action::Cast { votes, state } => {
					assert!(told.is_none() && !votes.is_empty(), "one batch a step");
					told = Some(*state);
					votes.iter().for_each(|vote| self.check_vote(vote, state));
				}
				Action::SignedElsewhere(signed) => {
					assert_eq!(Some(signed.voter), self.me);
					self.stopped = true;
				}
				action => self.check_action(action),
			}
		}
		assert_eq!(told.unwrap_or(before), after, "each change of state is told");
		self.state = after;
		self.finalized = self.core.finalized();
	}

	/// What has to hold of an action, but of those by which the voter speaks.
	fn check_action(&self, action: &Action<u64, u8>) {
		let core = &self.core;
		match action {
			Action::Certified(c) => {
				assert!(c.vote.phase == Phase::Prevote);
				self.is_enough(c);
			}
			Action::Finalize { block, certificate: c } => {
				assert!(c.vote.phase == Phase::Commit);
				self.is_enough(c);
				assert_eq!(*block, c.vote.end.unwrap_or(c.vote.block));
				assert!(block.slot <= c.vote.block.slot && core.finalized() == *block);
				assert_eq!(
					core.has_ended(),
					self.ends.get(&block.hash) == Some(block),
					"a set ends with its end and with nothing else"
				);
			}
			Action::Fetch(block) => assert!(block.slot > self.finalized.slot),
			Action::Equivocation { first, second } => {
				assert!(first.voter == second.voter && Some(first.voter) != self.me);
				assert!(first.vote.block.hash != second.vote.block.hash && first.vote.phase == second.vote.phase);
				assert_eq!(first.vote.block.slot, second.vote.block.slot);
			}
			Action::Resend(resend) => assert!(resend.blocks.iter().all(|b| core.knows(&b.hash))),
			Action::Head(_) | Action::Cast { .. } | Action::SignedElsewhere(_) => {}
		}
	}
}

/// A run: the core that is watched, the blocks that were made, and the time.
struct Run {
	watch: Watch,
	blocks: Vec<BlockRef<u64>>,
	now: Now,
}

impl Run {
	fn new(choices: &mut Choices) -> Self {
		let root = BlockRef {
			slot: 2,
			number: 1,
			hash: 0,
		};
		let first = choices.byte();
		let voters = if first >= 128 { LARGER } else { VOTERS };
		let me = Some(VoterIndex::from(first % 6)).filter(|me| *me < voters);
		let kind = choices.byte();
		let horizon = (kind % 8 == 1).then_some(u64::from(kind / 8));
		let listens = kind % 8 == 2;
		let core = Core::new(Config {
			set_id: SET,
			voters,
			me,
			root,
			relaxed_quorum: (voters == LARGER).then_some(3),
			relax_after_ms: 2_000,
			state: VoterState::fresh(root),
			silent_until: horizon,
			listen_ms: if listens { 1_000 } else { 0 },
		});
		let watch = Watch {
			state: core.state(),
			core,
			me,
			finalized: root,
			cast: BTreeMap::new(),
			stopped: false,
			horizon,
			silent: [horizon.is_some(), listens, false],
			in_sync: false,
			listens_until: None,
			ends: BTreeMap::new(),
		};
		Self {
			watch,
			blocks: vec![root],
			now: Now { ms: 0, slot: 5 },
		}
	}

	fn event(&mut self, choices: &mut Choices) -> Event<u64, u8> {
		let block = self.blocks[usize::from(choices.byte()) % self.blocks.len()];
		match choices.byte() % 16 {
			0..=4 => self.child(block, choices),
			// A block of whatever numbers.
			5 => Event::Imported(Block {
				block: BlockRef {
					slot: choices.number(),
					number: choices.number(),
					hash: choices.number(),
				},
				parent: block.hash,
				primary: true,
				ends_set: false,
			}),
			6..=10 => self.vote(block, choices),
			11..=12 => self.certificate(block, choices),
			13 => self.watch.silence(self.now, choices.byte()),
			14 => {
				self.now.slot = self.now.slot.saturating_add(u64::from(choices.byte() % 8));
				self.now.ms = self.now.ms.saturating_add(u64::from(choices.byte()) * 8);
				Event::Tick
			}
			_ => {
				match choices.byte() {
					200 => {
						self.watch.core.stop_voting(Reason::Told);
						self.watch.stopped = true;
					}
					// Clocks go wrong.
					201 => {
						self.now = Now {
							ms: choices.number(),
							slot: choices.number(),
						}
					}
					_ => {}
				}
				Event::Tick
			}
		}
	}

	/// A child of a known block, well made; its slot is a little above.
	fn child(&mut self, block: BlockRef<u64>, choices: &mut Choices) -> Event<u64, u8> {
		let slot = block.slot.saturating_add(1 + u64::from(choices.byte() % 4));
		let made = BlockRef {
			slot,
			number: block.number.saturating_add(1),
			hash: self.blocks.len() as u64,
		};
		self.blocks.push(made);
		let ends_set = choices.byte() >= 240;
		let end = self.watch.ends.get(&block.hash).copied();
		if let Some(end) = end.or(ends_set.then_some(made)) {
			self.watch.ends.insert(made.hash, end);
		}
		Event::Imported(Block {
			block: made,
			parent: block.hash,
			primary: slot % 2 == 0,
			ends_set,
		})
	}

	/// A vote of any voter, most often one that makes sense.
	fn vote(&mut self, block: BlockRef<u64>, choices: &mut Choices) -> Event<u64, u8> {
		let kind = choices.byte();
		let phase = if kind % 2 == 0 { Phase::Prevote } else { Phase::Commit };
		let mut vote = Vote {
			set_id: SET,
			phase,
			relaxed: kind >= 200,
			block,
			end: self.watch.end_below(&block),
		};
		match kind {
			250 => vote.set_id = choices.number(),
			251 => vote.block.slot = choices.number(),
			252 => vote.block.number = choices.number(),
			253 => vote.block.hash = choices.number(),
			254 => vote.end = Some(self.blocks[usize::from(choices.byte()) % self.blocks.len()]),
			_ => {}
		}
		// Votes under the own index come from the core, but for some.
		let voter = VoterIndex::from(kind / 2 % 6);
		if Some(voter) == self.watch.me && choices.byte() != 17 {
			return Event::Tick;
		}
		if Some(voter) != self.watch.me {
			// Somebody is there.
			self.watch
				.listens_until
				.get_or_insert(self.now.ms.saturating_add(1_000));
		}
		Event::Vote(SignedVote {
			vote,
			voter,
			signature: 0,
		})
	}

	/// Signed by any of them, and by any number.
	fn certificate(&self, block: BlockRef<u64>, choices: &mut Choices) -> Event<u64, u8> {
		let phase = match choices.byte() % 4 {
			0 => Phase::Commit,
			_ => Phase::Prevote,
		};
		let signers = choices.byte();
		let signatures = (0..8).filter(|v| signers & (1 << v) != 0).map(|v| (v, 0)).collect();
		Event::Certificate(Certificate {
			vote: Vote {
				set_id: SET,
				phase,
				relaxed: signers >= 128,
				block,
				end: self.watch.end_below(&block),
			},
			signatures,
		})
	}

	/// Feeds the core, and back to it what it casts.
	fn feed(&mut self, event: Event<u64, u8>) {
		let mut events = VecDeque::from([event]);
		while let Some(event) = events.pop_front() {
			let actions = self.watch.core.step(self.now, event);
			self.watch.look_at_silence(self.now);
			self.watch.check(&actions);
			for action in actions {
				if let (Action::Cast { votes, .. }, Some(voter)) = (action, self.watch.me) {
					let signed = |vote| SignedVote {
						vote,
						voter,
						signature: 0,
					};
					events.extend(votes.into_iter().map(signed).map(Event::Vote));
				}
			}
		}
	}
}

/// One run over these bytes.
pub fn drive(bytes: &[u8]) {
	let mut choices = Choices(bytes.iter());
	let mut run = Run::new(&mut choices);
	while choices.0.len() > 0 {
		let event = run.event(&mut choices);
		run.feed(event);
	}
	assert!(run.watch.core.refusals().count(Refused::Stale) <= bytes.len() as u64 * 4);
}
