//! Those who would be paid without holding, believed without having, or have others pay: what each gains.

use super::probes::{of_era, report, send};
use crate::{
	mock::*, AgainHead, AgainTail, Answered, Call, Challenges, Deals, Error, Offers, Place, Probes, QueueTail,
	TicketCount, MAX_AGAIN,
};
use frame_support::{assert_noop, assert_ok, weights::Weight, BoundedVec};
use pallet_traits::Bandwidth;
use sp_runtime::{testing::TestSignature, transaction_validity::InvalidTransaction, Perbill};
use storage_market_primitives::{Price, SlotId, Voucher, ERRANDS, MAX_CHALLENGES};
use storage_proof_primitives::{Answer, Confirmation, Opening};

fn bad_proof() -> Result<(), sp_runtime::transaction_validity::TransactionValidityError> {
	Err(InvalidTransaction::BadProof.into())
}

/// A challenge that nobody has answered yet.
fn open_challenge() -> (u32, Place) {
	while challenged().is_empty() {
		block();
	}
	(Now::get() + ANSWER, challenged()[0])
}

fn good_answer(until: u32, place: &Place) -> Answer {
	answer_of(&Challenges::<Test>::get(until).expect("open").moment, place)
}

fn send_answer(until: u32, answer: Answer) -> Result<(), sp_runtime::transaction_validity::TransactionValidityError> {
	apply(Call::answer {
		until,
		index: 0,
		answer,
	})
}

/// It keeps nothing: it has no pay, loses its collateral, and its slot is another's.
#[test]
fn deleter_is_paid_for_nothing_and_loses_its_collateral() {
	run(|| {
		offers(12);
		let id = active(4, 8, 100);
		let deleter = holders(id)[0].expect("held");
		let before = free(deleter.into());
		kill(deleter);
		blocks(400);
		assert!(!holders(id).contains(&Some(deleter)));
		// Its collateral had left its account, and nothing has come back.
		assert_eq!(free(deleter.into()), before);
	});
}

/// It shows a chunk that it has instead of the last one.
#[test]
fn truncator_does_not_confirm() {
	run(|| {
		offers(2);
		assert_ok!(opens(order(1, 2, 10)));
		blocks(10);
		commit(1, 2);
		let (slot, first) = drawn(1)[0];
		let Call::confirm {
			confirmation,
			signature,
			..
		} = confirmation(1, slot, first)
		else {
			panic!("a confirmation")
		};
		let truncated = Confirmation {
			last: opened(slot, 14),
			..confirmation
		};
		let call = Call::confirm {
			deal: 1,
			slot,
			confirmation: truncated,
			signature,
		};
		assert_eq!(apply(call), bad_proof());
	});
}

/// It shows other bytes, or other hashes.
#[test]
fn forger_answers_nothing() {
	run(|| {
		offers(2);
		active(1, 2, 100);
		kill(1);
		kill(2);
		let (until, place) = open_challenge();
		let [one, two] = good_answer(until, &place);
		let mut chunk = one.chunk().to_vec();
		chunk[0] ^= 1;
		let forged = Opening::of(chunk, one.path().to_vec()).expect("as long");
		assert_eq!(send_answer(until, [forged, two.clone()]), bad_proof());
		let mut path = two.path().to_vec();
		path.swap(0, 1);
		let forged = Opening::of(two.chunk().to_vec(), path).expect("as long");
		assert_eq!(send_answer(until, [one.clone(), forged]), bad_proof());
		assert_eq!(send_answer(until, [one, two]), Ok(()));
	});
}

/// It gives an old answer, or another slot's.
#[test]
fn replayer_has_no_answer_to_another_challenge() {
	run(|| {
		offers(2);
		active(1, 2, 100);
		kill(1);
		kill(2);
		let (until, place) = open_challenge();
		let other = Place {
			slot: 1 - place.slot,
			..place
		};
		assert_eq!(send_answer(until, good_answer(until, &other)), bad_proof());
		let old = good_answer(until, &place);
		assert_eq!(send_answer(until, old.clone()), Ok(()));
		assert_eq!(send_answer(until, old.clone()), Err(ahead()), "it counts once");
		blocks(ANSWER + 1);
		let (later, place) = open_challenge();
		let fresh = good_answer(later, &place);
		let again = send_answer(later, old.clone());
		// The same chunks are asked for again once in 256 times, and then the answer is the same.
		assert_eq!(again.is_ok(), fresh == old);
	});
}

