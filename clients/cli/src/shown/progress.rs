//! How far the slots of a deal are, counted by whoever carries them, shown by whoever has a terminal.

use super::plain;
use smart_agent_terminal::{bytes, duration, Bar, Row, Terminal};
use smart_market::{is_away, Answer, Market};
use std::{
	future::Future,
	sync::{
		atomic::{AtomicBool, AtomicU64, Ordering},
		Arc, Mutex, PoisonError,
	},
	time::{Duration, Instant},
};
use tokio::task::AbortHandle;

/// How often it is shown.
const SHOW: Duration = Duration::from_millis(250);
/// Over how many looks a rate is: five seconds.
const LOOKS: usize = 20;
/// How often a node that does not answer is asked again: some ten minutes.
const ASKS: u32 = 200;

/// How far one slot is.
#[derive(Debug, Default)]
struct Gauge {
	/// Bytes that are there.
	there: AtomicU64,
	/// Bytes of these that were carried now, for rates.
	carried: AtomicU64,
	/// Whether its device failed.
	failed: AtomicBool,
}

/// How far all slots are. Counts cost next to nothing.
#[derive(Debug)]
pub struct Gauges {
	length: u64,
	slots: Vec<Gauge>,
	names: Mutex<Vec<String>>,
}

impl Gauges {
	/// Of so many slots of so many bytes.
	pub fn new(slots: u8, length: u64) -> Arc<Self> {
		Arc::new(Self {
			length,
			slots: (0..slots).map(|_| Gauge::default()).collect(),
			names: Mutex::new(vec![String::new(); slots.into()]),
		})
	}

	fn slot(&self, slot: u8) -> Option<&Gauge> {
		self.slots.get(usize::from(slot))
	}

	/// What is said of a slot besides, such as its device.
	pub fn name(&self, slot: u8, name: String) {
		let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(known) = names.get_mut(usize::from(slot)) {
			*known = name;
		}
	}

	/// So many bytes of a slot, from its start, are there.
	pub fn there(&self, slot: u8, bytes: u64) {
		if let Some(gauge) = self.slot(slot) {
			gauge.there.store(bytes, Ordering::Relaxed);
		}
	}

	/// So many bytes of a slot were carried.
	pub fn carried(&self, slot: u8, bytes: u64) {
		if let Some(gauge) = self.slot(slot) {
			gauge.carried.fetch_add(bytes, Ordering::Relaxed);
		}
	}

	/// The device of a slot failed, or is well again.
	pub fn failed(&self, slot: u8, failed: bool) {
		if let Some(gauge) = self.slot(slot) {
			gauge.failed.store(failed, Ordering::Relaxed);
		}
	}

	/// Bytes that were carried in all.
	pub fn all_carried(&self) -> u64 {
		self.slots
			.iter()
			.map(|gauge| gauge.carried.load(Ordering::Relaxed))
			.sum()
	}

	/// One row for all, then one a slot. `rates` are bytes a second, by slots.
	fn rows(&self, what: &str, rates: &[u64]) -> Vec<Row> {
		let part = |there: u64, of: u64| match of {
			0 => 1_000,
			of => u16::try_from(u128::from(there) * 1_000 / u128::from(of)).unwrap_or(1_000),
		};
		let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
		let mut rows = Vec::with_capacity(self.slots.len() + 1);
		let (mut there, mut whole) = (0_u64, 0_u64);
		for (at, gauge) in self.slots.iter().enumerate() {
			let here = gauge.there.load(Ordering::Relaxed).min(self.length);
			there = there.saturating_add(here);
			whole = whole.saturating_add(self.length);
			let rate = rates.get(at).copied().unwrap_or(0);
			let state = match gauge.failed.load(Ordering::Relaxed) {
				true => "not reached".into(),
				false if here == self.length => "there".into(),
				false => format!("{}/s", bytes(rate)),
			};
			let name = names.get(at).map(String::as_str).unwrap_or_default();
			rows.push(Row {
				what: format!("Slot {at}"),
				thousandths: Some(part(here, self.length)),
				words: format!("{state}  {name}"),
			});
		}
		let rate: u64 = rates.iter().sum();
		let left = match (whole - there).checked_div(rate) {
			Some(seconds) => format!(", {} left", duration(Duration::from_secs(seconds))),
			None => String::new(),
		};
		let all = Row {
			what: what.into(),
			thousandths: Some(part(there, whole)),
			words: format!("{} of {}, {}/s{left}", bytes(there), bytes(whole), bytes(rate)),
		};
		rows.insert(0, all);
		rows
	}

