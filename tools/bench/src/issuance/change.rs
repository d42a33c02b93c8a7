//! The block that begins an era: the era before is closed, directors and standby signers are seated and the next ones
//! elected, and one more era expires, in which as many earned.

use super::{
	claims::{around_a_call, most_eras},
	machine::Machine,
	millis_of, stock,
};
use crate::report::Row;
use frame_election_provider_support::SortedListProvider;
use frame_support::{traits::Get, weights::Weight, BoundedVec};
use issuance_primitives::{Closing, EraLedger, PerPot, STCI, UNIT};
use pallet_candidates::{election::rank, Candidate, LatencyReport, ParameterValues};
use pallet_stci_issuance::{Config, Expiry, Ledgers, Merits, OpenEra, Progress, SupplyOf, WeightInfo};
use pallet_traits::{Earnings, Seats};
use smartchain_runtime::{
	configs::{DefaultParameters, MaxRead},
	constants::{currency::BOND, time::TURN_LENGTH},
	limits::MAX_NORMAL_MILLIS,
	AccountId, CandidateList, Poca, Runtime, SessionKeys, StciIssuance,
};
use smartchain_tests::{ensure, Error, Result};
use sp_core::{ed25519, sr25519};
use sp_io::hashing::blake2_256;
use std::time::Duration;

/// Slots of an era: as few as turns allow, so that all of its blocks are authored.
const ERA: u32 = 2 * TURN_LENGTH;
/// How many eras of that length lie before the first change.
const ERAS_BEFORE: u64 = 100_000_000;

/// What a pallet is charged.
type Issuance = <Runtime as Config>::WeightInfo;

fn account(what: &str, index: u32) -> AccountId {
	blake2_256(format!("{what} {index}").as_bytes()).into()
}

/// The era in which all earn: the next one is the first with which an era expires.
fn era_of_earners() -> u32 {
	<Runtime as Config>::ExpiryEras::get().saturating_add(1)
}

/// Short eras, of which the one before the earners' is open; so many directors and standby signers in office, and as
/// many candidates as an election looks at, with keys, backing and reports of latencies.
fn seat(directors: u32) -> Result<()> {
	pallet_poca::EraLength::<Runtime>::put(ERA);
	pallet_poca::Era::<Runtime>::put(era_of_earners().saturating_sub(1));
	pallet_candidates::Parameters::<Runtime>::put(ParameterValues {
		seats: directors,
		standby_signers: directors,
		standby_compute_nodes: directors,
		..DefaultParameters::get()
	});
	let of = |index| account("candidate", index);
	let mut backing = 0u128;
	for index in 0..MaxRead::get() {
		let who = of(index);
		let keys = SessionKeys {
			poca: sr25519::Public::from_raw(*who.as_ref()).into(),
			pbft: ed25519::Public::from_raw(*who.as_ref()).into(),
		};
		pallet_session::NextKeys::<Runtime>::insert(&who, keys);
		let candidate = Candidate {
			bond: BOND,
			admitted: true,
			terms: 0,
			withdrawable: None,
		};
		pallet_candidates::Candidates::<Runtime>::insert(&who, candidate);
		pallet_candidates::BackingOn::<Runtime>::insert(&who, u128::from(index) * BOND);
		backing = backing.saturating_add(u128::from(index) * BOND);
		// Spread over the bags, as backing would.
		let bag = rank::BAG_THRESHOLDS[index as usize % (rank::BAG_THRESHOLDS.len() / 2)];
		CandidateList::on_insert(who, rank::list_score(0, true) | bag)
			.map_err(|error| Error::new(format!("a candidate is in no list: {error:?}")))?;
	}
	pallet_candidates::TotalBacking::<Runtime>::put(backing);
	let seated: Vec<_> = (0..directors).map(of).collect();
	let standbys: Vec<_> = (directors..directors.saturating_mul(2)).map(of).collect();
	for reporter in &seated {
		let others = seated.iter().filter(|other| *other != reporter);
		let latencies: Vec<_> = others
			.enumerate()
			.map(|(place, other)| (other.clone(), 10 + place as u16))
			.collect();
		let latest = BoundedVec::truncate_from(latencies);
		let report = LatencyReport {
			told: 0,
			before: latest.clone(),
			latest,
		};
		pallet_candidates::Latencies::<Runtime>::insert(reporter, report);
	}
	Poca::seat(seated, standbys).map_err(|error| Error::new(format!("nobody is seated: {error:?}")))
}

