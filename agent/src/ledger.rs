//! The chain as commands see it, and what is said of devices that it does not know.

pub use crate::run::{unregistered, used_up};
#[cfg(test)]
pub(crate) use smart_agent_accounts::fake;
pub use smart_agent_accounts::{connect, Ledger, Wait};
