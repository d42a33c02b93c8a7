//! What devices are paid with, as a chain knows it: a mean that moves slowly, and what asks beyond it.

use crate::Terms;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::{part_down, Balance, Price, Tick};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// A whole, of parts in which asks are compared with the mean.
const PARTS: u128 = 1_000_000;

/// Eras of a day.
const ERAS_A_DAY: Tick = 144;

/// Eras of a month of thirty days.
const MONTH: Balance = 30 * 144;

/// Days over which the mean is taken: a day counts for one part in so many.
const DAYS: u128 = 8;

/// The mean moves by one part in so many of itself at most, in a day.
const SLOWLY: u128 = 20;

/// Units of work, with 32 fractional bits, that count as paid by the mean in each day besides: a TiB. A day in which
/// next to nothing was paid says next to nothing.
const FIRM: u128 = (1_024 * 144) << 32;

/// The least mean, in planck: of less, parts cannot be told.
const LEAST: Balance = 100;

/// The largest mean, in planck: more than there will ever be.
const MOST: Balance = 1_000_000_000_000_000_000_000;

/// What slots whose work counts are paid with: the mean of the days before, and what there was of it in this one.
///
/// An ask counts by the units that are proven at it, and as if it were no further from the mean than half of that. So
/// whoever pays itself moves the mean by no more than its part of all that is kept, and not by how much it pays.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PaidAsks {
	/// The mean, in planck for a GiB and era.
	pub mean: Price,
	/// The first tick of the next day: the mean moves with the first proof from then on.
	pub until: Tick,
	/// Units of work that were proven in this day, with 32 fractional bits.
	pub units: u128,
	/// The sum of them, each times what it was paid with, in millionths of the mean.
	pub weighed: u128,
}

impl PaidAsks {
	/// A mean from which it moves on.
	pub fn begin(mean: Price, now: Tick, era: Tick) -> Self {
		Self {
			mean: Price(mean.0.clamp(LEAST, MOST)),
			until: next_day(now, era),
			units: 0,
			weighed: 0,
		}
	}

	/// What is taken for the mean where nothing was paid yet: to keep a GiB for a month costs as much as to carry it
	/// once.
	pub fn unknown(terms: &Terms, now: Tick) -> Self {
		let mean = terms.egress.0.checked_div(MONTH).unwrap_or(0);
		Self::begin(Price(mean), now, terms.era)
	}

	/// So many units that count, with 32 fractional bits, were proven at this ask. With the first ones of another day
	/// the mean moves by what there was in the day before.
	pub fn note(&mut self, ask: Price, units: u128, now: Tick, era: Tick) {
		if now >= self.until {
			*self = Self::begin(self.moved(), now, era);
		}
		let (mean, half) = (self.mean.0, self.mean.0.div_euclid(2));
		let near = ask.0.clamp(mean.saturating_sub(half), mean.saturating_add(half));
		// Below 2^91, and no more than one and a half.
		let parts = near.saturating_mul(PARTS).checked_div(mean).unwrap_or(PARTS);
		self.units = self.units.saturating_add(units);
		self.weighed = self.weighed.saturating_add(parts.saturating_mul(units));
	}

	/// Where the mean goes with this day.
	fn moved(&self) -> Price {
		let (all, sum) = (
			self.units.saturating_add(FIRM),
			self.weighed.saturating_add(FIRM.saturating_mul(PARTS)),
		);
		let day = sum.checked_div(all).unwrap_or(PARTS);
		let part = day.abs_diff(PARTS).div_euclid(DAYS).min(PARTS.div_euclid(SLOWLY));
		// Below 2^87.
		let by = self.mean.0.saturating_mul(part).div_euclid(PARTS);
		if day < PARTS {
			Price(self.mean.0.saturating_sub(by))
		} else {
			Price(self.mean.0.saturating_add(by))
		}
	}

	/// The most that a device may ask without being dear, where that is so much beyond the mean.
	pub fn dear_beyond(&self, part: Perbill) -> Price {
		Price(self.mean.0.saturating_add(part_down(self.mean.0, part)))
	}

	/// Whether it can be so.
	pub fn is_sound(&self) -> bool {
		let most = self.units.saturating_mul(PARTS.saturating_add(PARTS.div_euclid(2)));
		(LEAST..=MOST).contains(&self.mean.0) && self.weighed <= most
	}
}

fn next_day(now: Tick, era: Tick) -> Tick {
	now.saturating_add(era.saturating_mul(ERAS_A_DAY))
}

/// The ask in the middle of these, each with the bytes that are kept at it: half of the bytes are kept at no more.
/// Whoever has less than half of them cannot say what it is. None if nothing is kept.
pub fn middle_ask(mut kept: Vec<(Price, u64)>) -> Option<Price> {
	kept.sort_unstable();
	let all = sum(&kept);
	let mut below = 0_u128;
	for (ask, bytes) in &kept {
		below = below.saturating_add((*bytes).into());
		if *bytes > 0 && below.saturating_mul(2) >= all {
			return Some(*ask);
		}
	}
	None
}

fn sum(kept: &[(Price, u64)]) -> u128 {
	kept.iter()
		.fold(0, |sum, (_, bytes)| sum.saturating_add((*bytes).into()))
}