/// Not caught here: whoever can fetch what it is asked for within the window is paid. See the primitives' README.
#[test]
fn rebuilder_is_paid_and_has_to_fetch_for_each_challenge() {
	run(|| {
		offers(2);
		active(1, 2, 100);
		kill(1);
		kill(2);
		let (until, place) = open_challenge();
		blocks(ANSWER);
		assert_eq!(Now::get(), until);
		assert_eq!(send_answer(until, good_answer(until, &place)), Ok(()));
	});
}

/// By the draw an owner has one slot of a deal, however many devices it has.
#[test]
fn one_owner_with_8_devices_has_one_slot() {
	run(|| {
		offers(12);
		// Eight of them are one account's.
		for number in 1..=8 {
			Offers::<Test>::mutate(device(number), |offer| {
				if let Some(offer) = offer {
					offer.owner = 1;
				}
			});
		}
		assert_ok!(opens(order(2, 5, 10)));
		blocks(25);
		let own = drawn(1).iter().filter(|(_, device)| device.0[0] <= 8).count();
		assert_eq!((own, drawn(1).len()), (1, 5));
		// Deposits are held of whoever made the offers.
		for number in 2..=8 {
			Offers::<Test>::mutate(device(number), |offer| {
				if let Some(offer) = offer {
					offer.owner = number.into();
				}
			});
		}
	});
}

/// It answers all audits and gives out nothing: three of its probers say so, and a twentieth of its pay is gone; so is
/// what it counts for, and where the least score is above that it is not drawn any more.
#[test]
fn never_server_has_no_score_and_less_pay() {
	run(|| {
		offers(6);
		for number in 1..=6 {
			assert_ok!(StorageMarket::offer_probes(origin(number.into()), device(number), true));
		}
		active(1, 6, 400);
		blocks(90);
		let never = device(6);
		for _ in 0..12 {
			for prober in of_era() {
				for errand in 0..ERRANDS {
					let Some(found) = report(prober, errand, Some(100)) else {
						continue;
					};
					let found = if found.device == never {
						report(prober, errand, None).expect("the same")
					} else {
						found
					};
					assert_eq!(send(found), Ok(()));
				}
			}
			blocks(40);
		}
		let offer = Offers::<Test>::get(never).expect("offers");
		assert_eq!((offer.score, StorageMarket::of(&never)), (Perbill::zero(), 0));
		let slot = crate::Places::<Test>::get(never, 1).expect("it holds one");
		let holding = Deals::<Test>::get(1).expect("there").slots[slot as usize]
			.holding
			.clone();
		let (earned, before) = (holding.expect("held").accrued.amount(), free(6));
		assert_ok!(StorageMarket::claim(
			origin(6),
			BoundedVec::truncate_from(vec![(1, slot)])
		));
		assert_eq!(free(6) - before, earned * 90 / 100);
	});
}

/// A root that is no hash of what was uploaded: no device that has hashed that signs for it.
#[test]
fn liar_owner_has_no_device_that_confirms() {
	run(|| {
		offers(2);
		let before = free(OWNER);
		assert_ok!(opens(order(1, 2, 10)));
		blocks(10);
		let lies = BoundedVec::truncate_from(vec![[7; 32], [8; 32]]);
		let twice = BoundedVec::truncate_from(vec![[7; 32], [7; 32]]);
		assert_noop!(
			StorageMarket::commit_roots(origin(OWNER), 1, twice),
			Error::<Test>::RootTwice
		);
		assert_ok!(StorageMarket::commit_roots(origin(OWNER), 1, lies));
		let (slot, first) = drawn(1)[0];
		// Whoever signs for its own bytes signs for another root.
		assert_eq!(confirm(1, slot, first), bad_proof());
		// Its devices are free again, and have lost nothing. It has lost what whoever gives up does.
		kill(1);
		kill(2);
		let escrow = Deals::<Test>::get(1).expect("there").escrow.amount();
		blocks(80);
		assert!(drawn(1).is_empty());
		assert_ok!(StorageMarket::close(origin(OWNER), 1));
		assert_eq!(
			(before - free(OWNER), free(1)),
			((escrow * 3).div_ceil(100), RICH - 1_000)
		);
	});
}

/// It sends what is none: nothing of it is let in, and the pool keeps one of a kind at a time.
#[test]
fn flooder_fills_no_pool() {
	run(|| {
		offers(2);
		active(1, 2, 100);
		kill(1);
		kill(2);
		let (until, place) = open_challenge();
		let [one, two] = good_answer(until, &place);
		for index in [1, 7, u32::MAX] {
			let answer = [one.clone(), two.clone()];
			let known = index < challenged().len() as u32;
			let refused = apply(Call::answer { until, index, answer });
			assert_eq!(refused, if known { bad_proof() } else { Err(ahead()) });
		}
		for until in [0, until + 1, u32::MAX] {
			let answer = [one.clone(), two.clone()];
			assert!(apply(Call::answer {
				until,
				index: 0,
				answer
			})
			.is_err());
		}
		let provides = |call: Call<Test>| {
			let call = RuntimeCall::from(call);
			let source = sp_runtime::transaction_validity::TransactionSource::External;
			pallet_testkit::validity(&call, source).expect("it counts").provides
		};
		let call = |answer| Call::answer {
			until,
			index: 0,
			answer,
		};
		let answer = [one, two];
		assert_eq!(provides(call(answer.clone())), provides(call(answer)));
	});
}

