//! What this pallet asks of the rest of the chain besides what others ask too, and what it is to others.

use crate::{Agreed, JobDone};
use compute_market_primitives::{Assurance, Balance, JobId, Price, Spec, UnitAt};
use device_primitives::DeviceId;
use frame_support::weights::Weight;
use sp_runtime::DispatchError;

/// What devices have proven of their speed.
pub trait ProvenCompute {
	/// Mfuel that a device burns in a tick, by its estimate; 0 if it has proven nothing. Reads one value.
	fn rate(device: &DeviceId) -> u32;
}

/// Nobody has proven anything.
impl ProvenCompute for () {
	fn rate(_: &DeviceId) -> u32 {
		0
	}
}

/// The chain itself as a customer, while others use little.
pub trait AutoMine<AccountId> {
	/// Who pays so much, in planck, for an accepted unit that is run again now; none if nobody does. Asked once a block
	/// at most. The market takes it from there, and gives back what is left.
	fn payer(cost: Balance) -> Option<AccountId>;
}

/// It orders nothing.
impl<AccountId> AutoMine<AccountId> for () {
	fn payer(_: Balance) -> Option<AccountId> {
		None
	}
}

/// Submits jobs for accounts: how a pallet, later a contract, has something computed.
pub trait SubmitsJobs<AccountId> {
	/// A job for `owner`, which pays. Once it is done, and the time for appeals is over, [`OnJobDone`] is told.
	///
	/// # Errors
	/// Those of the call `submit_job`.
	fn submit(owner: &AccountId, spec: Spec, max_price: Price, assurance: Assurance) -> Result<JobId, DispatchError>;

	/// What stands of a unit; none if it has no result, or its job was closed.
	fn agreed(job: JobId, unit: UnitAt) -> Option<Agreed>;
}

/// Called back for jobs that were submitted by [`SubmitsJobs`].
pub trait OnJobDone<AccountId> {
	/// The most that [`Self::job_done`] costs.
	fn weight() -> Weight;

	/// A job has come to its end, once for each job: with results or without. The time for appeals is over, and nothing
	/// is being run again.
	fn job_done(owner: &AccountId, done: &JobDone);
}

/// Nobody is called back.
impl<AccountId> OnJobDone<AccountId> for () {
	fn weight() -> Weight {
		Weight::zero()
	}

	fn job_done(_: &AccountId, _: &JobDone) {}
}
