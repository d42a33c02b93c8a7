//! A job from its order to its outputs. It may be killed between any two steps: the record says where it goes on.

use crate::{
	flow::record::{Record, Step},
	market::acts::Act,
	market::{all_jobs, all_units, JobView, Jobs, UnitView},
	trouble::Trouble,
	units::home::at_home,
	units::outputs::{fetch_all, is_unserved, roots, Fetched},
	units::parcel::{Parcel, Served},
	words,
};
use compute_market_primitives::{JobId, JobStage, Kind, Tick, UnitAt, UnitStage};
use rand_core::{OsRng, RngCore};
use smart_agent_chain::{BlockNumber, ChainError, MORTAL_BLOCKS};
use smart_agent_terminal::{bytes, duration, money::Currency, Bars, Row, Terminal};
use smartchain_bundle::Outputs;
use smartchain_share::Halt;
use smartchain_unit::{Runner, Stop, Unit};
use std::{
	collections::BTreeSet,
	fs::File,
	path::{Path, PathBuf},
	time::Instant,
};

/// Blocks after which a transaction that is in none of them never will be: it may be signed anew, up to four later.
const GOOD_FOR: BlockNumber = MORTAL_BLOCKS as BlockNumber + 16;
/// How often a node that does not answer is asked again: some ten minutes.
const ASKS: u32 = 200;
/// How often outputs of a job that is done are asked for before that is given up: some three minutes.
const FETCHES: u32 = 60;

/// What it takes to follow a job.
pub struct Follow<'a> {
	/// The market, with the account's key.
	pub market: &'a dyn Jobs,
	/// The account.
	pub account: [u8; 32],
	/// What is under way.
	pub record: &'a mut Record,
	/// Program and inputs.
	pub parcel: &'a Parcel,
	/// What runs units again here.
	pub runner: Runner,
	/// Where it is shown.
	pub terminal: Terminal,
	/// How amounts are written.
	pub currency: Currency,
	/// Asks whether something is meant that costs more: an error if not, or if nobody can be asked.
	pub agree: &'a dyn Fn(&str) -> Result<(), Trouble>,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
	/// The job.
	pub job: JobId,
	/// Units that were agreed on,
	pub agreed: u32,
	/// of which these ended early: they have no output.
	pub trapped: Vec<UnitAt>,
	/// Units without a result.
	pub without: Vec<UnitAt>,
	/// How many were asked more than at first.
	pub escalated: u32,
	/// Who worked for it.
	pub workers: usize,
	/// What was paid, in planck.
	pub paid: u128,
	/// All outputs together: where, how many bytes, and their root; none if a unit has no result.
	pub joined: Option<(PathBuf, u64, [u8; 32])>,
	/// Units that were run again here, and those of them that came to something else.
	pub checked: u32,
	/// See above.
	pub refuted: Vec<UnitAt>,
	/// Those of them of which what stands is still something else: nobody has found it out.
	pub otherwise: Vec<UnitAt>,
}

impl Finished {
	/// Whether all units ran through, and came to what they come to here as far as that was looked at.
	pub fn is_right(&self) -> bool {
		self.without.is_empty() && self.trapped.is_empty() && self.otherwise.is_empty()
	}
}

/// Whether a node may answer a moment later.
fn is_away(error: &ChainError) -> bool {
	matches!(
		error,
		ChainError::Lost { .. } | ChainError::Timeout { .. } | ChainError::NoState(_)
	)
}

/// Whether nothing of a transaction will ever be in a block.
fn is_refused(error: &ChainError) -> bool {
	matches!(
		error,
		ChainError::Dispatch { .. }
			| ChainError::Rejected(_)
			| ChainError::Poor { .. }
			| ChainError::Signer(_)
			| ChainError::OtherRuntime { .. }
			| ChainError::Missing { .. }
			| ChainError::Expired { .. }
	)
}

/// Follows a job to its end.
///
/// # Errors
/// If money, disk or workers do not suffice; whatever was done by then is known, and the same goes on from there.
pub async fn follow(mut of: Follow<'_>) -> Result<Finished, Trouble> {
	let (spec, ..) = of.record.kept().order()?;
	let listen = of.record.kept().listen;
	let served = Served::new(listen, &of.parcel.program, &spec.input, of.record.folder())?;
	let job = of.submitted().await?;
	of.terminal.say(&format!(
		"Job {job}: workers fetch program and inputs here, at {}; let this run, or run the same again",
		served.address()
	));
	let mut missed = BTreeSet::new();
	let (view, units) = loop {
		let (view, units) = of.watched(job, &served, &missed).await?;
		if !of.computed_again(job, &view, &units, &mut missed).await? {
			break (view, units);
		}
	};
	let finished = of.fetched(job, &view, &units).await?;
	of.received(job).await?;
	Ok(finished)
}

