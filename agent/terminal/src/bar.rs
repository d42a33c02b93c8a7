//! Bars: a line that is written over on a terminal, and a line now and then elsewhere.

use std::{
	io::{self, Write},
	time::{Duration, Instant},
};

/// How often a terminal is drawn to, at most.
pub(super) const DRAW: Duration = Duration::from_millis(100);
/// How often a log gets a line.
pub(super) const LINE: Duration = Duration::from_secs(10);
/// Characters of the bar itself.
const WIDTH: usize = 24;
/// Columns of a terminal that does not say how many it has.
const COLUMNS: usize = 80;

/// How far something is. It leaves nothing on a terminal when it goes.
#[derive(Debug)]
pub struct Bar {
	what: String,
	draws: bool,
	told: Option<Instant>,
	began: Instant,
}

impl Bar {
	pub(super) fn new(what: &str, draws: bool) -> Self {
		Self {
			what: what.into(),
			draws,
			told: None,
			began: Instant::now(),
		}
	}

	/// Tells how far it is, in thousandths if that is known, and a few words. It may be called as often as one likes.
	pub fn tell(&mut self, thousandths: Option<u16>, words: &str) {
		let every = if self.draws { DRAW } else { LINE };
		// A log hears nothing of what is over at once.
		let last = self.told.or((!self.draws).then_some(self.began));
		if last.is_some_and(|last| last.elapsed() < every) {
			return;
		}
		self.told = Some(Instant::now());
		let line = line(&self.what, thousandths, words, self.draws);
		let _ = if self.draws {
			let cut: String = line.chars().take(columns().saturating_sub(1)).collect();
			write!(io::stderr(), "\r\u{1b}[2K{cut}").and_then(|()| io::stderr().flush())
		} else {
			writeln!(io::stderr(), "{line}")
		};
	}

	/// How long it has taken so far.
	pub fn elapsed(&self) -> Duration {
		self.began.elapsed()
	}
}

impl Drop for Bar {
	fn drop(&mut self) {
		if self.draws && self.told.is_some() {
			let _ = write!(io::stderr(), "\r\u{1b}[2K").and_then(|()| io::stderr().flush());
		}
	}
}

pub(super) fn columns() -> usize {
	rustix::termios::tcgetwinsize(io::stderr())
		.ok()
		.map(|size| usize::from(size.ws_col))
		.filter(|columns| *columns > 0)
		.unwrap_or(COLUMNS)
}

pub(super) fn line(what: &str, thousandths: Option<u16>, words: &str, draws: bool) -> String {
	let Some(thousandths) = thousandths.map(|thousandths| thousandths.min(1000)) else {
		return format!("{what}: {words}");
	};
	let percent = format!("{}.{} %", thousandths / 10, thousandths % 10);
	if !draws {
		return format!("{what}: {percent}, {words}");
	}
	let full = WIDTH * usize::from(thousandths) / 1000;
	format!(
		"{what} {}{} {percent:>7}  {words}",
		"█".repeat(full),
		"░".repeat(WIDTH - full)
	)
}

/// A time as people say it: the two largest units.
pub fn duration(time: Duration) -> String {
	let seconds = time.as_secs();
	let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
	match seconds {
		0 if time.as_millis() > 0 => format!("{} ms", time.as_millis()),
		0..=59 => format!("{seconds} s"),
		60..=3_599 => format!("{minutes} min {} s", seconds % 60),
		3_600..=86_399 => format!("{hours} h {} min", minutes % 60),
		_ => format!("{days} d {} h", hours % 24),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn bars_are_for_terminals() {
		assert_eq!(line("Plotting", Some(505), "3 min", false), "Plotting: 50.5 %, 3 min");
		let drawn = line("Plotting", Some(500), "3 min", true);
		assert_eq!(drawn.matches('█').count(), 12);
		assert_eq!(drawn.matches('░').count(), 12);
		assert_eq!(line("Waiting", None, "for money", true), "Waiting: for money");
		assert!(line("x", Some(u16::MAX), "", true).contains("100.0 %"));
	}

	#[test]
	fn times_are_short() {
		for (seconds, text) in [
			(0, "0 s"),
			(59, "59 s"),
			(61, "1 min 1 s"),
			(7_260, "2 h 1 min"),
			(90_000, "1 d 1 h"),
		] {
			assert_eq!(duration(Duration::from_secs(seconds)), text);
		}
		assert_eq!(duration(Duration::from_millis(7)), "7 ms");
	}
}
