//! What an honest side signs and accepts.

use crate::workbench::{half, lock, locks, met, stake, CLOSED};
use channel_primitives::{
	accept, withdraw, Balance, Change, Claim, Dispute, DisputeError, Half, Hash, Lock, Locks, LocksError, Obligations,
	Outcome, Resync, Resyncs, Reveal, RuleError, Side, Sight, MAX_LOCKS, MAX_LOCK_TICKS,
};
use codec::{Decode, Encode};
use std::collections::BTreeSet;

const LOW: Side = Side::Low;

fn sight(low: Balance, theirs: Option<Half>) -> Sight {
	Sight {
		side: LOW,
		now: CLOSED,
		stake: stake(low, 50),
		theirs,
		resynced: 0,
		resumed: 0,
	}
}

fn signed(ours: &Obligations, changes: &[Change], sight: &Sight) -> (Obligations, Half) {
	ours.sign(changes, sight, [0; 32]).expect("by the rules")
}

fn refused(ours: &Obligations, changes: &[Change], sight: &Sight) -> RuleError {
	ours.sign(changes, sight, [0; 32]).expect_err("against the rules")
}

fn given(id: u64, amount: Balance) -> Change {
	Change::Lock(lock(LOW, id, amount))
}

#[test]
fn totals_add_up_and_nonces_rise() {
	let sight = sight(100, Some(half(7, 0, 5, &Locks::default())));
	let (ours, first) = signed(&Obligations::default(), &[Change::Pay(10), given(0, 20)], &sight);
	assert_eq!((first.nonce, first.ack), (1, 7));
	assert_eq!((first.transferred, first.locked), (10, 20));
	assert!(first.has(ours.locks()));
	let (ours, second) = signed(&ours, &[Change::Met { id: 0, amount: 20 }, given(1, 4)], &sight);
	assert_eq!((second.nonce, second.transferred, second.locked), (2, 30, 4));
	assert_eq!(ours.room(&sight), 100 + 5 - 30 - 4);
	let (ours, third) = signed(&ours, &[Change::Expired(1)], &sight);
	assert_eq!((third.nonce, third.transferred, third.locked), (3, 30, 0));
	assert_eq!(ours.claim(0), Ok((Claim::new(30, &Locks::default()), Locks::default())));
}

#[test]
fn no_more_is_owed_than_there_is() {
	let sight = sight(10, Some(half(1, 0, 5, &Locks::default())));
	let new = Obligations::default();
	assert_eq!(refused(&new, &[Change::Pay(16)], &sight), RuleError::NoRoom);
	assert_eq!(
		refused(&new, &[Change::Pay(10), given(0, 6)], &sight),
		RuleError::NoRoom
	);
	let (ours, _) = signed(&new, &[Change::Pay(10), given(0, 5)], &sight);
	assert_eq!(ours.room(&sight), 0);
	let most = [Change::Pay(Balance::MAX), Change::Pay(Balance::MAX)];
	assert_eq!(refused(&new, &most, &sight), RuleError::NoRoom);
}

#[test]
fn changes_that_make_no_sense_are_refused() {
	let sight = sight(100, None);
	let (ours, _) = signed(&Obligations::default(), &[given(3, 5)], &sight);
	assert_eq!(
		refused(&ours, &[Change::Met { id: 4, amount: 1 }], &sight),
		RuleError::NoSuchLock(4)
	);
	assert_eq!(
		refused(&ours, &[Change::Met { id: 3, amount: 6 }], &sight),
		RuleError::MoreThanLocked(3)
	);
	assert_eq!(refused(&ours, &[given(3, 5)], &sight), RuleError::LockReused(3));
	assert_eq!(refused(&ours, &[given(2, 5)], &sight), RuleError::LockReused(2));
	assert_eq!(
		refused(&ours, &[given(9, 0)], &sight),
		RuleError::Locks(LocksError::Nothing)
	);
	assert_eq!(ours.next_lock(), 4);
}

