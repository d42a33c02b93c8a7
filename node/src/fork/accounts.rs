//! What accounts have on a fork: the holds of the chain's directors and of all that backed them go back, and those of
//! the fork's directors are made.
//!
//! Keys and values are read as they lie in storage, in the forms of the SDK's pallets: these outlast the runtimes of
//! the chain, so that the state may be one of another runtime than this program was built with.

use super::keys::{account_in, item, place_of, read, under, ForkError};
use codec::{Decode, Encode};
use smartchain_runtime::{constants::currency::EXISTENTIAL_DEPOSIT, Balance};
use sp_core::storage::StorageMap;

const ACCOUNTS: &str = "System.Account";
const HOLDS: &str = "Balances.Holds";
const ISSUANCE: &str = "Balances.TotalIssuance";
const KEYS: &str = "Session.NextKeys";
const SUPPLY: &str = "StciIssuance.SupplyOf";
const OPEN: &str = "StciIssuance.OpenEra";

/// An account as frame-system and pallet-balances keep it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Account {
	/// Transactions that it has sent.
	pub nonce: u32,
	/// How many need it to be there.
	pub consumers: u32,
	/// How many let it be there,
	pub providers: u32,
	/// and how many do for their own purposes.
	pub sufficients: u32,
	/// What it has and nobody holds, in planck.
	pub free: Balance,
	/// What is held of it, in planck.
	pub reserved: Balance,
	/// What it must keep, in planck.
	pub frozen: Balance,
	/// Marks of pallet-balances.
	pub flags: u128,
}

impl Account {
	fn provides(&self) -> bool {
		self.free >= EXISTENTIAL_DEPOSIT
	}

	fn consumes(&self) -> bool {
		self.reserved > 0 || self.frozen > 0
	}

	/// Changes what it has, and counts what refers to it, as pallet-balances does. Nothing here makes an account poor:
	/// what let it be there goes on to.
	fn change(&mut self, change: impl FnOnce(&mut Self)) {
		let (provided, consumed) = (self.provides(), self.consumes());
		change(self);
		if !provided && self.provides() {
			self.providers = self.providers.saturating_add(1);
		}
		match (consumed, self.consumes()) {
			(false, true) => self.consumers = self.consumers.saturating_add(1),
			(true, false) => self.consumers = self.consumers.saturating_sub(1),
			_ => (),
		}
	}
}

/// What is held of an account: each reason, as index of the pallet and of the reason in it, with the planck.
pub type Held = Vec<([u8; 2], Balance)>;

/// What directors of a fork have been given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
	/// How many they are.
	pub directors: u32,
	/// What was created for them, in planck.
	pub created: Balance,
}

fn sum(held: &[([u8; 2], Balance)]) -> Balance {
	held.iter()
		.fold(0, |sum: Balance, (_, amount)| sum.saturating_add(*amount))
}

/// The account at a place, if it is there.
///
/// # Errors
/// If it is in another form.
pub fn account_at(state: &StorageMap, place: &[u8]) -> Result<Option<Account>, ForkError> {
	let value = state.get(&[&item("System", "Account")[..], place].concat());
	value.map(|value| read(value, ACCOUNTS)).transpose()
}

/// What is held of the account at a place.
///
/// # Errors
/// If that is in another form.
pub fn held_at(state: &StorageMap, place: &[u8]) -> Result<Held, ForkError> {
	let value = state.get(&[&item("Balances", "Holds")[..], place].concat());
	value.map_or(Ok(Held::new()), |value| read(value, HOLDS))
}

fn put_account(state: &mut StorageMap, place: &[u8], account: &Account) {
	state.insert([&item("System", "Account")[..], place].concat(), account.encode());
}

fn put_held(state: &mut StorageMap, place: &[u8], held: &[([u8; 2], Balance)]) {
	let key = [&item("Balances", "Holds")[..], place].concat();
	match held.is_empty() {
		true => state.remove(&key),
		false => state.insert(key, held.encode()),
	};
}

