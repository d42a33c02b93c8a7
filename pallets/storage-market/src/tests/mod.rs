//! Rule by rule.

mod access;
mod adversaries;
mod audits;
mod deals;
mod devices;
mod free;
mod golden;
mod offers;
mod probes;
mod random_calls;
mod repairs;
