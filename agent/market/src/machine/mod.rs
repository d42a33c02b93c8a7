//! The machine: its state, and which part of it listens to which event.

mod answer;
mod claim;
mod confirm;
mod drawn;
mod gone;
mod prove;
mod repair;
mod scrub;
mod seal;
mod send;
mod voucher;

use crate::{
	deeds::DeedKey,
	events::{Action, Done, Event, Failure, JobId, Order, Work},
	memory::Memory,
	rules::Rules,
	stats::Stats,
	types::{Asked, Balance, Config, Hash, Now, OnDisk, Role, SlotKey, Tick, Told},
	why::{Missed, Why},
};
use send::Sending;
use std::collections::{BTreeMap, BTreeSet};

pub use claim::CLAIM_SLOTS;
pub use gone::GONE_AFTER;
pub use scrub::SCRUB_SECONDS;
pub use send::RESEND_MS;

/// Slots that are followed at most.
pub const MAX_SLOTS: usize = 65_536;

/// Challenges that are followed at most: those of several ticks, on several branches.
pub const MAX_ASKED: usize = 256;

/// Deeds that are on their way at most.
pub const MAX_DEEDS: usize = 1_024;

/// Pauses after work that came to nothing, in milliseconds: the first, and the longest.
const FIRST_PAUSE: u64 = 1_000;
const LONGEST_PAUSE: u64 = 300_000;
/// The longest one after chunks could not be opened.
const LONGEST_OPEN: u64 = 8_000;

/// Openings that are made at a time.
const MAX_OPENS: usize = 8;
/// Room that is made, and slots that are deleted, at a time.
const MAX_SMALL: usize = 4;
/// Signed deeds that are refused in a row before none is signed for so many milliseconds: a day.
const MAX_VAIN: u32 = 16;
const VAIN_PAUSE: u64 = 86_400_000;
/// Slots that are hashed at a time.
const MAX_SEALS: usize = 2;

/// What of a slot is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disk {
	/// Nothing.
	Absent,
	/// So many bytes, from the first on.
	Open(u64),
	/// All of it, with its outboard.
	Sealed(Hash),
}

/// A slot.
#[derive(Clone, Debug)]
struct Slot {
	bytes: u64,
	disk: Disk,
	/// What the chain says of it.
	told: Option<Told>,
	/// Since when it says nothing: its tick, and this program's time.
	gone: Option<(Tick, u64)>,
	/// The tick at which room was made for it.
	made: Tick,
	/// Until when nothing is tried again, and how often that has failed.
	pause: (u64, u32),
	/// The same of its openings alone: what cannot be mended is no reason not to answer for the rest.
	opens: (u64, u32),
	/// When it was begun to be built last.
	built: u64,
	/// Groups that are not what they were.
	rotten: BTreeSet<u32>,
	/// Whether what is there has the wrong root, and is to be built from others.
	wrong: bool,
	scrubbed: Option<u64>,
	scrub_now: bool,
	/// When it was asked to be challenged last.
	proves: Option<Tick>,
	/// Why it is not confirmed yet.
	why: Option<Why>,
}

impl Slot {
	fn new(bytes: u64) -> Self {
		Self {
			bytes,
			disk: Disk::Absent,
			told: None,
			gone: None,
			made: 0,
			pause: (0, 0),
			opens: (0, 0),
			built: 0,
			rotten: BTreeSet::new(),
			wrong: false,
			scrubbed: None,
			scrub_now: false,
			proves: None,
			why: None,
		}
	}

	fn root(&self) -> Option<Hash> {
		self.told.and_then(|told| told.root)
	}

	/// Whether all of it is there, and is what the chain says.
	fn is_sound(&self) -> bool {
		matches!((self.disk, self.root()), (Disk::Sealed(found), Some(root)) if found == root)
	}

	/// Something failed: it is tried again after a pause that doubles.
	fn failed(&mut self, now: u64) {
		let doublings = self.pause.1.min(16);
		let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
		self.pause = (now.saturating_add(pause), self.pause.1.saturating_add(1));
	}

