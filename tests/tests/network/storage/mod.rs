//! The storage market between real programs: the flows of `docs/storage.md`, and what may go wrong besides.
//!
//! # The chain
//! `dev` with eras of 24 seconds: one node that makes blocks by itself, with test values, so that devices are drawn
//! within seconds and each slot is asked for once in an era. It keeps all states: at the end of a test all deals are
//! closed, and what each account has is what the chain's events say, to the planck ([`Books`]).
//!
//! # What is demanded
//! Every byte, compared by its hash, wherever a kill falls, whoever lies, and on another machine from the phrase alone.
//! Nobody honest misses a challenge, whatever blocks are full of, and nobody's money is lost.
//!
//! # Time
//! A suspect is borne for minutes here, and a device that is dead may be drawn again. Tests that cannot wait put the
//! markets' clock on over just those times ([`put_clock_on`]), never while an honest device has something to confirm;
//! in the long ones all takes its time.

mod bad;
mod flow;
mod full;
mod kills;
mod paid;
mod repair;
mod steps;

pub(crate) use bad::bad_neighbours;
pub(crate) use flow::main_flow;
pub(crate) use full::{only_full_blocks, set_next_runtime, spec_version};
pub(crate) use steps::{kills_at_each_step, over_an_upgrade};

use crate::seconds;
use device_primitives::DeviceId;
use futures::future::try_join_all;
use proof_lottery_primitives::Resource;
use serde_json::json;
use smartchain_runtime::{
	constants::{currency::UNITS, time::TURN_LENGTH},
	AccountId,
};
use smartchain_tests::{
	agent::Owner,
	chain_spec,
	channels::put_clock_on,
	devices, ensure,
	network::Wiring,
	rng::Rng,
	state,
	storage::{self, Books, Closed, DealOf},
	tx::{self, Account},
	wait, Agent, Error, Front, Network, NodeConfig, Result, Rpc, Smart,
};
use sp_crypto_hashing::blake2_256;
use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
	time::Duration,
};
use storage_market_primitives::{DealId, Stage};
use tempfile::TempDir;

/// Slots of an era. A slot is asked for once in it, and has half of it to answer.
const ERA: u32 = 4 * TURN_LENGTH;
/// What everybody has.
const MONEY: u128 = 1_000 * UNITS;
/// What is asked: so much that a small slot earns some thousand planck in an era.
const ASK: &str = "36/TiB-month";
/// How much space each offers.
const SPACE: &str = "1GiB";
/// For how long folders are stored: 1,440 eras.
const LASTS: &str = "10d";
/// How long a transaction may take to be final, and a command that does little else.
const SOON: Duration = seconds(60);
/// How long a put or get may take.
const CARRIED: Duration = seconds(180);
/// Ticks after which a deal that was ended is closed at the latest.
const MOST_TO_REDEEM: u32 = 7_200;
/// How long the chain may take to see plots.
const SEEN: Duration = seconds(240);

/// A node that makes blocks by itself, of a chain whose specification lies in this folder.
async fn chain(folder: &Path, args: &[&str]) -> Result<Network> {
	let mut network = Network::empty(Wiring::Direct, 0)?;
	// Each agent asks for several things at every block.
	let own = ["--state-pruning", "archive", "--max-runtime-instances", "32"];
	let mut config = NodeConfig::new("alone")?
		.validator("alice")
		.with_args(own.iter().chain(args).copied());
	let form = chain_spec::with_change("dev", &json!({ "poca": { "eraLength": ERA } }), folder)?;
	config.chain = chain_spec::raw(&form, folder)?;
	network.start_node(config)?;
	network.ready().await?;
	Ok(network)
}

/// An agent that sells storage, its device, and what stands before it, if something does.
struct Seller {
	agent: Agent,
	device: DeviceId,
	front: Option<Front>,
}

impl Seller {
	/// Registered and with a plot; it runs.
	async fn start(mut agent: Agent, front: Option<u64>) -> Result<Self> {
		agent.sell_storage()?;
		let front = match (front, agent.store()) {
			(Some(seed), Some(store)) => Some(Front::start(store, seed).await?),
			_ => None,
		};
		if let Some(front) = &front {
			agent.show_port(front.port());
		}
		let device = agent.init(0).await?;
		agent.plot(1, true).await?;
		agent.run().await?;
		Ok(Self { agent, device, front })
	}

	/// Offers space once the chain has seen its plot, so that it can be drawn; readers pay so much, or nothing.
	async fn sell(&self, rpc: &Rpc, egress: &str) -> Result<()> {
		let what = format!("{} to win by its plot", self.agent.name());
		wait::until(&what, SEEN, || async {
			let space = devices::lottery(rpc, self.device, Resource::Space).await?;
			Ok(space.filter(|space| space.estimate.0 > 0))
		})
		.await?;
		let can_be_drawn = self.agent.offer_storage(SPACE, ASK, egress).await?;
		ensure!(can_be_drawn, "{} has no ticket", self.agent.name());
		Ok(())
	}

