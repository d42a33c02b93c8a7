//! What always holds of payment channels. A failing seed is printed; `SMARTCHAIN_SEED=<seed>` with the test's name
//! replays it. `scripts/test long` tells a million lies.

mod conditions;
mod disputes;
mod exhaustive;
mod games;
mod golden;
mod messages;
mod payouts;
mod pot;
mod signing;
mod streams;
mod workbench;
