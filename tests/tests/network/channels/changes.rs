//! What changes a channel while it is used, and how it ends if its data is lost: taking out, another key, a recovery.

use super::{at_rest, books, chain, finish, gone, open, pay, people, SOON, WINDOW};
use crate::seconds;
use futures::future::{try_join, try_join_all};
use serde_json::Value;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{channels, ensure, wait, Error, Payer, Result, Rpc};

/// What Alice puts into her channels with Bob and Carol, takes out of the first, and pays there, in STCI.
const PUT_IN: [u128; 2] = [10, 5];
const TAKEN_OUT: u128 = 4;
const PAID: u128 = 2;
/// What a recovery costs whose claim was too low: one in so many parts of what is in the channel.
const FINE: u128 = 100;

/// Alice takes out of her channel, and a partner agrees by itself.
async fn take_out(alice: &Payer, bob: &Payer, rpc: &Rpc, id: u64) -> Result<()> {
	let channel = id.to_string();
	let why = alice.refused(&["withdraw", &channel, "100"]).await?;
	ensure!(why.contains("can be taken out of channel"), "{why}");
	alice.carry_out(&["withdraw", &channel, &TAKEN_OUT.to_string()]).await?;
	wait::until("the chain to pay it out", SOON, || async {
		let found = channels::channel(rpc, id).await?;
		let taken = found.map(|of| of.stake.withdrawn.low + of.stake.withdrawn.high);
		Ok((taken == Some(TAKEN_OUT * UNITS)).then_some(()))
	})
	.await?;
	at_rest(&[alice, bob]).await
}

/// Alice takes another key in it.
async fn rekey(alice: &Payer, bob: &Payer, rpc: &Rpc, id: u64) -> Result<()> {
	let keys = || async { Ok::<_, Error>(channels::channel(rpc, id).await?.map(|of| of.keys)) };
	let before = keys().await?;
	alice.carry_out(&["rekey", &id.to_string()]).await?;
	wait::until("another key to be in force", SOON, || async {
		Ok((keys().await? != before).then_some(()))
	})
	.await?;
	at_rest(&[alice, bob]).await
}

/// Alice's data is gone, and nobody is there. She closes by what she has: the chain and her phrase.
async fn recover(alice: &mut Payer, rpc: &Rpc, ids: [u64; 2]) -> Result<()> {
	alice.kill();
	std::fs::remove_dir_all(alice.data().join("channels"))?;
	let found = alice.carry_out(&["recover"]).await?;
	let recovered = found["channels"].as_array().into_iter().flatten();
	let recovered: Vec<u64> = recovered.filter_map(Value::as_u64).collect();
	ensure!(recovered == ids, "these are not all of them: {found}");
	alice.run().await?;
	for id in ids.map(|id| id.to_string()) {
		// Nothing is signed by a store that knows nothing, and nothing is claimed as if it did.
		let why = alice.refused(&["close", &id, "--alone"]).await?;
		ensure!(why.contains("the partner has not said yet what it holds"), "{why}");
		alice.carry_out(&["close", &id, "--recovery"]).await?;
	}
	wait::until("both closes to be on chain", SOON, || async {
		for id in ids {
			if !channels::dispute(rpc, id)
				.await?
				.is_some_and(|dispute| dispute.recovery)
			{
				return Ok(None);
			}
		}
		Ok(Some(()))
	})
	.await
}

/// The last tick at which anybody may answer, beyond the one that Alice has heard of.
async fn ticks_left(alice: &Payer, rpc: &Rpc, ids: [u64; 2]) -> Result<u32> {
	let mut last = 0;
	for id in ids {
		last = last.max(channels::dispute(rpc, id).await?.map_or(0, |dispute| dispute.deadline));
	}
	let now = alice.carry_out(&["status"]).await?["tick"].as_u64().unwrap_or_default();
	Ok(last.saturating_sub(u32::try_from(now)?).saturating_add(1))
}

/// Bob is back within the window, and is paid with a fine on top. Carol is silent for good: nothing was paid to her.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn who_takes_out_and_takes_another_key_and_loses_all_data_has_its_money_back() {
	let name = "who_takes_out_and_takes_another_key_and_loses_all_data_has_its_money_back";
	wait::bounded_beside_another(name, seconds(240), async {
		let network = chain().await?;
		let rpc = network.rpc(0)?;
		let [mut alice, mut bob, mut carol] = people(&network, ["alice", "bob", "carol"]).await?;
		try_join_all([&mut alice, &mut bob, &mut carol].map(Payer::run)).await?;
		let books = books(&network, &[&alice, &bob, &carol]).await?;
		let [with_bob, with_carol] = PUT_IN.map(|stci| stci.to_string());
		let first = open(&alice, &bob, &with_bob, WINDOW).await?;
		let second = open(&alice, &carol, &with_carol, WINDOW).await?;
		let invoice = bob.invoice("1").await?;
		pay(&alice, &invoice, 1).await?;
		take_out(&alice, &bob, rpc, first).await?;
		rekey(&alice, &bob, rpc, first).await?;
		pay(&alice, &invoice, 1).await?;
		bob.until_channels("all to have come", SOON, |all| {
			all.iter().all(|view| view.received == PAID * UNITS)
		})
		.await?;

		bob.kill();
		carol.kill();
		recover(&mut alice, rpc, [first, second]).await?;
		bob.run().await?;
		wait::until("Bob to show what he was paid", SOON, || async {
			let found = channels::dispute(rpc, first).await?;
			Ok(found.is_some_and(|dispute| dispute.corrected).then_some(()))
		})
		.await?;
		// How long answers count to a recovery takes no longer than a block here.
		channels::put_clock_on(rpc, ticks_left(&alice, rpc, [first, second]).await?).await?;
		try_join(gone(&[&alice], SOON), gone(&[&bob], SOON)).await?;
		carol.run().await?;
		gone(&[&carol], SOON).await?;
		let entries = books.close(rpc).await?;
		let gained: Vec<i128> = entries.iter().map(|of| of.gained()).collect();
		let left = (PUT_IN[0] - TAKEN_OUT) * UNITS;
		let due = (PAID * UNITS + left / FINE) as i128;
		ensure!(
			gained == [-due, due, 0],
			"the chain has paid out {gained:?} to Alice, Bob and Carol, and {due} are Bob's"
		);
		finish(network, [alice, bob, carol]).await
	})
	.await;
}
