//! Programs die at each step of a get, of a restore and of repairs, and the node with them; and a new runtime comes
//! into force in the midst of a put and of a repair.
//!
//! Devices give out slowly where a get is to be killed in its midst: else it would be over before it is looked at.

use super::{
	bad::all_behave,
	full::{all_answered, set_next_runtime, spec_version},
	hashes,
	repair::{killed_at, Work},
	same, Fair, CARRIED, SOON,
};
use crate::seconds;
use futures::future::try_join;
use smartchain_runtime::{constants::time::UPGRADE_DELAY, VERSION};
use smartchain_tests::{ensure, front::Manners, storage, wait, Error, Result, Smart};
use std::{fs, path::Path, time::Duration};
use storage_market_primitives::DealId;

/// Agents that sell storage where slots are lost one after the other: eight hold one, and one more is there.
const SELLERS: usize = 8 + Work::ALL.len() + 1;
/// Files of the folder: 11 MB.
const FILES: u64 = 32;
/// Bytes a second that each device gives out, so that a get takes some fifteen seconds.
const SLOW: u32 = 192 << 10;
/// How the names of files begin that are not whole.
const PART: &str = ".smart-part";
/// So many blocks before a new runtime is in force a put and a repair begin. Devices are drawn two turns later at the
/// earliest: the runtime comes in between.
const BEFORE: u32 = 12;
/// How long a slot whose device leaves may wait for another one.
const REPLACED: Duration = seconds(150);

/// The files in a folder that are whole must be those that were stored: how many there are.
fn whole(back: &Path, stored: &Path) -> Result<usize> {
	if !back.is_dir() {
		return Ok(0);
	}
	let (found, known) = (hashes(back)?, hashes(stored)?);
	let is_part = |path: &Path| path.to_string_lossy().starts_with(PART);
	let mut count = 0;
	for (path, hash) in found.iter().filter(|(path, _)| !is_part(path)) {
		ensure!(
			known.get(path) == Some(hash),
			"{} came back as something else",
			path.display()
		);
		count += 1;
	}
	Ok(count)
}

/// How many files lie in a folder and those in it, whole ones or not.
fn lie_in(folder: &Path) -> usize {
	let (mut count, mut folders) = (0, vec![folder.to_owned()]);
	while let Some(next) = folders.pop() {
		// What is being made or renamed may be gone again.
		for entry in fs::read_dir(next).into_iter().flatten().flatten() {
			let path = entry.path();
			if path.is_dir() {
				folders.push(path);
			} else {
				count += 1;
			}
		}
	}
	count
}

/// How many restores have begun on somebody's machine.
fn begun(person: &Smart) -> usize {
	fs::read_dir(person.data().join("gets")).into_iter().flatten().count()
}

/// Brings a folder back by a program that is killed as it begins, with its first file, at a third and at two thirds,
/// and then goes on beside a node that is killed, to its end or to where it says that it is to be run again. What is
/// whole in between is right.
async fn brought_back(fair: &mut Fair, person: &Smart, arguments: &[&str], [back, stored]: [&Path; 2]) -> Result<()> {
	let (all, before) = (hashes(stored)?.len(), begun(person));
	for wanted in [0, 1, all / 3, 2 * all / 3] {
		let is_there = || async { Ok(begun(person) > before && lie_in(back) >= wanted) };
		let at_work = person.killed_when(arguments, CARRIED, is_there).await?;
		ensure!(
			at_work,
			"smart {} came to its end before {wanted} of {all} files were there, or failed",
			arguments.join(" ")
		);
		eprintln!(
			"smart {} was killed with {} of {all} files",
			arguments.join(" "),
			whole(back, stored)?
		);
	}
	let goes_on = async {
		wait::until("a file more to come", CARRIED, || async {
			Ok((lie_in(back) > 2 * all / 3 + 1).then_some(()))
		})
		.await?;
		fair.network.restart(0).await.map(|_| ())
	};
	try_join(person.carry_out_beside_kills(arguments, CARRIED), goes_on).await?;
	same(stored, back)
}

