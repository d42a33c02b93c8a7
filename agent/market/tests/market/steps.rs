//! What follows on what, step by step.

use crate::bench::{asked, begun, config, drawn, held, kept, key, rooted, shown, sound, submitted, Bench, BYTES, ROOT};
use smart_agent_market::{
	Action, Config, DeedKey, Done, Event, Failure, Memory, OnDisk, Order, Outcome, Refusal, Role, SlotState, Told,
	Voucher, Why, Work, GONE_AFTER, RESEND_MS,
};

#[test]
fn a_slot_that_is_drawn_is_made_uploaded_hashed_and_confirmed() {
	let mut bench = Bench::new(Vec::new());
	let actions = bench.head(10, vec![drawn(17, 500, false)], Vec::new());
	assert_eq!(begun(&actions).unwrap().1, Work::Make { bytes: BYTES, at: 10 });
	assert_eq!(bench.machine.takes(&key(17)), None, "there is no room yet");
	bench.done(&actions, Done::Made);
	assert_eq!(bench.machine.takes(&key(17)), Some(BYTES));
	let half = bench.step(Event::Received {
		key: key(17),
		durable: BYTES / 2,
	});
	assert!(half.is_empty());
	let all = bench.step(Event::Received {
		key: key(17),
		durable: BYTES,
	});
	assert!(all.is_empty(), "nobody knows its root yet");
	let told = rooted(drawn(17, 500, false), 4);
	let actions = bench.head(20, vec![told], Vec::new());
	assert_eq!(begun(&actions).unwrap().1, Work::Seal { root: ROOT });
	let actions = bench.done(&actions, Done::Sealed(true));
	let open = Work::Open {
		root: ROOT,
		chunks: [1_023, 4],
	};
	assert_eq!(begun(&actions).unwrap().1, open);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	let deed = kept(&actions).unwrap();
	assert!(matches!(
		deed,
		DeedKey::Confirm {
			chunks: [1_023, 4],
			until: 500,
			..
		}
	));
	assert!(submitted(&actions).is_none(), "it is not durable yet");
	assert_eq!(submitted(&bench.step(Event::Kept(deed))), Some(deed));
	bench.head(30, vec![held(17)], Vec::new());
	let status = bench.machine.status();
	assert_eq!((status.slots[0].state, status.stats.confirmed), (SlotState::Held, 1));
}

#[test]
fn what_is_confirmed_is_shown_anew_if_another_chunk_is_drawn() {
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(10, vec![rooted(drawn(17, 500, false), 4)], Vec::new());
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	let first = kept(&actions).unwrap();
	let actions = bench.head(22, vec![rooted(drawn(17, 500, false), 9)], Vec::new());
	assert!(matches!(
		begun(&actions).unwrap().1,
		Work::Open { chunks: [1_023, 9], .. }
	));
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	let second = kept(&actions).unwrap();
	assert_ne!(first, second);
	assert!(
		submitted(&bench.step(Event::Kept(first))).is_none(),
		"nobody asks for it any more"
	);
	assert_eq!(submitted(&bench.step(Event::Kept(second))), Some(second));
}

#[test]
fn a_slot_that_is_asked_is_answered_and_what_the_pool_lost_is_sent_again() {
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	let deed = kept(&actions).unwrap();
	assert_eq!(deed, DeedKey::answer(&asked(17, 700)));
	assert_eq!(submitted(&bench.step(Event::Kept(deed))), Some(deed));
	assert!(submitted(&bench.step(Event::Tick)).is_none());
	bench.step(Event::Submission {
		key: deed,
		outcome: Outcome::Pooled,
	});
	// Nothing is heard of it.
	assert!(
		submitted(&bench.wait(RESEND_MS / 1_000)).is_none(),
		"a pause before it goes out again"
	);
	assert_eq!(submitted(&bench.wait(1)), Some(deed));
	// The node is another one.
	bench.step(Event::NodeLost);
	assert!(submitted(&bench.wait(60)).is_none(), "there is nobody to send it to");
	assert_eq!(submitted(&bench.step(Event::NodeBack)), Some(deed));
	// A block has it: the challenge is not open any more.
	bench.head(110, vec![held(17)], Vec::new());
	assert!(submitted(&bench.wait(60)).is_none());
	// A branch had not.
	bench.head(111, vec![held(17)], vec![asked(17, 700)]);
	assert_eq!(submitted(&bench.wait(60)), Some(deed));
	bench.head(112, vec![held(17)], Vec::new());
	let actions = bench.head(701, vec![held(17)], Vec::new());
	assert!(!actions.iter().any(|action| matches!(action, Action::Explain(_))));
	let stats = bench.machine.status().stats;
	assert_eq!(
		(stats.answered, stats.all_missed(), stats.last_answer),
		(1, 0, Some(12))
	);
}

