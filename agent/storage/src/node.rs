//! What is asked of the chain.

use crate::calls::{self, ProbesView};
use async_trait::async_trait;
use codec::{Decode, Encode};
use device_primitives::{DeviceId, Endpoint};
use scale_info::TypeInfo;
use smart_agent_chain::{AccountId, Args, Balance, Chain, Hash, Heads, LinkState, Node, Result};
use smart_agent_market::Deed;
use smart_agent_terminal::bytes;
use sp_core::sr25519;
use storage_market_primitives::{
	Claimable, DealId, DealState, OfferState, OpenChallenge, ProbeReport, SlotOfDevice, Tick,
};
use tokio::sync::watch;

/// A deal, and where its devices are reached.
pub type DealView = DealState<AccountId, DeviceId, Endpoint>;
/// What a device offers.
pub type OfferView = OfferState<AccountId, DeviceId, Endpoint>;

/// The runtime API that is asked.
const API: &str = "StorageMarketApi";
/// Answers that are asked for in a row at most: 256 slots each.
const MOST_PAGES: usize = 256;

/// What the daemon needs of the chain.
#[async_trait]
pub trait MarketNode: Send + Sync {
	/// The hash of the first block.
	fn genesis(&self) -> [u8; 32];
	/// How long a slot of the chain is, in milliseconds.
	fn slot_ms(&self) -> u64;
	/// Whether a node is reached.
	fn link(&self) -> watch::Receiver<LinkState>;
	/// Best and final blocks.
	fn heads(&self) -> Heads;
	/// The markets' clock as of a block.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read; so for all that follow.
	async fn tick(&self, at: Hash) -> Result<Tick>;
	/// What the device offers; none if it offers nothing and has no slot.
	async fn offer(&self, device: &DeviceId, at: Hash) -> Result<Option<OfferView>>;
	/// All slots of the device.
	async fn slots(&self, device: &DeviceId, at: Hash) -> Result<Vec<SlotOfDevice>>;
	/// Challenges that it can answer.
	async fn challenges(&self, device: &DeviceId, at: Hash) -> Result<Vec<OpenChallenge>>;
	/// A deal; none if there is none any more.
	async fn deal(&self, deal: DealId, at: Hash) -> Result<Option<DealView>>;
	/// What each slot of a deal may cost in all for what is given out of it, and what of it was paid, in planck.
	async fn tabs(&self, deal: DealId, at: Hash) -> Result<Vec<(u128, u128)>>;
	/// The probes of this era.
	async fn probes(&self, at: Hash) -> Result<ProbesView>;
	/// The device with a number among those that can be probed.
	async fn listed(&self, number: u32, at: Hash) -> Result<Option<DeviceId>>;
	/// Whether an account was granted a deal.
	async fn is_granted(&self, deal: DealId, who: &AccountId, at: Hash) -> Result<bool>;
	/// The hash of the best block.
	async fn best(&self) -> Result<Hash>;
	/// Hands in an answer or a confirmation. That the node has it already is no error.
	async fn submit(&self, device: &DeviceId, key: &sr25519::Pair, deed: &Deed) -> Result<()>;
	/// Hands in what was seen of another device. That the node has it already is no error.
	async fn report(&self, report: &ProbeReport<DeviceId>) -> Result<()>;
}

/// The markets' clock.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn tick(chain: &Chain, at: Hash) -> Result<Tick> {
	let tick = chain
		.stored::<Tick>(calls::PALLET, "LastTick", &Args::none(), at)
		.await?;
	Ok(tick.unwrap_or(0))
}

/// What a device offers.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn offer(chain: &Chain, device: &DeviceId, at: Hash) -> Result<Option<OfferView>> {
	chain
		.answered(API, "offer", &Args::none().and("device", device), at)
		.await
}

/// What is put in for state, in planck, `StorageMarket.Deposits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Deposits {
	offer: Balance,
	deal: Balance,
	slot: Balance,
	key_box: Balance,
}

/// What the chain has held for a first offer, in planck: it comes back when that is withdrawn and no slot is held.
///
/// # Errors
/// As [`Chain::constant`].
pub fn offer_deposit(chain: &Chain) -> Result<Balance> {
	let deposits: Deposits = chain.constant(calls::PALLET, "Deposits")?;
	Ok(deposits.offer)
}

