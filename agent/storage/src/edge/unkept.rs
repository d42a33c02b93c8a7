//! Vouchers that could not be written: the machine has them, so they are written with all else when the journal is
//! written anew, and count from then on.

use smart_agent_market::SlotKey;
use std::collections::BTreeMap;

/// Such vouchers, in planck by slot: the highest of each.
#[derive(Default)]
pub(super) struct Unkept {
	waits: BTreeMap<SlotKey, u128>,
	/// Those that are being written anew.
	anew: BTreeMap<SlotKey, u128>,
}

/// The highest sum of a slot counts.
fn note(sums: &mut BTreeMap<SlotKey, u128>, key: SlotKey, total: u128) {
	let sum = sums.entry(key).or_default();
	*sum = (*sum).max(total);
}

impl Unkept {
	/// One could not be written.
	pub fn failed(&mut self, key: SlotKey, total: u128) {
		note(&mut self.waits, key, total);
	}

	/// All that the machine has is written anew, these among it.
	pub fn begin(&mut self) {
		for (key, total) in std::mem::take(&mut self.waits) {
			note(&mut self.anew, key, total);
		}
	}

	/// That is over: those that are durable now, if it went well.
	pub fn end(&mut self, well: bool) -> BTreeMap<SlotKey, u128> {
		let anew = std::mem::take(&mut self.anew);
		if well {
			return anew;
		}
		for (key, total) in anew {
			note(&mut self.waits, key, total);
		}
		BTreeMap::new()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_voucher_that_could_not_be_written_counts_once_all_is_written_anew() {
		let key = |deal| SlotKey { deal, slot: 0 };
		let mut unkept = Unkept::default();
		unkept.failed(key(1), 50);
		unkept.failed(key(1), 40);
		unkept.begin();
		// One that fails meanwhile is not among what is written.
		unkept.failed(key(2), 7);
		assert!(unkept.end(false).is_empty(), "the disk is full still");
		unkept.begin();
		unkept.failed(key(1), 60);
		assert_eq!(unkept.end(true), BTreeMap::from([(key(1), 50), (key(2), 7)]));
		assert!(unkept.end(true).is_empty());
		unkept.begin();
		assert_eq!(unkept.end(true), BTreeMap::from([(key(1), 60)]));
	}
}
