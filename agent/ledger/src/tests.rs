//! What must hold of the book, whatever a node says.

use super::*;
use smartchain_rng::Rng;
use std::collections::BTreeSet;

const GENESIS: [u8; 32] = [1; 32];
const OWNER: [u8; 32] = [2; 32];
const STCI: u128 = 1_000_000_000_000;
const NOON: u64 = 1_800_000_000;

fn plots(amount: u128) -> Amounts {
	let mut amounts = Amounts::default();
	amounts[1] = amount;
	amounts
}

/// What a node says at a block of an era: these eras bring an STCI each.
fn view(block: u32, era: u32, claimable: &[u32]) -> View {
	View {
		account: OWNER,
		block,
		made: NOON,
		era,
		expiry: Some(USUAL_EXPIRY),
		claimable: claimable.iter().map(|era| (*era, plots(STCI))).collect(),
		closed: Vec::new(),
		now: NOON,
	}
}

fn book() -> Book {
	Book::new(GENESIS, OWNER, 0)
}

fn seen_by(book: &mut Book, view: &View) -> Observed {
	book.observe(view).expect("it is of this account")
}

fn state(book: &Book, era: u32) -> State {
	book.get(era).expect("it is known").state
}

fn closed() -> Closed {
	Closed {
		ceiling: 1_000 * STCI,
		usage: 120_000_000,
		rate: STCI / 5,
		gross: 500 * STCI,
		plots: 400 * STCI,
		units: 3_000 << 32,
	}
}

fn golden() -> Vec<u8> {
	let text: String = include_str!("golden/book-v1.hex").split_whitespace().collect();
	sp_core::bytes::from_hex(&format!("0x{text}")).expect("it is hexadecimal")
}

#[test]
fn the_file_stays_as_it_is() {
	let book = Book::decode(&golden(), GENESIS, OWNER).expect("it is read");
	let record = book.get(41).expect("it is there");
	assert_eq!(
		(record.at, record.total(), record.state),
		(NOON, STCI / 4, State::Claimable)
	);
	assert_eq!(record.closed, Some(closed()));
	let seen = record.seen.expect("an agent ran");
	assert_eq!(
		(seen.won, seen.expected, seen.missed, seen.uptime),
		(2, 2_400, 1, Some(962))
	);
	assert_eq!(state(&book, 42), State::Running);
	assert!(book.flies(41) && !book.flies(42));
	assert_eq!((book.era(), book.expiry()), (42, 4_320));
	assert_eq!(book.encode(), golden());
}

#[test]
fn other_bytes_are_refused() {
	let sound = golden();
	for length in 0..sound.len() {
		assert!(Book::decode(&sound[..length], GENESIS, OWNER).is_err(), "{length}");
	}
	for place in 0..sound.len() {
		let mut bytes = sound.clone();
		bytes[place] ^= 1;
		assert!(Book::decode(&bytes, GENESIS, OWNER).is_err(), "{place}");
	}
	assert_eq!(Book::decode(&sound, GENESIS, [3; 32]), Err(BookError::Other));
	assert_eq!(Book::decode(&sound, [3; 32], OWNER), Err(BookError::Other));
	let mut newer = sound;
	newer[7] = 2;
	assert_eq!(Book::decode(&newer, GENESIS, OWNER), Err(BookError::Version(2)));
}

#[test]
fn another_accounts_earnings_are_not_this_ones() {
	let mut book = book();
	let others = View {
		account: [9; 32],
		..view(10, 5, &[3, 4])
	};
	assert_eq!(book.observe(&others), Err(BookError::Other));
	assert_eq!(book.totals(), Totals::default());
	assert!(book.batches(0).is_empty());
}

#[test]
fn what_can_be_claimed_is_claimed_oldest_first_and_sixteen_at_a_time() {
	let mut book = book();
	let eras: Vec<u32> = (1..=40).rev().collect();
	seen_by(&mut book, &view(10, 41, &eras));
	let batches = book.batches(0);
	let sizes: Vec<usize> = batches.iter().map(|batch| batch.eras.len()).collect();
	assert_eq!(sizes, [16, 16, 8]);
	let all: Vec<u32> = batches.iter().flat_map(|batch| batch.eras.clone()).collect();
	assert_eq!(all, (1..=40).collect::<Vec<_>>());
	assert_eq!(batches[2].amount, 8 * STCI);
	assert_eq!(book.totals().claimable, 40 * STCI);
}

