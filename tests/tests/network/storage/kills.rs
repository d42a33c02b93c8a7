//! Programs die at each step of a put, wherever chain, disk and devices show that it is: the one that stores, those
//! that take slots in, and the node between them.
//!
//! That nothing is lost at any one moment is looked at within a process, one moment after the other: of a put in
//! `clients/cli` (`put/tests.rs`), of a slot on a disk in `agent/slots` (`crashes.rs`), of what an agent has promised
//! in `agent/market` (`world.rs`).

use super::{Fair, CARRIED, LASTS, SOON};
use futures::future::try_join;
use smartchain_tests::{
	ensure,
	storage::{self, DealOf},
	wait, Agent, Error, Network, Result,
};
use std::{fs, path::Path};
use storage_market_primitives::{DealId, Stage};

/// How far a put is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
	/// It has begun on this machine.
	Planned,
	/// The chain has the deal.
	Ordered,
	/// A device is drawn.
	Drawn,
	/// Some of a slot is durable at a device.
	Coming,
	/// The chain has the roots.
	Rooted,
	/// A device has confirmed.
	Confirming,
}

/// One after the other.
const STEPS: [Step; 6] = [
	Step::Planned,
	Step::Ordered,
	Step::Drawn,
	Step::Coming,
	Step::Rooted,
	Step::Confirming,
];

impl Step {
	async fn is_reached(self, fair: &Fair, deal: DealId) -> Result<bool> {
		match self {
			Self::Planned => return Ok(fair.buyer.puts()? > 0),
			Self::Coming => {
				let has_some = |slot: u32| fair.sellers.iter().any(|seller| seller.agent.durable(deal, slot) > 0);
				return Ok((0..8).any(has_some));
			}
			_ => (),
		}
		let known = storage::deal(fair.rpc()?, deal, None).await?;
		Ok(known.is_some_and(|known| match self {
			Self::Drawn => known.slots.iter().any(|slot| slot.drawn.is_some()),
			Self::Rooted => known.rooted,
			Self::Confirming => known.holders() > 0,
			_ => true,
		}))
	}
}

/// Stores a folder by a program that is killed at each step, and started again: the number of the deal. It was ordered
/// once.
pub(super) async fn put_killed_at_each_step(fair: &Fair, folder: &Path) -> Result<DealId> {
	let (path, deal) = (folder.display().to_string(), storage::last_deal(fair.rpc()?).await? + 1);
	let arguments = ["put", &path, "--for", LASTS];
	let mut killed = Vec::new();
	for step in STEPS {
		let at_work = fair
			.buyer
			.killed_when(&arguments, CARRIED, || step.is_reached(fair, deal));
		if !at_work.await? {
			// It was at its end before this.
			break;
		}
		killed.push(step);
	}
	eprintln!("a put was killed at {killed:?}");
	ensure!(
		killed.starts_with(&STEPS[..4]),
		"it came to its end too soon, or failed: {killed:?}\n{}",
		fs::read_to_string(fair.buyer.log())?
	);
	if fair.buyer.puts()? > 0 {
		let done = fair.buyer.carry_out(&arguments, CARRIED).await?;
		ensure!(
			done["held"] == 8 && done["deal"] == deal,
			"not all slots of deal {deal} are held: {done}"
		);
	}
	let known = fair.deal(deal).await?;
	ensure!(
		matches!(known.stage, Stage::Active) && storage::held(&known, &[]).len() == 8,
		"deal {deal} is not whole: {known:?}"
	);
	let last = storage::last_deal(fair.rpc()?).await?;
	ensure!(last == deal, "one folder was ordered {} times", last + 1 - deal);
	Ok(deal)
}

/// Waits until a deal is so.
async fn until(network: &Network, deal: DealId, what: &str, holds: impl Fn(&DealOf) -> bool) -> Result<DealOf> {
	let what = format!("deal {deal} {what}");
	wait::until(&what, CARRIED, || async {
		let known = storage::deal(network.rpc(0)?, deal, None).await?;
		Ok(known.filter(|known| holds(known)))
	})
	.await
}

/// Stores a folder, while an agent that takes a slot in is killed, then the node, then an agent that confirms or has
/// confirmed; each is back at once. What did not come in time the chain has built anew.
pub(super) async fn put_beside_kills(fair: &mut Fair, folder: &Path) -> Result<DealId> {
	let deal = storage::last_deal(fair.rpc()?).await? + 1;
	let path = folder.display().to_string();
	let Fair {
		sellers,
		buyer,
		network,
		..
	} = fair;
	let arguments = ["put", &path, "--for", LASTS];
	let killing = async {
		let taking = wait::until("somebody to make room for a slot", CARRIED, || async {
			let takes = |agent: &Agent| (0..8).any(|slot| agent.has_room(deal, slot));
			Ok(sellers.iter().position(|seller| takes(&seller.agent)))
		});
		let taking = taking.await?;
		sellers[taking].die_and_return().await?;
		until(network, deal, "to have its roots", |known| known.rooted).await?;
		network.restart(0).await?;
		let known = until(network, deal, "to be confirmed by some", |known| known.holders() > 0).await?;
		let late = known
			.slots
			.iter()
			.find_map(|slot| slot.drawn.as_ref().map(|drawn| drawn.device));
		let late = late.or(known.devices().next().copied());
		let late = sellers.iter().position(|seller| Some(seller.device) == late);
		let late = late.ok_or_else(|| Error::new(format!("nobody was drawn: {known:?}")))?;
		sellers[late].die_and_return().await
	};
	// What became of a transaction that was on its way when the node was killed, the next run finds out.
	let carried = buyer.carry_out_beside_kills(&arguments, CARRIED);
	let (done, ()) = try_join(carried, killing).await?;
	ensure!(done["deal"] == deal, "another deal was stored: {done}");
	until(network, deal, "to be active", |known| {
		matches!(known.stage, Stage::Active)
	})
	.await?;
	let last = storage::last_deal(network.rpc(0)?).await?;
	ensure!(last == deal, "one folder was ordered {} times", last + 1 - deal);
	Ok(deal)
}

/// Fetches a deal by a program that is killed as soon as something has come, and started again; what comes back is what
/// was stored.
pub(super) async fn get_despite_a_kill(fair: &Fair, deal: DealId, stored: &Path) -> Result<()> {
	let (number, back) = (deal.to_string(), fair.at("back"));
	let arguments = ["get", &number, &back];
	let has_come = || async {
		Ok(Path::new(&back)
			.read_dir()
			.is_ok_and(|mut entries| entries.next().is_some()))
	};
	if fair.buyer.killed_when(&arguments, SOON, has_come).await? {
		fair.buyer.carry_out(&arguments, CARRIED).await?;
	}
	super::same(stored, Path::new(&back))
}
