//! `ls`: the deals of this account, or what is in one.

use super::{context::unix_time, Context};
use crate::{
	cli::PayArguments,
	failure::Failure,
	holders::Holders,
	plain,
	progress::Tally,
	reading::{each_entry, readable},
	store::Record,
	units::{date, minute},
};
use serde::Serialize;
use smart_agent_keys::address;
use smart_agent_terminal::bytes;
use smart_market::{self as market, stage_words, DealView, Known, Market};
use smartchain_slots::manifest::{Entry, Kind};
use std::{
	ffi::OsStr,
	io::{self, BufWriter, Write},
	os::unix::ffi::OsStrExt,
	path::Path,
};
use storage_market_primitives::{DealId, Stage, Tick};

/// A deal, for `--json`. Amounts are in planck.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
	deal: DealId,
	owner: String,
	stage: &'static str,
	volume_bytes: u64,
	slots: u8,
	enough: u8,
	/// Slots that can be relied on.
	usable: u32,
	/// The tick at which what is paid for ends; 0 before it is active.
	ends: Tick,
	/// About when that is, in seconds since 1970; none before it is active.
	until: Option<u64>,
	/// What nobody has earned yet.
	left: String,
}

/// An entry, for `--json`.
#[derive(Serialize)]
struct Listed {
	path: String,
	kind: &'static str,
	mode: String,
	bytes: u64,
	/// Seconds since 1970.
	modified: i64,
	hash: String,
}

/// About when a tick is, in seconds since 1970.
pub(super) fn when(known: &Known, now: Tick, tick: Tick) -> u64 {
	let ahead = known.seconds(tick.saturating_sub(now));
	let behind = known.seconds(now.saturating_sub(tick));
	unix_time().saturating_add(ahead).saturating_sub(behind)
}

impl Line {
	pub(super) fn of(deal: DealId, view: &DealView, known: &Known, now: Tick) -> Self {
		let of = &view.deal;
		Self {
			deal,
			owner: address(&of.owner.clone().into()),
			stage: stage_words(&of.stage),
			volume_bytes: of.order.geometry.volume_len,
			slots: of.order.geometry.slots,
			enough: of.order.geometry.enough,
			usable: of.usable(),
			ends: of.ends,
			until: (of.ends > 0).then(|| when(known, now, of.ends)),
			left: of.escrow.amount().to_string(),
		}
	}
}

/// Lists deals.
pub(super) async fn deals(context: &Context, shared: bool) -> Result<(), Failure> {
	let net = context.asking().await?;
	let account = context.keystore()?.account();
	let (known, now) = (net.known(), net.now().await?.tick);
	let searching = async {
		match shared {
			true => net.boxed(&account, 0).await,
			false => market::all_deals(&net, &account, 0).await,
		}
	};
	let found = context.show().waiting("Looking for deals", searching).await?;
	let mut lines = Vec::new();
	let mut waits = context.show().waits();
	for deal in found {
		let view = waits.step(&format!("for deal {deal}"), net.deal(deal)).await?;
		lines.extend(view.map(|view| Line::of(deal, &view, &known, now)));
	}
	waits.clear();
	context.terminal.facts(&lines, |_| table(&lines, shared));
	on_their_way(context);
	Ok(())
}

/// Whose each is, if they are not all of this account: anybody may share a deal with anybody.
fn table(lines: &[Line], shared: bool) -> String {
	if lines.is_empty() {
		return "There are no deals; `smart put FOLDER --for 90d` makes one.".into();
	}
	let mut text = format!(
		"{:>6}  {:>10}  {:>6}  {:<16}  stage\n",
		"deal", "volume", "slots", "until"
	);
	for line in lines {
		let owner = if shared {
			format!(", of {}", line.owner)
		} else {
			String::new()
		};
		text.push_str(&format!(
			"{:>6}  {:>10}  {:>6}  {:<16}  {}{owner}\n",
			line.deal,
			bytes(line.volume_bytes),
			format!("{}/{}", line.usable, line.slots),
			line.until.map(minute).unwrap_or_default(),
			line.stage
		));
	}
	text
}

