//! What lies in a mailbox, without a socket and without a clock.

use super::{Ask, MailAnswer, MailRequest, Token, Wish, MAX_TOKENS};
use crate::MAX_ENVELOPE;
use channel_primitives::{ChannelKey, Hash};
use codec::{Decode, Encode};
use ed25519_zebra::{Signature, VerificationKey};
use std::collections::{BTreeMap, VecDeque};

/// An envelope in a box.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Letter {
	/// Its number in this box; later ones have higher ones.
	pub number: u64,
	/// The sealed envelope.
	pub envelope: Vec<u8>,
}

/// Why a mailbox does not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum Refusal {
	/// It cannot be read.
	#[codec(index = 0)]
	#[error("the mailbox cannot read the request")]
	Unreadable,
	/// The signature is false, too old, or of another chain.
	#[codec(index = 1)]
	#[error("the mailbox does not take the signature: look at the clock and at the chain")]
	Unsigned,
	/// There is no such box, or the token is none of its.
	#[codec(index = 2)]
	#[error("there is no such box, or this token does not open it: ask its owner for another")]
	NoBox,
	/// This token's room in the box is full, or the server is.
	#[codec(index = 3)]
	#[error("the box is full until its owner takes what is in it, or it expires")]
	Full,
	/// The envelope is too long, or there are too many tokens.
	#[codec(index = 4)]
	#[error("this is more than a box takes")]
	TooMuch,
	/// The server gives no box to this key.
	#[codec(index = 5)]
	#[error("this mailbox gives no box to this key: name another mailbox")]
	NotServed,
}

/// What a mailbox keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLimits {
	/// Boxes, at most.
	pub boxes: usize,
	/// Envelopes of one token in a box, at most.
	pub per_token: usize,
	/// Envelopes in a box, at most.
	pub per_box: usize,
	/// Bytes of all envelopes, at most.
	pub bytes: usize,
	/// Seconds for which an envelope is kept.
	pub keep: u64,
	/// Seconds for which a box is kept that nobody asks for.
	pub keep_box: u64,
	/// Bytes of envelopes in one answer, at most, but always one.
	pub answer: usize,
	/// Seconds that a signature may be valid from now on, at most.
	pub ahead: u64,
}

impl Default for MailLimits {
	fn default() -> Self {
		Self {
			boxes: 4_096,
			per_token: 16,
			per_box: 64,
			bytes: 256 << 20,
			keep: 7 * 86_400,
			keep_box: 90 * 86_400,
			answer: 512 << 10,
			ahead: 600,
		}
	}
}

#[derive(Clone, Debug)]
struct Kept {
	letter: Letter,
	token: Token,
	/// When it goes, in seconds of Unix time.
	until: u64,
}

#[derive(Clone, Debug, Default)]
struct Slot {
	tokens: Vec<Token>,
	letters: VecDeque<Kept>,
	next: u64,
	/// When the box goes.
	until: u64,
}

/// All boxes of a server. Times are seconds of Unix time.
#[derive(Debug)]
pub struct Mailbox {
	genesis: Hash,
	limits: MailLimits,
	slots: BTreeMap<ChannelKey, Slot>,
	bytes: usize,
}

impl Mailbox {
	/// One for programs of a chain.
	pub fn new(genesis: Hash, limits: MailLimits) -> Self {
		Self {
			genesis,
			limits,
			slots: BTreeMap::new(),
			bytes: 0,
		}
	}

	/// Answers a request. `serves` says whether a key may have a box.
	pub fn answer(&mut self, request: MailRequest, now: u64, serves: impl FnOnce(&ChannelKey) -> bool) -> MailAnswer {
		let done = match request {
			MailRequest::Put { owner, token, envelope } => self.put(&owner, token, envelope, now),
			MailRequest::Ask(ask, signature) => {
				let fresh = ask.until >= now && ask.until <= now.saturating_add(self.limits.ahead);
				if !fresh || ask.genesis != self.genesis || !is_signed(&ask, &signature.0) {
					return MailAnswer::Refused(Refusal::Unsigned);
				}
				match ask.what {
					Wish::Open(tokens) => self.open(ask.owner, tokens, now, serves),
					Wish::Take(after) => self.take(&ask.owner, after, now),
				}
			}
		};
		done.unwrap_or_else(MailAnswer::Refused)
	}

