//! What goes into the machine and what comes out of it.

use crate::{Call, Message, Opened, Packet, Place, Reason, Unsigned};
use alloc::vec::Vec;
use channel_primitives::{
	Balance, ChannelId, ChannelKey, ChannelSignature, Condition, Dispute, Hash, Lock, LockId, Locks, Nonce, Pending,
	PerSide, PredicateId, Receipt, Reveal, Side, Signed, Stake, Tick, WatchV1, Witness,
};

/// What the machine asks whoever runs it, and what has one answer whenever it is asked.
pub trait Checks {
	/// Whether the key signed these 32 bytes, by ZIP 215.
	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool;

	/// Whether a predicate holds on the last final block. Of one that is not known, nothing does.
	fn holds(&self, predicate: PredicateId, args: &[u8]) -> bool;

	/// What the chain knows of a condition, by a final block; asked when a lock over it comes up. Later ones are told
	/// as [`Fact::Revealed`].
	fn revealed(&self, condition: &Hash) -> Option<Reveal>;
}

/// Something that a **final** block says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
	/// There is a new channel of ours.
	Opened(Opened),
	/// The money in a channel changed.
	Stake {
		/// The channel.
		channel: ChannelId,
		/// What it is now.
		stake: Stake,
	},
	/// The keys of a channel, as they are now.
	Keys {
		/// The channel.
		channel: ChannelId,
		/// The key of each side.
		keys: PerSide<ChannelKey>,
	},
	/// A condition was met.
	Revealed {
		/// Its hash.
		condition: Hash,
		/// When, and in what part.
		reveal: Reveal,
	},
	/// A side closes alone, or something was brought since.
	Closing {
		/// The channel.
		channel: ChannelId,
		/// How it stands.
		dispute: Dispute,
		/// The locks of the claim, if they are known.
		claim_locks: Option<Locks>,
	},
	/// It is open, though a close was [seen](Event::Best): that is on no branch any more.
	Open {
		/// The channel.
		channel: ChannelId,
	},
	/// It was settled, or something of what was kept back was split.
	Settled {
		/// The channel.
		channel: ChannelId,
		/// What is still kept back for the locks of each side.
		pending: PerSide<Option<Pending>>,
	},
	/// It was closed together, or forfeited.
	Gone {
		/// The channel.
		channel: ChannelId,
	},
}

/// A final block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
	/// Its tick.
	pub tick: Tick,
	/// **All** that it says of our channels and of conditions: what is not told here did not happen.
	pub facts: Vec<Fact>,
}

/// What happened, or is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
	/// The next block is final. None is left out. After a start the first one tells of each channel how it stands.
	Final(Block),
	/// A close was seen in a block that is not final: it is answered at once.
	Best {
		/// The channel.
		channel: ChannelId,
		/// How it stands.
		dispute: Dispute,
		/// The locks of the claim, if they are known.
		claim_locks: Option<Locks>,
	},
	/// The partner can be reached.
	Connected {
		/// The channel.
		channel: ChannelId,
		/// A number that nobody could foresee, and not 0: what the partner answers is fresh if it names it.
		number: u64,
	},
	/// It cannot.
	Disconnected(ChannelId),
	/// It says something.
	Received(ChannelId, Message),
	/// A tower says that it watches.
	Receipt(ChannelId, Signed<Receipt>),
	/// Some time passed: what was not answered is said again.
	Wake,
	/// Pay for good, in planck.
	Pay {
		/// The channel.
		channel: ChannelId,
		/// How much.
		amount: Balance,
		/// What for: a hash that both know the meaning of.
		memo: Hash,
	},
	/// Lock an amount.
	Lock {
		/// The channel.
		channel: ChannelId,
		/// How much, in planck.
		amount: Balance,
		/// The last tick at which meeting the condition counts.
		expiry: Tick,
		/// The condition.
		condition: Condition,
		/// The way that it goes.
		packet: Packet,
	},
	/// Carry a lock on that came.
	Forward {
		/// The lock that came.
		from: Place,
		/// The channel in which it goes on.
		channel: ChannelId,
		/// How much of it, in planck.
		amount: Balance,
		/// The last tick at which meeting the condition counts there.
		expiry: Tick,
		/// The rest of the way.
		packet: Packet,
	},
	/// Claim a lock that came.
	Show {
		/// The lock.
		at: Place,
		/// What meets its condition.
		witness: Witness,
	},
	/// Give a lock up that came.
	GiveUp {
		/// The lock.
		at: Place,
		/// Why.
		reason: Reason,
	},
	/// Give out a step of a chain of hashes.
	Give {
		/// The lock over it.
		at: Place,
		/// Which step.
		step: u16,
		/// Its value.
		value: Hash,
		/// How many steps after it may go out without a commit of their own, [64](crate::STEPS_AHEAD) at most: so many
		/// are paid too much if this side is killed.
		ahead: u16,
	},
	/// Pay what was given out of a chain of hashes; its lock is gone then.
	PayUp(Place),
	/// Take out, if the partner agrees. Until that has come or expired the money is none of the channel's.
	Withdraw {
		/// The channel.
		channel: ChannelId,
		/// How much, in planck.
		amount: Balance,
	},
	/// Close together, if the partner agrees.
	Together(ChannelId),
	/// Close alone.
	Close {
		/// The channel.
		channel: ChannelId,
		/// Whether a person knows that the store is the newest that there ever was. A machine that does not hear from
		/// the partner cannot: a restored backup closes at its peril.
		sure: bool,
	},
	/// Close alone though our data is lost, or may be: the partner is silent, and says neither where to go on nor what
	/// it holds. It takes longer; and if more is owed than the store says, it costs a fine, and what is not
	/// remembered of the partner's payments is lost.
	CloseRecovery(ChannelId),
	/// Take another key, if the partner agrees: it is asked until it does. What is signed meanwhile counts under both.
	Rekey {
		/// The channel.
		channel: ChannelId,
		/// A key of ours that was never used in it.
		key: ChannelKey,
	},
	/// A channel of ours of which all data is lost.
	Recover(Opened),
}

