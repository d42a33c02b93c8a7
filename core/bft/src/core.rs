//! The state machine: an event and the time go in, actions come out.

pub use crate::events::{Action, Event, Now, Resend};
use crate::{
	own::{Origin, OwnVotes},
	rules::{PrevoteFacts, Protocol, Rules},
	tally::{Certificates, Tally},
	tree::Tree,
	types::*,
	Drop, Dropped, Reason,
};
use std::marker::PhantomData;

/// Votes of slots up to this far above the clock's are kept: a voter may prevote one slot ahead, and clocks differ.
pub const FUTURE_SLOTS: Slot = 4;
/// Further than this behind the head a voter skips blocks.
pub const MAX_SLOTS_BEHIND: Slot = 4;
/// Without finality for so long, things are sent again, and again after the same time.
pub const RESEND_AFTER_MS: u64 = 1000;
/// Without finality for so long while the voters are to change, the 51% rule comes into force: the protocol's T.
pub const RELAX_AFTER_MS: u64 = 30_000;

/// What a core starts from.
#[derive(Clone, Debug)]
pub struct Config<H> {
	/// The voter set.
	pub set_id: SetId,
	/// How many voters it has.
	pub voters: u16,
	/// This node's place in it; none, and the node observes.
	pub me: Option<VoterIndex>,
	/// The finalized block. The edge hands over what it has above it, as [`Event::Imported`], parents first.
	pub root: BlockRef<H>,
	/// How many relaxed votes make a certificate; `None`, a number of no more than half of the voters, and one of a quorum or more
	/// switch the 51% rule off.
	pub relaxed_quorum: Option<VoterIndex>,
	/// Milliseconds without finality, while an end of the set is pending, after which the 51% rule comes into force:
	/// [`RELAX_AFTER_MS`], but in tests.
	pub relax_after_ms: u64,
	/// What the safety file says, or [`VoterState::fresh`] in a new set. Of no meaning to an observer.
	pub state: VoterState<H>,
}

/// The pipelined BFT finality protocol of one node in one voter set. `R` are its rules: the protocol's, but in tests.
#[derive(Clone, Debug)]
pub struct Core<H, S, R = Protocol> {
	set_id: SetId,
	voters: u16,
	me: Option<VoterIndex>,
	state: VoterState<H>,
	tree: Tree<H>,
	tally: Tally<H, S>,
	certificates: Certificates<H, S>,
	own: OwnVotes<H, S>,
	/// The Commit certificate of the root.
	finality: Option<Certificate<H, S>>,
	/// A Commit certificate of a block that is not imported yet, the highest.
	pending: Option<Certificate<H, S>>,
	/// How many relaxed votes make a certificate, where the 51% rule is on.
	relaxed_quorum: Option<usize>,
	relax_after_ms: u64,
	/// Since when the 51% rule is in force.
	relaxed_since_ms: Option<u64>,
	/// A certificate of relaxed prevotes, the highest, of which it is not known yet whether what it decides ends the set.
	unproven: Option<Certificate<H, S>>,
	/// Whether the block that ends the set is final: nothing is left to do for this core.
	ended: bool,
	/// Why it will never vote.
	stopped: Option<Reason>,
	/// Why it does not vote on the head now.
	refused: Option<Reason>,
	/// The head that the edge knows of.
	told_head: BlockRef<H>,
	/// When finality last progressed, or the core started.
	progress_ms: Option<u64>,
	resent_ms: Option<u64>,
	/// Whether anything came that may permit a prevote.
	changed: bool,
	dropped: Dropped,
	rules: PhantomData<R>,
}

impl<H: BlockHash, S: Clone> Core<H, S> {
	/// A core by the protocol.
	pub fn new(config: Config<H>) -> Self {
		Self::with_rules(config)
	}
}

impl<H: BlockHash, S: Clone, R: Rules> Core<H, S, R> {
	/// A core by other rules; for tests, which show what each rule is good for.
	pub fn with_rules(config: Config<H>) -> Self {
		let Config {
			set_id,
			voters,
			me,
			root,
			relaxed_quorum: named,
			relax_after_ms,
			state,
		} = config;
		let relaxed_quorum = relaxed_quorum(usize::from(voters), named);
		let me = me.filter(|me| *me < voters);
		Self {
			set_id,
			voters,
			me,
			state,
			tree: Tree::new(root),
			tally: Tally::new(quorum(usize::from(voters)).max(1), relaxed_quorum),
			certificates: Certificates::new(),
			own: OwnVotes::new(&state),
			finality: None,
			pending: None,
			relaxed_quorum,
			relax_after_ms,
			relaxed_since_ms: None,
			unproven: None,
			ended: false,
			stopped: if me.is_none() { Some(Reason::NotAVoter) } else { None },
			refused: None,
			told_head: root,
			progress_ms: None,
			resent_ms: None,
			changed: true,
			dropped: Dropped::default(),
			rules: PhantomData,
		}
	}

