//! A thread for each device, which reads ahead and writes behind, and rooms that go to and fro.

use super::{Holder, Identity, Outcome, Remote, RemoteError, Sight, StopAll, Stopper};
use crate::wire::GROUP;
use smartchain_slots::{
	meter::{Buffer, Meter},
	Error,
};
use std::{
	sync::{
		mpsc::{channel, Receiver, RecvTimeoutError, Sender},
		Arc,
	},
	thread,
	time::{Duration, Instant},
};

/// Bytes that all rooms of a crew have at most.
pub(super) const ROOMS: usize = 32 << 20;
/// Bytes of a room: what is read or written at once.
const LARGEST: usize = 1 << 20;
const SMALLEST: usize = 256 << 10;
/// How long what is not wanted any more is waited for, of devices that are paid,
const DRAIN: Duration = Duration::from_secs(2);
/// and how long until whoever pays has heard of what was broken off.
const ENDS: Duration = Duration::from_secs(1);

/// What a device is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
	/// Fill the room from an offset on.
	Read { from: u64, length: usize },
	/// Write the room at an offset.
	Write { from: u64, length: usize },
	/// Make durable what is written, and say how much is.
	Sync,
	/// Say how much is durable.
	Look,
}

/// A task with its number and room.
pub(super) struct Job {
	pub(super) id: u64,
	pub(super) task: Task,
	pub(super) room: Option<Buffer>,
}

/// A job that ended.
pub(super) struct Done {
	pub(super) slot: u8,
	pub(super) job: Job,
	/// Bytes: written, or durable; of a read, those that were read.
	pub(super) result: Result<u64, RemoteError>,
	pub(super) took: Duration,
}

impl Done {
	/// What a path is to know of it; nothing if it was nobody's fault.
	pub(super) fn sight(&self) -> Option<Sight> {
		let outcome = match &self.result {
			Ok(_) => Outcome::Fine,
			Err(RemoteError::Slow { .. }) => Outcome::Slow,
			Err(RemoteError::Refused(_) | RemoteError::Overcharged(_)) => Outcome::Refused,
			Err(RemoteError::Gone(_)) => Outcome::Gone,
			Err(RemoteError::Lied { .. }) => Outcome::Lied,
			Err(RemoteError::Local(_)) => return None,
		};
		let bytes = match self.job.task {
			Task::Read { length, .. } | Task::Write { length, .. } => length as u64,
			Task::Sync | Task::Look => 0,
		};
		Some(Sight {
			outcome,
			bytes,
			took: self.took,
		})
	}
}

/// A device with its thread, once it has one.
struct Hand {
	holder: Holder,
	jobs: Option<Sender<Job>>,
	stopper: Stopper,
	busy: usize,
}

/// The devices of a deal's slots.
pub(super) struct Crew {
	identity: Arc<Identity>,
	hands: Vec<Hand>,
	stops: StopAll,
	done: Receiver<Done>,
	to: Sender<Done>,
	meter: Meter,
	free: Vec<Buffer>,
	room: usize,
	next: u64,
}

impl Crew {
	/// Of these devices, each of which has up to `deep` rooms at a time. Others of other crews share memory with them:
	/// `among` is how many there are in all, if that is more.
	pub(super) fn new(identity: Arc<Identity>, holders: Vec<Holder>, deep: usize, among: usize, meter: Meter) -> Self {
		let share = ROOMS / holders.len().max(among).max(1) / deep.max(1);
		let room = share.clamp(SMALLEST, LARGEST) / SMALLEST * SMALLEST;
		let hands = holders.into_iter().map(|holder| Hand {
			holder,
			jobs: None,
			stopper: Stopper::default(),
			busy: 0,
		});
		let (to, done) = channel();
		Self {
			identity,
			hands: hands.collect(),
			stops: StopAll::default(),
			done,
			to,
			meter,
			free: Vec::new(),
			room,
			next: 0,
		}
	}

