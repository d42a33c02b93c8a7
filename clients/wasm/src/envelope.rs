//! Messages of a channel as a file, before it is sealed: the bytes that `smart-pay` makes and reads.
//!
//! ```text
//! "SCP1" | version u8 = 1 | channel u64 | count u8 | messages in SCALE | checksum (4, of blake2_256 of all before)
//! ```
//! `clients/vectors/envelope-v1.json` has the same bytes for both programs.

use alloc::vec::Vec;
use channel_primitives::ChannelId;
use codec::{Decode, DecodeAll, Encode};
use core::fmt;
use smartchain_channel::Message;
use sp_crypto_hashing::blake2_256;

const MAGIC: &[u8; 4] = b"SCP1";
const VERSION: u8 = 1;
/// Bytes of the checksum.
const SUM: usize = 4;
/// The most bytes of an envelope.
pub const MAX_ENVELOPE: usize = 60 << 10;
/// The most messages of one.
pub const MAX_MESSAGES: usize = 64;

/// What is wrong with a file, or with what was to become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeError {
	/// It is not a payment, or damaged.
	Damaged(&'static str),
	/// It is of a version that is not known here.
	Version(u8),
	/// There is more to say than a file holds.
	TooLong,
	/// What was to be written is no message.
	NoMessage,
}

impl fmt::Display for EnvelopeError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Damaged(why) => write!(f, "the file is no payment, or damaged ({why}): have it sent again"),
			Self::Version(version) => {
				write!(
					f,
					"the file has version {version}, which this program does not know: update it"
				)
			}
			Self::TooLong => f.write_str("it is too long for a file: connect, or wait until locks are gone"),
			Self::NoMessage => f.write_str("what was to be written is no message of a channel"),
		}
	}
}

impl core::error::Error for EnvelopeError {}

/// The bytes of a file with these messages, each in SCALE.
pub(crate) fn write(channel: ChannelId, messages: &[Vec<u8>]) -> Result<Vec<u8>, EnvelopeError> {
	let count = u8::try_from(messages.len()).map_err(|_| EnvelopeError::TooLong)?;
	if messages.len() > MAX_MESSAGES {
		return Err(EnvelopeError::TooLong);
	}
	let mut bytes = MAGIC.to_vec();
	(VERSION, channel, count).encode_to(&mut bytes);
	for message in messages {
		Message::decode_all(&mut message.as_slice()).map_err(|_| EnvelopeError::NoMessage)?;
		bytes.extend_from_slice(message);
	}
	let sum = blake2_256(&bytes);
	bytes.extend(sum.iter().take(SUM));
	if bytes.len() > MAX_ENVELOPE {
		return Err(EnvelopeError::TooLong);
	}
	Ok(bytes)
}

/// The channel and the messages of a file.
pub(crate) fn read(bytes: &[u8]) -> Result<(ChannelId, Vec<Vec<u8>>), EnvelopeError> {
	let damaged = EnvelopeError::Damaged;
	if bytes.len() > MAX_ENVELOPE {
		return Err(damaged("it is too long"));
	}
	let end = bytes.len().checked_sub(SUM).ok_or(damaged("it is too short"))?;
	let (body, sum) = bytes.split_at(end);
	let mut rest = body.strip_prefix(MAGIC.as_slice()).ok_or(damaged("its first bytes"))?;
	if blake2_256(body).get(..SUM) != Some(sum) {
		return Err(damaged("its checksum"));
	}
	let (version, channel, count) = <(u8, ChannelId, u8)>::decode(&mut rest).map_err(|_| damaged("its head"))?;
	if version != VERSION {
		return Err(EnvelopeError::Version(version));
	}
	if usize::from(count) > MAX_MESSAGES {
		return Err(damaged("too many messages"));
	}
	let mut messages = Vec::new();
	for _ in 0..count {
		let message = Message::decode(&mut rest).map_err(|_| damaged("a message"))?;
		messages.push(message.encode());
	}
	if !rest.is_empty() {
		return Err(damaged("something follows"));
	}
	Ok((channel, messages))
}
