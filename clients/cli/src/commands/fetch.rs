//! `get`, `cat` and `restore`: what was stored comes back.

use super::{context::Open, Context};
use crate::{
	cli::{CatArguments, GetArguments, RestoreArguments},
	failure::{Code, Failure},
	fetching::{After, Back, Fetching},
	holders::{Holders, Wire},
	pay::{costs_of_all, Reads, Terms},
	plain,
	reading::{find, readable, Readable},
	units::range,
};
use serde::Serialize;
use smart_agent_terminal::{bytes, columns};
use smart_market::{self as market, stage_words, Market};
use smartchain_slots::{meter::Meter, Reader};
use std::{
	io::{self, Write},
	path::{Path, PathBuf},
	process::ExitCode,
};
use storage_market_primitives::DealId;

/// Bytes of a file that `cat` holds at once.
const PIECE: u64 = 256 << 10;

/// A deal of `restore`, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
	deal: DealId,
	stage: &'static str,
	volume_bytes: u64,
	/// Whether the phrase opens its key box, and enough devices hold it.
	readable: bool,
	/// Where it is now; none if it was not fetched.
	#[serde(skip_serializing_if = "Option::is_none")]
	folder: Option<String>,
	/// What was promised to its devices, in planck.
	#[serde(skip_serializing_if = "Option::is_none")]
	promised: Option<String>,
	#[serde(skip_serializing_if = "Option::is_none")]
	error: Option<String>,
}

/// Brings back a deal, or a part of it.
pub(super) async fn get(context: &Context, arguments: &GetArguments) -> Result<(), Failure> {
	let open = context.open().await?;
	let meter = context.meter();
	let wire = context.wire(&open.access, &meter)?;
	let mut deal = readable(&open.net, &open.access, arguments.deal).await?;
	context.pay((&open, &wire), &mut deal, &arguments.pay).await?;
	let path = arguments.path.as_deref().unwrap_or_default().trim_matches('/');
	let back = fetch(
		context,
		(&wire, &meter),
		&deal,
		(arguments.folder.as_path(), path),
		After::Forget,
	)?;
	if back.entries == 0 {
		let why = match path {
			"" => "the deal has no entries".into(),
			path => format!(
				"there is no `{path}` in the deal; `smart ls {}` lists what there is",
				deal.deal
			),
		};
		return Err(Failure::usage(why));
	}
	context.terminal.facts(&back, |_| {
		let mut text = format!(
			"{} files and folders are in {}; {} were written now",
			back.entries,
			back.folder,
			bytes(back.bytes)
		);
		for fault in &back.faults {
			text.push_str(&format!("\nSlot {} was not read: {}", fault.slot, plain(&fault.why)));
		}
		if !back.faults.is_empty() {
			text.push_str("\nNothing is missing for that: the other slots gave it.");
		}
		text.push_str(&promised(context, wire.purse().promised(deal.deal)));
		text
	});
	Ok(())
}

/// What was promised to devices, as the end of a text.
fn promised(context: &Context, planck: u128) -> String {
	match planck {
		0 => String::new(),
		_ => format!("\n{} were promised to devices", context.currency().exact(planck)),
	}
}

/// Fetches into a folder, or goes on with it.
fn fetch(
	context: &Context,
	(wire, meter): (&Wire, &Meter),
	deal: &Readable,
	(folder, path): (&Path, &str),
	after: After,
) -> Result<Back, Failure> {
	let genesis = context.genesis()?;
	let fetching = Fetching {
		holders: wire,
		deal,
		data: &context.folder,
		genesis: &genesis,
		meter,
		show: context.show(),
	};
	match tokio::task::block_in_place(|| fetching.into_folder(folder, path, after)) {
		Ok(mut back) => {
			context.complain(wire);
			back.promised = wire.purse().promised(deal.deal).to_string();
			Ok(back)
		}
		Err(failure) => Err(context.unpaid(wire, failure)),
	}
}

/// Writes a file of a deal, or a range of it, to the standard output.
pub(super) async fn cat(context: &Context, arguments: &CatArguments) -> Result<(), Failure> {
	let open = context.open().await?;
	let meter = context.meter();
	let wire = context.wire(&open.access, &meter)?;
	let mut deal = readable(&open.net, &open.access, arguments.deal).await?;
	context.pay((&open, &wire), &mut deal, &arguments.pay).await?;
	let written = tokio::task::block_in_place(|| -> Result<(), Failure> {
		let mut slots = wire.best(&deal.stored, deal.holders.clone());
		let mut reader = Reader::open(&deal.stored, &deal.key, &mut *slots, &meter)?;
		let entry = find(&mut reader, &arguments.path)?;
		let (from, length) = match &arguments.range {
			Some(text) => range(text, entry.size).map_err(Failure::usage)?,
			None => (0, entry.size),
		};
		let whole = length == entry.size;
		let (mut out, mut hasher, mut done) = (io::stdout().lock(), blake3::Hasher::new(), 0);
		let mut piece = meter.buffer(PIECE as usize)?;
		while done < length {
			let count = (length - done).min(PIECE);
			let bytes = &mut piece[..count as usize];
			reader.read(entry.offset + from + done, bytes)?;
			hasher.update(bytes);
			match out.write_all(bytes) {
				// A reader that has gone away wants nothing more.
				Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
				written => written.map_err(|error| Failure::other(format!("cannot write: {error}")))?,
			}
			done += count;
		}
		if whole && *hasher.finalize().as_bytes() != entry.hash {
			let path = entry.shown();
			return Err(smartchain_slots::Error::WrongFile { path }.into());
		}
		out.flush()
			.map_err(|error| Failure::other(format!("cannot write: {error}")))
	});
	written.map_err(|failure| context.unpaid(&wire, failure))?;
	context.complain(&wire);
	wire.keep();
	Ok(())
}

