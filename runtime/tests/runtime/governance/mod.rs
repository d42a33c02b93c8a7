//! Who may do what: directors, proxies, signers; and the upgrade of the runtime.

pub mod motions;
mod proxies;
mod signers;
mod upgrade;
