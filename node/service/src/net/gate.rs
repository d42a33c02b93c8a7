//! In which order requests of peers are answered, and which are refused: a state machine without channels and clocks.
//!
//! The SDK answers requests one after the other, as fast as they come and whoever sends them. Behind a gate one is
//! answered at a time, those of all peers within a [`Share`] of a processor. What exceeds it *waits*: an honest node
//! leaves a peer that refuses, and one that syncs has a single request on the way to each peer. So a peer has two in
//! the queue at most, and whoever has cost least goes first: a flood slows down nobody but its sender. Refused is what
//! no honest node does, and what would wait for longer than its sender.

use super::budget::{Share, Spent, REMEMBERED_PEERS};
use sc_network::ReputationChange;
use sc_network_types::PeerId;
use schnellru::{ByLength, LruMap};
use std::{
	collections::HashSet,
	mem,
	time::{Duration, Instant},
};

/// What answering requests for blocks may take: a node that fetches all of them takes a third of it.
pub const BLOCKS: Share = Share {
	per_mille: 150,
	burst: Duration::from_secs(1),
};
/// What answering requests for state and for proofs of changes of voters may take. The burst is some eighty megabytes
/// of state.
pub const STATES: Share = Share {
	per_mille: 100,
	burst: Duration::from_secs(2),
};
/// Requests of one peer that wait.
pub const WAITING_OF_EACH: usize = 2;
/// Requests that wait in all.
pub const WAITING_OF_ALL: usize = 64;
/// How long a request waits. Those for proofs of changes have the shortest patience: ten seconds.
pub const PATIENCE: Duration = Duration::from_secs(8);
/// The longest request that an honest node makes: one for state names the last keys that it has.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024;
/// What each request costs besides the time of its answer: it is received, and an answer sent.
const COST_OF_EACH: Duration = Duration::from_micros(100);
/// What sending a kilobyte costs, which is encrypted and copied: four milliseconds for a megabyte.
const COST_OF_KILOBYTE: Duration = Duration::from_micros(4);

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// Its peer has others that wait.
	TooMany,
	/// No honest request is as long.
	TooLarge,
	/// The queue is full, and of those in it this one's peer has cost most.
	Crowded,
	/// It has waited too long.
	Late,
}

impl Refusal {
	/// As what it is counted.
	#[must_use]
	pub fn label(self) -> &'static str {
		match self {
			Self::TooMany => "too_many",
			Self::TooLarge => "too_large",
			Self::Crowded => "crowded",
			Self::Late => "late",
		}
	}

	/// What it costs the peer: something for what nobody honest does, so that it is banned after a thousand and a half
	/// of them in a row.
	#[must_use]
	pub fn penalty(self) -> Option<ReputationChange> {
		match self {
			Self::TooMany => Some(ReputationChange::new(-(1 << 20), "SmartChain: too many requests")),
			Self::TooLarge => Some(ReputationChange::new(-(1 << 24), "SmartChain: too large a request")),
			Self::Crowded | Self::Late => None,
		}
	}
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<T> {
	/// Answer this peer's request, and tell when that is [done](Gate::done).
	Answer(PeerId, T),
	/// Wait this long.
	Wait(Duration),
	/// There is nothing to do, or one is being answered.
	Nothing,
}

struct Waiting<T> {
	peer: PeerId,
	since: Instant,
	request: T,
}

/// What time was spent on answering takes in all.
#[must_use]
pub fn cost(took: Duration, bytes: usize) -> Duration {
	let kilobytes = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
	took.saturating_add(COST_OF_EACH)
		.saturating_add(COST_OF_KILOBYTE.saturating_mul(kilobytes))
}

/// Requests that wait, and what peers have cost.
pub struct Gate<T> {
	share: Share,
	/// Those that the operator trusts: they go first, and nothing of what they cost counts.
	reserved: HashSet<PeerId>,
	all: Spent,
	peers: LruMap<PeerId, Spent>,
	waiting: Vec<Waiting<T>>,
	is_busy: bool,
}

impl<T> Gate<T> {
	/// A gate at which nobody waits.
	#[must_use]
	pub fn new(share: Share, reserved: HashSet<PeerId>) -> Self {
		Self {
			share,
			reserved,
			all: Spent::default(),
			peers: LruMap::new(ByLength::new(REMEMBERED_PEERS)),
			waiting: Vec::new(),
			is_busy: false,
		}
	}

	/// A request of this length has come in. Gives back what is refused: this one, or another in its favour.
	pub fn arrive(&mut self, peer: PeerId, bytes: usize, request: T, now: Instant) -> Option<(T, Refusal)> {
		if bytes > MAX_REQUEST_BYTES {
			return Some((request, Refusal::TooLarge));
		}
		let waiting = self.waiting.iter().filter(|waiting| waiting.peer == peer).count();
		if waiting >= WAITING_OF_EACH {
			return Some((request, Refusal::TooMany));
		}
		self.waiting.push(Waiting {
			peer,
			since: now,
			request,
		});
		if self.waiting.len() <= WAITING_OF_ALL {
			return None;
		}
		// Of equals the last one: the others were here before.
		let last = (0..self.waiting.len()).max_by_key(|index| self.place(*index, now))?;
		Some((self.waiting.remove(last).request, Refusal::Crowded))
	}

	/// What to do next.
	pub fn next(&mut self, now: Instant) -> Next<T> {
		// Of equals the first one.
		let first = (0..self.waiting.len()).min_by_key(|index| self.place(*index, now));
		let Some(first) = first.filter(|_| !self.is_busy) else {
			return Next::Nothing;
		};
		let wait = self.all.wait(self.share, now);
		if !wait.is_zero() && !self.reserved.contains(&self.waiting[first].peer) {
			return Next::Wait(wait);
		}
		let Waiting { peer, request, .. } = self.waiting.remove(first);
		self.is_busy = true;
		Next::Answer(peer, request)
	}

	/// The request of this peer is answered, which has [cost](cost) this much.
	pub fn done(&mut self, peer: PeerId, cost: Duration, now: Instant) {
		self.is_busy = false;
		if self.reserved.contains(&peer) {
			return;
		}
		self.all.spend(self.share, cost, now);
		let mut spent = self.peers.get(&peer).copied().unwrap_or_default();
		spent.spend(self.share, cost, now);
		self.peers.insert(peer, spent);
	}

	/// Those that have waited for too long.
	pub fn late(&mut self, now: Instant) -> Vec<T> {
		let is_late = |waiting: &Waiting<T>| now.saturating_duration_since(waiting.since) >= PATIENCE;
		if !self.waiting.iter().any(is_late) {
			return Vec::new();
		}
		let (late, waiting): (Vec<_>, Vec<_>) = mem::take(&mut self.waiting).into_iter().partition(is_late);
		self.waiting = waiting;
		late.into_iter().map(|waiting| waiting.request).collect()
	}

	/// How long until the first of those that wait are late, if any wait.
	#[must_use]
	pub fn until_late(&self, now: Instant) -> Option<Duration> {
		let first = self.waiting.iter().map(|waiting| waiting.since).min()?;
		Some(PATIENCE.saturating_sub(now.saturating_duration_since(first)))
	}

	/// The place in the queue: by trust, then by what the peer has cost lately.
	fn place(&self, index: usize, now: Instant) -> (bool, Duration) {
		let peer = &self.waiting[index].peer;
		let spent = self.peers.peek(peer).copied().unwrap_or_default();
		(!self.reserved.contains(peer), spent.debt(now))
	}
}