	/// Takes in one event.
	pub fn step(&mut self, now: Now, event: Event<H, S>) -> Vec<Action<H, S>> {
		let mut out = Vec::new();
		if self.ended {
			return out;
		}
		self.progress_ms.get_or_insert(now.ms);
		self.tree.set_horizon(now.slot.saturating_add(1));
		let tick = matches!(event, Event::Tick);
		match event {
			Event::Imported(block) => self.imported(now, block, &mut out),
			Event::Vote(vote) => self.vote(now, vote, &mut out),
			Event::Certificate(certificate) => self.received(now, certificate, &mut out),
			Event::FinalizedElsewhere(certificate) => self.finalized_elsewhere(now, certificate),
			// Time alone may let a block of the next slot take part, or be voted on.
			Event::Tick => self.changed = true,
		}
		let head = self.tree.head();
		if head != self.told_head {
			self.told_head = head;
			out.push(Action::Head(head));
		}
		self.relax(now, &mut out);
		// Votes that complete nothing change nothing here; there are many, and a look costs a walk to the lock.
		if std::mem::take(&mut self.changed) {
			self.prevote(now, &mut out);
		}
		if tick {
			self.resend(now, &mut out);
		}
		out
	}

	/// Stops voting, for good; the core goes on counting others' votes. The first reason stays.
	pub fn stop_voting(&mut self, reason: Reason) {
		self.stopped.get_or_insert(reason);
	}

	/// Why no vote is cast on the head now; none while all is well.
	pub fn why_not_voting(&self) -> Option<Reason> {
		self.stopped.or(self.ended.then_some(Reason::SetEnded)).or(self.refused)
	}

	/// Whether the block that ends the set is final ([`Core::finalized`]). The core does nothing from then on; the edge starts one for
	/// the next set from there.
	pub fn has_ended(&self) -> bool {
		self.ended
	}

	/// The block on the head's chain that ends the set, as long as it is not final.
	pub fn pending_end(&self) -> Option<BlockRef<H>> {
		self.tree.end_of(&self.tree.head().hash).filter(|_| !self.ended)
	}

	/// Whether this block is known to end the set.
	pub fn is_end(&self, block: &BlockRef<H>) -> bool {
		self.tree.is_end(block)
	}

	/// How many relaxed votes make a certificate; `None` where the 51% rule is off.
	pub fn relaxed_quorum(&self) -> Option<usize> {
		self.relaxed_quorum
	}

	/// Since when the 51% rule is in force here, in milliseconds of [`Now::ms`]; `None` while it is not. An observer has it in force
	/// as a voter has.
	pub fn relaxed_since(&self) -> Option<u64> {
		self.relaxed_since_ms.filter(|_| !self.ended)
	}

	/// The voter's state; what was handed out last is what has to be durable.
	pub fn state(&self) -> VoterState<H> {
		self.state
	}

	/// The best block.
	pub fn head(&self) -> BlockRef<H> {
		self.tree.head()
	}

	/// The last final block.
	pub fn finalized(&self) -> BlockRef<H> {
		self.tree.root()
	}

	/// The highest block with a known prevote certificate, imported or not; the final one where there is none.
	pub fn highest_certified(&self) -> BlockRef<H> {
		self.certificates.highest().map_or(self.tree.root(), |c| c.vote.block)
	}

	/// The prevote certificate of a block at or above the final one, where it is known.
	pub fn certificate(&self, hash: &H) -> Option<&Certificate<H, S>> {
		self.certificates.by_hash(hash)
	}

	/// The prevote certificate of a slot at or above that of the final block, where it is known.
	pub fn certificate_at(&self, slot: Slot) -> Option<&Certificate<H, S>> {
		self.certificates.at(slot)
	}

