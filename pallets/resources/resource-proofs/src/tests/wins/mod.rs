//! Wins of each lottery, and the real plots that some of them are of.

pub mod compute;
pub mod plots;
mod space;
mod uptime;
