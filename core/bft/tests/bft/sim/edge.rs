//! What the edge does around a core, on each simulated machine: it starts and restarts, takes messages in, and does
//! what the core answers.

use super::{
	director, director_after,
	ledger::{genuine, genuine_certificate, sign, Ledger, Sig, Signed, GENESIS},
	node::Node,
	plan::{PassesOn, Resends},
	Message, What, World, SET,
};
use smartchain_bft::{
	core::LISTEN_MS, quorum, Action, Block, BlockRef, Config, Core, Event, Phase, Reason, Resend, Rules, SetId, Vote,
	VoterState, Want,
};
use std::collections::{BTreeSet, VecDeque};

/// A new safety file says that nothing was signed further than this above the clock.
const RESET_MARGIN_SLOTS: u64 = 4;
/// A node whose head is no further than this behind the clock is in sync.
const IN_SYNC_SLOTS: u64 = 8;
/// Messages that a peer may send a second for each voter, and besides.
const MESSAGES_PER_VOTER: usize = 32;
const MESSAGES_ALWAYS: usize = 64;
/// As how many peers the adversary comes.
const CONNECTIONS: u64 = 4;

impl<R: Rules> World<R> {
	/// Starts a node from its disk; an observer begins with what another holds final, as by warp sync.
	pub(super) fn start(&mut self, node: usize) {
		if self.nodes[node].core.is_some() || self.is_gone(&self.nodes[node]) {
			return;
		}
		if self.nodes[node].identity.is_none() && !self.plan.changes() {
			let proof = |n: &Node<R>| n.core.as_ref()?.finality_certificate().cloned();
			if let Some(certificate) = self.nodes.iter().find_map(proof) {
				let this = &mut self.nodes[node];
				this.blocks.insert(certificate.vote.block.hash);
				this.disk.blocks.insert(certificate.vote.block.hash);
				this.disk.root = certificate.vote.block;
				this.disk.finality = Some(certificate.clone());
				self.ledger.finalize(node, &certificate.vote.block);
			}
		}
		if self.nodes[node].was_wiped {
			self.begin_anew(node);
		}
		let root = self.nodes[node].disk.root;
		let listen_ms = if self.plan.listens { LISTEN_MS } else { 0 };
		self.enter(node, root, listen_ms);
		let disk = &self.nodes[node].disk;
		let proofs = disk.proofs.clone().into_values();
		let kept = disk.finality.clone().into_iter().chain(proofs);
		for certificate in kept.chain(disk.lock_certificate.clone()) {
			self.feed(node, Event::Certificate(certificate));
		}
		if self.plan.listens {
			let connects = self.now_ms + self.rng.range(20, 100);
			self.at(connects, What::Connect(node));
		}
	}

	/// A machine that lost all it had, its safety file with the rest: what its key has signed lies below the horizon.
	fn begin_anew(&mut self, node: usize) {
		let horizon = self.clock(node).slot + RESET_MARGIN_SLOTS;
		let horizons = self.plan.horizons;
		let this = &mut self.nodes[node];
		this.was_wiped = false;
		this.disk.horizon = horizons.then_some(horizon);
		this.disk.state = match horizons {
			true => VoterState::forgetful(GENESIS, horizon),
			false => VoterState::fresh(GENESIS),
		};
	}

	/// A node and its peers tell each other what they have, as soon as they are connected.
	pub(super) fn connect(&mut self, node: usize) {
		let peers: Vec<_> = (0..self.nodes.len()).filter(|peer| *peer != node).collect();
		for peer in peers {
			if self.nodes[peer].core.is_some() && self.nodes[node].core.is_some() {
				self.greet(peer, node);
				self.greet(node, peer);
			}
		}
		self.feed(node, Event::Connected);
	}

	fn greet(&mut self, from: usize, to: usize) {
		let Some(core) = &self.nodes[from].core else { return };
		let highest = core.certificate(&core.highest_certified().hash);
		let certificates: Vec<_> = highest
			.into_iter()
			.chain(core.finality_certificate())
			.cloned()
			.collect();
		let votes = core.last_own_votes();
		let certificates = certificates.into_iter().map(Message::Certificate);
		for message in certificates.chain(votes.into_iter().map(Message::Vote)) {
			self.send(from, to, message);
		}
	}

