//! What transactions of the pool are alike in, that nobody pays for.

use codec::Decode;
use sp_runtime::transaction_validity::{TransactionTag, TransactionValidityError};
use std::collections::BTreeSet;

/// How many kinds without room are remembered: the runtime has fewer, and a sender may invent names.
const MAX_KINDS: usize = 16;
/// The first byte of a general transaction of version 5: its call may authorize itself, and then nobody pays for it.
pub const GENERAL: u8 = 0x45;

/// What a transaction that nobody pays for is one of: the name that its first tag begins with. None of one that an
/// account pays for.
fn kind(bytes: &[u8], provides: &[TransactionTag]) -> Option<String> {
	if bytes.first() != Some(&GENERAL) {
		return None;
	}
	String::decode(&mut provides.first()?.as_slice()).ok()
}

/// The kinds for which the block has no room any more.
///
/// A block takes so many of each kind, and wins of a kind weigh the same. So if there is no room for one, there is none
/// for the others either, and they need not be tried; but that says nothing of the rest of the pool, which stands
/// behind them. Reports of equivocation differ in their bytes: a small one behind a large one waits for the next block.
#[derive(Default)]
pub struct WithoutRoom(BTreeSet<String>);

impl WithoutRoom {
	/// Whether a transaction of these bytes and tags is of one of them.
	#[must_use]
	pub fn has(&self, bytes: &[u8], provides: &[TransactionTag]) -> bool {
		!self.0.is_empty() && kind(bytes, provides).is_some_and(|kind| self.0.contains(&kind))
	}

	/// Notes why a transaction was refused; returns whether that was for want of room for its kind.
	pub fn note(
		&mut self,
		bytes: &[u8],
		provides: &[TransactionTag],
		error: Option<&TransactionValidityError>,
	) -> bool {
		if !error.is_some_and(TransactionValidityError::exhausted_resources) {
			return false;
		}
		let Some(kind) = kind(bytes, provides) else {
			return false;
		};
		if self.0.len() >= MAX_KINDS && !self.0.contains(&kind) {
			return false;
		}
		self.0.insert(kind);
		true
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;
	use sp_runtime::transaction_validity::InvalidTransaction;

	const EXHAUSTED: TransactionValidityError =
		TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);

	fn tags(name: &str) -> Vec<TransactionTag> {
		vec![(name, [7u8; 32]).encode()]
	}

	#[test]
	fn one_kind_without_room_says_nothing_of_another() {
		let mut without_room = WithoutRoom::default();
		let general = [GENERAL, 1];
		let bad = TransactionValidityError::Invalid(InvalidTransaction::BadProof);
		assert!(!without_room.note(&general, &tags("Pulse"), Some(&bad)));
		assert!(!without_room.note(&general, &tags("Pulse"), None));
		assert!(!without_room.has(&general, &tags("Pulse")));
		assert!(without_room.note(&general, &tags("Pulse"), Some(&EXHAUSTED)));
		assert!(without_room.has(&general, &tags("Pulse")) && !without_room.has(&general, &tags("SegmentWin")));
		// What an account pays for is of no kind.
		assert!(!without_room.has(&[0x84, 1], &tags("Pulse")) && !without_room.has(&[], &[]));
		assert!(!without_room.note(&[0x84, 1], &tags("Pulse"), Some(&EXHAUSTED)));
	}

	#[test]
	fn kinds_that_a_sender_invents_are_bounded() {
		let mut without_room = WithoutRoom::default();
		let names: Vec<String> = (0..20).map(|number: u8| number.to_string()).collect();
		let noted = names
			.iter()
			.filter(|name| without_room.note(&[GENERAL], &tags(name), Some(&EXHAUSTED)));
		assert_eq!(noted.count(), MAX_KINDS);
		assert!(
			without_room.note(&[GENERAL], &tags("0"), Some(&EXHAUSTED)),
			"it is known"
		);
	}
}
