//! What always holds of storage deals. A failing seed is printed; `SMARTCHAIN_SEED=<seed>` with the test's name replays
//! it. `scripts/test long` makes a million calls, explores further, and lets a hundred thousand deals fail for a year.

mod adversaries;
mod dealers;
mod draws;
mod exhaustive;
mod geometry;
mod golden;
mod losses;
mod money;
mod proving;
mod stages;
mod workbench;
