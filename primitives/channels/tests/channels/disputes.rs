//! Closes by one side: what each may bring, in which order, and adversaries by name.

use crate::workbench::{closing, condition, half, lock, locks, met, paid, stake, CLOSED, DECIDED, WINDOW};
use channel_primitives::{
	Claim, Closing, Dispute, DisputeError, Half, Hash, Locks, Outcome, Owed, PendingError, PerSide, Resync, Resyncs,
	Reveal, Side, Stake, DAY, MAX_LOCK_TICKS, MAX_RESYNCS,
};
use std::collections::{BTreeMap, BTreeSet};

const LOW: Side = Side::Low;
const HIGH: Side = Side::High;

fn none() -> Locks {
	Locks::default()
}

fn plain(nonce: u64, transferred: u128) -> Half {
	half(nonce, 0, transferred, &none())
}

fn begin(closer: Side, stake: &Stake, transferred: u128, list: &Locks, brought: Option<Half>) -> Dispute {
	let claim = Claim::new(transferred, list);
	Dispute::begin(closing(closer), stake, claim, list, brought, Resyncs::default()).expect("covered")
}

/// The lists that `paid` may need, by their roots.
fn lists(of: &[&Locks]) -> BTreeMap<Hash, Locks> {
	let mut lists = BTreeMap::from([(none().root(), none())]);
	for list in of {
		lists.insert(list.root(), (*list).clone());
	}
	lists
}

fn nothing() -> BTreeSet<Hash> {
	BTreeSet::new()
}

/// Closes on a state that is fifty thousand payments old, while its partner's tower watches.
#[test]
fn stale_forfeits_all() {
	let stake = stake(100_000, 100);
	let mut dispute = begin(LOW, &stake, 10, &none(), None);
	let proof = dispute.prove(&plain(50_010, 50_010), Some(&none()), Some(&none()), &met(&nothing()));
	assert_eq!(proof, Ok(Outcome::Forfeits));
	// And it does not take the newest half: any that is worth more will do.
	let proof = dispute.prove(&plain(11, 11), None, None, &met(&nothing()));
	assert_eq!(proof, Ok(Outcome::Forfeits));
}

/// Signs an old total again under a new nonce. What counts is what a half is worth.
#[test]
fn renonce_forfeits_all() {
	let stake = stake(100, 0);
	// It would claim its newest nonce with a total of 10; its partner holds an older one with 60.
	let mut dispute = begin(LOW, &stake, 10, &none(), None);
	assert_eq!(
		dispute.prove(&plain(3, 60), None, None, &met(&nothing())),
		Ok(Outcome::Forfeits)
	);
	// Whoever closes while its next payment is under way has nothing to fear: a newer nonce is no fraud.
	let mut honest = begin(LOW, &stake, 60, &none(), None);
	assert_eq!(
		honest.prove(&plain(4, 60), None, None, &met(&nothing())),
		Err(DisputeError::NotAFraud)
	);
}

/// Claims that it has locked what it does not have, to get it back as expired.
#[test]
fn hoarder_is_refused() {
	let stake = stake(5, 5);
	let fake = locks(&[lock(LOW, 1, 10)]);
	let refused = Dispute::begin(
		closing(LOW),
		&stake,
		Claim::new(0, &fake),
		&fake,
		None,
		Resyncs::default(),
	);
	assert_eq!(refused, Err(DisputeError::OverCapacity));
	// As much as it has it may claim, and gains nothing.
	let fake = locks(&[lock(LOW, 1, 5)]);
	let dispute = begin(LOW, &stake, 0, &fake, None);
	let all = paid(&dispute, &stake, &lists(&[&fake]), &nothing());
	assert_eq!(all, PerSide { low: 5, high: 5 });
}

