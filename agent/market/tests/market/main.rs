//! What the machine does, step by step and in a rough world; who cheats it, by name; and that each rule is needed.

mod adversaries;
mod bench;
mod hostile;
mod memory;
mod mutants;
mod sim;
mod steps;
mod world;