/// What is held of an account that offers a device's space, in planck: the deposit, unless it has an offer already. One
/// that another account has made ends with this one.
pub fn held_for_offer(deposit: Balance, there: Option<&OfferView>, owner: &AccountId) -> Balance {
	match there {
		Some(offer) if offer.owner == *owner => 0,
		_ => deposit,
	}
}

/// Whether there is something to withdraw: else a fee is paid for nothing. What is withdrawn ends, and its deposit
/// comes back, when it is withdrawn once more without a slot.
///
/// # Errors
/// Why there is not.
pub fn may_withdraw(offer: Option<&OfferView>) -> Result<(), String> {
	match offer {
		None => Err("this device offers no storage, so that nothing is to be withdrawn; nothing was sent".into()),
		Some(offer) if offer.capacity == 0 && offer.tickets == 0 && offer.used > 0 => Err(format!(
			"the offer is withdrawn, and {} of slots are held still; when `smart-agent slots` shows none, the same \
			 command ends it, and its deposit comes back; nothing was sent",
			bytes(offer.used)
		)),
		Some(_) => Ok(()),
	}
}

/// That plots earn nothing, and what to do: the device has some, and offers no storage. None if that is not so.
///
/// - `plots`: how many it has claimed.
pub fn unsold(plots: u32, offer: Option<&OfferView>) -> Option<[&'static str; 2]> {
	let offers = offer.is_some_and(|offer| offer.capacity > 0);
	(plots > 0 && !offers).then_some([
		"the device offers no storage, so that its plots win and earn nothing",
		"`smart-agent offer set --space 500GiB --ask 0.9/TiB-month`: AutoMine pays for plots of devices with an offer \
		 alone",
	])
}

/// All slots of a device.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn slots(chain: &Chain, device: &DeviceId, at: Hash) -> Result<Vec<SlotOfDevice>> {
	let (mut all, mut after): (Vec<SlotOfDevice>, Option<DealId>) = (Vec::new(), None);
	for _ in 0..MOST_PAGES {
		let args = Args::none().and("device", device).and("after", &after);
		let page: Vec<SlotOfDevice> = chain.answered(API, "slots_of", &args, at).await?;
		let Some(last) = page.last().map(|slot| slot.deal) else {
			break;
		};
		let goes_on = after.is_none_or(|before| last > before);
		all.extend(page);
		if !goes_on {
			break;
		}
		after = Some(last);
	}
	Ok(all)
}

/// What a device's slots have earned and nobody has claimed, and what of it its owner gets by the score.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn claimable(chain: &Chain, device: &DeviceId, at: Hash) -> Result<Vec<Claimable>> {
	let (mut all, mut after): (Vec<Claimable>, Option<DealId>) = (Vec::new(), None);
	for _ in 0..MOST_PAGES {
		let held: Vec<SlotOfDevice> = chain
			.answered(
				API,
				"slots_of",
				&Args::none().and("device", device).and("after", &after),
				at,
			)
			.await?;
		// Only slots that have earned something are in an answer: where a page ends, those that are held say.
		let Some(last) = held.last().map(|slot| slot.deal) else {
			break;
		};
		let args = Args::none().and("device", device).and("after", &after);
		let page: Vec<Claimable> = chain.answered(API, "claimable_of", &args, at).await?;
		all.extend(page);
		if after.is_some_and(|before| last <= before) {
			break;
		}
		after = Some(last);
	}
	Ok(all)
}

/// Challenges that a device can answer.
///
/// # Errors
/// As [`Chain::stored`].
pub async fn challenges(chain: &Chain, device: &DeviceId, at: Hash) -> Result<Vec<OpenChallenge>> {
	chain
		.answered(API, "challenges_of", &Args::none().and("device", device), at)
		.await
}

#[async_trait]
impl MarketNode for Chain {
	fn genesis(&self) -> [u8; 32] {
		Chain::genesis(self).0
	}

	fn slot_ms(&self) -> u64 {
		Node::slot_ms(self)
	}

