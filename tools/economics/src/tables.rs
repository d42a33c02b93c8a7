//! The tables of docs/economics.md.

use crate::{
	dealing::{given_up_needed, of_paid, price_share_needed, simulate, Dealer, Market, CEILING, HIGH, LOW, WHOLE},
	directors::{self, Order, SEATS},
	identities,
	life::{Life, GENESIS, HALVINGS},
	rules::{Rules, BOUNDS},
	words::{grouped, signed_stci, stci, table, tenths},
};
use issuance_primitives::{Schedule, STCI};

/// What everything random comes from.
const SEED: u64 = 12;

/// Shares of all capacity, in millionths: alone, with a third, with half.
const SHARES: [(&str, u64); 6] = [
	("1 %", WHOLE / 100),
	("5 %", WHOLE / 20),
	("10 %", WHOLE / 10),
	("20 %", WHOLE / 5),
	("a third", WHOLE / 3),
	("half", WHOLE / 2),
];

/// What a dealer does: narrow terms, draws again.
const WAYS: [(&str, bool, bool); 4] = [
	("draws once", false, false),
	("narrow terms", true, false),
	("draws again", false, true),
	("narrow, and again", true, true),
];

/// All tables: the name of the place in the page, and what is in it.
pub fn all(lives: &[Life]) -> Vec<(&'static str, String)> {
	vec![
		("life", life(lives)),
		("bounds", bounds()),
		("first", dealers(&Rules::FIRST, false)),
		("first-everywhere", dealers(&Rules::FIRST, true)),
		("tight", dealers(&Rules::TIGHT, true)),
		("markets", markets()),
		("needed", needed()),
		("directors", directors()),
		("identities", split()),
	]
}

fn cells(words: &[&str]) -> Vec<String> {
	words.iter().map(|word| (*word).to_string()).collect()
}

fn life(lives: &[Life]) -> String {
	let mut headings = cells(&["created in"]);
	headings.extend(lives.iter().map(|life| life.course.name.to_string()));
	let row = |name: String, of: &dyn Fn(&Life) -> String| {
		let mut row = vec![name];
		row.extend(lives.iter().map(of));
		row
	};
	let span = |life: &Life, from: usize, to: usize| -> String { stci(life.periods[from..to].iter().sum()) };
	let mut rows: Vec<Vec<String>> = (0..8)
		.map(|period| {
			row(format!("halving {}", period + 1), &|life| {
				span(life, period, period + 1)
			})
		})
		.collect();
	let last = HALVINGS as usize;
	for (from, to) in [(8, 16), (16, 32), (32, last)] {
		rows.push(row(format!("{} to {to}", from + 1), &|life| span(life, from, to)));
	}
	rows.push(row("all of them".to_string(), &|life| stci(life.created())));
	rows.push(row("with genesis".to_string(), &|life| stci(life.created() + GENESIS)));
	let cap = Schedule::real().cap;
	rows.push(row("of the cap, percent".to_string(), &|life| {
		tenths(crate::words::permille((life.created() + GENESIS) as i128, cap as i128))
	}));
	rows.push(row("never created".to_string(), &|life| {
		stci(cap - life.created() - GENESIS)
	}));
	rows.push(row(
		"the cap leaves nothing from era".to_string(),
		&|life| match life.capped_at {
			Some(era) => grouped(era.into()),
			None => "never".to_string(),
		},
	));
	table(&headings, &rows)
}

fn bounds() -> String {
	let rows: Vec<Vec<String>> = BOUNDS
		.iter()
		.map(|bound| {
			vec![
				bound.name.to_string(),
				bound.what.to_string(),
				format!("{} to {} %", bound.low, bound.high),
				format!("{} %", (bound.of)(&Rules::FIRST)),
				format!("{} %", (bound.of)(&Rules::TIGHT)),
			]
		})
		.collect();
	table(&cells(&["parameter", "what it is", "bounds", "first", "tight"]), &rows)
}

/// A gain and what was burned for it, for each hundred STCI paid. Gains are in bold.
fn outcome(market: &Market, rules: &Rules, dealer: &Dealer) -> String {
	let outcome = simulate(market, rules, dealer, SEED);
	let gain = of_paid(outcome.gain, &outcome);
	let burned = tenths(of_paid(outcome.burned, &outcome));
	if outcome.gain > 0 {
		format!("**{}** ({burned})", tenths(gain))
	} else {
		format!("{} ({burned})", tenths(gain))
	}
}

