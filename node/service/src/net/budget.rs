//! How much of a processor what comes from peers may cost, and what they pay with if it is more.
//!
//! Times are measured, not counted: what one request costs differs by a factor of a thousand. Somebody who means harm
//! has many identities, so that each limit for a peer stands under one for all of them together.
//!
//! A transaction is validated in the runtime before anybody knows whether it is good. If it is invalid, nobody pays for
//! that; nor if it is valid and finds no place, or takes that of another. Whatever ends in another way than with one
//! more that is ready for a block was in vain, and is noted for the peer that brought it.

use sc_network::ReputationChange;
use sc_network_transactions::config::TransactionImport;
use sc_network_types::PeerId;
use sc_transaction_pool_api::error::Error as PoolError;
use schnellru::{ByLength, LruMap};
use smartchain_chain::kinds::GENERAL;
use sp_core::H256;
use sp_runtime::{transaction_validity::InvalidTransaction, OpaqueExtrinsic};
use std::{
	collections::HashMap,
	mem,
	time::{Duration, Instant},
};

/// Peers whose spending is remembered: those seen last. Some forty have slots; more may ask.
pub(crate) const REMEMBERED_PEERS: u32 = 1024;
/// What a single piece of work counts for at most: a machine that was suspended has not worked all the while.
const MAX_CHARGE: Duration = Duration::from_secs(1);
/// The longest that anybody waits for a share to open again, whatever was spent, but for what was spent last.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// What validating a transaction counts for at most, whatever it took: usually 0.3 ms, and some more in a full pool.
/// The rest it has waited, for those that come over RPC are validated by the same two workers.
const MOST_OF_ONE: Duration = Duration::from_millis(5);
/// And for each of its kilobytes, which are copied, hashed and decoded: of a batch those are hundreds of calls.
const MOST_OF_KILOBYTE: Duration = Duration::from_micros(100);

/// What validating transactions of peers that turn out invalid may take. An honest peer brings a few that come too
/// late; its share is some sixty a second.
pub const INVALID: Shares = Shares {
	all: Share {
		per_mille: 50,
		burst: Duration::from_millis(250),
	},
	each: Share {
		per_mille: 20,
		burst: Duration::from_millis(100),
	},
	anyway: Share {
		per_mille: 2,
		burst: Duration::from_millis(10),
	},
};
/// What validating transactions that are valid and find no place may take.
///
/// Honest peers bring such ones: a transaction of an account that sends many in a row may come before the one that it
/// needs, whose node passes it on up to three seconds later. What that has cost is given back once it is ready, so that
/// it need only be lent meanwhile: a peer's burst is 2,500 of them, as many as the pool keeps of those that are early.
/// A busy chain brings a thousand transactions a second, which take a third of a processor. If one in thirty of them is
/// in vain for good, that is a tenth of what a single peer may spend.
pub const IN_VAIN: Shares = Shares {
	all: Share {
		per_mille: 150,
		burst: Duration::from_secs(1),
	},
	each: Share {
		per_mille: 100,
		burst: Duration::from_millis(750),
	},
	anyway: Share {
		per_mille: 5,
		burst: Duration::from_millis(50),
	},
};
/// Transactions that came early and whose cost may be given back: about as many as the pool keeps of them.
const MAX_EARLY: u32 = 2048;
/// How often to look whether they are ready: some are in a block half a second later. One look takes 0.3 ms.
const LOOK_AFTER_EARLY: Duration = Duration::from_millis(100);
/// No transaction is as short: a signature alone is as long, and each has one or brings a whole runtime.
pub const SHORTEST: usize = 64;
/// Peers that are remembered to have brought the same transaction while it waits for its turn.
const MAX_BRINGERS: usize = 8;