/// Gives back all that is held for the pallets of these indices, and takes session keys from whoever has some: these
/// pallets, and the session's, are to begin anew.
///
/// # Errors
/// If accounts or holds are in another form, or something is held of an account that is not there.
pub fn release(state: &mut StorageMap, pallets: &[u8]) -> Result<(), ForkError> {
	for (place, value) in under(state, &item("Balances", "Holds")) {
		let held: Held = read(&value, HOLDS)?;
		let (released, kept): (Held, Held) = held.into_iter().partition(|([of, _], _)| pallets.contains(of));
		if released.is_empty() {
			continue;
		}
		let amount = sum(&released);
		let mut account = account_at(state, &place)?.ok_or(ForkError::Form(HOLDS))?;
		account.change(|account| {
			account.reserved = account.reserved.saturating_sub(amount);
			account.free = account.free.saturating_add(amount);
		});
		put_account(state, &place, &account);
		put_held(state, &place, &kept);
	}
	for (place, _) in under(state, &item("Session", "NextKeys")) {
		let place = place_of(account_in(&place).ok_or(ForkError::Form(KEYS))?);
		if let Some(mut account) = account_at(state, &place)? {
			// Keys of genesis count for nothing, for they were set before there was any money.
			account.consumers = account.consumers.saturating_sub(1).max(account.consumes().into());
			put_account(state, &place, &account);
		}
	}
	Ok(())
}

/// Makes the accounts of the directors of `fresh` able to hold their offices: each has, free and held, at least what it
/// has there, and there is so much more STCI in all.
///
/// # Errors
/// If accounts, holds or the total are missing or in another form.
pub fn endow(state: &mut StorageMap, fresh: &StorageMap) -> Result<Given, ForkError> {
	let mut given = Given::default();
	for (place, _) in under(fresh, &item("Session", "NextKeys")) {
		let place = place_of(account_in(&place).ok_or(ForkError::Form(KEYS))?);
		let model = account_at(fresh, &place)?.ok_or(ForkError::Missing(ACCOUNTS))?;
		let held = held_at(fresh, &place)?;
		let bond = sum(&held);
		let newcomer = || Account {
			flags: model.flags,
			..Account::default()
		};
		let mut account = account_at(state, &place)?.unwrap_or_else(newcomer);
		let created = model.free.saturating_add(bond).saturating_sub(account.free);
		account.change(|account| {
			account.free = account.free.saturating_add(created).saturating_sub(bond);
			account.reserved = account.reserved.saturating_add(bond);
		});
		// Its session keys.
		account.consumers = account.consumers.saturating_add(1);
		put_account(state, &place, &account);
		let all = [held_at(state, &place)?, held].concat();
		put_held(state, &place, &all);
		given.directors = given.directors.saturating_add(1);
		given.created = given.created.saturating_add(created);
	}
	let key = item("Balances", "TotalIssuance");
	let issued: Balance = read(state.get(&key).ok_or(ForkError::Missing(ISSUANCE))?, ISSUANCE)?;
	state.insert(key, issued.saturating_add(given.created).encode());
	count_as_genesis(state, given.created)?;
	Ok(given)
}

/// What was created for a fork was there before anything that eras create: it counts against the cap, and was not
/// burned in the open era. A chain that has closed an era does not count its genesis anew.
fn count_as_genesis(state: &mut StorageMap, created: Balance) -> Result<(), ForkError> {
	let key = item("StciIssuance", "SupplyOf");
	// A chain of before issuance counts it when that begins.
	if let Some(value) = state.get(&key) {
		let (genesis, rest): (Balance, [Balance; 2]) = read(value, SUPPLY)?;
		state.insert(key, (genesis.saturating_add(created), rest).encode());
	}
	let key = item("StciIssuance", "OpenEra");
	if let Some(value) = state.get(&key) {
		let (era, issuance, rest): (u32, Balance, [Balance; 2]) = read(value, OPEN)?;
		state.insert(key, (era, issuance.saturating_add(created), rest).encode());
	}
	Ok(())
}
