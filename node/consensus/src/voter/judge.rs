//! What a message is worth, by what the core knows.

use crate::{
	net::gossip::{Known, KnownEnd, Refused, Window},
	voter::{
		convert::{to_core, to_ref},
		Core, CoreCertificate, Voter,
	},
};
use bft_finality_primitives::{BlockRef, Certificate, SignedVote, Vote};
use smartchain_bft as bft;

/// What the core knows, in the filter's words.
pub(super) struct Judged<'a>(pub &'a Core);

impl Known for Judged<'_> {
	fn end_of_set(&self, decided: &BlockRef) -> KnownEnd {
		let block = to_ref(*decided);
		if self.0.is_end(&block) {
			KnownEnd::Yes
		} else if self.0.knows(&block.hash) {
			KnownEnd::No
		} else {
			KnownEnd::Unknown
		}
	}

	fn wants_vote(&self, vote: &SignedVote) -> bft::Want {
		self.0.wants_vote(vote.voter, &to_core(&vote.vote))
	}

	fn has_quorum(&self, vote: &Vote) -> bool {
		self.0.has_quorum(&to_core(vote))
	}

	fn wants_certificate(&self, certificate: &Certificate) -> Result<(), Refused> {
		let vote = to_core(&certificate.vote);
		// One that holds this node's own signature is looked at even if it is no news: perhaps this node did not sign
		// it.
		let names_me = self
			.0
			.me()
			.is_some_and(|me| certificate.signer_indices().any(|signer| signer == me));
		self.0.wants_certificate(&vote, names_me).map_err(|why| match why {
			bft::Refused::Duplicate | bft::Refused::Stale => Refused::Known,
			bft::Refused::OtherSet => Refused::OtherSet(certificate.vote.set_id),
			bft::Refused::Relaxed => Refused::Relaxed,
			_ => Refused::Unwanted,
		})
	}
}

impl Voter {
	pub(super) fn window(&self) -> Window {
		Window {
			finalized: self.core.finalized().slot,
			now: self.slot_now(),
		}
	}

	/// Whether a certificate that this node asked for, or that came with a block, is true and says something new.
	pub(super) fn check_certificate(&self, certificate: &Certificate) -> Result<(), Refused> {
		self.inbox
			.filter
			.check_certificate(certificate, self.window(), &Judged(&self.core))
	}

	pub(super) fn highest_certificate(&self) -> Option<&CoreCertificate> {
		self.core.certificate(&self.core.highest_certified().hash)
	}

	/// The proof of what is final here; the last set's, right after a change.
	pub(super) fn proof_of_final(&self) -> Option<Certificate> {
		match self.core.finality_certificate() {
			Some(certificate) => Some(self.to_certificate(certificate)),
			None => {
				let finalized = self.edge.chain.info().finalized_hash;
				self.edge.chain.certificate(finalized).ok()?
			}
		}
	}
}