#[test]
fn eras_that_are_not_over_or_bring_nothing_are_not_claimed() {
	let mut book = book();
	let mut said = view(10, 5, &[4, 5, 6]);
	said.claimable.push((3, Amounts::default()));
	seen_by(&mut book, &said);
	let batches = book.batches(0);
	assert_eq!(batches.len(), 1);
	assert_eq!(batches[0].eras, [4]);
}

#[test]
fn an_era_that_does_not_bring_its_fee_stays() {
	assert!(worth(100, 5) && !worth(100, 6) && !worth(0, 0) && !worth(99, 5));
	assert!(!worth(u128::MAX / 200, u128::MAX));
	let mut book = book();
	let mut said = view(10, 5, &[1, 2]);
	said.claimable.push((3, plots(10)));
	seen_by(&mut book, &said);
	let batch = &book.batches(0)[0];
	assert_eq!(batch.eras, [1, 2, 3]);
	let part = batch.part(30);
	assert_eq!(part, 10);
	assert_eq!(batch.part(31), 11, "rounded up");
	// What brings as much as it costs gains nothing.
	assert_eq!(book.batches(part)[0].eras, [1, 2]);
	assert_eq!(book.batches(part - 1)[0].eras, [1, 2, 3]);
	assert_eq!(Batch::default().part(7), 7);
}

#[test]
fn an_era_is_never_in_two_claims() {
	let mut book = book();
	seen_by(&mut book, &view(10, 5, &[2, 3, 4]));
	assert_eq!(book.depart(&[2, 3], NOON), Ok(()));
	assert_eq!(book.depart(&[3, 4], NOON), Err(Refused::OnItsWay(3)));
	assert_eq!(book.depart(&[4, 4], NOON), Err(Refused::OnItsWay(4)));
	assert_eq!(book.depart(&[5], NOON), Err(Refused::Nothing(5)));
	assert_eq!(book.depart(&[], NOON), Err(Refused::Size));
	assert_eq!(book.depart(&[4; 17], NOON), Err(Refused::Size));
	assert_eq!(book.batches(0)[0].eras, [4]);
	let totals = book.totals();
	assert_eq!((totals.claimable, totals.on_its_way), (STCI, 2 * STCI));
	// Also after a restart.
	let mut book = Book::decode(&book.encode(), GENESIS, OWNER).expect("it is read");
	assert_eq!(book.depart(&[2], NOON), Err(Refused::OnItsWay(2)));
	// Height alone does not release it, nor does time alone.
	let until = 10 + FLIGHT_BLOCKS;
	seen_by(&mut book, &view(until + 1, 6, &[2, 3, 4]));
	assert!(book.flies(2), "a node may say any height");
	let late = NOON + FLIGHT_SECONDS + 1;
	let at = |block, now| View {
		now,
		..view(block, 6, &[2, 3, 4])
	};
	let mut slow = Book::decode(&book.encode(), GENESIS, OWNER).expect("it is read");
	slow.kept.block = 10;
	seen_by(&mut slow, &at(until, late));
	assert!(slow.flies(2), "the chain stands still, and a block may have it yet");
	seen_by(&mut book, &at(until + 1, late));
	assert!(!book.flies(2));
	assert_eq!(book.batches(0)[0].eras, [2, 3, 4]);
}

#[test]
fn a_claim_that_was_not_sent_frees_its_eras_and_no_others() {
	let mut book = book();
	seen_by(&mut book, &view(10, 5, &[2, 3, 4]));
	assert_eq!(book.depart(&[2], NOON), Ok(()));
	assert_eq!(book.depart(&[3], NOON), Ok(()));
	book.stayed(&[2]);
	assert!(!book.flies(2) && book.flies(3));
}