/// Says which puts were interrupted on this machine.
fn on_their_way(context: &Context) {
	for folder in context.folder.puts() {
		let Ok(Some(kept)) = Record::peek(&folder) else {
			continue;
		};
		let source = plain(&Path::new(OsStr::from_bytes(&kept.source)).display().to_string());
		let deal = kept.deal().map(|deal| format!(" (deal {deal})"));
		context.terminal.warn(&format!(
			"{source} is on its way{}: `smart put {source}` goes on",
			deal.unwrap_or_default()
		));
	}
}

/// Lists what is in a deal.
pub(super) async fn entries(context: &Context, deal: DealId, pay: &PayArguments) -> Result<(), Failure> {
	let open = context.open().await?;
	let meter = context.meter();
	let wire = context.wire(&open.access, &meter)?;
	let mut deal = readable(&open.net, &open.access, deal).await?;
	context.pay((&open, &wire), &mut deal, pay).await?;
	let shown = context.show().tally("Reading the list", &Tally::new(None));
	let is_json = context.terminal.is_json();
	let listed = tokio::task::block_in_place(|| {
		let (mut shown, mut slots) = (Some(shown), wire.best(&deal.stored, deal.holders.clone()));
		let mut listing = Listing::new(BufWriter::new(io::stdout().lock()), is_json);
		let told = each_entry(&deal.stored, &deal.key, &mut *slots, &meter, |entry| {
			drop(shown.take());
			listing.tell(&entry)
		});
		listing.end(told)
	});
	listed.map_err(|failure| context.unpaid(&wire, failure))?;
	context.complain(&wire);
	wire.keep();
	Ok(())
}

impl Listed {
	fn of(entry: &Entry) -> Self {
		Self {
			path: String::from_utf8_lossy(&entry.path).into_owned(),
			kind: match entry.kind {
				Kind::File => "file",
				Kind::Folder => "folder",
				Kind::Link => "link",
			},
			mode: format!("{:04o}", entry.mode),
			bytes: entry.size,
			modified: entry.seconds,
			hash: entry.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
		}
	}

	fn line(&self) -> String {
		let time = u64::try_from(self.modified).map(date).unwrap_or_default();
		let mark = match self.kind {
			"folder" => "/",
			"link" => "@",
			_ => "",
		};
		let path = plain(&self.path);
		format!("{} {:>10}  {time:<10}  {path}{mark}\n", self.mode, bytes(self.bytes))
	}
}

/// Tells entries as they come: whoever shares a deal may have put forty million names into it, and none is kept.
struct Listing<W> {
	out: W,
	is_json: bool,
	began: bool,
	/// Whether whoever reads the list has gone away: it wants nothing more.
	gone: bool,
}

impl<W: Write> Listing<W> {
	fn new(out: W, is_json: bool) -> Self {
		Self {
			out,
			is_json,
			began: false,
			gone: false,
		}
	}

	fn tell(&mut self, entry: &Entry) -> Result<(), Failure> {
		let listed = Listed::of(entry);
		let text = match self.is_json {
			true => {
				let before = if self.began { ",\n" } else { "[\n" };
				let json = serde_json::to_string(&listed);
				let json = json.map_err(|error| Failure::other(format!("an entry cannot be told: {error}")))?;
				format!("{before}{json}")
			}
			false => listed.line(),
		};
		self.began = true;
		self.write(&text)
	}

