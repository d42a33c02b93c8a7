//! Real `smart-pay` processes on a chain of one node, which makes blocks by itself and has test values.

use super::stored;
use crate::{
	progress::Progress,
	report::{Row, FAILED},
};
use codec::Decode;
use pallet_payment_channels::{Channel, Channels, Phase};
use smart_pay_api::{ask, Answer, Ask, PayView, Planck};
use smart_pay_store::{ChannelStore, Options, STORE_FILE};
use smartchain_runtime::{constants::currency::UNITS, AccountId, Runtime};
use smartchain_tests::{
	ensure,
	network::Wiring,
	pay::LEAST_WINDOW,
	tx::{self, Account},
	wait, Error, Network, NodeConfig, Payer, Result, Rpc,
};
use sp_core::H256;
use std::{
	fs,
	path::Path,
	time::{Duration, Instant},
};

/// What each person has, and what is put into each channel, in planck.
const MONEY: u128 = 1_000 * UNITS;
const DEPOSIT: u128 = 200 * UNITS;
/// What is paid at a time, in planck, and as commands have it.
const AMOUNT: u128 = UNITS / 1_000;
const AMOUNT_TEXT: &str = "0.001";
/// How long something may take that is a matter of seconds.
const SOON: Duration = Duration::from_secs(60);
/// How long many payments may take.
const LONG: Duration = Duration::from_secs(1_200);
/// How often something is looked at whose time is measured,
const OFTEN: Duration = Duration::from_millis(5);
/// and something that takes long.
const SELDOM: Duration = Duration::from_millis(100);

/// How much is done.
pub struct Plan {
	/// How many payments each run has.
	pub payments: u32,
	/// With how many channels a daemon is killed and started.
	pub channels: Vec<u64>,
}

/// A node that makes blocks by itself.
async fn chain() -> Result<Network> {
	let mut network = Network::empty(Wiring::Direct, 0)?;
	let mut config = NodeConfig::new("alone")?.validator("alice");
	config.chain = "dev".to_string();
	network.start_node(config)?;
	network.ready().await?;
	Ok(network)
}

/// Somebody with keys whose daemon does not run yet.
async fn person(name: &str, network: &Network, folder: &Path) -> Result<Payer> {
	let genesis = network.rpc(0)?.hash_at(0).await?;
	let genesis = genesis.ok_or_else(|| Error::new("the node has no genesis"))?;
	let mut person = Payer::new(name, network.node(0).config().rpc, genesis, folder)?;
	person.init().await?;
	Ok(person)
}

/// Gives these people what they put into channels.
async fn endow(rpc: &Rpc, people: &[&Payer]) -> Result<()> {
	let gifts = people.iter().map(|person| tx::transfer(person.account().id(), MONEY));
	tx::carry_out(rpc, &Account::dev("//Bob"), tx::all(gifts.collect()), SOON).await?;
	let accounts: Vec<Account> = people.iter().map(|person| person.account().clone()).collect();
	wait::until("the gifts to be final", SOON, || async {
		let at = rpc.finalized().await?.hash();
		let states = tx::states(rpc, &accounts, Some(at)).await?;
		Ok(states.iter().all(|state| state.free >= MONEY).then_some(()))
	})
	.await
}

fn refused(person: &Payer, answer: &Answer) -> Error {
	Error::new(format!("the daemon of {} answers {answer:?}", person.name()))
}

/// Asks every so often until there is what is looked for.
async fn look<T>(
	what: &str,
	every: Duration,
	limit: Duration,
	mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
	let began = Instant::now();
	loop {
		if let Some(found) = look()? {
			return Ok(found);
		}
		ensure!(began.elapsed() < limit, "waited {limit:?} in vain for {what}");
		tokio::time::sleep(every).await;
	}
}

