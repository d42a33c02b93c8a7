//! What genesis gives out, and when it is released: to the planck, and nothing that cannot be meant.

use crate::chain::{config, state_of};
use smartchain_runtime::{
	configs::MAX_SCHEDULES,
	constants::{
		currency::{BOND, EXISTENTIAL_DEPOSIT, MAX_SUPPLY, UNITS},
		time::DAYS,
	},
	genesis::{
		self,
		allocations::{allocate, amounts, example, seed, Cause, Release, Row, EXAMPLE_TOTAL, QUARTER, YEAR},
		director, DIRECTOR_ENDOWMENT, TESTNET_DIRECTORS, WELL_KNOWN_ENDOWMENT,
	},
	AccountId, Balances, BlockNumber, Runtime,
};
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilderV1;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::Perbill;
use std::collections::BTreeSet;

/// What is locked of a schedule in a block, as pallet-vesting reckons: `entry` is one of the form, `balance` what its
/// account has.
fn locked(entry: &(AccountId, BlockNumber, BlockNumber, u128), balance: u128, block: BlockNumber) -> u128 {
	let (_, begin, length, liquid) = entry;
	let whole = balance - liquid;
	let per_block = whole / u128::from(*length);
	whole.saturating_sub(per_block * u128::from(block.saturating_sub(*begin)))
}

/// What is released up to a block of one row that gets all of `total`.
fn released(release: Release, total: u128, block: BlockNumber) -> u128 {
	let allocated = allocate(&[row(release, total)], total).expect("is sound");
	assert_eq!(allocated.balances, [(Key::Ferdie.to_account_id(), total)]);
	let locked: u128 = allocated.vesting.iter().map(|entry| locked(entry, total, block)).sum();
	total - locked
}

fn row(release: Release, total: u128) -> Row {
	Row {
		name: "only",
		share: Perbill::from_rational(total, MAX_SUPPLY),
		beneficiary: Key::Ferdie.to_account_id(),
		release,
	}
}

fn cause_of(rows: &[Row], total: u128) -> Option<Cause> {
	allocate(rows, total).err().map(|fault| fault.cause)
}

#[test]
fn the_example_adds_up_to_what_pages_say() {
	let rows = example();
	let amounts = amounts(&rows, EXAMPLE_TOTAL).expect("adds up");
	assert_eq!(amounts.iter().sum::<u128>(), EXAMPLE_TOTAL);
	let expected = [
		("sale", 5_460_000),
		("marketing", 420_000),
		("foundation", 3_780_000),
		("founders", 840_000),
		("early-investors", 1_008_000),
		("angels", 336_000),
		("advisers", 336_000),
		("team", 840_000),
		("technology", 4_200_000),
		("partners", 1_260_000),
		("liquidity", 1_680_000),
		("ecosystem", 1_260_000),
	];
	let found: Vec<_> = rows
		.iter()
		.zip(&amounts)
		.map(|(row, amount)| (row.name, *amount))
		.collect();
	assert_eq!(found, expected.map(|(name, stci)| (name, stci * UNITS)));
	let beneficiaries: BTreeSet<_> = rows.iter().map(|row| row.beneficiary.clone()).collect();
	assert_eq!(beneficiaries.len(), rows.len(), "nobody is in two rows");
}

#[test]
fn what_is_left_to_earn_lasts_into_the_fourth_halving() {
	let directors = u128::from(2 * TESTNET_DIRECTORS) * DIRECTOR_ENDOWMENT;
	assert_eq!(EXAMPLE_TOTAL + directors, 25_620_000 * UNITS);
	let left = MAX_SUPPLY - EXAMPLE_TOTAL - directors;
	// If every era created all it may: 1,000 STCI for 105,000 eras, then 500, then 250.
	let three = 105_000 * (1_000 + 500 + 250) * UNITS;
	assert_eq!((left - three) / (125 * UNITS), 5_040, "eras of the fourth period");
}

#[test]
fn testnet_gives_out_the_example_and_locks_all_that_is_not_due() {
	state_of(genesis::TESTNET, serde_json::json!({})).execute_with(|| {
		// The treasury begins with what an account takes to exist.
		assert_eq!(Balances::total_issuance(), 25_620_000 * UNITS + EXISTENTIAL_DEPOSIT);
		let rows = example();
		let amounts = amounts(&rows, EXAMPLE_TOTAL).expect("adds up");
		for (row, amount) in rows.iter().zip(amounts) {
			let data = frame_system::Account::<Runtime>::get(&row.beneficiary).data;
			let due = if row.release == Release::AtOnce { amount } else { 0 };
			assert_eq!((data.free, data.frozen), (amount, amount - due), "{}", row.name);
		}
	});
}

