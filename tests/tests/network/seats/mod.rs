//! Seats change hands: by elections, for those that are away, and back.

mod absence;
pub mod elections;
mod machines;
pub mod many_die;

use smartchain_runtime::AccountId;
use smartchain_tests::{network::seeds, state, tx::Account, wait, Network, Result};
use std::time::Duration;

/// The accounts of a network's nodes, in their order.
fn accounts(directors: u32, standbys: u32) -> Vec<AccountId> {
	let seeds = seeds(directors, standbys);
	seeds.iter().map(|seed| Account::dev(seed).id().clone()).collect()
}

/// Waits until all of these accounts hold seats.
async fn until_seated(network: &Network, accounts: &[&AccountId], limit: Duration) -> Result<()> {
	let what = format!("{} to have their seats", accounts.len());
	wait::until(&what, limit, || async {
		let directors = state::directors(network.rpc(0)?).await?;
		Ok(accounts.iter().all(|account| directors.contains(account)).then_some(()))
	})
	.await
}