/// Gives a lock up, and meets it on the chain when the other has closed without it.
#[test]
fn canceller_gets_the_lock_or_nothing() {
	let stake = stake(10, 0);
	let with = locks(&[lock(LOW, 1, 4)]);
	let (old, known) = (half(1, 0, 0, &with), BTreeSet::from([condition(LOW, 1)]));
	// Without putting the lock back the close forfeits: its removal was not acknowledged.
	let mut careless = begin(LOW, &stake, 0, &none(), None);
	assert_eq!(
		careless.prove(&old, Some(&with), Some(&none()), &met(&known)),
		Ok(Outcome::Forfeits)
	);
	let mut honest = begin(LOW, &stake, 0, &with, None);
	assert_eq!(
		honest.prove(&old, Some(&with), Some(&with), &met(&known)),
		Err(DisputeError::NotAFraud)
	);
	let all = paid(&honest, &stake, &lists(&[&with]), &known);
	assert_eq!(all, PerSide { low: 6, high: 4 });
	// Once it has acknowledged that the lock is gone, the old half's locks are void.
	let acknowledged = half(1, 2, 0, &none());
	let mut after = begin(LOW, &stake, 0, &none(), Some(acknowledged));
	assert_eq!(
		after.prove(&old, Some(&with), Some(&none()), &met(&known)),
		Err(DisputeError::NotAFraud)
	);
	after.update(LOW, old, CLOSED).expect("an old half is better than none");
	let all = paid(&after, &stake, &lists(&[&with]), &known);
	assert_eq!(all, PerSide { low: 10, high: 0 });
}

/// Meets a lock that was paid already, and lets in the half from before it was paid, after it has spent that payment.
/// If what was claimed were paid first, the other's second lock would pay for it.
#[test]
fn what_expired_goes_back_first_or_old_halves_gain() {
	let stake = stake(2, 1);
	let two = locks(&[lock(LOW, 1, 1), lock(LOW, 2, 1)]);
	let one = locks(&[lock(LOW, 2, 1)]);
	let known = BTreeSet::from([condition(LOW, 1)]);
	let mut dispute = begin(LOW, &stake, 1, &one, Some(half(1, 1, 2, &none())));
	dispute
		.update(LOW, half(1, 0, 0, &two), CLOSED)
		.expect("newer than none");
	assert_eq!(
		*paid(&dispute, &stake, &lists(&[&one, &two]), &known).get(LOW),
		3,
		"2 put in, 2 received, 1 paid"
	);
}

/// Brings a half of its partner that is old: that costs nobody but itself.
#[test]
fn an_old_half_of_the_partner_forfeits_nothing() {
	let stake = stake(10, 10);
	let mut dispute = begin(LOW, &stake, 0, &none(), Some(plain(1, 2)));
	assert_eq!(
		dispute.prove(&plain(9, 0), None, None, &met(&nothing())),
		Err(DisputeError::NotAFraud)
	);
	let all = paid(&dispute, &stake, &lists(&[]), &nothing());
	assert_eq!(all, PerSide { low: 12, high: 8 });
	dispute.update(HIGH, plain(2, 5), CLOSED).expect("newer");
	let all = paid(&dispute, &stake, &lists(&[]), &nothing());
	assert_eq!(all, PerSide { low: 15, high: 5 });
}

#[test]
fn answers_count_until_the_deadline_and_rise() {
	let stake = stake(10, 10);
	let mut dispute = begin(LOW, &stake, 3, &none(), None);
	assert_eq!(dispute.deadline, CLOSED + WINDOW);
	assert_eq!(dispute.update(LOW, plain(2, 3), CLOSED + WINDOW), Ok(()));
	assert_eq!(dispute.update(LOW, plain(2, 3), CLOSED), Err(DisputeError::Stale));
	assert_eq!(dispute.update(LOW, plain(1, 3), CLOSED), Err(DisputeError::Stale));
	let late = dispute.deadline + 1;
	assert_eq!(dispute.update(LOW, plain(3, 3), late), Err(DisputeError::TooLate));
	let word = Resync { held: 1, resume: 2 };
	assert_eq!(dispute.resync(LOW, word, late), Err(DisputeError::TooLate));
	assert_eq!(dispute.settle(&stake, 0, dispute.deadline), Err(DisputeError::TooEarly));
	assert!(dispute.settle(&stake, 0, late).is_ok());
	// A fraud can be proven as long as the channel is there.
	let proof = dispute.prove(&plain(3, 4), None, None, &met(&nothing()));
	assert_eq!(proof, Ok(Outcome::Forfeits));
}

