//! A unit on this machine: fetched, run, its output kept and served; and outputs of others that are asked for.

pub(crate) mod fetch;
pub(crate) mod probe;
pub(crate) mod run;
pub(crate) mod stock;
