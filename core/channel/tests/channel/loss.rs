//! Stores that are old or gone: nothing is signed with them, and the partner says where to go on.

use crate::{
	chain::{signed, State, WINDOW},
	world::{config, Plan, World},
};
use channel_primitives::{Half, Locks, Payload, Resync, Side, Submit};
use smartchain_channel::{Event, Hello, Message, Parcels, Phase, Refused, Word};

fn pay_now(world: &mut World, who: usize, amount: u128) -> Result<(), Refused> {
	world.tell(
		who,
		Event::Pay {
			channel: 1,
			amount,
			memo: [0; 32],
		},
	)
}

fn pay(world: &mut World, who: usize, amount: u128) -> Result<(), Refused> {
	let paid = pay_now(world, who, amount);
	world.settle_down();
	paid
}

fn two() -> World {
	let mut world = World::new(Plan::default(), &[config(); 2], 1_000);
	world.settle_down();
	world
}

fn phase(world: &World, who: usize) -> Phase {
	world.machines[who].party.sheet(1).expect("open").phase.clone()
}

#[test]
fn a_restored_backup_signs_nothing_until_the_partner_says_where_to_go_on() {
	for who in [0, 1] {
		let mut world = two();
		for _ in 0..3 {
			pay(&mut world, 0, 10).expect("room");
			pay(&mut world, 1, 4).expect("room");
		}
		let backup = world.machines[who].store.sheets.clone();
		for _ in 0..5 {
			pay(&mut world, 0, 10).expect("room");
			pay(&mut world, 1, 4).expect("room");
		}
		world.machines[who].store.sheets = backup;
		world.kill(who);
		assert_eq!(
			world.tell(
				who,
				Event::Pay {
					channel: 1,
					amount: 1,
					memo: [0; 32]
				}
			),
			Err(Refused::Unsure)
		);
		world.settle_down();
		assert!(matches!(phase(&world, who), Phase::Lost { .. }));
		assert_eq!(pay(&mut world, who, 1), Err(Refused::DataLost));
		let close = Event::Close { channel: 1, sure: true };
		assert_eq!(world.tell(who, close), Err(Refused::DataLost));
		world.pass(2);
		assert_eq!(phase(&world, who), Phase::Open);
		assert_eq!(world.machines[who].store.lost, 1);
		pay(&mut world, who, 7).expect("it goes on");
		world.end();
		world.check();
		assert!(world.chain.forfeited.is_empty());
		let paid = if who == 0 { -80 + 32 - 7 } else { -80 + 32 + 7 };
		assert_eq!(world.gain(0), paid);
	}
}

#[test]
fn who_has_lost_all_goes_on_with_what_its_partner_shows() {
	let mut world = two();
	pay(&mut world, 0, 100).expect("room");
	pay(&mut world, 1, 30).expect("room");
	world.machines[0].store.sheets.clear();
	world.kill(0);
	let opened = world.chain.channels[&1].opened(Side::Low);
	world.tell(0, Event::Recover(opened)).expect("it is not known");
	world.meet(0, 1);
	world.settle_down();
	world.pass(2);
	assert_eq!(phase(&world, 0), Phase::Open);
	let sheet = world.machines[0].party.sheet(1).expect("open");
	assert_eq!(sheet.obligations.transferred(), 100);
	assert_eq!(sheet.theirs.as_ref().expect("it was shown").half.body.transferred, 30);
	pay(&mut world, 0, 5).expect("it goes on");
	world.end();
	assert_eq!(world.gain(0), -75);
	world.check();
}

/// Its partner, who answers to a close and to nothing else, shows that more is owed: that costs a fine and no more.
/// What nobody remembers of the partner's payments is lost.
#[test]
fn who_has_lost_all_closes_by_a_recovery_if_its_partner_is_silent() {
	let mut world = two();
	pay(&mut world, 0, 100).expect("room");
	pay(&mut world, 1, 30).expect("room");
	let recovery = || Event::CloseRecovery(1);
	assert_eq!(world.tell(0, recovery()), Err(Refused::Unasked));
	world.machines[0].store.sheets.clear();
	world.kill(0);
	world.machines[1].mute = true;
	let opened = world.chain.channels[&1].opened(Side::Low);
	world.tell(0, Event::Recover(opened)).expect("it is not known");
	world.meet(0, 1);
	world.pass(3);
	assert!(matches!(phase(&world, 0), Phase::Lost { .. }));
	world.tell(0, recovery()).expect("its partner is silent");
	world.check_restart(0);
	assert_eq!(world.tell(0, recovery()), Err(Refused::Closing));
	world.pass(8);
	let State::Closing(closing) = &world.chain.channels[&1].state else {
		panic!("answers count for longer");
	};
	assert!(closing.0.recovery && closing.0.corrected);
	assert!(
		closing.0.halves.low.is_some(),
		"what is let in stays, whatever is claimed"
	);
	world.tick(8 * WINDOW);
	world.pass(8);
	assert!(world.chain.is_over(1));
	assert!(world.chain.forfeited.is_empty());
	assert_eq!(world.gain(0), -100 - 2_000 / 100);
}

