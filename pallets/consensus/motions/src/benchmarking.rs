//! What calls cost.

use crate::*;
use alloc::{boxed::Box, vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::traits::Get;
use frame_system::RawOrigin;

/// What a runtime sets up for these benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// Makes these accounts the members, and nobody else.
	fn make_members(accounts: Vec<AccountId>);
}

/// So many members.
fn members<T: Config>(count: u32) -> Vec<T::AccountId> {
	let accounts: Vec<T::AccountId> = (0..count).map(|index| account("member", index, 0)).collect();
	T::BenchmarkHelper::make_members(accounts.clone());
	accounts
}

/// A call of so many bytes, which weighs next to nothing.
fn call<T: Config>(bytes: u32) -> Box<CallOf<T>> {
	// Two indices and a length of up to four bytes come to it.
	let remark = vec![0; bytes.saturating_sub(6) as usize];
	Box::new(frame_system::Call::<T>::remark { remark }.into())
}

/// A motion that all members but the last `without` have voted on.
fn voted_on<T: Config>(members: &[T::AccountId], bytes: u32, aye: bool, without: usize) -> MotionId {
	let motion = NextMotion::<T>::get();
	let proposer = members.first().cloned().expect("there are members");
	Pallet::<T>::propose(RawOrigin::Signed(proposer.clone()).into(), call::<T>(bytes)).expect("it is proposed");
	Motions::<T>::mutate(motion, |open| {
		let open = open.as_mut().expect("it is open");
		let votes = members
			.iter()
			.take(members.len() - without)
			.cloned()
			.collect::<Vec<_>>();
		let (to, from) = if aye {
			(&mut open.ayes, &mut open.nays)
		} else {
			(&mut open.nays, &mut open.ayes)
		};
		from.clear();
		*to = votes.try_into().expect("there are no more than members");
	});
	motion
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn propose(m: Linear<2, { T::MaxMembers::get() }>, b: Linear<6, { T::MaxCallBytes::get() }>) {
		let members = members::<T>(m);
		let proposer = members.last().cloned().expect("there are members");

		#[extrinsic_call]
		_(RawOrigin::Signed(proposer), call::<T>(b));

		assert_eq!(Motions::<T>::count(), 1);
	}

	// The last member changes its mind, and one aye is missing for all the nays.
	#[benchmark]
	fn vote(m: Linear<2, { T::MaxMembers::get() }>) {
		let members = members::<T>(m);
		let motion = voted_on::<T>(&members, T::MaxCallBytes::get(), false, 1);
		let voter = members.last().cloned().expect("there are members");

		#[extrinsic_call]
		_(RawOrigin::Signed(voter), motion, true);

		assert!(Motions::<T>::contains_key(motion));
	}

	#[benchmark]
	fn carry(b: Linear<6, { T::MaxCallBytes::get() }>) {
		let members = members::<T>(1);
		// Proposed while there were two, so that it is open.
		let two = self::members::<T>(2);
		let motion = voted_on::<T>(&two, b, true, 1);
		T::BenchmarkHelper::make_members(members.clone());
		let voter = members.first().cloned().expect("there are members");

		#[extrinsic_call]
		vote(RawOrigin::Signed(voter), motion, true);

		assert!(!Motions::<T>::contains_key(motion));
	}

	#[benchmark]
	fn close(m: Linear<2, { T::MaxMembers::get() }>) {
		let members = members::<T>(m);
		let motion = voted_on::<T>(&members, T::MaxCallBytes::get(), false, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(account("anyone", 0, 1)), motion);

		assert!(!Motions::<T>::contains_key(motion));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
