//! More of those who cheat a provider, and of what breaks around it: clock, disk, pool, node.

use crate::bench::{asked, begun, config, drawn, held, kept, key, rooted, shown, sound, submitted, Bench};
use smart_agent_market::{
	Action, Asked, Config, DeedKey, Done, Event, Failure, Memory, OnDisk, Order, Outcome, Refusal, Report, Role, Told,
	Voucher, Work, MAX_ASKED,
};

fn signing() -> Config {
	Config {
		signs: true,
		fee: 100,
		redeem_least: 1_000,
		..config()
	}
}

fn earning(deal: u64, accrued: u128) -> Told {
	let role = Role::Held {
		accrued,
		proven_to: 0,
		suspect: false,
		leaving: false,
		ends: Some(1_000_000),
	};
	Told { role, ..held(deal) }
}

fn cancelled(actions: &[Action]) -> bool {
	actions.iter().any(|action| matches!(action, Action::Cancel(_)))
}

/// Crumbler: pays by vouchers that bring a planck more each, so that the owner's account pays a fee for each.
#[test]
fn the_crumbler_has_no_fees_paid_for_crumbs() {
	let mut bench = Bench::with(signing(), Memory::default(), vec![sound(17)]);
	bench.head(100, vec![held(17)], Vec::new());
	let voucher = |total| {
		Event::Voucher(Voucher {
			key: key(17),
			total,
			bytes: vec![1; 8],
		})
	};
	for total in 1..=999 {
		assert!(kept(&bench.step(voucher(total))).is_none(), "{total}");
	}
	let deed = kept(&bench.step(voucher(1_000))).unwrap();
	bench.step(Event::Kept(deed));
	bench.step(Event::Submission {
		key: deed,
		outcome: Outcome::Included,
	});
	// Also at the end what brings no more than the fee is left.
	bench.step(voucher(1_100));
	assert!(kept(&bench.head(101, Vec::new(), Vec::new())).is_none());
	assert!(kept(&bench.step(voucher(1_101))).is_some());
}

/// What is paid for a slot that is gone is forgotten, however late it was paid.
#[test]
fn what_is_paid_after_its_slot_is_gone_is_settled() {
	let mut bench = Bench::with(signing(), Memory::default(), vec![sound(17)]);
	bench.head(100, vec![held(17)], Vec::new());
	bench.step(Event::Voucher(Voucher {
		key: key(17),
		total: 900,
		bytes: vec![1; 8],
	}));
	bench.step(Event::Owes(vec![(key(17), 900)]));
	let leaving = Told {
		role: Role::Held {
			accrued: 0,
			proven_to: 0,
			suspect: false,
			leaving: true,
			ends: Some(1_000_000),
		},
		..held(17)
	};
	let deed = kept(&bench.head(101, vec![leaving], Vec::new())).expect("it would be lost with the slot");
	bench.step(Event::Kept(deed));
	bench.head(102, Vec::new(), Vec::new());
	bench.wait(700);
	let actions = bench.head(1_500, Vec::new(), Vec::new());
	assert_eq!(begun(&actions).map(|(_, work)| work), Some(Work::Remove));
	let removed = bench.done(&actions, Done::Removed);
	let settled = |actions: &[Action]| actions.contains(&Action::Settled(key(17)));
	assert!(!settled(&removed), "something is owed still");
	let paid = bench.step(Event::Submission {
		key: deed,
		outcome: Outcome::Included,
	});
	assert!(settled(&paid));
	assert_eq!(bench.machine.memory().debts().count(), 0);
}

/// Duster: has ever so many slots that earn next to nothing.
#[test]
fn the_duster_has_no_fees_paid_for_dust() {
	let all: Vec<OnDisk> = (0..100).map(sound).collect();
	let mut bench = Bench::with(signing(), Memory::default(), all);
	let dust = (0..100).map(|deal| earning(deal, 3)).collect();
	assert!(kept(&bench.head(100, dust, Vec::new())).is_none());
	let told = (0..100).map(|deal| earning(deal, if deal == 7 { 500 } else { 3 }));
	let actions = bench.head(101, told.collect(), Vec::new());
	let claimed = actions.iter().find_map(|action| match action {
		Action::Keep(deed) => Some(deed.body.clone()),
		_ => None,
	});
	assert_eq!(claimed, Some(smart_agent_market::Body::Slots(vec![key(7)])));
}

