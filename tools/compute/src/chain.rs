//! What units cost the chain: bytes and weight of what workers said, in blocks that are final.

use codec::Decode;
use frame_support::dispatch::DispatchClass;
use frame_system::{BlockWeight, ConsumedWeight, EventRecord, Phase};
use pallet_compute_market::Call;
use smartchain_runtime::{Runtime, RuntimeCall, RuntimeEvent, UncheckedExtrinsic};
use smartchain_tests::{Error, Result, Rpc};
use sp_core::H256;
use sp_crypto_hashing::twox_128;
use std::collections::BTreeMap;

/// What some transactions have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
	/// How many there were,
	pub count: u64,
	/// their bytes,
	pub bytes: u64,
	/// and their weight, in picoseconds.
	pub weight: u64,
}

impl Cost {
	fn add(&mut self, bytes: usize, weight: u64) {
		self.count += 1;
		self.bytes += bytes as u64;
		self.weight += weight;
	}
}

/// What workers have said, and transfers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
	/// Commitments, reveals, what was handed back.
	pub said: Cost,
	/// Transfers of single amounts.
	pub transfers: Cost,
}

/// What each extrinsic of a block has weighed.
async fn weights(rpc: &Rpc, at: H256) -> Result<BTreeMap<u32, u64>> {
	// The pallet keeps the type of this value to itself.
	let key = [twox_128(b"System"), twox_128(b"Events")].concat();
	let Some(value) = rpc.storage(&key, Some(at)).await? else {
		return Ok(BTreeMap::new());
	};
	let records = Vec::<EventRecord<RuntimeEvent, H256>>::decode(&mut &value[..])?;
	let weighed = records
		.into_iter()
		.filter_map(|record| match (record.phase, record.event) {
			(
				Phase::ApplyExtrinsic(index),
				RuntimeEvent::System(frame_system::Event::ExtrinsicSuccess { dispatch_info }),
			) => Some((index, dispatch_info.weight.ref_time())),
			_ => None,
		});
	Ok(weighed.collect())
}

/// What hooks and inherents of the blocks of these heights have weighed, block by block, in picoseconds.
///
/// # Errors
/// If the node does not answer, or one of them is not there.
pub async fn mandatory(rpc: &Rpc, from: u32, to: u32) -> Result<Vec<u64>> {
	let mut weights = Vec::new();
	for height in from..=to {
		let hash = rpc.hash_at(height).await?;
		let hash = hash.ok_or_else(|| Error::new(format!("there is no block {height}")))?;
		// It stays until the next block begins.
		let value = rpc.storage(&BlockWeight::<Runtime>::hashed_key(), Some(hash)).await?;
		let value = value.ok_or_else(|| Error::new(format!("block {height} weighs nothing")))?;
		let charged = ConsumedWeight::decode(&mut &value[..])?;
		weights.push(charged.get(DispatchClass::Mandatory).ref_time());
	}
	Ok(weights)
}

/// What hooks of some blocks have weighed beyond as many in which nothing happens.
pub fn beyond(blocks: &[u64], still: &[u64]) -> u64 {
	let of_still = still.iter().sum::<u64>().checked_div(still.len() as u64).unwrap_or(0);
	let all = blocks.iter().sum::<u64>();
	all.saturating_sub(of_still.saturating_mul(blocks.len() as u64))
}

/// What the blocks of these heights hold.
///
/// # Errors
/// If the node does not answer, or one of them is not there.
pub async fn costs(rpc: &Rpc, from: u32, to: u32) -> Result<Costs> {
	let mut costs = Costs::default();
	for height in from..=to {
		let hash = rpc.hash_at(height).await?;
		let hash = hash.ok_or_else(|| Error::new(format!("there is no block {height}")))?;
		let weights = weights(rpc, hash).await?;
		for (index, bytes) in (0_u32..).zip(rpc.body(hash).await?) {
			let Some(weight) = weights.get(&index) else {
				continue;
			};
			let extrinsic = UncheckedExtrinsic::decode(&mut &bytes[..])?;
			match extrinsic.function {
				RuntimeCall::ComputeMarket(Call::commit { .. } | Call::reveal { .. } | Call::decline { .. }) => {
					costs.said.add(bytes.len(), *weight);
				}
				RuntimeCall::Balances(_) => costs.transfers.add(bytes.len(), *weight),
				_ => (),
			}
		}
	}
	Ok(costs)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_hooks_weigh_is_what_blocks_do_beyond_as_many_still_ones() {
		assert_eq!(beyond(&[12, 10, 30], &[9, 11]), 52 - 30);
		assert_eq!(beyond(&[12], &[]), 12);
		assert_eq!(beyond(&[10], &[12]), 0);
	}
}