	fn counts(&self) -> Vec<u64> {
		self.slots
			.iter()
			.map(|gauge| gauge.carried.load(Ordering::Relaxed))
			.collect()
	}
}

/// Rates over the last looks; older ones go.
fn rate_of(looks: &mut Vec<(Instant, Vec<u64>)>) -> Vec<u64> {
	if looks.len() > LOOKS {
		looks.remove(0);
	}
	match (looks.first(), looks.last()) {
		(Some((from, before)), Some((to, now))) => rates(before, now, to.duration_since(*from)),
		_ => Vec::new(),
	}
}

/// Bytes a second between two looks.
fn rates(before: &[u64], now: &[u64], time: Duration) -> Vec<u64> {
	let milliseconds = time.as_millis().max(1);
	let rate = |(before, now): (&u64, &u64)| {
		let bytes = u128::from(now.saturating_sub(*before)) * 1_000 / milliseconds;
		u64::try_from(bytes).unwrap_or(u64::MAX)
	};
	before.iter().zip(now).map(rate).collect()
}

/// How many bytes have come.
#[derive(Debug)]
pub struct Tally {
	bytes: AtomicU64,
	total: Option<u64>,
}

impl Tally {
	/// Of so many in all, if that is known.
	pub fn new(total: Option<u64>) -> Arc<Self> {
		Arc::new(Self {
			bytes: AtomicU64::new(0),
			total,
		})
	}

	/// So many more have come.
	pub fn add(&self, bytes: u64) {
		self.bytes.fetch_add(bytes, Ordering::Relaxed);
	}

	/// How far it is, and in words, by a rate in bytes a second.
	fn words(&self, rate: u64) -> (Option<u16>, String) {
		let there = self.bytes.load(Ordering::Relaxed);
		let Some(total) = self.total else {
			return (None, format!("{}, {}/s", bytes(there), bytes(rate)));
		};
		let there = there.min(total);
		let part = u128::from(there) * 1_000 / u128::from(total.max(1));
		let left = (total - there).checked_div(rate);
		let left = left.map(|seconds| format!(", {} left", duration(Duration::from_secs(seconds))));
		let words = format!(
			"{} of {}, {}/s{}",
			bytes(there),
			bytes(total),
			bytes(rate),
			left.unwrap_or_default()
		);
		(u16::try_from(part).ok(), words)
	}
}

/// Where it is shown: at a terminal, or nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Show(Option<Terminal>);

impl Show {
	/// At this terminal.
	pub fn at(terminal: Terminal) -> Self {
		Self(Some(terminal))
	}

	/// Says something beside the facts.
	pub fn say(&self, text: &str) {
		if let Some(terminal) = &self.0 {
			terminal.say(&plain(text));
		}
	}

	/// Says what was done.
	pub fn done(&self, text: &str) {
		if let Some(terminal) = &self.0 {
			terminal.done(&plain(text));
		}
	}

	/// Says that somebody should look.
	pub fn warn(&self, text: &str) {
		if let Some(terminal) = &self.0 {
			terminal.warn(&plain(text));
		}
	}

	/// Shows gauges as long as what is returned lives.
	pub fn gauges(&self, what: &str, gauges: &Arc<Gauges>) -> Shown {
		let Some(terminal) = self.0 else {
			return Shown(None);
		};
		let (what, gauges) = (what.to_owned(), gauges.clone());
		let (mut bars, mut looks) = (terminal.bars(), Vec::new());
		Shown::of(move || {
			looks.push((Instant::now(), gauges.counts()));
			bars.tell(&gauges.rows(&what, &rate_of(&mut looks)));
		})
	}

	/// Shows a tally as long as what is returned lives.
	pub fn tally(&self, what: &str, tally: &Arc<Tally>) -> Shown {
		let Some(terminal) = self.0 else {
			return Shown(None);
		};
		let tally = tally.clone();
		let (mut bar, mut looks) = (terminal.bar(what), Vec::new());
		Shown::of(move || {
			looks.push((Instant::now(), vec![tally.bytes.load(Ordering::Relaxed)]));
			let rate = rate_of(&mut looks).first().copied().unwrap_or(0);
			let (part, words) = tally.words(rate);
			bar.tell(part, &words);
		})
	}

	/// For what is waited for in many short steps.
	pub fn waits(&self) -> Waits {
		Waits {
			terminal: self.0,
			bar: None,
		}
	}

	/// Waits for something that takes its time, and says so.
	pub async fn waiting<T>(&self, what: &str, wanted: impl Future<Output = T>) -> T {
		match &self.0 {
			Some(terminal) => smart_agent_setup::waiting(terminal, what, wanted).await,
			None => wanted.await,
		}
	}
}