/// What a person may want to know.
#[derive(Clone, Debug, PartialEq, Eq, codec::Encode, codec::Decode)]
pub enum Notice {
	/// A lock came and waits: show what meets it, carry it on, or give it up.
	#[codec(index = 0)]
	Arrived {
		/// The channel.
		channel: ChannelId,
		/// The lock.
		lock: Lock,
		/// The way that it goes.
		packet: Packet,
	},
	/// The partner has paid.
	#[codec(index = 1)]
	Received {
		/// The channel.
		channel: ChannelId,
		/// How much, in planck.
		amount: Balance,
		/// What for.
		memo: Hash,
		/// The lock that was paid, if it was one.
		lock: Option<LockId>,
		/// Whether that had been carried on.
		relayed: bool,
	},
	/// A lock or payment of ours is paid.
	#[codec(index = 2)]
	Paid {
		/// The channel.
		channel: ChannelId,
		/// The lock, if it was one.
		lock: Option<LockId>,
		/// How much, in planck.
		amount: Balance,
		/// What the payee showed for it, if it did not show it to the chain.
		witness: Option<Witness>,
	},
	/// A lock of ours came to nothing: nobody can claim it any more.
	#[codec(index = 3)]
	Failed {
		/// The channel.
		channel: ChannelId,
		/// The lock.
		lock: LockId,
		/// Why.
		reason: Reason,
	},
	/// Our data is older than what the partner holds.
	#[codec(index = 4)]
	DataLost(ChannelId),
	/// The partner has said where to go on.
	#[codec(index = 5)]
	Resumed(ChannelId),
	/// A channel is closed alone by this side.
	#[codec(index = 6)]
	Closing(ChannelId),
	/// The partner closes alone.
	#[codec(index = 7)]
	Disputed {
		/// The channel.
		channel: ChannelId,
		/// The last tick at which answers count.
		deadline: Tick,
	},
	/// A channel is gone.
	#[codec(index = 8)]
	Gone(ChannelId),
	/// A side of a channel has another key.
	#[codec(index = 9)]
	Rekeyed {
		/// The channel.
		channel: ChannelId,
		/// Whose key it is.
		side: Side,
	},
}

/// What a tower shows the chain before a lock expires, if it is not told that the lock is paid.
#[derive(Clone, Debug, PartialEq, Eq, codec::Encode, codec::Decode)]
pub struct Guard {
	/// The lock.
	pub lock: Lock,
	/// Its condition.
	pub condition: Condition,
	/// What meets it.
	pub witness: Witness,
}

/// What is to be done, in this order, and only after its step was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
	/// Send to the partner of a channel. It may be lost.
	Send(ChannelId, Unsigned<Message>),
	/// Bring to the chain. It is made again if its effect is not seen.
	Submit(ChannelId, Unsigned<Call>),
	/// Give to the tower.
	Watch(ChannelId, Unsigned<WatchV1>),
	/// Give to the tower what shows that a lock is met, once more while it is not paid.
	Guard(ChannelId, Guard),
	/// Tell the tower that the lock is paid.
	Unguard(ChannelId, LockId),
	/// Tell a person; it is stored already.
	Notify(Notice),
	/// So many steps of a chain of hashes have come: said while it runs, and not stored.
	Progress {
		/// The lock over it.
		at: Place,
		/// How many steps.
		steps: u16,
	},
	/// A tower has a receipt for this nonce of the partner's halves.
	Watched(ChannelId, Nonce),
}
