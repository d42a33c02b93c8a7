//! What holders govern of the compute market: stakes, fines, how much is run again, shares of pay, times, engines.
//!
//! Any values within the bounds go together: to say anything without having run a unit costs more on average than it
//! brings, shares of a pay are never more than all of it, a fine is no more than the stake, and outputs are kept for as
//! long as results can be appealed.

use super::{
	bounds::Bounds,
	dynamic_params::compute::{
		AppealPays, AppealTicks, AtOnce, Audit, BurnedShare, ChecksShare, Dissent, Engines, GivenUp, KeptTicks,
		LeastAsk, LeastJob, LeastStake, Margin, NoticeEras, Parameters, PoolingTicks, Recheck, RevealTicks, Second,
		SlackTicks, Slowness, Stake, Start, TermsMet, WorkShare,
	},
	storage::quick,
};
use crate::{
	constants::{
		currency::{MILLI, UNITS},
		time::{DAYS, HOURS, MINUTES},
	},
	Balance, BlockNumber, Poca, Runtime,
};
use compute_market_primitives::{EngineId, Price, Terms, Times};
use frame_support::traits::{Contains, Get};
use market_primitives::{Instalments, Shares};
use pallet_compute_market::Rules;
use pallet_traits::Beacon;
use sp_runtime::Perbill;

// With the least of both a lazy triple loses what it gains: 1 % of three stakes of 100 pays cover three pays.
const STAKE: Bounds<u32> = Bounds::new(100, 1_000);
const RECHECK: Bounds<Perbill> = Bounds::new(Perbill::from_percent(1), Perbill::from_percent(20));
const AUDIT: Bounds<Perbill> = Bounds::new(Perbill::from_percent(5), Perbill::from_percent(50));
const DISSENT: Bounds<u32> = Bounds::new(1, 20);
const APPEAL_PAYS: Bounds<u32> = Bounds::new(13, 39);
const MARGIN: Bounds<Perbill> = Bounds::new(Perbill::from_percent(25), Perbill::from_percent(100));
// Together at most all of a pay; what is left of it is for re-checks.
const WORK: Bounds<Perbill> = Bounds::new(Perbill::from_percent(80), Perbill::from_percent(95));
// Never nothing: who is user and worker at once would lose nothing.
const BURNED: Bounds<Perbill> = Bounds::new(Perbill::from_percent(2), Perbill::from_percent(5));
const AT_ONCE: Bounds<Perbill> = Bounds::new(Perbill::from_percent(50), Perbill::from_percent(90));
const SECOND: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(100));
const START: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(10));
const ASK: Bounds<Balance> = Bounds::new(1_000_000, UNITS);
const POOLING: Bounds<BlockNumber> = Bounds::new(2 * MINUTES, HOURS);
const SLOWNESS: Bounds<u32> = Bounds::new(2, 10);
const SLACK: Bounds<BlockNumber> = Bounds::new(MINUTES / 2, 30 * MINUTES);
const REVEAL: Bounds<BlockNumber> = Bounds::new(MINUTES / 2, 10 * MINUTES);
const APPEAL: Bounds<BlockNumber> = Bounds::new(5 * MINUTES, HOURS);
const KEPT: Bounds<BlockNumber> = Bounds::new(HOURS, 7 * DAYS);
const NOTICE: Bounds<u32> = Bounds::new(28, 1_008);
const LEAST_STAKE: Bounds<Balance> = Bounds::new(UNITS, 1_000 * UNITS);
const LEAST_JOB: Bounds<Balance> = Bounds::new(10 * MILLI, 10 * UNITS);
const GIVEN_UP: Bounds<Perbill> = Bounds::new(Perbill::from_percent(3), Perbill::from_percent(50));
const MET: Bounds<Perbill> = Bounds::new(Perbill::from_percent(50), Perbill::from_percent(100));
// One at least: without any there is no job.
const ENGINES: Bounds<u32> = Bounds::new(1, 0xff);
const CHECKS: Bounds<Perbill> = Bounds::new(Perbill::zero(), Perbill::from_percent(50));

/// What each of three gets who look whether an output is served, in planck.
const PROBE: Balance = 10 * MILLI;

/// The terms of jobs as holders have set them, within their bounds; on a chain to try things on with short times.
pub struct ComputeTerms;