	/// The set that votes above this final block, on what the node has above it.
	fn enter(&mut self, node: usize, root: BlockRef<u64>, listen_ms: u64) {
		let set_id = self.ledger.set_after(root.hash);
		let seat = self.seat(node, root.hash);
		let this = &mut self.nodes[node];
		this.seat = seat;
		let silent_until = match &this.core {
			Some(core) => core.silent_until(),
			None => this.disk.horizon,
		};
		let mut core = Core::with_rules(Config {
			set_id,
			voters: self.plan.voters,
			me: seat,
			root,
			relaxed_quorum: self.plan.relaxed_quorum,
			relax_after_ms: self.plan.relax_after_ms,
			state: if this.disk.set < set_id {
				VoterState::fresh(root)
			} else {
				this.disk.state
			},
			silent_until,
			listen_ms,
		});
		if this.disk.set > set_id {
			// The database has forgotten the end of this set.
			core.stop_voting(Reason::SetEnded);
		}
		if this.is_stopped {
			core.stop_voting(Reason::SignedElsewhere);
		}
		this.core = Some(core);
		let doubted = this.clock.is_doubted();
		self.feed(node, Event::ClockDoubt(doubted));
		let this = &self.nodes[node];
		let blocks = this.blocks.iter().filter_map(|h| self.ledger.blocks.get(h));
		let mut blocks: Vec<_> = blocks.copied().filter(|b| b.block.number > root.number).collect();
		blocks.sort_by_key(|b| b.block.number);
		for block in blocks {
			self.feed(node, Event::Imported(block));
		}
	}

	/// The end of a node's set is final: it keeps the proof for those behind, and goes on in the next set.
	fn enter_next(&mut self, node: usize) {
		let this = &mut self.nodes[node];
		let Some(core) = &this.core else { return };
		let (set_id, end) = (core.set_id(), core.finalized());
		let relaxed = core.finality_certificate().is_some_and(|proof| proof.vote.relaxed);
		self.relaxed_changes += u64::from(relaxed);
		this.proofs
			.extend(core.finality_certificate().map(|proof| (set_id, proof.clone())));
		let listen_ms = if self.plan.listens_again {
			core.next_listens_ms()
		} else {
			0
		};
		let early = std::mem::take(&mut this.early);
		self.changes = self.changes.max(set_id + 1 - SET);
		self.enter(node, end, listen_ms);
		// Its peers are there still; were all to wait for one another, nobody would speak first.
		self.feed(node, Event::Connected);
		for message in early {
			self.deliver(node, node, message);
		}
	}

	/// A slot begins at a node: the core's tick, perhaps a block, perhaps a flush of the database.
	pub(super) fn slot(&mut self, node: usize) {
		if self.nodes[node].core.is_none() {
			return;
		}
		self.look_at_clock(node);
		let slot = self.clock(node).slot;
		if let Some(core) = self.nodes[node]
			.core
			.as_ref()
			.filter(|core| core.silent_until().is_some())
		{
			let in_sync = core.head().slot + IN_SYNC_SLOTS >= slot;
			self.feed(node, Event::InSync(in_sync));
		}
		self.feed(node, Event::Tick);
		let this = &mut self.nodes[node];
		let Some(core) = &this.core else { return };
		let (head, finalized) = (core.head(), core.finalized());
		let finality = core.finality_certificate().cloned();
		if self.rng.percent(40) {
			this.flush(finalized, finality);
		}
		let Some(me) = this.seat else { return };
		let director = director(&self.plan, slot) == me;
		let standby = director_after(&self.plan, slot) == me && head.slot + 3 <= slot;
		let rests = self.plan.rests && self.now_ms >= self.plan.settled_ms;
		let may = this.disk.authored < slot && !this.clock.is_doubted();
		let due = head.slot < slot && may && (director || standby);
		if due && !rests {
			this.disk.authored = slot;
			// No second change before what the author holds final has reached the last.
			let may_change = self
				.ledger
				.ends(head.hash)
				.iter()
				.all(|end| end.number <= finalized.number);
			let hash = self.make(slot, head, director, may_change);
			self.import(node, hash);
			self.broadcast(node, &Message::Block(hash));
		}
	}