#[test]
fn a_list_is_that_of_what_was_signed() {
	let stake = stake(10, 10);
	let (one, other) = (locks(&[lock(LOW, 1, 2)]), locks(&[lock(LOW, 1, 3)]));
	let false_claim = Dispute::begin(
		closing(LOW),
		&stake,
		Claim::new(0, &one),
		&other,
		None,
		Resyncs::default(),
	);
	assert_eq!(false_claim, Err(DisputeError::BadLocks));
	let mut dispute = begin(LOW, &stake, 0, &one, None);
	let old = half(1, 0, 5, &other);
	for (of_half, of_claim) in [(Some(&one), None), (None, Some(&other))] {
		let proof = dispute.prove(&old, of_half, of_claim, &met(&nothing()));
		assert_eq!(proof, Err(DisputeError::BadLocks));
	}
	// A total that is not that of the list is none of it either.
	let mut wrong = old;
	wrong.locked += 1;
	let proof = dispute.prove(&wrong, Some(&other), None, &met(&nothing()));
	assert_eq!(proof, Err(DisputeError::BadLocks));
}

/// Without the list of the claim all of its locks count for the closer, without that of the half none of its own do.
#[test]
fn who_has_lost_a_list_can_still_prove_by_totals() {
	let stake = stake(10, 10);
	let list = locks(&[lock(LOW, 1, 2)]);
	let mut dispute = begin(LOW, &stake, 1, &list, None);
	assert_eq!(
		dispute.prove(&plain(1, 3), None, None, &met(&nothing())),
		Err(DisputeError::NotAFraud)
	);
	assert_eq!(
		dispute.prove(&plain(1, 3), None, Some(&list), &met(&nothing())),
		Ok(Outcome::Forfeits)
	);
	assert_eq!(
		dispute.prove(&plain(1, 4), None, None, &met(&nothing())),
		Ok(Outcome::Forfeits)
	);
}

#[test]
fn a_reveal_counts_until_the_lock_expires_and_no_longer() {
	let stake = stake(10, 0);
	let one = lock(LOW, 1, 4);
	let list = locks(&[one]);
	let dispute = begin(LOW, &stake, 0, &list, None);
	let after = dispute.deadline + 1;
	let settlement = dispute.settle(&stake, 0, after).expect("over");
	let pending = dispute.pending(LOW, &settlement, after).expect("a lock");
	assert_eq!(dispute.pending(HIGH, &settlement, after), None);
	let at = |tick| {
		move |_: &Hash| {
			Some(Reveal {
				tick,
				value: 1,
				total: 1,
			})
		}
	};
	let payee = |tick| pending.unlock(&list, after, &at(tick)).expect("decided").payee;
	assert_eq!((payee(one.expiry), payee(one.expiry + 1)), (4, 0));
	let nobody = |_: &Hash| None;
	let undecided = Err(PendingError::Undecided { at: one.expiry + 1 });
	assert_eq!(pending.unlock(&list, after, &nobody), undecided);
	assert_eq!(pending.unlock(&list, one.expiry, &nobody), undecided);
	let back = pending.unlock(&list, one.expiry + 1, &nobody).expect("decided");
	assert_eq!((back.payer, back.payee), (4, 0));
	assert_eq!(pending.unlock(&none(), DECIDED, &nobody), Err(PendingError::WrongList));
	// The list is lost.
	assert!(pending.give_back(pending.due).is_err());
	assert_eq!(pending.give_back(pending.due + 1).expect("late").payer, 4);
	assert_eq!(pending.due, after + 30 * DAY);
}

