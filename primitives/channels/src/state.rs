//! What a chain tells of a channel.

use crate::{Account, AssetId, ChannelKey, Dispute, Pending, PerSide, Stake, Tick};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How far a channel is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Stage {
	/// Both sides can pay each other in it.
	#[codec(index = 0)]
	Open,
	/// One side closes it alone, and answers count.
	#[codec(index = 1)]
	Closing(Dispute),
	/// It is settled. What is left of the locks that each side gave; none if nothing is.
	#[codec(index = 2)]
	Settled(PerSide<Option<Pending>>),
}

/// A channel as the chain has it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ChannelState {
	/// Whose it is.
	pub accounts: PerSide<Account>,
	/// The key of each side.
	pub keys: PerSide<ChannelKey>,
	/// Which asset it holds.
	pub asset: AssetId,
	/// What each side has put in and taken out, until it is settled.
	pub stake: Stake,
	/// For how many ticks answers to a close count.
	pub window: Tick,
	/// How far it is.
	pub stage: Stage,
}
