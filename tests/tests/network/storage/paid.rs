//! Devices are paid for what they give out: to the planck by what was read, no more than was put in, and no more than
//! was agreed to, whatever one of them asks.
//!
//! # What is known of a bill
//! An agent's page counts the bytes that it has sent, and `smart status` what this machine has promised for them: two
//! programs that do not trust each other. A range is promised when the next one is asked for, so that of each device
//! the last one is not. All ranges are whole groups, and all prices are so that a group costs whole planck: nothing is
//! rounded.
//!
//! Slots are read one by one, by `smart verify`: how much that is depends on no device's pace. Where `smart get`
//! chooses devices, nothing is demanded that they could change by being late.

use super::{same, Fair, ASK, CARRIED, SOON, SPACE};
use crate::seconds;
use futures::future::try_join_all;
use serde_json::Value;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{ensure, rng::Rng, storage, wait, Error, Result};
use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
};
use storage_market_primitives::{DealId, SlotAt, MIB};

/// Agents that sell storage.
const SELLERS: usize = 9;
/// Slots of a deal,
const SLOTS: usize = 8;
/// any so many of which bring all back.
const ENOUGH: u64 = 4;
/// Bytes of the folder, of which each slot has a quarter.
const STORED: u64 = 14 * MIB;
/// What devices ask for a GiB that is read,
const EGRESS: &str = "2.048/GiB";
/// and what that is for a MiB, in planck.
const OF_MIB: u128 = UNITS / 500;
/// The same of the dear one.
const DEAR: &str = "1024/GiB";
const DEAR_OF_MIB: u128 = UNITS;
/// What is put in when the folder is stored,
const PUT_IN: &str = "0.256";
/// and what that is for each slot, in planck: 16 MiB of it.
const SHARE: u128 = UNITS * 256 / 1_000 / SLOTS as u128;
/// What is put in later,
const MORE: &str = "16";
/// and what that is for each slot: some of what the dear one asks, too, or that would not be what hinders it.
const MORE_EACH: u128 = 16 * UNITS / SLOTS as u128;
/// What a command may promise in all where one device is dear,
const MOST: &str = "0.2";
/// and in planck: more than all others could ask for, and less than a range of the dear one.
const MOST_PROMISED: u128 = UNITS / 5;
/// How often all slots are read for what was put in at first.
const READS: u64 = 4;
/// Bytes of a slot that a reader has for nothing beyond it twice, where nobody pays.
const BESIDE: u64 = 4 * MIB;

/// How it stands with a slot's device, by what `smart status` says, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bill {
	/// By the chain.
	paid: u128,
	left: u128,
	/// By this machine, what was paid of it included.
	promised: u128,
}

/// A planck amount of `--json`.
fn planck(value: &Value) -> Result<u128> {
	let amount = value.as_str().and_then(|text| text.parse().ok());
	amount.ok_or_else(|| Error::new(format!("{value} is no amount")))
}

/// How it stands with all slots, in their order.
async fn bills(fair: &Fair, deal: DealId) -> Result<Vec<Bill>> {
	let said = fair.buyer.carry_out(&["status", &deal.to_string()], SOON).await?;
	let slots = said["slotsOf"].as_array().into_iter().flatten();
	let bills = slots.map(|slot| {
		let egress = &slot["egress"];
		Ok::<_, Error>(Bill {
			paid: planck(&egress["paid"])?,
			left: planck(&egress["left"])?,
			promised: planck(&egress["promised"])?,
		})
	});
	let bills: Vec<Bill> = bills.collect::<Result<_>>()?;
	ensure!(bills.len() == SLOTS, "status tells of {} slots: {said}", bills.len());
	Ok(bills)
}

/// Reads all slots, each from its own device: what was wrong with which.
async fn read_all(fair: &Fair, deal: DealId, more: &[&str]) -> Result<BTreeMap<usize, String>> {
	let number = deal.to_string();
	let arguments = [&["verify", &number], more].concat();
	let (code, said) = fair.buyer.said(&arguments, CARRIED).await?;
	let slots: Vec<&Value> = said.as_array().into_iter().flatten().collect();
	ensure!(slots.len() == SLOTS, "{} slots were read: {said}", slots.len());
	let wrong = (0..).zip(slots).filter(|(_, slot)| slot["sound"] != true);
	let wrong: BTreeMap<usize, String> = wrong.map(|(at, slot)| (at, slot["fault"].to_string())).collect();
	let expected = if wrong.is_empty() { 0 } else { 5 };
	ensure!(code == expected, "verify ends with {code}: {said}");
	Ok(wrong)
}

