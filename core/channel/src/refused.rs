//! Why something was not done.

use channel_primitives::{ChannelId, LockId, RuleError};
use core::fmt;

/// Why something was not done. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
	/// The machine knows no such channel.
	NoChannel(ChannelId),
	/// The channel is there already.
	Known(ChannelId),
	/// There is no such lock that this could be done with.
	NoLock(LockId),
	/// The channel is being closed, or is closed.
	Closing,
	/// Our data may be old: the partner has not said since the start what it holds.
	Unsure,
	/// Our data is older than what the partner holds.
	DataLost,
	/// A rule of channels forbids it.
	Rule(RuleError),
	/// A signature is false.
	BadSignature,
	/// It does not meet the condition.
	NotMet,
	/// The chain knows already that its condition is met: a lock over it would be given away.
	MetAlready,
	/// It comes too late, or leaves too little time.
	TooLate,
	/// The fee is too low.
	Fee,
	/// A lock does not go back into the channel that it came from, nor on twice.
	Loop,
	/// There are locks left, or withdrawals.
	LocksLeft,
	/// A withdrawal of that side is under way.
	Withdrawing,
	/// The parts are not those that this side sees.
	OtherParts,
	/// The partner has lost its data too often, or twice in a tick.
	Again,
	/// It does not fit to what is going on: an answer to nothing.
	Unasked,
	/// A side of the channel takes another key just now.
	Rekeying,
	/// The channel has this key already.
	SameKey,
	/// Who agrees to another key of its partner has lost its data, and needs words that the old one signed.
	NeedsWords,
	/// The step of the chain of hashes is false, or not above the last one.
	Step,
}

impl fmt::Display for Refused {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::NoChannel(id) => write!(f, "there is no channel {id} here"),
			Self::Known(id) => write!(f, "channel {id} is here already"),
			Self::NoLock(id) => write!(f, "there is no lock {id} that this could be done with"),
			Self::Closing => f.write_str("the channel is being closed: nothing is signed in it any more"),
			Self::Unsure => f.write_str("the partner has not said yet what it holds: wait until it is connected"),
			Self::DataLost => f.write_str("our data is older than the partner's: wait for its word, or recover"),
			Self::Rule(error) => fmt::Display::fmt(error, f),
			Self::BadSignature => f.write_str("a signature is false"),
			Self::NotMet => f.write_str("this does not meet the condition"),
			Self::MetAlready => f.write_str("the condition is met already, on chain: take another one"),
			Self::TooLate => f.write_str("too late: the lock expires too soon for that"),
			Self::Fee => f.write_str("the fee is too low: lock less onward, or ask for more"),
			Self::Loop => f.write_str("a lock goes on once, and not back into its own channel"),
			Self::LocksLeft => {
				f.write_str("locks or withdrawals are left: wait until they are paid or gone, or close alone")
			}
			Self::Withdrawing => f.write_str("a withdrawal is under way: wait until it has come or expired"),
			Self::OtherParts => f.write_str("the partner sees other parts: wait until what is on its way has come"),
			Self::Again => f.write_str("the partner has lost its data too often, or twice at once: wait, or close"),
			Self::Unasked => f.write_str("this answers nothing that was asked"),
			Self::Rekeying => f.write_str("another key is on its way to the chain: wait until it is final there"),
			Self::SameKey => f.write_str("the channel has this key already: take one that was never used"),
			Self::NeedsWords => f.write_str(
				"data was lost in this channel, and what the partner signed about that counts under its old key alone: \
				 take another key on this side first",
			),
			Self::Step => f.write_str("the step is false, or not above the last one"),
		}
	}
}

impl core::error::Error for Refused {}
