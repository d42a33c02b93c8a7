//! The settlement to the ends of 128 bits: I1, I2 and I3.

use crate::workbench::{any_amount, any_sound_stake};
use channel_primitives::{settle, unlock, Balance, Owed, PerSide, Reveal, Settlement, Side, Stake};
use proptest::prelude::*;
use sp_core::U256;

fn any_owed() -> impl Strategy<Value = Owed> {
	(any_amount(), any_amount(), any::<bool>()).prop_map(|(transferred, locked, void)| Owed {
		transferred,
		locked,
		void,
	})
}

fn both_owed() -> impl Strategy<Value = PerSide<Owed>> {
	(any_owed(), any_owed()).prop_map(|(low, high)| PerSide { low, high })
}

/// A stake of any numbers, also such as no chain keeps.
fn any_stake() -> impl Strategy<Value = Stake> {
	(any_amount(), any_amount(), any_amount(), any_amount()).prop_map(|(low, high, out_low, out_high)| Stake {
		deposited: PerSide { low, high },
		withdrawn: PerSide {
			low: out_low,
			high: out_high,
		},
	})
}

fn wide(parts: &[Balance]) -> U256 {
	parts.iter().fold(U256::zero(), |sum, part| sum + U256::from(*part))
}

/// What a side can get at most, in 256 bits.
fn most(stake: &Stake, owed: &PerSide<Owed>, side: Side) -> U256 {
	let (own, other) = (owed.get(side), owed.get(side.partner()));
	let gains = wide(&[*stake.deposited.get(side), other.transferred, other.locked]);
	let pains = wide(&[*stake.withdrawn.get(side), own.transferred, own.locked]);
	gains.saturating_sub(pains).min(U256::from(stake.total()))
}

fn turned(stake: &Stake) -> Stake {
	Stake {
		deposited: stake.deposited.swapped(),
		withdrawn: stake.withdrawn.swapped(),
	}
}

#[test]
fn a_channel_without_payments_gives_back_what_was_put_in() {
	let stake = Stake {
		deposited: PerSide { low: 70, high: 30 },
		withdrawn: PerSide { low: 20, high: 0 },
	};
	let settled = settle(&stake, &PerSide::default());
	assert_eq!(settled.paid, PerSide { low: 50, high: 30 });
	assert_eq!(settled.reserved, PerSide::default());
}

#[test]
fn payments_and_locks_move_money() {
	let stake = Stake {
		deposited: PerSide { low: 100, high: 50 },
		withdrawn: PerSide::default(),
	};
	let owed = PerSide {
		low: Owed {
			transferred: 30,
			locked: 20,
			void: false,
		},
		high: Owed {
			transferred: 5,
			locked: 0,
			void: false,
		},
	};
	let settled = settle(&stake, &owed);
	assert_eq!(settled.paid, PerSide { low: 55, high: 75 });
	assert_eq!(settled.reserved, PerSide { low: 20, high: 0 });
	let mut void = owed;
	void.low.void = true;
	let settled = settle(&stake, &void);
	assert_eq!(settled.paid, PerSide { low: 75, high: 75 });
	assert_eq!(settled.reserved, PerSide::default());
}

#[test]
fn all_of_it_goes_to_whom_a_closer_forfeits() {
	let stake = Stake {
		deposited: PerSide { low: 100, high: 50 },
		withdrawn: PerSide { low: 0, high: 20 },
	};
	let all = Settlement::all_to(Side::High, &stake);
	assert_eq!(all.paid, PerSide { low: 0, high: 130 });
	assert_eq!(all.total(), stake.total());
}

