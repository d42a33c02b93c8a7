//! What the chain says of storage deals, and what that comes to for each account.

use super::{channels::events, tx::account_key};
use crate::{seen::rpc::Rpc, Error, Result};
use codec::Decode;
use device_primitives::{Device, DeviceId};
use frame_system::AccountInfo;
use pallet_storage_market::{Deals, Event, LastDeal};
use smartchain_runtime::{
	constants::storage::TEST_SCALE, AccountId, Balance, Nonce, Runtime, RuntimeEvent, StorageMarket,
};
use sp_core::H256;
use sp_runtime::DispatchError;
use std::{collections::BTreeMap, ops::AddAssign};
use storage_market_primitives::{Deal, DealId, SlotAt, Stage, Tick, Times};

/// A deal of this chain.
pub type DealOf = Deal<AccountId, DeviceId>;

/// A deal at a block; at a node's best one without a hash. None if there is none.
///
/// # Errors
/// When the node does not answer.
pub async fn deal(rpc: &Rpc, id: DealId, at: Option<H256>) -> Result<Option<DealOf>> {
	let value = rpc.storage(&Deals::<Runtime>::hashed_key_for(id), at).await?;
	Ok(value.map(|bytes| DealOf::decode(&mut &bytes[..])).transpose()?)
}

/// The number of the newest deal at a node's best block; 0 if there was none yet.
///
/// # Errors
/// When the node does not answer.
pub async fn last_deal(rpc: &Rpc) -> Result<DealId> {
	let value = rpc.storage(&LastDeal::<Runtime>::hashed_key(), None).await?;
	Ok(value.map_or(Ok(0), |bytes| DealId::decode(&mut &bytes[..]))?)
}

/// The markets' clock at a node's best block.
///
/// # Errors
/// When the node does not answer, or the clock does not go yet.
pub async fn tick(rpc: &Rpc) -> Result<Tick> {
	let value = rpc.storage(&pallet_poca::Clock::<Runtime>::hashed_key(), None).await?;
	let value = value.ok_or_else(|| Error::new("the markets have no clock yet"))?;
	Ok(pallet_poca::rules::clock::Ticks::decode(&mut &value[..])?.tick)
}

/// Times of deals on chains with test values, as far as patience goes.
pub fn test_times() -> Times {
	Times::real().scaled(TEST_SCALE)
}

/// The slots of an active deal whose devices can be relied on, and are none of these.
pub fn held(deal: &DealOf, dead: &[DeviceId]) -> Vec<(SlotAt, DeviceId)> {
	let slots = (0..).zip(&deal.slots);
	let held = slots.filter_map(|(at, slot)| Some((at, slot.holding.as_ref()?)));
	held.filter(|(_, holding)| matches!(deal.stage, Stage::Active) && holding.usable())
		.map(|(at, holding)| (at, holding.device))
		.filter(|(_, device)| !dead.contains(device))
		.collect()
}

/// How audits have gone in some blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audited {
	/// Challenges that were answered,
	pub answered: u32,
	/// and that were not.
	pub missed: u32,
	/// Slots that were not asked in their period, for want of room.
	pub behind: u32,
}

impl AddAssign for Audited {
	fn add_assign(&mut self, more: Self) {
		self.answered += more.answered;
		self.missed += more.missed;
		self.behind += more.behind;
	}
}

/// How audits have gone in the blocks from one height to another, both among them.
///
/// # Errors
/// When the node does not answer, or has forgotten their states.
pub async fn audited(rpc: &Rpc, from: u32, to: u32) -> Result<Audited> {
	let mut audited = Audited::default();
	for number in from..=to {
		for event in events(rpc, rpc.hash_at(number).await?).await? {
			match event {
				RuntimeEvent::StorageMarket(Event::ChallengeAnswered(..)) => audited.answered += 1,
				RuntimeEvent::StorageMarket(Event::ChallengeMissed(..)) => audited.missed += 1,
				RuntimeEvent::StorageMarket(Event::AuditsBehind(slots)) => audited.behind += slots,
				_ => (),
			}
		}
	}
	Ok(audited)
}

/// What devices were paid for what they gave out of slots of a deal, in planck, by slot, in the blocks from one height
/// on, up to a node's best one.
///
/// # Errors
/// When the node does not answer, or has forgotten their states.
pub async fn redeemed(rpc: &Rpc, id: DealId, from: u32) -> Result<BTreeMap<SlotAt, Balance>> {
	let mut redeemed = BTreeMap::new();
	for number in from..=rpc.header(None).await?.number {
		for event in events(rpc, rpc.hash_at(number).await?).await? {
			match event {
				RuntimeEvent::StorageMarket(Event::Redeemed(deal, slot, _, planck)) if deal == id => {
					*redeemed.entry(slot).or_default() += planck;
				}
				_ => (),
			}
		}
	}
	Ok(redeemed)
}

