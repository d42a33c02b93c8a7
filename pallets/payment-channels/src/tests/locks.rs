//! Conditions that are met, and what becomes of locks.

use crate::{mock::*, Error, Event, HoldReason, Reveals, WeightInfo};
use channel_primitives::{
	root_of, ChainWitness, Condition, LeafWitness, Lock, Node, Reveal, Stage, Statement, Steps, Unlocked, Witness, DAY,
};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, BoundedVec};

fn witness(leaves: Vec<LeafWitness>) -> Witness {
	Witness(BoundedVec::truncate_from(leaves))
}

/// The value of a step of a chain with so many.
fn step(of: u16, step: u16) -> [u8; 32] {
	let chain = Steps::new([9; 32], of).expect("a chain");
	chain.resumed(step - 1).give().expect("a step").1
}

fn condition(parts: Vec<Node>) -> Condition {
	Condition::new(parts).expect("a condition")
}

#[test]
fn a_preimage_is_shown_once_for_all_locks_with_its_hash() {
	run(|| {
		assert_ok!(reveal(BOB, 1));
		assert_eq!(held(BOB, HoldReason::Deposit), REVEAL);
		let hash = hash_lock(1).hash();
		let known = Reveal {
			tick: START,
			value: 1,
			total: 1,
		};
		assert_eq!(PaymentChannels::reveal(hash), Some(known));
		// Who forwards reads the preimage in the event.
		let shown = witness(vec![LeafWitness::Preimage(preimage(1))]);
		assert_eq!(events(), [Event::Met(hash, known, shown)]);
		assert_noop!(reveal(CAROL, 1), Error::<Test>::AlreadyMet);
		let wrong = witness(vec![LeafWitness::Preimage(preimage(3))]);
		assert_noop!(
			PaymentChannels::resolve(origin(BOB), hash_lock(2), wrong),
			Error::<Test>::WrongWitness
		);
		assert_noop!(
			PaymentChannels::resolve(origin(BOB), hash_lock(2), witness(vec![LeafWitness::Nothing])),
			Error::<Test>::NotMet
		);
		assert_noop!(
			PaymentChannels::resolve(origin(BOB), Condition::default(), witness(vec![])),
			Error::<Test>::BadCondition
		);
	});
}

