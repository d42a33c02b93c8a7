//! What leaves the treasury: a bounty from its proposal to whoever did the work, and a spend, to the planck.

use crate::{
	chain::Chain,
	governance::holders::{decide, send},
};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use pallet_bounties::{BountyStatus, Error};
use pallet_mandates::Origin;
use smartchain_runtime::{
	configs::{parameters, TreasuryAccount},
	constants::{
		currency::{deposit, EXISTENTIAL_DEPOSIT, MILLI, UNITS},
		governance::{BOUNTY_DELAY, SPEND_PERIOD, TEST_SCALE},
	},
	genesis, AccountId, Balance, Balances, BlockNumber, Bounties, Mandates, Runtime, RuntimeOrigin, System, Treasury,
};
use sp_keyring::Sr25519Keyring as Key;

/// What the treasury is given, above what it gets of fees.
const GIVEN: Balance = 100_000 * UNITS;
/// What the bounty is worth,
const VALUE: Balance = 800 * UNITS;
/// and what its curator gets of that.
const FEE: Balance = 80 * UNITS;
/// What there is to do.
const DESCRIPTION: &[u8] = b"Find a block that two nodes execute differently";

/// A chain with four directors, whose referenda take minutes, whose treasury has money, and Bob for its steward.
fn funded() -> Chain {
	let steward = Key::Bob.to_account_id();
	let mut chain = Chain::with_change(
		genesis::LOCAL,
		serde_json::json!({ "mandates": { "scale": TEST_SCALE, "steward": steward } }),
	);
	let give: pallet_balances::Call<Runtime> = pallet_balances::Call::transfer_keep_alive {
		dest: TreasuryAccount::get().into(),
		value: GIVEN,
	};
	chain.grow_well(|| vec![send(Key::AliceStash, give)]);
	chain
}

fn signed(who: Key) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

fn free(who: &AccountId) -> Balance {
	Balances::free_balance(who)
}

fn status() -> Option<BountyStatus<AccountId, BlockNumber>> {
	pallet_bounties::Bounties::<Runtime>::get(0).map(|bounty| bounty.get_status())
}

/// What the treasury does at the start of this block.
fn at(block: BlockNumber) {
	System::set_block_number(block);
	<Treasury as Hooks<BlockNumber>>::on_initialize(block);
}

fn report() {
	let uri = pallet_mandates::Uri::truncate_from(b"https://example.org/1".to_vec());
	assert_ok!(Mandates::report(signed(Key::Bob), [1; 32].into(), uri));
}

/// That the bounty is funded in the first spend period in which no report is overdue, and in no other.
fn assert_funded_in_time() {
	let (pot, purse) = (TreasuryAccount::get(), Bounties::bounty_account_id(0));
	let (held, issued) = (free(&pot), Balances::total_issuance());
	let left = Balances::reserved_balance(Key::Eve.to_account_id());
	assert_eq!(left, deposit(2, 300) + DESCRIPTION.len() as Balance * MILLI);
	at(SPEND_PERIOD - 1);
	assert_eq!(status(), Some(BountyStatus::Approved), "not before the period is over");
	at(SPEND_PERIOD);
	assert_eq!(status(), Some(BountyStatus::Approved), "the report is overdue");
	assert_eq!((free(&pot), free(&purse)), (held, 0));
	System::set_block_number(2 * SPEND_PERIOD - 1);
	report();
	at(2 * SPEND_PERIOD);
	assert_eq!(status(), Some(BountyStatus::Funded));
	assert_eq!((free(&pot), free(&purse)), (held - VALUE, VALUE));
	assert_eq!(Balances::total_issuance(), issued, "nothing was created for it");
	assert_eq!(
		Balances::reserved_balance(Key::Eve.to_account_id()),
		0,
		"the deposit is back"
	);
}

/// From a funded bounty to the payment of it: Charlie judges, Dave works.
fn assert_paid() {
	let [charlie, dave] = [Key::Charlie, Key::Dave].map(|key| key.to_account_id());
	let purse = Bounties::bounty_account_id(0);
	let before = (free(&charlie), Balances::reserved_balance(&charlie), free(&dave));
	assert_ok!(Bounties::propose_curator(
		Origin::SmallSpender.into(),
		0,
		charlie.clone().into(),
		FEE
	));
	assert_noop!(
		Bounties::accept_curator(signed(Key::Dave), 0),
		Error::<Runtime>::RequireCurator
	);
	assert_ok!(Bounties::accept_curator(signed(Key::Charlie), 0));
	// A half of the fee, for as long as it judges.
	assert_eq!(Balances::reserved_balance(&charlie), before.1 + FEE / 2);
	assert_noop!(
		Bounties::award_bounty(signed(Key::Dave), 0, dave.clone().into()),
		Error::<Runtime>::RequireCurator
	);
	assert_ok!(Bounties::award_bounty(signed(Key::Charlie), 0, dave.clone().into()));
	let awarded = System::block_number();
	System::set_block_number(awarded + BOUNTY_DELAY - 1);
	assert_noop!(
		Bounties::claim_bounty(signed(Key::Dave), 0),
		Error::<Runtime>::Premature
	);
	System::set_block_number(awarded + BOUNTY_DELAY);
	assert_ok!(Bounties::claim_bounty(signed(Key::Ferdie), 0));
	assert_eq!(
		(free(&charlie), Balances::reserved_balance(&charlie), free(&dave)),
		(before.0 + FEE, before.1, before.2 + VALUE - FEE)
	);
	assert_eq!((free(&purse), status()), (0, None));
	assert_noop!(
		Bounties::claim_bounty(signed(Key::Dave), 0),
		Error::<Runtime>::InvalidIndex
	);
}

