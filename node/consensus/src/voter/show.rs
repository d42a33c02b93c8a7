//! What people and metrics see of the voter.

use crate::{
	blocks::import::Imported,
	shown::status::{ConsensusHandle, RelaxedStatus, VoterStatus},
	voter::{convert::to_target, Voter},
};
use bft_finality_primitives::{BlockRef, SignedVote, VoterSet};
use smartchain_bft as bft;
use smartchain_chain::{clock, clock_guard::AGREEING_SLOTS, ChainError, Metrics, LOG_TARGET};
use smartchain_signing::Silence;
use sp_core::H256;
use std::{
	collections::{BTreeMap, HashMap},
	time::Instant,
};

/// Gaps between blocks longer than this are not counted as missed slots of single directors.
const MAX_COUNTED_GAP: u64 = 240;
/// A voter that was not heard for this many slots before a final block missed its vote.
const SILENT_SLOTS: u64 = 4;
/// Blocks whose arrival is remembered for the latency measurements.
const REMEMBERED_ARRIVALS: usize = 8192;

/// What is measured between two events.
pub(super) struct Gauges {
	/// When blocks above the final one arrived.
	arrivals: HashMap<H256, Instant>,
	/// The last slot in which each voter was heard.
	last_heard: Vec<u64>,
	/// The last slot that was looked at for a reason not to vote.
	checked_slot: u64,
	/// What the metrics know of what the core refused.
	reported_refusals: BTreeMap<&'static str, u64>,
	/// The slot that the clock has to reach, if the log has told of it.
	waits_for_slot: Option<u64>,
}

impl Gauges {
	pub fn new(voters: usize) -> Self {
		Self {
			arrivals: HashMap::new(),
			last_heard: vec![0; voters],
			checked_slot: 0,
			reported_refusals: BTreeMap::new(),
			waits_for_slot: None,
		}
	}

	/// Another set votes. Nobody is called silent before it had time to speak; a new core has refused nothing yet.
	pub fn enter(&mut self, voters: usize, slot: u64) {
		self.last_heard = vec![slot; voters];
		self.reported_refusals.clear();
	}

	/// A block is here.
	pub fn arrived(&mut self, block: &Imported) {
		if self.arrivals.len() < REMEMBERED_ARRIVALS {
			self.arrivals.insert(block.target.hash, block.seen);
		}
	}

	/// Whatever arrived has nothing to do with what comes.
	pub fn forget_arrivals(&mut self) {
		self.arrivals.clear();
	}

	/// A voter is there.
	pub fn hear(&mut self, vote: &SignedVote) {
		if let Some(slot) = self.last_heard.get_mut(usize::from(vote.voter)) {
			*slot = vote.vote.target.slot.max(*slot);
		}
	}

	/// A block is final; forgets what went with it. When it arrived, and how many of the others were orphaned: `grown`
	/// of them are on its chain, itself included.
	fn finalized(&mut self, block: H256, grown: u64, knows: impl Fn(&H256) -> bool) -> (Option<Instant>, u64) {
		let seen = self.arrivals.remove(&block);
		let before = self.arrivals.len();
		self.arrivals.retain(|hash, _| knows(hash));
		let gone = before.saturating_sub(self.arrivals.len());
		let gone = u64::try_from(gone).unwrap_or(u64::MAX);
		(seen, gone.saturating_sub(grown.saturating_sub(1)))
	}
}

impl Voter {
	/// Measures what a final block tells.
	pub(super) fn count_final(&mut self, block: &bft::BlockRef<H256>, finalized_before: u32) {
		let grown = block.number.saturating_sub(finalized_before.into());
		let core = &self.core;
		let (seen, orphaned) = self.gauges.finalized(block.hash, grown, |hash| core.knows(hash));
		let since_slot = clock::since_slot(block.slot, self.edge.slot_duration);
		let metrics = &self.edge.metrics;
		metrics.finalized(since_slot, seen.map(|seen| seen.elapsed()));
		metrics.orphaned(orphaned);
		for (voter, heard) in self.inbox.filter.set().voters.iter().zip(&self.gauges.last_heard) {
			if heard.saturating_add(SILENT_SLOTS) < block.slot {
				metrics.missed_vote(voter);
			}
		}
	}

