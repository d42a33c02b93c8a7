#![doc = include_str!("../README.md")]

mod line;
pub mod past;

pub use line::Line;