/// A node that lies says that all slots have missed, again and again: the owner's account would pay for wishes in vain.
#[test]
fn the_lying_node_has_few_fees_paid_in_a_day() {
	let mut bench = Bench::with(signing(), Memory::default(), (0..100).map(sound).collect());
	let suspect = |deal| {
		let role = Role::Held {
			accrued: 0,
			proven_to: 0,
			suspect: true,
			leaving: false,
			ends: Some(1_000_000),
		};
		Told { role, ..held(deal) }
	};
	let mut sent = 0;
	for round in 0..60 {
		let told = (0..100).map(suspect).collect();
		let mut actions = bench.head(100 + round * 100, told, Vec::new());
		while let Some(action) = actions.pop() {
			actions.extend(match action {
				Action::Keep(deed) => bench.step(Event::Kept(deed.key)),
				Action::Submit(deed) => {
					sent += 1;
					bench.step(Event::Submission {
						key: deed.key,
						outcome: Outcome::Refused(Refusal::Other),
					})
				}
				_ => Vec::new(),
			});
		}
		bench.wait(60);
	}
	assert!((16..=24).contains(&sent), "{sent}");
	// The next day it is tried again.
	let actions = bench.wait(86_400);
	assert!(matches!(kept(&actions), Some(DeedKey::ProveNow { .. })));
}

/// A node that was set back, or is on a branch of its own, knows of no slot: nothing is deleted for a day.
#[test]
fn the_node_that_forgets_has_not_all_deleted() {
	for (left, seconds) in [(0, 86_400), (9, 86_400), (10, 600)] {
		let mut bench = Bench::new((0..20).map(sound).collect());
		bench.head(100, (0..20).map(held).collect(), Vec::new());
		let told = || (0..left).map(held).collect();
		bench.head(101, told(), Vec::new());
		for round in 1..100_u32 {
			let actions = bench.head(101 + round * 1_000, told(), Vec::new());
			let removes = |action: &Action| matches!(action, Action::Begin { work: Work::Remove, .. });
			if actions.iter().any(removes) {
				assert!(bench.ms / 1_000 >= seconds, "{left} left, {} ms", bench.ms);
				break;
			}
			assert!(
				bench.ms / 1_000 < seconds + 2_000,
				"{left} left, nothing is ever deleted"
			);
			bench.ms += 1_000_000;
		}
	}
}

/// The data folder's disk is full, or hangs: what is asked is answered.
#[test]
fn a_full_disk_of_the_journal_makes_nothing_missed() {
	for hangs in [false, true] {
		let mut bench = Bench::new(vec![sound(17)]);
		let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
		let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
		let deed = kept(&actions).unwrap();
		assert!(submitted(&actions).is_none());
		let actions = match hangs {
			true => bench.wait(3),
			false => bench.step(Event::NotKept(deed)),
		};
		assert_eq!(submitted(&actions), Some(deed), "hangs: {hangs}");
	}
	// What an account signs and pays is another matter.
	let mut bench = Bench::with(signing(), Memory::default(), vec![sound(17)]);
	let deed = kept(&bench.head(100, vec![earning(17, 9_000)], Vec::new())).unwrap();
	assert!(submitted(&bench.wait(30)).is_none());
	assert!(submitted(&bench.step(Event::NotKept(deed))).is_none());
	assert_eq!(kept(&bench.wait(2)), Some(deed), "it is tried again");
}

