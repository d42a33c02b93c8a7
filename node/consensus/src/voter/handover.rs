//! From one voter set to the next: a new core, once the block that ends the old one's set is final; and the same after
//! a warp.

use crate::voter::{convert::to_ref, early::changes_from, show::show_set, Core, Event, Voter};
use bft_finality_primitives::{SetId, VoterIndex, VoterSet, MAX_VOTERS};
use codec::Encode;
use poca_primitives::Slot;
use smartchain_bft as bft;
use smartchain_chain::{clock, Chain, ChainError, LOG_TARGET};
use smartchain_signing::{Signer, NEW_FILE_MARGIN_SLOTS};
use sp_core::H256;
use std::time::Instant;

/// Changes of voters whose proofs are kept beside the safety file: more than a database may forget.
const KEPT_CHANGES: usize = 4;
/// A chain whose first block lies this far below the horizon of a new safety file at most has only just begun.
const NEW_CHAIN_SLOTS: u64 = 1_200;

/// Why consensus cannot start, or go on with the next voter set.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The chain cannot be read.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The voter set has ended, and the state of the block that ended it names no other.
	#[error("voter set {0} has ended, and the last final block names no other")]
	NoNextSet(SetId),
	/// The runtime names more voters than votes can count.
	#[error("the runtime names {0} voters; certificates count at most {MAX_VOTERS}")]
	TooManyVoters(usize),
}

/// How far entering the next set is.
#[derive(Default)]
pub(super) struct Handover {
	/// The last slot in which it failed.
	entry_attempt: u64,
	/// The block that the node has warped to, until its voter set is entered.
	pub warp_target: Option<H256>,
	/// Whether this node may sign although its file is new: nobody has signed anything on this chain yet.
	new_chain: bool,
}

/// Whether a core listens before it casts: the first of a process may find that its key signed what it does not
/// remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listen {
	/// As long as a core that may meet what it does not remember.
	First,
	/// As many milliseconds as the core of the set before says.
	For(u64),
}

impl Voter {
	/// The end of the set is final: the next one starts there. If that fails it is tried again in the next slot.
	pub(super) fn enter_next_set(&mut self) -> Vec<Event> {
		let slot = self.slot_now();
		if self.handover.entry_attempt == slot {
			return Vec::new();
		}
		self.handover.entry_attempt = slot;
		match self.try_enter_next_set() {
			Ok(events) => {
				self.handover.entry_attempt = 0;
				events
			}
			Err(error) => {
				log::error!(target: LOG_TARGET, "The next voter set cannot be entered: {error}");
				Vec::new()
			}
		}
	}

	fn try_enter_next_set(&mut self) -> Result<Vec<Event>, Error> {
		let at = self.core.finalized().hash;
		if self.edge.chain.info().finalized_hash != at {
			// Finalizing failed. Of any other block that passes with the next one; here there is no next one.
			if let Some(certificate) = self.core.finality_certificate() {
				self.edge.chain.finalize(&self.to_certificate(certificate))?;
			}
		}
		let set = self.edge.chain.voter_set(at)?;
		if set.set_id <= self.core.set_id() {
			return Err(Error::NoNextSet(self.core.set_id()));
		}
		self.enter(set, at)
	}

	/// After a warp: whatever set this node was in, and whatever it has heard, it begins anew above the block that is
	/// final now, as if it had been started there. If that fails it is tried again with the next tick.
	pub(super) fn enter_warped_set(&mut self) -> Vec<Event> {
		let Some(at) = self.handover.warp_target else {
			return Vec::new();
		};
		let set = self.edge.chain.voter_set(at);
		match set.map_err(Error::from).and_then(|set| self.enter(set, at)) {
			Ok(events) => {
				self.handover.warp_target = None;
				events
			}
			Err(error) => {
				log::error!(target: LOG_TARGET, "The voter set after the warp cannot be entered: {error}");
				Vec::new()
			}
		}
	}

