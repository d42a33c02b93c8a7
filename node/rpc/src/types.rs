//! What the `poca_*` methods answer, as JSON.

use bft_finality_primitives::{self as primitives, Certificate, Phase, SetId, VoterId, VoterIndex};
use codec::Encode;
use poca_primitives::{AuthorIndex, AuthorityId, DirectorStatus, Schedule, Slot};
use serde::{Deserialize, Serialize};
use smartchain_consensus::{RelaxedStatus, Status, VoterStatus};
use smartchain_proofs::BlockRef;
use sp_core::{Bytes, H256};

/// The answer of `poca_finalityStatus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FinalityStatus {
	/// The best block; `null` until consensus has started, as the next two.
	pub best: Option<BlockRef>,
	/// The highest block with a prevote certificate above the final one.
	pub certified: Option<BlockRef>,
	/// The highest final block.
	pub finalized: Option<BlockRef>,
	/// Blocks between the best and the final one.
	pub finality_lag_blocks: Option<u32>,
	/// The voter set in force.
	pub set_id: SetId,
	/// How many voters it has.
	pub voters: u32,
	/// How many of them make a block final.
	pub quorum: u32,
	/// How many relaxed votes make a change of voters final under the 51% rule; `null` if that is off.
	pub relaxed_quorum: Option<u32>,
	/// The 51% rule, while it is in force here; else `null`.
	pub relaxed: Option<RelaxedInfo>,
	/// Whether this node votes now.
	pub voting: bool,
	/// Why it does not, in plain words; `null` while it does.
	pub not_voting: Option<String>,
	/// Blocks that this node has authored since it started.
	pub authored_blocks: u64,
}

impl From<Status> for FinalityStatus {
	fn from(status: Status) -> Self {
		let lag = status
			.best
			.zip(status.finalized)
			.map(|(best, last)| best.number.saturating_sub(last.number));
		Self {
			best: status.best.map(Into::into),
			certified: status.certified.map(Into::into),
			finalized: status.finalized.map(Into::into),
			finality_lag_blocks: lag,
			set_id: status.set_id,
			voters: count(status.voters),
			quorum: count(status.quorum),
			relaxed_quorum: status.relaxed_quorum.map(count),
			relaxed: status.relaxed.map(Into::into),
			voting: status.voter.is_some() && status.not_voting.is_none(),
			not_voting: status.not_voting,
			authored_blocks: status.authored,
		}
	}
}

/// The 51% rule in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelaxedInfo {
	/// Since when, in milliseconds of Unix time.
	pub since_ms: u64,
	/// The block that changes the voters, and that the relaxed votes are for.
	pub end: BlockRef,
}

impl From<RelaxedStatus> for RelaxedInfo {
	fn from(RelaxedStatus { since_ms, end }: RelaxedStatus) -> Self {
		Self {
			since_ms,
			end: end.into(),
		}
	}
}

/// The answer of `poca_voterState`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VoterStateInfo {
	/// Whether this node votes now.
	pub voting: bool,
	/// Why it does not, in plain words; `null` while it does.
	pub not_voting: Option<String>,
	/// The voter set in force.
	pub set_id: SetId,
	/// Whether the 51% rule is in force here, so that this voter casts relaxed votes besides the others.
	pub relaxed: bool,
	/// This node in that set; `null` if it holds none of the set's keys.
	pub voter: Option<VoterInfo>,
}

impl From<Status> for VoterStateInfo {
	fn from(status: Status) -> Self {
		Self {
			voting: status.voter.is_some() && status.not_voting.is_none(),
			not_voting: status.not_voting,
			set_id: status.set_id,
			relaxed: status.relaxed.is_some(),
			voter: status.voter.map(Into::into),
		}
	}
}

/// A voter's own state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VoterInfo {
	/// Its place in the set, from 0.
	pub index: VoterIndex,
	/// Its ed25519 key, in SS58.
	pub key: VoterId,
	/// The last block that it prevoted.
	pub last_prevote: BlockRef,
	/// The highest slot of a prevote of its own that is not on that block's chain; 0 if there is none.
	pub other_branch_slot: u64,
	/// The block that it is locked on.
	pub lock: BlockRef,
}

