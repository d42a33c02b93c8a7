//! Wins of each lottery, and the real plots that some of them are of.

mod charges;
pub mod compute;
pub mod plots;
mod space;
mod tickets;
mod uptime;