impl Get<Terms> for ComputeTerms {
	fn get() -> Terms {
		// A pool waits for two turns of the beacon, and may have to be drawn anew.
		let turns = <Poca as Beacon>::turn_length().saturating_mul(10);
		let some = MINUTES / 2;
		Terms {
			times: Times {
				pooling: quick(POOLING.clamp(PoolingTicks::get()), turns),
				slowness: SLOWNESS.clamp(Slowness::get()),
				slack: quick(SLACK.clamp(SlackTicks::get()), some),
				reveal: quick(REVEAL.clamp(RevealTicks::get()), some),
				appeal: quick(APPEAL.clamp(AppealTicks::get()), some),
				kept: quick(KEPT.clamp(KeptTicks::get()), turns),
				notice: NOTICE.clamp(NoticeEras::get()),
			},
			shares: Shares {
				work: WORK.clamp(WorkShare::get()),
				quality: Perbill::zero(),
				burned: BURNED.clamp(BurnedShare::get()),
			},
			instalments: Instalments {
				at_once: AT_ONCE.clamp(AtOnce::get()),
			},
			margin: MARGIN.clamp(Margin::get()),
			stake: STAKE.clamp(Stake::get()),
			dissent: DISSENT.clamp(Dissent::get()),
			appeal: APPEAL_PAYS.clamp(AppealPays::get()),
			recheck: RECHECK.clamp(Recheck::get()),
			audit: AUDIT.clamp(Audit::get()),
			second: SECOND.clamp(Second::get()),
			start: START.clamp(Start::get()),
			least_ask: Price(ASK.clamp(LeastAsk::get())),
		}
	}
}

/// What governs the market besides.
pub struct ComputeRules;

impl Get<Rules> for ComputeRules {
	fn get() -> Rules {
		Rules {
			era: pallet_poca::EraLength::<Runtime>::get().max(1),
			least_stake: LEAST_STAKE.clamp(LeastStake::get()),
			given_up: GIVEN_UP.clamp(GivenUp::get()),
			probe: PROBE,
			least_job: LEAST_JOB.clamp(LeastJob::get()),
			met: MET.clamp(TermsMet::get()),
			..Rules::real()
		}
	}
}

/// The engines that holders have admitted: bit 0 is engine 1.
pub struct AdmittedEngines;

impl AdmittedEngines {
	/// All of them, the newest last.
	pub fn all() -> impl Iterator<Item = EngineId> {
		let bits = ENGINES.clamp(Engines::get());
		let has = move |engine: &EngineId| bits.checked_shr(engine.saturating_sub(1)).unwrap_or(0) & 1 == 1;
		(1..=EngineId::BITS).filter(has)
	}
}

impl Contains<EngineId> for AdmittedEngines {
	fn contains(engine: &EngineId) -> bool {
		Self::all().any(|admitted| admitted == *engine)
	}
}

/// What of the treasury's pot of an era buys re-checks while little is used.
pub fn checks_share() -> Perbill {
	CHECKS.clamp(ChecksShare::get())
}

/// Whether the new value is within its bounds.
pub(super) fn is_within_bounds(change: &Parameters) -> bool {
	match change {
		Parameters::Stake(_, value) => STAKE.admits(value),
		Parameters::Dissent(_, value) => DISSENT.admits(value),
		Parameters::AppealPays(_, value) => APPEAL_PAYS.admits(value),
		Parameters::Recheck(_, value) => RECHECK.admits(value),
		Parameters::Audit(_, value) => AUDIT.admits(value),
		Parameters::Margin(_, value) => MARGIN.admits(value),
		Parameters::WorkShare(_, value) => WORK.admits(value),
		Parameters::BurnedShare(_, value) => BURNED.admits(value),
		Parameters::AtOnce(_, value) => AT_ONCE.admits(value),
		Parameters::Second(_, value) => SECOND.admits(value),
		Parameters::Start(_, value) => START.admits(value),
		Parameters::LeastAsk(_, value) => ASK.admits(value),
		Parameters::PoolingTicks(_, value) => POOLING.admits(value),
		Parameters::Slowness(_, value) => SLOWNESS.admits(value),
		Parameters::SlackTicks(_, value) => SLACK.admits(value),
		Parameters::RevealTicks(_, value) => REVEAL.admits(value),
		Parameters::AppealTicks(_, value) => APPEAL.admits(value),
		Parameters::KeptTicks(_, value) => KEPT.admits(value),
		Parameters::NoticeEras(_, value) => NOTICE.admits(value),
		Parameters::LeastStake(_, value) => LEAST_STAKE.admits(value),
		Parameters::LeastJob(_, value) => LEAST_JOB.admits(value),
		Parameters::GivenUp(_, value) => GIVEN_UP.admits(value),
		Parameters::TermsMet(_, value) => MET.admits(value),
		Parameters::Engines(_, value) => ENGINES.admits(value),
		Parameters::ChecksShare(_, value) => CHECKS.admits(value),
	}
}
