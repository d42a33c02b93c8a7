#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod bundle;
mod conditions;
mod dispute;
mod half;
mod locks;
mod obligations;
mod payloads;
mod settlement;
mod sides;
mod state;
mod stream;

pub use bundle::{BundleError, Watch, WatchV1};
pub use conditions::{
	Condition, ConditionError, Cost, Facts, LeafWitness, Node, PredicateArgs, PredicateId, Witness, DEAL_PROVEN,
	DEVICE_ATTESTED, MAX_CONDITION_BYTES, MAX_DEPTH, MAX_LEAVES, MAX_NODES, MAX_PREDICATE_ARGS, TASK_ACCEPTED,
};
pub use dispute::{Closing, Dispute, DisputeError, Outcome, Pending, PendingError, Resyncs, MAX_RESYNCS};
pub use half::{Claim, Half};
pub use locks::{Lock, LockId, Locks, LocksError, Reveal, MAX_LOCKS, MAX_LOCK_TICKS};
pub use obligations::{accept, withdraw, Change, Obligations, Removed, RuleError, Sight};
pub use payloads::{
	Accept, ChainWitness, ChannelKey, ChannelSignature, CloseTogether, Context, Payload, Receipt, Recovery, Rekey,
	Resync, Signed, Statement, Submit, Terms, Withdraw, DOMAIN, NO_CHANNEL,
};
pub use settlement::{settle, unlock, Owed, Settlement, Stake, Unlocked};
pub use sides::{PerSide, Side};
pub use state::{ChannelState, Stage};
pub use stream::{earlier, root_of, Receiver, Steps, StreamError, MAX_STEPS};

/// An amount, in planck of its asset.
pub type Balance = u128;

/// The number of a channel. The chain counts from 1 on and gives none twice.
pub type ChannelId = u64;

/// Which asset a channel holds. 0 is STCI.
pub type AssetId = u32;

/// A time of the markets' clock: it ticks once a block, slower while blocks are full, and not while finality lags.
pub type Tick = u32;

/// Counts what a side has signed in a channel, from 1 on.
pub type Nonce = u64;

/// A hash: BLAKE2b of 256 bits, or SHA-256 where it says so.
pub type Hash = [u8; 32];

/// The bytes of an account.
pub type Account = [u8; 32];

/// [`AssetId`] of STCI.
pub const STCI: AssetId = 0;

/// Ticks of an hour, if none is left out.
pub const HOUR: Tick = 7_200;

/// Ticks of a day, if none is left out.
pub const DAY: Tick = 24 * HOUR;
