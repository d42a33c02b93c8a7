//! What a side answers if its partner closes alone. A tower asks the same function.

use crate::{Sheet, Theirs};
use alloc::vec::Vec;
use channel_primitives::{Dispute, Hash, Locks, Reveal, Side, Tick};

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

/// What is to be brought to a close by the partner, in this order.
pub fn answers(sheet: &Sheet, now: Tick) -> Vec<Answer> {
	let mut answers = Vec::new();
	let Some(seen) = &sheet.seen else {
		return answers;
	};
	let dispute = &seen.dispute;
	if now > dispute.deadline {
		// A proof counts until it is settled.
		if proves(sheet, dispute, seen.claim_locks.as_ref()) {
			answers.push(Answer::Prove);
		}
		answers.push(Answer::Settle);
		return answers;
	}
	let side = sheet.side();
	for (number, word) in sheet.words.iter().enumerate() {
		if !dispute.resyncs.get(side).as_slice().contains(&word.body) {
			answers.push(Answer::Resync(number));
		}
	}
	if side == dispute.closer {
		return answers;
	}
	if let Some(theirs) = &sheet.theirs {
		if gains(dispute, side, theirs) {
			answers.push(Answer::Update);
		}
	}
	if proves(sheet, dispute, seen.claim_locks.as_ref()) {
		answers.push(Answer::Prove);
	}
	answers
}

/// Whether it is better to let this half of the closer in. It always gives what is due. It is left out if the claim
/// says more, as that of an honest closer does while a half is under way, and if it is not needed to make void what the
/// closer has brought of ours.
fn gains(dispute: &Dispute, side: Side, theirs: &Theirs) -> bool {
	let half = &theirs.half.body;
	let closer = side.partner();
	if dispute.resyncs.get(closer).lost(half.nonce) {
		return false;
	}
	if let Some(there) = dispute.halves.get(closer) {
		return there.nonce < half.nonce;
	}
	let says_more = dispute.claim.transferred >= half.transferred && dispute.claim.locks == half.locks;
	let brought_is_fresh = dispute
		.halves
		.get(side)
		.is_some_and(|brought| brought.nonce >= half.ack);
	!(says_more && brought_is_fresh)
}

/// Whether the newest half of a closer is worth more than its claim, by what is known now.
fn proves(sheet: &Sheet, dispute: &Dispute, claim_locks: Option<&Locks>) -> bool {
	let Some(theirs) = &sheet.theirs else {
		return false;
	};
	if dispute.closer == sheet.side() || dispute.corrected {
		return false;
	}
	let reveal = |condition: &Hash| -> Option<Reveal> { sheet.reveals.get(condition).copied() };
	let mut trial = dispute.clone();
	trial
		.prove(&theirs.half.body, Some(&theirs.locks), claim_locks, &reveal)
		.is_ok()
}
