//! Whatever is called in whatever order: what is held is what the pot of a model holds, and no planck appears or
//! vanishes.

use crate::{mock::*, Aftermaths, Call, Cases, Channels, Event, HoldReason, MAX_LOOKED_AT};
use channel_primitives::{Balance, CloseTogether, Half, Lock, Locks, Resync, Side, Signed, Withdraw, DAY};
use frame_support::{
	traits::{fungible::Inspect, Hooks},
	weights::Weight,
};
use smartchain_rng::{runs, seeds, Rng};
use std::collections::BTreeMap;

/// People who have channels with each other; one has no account.
const PEOPLE: [Who; 4] = [ALICE, BOB, CAROL, NOBODY];

/// What two have signed in a channel, by the number of the channel and who signed: the worst and best are kept.
#[derive(Default)]
struct World {
	lines: Vec<Line>,
	halves: BTreeMap<(u64, Who), Vec<(Signed<Half>, Locks)>>,
	claims: BTreeMap<u64, Locks>,
	/// Money of all channels and their deposits, by this test's own count.
	pot: Balance,
	/// What no account has paid for.
	free: u128,
}

fn some_locks(rng: &mut Rng) -> Locks {
	let count = rng.below(4);
	let list: Vec<Lock> = (0..count)
		.map(|id| {
			let mut lock = lock(id, rng.below(6) as u8, u128::from(1 + rng.below(300)));
			lock.expiry = Now::get() + rng.below(4 * u64::from(DAY)) as u32;
			lock
		})
		.collect();
	locks(&list)
}

fn amount(rng: &mut Rng) -> Balance {
	match rng.below(8) {
		0 => 0,
		1 => u128::MAX - u128::from(rng.below(3)),
		2 => u128::from(rng.below(2 * LEAST as u64)),
		_ => u128::from(rng.below(5_000)),
	}
}

impl World {
	fn open(&mut self, rng: &mut Rng) {
		let opener = PEOPLE[rng.below(3) as usize];
		let partner = PEOPLE[rng.below(4) as usize];
		if opener == partner || Balances::balance(&account(opener)) < 20_000 {
			return;
		}
		let line = open(opener, partner, LEAST + u128::from(rng.below(5_000)), 0);
		self.lines.push(line);
	}

	fn sign(&mut self, rng: &mut Rng, line: Line, payer: Who) {
		let list = some_locks(rng);
		let half = line.half(payer, rng.below(40), rng.below(40), amount(rng), &list);
		let known = self.halves.entry((line.id, payer)).or_default();
		if known.len() < 12 {
			known.push((half, list));
		}
	}

	fn known(&self, rng: &mut Rng, line: Line, payer: Who) -> Option<(Signed<Half>, Locks)> {
		let halves = self.halves.get(&(line.id, payer))?;
		rng.pick(halves).cloned()
	}

	/// Both agree on something, or one of them closes.
	fn agree(&mut self, rng: &mut Rng, line: Line, who: Who) {
		let now = Now::get();
		match rng.below(6) {
			0 => _ = PaymentChannels::deposit(origin(who), line.id, amount(rng)),
			1 | 2 => {
				let (side, total) = (line.side(who), amount(rng));
				let body = Withdraw {
					side,
					total,
					expiry: now,
				};
				_ = PaymentChannels::withdraw(origin(9), line.id, side, total, now, line.both(body));
			}
			3 => {
				let total = Channels::<Test>::get(line.id).map_or(0, |channel| channel.stake.total());
				let part = amount(rng).min(total);
				let pay = line.each(part, total - part);
				let body = CloseTogether { pay, expiry: now };
				_ = PaymentChannels::close_together(origin(9), line.id, pay, now, line.both(body));
			}
			_ => {
				let list = some_locks(rng);
				let brought = self.known(rng, line, line.other(who)).map(|(half, _)| half);
				if line.close(who, amount(rng), &list, brought).is_ok() {
					self.claims.insert(line.id, list);
				}
			}
		}
	}

	fn for_nothing(&mut self, call: Call<Test>) {
		self.free += u128::from(apply(call).is_ok());
	}

	/// While a channel closes, and after.
	fn dispute(&mut self, rng: &mut Rng, line: Line, who: Who) {
		let known = self.known(rng, line, who);
		match (rng.below(7), known) {
			(0 | 1, Some((half, _))) => {
				let payee = line.other(who);
				let tower = rng.percent(50).then_some(5);
				let submit = line.submit(&half, payee, tower, amount(rng));
				if rng.percent(80) {
					_ = PaymentChannels::update(origin(6), line.id, line.side(who), half, submit);
				} else {
					let (channel, side) = (line.id, line.side(who));
					self.for_nothing(Call::update {
						channel,
						side,
						half,
						submit,
					});
				}
			}
			(2, Some((half, list))) => {
				let claimed = self.claims.get(&line.id).cloned();
				_ = line.prove(half, (Some(list), claimed));
			}
			(3, _) => {
				let word = Resync {
					held: rng.below(40),
					resume: rng.below(60),
				};
				let word = line.sign(line.other(who), word);
				_ = PaymentChannels::resync(origin(who), line.id, line.side(who), word, None);
			}
			(4, known) => {
				let list = if rng.percent(50) {
					self.claims.get(&line.id).cloned()
				} else {
					known.map(|(_, list)| list)
				};
				_ = PaymentChannels::unlock(origin(9), line.id, line.side(who), list);
			}
			(5, _) => _ = PaymentChannels::clear(origin(9), line.id),
			_ if rng.percent(30) => self.for_nothing(Call::settle { channel: line.id }),
			_ => _ = line.settle(),
		}
	}

