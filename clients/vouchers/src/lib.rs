#![doc = include_str!("../README.md")]

mod error;
mod paid;
mod purse;
mod topup;

pub use error::VoucherError;
pub use paid::{Bill, Paid, Place};
pub use purse::{Complaint, Most, Purse, Seller, Why};
pub use topup::{TopUp, Toppings, Under};
