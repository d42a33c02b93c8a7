//! The half of whoever reads, writes and repairs. It blocks: a thread for each device reads ahead and writes behind.

mod best;
mod crew;
mod each;
mod error;
mod http;
mod identity;
mod link;
mod paths;
mod remote;

pub use best::BestSlots;
pub use each::EachSlot;
pub use error::RemoteError;
pub use identity::{address, Free, Holder, Identity, Patience, Payer, Signer, Unwilling};
pub use link::{StopAll, Stopper};
pub use paths::{Outcome, Path, Paths, Sight, MOST_PATHS};
pub use remote::{Probed, Remote};
