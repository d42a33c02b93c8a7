//! What JavaScript asks, and what it is answered, in SCALE. A new version stands beside this one.

use alloc::{string::String, vec::Vec};
use channel_primitives::{
	Account, AssetId, Balance, ChannelId, ChannelKey, ChannelSignature, ChannelState, Condition, Hash, LockId, Locks,
	Nonce, PerSide, Receipt, Reveal, Side, Signed, Stake, Terms, Tick, Witness,
};
use codec::{Decode, Encode};
use smartchain_channel::{Message, Notice, Packet, Place, Reason};

/// A tower that watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TowerOption {
	/// Its account, which gets the reward.
	pub account: Account,
	/// The key of its receipts.
	pub key: ChannelKey,
	/// What it gets if it answers, in planck.
	pub reward: Balance,
	/// Whether nothing is acknowledged that it has no receipt for.
	pub strict: bool,
}

/// What a person chooses; see [`smartchain_channel::Config`], which has what is taken otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Options {
	/// For how many ticks a closing together counts that this side proposes, and a withdrawal.
	pub together: Tick,
	/// A call whose effect is not seen is made again after so many ticks.
	pub resubmit: Tick,
	/// The tower, if there is one.
	pub tower: Option<TowerOption>,
}

/// A fact of a final block, as the chain's runtime API says it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Told {
	/// There is a new channel of this account.
	#[codec(index = 0)]
	Opened {
		/// The genesis of the chain.
		genesis: Hash,
		/// The channel.
		channel: ChannelId,
		/// The account on our side.
		account: Account,
		/// What `ChannelsApi_channel` says of it.
		state: ChannelState,
	},
	/// How a channel stands.
	#[codec(index = 1)]
	Standing {
		/// The channel.
		channel: ChannelId,
		/// What `ChannelsApi_channel` says of it: none if it is gone.
		state: Option<ChannelState>,
		/// The locks of the claim, from the event `CloseStarted`, if they are known.
		claim_locks: Option<Locks>,
	},
	/// A condition was met.
	#[codec(index = 2)]
	Revealed {
		/// Its hash.
		condition: Hash,
		/// When, and in what part.
		reveal: Reveal,
	},
}

