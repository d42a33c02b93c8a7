//! The presets that chain specs are made from.
//!
//! **All keys here are public.** They derive from the phrase that every Substrate tool calls the development phrase,
//! `//Alice` as well as `//Director//1`: anybody can sign with them, seal blocks and vote. They are for machines of
//! one's own and for test networks whose money is worth nothing. A real launch takes a preset as a form and replaces
//! every account and key by patching it, and then `poca.randomness`: by what nobody could choose or know before the
//! keys were fixed, such as a later draw of a public beacon. [`build`] refuses what must not start.
//!
//! # Real values and test values
//! A chain that lasts forgets over two weeks what devices have proven, and its eras take ten minutes. Whoever tries
//! something cannot wait for that. So `dev` and every [`quick_network`] have test values: see [`Values`]. `local`,
//! every [`local_network`] and `testnet` have the real ones.

#![warn(missing_docs)]

pub mod allocations;

use crate::{
	configs::{DefaultParameters, MaxDirectors},
	constants::{
		currency::{BOND, MAX_SUPPLY, UNITS},
		governance::TEST_SCALE,
		time::{ERA_LENGTH, SLOT_DURATION, TEST_ERA_LENGTH},
	},
	AccountId, Balance, Balances, BalancesConfig, BftFinalityConfig, CandidatesConfig, MandatesConfig, Poca,
	PocaConfig, ResourceProofsConfig, Runtime, RuntimeGenesisConfig, RuntimeOrigin, SessionConfig, SessionKeys,
	SudoConfig, Vesting, VestingConfig,
};
use alloc::{
	collections::BTreeSet,
	format,
	string::{String, ToString},
	vec,
	vec::Vec,
};
use allocations::Allocated;
use bft_finality_primitives::DEFAULT_RELAXED_MARGIN;
#[cfg(feature = "std")]
use codec::Encode;
use frame_support::{build_struct_json_patch, traits::BuildGenesisConfig};
use pallet_candidates::ParameterValues;
use pallet_resource_proofs::ParameterValues as ProofParameters;
use pallet_traits::EraClock;
use poca_primitives::Randomness;
use serde_json::Value;
use sp_core::{ed25519, sr25519, Pair};
use sp_genesis_builder::PresetId;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::{BlakeTwo256, Hash as _};

/// One director, Alice; sudo is Alice's; the well-known accounts have money; [`Values::Test`].
pub const DEV: &str = "dev";
/// Four directors, Alice, Bob, Charlie and Dave; no sudo; the well-known accounts have money.
pub const LOCAL: &str = "local";
/// [`TESTNET_DIRECTORS`] directors with the public keys `//Director//1` and so on, and a standby signer for each,
/// `//Standby//1` and so on; no sudo; only they have money, and the accounts of [`allocations::example`].
pub const TESTNET: &str = "testnet";

/// The seed of the account from which chains with [`Values::Test`] give to whoever asks: its key is public, too.
pub const FAUCET: &str = "//Faucet";

/// How many directors `testnet` starts with.
pub const TESTNET_DIRECTORS: u32 = 21;
/// What each well-known account starts with, in planck.
pub const WELL_KNOWN_ENDOWMENT: Balance = 1_000_000 * UNITS;
/// What each director and standby signer of `testnet` and of a [`local_network`] starts with, in planck. The largest
/// network stays far below all that there may ever be.
pub const DIRECTOR_ENDOWMENT: Balance = 100_000 * UNITS;

/// The account and the session keys that derive from a development seed such as `//Alice`.
pub fn director(seed: &str) -> (AccountId, SessionKeys) {
	// Seeds are this file's own.
	let pair = sr25519::Pair::from_string(seed, None).expect("a well-formed derivation path");
	let vote = ed25519::Pair::from_string(seed, None).expect("a well-formed derivation path");
	let account: [u8; 32] = pair.public().0;
	(
		account.into(),
		SessionKeys {
			poca: pair.public().into(),
			pbft: vote.public().into(),
		},
	)
}

/// The seed of a director of `testnet`, counted from 1.
pub fn testnet_seed(number: u32) -> String {
	format!("//Director//{number}")
}

/// The seed of a standby signer of `testnet` or of a [`local_network`], counted from 1.
pub fn standby_seed(number: u32) -> String {
	format!("//Standby//{number}")
}

