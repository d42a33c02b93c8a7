//! The storage market between real programs: a folder over eight of eleven agents, killed at random moments on its way
//! there, three of whose devices die then.
//!
//! # The chain
//! `dev`: one node that makes blocks by itself, with test values, so that devices are drawn within seconds and a deal's
//! slots are asked for each minute.
//!
//! # What is demanded
//! Every byte, compared, wherever a kill falls: from eight devices, from five at once, and on another machine from the
//! phrase alone. In the long test the chain brings the deal back to eight slots by itself.

use crate::seconds;
use futures::future::try_join_all;
use serde_json::Value;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_tests::{
	agent::Owner,
	ensure,
	network::Wiring,
	rng::Rng,
	tx::{self, Account},
	wait, Agent, Error, Network, NodeConfig, Result, Smart,
};
use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
	time::Duration,
};

/// Agents that sell storage: eight hold slots, and three are there to take the place of those that are killed.
const SELLERS: usize = 11;
/// Devices that are killed.
const KILLED: usize = 3;
/// What everybody has.
const MONEY: u128 = 100 * UNITS;
/// How long a transaction may take to be final, and a command that does little else.
const SOON: Duration = seconds(60);
/// How long a put or get may take.
const CARRIED: Duration = seconds(180);
/// How long the chain may take to see plots.
const SEEN: Duration = seconds(400);
/// How long the chain may take to have three slots built anew: with test values the last one is borne for 12 minutes.
const REPAIRED: Duration = seconds(2_400);
/// Files of the folder.
const FILES: u64 = 40;

/// A node that makes blocks by itself.
async fn chain() -> Result<Network> {
	let mut network = Network::empty(Wiring::Direct, 0)?;
	let mut config = NodeConfig::new("alone")?.validator("alice");
	config.chain = "dev".to_string();
	network.start_node(config)?;
	network.ready().await?;
	Ok(network)
}

/// An agent that sells storage, and its device.
struct Seller {
	agent: Agent,
	device: String,
}

impl Seller {
	async fn start(mut agent: Agent) -> Result<Self> {
		let device = agent.init(0).await?;
		agent.plot(1, true).await?;
		agent.run().await?;
		Ok(Self {
			agent,
			device: sp_core::bytes::to_hex(&device.0, false),
		})
	}

	/// Offers space until the chain has seen its plot, so that it can be drawn.
	async fn sell(&self) -> Result<()> {
		let what = format!("{} to have a ticket", self.agent.name());
		wait::until(&what, SEEN, || async {
			let sells = self.agent.offer_storage("1GiB", "0.9/TiB-month").await?;
			if !sells {
				tokio::time::sleep(seconds(10)).await;
			}
			Ok(sells.then_some(()))
		})
		.await
	}
}

/// Those who sell, and somebody who buys.
async fn people(network: &Network) -> Result<(Vec<Seller>, Smart)> {
	let (rpc, node) = (network.rpc(0)?, network.node(0).config().rpc);
	let buyer = Smart::new("buyer", node, network.dir())?;
	let owners: Vec<Owner> = (0..SELLERS).map(|_| Owner::generate()).collect();
	let all = owners.iter().map(Owner::account).chain([buyer.account()]);
	let gifts = all.map(|account| tx::transfer(account.id(), MONEY));
	tx::carry_out(rpc, &Account::dev("//Bob"), tx::all(gifts.collect()), SOON).await?;
	let mut agents = Vec::new();
	for (number, owner) in owners.into_iter().enumerate() {
		let mut agent = Agent::new(&format!("seller-{number}"), owner, node, network.dir())?;
		agent.sell_storage()?;
		agents.push(agent);
	}
	let sellers = try_join_all(agents.into_iter().map(Seller::start)).await?;
	for seller in &sellers {
		seller.sell().await?;
	}
	buyer.init(SOON).await?;
	Ok((sellers, buyer))
}

/// A folder with files of all sizes.
fn folder(at: &Path) -> Result<PathBuf> {
	let folder = at.join("photos");
	let mut rng = Rng::new(14);
	for number in 0..FILES {
		let place = folder.join(format!("{}", number % 7));
		fs::create_dir_all(&place)?;
		let length = usize::try_from(number * number * 997).unwrap_or(0);
		fs::write(place.join(format!("{number}.jpg")), rng.bytes(length))?;
	}
	Ok(folder)
}

/// Files by their paths.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
	let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
	while let Some(next) = folders.pop() {
		for entry in fs::read_dir(next)? {
			let path = entry?.path();
			if path.is_dir() {
				folders.push(path);
			} else {
				let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
				found.insert(name, fs::read(&path)?);
			}
		}
	}
	Ok(found)
}