/// What happened, or is wanted: [`smartchain_channel::Event`], with what the chain says in the chain's words.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Want {
	/// The next block is final.
	#[codec(index = 0)]
	Final {
		/// Its tick.
		tick: Tick,
		/// All that it says of our channels and of conditions.
		told: Vec<Told>,
	},
	/// A close was seen in a block that is not final.
	#[codec(index = 1)]
	Best {
		/// The channel.
		channel: ChannelId,
		/// How it stands there.
		state: ChannelState,
		/// The locks of the claim, if they are known.
		claim_locks: Option<Locks>,
	},
	/// The partner can be reached.
	#[codec(index = 2)]
	Connected {
		/// The channel.
		channel: ChannelId,
		/// A number that nobody could foresee, and not 0.
		number: u64,
	},
	/// It cannot.
	#[codec(index = 3)]
	Disconnected(ChannelId),
	/// It says something.
	#[codec(index = 4)]
	Received(ChannelId, Message),
	/// A tower says that it watches.
	#[codec(index = 5)]
	Receipt(ChannelId, Signed<Receipt>),
	/// Some time passed.
	#[codec(index = 6)]
	Wake,
	/// Pay for good.
	#[codec(index = 7)]
	Pay {
		/// The channel.
		channel: ChannelId,
		/// How much, in planck.
		amount: Balance,
		/// What for.
		memo: Hash,
	},
	/// Lock an amount.
	#[codec(index = 8)]
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
	/// Claim a lock that came.
	#[codec(index = 9)]
	Show {
		/// The lock.
		at: Place,
		/// What meets its condition.
		witness: Witness,
	},
	/// Give a lock up that came.
	#[codec(index = 10)]
	GiveUp {
		/// The lock.
		at: Place,
		/// Why.
		reason: Reason,
	},
	/// Take out, if the partner agrees.
	#[codec(index = 11)]
	Withdraw {
		/// The channel.
		channel: ChannelId,
		/// How much, in planck.
		amount: Balance,
	},
	/// Close together, if the partner agrees.
	#[codec(index = 12)]
	Together(ChannelId),
	/// Close alone.
	#[codec(index = 13)]
	Close {
		/// The channel.
		channel: ChannelId,
		/// Whether a person knows that the store is the newest that there ever was.
		sure: bool,
	},
	/// Close alone after a loss of data, if the partner is silent.
	#[codec(index = 14)]
	CloseRecovery(ChannelId),
	/// A channel of ours of which all data is lost.
	#[codec(index = 15)]
	Recover {
		/// The genesis of the chain.
		genesis: Hash,
		/// The channel.
		channel: ChannelId,
		/// The account on our side.
		account: Account,
		/// What `ChannelsApi_channel` says of it.
		state: ChannelState,
	},
	/// Take another key, if the partner agrees.
	#[codec(index = 16)]
	Rekey {
		/// The channel.
		channel: ChannelId,
		/// A key of ours that was never used in it.
		key: ChannelKey,
	},
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
	/// Begins, with the last sheet of each channel that was not forgotten. What was there before is gone.
	#[codec(index = 0)]
	Start {
		/// What a person chooses.
		options: Option<Options>,
		/// The sheets.
		sheets: Vec<(ChannelId, Vec<u8>)>,
	},
	/// Takes a step: [`Reply::Writes`], to be stored; or [`Reply::Ask`], or [`Reply::Fault`] with nothing changed.
	#[codec(index = 1)]
	Step(Want),
	/// The writes of the last step are durable: [`Reply::Deeds`].
	#[codec(index = 2)]
	Stored,
	/// What goes out under this ticket, with its signature: [`Reply::Bytes`] of a message or of what a tower is given,
	/// [`Reply::Call`] of what is brought to the chain.
	#[codec(index = 3)]
	Sign {
		/// The number that the deed has.
		ticket: u32,
		/// The signature over its payload; none if it has none.
		signature: Option<ChannelSignature>,
	},
	/// How a channel stands: [`Reply::View`].
	#[codec(index = 4)]
	View(ChannelId),
	/// What the chain knows of conditions.
	#[codec(index = 5)]
	Learn(Vec<(Hash, Option<Reveal>)>),
	/// Blocks were passed over: conditions are asked for anew.
	#[codec(index = 6)]
	Forget,
	/// Messages as the bytes of a file: [`Reply::Bytes`].
	#[codec(index = 7)]
	WriteEnvelope {
		/// The channel.
		channel: ChannelId,
		/// What the partner is told, each in SCALE.
		messages: Vec<Vec<u8>>,
	},
	/// The messages of a file: [`Reply::Envelope`].
	#[codec(index = 8)]
	ReadEnvelope(Vec<u8>),
	/// The ed25519 key of a secret: [`Reply::Bytes`].
	#[codec(index = 9)]
	KeyOf([u8; 32]),
	/// Signs with a secret: [`Reply::Bytes`].
	#[codec(index = 10)]
	SignWith {
		/// The secret.
		secret: [u8; 32],
		/// The 32 bytes that are signed.
		payload: Hash,
	},
	/// Whether a key signed 32 bytes, by ZIP 215: [`Reply::Yes`].
	#[codec(index = 11)]
	Verify {
		/// The key.
		key: ChannelKey,
		/// What was signed.
		payload: Hash,
		/// The signature.
		signature: ChannelSignature,
	},
	/// What the account of a side signs to agree to a channel, 32 bytes: [`Reply::Bytes`].
	#[codec(index = 12)]
	Agreement {
		/// The genesis of the chain.
		genesis: Hash,
		/// The side that agrees.
		side: Side,
		/// Keys and window.
		terms: Terms,
		/// Who may open.
		opener: Account,
		/// The last tick at which it may.
		expiry: Tick,
	},
	/// Whose key signs what goes out under this ticket: [`Reply::Bytes`]. It is that of our side of the channel, as a
	/// rule; while another one is taken, that one signs, too. A fault if nothing is signed under it.
	#[codec(index = 13)]
	Signer(u32),
}

/// What is to be stored, all of it or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Kept {
	/// What is known of a channel, instead of what was.
	#[codec(index = 0)]
	Sheet {
		/// The channel.
		channel: ChannelId,
		/// The sheet.
		bytes: Vec<u8>,
	},
	/// A channel is gone for good.
	#[codec(index = 1)]
	Forget(ChannelId),
	/// What a person will want to look up.
	#[codec(index = 2)]
	Note(Notice),
}

