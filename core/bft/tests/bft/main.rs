//! Tests of the BFT core. A failing seed is printed; `SMARTCHAIN_SEED=<seed>` with the test's name replays it.
//! `SMARTCHAIN_RUNS=10` takes ten times as many seeds through the networks. In release: `cargo test --release`.

mod driver;
mod models;
mod mutants;
mod networks;
mod properties;
mod sim;
mod steps;
mod workbench;
