//! The words of this node: what a block is, and where things are logged.

use codec::{Decode, Encode};
use sp_runtime::OpaqueExtrinsic;

/// The header of a block.
pub type Header = sp_runtime::generic::Header<u32, sp_runtime::traits::BlakeTwo256>;
/// A block as the node sees it.
pub type Block = sp_runtime::generic::Block<Header, OpaqueExtrinsic>;

/// A block with its seal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SealedBlock {
	/// The sealed header.
	pub header: Header,
	/// The body.
	pub body: Vec<OpaqueExtrinsic>,
}

/// The target under which consensus logs.
pub const LOG_TARGET: &str = "poca";

/// What a node signs to show that it is back.
pub type Heartbeat = poca_primitives::Heartbeat<sp_runtime::AccountId32, u32, sp_core::H256>;
