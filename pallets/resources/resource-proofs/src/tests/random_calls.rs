//! Whatever is called in whatever order: the invariants hold, and no money appears or vanishes.

use crate::{mock::*, Claimed};
use pallet_testkit::Eras;
use pallet_traits::{Devices, EraClock};
use proof_lottery_primitives::Resource;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
	Register(u32, AccountId),
	Declare(u32, AccountId, u8, u32),
	Withdraw(u32, AccountId, u8),
	Silent(u32, u8),
	Space(u32, u32),
	Pulse(u32),
	Compute(u32, u32),
	Offer(u32, AccountId, AccountId),
	Accept(u32, AccountId),
	Unlink(u32, AccountId),
	Refresh(u32),
	Active(u32, bool),
	Retire(u32),
	Transfer(u32, AccountId),
	Era,
	Slots(u64),
	Spend(AccountId, u128),
}

fn step() -> impl Strategy<Value = Step> {
	let n = || 1u32..6;
	let who = || prop_oneof![6 => 1u64..4, 1 => Just(77u64)];
	prop_oneof![
		3 => (n(), who()).prop_map(|(a, b)| Step::Register(a, b)),
		10 => (n(), who(), 0u8..3, 0u32..5).prop_map(|(a, b, c, d)| Step::Declare(a, b, c, d)),
		2 => (n(), who(), 0u8..3).prop_map(|(a, b, c)| Step::Withdraw(a, b, c)),
		1 => (n(), 0u8..3).prop_map(|(a, b)| Step::Silent(a, b)),
		8 => (n(), 0u32..4).prop_map(|(a, b)| Step::Space(a, b)),
		6 => n().prop_map(Step::Pulse),
		4 => (n(), 0u32..4).prop_map(|(a, b)| Step::Compute(a, b)),
		4 => (n(), who(), 5u64..7).prop_map(|(a, b, c)| Step::Offer(a, b, c)),
		4 => (n(), 5u64..7).prop_map(|(a, b)| Step::Accept(a, b)),
		1 => (n(), prop_oneof![who(), 5u64..7]).prop_map(|(a, b)| Step::Unlink(a, b)),
		2 => n().prop_map(Step::Refresh),
		2 => (n(), any::<bool>()).prop_map(|(a, b)| Step::Active(a, b)),
		1 => n().prop_map(Step::Retire),
		1 => (n(), who()).prop_map(|(a, b)| Step::Transfer(a, b)),
		2 => Just(Step::Era),
		12 => prop_oneof![4 => 1u64..3, 6 => Just(12u64), 1 => Just(2_500u64)].prop_map(Step::Slots),
		1 => (who(), prop_oneof![0u128..2_000, Just(RICH), Just(u128::MAX)]).prop_map(|(a, b)| Step::Spend(a, b)),
	]
}

fn resource(number: u8) -> Resource {
	[Resource::Space, Resource::Compute, Resource::Uptime][usize::from(number % 3)]
}

fn owner(n: u32) -> Option<AccountId> {
	Registry::device(&id(n)).map(|info| info.owner)
}

/// Does it, and forgets whether it worked: what fails must leave no trace, which the invariants show.
fn take(step: Step) {
	match step {
		Step::Register(n, who) if owner(n).is_none() => register(n, who),
		Step::Register(..) => (),
		Step::Declare(n, who, which, units) => {
			let claim = match resource(which) {
				Resource::Space => space(units),
				Resource::Compute => Claimed::Compute { segments: units },
				Resource::Uptime => Claimed::Uptime,
			};
			let _ = Proofs::declare(origin(who), id(n), claim);
		}
		Step::Withdraw(n, who, which) => {
			let _ = Proofs::withdraw(origin(who), id(n), resource(which));
		}
		Step::Silent(n, which) => {
			let _ = Proofs::remove_silent(origin(9), id(n), resource(which));
		}
		Step::Space(n, group) => {
			let _ = apply(simulated_win(n, group));
		}
		Step::Pulse(n) => {
			let _ = apply(pulse(n));
		}
		Step::Compute(n, segment) if crate::NextWindow::<Test>::get() > 0 => {
			let _ = apply(announcement(n, segment));
		}
		Step::Compute(..) => (),
		Step::Offer(n, who, candidate) => {
			let _ = Proofs::offer_link(origin(who), id(n), candidate);
		}
		Step::Accept(n, who) => {
			let _ = Proofs::accept_link(origin(who), id(n));
		}
		Step::Unlink(n, who) => {
			let _ = Proofs::unlink(origin(who), id(n));
		}
		Step::Refresh(n) => {
			let _ = Proofs::refresh(origin(9), id(n));
		}
		Step::Active(n, active) if owner(n).is_some() => set_active(n, active),
		Step::Retire(n) if owner(n).is_some() => retire(n),
		Step::Transfer(n, to) if owner(n).is_some_and(|owner| owner != to) => {
			let _ = transfer(n, to);
		}
		Step::Active(..) | Step::Retire(_) | Step::Transfer(..) => (),
		Step::Era => Eras::set(Eras::current_era() + 1),
		Step::Slots(1) => {
			idle();
			block(slot() + 1);
		}
		Step::Slots(more) => turns_to(slot() + more),
		Step::Spend(who, amount) => {
			let _ = Balances::transfer_allow_death(origin(who), TREASURY, amount);
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

	#[test]
	fn random_calls_keep_the_invariants_and_the_money(steps in prop::collection::vec(step(), 1..150)) {
		genesis().execute_with(|| {
			simulate_plots();
			let issuance = Balances::total_issuance();
			for step in steps {
				let told = format!("{step:?}");
				take(step);
				Proofs::do_try_state().unwrap_or_else(|error| panic!("{error:?} after {told}"));
			}
			assert_eq!(Balances::total_issuance(), issuance);
		});
	}
}
