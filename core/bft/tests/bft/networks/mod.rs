//! Whole networks, simulated: safe whatever happens, live once it stops happening.

mod edges;
mod faults;
mod relaxed;
