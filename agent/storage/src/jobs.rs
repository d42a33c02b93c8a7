//! Work on slots that are here: it blocks.

use smart_agent_market::{Done, Failure, Shown, SlotKey, Work};
use smart_agent_slots::{Cancel, Pace, ReadError, SlotStore, StoreError};
use smartchain_transfer::wire::SlotId;
use storage_proof_primitives::Opening;

/// The slot of a key, as the wire and the disk name it.
pub(crate) fn slot_id(key: SlotKey) -> SlotId {
	SlotId {
		deal: key.deal,
		slot: key.slot,
	}
}

/// Does what needs no other device. What does comes to nothing.
pub(crate) fn work(store: &SlotStore, key: SlotKey, work: &Work, unix: u64, cancel: &Cancel) -> Result<Done, Fault> {
	let slot = slot_id(key);
	Ok(match work {
		Work::Make { bytes, at } => {
			store.make(slot, *bytes, *at)?;
			Done::Made
		}
		Work::Seal { root } => Done::Sealed(store.seal(slot, root)?),
		Work::Open { root, chunks } => match store.open_chunks(slot, root, *chunks) {
			Ok(openings) => Done::Opened(openings.map(|opening| shown(&opening))),
			Err(ReadError::Rotten(group)) => Done::Rotten(vec![group]),
			Err(error) => return Err(error.into()),
		},
		Work::Scrub { root } => Done::Rotten(store.scrub(slot, root, unix, Pace::Gentle, cancel)?),
		Work::Reset => {
			store.reset(slot)?;
			Done::Reset
		}
		Work::Remove => {
			store.remove(slot)?;
			Done::Removed
		}
		Work::Repair { .. } | Work::Mend { .. } => Done::Failed(Failure::Cancelled),
	})
}

fn shown(opening: &Opening) -> Shown {
	Shown {
		chunk: opening.chunk().to_vec(),
		path: opening.path().to_vec(),
	}
}

/// Why work came to nothing, with words for the log.
#[derive(Debug)]
pub(crate) struct Fault {
	/// For the machine.
	pub failure: Failure,
	/// For people; empty if there is nothing to be said.
	pub words: String,
}

impl From<StoreError> for Fault {
	fn from(error: StoreError) -> Self {
		let failure = match &error {
			error if error.is_room() => Failure::NoRoom,
			StoreError::NoSuchSlot(_) | StoreError::Incomplete { .. } => Failure::Missing,
			_ => Failure::Disk,
		};
		Self {
			failure,
			words: error.to_string(),
		}
	}
}

impl From<ReadError> for Fault {
	fn from(error: ReadError) -> Self {
		let failure = match &error {
			ReadError::Damaged => Failure::Missing,
			ReadError::Cancelled => Failure::Cancelled,
			ReadError::Rotten(_) | ReadError::Io(_) | ReadError::Refused(_) => Failure::Disk,
		};
		Self {
			failure,
			words: error.to_string(),
		}
	}
}
