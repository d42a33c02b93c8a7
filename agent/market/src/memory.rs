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
}

impl Memory {
	/// As a journal tells it.
	pub fn replay(records: impl IntoIterator<Item = Record>) -> Self {
		let mut memory = Self::default();
		for record in records {
			match record {
				Record::Kept(deed) => drop(memory.deeds.insert(deed.key, deed)),
				Record::Forgotten(key) => drop(memory.deeds.remove(&key)),
				Record::Voucher(voucher) => drop(memory.take(voucher)),
				Record::Redeemed(key, total) => memory.paid(key, total),
				Record::Settled(key) => drop(memory.owed.remove(&key)),
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
		kept.chain(owed).collect()
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
		self.owed.remove(key).is_some()
	}

	pub(crate) fn owed(&self) -> impl Iterator<Item = (&SlotKey, &Owed)> {
		self.owed.iter()
	}
}
