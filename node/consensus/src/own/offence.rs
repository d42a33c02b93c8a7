//! What is reported: somebody signed two things if there is room for one.

use bft_finality_primitives::{Cast, SignedVote, VoteEquivocation, VoterId};
use codec::Encode;
use poca_primitives::{AuthorityId, BlockEquivocation};
use smartchain_chain::{Header, LOG_TARGET};
use sp_core::H256;

/// Offences that wait for the reporting task before further ones are dropped.
const QUEUE: usize = 64;

/// A proof that somebody signed two things where there is room for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offence {
	/// Two votes.
	Votes(VoteEquivocation),
	/// Two blocks.
	Blocks(BlockEquivocation<Header>),
}

impl Offence {
	/// The key that signed.
	pub(crate) fn signer(&self) -> Vec<u8> {
		match self {
			Self::Votes(proof) => proof.voter.encode(),
			Self::Blocks(proof) => proof.author.encode(),
		}
	}

	/// Whether it proves anything; the runtime asks the same.
	pub(crate) fn holds(&self, genesis: &H256) -> bool {
		match self {
			Self::Votes(proof) => proof.verify(genesis).is_ok(),
			Self::Blocks(proof) => proof.verify(genesis).is_ok(),
		}
	}
}

impl std::fmt::Display for Offence {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::Votes(proof) => write!(f, "two votes of {} in slot {}", proof.voter, proof.slot()),
			Self::Blocks(proof) => write!(
				f,
				"blocks {:?} and {:?} of {}",
				proof.first.hash(),
				proof.second.hash(),
				proof.author
			),
		}
	}
}

/// Where offences go that are to be reported; clones share it.
#[derive(Clone)]
pub(crate) struct Reporter(async_channel::Sender<Offence>);

impl Reporter {
	/// A reporter, and where what it is told comes out.
	pub fn channel() -> (Self, async_channel::Receiver<Offence>) {
		let (sender, receiver) = async_channel::bounded(QUEUE);
		(Self(sender), receiver)
	}

	/// Two votes of one voter, as the core found them.
	pub fn votes(&self, voter: &VoterId, first: SignedVote, second: SignedVote) {
		let cast = |signed: SignedVote| Cast {
			vote: signed.vote,
			signature: signed.signature,
		};
		self.report(Offence::Votes(VoteEquivocation {
			voter: voter.clone(),
			first: cast(first),
			second: cast(second),
		}));
	}

	/// Two sealed headers of one author in one slot.
	pub fn blocks(&self, author: &AuthorityId, first: Header, second: Header) {
		self.report(Offence::Blocks(BlockEquivocation {
			author: author.clone(),
			first,
			second,
		}));
	}

	fn report(&self, offence: Offence) {
		// Others saw it too, and whoever does it goes on doing it.
		if let Err(error) = self.0.try_send(offence) {
			log::debug!(target: LOG_TARGET, "not reported, there is too much to report: {}", error.into_inner());
		}
	}
}
