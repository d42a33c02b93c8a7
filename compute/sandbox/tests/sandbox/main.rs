//! What a child can do and cannot, and what goes between it and its parent.

mod any;
mod attacks;
mod frames;
mod golden;
mod kit;
mod policy;
mod runs;
mod unconfined;
mod verdicts;
