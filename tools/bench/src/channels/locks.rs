//! Payments under hashes: our machines beside LDK's nodes, in one run, each on one core and without a disk.

use super::pair::{Commits, Pair};
use crate::report::{Row, FAILED};
use smartchain_tests::{ensure, Error, Result};
use std::{
	process::{Command, Stdio},
	time::Duration,
};

/// Names the program that measures LDK (`tools/bench/peers/ldk`), which `scripts/bench channels` builds.
const LDK: &str = "SMARTCHAIN_BENCH_LDK";
/// How many payments are on their way at once.
const AT_ONCE: u64 = 40;
/// Millisatoshi of a payment by LDK that is too small for an output of its own, which is less to sign.
const SMALL: u64 = 10_000;

/// Payments a second by LDK.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ldk {
	at_once: u64,
	millisatoshi: u64,
	rate: f64,
}

/// What the program has printed.
fn of_lines(said: &str) -> Option<Vec<Ldk>> {
	let line = |line: &str| {
		let mut words = line.split_whitespace();
		Some(Ldk {
			at_once: words.next()?.parse().ok()?,
			millisatoshi: words.next()?.parse().ok()?,
			rate: words.next()?.parse().ok()?,
		})
	};
	said.lines().map(line).collect()
}

fn ldk(lasts: Duration) -> Result<Vec<Ldk>> {
	let program = std::env::var_os(LDK)
		.ok_or_else(|| Error::new("LDK is not built: scripts/bench channels builds it, and says why if it cannot"))?;
	let output = Command::new(program)
		.arg(lasts.as_secs().max(1).to_string())
		.stderr(Stdio::inherit())
		.output()?;
	ensure!(
		output.status.success(),
		"LDK ended with {}: its words are above",
		output.status
	);
	let said = String::from_utf8_lossy(&output.stdout);
	of_lines(&said).ok_or_else(|| Error::new(format!("LDK's figures cannot be read: {said}")))
}

fn ours(commits: Commits, at_once: u64, lasts: Duration) -> Result<f64> {
	Pair::new(commits)?.rate(at_once, lasts)
}

fn beside(rate: f64, peer: Option<f64>) -> String {
	match peer {
		Some(peer) => format!("{rate:.0} a second, {:.1} x LDK", rate / peer.max(f64::MIN_POSITIVE)),
		None => format!("{rate:.0} a second"),
	}
}

/// What was measured.
pub fn rows(lasts: Duration) -> Result<Vec<Row>> {
	eprintln!("  ours ...");
	let single = ours(Commits::Each, 1, lasts)?;
	let joined = ours(Commits::Joined, AT_ONCE, lasts)?;
	let each = ours(Commits::Each, AT_ONCE, lasts)?;
	eprintln!("  LDK ...");
	let peer = ldk(lasts);
	let of = |at_once: u64| {
		let found = peer.as_ref().ok()?.iter();
		let mut found = found.filter(|ldk| ldk.at_once == at_once && ldk.millisatoshi == SMALL);
		Some(found.next()?.rate)
	};
	let mut rows = vec![
		Row::new(
			"payments under a hash, one at a time, one core, no disk",
			">= 5 x LDK",
			beside(single, of(1)),
		),
		Row::new(
			format!("{AT_ONCE} on their way at once: what came meanwhile is stored at once, as `smart-pay` does"),
			">= 5 x LDK",
			beside(joined, of(AT_ONCE)),
		),
		Row::new(
			format!("{AT_ONCE} on their way at once: each event is stored by itself, so that every half goes out"),
			"",
			beside(each, of(AT_ONCE)),
		),
	];
	match peer {
		Err(error) => rows.push(Row::new("LDK", "", format!("{FAILED}: {error}"))),
		Ok(figures) => rows.extend(figures.iter().map(|figure| {
			let output = if figure.millisatoshi == SMALL {
				"too small for an output, as in its own benchmark"
			} else {
				"with an output each"
			};
			Row::new(
				format!("LDK (`lightning` 0.2.7), {} at once, {output}", figure.at_once),
				"",
				format!("{:.0} a second", figure.rate),
			)
		})),
	}
	Ok(rows)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn figures_of_ldk_are_read() {
		let figures = of_lines("1 10000 525.3\n40 10000 3022.0\n").unwrap();
		assert_eq!(
			figures[1],
			Ldk {
				at_once: 40,
				millisatoshi: 10_000,
				rate: 3_022.0
			}
		);
		assert_eq!(of_lines("1 10000\n"), None);
		assert_eq!(of_lines("thread main panicked"), None);
	}
}
