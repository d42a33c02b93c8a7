//! Whoever plays by the rules loses nothing, whatever its partner does: I4, I5 and I6 over random channels.

use crate::workbench::{closing, condition, half, lock, locks, met, paid, Game};
use channel_primitives::{Claim, Closing, Dispute, DisputeError, Half, Hash, Locks, Nonce, Outcome, PerSide, Side};
use smartchain_rng::{runs, seeds, Rng};
use std::collections::BTreeSet;

/// The number of a lock that nobody gave.
const FAKE: u64 = 1 << 40;

/// What was found in a campaign: it is worth nothing if what it is about never happened.
#[derive(Default)]
struct Found {
	closes: u64,
	lies: u64,
	frauds: u64,
	corrected: u64,
	later: u64,
	void: u64,
	put_back: u64,
	cut: u64,
	lost: u64,
}

/// Some of the conditions, met in time.
fn some(rng: &mut Rng, conditions: &BTreeSet<Hash>) -> BTreeSet<Hash> {
	let percent = [0, 30, 60, 100][rng.below(4) as usize];
	conditions.iter().filter(|_| rng.percent(percent)).copied().collect()
}

/// I5: no half of an honest closer is worth more than its claim, whether its partner has seen it or not, with lists or
/// without.
fn an_honest_closer_never_forfeits(game: &mut Game, side: Side, known: &BTreeSet<Hash>, found: &mut Found) {
	let (dispute, claimed) = game.close(side);
	found.closes += 1;
	let newest = game.players.get(side).obligations.locks();
	found.put_back += u64::from(claimed.as_slice().len() > newest.as_slice().len());
	for (half, list) in &game.players.get(side).signed {
		found.void += u64::from(half.is_void(dispute.ack_over(side)));
		for half_list in [None, Some(list)] {
			for claim_list in [None, Some(&claimed)] {
				let proof = dispute.clone().prove(half, half_list, claim_list, &met(known));
				let lost = dispute.resyncs.get(side).lost(half.nonce);
				let expected = if lost {
					DisputeError::Superseded
				} else {
					DisputeError::NotAFraud
				};
				assert_eq!(proof, Err(expected), "{side:?} {half:?}");
				found.lost += u64::from(lost);
			}
		}
	}
}

/// I4 for the closer: whichever of its halves its partner lets in.
fn a_closer_gets_its_due(game: &mut Game, side: Side, known: &BTreeSet<Hash>, found: &mut Found) {
	let bound = game.bound(side, known);
	let (closed, _) = game.close(side);
	let old: Vec<Option<Half>> = game
		.players
		.get(side)
		.signed
		.iter()
		.map(|(half, _)| Some(*half))
		.collect();
	for half in old.into_iter().chain([None]) {
		let mut dispute = closed.clone();
		if let Some(half) = half {
			// Refused if it was lost.
			let _ = dispute.update(side, half, dispute.deadline);
		}
		let owed = dispute.owed(side);
		let settlement = dispute
			.settle(&game.stake, 0, dispute.deadline + 1)
			.expect("it is over");
		found.cut += u64::from(!owed.void && *settlement.reserved.get(side) < owed.locked);
		let gets = *paid(&dispute, &game.stake, &game.lists, known).get(side) as i128;
		assert!(gets >= bound, "{side:?} gets {gets} and not {bound}: {dispute:?}");
	}
}

/// How many of the oldest and of the newest halves a liar chooses among.
const CHOICE: usize = 3;

/// Its oldest and its newest halves.
fn some_signed(game: &Game, side: Side) -> Vec<(Half, Locks)> {
	let signed = &game.players.get(side).signed;
	let newest = signed.len().saturating_sub(CHOICE).max(CHOICE);
	signed
		.iter()
		.take(CHOICE)
		.chain(signed.iter().skip(newest))
		.cloned()
		.collect()
}

/// What a liar may claim of its own: what it has signed, the same without locks or with false ones, and nothing.
fn lies(game: &mut Game, liar: Side) -> Vec<(Claim, Locks)> {
	let mut lies = vec![(Claim::new(0, &Locks::default()), Locks::default())];
	for (half, list) in some_signed(game, liar) {
		lies.push((Claim::new(half.transferred, &list), list));
		lies.push((Claim::new(half.transferred, &Locks::default()), Locks::default()));
	}
	let total = game.stake.total();
	for amount in [1, total / 2, total, total.saturating_add(1)] {
		if amount > 0 {
			let list = locks(&[lock(liar, FAKE, amount)]);
			game.lists.insert(list.root(), list.clone());
			for transferred in [0, game.players.get(liar).obligations.transferred()] {
				lies.push((Claim::new(transferred, &list), list.clone()));
			}
		}
	}
	lies
}

