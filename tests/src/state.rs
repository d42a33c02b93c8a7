//! What the chain's pallets say of their own state.

use crate::{rpc::Rpc, Error, Result};
use jsonrpsee::rpc_params;
use smartchain_runtime::{BftFinality, Candidates, Equivocation, Poca};
use sp_core::{storage::Storage, Bytes, H256};
use sp_state_machine::BasicExternalities;

/// Keys that are asked for at once.
const PAGE: u32 = 500;

/// All state of a block, but the code.
///
/// # Errors
/// When the node does not answer.
async fn all(rpc: &Rpc, at: H256) -> Result<Storage> {
	let mut storage = Storage::default();
	let mut last: Option<Bytes> = None;
	loop {
		let keys: Vec<Bytes> = rpc
			.call("state_getKeysPaged", rpc_params!["0x", PAGE, last.as_ref(), at])
			.await?;
		for key in &keys {
			// A megabyte that no pallet looks at.
			if key.0 == b":code" {
				continue;
			}
			let value = rpc.storage(&key.0, Some(at)).await?;
			storage.top.insert(key.0.clone(), value.unwrap_or(Bytes(Vec::new())).0);
		}
		match keys.into_iter().last() {
			Some(key) => last = Some(key),
			None => return Ok(storage),
		}
	}
}

/// That the invariants of the chain's own pallets hold in the state of the last final block of a node.
///
/// # Errors
/// Names the invariant that does not.
pub async fn assert_invariants(rpc: &Rpc) -> Result<()> {
	let block = rpc.finalized().await?.hash();
	let storage = all(rpc, block).await?;
	crate::ensure!(
		storage.top.len() > 20,
		"the state of {block:?} has {} keys",
		storage.top.len()
	);
	BasicExternalities::new(storage).execute_with(|| {
		let checks = [
			("poca", Poca::do_try_state()),
			("bft-finality", BftFinality::do_try_state()),
			("candidates", Candidates::do_try_state()),
			("equivocation", Equivocation::do_try_state()),
		];
		for (pallet, check) in checks {
			check.map_err(|error| Error::new(format!("{pallet}, at block {block:?}: {error:?}")))?;
		}
		Ok(())
	})
}
