//! What a worker has shown in all jobs.

use crate::Terms;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

/// What a worker has shown in all jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Record {
	/// Units that it had as all others had them.
	pub ok: u64,
	/// Units that it had otherwise, or did not show.
	pub bad: u32,
	/// Units that it did not bring in time.
	pub late: u32,
	/// Units in a row of several workers that it had as all others did.
	pub clean: u32,
	/// How often it is wrong, as far as its units show.
	pub error: Perbill,
	/// How many units it had right when it was wrong for the last time; none if it never was.
	pub wrong_at: Option<u64>,
}

impl Default for Record {
	fn default() -> Self {
		Self {
			ok: 0,
			bad: 0,
			late: 0,
			clean: 0,
			error: Perbill::from_percent(10),
			wrong_at: None,
		}
	}
}

/// Whether a dissent is the first one for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dissent {
	/// It may be a bad cell of memory.
	First,
	/// It is not.
	Again,
}

impl Record {
	/// It had a unit as all others had it. `shown` says whether there were others: what one worker says alone shows
	/// nothing.
	pub fn agreed(&mut self, shown: bool) {
		self.ok = self.ok.saturating_add(1);
		if shown {
			self.clean = self.clean.saturating_add(1);
			self.error = Perbill::from_percent(95) * self.error;
		}
	}

	/// It had a unit otherwise, or did not show it.
	pub fn dissented(&mut self, terms: &Terms) -> Dissent {
		let since = self.wrong_at.map(|at| self.ok.saturating_sub(at));
		self.bad = self.bad.saturating_add(1);
		self.clean = 0;
		self.error = self.error.saturating_add(Perbill::from_percent(5));
		self.wrong_at = Some(self.ok);
		match since {
			Some(units) if units < terms.wrong_apart => Dissent::Again,
			_ => Dissent::First,
		}
	}

	/// It did not bring a unit in time.
	pub fn was_late(&mut self) {
		self.late = self.late.saturating_add(1);
		self.clean = 0;
	}

	/// Whether it may compute a unit alone.
	pub fn may_work_alone(&self, terms: &Terms) -> bool {
		self.clean >= terms.clean && self.error < terms.error
	}
}
