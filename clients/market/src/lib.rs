#![doc = include_str!("../README.md")]

mod acts;
mod net;
mod pricing;

pub use acts::{for_slots, Act, Deposits, KeyBox, Tab, MAX_KEY_BOX};
pub use net::Net;
pub use pricing::{max_ask, Asks, Estimate};

use async_trait::async_trait;
use device_primitives::{DeviceId, Endpoint};
use smart_agent_chain::{Account, AccountId, BlockNumber, ChainError, Quote as Costs};
use smartchain_slots::{Geometry, Stored};
use smartchain_transfer::{
	client::{address, Holder},
	wire::SlotId,
};
use storage_market_primitives::{Deal, DealId, DealState, DealsOf, OfferState, Order, Quote, Stage, Tick, Why};

/// A deal as the chain has it, and where its devices are reached.
pub type DealView = DealState<AccountId, DeviceId, Endpoint>;
/// What a device offers, and where it is reached.
pub type OfferView = OfferState<AccountId, DeviceId, Endpoint>;

/// What this crate's questions to the chain answer.
pub type Answer<T> = Result<T, ChainError>;

/// Blocks for which a transaction is good, and after which one that is in none of them never will be.
pub const GOOD_FOR: BlockNumber = smart_agent_chain::MORTAL_BLOCKS as BlockNumber;

/// Blocks that are waited for beyond those in which a transaction is good: it is signed anew, up to four blocks later,
/// if a pool refuses it, and the node may be some behind.
pub const MARGIN: BlockNumber = 16;

/// Whether nothing of a transaction will ever be in a block: it was in one and refused, or in no pool.
pub fn is_refused(error: &ChainError) -> bool {
	matches!(
		error,
		ChainError::Dispatch { .. }
			| ChainError::Rejected(_)
			| ChainError::Poor { .. }
			| ChainError::Signer(_)
			| ChainError::OtherRuntime { .. }
			| ChainError::Missing { .. }
			| ChainError::Expired { .. }
	)
}

/// Whether a deal takes nothing any more that is put in for it, or not from this account: that stays.
pub fn is_over(error: &ChainError) -> bool {
	let ChainError::Dispatch { pallet, error, .. } = error else {
		return false;
	};
	pallet == acts::PALLET && matches!(error.as_str(), "NotActive" | "UnknownDeal" | "NoSuchSlot" | "NotYours")
}

/// Whether a node may answer a moment later.
pub fn is_away(error: &ChainError) -> bool {
	matches!(
		error,
		ChainError::Lost { .. } | ChainError::Timeout { .. } | ChainError::NoState(_)
	)
}

/// Whether what was sent may have been carried out all the same.
pub fn is_unclear(error: &ChainError) -> bool {
	is_away(error) || matches!(error, ChainError::Unclear { .. })
}

/// The chain's clock, as of its highest final block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
	/// The height of that block.
	pub number: BlockNumber,
	/// The height of the best block: what is signed now may be good for as long as if it were signed there.
	pub best: BlockNumber,
	/// The market's tick in it.
	pub tick: Tick,
}

/// What is known of the chain, and stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
	/// The hash of its first block.
	pub genesis: [u8; 32],
	/// What its specification calls it.
	pub chain: String,
	/// Whether STCI are worth nothing there.
	pub test_chain: bool,
	/// Milliseconds of a slot: a tick takes about as long.
	pub slot_ms: u64,
	/// Ticks of an era.
	pub era: Tick,
	/// The least that an account has, in planck.
	pub existential_deposit: u128,
	/// What is put in for state; zeros if the runtime does not say it.
	pub deposits: Deposits,
}

impl Known {
	/// About how many seconds so many ticks take.
	pub fn seconds(&self, ticks: Tick) -> u64 {
		u64::from(ticks).saturating_mul(self.slot_ms) / 1_000
	}
}

/// What a transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
	/// The height of its block, which is final.
	pub block: BlockNumber,
	/// What was paid for it, in planck, as far as an event says it.
	pub fee: Option<u128>,
	/// The deal that it opened.
	pub opened: Option<DealId>,
}

/// The market, through a node or in memory. What is asked is as of the highest final block.
#[async_trait]
pub trait Market: Send + Sync {
	/// What stays.
	fn known(&self) -> Known;

	/// The clock.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read; so for all that follow.
	async fn now(&self) -> Answer<Now>;