/// Why transactions have failed in the blocks from one height on, up to a node's best one.
///
/// # Errors
/// When the node does not answer, or has forgotten their states.
pub async fn failures(rpc: &Rpc, from: u32) -> Result<Vec<DispatchError>> {
	let mut failures = Vec::new();
	for number in from..=rpc.header(None).await?.number {
		for event in events(rpc, rpc.hash_at(number).await?).await? {
			if let RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { dispatch_error, .. }) = event {
				failures.push(dispatch_error);
			}
		}
	}
	Ok(failures)
}

/// Whose a device is by the registry, at a node's best block.
///
/// # Errors
/// When the node does not answer, or there is no such device.
pub async fn owner_of(rpc: &Rpc, device: DeviceId) -> Result<AccountId> {
	let key = pallet_device_registry::Devices::<Runtime>::hashed_key_for(device);
	let value = rpc.storage(&key, None).await?;
	let value = value.ok_or_else(|| Error::new(format!("there is no device {device:?}")))?;
	Ok(Device::<AccountId>::decode(&mut &value[..])?.owner)
}

/// What the chain's events say that an account has paid and was paid, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
	/// Fees of its transactions.
	pub fees: Balance,
	/// What it has put into deals: for what it stores, and as collateral.
	pub put_in: Balance,
	/// What came to it out of deals.
	pub paid_out: Balance,
	/// What others have sent it, or the chain has issued to it,
	pub got: Balance,
	/// and what it has sent, or lost.
	pub given: Balance,
	/// What it had to put in, by the market's own events.
	due: Balance,
}

impl Entry {
	/// What deals have brought it; less than nothing if they have cost it something.
	pub fn gained(&self) -> i128 {
		// All that there may ever be is far below the ends of both.
		self.paid_out as i128 - self.put_in as i128
	}
}

/// Books of some accounts, from a final block on, and of the pot with the money of all deals.
pub struct Books {
	since: u32,
	before: BTreeMap<AccountId, Balance>,
	pot: Balance,
	/// Whose devices they are.
	owners: BTreeMap<DeviceId, AccountId>,
	/// Whose each deal is, and the collateral of its slots.
	deals: BTreeMap<DealId, (AccountId, Balance)>,
	entries: BTreeMap<AccountId, Entry>,
	/// What of the pot came in, went out, and ceased to exist.
	flows: [Balance; 3],
}

/// What books come to.
#[derive(Clone, Debug)]
pub struct Closed {
	/// Of each account that was asked for.
	pub entries: BTreeMap<AccountId, Entry>,
	/// What of deals' money has ceased to exist, in planck.
	pub burned: Balance,
	/// What lies in the pot more than before, in planck.
	pub left: i128,
}

impl Books {
	/// Opens them at the last final block, of these accounts, and of devices by their owners.
	///
	/// # Errors
	/// When the node does not answer.
	pub async fn open(
		rpc: &Rpc,
		accounts: impl IntoIterator<Item = AccountId>,
		owners: BTreeMap<DeviceId, AccountId>,
	) -> Result<Self> {
		let block = rpc.finalized().await?;
		let mut before = BTreeMap::new();
		for account in accounts {
			let total = total(rpc, &account, block.hash()).await?;
			before.insert(account, total);
		}
		Ok(Self {
			since: block.number,
			before,
			pot: total(rpc, &StorageMarket::pot(), block.hash()).await?,
			owners,
			deals: BTreeMap::new(),
			entries: BTreeMap::new(),
			flows: [0; 3],
		})
	}

