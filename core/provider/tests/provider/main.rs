//! The machine on a workbench, in a simulated world, and with some of its rules left out.

mod bench;
mod claims;
mod memory;
mod mutants;
mod properties;
mod sim;
mod starts;
mod steps;