	/// An opening failed: whoever is asked has minutes.
	fn open_failed(&mut self, now: u64) {
		let doublings = self.opens.1.min(16);
		let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_OPEN);
		self.opens = (now.saturating_add(pause), self.opens.1.saturating_add(1));
	}

	fn went_well(&mut self) {
		self.pause = (0, 0);
	}
}

/// A challenge.
#[derive(Clone, Copy, Debug)]
struct Challenge {
	/// The tick at which it was seen first.
	seen: Tick,
	/// Whether the last block had it open.
	open: bool,
	/// Why it is not answered yet.
	why: Option<Why>,
}

/// Work that is going on.
#[derive(Clone, Debug)]
struct Job {
	key: SlotKey,
	work: Work,
	/// The deed that it is for.
	deed: Option<DeedKey>,
	/// When it was begun.
	begun: u64,
	cancelled: bool,
}

/// A provider of storage. See the crate's head for what it is told and what it asks for.
#[derive(Clone, Debug)]
pub struct Machine {
	config: Config,
	rules: Rules,
	now: Now,
	tick: Option<Tick>,
	node_lost: bool,
	stopping: bool,
	/// Whether it is known what is on the disk.
	listed: bool,
	slots: BTreeMap<SlotKey, Slot>,
	asked: BTreeMap<Asked, Challenge>,
	jobs: BTreeMap<JobId, Job>,
	next_job: JobId,
	sends: BTreeMap<DeedKey, Sending>,
	memory: Memory,
	/// Slots whose pay is to be claimed, and when that began last.
	to_claim: BTreeSet<SlotKey>,
	claimed: Option<Tick>,
	/// When something that the owner's account signed was refused last, and how often in a row.
	vain: (u64, u32),
	stats: Stats,
}

impl Machine {
	/// A machine that knows what was kept before it began.
	pub fn new(config: Config, memory: Memory) -> Self {
		Self::with_rules(config, memory, Rules::default())
	}

	/// The same without some rules, for tests that show that they would notice.
	#[doc(hidden)]
	pub fn with_rules(config: Config, memory: Memory, rules: Rules) -> Self {
		let sends = memory
			.deeds()
			.map(|deed| (deed.key, Sending::kept(deed.clone())))
			.collect();
		Self {
			config,
			rules,
			now: Now::default(),
			tick: None,
			node_lost: false,
			stopping: false,
			listed: false,
			slots: BTreeMap::new(),
			asked: BTreeMap::new(),
			jobs: BTreeMap::new(),
			next_job: 0,
			sends,
			memory,
			to_claim: BTreeSet::new(),
			claimed: None,
			vain: (0, 0),
			stats: Stats::default(),
		}
	}

	/// What happened, and when; and what is to be done.
	pub fn step(&mut self, now: Now, event: Event) -> Vec<Action> {
		self.now = Now {
			ms: self.now.ms.max(now.ms),
			unix: now.unix,
		};
		let mut out = Vec::new();
		match event {
			Event::Head { tick, slots, asked } => self.on_head(tick, slots, asked, &mut out),
			Event::Disk(all) => self.on_disk(all),
			Event::Space(space) => self.config.space = space,
			Event::Received { key, durable } => self.on_received(&key, durable),
			Event::Voucher(voucher) => self.on_voucher(voucher, &mut out),
			Event::Order(order) => self.on_order(order),
			Event::Done { job, done } => self.on_done(job, done, &mut out),
			Event::Owes(debts) => self.on_owes(debts, &mut out),
			Event::Reported(report) => self.on_reported(report, &mut out),
			Event::Kept(key) => self.on_kept(&key, true),
			Event::NotKept(key) => self.on_kept(&key, false),
			Event::Submission { key, outcome } => self.on_submission(&key, outcome, &mut out),
			Event::NodeLost => self.on_node_lost(),
			Event::NodeBack => self.on_node_back(),
			Event::Tick => (),
			Event::Stop => self.stopping = true,
		}
		// Until both are known, what is missing cannot be told from what was not looked for.
		if self.listed && self.tick.is_some() {
			self.answer(&mut out);
			self.draw(&mut out);
			self.seal(&mut out);
			self.confirm(&mut out);
			self.end_builds(&mut out);
			self.mend(&mut out);
			self.repair(&mut out);
			self.scrub(&mut out);
			self.prove(&mut out);
			self.claim(&mut out);
			self.redeem(&mut out);
			self.end_challenges(&mut out);
			self.remove(&mut out);
		}
		self.send(&mut out);
		self.forget(&mut out);
		out
	}

