//! What is signed in a channel. A signature counts for no other chain, channel, asset, side or kind of message.

use crate::{Account, AssetId, Balance, ChannelId, Claim, Half, Hash, Nonce, PerSide, Side, Tick};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// What every payload begins with, before it is hashed.
pub const DOMAIN: &[u8; 22] = b"SmartChain/channel/v1\0";

/// The channel of a message that is of none: no channel has this number.
pub const NO_CHANNEL: ChannelId = 0;

/// An ed25519 key: of a side in one channel, of a tower, or of whoever a condition names. Whoever takes one in refuses
/// those of small order, under which anybody can sign.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ChannelKey(pub [u8; 32]);

/// An ed25519 signature. It is checked everywhere by one rule, ZIP 215, as the chain does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChannelSignature(pub [u8; 64]);

/// What a message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Context {
	/// The genesis of the chain.
	pub genesis: Hash,
	/// The channel.
	pub channel: ChannelId,
	/// The asset that it holds.
	pub asset: AssetId,
	/// The side whose key signs.
	pub side: Side,
}

impl Context {
	/// That of a message which is of no channel, such as an oracle's.
	pub const fn of_chain(genesis: Hash) -> Self {
		Self {
			genesis,
			channel: NO_CHANNEL,
			asset: crate::STCI,
			side: Side::Low,
		}
	}

	/// The same for the other side's key.
	#[must_use]
	pub const fn of_partner(self) -> Self {
		Self {
			side: self.side.partner(),
			..self
		}
	}
}

/// What is signed.
pub trait Payload: Encode + Sized {
	/// The number of this kind of message. None is used twice.
	const KIND: u8;

	/// The bytes that are hashed.
	fn preimage(&self, context: &Context) -> Vec<u8> {
		let mut bytes = DOMAIN.to_vec();
		bytes.push(Self::KIND);
		(context, self).encode_to(&mut bytes);
		bytes
	}

	/// The 32 bytes that are signed.
	fn payload(&self, context: &Context) -> Hash {
		blake2_256(&self.preimage(context))
	}
}

/// A message and the signature under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Signed<Body> {
	/// The message.
	pub body: Body,
	/// The signature over [`Payload::payload`].
	pub signature: ChannelSignature,
}

impl<Body: Payload> Signed<Body> {
	/// Whether the key signed it in this context; `verify` checks a signature over 32 bytes.
	pub fn is_by(
		&self,
		key: &ChannelKey,
		context: &Context,
		verify: impl FnOnce(&ChannelKey, &Hash, &ChannelSignature) -> bool,
	) -> bool {
		verify(key, &self.body.payload(context), &self.signature)
	}
}

impl Payload for Half {
	const KIND: u8 = 1;
}

/// "Put this half of my partner in for me", or this word about my lost data: what allows others, such as a tower, to
/// bring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Submit {
	/// [`Payload::payload`] of the half or word, in the partner's context.
	pub half: Hash,
	/// The tower that gets the reward; none if it is anybody who does it.
	pub tower: Option<Account>,
	/// The reward, in planck, out of what this side is paid.
	pub reward: Balance,
}

impl Payload for Submit {
	const KIND: u8 = 2;
}

impl Submit {
	/// Whether it is for this half or word of the partner, if the side of `context` signed it.
	pub fn is_for<Body: Payload>(&self, what: &Body, context: &Context) -> bool {
		self.half == what.payload(&context.of_partner())
	}
}

/// "This side takes out so much in all, and the channel stays open." Both sign it. It names the side that does, for
/// the context names who signs: else a partner's consent were a withdrawal of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Withdraw {
	/// The side that takes out.
	pub side: Side,
	/// What it has taken out with this in all, in planck.
	pub total: Balance,
	/// The last tick at which this counts.
	pub expiry: Tick,
}

impl Payload for Withdraw {
	const KIND: u8 = 3;
}

/// "Each gets this, and the channel is gone." Both sign it, and nothing after it until it has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CloseTogether {
	/// What each side is paid, in planck: together all that is in the channel.
	pub pay: PerSide<Balance>,
	/// The last tick at which this counts.
	pub expiry: Tick,
}