	/// The prevote certificate of the lock: worth keeping over a restart.
	pub fn lock_certificate(&self) -> Option<&Certificate<H, S>> {
		self.certificates.of(&self.state.lock)
	}

	/// The Commit certificate of the final block, where it is known.
	pub fn finality_certificate(&self) -> Option<&Certificate<H, S>> {
		self.finality.as_ref()
	}

	/// The own last prevote and the Commit on the lock, as far as they came back signed; while the 51% rule is in force, the relaxed
	/// ones as well.
	pub fn last_own_votes(&self) -> Vec<SignedVote<H, S>> {
		self.own.last(self.relaxed_since().is_some())
	}

	/// Whether a block is in the tree.
	pub fn knows(&self, hash: &H) -> bool {
		self.tree.get(hash).is_some()
	}

	/// How many blocks are in the tree, the final one included.
	pub fn tree_len(&self) -> usize {
		self.tree.len()
	}

	/// How many voters' votes on this block are counted, of those that are not relaxed.
	pub fn votes(&self, phase: Phase, block: &BlockRef<H>) -> usize {
		self.tally.count(&self.vote_on(phase, *block, false))
	}

	/// The voter set.
	pub fn set_id(&self) -> SetId {
		self.set_id
	}

	/// This node's place in the voter set.
	pub fn me(&self) -> Option<VoterIndex> {
		self.me
	}

	/// How many votes make a certificate.
	pub fn quorum(&self) -> usize {
		quorum(usize::from(self.voters)).max(1)
	}

	/// What input was dropped, by why.
	pub fn dropped(&self) -> &Dropped {
		&self.dropped
	}

	fn imported(&mut self, now: Now, block: Block<H>, out: &mut Vec<Action<H, S>>) {
		let certified = self.certificates.of(&block.block).is_some();
		if let Err(why) = self.tree.import(block, certified) {
			return self.dropped.add(why);
		}
		self.changed = true;
		self.cast_anew(block.block, out);
		// What waits for this block is judged by it now.
		let pending = self.pending.take_if(|p| Self::final_by(p) == block.block);
		let unproven = self.unproven.take_if(|c| c.vote.decides().hash == block.block.hash);
		if pending.is_none() && certified {
			self.commit(block.block, out);
		}
		for certificate in unproven.into_iter().chain(pending) {
			self.received(now, certificate, out);
		}
	}

	/// The last votes of before a restart have no signature yet; with their block it is known what they say.
	fn cast_anew(&mut self, block: BlockRef<H>, out: &mut Vec<Action<H, S>>) {
		if self.stopped.is_some() {
			return;
		}
		for (phase, last) in [
			(Phase::Prevote, self.state.last_prevote),
			(Phase::Commit, self.state.lock),
		] {
			if last != block {
				continue;
			}
			if self.own.is_unsigned(phase, false) {
				self.cast(phase, block, out);
			} else {
				self.cast_relaxed(phase, block, out);
			}
		}
	}

	/// Whether the 51% rule is in force: for some time nothing became final, and the head's chain changes the voters. It may come into
	/// force by this; then the last prevote and the Commit on the lock are cast anew. Locks and rules stay as they are.
	fn relax(&mut self, now: Now, out: &mut Vec<Action<H, S>>) {
		let waited = now.ms.saturating_sub(self.progress_ms.unwrap_or(now.ms)) >= self.relax_after_ms;
		if self.relaxed_quorum.is_none() || !waited || self.pending_end().is_none() {
			self.relaxed_since_ms = None;
			return;
		}
		if self.relaxed_since_ms.is_none() {
			self.relaxed_since_ms = Some(now.ms);
			self.cast_relaxed(Phase::Prevote, self.state.last_prevote, out);
			self.cast_relaxed(Phase::Commit, self.state.lock, out);
		}
	}

	/// Casts the last vote of a phase under the relaxed flag, in force of the 51% rule, where it decides the end of the set.
	fn cast_relaxed(&mut self, phase: Phase, block: BlockRef<H>, out: &mut Vec<Action<H, S>>) {
		let relaxes = self.relaxed_since_ms.is_some() && self.stopped.is_none();
		let counts = R::relaxed_votes_count(self.tree.end_of(&block.hash).is_some());
		let above = block.slot > self.tree.root().slot && self.tree.get(&block.hash).is_some();
		if relaxes && counts && above && self.own.is_unsigned(phase, true) {
			out.push(Action::Cast {
				vote: self.vote_on(phase, block, true),
				state: self.state,
			});
		}
	}