	/// What ends all that its devices do, from another thread.
	pub(super) fn stopper(&self) -> StopAll {
		self.stops.clone()
	}

	/// Bytes of a room.
	pub(super) fn room_bytes(&self) -> usize {
		self.room
	}

	/// The slot's place among the devices.
	pub(super) fn at(&self, slot: u8) -> Option<usize> {
		self.hands.iter().position(|hand| hand.holder.slot.slot == slot)
	}

	/// The device at a place.
	pub(super) fn holder(&self, at: usize) -> Option<&Holder> {
		self.hands.get(at).map(|hand| &hand.holder)
	}

	/// The devices.
	pub(super) fn holders(&self) -> impl Iterator<Item = &Holder> {
		self.hands.iter().map(|hand| &hand.holder)
	}

	/// How many jobs a device has that have not ended.
	pub(super) fn busy(&self, at: usize) -> usize {
		self.hands.get(at).map_or(0, |hand| hand.busy)
	}

	/// A room, if memory allows one.
	pub(super) fn take_room(&mut self) -> Result<Buffer, Error> {
		match self.free.pop() {
			Some(room) => Ok(room),
			None => self.meter.buffer(self.room),
		}
	}

	/// A room is not needed any more.
	pub(super) fn give_room(&mut self, room: Buffer) {
		self.free.push(room);
	}

	/// Gives a device a job; its number.
	pub(super) fn order(&mut self, at: usize, task: Task, room: Option<Buffer>) -> Option<u64> {
		self.next += 1;
		let id = self.next;
		let (identity, to, stops) = (&self.identity, &self.to, &self.stops);
		let hand = self.hands.get_mut(at)?;
		let jobs = hand.jobs.get_or_insert_with(|| {
			let remote = Remote::new(identity.clone(), hand.holder.clone());
			hand.stopper = remote.stopper();
			stops.with(hand.stopper.clone());
			let ((jobs, orders), to, slot) = (channel(), to.clone(), hand.holder.slot.slot);
			thread::spawn(move || work(remote, slot, &orders, &to));
			jobs
		});
		jobs.send(Job { id, task, room }).ok()?;
		hand.busy += 1;
		Some(id)
	}

	/// What ended first, if something does within this time.
	pub(super) fn wait(&mut self, most: Duration) -> Option<Done> {
		match self.done.recv_timeout(most) {
			Ok(done) => {
				let at = self.at(done.slot);
				if let Some(hand) = at.and_then(|at| self.hands.get_mut(at)) {
					hand.busy = hand.busy.saturating_sub(1);
				}
				Some(done)
			}
			Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
		}
	}

	/// What ended first. It waits for as long as a device may take; none if nothing is under way.
	pub(super) fn wait_long(&mut self) -> Option<Done> {
		if self.hands.iter().all(|hand| hand.busy == 0) {
			return None;
		}
		let patience = self.identity.patience;
		let most = patience
			.of(self.room)
			.max(patience.sync)
			.saturating_add(patience.connect);
		self.wait(most.saturating_mul(2 * patience.tries.max(1)))
	}
}

impl Crew {
	/// Waits until devices that are paid have ended what they were asked for, so long at most.
	fn drain(&mut self, most: Duration) {
		let until = Instant::now() + most;
		while self.hands.iter().any(|hand| hand.busy > 0 && hand.holder.price > 0) {
			let left = until.saturating_duration_since(Instant::now());
			if left.is_zero() || self.wait(left).is_none() {
				return;
			}
		}
	}
}

impl Drop for Crew {
	/// What is not wanted any more is broken off at once. Not so if it is paid for: what such a device sent and nobody
	/// took it would be owed, by its own account, and not by this side's.
	fn drop(&mut self) {
		for hand in &mut self.hands {
			hand.jobs = None;
			match hand.holder.price {
				0 => hand.stopper.stop(),
				_ => hand.stopper.finish(),
			}
		}
		self.drain(DRAIN);
		self.hands.iter().for_each(|hand| hand.stopper.stop());
		self.drain(ENDS);
	}
}

