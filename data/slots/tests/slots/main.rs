//! Volumes as a whole: there and back, damaged, repaired, resumed, and made by adversaries.

mod any;
mod damage;
mod folders;
mod golden;
mod hostile;
mod kit;
mod memory;
mod repair;
mod resume;
mod roundtrip;