/// Begins to pay an invoice, as soon as there is a way.
async fn begin(payer: &Payer, invoice: &str, times: u32) -> Result<PayView> {
	let mut last = String::new();
	let begun = look("a way to pay", OFTEN, SOON, || {
		let invoice = invoice.to_string();
		let pay = Ask::Pay {
			invoice,
			times,
			dry_run: false,
		};
		match ask(payer.data(), &pay)? {
			Answer::Pay(view) => Ok(Some(view)),
			Answer::Failed(why) => {
				last = why;
				Ok(None)
			}
			other => Err(refused(payer, &other)),
		}
	})
	.await;
	begun.map_err(|error| Error::new(format!("{error}: {last}")))
}

fn look_at(payer: &Payer, payment: u64) -> Result<PayView> {
	match ask(payer.data(), &Ask::Paid { payment })? {
		Answer::Pay(view) => Ok(view),
		other => Err(refused(payer, &other)),
	}
}

/// What somebody was paid in all channels, in planck.
fn received(person: &Payer) -> Result<u128> {
	match ask(person.data(), &Ask::Channels)? {
		Answer::Channels(all) => Ok(all.iter().map(|view| view.received.0).sum()),
		other => Err(refused(person, &other)),
	}
}

/// Opens a channel and pays the partner in it: the seconds that it takes.
async fn first_payment(payer: &Payer, payee: &Payer) -> Result<f64> {
	let invoice = payee.invoice(AMOUNT_TEXT).await?;
	let reach = payee.reach();
	let (node, url) = reach.split_once('@').ok_or_else(|| Error::new("nobody is reached"))?;
	let open = Ask::Open {
		node: node.to_string(),
		url: url.to_string(),
		deposit: Planck(DEPOSIT),
		window: LEAST_WINDOW,
		dry_run: false,
	};
	let began = Instant::now();
	match ask(payer.data(), &open)? {
		Answer::Done(_) => (),
		other => return Err(refused(payer, &other)),
	}
	// One that was begun a moment too soon comes to nothing.
	loop {
		let payment = begin(payer, &invoice, 1).await?.payment;
		let ended = look("the first payment", OFTEN, SOON, || {
			Ok(Some(look_at(payer, payment)?).filter(|view| view.done))
		})
		.await?;
		if ended.paid == 1 {
			return Ok(began.elapsed().as_secs_f64());
		}
		ensure!(began.elapsed() < SOON, "the first payment fails: {:?}", ended.why);
	}
}

/// Payments a second, until the payee has all of them.
async fn rate(name: &str, payer: &Payer, payee: &Payer, payments: u32) -> Result<f64> {
	let mut progress = Progress::new(name, Duration::from_secs(60));
	let due = received(payee)?.saturating_add(AMOUNT.saturating_mul(payments.into()));
	let invoice = payee.invoice(AMOUNT_TEXT).await?;
	let began = Instant::now();
	let payment = begin(payer, &invoice, payments).await?.payment;
	let ended = look("all payments", SELDOM, LONG, || {
		let view = look_at(payer, payment)?;
		let share = f64::from(view.paid) / f64::from(payments.max(1));
		progress.show_share(share, &format!("{} of {payments} payments", view.paid));
		Ok(Some(view).filter(|view| view.done))
	})
	.await?;
	ensure!(
		ended.paid == payments,
		"{} of {payments} payments failed: {:?}",
		ended.failed,
		ended.why
	);
	look("all payments to be received", SELDOM, SOON, || {
		Ok((received(payee)? >= due).then_some(()))
	})
	.await?;
	let rate = f64::from(payments) / began.elapsed().as_secs_f64();
	progress.done(&format!("{rate:.0} payments a second"));
	Ok(rate)
}

/// How many halves a daemon has sent since its start.
async fn halves(person: &Payer) -> Result<f64> {
	let figures = person.figures().await?;
	let sent = figures.sum("smart_pay_halves_total");
	sent.ok_or_else(|| Error::new(format!("{} counts no halves", person.name())))
}

/// Copies the file of a store whose daemon does not run.
fn copy_store(from: &Path, to: &Path) -> Result<()> {
	fs::create_dir_all(to)?;
	fs::copy(from.join(STORE_FILE), to.join(STORE_FILE))?;
	Ok(())
}

