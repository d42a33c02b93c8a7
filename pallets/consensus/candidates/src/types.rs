//! What the storage holds.

use codec::{Decode, Encode, MaxEncodedLen};
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
	/// Eras in a row that it has served as director, the present one included; what it was if it is none any more.
	pub terms: u32,
	/// The era from which it may take its bond, if it stands for election no more. It moves on with each era that finds
	/// it in office, or among voters in force.
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
}

/// What a holder has locked: on at most `Backed` candidates, and `Chunks` that are being unlocked.
#[derive(
	DebugNoBound, CloneNoBound, PartialEqNoBound, EqNoBound, DefaultNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[codec(mel_bound(AccountId: MaxEncodedLen, Backed: Get<u32>, Chunks: Get<u32>))]
#[scale_info(skip_type_params(Backed, Chunks))]
pub struct Backer<AccountId: Clone + Debug + PartialEq, Backed: Get<u32>, Chunks: Get<u32>> {
	/// Which accounts it backs, each with how much in planck. No account twice, nothing of 0.
	pub backing: BoundedVec<(AccountId, Balance), Backed>,
	/// What was taken back: from which era it may be unlocked, how much in planck. No era twice, nothing of 0.
	pub unlocking: BoundedVec<(u32, Balance), Chunks>,
}

/// Round trips to others in office that one in office reported, in milliseconds: the latest report, and what counted
/// when the era began in which that was told. An order of turns follows from reports of before the era whose outputs it
/// is drawn from; later ones could be chosen by these.
#[derive(DebugNoBound, CloneNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[codec(mel_bound(AccountId: MaxEncodedLen, Directors: Get<u32>))]
#[scale_info(skip_type_params(Directors))]
pub struct LatencyReport<AccountId: Clone + Debug + PartialEq, Directors: Get<u32>> {
	/// The era in which `latest` was told.
	pub told: u32,
	/// What was told last.
	pub latest: BoundedVec<(AccountId, u16), Directors>,
	/// What had been told last before that era; nothing if nothing was.
	pub before: BoundedVec<(AccountId, u16), Directors>,
}

impl<AccountId: Clone + Debug + PartialEq, Directors: Get<u32>> LatencyReport<AccountId, Directors> {
	/// What had been told last when an era began, if nothing has been told since it ended.
	pub fn known_at(self, era: u32) -> BoundedVec<(AccountId, u16), Directors> {
		if self.told < era {
			self.latest
		} else {
			self.before
		}
	}
}

/// What an election named: who takes office in the first block of the era after it.
#[derive(
	DebugNoBound, CloneNoBound, PartialEqNoBound, EqNoBound, DefaultNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[codec(mel_bound(AccountId: MaxEncodedLen, Directors: Get<u32>, ComputeNodes: Get<u32>))]
#[scale_info(skip_type_params(Directors, ComputeNodes))]
pub struct ElectedNodes<AccountId: Clone + Debug + PartialEq, Directors: Get<u32>, ComputeNodes: Get<u32>> {
	/// The directors, in ascending order of their accounts: the order of their turns is drawn when they take their
	/// seats.
	pub directors: BoundedVec<AccountId, Directors>,
	/// The standby signers, the best first; at most as many.
	pub standbys: BoundedVec<AccountId, Directors>,
	/// The standby compute nodes, the best first.
	pub compute_nodes: BoundedVec<AccountId, ComputeNodes>,
}

/// A seat that changed hands since the era began.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Replacement<AccountId> {
	/// Whose seat it was.
	pub director: AccountId,
	/// Which standby took it.
	pub by: AccountId,
	/// Whether absence was the reason; otherwise the director's candidacy ended.
	pub absent: bool,
}

/// How present an absent director is.
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
pub struct Absence<AccountId, BlockNumber> {
	/// Which one.
	pub director: AccountId,
	/// The block in which it was isolated last. A heartbeat that names an older one was made before.
	pub since: BlockNumber,
	/// How many eras have begun since it was isolated first.
	pub eras: u32,
	/// How present it is.
	pub presence: Presence,
	/// Which standby took its seat; none if there was none to take it.
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
