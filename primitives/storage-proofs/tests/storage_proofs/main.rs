//! What always holds of storage proofs. A failing seed is printed; `SMARTCHAIN_SEED=<seed>` with the test's name
//! replays it, or `SMARTCHAIN_TEST_SEED=<seed>` if the test prints one alone.

mod adversaries;
mod golden;
mod making;
mod openings;
mod workbench;
