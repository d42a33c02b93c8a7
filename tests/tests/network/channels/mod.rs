//! Payment channels between real daemons: the flows of `docs/channels.md`, and what may go wrong besides.
//!
//! # The chain
//! `dev`: one node that makes blocks by itself, with test values, so that windows may be seconds. It keeps all states:
//! at the end of a test its books are closed, and what each account has is what the chain's events say, to the planck
//! ([`Books`]).
//!
//! # What is demanded
//! What is paid is received, and no planck more or less is lost than the docs say, wherever a kill falls. Kills fall
//! when so many payments are paid: where each of the rest is then nobody chooses; or at random moments, by a seed.

mod by_file;
mod calls;
mod changes;
mod commits;
mod kills;
mod orders;
mod relayed;
mod routes;
mod stale;
mod streams;
mod trouble;

pub(crate) use commits::all_outlives_a_kill_at_each_write;
pub(crate) use kills::mixed_work_outlives_kills;
pub(crate) use relayed::payments_outlive_kills;

use crate::seconds;
use futures::future::try_join_all;
use smartchain_runtime::{constants::currency::UNITS, AccountId};
use smartchain_tests::{
	channels::Books,
	ensure,
	network::Wiring,
	pay::View,
	state,
	tx::{self, Account},
	wait, Error, Network, NodeConfig, Payer, Result,
};
use std::time::Duration;

/// What each person has.
const MONEY: u128 = 1_000 * UNITS;
/// What is paid at a time, in planck, and as commands have it.
const AMOUNT: u128 = UNITS / 1_000;
const AMOUNT_TEXT: &str = "0.001";
/// The window of channels here, in ticks: ten seconds.
const WINDOW: u32 = smartchain_tests::pay::LEAST_WINDOW;
/// How long a transaction may take to be final, and two daemons to agree.
const SOON: Duration = seconds(60);

/// A node that makes blocks by itself.
async fn chain() -> Result<Network> {
	let mut network = Network::empty(Wiring::Direct, 0)?;
	let mut config = NodeConfig::new("alone")?
		.validator("alice")
		.with_args(["--state-pruning", "archive"]);
	config.chain = "dev".to_string();
	network.start_node(config)?;
	network.ready().await?;
	Ok(network)
}

/// People with [`MONEY`] each and keys, whose daemons do not run yet.
async fn people<const N: usize>(network: &Network, names: [&str; N]) -> Result<[Payer; N]> {
	let rpc = network.rpc(0)?;
	let genesis = rpc.hash_at(0).await?;
	let genesis = genesis.ok_or_else(|| Error::new("the node has no genesis"))?;
	let node = network.node(0).config().rpc;
	let mut people = Vec::new();
	for name in names {
		people.push(Payer::new(name, node, genesis, network.dir())?);
	}
	let accounts: Vec<Account> = people.iter().map(|person| person.account().clone()).collect();
	let gifts = accounts.iter().map(|account| tx::transfer(account.id(), MONEY));
	tx::carry_out(rpc, &Account::dev("//Bob"), tx::all(gifts.collect()), SOON).await?;
	try_join_all(people.iter_mut().map(Payer::init)).await?;
	wait::until("the gifts to be final", SOON, || async {
		let at = rpc.finalized().await?.hash();
		let states = tx::states(rpc, &accounts, Some(at)).await?;
		Ok(states.iter().all(|state| state.free == MONEY).then_some(()))
	})
	.await?;
	let people: std::result::Result<[Payer; N], Vec<Payer>> = people.try_into();
	people.map_err(|_| Error::new("as many people as names"))
}

/// Books of these people, in their order.
async fn books(network: &Network, people: &[&Payer]) -> Result<Books> {
	let accounts: Vec<AccountId> = people.iter().map(|person| person.account().id().clone()).collect();
	Books::open(network.rpc(0)?, accounts).await
}

/// The channel of one with another, as the first sees it.
fn between<'a>(all: &'a [View], partner: &Payer) -> Option<&'a View> {
	let address = partner.account().id().to_string();
	all.iter().find(|view| view.partner == address)
}

/// A channel that one opens with another, once both can use it: its number.
async fn open(opener: &Payer, partner: &Payer, stci: &str, window: u32) -> Result<u64> {
	let (reach, window) = (partner.reach(), window.to_string());
	opener
		.carry_out(&["open", &reach, "--deposit", stci, "--window", &window])
		.await?;
	for (one, other) in [(opener, partner), (partner, opener)] {
		one.until_channels("the new one to be usable", SOON, |all| {
			between(all, other).is_some_and(View::is_at_rest)
		})
		.await?;
	}
	let all = opener.channels().await?;
	let view = between(&all, partner).ok_or_else(|| Error::new("the new channel is gone"))?;
	Ok(view.channel)
}

/// Waits until nothing is on its way any more in any channel of these people, and all can be used.
async fn at_rest(people: &[&Payer]) -> Result<()> {
	for person in people {
		person
			.until_channels("all to be at rest", SOON, |all| all.iter().all(View::is_at_rest))
			.await?;
	}
	Ok(())
}

/// Waits until none of these people has a channel any more, as far as final blocks say.
async fn gone(people: &[&Payer], limit: Duration) -> Result<()> {
	for person in people {
		person
			.until_channels("all to be gone", limit, <[View]>::is_empty)
			.await?;
	}
	Ok(())
}

/// Pays an invoice so often, and all of it.
async fn pay(payer: &Payer, invoice: &str, times: u32) -> Result<()> {
	let paid = payer
		.carry_out(&["pay", invoice, "--times", &times.to_string()])
		.await?;
	ensure!(paid["paid"] == times && paid["failed"] == 0, "not all is paid: {paid}");
	Ok(())
}

/// Ends all of it: every daemon in order, and the node in a state that is sound.
async fn finish<const N: usize>(network: Network, people: [Payer; N]) -> Result<()> {
	state::assert_invariants(network.rpc(0)?).await?;
	for mut person in people {
		person.finish().await?;
	}
	network.finish().await
}
