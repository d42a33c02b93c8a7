//! Jobs of many units: how many are settled a second, what they cost the chain, and how long units of a second take.

use crate::{
	chain::{beyond, costs, mandatory},
	kernels::{built, seconds_of, smallest},
	peers::{dask, parallel},
	works::{Ran, Works, FEW, MANY, WORKERS},
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
/// Units of a job by which workers show that they may work alone, and how many such jobs there are at most.
const PROOF: u32 = 256;
const PROOFS: u32 = 4;
/// Blocks of two turns, and some.
const TURNS: u32 = 60;
/// Those who lie in the last part.
const LIARS: usize = 2;

/// The program, and an input by which a unit takes so many seconds; for none the smallest program that there is.
async fn program(place: &Path, seconds: f64) -> Result<(PathBuf, PathBuf)> {
	let (to, input) = (place.to_owned(), place.join(format!("rounds-{seconds}")));
	let rounds = spawn_blocking(move || -> Result<_> {
		if seconds == 0.0 {
			return Ok((smallest(&to)?, 0));
		}
		let (_, wasm) = built(KERNEL, &to)?;
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

/// What tiny units have cost the chain, in bytes and picoseconds.
struct Costly {
	/// Of a unit: what its workers have said,
	bytes: f64,
	said: f64,
	/// and its part of hooks.
	hooks: f64,
	/// Of a transfer.
	transfer: f64,
}

impl Costly {
	/// `since` is a height before the transfer, and nothing happened in the turns before it.
	async fn of(works: &Works, since: u32, last: u32, units: usize) -> Result<Self> {
		// Whether a unit is run again is drawn two turns after it was accepted.
		let drawn = last.saturating_add(TURNS);
		works.until(drawn).await?;
		let rpc = works.rpc()?;
		let costs = costs(rpc, since, last).await?;
		ensure!(
			costs.transfers.count > 0 && costs.said.count > 0 && units > 0,
			"there is nothing to compare: {costs:?} of {units} units"
		);
		let still = mandatory(rpc, since.saturating_sub(TURNS), since).await?;
		let blocks = mandatory(rpc, since.saturating_add(1), drawn).await?;
		let of_unit = |all: u64| all as f64 / units as f64;
		Ok(Self {
			bytes: of_unit(costs.said.bytes),
			said: of_unit(costs.said.weight),
			hooks: of_unit(beyond(&blocks, &still)),
			transfer: costs.transfers.weight as f64 / costs.transfers.count as f64,
		})
	}

	fn rows(&self) -> Vec<Row> {
		let unit = self.said + self.hooks;
		let beside = |transfers: f64| unit / (self.transfer * transfers).max(1.0);
		let (one, six) = (beside(1.0), beside(6.0));
		vec![
			Row::judged(
				"bytes of a unit in blocks, all of its workers together",
				"<= 700",
				format!("{:.0}", self.bytes),
				self.bytes <= 700.0,
			),
			Row::new(
				"weight of a unit: what its workers say, and its part of hooks",
				"",
				format!("{:.0} us, {:.0} us", self.said / 1e6, self.hooks / 1e6),
			),
			Row::judged(
				"both / six transfers, as many as it has messages",
				"<= 2 x",
				format!("{:.0} us / {:.0} us: {six:.2} x", unit / 1e6, self.transfer * 6.0 / 1e6),
				six <= 2.0,
			),
			Row::judged(
				"both / one transfer",
				"<= 2 x",
				format!("{:.0} us / {:.0} us: {one:.2} x", unit / 1e6, self.transfer / 1e6),
				one <= 2.0,
			),
		]
	}
}

/// Units that do nothing: settled a second, beside Dask; bytes and weight of one.
pub async fn tiny(quick: bool) -> Result<Vec<Row>> {
	let units: u32 = if quick { 128 } else { 1_024 };
	let mut works = Works::start(0, MANY).await?;
	let (wasm, input) = program(works.place(), 0.0).await?;
	let since = works.rpc()?.finalized().await?.number;
	works.transfer().await?;
	let ran = works.run(&wasm, &input, units, "quorum").await?;
	let seen = works.seen(&ran).await?;
	let (first, last) = seen.span.ok_or_else(|| Error::new("no unit was given out"))?;
	let settled = seen.accepted.len();
	let costly = Costly::of(&works, since, last, settled).await?;
	works.finish().await?;
	let settling = f64::from(last.saturating_sub(first).max(1)) * SLOT_DURATION as f64 / 1_000.0;
	let rate = settled as f64 / settling;
	let beside = match spawn_blocking(move || dask(WORKERS, units)).await? {
		Ok(rate) => format!("{rate:.0}"),
		Err(why) => {
			eprintln!("  Dask is left out: {why}");
			"- (left out)".into()
		}
	};
	let mut rows = vec![
		Row::judged(
			format!("{units} tiny units by nine workers, {MANY} at a time each, one validator: a second / Dask"),
			">= 30",
			format!("{rate:.1} / {beside}"),
			rate >= 30.0,
		),
		Row::judged(
			"the same from the command to its end",
			"all settled",
			format!("{}, {settled} of {units} settled", shown(ran.took)),
			settled == units as usize,
		),
	];
	rows.extend(costly.rows());
	Ok(rows)
}

/// A row of how long units take beside GNU parallel.
fn beside(what: &str, asked: &'static str, ran: &Ran, times: f64, peer: Duration) -> Row {
	let (took, peer) = (ran.took.as_secs_f64(), peer.as_secs_f64());
	let most = peer * times + 20.0;
	Row::judged(
		what,
		asked,
		format!(
			"{took:.1} s / {peer:.1} s: {:.2} x; {most:.1} s at most",
			took / peer.max(f64::EPSILON)
		),
		took <= most,
	)
}

/// Everybody has so many right units that it may work alone.
async fn prove(works: &mut Works) -> Result<()> {
	eprintln!("  workers show that they may work alone ...");
	let (wasm, input) = program(works.place(), 0.0).await?;
	for _ in 0..PROOFS {
		if works.may_work_alone().await? {
			return Ok(());
		}
		works.run(&wasm, &input, PROOF, "quorum").await?;
	}
	let proven = works.may_work_alone().await?;
	ensure!(proven, "not everybody may work alone after {} units", PROOFS * PROOF);
	Ok(())
}

/// 64 units of a second.
pub async fn units(works: &mut Works, quick: bool) -> Result<Vec<Row>> {
	let (wasm, input) = program(works.place(), if quick { 0.25 } else { 1.0 }).await?;
	let (of_peer, given) = (wasm.clone(), input.clone());
	let peer = spawn_blocking(move || parallel(&of_peer, &given, UNITS)).await??;
	let quorum = works.run(&wasm, &input, UNITS, "quorum").await?;
	prove(works).await?;
	let audit = works.run(&wasm, &input, UNITS, "audit").await?;
	Ok(vec![
		beside(
			"64 units by one worker each / GNU parallel",
			"<= 1.25 x + 20 s",
			&audit,
			1.25,
			peer,
		),
		beside(
			"64 units by quorums / GNU parallel",
			"<= 3.2 x + 20 s",
			&quorum,
			3.2,
			peer,
		),
	])
}

/// The same quorum undisturbed, and with two of nine that lie and one that is killed.
pub async fn loss(undisturbed: Option<Works>, quick: bool) -> Result<Vec<Row>> {
	let seconds = if quick { 0.25 } else { 1.0 };
	let mut sound = match undisturbed {
		Some(works) => works,
		None => Works::start(0, FEW).await?,
	};
	let (wasm, input) = program(sound.place(), seconds).await?;
	let before = sound.run(&wasm, &input, UNITS, "quorum").await?;
	let right = sound.seen(&before).await?;
	sound.finish().await?;

	let mut works = Works::start(LIARS, FEW).await?;
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
	ensure!(
		seen.accepted.len() == UNITS as usize && right.accepted.len() == UNITS as usize,
		"not all units have a result: {} disturbed, {} undisturbed",
		seen.accepted.len(),
		right.accepted.len()
	);
	ensure!(seen.escalated > 0, "nobody lied: this is no loss");
	let longer = after.took.as_secs_f64() / before.took.as_secs_f64().max(f64::EPSILON);
	Ok(vec![
		Row::judged(
			"64 units, two of nine lying and one killed / undisturbed",
			"<= 1.6 x",
			format!(
				"{} / {}: {longer:.2} x; {} dissents",
				shown(after.took),
				shown(before.took),
				seen.escalated
			),
			longer <= 1.6,
		),
		Row::judged("wrong results among them", "0", wrong.to_string(), wrong == 0),
	])
}
