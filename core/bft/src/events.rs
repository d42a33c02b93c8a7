//! What goes into the core and what comes out of it.

use crate::types::*;

/// Time as the edge sees it; the core has no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
	/// Milliseconds of a clock that does not go back.
	pub ms: u64,
	/// The slot of the wall clock.
	pub slot: Slot,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<H, S> {
	/// A block was imported; its parent came before it (or is the root, or below it).
	Imported(Block<H>),
	/// A vote with a verified signature, one's own included (the edge feeds each vote that it signs back).
	Vote(SignedVote<H, S>),
	/// A certificate, verified.
	Certificate(Certificate<H, S>),
	/// Time passed; at least once a slot.
	Tick,
	/// Someone else finalized what this certificate proves (import with a justification, warp sync): the root moves there. Where
	/// the tree does not know the block it restarts there, and the edge hands over what it has above it. Of relaxed votes, the edge
	/// has seen that the header of the block that they decide changes the voters.
	FinalizedElsewhere(Certificate<H, S>),
}

/// What the edge has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<H, S> {
	/// Make `state` durable, then sign `vote`, send it and feed it back as [`Event::Vote`]. Where that fails the edge calls
	/// `stop_voting`. Of several in one answer each covers those before it: the last state may be written once for all.
	///
	/// After a restart the last prevote and the Commit on the lock are cast anew as their blocks are imported, so that they can be
	/// sent again. (ed25519 is deterministic: this signs nothing new.) They are cast under the relaxed flag as well when the 51% rule
	/// comes into force, and so is, while it is, each vote that decides the end of the set.
	Cast {
		/// What to sign.
		vote: Vote<H>,
		/// What has to be durable before.
		state: VoterState<H>,
	},
	/// The best block changed.
	Head(BlockRef<H>),
	/// A prevote certificate is new here, made from votes or received. It precedes the Commit that it permits. The one of the
	/// lock should outlive a restart (and be fed again then): were it lost everywhere, nobody could show why to build there.
	Certified(Certificate<H, S>),
	/// The block is final, and its ancestors are.
	Finalize {
		/// The certificate's block; or, where its votes say that this lies beyond the end of the set, that end.
		block: BlockRef<H>,
		/// The proof.
		certificate: Certificate<H, S>,
	},
	/// A certified block is not known here: fetch it; if the client has it, hand it over again.
	Fetch(BlockRef<H>),
	/// One voter, one slot, one phase, two blocks, under whichever flags. Once for each of those; never about oneself.
	Equivocation {
		/// The vote that came first.
		first: SignedVote<H, S>,
		/// The one that contradicts it.
		second: SignedVote<H, S>,
	},
	/// Our key signed what we did not: voting has stopped.
	SignedElsewhere(SignedVote<H, S>),
	/// No progress for a second: send these again.
	Resend(Resend<H, S>),
}

/// What is sent again while nothing progresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resend<H, S> {
	/// Blocks, with the ancestors that a peer lacks: the head and the highest certified block.
	pub blocks: Vec<BlockRef<H>>,
	/// The own last prevote and the Commit on the lock; while the 51% rule is in force also the relaxed ones.
	pub votes: Vec<SignedVote<H, S>>,
	/// The highest prevote certificate, and that of what is final.
	pub certificates: Vec<Certificate<H, S>>,
}
