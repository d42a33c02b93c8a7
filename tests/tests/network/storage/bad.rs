//! Bad neighbours beside honest ones: lines that break, devices that never serve, serve slowly or lie to readers while
//! they answer the chain, a disk that rots, and somebody who sells a device away from what it holds.
//!
//! A never-server and a liar keep their slots and their pay: the chain asks for proofs, and these are true. They cost
//! readers time, and no byte.

use super::{full, repair, Fair, Seller, CARRIED, SOON};
use crate::seconds;
use device_primitives::{DeviceId, DeviceSignature};
use pallet_device_registry::{Call, Error as Refused};
use smartchain_runtime::{Runtime, RuntimeCall};
use smartchain_tests::{
	channels::put_clock_on,
	ensure,
	front::Manners,
	storage,
	tx::{self, Account},
	wait, Error, Result,
};
use sp_core::sr25519;
use sp_runtime::DispatchError;
use std::{
	fs,
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};
use storage_market_primitives::{DealId, Stage};

/// Agents that sell storage.
const SELLERS: usize = 10;
/// Files of the folder: 2 MB.
const FILES: u64 = 18;
/// How long a get may take beside bad neighbours: those who are late are not waited for.
const BESIDE: Duration = seconds(60);
/// Bytes a second of the slow one.
const SLOW: u32 = 128 << 10;
/// Bytes of a group: what is found rotten and mended at a time.
const GROUP: u64 = 16 << 10;
/// Groups that rot.
const ROTTEN: u64 = 3;

fn behave(seller: &Seller, manners: Manners) -> Result<()> {
	let front = seller.front.as_ref();
	front
		.ok_or_else(|| Error::new(format!("nothing stands before {}", seller.agent.name())))?
		.behave(manners);
	Ok(())
}

/// All sellers behave so.
pub(super) fn all_behave(fair: &Fair, manners: Manners) -> Result<()> {
	fair.sellers.iter().try_for_each(|seller| behave(seller, manners))
}

/// A folder is stored and comes back over lines that break, to every byte.
async fn torn_lines(fair: &Fair, stored: &Path) -> Result<DealId> {
	all_behave(fair, Manners::Torn)?;
	let deal = fair.put(stored).await?;
	fair.get(deal, "over-torn-lines", stored).await?;
	all_behave(fair, Manners::Honest)?;
	let spoilt: u64 = fair
		.sellers
		.iter()
		.filter_map(|seller| Some(seller.front.as_ref()?.spoilt()))
		.sum();
	ensure!(spoilt > 0, "no line broke");
	eprintln!("stored and fetched though {spoilt} pieces were late or lost with their connections");
	Ok(deal)
}

/// A buyer accepts a device that is offered: why that fails, if it does.
async fn accept(fair: &Fair, seller: &Account, device: DeviceId) -> Result<Option<DispatchError>> {
	let (rpc, buyer) = (fair.rpc()?, fair.buyer.account());
	let to = buyer.id().clone();
	let offer = RuntimeCall::DeviceRegistry(Call::<Runtime>::offer_transfer { device, to });
	tx::carry_out(rpc, seller, offer, SOON).await?;
	let before = rpc.header(None).await?.number;
	// No signature of the device: where its slots do not hinder it, this does.
	let consent = DeviceSignature::Sr25519(sr25519::Signature::from_raw([0; 64]));
	let enrolment = None;
	let accept = Call::<Runtime>::accept_transfer {
		device,
		consent,
		enrolment,
	};
	tx::carry_out(rpc, buyer, RuntimeCall::DeviceRegistry(accept), SOON).await?;
	ensure!(
		storage::owner_of(rpc, device).await? == *seller.id(),
		"the device is another's now"
	);
	Ok(storage::failures(rpc, before + 1).await?.pop())
}

/// A device that holds slots does not change hands; one that holds none fails at the signature alone.
async fn no_transfer(fair: &Fair, deal: DealId) -> Result<()> {
	let holders = fair.holders(deal).await?;
	let idle = (0..fair.sellers.len()).find(|seller| !holders.contains(seller));
	let refused: DispatchError = Refused::<Runtime>::JudgementWaits.into();
	for (seller, holds) in [(holders.first().copied(), true), (idle, false)] {
		let seller = seller.ok_or_else(|| Error::new(format!("nobody holds, or all do: {holders:?}")))?;
		let Seller { agent, device, .. } = &fair.sellers[seller];
		let why = accept(fair, agent.owner(), *device).await?;
		ensure!(why.is_some(), "a device was taken over without its signature");
		ensure!(
			(why == Some(refused)) == holds,
			"a device that holds slots ({holds}) is refused with {why:?}"
		);
	}
	Ok(())
}

