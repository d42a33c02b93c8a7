//! A mock chain: how it begins, what its blocks carry, and what ends each test.

use core::fmt::Debug;
use frame_support::{dispatch::PostDispatchInfo, traits::Authorize};
use frame_system::RawOrigin;
use poca_primitives::{pre_digest_item, PreDigest};
use sp_io::TestExternalities;
use sp_runtime::{
	generic::Digest,
	traits::Dispatchable,
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BuildStorage, Storage,
};

/// The storage of a chain that has not begun: the system's, and what these parts make of it in this order.
pub fn genesis<T: frame_system::Config>(parts: &[&dyn BuildStorage]) -> Storage {
	let mut storage = Storage::default();
	let system = frame_system::GenesisConfig::<T>::default();
	for part in [&system as &dyn BuildStorage].iter().chain(parts) {
		part.assimilate_storage(&mut storage).expect("builds");
	}
	storage
}

/// Runs a test on a chain, and then what checks the chain's state, which is the pallet's `do_try_state`.
pub fn run<E: Debug>(chain: impl Into<TestExternalities>, test: impl FnOnce(), check: impl FnOnce() -> Result<(), E>) {
	chain.into().execute_with(|| {
		test();
		check().expect("invariants hold");
	});
}

/// The digest of a block with this pre-digest.
pub fn digest<Hash: codec::Encode>(pre_digest: &PreDigest<Hash>) -> Digest {
	Digest {
		logs: vec![pre_digest_item(pre_digest)],
	}
}

/// What the pool says of a call that authorizes itself.
pub fn validity(
	call: &impl Authorize,
	source: TransactionSource,
) -> Result<ValidTransaction, TransactionValidityError> {
	let answer = call.authorize(source).expect("the call has `#[pallet::authorize]`");
	answer.map(|(valid, _)| valid)
}

/// A call that authorizes itself, as pool and block treat it: authorized first, dispatched then. What was authorized
/// has to succeed, for whoever sends it pays nothing.
pub fn apply<Call>(call: Call, source: TransactionSource) -> Result<(), TransactionValidityError>
where
	Call: Authorize + Dispatchable<PostInfo = PostDispatchInfo>,
	Call::RuntimeOrigin: From<RawOrigin<crate::AccountId>>,
{
	validity(&call, source)?;
	call.dispatch(RawOrigin::Authorized.into())
		.expect("what was authorized succeeds");
	Ok(())
}