impl From<VoterStatus> for VoterInfo {
	fn from(voter: VoterStatus) -> Self {
		Self {
			index: voter.index,
			key: voter.key,
			last_prevote: voter.last_prevote.into(),
			other_branch_slot: voter.other_branch_slot,
			lock: voter.lock.into(),
		}
	}
}

/// The answer of `poca_schedule`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleInfo {
	/// The block after which this schedule is in force: the best one.
	pub at: BlockRef,
	/// Milliseconds of a slot.
	pub slot_duration_ms: u64,
	/// Slots of a turn.
	pub turn_length_slots: u32,
	/// Slots of an era.
	pub era_length_slots: u32,
	/// The era, from 0.
	pub era: u32,
	/// What the VRF of this era's turns is evaluated over: 32 bytes.
	pub randomness: H256,
	/// The slot that this node's clock is in.
	pub current_slot: u64,
	/// The director of that slot, as a place in `directors`; `null` only if there are none.
	pub current_director: Option<AuthorIndex>,
	/// Who steps in for that director when it misses slots, one after the other: each after `missedSlotsToReplace`
	/// more.
	pub current_standbys: Vec<AuthorIndex>,
	/// How many of a turn's slots in a row have to be missed until the next one may step in.
	pub missed_slots_to_replace: u32,
	/// The directors in the order of their turns.
	pub directors: Vec<Director>,
}

/// A director.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Director {
	/// Its sr25519 authoring key, in SS58.
	pub key: AuthorityId,
	/// The authoring key of its standby signer, in SS58; `null` if the directors of the next turns stand by alone.
	pub standby_signer: Option<AuthorityId>,
	/// Slots of its own turns that it has missed since it became a director; `null` if the chain does not say.
	pub missed_slots: Option<u32>,
	/// Blocks that it has authored since then, as director or standby; `null` if the chain does not say.
	pub authored_blocks: Option<u32>,
}

impl ScheduleInfo {
	pub(super) fn new(at: primitives::BlockRef, schedule: &Schedule, status: &[DirectorStatus], now: Slot) -> Self {
		let directors = schedule.directors.iter().enumerate().map(|(seat, key)| {
			let status = status.iter().find(|s| s.director == *key);
			Director {
				key: key.clone(),
				standby_signer: schedule.standby_signers.get(seat).cloned().flatten(),
				missed_slots: status.map(|s| s.missed_slots),
				authored_blocks: status.map(|s| s.authored_blocks),
			}
		});
		Self {
			at: at.into(),
			slot_duration_ms: schedule.slot_duration.as_millis(),
			turn_length_slots: schedule.turn_length,
			era_length_slots: schedule.era_length,
			era: schedule.era,
			randomness: H256(schedule.randomness),
			current_slot: *now,
			current_director: schedule.director(now),
			current_standbys: schedule.standbys(now),
			missed_slots_to_replace: schedule.missed_slots,
			directors: directors.collect(),
		}
	}
}

/// The phase of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PhaseName {
	/// The first phase.
	Prevote,
	/// The second phase.
	Commit,
}

/// A certificate, as `poca_subscribeCertificates` tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateInfo {
	/// Its phase; one of Commits makes the block final.
	pub phase: PhaseName,
	/// The voter set that signed.
	pub set_id: SetId,
	/// Whether its votes were cast under the 51% rule.
	pub relaxed: bool,
	/// The block.
	pub block: BlockRef,
	/// The block that ends the voter set, if `block` lies beyond it: then it is what Commits make final, and not
	/// `block`.
	pub end: Option<BlockRef>,
	/// Who signed: places in the voter set, from 0.
	pub signers: Vec<VoterIndex>,
	/// All of it, SCALE-encoded.
	pub certificate: Bytes,
}

impl From<&Certificate> for CertificateInfo {
	fn from(certificate: &Certificate) -> Self {
		Self {
			phase: match certificate.vote.phase {
				Phase::Prevote => PhaseName::Prevote,
				Phase::Commit => PhaseName::Commit,
			},
			set_id: certificate.vote.set_id,
			relaxed: certificate.vote.relaxed,
			block: certificate.vote.target.into(),
			end: certificate.vote.end.map(Into::into),
			signers: certificate.signer_indices().collect(),
			certificate: Bytes(certificate.encode()),
		}
	}
}

fn count(of: usize) -> u32 {
	u32::try_from(of).unwrap_or(u32::MAX)
}
