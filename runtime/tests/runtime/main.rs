//! The runtime as a whole, executed natively: genesis presets, blocks, fees, limits, and what must not change by accident.

mod blocks;
mod chain;
mod equivocation;
mod eras;
mod genesis;
mod limits;
mod measure;
mod stable;
mod votes;