/// What is to be done, in this order. Tickets count until the next step is stored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Deed {
	/// Send to the partner. It may be lost.
	#[codec(index = 0)]
	Send {
		/// The channel.
		channel: ChannelId,
		/// For [`Request::Sign`].
		ticket: u32,
		/// The 32 bytes that our key of the channel signs; none if nothing is signed.
		payload: Option<Hash>,
	},
	/// Bring to the chain. It is made again if its effect is not seen.
	#[codec(index = 1)]
	Submit {
		/// The channel.
		channel: ChannelId,
		/// For [`Request::Sign`].
		ticket: u32,
		/// The 32 bytes that our key of the channel signs; none if nothing is signed.
		payload: Option<Hash>,
	},
	/// Give to the tower.
	#[codec(index = 2)]
	Watch {
		/// The channel.
		channel: ChannelId,
		/// For [`Request::Sign`].
		ticket: u32,
		/// The 32 bytes that our key of the channel signs.
		payload: Option<Hash>,
	},
	/// Give to the tower what shows that a lock is met: a [`smartchain_channel::Guard`] in SCALE.
	#[codec(index = 3)]
	Guard(ChannelId, Vec<u8>),
	/// Tell the tower that the lock is paid.
	#[codec(index = 4)]
	Unguard(ChannelId, LockId),
	/// Tell a person.
	#[codec(index = 5)]
	Notify(Notice),
	/// So many steps of a chain of hashes have come.
	#[codec(index = 6)]
	Progress(Place, u16),
	/// A tower has a receipt for this nonce.
	#[codec(index = 7)]
	Watched(ChannelId, Nonce),
}

/// What a side has paid, and how much of it is on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct PartView {
	/// Paid for good since the channel was opened, in planck.
	pub paid: Balance,
	/// Locked now, in planck.
	pub locked: Balance,
	/// The nonce of the newest half; 0 if there is none.
	pub nonce: Nonce,
}

/// How a channel stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChannelView {
	/// Our side.
	pub side: Side,
	/// The asset; 0 is STCI.
	pub asset: AssetId,
	/// The keys of both sides.
	pub keys: PerSide<ChannelKey>,
	/// For how many ticks answers to a close count.
	pub window: Tick,
	/// What each side has put in and taken out.
	pub stake: Stake,
	/// What we have paid.
	pub ours: PartView,
	/// What the partner has paid, as far as we accepted it.
	pub theirs: PartView,
	/// What can still be paid, in planck.
	pub room: Balance,
	/// The highest nonce of ours that the partner has acknowledged.
	pub acked: Nonce,
	/// The nonce of the newest half of ours that the partner holds, as far as it has said since the start.
	pub confirmed: Nonce,
	/// The number of its phase: [`smartchain_channel::Phase`].
	pub phase: u8,
	/// Why nothing can be signed; none if it can.
	pub stopped: Option<String>,
	/// If a side closes alone: which, and the last tick at which answers count.
	pub closing: Option<(Side, Tick)>,
	/// The tick of the last final block; 0 before the first.
	pub now: Tick,
}

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Fault {
	/// The request cannot be read: JavaScript and module are of two versions.
	#[codec(index = 0)]
	Request,
	/// It is not that request's turn: a step is not stored yet, or the machine has not begun.
	#[codec(index = 1)]
	Turn,
	/// The machine refuses it. Nothing has changed.
	#[codec(index = 2)]
	Refused,
	/// What is stored cannot be read.
	#[codec(index = 3)]
	Store,
	/// The file cannot be read.
	#[codec(index = 4)]
	Envelope,
	/// The signature is missing, or not by the key of the ticket. The ticket still counts.
	#[codec(index = 5)]
	Signature,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reply {
	/// It is done.
	#[codec(index = 0)]
	Done,
	/// To be stored; then [`Request::Stored`].
	#[codec(index = 1)]
	Writes(Vec<Kept>),
	/// To be done.
	#[codec(index = 2)]
	Deeds(Vec<Deed>),
	/// Bytes.
	#[codec(index = 3)]
	Bytes(Vec<u8>),
	/// What the chain knows of these conditions has to be [told](Request::Learn) before.
	#[codec(index = 4)]
	Ask(Vec<Hash>),
	/// How a channel stands.
	#[codec(index = 5)]
	View(ChannelView),
	/// What is in a file: each message in SCALE.
	#[codec(index = 6)]
	Envelope {
		/// The channel.
		channel: ChannelId,
		/// What the partner says, in this order.
		messages: Vec<Vec<u8>>,
	},
	/// A call of the chain: number of the pallet, number of the call, arguments.
	#[codec(index = 7)]
	Call {
		/// Whether it needs no account: then it goes as the general transaction that `ChannelsApi` makes of it.
		free: bool,
		/// The call.
		call: Vec<u8>,
	},
	/// Yes or no.
	#[codec(index = 8)]
	Yes(bool),
	/// It was not done.
	#[codec(index = 9)]
	Fault(Fault, String),
}