/// What is waited for in many short steps, as one line.
pub struct Waits {
	terminal: Option<Terminal>,
	bar: Option<Bar>,
}

impl Waits {
	/// Says what is waited for, and waits for one step.
	pub async fn step<T>(&mut self, words: &str, wanted: impl Future<Output = T>) -> T {
		if let Some(terminal) = &self.terminal {
			self.bar
				.get_or_insert_with(|| terminal.bar("Waiting"))
				.tell(None, words);
		}
		wanted.await
	}

	/// What a node answers. One that is not reached is asked again, for some ten minutes.
	///
	/// # Errors
	/// What it answers, or that it is away for longer.
	pub async fn answered<T, F>(&mut self, market: &dyn Market, ask: impl Fn() -> F) -> Answer<T>
	where
		F: Future<Output = Answer<T>>,
	{
		for _ in 0..ASKS {
			match ask().await {
				Err(error) if is_away(&error) => {
					let words = format!("for the node to answer again ({})", plain(&error.to_string()));
					self.step(&words, market.pause()).await;
				}
				found => return found,
			}
		}
		ask().await
	}

	/// Nothing is waited for now: the line goes.
	pub fn clear(&mut self) {
		self.bar = None;
	}
}

/// What draws, until it is taken away: then what it has drawn goes, too.
type Drawing = Arc<Mutex<Option<Box<dyn FnMut() + Send>>>>;

/// Something is shown until this goes.
pub struct Shown(Option<(Drawing, AbortHandle)>);

impl Shown {
	fn of(draw: impl FnMut() + Send + 'static) -> Self {
		let draw: Box<dyn FnMut() + Send> = Box::new(draw);
		let drawing: Drawing = Arc::new(Mutex::new(Some(draw)));
		let of_task = drawing.clone();
		let showing = tokio::spawn(async move {
			loop {
				// What is over at once is not shown.
				tokio::time::sleep(SHOW).await;
				if !draw_once(&of_task) {
					return;
				}
			}
		});
		Self(Some((drawing, showing.abort_handle())))
	}
}

fn draw_once(drawing: &Drawing) -> bool {
	let mut drawing = drawing.lock().unwrap_or_else(PoisonError::into_inner);
	match drawing.as_mut() {
		Some(draw) => {
			draw();
			true
		}
		None => false,
	}
}

impl Drop for Shown {
	fn drop(&mut self) {
		if let Some((drawing, showing)) = self.0.take() {
			// At once, so that nothing is written over what is said next.
			drop(drawing.lock().unwrap_or_else(PoisonError::into_inner).take());
			showing.abort();
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn rows_say_how_far_each_is() {
		let gauges = Gauges::new(2, 1 << 20);
		gauges.there(0, 1 << 20);
		gauges.there(1, 1 << 19);
		gauges.failed(1, true);
		gauges.name(1, "0x12ab".into());
		let rows = gauges.rows("Uploading", &[0, 1 << 18]);
		assert_eq!(rows.len(), 3);
		assert_eq!(rows[0].thousandths, Some(750));
		assert_eq!(rows[0].words, "1.5 MiB of 2.0 MiB, 256.0 KiB/s, 2 s left");
		assert!(rows[1].words.starts_with("there"));
		assert_eq!(rows[2].words, "not reached  0x12ab");
		gauges.failed(1, false);
		assert_eq!(gauges.rows("x", &[0, 1 << 18])[2].words, "256.0 KiB/s  0x12ab");
		// A slot that nobody has changes nothing.
		gauges.there(9, 1);
		gauges.carried(9, 1);
		assert_eq!(gauges.all_carried(), 0);
	}

	#[test]
	fn a_tally_says_how_much_has_come() {
		let tally = Tally::new(Some(4 << 20));
		tally.add(1 << 20);
		let (part, words) = tally.words(1 << 20);
		assert_eq!(part, Some(250));
		assert_eq!(words, "1.0 MiB of 4.0 MiB, 1.0 MiB/s, 3 s left");
		tally.add(9 << 20);
		assert_eq!(tally.words(0).0, Some(1_000));
		let open = Tally::new(None);
		open.add(1_024);
		assert_eq!(open.words(0), (None, "1.0 KiB, 0 B/s".into()));
	}

	#[test]
	fn rates_are_of_what_was_carried_between_two_looks() {
		assert_eq!(rates(&[0, 5], &[1_000, 5], Duration::from_millis(500)), [2_000, 0]);
		assert_eq!(rates(&[7], &[7], Duration::ZERO), [0]);
	}
}
