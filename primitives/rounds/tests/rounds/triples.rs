//! Three at a time: who works with whom.

use crate::workbench::{pool, uneven, Seeded, Still};
use rounds_primitives::{pick_several, Jitter};
use std::collections::BTreeMap;

const MEMBERS: u64 = 32;
const UNITS: usize = 1_024;
const SEED: u64 = 7;

/// How often each triple was picked, and how often each member.
fn job(weights: &[u32], jitter: &mut impl Jitter) -> (BTreeMap<Vec<usize>, usize>, Vec<usize>) {
	let mut pool = pool(weights);
	let (mut triples, mut picks) = (BTreeMap::new(), vec![0; weights.len()]);
	for _ in 0..UNITS {
		let mut three = pick_several(&mut pool, 3, |_| true, jitter);
		three.sort_unstable();
		three.iter().for_each(|at| picks[*at] += 1);
		*triples.entry(three).or_default() += 1;
	}
	(triples, picks)
}

fn commonest(triples: &BTreeMap<Vec<usize>, usize>) -> usize {
	triples.values().copied().max().unwrap_or(0)
}

/// Machines of one kind go round in the same threes without jitter, again and again.
#[test]
fn jitter_mixes_who_works_with_whom() {
	let (plain, _) = job(&[1_000; 33], &mut Still);
	println!(
		"without jitter {} triples, one {} times",
		plain.len(),
		commonest(&plain)
	);
	assert!(commonest(&plain) * 20 > UNITS, "one does {} units", commonest(&plain));
	for kinds in [&[1_000][..], &[1_000, 2_000], &[1_000, 2_000, 4_000, 8_000]] {
		let weights: Vec<u32> = kinds.iter().copied().cycle().take(33).collect();
		let (mixed, _) = job(&weights, &mut Seeded::new(SEED));
		println!("{kinds:?}: {} triples, one {} times", mixed.len(), commonest(&mixed));
		assert!(mixed.len() > 600, "{kinds:?}: {} triples", mixed.len());
		assert!(
			commonest(&mixed) * 100 <= UNITS,
			"{kinds:?}: one does {} units",
			commonest(&mixed)
		);
	}
}

/// Of six among 32 that collude, in forty draws: what share of units lies in their hands alone.
#[test]
fn colluders_are_seldom_among_themselves() {
	let mut worst = 0;
	for seed in 0..40 {
		let (triples, _) = job(&uneven(MEMBERS, seed), &mut Seeded::new(seed));
		let theirs = triples.iter().filter(|(three, _)| three.iter().all(|at| *at < 6));
		worst = worst.max(theirs.map(|(_, times)| times).sum::<usize>());
	}
	println!("at worst {worst} of {UNITS} units");
	// 20 in 4,960 triples, and more if they are strong: of the units at most 3 %.
	assert!(worst * 100 <= UNITS * 3, "{worst}");
}

#[test]
fn shares_are_those_of_weights() {
	for seed in 0..20 {
		let weights = uneven(MEMBERS, seed);
		let total: f64 = weights.iter().copied().map(f64::from).sum();
		let (_, picks) = job(&weights, &mut Seeded::new(seed));
		for (weight, picks) in weights.iter().zip(picks) {
			let (asked, had) = (f64::from(*weight) / total, picks as f64 / (3 * UNITS) as f64);
			assert!((asked - had).abs() < 0.015, "{asked:.4} {had:.4}");
		}
	}
}
