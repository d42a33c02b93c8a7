//! How much of what a peer was sent it has not read.
//!
//! The network's queues say nothing about that: below them lies a list for each peer that takes whatever it is given,
//! and grows for as long as the peer does not read. So the sender asks: after so many bytes it sends a token that
//! nobody can guess, and a peer that reads it has read what came before, for one stream keeps the order. It sends the
//! token back. What has no such receipt is bounded ([`UNREAD_BYTES`]), and so is the patience with a peer that
//! gives none ([`PATIENCE`]).

use codec::{Decode, Encode};
use std::{
	collections::VecDeque,
	time::{Duration, Instant},
};

/// Bytes without a receipt that a peer may be sent on one protocol: the largest block and a third as much besides.
pub(crate) const UNREAD_BYTES: usize = 8 * 1024 * 1024;
/// Room for receipts besides: if two nodes have filled up what they may send each other, either waits for one.
const RECEIPT_BYTES: usize = 64 * 1024;
/// After as many bytes a receipt is asked for.
const ASK_EVERY: usize = 256 * 1024;
/// While none comes, another one is asked for in this time: the network may have lost the question.
const ASK_AGAIN: Duration = Duration::from_secs(10);
/// A peer that gives no receipt for as long does not read, or not fast enough to be of use. It is longer than a node
/// needs that compiles a new runtime meanwhile.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// It has been asked as often by then.
const ASKED_AT_LEAST: usize = 3;
/// Questions without an answer that are remembered.
const MAX_ASKED: usize = 64;

/// What nodes send each other beside the messages of a protocol, which begin with their version: that counts from 1 up,
/// and this from 255 down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Frame {
	/// "Send this back when you have read it."
	#[codec(index = 254)]
	Ask(Token),
	/// "I have read everything up to this."
	#[codec(index = 255)]
	Receipt(Token),
}

/// What only a peer that reads can know.
pub(crate) type Token = u64;

impl Frame {
	/// Its encoded length.
	pub const BYTES: usize = 9;
}

/// A receipt that was asked for.
struct Asked {
	token: Token,
	/// Bytes sent up to and with the question.
	sent: u64,
	at: Instant,
}

/// What one peer was sent on one protocol, and what it has read of it.
#[derive(Default)]
pub(crate) struct Unread {
	/// Bytes sent since the protocol was opened,
	sent: u64,
	/// and those that the last receipt stands for.
	read: u64,
	/// Receipts that are missing, the oldest first.
	asked: VecDeque<Asked>,
}

impl Unread {
	/// Whether the peer may be sent a message of this length.
	pub fn has_room(&self, bytes: usize) -> bool {
		(self.sent - self.read).saturating_add(bytes as u64) <= UNREAD_BYTES as u64
	}

	/// Whether it may be sent a receipt.
	pub fn has_room_for_receipt(&self) -> bool {
		(self.sent - self.read).saturating_add(Frame::BYTES as u64) <= (UNREAD_BYTES + RECEIPT_BYTES) as u64
	}

	/// Notes that a message of this length was sent.
	pub fn sent(&mut self, bytes: usize) {
		self.sent = self.sent.saturating_add(bytes as u64);
	}

	/// Whether it is time to ask for a receipt.
	pub fn is_to_be_asked(&self, now: Instant) -> bool {
		let last = self.asked.back();
		let since = self.sent - last.map_or(self.read, |asked| asked.sent);
		let overdue = last.is_some_and(|asked| now.duration_since(asked.at) >= ASK_AGAIN);
		self.asked.len() < MAX_ASKED && (since >= ASK_EVERY as u64 || overdue)
	}

	/// Notes that a receipt was asked for, by this token.
	pub fn asked(&mut self, token: Token, now: Instant) {
		self.sent(Frame::BYTES);
		self.asked.push_back(Asked {
			token,
			sent: self.sent,
			at: now,
		});
	}

	/// Takes a receipt, which stands for those of before as well; whether it was asked for.
	pub fn receipt(&mut self, token: Token) -> bool {
		let Some(place) = self.asked.iter().position(|asked| asked.token == token) else {
			return false;
		};
		for asked in self.asked.drain(..=place) {
			self.read = asked.sent;
		}
		true
	}

