//! What has to outlive the program: deeds that are on their way, and vouchers.

use crate::{
	deeds::{Deed, DeedKey},
	types::{Balance, SlotKey, Tick, Voucher},
};
use codec::{Decode, Encode};
use std::collections::BTreeMap;

/// So many ticks after its time a deed is forgotten: ten minutes, longer than branches of the chain live.
pub const FORGET_AFTER: Tick = 1_200;

/// Vouchers that are kept at most: one a slot.
pub const MAX_VOUCHERS: usize = 65_536;

/// Slots of one record of what is owed, at most.
pub(crate) const MAX_DEBTS: usize = 128;

/// Bytes of a report, at most.
pub const MAX_REPORT: usize = 1_024;

/// Reports of an era that are kept at most.
const MAX_REPORTS: usize = 16;

/// What is to be reported of another device, until the chain has it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Report {
	/// The era of the probes.
	pub era: u32,
	/// Which errand of it.
	pub errand: u8,
	/// As it goes to the chain; at most [`MAX_REPORT`] bytes.
	pub bytes: Vec<u8>,
}

/// An entry of the journal, in the order in which they were written.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Record {
	/// A deed, before it is sent.
	#[codec(index = 1)]
	Kept(
		/// It.
		Deed,
	),
	/// A deed need not be kept any more.
	#[codec(index = 2)]
	Forgotten(
		/// Which.
		DeedKey,
	),
	/// A voucher, before what it pays for is served.
	#[codec(index = 3)]
	Voucher(
		/// It.
		Voucher,
	),
	/// Vouchers of a slot were paid up to a sum, in planck.
	#[codec(index = 4)]
	Redeemed(
		/// The slot.
		SlotKey,
		/// The sum.
		Balance,
	),
	/// Nothing is owed for a slot any more.
	#[codec(index = 5)]
	Settled(
		/// The slot.
		SlotKey,
	),
	/// For what was given out of slots so much is owed in all, in planck.
	#[codec(index = 6)]
	Owes(
		/// Slots, and planck.
		Vec<(SlotKey, Balance)>,
	),
	/// What is to be reported of another device. Those of an earlier era need not be kept any more.
	#[codec(index = 7)]
	Report(
		/// It.
		Report,
	),
}

/// A voucher, and what of it was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owed {
	/// The highest that has come; none if it is not known any more.
	pub voucher: Option<Voucher>,
	/// What of it was paid, in planck.
	pub paid: Balance,
}

impl Owed {
	/// What it still brings, in planck.
	pub fn left(&self) -> Balance {
		let total = self.voucher.as_ref().map_or(0, |voucher| voucher.total);
		total.saturating_sub(self.paid)
	}
}

/// What was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
	deeds: BTreeMap<DeedKey, Deed>,
	owed: BTreeMap<SlotKey, Owed>,
	/// What is owed in all for what was given out, whether it was promised or not.
	debts: BTreeMap<SlotKey, Balance>,
	/// By errand, all of one era.
	reports: BTreeMap<u8, Report>,
}

impl Memory {
	/// As a journal tells it.
	pub fn replay(records: impl IntoIterator<Item = Record>) -> Self {
		let mut memory = Self::default();
		for record in records {
			match record {
				Record::Kept(deed) => drop(memory.deeds.insert(deed.key, deed)),
				Record::Forgotten(key) => drop(memory.deeds.remove(&key)),
				Record::Voucher(voucher) => {
					memory.take(voucher);
				}
				Record::Redeemed(key, total) => memory.paid(key, total),
				Record::Settled(key) => {
					memory.settle(&key);
				}
				Record::Owes(debts) => debts.into_iter().for_each(|(key, total)| {
					memory.owes(key, total);
				}),
				Record::Report(report) => {
					memory.report(report);
				}
			}
		}
		memory
	}

	/// The shortest journal that tells the same.
	pub fn records(&self) -> Vec<Record> {
		let kept = self.deeds.values().cloned().map(Record::Kept);
		let owed = self.owed.iter().flat_map(|(key, owed)| {
			let voucher = owed.voucher.clone().map(Record::Voucher);
			let paid = (owed.paid > 0).then_some(Record::Redeemed(*key, owed.paid));
			voucher.into_iter().chain(paid)
		});
		let debts: Vec<(SlotKey, Balance)> = self.debts().collect();
		let debts = debts.chunks(MAX_DEBTS).map(|some| Record::Owes(some.to_vec()));
		let reports = self.reports.values().cloned().map(Record::Report);
		kept.chain(owed).chain(debts).chain(reports).collect()
	}

