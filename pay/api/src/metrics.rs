//! Figures in Prometheus' text format. Labels are words of this program, of which there are few.

use crate::StatusView;
use std::{
	collections::BTreeMap,
	fmt::{Display, Write},
	time::Duration,
};

/// What was counted since the start.
#[derive(Clone, Debug, Default)]
pub struct Counts {
	/// Payments of ours, by result and reason.
	pub payments: BTreeMap<(&'static str, &'static str), u64>,
	/// Payments that came, and those that were carried on.
	pub received: u64,
	/// Those that were carried on and paid.
	pub relayed: u64,
	/// What was received for good, in planck.
	pub received_planck: u128,
	/// What was earned by carrying on, in planck.
	pub fees_planck: u128,
	/// Calls to the chain, by name and result.
	pub calls: BTreeMap<(&'static str, &'static str), u64>,
	/// Closes by partners that were seen.
	pub disputes: u64,
	/// Times that our data was found to be old.
	pub data_lost: u64,
	/// Frames that made no sense, or were refused.
	pub refused: u64,
	/// Commits, steps in them, and how long they took.
	pub commits: u64,
	/// Steps in them.
	pub steps: u64,
	/// How long they took.
	pub commit_time: Duration,
	/// Halves that went out.
	pub halves: u64,
	/// Steps of streams of ours that were given.
	pub steps_given: u64,
	/// Steps of streams of partners that came.
	pub steps_came: u64,
	/// What streams of ours have paid by halves, in planck.
	pub streamed_planck: u128,
	/// Orders that have ended, at either end, by how.
	pub orders: BTreeMap<&'static str, u64>,
}

/// What is so now.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
	/// The daemon's status.
	pub status: StatusView,
	/// Locks on their way.
	pub locks: u64,
	/// Ticks until the next lock expires that was given to us and is not paid; none if there is none.
	pub least_ticks: Option<u32>,
	/// What can be paid, in planck.
	pub spendable: u128,
	/// What partners can pay, in planck.
	pub receivable: u128,
	/// Halves of partners that the tower has no receipt for.
	pub tower_lag: u64,
	/// Channels that are being closed.
	pub closing: u64,
	/// Calls on their way to the chain.
	pub calls_in_flight: u64,
	/// Streams and orders.
	pub running: Running,
}

/// What runs with partners.
#[derive(Clone, Copy, Debug, Default)]
pub struct Running {
	/// Streams of ours.
	pub paying: u64,
	/// Streams of partners.
	pub taking: u64,
	/// Orders, at either end.
	pub orders: u64,
}

/// What a relayer has counted since its start.
#[derive(Clone, Debug, Default)]
pub struct RelayerCounts {
	/// Answers, by what was asked and HTTP's number.
	pub answers: BTreeMap<(&'static str, u16), u64>,
	/// What signers have signed for what was sent, in planck; of what the chain refuses nothing comes.
	pub fees_planck: u128,
}

struct Text(String);

impl Text {
	fn rows(&mut self, name: &str, kind: &str, help: &str, rows: &[(String, String)]) {
		// Writing to a text does not fail.
		let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
		for (labels, value) in rows {
			let _ = writeln!(self.0, "{name}{labels} {value}");
		}
	}

	fn gauge(&mut self, name: &str, help: &str, value: impl ToString) {
		self.rows(name, "gauge", help, &[(String::new(), value.to_string())]);
	}