#[test]
fn a_side_has_a_bounded_number_of_locks() {
	let sight = sight(1_000, None);
	let most: Vec<Change> = (0..u64::from(MAX_LOCKS)).map(|id| given(id, 1)).collect();
	let (ours, _) = signed(&Obligations::default(), &most, &sight);
	let more = given(u64::from(MAX_LOCKS), 1);
	assert_eq!(refused(&ours, &[more], &sight), RuleError::Locks(LocksError::TooMany));
	// What was given up counts until it is acknowledged: a claim has no more locks either.
	let (ours, gone) = signed(&ours, &[Change::GivenUp(0)], &sight);
	assert_eq!(refused(&ours, &[more], &sight), RuleError::Locks(LocksError::TooMany));
	let mut acknowledged = sight;
	acknowledged.theirs = Some(half(1, gone.nonce, 0, &Locks::default()));
	let (ours, _) = signed(&ours, &[more], &acknowledged);
	assert_eq!(ours.locks().as_slice().len(), MAX_LOCKS as usize);
}

#[test]
fn what_is_given_up_is_claimed_until_it_is_acknowledged() {
	let sight = sight(10, None);
	let (ours, first) = signed(&Obligations::default(), &[given(0, 6)], &sight);
	let (ours, second) = signed(&ours, &[Change::GivenUp(0)], &sight);
	assert_eq!(second.locked, 0);
	let claimed = |acked| ours.claim(acked).expect("a list").0.locked;
	assert_eq!((claimed(0), claimed(first.nonce), claimed(second.nonce)), (6, 6, 0));
	assert_eq!(ours.room(&sight), 4, "its room is taken till then");
	assert_eq!(refused(&ours, &[Change::Pay(5)], &sight), RuleError::NoRoom);
	let mut acknowledged = sight;
	acknowledged.theirs = Some(half(1, second.nonce, 0, &Locks::default()));
	assert_eq!(ours.room(&acknowledged), 10);
	assert!(ours.sign(&[Change::Pay(10)], &acknowledged, [0; 32]).is_ok());
}

#[test]
fn no_lock_lasts_longer_than_it_counts_after_a_close() {
	let sight = sight(10, None);
	let (last, none) = (CLOSED + MAX_LOCK_TICKS, Locks::default());
	let until = |side, expiry| Lock {
		expiry,
		..lock(side, 1, 2)
	};
	let new = Obligations::default();
	assert!(new.sign(&[Change::Lock(until(LOW, last))], &sight, [0; 32]).is_ok());
	assert_eq!(
		refused(&new, &[Change::Lock(until(LOW, last + 1))], &sight),
		RuleError::LastsTooLong(1)
	);
	for (expiry, accepted) in [(last, Ok(())), (last + 1, Err(RuleError::LastsTooLong(1)))] {
		let list = locks(&[until(Side::High, expiry)]);
		let next = half(1, 0, 0, &list);
		assert_eq!(accept(&new, &sight, &none, &next, &list, &|_: &Lock| 0), accepted);
	}
}

#[test]
fn an_ack_never_falls() {
	let new = Obligations::default();
	let (ours, _) = signed(
		&new,
		&[Change::Pay(1)],
		&sight(10, Some(half(4, 0, 0, &Locks::default()))),
	);
	let older = sight(10, Some(half(3, 0, 0, &Locks::default())));
	assert_eq!(refused(&ours, &[Change::Pay(1)], &older), RuleError::Falls);
	assert_eq!(refused(&ours, &[Change::Pay(1)], &sight(10, None)), RuleError::Falls);
}

#[test]
fn obligations_are_stored_and_read() {
	let sight = sight(10, None);
	let (ours, _) = signed(&Obligations::default(), &[given(0, 6), given(1, 2)], &sight);
	let (ours, _) = signed(&ours, &[Change::GivenUp(0)], &sight);
	assert_eq!(Obligations::decode(&mut &ours.encode()[..]), Ok(ours));
}

/// A half of the partner, and whether a side that has signed once accepts it after `last`.
fn accepted(last: Option<(&Half, &Locks)>, next: &Half, list: &Locks, due: Balance) -> Result<(), RuleError> {
	let own = sight(10, None);
	let (ours, _) = signed(&Obligations::default(), &[Change::Pay(4)], &own);
	let none = Locks::default();
	let (theirs, known) = last.map_or((None, &none), |(half, known)| (Some(*half), known));
	accept(&ours, &Sight { theirs, ..own }, known, next, list, &|_: &Lock| due)
}