/// A restored backup, and a partner that never says what it holds: nothing is signed by it, but the account closes with
/// what it says. It owes no more than that, and pays no fine.
#[test]
fn a_backup_closes_by_a_recovery_if_nobody_can_say_that_it_is_the_newest() {
	let mut world = two();
	pay(&mut world, 0, 100).expect("room");
	pay(&mut world, 1, 30).expect("room");
	world.machines[1].down = true;
	world.kill(0);
	let close = Event::Close {
		channel: 1,
		sure: false,
	};
	assert_eq!(world.tell(0, close), Err(Refused::Unsure));
	world
		.tell(0, Event::CloseRecovery(1))
		.expect("nobody says what it holds");
	world.pass(2);
	world.tick(8 * WINDOW);
	world.pass(8);
	assert!(world.chain.is_over(1));
	assert_eq!(world.gain(0), -70);
}

/// After a loss each side closes alone, and whatever the other brings of what was lost counts for nothing.
#[test]
fn what_was_lost_counts_neither_for_nor_against_anyone() {
	let mut world = two();
	pay(&mut world, 0, 100).expect("room");
	let backup = world.machines[0].store.sheets.clone();
	pay(&mut world, 0, 50).expect("room");
	// This one never arrives, and is forgotten.
	world.machines[0].mute = true;
	pay(&mut world, 0, 200).expect("room");
	world.machines[0].mute = false;
	world.machines[0].store.sheets = backup;
	world.kill(0);
	world.settle_down();
	world.pass(2);
	assert_eq!(phase(&world, 0), Phase::Open);
	let paid = world.machines[0]
		.party
		.sheet(1)
		.expect("open")
		.obligations
		.transferred();
	assert_eq!(paid, 150);
	world
		.tell(
			0,
			Event::Close {
				channel: 1,
				sure: false,
			},
		)
		.expect("it goes on");
	world.tick(1);
	world.tick(1);
	// The partner finds the lost half somewhere, and brings it as a proof.
	let lost = world.history[&(1, Side::Low)]
		.iter()
		.map(|(half, _)| *half)
		.find(|half| half.transferred == 350)
		.expect("it was signed");
	let context = world.chain.channels[&1].of(Side::Low);
	let word = Submit {
		half: lost.payload(&context),
		tower: None,
		reward: 0,
	};
	let prove = smartchain_channel::Call::Prove {
		half: signed(0, &context, lost),
		half_locks: Locks::default(),
		claim_locks: None,
		submit: signed(1, &context.of_partner(), word),
	};
	world.chain.submit(1, Side::High, prove);
	world.pass(40);
	assert!(world.chain.forfeited.is_empty());
	assert_eq!(world.gain(0), -150);
}

/// A word that lets a side go on where it may have been before is none.
#[test]
fn a_word_below_what_may_have_been_signed_is_refused() {
	let mut world = two();
	pay(&mut world, 0, 100).expect("room");
	world.machines[0].store.sheets.clear();
	world.kill(0);
	let opened = world.chain.channels[&1].opened(Side::Low);
	world.tell(0, Event::Recover(opened)).expect("it is not known");
	let context = world.chain.channels[&1].of(Side::High);
	let now = world.machines[0].party.now();
	for resume in [1, 100, Resync::resume_at(now)] {
		let word = Word {
			word: signed(1, &context, Resync { held: 0, resume }),
			held: None,
			parcels: Parcels::default(),
		};
		let told = world.tell(0, Event::Received(1, Message::Word(word)));
		assert_eq!(told, Err(Refused::Unasked));
	}
	// Nor one with a half that this side has never signed.
	let locks = Locks::default();
	let half = Half {
		nonce: 3,
		ack: 0,
		transferred: 900,
		locked: 0,
		locks: locks.root(),
		memo: [0; 32],
	};
	let word = Word {
		word: signed(
			1,
			&context,
			Resync {
				held: 3,
				resume: Resync::resume_at(now + 5),
			},
		),
		held: Some((signed(1, &world.chain.channels[&1].of(Side::Low), half), locks)),
		parcels: Parcels::default(),
	};
	let told = world.tell(0, Event::Received(1, Message::Word(word)));
	assert_eq!(told, Err(Refused::BadSignature));
	assert!(matches!(phase(&world, 0), Phase::Lost { .. }));
}

/// A greeting from before the backup was made does not make it look new.
#[test]
fn an_old_greeting_does_not_let_an_old_store_pass() {
	let mut world = two();
	pay(&mut world, 0, 10).expect("room");
	let backup = world.machines[0].store.sheets.clone();
	let held = world.machines[1]
		.party
		.sheet(1)
		.expect("open")
		.theirs
		.as_ref()
		.map(|theirs| theirs.half);
	pay(&mut world, 0, 10).expect("room");
	world.machines[0].store.sheets = backup;
	world.kill(0);
	for answers in [0, 1, 77] {
		let old = Hello {
			held,
			number: 5,
			answers,
		};
		let told = world.tell(0, Event::Received(1, Message::Hello(old)));
		assert_eq!(told, Ok(()));
		assert_eq!(pay_now(&mut world, 0, 1), Err(Refused::Unsure));
	}
	world.settle_down();
	assert!(matches!(phase(&world, 0), Phase::Lost { .. }));
}
