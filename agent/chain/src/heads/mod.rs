//! The best and the final blocks, as they come.

mod track;

pub(crate) use track::Tracker;

use crate::{
	types::{said, BlockNumber, Hash, Slot},
	ChainError, Result,
};
use poca_primitives::find_pre_digest;
use sp_runtime::{generic, traits::BlakeTwo256};
use tokio::sync::broadcast;

/// A header as nodes tell it.
pub(crate) type Header = generic::Header<BlockNumber, BlakeTwo256>;

/// How many events wait for a listener that is slow. What is older is skipped for it.
pub const HEAD_BUFFER: usize = 256;
/// How many blocks one event names at most: see [`HeadEvent::Best`].
pub const MOST_BLOCKS: usize = 64;

/// A block's header, as far as agents need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
	/// Its height.
	pub number: BlockNumber,
	/// Its hash.
	pub hash: Hash,
	/// The block before it.
	pub parent: Hash,
	/// The slot in which it was authored; 0 for the first block of the chain.
	pub slot: Slot,
}

impl Head {
	/// Of a header.
	///
	/// # Errors
	/// If it is not of a chain of this kind.
	pub(crate) fn of(header: &Header) -> Result<Self> {
		let slot = match find_pre_digest(header) {
			Ok(digest) => *digest.slot,
			Err(_) if header.number == 0 => 0,
			Err(error) => {
				return Err(ChainError::Undecodable {
					what: "a header".into(),
					why: said(&error.to_string()),
				})
			}
		};
		Ok(Self {
			number: header.number,
			hash: header.hash(),
			parent: header.parent_hash,
			slot,
		})
	}
}

/// What became of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadEvent {
	/// Another block is the best one.
	Best {
		/// Which.
		head: Head,
		/// The blocks that are of the best chain now and were not, the oldest first; `head` is the last. At most
		/// [`MOST_BLOCKS`], the newest.
		adopted: Vec<Head>,
		/// The blocks that were of the best chain and are not any more, the newest first. None but in a
		/// reorganization. At most [`MOST_BLOCKS`].
		abandoned: Vec<Head>,
		/// Whether blocks may be missing in `adopted`: after the connection was lost, or if there were too many.
		gap: bool,
	},
	/// Another block is final: it and all before it stay.
	Final(
		/// Which.
		Head,
	),
}

/// Listens to best and final blocks. It goes on by itself after the connection was lost.
#[derive(Debug)]
pub struct Heads {
	events: broadcast::Receiver<HeadEvent>,
}

impl Heads {
	pub(crate) fn new(events: broadcast::Receiver<HeadEvent>) -> Self {
		Self { events }
	}

	/// The next event; none only if the chain's client is gone. Whoever is more than [`HEAD_BUFFER`] events late skips
	/// the oldest.
	pub async fn next(&mut self) -> Option<HeadEvent> {
		loop {
			match self.events.recv().await {
				Ok(event) => return Some(event),
				Err(broadcast::error::RecvError::Lagged(skipped)) => {
					log::debug!(target: crate::LOG_TARGET, "A listener skips {skipped} events of heads");
				}
				Err(broadcast::error::RecvError::Closed) => return None,
			}
		}
	}
}
