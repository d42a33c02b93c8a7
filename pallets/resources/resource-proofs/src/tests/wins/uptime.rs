//! Wins of uptime.

use crate::{mock::*, Claimed, Error, Event};
use proof_lottery_primitives::Resource;

/// A device in the lottery, in the first round in which its claim counts.
fn ready(n: u32) {
	device(n, Claimed::Uptime);
	turns_to(slot() / TURN * TURN + 2 * TURN + 1);
}

#[test]
fn a_pulse_wins() {
	run(|| {
		ready(1);
		let number = round(Resource::Uptime).number;
		let valid = validity(&pulse(1)).expect("wins");
		assert_eq!(valid.provides.len(), 1);
		assert_eq!(apply(pulse(1)), Ok(()));
		assert!(events().contains(&Event::Won {
			device: id(1),
			resource: Resource::Uptime,
			round: number,
			unit: 0,
		}));
	});
}

#[test]
fn what_is_wrong_is_refused() {
	run(|| {
		ready(1);
		register(2, 1);
		assert_eq!(apply(pulse(2)), refusal(Error::NotDeclared));
		let mut ahead = pulse_by(1, 1);
		ahead.round += 1;
		assert_eq!(apply(pulse_call(ahead.clone())), refusal(Error::RoundAhead));
		ahead.round -= 2;
		assert_eq!(apply(pulse_call(ahead)), refusal(Error::RoundOver));
		// By another's key.
		assert_eq!(apply(pulse_call(pulse_by(1, 2))), refusal(Error::BadPulse));
		let mut bent = pulse_by(1, 1);
		bent.proof[0] ^= 1;
		assert_eq!(apply(pulse_call(bent)), refusal(Error::BadPulse));
		set_active(1, false);
		assert_eq!(apply(pulse(1)), refusal(Error::NotActive));
		set_active(1, true);
		let late = pulse(1);
		block(slot() + 6);
		assert_eq!(apply(late), refusal(Error::RoundOver));
		// A claim that does not count yet.
		device(3, Claimed::Uptime);
		turns_to(slot() / TURN * TURN + TURN + 1);
		assert_eq!(apply(pulse(3)), refusal(Error::NotClaimed));
	});
}

#[test]
fn a_pulse_that_was_there_before_is_refused() {
	run(|| {
		ready(1);
		let before = pulse_by(1, 1);
		assert_eq!(apply(pulse_call(before.clone())), Ok(()));
		assert_eq!(apply(pulse_call(before.clone())), refusal(Error::AlreadyWon));
		// Another proof of the same output is the same win.
		assert_eq!(apply(pulse(1)), refusal(Error::AlreadyWon));
		// It is none of the next round.
		turns_to(slot() / TURN * TURN + TURN + 1);
		let mut replayed = before;
		replayed.round += 1;
		assert_eq!(apply(pulse_call(replayed)), refusal(Error::BadPulse));
	});
}

/// Keys could be made until one wins, if they counted in a round that is known.
#[test]
fn a_key_counts_from_the_second_round_after_it_was_enrolled() {
	run(|| {
		ready(1);
		let opened = round(Resource::Uptime).opened;
		for young in [opened - TURN, opened, slot(), u64::MAX] {
			set_key_since(1, young);
			assert_eq!(apply(pulse(1)), refusal(Error::KeyTooYoung), "{young}");
		}
		set_key_since(1, opened - TURN - 1);
		assert_eq!(apply(pulse(1)), Ok(()));
	});
}

#[test]
fn a_block_takes_eight_pulses() {
	run(|| {
		for n in 1..=9 {
			device(n, Claimed::Uptime);
		}
		turns_to(START + 2 * TURN + 1);
		for n in 1..=8 {
			assert_eq!(apply(pulse(n)), Ok(()));
		}
		assert_eq!(apply(pulse(9)), refusal(Error::BlockIsFull));
		block(slot() + 1);
		assert_eq!(apply(pulse(9)), Ok(()));
	});
}

#[test]
fn an_output_that_does_not_win_is_refused_before_its_proof_is_looked_at() {
	run(|| {
		// So many that each wins a round in ten.
		ready(1);
		crate::DeviceCounts::<Test>::mutate(|counts| counts.uptime = 420);
		let (mut wins, mut losses) = (0, 0);
		for _ in 0..60 {
			turns_to(slot() / TURN * TURN + TURN + 1);
			let mut mine = pulse_by(1, 1);
			let outcome = apply(pulse_call(mine.clone()));
			if outcome.is_ok() {
				wins += 1;
				continue;
			}
			assert_eq!(outcome, refusal(Error::NoWin));
			mine.proof = [0; 64];
			assert_eq!(apply(pulse_call(mine)), refusal(Error::NoWin));
			losses += 1;
		}
		assert!((1..20).contains(&wins) && wins + losses == 60, "{wins}");
		crate::DeviceCounts::<Test>::mutate(|counts| counts.uptime = 1);
	});
}
