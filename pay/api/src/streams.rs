//! What is asked and answered about streams.

use crate::amount::Planck;
use serde::{Deserialize, Serialize};

/// What a command asks about streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StreamAsk {
	/// Begins one.
	Begin {
		/// To whom: the key of a partner's node (64 hexadecimal digits, or as KEY@ws://HOST:PORT), its account, or the
		/// number of a channel.
		to: String,
		/// What a step is worth.
		unit: Planck,
		/// How many steps are given at most.
		steps: u32,
		/// A step is given after so many milliseconds each.
		every: u32,
		/// How many steps may be given that the payee has not said to have.
		ahead: u16,
		/// What it is for.
		text: String,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// All that this daemon knows of, those that have ended too.
	List,
	/// How far one is.
	One {
		/// Which: 32 hexadecimal digits.
		stream: String,
	},
	/// Ends one, as its payer or as its payee: what was given is paid.
	Stop {
		/// Which: 32 hexadecimal digits.
		stream: String,
	},
}

/// A stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamView {
	/// Tells it from others, for both ends: 32 hexadecimal digits.
	pub stream: String,
	/// Whether this side pays it.
	pub pays: bool,
	/// The channel.
	pub channel: u64,
	/// The partner's address.
	pub partner: String,
	/// What a step is worth.
	pub unit: Planck,
	/// How many steps it has at most.
	pub steps: u32,
	/// A step comes after so many milliseconds each.
	pub every: u32,
	/// What it is for.
	pub text: String,
	/// Steps that were given, or came.
	pub given: u32,
	/// Steps that the payee has said to have.
	pub came: u32,
	/// What was paid for good by halves. The steps above that are claimed by the last of them.
	pub paid: Planck,
	/// Milliseconds since it began.
	pub millis: u64,
	/// Whether it has ended.
	pub done: bool,
	/// Why it has ended, or will, before its last step.
	pub why: Option<String>,
}