#[test]
fn an_answer_that_was_kept_goes_out_after_a_kill_without_the_disk() {
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	let deed = kept(&actions).unwrap();
	bench.step(Event::Kept(deed));
	let records = bench.machine.memory().records();
	let mut again = Bench::with(config(), Memory::replay(records), vec![sound(17)]);
	let actions = again.head(101, vec![held(17)], vec![asked(17, 700)]);
	assert!(begun(&actions).is_none(), "nothing is read");
	assert_eq!(submitted(&actions), Some(deed));
}

#[test]
fn each_miss_has_a_reason() {
	// It is not there.
	let mut bench = Bench::new(Vec::new());
	bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	assert_eq!(why(&bench.head(701, vec![held(17)], Vec::new())), Some(Why::NotHere));
	// It was seen too late.
	let mut bench = Bench::new(vec![sound(17)]);
	bench.head(699, vec![held(17)], vec![asked(17, 700)]);
	assert_eq!(why(&bench.head(701, vec![held(17)], Vec::new())), Some(Why::Late));
	// The disk fails.
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	bench.done(&actions, Done::Failed(Failure::Disk));
	assert_eq!(why(&bench.head(701, vec![held(17)], Vec::new())), Some(Why::Disk));
	// It came into no block.
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	bench.step(Event::Kept(kept(&actions).unwrap()));
	assert_eq!(
		why(&bench.head(701, vec![held(17)], Vec::new())),
		Some(Why::NotIncluded)
	);
	// The node was lost.
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	bench.step(Event::NodeLost);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	bench.step(Event::Kept(kept(&actions).unwrap()));
	bench.step(Event::NodeBack);
	assert_eq!(why(&bench.head(701, vec![held(17)], Vec::new())), Some(Why::NodeLost));
	// It is refused.
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	let deed = kept(&actions).unwrap();
	bench.step(Event::Kept(deed));
	bench.step(Event::Submission {
		key: deed,
		outcome: Outcome::Refused(Refusal::Wrong),
	});
	let reason = why(&bench.head(701, vec![held(17)], Vec::new()));
	assert_eq!(reason, Some(Why::Refused(Refusal::Wrong)));
	assert_eq!(bench.machine.status().stats.all_missed(), 1);
}

fn why(actions: &[Action]) -> Option<Why> {
	actions.iter().find_map(|action| match action {
		Action::Explain(missed) => Some(missed.why),
		_ => None,
	})
}

#[test]
fn rot_is_mended_before_it_is_asked_for_again() {
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	let actions = bench.done(&actions, Done::Rotten(vec![0]));
	let mend = Work::Mend {
		root: ROOT,
		groups: vec![0],
	};
	assert_eq!(begun(&actions).unwrap().1, mend);
	let actions = bench.done(&actions, Done::Mended);
	assert!(
		matches!(begun(&actions).unwrap().1, Work::Open { chunks: [5, 9], .. }),
		"in the same window"
	);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	assert!(kept(&actions).is_some());
	let stats = bench.machine.status().stats;
	assert_eq!((stats.rotten, stats.mended), (1, 1));
}

#[test]
fn chunks_that_are_sound_are_answered_while_others_are_rotten() {
	let mut bench = Bench::new(vec![sound(17)]);
	bench.head(99, vec![held(17)], Vec::new());
	let scrub = bench.step(Event::Order(Order::Scrub(None)));
	assert!(matches!(begun(&scrub).unwrap().1, Work::Scrub { .. }));
	let mend = bench.done(&scrub, Done::Rotten(vec![40]));
	assert!(matches!(begun(&mend).unwrap().1, Work::Mend { .. }));
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	assert!(matches!(begun(&actions).unwrap().1, Work::Open { .. }));
}

#[test]
fn an_outboard_that_is_damaged_is_made_anew_and_a_wrong_slot_built_from_others() {
	let mut bench = Bench::new(vec![sound(17)]);
	let actions = bench.head(100, vec![held(17)], vec![asked(17, 700)]);
	bench.done(&actions, Done::Failed(Failure::Missing));
	let actions = bench.wait(2);
	assert_eq!(begun(&actions).unwrap().1, Work::Seal { root: ROOT });
	let actions = bench.done(&actions, Done::Sealed(false));
	assert_eq!(begun(&actions).unwrap().1, Work::Repair { root: ROOT });
	let actions = bench.done(&actions, Done::Repaired);
	assert!(
		matches!(begun(&actions).unwrap().1, Work::Open { .. }),
		"and it answers in the same window"
	);
}

