//! I9: the pot that holds the money of all channels is what the books say, after anything that happens.

use crate::workbench::{closing, half, lock, locks, met, DECIDED};
use channel_primitives::{
	Balance, Claim, Dispute, Half, Hash, Locks, Outcome, Pending, PerSide, Resyncs, Settlement, Side, Stake,
};
use smartchain_rng::{runs, seeds, Rng};
use std::collections::BTreeSet;

/// A channel as a chain has it, from the first deposit to the last lock.
enum State {
	Open,
	Closing(Box<Dispute>),
	Locked(PerSide<Option<Pending>>),
	Gone,
}

struct Channel {
	stake: Stake,
	state: State,
	/// What each side signed last, with its locks.
	signed: PerSide<(Half, Locks)>,
}

impl Channel {
	fn new() -> Self {
		let first = || (half(1, 0, 0, &Locks::default()), Locks::default());
		Self {
			stake: Stake::default(),
			state: State::Open,
			signed: PerSide::from_fn(|_| first()),
		}
	}

	/// What the pot has to hold for it.
	fn holds(&self) -> Balance {
		match &self.state {
			State::Open | State::Closing(_) => self.stake.total(),
			State::Locked(pending) => Side::ALL
				.into_iter()
				.filter_map(|side| *pending.get(side))
				.map(|pending| pending.reserved)
				.sum(),
			State::Gone => 0,
		}
	}
}

/// The money in the pot, and what went in and out.
#[derive(Default)]
struct Pot {
	money: Balance,
	put_in: Balance,
	paid_out: Balance,
}

impl Pot {
	fn pay(&mut self, amount: Balance) {
		self.money = self.money.checked_sub(amount).expect("never more than there is");
		self.paid_out += amount;
	}

	fn pay_both(&mut self, settlement: &Settlement) {
		self.pay(settlement.paid.low);
		self.pay(settlement.paid.high);
	}
}

/// Any amount, of any size.
fn any(rng: &mut Rng) -> Balance {
	match rng.below(3) {
		0 => u128::from(rng.below(10)),
		1 => u128::from(rng.next_u64()),
		_ => u128::from(rng.next_u64()) << rng.below(50),
	}
}

/// Whatever a side may have signed, honest or not.
fn any_half(rng: &mut Rng, side: Side, last: &Half) -> (Half, Locks) {
	let list = locks(
		&(0..rng.below(3))
			.map(|id| lock(side, id, any(rng).max(1)))
			.collect::<Vec<_>>(),
	);
	let (nonce, ack) = (last.nonce + rng.below(3), rng.below(4));
	(half(nonce, ack, any(rng), &list), list)
}

fn open(channel: &mut Channel, pot: &mut Pot, rng: &mut Rng, side: Side) {
	match rng.below(4) {
		0 => {
			let amount = any(rng);
			if let Some(stake) = channel.stake.with_deposit(side, amount) {
				channel.stake = stake;
				pot.money += amount;
				pot.put_in += amount;
			}
		}
		1 => {
			let total = any(rng);
			if let Some(stake) = channel.stake.with_withdrawal(side, total) {
				pot.pay(total - channel.stake.withdrawn.get(side));
				channel.stake = stake;
			}
		}
		2 => {
			let last = channel.signed.get(side).0;
			*channel.signed.get_mut(side) = any_half(rng, side, &last);
		}
		_ => {
			let (claimed, list) = any_half(rng, side, &channel.signed.get(side).0);
			let claim = Claim::new(claimed.transferred, &list);
			let brought = rng.percent(50).then_some(channel.signed.get(side.partner()).0);
			let begun = Dispute::begin(closing(side), &channel.stake, claim, &list, brought, Resyncs::default());
			if let Ok(dispute) = begun {
				// The list of a claim is public: it stands for what the side has signed.
				*channel.signed.get_mut(side) = (
					Half {
						nonce: channel.signed.get(side).0.nonce,
						..claimed
					},
					list,
				);
				channel.state = State::Closing(Box::new(dispute));
			}
		}
	}
}

fn step(channel: &mut Channel, pot: &mut Pot, rng: &mut Rng) {
	let side = if rng.percent(50) { Side::Low } else { Side::High };
	let known: BTreeSet<Hash> = Side::ALL
		.into_iter()
		.flat_map(|side| (0..3).map(move |id| lock(side, id, 1).condition))
		.filter(|_| rng.percent(50))
		.collect();
	let next = match &mut channel.state {
		State::Open => {
			open(channel, pot, rng, side);
			return;
		}
		State::Closing(dispute) => match rng.below(4) {
			0 => {
				let deadline = dispute.deadline;
				let _ = dispute.update(side, channel.signed.get(side).0, deadline);
				return;
			}
			1 => {
				let (half, list) = any_half(rng, dispute.closer, &channel.signed.get(dispute.closer).0);
				if dispute.prove(&half, Some(&list), None, &met(&known)) != Ok(Outcome::Forfeits) {
					return;
				}
				pot.pay_both(&Settlement::all_to(dispute.closer.partner(), &channel.stake));
				State::Gone
			}
			_ => {
				let after = dispute.deadline + 1;
				let settled = dispute.settle(&channel.stake, any(rng), after).expect("it never fails");
				pot.pay_both(&settled);
				State::Locked(PerSide::from_fn(|side| dispute.pending(side, &settled, after)))
			}
		},
		State::Locked(pending) => {
			for side in Side::ALL {
				if let Some(left) = pending.get_mut(side).take() {
					let by_list = left.unlock(&channel.signed.get(side).1, DECIDED, &met(&known));
					let unlocked = by_list.or_else(|_| left.give_back(left.due + 1)).expect("decided");
					pot.pay(unlocked.payer);
					pot.pay(unlocked.payee);
				}
			}
			State::Gone
		}
		State::Gone => return,
	};
	channel.state = next;
}

#[test]
fn the_pot_is_what_the_books_say() {
	let mut gone = 0;
	for seed in seeds(2_000 * runs()) {
		let mut rng = Rng::new(seed);
		let mut pot = Pot::default();
		let mut channels: Vec<Channel> = (0..3).map(|_| Channel::new()).collect();
		for _ in 0..80 {
			let at = rng.below(3) as usize;
			step(&mut channels[at], &mut pot, &mut rng);
			let books: Balance = channels.iter().map(Channel::holds).sum();
			assert_eq!(pot.money, books, "SMARTCHAIN_SEED={seed}");
			assert_eq!(pot.put_in, pot.money + pot.paid_out, "SMARTCHAIN_SEED={seed}");
		}
		gone += channels
			.iter()
			.filter(|channel| matches!(channel.state, State::Gone))
			.count();
	}
	assert!(gone > 0);
}
