//! What transactions of the pool are alike in, that nobody pays for.

use codec::Decode;
use sc_transaction_pool_api::InPoolTransaction;
use sp_runtime::{transaction_validity::TransactionValidityError, OpaqueExtrinsic};
use std::{collections::BTreeSet, sync::Arc};

/// How many kinds without room are remembered: the runtime has fewer, and a sender may invent names.
const MAX_KINDS: usize = 8;
/// The first byte of a general transaction of version 5: its call may authorize itself, and then nobody pays for it.
pub(super) const GENERAL: u8 = 0x45;

/// What a transaction that nobody pays for is one of: the name that its first tag begins with. None of one that an
/// account pays for.
fn kind<T: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>>>(transaction: &T) -> Option<String> {
	if transaction.data().inner().first() != Some(&GENERAL) {
		return None;
	}
	String::decode(&mut transaction.provides().first()?.as_slice()).ok()
}

/// The kinds for which the block has no room any more.
///
/// A block takes so many of each kind, and all of a kind weigh the same. So if there is no room for one, there is none
/// for the others either, and they need not be tried; but that says nothing of the rest of the pool, which stands behind
/// them.
#[derive(Default)]
pub(super) struct WithoutRoom(BTreeSet<String>);

impl WithoutRoom {
	/// Whether this is one of them.
	pub fn has<T: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>>>(&self, transaction: &T) -> bool {
		!self.0.is_empty() && kind(transaction).is_some_and(|kind| self.0.contains(&kind))
	}

	/// Notes why a transaction was refused; returns whether that was for want of room for its kind.
	pub fn note<T: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>>>(
		&mut self,
		transaction: &T,
		error: Option<&TransactionValidityError>,
	) -> bool {
		if !error.is_some_and(TransactionValidityError::exhausted_resources) {
			return false;
		}
		let Some(kind) = kind(transaction) else {
			return false;
		};
		if self.0.len() >= MAX_KINDS && !self.0.contains(&kind) {
			return false;
		}
		self.0.insert(kind);
		true
	}
}
