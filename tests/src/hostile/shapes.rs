//! What words of all kinds are made of.

use crate::{rng::Rng, rpc::Header};
use sp_core::H256;
use sp_runtime::OpaqueExtrinsic;

/// A block as it is pushed.
pub type Pushed = (Header, Vec<OpaqueExtrinsic>);

/// A hash of nothing.
pub fn hash(random: &mut Rng) -> H256 {
	H256::from_slice(&random.bytes(32))
}
