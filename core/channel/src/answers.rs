//! What is brought to the chain if the partner closes alone: by the side itself, and by a tower for it.

use crate::{Seen, Sheet};
use alloc::vec::Vec;
use channel_primitives::{Dispute, Half, Hash, Locks, Reveal, Side, Tick, WatchV1};

/// Something to bring to the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
	/// The partner's word about our lost data, by its number in [`Sheet::words`].
	Resync(usize),
	/// The partner's newest half.
	Update,
	/// That its claim is too low. It forfeits all.
	Prove,
	/// The deadline has passed.
	Settle,
}

/// What a side brings to a close, in this order.
pub fn answers(sheet: &Sheet, now: Tick) -> Vec<Answer> {
	let Some(seen) = &sheet.seen else {
		return Vec::new();
	};
	let reveal = |condition: &Hash| -> Option<Reveal> { sheet.reveals.get(condition).copied() };
	let newest = sheet.theirs.as_ref().map(|theirs| (&theirs.half.body, &theirs.locks));
	let mut answers = Vec::new();
	if now <= seen.dispute.deadline {
		for (number, word) in sheet.words.iter().enumerate() {
			if !seen.dispute.resyncs.get(sheet.side()).as_slice().contains(&word.body) {
				answers.push(Answer::Resync(number));
			}
		}
	}
	answers.extend(with_half(sheet.side(), newest, seen, &reveal, now));
	answers
}

/// What a tower brings to a close for the side that gave it the bundle, in this order. `reveal` says what the chain
/// knows of a condition.
pub fn watch(bundle: &WatchV1, seen: &Seen, reveal: &impl Fn(&Hash) -> Option<Reveal>, now: Tick) -> Vec<Answer> {
	let newest = Some((&bundle.half.body, &bundle.locks));
	with_half(bundle.context.side, newest, seen, reveal, now)
}

/// What `side` brings that holds this half of its partner, with its locks.
fn with_half(
	side: Side,
	newest: Option<(&Half, &Locks)>,
	seen: &Seen,
	reveal: &impl Fn(&Hash) -> Option<Reveal>,
	now: Tick,
) -> Vec<Answer> {
	let dispute = &seen.dispute;
	let in_time = now <= dispute.deadline;
	let mut answers = Vec::new();
	if let Some((half, locks)) = newest.filter(|_| dispute.closer != side) {
		if in_time && gains(dispute, side, half) {
			answers.push(Answer::Update);
		}
		// A proof counts until it is settled.
		if proves(seen, half, locks, reveal) {
			answers.push(Answer::Prove);
		}
	}
	if !in_time {
		answers.push(Answer::Settle);
	}
	answers
}

/// Whether it is better to let this half of the closer in. It always gives what is due. It is left out if the claim
/// says more, as that of an honest closer does while a half is under way, and if it is not needed to make void what
/// the closer has brought of ours. What a recovery claims may give way to something else, and is no answer to
/// anything.
fn gains(dispute: &Dispute, side: Side, half: &Half) -> bool {
	let closer = side.partner();
	if dispute.resyncs.get(closer).lost(half.nonce) {
		return false;
	}
	if let Some(there) = dispute.halves.get(closer) {
		return there.nonce < half.nonce;
	}
	if dispute.recovery {
		return true;
	}
	let says_more = dispute.claim.transferred >= half.transferred && dispute.claim.locks == half.locks;
	let brought_is_fresh = dispute
		.halves
		.get(side)
		.is_some_and(|brought| brought.nonce >= half.ack);
	!(says_more && brought_is_fresh)
}

/// Whether this half of a closer is worth more than its claim, by what is known now.
fn proves(seen: &Seen, half: &Half, locks: &Locks, reveal: &impl Fn(&Hash) -> Option<Reveal>) -> bool {
	if seen.dispute.corrected {
		return false;
	}
	let mut trial = seen.dispute.clone();
	trial
		.prove(half, Some(locks), seen.claim_locks.as_ref(), reveal)
		.is_ok()
}