/// The same, where nothing may be wrong.
async fn read_well(fair: &Fair, deal: DealId) -> Result<()> {
	let wrong = read_all(fair, deal, &[]).await?;
	ensure!(wrong.is_empty(), "not all slots of deal {deal} are read: {wrong:?}");
	Ok(())
}

/// Waits until these agents, by their sellers' places, have their slot and know what they ask for it: they look at
/// their offers once in 60 blocks, and when they begin.
async fn until_they_serve(fair: &Fair, deal: DealId, places: &[usize]) -> Result<()> {
	let all = places.iter().map(|place| async move {
		let agent = &fair.sellers[*place].agent;
		let what = format!("{} to have its slot of deal {deal} and to know its price", agent.name());
		wait::until(&what, SOON, || async {
			let storage = agent.status().await?["storage"].clone();
			let offers = storage["offeredBytes"].as_u64().is_some_and(|bytes| bytes > 0);
			let mut slots = storage["slots"].as_array().into_iter().flatten();
			let holds = slots.any(|slot| slot["deal"] == deal && slot["durable"] == slot["bytes"]);
			Ok((offers && holds).then_some(()))
		})
		.await
	});
	try_join_all(all).await.map(|_| ())
}

/// How many bytes of slots each of these agents has sent since it began, and all that was read by now is among them.
async fn sent(fair: &Fair, places: &[usize]) -> Result<Vec<u64>> {
	// The page tells the clock and the count at the same time.
	let now = storage::tick(fair.rpc()?).await?;
	let all = places.iter().map(|place| async move {
		let agent = &fair.sellers[*place].agent;
		wait::until(&format!("{} to tell what it has sent", agent.name()), SOON, || async {
			let storage = agent.status().await?["storage"].clone();
			let later = storage["tick"].as_u64().filter(|tick| *tick > u64::from(now));
			Ok(later.and(storage["sentBytes"].as_u64()))
		})
		.await
	});
	try_join_all(all).await
}

/// A folder with one file.
fn stored(fair: &Fair) -> Result<PathBuf> {
	let folder = fair.place.path().join("film");
	fs::create_dir_all(&folder)?;
	let length = usize::try_from(STORED)?;
	fs::write(folder.join("film.mkv"), Rng::new(STORED).bytes(length))?;
	Ok(folder)
}

/// Slots are read until nothing is left of what was put in: more often than they are given out for nothing. Then more
/// is put in, and reading goes on where it was.
async fn used_up_and_topped_up(fair: &Fair, deal: DealId) -> Result<()> {
	for _ in 0..READS {
		read_well(fair, deal).await?;
	}
	let wrong = read_all(fair, deal, &[]).await?;
	let used_up = |fault: &String| fault.contains("all that was put in for the slot is promised");
	ensure!(
		wrong.len() == SLOTS && wrong.values().all(used_up),
		"all that was put in is promised, and reading says: {wrong:?}"
	);
	let before = bills(fair, deal).await?;
	let covered = |bill: &Bill| bill.promised <= SHARE && bill.left == SHARE && bill.paid == 0;
	ensure!(
		before.iter().all(covered),
		"{SHARE} were put in for each slot: {before:?}"
	);
	let number = deal.to_string();
	let done = fair.buyer.carry_out(&["top-up", &number, MORE], CARRIED).await?;
	let left = SLOTS as u128 * (SHARE + MORE_EACH);
	ensure!(planck(&done["left"])? == left, "{left} are left then, and not {done}");
	read_well(fair, deal).await
}

/// What each device was promised is what it has sent, to the planck, but for the last range of a slot that has so many
/// bytes. What was sent, in the order of slots.
async fn promised_for_what_was_sent(fair: &Fair, deal: DealId, holders: &[usize], tail: u64) -> Result<Vec<u64>> {
	let (sent, bills) = (sent(fair, holders).await?, bills(fair, deal).await?);
	for (bytes, bill) in sent.iter().zip(&bills) {
		let paid_for = bytes.saturating_sub(tail);
		ensure!(
			paid_for > 0 && bill.promised == cost(paid_for),
			"{bytes} bytes were sent, the last {tail} of them unpaid, which is {}: {sent:?}, {bills:?}",
			cost(paid_for)
		);
	}
	eprintln!("{sent:?} bytes were sent, and all but {tail} of each are promised");
	Ok(sent)
}

/// What so many bytes cost, in planck.
const fn cost(bytes: u64) -> u128 {
	OF_MIB * bytes as u128 / MIB as u128
}

