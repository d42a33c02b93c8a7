//! What holders govern of issuance: the rate's curve, AutoMine's share, the split of an era, and when claims expire.
//!
//! Any values within the bounds go together: rates of different usages have ranges that do not overlap, and the shares
//! of a split leave the workers at least a fifth.

use super::{
	bounds::Bounds,
	dynamic_params::issuance::{
		AutomineShare, BandwidthShare, DiscoveryShare, ExpiryEras as Expiry, LowBelow, MiddleAt, Parameters, RateHigh,
		RateLow, RateMiddle, SigningShare, TreasuryShare,
	},
};
use crate::{constants::currency::UNITS, Balance};
use frame_support::traits::Get;
use issuance_primitives::{Curve, Split, Terms};
use sp_runtime::Perbill;

const RATE_LOW: Bounds<Balance> = Bounds::new(UNITS / 10, UNITS * 2 / 5);
const RATE_MIDDLE: Bounds<Balance> = Bounds::new(UNITS / 20, UNITS / 10);
const RATE_HIGH: Bounds<Balance> = Bounds::new(UNITS / 100, UNITS / 20);
const LOW_BELOW: Bounds<Perbill> = Bounds::new(Perbill::from_percent(10), Perbill::from_percent(40));
const MIDDLE_AT: Bounds<Perbill> = Bounds::new(Perbill::from_percent(45), Perbill::from_percent(90));
const AUTOMINE: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(75));
const SIGNING: Bounds<Perbill> = Bounds::new(Perbill::from_percent(5), Perbill::from_percent(40));
const BANDWIDTH: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(10));
const DISCOVERY: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(10));
const TREASURY: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(20));
const EXPIRY: Bounds<u32> = Bounds::new(144, 52_560);

/// The terms of issuance as holders have set them, within their bounds.
pub struct IssuanceTerms;

impl Get<Terms> for IssuanceTerms {
	fn get() -> Terms {
		Terms {
			curve: Curve {
				low: RATE_LOW.clamp(RateLow::get()),
				middle: RATE_MIDDLE.clamp(RateMiddle::get()),
				high: RATE_HIGH.clamp(RateHigh::get()),
				low_below: LOW_BELOW.clamp(LowBelow::get()),
				middle_at: MIDDLE_AT.clamp(MiddleAt::get()),
			},
			automine_share: AUTOMINE.clamp(AutomineShare::get()),
			split: Split {
				signing: SIGNING.clamp(SigningShare::get()),
				bandwidth: BANDWIDTH.clamp(BandwidthShare::get()),
				discovery: DISCOVERY.clamp(DiscoveryShare::get()),
				treasury: TREASURY.clamp(TreasuryShare::get()),
			},
		}
	}
}

/// For how many eras what was earned can be claimed.
pub struct ExpiryEras;

impl Get<u32> for ExpiryEras {
	fn get() -> u32 {
		EXPIRY.clamp(Expiry::get())
	}
}

/// Whether the new value is within its bounds.
pub(super) fn is_within_bounds(change: &Parameters) -> bool {
	match change {
		Parameters::RateLow(_, value) => RATE_LOW.admits(value),
		Parameters::RateMiddle(_, value) => RATE_MIDDLE.admits(value),
		Parameters::RateHigh(_, value) => RATE_HIGH.admits(value),
		Parameters::LowBelow(_, value) => LOW_BELOW.admits(value),
		Parameters::MiddleAt(_, value) => MIDDLE_AT.admits(value),
		Parameters::AutomineShare(_, value) => AUTOMINE.admits(value),
		Parameters::SigningShare(_, value) => SIGNING.admits(value),
		Parameters::BandwidthShare(_, value) => BANDWIDTH.admits(value),
		Parameters::DiscoveryShare(_, value) => DISCOVERY.admits(value),
		Parameters::TreasuryShare(_, value) => TREASURY.admits(value),
		Parameters::ExpiryEras(_, value) => EXPIRY.admits(value),
	}
}
