#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;
use bft_finality_primitives::{SignedVote, VoteEquivocation, VoterSet};
use channel_primitives::{ChannelId, ChannelState, Half, Hash, Locks, Resync, Reveal, Side, Signed, Submit, Tick};
use compute_market_primitives::{
	Assurance, Commit, Decline, EngineId, JobClaim, JobError, JobId, JobState, JobsOf, OutputReport, Price, Spec, Task,
	UnitAt, UnitState, WorkerState,
};
use device_primitives::{DeviceId, DidResolution, Endpoint};
use issuance_primitives::{Balance, EraLedger, PerPot};
use poca_primitives::{AuthorityId, AuthoritySignature, BlockEquivocation, DirectorStatus, Heartbeat, Schedule};
use proof_lottery_primitives::{DeviceProofs, LotterySignature, OpenRound, Pulse, SegmentWin};
use storage_market_primitives::{
	Claimable, DealError, DealId, DealState, DealsOf, OfferState, OpenChallenge, Order, ProbeReport, Quote, SlotAt,
	SlotOfDevice,
};
use storage_proof_primitives::{Answer, Confirmation};

sp_api::decl_runtime_apis! {
	/// What a node asks the runtime to find out whether it is out of its seat, and to show that it is back.
	pub trait HeartbeatApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// The account of this authoring key, where it is isolated and has not shown itself since.
		fn isolated(key: AuthorityId) -> Option<AccountId>;
		/// The transaction of a heartbeat that the node's authoring key signed.
		fn heartbeat_transaction(
			heartbeat: Heartbeat<AccountId, u32, sp_core::H256>,
			signature: AuthoritySignature,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// What the node asks the runtime about authoring.
	pub trait PocaApi {
		/// The schedule in force for a child of this block.
		fn schedule() -> Schedule;
		/// How each director does, in the order of [`Schedule::directors`].
		fn director_status() -> Vec<DirectorStatus>;
	}

	/// How equivocations are reported.
	pub trait BlockEquivocationApi {
		/// The extrinsic that reports this one. Whether it is valid the transaction pool finds out.
		fn report_block_equivocation(
			proof: BlockEquivocation<<Block as sp_runtime::traits::Block>::Header>,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// Applies many extrinsics in one call, so that an author pays for the call into the runtime once.
	pub trait BatchApi {
		/// Applies extrinsics one after the other to the block in progress, exactly as `BlockBuilder::apply_extrinsic`
		/// would. One that is refused leaves no trace, and the next is tried. The results are in the order of the
		/// extrinsics.
		fn apply_extrinsics(
			extrinsics: Vec<<Block as sp_runtime::traits::Block>::Extrinsic>,
		) -> Vec<sp_runtime::ApplyExtrinsicResult>;
	}

	/// What the node asks the runtime about finality.
	pub trait BftFinalityApi {
		/// The voter set that votes on what follows this block once it is final.
		fn voter_set() -> VoterSet;
		/// How many blocks lie between this block and the one that its author says it holds final: a claim, not a
		/// proof.
		fn finality_lag() -> u32;
	}

	/// What users and workers ask the runtime about the compute market. Amounts are in planck, times in ticks.
	pub trait ComputeMarketApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// The engines by which jobs may be computed, the newest one last.
		fn engines() -> Vec<EngineId>;
		/// What governance decides of jobs.
		fn terms() -> compute_market_primitives::Terms;
		/// What a worker offers, and how it does; none where it offers nothing and has no stake.
		fn worker(device: DeviceId) -> Option<WorkerState<AccountId, DeviceId, Endpoint>>;
		/// Workers, in the order of devices' ids from the first one after this device on; at most 256: ask again for
		/// those after the last one.
		fn workers(after: Option<DeviceId>, most: u32) -> Vec<WorkerState<AccountId, DeviceId, Endpoint>>;
		/// What a job would cost now, or why there can be no such job.
		fn quote_job(spec: Spec, max_price: Price, assurance: Assurance)
			-> Result<compute_market_primitives::Quote, JobError>;
		/// A job, and where its workers are reached; none where there is none, or it was closed.
		fn job(job: JobId) -> Option<JobState<AccountId, DeviceId, Endpoint>>;
		/// Jobs of an account with higher numbers than this, of 4,096 jobs that are looked through at a time.
		fn jobs_of(owner: AccountId, after: JobId) -> JobsOf;
		/// Units of a job, from this one on; at most 256.
		fn units(job: JobId, from: UnitAt, most: u32) -> Vec<UnitState<DeviceId>>;
		/// What a worker has to do: at most 256, the most urgent first.
		fn tasks_of(device: DeviceId) -> Vec<Task>;
		/// What a worker has earned and not claimed, of jobs with higher numbers than this; at most 256.
		fn earned_of(device: DeviceId, after: Option<JobId>) -> Vec<JobClaim>;
		/// The transaction by which a worker commits itself to what it has of units.
		fn commit_units(
			commit: Commit<DeviceId>,
			signature: LotterySignature,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which it, or whoever has it from there, reveals that.
		fn reveal_units(
			reveal: compute_market_primitives::Reveal,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which it hands units back.
		fn decline_units(
			decline: Decline<DeviceId>,
			signature: LotterySignature,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which a prober says who gave it a disputed output.
		fn report_output(
			report: OutputReport<DeviceId>,
			signature: LotterySignature,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// What clients ask the runtime about devices. The answers are data: clients make W3C's JSON of them, by
	/// `device_primitives::resolution` or in their own language.
	pub trait DeviceRegistryApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// What resolves a device's DID; none where the chain has never known the device.
		fn did_document(device: DeviceId) -> Option<DidResolution<AccountId>>;
		/// The bits of a status list, bit 0 the highest of the first byte: of the 131,072 devices from this times that
		/// number on, which were revoked. None where no device has a place in it yet.
		fn status_list(page: u32) -> Option<Vec<u8>>;
	}

	/// What agents ask the runtime about the lotteries that prove resources.
	pub trait ResourceProofsApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// The rounds and the compute window that a transaction in the next block can still win, with their terms.
		fn open_rounds() -> Vec<OpenRound>;
		/// How a device does in its lotteries, what it counts for, and why it does not win or count. None where the
		/// chain does not know it.
		fn device_proofs(device: DeviceId) -> Option<DeviceProofs<AccountId>>;
		/// The transaction by which a device wins a round of space.
		fn win_space(
			device: DeviceId,
			round: u64,
			group: u32,
			proof: Vec<u8>,
		) -> Option<<Block as sp_runtime::traits::Block>::Extrinsic>;
		/// The transaction by which a device announces a win of compute.
		fn win_compute(
			win: SegmentWin,
			signature: LotterySignature,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which a device shows that it is there.
		fn pulse(pulse: Pulse) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// What clients ask the runtime about STCI that is issued. Amounts are in planck.
	pub trait StciIssuanceApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// What an account can claim: eras, the oldest first, with what it gets of each pot. At most 1,024: claim them,
		/// and ask again.
		fn claimable(account: AccountId) -> Vec<(u32, PerPot<Balance>)>;
		/// What a closed era came to; none where it is open, or has expired and is swept.
		fn ledger(era: u32) -> Option<EraLedger>;
		/// The number of the open era, what it may create at most, and how much of what is proven customers use.
		fn open_era() -> (u32, Balance, sp_runtime::Perbill);
		/// For how many eras after its end an era can be claimed, as holders have it now; at least 1.
		fn expiry_eras() -> u32;
	}

	/// What programs of payment channels ask the runtime, and how they answer a close without an account.
	pub trait ChannelsApi {
		/// A channel as the chain has it; none where it is not open yet, or gone.
		fn channel(id: ChannelId) -> Option<ChannelState>;
		/// What is known of a condition, by its hash; none where nobody has met it.
		fn reveal(condition: Hash) -> Option<Reveal>;
		/// The tick of the markets' clock.
		fn tick() -> Tick;
		/// The transaction by which a half of a side is let in for its partner.
		fn update(
			channel: ChannelId,
			side: Side,
			half: Signed<Half>,
			submit: Signed<Submit>,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which a word about lost data is shown for the side that had lost it.
		fn resync(
			channel: ChannelId,
			side: Side,
			word: Signed<Resync>,
			submit: Option<Signed<Submit>>,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which a half of the closer is shown that is worth more than its claim.
		fn prove_fraud(
			channel: ChannelId,
			half: Signed<Half>,
			half_locks: Option<Locks>,
			claim_locks: Option<Locks>,
			submit: Option<Signed<Submit>>,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which a channel is settled.
		fn settle(channel: ChannelId) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which what was kept for the locks of a side is split.
		fn unlock(
			channel: ChannelId,
			side: Side,
			locks: Option<Locks>,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// What users and agents ask the runtime about the storage market. Amounts are in planck, times in ticks.
	pub trait StorageMarketApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// What a device offers; none where it offers nothing and has no slot.
		fn offer(device: DeviceId) -> Option<OfferState<AccountId, DeviceId, Endpoint>>;
		/// Offers, with where their devices are reached, in the order of devices' ids from the first one after this
		/// device on; at most 256: ask again for those after the last one.
		fn offers(after: Option<DeviceId>, most: u32) -> Vec<OfferState<AccountId, DeviceId, Endpoint>>;
		/// A deal with its slots, and where its devices are reached; none where there is none, or it was closed.
		fn deal(deal: DealId) -> Option<DealState<AccountId, DeviceId, Endpoint>>;
		/// Deals of an account with higher numbers than this, of 4,096 deals that are looked through at a time.
		fn deals_of(owner: AccountId, after: DealId) -> DealsOf;
		/// What an order would cost now, or why there can be no such order.
		fn quote(order: Order) -> Result<Quote, DealError>;
		/// The slots that a device holds or was drawn for; at most 256: ask again for those after the last deal.
		fn slots_of(device: DeviceId, after: Option<DealId>) -> Vec<SlotOfDevice>;
		/// What a device has earned for slots and not claimed: of as many slots as `slots_of` tells.
		fn claimable_of(device: DeviceId, after: Option<DealId>) -> Vec<Claimable>;
		/// The challenges that a device can still answer, the most urgent ones first.
		fn challenges_of(device: DeviceId) -> Vec<OpenChallenge>;
		/// The transaction by which a device shows that it has a slot which it was drawn for.
		fn confirm(
			deal: DealId,
			slot: SlotAt,
			confirmation: Confirmation,
			signature: sp_core::sr25519::Signature,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which a challenge is answered.
		fn answer(until: Tick, index: u32, answer: Answer) -> <Block as sp_runtime::traits::Block>::Extrinsic;
		/// The transaction by which a prober reports how a device serves.
		fn report_probe(report: ProbeReport<DeviceId>) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// What nodes ask about a new runtime that waits, so that they compile it before it is in force.
	pub trait UpgradesApi {
		/// The hash of the code that waits, and the block at whose start it comes into force; none where none waits.
		fn pending_code() -> Option<(sp_core::H256, u32)>;
		/// The bytes of the code that waits, where its hash is this one.
		fn code_of(hash: sp_core::H256) -> Option<Vec<u8>>;
	}

	/// How voters have their votes counted on chain.
	pub trait VoteRecordApi {
		/// The extrinsic that puts this vote on record in the next block; none where it would not count there, for one
		/// because its voter is on record already.
		fn record_vote(vote: SignedVote) -> Option<<Block as sp_runtime::traits::Block>::Extrinsic>;
	}

	/// How equivocations are reported.
	pub trait VoteEquivocationApi {
		/// The extrinsic that reports this one. Whether it is valid the transaction pool finds out.
		fn report_vote_equivocation(proof: VoteEquivocation) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}
}