/// What is out when, of each row, in percent.
#[test]
fn the_example_releases_when_pages_say() {
	let allocated = allocate(&example(), EXAMPLE_TOTAL).expect("is sound");
	let share = |name: &str, block: BlockNumber| -> u128 {
		let who = director(&seed(name)).0;
		let balance = allocated
			.balances
			.iter()
			.find(|(other, _)| *other == who)
			.expect("has some")
			.1;
		let of_row = allocated.vesting.iter().filter(|(other, ..)| *other == who);
		let locked: u128 = of_row.map(|entry| locked(entry, balance, block)).sum();
		(balance - locked) * 100 / balance
	};
	let all: [(&str, &[(BlockNumber, u128)]); 12] = [
		("sale", &[(0, 100)]),
		("marketing", &[(0, 100)]),
		("foundation", &[(2 * YEAR - 1, 0), (2 * YEAR, 100)]),
		("founders", &[(2 * YEAR - 1, 0), (2 * YEAR, 100)]),
		("early-investors", &[(YEAR - 1, 0), (YEAR, 100)]),
		("angels", &[(YEAR - 1, 0), (YEAR, 100)]),
		(
			"advisers",
			&[
				(5 * QUARTER - 1, 0),
				(5 * QUARTER, 25),
				(6 * QUARTER, 50),
				(7 * QUARTER, 75),
				(8 * QUARTER - 1, 75),
				(8 * QUARTER, 100),
			],
		),
		("team", &[(0, 0), (YEAR / 2 + 1, 50), (YEAR + 1, 100)]),
		(
			"technology",
			&[(QUARTER - 1, 0), (QUARTER, 12), (4 * QUARTER, 50), (8 * QUARTER, 100)],
		),
		("partners", &[(QUARTER - 1, 0), (4 * QUARTER, 50), (8 * QUARTER, 100)]),
		("liquidity", &[(QUARTER - 1, 0), (QUARTER, 25), (4 * QUARTER, 100)]),
		("ecosystem", &[(QUARTER - 1, 0), (4 * QUARTER, 50), (8 * QUARTER, 100)]),
	];
	for (name, times) in all {
		for (block, percent) in times {
			assert_eq!(share(name, *block), *percent, "{name} in block {block}");
		}
	}
	assert_eq!((YEAR, QUARTER), (365 * DAYS, 15_768_000));
}

#[test]
fn steps_release_nothing_before_the_first_and_all_with_the_last() {
	// It cannot be divided by three.
	let total = 1_000 * UNITS + 1;
	let third = total / 3;
	let steps = Release::Steps {
		cliff: 10,
		every: 5,
		count: 3,
	};
	for (block, out) in [
		(0, 0),
		(9, 0),
		(10, third),
		(14, third),
		(15, 2 * third),
		(19, 2 * third),
		(20, total),
		(1_000, total),
	] {
		assert_eq!(released(steps, total, block), out, "block {block}");
	}
}

#[test]
fn a_linear_release_begins_at_its_cliff() {
	let total = 1_000 * UNITS;
	let linear = Release::Linear { cliff: 10, length: 100 };
	for (block, out) in [(10, 0), (11, 10 * UNITS), (60, 500 * UNITS), (110, total), (111, total)] {
		assert_eq!(released(linear, total, block), out, "block {block}");
	}
	assert_eq!(released(Release::AtOnce, total, 0), total);
}

#[test]
fn the_last_row_takes_what_rounding_leaves() {
	let rows: Vec<_> = (1..=3)
		.map(|number| Row {
			name: "third",
			share: Perbill::from_rational(1u32, 30),
			beneficiary: AccountId::new([number; 32]),
			release: Release::AtOnce,
		})
		.collect();
	let total = MAX_SUPPLY / 10;
	let of = amounts(&rows, total).expect("adds up");
	assert_eq!(of.iter().sum::<u128>(), total);
	assert!(of[2] > of[0] && of[0] == of[1]);
	for wrong in [total - 1_000 * UNITS, total + 1_000 * UNITS, 0] {
		let fault = amounts(&rows, wrong).expect_err("does not add up");
		assert_eq!(fault.cause, Cause::Total(wrong));
		assert!(fault.to_string().contains("change the shares or the total"), "{fault}");
	}
}

#[test]
fn rows_that_cannot_be_are_refused() {
	let total = 1_000 * UNITS;
	let cause = |release| cause_of(&[row(release, total)], total);
	let steps = |cliff, every, count| Release::Steps { cliff, every, count };
	let linear = |cliff, length| Release::Linear { cliff, length };
	let last = BlockNumber::MAX;
	for no_time in [linear(5, 0), steps(0, 5, 2), steps(5, 0, 2), steps(5, 5, 0)] {
		assert_eq!(cause(no_time), Some(Cause::NoTime), "{no_time:?}");
	}
	for late in [
		linear(last, 1),
		linear(last - 99, 100),
		steps(last, 1, 2),
		steps(5, last, 3),
	] {
		assert_eq!(cause(late), Some(Cause::TooLate), "{late:?}");
	}
	assert_eq!(cause(steps(5, 5, MAX_SCHEDULES + 1)), Some(Cause::TooManySchedules));
	assert_eq!(cause(steps(5, 5, u32::MAX)), Some(Cause::TooManySchedules));
	for sound in [steps(last, 1, 1), linear(last - 100, 100), steps(5, 5, MAX_SCHEDULES)] {
		assert_eq!(cause(sound), None, "{sound:?}");
	}
	// The amount, too.
	let little = EXISTENTIAL_DEPOSIT;
	assert_eq!(
		cause_of(&[row(linear(0, last), little)], little),
		Some(Cause::NothingLocked)
	);
	assert_eq!(
		cause_of(&[row(Release::AtOnce, little - 1)], little - 1),
		Some(Cause::TooLittle)
	);
	let twice = [row(Release::AtOnce, total), row(Release::AtOnce, total)];
	assert_eq!(cause_of(&twice, 2 * total), Some(Cause::Twice));
}

