#![doc = include_str!("../README.md")]

pub mod envelope;
pub mod handed;
pub mod invoice;
pub mod wire;
