//! A folder is stored: planned, ordered, placed, uploaded, committed, confirmed. Each step asks chain, devices and the
//! record whether it is done, so that whatever ends the program, the next run goes on where it was:
//!
//! | killed | what the next run finds |
//! |---|---|
//! | before the record is there | nothing: it begins anew |
//! | while the deal is sent | a deal of this account with this key box, or none until none can come any more |
//! | while slots go out | how much of each is durable at its device; the journal says of which bytes |
//! | before the roots are committed | the journal has all roots |
//! | while devices confirm | the chain says who has |

mod opening;
mod upload;

#[cfg(test)]
pub(crate) mod tests;

use crate::{
	failure::{Code, Failure},
	holders::Holders,
	progress::{Gauges, Show, Waits},
	store::Record,
};
use device_primitives::DeviceId;
use smart_agent_chain::ChainError;
use smart_market::{self as market, stage_words, Act, DealView, Market, Whose};
use smartchain_slots::{meter::Meter, Stored, VolumeKey};
use smartchain_transfer::client::Holder;
use std::{
	collections::{BTreeMap, BTreeSet},
	path::Path,
	sync::Arc,
};
use storage_market_primitives::{DealId, Stage, Tick, Why};
use upload::{Pass, Upload};

/// After how many failures in a row a device is drawn no more for a slot: another one takes its place.
const TRIES: u32 = 3;
/// How many transactions a run sends at most beyond one for each slot.
const SPARE_ACTS: u32 = 4;
/// How many ticks a device that failed is left alone.
const REST: Tick = 20;

/// What a put needs.
pub struct Job<'a> {
	/// The chain.
	pub market: &'a dyn Market,
	/// The devices.
	pub holders: &'a dyn Holders,
	/// How far it is.
	pub record: Record,
	/// What is stored.
	pub source: &'a Path,
	/// The volume's key.
	pub key: &'a VolumeKey,
	/// Counts memory.
	pub meter: &'a Meter,
	/// Where it is shown.
	pub show: Show,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
	/// The number of the deal.
	pub deal: DealId,
	/// Slots that are held.
	pub held: u32,
	/// Slots that there are.
	pub slots: u32,
	/// Bytes of the volume, encrypted.
	pub volume_len: u64,
	/// The tick at which what is paid for ends.
	pub ends: Tick,
	/// Bytes that this run carried.
	pub carried: u64,
}

/// Goes on with a put until its deal is active.
///
/// # Errors
/// What hinders it. Whatever the text does not say otherwise of, the same call goes on later.
pub async fn run(mut job: Job<'_>) -> Result<Done, Failure> {
	let mut waits = job.show.waits();
	let deal = opening::open(&mut job, &mut waits).await?;
	let mut work = Work::new(deal, &job);
	loop {
		let (view, now) = look(&job, deal, &mut waits).await?;
		let Some(view) = view else {
			job.record.end()?;
			return Err(Failure::other(format!(
				"deal {deal} was closed before all was stored; nothing of it is left: run `smart put` again, for a \
				 new one"
			)));
		};
		match view.deal.stage {
			Stage::Placing { .. } => {
				let slots = view.deal.slots.len();
				let drawn = view.deal.slots.iter().filter(|slot| slot.drawn.is_some()).count();
				let words = format!("for the beacon to draw devices: {drawn} of {slots}");
				waits.step(&words, job.market.pause()).await;
			}
			Stage::Uploading { until } => work.step(&job, &view, (now, until), &mut waits).await?,
			Stage::Active => {
				let done = work.done(&view);
				waits.clear();
				check_key(&job, deal, &mut waits).await?;
				job.record.end()?;
				return Ok(done);
			}
			Stage::Ended { why, .. } => {
				waits.clear();
				job.record.end()?;
				if let Err(failure) = opening::sent(&job, &Act::Close { deal }).await {
					job.show
						.warn(&format!("{}; `smart rm {deal}` does it later", failure.message));
				}
				return Err(ended(deal, why));
			}
		}
	}
}

/// Nothing is called stored, and no record is given up, that the phrase alone would not bring back.
async fn check_key(job: &Job<'_>, deal: DealId, waits: &mut Waits) -> Result<(), Failure> {
	let (market, kept) = (job.market, job.record.kept());
	let asked = || market.key_box(deal, &kept.account);
	let there = waits.answered(market, asked).await?;
	waits.clear();
	if there.as_deref() == Some(&kept.key_box[..]) {
		return Ok(());
	}
	Err(Failure::other(format!(
		"deal {deal} is active, and the node says that the chain has not its key for this account: the phrase alone \
		 would not bring it back. Keep the folder {}, which has it, and run the same again with another node (--node)",
		job.record.folder().display()
	)))
}

