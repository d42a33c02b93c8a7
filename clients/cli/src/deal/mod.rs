//! A deal as its data are reached: by which key, at which devices.

pub mod access;
pub mod holders;
pub mod reading;
