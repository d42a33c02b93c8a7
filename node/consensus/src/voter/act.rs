//! What the core's actions do to the world.

use crate::{
	net::gossip::{trace_vote, Message},
	voter::{
		convert::{to_core_vote, to_primitive_vote, to_ref, to_target, to_vote},
		startup::path_to,
		Action, CoreCertificate, Event, Voter,
	},
};
use bft_finality_primitives::{Certificate, Phase, SignedVote, Vote, VoterSignature};
use codec::Encode;
use sc_network::PeerId;
use smartchain_bft as bft;
use smartchain_chain::{clock, Chain, SealedBlock, LOG_TARGET};
use smartchain_signing::{Cover, Silence};
use sp_core::H256;

/// How many peers are sent a block again each second.
const RESENT_BLOCKS_TO: usize = 3;
/// How far the client's best block may be above the core's head for it to be seen that it descends from it.
const MAX_LEAD: u32 = 256;

impl Voter {
	/// Does what the core asks for; what follows from it for the core.
	pub(super) fn act(&mut self, action: Action) -> Vec<Event> {
		match action {
			Action::Cast { votes, state } => return self.cast(&votes, state),
			Action::Head(_) => self.head_waits = true,
			Action::Certified(certificate) => {
				self.edge.metrics.certificate_made(Phase::Prevote);
				self.edge.handle.announce(self.to_certificate(&certificate));
			}
			Action::Finalize { certificate, .. } => self.finalize(&certificate),
			Action::Fetch(block) => return self.fetch(block),
			Action::Equivocation { first, second } => self.report_votes(&first, &second),
			Action::SignedElsewhere(vote) => {
				let seen = format!("a vote of phase {:?} in slot {}", vote.vote.phase, vote.vote.block.slot);
				self.edge.signer.stop(Silence::SignedElsewhere(seen));
			}
			Action::Resend(resend) => self.resend(resend),
		}
		Vec::new()
	}

	/// Signs votes once they are durable, and sends them. What could not be signed the core asks for again.
	fn cast(&mut self, votes: &[bft::Vote<H256>], covers: bft::VoterState<H256>) -> Vec<Event> {
		let Some(me) = self.me() else { return Vec::new() };
		let mut votes: Vec<Vote> = votes.iter().map(to_primitive_vote).collect();
		if votes.iter().any(|vote| vote.phase == Phase::Commit) && !self.keep_lock(covers.lock.hash) {
			votes.retain(|vote| vote.phase == Phase::Prevote);
		}
		if votes.is_empty() {
			return Vec::new();
		}
		let cover = Cover {
			set_id: self.core.set_id(),
			last_prevote: to_target(covers.last_prevote),
			other_branch_slot: covers.other_branch_slot,
			lock: to_target(covers.lock),
		};
		match self.edge.signer.sign_votes(me, &votes, cover) {
			Ok(signed) => {
				signed.iter().for_each(|vote| self.send_own(vote));
				signed.iter().map(|vote| Event::Vote(to_core_vote(vote))).collect()
			}
			Err(silence) => {
				log::warn!(target: LOG_TARGET, "Not voting: {silence}");
				if self.edge.signer.silence().is_some() {
					self.core.stop_voting(reason(&silence));
				}
				Vec::new()
			}
		}
	}

	/// Keeps the block that is committed to, and its certificate, for the day on which all forget at once; whether that
	/// went well.
	fn keep_lock(&mut self, lock: H256) -> bool {
		if let Err(error) = self.edge.kept_blocks.keep(&*self.edge.chain, lock) {
			log::warn!(target: LOG_TARGET, "Not committing: {error}");
			return false;
		}
		if let Some(certificate) = self.core.lock_certificate() {
			self.edge
				.signer
				.keep_lock_certificate(&self.to_certificate(certificate).encode());
		}
		true
	}

	fn send_own(&mut self, vote: &SignedVote) {
		trace_vote(vote, &"self");
		self.gauges.hear(vote);
		self.edge.commits.note(vote);
		if vote.vote.relaxed {
			self.edge.metrics.relaxed_vote_cast(vote.vote.phase);
		} else {
			self.edge.metrics.vote_cast(vote.vote.phase);
		}
		let bytes = Message::vote(vote.clone());
		self.inbox.filter.note(&bytes);
		self.edge.peers.broadcast(&bytes, None);
	}

	/// Has the client's best block follow the core's head. A best block that descends from the head stays: the core is
	/// about to hear of it, or it waits for its slot. So a start and a handover, which tell the core of block after
	/// block, move nothing back.
	pub(super) fn follow_head(&mut self) {
		self.head_waits = false;
		let head = self.core.head();
		let info = self.edge.chain.info();
		if info.best_hash == head.hash
			|| descends(&*self.edge.chain, (info.best_hash, info.best_number), &head) != Some(false)
		{
			return;
		}
		if let Err(error) = self.edge.chain.set_head(head.hash) {
			// It is tried again with each tick, and told once a slot.
			if self.head_failure != self.slot_now() {
				self.head_failure = self.slot_now();
				let (number, hash) = (head.number, head.hash);
				log::warn!(target: LOG_TARGET, "Block {number} ({hash:?}) cannot be made the best one: {error}");
			}
		}
	}

