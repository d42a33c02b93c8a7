//! Which of two connections of one key stays: numbers alone, no socket.

use crate::{Bye, NodeKey, Peer};
use std::collections::{BTreeMap, BTreeSet};

/// A connection that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newcomer {
	/// Its number here.
	pub id: u64,
	/// Who is at the other end.
	pub peer: Peer,
	/// Whether this end called.
	pub called: bool,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It stays.
	Admit,
	/// It stays, and the one with this number goes.
	Replace(u64),
	/// The one with this number is asked whether it is there. If it answers, it stays, else this one.
	Ask(u64),
	/// It goes.
	Refuse(Bye),
}

/// Who is connected: one connection for a key.
#[derive(Clone, Debug)]
pub struct Desk {
	own: NodeKey,
	most: usize,
	seats: BTreeMap<NodeKey, Newcomer>,
	/// Who has a seat though there are too many: keys cost nothing, and strangers could take all seats.
	expected: BTreeSet<NodeKey>,
}

impl Desk {
	/// One of this key, with so many connections at most, besides those with who is expected.
	pub fn new(own: NodeKey, most: usize) -> Self {
		Self {
			own,
			most,
			seats: BTreeMap::new(),
			expected: BTreeSet::new(),
		}
	}

	/// A partner that always has a seat.
	pub fn expect(&mut self, key: NodeKey) {
		self.expected.insert(key);
	}

	/// It is as any other from now on.
	pub fn expect_no_more(&mut self, key: &NodeKey) {
		self.expected.remove(key);
	}

	/// What becomes of a connection. It has its seat if it is admitted, or replaces another.
	///
	/// A program that calls again knows that its old connection is dead. Of two that called each other at once, both
	/// keep the one of the lower key. Whoever comes with the same key and another number is a second program, or the
	/// same one after a kill: the first is asked.
	pub fn come(&mut self, newcomer: Newcomer) -> Verdict {
		let key = newcomer.peer.key;
		if key == self.own {
			return Verdict::Refuse(Bye::Doubled);
		}
		let Some(old) = self.seats.get(&key).copied() else {
			if self.seats.len() >= self.most && !self.expected.contains(&key) {
				return Verdict::Refuse(Bye::Crowded);
			}
			self.seats.insert(key, newcomer);
			return Verdict::Admit;
		};
		let again = old.called == newcomer.called;
		let lower_called = newcomer.called == (self.own < key);
		if old.peer.writer == newcomer.peer.writer && (again || lower_called) {
			self.seats.insert(key, newcomer);
			return Verdict::Replace(old.id);
		}
		Verdict::Ask(old.id)
	}

	/// The one that was asked has answered, or not: what becomes of the newcomer now.
	pub fn decide(&mut self, newcomer: Newcomer, asked: u64, answered: bool) -> Verdict {
		let key = newcomer.peer.key;
		match self.seats.get(&key).copied() {
			// It ended meanwhile, or another came: as if it came now.
			None => self.come(newcomer),
			Some(old) if old.id != asked => self.come(newcomer),
			Some(old) if answered && old.peer.writer != newcomer.peer.writer => Verdict::Refuse(Bye::SecondWriter),
			Some(_) if answered => Verdict::Refuse(Bye::Doubled),
			Some(old) => {
				self.seats.insert(key, newcomer);
				Verdict::Replace(old.id)
			}
		}
	}

	/// A connection ended. Whether it had the seat.
	pub fn leave(&mut self, key: &NodeKey, id: u64) -> bool {
		let had = self.seats.get(key).is_some_and(|seat| seat.id == id);
		if had {
			self.seats.remove(key);
		}
		had
	}

