//! What a holder's program brings: the chain's word, slots on disk, and the till.

use crate::wire::{Caller, Deed, Fault, SlotId, Voucher};
use device_primitives::{DeviceId, DeviceSignature};
use std::{
	future::Future,
	io::{self, IoSliceMut},
	sync::Arc,
};
use storage_proof_primitives::{Hash, Tick};

/// Planck of STCI.
pub type Balance = u128;

/// What a caller may do with a slot, as the chain says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
	/// Bytes of the slot, by the deal.
	pub length: u64,
	/// Planck for each MiB that the caller reads, beside which nothing is asked of it; 0 if it reads for nothing, as
	/// owners do that pay with the deal, those that repair, and probers.
	pub price: Balance,
	/// The era of the probes, if the caller probes in it: a receipt is signed for what it reads then, if it asks for
	/// one.
	pub probes: Option<u32>,
}

/// The chain's word: who may do what. Ask a cache; a call that waits for a node holds up one request. A key costs
/// nothing: bound what those that have no right have the node answer.
pub trait Rights: Send + Sync + 'static {
	/// The market's clock, now.
	fn tick(&self) -> Tick;

	/// What the caller may do with the slot. The caller's key has signed the request already.
	///
	/// Who may: for [`Deed::Read`] and [`Deed::Look`] owner, grantees, holders of the deal that are present or drawn,
	/// and probers; for [`Deed::Write`] the owner while the deal uploads.
	///
	/// # Errors
	/// [`Fault::not_yours`], [`Fault::no_such_slot`], or [`Fault::unsure`] if the chain cannot be asked.
	fn may(&self, caller: &Caller, slot: SlotId, deed: Deed) -> impl Future<Output = Result<Grant, Fault>> + Send;
}

/// How much of a slot is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
	/// Bytes that the slot will have.
	pub length: u64,
	/// Bytes from its start that came, and had the digest that was announced.
	pub written: u64,
	/// Bytes from its start that survive a loss of power. Never more than `written`.
	pub durable: u64,
	/// Its root, if all of it is durable and its outboard too: it can be read then.
	pub root: Option<Hash>,
}

/// Slots on disk. All calls may wait for the disk: the server makes them on threads for that.
pub trait Shelf: Send + Sync + 'static {
	/// How much of a slot is there; `None` if nothing.
	///
	/// # Errors
	/// The disk's.
	fn held(&self, slot: SlotId) -> io::Result<Option<Held>>;

	/// Opens a slot that is whole; `None` if it is not.
	///
	/// # Errors
	/// The disk's.
	fn open(&self, slot: SlotId) -> io::Result<Option<Arc<dyn Reading>>>;

	/// Goes on with a slot of so many bytes, or begins it. The server has one of these at a time for each slot.
	///
	/// # Errors
	/// The disk's: [`io::ErrorKind::StorageFull`] if there is no room, [`io::ErrorKind::AlreadyExists`] if the slot is
	/// whole and sealed, or was begun with another length, [`io::ErrorKind::NotFound`] if no such slot is to come,
	/// [`io::ErrorKind::QuotaExceeded`] if too many come at once.
	fn receive(&self, slot: SlotId, length: u64) -> io::Result<Box<dyn Receiving>>;
}

/// A whole slot, opened.
pub trait Reading: Send + Sync {
	/// Bytes of it.
	fn length(&self) -> u64;

	/// Fills all the parts, one after the other, with bytes of the slot from an offset on.
	///
	/// # Errors
	/// The disk's; [`io::ErrorKind::UnexpectedEof`] if there are not so many.
	fn data(&self, offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()>;

	/// Fills `into` with bytes of the outboard: pairs of hashes of 64 bytes over groups of 16 KiB, each node after
	/// those below it, without a length before them.
	///
	/// # Errors
	/// The disk's; [`io::ErrorKind::UnexpectedEof`] if there are not so many.
	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;
}

/// A slot that comes. What is written does not count until [`Receiving::keep`] says so.
pub trait Receiving: Send {
	/// How much is there.
	fn held(&self) -> Held;

	/// Writes at an offset, a multiple of 16 KiB that is no more than what is kept, or where the last write ended: a
	/// piece comes by several. `values` are those of the groups of 16 KiB that these bytes are, the last of which may
	/// be shorter.
	///
	/// # Errors
	/// The disk's.
	fn write(&mut self, offset: u64, bytes: &[u8], values: &[Hash]) -> io::Result<()>;

	/// What was written up to `end` is what was announced, and counts. Bytes behind it, of earlier calls, do not.
	///
	/// # Errors
	/// The disk's.
	fn keep(&mut self, end: u64) -> io::Result<()>;

	/// Makes durable what counts, and if that is all of the slot, its outboard and root.
	///
	/// # Errors
	/// The disk's.
	fn sync(&mut self) -> io::Result<Held>;
}

/// What was paid, and by what: vouchers.
pub trait Till: Send + Sync + 'static {
	/// A caller shows a voucher. Says the sum of all that it has promised for this slot so far, in planck: that of the
	/// best voucher that is good, this or an earlier one.
	///
	/// # Errors
	/// [`Fault::bad_voucher`]: it is not signed by who has a tab, or is above its limit.
	fn show(
		&self,
		caller: &Caller,
		slot: SlotId,
		voucher: &Voucher,
	) -> impl Future<Output = Result<Balance, Fault>> + Send;

	/// What is owed for reads of this slot so far, and what is promised, in planck: by all, if their vouchers are over
	/// one sum, else by this caller.
	fn owed(&self, caller: &Caller, slot: SlotId) -> Owed;

	/// Bytes were sent to a caller: so much more is owed. Called before they are sent.
	fn charge(&self, caller: &Caller, slot: SlotId, planck: Balance);
}

/// Where a caller stands at a till.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
	/// For all that was read so far, in planck.
	pub total: Balance,
	/// The sum of the best voucher, in planck.
	pub promised: Balance,
}

/// The device that serves.
pub trait Device: Send + Sync + 'static {
	/// Which one.
	fn id(&self) -> DeviceId;

	/// Signs the payload of a [`Receipt`](crate::wire::Receipt) with the key that the chain compares it with, the
	/// lottery key; `None` if it signs none.
	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature>;
}

/// Takes nothing: for holders whose price is 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTill;

impl Till for NoTill {
	async fn show(&self, _: &Caller, _: SlotId, _: &Voucher) -> Result<Balance, Fault> {
		Err(Fault::bad_voucher(
			"this device takes no vouchers; read where the price is 0",
		))
	}

	fn owed(&self, _: &Caller, _: SlotId) -> Owed {
		Owed::default()
	}

	fn charge(&self, _: &Caller, _: SlotId, _: Balance) {}
}
