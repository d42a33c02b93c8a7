//! What goes over the wire: who asks for what, signed; ranges; faults; vouchers and receipts. Pure.

mod claim;
mod digest;
mod fault;
mod head;
mod session;
mod voucher;

pub use claim::{Caller, Claim, Deed, Expected, Session, Signed, SlotId, CLAIM_TICKS, MAX_CLAIM};
pub use digest::{digest, value, values};
pub use fault::{Cause, Fault};
pub use head::{
	AUTHORIZATION, DURABLE, FAULT, LENGTH, OWED, PRICE, PROMISED, RECEIPT, ROOT, SCHEME, TICK, VOUCHER, WRITTEN,
};
pub use session::Hello;
pub use voucher::{receipt_of, Receipt, Voucher, MAX_PROOF};

pub(crate) use head::{from_hex, to_hex};
pub(crate) use voucher::{receipt_of_header, receipt_to_header};

/// Bytes of a group: ranges begin at groups, and each is verified before it is used.
pub const GROUP: u64 = storage_proof_primitives::GROUP_BYTES as u64;
/// The most bytes of a slot that one request reads or writes.
pub const MOST: u64 = 4 << 20;
/// The most bytes that a holder sends before they are paid.
pub const UNPAID: u64 = 4 << 20;
/// What vouchers of a slot have to bring before holders redeem them, in planck: ten times what a transaction costs
/// about. In the end of a deal a tenth of that is enough for them, and less is never redeemed.
pub const LEAST_EGRESS: u128 = 20_000_000_000;
/// Bytes of what prices are for.
pub const MIB: u64 = 1 << 20;

/// What so many bytes cost at a price for each MiB, in planck, rounded up.
pub fn cost(price: u128, bytes: u64) -> u128 {
	price.saturating_mul(bytes.into()).div_ceil(MIB.into())
}
