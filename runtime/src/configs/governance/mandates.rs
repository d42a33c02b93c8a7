//! In whose name referenda act.

use crate::{
	configs::{governance::RootOrDirectors, parameters},
	constants::governance::SPONSOR_TERM,
	weights, AccountId, BlockNumber, Mandates, Runtime, RuntimeCall,
};
use core::marker::PhantomData;
use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains, EitherOf, Get},
};
use frame_system::EnsureRoot;
use pallet_mandates::{Ensure, Origin};

parameter_types! {
	/// The mandate to set parameters,
	pub const AsParametersAdmin: Origin = Origin::ParametersAdmin;
	/// to spend little,
	pub const AsSmallSpender: Origin = Origin::SmallSpender;
	/// to spend much,
	pub const AsBigSpender: Origin = Origin::BigSpender;
	/// and to act in an emergency.
	pub const AsEmergency: Origin = Origin::Emergency;
	/// For how many blocks directors vouch for a call.
	pub const SponsorTerm: BlockNumber = SPONSOR_TERM;
}

/// So many blocks of a chain that lasts, on a chain whose referenda are quicker: divided by its scale.
pub struct Scaled<Blocks>(PhantomData<Blocks>);

impl<Blocks: Get<BlockNumber>> Get<BlockNumber> for Scaled<Blocks> {
	fn get() -> BlockNumber {
		Mandates::scaled(Blocks::get())
	}
}

/// Within how many blocks of the last one the steward reports, before it is scaled.
pub struct Reporting;

impl Get<BlockNumber> for Reporting {
	fn get() -> BlockNumber {
		parameters::report_period()
	}
}

/// Holders by a referendum with this mandate, or as root.
pub type ByHolders<Mandate> = EitherOf<EnsureRoot<AccountId>, Ensure<Mandate>>;

/// What holders may do in an emergency, if directors vouch for it: a new runtime, parameters within their bounds, an
/// end to referenda, to what they scheduled and to what the treasury owes. Nothing that moves anybody's STCI, but for
/// the deposits of a referendum that is killed.
pub struct EmergencyCalls;

impl Contains<RuntimeCall> for EmergencyCalls {
	fn contains(call: &RuntimeCall) -> bool {
		use RuntimeCall as C;
		match call {
			C::System(call) => matches!(call, frame_system::Call::authorize_upgrade { .. }),
			// Root passes the filter of calls, and so do these: it is asked here.
			C::Parameters(pallet_parameters::Call::set_parameter { .. })
			| C::Candidates(pallet_candidates::Call::set_parameters { .. }) => parameters::Filter::contains(call),
			C::ResourceProofs(call) => matches!(call, pallet_resource_proofs::Call::set_parameters { .. }),
			C::Referenda(call) => {
				matches!(
					call,
					pallet_referenda::Call::cancel { .. } | pallet_referenda::Call::kill { .. }
				)
			}
			C::Scheduler(call) => matches!(call, pallet_scheduler::Call::cancel_named { .. }),
			C::Treasury(call) => matches!(call, pallet_treasury::Call::void_spend { .. }),
			_ => false,
		}
	}
}

impl pallet_mandates::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type SponsorOrigin = RootOrDirectors;
	type EmergencyOrigin = Ensure<AsEmergency>;
	type AppointOrigin = ByHolders<AsBigSpender>;
	type EmergencyCalls = EmergencyCalls;
	type MaxSponsored = ConstU32<16>;
	type SponsorTerm = Scaled<SponsorTerm>;
	type ReportPeriod = Scaled<Reporting>;
	type MaxReports = ConstU32<120>;
	type WeightInfo = weights::pallet_mandates::Measured<Runtime>;
}