/// A pool that is mistaken, or has put the answer on its black list, is asked again as long as the chain asks.
#[test]
fn a_pool_that_is_mistaken_makes_nothing_missed() {
	for refusal in [Refusal::Wrong, Refusal::Stale, Refusal::Other, Refusal::Payment] {
		let mut bench = Bench::new(vec![sound(17)]);
		let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
		let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
		let deed = kept(&actions).unwrap();
		bench.step(Event::Kept(deed));
		for round in 0..20 {
			bench.step(Event::Submission {
				key: deed,
				outcome: Outcome::Refused(refusal),
			});
			let told = bench.head(101 + round, vec![held(17)], vec![asked(17, 700)]);
			let again = submitted(&told).or_else(|| submitted(&bench.wait(10)));
			assert_eq!(again, Some(deed), "{refusal:?}, round {round}");
		}
	}
}

/// A rotten group that nobody can mend, and a scrub that fails, hold up no answer about the rest of the slot.
#[test]
fn what_cannot_be_mended_holds_up_no_answer() {
	let mut bench = Bench::new(vec![sound(17)]);
	bench.head(99, vec![held(17)], Vec::new());
	let scrub = bench.step(Event::Order(Order::Scrub(None)));
	let mut actions = bench.done(&scrub, Done::Rotten(vec![40]));
	for _ in 0..20 {
		if matches!(begun(&actions), Some((_, Work::Mend { .. }))) {
			bench.done(&actions, Done::Failed(Failure::TooFew));
		}
		actions = bench.wait(300);
	}
	if matches!(begun(&actions), Some((_, Work::Mend { .. }))) {
		bench.done(&actions, Done::Failed(Failure::TooFew));
	}
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	assert!(matches!(begun(&actions), Some((_, Work::Open { .. }))), "{actions:?}");
	// A disk that fails to read is asked again soon, however often it has failed.
	let mut actions = actions;
	for _ in 0..10 {
		bench.done(&actions, Done::Failed(Failure::Disk));
		actions = bench.wait(8);
		assert!(matches!(begun(&actions), Some((_, Work::Open { .. }))), "{actions:?}");
	}
}

/// Its confirmation is not taken, turn after turn: that fills no table that answers need.
#[test]
fn confirmations_that_are_not_taken_leave_room_for_answers() {
	let mut all: Vec<OnDisk> = (0..8).map(sound).collect();
	all.push(sound(99));
	let mut bench = Bench::new(all);
	for turn in 0..400_u32 {
		let told = (0..8).map(|deal| rooted(drawn(deal, 500_000, false), turn));
		let actions = bench.head(100 + turn, told.chain([held(99)]).collect(), Vec::new());
		let jobs: Vec<u64> = actions
			.iter()
			.filter_map(|action| match action {
				Action::Begin {
					job,
					work: Work::Open { .. },
					..
				} => Some(*job),
				_ => None,
			})
			.collect();
		for job in jobs {
			let done = Done::Opened([shown(), shown()]);
			let actions = bench.step(Event::Done { job, done });
			if let Some(deed) = kept(&actions) {
				bench.step(Event::Kept(deed));
				let outcome = Outcome::Refused(Refusal::Payment);
				bench.step(Event::Submission { key: deed, outcome });
			}
		}
	}
	let confirmations = bench.machine.memory().deeds().count();
	assert!(confirmations <= 8, "{confirmations}");
	let told = (0..8).map(|deal| rooted(drawn(deal, 500_000, false), 399));
	let actions = bench.head(500, told.chain([held(99)]).collect(), vec![asked(99, 900)]);
	let open = actions.iter().find_map(|action| match action {
		Action::Begin { job, key: slot, .. } if *slot == key(99) => Some(*job),
		_ => None,
	});
	let done = Done::Opened([shown(), shown()]);
	let actions = bench.step(Event::Done {
		job: open.unwrap(),
		done,
	});
	assert!(matches!(kept(&actions), Some(DeedKey::Answer { .. })));
}

/// A device with ever so many slots: challenges that were answered keep no place that new ones need.
#[test]
fn answered_challenges_make_room_for_new_ones() {
	let mut bench = Bench::new(vec![sound(17)]);
	let of = |round: u32| -> Vec<Asked> {
		let each = (0..200).map(|index| Asked {
			index: round * 200 + index,
			..asked(17, 700)
		});
		each.collect()
	};
	for round in 0..10 {
		bench.head(100 + round, vec![held(17)], of(round));
		let status = bench.machine.status();
		assert_eq!(status.open, 200.min(MAX_ASKED), "round {round}");
	}
}