	fn finalize(&mut self, certificate: &CoreCertificate) {
		let certificate = self.to_certificate(certificate);
		let block = to_ref(certificate.vote.decides());
		self.edge.metrics.certificate_made(Phase::Commit);
		if self.head_waits {
			// What is finalized off the best chain becomes the best block by that, and would be left again at once.
			self.follow_head();
		}
		let finalized_before = self.edge.chain.info().finalized_number;
		if u64::from(finalized_before) < block.number {
			if let Err(error) = self.edge.chain.finalize(&certificate) {
				let (number, hash) = (block.number, block.hash);
				log::error!(target: LOG_TARGET, "Block {number} ({hash:?}) cannot be finalized: {error}");
				return;
			}
		}
		log::debug!(
			target: LOG_TARGET,
			"Final: block {} of slot {}, {} ms after its slot began",
			block.number,
			block.slot,
			clock::since_slot(block.slot, self.edge.slot_duration).as_millis(),
		);
		self.count_final(&block, finalized_before);
		self.edge.handle.announce(certificate);
	}

	/// The client may have what the core lacks; then the core is told, else the sync fetches it, and it is executed
	/// however many blocks of its author and slot there are.
	fn fetch(&self, block: bft::BlockRef<H256>) -> Vec<Event> {
		match path_to(&*self.edge.chain, block.hash, |hash| self.core.knows(hash)) {
			Some(path) => path.into_iter().map(Event::Imported).collect(),
			None => {
				let number = u32::try_from(block.number).unwrap_or(u32::MAX);
				self.edge.block_import.want_certified(block.hash);
				self.edge.ports.fetch(block.hash, number);
				Vec::new()
			}
		}
	}

	fn report_votes(
		&self,
		first: &bft::SignedVote<H256, VoterSignature>,
		second: &bft::SignedVote<H256, VoterSignature>,
	) {
		self.edge.metrics.equivocation("vote");
		log::warn!(
			target: LOG_TARGET,
			"Equivocation: voter {} cast two votes of phase {:?} in slot {}: {:?} and {:?}",
			first.voter, first.vote.phase, first.vote.block.slot, first.vote.block.hash, second.vote.block.hash,
		);
		// The core speaks of this set's voters alone, and never of this node.
		if let Some(voter) = self.inbox.filter.set().voters.get(usize::from(first.voter)) {
			let reporter = self.edge.block_import.reporter();
			reporter.votes(voter, to_vote(first), to_vote(second));
		}
	}

	fn resend(&mut self, resend: bft::Resend<H256, VoterSignature>) {
		self.edge.metrics.resent();
		self.push_again(&resend.blocks);
		for vote in &resend.votes {
			self.edge.peers.broadcast(&Message::vote(to_vote(vote)), None);
		}
		let certificates = resend.certificates.iter().map(|c| self.to_certificate(c));
		// A core that has finalized nothing yet knows no proof; whoever is behind needs the one of the change.
		let proof = self
			.core
			.finality_certificate()
			.is_none()
			.then(|| self.proof_of_final());
		let certificates: Vec<Certificate> = certificates.chain(proof.flatten()).collect();
		for certificate in certificates {
			self.edge.peers.offer_to_all(&Message::certificate(certificate));
		}
		self.ask();
	}

	/// Blocks that others may have missed are pushed to a few of them, others each second. (An announcement would reach
	/// nobody: the sync announces a block once to each peer, whether it arrives or not.)
	fn push_again(&mut self, blocks: &[bft::BlockRef<H256>]) {
		let peers: Vec<PeerId> = self.edge.peers.in_random_order();
		let peers = &peers[..peers.len().min(RESENT_BLOCKS_TO)];
		if peers.is_empty() {
			return;
		}
		for block in blocks {
			if let Some(sealed) = sealed_block(&*self.edge.chain, block.hash) {
				self.edge.ports.push_again(sealed, peers.to_vec());
			}
		}
	}

	pub(super) fn to_certificate(&self, certificate: &CoreCertificate) -> Certificate {
		super::convert::to_certificate(certificate, self.inbox.voters())
	}
}

/// A block of the database as it was pushed; none if it is not there, or is genesis.
fn sealed_block(chain: &dyn Chain, hash: H256) -> Option<SealedBlock> {
	let header = chain.header(hash).ok()??;
	if header.number == 0 {
		return None;
	}
	let body = chain.body(hash).ok()??;
	Some(SealedBlock { header, body })
}

/// Whether a block is another one or a descendant of it; none if that cannot be told.
fn descends(chain: &dyn Chain, (mut hash, number): (H256, u32), from: &bft::BlockRef<H256>) -> Option<bool> {
	let from_number = u32::try_from(from.number).ok()?;
	let lead = number.saturating_sub(from_number);
	if lead > MAX_LEAD {
		return None;
	}
	for _ in 0..lead {
		hash = chain.header(hash).ok()??.parent_hash;
	}
	Some(number >= from_number && hash == from.hash)
}

/// Why the core is not to vote.
pub(super) fn reason(silence: &Silence) -> bft::Reason {
	match silence {
		Silence::NoKey => bft::Reason::NotAVoter,
		Silence::Damaged { .. } => bft::Reason::SafetyFileDamaged,
		Silence::File(_) => bft::Reason::SafetyFileUnwritable,
		Silence::Keystore(_) => bft::Reason::CannotSign,
		Silence::SignedElsewhere(_) => bft::Reason::SignedElsewhere,
		Silence::SlotUsed { .. } => bft::Reason::Told,
	}
}