	/// Enters a voter set whose start is final; what its core is told first.
	fn enter(&mut self, set: VoterSet, at: H256) -> Result<Vec<Event>, Error> {
		let start = self.edge.chain.target(at)?;
		let horizon = clock::slot_now(self.edge.slot_duration).saturating_add(NEW_FILE_MARGIN_SLOTS);
		self.edge.signer.enter(&set, start, horizon);
		let relaxed = self.core.finality_certificate().is_some_and(|proof| proof.vote.relaxed);
		let forgotten = self.edge.signer.forgotten_until();
		let listen = Listen::For(self.core.next_listens_ms());
		self.core = core_of(&*self.edge.chain, &self.edge.signer, &set, listen, forgotten)?;
		log::info!(
			target: LOG_TARGET,
			"👥 Voter set {} votes from block {} on: {} voters, {} finalize; this node {}",
			set.set_id,
			start.number,
			set.voters.len(),
			set.quorum(),
			self.me().map_or_else(|| "follows".into(), |me| format!("is voter {me}")),
		);
		if self.me().is_some() {
			self.keep_changes(set.set_id);
		}
		show_set(&self.edge.handle, &self.edge.metrics, &set);
		self.edge.metrics.voters_changed(relaxed);
		self.gauges.enter(set.voters.len(), self.slot_now());
		self.inbox.enter(self.edge.chain.info().genesis_hash, set);
		let mut events = self.begin_core();
		let now = Instant::now();
		for (peer, bytes) in self.inbox.early.take() {
			events.extend(self.message(peer, &bytes, now));
		}
		Ok(events)
	}

	/// What a new core is told first: how the node stands, and what is in the database.
	fn begin_core(&mut self) -> Vec<Event> {
		let mut events = vec![Event::InSync(self.in_sync), Event::ClockDoubt(self.clock_doubted)];
		// Its peers are there already. Were all voters to wait for one another, nobody would speak first.
		events.extend((!self.edge.peers.is_empty()).then_some(Event::Connected));
		events.extend(self.load());
		events
	}

	/// On a chain that has only just begun a new safety file forgets nothing. Only a node in sync can tell: one that
	/// starts later, or that fetches the chain, sees the same genesis.
	pub(super) fn speak_from_genesis(&mut self) -> Vec<Event> {
		let Some(horizon) = self.core.silent_until() else {
			return Vec::new();
		};
		if self.handover.new_chain || !self.in_sync || self.core.set_id() != 0 || !self.has_just_begun(horizon) {
			return Vec::new();
		}
		self.handover.new_chain = true;
		match core_of(
			&*self.edge.chain,
			&self.edge.signer,
			self.inbox.filter.set(),
			Listen::First,
			None,
		) {
			Ok(core) => {
				log::info!(target: LOG_TARGET, "The chain has just begun: this node votes with its new safety file");
				self.core = core;
				// It listens anew, for the file says nothing of what this key has signed.
				self.begin_core()
			}
			Err(error) => {
				log::error!(target: LOG_TARGET, "The voter cannot be started anew: {error}");
				Vec::new()
			}
		}
	}

	/// Whether only genesis is final, and block 1 is not old.
	fn has_just_begun(&self, horizon: u64) -> bool {
		let chain = &self.edge.chain;
		let first = chain.hash_at(1).ok().flatten().and_then(|hash| chain.target(hash).ok());
		let young = first.is_some_and(|first| first.slot.saturating_add(NEW_CHAIN_SLOTS) >= horizon);
		chain.info().finalized_number == 0 && young
	}

	/// Before the first vote in a set: what shows that those before it have ended, for the day on which all forget at
	/// once.
	fn keep_changes(&mut self, set_id: SetId) {
		let last = set_id.saturating_sub(KEPT_CHANGES as u64);
		match changes_from(&*self.edge.chain, last, KEPT_CHANGES) {
			Ok(proofs) => self.edge.signer.keep_changes(&proofs.encode()),
			Err(error) => log::warn!(target: LOG_TARGET, "The proofs of past changes cannot be read: {error}"),
		}
		let start = self.edge.chain.info().finalized_hash;
		if let Err(error) = self.edge.kept_blocks.keep(&*self.edge.chain, start) {
			log::warn!(target: LOG_TARGET, "{error}");
		}
	}
}

