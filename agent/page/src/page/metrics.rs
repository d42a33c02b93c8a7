//! The status in Prometheus' text format.
//!
//! Labels are resources, outcomes, sizes of plots, states of slots, reasons and severities: words of this program, of
//! which there are few.

use super::{storage::storage, text::Text, work::work};
use crate::status::{
	Chain, Competence, Connection, Decimal, Earnings, Outcome, Plots, Resource, Severity, Status, COMPETENCE_OF_ALL,
};

/// All metrics, as text.
pub fn metrics(status: &Status) -> String {
	let mut text = Text::new();
	text.one(
		"smart_agent_build_info",
		"gauge",
		"The version, as a label; always 1.",
		|row| {
			row(&[("version", &status.agent.version)], &1);
		},
	);
	text.value(
		"smart_agent_start_time_seconds",
		"gauge",
		"When the program started, in Unix time.",
		&status.agent.started,
	);
	text.value(
		"smart_agent_status_time_seconds",
		"gauge",
		"When the status last changed, in Unix time.",
		&status.at,
	);
	chain(&mut text, &status.chain);
	lotteries(&mut text, status);
	plots(&mut text, &status.plots);
	if let Some(competence) = status.competence {
		competence_of(&mut text, competence);
	}
	if let Some(earnings) = &status.earnings {
		earned(&mut text, earnings);
	}
	if let Some(stored) = &status.storage {
		storage(&mut text, stored);
	}
	if let Some(computed) = &status.work {
		work(&mut text, computed);
	}
	text.one(
		"smart_agent_problems",
		"gauge",
		"What is wrong now, by how grave it is; /status.json says what to do.",
		|row| {
			for (severity, name) in [
				(Severity::Error, "error"),
				(Severity::Warning, "warning"),
				(Severity::Info, "info"),
			] {
				let count = status
					.problems
					.iter()
					.filter(|problem| problem.severity == severity)
					.count();
				row(&[("severity", name)], &count);
			}
		},
	);
	text.done()
}

fn chain(text: &mut Text, chain: &Chain) {
	let connected = u8::from(matches!(chain.connection, Connection::Connected { .. }));
	text.value(
		"smart_agent_chain_connected",
		"gauge",
		"1 if the node can be reached, 0 if not.",
		&connected,
	);
	if let Some(best) = chain.best {
		text.value("smart_agent_chain_best_block", "gauge", "The node's best block.", &best);
	}
	if let Some(finalized) = chain.finalized {
		text.value(
			"smart_agent_chain_finalized_block",
			"gauge",
			"The node's last final block.",
			&finalized,
		);
	}
	if let Some(skew) = chain.clock_skew_millis {
		let sign = if skew < 0 { "-" } else { "" };
		let seconds = format!("{sign}{}", Decimal::from_thousandths(skew.unsigned_abs()));
		let help = "By how much this machine's clock is ahead of the slots' time, in seconds.";
		text.value("smart_agent_clock_skew_seconds", "gauge", help, &seconds);
	}
}

fn lotteries(text: &mut Text, status: &Status) {
	type Figure = fn(&crate::status::Lottery) -> String;
	let figures: [(&str, &str, Figure); 8] = [
		("smart_agent_units_claimed", "Units that were claimed last.", |of| {
			of.claimed.to_string()
		}),
		("smart_agent_units_counting", "Units that count now.", |of| {
			of.counting.to_string()
		}),
		(
			"smart_agent_units_estimated",
			"Units that there are, as far as wins tell.",
			|of| of.estimate.to_string(),
		),
		(
			"smart_agent_units_error",
			"The estimate's standard deviation, in units.",
			|of| of.error.to_string(),
		),
		("smart_agent_units_assured", "Units of the estimate that count.", |of| {
			of.assured.to_string()
		}),
		("smart_agent_wins", "Wins, decayed by tau.", |of| of.wins.to_string()),
		(
			"smart_agent_wins_expected",
			"Wins that were to be expected, decayed alike.",
			|of| of.expected.to_string(),
		),
		(
			"smart_agent_wins_pending",
			"Wins that wait to be verified on chain.",
			|of| of.pending.to_string(),
		),
	];
	for (name, help, figure) in figures {
		text.one(name, "gauge", help, |row| {
			for lottery in &status.lotteries {
				row(&[("resource", lottery.resource.name())], &figure(lottery));
			}
		});
	}
	text.one(
		"smart_agent_rounds_total",
		"counter",
		"Rounds that are over since the start, by how they ended.",
		|row| {
			for resource in Resource::ALL {
				let tally = status.tallies.of(resource);
				for (outcome, name) in Outcome::ENDS {
					row(&[("resource", resource.name()), ("outcome", name)], &tally.of(outcome));
				}
			}
		},
	);
}

