//! An era is closed: what it creates at most, and for whom.

use crate::{
	exact::{mul_div, part_of, worth},
	Balance, Demand, Merits, PerPot, Pots, Terms, Work,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::Perbill;

/// How an era was closed.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct Closing {
	/// The most that the era could create, in planck.
	pub ceiling: Balance,
	/// How much of what is proven was in use.
	pub usage: Perbill,
	/// Planck that a unit earned.
	pub rate: Balance,
	/// What was earned in all, in planck: at most the ceiling.
	pub gross: Balance,
	/// What the era creates at most, in planck: at most `gross` together. A pot without a merit is empty.
	pub pots: Pots,
}

/// What storage, compute and plots brought in.
struct Earned {
	storage: Balance,
	compute: Balance,
	plots: Balance,
}

impl Earned {
	fn of(ceiling: Balance, usage: Perbill, rate: Balance, demand: &Demand, terms: &Terms) -> Self {
		// More than half of what a balance holds is more than there is STCI, and so the sum always fits.
		let earns = |work: &Work| work.earns(rate).min(Balance::MAX / 2);
		let (mut storage, mut compute) = (earns(&demand.storage), earns(&demand.compute));
		let asked = storage.saturating_add(compute);
		if asked > ceiling {
			storage = mul_div(storage, ceiling, asked);
			compute = mul_div(compute, ceiling, asked);
		}
		let plots = if usage < terms.curve.low_below {
			let left = ceiling.saturating_sub(storage).saturating_sub(compute);
			part_of(left, terms.automine_share).min(worth(demand.plots, rate))
		} else {
			0
		};
		Self {
			storage,
			compute,
			plots,
		}
	}

	fn gross(&self) -> Balance {
		self.storage.saturating_add(self.compute).saturating_add(self.plots)
	}
}

/// Closes an era: what was earned under its ceiling, and how it is split into pots. `totals` are the merits of all.
///
/// The pots are at most `gross` together, and that is at most `ceiling`, whatever the terms are. What is rounded away,
/// two planck at most while every pot has a merit, is not created.
pub fn close(ceiling: Balance, usage: Perbill, demand: &Demand, terms: &Terms, totals: &Merits) -> Closing {
	let rate = terms.curve.rate(usage);
	let earned = Earned::of(ceiling, usage, rate, demand, terms);
	let gross = earned.gross();
	let mut left = gross;
	let mut take = |share: Perbill| {
		let taken = part_of(gross, share).min(left);
		left = left.saturating_sub(taken);
		taken
	};
	let split = &terms.split;
	let (signing, bandwidth) = (take(split.signing), take(split.bandwidth));
	let (discovery, treasury) = (take(split.discovery), take(split.treasury));
	let workers = left;
	let by_work = |brought: Balance| mul_div(workers, brought, gross);
	let all = Pots {
		signing,
		plots: by_work(earned.plots),
		storage: by_work(earned.storage),
		compute: by_work(earned.compute),
		bandwidth,
		discovery,
		treasury,
	};
	let mut pots = all.zip(*totals).map(|(pot, total)| if total == 0 { 0 } else { pot });
	pots.treasury = treasury;
	Closing {
		ceiling,
		usage,
		rate,
		gross,
		pots,
	}
}

/// What a merit gets out of a pot, in planck: `pot * merit / total`, exact and rounded down; nothing if the total is
/// 0, and never more than the pot.
pub fn share(pot: Balance, merit: u128, total: u128) -> Balance {
	mul_div(pot, merit.min(total), total)
}

/// What an account gets out of each pot of an era, in planck. That of the treasury is 0, if its merit is.
pub fn payout(pots: &Pots, merits: &Merits, totals: &Merits) -> PerPot<Balance> {
	PerPot::from_fn(|pot| share(pots.get(pot), merits.get(pot), totals.get(pot)))
}
