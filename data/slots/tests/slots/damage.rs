//! Slots that are missing, short, long or wrong are found and named, and no wrong byte comes back.

use crate::kit::{compare, fetched, file, restored, stored, Slots, Tree};
use smartchain_rng::{runs, seeds, Rng};
use smartchain_slots::{
	edge::SlotSource, meter::Meter, verify, verify_slot, Error, Faults, Geometry, Reader, SlotFault, Stored, VolumeKey,
};

/// Damages a slot in one of four ways, and says what is to be found.
fn damage(slots: &mut Slots, slot: u8, rng: &mut Rng) -> SlotFault {
	let wanted = slots.slot(slot).len() as u64;
	match rng.below(4) {
		0 => {
			slots.lose(slot);
			SlotFault::Missing
		}
		1 => {
			let found = rng.below(wanted);
			slots.slot(slot).truncate(found as usize);
			SlotFault::Length { found, wanted }
		}
		2 => {
			slots.slot(slot).push(0);
			let found = wanted + 1;
			SlotFault::Length { found, wanted }
		}
		_ => {
			let at = rng.below(wanted) as usize;
			slots.slot(slot)[at] ^= 1 << rng.below(8);
			SlotFault::Wrong
		}
	}
}

#[test]
fn any_damaged_slot_is_found_and_named() {
	for seed in seeds(60 * runs()) {
		let mut rng = Rng::new(seed);
		let length = rng.below(9_000) as usize;
		let items = [file("f", rng.bytes(length))];
		let (stored, mut slots) = stored(&items, Geometry::new(4, 8, 64 << rng.below(5)).unwrap());
		let mut expected = Faults::default();
		for slot in 0..8 {
			if expected.0.len() < 4 && rng.percent(50) {
				expected.add(slot, damage(&mut slots, slot, &mut rng));
			}
		}
		assert_eq!(
			verify(&stored, &mut slots, &Meter::default()).unwrap(),
			expected,
			"seed {seed}"
		);
		// And all comes back nevertheless.
		restored(&items, &stored, &mut slots);
	}
}

#[test]
fn one_flipped_bit_in_any_place_is_found() {
	let items = [file("f", vec![7; 100])];
	let (stored, slots) = stored(&items, Geometry::new(2, 3, 64).unwrap());
	let meter = Meter::default();
	for slot in 0..3 {
		for at in 0..stored.slot_len() as usize {
			let mut wrong = slots.clone();
			wrong.slot(slot)[at] ^= 0x80;
			let found = verify_slot(&stored, slot, &mut wrong, &meter).unwrap();
			assert_eq!(found, Some(SlotFault::Wrong), "slot {slot}, byte {at}");
		}
	}
	assert!(
		verify_slot(&stored, 3, &mut slots.clone(), &meter).is_err(),
		"there is none"
	);
}

#[test]
fn the_rotten_slot_is_left_out() {
	// It serves wrong bytes of the right length: the frame does not open, and its root tells which slot it was.
	let items = [file("f", Rng::new(1).bytes(200_000))];
	let (stored, mut slots) = stored(&items, Geometry::new(3, 5, 1 << 14).unwrap());
	for byte in slots.slot(1).iter_mut() {
		*byte ^= 1;
	}
	slots.slot(2)[20_000] ^= 1;
	let restored = restored(&items, &stored, &mut slots);
	let named: Vec<u8> = restored.faults.0.iter().map(|(slot, _)| *slot).collect();
	assert_eq!(named, [1, 2]);
}

#[test]
fn too_few_slots_are_an_error_that_names_all() {
	let items = [file("f", Rng::new(2).bytes(5_000))];
	let (stored, mut slots) = stored(&items, Geometry::new(2, 4, 64).unwrap());
	slots.lose(0);
	slots.lose(3);
	slots.slot(1)[70] ^= 1;
	let error = fetched(&stored, &mut slots, &mut Tree::default()).unwrap_err();
	let Error::TooFew { need, found, faults } = &error else {
		panic!("{error}");
	};
	assert_eq!((*need, *found), (2, 1));
	assert!(faults.has(0) && faults.has(1) && faults.has(3));
	let text = error.to_string();
	assert!(text.contains("slot 1 (other bytes than its root says)"), "{text}");
}

#[test]
fn another_key_opens_nothing() {
	let items = [file("f", vec![1; 100])];
	let (stored, mut slots) = stored(&items, Geometry::new(1, 2, 64).unwrap());
	let meter = Meter::default();
	let opened = Reader::open(&stored, &VolumeKey::new([43; 32]), &mut slots, &meter);
	assert!(matches!(opened.err(), Some(Error::Unsealed { .. })));
}

/// Compared with the roots already, and counts how often it is read.
struct Compared(Slots, u64);

impl SlotSource for Compared {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		self.0.length(slot)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		self.1 += 1;
		self.0.read(slot, offset, buffer)
	}

	fn is_proven(&self) -> bool {
		true
	}
}

/// The giver of a false key: whoever it shares with reads a frame, and not all slots in search of a liar.
#[test]
fn the_giver_of_a_false_key_has_nobody_read_all() {
	let items = [file("f", vec![1; 100_000])];
	let (stored, slots) = stored(&items, Geometry::new(1, 4, 1 << 18).unwrap());
	let (meter, mut compared) = (Meter::default(), Compared(slots, 0));
	let opened = Reader::open(&stored, &VolumeKey::new([43; 32]), &mut compared, &meter);
	assert!(matches!(opened.err(), Some(Error::Unsealed { .. })));
	assert_eq!(compared.1, 1);
}

/// Serves the right bytes to those who check a slot, and wrong ones to those who read a unit.
struct TwoFaced(Slots, u64);

impl SlotSource for TwoFaced {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		self.0.length(slot)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		self.0.read(slot, offset, buffer)?;
		if buffer.len() as u64 == self.1 {
			buffer[0] ^= 1;
		}
		Ok(())
	}
}

#[test]
fn the_two_faced_server_gets_no_wrong_byte_through() {
	let items = [file("f", Rng::new(3).bytes(1_000))];
	let (stored, slots) = stored(&items, Geometry::new(2, 4, 64).unwrap());
	let (meter, key) = (Meter::default(), crate::kit::key());
	let mut two_faced = TwoFaced(slots, 64);
	let opened = Reader::open(&stored, &key, &mut two_faced, &meter);
	assert!(matches!(opened.err(), Some(Error::Unsealed { .. })));
}

#[test]
fn a_slot_that_vanishes_while_it_is_read_is_replaced() {
	let items = [file("f", Rng::new(4).bytes(10_000))];
	let (stored, slots) = stored(&items, Geometry::new(2, 4, 64).unwrap());
	for reads in [0, 1, 5, 40] {
		let mut some = slots.clone();
		some.fails = Some((1, std::rc::Rc::new(std::cell::Cell::new(reads))));
		let mut tree = Tree::default();
		let restored = fetched(&stored, &mut some, &mut tree).unwrap();
		compare(&items, &tree);
		assert!(restored.faults.has(1));
	}
}

#[test]
fn roots_of_another_volume_do_not_fit() {
	let (one, _) = stored(&[file("f", vec![1])], Geometry::new(1, 2, 64).unwrap());
	let (two, mut slots) = stored(&[file("f", vec![2])], Geometry::new(1, 2, 64).unwrap());
	let mixed = Stored::new(one.geometry(), one.volume_len(), vec![one.roots()[0], two.roots()[1]]).unwrap();
	let faults = verify(&mixed, &mut slots, &Meter::default()).unwrap();
	assert_eq!(faults.0, [(0, SlotFault::Wrong)]);
}
