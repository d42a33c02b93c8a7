//! Daemons with stores of their own over a chain and a wire in memory.

mod flows;
mod orders;
mod streams;
mod world;