/// A transaction of a peer that has used up its share. It is as dear as an invalid one in the SDK, so that a flood is
/// banned: it takes two thousand a second, for minutes. A node that passes on all of a busy chain has half of that.
pub const OVER_BUDGET: ReputationChange = ReputationChange::new(-(1 << 12), "SmartChain: transactions over budget");
/// A transaction that its peer has brought just now, and that waits. A node that connects again may bring all of the
/// pool twice.
pub const REPEATED: ReputationChange = ReputationChange::new(-(1 << 12), "SmartChain: repeated transaction");
/// Too short to be a transaction. A single message could have millions of these.
pub const TOO_SHORT: ReputationChange = ReputationChange::new(-(1 << 20), "SmartChain: too short a transaction");
/// A transaction with a false signature: peers validate before they pass on, but may be at another runtime for a
/// moment. Banned after a thousand and a half in a row.
pub const FALSE_SIGNATURE: ReputationChange = ReputationChange::new(-(1 << 20), "SmartChain: false signature");

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
		let this = share.refill(time.min(MAX_CHARGE));
		let most = share.refill(share.burst) + MAX_WAIT.max(this);
		self.whole_at = Some(now + (self.debt(now) + this).min(most));
	}

	/// Gives back what was spent.
	fn give_back(&mut self, share: Share, time: Duration, now: Instant) {
		let this = share.refill(time.min(MAX_CHARGE));
		self.whole_at = Some(now + self.debt(now).saturating_sub(this));
	}
}

/// What a kind of work of all peers may take.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
	/// In all.
	pub all: Share,
	/// Of one peer.
	pub each: Share,
	/// Of one peer although others have used up what is for all, so that no crowd shuts out who is honest. It is spent
	/// of both: in the long run peers take together what is for all, or this for each of them, whichever is more.
	pub anyway: Share,
}

/// What one peer has cost.
#[derive(Clone, Copy)]
struct OfPeer {
	usual: Spent,
	anyway: Spent,
}

impl OfPeer {
	/// A peer that brings something for the first time. What it may take anyway it has only after as long as it takes
	/// to make up for it: a new identity costs nothing.
	fn new(shares: Shares, now: Instant) -> Self {
		let grown = 2 * shares.anyway.refill(shares.anyway.burst);
		Self {
			usual: Spent::default(),
			anyway: Spent {
				whole_at: Some(now + grown),
			},
		}
	}
}

/// What a kind of work has cost.
pub struct Ledger {
	shares: Shares,
	all: Spent,
	peers: LruMap<PeerId, OfPeer>,
}

impl Ledger {
	/// Nothing was spent.
	#[must_use]
	pub fn new(shares: Shares) -> Self {
		Self {
			shares,
			all: Spent::default(),
			peers: LruMap::new(ByLength::new(REMEMBERED_PEERS)),
		}
	}

	/// Whether work is done for this peer. If nobody knows for whom it is, what is left for all counts.
	pub fn admits(&mut self, peer: Option<&PeerId>, now: Instant) -> bool {
		let Shares { all, each, anyway } = self.shares;
		let is_any_left = self.all.is_open(all, now);
		let Some(spent) = peer.and_then(|peer| self.of_peer(*peer, now)) else {
			return is_any_left;
		};
		spent.usual.is_open(each, now) && (is_any_left || spent.anyway.is_open(anyway, now))
	}

	/// Work for this peer has taken this long.
	pub fn spend(&mut self, peer: Option<&PeerId>, took: Duration, now: Instant) {
		let Shares { all, each, anyway } = self.shares;
		self.all.spend(all, took, now);
		if let Some(spent) = peer.and_then(|peer| self.of_peer(*peer, now)) {
			spent.usual.spend(each, took, now);
			spent.anyway.spend(anyway, took, now);
		}
	}

	/// It was not in vain after all.
	fn give_back(&mut self, peer: Option<&PeerId>, took: Duration, now: Instant) {
		let Shares { all, each, anyway } = self.shares;
		self.all.give_back(all, took, now);
		if let Some(spent) = peer.and_then(|peer| self.of_peer(*peer, now)) {
			spent.usual.give_back(each, took, now);
			spent.anyway.give_back(anyway, took, now);
		}
	}

	fn of_peer(&mut self, peer: PeerId, now: Instant) -> Option<&mut OfPeer> {
		let shares = self.shares;
		self.peers.get_or_insert(peer, || OfPeer::new(shares, now))
	}
}

