//! How much of a processor what comes from peers may cost.
//!
//! Times are measured, not counted: what one request costs differs by a factor of a thousand. Somebody who means harm
//! has many identities, so that each limit for a peer stands under one for all of them together.

use sc_network_types::PeerId;
use schnellru::{ByLength, LruMap};
use std::time::{Duration, Instant};

/// Peers whose spending is remembered: more are never connected.
pub(crate) const REMEMBERED_PEERS: u32 = 1024;
/// What a single piece of work counts for at most: a machine that was suspended has not worked all the while.
const MAX_CHARGE: Duration = Duration::from_secs(1);
/// The longest that anybody waits for a share to open again, whatever was spent.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// What validating transactions of peers that turn out invalid may take in all.
pub const INVALID_OF_ALL: Share = Share {
	per_mille: 50,
	burst: Duration::from_millis(250),
};
/// What of that one peer may take: some sixty transactions a second. An honest one brings a few that came too late.
pub const INVALID_OF_EACH: Share = Share {
	per_mille: 20,
	burst: Duration::from_millis(100),
};
/// What one peer may take although others have used up what is for all, so that no crowd shuts out who is honest.
pub const INVALID_ANYWAY: Share = Share {
	per_mille: 2,
	burst: Duration::from_millis(10),
};

/// A share of one processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
	/// Thousandths of it, in the long run.
	pub per_mille: u32,
	/// How much at once, after a rest.
	pub burst: Duration,
}

impl Share {
	/// How long it takes until so much has become available.
	fn refill(self, time: Duration) -> Duration {
		time.saturating_mul(1000) / self.per_mille.max(1)
	}
}

/// What has been spent of a [`Share`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
	/// When nothing of it will be missing any more; none if nothing was ever spent.
	whole_at: Option<Instant>,
}

impl Spent {
	/// How long it takes until nothing is missing.
	#[must_use]
	pub fn debt(self, now: Instant) -> Duration {
		self.whole_at
			.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
	}

	/// How long it takes until something may be spent; zero if it may be now.
	#[must_use]
	pub fn wait(self, share: Share, now: Instant) -> Duration {
		self.debt(now).saturating_sub(share.refill(share.burst))
	}

	/// Whether something may be spent. How much it will be is not known before, so that the last may exceed the share,
	/// and those after it wait the longer.
	#[must_use]
	pub fn is_open(self, share: Share, now: Instant) -> bool {
		self.wait(share, now).is_zero()
	}

	/// Notes what was spent.
	pub fn spend(&mut self, share: Share, time: Duration, now: Instant) {
		let debt = self.debt(now) + share.refill(time.min(MAX_CHARGE));
		self.whole_at = Some(now + debt.min(share.refill(share.burst) + MAX_WAIT));
	}
}

/// What one peer's invalid transactions have cost.
#[derive(Clone, Copy, Default)]
struct OfPeer {
	usual: Spent,
	anyway: Spent,
}

/// Whose transactions are still validated. Valid ones cost nothing here: they pay fees.
pub struct Invalid {
	all: Spent,
	peers: LruMap<PeerId, OfPeer>,
}

impl Default for Invalid {
	fn default() -> Self {
		Self {
			all: Spent::default(),
			peers: LruMap::new(ByLength::new(REMEMBERED_PEERS)),
		}
	}
}

impl Invalid {
	/// Whether a transaction of this peer is validated. If nobody knows who brought it, what is left for all counts.
	#[must_use]
	pub fn admits(&self, peer: Option<&PeerId>, now: Instant) -> bool {
		let is_any_left = self.all.is_open(INVALID_OF_ALL, now);
		let Some(peer) = peer else { return is_any_left };
		let spent = self.peers.peek(peer).copied().unwrap_or_default();
		let usual = spent.usual.is_open(INVALID_OF_EACH, now);
		usual && (is_any_left || spent.anyway.is_open(INVALID_ANYWAY, now))
	}

	/// A transaction of this peer was invalid, and to see that took this long.
	pub fn spend(&mut self, peer: Option<&PeerId>, took: Duration, now: Instant) {
		self.all.spend(INVALID_OF_ALL, took, now);
		if let Some(peer) = peer {
			let mut spent = self.peers.get(peer).copied().unwrap_or_default();
			spent.usual.spend(INVALID_OF_EACH, took, now);
			spent.anyway.spend(INVALID_ANYWAY, took, now);
			self.peers.insert(*peer, spent);
		}
	}
}
