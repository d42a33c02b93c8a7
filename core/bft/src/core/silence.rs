//! Why a voter casts nothing at all for a while, whatever the block.

use crate::{types::Slot, Reason};

/// Whether a voter still listens for what its key may have signed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listening {
	/// Nobody is there yet. From the first peer on, this many milliseconds.
	For(u64),
	/// Until then.
	Until(u64),
	Over,
}

/// All that keeps a voter from casting anything. What stops it for good comes first; the rest passes by itself.
#[derive(Clone, Debug)]
pub(super) struct Silence {
	stopped: Option<Reason>,
	/// Up to this slot the key may have signed what is forgotten.
	horizon: Option<Slot>,
	in_sync: bool,
	listening: Listening,
	clock_doubted: bool,
	/// Whether it was silent when it was looked at last.
	was_silent: bool,
}

impl Silence {
	/// `listen_ms`: how long to listen once a peer is there; 0 if there is nobody to listen to, or nothing to hear.
	pub(super) fn new(stopped: Option<Reason>, horizon: Option<Slot>, listen_ms: u64) -> Self {
		let mut silence = Self {
			stopped,
			horizon,
			in_sync: false,
			listening: match listen_ms {
				0 => Listening::Over,
				ms => Listening::For(ms),
			},
			clock_doubted: false,
			was_silent: false,
		};
		silence.was_silent = silence.reason().is_some();
		silence
	}

	/// Casts nothing any more. The first reason stays.
	pub(super) fn stop(&mut self, why: Reason) {
		self.stopped.get_or_insert(why);
	}

	/// Whether it has not listened long enough.
	pub(super) fn is_listening(&self) -> bool {
		self.listening != Listening::Over
	}

	/// Whether it is for good.
	pub(super) fn is_stopped(&self) -> bool {
		self.stopped.is_some()
	}

	pub(super) fn horizon(&self) -> Option<Slot> {
		self.horizon
	}

	/// A peer is there; the first counts.
	pub(super) fn connected(&mut self, now_ms: u64) {
		if let Listening::For(ms) = self.listening {
			self.listening = Listening::Until(now_ms.saturating_add(ms));
		}
	}

	pub(super) fn set_in_sync(&mut self, in_sync: bool) {
		self.in_sync = in_sync;
	}

	pub(super) fn doubt_clock(&mut self, doubted: bool) {
		self.clock_doubted = doubted;
	}

	/// Why nothing is cast.
	pub(super) fn reason(&self) -> Option<Reason> {
		let forgotten = self.horizon.map(|horizon| Reason::Forgotten { horizon });
		let listening = self.is_listening().then_some(Reason::Listening);
		let doubted = self.clock_doubted.then_some(Reason::ClockDoubted);
		self.stopped.or(forgotten).or(listening).or(doubted)
	}

	pub(super) fn is_silent(&self) -> bool {
		self.reason().is_some()
	}

	/// Time has passed, and a block of this slot is final. Whether the voter may cast again since it was asked last.
	pub(super) fn ends(&mut self, now_ms: u64, final_slot: Slot) -> bool {
		if matches!(self.listening, Listening::Until(ms) if now_ms >= ms) {
			self.listening = Listening::Over;
		}
		let in_sync = self.in_sync;
		// What was signed up to the horizon lies below what is final: it can certify nothing beside that any more.
		self.horizon.take_if(|horizon| in_sync && final_slot > *horizon);
		let is_silent = self.is_silent();
		let ends = self.was_silent && !is_silent;
		self.was_silent = is_silent;
		ends
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn it_listens_from_the_first_peer_on() {
		let mut silence = Silence::new(None, None, 1_000);
		assert!(!silence.ends(50_000, 0), "nobody was there");
		silence.connected(60_000);
		silence.connected(60_900);
		assert!(!silence.ends(60_999, 0));
		assert_eq!(silence.reason(), Some(Reason::Listening));
		assert!(silence.ends(61_000, 0));
		silence.connected(70_000);
		assert!(!silence.is_silent() && !silence.ends(70_001, 0), "it ends once");
	}

	#[test]
	fn what_is_forgotten_has_to_lie_below_what_is_final_and_the_node_in_sync() {
		let mut silence = Silence::new(None, Some(100), 0);
		silence.set_in_sync(true);
		assert!(!silence.ends(0, 100), "at the horizon it may have signed");
		silence.set_in_sync(false);
		assert!(!silence.ends(0, 101));
		assert_eq!(silence.reason(), Some(Reason::Forgotten { horizon: 100 }));
		silence.set_in_sync(true);
		assert!(silence.ends(0, 101));
		silence.set_in_sync(false);
		assert_eq!((silence.reason(), silence.horizon()), (None, None), "once and for all");
	}

	#[test]
	fn doubt_comes_and_goes_and_what_stops_for_good_does_not() {
		let mut silence = Silence::new(None, None, 0);
		silence.doubt_clock(true);
		assert!(!silence.ends(0, 0));
		assert_eq!(silence.reason(), Some(Reason::ClockDoubted));
		silence.doubt_clock(false);
		assert!(silence.ends(0, 0));
		silence.stop(Reason::Told);
		silence.stop(Reason::CannotSign);
		silence.doubt_clock(true);
		assert_eq!(silence.reason(), Some(Reason::Told));
		silence.doubt_clock(false);
		assert!(!silence.ends(0, 0) && silence.is_stopped());
	}
}
