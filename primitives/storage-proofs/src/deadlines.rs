//! How long the steps of a deal may take, and how long a slot that does not answer is waited for.

use crate::{Tick, DAY};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// How many patiences there are: by how many slots more than needed are usable, from none to three or more.
pub const PATIENCE_STEPS: usize = 4;

const MIB: u64 = 1 << 20;

/// The times of a deal, in ticks. Governed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DealTimes {
	/// For all slots to be placed, after the deal was opened.
	pub placing: Tick,
	/// For a slot to be uploaded and confirmed, whatever its length.
	pub uploading: Tick,
	/// And for each MiB of it.
	pub uploading_a_mib: Tick,
	/// From the end of a deal until its state may be freed.
	pub grace: Tick,
	/// How long a slot that has missed is waited for before it is lost, by how many more usable ones there are than the
	/// deal needs. The more, the longer.
	pub patience: [Tick; PATIENCE_STEPS],
}

impl DealTimes {
	/// Those of the chain.
	pub const fn real() -> Self {
		Self {
			placing: 240,
			uploading: 1_200,
			uploading_a_mib: 2,
			grace: DAY,
			patience: [1_200, 7_200, 28_800, 86_400],
		}
	}

	/// Those of chains to try things on: all are divided by `by`, but for the time of a MiB.
	pub fn for_tests(by: Tick) -> Self {
		let real = Self::real();
		let part = |ticks: Tick| ticks.checked_div(by).unwrap_or(ticks).max(1);
		Self {
			placing: part(real.placing),
			uploading: part(real.uploading),
			uploading_a_mib: real.uploading_a_mib,
			grace: part(real.grace),
			patience: real.patience.map(part),
		}
	}

	/// Whether deals may be governed so.
	///
	/// # Errors
	/// If a step has no time, or patience falls with the number of usable slots.
	pub fn check(&self) -> Result<(), DealTimesError> {
		let times = [self.placing, self.uploading, self.grace];
		if times.iter().chain(&self.patience).any(|ticks| *ticks == 0) {
			return Err(DealTimesError::None);
		}
		if !self.patience.is_sorted() {
			return Err(DealTimesError::Patience);
		}
		Ok(())
	}

	/// The last tick at which all slots may be placed of a deal that was opened at `opened`: then all is given back.
	pub fn place_by(&self, opened: Tick) -> Tick {
		opened.saturating_add(self.placing)
	}

	/// The last tick at which a slot of so many bytes may be confirmed that was offered at `offered`. A MiB that is
	/// begun counts.
	pub fn confirm_by(&self, offered: Tick, bytes: u64) -> Tick {
		let mibs = Tick::try_from(bytes.div_ceil(MIB)).unwrap_or(Tick::MAX);
		offered
			.saturating_add(self.uploading)
			.saturating_add(self.uploading_a_mib.saturating_mul(mibs))
	}

	/// From which tick on the state of a deal that ended at `ended` may be freed.
	pub fn close_from(&self, ended: Tick) -> Tick {
		ended.saturating_add(self.grace)
	}

	/// How long a slot that has missed is waited for, if `usable` others are held and `needed` slots bring all back.
	pub fn patience_of(&self, usable: u8, needed: u8) -> Tick {
		let [none, one, two, more] = self.patience;
		match usable.saturating_sub(needed) {
			0 => none,
			1 => one,
			2 => two,
			_ => more,
		}
	}

	/// Whether a slot that has missed since `since` is lost by now.
	pub fn is_lost(&self, since: Tick, now: Tick, usable: u8, needed: u8) -> bool {
		now > since.saturating_add(self.patience_of(usable, needed))
	}
}

/// Times that deals cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DealTimesError {
	/// A step has no time at all.
	None,
	/// More usable slots would mean less patience.
	Patience,
}

impl fmt::Display for DealTimesError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::None => "a step of a deal has no time; give each a tick at least",
			Self::Patience => "patience falls with the number of usable slots; let it rise, or be the same",
		})
	}
}

impl core::error::Error for DealTimesError {}
