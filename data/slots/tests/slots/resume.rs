//! Whenever the power fails, the same call goes on, and no nonce ever serves two plaintexts.

use crate::kit::{compare, file, folder, key, restored, Item, Items, Power, Slots, Torn, Tree};
use smartchain_rng::{runs, seeds, Rng};
use smartchain_slots::{
	edge::MemoryLog, get, meter::Meter, put, told, Error, Geometry, Get, Put, Restored, Selection, Stored, VolumeKey,
	SPAN, SYNC_BYTES,
};

/// What outlives a run that stores.
struct Storing {
	slots: Slots,
	log: Torn,
}

impl Storing {
	fn new(n: u8) -> Self {
		Self {
			slots: Slots::new(n),
			log: Torn {
				log: MemoryLog::default(),
				power: Power::endless(),
			},
		}
	}

	fn run(&mut self, items: &[Item], key: &VolumeKey, geometry: Geometry, power: &Power) -> Result<Stored, Error> {
		self.slots.power = power.clone();
		self.log.power = power.clone();
		let result = put(Put {
			source: &mut Items::new(items, power),
			key,
			geometry,
			sink: &mut self.slots,
			log: &mut self.log,
			meter: &Meter::default(),
		});
		if result.is_err() {
			self.slots.crash();
		}
		self.slots.power = Power::endless();
		self.log.power = Power::endless();
		result
	}
}

fn small() -> (Vec<Item>, Geometry) {
	let mut rng = Rng::new(1);
	let items = vec![file("a", rng.bytes(300)), folder("b"), file("b/c", rng.bytes(200))];
	(items, Geometry::new(2, 3, 64).unwrap())
}

fn large(rng: &mut Rng) -> (Vec<Item>, Geometry) {
	let items = vec![file("a", rng.bytes(20 << 20)), file("b", rng.bytes(80 << 20))];
	(items, Geometry::new(2, 3, 1 << 18).unwrap())
}

#[test]
fn storing_goes_on_from_any_step() {
	let (items, geometry) = small();
	let mut whole = Storing::new(3);
	let expected = whole.run(&items, &key(), geometry, &Power::endless()).unwrap();
	for steps in 0..10_000 {
		let mut storing = Storing::new(3);
		let power = Power::for_steps(steps);
		if storing.run(&items, &key(), geometry, &power).is_ok() {
			assert!(steps > 20, "{steps} steps are too few for this test");
			return;
		}
		// And once more, soon after.
		let again = storing.run(&items, &key(), geometry, &Power::for_steps(steps / 2));
		let stored = again.or_else(|_| storing.run(&items, &key(), geometry, &Power::endless()));
		assert_eq!(stored.unwrap(), expected, "after {steps} steps");
		assert_eq!(storing.slots.bytes, whole.slots.bytes, "after {steps} steps");
	}
	panic!("it never ended");
}

#[test]
fn large_volumes_go_on_and_are_not_sent_again() {
	for seed in seeds(2 * runs()) {
		let mut rng = Rng::new(seed);
		let (items, geometry) = large(&mut rng);
		let mut storing = Storing::new(3);
		let steps = rng.range(1, 1_200);
		let failed = storing.run(&items, &key(), geometry, &Power::for_steps(steps)).is_err();
		let there: usize = storing.slots.bytes.iter().flatten().map(Vec::len).sum();
		let before = storing.slots.writes;
		let stored = storing.run(&items, &key(), geometry, &Power::endless()).unwrap();
		let all = 3 * stored.slot_len();
		let sent = (storing.slots.writes - before) << 18;
		assert!(
			sent <= all - there as u64,
			"seed {seed}: {sent} bytes sent, {there} of {all} were there"
		);
		assert!(failed || sent == 0);
		restored(&items, &stored, &mut storing.slots.only(0b101));
	}
}