/// A slot after the other is lost, and who builds it anew is killed at one step more.
async fn repaired(fair: &mut Fair, deal: DealId) -> Result<()> {
	let mut dead = Vec::new();
	for work in Work::ALL {
		let victim = fair.holders(deal).await?.first().copied();
		let victim = victim.ok_or_else(|| Error::new(format!("nobody holds deal {deal}")))?;
		let seller = &mut fair.sellers[victim];
		seller.agent.kill();
		dead.push(seller.device);
		seller.agent.withdraw_storage().await?;
		killed_at(fair, deal, &dead, work).await?;
		eprintln!("deal {deal} is whole again; who built was killed at {work:?}");
	}
	Ok(())
}

/// A get, a restore and repairs, each killed at all of its steps.
pub(crate) async fn kills_at_each_step(name: &str, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let mut fair = Fair::open(SELLERS, true, &[]).await?;
		let stored = fair.folder("papers", FILES)?;
		let deal = fair.put(&stored).await?;
		let buyer = fair.buyer.elsewhere("second", fair.network.dir());
		buyer.init(SOON).await?;
		all_behave(&fair, Manners::Slow(SLOW))?;
		let (number, back) = (deal.to_string(), fair.at("back"));
		let places = [Path::new(&back), stored.as_path()];
		brought_back(&mut fair, &buyer, &["get", &number, &back], places).await?;
		let other = fair.buyer.elsewhere("third", fair.network.dir());
		other.init(SOON).await?;
		let all = fair.at("all");
		let of_deal = Path::new(&all).join(&number);
		let places = [of_deal.as_path(), stored.as_path()];
		brought_back(&mut fair, &other, &["restore", &all], places).await?;

		all_behave(&fair, Manners::Honest)?;
		repaired(&mut fair, deal).await?;
		fair.buyer.carry_out(&["verify", &number], CARRIED).await?;
		fair.get(deal, "afterwards", &stored).await?;
		fair.close(&[deal]).await
	})
	.await;
}

/// A runtime comes into force while a folder is stored, and while a slot of another one goes to another device.
pub(crate) async fn over_an_upgrade(name: &str, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let fair = Fair::open(10, false, &[]).await?;
		let (papers, letters) = (fair.folder("papers", 18)?, fair.folder("letters", 12)?);
		let deal = fair.put(&papers).await?;
		let holders = fair.holders(deal).await?;
		let leaver = holders.first().copied();
		let leaver = leaver.ok_or_else(|| Error::new(format!("nobody holds deal {deal}")))?;
		let slot = fair.slot_of(deal, leaver).await?;

		let rpc = fair.rpc()?;
		let set = rpc.header(None).await?.number;
		set_next_runtime(rpc).await?;
		wait::until("the next runtime to be near", seconds(120), || async {
			Ok((rpc.header(None).await?.number >= set + UPGRADE_DELAY - BEFORE).then_some(()))
		})
		.await?;
		let began = spec_version(rpc).await?;
		let seller = &fair.sellers[leaver];
		let (other, ()) = try_join(fair.put(&letters), seller.agent.leave_slot(deal, slot)).await?;
		let versions = (began, spec_version(rpc).await?);
		ensure!(
			versions == (VERSION.spec_version, VERSION.spec_version + 1),
			"the next runtime was to come in the midst of a put: {versions:?}"
		);
		let what = format!("another device to have slot {slot} of deal {deal}");
		wait::until(&what, REPLACED, || async {
			let held = storage::held(&fair.deal(deal).await?, &[seller.device]);
			Ok((held.len() == 8).then_some(()))
		})
		.await?;
		all_answered(rpc, set + 1).await?;
		fair.get(deal, "papers-afterwards", &papers).await?;
		fair.get(other, "letters-afterwards", &letters).await?;
		fair.close(&[deal, other]).await
	})
	.await;
}