	fn open(
		&mut self,
		owner: ChannelKey,
		tokens: Vec<Token>,
		now: u64,
		serves: impl FnOnce(&ChannelKey) -> bool,
	) -> Result<MailAnswer, Refusal> {
		if tokens.len() > MAX_TOKENS {
			return Err(Refusal::TooMuch);
		}
		if !serves(&owner) {
			return Err(Refusal::NotServed);
		}
		if !self.slots.contains_key(&owner) && self.slots.len() >= self.limits.boxes {
			self.sweep(now);
			if self.slots.len() >= self.limits.boxes {
				return Err(Refusal::Full);
			}
		}
		let slot = self.slots.entry(owner).or_default();
		slot.tokens = tokens;
		slot.until = now.saturating_add(self.limits.keep_box);
		Ok(MailAnswer::Done)
	}

	fn put(&mut self, owner: &ChannelKey, token: Token, envelope: Vec<u8>, now: u64) -> Result<MailAnswer, Refusal> {
		if envelope.len() > MAX_ENVELOPE {
			return Err(Refusal::TooMuch);
		}
		let limits = self.limits;
		let known = self.slots.get(owner).is_some_and(|slot| slot.tokens.contains(&token));
		if !known {
			return Err(Refusal::NoBox);
		}
		if self.bytes.saturating_add(envelope.len()) > limits.bytes {
			self.sweep(now);
		}
		if self.bytes.saturating_add(envelope.len()) > limits.bytes {
			return Err(Refusal::Full);
		}
		let slot = self.slots.get_mut(owner).ok_or(Refusal::NoBox)?;
		self.bytes = self.bytes.saturating_sub(drop_old(slot, now));
		let of_token = slot.letters.iter().filter(|kept| kept.token == token).count();
		if of_token >= limits.per_token || slot.letters.len() >= limits.per_box {
			return Err(Refusal::Full);
		}
		slot.next = slot.next.saturating_add(1);
		self.bytes = self.bytes.saturating_add(envelope.len());
		slot.letters.push_back(Kept {
			letter: Letter {
				number: slot.next,
				envelope,
			},
			token,
			until: now.saturating_add(limits.keep),
		});
		Ok(MailAnswer::Done)
	}

	fn take(&mut self, owner: &ChannelKey, after: u64, now: u64) -> Result<MailAnswer, Refusal> {
		let slot = self.slots.get_mut(owner).ok_or(Refusal::NoBox)?;
		slot.until = now.saturating_add(self.limits.keep_box);
		let mut gone = drop_old(slot, now);
		while slot.letters.front().is_some_and(|kept| kept.letter.number <= after) {
			let taken = slot.letters.pop_front();
			gone = gone.saturating_add(taken.map_or(0, |kept| kept.letter.envelope.len()));
		}
		self.bytes = self.bytes.saturating_sub(gone);
		let mut room = self.limits.answer;
		let mut letters = Vec::new();
		for kept in &slot.letters {
			let length = kept.letter.envelope.len();
			if length > room && !letters.is_empty() {
				break;
			}
			room = room.saturating_sub(length);
			letters.push(kept.letter.clone());
		}
		Ok(MailAnswer::Letters(letters))
	}

	/// Takes out what has expired. To be called now and then.
	pub fn sweep(&mut self, now: u64) {
		let mut gone = 0_usize;
		self.slots.retain(|_, slot| {
			if slot.until <= now {
				let all: usize = slot.letters.iter().map(|kept| kept.letter.envelope.len()).sum();
				gone = gone.saturating_add(all);
				return false;
			}
			gone = gone.saturating_add(drop_old(slot, now));
			true
		});
		self.bytes = self.bytes.saturating_sub(gone);
	}

