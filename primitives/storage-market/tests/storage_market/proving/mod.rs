//! What is asked, when, by whom, and what is made of it.

mod audits;
mod moments;
mod plots;
mod prices;
mod probes;
