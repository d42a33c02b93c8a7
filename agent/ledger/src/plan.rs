//! Which claims may go out.

use crate::{
	Book, EraRecord, Flight, State, BATCH_ERAS, CLAIMS_A_DAY, DAY, FEE_PERCENT, FLIGHT_BLOCKS, FLIGHT_SECONDS,
	MAX_FLIGHTS,
};

/// Eras that go into one claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
	/// The eras, the oldest first.
	pub eras: Vec<u32>,
	/// What they bring together, in planck.
	pub amount: u128,
	/// Whether they can be claimed in this era for the last time: what does not go out now is lost.
	pub last: bool,
}

/// Why a claim must not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
	/// One of its eras is in another one.
	#[error("era {0} is in a claim that may be on its way: wait a quarter of an hour")]
	OnItsWay(
		/// Which.
		u32,
	),
	/// One of its eras has nothing to be claimed.
	#[error("nothing can be claimed of era {0}")]
	Nothing(
		/// Which.
		u32,
	),
	/// There are too many eras in it, or none.
	#[error("a claim names from 1 to 16 eras")]
	Size,
	/// There are too many claims.
	#[error("there are 16 claims on their way: wait a quarter of an hour")]
	Full,
	/// Enough for today.
	#[error("16 claims were sent in a day, the most that are sent by themselves")]
	Enough,
}

/// Whether a claim that brings `amount` is worth its fee, both in planck.
pub fn worth(amount: u128, fee: u128) -> bool {
	amount > 0 && fee.saturating_mul(100) <= amount.saturating_mul(FEE_PERCENT)
}

impl Batch {
	/// Whether it is worth this fee, in planck. What is lost otherwise is if anything is left of it.
	pub fn is_worth(&self, fee: u128) -> bool {
		worth(self.amount, fee) || (self.last && self.amount > fee)
	}

	/// The part of a fee that each of its eras has to bring, in planck.
	pub fn part(&self, fee: u128) -> u128 {
		let eras = u128::try_from(self.eras.len()).unwrap_or(u128::MAX);
		fee.div_ceil(eras.max(1))
	}
}

impl Book {
	/// Whether an era is in a claim that may be on its way.
	pub fn flies(&self, era: u32) -> bool {
		self.kept.flights.iter().any(|flight| flight.eras.contains(&era))
	}

	/// What can be claimed, the oldest eras first, [`BATCH_ERAS`] in each batch at most: of each more than `least`
	/// planck, and none that is in a claim already. What can be claimed in this era for the last time is in none with
	/// others: if the era ends before the claim is in a block, the chain refuses all of it.
	pub fn batches(&self, least: u128) -> Vec<Batch> {
		let free =
			|record: &&EraRecord| record.state == State::Claimable && record.total() > least && !self.flies(record.era);
		let eras: Vec<&EraRecord> = self.kept.eras.values().filter(free).collect();
		let is_last = |era: u32| era.saturating_add(self.kept.expiry) <= self.kept.era;
		let batch = |eras: &[&EraRecord]| Batch {
			eras: eras.iter().map(|record| record.era).collect(),
			amount: eras.iter().fold(0, |sum, record| sum.saturating_add(record.total())),
			last: eras.iter().any(|record| is_last(record.era)),
		};
		let alike = eras.chunk_by(|one, next| is_last(one.era) == is_last(next.era));
		alike.flat_map(|eras| eras.chunks(BATCH_ERAS)).map(batch).collect()
	}

	/// A claim of these eras is about to be sent. Whoever sends it has the book on the disk before.
	///
	/// # Errors
	/// [`Refused`]: it must not be sent.
	pub fn depart(&mut self, eras: &[u32], now: u64) -> Result<(), Refused> {
		if eras.is_empty() || eras.len() > BATCH_ERAS {
			return Err(Refused::Size);
		}
		if self.kept.flights.len() >= MAX_FLIGHTS {
			return Err(Refused::Full);
		}
		for (place, era) in eras.iter().enumerate() {
			let before = eras.get(..place).unwrap_or_default();
			if self.flies(*era) || before.contains(era) {
				return Err(Refused::OnItsWay(*era));
			}
			if self.get(*era).is_none_or(|record| record.state != State::Claimable) {
				return Err(Refused::Nothing(*era));
			}
		}
		self.kept.flights.push(Flight {
			eras: eras.to_vec(),
			until: self.kept.block.saturating_add(FLIGHT_BLOCKS),
			at: now,
		});
		Ok(())
	}

	/// How many claims may still go out today without a person.
	pub fn left_today(&self, now: u64) -> usize {
		let sent = self.kept.sent.iter().filter(|sent| now < sent.saturating_add(DAY));
		CLAIMS_A_DAY.saturating_sub(sent.count())
	}

	/// The same without a person: also not more than [`CLAIMS_A_DAY`].
	///
	/// # Errors
	/// As [`Self::depart`]; [`Refused::Enough`].
	pub fn depart_alone(&mut self, eras: &[u32], now: u64) -> Result<(), Refused> {
		self.forget(now);
		if self.kept.sent.len() >= CLAIMS_A_DAY {
			return Err(Refused::Enough);
		}
		self.depart(eras, now)?;
		self.kept.sent.push(now);
		Ok(())
	}

	/// A claim was not sent, for certain: its eras are free.
	pub fn stayed(&mut self, eras: &[u32]) {
		self.kept.flights.retain(|flight| flight.eras != eras);
	}

	/// Whether it is time to claim without a person: a day after the last time, or if something is lost soon. Never
	/// while a claim may be on its way, nor if as many were sent today as may be.
	pub fn is_due(&self, now: u64) -> bool {
		let last = self.kept.sent.iter().copied().max();
		let day = last.is_none_or(|last| now >= last.saturating_add(DAY));
		let may = now >= self.kept.quiet_until && self.kept.flights.is_empty() && self.left_today(now) > 0;
		may && (day || self.totals().expiring_eras > 0)
	}

	/// Claims that are over, at this final block and time. If the clock was set back they count as sent now.
	pub(crate) fn arrive(&mut self, block: u32, now: u64) {
		for flight in &mut self.kept.flights {
			flight.at = flight.at.min(now);
		}
		let eras = &self.kept.eras;
		let may_be_claimed = |record: &EraRecord| matches!(record.state, State::Claimable | State::Running);
		let waits = |era: &u32| eras.get(era).is_some_and(may_be_claimed);
		self.kept.flights.retain(|flight| {
			let over = block > flight.until && now > flight.at.saturating_add(FLIGHT_SECONDS);
			!over && flight.eras.iter().any(waits)
		});
	}

	/// What was sent more than a day ago counts no more. If the clock was set back it counts as sent now, and a time to
	/// wait as begun now.
	pub(crate) fn forget(&mut self, now: u64) {
		self.kept.quiet_until = self.kept.quiet_until.min(now.saturating_add(FLIGHT_SECONDS));
		for sent in &mut self.kept.sent {
			*sent = (*sent).min(now);
		}
		self.kept.sent.retain(|sent| now < sent.saturating_add(DAY));
	}
}