impl Follow<'_> {
	/// Asks, and again for a while if the node is away.
	async fn asked<T, F>(&self, ask: impl Fn() -> F) -> Result<T, Trouble>
	where
		F: std::future::Future<Output = Result<T, ChainError>>,
	{
		let mut left = ASKS;
		loop {
			match ask().await {
				Err(error) if is_away(&error) && left > 0 => {
					left -= 1;
					self.market.pause().await;
				}
				answer => return Ok(answer?),
			}
		}
	}

	/// The job's number: it is submitted, once.
	async fn submitted(&mut self) -> Result<JobId, Trouble> {
		loop {
			let step = self.record.kept().step;
			match step {
				Step::Submitted { job } | Step::Received { job } | Step::Storing { job } => return Ok(job),
				Step::Planned => {
					let (block, _) = self.asked(|| self.market.now()).await?;
					// Nothing is looked through behind the newest one.
					let newest = self
						.asked(|| self.market.jobs_of(&self.account, JobId::MAX))
						.await?
						.newest;
					self.record
						.update(|kept| kept.step = Step::Submitting { after: newest, block })?;
					self.submit().await?;
				}
				Step::Submitting { after, block } => {
					if let Some(job) = self.found(after).await? {
						self.record.update(|kept| kept.step = Step::Submitted { job })?;
						continue;
					}
					let (now, _) = self.asked(|| self.market.now()).await?;
					if now > block.saturating_add(GOOD_FOR) {
						// What was sent is in no block, and never will be.
						self.record.update(|kept| kept.step = Step::Planned)?;
						continue;
					}
					self.market.pause().await;
				}
			}
		}
	}

	async fn submit(&mut self) -> Result<(), Trouble> {
		let (spec, max_price, assurance) = self.record.kept().order()?;
		let (escrow, deposit) = self.record.kept().put_in();
		let act = Act::Submit {
			spec,
			max_price,
			assurance,
			escrow,
			deposit,
		};
		let mut bar = self.terminal.bar(&act.words());
		bar.tell(None, "in a block, and final");
		match self.market.send(&act).await {
			Ok(sent) => {
				if let Some(job) = sent.submitted {
					self.record.update(|kept| kept.step = Step::Submitted { job })?;
				}
				Ok(())
			}
			Err(error) if is_refused(&error) => {
				self.record.update(|kept| kept.step = Step::Planned)?;
				Err(error.into())
			}
			// It may have been carried out all the same: it is looked for.
			Err(_) => Ok(()),
		}
	}

	/// The job that was submitted after another one, if the chain has it.
	async fn found(&self, after: JobId) -> Result<Option<JobId>, Trouble> {
		let order = self.record.kept().order()?;
		let jobs = self.asked(|| all_jobs(self.market, &self.account, after)).await?;
		for job in jobs {
			let view = self.asked(|| self.market.final_job(job)).await?;
			if view.is_some_and(|view| (view.spec, view.max_price, view.assurance) == order) {
				return Ok(Some(job));
			}
		}
		Ok(None)
	}

	/// Shows a job until nothing comes of its units any more, fetches outputs as they come, and looks at some of them.
	/// `missed` are units of which somebody looks whether they are served.
	async fn watched(
		&mut self,
		job: JobId,
		served: &Served,
		missed: &BTreeSet<UnitAt>,
	) -> Result<(JobView, Vec<UnitView>), Trouble> {
		let (mut bars, begun) = (self.terminal.bars(), Instant::now());
		let (mut looked, mut last, mut warned) = (BTreeSet::new(), None, None);
		loop {
			let Some(view) = self.asked(|| self.market.job(job)).await? else {
				if !self.is_gone(job).await? {
					self.market.pause().await;
					continue;
				}
				// The same may be ordered anew: nothing is there to go on with.
				self.record.forget()?;
				return Err(gone(job, last));
			};
			last = Some(view.stage);
			self.warn_if_short(job, &view, &mut warned).await?;
			let units = self.asked(|| all_units(self.market, job, view.spec.units)).await?;
			let words = format!(
				"{} of {} agreed, {} workers, {} fetched, {}",
				view.units.accepted,
				view.spec.units,
				view.pool.len(),
				bytes(served.sent()),
				duration(begun.elapsed())
			);
			tell(&mut bars, &view, &units, &words);
			if view.stage.closes(0).is_some() && !self.waits(&units, missed) {
				return Ok((view, units));
			}
			self.fetch(&view, &units).await?;
			self.spot_check(job, &view, &units, &mut looked).await?;
			self.market.pause().await;
		}
	}

	/// Says once that a job waits for money, and what helps: `warned` is until when it did when that was said last.
	async fn warn_if_short(&self, job: JobId, view: &JobView, warned: &mut Option<Tick>) -> Result<(), Trouble> {
		let Some(short) = view.short.filter(|short| *warned != Some(short.until)) else {
			return Ok(());
		};
		*warned = Some(short.until);
		let (_, now) = self.asked(|| self.market.now()).await?;
		let seconds = self.market.known().seconds(short.until.saturating_sub(now));
		let words = words::short(&self.currency, job, view, &short, seconds);
		self.terminal.warn(&format!("Job {job} waits: {words}"));
		Ok(())
	}

	/// Whether something is being found out that this program has asked for: what it appealed, or missed.
	fn waits(&self, units: &[UnitView], missed: &BTreeSet<UnitAt>) -> bool {
		let appealed = |number: UnitAt| self.record.kept().checked.contains(&(number, false));
		let asked = |unit: &UnitView| missed.contains(&unit.unit) || appealed(unit.unit);
		units.iter().any(|unit| unit.checked && asked(unit))
	}

	/// Has results computed again that others have found out, if that is wanted: nobody serves them. Whether there are
	/// any that were not `missed` before.
	async fn computed_again(
		&self,
		job: JobId,
		view: &JobView,
		units: &[UnitView],
		missed: &mut BTreeSet<UnitAt>,
	) -> Result<bool, Trouble> {
		let absent = self.fetch(view, units).await?.missing;
		let absent = absent.iter().map(|(number, _)| *number);
		let lost: Vec<UnitAt> = absent
			.filter(|number| serves_nobody(units, *number) && !missed.contains(number))
			.collect();
		if lost.is_empty() {
			return Ok(false);
		}
		let (spec, max_price, assurance) = self.record.kept().order()?;
		let quoted = self.asked(|| self.market.quote(&spec, max_price, assurance)).await?;
		let fee = quoted.map_err(Trouble::Other)?.dispute;
		let all = lost.iter().fold(0_u128, |sum, _| sum.saturating_add(fee));
		let question = format!(
			"Others came to another result of units {lost:?} than their workers, and nobody serves their outputs. Have \
			 them computed again out of the money of the job, for a fee of {} to those who look for them before?",
			self.currency.up(all)
		);
		if (self.agree)(&question).is_err() {
			return Ok(false);
		}
		for unit in lost {
			missed.insert(unit);
			match self.market.send(&Act::Dispute { job, unit, fee }).await {
				Ok(_) => (),
				// It is looked for already, or the time is over: the chain says what stands.
				Err(ChainError::Dispatch { error, .. }) if error == "NotDisputable" => (),
				Err(error) => return Err(error.into()),
			}
		}
		Ok(true)
	}

	/// Whether the chain had a job and has it no more: a node that is behind has not seen it yet.
	async fn is_gone(&self, job: JobId) -> Result<bool, Trouble> {
		let jobs = self.asked(|| self.market.jobs_of(&self.account, JobId::MAX)).await?;
		Ok(jobs.newest >= job && self.asked(|| self.market.final_job(job)).await?.is_none())
	}

	async fn fetch(&self, view: &JobView, units: &[UnitView]) -> Result<Fetched, Trouble> {
		let (folder, view, units) = (self.folder(), view.clone(), units.to_vec());
		let fetching = tokio::task::spawn_blocking(move || fetch_all(&folder, &view, &units, &Halt::default()));
		fetching.await.map_err(Trouble::thread)?
	}

	/// Where outputs lie one by one.
	fn folder(&self) -> PathBuf {
		self.record.kept().out.join("units")
	}

	/// Runs some of what was accepted here, by chance, and appeals what comes to something else.
	async fn spot_check(
		&mut self,
		job: JobId,
		view: &JobView,
		units: &[UnitView],
		looked: &mut BTreeSet<UnitAt>,
	) -> Result<(), Trouble> {
		let share = self.record.kept().spot_check;
		let known: BTreeSet<UnitAt> = self.record.kept().checked.iter().map(|(unit, _)| *unit).collect();
		for unit in units.iter().filter(|unit| unit.accepted.is_some()) {
			if known.contains(&unit.unit) || !looked.insert(unit.unit) || OsRng.next_u32() % 1_000 >= share {
				continue;
			}
			let same = self.compared(view, unit).await?;
			if !same {
				self.appeal(job, unit.unit).await?;
			}
			self.record.update(|kept| kept.checked.push((unit.unit, same)))?;
		}
		Ok(())
	}

	/// Whether a unit comes to the same here.
	async fn compared(&self, view: &JobView, unit: &UnitView) -> Result<bool, Trouble> {
		let (Some(accepted), Some(seed)) = (unit.accepted, view.seed) else {
			return Ok(true);
		};
		let own = Unit {
			number: unit.unit,
			count: view.spec.units,
			time: view.time,
			seed,
			fuel_limit: view.spec.fuel_limit,
			memory_pages: view.spec.memory_pages,
			program: self.parcel.program.clone(),
			input: self.parcel.input(unit.unit)?,
		};
		let runner = self.runner.clone();
		let running = tokio::task::spawn_blocking(move || at_home(&runner, &own, &Stop::default()));
		let ran = running.await.map_err(Trouble::thread)??;
		Ok(ran.outcome == accepted.outcome)
	}

	async fn appeal(&self, job: JobId, unit: UnitAt) -> Result<(), Trouble> {
		self.terminal.warn(&format!(
			"Unit {unit} comes to something else here: it is run again by thirteen others, for a deposit that comes \
			 back if that is right"
		));
		let (spec, max_price, assurance) = self.record.kept().order()?;
		let quoted = self.asked(|| self.market.quote(&spec, max_price, assurance)).await?;
		let deposit = quoted.map_err(Trouble::Other)?.appeal;
		match self.market.send(&Act::Appeal { job, unit, deposit }).await {
			Ok(_) => Ok(()),
			// Somebody else was faster, or the time is over: the chain says what stands.
			Err(ChainError::Dispatch { error, .. }) if error == "NotDisputable" => Ok(()),
			Err(error) => Err(error.into()),
		}
	}

	/// Fetches the outputs that are missing, and joins all.
	async fn fetched(&self, job: JobId, view: &JobView, units: &[UnitView]) -> Result<Finished, Trouble> {
		let mut fetched = self.fetch(view, units).await?;
		for _ in 0..FETCHES {
			// What nobody has does not come.
			if fetched.missing.iter().all(|(number, _)| serves_nobody(units, *number)) {
				break;
			}
			self.market.pause().await;
			fetched = self.fetch(view, units).await?;
		}
		if let Some((unit, why)) = fetched.missing.first() {
			return Err(Trouble::Lacking(format!(
				"the outputs of {} units of job {job} do not come; of unit {unit}: {why}. Run the same again later, or \
				 have three others look for it: `smart job dispute {job} {unit}`",
				fetched.missing.len()
			)));
		}
		let agreed = |unit: &&UnitView| unit.accepted.is_some();
		let trapped = units.iter().filter(|unit| {
			let kind = unit.accepted.map(|accepted| accepted.outcome.kind);
			kind.is_some_and(|kind| kind != Kind::Ok)
		});
		let without: Vec<UnitAt> = units
			.iter()
			.filter(|unit| !agreed(unit))
			.map(|unit| unit.unit)
			.collect();
		let first = view.assurance.replicas();
		let joined = match without.is_empty() {
			true => Some(self.joined(view, units).await?),
			false => None,
		};
		let checked = &self.record.kept().checked;
		let refuted: Vec<UnitAt> = checked
			.iter()
			.filter(|(_, same)| !same)
			.map(|(unit, _)| *unit)
			.collect();
		Ok(Finished {
			job,
			agreed: u32::try_from(units.iter().filter(agreed).count()).unwrap_or(u32::MAX),
			trapped: trapped.map(|unit| unit.unit).collect(),
			escalated: u32::try_from(units.iter().filter(|unit| unit.asked > first).count()).unwrap_or(u32::MAX),
			without,
			workers: view.pool.len(),
			paid: view.paid,
			joined,
			checked: u32::try_from(checked.len()).unwrap_or(u32::MAX),
			otherwise: self.otherwise(view, units, &refuted).await?,
			refuted,
		})
	}

	/// Units that came to something else once, and still do: an appeal may have come too late, or found nobody who says
	/// as much.
	async fn otherwise(&self, view: &JobView, units: &[UnitView], refuted: &[UnitAt]) -> Result<Vec<UnitAt>, Trouble> {
		let mut otherwise = Vec::new();
		for unit in units.iter().filter(|unit| refuted.contains(&unit.unit)) {
			if !self.compared(view, unit).await? {
				otherwise.push(unit.unit);
			}
		}
		Ok(otherwise)
	}

	async fn joined(&self, view: &JobView, units: &[UnitView]) -> Result<(PathBuf, u64, [u8; 32]), Trouble> {
		let (folder, roots) = (self.folder(), roots(units, view.spec.units));
		let path = self.record.kept().output();
		let to = path.clone();
		let joining = tokio::task::spawn_blocking(move || join(&folder, roots, &to));
		let (bytes, root) = joining.await.map_err(Trouble::thread)??;
		Ok((path, bytes, root))
	}

	/// Tells the chain that all outputs are here: workers have the rest of their pay then.
	async fn received(&mut self, job: JobId) -> Result<(), Trouble> {
		if matches!(self.record.kept().step, Step::Received { .. }) {
			return Ok(());
		}
		match self.market.send(&Act::Accept { job }).await {
			Ok(_) => (),
			// It was said before, or the job was cancelled: workers are paid when it is closed.
			Err(ChainError::Dispatch { .. }) => (),
			Err(error) if is_away(&error) || matches!(error, ChainError::Unclear { .. }) => (),
			Err(error) => return Err(error.into()),
		}
		self.record.update(|kept| kept.step = Step::Received { job })
	}
}

