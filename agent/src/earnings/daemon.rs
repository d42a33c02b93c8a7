//! In the agent that runs: looks at what the owner earns, warns before it is lost, and claims if it is configured.

use super::{
	claim::{self, Hand},
	command::eras_of_a_day,
	file::BookFile,
	look::{look, Looked},
	shown, LOG_TARGET,
};
use crate::{
	commands::{Context, Failure},
	config::ClaimWhen,
	keys::{self, Keystore, Owner},
	ledger::Ledger,
	status::{unix_now, DeviceState, Earnings, Problem, Resource, Severity, Status, StatusHandle, MAX_EARNED},
	terminal::counted,
};
use smart_agent_ledger::{Seen, FLIGHT_SECONDS};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// How often the machine's own rounds are looked at.
const TICK: Duration = Duration::from_secs(30);
/// How often the chain is, at least and at most: four times an era within that.
const LOOKS: std::ops::RangeInclusive<u64> = 30..=300;
/// After a claim that failed, or was not worth it, so many seconds pass before another one is thought of.
const AGAIN: u64 = 3_600;
/// How many closed eras are asked about at a time, and how far back.
const MOST_CLOSED: usize = 16;
const BACK: u32 = 144;
/// Eras of which notes wait for the next look, at most.
const MOST_NOTES: usize = 64;

/// What the daemon knows between two ticks.
#[derive(Debug, Default)]
pub(super) struct Keeper {
	/// The owner of the device, by the chain.
	owner: Option<[u8; 32]>,
	/// Wins, expected ones and missed rounds of space when they were looked at last.
	before: Option<(u64, u64, u64)>,
	/// What was seen since the last look, by era.
	noted: BTreeMap<u32, Seen>,
	/// The era of the last look.
	era: Option<u32>,
	/// When the chain is looked at next, and when a claim is thought of next, in Unix time.
	look_at: u64,
	claim_at: u64,
}

/// Looks after what the owner of a device earns, for ever.
pub(crate) async fn keep(context: Context, ledger: impl Ledger, device: [u8; 32], handle: StatusHandle) {
	let mut keeper = Keeper::default();
	loop {
		keeper.tick(&context, &ledger, &device, &handle, unix_now()).await;
		tokio::time::sleep(TICK).await;
	}
}

/// What was earned, if the chain is asked just now: for `status` while no agent runs.
///
/// # Errors
/// If the node is not reached or has no issuance; if the file cannot be used.
pub(crate) async fn at_once(context: &Context, ledger: &dyn Ledger, account: [u8; 32]) -> Result<Earnings, Failure> {
	let facts = ledger.facts();
	let file = BookFile::new(&context.folder, facts.genesis.into(), account);
	let looked = look(ledger, &file, BACK, MOST_CLOSED, Vec::new()).await?;
	let day = eras_of_a_day(&facts);
	Ok(shown::part(
		&looked.book,
		&account,
		day,
		MAX_EARNED,
		context.config.earnings.claim,
	))
}

