//! A chain of one node with test values, agents that sell storage, and somebody who buys.

use codec::Decode;
use device_primitives::DeviceId;
use futures::future::try_join_all;
use pallet_storage_market::{Deals, LastDeal};
use smartchain_runtime::{constants::currency::UNITS, AccountId, Runtime};
use smartchain_tests::{
	agent::Owner,
	ensure,
	network::Wiring,
	node::process,
	tx::{self, Account},
	wait, Agent, Error, Network, NodeConfig, Result, Rpc, Smart,
};
use std::time::Duration;
use storage_market_primitives::{Deal, DealId};

/// A deal as the chain has it.
pub type DealOf = Deal<AccountId, DeviceId>;

/// Agents: eight have slots of a deal, and three are there to take the place of others.
pub const SELLERS: usize = 11;
/// What everybody has, in planck.
const MONEY: u128 = 200 * UNITS;
/// How long a transaction may take to be final, and a command that does little else.
pub const SOON: Duration = Duration::from_secs(60);
/// How long the chain may take to see plots.
const SEEN: Duration = Duration::from_secs(600);
/// What each agent sells, for how much, and what it asks readers for: nothing.
const OFFER: [&str; 3] = ["8GiB", "0.9/TiB-month", "0"];

/// An agent that sells storage, and its device.
pub struct Seller {
	/// It.
	pub agent: Agent,
	/// Its device.
	pub device: DeviceId,
}

impl Seller {
	async fn start(mut agent: Agent) -> Result<Self> {
		let device = agent.init(0).await?;
		agent.plot(1, true).await?;
		agent.run().await?;
		Ok(Self { agent, device })
	}

	/// Offers space until the chain has seen its plot, so that it can be drawn.
	async fn sell(&self) -> Result<()> {
		let what = format!("{} to have a ticket", self.agent.name());
		let [space, ask, egress] = OFFER;
		wait::until(&what, SEEN, || async {
			let sells = self.agent.offer_storage(space, ask, egress).await?;
			if !sells {
				tokio::time::sleep(Duration::from_secs(10)).await;
			}
			Ok(sells.then_some(()))
		})
		.await
	}
}

/// All of them.
pub struct Market {
	network: Network,
	/// Those who sell.
	pub sellers: Vec<Seller>,
	/// Who buys.
	pub buyer: Smart,
}

impl Market {
	/// Starts everything, and waits until all agents can be drawn: some minutes.
	///
	/// # Errors
	/// If something does not start.
	pub async fn start() -> Result<Self> {
		eprintln!("  a chain and {SELLERS} agents ...");
		let mut network = Network::empty(Wiring::Direct, 0)?;
		let mut config = NodeConfig::new("alone")?
			.validator("alice")
			.with_args(["--max-runtime-instances", "32"]);
		config.chain = "dev".to_string();
		network.start_node(config)?;
		network.ready().await?;
		let node = network.node(0).config().rpc;
		let buyer = Smart::new("buyer", node, network.dir())?;
		let owners: Vec<Owner> = (0..SELLERS).map(|_| Owner::generate()).collect();
		let all = owners.iter().map(Owner::account).chain([buyer.account()]);
		let gifts = all.map(|account| tx::transfer(account.id(), MONEY)).collect();
		tx::carry_out(network.rpc(0)?, &Account::dev("//Bob"), tx::all(gifts), SOON).await?;
		let mut agents = Vec::new();
		for (number, owner) in owners.into_iter().enumerate() {
			let mut agent = Agent::new(&format!("seller-{number}"), owner, node, network.dir())?;
			agent.sell_storage()?;
			agents.push(agent);
		}
		let sellers = try_join_all(agents.into_iter().map(Seller::start)).await?;
		eprintln!("  the chain sees their plots ...");
		for seller in &sellers {
			seller.sell().await?;
		}
		buyer.init(SOON).await?;
		Ok(Self {
			network,
			sellers,
			buyer,
		})
	}

	/// The node.
	///
	/// # Errors
	/// If it does not answer.
	pub fn rpc(&self) -> Result<&Rpc> {
		self.network.rpc(0)
	}

	/// A deal in the best block, if there is one.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn deal(&self, deal: DealId) -> Result<Option<DealOf>> {
		let value = self
			.rpc()?
			.storage(&Deals::<Runtime>::hashed_key_for(deal), None)
			.await?;
		Ok(value.map(|bytes| DealOf::decode(&mut &bytes[..])).transpose()?)
	}

	/// The number of the newest deal in the best block; 0 if there is none.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn newest(&self) -> Result<DealId> {
		let value = self.rpc()?.storage(&LastDeal::<Runtime>::hashed_key(), None).await?;
		let newest = value.map(|bytes| DealId::decode(&mut &bytes[..])).transpose()?;
		Ok(newest.unwrap_or(0))
	}

	/// The processes of the agents that run.
	fn pids(&self) -> impl Iterator<Item = u32> + '_ {
		self.sellers.iter().filter_map(|seller| seller.agent.pid())
	}

	/// Has the memory of agents be counted anew.
	///
	/// # Errors
	/// If one does not run.
	pub fn forget_peaks(&self) -> Result<()> {
		self.pids().try_for_each(process::forget_peak)
	}

	/// The most bytes of memory that an agent had since then.
	///
	/// # Errors
	/// If one does not run, or there is none.
	pub fn peak(&self) -> Result<u64> {
		let peaks: Vec<u64> = self.pids().map(process::peak_memory).collect::<Result<_>>()?;
		peaks.into_iter().max().ok_or_else(|| Error::new("no agent runs"))
	}

	/// Ends everything in order. Whoever ended by itself is an error.
	///
	/// # Errors
	/// If something did.
	pub async fn finish(mut self) -> Result<()> {
		for seller in &mut self.sellers {
			seller.agent.finish().await?;
		}
		self.network.finish().await
	}
}

/// The number of a deal, as `smart` says it.
///
/// # Errors
/// If it says none.
pub fn number_of(said: &[u8]) -> Result<DealId> {
	let said: serde_json::Value = serde_json::from_slice(said)?;
	let deal = said["deal"].as_u64();
	ensure!(said["held"] == said["slots"], "not all slots are held: {said}");
	deal.ok_or_else(|| Error::new(format!("no deal's number: {said}")))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_number_of_a_deal_is_read() {
		assert_eq!(number_of(br#"{"deal": 3, "held": 8, "slots": 8}"#).unwrap(), 3);
		assert!(number_of(br#"{"deal": 3, "held": 7, "slots": 8}"#).is_err());
		assert!(number_of(b"{}").is_err());
	}
}
