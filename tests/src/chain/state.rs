//! What the chain's pallets say of their own state.

use crate::{seen::rpc::Rpc, Error, Result};
use codec::Decode;
use jsonrpsee::rpc_params;
use pallet_candidates::{Absence, Absences};
use pallet_equivocation::Offences;
use pallet_poca::{Director, Directors, StandbySigners};
use smartchain_runtime::{
	AccountId, BftFinality, BlockNumber, Candidates, ComputeMarket, DeviceRegistry, Equivocation, Motions,
	PaymentChannels, Poca, ResourceProofs, Runtime, StorageMarket,
};
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

/// The accounts that hold the seats, in the order of their turns, as a node's best block has it.
///
/// # Errors
/// If the node does not answer, or there are none.
pub async fn directors(rpc: &Rpc) -> Result<Vec<AccountId>> {
	directors_at(rpc, None).await
}

/// The same at a block; at the best one without a hash.
///
/// # Errors
/// If the node does not answer, or there are none.
pub async fn directors_at(rpc: &Rpc, at: Option<H256>) -> Result<Vec<AccountId>> {
	let value = rpc.storage(&Directors::<Runtime>::hashed_key(), at).await?;
	let bytes = value.ok_or_else(|| Error::new("there are no directors"))?;
	let directors = Vec::<Director<AccountId>>::decode(&mut &bytes[..])?;
	Ok(directors.into_iter().map(|director| director.account).collect())
}

/// The standby signer of each seat, in the order of the directors' turns, as a node's best block has it.
///
/// # Errors
/// If the node does not answer.
pub async fn standby_signers(rpc: &Rpc) -> Result<Vec<Option<AccountId>>> {
	let value = rpc.storage(&StandbySigners::<Runtime>::hashed_key(), None).await?;
	let bytes = value.unwrap_or(Bytes(Vec::new()));
	if bytes.is_empty() {
		return Ok(Vec::new());
	}
	let signers = Vec::<Option<Director<AccountId>>>::decode(&mut &bytes[..])?;
	Ok(signers
		.into_iter()
		.map(|signer| signer.map(|signer| signer.account))
		.collect())
}

/// Whether an account is among the directors that missed their turns and have not been seen since, as a node's best
/// block has it.
///
/// # Errors
/// If the node does not answer.
pub async fn is_absent(rpc: &Rpc, account: &AccountId) -> Result<bool> {
	let value = rpc.storage(&Absences::<Runtime>::hashed_key(), None).await?;
	let bytes = value.unwrap_or(Bytes(Vec::new()));
	if bytes.is_empty() {
		return Ok(false);
	}
	let absences = Vec::<Absence<AccountId, BlockNumber>>::decode(&mut &bytes[..])?;
	Ok(absences.iter().any(|absence| absence.director == *account))
}

/// How many offences have been reported, as the state of the last final block of a node has it.
///
/// # Errors
/// If the node does not answer.
pub async fn offences(rpc: &Rpc) -> Result<usize> {
	let storage = all(rpc, rpc.finalized().await?.hash()).await?;
	Ok(BasicExternalities::new(storage).execute_with(|| Offences::<Runtime>::iter().count()))
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
			("motions", Motions::do_try_state()),
			("device-registry", DeviceRegistry::do_try_state()),
			("resource-proofs", ResourceProofs::do_try_state()),
			("payment-channels", PaymentChannels::do_try_state()),
			("storage-market", StorageMarket::do_try_state()),
			("compute-market", ComputeMarket::do_try_state()),
		];
		for (pallet, check) in checks {
			check.map_err(|error| Error::new(format!("{pallet}, at block {block:?}: {error:?}")))?;
		}
		Ok(())
	})
}
