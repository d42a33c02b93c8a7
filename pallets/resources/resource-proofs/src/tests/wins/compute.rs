//! Wins of compute: announced, and verified later.

use crate::{
	mock::*, Announcements, Claimed, Entries, Error, Event, NextWindow, Parameters, Struck, Sums, WaitingFor, Windows,
	AHEAD,
};
use frame_support::{assert_noop, assert_ok, weights::Weight};
use proof_lottery_primitives::{Resource, SegmentDraw, SegmentWin, Threshold};
use proof_of_compute_primitives::{scratchpad, Kernel};
use sp_runtime::transaction_validity::UnknownTransaction;

/// How many segments devices claim here: about half of them win.
const SEGMENTS: u32 = 4;

fn claim() -> Claimed {
	Claimed::Compute { segments: SEGMENTS }
}

/// Goes on until a window opens after this slot, and one block further.
pub fn next_window(after: u64) {
	let before = NextWindow::<Test>::get();
	turns_to(after);
	while NextWindow::<Test>::get() == before || round(Resource::Compute).opened < after {
		turns_to(slot() / TURN * TURN + TURN);
	}
	block(slot() + 1);
}

/// Whether each segment of a device wins in the latest window.
pub fn outcomes(n: u32, segments: u32) -> Vec<bool> {
	let (round, mut pad) = (round(Resource::Compute), scratchpad());
	let threshold = round.terms.threshold(segments).expect("some win");
	(0..segments)
		.map(|segment| threshold.wins(&Kernel::V1.run(&round.challenge, &id(n).0, segment, &mut pad)))
		.collect()
}

/// The next window in which this device has a segment that wins and one that does not.
fn window_with_both(n: u32) -> (u32, u32) {
	loop {
		next_window(counts_from());
		let outcomes = outcomes(n, SEGMENTS);
		let at = |wins| outcomes.iter().position(|outcome| *outcome == wins);
		if let (Some(winning), Some(losing)) = (at(true), at(false)) {
			return (winning as u32, losing as u32);
		}
	}
}

/// The next window in which this device has a segment that wins: that.
pub fn window_with_win(n: u32) -> u32 {
	window_with_both(n).0
}

#[test]
fn a_win_is_announced_and_verified_when_there_is_time() {
	run(|| {
		device(1, claim());
		let (winning, _) = window_with_both(1);
		let window = round(Resource::Compute).number;
		let valid = validity(&announcement(1, winning)).expect("may be announced");
		assert_eq!(valid.provides.len(), 2);
		assert_eq!(apply(announcement(1, winning)), Ok(()));
		check();
		assert_eq!(Sums::<Test>::get().compute, Default::default());
		assert_eq!(
			(WaitingFor::<Test>::get().len(), Announcements::<Test>::iter().count()),
			(1, 1)
		);
		assert_noop!(
			Proofs::withdraw(origin(1), id(1), Resource::Compute),
			Error::<Test>::WinsPending
		);
		idle();
		check();
		assert!(events().contains(&Event::Won {
			device: id(1),
			resource: Resource::Compute,
			round: window,
			unit: winning,
		}));
		assert_ne!(Sums::<Test>::get().compute, Default::default());
		assert!(WaitingFor::<Test>::get().is_empty());
		assert_ok!(Proofs::withdraw(origin(1), id(1), Resource::Compute));
	});
}