#[test]
fn only_halves_by_the_rules_are_accepted() {
	let none = Locks::default();
	let high = |id, amount| lock(Side::High, id, amount);
	let one = locks(&[high(1, 5)]);
	let last = half(3, 1, 10, &one);
	let after = |next: &Half, list: &Locks, due| accepted(Some((&last, &one)), next, list, due);
	assert_eq!(
		accepted(None, &half(1, 0, 54, &none), &none, 0),
		Ok(()),
		"50 put in, 4 received"
	);
	assert_eq!(accepted(None, &half(1, 0, 55, &none), &none, 0), Err(RuleError::NoRoom));
	assert_eq!(
		accepted(None, &half(1, 2, 1, &none), &none, 0),
		Err(RuleError::AckAhead)
	);
	assert_eq!(
		accepted(None, &half(1, 0, 1, &none), &one, 0),
		Err(RuleError::OtherLocks)
	);
	assert_eq!(after(&half(3, 1, 10, &one), &one, 0), Err(RuleError::Stale));
	assert_eq!(after(&half(4, 0, 10, &one), &one, 0), Err(RuleError::Falls));
	assert_eq!(after(&half(4, 1, 9, &one), &one, 0), Err(RuleError::Falls));
	assert_eq!(after(&half(4, 1, 10, &one), &one, 5), Ok(()));
	assert_eq!(after(&half(4, 1, 15, &none), &none, 5), Ok(()));
	assert_eq!(
		after(&half(4, 1, 14, &none), &none, 5),
		Err(RuleError::Unpaid { due: 5 })
	);
	assert_eq!(after(&half(4, 1, 10, &none), &none, 0), Ok(()), "given up, or expired");
	let other = locks(&[high(1, 4)]);
	assert_eq!(after(&half(4, 1, 11, &other), &other, 0), Err(RuleError::LockReused(1)));
}

#[test]
fn who_has_lost_its_data_goes_on_where_it_never_was() {
	let one = locks(&[lock(LOW, 6, 5)]);
	let shown = half(9, 2, 30, &one);
	let word = Resync {
		held: 9,
		resume: Resync::resume_at(4),
	};
	let ours = Obligations::restored(&shown, one.clone(), &word).expect("its list");
	assert_eq!(
		(ours.next_nonce(), ours.transferred(), ours.next_lock()),
		(4 << 32, 30, 7)
	);
	assert_eq!(
		Obligations::restored(&shown, Locks::default(), &word),
		Err(RuleError::OtherLocks)
	);
	for (held, resume) in [(8, word.resume), (10, word.resume), (9, 9), (9, 0)] {
		let wrong = Resync { held, resume };
		let restored = Obligations::restored(&shown, one.clone(), &wrong);
		assert_eq!(restored, Err(RuleError::NoNonce), "{wrong:?}");
	}
	let mut sight = sight(100, Some(half(2, 1, 0, &Locks::default())));
	sight.resynced = shown.nonce;
	assert_eq!(sight.acked(), 9);
	let (_, next) = signed(&ours, &[Change::Pay(1)], &sight);
	assert_eq!((next.nonce, next.transferred), (word.resume, 31));
}

/// Says that it has lost its data, has its partner sign that it goes on far away, and goes on where it was: what
/// it signs there is void by its partner's own word.
#[test]
fn nothing_is_accepted_below_where_the_partner_goes_on() {
	let none = Locks::default();
	let last = half(3, 0, 10, &none);
	assert_eq!(Resync::new(None, 0), None);
	assert_eq!(
		Resync::new(Some(&half(2 << 32, 0, 0, &none)), 2),
		None,
		"it waits a tick"
	);
	let word = Resync::new(Some(&last), 2).expect("above");
	assert_eq!((word.held, word.resume), (3, 2 << 32));
	assert!(!word.lost(3) && word.lost(4) && word.lost(word.resume - 1) && !word.lost(word.resume));
	let mut sight = sight(10, Some(last));
	sight.resumed = word.resume;
	let next = |nonce| {
		let half = half(nonce, 0, 11, &none);
		accept(&Obligations::default(), &sight, &none, &half, &none, &|_: &Lock| 0)
	};
	assert_eq!(next(4), Err(RuleError::Stale));
	assert_eq!(next(word.resume - 1), Err(RuleError::Stale));
	assert_eq!(next(word.resume), Ok(()));
}

