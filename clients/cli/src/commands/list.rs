//! `ls`: the deals of this account, or what is in one.

use super::{context::unix_time, Context};
use crate::{
	failure::Failure,
	holders::Holders,
	market::{self, stage_words, DealView, Known, Market},
	plain,
	progress::Tally,
	reading::{each_entry, readable},
	store::Record,
	units::{date, minute},
};
use serde::Serialize;
use smart_agent_keys::address;
use smart_agent_terminal::bytes;
use smartchain_slots::manifest::Kind;
use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};
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
	context.terminal.facts(&lines, |_| table(&lines));
	on_their_way(context);
	Ok(())
}

fn table(lines: &[Line]) -> String {
	if lines.is_empty() {
		return "There are no deals; `smart put FOLDER --for 90d` makes one.".into();
	}
	let mut text = format!(
		"{:>6}  {:>10}  {:>6}  {:<16}  stage\n",
		"deal", "volume", "slots", "until"
	);
	for line in lines {
		text.push_str(&format!(
			"{:>6}  {:>10}  {:>6}  {:<16}  {}\n",
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
pub(super) async fn entries(context: &Context, deal: DealId) -> Result<(), Failure> {
	let open = context.open().await?;
	let meter = context.meter();
	let wire = context.wire(&open.access, &meter)?;
	let deal = readable(&open.net, &open.access, deal).await?;
	let mut found = Vec::new();
	let shown = context.show().tally("Reading the list", &Tally::new(None));
	tokio::task::block_in_place(|| {
		let mut slots = wire.best(&deal.stored, deal.holders.clone());
		each_entry(&deal.stored, &deal.key, &mut *slots, &meter, |entry| {
			found.push(Listed {
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
			});
			Ok(())
		})
	})?;
	drop(shown);
	wire.keep();
	context.terminal.facts(&found, |_| {
		let line = |entry: &Listed| {
			let time = u64::try_from(entry.modified).map(date).unwrap_or_default();
			let mark = match entry.kind {
				"folder" => "/",
				"link" => "@",
				_ => "",
			};
			let path = plain(&entry.path);
			format!("{} {:>10}  {time:<10}  {path}{mark}\n", entry.mode, bytes(entry.bytes))
		};
		found.iter().map(line).collect()
	});
	Ok(())
}

/// Whether a deal can be ended, extended or shared.
pub(super) fn has_ended(stage: &Stage) -> bool {
	matches!(stage, Stage::Ended { .. })
}
