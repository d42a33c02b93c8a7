//! The Byzantine voters: one mind with several keys, that sees every block and vote at once and whose messages are
//! never lost.

use super::{
	director, ledger::Sig, sign, some_of, Behaviour, Cert, Message, Plan, Signed, World, GENESIS, SET, SLOT_MS,
};
use smartchain_bft::{
	quorum, Block, BlockRef, Certificate, Config, Core, Event, Now, Phase, Rules, Slot, Vote, VoterIndex, VoterState,
};
use smartchain_rng::Rng;
use std::collections::BTreeMap;

/// How many of the latest blocks it works with.
const RECENT: usize = 24;
/// How many votes a slot it invents for each node: nearly as many as its peers may send.
const INVENTED: usize = 350;

/// The adversary.
pub struct Adversary {
	keys: Vec<(VoterIndex, Behaviour)>,
	rng: Rng,
	quorum: usize,
	relaxed_quorum: Option<usize>,
	/// What an honest observer would make of it all.
	view: Core<u64, Sig>,
	recent: Vec<BlockRef<u64>>,
	heard: Vec<Signed>,
	tally: BTreeMap<Vote<u64>, BTreeMap<VoterIndex, Sig>>,
	hidden: Vec<Cert>,
	withheld: Vec<(usize, Signed)>,
	authored: Slot,
}

impl Adversary {
	pub fn new(keys: Vec<(VoterIndex, Behaviour)>, plan: &Plan) -> Self {
		let (root, voters) = (GENESIS, plan.voters);
		let config = Config {
			set_id: SET,
			voters,
			me: None,
			root,
			relaxed_quorum: plan.relaxed_quorum,
			relax_after_ms: plan.relax_after_ms,
			state: VoterState::fresh(root),
			silent_until: None,
			listen_ms: 0,
		};
		Self {
			rng: Rng::new(plan.seed ^ 0xad7e),
			keys,
			quorum: quorum(usize::from(voters)),
			relaxed_quorum: plan.relaxed_quorum.map(usize::from),
			view: Core::new(config),
			recent: vec![root],
			heard: Vec::new(),
			tally: BTreeMap::new(),
			hidden: Vec::new(),
			withheld: Vec::new(),
			authored: 0,
		}
	}

	fn any(&self, what: impl Fn(&Behaviour) -> bool) -> bool {
		self.keys.iter().any(|(_, b)| what(b))
	}

	fn see(&mut self, slot: Slot, event: Event<u64, Sig>) {
		// Only its head is of use; the far future counts as well.
		self.view.step(
			Now {
				ms: slot * SLOT_MS,
				slot,
			},
			event,
		);
	}

	/// Goes on in the next set with what was made above its start.
	fn follow<R: Rules>(&mut self, world: &World<R>) {
		while self.view.has_ended() {
			let root = self.view.finalized();
			self.view = Core::new(Config {
				set_id: world.ledger.set_after(root.hash),
				voters: world.plan.voters,
				me: None,
				root,
				relaxed_quorum: world.plan.relaxed_quorum,
				relax_after_ms: world.plan.relax_after_ms,
				state: VoterState::fresh(root),
				silent_until: None,
				listen_ms: 0,
			});
			for hash in &world.ledger.made {
				if let Some(block) = world.ledger.blocks.get(hash).filter(|b| b.block.number > root.number) {
					self.see(block.block.slot, Event::Imported(*block));
				}
			}
		}
	}

	/// A block was made, by whomever: it is voted for at once.
	pub fn saw_block<R: Rules>(&mut self, world: &mut World<R>, block: Block<u64>) {
		self.see(block.block.slot, Event::Imported(block));
		self.follow(world);
		self.recent.push(block.block);
		if self.recent.len() > RECENT {
			self.recent.remove(0);
		}
		for (voter, behaviour) in self.keys.clone() {
			if !behaviour.votes_for_all {
				continue;
			}
			let sets = world.ledger.sets_of(block.block.hash);
			let votes = sets.into_iter().rev().take(2).flat_map(|(set_id, end)| {
				[Phase::Prevote, Phase::Commit].map(|phase| Vote {
					set_id,
					phase,
					relaxed: false,
					block: block.block,
					end,
				})
			});
			// Under both flags, whether the block ends a set or not.
			let relaxed = |vote: Vote<u64>| behaviour.relaxes.then_some(Vote { relaxed: true, ..vote });
			for vote in votes.flat_map(|vote| [Some(vote), relaxed(vote)]).flatten() {
				let signed = sign(voter, vote);
				for to in 0..world.nodes.len() {
					if behaviour.split_votes && self.rng.percent(50) {
						continue;
					}
					if behaviour.withheld_votes {
						self.withheld.push((to, signed.clone()));
					} else {
						world.slip(to, Message::Vote(signed.clone()));
					}
				}
			}
		}
	}