	/// Kills it with SIGKILL, and starts it again.
	async fn die_and_return(&mut self) -> Result<()> {
		self.agent.kill();
		self.agent.run().await
	}
}

/// A chain, those who sell, and somebody who buys.
struct Fair {
	// Whoever runs ends before the network, in whose folder their logs are: fields are dropped in this order.
	sellers: Vec<Seller>,
	buyer: Smart,
	network: Network,
	books: Books,
	/// Where folders are that are stored and come back.
	place: TempDir,
	_chain: TempDir,
}

impl Fair {
	/// So many sell, each behind a front if that is wanted; further arguments of the node. Readers pay nothing, and so
	/// read as often as they like.
	async fn open(sellers: usize, fronts: bool, args: &[&str]) -> Result<Self> {
		Self::open_for_pay(sellers, fronts, args, "0").await
	}

	/// The same, where readers of what somebody has put in something for pay so much.
	async fn open_for_pay(sellers: usize, fronts: bool, args: &[&str], egress: &str) -> Result<Self> {
		let folder = tempfile::tempdir()?;
		let network = chain(folder.path(), args).await?;
		let (rpc, node) = (network.rpc(0)?.clone(), network.node(0).config().rpc);
		let buyer = Smart::new("buyer", node, network.dir())?;
		let owners: Vec<Owner> = (0..sellers).map(|_| Owner::generate()).collect();
		let everybody = owners.iter().map(Owner::account).chain([buyer.account()]);
		let everybody: Vec<Account> = everybody.cloned().collect();
		let gifts = everybody.iter().map(|account| tx::transfer(account.id(), MONEY));
		tx::carry_out(&rpc, &Account::dev("//Bob"), tx::all(gifts.collect()), SOON).await?;
		let mut making = Vec::new();
		for (number, owner) in (0_u64..).zip(owners) {
			let agent = Agent::new(&format!("seller-{number}"), owner, node, network.dir())?;
			making.push(Seller::start(agent, fronts.then_some(number)));
		}
		let sellers = try_join_all(making).await?;
		try_join_all(sellers.iter().map(|seller| seller.sell(&rpc, egress))).await?;
		buyer.init(SOON).await?;
		let owner_of = |seller: &Seller| (seller.device, seller.agent.owner().id().clone());
		let owners: BTreeMap<_, _> = sellers.iter().map(owner_of).collect();
		let accounts = everybody.iter().map(|account| account.id().clone());
		Ok(Self {
			books: Books::open(&rpc, accounts, owners).await?,
			sellers,
			buyer,
			network,
			place: tempfile::tempdir()?,
			_chain: folder,
		})
	}

	fn rpc(&self) -> Result<&Rpc> {
		self.network.rpc(0)
	}

	/// A place beside the folders that are stored, as commands have it.
	fn at(&self, name: &str) -> String {
		self.place.path().join(name).display().to_string()
	}

	/// A folder with so many files of all sizes.
	fn folder(&self, name: &str, files: u64) -> Result<PathBuf> {
		let folder = self.place.path().join(name);
		let mut rng = Rng::new(files);
		for number in 0..files {
			let place = folder.join(format!("{}", number % 7));
			fs::create_dir_all(&place)?;
			let length = usize::try_from(number * number * 997)?;
			fs::write(place.join(format!("{number}.jpg")), rng.bytes(length))?;
		}
		Ok(folder)
	}

	/// Who holds the slots of a deal, by the sellers' places.
	async fn holders(&self, deal: DealId) -> Result<Vec<usize>> {
		let known = self.deal(deal).await?;
		let held = storage::held(&known, &[]);
		let place = |device: &DeviceId| self.sellers.iter().position(|seller| seller.device == *device);
		Ok(held.iter().filter_map(|(_, device)| place(device)).collect())
	}

	/// The same once all eight slots can be relied on: who was killed or began anew may be suspect for a while. In the
	/// order of slots.
	async fn all_hold(&self, deal: DealId) -> Result<Vec<usize>> {
		wait::until(&format!("all slots of deal {deal} to be held"), CARRIED, || async {
			let holders = self.holders(deal).await?;
			Ok((holders.len() == 8).then_some(holders))
		})
		.await
	}

	/// Which slot of a deal a seller has.
	async fn slot_of(&self, deal: DealId, seller: usize) -> Result<u32> {
		let known = self.deal(deal).await?;
		let held = storage::held(&known, &[]);
		let own = held
			.iter()
			.find(|(_, device)| self.sellers.get(seller).is_some_and(|seller| seller.device == *device));
		let (slot, _) = own.ok_or_else(|| Error::new(format!("seller {seller} has no slot of deal {deal}")))?;
		Ok(*slot)
	}