	/// Whether the owner's account signs now: a node that lies, or a runtime of another time, has it pay few fees a day
	/// for what is refused.
	fn signs(&self) -> bool {
		let (since, count) = self.vain;
		self.config.signs && (count < MAX_VAIN || self.now.ms.saturating_sub(since) >= VAIN_PAUSE)
	}

	/// The tick of the last block; 0 before there was one.
	fn tick(&self) -> Tick {
		self.tick.unwrap_or(0)
	}

	fn on_head(&mut self, tick: Tick, slots: Option<Vec<Told>>, asked: Vec<Asked>, out: &mut Vec<Action>) {
		self.tick = Some(tick);
		for (asked, challenge) in &mut self.asked {
			// A block after its time says nothing of it.
			challenge.open &= asked.until < tick;
		}
		let mut new = Vec::new();
		for asked in asked.into_iter().take(MAX_ASKED) {
			match self.asked.get_mut(&asked) {
				Some(challenge) => challenge.open = true,
				None => new.push(asked),
			}
		}
		for asked in new {
			if self.asked.len() >= MAX_ASKED && !self.pass_over() {
				break;
			}
			let challenge = Challenge {
				seen: tick,
				open: true,
				why: None,
			};
			self.asked.insert(asked, challenge);
		}
		if let Some(slots) = slots {
			self.on_told(tick, slots, out);
		}
		self.observe();
	}

	fn on_told(&mut self, tick: Tick, slots: Vec<Told>, out: &mut Vec<Action>) {
		let mut told: BTreeMap<SlotKey, Told> =
			slots.into_iter().take(MAX_SLOTS).map(|told| (told.key, told)).collect();
		let now = self.now.ms;
		for (key, slot) in &mut self.slots {
			let after = told.remove(key);
			if let Some(missed) = unconfirmed(*key, slot, after.as_ref(), tick) {
				self.stats.unconfirmed = self.stats.unconfirmed.saturating_add(1);
				out.push(Action::Explain(missed));
			}
			let held = |told: Option<&Told>| told.is_some_and(|told| matches!(told.role, Role::Held { .. }));
			if held(after.as_ref()) && !held(slot.told.as_ref()) {
				slot.went_well();
				if slot.told.is_some() {
					self.stats.confirmed = self.stats.confirmed.saturating_add(1);
				}
			}
			let known = after.is_some() || tick <= slot.made;
			slot.gone = match known {
				true => None,
				false => slot.gone.or(Some((tick, now))),
			};
			slot.told = after;
			if matches!((slot.disk, slot.root()), (Disk::Sealed(found), Some(root)) if found != root) {
				// It was of another branch: what is there is looked at anew.
				slot.disk = Disk::Open(slot.bytes);
			}
		}
		for (key, told) in told {
			if self.slots.len() >= MAX_SLOTS {
				break;
			}
			let mut slot = Slot::new(told.bytes);
			slot.told = Some(told);
			self.slots.insert(key, slot);
		}
	}

