//! Slots go out: one pass over the folder brings every reachable device what it lacks.

use super::Job;
use crate::{failure::Failure, holders::Writer, progress::Gauges};
use device_primitives::DeviceId;
use smart_market::{self as market, DealView};
use smartchain_slots::{
	edge::{FileLog, Folder, SlotSink},
	put, told, Error, Plan, Put, Stored,
};
use smartchain_transfer::client::Holder;
use std::{
	collections::{BTreeMap, BTreeSet},
	io, thread,
	time::Duration,
};

/// For so long a device may take in a pass, whatever the others do.
const PATIENT: Duration = Duration::from_secs(60);
/// And beyond that, so many times as long as the others.
const FACTOR: u32 = 8;

/// What a pass has done.
pub(super) enum Pass {
	/// Nothing yet: a device that was just drawn makes room, or is gone. So many are ready.
	Later {
		/// Devices that take their slot.
		ready: usize,
	},
	/// What could be brought is there.
	Brought {
		/// Lengths and roots.
		stored: Stored,
		/// Slots whose device failed, with why.
		faults: BTreeMap<u8, String>,
		/// Those of them whose device said that it has what nobody brought it.
		boasters: BTreeSet<u8>,
	},
}

/// One pass.
pub(super) struct Upload<'a> {
	pub job: &'a Job<'a>,
	pub view: &'a DealView,
	/// The devices that were drawn and have not confirmed.
	pub drawn: &'a [Holder],
	/// Slots whose device is left alone for now.
	pub resting: &'a [u8],
	/// Devices that have all of their slot.
	pub whole: &'a BTreeSet<(u8, DeviceId)>,
	pub gauges: &'a Gauges,
	/// Lengths and roots, if a pass before this one had them.
	pub known: Option<&'a Stored>,
	/// Whether it begins though a device fails.
	pub hurries: bool,
}

impl Upload<'_> {
	/// Brings what it can.
	///
	/// # Errors
	/// If the folder cannot be read or has changed, or the journal is of something else. That devices fail is none.
	pub fn run(self) -> Result<Pass, Failure> {
		let kept = self.job.record.kept();
		let spans = self.job.record.spans();
		if !spans.exists() {
			// It was made before the deal was ordered.
			return Err(self.changed(Error::JournalLost));
		}
		let mut log = FileLog::open(&spans).map_err(|error| match error.kind() {
			io::ErrorKind::WouldBlock => {
				Failure::other("another `smart put` works on this folder; wait for it, or end it")
			}
			_ => Failure::other(format!("cannot open {}: {error}", spans.display())),
		})?;
		let geometry = market::geometry(&kept.order)?;
		let told = told(&mut log, self.job.key, geometry).map_err(|error| self.changed(error))?;
		let mut sink = Spread::open(&self, told);
		if sink.lost {
			return Err(self.changed(Error::JournalLost));
		}
		if let (Some(known), false) = (self.known, sink.lacks()) {
			// Nobody is there who would take anything: the folder is not read in vain.
			return Ok(Pass::Brought {
				stored: known.clone(),
				boasters: sink.boasters.clone(),
				faults: sink.faults(),
			});
		}
		if !self.hurries && sink.has_failed() {
			return Ok(Pass::Later { ready: sink.ready() });
		}
		self.check_length(kept.order.geometry.volume_len)?;
		let mut source = Folder::open(self.job.source)?;
		let stored = put(Put {
			source: &mut source,
			key: self.job.key,
			geometry,
			sink: &mut sink,
			log: &mut log,
			meter: self.job.meter,
		});
		let stored = stored.map_err(|error| self.changed(error))?;
		let volume_len = kept.order.geometry.volume_len;
		if stored.volume_len() != volume_len {
			return Err(self.of_length(volume_len, stored.volume_len()));
		}
		if let Some(known) = market::stored(&self.view.deal)? {
			if known != stored {
				return Err(self.other());
			}
		}
		Ok(Pass::Brought {
			stored,
			boasters: sink.boasters.clone(),
			faults: sink.faults(),
		})
	}

	/// A folder that is larger or smaller than what was ordered for is refused before a byte of it is sealed: then
	/// it may still be brought back as it was.
	fn check_length(&self, volume_len: u64) -> Result<(), Failure> {
		let plan = Plan::of(&mut Folder::open(self.job.source)?)?;
		match plan.volume_len {
			Some(found) if found != volume_len => Err(self.of_length(volume_len, found)),
			_ => Ok(()),
		}
	}

	fn of_length(&self, planned: u64, found: u64) -> Failure {
		let path = self.job.source.display().to_string();
		self.changed(Error::Changed { path, planned, found })
	}

	/// What is to be done if the folder is not what was ordered for.
	fn changed(&self, error: Error) -> Failure {
		let changed = matches!(
			error,
			Error::Changed { .. } | Error::Resumed { .. } | Error::JournalLost | Error::JournalOther
		);
		let failure = Failure::from(error);
		if !changed {
			return failure;
		}
		let Some(deal) = self.job.record.kept().deal() else {
			return failure;
		};
		failure.with(&format!(
			"deal {deal} is for the folder as it was: bring that back and run the same again. Else end it with \
			 `smart rm {deal}`, which burns a quarter of its pay. A copy of the folder elsewhere can be stored \
			 meanwhile"
		))
	}

	fn other(&self) -> Failure {
		let deal = self.job.record.kept().deal().unwrap_or_default();
		Failure::other(format!(
			"the roots of deal {deal} on chain are of other bytes than this folder's: give the deal up with `smart rm \
			 {deal}`, and store the folder anew"
		))
	}
}