/// For what a transaction counts that was validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
	/// It pays fees, or it was not validated.
	None,
	/// It is valid, but needs another that is not there. That may never come.
	Early(H256),
	/// It is valid, and there was no place for it, or it has taken that of another.
	InVain,
	/// It is invalid, or this state does not know.
	Invalid,
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
	/// What the handler is told.
	pub told: TransactionImport,
	/// For what it counts.
	pub cost: Cost,
	/// Whether its signature is false, whatever the fork.
	pub is_false: bool,
}

impl Verdict {
	/// The runtime could not be asked, or gave up: it does so at bytes that are no transaction.
	pub const UNKNOWN: Self = Self {
		told: TransactionImport::None,
		cost: Cost::Invalid,
		is_false: false,
	};

	/// The verdict on one that the pool has taken. It was in vain, too, if it has replaced another of its account, or
	/// pushed out others of a full pool: then there are no more than before. (Or a block has just taken some. That
	/// happens to one transaction a block.)
	#[must_use]
	pub fn of_valid(hash: H256, is_ready: bool, is_more: bool) -> Self {
		let (told, cost) = match (is_ready, is_more) {
			(false, _) => (TransactionImport::KnownGood, Cost::Early(hash)),
			(true, false) => (TransactionImport::NewGood, Cost::InVain),
			(true, true) => (TransactionImport::NewGood, Cost::None),
		};
		Self {
			told,
			cost,
			is_false: false,
		}
	}

	/// The verdict on one that the pool refuses; `is_general` as [`is_general`] says.
	///
	/// A general transaction may be a win of a device, which is signed over the challenge of a round and the device's
	/// claim. On a fork with another challenge each win of this one is false, and honest peers bring hundreds of them:
	/// that is no false signature. What judging them takes counts all the same.
	#[must_use]
	pub fn of_refused(error: &PoolError, is_general: bool) -> Self {
		let (told, cost) = match error {
			// There was no room for it, which is not the peer's doing; but it was validated.
			PoolError::ImmediatelyDropped | PoolError::TooLowPriority { .. } => {
				(TransactionImport::KnownGood, Cost::InVain)
			}
			// The state does not say whether it is good: that of the next block, or of another fork, may. But whoever
			// makes such ones for nothing must not take the share of those that are paid for.
			PoolError::UnknownTransaction(_) => (TransactionImport::KnownGood, Cost::Invalid),
			// These were not even looked at.
			PoolError::AlreadyImported(_) => (TransactionImport::KnownGood, Cost::None),
			PoolError::TemporarilyBanned => (TransactionImport::Bad, Cost::None),
			_ => (TransactionImport::Bad, Cost::Invalid),
		};
		let is_false = !is_general
			&& matches!(
				error,
				PoolError::InvalidTransaction(InvalidTransaction::BadProof | InvalidTransaction::BadSigner)
			);
		Self { told, cost, is_false }
	}
}

/// Whether a transaction is general: it has no signature of an account, and its call may authorize itself.
#[must_use]
pub fn is_general(transaction: &OpaqueExtrinsic) -> bool {
	transaction.inner().first() == Some(&GENERAL)
}

/// What validating a transaction of so many bytes counts for if it took this long.
#[must_use]
pub fn charge(took: Duration, bytes: usize) -> Duration {
	let kilobytes = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
	took.min(MOST_OF_ONE.saturating_add(MOST_OF_KILOBYTE.saturating_mul(kilobytes)))
}

/// What an early transaction has cost, and whom.
struct Lent {
	peer: Option<PeerId>,
	time: Duration,
}

/// Whose transactions are still validated.
pub struct Budget {
	invalid: Ledger,
	in_vain: Ledger,
	early: LruMap<H256, Lent>,
	looked_at: Option<Instant>,
}

impl Default for Budget {
	fn default() -> Self {
		Self {
			invalid: Ledger::new(INVALID),
			in_vain: Ledger::new(IN_VAIN),
			early: LruMap::new(ByLength::new(MAX_EARLY)),
			looked_at: None,
		}
	}
}

impl Budget {
	/// Whether a transaction of this peer is validated.
	pub fn admits(&mut self, peer: Option<&PeerId>, now: Instant) -> bool {
		// Both are to know the peer.
		let (invalid, in_vain) = (self.invalid.admits(peer, now), self.in_vain.admits(peer, now));
		invalid && in_vain
	}

