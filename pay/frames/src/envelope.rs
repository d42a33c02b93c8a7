//! Messages of a channel as a file: what two programs tell each other where there is no network.
//!
//! ```text
//! "SCP1" | version u8 = 1 | channel u64 | count u8 | messages in SCALE | checksum (4, of blake2_256 of all before)
//! ```
//! The messages are those of the wire. The file is sealed for the partner's node, as the wire's frames are, so that
//! nobody
//! else reads it; and whoever opens it sees by whom it was sealed.

use channel_primitives::ChannelId;
use codec::{Decode, Encode};
use smartchain_channel::Message;
use sp_crypto_hashing::blake2_256;

/// What an envelope begins with.
const MAGIC: &[u8; 4] = b"SCP1";
/// The version of what follows.
const VERSION: u8 = 1;
/// Bytes of the checksum.
const SUM: usize = 4;
/// The most bytes of an envelope.
pub const MAX_ENVELOPE: usize = 60 << 10;
/// The most messages of one.
pub const MAX_MESSAGES: usize = 64;

/// What is in an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
	/// The channel.
	pub channel: ChannelId,
	/// What the partner is told, in this order.
	pub messages: Vec<Message>,
}

impl Envelope {
	/// As the bytes of a file.
	pub fn write(&self) -> Vec<u8> {
		let count = u8::try_from(self.messages.len().min(MAX_MESSAGES)).unwrap_or(u8::MAX);
		let mut bytes = MAGIC.to_vec();
		(VERSION, self.channel, count).encode_to(&mut bytes);
		for message in self.messages.iter().take(usize::from(count)) {
			message.encode_to(&mut bytes);
		}
		let sum = blake2_256(&bytes);
		bytes.extend_from_slice(&sum[..SUM]);
		bytes
	}

	/// From the bytes of a file.
	///
	/// # Errors
	/// What is wrong with it, and what to do.
	pub fn read(bytes: &[u8]) -> Result<Self, String> {
		let damaged = |why: &str| format!("the file is no payment, or damaged ({why}): have it sent again");
		if bytes.len() > MAX_ENVELOPE {
			return Err(damaged("it is too long"));
		}
		let end = bytes.len().checked_sub(SUM).ok_or_else(|| damaged("it is too short"))?;
		let (body, sum) = bytes.split_at(end);
		let mut rest = body
			.strip_prefix(MAGIC.as_slice())
			.ok_or_else(|| damaged("its first bytes"))?;
		if blake2_256(body).get(..SUM) != Some(sum) {
			return Err(damaged("its checksum"));
		}
		let (version, channel, count) = <(u8, ChannelId, u8)>::decode(&mut rest).map_err(|_| damaged("its head"))?;
		if version != VERSION {
			return Err(format!(
				"the file has version {version}, which this program does not know: update smart-pay"
			));
		}
		if usize::from(count) > MAX_MESSAGES {
			return Err(damaged("too many messages"));
		}
		let mut messages = Vec::new();
		for _ in 0..count {
			messages.push(Message::decode(&mut rest).map_err(|_| damaged("a message"))?);
		}
		if !rest.is_empty() {
			return Err(damaged("something follows"));
		}
		Ok(Self { channel, messages })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_channel::{Got, Hello};

	fn envelope() -> Envelope {
		Envelope {
			channel: 7,
			messages: vec![
				Message::Hello(Hello {
					held: None,
					number: 3,
					answers: 0,
				}),
				Message::Got(Got { held: 5 }),
			],
		}
	}

	#[test]
	fn an_envelope_is_read_as_it_was_written() {
		assert_eq!(Envelope::read(&envelope().write()), Ok(envelope()));
	}

	/// The layout, written down once.
	#[test]
	fn bytes_stay() {
		let bytes = envelope().write();
		let text: String = bytes[..bytes.len() - SUM]
			.iter()
			.map(|byte| format!("{byte:02x}"))
			.collect();
		let head = "5343503101070000000000000002";
		let hello = "000003000000000000000000000000000000";
		let got = "020500000000000000";
		assert_eq!(text, format!("{head}{hello}{got}"));
	}

	/// The bytes that programs in other languages have, too: `clients/vectors`.
	#[test]
	fn the_bytes_are_those_of_other_programs() {
		let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/vectors/envelope-v1.json");
		let text = std::fs::read_to_string(path).unwrap();
		let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
		assert!(!vectors.is_empty());
		for vector in vectors {
			let bytes = |value: &serde_json::Value| -> Vec<u8> {
				let hex = value.as_str().unwrap();
				let digits = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
				(0..hex.len() / 2).map(digits).collect()
			};
			let messages = vector["messages"].as_array().unwrap().iter();
			let envelope = Envelope {
				channel: vector["channel"].as_u64().unwrap(),
				messages: messages
					.map(|message| Message::decode(&mut bytes(message).as_slice()).unwrap())
					.collect(),
			};
			assert_eq!(envelope.write(), bytes(&vector["file"]));
			assert_eq!(Envelope::read(&bytes(&vector["file"])), Ok(envelope));
		}
	}

	#[test]
	fn damage_is_found_wherever_it_is() {
		let bytes = envelope().write();
		for at in 0..bytes.len() {
			let mut other = bytes.clone();
			other[at] ^= 1;
			assert!(Envelope::read(&other).is_err(), "{at}");
			assert!(Envelope::read(&bytes[..at]).is_err(), "{at}");
		}
	}

	/// The checksum is of whoever wrote it: what is damaged under it is found as well.
	#[test]
	fn damage_under_a_true_checksum_is_no_panic() {
		let mut rng = smartchain_rng::Rng::new(1);
		let mut read = 0;
		for _ in 0..20_000 {
			let mut bytes = envelope().write();
			bytes.truncate(bytes.len() - SUM);
			for _ in 0..rng.below(4) {
				let at = rng.below(bytes.len() as u64) as usize;
				bytes[at] = rng.next_u64() as u8;
			}
			let length = rng.below(3) as usize;
			if rng.percent(10) {
				bytes.extend(rng.bytes(length));
			}
			let sum = blake2_256(&bytes);
			bytes.extend_from_slice(&sum[..SUM]);
			if let Ok(envelope) = Envelope::read(&bytes) {
				read += 1;
				assert_eq!(envelope.write(), bytes, "one envelope has one encoding");
			}
		}
		assert!(read > 1_000, "{read}");
	}
}
