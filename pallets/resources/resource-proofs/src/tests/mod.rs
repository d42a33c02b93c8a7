//! Tests by topic. Each ends with the check of state.

mod cheats;
mod claims;
mod compute;
mod links;
mod parameters;
mod plots;
mod queries;
mod random_calls;
mod rounds;
mod simulation;
mod size;
mod space;
mod uptime;
