//! Chains of hashes: a payment a step.

use channel_primitives::{earlier, root_of, Receiver, Steps, StreamError, MAX_STEPS};
use proptest::prelude::*;
use sp_crypto_hashing::sha2_256;

#[test]
fn a_step_is_the_hash_of_the_next() {
	let value = [3_u8; 32];
	let by_hand = sha2_256(&[&b"PW"[..], &value].concat());
	assert_eq!(earlier(&value), by_hand);
	assert_eq!(root_of(&value, 0), value);
	assert_eq!(root_of(&value, 2), earlier(&earlier(&value)));
}

#[test]
fn all_steps_of_chains_of_many_lengths_are_given_and_taken() {
	for steps in [1, 2, 63, 64, 65, 127, 128, 129, 1_000, MAX_STEPS] {
		let seed = [steps as u8; 32];
		let mut payer = Steps::new(seed, steps).expect("a length");
		let mut payee = Receiver::new(payer.root(), steps).expect("a length");
		assert_eq!(payer.root(), root_of(&seed, steps));
		for step in 1..=steps {
			let (given, value) = payer.give().expect("one more");
			assert_eq!(given, step);
			assert_eq!(payee.take(step, value), Ok(1), "{step} of {steps}");
		}
		assert_eq!(payer.give(), None);
		assert_eq!(payer.given(), steps);
		assert_eq!(payee.best(), (steps, seed));
	}
}

#[test]
fn a_payer_goes_on_after_what_it_may_have_given() {
	let new = || Steps::new([1; 32], 100).expect("a length");
	let mut whole = new();
	let values: Vec<_> = (0..100).filter_map(|_| whole.give()).collect();
	for given in [0_u16, 1, 63, 64, 99] {
		assert_eq!(new().resumed(given).give(), Some(values[usize::from(given)]));
	}
	for given in [100, 101, u16::MAX] {
		assert_eq!(new().resumed(given).give(), None);
	}
}

#[test]
fn steps_that_are_none_change_nothing() {
	let mut payer = Steps::new([1; 32], 100).expect("a length");
	let mut payee = Receiver::new(payer.root(), 100).expect("a length");
	let values: Vec<_> = (0..10).filter_map(|_| payer.give()).collect();
	assert_eq!(payee.take(7, values[6].1), Ok(7), "some may be lost");
	for (step, value, error) in [
		(7, values[6].1, StreamError::Step),
		(3, values[2].1, StreamError::Step),
		(101, values[9].1, StreamError::Step),
		(8, values[8].1, StreamError::Value),
		(9, values[7].1, StreamError::Value),
	] {
		assert_eq!(payee.take(step, value), Err(error), "{step}");
		assert_eq!(payee.best(), (7, values[6].1));
	}
	for steps in [0, MAX_STEPS + 1] {
		assert_eq!(Steps::new([1; 32], steps).err(), Some(StreamError::Length));
		assert_eq!(Receiver::new([1; 32], steps), Err(StreamError::Length));
	}
}

proptest! {
	#[test]
	fn no_other_value_is_taken(step in 1..200_u16, at in 0..32_usize, flip in 1..=255_u8) {
		let last = [9; 32];
		let mut payee = Receiver::new(root_of(&last, 200), 200).expect("a length");
		let mut value = root_of(&last, 200 - step);
		value[at] ^= flip;
		prop_assert_eq!(payee.take(step, value), Err(StreamError::Value));
		value[at] ^= flip;
		prop_assert_eq!(payee.take(step, value), Ok(step));
	}
}
