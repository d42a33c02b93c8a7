//! Several bars below each other, written over on a terminal; elsewhere one line for all of them now and then.

use crate::bar::{columns, line, DRAW, LINE};
use std::{
	io::{self, Write},
	time::Instant,
};

/// Lines that are drawn at most: a terminal that is lower than that would scroll.
const MOST_ROWS: usize = 34;

/// A line of bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
	/// What it is of.
	pub what: String,
	/// How far it is, in thousandths if that is known.
	pub thousandths: Option<u16>,
	/// A few words.
	pub words: String,
}

/// Bars below each other. They leave nothing on a terminal when they go.
#[derive(Debug)]
pub struct Bars {
	draws: bool,
	drawn: usize,
	told: Option<Instant>,
	began: Instant,
}

impl Bars {
	pub(super) fn new(draws: bool) -> Self {
		Self {
			draws,
			drawn: 0,
			told: None,
			began: Instant::now(),
		}
	}

	/// Tells how far each is, and all together by the first row, which alone goes to a log. It may be called as
	/// often as one likes.
	pub fn tell(&mut self, rows: &[Row]) {
		let every = if self.draws { DRAW } else { LINE };
		// A log hears nothing of what is over at once.
		let last = self.told.or((!self.draws).then_some(self.began));
		if last.is_some_and(|last| last.elapsed() < every) {
			return;
		}
		self.told = Some(Instant::now());
		let _ = if self.draws {
			let text = over(self.drawn, rows, columns());
			self.drawn = rows.len().min(MOST_ROWS);
			write!(io::stderr(), "{text}").and_then(|()| io::stderr().flush())
		} else {
			let first = rows
				.first()
				.map(|row| line(&row.what, row.thousandths, &row.words, false));
			writeln!(io::stderr(), "{}", first.unwrap_or_default())
		};
	}
}

impl Drop for Bars {
	fn drop(&mut self) {
		if self.drawn > 0 {
			let _ = write!(io::stderr(), "{}", over(self.drawn, &[], 0)).and_then(|()| io::stderr().flush());
		}
	}
}

/// What takes the place of so many lines above the cursor.
fn over(drawn: usize, rows: &[Row], columns: usize) -> String {
	let mut text = match drawn {
		0 => String::new(),
		lines => format!("\u{1b}[{lines}A\r\u{1b}[J"),
	};
	let width = rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
	for row in rows.iter().take(MOST_ROWS) {
		let blanks = " ".repeat(width - row.what.chars().count());
		let whole = line(&format!("{}{blanks}", row.what), row.thousandths, &row.words, true);
		text.extend(whole.chars().take(columns.saturating_sub(1)));
		text.push('\n');
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	fn row(what: &str, words: &str) -> Row {
		Row {
			what: what.into(),
			thousandths: Some(500),
			words: words.into(),
		}
	}

	#[test]
	fn rows_take_the_place_of_what_was_drawn() {
		let rows = [row("All", "1 MiB/s"), row("Slot 0", "")];
		let first = over(0, &rows, 80);
		assert_eq!(first.lines().count(), 2);
		assert!(!first.contains('\u{1b}'), "nothing is there yet");
		assert!(first.starts_with("All    █"), "{first}");
		assert!(over(2, &rows, 80).starts_with("\u{1b}[2A\r\u{1b}[J"));
		assert_eq!(over(2, &[], 0), "\u{1b}[2A\r\u{1b}[J");
		assert!(over(0, &rows, 10).lines().all(|line| line.chars().count() == 9));
	}

	#[test]
	fn more_rows_than_a_terminal_has_are_cut() {
		let rows = vec![row("x", ""); 100];
		assert_eq!(over(0, &rows, 80).lines().count(), MOST_ROWS);
	}
}