	/// An honest vote: with enough of them the own ones make a certificate, which need not be shown.
	pub fn saw_vote<R: Rules>(&mut self, world: &mut World<R>, signed: &Signed) {
		self.see(world.now_ms / SLOT_MS, Event::Vote(signed.clone()));
		self.follow(world);
		if self.heard.len() < 512 {
			self.heard.push(signed.clone());
		} else {
			let place = self.rng.below(512) as usize;
			self.heard[place] = signed.clone();
		}
		if !self.any(|b| b.hidden_certificates) {
			return;
		}
		let required = match self.relaxed_quorum {
			Some(relaxed) if signed.vote.relaxed => relaxed,
			_ => self.quorum,
		};
		let signatures = self.tally.entry(signed.vote).or_default();
		signatures.insert(signed.voter, signed.signature);
		if signatures.len() + self.keys.len() != required {
			return;
		}
		for (voter, _) in &self.keys {
			signatures.insert(*voter, sign(*voter, signed.vote).signature);
		}
		if signatures.len() >= required {
			self.hidden.push(Certificate {
				vote: signed.vote,
				signatures: signatures.clone(),
			});
		}
	}

	/// Once a slot.
	pub fn act<R: Rules>(&mut self, world: &mut World<R>) {
		let nodes = world.nodes.len();
		let slot = (world.now_ms + super::EPOCH_MS) / SLOT_MS;
		self.see(slot, Event::Tick);
		self.author(world, slot);
		if self.any(|b| b.replays) {
			for _ in 0..4 {
				let Some(signed) = self.rng.pick(&self.heard).cloned() else {
					break;
				};
				world.slip(self.rng.below(nodes as u64) as usize, Message::Vote(signed));
			}
		}
		if self.any(|b| b.forges) {
			self.forge(world);
		}
		if self.any(|b| b.invents) {
			self.invent(world, slot);
		}
		for (to, signed) in std::mem::take(&mut self.withheld) {
			if self.rng.percent(20) {
				world.slip(to, Message::Vote(signed));
			} else {
				self.withheld.push((to, signed));
			}
		}
		let hidden = std::mem::take(&mut self.hidden);
		for certificate in hidden {
			if !self.rng.percent(15) {
				self.hidden.push(certificate);
				continue;
			}
			self.see(slot, Event::Certificate(certificate.clone()));
			for to in some_of(&mut self.rng, nodes) {
				world.slip(to, Message::Certificate(certificate.clone()));
			}
		}
		let excess = self.hidden.len().saturating_sub(64);
		self.hidden.drain(..excess);
	}

	/// A quorum by count only: signatures of one key under several names, and of other votes.
	fn forge<R: Rules>(&mut self, world: &mut World<R>) {
		let Some(block) = self.rng.pick(&self.recent).copied() else {
			return;
		};
		let Some((voter, _)) = self.keys.first().copied() else {
			return;
		};
		let phase = if self.rng.percent(50) {
			Phase::Prevote
		} else {
			Phase::Commit
		};
		let vote = Vote {
			set_id: SET,
			phase,
			relaxed: self.any(|b| b.relaxes) && self.rng.percent(50),
			block,
			end: None,
		};
		let other = self.rng.pick(&self.heard).map(|s| s.signature);
		let signatures = (0..world.plan.voters)
			.map(|named| {
				(
					named,
					other
						.filter(|_| self.rng.percent(50))
						.unwrap_or(sign(voter, vote).signature),
				)
			})
			.collect();
		let certificate = Certificate { vote, signatures };
		for to in 0..world.nodes.len() {
			world.slip(to, Message::Certificate(certificate.clone()));
		}
	}