/// The deal as it stands, and the tick. A node that is not reached is waited for.
async fn look(job: &Job<'_>, deal: DealId, waits: &mut Waits) -> Result<(Option<DealView>, Tick), Failure> {
	let market = job.market;
	let asked = || async move {
		let view = market.deal(deal).await?;
		Ok::<_, ChainError>((view, market.now().await?.tick))
	};
	let found = waits.answered(market, asked).await;
	found.map_err(|error| Failure::from(error).with("run the same again, it goes on where it was"))
}

/// Why a deal has come to nothing, and what to do.
fn ended(deal: DealId, why: Why) -> Failure {
	let words = stage_words(&Stage::Ended { why, until: 0 });
	let remedy = match why {
		Why::Unplaced => {
			"all that was put in is given back: offer more (--max-ask), or take a profile with fewer \
			 slots (--profile), and run `smart put` again"
		}
		Why::Failed => {
			"a quarter of the pay of each slot that no device has is burned, and the rest comes back: see \
			 whether this machine reaches devices and uploads fast enough, and run `smart put` again"
		}
		_ => "run `smart put` again, for a new deal",
	};
	Failure::new(
		match why {
			Why::Unplaced | Why::Failed => Code::Unreachable,
			_ => Code::Failed,
		},
		format!("deal {deal} has come to nothing ({words}); {remedy}"),
	)
}

/// What is known of devices while a deal is uploaded. Nothing of it is kept: it is found out again.
struct Work {
	deal: DealId,
	gauges: Arc<Gauges>,
	/// Devices that have all of their slot.
	whole: BTreeSet<(u8, DeviceId)>,
	/// Failures of devices in a row, and until when each is left alone.
	failures: BTreeMap<(u8, DeviceId), (u32, Tick)>,
	/// The roots, once the volume has ended.
	stored: Option<Stored>,
	/// When devices were asked first whether they take their slots.
	since: Option<Tick>,
	told: bool,
	/// Transactions that were sent while it is uploaded.
	acts: u32,
}

impl Work {
	fn new(deal: DealId, job: &Job<'_>) -> Self {
		let shape = job.record.kept().order.geometry;
		Self {
			deal,
			gauges: Gauges::new(shape.slots, shape.slot_len()),
			whole: BTreeSet::new(),
			failures: BTreeMap::new(),
			stored: None,
			since: None,
			told: false,
			acts: 0,
		}
	}

	/// One look at a deal that is uploaded: brings what can be brought, commits, draws anew, or waits.
	async fn step(
		&mut self,
		job: &Job<'_>,
		view: &DealView,
		(now, until): (Tick, Tick),
		waits: &mut Waits,
	) -> Result<(), Failure> {
		if self.wants_upload(view, now) {
			waits.clear();
			if let Some(ready) = self.upload(job, view, now)? {
				let words = format!("for devices to make room: {ready} of {}", view.deal.slots.len());
				waits.step(&words, job.market.pause()).await;
				return Ok(());
			}
		}
		if !view.deal.rooted {
			if let Some(stored) = &self.stored {
				waits.clear();
				let roots = stored.roots().to_vec();
				return self.send(job, &Act::Roots { deal: self.deal, roots }).await;
			}
		}
		if let Some(slot) = self.to_redraw(view, now, until) {
			waits.clear();
			return self.redraw(job, view, slot).await;
		}
		self.tell(job, view, waits);
		let held = view.deal.holders();
		let words = format!("for devices to confirm: {held} of {}", view.deal.slots.len());
		waits.step(&words, job.market.pause()).await;
		Ok(())
	}

	/// Whether there is something to bring: the volume has not ended, or a device lacks some of its slot and may be
	/// asked again.
	fn wants_upload(&self, view: &DealView, now: Tick) -> bool {
		let drawn = market::holders(self.deal, view, Whose::Drawn);
		let wanted = |slot: u8, device: DeviceId| {
			let rests = self
				.failures
				.get(&(slot, device))
				.is_some_and(|(_, until)| now < *until);
			!self.whole.contains(&(slot, device)) && !rests
		};
		drawn.iter().any(|holder| wanted(holder.slot.slot, holder.device))
			// The roots are made of all bytes, whoever takes them.
			|| (self.stored.is_none() && !view.deal.rooted && self.failures.is_empty())
	}