/// A lock that never expires does not keep the money for ever.
#[test]
fn locks_outlive_a_close_by_a_bounded_time() {
	let stake = stake(10, 0);
	let mut endless = lock(LOW, 1, 4);
	endless.expiry = u32::MAX;
	let list = locks(&[endless]);
	let dispute = begin(LOW, &stake, 0, &list, None);
	let after = dispute.deadline + 1;
	let settlement = dispute.settle(&stake, 0, after).expect("over");
	let pending = dispute.pending(LOW, &settlement, after).expect("a lock");
	let at = CLOSED + MAX_LOCK_TICKS + 1;
	let nobody = |_: &Hash| None;
	assert_eq!(
		pending.unlock(&list, at - 1, &nobody),
		Err(PendingError::Undecided { at })
	);
	assert!(pending.unlock(&list, at, &nobody).is_ok());
}

/// Went back to an old store, and its partner told it where it was. What it had forgotten counts neither as a fraud of
/// its own nor for its partner, and what it no longer knows to put back is acknowledged.
#[test]
fn restored_goes_on_above_what_it_lost() {
	let stake = stake(100, 100);
	let with = locks(&[lock(LOW, 1, 4)]);
	let (before, held) = (half(3, 0, 10, &with), half(5, 0, 10, &none()));
	let lost = plain(9, 40);
	let word = Resync {
		held: held.nonce,
		resume: Resync::resume_at(700),
	};
	let first = plain(word.resume, 10);
	let known = BTreeSet::from([condition(LOW, 1)]);
	let mut resyncs = Resyncs::default();
	resyncs.add(word).expect("the first");
	let begun = Dispute::begin(closing(LOW), &stake, Claim::new(10, &none()), &none(), None, resyncs);
	let mut dispute = begun.expect("covered");
	let proof = dispute.prove(&lost, None, None, &met(&known));
	assert_eq!(proof, Err(DisputeError::Superseded));
	let proof = dispute.prove(&before, Some(&with), Some(&none()), &met(&known));
	assert_eq!(proof, Err(DisputeError::NotAFraud));
	assert_eq!(dispute.update(LOW, lost, CLOSED), Err(DisputeError::Superseded));
	dispute.update(LOW, held, CLOSED).expect("what its partner held stands");
	dispute.update(LOW, first, CLOSED).expect("and so does what came after");
	assert_eq!(
		dispute.owed(LOW),
		Owed {
			transferred: 10,
			locked: 0,
			void: false,
		}
	);
	// What counts again counts again.
	let proof = dispute.prove(&plain(word.resume, 11), None, None, &met(&known));
	assert_eq!(proof, Ok(Outcome::Forfeits));
}

#[test]
fn a_lost_half_that_is_there_goes_when_the_word_is_shown() {
	let stake = stake(100, 100);
	let mut dispute = begin(LOW, &stake, 0, &none(), Some(plain(9, 40)));
	let word = |held, tick| Resync {
		held,
		resume: Resync::resume_at(tick),
	};
	dispute.resync(HIGH, word(5, 700), CLOSED).expect("the first");
	assert_eq!(dispute.owed(HIGH).transferred, 0);
	dispute.update(HIGH, plain(5, 10), CLOSED).expect("what it held");
	dispute
		.resync(HIGH, word(5, 700), CLOSED)
		.expect("again changes nothing");
	assert_eq!(dispute.owed(HIGH).transferred, 10);
	for more in 1..MAX_RESYNCS {
		let held = Resync::resume_at(700 + more);
		dispute.resync(HIGH, word(held, 701 + more), CLOSED).expect("some more");
	}
	let one_more = word(Resync::resume_at(800), 801);
	assert_eq!(
		dispute.resync(HIGH, one_more, CLOSED),
		Err(DisputeError::TooManyResyncs)
	);
}