	fn step(&mut self, rng: &mut Rng) {
		System::reset_events();
		match (rng.below(100), rng.pick(&self.lines).copied()) {
			(0..=5, _) | (_, None) => self.open(rng),
			(6..=10, _) => _ = reveal(PEOPLE[rng.below(3) as usize], rng.below(6) as u8),
			(11..=20, _) => pass(rng.below(30) as u32),
			(21, _) => pass(rng.below(8 * u64::from(DAY)) as u32),
			(22, _) => _ = PaymentChannels::on_idle(System::block_number(), Weight::MAX),
			(23, _) => {
				_ = PaymentChannels::pay(origin(9), account(PEOPLE[rng.below(4) as usize]));
			}
			(number, Some(line)) => {
				let who = if rng.percent(50) { line.opener } else { line.partner };
				match number {
					24..=45 => self.sign(rng, line, who),
					46..=65 => self.agree(rng, line, who),
					_ => self.dispute(rng, line, who),
				}
			}
		}
		for event in events() {
			self.book(event);
		}
	}

	/// The model's books: what comes into the pot, and what goes out of it.
	fn book(&mut self, event: Event<Test>) {
		match event {
			Event::Opened(_, _, _, _, amount) => self.pot += amount + CHANNEL,
			Event::Deposited(_, _, amount) => self.pot += amount,
			Event::Withdrawn(_, _, amount) => self.pot -= amount,
			Event::ClosedTogether(_, paid) => self.pot -= paid.low + paid.high + CHANNEL,
			Event::Forfeited(_, _, amount) => self.pot -= amount + CHANNEL,
			Event::Cleared(_) => self.pot -= CHANNEL,
			Event::Settled(_, settlement) => self.pot -= settlement.paid.low + settlement.paid.high,
			Event::Unlocked(_, _, unlocked) => self.pot -= unlocked.payer + unlocked.payee,
			// It is held as before, and belongs to somebody.
			Event::NotPaid(_, amount) => self.pot += amount,
			Event::PaidLater(_, amount) => self.pot -= amount,
			_ => {}
		}
	}
}

fn campaign(seed: u64, calls: u64) {
	println!("SMARTCHAIN_SEED={seed}");
	let mut rng = Rng::new(seed);
	genesis().execute_with(|| {
		let (mut world, issued) = (World::default(), Balances::total_issuance());
		for number in 0..calls {
			world.step(&mut rng);
			assert_eq!(in_pot(HoldReason::Stake), world.pot, "what is held is the pot");
			if number % 50 == 0 {
				check();
				let burned = issued - Balances::total_issuance();
				let few = burned <= world.free * FEE && burned % FEE == 0;
				assert!(few, "nothing appears, and what nobody paid for vanishes alone");
			}
		}
		check();
		every_channel_ends(&mut world);
		assert_eq!(issued - Balances::total_issuance(), world.free * FEE);
	});
}

/// From every state, what anybody may call and time lead to an end.
fn every_channel_ends(world: &mut World) {
	for line in world.lines.clone() {
		if Channels::<Test>::get(line.id).is_some_and(|channel| channel.phase == crate::Phase::Open) {
			// Who has taken out more than it put in was paid that, and would have to show it: the other one has not.
			let mut both = [line.opener, line.partner].into_iter();
			assert!(both.any(|who| line.close(who, 0, &none(), None).is_ok()));
		}
	}
	System::reset_events();
	pass(DAY);
	for id in Cases::<Test>::iter_keys().collect::<Vec<_>>() {
		PaymentChannels::settle(origin(9), id).expect("settling never fails");
	}
	check();
	pass(31 * DAY);
	for id in Aftermaths::<Test>::iter_keys().collect::<Vec<_>>() {
		for side in Side::ALL {
			_ = PaymentChannels::unlock(origin(9), id, side, None);
		}
		if id % 2 == 0 {
			PaymentChannels::clear(origin(9), id).expect("nothing is left");
		}
	}
	// The chain forgets the others. It has looked at all of them after it has begun again once.
	let blocks = Aftermaths::<Test>::iter_keys().count() / MAX_LOOKED_AT as usize + 2;
	for _ in 0..2 * blocks {
		PaymentChannels::on_idle(System::block_number(), Weight::MAX);
	}
	check();
	for event in events() {
		world.book(event);
	}
	assert_eq!(Channels::<Test>::iter().count(), 0);
	let unpaid: Balance = crate::Unpaid::<Test>::iter_values().sum();
	assert_eq!(unpaid, world.pot, "what is left is what could not be paid");
}

#[test]
fn random_calls_conserve_every_planck() {
	for seed in seeds(6) {
		campaign(seed, 1_500 * runs());
	}
}

#[test]
#[ignore = "takes minutes: run with --release"]
fn a_million_random_calls_conserve_every_planck() {
	for seed in seeds(10) {
		campaign(seed, 100_000);
	}
}
