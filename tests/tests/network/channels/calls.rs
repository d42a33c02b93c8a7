//! Calls that a relayer sends for an account that has never sent one.

use super::{chain, people, MONEY, SOON};
use crate::seconds;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{
	ensure,
	metrics::Metrics,
	pay::Begun,
	ports, state,
	tx::{self, Account},
	wait, Error, Payer, Result,
};
use std::net::{Ipv4Addr, SocketAddr};

/// What the signer is given, and what it sends, in planck and as the command has it.
const GIFT: u128 = 3 * UNITS;
const SENT: u128 = UNITS;
const SENT_TEXT: &str = "1";
/// What a relayer may take at most.
const MOST_FEE: &str = "1";

/// The relayer begins to answer: what runs, and where.
async fn serve(relayer: &mut Payer) -> Result<(Begun, SocketAddr)> {
	let place = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
	relayer.choose(&format!("[relayer]\nlisten = \"{place}\""));
	relayer.configure()?;
	let serving = relayer.begin(&["relayer", "serve"])?;
	wait::until("the relayer to answer", SOON, || async {
		Ok(Metrics::read(place).await.is_ok().then_some(()))
	})
	.await?;
	Ok((serving, place))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_relayer_sends_what_an_account_signs_that_never_sent_anything() {
	let name = "a_relayer_sends_what_an_account_signs_that_never_sent_anything";
	wait::bounded_beside_another(name, seconds(120), async {
		let network = chain().await?;
		let rpc = network.rpc(0)?;
		let [mut relayer, mut bob] = people(&network, ["relayer", "bob"]).await?;
		let genesis = rpc.hash_at(0).await?.ok_or_else(|| Error::new("no genesis"))?;
		let mut signer = Payer::new("signer", network.node(0).config().rpc, genesis, network.dir())?;
		signer.init().await?;
		let (serving, place) = serve(&mut relayer).await?;
		let (at, to) = (format!("http://{place}"), bob.account().id().to_string());
		let call: [&str; 9] = [
			"relayer",
			"call",
			"--at",
			&at,
			"--most-fee",
			MOST_FEE,
			"transfer",
			&to,
			SENT_TEXT,
		];
		// The fee is paid in STCI: who has none is told so, and nothing is signed.
		let why = signer.refused(&call).await?;
		ensure!(why.contains("the account lacks"), "{why}");
		let gift = tx::transfer(signer.account().id(), GIFT);
		tx::carry_out(rpc, &Account::dev("//Bob"), gift, SOON).await?;
		let outcome = signer.carry_out(&call).await?;
		ensure!(
			outcome["block"].is_u64() && outcome["failed"].is_null(),
			"it was to be carried out: {outcome}"
		);
		let tried = outcome["tried"].as_str().unwrap_or_default();
		ensure!(tried.starts_with("tried out"), "it was to be tried out: {outcome}");

		let accounts = [&signer, &bob, &relayer].map(|of| of.account().clone());
		let states = tx::states(rpc, &accounts, None).await?;
		let [of_signer, of_bob, of_relayer] = [0, 1, 2].map(|place: usize| &states[place]);
		ensure!(of_bob.free == MONEY + SENT, "Bob has {}", of_bob.free);
		ensure!(
			of_relayer.free > MONEY,
			"the relayer has lost by it: {}",
			of_relayer.free
		);
		// It pays the relayer alone: the transaction was another account's, and so was its nonce.
		ensure!(
			of_signer.nonce == 0 && (1..UNITS).contains(&(GIFT - SENT - of_signer.free)),
			"the signer has {} left, with nonce {}",
			of_signer.free,
			of_signer.nonce
		);
		// What was signed counts once: another call is signed with the next nonce.
		let again = signer.carry_out(&call).await?;
		ensure!(again["block"].is_u64() && again["failed"].is_null(), "{again}");

		serving.signal("TERM")?;
		let (done, _) = serving.ended(SOON).await?;
		ensure!(done, "the relayer ends in order");
		state::assert_invariants(rpc).await?;
		for person in [&mut relayer, &mut bob, &mut signer] {
			person.finish().await?;
		}
		network.finish().await
	})
	.await;
}
