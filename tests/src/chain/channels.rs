//! What the chain says of payment channels, and what that comes to for each account.

use super::tx::{self, account_key, Account};
use crate::{seen::rpc::Rpc, Error, Result};
use channel_primitives::{ChannelId, Dispute, PerSide, Side};
use codec::{Decode, Encode};
use frame_system::{AccountInfo, EventRecord};
use pallet_payment_channels::{Case, Cases, Channel, Channels, Config, Event, HoldReason, Phase};
use smartchain_runtime::{
	AccountId, Balance, Nonce, PaymentChannels, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason,
};
use sp_core::H256;
use sp_crypto_hashing::twox_128;
use std::{collections::BTreeMap, time::Duration};

/// How long the clock may take to be put on.
const LIMIT: Duration = Duration::from_secs(30);

/// What the chain's events say that an account has paid and was paid, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
	/// Fees of its transactions.
	pub fees: Balance,
	/// Deposits of its channels that it has not got back, and what answers without a fee have cost of those.
	pub deposits: Balance,
	/// What it has put into channels.
	pub put_in: Balance,
	/// What channels have paid it.
	pub paid_out: Balance,
}

impl Entry {
	/// What channels have brought it; less than nothing if they have cost it something.
	pub fn gained(&self) -> i128 {
		// All that there may ever be is far below the ends of both.
		self.paid_out as i128 - self.put_in as i128
	}
}

/// A channel, as its events tell of it.
struct Told {
	accounts: PerSide<AccountId>,
	opener: Side,
	/// Transactions of it without an account.
	free: Balance,
}

/// Books of some accounts, from a final block on.
pub struct Books {
	since: u32,
	accounts: Vec<AccountId>,
	before: Vec<Balance>,
	channels: BTreeMap<ChannelId, Told>,
	entries: BTreeMap<AccountId, Entry>,
	/// What of channels' money has ceased to exist since the last one ended.
	burned: Balance,
}

impl Books {
	/// Opens them at the last final block.
	///
	/// # Errors
	/// When the node does not answer.
	pub async fn open(rpc: &Rpc, accounts: Vec<AccountId>) -> Result<Self> {
		let block = rpc.finalized().await?;
		let before = totals(rpc, &accounts, block.hash()).await?;
		Ok(Self {
			since: block.number,
			accounts,
			before,
			channels: BTreeMap::new(),
			entries: BTreeMap::new(),
			burned: 0,
		})
	}

	/// Closes them at the last final block: what each account has paid and was paid, in the order of the accounts. To
	/// the planck, that is what makes up the difference of its balances. The node must keep the states of all blocks.
	///
	/// # Errors
	/// When it is not.
	pub async fn close(mut self, rpc: &Rpc) -> Result<Vec<Entry>> {
		let last = rpc.finalized().await?;
		for number in self.since + 1..=last.number {
			let hash = rpc.hash_at(number).await?;
			for event in events(rpc, hash).await? {
				self.add(event);
			}
		}
		let after = totals(rpc, &self.accounts, last.hash()).await?;
		let mut entries = Vec::new();
		for ((account, before), after) in self.accounts.iter().zip(&self.before).zip(after) {
			let entry = self.entries.get(account).copied().unwrap_or_default();
			let due = (before + entry.paid_out).checked_sub(entry.fees + entry.deposits + entry.put_in);
			crate::ensure!(
				due == Some(after),
				"{account} had {before} planck and has {after}, but its events are {entry:?}"
			);
			entries.push(entry);
		}
		Ok(entries)
	}

	fn entry(&mut self, account: &AccountId) -> &mut Entry {
		self.entries.entry(account.clone()).or_default()
	}

	fn add(&mut self, event: RuntimeEvent) {
		match event {
			RuntimeEvent::TransactionPayment(pallet_transaction_payment::Event::TransactionFeePaid {
				who,
				actual_fee,
				..
			}) => self.entry(&who).fees += actual_fee,
			RuntimeEvent::Balances(pallet_balances::Event::BurnedHeld { reason, who, amount })
				if reason == RuntimeHoldReason::from(HoldReason::Stake) && who == PaymentChannels::pot() =>
			{
				self.burned = amount;
			}
			RuntimeEvent::PaymentChannels(event) => self.add_of_channels(event),
			_ => (),
		}
	}

	fn add_of_channels(&mut self, event: Event<Runtime>) {
		match event {
			Event::Opened(id, accounts, opener, _, amount) => {
				let entry = self.entry(accounts.get(opener));
				entry.put_in += amount;
				entry.deposits += deposit();
				let told = Told {
					accounts,
					opener,
					free: 0,
				};
				self.channels.insert(id, told);
			}
			Event::Deposited(id, side, amount) => self.of(id, side, |entry| entry.put_in += amount),
			Event::Withdrawn(id, side, amount) => self.of(id, side, |entry| entry.paid_out += amount),
			Event::HalfSubmitted(id, ..) | Event::Resynced(id, ..) | Event::Corrected(id, _) => self.answered(id),
			Event::ClosedTogether(id, pay) => {
				self.pay(id, &pay);
				self.end(id);
			}
			Event::Forfeited(id, closer, amount) => {
				self.answered(id);
				self.of(id, closer.partner(), |entry| entry.paid_out += amount);
				self.end(id);
			}
			Event::Settled(id, settlement) => {
				self.answered(id);
				self.pay(id, &settlement.paid);
			}
			Event::Unlocked(id, side, unlocked) => {
				self.answered(id);
				self.of(id, side, |entry| entry.paid_out += unlocked.payer);
				self.of(id, side.partner(), |entry| entry.paid_out += unlocked.payee);
			}
			Event::Cleared(id) => self.end(id),
			_ => (),
		}
	}

