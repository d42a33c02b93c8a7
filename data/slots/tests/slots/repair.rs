//! A slot is rebuilt from any k others, equals what was lost, and nobody who lies gets through.

use crate::kit::{file, masks, stored, Power, Slots};
use smartchain_rng::Rng;
use smartchain_slots::{
	edge::{SlotSink, SlotSource},
	meter::Meter,
	repair, verify_slot, Error, Geometry, Repair, Repaired, SlotFault, Stored, STEP,
};
use std::{cell::Cell, io, rc::Rc};

fn repaired(stored: &Stored, slot: u8, others: &mut Slots, own: &mut Slots) -> Result<Repaired, Error> {
	repair(Repair {
		stored,
		slot,
		others,
		own,
		meter: &Meter::default(),
	})
}

/// A volume of some 600 KB in slots of more than a step.
fn volume(k: u8, n: u8) -> (Stored, Slots) {
	let items = [file("f", Rng::new(1).bytes(usize::from(k) * 600_000))];
	stored(&items, Geometry::new(k, n, 1 << 14).unwrap())
}

#[test]
fn every_slot_from_any_k_others() {
	let items = [file("f", Rng::new(2).bytes(3_000))];
	for (k, n) in [(1, 2), (2, 4), (3, 5), (4, 6)] {
		let (stored, slots) = stored(&items, Geometry::new(k, n, 64).unwrap());
		for slot in 0..n {
			for mask in masks(n, k).filter(|mask| (mask >> slot) & 1 == 0) {
				let mut own = Slots::new(n);
				let repaired = repaired(&stored, slot, &mut slots.only(mask), &mut own).unwrap();
				assert_eq!(own.slot(slot), slots.clone().slot(slot), "slot {slot} from {mask:b}");
				assert_eq!(repaired.from.iter().map(|slot| 1_u32 << slot).sum::<u32>(), mask);
				assert_eq!(own.durable(slot).unwrap(), stored.slot_len());
			}
		}
	}
}

#[test]
fn slots_of_several_steps() {
	let (stored, slots) = volume(4, 8);
	assert!(stored.slot_len() > 2 * STEP as u64);
	for slot in [0, 3, 4, 7] {
		let mut own = Slots::new(8);
		let mut others = slots.clone();
		others.lose(slot);
		repaired(&stored, slot, &mut others, &mut own).unwrap();
		assert!(own.slot(slot) == slots.clone().slot(slot));
	}
}

#[test]
fn the_liar_among_the_others_is_named_and_left_out() {
	let (stored, slots) = volume(2, 5);
	let mut others = slots.clone();
	others.slot(0)[400_000] ^= 1;
	others.slot(2)[0] ^= 1;
	let mut own = Slots::new(5);
	let repaired = repaired(&stored, 1, &mut others, &mut own).unwrap();
	assert_eq!(repaired.faults.0, [(0, SlotFault::Wrong), (2, SlotFault::Wrong)]);
	assert_eq!(repaired.from, [3, 4]);
	assert!(own.slot(1) == slots.clone().slot(1));
}

#[test]
fn the_truncator_is_not_even_read() {
	let (stored, slots) = volume(2, 4);
	let mut others = slots.clone();
	others.slot(0).pop();
	let mut own = Slots::new(4);
	let repaired = repaired(&stored, 3, &mut others, &mut own).unwrap();
	assert_eq!(repaired.from, [1, 2]);
	assert!(matches!(repaired.faults.0[..], [(0, SlotFault::Length { .. })]));
}

#[test]
fn the_vanisher_in_repair_is_replaced() {
	let (stored, slots) = volume(2, 5);
	for reads in 0..3 {
		let mut others = slots.clone();
		others.fails = Some((0, Rc::new(Cell::new(reads))));
		let mut own = Slots::new(5);
		let repaired = repaired(&stored, 4, &mut others, &mut own).unwrap();
		assert!(repaired.faults.has(0), "after {reads} reads");
		assert!(own.slot(4) == slots.clone().slot(4));
	}
}

#[test]
fn the_vanisher_and_the_liar_together() {
	// The one who vanishes spoils the hashes of his successor, so that a second round has to find the liar.
	let (stored, slots) = volume(2, 6);
	let mut others = slots.clone();
	others.fails = Some((0, Rc::new(Cell::new(1))));
	others.slot(2)[400_000] ^= 1;
	let mut own = Slots::new(6);
	let repaired = repaired(&stored, 5, &mut others, &mut own).unwrap();
	assert!(repaired.faults.has(0) && repaired.faults.has(2));
	assert_eq!(repaired.from, [1, 3]);
	assert!(own.slot(5) == slots.clone().slot(5));
}

