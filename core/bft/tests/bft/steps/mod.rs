//! The core, one step after the other, on a workbench.

mod handover;
mod relaxed;
mod room;
mod silences;
mod voting;
mod wants;