#[test]
fn what_ended_is_not_read_again() {
	let (items, geometry) = small();
	let mut storing = Storing::new(3);
	let stored = storing.run(&items, &key(), geometry, &Power::endless()).unwrap();
	let again = storing.run(&items, &key(), geometry, &Power::for_steps(0));
	assert_eq!(again.unwrap(), stored);
	// A slot that is gone is sent again.
	storing.slots.lose(1);
	let again = storing.run(&items, &key(), geometry, &Power::endless());
	assert_eq!(again.unwrap(), stored);
	assert_eq!(storing.slots.slot(1).len() as u64, stored.slot_len());
}

#[test]
fn the_editor_who_writes_in_between_is_refused() {
	let (items, geometry) = small();
	for ended in [false, true] {
		let mut storing = Storing::new(3);
		let power = if ended { Power::endless() } else { Power::for_steps(8) };
		assert_eq!(storing.run(&items, &key(), geometry, &power).is_ok(), ended);
		let before = storing.slots.bytes.clone();
		if ended {
			storing.slots.lose(0);
		}
		for changed in [
			vec![file("a", vec![0; 300]), items[1].clone(), items[2].clone()],
			vec![items[0].clone()],
			[&items[..], &[file("d", vec![1; 300_000])]].concat(),
		] {
			let error = storing.run(&changed, &key(), geometry, &Power::endless()).unwrap_err();
			assert!(matches!(error, Error::Resumed { span: 0 }), "{error}");
		}
		// Nothing of it was sealed.
		for (slot, bytes) in storing.slots.bytes.iter().enumerate() {
			assert!(bytes.is_none() || *bytes == before[slot], "slot {slot}");
		}
	}
}

#[test]
fn a_volume_that_grew_beyond_its_last_span_is_refused() {
	let mut rng = Rng::new(2);
	let geometry = Geometry::new(1, 2, 1 << 18).unwrap();
	let bytes = rng.bytes(SPAN + 1_000);
	let mut storing = Storing::new(2);
	let items = [file("a", bytes.clone())];
	storing.run(&items, &key(), geometry, &Power::endless()).unwrap();
	storing.slots.lose(1);
	let grown = [file("a", [&bytes[..], &bytes].concat())];
	let error = storing.run(&grown, &key(), geometry, &Power::endless()).unwrap_err();
	assert!(matches!(error, Error::Resumed { span: 1 }), "{error}");
}

#[test]
fn journals_belong_to_one_key_and_geometry() {
	let (items, geometry) = small();
	let mut storing = Storing::new(3);
	storing.run(&items, &key(), geometry, &Power::endless()).unwrap();
	let other = storing.run(&items, &VolumeKey::new([1; 32]), geometry, &Power::endless());
	assert!(matches!(other, Err(Error::JournalOther)));
	let wider = Geometry::new(1, 3, 64).unwrap();
	let other = storing.run(&items, &key(), wider, &Power::endless());
	assert!(matches!(other, Err(Error::JournalOther)));
	// Without its journal nobody knows what was sealed.
	storing.log.log = MemoryLog::default();
	let lost = storing.run(&items, &key(), geometry, &Power::endless());
	assert!(matches!(lost, Err(Error::JournalLost)));
}

/// Who brings back an old copy of the journal, or goes on with a copy of it elsewhere: what was sealed since then is
/// not sealed again, for the folder may be another one.
#[test]
fn the_bringer_of_an_old_journal_is_refused() {
	let mut rng = Rng::new(5);
	let geometry = Geometry::new(1, 2, 1 << 18).unwrap();
	let bytes = rng.bytes(2 * SPAN);
	let mut storing = Storing::new(2);
	storing
		.run(&[file("a", bytes.clone())], &key(), geometry, &Power::endless())
		.unwrap();
	// A header and one span.
	storing.log.log.0.truncate(48 + 49);
	let before = storing.slots.bytes.clone();
	let mut edited = bytes;
	edited[SPAN + 1_000] ^= 1;
	let lost = storing.run(&[file("a", edited)], &key(), geometry, &Power::endless());
	assert!(matches!(lost, Err(Error::JournalLost)));
	assert!(storing.slots.bytes == before);
	// What a journal tells is never less than what lies in slots.
	assert_eq!(told(&mut storing.log.log, &key(), geometry).unwrap(), SPAN as u64);
}