	/// What is owed for slots in all, in planck: for what was given out, as far as it was written down.
	pub fn debts(&self) -> impl Iterator<Item = (SlotKey, Balance)> + '_ {
		self.debts.iter().map(|(key, total)| (*key, *total))
	}

	/// What is to be reported of others, all of one era.
	pub fn reports(&self) -> impl Iterator<Item = &Report> {
		self.reports.values()
	}

	/// The deeds that were kept.
	pub fn deeds(&self) -> impl Iterator<Item = &Deed> {
		self.deeds.values()
	}

	/// What vouchers of a slot come to, in planck: all of them, and what of that was paid.
	pub fn vouchers(&self, key: &SlotKey) -> (Balance, Balance) {
		let owed = self.owed.get(key);
		let total = owed
			.and_then(|owed| owed.voucher.as_ref())
			.map_or(0, |voucher| voucher.total);
		(total, owed.map_or(0, |owed| owed.paid))
	}

	/// The sum that each slot was promised, in planck.
	pub fn promised(&self) -> impl Iterator<Item = (SlotKey, Balance)> + '_ {
		self.owed.iter().filter_map(|(key, owed)| {
			let voucher = owed.voucher.as_ref()?;
			Some((*key, voucher.total))
		})
	}

	/// The vouchers that still bring something.
	pub fn unpaid_vouchers(&self) -> Vec<Voucher> {
		let unpaid = self.owed.values().filter(|owed| owed.left() > 0);
		unpaid.filter_map(|owed| owed.voucher.clone()).collect()
	}

	/// What all vouchers still bring, in planck.
	pub fn unpaid(&self) -> Balance {
		self.owed.values().fold(0, |sum, owed| sum.saturating_add(owed.left()))
	}

	pub(crate) fn keep(&mut self, deed: Deed) {
		self.deeds.insert(deed.key, deed);
	}

	pub(crate) fn forget(&mut self, key: &DeedKey) {
		self.deeds.remove(key);
	}

	/// Takes a voucher; says whether it brings more than the one before.
	pub(crate) fn take(&mut self, voucher: Voucher) -> bool {
		let room = self.owed.len() < MAX_VOUCHERS || self.owed.contains_key(&voucher.key);
		let (total, _) = self.vouchers(&voucher.key);
		if voucher.total <= total || !room {
			return false;
		}
		let owed = self.owed.entry(voucher.key).or_insert(Owed { voucher: None, paid: 0 });
		owed.voucher = Some(voucher);
		true
	}

	pub(crate) fn paid(&mut self, key: SlotKey, total: Balance) {
		let owed = self.owed.entry(key).or_insert(Owed { voucher: None, paid: 0 });
		owed.paid = owed.paid.max(total);
	}

	pub(crate) fn settle(&mut self, key: &SlotKey) -> bool {
		let (owed, debt) = (self.owed.remove(key), self.debts.remove(key));
		owed.is_some() || debt.is_some()
	}

	/// Notes what is owed for a slot in all; says whether it is more than before.
	pub(crate) fn owes(&mut self, key: SlotKey, total: Balance) -> bool {
		let before = self.debts.get(&key).copied();
		let room = before.is_some() || self.debts.len() < MAX_VOUCHERS;
		let more = total > before.unwrap_or(0) && room;
		if more {
			self.debts.insert(key, total);
		}
		more
	}

	/// Takes a report; says whether it is another one than before.
	pub(crate) fn report(&mut self, report: Report) -> bool {
		let era = self.reports.values().next().map(|known| known.era);
		if report.bytes.len() > MAX_REPORT || era.is_some_and(|era| report.era < era) {
			return false;
		}
		if era.is_some_and(|era| era < report.era) {
			self.reports.clear();
		}
		let known = self.reports.get(&report.errand);
		if known == Some(&report) || known.is_none() && self.reports.len() >= MAX_REPORTS {
			return false;
		}
		self.reports.insert(report.errand, report);
		true
	}

	pub(crate) fn owed(&self) -> impl Iterator<Item = (&SlotKey, &Owed)> {
		self.owed.iter()
	}
}