	/// What an account has, as of the best block.
	async fn account(&self, who: &[u8; 32]) -> Answer<Account>;

	/// A deal; none if there is none, or it was closed.
	async fn deal(&self, id: DealId) -> Answer<Option<DealView>>;

	/// Numbers of an account's deals above this one.
	async fn deals_of(&self, owner: &[u8; 32], after: DealId) -> Answer<DealsOf>;

	/// The box that holds the key of a deal for an account; none if it has none.
	async fn key_box(&self, deal: DealId, who: &[u8; 32]) -> Answer<Option<Vec<u8>>>;

	/// Deals above this one that have a box for an account, its own among them.
	async fn boxed(&self, who: &[u8; 32], after: DealId) -> Answer<Vec<DealId>>;

	/// Some of the offers that there are: all if there are few.
	async fn offers(&self) -> Answer<Vec<OfferView>>;

	/// What a device offers; none if it offers nothing.
	async fn offer(&self, device: &DeviceId) -> Answer<Option<OfferView>>;

	/// What each slot's device may be paid for what it gives out; none if there is no such deal.
	async fn tabs(&self, deal: DealId) -> Answer<Vec<Tab>>;

	/// What an order would cost; the inner error is why there can be no such order.
	async fn price(&self, order: &Order) -> Answer<Result<Quote, String>>;

	/// What it costs to have the chain do something now.
	async fn costs(&self, act: &Act, from: &[u8; 32]) -> Answer<Costs>;

	/// Has the chain do something, signed by this program's account, and waits until that is final.
	///
	/// # Errors
	/// Also `Rejected`, `Dispatch`, `Dropped`, `Expired`, `Unclear`: what became of it.
	async fn send(&self, act: &Act) -> Answer<Sent>;

	/// Waits for the next final block, some seconds at most.
	async fn pause(&self);
}

/// The newest deal of the chain.
///
/// # Errors
/// As of the market.
pub async fn newest(market: &dyn Market, who: &[u8; 32]) -> Answer<DealId> {
	// Nothing is looked through behind the newest one.
	Ok(market.deals_of(who, DealId::MAX).await?.newest)
}

/// All deals of an account above this one.
///
/// # Errors
/// As of the market.
pub async fn all_deals(market: &dyn Market, owner: &[u8; 32], after: DealId) -> Answer<Vec<DealId>> {
	let (mut found, mut looked) = (Vec::new(), after);
	loop {
		let some = market.deals_of(owner, looked).await?;
		found.extend(some.deals);
		if some.looked_to >= some.newest {
			return Ok(found);
		}
		// It would go on without an end; and a part of the deals must not pass for all.
		if some.looked_to <= looked {
			return Err(ChainError::Undecodable {
				what: "the list of deals".into(),
				why: "the node's answer goes no further; ask another node".into(),
			});
		}
		looked = some.looked_to;
	}
}

/// How a deal's volume lies in slots.
///
/// # Errors
/// If no volume lies so.
pub fn geometry(order: &Order) -> Result<Geometry, smartchain_slots::Error> {
	let shape = &order.geometry;
	let unit = u32::try_from(shape.unit()).unwrap_or(u32::MAX);
	Geometry::new(shape.enough, shape.slots, unit)
}

/// What reading needs of a deal; none while the owner has not committed the roots.
///
/// # Errors
/// If no volume lies so.
pub fn stored<Account, Device>(deal: &Deal<Account, Device>) -> Result<Option<Stored>, smartchain_slots::Error> {
	if !deal.rooted {
		return Ok(None);
	}
	let roots = deal.slots.iter().map(|slot| slot.root).collect();
	let order = &deal.order;
	Stored::new(geometry(order)?, order.geometry.volume_len, roots).map(Some)
}

/// Which devices are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
	/// Those that were drawn and have not confirmed: what is stored goes to them.
	Drawn,
	/// Those that hold: what is read comes from them. One that is leaving still does.
	Held,
}

