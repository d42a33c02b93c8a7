//! What comes to the edge, from chain, disk and readers.

use crate::{jobs::Fault, node::OfferView};
use smart_agent_market::{DeedKey, Done, JobId, Order, Outcome, Report, SlotKey, Voucher};
use smart_agent_slots::{Found, StoreError, Usage};
use storage_market_primitives::{OpenChallenge, SlotOfDevice, Tick};

/// What happens.
pub(crate) enum Input {
	/// The chain tells something.
	Chain(News),
	/// Work is over.
	Done { job: JobId, done: Result<Done, Fault> },
	/// News of a deed, in words for the log.
	Sent {
		key: DeedKey,
		outcome: Outcome,
		words: String,
	},
	/// The journal tells something.
	Written(Written),
	/// More of a slot is durable.
	Received { key: SlotKey, durable: u64 },
	/// A voucher was shown, and is good.
	Voucher(Voucher),
	/// Something is to be reported of another device.
	Reported(Report),
	/// The disk was looked at.
	Looked(Look),
}

/// What the chain tells.
pub(crate) enum News {
	/// The best block.
	Head {
		/// The markets' clock there.
		tick: Tick,
		/// All slots of the device, if that was asked.
		slots: Option<Vec<SlotOfDevice>>,
		/// Challenges that it can answer.
		asked: Vec<OpenChallenge>,
	},
	/// What the device offers.
	Offer(Option<Box<OfferView>>),
	/// The node is reached, or not any more.
	Link(bool),
	/// Whether this machine's clock is ahead of the chain's, though blocks come as time passes.
	Clock(bool),
	/// A question had no answer, or the node is behind.
	Silent(String),
	/// Nothing comes any more.
	Ended,
}

/// What there is on the disk now and then.
pub(crate) struct Look {
	/// What commands want.
	pub orders: Vec<Order>,
	/// All slots.
	pub found: Vec<Found>,
	/// What they take.
	pub usage: Result<Usage, StoreError>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
	/// Whether a deed is durable, or nobody knows.
	Deed(DeedKey, bool),
	/// A voucher is durable, or not.
	Voucher(Voucher, bool),
	/// The journal should be written anew.
	Due,
	/// It was; with what went wrong, if something did.
	Anew(Option<String>),
}
