//! What always holds of money in markets. A failing seed is printed; `SMARTCHAIN_SEED=<seed>` with the test's name
//! replays it. `scripts/test long` makes ten million moves.

mod books;
mod golden;
mod long;
mod prices;
mod purses;
mod shares;
mod workbench;
