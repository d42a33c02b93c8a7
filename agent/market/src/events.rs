//! What goes into the machine and what comes out of it.

use crate::{
	deeds::{Deed, DeedKey, Shown},
	memory::Report,
	types::{Asked, Balance, Hash, OnDisk, SlotKey, Tick, Told, Voucher},
	why::{Missed, Refusal},
};

/// Numbers the pieces of work. One that is not going on is not listened to.
pub type JobId = u64;

/// Work on a slot, which takes its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
	/// Makes room for a slot, durably.
	Make {
		/// Bytes of the slot.
		bytes: u64,
		/// The tick, to be kept with it.
		at: Tick,
	},
	/// Reads all of a slot that has come, makes its outboard, and compares its root. If that is right, both are
	/// durable.
	Seal {
		/// What its root should be.
		root: Hash,
	},
	/// Opens two chunks.
	Open {
		/// The slot's root.
		root: Hash,
		/// Which chunks.
		chunks: [u32; 2],
	},
	/// Builds all of a slot from others of its deal, and seals it.
	Repair {
		/// What its root should be.
		root: Hash,
	},
	/// Reads all of a slot, and names the groups that are not what they were.
	Scrub {
		/// The slot's root.
		root: Hash,
	},
	/// Builds groups from others of the deal.
	Mend {
		/// The slot's root.
		root: Hash,
		/// Which groups.
		groups: Vec<u32>,
	},
	/// Takes back what was uploaded: it was something else.
	Reset,
	/// Deletes a slot.
	Remove,
}

/// What came of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
	/// There is room.
	Made,
	/// Whether the root was right.
	Sealed(
		/// It was.
		bool,
	),
	/// The chunks.
	Opened([Shown; 2]),
	/// All of it was read, if it was a scrub; these groups are not what they were.
	Rotten(
		/// Which; none if all is well.
		Vec<u32>,
	),
	/// The slot is there, sealed.
	Repaired,
	/// The groups are what they were.
	Mended,
	/// Nothing of it counts as uploaded.
	Reset,
	/// It is gone.
	Removed,
	/// Nothing.
	Failed(
		/// Why.
		Failure,
	),
}

/// Why work came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
	/// It was cancelled.
	Cancelled,
	/// The disk has no room.
	NoRoom,
	/// The disk failed.
	Disk,
	/// The slot, or its outboard, is not there, or is damaged so that nobody can tell which groups are.
	Missing,
	/// Too few others give what they hold.
	TooFew,
	/// What the owner has committed is no code: nobody can repair it.
	NotACodeword,
}

/// What became of a deed that was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// The node's pool has it.
	Pooled,
	/// A block of the best chain has it, and it did what it should.
	Included,
	/// The block that had it is not on the best chain any more.
	Retracted,
	/// The pool has it no more, and no block has it.
	Dropped,
	/// It was refused.
	Refused(
		/// Why.
		Refusal,
	),
}

/// What a person, or who serves, wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
	/// Read slots as a whole, now.
	Scrub(
		/// Which; all if none is named.
		Option<SlotKey>,
	),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
	/// The best block is another one: its tick, what the chain knows of the device's slots (all of them), and which of
	/// them are asked, [`MAX_ASKED`](crate::MAX_ASKED) at most.
	Head {
		/// The markets' clock.
		tick: Tick,
		/// The device's slots; none if that was not asked with this block.
		slots: Option<Vec<Told>>,
		/// Challenges that are open and not answered.
		asked: Vec<Asked>,
	},
	/// What is on the disk: once, at first.
	Disk(
		/// All of it.
		Vec<OnDisk>,
	),
	/// So many bytes may slots take from now on: what the device offers.
	Space(
		/// Bytes.
		u64,
	),
	/// More of a slot has come, and is durable.
	Received {
		/// Which.
		key: SlotKey,
		/// How many bytes are durable.
		durable: u64,
	},
	/// A voucher has come, and its signature was verified.
	Voucher(Voucher),
	/// So much is owed for slots in all, for what was given out.
	Owes(
		/// Slots, and planck.
		Vec<(SlotKey, Balance)>,
	),
	/// Something is to be reported of another device.
	Reported(Report),
	/// Somebody wants something.
	Order(Order),
	/// Work is over.
	Done {
		/// Which.
		job: JobId,
		/// What came of it.
		done: Done,
	},
	/// A deed is durable.
	Kept(DeedKey),
	/// It could not be made durable, or nobody knows. It is kept again.
	NotKept(DeedKey),
	/// News of a deed that was submitted.
	Submission {
		/// Which.
		key: DeedKey,
		/// What became of it.
		outcome: Outcome,
	},
	/// The node cannot be reached.
	NodeLost,
	/// It can again. Its pool may have lost what was submitted.
	NodeBack,
	/// Time passed; at least once a second.
	Tick,
	/// Begin nothing more: the program is about to end.
	Stop,
}

/// What the edge has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
	/// Begin work on a slot, and tell [`Event::Done`], always.
	Begin {
		/// Its number.
		job: JobId,
		/// The slot.
		key: SlotKey,
		/// What.
		work: Work,
	},
	/// End work as soon as it can be.
	Cancel(JobId),
	/// Make a deed durable, and tell [`Event::Kept`].
	Keep(Deed),
	/// Make a voucher durable. Whoever serves goes on once it is.
	KeepVoucher(Voucher),
	/// Submit a deed, which is durable; byte for byte as it is.
	Submit(Deed),
	/// A deed need not be kept any more. Nobody waits for it.
	Forget(DeedKey),
	/// Vouchers of a slot were redeemed up to a sum: write that. Nobody waits for it.
	Redeemed {
		/// The slot.
		key: SlotKey,
		/// The sum, in planck.
		total: Balance,
	},
	/// What is owed for slots in all: write that. Nobody waits for it.
	KeepOwed(
		/// Slots, and planck.
		Vec<(SlotKey, Balance)>,
	),
	/// What is to be reported of another device: write that. Nobody waits for it.
	KeepReport(Report),
	/// Nothing is owed for a slot any more: write that. Nobody waits for it.
	Settled(SlotKey),
	/// A challenge was not answered, or a slot could not be confirmed.
	Explain(Missed),
}
