//! What the chain says of channels, as the machine is told it; and what the machine wants, as the chain's calls.

use crate::{Reply, Told};
use alloc::{vec, vec::Vec};
use bounded_collections::{BoundedVec, ConstU32};
use channel_primitives::{
	Account, ChannelId, ChannelState, Context, Dispute, Hash, Locks, Resync, Side, Signed, Stage, Terms, MAX_RESYNCS,
};
use codec::Encode;
use smartchain_channel::{Call, Fact, Opened};

/// The number of the pallet.
const PALLET: u8 = 50;

const WITHDRAW: u8 = 2;
const CLOSE_TOGETHER: u8 = 3;
const CLOSE: u8 = 4;
const CLOSE_RECOVERY: u8 = 5;
const UPDATE: u8 = 6;
const RESYNC: u8 = 7;
const PROVE_FRAUD: u8 = 8;
const SETTLE: u8 = 9;
const UNLOCK: u8 = 10;
const REKEY: u8 = 12;
const RESOLVE: u8 = 13;

type Words = BoundedVec<Signed<Resync>, ConstU32<MAX_RESYNCS>>;

/// The locks, if they are those of the claim.
pub(crate) fn fitting(dispute: &Dispute, locks: Option<Locks>) -> Option<Locks> {
	locks.filter(|locks| dispute.claim.has(locks))
}

/// A channel of this account; none if it is on neither side.
pub(crate) fn opened(genesis: Hash, channel: ChannelId, account: &Account, state: &ChannelState) -> Option<Opened> {
	let side = Side::ALL
		.into_iter()
		.find(|side| state.accounts.get(*side) == account)?;
	Some(Opened {
		context: Context {
			genesis,
			channel,
			asset: state.asset,
			side,
		},
		terms: Terms {
			keys: state.keys,
			window: state.window,
		},
		stake: state.stake,
	})
}

/// What a block says, as facts. One that opens a channel of others says nothing.
pub(crate) fn facts(told: Told) -> Vec<Fact> {
	match told {
		Told::Opened {
			genesis,
			channel,
			account,
			state,
		} => match opened(genesis, channel, &account, &state) {
			Some(ours) => {
				let mut facts = vec![Fact::Opened(ours)];
				facts.extend(standing(channel, Some(state), None));
				facts
			}
			None => Vec::new(),
		},
		Told::Standing {
			channel,
			state,
			claim_locks,
		} => standing(channel, state, claim_locks),
		Told::Revealed { condition, reveal } => vec![Fact::Revealed { condition, reveal }],
	}
}

fn standing(channel: ChannelId, state: Option<ChannelState>, claim_locks: Option<Locks>) -> Vec<Fact> {
	let Some(state) = state else {
		return vec![Fact::Gone { channel }];
	};
	let stake = Fact::Stake {
		channel,
		stake: state.stake,
	};
	let keys = Fact::Keys {
		channel,
		keys: state.keys,
	};
	match state.stage {
		Stage::Open => vec![keys, stake, Fact::Open { channel }],
		Stage::Closing(dispute) => vec![
			keys,
			stake,
			Fact::Closing {
				channel,
				claim_locks: fitting(&dispute, claim_locks),
				dispute,
			},
		],
		Stage::Settled(pending) => vec![Fact::Settled { channel, pending }],
	}
}

fn named(free: bool, call: u8, arguments: impl Encode) -> Reply {
	let mut bytes = vec![PALLET, call];
	arguments.encode_to(&mut bytes);
	Reply::Call { free, call: bytes }
}

/// The chain's call for what the machine wants in a channel, and whether it needs an account. `side` is ours.
pub(crate) fn call(channel: ChannelId, side: Side, call: &Call) -> Reply {
	match call {
		Call::Close {
			claim,
			locks,
			brought,
			words,
		} => {
			let words = Words::truncate_from(words.clone());
			named(false, CLOSE, (channel, claim, locks, brought, words))
		}
		Call::CloseRecovery {
			claim,
			locks,
			brought,
			words,
		} => {
			let words = Words::truncate_from(words.clone());
			named(false, CLOSE_RECOVERY, (channel, claim, locks, brought, words))
		}
		// The half is the partner's.
		Call::Update { half, submit } => named(true, UPDATE, (channel, side.partner(), half, submit)),
		Call::Resync { word, submit } => named(true, RESYNC, (channel, side, word, Some(submit))),
		Call::Prove {
			half,
			half_locks,
			claim_locks,
			submit,
		} => {
			let arguments = (channel, half, Some(half_locks), claim_locks, Some(submit));
			named(true, PROVE_FRAUD, arguments)
		}
		Call::Resolve { condition, witness } => named(false, RESOLVE, (condition, witness)),
		Call::CloseTogether { close, signatures, .. } => {
			named(false, CLOSE_TOGETHER, (channel, close.pay, close.expiry, signatures))
		}
		Call::Withdraw {
			withdraw, signatures, ..
		} => {
			let arguments = (channel, withdraw.side, withdraw.total, withdraw.expiry, signatures);
			named(false, WITHDRAW, arguments)
		}
		Call::Rekey { rekey, signatures, .. } => named(false, REKEY, (channel, rekey.side, rekey.key, signatures)),
		Call::Settle => named(true, SETTLE, channel),
		Call::Unlock { side, locks } => named(true, UNLOCK, (channel, side, locks)),
	}
}
