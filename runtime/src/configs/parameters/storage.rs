//! What holders govern of the storage market: prices of repairs, shares of pay, penalties, times, audits.
//!
//! Any values within the bounds go together: shares of a pay are never more than all of it, and patience is the longer
//! the more slots a deal can do without, for its ranges do not overlap.

use super::{
	bounds::Bounds,
	dynamic_params::storage::{
		AuditTicks, BurnedShare, DearBeyond as Dear, EgressPrice, EndedEarly, GivenUp, GraceTicks, LeastScore as Score,
		Parameters, PatienceAtOne, PatienceAtTwo, PatienceBeyond, PatienceLast, PlacingTicks, PriceShare as Share,
		QualityShare, RepairMargin, ReserveShare, TermsMet as Met, UploadPerMib, UploadTicks, WorkShare,
	},
};
use crate::{
	constants::{
		currency::UNITS,
		storage::TEST_SCALE,
		time::{DAYS, HOURS, MINUTES},
	},
	limits::AUDIT_BYTES,
	Balance, BlockNumber, Poca, Runtime,
};
use frame_support::traits::Get;
use market_primitives::{Penalties, Shares};
use pallet_traits::Beacon;
use sp_runtime::{Perbill, Saturating};
use storage_market_primitives::{Audits, Price, Terms, Times};

const EGRESS: Bounds<Balance> = Bounds::new(UNITS / 1_024 / 100, UNITS / 1_024 * 100);
const MARGIN: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(100));
const RESERVE: Bounds<Perbill> = Bounds::new(Perbill::from_percent(10), Perbill::from_percent(100));
// Together at most all of a pay.
const WORK: Bounds<Perbill> = Bounds::new(Perbill::from_percent(70), Perbill::from_percent(90));
const QUALITY: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(5));
// Never nothing: who is customer and provider at once would lose nothing.
const BURNED: Bounds<Perbill> = Bounds::new(Perbill::from_percent(2), Perbill::from_percent(5));
const GIVEN_UP: Bounds<Perbill> = Bounds::new(Perbill::from_percent(3), Perbill::from_percent(50));
const ENDED_EARLY: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(20));
const SCORE: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(90));
const PRICE: Bounds<Perbill> = Bounds::new(Perbill::from_percent(1), Perbill::from_percent(100));
const MET: Bounds<Perbill> = Bounds::new(Perbill::from_percent(50), Perbill::from_percent(100));
// Never nothing: of any two honest devices one asks more than the mean.
const DEAR: Bounds<Perbill> = Bounds::new(Perbill::from_percent(10), Perbill::from_percent(100));
const AUDITS: Bounds<BlockNumber> = Bounds::new(2 * HOURS, 2 * DAYS);
/// For how long a challenge can be answered: five minutes of blocks.
const WINDOW: BlockNumber = 5 * MINUTES;
const PLACING: Bounds<BlockNumber> = Bounds::new(MINUTES, 10 * MINUTES);
const UPLOAD: Bounds<BlockNumber> = Bounds::new(2 * MINUTES, DAYS);
const PER_MIB: Bounds<BlockNumber> = Bounds::new(1, 20);
const GRACE: Bounds<BlockNumber> = Bounds::new(DAYS, 30 * DAYS);
const LAST: Bounds<BlockNumber> = Bounds::new(5 * MINUTES, 30 * MINUTES);
const AT_ONE: Bounds<BlockNumber> = Bounds::new(30 * MINUTES, 2 * HOURS);
const AT_TWO: Bounds<BlockNumber> = Bounds::new(2 * HOURS, 8 * HOURS);
const BEYOND: Bounds<BlockNumber> = Bounds::new(8 * HOURS, DAYS);

/// Whether this chain is one to try things on, whose times are short.
fn is_quick() -> bool {
	pallet_mandates::Scale::<Runtime>::get() > 1
}

/// The part of a time that a chain to try things on has, and at least so much.
pub(super) fn quick(time: BlockNumber, least: BlockNumber) -> BlockNumber {
	if is_quick() {
		time.checked_div(TEST_SCALE).unwrap_or(time).max(least)
	} else {
		time
	}
}

/// The terms of deals as holders have set them, within their bounds; on a chain to try things on with short times.
pub struct StorageTerms;

