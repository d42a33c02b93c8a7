//! What is asked and answered about orders.

use crate::amount::Planck;
use serde::{Deserialize, Serialize};

/// What a command asks about orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OrderAsk {
	/// Offers something to the partner of a channel.
	Offer {
		/// The channel.
		channel: u64,
		/// What a unit costs.
		unit: Planck,
		/// How many units there are at most.
		most: u32,
		/// What the final bill has besides.
		base: Planck,
		/// The deposit.
		deposit: Planck,
		/// For how many ticks it is locked.
		lasts: u32,
		/// The arbiter's key, 64 hexadecimal digits: its `smart-pay order key` shows it.
		arbiter: String,
		/// What it is.
		what: String,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Accepts an offer: the deposit is locked, and units are paid as they are counted.
	Accept {
		/// Which: 32 hexadecimal digits.
		order: String,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// The payer's meter has counted so many units in all: they are paid.
	Pay {
		/// Which.
		order: String,
		/// How many.
		units: u32,
	},
	/// The payee's meter has counted so many units in all: that is the bill.
	Bill {
		/// Which.
		order: String,
		/// How many.
		units: u32,
	},
	/// Takes the deposit by the word of the arbiter.
	Claim {
		/// Which.
		order: String,
		/// What the arbiter signed, 128 hexadecimal digits.
		word: String,
	},
	/// As an arbiter: signs that the deposit of an order is its payee's.
	Arbitrate {
		/// The hash of the order, 64 hexadecimal digits.
		hash: String,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// All that this daemon knows of.
	List,
}

/// An order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
	/// Tells it from others, for both ends: 32 hexadecimal digits.
	pub order: String,
	/// Its hash since it was accepted, which an arbiter is told: 64 hexadecimal digits; empty before.
	pub hash: String,
	/// Whether this side pays.
	pub pays: bool,
	/// The channel.
	pub channel: u64,
	/// What it is.
	pub what: String,
	/// What a unit costs.
	pub unit: Planck,
	/// How many units there are at most.
	pub most: u32,
	/// The deposit.
	pub deposit: Planck,
	/// How far it is: offered, running, billed, done, forfeit, failed.
	pub state: String,
	/// Units of the bill; of the payer's meter before there is one.
	pub units: u32,
	/// What the bill comes to; 0 before there is one.
	pub amount: Planck,
	/// Why it failed, or what the two do not agree on.
	pub why: Option<String>,
}