	/// What came of it: the list is closed, whatever hindered it.
	fn end(mut self, told: Result<(), Failure>) -> Result<(), Failure> {
		let text = match (self.is_json, self.began) {
			(true, true) => "\n]\n",
			(true, false) => "[]\n",
			(false, _) => "",
		};
		let ended = match self.gone {
			true => return Ok(()),
			false => self.write(text),
		};
		match self.out.flush() {
			Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
				told.and(Err(Failure::other(format!("cannot write: {error}"))))
			}
			_ if self.gone => Ok(()),
			_ => told.and(ended),
		}
	}

	fn write(&mut self, text: &str) -> Result<(), Failure> {
		self.out.write_all(text.as_bytes()).map_err(|error| {
			self.gone = error.kind() == io::ErrorKind::BrokenPipe;
			Failure::other(format!("cannot write: {error}"))
		})
	}
}

/// Whether a deal can be ended, extended or shared.
pub(super) fn has_ended(stage: &Stage) -> bool {
	matches!(stage, Stage::Ended { .. })
}

#[cfg(test)]
mod tests {
	use super::*;

	fn entry(path: &[u8]) -> Entry {
		Entry {
			path: path.into(),
			kind: Kind::File,
			mode: 0o644,
			seconds: i64::MAX,
			nanos: 0,
			size: 5,
			offset: 0,
			hash: [7; 32],
		}
	}

	fn told(is_json: bool, paths: &[&[u8]]) -> String {
		let mut out = Vec::new();
		let mut listing = Listing::new(&mut out, is_json);
		for path in paths {
			let before = listing.out.len();
			listing.tell(&entry(path)).unwrap();
			assert!(listing.out.len() > before, "none is kept");
		}
		listing.end(Ok(())).unwrap();
		String::from_utf8(out).unwrap()
	}

	#[test]
	fn entries_are_told_one_by_one_and_paint_nothing() {
		let paths: [&[u8]; 2] = [b"a", b"b\x1b[2K\rdeal 1 active"];
		let read: serde_json::Value = serde_json::from_str(&told(true, &paths)).unwrap();
		assert_eq!(read.as_array().unwrap().len(), 2);
		assert_eq!(
			read[1]["path"], "b\u{1b}[2K\rdeal 1 active",
			"programs have the name as it is"
		);
		assert_eq!(told(true, &[]).trim(), "[]");
		let text = told(false, &paths);
		assert_eq!(text.lines().count(), 2);
		assert!(!text.contains(['\u{1b}', '\r']), "{text}");
		assert_eq!(told(false, &[]), "");
	}

	/// What hinders it is told, and what came before is a list all the same.
	#[test]
	fn a_list_that_breaks_off_is_closed() {
		let mut out = Vec::new();
		let mut listing = Listing::new(&mut out, true);
		listing.tell(&entry(b"a")).unwrap();
		let failure = listing.end(Err(Failure::other("too few devices"))).unwrap_err();
		assert_eq!(failure.message, "too few devices");
		let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
		assert_eq!(read.as_array().unwrap().len(), 1);
	}

	/// Sharer: has its deals pass for those of somebody else.
	#[test]
	fn whose_a_shared_deal_is_is_told() {
		let line = |owner: &str| Line {
			deal: 17,
			owner: owner.into(),
			stage: "active",
			volume_bytes: 1,
			slots: 8,
			enough: 4,
			usable: 8,
			ends: 0,
			until: None,
			left: "0".into(),
		};
		let lines = [line("5Alice"), line("5Mallory")];
		let text = table(&lines, true);
		assert!(text.contains("of 5Alice") && text.contains("of 5Mallory"), "{text}");
		assert!(!table(&lines, false).contains("5Alice"));
	}

	struct Gone;

	impl Write for Gone {
		fn write(&mut self, _: &[u8]) -> io::Result<usize> {
			Err(io::ErrorKind::BrokenPipe.into())
		}

		fn flush(&mut self) -> io::Result<()> {
			Ok(())
		}
	}

	#[test]
	fn a_reader_that_has_gone_away_is_no_failure() {
		let mut listing = Listing::new(Gone, false);
		let told = listing.tell(&entry(b"a"));
		assert!(told.is_err());
		assert!(listing.end(told).is_ok());
	}
}
