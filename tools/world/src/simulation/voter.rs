//! The voter's task, as `node/consensus/src/voter` has it: votes are flooded, each node passes on what it has not seen;
//! the core's actions are done in their order. One thing at a time: what a step takes, the next one waits.

use crate::{
	chain::Id,
	plan::Us,
	simulation::{Simulation, What, SET},
	wire,
};
use smartchain_bft::{Action, Certificate, Event, Now, Phase, Resend, SignedVote, Vote};
use std::{collections::VecDeque, rc::Rc};

/// Peers that are asked for certificates at a time while finality stands still.
const ASKED_PEERS: usize = 3;
/// How many slots ahead of the clock a vote may be.
const MAX_SLOTS_AHEAD: u64 = 2;

/// What is flooded, or sent to a peer.
#[derive(Clone)]
pub enum Message {
	/// A vote; the signature is a byte.
	Vote(SignedVote<u64, u8>),
	/// A certificate.
	Certificate(Rc<Certificate<u64, u8>>),
}

impl Simulation {
	/// The core hears of an imported block.
	pub fn told(&mut self, node: usize, id: Id) {
		let block = self.chain.at(id).block;
		self.step(node, self.now(), Event::Imported(block));
	}

	/// The core sees the time.
	pub fn tick(&mut self, node: usize) {
		self.step(node, self.now(), Event::Tick);
	}

	/// A message arrives.
	pub fn message(&mut self, node: usize, from: usize, id: u32) {
		let now = self.now();
		let slot = match &self.messages[id as usize] {
			Message::Vote(vote) => vote.vote.block.slot,
			Message::Certificate(certificate) => certificate.vote.block.slot,
		};
		let this = &self.nodes[node];
		let costs = self.plan.costs;
		let out_of_window =
			slot <= this.core.finalized().slot || slot > self.clock(now).slot.saturating_add(MAX_SLOTS_AHEAD);
		if self.knows(node, id) || out_of_window {
			self.nodes[node].voter_busy = now + costs.known;
			return;
		}
		self.note(node, id);
		match self.messages[id as usize].clone() {
			Message::Vote(vote) => {
				let checked = now + costs.vote;
				self.broadcast(node, checked, id, Some(from));
				self.step(node, checked, Event::Vote(vote));
			}
			Message::Certificate(certificate) => {
				self.step(
					node,
					now + costs.certificate,
					Event::Certificate((*certificate).clone()),
				);
			}
		}
	}

	fn knows(&self, node: usize, id: u32) -> bool {
		let (word, bit) = (id as usize / 64, id % 64);
		self.nodes[node]
			.known
			.get(word)
			.is_some_and(|bits| bits >> bit & 1 == 1)
	}

	fn note(&mut self, node: usize, id: u32) {
		let (word, bit) = (id as usize / 64, id % 64);
		let known = &mut self.nodes[node].known;
		if known.len() <= word {
			known.resize(word + 1, 0);
		}
		known[word] |= 1 << bit;
	}

	fn broadcast(&mut self, node: usize, now: Us, id: u32, except: Option<usize>) {
		for i in 0..self.network.peers(node).len() {
			let peer = self.network.peers(node)[i];
			if Some(peer) != except {
				self.send(node, now, peer, id);
			}
		}
	}

	fn send(&mut self, node: usize, now: Us, peer: usize, id: u32) {
		let bytes = match &self.messages[id as usize] {
			Message::Vote(_) => wire::VOTE,
			Message::Certificate(c) => wire::certificate(self.plan.voters, c.signatures.len()),
		};
		let at = self.network.send(now, node, peer, bytes, false);
		let (from, node) = (node as u16, peer as u16);
		self.at(at, What::Message { node, from, id });
	}

	/// One step of a core, and in tests a look at all that has to hold after it.
	fn core_step(&mut self, node: usize, clock: Now, event: Event<u64, u8>) -> Vec<Action<u64, u8>> {
		let core = &mut self.nodes[node].core;
		let actions = core.step(clock, event);
		let broken = if cfg!(test) { core.check().err() } else { None };
		if let Some(broken) = broken {
			self.breach = Some(format!("invariant {broken} of node {node} does not hold"));
		}
		actions
	}

