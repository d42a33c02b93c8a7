//! A pallet that has something computed, and is called back.

pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
	use compute_market_primitives::{Assurance, Hash, JobId, Price, Spec};
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use pallet_compute_market::{JobDone, OnJobDone, SubmitsJobs};

	#[pallet::pallet]
	#[pallet::without_storage_info]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Where it has something computed.
		type Jobs: SubmitsJobs<Self::AccountId>;
	}

	/// What it waits for, and for whom.
	#[pallet::storage]
	pub type Waiting<T: Config> = StorageMap<_, Twox64Concat, JobId, T::AccountId>;

	/// What it was told: with the root of unit 0 as it asked for it then.
	#[pallet::storage]
	pub type Told<T: Config> = StorageMap<_, Twox64Concat, JobId, (JobDone, Option<Hash>)>;

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Has something computed for the caller.
		#[pallet::call_index(0)]
		#[pallet::weight(Weight::from_parts(10, 0))]
		pub fn compute(origin: OriginFor<T>, spec: Spec, max_price: Price) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let job = T::Jobs::submit(&who, spec, max_price, Assurance::Quorum)?;
			Waiting::<T>::insert(job, who);
			Ok(())
		}
	}

	impl<T: Config> OnJobDone<T::AccountId> for Pallet<T> {
		fn weight() -> Weight {
			Weight::from_parts(7, 0)
		}

		fn job_done(owner: &T::AccountId, done: &JobDone) {
			assert_eq!(Waiting::<T>::take(done.job).as_ref(), Some(owner), "it is told once");
			let root = T::Jobs::agreed(done.job, 0).map(|agreed| agreed.accepted.outcome.root);
			Told::<T>::insert(done.job, (done.clone(), root));
		}
	}
}