impl Payload for CloseTogether {
	const KIND: u8 = 4;
}

/// A tower's word that it watches: if the channel is settled for `side` below `nonce` before `until`, its bond pays up
/// to `cover`. Its key signs, in the context of the side that it watches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Receipt {
	/// The side that it watches for.
	pub side: Side,
	/// The nonce of the partner's half that it holds.
	pub nonce: Nonce,
	/// The last tick for which it stands.
	pub until: Tick,
	/// What its bond pays at most, in planck.
	pub cover: Balance,
}

impl Payload for Receipt {
	const KIND: u8 = 5;
}

impl Payload for Claim {
	const KIND: u8 = 6;
}

/// "From now on this is the key of that side." Both sign it, the partner once it holds the newest half under the new
/// key: those under the old one count no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Rekey {
	/// The side.
	pub side: Side,
	/// Its new key.
	pub key: ChannelKey,
}

impl Payload for Rekey {
	const KIND: u8 = 7;
}

/// What both agree on when a channel is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// The key of each side. They are two.
	pub keys: PerSide<ChannelKey>,
	/// For how many ticks answers to a close count.
	pub window: Tick,
}

/// "I take part in a channel on these terms." The **account** of the side that does not open signs it, with
/// [`NO_CHANNEL`] as the channel, for its number is not known. It opens as many channels as the opener pays deposits
/// for until it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Accept {
	/// The terms.
	pub terms: Terms,
	/// Who may open.
	pub opener: Account,
	/// The last tick at which it may.
	pub expiry: Tick,
}

impl Payload for Accept {
	const KIND: u8 = 8;
}

/// "This is the highest nonce of yours that I hold, and you go on at that one": what a side signs for a partner that
/// has lost its data. It acknowledges the nonce that it holds, for the partner no longer knows which locks it gave up;
/// and it makes void what lies between the two.
///
/// The partner goes on at a nonce that it can never have reached before, however often it has lost its data, nor can it
/// remember a count of that: see [`Resync::resume_at`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Resync {
	/// The highest nonce that is held; 0 if none is.
	pub held: Nonce,
	/// The nonce at which the partner goes on.
	pub resume: Nonce,
}

impl Resync {
	/// The nonce at which a side goes on that has lost its data, at this tick: 2^32 for each tick, which is more than
	/// it can sign in one. It goes on once in a tick.
	pub fn resume_at(now: Tick) -> Nonce {
		Nonce::from(now) << 32
	}

	/// The word of a side for a partner that has lost its data, at this tick, if `newest` is the newest half of the
	/// partner that it holds; none if the partner has to wait for a later tick. It is stored before it is sent: from
	/// then on the side accepts nothing below [`Resync::resume`], which is void.
	pub fn new(newest: Option<&Half>, now: Tick) -> Option<Self> {
		let held = newest.map_or(0, |half| half.nonce);
		let resume = Self::resume_at(now);
		(resume > held).then_some(Self { held, resume })
	}

	/// Whether a half of this nonce was lost.
	pub fn lost(&self, nonce: Nonce) -> bool {
		self.held < nonce && nonce < self.resume
	}
}

impl Payload for Resync {
	const KIND: u8 = 9;
}

/// A claim of a side that has lost its data and whose partner is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Recovery(pub Claim);

impl Payload for Recovery {
	const KIND: u8 = 10;
}

/// "So many steps of this chain of hashes are mine": the payee's word. Without it the payer could show an early step
/// itself, and first wins. It is [of no channel](Context::of_chain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChainWitness {
	/// The hash of the condition.
	pub condition: Hash,
	/// How many steps.
	pub steps: u16,
}

impl Payload for ChainWitness {
	const KIND: u8 = 11;
}

/// What an oracle, a meter or an arbiter says, by its hash. It is [of no channel](Context::of_chain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Statement {
	/// The hash of what it says.
	pub digest: Hash,
}

impl Payload for Statement {
	const KIND: u8 = 12;
}