#[test]
fn a_slot_that_the_disk_lost_is_made_and_built_from_others() {
	let mut bench = Bench::new(Vec::new());
	let actions = bench.head(100, vec![held(17)], Vec::new());
	assert!(matches!(begun(&actions).unwrap().1, Work::Make { .. }));
	assert_eq!(bench.machine.status().slots[0].state, SlotState::Missing);
	let actions = bench.done(&actions, Done::Made);
	assert_eq!(begun(&actions).unwrap().1, Work::Repair { root: ROOT });
	assert!(
		begun(&bench.done(&actions, Done::Failed(Failure::TooFew))).is_none(),
		"not at once again"
	);
	let actions = bench.wait(2);
	assert_eq!(begun(&actions).unwrap().1, Work::Repair { root: ROOT });
	bench.done(&actions, Done::Repaired);
	let status = bench.machine.status();
	assert_eq!((status.slots[0].state, status.stats.repaired), (SlotState::Held, 1));
}

#[test]
fn a_repair_that_a_kill_cut_short_goes_on() {
	let half = OnDisk {
		durable: BYTES / 2,
		root: None,
		..sound(17)
	};
	let mut bench = Bench::new(vec![half]);
	let actions = bench.head(100, vec![drawn(17, 900, true)], Vec::new());
	assert_eq!(begun(&actions).unwrap().1, Work::Repair { root: ROOT });
	let actions = bench.done(&actions, Done::Repaired);
	assert!(matches!(
		begun(&actions).unwrap().1,
		Work::Open { chunks: [1_023, 4], .. }
	));
}

#[test]
fn slots_are_read_at_night_and_when_somebody_wants_it() {
	let mut bench = Bench::new(vec![sound(17), sound(18)]);
	// Noon: hour 12 of UTC, and both were read at midnight.
	let actions = bench.head(100, vec![held(17), held(18)], Vec::new());
	assert!(begun(&actions).is_none());
	bench.unix = 86_400 + 2 * 3_600;
	let actions = bench.step(Event::Tick);
	assert!(matches!(begun(&actions).unwrap().1, Work::Scrub { .. }));
	let actions = bench.done(&actions, Done::Rotten(Vec::new()));
	assert!(
		matches!(begun(&actions).unwrap().1, Work::Scrub { .. }),
		"the other one"
	);
	let actions = bench.done(&actions, Done::Rotten(Vec::new()));
	assert!(begun(&actions).is_none(), "both were");
	let actions = bench.step(Event::Order(Order::Scrub(Some(key(18)))));
	assert!(matches!(&actions[..], [Action::Begin { key: which, .. }] if *which == key(18)));
}

#[test]
fn a_slot_is_deleted_late_after_the_chain_said_last_that_it_is_ours() {
	let mut bench = Bench::new(vec![sound(17)]);
	bench.head(100, vec![held(17)], Vec::new());
	assert!(begun(&bench.head(101, Vec::new(), Vec::new())).is_none());
	assert!(
		begun(&bench.head(101 + GONE_AFTER, Vec::new(), Vec::new())).is_none(),
		"in no time"
	);
	bench.head(102 + GONE_AFTER, vec![held(17)], Vec::new());
	bench.head(103 + GONE_AFTER, Vec::new(), Vec::new());
	bench.wait(600);
	assert!(
		begun(&bench.wait(600)).is_none(),
		"no block says that it is gone for so long"
	);
	let actions = bench.head(103 + 2 * GONE_AFTER, Vec::new(), Vec::new());
	assert_eq!(begun(&actions).unwrap().1, Work::Remove);
	bench.done(&actions, Done::Removed);
	assert!(bench.machine.status().slots.is_empty());
}

#[test]
fn a_node_that_catches_up_deletes_nothing() {
	let made = OnDisk {
		made: 50_000,
		..sound(17)
	};
	let mut bench = Bench::new(vec![made]);
	for tick in (0..50_000).step_by(1_000) {
		bench.wait(60);
		assert!(begun(&bench.head(tick, Vec::new(), Vec::new())).is_none(), "{tick}");
	}
	bench.head(50_001, vec![held(17)], Vec::new());
	assert_eq!(bench.machine.status().slots[0].state, SlotState::Held);
}

fn signing() -> Config {
	Config {
		signs: true,
		redeem_least: 100,
		claim_least: 10,
		..config()
	}
}