/// It takes up a repair and never confirms: it has nothing of it, and another one is drawn.
#[test]
fn vanisher_in_repair_is_passed_over() {
	run(|| {
		offers(4);
		let id = active(1, 2, 100);
		let held: Vec<u8> = holders(id).into_iter().flatten().collect();
		let idle: Vec<u8> = (1..=4).filter(|number| !held.contains(number)).collect();
		let before = free(idle[0].into());
		kill(held[0]);
		kill(idle[0]);
		blocks(1_500);
		let now = holders(id);
		assert!(now.contains(&Some(idle[1])) && now.contains(&Some(held[1])), "{now:?}");
		assert_eq!(free(idle[0].into()), before);
	});
}

/// It asks to be asked: by a moment that it does not know, and a miss is one.
#[test]
fn grinder_misses_what_it_asked_for() {
	run(|| {
		offers(2);
		let id = active(1, 2, 100);
		let grinder = holders(id)[0].expect("held");
		kill(grinder);
		while StorageMarket::prove_now(origin(grinder.into()), id, 0).is_err() {
			block();
		}
		blocks(2 * TURN + ANSWER + 1);
		let deal = Deals::<Test>::get(id).expect("there");
		let holding = deal.slots[0].holding.as_ref().expect("held");
		assert!(holding.misses > 0 && holding.suspect.is_some());
		assert!(holding.accrued.is_empty());
	});
}

/// It has one volume given out by two devices, and pays both out of what is there for one: each slot has its own.
#[test]
fn double_spender_has_nothing_to_spend_twice() {
	run(|| {
		offers(2);
		assert_ok!(StorageMarket::open_deal(
			origin(OWNER),
			order(1, 2, 100),
			false,
			100,
			None
		));
		blocks(10);
		commit(1, 2);
		block();
		let redeem = |slot: u32, total| {
			let holder = holders(1)[slot as usize].expect("held");
			let voucher = Voucher {
				at: SlotId::new(1, slot),
				device: device(holder),
				total,
			};
			let signature = TestSignature(OWNER, voucher.payload(&genesis()));
			StorageMarket::redeem(origin(1), voucher, signature)
		};
		assert_ok!(redeem(0, 100));
		assert_noop!(redeem(0, 100), Error::<Test>::NothingNew);
		assert_noop!(redeem(0, 101), Error::<Test>::AboveLimit);
		assert_ok!(redeem(1, 100));
		check();
	});
}

/// It chooses whom it probes by none of its own will.
#[test]
fn grinder_of_probes_looks_at_whom_it_has_to() {
	run(|| {
		offers(6);
		for number in 1..=6 {
			assert_ok!(StorageMarket::offer_probes(origin(number.into()), device(number), true));
		}
		active(1, 6, 100);
		blocks(90);
		let prober = of_era()[0];
		let targets: Vec<_> = (0..ERRANDS)
			.map(|errand| report(prober, errand, Some(1)).map(|report| report.device))
			.collect();
		let again: Vec<_> = (0..ERRANDS)
			.map(|errand| report(prober, errand, None).map(|report| report.device))
			.collect();
		assert_eq!(targets, again);
		assert!(Probes::<Test>::get().devices == 6);
	});
}

/// It is a director, knows a turn before what its own turn draws, and has tickets move until its own lie where that is.
#[test]
fn grinder_of_tickets_is_not_drawn_by_a_beacon_that_it_knows() {
	run(|| {
		offers(4);
		assert_eq!(Now::get() % TURN, 1, "the last tick of a turn");
		assert_ok!(opens(order(1, 4, 10)));
		blocks(TURN);
		// Its slots are drawn for in the next turn, by what its director knows now.
		assert!(drawn(1).is_empty());
		for number in 5..=8 {
			let (who, space) = (origin(number.into()), 1 << 40);
			assert_ok!(StorageMarket::set_offer(
				who,
				device(number),
				Price(1),
				Price(1),
				space,
				space
			));
		}
		blocks(TURN);
		assert!(!drawn(1).is_empty());
		assert!(drawn(1).iter().all(|(_, drawn)| drawn.0[0] <= 4), "{:?}", drawn(1));
		blocks(2 * TURN);
		assert_eq!(StorageMarket::drawable(), (TicketCount::<Test>::get(), 8));
	});
}

