//! `doctor`: what is wrong with this machine, node and device, and what to do.

mod chain;
mod machine;
mod storage;
mod work;

use super::{Code, Context, Failure};
use crate::{cli::Common, terminal::Terminal, terminal::Tone};
use serde::Serialize;
use std::process::ExitCode;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
	/// It is well.
	Ok,
	/// Somebody should look.
	Warn,
	/// It keeps the device from its work.
	Fail,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
	/// What was looked at.
	pub of: &'static str,
	/// How it came out.
	pub verdict: Verdict,
	/// What was seen.
	pub seen: String,
	/// What to do; empty if there is nothing to be done.
	pub remedy: String,
}

impl Check {
	pub fn ok(of: &'static str, seen: impl Into<String>) -> Self {
		Self {
			of,
			verdict: Verdict::Ok,
			seen: seen.into(),
			remedy: String::new(),
		}
	}

	pub fn warn(of: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
		Self {
			of,
			verdict: Verdict::Warn,
			seen: seen.into(),
			remedy: remedy.into(),
		}
	}

	pub fn fail(of: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
		Self {
			of,
			verdict: Verdict::Fail,
			seen: seen.into(),
			remedy: remedy.into(),
		}
	}

	/// One of a failure, which says its remedy last, after a semicolon or a colon.
	pub fn failed(of: &'static str, failure: &Failure) -> Self {
		let said = failure.message.as_str();
		let end = said.rfind("; ").max(said.rfind(": "));
		let (seen, remedy) = end.and_then(|end| said.split_at_checked(end)).unwrap_or((said, ""));
		Self::fail(of, seen, remedy.trim_start_matches([';', ':', ' ']))
	}
}

/// Carries out the command.
///
/// # Errors
/// None; what is wrong is told line by line, and by the exit code.
pub async fn run(common: &Common) -> Result<ExitCode, Failure> {
	let terminal = common.terminal();
	let mut checks = vec![machine::program(), machine::plotter()];
	match Context::new(common) {
		Ok(context) => {
			checks.push(machine::configuration(&context));
			checks.extend(machine::keys(&context));
			checks.push(machine::memory());
			checks.push(machine::disk(&context));
			checks.extend(machine::port(&context).await);
			checks.push(machine::plots(&context));
			checks.extend(chain::checks(&context).await);
		}
		Err(failure) => checks.push(Check::failed("configuration", &failure)),
	}
	terminal.facts(&checks, |terminal| text(terminal, &checks));
	let worst = checks.iter().map(|check| check.verdict).max();
	Ok(match worst {
		Some(Verdict::Fail) => Code::Unhealthy.into(),
		_ => ExitCode::SUCCESS,
	})
}

fn text(terminal: &Terminal, checks: &[Check]) -> String {
	let mut text = String::new();
	for check in checks {
		let mark = match check.verdict {
			Verdict::Ok => terminal.toned(Tone::Good, "ok  "),
			Verdict::Warn => terminal.toned(Tone::Warning, "warn"),
			Verdict::Fail => terminal.toned(Tone::Bad, "fail"),
		};
		text.push_str(&format!("{mark}  {:<14}  {}\n", check.of, check.seen));
		if !check.remedy.is_empty() {
			text.push_str(&format!("{:22}-> {}\n", "", check.remedy));
		}
	}
	let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
	let (warned, failed) = (count(Verdict::Warn), count(Verdict::Fail));
	let sum = match (failed, warned) {
		(0, 0) => "All is well.".to_owned(),
		(0, _) => format!("{warned} to look at; none keeps the device from its work."),
		_ => format!("Begin with the first `fail`: others may come of it.\n{failed} to mend, {warned} to look at."),
	};
	text + "\n" + &sum
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::terminal::Colors;

	#[test]
	fn each_line_says_what_to_do() {
		let checks = [
			Check::ok("memory", "8 GiB"),
			Check::warn("clock", "late", "set it"),
			Check::failed("keys", &Failure::other("a is open; run `chmod 600 a`")),
		];
		let text = text(&Terminal::new(false, Colors::Never), &checks);
		assert!(text.contains("ok    memory          8 GiB\n"), "{text}");
		assert!(
			text.contains("warn  clock           late\n") && text.contains("-> set it"),
			"{text}"
		);
		assert!(
			text.contains("fail  keys            a is open\n") && text.contains("-> run `chmod 600 a`"),
			"{text}"
		);
		assert!(text.ends_with("1 to mend, 1 to look at."), "{text}");
		assert!(Verdict::Fail > Verdict::Warn && Verdict::Warn > Verdict::Ok);
	}
}
