//! The words of this node: what a block is, and where things are logged.

/// The header of a block.
pub type Header = sp_runtime::generic::Header<u32, sp_runtime::traits::BlakeTwo256>;
/// A block as the node sees it.
pub type Block = sp_runtime::generic::Block<Header, sp_runtime::OpaqueExtrinsic>;

/// The target under which this crate logs.
pub const LOG_TARGET: &str = "poca";

/// What a node signs to show that it is back.
pub type Heartbeat = poca_primitives::Heartbeat<sp_runtime::AccountId32, u32, sp_core::H256>;
