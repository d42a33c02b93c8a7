//! All small channels.

mod model;

use crate::workbench::{condition, met, paid, stake, Game, Move};
use channel_primitives::{settle, unlock, DisputeError, Hash, Owed, PerSide, Side, Stake};
use std::collections::BTreeSet;

const SMALL: u128 = 3;

/// The same in whole numbers, as it is written on paper.
fn by_the_formula(stake: &Stake, owed: &PerSide<Owed>) -> [i128; 4] {
	let [low, high] = [owed.low, owed.high].map(|owed| (owed.transferred as i128, owed.locked as i128));
	let put_in = |side| *stake.deposited.get(side) as i128 - *stake.withdrawn.get(side) as i128;
	let total = put_in(Side::Low) + put_in(Side::High);
	let r_low = (put_in(Side::Low) + high.0 + high.1 - low.0 - low.1).clamp(0, total);
	let r_high = total - r_low;
	let (sl_high, sl_low) = (r_low.min(high.1), r_high.min(low.1));
	let mut split = [r_low - sl_high, r_high - sl_low, sl_low, sl_high];
	if owed.low.void {
		split[0] += split[2];
		split[2] = 0;
	}
	if owed.high.void {
		split[1] += split[3];
		split[3] = 0;
	}
	split
}

#[test]
fn every_small_settlement_is_the_formula_s() {
	let mut seen = 0_u64;
	let all = || 0..=SMALL;
	for (low, high, out_low, out_high) in quadruples(all) {
		let stake = Stake {
			deposited: PerSide { low, high },
			withdrawn: PerSide {
				low: out_low,
				high: out_high,
			},
		};
		if !stake.is_sound() {
			continue;
		}
		for (t_low, l_low, t_high, l_high) in quadruples(all) {
			for void in 0..4 {
				let owed = PerSide {
					low: Owed {
						transferred: t_low,
						locked: l_low,
						void: void & 1 > 0,
					},
					high: Owed {
						transferred: t_high,
						locked: l_high,
						void: void & 2 > 0,
					},
				};
				let settled = settle(&stake, &owed);
				let (paid, kept) = (settled.paid, settled.reserved);
				let split = [paid.low, paid.high, kept.low, kept.high].map(|part| part as i128);
				assert_eq!(split, by_the_formula(&stake, &owed), "{stake:?} {owed:?}");
				seen += 1;
			}
		}
	}
	assert!(seen > 100_000, "{seen}");
}

fn quadruples<I: Iterator<Item = u128> + Clone>(all: impl Fn() -> I) -> Vec<(u128, u128, u128, u128)> {
	let values: Vec<u128> = all().collect();
	let mut quadruples = Vec::new();
	for a in &values {
		for b in &values {
			for c in &values {
				for d in &values {
					quadruples.push((*a, *b, *c, *d));
				}
			}
		}
	}
	quadruples
}

#[test]
fn what_expired_goes_back_first() {
	for reserved in 0..=8 {
		for locked in 0..=8 {
			for claimed in 0..=8 {
				let unlocked = unlock(reserved, locked, claimed);
				let expired = locked.saturating_sub(claimed);
				assert_eq!(unlocked.payer, expired.min(reserved));
				assert_eq!(unlocked.payer + unlocked.payee, reserved);
			}
		}
	}
}

/// All sets of conditions that may have been met.
fn subsets(conditions: &BTreeSet<Hash>) -> Vec<BTreeSet<Hash>> {
	let all: Vec<Hash> = conditions.iter().copied().collect();
	(0..1_u32 << all.len())
		.map(|bits| {
			let chosen = all.iter().enumerate().filter(|(at, _)| bits >> at & 1 > 0);
			chosen.map(|(_, condition)| *condition).collect()
		})
		.collect()
}

/// I4 and I5 of a game as it stands, for whichever conditions were met.
fn look(game: &mut Game) -> u64 {
	let mut looks = 0;
	for known in subsets(&game.conditions.clone()) {
		for side in Side::ALL {
			let bound = game.bound(side, &known);
			let (closed, list) = game.close(side);
			let signed = game.players.get(side).signed.clone();
			for (half, half_list) in &signed {
				let proof = closed.clone().prove(half, Some(half_list), Some(&list), &met(&known));
				let lost = closed.resyncs.get(side).lost(half.nonce);
				let expected = if lost {
					DisputeError::Superseded
				} else {
					DisputeError::NotAFraud
				};
				assert_eq!(proof, Err(expected));
				let mut dispute = closed.clone();
				// Refused if it was lost.
				let _ = dispute.update(side, *half, dispute.deadline);
				let gets = *paid(&dispute, &game.stake, &game.lists, &known).get(side) as i128;
				assert!(gets >= bound, "{side:?} gets {gets} and not {bound}: {game:?}");
				looks += 1;
			}
			let gets = *paid(&closed, &game.stake, &game.lists, &known).get(side) as i128;
			assert!(gets >= bound, "{side:?} gets {gets} and not {bound}: {game:?}");
			looks += 1;
		}
	}
	looks
}

fn explore(game: &Game, moves: &[Move], depth: u32) -> u64 {
	let mut looks = 0;
	for played in moves {
		let mut next = game.clone();
		// What changes nothing leads nowhere new.
		if next.play(*played) {
			looks += look(&mut next);
			if depth > 1 {
				looks += explore(&next, moves, depth - 1);
			}
		}
	}
	looks
}

/// Every order of events in the smallest channels: payments, locks given, met and given up, withdrawals, messages that
/// arrive or are on their way, data that is lost, and a close by either side after each of them.
#[test]
fn every_order_of_a_few_events_in_the_smallest_channels() {
	let mut looks = 0;
	for (low, high, late, depth) in [(1, 0, false, 5), (2, 0, false, 4), (1, 1, true, 4), (2, 2, false, 4)] {
		let mut game = Game::new(stake(low, high));
		game.players.high.acks_late = late;
		looks += explore(&game, &Move::all(), depth);
	}
	assert!(looks > 10_000, "{looks}");
}

#[test]
fn conditions_of_the_bench_differ() {
	let all: BTreeSet<Hash> = Side::ALL
		.into_iter()
		.flat_map(|side| (0..9).map(move |id| condition(side, id)))
		.collect();
	assert_eq!(all.len(), 18);
}