/// What building `dev` with these schedules says.
fn outcome(vesting: &[(Key, BlockNumber, BlockNumber, u128)]) -> Result<(), String> {
	let vesting: Vec<_> = vesting
		.iter()
		.map(|(who, begin, length, liquid)| (who.to_account_id(), *begin, *length, *liquid))
		.collect();
	let change = serde_json::json!({ "vesting": { "vesting": vesting } });
	let mut state = sp_io::TestExternalities::new_empty();
	state.execute_with(|| Runtime::build_state(config(genesis::DEV, change)))
}

#[track_caller]
fn refused(vesting: &[(Key, BlockNumber, BlockNumber, u128)], why: &str) {
	let error = outcome(vesting).expect_err("is refused");
	assert!(error.contains(why), "{error}");
}

#[test]
fn forms_that_pallets_would_panic_at_are_refused_with_a_reason() {
	let all = WELL_KNOWN_ENDOWMENT;
	assert_eq!(outcome(&[(Key::Bob, 10, 10, 0)]), Ok(()));
	refused(&[(Key::Bob, 10, 10, all)], "locks nothing");
	refused(&[(Key::Bob, 10, 10, all - 9)], "less than one planck a block");
	refused(&[(Key::Bob, u32::MAX - 5, 10, 0)], "shorter cliff or length");
	refused(&[(Key::Bob, 10, u32::MAX, 0)], "shorter cliff or length");
	let many = vec![(Key::Bob, 10, 10, all - UNITS); MAX_SCHEDULES as usize + 1];
	assert_eq!(outcome(&many[1..]), Ok(()));
	refused(&many, "more than 28 vesting schedules");
	// The keyring has it, and `dev` gives it nothing.
	let stranger = Key::iter().find(|key| !Key::well_known().any(|known| known == *key));
	if let Some(stranger) = stranger {
		refused(&[(stranger, 10, 10, 0)], "no balance in genesis");
	}
}

#[test]
fn nobody_locks_more_than_it_has() {
	let all = WELL_KNOWN_ENDOWMENT;
	let half = all / 2;
	assert_eq!(outcome(&[(Key::Bob, 10, 10, half), (Key::Bob, 20, 10, half)]), Ok(()));
	refused(
		&[(Key::Bob, 10, 10, half), (Key::Bob, 20, 10, half - 1)],
		"and it has 1000000000000000000 free",
	);
	// Of Alice a bond is held: what is left is what can be locked.
	assert_eq!(outcome(&[(Key::Alice, 10, 10, 0)]), Ok(()));
	refused(&[(Key::Alice, 10, 10, all - BOND)], "locks nothing");
	assert_eq!(outcome(&[(Key::Alice, 10, 10, all - BOND - UNITS)]), Ok(()));
}

/// pallet-vesting's own genesis locks what the last schedule of an account does.
#[test]
fn genesis_locks_what_all_schedules_do() {
	let steps = Release::Steps {
		cliff: 10,
		every: 5,
		count: 4,
	};
	let vesting = allocate(&[row(steps, WELL_KNOWN_ENDOWMENT)], WELL_KNOWN_ENDOWMENT)
		.expect("is sound")
		.vesting;
	assert_eq!(vesting.len(), 4);
	state_of(genesis::DEV, serde_json::json!({ "vesting": { "vesting": vesting } })).execute_with(|| {
		let who = Key::Ferdie.to_account_id();
		let data = frame_system::Account::<Runtime>::get(&who).data;
		assert_eq!((data.free, data.frozen), (WELL_KNOWN_ENDOWMENT, WELL_KNOWN_ENDOWMENT));
		assert_eq!(
			pallet_vesting::Vesting::<Runtime>::get(&who).map(|all| all.len()),
			Some(4)
		);
	});
}

#[test]
fn a_chain_with_keys_of_its_own_gives_nothing_to_public_ones() {
	let (account, keys) = director("//Somebody");
	let outcome = |other: AccountId| {
		let change = serde_json::json!({
			"balances": { "balances": [(&account, 10 * BOND), (&other, UNITS)] },
			"session": { "keys": [(&account, &account, &keys)], "nonAuthorityKeys": [] },
			"candidates": { "candidates": [(&account, BOND)] },
			"vesting": { "vesting": [] },
		});
		let mut state = sp_io::TestExternalities::new_empty();
		state.execute_with(|| Runtime::build_state(config(genesis::TESTNET, change)))
	};
	let error = outcome(director(&seed("team")).0).expect_err("anybody can sign for it");
	assert!(
		error.contains("//Allocation//team") && error.contains("key is public"),
		"{error}"
	);
	assert_eq!(outcome(director("//Somebody//Else").0), Ok(()));
}