	/// A deal as it stands.
	async fn deal(&self, deal: DealId) -> Result<DealOf> {
		let known = storage::deal(self.rpc()?, deal, None).await?;
		known.ok_or_else(|| Error::new(format!("there is no deal {deal}")))
	}

	/// Stores a folder: the number of the deal, whose slots are all held.
	async fn put(&self, folder: &Path) -> Result<DealId> {
		self.put_with(folder, &[]).await
	}

	/// The same with more arguments.
	async fn put_with(&self, folder: &Path, more: &[&str]) -> Result<DealId> {
		let folder = folder.display().to_string();
		let arguments = [&["put", &folder, "--for", LASTS], more].concat();
		let done = self.buyer.carry_out(&arguments, CARRIED).await?;
		ensure!(done["held"] == 8, "not all slots are held: {done}");
		done["deal"]
			.as_u64()
			.ok_or_else(|| Error::new(format!("no number of a deal in {done}")))
	}

	/// Fetches a deal into a new place of this name, and compares it with what was stored.
	async fn get(&self, deal: DealId, name: &str, stored: &Path) -> Result<()> {
		let number = deal.to_string();
		self.buyer.carry_out(&["get", &number, &self.at(name)], CARRIED).await?;
		same(stored, &self.place.path().join(name))
	}

	/// Ends and closes these deals, and looks at what everybody has been paid, to the planck. Then all is taken down.
	async fn close(self, deals: &[DealId]) -> Result<()> {
		let mut open = Vec::new();
		for deal in deals {
			let done = self.buyer.carry_out(&["rm", &deal.to_string()], SOON).await?;
			if done["closed"] != true {
				open.push(*deal);
			}
		}
		// Devices may redeem what readers owe them before the rest goes back.
		for deal in open {
			let (rpc, known) = (self.rpc()?, self.deal(deal).await?);
			let Stage::Ended { until, .. } = known.stage else {
				return Err(Error::new(format!("deal {deal} has not ended: {known:?}")));
			};
			let left = until.saturating_sub(storage::tick(rpc).await?);
			ensure!(left <= MOST_TO_REDEEM, "deal {deal} is closed in {left} ticks only");
			put_clock_on(rpc, left).await?;
			let done = self.buyer.carry_out(&["rm", &deal.to_string()], SOON).await?;
			ensure!(done["closed"] == true, "deal {deal} is not closed: {done}");
		}
		let best = self.rpc()?.header(None).await?.number;
		self.network.until_all_final(best, SOON).await?;
		for deal in deals {
			let left = storage::deal(self.rpc()?, *deal, None).await?;
			ensure!(left.is_none(), "deal {deal} is still there: {left:?}");
		}
		state::assert_invariants(self.rpc()?).await?;
		let rpc = self.rpc()?.clone();
		let Self {
			mut sellers,
			buyer,
			network,
			books,
			..
		} = self;
		let closed = books.close(&rpc).await?;
		tell(&closed, buyer.account().id())?;
		for seller in &mut sellers {
			seller.agent.finish().await?;
		}
		network.finish().await
	}
}

/// Says what deals have cost and brought, and that no planck is missing: all deals of the chain are closed.
fn tell(closed: &Closed, buyer: &AccountId) -> Result<()> {
	let spent = -closed.entries.get(buyer).copied().unwrap_or_default().gained();
	let sellers = closed.entries.iter().filter(|(account, _)| *account != buyer);
	let earned: i128 = sellers.map(|(_, entry)| entry.gained()).sum();
	let (burned, pool) = (closed.burned as i128, closed.left);
	eprintln!("{spent} planck were spent; {earned} were earned, {burned} ceased to exist, {pool} are left for repairs");
	ensure!(
		spent == earned + burned + pool,
		"a planck is too many or too few: {closed:?}"
	);
	Ok(())
}

/// The hashes of files, by their paths.
fn hashes(folder: &Path) -> Result<BTreeMap<PathBuf, [u8; 32]>> {
	let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
	while let Some(next) = folders.pop() {
		for entry in fs::read_dir(next)? {
			let path = entry?.path();
			if path.is_dir() {
				folders.push(path);
			} else {
				let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
				found.insert(name, blake2_256(&fs::read(&path)?));
			}
		}
	}
	Ok(found)
}

/// That what came back is what was stored, to the last byte.
fn same(stored: &Path, back: &Path) -> Result<()> {
	let (one, other) = (hashes(stored)?, hashes(back)?);
	ensure!(!one.is_empty(), "{} has no files", stored.display());
	ensure!(one == other, "{} is not what {} is", back.display(), stored.display());
	Ok(())
}
