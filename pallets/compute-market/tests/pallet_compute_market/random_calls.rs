//! Any calls in any order, by workers of any kind: the invariants hold after each, and no planck is made or lost.

use crate::{
	chain::*,
	workers::{conduct, serve, Conduct},
};
use compute_market_primitives::{Assurance, JobId, Price, UnitAt};
use frame_support::{dispatch::DispatchResult, BoundedVec};
use pallet_compute_market::{Jobs, LastJob};
use smartchain_rng::{runs, seeds, Rng};
use sp_runtime::Perbill;

const DEVICES: u64 = 12;

struct Step<'a> {
	rng: &'a mut Rng,
}

impl Step<'_> {
	fn number(&mut self) -> u8 {
		1 + self.rng.below(DEVICES) as u8
	}

	fn job(&mut self) -> JobId {
		1 + self.rng.below(LastJob::<Test>::get() + 1)
	}

	fn unit(&mut self) -> UnitAt {
		self.rng.below(4) as UnitAt
	}

	fn of_worker(&mut self) -> DispatchResult {
		let number = self.number();
		let (who, device) = (origin(number.into()), device(number));
		match self.rng.below(8) {
			0 => ComputeMarket::set_worker(who, device, None),
			1 => ComputeMarket::add_stake(who, device, self.rng.below(2_000_000).into()),
			2 => ComputeMarket::withdraw_stake(who, device, self.rng.below(3_000_000).into()),
			3 => {
				suspend(number, self.rng.percent(40));
				Ok(())
			}
			4 => {
				proves(number, self.rng.below(3_000) as u32);
				Ok(())
			}
			5 => {
				let jobs = vec![self.job(), self.job()];
				ComputeMarket::claim(who, BoundedVec::truncate_from(jobs))
			}
			_ => {
				let mut offer = offer(1 + self.rng.below(4) as u16);
				offer.ask = Price(self.rng.below(1_200).into());
				ComputeMarket::set_worker(who, device, Some(offer))
			}
		}
	}

	fn of_user(&mut self) -> DispatchResult {
		let (who, id, unit) = (origin(USER), self.job(), self.unit());
		match self.rng.below(10) {
			0..3 => {
				let assurance = match self.rng.below(6) {
					0 => Assurance::Audit,
					1 => Assurance::Strict,
					_ => Assurance::Quorum,
				};
				let price = Price(500 + u128::from(self.rng.below(800)));
				ComputeMarket::submit_job(who, spec(1 + self.rng.below(6) as u32), price, assurance)
			}
			3 => ComputeMarket::top_up(origin(ANYBODY), id, self.rng.below(5_000).into()),
			4 if self.rng.percent(30) => ComputeMarket::cancel_job(who, id),
			5 => ComputeMarket::appeal(origin(ANYBODY), id, unit),
			6 => ComputeMarket::dispute_output(who, id, unit),
			7 if self.rng.percent(30) => ComputeMarket::accept_job(who, id),
			8 => Customer::compute(who, spec(1), MAX),
			_ => ComputeMarket::close_job(origin(ANYBODY), id),
		}
	}

	fn of_conduct(&mut self) {
		let number = self.number();
		let does = match self.rng.below(14) {
			0 => Conduct::Lies(1),
			1 => Conduct::Lies(number),
			2 => Conduct::Silent,
			3 => Conduct::Hides,
			4 => Conduct::Faults,
			5 => Conduct::Declines,
			6 => Conduct::Slow(8),
			7 => Conduct::Slanders,
			8 => Conduct::Inflates,
			_ => Conduct::Honest,
		};
		conduct(number, does);
		serve(self.rng.percent(80));
		Payer::set(self.rng.percent(20).then_some(CHAIN));
	}
}

#[test]
fn random_calls_keep_the_invariants_and_the_money() {
	for seed in seeds(12 * runs()) {
		println!("seed {seed}");
		run(|| {
			let mut rng = Rng::new(seed);
			salt(seed as u32);
			MarketTerms::mutate(|terms| {
				terms.recheck = Perbill::from_percent(30);
				terms.audit = Perbill::from_percent(50);
				terms.stake = 20;
			});
			MarketRules::mutate(|rules| rules.least_stake = 100);
			let issued = all();
			set_workers(1..=DEVICES as u8);
			for _ in 0..400 {
				let mut step = Step { rng: &mut rng };
				// What is refused changes nothing: the next check would see it.
				let _ = match step.rng.below(12) {
					0 => step.of_worker(),
					1..4 => step.of_user(),
					4 => {
						step.of_conduct();
						Ok(())
					}
					_ => {
						block();
						Ok(())
					}
				};
				check();
				assert!(all() <= issued, "nothing is made");
			}
			ends();
		});
	}
}

/// Once nobody does anything new, time alone ends every job, and whoever closes them finds nothing left.
fn ends() {
	Payer::set(None);
	for number in 1..=DEVICES as u8 {
		conduct(number, Conduct::Honest);
	}
	serve(true);
	for _ in 0..20 {
		blocks(40);
		for id in 1..=LastJob::<Test>::get() {
			let _ = ComputeMarket::close_job(origin(ANYBODY), id);
		}
		check();
		if Jobs::<Test>::iter().count() == 0 {
			return;
		}
	}
	panic!("a job does not end: {:?}", Jobs::<Test>::iter().next());
}
