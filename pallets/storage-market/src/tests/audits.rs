//! Who is asked, when, and what an answer or a miss does.

use crate::{mock::*, ActiveCount, AuditPeriod, AuditsWaiting, Call, Challenges, Error, Event, Place};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;
use std::collections::BTreeMap;
use storage_market_primitives::{SlotAt, Tick};

/// The next challenges, of devices of which none answers by itself.
fn next_challenge() -> Place {
	while challenged().is_empty() {
		block();
	}
	challenged()[0]
}

fn answer(until: Tick, index: u32, place: &Place) -> Call<Test> {
	let moment = Challenges::<Test>::get(until).expect("open").moment;
	let answer = answer_of(&moment, place);
	Call::answer { until, index, answer }
}

#[test]
fn an_answer_counts_once_and_in_time() {
	run(|| {
		offers(2);
		active(1, 2, 100);
		kill(1);
		kill(2);
		let place = next_challenge();
		let until = Now::get() + ANSWER;
		assert_eq!(apply(answer(until, 0, &place)), Ok(()));
		assert!(happened(&Event::ChallengeAnswered(
			place.deal,
			place.slot,
			place.device,
			earned(&place)
		)));
		assert_eq!(
			apply(answer(until, 0, &place)),
			Err(ahead()),
			"there is none that is open"
		);
		assert_eq!(apply(answer(until, 60, &place)), Err(ahead()));
		let late = answer(until, 0, &place);
		Now::set(until + 1);
		let stale = sp_runtime::transaction_validity::InvalidTransaction::Stale;
		assert_eq!(apply(late), Err(stale.into()));
		Now::set(until);
	});
}

/// What a device has earned for a slot and not claimed.
fn earned(place: &Place) -> u128 {
	let deal = crate::Deals::<Test>::get(place.deal).expect("there");
	let holding = deal.slots[place.slot as usize].holding.as_ref().expect("held");
	holding.accrued.amount()
}

#[test]
fn each_slot_is_asked_once_in_each_period() {
	run(|| {
		offers(12);
		active(4, 8, 100);
		// The period in which the deal has begun ends.
		let ends = AuditPeriod::<Test>::get().ends;
		while Now::get() + 1 < ends {
			block();
		}
		for _ in 0..5 {
			let mut times = BTreeMap::<SlotAt, Vec<Tick>>::new();
			for _ in 0..40 {
				block();
				for place in challenged() {
					times.entry(place.slot).or_default().push(Now::get());
				}
			}
			assert_eq!(times.len(), 8);
			assert!(times.values().all(|times| times.len() == 1), "{times:?}");
			assert_eq!(AuditsWaiting::<Test>::get(), 0);
		}
	});
}

#[test]
fn a_slot_that_comes_is_asked_and_one_that_goes_is_not() {
	run(|| {
		offers(12);
		let first = active(4, 8, 100);
		blocks(23);
		let second = active(1, 2, 100);
		assert_eq!(ActiveCount::<Test>::get(), 10);
		blocks(17);
		assert_ok!(StorageMarket::end_deal(origin(OWNER), first));
		assert_eq!(ActiveCount::<Test>::get(), 2);
		for _ in 0..80 {
			block();
			assert!(challenged().iter().all(|place| place.deal == second));
		}
	});
}

/// Leaver wants to leave at a price at which nobody follows: what it holds is as sound as any, and takes no more of
/// what audits have than that does, so that suspects are asked who want to clear themselves.
#[test]
fn leaver_is_asked_as_often_as_anybody() {
	run(|| {
		offers(2);
		let id = active(1, 2, 100);
		for slot in 0..2 {
			let holder = holders(id)[slot as usize].expect("held");
			assert_ok!(StorageMarket::leave_slot(origin(holder.into()), id, slot));
		}
		let ends = AuditPeriod::<Test>::get().ends;
		while Now::get() + 1 < ends {
			block();
		}
		for _ in 0..3 {
			let mut times = BTreeMap::<SlotAt, u32>::new();
			for _ in 0..40 {
				block();
				for place in challenged() {
					*times.entry(place.slot).or_default() += 1;
				}
			}
			assert_eq!(times, BTreeMap::from([(0, 1), (1, 1)]));
		}
	});
}

/// Nobody has two open challenges of one slot, also where its deal is strained and it wants to be asked.
#[test]
fn a_slot_has_one_open_challenge_at_most() {
	run(|| {
		offers(8);
		let id = active(1, 4, 100);
		kill(holders(id)[0].expect("held"));
		for _ in 0..200 {
			block();
			let now = Now::get();
			let held = holders(id);
			if let Some(holder) = held[1] {
				// Refused if it is asked already.
				let _ = StorageMarket::prove_now(origin(holder.into()), id, 1);
			}
			let mut open = BTreeMap::<(u64, SlotAt), u32>::new();
			for until in now..=now + ANSWER {
				for challenge in Challenges::<Test>::get(until)
					.into_iter()
					.flat_map(|batch| batch.challenges)
				{
					*open.entry((challenge.place.deal, challenge.place.slot)).or_default() += 1;
				}
			}
			assert!(open.values().all(|count| *count == 1), "{open:?}");
		}
	});
}

#[test]
fn who_wants_to_be_asked_is_two_turns_later() {
	run(|| {
		offers(2);
		let id = active(1, 2, 100);
		let holder = holders(id)[0].expect("held");
		let want = |who: u64| StorageMarket::prove_now(origin(who), id, 0);
		while challenged().iter().any(|place| place.slot == 0) {
			block();
		}
		blocks(ANSWER + 1);
		assert_noop!(want(3 - u64::from(holder)), Error::<Test>::NotYours);
		match want(holder.into()) {
			// By chance it was asked just now.
			Err(error) => assert_eq!(error, DispatchError::from(Error::<Test>::AlreadyAsked)),
			Ok(()) => {
				let at = Now::get() + 2 * TURN;
				assert!(happened(&Event::ProofWanted(id, 0, at)));
				assert_noop!(want(holder.into()), Error::<Test>::AlreadyAsked);
				blocks(2 * TURN);
				let batches = (Now::get()..=at + ANSWER).filter_map(|until| Challenges::<Test>::get(until));
				let mut asked = batches
					.flat_map(|batch| batch.challenges)
					.map(|challenge| challenge.place.slot);
				assert!(asked.any(|slot| slot == 0));
			}
		}
	});
}

/// The last stretch is asked for in the time of grace, and whoever has it is paid to the end.
#[test]
fn the_last_stretch_is_proven_after_the_end() {
	run(|| {
		offers(2);
		let id = active(1, 2, 3);
		let ends = crate::Deals::<Test>::get(id).expect("there").ends;
		blocks(45 + 120);
		let deal = crate::Deals::<Test>::get(id).expect("there");
		for slot in &deal.slots {
			let holding = slot.holding.as_ref().expect("held");
			assert_eq!((holding.proven_to, holding.misses), (ends, 0));
			// 256 planck an era.
			assert_eq!(holding.accrued.amount(), 3 * 256);
		}
		assert_eq!(ActiveCount::<Test>::get(), 0);
	});
}