	/// Bytes of all envelopes.
	pub fn bytes(&self) -> usize {
		self.bytes
	}
}

/// Takes out what has expired, and says how many bytes that were. The older expire first.
fn drop_old(slot: &mut Slot, now: u64) -> usize {
	let mut gone = 0_usize;
	while slot.letters.front().is_some_and(|kept| kept.until <= now) {
		let old = slot.letters.pop_front();
		gone = gone.saturating_add(old.map_or(0, |kept| kept.letter.envelope.len()));
	}
	gone
}

fn is_signed(ask: &Ask, signature: &[u8; 64]) -> bool {
	VerificationKey::try_from(ask.owner.0)
		.is_ok_and(|key| key.verify(&Signature::from(*signature), &ask.payload()).is_ok())
}

#[cfg(test)]
mod tests {
	use super::*;
	use channel_primitives::ChannelSignature;
	use ed25519_zebra::SigningKey;

	const GENESIS: Hash = [1; 32];
	const NOW: u64 = 1_700_000_000;

	fn limits() -> MailLimits {
		MailLimits {
			boxes: 2,
			per_token: 3,
			per_box: 5,
			bytes: 1_000,
			keep: 100,
			keep_box: 1_000,
			answer: 300,
			ahead: 60,
		}
	}

	fn owner(secret: u8) -> ChannelKey {
		ChannelKey(VerificationKey::from(&SigningKey::from([secret; 32])).into())
	}

	fn ask_of(secret: u8, genesis: Hash, until: u64, what: Wish) -> MailRequest {
		let ask = Ask {
			genesis,
			owner: owner(secret),
			until,
			what,
		};
		let signature = SigningKey::from([secret; 32]).sign(&ask.payload());
		MailRequest::Ask(ask, ChannelSignature(signature.into()))
	}

	fn put(secret: u8, token: u8, length: usize) -> MailRequest {
		MailRequest::Put {
			owner: owner(secret),
			token: [token; 16],
			envelope: vec![token; length],
		}
	}

	fn ask(mailbox: &mut Mailbox, secret: u8, what: Wish, now: u64) -> MailAnswer {
		mailbox.answer(ask_of(secret, GENESIS, now, what), now, |_| true)
	}

	fn opened() -> Mailbox {
		let mut mailbox = Mailbox::new(GENESIS, limits());
		let tokens = vec![[7; 16], [8; 16]];
		assert_eq!(ask(&mut mailbox, 1, Wish::Open(tokens), NOW), MailAnswer::Done);
		mailbox
	}

	fn numbers(answer: MailAnswer) -> Vec<u64> {
		let MailAnswer::Letters(letters) = answer else {
			panic!("{answer:?}");
		};
		letters.iter().map(|letter| letter.number).collect()
	}

	#[test]
	fn what_is_left_is_taken_once_it_is_acknowledged() {
		let mut mailbox = opened();
		for _ in 0..3 {
			assert_eq!(mailbox.answer(put(1, 7, 10), NOW, |_| true), MailAnswer::Done);
		}
		assert_eq!(numbers(ask(&mut mailbox, 1, Wish::Take(0), NOW)), [1, 2, 3]);
		assert_eq!(
			numbers(ask(&mut mailbox, 1, Wish::Take(0), NOW)),
			[1, 2, 3],
			"not taken yet"
		);
		assert_eq!(numbers(ask(&mut mailbox, 1, Wish::Take(2), NOW)), [3]);
		assert_eq!(mailbox.bytes(), 10);
		assert_eq!(numbers(ask(&mut mailbox, 1, Wish::Take(3), NOW)), Vec::<u64>::new());
		mailbox.answer(put(1, 7, 10), NOW, |_| true);
		// Replayed: an old acknowledgement takes out nothing new.
		assert_eq!(numbers(ask(&mut mailbox, 1, Wish::Take(3), NOW)), [4]);
	}

