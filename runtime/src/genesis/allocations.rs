//! Who gets STCI at genesis, and when it is released: named rows, and what pallet-balances and pallet-vesting make of
//! them.
//!
//! All here is pure: rows go in, the forms of the two pallets come out, to the planck, or a [`Fault`] that says what
//! to change. [`check`] finds in any form of a genesis what those pallets would panic at.
//!
//! # Time
//! Blocks, from genesis on: a block without a slot missed is half a second. A chain that misses slots, or has longer
//! ones, releases later, and never earlier.
//!
//! # What is not here
//! The lock of an account with several schedules: [`crate::genesis::build`] sets it.

use super::director;
use crate::{
	configs::MAX_SCHEDULES,
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, MAX_SUPPLY, UNITS},
		time::DAYS,
	},
	AccountId, Balance, BlockNumber,
};
use alloc::{collections::BTreeMap, format, string::String, vec, vec::Vec};
use core::fmt;
use sp_runtime::Perbill;

/// Blocks of a year of 365 days, if no slot is missed.
pub const YEAR: BlockNumber = 365 * DAYS;
/// Blocks of a quarter of a [`YEAR`].
pub const QUARTER: BlockNumber = YEAR / 4;

/// What the rows of [`example`] get together, in planck: 10.2% of all that there may ever be. With what directors and
/// standby signers of `testnet` start with it is 25,620,000 STCI, so that 184,380,000 are left to be earned.
pub const EXAMPLE_TOTAL: Balance = 21_420_000 * UNITS;

/// How the STCI of a row become the beneficiary's to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
	/// All at genesis.
	AtOnce,
	/// Nothing up to the block `cliff`; after it evenly, block by block, and all after `length` more.
	Linear {
		/// The last block at which nothing is released.
		cliff: BlockNumber,
		/// Over how many blocks, at least 1.
		length: BlockNumber,
	},
	/// In equal parts: the first at the block `cliff`, the others `every` so many blocks after the one before. Each is
	/// a schedule of its own, of which an account has at most [`MAX_SCHEDULES`].
	Steps {
		/// The block at which the first part is released, at least 1.
		cliff: BlockNumber,
		/// Blocks from one part to the next, at least 1 if there are several.
		every: BlockNumber,
		/// How many parts, at least 1.
		count: u32,
	},
}

/// Who gets how much, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
	/// What pages call it.
	pub name: &'static str,
	/// The share of [`MAX_SUPPLY`].
	pub share: Perbill,
	/// Whose it is. No other row has the same account.
	pub beneficiary: AccountId,
	/// When it is released.
	pub release: Release,
}

/// An entry of the form of pallet-vesting: account, the block after which it releases, over how many blocks, and the
/// planck of the account that are not in this schedule.
pub type VestingEntry = (AccountId, BlockNumber, BlockNumber, Balance);

/// What rows come to in the forms of the pallets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allocated {
	/// Accounts and their planck, for pallet-balances.
	pub balances: Vec<(AccountId, Balance)>,
	/// The schedules, for pallet-vesting.
	pub vesting: Vec<VestingEntry>,
}

/// Why a genesis cannot give out STCI in this way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
	/// The row's name, or the account.
	pub who: String,
	/// What is the matter.
	pub cause: Cause,
}

/// What can be the matter with a row, or with an account's entries in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
	/// The shares add up to more than the total, or to less.
	Total(Balance),
	/// The account is there twice.
	Twice,
	/// It releases in no steps, over no blocks, at genesis itself, or several steps in one block.
	NoTime,
	/// It ends after the last block that has a number.
	TooLate,
	/// It is too little to make an account.
	TooLittle,
	/// A schedule locks nothing, or less than a planck for each of its blocks.
	NothingLocked,
	/// The account has a schedule and no balance.
	NoBalance,
	/// All schedules of the account lock more than it has free.
	Overlocked {
		/// What they lock, in planck.
		locked: Balance,
		/// What the account has free, in planck.
		free: Balance,
	},
	/// The account has more schedules than [`MAX_SCHEDULES`].
	TooManySchedules,
}

