//! A mailbox for programs that sleep, such as those of phones: whoever cannot reach one leaves a sealed envelope with a
//! server that is awake, and the sleeper takes it when it wakes.
//!
//! The server sees keys of boxes, lengths and times, and neither who sends nor what. It can lose envelopes, double them
//! and keep them back, which costs time and no money. It keeps them in memory: a server that begins again has none.

mod client;
mod letters;
mod server;

pub use client::{MailClient, MailError};
pub use letters::{Letter, MailLimits, Mailbox, Refusal};
pub use server::{MailServer, MAX_MAIL_BODY};

use channel_primitives::{ChannelKey, ChannelSignature, Hash};
use codec::{Decode, Encode};
use sp_crypto_hashing::blake2_256;

/// Where the server answers: `POST`, a [`MailRequest`] in SCALE, and a [`MailAnswer`] comes back.
pub const MAIL_PATH: &str = "/smart-pay/mail/1";
/// Tokens of a box, at most: one for each partner.
pub const MAX_TOKENS: usize = 256;

/// Keeps what is signed for a mailbox apart from all else.
const DOMAIN: &[u8] = b"SmartChain/pay/mail/v1\0";

/// What a partner shows to leave envelopes in a box. Its owner gives each partner another one, so that one that floods
/// takes up its own room alone.
pub type Token = [u8; 16];

/// What a box's owner asks, under its signature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ask {
	/// The chain: boxes of two chains are two.
	pub genesis: Hash,
	/// The box: its owner's key, ed25519.
	pub owner: ChannelKey,
	/// Until when it may be asked, in seconds of Unix time: some minutes from now at most.
	pub until: u64,
	/// What is asked.
	pub what: Wish,
}

/// What a box's owner wants.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Wish {
	/// Have a box, in which whoever has one of these tokens may leave something. It is kept as long as it is asked
	/// for now and then. [`MAX_TOKENS`] at most.
	#[codec(index = 0)]
	Open(Vec<Token>),
	/// Take what came after this number; what has it or a lower one is taken out.
	#[codec(index = 1)]
	Take(u64),
}

impl Ask {
	/// The 32 bytes that the owner signs.
	pub fn payload(&self) -> Hash {
		blake2_256(&[DOMAIN, &self.encode()].concat())
	}
}

/// What a mailbox is asked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum MailRequest {
	/// Leave an envelope.
	#[codec(index = 0)]
	Put {
		/// The box.
		owner: ChannelKey,
		/// One of its tokens.
		token: Token,
		/// A sealed envelope.
		envelope: Vec<u8>,
	},
	/// Something that the owner alone may ask.
	#[codec(index = 1)]
	Ask(Ask, ChannelSignature),
}

/// What a mailbox answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum MailAnswer {
	/// It is done.
	#[codec(index = 0)]
	Done,
	/// What is in the box, the older first; perhaps not all.
	#[codec(index = 1)]
	Letters(Vec<Letter>),
	/// It is not done.
	#[codec(index = 2)]
	Refused(Refusal),
}

#[cfg(test)]
mod tests {
	use super::*;

	fn hex(bytes: &[u8]) -> String {
		bytes.iter().map(|byte| format!("{byte:02x}")).collect()
	}

	/// Written out by hand from the layout in the crate's head.
	#[test]
	fn bytes_stay() {
		let put = MailRequest::Put {
			owner: ChannelKey([1; 32]),
			token: [2; 16],
			envelope: vec![3, 4],
		};
		assert_eq!(
			hex(&put.encode()),
			format!("00{}{}080304", "01".repeat(32), "02".repeat(16))
		);
		let ask = |what| Ask {
			genesis: [5; 32],
			owner: ChannelKey([1; 32]),
			until: 258,
			what,
		};
		let head = format!("{}{}0201000000000000", "05".repeat(32), "01".repeat(32));
		let take = MailRequest::Ask(ask(Wish::Take(7)), ChannelSignature([6; 64]));
		assert_eq!(
			hex(&take.encode()),
			format!("01{head}010700000000000000{}", "06".repeat(64))
		);
		assert_eq!(
			hex(&ask(Wish::Open(vec![[2; 16]])).encode()),
			format!("{head}0004{}", "02".repeat(16))
		);
		let letter = Letter {
			number: 9,
			envelope: vec![3],
		};
		assert_eq!(
			hex(&MailAnswer::Letters(vec![letter]).encode()),
			"010409000000000000000403"
		);
		assert_eq!(hex(&MailAnswer::Refused(Refusal::Full).encode()), "0203");
		assert_ne!(ask(Wish::Take(1)).payload(), ask(Wish::Take(2)).payload());
	}

	#[test]
	fn garbage_is_no_request_and_no_panic() {
		use codec::DecodeAll;

		let put = MailRequest::Put {
			owner: ChannelKey([1; 32]),
			token: [2; 16],
			envelope: vec![3, 4],
		};
		let ask = Ask {
			genesis: [5; 32],
			owner: ChannelKey([1; 32]),
			until: 258,
			what: Wish::Open(vec![[2; 16]; 3]),
		};
		let all = [put.encode(), MailRequest::Ask(ask, ChannelSignature([6; 64])).encode()];
		let mut rng = smartchain_rng::Rng::new(1);
		let mut read = 0;
		for round in 0..20_000 {
			let length = rng.below(200) as usize;
			let mut bytes = match all.get(round % 3) {
				Some(request) => request.clone(),
				None => rng.bytes(length),
			};
			for _ in 0..rng.below(4) {
				let at = rng.below(bytes.len() as u64) as usize;
				if let Some(byte) = bytes.get_mut(at) {
					*byte = rng.next_u64() as u8;
				}
			}
			if let Ok(request) = MailRequest::decode_all(&mut bytes.as_slice()) {
				read += 1;
				assert_eq!(request.encode(), bytes, "one request has one encoding");
			}
			if let Ok(answer) = MailAnswer::decode_all(&mut bytes.as_slice()) {
				assert_eq!(answer.encode(), bytes, "one answer has one encoding");
			}
		}
		assert!(read > 1_000, "{read}");
	}
}
