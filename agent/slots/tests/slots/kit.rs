//! What tests have in common.

use smart_agent_slots::{Found, Owner, SlotStore};
use smartchain_rng::Rng;
use smartchain_transfer::wire::{values, SlotId, GROUP};
use std::path::Path;

pub const OWNER: Owner = Owner {
	genesis: [1; 32],
	device: [2; 32],
};

pub const SPACE: u64 = 64 << 20;

pub fn slot(deal: u64) -> SlotId {
	SlotId { deal, slot: 3 }
}

/// Opens a store. A machine whose disk is nearly full cannot run these tests.
pub fn open(folder: &Path) -> (SlotStore, Vec<Found>) {
	let (store, found, damaged) = SlotStore::open(folder, &OWNER, SPACE, |_, _| ()).unwrap();
	assert!(damaged.is_empty(), "{damaged:?}");
	(store, found)
}

/// Bytes of a slot, and their root.
pub fn bytes(seed: u64, length: usize) -> (Vec<u8>, [u8; 32]) {
	let bytes = Rng::new(seed).bytes(length);
	let root = blake3::hash(&bytes).into();
	(bytes, root)
}

/// Writes a piece as the server does: by several writes, values with each, and then all of it counts.
pub fn write(receiving: &mut dyn smartchain_transfer::server::Receiving, from: usize, piece: &[u8]) {
	let mut at = from as u64;
	for part in piece.chunks(2 * GROUP as usize) {
		let mut found = Vec::new();
		values(at, part, &mut found);
		receiving.write(at, part, &found).unwrap();
		at += part.len() as u64;
	}
	receiving.keep(at).unwrap();
}

/// A slot that came wholly, in pieces of 64 KiB.
pub fn filled(store: &SlotStore, deal: u64, length: usize) -> (Vec<u8>, [u8; 32]) {
	use smartchain_transfer::server::Shelf;
	let (data, root) = bytes(deal, length);
	store.make(slot(deal), length as u64, 10).unwrap();
	let mut receiving = store.receive(slot(deal), length as u64).unwrap();
	for (number, piece) in data.chunks(4 * GROUP as usize).enumerate() {
		write(&mut *receiving, number * 4 * GROUP as usize, piece);
	}
	let held = receiving.sync().unwrap();
	assert_eq!((held.durable, held.root), (length as u64, Some(root)));
	(data, root)
}

/// Where a file of a slot lies.
pub fn file(folder: &Path, deal: u64, name: &str) -> std::path::PathBuf {
	folder.join("slots").join(format!("{deal}-03")).join(name)
}

/// Flips a bit of a file.
pub fn flip(path: &Path, at: usize) {
	let mut bytes = std::fs::read(path).unwrap();
	bytes[at] ^= 1;
	std::fs::write(path, bytes).unwrap();
}
