//! What the chain knows of devices, and candidates that accept them.

use super::tx::{self, Account};
use crate::{seen::rpc::Rpc, wait, Result};
use codec::{Decode, Encode};
use device_primitives::DeviceId;
use jsonrpsee::rpc_params;
use proof_lottery_primitives::{DeviceProofs, LotteryState, Resource};
use smartchain_runtime::{AccountId, Runtime, RuntimeCall};
use sp_core::Bytes;
use std::time::Duration;

/// How long a block may take to hold a transaction, and a device to be offered.
const LIMIT: Duration = Duration::from_secs(60);

/// What the chain knows of a device's proofs, at a node's best block; none if the device is not registered.
///
/// # Errors
/// When the node does not answer.
pub async fn proofs(rpc: &Rpc, device: DeviceId) -> Result<Option<DeviceProofs<AccountId>>> {
	let asked = rpc_params!["ResourceProofsApi_device_proofs", Bytes(device.encode())];
	let answer: Bytes = rpc.call("state_call", asked).await?;
	Ok(Decode::decode(&mut &answer[..])?)
}

/// A device in one lottery, at a node's best block; none if it is not in it.
///
/// # Errors
/// When the node does not answer.
pub async fn lottery(rpc: &Rpc, device: DeviceId, resource: Resource) -> Result<Option<LotteryState>> {
	let lotteries = proofs(rpc, device).await?.map(|proofs| proofs.lotteries);
	Ok(lotteries
		.into_iter()
		.flatten()
		.find(|lottery| lottery.resource == resource))
}

/// What a device counts for, of 2^48, at a node's best block; nothing if it is not registered.
///
/// # Errors
/// When the node does not answer.
pub async fn competence(rpc: &Rpc, device: DeviceId) -> Result<u64> {
	Ok(proofs(rpc, device).await?.map_or(0, |proofs| proofs.competence))
}

/// Whether a device is linked: not only offered, but accepted.
///
/// # Errors
/// When the node does not answer.
pub async fn linked(rpc: &Rpc, device: DeviceId) -> Result<bool> {
	let key = pallet_resource_proofs::Entries::<Runtime>::hashed_key_for(device);
	let entry = rpc.storage(&key, None).await?;
	let entry = entry.map(|bytes| pallet_resource_proofs::Entry::<AccountId>::decode(&mut &bytes[..]));
	Ok(entry.transpose()?.and_then(|entry| entry.link?.from).is_some())
}

/// Waits until a device is offered, has the candidate accept it, and waits until it has. One that was accepted before
/// is left so: accepting twice fails and costs the candidate a fee.
///
/// # Errors
/// When it is not offered, or the acceptance is in no block.
pub async fn accept(rpc: &Rpc, candidate: &Account, device: DeviceId) -> Result<()> {
	wait::until("the device to be offered to the candidate", LIMIT, || async {
		let offered = proofs(rpc, device).await?.and_then(|proofs| proofs.candidate);
		Ok((offered.as_ref() == Some(candidate.id())).then_some(()))
	})
	.await?;
	if linked(rpc, device).await? {
		return Ok(());
	}
	let call = RuntimeCall::ResourceProofs(pallet_resource_proofs::Call::<Runtime>::accept_link { device });
	rpc.submit(&tx::signed(rpc, candidate, call).await?).await?;
	wait::until("the candidate's acceptance to be in a block", LIMIT, || async {
		Ok(linked(rpc, device).await?.then_some(()))
	})
	.await
}