fn same(one: &Path, other: &Path) -> Result<()> {
	let (one, other) = (files(one)?, files(other)?);
	ensure!(one.len() as u64 == FILES, "{} files", one.len());
	ensure!(one == other, "what came back differs");
	Ok(())
}

/// Puts the folder, killed at these moments, and to its end: the number of the deal.
async fn put(buyer: &Smart, folder: &str) -> Result<String> {
	let arguments = ["put", folder, "--for", "1d"];
	for milliseconds in [400, 2_000, 5_000, 9_000] {
		buyer
			.killed_after(&arguments, Duration::from_millis(milliseconds))
			.await?;
	}
	// One that had come to its end before a kill is told by the chain.
	let deals = buyer.carry_out(&["ls"], SOON).await?;
	let active = deals
		.as_array()
		.into_iter()
		.flatten()
		.find(|deal| deal["stage"] == "active");
	if let Some(deal) = active {
		return Ok(deal["deal"].to_string());
	}
	let done = buyer.carry_out(&arguments, CARRIED).await?;
	ensure!(done["held"] == 8, "not all slots are held: {done}");
	Ok(done["deal"].to_string())
}

/// The devices of slots that can be relied on.
fn held(status: &Value) -> Vec<String> {
	let slots = status["slotsOf"].as_array().into_iter().flatten();
	let held = slots.filter(|slot| slot["state"] == "held");
	held.filter_map(|slot| slot["device"].as_str().map(str::to_owned))
		.collect()
}

/// The main flow; with `repaired`, to the end of all repairs.
pub(crate) async fn main_flow(name: &str, repaired: bool, limit: Duration) {
	wait::bounded(name, limit, async {
		let network = chain().await?;
		let (mut sellers, buyer) = people(&network).await?;
		let place = tempfile::tempdir()?;
		let photos = folder(place.path())?;
		let at = |name: &str| place.path().join(name).display().to_string();
		let deal = put(&buyer, &at("photos")).await?;
		let deals = buyer.carry_out(&["ls"], SOON).await?;
		ensure!(
			deals.as_array().map(Vec::len) == Some(1),
			"one folder, one deal: {deals}"
		);

		buyer
			.killed_after(&["get", &deal, &at("back")], Duration::from_millis(700))
			.await?;
		if !photos_are_back(&photos, &place.path().join("back")) {
			buyer.carry_out(&["get", &deal, &at("back")], CARRIED).await?;
		}
		same(&photos, &place.path().join("back"))?;

		let status = buyer.carry_out(&["status", &deal], SOON).await?;
		let holders = held(&status);
		ensure!(holders.len() == 8, "eight hold: {status}");
		let mut dead = Vec::new();
		let holding = sellers.iter_mut().filter(|seller| holders.contains(&seller.device));
		for seller in holding.take(KILLED) {
			seller.agent.kill();
			dead.push(seller.device.clone());
		}
		ensure!(dead.len() == KILLED, "{dead:?}");
		buyer.carry_out(&["get", &deal, &at("at-once")], CARRIED).await?;
		same(&photos, &place.path().join("at-once"))?;

		let other = buyer.elsewhere("elsewhere", network.dir());
		other.init(SOON).await?;
		other.carry_out(&["restore", &at("all")], CARRIED).await?;
		same(&photos, &place.path().join("all").join(&deal))?;
		if repaired {
			until_repaired(&buyer, &deal, &dead).await?;
			buyer.carry_out(&["verify", &deal], CARRIED).await?;
		}
		for seller in &mut sellers {
			seller.agent.finish().await?;
		}
		network.finish().await
	})
	.await;
}

fn photos_are_back(photos: &Path, back: &Path) -> bool {
	same(photos, back).is_ok()
}

/// Waits until eight slots are held by devices that live.
async fn until_repaired(buyer: &Smart, deal: &str, dead: &[String]) -> Result<()> {
	wait::until("eight slots to be held again", REPAIRED, || async {
		let status = buyer.carry_out(&["status", deal], SOON).await?;
		let alive = held(&status).iter().filter(|device| !dead.contains(device)).count();
		if alive < 8 {
			tokio::time::sleep(seconds(10)).await;
		}
		Ok((alive >= 8).then_some(()))
	})
	.await
	.map_err(|error| Error::new(format!("deal {deal}: {error}")))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_folder_outlives_kills_and_three_of_its_devices() {
	let name = "a_folder_outlives_kills_and_three_of_its_devices";
	main_flow(name, false, seconds(900)).await;
}