/// It says that it has room, and has proven less than a slot.
#[test]
fn boaster_is_not_drawn_for_what_it_never_proved() {
	run(|| {
		offers(2);
		Proven::set(16_383);
		assert_ok!(opens(order(1, 2, 10)));
		blocks(12);
		assert!(drawn(1).is_empty());
		Proven::set(16_384);
		blocks(12);
		assert_eq!(drawn(1).len(), 2);
	});
}

/// It is full, or has deleted its plots, and keeps its tickets: others' draws are as fair as without them.
#[test]
fn keeper_of_tickets_spoils_no_draw() {
	run(|| {
		offers(1);
		for number in 2..=6 {
			let who = origin(number.into());
			assert_ok!(StorageMarket::set_offer(
				who,
				device(number),
				Price(1),
				Price(1),
				16_384,
				16_384
			));
		}
		assert_eq!(TicketCount::<Test>::get(), 2 + 5);
		for number in 2..=6 {
			assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 1, 10), true, 0, None));
			assert_ok!(StorageMarket::choose(
				origin(OWNER),
				u64::from(number) - 1,
				0,
				device(number)
			));
		}
		assert_ok!(opens(order(1, 1, 10)));
		blocks(2 * TURN + 1);
		let drawn = Deals::<Test>::get(6).expect("there").slots[0].drawn.clone();
		assert!(drawn.is_some_and(|drawn| drawn.device == device(1) && drawn.counts));
	});
}

/// It keeps its answers back, and sends all of them at once: a block has no more of them than a tick asks for, and
/// others' wait in the pool meanwhile.
#[test]
fn hoarder_of_answers_has_a_tick_s_part_of_a_block() {
	run(|| {
		offers(2);
		active(1, 2, 100);
		kill(1);
		kill(2);
		let (until, place) = open_challenge();
		Answered::<Test>::put((System::block_number(), MAX_CHALLENGES));
		let full = Err(InvalidTransaction::ExhaustsResources.into());
		assert_eq!(send_answer(until, good_answer(until, &place)), full);
		block();
		assert_eq!(send_answer(until, good_answer(until, &place)), Ok(()));
		assert_eq!(Answered::<Test>::get(), (System::block_number(), 1));
	});
}

/// It leaves slots that nobody takes at its price, and has them wait again and again: in a queue of their own that has
/// a bound, so that others' deals find devices.
#[test]
fn freezer_of_the_queue_has_one_of_its_own() {
	run(|| {
		offers(2);
		let id = active(1, 2, 400);
		let leaves = holders(id)[0].expect("held");
		assert_ok!(StorageMarket::leave_slot(origin(leaves.into()), id, 0));
		let deal = || Deals::<Test>::get(id).expect("there");
		for _ in 0..200 {
			if deal().slots[0].stalled() {
				break;
			}
			block();
		}
		assert!(deal().slots[0].stalled(), "nobody else is there");
		let (tail, again) = (QueueTail::<Test>::get(), AgainTail::<Test>::get());
		AgainTail::<Test>::put(AgainHead::<Test>::get() + MAX_AGAIN);
		StorageMarket::wait_again(id, &deal(), Now::get());
		assert_eq!(AgainTail::<Test>::get(), AgainHead::<Test>::get() + MAX_AGAIN);
		AgainTail::<Test>::put(again);
		StorageMarket::wait_again(id, &deal(), Now::get());
		assert_eq!((AgainTail::<Test>::get(), QueueTail::<Test>::get()), (again + 1, tail));
		// It has one draw more, and then none until its deal has its turn again.
		let attempt = deal().slots[0].attempt;
		StorageMarket::retry_within(Weight::MAX);
		StorageMarket::place_within(Weight::MAX);
		assert_eq!(deal().slots[0].attempt, attempt + 1);
		assert_eq!((AgainHead::<Test>::get(), QueueTail::<Test>::get()), (again + 1, tail));
	});
}

/// Its offer asks for more than anybody pays: nobody has to take it.
#[test]
fn whoever_asks_too_much_is_not_drawn() {
	run(|| {
		offers(3);
		assert_ok!(StorageMarket::set_offer(
			origin(3),
			device(3),
			Price(1 << 25),
			Price(1),
			1 << 40,
			1 << 40
		));
		assert_ok!(opens(order(1, 2, 10)));
		blocks(10);
		assert!(drawn(1).iter().all(|(_, drawn)| *drawn != device(3)));
	});
}
