//! What wins are charged: once a block what they share, each what is its own, and what few of them have if they have
//! it.

use super::compute::window_with_win;
use crate::{mock::*, Claimed};
use frame_support::{
	assert_ok,
	dispatch::GetDispatchInfo,
	traits::{Authorize, Hooks},
	weights::Weight,
};
use frame_system::RawOrigin;
use pallet_testkit::Eras;
use pallet_traits::EraClock;
use proof_lottery_primitives::Resource;
use sp_runtime::{traits::Dispatchable, transaction_validity::TransactionSource};

/// What each part of a weight is in this mock.
const ONE: Weight = Weight::from_parts(1, 0);

/// What a win is charged before, and what once it is dispatched.
fn charged(call: RuntimeCall) -> (Weight, Weight) {
	let before = call.get_dispatch_info().call_weight;
	let done = call
		.dispatch(RawOrigin::<AccountId>::Authorized.into())
		.expect("a win that is authorized succeeds");
	let after = done.actual_weight.expect("it is known what it took");
	assert!(after.all_lte(before), "{after:?} of {before:?}");
	(before, after)
}

/// Goes on to the second block of the next turn: a round is open.
fn next_round() {
	turns_to(slot() / TURN * TURN + TURN + 1);
}

fn link(n: u32) {
	assert_ok!(Proofs::offer_link(origin(1), id(n), 5));
	assert_ok!(Proofs::accept_link(origin(5), id(n)));
}

#[test]
fn who_tells_nobody_is_not_charged_for_telling() {
	run(|| {
		simulate_plots();
		device(1, Claimed::Uptime);
		device(2, Claimed::Uptime);
		link(1);
		next_round();
		next_round();
		// A device that counts for nobody.
		assert_eq!(charged(pulse(2)), (ONE * 2, ONE));
		// The candidate was told of its link in this era.
		assert_eq!(charged(pulse(1)), (ONE * 2, ONE));
		Eras::set(Eras::current_era() + 1);
		told();
		next_round();
		assert_eq!(charged(pulse(1)), (ONE * 2, ONE * 2));
		assert_eq!(told(), [5]);
		next_round();
		assert_eq!(charged(pulse(1)), (ONE * 2, ONE));
		assert!(told().is_empty());
	});
}

/// What a win of space of a device with plots of this strength is charged for its proof, and what of that is given
/// back.
fn charged_for_proof(n: u32, strength: u8) -> (Weight, Weight) {
	let Claimed::Space { scheme, k, groups, .. } = space(2) else {
		panic!("plots are space");
	};
	let claim = Claimed::Space {
		scheme,
		k,
		strength,
		groups,
	};
	device(n, claim);
	next_round();
	for _ in 0..100 {
		next_round();
		let win = simulated_win(n, 0);
		let answer = win.authorize(TransactionSource::InBlock).expect("authorizes itself");
		if let Ok((_, unspent)) = answer {
			return (win.weight_of_authorize(), unspent);
		}
	}
	panic!("it wins now and then");
}

#[test]
fn a_proof_is_charged_by_the_strength_of_its_plot() {
	run(|| {
		simulate_plots();
		let of = Proofs::weight_of_validation;
		assert!(of(2).any_gt(Weight::zero()) && of(3).any_gt(of(2)) && of(4).any_gt(of(3)));
		for (n, strength) in (1..).zip(2..=4) {
			let (charged, unspent) = charged_for_proof(n, strength);
			assert_eq!(charged, of(4));
			assert_eq!(charged.saturating_sub(unspent), of(strength));
		}
	});
}

#[test]
fn what_wins_share_is_charged_in_each_block_in_which_one_can_come() {
	run(|| {
		let of_compute = || match Proofs::latest_window() {
			Some(window) if Proofs::is_open(&window.round) => ONE,
			_ => Weight::zero(),
		};
		let mut seen_compute = false;
		for _ in 0..60 {
			// In the block that opens them rounds cannot be won: those before them are over.
			turns_to(slot() / TURN * TURN + TURN);
			assert_eq!(Proofs::weight_shared_by_wins(), of_compute());
			// Space has its proofs besides.
			block(slot() + 1);
			assert_eq!(Proofs::weight_shared_by_wins(), ONE * 3 + of_compute());
			let until = round(Resource::Space).until;
			block(until);
			assert_eq!(Proofs::weight_shared_by_wins(), ONE * 3 + of_compute());
			block(until + 1);
			assert_eq!(Proofs::weight_shared_by_wins(), of_compute());
			seen_compute |= of_compute() == ONE;
		}
		assert!(seen_compute, "windows open once in ten turns");
	});
}

/// What wins share is charged by the hook: they themselves are not charged for it.
#[test]
fn the_hook_charges_what_wins_share() {
	run(|| {
		next_round();
		let shared = Proofs::weight_shared_by_wins();
		assert!(shared.all_gte(ONE * 3));
		// The turn has begun: nothing opens, and nothing else is charged.
		block(slot() + 1);
		assert_eq!(Proofs::weight_shared_by_wins(), shared);
		assert_eq!(Proofs::on_initialize(System::block_number()), ONE + shared);
	});
}

/// An announcement tells nobody when it comes, and is charged its own and its signature.
#[test]
fn an_announcement_is_charged_its_own_and_its_signature() {
	run(|| {
		device(1, Claimed::Compute { segments: 4 });
		let call = announcement(1, window_with_win(1));
		assert_eq!(
			(call.get_dispatch_info().call_weight, call.weight_of_authorize()),
			(ONE, ONE)
		);
	});
}

/// A segment that wins costs less than one that does not, and no more than there was room for.
#[test]
fn a_segment_that_tells_nobody_is_not_charged_for_telling() {
	run(|| {
		device(1, Claimed::Compute { segments: 4 });
		device(2, Claimed::Compute { segments: 4 });
		link(1);
		Eras::set(Eras::current_era() + 1);
		let first = window_with_win(1);
		assert_eq!(apply(announcement(1, first)), Ok(()));
		told();
		// The hook itself, the segment, and that the candidate is told of it.
		let least = ONE * 3;
		assert_eq!(
			Proofs::verify_announced(least - ONE),
			ONE,
			"there is no room for the worst"
		);
		assert_eq!((Proofs::verify_announced(least), told()), (least, vec![5]));
		let second = window_with_win(2);
		assert_eq!(apply(announcement(2, second)), Ok(()));
		assert_eq!((Proofs::verify_announced(least), told()), (ONE * 2, vec![]));
	});
}
