//! Claims beside transfers: whole blocks of each, less an empty one.

use super::{
	machine::{Machine, GENESIS},
	micros_of,
};
use crate::{report::Row, stats::micros};
use codec::Decode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{fungible::Mutate, Get},
	weights::Weight,
	BoundedVec,
};
use issuance_primitives::{Closing, EraLedger, PerPot, STCI, UNIT};
use pallet_stci_issuance::{Call, Config, Ledgers, Merits, OpenEra, SupplyOf};
use smartchain_runtime::{limits::RuntimeBlockWeights, Balances, Runtime, RuntimeCall, UncheckedExtrinsic};
use smartchain_tests::{
	ensure,
	tx::{self, Account, Chain},
	Error, Result,
};

/// Transactions in a block, each of another account: as many claims of many eras as there is room for, and some to
/// spare.
const COUNT: u32 = 100;
/// What each has before, in planck.
const FUNDS: u128 = 1_000 * STCI;
/// The first slot.
const SLOT: u64 = 2_400_000_000;

/// How many eras a claim may name.
pub fn most_eras() -> u32 {
	<Runtime as Config>::MaxEras::get()
}

/// What is measured of one transaction.
struct Measure {
	/// Microseconds that it takes in a block.
	took: f64,
	/// What a block charges for it,
	charged: Weight,
	/// and what of that its call is.
	call: Weight,
}

fn accounts() -> Vec<Account> {
	(0..COUNT)
		.map(|index| Account::dev(&format!("//earner//{index}")))
		.collect()
}

/// A claim of the first eras by whoever earned in them.
fn claim(earner: &Account, eras: u32) -> RuntimeCall {
	Call::<Runtime>::claim {
		account: earner.id().clone(),
		eras: BoundedVec::truncate_from((0..eras).collect()),
	}
	.into()
}

fn signed(signer: &Account, call: RuntimeCall) -> Result<UncheckedExtrinsic> {
	let bytes = Chain::with_genesis(GENESIS).sign(signer, 0, call);
	Ok(UncheckedExtrinsic::decode(&mut &bytes[..])?)
}

/// What every signed transaction is charged besides its call.
///
/// # Errors
/// If no transaction can be made.
pub fn around_a_call() -> Result<Weight> {
	let signer = Account::dev("//Alice");
	let info = signed(&signer, claim(&signer, 1))?.get_dispatch_info();
	let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
	Ok(base.saturating_add(info.extension_weight))
}

/// Each of these has something to spend, and earned the same for work of every kind in each era that is closed.
fn earn(accounts: &[Account]) -> Result<()> {
	for account in accounts {
		Balances::mint_into(account.id(), FUNDS)
			.map_err(|error| Error::new(format!("an earner has no account: {error:?}")))?;
	}
	let merits = PerPot {
		treasury: 0,
		..PerPot::from_fn(|_| UNIT)
	};
	let ledger = EraLedger {
		closing: Closing {
			gross: 700 * STCI,
			pots: PerPot::from_fn(|_| 100 * STCI),
			..Closing::default()
		},
		totals: merits.map(|merit| merit.saturating_mul(COUNT.into())),
		created: 100 * STCI,
		..EraLedger::default()
	};
	OpenEra::<Runtime>::mutate(|open| open.era = most_eras());
	for era in 0..most_eras() {
		SupplyOf::<Runtime>::mutate(|supply| {
			supply.created = supply.created.saturating_add(ledger.created);
			supply.committed = supply.committed.saturating_add(ledger.committed());
		});
		Ledgers::<Runtime>::insert(era, ledger);
		for account in accounts {
			Merits::<Runtime>::insert(era, account.id(), merits);
		}
	}
	Ok(())
}

/// What a transfer, a claim of an era and one of as many eras as it may name take and are charged.
fn measure(times: u32) -> Result<[Measure; 3]> {
	let accounts = accounts();
	let mut machine = Machine::new(SLOT)?;
	// In its first block the chain notes what there was at genesis.
	machine.grow(1)?;
	machine.prepare(|| earn(&accounts))?;
	let empty = machine.run(Vec::new(), times)?;
	let mut of = |what: &str, call: &dyn Fn(usize) -> RuntimeCall| -> Result<Measure> {
		let signed: Result<Vec<_>> = accounts
			.iter()
			.enumerate()
			.map(|(index, account)| signed(account, call(index)))
			.collect();
		let ran = machine
			.run(signed?, times)
			.map_err(|error| error.while_doing(format!("a block of {COUNT} times {what}")))?;
		Ok(Measure {
			took: micros(ran.took.saturating_sub(empty.took)) / f64::from(COUNT),
			charged: ran.transactions.checked_div(COUNT.into()).unwrap_or_default(),
			call: call(0).get_dispatch_info().call_weight,
		})
	};
	let of_all = [
		of("a transfer", &|index| {
			let to = &accounts[(index + 1) % accounts.len()];
			tx::transfer(to.id(), STCI)
		})?,
		of("a claim", &|index| claim(&accounts[index], 1))?,
		of("a claim of many eras", &|index| claim(&accounts[index], most_eras()))?,
	];
	Ok(of_all)
}

/// What was measured, the claims beside the transfer.
pub fn rows(times: u32) -> Result<Vec<Row>> {
	let [transfer, one, many] = measure(times)?;
	ensure!(
		transfer.took > 0.0 && transfer.charged.ref_time() > 0,
		"blocks of transfers take no longer than empty ones"
	);
	let said = |measure: &Measure| {
		format!(
			"{:.0} us; charged {:.0} us, of which {:.0} are the call",
			measure.took,
			micros_of(measure.charged),
			micros_of(measure.call)
		)
	};
	let beside = |measure: &Measure, eras: u32| {
		let eras = f64::from(eras);
		format!(
			"{:.2} x a transfer in time, {:.2} x in what is charged, {:.2} x by the calls alone",
			measure.took / transfer.took / eras,
			micros_of(measure.charged) / micros_of(transfer.charged) / eras,
			micros_of(measure.call) / micros_of(transfer.call) / eras
		)
	};
	let eras = most_eras();
	Ok(vec![
		Row::new(
			format!("a transfer, in blocks of {COUNT}, in Wasm"),
			"",
			said(&transfer),
		),
		Row::new(
			"a claim of one era",
			"charged <= 3 x",
			format!("{}: {}", said(&one), beside(&one, 1)),
		),
		Row::new(
			format!("a claim of {eras} eras"),
			"",
			format!("{}: {}", said(&many), beside(&many, 1)),
		),
		Row::new(
			format!("one era of a claim of {eras}"),
			"charged <= 3 x",
			beside(&many, eras),
		),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What is claimed at once costs less an era than what is claimed one by one.
	#[test]
	fn claims_are_paid_and_many_at_once_are_charged_less() {
		let [transfer, one, many] = measure(1).unwrap();
		let all = [&transfer, &one, &many].map(|measure| measure.charged.ref_time());
		assert!(all[0] < all[1] && all[1] < all[2], "{all:?}");
		assert!(all[2] < all[1] * u64::from(most_eras()), "{all:?}");
		// What a block charges is what a transaction was said to cost, but for what it gives back.
		let said = around_a_call().unwrap().saturating_add(one.call).ref_time();
		assert!(all[1] <= said && said - all[1] < said / 10, "{} of {said}", all[1]);
	}
}