/// How long an era is, how quickly holders decide, and with which numbers devices prove what they have: the columns of
/// one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
	/// For chains that last: eras of ten minutes, and what was proven fades over two weeks.
	Real,
	/// For chains to try things on: eras of a minute, and what was proven fades over ten. [`FAUCET`] has money.
	Test,
}

impl Values {
	/// All columns.
	pub const ALL: [Self; 2] = [Self::Real, Self::Test];

	/// What logs and pages call it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Real => "real values",
			Self::Test => "test values",
		}
	}

	/// Slots of an era.
	pub fn era_length(self) -> u32 {
		match self {
			Self::Real => ERA_LENGTH,
			Self::Test => TEST_ERA_LENGTH,
		}
	}

	/// What the times of referenda are divided by.
	pub fn scale(self) -> u32 {
		match self {
			Self::Real => 1,
			Self::Test => TEST_SCALE,
		}
	}

	/// The numbers of the lotteries by which devices prove what they have.
	pub fn proofs(self) -> ProofParameters {
		match self {
			Self::Real => ProofParameters::real(),
			Self::Test => ProofParameters::test(),
		}
	}

	/// Where the storage of a genesis has them, and as what.
	#[cfg(feature = "std")]
	pub fn stored(self) -> [(Vec<u8>, Vec<u8>); 3] {
		let era = pallet_poca::EraLength::<Runtime>::hashed_key();
		let proofs = pallet_resource_proofs::Parameters::<Runtime>::hashed_key();
		let scale = pallet_mandates::Scale::<Runtime>::hashed_key();
		[
			(era.to_vec(), self.era_length().encode()),
			(proofs.to_vec(), self.proofs().encode()),
			(scale.to_vec(), self.scale().encode()),
		]
	}

	/// Where the form of a genesis has them, and as what.
	///
	/// # Errors
	/// None that can happen: numbers have a JSON form.
	#[cfg(feature = "std")]
	pub fn formed(self) -> Result<[(&'static str, Value); 3], serde_json::Error> {
		Ok([
			("/poca/eraLength", self.era_length().into()),
			("/resourceProofs/parameters", serde_json::to_value(self.proofs())?),
			("/mandates/scale", self.scale().into()),
		])
	}
}

/// What a chain starts with.
struct Start {
	values: Values,
	directors: Vec<(AccountId, SessionKeys)>,
	standbys: Vec<(AccountId, SessionKeys)>,
	endowed: Vec<(AccountId, Balance)>,
	/// What is given out besides, and when it is released.
	allocated: Allocated,
	parameters: ParameterValues,
	relaxed_margin: u32,
	sudo: Option<AccountId>,
	/// The randomness of era 0.
	randomness: Randomness,
}

impl Start {
	fn patch(self) -> Value {
		let keys = |nodes: &[(AccountId, SessionKeys)]| -> Vec<(AccountId, AccountId, SessionKeys)> {
			nodes
				.iter()
				.map(|(account, keys)| (account.clone(), account.clone(), keys.clone()))
				.collect()
		};
		let mut endowed = self.endowed;
		endowed.extend(self.allocated.balances);
		let schedules = self.allocated.vesting;
		if self.values == Values::Test {
			endowed.push((director(FAUCET).0, WELL_KNOWN_ENDOWMENT));
		}
		let bonds = self
			.directors
			.iter()
			.chain(&self.standbys)
			.map(|(account, _)| (account.clone(), BOND))
			.collect();
		build_struct_json_patch!(RuntimeGenesisConfig {
			balances: BalancesConfig { balances: endowed },
			poca: PocaConfig {
				slot_duration: SLOT_DURATION,
				era_length: self.values.era_length(),
				randomness: self.randomness,
			},
			session: SessionConfig {
				keys: keys(&self.directors),
				non_authority_keys: keys(&self.standbys),
			},
			candidates: CandidatesConfig {
				parameters: self.parameters,
				candidates: bonds,
			},
			bft_finality: BftFinalityConfig {
				relaxed_margin: Some(self.relaxed_margin),
			},
			mandates: MandatesConfig {
				scale: self.values.scale(),
				steward: None,
			},
			resource_proofs: ResourceProofsConfig {
				parameters: Some(self.values.proofs()),
			},
			vesting: VestingConfig { vesting: schedules },
			sudo: SudoConfig { key: self.sudo },
		})
	}
}

fn well_known() -> Vec<(AccountId, Balance)> {
	Sr25519Keyring::well_known()
		.map(|key| (key.to_account_id(), WELL_KNOWN_ENDOWMENT))
		.collect()
}

