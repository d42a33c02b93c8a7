//! What consensus measures, for Prometheus.
//!
//! All names start with `smartchain_` and end with their unit, if they have one. Without a registry every method does
//! nothing, so that callers need not ask. Labels are either fixed words or the public keys of directors and voters, of
//! which there are few.

use bft_finality_primitives::{Phase, VoterId};
use poca_primitives::AuthorityId;
use prometheus_endpoint::{
	register, Counter, CounterVec, Gauge, Histogram, HistogramOpts, Opts, PrometheusError, Registry, F64, U64,
};
use std::{sync::Arc, time::Duration};

/// Seconds; from 10 ms to a minute, close together around the half second that a block takes.
const LATENCY_BUCKETS: [f64; 18] = [
	0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0,
];

/// Seconds; from what a good disk takes to what halts a voter.
const WRITE_BUCKETS: [f64; 14] = [
	0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// How a node stands to a runtime that waits on chain until it is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingRuntime {
	/// None waits.
	None = 0,
	/// One waits, and is not compiled yet.
	Waits = 1,
	/// It is compiled.
	Compiled = 2,
	/// It cannot be compiled.
	Failed = 3,
}

/// Consensus metrics; clones share them.
#[derive(Clone, Default)]
pub struct Metrics(Option<Arc<Registered>>);

struct Registered {
	slot_to_final: Histogram,
	seen_to_final: Histogram,
	finality_lag: Gauge<U64>,
	votes_cast: CounterVec<U64>,
	votes_received: CounterVec<U64>,
	not_voting: CounterVec<U64>,
	missed_slots: CounterVec<U64>,
	missed_votes: CounterVec<U64>,
	safety_file_write: Histogram,
	block_propagation: Histogram,
	orphaned_blocks: Counter<U64>,
	messages_dropped: CounterVec<U64>,
	served: CounterVec<F64>,
	blocks_pushed: Counter<U64>,
	blocks_received: Counter<U64>,
	certificates_made: CounterVec<U64>,
	certificates_received: CounterVec<U64>,
	resend_rounds: Counter<U64>,
	equivocations: CounterVec<U64>,
	equivocation_reports: CounterVec<U64>,
	voter_set: Gauge<U64>,
	voters: Gauge<U64>,
	voter_changes: Counter<U64>,
	isolated: Gauge<U64>,
	relaxed_rule: Gauge<U64>,
	pending_runtime: Gauge<U64>,
	relaxed_votes_cast: CounterVec<U64>,
	relaxed_changes: Counter<U64>,
	block_build: Histogram,
	transactions_included: Counter<U64>,
	block_ends: CounterVec<U64>,
}

impl Metrics {
	/// Registers every metric; with `None`, makes metrics that measure nothing.
	///
	/// # Errors
	/// Where the registry already has one of these names: only one node may use a registry.
	pub fn register(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
		registry
			.map(Registered::new)
			.transpose()
			.map(|registered| Self(registered.map(Arc::new)))
	}

	/// A block became final here, `since_slot` after the start of its slot and `since_seen` after this node first saw
	/// it.
	pub fn finalized(&self, since_slot: Duration, since_seen: Option<Duration>) {
		self.with(|m| {
			m.slot_to_final.observe(since_slot.as_secs_f64());
			if let Some(since_seen) = since_seen {
				m.seen_to_final.observe(since_seen.as_secs_f64());
			}
		});
	}

	/// How many blocks the best block is above the final one now.
	pub fn finality_lag(&self, blocks: u64) {
		self.with(|m| m.finality_lag.set(blocks));
	}

	/// This node cast a vote.
	pub fn vote_cast(&self, phase: Phase) {
		self.with(|m| m.votes_cast.with_label_values(&[phase_label(phase)]).inc());
	}

	/// A vote with a good signature came in for the first time.
	pub fn vote_received(&self, phase: Phase) {
		self.with(|m| m.votes_received.with_label_values(&[phase_label(phase)]).inc());
	}

	/// This node, a voter, could have voted and did not. `reason` is a fixed word such as `locked_elsewhere`.
	pub fn did_not_vote(&self, reason: &'static str) {
		self.with(|m| m.not_voting.with_label_values(&[reason]).inc());
	}

	/// `slots` slots of `director`'s turns passed without a block of its own on the best chain.
	pub fn missed_slots(&self, director: &AuthorityId, slots: u64) {
		self.with(|m| m.missed_slots.with_label_values(&[&director.to_string()]).inc_by(slots));
	}