fn plots(text: &mut Text, plots: &Plots) {
	// Of one size there may be several strengths.
	let sum = |of: fn(&crate::status::PlotKind) -> u64| {
		let mut sizes = std::collections::BTreeMap::<u8, u64>::new();
		for kind in &plots.kinds {
			let size = sizes.entry(kind.k).or_default();
			*size = size.saturating_add(of(kind));
		}
		sizes
	};
	let families = [
		(
			"smart_agent_plots",
			"Sound plots, by size.",
			sum(|kind| kind.count.into()),
		),
		(
			"smart_agent_plots_damaged",
			"Damaged plots, by size.",
			sum(|kind| kind.damaged.into()),
		),
		(
			"smart_agent_plot_bytes",
			"Bytes of plots on the disk, by size.",
			sum(|kind| kind.bytes),
		),
	];
	for (name, help, sizes) in families {
		text.one(name, "gauge", help, |row| {
			for (k, value) in sizes {
				row(&[("k", &k.to_string())], &value);
			}
		});
	}
	if let Some(free) = plots.free_bytes {
		text.value(
			"smart_agent_disk_free_bytes",
			"gauge",
			"Bytes that can still be used for plots.",
			&free,
		);
	}
	let progress = plots.making.as_ref().map_or(0, |making| making.permille.min(1_000));
	let ratio = Decimal::from_thousandths(progress.into());
	text.value(
		"smart_agent_plotting_progress_ratio",
		"gauge",
		"How far the plots are that are being made; 0 if none.",
		&ratio,
	);
}

fn competence_of(text: &mut Text, competence: Competence) {
	let figures = [
		(
			"smart_agent_competence",
			"What the device counts for, of smart_agent_competence_of_all.",
			competence.value,
		),
		(
			"smart_agent_competence_low",
			"The same, a standard deviation less.",
			competence.low,
		),
		(
			"smart_agent_competence_high",
			"The same, a standard deviation more.",
			competence.high,
		),
		(
			"smart_agent_competence_of_all",
			"What all devices together count for.",
			COMPETENCE_OF_ALL,
		),
	];
	for (name, help, value) in figures {
		text.value(name, "gauge", help, &value);
	}
}

