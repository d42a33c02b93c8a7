//! What programs tell each other, and how it goes there.

use channel_primitives::{Account, Balance, ChannelId, ChannelKey, Hash, LockId, Receipt, Signed, Tick, WatchV1};
use codec::{Decode, DecodeAll, Encode};
pub use smart_pay_routes::Policy;
use smartchain_channel::{Guard, Message};
use sp_runtime::MultiSignature;

/// The key by which a node is known on the wire.
pub type NodeKey = [u8; 32];

/// How many bytes a frame has at most.
pub const MAX_FRAME: usize = 60 << 10;
/// How many hashes of an invoice are told at once.
pub const MAX_HASHES: u16 = 256;

/// A frame, in the version of its encoding.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Frame {
	/// The first word on each connection.
	#[codec(index = 0)]
	Hello {
		/// Whose program it is. Nothing rests on that: keys do.
		account: Account,
		/// What it takes for carrying payments on; none if it carries none on.
		policy: Option<Policy>,
	},
	/// A message of a channel.
	#[codec(index = 1)]
	Channel(ChannelId, Box<Message>),
	/// "Will you have a channel with me?"
	#[codec(index = 2)]
	AskOpen {
		/// Names the question.
		id: u64,
		/// Who asks: the account that opens.
		opener: Account,
		/// Its key in the channel.
		key: ChannelKey,
		/// The window, in ticks.
		window: Tick,
	},
	/// "Yes": what the account signed.
	#[codec(index = 3)]
	AgreeOpen {
		/// The question.
		id: u64,
		/// Who answers.
		account: Account,
		/// Its key in the channel.
		key: ChannelKey,
		/// The last tick at which it may be opened.
		expiry: Tick,
		/// The account's signature under `channel_primitives::Accept`.
		signature: MultiSignature,
	},
	/// "No."
	#[codec(index = 4)]
	RefuseOpen {
		/// The question.
		id: u64,
		/// Why.
		why: String,
	},
	/// "Tell me what the payments of this invoice are locked by."
	#[codec(index = 5)]
	AskHashes {
		/// The invoice.
		terms: InvoiceTerms,
		/// From which payment on.
		from: u32,
		/// How many, at most [`MAX_HASHES`].
		count: u16,
	},
	/// The answer.
	#[codec(index = 6)]
	Hashes {
		/// The invoice.
		terms: InvoiceTerms,
		/// From which payment on.
		from: u32,
		/// The hash of each.
		hashes: Vec<Hash>,
	},
	/// To a tower: what it is to bring to the chain.
	#[codec(index = 7)]
	Watch(Box<WatchV1>),
	/// From a tower: that it watches.
	#[codec(index = 8)]
	Receipt(ChannelId, Signed<Receipt>),
	/// To a tower: what shows that a lock is met.
	#[codec(index = 9)]
	Guard(ChannelId, Box<Guard>),
	/// To a tower: the lock is paid.
	#[codec(index = 10)]
	Unguard(ChannelId, LockId),
}

impl Frame {
	/// From bytes; none if they are none, or too many.
	pub fn read(mut bytes: &[u8]) -> Option<Self> {
		if bytes.len() > MAX_FRAME {
			return None;
		}
		Self::decode_all(&mut bytes).ok()
	}
}

/// What an invoice asks for, and what its payments are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct InvoiceTerms {
	/// For each payment, in planck.
	pub amount: Balance,
	/// Until when it can be paid, in seconds of Unix time.
	pub expires: u64,
	/// Tells it from others.
	pub nonce: [u8; 16],
}

/// What happens on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireEvent {
	/// A node can be reached: it has shown its key.
	Up(NodeKey),
	/// It cannot any more.
	Down(NodeKey),
	/// It says something.
	Said(NodeKey, Box<Frame>),
}

/// Connections with other programs, by the keys of their nodes.
pub trait Wire: Send + Sync + 'static {
	/// Wants a connection with a node from now on: it is made again when it is lost.
	fn want(&self, node: NodeKey, url: &str);

	/// Wants none any more.
	fn forget(&self, node: NodeKey);

	/// Has room for a partner that calls, however many strangers are connected.
	fn expect(&self, _: NodeKey) {}

	/// Sends something. It may be lost. Whether there is a connection for it.
	fn send(&self, node: NodeKey, frame: Frame) -> bool;

	/// Seals bytes for a node, so that they can be handed over as a file; none if they are too many.
	fn seal(&self, node: NodeKey, bytes: &[u8]) -> Option<Vec<u8>>;

	/// Opens what was sealed for us, and says by whom; none if it was not.
	fn open(&self, sealed: &[u8]) -> Option<(NodeKey, Vec<u8>)>;

	/// Our own key.
	fn key(&self) -> NodeKey;
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_channel::{Got, Hello};
	use smartchain_rng::Rng;

	fn frames() -> Vec<Frame> {
		let hello = Hello {
			held: None,
			number: 7,
			answers: 3,
		};
		let terms = InvoiceTerms {
			amount: 5,
			expires: 1_790_000_000,
			nonce: [4; 16],
		};
		vec![
			Frame::Hello {
				account: [1; 32],
				policy: Some(Policy {
					fee_base: 1,
					fee_ppm: 2,
					margin: 3,
				}),
			},
			Frame::Channel(7, Box::new(Message::Hello(hello))),
			Frame::Channel(8, Box::new(Message::Got(Got { held: 9 }))),
			Frame::AskOpen {
				id: 1,
				opener: [2; 32],
				key: ChannelKey([3; 32]),
				window: 20,
			},
			Frame::RefuseOpen {
				id: 1,
				why: "no".into(),
			},
			Frame::AskHashes {
				terms,
				from: 0,
				count: MAX_HASHES,
			},
			Frame::Hashes {
				terms,
				from: 1,
				hashes: vec![[5; 32]; 3],
			},
			Frame::Unguard(7, 1),
		]
	}

	#[test]
	fn a_frame_is_read_as_it_was_written_and_nothing_may_follow() {
		for frame in frames() {
			let mut bytes = frame.encode();
			assert_eq!(Frame::read(&bytes), Some(frame));
			for end in 0..bytes.len() {
				assert_eq!(Frame::read(&bytes[..end]), None);
			}
			bytes.push(0);
			assert_eq!(Frame::read(&bytes), None);
		}
		assert_eq!(Frame::read(&vec![0; MAX_FRAME + 1]), None);
	}

	#[test]
	fn garbage_and_damage_are_no_panic() {
		let mut rng = Rng::new(1);
		let mut read = 0;
		for round in 0..40_000 {
			let mut bytes = if round % 4 == 0 {
				let length = usize::try_from(rng.below(200)).expect("small");
				rng.bytes(length)
			} else {
				let all = frames();
				rng.pick(&all).expect("there are some").encode()
			};
			for _ in 0..rng.below(4) {
				let at = usize::try_from(rng.below(bytes.len() as u64)).expect("small");
				if let Some(byte) = bytes.get_mut(at) {
					*byte = rng.next_u64() as u8;
				}
			}
			if let Some(frame) = Frame::read(&bytes) {
				read += 1;
				assert_eq!(Frame::read(&frame.encode()), Some(frame));
			}
		}
		assert!(read > 1_000, "{read}");
	}
}
