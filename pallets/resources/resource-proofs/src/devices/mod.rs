//! Devices in lotteries: what they claim, whom they count for, and how much.

pub(crate) mod claims;
mod competence;
mod links;