	fn on_disk(&mut self, all: Vec<OnDisk>) {
		self.listed = true;
		for found in all.into_iter().take(MAX_SLOTS) {
			let slot = self.slots.entry(found.key).or_insert_with(|| Slot::new(found.bytes));
			slot.disk = match found.root {
				Some(root) => Disk::Sealed(root),
				None => Disk::Open(found.durable),
			};
			slot.bytes = found.bytes;
			slot.scrubbed = found.scrubbed;
			slot.made = found.made;
		}
	}

	fn on_received(&mut self, key: &SlotKey, durable: u64) {
		let Some(slot) = self.slots.get_mut(key) else {
			return;
		};
		if let Disk::Open(before) = &mut slot.disk {
			*before = (*before).max(durable).min(slot.bytes);
		}
	}

	fn on_order(&mut self, order: Order) {
		match order {
			Order::Scrub(which) => {
				for (key, slot) in &mut self.slots {
					slot.scrub_now |= which.is_none_or(|which| which == *key);
				}
			}
		}
	}

	/// Begins work on a slot.
	fn begin(&mut self, key: SlotKey, work: Work, deed: Option<DeedKey>, out: &mut Vec<Action>) {
		let job = self.next_job;
		self.next_job = job.wrapping_add(1);
		let begun = Job {
			key,
			work: work.clone(),
			deed,
			begun: self.now.ms,
			cancelled: false,
		};
		self.jobs.insert(job, begun);
		out.push(Action::Begin { job, key, work });
	}

	fn count(&self, which: impl Fn(&Work) -> bool) -> usize {
		self.jobs.values().filter(|job| which(&job.work)).count()
	}

	/// Whether something is done to a slot, besides chunks that are opened.
	fn is_busy(&self, key: &SlotKey) -> bool {
		let mut jobs = self.jobs.values();
		jobs.any(|job| job.key == *key && !matches!(job.work, Work::Open { .. }))
	}

	/// Whether chunks of it are being opened.
	fn is_read(&self, key: &SlotKey) -> bool {
		let mut jobs = self.jobs.values();
		jobs.any(|job| job.key == *key && matches!(job.work, Work::Open { .. }))
	}

	/// Slots of which one thing or another may be begun: none while the program ends.
	fn ready(&self, which: impl Fn(&Slot) -> bool) -> Vec<SlotKey> {
		if self.stopping {
			return Vec::new();
		}
		let now = self.now.ms;
		let all = self
			.slots
			.iter()
			.filter(|(_, slot)| slot.pause.0 <= now && which(slot))
			.map(|(key, _)| *key);
		let busy: BTreeSet<SlotKey> = self
			.jobs
			.values()
			.filter(|job| !matches!(job.work, Work::Open { .. }))
			.map(|job| job.key)
			.collect();
		all.filter(|key| !busy.contains(key)).collect()
	}

	fn on_done(&mut self, job: JobId, done: Done, out: &mut Vec<Action>) {
		let Some(job) = self.jobs.remove(&job) else {
			return;
		};
		let (now, unix) = (self.now.ms, self.now.unix);
		match (&job.work, done) {
			(_, Done::Failed(failure)) => self.on_failed(&job, failure),
			(Work::Open { .. }, done) => self.on_opened(&job, done, out),
			(Work::Make { at, .. }, Done::Made) => self.on_made(&job.key, *at),
			(Work::Seal { root }, Done::Sealed(right)) => self.on_sealed(&job.key, *root, right),
			(Work::Repair { root }, Done::Repaired) => self.on_repaired(&job.key, *root, now.saturating_sub(job.begun)),
			(Work::Scrub { .. }, Done::Rotten(groups)) => self.on_scrubbed(&job.key, groups, unix),
			(Work::Mend { groups, .. }, Done::Mended) => self.on_mended(&job.key, groups),
			(Work::Reset, Done::Reset) => self.on_reset(&job.key),
			(Work::Remove, Done::Removed) => self.on_removed(&job.key, out),
			// What was not asked for says nothing.
			_ => self.on_failed(&job, Failure::Cancelled),
		}
	}