	fn vote(&mut self, now: Now, signed: SignedVote<H, S>, out: &mut Vec<Action<H, S>>) {
		if let Err(why) = self.check_vote(&signed) {
			return self.dropped.add(why);
		}
		let own = self.me == Some(signed.voter);
		// Before the window: a vote that was not cast here says so at whatever slot. Of one that has no state to go by, or has
		// stopped already, it says nothing new.
		if own && self.own.came_back(&signed) == Origin::Foreign && self.stopped.is_none() {
			self.stopped = Some(Reason::SignedElsewhere);
			out.push(Action::SignedElsewhere(signed.clone()));
		}
		if let Err(why) = self.check_slot(now, signed.vote.block.slot) {
			return self.dropped.add(why);
		}
		let counted = match self.tally.add(&signed) {
			Ok(counted) => counted,
			Err(why) => return self.dropped.add(why),
		};
		// Nobody reports himself.
		if let Some(first) = counted.contradicts.filter(|_| !own) {
			out.push(Action::Equivocation { first, second: signed });
		}
		if let Some(certificate) = counted.certificate {
			self.proven(now, certificate, out);
		}
	}

	fn check_vote(&self, SignedVote { vote, voter, .. }: &SignedVote<H, S>) -> Result<(), Drop> {
		if *voter >= self.voters {
			return Err(Drop::UnknownVoter);
		}
		self.check_terms(vote)
	}

	/// What a vote and a certificate have in common.
	fn check_terms(&self, vote: &Vote<H>) -> Result<(), Drop> {
		if vote.set_id != self.set_id && !R::counts_other_sets() {
			return Err(Drop::OtherSet);
		}
		if !self.tree.agrees(&vote.block, vote.end) {
			return Err(Drop::Malformed);
		}
		if vote.relaxed && !self.may_relax(&vote.decides()) {
			return Err(Drop::Relaxed);
		}
		Ok(())
	}

	/// Whether relaxed votes may decide this block. Of one that is not known that remains to be seen.
	fn may_relax(&self, block: &BlockRef<H>) -> bool {
		let unknown = block.slot > self.tree.root().slot && self.tree.get(&block.hash).is_none();
		self.relaxed_quorum.is_some() && (unknown || R::relaxed_votes_count(self.tree.is_end(block)))
	}

	fn check_slot(&self, now: Now, slot: Slot) -> Result<(), Drop> {
		if slot <= self.tree.root().slot {
			return Err(Drop::Stale);
		}
		if slot > now.slot.saturating_add(FUTURE_SLOTS) {
			return Err(Drop::Future);
		}
		Ok(())
	}

	/// A certificate needs no look at the clock: a quorum of voters, most of them honest, looked at theirs.
	fn check_certificate(&self, certificate: &Certificate<H, S>) -> Result<(), Drop> {
		let signatures = &certificate.signatures;
		if signatures
			.last_key_value()
			.is_some_and(|(last, _)| *last >= self.voters)
		{
			return Err(Drop::UnknownVoter);
		}
		// Without the rule no number of relaxed votes is enough, as the terms say.
		let required = match self.relaxed_quorum {
			Some(relaxed) if certificate.vote.relaxed => relaxed,
			_ => self.quorum(),
		};
		if signatures.len() < required {
			return Err(Drop::NoQuorum);
		}
		self.check_terms(&certificate.vote)
	}

	fn received(&mut self, now: Now, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) {
		match self.check_certificate(&certificate) {
			Ok(()) => self.proven(now, certificate, out),
			Err(why) => self.dropped.add(why),
		}
	}

	/// A certificate holds, made here or received.
	fn proven(&mut self, now: Now, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) {
		let done = match certificate.vote.phase {
			Phase::Prevote => self.certified(certificate, out),
			Phase::Commit => self.committed(now, certificate, out),
		};
		if let Err(why) = done {
			self.dropped.add(why);
		}
	}

	fn certified(&mut self, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) -> Result<(), Drop> {
		let block = certificate.vote.block;
		if block.slot <= self.tree.root().slot {
			return Err(Drop::Stale);
		}
		let decides = certificate.vote.decides();
		if certificate.vote.relaxed && self.tree.get(&decides.hash).is_none() {
			return self.wait(certificate, decides, out);
		}
		self.certificates.add(certificate.clone(), self.state.lock.slot)?;
		self.changed = true;
		out.push(Action::Certified(certificate));
		if self.tree.get(&block.hash).is_some() {
			self.tree.certify(&block);
			self.commit(block, out);
		} else if self.pending.as_ref().is_none_or(|p| Self::final_by(p) != block) {
			out.push(Action::Fetch(block));
		}
		Ok(())
	}

