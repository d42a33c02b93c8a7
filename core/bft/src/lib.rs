//! The pipelined BFT finality of SmartChain, as a state machine: events and the time go in, actions come out. It opens no
//! socket, reads no clock, writes no disk and knows nothing of Substrate; `node/consensus` is its edge.
//!
//! # Overview
//! Blocks are made on a clock and never wait for votes. Each is voted on in two phases: once a quorum prevoted it, it has a prevote
//! certificate, and voters commit it; a quorum of Commits makes it final with all its ancestors, three message delays after it was
//! sent. Votes on successive blocks overlap. There are no rounds, timeouts or changes of view: a voter's last prevote, its
//! highest prevote on another branch (`ob`) and its lock decide what it may vote for.
//!
//! - [`Core`]: takes an [`Event`], answers with [`Action`]s in the order in which they are to be done.
//! - [`Rules`]: the predicates under which a voter votes, and nothing else that is safe or unsafe.
//! - `tree`: the blocks above the final one, and the fork choice ([`Rank`]).
//! - `tally`: votes to certificates; equivocations.
//! - `own`: what this voter cast, so that what it did not cast shows.
//! - [`Reason`], [`Dropped`]: what an operator reads.
//!
//! # Terms
//! - *n*, *f*, *q*: the voters, those among them that are Byzantine, the quorum `n - floor(n/3)`.
//! - *end*, *H*: the block that changes the voters; *decides an end*: is it, or lies beyond it and names it.
//! - *certified*: a quorum prevoted the block. A block with a quorum of Commits counts as certified too: the quorum holds honest
//!   voters (`q > f`), and each of them saw the prevote certificate.
//! - *extends*: is that block or descends from it.
//! - *root*: the last final block here; the tree holds what descends from it.
//! - *known*: certificates and blocks may be known to some nodes and not to others; the rules ask for what is known here.
//!
//! # What the edge sees to
//! - Signatures, of votes and in certificates, are verified before they come here. A certificate holds one of each signer.
//! - Blocks are valid (author, turn, seal), and come after their parents.
//! - The state in [`Action::Cast`] is durable before the vote is sent. Where it cannot be, or the file is missing or damaged,
//!   [`Core::stop_voting`].
//! - With the state of a lock, its block (and the block's ancestors) and its prevote certificate ([`Core::lock_certificate`]) are
//!   kept as safely. Safety does not need it. But where all machines fail at once and all lose a block that enough of
//!   them are locked on, nobody can ever build on it, nor show that it may be left.
//! - [`Event::Tick`] comes at least once a slot.
//! - All nodes have the same relaxed quorum of a set: it comes with the set.
//!
//! # Safety
//! With `f < n/3`, if C at slot s gathered q Commits, every block certified at a slot >= s extends C. Suppose not, and let B be the
//! lowest that does not. Any two quorums share an honest voter v.
//! - B at slot s: C is certified as well, and v of those two quorums prevoted once in that slot ([`Rules::slot_grows`]).
//! - B above s, prevoted by v before its Commit on C: v's last prevote was then above s, so that the Commit asked for it to extend C,
//!   and for no prevote above s to be beside its chain ([`Rules::last_prevote_permits`]). B is on that chain, above C.
//! - B above s, prevoted by v after its Commit: v was locked at a slot >= s and below B's, on a certified block. B extends the
//!   lock, or a certified J of a slot above it, J being B's strict ancestor ([`Rules::lock_permits`]). Either is lower
//!   than B, so that it extends C, and B does.
//!
//! So no two final blocks are on different branches. The tests check it by model, over random runs of voters that prevote any leaf
//! the rules permit, and in simulated networks; with any one rule left out they find the counterexample.
//!
//! Losing blocks and certificates does no harm to this: what is not known extends nothing and opens no lock, and so only forbids.
//! Losing the voter's state does.
//!
//! # Liveness
//! While finality stands still the core has the head, the highest certified block, its certificate, the own last votes and
//! the proof of what is final sent again each second ([`Action::Resend`]). Once messages arrive, all know the highest
//! certificate, all rank its branch highest, and every lock permits to prevote there.
//!
//! # Bounds
//! Votes are kept of [`core::FUTURE_SLOTS`] ahead of the clock and the latest 1024 slots above the root, two blocks a voter, slot,
//! phase and flag; one certificate of relaxed prevotes whose end is not here yet; certificates of the latest 1024 certified slots and the lock's; 256 blocks a slot. The tree grows with the distance
//! to the last final block, as the chain's own database does. A step costs at most a walk from the head to the lock, and only
//! where blocks or certificates came, or the clock ticked; a vote costs a few look-ups.
//!
//! # Change of voters
//! A core serves one voter set. A block H that changes the voters ends it ([`Block::ends_set`]). The set goes on voting on H's
//! descendants, but what it certifies there makes H final and nothing above it ([`Rules::final_block`]): were the votes split over
//! several blocks and H alone could be voted on, they might never meet again. Votes beyond H name it ([`Vote::end`]), so that a
//! certificate says by itself what it makes final: whoever does not know the blocks between could otherwise not tell one that
//! makes H final from one that makes its own block final. With H final the core has ended
//! ([`Core::has_ended`]), and the edge starts one for the next set from H, with a fresh voter's state. So whatever the next set
//! certifies extends H, and H is the last that this set can make final: by the safety of each, no two sets finalize blocks on
//! different branches. Votes and certificates count in their own set alone ([`Rules::counts_other_sets`]): those of the old
//! set beyond H say nothing of what the new one may build on.
//!
//! Whoever is still in the old set learns of the end by the proof that H is final. Keeping that, and sending it to those who are
//! behind, is the edge's.
//!
//! # The 51% rule
//! Where more than a third of the voters are gone at once no quorum comes together, and so none for the change that would give
//! their seats to others. When nothing became final for a while ([`Config::relax_after_ms`]) although the head's chain changes the
//! voters, the rule comes into force at a voter: it casts its last prevote and the Commit on its lock anew with the relaxed flag, where
//! they decide the end of the set ([`Vote::decides`]), and from then on each such vote under both flags. *r* relaxed votes make a
//! certificate ([`Config::relaxed_quorum`], `n / 2 < r < q`) that is like any other to all rules, but only of a block that decides the
//! end ([`Rules::relaxed_votes_count`]); whether the end is one is seen in the tree, and where it is not there, waited for.
//! Relaxed votes only add to the others: a voter that comes back completes a quorum with those as if there were no such rule. State,
//! locks and rules are the same under both flags, so that the same vote under both is no equivocation; two blocks are one under
//! any. The next set starts without it, and so does whatever follows a block that became final meanwhile.
//!
//! Why it is safe, with b Byzantine voters, `b <= 2r - n - 1`: the argument under Safety asks of certificates, of prevotes and of
//! Commits, only that any two share an honest voter, and of honest voters that they have one state. Two quorums share `2q - n`
//! voters, a quorum and a relaxed one `q + r - n`, two relaxed ones `2r - n`. As `r <= q` the last is the least, and it is more than b. So
//! it does not matter how they are mixed: a q-Commit of a block beside H and relaxed prevotes beyond H share an honest voter, whose
//! lock or last prevote forbids one of them; and certificates from before the rule came into force are certificates. A relaxed
//! certificate holds an honest vote (`r > b`), hence its end is one.
//!
//! Why it is limited to ends: so that more Byzantine voters than that can do little. With `b <= q + r - n - 1` each pair but that of two
//! relaxed certificates shares an honest voter still. Suppose all ends that get relaxed votes are the same H. Let H be final by
//! relaxed Commits at slot s, and B the lowest block certified at a slot >= s that does not extend H: then B has a quorum, which
//! shares an honest voter with these Commits, and the three cases under Safety apply, as what is certified between extends H. So
//! only two ends on two branches can both become final, by a partition with Byzantine voters on both sides; nothing else. With relaxed
//! votes that count for any block, any two blocks could.
//!
//! A partition's side with fewer than r voters, the Byzantine counted on both, never changes the set.

pub mod core;
pub mod events;
mod own;
pub mod rules;
pub mod status;
mod tally;
mod tree;
pub mod types;

pub use crate::{
	core::{Config, Core},
	events::{Action, Event, Now, Resend},
	rules::{PrevoteFacts, Protocol, Rules},
	status::{Drop, Dropped, Reason},
	tree::Rank,
	types::*,
};