	fn of(&mut self, id: ChannelId, side: Side, change: impl FnOnce(&mut Entry)) {
		let account = self.channels.get(&id).map(|told| told.accounts.get(side).clone());
		if let Some(account) = account {
			change(self.entry(&account));
		}
	}

	fn pay(&mut self, id: ChannelId, paid: &PerSide<Balance>) {
		for side in Side::ALL {
			self.of(id, side, |entry| entry.paid_out += *paid.get(side));
		}
	}

	/// The daemons bring these without an account.
	fn answered(&mut self, id: ChannelId) {
		if let Some(told) = self.channels.get_mut(&id) {
			told.free += 1;
		}
	}

	/// The opener has its deposit back, less what answers without a fee have cost: the least at least, and what ceased
	/// to exist just before.
	fn end(&mut self, id: ChannelId) {
		let Some(told) = self.channels.remove(&id) else {
			return;
		};
		let fee: Balance = <Runtime as Config>::AnswerFee::get();
		let cost = std::mem::take(&mut self.burned).max(told.free * fee);
		let back = deposit().saturating_sub(cost);
		let opener = told.accounts.get(told.opener).clone();
		self.entry(&opener).deposits -= back;
	}
}

/// What an opener puts in for the state of a channel, in planck.
fn deposit() -> Balance {
	<Runtime as Config>::ChannelDeposit::get()
}

/// All that accounts have, also what is held of them, in planck.
async fn totals(rpc: &Rpc, accounts: &[AccountId], at: H256) -> Result<Vec<Balance>> {
	let mut totals = Vec::new();
	for account in accounts {
		let value = rpc.storage(&account_key(account), Some(at)).await?;
		let value = value.ok_or_else(|| Error::new(format!("there is no account {account}")))?;
		let info = AccountInfo::<Nonce, pallet_balances::AccountData<Balance>>::decode(&mut &value[..])?;
		totals.push(info.data.total());
	}
	Ok(totals)
}

/// What a block says.
pub(super) async fn events(rpc: &Rpc, at: Option<H256>) -> Result<Vec<RuntimeEvent>> {
	// The pallet keeps the type of this value to itself.
	let key = [twox_128(b"System"), twox_128(b"Events")].concat();
	let Some(value) = rpc.storage(&key, at).await? else {
		return Ok(Vec::new());
	};
	let records = Vec::<EventRecord<RuntimeEvent, H256>>::decode(&mut &value[..])?;
	Ok(records.into_iter().map(|record| record.event).collect())
}

/// Whether a channel is settled or gone at a node's best block.
///
/// # Errors
/// When the node does not answer.
pub async fn is_over(rpc: &Rpc, id: ChannelId) -> Result<bool> {
	Ok(channel(rpc, id)
		.await?
		.is_none_or(|channel| channel.phase == Phase::Settled))
}

/// A channel at a node's best block; none if it is gone.
///
/// # Errors
/// When the node does not answer.
pub async fn channel(rpc: &Rpc, id: ChannelId) -> Result<Option<Channel<AccountId>>> {
	let value = rpc.storage(&Channels::<Runtime>::hashed_key_for(id), None).await?;
	let channel = value.map(|bytes| Channel::<AccountId>::decode(&mut &bytes[..]));
	Ok(channel.transpose()?)
}

/// How the close by one side stands that a channel is in, at a node's best block; none if it is in none.
///
/// # Errors
/// When the node does not answer.
pub async fn dispute(rpc: &Rpc, id: ChannelId) -> Result<Option<Dispute>> {
	let value = rpc.storage(&Cases::<Runtime>::hashed_key_for(id), None).await?;
	let case = value.map(|bytes| Case::<AccountId>::decode(&mut &bytes[..]));
	Ok(case.transpose()?.map(|case| case.dispute))
}

/// Puts the markets' clock on by so many ticks, as nobody could but on the chain `dev`: what takes hours takes a block.
///
/// # Errors
/// When the node does not answer, or it is in no block.
pub async fn put_clock_on(rpc: &Rpc, ticks: u32) -> Result<()> {
	let key = pallet_poca::Clock::<Runtime>::hashed_key().to_vec();
	let value = rpc.storage(&key, None).await?;
	let value = value.ok_or_else(|| Error::new("the markets have no clock yet"))?;
	let mut clock = pallet_poca::rules::clock::Ticks::decode(&mut &value[..])?;
	clock.tick += ticks;
	let set = RuntimeCall::System(frame_system::Call::set_storage {
		items: vec![(key, clock.encode())],
	});
	let call = RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(set) });
	tx::carry_out(rpc, &Account::dev("//Alice"), call, LIMIT).await
}
