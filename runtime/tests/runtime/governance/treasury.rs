//! What is spent of the treasury, and what is not while its steward owes a report.

use crate::chain::state_of;
use frame_support::{assert_noop, assert_ok, dispatch::CallableCallFor};
use pallet_mandates::Origin;
use pallet_referenda::TracksInfo;
use smartchain_runtime::{
	configs::{
		governance::{Tracks, BIG_SPEND},
		parameters, TreasuryAccount,
	},
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, UNITS},
		governance::{BOUNTY_DELAY, REPORT_PERIOD},
		time::DAYS,
	},
	genesis, AccountId, Balances, Bounties, Mandates, Runtime, RuntimeCall, RuntimeOrigin, System, Treasury,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult};

/// The calls of bounties.
type OfBounties = CallableCallFor<Bounties, Runtime>;

fn eve() -> AccountId {
	Key::Eve.to_account_id()
}

/// A state whose treasury has money, in block 1.
fn run(test: impl FnOnce()) {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		System::set_block_number(1);
		let pot = TreasuryAccount::get();
		assert_eq!(
			Balances::free_balance(&pot),
			EXISTENTIAL_DEPOSIT,
			"it exists from the start"
		);
		let given = Balances::transfer_keep_alive(
			RuntimeOrigin::signed(Key::Ferdie.to_account_id()),
			pot.into(),
			100_000 * UNITS,
		);
		assert!(given.is_ok());
		test();
	});
}

fn spend(mandate: Origin, amount: u128) -> DispatchResult {
	Treasury::spend(mandate.into(), Box::new(()), amount, Box::new(eve()), None)
}

fn pay(index: u32) -> DispatchResult {
	Treasury::payout(RuntimeOrigin::signed(Key::Bob.to_account_id()), index)
}

fn appoint() {
	assert_ok!(Mandates::appoint(
		Origin::BigSpender.into(),
		Some(Key::Bob.to_account_id())
	));
}

#[test]
fn holders_spend_and_anybody_has_it_paid_out() {
	run(|| {
		appoint();
		let before = Balances::free_balance(eve());
		assert_ok!(spend(Origin::BigSpender, 5_000 * UNITS));
		assert_ok!(pay(0));
		assert_eq!(Balances::free_balance(eve()), before + 5_000 * UNITS);
		assert!(pay(0).is_err(), "once");
	});
}

/// Else its shares of fees, which are less than an account takes to exist, would be burned from then on.
#[test]
fn the_treasury_outlives_whatever_is_spent() {
	run(|| {
		appoint();
		let all = Balances::free_balance(TreasuryAccount::get());
		assert_ok!(spend(Origin::BigSpender, all));
		assert!(pay(0).is_err(), "its account would be gone");
		assert_ok!(spend(Origin::BigSpender, all - EXISTENTIAL_DEPOSIT));
		assert_ok!(pay(1));
		assert_eq!(Balances::free_balance(TreasuryAccount::get()), EXISTENTIAL_DEPOSIT);
	});
}

#[test]
fn little_is_spent_on_the_track_for_little() {
	run(|| {
		appoint();
		let most = parameters::small_spend();
		assert_ok!(spend(Origin::SmallSpender, most));
		assert_noop!(
			spend(Origin::SmallSpender, most + 1),
			pallet_treasury::Error::<Runtime>::InsufficientPermission
		);
		for mandate in [Origin::ParametersAdmin, Origin::Emergency] {
			assert_noop!(spend(mandate, 1), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn without_a_steward_nothing_is_spent() {
	run(|| {
		assert_noop!(spend(Origin::BigSpender, UNITS), DispatchError::BadOrigin);
		appoint();
		assert_ok!(spend(Origin::BigSpender, UNITS));
	});
}

#[test]
fn while_a_report_is_overdue_nothing_is_spent_and_nothing_paid_out() {
	run(|| {
		appoint();
		System::set_block_number(REPORT_PERIOD);
		assert_ok!(spend(Origin::BigSpender, UNITS));
		System::set_block_number(REPORT_PERIOD + 2);
		assert_noop!(spend(Origin::BigSpender, UNITS), DispatchError::BadOrigin);
		assert!(pay(0).is_err(), "what was approved waits");
		let uri = pallet_mandates::Uri::truncate_from(b"https://example.org/1".to_vec());
		let steward = RuntimeOrigin::signed(Key::Bob.to_account_id());
		assert_ok!(Mandates::report(steward, [1; 32].into(), uri));
		assert_ok!(pay(0));
		assert_ok!(spend(Origin::BigSpender, UNITS));
	});
}

#[test]
fn holders_take_back_what_was_not_paid_out() {
	run(|| {
		appoint();
		assert_ok!(spend(Origin::BigSpender, UNITS));
		assert_ok!(Treasury::void_spend(Origin::BigSpender.into(), 0));
		assert!(pay(0).is_err());
	});
}

fn approve(bounty_id: u32) -> RuntimeCall {
	OfBounties::approve_bounty { bounty_id }.into()
}

/// What becomes of calls in one referendum.
fn enact(mandate: Origin, calls: Vec<RuntimeCall>) -> DispatchResult {
	let batch = RuntimeCall::from(pallet_utility::Call::batch_all { calls });
	batch
		.dispatch(mandate.into())
		.map(|_| ())
		.map_err(|failure| failure.error)
}

/// Trudy puts many small bounties into one referendum of the smaller kind.
#[test]
fn trudy_spends_no_more_by_spending_often() {
	run(|| {
		appoint();
		let most = parameters::small_spend();
		for _ in 0..4 {
			let trudy = RuntimeOrigin::signed(eve());
			assert_ok!(Bounties::propose_bounty(trudy, most, b"work".to_vec()));
		}
		let both = || vec![approve(0), approve(1)];
		assert_eq!(enact(Origin::SmallSpender, both()), Err(DispatchError::BadOrigin));
		assert_ok!(enact(Origin::SmallSpender, vec![approve(0)]));
		assert_ok!(enact(Origin::SmallSpender, vec![approve(1)]));
		assert_ok!(enact(Origin::BigSpender, vec![approve(2), approve(3)]));
	});
}

/// A curator gives a bounty to itself. Whoever sees that within a day finds time to have it taken back, if most vote.
#[test]
fn holders_are_quicker_than_a_dishonest_curator() {
	run(|| {
		let track = Tracks::info(BIG_SPEND).expect("it is one");
		let least = track.prepare_period + track.confirm_period + track.min_enactment_period;
		assert!(DAYS + least < BOUNTY_DELAY, "{least} blocks at least");
	});
}

/// The way to spend that treasuries had before pays once a day, and looks at no report then: it is shut.
#[test]
fn nothing_is_paid_out_past_a_report() {
	run(|| {
		appoint();
		let spend = RuntimeCall::from(pallet_treasury::Call::spend_local {
			amount: UNITS,
			beneficiary: eve().into(),
		});
		let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
		assert_eq!(enact(Origin::BigSpender, vec![spend]), Err(filtered));
	});
}
