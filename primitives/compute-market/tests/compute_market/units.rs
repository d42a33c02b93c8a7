//! A unit on its way, step by step.

use compute_market_primitives::{
	state::{Copied, Phase, Replica, State, Step, Unit, UnitError, MAX_REPLICAS},
	Commitment, Kind, Outcome, Return, Said, Verdict,
};
use quorum_primitives::{QUORUM, SINGLE};
use smartchain_rng::{runs, seeds, Rng};

const SINCE: u32 = 10;
const DUE: u32 = 40;
const REVEAL: u32 = 5;

fn outcome(byte: u8) -> Outcome {
	Outcome {
		kind: Kind::Ok,
		root: [byte; 32],
		fuel: 1,
	}
}

fn seal(byte: u8) -> Said {
	Said::Committed(Commitment([byte; 32]))
}

/// A unit that so many have.
fn given(members: u8) -> Unit {
	let mut unit = Unit::new(members.into(), 0, None);
	for member in 0..members {
		unit.give(member, SINCE, DUE, false).expect("there is room");
	}
	unit
}

fn step(unit: &mut Unit, left: usize, now: u32) -> Step {
	unit.step(&QUORUM, left, now, REVEAL)
}

#[test]
fn three_that_agree_are_a_result() {
	let mut unit = given(3);
	for member in 0..3 {
		assert_eq!(step(&mut unit, 9, 20), Step::Wait);
		assert_eq!(unit.sealed(member, SINCE, 20), Err(UnitError::NotAssigned));
		unit.say(member, SINCE, seal(member), 20).expect("in time");
		assert_eq!(unit.say(member, SINCE, seal(member), 20), Err(UnitError::NotAssigned));
		// Nobody reveals before all have said something.
		let early = if member < 2 { step(&mut unit, 9, 20) } else { Step::Wait };
		assert_eq!(early, Step::Wait);
		assert_eq!(unit.reveal(member, SINCE, outcome(1), 20), Err(UnitError::TooEarly));
	}
	assert!(unit.is_said());
	assert_eq!(step(&mut unit, 9, 21), Step::Reveal(26));
	for member in 0..3 {
		assert_eq!(step(&mut unit, 9, 26), Step::Wait);
		assert_eq!(unit.sealed(member, SINCE, 26), Ok(Commitment([member; 32])));
		assert_eq!(unit.sealed(member, SINCE + 1, 26), Err(UnitError::NotAssigned));
		unit.reveal(member, SINCE, outcome(1), 26).expect("in time");
		assert_eq!(
			unit.reveal(member, SINCE, outcome(1), 26),
			Err(UnitError::AlreadyRevealed)
		);
	}
	assert!(unit.is_revealed());
	assert_eq!(step(&mut unit, 9, 26), Step::Decided(Verdict::Accepted(outcome(1))));
}

#[test]
fn who_does_not_reveal_is_wrong() {
	let mut unit = given(3);
	(0..3).for_each(|member| unit.say(member, SINCE, seal(1), 20).expect("in time"));
	assert_eq!(step(&mut unit, 9, 20), Step::Reveal(25));
	unit.reveal(0, SINCE, outcome(1), 25).expect("in time");
	unit.reveal(1, SINCE, outcome(1), 25).expect("in time");
	assert_eq!(step(&mut unit, 9, 25), Step::Wait);
	assert_eq!(unit.reveal(2, SINCE, outcome(1), 26), Err(UnitError::TooLate));
	// Two of three do not suffice: four more.
	assert_eq!(step(&mut unit, 9, 26), Step::More(4));
	assert_eq!(unit.replica(2).map(|replica| replica.state), Some(State::Nothing));
	assert_eq!((unit.phase, unit.missing()), (Phase::Working, 4));
	assert_eq!(unit.give(2, 30, 60, false), Err(UnitError::Full));
}

