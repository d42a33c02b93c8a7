//! The status as a person reads it.

use crate::{
	status::{
		unix_now, Cluster, Connection, DeviceState, LinkState, Lottery, Severity, Status, Tally, COMPETENCE_OF_ALL,
	},
	terminal::{bytes, columns, duration, money::Currency, Terminal, Tone},
};
use smart_agent_chain::{DECIMALS, SYMBOL};
use std::time::Duration;

/// Digits of a share: hundredths of a percent.
const SHARE: u128 = 10_000;

/// What the columns of lotteries mean, in a few words.
const LEGEND: &str = "\
claims: plots, or segments of compute a window, that the chain was told of. scored: what wins have shown of them, \
give or\ntake its error. assured: what of that counts. won, expected: wins of late, and as many as the claims let \
expect; that they\ndiffer by a few is chance. A round is one question of the chain, open for some slots; missed: not \
answered in time.\n";

/// All of it, in some twenty lines.
pub(super) fn text(terminal: &Terminal, status: &Status, runs: bool) -> String {
	let mut lines = vec![("Agent", agent(terminal, status, runs))];
	if let Some(device) = &status.device {
		let state = match device.state {
			DeviceState::Active => terminal.toned(Tone::Good, "registered, active"),
			DeviceState::Suspended => terminal.toned(Tone::Warning, "suspended"),
			DeviceState::NotRegistered => terminal.toned(Tone::Bad, "not registered"),
			DeviceState::Registering => terminal.toned(Tone::Warning, "being registered"),
			DeviceState::Retired => terminal.toned(Tone::Bad, "retired"),
			DeviceState::Revoked => terminal.toned(Tone::Bad, "revoked"),
			DeviceState::Struck => terminal.toned(Tone::Bad, "struck"),
			DeviceState::Unknown => "not known yet".into(),
		};
		lines.push(("Device", format!("{state}  {}", device.did)));
		lines.push(("Owner", device.owner.clone()));
	}
	lines.push(("Chain", chain(terminal, status)));
	lines.push(("Score", score(terminal, status)));
	if let Some(link) = &status.link {
		let state = match link.state {
			LinkState::Offered => "offered to",
			LinkState::NextEra => "from the next era on counts for",
			LinkState::Counts => "counts for",
		};
		let cluster = link.cluster.map(|cluster| match cluster {
			Cluster::Director => ", a director",
			Cluster::StandbySigner => ", a standby signer",
			Cluster::StandbyComputeNode => ", a standby compute node",
			Cluster::OrdinaryNode => ", an ordinary node",
		});
		lines.push((
			"Link",
			format!("{state} {}{}", link.candidate, cluster.unwrap_or_default()),
		));
	}
	if let Some(earnings) = &status.earnings {
		let currency = Currency::new(SYMBOL, DECIMALS);
		lines.push(("Earned", crate::earnings::line(earnings, &currency)));
	}
	if let Some(storage) = &status.storage {
		let currency = Currency::new(SYMBOL, DECIMALS);
		lines.push(("Storage", smart_agent_storage::words::line(storage, &currency)));
	}
	lines.push(("Plots", plots(status)));
	let mut text = columns(&lines);
	text.push('\n');
	text.push_str(&lotteries(terminal, status, runs));
	for problem in &status.problems {
		let (tone, mark) = match problem.severity {
			Severity::Error => (Tone::Bad, "error"),
			Severity::Warning => (Tone::Warning, "warning"),
			Severity::Info => (Tone::Dim, "note"),
		};
		text.push_str(&format!(
			"{}: {}; {}\n",
			terminal.toned(tone, mark),
			problem.what,
			problem.remedy
		));
	}
	text
}

fn agent(terminal: &Terminal, status: &Status, runs: bool) -> String {
	if !runs {
		return terminal.toned(Tone::Bad, "does not run; this is what chain and disk tell");
	}
	let since = Duration::from_secs(unix_now().saturating_sub(status.agent.started));
	format!(
		"{}, {} for {}",
		terminal.toned(Tone::Good, "runs"),
		status.agent.version,
		duration(since)
	)
}

fn chain(terminal: &Terminal, status: &Status) -> String {
	let chain = &status.chain;
	let state = match &chain.connection {
		Connection::Connected { .. } => terminal.toned(Tone::Good, "connected"),
		Connection::Never => terminal.toned(Tone::Bad, "not reached yet"),
		Connection::Lost { why, .. } => terminal.toned(Tone::Bad, &format!("lost: {why}")),
	};
	let number = |number: Option<u64>| number.map_or("?".into(), |number| number.to_string());
	format!(
		"{} by {}, {state}; block {}, final {}",
		chain.name,
		chain.node,
		number(chain.best),
		number(chain.finalized)
	)
}