#[test]
fn a_bounty_goes_from_its_proposal_to_whoever_did_the_work() {
	let mut chain = funded();
	let propose: pallet_bounties::Call<Runtime> = pallet_bounties::Call::propose_bounty {
		value: VALUE,
		description: DESCRIPTION.to_vec(),
	};
	chain.grow_well(|| vec![send(Key::Eve, propose)]);
	assert_eq!(chain.query(status), Some(BountyStatus::Proposed));
	let approve: pallet_bounties::Call<Runtime> = pallet_bounties::Call::approve_bounty { bounty_id: 0 };
	decide(&mut chain, Origin::SmallSpender, approve);
	assert_eq!(chain.query(status), Some(BountyStatus::Approved));
	chain.query(|| {
		let (held, issued) = (free(&TreasuryAccount::get()), Balances::total_issuance());
		assert!(held >= GIVEN);
		assert_funded_in_time();
		assert_paid();
		// The books: the treasury has the value of the bounty less, all else went from hand to hand, and what it has
		// votes for nobody.
		assert_eq!(free(&TreasuryAccount::get()), held - VALUE);
		assert_eq!(Balances::total_issuance(), issued);
		at(System::block_number() + 1);
		let idle = pallet_balances::InactiveIssuance::<Runtime>::get();
		assert_eq!((idle, Treasury::pot()), (held - VALUE - EXISTENTIAL_DEPOSIT, idle));
	});
}

#[test]
fn a_bounty_above_what_the_small_track_may_spend_is_not_approved_on_it() {
	let mut chain = funded();
	let value = chain.query(parameters::small_spend) + 1;
	let propose: pallet_bounties::Call<Runtime> = pallet_bounties::Call::propose_bounty {
		value,
		description: DESCRIPTION.to_vec(),
	};
	chain.grow_well(|| vec![send(Key::Eve, propose)]);
	chain.query(|| {
		let error = pallet_treasury::Error::<Runtime>::InsufficientPermission;
		assert_noop!(Bounties::approve_bounty(Origin::SmallSpender.into(), 0), error);
		assert_ok!(Bounties::approve_bounty(Origin::BigSpender.into(), 0));
	});
}

#[test]
fn what_holders_spend_leaves_the_treasury_once_and_to_the_planck() {
	let mut chain = funded();
	let eve = Key::Eve.to_account_id();
	let amount = chain.query(parameters::small_spend);
	let spend: pallet_treasury::Call<Runtime> = pallet_treasury::Call::spend {
		asset_kind: Box::new(()),
		amount,
		beneficiary: Box::new(eve.clone()),
		valid_from: None,
	};
	decide(&mut chain, Origin::SmallSpender, spend);
	let before = chain.query(|| free(&eve));
	let payout: pallet_treasury::Call<Runtime> = pallet_treasury::Call::payout { index: 0 };
	// In a block: fees come and go besides, though not of Eve's.
	chain.grow_well(|| vec![send(Key::Dave, payout)]);
	assert_eq!(chain.query(|| free(&eve)), before + amount);
	chain.query(|| {
		assert!(Treasury::payout(signed(Key::Dave), 0).is_err(), "once");
		assert_ok!(Treasury::check_status(signed(Key::Dave), 0));
		assert!(pallet_treasury::Spends::<Runtime>::get(0).is_none());
		// And without fees: what it gives is what it has less, and nothing is created.
		let (held, issued) = (free(&TreasuryAccount::get()), Balances::total_issuance());
		assert_ok!(Treasury::spend(
			Origin::SmallSpender.into(),
			Box::new(()),
			amount,
			Box::new(eve.clone()),
			None
		));
		assert_eq!(free(&TreasuryAccount::get()), held, "nobody has had it paid out yet");
		assert_ok!(Treasury::payout(signed(Key::Dave), 1));
		assert_eq!(
			(free(&TreasuryAccount::get()), free(&eve)),
			(held - amount, before + 2 * amount)
		);
		assert_eq!(Balances::total_issuance(), issued);
	});
}
