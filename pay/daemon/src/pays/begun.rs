//! Invoices that were begun to be paid over relays. What each payment of an invoice is locked by is a secret until it
//! is paid for the first time: after that whoever carried it on can claim another lock by the same hash, and the payee
//! has nothing of it. So none is paid over relays a second time, not after a restart either.

use channel_primitives::Hash;
use codec::{Decode, DecodeAll, Encode};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
};

/// The file, in the data folder.
const FILE: &str = "begun";
/// Invoices that are kept at most; the one that is over first is forgotten then.
const MOST: usize = 8_192;
/// Bytes of the file that are read at most.
const MOST_BYTES: usize = MOST * 40 + 8;
/// For how long one is kept beyond its end, in seconds: clocks are put back now and then.
const LONGER: u64 = 24 * 3_600;

#[derive(Encode, Decode)]
struct Kept(Vec<(Hash, u64)>);

/// All of them, by what payments name an invoice by.
pub struct Begun {
	file: PathBuf,
	/// Until when each can be paid, in seconds of Unix time.
	all: BTreeMap<Hash, u64>,
}

impl Begun {
	/// With what was kept.
	pub fn load(folder: &Path) -> Self {
		let file = folder.join(FILE);
		let bytes = std::fs::read(&file).ok().filter(|bytes| bytes.len() <= MOST_BYTES);
		let kept = bytes.and_then(|bytes| Kept::decode_all(&mut &bytes[..]).ok());
		Self {
			file,
			all: kept.map(|Kept(all)| all.into_iter().collect()).unwrap_or_default(),
		}
	}

	/// Whether one was begun.
	pub fn has(&self, memo: &Hash) -> bool {
		self.all.contains_key(memo)
	}

	/// Keeps one durably, before anything is locked for it.
	///
	/// # Errors
	/// That it is not kept: then it must not be begun.
	pub fn keep(&mut self, memo: Hash, expires: u64, now: u64) -> Result<(), String> {
		self.all.retain(|_, until| until.saturating_add(LONGER) >= now);
		let first = self.all.iter().min_by_key(|(_, until)| **until).map(|(memo, _)| *memo);
		if let Some(first) = first.filter(|_| self.all.len() >= MOST) {
			self.all.remove(&first);
		}
		self.all.insert(memo, expires);
		let kept = Kept(self.all.iter().map(|(memo, until)| (*memo, *until)).collect());
		smart_agent_keys::replace(&self.file, &kept.encode()).map_err(|error| {
			format!("that the invoice is paid cannot be kept ({error}): nothing was paid; see to the disk")
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_was_begun_is_known_after_a_start_until_it_is_long_over() {
		let folder = tempfile::tempdir().expect("a folder");
		let mut begun = Begun::load(folder.path());
		begun.keep([1; 32], 100, 50).expect("it is kept");
		begun.keep([2; 32], 1_000_000, 60).expect("it is kept");
		let mut begun = Begun::load(folder.path());
		assert!(begun.has(&[1; 32]) && begun.has(&[2; 32]) && !begun.has(&[3; 32]));
		begun.keep([3; 32], 2_000_000, 101 + LONGER).expect("it is kept");
		let begun = Begun::load(folder.path());
		assert!(!begun.has(&[1; 32]) && begun.has(&[2; 32]) && begun.has(&[3; 32]));
	}

	#[test]
	fn a_full_one_forgets_what_is_over_first_and_can_be_read() {
		let folder = tempfile::tempdir().expect("a folder");
		let mut begun = Begun::load(folder.path());
		for number in 0..MOST {
			let mut memo = [0; 32];
			memo[..8].copy_from_slice(&(number as u64).to_le_bytes());
			begun.all.insert(memo, 1_000 + number as u64);
		}
		begun.keep([9; 32], 5_000, 10).expect("it is kept");
		let begun = Begun::load(folder.path());
		assert_eq!(begun.all.len(), MOST);
		assert!(begun.has(&[9; 32]) && !begun.has(&[0; 32]));
	}
}