	fn counter(&mut self, name: &str, help: &str, value: impl ToString) {
		self.rows(name, "counter", help, &[(String::new(), value.to_string())]);
	}
}

fn labelled<One: Display, Other: Display>(
	counts: &BTreeMap<(One, Other), u64>,
	names: (&str, &str),
) -> Vec<(String, String)> {
	let row = |((one, other), count): (&(One, Other), &u64)| {
		(
			format!("{{{}=\"{one}\",{}=\"{other}\"}}", names.0, names.1),
			count.to_string(),
		)
	};
	counts.iter().map(row).collect()
}

/// All metrics, as text.
pub fn metrics(counts: &Counts, now: &Gauges) -> String {
	let mut text = Text(String::with_capacity(8_192));
	gauges(&mut text, now);
	counters(&mut text, counts);
	with_partners(&mut text, counts, &now.running);
	text.0
}

/// Those of a relayer, as text.
///
/// - `lost`: what transactions that the chain refused have cost within the last hour, in planck.
/// - `going`: authorizations on their way.
pub fn relayer_metrics(counts: &RelayerCounts, lost: u128, going: u64) -> String {
	let mut text = Text(String::with_capacity(2_048));
	text.rows(
		"smart_pay_relayer_answers_total",
		"counter",
		"Answers of the relayer, by what was asked and HTTP's number.",
		&labelled(&counts.answers, ("asked", "status")),
	);
	text.counter(
		"smart_pay_relayer_fees_planck_total",
		"What signers have signed for what was sent.",
		counts.fees_planck,
	);
	text.gauge(
		"smart_pay_relayer_lost_planck",
		"What transactions that the chain refused have cost within the last hour.",
		lost,
	);
	text.gauge("smart_pay_relayer_on_their_way", "Authorizations on their way.", going);
	text.0
}

/// Streams and orders.
fn with_partners(text: &mut Text, counts: &Counts, now: &Running) {
	text.gauge(
		"smart_pay_streams_paying",
		"Streams that run and are paid here.",
		now.paying,
	);
	text.gauge("smart_pay_streams_taking", "Streams of partners that run.", now.taking);
	text.counter(
		"smart_pay_stream_steps_given_total",
		"Steps of streams that were given.",
		counts.steps_given,
	);
	text.counter(
		"smart_pay_stream_steps_came_total",
		"Steps of streams of partners that came.",
		counts.steps_came,
	);
	text.counter(
		"smart_pay_streamed_planck_total",
		"What streams that are paid here have paid by halves.",
		counts.streamed_planck,
	);
	text.gauge(
		"smart_pay_orders_open",
		"Orders at either end that have not ended.",
		now.orders,
	);
	let row = |(result, count): (&&'static str, &u64)| (format!("{{result=\"{result}\"}}"), count.to_string());
	let rows: Vec<(String, String)> = counts.orders.iter().map(row).collect();
	text.rows(
		"smart_pay_orders_total",
		"counter",
		"Orders at either end that have ended, by how.",
		&rows,
	);
}

/// What is so now.
fn gauges(text: &mut Text, now: &Gauges) {
	let version = vec![(format!("{{version=\"{}\"}}", now.status.version), "1".into())];
	text.rows(
		"smart_pay_build_info",
		"gauge",
		"The version, as a label; always 1.",
		&version,
	);
	text.gauge(
		"smart_pay_chain_connected",
		"1 if a node is reached, 0 if not.",
		u8::from(now.status.chain),
	);
	text.gauge(
		"smart_pay_block",
		"The last final block that was told.",
		now.status.block,
	);
	text.gauge("smart_pay_tick", "The tick of that block.", now.status.tick);
	text.gauge(
		"smart_pay_block_age_seconds",
		"Seconds since it was told: the lag of the clock by which deadlines count.",
		now.status.block_age,
	);
	text.gauge("smart_pay_channels", "Channels.", now.status.channels);
	text.gauge("smart_pay_closing", "Channels that are being closed.", now.closing);
	text.gauge("smart_pay_peers", "Partners with a connection.", now.status.peers);
	text.gauge(
		"smart_pay_locks_in_flight",
		"Locks that are not paid or gone yet.",
		now.locks,
	);
	if let Some(ticks) = now.least_ticks {
		text.gauge(
			"smart_pay_least_ticks_left",
			"Ticks until the next lock expires that was given to us.",
			ticks,
		);
	}
	text.gauge(
		"smart_pay_spendable_planck",
		"What can be paid in all channels.",
		now.spendable,
	);
	text.gauge(
		"smart_pay_receivable_planck",
		"What partners can pay in all channels.",
		now.receivable,
	);
	text.gauge(
		"smart_pay_tower_lag",
		"Halves that the tower has given no receipt for.",
		now.tower_lag,
	);
	text.gauge(
		"smart_pay_watched",
		"Channels of others that are watched here.",
		now.status.watched,
	);
	text.gauge(
		"smart_pay_calls_in_flight",
		"Calls on their way to the chain.",
		now.calls_in_flight,
	);
}

/// What was counted.
fn counters(text: &mut Text, counts: &Counts) {
	text.rows(
		"smart_pay_payments_total",
		"counter",
		"Payments of ours that have ended, by result and reason.",
		&labelled(&counts.payments, ("result", "reason")),
	);
	text.rows(
		"smart_pay_calls_total",
		"counter",
		"Calls brought to the chain, by result.",
		&labelled(&counts.calls, ("call", "result")),
	);
	text.counter(
		"smart_pay_received_total",
		"Payments that came for this program.",
		counts.received,
	);
	text.counter(
		"smart_pay_received_planck_total",
		"What they brought.",
		counts.received_planck,
	);
	text.counter(
		"smart_pay_relayed_total",
		"Payments that were carried on and paid.",
		counts.relayed,
	);
	text.counter(
		"smart_pay_fees_planck_total",
		"What was earned by carrying on.",
		counts.fees_planck,
	);
	text.counter(
		"smart_pay_disputes_total",
		"Closes by partners that were seen.",
		counts.disputes,
	);
	text.counter(
		"smart_pay_data_lost_total",
		"Times that the store was found to be old.",
		counts.data_lost,
	);
	text.counter(
		"smart_pay_refused_total",
		"Frames that made no sense or were refused.",
		counts.refused,
	);
	text.counter("smart_pay_commits_total", "Commits of the store.", counts.commits);
	text.counter("smart_pay_steps_total", "Steps in them.", counts.steps);
	text.counter("smart_pay_halves_total", "Halves signed and sent.", counts.halves);
	let seconds = format!(
		"{}.{:06}",
		counts.commit_time.as_secs(),
		counts.commit_time.subsec_micros()
	);
	text.counter(
		"smart_pay_commit_seconds_total",
		"How long commits took in all.",
		seconds,
	);
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_text_is_as_prometheus_reads_it() {
		let mut counts = Counts::default();
		counts.payments.insert(("paid", ""), 7);
		counts.payments.insert(("failed", "no_way"), 1);
		counts.commit_time = Duration::from_micros(1_500_000);
		counts.orders.insert("done", 2);
		let mut answers = RelayerCounts::default();
		answers.answers.insert(("relay", 402), 3);
		let text = metrics(&counts, &Gauges::default()) + &relayer_metrics(&answers, 9, 1);
		for row in [
			"smart_pay_orders_total{result=\"done\"} 2",
			"smart_pay_relayer_answers_total{asked=\"relay\",status=\"402\"} 3",
			"smart_pay_relayer_lost_planck 9",
		] {
			assert!(text.lines().any(|line| line == row), "{text}");
		}
		assert!(
			text.contains("\nsmart_pay_payments_total{result=\"failed\",reason=\"no_way\"} 1\n"),
			"{text}"
		);
		assert!(text.contains("\nsmart_pay_commit_seconds_total 1.500000\n"), "{text}");
		let mut lines = text.lines();
		while let Some(help) = lines.next() {
			let Some(rest) = help.strip_prefix("# HELP ") else {
				continue;
			};
			let name = rest.split(' ').next().unwrap_or_default();
			let kind = lines.next().unwrap_or_default();
			assert!(help.ends_with('.') && name.starts_with("smart_pay_"), "{help}");
			assert_eq!(kind.ends_with("counter"), name.ends_with("_total"), "{kind}");
		}
	}
}
