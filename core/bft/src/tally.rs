//! Votes become certificates here, and contradictions are noticed.
//!
//! The first two different votes of a voter in a slot and phase both count, each for its own: a certificate is judged
//! by the signatures under it, whatever its signers signed elsewhere, so that a node which left the second vote out
//! would only learn of the certificate later, from those who saw the second one first. Safety counts equivocating
//! voters among the Byzantine third in any case. A third vote is dropped: two prove the offence.

use crate::{
	types::{BlockHash, BlockRef, Certificate, Phase, SignedVote, Slot, Vote, VoterIndex},
	Refused, Want,
};
use std::collections::{btree_map::Entry, BTreeMap};

/// Of how many slots votes are kept, the latest. Older ones are not missed: if nothing became final for that long, what
/// is sent again are the voters' last votes and the certificates; and votes on new blocks go on.
pub(crate) const KEPT_SLOTS: usize = 1024;
/// A voter's votes kept in one slot and phase, of those under the 51% rule and of the others each.
const MAX_VOTES_A_VOTER: usize = 2;

/// What one more vote amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted<H, S> {
	/// The certificate that this vote completed.
	pub certificate: Option<Certificate<H, S>>,
	/// A vote of the voter in this slot and phase, under whichever flag, that this one is the first to contradict.
	pub contradicts: Option<SignedVote<H, S>>,
}

#[derive(Clone, Debug)]
struct Round<H, S> {
	/// What each voter cast, in the order of arrival.
	cast: BTreeMap<VoterIndex, Vec<Vote<H>>>,
	/// Signatures by vote. All of it is the key: under another number or another end it is another message.
	signatures: BTreeMap<Vote<H>, BTreeMap<VoterIndex, S>>,
}

impl<H, S> Default for Round<H, S> {
	fn default() -> Self {
		Self {
			cast: BTreeMap::new(),
			signatures: BTreeMap::new(),
		}
	}
}

/// The votes of the latest slots above what is final.
#[derive(Clone, Debug)]
pub(crate) struct Tally<H, S> {
	quorum: usize,
	/// That of relaxed votes, if they count.
	relaxed_quorum: Option<usize>,
	rounds: BTreeMap<Slot, [Round<H, S>; 2]>,
}

const fn place(phase: Phase) -> usize {
	match phase {
		Phase::Prevote => 0,
		Phase::Commit => 1,
	}
}

impl<H: BlockHash, S: Clone> Tally<H, S> {
	pub(crate) fn new(quorum: usize, relaxed_quorum: Option<usize>) -> Self {
		Self {
			quorum,
			relaxed_quorum,
			rounds: BTreeMap::new(),
		}
	}

	/// Counts a vote of a known voter, of this set, of a slot within the window.
	pub(crate) fn add(&mut self, signed: &SignedVote<H, S>) -> Result<Counted<H, S>, Refused> {
		let SignedVote { vote, voter, .. } = *signed;
		let Vote { phase, block, .. } = vote;
		let required = self.required(&vote);
		if !self.rounds.contains_key(&block.slot) && self.rounds.len() >= KEPT_SLOTS {
			// The lowest slot makes place, which may be the vote's own.
			match self.rounds.first_key_value() {
				Some((lowest, _)) if *lowest < block.slot => self.rounds.pop_first(),
				_ => return Err(Refused::Stale),
			};
		}
		let rounds = self.rounds.entry(block.slot).or_default();
		let [prevotes, commits] = rounds;
		let round = if place(phase) == 0 { prevotes } else { commits };

		let cast = round.cast.entry(voter).or_default();
		if cast.contains(&vote) {
			return Err(Refused::Duplicate);
		}
		if cast.iter().filter(|known| known.relaxed == vote.relaxed).count() >= MAX_VOTES_A_VOTER {
			return Err(Refused::TooMany);
		}
		// The same block under another flag is no contradiction, another block under whatever flag is one. It is
		// reported once.
		let known = cast.first().map(|first| first.block.hash);
		let agreed = cast.iter().all(|other| Some(other.block.hash) == known);
		let first = cast.first().copied().filter(|_| agreed);
		cast.push(vote);

		let signatures = round.signatures.entry(vote).or_default();
		signatures.insert(voter, signed.signature.clone());
		// Only the vote that reaches the quorum makes the certificate; later ones add nothing.
		let certificate = (Some(signatures.len()) == required).then(|| Certificate {
			vote,
			signatures: signatures.clone(),
		});
		// Two votes for one hash that differ in what they say of it prove a liar, not an equivocation.
		let contradicts = first.filter(|first| first.block.hash != block.hash).and_then(|vote| {
			let signature = round.signatures.get(&vote)?.get(&voter)?.clone();
			Some(SignedVote { vote, voter, signature })
		});
		Ok(Counted {
			certificate,
			contradicts,
		})
	}

	/// What this vote would be, of a voter of the set.
	pub(crate) fn wants(&self, voter: VoterIndex, vote: &Vote<H>) -> Want {
		let slot = vote.block.slot;
		let Some(rounds) = self.rounds.get(&slot) else {
			let is_too_old = self.rounds.first_key_value().is_some_and(|(lowest, _)| slot < *lowest);
			return if is_too_old && self.rounds.len() >= KEPT_SLOTS {
				Want::Full
			} else {
				Want::New
			};
		};
		let [prevotes, commits] = rounds;
		let round = if place(vote.phase) == 0 { prevotes } else { commits };
		let Some(cast) = round.cast.get(&voter) else {
			return Want::New;
		};
		match cast.iter().filter(|known| known.relaxed == vote.relaxed).count() {
			_ if cast.contains(vote) => Want::Known,
			0 => Want::New,
			count if count < MAX_VOTES_A_VOTER => Want::Proof,
			_ => Want::Full,
		}
	}

