//! What holders decide by referenda, end to end, and what directors no longer do then.

use crate::{
	chain::{signed, state_of, Chain},
	governance::motions::carry,
};
use codec::Encode;
use frame_support::traits::{schedule::DispatchTime, Bounded, Get};
use issuance_primitives::Terms;
use pallet_conviction_voting::{AccountVote, Call as Voting, Conviction, Vote};
use pallet_mandates::Origin;
use pallet_referenda::{Call as Referendum, ReferendumInfo, ReferendumInfoFor};
use smartchain_runtime::{
	configs::{
		governance::{Enactments, PARAMETERS},
		parameters::{self, dynamic_params as keys, RuntimeParameters},
		IssuanceTerms,
	},
	constants::{
		currency::{MILLI, UNITS},
		fees::{AUTHOR_SHARE, BYTE_FEE},
		governance::TEST_SCALE,
		time::DAYS,
	},
	genesis, Mandates, OriginCaller, Referenda, Runtime, RuntimeCall, System, UncheckedExtrinsic,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{DispatchError, Perbill};

/// Who votes: together they have almost half of all STCI.
const HOLDERS: [Key; 6] = [Key::Alice, Key::Bob, Key::Charlie, Key::Dave, Key::Eve, Key::Ferdie];
/// What each of them votes with.
pub const STAKE: u128 = 900_000 * UNITS;
/// More blocks than any referendum here takes.
const LIMIT: u32 = 1_000;

/// A chain with four directors whose referenda take minutes.
pub fn quick() -> Chain {
	Chain::with_change(
		genesis::LOCAL,
		serde_json::json!({ "mandates": { "scale": TEST_SCALE } }),
	)
}

/// A transaction with the next nonce of its signer, of which a block has one.
pub fn send(who: Key, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	let nonce = System::account_nonce(who.to_account_id());
	signed(who, nonce, 0, call)
}

/// Puts a call to a referendum, with its deposit. Gives back its number.
pub fn ask(chain: &mut Chain, origin: impl Into<OriginCaller>, call: impl Into<RuntimeCall>) -> u32 {
	let index = chain.query(pallet_referenda::ReferendumCount::<Runtime>::get);
	let call: RuntimeCall = call.into();
	let submit: Referendum<Runtime> = Referendum::submit {
		proposal_origin: Box::new(origin.into()),
		proposal: Bounded::Inline(call.encode().try_into().expect("the call is short")),
		enactment_moment: DispatchTime::After(0),
	};
	chain.grow_well(|| vec![send(Key::Ferdie, submit)]);
	let deposit: Referendum<Runtime> = Referendum::place_decision_deposit { index };
	chain.grow_well(|| vec![send(Key::Ferdie, deposit)]);
	index
}

fn ballot(index: u32, aye: bool) -> Voting<Runtime> {
	Voting::vote {
		poll_index: index,
		vote: AccountVote::Standard {
			vote: Vote {
				aye,
				conviction: Conviction::Locked1x,
			},
			balance: STAKE,
		},
	}
}

/// All holders vote.
fn vote(chain: &mut Chain, index: u32, aye: bool) {
	chain.grow_well(|| HOLDERS.map(|who| send(who, ballot(index, aye))).to_vec());
}

fn is_ongoing(index: u32) -> bool {
	matches!(
		ReferendumInfoFor::<Runtime>::get(index),
		Some(ReferendumInfo::Ongoing(_))
	)
}

/// Grows until a referendum is over, and what it scheduled is done.
pub fn finish(chain: &mut Chain, index: u32) {
	let mut blocks = 0;
	while chain.query(|| is_ongoing(index)) || chain.query(|| pallet_scheduler::Lookup::<Runtime>::iter().count()) > 0 {
		chain.grow_well(Vec::new);
		blocks += 1;
		assert!(blocks < LIMIT, "a referendum takes minutes here");
	}
}

pub fn approved(chain: &mut Chain, index: u32) -> bool {
	chain.query(|| {
		matches!(
			ReferendumInfoFor::<Runtime>::get(index),
			Some(ReferendumInfo::Approved(..))
		)
	})
}

/// Has holders approve a call, and waits until it is done.
pub fn decide(chain: &mut Chain, origin: impl Into<OriginCaller>, call: impl Into<RuntimeCall>) {
	let index = ask(chain, origin, call);
	vote(chain, index, true);
	finish(chain, index);
	assert!(approved(chain, index));
}

fn author_share(value: Perbill) -> RuntimeCall {
	let key = keys::fees::AuthorShare;
	let key_value = RuntimeParameters::Fees(keys::fees::Parameters::AuthorShare(key, Some(value)));
	pallet_parameters::Call::set_parameter { key_value }.into()
}

pub fn byte_fee(value: u128) -> RuntimeCall {
	let key = keys::fees::ByteFee;
	let key_value = RuntimeParameters::Fees(keys::fees::Parameters::ByteFee(key, Some(value)));
	pallet_parameters::Call::set_parameter { key_value }.into()
}

fn price_of_work(value: u128) -> RuntimeCall {
	let key = keys::issuance::RateLow;
	let key_value = RuntimeParameters::Issuance(keys::issuance::Parameters::RateLow(key, Some(value)));
	pallet_parameters::Call::set_parameter { key_value }.into()
}

fn authorize() -> RuntimeCall {
	frame_system::Call::authorize_upgrade {
		code_hash: [7; 32].into(),
	}
	.into()
}

#[test]
fn holders_change_a_fee_and_a_price_by_vote() {
	let mut chain = quick();
	assert!(!chain.query(Mandates::holders_decide));
	let calls = vec![byte_fee(2 * BYTE_FEE), price_of_work(100 * MILLI)];
	decide(
		&mut chain,
		Origin::ParametersAdmin,
		pallet_utility::Call::batch_all { calls },
	);
	chain.query(|| {
		assert_eq!(parameters::byte_fee(), 2 * BYTE_FEE);
		assert_eq!(<IssuanceTerms as Get<Terms>>::get().curve.low, 100 * MILLI);
		assert!(Mandates::holders_decide());
	});
}

#[test]
fn what_holders_reject_is_not_done_and_takes_nothing_from_directors() {
	let mut chain = quick();
	let index = ask(&mut chain, Origin::ParametersAdmin, byte_fee(2 * BYTE_FEE));
	vote(&mut chain, index, false);
	finish(&mut chain, index);
	assert!(!approved(&mut chain, index));
	chain.query(|| {
		assert_eq!(parameters::byte_fee(), BYTE_FEE);
		assert!(!Mandates::holders_decide());
	});
}

#[test]
fn a_referendum_does_not_leave_the_bounds() {
	let mut chain = quick();
	decide(
		&mut chain,
		Origin::ParametersAdmin,
		author_share(Perbill::from_percent(51)),
	);
	assert_eq!(chain.query(parameters::author_share), AUTHOR_SHARE);
	// Root passes the filter: what it sets is brought back where it is read.
	decide(
		&mut chain,
		OriginCaller::system(frame_system::RawOrigin::Root),
		author_share(Perbill::from_percent(99)),
	);
	assert_eq!(chain.query(parameters::author_share), Perbill::from_percent(50));
}

#[test]
fn a_mandate_reaches_nothing_else() {
	let mut chain = quick();
	decide(&mut chain, Origin::SmallSpender, byte_fee(2 * BYTE_FEE));
	assert_eq!(chain.query(parameters::byte_fee), BYTE_FEE);
}

#[test]
fn directors_stand_in_for_holders_until_these_decide() {
	let mut chain = quick();
	assert_eq!(carry(&mut chain, 0, byte_fee(2 * BYTE_FEE)), Ok(()));
	assert_eq!(chain.query(parameters::byte_fee), 2 * BYTE_FEE);
	assert_eq!(carry(&mut chain, 1, authorize()), Ok(()));
	chain.prepare(Mandates::note_approval);
	let parameters = chain.query(pallet_candidates::Parameters::<Runtime>::get);
	let calls: [RuntimeCall; 3] = [
		byte_fee(3 * BYTE_FEE),
		authorize(),
		pallet_candidates::Call::set_parameters { parameters }.into(),
	];
	for (motion, call) in (2..).zip(calls) {
		assert_eq!(carry(&mut chain, motion, call), Err(DispatchError::BadOrigin));
	}
	let candidate = Key::Dave.to_account_id();
	let eliminate = pallet_candidates::Call::eliminate { candidate };
	assert_eq!(carry(&mut chain, 5, eliminate), Ok(()), "that stays theirs");
}

/// Directors that authorize a runtime on the eve and keep it back have nothing to apply afterwards.
#[test]
fn what_directors_authorized_ends_with_their_stand_in() {
	let mut chain = quick();
	assert_eq!(carry(&mut chain, 0, authorize()), Ok(()));
	assert!(chain.query(System::authorized_upgrade).is_some());
	decide(&mut chain, Origin::ParametersAdmin, byte_fee(2 * BYTE_FEE));
	assert!(chain.query(System::authorized_upgrade).is_none());
	// What holders authorize stays, whatever they approve besides.
	let root = || OriginCaller::system(frame_system::RawOrigin::Root);
	decide(&mut chain, root(), authorize());
	decide(&mut chain, Origin::ParametersAdmin, byte_fee(3 * BYTE_FEE));
	assert!(chain.query(System::authorized_upgrade).is_some());
}

#[test]
fn holders_decide_though_the_agenda_has_no_room_for_what_they_approved() {
	use frame_support::traits::schedule::v3::Named;
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		System::set_block_number(9);
		let call = Bounded::Inline(authorize().encode().try_into().expect("the call is short"));
		let origin = Origin::ParametersAdmin.into();
		// A block that is over has as little room as a full one.
		let refused = <Enactments as Named<_, _, OriginCaller>>::schedule_named(
			[1; 32],
			DispatchTime::At(5),
			None,
			63,
			origin,
			call,
		);
		assert!(refused.is_err());
		assert!(Mandates::holders_decide());
	});
}

