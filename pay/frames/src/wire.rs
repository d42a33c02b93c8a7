//! What programs tell each other, and how it goes there.

use channel_primitives::{
	Account, Balance, ChannelId, ChannelKey, ChannelSignature, Condition, Hash, LockId, Node, Receipt, Signed, Tick,
	WatchV1,
};
use codec::{Decode, DecodeAll, Encode};
pub use smart_pay_routes::Policy;
use smartchain_channel::{Guard, Message, Packet};
use sp_crypto_hashing::blake2_256;
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
	/// By the payee of a stream: "so many steps over this lock of yours have come".
	#[codec(index = 32)]
	StepsCame {
		/// The channel.
		channel: ChannelId,
		/// The lock, which who is told has given.
		lock: LockId,
		/// How many steps.
		steps: u16,
	},
	/// About an order in a channel.
	#[codec(index = 33)]
	Order(ChannelId, Box<OrderWord>),
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

/// What the packet of a lock over a stream begins with.
const STREAM_MARK: &[u8; 5] = b"SCST1";
/// Bytes of what a stream is for, at most.
pub const MAX_STREAM_TEXT: usize = 64;

/// What a stream is: it travels with each lock over it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StreamTerms {
	/// Tells it from others.
	pub id: [u8; 16],
	/// What a step is worth, in planck.
	pub unit: Balance,
	/// How many steps the whole stream has at most.
	pub steps: u32,
	/// How many of them lie before this lock's.
	pub from: u32,
	/// A step comes after so many milliseconds each.
	pub every: u32,
	/// What it is for, to be read by people.
	pub text: String,
}

impl StreamTerms {
	/// As it travels; none if it is too long.
	pub fn packet(&self) -> Option<Packet> {
		let mut bytes = STREAM_MARK.to_vec();
		self.encode_to(&mut bytes);
		Packet::try_from(bytes).ok()
	}

	/// From what came; none if it is no stream's.
	pub fn read(packet: &[u8]) -> Option<Self> {
		let mut rest = packet.strip_prefix(STREAM_MARK)?;
		let terms = Self::decode_all(&mut rest).ok()?;
		(terms.text.len() <= MAX_STREAM_TEXT).then_some(terms)
	}
}

/// What the packet of the lock over an order's deposit begins with; its number follows, and what the payer has drawn.
const DEPOSIT_MARK: &[u8; 5] = b"SCOD1";

/// What a payee offers: something by the unit, against a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OrderTerms {
	/// Tells it from others.
	pub id: [u8; 16],
	/// Who offers it, and is paid.
	pub payee: Account,
	/// What a unit costs, in planck: an instalment.
	pub unit: Balance,
	/// How many units there are at most.
	pub most: u32,
	/// What is paid with the final bill besides, in planck; 1 at least, for that payment names the bill.
	pub base: Balance,
	/// The deposit, in planck.
	pub deposit: Balance,
	/// For how many ticks the deposit is locked after the order is accepted.
	pub lasts: Tick,
	/// Whose word gives the deposit to the payee.
	pub arbiter: ChannelKey,
	/// What it is, to be read by people.
	pub what: String,
}

impl OrderTerms {
	/// What names the order in bills.
	pub fn hash(&self) -> Hash {
		(b"smart-pay order v1", self).using_encoded(blake2_256)
	}

	/// What names the order as this payer has accepted it. What an arbiter says of it says nothing of another one,
	/// though its payee offers the same terms again: the payer draws a number for each.
	pub fn accepted(&self, payer: ChannelKey, drawn: &[u8; 16]) -> Hash {
		(b"smart-pay accepted v1", self.hash(), payer, drawn).using_encoded(blake2_256)
	}

	/// The condition of its deposit: payer or arbiter say that it is forfeit.
	pub fn condition(&self, payer: ChannelKey, drawn: &[u8; 16]) -> Option<Condition> {
		let digest = forfeit(&self.accepted(payer, drawn));
		let by = |key| Node::SignedBy { key, digest };
		Condition::new(vec![Node::Any { of: 2 }, by(payer), by(self.arbiter)]).ok()
	}

	/// What travels with the lock over the deposit.
	pub fn packet(&self, drawn: &[u8; 16]) -> Packet {
		// It is short: this never fails.
		Packet::try_from([&DEPOSIT_MARK[..], &self.id, drawn].concat()).unwrap_or_default()
	}
}

/// Of which order the deposit is that came with this packet, and what its payer has drawn; none if it is none.
pub fn deposit_of(packet: &[u8]) -> Option<([u8; 16], [u8; 16])> {
	<([u8; 16], [u8; 16])>::decode_all(&mut packet.strip_prefix(DEPOSIT_MARK)?).ok()
}

/// What an arbiter signs if the deposit of an order, as it was [accepted](OrderTerms::accepted), is to be its payee's.
pub fn forfeit(accepted: &Hash) -> Hash {
	(b"smart-pay order forfeits v1", accepted).using_encoded(blake2_256)
}

/// What an order came to. Both sign it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Bill {
	/// The hash of the order.
	pub order: Hash,
	/// How many units were taken.
	pub units: u32,
	/// What they cost in all, with the base, in planck.
	pub amount: Balance,
}

impl Bill {
	/// What is signed, and the memo of the half that pays the rest.
	pub fn hash(&self) -> Hash {
		(b"smart-pay bill v1", self).using_encoded(blake2_256)
	}
}

/// What partners say about an order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum OrderWord {
	/// By the payee: "will you have this?"
	#[codec(index = 0)]
	Offer(OrderTerms),
	/// By the payee: what it came to, signed by its key of the channel.
	#[codec(index = 1)]
	Bill(Bill, ChannelSignature),
	/// By the payer: the bill with this hash is right, signed by its key of the channel.
	#[codec(index = 2)]
	Agreed(Hash, ChannelSignature),
	/// By the payer: the bill is wrong, for its meter counts so many units.
	#[codec(index = 3)]
	Counts(Hash, u32),
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

	fn order() -> OrderTerms {
		OrderTerms {
			id: [1; 16],
			payee: [2; 32],
			unit: 50,
			most: 60,
			base: 100,
			deposit: 5_000,
			lasts: 14_400,
			arbiter: ChannelKey([3; 32]),
			what: "charging".into(),
		}
	}

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
			Frame::StepsCame {
				channel: 7,
				lock: 1,
				steps: 300,
			},
			Frame::Order(8, Box::new(OrderWord::Counts([6; 32], 39))),
			Frame::Order(8, Box::new(OrderWord::Offer(order()))),
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