#[test]
fn a_reveal_is_kept_for_long_enough_and_no_longer() {
	run(|| {
		assert_ok!(reveal(BOB, 1));
		let hash = hash_lock(1).hash();
		let purge = || PaymentChannels::purge_reveal(origin(9), hash);
		pass(120 * DAY);
		assert_noop!(purge(), Error::<Test>::TooEarly);
		pass(1);
		assert_ok!(purge());
		assert_eq!(held(BOB, HoldReason::Deposit), 0);
		assert_noop!(purge(), Error::<Test>::UnknownReveal);
		assert_eq!(Reveals::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_chain_is_met_by_its_payee_step_by_step() {
	run(|| {
		let steps = Steps::new([9; 32], 100).expect("a chain");
		let chain = condition(vec![Node::Chain {
			root: steps.root(),
			steps: 100,
			payee: key(BOB, 0),
		}]);
		let value = step(100, 40);
		assert_eq!(root_of(&value, 40), steps.root());
		let shown = |steps, by| {
			let word = ChainWitness {
				condition: chain.hash(),
				steps,
			};
			witness(vec![LeafWitness::Chain {
				steps,
				value,
				signature: statement(by, word),
			}])
		};
		let resolve = |steps, by| PaymentChannels::resolve(origin(9), chain.clone(), shown(steps, by));
		// The payer would show less than was met.
		assert_noop!(resolve(40, ALICE), Error::<Test>::WrongWitness);
		assert_noop!(resolve(41, BOB), Error::<Test>::WrongWitness);
		assert_ok!(resolve(40, BOB));
		let known = PaymentChannels::reveal(chain.hash()).expect("it is met");
		assert_eq!((known.value, known.total), (40, 100));
	});
}

#[test]
fn what_this_chain_knows_meets_conditions() {
	run(|| {
		let signed = Node::SignedBy {
			key: key(CAROL, 0),
			digest: [5; 32],
		};
		let predicate = |args: &[u8]| Node::Predicate {
			id: 0,
			args: BoundedVec::truncate_from(args.to_vec()),
		};
		let all = vec![
			Node::All { of: 3 },
			signed.clone(),
			predicate(b"yes"),
			Node::After { tick: START + 10 },
		];
		let word = statement(CAROL, Statement { digest: [5; 32] });
		let shown = witness(vec![
			LeafWitness::Signature(word),
			LeafWitness::Nothing,
			LeafWitness::Nothing,
		]);
		let resolve = || PaymentChannels::resolve(origin(BOB), condition(all.clone()), shown.clone());
		assert_noop!(resolve(), Error::<Test>::NotMet);
		pass(10);
		assert_ok!(resolve());
		let no = condition(vec![predicate(b"no")]);
		assert_noop!(
			PaymentChannels::resolve(origin(BOB), no, witness(vec![LeafWitness::Nothing])),
			Error::<Test>::NotMet
		);
	});
}

/// Under a key of small order everybody could be the oracle.
#[test]
fn a_weak_key_says_nothing() {
	run(|| {
		let mut weak = key(CAROL, 0);
		weak.0 = [0; 32];
		let parts = condition(vec![Node::SignedBy {
			key: weak,
			digest: [5; 32],
		}]);
		let zeros = channel_primitives::ChannelSignature([0; 64]);
		assert_noop!(
			PaymentChannels::resolve(origin(BOB), parts, witness(vec![LeafWitness::Signature(zeros)])),
			Error::<Test>::WrongWitness
		);
	});
}

#[test]
fn what_a_condition_costs_is_what_it_takes_to_look_at_it() {
	let weight = |parts: Vec<Node>| {
		let condition = Condition(BoundedVec::truncate_from(parts));
		let call = crate::Call::<Test>::resolve {
			condition,
			witness: witness(vec![]),
		};
		call.get_dispatch_info().call_weight
	};
	let preimage = Node::Preimage { hash: [0; 32] };
	let chain = |steps| Node::Chain {
		root: [0; 32],
		steps,
		payee: key(BOB, 0),
	};
	assert_eq!(weight(vec![preimage]), <()>::resolve_signed(0));
	assert_eq!(weight(vec![chain(4_096)]), <()>::resolve_chain(4_096));
	// No chain is longer: this one is refused before anything is hashed.
	assert_eq!(weight(vec![chain(u16::MAX)]), <()>::resolve_chain(4_096));
}

/// Alice has locked 100 for 1 and 200 for 2, and has 150 left in the channel beside.
#[test]
fn what_is_met_in_time_is_the_payees_and_the_rest_goes_back() {
	run(|| {
		let line = open(ALICE, BOB, 450, 0);
		let list = locks(&[lock(1, 1, 100), lock(2, 2, 200)]);
		let half = line.half(ALICE, 1, 0, 0, &list);
		assert_ok!(line.close(ALICE, 0, &list, None));
		assert_ok!(line.update(BOB, half, BOB));
		assert_ok!(reveal(BOB, 2));
		line.settle_in_time();
		assert_eq!(
			(free(ALICE), in_pot(HoldReason::Stake)),
			(RICH - 300 - CHANNEL, 300 + CHANNEL)
		);
		assert_noop!(line.unlock(ALICE, &list), Error::<Test>::Undecided);
		assert_noop!(line.unlock(ALICE, &none()), Error::<Test>::BadLocks);
		assert_noop!(line.unlock(BOB, &list), Error::<Test>::NothingPending);
		assert_noop!(PaymentChannels::clear(origin(9), line.id), Error::<Test>::StillPending);
		pass(DAY);
		System::reset_events();
		assert_ok!(line.unlock(ALICE, &list));
		let unlocked = Unlocked { payer: 100, payee: 200 };
		assert_eq!(events(), [Event::Unlocked(line.id, line.side(ALICE), unlocked)]);
		assert_eq!((free(ALICE), free(BOB)), (RICH - 200 - CHANNEL, RICH + 200 - REVEAL));
		assert_noop!(line.unlock(ALICE, &list), Error::<Test>::NothingPending);
	});
}

#[test]
fn what_is_met_too_late_goes_back() {
	run(|| {
		let line = open(ALICE, BOB, 450, 0);
		let list = locks(&[lock(1, 1, 100)]);
		assert_ok!(line.close(ALICE, 0, &list, None));
		pass(DAY + 1);
		assert_ok!(reveal(BOB, 1));
		assert_ok!(line.settle());
		assert_ok!(line.unlock(ALICE, &list));
		assert_eq!(free(BOB), RICH - REVEAL);
	});
}

#[test]
fn part_of_a_chain_is_part_of_its_lock() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		let steps = Steps::new([9; 32], 10).expect("a chain");
		let chain = condition(vec![Node::Chain {
			root: steps.root(),
			steps: 10,
			payee: key(BOB, 0),
		}]);
		let list = locks(&[Lock {
			id: 1,
			amount: 1_000,
			expiry: START + DAY,
			condition: chain.hash(),
		}]);
		assert_ok!(line.close(ALICE, 0, &list, None));
		let word = ChainWitness {
			condition: chain.hash(),
			steps: 3,
		};
		let shown = LeafWitness::Chain {
			steps: 3,
			value: step(10, 3),
			signature: statement(BOB, word),
		};
		assert_ok!(PaymentChannels::resolve(origin(9), chain, witness(vec![shown])));
		line.settle_in_time();
		assert_ok!(line.unlock(ALICE, &list));
		assert_eq!(free(BOB), RICH + 300);
	});
}

#[test]
fn locks_whose_list_is_lost_go_back_after_thirty_days() {
	run(|| {
		let line = open(ALICE, BOB, 450, 0);
		let list = locks(&[lock(1, 1, 100)]);
		assert_ok!(line.close(ALICE, 0, &list, None));
		line.settle_in_time();
		let give_back = || PaymentChannels::unlock(origin(9), line.id, line.side(ALICE), None);
		pass(30 * DAY);
		assert_noop!(give_back(), Error::<Test>::Undecided);
		pass(1);
		assert_ok!(give_back());
		assert_eq!(free(BOB), RICH);
		let state = PaymentChannels::channel(line.id).expect("it is kept");
		assert_eq!(state.stage, Stage::Settled(line.each(None, None)));
		assert_ok!(PaymentChannels::clear(origin(9), line.id));
		assert_eq!(free(ALICE), RICH);
	});
}

/// Locks of both sides outlive the channel.
#[test]
fn locks_of_both_sides_are_split_one_by_one() {
	run(|| {
		let line = open(ALICE, BOB, 1_000, 0);
		let (of_alice, of_bob) = (locks(&[lock(1, 1, 100)]), locks(&[lock(1, 2, 300)]));
		let by_bob = line.half(BOB, 2, 3, 0, &of_bob);
		let by_alice = line.half(ALICE, 3, 2, 500, &of_alice);
		assert_ok!(line.close(ALICE, 500, &of_alice, Some(by_bob)));
		assert_ok!(line.update(BOB, by_alice, BOB));
		assert_ok!(reveal(CAROL, 1));
		assert_ok!(reveal(CAROL, 2));
		line.settle_in_time();
		check();
		assert_ok!(line.unlock(BOB, &of_bob));
		check();
		assert_ok!(line.unlock(ALICE, &of_alice));
		assert_eq!((free(ALICE), free(BOB)), (RICH - 300 - CHANNEL, RICH + 300));
	});
}
