//! Somebody is killed at random moments, while payments go through a relay, a stream runs and money is taken out.
//!
//! Where a process dies nobody chooses: before a commit, within one, after it, or before all is done that came of it.
//! That nothing is lost at any one of those moments is looked at within a process, one moment after the other, for
//! payments over a relay and closings (`core/channel`, `rules.rs`), for withdrawals and keys (there `keys.rs`; in
//! `pay/daemon` `changes.rs`), and for what a disk has of a commit (`pay/store`, `crash.rs`).

use super::{at_rest, books, chain, finish, gone, open, people, AMOUNT, AMOUNT_TEXT, SOON, WINDOW};
use crate::seconds;
use futures::future::{try_join, try_join_all};
use smartchain_tests::{ensure, pay::Begun, rng::Rng, wait, Payer, Result};
use std::time::Duration;

/// What Carol takes for each payment, in planck.
const FEE: u128 = 1_000;
/// What a step of a stream to her is worth, in planck, and as the command has it: so much that no number of fees here
/// comes to one.
const STEP: u128 = AMOUNT;
/// Payments and steps of a round.
const PAYMENTS: &str = "200";
const STEPS: &str = "50";
/// A kill falls within so many milliseconds after a round began.
const WITHIN: u64 = 600;
/// One round in so many Alice takes some money out as well.
const TAKES_OUT: usize = 5;

/// What Alice begins in a round. Commands that end with it end alone: the daemon goes on with what it was told.
async fn round(alice: &Payer, bob: &Payer, carol: &Payer, number: usize, channel: &str) -> Result<[Begun; 2]> {
	for person in [alice, carol] {
		person
			.until_channels("its partners to be there", SOON, |all| {
				all.iter().all(|view| view.connected && view.state.starts_with("open"))
			})
			.await?;
	}
	let (invoice, reach) = (bob.invoice(AMOUNT_TEXT).await?, carol.reach());
	let paying = alice.begin(&["pay", &invoice, "--times", PAYMENTS])?;
	let streaming = alice.begin(&[
		"stream",
		&reach,
		"--unit",
		AMOUNT_TEXT,
		"--steps",
		STEPS,
		"--every",
		"10ms",
	])?;
	if number % TAKES_OUT == 0 {
		// It is refused while one before it is under way.
		let _ = alice.carry_out(&["withdraw", channel, "1"]).await;
	}
	Ok([paying, streaming])
}

/// Each round somebody dies, and is back at once.
async fn rounds(people: &mut [Payer; 3], channel: &str, kills: usize, random: &mut Rng) -> Result<()> {
	for number in 1..=kills {
		let [alice, bob, carol] = &*people;
		let begun = round(alice, bob, carol, number, channel).await?;
		// Random moments are the point here: this is no waiting for anything.
		tokio::time::sleep(Duration::from_millis(random.below(WITHIN))).await;
		let victim = random.below(3) as usize;
		people[victim].kill();
		// One in four dies again while it starts.
		if random.below(4) == 0 {
			people[victim].run().await?;
			people[victim].kill();
		}
		people[victim].run().await?;
		drop(begun);
	}
	Ok(())
}

/// How many payments Bob has received and steps Carol has, if all that was paid out is made of these.
pub(super) fn made_of(gained: &[i128]) -> Option<(u128, u128)> {
	let [alice, bob, carol] = gained else {
		return None;
	};
	let (bob, carol) = (u128::try_from(*bob).ok()?, u128::try_from(*carol).ok()?);
	let (payments, rest) = (bob / AMOUNT, bob % AMOUNT);
	let streamed = carol.checked_sub(payments * FEE)?;
	let (steps, more) = (streamed / STEP, streamed % STEP);
	let paid = payments * (AMOUNT + FEE) + steps * STEP;
	(rest == 0 && more == 0 && *alice == -(paid as i128)).then_some((payments, steps))
}

/// Kills so many times, by a seed that is printed. Nobody loses a planck: what left Alice is what came to Bob, what
/// Carol takes for it, and whole steps of streams.
pub(crate) async fn mixed_work_outlives_kills(name: &str, kills: usize, limit: Duration) {
	wait::bounded_beside_another(name, limit, async {
		let seed = Rng::seed_from_env();
		eprintln!("replay this run's choices with SMARTCHAIN_TEST_SEED={seed}");
		let network = chain().await?;
		let mut people = people(&network, ["alice", "bob", "carol"]).await?;
		people[2].choose("[relay]\nenabled = true");
		try_join_all(people.iter_mut().map(Payer::run)).await?;
		let [alice, bob, carol] = &people;
		let books = books(&network, &[alice, bob, carol]).await?;
		let opened = try_join(open(alice, carol, "200", WINDOW), open(carol, bob, "200", WINDOW));
		let (first, second) = opened.await?;
		rounds(&mut people, &first.to_string(), kills, &mut Rng::new(seed)).await?;

		let [alice, bob, carol] = &people;
		at_rest(&[alice, bob, carol]).await?;
		alice.carry_out(&["close", &first.to_string()]).await?;
		bob.carry_out(&["close", &second.to_string()]).await?;
		gone(&[alice, bob, carol], SOON).await?;
		let entries = books.close(network.rpc(0)?).await?;
		let gained: Vec<i128> = entries.iter().map(|of| of.gained()).collect();
		let made = made_of(&gained);
		ensure!(
			made.is_some_and(|(payments, steps)| payments > 0 && steps > 0),
			"the chain has paid out {gained:?} to Alice, Bob and Carol, which payments and steps do not come to (seed \
			 {seed})"
		);
		eprintln!("{kills} kills: {made:?} payments and steps came, and nobody lost a planck");
		finish(network, people).await
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn mixed_work_outlives_kills_at_random_moments() {
	let name = "mixed_work_outlives_kills_at_random_moments";
	mixed_work_outlives_kills(name, 20, seconds(300)).await;
}
