//! What always holds of issuance. A failing seed is printed; `SMARTCHAIN_SEED=<seed>` with the test's name replays it.
//! `scripts/test long` makes ten million calls.

mod closing;
mod curve;
mod golden;
mod long;
mod supply;
mod workbench;
