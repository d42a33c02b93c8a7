//! Directors that leave out of their blocks what others earn by.

use issuance_primitives::{close, share, usage, Balance, Demand, Merits, PerPot, Pot, Schedule, Terms, Use, UNIT};
use smartchain_rng::Rng;

/// Seats of the chain.
pub const SEATS: usize = 21;

/// Turns of twelve blocks in an era of 1,200.
const TURNS: usize = 100;

/// Turns of a period, in which each voter may go on record once.
const PERIOD: usize = 5;

/// Turns from one round of space to the next, and turns in which its wins count.
const ROUND: usize = 10;
const ANSWER: usize = 2;

/// Points of a block and of a vote on record.
const BLOCK_POINTS: u128 = 1;
const VOTE_POINTS: u128 = 3;

/// Blocks of a turn.
const BLOCKS: u128 = 12;

/// GiB in plots of the whole network: enough for all that AutoMine buys.
const PLOTS: u128 = 10_000;

/// Eras of which the mean is taken.
const ERAS: usize = 2_000;

/// In which order directors have their turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
	/// Drawn anew for each round of turns.
	Drawn,
	/// Those that act together follow one another, in each round of turns. It is the worst that there is.
	InARow,
}

/// What directors that act together gain by it, on average of an era, in planck.
#[derive(Clone, Copy, Debug, Default)]
pub struct Favours {
	/// Of others' votes, those that are kept off the record, in thousandths.
	pub votes_left_out: i128,
	/// Of others' wins of space, those that are kept out, in thousandths.
	pub wins_left_out: i128,
	/// Gained in the pot of signing.
	pub signing: i128,
	/// Gained in the pot of plots, with the same share of plots as of seats.
	pub plots: i128,
	/// What they would have in both pots without it.
	pub fair: i128,
	/// What they would gain if pots were divided by what all could have earned.
	pub by_potential: i128,
}

/// An era's periods and rounds in which all blocks were theirs.
struct Seen {
	periods: usize,
	rounds: usize,
}

/// Lets so many directors act together for [`ERAS`] eras.
pub fn simulate(together: usize, order: Order, seed: u64) -> Favours {
	let mut rng = Rng::new(seed);
	let turns = turns(together, order, &mut rng);
	let (mut favours, mut periods, mut rounds) = (Favours::default(), 0, 0);
	for era in turns.chunks_exact(TURNS) {
		let seen = Seen {
			periods: era.chunks(PERIOD).filter(|turns| turns.iter().all(|own| *own)).count(),
			rounds: era
				.chunks(ROUND)
				.filter(|turns| turns.iter().take(ANSWER).all(|own| *own))
				.count(),
		};
		periods += seen.periods;
		rounds += seen.rounds;
		let blocks = era.iter().filter(|own| **own).count();
		add_era(&mut favours, together, blocks, &seen);
	}
	let mean = |sum: i128| sum / ERAS as i128;
	Favours {
		votes_left_out: crate::words::permille(periods as i128, (ERAS * TURNS / PERIOD) as i128),
		wins_left_out: crate::words::permille(rounds as i128, (ERAS * TURNS / ROUND) as i128),
		signing: mean(favours.signing),
		plots: mean(favours.plots),
		fair: mean(favours.fair),
		by_potential: mean(favours.by_potential),
	}
}

/// Whose turns they are, for all eras: true if it is one of those that act together.
fn turns(together: usize, order: Order, rng: &mut Rng) -> Vec<bool> {
	let mut turns = Vec::with_capacity(ERAS * TURNS + SEATS);
	let mut seats: Vec<bool> = (0..SEATS).map(|seat| seat < together).collect();
	while turns.len() < ERAS * TURNS {
		if order == Order::Drawn {
			for last in (1..SEATS).rev() {
				seats.swap(last, rng.below(last as u64 + 1) as usize);
			}
		}
		turns.extend_from_slice(&seats);
	}
	turns.truncate(ERAS * TURNS);
	turns
}

