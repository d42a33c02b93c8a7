//! Who has a mandate, and since when holders decide.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, parameter_types, traits::EnsureOrigin};
use sp_runtime::DispatchError;

parameter_types! {
	pub const AsParametersAdmin: Origin = Origin::ParametersAdmin;
	pub const AsSmallSpender: Origin = Origin::SmallSpender;
}

const ALL: [Origin; 4] = [
	Origin::ParametersAdmin,
	Origin::SmallSpender,
	Origin::BigSpender,
	Origin::Emergency,
];

fn may<E: EnsureOrigin<RuntimeOrigin>>() -> Vec<Origin> {
	ALL.into_iter()
		.filter(|mandate| E::ensure_origin(RuntimeOrigin::from(*mandate)).is_ok())
		.collect()
}

#[test]
fn a_mandate_is_for_one_thing() {
	assert_eq!(may::<Ensure<AsParametersAdmin>>(), [Origin::ParametersAdmin]);
	assert_eq!(may::<Ensure<AsSmallSpender>>(), [Origin::SmallSpender]);
	assert_eq!(may::<Ensure<AsBigSpender>>(), [Origin::BigSpender]);
	assert_eq!(may::<Ensure<AsEmergency>>(), [Origin::Emergency]);
}

#[test]
fn neither_root_nor_a_signer_has_a_mandate() {
	for origin in [RuntimeOrigin::root(), RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
		assert!(Ensure::<AsEmergency>::ensure_origin(origin.clone()).is_err());
		assert!(Ensure::<AsBigSpender>::ensure_origin(origin).is_err());
	}
}

#[test]
fn the_codes_of_mandates_never_change() {
	use codec::Encode;
	let codes: Vec<_> = ALL.iter().map(Encode::encode).collect();
	assert_eq!(codes, [[0], [1], [2], [3]]);
}

#[test]
fn holders_decide_from_the_first_approval_on() {
	run(|| {
		assert!(!Mandates::holders_decide());
		Mandates::note_approval();
		assert!(Mandates::holders_decide());
		assert_eq!(events(), [Event::HoldersDecide]);
		System::set_block_number(9);
		System::reset_events();
		Mandates::note_approval();
		assert_eq!(HoldersDecideSince::<Test>::get(), Some(1), "once for all");
		assert_eq!(events(), []);
	});
}

#[test]
fn times_are_divided_and_never_nothing() {
	let config = GenesisConfig {
		scale: 60,
		steward: None,
	};
	run_with(config, || {
		assert_eq!(Mandates::scaled(7_200), 120);
		assert_eq!(Mandates::scaled(59), 1);
		assert_eq!(Mandates::scaled(0), 1);
	});
	run(|| assert_eq!(Mandates::scaled(7_200), 7_200));
}

#[test]
#[should_panic(expected = "set mandates.scale to 1 or more")]
fn a_genesis_that_divides_by_nothing_is_refused() {
	let _ = genesis_with(GenesisConfig {
		scale: 0,
		steward: None,
	});
}

#[test]
fn who_may_what() {
	run(|| {
		let hash = Default::default();
		assert_ok!(Mandates::sponsor(RuntimeOrigin::signed(DIRECTORS), hash));
		for origin in [
			RuntimeOrigin::signed(2),
			RuntimeOrigin::root(),
			Origin::Emergency.into(),
		] {
			assert_noop!(Mandates::sponsor(origin, hash), DispatchError::BadOrigin);
		}
		for origin in [
			RuntimeOrigin::signed(DIRECTORS),
			RuntimeOrigin::none(),
			Origin::SmallSpender.into(),
			Origin::Emergency.into(),
		] {
			assert_noop!(Mandates::appoint(origin, Some(5)), DispatchError::BadOrigin);
		}
		assert_ok!(Mandates::appoint(Origin::BigSpender.into(), Some(5)));
	});
}