	fn on_failed(&mut self, job: &Job, failure: Failure) {
		let now = self.now.ms;
		let Some(slot) = self.slots.get_mut(&job.key) else {
			return;
		};
		if job.cancelled {
			// Others have their turn first.
			slot.failed(now);
		}
		if job.cancelled || failure == Failure::Cancelled {
			return;
		}
		let is_opening = matches!(job.work, Work::Open { .. });
		if is_opening {
			slot.open_failed(now);
		}
		if !is_opening || failure == Failure::Missing {
			slot.failed(now);
		}
		let why = match failure {
			Failure::NoRoom => Some(Why::NoRoom),
			Failure::Disk | Failure::Missing => Some(Why::Disk),
			Failure::TooFew => Some(Why::NotRepaired),
			Failure::NotACodeword => Some(Why::OtherRoot),
			Failure::Cancelled => None,
		};
		slot.why = why.or(slot.why);
		if failure == Failure::Missing {
			// What is there is hashed again: that makes its outboard anew, or shows that it has to be built from
			// others.
			slot.disk = match (slot.disk, &job.work) {
				(Disk::Sealed(_), _) => Disk::Open(slot.bytes),
				(_, Work::Seal { .. }) => Disk::Open(0),
				(disk, _) => disk,
			};
		}
		if let Some(DeedKey::Answer { .. }) = job.deed {
			self.blame(job.deed, why);
		}
	}
}

/// Whether a slot that the device was drawn for was not confirmed in time, and why.
fn unconfirmed(key: SlotKey, slot: &Slot, after: Option<&Told>, tick: Tick) -> Option<Missed> {
	let Role::Drawn { until, .. } = slot.told?.role else {
		return None;
	};
	let goes_on = after.is_some_and(|after| match after.role {
		Role::Drawn { until: then, .. } => then == until,
		Role::Held { .. } => true,
	});
	// Before its time is over it was taken back, by the owner or by a branch.
	if goes_on || tick <= until {
		return None;
	}
	Some(Missed {
		key,
		until,
		challenge: false,
		why: slot.why.unwrap_or(Why::NotUploaded),
	})
}

/// How far a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlotState {
	/// It was drawn, and there is no room for it yet.
	Drawn,
	/// Its owner uploads it.
	Uploading,
	/// It is built from others.
	Repairing,
	/// It is there, and is to be confirmed.
	Confirming,
	/// It is held.
	Held,
	/// It is held, and has missed a challenge.
	Suspect,
	/// It is held, and is to leave.
	Leaving,
	/// It is held by the chain's word, and not on this disk.
	Missing,
	/// The chain says nothing of it any more.
	Ended,
}

impl SlotState {
	/// All of them, in order.
	pub const ALL: [Self; 9] = [
		Self::Drawn,
		Self::Uploading,
		Self::Repairing,
		Self::Confirming,
		Self::Held,
		Self::Suspect,
		Self::Leaving,
		Self::Missing,
		Self::Ended,
	];

	/// Its name.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Drawn => "drawn",
			Self::Uploading => "uploading",
			Self::Repairing => "repairing",
			Self::Confirming => "confirming",
			Self::Held => "held",
			Self::Suspect => "suspect",
			Self::Leaving => "leaving",
			Self::Missing => "missing",
			Self::Ended => "ended",
		}
	}
}

/// A slot, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotStatus {
	/// Which.
	pub key: SlotKey,
	/// How far it is.
	pub state: SlotState,
	/// Bytes of it.
	pub bytes: u64,
	/// How many of them are durable here.
	pub durable: u64,
	/// Groups that are to be mended.
	pub rotten: usize,
	/// What it has earned and not claimed, in planck.
	pub accrued: Balance,
	/// When it was read as a whole, in Unix time, seconds.
	pub scrubbed: Option<u64>,
	/// Why it is not further, if something is the matter.
	pub why: Option<Why>,
}

