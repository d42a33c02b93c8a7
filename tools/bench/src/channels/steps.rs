//! Steps of chains of hashes: what a payee takes in of a stream, on one core and without a disk.

use super::pair::{Commits, Pair, CHANNEL};
use crate::report::Row;
use channel_primitives::{Condition, Hash, Node, Receiver, Steps, MAX_STEPS};
use codec::{Decode, Encode};
use smartchain_channel::{Event, Message, Place, STEPS_AHEAD};
use smartchain_tests::{ensure, Error, Result};
use std::time::{Duration, Instant};

/// What a step is of, in planck.
const UNIT: u128 = 1_000;

fn error(error: impl std::fmt::Debug) -> Error {
	Error::new(format!("a stream fails: {error:?}"))
}

/// A secret that nobody has used.
fn seed(number: u64) -> Hash {
	let mut seed = [9; 32];
	seed[..8].copy_from_slice(&number.to_le_bytes());
	seed
}

/// Steps a second that a payee checks, by the primitives alone.
fn checked(lasts: Duration) -> Result<f64> {
	let mut chain = Steps::new(seed(0), MAX_STEPS).map_err(error)?;
	let root = chain.root();
	let values: Vec<(u16, Hash)> = std::iter::from_fn(|| chain.give()).collect();
	let (began, mut count) = (Instant::now(), 0_u64);
	while began.elapsed() < lasts {
		let mut receiver = Receiver::new(root, MAX_STEPS).map_err(error)?;
		for (step, value) in &values {
			receiver.take(*step, *value).map_err(error)?;
		}
		ensure!(receiver.best().0 == MAX_STEPS, "a payee has lost steps");
		count = count.saturating_add(values.len() as u64);
	}
	Ok(count as f64 / began.elapsed().as_secs_f64())
}

/// One whole chain from the first of the pair to the second, and paid up: how long the payee takes to read the messages
/// and to take the steps in.
fn stream(pair: &mut Pair, number: u64) -> Result<Duration> {
	let mut chain = Steps::new(seed(number), MAX_STEPS).map_err(error)?;
	let node = Node::Chain {
		root: chain.root(),
		steps: MAX_STEPS,
		payee: pair.sheet(0)?.opened.terms.keys.high,
	};
	let condition = Condition::new(vec![node]).map_err(error)?;
	pair.lock(0, UNIT * u128::from(MAX_STEPS), condition)?;
	pair.settle()?;
	let at = Place {
		channel: CHANNEL,
		id: pair.newest_lock(0)?,
	};
	while let Some((step, value)) = chain.give() {
		let ahead = STEPS_AHEAD;
		pair.tell(0, Event::Give { at, step, value, ahead })?;
	}
	let messages: Vec<Vec<u8>> = pair.take(1).iter().map(Encode::encode).collect();
	ensure!(
		messages.len() == usize::from(MAX_STEPS),
		"{} messages say {MAX_STEPS} steps",
		messages.len()
	);
	let began = Instant::now();
	for mut bytes in messages.iter().map(Vec::as_slice) {
		let message = Message::decode(&mut bytes)?;
		pair.tell(1, Event::Received(CHANNEL, message))?;
	}
	let took = began.elapsed();
	let before = pair.received(1);
	pair.tell(0, Event::PayUp(at))?;
	pair.settle()?;
	ensure!(pair.received(1) == before + 1, "a stream is not paid");
	Ok(took)
}

/// Steps a second that the machine of a payee takes in.
fn received(lasts: Duration) -> Result<f64> {
	let mut pair = Pair::new(Commits::Each)?;
	let (mut took, mut count) = (Duration::ZERO, 0_u64);
	while took < lasts {
		count = count.saturating_add(1);
		took = took.saturating_add(stream(&mut pair, count)?);
	}
	Ok((count * u64::from(MAX_STEPS)) as f64 / took.as_secs_f64())
}

/// What was measured.
pub fn rows(lasts: Duration) -> Result<Vec<Row>> {
	Ok(vec![
		Row::new(
			"steps of a chain of hashes, received and checked by the payee's machine, one message each, one core",
			">= 1,000,000 a second",
			format!("{:.0} a second", received(lasts)?),
		),
		Row::new(
			"the same without the machine: the check alone",
			"",
			format!("{:.0} a second", checked(lasts)?),
		),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Streams follow each other in one channel, and each is paid.
	#[test]
	fn streams_are_received_and_paid() {
		let mut pair = Pair::new(Commits::Each).unwrap();
		stream(&mut pair, 1).unwrap();
		stream(&mut pair, 2).unwrap();
		let paid = pair.sheet(0).unwrap().signed.unwrap().transferred;
		assert_eq!(paid, 2 * UNIT * u128::from(MAX_STEPS));
	}
}
