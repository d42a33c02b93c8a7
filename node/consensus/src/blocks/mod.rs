//! Taking blocks: what is checked before they are executed, how they come, who sealed twice.

mod equivocation;
pub mod import;
pub mod push;
pub mod queue;
#[cfg(test)]
pub(crate) mod testing;