/// What a person may want to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
	/// The tick of the last block.
	pub tick: Option<Tick>,
	/// Whether the node is lost.
	pub node_lost: bool,
	/// All slots, by deal.
	pub slots: Vec<SlotStatus>,
	/// Challenges that are open and not answered.
	pub open: usize,
	/// What vouchers still bring, in planck.
	pub unpaid: Balance,
	/// What became of challenges and slots.
	pub stats: Stats,
}

impl Machine {
	/// What a person may want to see.
	pub fn status(&self) -> Status {
		Status {
			tick: self.tick,
			node_lost: self.node_lost,
			slots: self.slots.iter().map(|(key, slot)| shown(*key, slot)).collect(),
			open: self.asked.values().filter(|challenge| challenge.open).count(),
			unpaid: self.memory.unpaid(),
			stats: self.stats,
		}
	}

	/// What was kept, to be kept beyond this machine.
	pub fn memory(&self) -> &Memory {
		&self.memory
	}

	/// How many deeds are being made durable or sent: whoever ends the program may wait for them a moment.
	pub fn sending(&self) -> usize {
		self.sends.values().filter(|sending| sending.moves()).count()
	}

	/// Whether a slot may be uploaded to now, and how many bytes it is to have.
	pub fn takes(&self, key: &SlotKey) -> Option<u64> {
		let slot = self.slots.get(key)?;
		let drawn = matches!(slot.told?.role, Role::Drawn { repair: false, .. });
		(drawn && matches!(slot.disk, Disk::Open(_)) && !self.is_busy(key)).then_some(slot.bytes)
	}

	/// For tests: that everything stays within its bounds.
	///
	/// # Errors
	/// Names the first that does not.
	pub fn check_bounds(&self) -> Result<(), &'static str> {
		let checks = [
			(self.slots.len() <= MAX_SLOTS, "slots"),
			(self.asked.len() <= MAX_ASKED, "challenges"),
			(self.sends.len() <= MAX_DEEDS, "deeds"),
			(
				self.count(|work| matches!(work, Work::Open { .. })) <= MAX_OPENS,
				"openings",
			),
			(
				self.count(|work| matches!(work, Work::Seal { .. })) <= MAX_SEALS,
				"seals",
			),
		];
		match checks.into_iter().find(|(holds, _)| !holds) {
			Some((_, what)) => Err(what),
			None => Ok(()),
		}
	}
}

fn shown(key: SlotKey, slot: &Slot) -> SlotStatus {
	let accrued = match slot.told.map(|told| told.role) {
		Some(Role::Held { accrued, .. }) => accrued,
		_ => 0,
	};
	SlotStatus {
		key,
		state: state_of(slot),
		bytes: slot.bytes,
		durable: match slot.disk {
			Disk::Absent => 0,
			Disk::Open(durable) => durable,
			Disk::Sealed(_) => slot.bytes,
		},
		rotten: slot.rotten.len(),
		accrued,
		scrubbed: slot.scrubbed,
		why: slot.why,
	}
}

fn state_of(slot: &Slot) -> SlotState {
	let Some(told) = slot.told else {
		return SlotState::Ended;
	};
	match (told.role, slot.disk) {
		(Role::Drawn { .. }, Disk::Absent) => SlotState::Drawn,
		(Role::Drawn { repair: true, .. }, Disk::Open(_)) => SlotState::Repairing,
		(Role::Drawn { repair: false, .. }, Disk::Open(_)) => SlotState::Uploading,
		(Role::Drawn { .. }, Disk::Sealed(_)) => SlotState::Confirming,
		(Role::Held { .. }, Disk::Absent | Disk::Open(_)) => SlotState::Missing,
		(Role::Held { leaving: true, .. }, Disk::Sealed(_)) => SlotState::Leaving,
		(Role::Held { suspect: true, .. }, Disk::Sealed(_)) => SlotState::Suspect,
		(Role::Held { .. }, Disk::Sealed(_)) => SlotState::Held,
	}
}