#[test]
fn what_was_claimed_is_not_claimed_again() {
	let mut book = book();
	seen_by(&mut book, &view(10, 5, &[3, 4]));
	assert_eq!(book.depart(&[3], NOON), Ok(()));
	let observed = seen_by(&mut book, &view(11, 5, &[4]));
	assert_eq!(observed.claimed, [3]);
	assert_eq!(state(&book, 3), State::Claimed);
	assert!(!book.flies(3), "it has arrived");
	assert_eq!(book.totals().claimed, STCI);
	// A node that says otherwise.
	let observed = seen_by(&mut book, &view(12, 5, &[3, 4]));
	assert_eq!(observed.doubted, [3]);
	assert_eq!(state(&book, 3), State::Claimed);
	assert_eq!(book.batches(0)[0].eras, [4]);
	assert_eq!(book.totals().claimable, STCI);
	assert_eq!(book.depart(&[3], NOON), Err(Refused::Nothing(3)));
	// Or the node before was wrong: a person decides.
	book.reopen(&[3, 4, 9]);
	assert_eq!(book.batches(0)[0].eras, [3, 4]);
	assert_eq!(book.depart(&[3], NOON), Ok(()));
	assert_eq!(seen_by(&mut book, &view(13, 5, &[4])).claimed, [3]);
}

#[test]
fn a_height_that_no_chain_has_blinds_nobody() {
	let mut book = book();
	seen_by(&mut book, &view(u32::MAX, 5, &[3, 4]));
	assert_eq!(book.depart(&[3], NOON), Ok(()));
	// A node that is behind says nothing against it.
	let behind = View {
		made: NOON - NEW_SECONDS - 1,
		..view(20, 5, &[4])
	};
	assert!(!seen_by(&mut book, &behind).taken);
	assert!(seen_by(&mut book, &view(20, 5, &[3, 4])).taken);
	assert!(book.flies(3));
	let late = NOON + FLIGHT_SECONDS + 1;
	let at = |block, eras: &[u32]| View {
		now: late,
		made: late,
		..view(block, 6, eras)
	};
	seen_by(&mut book, &at(21 + FLIGHT_BLOCKS, &[3, 4]));
	assert!(!book.flies(3), "the liar's height does not keep it");
	assert!(!seen_by(&mut book, &at(21, &[])).taken, "nodes may be that far apart");
}

#[test]
fn an_era_that_is_not_over_spoils_no_claim() {
	let mut book = book();
	seen_by(&mut book, &view(10, u32::MAX, &[3, 4, 1_000_000]));
	assert_eq!(book.batches(0)[0].eras, [3, 4, 1_000_000]);
	seen_by(&mut book, &view(11, 5, &[3, 4]));
	assert_eq!(book.batches(0)[0].eras, [3, 4]);
	assert_eq!((book.get(1_000_000), book.get(u32::MAX - 1)), (None, None));
	// What is in a claim stays in it, whoever says that its era is not over.
	assert_eq!(book.depart(&[3], NOON), Ok(()));
	seen_by(&mut book, &view(12, 2, &[]));
	seen_by(&mut book, &view(13, 5, &[3, 4]));
	assert!(book.flies(3));
	assert_eq!(book.batches(0)[0].eras, [4]);
}

#[test]
fn an_era_in_its_last_chance_spoils_no_other_claim() {
	let mut book = book();
	seen_by(&mut book, &view(10, 100 + USUAL_EXPIRY, &[100, 101, 102]));
	let eras: Vec<Vec<u32>> = book.batches(0).into_iter().map(|batch| batch.eras).collect();
	assert_eq!(eras, [vec![100], vec![101, 102]]);
}

/// Straggler is alone in its claim, and brings less than twenty times the fee, which it would share with others. It is
/// lost if it does not go out.
#[test]
fn straggler_in_its_last_chance_is_worth_what_is_left_of_it() {
	let mut book = book();
	seen_by(&mut book, &view(10, 100 + USUAL_EXPIRY, &[100, 101]));
	let worth = |fee| -> Vec<bool> { book.batches(0).iter().map(|batch| batch.is_worth(fee)).collect() };
	assert_eq!(worth(STCI / 20), [true, true]);
	assert_eq!(worth(STCI / 19), [true, false], "the other one has time");
	assert_eq!(worth(STCI - 1), [true, false]);
	assert_eq!(worth(STCI), [false, false]);
}