	/// How many such votes make a certificate; `None` if relaxed votes make none.
	fn required(&self, vote: &Vote<H>) -> Option<usize> {
		if vote.relaxed {
			self.relaxed_quorum
		} else {
			Some(self.quorum)
		}
	}

	/// Whether as many of these votes were counted as make a certificate.
	pub(crate) fn has_quorum(&self, vote: &Vote<H>) -> bool {
		self.required(vote).is_some_and(|required| self.count(vote) >= required)
	}

	/// Forgets what is at or below this slot.
	pub(crate) fn prune(&mut self, up_to: Slot) {
		self.rounds = self.rounds.split_off(&up_to.saturating_add(1));
	}

	/// Forgets what is above this slot. A clock that was ahead for a moment lets in votes of slots to come; they would
	/// keep those of the slots that are now from having a place.
	pub(crate) fn forget_above(&mut self, slot: Slot) {
		while self.rounds.last_key_value().is_some_and(|(highest, _)| *highest > slot) {
			self.rounds.pop_last();
		}
	}

	/// Whether the bounds hold, and all votes are of slots above this one.
	pub(crate) fn check(&self, root: Slot) -> bool {
		let few = |round: &Round<H, S>| {
			let of_flag = |cast: &[Vote<H>], flag| cast.iter().filter(|vote| vote.relaxed == flag).count();
			round.cast.values().all(|cast| {
				[false, true]
					.iter()
					.all(|flag| of_flag(cast, *flag) <= MAX_VOTES_A_VOTER)
			})
		};
		self.rounds.len() <= KEPT_SLOTS
			&& self.rounds.keys().all(|slot| *slot > root)
			&& self.rounds.values().flatten().all(few)
	}

	/// How many voters' signatures are held for this vote.
	pub(crate) fn count(&self, vote: &Vote<H>) -> usize {
		let round = self.rounds.get(&vote.block.slot).and_then(|r| r.get(place(vote.phase)));
		round.and_then(|r| r.signatures.get(vote)).map_or(0, BTreeMap::len)
	}
}

/// Of how many slots prevote certificates are kept, the latest; and that of the lock.
const KEPT_CERTIFICATES: usize = 1024;

/// The known prevote certificates at and above what is final: one a slot, as there can be no second.
#[derive(Clone, Debug)]
pub(crate) struct Certificates<H, S> {
	by_slot: BTreeMap<Slot, Certificate<H, S>>,
}

impl<H: BlockHash, S> Certificates<H, S> {
	pub(crate) fn new() -> Self {
		Self {
			by_slot: BTreeMap::new(),
		}
	}

	/// Keeps one; `spare` is the slot of the lock.
	pub(crate) fn add(&mut self, certificate: Certificate<H, S>, spare: Slot) -> Result<(), Refused> {
		match self.by_slot.entry(certificate.vote.block.slot) {
			Entry::Occupied(known) if known.get().vote.block == certificate.vote.block => {
				return Err(Refused::Duplicate)
			}
			Entry::Occupied(_) => return Err(Refused::Conflicting),
			Entry::Vacant(place) => place.insert(certificate),
		};
		if self.by_slot.len() > KEPT_CERTIFICATES {
			// What is dropped lives on as the rank of the blocks above it.
			if let Some(lowest) = self.by_slot.keys().copied().find(|slot| *slot != spare) {
				self.by_slot.remove(&lowest);
			}
		}
		Ok(())
	}

	/// That of this very block.
	pub(crate) fn of(&self, block: &BlockRef<H>) -> Option<&Certificate<H, S>> {
		self.by_slot.get(&block.slot).filter(|c| c.vote.block == *block)
	}

	pub(crate) fn at(&self, slot: Slot) -> Option<&Certificate<H, S>> {
		self.by_slot.get(&slot)
	}

	pub(crate) fn by_hash(&self, hash: &H) -> Option<&Certificate<H, S>> {
		self.by_slot.values().rev().find(|c| c.vote.block.hash == *hash)
	}

	pub(crate) fn highest(&self) -> Option<&Certificate<H, S>> {
		self.by_slot.last_key_value().map(|(_, c)| c)
	}

	/// Forgets what is below this slot.
	pub(crate) fn prune(&mut self, below: Slot) {
		self.by_slot = self.by_slot.split_off(&below);
	}

	/// All of them.
	pub(crate) fn iter(&self) -> impl Iterator<Item = &Certificate<H, S>> {
		self.by_slot.values()
	}

	/// Whether the bound holds, and each is a prevote certificate in its own slot, at or above this one.
	pub(crate) fn check(&self, root: Slot) -> bool {
		let sound = |(slot, certificate): (&Slot, &Certificate<H, S>)| {
			let Certificate { vote, .. } = certificate;
			vote.phase == Phase::Prevote && vote.block.slot == *slot && *slot >= root
		};
		self.by_slot.len() <= KEPT_CERTIFICATES.saturating_add(1) && self.by_slot.iter().all(sound)
	}
}
