//! The book: what is known of all eras, and what of it changes with each look.

use crate::{
	era::sum, Amounts, BookError, Closed, EraRecord, Flight, Seen, State, FLIGHT_BLOCKS, MAX_ERAS, MOST_TOLD,
	NEW_SECONDS, USUAL_EXPIRY,
};
use codec::{Decode, Encode};
use std::collections::BTreeMap;

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Kept {
	pub genesis: [u8; 32],
	pub account: [u8; 32],
	/// The height of the last final block that was seen.
	pub block: u32,
	/// The era that ran in it.
	pub era: u32,
	/// For how many eras something can be claimed.
	pub expiry: u32,
	/// By era.
	pub eras: BTreeMap<u32, EraRecord>,
	pub flights: Vec<Flight>,
	/// When claims went out without a person, in the last day, in Unix time.
	pub sent: Vec<u64>,
	/// Until then nothing is claimed without a person, in Unix time.
	pub quiet_until: u64,
}

/// What an account has earned, era by era.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
	pub(crate) kept: Kept,
}

/// What a node says, all as of one final block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
	/// The account that was asked about.
	pub account: [u8; 32],
	/// The block's height.
	pub block: u32,
	/// When it was authored, by its slot, in Unix time.
	pub made: u64,
	/// The era that runs in it.
	pub era: u32,
	/// For how many eras something can be claimed; none if the chain does not say it.
	pub expiry: Option<u32>,
	/// What can be claimed, by era.
	pub claimable: Vec<(u32, Amounts)>,
	/// How eras were closed: those of [`Book::wanted`].
	pub closed: Vec<(u32, Closed)>,
	/// The time of this machine, in Unix time.
	pub now: u64,
}

/// What a look has brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
	/// Whether the view was taken: one of an older block is not.
	pub taken: bool,
	/// Eras that were claimed, and that this node says can be claimed: either it or one before it is wrong.
	pub doubted: Vec<u32>,
	/// Eras whose claim was seen to be done now.
	pub claimed: Vec<u32>,
	/// Eras that nobody claimed in time, as is seen now.
	pub expired: Vec<u32>,
}

/// Sums over the book, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
	/// What can be claimed and is in no claim, and of how many eras.
	pub claimable: u128,
	/// Likewise.
	pub claimable_eras: u32,
	/// What is in claims on their way.
	pub on_its_way: u128,
	/// What of all that can be claimed is lost soon, and of how many eras.
	pub expiring: u128,
	/// Likewise.
	pub expiring_eras: u32,
	/// What was claimed, of the eras that are remembered.
	pub claimed: u128,
	/// What nobody claimed in time, likewise.
	pub lost: u128,
}

impl Book {
	/// An empty one. Nothing is claimed without a person until `quiet_until`, in Unix time: if a book is lost, nobody
	/// knows which claims are on their way.
	pub fn new(genesis: [u8; 32], account: [u8; 32], quiet_until: u64) -> Self {
		Self {
			kept: Kept {
				genesis,
				account,
				block: 0,
				era: 0,
				expiry: USUAL_EXPIRY,
				eras: BTreeMap::new(),
				flights: Vec::new(),
				sent: Vec::new(),
				quiet_until,
			},
		}
	}

	/// The era that ran when the chain was looked at last.
	pub fn era(&self) -> u32 {
		self.kept.era
	}

	/// For how many eras something can be claimed.
	pub fn expiry(&self) -> u32 {
		self.kept.expiry
	}

	/// All eras that are remembered, the newest first.
	pub fn eras(&self) -> impl Iterator<Item = &EraRecord> {
		self.kept.eras.values().rev()
	}

	/// One of them.
	pub fn get(&self, era: u32) -> Option<&EraRecord> {
		self.kept.eras.get(&era)
	}

