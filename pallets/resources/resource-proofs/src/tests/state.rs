//! What the check of state sees: without it no other test would show these.

use super::wins::compute::next_window;
use crate::{
	mock::*, Announcements, Candidates, Claimed, Entries, HoldReason, Link, NextWindow, Parameters, Parts, Rounds,
	Struck, WaitingFor, Windows,
};
use frame_support::{assert_ok, traits::fungible::hold::Mutate};
use proof_lottery_primitives::{Credit, Resource, SegmentWin};

const CANDIDATE: AccountId = 5;

fn sees(what: &'static str) {
	assert_eq!(Proofs::do_try_state(), Err(what.into()));
}

#[test]
fn a_hold_that_outlives_its_device_is_seen() {
	genesis().execute_with(|| {
		device(1, Claimed::Uptime);
		assert_ok!(Balances::hold(&HoldReason::Lottery.into(), &4, 7));
		sees("what is held are the deposits");
	});
}

/// A device that is linked from the next era on, with some space.
fn linked() {
	device(1, Claimed::Uptime);
	assert_ok!(Proofs::offer_link(origin(1), id(1), CANDIDATE));
	assert_ok!(Proofs::accept_link(origin(CANDIDATE), id(1)));
	change_link(|link| {
		let parts = Parts {
			space: Credit(1 << 50),
			..Default::default()
		};
		Proofs::count_link(link, parts, &Parameters::<Test>::get());
	});
	check();
}

fn change_link(change: impl FnOnce(&mut Link<AccountId>)) {
	let mut entry = Entries::<Test>::get(id(1)).expect("is in a lottery");
	change(entry.link.as_mut().expect("is linked"));
	Entries::<Test>::insert(id(1), entry);
}

#[test]
fn parts_that_are_mixed_up_are_seen() {
	let part = "each part of a candidate's sum is that of its devices";
	genesis().execute_with(|| {
		linked();
		let right = Candidates::<Test>::get(CANDIDATE).expect("has a device");
		let mut wrong = right;
		core::mem::swap(&mut wrong.coming.space, &mut wrong.coming.compute);
		Candidates::<Test>::insert(CANDIDATE, wrong);
		sees(part);
		// It counts from the next era on, and not before.
		let mut wrong = right;
		core::mem::swap(&mut wrong.coming, &mut wrong.counting);
		Candidates::<Test>::insert(CANDIDATE, wrong);
		sees(part);
		Candidates::<Test>::insert(CANDIDATE, right);
		check();
	});
}

#[test]
fn what_is_of_a_slot_to_come_is_seen() {
	genesis().execute_with(|| {
		linked();
		change_link(|link| link.counted_at += 1);
		sees("no link is counted in a slot to come");
		change_link(|link| link.counted_at -= 1);
		next_window(slot());
		check();
		let latest = NextWindow::<Test>::get() - 1;
		let window = Windows::<Test>::get(latest).expect("is the latest");
		let mut wrong = window.clone();
		wrong.round.opened = slot() + 1;
		Windows::<Test>::insert(latest, wrong);
		sees("no window was opened in a slot to come");
		Windows::<Test>::insert(latest, window);
		let mut wrong = round(Resource::Space);
		wrong.opened = slot() + 1;
		Rounds::<Test>::insert(Resource::Space, wrong);
		sees("no round was opened in a slot to come");
	});
}

#[test]
fn only_who_is_struck_waits_without_an_entry() {
	genesis().execute_with(|| {
		next_window(slot());
		let window = NextWindow::<Test>::get() - 1;
		Windows::<Test>::mutate(window, |window| window.as_mut().expect("is the latest").pending = 1);
		let place = WaitingFor::<Test>::get().next;
		let win = SegmentWin {
			device: id(7).0,
			window,
			segment: 0,
		};
		Announcements::<Test>::insert(place, win);
		WaitingFor::<Test>::mutate(|waiting| waiting.end = place + 1);
		sees("only who is struck has places in the queue and no entry");
		Struck::<Test>::insert(id(7), 1);
		check();
	});
}
