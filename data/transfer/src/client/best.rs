//! Any slot's bytes, from those devices that are best to read from: the k that bring all back, and others where one of
//! these is late or fails. What is missing is decoded.

use super::{
	crew::{Crew, Done, Task},
	Holder, Identity, Paths, Patience, RemoteError,
};
use smartchain_slots::{
	edge::SlotSource,
	meter::{Buffer, Meter},
	Error, Rebuilder, SlotFault, Stored,
};
use std::{
	collections::VecDeque,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};

/// Windows at a time: one is read from, the next is on its way.
const WINDOWS: usize = 2;
/// Bytes that are decoded at once.
const STEP: usize = 256 << 10;
/// How much worse a device with parity counts: its bytes have to be decoded.
const PARITY: f64 = 1.5;
/// Who asks more than so many times what the k-th cheapest device does is read from after those that are late.
const DEAR: u128 = 4;
/// How often a device is asked for the same window.
const TRIES: u8 = 2;
/// How long a device rests that failed; twice as long each time.
const REST: Duration = Duration::from_millis(500);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(60);
/// How long is waited at once.
const TURN: Duration = Duration::from_millis(250);

/// Slots of a deal, read from whichever devices are best. All its bytes were compared with the roots, so that a slot
/// that is decoded is right too: it is no check of whether a device holds its slot. [`EachSlot`](super::EachSlot) is.
///
/// Memory: [`Meter`] counts at most 32 MiB of rooms, or two of 256 KiB for each slot if that is more, and what decoding
/// takes of 256 KiB.
pub struct BestSlots {
	crew: Crew,
	stored: Stored,
	paths: Paths,
	/// What the k-th cheapest device asks, in planck for a MiB.
	fair: u128,
	lanes: Vec<Lane>,
	windows: VecDeque<Window>,
	decoder: Option<Decoder>,
	meter: Meter,
	/// The window that was read from last.
	last: Option<u64>,
	hedged: u64,
	also: Option<Arc<Mutex<Paths>>>,
}

/// A device.
#[derive(Clone, Default)]
struct Lane {
	/// Until when it is left alone, and how often it failed since it did well.
	rests: Option<Instant>,
	failures: u32,
	/// Whether it lied, or asked more than it is owed: it is asked no more.
	lied: bool,
	/// Whether somebody else was asked because it is late.
	late: bool,
	fault: Option<RemoteError>,
}

/// The same range of several slots.
struct Window {
	from: u64,
	length: usize,
	parts: Vec<Part>,
	/// How often each device was asked for it.
	asked: Vec<u8>,
}

/// The range of one slot.
struct Part {
	at: usize,
	slot: u8,
	id: u64,
	since: Instant,
	hedged: bool,
	came: Option<Buffer>,
}

/// What decodes, and which range it has.
struct Decoder {
	rebuilder: Rebuilder,
	parity: bool,
	has: Option<u64>,
}

impl Window {
	fn came(&self) -> usize {
		self.parts.iter().filter(|part| part.came.is_some()).count()
	}
}

fn local(error: &Error) -> RemoteError {
	RemoteError::Local(error.to_string())
}

impl BestSlots {
	/// Of a volume whose slots lie with these devices, one for each slot at most, and of which so much is known.
	pub fn new(identity: Arc<Identity>, stored: Stored, holders: Vec<Holder>, paths: Paths, meter: Meter) -> Self {
		// Others are asked at once where one fails.
		let patience = Patience {
			tries: 1,
			..identity.patience
		};
		let identity = Identity {
			genesis: identity.genesis,
			signer: identity.signer.clone(),
			payer: identity.payer.clone(),
			patience,
		};
		let mut prices: Vec<u128> = holders.iter().map(|holder| holder.price).collect();
		prices.sort_unstable();
		let enough = usize::from(stored.geometry().k());
		let fair = prices.get(enough.saturating_sub(1)).or(prices.last()).copied();
		Self {
			fair: fair.unwrap_or(0),
			lanes: vec![Lane::default(); holders.len()],
			crew: Crew::new(Arc::new(identity), holders, WINDOWS, 0, meter.clone()),
			stored,
			paths,
			windows: VecDeque::new(),
			decoder: None,
			meter,
			last: None,
			hedged: 0,
			also: None,
		}
	}

	/// Tells somebody else too what is seen of devices: who keeps it when this is gone.
	pub fn tell(&mut self, also: Arc<Mutex<Paths>>) {
		self.also = Some(also);
	}

	/// What is known of devices now.
	pub fn paths(&self) -> &Paths {
		&self.paths
	}

	/// How many ranges were asked of others because a device was late.
	pub fn hedged(&self) -> u64 {
		self.hedged
	}

