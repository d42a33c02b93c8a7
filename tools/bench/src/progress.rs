//! How far it is: a bar on a terminal, a line now and then elsewhere.

use std::{
	io::{IsTerminal, Write},
	time::{Duration, Instant},
};

const WIDTH: usize = 30;
const EVERY: Duration = Duration::from_secs(15);

/// The bar of one part of the benchmark.
pub struct Progress {
	name: String,
	start: Instant,
	expected: Duration,
	shown: Option<Instant>,
	terminal: bool,
}

impl Progress {
	/// A part that takes about this long.
	pub fn new(name: impl Into<String>, expected: Duration) -> Self {
		let terminal = std::io::stderr().is_terminal();
		Self {
			name: name.into(),
			start: Instant::now(),
			expected,
			shown: None,
			terminal,
		}
	}

	/// Shows how far the part is by its time, and what is going on.
	pub fn show(&mut self, what: &str) {
		let share = self.start.elapsed().as_secs_f64() / self.expected.as_secs_f64().max(0.001);
		self.show_share(share, what);
	}

	/// Shows that a share of the part is done.
	pub fn show_share(&mut self, share: f64, what: &str) {
		let pause = if self.terminal {
			Duration::from_millis(200)
		} else {
			EVERY
		};
		if self.shown.is_some_and(|shown| shown.elapsed() < pause) {
			return;
		}
		self.shown = Some(Instant::now());
		let share = share.clamp(0.0, 1.0);
		let full = (share * WIDTH as f64) as usize;
		let line = format!(
			"[{}{}] {:3.0} %  {} s  {}: {what}",
			"#".repeat(full),
			".".repeat(WIDTH - full),
			share * 100.0,
			self.start.elapsed().as_secs(),
			self.name
		);
		let mut stderr = std::io::stderr();
		let _ = if self.terminal {
			write!(stderr, "\r\x1b[K{line}")
		} else {
			writeln!(stderr, "{line}")
		};
		let _ = stderr.flush();
	}

	/// The part is done; says what came of it.
	pub fn done(self, result: &str) {
		let clear = if self.terminal { "\r\x1b[K" } else { "" };
		eprintln!("{clear}{} ({} s): {result}", self.name, self.start.elapsed().as_secs());
	}
}