/// So many earn by plots in the era that is open, and have earned in the oldest of all, which expires with the next.
fn earn(earners: u32) -> Result<()> {
	let open = OpenEra::<Runtime>::get().era;
	ensure!(open == era_of_earners(), "era {open} is open");
	let oldest = open.saturating_sub(<Runtime as Config>::ExpiryEras::get());
	Expiry::<Runtime>::put(Progress {
		swept: oldest,
		expired: oldest,
	});
	let merits = PerPot {
		plots: UNIT,
		..PerPot::default()
	};
	for index in 0..earners {
		let earner = account("earner", index);
		<StciIssuance as Earnings<AccountId>>::plots_proven(&earner, UNIT);
		Merits::<Runtime>::insert(oldest, earner, merits);
	}
	let ledger = EraLedger {
		closing: Closing {
			gross: 100 * STCI,
			pots: PerPot {
				plots: 100 * STCI,
				..PerPot::default()
			},
			..Closing::default()
		},
		totals: merits.map(|merit| merit.saturating_mul(earners.into())),
		..EraLedger::default()
	};
	SupplyOf::<Runtime>::mutate(|supply| supply.committed = supply.committed.saturating_add(ledger.committed()));
	Ledgers::<Runtime>::insert(oldest, ledger);
	Ok(())
}

/// That all happened that was to be measured.
fn check(earners: u32) -> Result<()> {
	let era = era_of_earners();
	let open = OpenEra::<Runtime>::get().era;
	ensure!(open == era.saturating_add(1), "era {open} is open");
	let closed = Ledgers::<Runtime>::get(era).ok_or_else(|| Error::new("the era has no ledger"))?;
	ensure!(
		closed.closing.pots.plots > 0 && closed.totals.plots == UNIT.saturating_mul(earners.into()),
		"the era came to something else: {closed:?}"
	);
	let oldest = era.saturating_sub(<Runtime as Config>::ExpiryEras::get());
	let expired = Ledgers::<Runtime>::get(oldest).is_none_or(|ledger| ledger.expired > 0);
	ensure!(expired, "the oldest era has not expired");
	ensure!(
		pallet_poca::SeatedIn::<Runtime>::get() == Some(open),
		"nobody was seated for the new era"
	);
	Ok(())
}

/// One change of era.
pub struct Change {
	directors: u32,
	earners: u32,
	/// How long the last block of the era takes, the first of the next one, and the one after it.
	took: [Duration; 3],
	/// What the first block of the next era is charged in all,
	charged: Weight,
	/// and at its start, beyond what the block before is.
	more: Weight,
}

impl Change {
	/// Measures one with so many directors and earners; each block is executed so many times.
	///
	/// # Errors
	/// If the chain cannot be brought to it.
	pub fn measure(directors: u32, earners: u32, times: u32) -> Result<Self> {
		// Two blocks before an era begins, in which those are elected that are seated in the next one.
		let mut machine = Machine::new(u64::from(ERA).saturating_mul(ERAS_BEFORE).saturating_sub(2))?;
		machine.prepare(|| seat(directors))?;
		machine.grow(3)?;
		machine.prepare(|| earn(earners))?;
		machine.grow(ERA.saturating_sub(2))?;
		let last = machine.run(Vec::new(), times)?;
		machine.keep(&last)?;
		let first = machine.run(Vec::new(), times)?;
		machine.keep(&first)?;
		machine.query(|| check(earners))?;
		let next = machine.run(Vec::new(), times)?;
		Ok(Self {
			directors,
			earners,
			took: [last.took, first.took, next.took],
			charged: first.all,
			more: first.start.saturating_sub(last.start),
		})
	}

	/// What it takes and is charged.
	fn row(&self) -> Row {
		let [last, first, next] = self.took.map(|took| took.as_secs_f64() * 1e3);
		let issuance = Issuance::era_started();
		Row::new(
			format!(
				"{} earners, {} directors: the first block of an era, in Wasm",
				self.earners, self.directors
			),
			"within an ordinary block's 400 ms",
			format!(
				"{first:.1} ms, the block before it {last:.1} and that after it {next:.1}; charged {:.1} ms, {:.0} % \
				 of {MAX_NORMAL_MILLIS}: {:.2} ms to close the era, {:.1} for seats and election",
				millis_of(self.charged),
				100.0 * millis_of(self.charged) / MAX_NORMAL_MILLIS as f64,
				millis_of(issuance),
				millis_of(self.more.saturating_sub(issuance)),
			),
		)
	}

