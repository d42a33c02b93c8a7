//! Bundles: written, read range by range from whoever has them, and outputs joined.

mod any;
mod golden;
mod index;
mod kit;
mod outputs;
mod ranges;
mod trees;
