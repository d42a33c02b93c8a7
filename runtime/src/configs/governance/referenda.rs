//! How holders decide: referenda, votes with conviction, and what is done with what they approved.

use crate::{
	configs::governance::{directors::end_stand_in, tracks::Tracks},
	constants::{
		currency::{deposit, MILLI},
		governance::{SUBMISSION_DEPOSIT, UNDECIDING_TIMEOUT, VOTE_LOCKING},
	},
	AccountId, Balance, Balances, BlockNumber, MultiBlockMigrations, OriginCaller, Preimage, Referenda, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, Scheduler, System, Treasury,
};
use core::cmp::Ordering;
use frame_support::{
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{
		fungible::HoldConsideration,
		schedule::{
			v3::{Anon, Named, TaskName},
			DispatchTime, Period, Priority,
		},
		tokens::currency::ActiveIssuanceOf,
		AsEnsureOriginWithArg, Bounded, ConstU32, LinearStoragePrice, PrivilegeCmp,
	},
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::{EnsureRoot, EnsureSigned, RawOrigin};
use sp_runtime::{
	traits::{BlakeTwo256, BlockNumberProvider},
	DispatchError,
};

parameter_types! {
	/// What is held for a preimage,
	pub const PreimageBase: Balance = deposit(2, 64);
	/// and for each of its bytes.
	pub const PreimageByte: Balance = MILLI;
	/// As what it is held.
	pub const PreimageReason: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
	/// What a block may take for what was scheduled: a quarter of it.
	pub const AgendaWeight: Weight = Weight::from_parts(100 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);
	/// What is reserved for a referendum until it is over.
	pub const SubmissionDeposit: Balance = SUBMISSION_DEPOSIT;
	/// Within how many blocks its decision is paid for.
	pub const UndecidingTimeout: BlockNumber = UNDECIDING_TIMEOUT;
	/// For how many blocks votes lock STCI, times conviction.
	pub const VoteLocking: BlockNumber = VOTE_LOCKING;
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration =
		HoldConsideration<AccountId, Balances, PreimageReason, LinearStoragePrice<PreimageBase, PreimageByte, Balance>>;
}

/// The height that the agenda has come to. It stands while a migration of several blocks runs or hangs: what was
/// approved would be done in a state that is half old and half new. What came due meanwhile is done afterwards.
pub struct AgendaClock;

impl BlockNumberProvider for AgendaClock {
	type BlockNumber = BlockNumber;

	fn current_block_number() -> BlockNumber {
		let now = System::block_number();
		if !MultiBlockMigrations::ongoing() {
			return now;
		}
		// The scheduler goes on at this height: one less, and there is nothing to do.
		let next = pallet_scheduler::IncompleteSince::<Runtime>::get();
		next.map_or(now, |next| next.saturating_sub(1).min(now))
	}

	#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
	fn set_block_number(block: BlockNumber) {
		System::set_block_number(block);
	}
}

/// Who may cancel what is scheduled: whoever scheduled it, and root, which stands above all.
pub struct RootAboveAll;

impl PrivilegeCmp<OriginCaller> for RootAboveAll {
	fn cmp_privilege(left: &OriginCaller, right: &OriginCaller) -> Option<Ordering> {
		let root = OriginCaller::system(RawOrigin::Root);
		if left == right {
			Some(Ordering::Equal)
		} else if *left == root {
			Some(Ordering::Greater)
		} else if *right == root {
			Some(Ordering::Less)
		} else {
			None
		}
	}
}

impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = AgendaWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = RootAboveAll;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type MaxScheduledPerBlock = ConstU32<64>;
	// The SDK's benchmarks ask for as many.
	#[cfg(feature = "runtime-benchmarks")]
	type MaxScheduledPerBlock = ConstU32<512>;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
	type Preimages = Preimage;
	type BlockNumberProvider = AgendaClock;
}

/// The scheduler, as referenda know it. They give names to what was approved and to nothing else: so this is where
/// holders are seen to decide.
pub struct Enactments;

impl Anon<BlockNumber, RuntimeCall, OriginCaller> for Enactments {
	type Address = <Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::Address;
	type Hasher = BlakeTwo256;

	fn schedule(
		when: DispatchTime<BlockNumber>,
		maybe_periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Bounded<RuntimeCall, BlakeTwo256>,
	) -> Result<Self::Address, DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::schedule(
			when,
			maybe_periodic,
			priority,
			origin,
			call,
		)
	}

	fn cancel(address: Self::Address) -> Result<(), DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::cancel(address)
	}

	fn reschedule(address: Self::Address, when: DispatchTime<BlockNumber>) -> Result<Self::Address, DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::reschedule(address, when)
	}

	fn next_dispatch_time(address: Self::Address) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::next_dispatch_time(address)
	}
}

impl Named<BlockNumber, RuntimeCall, OriginCaller> for Enactments {
	type Address = <Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::Address;
	type Hasher = BlakeTwo256;

	fn schedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
		maybe_periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Bounded<RuntimeCall, BlakeTwo256>,
	) -> Result<Self::Address, DispatchError> {
		// Approved is approved: it needs no room in the agenda, which strangers can fill with their own referenda.
		end_stand_in();
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::schedule_named(
			id,
			when,
			maybe_periodic,
			priority,
			origin,
			call,
		)
	}

	fn cancel_named(id: TaskName) -> Result<(), DispatchError> {
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::cancel_named(id)
	}

	fn reschedule_named(id: TaskName, when: DispatchTime<BlockNumber>) -> Result<Self::Address, DispatchError> {
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::reschedule_named(id, when)
	}

	fn next_dispatch_time(id: TaskName) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::next_dispatch_time(id)
	}
}

impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
	type Scheduler = Enactments;
	type Currency = Balances;
	// Anybody may ask holders for anything: deposits keep that within bounds.
	type SubmitOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type CancelOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type Slash = Treasury;
	type Votes = pallet_conviction_voting::VotesOf<Runtime>;
	type Tally = pallet_conviction_voting::TallyOf<Runtime>;
	type SubmissionDeposit = SubmissionDeposit;
	type MaxQueued = ConstU32<100>;
	type UndecidingTimeout = UndecidingTimeout;
	type AlarmInterval = ConstU32<1>;
	type Tracks = Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_conviction_voting::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
	// All that an account has counts, also what is held of it: bonds, backing, deposits.
	type Currency = Balances;
	type Polls = Referenda;
	// What the treasury has does not vote.
	type MaxTurnout = ActiveIssuanceOf<Balances, AccountId>;
	type MaxVotes = ConstU32<64>;
	type VoteLockingPeriod = VoteLocking;
	type BlockNumberProvider = System;
	type VotingHooks = ();
}
