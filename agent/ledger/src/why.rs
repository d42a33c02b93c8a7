//! Why an era brought what it did, in words.

use crate::{
	era::{Closed, PLOTS},
	EraRecord, Seen, State,
};

/// Parts of 10^9 of usage from which on AutoMine pays nothing: 30 %.
const AUTOMINE_BELOW: u32 = 300_000_000;
/// When a win is paid.
const LATER: &str =
	"AutoMine pays for plots of devices with an offer alone, and for a win once the device wins again in a later era";
/// Parts of 10^9 in a tenth of a percent.
const TENTH: u32 = 1_000_000;
/// Thousandths of the time from which on uptime is said to be whole.
const WHOLE: u16 = 995;

impl EraRecord {
	/// Why, in a sentence without its end: `nothing. No win, where 0.4 were expected`.
	pub fn why(&self) -> String {
		match self.state {
			State::Running => match self.seen {
				Some(seen) => format!("not over yet. {}", capital(&wins(&seen))),
				None => "not over yet".into(),
			},
			State::Unknown => "nothing to claim. It brought nothing, or was claimed already".into(),
			State::Nothing => format!("nothing. {}", capital(&self.why_nothing())),
			State::Expired => format!("lost. Nobody claimed it in time; {}", self.why_something()),
			State::Claimable | State::Claimed => self.why_something(),
		}
	}

	/// The gravest reason first.
	fn why_nothing(&self) -> String {
		if let Some(seen) = self.seen.filter(|seen| seen.suspended) {
			return format!("the device was suspended or not registered; {}", wins(&seen));
		}
		if let Some(why) = self.closed.as_ref().and_then(why_no_pot) {
			return why;
		}
		match self.seen {
			None => "the agent did not run here, and no win of another machine of this owner counted".into(),
			Some(seen) if seen.won == 0 && seen.missed > 0 => {
				format!("{}, and {} missed", wins(&seen), rounds(seen.missed))
			}
			Some(seen) if seen.won == 0 => wins(&seen),
			Some(Seen { uptime: Some(0), .. }) => {
				"its uptime counts nothing: what is never there earns nothing, whatever it wins".into()
			}
			Some(seen) => format!("{}; {LATER}", wins(&seen)),
		}
	}

	fn why_something(&self) -> String {
		let mut parts = Vec::new();
		if let Some(seen) = self.seen {
			parts.push(wins(&seen));
			if let Some(uptime) = seen.uptime.filter(|uptime| *uptime < WHOLE) {
				parts.push(format!("uptime counts {} %", tenths(u32::from(uptime))));
			}
			if seen.missed > 0 {
				parts.push(format!("{} missed", rounds(seen.missed)));
			}
			if seen.suspended {
				parts.push("suspended for a part of it".into());
			}
		} else if self.earned.get(PLOTS).is_some_and(|amount| *amount > 0) {
			parts.push("wins of plots, seen on chain alone".into());
		}
		let is_before = self.seen.is_some_and(|seen| seen.won == 0);
		if is_before && self.earned.get(PLOTS).is_some_and(|amount| *amount > 0) {
			parts.push("paid for wins of an era before".into());
		}
		if let Some(closed) = self.closed.as_ref().filter(|closed| is_cut(closed)) {
			let usage = closed.usage;
			parts.push(format!(
				"AutoMine's share was used up at {} % usage: less than the rate",
				percent(usage)
			));
		}
		if parts.is_empty() {
			parts.push("other work than plots".into());
		}
		parts.join(", ")
	}
}

/// Why there was nothing for plots, if there was nothing.
fn why_no_pot(closed: &Closed) -> Option<String> {
	if closed.plots > 0 {
		return None;
	}
	if closed.ceiling == 0 {
		return Some("no STCI might be created any more in this era".into());
	}
	if closed.usage >= AUTOMINE_BELOW {
		let usage = percent(closed.usage);
		return Some(format!(
			"customers used {usage} % of what is proven, and AutoMine pays for plots below 30 % alone"
		));
	}
	if closed.units == 0 {
		return Some("no win of a device with an offer was due: AutoMine pays for one an era later".into());
	}
	Some("AutoMine's share of the era was used up".into())
}

/// Whether plots were paid less than the rate, by more than rounding takes.
fn is_cut(closed: &Closed) -> bool {
	let whole = closed.units.checked_mul(closed.rate).map(|product| product >> 32);
	// The governed split takes its parts first: less than a half of the rate is a cut in any case.
	closed.usage < AUTOMINE_BELOW && closed.plots > 0 && whole.is_some_and(|whole| closed.plots < whole / 2)
}

fn wins(seen: &Seen) -> String {
	let expected = decimal(seen.expected);
	let were = if seen.expected == 1_000 { "was" } else { "were" };
	match seen.won {
		0 => format!("no win, where {expected} {were} expected"),
		1 => format!("1 win, where {expected} {were} expected"),
		won => format!("{won} wins, where {expected} {were} expected"),
	}
}

fn rounds(count: u32) -> String {
	match count {
		1 => "1 round".into(),
		count => format!("{count} rounds"),
	}
}

/// Thousandths with one decimal; two below one, so that 0.04 is not 0.
fn decimal(thousandths: u64) -> String {
	if thousandths > 0 && thousandths < 95 {
		let hundredths = thousandths.saturating_add(5) / 10;
		return format!("0.{:02}", hundredths.max(1));
	}
	let tenths = thousandths.saturating_add(50) / 100;
	match tenths % 10 {
		0 => (tenths / 10).to_string(),
		rest => format!("{}.{rest}", tenths / 10),
	}
}

fn percent(parts: u32) -> String {
	tenths(parts / TENTH)
}

fn tenths(tenths: u32) -> String {
	match tenths % 10 {
		0 => (tenths / 10).to_string(),
		rest => format!("{}.{rest}", tenths / 10),
	}
}

fn capital(text: &str) -> String {
	let mut characters = text.chars();
	match characters.next() {
		Some(first) if !text.starts_with("AutoMine") => first.to_uppercase().chain(characters).collect(),
		_ => text.into(),
	}
}
