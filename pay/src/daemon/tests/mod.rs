//! Daemons with stores of their own over a chain and a wire in memory.

mod flows;
mod streams;
mod world;
