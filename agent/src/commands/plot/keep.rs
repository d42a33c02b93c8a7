//! Verifying plots, and deleting them.

use super::claim::{claim, leave, state, units};
use crate::{
	cli::{PlotDelete, PlotVerify},
	commands::{Code, Context, Failure},
	ledger::{Ledger, Wait},
	run::kind,
	terminal::{bytes, counted, Tone},
};
use serde::Serialize;
use smart_agent_store::{plotter::Cancel, Listed, Store, Verdict};
use smartchain_provider::may_delete;
use std::{
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

/// How often the bar is drawn.
const DRAW: Duration = Duration::from_millis(200);
/// How often the chain is asked whether fewer plots count.
const ASK: Duration = Duration::from_secs(2);

/// For `--json`.
#[derive(Debug, Serialize)]
struct Verified {
	name: String,
	sound: bool,
	fragments: Option<u64>,
	why: Option<String>,
}

impl From<&Verdict> for Verified {
	fn from(verdict: &Verdict) -> Self {
		Self {
			name: verdict.name.clone(),
			sound: verdict.result.is_ok(),
			fragments: verdict.result.as_ref().ok().copied(),
			why: verdict.result.as_ref().err().map(ToString::to_string),
		}
	}
}

/// Reads plots as a whole.
pub async fn verify(context: &Context, arguments: &PlotVerify) -> Result<(), Failure> {
	let store = context.store(Store::read)?;
	let names = (!arguments.names.is_empty()).then(|| arguments.names.clone());
	let count = names.as_ref().map_or(store.list().len(), Vec::len);
	let (cancel, latest) = (
		Arc::new(Cancel::default()),
		Arc::new(Mutex::new((0u64, String::new(), 0u16))),
	);
	let (stop, shared) = (cancel.clone(), latest.clone());
	let mut work = tokio::task::spawn_blocking(move || {
		store.verify(names.as_deref(), &stop, |name, thousandths| {
			let mut latest = shared.lock().unwrap_or_else(PoisonError::into_inner);
			if latest.1 != name {
				*latest = (latest.0 + u64::from(!latest.1.is_empty()), name.into(), 0);
			}
			latest.2 = thousandths;
		})
	});
	let mut bar = context.terminal.bar("Verifying");
	let verdicts = loop {
		tokio::select! {
			done = &mut work => {
				break done.map_err(|error| Failure::other(format!("verifying broke off: {error}; try again")))??;
			}
			_ = tokio::signal::ctrl_c() => cancel.cancel(),
			() = tokio::time::sleep(DRAW) => {
				let (files, name, part) = latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
				let done = (files * 1_000 + u64::from(part)) / (count.max(1) as u64);
				bar.tell(u16::try_from(done).ok(), &name);
			}
		}
	};
	drop(bar);
	let told: Vec<Verified> = verdicts.iter().map(Verified::from).collect();
	context.terminal.facts(&told, |terminal| {
		let line = |verified: &Verified| match &verified.why {
			None => format!("{}  {}\n", terminal.toned(Tone::Good, "sound  "), verified.name),
			Some(why) => format!("{}  {}: {why}\n", terminal.toned(Tone::Bad, "damaged"), verified.name),
		};
		let lines: String = told.iter().map(line).collect();
		format!("{lines}Read as a whole: {}.", counted(told.len() as u64, "file"))
	});
	let damaged: Vec<&str> = told
		.iter()
		.filter(|one| !one.sound)
		.map(|one| one.name.as_str())
		.collect();
	if damaged.is_empty() {
		return Ok(());
	}
	Err(Failure::other(format!(
		"damaged: {}; look at the disk. Those that could be read are set aside beside the others as \
		 NAME.damaged: remove them by hand if room is wanted. What is still in `smart-agent plot list` could not be \
		 read: `smart-agent plot delete NAME --no-claim` removes it. Then `smart-agent plot create` as before makes \
		 them anew",
		counted(damaged.len() as u64, "file")
	)))
}

/// Removes plots; the chain is told of fewer before.
pub async fn delete(context: &Context, arguments: &PlotDelete) -> Result<(), Failure> {
	// Whoever has lost all plots with their disk leaves the lottery likewise.
	let store = match context.has_store() || !arguments.all {
		true => Some(context.store(Store::read)?),
		false => None,
	};
	let listed = store.as_ref().map_or_else(Vec::new, Store::list);
	let names = chosen(&listed, arguments)?;
	let sum: u64 = listed
		.iter()
		.filter(|file| names.contains(&file.name))
		.map(|file| file.bytes)
		.sum();
	let score = if arguments.all && !arguments.no_claim {
		" and leave the lottery of space, with all that this device has shown there,"
	} else {
		""
	};
	let question = format!(
		"Delete {}, {},{score} for good?",
		counted(names.len() as u64, "file"),
		bytes(sum)
	);
	let agreed = arguments.signing.yes
		|| context
			.terminal
			.confirm(&question)
			.map_err(|why| Failure::other(why).with("give --yes"))?;
	if !agreed {
		return Err(Failure::other("nothing was deleted, as you said"));
	}
	let left: Vec<Listed> = listed
		.iter()
		.filter(|file| !names.contains(&file.name))
		.cloned()
		.collect();
	if !arguments.no_claim {
		let chain = context.connect().await.map_err(|failure| {
			failure.with("nothing was deleted: the chain is told first. Give --no-claim to delete all the same")
		})?;
		let ledger: &dyn Ledger = &chain;
		// One that is not registered claims nothing.
		if ledger.proofs(&context.device()?.id).await?.is_some() {
			claim_less(context, ledger, arguments, &listed, &left).await?;
		}
	}
	let freed = match store {
		Some(store) if !names.is_empty() => store.delete(&names)?,
		_ => 0,
	};
	let told = serde_json::json!({ "deleted": names, "freed_bytes": freed });
	context.terminal.facts(&told, |_| {
		format!(
			"Deleted: {}; {} are free.",
			counted(names.len() as u64, "file"),
			bytes(freed)
		)
	});
	Ok(())
}

/// Tells the chain of what is left, and waits until no round asks for the others.
async fn claim_less(
	context: &Context,
	ledger: &dyn Ledger,
	arguments: &PlotDelete,
	listed: &[Listed],
	left: &[Listed],
) -> Result<(), Failure> {
	let claimed = state(context, ledger).await?.map_or(0, |state| state.claimed);
	let (before, after) = (units(listed, claimed), units(left, claimed));
	// Those of the claim that are there: all of them are looked into, whether a number before is missing or not.
	let of_claim = |listed: &[Listed]| {
		kind(listed, claimed).map(|kind| (kind.k, kind.strength, kind.names.range(..claimed).count()))
	};
	let stay = if arguments.all {
		leave(context, ledger, &arguments.signing).await?;
		0
	} else if claimed == 0 || of_claim(listed) == of_claim(left) {
		// None of them is claimed, or not any more: there is nothing to tell.
		claimed
	} else if before == after {
		return Err(Failure::other(format!(
			"the chain was told of {}, and the one with number {} is missing: only those before it could be claimed \
			 instead. Make it again by `smart-agent plot create` first; nothing was deleted",
			counted(claimed.into(), "plot"),
			before.map_or(0, |units| units.groups),
		)));
	} else if let Some(after) = after {
		claim(context, ledger, &arguments.signing, None, left, Wait::Final).await?;
		after.groups
	} else {
		return Err(Failure::other(
			"without plot 0 none of the others could be claimed; delete from the highest number down with --last, or \
			 --all to leave the lottery of space. Nothing was deleted",
		));
	};
	let mut bar = context.terminal.bar("Waiting");
	loop {
		let (state, open) = (state(context, ledger).await?, ledger.open_rounds().await?);
		if may_delete(state.as_ref(), &open, ledger.best().await?.slot, stay) {
			return Ok(());
		}
		bar.tell(None, "until no round asks for these plots; Ctrl-C keeps them");
		tokio::time::sleep(ASK).await;
	}
}

fn chosen(listed: &[Listed], arguments: &PlotDelete) -> Result<Vec<String>, Failure> {
	let names: Vec<String> = match (arguments.all, arguments.last) {
		(true, _) => listed.iter().map(|file| file.name.clone()).collect(),
		(false, Some(count)) => {
			let mut numbered: Vec<&Listed> = listed.iter().filter(|file| file.header.is_some()).collect();
			numbered.sort_by_key(|file| std::cmp::Reverse(file.header.map(|header| header.number)));
			numbered.into_iter().take(count).map(|file| file.name.clone()).collect()
		}
		(false, None) => arguments.names.clone(),
	};
	if let Some(unknown) = names.iter().find(|name| !listed.iter().any(|file| file.name == **name)) {
		return Err(Failure::new(
			Code::Usage,
			format!("there is no file {unknown}; `smart-agent plot list` names them"),
		));
	}
	if names.is_empty() && (!arguments.all || arguments.no_claim) {
		return Err(Failure::other("there are no plots to delete"));
	}
	Ok(names)
}