fn example() -> Allocated {
	// The rows are this crate's own, and a test adds them up.
	allocations::allocate(&allocations::example(), allocations::EXAMPLE_TOTAL).expect("rows that add up")
}

/// A preset by its name, as a patch of the default genesis.
pub fn preset(name: &str) -> Option<Value> {
	let start = match name {
		DEV => Start {
			values: Values::Test,
			directors: vec![director("//Alice")],
			standbys: vec![],
			endowed: well_known(),
			allocated: Allocated::default(),
			parameters: parameters(),
			relaxed_margin: DEFAULT_RELAXED_MARGIN,
			sudo: Some(Sr25519Keyring::Alice.to_account_id()),
			randomness: Randomness::default(),
		},
		LOCAL => Start {
			values: Values::Real,
			directors: ["//Alice", "//Bob", "//Charlie", "//Dave"].map(director).to_vec(),
			standbys: vec![],
			endowed: well_known(),
			allocated: Allocated::default(),
			parameters: parameters(),
			relaxed_margin: DEFAULT_RELAXED_MARGIN,
			sudo: None,
			randomness: Randomness::default(),
		},
		TESTNET => {
			let directors = nodes(testnet_seed, TESTNET_DIRECTORS);
			let standbys = nodes(standby_seed, TESTNET_DIRECTORS);
			Start {
				values: Values::Real,
				endowed: [
					endowed(&directors, DIRECTOR_ENDOWMENT),
					endowed(&standbys, DIRECTOR_ENDOWMENT),
				]
				.concat(),
				allocated: example(),
				directors,
				standbys,
				parameters: parameters(),
				relaxed_margin: DEFAULT_RELAXED_MARGIN,
				sudo: None,
				// Public like its keys: whoever draws up a chain from this form draws another one.
				randomness: BlakeTwo256::hash(b"SmartChain testnet").0,
			}
		}
		_ => return None,
	};
	Some(start.patch())
}

/// As the preset `local`, with so many directors (from 1) and standby signers (at most as many), whose keys derive from
/// [`testnet_seed`] and [`standby_seed`]. There are as many seats as directors, and the 51% rule is as easy as it can
/// be: one more than half of the voters end a set. None where the numbers are others.
pub fn local_network(directors: u32, standbys: u32) -> Option<Value> {
	network(directors, standbys, Values::Real)
}

/// As [`local_network`], with [`Values::Test`]: what devices prove shows within minutes.
pub fn quick_network(directors: u32, standbys: u32) -> Option<Value> {
	network(directors, standbys, Values::Test)
}

fn network(directors: u32, standbys: u32, values: Values) -> Option<Value> {
	if !(1..=MaxDirectors::get()).contains(&directors) || standbys > directors {
		return None;
	}
	let seats = directors;
	let (directors, standbys) = (nodes(testnet_seed, directors), nodes(standby_seed, standbys));
	let parameters = ParameterValues {
		seats,
		// Small enough for a test to see directors go, and a handful of backing enough to see it count.
		min_directors: 4.min(seats),
		min_total_backing: UNITS,
		standby_signers: seats,
		..parameters()
	};
	let endowed = [
		well_known(),
		endowed(&directors, DIRECTOR_ENDOWMENT),
		endowed(&standbys, DIRECTOR_ENDOWMENT),
	]
	.concat();
	let start = Start {
		values,
		directors,
		standbys,
		endowed,
		allocated: Allocated::default(),
		parameters,
		// With the default, networks of this size would not show the 51% rule.
		relaxed_margin: 1,
		sudo: None,
		randomness: Randomness::default(),
	};
	Some(start.patch())
}

fn parameters() -> ParameterValues {
	DefaultParameters::get()
}

fn nodes(seed: fn(u32) -> String, count: u32) -> Vec<(AccountId, SessionKeys)> {
	(1..=count).map(|number| director(&seed(number))).collect()
}

fn endowed(nodes: &[(AccountId, SessionKeys)], amount: Balance) -> Vec<(AccountId, Balance)> {
	nodes.iter().map(|(account, _)| (account.clone(), amount)).collect()
}

/// A preset by its name, as the bytes of its JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	preset(id.as_str()).map(|value| value.to_string().into_bytes())
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	[DEV, LOCAL, TESTNET].map(PresetId::from).to_vec()
}