/// The clock was years ahead when slots were read: they are read again all the same, now that it is right.
#[test]
fn a_clock_that_was_ahead_keeps_no_slot_from_being_read() {
	let ahead = OnDisk {
		scrubbed: Some(4_000_000_000),
		..sound(17)
	};
	let mut bench = Bench::new(vec![ahead]);
	let actions = bench.head(100, vec![held(17)], Vec::new());
	assert!(matches!(begun(&actions), Some((_, Work::Scrub { .. }))));
}

/// Dripper: holds the others of its deals, and gives them out so slowly that nothing else would be built for weeks.
#[test]
fn the_dripper_keeps_no_other_slot_from_being_built() {
	let empty = |deal| OnDisk {
		durable: 0,
		root: None,
		..sound(deal)
	};
	let mut bench = Bench::new(vec![empty(17), empty(18)]);
	let actions = bench.head(100, vec![held(17), held(18)], Vec::new());
	let (first, work) = begun(&actions).unwrap();
	assert!(matches!(work, Work::Repair { .. }));
	assert!(!cancelled(&bench.wait(3_500)));
	assert!(cancelled(&bench.wait(200)), "its turn is over");
	assert!(!cancelled(&bench.wait(1)), "once");
	let done = Done::Failed(Failure::Cancelled);
	let actions = bench.step(Event::Done { job: first, done });
	assert!(
		matches!(&actions[..], [Action::Begin { key: next, .. }] if *next == key(18)),
		"{actions:?}"
	);
	// One that nobody waits behind has all the time.
	let mut bench = Bench::new(vec![empty(17)]);
	bench.head(100, vec![held(17)], Vec::new());
	assert!(!cancelled(&bench.wait(100_000)));
}

/// What is built for nobody any more ends at once.
#[test]
fn what_is_built_for_nobody_is_cancelled() {
	for after in [
		Vec::new(),
		vec![Told {
			root: Some([8; 32]),
			..drawn(17, 500, true)
		}],
	] {
		let mut bench = Bench::new(Vec::new());
		let actions = bench.head(10, vec![drawn(17, 500, true)], Vec::new());
		let actions = bench.done(&actions, Done::Made);
		assert!(matches!(begun(&actions), Some((_, Work::Repair { .. }))));
		assert!(cancelled(&bench.head(20, after, Vec::new())));
	}
	let mut bench = Bench::new(Vec::new());
	let actions = bench.head(10, vec![drawn(17, 500, true)], Vec::new());
	bench.done(&actions, Done::Made);
	assert!(!cancelled(&bench.head(499, vec![drawn(17, 500, true)], Vec::new())));
	assert!(
		cancelled(&bench.head(501, vec![drawn(17, 500, true)], Vec::new())),
		"its time is over"
	);
}

/// What readers owe, and what is to be reported, is told the journal once.
#[test]
fn what_is_owed_and_what_is_reported_is_written_down() {
	let mut bench = Bench::new(vec![sound(17)]);
	bench.head(100, vec![held(17)], Vec::new());
	let debts = vec![(key(17), 40)];
	assert_eq!(
		bench.step(Event::Owes(debts.clone())),
		[Action::KeepOwed(debts.clone())]
	);
	assert!(bench.step(Event::Owes(debts.clone())).is_empty(), "it is known");
	let report = Report {
		era: 3,
		errand: 1,
		bytes: vec![1],
	};
	assert_eq!(
		bench.step(Event::Reported(report.clone())),
		[Action::KeepReport(report.clone())]
	);
	assert!(bench.step(Event::Reported(report.clone())).is_empty());
	let again = Memory::replay(bench.machine.memory().records());
	assert_eq!(again.debts().collect::<Vec<_>>(), debts);
	assert_eq!(again.reports().cloned().collect::<Vec<_>>(), [report]);
}