	fn link(&self) -> watch::Receiver<LinkState> {
		Chain::link(self)
	}

	fn heads(&self) -> Heads {
		Chain::heads(self)
	}

	async fn tick(&self, at: Hash) -> Result<Tick> {
		tick(self, at).await
	}

	async fn offer(&self, device: &DeviceId, at: Hash) -> Result<Option<OfferView>> {
		offer(self, device, at).await
	}

	async fn slots(&self, device: &DeviceId, at: Hash) -> Result<Vec<SlotOfDevice>> {
		slots(self, device, at).await
	}

	async fn challenges(&self, device: &DeviceId, at: Hash) -> Result<Vec<OpenChallenge>> {
		challenges(self, device, at).await
	}

	async fn deal(&self, deal: DealId, at: Hash) -> Result<Option<DealView>> {
		self.answered(API, "deal", &Args::none().and("deal", &deal), at).await
	}

	async fn tabs(&self, deal: DealId, at: Hash) -> Result<Vec<(u128, u128)>> {
		calls::tabs(self, deal, at).await
	}

	async fn probes(&self, at: Hash) -> Result<ProbesView> {
		calls::probes(self, at).await
	}

	async fn listed(&self, number: u32, at: Hash) -> Result<Option<DeviceId>> {
		calls::listed(self, number, at).await
	}

	async fn is_granted(&self, deal: DealId, who: &AccountId, at: Hash) -> Result<bool> {
		calls::is_granted(self, deal, who, at).await
	}

	async fn best(&self) -> Result<Hash> {
		Ok(Chain::best(self).await?.hash)
	}

	async fn submit(&self, device: &DeviceId, key: &sr25519::Pair, deed: &Deed) -> Result<()> {
		calls::submit(self, device, key, deed).await
	}

	async fn report(&self, report: &ProbeReport<DeviceId>) -> Result<()> {
		calls::report(self, report).await
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use storage_market_primitives::{Price, Reach};

	fn offer_of(owner: u8, capacity: u64) -> OfferView {
		OfferView {
			reach: Reach {
				device: DeviceId([1; 32]),
				endpoints: Vec::new(),
			},
			owner: AccountId::new([owner; 32]),
			ask: Price(10),
			egress: Price(0),
			capacity,
			used: 0,
			max_slot: 1 << 30,
			score: Default::default(),
			tickets: 0,
		}
	}

	/// A quote without it would have the fee paid for a call that fails.
	#[test]
	fn a_first_offer_has_a_deposit_held_and_another_has_not() {
		let owner = AccountId::new([7; 32]);
		assert_eq!(held_for_offer(23, None, &owner), 23);
		assert_eq!(held_for_offer(23, Some(&offer_of(7, 1)), &owner), 0);
		// That of another account ends with this one.
		assert_eq!(held_for_offer(23, Some(&offer_of(8, 1)), &owner), 23);
	}

	#[test]
	fn an_offer_that_is_not_there_is_not_withdrawn_for_a_fee() {
		assert!(may_withdraw(None).unwrap_err().contains("nothing was sent"));
		assert_eq!(may_withdraw(Some(&offer_of(7, 1))), Ok(()));
		let mut withdrawn = offer_of(7, 0);
		assert_eq!(may_withdraw(Some(&withdrawn)), Ok(()), "without a slot it ends so");
		withdrawn.used = 1 << 30;
		assert!(may_withdraw(Some(&withdrawn)).unwrap_err().contains("1.0 GiB"));
		// The chain took it back for its silence: the owner may end it for good.
		withdrawn.tickets = 1;
		assert_eq!(may_withdraw(Some(&withdrawn)), Ok(()));
	}

	#[test]
	fn plots_without_an_offer_are_told_to_earn_nothing() {
		let [what, remedy] = unsold(40, None).unwrap();
		assert!(
			what.contains("earn nothing") && remedy.contains("smart-agent offer set"),
			"{what} {remedy}"
		);
		assert!(unsold(40, Some(&offer_of(7, 0))).is_some(), "it is withdrawn");
		assert_eq!(unsold(40, Some(&offer_of(7, 1))), None);
		assert_eq!(unsold(0, None), None, "there is nothing to be sold");
	}
}
