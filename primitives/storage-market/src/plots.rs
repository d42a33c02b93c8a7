//! What the chain itself buys while usage is low: plots that a device has proven, kept for an era.

use crate::Tick;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// An order of the chain's for the plots of one device. The lottery of space is its draw, by ticket: a win of the
/// device opens it. The device's first win after an era fulfils it, for by that the plots are there still; one that
/// comes too late does not. There is no escrow and no collateral: what is fulfilled is a merit of the era.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PlotOrder {
	/// From which tick on a win fulfils it.
	pub due: Tick,
	/// The last tick at which one does.
	pub until: Tick,
	/// What it is for: units of a GiB for an era, with 32 fractional bits.
	pub units: u128,
}

/// For so many eras an order waits to be fulfilled once it is due. A device that has few plots wins rarely.
const PATIENCE: Tick = 144;

impl PlotOrder {
	/// One that a win opens which is worth so many units.
	pub fn open(units: u128, now: Tick, era: Tick) -> Self {
		let due = now.saturating_add(era);
		Self {
			due,
			until: due.saturating_add(era.saturating_mul(PATIENCE)),
			units,
		}
	}

	/// A device has won: what of its order is fulfilled by that, in units, and the order that it has from now on. A win
	/// before the order is due adds to it: it was drawn once more.
	pub fn won(before: Option<Self>, units: u128, now: Tick, era: Tick) -> (u128, Self) {
		match before {
			Some(order) if now < order.due => (
				0,
				Self {
					units: order.units.saturating_add(units),
					..order
				},
			),
			Some(order) if now <= order.until => (order.units, Self::open(units, now, era)),
			_ => (0, Self::open(units, now, era)),
		}
	}

	/// That of a device which offers less than before: so much of so much.
	#[must_use]
	pub fn cut(self, offers: u64, of: u64) -> Self {
		Self {
			units: Perbill::from_rational(offers, of).mul_floor(self.units),
			..self
		}
	}
}