/// The time that those took that are not slow: that of the first quarter of all. So those that are slow together do not
/// pass for the others; and if this machine's own uplink is slow, all are alike.
fn typical(mut took: Vec<Duration>) -> Duration {
	took.sort_unstable();
	took.get(took.len() / 4).copied().unwrap_or_default()
}

/// A slot on its way.
enum Place {
	/// Nobody is to have it now: it is held already, or its device is left alone, or none was drawn. Of a slot that is
	/// held all bytes are durable, of others none.
	Nobody { durable: u64 },
	/// Its device takes it.
	Device(Writer),
	/// Its device failed.
	Failed(String),
}

/// The slots of a deal, each at its own device. A device that fails hinders none of the others: what is written for it
/// is dropped, and its slot named.
struct Spread<'a> {
	places: Vec<Place>,
	durable: Vec<u64>,
	slot_len: u64,
	/// Bytes of each slot of which the journal tells: no device was brought more.
	told: u64,
	/// Slots whose device says that it has more.
	boasters: BTreeSet<u8>,
	/// Whether most devices do: then it is not they who lie.
	lost: bool,
	gauges: &'a Gauges,
}

impl<'a> Spread<'a> {
	fn open(upload: &Upload<'a>, told: u64) -> Self {
		let geometry = &upload.view.deal.order.geometry;
		let places = (0..geometry.slots).map(|slot| {
			let holder = upload.drawn.iter().find(|holder| holder.slot.slot == slot);
			match holder {
				Some(holder) if upload.whole.contains(&(slot, holder.device)) => Place::Nobody {
					durable: geometry.slot_len(),
				},
				Some(_) if upload.resting.contains(&slot) => Place::Nobody { durable: 0 },
				Some(holder) if holder.addresses.is_empty() => {
					Place::Failed("it does not say where it is reached".into())
				}
				Some(holder) => {
					upload.gauges.name(slot, super::short(&holder.device));
					Place::Device(upload.job.holders.writer(holder, upload.drawn.len()))
				}
				None => {
					let known = upload.view.deal.slots.get(usize::from(slot));
					let held = known.is_some_and(|slot| slot.holding.is_some());
					Place::Nobody {
						durable: if held { geometry.slot_len() } else { 0 },
					}
				}
			}
		});
		let mut spread = Self {
			places: places.collect(),
			durable: vec![0; geometry.slots.into()],
			slot_len: geometry.slot_len(),
			told,
			boasters: BTreeSet::new(),
			lost: false,
			gauges: upload.gauges,
		};
		spread.look();
		spread
	}

	/// Asks all devices at once how much they have. One that has more than anybody can have brought it lies, so that it
	/// is brought nothing, or that this put is given up: it counts as failed.
	fn look(&mut self) {
		let mut honest = 0_usize;
		let asked: Vec<Option<io::Result<u64>>> = self.each(|slot, writer| writer.durable(slot));
		for ((at, place), asked) in (0_u8..).zip(&mut self.places).zip(asked) {
			let (durable, why) = match (asked, &mut *place) {
				(Some(Ok(durable)), _) if durable > self.told => {
					self.boasters.insert(at);
					(
						0,
						Some(format!("it says that it has {durable} bytes that nobody brought it")),
					)
				}
				(Some(Ok(durable)), _) => {
					honest += 1;
					(durable, None)
				}
				(Some(Err(error)), _) => (0, Some(error.to_string())),
				(None, Place::Nobody { durable }) => {
					honest += usize::from(*durable > 0);
					(*durable, None)
				}
				(None, _) => (0, None),
			};
			if let Some(why) = why {
				*place = Place::Failed(why);
			}
			if let Some(known) = self.durable.get_mut(usize::from(at)) {
				*known = durable;
			}
			self.gauges.there(at, durable);
			self.gauges.failed(at, matches!(place, Place::Failed(_)));
		}
		self.lost = self.boasters.len() > honest;
	}