	/// Feeds the core and does what it answers.
	fn step(&mut self, node: usize, mut now: Us, event: Event<u64, u8>) {
		let clock = self.clock(now);
		let mut actions: VecDeque<_> = self.core_step(node, clock, event).into();
		while let Some(action) = actions.pop_front() {
			match action {
				Action::Cast { votes, .. } => {
					// The state covers them all: one write.
					let commits = votes.iter().any(|vote| vote.phase == Phase::Commit);
					let costs = self.plan.costs;
					now += if commits {
						costs.write_commit
					} else {
						costs.write_prevote
					};
					for vote in votes {
						let signed = self.sign(node, now, vote);
						actions.extend(self.core_step(node, clock, Event::Vote(signed)));
					}
				}
				Action::Certified(certificate) => {
					let id = self.chain.id(certificate.vote.block.hash);
					let certified = &mut self.chain.at(id).progress[node].certified;
					*certified = now.min(*certified);
				}
				Action::Finalize { block, .. } => {
					if let Err(breach) = self.chain.finalize(node, &block, now) {
						self.breach = Some(breach);
					}
				}
				// The block is on its way: no message is lost here. The stock sync would ask those that announced it,
				// as it does on the announcement.
				Action::Head(_) | Action::Fetch(_) => (),
				Action::Equivocation { first, second } => {
					self.breach = Some(format!("an equivocation: {first:?}, {second:?}"));
				}
				Action::SignedElsewhere(vote) => self.breach = Some(format!("signed elsewhere: {vote:?}")),
				Action::Resend(resend) => self.resend(node, now, resend),
			}
		}
		self.nodes[node].voter_busy = now;
	}

	fn sign(&mut self, node: usize, now: Us, vote: Vote<u64>) -> SignedVote<u64, u8> {
		debug_assert_eq!(vote.set_id, SET);
		let signed = SignedVote {
			vote,
			voter: node as u16,
			signature: node as u8,
		};
		let id = self.add(Message::Vote(signed.clone()));
		self.message_ids.insert(key(&signed), id);
		self.note(node, id);
		self.broadcast(node, now, id, None);
		signed
	}

	fn add(&mut self, message: Message) -> u32 {
		self.messages.push(message);
		self.messages.len() as u32 - 1
	}

	/// Finality has stood still for a second.
	fn resend(&mut self, node: usize, now: Us, resend: Resend<u64, u8>) {
		for block in resend.blocks {
			let id = self.chain.id(block.hash);
			self.announce(node, id, now);
		}
		for vote in &resend.votes {
			let id = self.message_ids[&key(vote)];
			self.broadcast(node, now, id, None);
		}
		for certificate in resend.certificates {
			let id = self.add(Message::Certificate(Rc::new(certificate)));
			self.note(node, id);
			self.broadcast(node, now, id, None);
		}
		for _ in 0..ASKED_PEERS.min(self.network.peers(node).len()) {
			let peers = self.network.peers(node);
			let peer = peers[self.nodes[node].asks % peers.len()];
			self.nodes[node].asks += 1;
			let at = self.network.send(now, node, peer, wire::ASK, false);
			let (from, node) = (node as u16, peer as u16);
			self.at(at, What::Asked { node, from });
		}
	}

	/// A peer lacks certificates: it gets the newest of both phases.
	pub fn asked(&mut self, node: usize, from: usize) {
		let now = self.now();
		let core = &self.nodes[node].core;
		let highest = core.certificate(&core.highest_certified().hash);
		let newest: Vec<_> = core
			.finality_certificate()
			.into_iter()
			.chain(highest)
			.cloned()
			.collect();
		for certificate in newest {
			let id = self.add(Message::Certificate(Rc::new(certificate)));
			self.send(node, now, from, id);
		}
		self.nodes[node].voter_busy = now + self.plan.costs.known;
	}
}

fn key(signed: &SignedVote<u64, u8>) -> (u16, bool, u64) {
	(signed.voter, signed.vote.phase == Phase::Commit, signed.vote.block.hash)
}