#[test]
fn what_an_earlier_run_left_is_taken_over() {
	let (stored, slots) = volume(2, 4);
	let whole = slots.clone().slot(3).clone();
	for left in [0, 1, STEP, STEP + 1, 2 * STEP, whole.len()] {
		let mut own = Slots::new(4);
		own.write(3, 0, &whole[..left]).unwrap();
		own.sync().unwrap();
		let writes = own.writes;
		repaired(&stored, 3, &mut slots.clone(), &mut own).unwrap();
		assert!(*own.slot(3) == whole, "{left} bytes");
		let steps = whole.len().div_ceil(STEP) - left / STEP;
		// All whole steps that were there are not made again.
		assert!((own.writes - writes) as usize <= steps, "{left} bytes");
	}
}

/// A slot whose bytes are made durable as they come, as devices do it now and then.
struct Durable(Slots);

impl SlotSink for Durable {
	fn durable(&mut self, slot: u8) -> io::Result<u64> {
		self.0.durable(slot)
	}

	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.0.write(slot, offset, bytes)?;
		self.0.sync()
	}

	fn sync(&mut self) -> io::Result<()> {
		self.0.sync()
	}
}

impl SlotSource for Durable {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		self.0.length(slot)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		self.0.read(slot, offset, buffer)
	}
}

#[test]
fn repairing_goes_on_from_any_step() {
	let (stored, slots) = volume(2, 4);
	let whole = slots.clone().slot(3).clone();
	let run = |own: &mut Durable, others: &mut Slots, power: Power| {
		own.0.power = power;
		let done = repair(Repair {
			stored: &stored,
			slot: 3,
			others,
			own,
			meter: &Meter::default(),
		});
		if done.is_err() {
			own.0.crash();
		}
		done
	};
	for steps in 0..1_000 {
		let mut own = Durable(Slots::new(4));
		if run(&mut own, &mut slots.clone(), Power::for_steps(steps)).is_ok() {
			assert!(steps > 5, "{steps} steps are too few for this test");
			return;
		}
		// And once more, soon after, when one of the others has vanished meanwhile.
		let mut others = slots.clone();
		others.lose(0);
		if run(&mut own, &mut others, Power::for_steps(steps / 2)).is_err() {
			run(&mut own, &mut others, Power::endless()).unwrap();
		}
		assert!(*own.0.slot(3) == whole, "after {steps} steps");
	}
	panic!("it never ended");
}

#[test]
fn what_an_earlier_run_left_wrong_is_made_again() {
	let (stored, slots) = volume(2, 4);
	let mut whole = slots.clone().slot(3).clone();
	whole[5] ^= 1;
	let mut own = Slots::new(4);
	own.write(3, 0, &whole[..2 * STEP]).unwrap();
	own.sync().unwrap();
	let repaired = repaired(&stored, 3, &mut slots.clone(), &mut own).unwrap();
	assert!(repaired.faults.0.is_empty(), "the others are not to blame");
	assert!(own.slot(3) == slots.clone().slot(3));
}

#[test]
fn the_owner_whose_roots_are_no_codeword_hurts_himself_alone() {
	let (honest, mut slots) = volume(3, 5);
	slots.slot(4)[9] ^= 1;
	let mut roots = honest.roots().to_vec();
	roots[4] = *blake3::hash(slots.slot(4)).as_bytes();
	let stored = Stored::new(honest.geometry(), honest.volume_len(), roots).unwrap();
	let mut others = slots.only(0b10110);
	let error = repaired(&stored, 0, &mut others, &mut Slots::new(5)).unwrap_err();
	assert!(matches!(error, Error::NotACodeword { slot: 0 }), "{error}");
	// From others it can be rebuilt.
	repaired(&stored, 0, &mut slots.only(0b01110), &mut Slots::new(5)).unwrap();
}

#[test]
fn fewer_than_k_others_are_an_error() {
	let (stored, slots) = volume(3, 5);
	let error = repaired(&stored, 0, &mut slots.only(0b00110), &mut Slots::new(5)).unwrap_err();
	assert!(matches!(error, Error::TooFew { need: 3, found: 2, .. }), "{error}");
	let error = repaired(&stored, 5, &mut slots.clone(), &mut Slots::new(6)).unwrap_err();
	assert!(matches!(error, Error::NoSuchSlot { slot: 5, last: 4 }));
	let (single, slots) = volume(1, 1);
	let error = repaired(&single, 0, &mut slots.clone(), &mut Slots::new(1)).unwrap_err();
	assert!(matches!(error, Error::TooFew { need: 1, found: 0, .. }), "{error}");
}

#[test]
fn what_was_rebuilt_passes_a_check() {
	let (stored, slots) = volume(2, 3);
	let mut own = Slots::new(3);
	repaired(&stored, 2, &mut slots.clone(), &mut own).unwrap();
	assert_eq!(own.length(2).unwrap(), stored.slot_len());
	assert_eq!(verify_slot(&stored, 2, &mut own, &Meter::default()).unwrap(), None);
}