	/// Which connection a key has.
	pub fn seat(&self, key: &NodeKey) -> Option<u64> {
		self.seats.get(key).map(|seat| seat.id)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn from(id: u64, key: u8, writer: u64, called: bool) -> Newcomer {
		Newcomer {
			id,
			peer: Peer { key: [key; 32], writer },
			called,
		}
	}

	#[test]
	fn who_calls_again_takes_its_own_place() {
		let mut desk = Desk::new([5; 32], 8);
		assert_eq!(desk.come(from(1, 7, 70, false)), Verdict::Admit);
		assert_eq!(desk.come(from(2, 7, 70, false)), Verdict::Replace(1));
		assert!(!desk.leave(&[7; 32], 1), "it has no seat any more");
		assert_eq!(desk.seat(&[7; 32]), Some(2));
		assert!(desk.leave(&[7; 32], 2));
	}

	/// Mallory has taken all seats.
	#[test]
	fn strangers_keep_no_partner_out() {
		let mut desk = Desk::new([5; 32], 2);
		assert_eq!(desk.come(from(1, 1, 9, false)), Verdict::Admit);
		assert_eq!(desk.come(from(2, 2, 9, false)), Verdict::Admit);
		assert_eq!(desk.come(from(3, 7, 70, false)), Verdict::Refuse(Bye::Crowded));
		desk.expect([7; 32]);
		assert_eq!(desk.come(from(4, 8, 9, false)), Verdict::Refuse(Bye::Crowded));
		assert_eq!(desk.come(from(5, 7, 70, false)), Verdict::Admit);
		assert!(desk.leave(&[7; 32], 5));
		desk.expect_no_more(&[7; 32]);
		assert_eq!(desk.come(from(6, 7, 70, false)), Verdict::Refuse(Bye::Crowded));
	}

	/// Both ends keep the same one, in whatever order the two become known.
	#[test]
	fn of_two_that_called_each_other_both_keep_the_same() {
		for order in [[true, false], [false, true]] {
			let (mut low, mut high) = (Desk::new([1; 32], 8), Desk::new([2; 32], 8));
			let mut kept = Vec::new();
			for (desk, other, by_low_is_called) in [(&mut low, 2, true), (&mut high, 1, false)] {
				for by_low in order {
					let id = u64::from(by_low);
					let newcomer = from(id, other, 9, by_low == by_low_is_called);
					match desk.come(newcomer) {
						Verdict::Admit | Verdict::Replace(_) => (),
						Verdict::Ask(asked) => {
							assert_eq!(desk.decide(newcomer, asked, true), Verdict::Refuse(Bye::Doubled));
						}
						other => panic!("{other:?}"),
					}
				}
				kept.push(desk.seat(&[other; 32]));
			}
			assert_eq!(kept, [Some(1), Some(1)], "that of the lower key");
		}
	}

	/// Double: two daemons with one key.
	#[test]
	fn a_second_program_is_refused_as_long_as_the_first_answers() {
		let mut desk = Desk::new([5; 32], 8);
		desk.come(from(1, 7, 70, false));
		let second = from(2, 7, 71, false);
		assert_eq!(desk.come(second), Verdict::Ask(1));
		assert_eq!(desk.decide(second, 1, true), Verdict::Refuse(Bye::SecondWriter));
		assert_eq!(desk.seat(&[7; 32]), Some(1));
		// The first was killed and has begun again.
		assert_eq!(desk.come(second), Verdict::Ask(1));
		assert_eq!(desk.decide(second, 1, false), Verdict::Replace(1));
		assert_eq!(desk.seat(&[7; 32]), Some(2));
	}

	#[test]
	fn what_ended_while_it_was_asked_makes_room() {
		let mut desk = Desk::new([5; 32], 8);
		desk.come(from(1, 7, 70, false));
		let second = from(2, 7, 71, false);
		assert_eq!(desk.come(second), Verdict::Ask(1));
		desk.leave(&[7; 32], 1);
		assert_eq!(desk.decide(second, 1, false), Verdict::Admit);
	}

	#[test]
	fn there_is_a_bound_and_nobody_speaks_to_itself() {
		let mut desk = Desk::new([5; 32], 2);
		assert_eq!(desk.come(from(1, 5, 1, true)), Verdict::Refuse(Bye::Doubled));
		assert_eq!(desk.come(from(1, 6, 1, true)), Verdict::Admit);
		assert_eq!(desk.come(from(2, 7, 1, true)), Verdict::Admit);
		assert_eq!(desk.come(from(3, 8, 1, true)), Verdict::Refuse(Bye::Crowded));
		assert_eq!(desk.come(from(4, 7, 1, true)), Verdict::Replace(2));
	}
}
