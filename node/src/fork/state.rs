//! The state of a fork, made of the state of a chain and the genesis of other directors. Pure: maps of keys and values
//! go in, and come out.
//!
//! Who may author, who votes, and who stands for that is of the genesis, and so is what frame-system knows of blocks:
//! a fork begins at height 0. All else is the chain's, the clock of eras and slots among it: what counts eras, such as
//! issuance, goes on from where it was.

use super::{
	accounts,
	keys::{item, pallet, read, ForkError},
};
use codec::Encode;
use frame_support::traits::PalletInfoAccess;
use smartchain_runtime::{Balance, Candidates, Session};
use sp_core::storage::StorageMap;

/// The pallets whose state is that of the fork's directors.
const REPLACED: [&str; 6] = [
	"BftFinality",
	"Session",
	"Equivocation",
	"Candidates",
	"CandidateList",
	"Sudo",
];

/// Pallets of which this much is the chain's, and the rest that of the fork's directors.
const REPLACED_BUT: [(&str, &[&str]); 2] = [
	("System", &["Account"]),
	(
		"Poca",
		&[
			"SlotDuration",
			"EraLength",
			"GenesisSlot",
			"CurrentSlot",
			"Era",
			"EraStarts",
			"CurrentRandomness",
			"NextRandomness",
			"AccumulatedRandomness",
			// Of the last block. Between blocks there has to be one.
			"Author",
			"Full",
		],
	),
];

/// What every state of this chain has.
const NEEDED: [(&str, &str, &str); 3] = [
	("System", "LastRuntimeUpgrade", "System.LastRuntimeUpgrade"),
	("Poca", "Directors", "Poca.Directors"),
	("Balances", "TotalIssuance", "Balances.TotalIssuance"),
];

/// What became of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forked {
	/// The height of the block after which it was the chain's.
	pub number: u32,
	/// How many values the fork begins with.
	pub values: usize,
	/// How many directors it has.
	pub directors: u32,
	/// What was created for them, in planck.
	pub created: Balance,
}

/// Which keys are those of the fork's directors.
struct Replaced {
	whole: Vec<[u8; 16]>,
	but: Vec<([u8; 16], Vec<Vec<u8>>)>,
}

impl Replaced {
	fn new() -> Self {
		let but = |(name, items): &(&str, &[&str])| {
			let kept: Vec<Vec<u8>> = items.iter().map(|kept| item(name, kept)).collect();
			(pallet(name), kept)
		};
		Self {
			whole: REPLACED.into_iter().map(pallet).collect(),
			but: REPLACED_BUT.iter().map(but).collect(),
		}
	}

	fn has(&self, key: &[u8]) -> bool {
		let of_part = |(pallet, kept): &([u8; 16], Vec<Vec<u8>>)| {
			key.starts_with(pallet) && !kept.iter().any(|item| key.starts_with(item))
		};
		self.whole.iter().any(|pallet| key.starts_with(pallet)) || self.but.iter().any(of_part)
	}
}

/// The index of a pallet, with which what is held for it is marked.
fn index<P: PalletInfoAccess>() -> u8 {
	// There are fewer: an index is a byte of each call.
	u8::try_from(P::index()).unwrap_or(u8::MAX)
}

/// Makes the state of a fork out of a chain's: with the directors of `fresh`, which the chain's own runtime has made.
///
/// # Errors
/// If it is no state of this chain, or in another form, or a new runtime has still to migrate it. It is no state of
/// anything then.
pub fn fork(chain: &mut StorageMap, fresh: &StorageMap) -> Result<Forked, ForkError> {
	for (pallet, name, shown) in NEEDED {
		let key = item(pallet, name);
		if !chain.contains_key(&key) || !fresh.contains_key(&key) {
			return Err(ForkError::Missing(shown));
		}
	}
	let upgraded = item("System", "LastRuntimeUpgrade");
	if chain.get(&upgraded) != fresh.get(&upgraded) {
		return Err(ForkError::UpgradeDue);
	}
	let none = 0u32.encode();
	let number = chain.get(&item("System", "Number")).unwrap_or(&none);
	let number = read(number, "System.Number")?;
	accounts::release(chain, &[index::<Candidates>(), index::<Session>()])?;
	let replaced = Replaced::new();
	chain.retain(|key, _| !replaced.has(key));
	let of_fresh = fresh.iter().filter(|(key, _)| replaced.has(key));
	chain.extend(of_fresh.map(|(key, value)| (key.clone(), value.clone())));
	let given = accounts::endow(chain, fresh)?;
	Ok(Forked {
		number,
		values: chain.len(),
		directors: given.directors,
		created: given.created,
	})
}
