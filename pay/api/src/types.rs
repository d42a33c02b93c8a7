//! Questions and answers.

use crate::{
	amount::Planck,
	orders::{OrderAsk, OrderView},
	streams::{StreamAsk, StreamView},
};
use serde::{Deserialize, Serialize};

/// What a command asks. With `dry_run` nothing is done, and the answer is a [`Plan`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
	/// How the daemon does.
	Status,
	/// The channels.
	Channels,
	/// Opens a channel.
	Open {
		/// The key of the partner's node, 64 hexadecimal digits.
		node: String,
		/// Where it listens.
		url: String,
		/// What is put in.
		deposit: Planck,
		/// For how many ticks answers to a close count.
		window: u32,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Makes an invoice.
	Invoice {
		/// For each payment.
		amount: Planck,
		/// For how many seconds it can be paid.
		seconds: u64,
		/// What it is for.
		text: String,
	},
	/// Pays an invoice.
	Pay {
		/// It.
		invoice: String,
		/// How often.
		times: u32,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Which ways an invoice could be paid over.
	Routes {
		/// It.
		invoice: String,
	},
	/// How far a payment is.
	Paid {
		/// Which.
		payment: u64,
	},
	/// Pays a partner by file: the answer is what to hand over.
	Give {
		/// The channel.
		channel: u64,
		/// How much; 0 for a greeting alone.
		amount: Planck,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// What is to be handed over in a channel without a network, in hexadecimal digits.
	Export {
		/// The channel.
		channel: u64,
	},
	/// Something that was handed over, in hexadecimal digits.
	Import {
		/// It.
		envelope: String,
		/// Whether a payment is taken though little of the window is left to bring it to the chain.
		#[serde(default)]
		late: bool,
	},
	/// Puts more into a channel.
	Deposit {
		/// The channel.
		channel: u64,
		/// How much.
		amount: Planck,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Closes a channel.
	Close {
		/// Which.
		channel: u64,
		/// Alone, without the partner.
		alone: bool,
		/// Whether the caller knows that the store is the newest that there ever was.
		sure: bool,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Takes out of a channel, which stays open.
	Withdraw {
		/// Which.
		channel: u64,
		/// How much.
		amount: Planck,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Takes another key for this side of a channel.
	Rekey {
		/// Which.
		channel: u64,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Closes a channel whose data is lost and whose partner is silent.
	CloseRecovery {
		/// Which.
		channel: u64,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Says whose node the partner of a channel has.
	Reach {
		/// The channel.
		channel: u64,
		/// The key of the partner's node, 64 hexadecimal digits.
		node: String,
		/// Where it listens; empty if it calls.
		url: String,
	},
	/// Writes a backup.
	Backup {
		/// Where to.
		path: String,
	},
	/// Makes the account a tower with a bond.
	RegisterTower {
		/// The bond.
		bond: Planck,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// Says on chain where this node is reached.
	Announce {
		/// Where; empty for no more.
		url: String,
		/// Whether nothing is done.
		dry_run: bool,
	},
	/// About streams.
	Streams(StreamAsk),
	/// About orders.
	Orders(OrderAsk),
}

/// What something would cost and can cost at worst.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
	/// What is done, as a sentence.
	pub what: String,
	/// The fee on chain.
	pub fee: Planck,
	/// What partners take for carrying it on, at most.
	pub route_fee: Planck,
	/// What is held and comes back.
	pub held: Planck,
	/// What leaves the account or the channel.
	pub paid: Planck,
	/// What the account lacks for it.
	pub missing: Planck,
	/// What can go wrong, and what it costs then.
	pub worst: Vec<String>,
}

/// A way to a payee.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteView {
	/// What leaves the payer.
	pub paid: Planck,
	/// What relays take of it.
	pub fee: Planck,
	/// After how many minutes it comes back at the latest, if nobody takes it.
	pub minutes: u64,
	/// The channels that it goes through.
	pub hops: Vec<HopView>,
}

/// A channel of a way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopView {
	/// Its number.
	pub channel: u64,
	/// Whom it leads to.
	pub to: String,
	/// What is locked in it.
	pub amount: Planck,
}

/// How far a payment is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayView {
	/// Its number.
	pub payment: u64,
	/// How many are wanted.
	pub times: u32,
	/// How many are paid,
	pub paid: u32,
	/// how many came to nothing,
	pub failed: u32,
	/// and how many are on their way.
	pub in_flight: u32,
	/// What was paid in all, with what partners took.
	pub amount: Planck,
	/// What partners took.
	pub fees: Planck,
	/// Milliseconds since it began.
	pub millis: u64,
	/// Whether it has ended.
	pub done: bool,
	/// Why some came to nothing, the last reason.
	pub why: Option<String>,
}

/// A channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
	/// Its number.
	pub channel: u64,
	/// The partner's address.
	pub partner: String,
	/// How far it is, and whether it can be used.
	pub state: String,
	/// Whether the partner can be reached.
	pub connected: bool,
	/// All that is in it.
	pub total: Planck,
	/// What we can pay.
	pub spendable: Planck,
	/// What the partner can pay.
	pub receivable: Planck,
	/// What we have paid, and what we were paid, in all.
	pub sent: Planck,
	/// What we were paid.
	pub received: Planck,
	/// What is locked by us, and for us.
	pub locks: u32,
	/// The window, in ticks.
	pub window: u32,
	/// If the partner closes: the last tick at which answers count.
	pub deadline: Option<u32>,
	/// Whether its data is lost, and the partner has not said where to go on.
	pub lost: bool,
}

/// How the daemon does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
	/// The program's version.
	pub version: String,
	/// Its account's address.
	pub address: String,
	/// The key of its node, 64 hexadecimal digits.
	pub node: String,
	/// Where it listens; empty if nowhere.
	pub url: String,
	/// Whether a node of the chain is reached.
	pub chain: bool,
	/// The last final block that was told.
	pub block: u32,
	/// Its tick.
	pub tick: u32,
	/// Seconds since it was told.
	pub block_age: u64,
	/// What is wrong with what the chain tells, if anything.
	pub trouble: Option<String>,
	/// How many channels there are.
	pub channels: u32,
	/// With how many partners there is a connection.
	pub peers: u32,
	/// How many channels of others are watched.
	pub watched: u32,
	/// Whether payments are carried on.
	pub relays: bool,
}

/// What came of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
	/// What happened, as a sentence.
	pub said: String,
	/// What is to be handed over, in hexadecimal digits, if anything.
	pub envelope: Option<String>,
	/// The number of a channel or payment, if there is one.
	pub number: Option<u64>,
}

/// What the daemon answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
	/// How it does.
	Status(StatusView),
	/// The channels.
	Channels(Vec<ChannelView>),
	/// What something would cost.
	Plan(Plan),
	/// An invoice.
	Invoice(String),
	/// The ways to a payee, the cheapest first.
	Routes(Vec<RouteView>),
	/// How far a payment is.
	Pay(PayView),
	/// Streams: the one that was asked about, or all.
	Streams(Vec<StreamView>),
	/// Orders.
	Orders(Vec<OrderView>),
	/// Something was done.
	Done(Flow),
	/// It was not, and why; with what to do.
	Failed(String),
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn amounts_are_texts_to_the_end_of_their_range() {
		let ask = Ask::Deposit {
			channel: 7,
			amount: Planck(u128::MAX),
			dry_run: true,
		};
		let text = serde_json::to_string(&ask).expect("it is written");
		assert!(text.contains(&format!("\"{}\"", u128::MAX)), "{text}");
		assert_eq!(serde_json::from_str::<Ask>(&text).expect("it is read"), ask);
		assert!(serde_json::from_str::<Ask>(&text.replace('"', "")).is_err());
	}

	#[test]
	fn what_is_not_known_is_refused() {
		for text in [
			"{\"deposit\":{\"channel\":1}}",
			"\"fly\"",
			"{\"paid\":{\"payment\":1,\"more\":2}}",
		] {
			assert!(serde_json::from_str::<Ask>(text).is_err(), "{text}");
		}
	}
}