	#[test]
	fn an_answer_has_a_bound_and_always_one() {
		let mut mailbox = opened();
		for length in [290, 20, 290] {
			mailbox.answer(put(1, 7, length), NOW, |_| true);
		}
		assert_eq!(numbers(ask(&mut mailbox, 1, Wish::Take(0), NOW)), [1]);
		assert_eq!(numbers(ask(&mut mailbox, 1, Wish::Take(1), NOW)), [2]);
		assert_eq!(numbers(ask(&mut mailbox, 1, Wish::Take(2), NOW)), [3]);
	}

	/// Flooder: with a token it fills its own room, without one nothing.
	#[test]
	fn a_flood_takes_up_its_own_room_alone() {
		let mut mailbox = opened();
		let full = MailAnswer::Refused(Refusal::Full);
		for _ in 0..3 {
			assert_eq!(mailbox.answer(put(1, 7, 10), NOW, |_| true), MailAnswer::Done);
		}
		assert_eq!(mailbox.answer(put(1, 7, 10), NOW, |_| true), full);
		assert_eq!(mailbox.answer(put(1, 8, 10), NOW, |_| true), MailAnswer::Done);
		let no_box = MailAnswer::Refused(Refusal::NoBox);
		assert_eq!(mailbox.answer(put(1, 9, 10), NOW, |_| true), no_box);
		assert_eq!(mailbox.answer(put(2, 7, 10), NOW, |_| true), no_box);
		assert_eq!(
			mailbox.answer(put(1, 8, 961), NOW, |_| true),
			full,
			"all bytes together"
		);
		let too_much = MailAnswer::Refused(Refusal::TooMuch);
		assert_eq!(mailbox.answer(put(1, 8, MAX_ENVELOPE + 1), NOW, |_| true), too_much);
		assert_eq!(
			ask(&mut mailbox, 1, Wish::Open(vec![[0; 16]; MAX_TOKENS + 1]), NOW),
			too_much
		);
		ask(&mut mailbox, 2, Wish::Open(Vec::new()), NOW);
		assert_eq!(ask(&mut mailbox, 3, Wish::Open(Vec::new()), NOW), full);
		let not_served = mailbox.answer(ask_of(3, GENESIS, NOW, Wish::Open(Vec::new())), NOW, |_| false);
		assert_eq!(not_served, MailAnswer::Refused(Refusal::NotServed));
	}

	#[test]
	fn all_expires() {
		let mut mailbox = opened();
		for _ in 0..3 {
			mailbox.answer(put(1, 7, 10), NOW, |_| true);
		}
		assert_eq!(mailbox.answer(put(1, 7, 10), NOW + 100, |_| true), MailAnswer::Done);
		assert_eq!(mailbox.bytes(), 10);
		mailbox.sweep(NOW + 1_000);
		assert_eq!(mailbox.bytes(), 0);
		let gone = ask(&mut mailbox, 1, Wish::Take(0), NOW + 1_000);
		assert_eq!(gone, MailAnswer::Refused(Refusal::NoBox));
	}

	#[test]
	fn the_owner_alone_may_ask() {
		let mut mailbox = opened();
		mailbox.answer(put(1, 7, 10), NOW, |_| true);
		let refused = MailAnswer::Refused(Refusal::Unsigned);
		let mut answer = |request| mailbox.answer(request, NOW, |_| true);
		assert_eq!(answer(ask_of(1, [2; 32], NOW, Wish::Take(1))), refused, "another chain");
		assert_eq!(answer(ask_of(1, GENESIS, NOW - 1, Wish::Take(1))), refused, "too old");
		assert_eq!(
			answer(ask_of(1, GENESIS, NOW + 61, Wish::Take(1))),
			refused,
			"too far ahead"
		);
		let MailRequest::Ask(mut ask, signature) = ask_of(1, GENESIS, NOW, Wish::Take(0)) else {
			panic!("an ask");
		};
		ask.what = Wish::Take(1);
		assert_eq!(answer(MailRequest::Ask(ask.clone(), signature)), refused, "changed");
		ask.owner = ChannelKey([0; 32]);
		assert_eq!(answer(MailRequest::Ask(ask, signature)), refused);
		assert_eq!(mailbox.bytes(), 10);
	}
}
