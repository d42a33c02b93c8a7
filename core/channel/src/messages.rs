//! What two partners tell each other. All of it may be lost, doubled or come late: what matters is said again.

use bounded_collections::{BoundedVec, ConstU32};
use channel_primitives::{
	ChannelKey, CloseTogether, Condition, Half, Hash, LockId, Locks, Nonce, Rekey, Resync, Signed, Tick, Withdraw,
	Witness, MAX_LOCKS,
};
use codec::{Decode, Encode};

/// How many bytes travel with a lock at most, for whoever is to carry it on or to keep it: so many that 64 of them with
/// their conditions fit into 64 KiB.
pub const MAX_PACKET: u32 = 512;

/// What travels with a lock: the way that it goes, sealed. The machine does not look into it.
pub type Packet = BoundedVec<u8, ConstU32<MAX_PACKET>>;

/// What a lock comes with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Parcel {
	/// The lock.
	pub id: LockId,
	/// Its condition: the lock has its hash alone.
	pub condition: Condition,
	/// The way that it goes.
	pub packet: Packet,
}

/// Those of all locks that the partner may not have.
pub type Parcels = BoundedVec<Parcel, ConstU32<MAX_LOCKS>>;

/// Why a lock comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reason {
	/// Its condition is missing, or is none that the payee can meet.
	#[codec(index = 0)]
	Unknown,
	/// It expires too soon.
	#[codec(index = 1)]
	TooLate,
	/// There is no way on.
	#[codec(index = 2)]
	NoWay,
	/// The payee does not want it.
	#[codec(index = 3)]
	Unwanted,
	/// It expired.
	#[codec(index = 4)]
	Expired,
	/// The channel is gone.
	#[codec(index = 5)]
	Gone,
	/// Something of the program's own.
	#[codec(index = 6)]
	Other(u8),
}

/// The first word on each connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
	/// The newest half **of who is greeted** that the other holds: whoever holds an older store than that has lost
	/// data.
	pub held: Option<Signed<Half>>,
	/// A number that its sender has drawn for this connection.
	pub number: u64,
	/// The number of the greeting that this one answers; 0 if it answers none, and is to be answered. An answer is
	/// fresh: a greeting from before could let an old store pass.
	pub answers: u64,
}

/// The newest half of who sends it, which says all.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Update {
	/// The half.
	pub half: Signed<Half>,
	/// Its locks.
	pub locks: Locks,
	/// What those came with that the partner may not have.
	pub parcels: Parcels,
}

/// "I hold your half of this nonce, durably."
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Got {
	/// The nonce.
	pub held: Nonce,
}

/// "The condition of your lock is met: pay."
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Show {
	/// The lock.
	pub id: LockId,
	/// What shows it.
	pub witness: Witness,
}

/// A step of a chain of hashes, by the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StepShown {
	/// The lock over it.
	pub id: LockId,
	/// Which step.
	pub step: u16,
	/// Its value.
	pub value: Hash,
}

/// "I give your lock up." Of a chain of hashes: "pay what you have given out".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Turned {
	/// The lock.
	pub id: LockId,
	/// Why.
	pub reason: Reason,
}

/// "I have lost my data: tell me where to go on." One loss has one tick, so that asking again is not losing again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Lost {
	/// The tick after that at which the loss was seen: before it, there is no answer.
	pub since: Tick,
}

/// The answer to [`Lost`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Word {
	/// Where to go on.
	pub word: Signed<Resync>,
	/// The newest half of who has lost its data that the other holds, and its locks.
	pub held: Option<(Signed<Half>, Locks)>,
	/// The conditions of those locks, as far as they are known.
	pub parcels: Parcels,
}

/// "I want this key: here is my newest half under it. Sign that it may be mine."
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Renewed {
	/// The key.
	pub key: ChannelKey,
	/// The newest half, signed by that key.
	pub half: Signed<Half>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Message {
	/// The first word on each connection.
	#[codec(index = 0)]
	Hello(Hello),
	/// The newest half.
	#[codec(index = 1)]
	Update(Update),
	/// A half is held.
	#[codec(index = 2)]
	Got(Got),
	/// A condition is met.
	#[codec(index = 3)]
	Show(Show),
	/// A step of a chain.
	#[codec(index = 4)]
	Step(StepShown),
	/// A lock is given up.
	#[codec(index = 5)]
	GiveUp(Turned),
	/// Data was lost.
	#[codec(index = 6)]
	Lost(Lost),
	/// Where to go on.
	#[codec(index = 7)]
	Word(Word),
	/// A closing together, signed by who sends it.
	#[codec(index = 8)]
	Together(Signed<CloseTogether>),
	/// A withdrawal, signed by who sends it: of its own, or its consent to the other's.
	#[codec(index = 9)]
	Withdraw(Signed<Withdraw>),
	/// Another key is wanted.
	#[codec(index = 10)]
	Renewed(Renewed),
	/// It may be: signed by who holds the newest half under it.
	#[codec(index = 11)]
	Rekey(Signed<Rekey>),
}