	pub(super) fn deliver(&mut self, from: usize, to: usize, message: Message) {
		if self.nodes[to].core.is_none() {
			return;
		}
		match message {
			Message::Block(hash) => self.receive_block(from, to, hash),
			Message::Vote(signed) if genuine(&signed) => {
				if !self.is_worth_it(from, to, &signed) {
					return;
				}
				self.nodes[to].clock.hears(signed.voter, signed.vote.block.slot);
				if self.is_of_this_set(from, to, signed.vote.set_id, &Message::Vote(signed.clone())) {
					self.feed(to, Event::Vote(signed));
				}
			}
			Message::Certificate(cert) if genuine_certificate(&cert) => {
				if self.is_of_this_set(from, to, cert.vote.set_id, &Message::Certificate(cert.clone())) {
					self.feed(to, Event::Certificate(cert));
				}
			}
			Message::Vote(_) | Message::Certificate(_) => {}
			Message::AskEnd(set_id) => {
				if let Some(proof) = self.nodes[to].proofs.get(&set_id).cloned() {
					self.send(to, from, Message::Certificate(proof));
				}
			}
			Message::Ask(hash) => {
				if self.nodes[to].blocks.contains(&hash) {
					self.send(to, from, Message::Block(hash));
				}
			}
		}
	}

	/// What is of the next set waits for it. A node ahead is asked for what ended this set, one behind is told.
	fn is_of_this_set(&mut self, from: usize, to: usize, named: SetId, message: &Message) -> bool {
		let own = self.nodes[to].core.as_ref().map_or(named, |core| core.set_id());
		if named == own {
			return true;
		}
		if named == own + 1 {
			self.nodes[to].keep_early(message.clone());
		}
		if named > own {
			self.send(to, from, Message::AskEnd(own));
		} else if matches!(message, Message::Vote(_)) {
			if let Some(proof) = self.nodes[to].proofs.get(&named).cloned() {
				self.send(to, from, Message::Certificate(proof));
			}
		}
		false
	}

	fn receive_block(&mut self, from: usize, to: usize, hash: u64) {
		let Some(block) = self.ledger.blocks.get(&hash).copied() else {
			return;
		};
		let this = &mut self.nodes[to];
		let root = this.core.as_ref().map_or(GENESIS, |c| c.finalized());
		if this.blocks.contains(&hash) || block.block.number <= root.number {
			return;
		}
		// Blocks that others build on, or that were asked for, are taken however many their author made.
		let wanted = this.orphans.contains_key(&hash) || this.asked.contains(&hash);
		let of_author = |other: &&Block<u64>| (other.block.slot, other.primary) == (block.block.slot, block.primary);
		let known = this.blocks.iter().filter_map(|hash| self.ledger.blocks.get(hash));
		if !wanted
			&& self
				.plan
				.unasked_blocks
				.is_some_and(|most| known.filter(of_author).count() >= most)
		{
			return;
		}
		if this.blocks.contains(&block.parent) {
			return self.import(to, hash);
		}
		let orphans = this.orphans.entry(block.parent).or_default();
		if !orphans.contains(&hash) {
			orphans.push(hash);
		}
		if from == to {
			self.ask_some(to, block.parent);
		} else {
			self.send(to, from, Message::Ask(block.parent));
		}
	}

	fn ask_some(&mut self, node: usize, hash: u64) {
		for _ in 0..3 {
			let peer = self.rng.below(self.nodes.len() as u64) as usize;
			self.send(node, peer, Message::Ask(hash));
		}
	}

	/// Imports a block whose parent is there, and what waited for it.
	pub(super) fn import(&mut self, node: usize, hash: u64) {
		let mut open = vec![hash];
		while let Some(hash) = open.pop() {
			let Some(block) = self.ledger.blocks.get(&hash).copied() else {
				continue;
			};
			if self.nodes[node].core.is_none() {
				return;
			}
			if !self.has_place(node, &block) {
				continue;
			}
			self.nodes[node].blocks.insert(hash);
			self.tell(node, block);
			open.extend(self.nodes[node].orphans.remove(&hash).unwrap_or_default());
		}
	}

	/// Whether the database takes one more block of this height.
	fn has_place(&self, node: usize, block: &Block<u64>) -> bool {
		let Some(places) = self.plan.places_a_height else {
			return true;
		};
		let known = self.nodes[node]
			.blocks
			.iter()
			.filter_map(|hash| self.ledger.blocks.get(hash));
		known.filter(|known| known.block.number == block.block.number).count() < places
	}

