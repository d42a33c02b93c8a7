//! Slots from and to their own devices: to store, to verify, to repair from.

use super::{
	crew::{range, Crew, Done, Task},
	Holder, Identity, RemoteError, StopAll,
};
use crate::wire::GROUP;
use smartchain_slots::{
	edge::{SlotSink, SlotSource},
	meter::{Buffer, Meter},
	SlotFault,
};
use std::{collections::VecDeque, io, sync::Arc, time::Duration};

/// Rooms that a device has at a time.
const DEEP: usize = 2;

/// Each slot at its own device. Reads go ahead of who reads one after the other, and writes go on behind who writes.
///
/// Memory: [`Meter`] counts at most 32 MiB of rooms, or two of 256 KiB for each slot if that is more.
pub struct EachSlot {
	crew: Crew,
	lanes: Vec<Lane>,
	/// How many slots may fail to be written.
	may_fail: usize,
}

/// A slot.
#[derive(Default)]
struct Lane {
	ahead: VecDeque<Ahead>,
	/// Where the last read ended.
	read_to: u64,
	behind: Option<Behind>,
	/// Writes that are under way.
	writing: usize,
	/// Where the last write ended; the device has to have all before it durable after a sync.
	written: u64,
	dirty: bool,
	/// How long its device took for what was written and made durable.
	took: Duration,
	failed: Option<RemoteError>,
}

/// A range that is or was read ahead.
struct Ahead {
	id: u64,
	from: u64,
	length: usize,
	came: Option<Result<Buffer, RemoteError>>,
}

/// What is written and not sent yet.
struct Behind {
	from: u64,
	room: Buffer,
	filled: usize,
}

fn memory(error: &smartchain_slots::Error) -> RemoteError {
	RemoteError::Local(error.to_string())
}

fn stuck() -> RemoteError {
	RemoteError::Local("no device answers in its time, and no thread says so; try again".into())
}

fn no_such_slot(slot: u8) -> RemoteError {
	RemoteError::Local(format!("slot {slot} has no device"))
}

impl EachSlot {
	/// Of these devices: one for each slot, and not more.
	pub fn new(identity: Arc<Identity>, holders: Vec<Holder>, meter: Meter) -> Self {
		Self::among(identity, holders, 0, meter)
	}

	/// The same, where others like it work at the same time, of `all` devices together: their rooms are as small as if
	/// they were one.
	pub fn among(identity: Arc<Identity>, holders: Vec<Holder>, all: usize, meter: Meter) -> Self {
		let lanes = holders.iter().map(|_| Lane::default()).collect();
		Self {
			crew: Crew::new(identity, holders, DEEP, all, meter),
			lanes,
			may_fail: 0,
		}
	}

	/// Goes on storing if at most so many devices fail: their slots are missing then, and are to be repaired. 0 if this
	/// is not called.
	pub fn may_fail(&mut self, slots: usize) {
		self.may_fail = slots;
	}

	/// What ends all calls from another thread. It is for good.
	pub fn stopper(&self) -> StopAll {
		self.crew.stopper()
	}

	/// The slots that could not be written so far, with why.
	pub fn failed(&self) -> Vec<(u8, RemoteError)> {
		let slots = self.crew.holders().map(|holder| holder.slot.slot);
		let failed = slots.zip(&self.lanes);
		failed
			.filter_map(|(slot, lane)| Some((slot, lane.failed.clone()?)))
			.collect()
	}

	/// How long devices took for what was written and made durable, all of them together.
	pub fn took(&self) -> Duration {
		let took = self.lanes.iter().map(|lane| lane.took);
		took.fold(Duration::ZERO, Duration::saturating_add)
	}

	fn at(&self, slot: u8) -> Result<usize, RemoteError> {
		self.crew.at(slot).ok_or_else(|| no_such_slot(slot))
	}

