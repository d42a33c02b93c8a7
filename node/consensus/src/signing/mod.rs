//! Signing, and never twice: the keys, and the file that is durable before what it covers is sent.

pub(crate) mod kept_blocks;
pub mod safety;
pub mod signer;
