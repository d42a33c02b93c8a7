//! A job, from its price to its outputs.

pub(crate) mod follow;
pub(crate) mod plan;
pub(crate) mod record;