	/// A transaction of this peer was validated, which counts for this [much](charge).
	pub fn spend(&mut self, peer: Option<&PeerId>, cost: Cost, time: Duration, now: Instant) {
		match cost {
			Cost::None => (),
			Cost::Invalid => self.invalid.spend(peer, time, now),
			Cost::InVain => self.in_vain.spend(peer, time, now),
			Cost::Early(hash) => {
				self.in_vain.spend(peer, time, now);
				let peer = peer.copied();
				self.early.insert(hash, Lent { peer, time });
			}
		}
	}

	/// Early transactions, if it is time to look whether they are ready.
	pub fn look_after(&mut self, now: Instant) -> Vec<H256> {
		let is_soon = |at: Instant| now.saturating_duration_since(at) < LOOK_AFTER_EARLY;
		if self.early.is_empty() || self.looked_at.is_some_and(is_soon) {
			return Vec::new();
		}
		self.looked_at = Some(now);
		self.early.iter().map(|(hash, _)| *hash).collect()
	}

	/// An early transaction is ready: it pays fees.
	pub fn is_ready(&mut self, hash: &H256, now: Instant) {
		if let Some(Lent { peer, time }) = self.early.remove(hash) {
			self.in_vain.give_back(peer.as_ref(), time, now);
		}
	}
}

/// How far the SDK's handler is with a transaction. It asks for its hash, reports the peer for "any transaction", and,
/// if it has no other with that hash that waits, hands it over, all in the same step.
#[derive(Clone, Copy, Default)]
enum Step {
	#[default]
	Nothing,
	Hashed(H256),
	Brought(H256, PeerId),
}

/// Who has brought the transactions that wait for their turn.
///
/// The handler takes several that bring the same one for one, of which all get what the first one gets. So whoever is
/// over its budget could bring everything first, and have it thrown away for the others.
#[derive(Default)]
pub struct Bringers {
	step: Step,
	/// Short ones so far.
	short: u64,
	/// The handler hands over no more than 8,193 at a time.
	waiting: HashMap<H256, Vec<PeerId>>,
}

impl Bringers {
	/// The handler asks for the hash of a transaction with so many bytes. Each that is [too short](SHORTEST) has its
	/// own, or millions of them in one message would be taken for one, without an end.
	pub fn hash(&mut self, bytes: usize, hash: impl FnOnce() -> H256) -> H256 {
		let hash = if bytes < SHORTEST {
			self.short = self.short.wrapping_add(1);
			H256::from_low_u64_be(self.short)
		} else {
			hash()
		};
		self.step = Step::Hashed(hash);
		hash
	}

	/// The handler reports a peer. Whether that has brought the same transaction before, which still waits.
	pub fn reported(&mut self, peer: PeerId) -> bool {
		let Step::Hashed(hash) = mem::take(&mut self.step) else {
			return false;
		};
		let Some(peers) = self.waiting.get_mut(&hash) else {
			self.step = Step::Brought(hash, peer);
			return false;
		};
		let is_repeated = peers.contains(&peer);
		if !is_repeated && peers.len() < MAX_BRINGERS {
			peers.push(peer);
		}
		is_repeated
	}

	/// The handler hands over a transaction: its hash, and who has brought it.
	pub fn handed_over(&mut self) -> Option<(H256, PeerId)> {
		match mem::take(&mut self.step) {
			Step::Brought(hash, peer) => Some((hash, peer)),
			Step::Nothing | Step::Hashed(_) => None,
		}
	}

	/// It waits for its turn.
	pub fn wait(&mut self, hash: H256, peer: PeerId) {
		self.waiting.insert(hash, vec![peer]);
	}

	/// Those that have brought it, the first of them first.
	#[must_use]
	pub fn of(&self, hash: &H256) -> &[PeerId] {
		self.waiting.get(hash).map_or(&[], Vec::as_slice)
	}

	/// It waits no more.
	pub fn done(&mut self, hash: &H256) {
		self.waiting.remove(hash);
	}
}