fn dealers(rules: &Rules, everywhere: bool) -> String {
	let mut headings = cells(&["share of all capacity"]);
	headings.extend(WAYS.iter().map(|(name, _, _)| (*name).to_string()));
	let rows: Vec<Vec<String>> = SHARES
		.iter()
		.map(|(name, share)| {
			let mut row = cells(&[name]);
			row.extend(WAYS.iter().map(|(_, narrows, redraws)| {
				let dealer = Dealer {
					share: *share,
					narrows: *narrows,
					redraws: *redraws,
					everywhere,
				};
				outcome(&LOW, rules, &dealer)
			}));
			row
		})
		.collect();
	table(&headings, &rows)
}

fn markets() -> String {
	let headings = cells(&[
		"network",
		"a third, draws once",
		"half, draws once",
		"a third, narrow, and again",
		"half, narrow, and again",
	]);
	let rows: Vec<Vec<String>> = [LOW, HIGH, CEILING]
		.iter()
		.map(|market| {
			let mut row = cells(&[market.name]);
			for both in [false, true] {
				for share in [WHOLE / 3, WHOLE / 2] {
					let dealer = Dealer {
						share,
						narrows: both,
						redraws: both,
						everywhere: true,
					};
					row.push(outcome(market, &Rules::FIRST, &dealer));
				}
			}
			row
		})
		.collect();
	table(&headings, &rows)
}

fn needed() -> String {
	let headings = cells(&[
		"share of all capacity",
		"`given_up`, all tickets meet the terms",
		"`given_up`, half do",
		"or `price_share`, all do",
		"`price_share`, half do",
	]);
	let rows: Vec<Vec<String>> = SHARES
		.iter()
		.map(|(name, share)| {
			let dealer = |narrows| Dealer {
				share: *share,
				narrows,
				redraws: true,
				everywhere: true,
			};
			let given_up = |narrows| match given_up_needed(&Rules::FIRST, &dealer(narrows)) {
				Some(permille) => format!("{} %", tenths(permille.into())),
				None => "none is enough".to_string(),
			};
			let price_share = |narrows| match price_share_needed(&Rules::FIRST, &dealer(narrows)) {
				1_000.. => "100 %".to_string(),
				permille => format!("{} %", tenths(permille.into())),
			};
			let mut row = cells(&[name]);
			row.extend([given_up(false), given_up(true), price_share(false), price_share(true)]);
			row
		})
		.collect();
	table(&headings, &rows)
}

fn directors() -> String {
	let headings = cells(&[
		"together, of 21",
		"turns",
		"others' votes left out",
		"others' wins left out",
		"gain by votes, STCI an era",
		"by wins",
		"of what they have",
		"burned",
		"gain if divided by what could be earned",
	]);
	let mut rows = Vec::new();
	for together in [1, 3, SEATS / 3, SEATS / 2] {
		for (name, order) in [("drawn", Order::Drawn), ("in a row", Order::InARow)] {
			let favours = directors::simulate(together, order, SEED);
			let gain = crate::words::permille(favours.signing + favours.plots, favours.fair);
			rows.push(vec![
				together.to_string(),
				name.to_string(),
				format!("{} %", tenths(favours.votes_left_out)),
				format!("{} %", tenths(favours.wins_left_out)),
				signed_stci(favours.signing),
				signed_stci(favours.plots),
				format!("{} %", tenths(gain)),
				"0".to_string(),
				signed_stci(favours.by_potential),
			]);
		}
	}
	table(&headings, &rows)
}

fn split() -> String {
	let rows: Vec<Vec<String>> = [1, 10, 100, 1_000, 10_000]
		.into_iter()
		.map(|identities| {
			let (whole, split) = identities::simulate(identities, SEED);
			let lost = whole - split;
			vec![
				grouped(identities as u128),
				format!("{}.{:06}", grouped(split / STCI), split % STCI / (STCI / 1_000_000)),
				grouped(lost),
			]
		})
		.collect();
	table(
		&cells(&["identities", "STCI in an era, together", "planck less than as one"]),
		&rows,
	)
}