/// One never serves, one serves slowly, one lies; the chain sees honest devices. Readers get every byte in time, and
/// `smart verify` names those two that give nothing right. Which sellers they are: the never-server and the liar.
async fn manners(fair: &Fair, deal: DealId, stored: &Path) -> Result<[usize; 2]> {
	let holders = fair.holders(deal).await?;
	let [silent, slow, liar, ..] = holders[..] else {
		return Err(Error::new(format!("too few hold deal {deal}: {holders:?}")));
	};
	behave(&fair.sellers[silent], Manners::Silent)?;
	behave(&fair.sellers[slow], Manners::Slow(SLOW))?;
	behave(&fair.sellers[liar], Manners::Lies)?;
	let began = Instant::now();
	fair.get(deal, "beside-liars", stored).await?;
	let took = began.elapsed();
	ensure!(took < BESIDE, "a get took {took:.1?} beside a never-server");
	let (code, said) = fair.buyer.said(&["verify", &deal.to_string()], CARRIED).await?;
	let unsound = |place: usize| {
		let device = sp_core::bytes::to_hex(&fair.sellers[place].device.0, false);
		let slots = said.as_array().into_iter().flatten();
		let mut own = slots.filter(|slot| slot["device"] == device.as_str());
		own.any(|slot| slot["sound"] == false)
	};
	let bad = |place: usize| place == silent || place == liar;
	ensure!(code == 5, "verify ends with {code}: {said}");
	for place in holders {
		// The slow one may be too slow, or not.
		ensure!(
			place == slow || unsound(place) == bad(place),
			"verify says of seller {place}, where {silent} is silent and {liar} lies: {said}"
		);
	}
	eprintln!("a get took {took:.1?} beside a never-server, a slow one and a liar");
	Ok([silent, liar])
}

/// A file, and the hash of what is in it.
fn hash_of(file: &Path) -> Result<[u8; 32]> {
	Ok(sp_crypto_hashing::blake2_256(&fs::read(file)?))
}

/// Flips bytes of some groups, as a disk does that rots.
fn rot(file: &Path) -> Result<()> {
	let length = fs::metadata(file)?.len();
	ensure!(length > ROTTEN * 2 * GROUP, "{} has {length} bytes", file.display());
	let open = fs::OpenOptions::new().read(true).write(true).open(file)?;
	for group in 0..ROTTEN {
		let (at, mut byte) = (2 * group * GROUP + 77, [0]);
		open.read_exact_at(&mut byte, at)?;
		open.write_all_at(&[byte[0] ^ 0x10], at)?;
	}
	Ok(open.sync_all()?)
}

/// A disk rots: a scrub finds each group, and others mend it, though some of them are silent or lie.
async fn rotten(fair: &Fair, deal: DealId, bad: [usize; 2]) -> Result<()> {
	let holders = fair.holders(deal).await?;
	let place = holders.into_iter().rev().find(|place| !bad.contains(place));
	let place = place.ok_or_else(|| Error::new("nobody is honest"))?;
	let (agent, slot) = (&fair.sellers[place].agent, fair.slot_of(deal, place).await?);
	let file: PathBuf = agent.slot_file(deal, slot);
	let before = hash_of(&file)?;
	rot(&file)?;
	ensure!(hash_of(&file)? != before, "nothing has rotten");
	agent.carry_out(&["scrub", &format!("{deal}/{slot}")]).await?;
	wait::until("what has rotten to be found and mended", CARRIED, || async {
		let storage = agent.status().await?["storage"].clone();
		let counted = |name: &str| storage[name].as_u64().unwrap_or(0);
		Ok((counted("rotten") >= ROTTEN && counted("mended") >= ROTTEN).then_some(()))
	})
	.await?;
	ensure!(hash_of(&file)? == before, "what was mended is not what was there");
	Ok(())
}

/// One dies whose slot the others build anew, beside a never-server and a liar.
async fn repaired(fair: &mut Fair, deal: DealId, bad: [usize; 2]) -> Result<()> {
	let holders = fair.holders(deal).await?;
	let victim = holders.into_iter().find(|place| !bad.contains(place));
	let victim = victim.ok_or_else(|| Error::new("nobody is honest"))?;
	let seller = &mut fair.sellers[victim];
	seller.agent.kill();
	let dead = [seller.device];
	seller.agent.withdraw_storage().await?;
	repair::hurried(fair, deal, &dead).await
}

/// The deal's time is over: the last stretch is proven, once, and what was stored can be fetched for a while yet.
async fn expired(fair: &Fair, deal: DealId, stored: &Path) -> Result<()> {
	let rpc = fair.rpc()?;
	let (known, now) = (fair.deal(deal).await?, storage::tick(rpc).await?);
	put_clock_on(rpc, known.ends.saturating_sub(now)).await?;
	let proven = wait::until("the last stretch to be proven", CARRIED, || async {
		let known = fair.deal(deal).await?;
		let over = matches!(known.stage, Stage::Ended { .. });
		let all = known.slots.iter().filter_map(|slot| slot.holding.as_ref());
		let all = all.filter(|holding| holding.proven_to == known.ends).count();
		Ok((over && all == known.slots.len()).then_some(known))
	});
	let Stage::Ended { until, .. } = proven.await?.stage else {
		return Err(Error::new("it has ended"));
	};
	fair.get(deal, "in-time-of-grace", stored).await?;
	let now = storage::tick(rpc).await?;
	put_clock_on(rpc, until.saturating_sub(now)).await
}

/// All of it, of one deal. At length, a slot is built anew beside those who are bad.
pub(crate) async fn bad_neighbours(name: &str, at_length: bool, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let mut fair = Fair::open(SELLERS, true, &[]).await?;
		let stored = fair.folder("papers", FILES)?;
		let deal = torn_lines(&fair, &stored).await?;
		no_transfer(&fair, deal).await?;
		let bad = manners(&fair, deal, &stored).await?;
		rotten(&fair, deal, bad).await?;
		if at_length {
			repaired(&mut fair, deal, bad).await?;
		}
		full::with_an_upgrade(&fair).await?;
		all_behave(&fair, Manners::Honest)?;
		expired(&fair, deal, &stored).await?;
		fair.close(&[deal]).await
	})
	.await;
}
