//! Daemons with stores of their own over a chain and a wire in memory.

mod changes;
mod flows;
mod hostile;
mod orders;
mod routes;
mod streams;
mod world;
