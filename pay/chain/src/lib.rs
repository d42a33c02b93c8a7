#![doc = include_str!("../README.md")]

mod calls;
mod error;
mod events;
mod follow;
mod ledger;
mod net;
mod submit;
#[cfg(feature = "testing")]
pub mod testing;
mod tips;
mod types;

pub use calls::{Opening, Order, Submission, Way};
pub use error::LedgerError;
pub use events::Event;
pub use follow::{facts_of, opened_of, Follower, Interest, Mark, Tale, Told, Trouble, DOUBT, MOST_BEHIND};
pub use ledger::{Bid, Ears, Going, Ledger, News, OpenChannel, Spot};
pub use net::Net;
pub use submit::{Report, Submitter, MOST_IN_FLIGHT, MOST_SHOWN};
pub use tips::{Tips, STAKE_PART};
pub use types::{AnnouncedEndpoint, ChannelPrices, Endpoint, TowerOnChain};

/// The target of this crate's logs.
pub const LOG_TARGET: &str = "channels";

/// The name of the pallet.
pub(crate) const PALLET: &str = "PaymentChannels";