impl fmt::Display for Fault {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let who = &self.who;
		match self.cause {
			Cause::Total(total) => write!(
				f,
				"the shares of the allocations do not add up to the total of {total} planck, as the row `{who}` shows: \
				 change the shares or the total"
			),
			Cause::Twice => write!(f, "{who} has two balances in genesis: give it one, with both amounts"),
			Cause::NoTime => write!(
				f,
				"the allocation `{who}` has no time to be released in: give it a cliff and steps, or a length, of at \
				 least one block"
			),
			Cause::TooLate => write!(
				f,
				"what is locked for {who} is released after the last block that has a number: take a shorter cliff or \
				 length"
			),
			Cause::TooLittle => write!(
				f,
				"{who} gets less than the {EXISTENTIAL_DEPOSIT} planck that an account must hold: give it more, or \
				 nothing"
			),
			Cause::NothingLocked => write!(
				f,
				"a vesting schedule of {who} locks nothing, or less than one planck a block: lock more, over fewer \
				 blocks, or leave it out"
			),
			Cause::NoBalance => write!(f, "{who} has a vesting schedule and no balance in genesis: give it one"),
			Cause::Overlocked { locked, free } => write!(
				f,
				"the vesting schedules of {who} lock {locked} planck, and it has {free} free: each locks the balance \
				 less its last number, so raise those"
			),
			Cause::TooManySchedules => write!(
				f,
				"{who} has more than {MAX_SCHEDULES} vesting schedules: release in fewer steps, or to several accounts"
			),
		}
	}
}

impl Row {
	fn fault(&self, cause: Cause) -> Fault {
		Fault {
			who: self.name.into(),
			cause,
		}
	}
}

/// One schedule: `locked` planck, evenly over `length` blocks after the block `begin`.
struct Schedule {
	begin: BlockNumber,
	length: BlockNumber,
	locked: Balance,
}

impl Release {
	/// The schedules of an amount in planck, which lock all of it.
	fn schedules(self, amount: Balance) -> Result<Vec<Schedule>, Cause> {
		match self {
			Self::AtOnce => Ok(Vec::new()),
			Self::Linear { cliff, length } => {
				if length == 0 {
					return Err(Cause::NoTime);
				}
				Ok(vec![Schedule {
					begin: cliff,
					length,
					locked: amount,
				}])
			}
			Self::Steps { cliff, every, count } => steps(amount, cliff, every, count),
		}
	}
}

fn steps(amount: Balance, cliff: BlockNumber, every: BlockNumber, count: u32) -> Result<Vec<Schedule>, Cause> {
	if count == 0 || cliff == 0 || (every == 0 && count > 1) {
		return Err(Cause::NoTime);
	}
	// Before any is made: a count is only a number.
	if count > MAX_SCHEDULES {
		return Err(Cause::TooManySchedules);
	}
	let part = amount / Balance::from(count);
	let mut left = amount;
	let mut schedules = Vec::new();
	for step in 0..count {
		let at = every
			.checked_mul(step)
			.and_then(|after| cliff.checked_add(after))
			.ok_or(Cause::TooLate)?;
		// The last takes what division leaves.
		let locked = if step + 1 == count { left } else { part };
		left = left.saturating_sub(locked);
		schedules.push(Schedule {
			// In the block after this one all of it is released.
			begin: at.saturating_sub(1),
			length: 1,
			locked,
		});
	}
	Ok(schedules)
}

/// What each row gets of `total` planck, in their order: its share of [`MAX_SUPPLY`], rounded down; the last one the
/// rest, so that all add up to the total exactly.
///
/// # Errors
/// [`Cause::Total`] if the shares do not add up to the total but for what rounding loses.
pub fn amounts(rows: &[Row], total: Balance) -> Result<Vec<Balance>, Fault> {
	let Some((last, others)) = rows.split_last() else {
		return Ok(Vec::new());
	};
	let mut left = total;
	let mut amounts = Vec::new();
	for row in others {
		let amount = row.share.mul_floor(MAX_SUPPLY);
		left = left.checked_sub(amount).ok_or_else(|| row.fault(Cause::Total(total)))?;
		amounts.push(amount);
	}
	// A share is exact to a part in 10^9.
	let slack = (MAX_SUPPLY / Balance::from(Perbill::one().deconstruct())).saturating_mul(rows.len() as Balance);
	if left.abs_diff(last.share.mul_floor(MAX_SUPPLY)) > slack {
		return Err(last.fault(Cause::Total(total)));
	}
	amounts.push(left);
	Ok(amounts)
}

/// What rows that get `total` planck together come to in the forms of the pallets.
///
/// # Errors
/// What is the matter with the first row that cannot be so.
pub fn allocate(rows: &[Row], total: Balance) -> Result<Allocated, Fault> {
	let mut allocated = Allocated::default();
	for (row, amount) in rows.iter().zip(amounts(rows, total)?) {
		if amount < EXISTENTIAL_DEPOSIT {
			return Err(row.fault(Cause::TooLittle));
		}
		let who = &row.beneficiary;
		if allocated.balances.iter().any(|(other, _)| other == who) {
			return Err(row.fault(Cause::Twice));
		}
		allocated.balances.push((who.clone(), amount));
		for schedule in row.release.schedules(amount).map_err(|cause| row.fault(cause))? {
			let Schedule { begin, length, locked } = schedule;
			check_schedule(locked, begin, length).map_err(|cause| row.fault(cause))?;
			let liquid = amount.saturating_sub(locked);
			allocated.vesting.push((who.clone(), begin, length, liquid));
		}
	}
	Ok(allocated)
}