#[test]
fn who_is_late_is_replaced() {
	let mut unit = given(3);
	unit.say(0, SINCE, seal(0), DUE).expect("in time");
	assert_eq!(unit.say(1, SINCE, seal(1), DUE + 1), Err(UnitError::TooLate));
	assert!(unit.take_late(DUE).is_empty());
	assert_eq!(unit.take_late(DUE + 1), vec![(1, true), (2, true)]);
	assert_eq!(step(&mut unit, 1, DUE + 1), Step::Ask(1));
	assert_eq!(unit.missing(), 2);
	unit.give(5, 50, 80, false).expect("there is room");
	unit.say(5, 50, seal(5), 60).expect("in time");
	// Nobody else is there: it goes on with two, who decide nothing.
	assert_eq!(step(&mut unit, 0, 60), Step::Reveal(65));
	unit.reveal(0, SINCE, outcome(1), 60).expect("in time");
	unit.reveal(5, 50, outcome(1), 60).expect("in time");
	assert_eq!(step(&mut unit, 0, 60), Step::Decided(Verdict::Undecided));
}

#[test]
fn a_unit_that_nobody_has_is_undecided() {
	let mut unit = Unit::new(3, 0, None);
	assert_eq!(step(&mut unit, 4, 10), Step::Ask(3));
	assert_eq!(step(&mut unit, 0, 10), Step::Decided(Verdict::Undecided));
}

#[test]
fn faults_are_said_at_once() {
	let mut unit = given(3);
	(0..3).for_each(|member| unit.say(member, SINCE, Said::Fault, 20).expect("in time"));
	assert_eq!(unit.sealed(0, SINCE, 20), Err(UnitError::NotAssigned));
	assert_eq!(step(&mut unit, 9, 20), Step::Decided(Verdict::Faulted));
}

#[test]
fn what_one_has_said_before_counts_as_one() {
	let mut unit = Unit::new(3, 0, Some(outcome(1)));
	assert_eq!(unit.missing(), 2);
	unit.give(0, SINCE, DUE, false).expect("there is room");
	unit.give(1, SINCE, DUE, false).expect("there is room");
	assert_eq!(unit.missing(), 0);
	(0..2).for_each(|member| unit.say(member, SINCE, seal(1), 20).expect("in time"));
	assert_eq!(step(&mut unit, 9, 20), Step::Reveal(25));
	unit.reveal(0, SINCE, outcome(1), 20).expect("in time");
	unit.reveal(1, SINCE, outcome(1), 20).expect("in time");
	assert_eq!(step(&mut unit, 9, 20), Step::Decided(Verdict::Accepted(outcome(1))));
}

#[test]
fn one_worker_alone_decides_where_it_may() {
	let mut unit = given(1);
	unit.say(0, SINCE, seal(0), 20).expect("in time");
	assert_eq!(unit.step(&SINGLE, 9, 20, REVEAL), Step::Reveal(25));
	unit.reveal(0, SINCE, outcome(4), 20).expect("in time");
	assert_eq!(
		unit.step(&SINGLE, 9, 20, REVEAL),
		Step::Decided(Verdict::Accepted(outcome(4)))
	);
}

/// It takes 9 ticks of the 30, of which 3 are slack: after these and 2 more somebody idle computes it too.
fn copied(now: u32) -> Copied {
	Copied {
		now,
		slowness: 3,
		slack: 3,
		late: 2,
	}
}