#[test]
fn a_false_win_costs_the_device_all_that_it_left_and_its_place() {
	run(|| {
		device(1, claim());
		declare(1, Claimed::Uptime);
		device(2, claim());
		assert_ok!(Proofs::offer_link(origin(1), id(1), 5));
		assert_ok!(Proofs::accept_link(origin(5), id(1)));
		let (winning, losing) = window_with_both(1);
		assert_eq!(apply(announcement(1, losing)), Ok(()));
		assert_eq!(apply(announcement(1, winning)), Ok(()));
		idle();
		let slashed = COMPUTE_DEPOSIT + UPTIME_DEPOSIT;
		assert!(events().contains(&Event::DeviceStruck {
			device: id(1),
			window: round(Resource::Compute).number,
			segment: losing,
			slashed,
		}));
		// No deposit was released.
		assert!(!events().iter().any(|event| matches!(event, Event::Left { .. })));
		// What else it announced is worth nothing, and costs nobody a run.
		assert!(WaitingFor::<Test>::get().is_empty());
		assert_eq!((free(TREASURY), free(1)), (slashed, RICH - slashed - COMPUTE_DEPOSIT));
		assert_eq!(held(1), COMPUTE_DEPOSIT);
		assert!(Struck::<Test>::contains_key(id(1)) && !Entries::<Test>::contains_key(id(1)));
		assert_noop!(
			Proofs::declare(origin(1), id(1), claim()),
			Error::<Test>::DeviceIsStruck
		);
		assert_eq!(crate::Candidates::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_liar_takes_no_deposit_away_before_its_lie_shows() {
	run(|| {
		device(1, claim());
		declare(1, space(3));
		declare(1, Claimed::Uptime);
		let (_, losing) = window_with_both(1);
		assert_eq!(apply(announcement(1, losing)), Ok(()));
		for (resource, error) in [
			(Resource::Space, Error::<Test>::WinsPending),
			(Resource::Compute, Error::<Test>::WinsPending),
			(Resource::Uptime, Error::<Test>::UptimeIsLast),
		] {
			assert_noop!(Proofs::withdraw(origin(1), id(1), resource), error);
		}
		idle();
		let all = SPACE_DEPOSIT + COMPUTE_DEPOSIT + UPTIME_DEPOSIT;
		assert_eq!((held(1), free(1), free(TREASURY)), (0, RICH - all, all));
	});
}

#[test]
fn what_is_wrong_is_refused() {
	run(|| {
		device(1, claim());
		register(2, 1);
		next_window(slot());
		let (winning, _) = window_with_both(1);
		assert_eq!(apply(announcement(2, winning)), refusal(Error::NotDeclared));
		assert_eq!(apply(announcement(1, SEGMENTS)), refusal(Error::NotClaimed));
		assert_eq!(apply(announcement_by(1, winning, 2)), refusal(Error::BadSignature));
		set_active(1, false);
		assert_eq!(apply(announcement(1, winning)), refusal(Error::NotActive));
		set_active(1, true);
		let of_window = |window| {
			let win = SegmentWin {
				device: id(1).0,
				window,
				segment: winning,
			};
			let RuntimeCall::Proofs(crate::Call::win_compute { signature, .. }) = announcement(1, winning) else {
				panic!("it is one");
			};
			crate::Call::<Test>::win_compute { win, signature }.into()
		};
		let latest = round(Resource::Compute).number;
		assert_eq!(apply(of_window(latest + 1)), refusal(Error::RoundAhead));
		assert_eq!(apply(of_window(latest - 1)), refusal(Error::RoundOver));
		assert_eq!(apply(announcement(1, winning)), Ok(()));
		assert_eq!(apply(announcement(1, winning)), refusal(Error::AlreadyWon));
		let late = announcement(1, (winning + 1) % SEGMENTS);
		block(round(Resource::Compute).until + 1);
		assert_eq!(apply(late), refusal(Error::RoundOver));
	});
}

/// A device that announced on another fork, where the window has another challenge, has not announced here, and is no
/// liar here.
#[test]
fn a_win_that_was_signed_over_another_draw_is_refused() {
	run(|| {
		device(1, claim());
		let (winning, _) = window_with_both(1);
		let window = Proofs::latest_window().expect("one is open");
		let kept = Entries::<Test>::get(id(1))
			.and_then(|entry| entry.compute)
			.expect("is in the lottery")
			.kept;
		let draw = Proofs::draw(&window, &kept).expect("some win");
		for other in [
			SegmentDraw {
				challenge: [0; 32],
				..draw
			},
			SegmentDraw {
				threshold: Threshold::ALWAYS,
				..draw
			},
		] {
			assert_eq!(
				apply(announcement_over(&other, 1, winning, 1)),
				refusal(Error::BadSignature)
			);
		}
		assert_eq!(apply(announcement_over(&draw, 1, winning, 1)), Ok(()));
	});
}

/// Keys could be made until one wins, if they counted in a window that is known.
#[test]
fn a_key_counts_like_a_claim() {
	run(|| {
		device(1, claim());
		let (winning, _) = window_with_both(1);
		let opened = round(Resource::Compute).opened;
		let of = |since| crate::ParameterValues::test().claim_from(Resource::Compute, since, TURN as u32);
		let last = (0..opened)
			.rev()
			.find(|since| of(*since) <= opened)
			.expect("there is one");
		for young in [last + 1, opened, slot(), u64::MAX] {
			set_key_since(1, young);
			assert_eq!(apply(announcement(1, winning)), refusal(Error::KeyTooYoung), "{young}");
		}
		set_key_since(1, last);
		assert_eq!(apply(announcement(1, winning)), Ok(()));
	});
}

/// No window opens while the wins of another count; but if they are made shorter meanwhile, the latest alone counts.
#[test]
fn only_the_latest_window_counts() {
	run(|| {
		device(1, claim());
		next_window(counts_from());
		let number = round(Resource::Compute).number;
		let win = announcement(1, 0);
		crate::Windows::<Test>::mutate(number, |window| {
			window.as_mut().expect("is open").round.until += 100 * TURN
		});
		assert_eq!(apply(win.clone()), Ok(()));
		while NextWindow::<Test>::get() == number + 1 {
			block((slot() / TURN + 1) * TURN);
		}
		block(slot() + 1);
		assert!(slot() <= Windows::<Test>::get(number).expect("a win of it waits").round.until);
		let RuntimeCall::Proofs(crate::Call::win_compute { mut win, signature }) = win else {
			panic!("it is one");
		};
		win.segment = 1;
		let late = crate::Call::<Test>::win_compute { win, signature };
		assert_eq!(apply(late.into()), refusal(Error::RoundOver));
	});
}

#[test]
fn a_device_announces_no_more_than_it_can_win_by_chance() {
	run(|| {
		device(1, Claimed::Compute { segments: 1_000 });
		next_window(counts_from());
		// Two of a window are to be expected: it may announce seven, and they are told apart by seven tags.
		let round = round(Resource::Compute);
		assert_eq!(round.terms.most_announced(1_000), 7);
		let tags: std::collections::BTreeSet<_> = (0..100)
			.map(|segment| validity(&announcement(1, segment)).expect("may be announced").provides[1].clone())
			.collect();
		assert_eq!(tags.len(), 7);
		for segment in 0..7 {
			assert_eq!(apply(announcement(1, segment)), Ok(()));
		}
		assert_eq!(apply(announcement(1, 7)), refusal(Error::TooManyWins));
		// In real numbers, at 56 wins in tau and 332 windows: two.
		let real = crate::ParameterValues::real()
			.lottery(Resource::Compute, 12)
			.with(1_000);
		assert_eq!((real.lottery.rounds, real.most_announced(1_000)), (332, 2));
	});
}

#[test]
fn a_block_takes_so_many_announcements_and_the_queue_so_many() {
	run(|| {
		// As many as the runtime has weights for, which these lotteries do not expect.
		let expected = |wins| Parameters::<Test>::mutate(|parameters| parameters.compute.wins_per_block = wins);
		expected(56);
		for n in 1..=120 {
			device(n, claim());
		}
		next_window(counts_from());
		let mut taken = 0;
		for n in 1..=64 {
			taken += u32::from(apply(announcement(n, 0)).is_ok());
		}
		assert_eq!((taken, apply(announcement(65, 0))), (64, refusal(Error::BlockIsFull)));
		block(slot() + 1);
		for n in 65..=100 {
			assert_eq!(apply(announcement(n, 0)), Ok(()));
		}
		assert_eq!(apply(announcement(101, 0)), refusal(Error::QueueIsFull));
		// A pool bans what is invalid; this is good in a moment.
		assert_eq!(
			validity(&announcement(101, 0)),
			Err(UnknownTransaction::Custom(AHEAD).into())
		);
		// Each block verifies two, and none if it has no room.
		assert_eq!(Proofs::verify_announced(Weight::zero()), Weight::zero());
		assert_eq!(
			Proofs::verify_announced(Weight::from_parts(1, 0)),
			Weight::from_parts(1, 0)
		);
		idle();
		assert_eq!(WaitingFor::<Test>::get().len(), 98);
		block(slot() + 1);
		assert_eq!(apply(announcement(101, 0)), Ok(()));
		while !WaitingFor::<Test>::get().is_empty() {
			idle();
		}
		expected(crate::ParameterValues::test().compute.wins_per_block);
	});
}

/// What a device claims later changes neither whether it won nor what for: of two claims more the second is refused
/// until the win is verified, for by then the chain would have forgotten what was claimed in the window.
#[test]
fn a_win_counts_by_what_was_claimed_in_its_window() {
	let credited = |changes: &[u32]| {
		let mut credited = Default::default();
		run(|| {
			device(1, claim());
			device(2, claim());
			let (winning, _) = window_with_both(1);
			let round = round(Resource::Compute);
			assert_eq!(apply(announcement(1, winning)), Ok(()));
			// Blocks without time to spare, until what is claimed counts, and no window is open that was before.
			for (place, segments) in changes.iter().enumerate() {
				let claim = Claimed::Compute { segments: *segments };
				let from = counts_from() + 3 * TURN;
				// Who announced nothing waits for nobody.
				declare(2, claim);
				let claimed = Proofs::declare(origin(1), id(1), claim);
				let expected = if place == 0 {
					Ok(())
				} else {
					Err(Error::<Test>::RoundOpen.into())
				};
				assert_eq!(claimed, expected);
				while slot() < from {
					block((slot() / TURN + 1) * TURN);
				}
			}
			idle();
			declare(1, claim());
			assert!(!Struck::<Test>::contains_key(id(1)));
			let lottery = round.terms.lottery;
			credited = Sums::<Test>::get().compute.at(&lottery, round.opened);
			assert!(credited > 0);
		});
		credited
	};
	let honest = credited(&[]);
	assert_eq!(credited(&[1_000, 1_000_000]), honest);
	assert_eq!(credited(&[3, 2, 1]), honest);
}

#[test]
fn windows_are_kept_until_the_last_announcement_is_verified() {
	run(|| {
		device(1, claim());
		let (winning, _) = window_with_both(1);
		let first = round(Resource::Compute).number;
		assert_eq!(apply(announcement(1, winning)), Ok(()));
		// Blocks without time to spare, until the next window.
		while NextWindow::<Test>::get() == first + 1 {
			block((slot() / TURN + 1) * TURN);
		}
		check();
		assert_eq!(Windows::<Test>::iter_keys().count(), 2);
		// The older one is what it is judged by; of who announced nothing, the one that is open; and when all is over
		// and verified, nothing.
		let windows = [first, first + 1].map(|number| Windows::<Test>::get(number).expect("is kept").round);
		let open = || {
			let mut entry = Entries::<Test>::get(id(1)).expect("is in the lottery");
			let own = Proofs::oldest_open(&entry, Resource::Compute);
			entry.compute.as_mut().expect("of compute").pending = 0;
			(own, Proofs::oldest_open(&entry, Resource::Compute))
		};
		assert_eq!(open(), (Some(windows[0].opened), Some(windows[1].opened)));
		idle();
		assert!(events()
			.iter()
			.any(|event| matches!(event, Event::Won { round, .. } if *round == first)));
		assert_eq!(open(), (Some(windows[1].opened), Some(windows[1].opened)));
		block(windows[1].until);
		assert_eq!(open(), (Some(windows[1].opened), Some(windows[1].opened)));
		block(windows[1].until + 1);
		assert_eq!(open(), (None, None));
		assert_eq!(Windows::<Test>::iter_keys().collect::<Vec<_>>(), [first + 1]);
	});
}

#[test]
fn a_device_that_is_gone_leaves_its_deposit_until_all_is_verified() {
	run(|| {
		// One lies and retires before that shows; one tells the truth.
		device(1, claim());
		let (_, losing) = window_with_both(1);
		assert_eq!(apply(announcement(1, losing)), Ok(()));
		retire(1);
		check();
		assert_eq!(held(1), COMPUTE_DEPOSIT);
		idle();
		assert_eq!((held(1), free(TREASURY)), (0, COMPUTE_DEPOSIT));
		check();
		device(2, claim());
		let (winning, _) = window_with_both(2);
		assert_eq!(apply(announcement(2, winning)), Ok(()));
		retire(2);
		check();
		assert_eq!(held(1), COMPUTE_DEPOSIT);
		idle();
		assert_eq!((held(1), free(TREASURY)), (0, COMPUTE_DEPOSIT));
		assert!(!Struck::<Test>::contains_key(id(2)));
	});
}

/// The seller would lose a deposit, and the buyer the device.
#[test]
fn nobody_buys_a_device_whose_win_is_not_verified() {
	run(|| {
		device(1, claim());
		let (_, losing) = window_with_both(1);
		assert_eq!(apply(announcement(1, losing)), Ok(()));
		assert!(!transfer(1, 3));
		idle();
		// Whoever buys it now is told before.
		assert!(Struck::<Test>::contains_key(id(1)));
		assert!(transfer(1, 3));
		device(2, claim());
		let (winning, _) = window_with_both(2);
		assert_eq!(apply(announcement(2, winning)), Ok(()));
		assert!(!transfer(2, 3));
		check();
		idle();
		assert!(transfer(2, 3));
		assert_eq!((held(1), free(TREASURY)), (0, COMPUTE_DEPOSIT));
		assert_ok!(Proofs::declare(origin(3), id(2), claim()));
	});
}