	/// Whether the peer was asked again and again, and gives no receipt.
	pub fn is_stuck(&self, now: Instant) -> bool {
		let oldest = self.asked.front();
		self.asked.len() >= ASKED_AT_LEAST && oldest.is_some_and(|oldest| now.duration_since(oldest.at) >= PATIENCE)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Sends a message as [`crate::net::peers::Peers`] does; the token of a question that follows it.
	fn send(unread: &mut Unread, bytes: usize, token: Token, now: Instant) -> Option<Token> {
		if unread.has_room(bytes) {
			unread.sent(bytes);
		}
		unread.is_to_be_asked(now).then(|| {
			unread.asked(token, now);
			token
		})
	}

	#[test]
	fn a_receipt_stands_for_what_came_before_the_question() {
		let (mut unread, now) = (Unread::default(), Instant::now());
		assert_eq!(send(&mut unread, ASK_EVERY - 1, 1, now), None);
		assert_eq!(send(&mut unread, 1, 1, now), Some(1));
		assert_eq!(send(&mut unread, 7, 2, now), None);
		assert!(!unread.receipt(2), "nobody asked for it");
		assert!(unread.receipt(1));
		assert!(!unread.receipt(1), "each counts once");
		assert_eq!(unread.sent - unread.read, 7);
	}

	#[test]
	fn a_later_receipt_stands_for_one_that_was_lost() {
		let (mut unread, now) = (Unread::default(), Instant::now());
		for token in 1..=3 {
			assert_eq!(send(&mut unread, ASK_EVERY, token, now), Some(token));
		}
		assert!(unread.receipt(2));
		assert!(!unread.receipt(1));
		assert_eq!(unread.sent - unread.read, (ASK_EVERY + Frame::BYTES) as u64);
	}

	#[test]
	fn whoever_reads_slowly_but_reads_is_not_stuck() {
		let (mut unread, start) = (Unread::default(), Instant::now());
		for second in 0..600 {
			let now = start + Duration::from_secs(second);
			// Two receipts are always missing, each for some 50 s.
			if send(&mut unread, ASK_EVERY / 25, second, now) == Some(second) && second >= 50 {
				let oldest = unread
					.asked
					.front()
					.map(|asked| asked.token)
					.expect("one was asked for");
				assert!(unread.receipt(oldest));
			}
			assert!(!unread.is_stuck(now), "{second}");
		}
	}

	#[test]
	fn whoever_reads_nothing_is_stuck_after_a_minute_of_questions() {
		let (mut unread, start) = (Unread::default(), Instant::now());
		assert_eq!(send(&mut unread, ASK_EVERY, 0, start), Some(0));
		let late = start + 2 * PATIENCE;
		assert!(!unread.is_stuck(late), "one question may be lost");
		let mut asked = 1;
		for second in 1..60 {
			let now = start + Duration::from_secs(second);
			asked += u32::from(send(&mut unread, 100, second, now).is_some());
			assert!(!unread.is_stuck(now));
		}
		assert_eq!(asked, 6);
		assert!(unread.is_stuck(start + PATIENCE));
		assert!(unread.receipt(0));
		assert!(!unread.is_stuck(start + PATIENCE), "it has begun to read");
	}

	proptest! {
		/// Whatever is sent and whichever receipts come: no more lies unread than is allowed and the questions.
		#[test]
		fn what_lies_unread_is_bounded(
			steps in prop::collection::vec((0..7_000_000usize, 0..200u64, any::<bool>()), 1..400)
		) {
			let (mut unread, start, mut at) = (Unread::default(), Instant::now(), 0);
			for (token, (bytes, seconds, reads)) in steps.into_iter().enumerate() {
				at += seconds;
				send(&mut unread, bytes, token as Token, start + Duration::from_secs(at));
				if reads {
					unread.receipt(token as Token / 2);
				}
				prop_assert!(unread.read <= unread.sent);
				prop_assert!(unread.sent - unread.read <= (UNREAD_BYTES + MAX_ASKED * Frame::BYTES) as u64);
				prop_assert!(unread.asked.len() <= MAX_ASKED);
			}
		}
	}
}