/// What a thread does until nobody orders any more.
fn work(mut remote: Remote, slot: u8, orders: &Receiver<Job>, to: &Sender<Done>) {
	for mut job in orders {
		let began = Instant::now();
		let result = run(&mut remote, &mut job);
		let took = began.elapsed();
		let done = Done {
			slot,
			job,
			result,
			took,
		};
		if to.send(done).is_err() {
			return;
		}
	}
}

fn run(remote: &mut Remote, job: &mut Job) -> Result<u64, RemoteError> {
	let no_room = || RemoteError::Local("a job has no room".into());
	match job.task {
		Task::Read { from, length } => {
			let room = job.room.as_deref_mut().and_then(|room| room.get_mut(..length));
			remote.read(from, room.ok_or_else(no_room)?)?;
			Ok(length as u64)
		}
		Task::Write { from, length } => {
			let room = job.room.as_deref().and_then(|room| room.get(..length));
			remote.write(from, room.ok_or_else(no_room)?)
		}
		Task::Sync => remote.sync(),
		Task::Look => Ok(remote.look()?.durable),
	}
}

/// The range of whole groups that a room takes from an offset on, in a slot of so many bytes.
pub(super) fn range(offset: u64, room: usize, slot_len: u64) -> (u64, usize) {
	let from = offset - offset % GROUP;
	let length = slot_len.saturating_sub(from).min(room as u64);
	(from, length as usize)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{client::identity::testing::mute, wire::SlotId};
	use device_primitives::DeviceId;

	fn crew(count: u8, deep: usize, among: usize) -> Crew {
		let holders = (0..count).map(|slot| Holder {
			device: DeviceId([slot; 32]),
			addresses: Vec::new(),
			slot: SlotId { deal: 1, slot },
			length: 1 << 30,
			root: Some([0; 32]),
			price: 0,
		});
		Crew::new(Arc::new(mute()), holders.collect(), deep, among, Meter::default())
	}

	#[test]
	fn rooms_are_within_their_bound_however_many_slots() {
		for (count, among) in [(1, 0), (8, 0), (12, 0), (16, 0), (32, 0), (1, 32)] {
			let crew = crew(count, 2, among);
			let all = usize::from(count).max(among);
			let held = crew.room_bytes() * 2 * all;
			assert!(held <= ROOMS, "{held} bytes of {count} among {among}");
			assert_eq!(crew.room_bytes() % SMALLEST, 0);
		}
	}

	#[test]
	fn what_cannot_be_done_is_said_by_the_device_that_could_not() {
		let mut crew = crew(3, 2, 0);
		assert_eq!(crew.at(2), Some(2));
		assert!(crew.wait_long().is_none(), "nothing is under way");
		let room = crew.take_room().unwrap();
		let task = Task::Read {
			from: 0,
			length: GROUP as usize,
		};
		let id = crew.order(2, task, Some(room)).unwrap();
		assert_eq!(crew.busy(2), 1);
		let done = crew.wait_long().unwrap();
		assert_eq!((done.slot, done.job.id, crew.busy(2)), (2, id, 0));
		assert!(matches!(done.result, Err(RemoteError::Gone(_))), "it has no address");
		assert_eq!(done.sight().unwrap().outcome, Outcome::Gone);
	}

	#[test]
	fn ranges_begin_at_groups_and_end_with_the_slot() {
		assert_eq!(range(0, SMALLEST, 1 << 30), (0, SMALLEST));
		assert_eq!(range(GROUP + 5, SMALLEST, 1 << 30), (GROUP, SMALLEST));
		assert_eq!(range(GROUP, SMALLEST, GROUP + 7), (GROUP, 7));
		assert_eq!(range(GROUP + 7, SMALLEST, GROUP), (GROUP, 0));
	}
}
