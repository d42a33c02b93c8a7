//! Whatever happens in whatever order, every planck is accounted for.

use crate::{mock::*, GenesisConfig, OpenEra};
use device_primitives::DeviceId;
use frame_support::traits::{
	fungible::Mutate,
	tokens::{Fortitude, Precision, Preservation},
	Hooks,
};
use frame_support::weights::Weight;
use issuance_primitives::UNIT;
use pallet_traits::{Earnings, WorkKind};
use smartchain_rng::{runs, seeds, Rng};

/// Accounts that earn.
const ACCOUNTS: u64 = 24;

/// What was paid to all, and what was burned, by this test's own count.
#[derive(Default)]
struct Count {
	claimed: u128,
	burned: u128,
}

fn earn(rng: &mut Rng) {
	let who = 10 + rng.below(ACCOUNTS);
	let units = u128::from(rng.below(1 << 40));
	match rng.below(6) {
		0 => author(who),
		1 => vote(who),
		2 => <Issuance as Earnings<AccountId>>::plots_proven(&who, units * 100),
		3 => {
			let kind = if rng.percent(50) {
				WorkKind::Storage
			} else {
				WorkKind::Compute
			};
			let paid = u128::from(rng.below(1 << 50));
			<Issuance as Earnings<AccountId>>::work_done(&who, kind, units, paid);
		}
		4 => <Issuance as Earnings<AccountId>>::bytes_carried(&who, units),
		_ => <Issuance as Earnings<AccountId>>::probe_answered(&DeviceId([rng.below(4) as u8; 32])),
	}
}

fn step(rng: &mut Rng, count: &mut Count) {
	match rng.below(100) {
		0..=59 => earn(rng),
		60..=84 => {
			let who = 10 + rng.below(ACCOUNTS);
			let open = u64::from(OpenEra::<Test>::get().era);
			let eras: Vec<u32> = (0..=rng.below(3))
				.map(|_| rng.range(open.saturating_sub(14), open) as u32)
				.collect();
			let (before, issued) = (free(who), Balances::total_issuance());
			if claim_by(10, who, &eras).is_ok() {
				count.claimed += free(who) - before;
			}
			assert_eq!(Balances::total_issuance() - issued, free(who) - before);
		}
		85..=92 => {
			next_era();
		}
		93..=95 => {
			let who = 10 + rng.below(ACCOUNTS);
			let amount = free(who) / 3;
			let burned = Balances::burn_from(
				&who,
				amount,
				Preservation::Preserve,
				Precision::BestEffort,
				Fortitude::Polite,
			);
			count.burned += burned.unwrap_or(0);
		}
		96 => Stored::set((u128::from(rng.below(100)), 100)),
		97 => ExpiryEras::set(rng.range(1, 12) as u32),
		_ => {
			let room = Weight::from_parts(rng.below(40), u64::MAX);
			Issuance::on_idle(System::block_number(), room);
		}
	}
}

fn check_all(count: &Count) {
	check();
	let supply = supply();
	let cap = issuance_primitives::Schedule::real().cap;
	assert!(Balances::total_issuance() + supply.committed <= cap);
	assert_eq!(supply.created, count.claimed + free(TREASURY), "nobody else is paid");
	assert_eq!(
		Balances::total_issuance(),
		supply.genesis + supply.created - count.burned,
		"nothing appears or vanishes"
	);
}

/// A run of so many calls on a chain that begins with so much and halves so soon.
fn campaign(seed: u64, calls: u32, money: u128, halving_eras: u32) {
	println!("SMARTCHAIN_SEED={seed}");
	let schedule = GenesisConfig {
		halving_eras,
		..Default::default()
	};
	let mut rng = Rng::new(seed);
	genesis_with(money, schedule).execute_with(|| {
		for byte in 0..3 {
			register(DeviceId([byte; 32]), 10 + u64::from(byte), byte < 2);
		}
		let mut count = Count::default();
		for number in 0..calls {
			step(&mut rng, &mut count);
			if number % 500 == 0 {
				check_all(&count);
			}
		}
		check_all(&count);
	});
	Stored::set((0, 0));
	ExpiryEras::set(10);
}

#[test]
fn a_hundred_thousand_random_calls_conserve_every_planck() {
	for seed in seeds(4) {
		campaign(seed, 25_000 * u32::try_from(runs()).unwrap_or(1), GENESIS, 105_000);
	}
}

/// Close to the cap, and with a halving every few eras.
#[test]
fn close_to_the_cap_nothing_crosses_it() {
	let cap = issuance_primitives::Schedule::real().cap;
	for seed in seeds(4) {
		campaign(seed, 4_000, cap - 300 * STCI, 7);
	}
}

#[test]
#[ignore = "takes minutes: run with --release"]
fn ten_million_random_calls_conserve_every_planck() {
	for seed in seeds(10) {
		campaign(seed, 1_000_000, GENESIS, 20_000);
	}
}

/// The unit of work is what the tests say it is.
#[test]
fn a_unit_has_32_fractional_bits() {
	assert_eq!(UNIT, 1 << 32);
}