/// Whether nobody serves the output of this unit, for others have found it out.
fn serves_nobody(units: &[UnitView], number: UnitAt) -> bool {
	units.iter().any(|unit| unit.unit == number && is_unserved(unit))
}

/// The chain has a job no more, which stood there when it was seen last. One that finds no workers is not kept.
fn gone(job: JobId, last: Option<JobStage>) -> Trouble {
	Trouble::Lacking(match last {
		Some(JobStage::Pooling { .. } | JobStage::Starved { .. }) => format!(
			"job {job}: too few owners compute at this price, and what was put in is back. Offer more with \
			 --max-price, or order less memory"
		),
		Some(_) => format!("job {job} is closed, and what was not fetched is gone"),
		None => format!(
			"job {job} is gone: it found no workers, or was closed. What was left of its money is back; give the \
			 command again to order anew"
		),
	})
}

/// Joins outputs into a file, which is there as a whole or not at all.
fn join(folder: &Path, roots: Vec<Option<[u8; 32]>>, to: &Path) -> Result<(u64, [u8; 32]), Trouble> {
	let part = to.with_extension("part");
	let fault = |error: std::io::Error| Trouble::file(to, &error);
	let mut file = File::create(&part).map_err(fault)?;
	let joined = Outputs::open(folder, roots)?.join(&mut file)?;
	file.sync_all().map_err(fault)?;
	std::fs::rename(&part, to).map_err(fault)?;
	Ok((joined.bytes, joined.root))
}

/// Shows how far all is, and each unit that somebody has.
fn tell(bars: &mut Bars, view: &JobView, units: &[UnitView], words: &str) {
	let total = u64::from(view.spec.units).max(1);
	let far = |unit: &UnitView| u64::from(words::unit(&unit.stage).1);
	let sum = units.iter().map(far).fold(0, u64::saturating_add) / total;
	let mut rows = vec![Row {
		what: format!("All, {}", words::job(view)),
		thousandths: u16::try_from(sum).ok(),
		words: words.to_owned(),
	}];
	let out = units
		.iter()
		.filter(|unit| matches!(unit.stage, UnitStage::Dispatched { .. } | UnitStage::Revealing { .. }));
	rows.extend(out.map(|unit| {
		let (words, far) = words::unit(&unit.stage);
		Row {
			what: format!("Unit {}", unit.unit),
			thousandths: Some(far),
			words: format!("{words}, {} asked", unit.asked),
		}
	}));
	bars.tell(&rows);
}
