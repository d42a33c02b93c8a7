//! What devices send without an account: what is looked at before it counts.

use crate::{
	chain::*,
	workers::{commit_call, conduct, decline_call, lie, opened, reveal_call, sealed, shown_at, tasks, to_run, Conduct},
};
use compute_market_primitives::{Assignment, Assurance, Commit, JobId, What};
use frame_support::{assert_ok, BoundedVec};
use pallet_compute_market::{Call, Units, MAX_FREE, MESSAGE};
use sp_core::Pair;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

fn bad_proof() -> Result<(), TransactionValidityError> {
	Err(InvalidTransaction::BadProof.into())
}

fn refused() -> Result<(), TransactionValidityError> {
	Err(InvalidTransaction::Call.into())
}

fn stale() -> Result<(), TransactionValidityError> {
	Err(InvalidTransaction::Stale.into())
}

/// A job whose first units are out, and one that has one of them.
fn out() -> (JobId, u8, Assignment) {
	set_workers(1..=5);
	let id = submit(8, Assurance::Quorum);
	until_out(id);
	let number = holders(id, 0)[0];
	let (job, at) = to_run(number)[0];
	assert_eq!(job, id);
	(id, number, at)
}

#[test]
fn a_commitment_is_of_the_device_that_has_the_unit() {
	run(|| {
		let (id, number, at) = out();
		let said = sealed(number, id, at);
		let Call::commit { commit, .. } = commit_call(number, id, vec![said]) else {
			panic!("a commitment")
		};
		let payload = commit.payload(&genesis());
		let signature = key(number + 1).sign(&payload);
		assert_eq!(
			apply(Call::commit {
				commit: commit.clone(),
				signature
			}),
			bad_proof()
		);
		// Of another chain.
		let signature = key(number).sign(&commit.payload(&[9_u8; 32]));
		assert_eq!(apply(Call::commit { commit, signature }), bad_proof());
		// One who does not have it, or had it at another time.
		let others: Vec<u8> = (1..=5).filter(|other| !holders(id, at.unit).contains(other)).collect();
		assert_eq!(
			apply(commit_call(others[0], id, vec![sealed(others[0], id, at)])),
			Err(ahead())
		);
		let earlier = Assignment {
			since: at.since - 1,
			..at
		};
		assert_eq!(
			apply(commit_call(number, id, vec![sealed(number, id, earlier)])),
			Err(ahead())
		);
		assert_eq!(apply(commit_call(number, id, vec![said])), Ok(()));
		assert_eq!(
			apply(commit_call(number, id, vec![said])),
			Err(ahead()),
			"it counts once"
		);
		check();
	});
}

#[test]
fn units_are_named_once_in_order() {
	run(|| {
		let (id, number, _) = out();
		let all: Vec<_> = to_run(number)
			.into_iter()
			.map(|(_, at)| sealed(number, id, at))
			.collect();
		assert_eq!(all.len(), 2);
		let (first, second) = (all[0], all[1]);
		assert_eq!(apply(commit_call(number, id, vec![])), refused());
		assert_eq!(apply(commit_call(number, id, vec![first, first])), refused());
		let (low, high) = if first.at < second.at {
			(first, second)
		} else {
			(second, first)
		};
		assert_eq!(apply(commit_call(number, id, vec![high, low])), refused());
		assert_eq!(apply(commit_call(number, id, vec![low, high])), Ok(()));
		check();
		assert_eq!(worker(number).busy, 0);
	});
}

/// All of these have said what they have; nobody has revealed anything.
fn revealing() -> (JobId, Vec<u8>) {
	let (id, _, _) = out();
	let three = holders(id, 0);
	for number in &three {
		let at = assignment(id, *number);
		assert_ok!(apply(commit_call(*number, id, vec![sealed(*number, id, at)])));
	}
	(id, three)
}

fn assignment(id: JobId, number: u8) -> Assignment {
	let task = tasks(number)
		.into_iter()
		.find(|task| task.job == id && task.at.unit == 0);
	task.expect("it has it").at
}

#[test]
fn nobody_reveals_before_all_have_said_something() {
	run(|| {
		let (id, _, _) = out();
		let three = holders(id, 0);
		for number in &three {
			let at = assignment(id, *number);
			assert_ok!(apply(commit_call(*number, id, vec![sealed(*number, id, at)])));
			assert_eq!(
				apply(reveal_call(*number, id, vec![opened(*number, id, at)])),
				Err(ahead())
			);
		}
		end_block();
		let waits = |number: u8| matches!(tasks(number)[0].what, What::Reveal { .. });
		assert!(three.iter().all(|number| waits(*number)));
	});
}

#[test]
fn what_is_revealed_is_what_was_sealed() {
	run(|| {
		let (id, three) = revealing();
		end_block();
		let number = three[0];
		let at = assignment(id, number);
		let honest = opened(number, id, at);
		let mut other = honest;
		other.outcome = lie(id, 0, 9);
		assert_eq!(apply(reveal_call(number, id, vec![other])), bad_proof());
		let mut other = honest;
		other.salt[15] ^= 1;
		assert_eq!(apply(reveal_call(number, id, vec![other])), bad_proof());
		let mut other = honest;
		other.outcome.fuel = LIMIT + 1;
		assert_eq!(apply(reveal_call(number, id, vec![other])), bad_proof());
		// Nobody signs: it is worth the same whoever brings it, and in nobody else's place.
		let place = tasks(number)[0].place;
		let elsewhere = apply(shown_at(id, place + 1, vec![honest]));
		assert!(elsewhere == bad_proof() || elsewhere == Err(ahead()), "{elsewhere:?}");
		assert_eq!(apply(shown_at(id, place, vec![honest])), Ok(()));
		assert_eq!(apply(reveal_call(number, id, vec![honest])), stale());
		check();
	});
}