#[test]
fn a_withdrawal_leaves_what_covers_all_that_was_signed() {
	let sight = sight(10, Some(half(1, 0, 5, &locks(&[lock(Side::High, 1, 4)]))));
	let (ours, _) = signed(&Obligations::default(), &[Change::Pay(6), given(0, 2)], &sight);
	// Of its own: 10 put in and 5 received, less 8.
	let own = |total| withdraw(&ours, &sight, LOW, total).map(|stake| stake.withdrawn.low);
	assert_eq!((own(7), own(8)), (Ok(7), Err(RuleError::NoRoom)));
	// Of its partner: 50 put in and 6 received, less 9.
	let other = |total| withdraw(&ours, &sight, Side::High, total).map(|stake| stake.withdrawn.high);
	assert_eq!((other(47), other(48)), (Ok(47), Err(RuleError::NoRoom)));
	assert_eq!(own(0), Err(RuleError::NoRoom), "no more than before");
	// What was given up is covered until it is acknowledged.
	let (ours, _) = signed(&ours, &[Change::GivenUp(0)], &sight);
	assert_eq!(withdraw(&ours, &sight, LOW, 8), Err(RuleError::NoRoom));
}

/// What a payer that rolls up a chain of hashes must not do: give out steps of it under a new lock while the half
/// with the old lock counts. Its payee meets the old condition further than the payer has paid, and the honest close
/// is worth less than an old half. The remedy is a new root, or to wait for the ack.
#[test]
fn a_chain_that_goes_on_before_the_ack_forfeits() {
	let (old_condition, new_condition): (Hash, Hash) = ([1; 32], [2; 32]);
	let chain = |id, amount, condition| Lock {
		condition,
		..lock(LOW, id, amount)
	};
	let stake = stake(100, 0);
	// Ten steps of 1; four are rolled up, and the other six go on under a lock of their own.
	let (old, new) = (
		locks(&[chain(0, 10, old_condition)]),
		locks(&[chain(1, 6, new_condition)]),
	);
	let (before, claim) = (half(1, 0, 0, &old), Claim::new(4, &new));
	// The payee has got step 9 of the old chain, which is step 5 of what goes on, and shows it for the old one alone.
	let reveal = |condition: &Hash| {
		(*condition == old_condition).then_some(Reveal {
			tick: CLOSED,
			value: 9,
			total: 10,
		})
	};
	let closing = crate::workbench::closing(LOW);
	let begin = |theirs| Dispute::begin(closing, &stake, claim, &new, theirs, Resyncs::default()).expect("covered");
	assert_eq!(
		begin(None).prove(&before, Some(&old), Some(&new), &reveal),
		Ok(Outcome::Forfeits)
	);
	// With the ack the old lock is void.
	let theirs = half(1, 2, 0, &Locks::default());
	assert_eq!(
		begin(Some(theirs)).prove(&before, Some(&old), Some(&new), &reveal),
		Err(DisputeError::NotAFraud)
	);
	// With a new root its payee has no step beyond the four that were paid.
	let honest = |condition: &Hash| reveal(condition).map(|reveal| Reveal { value: 4, ..reveal });
	assert_eq!(
		begin(None).prove(&before, Some(&old), Some(&new), &honest),
		Err(DisputeError::NotAFraud)
	);
}

#[test]
fn lists_of_locks_are_checked_when_they_are_made_and_decoded() {
	let one = |id, amount| lock(LOW, id, amount);
	assert_eq!(Locks::new(vec![one(1, 2), one(1, 3)]), Err(LocksError::OutOfOrder));
	assert_eq!(Locks::new(vec![one(1, 0)]), Err(LocksError::Nothing));
	assert_eq!(
		Locks::new(vec![one(1, Balance::MAX), one(2, 1)]),
		Err(LocksError::TooMuch)
	);
	let many: Vec<Lock> = (0..=u64::from(MAX_LOCKS)).map(|id| one(id, 1)).collect();
	assert_eq!(Locks::new(many.clone()), Err(LocksError::TooMany));
	let list = locks(&[one(2, 5), one(1, 3)]);
	assert_eq!((list.as_slice()[0].id, list.total()), (1, 8), "put in order");
	assert_eq!(list, Locks::decode(&mut &list.encode()[..]).expect("one"));
	for wrong in [
		vec![one(2, 5), one(1, 3)],
		vec![one(1, 5), one(1, 3)],
		vec![one(1, 0)],
		vec![one(1, Balance::MAX), one(2, 1)],
		many,
	] {
		assert!(Locks::decode(&mut &wrong.encode()[..]).is_err(), "{wrong:?}");
	}
	assert_eq!(
		list.claimed(CLOSED, &met(&BTreeSet::from([list.as_slice()[0].condition]))),
		3
	);
}