	/// What is wrong with devices, as far as reading met it.
	pub fn faults(&self) -> Vec<(u8, RemoteError)> {
		let slots = self.crew.holders().map(|holder| holder.slot.slot);
		let faults = slots.zip(&self.lanes);
		faults
			.filter_map(|(slot, lane)| Some((slot, lane.fault.clone()?)))
			.collect()
	}

	fn k(&self) -> usize {
		self.stored.geometry().k().into()
	}

	/// How much worse a device counts for what it asks: twice, if that is what the k-th cheapest asks, and the more the
	/// dearer it is.
	fn dear(&self, price: u128) -> f64 {
		1.0 + price as f64 / self.fair.max(1) as f64
	}

	/// The best devices that are not asked for a window yet, the best one first. Those that are late, dear ones, and
	/// those that rest come last, if at all: all are late in a moment without a network, and that is no reason to pay
	/// whatever one of them asks.
	fn choose(&self, window: &Window, count: usize) -> Vec<usize> {
		let now = Instant::now();
		let may = |at: &usize| {
			let tried = window.asked.get(*at).is_some_and(|asked| *asked >= TRIES);
			let in_it = window.parts.iter().any(|part| part.at == *at);
			let lied = self.lanes.get(*at).is_none_or(|lane| lane.lied);
			!tried && !in_it && !lied && self.crew.busy(*at) < WINDOWS
		};
		let last = |at: &usize| {
			let lane = self.lanes.get(*at);
			let is_late = lane.is_some_and(|lane| lane.late);
			let rests = lane.is_some_and(|lane| lane.rests.is_some_and(|until| until > now));
			let price = self.crew.holder(*at).map_or(0, |holder| holder.price);
			match (rests, price > self.fair.max(1).saturating_mul(DEAR)) {
				(true, _) => 3,
				(false, true) => 2,
				(false, false) => usize::from(is_late),
			}
		};
		let mut chosen = Vec::new();
		for class in 0..=3 {
			let among = (0..self.lanes.len()).filter(|at| may(at) && last(at) == class);
			let among: Vec<usize> = among.collect();
			let judged: Vec<_> = among.iter().filter_map(|at| self.crew.holder(*at)).collect();
			let judged = judged.iter().map(|holder| {
				let parity = usize::from(holder.slot.slot) >= self.k();
				let parity = if parity { PARITY } else { 1.0 };
				(holder.device, parity * self.dear(holder.price))
			});
			let best = self.paths.best(&judged.collect::<Vec<_>>(), count - chosen.len());
			chosen.extend(best.into_iter().filter_map(|place| among.get(place)));
		}
		chosen
	}

	/// Asks more devices for a window; how many.
	fn ask(&mut self, number: usize, count: usize) -> Result<usize, RemoteError> {
		let Some(mut window) = self.windows.remove(number) else {
			return Ok(0);
		};
		let mut asked = 0;
		let mut failed = None;
		for at in self.choose(&window, count) {
			let slot = self.crew.holder(at).map_or(0, |holder| holder.slot.slot);
			let task = Task::Read {
				from: window.from,
				length: window.length,
			};
			match self.crew.take_room() {
				Ok(room) => {
					let Some(id) = self.crew.order(at, task, Some(room)) else {
						continue;
					};
					if let Some(times) = window.asked.get_mut(at) {
						*times += 1;
					}
					window.parts.push(Part {
						at,
						slot,
						id,
						since: Instant::now(),
						hedged: false,
						came: None,
					});
					asked += 1;
				}
				Err(error) => failed = Some(local(&error)),
			}
		}
		self.windows.insert(number, window);
		match failed {
			Some(error) if asked == 0 => Err(error),
			_ => Ok(asked),
		}
	}

	/// A job ended: what its path is to know, and where its bytes belong.
	fn note(&mut self, mut done: Done) {
		let Some(at) = self.crew.at(done.slot) else {
			return;
		};
		if let (Some(sight), Some(holder)) = (done.sight(), self.crew.holder(at)) {
			self.paths.see(holder.device, sight);
			if let Some(also) = &self.also {
				also.lock()
					.unwrap_or_else(PoisonError::into_inner)
					.see(holder.device, sight);
			}
		}
		if let Some(lane) = self.lanes.get_mut(at) {
			lane.late = false;
			match &done.result {
				Ok(_) => (lane.rests, lane.failures) = (None, 0),
				Err(error) => {
					lane.lied |= matches!(error, RemoteError::Lied { .. } | RemoteError::Overcharged(_));
					let rest = REST.saturating_mul(1 << lane.failures.min(16)).min(LONGEST);
					lane.rests = Some(Instant::now() + rest);
					lane.failures += 1;
					lane.fault = Some(error.clone());
				}
			}
		}
		let room = done.job.room.take();
		let window = self.windows.iter_mut().find_map(|window| {
			let place = window.parts.iter().position(|part| part.id == done.job.id)?;
			Some((window, place))
		});
		match (window, done.result, room) {
			(Some((window, place)), Ok(_), Some(room)) => {
				if let Some(part) = window.parts.get_mut(place) {
					part.came = Some(room);
				}
			}
			(Some((window, place)), _, room) => {
				window.parts.remove(place);
				room.into_iter().for_each(|room| self.crew.give_room(room));
			}
			(None, _, room) => room.into_iter().for_each(|room| self.crew.give_room(room)),
		}
	}