	/// Eras before `era` of which it is not known how they were closed, the newest first, at most so many of the last
	/// `back`.
	pub fn wanted(&self, era: u32, back: u32, most: usize) -> Vec<u32> {
		let back = back.min(u32::try_from(MAX_ERAS).unwrap_or(u32::MAX));
		let unknown = |era: &u32| self.get(*era).is_none_or(|record| record.closed.is_none());
		(era.saturating_sub(back)..era)
			.rev()
			.filter(unknown)
			.take(most)
			.collect()
	}

	/// Takes up what this machine saw of an era.
	pub fn note(&mut self, era: u32, seen: &Seen) {
		self.record(era).seen.get_or_insert_with(Seen::default).join(seen);
		self.bound();
	}

	/// Takes up what a node says.
	///
	/// # Errors
	/// [`BookError::Other`] if it was asked about another account.
	pub fn observe(&mut self, view: &View) -> Result<Observed, BookError> {
		if view.account != self.kept.account {
			return Err(BookError::Other);
		}
		if view.block < self.kept.block {
			if !self.was_false(view) {
				return Ok(Observed::default());
			}
			self.shorten(view.block);
		}
		let mut observed = Observed {
			taken: true,
			..Observed::default()
		};
		(self.kept.block, self.kept.era) = (view.block, view.era);
		self.kept.expiry = view.expiry.unwrap_or(self.kept.expiry).max(1);
		self.take_back();
		let can: BTreeMap<u32, Amounts> = view
			.claimable
			.iter()
			.filter(|(era, amounts)| *era < view.era && sum(amounts) > 0)
			.copied()
			.collect();
		let told = told_before(view);
		self.close(view, &can, told);
		for (era, amounts) in &can {
			let record = self.record(*era);
			match record.state {
				State::Claimed => observed.doubted.push(*era),
				_ => (record.state, record.earned) = (State::Claimable, *amounts),
			}
			if record.at == 0 {
				record.at = view.now;
			}
		}
		let (expiry, flights) = (self.kept.expiry, &self.kept.flights);
		for (era, record) in &mut self.kept.eras {
			if record.state != State::Claimable || can.contains_key(era) || *era >= told {
				continue;
			}
			let flew = flights.iter().any(|flight| flight.eras.contains(era));
			if !flew && era.saturating_add(expiry) < view.era {
				record.state = State::Expired;
				observed.expired.push(*era);
			} else {
				record.state = State::Claimed;
				observed.claimed.push(*era);
			}
		}
		self.arrive(view.block, view.now);
		self.forget(view.now);
		self.bound();
		Ok(observed)
	}

	/// Whether no chain can have had the height that was seen last: a new block is more below it than there are blocks
	/// in that time. Who said it was wrong, and must not blind this book to all who say what is so.
	fn was_false(&self, view: &View) -> bool {
		let is_new = view.made.abs_diff(view.now) <= NEW_SECONDS;
		is_new && self.kept.block.saturating_sub(view.block) > FLIGHT_BLOCKS
	}

	/// What was sent before this block was the highest is in none any more that is so far above it.
	fn shorten(&mut self, block: u32) {
		let until = block.saturating_add(FLIGHT_BLOCKS);
		for flight in &mut self.kept.flights {
			flight.until = flight.until.min(until);
		}
	}

	/// Eras that are not over, and that another view said could be claimed, are not claimed: whoever names one of them
	/// has a whole claim refused, and each one after it. What is known of them otherwise stays, and so does what is in
	/// a claim, for this view may be the wrong one.
	fn take_back(&mut self) {
		let (era, flights) = (self.kept.era, &self.kept.flights);
		self.kept.eras.retain(|number, record| {
			if *number < era {
				return true;
			}
			if record.state == State::Claimable {
				(record.state, record.earned, record.at) = (State::Running, Amounts::default(), 0);
			}
			let is_blank = matches!(record.state, State::Running | State::Nothing | State::Unknown);
			let flew = flights.iter().any(|flight| flight.eras.contains(number));
			*number == era || !is_blank || record.seen.is_some() || flew
		});
	}

