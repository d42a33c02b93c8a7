//! Jobs of many units: how many are settled a second, what they cost the chain, and how long units of a second take.

use crate::{
	chain::costs,
	kernels::{built, seconds_of},
	peers::{dask, parallel},
	works::{Ran, Works, WORKERS},
};
use futures::future::try_join;
use smartchain_report::Row;
use smartchain_runtime::constants::time::SLOT_DURATION;
use smartchain_tests::{ensure, Error, Result};
use smartchain_unit::Runner;
use std::{
	fs,
	path::{Path, PathBuf},
	time::Duration,
};
use tokio::task::spawn_blocking;

/// Units of a second.
const UNITS: u32 = 64;
/// The kernel that they run: integers.
const KERNEL: usize = 0;
/// Rounds by which it is found out how many take a second.
const TRIED: u64 = 100;
/// Those who lie in the last part.
const LIARS: usize = 2;

/// The program, and an input by which a unit takes so many seconds.
async fn program(place: &Path, seconds: f64) -> Result<(PathBuf, PathBuf)> {
	let (to, input) = (place.to_owned(), place.join(format!("rounds-{seconds}")));
	let rounds = spawn_blocking(move || -> Result<_> {
		let (_, wasm) = built(KERNEL, &to)?;
		if seconds == 0.0 {
			return Ok((wasm, 0));
		}
		let took = seconds_of(&Runner::beside_this_program()?, &fs::read(&wasm)?, TRIED)?;
		Ok((wasm, (TRIED as f64 * seconds / took.max(0.001)).round() as u64))
	});
	let (wasm, rounds) = rounds.await??;
	fs::write(&input, rounds.to_string())?;
	Ok((wasm, input))
}

fn shown(took: Duration) -> String {
	format!("{:.1} s", took.as_secs_f64())
}

/// Units that do nothing: settled a second, beside Dask; bytes and weight of one.
pub async fn tiny(works: &mut Works, units: u32) -> Result<Vec<Row>> {
	let (wasm, input) = program(works.place(), 0.0).await?;
	works.transfer().await?;
	let ran = works.run(&wasm, &input, units, "quorum").await?;
	let seen = works.seen(&ran).await?;
	let (first, last) = seen.span.ok_or_else(|| Error::new("no unit was given out"))?;
	let settling = f64::from(last.saturating_sub(first).max(1)) * SLOT_DURATION as f64 / 1_000.0;
	let settled = seen.accepted.len() as f64;
	let costs = costs(works.rpc()?, ran.since, last).await?;
	let of_unit = |all: u64| all as f64 / settled.max(1.0);
	let transfer = costs.transfers.weight as f64 / costs.transfers.count.max(1) as f64;
	let beside = spawn_blocking(move || dask(WORKERS, units)).await?;
	let beside = match beside {
		Ok(rate) => format!("{rate:.0}"),
		Err(why) => {
			eprintln!("  Dask is left out: {why}");
			"-".into()
		}
	};
	Ok(vec![
		Row::new(
			format!("{units} tiny units by quorums of nine workers, one validator: settled a second / Dask"),
			">= 30",
			format!("{:.1} / {beside}", settled / settling),
		),
		Row::new(
			"the same from the command to its end",
			"",
			format!("{}, {} of {units} settled", shown(ran.took), seen.accepted.len()),
		),
		Row::new(
			"bytes of a unit in blocks, all of its workers together",
			"<= 700",
			format!("{:.0}", of_unit(costs.said.bytes)),
		),
		Row::new(
			"weight of a unit, all of its workers together / a transfer",
			"<= 2 x",
			format!(
				"{:.0} us / {:.0} us: {:.2} x",
				of_unit(costs.said.weight) / 1e6,
				transfer / 1e6,
				of_unit(costs.said.weight) / transfer.max(1.0)
			),
		),
	])
}

/// A row of how long units take beside GNU parallel.
fn beside(what: &str, asked: &'static str, ran: &Ran, times: f64, peer: Duration) -> Row {
	let most = peer.as_secs_f64() * times + 20.0;
	Row::new(
		what,
		asked,
		format!(
			"{} / {}: {:.2} x, {} {most:.0} s",
			shown(ran.took),
			shown(peer),
			ran.took.as_secs_f64() / peer.as_secs_f64().max(f64::EPSILON),
			if ran.took.as_secs_f64() <= most {
				"within"
			} else {
				"beyond"
			},
		),
	)
}

/// 64 units of a second.
pub async fn units(works: &mut Works, quick: bool) -> Result<Vec<Row>> {
	let (wasm, input) = program(works.place(), if quick { 0.25 } else { 1.0 }).await?;
	let (of_peer, given) = (wasm.clone(), input.clone());
	let peer = spawn_blocking(move || parallel(&of_peer, &given, UNITS)).await??;
	let quorum = works.run(&wasm, &input, UNITS, "quorum").await?;
	// Whoever works alone has had a hundred right units before: the part with tiny ones brings them.
	let mut rows = vec![beside(
		"64 units by quorums / GNU parallel",
		"<= 3.2 x + 20 s",
		&quorum,
		3.2,
		peer,
	)];
	match works.run(&wasm, &input, UNITS, "audit").await {
		Ok(audit) => rows.insert(
			0,
			beside(
				"64 units by one worker each / GNU parallel",
				"<= 1.25 x + 20 s",
				&audit,
				1.25,
				peer,
			),
		),
		Err(why) => rows.insert(
			0,
			Row::new(
				"64 units by one worker each",
				"<= 1.25 x + 20 s",
				format!("failed: {why}"),
			),
		),
	}
	Ok(rows)
}

/// The same quorum undisturbed, and with two of nine that lie and one that is killed.
pub async fn loss(undisturbed: Option<Works>, quick: bool) -> Result<Vec<Row>> {
	let seconds = if quick { 0.25 } else { 1.0 };
	let mut sound = match undisturbed {
		Some(works) => works,
		None => Works::start(0).await?,
	};
	let (wasm, input) = program(sound.place(), seconds).await?;
	let before = sound.run(&wasm, &input, UNITS, "quorum").await?;
	let right = sound.seen(&before).await?;
	sound.finish().await?;

	let mut works = Works::start(LIARS).await?;
	let (wasm, input) = program(works.place(), seconds).await?;
	let (rpc, job) = (works.rpc()?.clone(), works.next_job().await?);
	let (mut dying, _) = works.workers.pop().ok_or_else(|| Error::new("there are no workers"))?;
	let (after, ()) = try_join(
		works.run(&wasm, &input, UNITS, "quorum"),
		Works::last_dies(&rpc, &mut dying, job),
	)
	.await?;
	let seen = works.seen(&after).await?;
	let wrong = seen
		.accepted
		.iter()
		.filter(|(unit, outcome)| right.accepted.get(unit).is_none_or(|right| right.root != outcome.root))
		.count();
	dying.finish().await?;
	works.finish().await?;
	ensure!(!seen.accepted.is_empty(), "no unit has a result");
	Ok(vec![
		Row::new(
			"64 units, two of nine lying and one killed / undisturbed",
			"<= 1.6 x",
			format!(
				"{} / {}: {:.2} x; {} dissents",
				shown(after.took),
				shown(before.took),
				after.took.as_secs_f64() / before.took.as_secs_f64().max(f64::EPSILON),
				seen.escalated
			),
		),
		Row::new("wrong results among them", "0", wrong.to_string()),
	])
}
