//! What the directors decide together, and what that may do.

use crate::{
	configs::consensus::MaxDirectors, constants::time::MOTION_TERM, weights, AccountId, BlockNumber, Candidates,
	Mandates, Runtime, RuntimeCall, RuntimeOrigin,
};
use frame_support::{
	parameter_types,
	storage::{storage_prefix, unhashed},
	traits::{Contains, EitherOf, EnsureOrigin},
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::EnsureRoot;
use pallet_motions::EnsureTwoThirds;

parameter_types! {
	/// Room for two motions of every director there can be, and for an elimination.
	pub const MaxMotions: u32 = 99 * 3;
	/// How many motions a director may have open,
	pub const MaxOpen: u32 = 2;
	/// and how many eliminations besides, so that others never wait for the one that matters most.
	pub const MaxOpenEliminations: u32 = 1;
	/// How many bytes the call of a motion may have.
	pub const MaxCallBytes: u32 = 1_024;
	/// What the call of a motion may weigh: several times what an elimination does, and little enough that a vote,
	/// which is charged for it beforehand, finds room in any block.
	pub const MaxCallWeight: Weight = Weight::from_parts(20 * WEIGHT_REF_TIME_PER_MILLIS, 1_024 * 1_024);
	/// For how many blocks a motion is open.
	pub const MotionTerm: BlockNumber = MOTION_TERM;
}

/// Root, of which only `dev` has one, or two thirds of the directors.
pub type RootOrDirectors = EitherOf<EnsureRoot<AccountId>, EnsureTwoThirds>;

/// Two thirds of the directors, in place of holders until these have approved a referendum for the first time.
pub struct DirectorsForHolders;

impl EnsureOrigin<RuntimeOrigin> for DirectorsForHolders {
	type Success = ();

	fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
		if Mandates::holders_decide() {
			return Err(origin);
		}
		EnsureTwoThirds::try_origin(origin)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		EnsureTwoThirds::try_successful_origin()
	}
}

/// What two thirds of the directors do as root, until holders have approved a referendum for the first time: they
/// authorize a new runtime. It has to be the successor of this one, by name and version; anybody can apply it then.
/// Whatever else they may do has an origin of its own, [`RootOrDirectors`] or [`DirectorsForHolders`].
pub struct AsRoot;

impl Contains<RuntimeCall> for AsRoot {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(call, RuntimeCall::System(frame_system::Call::authorize_upgrade { .. })) && !Mandates::holders_decide()
	}
}

/// What directors do in place of holders ends, as these have approved a referendum: what was authorized until then and
/// nobody has applied is void. It would be applied years later, by anybody, as if holders had wanted it.
pub(super) fn end_stand_in() {
	if !Mandates::holders_decide() {
		// System has no call for it.
		unhashed::kill(&storage_prefix(b"System", b"AuthorizedUpgrade"));
	}
	Mandates::note_approval();
}

/// Calls that take somebody out of office.
pub struct Eliminations;

impl Contains<RuntimeCall> for Eliminations {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(call, RuntimeCall::Candidates(pallet_candidates::Call::eliminate { .. }))
	}
}

impl pallet_motions::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type Members = Candidates;
	type RootCalls = AsRoot;
	type IsElimination = Eliminations;
	type MaxMembers = MaxDirectors;
	type MaxMotions = MaxMotions;
	type MaxOpen = MaxOpen;
	type MaxOpenEliminations = MaxOpenEliminations;
	type MaxCallBytes = MaxCallBytes;
	type MaxCallWeight = MaxCallWeight;
	type Term = MotionTerm;
	type WeightInfo = weights::pallet_motions::Measured<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benches::Directors;
}