	/// Relaxed prevotes prove nothing before what they decide is here and is seen to end the set.
	fn wait(
		&mut self,
		certificate: Certificate<H, S>,
		decides: BlockRef<H>,
		out: &mut Vec<Action<H, S>>,
	) -> Result<(), Drop> {
		let block = certificate.vote.block;
		match &self.unproven {
			Some(known) if known.vote.block == block => Err(Drop::Duplicate),
			Some(known) if known.vote.block.slot >= block.slot => Err(Drop::Stale),
			_ => {
				self.unproven = Some(certificate);
				out.push(Action::Fetch(decides));
				Ok(())
			}
		}
	}

	/// A quorum of Commits. A quorum holds honest voters, each of which saw the prevote certificate, so that the block counts as
	/// certified from here on even if nobody shows us that one.
	fn committed(&mut self, now: Now, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) -> Result<(), Drop> {
		let (block, root) = (Self::final_by(&certificate), self.tree.root());
		if block == root && self.finality.is_none() {
			// After a restart: what is final is known, its proof comes with what others send again.
			self.finality = Some(certificate);
			return Ok(());
		}
		if block.slot <= root.slot {
			return Err(Drop::Stale);
		}
		if self.tree.get(&block.hash).is_some() {
			self.finalize(now, certificate, out);
			return Ok(());
		}
		match &self.pending {
			Some(pending) if Self::final_by(pending) == block => Err(Drop::Duplicate),
			Some(pending) if Self::final_by(pending).slot >= block.slot => Err(Drop::Stale),
			_ => {
				self.pending = Some(certificate);
				if self.certificates.of(&block).is_none() {
					out.push(Action::Fetch(block));
				}
				Ok(())
			}
		}
	}

	/// What a certificate of Commits makes final.
	fn final_by(certificate: &Certificate<H, S>) -> BlockRef<H> {
		R::final_block(certificate.vote.block, certificate.vote.end)
	}

	/// A certificate of Commits makes a block of the tree final.
	fn finalize(&mut self, now: Now, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) {
		let block = Self::final_by(&certificate);
		self.move_root(now, block, certificate.clone());
		out.push(Action::Finalize { block, certificate });
	}

	fn finalized_elsewhere(&mut self, now: Now, certificate: Certificate<H, S>) {
		let (root, block) = (self.tree.root(), Self::final_by(&certificate));
		let checked = self.check_certificate(&certificate).and(match certificate.vote.phase {
			Phase::Commit => Ok(()),
			Phase::Prevote => Err(Drop::Malformed),
		});
		match checked {
			Err(why) => self.dropped.add(why),
			Ok(()) if block.slot > root.slot => self.move_root(now, block, certificate),
			Ok(()) if block == root && self.finality.is_none() => self.finality = Some(certificate),
			Ok(()) => self.dropped.add(Drop::Stale),
		}
	}

	fn move_root(&mut self, now: Now, block: BlockRef<H>, certificate: Certificate<H, S>) {
		self.ended = self.tree.is_end(&block) || certificate.vote.end == Some(block) || certificate.vote.relaxed;
		self.tree.finalize(block);
		self.tally.prune(block.slot);
		self.certificates.prune(block.slot);
		if self
			.pending
			.as_ref()
			.is_some_and(|p| Self::final_by(p).slot <= block.slot)
		{
			self.pending = None;
		}
		self.unproven.take_if(|c| c.vote.decides().slot <= block.slot);
		self.finality = Some(certificate);
		self.progress_ms = Some(now.ms);
		self.changed = true;
	}

	/// Casts the Commit on a certified block of the tree, where the rule permits it. A look when certificate and block have both
	/// come is enough: what the rule then refuses it refuses for ever, as slots only grow.
	fn commit(&mut self, block: BlockRef<H>, out: &mut Vec<Action<H, S>>) {
		if self.stopped.is_some() || !self.may_vote_on(&block) {
			return;
		}
		let last_extends = self.tree.extends(&self.state.last_prevote, &block);
		if R::commit(&self.state, block, last_extends) {
			self.state = R::after_commit(&self.state, block);
			self.cast(Phase::Commit, block, out);
		}
	}

