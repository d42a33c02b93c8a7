//! What the pallet of channels says in a block.

use crate::error::LedgerError;
use channel_primitives::{
	Account, Balance, ChannelId, Claim, Half, Hash, Locks, PerSide, Reveal, Side, Terms, Tick, Witness,
};
use codec::{Decode, DecodeAll};
use smart_agent_chain::ChainEvent;

/// An event that concerns channels or conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
	/// A channel was opened.
	Opened {
		/// Its number.
		channel: ChannelId,
		/// Whose it is.
		accounts: PerSide<Account>,
	},
	/// A side closes alone.
	CloseStarted {
		/// The channel.
		channel: ChannelId,
		/// The locks of its claim.
		locks: Locks,
	},
	/// A condition was met.
	Met {
		/// Its hash.
		condition: Hash,
		/// When, and in what part.
		reveal: Reveal,
		/// What showed it.
		witness: Witness,
	},
	/// Something else of a channel changed.
	Touched(ChannelId),
}

/// `CloseStarted`, field by field.
#[derive(Decode)]
struct Started {
	channel: ChannelId,
	_closer: Side,
	_deadline: Tick,
	_claim: Claim,
	locks: Locks,
	_brought: Option<Half>,
	_recovery: bool,
}

impl Event {
	/// From a block's; none if it is of no channel and no condition.
	///
	/// # Errors
	/// If its bytes are others than this program knows.
	pub(crate) fn of(event: &ChainEvent) -> Result<Option<Self>, LedgerError> {
		let bytes = &event.bytes[..];
		Ok(Some(match event.name.as_str() {
			"Opened" => {
				let (channel, accounts, _, _, _) =
					all::<(ChannelId, PerSide<Account>, Side, Terms, Balance)>(&event.name, bytes)?;
				Self::Opened { channel, accounts }
			}
			"CloseStarted" => {
				let Started { channel, locks, .. } = all(&event.name, bytes)?;
				Self::CloseStarted { channel, locks }
			}
			"Met" => {
				let (condition, reveal, witness) = all::<(Hash, Reveal, Witness)>(&event.name, bytes)?;
				Self::Met {
					condition,
					reveal,
					witness,
				}
			}
			"Deposited" | "Withdrawn" | "Rekeyed" | "ClosedTogether" | "HalfSubmitted" | "Resynced" | "Forfeited"
			| "Corrected" | "Settled" | "Unlocked" | "Cleared" => Self::Touched(first(&event.name, bytes)?),
			_ => return Ok(None),
		}))
	}

	/// The channel that it is of.
	pub fn channel(&self) -> Option<ChannelId> {
		match self {
			Self::Opened { channel, .. } | Self::CloseStarted { channel, .. } | Self::Touched(channel) => {
				Some(*channel)
			}
			Self::Met { .. } => None,
		}
	}
}

fn unreadable(name: &str) -> LedgerError {
	LedgerError::Unreadable(format!(
		"the event {name} of the pallet of channels: update this program, or the node"
	))
}

fn all<T: Decode>(name: &str, mut bytes: &[u8]) -> Result<T, LedgerError> {
	T::decode_all(&mut bytes).map_err(|_| unreadable(name))
}

/// The first field, which is the channel.
fn first(name: &str, mut bytes: &[u8]) -> Result<ChannelId, LedgerError> {
	ChannelId::decode(&mut bytes).map_err(|_| unreadable(name))
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	fn event(name: &str, bytes: Vec<u8>) -> ChainEvent {
		ChainEvent {
			pallet: crate::PALLET.into(),
			name: name.into(),
			fields: Vec::new(),
			bytes,
		}
	}

	#[test]
	fn events_are_read_to_their_last_byte() {
		let claim = Claim::new(5, &Locks::default());
		let started = (7_u64, Side::High, 40_u32, claim, Locks::default(), None::<Half>, false).encode();
		let read = Event::of(&event("CloseStarted", started.clone())).expect("it is read");
		assert_eq!(
			read,
			Some(Event::CloseStarted {
				channel: 7,
				locks: Locks::default()
			})
		);
		assert!(Event::of(&event("CloseStarted", [started, vec![0]].concat())).is_err());
		let touched = Event::of(&event("Settled", (9_u64, 1_u8).encode())).expect("it is read");
		assert_eq!(touched.and_then(|event| event.channel()), Some(9));
		assert_eq!(Event::of(&event("TowerLeft", Vec::new())), Ok(None));
		assert!(Event::of(&event("Forfeited", vec![1, 2])).is_err());
	}
}