/// The channel of one with another.
fn between(one: &Payer, other: &Payer) -> Result<u64> {
	let Answer::Channels(all) = ask(one.data(), &Ask::Channels)? else {
		return Err(Error::new("no channels are shown"));
	};
	let address = other.account().id().to_string();
	let found = all.iter().find(|view| view.partner == address);
	let view = found.ok_or_else(|| Error::new(format!("{} has no channel with {address}", one.name())))?;
	Ok(view.channel)
}

/// How far a channel is, at a block or at the best one; none if it is gone.
async fn phase(rpc: &Rpc, channel: u64, at: Option<H256>) -> Result<Option<Phase>> {
	let value = rpc.storage(&Channels::<Runtime>::hashed_key_for(channel), at).await?;
	let channel = value.map(|bytes| Channel::<AccountId>::decode(&mut &bytes[..]));
	Ok(channel.transpose()?.map(|channel| channel.phase))
}

/// Alice closes on the old store while Carol is down, and Carol's tower answers: the seconds from the first best block
/// with the close to the first final block without the channel.
async fn punished(rpc: &Rpc, alice: &mut Payer, carol: &mut Payer, old: &Path) -> Result<f64> {
	let channel = between(alice, carol)?;
	alice.stop().await?;
	carol.kill();
	let store = alice.data().join("channels");
	fs::remove_dir_all(&store)?;
	copy_store(old, &store)?;
	alice.run().await?;
	let close = Ask::Close {
		channel,
		alone: true,
		sure: true,
		dry_run: false,
	};
	match ask(alice.data(), &close)? {
		Answer::Done(_) => (),
		other => return Err(refused(alice, &other)),
	}
	let (began, mut seen) = (Instant::now(), None);
	loop {
		ensure!(began.elapsed() < SOON, "no stale close was punished");
		if seen.is_none() && phase(rpc, channel, None).await? != Some(Phase::Open) {
			seen = Some(Instant::now());
		}
		if let Some(seen) = seen {
			let at = rpc.finalized().await?.hash();
			if phase(rpc, channel, Some(at)).await?.is_none() {
				return Ok(seen.elapsed().as_secs_f64());
			}
		}
		tokio::time::sleep(OFTEN).await;
	}
}

/// The people, with their daemons.
struct People {
	alice: Payer,
	bob: Payer,
	carol: Payer,
	tower: Payer,
}

impl People {
	async fn start(network: &Network, folder: &Path) -> Result<Self> {
		let mut people = Self {
			alice: person("alice", network, folder).await?,
			bob: person("bob", network, folder).await?,
			carol: person("carol", network, folder).await?,
			tower: person("tower", network, folder).await?,
		};
		let all = [&people.alice, &people.bob, &people.carol, &people.tower];
		endow(network.rpc(0)?, &all).await?;
		people.tower.choose("[tower]\nserve = true");
		people.carol.choose("[relay]\nenabled = true");
		people.tower.run().await?;
		people.carol.run().await?;
		people.bob.run().await?;
		people.alice.run().await?;
		Ok(people)
	}

	/// Carol's channels are watched from now on.
	async fn watch(&mut self) -> Result<()> {
		let said = self.tower.carry_out(&["tower", "show"]).await?;
		let reach = said
			.as_str()
			.ok_or_else(|| Error::new("the tower does not show itself"))?;
		self.carol.stop().await?;
		self.carol.choose(&format!("[relay]\nenabled = true\n{reach}"));
		self.carol.run().await?;
		let tower = &self.tower;
		look("the tower to be given a channel", OFTEN, SOON, || {
			match ask(tower.data(), &Ask::Status)? {
				Answer::Status(status) => Ok((status.watched > 0).then_some(())),
				other => Err(refused(tower, &other)),
			}
		})
		.await
	}

	async fn finish(&mut self) -> Result<()> {
		for person in [&mut self.alice, &mut self.bob, &mut self.carol, &mut self.tower] {
			person.finish().await?;
		}
		Ok(())
	}

