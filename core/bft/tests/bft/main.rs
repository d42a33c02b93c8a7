//! Tests of the BFT core. A failing seed is printed; `SMARTCHAIN_SEED=<seed>` with the test's name replays it.
//! `SMARTCHAIN_RUNS=10` takes ten times as many seeds through the networks. In release: `cargo test --release`.

mod bench;
mod driver;
mod handover;
mod hostile_edges;
mod leaf_runs;
mod leaves;
mod model;
mod mutants;
mod networks;
mod properties;
mod relaxed;
mod relaxed_model;
mod relaxed_networks;
mod room;
mod silences;
mod sim;
mod voting;
mod wants;