/// The core of a set, from what is final in the database and from what the signer remembers.
pub(super) fn core_of(
	chain: &dyn Chain,
	signer: &Signer,
	set: &VoterSet,
	listen: Listen,
	forgotten: Option<Slot>,
) -> Result<Core, Error> {
	let record = signer.record();
	let listen_ms = match listen {
		Listen::First => bft::core::LISTEN_MS,
		Listen::For(ms) => ms,
	};
	let mut core = Core::new(bft::Config {
		set_id: set.set_id,
		voters: u16::try_from(set.voters.len()).map_err(|_| Error::TooManyVoters(set.voters.len()))?,
		me: signer.key().and_then(|key| set.index_of(&key)),
		root: to_ref(chain.target(chain.info().finalized_hash)?),
		relaxed_quorum: set
			.relaxed_quorum()
			.and_then(|relaxed| VoterIndex::try_from(relaxed).ok()),
		relax_after_ms: bft::core::RELAX_AFTER_MS,
		state: bft::VoterState {
			last_prevote: to_ref(record.last_prevote),
			other_branch_slot: record.other_branch_slot,
			lock: to_ref(record.lock),
		},
		silent_until: forgotten.map(|slot| *slot),
		listen_ms,
	});
	if record.set_id > set.set_id {
		// The database has forgotten the end of this set, which was final when the process was killed. In this set
		// nothing is left to say, and of the next one the record holds.
		core.stop_voting(bft::Reason::SetEnded);
	}
	Ok(core)
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::{BlockRef, VoterId};
	use smartchain_chain::Metrics;
	use smartchain_node_testkit::Line;
	use smartchain_signing::{Cover, Past, SignerParams};
	use smartchain_testkit::voter_id;
	use sp_keystore::{testing::MemoryKeystore, Keystore};
	use std::{path::Path, sync::Arc};

	/// A signer whose keys have signed nothing, for a set that starts at genesis.
	fn open(keystore: Arc<MemoryKeystore>, set: &VoterSet, folder: &Path, genesis: H256) -> Arc<Signer> {
		Signer::open(SignerParams {
			keystore,
			genesis: H256::zero(),
			set,
			folder,
			past: Past::NeverSigned,
			start: BlockRef {
				slot: 0,
				number: 0,
				hash: genesis,
			},
			horizon: 0.into(),
			metrics: Metrics::default(),
		})
	}

	#[test]
	fn the_core_has_the_relaxed_quorum_of_its_set() {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let (mut chain, hashes) = Line::new(1);
		chain.finalized = hashes[0];
		let voters: Vec<VoterId> = (1..=7).map(voter_id).collect();
		for (named, expected) in [(4, Some(4)), (0, None), (3, None), (5, None)] {
			let set = VoterSet {
				set_id: 1,
				voters: voters.clone(),
				relaxed_quorum: named,
			};
			let signer = open(Arc::new(MemoryKeystore::new()), &set, folder.path(), hashes[0]);
			let core = core_of(&chain, &signer, &set, Listen::For(0), None).expect("starts");
			assert_eq!(core.relaxed_quorum(), expected, "{named} of 7");
		}
	}

	/// The file is written before the vote leaves, the database some time after: a killed process may wake up in the
	/// set before.
	#[test]
	fn a_voter_that_wakes_up_in_the_set_before_says_nothing_in_it_and_goes_on_in_the_next() {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let (mut chain, hashes) = Line::new(1);
		chain.finalized = hashes[0];
		let keystore = Arc::new(MemoryKeystore::new());
		let key: VoterId = keystore
			.ed25519_generate_new(bft_finality_primitives::KEY_TYPE, Some("//1"))
			.expect("generates")
			.into();
		let set = |set_id| VoterSet {
			set_id,
			voters: vec![key.clone()],
			relaxed_quorum: 0,
		};
		let open = |set_id| open(keystore.clone(), &set(set_id), folder.path(), hashes[0]);
		let target = |slot| BlockRef {
			slot,
			number: 9,
			hash: H256::from_low_u64_be(slot),
		};
		let signer = open(4);
		let cover = Cover {
			set_id: 4,
			last_prevote: target(30),
			other_branch_slot: 0,
			lock: target(20),
		};
		signer.sign_votes(0, &[], cover).expect("is written");
		drop(signer);

		let signer = open(3);
		let core = core_of(&chain, &signer, &set(3), Listen::For(0), None).expect("starts");
		assert_eq!(core.why_not_voting(), Some(bft::Reason::SetEnded));
		signer.enter(&set(4), target(10), 0.into());
		let core = core_of(&chain, &signer, &set(4), Listen::For(0), None).expect("starts");
		assert_eq!(core.why_not_voting(), None);
		assert_eq!(
			(core.state().last_prevote, core.state().lock),
			(to_ref(target(30)), to_ref(target(20)))
		);
	}
}