	/// Closes them at the last final block. To the planck, what events say makes up the difference of each account's
	/// balance, and of the pot's; and what each has put into deals is what the market has told of orders and
	/// collateral. The node must keep the states of all blocks; nobody shares a deal meanwhile, and whoever extends one
	/// is its owner.
	///
	/// # Errors
	/// When it is not so.
	pub async fn close(mut self, rpc: &Rpc) -> Result<Closed> {
		let last = rpc.finalized().await?;
		for number in self.since + 1..=last.number {
			let hash = rpc.hash_at(number).await?;
			for event in events(rpc, hash).await? {
				self.add(rpc, hash, event).await?;
			}
		}
		let mut entries = BTreeMap::new();
		for (account, before) in &self.before {
			let entry = self.entries.get(account).copied().unwrap_or_default();
			let due = (before + entry.paid_out + entry.got).checked_sub(entry.fees + entry.put_in + entry.given);
			let after = total(rpc, account, last.hash()).await?;
			crate::ensure!(
				due == Some(after),
				"{account} had {before} planck and has {after}, but its events are {entry:?}"
			);
			crate::ensure!(
				entry.put_in == entry.due,
				"{account} has put {} planck into deals, and the market says {}",
				entry.put_in,
				entry.due
			);
			entries.insert(account.clone(), entry);
		}
		let [came, went, burned] = self.flows;
		let after = total(rpc, &StorageMarket::pot(), last.hash()).await?;
		crate::ensure!(
			(self.pot + came).checked_sub(went + burned) == Some(after),
			"the pot had {} planck and has {after}, but {came} came, {went} went and {burned} ceased to exist",
			self.pot
		);
		Ok(Closed {
			entries,
			burned,
			left: after as i128 - self.pot as i128,
		})
	}

	fn entry(&mut self, account: &AccountId) -> &mut Entry {
		self.entries.entry(account.clone()).or_default()
	}

	async fn add(&mut self, rpc: &Rpc, at: Option<H256>, event: RuntimeEvent) -> Result<()> {
		match event {
			RuntimeEvent::TransactionPayment(pallet_transaction_payment::Event::TransactionFeePaid {
				who,
				actual_fee,
				..
			}) => self.entry(&who).fees += actual_fee,
			RuntimeEvent::Balances(event) => self.add_of_balances(event),
			RuntimeEvent::StorageMarket(event) => self.add_of_market(rpc, at, event).await?,
			_ => (),
		}
		Ok(())
	}

	fn add_of_balances(&mut self, event: pallet_balances::Event<Runtime>) {
		use pallet_balances::Event as E;
		let pot = StorageMarket::pot();
		match event {
			E::Transfer { from, to, amount } => {
				self.entry(&from).given += amount;
				self.entry(&to).got += amount;
			}
			E::TransferAndHold {
				source,
				dest,
				transferred,
				..
			} => {
				let is_deal = dest == pot;
				if is_deal {
					self.flows[0] += transferred;
					self.entry(&source).put_in += transferred;
				} else {
					self.entry(&source).given += transferred;
					self.entry(&dest).got += transferred;
				}
			}
			E::TransferOnHold {
				source, dest, amount, ..
			} => {
				let is_deal = source == pot;
				if is_deal {
					self.flows[1] += amount;
					self.entry(&dest).paid_out += amount;
				} else {
					self.entry(&source).given += amount;
					self.entry(&dest).got += amount;
				}
			}
			E::BurnedHeld { who, amount, .. } if who == pot => self.flows[2] += amount,
			E::BurnedHeld { who, amount, .. } | E::Burned { who, amount } => self.entry(&who).given += amount,
			E::Minted { who, amount } => self.entry(&who).got += amount,
			_ => (),
		}
	}

	async fn add_of_market(&mut self, rpc: &Rpc, at: Option<H256>, event: Event<Runtime>) -> Result<()> {
		match event {
			Event::DealOpened(id, owner, _, all) => {
				let opened = deal(rpc, id, at).await?;
				let opened = opened.ok_or_else(|| Error::new(format!("deal {id} is not there when it is opened")))?;
				self.entry(&owner).due += all;
				self.deals.insert(id, (owner, opened.collateral));
			}
			Event::DealExtended(id, _, cost) | Event::EgressToppedUp(id, _, cost) => {
				if let Some((owner, _)) = self.deals.get(&id).cloned() {
					self.entry(&owner).due += cost;
				}
			}
			Event::SlotConfirmed(id, _, device) => {
				let collateral = self.deals.get(&id).map(|(_, collateral)| *collateral);
				let owner = self.owners.get(&device).cloned();
				if let (Some(collateral), Some(owner)) = (collateral, owner) {
					self.entry(&owner).due += collateral;
				}
			}
			_ => (),
		}
		Ok(())
	}
}

/// All that an account has, also what is held of it, in planck; nothing if there is no such account.
async fn total(rpc: &Rpc, account: &AccountId, at: H256) -> Result<Balance> {
	let Some(value) = rpc.storage(&account_key(account), Some(at)).await? else {
		return Ok(0);
	};
	let info = AccountInfo::<Nonce, pallet_balances::AccountData<Balance>>::decode(&mut &value[..])?;
	Ok(info.data.total())
}
