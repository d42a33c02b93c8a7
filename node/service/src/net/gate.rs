//! In which order requests of peers are answered, and which are refused: a state machine without channels and clocks.
//!
//! The SDK answers requests one after the other, as fast as they come and whoever sends them. Behind a gate one is
//! answered at a time, those of all peers within a [`Share`] of a processor. What exceeds it *waits*: an honest node
//! leaves a peer that refuses. No slot is needed to ask: whoever is connected can, with as many identities as it likes.
//! So the peers that the operator trusts go first, then those that have a slot in the sync, which an honest node has
//! before it asks, then strangers. Those of one rank take turns: whoever would have had least with its next answer goes
//! first. So a flood gets no more than others do, and whoever asks for little is answered at once. A peer that is new
//! begins where the others are, or new identities would shut out those that have been here for long.
//!
//! Refused is what no honest node does, and what would wait for longer than its sender. An honest node has two requests
//! on the way to a peer at most: one for its sync, and one for bodies that another peer has not.

use super::budget::{Share, Spent, REMEMBERED_PEERS};
use sc_network::ReputationChange;
use sc_network_types::PeerId;
use schnellru::{ByLength, LruMap};
use std::{
	collections::HashSet,
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
/// Strangers' requests that wait though each peer with a slot has as many as it may.
pub const WAITING_OF_STRANGERS: usize = 32;
/// The longest that one answer closes the gate, however long it took: on a slow disk, or a busy machine. No longer than
/// half of the shortest [patience], so that whoever asks right after an answer gets the next.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// What an answer is expected to take if its peer had none before: more than those of who asks for little.
const EXPECTED: Duration = Duration::from_millis(10);
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
	/// When it is late.
	until: Instant,
	/// Those of its peer that wait, too, and came before it.
	before: usize,
	request: T,
}

/// What comes before all that peers have had.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
	/// The operator trusts it.
	Reserved,
	/// It has a slot in the sync.
	Synced,
	Stranger,
}

/// What a peer has had.
#[derive(Clone, Copy)]
struct Account {
	/// All that its answers took, and what it let pass while others were answered.
	had: Duration,
	/// What the last one took, as a guess at the next.
	last: Duration,
}

impl Account {
	const NEW: Self = Self {
		had: Duration::ZERO,
		last: EXPECTED,
	};
}

/// How long a request waits whose sender has this much patience. What is left is for the answer, and its way.
#[must_use]
pub fn patience(of_sender: Duration) -> Duration {
	of_sender.saturating_mul(4) / 5
}

/// What time was spent on answering takes in all.
#[must_use]
pub fn cost(took: Duration, bytes: usize) -> Duration {
	let kilobytes = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
	took.saturating_add(COST_OF_EACH)
		.saturating_add(COST_OF_KILOBYTE.saturating_mul(kilobytes))
}

/// Requests that wait, and what peers have had.
pub struct Gate<T> {
	share: Share,
	/// How many may wait.
	room: usize,
	/// Those that the operator trusts: nothing of what they cost counts.
	reserved: HashSet<PeerId>,
	/// Those that have a slot in the sync, and so no more than it has slots.
	synced: HashSet<PeerId>,
	all: Spent,
	peers: LruMap<PeerId, Account>,
	/// What whoever is answered has had. A peer that had less let it pass: it has no claim to that any more.
	level: Duration,
	waiting: Vec<Waiting<T>>,
	is_busy: bool,
}

impl<T> Gate<T> {
	/// A gate at which nobody waits. The sync has so many slots, besides those of the reserved peers.
	#[must_use]
	pub fn new(share: Share, slots: usize, reserved: HashSet<PeerId>) -> Self {
		let known = slots.saturating_add(reserved.len());
		Self {
			share,
			room: known
				.saturating_mul(WAITING_OF_EACH)
				.saturating_add(WAITING_OF_STRANGERS),
			reserved,
			synced: HashSet::new(),
			all: Spent::default(),
			peers: LruMap::new(ByLength::new(REMEMBERED_PEERS)),
			level: Duration::ZERO,
			waiting: Vec::new(),
			is_busy: false,
		}
	}

	/// How many requests wait at most.
	#[must_use]
	pub fn room(&self) -> usize {
		self.room
	}