	/// Leaves alone whoever takes what it is brought so much more slowly than others that all wait for it: else one
	/// device has the time for the upload run out for all.
	fn drop_slow(&mut self) {
		let took = |place: &Place| match place {
			Place::Device(writer) => Some(writer.took()),
			_ => None,
		};
		let all: Vec<Option<Duration>> = self.places.iter().map(took).collect();
		let most = typical(all.iter().flatten().copied().collect()).saturating_mul(FACTOR);
		for (slot, took) in (0_u8..).zip(all) {
			if took.is_some_and(|took| took >= PATIENT && took > most) {
				self.fail(
					slot,
					"it takes what it is brought far more slowly than the others".into(),
				);
			}
		}
	}

	/// Does something with every device, all at once: each answer may take as long as the network does.
	fn each<T: Send>(&mut self, act: impl Fn(u8, &mut Writer) -> T + Sync) -> Vec<Option<T>> {
		let act = &act;
		let places = self.places.iter_mut();
		thread::scope(move |scope| {
			let running: Vec<_> = (0_u8..)
				.zip(places)
				.map(|(slot, place)| match place {
					Place::Device(writer) => Some(scope.spawn(move || act(slot, writer))),
					_ => None,
				})
				.collect();
			running
				.into_iter()
				.map(|running| running.and_then(|running| running.join().ok()))
				.collect()
		})
	}

	/// Whether a device is there that does not have all of its slot.
	fn lacks(&self) -> bool {
		let mut places = self.places.iter().zip(&self.durable);
		places.any(|(place, durable)| matches!(place, Place::Device(_)) && *durable < self.slot_len)
	}

	fn has_failed(&self) -> bool {
		self.places.iter().any(|place| matches!(place, Place::Failed(_)))
	}

	fn ready(&self) -> usize {
		self.places
			.iter()
			.filter(|place| matches!(place, Place::Device(_)))
			.count()
	}

	fn fail(&mut self, slot: u8, why: String) {
		self.gauges.failed(slot, true);
		if let Some(place) = self.places.get_mut(usize::from(slot)) {
			*place = Place::Failed(why);
		}
	}

	fn faults(self) -> BTreeMap<u8, String> {
		let faults = (0_u8..).zip(self.places).filter_map(|(slot, place)| match place {
			Place::Failed(why) => Some((slot, why)),
			_ => None,
		});
		faults.collect()
	}
}

impl SlotSink for Spread<'_> {
	fn durable(&mut self, slot: u8) -> io::Result<u64> {
		Ok(self.durable.get(usize::from(slot)).copied().unwrap_or(0))
	}

	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		let Some(Place::Device(writer)) = self.places.get_mut(usize::from(slot)) else {
			return Ok(());
		};
		if let Err(error) = writer.write(slot, offset, bytes) {
			self.fail(slot, error.to_string());
			return Ok(());
		}
		self.gauges.there(slot, offset.saturating_add(bytes.len() as u64));
		self.gauges.carried(slot, bytes.len() as u64);
		self.drop_slow();
		Ok(())
	}

	fn sync(&mut self) -> io::Result<()> {
		let synced = self.each(|_, writer| writer.sync());
		for (slot, synced) in (0_u8..).zip(synced) {
			if let Some(Err(error)) = synced {
				self.fail(slot, error.to_string());
			}
		}
		self.drop_slow();
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn those_that_are_slow_together_do_not_pass_for_the_others() {
		let seconds = |all: &[u64]| typical(all.iter().map(|took| Duration::from_secs(*took)).collect());
		assert_eq!(seconds(&[9, 1, 9, 2, 9, 3, 9, 4]), Duration::from_secs(3));
		assert_eq!(
			seconds(&[9, 1, 9, 2, 9, 9, 9, 9]),
			Duration::from_secs(9),
			"six of eight do"
		);
		assert_eq!(seconds(&[70]), Duration::from_secs(70), "a single one is never slow");
		assert_eq!(seconds(&[]), Duration::ZERO);
	}
}