#[test]
fn a_clock_that_was_ahead_holds_nothing_up_for_longer_than_usual() {
	let ahead = NOON + 10 * DAY;
	let mut book = Book::new(GENESIS, OWNER, ahead + FLIGHT_SECONDS);
	let at = |block, now| View {
		now,
		made: now,
		..view(block, 5, &[3])
	};
	seen_by(&mut book, &at(10, ahead));
	assert_eq!(book.depart(&[3], ahead), Ok(()));
	seen_by(&mut book, &at(11, NOON));
	assert!(book.flies(3));
	let late = NOON + FLIGHT_SECONDS + 1;
	seen_by(&mut book, &at(12 + FLIGHT_BLOCKS, late));
	assert!(!book.flies(3) && book.is_due(late));
}

#[test]
fn what_is_lost_soon_is_claimed_before_a_day_is_over_and_not_more_often_than_may_be() {
	let mut book = book();
	let eras: Vec<u32> = (3..43).collect();
	seen_by(&mut book, &view(10, 3 + USUAL_EXPIRY, &eras));
	assert!(book.totals().expiring_eras > 0);
	for (era, left) in (3..19).zip((0..16).rev()) {
		assert!(book.is_due(NOON));
		assert_eq!(book.depart_alone(&[era], NOON), Ok(()));
		book.stayed(&[era]);
		assert_eq!(book.left_today(NOON), left);
	}
	assert!(!book.is_due(NOON) && book.is_due(NOON + DAY));
}

#[test]
fn an_older_block_changes_nothing() {
	let mut book = book();
	seen_by(&mut book, &view(10, 5, &[3]));
	let before = book.clone();
	let observed = seen_by(&mut book, &view(9, 5, &[3, 4]));
	assert!(!observed.taken);
	assert_eq!(book, before);
}

#[test]
fn what_nobody_claims_is_lost_and_told_before() {
	let mut book = book();
	seen_by(&mut book, &view(10, 5, &[3]));
	assert_eq!(book.totals().expiring_eras, 0);
	let last_tenth = 3 + USUAL_EXPIRY - USUAL_EXPIRY / 10;
	seen_by(&mut book, &view(11, last_tenth, &[3]));
	assert_eq!(book.totals().expiring_eras, 0);
	seen_by(&mut book, &view(12, last_tenth + 1, &[3]));
	assert_eq!((book.totals().expiring_eras, book.totals().expiring), (1, STCI));
	// In its last era it can be claimed still: if it cannot be, somebody did.
	let mut last = book.clone();
	assert_eq!(seen_by(&mut last, &view(13, 3 + USUAL_EXPIRY, &[])).claimed, [3]);
	let observed = seen_by(&mut book, &view(13, 4 + USUAL_EXPIRY, &[]));
	assert_eq!(observed.expired, [3]);
	assert_eq!((book.totals().lost, book.totals().claimable), (STCI, 0));
	// One that is claimed in its last era is not lost.
	let mut book = super::tests::book();
	seen_by(&mut book, &view(10, 5, &[3]));
	assert_eq!(book.depart(&[3], NOON), Ok(()));
	seen_by(&mut book, &view(13, 4 + USUAL_EXPIRY, &[]));
	assert_eq!(state(&book, 3), State::Claimed);
}

#[test]
fn eras_are_closed_as_they_end_and_what_nobody_saw_is_said_to_be_unknown() {
	let mut book = book();
	book.note(7, &Seen::default());
	seen_by(&mut book, &view(10, 7, &[]));
	assert_eq!(state(&book, 7), State::Running);
	let mut said = view(11, 8, &[]);
	said.closed = vec![(7, closed()), (2, closed()), (9, closed())];
	seen_by(&mut book, &said);
	assert_eq!(state(&book, 7), State::Nothing);
	assert_eq!(state(&book, 2), State::Unknown);
	assert_eq!(book.get(9), None, "it is not over");
	assert_eq!(book.get(7).expect("it is there").at, NOON);
	assert_eq!(book.wanted(8, 7, 3), [6, 5, 4]);
	assert_eq!(book.wanted(3, 9, 9), [1, 0]);
}

#[test]
fn the_last_day_is_the_sum_of_its_eras() {
	let mut book = book();
	seen_by(&mut book, &view(10, 10, &[5, 8, 9]));
	assert_eq!(book.earned(1), STCI);
	assert_eq!(book.earned(2), 2 * STCI);
	assert_eq!(book.earned(4), 2 * STCI);
	assert_eq!(book.earned(u32::MAX), 3 * STCI);
}

