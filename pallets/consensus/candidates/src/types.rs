//! What the storage holds.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt::Debug;
use frame_support::{traits::Get, BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound};
use scale_info::TypeInfo;

/// Planck.
pub type Balance = u128;

/// A node that stands for election, or has left and still has its bond held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Candidate {
	/// What is held of its account, in planck.
	pub bond: Balance,
	/// Whether directors admitted it.
	pub admitted: bool,
	/// Eras in a row that it has served as director, the present one included; what it was where it no longer is one.
	pub terms: u32,
	/// The era from which it may take its bond, where it stands for election no more.
	pub withdrawable: Option<u32>,
}

impl Candidate {
	/// Whether it stands for election.
	pub fn stands(&self) -> bool {
		self.withdrawable.is_none()
	}
}

/// What an account did before, whether or not it is a candidate now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Sanction {
	/// The era from which it may register again.
	pub barred_until: u32,
	/// How many times it was punished for equivocation. Stays at the maximum once there.
	pub offences: u32,
	/// The last era in which it equivocated.
	pub last_offence: Option<u32>,
}

/// What a holder has locked: votes on at most `Votes` candidates, and `Chunks` that are being unlocked.
#[derive(
	DebugNoBound, CloneNoBound, PartialEqNoBound, EqNoBound, DefaultNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[codec(mel_bound(AccountId: MaxEncodedLen, Votes: Get<u32>, Chunks: Get<u32>))]
#[scale_info(skip_type_params(Votes, Chunks))]
pub struct Voter<AccountId: Clone + Debug + PartialEq, Votes: Get<u32>, Chunks: Get<u32>> {
	/// Its votes: on which account, how much in planck. No account twice, nothing of 0.
	pub votes: BoundedVec<(AccountId, Balance), Votes>,
	/// What was taken back: from which era it may be unlocked, how much in planck. No era twice, nothing of 0.
	pub unlocking: BoundedVec<(u32, Balance), Chunks>,
}

/// What directors vote on.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Motion {
	/// To admit a candidate.
	Admission,
	/// To remove and bar one.
	Elimination,
}

/// A vote of the directors that is open.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Ballot<AccountId> {
	/// On what.
	pub motion: Motion,
	/// On which candidate.
	pub candidate: AccountId,
	/// Which director opened it.
	pub opened_by: AccountId,
	/// In which era.
	pub opened: u32,
}

/// Where an absent director stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Presence {
	/// It has not been seen since.
	Absent,
	/// It sent a heartbeat. It gets its seat back at the next era.
	Back,
	/// It has its seat back, but has authored nothing yet.
	OnProbation,
}

/// A director that missed its turns and has authored nothing since.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Absence<AccountId> {
	/// Which one.
	pub director: AccountId,
	/// How many eras have begun since.
	pub eras: u32,
	/// Where it stands.
	pub presence: Presence,
	/// Which standby took its seat; none where there was none to take it.
	pub replaced_by: Option<AccountId>,
}

/// Which of the four clusters a node is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Cluster {
	/// It authors, votes and governs admission.
	Director,
	/// It authors for an absent director and takes its place.
	StandbySigner,
	/// It backs up standby signers.
	StandbyComputeNode,
	/// Everyone else.
	Ordinary,
}