	/// What each tick measures.
	pub(super) fn measure(&mut self) {
		let slot = self.slot_now();
		if self.me().is_some() && self.gauges.checked_slot != slot {
			self.gauges.checked_slot = slot;
			if let Some(reason) = self.core.why_not_voting() {
				self.edge.metrics.did_not_vote(reason.label());
			}
		}
		let finalized = self.core.finalized().number;
		let lag = self.core.head().number.saturating_sub(finalized);
		self.edge.metrics.finality_lag(lag);
	}

	/// Counts the slots that went by without a block of their director, in front of an imported block.
	pub(super) fn count_missed_slots(&self, block: &Imported) -> Result<(), ChainError> {
		let parent_slot = self.edge.chain.target(block.parent)?.slot;
		// A long standstill, and the time while the chain is fetched, teach nobody anything.
		let gap = block.target.slot.saturating_sub(parent_slot);
		if gap > MAX_COUNTED_GAP || block.target.slot.saturating_add(MAX_COUNTED_GAP) < self.slot_now() {
			return Ok(());
		}
		if gap <= 1 && block.primary {
			return Ok(());
		}
		let schedule = self.edge.chain.schedule(block.parent)?;
		let last = if block.primary {
			block.target.slot
		} else {
			block.target.slot.saturating_add(1)
		};
		for slot in parent_slot.saturating_add(1)..last {
			if let Some(director) = schedule.director(slot.into()).and_then(|index| schedule.key(index)) {
				self.edge.metrics.missed_slots(director, 1);
			}
		}
		Ok(())
	}

	/// Whether the 51% rule is in force, and since when; the log tells when that changes.
	fn show_rule(&self) -> Option<RelaxedStatus> {
		let before = self.edge.handle.status().relaxed;
		let end = self
			.core
			.relaxed_since()
			.and_then(|_| self.core.pending_end())
			.map(to_target);
		let (now, changed) = rule_now(before, end, clock::unix_ms());
		if changed {
			self.edge.metrics.relaxed(now.is_some());
			match (now, self.core.relaxed_quorum()) {
				(Some(rule), Some(relaxed)) => log::warn!(
					target: LOG_TARGET,
					"The 51% rule is in force: nothing became final for {} s, and block {} ({:?}), which changes the \
					 voters, waits. {relaxed} of {} voters can make it final, where {} are needed otherwise",
					bft::core::RELAX_AFTER_MS / 1000,
					rule.end.number,
					rule.end.hash,
					self.inbox.voters(),
					self.core.quorum(),
				),
				_ => log::warn!(target: LOG_TARGET, "The 51% rule is no longer in force"),
			}
		}
		now
	}

	/// The slot that the chain, or this node's own last vote, has reached, and how many slots it lies ahead of the
	/// clock; none if the clock is there.
	pub(super) fn clock_lies_behind(&self) -> Option<(u64, u64)> {
		let reached = self.core.head().slot.max(self.core.state().last_prevote.slot);
		let ahead = reached.saturating_sub(self.slot_now());
		(ahead > AGREEING_SLOTS).then_some((reached, ahead))
	}

	/// What this node waits for if its clock lies behind what the chain, or its own last vote, has reached: no slot is
	/// voted on twice, and none below the head. A clock that went back for good, or a vote cast by one that was ahead,
	/// heals with time alone.
	fn waits_for_clock(&mut self) -> Option<String> {
		let Some((reached, ahead)) = self.clock_lies_behind() else {
			self.gauges.waits_for_slot = None;
			return None;
		};
		let seconds = self.edge.slot_duration.as_millis().saturating_mul(ahead) / 1000;
		let text = format!("it waits {seconds} s until this machine's clock reaches slot {reached}; check the clock");
		if self.gauges.waits_for_slot != Some(reached) {
			self.gauges.waits_for_slot = Some(reached);
			log::warn!(
				target: LOG_TARGET,
				"The clock lies behind what was reached already: this node votes and authors again in {seconds} \
					 s, in slot {reached}. \
				 If the clock is wrong, set it right",
			);
		}
		Some(text)
	}

