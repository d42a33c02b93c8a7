//! The state machine: an event and the time go in, actions come out.

mod check;
mod queries;
mod relaxed;
mod silence;

use self::{relaxed::Relaxed, silence::Silence};
pub use crate::events::{Action, Event, Now, Resend, Want};
use crate::{
	own::{Origin, OwnVotes},
	rules::{PrevoteFacts, Protocol, Rules},
	tally::{Certificates, Tally},
	tree::Tree,
	types::*,
	Reason, Refusals, Refused,
};
use std::marker::PhantomData;

/// Votes of slots up to this far above the clock's are kept: a voter may prevote one slot ahead, and clocks differ.
pub const FUTURE_SLOTS: Slot = 4;
/// Further than this behind the head a voter skips blocks.
pub const MAX_SLOTS_BEHIND: Slot = 4;
/// Without finality for this long, things are sent again, and again after the same time.
pub const RESEND_AFTER_MS: u64 = 1000;
/// Without finality for this long while the voters are to change, the 51% rule comes into force: longer than a restart
/// takes, and short enough that finality is back within a minute.
pub const RELAX_AFTER_MS: u64 = 30_000;
/// How long a voter that has just started listens, from its first peer on, before it casts anything.
pub const LISTEN_MS: u64 = 1000;

/// What a core starts from.
#[derive(Clone, Debug)]
pub struct Config<H> {
	/// The voter set.
	pub set_id: SetId,
	/// How many voters it has.
	pub voters: u16,
	/// This node's place in it; a node without one observes.
	pub me: Option<VoterIndex>,
	/// The finalized block. The edge hands over what it has above it, as [`Event::Imported`], parents first.
	pub root: BlockRef<H>,
	/// How many relaxed votes make a certificate; `None`, a number of no more than half of the voters, and one of a
	/// quorum or more switch the 51% rule off.
	pub relaxed_quorum: Option<VoterIndex>,
	/// Milliseconds without finality, while an end of the set is pending, after which the 51% rule comes into force:
	/// [`RELAX_AFTER_MS`], but in tests.
	pub relax_after_ms: u64,
	/// What the safety file says, or [`VoterState::fresh`] in a new set. Of no meaning to an observer.
	pub state: VoterState<H>,
	/// The horizon of a safety file that is new or was reset: the highest slot in which the key may have signed what is
	/// forgotten. Nothing is cast until a block of a higher slot is final here and the edge has said that the node is
	/// in sync ([`Event::InSync`]). The state is [`VoterState::forgetful`] then, or is made so.
	pub silent_until: Option<Slot>,
	/// How many milliseconds from the first peer on ([`Event::Connected`]) nothing is cast, so that the votes and
	/// certificates of others can tell what the key has signed that the safety file does not know: [`LISTEN_MS`] when
	/// the process starts, [`Core::next_listens_ms`] in the sets that follow. A voter that is alone in its set has
	/// nobody to listen to.
	pub listen_ms: u64,
}