	/// A block became final, and no Commit on it (or on a descendant) of `voter` has been seen.
	pub fn missed_vote(&self, voter: &VoterId) {
		self.with(|m| m.missed_votes.with_label_values(&[&voter.to_string()]).inc());
	}

	/// A record of the safety file took this long to become durable.
	pub fn safety_file_written(&self, took: Duration) {
		self.with(|m| m.safety_file_write.observe(took.as_secs_f64()));
	}

	/// Another node's block was first seen here this long after the start of its slot; zero where the clocks disagree.
	pub fn block_seen(&self, since_slot: Duration) {
		self.with(|m| m.block_propagation.observe(since_slot.as_secs_f64()));
	}

	/// This many imported blocks can no longer become final.
	pub fn orphaned(&self, blocks: u64) {
		self.with(|m| m.orphaned_blocks.inc_by(blocks));
	}

	/// A message of `protocol` was dropped. Both are fixed words: `votes`, `queue_full`.
	pub fn dropped(&self, protocol: &'static str, reason: &'static str) {
		self.with(|m| m.messages_dropped.with_label_values(&[protocol, reason]).inc());
	}

	/// What peers asked for on `protocol`, or sent on it in vain, took this long. It is a fixed word: `block_requests`.
	pub fn served(&self, protocol: &'static str, took: Duration) {
		self.with(|m| m.served.with_label_values(&[protocol]).inc_by(took.as_secs_f64()));
	}

	/// A block was pushed to this many peers.
	pub fn blocks_pushed(&self, peers: u64) {
		self.with(|m| m.blocks_pushed.inc_by(peers));
	}

	/// A pushed block came in that was not known.
	pub fn block_received(&self) {
		self.with(|m| m.blocks_received.inc());
	}

	/// A certificate was put together here from votes.
	pub fn certificate_made(&self, phase: Phase) {
		self.with(|m| m.certificates_made.with_label_values(&[phase_label(phase)]).inc());
	}

	/// A good certificate that was not known came in from a peer.
	pub fn certificate_received(&self, phase: Phase) {
		self.with(|m| m.certificates_received.with_label_values(&[phase_label(phase)]).inc());
	}

	/// Nothing progressed, so everything that could help was sent again.
	pub fn resent(&self) {
		self.with(|m| m.resend_rounds.inc());
	}

	/// Somebody signed two blocks, or two votes of one phase, in one slot. `kind` is a fixed word: `block`, `vote`.
	pub fn equivocation(&self, kind: &'static str) {
		self.with(|m| m.equivocations.with_label_values(&[kind]).inc());
	}

	/// Whether the chain has this node down as absent, and out of its seat.
	pub fn isolated(&self, isolated: bool) {
		self.with(|m| m.isolated.set(isolated.into()));
	}

	/// An equivocation was to be reported to the runtime. `outcome` is a fixed word: `submitted`, `known`, `failed`.
	pub fn equivocation_report(&self, outcome: &'static str) {
		self.with(|m| m.equivocation_reports.with_label_values(&[outcome]).inc());
	}

	/// Which voter set is in force here, and how many voters it has.
	pub fn voter_set(&self, set_id: u64, voters: usize) {
		self.with(|m| {
			m.voter_set.set(set_id);
			m.voters.set(voters as u64);
		});
	}

	/// A change of voters became final here, by relaxed votes or by a quorum.
	pub fn voters_changed(&self, relaxed: bool) {
		self.with(|m| {
			m.voter_changes.inc();
			m.relaxed_changes.inc_by(u64::from(relaxed));
		});
	}

	/// Whether the 51% rule is in force here.
	pub fn relaxed(&self, in_force: bool) {
		self.with(|m| m.relaxed_rule.set(u64::from(in_force)));
	}

	/// How this node stands to the runtime that waits on chain.
	pub fn pending_runtime(&self, state: PendingRuntime) {
		self.with(|m| m.pending_runtime.set(state as u64));
	}

	/// This node cast a vote under the 51% rule, besides the one without the flag.
	pub fn relaxed_vote_cast(&self, phase: Phase) {
		self.with(|m| m.relaxed_votes_cast.with_label_values(&[phase_label(phase)]).inc());
	}

