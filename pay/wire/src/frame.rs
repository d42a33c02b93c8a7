//! What goes through a connection, before it is sealed.

use channel_primitives::ChannelId;
use codec::{Decode, DecodeAll, Encode};
use smartchain_channel::Message;
use std::fmt;

/// The version of frames.
pub const FRAME_VERSION: u8 = 1;
/// Bytes before the body: version, kind, length of the body.
pub const HEAD: usize = 4;
/// Bytes of a frame, at most: with the seal it is the largest message that Noise has, of 65,535 bytes.
pub const MAX_FRAME: usize = 65_519;
/// Kinds from this one on are the program's own, such as invoices and what towers are told.
pub const FIRST_OWN_KIND: u8 = 64;

const CHANNEL: u8 = 1;
const PING: u8 = 2;
const PONG: u8 = 3;
const BYE: u8 = 4;

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Bye {
	/// The program ends, or wants no connection any more.
	#[codec(index = 0)]
	Leaving,
	/// Another program with the same key is connected, and answers.
	#[codec(index = 1)]
	SecondWriter,
	/// There is a connection already.
	#[codec(index = 2)]
	Doubled,
	/// There are too many.
	#[codec(index = 3)]
	Crowded,
}

impl fmt::Display for Bye {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Leaving => "it leaves",
			Self::SecondWriter => "another program with this key is connected: end one of the two, they forfeit money",
			Self::Doubled => "there is a connection already",
			Self::Crowded => "it has too many connections: try later",
		})
	}
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
	/// What a machine says in a channel.
	Channel(ChannelId, Message),
	/// "Are you there?"
	Ping(u64),
	/// The answer, with the same number.
	Pong(u64),
	/// The last one.
	Bye(Bye),
	/// Something of the program's own.
	Own {
		/// Which: [`FIRST_OWN_KIND`] or above.
		kind: u8,
		/// What.
		body: Vec<u8>,
	},
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
	/// It is cut short, or goes on after its end.
	#[error("a frame has another length than it says")]
	Length,
	/// It is longer than a frame may be.
	#[error("a frame has {} bytes at most", MAX_FRAME)]
	TooLong,
	/// Another version.
	#[error("frames of version {0} are not known here; use a newer program")]
	Version(u8),
	/// A kind that is not known.
	#[error("frames of kind {0} are not known here")]
	Kind(u8),
	/// What it holds cannot be read.
	#[error("what a frame holds cannot be read")]
	Body,
}