	/// A person wants these claimed although they were seen to be claimed: who said so may have been wrong. They are
	/// claimable until the next view says otherwise.
	pub fn reopen(&mut self, eras: &[u32]) {
		for era in eras {
			let record = self.kept.eras.get_mut(era);
			if let Some(record) = record.filter(|record| record.state == State::Claimed) {
				record.state = State::Claimable;
			}
		}
	}

	/// Eras that are over now, and how the chain closed them.
	fn close(&mut self, view: &View, can: &BTreeMap<u32, Amounts>, told: u32) {
		// The last one, though nothing be known of it.
		let last = view.era.checked_sub(1);
		let over = view.closed.iter().map(|(era, _)| *era).chain(last);
		for era in over.filter(|era| *era < view.era) {
			self.record(era);
		}
		for record in self.kept.eras.values_mut().filter(|record| record.era < view.era) {
			if record.at == 0 {
				record.at = view.now;
			}
			if record.state == State::Running && !can.contains_key(&record.era) {
				// Somebody may have claimed what was not looked at in time.
				let in_time = record.era.saturating_add(2) >= view.era && record.era < told;
				record.state = if in_time { State::Nothing } else { State::Unknown };
			}
		}
		for (era, closed) in &view.closed {
			if let Some(record) = self.kept.eras.get_mut(era).filter(|record| record.era < view.era) {
				record.closed = Some(*closed);
			}
		}
	}

	fn record(&mut self, era: u32) -> &mut EraRecord {
		self.kept.eras.entry(era).or_insert_with(|| EraRecord {
			era,
			..EraRecord::default()
		})
	}

	/// Sums over all eras.
	pub fn totals(&self) -> Totals {
		let mut totals = Totals::default();
		let soon = self.soon();
		for record in self.kept.eras.values() {
			let amount = record.total();
			let add = |to: &mut u128| *to = to.saturating_add(amount);
			match record.state {
				State::Claimable => {
					if self.flies(record.era) {
						add(&mut totals.on_its_way);
						continue;
					}
					add(&mut totals.claimable);
					totals.claimable_eras = totals.claimable_eras.saturating_add(1);
					if record.era < soon {
						add(&mut totals.expiring);
						totals.expiring_eras = totals.expiring_eras.saturating_add(1);
					}
				}
				State::Claimed => add(&mut totals.claimed),
				State::Expired => add(&mut totals.lost),
				State::Running | State::Nothing | State::Unknown => (),
			}
		}
		totals
	}

	/// What the last `eras` closed eras brought, in planck.
	pub fn earned(&self, eras: u32) -> u128 {
		let first = self.kept.era.saturating_sub(eras);
		let last = self.kept.eras.range(first..self.kept.era);
		last.fold(0, |sum, (_, record)| sum.saturating_add(record.total()))
	}

	/// Eras before this one are lost within a tenth of the time in which they can be claimed.
	fn soon(&self) -> u32 {
		let expiry = self.kept.expiry;
		self.kept
			.era
			.saturating_sub(expiry.saturating_sub((expiry / 10).max(1)))
	}

	/// Keeps lists within their bounds: the oldest eras go, but none that can be claimed; if all can be, the newest
	/// goes, for the chain tells it again when others were claimed.
	pub(crate) fn bound(&mut self) {
		while self.kept.eras.len() > MAX_ERAS {
			let mut eras = self.kept.eras.values();
			let done = eras.find(|record| record.state != State::Claimable);
			match done.map(|record| record.era) {
				Some(era) => {
					self.kept.eras.remove(&era);
				}
				None => {
					self.kept.eras.pop_last();
				}
			}
		}
		self.kept.flights.truncate(crate::MAX_FLIGHTS);
		let too_many = self.kept.sent.len().saturating_sub(crate::CLAIMS_A_DAY);
		self.kept.sent.drain(..too_many);
	}
}

/// Before which era a view says of each whether it can be claimed.
fn told_before(view: &View) -> u32 {
	let last = view.claimable.iter().map(|(era, _)| *era).max();
	match last {
		Some(last) if view.claimable.len() >= MOST_TOLD => last.saturating_add(1).min(view.era),
		_ => view.era,
	}
}