/// Parts of the competence of all, in hundredths of a percent.
fn share(value: u64) -> String {
	let parts = u128::from(value) * SHARE / u128::from(COMPETENCE_OF_ALL);
	format!("{}.{:02} %", parts / 100, parts % 100)
}

fn score(terminal: &Terminal, status: &Status) -> String {
	match &status.competence {
		None => "not known yet".into(),
		Some(score) if score.value == 0 => {
			"none yet; it comes with wins: let `smart-agent run` work for a day, a minute on test chains".into()
		}
		Some(score) => format!(
			"{} ({} to {}) of all plots, compute and bandwidth, weighted, times uptime",
			terminal.toned(Tone::Strong, &share(score.value)),
			share(score.low),
			share(score.high)
		),
	}
}

fn plots(status: &Status) -> String {
	let kind = |kind: &crate::status::PlotKind| {
		let damaged = if kind.damaged > 0 {
			format!(", {} damaged", kind.damaged)
		} else {
			String::new()
		};
		format!("{} of size {}, {}{damaged}", kind.count, kind.k, bytes(kind.bytes))
	};
	let mut parts: Vec<String> = status.plots.kinds.iter().map(kind).collect();
	if parts.is_empty() {
		parts.push("none".into());
	}
	if let Some(free) = status.plots.free_bytes {
		parts.push(format!("{} free", bytes(free)));
	}
	if let Some(making) = &status.plots.making {
		let left = making.seconds_left.map(Duration::from_secs);
		parts.push(format!(
			"making {} of {}, size {}{}",
			making.done.saturating_add(1).min(making.of),
			making.of,
			making.k,
			left.map_or(String::new(), |left| format!(", {} left", duration(left))),
		));
	}
	parts.join("; ")
}

fn lotteries(terminal: &Terminal, status: &Status, runs: bool) -> String {
	if status.lotteries.is_empty() {
		return String::new();
	}
	let head = format!(
		"{:<8} {:>8} {:>20} {:>9} {:>8} {:>10} {:>19}",
		"", "claims", "scored", "assured", "won", "expected", "rounds won / missed"
	);
	let line = |lottery: &Lottery| {
		let scored = format!("{} ± {}", lottery.estimate, lottery.error);
		let Tally { won, missed, .. } = status.tallies.of(lottery.resource);
		let rounds = if runs {
			format!("{won} / {missed}")
		} else {
			String::new()
		};
		let line = format!(
			"{:<8} {:>8} {scored:>20} {:>9} {:>8} {:>10} {rounds:>19}\n",
			lottery.resource.name(),
			lottery.claimed,
			lottery.assured.to_string(),
			lottery.wins.to_string(),
			lottery.expected.to_string(),
		);
		let why = lottery
			.why_not
			.as_ref()
			.map(|why| format!("         {}\n", terminal.toned(Tone::Dim, why)));
		line + &why.unwrap_or_default()
	};
	let lines: String = status.lotteries.iter().map(line).collect();
	format!(
		"{}\n{lines}{}\n",
		terminal.toned(Tone::Dim, &head),
		terminal.toned(Tone::Dim, LEGEND)
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::terminal::Colors;

	const GOLDEN: &str = crate::status::EXAMPLE;

	#[test]
	fn a_person_sees_what_matters() {
		let status: Status = serde_json::from_str(GOLDEN).unwrap();
		let text = text(&Terminal::new(false, Colors::Never), &status, true);
		for part in [
			"runs, 0.1.0 for",
			"registered, active",
			"SmartChain Local by ws://127.0.0.1:9944, connected; block 418260, final 418258",
			"0.40 % (0.36 % to 0.44 %) of all plots, compute and bandwidth, weighted, times uptime",
			"counts for 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY, a standby signer",
			"38.412 ± 3.914",
			"assured: what of that counts",
			"A round is one question of the chain",
			"47 / 2",
			"warning: one plot of size 28 is damaged",
			"making 4 of 12, size 28, 47 min 50 s left",
			"0 STCI in the last era; 14.25 STCI in a day; 21.4 STCI of 96 eras to be claimed; 3.6 STCI on its way",
		] {
			assert!(text.contains(part), "{part} is missing in\n{text}");
		}
		assert!(!text.contains('\u{1b}'));
	}

	#[test]
	fn nothing_known_is_said_to_be_so() {
		let text = text(&Terminal::new(false, Colors::Never), &Status::new(0), false);
		assert!(text.contains("does not run") && text.contains("not reached yet") && text.contains("not known yet"));
	}
}