	/// Votes for blocks that are not, of each slot that is still of interest: for each node others, as many as it
	/// takes.
	fn invent<R: Rules>(&mut self, world: &mut World<R>, slot: Slot) {
		for to in 0..world.nodes.len() {
			for _ in 0..INVENTED {
				let Some((voter, _)) = self.rng.pick(&self.keys).copied() else {
					return;
				};
				let slot = slot + self.rng.below(4) - 1;
				let vote = Vote {
					set_id: SET,
					phase: *self
						.rng
						.pick(&[Phase::Prevote, Phase::Commit])
						.unwrap_or(&Phase::Prevote),
					relaxed: false,
					block: BlockRef {
						slot,
						number: slot,
						hash: self.rng.next_u64(),
					},
					end: None,
				};
				world.slip(to, Message::Vote(sign(voter, vote)));
			}
		}
	}

	/// One header under many seals: all but one for a node that has no turn for long, the one that ranks highest for
	/// the others.
	fn seal_often<R: Rules>(&mut self, world: &mut World<R>, slot: Slot, voter: VoterIndex, seals: usize) {
		let parent = self.view.head();
		if parent.slot >= slot {
			return;
		}
		let mut hashes: Vec<_> = (0..seals).map(|_| world.rng.next_u64()).collect();
		hashes.sort_unstable();
		let victim = (voter + 2) % world.plan.voters;
		let highest = hashes.last().copied();
		for hash in hashes {
			let block = BlockRef {
				slot,
				number: parent.number + 1,
				hash,
			};
			let block = Block {
				block,
				parent: parent.hash,
				primary: true,
				ends_set: false,
			};
			world.ledger.make(block);
			self.saw_block(world, block);
			for to in 0..world.nodes.len() {
				let is_victim = world.nodes[to].identity == Some(victim);
				if is_victim != (Some(hash) == highest) {
					world.slip(to, Message::Block(hash));
				}
			}
		}
	}

	fn author<R: Rules>(&mut self, world: &mut World<R>, slot: Slot) {
		for (voter, behaviour) in self.keys.clone() {
			if behaviour == Behaviour::SILENT || behaviour.invents {
				continue;
			}
			if behaviour.siblings > 0 {
				// Once a turn: then it is silent, and its standby goes on.
				if slot % world.plan.turn == 0 && director(&world.plan, slot) == voter && self.authored < slot {
					self.authored = slot;
					self.seal_often(world, slot, voter, behaviour.siblings);
				}
				continue;
			}
			if behaviour.future_slots && self.rng.percent(20) {
				let later = slot + self.rng.range(1, 40);
				if director(&world.plan, later) == voter {
					self.publish(world, later, self.view.head());
				}
			}
			if director(&world.plan, slot) != voter || self.authored >= slot {
				continue;
			}
			self.authored = slot;
			self.publish(world, slot, self.view.head());
			if behaviour.equivocating_director {
				for _ in 0..self.rng.range(1, 2) {
					let parent = self.rng.pick(&self.recent).copied().unwrap_or(GENESIS);
					self.publish(world, slot, parent);
				}
			}
		}
	}

	fn publish<R: Rules>(&mut self, world: &mut World<R>, slot: Slot, parent: BlockRef<u64>) {
		if parent.slot >= slot {
			return;
		}
		let hash = world.rng.next_u64();
		let block = BlockRef {
			slot,
			number: parent.number + 1,
			hash,
		};
		// It lies about what it holds final, so that nothing keeps it from a change.
		let ends_set = world.plan.changes() && world.rng.percent(world.plan.change_percent);
		let block = Block {
			block,
			parent: parent.hash,
			primary: true,
			ends_set,
		};
		let replaces = ends_set && world.ledger.replaces(&world.plan, world.now_ms, parent.hash);
		world.ledger.make(block);
		if replaces {
			world.ledger.replacing.insert(hash);
		}
		world.made_ms.insert(hash, world.now_ms);
		self.saw_block(world, block);
		let equivocates = self.any(|b| b.equivocating_director);
		for to in 0..world.nodes.len() {
			if !equivocates || self.rng.percent(60) {
				world.slip(to, Message::Block(hash));
			}
		}
	}
}
