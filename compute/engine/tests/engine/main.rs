//! Engine 1 from outside: what it refuses, what programs see, how they end, and that all back ends agree.

mod agree;
mod bombs;
mod generator;
mod golden;
mod kit;
mod nan;
mod refusals;
mod segments;
mod wasi;
