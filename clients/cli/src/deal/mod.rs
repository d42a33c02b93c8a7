//! A deal as its data are reached: by which key, at which devices.

pub mod access;
pub mod fetching;
pub mod holders;
pub mod reading;
