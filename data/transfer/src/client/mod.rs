//! The half of whoever reads, writes and repairs.

mod identity;

pub use identity::{Free, Holder, Payer, Signer};