	/// Waits for a job, and notes how it ended. False if none is under way, or none ends.
	fn step(&mut self) -> Option<Done> {
		let mut done = self.crew.wait_long()?;
		let at = self.crew.at(done.slot)?;
		let room = done.job.room.take();
		let lane = self.lanes.get_mut(at)?;
		if matches!(done.job.task, Task::Write { .. } | Task::Sync) {
			lane.took = lane.took.saturating_add(done.took);
		}
		match done.job.task {
			Task::Read { .. } => {
				let known = lane.ahead.iter_mut().find(|ahead| ahead.id == done.job.id);
				match (known, &done.result, room) {
					(Some(ahead), Ok(_), Some(room)) => ahead.came = Some(Ok(room)),
					(Some(ahead), Err(error), room) => {
						ahead.came = Some(Err(error.clone()));
						room.into_iter().for_each(|room| self.crew.give_room(room));
					}
					// Nobody wants it any more.
					(_, _, room) => room.into_iter().for_each(|room| self.crew.give_room(room)),
				}
			}
			Task::Write { .. } => {
				lane.writing = lane.writing.saturating_sub(1);
				if let Err(error) = &done.result {
					lane.failed.get_or_insert(error.clone());
				}
				room.into_iter().for_each(|room| self.crew.give_room(room));
			}
			Task::Sync | Task::Look => {}
		}
		Some(done)
	}

	/// Orders the next range ahead of a slot.
	fn order_ahead(&mut self, at: usize, offset: u64) -> Result<(), RemoteError> {
		let length = self.crew.holder(at).map_or(0, |holder| holder.length);
		let (from, length) = range(offset, self.crew.room_bytes(), length);
		if length == 0 {
			return Ok(());
		}
		let room = self.crew.take_room().map_err(|error| memory(&error))?;
		let id = self.crew.order(at, Task::Read { from, length }, Some(room));
		let id = id.ok_or_else(|| RemoteError::Local("a thread ended".into()))?;
		if let Some(lane) = self.lanes.get_mut(at) {
			lane.ahead.push_back(Ahead {
				id,
				from,
				length,
				came: None,
			});
		}
		Ok(())
	}

	/// Leaves of what is ahead only what begins with the range that has the offset.
	fn pass_over(&mut self, at: usize, offset: u64) {
		let Some(lane) = self.lanes.get_mut(at) else {
			return;
		};
		let has = |ahead: &Ahead| (ahead.from..ahead.from + ahead.length as u64).contains(&offset);
		while lane.ahead.front().is_some_and(|ahead| !has(ahead)) {
			// What is still under way comes to nobody.
			if let Some(Some(Ok(room))) = lane.ahead.pop_front().map(|ahead| ahead.came) {
				self.crew.give_room(room);
			}
		}
	}

	fn read_slot(&mut self, at: usize, mut offset: u64, mut into: &mut [u8]) -> Result<(), RemoteError> {
		let lane = self.lanes.get_mut(at).ok_or_else(|| no_such_slot(at as u8))?;
		let goes_on = lane.read_to == offset;
		lane.read_to = offset + into.len() as u64;
		while !into.is_empty() {
			self.pass_over(at, offset);
			let (ahead, beyond) = self.lanes.get(at).map_or((0, None), |lane| {
				let beyond = lane.ahead.back().map(|last| last.from + last.length as u64);
				(lane.ahead.len(), beyond)
			});
			if ahead == 0 {
				self.order_ahead(at, offset)?;
			}
			if goes_on && ahead < DEEP {
				let beyond = beyond.unwrap_or(offset - offset % GROUP + self.crew.room_bytes() as u64);
				// Only who reads on gains by it; without memory it is no fault.
				let _ = self.order_ahead(at, beyond);
			}
			let count = self.take_ahead(at, offset, into)?;
			offset += count as u64;
			into = into.get_mut(count..).unwrap_or_default();
		}
		Ok(())
	}

