//! What calls cost.

use crate::*;
use alloc::{boxed::Box, vec};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_runtime::traits::Hash;

/// Has directors vouch for as many calls as they may, but one.
fn fill<T: Config>() {
	let others = (1..T::MaxSponsored::get()).map(|number| Sponsorship {
		call_hash: T::Hashing::hash_of(&number),
		until: Pallet::<T>::in_blocks(T::SponsorTerm::get()),
	});
	Sponsored::<T>::put(BoundedVec::truncate_from(others.collect()));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn sponsor() -> Result<(), BenchmarkError> {
		let origin = T::SponsorOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		fill::<T>();
		let call_hash = T::Hashing::hash_of(&0u32);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, call_hash);

		assert!(Pallet::<T>::is_sponsored(&call_hash));
		Ok(())
	}

	#[benchmark]
	fn act() -> Result<(), BenchmarkError> {
		let origin = T::EmergencyOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		fill::<T>();
		// A call for emergencies that takes little of its own.
		let authorize = frame_system::Call::<T>::authorize_upgrade {
			code_hash: Default::default(),
		};
		let call: CallOf<T> = authorize.into();
		let call_hash = T::Hashing::hash_of(&call);
		Pallet::<T>::do_sponsor(call_hash)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Box::new(call));

		assert!(!Pallet::<T>::is_sponsored(&call_hash));
		Ok(())
	}

	#[benchmark]
	fn appoint() -> Result<(), BenchmarkError> {
		let origin = T::AppointOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let steward: T::AccountId = account("steward", 0, 0);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Some(steward));

		assert!(Pallet::<T>::may_spend());
		Ok(())
	}

	#[benchmark]
	fn report() -> Result<(), BenchmarkError> {
		let steward: T::AccountId = account("steward", 0, 0);
		Pallet::<T>::put_steward(Some(steward.clone()));
		let uri = Uri::truncate_from(vec![b'a'; MAX_URI as usize]);
		for number in 0..T::MaxReports::get() {
			Pallet::<T>::do_report(&steward, T::Hashing::hash_of(&number), uri.clone())?;
		}
		let document = T::Hashing::hash_of(&u32::MAX);

		#[extrinsic_call]
		_(RawOrigin::Signed(steward), document, uri);

		assert!(!Reports::<T>::contains_key(0));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