impl Keeper {
	/// What is due now.
	pub async fn tick(
		&mut self,
		context: &Context,
		ledger: &dyn Ledger,
		device: &[u8; 32],
		handle: &StatusHandle,
		now: u64,
	) {
		self.note(&handle.get(), handle.luck());
		if !is_time(self.look_at, now, *LOOKS.end()) {
			return;
		}
		let facts = ledger.facts();
		let era = u64::from(facts.era_slots).saturating_mul(facts.slot_ms) / 1_000;
		self.look_at = now.saturating_add((era / 4).clamp(*LOOKS.start(), *LOOKS.end()));
		let Some(owner) = self.learn_owner(context, ledger, device).await else {
			return;
		};
		let file = BookFile::new(&context.folder, facts.genesis.into(), owner);
		let notes: Vec<(u32, Seen)> = self.noted.iter().map(|(era, seen)| (*era, *seen)).collect();
		let looked = match look(ledger, &file, BACK, MOST_CLOSED, notes).await {
			Ok(looked) => looked,
			Err(failure) => {
				tracing::debug!(target: LOG_TARGET, "What is earned is not known: {}", failure.message);
				let remedy = "it is tried again all the time; wins are not concerned";
				tell(
					handle,
					"earnings",
					Some((format!("what is earned is not known: {}", failure.message), remedy)),
				);
				return;
			}
		};
		tell(handle, "earnings", None);
		self.noted.clear();
		self.era = Some(looked.book.era());
		warn(handle, &looked);
		let day = eras_of_a_day(&facts);
		let part = shown::part(&looked.book, &owner, day, MAX_EARNED, context.config.earnings.claim);
		handle.beside(|status| status.earnings = Some(part));
		// By a node that is behind what was seen before nothing is sent: what it says of nonces and fees is old, too.
		let wanted = context.config.earnings.claim == ClaimWhen::Daily && looked.observed.taken;
		if wanted && is_time(self.claim_at, now, AGAIN) && looked.book.is_due(now) {
			self.claim_at = now.saturating_add(AGAIN);
			let claimed = claim_all(context, ledger, &file, &looked).await;
			let failed = claimed.err().map(|failure| {
				tracing::warn!(target: LOG_TARGET, "What was earned is not claimed: {}", failure.message);
				let remedy = "it is tried again in an hour; or `smart-agent claim --all` by hand";
				(format!("what was earned is not claimed: {}", failure.message), remedy)
			});
			tell(handle, "claims", failed);
			// The book is another one now.
			self.look_at = now;
		}
	}

	/// Whose earnings these are; none if nobody knows.
	async fn learn_owner(&mut self, context: &Context, ledger: &dyn Ledger, device: &[u8; 32]) -> Option<[u8; 32]> {
		match ledger.device(device).await {
			Ok(Some(registered)) => {
				let owner: [u8; 32] = registered.owner.into();
				if self.owner.is_some_and(|before| before != owner) {
					// What was seen was the other one's.
					self.noted.clear();
				}
				self.owner = Some(owner);
			}
			// A device that is gone may have earned before: its owner stays. Whose it was is not known after a restart,
			// but whose phrase is here.
			Ok(None) if self.owner.is_none() => {
				self.owner = context.keystore().ok().map(|keystore| keystore.account());
			}
			Ok(None) | Err(_) => (),
		}
		self.owner
	}

	/// What the machine did since the last tick counts for the era of the last look, which is about right: looks are a
	/// quarter of an era apart.
	fn note(&mut self, status: &Status, (won, expected): (u64, u64)) {
		let tally = status.tallies.of(Resource::Space);
		let now = (won, expected, tally.missed.saturating_add(tally.refused));
		let before = self.before.replace(now).unwrap_or(now);
		let Some(era) = self.era else {
			return;
		};
		let small = |now: u64, before: u64| u32::try_from(now.saturating_sub(before)).unwrap_or(u32::MAX);
		let state = status.device.as_ref().map(|device| device.state);
		let uptime = status
			.lottery(Resource::Uptime)
			.map(|lottery| lottery.estimate.thousandths().min(1_000));
		let seen = Seen {
			won: small(now.0, before.0),
			expected: now.1.saturating_sub(before.1),
			missed: small(now.2, before.2),
			suspended: !matches!(state, Some(DeviceState::Active | DeviceState::Unknown) | None),
			uptime: uptime.and_then(|uptime| u16::try_from(uptime).ok()),
		};
		if self.noted.len() < MOST_NOTES || self.noted.contains_key(&era) {
			self.noted.entry(era).or_default().join(&seen);
		}
	}
}

/// Whether what was to wait until `at`, and for `most` seconds at most, is due: also if the clock was set back since.
fn is_time(at: u64, now: u64, most: u64) -> bool {
	let left = at.saturating_sub(now);
	left == 0 || left > most
}