#[test]
fn who_delegates_lends_its_vote_and_may_take_it_back() {
	let mut chain = quick();
	let index = ask(&mut chain, Origin::ParametersAdmin, byte_fee(2 * BYTE_FEE));
	let delegate: Voting<Runtime> = Voting::delegate {
		class: PARAMETERS,
		to: Key::Alice.to_account_id().into(),
		conviction: Conviction::Locked1x,
		balance: STAKE,
	};
	chain.grow_well(|| vec![send(Key::Bob, delegate), send(Key::Alice, ballot(index, true))]);
	let ayes = |chain: &mut Chain| {
		chain.query(|| {
			let (tally, _) = <Referenda as frame_support::traits::Polling<_>>::as_ongoing(index).expect("it is open");
			tally.ayes
		})
	};
	assert_eq!(ayes(&mut chain), 2 * STAKE);
	let undelegate: Voting<Runtime> = Voting::undelegate { class: PARAMETERS };
	chain.grow_well(|| vec![send(Key::Bob, undelegate)]);
	assert_eq!(ayes(&mut chain), STAKE);
}

#[test]
fn in_an_emergency_it_takes_directors_and_holders() {
	let act = || pallet_mandates::Call::act {
		call: Box::new(authorize()),
	};
	let mut chain = quick();
	decide(&mut chain, Origin::Emergency, act());
	assert!(
		chain.query(System::authorized_upgrade).is_none(),
		"directors did not vouch for it"
	);
	let sponsor = pallet_mandates::Call::sponsor {
		call_hash: sp_io::hashing::blake2_256(&authorize().encode()).into(),
	};
	assert_eq!(carry_late(&mut chain, 0, sponsor), Ok(()));
	assert!(
		chain.query(System::authorized_upgrade).is_none(),
		"directors alone do nothing"
	);
	decide(&mut chain, Origin::Emergency, act());
	assert!(chain.query(System::authorized_upgrade).is_some());
}

