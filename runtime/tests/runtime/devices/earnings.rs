//! What wins of space bring: merits in the open era, and STCI once the era is over and somebody claims it.

use crate::{
	chain::Chain,
	devices::{
		machines::{next, Provider, GROUPS},
		wins::{machine, Both, BLOCKS},
	},
};
use frame_support::BoundedVec;
use issuance_primitives::{EraLedger, Merits, PerPot};
use pallet_resource_proofs::{Entries, Event as Proven};
use pallet_stci_issuance::{Call as Issuance, Error, Event, Ledgers, OpenEra, SupplyOf};
use pallet_transaction_payment::Event as Paid;
use proof_lottery_primitives::Resource;
use smartchain_runtime::{
	configs::parameters::burned_share, AccountId, Balance, Balances, Poca, Runtime, RuntimeCall, RuntimeEvent,
	StciIssuance, System,
};
use sp_core::sr25519;
use sp_keyring::Sr25519Keyring as Key;
use storage_market_primitives::Price;

/// Luck may bring a few times what is expected. A unit that is another one is off by hundreds: plots of this size have
/// some thousandths of a GiB.
const LUCK: u128 = 10;

/// The open era, and what an account has earned in it.
fn open(chain: &mut Chain, who: &AccountId) -> (u32, Merits) {
	chain.query(|| {
		let era = OpenEra::<Runtime>::get().era;
		(era, pallet_stci_issuance::Merits::<Runtime>::get(era, who))
	})
}

/// How many wins of space the last block has.
fn won(chain: &mut Chain) -> usize {
	let events = chain.query(System::read_events_for_pallet::<Proven<Runtime>>);
	let of_space = |event: &&Proven<Runtime>| {
		matches!(
			event,
			Proven::Won {
				resource: Resource::Space,
				..
			}
		)
	};
	events.iter().filter(of_space).count()
}

/// Grows until an era is over in which plots have earned. Which one, and how many wins it had.
fn era_of_wins(both: &mut Both, machine: &Provider) -> (u32, usize) {
	let owner = machine.owner();
	let mut wins = 0;
	for _ in 0..BLOCKS {
		let (era, before) = open(&mut both.chain, &owner);
		let made = both.wins(machine);
		both.grow(made);
		let (now, after) = open(&mut both.chain, &owner);
		let fresh = won(&mut both.chain);
		if now == era {
			assert!(
				fresh > 0 || after.plots == before.plots,
				"plots earn by wins and by nothing else"
			);
			wins += fresh;
		} else if before.plots > 0 {
			return (era, wins);
		} else {
			// The wins of an era's first block are that era's.
			wins = fresh;
		}
	}
	panic!("no era of {BLOCKS} blocks has wins: the generator is asked as plots.rs says");
}

/// The floor of `pot * merit / total`.
fn share(pot: Balance, merit: u128, total: u128) -> Balance {
	if total == 0 {
		return 0;
	}
	pot.checked_mul(merit).expect("small pots and few merits") / total
}

/// What merits get of an era, in this test's own words: those of Bob, who has plots and authors blocks.
fn worth(ledger: &EraLedger, merits: &Merits) -> PerPot<Balance> {
	let (pots, totals) = (&ledger.closing.pots, &ledger.totals);
	PerPot {
		signing: share(pots.signing, merits.signing, totals.signing),
		plots: share(pots.plots, merits.plots, totals.plots),
		..PerPot::default()
	}
}

/// Whether this director authors the next block, and has a share of its fees then.
fn is_next(chain: &mut Chain, who: Key) -> bool {
	let slot = chain.slot;
	chain.query(|| {
		let schedule = Poca::schedule();
		let author = schedule.director(slot.into()).expect("there are directors");
		let key: &sr25519::Public = schedule.key(author).expect("the author is a director").as_ref();
		*key == who.public()
	})
}

