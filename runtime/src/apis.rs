//! What the node can ask the runtime.

use crate::{
	authorized,
	configs::{AdmittedEngines, ComputeTerms},
	genesis, AccountId, Balance, BftFinality, Block, Candidates, ComputeMarket, DeviceRegistry, Executive, Header,
	InherentDataExt, Nonce, PaymentChannels, Poca, ResourceProofs, Runtime, RuntimeCall, RuntimeGenesisConfig,
	SessionKeys, StciIssuance, StorageMarket, System, TransactionPayment, Upgrades, VERSION,
};
use alloc::{boxed::Box, vec::Vec};
use bft_finality_primitives::{SignedVote, VoteEquivocation, VoterSet};
use channel_primitives::{ChannelId, ChannelState, Half, Locks, Resync, Reveal, Side, Signed, Submit, Tick};
use compute_market_primitives::{
	Assurance, Commit, Decline, EngineId, JobClaim, JobError, JobId, JobState, JobsOf, OutputReport, Price, Spec, Task,
	UnitAt, UnitState, WorkerState,
};
use device_primitives::{DeviceId, DidResolution, Endpoint};
use frame_support::{
	genesis_builder_helper::get_preset, storage::transactional::with_transaction_unchecked, traits::Get,
	weights::Weight,
};
use issuance_primitives::{EraLedger, PerPot};
use pallet_resource_proofs::ProofBytes;
use pallet_transaction_payment::{FeeDetails, RuntimeDispatchInfo};
use pallet_transaction_payment_rpc_runtime_api as payment_api;
use poca_primitives::{AuthorityId, AuthoritySignature, BlockEquivocation, DirectorStatus, Heartbeat, Schedule};
use proof_lottery_primitives::{DeviceProofs, LotterySignature, OpenRound, Pulse, SegmentWin};
use sp_api::impl_runtime_apis;
use sp_core::{crypto::KeyTypeId, sr25519, OpaqueMetadata};
use sp_genesis_builder::PresetId;
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
	traits::Block as BlockT,
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, ExtrinsicInclusionMode, Perbill, TransactionOutcome,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;
use storage_market_primitives::{
	Claimable, DealError, DealId, DealState, DealsOf, OfferState, OpenChallenge, Order, ProbeReport, Quote, SlotAt,
	SlotOfDevice,
};
use storage_proof_primitives::{Answer, Confirmation};

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block);
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(
			id: frame_support::view_functions::ViewFunctionId,
			input: Vec<u8>,
		) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(block: <Block as BlockT>::LazyBlock, data: InherentData) -> CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			tx: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, tx, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl smartchain_runtime_apis::PocaApi<Block> for Runtime {
		fn schedule() -> Schedule {
			Poca::schedule()
		}

		fn director_status() -> Vec<DirectorStatus> {
			Poca::director_status()
		}
	}

	impl smartchain_runtime_apis::HeartbeatApi<Block, AccountId> for Runtime {
		fn isolated(key: AuthorityId) -> Option<AccountId> {
			Candidates::isolated(&key)
		}

		fn heartbeat_transaction(
			heartbeat: Heartbeat<AccountId, u32, sp_core::H256>,
			signature: AuthoritySignature,
		) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_candidates::Call::heartbeat { heartbeat, signature })
		}
	}

	impl smartchain_runtime_apis::BlockEquivocationApi<Block> for Runtime {
		fn report_block_equivocation(proof: BlockEquivocation<Header>) -> <Block as BlockT>::Extrinsic {
			let proof = Box::new(proof);
			authorized::transaction(pallet_equivocation::Call::report_block_equivocation { proof })
		}
	}

	impl smartchain_runtime_apis::VoteRecordApi<Block> for Runtime {
		fn record_vote(vote: SignedVote) -> Option<<Block as BlockT>::Extrinsic> {
			BftFinality::would_record(&vote)
				.then(|| authorized::transaction(pallet_bft_finality::Call::record_vote { vote }))
		}
	}

	impl smartchain_runtime_apis::VoteEquivocationApi<Block> for Runtime {
		fn report_vote_equivocation(proof: VoteEquivocation) -> <Block as BlockT>::Extrinsic {
			let proof = Box::new(proof);
			authorized::transaction(pallet_equivocation::Call::report_vote_equivocation { proof })
		}
	}

	impl smartchain_runtime_apis::UpgradesApi<Block> for Runtime {
		fn pending_code() -> Option<(sp_core::H256, u32)> {
			pallet_upgrades::Pending::<Runtime>::get().map(|pending| (pending.hash, pending.due))
		}

		fn code_of(hash: sp_core::H256) -> Option<Vec<u8>> {
			Upgrades::code_of(&hash)
		}
	}

	impl smartchain_runtime_apis::BatchApi<Block> for Runtime {
		fn apply_extrinsics(extrinsics: Vec<<Block as BlockT>::Extrinsic>) -> Vec<ApplyExtrinsicResult> {
			let apply = |extrinsic| {
				// The unchecked form: a level of nesting that is counted would be missing where the block is imported.
				with_transaction_unchecked(|| match Executive::apply_extrinsic(extrinsic) {
					Ok(applied) => TransactionOutcome::Commit(Ok(applied)),
					refused => TransactionOutcome::Rollback(refused),
				})
			};
			extrinsics.into_iter().map(apply).collect()
		}
	}

	impl smartchain_runtime_apis::BftFinalityApi<Block> for Runtime {
		fn voter_set() -> VoterSet {
			BftFinality::voter_set()
		}

		fn finality_lag() -> u32 {
			BftFinality::finality_lag()
		}
	}

	impl smartchain_runtime_apis::DeviceRegistryApi<Block, AccountId> for Runtime {
		fn did_document(device: DeviceId) -> Option<DidResolution<AccountId>> {
			DeviceRegistry::did_document(&device)
		}

		fn status_list(page: u32) -> Option<Vec<u8>> {
			DeviceRegistry::status_list(page)
		}
	}

	impl smartchain_runtime_apis::ResourceProofsApi<Block, AccountId> for Runtime {
		fn open_rounds() -> Vec<OpenRound> {
			ResourceProofs::open_rounds_now()
		}

		fn device_proofs(device: DeviceId) -> Option<DeviceProofs<AccountId>> {
			ResourceProofs::device_proofs(&device)
		}

		fn win_space(
			device: DeviceId,
			round: u64,
			group: u32,
			proof: Vec<u8>,
		) -> Option<<Block as BlockT>::Extrinsic> {
			// No proof is longer than a transaction can carry.
			let proof = ProofBytes::try_from(proof).ok()?;
			let call = pallet_resource_proofs::Call::win_space {
				device,
				round,
				group,
				proof,
			};
			Some(authorized::transaction(call))
		}

		fn win_compute(win: SegmentWin, signature: LotterySignature) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_resource_proofs::Call::win_compute { win, signature })
		}

		fn pulse(pulse: Pulse) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_resource_proofs::Call::pulse { pulse })
		}
	}

	impl smartchain_runtime_apis::StciIssuanceApi<Block, AccountId> for Runtime {
		fn claimable(account: AccountId) -> Vec<(u32, PerPot<Balance>)> {
			StciIssuance::claimable(account)
		}

		fn ledger(era: u32) -> Option<EraLedger> {
			StciIssuance::ledger(era)
		}

		fn open_era() -> (u32, Balance, Perbill) {
			StciIssuance::open_era()
		}

		fn expiry_eras() -> u32 {
			StciIssuance::expiry_eras()
		}
	}

	impl smartchain_runtime_apis::ChannelsApi<Block> for Runtime {
		fn channel(id: ChannelId) -> Option<ChannelState> {
			PaymentChannels::channel(id)
		}

		fn reveal(condition: [u8; 32]) -> Option<Reveal> {
			PaymentChannels::reveal(condition)
		}

		fn tick() -> Tick {
			PaymentChannels::tick()
		}

		fn update(
			channel: ChannelId,
			side: Side,
			half: Signed<Half>,
			submit: Signed<Submit>,
		) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_payment_channels::Call::update {
				channel,
				side,
				half,
				submit,
			})
		}

		fn resync(
			channel: ChannelId,
			side: Side,
			word: Signed<Resync>,
			submit: Option<Signed<Submit>>,
		) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_payment_channels::Call::resync {
				channel,
				side,
				word,
				submit,
			})
		}

		fn prove_fraud(
			channel: ChannelId,
			half: Signed<Half>,
			half_locks: Option<Locks>,
			claim_locks: Option<Locks>,
			submit: Option<Signed<Submit>>,
		) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_payment_channels::Call::prove_fraud {
				channel,
				half,
				half_locks,
				claim_locks,
				submit,
			})
		}

		fn settle(channel: ChannelId) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_payment_channels::Call::settle { channel })
		}

		fn unlock(channel: ChannelId, side: Side, locks: Option<Locks>) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_payment_channels::Call::unlock { channel, side, locks })
		}
	}

	impl smartchain_runtime_apis::StorageMarketApi<Block, AccountId> for Runtime {
		fn offer(device: DeviceId) -> Option<OfferState<AccountId, DeviceId, Endpoint>> {
			StorageMarket::offer(device)
		}

		fn offers(after: Option<DeviceId>, most: u32) -> Vec<OfferState<AccountId, DeviceId, Endpoint>> {
			StorageMarket::offers(after, most)
		}

		fn deal(deal: DealId) -> Option<DealState<AccountId, DeviceId, Endpoint>> {
			StorageMarket::deal(deal)
		}

		fn deals_of(owner: AccountId, after: DealId) -> DealsOf {
			StorageMarket::deals_of(&owner, after)
		}

		fn quote(order: Order) -> Result<Quote, DealError> {
			StorageMarket::quote(&order)
		}

		fn slots_of(device: DeviceId, after: Option<DealId>) -> Vec<SlotOfDevice> {
			StorageMarket::slots_of(device, after)
		}

		fn claimable_of(device: DeviceId, after: Option<DealId>) -> Vec<Claimable> {
			StorageMarket::claimable(device, after)
		}

		fn challenges_of(device: DeviceId) -> Vec<OpenChallenge> {
			StorageMarket::challenges_of(device)
		}

		fn confirm(
			deal: DealId,
			slot: SlotAt,
			confirmation: Confirmation,
			signature: sr25519::Signature,
		) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_storage_market::Call::confirm {
				deal,
				slot,
				confirmation,
				signature,
			})
		}

		fn answer(until: Tick, index: u32, answer: Answer) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_storage_market::Call::answer { until, index, answer })
		}

		fn report_probe(report: ProbeReport<DeviceId>) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_storage_market::Call::report_probe { report })
		}
	}

	impl smartchain_runtime_apis::ComputeMarketApi<Block, AccountId> for Runtime {
		fn engines() -> Vec<EngineId> {
			AdmittedEngines::all().collect()
		}

		fn terms() -> compute_market_primitives::Terms {
			ComputeTerms::get()
		}

		fn worker(device: DeviceId) -> Option<WorkerState<AccountId, DeviceId, Endpoint>> {
			ComputeMarket::worker(device)
		}

		fn workers(after: Option<DeviceId>, most: u32) -> Vec<WorkerState<AccountId, DeviceId, Endpoint>> {
			ComputeMarket::workers(after, most)
		}

		fn quote_job(
			spec: Spec,
			max_price: Price,
			assurance: Assurance,
		) -> Result<compute_market_primitives::Quote, JobError> {
			ComputeMarket::quote_job(&spec, max_price, assurance)
		}

		fn job(job: JobId) -> Option<JobState<AccountId, DeviceId, Endpoint>> {
			ComputeMarket::job(job)
		}

		fn jobs_of(owner: AccountId, after: JobId) -> JobsOf {
			ComputeMarket::jobs_of(&owner, after)
		}

		fn units(job: JobId, from: UnitAt, most: u32) -> Vec<UnitState<DeviceId>> {
			ComputeMarket::units(job, from, most)
		}

		fn tasks_of(device: DeviceId) -> Vec<Task> {
			ComputeMarket::tasks_of(device)
		}

		fn earned_of(device: DeviceId, after: Option<JobId>) -> Vec<JobClaim> {
			ComputeMarket::earned_of(device, after)
		}

		fn commit_units(commit: Commit<DeviceId>, signature: LotterySignature) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_compute_market::Call::commit {
				commit,
				signature: signature.into_inner(),
			})
		}

		fn reveal_units(reveal: compute_market_primitives::Reveal) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_compute_market::Call::reveal { reveal })
		}

		fn decline_units(decline: Decline<DeviceId>, signature: LotterySignature) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_compute_market::Call::decline {
				decline,
				signature: signature.into_inner(),
			})
		}

		fn report_output(report: OutputReport<DeviceId>, signature: LotterySignature) -> <Block as BlockT>::Extrinsic {
			authorized::transaction(pallet_compute_market::Call::report_output {
				report,
				signature: signature.into_inner(),
			})
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl payment_api::TransactionPaymentApi<Block, Balance> for Runtime {
		fn query_info(uxt: <Block as BlockT>::Extrinsic, len: u32) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(uxt, len)
		}

		fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_fee_details(uxt, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl payment_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
		fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_call_info(call, len)
		}

		fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_call_fee_details(call, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(json: Vec<u8>) -> sp_genesis_builder::Result {
			genesis::build_state(&json)
		}

		fn get_preset(id: &Option<PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, genesis::get_preset)
		}

		fn preset_names() -> Vec<PresetId> {
			genesis::preset_names()
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
			// To panic is this interface's way to say that a check failed.
			let weight = Executive::try_runtime_upgrade(checks).expect("the upgrade's checks pass");
			(weight, crate::limits::RuntimeBlockWeights::get().max_block)
		}

		fn execute_block(
			block: <Block as BlockT>::LazyBlock,
			state_root_check: bool,
			signature_check: bool,
			select: frame_try_runtime::TryStateSelect,
		) -> Weight {
			Executive::try_execute_block(block, state_root_check, signature_check, select).expect("the block executes")
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(
			extra: bool,
		) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
			crate::benches::metadata(extra)
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			crate::benches::dispatch(config)
		}
	}
}