/// Mallory has the deposits for several emergencies that are none, and takes the room of one that is. Each of his is
/// decided for a day.
#[test]
fn mallory_holds_up_no_emergency() {
	let mut chain = quick();
	let act = || pallet_mandates::Call::act {
		call: Box::new(authorize()),
	};
	for _ in 0..8 {
		ask(&mut chain, Origin::Emergency, act());
	}
	let begin = chain.query(System::block_number);
	let index = ask(&mut chain, Origin::Emergency, act());
	vote(&mut chain, index, true);
	let mut now = begin;
	while chain.query(|| is_ongoing(index)) {
		chain.grow_well(Vec::new);
		now += 1;
		assert!(now - begin < DAYS / TEST_SCALE / 2, "half a day, and it is not decided");
	}
	assert!(approved(&mut chain, index));
}

/// Hoarder has the deposits for nine referenda that nobody carries, each decided for two weeks, and takes the room of
/// an upgrade.
#[test]
fn hoarder_holds_up_no_upgrade() {
	let mut chain = quick();
	let root = || OriginCaller::system(frame_system::RawOrigin::Root);
	for _ in 0..9 {
		ask(&mut chain, root(), authorize());
	}
	let index = ask(&mut chain, root(), authorize());
	vote(&mut chain, index, true);
	let begin = chain.query(System::block_number);
	while chain.query(|| is_ongoing(index)) {
		chain.grow_well(Vec::new);
		let waited = chain.query(System::block_number) - begin;
		assert!(waited < 7 * DAYS / TEST_SCALE, "a week, and it is not decided");
	}
	assert!(approved(&mut chain, index));
}

/// As [`carry`], of directors that have sent other transactions before.
fn carry_late(chain: &mut Chain, motion: u32, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
	let call = Box::new(call.into());
	let aye = || pallet_motions::Call::vote { motion, aye: true };
	chain.grow_well(|| vec![send(Key::Alice, pallet_motions::Call::propose { call })]);
	chain.grow_well(|| vec![send(Key::Bob, aye())]);
	chain.grow_well(|| vec![send(Key::Charlie, aye())]);
	crate::governance::motions::carried(chain).expect("three of four")
}
