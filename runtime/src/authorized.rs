//! Reports of equivocation, heartbeats, votes on record, wins of devices and what they say of slots and units: general
//! transactions, which no account signs and whose call is authorized by what it proves.

use crate::{RuntimeCall, TxExtension, UncheckedExtrinsic};
use sp_runtime::generic::Era;

/// What a general transaction carries besides its call: of the extensions only `AuthorizeCall` has something to say to
/// it.
fn extensions() -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckMortality::from(Era::Immortal),
		frame_system::CheckNonce::from(0),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// The transaction of a call that authorizes itself.
pub(crate) fn transaction(call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	UncheckedExtrinsic::new_transaction(call.into(), extensions())
}