	/// All that is measured of daemons with a chain.
	async fn measure(&mut self, rpc: &Rpc, payments: u32, folder: &Path) -> Result<Vec<Row>> {
		eprintln!("  channels are opened ...");
		let mut opened = vec![first_payment(&self.alice, &self.carol).await?];
		let old = folder.join("old");
		self.alice.stop().await?;
		copy_store(&self.alice.data().join("channels"), &old)?;
		self.alice.run().await?;
		opened.push(first_payment(&self.carol, &self.bob).await?);
		let before = halves(&self.carol).await?;
		let through = rate("through a relay", &self.alice, &self.bob, payments).await?;
		let halves = (halves(&self.carol).await? - before) / f64::from(payments.max(1));
		opened.push(first_payment(&self.alice, &self.bob).await?);
		let direct = rate("to a partner", &self.alice, &self.bob, payments).await?;
		eprintln!("  a stale close ...");
		self.watch().await?;
		let punished = punished(rpc, &mut self.alice, &mut self.carol, &old).await?;
		let opened: Vec<String> = opened.iter().map(|seconds| format!("{seconds:.2}")).collect();
		Ok(vec![
			Row::new(
				format!("daemon to daemon, {payments} payments, until the payee has them, both stores synced"),
				">= 1,000 a second",
				format!("{direct:.0} a second"),
			),
			Row::new(
				format!("the same through a third daemon, {payments} payments under hashes"),
				">= 500 a second",
				format!("{through:.0} a second"),
			),
			Row::new(
				"halves that the third daemon signs and sends for each of them; 2 if it sent every half",
				"",
				format!("{halves:.2}"),
			),
			Row::new(
				"a channel is opened, to the end of its first payment, three times",
				"<= 1.5 s",
				format!("{} s", opened.join(", ")),
			),
			Row::new(
				"a stale close seen to forfeited and final, by the tower alone",
				"<= 2 s",
				format!("{punished:.2} s"),
			),
		])
	}
}

/// A daemon with so many channels is killed: the seconds from its next start to its first answer, and the bytes of
/// memory that it takes then. No node is in reach.
async fn started(person: &mut Payer, genesis: H256, channels: u64) -> Result<(f64, u64)> {
	let account: [u8; 32] = person.account().id().clone().into();
	let mut store = ChannelStore::open(&person.data().join("channels"), &Options::new(genesis.0, account))?;
	stored::fill(&mut store, channels)?;
	drop(store);
	person.run_without_chain().await?;
	person.kill();
	let began = Instant::now();
	person.run_without_chain().await?;
	let took = began.elapsed().as_secs_f64();
	let Answer::Status(status) = ask(person.data(), &Ask::Status)? else {
		return Err(Error::new("the daemon says nothing of itself"));
	};
	ensure!(
		u64::from(status.channels) == channels,
		"{} of {channels} channels are there again",
		status.channels
	);
	let pid = person.pid().ok_or_else(|| Error::new("the daemon has ended"))?;
	let memory = smartchain_tests::node::process::memory(pid)?;
	person.finish().await?;
	Ok((took, memory))
}

/// What was measured.
pub async fn rows(plan: &Plan) -> Result<Vec<Row>> {
	let folder = tempfile::tempdir()?;
	let network = chain().await?;
	let rpc = network.rpc(0)?;
	let genesis = rpc
		.hash_at(0)
		.await?
		.ok_or_else(|| Error::new("the node has no genesis"))?;
	let mut people = People::start(&network, folder.path()).await?;
	let mut rows = people.measure(rpc, plan.payments, folder.path()).await?;
	people.finish().await?;
	let mut holders = Vec::new();
	for channels in &plan.channels {
		let name = format!("holder-of-{channels}");
		holders.push((person(&name, &network, folder.path()).await?, *channels));
	}
	network.finish().await?;
	for (mut holder, channels) in holders {
		eprintln!("  a daemon with {channels} channels ...");
		let measured = match started(&mut holder, genesis, channels).await {
			Ok((seconds, memory)) => format!("{seconds:.2} s; {:.0} MB of memory", memory as f64 / 1e6),
			Err(error) => format!("{FAILED}: {error}"),
		};
		rows.push(Row::new(
			format!("killed to serving, `smart-pay` with {channels} channels, looked at every 50 ms"),
			stored::asked(channels),
			measured,
		));
	}
	Ok(rows)
}
