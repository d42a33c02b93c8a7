//! A chain whose members are whom the test says, and deeds that tell in whose name they were done.

use crate::{self as pallet_motions, EnsureTwoThirds, MotionId, WeightInfo};
use frame_support::{
	derive_impl,
	dispatch::GetDispatchInfo,
	pallet_prelude::DispatchResult,
	parameter_types,
	traits::{ConstU32, Contains, OnFinalize, OnInitialize},
	weights::Weight,
};
use pallet_traits::MotionVoters;
use sp_runtime::{traits::Dispatchable, DispatchResultWithInfo};
use sp_version::RuntimeVersion;

pub use pallet_testkit::AccountId;

pub type Block = frame_system::mocking::MockBlockU32<Test>;

/// What a test's motions do.
#[frame_support::pallet]
pub mod deeds {
	use super::*;
	use frame_support::{dispatch::Pays, pallet_prelude::*};
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config + pallet_motions::Config {
		type Directors: EnsureOrigin<Self::RuntimeOrigin>;
	}

	#[pallet::error]
	pub enum Error<T> {
		/// As it was asked for.
		Failed,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T>
	where
		T: frame_system::Config<AccountId = AccountId>,
	{
		/// Done in the name of the directors.
		#[pallet::call_index(0)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn do_it(origin: OriginFor<T>) -> DispatchResult {
			T::Directors::ensure_origin(origin)?;
			Done::mutate(|done| *done += 1);
			Ok(())
		}

		/// Done as root alone.
		#[pallet::call_index(1)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn do_as_root(origin: OriginFor<T>) -> DispatchResult {
			ensure_root(origin)?;
			Done::mutate(|done| *done += 1);
			Ok(())
		}

		/// As `do_as_root`, but nobody has said that directors may.
		#[pallet::call_index(2)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn only_as_root(origin: OriginFor<T>) -> DispatchResult {
			ensure_root(origin)?;
			Done::mutate(|done| *done += 1);
			Ok(())
		}

		/// Takes a member out.
		#[pallet::call_index(3)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn eliminate(origin: OriginFor<T>, who: AccountId) -> DispatchResult {
			T::Directors::ensure_origin(origin)?;
			Members::mutate(|members| members.retain(|member| *member != who));
			Ok(())
		}

		/// Leaves a mark and fails.
		#[pallet::call_index(4)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn fail(origin: OriginFor<T>) -> DispatchResult {
			T::Directors::ensure_origin(origin)?;
			frame_support::storage::unhashed::put(b"mark", &1u8);
			Err(Error::<T>::Failed.into())
		}

		/// Weighs what it is told, and takes half of it.
		#[pallet::call_index(5)]
		#[pallet::weight(Weight::from_parts(*weight, 0))]
		pub fn weigh(origin: OriginFor<T>, weight: u64) -> DispatchResultWithPostInfo {
			T::Directors::ensure_origin(origin)?;
			Done::mutate(|done| *done += 1);
			Ok((Some(Weight::from_parts(weight / 2, 0)), Pays::Yes).into())
		}

		/// Votes once more on the motion that dispatches it, as a member.
		#[pallet::call_index(6)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn vote_again(origin: OriginFor<T>, member: AccountId, motion: MotionId) -> DispatchResult {
			T::Directors::ensure_origin(origin)?;
			Done::mutate(|done| *done += 1);
			let vote = pallet_motions::Pallet::<T>::vote(RawOrigin::Signed(member).into(), motion, true);
			Again::put(Some(vote.map(|_| ()).map_err(|failure| failure.error)));
			Ok(())
		}
	}

	use frame_system::RawOrigin;
}

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Decisions: pallet_motions,
		Utility: pallet_utility,
		Deeds: deeds,
	}
);

parameter_types! {
	/// Who may vote.
	pub static Members: Vec<AccountId> = (1..=7).collect();
	/// How many seats are held by others.
	pub static OtherSeats: usize = 0;
	/// How often something was done.
	pub static Done: u32 = 0;
	/// What became of voting within a motion.
	pub static Again: Option<DispatchResult> = None;
	/// The version of the encoding of calls.
	pub static Encoding: u32 = 1;
	/// What a call may weigh.
	pub static MaxCallWeight: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
}

impl Again {
	pub fn put(value: Option<DispatchResult>) {
		Self::set(value)
	}
}

pub struct Version;

impl frame_support::traits::Get<RuntimeVersion> for Version {
	fn get() -> RuntimeVersion {
		RuntimeVersion {
			transaction_version: Encoding::get(),
			..Default::default()
		}
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type Version = Version;
}

impl pallet_utility::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = ();
}

