//! Accounts, and what things cost.

use super::{Balance, Nonce};

/// What an account has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
	/// How many transactions it has sent, as of the block that was asked about.
	pub nonce: Nonce,
	/// What is not held, in planck.
	pub free: Balance,
	/// What is held in all, in planck.
	pub reserved: Balance,
	/// How much of free and held together has to stay, in planck.
	pub frozen: Balance,
	/// What is held, by reason.
	pub holds: Vec<Held>,
}

impl Account {
	/// What a transaction may spend, fee included, if the account is to stay: free, less what must stay there.
	pub fn spendable(&self, existential_deposit: Balance) -> Balance {
		let must_stay = self.frozen.saturating_sub(self.reserved).max(existential_deposit);
		self.free.saturating_sub(must_stay)
	}
}

/// An amount with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
	/// The pallet that holds it, such as `DeviceRegistry`.
	pub pallet: String,
	/// Its reason, such as `Device`.
	pub reason: String,
	/// The same as a sentence, from the runtime's own documentation; empty if that says nothing.
	pub words: String,
	/// How much, in planck.
	pub amount: Balance,
}

/// What things cost now, in planck. Deposits come back; prices do not. Fees come on top: see `Chain::quote`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prices {
	/// The least that an account has, or it is gone.
	pub existential_deposit: Balance,
	/// Held for a device.
	pub device_deposit: Balance,
	/// Paid for each key of a device.
	pub key_price: Balance,
	/// Held for a device in the lottery of space.
	pub space_deposit: Balance,
	/// Held for a device in the lottery of compute.
	pub compute_deposit: Balance,
	/// Held for a device in the lottery of uptime.
	pub uptime_deposit: Balance,
	/// Held for a link or its offer.
	pub link_deposit: Balance,
}