/// Says that it holds less of its partner's payments than it does, and covers locks that nobody gave with what it
/// denied. The partner has lost its data and shows no more than that word.
#[test]
fn denier_covers_no_locks_with_what_it_denied() {
	let stake = stake(4, 5);
	let fake = locks(&[lock(LOW, 1, 9)]);
	let (held, denied) = (plain(1, 4), plain(2, 6));
	let word = Resync {
		held: held.nonce,
		resume: Resync::resume_at(1),
	};
	let resumed = plain(word.resume, 4);
	let lists = lists(&[&fake]);
	let high = |dispute: &Dispute| *paid(dispute, &stake, &lists, &nothing()).get(HIGH);
	let mut dispute = begin(LOW, &stake, 0, &fake, Some(denied));
	assert_eq!(high(&dispute), 0, "5 put in, and 6 paid");
	dispute.resync(HIGH, word, CLOSED).expect("the first");
	assert_eq!(high(&dispute), 5, "5 put in, and nothing that counts is paid");
	dispute.update(HIGH, held, CLOSED).expect("what it said that it holds");
	assert_eq!(high(&dispute), 1, "5 put in, and 4 paid");
	// Nor by a half from after the loss, if the word is not shown, for its total is lower.
	let mut dispute = begin(LOW, &stake, 0, &fake, Some(denied));
	dispute.update(HIGH, resumed, CLOSED).expect("newer");
	assert_eq!(high(&dispute), 1);
	// What is covered is kept back as before: all that it has, less than what it claims.
	let after = dispute.deadline + 1;
	let settlement = dispute.settle(&stake, 0, after).expect("over");
	let kept = dispute.pending(LOW, &settlement, after).expect("locks");
	assert_eq!((kept.reserved, kept.locked), (8, 9));
}

/// Is told twice that the same nonce is the highest, though it signed more in between, which its partner kept. At a
/// fixed distance from what is held it would go on at a nonce that it has used.
#[test]
fn who_is_told_the_same_nonce_twice_goes_on_higher() {
	let stake = stake(100, 100);
	let words = [700, 900].map(|tick| Resync {
		held: 5,
		resume: Resync::resume_at(tick),
	});
	// It had paid 50 after the first loss; its partner said again that it holds no more than nonce 5.
	let kept = plain(words[0].resume, 50);
	// It has lost the first word with the rest: the second is enough.
	let mut resyncs = Resyncs::default();
	resyncs.add(words[1]).expect("one");
	let begun = Dispute::begin(closing(LOW), &stake, Claim::new(10, &none()), &none(), None, resyncs);
	let mut dispute = begun.expect("covered");
	let proof = dispute.prove(&kept, None, None, &met(&nothing()));
	assert_eq!(proof, Err(DisputeError::Superseded));
	// At a fixed distance the half would stand above what the word makes void.
	let fixed = Resync {
		held: 5,
		resume: words[0].resume,
	};
	assert!(!fixed.lost(kept.nonce));
}

/// Says that it has lost its data: a claim that is too low costs a fine, and the half counts.
#[test]
fn a_recovery_is_corrected_and_fined() {
	let stake = stake(100, 100);
	let recovery = Closing {
		recovery: true,
		..closing(LOW)
	};
	let begun = Dispute::begin(
		recovery,
		&stake,
		Claim::new(10, &none()),
		&none(),
		None,
		Resyncs::default(),
	);
	let mut dispute = begun.expect("covered");
	let after = dispute.deadline + 1;
	let settled = dispute.settle(&stake, 2, after).expect("over");
	assert_eq!(
		settled.paid,
		PerSide { low: 90, high: 110 },
		"no fine if nobody objects"
	);
	let proof = dispute.prove(&plain(7, 30), None, None, &met(&nothing()));
	assert_eq!(proof, Ok(Outcome::Corrected));
	let settled = dispute.settle(&stake, 2, after).expect("over");
	assert_eq!(settled.paid, PerSide { low: 68, high: 132 });
}

