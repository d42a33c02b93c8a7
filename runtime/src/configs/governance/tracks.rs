//! The tracks of referenda: how long each takes, what it costs, and how much it takes to be approved.
//!
//! Approval is the share of ayes among votes that are weighed by conviction. Support is the share of all STCI outside
//! of the treasury that says aye, not weighed. What is asked of both falls in straight lines over the time of the
//! decision. A referendum that has both for the time of confirmation is approved.

use crate::{
	constants::{
		currency::UNITS,
		time::{DAYS, HOURS, MINUTES},
	},
	Balance, BlockNumber, Mandates, OriginCaller,
};
use alloc::borrow::Cow;
use frame_system::RawOrigin;
use pallet_mandates::Origin;
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use sp_runtime::Perbill;

/// The number of a track.
pub type TrackId = u16;

/// New runtimes, and whatever else takes root.
pub const UPGRADE: TrackId = 0;
/// Governed parameters.
pub const PARAMETERS: TrackId = 1;
/// Little of the treasury, and its bounties.
pub const SMALL_SPEND: TrackId = 2;
/// Much of the treasury, and its steward.
pub const BIG_SPEND: TrackId = 3;
/// What directors vouch for, in haste.
pub const EMERGENCY: TrackId = 4;

/// The tracks, as they are on chains that last.
struct Row {
	id: TrackId,
	name: &'static str,
	/// How many referenda are decided at once.
	deciding: u32,
	/// What is reserved for a decision, in STCI.
	deposit: Balance,
	prepare: BlockNumber,
	decide: BlockNumber,
	confirm: BlockNumber,
	enact: BlockNumber,
	/// What is asked of approval in the end, in percent; in the beginning it is all.
	approval: u32,
	/// What is asked of support in the beginning, in percent,
	support_from: u32,
	/// and in the end, in tenths of a percent.
	support_to: u32,
}

static ROWS: [Row; 5] = [
	Row {
		id: UPGRADE,
		name: "upgrade",
		// As for an emergency: room is what strangers can take from all others for two weeks, at a deposit each.
		deciding: 10,
		deposit: 10_000,
		prepare: 2 * HOURS,
		decide: 14 * DAYS,
		confirm: DAYS,
		enact: DAYS,
		approval: 50,
		support_from: 50,
		support_to: 50,
	},
	Row {
		id: PARAMETERS,
		name: "parameters",
		deciding: 5,
		deposit: 1_000,
		prepare: HOURS,
		decide: 7 * DAYS,
		confirm: 12 * HOURS,
		enact: 12 * HOURS,
		approval: 50,
		support_from: 25,
		support_to: 20,
	},
	Row {
		id: SMALL_SPEND,
		name: "small_spend",
		deciding: 10,
		deposit: 100,
		prepare: HOURS,
		decide: 7 * DAYS,
		confirm: 12 * HOURS,
		enact: HOURS,
		approval: 50,
		support_from: 10,
		support_to: 5,
	},
	Row {
		id: BIG_SPEND,
		name: "big_spend",
		deciding: 5,
		deposit: 1_000,
		prepare: 2 * HOURS,
		decide: 14 * DAYS,
		confirm: DAYS,
		enact: DAYS,
		approval: 50,
		support_from: 30,
		support_to: 30,
	},
	Row {
		id: EMERGENCY,
		name: "emergency",
		// Room is what strangers can take from an emergency for a day: it costs them a deposit each. What directors do
		// not vouch for does nothing.
		deciding: 20,
		deposit: 5_000,
		prepare: 5 * MINUTES,
		decide: DAYS,
		confirm: HOURS,
		enact: 5 * MINUTES,
		approval: 60,
		support_from: 20,
		support_to: 20,
	},
];

/// How many bytes the name of a track has.
const NAME_LENGTH: usize = 25;

/// A name of fixed length, filled up with zeros.
fn name_of(text: &str) -> [u8; NAME_LENGTH] {
	let mut name = [0; NAME_LENGTH];
	for (to, from) in name.iter_mut().zip(text.bytes()) {
		*to = from;
	}
	name
}

impl Row {
	/// The track, if `times` says how long what takes so many blocks takes.
	fn info(&self, times: impl Fn(BlockNumber) -> BlockNumber) -> TrackInfo<Balance, BlockNumber> {
		TrackInfo {
			name: name_of(self.name),
			max_deciding: self.deciding,
			decision_deposit: self.deposit.saturating_mul(UNITS),
			prepare_period: times(self.prepare),
			decision_period: times(self.decide),
			confirm_period: times(self.confirm),
			min_enactment_period: times(self.enact),
			min_approval: Curve::LinearDecreasing {
				length: Perbill::one(),
				floor: Perbill::from_percent(self.approval),
				ceil: Perbill::one(),
			},
			min_support: Curve::LinearDecreasing {
				length: Perbill::one(),
				floor: Perbill::from_rational(self.support_to, 1_000),
				ceil: Perbill::from_percent(self.support_from),
			},
		}
	}
}

/// The tracks of this chain. Where a referendum is on one, its times are divided by the chain's scale. The list, which
/// is in the metadata, has them undivided: wallets have a hash of the metadata, the same for every chain.
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = TrackId;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<Self::Id, Balance, BlockNumber>>> {
		ROWS.iter().map(|row| {
			let info = row.info(|blocks| blocks);
			Cow::Owned(Track { id: row.id, info })
		})
	}

	fn info(id: TrackId) -> Option<Cow<'static, TrackInfo<Balance, BlockNumber>>> {
		let row = ROWS.iter().find(|row| row.id == id)?;
		Some(Cow::Owned(row.info(Mandates::scaled)))
	}

	fn track_ids() -> impl Iterator<Item = Self::Id> {
		ROWS.iter().map(|row| row.id)
	}

	fn track_for(origin: &OriginCaller) -> Result<TrackId, ()> {
		match origin {
			OriginCaller::system(RawOrigin::Root) => Ok(UPGRADE),
			OriginCaller::Mandates(mandate) => Ok(match mandate {
				Origin::ParametersAdmin => PARAMETERS,
				Origin::SmallSpender => SMALL_SPEND,
				Origin::BigSpender => BIG_SPEND,
				Origin::Emergency => EMERGENCY,
			}),
			_ => Err(()),
		}
	}
}