#[test]
fn a_copy_takes_the_place_of_who_is_slow() {
	let mut unit = given(3);
	assert!(!unit.wants_copy(&copied(21)) && unit.wants_copy(&copied(22)));
	unit.say(0, SINCE, seal(0), 20).expect("in time");
	unit.say(1, SINCE, seal(1), 20).expect("in time");
	assert!(unit.wants_copy(&copied(22)));
	unit.give(7, 22, 60, true).expect("there is room");
	assert!(!unit.wants_copy(&copied(30)), "one copy for each that is slow");
	unit.say(7, 22, seal(7), 25).expect("in time");
	assert_eq!(step(&mut unit, 9, 25), Step::Reveal(30));
	let slow = unit.replica(2).expect("has it still");
	assert!(slow.spare);
	// It may commit itself until somebody has revealed something, and not after that.
	let mut other = unit.clone();
	other.say(2, SINCE, seal(2), 26).expect("nobody has revealed anything");
	unit.reveal(0, SINCE, outcome(1), 26).expect("in time");
	assert_eq!(unit.say(2, SINCE, seal(2), 26), Err(UnitError::TooLate));
	unit.reveal(1, SINCE, outcome(1), 26).expect("in time");
	unit.reveal(7, 22, outcome(1), 26).expect("in time");
	assert_eq!(step(&mut unit, 9, 26), Step::Decided(Verdict::Accepted(outcome(1))));
	// It is waited for no more, but counts for nothing.
	for (member, since) in [(0, SINCE), (1, SINCE), (7, 22)] {
		other.reveal(member, since, outcome(1), 26).expect("in time");
	}
	assert!(other.is_revealed());
}

/// Slow ones and copies alike have said something before it goes on: three are judged, and the copies came second.
#[test]
fn of_more_than_are_wanted_the_last_ones_come_second() {
	let mut unit = given(3);
	unit.give(7, 22, 60, true).expect("there is room");
	unit.give(8, 22, 60, true).expect("there is room");
	for (member, since) in [(0, SINCE), (7, 22), (8, 22), (1, SINCE), (2, SINCE)] {
		unit.say(member, since, seal(member), 25).expect("in time");
	}
	assert_eq!(step(&mut unit, 9, 25), Step::Reveal(30));
	let spare: Vec<u8> = unit
		.replicas
		.iter()
		.filter(|replica| replica.spare)
		.map(|replica| replica.member)
		.collect();
	assert_eq!(spare, vec![7, 8]);
	(0..3).for_each(|member| unit.reveal(member, SINCE, outcome(1), 26).expect("in time"));
	assert_eq!(step(&mut unit, 9, 26), Step::Decided(Verdict::Accepted(outcome(1))));
}

/// Nobody else is left to be asked: it goes on once all have said something who have it, and not before.
#[test]
fn a_unit_for_which_nobody_is_left_goes_on_with_those_who_have_it() {
	let mut unit = given(3);
	unit.say(0, SINCE, seal(0), DUE).expect("in time");
	unit.hand_back(1, SINCE).expect("it has it");
	assert_eq!(step(&mut unit, 0, DUE), Step::Wait);
	assert!(!unit.is_said(), "one computes still");
	unit.say(2, SINCE, seal(2), DUE).expect("in time");
	assert!(unit.is_said(), "nothing else has it go on");
	assert_eq!(step(&mut unit, 0, DUE), Step::Reveal(DUE + REVEAL));
}

/// A step has begun once somebody has the unit besides those who had it at the step before.
#[test]
fn a_step_begins_with_the_first_of_those_who_are_asked_besides() {
	let wants = |want: u8, members: u8, prior: Option<Outcome>| {
		let mut unit = Unit::new(want.into(), 0, prior);
		for member in 0..members {
			unit.give(member, SINCE, DUE, false).expect("there is room");
		}
		(unit.has_begun(&QUORUM), unit.further(&QUORUM))
	};
	assert_eq!(wants(3, 0, None), (false, 4));
	assert_eq!(wants(3, 1, None), (true, 4));
	assert_eq!((wants(7, 3, None), wants(7, 4, None)), ((false, 6), (true, 6)));
	// As many as there are left: nine come after seven, and thirteen after nine.
	assert_eq!((wants(9, 7, None), wants(9, 8, None)), ((false, 4), (true, 4)));
	assert_eq!((wants(21, 13, None), wants(21, 14, None)), ((false, 0), (true, 0)));
	// What one has said before counts as one.
	let prior = Some(outcome(1));
	assert_eq!((wants(7, 2, prior), wants(7, 3, prior)), ((false, 6), (true, 6)));
}

