//! Who answers for the treasury, and what it reports.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};

const STEWARD: AccountId = 5;

fn uri() -> Uri {
	Uri::truncate_from(b"https://example.org/report".to_vec())
}

fn report(who: AccountId) -> frame_support::dispatch::DispatchResult {
	Mandates::report(RuntimeOrigin::signed(who), [7; 32].into(), uri())
}

fn appoint(steward: Option<AccountId>) {
	assert_ok!(Mandates::appoint(Origin::BigSpender.into(), steward));
}

#[test]
fn nothing_is_spent_without_a_steward() {
	run(|| {
		assert!(!Mandates::may_spend());
		appoint(Some(STEWARD));
		assert!(Mandates::may_spend());
		appoint(None);
		assert!(!Mandates::may_spend());
	});
}

#[test]
fn nothing_is_spent_while_a_report_is_overdue() {
	run(|| {
		appoint(Some(STEWARD));
		System::set_block_number(1 + PERIOD);
		assert!(Mandates::may_spend(), "it is due, and not overdue");
		System::set_block_number(2 + PERIOD);
		assert!(!Mandates::may_spend());
		assert_ok!(report(STEWARD));
		assert!(Mandates::may_spend());
		System::set_block_number(3 + 2 * PERIOD);
		assert!(!Mandates::may_spend(), "one report is not enough for ever");
	});
}

#[test]
fn a_report_is_on_all_blocks_since_the_last_one() {
	run(|| {
		appoint(Some(STEWARD));
		System::set_block_number(50);
		assert_ok!(report(STEWARD));
		System::set_block_number(80);
		assert_ok!(report(STEWARD));
		let on = |number| {
			let report = Reports::<Test>::get(number).expect("it is kept");
			(report.steward, report.from, report.until)
		};
		assert_eq!((on(0), on(1)), ((STEWARD, 1, 50), (STEWARD, 51, 80)));
		let due = 80 + PERIOD;
		let event = Event::Reported {
			number: 1,
			document: [7; 32].into(),
			due,
		};
		assert_eq!(events().last(), Some(&event));
	});
}

#[test]
fn only_the_steward_reports() {
	run(|| {
		assert_noop!(report(STEWARD), Error::<Test>::NotSteward);
		appoint(Some(STEWARD));
		assert_noop!(report(6), Error::<Test>::NotSteward);
		appoint(Some(6));
		assert_noop!(report(STEWARD), Error::<Test>::NotSteward);
		assert_ok!(report(6));
	});
}

#[test]
fn a_new_steward_has_its_own_time() {
	run(|| {
		appoint(Some(STEWARD));
		System::set_block_number(2 + PERIOD);
		assert!(!Mandates::may_spend());
		appoint(Some(6));
		assert!(Mandates::may_spend());
	});
}

#[test]
fn the_last_reports_are_kept() {
	run(|| {
		appoint(Some(STEWARD));
		for _ in 0..MOST_REPORTS + 2 {
			assert_ok!(report(STEWARD));
			assert_ok!(Mandates::do_try_state());
		}
		let mut kept: Vec<_> = Reports::<Test>::iter_keys().collect();
		kept.sort_unstable();
		assert_eq!(kept, (2..MOST_REPORTS + 2).collect::<Vec<_>>());
	});
}

#[test]
fn numbers_end_without_a_panic() {
	run(|| {
		appoint(Some(STEWARD));
		NextReport::<Test>::put(u32::MAX);
		assert_noop!(report(STEWARD), Error::<Test>::Overflow);
		NextReport::<Test>::kill();
	});
}

#[test]
fn genesis_may_appoint_a_steward() {
	let config = GenesisConfig {
		scale: 1,
		steward: Some(STEWARD),
	};
	run_with(config, || {
		assert!(Mandates::may_spend());
		assert_ok!(report(STEWARD));
	});
}
