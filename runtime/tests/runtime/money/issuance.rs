//! An era from its first block to the claims of it.

use crate::chain::{signed, Chain};
use frame_support::BoundedVec;
use issuance_primitives::UNIT;
use pallet_stci_issuance::{Ledgers, OpenEra, SupplyOf};
use pallet_traits::Earnings;
use smartchain_runtime::{
	configs::TreasuryAccount, constants::currency::EXISTENTIAL_DEPOSIT, genesis, AccountId, Balances, Runtime,
	StciIssuance,
};
use sp_keyring::Sr25519Keyring as Key;

#[test]
fn an_era_is_closed_and_claimed_and_issuance_is_what_was_created_less_what_was_burned() {
	let mut chain = Chain::of(genesis::DEV);
	chain.grow_well(Vec::new);
	let (genesis, bob) = (chain.query(Balances::total_issuance), Key::Bob.to_account_id());
	assert_eq!(chain.query(|| SupplyOf::<Runtime>::get().genesis), genesis);
	// 100 GiB of Bob's.
	let owner = bob.clone();
	chain.prepare(move || <StciIssuance as Earnings<AccountId>>::plots_proven(&owner, 100 * UNIT));
	let length = u64::from(chain.query(pallet_poca::EraLength::<Runtime>::get));
	chain.slot = (chain.slot / length + 1) * length;
	chain.grow_well(Vec::new);
	let (ledger, open) = chain.query(|| (Ledgers::<Runtime>::get(0), OpenEra::<Runtime>::get()));
	let ledger = ledger.expect("era 0 is closed");
	assert_eq!(open.era, 1);
	assert!(ledger.closing.pots.plots > 0 && ledger.closing.pots.signing > 0);
	assert_eq!(
		chain.query(|| Balances::free_balance(TreasuryAccount::get())),
		EXISTENTIAL_DEPOSIT + ledger.closing.pots.treasury
	);
	assert_eq!(ledger.issuance, genesis + ledger.closing.pots.treasury - ledger.burned);

	let (before, issued) = chain.query(|| (Balances::free_balance(&bob), Balances::total_issuance()));
	let call = pallet_stci_issuance::Call::claim {
		account: bob.clone(),
		eras: BoundedVec::truncate_from(vec![0]),
	};
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, call)]);
	let (after, now) = chain.query(|| (Balances::free_balance(&bob), Balances::total_issuance()));
	assert_eq!(after - before, ledger.closing.pots.plots);
	// But for what is burned of the fee.
	assert!(now > issued && now <= issued + ledger.closing.pots.plots);
	chain.query(|| StciIssuance::do_try_state().expect("invariants hold"));
}