/// The device of the first slot asks five hundred times what the others do from now on. A folder comes back without it,
/// and where its slot is wanted, that alone is not read: it is promised what it gave before, and nothing at its new
/// price.
async fn dear_one(fair: &mut Fair, deal: DealId, dear: usize, stored: &Path) -> Result<()> {
	let seller = &mut fair.sellers[dear];
	seller.agent.offer_storage(SPACE, ASK, DEAR).await?;
	seller.agent.stop().await?;
	seller.agent.run().await?;
	until_they_serve(fair, deal, &[dear]).await?;
	// Readers believe what is final.
	let best = fair.rpc()?.header(None).await?.number;
	fair.network.until_all_final(best, SOON).await?;

	all_but_the_first_are_read(fair, deal).await?;
	let (number, back) = (deal.to_string(), fair.at("beside-a-dear-one"));
	let arguments = ["get", &number, &back, "--egress-most", MOST];
	let done = fair.buyer.carry_out(&arguments, CARRIED).await?;
	same(stored, Path::new(&back))?;
	let promised = planck(&done["promised"])?;
	ensure!(
		promised > 0 && promised <= MOST_PROMISED,
		"{MOST_PROMISED} at most may be promised: {done}"
	);
	// What a device was to send when the folder was whole, and was not waited for, is settled by the next read.
	all_but_the_first_are_read(fair, deal).await
}

/// That of all slots only the first one is too dear for what may be promised.
async fn all_but_the_first_are_read(fair: &Fair, deal: DealId) -> Result<()> {
	let wrong = read_all(fair, deal, &["--egress-most", MOST]).await?;
	let too_dear = |fault: &String| fault.contains("all that may be promised is promised");
	ensure!(
		wrong.len() == 1 && wrong.get(&0).is_some_and(too_dear),
		"slot 0 alone is too dear: {wrong:?}"
	);
	Ok(())
}

/// Devices redeem what they were promised: the chain pays that, and says so. By slot.
async fn redeemed(fair: &Fair, deal: DealId, holders: &[usize]) -> Result<Vec<u128>> {
	let from = fair.rpc()?.header(None).await?.number;
	let redeeming = holders.iter().map(|place| fair.sellers[*place].agent.redeem_vouchers());
	let sent = try_join_all(redeeming).await?;
	ensure!(
		sent.iter().all(|count| *count == 1),
		"each has a voucher to redeem: {sent:?}"
	);
	let paid = storage::redeemed(fair.rpc()?, deal, from).await?;
	let best = fair.rpc()?.header(None).await?.number;
	fair.network.until_all_final(best, SOON).await?;
	let bills = bills(fair, deal).await?;
	for (slot, bill) in (0 as SlotAt..).zip(&bills) {
		let paid = paid.get(&slot).copied().unwrap_or(0);
		let all = SHARE + MORE_EACH;
		ensure!(
			paid == bill.promised && bill.paid == paid && bill.paid + bill.left == all,
			"slot {slot} was paid {paid} of {all}: {bill:?}"
		);
	}
	Ok(bills.iter().map(|bill| bill.paid).collect())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn devices_are_paid_to_the_planck_for_what_is_read() {
	let name = "devices_are_paid_to_the_planck_for_what_is_read";
	wait::bounded_beside_another(name, seconds(400), async {
		let mut fair = Fair::open_for_pay(SELLERS, false, &[], EGRESS).await?;
		let stored = stored(&fair)?;
		let deal = fair.put_with(&stored, &["--egress", PUT_IN]).await?;
		let holders = fair.all_hold(deal).await?;
		let length = fair.deal(deal).await?.geometry().slot_len();
		// What the numbers above are chosen for.
		let tail = length % MIB;
		ensure!(
			length >= STORED / ENOUGH && READS * length > 2 * length + BESIDE,
			"slots of {length} bytes are read {READS} times for nothing"
		);
		ensure!(
			DEAR_OF_MIB * u128::from(tail) / u128::from(MIB) > MOST_PROMISED,
			"the last {tail} bytes of a slot are not dear"
		);
		until_they_serve(&fair, deal, &holders).await?;

		used_up_and_topped_up(&fair, deal).await?;
		let sent = promised_for_what_was_sent(&fair, deal, &holders, tail).await?;
		let dear = holders[0];
		dear_one(&mut fair, deal, dear, &stored).await?;
		let paid = redeemed(&fair, deal, &holders).await?;
		ensure!(
			paid[0] == cost(sent[0]),
			"the dear one has sent {} bytes before it was dear, which is {}: {paid:?}",
			sent[0],
			cost(sent[0])
		);
		for (paid, sent) in paid.iter().zip(&sent).skip(1) {
			ensure!(*paid > cost(*sent), "{sent} bytes were sent, and more later: {paid}");
		}
		fair.close(&[deal]).await
	})
	.await;
}
