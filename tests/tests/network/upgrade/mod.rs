//! A network that runs goes over to another runtime, which nodes compile while it waits on chain.

pub mod load;
mod pause;
mod referendum;
pub mod slot_rule;

use crate::seconds;
use codec::Encode;
use jsonrpsee::rpc_params;
use serde_json::Value;
use smartchain_runtime::{constants::time::UPGRADE_DELAY, RuntimeCall, UncheckedExtrinsic, VERSION};
use smartchain_tests::{
	ensure,
	network::ACCOUNTS,
	rpc::Rpc,
	tx::{self, Account},
	wait, Error, Network, Result,
};
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// What a node shows of the runtime that waits, if it is compiled.
const COMPILED: f64 = 2.0;

async fn spec_version(rpc: &Rpc, at: Option<H256>) -> Result<u32> {
	let version: Value = rpc.call("state_getRuntimeVersion", rpc_params![at]).await?;
	let number = version["specVersion"]
		.as_u64()
		.and_then(|version| u32::try_from(version).ok());
	number.ok_or_else(|| Error::new(format!("no specVersion in {version}")))
}

/// Three of the four directors carry a motion that authorizes this code, and wait until that is final. A chain whose
/// holders decide has a referendum in its place ([`referendum::vote_in`]): what comes after it is the same.
async fn authorize(rpc: &Rpc, code: &[u8]) -> Result<()> {
	let call = frame_system::Call::authorize_upgrade {
		code_hash: BlakeTwo256::hash(code),
	};
	let propose = pallet_motions::Call::propose {
		call: Box::new(call.into()),
	};
	let vote: RuntimeCall = pallet_motions::Call::vote { motion: 0, aye: true }.into();
	let directors = ["//Alice", "//Bob", "//Charlie"].map(Account::dev);
	for (director, call) in directors.iter().zip([propose.into(), vote.clone(), vote]) {
		let before = tx::nonce(rpc, director, None).await?;
		rpc.submit(&tx::signed(rpc, director, call).await?).await?;
		wait::until("a vote to be final", seconds(30), || async {
			let finalized = rpc.finalized().await?.hash();
			Ok((tx::nonce(rpc, director, Some(finalized)).await? > before).then_some(()))
		})
		.await?;
	}
	Ok(())
}

/// The transaction that sets the code, which node 1 refuses as long as nobody has authorized it. A pool that has
/// refused a transaction does not look at it again for half an hour: another node has to take it later.
async fn refused_early(network: &Network, code: &[u8]) -> Result<Vec<u8>> {
	let call = frame_system::Call::apply_authorized_upgrade { code: code.to_vec() };
	let transaction = UncheckedExtrinsic::new_bare(call.into()).encode();
	let early = network.rpc(1)?.submit(&transaction).await;
	ensure!(early.is_err(), "code that nobody has authorized was taken");
	Ok(transaction)
}

/// Sets the code, sees every node compile it while it waits, and waits until it is in force everywhere. The height of
/// the block in which it is in force: the next one is the first that it runs.
async fn set(network: &Network, rpc: &Rpc, transaction: &[u8]) -> Result<u32> {
	let from = rpc.header(None).await?.number;
	rpc.submit(transaction).await?;
	for node in 0..ACCOUNTS.len() {
		let node = network.node(node);
		wait::until(
			&format!("{} to compile what waits", node.name()),
			seconds(60),
			|| async {
				let state = node.metrics().await?.sum("smartchain_pending_runtime");
				Ok((state == Some(COMPILED)).then_some(()))
			},
		)
		.await?;
	}
	for node in 0..ACCOUNTS.len() {
		let what = format!("{} to have the next runtime", network.node(node).name());
		wait::until(&what, seconds(120), || async {
			let version = spec_version(network.rpc(node)?, None).await?;
			Ok((version == VERSION.spec_version + 1).then_some(()))
		})
		.await?;
	}
	let best = rpc.header(None).await?.number;
	for number in from..=best {
		if spec_version(rpc, rpc.hash_at(number).await?).await? > VERSION.spec_version {
			let waited = number - from;
			ensure!(
				waited >= UPGRADE_DELAY,
				"it is in force {waited} blocks after it was sent"
			);
			return Ok(number);
		}
	}
	Err(Error::new(format!("no block up to {best} has the next runtime")))
}
