//! The thread that joins steps.

use crate::{disk::Disk, options};
use channel_primitives::{ChannelId, ChannelKey, ChannelSignature, Hash, PredicateId, Reveal};
use codec::Decode;
use smart_pay_store::{measure, ChannelStore, Committer, StoreError};
use smartchain_channel::{Action, Block, Checks, Config, Event, Fact, Opened, Party, Step, Stored};
use std::sync::{Arc, Mutex};

struct Nothing;

impl Checks for Nothing {
	fn signed(&self, _: &ChannelKey, _: &Hash, _: &ChannelSignature) -> bool {
		false
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}

	fn revealed(&self, _: &Hash) -> Option<Reveal> {
		None
	}
}

fn opened(channel: ChannelId) -> Opened {
	let Stored::V1(sheet) = Stored::decode(&mut measure::sheet(&options(), channel).as_slice()).unwrap();
	sheet.opened
}

/// A step that opens a channel: it writes.
fn open(party: &mut Party, channel: ChannelId) -> Step {
	let block = Block {
		tick: u32::try_from(channel).unwrap(),
		facts: vec![Fact::Opened(opened(channel))],
	};
	party.step(Event::Final(block), &Nothing).unwrap()
}

/// A step that greets the partner: it sends, and writes nothing.
fn greet(party: &mut Party, channel: ChannelId) -> Step {
	let number = 1 + channel;
	party.step(Event::Connected { channel, number }, &Nothing).unwrap()
}

/// What came out, in order; and what failed.
type Told = Arc<Mutex<(Vec<ChannelId>, Vec<StoreError>, usize)>>;

fn committer(disk: &Disk) -> (Committer, Told) {
	let store = ChannelStore::over(disk.clone(), &options()).unwrap();
	let records = store.records();
	let told = Told::default();
	let telling = Arc::clone(&told);
	let committer = Committer::start(store, move |committed| {
		let mut telling = telling.lock().unwrap();
		match committed {
			Ok(committed) => {
				telling.2 += 1;
				let stored: Vec<ChannelId> = records.sheets().unwrap().into_iter().map(|(id, _)| id).collect();
				for action in committed.actions {
					if let Action::Send(channel, _) = action {
						assert!(stored.contains(&channel), "channel {channel} speaks and is not stored");
						telling.0.push(channel);
					}
				}
			}
			Err(error) => telling.1.push(error),
		}
	});
	(committer.unwrap(), told)
}

const CHANNELS: ChannelId = 200;

#[test]
fn actions_come_after_their_commit_and_in_order() {
	let disk = Disk::default();
	let (committer, told) = committer(&disk);
	let mut party = Party::new(Config::default());
	for channel in 1..=CHANNELS {
		let step = open(&mut party, channel);
		committer.submit(step, Some(u32::try_from(channel).unwrap())).unwrap();
		committer.submit(greet(&mut party, channel), None).unwrap();
	}
	let store = committer.stop().unwrap();
	let (sent, failed, commits) = &*told.lock().unwrap();
	assert!(failed.is_empty());
	assert_eq!(*sent, (1..=CHANNELS).collect::<Vec<_>>());
	assert!((1..=2 * usize::try_from(CHANNELS).unwrap()).contains(commits));
	let records = store.records();
	assert_eq!(records.channels().unwrap(), CHANNELS);
	assert_eq!(records.told().unwrap(), Some(u32::try_from(CHANNELS).unwrap()));
	let restored = store.restore(Config::default()).unwrap();
	assert_eq!(restored.channels().count() as u64, CHANNELS);
	for channel in 1..=CHANNELS {
		assert_eq!(restored.stored(channel), party.stored(channel));
	}
}

#[test]
fn nothing_comes_out_after_a_failed_write() {
	let disk = Disk::default();
	let (committer, told) = committer(&disk);
	let mut party = Party::new(Config::default());
	committer.submit(open(&mut party, 1), None).unwrap();
	committer.submit(greet(&mut party, 1), None).unwrap();
	while told.lock().unwrap().0.is_empty() {
		std::thread::yield_now();
	}
	disk.fill_up();
	committer.submit(open(&mut party, 2), None).unwrap();
	while !committer.is_stopped() {
		std::thread::yield_now();
	}
	// What waited, and what comes: both are lost with the machine that made them.
	for _ in 0..3 {
		let refused = committer.submit(greet(&mut party, 2), None);
		assert!(matches!(refused, Err(StoreError::Stopped { .. })));
	}
	drop(committer);
	let (sent, failed, _) = &*told.lock().unwrap();
	assert_eq!(*sent, [1]);
	assert!(matches!(failed.as_slice(), [StoreError::Full { .. }]), "{failed:?}");
}

/// A block that changes nothing is not worth a sync, but is not told for ever either.
#[test]
fn blocks_without_a_write_are_noted_now_and_then() {
	let disk = Disk::default();
	let (committer, _) = committer(&disk);
	let mut party = Party::new(Config::default());
	committer.submit(open(&mut party, 1), Some(1)).unwrap();
	for block in 2..=1_000_u32 {
		let event = Event::Final(Block {
			tick: block,
			facts: Vec::new(),
		});
		committer
			.submit(party.step(event, &Nothing).unwrap(), Some(block))
			.unwrap();
	}
	let store = committer.stop().unwrap();
	let told = store.records().told().unwrap().unwrap();
	assert!((700..=1_000).contains(&told), "{told}");
}
