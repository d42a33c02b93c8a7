//! Who cheats a provider, by name, and what it gets.

use crate::{
	bench::{asked, begun, drawn, held, kept, key, rooted, shown, sound, Bench, BYTES},
	world::{run, Plan},
};
use smart_agent_market::{Action, Done, Event, Failure, SlotState, Told, Voucher, Why, Work, MAX_ASKED, MAX_DEED};

/// Opens deal after deal that this device is drawn for, so that its disk fills.
#[test]
fn the_flooder_gets_no_more_than_was_offered() {
	let mut bench = Bench::new(Vec::new());
	let flood: Vec<Told> = (0..100).map(|deal| drawn(deal, 5_000, false)).collect();
	let mut made = 0;
	let mut actions = bench.head(10, flood, Vec::new());
	while let Some((_, Work::Make { .. })) = begun(&actions) {
		made += 1;
		assert!(made < 100, "without an end");
		let all: Vec<u64> = actions
			.iter()
			.filter_map(|action| match action {
				Action::Begin { job, .. } => Some(*job),
				_ => None,
			})
			.collect();
		actions = all
			.into_iter()
			.flat_map(|job| bench.step(Event::Done { job, done: Done::Made }))
			.collect();
	}
	let status = bench.machine.status();
	let there = status
		.slots
		.iter()
		.filter(|slot| slot.state == SlotState::Uploading)
		.count();
	assert_eq!(there, 8, "what was offered");
	let why = status.slots.iter().filter(|slot| slot.why == Some(Why::NoRoom)).count();
	assert_eq!(why, 92);
}

/// Commits a root that is not that of what it sends, so that the device answers for something that nobody can open.
#[test]
fn the_liar_owner_gets_no_confirmation() {
	let mut bench = Bench::new(Vec::new());
	let actions = bench.head(10, vec![drawn(17, 500, false)], Vec::new());
	bench.done(&actions, Done::Made);
	bench.step(Event::Received {
		key: key(17),
		durable: BYTES,
	});
	let told = rooted(drawn(17, 500, false), 4);
	let actions = bench.head(20, vec![told], Vec::new());
	let actions = bench.done(&actions, Done::Sealed(false));
	assert_eq!(begun(&actions).unwrap().1, Work::Reset);
	let actions = bench.done(&actions, Done::Reset);
	assert!(actions.is_empty());
	assert_eq!(
		bench.machine.takes(&key(17)),
		Some(BYTES),
		"it may send the right one still"
	);
	let actions = bench.head(501, Vec::new(), Vec::new());
	let why = |action: &Action| matches!(action, Action::Explain(missed) if !missed.challenge);
	assert!(actions.iter().any(why));
	assert!(kept(&actions).is_none());
}

/// Uploads a half, and leaves: what it takes is the room, until its time is over.
#[test]
fn the_owner_who_stops_in_the_middle_gets_its_room_for_a_while() {
	let mut bench = Bench::new(Vec::new());
	let actions = bench.head(10, vec![drawn(17, 500, false)], Vec::new());
	bench.done(&actions, Done::Made);
	bench.step(Event::Received {
		key: key(17),
		durable: BYTES / 2,
	});
	let actions = bench.head(501, Vec::new(), Vec::new());
	let missed = actions.iter().find_map(|action| match action {
		Action::Explain(missed) => Some(missed.why),
		_ => None,
	});
	assert_eq!(missed, Some(Why::NotUploaded));
	bench.wait(700);
	let actions = bench.head(1_800, Vec::new(), Vec::new());
	assert_eq!(begun(&actions).unwrap().1, Work::Remove);
}

/// Commits roots that are no code: nobody can repair its slots, and whoever tries is not to try without an end.
#[test]
fn the_owner_whose_roots_are_no_code_is_tried_ever_more_rarely() {
	let mut bench = Bench::new(Vec::new());
	let actions = bench.head(10, vec![drawn(17, 50_000, true)], Vec::new());
	let mut actions = bench.done(&actions, Done::Made);
	let mut tried = 0;
	for _ in 0..3_600 {
		if begun(&actions).is_some() {
			tried += 1;
			bench.done(&actions, Done::Failed(Failure::NotACodeword));
		}
		actions = bench.wait(1);
	}
	assert!((5..30).contains(&tried), "{tried} times in an hour");
}

/// A node that lies has the device asked for ever so much.
#[test]
fn the_lying_node_makes_no_queue_grow() {
	let mut bench = Bench::new(vec![sound(17)]);
	for round in 0..20_u32 {
		let asked = (0..1_000).map(|index| smart_agent_market::Asked {
			index: round * 1_000 + index,
			..asked(17, 700)
		});
		bench.head(100 + round, vec![held(17)], asked.collect());
	}
	assert!(bench.machine.status().open <= MAX_ASKED);
}

/// Asks for one slot by a challenge of another: what is opened is always what the challenge names.
#[test]
fn the_replayer_has_no_answer_taken_for_another_challenge() {
	let mut bench = Bench::new(vec![sound(17), sound(18)]);
	let slots = vec![held(17), held(18)];
	let actions = bench.head(100, slots.clone(), vec![asked(17, 700)]);
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	let first = kept(&actions).unwrap();
	bench.step(Event::Kept(first));
	// The same number of the same tick, of another slot, as another branch has it.
	let actions = bench.head(101, slots, vec![asked(18, 700)]);
	assert!(matches!(begun(&actions).unwrap().1, Work::Open { .. }));
	let actions = bench.done(&actions, Done::Opened([shown(), shown()]));
	assert_ne!(kept(&actions).unwrap(), first);
}

/// Shows the same voucher again and again, a lower one, or one that is as long as a book.
#[test]
fn the_double_spender_pays_what_it_promised_most() {
	let mut bench = Bench::new(vec![sound(17)]);
	bench.head(100, vec![held(17)], Vec::new());
	let voucher = |total, bytes: usize| Voucher {
		key: key(17),
		total,
		bytes: vec![0; bytes],
	};
	let keeps = |actions: Vec<Action>| actions.iter().any(|action| matches!(action, Action::KeepVoucher(_)));
	assert!(keeps(bench.step(Event::Voucher(voucher(50, 80)))));
	for (total, bytes) in [(50, 80), (10, 80), (0, 80), (60, MAX_DEED + 1)] {
		assert!(!keeps(bench.step(Event::Voucher(voucher(total, bytes)))), "{total}");
	}
	assert_eq!(bench.machine.status().unpaid, 50);
}

/// Its disk has a group less each few minutes: it answers for what it has, and mends the rest.
#[test]
fn the_rotting_disk_is_mended_as_fast_as_it_rots() {
	let plan = Plan {
		rot: 20,
		..Plan::calm(5)
	};
	let world = run(plan).unwrap();
	assert!(
		world.answered > 20 * world.missed,
		"{} answered, {} missed",
		world.answered,
		world.missed
	);
}

/// The chain gives the slot to somebody else while it is being built here: nothing is confirmed for it.
#[test]
fn the_late_repairer_confirms_nothing() {
	let mut bench = Bench::new(Vec::new());
	let actions = bench.head(10, vec![drawn(17, 100, true)], Vec::new());
	let actions = bench.done(&actions, Done::Made);
	bench.head(101, Vec::new(), Vec::new());
	let actions = bench.done(&actions, Done::Repaired);
	assert!(begun(&actions).is_none() && kept(&actions).is_none());
}
