//! A market reduced to its money: customers put it into escrows, work is paid out of them in any order, and what is
//! left goes back. Beside the purses it keeps what went in and out, so that the two can be compared.

use market_primitives::{Balance, Instalments, Penalties, Price, Purse, Rent, Shares, Tab, Tick};
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;

/// Contracts that stand at once.
const CONTRACTS: usize = 4;
/// Who works for each of them.
const WORKERS: usize = 3;

/// A number of any size, small ones as often as large ones.
pub fn any_size(rng: &mut Rng) -> u128 {
	let bits = rng.below(129) as u32;
	let whole = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
	whole.checked_shr(128 - bits).unwrap_or(0)
}

/// A ratio, 0 and 1 among them.
pub fn any_ratio(rng: &mut Rng) -> Perbill {
	match rng.below(4) {
		0 => Perbill::zero(),
		1 => Perbill::one(),
		_ => Perbill::from_parts(rng.below(1_000_000_001) as u32),
	}
}

/// Shares that give away no more than all, or any.
pub fn any_shares(rng: &mut Rng) -> Shares {
	match rng.below(3) {
		0 => Shares::of_storage(),
		1 => Shares::of_compute(),
		_ => Shares {
			work: any_ratio(rng),
			quality: any_ratio(rng),
			burned: any_ratio(rng),
		},
	}
}

#[derive(Default)]
struct Contract {
	escrow: Purse,
	reserve: Purse,
	earned: [Purse; WORKERS],
	withheld: [Purse; WORKERS],
	collateral: [Purse; WORKERS],
	tab: Tab,
	paid_to: [Tick; WORKERS],
}

impl Contract {
	fn holds(&self) -> Balance {
		let each = self.earned.iter().chain(&self.withheld).chain(&self.collateral);
		let all = each.chain([&self.escrow, &self.reserve]);
		all.map(Purse::amount).sum::<Balance>() + self.tab.left()
	}
}

/// The market.
pub struct Market {
	now: Tick,
	contracts: Vec<Contract>,
	pool: Purse,
	shares: Shares,
	penalties: Penalties,
	/// What customers and workers put in.
	pub put_in: Balance,
	/// What went to either of them.
	pub paid_out: Balance,
	/// What was burned.
	pub burned: Balance,
}

impl Market {
	pub fn new(rng: &mut Rng) -> Self {
		Self {
			now: 0,
			contracts: (0..CONTRACTS).map(|_| Contract::default()).collect(),
			pool: Purse::empty(),
			shares: any_shares(rng),
			penalties: Penalties {
				given_up: any_ratio(rng),
				ended_early: any_ratio(rng),
			},
			put_in: 0,
			paid_out: 0,
			burned: 0,
		}
	}

	/// What lies in all purses.
	pub fn holds(&self) -> Balance {
		self.contracts.iter().map(Contract::holds).sum::<Balance>() + self.pool.amount()
	}

	/// Something happens.
	pub fn step(&mut self, rng: &mut Rng) {
		let (at, who) = (rng.below(CONTRACTS as u64) as usize, rng.below(WORKERS as u64) as usize);
		match rng.below(11) {
			0 => self.fund(at, any_size(rng) >> 20),
			1 => self.stake(at, who, any_size(rng) >> 20),
			2 => self.now = self.now.saturating_add(rng.below(1 << 20) as Tick),
			3 => self.work(at, who, any_size(rng), rng.next_u64()),
			4 => self.compute(at, who, any_size(rng), rng.next_u64()),
			5 => self.claim(at, who, any_ratio(rng)),
			6 => self.hand_over(at, who),
			7 => self.lose(at, who, any_size(rng)),
			8 => self.redeem(at, any_size(rng) >> 20),
			9 if rng.percent(20) => self.give_up(at),
			10 if rng.percent(20) => self.end(at),
			_ => {}
		}
	}

	fn fund(&mut self, at: usize, amount: Balance) {
		let contract = &mut self.contracts[at];
		contract.escrow.put_in(amount).expect("small");
		contract.reserve.put_in(amount / 3).expect("small");
		contract.tab.top_up(amount / 5).expect("small");
		self.put_in += amount + amount / 3 + amount / 5;
	}

	fn stake(&mut self, at: usize, who: usize, amount: Balance) {
		self.contracts[at].collateral[who].put_in(amount).expect("small");
		self.put_in += amount;
	}

	/// Kept bytes earn by the clock.
	fn work(&mut self, at: usize, who: usize, price: Balance, bytes: u64) {
		let contract = &mut self.contracts[at];
		let rent = Rent {
			price: Price(price),
			bytes,
			era: 1_200,
		};
		if let Ok(pay) = rent.between(contract.paid_to[who], self.now) {
			contract.escrow.pour_up_to(&mut contract.earned[who], pay);
			contract.paid_to[who] = self.now;
		}
	}

	/// Fuel earns in two instalments.
	fn compute(&mut self, at: usize, who: usize, price: Balance, fuel: u64) {
		let contract = &mut self.contracts[at];
		let Ok(pay) = Price(price).of_fuel(fuel) else {
			return;
		};
		let (now, later) = Instalments::of_compute().split(pay);
		if contract.escrow.pour(&mut contract.earned[who], now).is_ok() {
			contract.escrow.pour_up_to(&mut contract.withheld[who], later);
		}
	}

	fn hand_over(&mut self, at: usize, who: usize) {
		let contract = &mut self.contracts[at];
		let all = contract.withheld[who].amount();
		contract.withheld[who]
			.pour(&mut contract.earned[who], all)
			.expect("small");
	}

	fn claim(&mut self, at: usize, who: usize, score: Perbill) {
		let amount = self.contracts[at].earned[who].take_all();
		let split = self.shares.split(amount, score);
		self.paid_out += split.provider;
		self.burned += split.burned;
		self.pool.put_in(split.pool).expect("small");
	}

	/// A collateral goes into the reserve, and a repair is paid out of that, or out of the pool.
	fn lose(&mut self, at: usize, who: usize, repair: Balance) {
		let contract = &mut self.contracts[at];
		contract.collateral[who].pour_up_to(&mut contract.reserve, repair);
		let paid = contract.reserve.take_up_to(repair);
		self.paid_out += paid + self.pool.take_up_to(repair - paid);
	}

	fn redeem(&mut self, at: usize, total: Balance) {
		if let Ok(pay) = self.contracts[at].tab.redeem(total) {
			self.paid_out += pay;
		}
	}

	fn give_up(&mut self, at: usize) {
		let given_up = self.penalties.give_up(&mut self.contracts[at].escrow);
		self.burned += given_up.burned;
		self.paid_out += given_up.back;
	}

	fn end(&mut self, at: usize) {
		let contract = &mut self.contracts[at];
		let farewell = self.penalties.farewell(&contract.escrow, WORKERS as u32);
		for earned in &mut contract.earned {
			contract
				.escrow
				.pour(earned, farewell.each)
				.expect("no more than a part");
		}
		self.paid_out += contract.escrow.take_all() + contract.reserve.take_all() + contract.tab.end();
		for collateral in &mut contract.collateral {
			self.paid_out += collateral.take_all();
		}
	}
}