	/// This node built a block, and stopped adding transactions for this reason, a fixed word such as `deadline`.
	pub fn block_built(&self, took: Duration, transactions: u64, end: &'static str) {
		self.with(|m| {
			m.block_build.observe(took.as_secs_f64());
			m.transactions_included.inc_by(transactions);
			m.block_ends.with_label_values(&[end]).inc();
		});
	}

	fn with(&self, measure: impl FnOnce(&Registered)) {
		if let Some(registered) = &self.0 {
			measure(registered);
		}
	}
}

fn phase_label(phase: Phase) -> &'static str {
	match phase {
		Phase::Prevote => "prevote",
		Phase::Commit => "commit",
	}
}

impl Registered {
	fn new(registry: &Registry) -> Result<Self, PrometheusError> {
		let counter = |name: &str, help: &str| register(Counter::new(name, help)?, registry);
		let counters = |name: &str, help: &str, labels: &[&str]| {
			register(CounterVec::new(Opts::new(name, help), labels)?, registry)
		};
		let histogram = |name: &str, help: &str, buckets: &[f64]| {
			register(
				Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?,
				registry,
			)
		};
		Ok(Self {
			slot_to_final: histogram(
				"smartchain_slot_to_final_seconds",
				"Time from the start of a block's slot until it was final on this node",
				&LATENCY_BUCKETS,
			)?,
			seen_to_final: histogram(
				"smartchain_seen_to_final_seconds",
				"Time from when this node first saw a block until it was final here",
				&LATENCY_BUCKETS,
			)?,
			finality_lag: register(
				Gauge::new(
					"smartchain_finality_lag_blocks",
					"Blocks between the best block and the final one",
				)?,
				registry,
			)?,
			votes_cast: counters(
				"smartchain_votes_cast_total",
				"Votes that this node has cast, by phase",
				&["phase"],
			)?,
			votes_received: counters(
				"smartchain_votes_received_total",
				"Valid votes of others received for the first time, by phase",
				&["phase"],
			)?,
			not_voting: counters(
				"smartchain_votes_withheld_total",
				"Times that this voter could have voted and did not, by reason",
				&["reason"],
			)?,
			missed_slots: counters(
				"smartchain_missed_slots_total",
				"Slots without a block of their director on the best chain, by director",
				&["director"],
			)?,
			missed_votes: counters(
				"smartchain_missed_votes_total",
				"Final blocks for which no Commit of a voter was seen, by voter",
				&["voter"],
			)?,
			safety_file_write: histogram(
				"smartchain_safety_file_write_seconds",
				"Time until a record of the voter's safety file was durable",
				&WRITE_BUCKETS,
			)?,
			block_propagation: histogram(
				"smartchain_block_propagation_seconds",
				"Time from the start of a slot until this node first saw the block of another author for it",
				&LATENCY_BUCKETS,
			)?,
			orphaned_blocks: counter(
				"smartchain_orphaned_blocks_total",
				"Imported blocks that a final block has ruled out",
			)?,
			messages_dropped: counters(
				"smartchain_messages_dropped_total",
				"Messages dropped, by protocol and reason",
				&["protocol", "reason"],
			)?,
			served: register(
				CounterVec::<F64>::new(
					Opts::new(
						"smartchain_served_seconds_total",
						"Time spent on requests of peers and on their invalid transactions, by protocol",
					),
					&["protocol"],
				)?,
				registry,
			)?,
			blocks_pushed: counter(
				"smartchain_blocks_pushed_total",
				"Blocks pushed, counted once for each peer",
			)?,
			blocks_received: counter(
				"smartchain_blocks_received_total",
				"Pushed blocks received that were not known before",
			)?,
			certificates_made: counters(
				"smartchain_certificates_made_total",
				"Certificates put together from votes on this node, by phase",
				&["phase"],
			)?,
			certificates_received: counters(
				"smartchain_certificates_received_total",
				"Valid certificates received that were not known before, by phase",
				&["phase"],
			)?,
			resend_rounds: counter(
				"smartchain_resend_rounds_total",
				"Times that everything was sent again because nothing progressed",
			)?,
			equivocations: counters(
				"smartchain_equivocations_total",
				"Blocks or votes of one signer that contradict each other, by kind",
				&["kind"],
			)?,
			equivocation_reports: counters(
				"smartchain_equivocation_reports_total",
				"Reports of equivocations that this node made, by what became of them",
				&["outcome"],
			)?,
			voter_set: register(
				Gauge::new("smartchain_voter_set_id", "The id of the voter set in force")?,
				registry,
			)?,
			voters: register(
				Gauge::new("smartchain_voters", "Voters in the voter set in force")?,
				registry,
			)?,
			voter_changes: counter(
				"smartchain_voter_set_changes_total",
				"Changes of the voter set that became final while this node ran",
			)?,
			isolated: register(
				Gauge::new(
					"smartchain_isolated",
					"1 while the chain has this node down as absent and it has not shown itself",
				)?,
				registry,
			)?,
			relaxed_rule: register(
				Gauge::new(
					"smartchain_relaxed_rule",
					"1 while the 51% rule is in force on this node, else 0",
				)?,
				registry,
			)?,
			pending_runtime: register(
				Gauge::new(
					"smartchain_pending_runtime",
					"0 if no runtime waits on chain, 1 if one does, 2 once it is compiled, 3 if it cannot be",
				)?,
				registry,
			)?,
			relaxed_votes_cast: counters(
				"smartchain_relaxed_votes_cast_total",
				"Votes that this node has cast under the 51% rule besides the others, by phase",
				&["phase"],
			)?,
			relaxed_changes: counter(
				"smartchain_relaxed_changes_total",
				"Changes of the voter set that relaxed votes made final while this node ran",
			)?,
			block_build: histogram(
				"smartchain_block_build_seconds",
				"Time that building a block took on this node",
				&LATENCY_BUCKETS,
			)?,
			transactions_included: counter(
				"smartchain_transactions_included_total",
				"Transactions in blocks that this node built",
			)?,
			block_ends: counters(
				"smartchain_blocks_built_total",
				"Blocks that this node built, by what kept it from adding more transactions",
				&["end"],
			)?,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::ByteArray;

	fn touch(metrics: &Metrics) {
		let second = Duration::from_secs(1);
		metrics.finalized(second, Some(second));
		metrics.finality_lag(3);
		metrics.vote_cast(Phase::Prevote);
		metrics.vote_received(Phase::Commit);
		metrics.did_not_vote("locked");
		metrics.missed_slots(&AuthorityId::from_slice(&[1; 32]).expect("32 bytes"), 2);
		metrics.missed_vote(&VoterId::from_slice(&[1; 32]).expect("32 bytes"));
		metrics.safety_file_written(second);
		metrics.block_seen(second);
		metrics.orphaned(1);
		metrics.dropped("votes", "queue_full");
		metrics.served("block_requests", second);
		metrics.blocks_pushed(4);
		metrics.block_received();
		metrics.certificate_made(Phase::Commit);
		metrics.certificate_received(Phase::Prevote);
		metrics.resent();
		metrics.equivocation("block");
		metrics.equivocation_report("submitted");
		metrics.voter_set(3, 4);
		metrics.voters_changed(true);
		metrics.relaxed(true);
		metrics.pending_runtime(PendingRuntime::Compiled);
		metrics.relaxed_vote_cast(Phase::Commit);
		metrics.isolated(true);
		metrics.block_built(second, 3, "deadline");
	}

	/// What is counted or true at a moment has no unit.
	const WITHOUT_UNIT: [&str; 5] = [
		"smartchain_voter_set_id",
		"smartchain_voters",
		"smartchain_isolated",
		"smartchain_relaxed_rule",
		"smartchain_pending_runtime",
	];

	#[test]
	fn every_metric_is_fed_and_named_as_prometheus_would() {
		let registry = Registry::new();
		touch(&Metrics::register(Some(&registry)).expect("registers"));
		let families = registry.gather();
		assert_eq!(families.len(), 31);
		for family in families {
			let name = family.get_name();
			assert!(name.starts_with("smartchain_"), "{name}");
			let has_unit = ["_seconds", "_total", "_blocks"]
				.iter()
				.any(|unit| name.ends_with(unit));
			assert!(has_unit != WITHOUT_UNIT.contains(&name), "{name}");
			assert!(!family.get_help().is_empty(), "{name}");
			assert!(!family.get_metric().is_empty(), "{name} is fed by nothing");
		}
	}

	#[test]
	fn without_a_registry_nothing_happens() {
		touch(&Metrics::register(None).expect("registers nothing"));
		touch(&Metrics::default());
	}

	#[test]
	fn a_registry_serves_one_node() {
		let registry = Registry::new();
		let _first = Metrics::register(Some(&registry)).expect("registers");
		assert!(Metrics::register(Some(&registry)).is_err());
	}
}