/// I4 and I6 for who answers a liar: it lets in the newest half that it has, shows what the liar said of its lost data,
/// and proves what it can. After that the liar may let in one half more.
fn no_lie_gains(game: &mut Game, liar: Side, known: &BTreeSet<Hash>, found: &mut Found) {
	let victim = liar.partner();
	if game.players.get(victim).lied {
		return;
	}
	let bound = game.bound(victim, known);
	let resyncs = PerSide::from_fn(|side| game.players.get(side).resyncs.clone());
	let theirs = game.players.get(victim).theirs.clone();
	let brought: Vec<(Option<Half>, bool)> = some_signed(game, victim)
		.iter()
		.map(|(half, _)| Some(*half))
		.chain([None])
		.flat_map(|half| [(half, false), (half, true)])
		.collect();
	let last = game.players.get(victim).signed.last().map(|(half, _)| *half);
	let mut fake_met = known.clone();
	fake_met.insert(condition(liar, FAKE));
	for (claim, claimed) in lies(game, liar) {
		for (half, recovery) in brought.iter().copied() {
			let words = resyncs.get(liar).clone();
			let closing = Closing {
				recovery,
				..closing(liar)
			};
			let Ok(mut dispute) = Dispute::begin(closing, &game.stake, claim, &claimed, half, words) else {
				continue;
			};
			found.lies += 1;
			if recovery {
				correct_oneself(&mut dispute, &claimed);
			}
			for word in resyncs.get(victim).as_slice() {
				dispute.resync(victim, *word, dispute.deadline).expect("in time");
			}
			if let Some((newest, list)) = &theirs {
				dispute.update(liar, *newest, dispute.deadline).expect("in time");
				let claimed = dispute.claim.has(&claimed).then_some(&claimed);
				let proof = dispute.prove(newest, Some(list), claimed, &met(known));
				found.corrected += u64::from(proof == Ok(Outcome::Corrected));
				if proof == Ok(Outcome::Forfeits) {
					found.frauds += 1;
					continue;
				}
			}
			let mut later = dispute.clone();
			// Refused if it was lost, or is no newer.
			found.later += u64::from(last.is_some_and(|half| later.update(victim, half, later.deadline).is_ok()));
			for (dispute, conditions) in [(&dispute, known), (&dispute, &fake_met), (&later, known)] {
				let gets = *paid(dispute, &game.stake, &game.lists, conditions).get(victim) as i128;
				assert!(gets >= bound, "{victim:?} gets {gets} and not {bound}: {dispute:?}");
			}
		}
	}
}

/// A liar that says that it has lost its data shows itself that its claim is too low, by a half that it signs for that
/// above all others, so that none of them be let in.
fn correct_oneself(dispute: &mut Dispute, claimed: &Locks) {
	let above_all = half(Nonce::MAX, 0, dispute.claim.transferred + 1, &Locks::default());
	let proof = dispute.prove(&above_all, None, Some(claimed), &|_: &Hash| None);
	assert_eq!(proof, Ok(Outcome::Corrected));
}

fn campaign(games: u64) -> Found {
	let mut found = Found::default();
	for seed in seeds(games) {
		let mut rng = Rng::new(seed);
		let mut game = Game::any(&mut rng);
		let known = some(&mut rng, &game.conditions);
		let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
			for side in Side::ALL {
				no_lie_gains(&mut game, side, &known, &mut found);
				// Who told its partner less than it holds has not played by the rules.
				if game.players.get(side).lied {
					continue;
				}
				an_honest_closer_never_forfeits(&mut game, side, &known, &mut found);
				a_closer_gets_its_due(&mut game, side, &known, &mut found);
			}
		}));
		if let Err(panic) = outcome {
			eprintln!("SMARTCHAIN_SEED={seed}");
			std::panic::resume_unwind(panic);
		}
	}
	found
}

#[test]
fn whoever_plays_by_the_rules_loses_nothing() {
	let games = 10_000 * runs();
	let found = campaign(games);
	if seeds(games).count() > 1 {
		// All that the rules are for has happened.
		let Found {
			closes,
			lies,
			frauds,
			corrected,
			later,
			void,
			put_back,
			cut,
			lost,
		} = found;
		for (what, times) in [
			("closes", closes),
			("lies", lies),
			("frauds", frauds),
			("recoveries that were corrected", corrected),
			("halves that a liar let in after the answer", later),
			("void halves", void),
			("locks put back", put_back),
			("locks that are not covered", cut),
			("lost halves", lost),
		] {
			assert!(times > 0, "{what}: {times}");
		}
	}
}

mod long {
	use super::campaign;

	#[test]
	#[ignore = "minutes; `scripts/test long` runs it"]
	fn a_million_lies_gain_nothing_and_leave_every_planck_in_its_place() {
		let found = campaign(100_000);
		println!("{} lies, {} of them forfeited", found.lies, found.frauds);
		assert!(found.lies > 1_000_000, "{}", found.lies);
	}
}
