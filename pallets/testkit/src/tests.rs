//! The kit on the smallest chain there is, which is also what a mock looks like.

use crate::{configs, AccountId, Eras, KeysOfSession, Told, TELLING};
use frame_support::{assert_noop, derive_impl, dispatch::DispatchClass, traits::fungible::Inspect};
use frame_system::{mocking::MockBlockU32, RawOrigin};
use pallet_traits::{EraClock, KeyOf, OffenceKind, Punish};
use sp_runtime::{
	impl_opaque_keys,
	testing::UintAuthorityId,
	traits::Dispatchable,
	transaction_validity::{InvalidTransaction, TransactionSource},
	DispatchError,
};

/// A pallet that tells others.
#[frame_support::pallet]
mod tattle {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use pallet_traits::{OffenceKind, Punish, SeatVoters};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		type Voters: SeatVoters<Self::AccountId>;
		type Punish: Punish<Self::AccountId>;
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		pub voters: Vec<T::AccountId>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			T::Voters::seat_voters(&self.voters);
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Tells of an offence in era `era`; fails after that if it is era 13.
		#[pallet::call_index(0)]
		#[pallet::weight(Weight::zero())]
		#[pallet::weight_of_authorize(Weight::zero())]
		#[pallet::authorize(|_, who, era| if *era == 99 {
			Err(InvalidTransaction::Stale.into())
		} else {
			ValidTransaction::with_tag_prefix("tattle").and_provides(who).build().map(|valid| (valid, Weight::zero()))
		})]
		pub fn tell(origin: OriginFor<T>, who: T::AccountId, era: u32) -> DispatchResult {
			ensure_authorized(origin)?;
			let weight = T::Punish::offended(&who, OffenceKind::Block, era);
			frame_system::Pallet::<T>::register_extra_weight_unchecked(weight, DispatchClass::Normal);
			ensure!(era != 13, DispatchError::Unavailable);
			Ok(())
		}
	}
}

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Session: pallet_session,
		Tattle: tattle,
	}
);

impl_opaque_keys! {
	pub struct Keys {
		pub dummy: UintAuthorityId,
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlockU32<Test>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(configs::Money as pallet_balances::DefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

#[derive_impl(configs::Sessions as configs::SessionDefaults)]
impl pallet_session::Config for Test {
	type Keys = Keys;
	type SessionHandler = pallet_session::TestSessionHandler;
	type Currency = Balances;
}

type Recorder = crate::Recorder<Test>;

impl tattle::Config for Test {
	type Voters = Recorder;
	type Punish = Recorder;
}

/// Runs a test in the first block of a chain on which account 1 has money, and 1 and 2 have keys and vote.
fn run(test: impl FnOnce()) {
	let key = |account: AccountId| Keys {
		dummy: UintAuthorityId(10 * account),
	};
	let chain = crate::genesis::<Test>(&[
		&pallet_balances::GenesisConfig::<Test> {
			balances: vec![(1, 500)],
			..Default::default()
		},
		&pallet_session::GenesisConfig::<Test> {
			keys: [1, 2].map(|account| (account, account, key(account))).to_vec(),
			..Default::default()
		},
		&tattle::GenesisConfig::<Test> { voters: vec![1, 2] },
	]);
	let test = || {
		System::set_block_number(1);
		test();
	};
	crate::run(chain, test, || {
		if Recorder::told().is_empty() {
			Err("nothing was told")
		} else {
			Ok(())
		}
	});
}

fn tell(who: AccountId, era: u32) -> RuntimeCall {
	tattle::Call::tell { who, era }.into()
}

#[test]
fn genesis_is_made_of_its_parts() {
	run(|| {
		assert_eq!(Balances::balance(&1), 500);
		assert_eq!(KeysOfSession::<Test>::key_of(&2), Some(UintAuthorityId(20)));
		assert_eq!(KeysOfSession::<Test>::key_of(&3), None::<UintAuthorityId>);
		assert_eq!(Recorder::told(), [Told::VotersSeated(vec![1, 2])]);
		assert!(Recorder::in_block().is_empty());
	});
}

#[test]
fn what_was_told_is_written_down_until_it_is_taken() {
	run(|| {
		assert_eq!(crate::apply(tell(1, 7), TransactionSource::InBlock), Ok(()));
		assert_eq!(*System::block_weight().get(DispatchClass::Normal), TELLING);
		System::set_block_number(2);
		assert_eq!(crate::apply(tell(2, 8), TransactionSource::External), Ok(()));

		let offences = [(1, OffenceKind::Block, 7), (2, OffenceKind::Block, 8)];
		assert_eq!(Recorder::in_block(), [Told::Offended(2, OffenceKind::Block, 8)]);
		assert_eq!(Recorder::only(Told::offence), offences);
		assert!(Recorder::only(Told::vote).is_empty());
		assert_eq!(Recorder::take_only(Told::voters), [[1, 2]]);
		assert!(Recorder::told().is_empty());
		assert_eq!(crate::apply(tell(1, 9), TransactionSource::InBlock), Ok(()));
	});
}

#[test]
fn a_call_that_fails_takes_back_what_it_told() {
	run(|| {
		let failing = tattle::Call::<Test>::tell { who: 1, era: 13 };
		assert_noop!(
			RuntimeCall::from(failing).dispatch(RawOrigin::Authorized.into()),
			DispatchError::Unavailable
		);
		assert!(Recorder::only(Told::offence).is_empty());
	});
}

#[test]
fn what_the_pool_refuses_is_not_dispatched() {
	run(|| {
		let refused = Err(InvalidTransaction::Stale.into());
		assert_eq!(crate::apply(tell(1, 99), TransactionSource::External), refused);
		assert!(Recorder::only(Told::offence).is_empty());
		assert!(crate::validity(&tell(1, 7), TransactionSource::External).is_ok());
	});
}

#[test]
#[should_panic(expected = "what was authorized succeeds")]
fn what_is_authorized_has_to_succeed() {
	run(|| _ = crate::apply(tell(1, 13), TransactionSource::External));
}

#[test]
#[should_panic(expected = "invariants hold")]
fn each_test_ends_with_the_invariants() {
	run(|| _ = Recorder::take());
}

#[test]
fn who_is_broke_has_nothing_to_lose() {
	run(|| {
		Recorder::set_broke(&[2]);
		assert_eq!([1, 2].map(|who| Recorder::can_lose(&who)), [true, false]);
		Recorder::set_broke(&[]);
		assert!(Recorder::can_lose(&2));
	});
}

#[test]
fn eras_begin_when_they_are_told_to() {
	run(|| {
		assert_eq!(Eras::current_era(), 0);
		let first = Eras::era_randomness();
		Eras::set(4);
		assert_eq!((Eras::current_era(), Eras::era_randomness()), (4, Eras::randomness(4)));
		assert_ne!(first, Eras::era_randomness());
	});
}
