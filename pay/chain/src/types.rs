//! What the pallet of channels keeps, as this program reads it. Each is compared with the runtime's before it is read.

use channel_primitives::{
	AssetId, Balance, ChannelKey, ChannelState, Dispute, Hash, Nonce, Pending, PerSide, Resyncs, Reveal, Side, Stage,
	Stake, Tick,
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use smart_agent_chain::AccountId;

/// How far a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) enum Phase {
	#[codec(index = 0)]
	Open,
	#[codec(index = 1)]
	Closing,
	#[codec(index = 2)]
	Settled,
}

/// `Channels`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Channel {
	pub accounts: PerSide<AccountId>,
	pub keys: PerSide<ChannelKey>,
	pub asset: AssetId,
	pub stake: Stake,
	pub window: Tick,
	pub opener: Side,
	pub deposit: Balance,
	pub phase: Phase,
	pub rekeyed: bool,
}

impl Channel {
	/// The channel as it stands.
	pub fn state(self, stage: Stage) -> ChannelState {
		let PerSide { low, high } = self.accounts;
		ChannelState {
			accounts: PerSide {
				low: low.into(),
				high: high.into(),
			},
			keys: self.keys,
			asset: self.asset,
			stake: self.stake,
			window: self.window,
			stage,
		}
	}
}

/// What a side gives to whoever answered for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Reward {
	to: AccountId,
	amount: Balance,
}

/// `Cases`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Case {
	pub dispute: Dispute,
	rewards: PerSide<Option<Reward>>,
	free_used: PerSide<u8>,
	free: u8,
	let_in: PerSide<Nonce>,
}

/// A tower that has paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Paid {
	side: Side,
	tower: AccountId,
}

/// `Aftermaths`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Aftermath {
	at: Tick,
	closer: Side,
	pub pending: PerSide<Option<Pending>>,
	transferred: PerSide<Balance>,
	let_in: PerSide<Nonce>,
	resyncs: PerSide<Resyncs>,
	paid: Vec<Paid>,
	free: u8,
}

/// `Reveals`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Revealed {
	pub reveal: Reveal,
	by: AccountId,
	deposit: Balance,
}

/// The markets' clock, `Poca.Clock`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Ticks {
	pub tick: Tick,
	waited: u8,
}

/// A tower with a bond, `Towers`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TowerOnChain {
	/// The key of its receipts.
	pub key: ChannelKey,
	/// What is left of its bond, in planck.
	pub bond: Balance,
	/// The last tick at which the bond is held for sure; none if the tower stays.
	pub leaves: Option<Tick>,
}

/// Where a node is reached.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Endpoint {
	/// The key that it proves in a handshake.
	pub node: Hash,
	/// Its address, at most 128 bytes.
	pub url: Vec<u8>,
}

/// An endpoint with what is held for it, `Endpoints`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AnnouncedEndpoint {
	/// The endpoint.
	pub endpoint: Endpoint,
	/// What is held of the account, in planck.
	pub deposit: Balance,
}

/// What channels cost besides fees, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelPrices {
	/// What is held of the opener while anything is kept of a channel.
	pub channel_deposit: Balance,
	/// What is held while a reveal is kept.
	pub reveal_deposit: Balance,
	/// What is held while an endpoint is announced.
	pub endpoint_deposit: Balance,
	/// The least bond of a tower.
	pub least_bond: Balance,
	/// What an account has at least.
	pub existential_deposit: Balance,
}
