//! The charts of docs/economics.md.

use crate::{
	dealing::{formula, Dealer, WHOLE},
	life::{Life, HALVINGS, SAMPLES},
	rules::Rules,
	svg::{Axis, Chart, Level, Line},
	words::grouped,
};
use issuance_primitives::{Curve, Schedule, STCI};
use sp_arithmetic::Perbill;

/// Halvings that charts show: what comes later is too little to be seen.
const SHOWN: i128 = 12;

/// Planck of a thousandth of an STCI.
const MILLI: u128 = STCI / 1_000;

/// All charts: the name of the file, and what is in it.
pub fn all(lives: &[Life]) -> Vec<(&'static str, String)> {
	vec![
		("supply.svg", supply(lives).draw()),
		("created.svg", created(lives).draw()),
		("rate.svg", rate().draw()),
		("self-dealing.svg", self_dealing().draw()),
	]
}

fn halvings(high: i128, per_halving: i128, text: fn(i128) -> String) -> Axis {
	Axis {
		label: "halvings since genesis; each is 105,000 eras, two years",
		low: 0,
		high,
		step: per_halving,
		text,
	}
}

fn supply(lives: &[Life]) -> Chart {
	let samples = i128::from(SAMPLES);
	Chart {
		title: "STCI that there is, genesis included",
		across: halvings(SHOWN * samples, samples, |at| (at / i128::from(SAMPLES)).to_string()),
		up: Axis {
			label: "millions of STCI",
			low: 0,
			high: 220 * 1_000,
			step: 20 * 1_000,
			text: |thousands| (thousands / 1_000).to_string(),
		},
		lines: lives
			.iter()
			.map(|life| Line {
				name: life.course.name.to_string(),
				points: (0..)
					.zip(life.supply.iter().map(|planck| (planck / STCI / 1_000) as i128))
					.collect(),
			})
			.collect(),
		level: Level {
			name: "the cap: 210",
			at: 210 * 1_000,
		},
	}
}

fn created(lives: &[Life]) -> Chart {
	let eras = u128::from(Schedule::real().halving_eras);
	let mut lines: Vec<Line> = lives
		.iter()
		.map(|life| Line {
			name: life.course.name.to_string(),
			// A stair: from the beginning of a halving to its end.
			points: (0..)
				.zip(&life.periods)
				.flat_map(|(period, planck): (i128, _)| {
					let mean = (planck / eras / MILLI) as i128;
					[(period, mean), (period + 1, mean)]
				})
				.collect(),
		})
		.collect();
	lines.push(Line {
		name: "what the schedule allows".to_string(),
		points: (0..HALVINGS)
			.flat_map(|period| {
				let most = Schedule::real().start_of(period * Schedule::real().halving_eras);
				let most = (most / MILLI) as i128;
				[(i128::from(period), most), (i128::from(period) + 1, most)]
			})
			.collect(),
	});
	Chart {
		title: "Created in an era, on average of a halving",
		across: halvings(SHOWN, 1, |at| at.to_string()),
		up: Axis {
			label: "STCI",
			low: 0,
			high: 1_100 * 1_000,
			step: 100 * 1_000,
			text: |thousandths| grouped(thousandths.unsigned_abs() / 1_000),
		},
		lines,
		level: Level {
			name: "the most that an era ever creates: 1,000",
			at: 1_000 * 1_000,
		},
	}
}

fn rate() -> Chart {
	let curve = Curve::real();
	let at = |usage: i128| curve.rate(Perbill::from_percent(usage as u32));
	Chart {
		title: "What usage earns, below the ceiling",
		across: Axis {
			label: "usage, percent",
			low: 0,
			high: 100,
			step: 10,
			text: |percent| percent.to_string(),
		},
		up: Axis {
			label: "STCI an era",
			low: 0,
			high: 7 * 1_000,
			step: 1_000,
			text: |thousandths| (thousandths / 1_000).to_string(),
		},
		lines: vec![
			Line {
				name: "100 units of capacity".to_string(),
				points: (0..=100)
					.map(|usage| (usage, (at(usage) * usage.unsigned_abs() / MILLI) as i128))
					.collect(),
			},
			Line {
				name: "10 units in use".to_string(),
				points: (0..=100)
					.map(|usage| (usage, (at(usage) * 10 / MILLI) as i128))
					.collect(),
			},
		],
		level: Level {
			name: "the most that 100 units earn: 6",
			at: 6 * 1_000,
		},
	}
}

fn self_dealing() -> Chart {
	let line = |name: &str, rules: Rules, narrows, redraws, everywhere| Line {
		name: name.to_string(),
		points: (1..=100)
			.map(|half_percent: i128| {
				let dealer = Dealer {
					share: half_percent as u64 * WHOLE / 200,
					narrows,
					redraws,
					everywhere,
				};
				(half_percent, formula(&rules, &dealer))
			})
			.collect(),
	};
	Chart {
		title: "What a self-dealer gains for each 100 STCI that it pays itself",
		across: Axis {
			label: "its share of all capacity, percent",
			low: 0,
			high: 100,
			step: 10,
			text: |half_percent| (half_percent / 2).to_string(),
		},
		up: Axis {
			label: "STCI; above 0 it pays",
			low: -1_000,
			high: 1_000,
			step: 200,
			text: |tenths| (tenths / 10).to_string(),
		},
		lines: vec![
			line("first: draws once", Rules::FIRST, false, false, false),
			line("first: narrow terms", Rules::FIRST, true, false, false),
			line("first: draws again", Rules::FIRST, false, true, false),
			line("first: both, all pots", Rules::FIRST, true, true, true),
			line("tight: both, all pots", Rules::TIGHT, true, true, true),
		],
		level: Level { name: "0", at: 0 },
	}
}
