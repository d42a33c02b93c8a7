//! What calls and hooks cost.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get, Hooks};
use frame_system::SetCode;
use sp_runtime::traits::{One, Saturating};

/// Bytes that no store makes less of.
fn bytes(count: u32) -> Vec<u8> {
	(0..count)
		.map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
		.collect()
}

/// Code of so many bytes waits; the block in which it is due.
fn pending<T: Config>(count: u32) -> frame_system::pallet_prelude::BlockNumberFor<T> {
	<Pallet<T> as SetCode<T>>::set_code(bytes(count)).expect("it is not too long");
	Pending::<T>::get().expect("it waits").due
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn wait() {
		let due = pending::<T>(1);

		#[block]
		{
			Pallet::<T>::on_initialize(due.saturating_sub(One::one()));
		}

		assert!(Pending::<T>::exists());
	}

	#[benchmark]
	fn put_in_force(b: Linear<1, { T::MaxCodeBytes::get() }>) {
		let due = pending::<T>(b);

		#[block]
		{
			Pallet::<T>::on_initialize(due);
		}

		assert!(!Pending::<T>::exists());
	}

	#[benchmark]
	fn cancel() -> Result<(), BenchmarkError> {
		let origin = T::CancelOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		pending::<T>(T::MaxCodeBytes::get());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert!(!Pending::<T>::exists());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
