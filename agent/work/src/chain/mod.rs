//! What is asked of the chain, and what is brought to it.

pub(crate) mod calls;
pub(crate) mod node;