	/// Casts the prevotes that are due: the blocks on the way to the head in order, unless they are too far behind.
	///
	/// After a restart the last prevote or the lock may be unknown to the tree: below the root, or lost with what the database
	/// had not written. What is unknown extends nothing and nothing extends it, which is on the safe side both times: `ob` then
	/// rises to the last prevote's slot, and the lock opens only by a certificate above it. Nobody is stuck by that: where the
	/// root is above the lock, the root, being certified, is the J that opens it; where it is not, the certificate of the lock
	/// comes again and has the block fetched.
	fn prevote(&mut self, now: Now, out: &mut Vec<Action<H, S>>) {
		self.refused = None;
		let head = self.tree.head();
		if self.stopped.is_some() || self.ended || head == self.tree.root() {
			return;
		}
		let behind = head.slot.saturating_sub(MAX_SLOTS_BEHIND.saturating_add(1));
		for block in self.tree.path_to_head(self.state.last_prevote.slot.max(behind)) {
			if !self.may_vote_on(&block) {
				break;
			}
			let facts = PrevoteFacts {
				block,
				now: now.slot,
				// The tree has nothing else.
				extends_final: true,
				extends_lock: self.tree.extends(&block, &self.state.lock),
				certified_below: self.tree.certified_below(&block.hash),
			};
			match R::prevote(&self.state, &facts) {
				Ok(()) => {
					let extends_last = self.tree.extends(&block, &self.state.last_prevote);
					self.state = R::after_prevote(&self.state, block, extends_last);
					self.cast(Phase::Prevote, block, out);
					self.refused = None;
				}
				Err(why) => self.refused = Some(why),
			}
		}
		if head.slot <= self.state.last_prevote.slot && head != self.state.last_prevote {
			self.refused = Some(Reason::VotedHigher);
		}
	}

	/// Whether the set votes there at all.
	fn may_vote_on(&self, block: &BlockRef<H>) -> bool {
		R::votes_beyond_end() || self.tree.end_below(block).is_none()
	}

	fn cast(&mut self, phase: Phase, block: BlockRef<H>, out: &mut Vec<Action<H, S>>) {
		self.own.cast(phase, block);
		out.push(Action::Cast {
			vote: self.vote_on(phase, block, false),
			state: self.state,
		});
		self.cast_relaxed(phase, block, out);
	}

	/// The vote of this set on a block.
	fn vote_on(&self, phase: Phase, block: BlockRef<H>, relaxed: bool) -> Vote<H> {
		Vote {
			set_id: self.set_id,
			phase,
			relaxed,
			block,
			end: self.tree.end_below(&block),
		}
	}

	/// Where finality stands still, what others may have missed goes out again: without a part of it they may never agree on where
	/// to build. A chain at rest sends its proof of finality only.
	fn resend(&mut self, now: Now, out: &mut Vec<Action<H, S>>) {
		let waited = |since: Option<u64>| since.is_none_or(|ms| now.ms.saturating_sub(ms) >= RESEND_AFTER_MS);
		if !waited(self.progress_ms) || !waited(self.resent_ms) {
			return;
		}
		self.resent_ms = Some(now.ms);
		let root = self.tree.root();
		let highest = self.certificates.highest().filter(|c| c.vote.block.slot > root.slot);
		let mut missing = Vec::new();
		let mut blocks = Vec::new();
		if self.tree.head() != root {
			blocks.push(self.tree.head());
		}
		let pending = self.pending.as_ref().map(Self::final_by);
		let undecided = self.unproven.as_ref().map(|c| c.vote.decides());
		for block in pending
			.into_iter()
			.chain(undecided)
			.chain(highest.map(|c| c.vote.block))
		{
			let list = if self.tree.get(&block.hash).is_some() {
				&mut blocks
			} else {
				&mut missing
			};
			if !list.contains(&block) {
				list.push(block);
			}
		}
		let certificates = highest
			.into_iter()
			.chain(&self.finality)
			.chain(&self.pending)
			.cloned()
			.collect();
		out.extend(missing.into_iter().map(Action::Fetch));
		out.push(Action::Resend(Resend {
			blocks,
			votes: self.last_own_votes(),
			certificates,
		}));
	}
}
