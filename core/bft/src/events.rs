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
	/// A block was imported; its parent came before it (or is the root, or below it). If the core lacks the parent
	/// ([`crate::Core::lacks_parent`]), the edge hands over the whole path from what the core knows, lowest first.
	Imported(Block<H>),
	/// A vote with a verified signature, one's own included (the edge feeds each vote that it signs back).
	Vote(SignedVote<H, S>),
	/// A certificate, verified.
	Certificate(Certificate<H, S>),
	/// Time passed; at least once a slot.
	Tick,
	/// A peer is there. With the first a voter begins to listen ([`crate::Config::listen_ms`]). A core that takes the
	/// place of another is told at once if peers are there already.
	Connected,
	/// Whether the node is in sync: its head lies within a few slots of the clock. A voter that forgets
	/// ([`crate::Config::silent_until`]) waits for that; a core takes the node for not in sync until it is told.
	InSync(bool),
	/// Whether the clock is doubted: it was set, and nobody has borne out the new time. While it is, nothing is cast.
	ClockDoubt(bool),
}

/// What the edge has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<H, S> {
	/// Make `state` durable, then sign the votes, send them, and feed each back as [`Event::Vote`]. A step has at most
	/// one.
	///
	/// After a restart the last prevote and the Commit on the lock are cast anew as their blocks are imported, so that
	/// they can be sent again. (ed25519 is deterministic: this signs nothing new.) They are cast under the relaxed flag
	/// as well when the 51% rule comes into force, and so is, while it is, each vote that decides the end of the set.
	/// What does not come back signed, because it could not be written or signed, is cast again after a second.
	Cast {
		/// What to sign, in this order. Never empty.
		votes: Vec<Vote<H>>,
		/// What has to be durable before any of them is signed.
		state: VoterState<H>,
	},
	/// The best block changed.
	Head(BlockRef<H>),
	/// A prevote certificate is new here, made from votes or received. It precedes the Commit that it permits. The one
	/// of the lock should outlive a restart (and be fed again then): were it lost everywhere, nobody could show why to
	/// build there.
	Certified(Certificate<H, S>),
	/// The block is final, and its ancestors are.
	Finalize {
		/// The certificate's block; or, if its votes say that this lies beyond the end of the set, that end.
		block: BlockRef<H>,
		/// The proof.
		certificate: Certificate<H, S>,
	},
	/// A certified block is not known here: fetch it; if the client has it, hand it over again, with the ancestors that
	/// the core lacks.
	Fetch(BlockRef<H>),
	/// One voter, one slot, one phase, two blocks, under whichever flags. Once for each of those; never about oneself.
	Equivocation {
		/// The vote that came first.
		first: SignedVote<H, S>,
		/// The one that contradicts it.
		second: SignedVote<H, S>,
	},
	/// Our key signed what we did not, in a vote or under a certificate: voting has stopped.
	SignedElsewhere(SignedVote<H, S>),
	/// No progress for a second: send these again.
	Resend(Resend<H, S>),
}

/// What is sent again while nothing progresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resend<H, S> {
	/// Blocks of the tree to push again, sealed as they are: the head, then the highest certified one. A peer that
	/// lacks their ancestors asks for them.
	pub blocks: Vec<BlockRef<H>>,
	/// The own last prevote and the Commit on the lock; while the 51% rule is in force also the relaxed ones.
	pub votes: Vec<SignedVote<H, S>>,
	/// The highest prevote certificate, and that of what is final.
	pub certificates: Vec<Certificate<H, S>>,
}

/// What one more vote would be to the core, by what it says alone: asked before its signature is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
	/// The first of this voter in the slot and phase, under this flag: worth a look at its signature.
	New,
	/// The second, another one than the first. If it is true it proves an equivocation; no more than that.
	Proof,
	/// This very vote is counted.
	Known,
	/// There is no place for it: two others of this voter, slot, phase and flag are counted, the slot is older than
	/// what is kept, or the set has no such voter.
	Full,
}