impl deeds::Config for Test {
	type Directors = EnsureTwoThirds;
}

pub struct Council;

impl MotionVoters<AccountId> for Council {
	fn members() -> Vec<AccountId> {
		Members::get()
	}

	fn seats() -> usize {
		Members::get().len() + OtherSeats::get()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Council {
	fn make_members(accounts: Vec<AccountId>) {
		Members::set(accounts);
	}
}

pub struct AsRoot;

impl Contains<RuntimeCall> for AsRoot {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(call, RuntimeCall::Deeds(deeds::Call::do_as_root {}))
	}
}

pub struct Eliminations;

impl Contains<RuntimeCall> for Eliminations {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(call, RuntimeCall::Deeds(deeds::Call::eliminate { .. }))
	}
}

/// Weights that tell what was charged for.
pub struct Weights;

impl WeightInfo for Weights {
	fn propose(m: u32, b: u32) -> Weight {
		Weight::from_parts(10_000 + u64::from(m) * 100 + u64::from(b), 0)
	}
	fn vote(m: u32) -> Weight {
		Weight::from_parts(20_000 + u64::from(m) * 100, 0)
	}
	fn carry(b: u32) -> Weight {
		Weight::from_parts(30_000 + u64::from(b), 0)
	}
	fn close(m: u32) -> Weight {
		Weight::from_parts(40_000 + u64::from(m) * 100, 0)
	}
}

/// For how many blocks a motion is open here.
pub const TERM: u32 = 100;
/// How many may be members here.
pub const MOST: u32 = 9;

impl pallet_motions::Config for Test {
	type RuntimeCall = RuntimeCall;
	type Members = Council;
	type RootCalls = AsRoot;
	type IsElimination = Eliminations;
	type MaxMembers = ConstU32<MOST>;
	type MaxMotions = ConstU32<{ MOST * 3 }>;
	type MaxOpen = ConstU32<2>;
	type MaxOpenEliminations = ConstU32<1>;
	type MaxCallBytes = ConstU32<1_024>;
	type MaxCallWeight = MaxCallWeight;
	type Term = ConstU32<TERM>;
	type WeightInfo = Weights;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Council;
}

pub type Outcome = DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo>;

/// Storage of a chain that has not begun.
pub fn genesis() -> sp_io::TestExternalities {
	pallet_testkit::genesis::<Test>(&[]).into()
}

/// Runs a test in the first block, and looks at the state after it.
pub fn run(test: impl FnOnce()) {
	let test = || {
		block(1);
		test();
	};
	pallet_testkit::run(genesis(), test, Decisions::do_try_state);
}

/// Goes to a block.
pub fn block(number: u32) {
	Decisions::on_finalize(System::block_number());
	System::set_block_number(number);
	Decisions::on_initialize(number);
}

/// What must always hold.
pub fn check() {
	Decisions::do_try_state().expect("the state is sound");
}

/// The events of the pallet in this block.
pub fn events() -> Vec<pallet_motions::Event<Test>> {
	System::read_events_for_pallet::<pallet_motions::Event<Test>>()
}

/// Proposes as this account. Gives back the number of the motion.
pub fn propose(who: AccountId, call: impl Into<RuntimeCall>) -> Result<MotionId, sp_runtime::DispatchError> {
	let id = pallet_motions::NextMotion::<Test>::get();
	let outcome = Decisions::propose(RuntimeOrigin::signed(who), Box::new(call.into()));
	outcome.map(|_| id).map_err(|failure| failure.error)
}

/// Votes as this account.
pub fn vote(who: AccountId, motion: MotionId, aye: bool) -> DispatchResult {
	let outcome = Decisions::vote(RuntimeOrigin::signed(who), motion, aye);
	outcome.map(|_| ()).map_err(|failure| failure.error)
}

/// Closes as this account.
pub fn close(who: AccountId, motion: MotionId) -> DispatchResult {
	let outcome = Decisions::close(RuntimeOrigin::signed(who), motion);
	outcome.map(|_| ()).map_err(|failure| failure.error)
}

/// Dispatches a call as it comes in a transaction: what it is charged beforehand, and what it says it took.
pub fn dispatch(who: AccountId, call: impl Into<RuntimeCall>) -> (Weight, Outcome) {
	let call = call.into();
	(
		call.get_dispatch_info().call_weight,
		call.dispatch(RuntimeOrigin::signed(who)),
	)
}

/// A call that the directors may do.
pub fn deed() -> RuntimeCall {
	deeds::Call::do_it {}.into()
}