	/// Has a window of which k slots are there, as the first one.
	fn fetch(&mut self, from: u64) -> Result<(), RemoteError> {
		while self.windows.front().is_some_and(|window| window.from != from) {
			self.discard();
		}
		if self.windows.is_empty() {
			self.begin(from)?;
		}
		let next = from + self.crew.room_bytes() as u64;
		let goes_on = self
			.last
			.is_none_or(|last| last == from || last + self.crew.room_bytes() as u64 == from);
		if goes_on && self.windows.len() < WINDOWS && next < self.stored.slot_len() {
			// Without memory for it there is no fault: it comes in its turn.
			let _ = self.begin(next);
		}
		self.last = Some(from);
		while self.windows.front().is_some_and(|window| window.came() < self.k()) {
			self.turn()?;
		}
		Ok(())
	}

	fn begin(&mut self, from: u64) -> Result<(), RemoteError> {
		let left = self.stored.slot_len().saturating_sub(from);
		let length = usize::try_from(left).map_or(self.crew.room_bytes(), |left| left.min(self.crew.room_bytes()));
		if length == 0 {
			return Err(RemoteError::Local("the slots have no such bytes".into()));
		}
		self.windows.push_back(Window {
			from,
			length,
			parts: Vec::new(),
			asked: vec![0; self.lanes.len()],
		});
		self.ask(self.windows.len() - 1, self.k()).map(|_| ())
	}

	fn discard(&mut self) {
		if let Some(window) = self.windows.pop_front() {
			for room in window.parts.into_iter().filter_map(|part| part.came) {
				self.crew.give_room(room);
			}
		}
	}

	/// Waits until something ends, or the first window's next device is late. Asks others then.
	fn turn(&mut self) -> Result<(), RemoteError> {
		let k = self.k();
		let Some(window) = self.windows.front() else {
			return Ok(());
		};
		// Who is late is not counted on.
		let counted = window.parts.iter().filter(|part| part.came.is_some() || !part.hedged);
		let missing = k.saturating_sub(counted.count());
		if missing > 0 {
			let (came, under_way) = (window.came(), window.parts.len() > window.came());
			if self.ask(0, missing)? == 0 && !under_way && !self.is_busy() {
				let why = self
					.faults()
					.into_iter()
					.map(|(slot, error)| format!("slot {slot}: {error}"));
				let why: Vec<String> = why.collect();
				let text = format!("{came} of the {k} devices that are needed answer; {}", why.join("; "));
				return Err(RemoteError::Local(text));
			}
		}
		let late = self
			.paths
			.late(self.windows.front().map_or(0, |window| window.length as u64));
		let waiting = |part: &&mut Part| part.came.is_none() && !part.hedged;
		let parts = self
			.windows
			.front_mut()
			.into_iter()
			.flat_map(|window| &mut window.parts);
		let first = parts.filter(waiting).min_by_key(|part| part.since);
		let now = Instant::now();
		let left = first
			.as_ref()
			.map_or(TURN, |part| (part.since + late).saturating_duration_since(now));
		if let (Some(part), true) = (first, left.is_zero()) {
			part.hedged = true;
			let at = part.at;
			if let Some(lane) = self.lanes.get_mut(at) {
				lane.late = true;
			}
			self.hedged += self.ask(0, 1)? as u64;
			return Ok(());
		}
		if let Some(done) = self.crew.wait(left.min(TURN)) {
			self.note(done);
		}
		Ok(())
	}

	/// Whether a device has something to do still, of whatever window.
	fn is_busy(&self) -> bool {
		(0..self.lanes.len()).any(|at| self.crew.busy(at) > 0)
	}

	/// Copies from the first window, which has k slots; how many bytes.
	fn supply(&mut self, slot: u8, offset: u64, into: &mut [u8]) -> Result<usize, RemoteError> {
		let window = self.windows.front();
		let window = window.ok_or_else(|| RemoteError::Local("the slots have no such bytes".into()))?;
		let within = usize::try_from(offset - window.from).unwrap_or(usize::MAX);
		let has = window.parts.iter().find(|part| part.slot == slot);
		if let Some(room) = has.and_then(|part| part.came.as_ref()) {
			let there = room.get(within..window.length).unwrap_or_default();
			let count = there.len().min(into.len());
			let (now, _) = into.split_at_mut(count);
			now.copy_from_slice(there.get(..count).unwrap_or_default());
			return Ok(count);
		}
		self.decode(slot, within, into)
	}