/// The devices of a deal's slots, with how they are reached. A slot without such a device is left out.
pub fn holders(id: DealId, view: &DealView, whose: Whose) -> Vec<Holder> {
	let deal = &view.deal;
	let mut found = Vec::new();
	for (slot, at) in deal.slots.iter().zip(0_u8..) {
		let drawn = slot.drawn.as_ref().map(|drawn| drawn.device);
		let held = slot.holding.as_ref().map(|holding| holding.device);
		let device = match whose {
			Whose::Drawn => drawn,
			Whose::Held => held,
		};
		found.extend(device.map(|device| Holder {
			device,
			addresses: addresses(view, &device),
			slot: SlotId { deal: id, slot: at },
			length: deal.order.geometry.slot_len(),
			root: deal.rooted.then_some(slot.root),
			// Where somebody has put in something to pay for it, what reading costs is asked besides.
			price: 0,
		}));
	}
	found
}

/// Where a device of a deal is reached, as host and port.
fn addresses(view: &DealView, device: &DeviceId) -> Vec<String> {
	let reach = view.devices.iter().find(|reach| reach.device == *device);
	let endpoints = reach.map(|reach| reach.endpoints.as_slice()).unwrap_or_default();
	endpoints.iter().filter_map(address).collect()
}

/// A stage in words.
pub fn stage_words(stage: &Stage) -> &'static str {
	match stage {
		Stage::Placing { .. } => "devices are drawn",
		Stage::Uploading { .. } => "uploading",
		Stage::Active => "active",
		Stage::Ended { why, .. } => match why {
			Why::Unplaced => "ended: not every slot found a device",
			Why::Failed => "ended: too few slots were confirmed in time",
			Why::GivenUp => "ended: given up before it began",
			Why::Lost => "lost: fewer slots were left than bring the data back",
			Why::Terminated => "ended early by its owner",
			Why::Expired => "ended: its time was over",
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use device_primitives::{Host, HostName, Transport};
	use storage_market_primitives::{Geometry as Shape, Price, Profile};

	#[test]
	fn endpoints_are_hosts_with_ports() {
		let at = |transport, host| {
			address(&Endpoint {
				transport,
				host,
				port: 9_000,
			})
		};
		let name = HostName::try_from(b"localhost".to_vec()).unwrap();
		assert_eq!(at(Transport::Tcp, Host::V4([10, 0, 0, 7])).unwrap(), "10.0.0.7:9000");
		assert_eq!(at(Transport::Tcp, Host::Name(name)).unwrap(), "localhost:9000");
		let v6 = Host::V6([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
		assert_eq!(at(Transport::Tcp, v6).unwrap(), "[2001:db8::1]:9000");
		assert_eq!(at(Transport::Quic, Host::V4([10, 0, 0, 7])), None);
	}

	/// What is for good, what may pass, and what nobody knows.
	#[test]
	fn errors_are_told_apart() {
		let refused = |pallet: &str, error: &str| ChainError::Dispatch {
			pallet: pallet.into(),
			error: error.into(),
			words: String::new(),
		};
		for (error, over) in [
			(refused("StorageMarket", "NotActive"), true),
			(refused("StorageMarket", "UnknownDeal"), true),
			(refused("StorageMarket", "NoSuchSlot"), true),
			(refused("StorageMarket", "NotYours"), true),
			(refused("StorageMarket", "TooMuch"), false),
			(refused("System", "Token.FundsUnavailable"), false),
			(refused("Balances", "NotActive"), false),
		] {
			assert_eq!((is_over(&error), is_refused(&error)), (over, true), "{error}");
			assert!(!is_unclear(&error));
		}
		let lost = ChainError::Lost { why: "a".into() };
		let unclear = ChainError::Unclear { why: "a".into() };
		assert_eq!((is_away(&lost), is_away(&unclear)), (true, false));
		assert!(is_unclear(&lost) && is_unclear(&unclear));
		assert!(!is_refused(&lost) && !is_refused(&unclear));
	}

	/// The chain and what codes slots have each their own rule for units: they are the same.
	#[test]
	fn chain_and_coder_lay_volumes_out_alike() {
		for profile in [Profile::Standard, Profile::Durable, Profile::Archive, Profile::Single] {
			for volume_len in [17, 65_536, (64 << 20) - 1, 64 << 20, (64 << 20) + 17, 1 << 30, 5 << 30] {
				let order = Order {
					geometry: Shape::of(profile, volume_len),
					max_ask: Price(1),
					eras: 1,
					factor: 1,
				};
				let geometry = geometry(&order).unwrap();
				assert_eq!(
					geometry.slot_len(volume_len).unwrap(),
					order.geometry.slot_len(),
					"{profile:?} {volume_len}"
				);
			}
		}
	}
}