/// Brings back all deals of this account.
pub(super) async fn restore(context: &Context, arguments: &RestoreArguments) -> Result<ExitCode, Failure> {
	let open = context.open().await?;
	let meter = context.meter();
	let wire = context.wire(&open.access, &meter)?;
	let account = open.access.account();
	let searching = market::all_deals(&open.net, &account, 0);
	let deals = context
		.show()
		.waiting("Looking for this account's deals", searching)
		.await?;
	if deals.is_empty() {
		return Err(Failure::other(format!(
			"{} has no deals on this chain; see whether phrase and chain are the right ones",
			open.access.owner.address()
		)));
	}
	if !arguments.list {
		agree_to_pay(context, &open, &wire, arguments, &deals).await?;
	}
	let mut found = Vec::new();
	for deal in deals {
		found.push(one(context, &open, (&wire, &meter), arguments, deal).await);
	}
	context.terminal.facts(&found, |_| {
		let lines: Vec<(String, String)> = found
			.iter()
			.map(|deal| {
				let state = match (&deal.folder, &deal.error) {
					(Some(folder), _) => format!("is in {folder}"),
					(None, Some(error)) => format!("is not here: {}", plain(error)),
					(None, None) => "can be read".into(),
				};
				let words = format!("{}, {}; {state}", bytes(deal.volume_bytes), deal.stage);
				(format!("Deal {}", deal.deal), words)
			})
			.collect();
		let lines: Vec<(&str, String)> = lines
			.iter()
			.map(|(name, words)| (name.as_str(), words.clone()))
			.collect();
		format!("{}{}", columns(&lines), promised(context, wire.purse().all_promised()))
	});
	let all = found.iter().all(|deal| deal.error.is_none());
	Ok(if all { ExitCode::SUCCESS } else { Code::Failed.into() })
}

/// Asks once for what devices of all deals are to be paid. What cannot be read is told in its turn.
async fn agree_to_pay(
	context: &Context,
	open: &Open,
	wire: &Wire,
	arguments: &RestoreArguments,
	deals: &[DealId],
) -> Result<(), Failure> {
	let all = costs_of_all(&open.net, &open.access, deals, &context.show()).await;
	context.agree_to_pay(wire, &all, Reads::Volume, &arguments.pay)
}

/// One deal of many: what hinders it does not hinder the others.
async fn one(
	context: &Context,
	open: &Open,
	wire: (&Wire, &Meter),
	arguments: &RestoreArguments,
	deal: DealId,
) -> Found {
	let mut found = Found {
		deal,
		stage: "closed",
		volume_bytes: 0,
		readable: false,
		folder: None,
		promised: None,
		error: None,
	};
	let view = match open.net.deal(deal).await {
		Ok(Some(view)) => view,
		Ok(None) => {
			found.error = Some("it was closed meanwhile".into());
			return found;
		}
		Err(error) => {
			found.error = Some(Failure::from(error).message);
			return found;
		}
	};
	found.stage = stage_words(&view.deal.stage);
	found.volume_bytes = view.deal.order.geometry.volume_len;
	let mut readable = match readable(&open.net, &open.access, deal).await {
		Ok(readable) => readable,
		Err(failure) => {
			found.error = Some(failure.message);
			return found;
		}
	};
	found.readable = true;
	if arguments.list {
		return found;
	}
	let target: PathBuf = arguments.folder.join(deal.to_string());
	context
		.terminal
		.say(&format!("Deal {deal}: {}", bytes(found.volume_bytes)));
	let of = (deal, &readable.view);
	let terms = context.terms(open, of, &mut readable.holders).await;
	let opened = terms.and_then(|terms| match terms {
		Terms::Paid(costs) => context.open_purse((open, wire.0), (&costs, Reads::Volume)),
		Terms::Free | Terms::Owners => Ok(()),
	});
	if let Err(failure) = opened {
		found.error = Some(failure.message);
		return found;
	}
	match fetch(context, wire, &readable, (target.as_path(), ""), After::Keep) {
		Ok(back) => {
			found.folder = Some(back.folder);
			found.promised = Some(back.promised);
		}
		Err(failure) => found.error = Some(failure.message),
	}
	wire.0.purse().close(deal);
	found
}