	/// One pass over the folder. How many devices are ready, if it did not begin for want of others.
	fn upload(&mut self, job: &Job<'_>, view: &DealView, now: Tick) -> Result<Option<usize>, Failure> {
		let drawn = market::holders(self.deal, view, Whose::Drawn);
		let resting = drawn.iter().filter(|holder| {
			let failed = self.failures.get(&(holder.slot.slot, holder.device));
			failed.is_some_and(|(_, until)| now < *until)
		});
		let resting: Vec<u8> = resting.map(|holder| holder.slot.slot).collect();
		let since = *self.since.get_or_insert(now);
		let shown = job.show.gauges("Uploading", &self.gauges);
		let upload = Upload {
			job,
			view,
			drawn: &drawn,
			resting: &resting,
			whole: &self.whole,
			gauges: &self.gauges,
			known: self.stored.as_ref(),
			hurries: self.stored.is_some() || now >= since.saturating_add(REST),
		};
		let pass = tokio::task::block_in_place(|| upload.run())?;
		drop(shown);
		let (stored, faults, boasters) = match pass {
			Pass::Later { ready } => return Ok(Some(ready)),
			Pass::Brought {
				stored,
				faults,
				boasters,
			} => (stored, faults, boasters),
		};
		self.stored = Some(stored);
		for holder in drawn.iter().filter(|holder| !resting.contains(&holder.slot.slot)) {
			self.note(job, holder, faults.get(&holder.slot.slot), now);
			if boasters.contains(&holder.slot.slot) {
				// Asked again, it says no more than it could have.
				self.failures
					.insert((holder.slot.slot, holder.device), (TRIES, Tick::MAX));
			}
		}
		let alive = drawn.iter().any(|holder| !faults.contains_key(&holder.slot.slot));
		if !drawn.is_empty() && !alive && view.deal.holders() == 0 && !self.may_redraw(view) {
			return Err(Failure::new(
				Code::Unreachable,
				"no device of the deal is reached; see whether this machine's network lets it out, then run the same \
				 again",
			));
		}
		Ok(None)
	}

	/// Notes how a device did.
	fn note(&mut self, job: &Job<'_>, holder: &Holder, fault: Option<&String>, now: Tick) {
		let place = (holder.slot.slot, holder.device);
		let Some(why) = fault else {
			self.whole.insert(place);
			self.failures.remove(&place);
			return;
		};
		let (count, until) = self.failures.entry(place).or_default();
		*count = count.saturating_add(1);
		*until = now.saturating_add(REST);
		job.show.warn(&format!(
			"Slot {}: its device {} fails ({why}); it is tried again",
			place.0,
			short(&place.1)
		));
	}

	fn may_redraw(&self, view: &DealView) -> bool {
		view.deal.redraws < view.deal.order.geometry.slots
	}

	/// A slot whose device has failed for too long, while there is time for another.
	fn to_redraw(&self, view: &DealView, now: Tick, until: Tick) -> Option<u8> {
		if !self.may_redraw(view) || now.saturating_add(REST) >= until {
			return None;
		}
		let drawn = market::holders(self.deal, view, Whose::Drawn);
		let failed = drawn.iter().find(|holder| {
			let known = self.failures.get(&(holder.slot.slot, holder.device));
			known.is_some_and(|(count, _)| *count >= TRIES) || holder.addresses.is_empty()
		});
		failed.map(|holder| holder.slot.slot)
	}

	async fn redraw(&mut self, job: &Job<'_>, view: &DealView, slot: u8) -> Result<(), Failure> {
		let left = view.deal.order.geometry.slots.saturating_sub(view.deal.redraws + 1);
		job.show.warn(&format!(
			"Another device is drawn for slot {slot}; that can be done {left} times more in this deal"
		));
		let act = Act::Redraw {
			deal: self.deal,
			slot: slot.into(),
		};
		self.send(job, &act).await
	}

	/// Sends something, each of which costs a fee: a node that always says that nothing was done is not paid for
	/// without an end.
	async fn send(&mut self, job: &Job<'_>, act: &Act) -> Result<(), Failure> {
		let most = u32::from(job.record.kept().order.geometry.slots).saturating_add(SPARE_ACTS);
		if self.acts >= most {
			return Err(Failure::other(format!(
				"{most} transactions of this run are done, and the node says again and again that they are not; name \
				 another node with --node, and run the same again"
			)));
		}
		self.acts += 1;
		opening::sent(job, act).await
	}

	/// Says once what is waited for.
	fn tell(&mut self, job: &Job<'_>, view: &DealView, waits: &mut Waits) {
		if self.told || !view.deal.rooted {
			return;
		}
		waits.clear();
		self.told = true;
		let enough = view.deal.order.geometry.to_begin();
		job.show.done(&format!(
			"Uploaded. The deal begins when all devices have confirmed; if some do not, with {enough} of them, and the \
			 chain has the others' slots built anew"
		));
	}

	fn done(&self, view: &DealView) -> Done {
		let deal = &view.deal;
		Done {
			deal: self.deal,
			held: deal.holders(),
			slots: deal.order.geometry.slots.into(),
			volume_len: deal.order.geometry.volume_len,
			ends: deal.ends,
			carried: self.gauges.all_carried(),
		}
	}
}

/// The first digits of a device's id.
pub(crate) fn short(device: &DeviceId) -> String {
	let digits: String = device.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
	format!("0x{digits}…")
}
