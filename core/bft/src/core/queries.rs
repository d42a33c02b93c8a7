//! What the core says of itself, and which input it has a use for.

use super::{Core, LISTEN_MS};
use crate::{events::Want, rules::Rules, types::*, Reason, Refusals, Refused};

impl<H: BlockHash, S: Clone, R: Rules> Core<H, S, R> {
	/// Why no vote is cast on the head now; none while all is well.
	pub fn why_not_voting(&self) -> Option<Reason> {
		let silence = self.silence.reason();
		let stopped = silence.filter(|_| self.silence.is_stopped());
		let ended = self.ended.then_some(Reason::SetEnded);
		stopped.or(ended).or(silence).or(self.refused)
	}

	/// The horizon of a safety file that is new, as long as nothing is cast for its sake. The edge asks before it
	/// starts the core of the next set, and hands it on.
	pub fn silent_until(&self) -> Option<Slot> {
		self.silence.horizon()
	}

	/// How long the core of the next set has to listen, for [`Config::listen_ms`](crate::Config::listen_ms). A voter
	/// that has voted in this set knows that its file is the newest, and goes on at once. One that has not is catching
	/// up: of the next set it may have signed more than it knows.
	///
	/// That core has to be told of the peers that are there ([`Event::Connected`](crate::Event::Connected)): were all
	/// voters to wait for one another, nobody would speak first.
	pub fn next_listens_ms(&self) -> u64 {
		if self.cast_ms.is_none() || self.silence.is_listening() {
			LISTEN_MS
		} else {
			0
		}
	}

	/// Whether the block that ends the set is final ([`Core::finalized`]). The core does nothing from then on; the edge
	/// starts one for the next set from there.
	pub fn has_ended(&self) -> bool {
		self.ended
	}

	/// Whether this block is known to end the set.
	pub fn is_end(&self, block: &BlockRef<H>) -> bool {
		self.tree.is_end(block)
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

	/// The highest block with a known prevote certificate, imported or not; the final one if there is none.
	pub fn highest_certified(&self) -> BlockRef<H> {
		self.certificates.highest().map_or(self.tree.root(), |c| c.vote.block)
	}

	/// The prevote certificate of a block at or above the final one, if it is known.
	pub fn certificate(&self, hash: &H) -> Option<&Certificate<H, S>> {
		self.certificates.by_hash(hash)
	}

	/// The prevote certificate of a slot at or above that of the final block, if it is known.
	pub fn certificate_at(&self, slot: Slot) -> Option<&Certificate<H, S>> {
		self.certificates.at(slot)
	}

	/// The prevote certificate of the lock: worth keeping over a restart.
	pub fn lock_certificate(&self) -> Option<&Certificate<H, S>> {
		self.certificates.of(&self.state.lock)
	}

	/// The Commit certificate of the final block, if it is known.
	pub fn finality_certificate(&self) -> Option<&Certificate<H, S>> {
		self.finality.as_ref()
	}

	/// The own last prevote and the Commit on the lock, as far as they came back signed; while the 51% rule is in
	/// force, the relaxed ones as well.
	pub fn last_own_votes(&self) -> Vec<SignedVote<H, S>> {
		self.own.last(self.relaxed_since().is_some())
	}

	/// Whether a block is in the tree.
	pub fn knows(&self, hash: &H) -> bool {
		self.tree.get(hash).is_some()
	}

	/// Whether a block would be refused for want of its parent alone. The edge then hands over the whole path from what
	/// the core knows, lowest first: the core may have let the parent go, or have been told of the child first.
	pub fn lacks_parent(&self, block: &Block<H>) -> bool {
		let root = self.tree.root();
		let above = block.block.slot > root.slot && block.block.number > root.number;
		above && !self.knows(&block.block.hash) && !self.knows(&block.parent)
	}

	/// How many blocks are in the tree, the final one included.
	pub fn tree_len(&self) -> usize {
		self.tree.len()
	}

	/// How many voters' votes on this block are counted, of those that are not relaxed.
	pub fn votes(&self, phase: Phase, block: &BlockRef<H>) -> usize {
		self.tally.count(&self.vote_on(phase, *block, false))
	}

	/// What a vote would be to this core, by what it says alone: asked before its signature is checked, as that costs
	/// more than anything else here. At most two of a voter, slot, phase and flag are worth that, whatever the voter
	/// signs. Sets and the window of slots are the edge's to look at.
	pub fn wants_vote(&self, voter: VoterIndex, vote: &Vote<H>) -> Want {
		if voter < self.voters {
			self.tally.wants(voter, vote)
		} else {
			Want::Full
		}
	}

	/// Whether as many votes like this one were counted as make a certificate. A peer of this node has
	/// got that many by it, so that one more need not be passed on.
	pub fn has_quorum(&self, vote: &Vote<H>) -> bool {
		self.tally.has_quorum(vote)
	}

	/// Whether a certificate of this phase of this block is known, or the block is final.
	pub fn is_certified(&self, phase: Phase, block: &BlockRef<H>) -> bool {
		let by_certificate = match phase {
			Phase::Prevote => self.certificates.of(block).is_some(),
			Phase::Commit => self.pending.as_ref().is_some_and(|p| p.vote.block == *block),
		};
		by_certificate || block.slot <= self.tree.root().slot
	}

	/// Whether a certificate under this vote says anything new, asked before its signatures are checked. `names_me`:
	/// whether the own signature is said to be among them, which is news if this voter did not cast that vote.
	///
	/// # Errors
	/// Why it does not.
	pub fn wants_certificate(&self, vote: &Vote<H>, names_me: bool) -> Result<(), Refused> {
		self.check_terms(vote)?;
		if names_me && self.me.is_some() && !self.silence.is_stopped() && self.is_foreign(vote) {
			return Ok(());
		}
		let (root, decides) = (self.tree.root(), vote.decides());
		match vote.phase {
			Phase::Commit if decides == root && self.finality.is_none() => Ok(()),
			Phase::Commit => self.is_news_of_final(&decides),
			Phase::Prevote if vote.block.slot <= root.slot => Err(Refused::Stale),
			Phase::Prevote if vote.relaxed && !self.knows(&decides.hash) => self.is_news_to_wait(&vote.block),
			Phase::Prevote if self.certificates.of(&vote.block).is_some() => Err(Refused::Duplicate),
			Phase::Prevote => Ok(()),
		}
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

	/// What input was refused, by why.
	pub fn refusals(&self) -> &Refusals {
		&self.refusals
	}
}
