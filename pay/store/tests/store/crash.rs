//! The power is cut at every write, and what comes back is all of a commit or nothing of it.

use crate::{disk::Disk, options};
use smart_pay_store::{BlockNumber, ChannelStore, StoreError};
use smartchain_channel::{Notice, Store, Write};
use smartchain_rng::Rng;
use std::collections::BTreeMap;

/// What a store should say: sheets, the block told, and how many notices there ever were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Expected {
	sheets: BTreeMap<u64, Vec<u8>>,
	told: Option<BlockNumber>,
	notices: u64,
}

impl Expected {
	fn with(&self, writes: &[Write], block: BlockNumber) -> Self {
		let mut next = self.clone();
		next.told = Some(block);
		for write in writes {
			match write {
				Write::Sheet { channel, bytes } => drop(next.sheets.insert(*channel, bytes.clone())),
				Write::Forget(channel) => drop(next.sheets.remove(channel)),
				Write::Note(_) => next.notices += 1,
			}
		}
		next
	}

	fn of(store: &ChannelStore) -> Self {
		let records = store.records();
		let notes = records.notes(0, usize::MAX).unwrap();
		Self {
			sheets: records.sheets().unwrap().into_iter().collect(),
			told: records.told().unwrap(),
			notices: notes.last().map_or(0, |note| note.number + 1),
		}
	}
}

/// A commit of a few channels, some of which grow or go. The bytes are of no matter here.
fn writes(rng: &mut Rng) -> Vec<Write> {
	let mut writes = Vec::new();
	for _ in 0..=rng.below(4) {
		let channel = rng.range(1, 6);
		writes.push(match rng.below(5) {
			0 => Write::Forget(channel),
			1 => Write::Note(Notice::Gone(channel)),
			_ => {
				let length = usize::try_from(rng.below(9_000)).unwrap();
				Write::Sheet {
					channel,
					bytes: rng.bytes(length),
				}
			}
		});
	}
	writes
}

const COMMITS: BlockNumber = 12;

/// Commits until something fails. What was confirmed, and what may be there besides.
fn run(disk: &Disk, rng: &mut Rng, confirmed: &mut Expected) -> Option<Expected> {
	let Ok(mut store) = ChannelStore::over(disk.clone(), &options()) else {
		return None;
	};
	for block in 1..=COMMITS {
		let writes = writes(rng);
		let next = confirmed.with(&writes, block);
		store.tell(block);
		if store.commit(&writes).is_err() {
			return Some(next);
		}
		*confirmed = next;
	}
	None
}

/// Named for what it does to the machine's promise: nothing that was confirmed is missing, and no half of a commit is
/// there, wherever the power is cut and whatever became of what was not synced.
#[test]
fn power_cut_at_every_write() {
	for seed in smartchain_rng::seeds(3) {
		let whole = Disk::default();
		let mut confirmed = Expected::default();
		assert_eq!(run(&whole, &mut Rng::new(seed), &mut confirmed), None);
		let operations = whole.operations();
		assert!(operations > u64::from(COMMITS), "each commit writes and syncs");
		for cut in 0..operations {
			let disk = Disk::default();
			disk.cut_after(cut);
			let mut confirmed = Expected::default();
			let in_flight = run(&disk, &mut Rng::new(seed), &mut confirmed);
			let mut chance = Rng::new(seed ^ cut);
			let left = Disk::with(disk.after_power_cut(&mut chance));
			// Nothing was promised before the store was made for the first time.
			let store = match ChannelStore::over(left, &options()) {
				Ok(store) => store,
				Err(_) if confirmed == Expected::default() => continue,
				Err(error) => panic!("seed {seed}, cut {cut}: {error}"),
			};
			let found = Expected::of(&store);
			assert!(
				found == confirmed || Some(&found) == in_flight.as_ref(),
				"seed {seed}, cut {cut}: {:?} and block {:?} after {:?}",
				found.sheets.keys(),
				found.told,
				confirmed.told
			);
		}
	}
}

/// A store that comes back goes on: cut again and again, it never loses what it confirmed.
#[test]
fn power_cuts_one_after_the_other() {
	for seed in smartchain_rng::seeds(4) {
		let mut rng = Rng::new(seed);
		let mut bytes = Vec::new();
		let mut confirmed = Expected::default();
		for round in 0..20 {
			let disk = Disk::with(bytes.clone());
			disk.cut_after(rng.range(1, 120));
			let in_flight = run(&disk, &mut rng, &mut confirmed);
			bytes = disk.after_power_cut(&mut rng);
			let again = Disk::with(bytes.clone());
			match ChannelStore::over(again.clone(), &options()) {
				Ok(store) => {
					let found = Expected::of(&store);
					assert!(
						found == confirmed || Some(&found) == in_flight.as_ref(),
						"seed {seed}, round {round}"
					);
					confirmed = found;
					drop(store);
					bytes = again.after_power_cut(&mut rng);
				}
				Err(_) if confirmed == Expected::default() => bytes.clear(),
				Err(error) => panic!("seed {seed}, round {round}: {error}"),
			}
		}
	}
}

#[test]
fn a_full_disk_is_named_and_nothing_is_written_after_it() {
	let disk = Disk::default();
	let mut store = ChannelStore::over(disk.clone(), &options()).unwrap();
	store.commit(&[crate::sheet(1)]).unwrap();
	disk.fill_up();
	let failed = store.commit(&[crate::sheet(2)]).unwrap_err();
	assert!(matches!(failed, StoreError::Full { .. }), "{failed}");
	assert!(failed.to_string().contains("make room"), "{failed}");
	for _ in 0..3 {
		let refused = store.commit(&[crate::sheet(2)]).unwrap_err();
		assert!(matches!(refused, StoreError::Stopped { .. }), "{refused}");
	}
	let contact = smart_pay_store::Contact {
		partner: [1; 32],
		reach: None,
		tower: None,
	};
	let refused = store.records().put_contact(1, &contact).unwrap_err();
	assert!(matches!(refused, StoreError::Stopped { .. }), "{refused}");
}