#[test]
fn a_copy_is_none_once_the_slow_one_is_late() {
	let mut unit = given(3);
	unit.give(7, 22, 60, true).expect("there is room");
	assert_eq!(unit.take_late(DUE + 1).len(), 3);
	assert_eq!(unit.replica(7).map(|replica| replica.copy), Some(false));
	assert_eq!(unit.missing(), 2);
}

#[test]
fn a_unit_is_handed_back_by_who_has_it() {
	let mut unit = given(3);
	assert_eq!(unit.hand_back(4, SINCE), Err(UnitError::NotAssigned));
	assert_eq!(unit.hand_back(1, SINCE + 1), Err(UnitError::NotAssigned));
	unit.hand_back(1, SINCE).expect("it has it");
	assert_eq!(unit.missing(), 1);
	unit.say(0, SINCE, seal(0), 20).expect("in time");
	assert_eq!(unit.hand_back(0, SINCE), Err(UnitError::NotAssigned));
}

/// Whatever members do, and whoever is left, a unit ends within the time of all who may have it; nobody has it twice;
/// and what is accepted was returned by as many as the rule wants, or by two thirds of those there were.
#[test]
fn every_unit_ends() {
	for seed in seeds(400 * runs()) {
		let mut rng = Rng::new(seed);
		let members = rng.range(3, 40) as u8;
		let mut unit = Unit::new(3, 0, None);
		let (mut now, mut steps) = (1_u32, 0_u32);
		let decided = loop {
			steps += 1;
			assert!(steps < 4_000, "seed {seed}");
			let left = (0..members).filter(|member| !unit.was_asked(*member)).count();
			let asked = unit.asked.count_ones();
			match unit.step(&QUORUM, left, now, REVEAL) {
				Step::Decided(verdict) => break verdict,
				Step::Wait => now += 1,
				Step::Reveal(until) => assert_eq!(until, now + REVEAL),
				Step::Ask(more) | Step::More(more) => {
					assert!(more > 0 && more <= left, "seed {seed}");
					let free: Vec<u8> = (0..members).filter(|member| !unit.was_asked(*member)).collect();
					let member = *rng.pick(&free).expect("left");
					unit.give(member, now, now + 10, false).expect("there is room");
					assert_eq!(unit.asked.count_ones(), asked + 1);
				}
			}
			act(&mut unit, &mut rng, now);
			unit.take_late(now);
			assert!(unit.replicas.len() <= MAX_REPLICAS as usize);
		};
		let said = |replica: &&Replica| !replica.spare;
		let returned = unit.replicas.iter().filter(said).count();
		if let Verdict::Accepted(outcome) = decided {
			let alike = unit.replicas.iter().filter(said);
			let alike = alike
				.filter(|replica| replica.state == State::Revealed(outcome))
				.count();
			let enough = [(3, 3), (7, 6), (13, 9), (21, 14)].contains(&(returned, alike));
			let least = [(3, 3), (7, 6), (13, 9), (21, 14)]
				.iter()
				.any(|(of, least)| returned == *of && alike >= *least);
			assert!(
				enough || least || (returned >= 6 && alike * 3 >= returned * 2),
				"seed {seed}"
			);
		}
	}
}

/// Everybody does something, or nothing.
fn act(unit: &mut Unit, rng: &mut Rng, now: u32) {
	for replica in unit.replicas.clone() {
		let (member, since) = (replica.member, replica.since);
		let byte = if rng.percent(80) { 1 } else { rng.below(4) as u8 };
		let _ = match rng.below(12) {
			0 => unit.hand_back(member, since),
			1 => unit.say(member, since, Said::Fault, now),
			2..5 => unit.say(member, since, seal(byte), now),
			5..8 => unit.reveal(member, since, outcome(byte), now),
			_ => Ok(()),
		};
	}
}

#[test]
fn returns_are_those_of_who_counts() {
	let returns = [Return::Digest(outcome(1)), Return::Fault, Return::Nothing];
	assert_eq!(QUORUM.judge(&returns, 0), Verdict::Undecided);
}