/// Says that it has lost its data, and shows itself that its claim is too low: by a half that it has signed for this
/// under a nonce above all others. That raises its claim, and its partner lets in what it holds all the same.
#[test]
fn renonce_shuts_nobody_out_of_a_recovery() {
	let stake = stake(100, 100);
	let recovery = Closing {
		recovery: true,
		..closing(LOW)
	};
	let (claim, words) = (Claim::new(0, &none()), Resyncs::default());
	let mut dispute = Dispute::begin(recovery, &stake, claim, &none(), None, words).expect("covered");
	let (with, known) = (locks(&[lock(LOW, 1, 4)]), BTreeSet::from([condition(LOW, 1)]));
	let above_all = half(u64::MAX, 0, 1, &with);
	// Its locks count if they are shown.
	let mut shown = dispute.clone();
	let proof = shown.prove(&above_all, Some(&with), None, &met(&known));
	assert_eq!((proof, shown.claim), (Ok(Outcome::Corrected), Claim::new(1, &with)));
	let proof = dispute.prove(&above_all, None, None, &met(&known));
	assert_eq!((proof, dispute.claim), (Ok(Outcome::Corrected), Claim::new(1, &none())));
	dispute
		.update(LOW, plain(7, 60), CLOSED)
		.expect("what its partner holds");
	let all = paid(&dispute, &stake, &lists(&[&with]), &known);
	assert_eq!(all, PerSide { low: 40, high: 160 });
}

/// Dropper has a lock in the claim of its recovery, and takes it out again, after the deadline too, by a half that it
/// has signed for that. So a chain takes this by the partner's word alone; and a partner that has let in its newest
/// half loses nothing by it.
#[test]
fn dropper_takes_locks_out_of_its_claim() {
	let stake = stake(100, 0);
	let recovery = Closing {
		recovery: true,
		..closing(LOW)
	};
	let (with, known) = (locks(&[lock(LOW, 1, 50)]), BTreeSet::from([condition(LOW, 1)]));
	let claim = Claim::new(10, &with);
	let begun = Dispute::begin(recovery, &stake, claim, &with, None, Resyncs::default());
	let satisfied = begun.expect("covered");
	let mut answered = satisfied.clone();
	answered
		.update(LOW, half(7, 0, 10, &with), CLOSED)
		.expect("what its partner holds");
	for (mut dispute, of_high) in [(satisfied, 11), (answered, 60)] {
		let proof = dispute.prove(&plain(8, 11), None, Some(&with), &met(&nothing()));
		assert_eq!(proof, Ok(Outcome::Corrected));
		let all = paid(&dispute, &stake, &lists(&[&with]), &known);
		assert_eq!(all.high, of_high);
	}
}

/// Has acknowledged up to nonce 3 of its partner by its word, loses its own data and that word with it, and is shown
/// nonce 1 again. Totals stand; locks of which it has said that they are void count for nothing, whoever shows them.
#[test]
fn locks_that_an_own_word_made_void_stay_void() {
	let stake = stake(10, 10);
	let with = locks(&[lock(LOW, 1, 3)]);
	let (shown, known) = (half(1, 0, 2, &with), BTreeSet::from([condition(LOW, 1)]));
	let word = Resync {
		held: 3,
		resume: Resync::resume_at(1),
	};
	let mut words = Resyncs::default();
	words.add(word).expect("the first");
	let begun = Dispute::begin(closing(LOW), &stake, Claim::new(2, &none()), &none(), None, words);
	let mut dispute = begun.expect("covered");
	dispute.update(LOW, shown, CLOSED).expect("newer than none");
	let proof = dispute.prove(&shown, Some(&with), Some(&none()), &met(&known));
	assert_eq!(proof, Err(DisputeError::NotAFraud));
	let all = paid(&dispute, &stake, &lists(&[&with]), &known);
	assert_eq!(all, PerSide { low: 8, high: 12 });
}