#[test]
fn every_reason_is_said() {
	let record = |seen: Option<Seen>, closed: Option<Closed>, state| EraRecord {
		seen,
		closed,
		state,
		..EraRecord::default()
	};
	let unlucky = Seen {
		expected: 400,
		..Seen::default()
	};
	let nothing = |seen, closed| record(seen, closed, State::Nothing).why();
	assert_eq!(
		nothing(Some(unlucky), Some(closed())),
		"nothing. No win, where 0.4 were expected"
	);
	let missed = Seen { missed: 2, ..unlucky };
	assert_eq!(
		nothing(Some(missed), None),
		"nothing. No win, where 0.4 were expected, and 2 rounds missed"
	);
	let suspended = Seen {
		suspended: true,
		..unlucky
	};
	assert!(nothing(Some(suspended), None).starts_with("nothing. The device was suspended or not registered"));
	let absent = Seen {
		won: 1,
		uptime: Some(0),
		..unlucky
	};
	assert!(nothing(Some(absent), None).contains("uptime counts nothing"));
	let busy = Closed {
		usage: 341_000_000,
		plots: 0,
		..closed()
	};
	assert!(nothing(Some(unlucky), Some(busy)).starts_with("nothing. Customers used 34.1 %"));
	let at_the_line = Closed {
		usage: 300_000_000,
		..busy
	};
	assert!(nothing(None, Some(at_the_line)).contains("below 30 %"));
	let used_up = Closed {
		usage: 299_999_999,
		..busy
	};
	assert_eq!(
		nothing(None, Some(used_up)),
		"nothing. AutoMine's share of the era was used up"
	);
	let no_more = Closed { ceiling: 0, ..busy };
	assert!(nothing(None, Some(no_more)).contains("No STCI might be created"));
	assert!(nothing(None, None).contains("agent did not run"));
	let rare = Seen {
		expected: 4,
		..Seen::default()
	};
	assert!(nothing(Some(rare), None).contains("0.01 were expected"), "never 0");
}

#[test]
fn that_wins_are_paid_later_and_to_devices_with_an_offer_is_said() {
	let record = |won, closed| EraRecord {
		seen: Some(Seen { won, ..Seen::default() }),
		closed,
		state: State::Nothing,
		..EraRecord::default()
	};
	let said = record(1, None).why();
	assert!(
		said.contains("with an offer alone") && said.contains("wins again in a later era"),
		"{said}"
	);
	let nobody = Closed {
		plots: 0,
		units: 0,
		..closed()
	};
	assert!(record(1, Some(nobody))
		.why()
		.contains("o win of a device with an offer was due"));
	let paid = EraRecord {
		state: State::Claimable,
		earned: plots(STCI),
		..record(0, Some(closed()))
	};
	assert!(paid.why().contains("paid for wins of an era before"));
}

#[test]
fn what_an_era_brought_is_explained_too() {
	let record = |seen, closed, state| EraRecord {
		seen,
		closed,
		state,
		..EraRecord::default()
	};
	let lucky = Seen {
		won: 2,
		expected: 1_000,
		uptime: Some(962),
		..Seen::default()
	};
	assert_eq!(
		record(Some(lucky), Some(closed()), State::Claimable).why(),
		"2 wins, where 1 was expected, uptime counts 96.2 %"
	);
	let cut = Closed {
		plots: STCI,
		..closed()
	};
	assert!(record(Some(lucky), Some(cut), State::Claimed)
		.why()
		.contains("used up at 12 % usage"));
	assert!(record(None, None, State::Expired)
		.why()
		.starts_with("lost. Nobody claimed it"));
	assert!(record(None, None, State::Running).why().starts_with("not over"));
	assert!(record(None, None, State::Unknown).why().contains("claimed already"));
}

