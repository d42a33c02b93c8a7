//! What agents are told.

use super::wins::plots::FIRST;
use crate::{mock::*, Claimed, Struck};
use frame_support::assert_ok;
use proof_lottery_primitives::{Resource, WhyNot, Wins};

fn why(n: u32) -> Vec<WhyNot> {
	Proofs::device_proofs(&id(n)).expect("the chain knows it").why_not
}

#[test]
fn open_rounds_are_those_that_the_next_block_can_still_answer() {
	run(|| {
		turns_to(START + TURN);
		let open = Proofs::open_rounds_now();
		let lotteries: Vec<_> = open.iter().map(|round| round.resource).collect();
		assert!(lotteries.contains(&Resource::Space) && lotteries.contains(&Resource::Uptime));
		let space = &open[0];
		assert_eq!(
			(space.round, space.opened, space.until),
			(101, START + TURN, START + TURN + 6)
		);
		assert_eq!(
			(space.wins, space.rounds, space.filter, space.devices),
			(Wins::of(100), 100, 1, 0)
		);
		block(START + TURN + 6);
		let open = Proofs::open_rounds_now();
		assert!(open.iter().all(|round| round.resource == Resource::Compute));
	});
}

#[test]
fn a_device_is_told_how_it_does_and_why_it_does_not_count() {
	run(|| {
		simulate_plots();
		assert_eq!(Proofs::device_proofs(&id(1)), None);
		register(1, 1);
		let all = [Resource::Space, Resource::Compute, Resource::Uptime].map(WhyNot::NotDeclared);
		assert_eq!(why(1), all);
		declare(1, space(1));
		declare(1, Claimed::Uptime);
		let reasons = why(1);
		assert!(reasons.contains(&WhyNot::NotYet(Resource::Space)));
		assert!(reasons.contains(&WhyNot::NotDeclared(Resource::Compute)));
		assert!(reasons.contains(&WhyNot::NotLinked));
		turns_to(FIRST * TURN + 7);
		let reasons = why(1);
		assert!(reasons.contains(&WhyNot::NoRound(Resource::Space)));
		assert!(reasons.contains(&WhyNot::TooFewWins(Resource::Space)));
		for round in FIRST + 1..FIRST + 30 {
			turns_to(round * TURN + 1);
			assert_eq!(apply(simulated_win(1, 0)), Ok(()));
			assert_eq!(apply(pulse(1)), Ok(()));
		}
		let told = Proofs::device_proofs(&id(1)).expect("the chain knows it");
		assert_eq!(
			told.why_not,
			[WhyNot::NotDeclared(Resource::Compute), WhyNot::NotLinked]
		);
		let space = &told.lotteries[0];
		assert_eq!((space.units, space.claimed, space.claimed_from), (1, 1, FIRST * TURN));
		assert_eq!(space.last_win, (FIRST + 29) * TURN);
		assert!(space.wins > Wins::of(20) && space.expected.0.abs_diff(space.wins.0) < Wins::of(4).0);
		// It has won in every round but its first. In three tenths of tau a quarter of what it has has come.
		assert!(
			space.corrected.0 > 15 << 28 && space.corrected.0 < 17 << 28,
			"{space:?}"
		);
		assert!(space.estimate.0.abs_diff(1 << 30) < 1 << 27, "{space:?}");
		assert!(space.assured < space.estimate);
		assert_eq!(told.competence, Proofs::competence_of_device(&id(1)));
		assert!(told.competence > 0);
		assert_ok!(Proofs::offer_link(origin(1), id(1), 5));
		assert!(why(1).contains(&WhyNot::NotLinked));
		assert_ok!(Proofs::accept_link(origin(5), id(1)));
		assert!(why(1).contains(&WhyNot::LinkedFromNextEra));
		assert_eq!(Proofs::device_proofs(&id(1)).and_then(|told| told.candidate), Some(5));
		set_active(1, false);
		assert!(why(1).contains(&WhyNot::Suspended));
		turns_to(slot() + 2_500);
		assert!(why(1).contains(&WhyNot::Silent(Resource::Space)));
		retire(1);
		assert_eq!(Proofs::device_proofs(&id(1)), None);
		Struck::<Test>::insert(id(1), 1);
		assert!(why(1).contains(&WhyNot::Struck) && why(1).contains(&WhyNot::NotRegistered));
	});
}