/// Somebody splits what a worker shows of two units: the rest of it counts all the same.
#[test]
fn what_others_have_shown_is_passed_over() {
	run(|| {
		set_workers(1..=3);
		let id = submit(2, Assurance::Quorum);
		until_out(id);
		let both = |number: u8| -> Vec<Assignment> { tasks(number).into_iter().map(|task| task.at).collect() };
		for number in 1..=3 {
			let units = both(number).into_iter().map(|at| sealed(number, id, at)).collect();
			assert_ok!(apply(commit_call(number, id, units)));
		}
		end_block();
		let shown: Vec<_> = both(1).into_iter().map(|at| opened(1, id, at)).collect();
		assert_eq!(shown.len(), 2);
		assert_ok!(apply(reveal_call(1, id, vec![shown[0]])));
		assert_ok!(apply(reveal_call(1, id, shown.clone())));
		assert_eq!(apply(reveal_call(1, id, shown)), stale());
		check();
	});
}

/// What another one has sealed is worth nothing in one's own name.
#[test]
fn nobody_copies_what_another_has_sealed() {
	run(|| {
		let (id, _, _) = out();
		let three = holders(id, 0);
		let (first, copier) = (three[0], three[1]);
		let copied = sealed(first, id, assignment(id, first)).said;
		let mut own = sealed(copier, id, assignment(id, copier));
		own.said = copied;
		assert_ok!(apply(commit_call(copier, id, vec![own])));
		for number in [first, three[2]] {
			let at = assignment(id, number);
			assert_ok!(apply(commit_call(number, id, vec![sealed(number, id, at)])));
		}
		end_block();
		let at = assignment(id, copier);
		let mut shown = opened(first, id, assignment(id, first));
		shown.at = at;
		assert_eq!(apply(reveal_call(copier, id, vec![shown])), bad_proof());
	});
}

#[test]
fn what_is_late_is_too_late() {
	run(|| {
		let (id, number, at) = out();
		let due = Units::<Test>::get(id, at.unit).expect("out").replicas[0].due;
		let said = sealed(number, id, at);
		while Now::get() < due {
			Now::set(Now::get() + 1);
		}
		let before = pallet_testkit::validity(
			&RuntimeCall::from(commit_call(number, id, vec![said])),
			sp_runtime::transaction_validity::TransactionSource::External,
		);
		assert!(before.is_ok() && !to_run(number).is_empty());
		Now::set(due + 1);
		assert!(to_run(number).is_empty(), "it is no task any more");
		assert_eq!(apply(commit_call(number, id, vec![said])), stale());
	});
}

#[test]
fn a_block_has_room_for_so_many() {
	run(|| {
		let (id, number, at) = out();
		let said = sealed(number, id, at);
		let block = System::block_number();
		pallet_compute_market::Free::<Test>::put((block, MAX_FREE));
		let full = Err(InvalidTransaction::ExhaustsResources.into());
		assert_eq!(apply(commit_call(number, id, vec![said])), full);
		pallet_compute_market::Free::<Test>::put((block, MAX_FREE - MESSAGE));
		assert_eq!(
			apply(commit_call(number, id, vec![said])),
			full,
			"a message costs what it says, and more"
		);
		pallet_compute_market::Free::<Test>::put((block, MAX_FREE - MESSAGE - 1));
		assert_eq!(apply(commit_call(number, id, vec![said])), Ok(()));
		assert_eq!(pallet_compute_market::Free::<Test>::get(), (block, MAX_FREE));
	});
}

#[test]
fn what_is_handed_back_others_get() {
	run(|| {
		set_workers(1..=6);
		conduct(2, Conduct::Declines);
		let id = submit(20, Assurance::Quorum);
		until_done(id);
		assert_eq!(job(id).accepted, 20);
		let shirker = member(id, 2).work;
		assert!(shirker.declined > 3 && shirker.given == shirker.declined);
		// It has lost nothing but its turns.
		assert_eq!(worker(2).stake, STAKE);
		assert!(shirker.rounds.effective() < shirker.rounds.weight() / 2);
		assert_eq!(
			apply(decline_call(2, id, vec![Assignment { unit: 0, since: 9 }])),
			Err(ahead())
		);
	});
}

/// A message with more units than one may have does not decode.
#[test]
fn messages_are_short() {
	use codec::{Decode, Encode};
	let commit = Commit {
		device: device(1),
		job: 1,
		units: BoundedVec::truncate_from(Vec::new()),
	};
	let mut bytes = (commit.device, commit.job).encode();
	let at = Assignment { unit: 1, since: 1 };
	let said = sealed(1, 1, at);
	vec![said; 33].encode_to(&mut bytes);
	assert!(Commit::<device_primitives::DeviceId>::decode(&mut &bytes[..]).is_err());
}
