//! `export` and `import`: what goes from hand to hand where there is no network, as a file, by QR or by NFC.

use super::{
	asks::agreed,
	context::{asked, unexpected},
	Code, Context, Failure,
};
use crate::cli::{ExportArguments, HandedOver, ImportArguments};
use serde_json::json;
use smart_agent_terminal::code;
use smart_pay_api::{Answer, Ask, Flow, Planck};
use smart_pay_frames::handed;
use std::{
	fs::{self, File},
	io::{self, Read},
	path::{Path, PathBuf},
	thread::sleep,
	time::Duration,
};

/// How often, and for how long in all, what the daemon stores is waited for.
const STORED: (Duration, u32) = (Duration::from_millis(50), 100);
/// Bytes of what was handed over, at most: as a text it is half as long again.
const MOST_FILE: u64 = 120 << 10;
/// What stands for the standard input.
const STANDARD: &str = "-";

/// Carries `export` out.
///
/// # Errors
/// If the daemon is not there, or does not do it; with what to do.
pub(super) fn export(context: &Context, arguments: &ExportArguments) -> Result<(), Failure> {
	let channel = arguments.channel;
	let amount = match &arguments.pay {
		Some(text) => Planck(context.amount(text)?),
		None => Planck(0),
	};
	let give = |dry_run| Ask::Give {
		channel,
		amount,
		dry_run,
	};
	if amount.0 > 0 {
		if !agreed(context, &give(true))? {
			return Ok(());
		}
		asked(context, &give(false))?;
	} else if context.common.dry_run {
		context
			.terminal
			.say("It would hand over what waits for the partner, and pay nothing.");
		return Ok(());
	}
	hand_over(context, &arguments.handed, channel)
}

/// Carries `import` out.
///
/// # Errors
/// The same.
pub(super) fn import(context: &Context, arguments: &ImportArguments) -> Result<(), Failure> {
	let bytes = taken(&arguments.what)?;
	if context.common.dry_run {
		context
			.terminal
			.say("It would take in what was handed over; that costs nothing, and pays nothing.");
		return Ok(());
	}
	let ask = Ask::Import {
		envelope: sp_core::bytes::to_hex(&bytes, false),
		late: arguments.late,
	};
	let Answer::Done(flow) = asked(context, &ask)? else {
		return Err(Failure::other("the daemon answers something else: restart it"));
	};
	context.terminal.say(&flow.said);
	let handed = &arguments.handed;
	match flow.number {
		Some(channel) if handed.output.is_some() || handed.qr || handed.nfc => hand_over(context, handed, channel),
		_ => Ok(()),
	}
}

/// The sealed bytes of what was handed over: the text of a QR, or what a file or the standard input has.
fn taken(what: &Path) -> Result<Vec<u8>, Failure> {
	let unreadable = |why: String| Failure::new(Code::Usage, format!("cannot read {}: {why}", what.display()));
	let bytes = match what.to_str() {
		Some(text) if text.starts_with(handed::QR_PREFIX) => text.as_bytes().to_vec(),
		Some(STANDARD) => bounded(io::stdin()).map_err(unreadable)?,
		_ => {
			let file = File::open(what).map_err(|error| unreadable(error.to_string()))?;
			bounded(file).map_err(unreadable)?
		}
	};
	handed::read(&bytes).map_err(|why| Failure::new(Code::Usage, why))
}

fn bounded(from: impl Read) -> Result<Vec<u8>, String> {
	let mut bytes = Vec::new();
	let read = from.take(MOST_FILE + 1).read_to_end(&mut bytes);
	read.map_err(|error| error.to_string())?;
	if bytes.len() as u64 > MOST_FILE {
		return Err("it is too long for a payment".into());
	}
	Ok(bytes)
}

/// Hands over what waits for the partner of a channel.
fn hand_over(context: &Context, how: &HandedOver, channel: u64) -> Result<(), Failure> {
	let flow = exported(context, channel)?;
	let text = flow.envelope.clone().unwrap_or_default();
	let sealed = sp_core::bytes::from_hex(&text)
		.map_err(|_| Failure::other("the daemon's answer cannot be read: restart it"))?;
	if how.qr {
		return show(context, &flow, &sealed);
	}
	let (bytes, ending) = if how.nfc {
		(handed::to_nfc(&sealed), "ndef")
	} else {
		(sealed, "scpay")
	};
	let standard = || PathBuf::from(format!("channel-{channel}.{ending}"));
	let file = how.output.clone().unwrap_or_else(standard);
	fs::write(&file, &bytes).map_err(|error| {
		Failure::other(format!(
			"cannot write {}: {error}; export it again elsewhere",
			file.display()
		))
	})?;
	context.terminal.facts(&flow, |_| {
		format!("{} is written, {} bytes: {}", file.display(), bytes.len(), flow.said)
	});
	Ok(())
}

/// Shows it as a QR; to programs, as the text of one.
fn show(context: &Context, flow: &Flow, sealed: &[u8]) -> Result<(), Failure> {
	let text = handed::to_qr(sealed).map_err(Failure::other)?;
	let facts = json!({ "said": flow.said, "number": flow.number, "qr": text });
	context.terminal.facts(&facts, |_| {
		let drawn = code(&text).unwrap_or_else(|| text.clone());
		format!("{drawn}\n{}", flow.said)
	});
	Ok(())
}

/// What waits for the partner. The daemon stores it before it gives it out, which takes a moment.
fn exported(context: &Context, channel: u64) -> Result<Flow, Failure> {
	let (pause, times) = STORED;
	let mut last = Failure::other("nothing was stored in time: look at the daemon's log");
	for _ in 0..times {
		sleep(pause);
		match asked(context, &Ask::Export { channel }) {
			Ok(Answer::Done(flow)) => return Ok(flow),
			Ok(other) => return Err(unexpected(&other)),
			Err(failure) => last = failure,
		}
	}
	Err(last)
}
