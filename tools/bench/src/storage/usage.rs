//! What a command takes: seconds by the clock, seconds of processors, memory. The kernel's own count, as `time` has it.

use crate::progress::Progress;
use smartchain_tests::{ensure, Error, Result};
use std::{
	ffi::OsStr,
	process::{Command, Stdio},
	time::{Duration, Instant},
};

/// How often it is shown that a command is at work, and about how long one takes, for the bar.
const SHOWN: Duration = Duration::from_millis(500);
const USUAL: Duration = Duration::from_secs(60);
/// Characters of its arguments that stand beside the bar.
const SHORT: usize = 48;

/// What a command took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Used {
	/// Seconds from its start to its end.
	pub wall: f64,
	/// Seconds that it had a processor, of its own and of the kernel's.
	pub cpu: f64,
	/// The most bytes of memory that it had at once.
	pub peak: u64,
}

/// A program that dies with whoever started it.
pub fn program(name: impl AsRef<OsStr>) -> Command {
	let mut command = Command::new("setpriv");
	command.args(["--pdeathsig", "KILL", "--"]).arg(name);
	command
}

/// Runs a command to its end: what it took, and what it wrote to its standard output.
///
/// # Errors
/// If it cannot be run, fails, or takes longer than this.
pub async fn run(command: &Command, limit: Duration) -> Result<(Used, Vec<u8>)> {
	let (what, report) = (words(command), tempfile::NamedTempFile::new()?);
	let mut timed = tokio::process::Command::new("time");
	timed
		.args(["--quiet", "--format=%U %S %M", "--output"])
		.arg(report.path());
	timed.arg(command.get_program()).args(command.get_args());
	for (name, value) in command.get_envs() {
		match value {
			Some(value) => timed.env(name, value),
			None => timed.env_remove(name),
		};
	}
	timed.stdin(Stdio::null()).kill_on_drop(true);
	let (began, mut bar) = (Instant::now(), None);
	let ending = tokio::time::timeout(limit, timed.output());
	tokio::pin!(ending);
	let output = loop {
		tokio::select! {
			ended = &mut ending => break ended,
			() = tokio::time::sleep(SHOWN) => {
				bar.get_or_insert_with(|| Progress::new("  a command", USUAL)).show(&short(&what));
			}
		}
	};
	let wall = began.elapsed().as_secs_f64();
	if let Some(bar) = bar {
		bar.done(&short(&what));
	}
	let output = output
		.map_err(|_| Error::new(format!("{what}: not done after {limit:?}")))?
		.map_err(|error| {
			Error::new(format!(
				"{what}: cannot be timed: {error}; install Debian's package time"
			))
		})?;
	let said = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "{what}: {}: {}", output.status, said.trim());
	let report = std::fs::read_to_string(report.path())?;
	let used = of_report(&report, wall).ok_or_else(|| Error::new(format!("{what}: `time` says {report:?}")))?;
	Ok((used, output.stdout))
}

fn of_report(report: &str, wall: f64) -> Option<Used> {
	let mut words = report.lines().last()?.split_whitespace();
	let (user, system) = (words.next()?.parse::<f64>().ok()?, words.next()?.parse::<f64>().ok()?);
	let kilobytes: u64 = words.next()?.parse().ok()?;
	Some(Used {
		wall,
		cpu: user + system,
		peak: kilobytes.saturating_mul(1024),
	})
}

/// The command without what starts it.
fn words(command: &Command) -> String {
	let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
	match words.iter().position(|word| word == "--") {
		Some(at) => words[at + 1..].join(" "),
		None => format!("{} {}", command.get_program().to_string_lossy(), words.join(" ")),
	}
}

/// The program's name and the end of its arguments: what fits beside a bar.
fn short(words: &str) -> String {
	let (program, rest) = words.split_once(' ').unwrap_or((words, ""));
	let name = program.rsplit('/').next().unwrap_or(program);
	let left_out = rest.chars().count().saturating_sub(SHORT);
	let end: String = rest.chars().skip(left_out).collect();
	match left_out {
		0 => format!("{name} {end}"),
		_ => format!("{name} ... {end}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_time_says_is_read() {
		let used = of_report("1.50 0.25 2048\n", 3.0).unwrap();
		assert_eq!(
			used,
			Used {
				wall: 3.0,
				cpu: 1.75,
				peak: 2 << 20
			}
		);
		assert_eq!(of_report("1.50 0.25", 3.0), None);
		assert_eq!(of_report("", 3.0), None);
	}

	#[test]
	fn a_command_is_named_without_what_starts_it() {
		let mut command = program("restic");
		command.arg("init");
		assert_eq!(words(&command), "restic init");
		assert_eq!(short("/usr/bin/restic init"), "restic init");
		let long = format!("/usr/bin/smart {} put", "x".repeat(100));
		assert_eq!(short(&long), format!("smart ... {} put", "x".repeat(SHORT - 4)));
	}
}