#[test]
fn claims_without_a_person_are_a_day_apart_and_not_more_than_so_many() {
	let mut book = book();
	let eras: Vec<u32> = (0..40).collect();
	seen_by(&mut book, &view(10, 40, &eras));
	assert!(book.is_due(NOON));
	for era in 0..16 {
		assert_eq!(book.depart_alone(&[era], NOON), Ok(()));
		book.stayed(&[era]);
	}
	assert_eq!(book.depart_alone(&[20], NOON + DAY - 1), Err(Refused::Enough));
	assert!(!book.is_due(NOON + DAY - 1));
	// A person may.
	assert_eq!(book.depart(&[20], NOON), Ok(()));
	assert!(!book.is_due(NOON + DAY), "one is on its way");
	book.stayed(&[20]);
	assert!(book.is_due(NOON + DAY));
	assert_eq!(book.depart_alone(&[21], NOON + DAY), Ok(()));
	// If the clock is set back, a day begins anew.
	book.stayed(&[21]);
	assert!(!book.is_due(NOON));
	let quiet = Book::new(GENESIS, OWNER, NOON);
	assert!(!quiet.is_due(NOON - 1) && quiet.is_due(NOON));
}

#[test]
fn nothing_grows_without_an_end() {
	let mut book = book();
	for era in 0..3_000 {
		book.note(era, &Seen::default());
	}
	assert_eq!(book.eras().count(), MAX_ERAS);
	let eras: Vec<u32> = (0..3_000).collect();
	seen_by(&mut book, &view(10, 3_000, &eras));
	assert_eq!(book.eras().count(), MAX_ERAS);
	assert_eq!(book.batches(0)[0].eras[0], 0, "what is lost first is claimed first");
	for batch in book.batches(0) {
		let _ = book.depart(&batch.eras, NOON);
	}
	assert_eq!(book.kept.flights.len(), MAX_FLIGHTS);
	let more = book.batches(0);
	assert_eq!(book.depart(&more[0].eras, NOON), Err(Refused::Full));
	assert!(book.encode().len() < crate::file::MAX_BYTES / 2);
	// Amounts that no chain has.
	let mut said = view(11, 3_000, &[]);
	said.claimable = vec![(1, [u128::MAX; 7]), (2, [u128::MAX; 7])];
	seen_by(&mut book, &said);
	assert_eq!(book.totals().on_its_way, u128::MAX);
	said.era = u32::MAX;
	said.expiry = Some(0);
	seen_by(&mut book, &said);
}

/// A node names the oldest 1,024: of later ones that is no word.
#[test]
fn what_is_not_named_for_want_of_room_is_not_taken_for_claimed() {
	let mut book = book();
	seen_by(&mut book, &view(10, 2_001, &[1_990, 2_000]));
	let oldest: Vec<u32> = (0..1_024).collect();
	let observed = seen_by(&mut book, &view(11, 2_001, &oldest));
	assert!(observed.claimed.is_empty() && observed.expired.is_empty());
	let observed = seen_by(&mut book, &view(12, 2_001, &oldest[1..]));
	assert!(observed.claimed.contains(&0), "one less is all of them");
}

/// Liars, restarts and clocks that jump, against a model that counts in how many claims an era may be.
#[test]
fn whatever_happens_no_era_is_in_two_claims() {
	for seed in 0..64 {
		let mut rng = Rng::new(seed);
		let mut draw = |below: u64| rng.next_u64() % below;
		let (mut book, mut now, mut block) = (book(), NOON, 10u32);
		let mut claimed = BTreeSet::new();
		for _ in 0..200 {
			now += draw(400);
			block += u32::try_from(draw(600)).expect("it is small");
			let eras: Vec<u32> = (0..30).filter(|_| draw(3) > 0).collect();
			match draw(4) {
				0 => {
					let said = View {
						now,
						..view(block, 30, &eras)
					};
					claimed.extend(seen_by(&mut book, &said).claimed);
				}
				1 => {
					for batch in book.batches(0) {
						assert!(batch.eras.iter().all(|era| !claimed.contains(era) && !book.flies(*era)));
						assert!(batch.eras.windows(2).all(|pair| pair[0] < pair[1]));
						let _ = book.depart(&batch.eras, now);
					}
				}
				2 => book = Book::decode(&book.encode(), GENESIS, OWNER).expect("it is read"),
				_ => {
					let _ = book.depart(&eras[..eras.len().min(3)], now);
				}
			}
			let mut flying: Vec<u32> = book
				.kept
				.flights
				.iter()
				.flat_map(|flight| flight.eras.clone())
				.collect();
			let all = flying.len();
			flying.sort_unstable();
			flying.dedup();
			assert_eq!(flying.len(), all, "seed {seed}");
		}
	}
}