	/// Lets people see where things stand.
	pub(super) fn show(&mut self) {
		let state = self.core.state();
		let certified = self.core.highest_certified();
		let silence = self.edge.signer.silence();
		let silence = silence.filter(|silence| self.me().is_some() || !matches!(silence, Silence::NoKey));
		let not_voting = match silence {
			Some(silence) => Some(silence.to_string()),
			None => self
				.core
				.why_not_voting()
				.map(|reason| reason.to_string())
				.or_else(|| self.waits_for_clock()),
		};
		let voter = self.me().zip(self.edge.signer.key()).map(|(index, key)| VoterStatus {
			index,
			key,
			last_prevote: to_target(state.last_prevote),
			other_branch_slot: state.other_branch_slot,
			lock: to_target(state.lock),
		});
		let (head, finalized) = (self.core.head(), self.core.finalized());
		let relaxed = self.show_rule();
		self.edge.handle.update(|status| {
			status.best = Some(to_target(head));
			status.certified = (certified != finalized).then(|| to_target(certified));
			status.finalized = Some(to_target(finalized));
			status.relaxed = relaxed;
			status.voter = voter;
			status.not_voting = not_voting;
		});
		self.show_newest();
		for (label, count) in self.core.refusals().iter() {
			let before = self.gauges.reported_refusals.insert(label, count).unwrap_or(0);
			for _ in before..count {
				self.edge.metrics.dropped("core", label);
			}
		}
	}
}

/// How the 51% rule stands now, if it stood so `before`, and whether that is news. `end` is the block that waits.
fn rule_now(before: Option<RelaxedStatus>, end: Option<BlockRef>, now_ms: u64) -> (Option<RelaxedStatus>, bool) {
	let since_ms = before.map_or(now_ms, |before| before.since_ms);
	let now = end.map(|end| RelaxedStatus { since_ms, end });
	(now, now.is_some() != before.is_some())
}

/// Shows which set votes.
pub(super) fn show_set(handle: &ConsensusHandle, metrics: &Metrics, set: &VoterSet) {
	handle.update(|status| {
		status.set_id = set.set_id;
		status.voters = set.voters.len();
		status.quorum = set.quorum();
		status.relaxed_quorum = set.relaxed_quorum();
	});
	metrics.voter_set(set.set_id, set.voters.len());
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_rule_is_told_when_it_begins_and_ends_and_keeps_its_time_between() {
		let end = |number| BlockRef {
			slot: 9,
			number,
			hash: H256::zero(),
		};
		let (rule, news) = rule_now(None, Some(end(7)), 1_000);
		assert_eq!((rule.map(|rule| rule.since_ms), news), (Some(1_000), true));
		// Another fork's end may take the place of the first.
		let (later, news) = rule_now(rule, Some(end(8)), 2_000);
		let expected = RelaxedStatus {
			since_ms: 1_000,
			end: end(8),
		};
		assert_eq!((later, news), (Some(expected), false));
		assert_eq!(rule_now(later, None, 3_000), (None, true));
		assert_eq!(rule_now(None, None, 4_000), (None, false));
	}

	#[test]
	fn what_a_final_block_leaves_behind_is_orphaned() {
		let mut gauges = Gauges::new(4);
		let hash = H256::from_low_u64_be;
		// 1 and 2 become final with 2; 3 is above them; 4 and 5 are beside them.
		for block in 1..=5 {
			gauges.arrivals.insert(hash(block), Instant::now());
		}
		let (seen, orphaned) = gauges.finalized(hash(2), 2, |known| *known == hash(3));
		assert!(seen.is_some());
		assert_eq!(orphaned, 2);
		assert_eq!(gauges.arrivals.len(), 1);
	}
}