fn earning(deal: u64, amount: u128, is_suspect: bool) -> Told {
	let role = Role::Held {
		accrued: amount,
		proven_to: 0,
		suspect: is_suspect,
		leaving: false,
		ends: Some(1_000_000),
	};
	Told { role, ..held(deal) }
}

#[test]
fn what_is_earned_is_claimed_once_a_day_if_somebody_signs() {
	let mut bench = Bench::new(vec![sound(17)]);
	assert!(
		kept(&bench.head(100, vec![earning(17, 50, false)], Vec::new())).is_none(),
		"nobody signs"
	);
	let mut bench = Bench::with(signing(), Memory::default(), vec![sound(17)]);
	assert!(
		kept(&bench.head(100, vec![earning(17, 5, false)], Vec::new())).is_none(),
		"it is not worth it"
	);
	let deed = kept(&bench.head(101, vec![earning(17, 50, false)], Vec::new())).unwrap();
	assert_eq!(submitted(&bench.step(Event::Kept(deed))), Some(deed));
	// What is signed is never sent twice by itself.
	assert!(submitted(&bench.wait(600)).is_none());
	assert!(submitted(&bench.wait(60)).is_none());
	bench.step(Event::NodeLost);
	assert!(submitted(&bench.step(Event::NodeBack)).is_none());
	assert!(submitted(&bench.wait(60)).is_none());
	bench.step(Event::Submission {
		key: deed,
		outcome: Outcome::Included,
	});
	assert!(kept(&bench.head(102, vec![earning(17, 50, false)], Vec::new())).is_none());
	let next = kept(&bench.head(102 + 172_800, vec![earning(17, 50, false)], Vec::new()));
	assert!(matches!(next, Some(DeedKey::Claim { .. })));
}

#[test]
fn a_suspect_that_is_sound_asks_to_be_asked() {
	let mut bench = Bench::with(signing(), Memory::default(), vec![sound(17)]);
	let deed = kept(&bench.head(100, vec![earning(17, 0, true)], Vec::new())).unwrap();
	assert_eq!(deed, DeedKey::ProveNow { key: key(17), at: 100 });
	assert!(
		kept(&bench.head(101, vec![earning(17, 0, true)], Vec::new())).is_none(),
		"not again so soon"
	);
	let mut bench = Bench::with(signing(), Memory::default(), vec![sound(17)]);
	let actions = bench.head(100, vec![earning(17, 0, true)], vec![asked(17, 700)]);
	assert!(kept(&actions).is_none(), "it is asked already");
}

#[test]
fn vouchers_are_kept_before_all_and_redeemed_when_it_is_worth_it() {
	let mut bench = Bench::with(signing(), Memory::default(), vec![sound(17)]);
	bench.head(100, vec![held(17)], Vec::new());
	let voucher = |total| Voucher {
		key: key(17),
		total,
		bytes: vec![1; 8],
	};
	let keeps = |actions: &[Action]| actions.iter().any(|action| matches!(action, Action::KeepVoucher(_)));
	let actions = bench.step(Event::Voucher(voucher(60)));
	assert!(keeps(&actions) && kept(&actions).is_none());
	assert!(
		!keeps(&bench.step(Event::Voucher(voucher(60)))),
		"it brings nothing more"
	);
	let actions = bench.step(Event::Voucher(voucher(130)));
	assert!(keeps(&actions));
	let deed = kept(&actions).unwrap();
	assert_eq!(
		deed,
		DeedKey::Redeem {
			key: key(17),
			total: 130
		}
	);
	bench.step(Event::Kept(deed));
	let actions = bench.step(Event::Submission {
		key: deed,
		outcome: Outcome::Included,
	});
	let paid = |action: &Action| {
		*action
			== Action::Redeemed {
				key: key(17),
				total: 130,
			}
	};
	assert!(actions.iter().any(paid));
	assert_eq!(bench.machine.status().unpaid, 0);
	// What is left when its deal ends is not left behind.
	bench.step(Event::Voucher(voucher(140)));
	let actions = bench.head(101, Vec::new(), Vec::new());
	assert_eq!(
		kept(&actions),
		Some(DeedKey::Redeem {
			key: key(17),
			total: 140
		})
	);
}

#[test]
fn whoever_is_about_to_end_begins_nothing() {
	let mut bench = Bench::new(vec![sound(17)]);
	bench.step(Event::Stop);
	let actions = bench.head(100, vec![held(17), drawn(18, 500, true)], vec![asked(17, 700)]);
	assert!(actions.is_empty(), "{actions:?}");
}
