mod adversaries;
mod claims;
mod closing;
mod expiry;
mod merits;
mod random_calls;
mod start;
mod state;
