//! A chain to test on, a pallet that is a customer of it, and devices that compute.

pub mod chain;
pub mod customer;
pub mod workers;