/// What an era pays them if they leave out what they can, and if they leave out nothing.
fn add_era(favours: &mut Favours, together: usize, turns: usize, seen: &Seen) {
	let (own, others) = (together as u128, (SEATS - together) as u128);
	let periods = (TURNS / PERIOD) as u128;
	let rounds = (TURNS / ROUND) as u128;
	let in_all = BLOCKS * TURNS as u128 * BLOCK_POINTS + VOTE_POINTS * periods * SEATS as u128;
	let points = BLOCKS * turns as u128 * BLOCK_POINTS + VOTE_POINTS * periods * own;
	let kept_off = VOTE_POINTS * seen.periods as u128 * others;
	let plots = PLOTS * UNIT * own / SEATS as u128;
	let kept_out = (PLOTS * UNIT - plots) * seen.rounds as u128 / rounds;
	let whole = PerPot {
		signing: in_all,
		plots: PLOTS * UNIT,
		..Merits::default()
	};
	let cut = PerPot {
		signing: in_all - kept_off,
		plots: PLOTS * UNIT - kept_out,
		..Merits::default()
	};
	let (fair, foul) = (pots(&whole), pots(&cut));
	let more = |pot: Pot, merit: u128, divisor: u128| {
		let (now, before) = (
			share(foul.get(pot), merit, divisor),
			share(fair.get(pot), merit, whole.get(pot)),
		);
		(now as i128 - before as i128, before as i128)
	};
	let (signing, had_signing) = more(Pot::Signing, points, cut.signing);
	let (space, had_space) = more(Pot::Plots, plots, cut.plots);
	favours.signing += signing;
	favours.plots += space;
	favours.fair += had_signing + had_space;
	favours.by_potential += more(Pot::Signing, points, whole.signing).0 + more(Pot::Plots, plots, whole.plots).0;
}

/// The pots of an era in which AutoMine alone buys.
fn pots(totals: &Merits) -> PerPot<Balance> {
	let demand = Demand {
		plots: totals.plots,
		..Demand::default()
	};
	let ceiling = Schedule::real().ceiling(0, 0, 0, 0);
	let used = usage(Use::default(), Use::default());
	close(ceiling, used, &demand, &Terms::real(), totals).pots
}

#[cfg(test)]
mod tests {
	use super::{simulate, Order, SEATS};

	#[test]
	fn who_leaves_out_nothing_gains_nothing() {
		let alone = simulate(1, Order::Drawn, 1);
		assert_eq!(alone.votes_left_out, 0, "nobody has a whole period alone");
		assert_eq!(alone.signing, 0);
	}

	#[test]
	fn the_more_act_together_the_more_is_left_out() {
		for order in [Order::Drawn, Order::InARow] {
			let left_out = [1, 3, 7, 10, 14].map(|together| simulate(together, order, 2));
			for pair in left_out.windows(2) {
				assert!(pair[0].wins_left_out <= pair[1].wins_left_out, "{pair:?}");
				assert!(pair[0].votes_left_out <= pair[1].votes_left_out, "{pair:?}");
			}
		}
	}

	#[test]
	fn a_third_keeps_a_thousandth_of_votes_off_and_a_tenth_of_wins() {
		let third = simulate(SEATS / 3, Order::Drawn, 3);
		assert!((0..=4).contains(&third.votes_left_out), "{third:?}");
		assert!((80..=120).contains(&third.wins_left_out), "{third:?}");
	}

	#[test]
	fn divided_by_what_could_be_earned_nothing_is_gained() {
		for together in [1, 3, 7, 10, 14, 20] {
			for order in [Order::Drawn, Order::InARow] {
				let favours = simulate(together, order, 4);
				assert!(favours.by_potential <= 0, "{together} {order:?}: {favours:?}");
				assert!(
					favours.signing >= 0 && favours.plots >= 0,
					"{together} {order:?}: {favours:?}"
				);
			}
		}
	}
}