/// Builds the state of a genesis from the JSON of its whole form.
///
/// # Errors
/// As [`build`], and if it is no such form.
pub fn build_state(json: &[u8]) -> Result<(), String> {
	let form: RuntimeGenesisConfig = serde_json::from_slice(json).map_err(|e| format!("Invalid JSON blob: {e}"))?;
	build(&form)
}

/// Builds the state of a genesis, wherever that is done: in Wasm for specifications, natively where a node starts from
/// a preset.
///
/// # Errors
/// What must not be, and what to do about it. What a pallet can see alone, other than of money, it panics at.
pub fn build(form: &RuntimeGenesisConfig) -> Result<(), String> {
	let candidates = &form.candidates;
	let bonds = candidates.candidates.iter().map(|(account, bond)| (account, *bond));
	let backing = candidates.backing.iter().map(|(backer, _, amount)| (backer, *amount));
	let vesting = &form.vesting.vesting;
	allocations::check(&form.balances.balances, bonds.chain(backing), vesting).map_err(|fault| fault.to_string())?;
	check_cap(given(form))?;
	form.build();
	if form.balances.dev_accounts.is_some() {
		// Genesis of pallet-balances gives these something, and does not count it.
		pallet_balances::TotalIssuance::<Runtime>::put(held());
	}
	// Genesis of pallet-vesting locks of an account what its last schedule does, whatever others it has. A release, and
	// at block 0 nothing is released, locks what all of them do.
	let accounts: BTreeSet<&AccountId> = vesting.iter().map(|(account, ..)| account).collect();
	for account in accounts {
		Vesting::vest_other(RuntimeOrigin::signed(account.clone()), account.clone().into())
			.map_err(|error| format!("genesis cannot lock what {account:?} has in vesting: {error:?}"))?;
	}
	check()
}

/// What a form gives to accounts, in planck, or the most that a number holds: pallet-balances adds up without a look at
/// where numbers end.
fn given(form: &RuntimeGenesisConfig) -> Balance {
	let listed = form
		.balances
		.balances
		.iter()
		.fold(0, |sum: Balance, (_, amount)| sum.saturating_add(*amount));
	let derived = form
		.balances
		.dev_accounts
		.as_ref()
		.map_or(0, |(count, amount, _)| amount.saturating_mul((*count).into()));
	listed.saturating_add(derived)
}

/// What all accounts have, in planck.
fn held() -> Balance {
	frame_system::Account::<Runtime>::iter_values().fold(0, |sum: Balance, account| {
		sum.saturating_add(account.data.free)
			.saturating_add(account.data.reserved)
	})
}

fn check_cap(issued: Balance) -> Result<(), String> {
	if issued > MAX_SUPPLY {
		return Err(format!(
			"genesis issues {issued} planck, more than the {MAX_SUPPLY} there may ever be: give out less"
		));
	}
	Ok(())
}

/// Whether a chain may start from the state that genesis has built.
fn check() -> Result<(), String> {
	// Once more: pallets give something to accounts of their own.
	check_cap(Balances::total_issuance())?;
	if is_of_public_keys() {
		return Ok(());
	}
	if Poca::era_randomness() == Randomness::default() {
		return Err(
			"genesis has no randomness: set poca.randomness to 32 bytes that nobody could choose or know before \
				 the directors' keys were \
			 fixed. Only chains whose directors all have public keys go without"
				.into(),
		);
	}
	// Whoever keeps one of these accounts gives it to everybody.
	let public = allocations::example()
		.into_iter()
		.find(|row| Balances::free_balance(&row.beneficiary) > 0);
	match public {
		Some(row) => Err(format!(
			"genesis gives STCI to {}, whose key is public: replace the account of the row `{}` in balances and \
			 vesting",
			allocations::seed(row.name),
			row.name
		)),
		None => Ok(()),
	}
}

/// Whether all directors are those of a preset, or of a [`local_network`], so that there is nothing to choose.
fn is_of_public_keys() -> bool {
	let well_known: Vec<_> = Sr25519Keyring::well_known().map(|key| key.to_account_id()).collect();
	(1..)
		.zip(pallet_poca::Directors::<Runtime>::get())
		.all(|(number, known)| {
			well_known.contains(&known.account) || known.account == director(&testnet_seed(number)).0
		})
}

const _: () = assert!(TESTNET_DIRECTORS <= MaxDirectors::get());
