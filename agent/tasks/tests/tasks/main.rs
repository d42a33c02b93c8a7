//! The machine, step by step and in a world.

mod memory;
mod mutants;
mod sim;
mod steps;
mod world;
