//! What mocks configure alike in pallets of the SDK, to be completed with `frame_support::derive_impl`.

use frame_support::{
	derive_impl,
	pallet_prelude::inject_runtime_type,
	register_default_impl,
	traits::{ConstU128, ConstU32, VariantCountOf},
};
use sp_runtime::traits::ConvertInto;

/// Money as on the chain: `u128`, and every planck of it keeps an account alive. A mock adds `AccountStore`.
pub struct Money;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig, no_aggregated_types)]
impl frame_system::DefaultConfig for Money {}

#[register_default_impl(Money)]
impl pallet_balances::DefaultConfig for Money {
	#[inject_runtime_type]
	type RuntimeEvent = ();
	#[inject_runtime_type]
	type RuntimeHoldReason = ();
	#[inject_runtime_type]
	type RuntimeFreezeReason = ();
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
	type ReserveIdentifier = ();
	type FreezeIdentifier = Self::RuntimeFreezeReason;
	type DustRemoval = ();
	type MaxLocks = ConstU32<100>;
	type MaxReserves = ConstU32<100>;
	type MaxFreezes = VariantCountOf<Self::RuntimeFreezeReason>;
	type WeightInfo = ();
	type DoneSlashHandler = ();
}

/// What [`Sessions`] says of the session pallet. The names are those of its configuration.
#[allow(missing_docs)]
pub trait SessionDefaults {
	type RuntimeEvent;
	type ValidatorId;
	type ValidatorIdOf;
	type ShouldEndSession;
	type NextSessionRotation;
	type SessionManager;
	type DisablingStrategy;
	type WeightInfo;
	type KeyDeposit;
}

/// Sessions as on the chain: the session pallet holds keys, no more. A mock adds `Keys`, `SessionHandler` and
/// `Currency`.
pub struct Sessions;

#[register_default_impl(Sessions)]
impl SessionDefaults for Sessions {
	#[inject_runtime_type]
	type RuntimeEvent = ();
	type ValidatorId = crate::AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = NeverEnds;
	type NextSessionRotation = ();
	type SessionManager = ();
	type DisablingStrategy = ();
	type WeightInfo = ();
	type KeyDeposit = ConstU128<0>;
}

/// Sessions that do not end.
pub struct NeverEnds;

impl<BlockNumber> pallet_session::ShouldEndSession<BlockNumber> for NeverEnds {
	fn should_end_session(_: BlockNumber) -> bool {
		false
	}
}