	/// This peer has a slot in the sync now.
	pub fn connected(&mut self, peer: PeerId) {
		self.synced.insert(peer);
	}

	/// This peer has none any more.
	pub fn gone(&mut self, peer: &PeerId) {
		self.synced.remove(peer);
	}

	/// A request of this length has come in, that may wait for so long. Gives back what is refused: this one, or
	/// another in its favour.
	pub fn arrive(
		&mut self,
		peer: PeerId,
		bytes: usize,
		patience: Duration,
		request: T,
		now: Instant,
	) -> Option<(T, Refusal)> {
		if bytes > MAX_REQUEST_BYTES {
			return Some((request, Refusal::TooLarge));
		}
		let before = self.waiting.iter().filter(|waiting| waiting.peer == peer).count();
		if before >= WAITING_OF_EACH {
			return Some((request, Refusal::TooMany));
		}
		self.waiting.push(Waiting {
			peer,
			until: now + patience,
			before,
			request,
		});
		if self.waiting.len() <= self.room {
			return None;
		}
		// Of equals the last one: the others were here before.
		let last = (0..self.waiting.len()).max_by_key(|index| self.place(*index))?;
		Some((self.take(last).request, Refusal::Crowded))
	}

	/// What to do next.
	pub fn next(&mut self, now: Instant) -> Next<T> {
		if self.is_busy {
			return Next::Nothing;
		}
		// Of equals the first one.
		let Some(first) = (0..self.waiting.len()).min_by_key(|index| self.place(*index)) else {
			return Next::Nothing;
		};
		let peer = self.waiting[first].peer;
		if !self.reserved.contains(&peer) {
			let wait = self.all.wait(self.share, now);
			if !wait.is_zero() {
				return Next::Wait(wait);
			}
			self.level = self.level.max(self.account(&peer).had);
		}
		self.is_busy = true;
		Next::Answer(peer, self.take(first).request)
	}

	/// The request of this peer is answered, which has [cost](cost) this much.
	pub fn done(&mut self, peer: PeerId, cost: Duration, now: Instant) {
		self.is_busy = false;
		if self.reserved.contains(&peer) {
			return;
		}
		let most = LONGEST_PAUSE.saturating_mul(self.share.per_mille) / 1000;
		let charge = cost.min(most);
		self.all.spend(self.share, charge, now);
		let had = self.account(&peer).had.max(self.level);
		self.peers.insert(
			peer,
			Account {
				had: had.saturating_add(charge),
				last: charge,
			},
		);
	}

	/// Those that have waited for too long.
	pub fn late(&mut self, now: Instant) -> Vec<T> {
		let mut late = Vec::new();
		while let Some(index) = self.waiting.iter().position(|waiting| waiting.until <= now) {
			late.push(self.take(index).request);
		}
		late
	}

	/// How long until the first of those that wait is late, if any wait.
	#[must_use]
	pub fn until_late(&self, now: Instant) -> Option<Duration> {
		let first = self.waiting.iter().map(|waiting| waiting.until).min()?;
		Some(first.saturating_duration_since(now))
	}

	/// What a refusal costs this peer. Those that the operator trusts it costs nothing.
	#[must_use]
	pub fn penalty(&self, peer: &PeerId, why: Refusal) -> Option<ReputationChange> {
		why.penalty().filter(|_| !self.reserved.contains(peer))
	}

	fn account(&self, peer: &PeerId) -> Account {
		self.peers.peek(peer).copied().unwrap_or(Account::NEW)
	}

	/// The place in the queue: by rank; nobody's second one before another's first; by what the peer will have had with
	/// it.
	fn place(&self, index: usize) -> (Rank, usize, Duration) {
		let Waiting { peer, before, .. } = &self.waiting[index];
		let rank = if self.reserved.contains(peer) {
			Rank::Reserved
		} else if self.synced.contains(peer) {
			Rank::Synced
		} else {
			Rank::Stranger
		};
		let Account { had, last } = self.account(peer);
		(rank, *before, had.max(self.level).saturating_add(last))
	}

	/// Takes one out of the queue.
	fn take(&mut self, index: usize) -> Waiting<T> {
		let taken = self.waiting.remove(index);
		for other in &mut self.waiting {
			if other.peer == taken.peer && other.before > taken.before {
				other.before = other.before.saturating_sub(1);
			}
		}
		taken
	}
}
