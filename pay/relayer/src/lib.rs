#![doc = include_str!("../README.md")]

mod desk;
mod rules;
mod serve;
#[cfg(test)]
mod tests;

pub use desk::{bytes_of, signed_for, standing, NetDesk};
pub use rules::{AskQuote, Desk, Posted, Quoted, Refused, Relayer, Sent, Standing, Terms, Tried};
pub use serve::serve;
