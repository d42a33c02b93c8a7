//! A chain reduced to its money: eras are closed, paid out and expire, in any order and at random. It keeps the sums
//! that a pallet keeps, and beside them each account, so that the two can be compared.

use issuance_primitives::{
	close, payout, Balance, Curve, Demand, EraLedger, Merits, PerPot, Pot, Schedule, Split, Terms, Work,
};
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;
use std::collections::VecDeque;

/// Accounts that earn.
pub const EARNERS: usize = 8;
/// The most eras that wait to be paid out.
const KEPT: usize = 12;

/// An era that waits: who has which merits, and who was paid.
struct Kept {
	ledger: EraLedger,
	merits: [Merits; EARNERS],
	paid: [bool; EARNERS],
}

/// The chain.
pub struct Chain {
	pub schedule: Schedule,
	pub genesis: Balance,
	/// All that was ever created.
	pub created: Balance,
	/// What waits to be paid.
	pub committed: Balance,
	/// All that was ever burned.
	pub burned: Balance,
	/// All that expired.
	pub expired: Balance,
	pub era: u32,
	accounts: [Balance; EARNERS],
	treasury: Balance,
	kept: VecDeque<Kept>,
}

impl Chain {
	/// Begins with some STCI at the first account, at most the cap.
	pub fn new(schedule: Schedule, genesis: Balance) -> Self {
		let genesis = genesis.min(schedule.cap);
		let mut accounts = [0; EARNERS];
		accounts[0] = genesis;
		Self {
			schedule,
			genesis,
			created: 0,
			committed: 0,
			burned: 0,
			expired: 0,
			era: 0,
			accounts,
			treasury: 0,
			kept: VecDeque::new(),
		}
	}

	/// Closes the era, and expires the oldest if as many are kept as may be. What it creates and commits.
	pub fn close(&mut self, rng: &mut Rng) -> Balance {
		if self.kept.len() >= KEPT {
			self.expire();
		}
		let merits: [Merits; EARNERS] = std::array::from_fn(|_| any_merits(rng));
		let totals = merits.iter().fold(Merits::default(), |sum, one| sum.plus(*one));
		let ceiling = self
			.schedule
			.ceiling(self.era, self.genesis, self.created, self.committed);
		let closing = close(ceiling, any_ratio(rng), &any_demand(rng), &any_terms(rng), &totals);
		let allotted = closing.pots.sum();
		assert!(allotted <= closing.gross && closing.gross <= ceiling, "{closing:?}");
		let treasury = closing.pots.treasury;
		self.created += treasury;
		self.treasury += treasury;
		self.committed += allotted - treasury;
		self.kept.push_back(Kept {
			ledger: EraLedger {
				closing,
				totals,
				created: treasury,
				..EraLedger::default()
			},
			merits,
			paid: [false; EARNERS],
		});
		self.era = self.era.saturating_add(1);
		allotted
	}

	/// Pays one account out of one era, if there is such an era and it was not paid yet.
	pub fn pay(&mut self, index: usize, who: usize) {
		let Some(era) = self.kept.get_mut(index) else {
			return;
		};
		if std::mem::replace(&mut era.paid[who], true) {
			return;
		}
		let paid = payout(&era.ledger.closing.pots, &era.merits[who], &era.ledger.totals).sum();
		era.ledger.created += paid;
		self.created += paid;
		self.committed -= paid;
		self.accounts[who] += paid;
	}

	/// The oldest era expires.
	pub fn expire(&mut self) {
		if let Some(mut oldest) = self.kept.pop_front() {
			let left = oldest.ledger.committed();
			oldest.ledger.expired = left;
			assert_eq!(oldest.ledger.committed(), 0);
			self.committed -= left;
			self.expired += left;
		}
	}

	/// An account burns what it has, or a part of it.
	pub fn burn(&mut self, who: usize, most: Balance) {
		let burned = self.accounts[who].min(most);
		self.accounts[who] -= burned;
		self.burned += burned;
	}

	/// Any one thing happens.
	pub fn step(&mut self, rng: &mut Rng) {
		match rng.below(100) {
			0..=19 => {
				self.close(rng);
			}
			20..=89 => self.pay(rng.below(KEPT as u64) as usize, rng.below(EARNERS as u64) as usize),
			90..=94 => self.expire(),
			_ => self.burn(rng.below(EARNERS as u64) as usize, u128::from(rng.next_u64())),
		}
	}

	/// What has to hold at any time; cheap.
	pub fn check_cap(&self) {
		assert!(
			self.genesis + self.created + self.committed <= self.schedule.cap,
			"era {}: {} + {} + {} above {}",
			self.era,
			self.genesis,
			self.created,
			self.committed,
			self.schedule.cap
		);
	}

	/// Each planck is in an account or burned, and what is committed is what the eras say.
	pub fn check_all(&self) {
		self.check_cap();
		let held = self.accounts.iter().sum::<u128>() + self.treasury;
		assert_eq!(held + self.burned, self.genesis + self.created, "era {}", self.era);
		let committed: u128 = self.kept.iter().map(|era| era.ledger.committed()).sum();
		assert_eq!(committed, self.committed, "era {}", self.era);
	}
}

/// A number of any size up to 2^127, small ones as often as large ones.
pub fn any_size(rng: &mut Rng) -> u128 {
	let digits = rng.below(128) as u32;
	let number = (u128::from(rng.next_u64()) << 64) | u128::from(rng.next_u64());
	number.checked_shr(128 - digits).unwrap_or(0)
}

/// Any ratio, the ends and the points of the curve often.
pub fn any_ratio(rng: &mut Rng) -> Perbill {
	let parts = match rng.below(8) {
		0 => 0,
		1 => 1_000_000_000,
		2 => 300_000_000,
		3 => 500_000_000,
		_ => rng.below(1_000_000_001) as u32,
	};
	Perbill::from_parts(parts)
}

/// Merits below 2^120, so that all earners' together fit; one in three pots is without any.
fn any_merits(rng: &mut Rng) -> Merits {
	let mut merits: Merits = PerPot::from_fn(|_| if rng.percent(33) { 0 } else { any_size(rng) >> 8 });
	*merits.get_mut(Pot::Treasury) = 0;
	merits
}

/// What may be asked for, sensible or not.
pub fn any_demand(rng: &mut Rng) -> Demand {
	let mut work = || Work {
		units: any_size(rng),
		paid: any_size(rng),
	};
	let (storage, compute) = (work(), work());
	Demand {
		storage,
		compute,
		plots: any_size(rng),
	}
}

/// The real terms, or any, among them such as would be refused.
pub fn any_terms(rng: &mut Rng) -> Terms {
	if rng.percent(50) {
		return Terms::real();
	}
	Terms {
		curve: Curve {
			low: any_size(rng),
			middle: any_size(rng),
			high: any_size(rng),
			low_below: any_ratio(rng),
			middle_at: any_ratio(rng),
		},
		automine_share: any_ratio(rng),
		split: Split {
			signing: any_ratio(rng),
			bandwidth: any_ratio(rng),
			discovery: any_ratio(rng),
			treasury: any_ratio(rng),
		},
	}
}
