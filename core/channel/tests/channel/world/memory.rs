//! What a program keeps, as its store and its books.

use channel_primitives::{Balance, ChannelId, Lock};
use smartchain_channel::{Notice, Packet, Place, Store, Write};
use std::{
	collections::{BTreeMap, BTreeSet},
	convert::Infallible,
};

/// What a program keeps.
#[derive(Clone, Debug, Default)]
pub struct Memory {
	pub sheets: BTreeMap<ChannelId, Vec<u8>>,
	/// How many blocks the machine was told.
	pub blocks: usize,
	/// Locks that came and were told of.
	pub arrived: BTreeMap<Place, (Lock, Packet)>,
	/// What was received for good and for locks, and for locks that were carried on.
	pub received: Balance,
	/// What of it was for locks that came.
	pub for_locks: Balance,
	pub relayed: Balance,
	/// What was paid for good, and for own locks.
	pub paid: Balance,
	pub paid_locks: BTreeSet<Place>,
	pub failed_locks: BTreeSet<Place>,
	pub lost: u64,
	pub rekeyed: u64,
	pub disputed: u64,
	pub commits: u64,
}

impl Store for Memory {
	type Error = Infallible;

	fn commit(&mut self, writes: &[Write]) -> Result<(), Infallible> {
		self.commits += 1;
		for write in writes {
			match write {
				Write::Sheet { channel, bytes } => {
					self.sheets.insert(*channel, bytes.clone());
				}
				Write::Forget(channel) => {
					self.sheets.remove(channel);
				}
				Write::Note(notice) => self.note(notice),
			}
		}
		Ok(())
	}
}

impl Memory {
	fn note(&mut self, notice: &Notice) {
		match notice {
			Notice::Arrived { channel, lock, packet } => {
				let place = Place {
					channel: *channel,
					id: lock.id,
				};
				self.arrived.insert(place, (*lock, packet.clone()));
			}
			Notice::Received {
				amount, relayed, lock, ..
			} => {
				if *relayed {
					self.relayed += amount;
				} else {
					self.received += amount;
					self.for_locks += lock.map_or(0, |_| *amount);
				}
			}
			Notice::Paid {
				channel, lock, amount, ..
			} => match lock {
				Some(id) => {
					self.paid_locks.insert(Place {
						channel: *channel,
						id: *id,
					});
				}
				None => self.paid += amount,
			},
			Notice::Failed { channel, lock, .. } => {
				self.failed_locks.insert(Place {
					channel: *channel,
					id: *lock,
				});
			}
			Notice::DataLost(_) => self.lost += 1,
			Notice::Rekeyed { .. } => self.rekeyed += 1,
			Notice::Disputed { .. } => self.disputed += 1,
			Notice::Resumed(_) | Notice::Closing(_) | Notice::Gone(_) => (),
		}
	}
}