impl Get<Terms> for StorageTerms {
	fn get() -> Terms {
		// A draw waits for two turns, and whoever is drawn confirms by what the turn before it knew.
		let turns = <Poca as Beacon>::turn_length().saturating_mul(10);
		// Whoever held a slot to the end is asked for the last stretch in the time of grace, and answers in it.
		let audits = StorageAudits::get();
		let asked = audits.period.saturating_add(audits.window).saturating_add(1);
		Terms {
			era: pallet_poca::EraLength::<Runtime>::get().max(1),
			times: Times {
				placing: quick(PLACING.clamp(PlacingTicks::get()), turns),
				upload: quick(UPLOAD.clamp(UploadTicks::get()), turns),
				upload_per_mib: PER_MIB.clamp(UploadPerMib::get()),
				grace: quick(GRACE.clamp(GraceTicks::get()), 1).max(asked),
				patience: [
					quick(LAST.clamp(PatienceLast::get()), 1),
					quick(AT_ONE.clamp(PatienceAtOne::get()), 1),
					quick(AT_TWO.clamp(PatienceAtTwo::get()), 1),
					quick(BEYOND.clamp(PatienceBeyond::get()), 1),
				],
			},
			shares: Shares {
				work: WORK.clamp(WorkShare::get()),
				quality: QUALITY.clamp(QualityShare::get()),
				burned: BURNED.clamp(BurnedShare::get()),
			},
			penalties: Penalties {
				given_up: GIVEN_UP.clamp(GivenUp::get()),
				ended_early: ENDED_EARLY.clamp(EndedEarly::get()),
			},
			egress: Price(EGRESS.clamp(EgressPrice::get())),
			margin: MARGIN.clamp(RepairMargin::get()),
			reserve: RESERVE.clamp(ReserveShare::get()),
		}
	}
}

/// The least score of a device that is drawn.
pub struct LeastScore;

impl Get<Perbill> for LeastScore {
	fn get() -> Perbill {
		SCORE.clamp(Score::get())
	}
}

/// Of the price of a work, the most that issuance pays for it: whoever is customer and provider at once loses the rest.
pub struct PriceShare;

impl Get<Perbill> for PriceShare {
	fn get() -> Perbill {
		PRICE.clamp(Share::get())
	}
}

/// Of the tickets that a draw looks at, those that have to meet the terms, or the work counts for nothing.
pub struct TermsMet;

impl Get<Perbill> for TermsMet {
	fn get() -> Perbill {
		MET.clamp(Met::get())
	}
}

/// How far beyond the mean of what is paid a device may ask and have its plots ordered.
pub struct DearBeyond;

impl Get<Perbill> for DearBeyond {
	fn get() -> Perbill {
		DEAR.clamp(Dear::get())
	}
}

/// How often slots are asked, for how long they may answer, and how much of a block answers may take. On a chain to try
/// things on a slot is asked once an era.
pub struct StorageAudits;

impl Get<Audits> for StorageAudits {
	fn get() -> Audits {
		let turns = <Poca as Beacon>::turn_length().saturating_mul(2);
		let period = if is_quick() {
			pallet_poca::EraLength::<Runtime>::get()
		} else {
			AUDITS.clamp(AuditTicks::get())
		};
		let period = period.max(turns.saturating_mul(2));
		// Half of the period at most, so that a slot is asked once in it.
		let window = quick(WINDOW, turns).min(period.div_euclid(2));
		Audits {
			period,
			window,
			bytes: AUDIT_BYTES,
		}
	}
}

/// How what is given out is paid: all of it to the device's owner but what ceases to exist.
pub struct EgressShares;

impl Get<Shares> for EgressShares {
	fn get() -> Shares {
		let burned = BURNED.clamp(BurnedShare::get());
		Shares {
			work: Perbill::one().saturating_sub(burned),
			quality: Perbill::zero(),
			burned,
		}
	}
}

/// Whether two devices of one network may not have slots of one deal: chains to try things on live on one machine.
pub struct Groups;

impl Get<bool> for Groups {
	fn get() -> bool {
		!is_quick()
	}
}

/// Whether the new value is within its bounds.
pub(super) fn is_within_bounds(change: &Parameters) -> bool {
	match change {
		Parameters::EgressPrice(_, value) => EGRESS.admits(value),
		Parameters::RepairMargin(_, value) => MARGIN.admits(value),
		Parameters::ReserveShare(_, value) => RESERVE.admits(value),
		Parameters::WorkShare(_, value) => WORK.admits(value),
		Parameters::QualityShare(_, value) => QUALITY.admits(value),
		Parameters::BurnedShare(_, value) => BURNED.admits(value),
		Parameters::GivenUp(_, value) => GIVEN_UP.admits(value),
		Parameters::EndedEarly(_, value) => ENDED_EARLY.admits(value),
		Parameters::LeastScore(_, value) => SCORE.admits(value),
		Parameters::AuditTicks(_, value) => AUDITS.admits(value),
		Parameters::PlacingTicks(_, value) => PLACING.admits(value),
		Parameters::UploadTicks(_, value) => UPLOAD.admits(value),
		Parameters::UploadPerMib(_, value) => PER_MIB.admits(value),
		Parameters::GraceTicks(_, value) => GRACE.admits(value),
		Parameters::PatienceLast(_, value) => LAST.admits(value),
		Parameters::PatienceAtOne(_, value) => AT_ONE.admits(value),
		Parameters::PatienceAtTwo(_, value) => AT_TWO.admits(value),
		Parameters::PatienceBeyond(_, value) => BEYOND.admits(value),
		Parameters::PriceShare(_, value) => PRICE.admits(value),
		Parameters::TermsMet(_, value) => MET.admits(value),
		Parameters::DearBeyond(_, value) => DEAR.admits(value),
	}
}