	/// Decodes what the first window does not have; how many bytes.
	fn decode(&mut self, slot: u8, within: usize, into: &mut [u8]) -> Result<usize, RemoteError> {
		let parity = usize::from(slot) >= self.k();
		if self.decoder.as_ref().is_none_or(|decoder| parity && !decoder.parity) {
			self.decoder = None;
			let rebuilder = Rebuilder::new(self.stored.geometry(), STEP, parity, &self.meter);
			self.decoder = Some(Decoder {
				rebuilder: rebuilder.map_err(|error| local(&error))?,
				parity,
				has: None,
			});
		}
		let nothing = || RemoteError::Local("the slots have no such bytes".into());
		let (Some(decoder), Some(window)) = (&mut self.decoder, self.windows.front()) else {
			return Err(nothing());
		};
		let first = within / STEP * STEP;
		let step = window.length.saturating_sub(first).min(STEP);
		let from = window.from + first as u64;
		let range = &mut decoder.rebuilder;
		if decoder.has != Some(from) {
			decoder.has = None;
			range.begin(step).map_err(|error| local(&error))?;
			for part in &window.parts {
				if let Some(bytes) = part.came.as_ref().and_then(|room| room.get(first..first + step)) {
					range.give(part.slot, bytes).map_err(|error| local(&error))?;
				}
			}
			range.rebuild().map_err(|error| local(&error))?;
			decoder.has = Some(from);
		}
		if within == first && into.len() >= step {
			let (now, _) = into.split_at_mut(step);
			range.range(slot, now).map_err(|error| local(&error))?;
			return Ok(step);
		}
		let mut whole = self.meter.buffer(step).map_err(|error| local(&error))?;
		range.range(slot, &mut whole).map_err(|error| local(&error))?;
		let there = whole.get(within - first..).unwrap_or_default();
		let count = there.len().min(into.len());
		let (now, _) = into.split_at_mut(count);
		now.copy_from_slice(there.get(..count).unwrap_or_default());
		Ok(count)
	}

	fn read_slot(&mut self, slot: u8, mut offset: u64, mut into: &mut [u8]) -> Result<(), RemoteError> {
		let room = self.crew.room_bytes() as u64;
		while !into.is_empty() {
			self.fetch(offset - offset % room)?;
			let count = self.supply(slot, offset, into)?;
			if count == 0 {
				return Err(RemoteError::Local("the slots have no such bytes".into()));
			}
			offset += count as u64;
			into = into.get_mut(count..).unwrap_or_default();
		}
		Ok(())
	}
}

impl SlotSource for BestSlots {
	fn length(&mut self, _: u8) -> Result<u64, SlotFault> {
		Ok(self.stored.slot_len())
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		Ok(self.read_slot(slot, offset, buffer)?)
	}

	fn is_proven(&self) -> bool {
		true
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{client::identity::testing::mute, wire::SlotId};
	use device_primitives::DeviceId;
	use smartchain_slots::Geometry;

	/// Two of so many devices bring all back, each of which asks its price.
	fn best(prices: &[u128]) -> BestSlots {
		let geometry = Geometry::new(2, prices.len() as u8, 64 << 10).unwrap();
		let stored = Stored::new(geometry, 100_000, vec![[0; 32]; prices.len()]).unwrap();
		let holders = (0..).zip(prices).map(|(slot, price)| Holder {
			device: DeviceId([slot; 32]),
			addresses: Vec::new(),
			slot: SlotId { deal: 1, slot },
			length: stored.slot_len(),
			root: Some([0; 32]),
			price: *price,
		});
		let holders = holders.collect();
		BestSlots::new(Arc::new(mute()), stored, holders, Paths::default(), Meter::default())
	}

	/// The dear one: waits until all others are late for a moment, for the first thing that it is asked costs what the
	/// whole volume should.
	#[test]
	fn the_dear_one_comes_after_those_that_are_late() {
		let mut best = best(&[1_000, 3, 1, 2]);
		let window = Window {
			from: 0,
			length: 1,
			parts: Vec::new(),
			asked: vec![0; 4],
		};
		assert_eq!(best.choose(&window, 4).last(), Some(&0));
		for lane in &mut best.lanes[1..] {
			lane.late = true;
		}
		assert_eq!(best.choose(&window, 4).last(), Some(&0));
		assert!(!best.choose(&window, 3).contains(&0));
		// Who fails comes after it.
		for lane in &mut best.lanes[2..] {
			lane.rests = Some(Instant::now() + LONGEST);
		}
		assert_eq!(best.choose(&window, 2), [1, 0]);
	}
}
