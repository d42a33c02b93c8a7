//! What is asked from outside of blocks.

use crate::{Aftermaths, Cases, Channels, Config, Pallet, Phase};
use channel_primitives::{ChannelId, ChannelState, PerSide, Stage};

impl<T: Config> Pallet<T> {
	pub(crate) fn state_of(id: ChannelId) -> Option<ChannelState> {
		let channel = Channels::<T>::get(id)?;
		let stage = match channel.phase {
			Phase::Open => Stage::Open,
			Phase::Closing => Stage::Closing(Cases::<T>::get(id)?.dispute),
			Phase::Settled => Stage::Settled(Aftermaths::<T>::get(id)?.pending),
		};
		let PerSide { low, high } = channel.accounts;
		Some(ChannelState {
			accounts: PerSide {
				low: low.into(),
				high: high.into(),
			},
			keys: channel.keys,
			asset: channel.asset,
			stake: channel.stake,
			window: channel.window,
			stage,
		})
	}
}
