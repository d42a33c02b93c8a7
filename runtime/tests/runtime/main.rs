//! The runtime as a whole, executed natively: genesis presets, blocks, fees, limits, and what must not change by
//! accident.

mod blocks;
mod chain;
mod devices;
mod equivocation;
mod eras;
mod frozen;
mod genesis;
mod governance;
mod landed;
mod money;
mod votes;