/// Says what is wrong, or is not any more, beside the agent's own work.
fn tell(handle: &StatusHandle, code: &str, told: Option<(String, &str)>) {
	let known = handle.get().problems.iter().any(|problem| problem.code == code);
	if told.is_none() && !known {
		return;
	}
	let problem = told.map(|(what, remedy)| Problem::new(Severity::Warning, code, what, remedy));
	handle.beside(|status| {
		status.problems.retain(|problem| problem.code != code);
		status.problems.extend(problem);
	});
}

fn warn(handle: &StatusHandle, looked: &Looked) {
	let eras = looked.book.totals().expiring_eras;
	let expiring = (eras > 0).then(|| {
		let eras = counted(eras.into(), "era");
		let what = format!("what {eras} brought is lost soon if nobody claims it");
		(
			what,
			"`smart-agent claim --all`, or earnings.claim = \"daily\" in the configuration",
		)
	});
	tell(handle, "earnings-expiring", expiring);
	let doubted = looked.observed.doubted.first().map(|era| {
		let what = format!("the node says that era {era} can be claimed, which was claimed");
		(
			what,
			"ask a node that you trust: if that one says so, too, `smart-agent claim --again`",
		)
	});
	tell(handle, "earnings-doubted", doubted);
	for era in &looked.observed.expired {
		tracing::warn!(target: LOG_TARGET, "What era {era} brought is lost: nobody claimed it in time");
	}
}

/// Claims all that is worth its fee, the oldest eras first, as far as it may go out today.
async fn claim_all(context: &Context, ledger: &dyn Ledger, file: &BookFile, looked: &Looked) -> Result<(), Failure> {
	let keystore = context.keystore()?;
	if keystore.account() != *file.account() {
		return Err(Failure::other(format!(
			"the keystore is {}'s, and the device's owner is another account: claim where that one's phrase is",
			keystore.address()
		)));
	}
	let mut plan = claim::plan(ledger, &looked.book, file.account(), file.account()).await?;
	plan.batches.truncate(looked.book.left_today(unix_now()));
	if plan.batches.is_empty() {
		return Ok(());
	}
	if let Some(quote) = &plan.quote {
		crate::commands::signed::afford(quote, &ledger.currency(), keystore.address())?;
	}
	let owner = unlock(context, keystore).await?;
	for batch in &plan.batches {
		let sending = claim::send(ledger, file, &owner, batch, Hand::Alone);
		let patience = Duration::from_secs(FLIGHT_SECONDS);
		let sent = tokio::time::timeout(patience, sending).await;
		let included = sent.map_err(|_| {
			Failure::other("a claim was sent, and its block is not final after a quarter of an hour; see to the node")
		})??;
		tracing::info!(
			target: LOG_TARGET,
			"Claimed {} of {} in block {}",
			ledger.currency().show(batch.amount),
			counted(batch.eras.len() as u64, "era"),
			included.number
		);
	}
	Ok(())
}

/// The file with the owner's password that needs no person.
fn password_file(context: &Context) -> Option<PathBuf> {
	let configured = &context.config.earnings.password_file;
	let named = (!configured.as_os_str().is_empty()).then(|| configured.clone());
	named.or_else(|| keys::credential(keys::OWNER_CREDENTIAL))
}

/// The owner's key, for as long as claims are sent: it is nowhere in memory otherwise. It takes a second, on a thread
/// of its own.
async fn unlock(context: &Context, keystore: Keystore) -> Result<Owner, Failure> {
	let Some(path) = password_file(context) else {
		return Err(Failure::other(
			"there is no password of the owner: name its file by earnings.password_file, or give the service the \
			 credential owner-password",
		));
	};
	let unlocking = tokio::task::spawn_blocking(move || -> Result<Owner, Failure> {
		let phrase = keystore.unlock(&*keys::from_file(&path)?)?;
		Ok(Owner::new(&phrase)?)
	});
	let unlocked = unlocking.await;
	unlocked.map_err(|error| Failure::other(format!("the key is not unlocked: {error}; try again")))?
}
