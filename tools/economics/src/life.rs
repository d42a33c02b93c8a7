//! STCI from genesis to its last planck, era by era.

use issuance_primitives::{close, usage, worth, Balance, Demand, Merits, Schedule, Terms, Use, Work, STCI, UNIT};

/// Halvings that are lived through.
pub const HALVINGS: u32 = 64;

/// STCI that there is before anybody has earned any: that of `testnet`'s example.
pub const GENESIS: Balance = 25_620_000 * STCI;

/// So many times in a halving the supply is noted.
pub const SAMPLES: u32 = 20;

/// Eras of a day: usage moves by days.
const DAY: u32 = 144;

/// Eras in which growing usage grows: five halvings, ten years.
const GROWTH: u32 = 5 * 105_000;

/// All is in use: in millionths.
const FULL: u32 = 1_000_000;

/// How a network is used.
#[derive(Clone, Copy)]
pub struct Course {
	/// What it is called.
	pub name: &'static str,
	/// GiB that are proven.
	pub capacity: u64,
	/// Which part of them customers use in an era, in millionths.
	pub used: fn(u32) -> u32,
	/// Whether somebody earns by bandwidth and discovery.
	pub has_markets: bool,
}

/// All that are lived.
pub const COURSES: [Course; 5] = [
	Course {
		name: "no market",
		capacity: 10_000,
		used: |_| 0,
		has_markets: false,
	},
	Course {
		name: "low: 10 %",
		capacity: 10_000,
		used: |_| FULL / 10,
		has_markets: true,
	},
	Course {
		name: "growing: 0 to 100 %",
		capacity: 10_000,
		used: |era| {
			let day = u64::from(era / DAY * DAY);
			let used = day * u64::from(FULL) / u64::from(GROWTH);
			u32::try_from(used).unwrap_or(FULL).min(FULL)
		},
		has_markets: true,
	},
	Course {
		name: "full: 100 %",
		capacity: 10_000,
		used: |_| FULL,
		has_markets: true,
	},
	Course {
		name: "full, 1,000,000 GiB",
		capacity: 1_000_000,
		used: |_| FULL,
		has_markets: true,
	},
];

/// What became of a course. All amounts are planck.
pub struct Life {
	/// The course.
	pub course: Course,
	/// Created in each halving.
	pub periods: Vec<Balance>,
	/// What there is, genesis included, by time: [`SAMPLES`] to a halving, with the start.
	pub supply: Vec<Balance>,
	/// The first era to which the cap left less than a thousandth of what its number allows.
	pub capped_at: Option<u32>,
}

impl Life {
	/// All that was ever created.
	pub fn created(&self) -> Balance {
		self.periods.iter().sum()
	}
}

/// Lives a course. Whatever is earned is claimed, in the era after it.
///
/// # Panics
/// If the cap is passed, or a pot is more than the ceiling leaves: neither must happen.
pub fn live(course: Course) -> Life {
	let (schedule, terms) = (Schedule::real(), Terms::real());
	let mut life = Life {
		course,
		periods: Vec::new(),
		supply: vec![GENESIS],
		capped_at: None,
	};
	let (mut created, mut committed): (Balance, Balance) = (0, 0);
	// An era is closed by its ceiling and its usage alone: the same two give the same pots.
	let mut last: Option<((Balance, u32), Balance)> = None;
	for period in 0..HALVINGS {
		let mut in_period = 0;
		for step in 0..schedule.halving_eras {
			let era = period * schedule.halving_eras + step;
			let ceiling = schedule.ceiling(era, GENESIS, created, committed);
			let at = (ceiling, (course.used)(era));
			let pots = match last {
				Some((before, pots)) if before == at => pots,
				_ => allotted(&course, ceiling, at.1, &terms),
			};
			last = Some((at, pots));
			if ceiling < schedule.start_of(era) / 1_000 {
				life.capped_at.get_or_insert(era);
			}
			// What the era before allotted is claimed now, and what this one allots waits.
			created += committed;
			committed = pots;
			in_period += pots;
			assert!(pots <= ceiling, "era {era} creates more than its ceiling");
			assert!(
				GENESIS + created + committed <= schedule.cap,
				"era {era} passes the cap"
			);
			if (step + 1) % (schedule.halving_eras / SAMPLES) == 0 {
				life.supply.push(GENESIS + created + committed);
			}
		}
		life.periods.push(in_period);
	}
	life
}

/// What an era allots in all.
fn allotted(course: &Course, ceiling: Balance, used: u32, terms: &Terms) -> Balance {
	let proven = u128::from(course.capacity) * UNIT;
	let units = proven * u128::from(used) / u128::from(FULL);
	let usage = usage(Use { used: units, proven }, Use::default());
	// Customers pay as much as a unit can earn. What is not in use is in plots.
	let demand = Demand {
		storage: Work {
			units,
			paid: worth(units, terms.curve.rate(usage)),
		},
		compute: Work::default(),
		plots: proven - units,
	};
	let with_markets = u128::from(course.has_markets);
	let totals = Merits {
		signing: 1,
		plots: demand.plots,
		storage: units,
		compute: 0,
		bandwidth: with_markets,
		discovery: with_markets,
		treasury: 0,
	};
	close(ceiling, usage, &demand, terms, &totals).pots.sum()
}

#[cfg(test)]
mod tests {
	use super::{live, COURSES, GENESIS, HALVINGS, SAMPLES};
	use issuance_primitives::{Schedule, STCI};

	#[test]
	fn no_course_passes_the_cap_and_supply_never_falls() {
		for course in COURSES {
			let life = live(course);
			assert_eq!(life.periods.len(), HALVINGS as usize);
			assert_eq!(life.supply.len(), (HALVINGS * SAMPLES + 1) as usize);
			assert!(life.supply.windows(2).all(|pair| pair[0] <= pair[1]));
			assert!(GENESIS + life.created() <= Schedule::real().cap, "{}", course.name);
		}
	}

	#[test]
	fn who_uses_all_that_there_may_be_reaches_the_cap_but_for_dust() {
		let life = live(COURSES[4]);
		let left = Schedule::real().cap - GENESIS - life.created();
		assert!(left < STCI / 1_000, "{left} planck below the cap");
		assert_eq!(life.capped_at, Some(320_040));
	}

	#[test]
	fn an_era_without_a_market_creates_nine_tenths_of_half_the_ceiling() {
		let life = live(COURSES[0]);
		assert_eq!(life.periods[0], 105_000 * 450 * STCI);
	}
}