/// The pipelined BFT finality protocol of one node in one voter set. `R` are its rules: the protocol's, but in tests.
///
/// # Invariants
/// [`Core::check`] looks at them after every step of every test. Those of a vote that is about to be signed are looked
/// at each time, and a voter that sees one broken falls silent ([`Reason::Inconsistent`]).
/// - *C1*: no prevote on another branch is above the last one: `ob <= lp.slot`.
/// - *C2*: the slots of `lp`, `ob` and the lock never fall; after a step the state is the one that was handed out last.
/// - *C3*: the last votes cast are the last prevote and the Commit on the lock; casts go up by slot, one block in each.
/// - *C4*: votes are kept of slots above the root only, and no more than the bounds permit.
/// - *C5*: of a slot at most one prevote certificate is kept, at or above the root; a block of the tree that has one
///   ranks by it.
/// - *C6*: certificates wait only for blocks above the root that the tree does not have.
/// - *C7*: what proves finality makes the root final.
/// - *C8*: the edge knows the head; a voter that is silent casts nothing.
#[derive(Clone, Debug)]
pub struct Core<H, S, R = Protocol> {
	set_id: SetId,
	voters: u16,
	me: Option<VoterIndex>,
	state: VoterState<H>,
	/// The state that the edge was told to make durable last.
	told_state: VoterState<H>,
	tree: Tree<H>,
	tally: Tally<H, S>,
	certificates: Certificates<H, S>,
	own: OwnVotes<H, S>,
	/// The votes that this step casts.
	casts: Vec<Vote<H>>,
	/// When votes were cast last.
	cast_ms: Option<u64>,
	/// The Commit certificate of the root.
	finality: Option<Certificate<H, S>>,
	/// A Commit certificate of a block that is not imported yet, the highest.
	pending: Option<Certificate<H, S>>,
	relaxed: Relaxed<H, S>,
	/// Whether the block that ends the set is final: nothing is left to do for this core.
	ended: bool,
	/// Why it casts nothing, whatever the block.
	silence: Silence,
	/// Why it does not vote on the head now.
	refused: Option<Reason>,
	/// The head that the edge knows of.
	told_head: BlockRef<H>,
	/// When finality last progressed, or the core started.
	progress_ms: Option<u64>,
	resent_ms: Option<u64>,
	/// Whether anything came that may permit a prevote.
	changed: bool,
	refusals: Refusals,
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
			silent_until,
			listen_ms,
		} = config;
		let relaxed_quorum = relaxed_quorum(usize::from(voters), named);
		let me = me.filter(|me| *me < voters);
		let stopped = if me.is_none() { Some(Reason::NotAVoter) } else { None };
		let state = silent_until.map_or(state, |horizon| state.forgetting(horizon));
		Self {
			set_id,
			voters,
			me,
			state,
			told_state: state,
			tree: Tree::new(root),
			tally: Tally::new(quorum(usize::from(voters)).max(1), relaxed_quorum),
			certificates: Certificates::new(),
			own: OwnVotes::new(&state),
			casts: Vec::new(),
			cast_ms: None,
			finality: None,
			pending: None,
			relaxed: Relaxed::new(relaxed_quorum, relax_after_ms),
			ended: false,
			silence: Silence::new(stopped, silent_until, if voters > 1 { listen_ms } else { 0 }),
			refused: None,
			told_head: root,
			progress_ms: None,
			resent_ms: None,
			changed: true,
			refusals: Refusals::default(),
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
		self.tally.forget_above(now.slot.saturating_add(FUTURE_SLOTS));
		let tick = matches!(event, Event::Tick);
		match event {
			Event::Imported(block) => self.imported(now, block, &mut out),
			Event::Vote(vote) => self.vote(now, vote, &mut out),
			Event::Certificate(certificate) => self.received(now, certificate, &mut out),
			// Time alone may let a block of the next slot take part, or be voted on.
			Event::Tick => self.changed = true,
			Event::Connected => self.silence.connected(now.ms),
			Event::InSync(in_sync) => self.silence.set_in_sync(in_sync),
			Event::ClockDoubt(doubted) => self.silence.doubt_clock(doubted),
		}
		let head = self.tree.head();
		if head != self.told_head {
			self.told_head = head;
			out.push(Action::Head(head));
		}
		self.relax(now);
		if self.silence.ends(now.ms, self.tree.root().slot) {
			self.wake();
		}
		// Votes that complete nothing change nothing here; there are many, and a look costs a walk to the lock.
		if std::mem::take(&mut self.changed) {
			self.prevote(now);
		}
		if tick {
			self.cast_again(now);
		}
		let votes = std::mem::take(&mut self.casts);
		if !votes.is_empty() {
			self.cast_ms = Some(now.ms);
			self.told_state = self.state;
			let state = self.state;
			out.push(Action::Cast { votes, state });
		}
		if tick {
			self.resend(now, &mut out);
		}
		out
	}

	/// Stops voting, for good; the core goes on counting others' votes. The first reason stays.
	pub fn stop_voting(&mut self, reason: Reason) {
		self.silence.stop(reason);
	}

	fn imported(&mut self, now: Now, block: Block<H>, out: &mut Vec<Action<H, S>>) {
		let certified = self.certificates.of(&block.block).is_some();
		if let Err(why) = self.tree.import(block, certified) {
			return self.refusals.add(why);
		}
		let spared = [self.state.last_prevote.hash, self.state.lock.hash];
		for _ in 0..self.tree.make_room(&block.block.hash, &spared) {
			self.refusals.add(Refused::TooMany);
		}
		self.changed = true;
		self.cast_anew(block.block);
		// What waits for this block is judged by it now.
		let pending = self.pending.take_if(|p| Self::final_by(p) == block.block);
		let unproven = self
			.relaxed
			.unproven
			.take_if(|c| c.vote.decides().hash == block.block.hash);
		if pending.is_none() && certified {
			self.commit(block.block);
		}
		for certificate in unproven.into_iter().chain(pending) {
			self.received(now, certificate, out);
		}
	}

	/// The last votes of before a restart have no signature yet; with their block it is known what they say.
	fn cast_anew(&mut self, block: BlockRef<H>) {
		for (phase, last) in [
			(Phase::Prevote, self.state.last_prevote),
			(Phase::Commit, self.state.lock),
		] {
			if last != block || !self.can_cast(&block) {
				continue;
			}
			if self.own.is_unsigned(phase, false) {
				self.cast(phase, block);
			} else {
				self.cast_relaxed(phase, block);
			}
		}
	}

	/// What was cast a second ago and did not come back signed is cast again: the edge could not write it, or not sign
	/// it.
	fn cast_again(&mut self, now: Now) {
		let waited = |ms: u64| now.ms.saturating_sub(ms) >= RESEND_AFTER_MS;
		if self.cast_ms.is_some_and(waited) {
			self.cast_anew(self.state.last_prevote);
			self.cast_anew(self.state.lock);
		}
	}

	/// The voter has been silent for a while, and is no more: what it passed over is looked at again.
	fn wake(&mut self) {
		self.changed = true;
		self.cast_anew(self.state.last_prevote);
		self.cast_anew(self.state.lock);
		let lock = self.state.lock.slot;
		let certified = self.certificates.iter().map(|c| c.vote.block);
		let mut missed: Vec<_> = certified.filter(|block| block.slot > lock).collect();
		// The highest that may be committed: what lies below it is final with it.
		while let Some(block) = missed.pop() {
			if self.tree.get(&block.hash).is_some() && self.commit(block) {
				break;
			}
		}
	}

	fn vote(&mut self, now: Now, signed: SignedVote<H, S>, out: &mut Vec<Action<H, S>>) {
		if let Err(why) = self.check_vote(&signed) {
			return self.refusals.add(why);
		}
		let own = self.me == Some(signed.voter);
		// Before the window: a vote that was not cast here says so at whatever slot.
		if own && self.own.came_back(&signed) == Origin::Foreign {
			self.disown(signed.clone(), out);
		} else if !own {
			// Somebody is there, whether the edge said so or not.
			self.silence.connected(now.ms);
		}
		if let Err(why) = self.check_slot(now, signed.vote.block.slot) {
			return self.refusals.add(why);
		}
		let counted = match self.tally.add(&signed) {
			Ok(counted) => counted,
			Err(why) => return self.refusals.add(why),
		};
		// Nobody reports himself.
		if let Some(first) = counted.contradicts.filter(|_| !own) {
			out.push(Action::Equivocation { first, second: signed });
		}
		if let Some(certificate) = counted.certificate {
			self.proven(now, certificate, out);
		}
	}

	/// The own key signed what was not cast here. To one that has no state to go by, or has stopped already, this says
	/// nothing new.
	fn disown(&mut self, signed: SignedVote<H, S>, out: &mut Vec<Action<H, S>>) {
		if !self.silence.is_stopped() {
			self.silence.stop(Reason::SignedElsewhere);
			out.push(Action::SignedElsewhere(signed));
		}
	}

	fn check_vote(&self, SignedVote { vote, voter, .. }: &SignedVote<H, S>) -> Result<(), Refused> {
		if *voter >= self.voters {
			return Err(Refused::UnknownVoter);
		}
		self.check_terms(vote)
	}

	/// What a vote and a certificate have in common.
	fn check_terms(&self, vote: &Vote<H>) -> Result<(), Refused> {
		if vote.set_id != self.set_id && !R::counts_other_sets() {
			return Err(Refused::OtherSet);
		}
		if !self.tree.agrees(&vote.block, vote.end) {
			return Err(Refused::Malformed);
		}
		if vote.relaxed && !self.may_relax(&vote.decides()) {
			return Err(Refused::Relaxed);
		}
		Ok(())
	}

	fn check_slot(&self, now: Now, slot: Slot) -> Result<(), Refused> {
		if slot <= self.tree.root().slot {
			return Err(Refused::Stale);
		}
		if slot > now.slot.saturating_add(FUTURE_SLOTS) {
			return Err(Refused::Future);
		}
		Ok(())
	}

	/// A certificate needs no look at the clock: a quorum of voters, most of them honest, looked at theirs.
	fn check_certificate(&self, certificate: &Certificate<H, S>) -> Result<(), Refused> {
		let signatures = &certificate.signatures;
		if signatures
			.last_key_value()
			.is_some_and(|(last, _)| *last >= self.voters)
		{
			return Err(Refused::UnknownVoter);
		}
		// Without the rule no number of relaxed votes is enough, as the terms say.
		let required = match self.relaxed.quorum {
			Some(relaxed) if certificate.vote.relaxed => relaxed,
			_ => self.quorum(),
		};
		if signatures.len() < required {
			return Err(Refused::NoQuorum);
		}
		self.check_terms(&certificate.vote)
	}

	fn received(&mut self, now: Now, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) {
		if let Err(why) = self.check_certificate(&certificate) {
			return self.refusals.add(why);
		}
		// A file that is older than what the key has signed shows here, before anything is cast by it.
		let vote = certificate.vote;
		let own = self.me.and_then(|me| Some((me, certificate.signatures.get(&me)?)));
		if let Some((voter, signature)) = own.filter(|_| R::looks_into_certificates() && self.is_foreign(&vote)) {
			let signature = signature.clone();
			self.disown(SignedVote { vote, voter, signature }, out);
		}
		self.proven(now, certificate, out);
	}

	/// Whether this voter, as far as it remembers, did not cast this vote.
	fn is_foreign(&self, vote: &Vote<H>) -> bool {
		self.own.origin(vote.phase, &vote.block) == Origin::Foreign
	}

	/// A certificate holds, made here or received.
	fn proven(&mut self, now: Now, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) {
		let done = match certificate.vote.phase {
			Phase::Prevote => self.certified(certificate, out),
			Phase::Commit => self.committed(now, certificate, out),
		};
		if let Err(why) = done {
			self.refusals.add(why);
		}
	}

	fn certified(&mut self, certificate: Certificate<H, S>, out: &mut Vec<Action<H, S>>) -> Result<(), Refused> {
		let block = certificate.vote.block;
		if block.slot <= self.tree.root().slot {
			return Err(Refused::Stale);
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
			self.commit(block);
		} else if self.pending.as_ref().is_none_or(|p| Self::final_by(p) != block) {
			out.push(Action::Fetch(block));
		}
		Ok(())
	}

	/// A quorum of Commits. A quorum holds honest voters, each of which saw the prevote certificate, so that the block
	/// counts as certified from here on even if nobody shows us that one.
	fn committed(
		&mut self,
		now: Now,
		certificate: Certificate<H, S>,
		out: &mut Vec<Action<H, S>>,
	) -> Result<(), Refused> {
		let (block, root) = (Self::final_by(&certificate), self.tree.root());
		if block == root && self.finality.is_none() {
			// After a restart: what is final is known, its proof comes with what others send again.
			self.finality = Some(certificate);
			return Ok(());
		}
		self.is_news_of_final(&block)?;
		if self.tree.get(&block.hash).is_some() {
			self.finalize(now, certificate, out);
			return Ok(());
		}
		self.pending = Some(certificate);
		if self.certificates.of(&block).is_none() {
			out.push(Action::Fetch(block));
		}
		Ok(())
	}

	/// Whether that this block is final says anything new.
	fn is_news_of_final(&self, block: &BlockRef<H>) -> Result<(), Refused> {
		match self.pending.as_ref().map(Self::final_by) {
			_ if block.slot <= self.tree.root().slot => Err(Refused::Stale),
			_ if self.tree.get(&block.hash).is_some() => Ok(()),
			Some(pending) if pending == *block => Err(Refused::Duplicate),
			Some(pending) if pending.slot >= block.slot => Err(Refused::Stale),
			_ => Ok(()),
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
		self.relaxed.unproven.take_if(|c| c.vote.decides().slot <= block.slot);
		self.finality = Some(certificate);
		self.progress_ms = Some(now.ms);
		self.changed = true;
	}

	/// Casts the Commit on a certified block of the tree, if the rule permits it, and says whether it did. A look when
	/// certificate and block have both come is enough: what the rule then refuses it refuses for ever, as slots only
	/// grow. A voter that is silent then looks when it wakes.
	fn commit(&mut self, block: BlockRef<H>) -> bool {
		let last_extends = self.tree.extends(&self.state.last_prevote, &block);
		let may = self.can_cast(&block) && self.may_vote_on(&block);
		if !may || !R::commit(&self.state, block, last_extends) {
			return false;
		}
		self.state = R::after_commit(&self.state, block);
		self.cast(Phase::Commit, block);
		true
	}

	/// Casts the prevotes that are due: the blocks on the way to the head in order, unless they are too far behind.
	///
	/// After a restart the last prevote or the lock may be unknown to the tree: below the root, or lost with what the
	/// database had not written. What is unknown extends nothing and nothing extends it, which is on the safe side both
	/// times: `ob` then rises to the last prevote's slot, and the lock opens only by a certificate above it. Nobody is
	/// stuck by that: if the root is above the lock, the root, being certified, is the J that opens it; if it is not,
	/// the certificate of the lock comes again and has the block fetched.
	fn prevote(&mut self, now: Now) {
		self.refused = None;
		let head = self.tree.head();
		if self.silence.is_silent() || self.ended || head == self.tree.root() {
			return;
		}
		let behind = head.slot.saturating_sub(MAX_SLOTS_BEHIND.saturating_add(1));
		for block in self.tree.path_to_head(self.state.last_prevote.slot.max(behind)) {
			if self.silence.is_silent() || !self.may_vote_on(&block) {
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
					self.cast(Phase::Prevote, block);
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

	/// Whether anything may be cast on this block: the voter is not silent, and the block is in the tree above the
	/// root.
	fn can_cast(&self, block: &BlockRef<H>) -> bool {
		let above = block.slot > self.tree.root().slot && self.tree.get(&block.hash) == Some(*block);
		above && !self.silence.is_silent()
	}

	/// Casts the vote that the state has moved to.
	fn cast(&mut self, phase: Phase, block: BlockRef<H>) {
		self.put(self.vote_on(phase, block, false));
		self.own.cast(phase, block);
		self.cast_relaxed(phase, block);
	}

	/// Puts a vote among those that this step casts. If it breaks an invariant, nothing is cast any more, and the state
	/// is again the one that was handed out last.
	fn put(&mut self, vote: Vote<H>) {
		if self.silence.is_stopped() || self.casts.contains(&vote) {
			return;
		}
		if self.is_sound(&vote) {
			self.casts.push(vote);
			return;
		}
		self.silence.stop(Reason::Inconsistent);
		self.casts.clear();
		self.state = self.told_state;
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

	/// While finality stands still, what others may have missed goes out again: without a part of it they may never
	/// agree on where to build. A chain at rest sends its proof of finality only.
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
		let undecided = self.relaxed.unproven.as_ref().map(|c| c.vote.decides());
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
