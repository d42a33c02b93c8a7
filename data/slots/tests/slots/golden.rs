//! A volume and its slots, byte for byte as another hand made them: `tests/golden/volume.py`. Whatever changes here
//! makes stored volumes unreadable, or unrepairable.

use crate::kit::{file, Items, Power, Slots};
use smartchain_slots::{edge::MemoryLog, meter::Meter, put, Geometry, Put, VolumeKey};

/// What that program printed: bytes of the sealed volume and of a slot, and the root of each slot.
const GOLDEN: &str = include_str!("../golden/volume-v1.txt");

#[test]
fn the_slots_of_version_1_stay() {
	let square = |i: u32| (i * i) as u8;
	let items = [
		file("a", (0..100_u32).map(|i| (i * 7) as u8).collect()),
		file("b", (0..70_000_u32).map(|i| square(i % 256)).collect()),
	];
	let mut log = MemoryLog::default();
	let stored = put(Put {
		source: &mut Items::new(&items, &Power::endless()),
		key: &VolumeKey::new(std::array::from_fn(|i| i as u8)),
		geometry: Geometry::new(4, 8, 64).unwrap(),
		sink: &mut Slots::new(8),
		log: &mut log,
		meter: &Meter::default(),
	})
	.unwrap();
	let mut found = format!("{} {}\n", stored.volume_len(), stored.slot_len());
	for root in stored.roots() {
		let hex: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
		found.push_str(&hex);
		found.push('\n');
	}
	assert_eq!(found, GOLDEN);
	// Header, one span, eight roots, the end.
	assert_eq!(log.0.len(), 48 + 10 * 49);
}
