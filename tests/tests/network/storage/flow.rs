//! The main flow: a folder over eight of twelve agents, three of which die; every byte is back at once, the chain
//! repairs the deal while its owner is away, and another machine brings all of it back from the phrase alone.

use super::{
	kills::{get_despite_a_kill, put_beside_kills, put_killed_at_each_step},
	repair, same, Fair, CARRIED, SOON,
};
use crate::seconds;
use device_primitives::DeviceId;
use smartchain_tests::{ensure, wait, Result};
use std::{path::Path, time::Duration};
use storage_market_primitives::DealId;

/// Agents that sell storage,
const SELLERS: usize = 12;
/// and those of them that are killed.
const KILLED: usize = 3;
/// Files of the folder: 20 MB.
const FILES: u64 = 40;
/// Files of another one: half a megabyte.
const FEW: u64 = 12;

/// Kills three that hold slots of a deal, with SIGKILL, for good: their devices.
fn kill_three(fair: &mut Fair, holders: &[usize]) -> Vec<DeviceId> {
	let mut dead = Vec::new();
	for place in holders.iter().take(KILLED) {
		let seller = &mut fair.sellers[*place];
		seller.agent.kill();
		dead.push(seller.device);
	}
	dead
}

/// On another machine the phrase alone brings back all deals.
async fn restored(fair: &Fair, name: &str, deals: [(DealId, &Path); 2]) -> Result<()> {
	let other = fair.buyer.elsewhere(name, fair.network.dir());
	other.init(SOON).await?;
	let all = fair.at(&format!("all-{name}"));
	let found = other.carry_out(&["restore", &all], CARRIED).await?;
	ensure!(
		found.as_array().map(Vec::len) == Some(deals.len()),
		"{} deals are restored: {found}",
		deals.len()
	);
	for (deal, stored) in deals {
		same(stored, &Path::new(&all).join(deal.to_string()))?;
	}
	Ok(())
}

/// The main flow. A patient one lets the chain repair in its own time; otherwise the owners of what is dead say so, and
/// the markets' clock is put on where nothing but patience is left.
pub(crate) async fn main_flow(name: &str, patient: bool, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let mut fair = Fair::open(SELLERS, false, &[]).await?;
		let (photos, letters) = (fair.folder("photos", FILES)?, fair.folder("letters", FEW)?);
		let deal = put_killed_at_each_step(&fair, &photos).await?;
		let other = put_beside_kills(&mut fair, &letters).await?;
		get_despite_a_kill(&fair, deal, &photos).await?;

		let holders = fair.all_hold(deal).await?;
		let dead = kill_three(&mut fair, &holders);
		fair.get(deal, "at-once", &photos).await?;
		fair.get(other, "letters-at-once", &letters).await?;
		let deals = [(deal, photos.as_path()), (other, letters.as_path())];
		restored(&fair, "elsewhere", deals).await?;

		// Nothing of the owner runs from here on until the chain is done.
		if patient {
			for deal in [deal, other] {
				repair::patient(&fair, deal, &dead).await?;
			}
		} else {
			for seller in fair.sellers.iter().filter(|seller| dead.contains(&seller.device)) {
				seller.agent.withdraw_storage().await?;
			}
			for deal in [deal, other] {
				repair::hurried(&mut fair, deal, &dead).await?;
			}
		}
		for deal in [deal, other] {
			fair.buyer.carry_out(&["verify", &deal.to_string()], CARRIED).await?;
		}
		restored(&fair, "afterwards", deals).await?;
		fair.close(&[deal, other]).await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_folder_outlives_kills_and_three_of_its_devices() {
	let name = "a_folder_outlives_kills_and_three_of_its_devices";
	main_flow(name, false, seconds(600)).await;
}
