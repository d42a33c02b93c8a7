//! What is kept.

use channel_primitives::{
	AssetId, Balance, ChannelId, ChannelKey, ChannelSignature, Context, Dispute, Half, Hash, Locks, Nonce, Pending,
	PerSide, Resync, Resyncs, Reveal, Side, Signed, Stake, Submit, Tick, MAX_RESYNCS,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// The signature of each side.
pub type Signatures = PerSide<ChannelSignature>;

/// What a partner has signed each time that the closer had lost its data.
pub type Words = BoundedVec<Signed<Resync>, ConstU32<MAX_RESYNCS>>;

/// How many bytes the address of a node has at most.
pub const MAX_URL: u32 = 128;

/// How many towers of one side answer for one settlement at most.
pub const MAX_TOWERS: usize = 4;

/// How many transactions without a fee a side has to answer one close: halves, and words about lost data.
pub const MAX_FREE: u8 = 4;

/// How many there are of one channel at most: the answers of both sides, a proof, the settlement, and a split of the
/// locks of each side.
pub const MOST_FREE: u8 = 2 * MAX_FREE + 4;

/// How many settled channels the chain looks at in a block, and how many reveals, to forget what has been kept for long
/// enough.
pub const MAX_LOOKED_AT: u32 = 8;

/// An answer to a close, or what ends it, as an account sends it: the call of that name with what it takes besides the
/// channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Answer {
	/// `update`: lets in a half.
	#[codec(index = 0)]
	Update {
		/// Whose half it is.
		side: Side,
		/// The half.
		half: Signed<Half>,
		/// Its partner's word for it.
		submit: Signed<Submit>,
	},
	/// `resync`: shows that halves were lost.
	#[codec(index = 1)]
	Resync {
		/// Who had lost its data.
		side: Side,
		/// What its partner has signed.
		word: Signed<Resync>,
		/// The side's word for this word, unless its own account sends it.
		submit: Option<Signed<Submit>>,
	},
	/// `prove_fraud`: shows that the claim is too low.
	#[codec(index = 2)]
	ProveFraud {
		/// A half of the closer.
		half: Signed<Half>,
		/// The list of its locks, if they are to count.
		half_locks: Option<Locks>,
		/// The list of the claim's locks, if not all of them are to count.
		claim_locks: Option<Locks>,
		/// The partner's word for the half.
		submit: Option<Signed<Submit>>,
	},
	/// `settle`: settles after the deadline.
	#[codec(index = 3)]
	Settle,
	/// `unlock`: splits what was kept for locks.
	#[codec(index = 4)]
	Unlock {
		/// Who gave the locks.
		side: Side,
		/// Their list.
		locks: Option<Locks>,
	},
}

/// How far the chain has come in looking for what is to be kept no more: where it goes on, or from the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Places {
	/// The last settled channel that was looked at.
	pub channel: Option<ChannelId>,
	/// The last reveal, by its condition's hash.
	pub reveal: Option<Hash>,
}

/// How far a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
	/// Both sides can pay each other in it.
	#[codec(index = 0)]
	Open,
	/// One side closes it alone, and answers count.
	#[codec(index = 1)]
	Closing,
	/// It is settled: locks may be left, and towers answer for what they have signed.
	#[codec(index = 2)]
	Settled,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Channel<AccountId> {
	/// Whose it is, the lower account first.
	pub accounts: PerSide<AccountId>,
	/// The key of each side in it.
	pub keys: PerSide<ChannelKey>,
	/// Which asset it holds.
	pub asset: AssetId,
	/// What each side has put in and taken out, until it was settled.
	pub stake: Stake,
	/// For how many ticks answers to a close count.
	pub window: Tick,
	/// Who opened it, and paid the deposit.
	pub opener: Side,
	/// What the opener has put into the pot for the channel's entries, in planck.
	pub deposit: Balance,
	/// How far it is.
	pub phase: Phase,
	/// Whether a side has another key than at first: what towers hold may be signed under the old one.
	pub rekeyed: bool,
}

impl<AccountId: PartialEq> Channel<AccountId> {
	/// Which side an account is on; none if on neither.
	pub fn side_of(&self, who: &AccountId) -> Option<Side> {
		Side::ALL.into_iter().find(|side| self.accounts.get(*side) == who)
	}

	/// What a message is in that the key of `side` signs.
	pub fn context(&self, genesis: Hash, channel: ChannelId, side: Side) -> Context {
		Context {
			genesis,
			channel,
			asset: self.asset,
			side,
		}
	}
}

/// What a side gives out of what it is paid to whoever answered for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Reward<AccountId> {
	/// Who answered.
	pub to: AccountId,
	/// How much, in planck: as much of it as the side is paid.
	pub amount: Balance,
}

/// A channel that one side closes alone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Case<AccountId> {
	/// What both sides brought.
	pub dispute: Dispute,
	/// What each side has promised to whoever answered for it.
	pub rewards: PerSide<Option<Reward<AccountId>>>,
	/// How many transactions without a fee each side has used to answer.
	pub free_used: PerSide<u8>,
	/// How many there were in all.
	pub free: u8,
	/// The highest nonce of the halves of each side that were ever let in, also if one of them went again; 0 if none
	/// was.
	pub let_in: PerSide<Nonce>,
}

/// A tower that has paid for a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Paid<AccountId> {
	/// To which side.
	pub side: Side,
	/// Which tower.
	pub tower: AccountId,
}

/// What is kept of a channel after its settlement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Aftermath<AccountId> {
	/// The tick of the settlement.
	pub at: Tick,
	/// The side that has closed.
	pub closer: Side,
	/// Locks of each side that are not split yet.
	pub pending: PerSide<Option<Pending>>,
	/// What counted as paid for good by each side, in planck.
	pub transferred: PerSide<Balance>,
	/// The highest nonce of the halves of each side that were let in; 0 if none was.
	pub let_in: PerSide<Nonce>,
	/// What the partner of each side had said of its lost data.
	pub resyncs: PerSide<Resyncs>,
	/// The towers that have paid: [`MAX_TOWERS`] of each side.
	pub paid: BoundedVec<Paid<AccountId>, ConstU32<8>>,
	/// How many transactions without a fee there were of the channel.
	pub free: u8,
}

/// A condition that somebody has met.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Revealed<AccountId> {
	/// What counts of it.
	pub reveal: Reveal,
	/// Who showed it.
	pub by: AccountId,
	/// What is held of that account for it, in planck.
	pub deposit: Balance,
}

/// A tower with a bond.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tower {
	/// The key of its receipts.
	pub key: ChannelKey,
	/// What is left of its bond, in planck.
	pub bond: Balance,
	/// The last tick at which the bond is held for sure; none if the tower stays.
	pub leaves: Option<Tick>,
}

/// Where a node that forwards payments is reached.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Endpoint {
	/// The key that it proves in a handshake.
	pub node: [u8; 32],
	/// Its address, such as `wss://pay.example:443`.
	pub url: BoundedVec<u8, ConstU32<MAX_URL>>,
}

/// An endpoint with what is held for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Announced {
	/// The endpoint.
	pub endpoint: Endpoint,
	/// What is held of the account, in planck.
	pub deposit: Balance,
}