/// A claim of an era for the owner, by somebody else.
fn claim(owner: &AccountId, era: u32) -> RuntimeCall {
	Issuance::claim {
		account: owner.clone(),
		eras: BoundedVec::truncate_from(vec![era]),
	}
	.into()
}

/// AutoMine buys plots of those machines alone whose space customers can have.
fn offer(machine: &Provider) -> RuntimeCall {
	pallet_storage_market::Call::set_offer {
		device: machine.id(),
		ask: Price(1),
		egress: Price(1),
		capacity: 1,
		max_slot: 1,
	}
	.into()
}

/// What was burned of the only fee of the last block.
fn burned(chain: &mut Chain) -> Balance {
	chain.query(|| {
		let fee = System::events().into_iter().find_map(|record| match record.event {
			RuntimeEvent::TransactionPayment(Paid::TransactionFeePaid { actual_fee, .. }) => Some(actual_fee),
			_ => None,
		});
		burned_share() * fee.expect("one transaction pays")
	})
}

#[test]
fn wins_of_space_are_merits_and_are_paid_once_after_the_era() {
	let (mut both, machine) = (Both::new(), machine());
	both.begin(&machine);
	both.block(Key::Bob, offer(&machine));
	let owner = machine.owner();
	let (era, wins) = era_of_wins(&mut both, &machine);
	assert!(wins > 0);
	let (ledger, merits) = both.chain.query(|| {
		let ledger = Ledgers::<Runtime>::get(era).expect("the era is closed");
		(ledger, pallet_stci_issuance::Merits::<Runtime>::get(era, &owner))
	});
	let proven = both.chain.query(|| {
		let entry = Entries::<Runtime>::get(machine.id()).and_then(|entry| entry.space);
		entry.expect("it has plots").kind.gib_of_sum(u128::from(GROUPS) << 32)
	});
	assert!(
		merits.plots <= LUCK * proven,
		"{} units in {wins} wins, and {proven} are proven",
		merits.plots
	);
	assert_eq!(ledger.totals.plots, merits.plots, "nobody else has plots");
	assert!(ledger.closing.pots.plots > 0);
	let amounts = worth(&ledger, &merits);
	assert!(amounts.signing > 0, "Bob authored as well");
	assert_eq!(amounts.plots, ledger.closing.pots.plots, "all of that pot");
	let worth = amounts.signing + amounts.plots;

	while is_next(&mut both.chain, Key::Bob) {
		both.grow(Vec::new());
	}
	let standing = |chain: &mut Chain| {
		chain.query(|| {
			let supply = SupplyOf::<Runtime>::get();
			(Balances::free_balance(&owner), Balances::total_issuance(), supply)
		})
	};
	let (free, issued, supply) = standing(&mut both.chain);
	both.block(Key::Charlie, claim(&owner, era));
	let burned = burned(&mut both.chain);
	let (free_now, issued_now, supply_now) = standing(&mut both.chain);
	assert_eq!(free_now, free + worth);
	assert_eq!(issued_now, issued + worth - burned);
	assert_eq!(
		(supply_now.created, supply_now.committed),
		(supply.created + worth, supply.committed - worth)
	);
	let events = both.chain.query(System::read_events_for_pallet::<Event<Runtime>>);
	let account = owner.clone();
	assert_eq!(events, [Event::Claimed { account, era, amounts }]);

	// Once. The open era not yet.
	let (now, _) = open(&mut both.chain, &owner);
	for (era, error) in [(era, Error::<Runtime>::NothingEarned), (now, Error::EraOpen)] {
		let made = next(&mut both.chain, Key::Charlie, claim(&owner, era));
		let (block, results) = both.chain.author(|| vec![made]);
		both.wasm.execute(block);
		assert_eq!(results, [Ok(Err(error.into()))]);
	}
	let (_, _, supply_last) = standing(&mut both.chain);
	assert_eq!(supply_last, supply_now, "nothing is created twice");
	both.chain
		.query(|| StciIssuance::do_try_state().expect("invariants hold"));
}