/// Whether pallet-vesting can have such a schedule.
fn check_schedule(locked: Balance, begin: BlockNumber, length: BlockNumber) -> Result<(), Cause> {
	let length = length.max(1);
	if locked / Balance::from(length) == 0 {
		return Err(Cause::NothingLocked);
	}
	begin.checked_add(length).map(|_| ()).ok_or(Cause::TooLate)
}

/// Whether pallet-balances and pallet-vesting can build their part of a genesis, in which pallets between them hold
/// `held` planck of accounts.
///
/// # Errors
/// What those pallets would panic at, and what they would take although it cannot be meant: more locked than there is.
pub fn check<'a>(
	balances: &[(AccountId, Balance)],
	held: impl Iterator<Item = (&'a AccountId, Balance)>,
	vesting: &[VestingEntry],
) -> Result<(), Fault> {
	let fault = |who: &AccountId, cause| Fault {
		who: format!("{who:?}"),
		cause,
	};
	// What is free of each account, what is locked of that, and by how many schedules.
	let mut accounts: BTreeMap<&AccountId, (Balance, Balance, u32)> = BTreeMap::new();
	for (who, amount) in balances {
		if *amount < EXISTENTIAL_DEPOSIT {
			return Err(fault(who, Cause::TooLittle));
		}
		if accounts.insert(who, (*amount, 0, 0)).is_some() {
			return Err(fault(who, Cause::Twice));
		}
	}
	for (who, amount) in held {
		if let Some((free, _, _)) = accounts.get_mut(who) {
			// Whoever holds more than there is says so itself.
			*free = free.saturating_sub(amount);
		}
	}
	for (who, begin, length, liquid) in vesting {
		let (free, locked, schedules) = accounts.get_mut(who).ok_or_else(|| fault(who, Cause::NoBalance))?;
		let of_this = free.saturating_sub(*liquid);
		check_schedule(of_this, *begin, *length).map_err(|cause| fault(who, cause))?;
		*schedules = schedules.saturating_add(1);
		if *schedules > MAX_SCHEDULES {
			return Err(fault(who, Cause::TooManySchedules));
		}
		*locked = locked.saturating_add(of_this);
		if *locked > *free {
			let (locked, free) = (*locked, *free);
			return Err(fault(who, Cause::Overlocked { locked, free }));
		}
	}
	Ok(())
}

/// The seed of the beneficiary of a row of [`example`]: its key is public, as all keys of presets are.
pub fn seed(name: &str) -> String {
	format!("//Allocation//{name}")
}

/// The rows of `testnet`: an example, whose names, shares and times are those of the project's papers on its tokens.
///
/// Three papers give out three tokens, each in percents of its own. Here one percent of any of them is 0.04% of
/// [`MAX_SUPPLY`], 84,000 STCI: 255 percents in all, since the 45% that one of them leaves to mining are what the
/// chain creates for work. docs/allocations.md says what is whose, and why.
pub fn example() -> Vec<Row> {
	use Release::{AtOnce, Linear, Steps};
	let locked_for = |cliff| Steps {
		cliff,
		every: 1,
		count: 1,
	};
	let quarterly = |first: u32, count| Steps {
		cliff: first * QUARTER,
		every: QUARTER,
		count,
	};
	[
		("sale", 65, AtOnce),
		("marketing", 5, AtOnce),
		("foundation", 45, locked_for(2 * YEAR)),
		("founders", 10, locked_for(2 * YEAR)),
		("early-investors", 12, locked_for(YEAR)),
		("angels", 4, locked_for(YEAR)),
		("advisers", 4, quarterly(5, 4)),
		("team", 10, Linear { cliff: 0, length: YEAR }),
		("technology", 50, quarterly(1, 8)),
		("partners", 15, quarterly(1, 8)),
		("liquidity", 20, quarterly(1, 4)),
		("ecosystem", 15, quarterly(1, 8)),
	]
	.into_iter()
	.map(|(name, percents, release)| Row {
		name,
		// 0.04% is 400,000 parts in 10^9.
		share: Perbill::from_parts(percents * 400_000),
		beneficiary: director(&seed(name)).0,
		release,
	})
	.collect()
}