/// What may happen to a dispute, in any order.
#[derive(Clone, Copy, Debug)]
enum Event {
	/// The victim lets in the newest half that it has.
	Answer,
	/// The liar lets in a half of the victim.
	Old(Half),
	/// Somebody shows a lock's condition.
	Show(Hash),
}

/// All orders of some events.
fn orders(events: &[Event]) -> Vec<Vec<Event>> {
	if events.is_empty() {
		return vec![Vec::new()];
	}
	let mut all = Vec::new();
	for at in 0..events.len() {
		let mut rest = events.to_vec();
		let first = rest.remove(at);
		for order in orders(&rest) {
			all.push([&[first][..], &order[..]].concat());
		}
	}
	all
}

/// I4 in every order of events: the victim has paid 5 of 20 and holds a half over 7 with a lock of 3.
#[test]
fn whoever_answers_gets_its_due_in_every_order() {
	let stake = stake(20, 20);
	let (old, older) = (half(2, 0, 3, &locks(&[lock(LOW, 1, 2)])), plain(1, 1));
	let owed = locks(&[lock(HIGH, 1, 3)]);
	let newest = half(4, 2, 7, &owed);
	let own = plain(3, 5);
	let lists = lists(&[&owed, &locks(&[lock(LOW, 1, 2)])]);
	let events = [
		Event::Answer,
		Event::Old(older),
		Event::Old(old),
		Event::Old(own),
		Event::Show(condition(HIGH, 1)),
		Event::Show(condition(LOW, 1)),
	];
	let mut seen = 0;
	for order in orders(&events) {
		for brought in [None, Some(older), Some(old), Some(own)] {
			let mut dispute = begin(HIGH, &stake, 7, &none(), brought);
			let mut known = nothing();
			for event in &order {
				match event {
					Event::Answer => dispute.update(HIGH, newest, CLOSED).expect("newer than none"),
					// Refused if it is older than what is there.
					Event::Old(half) => {
						let _ = dispute.update(LOW, *half, CLOSED);
					}
					Event::Show(condition) => {
						known.insert(*condition);
					}
				}
			}
			let gets = *paid(&dispute, &stake, &lists, &known).get(LOW);
			assert!(gets >= 20 + 7 + 3 - 5, "{gets}: {order:?} {brought:?}");
			seen += 1;
		}
	}
	assert_eq!(seen, 720 * 4);
}

/// I8: from a close on, time alone ends it: settled after the deadline, its locks decided a week after the close, and
/// what nobody has a list for given back a month after the settlement.
#[test]
fn time_alone_ends_every_dispute() {
	let nobody = |_: &Hash| None;
	for (of_low, of_high) in [(0, 0), (4, 0), (0, 4), (4, 4)] {
		let list = |side, amount: u128| {
			if amount == 0 {
				none()
			} else {
				locks(&[lock(side, 1, amount)])
			}
		};
		let stake = stake(10, 10);
		let dispute = begin(
			LOW,
			&stake,
			1,
			&list(LOW, of_low),
			Some(half(1, 0, 2, &list(HIGH, of_high))),
		);
		let after = dispute.deadline + 1;
		let settlement = dispute.settle(&stake, 0, after).expect("over");
		let mut left = settlement.reserved.low + settlement.reserved.high;
		for (side, amount) in [(LOW, of_low), (HIGH, of_high)] {
			if let Some(pending) = dispute.pending(side, &settlement, after) {
				let by_list = pending.unlock(&list(side, amount), CLOSED + MAX_LOCK_TICKS + 1, &nobody);
				let by_time = pending.give_back(pending.due + 1);
				assert_eq!(by_list, by_time);
				left -= by_time.expect("ended").payer;
			}
		}
		assert_eq!(left, 0);
	}
}
