//! Tests by topic. Each ends with the check of state.

mod cheats;
mod claims;
mod links;
mod parameters;
mod queries;
mod random_calls;
mod rounds;
mod simulation;
mod size;
mod state;
mod wins;
