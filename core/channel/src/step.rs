//! Store before send: what is to be done can only be had from what was stored.

use crate::{newest::newest, Action, Notice};
use alloc::vec::Vec;
use channel_primitives::ChannelId;
use core::fmt;

/// What is to be made durable, together with all else of its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
	/// What is known of a channel, instead of what was.
	Sheet {
		/// The channel.
		channel: ChannelId,
		/// An encoded [`Stored`](crate::Stored).
		bytes: Vec<u8>,
	},
	/// A channel is gone for good.
	Forget(ChannelId),
	/// What a person will want to look up.
	Note(Notice),
}

/// Where sheets are kept.
pub trait Store {
	/// Why it failed.
	type Error;

	/// Makes all of it durable, or nothing of it.
	///
	/// # Errors
	/// If it is not durable, or if nobody knows.
	fn commit(&mut self, writes: &[Write]) -> Result<(), Self::Error>;
}

/// What came of an event: what is to be stored, and what is to be done once it is.
#[must_use = "what is not stored must not be done, and what is not done is lost"]
#[derive(Debug, Default)]
pub struct Step {
	writes: Vec<Write>,
	actions: Vec<Action>,
}

/// A step that could not be stored. Commit it again; or begin anew from the store, with nothing of it done.
#[derive(Debug)]
pub struct NotStored<Error> {
	/// The step.
	pub step: Step,
	/// Why.
	pub error: Error,
}

impl<Error: fmt::Display> fmt::Display for NotStored<Error> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "nothing is signed until the store works again: {}", self.error)
	}
}

impl Step {
	pub(crate) fn new(writes: Vec<Write>, actions: Vec<Action>) -> Self {
		Self { writes, actions }
	}

	/// What is to be stored.
	pub fn writes(&self) -> &[Write] {
		&self.writes
	}

	/// This step and the next one as one, so that many need one commit.
	pub fn and(mut self, next: Self) -> Self {
		for write in next.writes {
			if let Write::Sheet { channel, .. } | Write::Forget(channel) = &write {
				let channel = *channel;
				self.writes
					.retain(|before| !matches!(before, Write::Sheet { channel: other, .. } if *other == channel));
			}
			self.writes.push(write);
		}
		self.actions.extend(next.actions);
		self
	}

	/// Stores it, and says what is to be done then, in this order. Of what was stored at once the newest alone is said:
	/// a half that a later one of the same commit replaces is neither signed nor sent, and no tower is given one of the
	/// partner's that is replaced.
	///
	/// # Errors
	/// If it is not durable.
	pub fn commit<S: Store>(self, store: &mut S) -> Result<Vec<Action>, NotStored<S::Error>> {
		if !self.writes.is_empty() {
			if let Err(error) = store.commit(&self.writes) {
				return Err(NotStored { step: self, error });
			}
		}
		Ok(newest(self.actions))
	}
}