	/// The change of era alone beside what the stock node's era weighs, and both with all that is paid.
	fn beside_stock(&self) -> Result<[Row; 2]> {
		let (signers, payees) = (self.directors, self.earners);
		let name = format!("{signers} signers, {payees} payees");
		let around = around_a_call()?;
		let stock_change = stock::new_era(signers, payees);
		let stock_paid = stock::payouts(signers, payees).saturating_add(around.saturating_mul(signers.into()));
		let stock_era = stock_change.saturating_add(stock_paid);
		let paid_by = |eras: u32| {
			let all = Issuance::claim(eras)
				.saturating_add(around)
				.saturating_mul(payees.into());
			all.checked_div(eras.into()).unwrap_or(all)
		};
		let (single, many) = (paid_by(1), paid_by(most_eras()));
		let ratio = |ours: Weight, theirs: Weight| millis_of(ours) / millis_of(theirs).max(f64::MIN_POSITIVE);
		let with = |paid: Weight| self.more.saturating_add(paid);
		let alone = Row::new(
			format!("{name}: a change of era, beside a stock node's"),
			"<= 0.5 x a staking era",
			format!(
				"{:.1} ms; there {:.1} ms and payouts of {:.1} ms: {:.2} x both, {:.2} x the change alone",
				millis_of(self.more),
				millis_of(stock_change),
				millis_of(stock_paid),
				ratio(self.more, stock_era),
				ratio(self.more, stock_change)
			),
		);
		let whole = Row::new(
			format!("{name}: the same, all of them paid for that era"),
			"",
			format!(
				"by claims of one era each {:.1} ms, of {} eras each {:.1} ms; there {:.1} ms: {:.2} and {:.2} x",
				millis_of(with(single)),
				most_eras(),
				millis_of(with(many)),
				millis_of(stock_era),
				ratio(with(single), stock_era),
				ratio(with(many), stock_era)
			),
		);
		Ok([alone, whole])
	}
}

/// How much more the change takes and is charged with the most earners than with the fewest.
fn growth(changes: &[Change]) -> Option<Row> {
	let (fewest, most) = (changes.first()?, changes.last()?);
	let took = |change: &Change| change.took[1].as_secs_f64();
	Some(Row::new(
		format!(
			"the same with {} directors: {} earners beside {}",
			most.directors, most.earners, fewest.earners
		),
		"1 x",
		format!(
			"{:.2} x in time, {:.3} x in what is charged",
			took(most) / took(fewest).max(f64::MIN_POSITIVE),
			millis_of(most.charged) / millis_of(fewest.charged).max(f64::MIN_POSITIVE)
		),
	))
}

/// What changes of era take and are charged, with each number of directors and of earners.
pub fn rows(directors: &[u32], earners: &[u32], times: u32) -> Result<Vec<Row>> {
	let (mut rows, mut beside) = (Vec::new(), Vec::new());
	for directors in directors {
		let mut changes = Vec::new();
		for earners in earners {
			eprintln!("  {directors} directors, {earners} earners ...");
			changes.push(Change::measure(*directors, *earners, times)?);
		}
		rows.extend(changes.iter().map(Change::row));
		rows.extend(growth(&changes));
		for change in &changes {
			beside.extend(change.beside_stock()?);
		}
	}
	rows.extend(beside);
	Ok(rows)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// More earners are charged no more.
	#[test]
	fn closing_an_era_is_charged_the_same_for_few_and_for_more() {
		let [few, more] = [10, 200].map(|earners| Change::measure(21, earners, 1).unwrap());
		assert_eq!(few.more, more.more);
		assert!(few.more.ref_time() > Issuance::era_started().ref_time());
		assert!(millis_of(more.charged) < MAX_NORMAL_MILLIS as f64);
		let rows = rows(&[21], &[10, 20], 1).unwrap();
		assert_eq!(rows.len(), 2 + 1 + 4);
	}
}