	/// Waits for the range that has the offset, and copies from it; how many bytes.
	fn take_ahead(&mut self, at: usize, offset: u64, into: &mut [u8]) -> Result<usize, RemoteError> {
		loop {
			let lane = self.lanes.get_mut(at);
			let front = lane.and_then(|lane| lane.ahead.front_mut());
			let front = front.ok_or_else(|| RemoteError::Local("the slot has no such bytes".into()))?;
			match &front.came {
				Some(Ok(room)) => {
					let of = usize::try_from(offset - front.from).ok();
					let there = of.and_then(|of| room.get(of..front.length)).unwrap_or_default();
					let count = there.len().min(into.len());
					let (now, _) = into.split_at_mut(count);
					now.copy_from_slice(there.get(..count).unwrap_or_default());
					return if count == 0 {
						Err(RemoteError::Local("the slot has no such bytes".into()))
					} else {
						Ok(count)
					};
				}
				Some(Err(error)) => {
					let error = error.clone();
					self.pass_over(at, u64::MAX);
					return Err(error);
				}
				None => {}
			}
			if self.step().is_none() {
				self.pass_over(at, u64::MAX);
				return Err(stuck());
			}
		}
	}

	/// Why nothing more is written to a slot, if the others go on without it.
	fn check(&self, at: usize) -> Result<bool, RemoteError> {
		let failed = self.lanes.iter().filter_map(|lane| lane.failed.as_ref());
		if failed.clone().count() > self.may_fail {
			if let Some(error) = failed.last() {
				return Err(error.clone());
			}
		}
		Ok(self.lanes.get(at).is_some_and(|lane| lane.failed.is_none()))
	}

	fn write_slot(&mut self, at: usize, offset: u64, mut bytes: &[u8]) -> Result<(), RemoteError> {
		if !self.check(at)? {
			return Ok(());
		}
		let behind = self.lanes.get(at).and_then(|lane| lane.behind.as_ref());
		let goes_on = behind.is_some_and(|behind| behind.from + behind.filled as u64 == offset);
		if !goes_on {
			self.send(at, false)?;
			if offset % GROUP != 0 {
				let why = format!("writing cannot go on at byte {offset}, which is no multiple of {GROUP}");
				return Err(RemoteError::Local(why));
			}
			self.begin(at, offset)?;
		}
		while !bytes.is_empty() {
			let lane = self.lanes.get_mut(at).ok_or_else(|| no_such_slot(at as u8))?;
			lane.dirty = true;
			let Some(behind) = &mut lane.behind else {
				return Err(no_such_slot(at as u8));
			};
			let room = behind.room.get_mut(behind.filled..).unwrap_or_default();
			let (now, later) = bytes.split_at(room.len().min(bytes.len()));
			room.get_mut(..now.len()).unwrap_or_default().copy_from_slice(now);
			behind.filled += now.len();
			bytes = later;
			lane.written = behind.from + behind.filled as u64;
			if behind.filled == behind.room.len() {
				let beyond = lane.written;
				self.send(at, false)?;
				self.begin(at, beyond)?;
			}
		}
		Ok(())
	}

	/// Begins a room for what comes at an offset.
	fn begin(&mut self, at: usize, from: u64) -> Result<(), RemoteError> {
		let room = self.crew.take_room().map_err(|error| memory(&error))?;
		if let Some(lane) = self.lanes.get_mut(at) {
			lane.behind = Some(Behind { from, room, filled: 0 });
		}
		Ok(())
	}

