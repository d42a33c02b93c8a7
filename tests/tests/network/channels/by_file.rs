//! Alice pays Bob by file: no network, no chain. Later it settles.

use super::{at_rest, books, chain, finish, gone, open, people, SOON};
use crate::seconds;
use futures::future::try_join_all;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{ensure, wait, Network, Payer, Result};

/// What Alice pays, in planck, and as the command has it.
const PAID: u128 = 3 * UNITS / 2;
const PAID_TEXT: &str = "1.5";

/// What one hands over to the other as a file of this name, with what it pays.
async fn export(from: &Payer, channel: &str, pay: &[&str], file: &str) -> Result<()> {
	from.carry_out(&[&["export", channel, "-o", file], pay].concat())
		.await?;
	Ok(())
}

/// What Bob has received.
async fn received(bob: &Payer) -> Result<Vec<u128>> {
	Ok(bob.channels().await?.iter().map(|view| view.received).collect())
}

/// No network and no chain from here on.
async fn cut(network: &mut Network, people: &mut [Payer; 2]) -> Result<()> {
	for person in people.iter_mut() {
		person.stop().await?;
		person.listen(false);
	}
	network.node_mut(0).kill();
	try_join_all(people.iter_mut().map(Payer::run_without_chain)).await?;
	Ok(())
}

/// F3.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_payment_by_file_settles_when_the_chain_is_back() {
	wait::bounded_beside_another(
		"a_payment_by_file_settles_when_the_chain_is_back",
		seconds(180),
		async {
			let mut network = chain().await?;
			let mut people = people(&network, ["alice", "bob"]).await?;
			try_join_all(people.iter_mut().map(Payer::run)).await?;
			let books = books(&network, &[&people[0], &people[1]]).await?;
			let channel = open(&people[0], &people[1], "10", 1_200).await?.to_string();
			cut(&mut network, &mut people).await?;

			let [alice, bob] = &people;
			let folder = tempfile::tempdir()?;
			let files = ["a1", "b1", "a2", "b2"].map(|name| folder.path().join(name).display().to_string());
			let [a1, b1, a2, b2] = files.each_ref().map(String::as_str);
			// Nothing is signed before the two stores were compared.
			let why = alice
				.refused(&["export", &channel, "--pay", PAID_TEXT, "-o", a2])
				.await?;
			ensure!(why.contains("hand over greetings first"), "{why}");
			export(alice, &channel, &[], a1).await?;
			bob.carry_out(&["import", a1, "-o", b1]).await?;
			alice.carry_out(&["import", b1]).await?;
			export(alice, &channel, &["--pay", PAID_TEXT], a2).await?;
			bob.carry_out(&["import", a2, "-o", b2]).await?;
			let came = received(bob).await?;
			ensure!(came == [PAID], "the file pays {came:?}, and not what it says");
			alice.carry_out(&["import", b2]).await?;
			// Handed over again it pays nothing more.
			bob.carry_out(&["import", a2]).await?;
			let came = received(bob).await?;
			ensure!(came == [PAID], "handed over twice the file pays {came:?}");
			let why = alice.refused(&["import", a2]).await?;
			ensure!(why.contains("not sealed for this program"), "{why}");

			network.restart(0).await?;
			for person in &mut people {
				person.stop().await?;
				person.listen(true);
			}
			try_join_all(people.iter_mut().map(Payer::run)).await?;
			let [alice, bob] = &people;
			at_rest(&[alice, bob]).await?;
			bob.carry_out(&["close", &channel]).await?;
			gone(&[alice, bob], SOON).await?;
			let gained: Vec<i128> = books
				.close(network.rpc(0)?)
				.await?
				.iter()
				.map(|of| of.gained())
				.collect();
			let paid = PAID as i128;
			ensure!(
				gained == [-paid, paid],
				"the chain has paid out {gained:?} to Alice and Bob"
			);
			finish(network, people).await
		},
	)
	.await;
}