impl Frame {
	/// Its bytes.
	///
	/// # Errors
	/// [`FrameError::TooLong`]; [`FrameError::Kind`] if an own one has a kind that is none.
	pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
		let (kind, body) = match self {
			Self::Channel(channel, message) => (CHANNEL, (channel, message).encode()),
			Self::Ping(number) => (PING, number.encode()),
			Self::Pong(number) => (PONG, number.encode()),
			Self::Bye(why) => (BYE, why.encode()),
			Self::Own { kind, body } if *kind >= FIRST_OWN_KIND => (*kind, body.clone()),
			Self::Own { kind, .. } => return Err(FrameError::Kind(*kind)),
		};
		if body.len() > MAX_FRAME - HEAD {
			return Err(FrameError::TooLong);
		}
		let length = u16::try_from(body.len()).map_err(|_| FrameError::TooLong)?;
		let mut bytes = Vec::with_capacity(HEAD + body.len());
		bytes.extend([FRAME_VERSION, kind]);
		bytes.extend(length.to_le_bytes());
		bytes.extend(body);
		Ok(bytes)
	}

	/// The frame that these are the bytes of, all of them.
	///
	/// # Errors
	/// [`FrameError`]: what is wrong with it.
	pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
		if bytes.len() > MAX_FRAME {
			return Err(FrameError::TooLong);
		}
		let Some(([version, kind, low, high], mut body)) = bytes.split_first_chunk::<HEAD>() else {
			return Err(FrameError::Length);
		};
		if *version != FRAME_VERSION {
			return Err(FrameError::Version(*version));
		}
		if body.len() != usize::from(u16::from_le_bytes([*low, *high])) {
			return Err(FrameError::Length);
		}
		let frame = match *kind {
			CHANNEL => <(ChannelId, Message)>::decode_all(&mut body).map(|(id, message)| Self::Channel(id, message)),
			PING => u64::decode_all(&mut body).map(Self::Ping),
			PONG => u64::decode_all(&mut body).map(Self::Pong),
			BYE => Bye::decode_all(&mut body).map(Self::Bye),
			kind if kind >= FIRST_OWN_KIND => Ok(Self::Own {
				kind,
				body: body.to_vec(),
			}),
			kind => return Err(FrameError::Kind(kind)),
		};
		frame.map_err(|_| FrameError::Body)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use channel_primitives::{MAX_CONDITION_BYTES, MAX_LOCKS};
	use smartchain_channel::{Got, Hello, MAX_PACKET};
	use smartchain_rng::Rng;

	fn hex(bytes: &[u8]) -> String {
		bytes.iter().map(|byte| format!("{byte:02x}")).collect()
	}

	fn frames() -> Vec<(Frame, &'static str)> {
		let hello = Hello {
			held: None,
			number: 0x0102_0304_0506_0708,
			answers: 9,
		};
		vec![
			(
				Frame::Channel(7, Message::Hello(hello)),
				"01011a00070000000000000000000807060504030201\
				 0900000000000000",
			),
			(
				Frame::Channel(7, Message::Got(Got { held: 258 })),
				"010111000700000000000000020201000000000000",
			),
			(Frame::Ping(1), "010208000100000000000000"),
			(Frame::Pong(2), "010308000200000000000000"),
			(Frame::Bye(Bye::SecondWriter), "0104010001"),
			(
				Frame::Own {
					kind: 64,
					body: vec![1, 2, 3],
				},
				"01400300010203",
			),
		]
	}

	/// Written out by hand from the layout in the crate's head.
	#[test]
	fn bytes_stay() {
		for (frame, expected) in frames() {
			let bytes = frame.encode().unwrap();
			assert_eq!(hex(&bytes), expected);
			assert_eq!(Frame::decode(&bytes), Ok(frame));
		}
	}

	#[test]
	fn what_is_cut_short_or_too_long_is_refused() {
		for (frame, _) in frames() {
			let bytes = frame.encode().unwrap();
			for end in 0..bytes.len() {
				assert!(Frame::decode(&bytes[..end]).is_err());
			}
			assert_eq!(Frame::decode(&[&bytes[..], &[0]].concat()), Err(FrameError::Length));
			let mut newer = bytes.clone();
			newer[0] = 2;
			assert_eq!(Frame::decode(&newer), Err(FrameError::Version(2)));
			let mut other = bytes;
			other[1] = 5;
			assert_eq!(Frame::decode(&other), Err(FrameError::Kind(5)));
		}
		assert_eq!(Frame::decode(&vec![1; MAX_FRAME + 1]), Err(FrameError::TooLong));
		let own = |kind, length| Frame::Own {
			kind,
			body: vec![0; length],
		};
		assert_eq!(own(63, 0).encode(), Err(FrameError::Kind(63)));
		assert_eq!(own(64, MAX_FRAME - HEAD + 1).encode(), Err(FrameError::TooLong));
		let largest = own(64, MAX_FRAME - HEAD).encode().unwrap();
		assert_eq!(largest.len(), MAX_FRAME);
		assert!(Frame::decode(&largest).is_ok());
	}

	/// 64 locks with the largest conditions and packets fit into one frame.
	#[test]
	fn the_largest_message_fits() {
		let prefix = 4;
		let signed_half = 112 + 64;
		let locks = prefix + MAX_LOCKS as usize * 60;
		let parcel = 8 + prefix + MAX_CONDITION_BYTES + prefix + MAX_PACKET as usize;
		let update = 1 + signed_half + locks + prefix + MAX_LOCKS as usize * parcel;
		// A word has a resync besides: three numbers at most, and a signature.
		let word = update + 1 + 3 * 8 + 64;
		assert!(HEAD + 8 + word <= MAX_FRAME, "{word}");
	}

	#[test]
	fn garbage_is_an_error_and_no_panic() {
		let mut rng = Rng::new(1);
		for _ in 0..20_000 {
			let length = usize::try_from(rng.below(300)).unwrap();
			let mut bytes = rng.bytes(length);
			// Mostly with a head that fits, so that bodies are tried.
			if length >= HEAD && rng.percent(80) {
				let body = u16::try_from(length - HEAD).unwrap().to_le_bytes();
				let kind = 1 + bytes[1] % 4;
				bytes[..HEAD].copy_from_slice(&[1, kind, body[0], body[1]]);
			}
			if let Ok(frame) = Frame::decode(&bytes) {
				assert_eq!(frame.encode().unwrap(), bytes, "one frame has one encoding");
			}
		}
	}
}