	/// Tells the core of a block, and if it lacks the parent, of what leads there.
	fn tell(&mut self, node: usize, block: Block<u64>) {
		let mut path = vec![block];
		while let (Some(core), Some(lowest)) = (&self.nodes[node].core, path.last()) {
			match self.ledger.blocks.get(&lowest.parent) {
				Some(parent) if core.lacks_parent(lowest) => path.push(*parent),
				_ => break,
			}
		}
		for block in path.into_iter().rev() {
			self.feed(node, Event::Imported(block));
		}
	}

	/// Whether a vote is looked at; if it is, and votes are passed on, it is.
	fn is_worth_it(&mut self, from: usize, to: usize, signed: &Signed) -> bool {
		let second = self.now_ms / 1_000;
		let passes_on = self.plan.passes_on;
		let this = &mut self.nodes[to];
		let Some(core) = &this.core else { return false };
		let want = core.wants_vote(signed.voter, &signed.vote);
		let counts = match passes_on {
			PassesOn::Nothing => return true,
			PassesOn::Everything => true,
			PassesOn::Wanted => want == Want::Full,
		};
		// The adversary comes as several peers.
		let peer = match from == to {
			true => usize::MAX - (signed.vote.block.hash % CONNECTIONS) as usize,
			false => from,
		};
		let received = this.received.entry((peer, second)).or_insert(0);
		*received += usize::from(counts);
		if *received > MESSAGES_ALWAYS + MESSAGES_PER_VOTER * usize::from(self.plan.voters) {
			return false;
		}
		let is_new = match passes_on {
			PassesOn::Wanted => matches!(want, Want::New | Want::Proof),
			_ => this.seen.insert((signed.voter, signed.vote)),
		};
		if is_new {
			for peer in (0..self.nodes.len()).filter(|peer| *peer != to && *peer != from) {
				self.send(to, peer, Message::Vote(signed.clone()));
			}
		}
		is_new
	}

	/// What a node makes of its clock at the beginning of a slot: whether it was set, and whether others bear it out.
	fn look_at_clock(&mut self, node: usize) {
		let slot = self.clock(node).slot;
		let now_ms = self.now_ms;
		let others = |n: &Node<R>| n.honest && n.core.is_some();
		let alike = (0..self.nodes.len())
			.filter(|other| others(&self.nodes[*other]) && self.clock(*other).slot.abs_diff(slot) <= 4)
			.count();
		let voters = usize::from(self.plan.voters);
		let (doubts, agree) = (self.plan.doubts, alike >= quorum(voters));
		let this = &mut self.nodes[node];
		this.clock.look(now_ms, slot, (voters - 1) / 3 + 1, agree);
		let doubted = doubts && this.clock.is_doubted();
		if !doubts {
			this.clock.trust();
		}
		self.feed(node, Event::ClockDoubt(doubted));
	}

	/// Feeds the core and does what it says.
	pub fn feed(&mut self, node: usize, event: Event<u64, Sig>) {
		let mut events = VecDeque::from([event]);
		while let Some(event) = events.pop_front() {
			let now = self.clock(node);
			let Some(core) = &mut self.nodes[node].core else { return };
			let actions = core.step(now, event);
			let broken = core.check().err();
			if core.why_not_voting() == Some(Reason::Inconsistent) || broken.is_some() {
				self.ledger.accuse(format!("node {node} breaks {broken:?}"));
			}
			for action in actions {
				if self.nodes[node].core.is_none() {
					return;
				}
				events.extend(self.perform(node, action));
			}
		}
		if self.nodes[node].core.as_ref().is_some_and(|core| core.has_ended()) {
			self.enter_next(node);
		}
	}

	fn perform(&mut self, node: usize, action: Action<u64, Sig>) -> Vec<Event<u64, Sig>> {
		match action {
			Action::Cast { votes, state } => return self.cast(node, votes, state),
			Action::Head(_) => {}
			Action::Certified(certificate) => {
				if self.plan.gossip_certificates {
					self.broadcast(node, &Message::Certificate(certificate));
				}
			}
			Action::Finalize { block, .. } => {
				if let Some(made) = self.made_ms.remove(&block.hash) {
					self.latencies_ms.push(self.now_ms - made);
				}
				self.ledger.finalize(node, &block);
			}
			Action::Fetch(block) => {
				self.nodes[node].asked.insert(block.hash);
				let known = self.nodes[node].blocks.contains(&block.hash);
				if let Some(block) = self.ledger.blocks.get(&block.hash).filter(|_| known) {
					self.tell(node, *block);
				}
				self.ask_some(node, block.hash);
			}
			Action::Equivocation { first, second } => {
				let proven = first.voter == second.voter
					&& first.vote.phase == second.vote.phase
					&& first.vote.block.slot == second.vote.block.slot
					&& first.vote.block.hash != second.vote.block.hash;
				if !proven || !self.plan.byzantine.iter().any(|(v, _)| *v == first.voter) {
					self.ledger.accuse(format!("a false report: {first:?} and {second:?}"));
				}
			}
			Action::SignedElsewhere(signed) => {
				let this = &mut self.nodes[node];
				this.is_stopped = true;
				if this.honest && !this.is_restored {
					self.ledger.accuse(format!("node {node} disowns {signed:?}"));
				}
			}
			Action::Resend(resend) => {
				self.resend(node, resend);
			}
		}
		Vec::new()
	}