#[test]
fn more_is_taken_out_only_with_more_in_all_and_never_more_than_there_is() {
	let stake = Stake {
		deposited: PerSide { low: 10, high: 5 },
		withdrawn: PerSide { low: 4, high: 0 },
	};
	let taken = |total| stake.with_withdrawal(Side::Low, total).map(|stake| stake.withdrawn.low);
	assert_eq!(taken(4), None);
	assert_eq!(taken(3), None);
	assert_eq!(taken(5), Some(5));
	assert_eq!(taken(15), Some(15), "what it was paid is its own");
	assert_eq!(taken(16), None);
	assert_eq!(stake.with_deposit(Side::High, Balance::MAX - 15), {
		let mut most = stake;
		most.deposited.high = Balance::MAX - 10;
		Some(most)
	});
	assert_eq!(stake.with_deposit(Side::High, Balance::MAX - 14), None);
	assert_eq!(stake.with_deposit(Side::High, Balance::MAX), None);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_096))]

	/// I1 and I2: whatever comes in, it is split, and the parts are all there is.
	#[test]
	fn the_parts_are_the_total_whatever_comes_in(stake in any_stake(), owed in both_owed(), fine in any_amount()) {
		let settled = settle(&stake, &owed);
		let parts = wide(&[settled.paid.low, settled.paid.high, settled.reserved.low, settled.reserved.high]);
		prop_assert_eq!(parts, U256::from(stake.total()));
		prop_assert_eq!(settled.total(), stake.total());
		for side in Side::ALL {
			prop_assert!(settled.reserved.get(side) <= &owed.get(side).locked);
			prop_assert!(!owed.get(side).void || *settled.reserved.get(side) == 0);
			let fined = settled.fined(side, fine);
			prop_assert_eq!(fined.total(), settled.total());
			prop_assert_eq!(*fined.paid.get(side), settled.paid.get(side).saturating_sub(fine));
			prop_assert_eq!(fined.reserved, settled.reserved);
		}
	}

	/// The formula, in 256 bits.
	#[test]
	fn each_side_gets_what_the_formula_says(stake in any_sound_stake(), owed in both_owed()) {
		let settled = settle(&stake, &owed);
		for side in Side::ALL {
			let payer = side.partner();
			let most = most(&stake, &owed, side);
			let kept = most.min(U256::from(owed.get(payer).locked));
			let most_of_payer = U256::from(stake.total()) - most;
			let own_kept = most_of_payer.min(U256::from(owed.get(side).locked));
			let back = if owed.get(side).void { own_kept } else { U256::zero() };
			prop_assert_eq!(U256::from(*settled.paid.get(side)), most - kept + back);
			let kept = if owed.get(payer).void { U256::zero() } else { kept };
			prop_assert_eq!(U256::from(*settled.reserved.get(payer)), kept);
		}
	}

	/// I3: who is which side makes no difference.
	#[test]
	fn exchanged_sides_get_what_the_other_got(stake in any_sound_stake(), owed in both_owed()) {
		let (one, other) = (settle(&stake, &owed), settle(&turned(&stake), &owed.swapped()));
		prop_assert_eq!(one.paid, other.paid.swapped());
		prop_assert_eq!(one.reserved, other.reserved.swapped());
	}

	#[test]
	fn what_is_kept_back_is_split_and_what_expired_goes_back_first(
		reserved in any_amount(), locked in any_amount(), claimed in any_amount(),
	) {
		let unlocked = unlock(reserved, locked, claimed);
		prop_assert_eq!(unlocked.payer.checked_add(unlocked.payee), Some(reserved));
		prop_assert_eq!(unlocked.payer, locked.saturating_sub(claimed).min(reserved));
	}

	#[test]
	fn capacity_is_exact(
		stake in any_sound_stake(), transferred in any_amount(), locked in any_amount(), received in any_amount(),
	) {
		for side in Side::ALL {
			let has = wide(&[*stake.deposited.get(side), received]);
			let owes = wide(&[transferred, locked, *stake.withdrawn.get(side)]);
			prop_assert_eq!(stake.covers(side, transferred, locked, received), owes <= has);
			let room = stake.room(side, transferred, locked, received);
			prop_assert_eq!(U256::from(room), has.saturating_sub(owes).min(U256::from(Balance::MAX)));
		}
	}

	#[test]
	fn the_share_of_a_reveal_is_exact(amount in any_amount(), value: u32, total: u32, small in 0..5_000_u32) {
		for (value, total) in [(value, total), (small, total), (value, small), (small, 4_096), (value, u32::MAX)] {
			let reveal = Reveal { tick: 0, value, total };
			let exact = match total {
				0 => U256::zero(),
				_ => U256::from(amount) * U256::from(value.min(total)) / U256::from(total),
			};
			prop_assert_eq!(U256::from(reveal.share_of(amount)), exact);
		}
	}
}
