//! General transactions: nobody signs them, their call is authorized by what it shows.

use super::{extrinsic::other_transactions, Encoded, Runtime};
use crate::{send::ChainEvent, types::said, ChainError, Result};
use codec::Encode;

/// The first byte of a general transaction: its kind above the version of the format, 5.
const GENERAL: u8 = 0x40 | 5;
/// The version of the extensions.
const EXTENSIONS: u8 = 0;
/// The extensions in the order of the runtime, and what a general transaction says to each: an era without an end,
/// nonce and tip 0, no hash of metadata. Of all of them only the first has something to do.
const SAID: [(&str, &[u8]); 11] = [
	("AuthorizeCall", &[]),
	("CheckNonZeroSender", &[]),
	("CheckSpecVersion", &[]),
	("CheckTxVersion", &[]),
	("CheckGenesis", &[]),
	("CheckMortality", &[0]),
	("CheckNonce", &[0]),
	("CheckWeight", &[]),
	("ChargeTransactionPayment", &[0]),
	("CheckMetadataHash", &[0]),
	("WeightReclaim", &[]),
];
/// How many events of one pallet in a block are told at most: more than a block has room for.
const MOST_EVENTS: usize = 65_536;

impl Runtime {
	/// The bytes of a general transaction, as they are submitted.
	///
	/// # Errors
	/// `OtherRuntime` if the runtime's transactions are others.
	pub fn general(&self, call: Encoded) -> Result<Vec<u8>> {
		let extensions = self
			.metadata
			.extrinsic()
			.transaction_extensions_by_version(EXTENSIONS)
			.ok_or_else(|| other_transactions("it has no extensions of version 0"))?;
		let theirs: Vec<&str> = extensions.map(|extension| extension.identifier()).collect();
		if !theirs.iter().copied().eq(SAID.iter().map(|(name, _)| *name)) {
			return Err(other_transactions(&format!("its extensions are {}", theirs.join(", "))));
		}
		let mut bytes = vec![GENERAL, EXTENSIONS];
		for (_, said) in SAID {
			bytes.extend_from_slice(said);
		}
		bytes.extend(self.call_data(call)?);
		// A transaction is the list of its bytes, with their number before them.
		Ok(bytes.encode())
	}

	/// All events of one pallet in a block, in their order, from the bytes of all.
	///
	/// # Errors
	/// If they cannot be read.
	pub fn events_of(&self, pallet: &str, events: Vec<u8>) -> Result<Vec<ChainEvent>> {
		let client = self.client()?;
		let all = client.events().from_bytes(events);
		let mut found = Vec::new();
		for event in all.iter() {
			let event = event.map_err(|error| ChainError::Undecodable {
				what: "the block's events".into(),
				why: said(&error.to_string()),
			})?;
			if event.pallet_name() != pallet || found.len() >= MOST_EVENTS {
				continue;
			}
			found.push(ChainEvent {
				pallet: said(event.pallet_name()),
				name: said(event.event_name()),
				fields: Vec::new(),
				bytes: event.field_bytes().to_vec(),
			});
		}
		Ok(found)
	}
}
