//! Any calls in any order: the invariants hold after each, and no planck is made or lost.

use crate::{mock::*, Deals, LastDeal};
use frame_support::{dispatch::DispatchResult, BoundedVec};
use smartchain_rng::{runs, seeds, Rng};
use sp_runtime::testing::TestSignature;
use storage_market_primitives::{DealId, Price, SlotAt, SlotId, Voucher};

const DEVICES: u64 = 8;

struct Step<'a> {
	rng: &'a mut Rng,
}

impl Step<'_> {
	fn number(&mut self) -> u8 {
		1 + self.rng.below(DEVICES) as u8
	}

	fn deal(&mut self) -> DealId {
		1 + self.rng.below(LastDeal::<Test>::get() + 1)
	}

	fn slot(&mut self) -> SlotAt {
		self.rng.below(4) as SlotAt
	}

	/// Who holds a slot, or anybody.
	fn holder(&mut self, id: DealId, slot: SlotAt) -> u8 {
		let deal = Deals::<Test>::get(id);
		let slot = deal.and_then(|deal| deal.slots.get(slot as usize).cloned());
		let holding = slot.and_then(|slot| slot.holding);
		holding.map_or_else(|| self.number(), |holding| holding.device.0[0])
	}

	fn of_offers(&mut self) -> DispatchResult {
		let number = self.number();
		let (who, device) = (origin(number.into()), device(number));
		match self.rng.below(6) {
			0 => StorageMarket::withdraw_offer(who, device),
			1 => StorageMarket::offer_probes(who, device, self.rng.percent(70)),
			2 => {
				suspend(number, self.rng.percent(40));
				Ok(())
			}
			3 => {
				let (units, proven) = (self.rng.below(100).into(), self.rng.below(1 << 18));
				StorageMarket::plot_proven(&device, &number.into(), units, proven);
				Ok(())
			}
			_ => {
				let (ask, space) = (Price(self.rng.below(1 << 25).into()), self.rng.below(1 << 18));
				StorageMarket::set_offer(who, device, ask, ask, space, space)
			}
		}
	}

	fn of_owner(&mut self) -> DispatchResult {
		let (who, id, slot, number) = (origin(OWNER), self.deal(), self.slot(), self.number());
		match self.rng.below(14) {
			0..3 => {
				let slots = 1 + self.rng.below(4) as u8;
				let order = order(
					1 + self.rng.below(slots.into()) as u8,
					slots,
					self.rng.range(1, 6) as u32,
				);
				let key_box = self.rng.percent(50).then(|| key_box(1));
				StorageMarket::open_deal(who, order, self.rng.percent(40), self.rng.below(1_000).into(), key_box)
			}
			3..6 => StorageMarket::choose(who, id, slot, device(number)),
			6 => StorageMarket::redraw(who, id, slot),
			7 if self.rng.percent(30) => StorageMarket::end_deal(who, id),
			8 => StorageMarket::grant(who, id, self.rng.below(5), key_box(2)),
			9 => StorageMarket::revoke(who, id, self.rng.below(5)),
			10 => StorageMarket::extend(origin(50), id, 1),
			11 => StorageMarket::top_up_egress(who, id, slot, self.rng.below(500).into()),
			_ => {
				let slots = Deals::<Test>::get(id).map_or(1, |deal| deal.slots.len() as u32);
				StorageMarket::commit_roots(who, id, BoundedVec::truncate_from((0..slots).map(root).collect()))
			}
		}
	}

	fn of_holder(&mut self) -> DispatchResult {
		let (id, slot) = (self.deal(), self.slot());
		let holder = self.holder(id, slot);
		let who = origin(holder.into());
		match self.rng.below(7) {
			0 => StorageMarket::leave_slot(who, id, slot),
			1 => StorageMarket::prove_now(who, id, slot),
			2 | 3 => StorageMarket::claim(who, BoundedVec::truncate_from(vec![(id, slot)])),
			4 => StorageMarket::close(who, id),
			5 => StorageMarket::tend(who, id),
			_ => {
				let voucher = Voucher {
					at: SlotId::new(id, slot),
					device: device(holder),
					total: self.rng.below(1_500).into(),
				};
				let signature = TestSignature(OWNER, voucher.payload(&genesis()));
				StorageMarket::redeem(who, voucher, signature)
			}
		}
	}
}

/// All that there is: what accounts have free and on hold.
fn all() -> u128 {
	Balances::total_issuance()
}

#[test]
fn random_calls_keep_the_invariants_and_the_money() {
	for seed in seeds(8 * runs()) {
		println!("seed {seed}");
		run(|| {
			let mut rng = Rng::new(seed);
			let issued = all();
			offers(DEVICES as u8);
			paid(Price(1 << 24));
			for _ in 0..250 {
				let mut step = Step { rng: &mut rng };
				// What is refused changes nothing: the next check would see it.
				let _ = match step.rng.below(10) {
					0 => step.of_offers(),
					1..4 => step.of_owner(),
					4 | 5 => step.of_holder(),
					_ => {
						block();
						Ok(())
					}
				};
				check();
				if step.rng.percent(1) {
					let number = step.number();
					kill(number);
				}
				assert!(all() <= issued, "nothing is made");
			}
		});
	}
}
