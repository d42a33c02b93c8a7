//! Who may do what: holders, directors, proxies, signers; the treasury; and the upgrade of the runtime.

mod bounds;
mod bounties;
mod holders;
mod locks;
pub mod motions;
mod proxies;
mod relayed;
mod signers;
mod treasury;
mod upgrade;