	/// Writes the state, signs what it covers and sends it; or crashes on the way.
	fn cast(&mut self, node: usize, votes: Vec<Vote<u64>>, state: VoterState<u64>) -> Vec<Event<u64, Sig>> {
		let this = &mut self.nodes[node];
		let Some(me) = this.seat else { return Vec::new() };
		let crashes = std::mem::take(&mut this.crashes_at_cast);
		let set = this.core.as_ref().map_or(SET, |core| core.set_id());
		// Written after sending, it is lost where the crash comes between.
		if self.plan.writes_first || !crashes {
			if this.disk.set != set && self.plan.keeps_ends {
				// What made the last set's end final, and the end itself: were it lost everywhere, nobody could go on.
				this.disk.proofs.clone_from(&this.proofs);
				let root = this.core.as_ref().map_or(GENESIS, |core| core.finalized());
				keep_chain(&mut this.disk.blocks, &self.ledger, root.hash);
			}
			this.disk.state = state;
			this.disk.set = set;
			this.disk.horizon = this.core.as_ref().and_then(|core| core.silent_until());
		}
		if votes.iter().any(|vote| vote.phase == Phase::Commit) && self.plan.keeps_lock {
			// After a restart the Commit is cast anew before the kept certificate is read.
			if let Some(certificate) = this.core.as_ref().and_then(|c| c.lock_certificate()) {
				this.disk.lock_certificate = Some(certificate.clone());
			}
			keep_chain(&mut this.disk.blocks, &self.ledger, state.lock.hash);
		}
		if this.is_restored {
			self.ledger
				.accuse(format!("node {node} votes by an old file: {votes:?}"));
		}
		// If it crashes, some are sent, and none if that is not covered.
		let sent = match crashes && self.plan.writes_first {
			true => self.rng.below(votes.len() as u64) as usize,
			false => votes.len(),
		};
		let mut events = Vec::new();
		for vote in votes.into_iter().take(sent) {
			if self.nodes[node].honest {
				self.ledger.voted(me, &vote);
			}
			let signed = sign(me, vote);
			self.broadcast(node, &Message::Vote(signed.clone()));
			if let Some(mut adversary) = self.adversary.take() {
				adversary.saw_vote(self, &signed);
				self.adversary = Some(adversary);
			}
			events.push(Event::Vote(signed));
		}
		if crashes {
			self.crash(node);
			return Vec::new();
		}
		events
	}

	fn resend(
		&mut self,
		node: usize,
		Resend {
			blocks,
			votes,
			certificates,
		}: Resend<u64, Sig>,
	) {
		let Resends {
			blocks: with_blocks,
			votes: with_votes,
			certificates: with_certificates,
		} = self.plan.resends;
		for block in blocks.into_iter().filter(|_| with_blocks) {
			self.broadcast(node, &Message::Block(block.hash));
		}
		for vote in votes.into_iter().filter(|_| with_votes) {
			self.broadcast(node, &Message::Vote(vote));
		}
		// The one who has just entered a set has no other proof of what is final.
		let last = self.nodes[node].core.as_ref().map_or(SET, |core| core.set_id()) - 1;
		let proof = self.nodes[node].proofs.get(&last).cloned();
		let certificates = certificates.into_iter().chain(proof);
		for certificate in certificates.filter(|_| with_certificates) {
			self.broadcast(node, &Message::Certificate(certificate));
		}
	}
}

/// A block and its ancestors, on disk.
fn keep_chain(blocks: &mut BTreeSet<u64>, ledger: &Ledger, mut at: u64) {
	while blocks.insert(at) {
		at = ledger.blocks.get(&at).map_or(0, |b| b.parent);
	}
}