fn earned(text: &mut Text, earnings: &Earnings) {
	let figures: [(&str, &str, u128); 7] = [
		(
			"smart_agent_earned_last_era_planck",
			"What the owner earned in the last era that is over.",
			earnings.last,
		),
		(
			"smart_agent_earned_day_planck",
			"The same of the last day's eras.",
			earnings.day,
		),
		(
			"smart_agent_claimable_planck",
			"What can be claimed and is in no claim.",
			earnings.claimable,
		),
		(
			"smart_agent_claimable_eras",
			"Of how many eras.",
			earnings.claimable_eras.into(),
		),
		(
			"smart_agent_claims_on_their_way_planck",
			"What is in claims that may be on their way.",
			earnings.on_its_way,
		),
		(
			"smart_agent_expiring_planck",
			"What can be claimed and is lost soon.",
			earnings.expiring,
		),
		(
			"smart_agent_expired_planck",
			"What nobody claimed in time, of the eras that are remembered.",
			earnings.lost,
		),
	];
	for (name, help, value) in figures {
		text.value(name, "gauge", help, &value);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeMap;

	fn golden() -> Status {
		serde_json::from_str(include_str!("../status/golden/status-v1.json")).expect("the golden file is read")
	}

	/// Checks the format as Prometheus reads it, and returns names with their rows.
	fn parse(text: &str) -> BTreeMap<&str, Vec<(&str, f64)>> {
		let mut families = BTreeMap::<&str, Vec<(&str, f64)>>::new();
		let mut lines = text.lines().peekable();
		while let Some(line) = lines.next() {
			let name = line
				.strip_prefix("# HELP ")
				.and_then(|rest| rest.split(' ').next())
				.expect(line);
			assert!(line.ends_with('.'), "a help line is a sentence: {line}");
			let kind = lines
				.next()
				.and_then(|line| line.strip_prefix("# TYPE "))
				.expect("its type");
			assert!(
				[format!("{name} gauge"), format!("{name} counter")].contains(&kind.to_string()),
				"{kind}"
			);
			assert!(name.starts_with("smart_agent_"), "{name}");
			assert_eq!(kind.ends_with("counter"), name.ends_with("_total"), "{name}");
			let rows = families.entry(name).or_default();
			assert!(rows.is_empty(), "{name} is there twice");
			while let Some(row) = lines.next_if(|line| !line.starts_with('#')) {
				let (key, value) = row.rsplit_once(' ').expect(row);
				assert_eq!(key.split('{').next(), Some(name), "{row}");
				rows.push((key, value.parse().expect(row)));
			}
		}
		families
	}

	#[test]
	fn the_text_is_as_prometheus_reads_it() {
		let text = metrics(&golden());
		assert!(text.ends_with('\n'));
		let families = parse(&text);
		let row = |name: &str, key: &str| {
			families[name]
				.iter()
				.find(|(row, _)| *row == key)
				.unwrap_or_else(|| panic!("no {key}"))
				.1
		};
		let one = |name: &str| row(name, name);
		assert_eq!(one("smart_agent_chain_connected"), 1.0);
		assert_eq!(one("smart_agent_clock_skew_seconds"), -0.038);
		assert_eq!(
			row(
				"smart_agent_units_estimated",
				"smart_agent_units_estimated{resource=\"space\"}"
			),
			38.412
		);
		let won = "smart_agent_rounds_total{resource=\"space\",outcome=\"won\"}";
		assert_eq!(row("smart_agent_rounds_total", won), 47.0);
		assert_eq!(row("smart_agent_plots", "smart_agent_plots{k=\"28\"}"), 34.0);
		assert_eq!(one("smart_agent_plotting_progress_ratio"), 0.314);
		assert_eq!(one("smart_agent_competence_of_all"), 281_474_976_710_656.0);
		assert_eq!(one("smart_agent_claimable_planck"), 21_400_000_000_000.0);
		assert_eq!(one("smart_agent_claimable_eras"), 96.0);
		assert_eq!(one("smart_agent_earned_last_era_planck"), 0.0);
		assert_eq!(one("smart_agent_storage_claimable_planck"), 51_400_000_000.0);
		assert_eq!(one("smart_agent_storage_answer_seconds"), 1.5);
		let held = "smart_agent_storage_slots{state=\"held\"}";
		assert_eq!(row("smart_agent_storage_slots", held), 1.0);
		let rotten = "smart_agent_storage_missed_total{reason=\"rotten\"}";
		assert_eq!(row("smart_agent_storage_missed_total", rotten), 1.0);
		let [right, wrong, late] = ["right", "wrong", "late"].map(|how| one(&format!("smart_agent_work_{how}_units")));
		assert_eq!((right, wrong, late), (412.0, 0.0, 3.0));
		assert_eq!(
			row("smart_agent_problems", "smart_agent_problems{severity=\"warning\"}"),
			1.0
		);
	}

	#[test]
	fn an_agent_that_knows_nothing_yet_has_metrics() {
		let text = metrics(&Status::new(5));
		let families = parse(&text);
		assert!(
			families.contains_key("smart_agent_chain_connected") && !families.contains_key("smart_agent_competence")
		);
	}

	#[test]
	fn no_label_grows_with_what_happens() {
		let rows = |status: &Status| metrics(status).lines().count();
		let (mut status, before) = (golden(), rows(&golden()));
		for number in 0..50 {
			status.rounds.push(crate::status::Round::new(
				Resource::Space,
				number,
				0,
				Outcome::Won,
				"why",
			));
			status
				.problems
				.push(crate::status::Problem::new(Severity::Error, "x", "\"\n\\", "x"));
		}
		status.device = None;
		status.plots.kinds.push(crate::status::PlotKind {
			k: 28,
			strength: 3,
			count: 1,
			damaged: 0,
			bytes: 1,
		});
		assert_eq!(rows(&status), before);
	}
}