#[test]
fn files_that_change_while_they_are_read_are_named() {
	let (mut items, geometry) = small();
	for size in [199, 201] {
		items[2].0.size = Some(size);
		let error = Storing::new(3)
			.run(&items, &key(), geometry, &Power::endless())
			.unwrap_err();
		assert!(
			matches!(&error, Error::Changed { path, found: 200, .. } if path == "b/c"),
			"{error}"
		);
	}
}

/// One run that restores.
fn restore(
	stored: &Stored,
	slots: &mut Slots,
	tree: &mut Tree,
	log: &mut Torn,
	power: &Power,
) -> Result<Restored, Error> {
	tree.power = power.clone();
	log.power = power.clone();
	let result = get(Get {
		stored,
		key: &key(),
		slots,
		selection: Selection::All,
		sink: tree,
		log,
		meter: &Meter::default(),
	});
	if result.is_err() {
		tree.crash();
	}
	tree.power = Power::endless();
	log.power = Power::endless();
	result
}

fn empty_log() -> Torn {
	Torn {
		log: MemoryLog::default(),
		power: Power::endless(),
	}
}

#[test]
fn restoring_goes_on_from_any_step() {
	let (items, geometry) = small();
	let (stored, mut slots) = crate::kit::stored(&items, geometry);
	for steps in 0..10_000 {
		let (mut tree, mut log) = (Tree::default(), empty_log());
		if restore(&stored, &mut slots, &mut tree, &mut log, &Power::for_steps(steps)).is_ok() {
			assert!(steps > 8, "{steps} steps are too few for this test");
			compare(&items, &tree);
			return;
		}
		restore(&stored, &mut slots, &mut tree, &mut log, &Power::endless()).unwrap();
		compare(&items, &tree);
	}
	panic!("it never ended");
}

#[test]
fn a_large_file_goes_on_within() {
	let mut rng = Rng::new(3);
	let (items, geometry) = large(&mut rng);
	let (stored, mut slots) = crate::kit::stored(&items, geometry);
	let (mut tree, mut log) = (Tree::default(), empty_log());
	// It fails close to the end.
	let power = Power::for_steps(1_550);
	assert!(restore(&stored, &mut slots, &mut tree, &mut log, &power).is_err());
	assert!(power.failed());
	let before = tree.written;
	assert!(before > SYNC_BYTES);
	restore(&stored, &mut slots, &mut tree, &mut log, &Power::endless()).unwrap();
	compare(&items, &tree);
	let all: usize = items.iter().map(|(_, bytes)| bytes.len()).sum();
	assert!(
		tree.written - before < all as u64 - SYNC_BYTES + (1 << 20),
		"what was durable is kept"
	);
}

#[test]
fn a_part_that_somebody_spoiled_is_made_again() {
	let mut rng = Rng::new(4);
	let (items, geometry) = large(&mut rng);
	let (stored, mut slots) = crate::kit::stored(&items, geometry);
	let (mut tree, mut log) = (Tree::default(), empty_log());
	assert!(restore(&stored, &mut slots, &mut tree, &mut log, &Power::for_steps(1_550)).is_err());
	tree.spoil();
	restore(&stored, &mut slots, &mut tree, &mut log, &Power::endless()).unwrap();
	compare(&items, &tree);
}

#[test]
fn what_was_restored_is_not_written_again() {
	let (items, geometry) = small();
	let (stored, mut slots) = crate::kit::stored(&items, geometry);
	let (mut tree, mut log) = (Tree::default(), empty_log());
	restore(&stored, &mut slots, &mut tree, &mut log, &Power::endless()).unwrap();
	let again = restore(&stored, &mut slots, &mut tree, &mut log, &Power::endless()).unwrap();
	assert_eq!((again.entries, again.bytes), (3, 0));
}