	/// Sends what is behind. If more is to come, what is left of the last group stays, for groups come whole.
	fn send(&mut self, at: usize, goes_on: bool) -> Result<(), RemoteError> {
		let behind = self.lanes.get_mut(at).and_then(|lane| lane.behind.take());
		let Some(Behind { from, room, filled }) = behind else {
			return Ok(());
		};
		let failed = self.lanes.get(at).is_some_and(|lane| lane.failed.is_some());
		if filled == 0 || failed {
			self.crew.give_room(room);
			return Ok(());
		}
		while self.lanes.get(at).is_some_and(|lane| lane.writing >= DEEP - 1) {
			if self.step().is_none() {
				return Err(stuck());
			}
		}
		let rest = filled % GROUP as usize;
		if goes_on && rest > 0 {
			self.begin(at, from + (filled - rest) as u64)?;
			if let Some(behind) = self.lanes.get_mut(at).and_then(|lane| lane.behind.as_mut()) {
				let tail = room.get(filled - rest..filled).unwrap_or_default();
				behind.room.get_mut(..rest).unwrap_or_default().copy_from_slice(tail);
				behind.filled = rest;
			}
		}
		let task = Task::Write { from, length: filled };
		let ordered = self.crew.order(at, task, Some(room));
		ordered.ok_or_else(|| RemoteError::Local("a thread ended".into()))?;
		if let Some(lane) = self.lanes.get_mut(at) {
			lane.writing += 1;
		}
		Ok(())
	}

	fn sync_all(&mut self) -> Result<(), RemoteError> {
		for at in 0..self.lanes.len() {
			if self.lanes.get(at).is_some_and(|lane| lane.dirty) {
				self.send(at, true)?;
			}
		}
		while self.lanes.iter().any(|lane| lane.writing > 0) {
			if self.step().is_none() {
				return Err(stuck());
			}
		}
		let mut syncing = 0;
		for at in 0..self.lanes.len() {
			if self.check(at)? && self.lanes.get(at).is_some_and(|lane| lane.dirty) {
				self.crew.order(at, Task::Sync, None);
				syncing += 1;
			}
		}
		while syncing > 0 {
			let done = self.step().ok_or_else(stuck)?;
			let lane = self.crew.at(done.slot).and_then(|at| self.lanes.get_mut(at));
			let (Some(lane), Task::Sync) = (lane, done.job.task) else {
				continue;
			};
			syncing -= 1;
			match done.result {
				Ok(durable) if durable >= lane.written => lane.dirty = false,
				Ok(durable) => {
					let why = format!("{durable} of {} bytes are durable", lane.written);
					lane.failed = Some(RemoteError::Gone(why));
				}
				Err(error) => lane.failed = Some(error),
			}
		}
		self.check(0).map(|_| ())
	}

	fn look(&mut self, at: usize) -> Result<u64, RemoteError> {
		let ordered = self.crew.order(at, Task::Look, None);
		let id = ordered.ok_or_else(|| no_such_slot(at as u8))?;
		loop {
			let done = self.step().ok_or_else(stuck)?;
			if done.job.id == id {
				return done.result;
			}
		}
	}
}

impl SlotSource for EachSlot {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		let at = self.crew.at(slot).ok_or(SlotFault::Missing)?;
		Ok(self.look(at)?)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		let at = self.crew.at(slot).ok_or(SlotFault::Missing)?;
		Ok(self.read_slot(at, offset, buffer)?)
	}

	fn is_proven(&self) -> bool {
		true
	}
}

impl SlotSink for EachSlot {
	/// What is durable in whole groups, or all: so that writing can go on there. Of a device that cannot be reached,
	/// and may fail, nothing is.
	fn durable(&mut self, slot: u8) -> io::Result<u64> {
		let at = self.at(slot)?;
		match self.look(at) {
			Ok(durable) => {
				let whole = self.crew.holder(at).is_some_and(|holder| holder.length == durable);
				let durable = if whole { durable } else { durable - durable % GROUP };
				if let Some(lane) = self.lanes.get_mut(at) {
					lane.written = durable;
				}
				Ok(durable)
			}
			Err(error) => {
				if let Some(lane) = self.lanes.get_mut(at) {
					lane.failed = Some(error);
				}
				self.check(at)?;
				Ok(0)
			}
		}
	}

	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		let at = self.at(slot)?;
		Ok(self.write_slot(at, offset, bytes)?)
	}

	fn sync(&mut self) -> io::Result<()> {
		Ok(self.sync_all()?)
	}
}
