//! Alice streams to Bob: either ends it, and she is killed while she pays.

use super::{at_rest, between, books, chain, finish, gone, open, people, AMOUNT, AMOUNT_TEXT, SOON, WINDOW};
use crate::seconds;
use futures::future::try_join_all;
use serde_json::Value;
use smartchain_tests::{
	ensure,
	pay::{planck, Begun},
	wait, Error, Payer, Result,
};

/// Steps that a payer pays at most which it may not have given, after it was killed: those that it has stored ahead,
/// and two that were on their way.
const AFTER_A_KILL: u128 = 66;
/// Steps that have to come before anything happens.
const SOME: u64 = 10;

/// A stream to somebody that would last for minutes.
fn stream(payer: &Payer, payee: &Payer) -> Result<Begun> {
	let reach = payee.reach();
	payer.begin(&[
		"stream",
		&reach,
		"--unit",
		AMOUNT_TEXT,
		"--steps",
		"20000",
		"--every",
		"20ms",
		"--text",
		"light",
	])
}

/// A stream, as `streams` shows it.
async fn one(of: &Payer, holds: impl Fn(&Value) -> bool) -> Result<Option<Value>> {
	let all = of.carry_out(&["streams"]).await?;
	let mut found = all.as_array().into_iter().flatten();
	Ok(found.find(|view| holds(view)).cloned())
}

/// The stream that somebody pays, once its payee has said that some steps have come: its number.
async fn runs(payer: &Payer) -> Result<String> {
	wait::until("the stream to run", SOON, || async {
		let is_running = |view: &Value| view["done"] == false && view["came"].as_u64() >= Some(SOME);
		let found = one(payer, is_running).await?;
		Ok(found.and_then(|view| view["stream"].as_str().map(str::to_string)))
	})
	.await
}

/// What a stream that has ended has paid, which is what was given.
fn paid_by(view: &Value) -> Result<u128> {
	let paid = planck(&view["paid"]).ok_or_else(|| Error::new(format!("no stream is shown by {view}")))?;
	let given = view["given"].as_u64().map(u128::from);
	ensure!(
		given.is_some_and(|given| given >= u128::from(SOME) && given * AMOUNT == paid),
		"what was given is not what was paid: {view}"
	);
	Ok(paid)
}

/// What somebody has received of a partner.
async fn received(payee: &Payer, payer: &Payer) -> Result<u128> {
	let all = payee.channels().await?;
	let view = between(&all, payer);
	view.map(|view| view.received)
		.ok_or_else(|| Error::new("the channel is gone"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_stream_pays_what_was_given_whoever_ends_it() {
	let name = "a_stream_pays_what_was_given_whoever_ends_it";
	wait::bounded_beside_another(name, seconds(180), async {
		let network = chain().await?;
		let [mut alice, mut bob] = people(&network, ["alice", "bob"]).await?;
		try_join_all([&mut alice, &mut bob].map(Payer::run)).await?;
		let books = books(&network, &[&alice, &bob]).await?;
		let channel = open(&alice, &bob, "100", WINDOW).await?.to_string();

		// Its payee ends it.
		let streaming = stream(&alice, &bob)?;
		let first = runs(&alice).await?;
		bob.carry_out(&["streams", "--stop", &first]).await?;
		let (done, view) = streaming.ended(SOON).await?;
		let why = view["why"].as_str().unwrap_or_default();
		ensure!(!done && why.contains("the payee has ended it"), "it ended so: {view}");
		let mut due = paid_by(&view)?;

		// Its payer does, as a person would.
		let streaming = stream(&alice, &bob)?;
		runs(&alice).await?;
		streaming.signal("INT")?;
		let (done, view) = streaming.ended(SOON).await?;
		ensure!(done, "whoever ends it has no trouble: {view}");
		due += paid_by(&view)?;

		// Its payer is killed, and pays what it may have given once it is back.
		let streaming = stream(&alice, &bob)?;
		let third = runs(&alice).await?;
		alice.kill();
		let (done, _) = streaming.ended(SOON).await?;
		ensure!(!done, "the command sees that the daemon is gone");
		let taken = one(&bob, |view| view["stream"] == third.as_str()).await?;
		let came = taken.and_then(|view| view["came"].as_u64());
		let came = u128::from(came.ok_or_else(|| Error::new("the payee knows nothing of the stream"))?);
		alice.run().await?;
		at_rest(&[&alice, &bob]).await?;
		let all = received(&bob, &alice).await?;
		let steps = all.saturating_sub(due) / AMOUNT;
		ensure!(
			all == due + steps * AMOUNT && (came..=came + AFTER_A_KILL).contains(&steps),
			"{steps} steps are paid of the one that was killed, and {came} had come"
		);

		alice.carry_out(&["close", &channel]).await?;
		gone(&[&alice, &bob], SOON).await?;
		let entries = books.close(network.rpc(0)?).await?;
		let gained: Vec<i128> = entries.iter().map(|of| of.gained()).collect();
		ensure!(
			gained == [-(all as i128), all as i128],
			"the chain has paid out {gained:?} to Alice and Bob, and {all} were paid"
		);
		finish(network, [alice, bob]).await
	})
	.await;
}
