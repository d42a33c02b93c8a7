//! What a vote weighs and locks: for the time of its conviction if its side won, and no longer than the vote if not.

use crate::{
	chain::Chain,
	governance::holders::{approved, ask, byte_fee, finish, quick, send, STAKE},
};
use frame_support::{assert_ok, traits::Polling};
use pallet_conviction_voting::{AccountVote, Call as Voting, Conviction, Vote};
use pallet_mandates::Origin;
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};
use smartchain_runtime::{
	configs::{governance::PARAMETERS, parameters},
	constants::{currency::UNITS, fees::BYTE_FEE, governance::VOTE_LOCKING},
	Balances, BlockNumber, ConvictionVoting, Referenda, Runtime, RuntimeOrigin, System,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{DispatchError, DispatchResult, TokenError};

/// More than a vote with [`STAKE`] leaves free of what each of these accounts has,
const MUCH: u128 = 200_000 * UNITS;
/// and less than that.
const LITTLE: u128 = 50_000 * UNITS;
/// What is locked does not move.
const LOCKED: DispatchResult = Err(DispatchError::Token(TokenError::Frozen));

/// Has each of these vote on the referendum, all in one block.
fn cast(chain: &mut Chain, index: u32, votes: &[(Key, bool, Conviction)]) {
	let ballot = |aye, conviction| -> Voting<Runtime> {
		Voting::vote {
			poll_index: index,
			vote: AccountVote::Standard {
				vote: Vote { aye, conviction },
				balance: STAKE,
			},
		}
	};
	chain.grow_well(|| {
		let signed = votes
			.iter()
			.map(|(who, aye, conviction)| send(*who, ballot(*aye, *conviction)));
		signed.collect()
	});
}

/// Ayes and nays, weighed, and support.
fn tally(chain: &mut Chain, index: u32) -> (u128, u128, u128) {
	chain.query(|| {
		let (tally, _) = <Referenda as Polling<_>>::as_ongoing(index).expect("it is open");
		(tally.ayes, tally.nays, tally.support)
	})
}

/// Tries to send so much, in a block of its own.
fn pay(chain: &mut Chain, who: Key, value: u128) -> DispatchResult {
	let dest = Key::FerdieStash.to_account_id().into();
	let transfer: pallet_balances::Call<Runtime> = pallet_balances::Call::transfer_keep_alive { dest, value };
	let mut results = chain.grow(|| vec![send(who, transfer)]);
	results.pop().expect("one result").expect("it is valid")
}

/// Takes the vote back after the end, and unlocks what it no longer locks.
fn release(chain: &mut Chain, who: Key, index: u32) {
	let remove: Voting<Runtime> = Voting::remove_vote {
		class: Some(PARAMETERS),
		index,
	};
	chain.grow_well(|| vec![send(who, remove)]);
	let unlock: Voting<Runtime> = Voting::unlock {
		class: PARAMETERS,
		target: who.to_account_id().into(),
	};
	chain.grow_well(|| vec![send(who, unlock)]);
}

/// The block in which holders approved the referendum.
fn end_of(chain: &mut Chain, index: u32) -> BlockNumber {
	chain.query(|| match ReferendumInfoFor::<Runtime>::get(index) {
		Some(ReferendumInfo::Approved(end, ..)) => end,
		other => panic!("not approved: {other:?}"),
	})
}

/// That what an account has is locked until this block, far from now, and then until somebody unlocks it.
fn assert_locked_until(chain: &mut Chain, who: Key, until: BlockNumber) {
	let pay = |value| {
		let dest = Key::FerdieStash.to_account_id().into();
		Balances::transfer_keep_alive(RuntimeOrigin::signed(who.to_account_id()), dest, value)
	};
	let unlock = || {
		let anybody = RuntimeOrigin::signed(Key::One.to_account_id());
		ConvictionVoting::unlock(anybody, PARAMETERS, who.to_account_id().into())
	};
	chain.query(|| {
		assert!(System::block_number() < until);
		System::set_block_number(until - 1);
		assert_ok!(unlock());
		assert_eq!(pay(MUCH), LOCKED, "a block too early");
		System::set_block_number(until);
		assert_eq!(pay(MUCH), LOCKED, "nobody has unlocked it");
		assert_ok!(unlock());
		assert_ok!(pay(MUCH));
	});
}

#[test]
fn who_won_is_locked_for_its_conviction_and_who_lost_is_free_at_once() {
	let mut chain = quick();
	let index = ask(&mut chain, Origin::ParametersAdmin, byte_fee(2 * BYTE_FEE));
	cast(
		&mut chain,
		index,
		&[
			(Key::Alice, true, Conviction::Locked1x),
			(Key::Bob, true, Conviction::Locked1x),
			(Key::Charlie, true, Conviction::Locked1x),
			(Key::Dave, true, Conviction::None),
			(Key::Eve, true, Conviction::Locked2x),
			(Key::Ferdie, false, Conviction::Locked2x),
		],
	);
	let ayes = (3 + 2) * STAKE + STAKE / 10;
	assert_eq!(tally(&mut chain, index), (ayes, 2 * STAKE, 5 * STAKE));
	for who in [Key::Eve, Key::Ferdie, Key::Dave] {
		assert_eq!(pay(&mut chain, who, MUCH), LOCKED, "{who:?}, as long as it votes");
	}
	assert_eq!(pay(&mut chain, Key::Eve, LITTLE), Ok(()), "the rest is free");

	finish(&mut chain, index);
	assert!(approved(&mut chain, index));
	assert_eq!(chain.query(parameters::byte_fee), 2 * BYTE_FEE);
	let end = end_of(&mut chain, index);
	for who in [Key::Ferdie, Key::Dave] {
		assert_eq!(pay(&mut chain, who, MUCH), LOCKED, "{who:?} has not taken it back yet");
		release(&mut chain, who, index);
		assert_eq!(pay(&mut chain, who, MUCH), Ok(()), "{who:?} lost, or locked nothing");
	}
	release(&mut chain, Key::Eve, index);
	release(&mut chain, Key::Alice, index);
	assert_eq!(pay(&mut chain, Key::Eve, MUCH), LOCKED, "it won");
	// The shorter conviction ends first.
	assert_locked_until(&mut chain, Key::Alice, end + VOTE_LOCKING);
	assert_locked_until(&mut chain, Key::Eve, end + 2 * VOTE_LOCKING);
}

#[test]
fn what_is_delegated_decides_and_stays_locked_for_its_time() {
	let mut chain = quick();
	let index = ask(&mut chain, Origin::ParametersAdmin, byte_fee(2 * BYTE_FEE));
	let delegate: Voting<Runtime> = Voting::delegate {
		class: PARAMETERS,
		to: Key::Alice.to_account_id().into(),
		conviction: Conviction::Locked3x,
		balance: STAKE,
	};
	chain.grow_well(|| vec![send(Key::Bob, delegate)]);
	let votes = [
		(Key::Alice, true, Conviction::Locked1x),
		(Key::Charlie, false, Conviction::Locked2x),
	];
	cast(&mut chain, index, &votes);
	// Without Bob's there were twice as many nays as ayes.
	assert_eq!(tally(&mut chain, index), ((1 + 3) * STAKE, 2 * STAKE, 2 * STAKE));
	assert_eq!(pay(&mut chain, Key::Bob, MUCH), LOCKED);
	finish(&mut chain, index);
	assert!(approved(&mut chain, index), "by what was delegated");

	let undelegate: Voting<Runtime> = Voting::undelegate { class: PARAMETERS };
	chain.grow_well(|| vec![send(Key::Bob, undelegate)]);
	let since = chain.query(System::block_number);
	assert_locked_until(&mut chain, Key::Bob, since + 4 * VOTE_LOCKING);
}
