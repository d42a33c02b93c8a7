//! What whoever runs the machine has to know before an event is taken.

use crate::{Event, Fact, Message, Party};
use alloc::{vec, vec::Vec};
use channel_primitives::{Hash, Locks};

/// The conditions, by their hashes, that [`revealed`](crate::Checks::revealed) may be asked for while this event is
/// taken; some more than once. An edge that has to find out first looks here.
pub fn conditions_of(event: &Event, party: &Party) -> Vec<Hash> {
	let of_locks = |locks: &Locks| -> Vec<Hash> { locks.as_slice().iter().map(|lock| lock.condition).collect() };
	match event {
		// What is no news is answered without them: whoever repeats itself makes nobody ask the chain.
		Event::Received(id, Message::Update(update)) => match party.sheet(*id) {
			Some(sheet) if update.half.body.nonce > sheet.held() => of_locks(&update.locks),
			_ => Vec::new(),
		},
		Event::Received(_, Message::Word(word)) => {
			word.held.as_ref().map(|(_, locks)| of_locks(locks)).unwrap_or_default()
		}
		Event::Lock { condition, .. } => vec![condition.hash()],
		Event::Forward { from, .. } => {
			let sheet = party.sheet(from.channel);
			let taken = sheet.and_then(|sheet| sheet.taken.get(&from.id));
			taken.map(|taken| vec![taken.lock.condition]).unwrap_or_default()
		}
		Event::Best { claim_locks, .. } => claim_locks.as_ref().map(of_locks).unwrap_or_default(),
		Event::Final(block) => {
			let mut all = Vec::new();
			for fact in &block.facts {
				if let Fact::Closing {
					claim_locks: Some(locks),
					..
				} = fact
				{
					all.extend(of_locks(locks));
				}
			}
			all
		}
		_ => Vec::new(),
	}
}
