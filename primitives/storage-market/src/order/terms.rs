//! What governance decides of storage.

use crate::{DealError, Geometry, DAY, ERA, MIB};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use market_primitives::{part_up, Balance, Penalties, Price, Shares, Tick};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// Eras of ten months of thirty days.
const TEN_MONTHS: Balance = 10 * 30 * 144;

/// Times of a deal, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Times {
	/// To draw a device for each slot, from the opening on.
	pub placing: Tick,
	/// To upload, besides what the length of a slot adds.
	pub upload: Tick,
	/// What each MiB of a slot adds.
	pub upload_per_mib: Tick,
	/// To fetch what was stored, once it is not paid any more.
	pub grace: Tick,
	/// How long a suspect may be silent, by how many usable slots there are beyond those that suffice: 0, 1, 2, and 3
	/// or more.
	pub patience: [Tick; 4],
}

impl Times {
	/// Two minutes to draw; ten minutes and a second a MiB to upload; a day of grace; patience of ten minutes, one
	/// hour, four and twelve.
	pub const fn real() -> Self {
		Self {
			placing: 240,
			upload: 1_200,
			upload_per_mib: 2,
			grace: DAY,
			patience: [1_200, 7_200, 28_800, 86_400],
		}
	}

	/// Whether deals may be governed so.
	///
	/// # Errors
	/// If a step has no time, or patience falls with the number of usable slots.
	pub fn check(&self) -> Result<(), TimesError> {
		let times = [self.placing, self.upload, self.grace];
		if times.iter().chain(&self.patience).any(|ticks| *ticks == 0) {
			return Err(TimesError::None);
		}
		if !self.patience.is_sorted() {
			return Err(TimesError::Patience);
		}
		Ok(())
	}

	/// The same, divided by a number, for chains that are tried out; at least a tick each.
	#[must_use]
	pub fn scaled(self, by: Tick) -> Self {
		let part = |time: Tick| time.checked_div(by).unwrap_or(time).max(1);
		Self {
			placing: part(self.placing),
			upload: part(self.upload),
			upload_per_mib: self.upload_per_mib,
			grace: part(self.grace),
			patience: self.patience.map(part),
		}
	}

	/// How long an upload of one slot may take.
	pub fn to_upload(&self, geometry: &Geometry) -> Tick {
		self.for_bytes(geometry.slot_len())
	}

	/// How long a repair of one slot may take, for which as many are fetched as suffice.
	pub fn to_repair(&self, geometry: &Geometry) -> Tick {
		let fetched = geometry.slot_len().saturating_mul(u64::from(geometry.enough));
		self.for_bytes(fetched)
	}

	fn for_bytes(&self, bytes: u64) -> Tick {
		let mib = Tick::try_from(bytes.div_ceil(MIB)).unwrap_or(Tick::MAX);
		self.upload.saturating_add(mib.saturating_mul(self.upload_per_mib))
	}

	/// For how long whoever has a slot of a deal that ends early may redeem what it was promised for giving it out: as
	/// long as a suspect may be silent where one slot can be spared.
	pub fn to_redeem(&self) -> Tick {
		let [_, at_one, ..] = self.patience;
		at_one
	}

	/// How long a suspect may be silent where so many slots are usable and so many suffice. Where fewer are usable than
	/// suffice nobody can repair, and only suspects that come back help: they have the longest time.
	pub fn patience(&self, usable: u32, enough: u32) -> Tick {
		let [none, one, two, more] = self.patience;
		match usable.checked_sub(enough) {
			Some(0) => none,
			Some(1) => one,
			Some(2) => two,
			_ => more,
		}
	}
}

/// Times that deals cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimesError {
	/// A step has no time at all.
	None,
	/// More usable slots would mean less patience.
	Patience,
}

impl fmt::Display for TimesError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::None => "a step of a deal has no time; give each a tick at least",
			Self::Patience => "patience falls with the number of usable slots; let it rise, or be the same",
		})
	}
}

impl core::error::Error for TimesError {}

/// All that governance decides of deals. A deal keeps the prices that it was opened with; times and shares are those of
/// the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// Ticks of an era, at least 1.
	pub era: Tick,
	/// Times.
	pub times: Times,
	/// How pay is split.
	pub shares: Shares,
	/// What an early end costs.
	pub penalties: Penalties,
	/// What to carry a GiB costs, by which repairs are priced.
	pub egress: Price,
	/// What a repair costs beyond that.
	pub margin: Perbill,
	/// The part of the repairs of all slots that an owner puts into reserve.
	pub reserve: Perbill,
}

impl Terms {
	/// What a chain starts with: an STCI for a TiB carried, 25 % beyond that, 25 % in reserve.
	pub const fn real() -> Self {
		Self {
			era: ERA,
			times: Times::real(),
			shares: Shares::of_storage(),
			penalties: Penalties::real(),
			egress: Price(976_562_500),
			margin: Perbill::from_percent(25),
			reserve: Perbill::from_percent(25),
		}
	}

	/// The least ask for which work counts: that by which a GiB costs in ten months as much as it costs to carry it
	/// once. For nothing, or next to it, whoever is customer and provider at once would have any competence.
	pub fn least_ask(&self) -> Price {
		Price(self.egress.0.checked_div(TEN_MONTHS).unwrap_or(0))
	}

	/// What the repair of one slot is worth, `R`, in planck: as many slots carried as suffice, and the margin.
	///
	/// # Errors
	/// If it is more than a balance holds.
	pub fn repair(&self, geometry: &Geometry) -> Result<Balance, DealError> {
		let fetched = geometry.slot_len().saturating_mul(u64::from(geometry.enough));
		let carried = self.egress.of_bytes(fetched)?;
		let repair = carried.checked_add(part_up(carried, self.margin));
		repair.ok_or(DealError::Money(market_primitives::MarketError::TooMuch))
	}
}
